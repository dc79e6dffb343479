//! Verdict, gates, metrics, plots and commands on the page, against the files beside it.
//!
//! Not here: whether the files are right (the library's own tests).

use std::process::Command;

use serde_json::{Map, Value};

use crate::chromium::Outcome;
use crate::scene::{ODD, Report, SIZE};
use crate::{Specification, Stand};

pub const ALL: &[Specification] = &[
    ("the verdict is told in its word and with its reason", verdicts),
    ("every metric is in the table, with its value or why it has none", metrics),
    ("every gate is in the table with its outcome", gates),
    ("histograms and scatter plot hold every pixel they speak of", plots),
    ("both commands are there as a shell takes them", commands),
];

fn verdicts(stand: &Stand) -> Outcome {
    let reports = &stand.reports;
    for (report, word) in [
        (&reports.differing, "FAIL"),
        (&reports.runners, "PASS"),
        (&reports.black, "UNDECIDED"),
        (&reports.broken, "FAIL"),
    ] {
        let page = stand.open(report)?;
        let reason = report.summary["reason"].as_str().unwrap_or_default();
        assert_eq!(page.text("#verdict strong")?, word);
        assert_eq!(page.text("#verdict span")?, reason);
        assert!(!reason.is_empty());
        let title: String = page.ask("return document.title", vec![])?;
        assert!(title.starts_with(word), "{title}");
    }
    Ok(())
}

/// Whether `text` is `value` as the page rounds it: whole above a thousand, six digits below.
fn rounds(text: &str, value: f64) -> bool {
    let unit = match value.abs() {
        size if size >= 1e15 || (size > 0.0 && size < 1e-4) => size * 1e-5,
        size if size >= 1000.0 => 1.0,
        _ => 1e-6,
    };
    text.replace(',', "").parse::<f64>().is_ok_and(|shown| (shown - value).abs() <= unit * 0.500_001)
}

/// The text that the table has to hold for a value; `None` for values that are no single figure.
fn agrees(text: &str, value: &Value, why: &Map<String, Value>, name: &str) -> Option<bool> {
    match value {
        Value::Number(n) => Some(n.as_f64().is_some_and(|n| rounds(text, n))),
        Value::Bool(b) => Some(text == if *b { "yes" } else { "no" }),
        Value::Null => why.get(name).map(|why| text == format!("undefined: {}", why.as_str().unwrap_or(""))),
        _ => None,
    }
}

fn metrics(stand: &Stand) -> Outcome {
    for report in [&stand.reports.differing, &stand.reports.black, &stand.reports.broken] {
        let page = stand.open(report)?;
        let rows = page.table("metrics")?;
        let (Some(values), Some(why)) =
            (report.metrics["metrics"].as_object(), report.metrics["undefined"].as_object())
        else {
            return Err("metrics.json has no metrics".into());
        };
        let mut compared = 0;
        for (name, value) in values {
            let shown: Vec<&str> = rows.iter().filter(|row| row[0] == *name).map(|row| &*row[1]).collect();
            if let Some(same) = agrees(shown.first().unwrap_or(&""), value, why, name) {
                assert!(same && shown.len() == 1, "{name} is {value}, shown as {shown:?}");
                compared += 1;
            }
        }
        assert!(compared > 20, "{compared} metrics compared");
    }
    Ok(())
}

fn gates(stand: &Stand) -> Outcome {
    for report in [&stand.reports.differing, &stand.reports.black] {
        let page = stand.open(report)?;
        let rows = page.table("gates")?;
        let gates = report.summary["gates"].as_array().ok_or("no gates in summary.json")?;
        assert_eq!(rows.len(), gates.len());
        for (row, gate) in rows.iter().zip(gates) {
            let words = [&gate["name"], &gate["asked"], &gate["outcome"]].map(|w| w.as_str().unwrap_or("?"));
            assert_eq!([&row[0], &row[1], &row[3]], words);
            let same = match gate["got"].as_f64() {
                Some(got) => rounds(&row[2], got),
                None => row[2] == "undefined",
            };
            assert!(same, "{row:?}, expected {gate}");
        }
    }
    Ok(())
}

/// Sum of the counts that the bars of a plot say, and how many marks it has within its frame.
fn plot(page: &crate::page::Page<'_>, name: &str) -> Outcome<(u64, usize, usize)> {
    page.ask(
        "const plot = document.querySelector(`svg[aria-label^='${arguments[0]}']`);
         const frame = plot.getBoundingClientRect(), marks = [...plot.querySelectorAll('rect')];
         const inside = marks.map((m) => m.getBoundingClientRect()).filter((r) => r.width > 0 && r.height > 0 &&
           r.left >= frame.left - 1 && r.right <= frame.right + 1 && r.top >= frame.top - 1 && r.bottom <= frame.bottom + 1);
         const counts = [...plot.querySelectorAll('rect title')].map((t) => Number(t.textContent));
         return [counts.reduce((x, y) => x + y, 0), marks.length, inside.length]",
        vec![name.into()],
    )
}

fn positive(report: &Report) -> usize {
    report.a.region().filter(|pixel| *pixel > 0.0).count()
}

fn plots(stand: &Stand) -> Outcome {
    let report = &stand.reports.differing;
    let page = stand.open(report)?;
    let pixels = SIZE.0 * SIZE.1;
    assert_eq!(positive(report), pixels - ODD.iter().filter(|pixel| **pixel <= 0.0).count());
    for (name, count) in [("histogram of intensities", positive(report)), ("histogram of distances", pixels)]
    {
        let (counted, marks, inside) = plot(&page, name)?;
        assert_eq!((counted, inside), (count as u64, marks), "{name}");
        assert!(marks > 1, "{name} has {marks} bars");
    }
    let (_, cells, inside) = plot(&page, "density of A against B")?;
    assert_eq!(inside, cells);
    // Equal pixels lie on the diagonal, but for rounding; two differ enough to lie at least one cell beside it.
    let beside: usize = page.ask(
        "const cells = [...document.querySelectorAll(`svg[aria-label^='density'] rect`)];
         const frame = document.querySelector(`svg[aria-label^='density'] path`).getBoundingClientRect();
         return cells.map((c) => c.getBoundingClientRect()).filter((r) => {
           const x = (r.left + r.width / 2 - frame.left) / frame.width;
           const y = (frame.bottom - r.top - r.height / 2) / frame.height;
           return Math.abs(x - y) > r.width / frame.width / 2;
         }).length",
        vec![],
    )?;
    assert_eq!(beside, 2);
    assert!(cells > 10, "{cells} cells");
    let page = stand.open(&stand.reports.black)?;
    assert!(page.text("section[aria-labelledby=plots]")?.contains("nothing to plot"));
    Ok(())
}

fn commands(stand: &Stand) -> Outcome {
    let report = &stand.reports.runners;
    let page = stand.open(report)?;
    let lines: Vec<String> = page.ask(
        "return [...document.querySelectorAll(`section[aria-labelledby='commands'] pre`)].map((p) => p.innerText)",
        vec![],
    )?;
    let steps = report.summary["steps"].as_array().ok_or("no steps in summary.json")?;
    assert_eq!((lines.len(), steps.len()), (2, 2));
    for (line, step) in lines.iter().zip(steps) {
        let words: Vec<&str> =
            step["command"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        assert!(words.len() > 6, "{words:?}");
        let output = Command::new("sh").arg("-c").arg(format!("printf '%s\\n' {line}")).output()?;
        let taken = String::from_utf8(output.stdout)?;
        assert_eq!(taken.lines().collect::<Vec<_>>(), words);
    }
    let page = stand.open(&stand.reports.differing)?;
    assert!(page.text("section[aria-labelledby=commands]")?.contains("Nothing was run"));
    let files = page.text("section[aria-labelledby=files]")?;
    assert!(files.contains("b.bin") && files.contains("nb-compare files"), "{files}");
    let settings = page.table("settings")?;
    assert!(settings.iter().any(|row| row[0] == "roi"), "{settings:?}");
    assert!(page.table("metrics")?.iter().all(|row| row[0] != "png_scale_percentile"));
    Ok(())
}
