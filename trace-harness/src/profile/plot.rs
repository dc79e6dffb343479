//! The history of a command's run times as a picture (SVG).
//!
//! Not here: the page around it.

use maud::{Markup, html};

use crate::profile::guardrails::Guardrails;
use crate::profile::history::Earlier;
use crate::profile::units::time;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 260.0;
const LEFT: f64 = 60.0;
const RIGHT: f64 = 110.0;
const EDGE: f64 = 16.0;

/// A dot per run, bundle after bundle from left to right, the newest last; lines for the limits.
pub fn svg(history: &[Earlier], now: &[f64], limits: &Guardrails) -> Markup {
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
    let lines = [
        ("maximum", limits.maximum_s),
        ("warning", limits.warning_s),
        ("expected", Some(limits.expected_s)),
        ("minimum", limits.minimum_s),
    ];
    let right = WIDTH - RIGHT;
    let one = |x: f64| format!("{x:.1}");
    html! {
        svg xmlns="http://www.w3.org/2000/svg" viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } width=(WIDTH) role="img"
            aria-label={ "wall time of " (columns.len()) " bundles, in seconds" } font-size="11" fill="currentColor" {
            @for (name, seconds) in lines.into_iter().filter_map(|(name, s)| Some((name, s?))) {
                @let dash = (name != "expected").then_some("4 3");
                line x1=(LEFT) x2=(right) y1=(one(y(seconds))) y2=(one(y(seconds))) stroke="currentColor" opacity="0.5"
                    stroke-dasharray=[dash] {}
                text x=(one(right + 4.0)) y=(one(y(seconds) + 4.0)) { (name) " " (time(seconds)) }
            }
            @for (n, (when, seconds)) in columns.iter().enumerate() {
                @for s in *seconds {
                    circle cx=(one(LEFT + (n as f64 + 0.5) * step)) cy=(one(y(*s))) r="3" opacity="0.7" {
                        title { (when) ": " (time(*s)) }
                    }
                }
            }
            text x="4" y=(one(HEIGHT / 2.0)) { "wall" }
        }
    }
}
