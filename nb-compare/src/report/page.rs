//! `report.html`: verdict, images side by side under one's fingers, metrics and gates, plots, commands, environment.
//!
//! Not here: the frame of the page and the sections that every bundle has (`trace_harness::html`).

use serde_json::{Map, Value, json};
use trace_harness::html::{bundle_page, data_block, escape, table};

use super::evidence::Evidence;
use super::{explanation, parameters, pixels, plots};
use crate::compare::Comparison;
use crate::picture::difference_limit;
use crate::verdict::figure;

const SCRIPT: &str = include_str!("view.js");
const VIEWER: &str = include_str!("view.html");

/// The page. Without a comparison it tells of the runs alone.
pub fn page(evidence: &Evidence<'_>, fields: &Map<String, Value>, white: f32) -> String {
    let (summary, environment) = (evidence.summary, evidence.environment);
    let Some(c) = evidence.comparison else { return bundle_page(summary, environment, "", "") };
    let sections = [
        parameters::section(evidence.effective),
        evidence.explanation.map(explanation::section).unwrap_or_default(),
        images(c, white),
        gates(c),
        metrics(fields),
        plots::section(&c.region, &c.metrics),
        parameters::all(evidence.effective),
    ];
    bundle_page(summary, environment, &sections.concat(), SCRIPT)
}

fn images(c: &Comparison<'_>, white: f32) -> String {
    let embedded = pixels::embed(&c.region);
    let [xmin, xmax, ymin, ymax] = c.region.roi.limits();
    let data = json!({
        "fast": embedded.fast,
        "slow": embedded.slow,
        "block": embedded.block,
        "roi": [xmin, xmax, ymin, ymax],
        "white": white,
        "limit": difference_limit(&crate::picture::difference(&c.region)),
        "a": embedded.a,
        "b": embedded.b,
        "counts": embedded.counts,
        "whole": c.whole,
        "worst": c.metrics.max_abs_place,
    });
    let note = match embedded.block {
        1 => "Every pixel of the region is shown.".to_owned(),
        n => format!(
            "Each dot stands for {n} by {n} pixels and shows the brightest of them; c.png, py.png and diff.png beside this \
             page show every pixel."
        ),
    };
    format!("{}{}", VIEWER.replace("{note}", &escape(&note)), data_block("pixels", &data))
}

fn gates(c: &Comparison<'_>) -> String {
    let row = |g: &crate::verdict::Gate| {
        let got = g.got.map_or("undefined".to_owned(), figure);
        vec![g.name.clone(), g.asked.clone(), got, g.outcome.word().to_owned()]
    };
    let rows: Vec<Vec<String>> = c.verdict.gates.iter().map(row).collect();
    let table = table(
        "The verdict is a pass only if every gate passes",
        &["gate", "asked for", "got", "outcome"],
        &rows,
    );
    format!("<section aria-labelledby=\"gates\">\n<h2 id=\"gates\">Gates</h2>\n{table}</section>\n")
}

fn metrics(fields: &Map<String, Value>) -> String {
    let mut rows: Vec<Vec<String>> = Vec::new();
    for (name, value) in fields.iter().filter(|(name, _)| *name != "version") {
        let text = match value {
            Value::Number(n) => n.as_f64().map_or_else(|| n.to_string(), figure),
            Value::Bool(b) => if *b { "yes" } else { "no" }.to_owned(),
            Value::Object(place) if name == "max_abs_diff_at" => {
                format!("fast {}, slow {}", place["fast"], place["slow"])
            }
            _ => continue,
        };
        rows.push(vec![name.clone(), text]);
    }
    for (name, why) in fields.get("undefined").and_then(Value::as_object).into_iter().flatten() {
        rows.push(vec![name.clone(), format!("undefined: {}", why.as_str().unwrap_or_default())]);
    }
    let table = table("A is the reference (c), B the other side (py)", &["metric", "value"], &rows);
    format!("<section aria-labelledby=\"metrics\">\n<h2 id=\"metrics\">Metrics</h2>\n{table}</section>\n")
}
