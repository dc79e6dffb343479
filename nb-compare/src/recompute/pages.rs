//! The page, the added part of `analysis.md` and the pictures of a comparison, made again and held against those in the bundle.
//!
//! Not here: figures and verdict (`recompute`), what stands around the added parts (`trace_harness::evidence::bundle::verify`).

use std::io;

use serde_json::{Map, Value, json};
use trace_harness::evidence::bundle::closing::Closed;
use trace_harness::evidence::bundle::documents::layout::{analysis_frame, layout};
use trace_harness::evidence::bundle::reading::files::DOCUMENT_LIMIT;
use trace_harness::evidence::bundle::summary::Summary;
use trace_harness::evidence::bundle::verify::Examined;
use trace_harness::evidence::exit::Exit;

use crate::compare::Comparison;
use crate::recompute::alike::{same, same_text};
use crate::recompute::said::words_of;
use crate::report::{self, ComparisonReport, Pictures};
use crate::runner::Side;

/// What is not made again of the bundle, and why.
pub(super) fn not_checked(summary: &Summary, document: &Map<String, Value>) -> Option<String> {
    if !is_own(summary, document) {
        return Some(
            "its page, what it adds to `analysis.md`, and its pictures: another version wrote them".into(),
        );
    }
    let is_explained = document.get("explanation").is_some_and(|explanation| !explanation.is_null());
    is_explained.then(|| "its explanation, which comes from running programs".to_owned())
}

/// Whether this very version wrote the bundle's pages.
fn is_own(summary: &Summary, document: &Map<String, Value>) -> bool {
    summary.layout == layout() && document.get("pages") == Some(&json!(report::writer()))
}

/// What people are shown and does not follow from the bundle's files.
///
/// # Errors
/// A file cannot be read, or a picture not be made.
pub(super) fn check(
    examined: &Examined,
    document: &Map<String, Value>,
    comparison: &Comparison<'_>,
) -> io::Result<Vec<String>> {
    let (Some(summary), Some(environment)) = (&examined.summary, &examined.environment) else {
        return Ok(vec!["`summary.json` or `env.json` cannot be understood".to_owned()]);
    };
    if !is_own(summary, document) {
        return Ok(Vec::new());
    }
    let field = |name: &str| document.get(name).unwrap_or(&Value::Null);
    let words = [Side::Reference, Side::Candidate].map(|side| words_of(summary, side, ""));
    let Some(effective) = report::parameters_of(field("effective_parameters"), &words) else {
        return Ok(vec!["`effective_parameters`: are none that two sides can state".to_owned()]);
    };
    let Some(pictures) = Pictures::stated(document, examined.listed.contains_key("diff.bin")) else {
        return Ok(vec!["`png_scale_method`: is no scale that pictures have".to_owned()]);
    };
    let mut findings = Vec::new();
    if !same(field("effective_parameters"), &report::parameters(&effective)) {
        findings.push("`effective_parameters`: do not follow from what each side states".to_owned());
    }
    let told = ComparisonReport {
        title: &summary.title,
        failed: "",
        exit: Exit::Agrees,
        comparison: Some(comparison),
        effective: &effective,
        explanation: None,
        extra: beyond_every_bundle(summary, document)?,
        pictures,
    };
    let closed = Closed { summary, document, environment };
    let made = report::documents(&told, comparison, &closed)?;
    let text = |name: &str| -> io::Result<String> {
        Ok(String::from_utf8_lossy(&examined.files.read(name, DOCUMENT_LIMIT)?).into_owned())
    };
    let is_explained = !field("explanation").is_null();
    let (page, analysis) = (text("report.html")?, text("analysis.md")?);
    let page = if is_explained { without(&page, EXPLANATION, "</section>", "</section>") } else { page };
    if !same_text(&page, &made.page) {
        findings.push("`report.html` says something else than the files make".to_owned());
    }
    let analysis = analysis_frame(summary).body(&analysis).unwrap_or_default().to_owned();
    let analysis =
        if is_explained { without(&analysis, "\n## Explanation\n", "\n## Gates\n", "") } else { analysis };
    if !same_text(analysis.trim(), made.analysis.trim()) {
        findings.push("`analysis.md` says something else than the files make".to_owned());
    }
    for (name, content) in made.pictures {
        if !examined.listed.contains_key(name) {
            findings.push(format!("`{name}` is not in the bundle, and is made again"));
        } else if examined.files.read(name, u64::MAX)? != content {
            findings.push(format!("`{name}` is another picture than the images make"));
        }
    }
    Ok(findings)
}

/// How the section of the page begins that this does not make again.
const EXPLANATION: &str = "<section aria-labelledby=\"explanation\">";

/// The fields that a comparison adds to those of every bundle.
fn beyond_every_bundle(summary: &Summary, document: &Map<String, Value>) -> io::Result<Map<String, Value>> {
    let every = serde_json::to_value(summary)?;
    let beyond = document.iter().filter(|(name, _)| every.get(name.as_str()).is_none());
    Ok(beyond.map(|(name, value)| (name.clone(), value.clone())).collect())
}

/// The text without the first part from `start` to before `end`, and without the `last` of it.
fn without(text: &str, start: &str, end: &str, last: &str) -> String {
    let Some((before, rest)) = text.split_once(start) else { return text.to_owned() };
    let Some(at) = rest.find(end) else { return text.to_owned() };
    format!("{before}{}", &rest[at + last.len()..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_named_part_is_left_out() {
        assert_eq!(without("a[b]c[d]", "[", "]", "]"), "ac[d]");
        assert_eq!(without("a\nX\nb\nY\nc", "\nX\n", "\nY\n", ""), "a\nY\nc");
        assert_eq!(without("a[b", "[", "]", "]"), "a[b");
    }
}
