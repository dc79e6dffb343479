//! JSON in which no name stands twice: two readers must not see two different documents in the same bytes.
//!
//! Not here: what the documents of a bundle mean (`summary`, `environment`).

use std::fmt;

use serde::de::{self, Deserialize, DeserializeOwned, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// What is wrong with a document.
#[derive(Debug, thiserror::Error)]
pub enum JsonError {
    /// It is no JSON, or holds a name twice.
    #[error("is no JSON: {0}")]
    NoJson(#[source] serde_json::Error),
    /// It is JSON of something else.
    #[error("is not as expected: {0}")]
    Other(#[source] serde_json::Error),
}

/// Reads a document.
///
/// # Errors
/// It is no JSON, holds a name twice, or is not a `T`.
pub fn read<T: DeserializeOwned>(text: &[u8]) -> Result<T, JsonError> {
    let Unique(value) = serde_json::from_slice(text).map_err(JsonError::NoJson)?;
    serde_json::from_value(value).map_err(JsonError::Other)
}

struct Unique(Value);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UniqueVisitor).map(Unique)
    }
}

struct UniqueVisitor;

impl<'de> Visitor<'de> for UniqueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Unique(value)) = list.next_element()? {
            values.push(value);
        }
        Ok(values.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(name) = fields.next_key::<String>()? {
            if map.contains_key(&name) {
                return Err(de::Error::custom(format_args!("`{name}` stands twice")));
            }
            let Unique(value) = fields.next_value()?;
            map.insert(name, value);
        }
        Ok(map.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_reads_as_any_reader_of_json_reads_it() {
        let text = br#"{"a": [1, -2, 0.5, "x", true, null], "b": {"a": {}}}"#;
        assert_eq!(read::<Value>(text).unwrap(), serde_json::from_slice::<Value>(text).unwrap());
    }

    #[test]
    fn a_name_that_stands_twice_is_refused_wherever_it_stands() {
        for text in [r#"{"a": 1, "a": 1}"#, r#"[{"x": {"a": 1, "\u0061": 2}}]"#] {
            let problem = read::<Value>(text.as_bytes()).unwrap_err();
            assert!(problem.to_string().contains("`a` stands twice"), "{problem}");
        }
        assert!(read::<Value>("[".repeat(100_000).as_bytes()).is_err());
    }
}
