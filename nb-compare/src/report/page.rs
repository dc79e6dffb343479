//! `report.html`: verdict, images side by side under one's fingers, metrics and gates, plots, commands, environment.
//!
//! Not here: the frame of the page and the sections that every bundle has (`trace_harness::evidence::page`).

use maud::{Markup, html};
use serde_json::{Map, Value};
use trace_harness::evidence::bundle::closing::Closed;
use trace_harness::evidence::bundle::documents::commands;
use trace_harness::evidence::bundle::summary::Summary;
use trace_harness::evidence::page::{bundle_page, section, table, table_head};

use crate::compare::Comparison;
use crate::compare::judgement::{Gate, figure};
use crate::report::comparison_report::ComparisonReport;
use crate::report::{explanation, figures, parameters, plots, viewer};

/// The page. Without a comparison it shows the runs alone.
pub(super) fn page(comparison_report: &ComparisonReport<'_>, closed: &Closed<'_>, white: f32) -> String {
    let (summary, environment) = (closed.summary, closed.environment);
    let Some(c) = comparison_report.comparison else {
        return bundle_page(summary, environment, &Markup::default(), "");
    };
    let sections = html! {
        (files(summary))
        (parameters::differing(comparison_report.effective))
        @if let Some(explanation) = comparison_report.explanation { (explanation::part(explanation)) }
        (viewer::part(c, white))
        (gates(&c.judgement.gates))
        (metrics(c))
        (plots::part(&c.region, &c.metrics))
        (parameters::all(comparison_report.effective))
        (settings(closed.document))
    };
    bundle_page(summary, environment, &sections, viewer::SCRIPT)
}

/// The table of gates.
pub(super) fn gates(gates: &[Gate]) -> Markup {
    let content = html! {
        div.scroll {
            table {
                caption { "The verdict is a pass only if every gate passes" }
                (table_head(&["gate", "asked for", "got", "outcome"]))
                tbody {
                    @for gate in gates {
                        @let word = gate.outcome.word();
                        tr {
                            th scope="row" { (gate.name) }
                            td { (gate.asked) }
                            td { (gate.got.map_or("undefined".to_owned(), figure)) }
                            td class=(word) { (word) }
                        }
                    }
                }
            }
        }
    };
    section("gates", "Gates", &content)
}

fn metrics(c: &Comparison<'_>) -> Markup {
    let fields = figures::metrics(&c.metrics);
    let mut rows: Vec<Vec<String>> = rows(&fields, |name| name != "metrics_version");
    for (name, why) in fields.get("undefined").and_then(Value::as_object).into_iter().flatten() {
        rows.push(vec![name.clone(), format!("undefined: {}", why.as_str().unwrap_or_default())]);
    }
    section("metrics", "Metrics", &table("A is the reference, B the candidate", &["metric", "value"], &rows))
}

/// Names and values of the fields that are a number, a yes or no, or a place.
fn rows(fields: &Map<String, Value>, wanted: impl Fn(&str) -> bool) -> Vec<Vec<String>> {
    let text = |name: &str, value: &Value| match value {
        Value::Number(n) => Some(n.as_f64().map_or_else(|| n.to_string(), figure)),
        Value::Bool(b) => Some(if *b { "yes" } else { "no" }.to_owned()),
        Value::Object(place) if name == "max_abs_diff_at" => {
            Some(format!("fast {}, slow {}", place["fast"], place["slow"]))
        }
        _ => None,
    };
    let chosen = fields.iter().filter(|(name, _)| wanted(name));
    chosen.filter_map(|(name, value)| Some(vec![name.clone(), text(name, value)?])).collect()
}

/// How it was compared, and how long the runs took: not measured on the images.
fn settings(fields: &Map<String, Value>) -> Markup {
    const SETTINGS: [&str; 6] = [
        "runtime_reference_ms",
        "runtime_candidate_ms",
        "speedup",
        "resample",
        "png_scale_percentile",
        "metrics_version",
    ];
    let mut rows = rows(fields, |name| SETTINGS.contains(&name));
    if let Some(Value::Object(roi)) = fields.get("roi") {
        let limits = ["xmin", "xmax", "ymin", "ymax"].map(|name| roi[name].to_string()).join(" ");
        rows.push(vec!["roi".to_owned(), limits]);
    }
    if let Some(method) = fields.get("png_scale_method").and_then(Value::as_str) {
        rows.push(vec!["png_scale_method".to_owned(), method.to_owned()]);
    }
    let table = table("How the images were compared and shown", &["setting", "value"], &rows);
    section("settings", "Settings and run times", &table)
}

/// The two files, where nothing was run.
fn files(summary: &Summary) -> Markup {
    let [a, b] = summary.inputs.as_slice() else { return Markup::default() };
    if !summary.steps.is_empty() {
        return Markup::default();
    }
    let rows: Vec<Vec<String>> = [("A", a), ("B", b)]
        .map(|(side, input)| {
            vec![side.to_owned(), input.name.clone(), input.bytes.to_string(), input.sha256.clone()]
        })
        .to_vec();
    let table = table("Two files, compared as they are", &["side", "file", "bytes", "SHA-256"], &rows);
    let command = ["nb-compare", "files", &a.token, &b.token].map(commands::quote).join(" ");
    section("files", "Files", &html! { (table) pre { (command) } })
}
