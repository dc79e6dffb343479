//! `metrics.json`: the figures of a bundle by name, which an index follows from run to run.
//!
//! Not here: computing them.

use serde_json::{Map, Value, json};

/// The figures of a bundle.
#[derive(Debug, Clone, PartialEq)]
pub struct Metrics {
    /// Version of what the names mean.
    pub definitions: u32,
    /// Figures by name; one that is undefined is null.
    pub values: Map<String, Value>,
    /// Why a figure is undefined, by name.
    pub undefined: Map<String, Value>,
    /// More that a kind of bundle adds to this file, beside the figures.
    pub more: Map<String, Value>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self { definitions: 1, values: Map::new(), undefined: Map::new(), more: Map::new() }
    }
}

impl Metrics {
    /// Figures that are all defined; whole numbers are written without a point.
    pub fn of<'a>(figures: impl IntoIterator<Item = (&'a str, f64)>) -> Self {
        let number = |x: f64| match x.fract() == 0.0 && x.abs() < 9e15 {
            true => Value::from(x as i64),
            false => Value::from(x),
        };
        let values = figures.into_iter().map(|(name, x)| (name.to_owned(), number(x))).collect();
        Self { values, ..Self::default() }
    }

    /// The content of the file.
    pub fn to_value(&self) -> Value {
        let mut file = json!({
            "schema": "nanobragg-rs/metrics",
            "version": 1,
            "definitions": self.definitions,
            "metrics": self.values,
            "undefined": self.undefined,
        });
        if let Some(fields) = file.as_object_mut() {
            fields.extend(self.more.clone());
        }
        file
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_stays_a_whole_number_and_a_figure_that_is_no_number_is_null() {
        let value = Metrics::of([("cases", 3.0), ("share", 0.25), ("none", f64::NAN)]).to_value();
        let shown = ["cases", "share", "none"].map(|name| value["metrics"][name].to_string());
        assert_eq!(shown, ["3", "0.25", "null"]);
    }

    #[test]
    fn what_a_kind_of_bundle_adds_stands_beside_the_figures() {
        let more = Map::from_iter([("keys".to_owned(), json!(["a"]))]);
        let value = Metrics { more, ..Metrics::of([("x", 1.0)]) }.to_value();
        assert_eq!((&value["keys"], &value["metrics"]["x"]), (&json!(["a"]), &json!(1)));
    }
}
