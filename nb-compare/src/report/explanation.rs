//! How an explanation is shown: JSON, terminal, Markdown, page.
//!
//! Not here: finding it (`call::explain`), and the words of its parts (`trace_harness`).

use maud::{Markup, html};
use nanobragg::Pixel;
use serde_json::{Value, json};
use trace_harness::evidence::page::{markdown, section, table};
use trace_harness::explain::defects::{DefectFinding, Tried};
use trace_harness::trace::cause::attribution::{Attribution, SHARES, Share};
use trace_harness::trace::diff::Cause;

use crate::compare::judgement::figure;
use crate::explanation::Explanation;

/// The field `explanation` of `summary.json`.
pub(super) fn json(e: &Explanation) -> Value {
    let pixels: Vec<Value> = e
        .pixels
        .iter()
        .map(|p| json!({"role": p.role, "slow": p.pixel.slow, "fast": p.pixel.fast}))
        .collect();
    let traces = e.traces.as_ref().ok().map(|c| {
        json!({
            "verdict": c.verdict,
            "reason": c.reason,
            "first_divergence": c.first_divergence,
            "root_causes": c.root_causes,
            "trace_only": c.trace_only,
            "attribution": c.attribution,
        })
    });
    json!({
        "pixels": pixels,
        "traces": traces,
        "no_traces": e.traces.as_ref().err(),
        "defects": e.defects.as_ref().ok(),
        "no_defects": e.defects.as_ref().err(),
    })
}

fn values(numbers: &[f64]) -> String {
    numbers.iter().map(|v| figure(*v)).collect::<Vec<_>>().join(" ")
}

fn cause_cells(cause: &Cause) -> Vec<String> {
    let place = match cause.first.place.pixel {
        Some(Pixel { slow, fast }) => format!("slow {slow}, fast {fast}"),
        None => cause.first.place.record.clone().unwrap_or_else(|| "set-up".to_owned()),
    };
    let share = cause.share.map_or(String::new(), |s| format!("{:.1} %", s * 100.0));
    let [a, b] = &cause.first.values;
    let looks = cause.signatures.join("; ");
    vec![cause.key.clone(), place, values(a), values(b), looks, share]
}

/// A cause in one line: its key, both values, what that looks like, and its share.
pub(super) fn cause_line(cause: &Cause) -> String {
    let [a, b] = &cause.first.values;
    let looks = match cause.signatures.join("; ") {
        looks if looks.is_empty() => looks,
        looks => format!(": {looks}"),
    };
    let share = cause.share.map_or(String::new(), |s| format!(" [{:.1} % of the ratio]", s * 100.0));
    format!("root cause {}: {} against {}{looks}{share}", cause.key, values(a), values(b))
}

/// Sentences about both halves, the most important first.
fn sentences(e: &Explanation) -> Vec<String> {
    let mut out = Vec::new();
    out.push(match &e.defects {
        Ok(finding) => format!("known defects: {}", finding.conclusion),
        Err(why) => format!("known defects were not tried: {why}"),
    });
    match &e.traces {
        Err(why) => out.push(format!("not traced: {why}")),
        Ok(c) => {
            let pixels: Vec<String> = e
                .pixels
                .iter()
                .map(|p| format!("slow {}, fast {} ({})", p.pixel.slow, p.pixel.fast, p.role))
                .collect();
            out.push(format!("traced {}: {}", pixels.join(" and "), c.reason));
        }
    }
    out
}

/// The lines on the terminal.
pub(crate) fn lines(e: &Explanation) -> String {
    let mut text = String::new();
    for sentence in sentences(e) {
        // Messages of programs may have lines of their own.
        text += &format!("{}\n", sentence.replace('\n', "\n  "));
    }
    for cause in e.traces.iter().flat_map(|c| &c.root_causes) {
        text += &format!("  {}\n", cause_line(cause));
    }
    text
}

/// The section of `analysis.md`.
pub(super) fn markdown(e: &Explanation) -> String {
    let mut text = "\n## Explanation\n\n".to_owned();
    for sentence in sentences(e) {
        text += &format!("- {}\n", markdown::text(&sentence));
    }
    for cause in e.traces.iter().flat_map(|c| &c.root_causes) {
        text += &format!("- {}\n", markdown::text(&cause_line(cause)));
    }
    if e.traces.iter().flat_map(|c| &c.root_causes).any(|cause| cause.share.is_some()) {
        text += &format!("- {SHARES}\n");
    }
    text
}

/// The section of the page.
pub(super) fn part(e: &Explanation) -> Markup {
    let content = html! {
        @for sentence in sentences(e) { p.told { (sentence) } }
        @if let Ok(traces) = &e.traces {
            (causes(&traces.root_causes))
            @for attribution in &traces.attribution { (shares(attribution)) }
            @if !traces.attribution.is_empty() { p.soft { (SHARES) "." } }
        }
        @if let Ok(finding) = &e.defects { (defects(finding)) }
    };
    section("explanation", "Explanation", &content)
}

pub(super) fn causes(causes: &[Cause]) -> Markup {
    if causes.is_empty() {
        return Markup::default();
    }
    let rows: Vec<Vec<String>> = causes.iter().map(cause_cells).collect();
    let head = ["trace key", "first at", "A", "B", "looks like", "share of the ratio"];
    table("Root causes: what differs although everything it comes from agrees", &head, &rows)
}

pub(super) fn shares(a: &Attribution) -> Markup {
    let row = |s: &Share| vec![s.factor.clone(), figure(s.ratio), format!("{:.1} %", s.share * 100.0)];
    let rows: Vec<Vec<String>> = a.shares.iter().map(row).collect();
    let caption = format!("{} is {} times as large for B: which factor is to blame", a.key, figure(a.ratio));
    table(&caption, &["factor", "B over A", "share"], &rows)
}

fn defects(finding: &DefectFinding) -> Markup {
    let row = |t: &Tried| {
        let left = format!("{} of {}", t.added.differing_pixels, t.added.pixels);
        vec![t.defect.to_owned(), t.description.to_owned(), left]
    };
    let rows: Vec<Vec<String>> = finding.tried.iter().map(row).collect();
    let head = ["defect", "what the reference does", "pixels that differ with it emulated"];
    table("Known defects of the reference, switched on one at a time", &head, &rows)
}
