//! The sections of a page about two arrays: gates, metrics, the elements that differ most, drawings.
//!
//! Not here: drawings (`drawn`), the frame of the page (`trace_harness::evidence::page`).

use maud::{Markup, html};
use serde_json::Value;
use trace_harness::evidence::page::{section, table};

use crate::array::{Array, ArrayComparison, ArrayError};
use crate::report::arrays::{drawn, figures};
use crate::report::page::gates;

/// The sections about one pair of arrays.
///
/// # Errors
/// A file cannot be read any more.
pub(super) fn sections(c: &ArrayComparison, sides: [&Array; 2]) -> Result<Markup, ArrayError> {
    Ok(html! {
        (gates(&c.judgement.gates))
        (elements(c, sides)?)
        (drawn::part(c, sides)?)
        (metrics(c))
    })
}

/// The elements that stand for what was found, with both values in full.
fn elements(c: &ArrayComparison, sides: [&Array; 2]) -> Result<Markup, ArrayError> {
    let (m, p) = (&c.metrics, &c.metrics.pairs);
    let mut found = Vec::new();
    found.extend(p.first_unlike.map(|index| ("first that is NaN or infinite on one side", index)));
    if p.compared > 0 {
        found.push(("largest difference", p.max_abs.1));
        found.extend((p.nonzero > 0).then_some(("largest relative difference", p.max_rel.1)));
        found.push(("most units in the last place", p.max_ulp.1));
    }
    let mut rows = Vec::new();
    for (what, index) in found {
        let place = m.place(index);
        let text: Vec<String> = place.iter().map(usize::to_string).collect();
        let [a, b] = sides.map(|side| side.text(&place));
        rows.push(vec![what.to_owned(), format!("[{}]", text.join(", ")), a?, b?]);
    }
    let table = table("Elements by their place along every axis", &["element", "place", "A", "B"], &rows);
    Ok(section("elements", "Elements", &table))
}

fn metrics(c: &ArrayComparison) -> Markup {
    let fields = figures::comparison(c);
    let shown = |value: &Value| match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Object(_) => None,
        Value::Array(items) if items.iter().any(Value::is_object) => None,
        other => Some(other.to_string()),
    };
    let mut rows: Vec<Vec<String>> =
        fields.iter().filter_map(|(name, value)| Some(vec![name.clone(), shown(value)?])).collect();
    let [a, b] = c.types.map(|element| element.to_string());
    rows.push(vec!["element_types".to_owned(), format!("{a} in A, {b} in B")]);
    for (name, why) in fields.get("undefined").and_then(Value::as_object).into_iter().flatten() {
        rows.push(vec![name.clone(), format!("undefined: {}", why.as_str().unwrap_or_default())]);
    }
    section("metrics", "Metrics", &table("A is the reference, B the candidate", &["metric", "value"], &rows))
}
