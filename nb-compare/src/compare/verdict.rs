//! From numbers to a verdict: the gates, what each asked and got, and the sentence that says why.
//!
//! Not here: computing the numbers (`metrics`).

use serde::{Deserialize, Serialize};
pub use trace_harness::evidence::verdict::Verdict as Outcome;

use crate::compare::metrics::{Measured, Metrics};
use crate::image::pixels::Kind;

/// What has to hold for a pass.
#[derive(Debug, Clone, PartialEq)]
pub struct Gates {
    /// Least Pearson correlation.
    pub correlation: f64,
    /// Least and largest ratio of the sums, B over A.
    pub sum_ratio: (f64, f64),
    /// Least share of the pixels that agree.
    pub within: f64,
    /// Largest ULP distance of any pixel, where asked.
    pub max_ulp: Option<u64>,
    /// Least fraction of matched peaks, where asked.
    pub peaks: Option<f64>,
}

impl Default for Gates {
    fn default() -> Self {
        Self { correlation: 0.9995, sum_ratio: (0.98, 1.02), within: 0.9, max_ulp: None, peaks: None }
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

/// Judges `metrics` by `gates`; `kinds` is what the files hold.
///
/// What fails a gate fails, however little the images can tell. Images that cannot tell whether they agree (a constant one has
/// no correlation) pass only where a distance was asked for that they keep.
pub fn judge(metrics: &Metrics, kinds: [Kind; 2], gates: &Gates) -> Verdict {
    let list = all_gates(metrics, gates);
    let failed = |name: &str| list.iter().any(|g| g.name == name && g.outcome == Outcome::Fail);
    let asked_for = list.iter().any(|g| g.name == MAX_ULP && g.outcome == Outcome::Pass);
    let fails = list.iter().find(|g| g.outcome == Outcome::Fail);
    let (outcome, reason) = if failed(FINITE) {
        (Outcome::Fail, non_finite_sentence(metrics))
    } else if metrics.totals.pixels == 0 {
        (Outcome::Undecided, "nothing was compared: no pixel is left".to_owned())
    } else if let (Some(_), Some(sentence)) = (fails, one_is_constant(metrics)) {
        (Outcome::Fail, sentence)
    } else if is_same(metrics) && constant(metrics).is_none() {
        // Whatever becomes of the metrics of extreme numbers.
        (Outcome::Pass, pass_sentence(metrics, kinds, &list))
    } else if failed(SUM_RATIO) {
        (Outcome::Fail, scale_sentence(metrics, gates))
    } else if let Some(gate) = fails {
        (Outcome::Fail, gate_sentence(gate, metrics))
    } else if let (false, Some(why)) = (asked_for, constant(metrics)) {
        (Outcome::Undecided, why)
    } else if let Some(gate) = list
        .iter()
        .find(|g| g.outcome == Outcome::Undecided && ![CORRELATION, WITHIN].contains(&g.name.as_str()))
    {
        (Outcome::Undecided, gate_sentence(gate, metrics))
    } else if let (false, Some(gate)) = (asked_for, list.iter().find(|g| g.outcome == Outcome::Undecided)) {
        (Outcome::Undecided, gate_sentence(gate, metrics))
    } else {
        (Outcome::Pass, pass_sentence(metrics, kinds, &list))
    };
    Verdict { outcome, reason, gates: list }
}

/// Whether every pixel is the same number on both sides.
fn is_same(metrics: &Metrics) -> bool {
    metrics.ulp.same_bits == metrics.totals.pixels
}

const FINITE: &str = "finite";
const CORRELATION: &str = "correlation";
const SUM_RATIO: &str = "sum_ratio";
const BEST_SCALE: &str = "best_scale";
const WITHIN: &str = "agreement";
const MAX_ULP: &str = "max_ulp";

fn all_gates(m: &Metrics, gates: &Gates) -> Vec<Gate> {
    let bad = m.non_finite[0] + m.non_finite[1];
    let (low, high) = gates.sum_ratio;
    let in_range = |r: f64| (low..=high).contains(&r);
    let mut list = vec![
        gate(FINITE, "0 NaN or infinite pixels".into(), &Measured::Value(bad as f64), |n| n == 0.0),
        gate(CORRELATION, format!("at least {}", gates.correlation), &m.correlation, |c| {
            c >= gates.correlation
        }),
    ];
    if let Some(limit) = gates.max_ulp {
        let got =
            m.ulp.max.map_or(Measured::undefined("no pixel was compared"), |u| Measured::Value(u as f64));
        list.push(gate(MAX_ULP, format!("at most {limit}"), &got, |_| m.ulp.max <= Some(limit)));
    }
    // A ratio of sums that cancel says nothing, and equal constants of any value have the scale 1.
    list.push(match (m.totals.cancels(), m.ulp.max) {
        (true, Some(0)) => gate(BEST_SCALE, format!("{low} to {high}"), &Measured::Value(1.0), in_range),
        (true, _) => gate(BEST_SCALE, format!("{low} to {high}"), &m.totals.best_scale(), in_range),
        (false, _) => gate(SUM_RATIO, format!("{low} to {high}"), &m.totals.sum_ratio(), in_range),
    });
    let asked = format!("at least {} of the pixels {}", percent(gates.within), agreeing(m));
    list.push(gate(WITHIN, asked, &m.agreement.share, |share| share >= gates.within));
    if let Some(least) = gates.peaks {
        list.push(gate("peaks", format!("at least {least} matched"), &m.peaks.fraction, |f| f >= least));
    }
    list
}

/// What agreeing pixels are.
fn agreeing(m: &Metrics) -> String {
    let noise = if m.agreement.counts { " or three deviations of their counting noise" } else { "" };
    format!("within {}{noise}", percent(m.agreement.tolerance))
}

/// A share in percent, with as many digits as tell it from all and from none.
fn percent(share: f64) -> String {
    let digits = (0..6).find(|&d| {
        let text = format!("{:.d$}", share * 100.0);
        (share == 0.0 || share == 1.0) || (text.parse() != Ok(0.0) && text.parse() != Ok(100.0))
    });
    let text = format!("{:.*}", digits.unwrap_or(6).max(1), share * 100.0);
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}

fn gate(name: &str, asked: String, got: &Measured, holds: impl Fn(f64) -> bool) -> Gate {
    let outcome = match got.value() {
        Some(v) if holds(v) => Outcome::Pass,
        Some(_) => Outcome::Fail,
        None => Outcome::Undecided,
    };
    Gate { name: name.to_owned(), asked, got: got.value(), outcome }
}

fn is_all(m: &Metrics, i: usize) -> String {
    let side = ["A", "B"][i];
    match m.totals.range[i].0 == 0.0 {
        true => format!("every pixel of {side} is zero"),
        false => format!("every pixel of {side} is {}", m.totals.range[i].0),
    }
}

/// What is to be said of a constant image beside one that varies.
fn one_is_constant(m: &Metrics) -> Option<String> {
    match [0, 1].map(|i| m.totals.is_constant(i)) {
        [true, false] => Some(format!("{}, and those of B are not", is_all(m, 0))),
        [false, true] => Some(format!("{}, and those of A are not", is_all(m, 1))),
        _ => None,
    }
}

/// Why constant images that fail nothing decide nothing all the same.
fn constant(m: &Metrics) -> Option<String> {
    match [0, 1].map(|i| m.totals.is_constant(i)) {
        [true, true] => Some(format!("{} and {}: nothing can be told from them", is_all(m, 0), is_all(m, 1))),
        [true, _] => Some(format!("{}: nothing can be told from it", is_all(m, 0))),
        [_, true] => Some(format!("{}: nothing can be told from it", is_all(m, 1))),
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

fn gate_sentence(gate: &Gate, m: &Metrics) -> String {
    let got = gate.got.filter(|_| gate.name == WITHIN);
    let said = match (got, gate.got) {
        (Some(share), _) => {
            format!("{} of the pixels are {}, asked for {}", percent(share), agreeing(m), gate.asked)
        }
        (None, Some(v)) => format!("{} is {}, asked for {}", gate.name, figure(v), gate.asked),
        (None, None) => format!("{} is undefined, asked for {}", gate.name, gate.asked),
    };
    said + &carriers(m)
}

/// How many pixels carry nearly all of the variance, where that is few: then correlation and sums speak of them alone.
fn carriers(m: &Metrics) -> String {
    match m.agreement.carriers {
        None => String::new(),
        Some(1) => "; 1 pixel carries 99 % of the variance of A".to_owned(),
        Some(n) => format!("; {n} pixels carry 99 % of the variance of A"),
    }
}

fn pass_sentence(m: &Metrics, kinds: [Kind; 2], gates: &[Gate]) -> String {
    let pixels = m.totals.pixels;
    if m.byte_identical {
        return format!("all {pixels} pixels are the same bits");
    }
    if is_same(m) {
        let [a, b] = kinds;
        return format!("all {pixels} pixels are the same values, as {a} in A and {b} in B");
    }
    let got = |name: &str| gates.iter().find(|g| g.name == name).and_then(|g| g.got);
    let mut decided = Vec::new();
    decided.extend(got(MAX_ULP).map(|ulp| format!("at most {} ULP apart", figure(ulp))));
    decided.extend(got(CORRELATION).map(|c| format!("correlation {c:.6}")));
    decided.extend(got(SUM_RATIO).map(|r| format!("sum ratio {}", figure(r))));
    decided.extend(got(BEST_SCALE).map(|s| format!("best scale {} (the pixels of A cancel)", figure(s))));
    decided.extend(got(WITHIN).map(|share| format!("{} of the pixels {}", percent(share), agreeing(m))));
    decided.extend(got("peaks").map(|f| format!("{} of the peaks matched", percent(f))));
    format!("every gate holds over {pixels} pixels: {}{}", decided.join(", "), carriers(m))
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
    use crate::compare::metrics::Measure;
    use crate::compare::region::{Region, Roi};

    fn image() -> Raster<f32> {
        let data = (0..32 * 32_u16).map(|i| ((f32::from(i) * 0.3).sin() + 1.0) * 50.0).collect();
        Raster { fast: 32, slow: 32, data }
    }

    fn verdict_with(a: &Raster<f32>, b: &Raster<f32>, gates: &Gates) -> Verdict {
        let region = Region::new(a, b, Roi::whole(a.fast, a.slow), None);
        judge(&Metrics::of(&region, &Measure::default()), [Kind::Single; 2], gates)
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
    fn a_candidate_of_zeros_fails() {
        let zero = image().map(|_| 0.0);
        let v = verdict(&image(), &zero);
        assert_eq!(v.outcome, Outcome::Fail);
        assert_eq!(v.reason, "every pixel of B is zero, and those of A are not");
        let v = verdict(&image().map(|_| 3.0), &image());
        assert_eq!(
            (v.outcome, v.reason.as_str()),
            (Outcome::Fail, "every pixel of A is 3, and those of B are not")
        );
        assert_eq!(verdict(&zero, &zero.map(|_| 500.0)).outcome, Outcome::Fail);
    }

    #[test]
    fn equal_constants_decide_what_was_asked_for_and_nothing_else() {
        for level in [0.0, 3.0] {
            let flat = image().map(|_| level);
            assert_eq!(verdict(&flat, &flat).outcome, Outcome::Undecided);
            let exact = Gates { max_ulp: Some(0), ..Gates::default() };
            let v = verdict_with(&flat, &flat, &exact);
            assert_eq!((v.outcome, v.reason.as_str()), (Outcome::Pass, "all 1024 pixels are the same bits"));
            let above = flat.map(|p: &f32| p.next_up());
            assert_eq!(verdict_with(&flat, &above, &exact).outcome, Outcome::Fail);
        }
        let one = Raster { fast: 1, slow: 1, data: vec![7.5_f32] };
        assert_eq!(verdict(&one, &one).outcome, Outcome::Undecided);
        let exact = Gates { max_ulp: Some(0), ..Gates::default() };
        assert_eq!(verdict_with(&one, &one, &exact).outcome, Outcome::Pass);
    }

    #[test]
    fn one_bright_pixel_does_not_decide_for_all_others() {
        let noise = |seed: u32| {
            let hash = move |i: u32| (i.wrapping_mul(2_654_435_761) ^ seed).wrapping_mul(2_246_822_519) >> 8;
            let mut data: Vec<f32> = (0..4096_u32).map(|i| hash(i) as f32 / 16_777_216.0 * 1000.0).collect();
            data[0] = 1e8;
            Raster { fast: 64, slow: 64, data }
        };
        let (a, b) = (noise(1), noise(0x9e37_79b9));
        let v = verdict(&a, &b);
        assert_eq!(v.gates[1].outcome, Outcome::Pass, "the correlation sees the bright pixel alone");
        assert_eq!(v.outcome, Outcome::Fail);
        assert!(v.reason.contains("of the pixels are within 5 %"), "{}", v.reason);
        assert!(v.reason.ends_with("; 1 pixel carries 99 % of the variance of A"), "{}", v.reason);
        let nearly = a.map(|p| p * 1.000_001);
        let v = verdict(&a, &nearly);
        assert_eq!(v.outcome, Outcome::Pass);
        assert!(v.reason.contains("100 % of the pixels within 5 %; 1 pixel carries"), "{}", v.reason);
    }

    #[test]
    fn pixels_that_cancel_are_judged_by_their_scale() {
        let wave: Vec<f32> =
            (0..1024_u16).map(|i| (f32::from(i) * std::f32::consts::TAU / 64.0).sin()).collect();
        let a = Raster { fast: 32, slow: 32, data: wave };
        let v = verdict(&a, &a.map(|p| p.next_up()));
        assert_eq!(v.outcome, Outcome::Pass, "{}", v.reason);
        assert!(v.reason.contains("best scale 1 (the pixels of A cancel)"), "{}", v.reason);
        let v = verdict(&a, &a.map(|p| p * 1.04));
        assert_eq!((v.outcome, v.reason.split(' ').next()), (Outcome::Fail, Some("best_scale")));
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
