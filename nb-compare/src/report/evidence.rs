//! The files of a comparison's evidence: pictures, figures, and what it adds to the files of every bundle.
//!
//! Not here: the files of every bundle (`trace_harness::evidence::bundle`).

use nanobragg::image::float_raw;
use serde_json::{Map, Value};
use trace_harness::evidence::bundle::BundleError;
use trace_harness::evidence::bundle::closing::{Closed, Closing, Made, Page};
use trace_harness::evidence::bundle::metrics::Metrics as MetricsFile;
use trace_harness::evidence::bundle::recorder::Recorder;
use trace_harness::evidence::bundle::staging::Staging;
use trace_harness::evidence::page::markdown;
use trace_harness::evidence::verdict::Verdict;

use crate::compare::Comparison;
use crate::compare::metrics::{DEFINITIONS, Metrics};
use crate::picture;
use crate::report::told::{Pictures, Told};
use crate::report::{explanation, figures, page, parameters};

/// Writes all files, and makes the bundle visible.
///
/// # Errors
/// A file cannot be written.
pub fn write(bundle: Recorder, told: Told<'_>) -> Result<Made, BundleError> {
    let fields = fields(&told);
    let mut white = 1.0;
    let mut metrics = MetricsFile { definitions: DEFINITIONS, ..MetricsFile::default() };
    if let Some(comparison) = told.comparison {
        metrics = metrics_file(&comparison.metrics);
        pictures(bundle.staging(), comparison, told.pictures)?;
        white = picture::white(&comparison.region, told.pictures.percentile);
    }
    let whole = |closed: &Closed<'_>| page::page(&told, closed, white);
    let (verdict, reason) = match told.comparison {
        Some(comparison) => (comparison.verdict.outcome, comparison.verdict.reason.clone()),
        None => (Verdict::Fail, told.failed.lines().next().unwrap_or_default().to_owned()),
    };
    bundle.finish(Closing {
        metrics,
        analysis: analysis(&told, &fields),
        page: Page::Whole(&whole),
        fields,
        ..Closing::of("comparison", told.title, verdict, reason)
    })
}

/// The fields of the summary beyond those of every bundle.
fn fields(told: &Told<'_>) -> Map<String, Value> {
    let mut all = told.extra.clone();
    all.insert("effective_parameters".to_owned(), parameters::json(told.effective));
    all.insert("explanation".to_owned(), told.explanation.map(explanation::json).unwrap_or_default());
    if let Some(comparison) = told.comparison {
        all.extend(figures::comparison(comparison));
    }
    all
}

fn metrics_file(metrics: &Metrics) -> MetricsFile {
    let mut values = figures::metrics(metrics);
    let undefined = match values.remove("undefined") {
        Some(Value::Object(undefined)) => undefined,
        _ => Map::new(),
    };
    values.remove("metrics_version");
    MetricsFile { definitions: DEFINITIONS, values, undefined, more: Map::new() }
}

fn pictures(staging: &Staging, comparison: &Comparison<'_>, wanted: Pictures) -> Result<(), BundleError> {
    let region = &comparison.region;
    let unfit =
        |e: std::io::Error| BundleError::Unfit { path: staging.folder().to_owned(), problem: e.to_string() };
    let [reference, candidate] = picture::pair(region, wanted.scaling).map_err(unfit)?;
    staging.write("reference.png", reference)?;
    staging.write("candidate.png", candidate)?;
    let difference = &comparison.difference;
    staging.write("diff.png", picture::difference_picture(difference).map_err(unfit)?)?;
    if wanted.save_difference {
        let mut bytes = Vec::new();
        float_raw::write(&mut bytes, difference).map_err(unfit)?;
        staging.write("diff.bin", bytes)?;
    }
    Ok(())
}

/// What stands in `analysis.md` beside what every bundle says there.
fn analysis(told: &Told<'_>, fields: &Map<String, Value>) -> String {
    let mut text = parameters::markdown(told.effective);
    text += &told.explanation.map(explanation::markdown).unwrap_or_default();
    let Some(comparison) = told.comparison else { return text };
    text += &format!("\n## Gates\n\n{}", markdown::head(&["gate", "asked for", "got", "outcome"]));
    for gate in &comparison.verdict.gates {
        let got = gate.got.map_or("undefined".to_owned(), |v| v.to_string());
        let [name, asked] = [&gate.name, &gate.asked].map(|part| markdown::text(part));
        text += &markdown::row(&[&*name, &asked, &got, gate.outcome.word()]);
    }
    text += &format!("\n## Metrics\n\n{}", markdown::head(&["metric", "value"]));
    for (name, value) in fields.iter().filter(|(_, v)| v.is_number() || v.is_boolean()) {
        text += &markdown::row(&[&markdown::text(name), &value.to_string()]);
    }
    for (name, why) in fields.get("undefined").and_then(Value::as_object).into_iter().flatten() {
        let why = format!("undefined: {}", why.as_str().unwrap_or_default());
        text += &markdown::row(&[markdown::text(name), markdown::text(&why)]);
    }
    text
}
