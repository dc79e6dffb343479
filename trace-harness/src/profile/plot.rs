//! The history of a command's run times as a picture (SVG).
//!
//! Not here: the page around it.

use std::fmt::Write;

use crate::evidence::page::escape;
use crate::profile::guardrails::Guardrails;
use crate::profile::history::Earlier;
use crate::profile::units::time;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 260.0;
const LEFT: f64 = 60.0;
const RIGHT: f64 = 110.0;
const EDGE: f64 = 16.0;

/// A dot per run, bundle after bundle from left to right, the newest last; lines for the limits.
pub fn svg(history: &[Earlier], now: &[f64], limits: &Guardrails) -> String {
    let columns: Vec<(&str, &[f64])> = history
        .iter()
        .map(|e| (e.created.as_str(), e.seconds.as_slice()))
        .chain(std::iter::once(("now", now)))
        .collect();
    let all = columns.iter().flat_map(|(_, s)| s.iter().copied());
    let top = all.fold(limits.maximum_s.unwrap_or(limits.expected_s), f64::max) * 1.05;
    let top = if top > 0.0 { top } else { 1.0 };
    let y = |seconds: f64| HEIGHT - EDGE - seconds / top * (HEIGHT - 2.0 * EDGE);
    let step = (WIDTH - LEFT - RIGHT) / columns.len() as f64;
    let mut out = format!(
        "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" role=\"img\" aria-label=\"wall time of {} bundles, in seconds\" \
         font-size=\"11\" fill=\"currentColor\">\n",
        columns.len()
    );
    let lines = [
        ("maximum", limits.maximum_s),
        ("warning", limits.warning_s),
        ("expected", Some(limits.expected_s)),
        ("minimum", limits.minimum_s),
    ];
    for (name, seconds) in lines.into_iter().filter_map(|(name, s)| Some((name, s?))) {
        let (at, right) = (y(seconds), WIDTH - RIGHT);
        let dash = if name == "expected" { "" } else { " stroke-dasharray=\"4 3\"" };
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "<line x1=\"{LEFT}\" x2=\"{right}\" y1=\"{at:.1}\" y2=\"{at:.1}\" stroke=\"currentColor\" opacity=\"0.5\"{dash}/>\
             <text x=\"{:.1}\" y=\"{:.1}\">{name} {}</text>",
            right + 4.0,
            at + 4.0,
            time(seconds)
        );
    }
    for (n, (when, seconds)) in columns.iter().enumerate() {
        let x = LEFT + (n as f64 + 0.5) * step;
        for s in *seconds {
            let _ = writeln!(
                out,
                "<circle cx=\"{x:.1}\" cy=\"{:.1}\" r=\"3\" opacity=\"0.7\"><title>{}: {}</title></circle>",
                y(*s),
                escape(when),
                time(*s)
            );
        }
    }
    let _ = writeln!(out, "<text x=\"4\" y=\"{:.1}\">wall</text>\n</svg>", HEIGHT / 2.0);
    out
}
