//! What a judgement is made of: gates with what they asked and got, and the words that images and arrays share.
//!
//! Not here: which gates there are and in which order they decide (`verdict` for images, `array::judge` for arrays).

use serde::{Deserialize, Serialize};
use trace_harness::evidence::verdict::Verdict;

use crate::compare::metrics::Measured;

/// The gate on NaN and infinite numbers.
pub(crate) const FINITE: &str = "finite";
/// The gate on Pearson's correlation.
pub(crate) const CORRELATION: &str = "correlation";
/// The gate on the ratio of the sums, B over A.
pub(crate) const SUM_RATIO: &str = "sum_ratio";
/// The gate that takes its place where the numbers of A cancel: the factor that brings B closest to A.
pub(crate) const BEST_SCALE: &str = "best_scale";
/// The gate on the share of numbers that agree.
pub(crate) const WITHIN: &str = "agreement";
/// The gate on the largest distance in units of the last place.
pub(crate) const MAX_ULP: &str = "max_ulp";

/// One gate: what it asked for and what it got.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Gate {
    /// Which number it looks at.
    pub name: String,
    /// What it asked for, in words.
    pub asked: String,
    /// The number, if there is one.
    pub got: Option<f64>,
    /// How it came out.
    pub outcome: Verdict,
}

/// What all gates come to, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// The verdict over all gates.
    pub verdict: Verdict,
    /// Why, in one sentence.
    pub reason: String,
    /// Every gate.
    pub gates: Vec<Gate>,
}

impl Judgement {
    /// Puts what was found before the pixels in front of the reason, unless the pixels pass all the same.
    pub fn after(&mut self, found: Option<String>) {
        if let Some(found) = found.filter(|_| self.verdict != Verdict::Pass) {
            self.reason = format!("{found}. Pixels: {}", self.reason);
        }
    }
}

/// A gate that passes where `holds` says so of what was measured; what is undefined decides nothing.
pub(crate) fn gate(name: &str, asked: String, got: &Measured, holds: impl Fn(f64) -> bool) -> Gate {
    let outcome = match got.value() {
        Some(value) if holds(value) => Verdict::Pass,
        Some(_) => Verdict::Fail,
        None => Verdict::Undecided,
    };
    Gate { name: name.to_owned(), asked, got: got.value(), outcome }
}

/// The gate on the largest distance in units of the last place, where `limit` was asked for and `largest` was got. A limit that the double of
/// every number keeps, which is `octave` units away, decides nothing.
pub(crate) fn ulp_gate(
    asked: String,
    got: &Measured,
    (limit, largest): (u64, u64),
    octave: Option<u64>,
) -> Gate {
    let keeps_double = octave.is_some_and(|octave| limit >= octave);
    let mut gate = gate(MAX_ULP, asked, got, |_| largest <= limit);
    if keeps_double && largest > 0 {
        gate.asked += ", which the double of every number keeps";
        if gate.outcome == Verdict::Pass {
            gate.outcome = Verdict::Undecided;
        }
    }
    gate
}

/// The gate on the ratio of the sums. A ratio of sums that cancel says nothing: there `best_scale` is judged in its place.
pub(crate) fn scale_gate(
    (low, high): (f64, f64),
    best_scale: Option<Measured>,
    ratio: impl FnOnce() -> Measured,
) -> Gate {
    let (name, got) = match best_scale {
        Some(scale) => (BEST_SCALE, scale),
        None => (SUM_RATIO, ratio()),
    };
    gate(name, format!("{low} to {high}"), &got, |ratio| (low..=high).contains(&ratio))
}

/// For each side the sentence that all its numbers have one value, where they have.
pub(crate) struct Constants {
    pub(crate) sides: [Option<String>; 2],
}

impl Constants {
    /// What is to be said of a constant side beside one that varies.
    pub(crate) fn beside_varying(&self) -> Option<String> {
        match &self.sides {
            [Some(a), None] => Some(format!("{a}, and those of B are not")),
            [None, Some(b)] => Some(format!("{b}, and those of A are not")),
            _ => None,
        }
    }

    /// Why constant sides that fail nothing decide nothing all the same: `one` where it is one of them, `both` otherwise.
    pub(crate) fn undecided(&self, one: &str, both: &str) -> Option<String> {
        match &self.sides {
            [Some(a), Some(b)] => Some(format!("{a} and {b}: {both}")),
            [Some(side), None] | [None, Some(side)] => Some(format!("{side}: {one}")),
            [None, None] => None,
        }
    }
}

/// A number with enough digits to recognise it: whole and grouped above a thousand, six digits below.
pub(crate) fn figure(value: f64) -> String {
    let size = value.abs();
    if (1000.0..1e15).contains(&size) {
        grouped(value)
    } else if size == 0.0 || (1e-4..1000.0).contains(&size) {
        let text = format!("{value:.6}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        format!("{value:.5e}")
    }
}

fn grouped(value: f64) -> String {
    let digits = format!("{:.0}", value.abs());
    let mut out = String::from(if value < 0.0 { "-" } else { "" });
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}
