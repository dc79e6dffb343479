//! What a matrix adds to the documents of its bundle: figures and a table in Markdown.
//!
//! Not here: its page (`page`), JUnit XML (`junit`).

use serde_json::json;
use trace_harness::evidence::bundle::metrics::Metrics;
use trace_harness::evidence::page::markdown;

use crate::compare::metrics::DEFINITIONS;
use crate::matrix::case_result::{Done, MatrixTally};

/// The figures of the whole matrix: what an index follows from run to run.
pub(crate) fn metrics(cases: &[Done], tally: &MatrixTally) -> Metrics {
    let counts = [
        ("cases", cases.len()),
        ("cases_passed", tally.passed),
        ("cases_failed", tally.failed),
        ("cases_undecided", tally.undecided),
        ("cases_with_errors", tally.errors),
    ];
    let mut metrics = Metrics::of(counts.map(|(name, n)| (name, n as f64)));
    metrics.definitions = DEFINITIONS;
    let worst =
        |name: &str, pick: fn(f64, f64) -> f64| cases.iter().filter_map(|d| d.number(name)).reduce(pick);
    let (correlation, ulp) = (worst("correlation", f64::min), worst("ulp_max", f64::max));
    for (name, value) in [("correlation_least", correlation), ("ulp_max", ulp)] {
        metrics.values.insert(name.to_owned(), json!(value));
        if value.is_none() {
            metrics.undefined.insert(name.to_owned(), "no case has one".into());
        }
    }
    metrics
}

/// A row per case, in Markdown.
pub(crate) fn analysis(cases: &[Done]) -> String {
    let mut text = markdown::head(&["case", "verdict", "correlation", "sum ratio", "why"]);
    for case in cases {
        let number = |name: &str| case.number(name).map_or("undefined".to_owned(), |v| v.to_string());
        text += &markdown::row(&[
            markdown::text(&case.name),
            case.verdict.to_string(),
            number("correlation"),
            number("sum_ratio"),
            markdown::text(&case.reason),
        ]);
    }
    text
}
