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
    if cases.iter().any(|case| case.outputs.is_some()) {
        let [agreeing, all] = cases
            .iter()
            .filter_map(Done::outputs_agreeing)
            .fold([0, 0], |[a, b], [agreeing, all]| [a + agreeing, b + all]);
        metrics
            .values
            .extend([("outputs".to_owned(), all.into()), ("outputs_agreeing".to_owned(), agreeing.into())]);
        return metrics;
    }
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
    let is_of_images = cases.iter().all(|case| case.outputs.is_none());
    let columns: &[&str] = if is_of_images { &["correlation", "sum ratio"] } else { &["outputs that agree"] };
    let mut text = markdown::head(&[&["case", "verdict"], columns, &["why"]].concat());
    for case in cases {
        let number = |name: &str| case.number(name).map_or("undefined".to_owned(), |v| v.to_string());
        let figures = match case.outputs_agreeing() {
            None => vec![number("correlation"), number("sum_ratio")],
            Some([agreeing, all]) => vec![format!("{agreeing} of {all}")],
        };
        let named = vec![markdown::text(&case.name), case.verdict.to_string()];
        text += &markdown::row(&[named, figures, vec![markdown::text(&case.reason)]].concat());
    }
    text
}
