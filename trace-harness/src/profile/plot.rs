//! The history of a command's run times as a chart.
//!
//! Not here: drawing charts (`nanobragg::chart`), the page around it.

use nanobragg::chart::{Axis, Chart, Colour, Mark};

use crate::profile::guardrails::Guardrails;
use crate::profile::history::Earlier;
use crate::profile::units::time;

const SIZE: [f64; 2] = [720.0, 300.0];

/// A dot per run, bundle after bundle from left to right, the newest last; lines for the limits.
pub fn chart(history: &[Earlier], now: &[f64], limits: &Guardrails) -> Chart {
    let columns: Vec<(&str, &[f64])> = history
        .iter()
        .map(|e| (e.created.as_str(), e.seconds.as_slice()))
        .chain(std::iter::once(("now", now)))
        .collect();
    let lines = [
        ("maximum", limits.maximum_s),
        ("warning", limits.warning_s),
        ("expected", Some(limits.expected_s)),
        ("minimum", limits.minimum_s),
    ];
    let lines = || lines.into_iter().filter_map(|(name, seconds)| Some((name, seconds?)));
    let runs = columns.iter().flat_map(|(_, seconds)| seconds.iter().copied());
    let top = runs.chain(lines().map(|(_, seconds)| seconds)).fold(0.0, f64::max) * 1.05;
    let end = columns.len() as f64;
    let x = Axis::linear("bundles, from the oldest to this one", [0.0, end]);
    let x = x.with_ticks(vec![(end - 0.5, "now".to_owned())]);
    let y = Axis::linear("wall time", [0.0, top]).with_tick_texts(time);
    let limits = lines().map(|(name, seconds)| Mark::Line {
        points: vec![[0.0, seconds], [end, seconds]],
        colour: Colour::Soft,
        dashed: name != "expected",
        name: format!("{name} {}", time(seconds)),
    });
    let dots = columns.iter().enumerate().flat_map(|(n, (when, seconds))| {
        seconds.iter().map(move |s| Mark::Dot {
            at: [n as f64 + 0.5, *s],
            colour: Colour::Series(0),
            says: format!("{when}: {}", time(*s)),
        })
    });
    let marks = limits.chain(dots).collect();
    Chart { title: format!("wall time of the runs of {} bundles", columns.len()), size: SIZE, x, y, marks }
}
