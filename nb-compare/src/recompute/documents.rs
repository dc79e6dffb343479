//! The page and the added part of `analysis.md` of a bundle that are made of its files alone, made again and held against those in it.
//!
//! Not here: those of a comparison of images, which have pictures (`pages`).

use maud::Markup;
use serde_json::{Map, Value, json};
use trace_harness::evidence::bundle::documents::layout::{analysis_frame, layout, page_frame};
use trace_harness::evidence::bundle::reading::files::DOCUMENT_LIMIT;
use trace_harness::evidence::bundle::summary::Summary;
use trace_harness::evidence::bundle::verify::Examined;

use crate::recompute::alike::same_text;
use crate::recompute::{Missing, Recomputed};

/// What people are shown and does not follow from the bundle's files. `make` gives what its kind adds to `analysis.md` and to the page;
/// where another version than `writer` wrote them, that is noted in `done`.
///
/// # Errors
/// A document cannot be read or made.
pub(super) fn differing(
    examined: &Examined,
    summary: &Summary,
    document: &Map<String, Value>,
    writer: String,
    make: impl FnOnce() -> Result<(String, Markup), Missing>,
    done: &mut Recomputed,
) -> Result<Vec<String>, Missing> {
    let is_own = summary.layout == layout() && document.get("pages") == Some(&json!(writer));
    let Some(environment) = examined.environment.as_ref().filter(|_| is_own) else {
        done.not_checked
            .push("its page and what it adds to `analysis.md`: another version wrote them".into());
        return Ok(Vec::new());
    };
    let (analysis, sections) = make()?;
    let mut findings = Vec::new();
    for (name, made, frame) in [
        ("analysis.md", analysis, analysis_frame(summary)),
        ("report.html", sections.into_string(), page_frame(summary, environment, "")),
    ] {
        let text = examined.files.read(name, DOCUMENT_LIMIT).map_err(|e| Missing::Wrong(e.to_string()))?;
        let text = String::from_utf8_lossy(&text);
        let says = frame.body(&text).unwrap_or_default();
        if !same_text(says.trim(), made.trim()) {
            findings.push(format!("`{name}` says something else than the files make"));
        }
    }
    Ok(findings)
}
