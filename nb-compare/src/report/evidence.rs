//! The files of a comparison's evidence.
//!
//! Not here: the folder's becoming visible (`trace_harness::evidence::bundle::staging`).

use nanobragg::image::float_raw;
use nanobragg::image::scaling::Scaling;
use serde_json::{Map, Value, json};
use trace_harness::evidence::bundle::staging::Staging;
use trace_harness::evidence::bundle::summary::Summary;
use trace_harness::evidence::bundle::{BundleError, commands, environment::Environment, ro_crate};

use crate::compare::Comparison;
use crate::compare::metrics::Metrics;
use crate::effective::Effective;
use crate::explanation::Explanation;
use crate::picture;
use crate::report::{explanation, figures, page, parameters};

/// How pictures are scaled and which extra files are wanted.
#[derive(Debug, Clone, Copy)]
pub struct Pictures {
    /// White level of the pair.
    pub scaling: Scaling,
    /// Percentile that is white on the page, where levels can be changed.
    pub percentile: f64,
    /// Whether the difference is kept as floats, too.
    pub save_difference: bool,
}

/// Everything that is told in the files.
pub struct Evidence<'a> {
    /// The common part of the summary.
    pub summary: &'a Summary,
    /// The comparison, if there was one: a runner that fails leaves none.
    pub comparison: Option<&'a Comparison<'a>>,
    /// What both sides say they computed with.
    pub effective: &'a Effective,
    /// Why the images differ, where that was asked.
    pub explanation: Option<&'a Explanation>,
    /// Fields of the summary that speak of the runners and the settings.
    pub extra: Map<String, Value>,
    /// The machine and the binaries.
    pub environment: &'a Environment,
    /// How pictures are made.
    pub pictures: Pictures,
}

/// Writes all files but the manifest; gives the summary as it was written.
///
/// # Errors
/// A file cannot be written.
pub fn write(staging: &Staging, evidence: &Evidence<'_>) -> Result<Map<String, Value>, BundleError> {
    let summary = summary(evidence);
    staging.write("commands.txt", commands::render(&evidence.summary.steps))?;
    staging.write_json("env.json", evidence.environment)?;
    staging.write_json("summary.json", &summary)?;
    staging.write("analysis.md", analysis(evidence, &summary))?;
    let mut white = 1.0;
    if let Some(comparison) = evidence.comparison {
        staging.write_json("metrics.json", &metrics_file(&comparison.metrics))?;
        pictures(staging, comparison, evidence.pictures)?;
        white = picture::white(&comparison.region, evidence.pictures.percentile);
    }
    let page = page::page(evidence, &summary, white);
    staging.write("report.html", page)?;
    ro_crate::write(staging, evidence.summary, evidence.environment)?;
    Ok(summary)
}

fn summary(evidence: &Evidence<'_>) -> Map<String, Value> {
    let mut all = match serde_json::to_value(evidence.summary) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    };
    all.extend(evidence.extra.clone());
    all.insert("effective_parameters".to_owned(), parameters::json(evidence.effective));
    all.insert("explanation".to_owned(), evidence.explanation.map(explanation::json).unwrap_or_default());
    if let Some(comparison) = evidence.comparison {
        all.extend(figures::comparison(comparison));
    }
    all
}

fn metrics_file(metrics: &Metrics) -> Value {
    let mut values = figures::metrics(metrics);
    let undefined = values.remove("undefined").unwrap_or_default();
    let version = values.remove("metrics_version").unwrap_or_default();
    json!({
        "schema": "nanobragg-rs/metrics",
        "version": 1,
        "definitions": version,
        "metrics": values,
        "undefined": undefined,
    })
}

fn pictures(staging: &Staging, comparison: &Comparison<'_>, wanted: Pictures) -> Result<(), BundleError> {
    let region = &comparison.region;
    let unfit =
        |e: std::io::Error| BundleError::Unfit { path: staging.folder().to_owned(), problem: e.to_string() };
    let [c, py] = picture::pair(region, wanted.scaling).map_err(unfit)?;
    staging.write("c.png", c)?;
    staging.write("py.png", py)?;
    let difference = picture::difference(region);
    staging.write("diff.png", picture::difference_picture(&difference).map_err(unfit)?)?;
    if wanted.save_difference {
        let mut bytes = Vec::new();
        float_raw::write(&mut bytes, &difference).map_err(unfit)?;
        staging.write("diff.bin", bytes)?;
    }
    Ok(())
}

/// The summary for people.
fn analysis(evidence: &Evidence<'_>, fields: &Map<String, Value>) -> String {
    let s = evidence.summary;
    let mut text =
        format!("# {}\n\n{}: {}\n\n## What ran\n\n", one_line(&s.title), s.verdict, one_line(&s.reason));
    for step in &s.steps {
        let time = step.wall_s.map_or(String::new(), |t| format!(", {t:.3} s"));
        text += &format!("- {}: {}{time}\n", step.name, one_line(&step.status.text()));
    }
    if s.steps.is_empty() {
        text += "Nothing: two files were compared.\n";
    }
    text += &parameters::markdown(evidence.effective);
    text += &evidence.explanation.map(explanation::markdown).unwrap_or_default();
    if evidence.comparison.is_some() {
        text += "\n## Gates\n\n| gate | asked for | got | outcome |\n|---|---|---|---|\n";
        for gate in evidence.comparison.iter().flat_map(|c| &c.verdict.gates) {
            let got = gate.got.map_or("undefined".to_owned(), |v| v.to_string());
            text += &format!("| {} | {} | {got} | {} |\n", gate.name, gate.asked, gate.outcome.word());
        }
        text += "\n## Metrics\n\n| metric | value |\n|---|---|\n";
        for (name, value) in fields.iter().filter(|(_, v)| v.is_number() || v.is_boolean()) {
            text += &format!("| {name} | {value} |\n");
        }
        for (name, why) in fields.get("undefined").and_then(Value::as_object).into_iter().flatten() {
            text += &format!("| {name} | undefined: {} |\n", why.as_str().unwrap_or_default());
        }
    }
    text += "\n## Open points\n\n";
    match s.open_points.is_empty() {
        true => text + "None noted.\n",
        false => text + &s.open_points.iter().map(|p| format!("- {}\n", one_line(p))).collect::<String>(),
    }
}

/// Text that stays in its line of Markdown.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|").replace('<', "&lt;")
}
