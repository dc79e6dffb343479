//! Figures, verdict and page of a comparison of arrays, computed again from the files in its bundle.
//!
//! Not here: comparisons of images (the rest of `recompute`), comparing arrays (`array`).

use std::path::Path;

use serde_json::{Map, Value, json};
use trace_harness::evidence::bundle::digest;
use trace_harness::evidence::bundle::summary::Summary;
use trace_harness::evidence::bundle::verify::Examined;

use crate::array::{self, Array, ArrayComparison, Format};
use crate::recompute::alike::same;
use crate::recompute::{Missing, RecomputeError, Recomputed, document_of, documents, short};
use crate::report::arrays::{self, ArraysReport, RecordedArrays};

pub(super) use arrays::KIND;

/// Holds a comparison of two files against what they make.
pub(super) fn against(
    examined: &Examined,
    folder: &Path,
    summary: &Summary,
    document: &Map<String, Value>,
    done: &mut Recomputed,
) -> Result<(), RecomputeError> {
    let metrics = document_of(examined, folder, "metrics.json")?;
    match again(examined, summary, document, &metrics, done) {
        Ok(findings) => {
            done.comparisons += 1;
            done.judged.arrays += 1;
            done.findings.extend(findings);
        }
        Err(Missing::Left(why)) => done.left_out.push(why),
        Err(Missing::Wrong(why)) => done.findings.push(why),
    }
    Ok(())
}

fn again(
    examined: &Examined,
    summary: &Summary,
    document: &Map<String, Value>,
    metrics: &Map<String, Value>,
    done: &mut Recomputed,
) -> Result<Vec<String>, Missing> {
    let settings = document.get("settings").cloned().unwrap_or_default();
    let recorded: RecordedArrays =
        serde_json::from_value(settings).map_err(|e| Missing::Wrong(format!("`settings`: {e}")))?;
    recorded.gates.check().map_err(|e| Missing::Wrong(format!("`settings`: {e}")))?;
    own_files(summary, &recorded)?;
    let format: Format =
        recorded.format.parse().map_err(|e| Missing::Wrong(format!("`settings`: `format`: {e}")))?;
    if format != Format::Auto {
        done.looser.push(format!("both files read as {format}"));
    }
    let [a, b] = [0, 1].map(|side| opened(examined, summary, &recorded, &format, side));
    let (a, b) = (a?, b?);
    let is_text = a.is_printed() || b.is_printed();
    done.looser.extend(recorded.gates.looser(is_text));
    let compared = array::compare(&a, &b, &recorded.gates);
    let comparison = compared.map_err(|e| Missing::Wrong(e.to_string()))?;
    let mut findings = differences(document, metrics, &comparison);
    // Where a figure is wrong, so is every page that has it.
    if findings.is_empty() {
        let told = ArraysReport {
            title: &summary.title,
            comparison: &comparison,
            sides: [&a, &b],
            recorded: &recorded,
        };
        findings = documents::differing(
            examined,
            summary,
            document,
            arrays::writer(),
            || arrays::documents(&told).map_err(|e| Missing::Wrong(e.to_string())),
            done,
        )?;
    }
    Ok(findings)
}

/// Refuses a bundle that chose other files to be judged by than those that it was given.
fn own_files(summary: &Summary, recorded: &RecordedArrays) -> Result<(), Missing> {
    let mut given: Vec<&str> = summary.inputs.iter().map(|input| input.token.as_str()).collect();
    // One file on both sides is one input.
    given.extend((given.len() == 1).then(|| given[0]));
    let says: Vec<&str> = recorded.files.iter().map(String::as_str).collect();
    if says != given || !summary.steps.is_empty() {
        let problem = format!("was judged by {}; expected {}", says.join(" and "), given.join(" and "));
        return Err(Missing::Wrong(problem));
    }
    Ok(())
}

fn opened(
    examined: &Examined,
    summary: &Summary,
    recorded: &RecordedArrays,
    format: &Format,
    side: usize,
) -> Result<Array, Missing> {
    let name = &recorded.files[side];
    let stored =
        summary.inputs.iter().find(|input| input.token == *name).and_then(|input| input.stored.clone());
    let Some(place) = stored else {
        return Err(Missing::Left(format!("`{name}` was too large to be kept")));
    };
    let Some(sha256) = examined.listed.get(&place) else {
        return Err(Missing::Left(format!("`{place}` was not kept")));
    };
    let read = examined.files.read(&place, u64::MAX);
    let bytes = read.map_err(|e| Missing::Wrong(format!("`{place}`: cannot be read: {e}")))?;
    if digest::of_bytes(&bytes) != *sha256 {
        return Err(Missing::Wrong(format!("`{place}` was changed after it was verified")));
    }
    let opened = array::parse(Path::new(&place), &bytes, recorded.parts[side].as_deref(), format);
    opened.map_err(|e| Missing::Wrong(e.to_string()))
}

/// Everything that the bundle says about the arrays and that is otherwise.
fn differences(
    document: &Map<String, Value>,
    metrics: &Map<String, Value>,
    comparison: &ArrayComparison,
) -> Vec<String> {
    let mut findings = Vec::new();
    let mut hold = |what: &str, says: Option<&Value>, is: &Value| {
        let says = says.unwrap_or(&Value::Null);
        if !same(says, is) {
            findings.push(format!("`{what}`: says {}, is {}", short(says), short(is)));
        }
    };
    for (name, value) in &arrays::json(comparison) {
        hold(name, document.get(name), value);
    }
    for (name, value) in &arrays::metrics(&comparison.metrics) {
        match name.as_str() {
            "undefined" => hold(name, metrics.get(name), value),
            "metrics_version" => {}
            _ => hold(name, metrics["metrics"].get(name), value),
        }
    }
    hold("verdict", document.get("verdict"), &json!(comparison.judgement.verdict.word()));
    hold("reason", document.get("reason"), &json!(comparison.judgement.reason));
    hold("exit", document.get("exit"), &json!(comparison.judgement.verdict.exit()));
    findings.dedup();
    findings
}
