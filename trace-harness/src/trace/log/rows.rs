//! Traces whose every line is a record by itself: CSV with a header, and JSON objects of values.
//!
//! Not here: lines with a prefix (`line`), JSON lines of one key each (`jsonl`).

use serde_json::{Map, Value};

use crate::trace::log::line::is_key;

/// The names of the columns, where a line is the header of a table.
pub(super) fn header(text: &str) -> Option<Vec<String>> {
    let names: Vec<String> = cells(text).map(str::to_owned).collect();
    (names.len() > 1 && names.iter().all(|name| is_key(name))).then_some(names)
}

/// The cells of a row.
pub(super) fn cells(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(|cell| cell.trim().trim_matches('"'))
}

/// The names and values of an object; what stands within objects of its own is passed over.
pub(super) fn object(text: &str) -> Option<Vec<(String, String)>> {
    if !text.starts_with('{') {
        return None;
    }
    let fields: Map<String, Value> = serde_json::from_str(text).ok()?;
    let values = fields.into_iter().filter(|(name, _)| is_key(name));
    Some(values.filter_map(|(name, value)| Some((name, words(&value)?))).collect())
}

fn words(value: &Value) -> Option<String> {
    match value {
        // JSON has no word for it.
        Value::Null => Some("nan".to_owned()),
        Value::String(text) => Some(text.clone()),
        Value::Array(all) => all.iter().map(words).collect::<Option<Vec<_>>>().map(|all| all.join(" ")),
        Value::Object(_) => None,
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
    }
}
