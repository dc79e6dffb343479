//! Traces whose every line is a record by itself: CSV with a header, and JSON objects of values.
//!
//! Not here: lines with a prefix (`line`), JSON lines of one key each (`jsonl`).

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::trace::log::LineError;
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

/// The names and values of an object; an object within it has the names `outer.inner`. `None` for a line that does not begin like one.
/// `NaN` and `Infinity`, which Python writes and JSON does not know, are what they say.
///
/// # Errors
/// It is no JSON, a name cannot be a key or stands twice, or a list has objects in it.
pub(super) fn object(text: &str) -> Option<Result<Vec<(String, String)>, LineError>> {
    let inside = text.trim_start().strip_prefix('{')?.trim_start();
    // A brace alone may be anything.
    inside.starts_with(['"', '}']).then(|| values(text))
}

fn values(text: &str) -> Result<Vec<(String, String)>, LineError> {
    let read = |text: &str| serde_json::from_str::<JsonNode>(text);
    let node = read(text).or_else(|problem| match with_special_numbers(text) {
        Some(text) => read(&text),
        None => Err(problem),
    });
    let mut flat = FlatObject::default();
    if let JsonNode::Object(fields) = node.map_err(LineError::Json)? {
        flat.object("", fields)?;
    }
    Ok(flat.fields)
}

/// The text with the words of Python for numbers that JSON does not know as strings; `None` where it has none.
fn with_special_numbers(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len() + 16);
    let (mut rest, mut in_string, mut found) = (text, false, false);
    while let Some(c) = rest.chars().next() {
        let word = ["NaN", "-Infinity", "Infinity"].into_iter().find(|word| rest.starts_with(word));
        let length = match (in_string, c, word) {
            (true, '\\', _) => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
            (false, _, Some(word)) => {
                found = true;
                out.push('"');
                out.push_str(word);
                out.push('"');
                rest = &rest[word.len()..];
                continue;
            }
            (_, '"', _) => {
                in_string = !in_string;
                1
            }
            _ => c.len_utf8(),
        };
        out.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    found.then_some(out)
}

/// A value of JSON, nothing of which is dropped.
enum JsonNode {
    Word(String),
    List(Vec<JsonNode>),
    Object(Vec<(String, JsonNode)>),
}

impl<'de> Deserialize<'de> for JsonNode {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(JsonNodes)
    }
}

struct JsonNodes;

impl<'de> Visitor<'de> for JsonNodes {
    type Value = JsonNode;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a value of JSON")
    }

    fn visit_unit<E>(self) -> Result<JsonNode, E> {
        // JSON has no word for it.
        Ok(JsonNode::Word("nan".to_owned()))
    }

    fn visit_bool<E>(self, value: bool) -> Result<JsonNode, E> {
        Ok(JsonNode::Word(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<JsonNode, E> {
        Ok(JsonNode::Word(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<JsonNode, E> {
        Ok(JsonNode::Word(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<JsonNode, E> {
        Ok(JsonNode::Word(format!("{value:e}")))
    }

    fn visit_str<E>(self, value: &str) -> Result<JsonNode, E> {
        Ok(JsonNode::Word(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<JsonNode, A::Error> {
        let mut all = Vec::new();
        while let Some(node) = from.next_element()? {
            all.push(node);
        }
        Ok(JsonNode::List(all))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<JsonNode, A::Error> {
        let mut all = Vec::new();
        while let Some(pair) = from.next_entry()? {
            all.push(pair);
        }
        Ok(JsonNode::Object(all))
    }
}

/// The fields of an object and of those within it.
#[derive(Default)]
struct FlatObject {
    fields: Vec<(String, String)>,
    known: HashSet<String>,
}

impl FlatObject {
    fn object(&mut self, above: &str, fields: Vec<(String, JsonNode)>) -> Result<(), LineError> {
        for (name, node) in fields {
            if !is_key(&name) {
                return Err(LineError::Name { name });
            }
            let name = format!("{above}{name}");
            if !self.known.insert(name.clone()) {
                return Err(LineError::Twice { name });
            }
            match node {
                JsonNode::Object(inner) => self.object(&format!("{name}."), inner)?,
                JsonNode::Word(word) => self.fields.push((name, word)),
                JsonNode::List(all) => {
                    let words = list(&all).ok_or_else(|| LineError::ObjectsInList { name: name.clone() })?;
                    // An empty list is one, too, and other lists are not it.
                    self.fields.push((name, if all.is_empty() { "[]".to_owned() } else { words }));
                }
            }
        }
        Ok(())
    }
}

/// A list in words; the lists within it keep their brackets, and texts that are not one word their quotes.
fn list(all: &[JsonNode]) -> Option<String> {
    let word = |node: &JsonNode| match node {
        JsonNode::List(inner) => list(inner).map(|words| format!("[{words}]")),
        JsonNode::Word(text) if text.is_empty() || text.contains([' ', ',', '\t', '"', '[', ']']) => {
            Some(format!("{text:?}"))
        }
        JsonNode::Word(text) => Some(text.clone()),
        JsonNode::Object(_) => None,
    };
    all.iter().map(word).collect::<Option<Vec<_>>>().map(|words| words.join(" "))
}
