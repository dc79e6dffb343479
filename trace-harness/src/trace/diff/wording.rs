//! Numbers, lists of names and places in words.
//!
//! Not here: whole reports (`report`, `page`).

use nanobragg::Pixel;

use crate::trace::diff::tolerance::NoiseDistance;
use crate::trace::diff::{Cause, Comparison, TracePlace};

/// Names that a sentence lists before it only counts.
const MOST_NAMES: usize = 10;

/// Numbers as a trace has them, with six digits.
pub fn numbers(values: &[f64]) -> String {
    values.iter().map(|x| nanobragg::c_number::g(*x, 6)).collect::<Vec<_>>().join(" ")
}

/// Names with commas between; of many the first few, and how many more.
pub fn listed(names: &[impl AsRef<str>]) -> String {
    let shown: Vec<&str> = names.iter().take(MOST_NAMES).map(AsRef::as_ref).collect();
    let more = names.len() - shown.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    shown.join(", ") + &more
}

/// By how much the causes are outside the reference's own noise, as the rest of a sentence; nothing where that is not the tolerance.
pub fn outside_noise(c: &Comparison) -> String {
    let causes = if c.root_causes.is_empty() { &c.trace_only } else { &c.root_causes };
    let distance_of = |cause: &Cause| {
        let far = match cause.noise? {
            NoiseDistance::Times(times) => format!("{} times", numbers(&[times])),
            NoiseDistance::Still => "moved by no run".to_owned(),
            NoiseDistance::NoNumber => "by no number".to_owned(),
            NoiseDistance::Unknown => return None,
        };
        Some(format!("{} ({far})", cause.key))
    };
    let mut far: Vec<String> = causes.iter().filter_map(distance_of).collect();
    far.dedup();
    if far.is_empty() {
        String::new()
    } else {
        format!("; outside the reference's own noise: {}", listed(&far))
    }
}

/// A place in words.
pub fn place(place: &TracePlace) -> String {
    let mut parts = vec![match (&place.record, place.pixel) {
        (Some(record), _) => record.clone(),
        (None, Some(Pixel { slow, fast })) => format!("pixel {slow} {fast}"),
        (None, None) => "set-up or unnamed pixel".to_owned(),
    }];
    if place.block > 0 {
        parts.push(format!("block {}", place.block));
    }
    for (name, number) in [("source", place.source), ("phi step", place.phi), ("domain", place.mosaic)] {
        parts.extend(number.map(|n| format!("{name} {n}")));
    }
    for (name, line) in ["A", "B"].iter().zip(place.lines) {
        parts.extend(line.map(|n| format!("line {n} of {name}")));
    }
    parts.join(", ")
}
