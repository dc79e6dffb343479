//! `report.html`: verdict, images side by side under one's fingers, metrics and gates, plots, commands, environment.
//!
//! Not here: the frame of the page and the sections that every bundle has (`trace_harness::evidence::page`).

use serde_json::{Map, Value, json};
use trace_harness::evidence::bundle::closing::Closed;
use trace_harness::evidence::bundle::documents::commands;
use trace_harness::evidence::bundle::summary::Summary;
use trace_harness::evidence::page::{bundle_page, data_block, escape, table};

use crate::compare::Comparison;
use crate::compare::verdict::figure;
use crate::image::pixels::Kind;
use crate::picture::{difference_limit, overview};
use crate::report::told::Told;
use crate::report::{explanation, figures, parameters, pixels, plots};

const SCRIPT: &str = include_str!("view.js");
const VIEWER: &str = include_str!("view.html");

/// The page. Without a comparison it tells of the runs alone.
pub fn page(told: &Told<'_>, closed: &Closed<'_>, white: f32) -> String {
    let (summary, environment) = (closed.summary, closed.environment);
    let Some(c) = told.comparison else { return bundle_page(summary, environment, "", "") };
    let sections = [
        files(summary),
        parameters::section(told.effective),
        told.explanation.map(explanation::section).unwrap_or_default(),
        images(c, white),
        gates(c),
        metrics(c),
        plots::section(&c.region, &c.metrics),
        parameters::all(told.effective),
        settings(closed.document),
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
        "limit": difference_limit(&c.difference),
        "a": embedded.a,
        "b": embedded.b,
        "counts": embedded.counts,
        "whole": c.whole.as_deref().map(overview),
        "worst": c.metrics.max_abs_place,
    });
    let mut note = match embedded.block {
        1 => "Every pixel of the region is shown.".to_owned(),
        n => format!(
            "Each dot stands for {n} by {n} pixels and shows the brightest of them; reference.png, candidate.png and diff.png beside this \
             page show every pixel."
        ),
    };
    if c.kinds.contains(&Kind::Double) {
        note += " The images hold 64-bit floats, which this page shows in single precision: a difference below 1 part in 10 \
                 million is not to be seen here, but it is in diff.png and in the metrics.";
    }
    format!("{}{}", VIEWER.replace("{note}", &escape(&note)), data_block("pixels", &data))
}

fn gates(c: &Comparison<'_>) -> String {
    let row = |g: &crate::compare::verdict::Gate| {
        let got = g.got.map_or("undefined".to_owned(), figure);
        let [name, asked, got] = [&g.name, &g.asked, &got].map(|text| escape(text));
        let word = g.outcome.word();
        format!(
            "<tr><th scope=\"row\">{name}</th><td>{asked}</td><td>{got}</td><td class=\"{word}\">{word}</td></tr>\n"
        )
    };
    let rows: String = c.verdict.gates.iter().map(row).collect();
    let head =
        ["gate", "asked for", "got", "outcome"].map(|h| format!("<th scope=\"col\">{h}</th>")).concat();
    format!(
        "<section aria-labelledby=\"gates\">\n<h2 id=\"gates\">Gates</h2>\n<div class=\"scroll\"><table>\n\
         <caption>The verdict is a pass only if every gate passes</caption>\n<thead><tr>{head}</tr></thead>\n\
         <tbody>\n{rows}</tbody></table></div>\n</section>\n"
    )
}

fn metrics(c: &Comparison<'_>) -> String {
    let fields = figures::metrics(&c.metrics);
    let mut rows: Vec<Vec<String>> = rows(&fields, |name| name != "metrics_version");
    for (name, why) in fields.get("undefined").and_then(Value::as_object).into_iter().flatten() {
        rows.push(vec![name.clone(), format!("undefined: {}", why.as_str().unwrap_or_default())]);
    }
    let table = table("A is the reference, B the candidate", &["metric", "value"], &rows);
    format!("<section aria-labelledby=\"metrics\">\n<h2 id=\"metrics\">Metrics</h2>\n{table}</section>\n")
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
fn settings(fields: &Map<String, Value>) -> String {
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
    format!(
        "<section aria-labelledby=\"settings\">\n<h2 id=\"settings\">Settings and run times</h2>\n{table}</section>\n"
    )
}

/// The two files, where nothing was run.
fn files(summary: &Summary) -> String {
    let [a, b] = summary.inputs.as_slice() else { return String::new() };
    if !summary.steps.is_empty() {
        return String::new();
    }
    let rows: Vec<Vec<String>> = [("A", a), ("B", b)]
        .map(|(side, input)| {
            vec![side.to_owned(), input.name.clone(), input.bytes.to_string(), input.sha256.clone()]
        })
        .to_vec();
    let table = table("Two files, compared as they are", &["side", "file", "bytes", "SHA-256"], &rows);
    let command = ["nb-compare", "files", &a.token, &b.token].map(commands::quote).join(" ");
    format!(
        "<section aria-labelledby=\"files\">\n<h2 id=\"files\">Files</h2>\n{table}<pre>{}</pre>\n</section>\n",
        escape(&command)
    )
}
