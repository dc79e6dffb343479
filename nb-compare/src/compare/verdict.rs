//! From numbers to a verdict: the gates, what each asked and got, and the sentence that says why.
//!
//! Not here: computing the numbers (`metrics`).

use serde::{Deserialize, Serialize};
pub use trace_harness::evidence::verdict::Verdict as Outcome;

use crate::compare::metrics::{Measured, Metrics};

/// What has to hold for a pass.
#[derive(Debug, Clone, PartialEq)]
pub struct Gates {
    /// Least Pearson correlation.
    pub correlation: f64,
    /// Least and largest ratio of the sums, B over A.
    pub sum_ratio: (f64, f64),
    /// Largest ULP distance of any pixel, where asked.
    pub max_ulp: Option<u32>,
    /// Least fraction of matched peaks, where asked.
    pub peaks: Option<f64>,
}

impl Default for Gates {
    fn default() -> Self {
        Self { correlation: 0.9995, sum_ratio: (0.98, 1.02), max_ulp: None, peaks: None }
    }
}

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
    pub outcome: Outcome,
}

/// The verdict on two images.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// The outcome of all gates together.
    pub outcome: Outcome,
    /// Why, in one sentence.
    pub reason: String,
    /// Every gate.
    pub gates: Vec<Gate>,
}

impl Verdict {
    /// Puts what was found before the pixels in front of the reason, unless the pixels pass all the same.
    pub fn after(&mut self, found: Option<String>) {
        if let Some(found) = found.filter(|_| self.outcome != Outcome::Pass) {
            self.reason = format!("{found}. Pixels: {}", self.reason);
        }
    }
}

/// Judges `metrics` by `gates`.
pub fn judge(metrics: &Metrics, gates: &Gates) -> Verdict {
    let list = all_gates(metrics, gates);
    let failed = |name: &str| list.iter().any(|g| g.name == name && g.outcome == Outcome::Fail);
    let (outcome, reason) = if failed("finite") {
        (Outcome::Fail, non_finite_sentence(metrics))
    } else if let Some(why) = undecidable(metrics) {
        (Outcome::Undecided, why)
    } else if failed("sum_ratio") {
        (Outcome::Fail, scale_sentence(metrics, gates))
    } else if let Some(gate) = list.iter().find(|g| g.outcome == Outcome::Fail) {
        (Outcome::Fail, gate_sentence(gate))
    } else if let Some(gate) = list.iter().find(|g| g.outcome == Outcome::Undecided) {
        (Outcome::Undecided, gate_sentence(gate))
    } else {
        (Outcome::Pass, pass_sentence(metrics))
    };
    Verdict { outcome, reason, gates: list }
}

fn all_gates(m: &Metrics, gates: &Gates) -> Vec<Gate> {
    let bad = m.non_finite[0] + m.non_finite[1];
    let (low, high) = gates.sum_ratio;
    let mut list = vec![
        gate("finite", "0 NaN or infinite pixels".into(), &Measured::Value(bad as f64), |n| n == 0.0),
        gate("correlation", format!("at least {}", gates.correlation), &m.correlation, |c| {
            c >= gates.correlation
        }),
        gate("sum_ratio", format!("{low} to {high}"), &m.totals.sum_ratio(), |r| (low..=high).contains(&r)),
    ];
    if let Some(limit) = gates.max_ulp {
        let got =
            m.ulp.max.map_or(Measured::undefined("no pixel was compared"), |u| Measured::Value(f64::from(u)));
        list.push(gate("max_ulp", format!("at most {limit}"), &got, |u| u <= f64::from(limit)));
    }
    if let Some(least) = gates.peaks {
        list.push(gate("peaks", format!("at least {least} matched"), &m.peaks.fraction, |f| f >= least));
    }
    list
}

fn gate(name: &str, asked: String, got: &Measured, holds: impl Fn(f64) -> bool) -> Gate {
    let outcome = match got.value() {
        Some(v) if holds(v) => Outcome::Pass,
        Some(_) => Outcome::Fail,
        None => Outcome::Undecided,
    };
    Gate { name: name.to_owned(), asked, got: got.value(), outcome }
}

/// Why these images can decide nothing, if so.
fn undecidable(m: &Metrics) -> Option<String> {
    let side = |i: usize| ["A", "B"][i];
    let constant = |i: usize| match m.totals.range[i].0 == 0.0 {
        true => format!("every pixel of {} is zero", side(i)),
        false => format!("every pixel of {} is {}", side(i), m.totals.range[i].0),
    };
    match (m.totals.pixels, m.totals.is_constant(0), m.totals.is_constant(1)) {
        (0, ..) => Some("nothing was compared: no pixel is left".to_owned()),
        (_, true, true) => {
            Some(format!("{} and {}: nothing can be told from them", constant(0), constant(1)))
        }
        (_, true, _) => Some(format!("{}: nothing can be told from it", constant(0))),
        (_, _, true) => Some(format!("{}: nothing can be told from it", constant(1))),
        _ => None,
    }
}

fn non_finite_sentence(m: &Metrics) -> String {
    format!("{} pixels of A and {} of B are NaN or infinite", m.non_finite[0], m.non_finite[1])
}

fn scale_sentence(m: &Metrics, gates: &Gates) -> String {
    let ratio = m.totals.sum_ratio().value().unwrap_or(f64::NAN);
    let (low, high) = gates.sum_ratio;
    let sums = format!("the sum of B is {} times that of A, outside {low} to {high}", figure(ratio));
    match m.correlation.value() {
        Some(c) if c >= gates.correlation => {
            format!("{sums}; the correlation of {c:.6} does not excuse it, for correlation is blind to scale")
        }
        _ => sums,
    }
}

fn gate_sentence(gate: &Gate) -> String {
    match gate.got {
        Some(v) => format!("{} is {}, asked for {}", gate.name, figure(v), gate.asked),
        None => format!("{} is undefined, asked for {}", gate.name, gate.asked),
    }
}

fn pass_sentence(m: &Metrics) -> String {
    let pixels = m.totals.pixels;
    match m.byte_identical {
        true => format!("all {pixels} pixels are the same bits"),
        false => format!("every gate holds over {pixels} pixels"),
    }
}

/// A number with enough digits to recognise it: whole and grouped above a thousand, six digits below.
pub fn figure(value: f64) -> String {
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

#[cfg(test)]
mod tests {
    use nanobragg::image::raster::Raster;

    use super::*;
    use crate::compare::peaks::PeakOptions;
    use crate::compare::region::{Region, Roi};

    fn image() -> Raster<f32> {
        let data = (0..32 * 32_u16).map(|i| ((f32::from(i) * 0.3).sin() + 1.0) * 50.0).collect();
        Raster { fast: 32, slow: 32, data }
    }

    fn verdict_with(a: &Raster<f32>, b: &Raster<f32>, gates: &Gates) -> Verdict {
        let region = Region::new(a, b, Roi::whole(a.fast, a.slow), None);
        judge(&Metrics::of(&region, &PeakOptions::default()), gates)
    }

    fn verdict(a: &Raster<f32>, b: &Raster<f32>) -> Verdict {
        verdict_with(a, b, &Gates::default())
    }

    #[test]
    fn an_image_passes_against_itself() {
        let v = verdict(&image(), &image());
        assert_eq!((v.outcome, v.reason.as_str()), (Outcome::Pass, "all 1024 pixels are the same bits"));
    }

    #[test]
    fn a_factor_fails_however_well_it_correlates() {
        let v = verdict(&image(), &image().map(|p| p * 126_451.0));
        assert_eq!(v.outcome, Outcome::Fail);
        assert_eq!(
            v.reason,
            "the sum of B is 126,451 times that of A, outside 0.98 to 1.02; the correlation of 1.000000 does not excuse it, \
             for correlation is blind to scale"
        );
        assert_eq!(v.gates[1].outcome, Outcome::Pass);
        assert_eq!(verdict(&image(), &image().map(|p| p * 2.0)).outcome, Outcome::Fail);
    }

    #[test]
    fn a_constant_side_decides_nothing() {
        let zero = image().map(|_| 0.0);
        let v = verdict(&image(), &zero);
        assert_eq!(v.outcome, Outcome::Undecided);
        assert_eq!(v.reason, "every pixel of B is zero: nothing can be told from it");
        assert_eq!(verdict(&zero, &zero).outcome, Outcome::Undecided);
        let v = verdict(&image().map(|_| 3.0), &image());
        assert_eq!(v.reason, "every pixel of A is 3: nothing can be told from it");
    }

    #[test]
    fn a_shifted_or_negated_image_fails() {
        let mut shifted = image();
        shifted.data.rotate_right(3);
        assert_eq!(verdict(&image(), &shifted).reason.split(' ').next(), Some("correlation"));
        assert_eq!(verdict(&image(), &image().map(|p| -p)).outcome, Outcome::Fail);
    }

    #[test]
    fn pixels_that_are_not_finite_fail_also_when_both_sides_have_them() {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let mut a = image();
            a.data[5] = bad;
            let v = verdict(&a, &a);
            assert_eq!(v.outcome, Outcome::Fail);
            assert_eq!(v.reason, "1 pixels of A and 1 of B are NaN or infinite");
        }
        assert_eq!(verdict(&image().map(|_| f32::NAN), &image()).outcome, Outcome::Fail);
    }

    #[test]
    fn asked_for_gates_count() {
        let mut b = image();
        b.data[7] = b.data[7].next_up();
        let with = |max_ulp| verdict_with(&image(), &b, &Gates { max_ulp, ..Gates::default() });
        assert_eq!(with(None).outcome, Outcome::Pass);
        assert_eq!(with(Some(1)).outcome, Outcome::Pass);
        assert_eq!(with(Some(0)).reason, "max_ulp is 1, asked for at most 0");
    }

    #[test]
    fn figures_are_short_and_recognisable() {
        let shown = [1.0, 126_451.2, -1234.0, 0.9966, 1e-9, 0.0, 1e20].map(figure);
        assert_eq!(shown, ["1", "126,451", "-1,234", "0.9966", "1.00000e-9", "0", "1.00000e20"]);
    }
}
