//! From numbers to a verdict: the gates, what each asked and got, and the sentence that says why.
//!
//! Not here: computing the numbers (`metrics`).

use trace_harness::evidence::verdict::Verdict;

use crate::compare::judgement::{
    BEST_SCALE, CORRELATION, Constants, FINITE, Gate, Judgement, MAX_ULP, SUM_RATIO, WITHIN, figure, gate,
    scale_gate, ulp_gate,
};
use crate::compare::metrics::{Measured, Metrics};
use crate::image::pixels::NumberKind;

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

/// Judges `metrics` by `gates`; `kinds` is what the files hold.
///
/// What fails a gate fails, however little the images can tell. Images that cannot tell whether they agree (a constant one has
/// no correlation) pass only where a distance was asked for that they keep.
pub(crate) fn judge(metrics: &Metrics, kinds: [NumberKind; 2], gates: &Gates) -> Judgement {
    let list = all_gates(metrics, kinds, gates);
    let constants = constants(metrics);
    let undecided = constants.undecided("nothing can be told from it", "nothing can be told from them");
    let failed = |name: &str| list.iter().any(|g| g.name == name && g.outcome == Verdict::Fail);
    let asked_for = list.iter().any(|g| g.name == MAX_ULP && g.outcome == Verdict::Pass);
    let fails = list.iter().find(|g| g.outcome == Verdict::Fail);
    let (verdict, reason) = if failed(FINITE) {
        (Verdict::Fail, non_finite_sentence(metrics))
    } else if metrics.totals.pixels == 0 {
        (Verdict::Undecided, "nothing was compared: no pixel is left".to_owned())
    } else if let (Some(_), Some(sentence)) = (fails, constants.beside_varying()) {
        (Verdict::Fail, sentence)
    } else if is_same(metrics) && undecided.is_none() {
        // Whatever becomes of the metrics of extreme numbers.
        (Verdict::Pass, pass_sentence(metrics, kinds, &list))
    } else if failed(SUM_RATIO) {
        (Verdict::Fail, scale_sentence(metrics, gates))
    } else if let Some(gate) = fails {
        (Verdict::Fail, gate_sentence(gate, metrics))
    } else if let (false, Some(why)) = (asked_for, undecided) {
        (Verdict::Undecided, why)
    } else if let Some(gate) = list
        .iter()
        .find(|g| g.outcome == Verdict::Undecided && ![CORRELATION, WITHIN].contains(&g.name.as_str()))
    {
        (Verdict::Undecided, gate_sentence(gate, metrics))
    } else if let (false, Some(gate)) = (asked_for, list.iter().find(|g| g.outcome == Verdict::Undecided)) {
        (Verdict::Undecided, gate_sentence(gate, metrics))
    } else {
        (Verdict::Pass, pass_sentence(metrics, kinds, &list))
    };
    Judgement { verdict, reason, gates: list }
}

/// Whether every pixel is the same number on both sides.
fn is_same(metrics: &Metrics) -> bool {
    metrics.ulp.same_bits == metrics.totals.pixels
}

fn all_gates(m: &Metrics, kinds: [NumberKind; 2], gates: &Gates) -> Vec<Gate> {
    let bad = m.non_finite[0] + m.non_finite[1];
    let mut list = vec![
        gate(FINITE, "0 NaN or infinite pixels".into(), &Measured::Value(bad as f64), |n| n == 0.0),
        gate(CORRELATION, format!("at least {}", gates.correlation), &m.correlation, |c| {
            c >= gates.correlation
        }),
    ];
    if let Some(limit) = gates.max_ulp {
        let got =
            m.ulp.max.map_or(Measured::undefined("no pixel was compared"), |u| Measured::Value(u as f64));
        let octave = if kinds.contains(&NumberKind::Double) { 1 << 52 } else { 1 << 23 };
        let largest = m.ulp.max.unwrap_or_default();
        list.push(ulp_gate(format!("at most {limit}"), &got, (limit, largest), Some(octave)));
    }
    let scale = m.totals.cancels().then(|| match m.ulp.max {
        Some(0) => Measured::Value(1.0),
        _ => m.totals.best_scale(),
    });
    list.push(scale_gate(gates.sum_ratio, scale, || m.totals.sum_ratio()));
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

/// A share in percent, with as many digits as distinguish it from all and from none.
fn percent(share: f64) -> String {
    let digits = (0..6).find(|&d| {
        let text = format!("{:.d$}", share * 100.0);
        (share == 0.0 || share == 1.0) || (text.parse() != Ok(0.0) && text.parse() != Ok(100.0))
    });
    let text = format!("{:.*}", digits.unwrap_or(6).max(1), share * 100.0);
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}

/// For each side whether every pixel has one value, in words.
fn constants(m: &Metrics) -> Constants {
    let is_all = |side: usize| {
        let name = ["A", "B"][side];
        match m.totals.range[side].0 {
            0.0 => format!("every pixel of {name} is zero"),
            value => format!("every pixel of {name} is {value}"),
        }
    };
    Constants { sides: [0, 1].map(|side| m.totals.is_constant(side).then(|| is_all(side))) }
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

fn pass_sentence(m: &Metrics, kinds: [NumberKind; 2], gates: &[Gate]) -> String {
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

    fn verdict_with(a: &Raster<f32>, b: &Raster<f32>, gates: &Gates) -> Judgement {
        let region = Region::new(a, b, Roi::whole(a.fast, a.slow), None);
        judge(&Metrics::of(&region, &Measure::default()), [NumberKind::Single; 2], gates)
    }

    fn verdict(a: &Raster<f32>, b: &Raster<f32>) -> Judgement {
        verdict_with(a, b, &Gates::default())
    }

    #[test]
    fn an_image_passes_against_itself() {
        let v = verdict(&image(), &image());
        assert_eq!((v.verdict, v.reason.as_str()), (Verdict::Pass, "all 1024 pixels are the same bits"));
    }

    #[test]
    fn a_factor_fails_however_well_it_correlates() {
        let v = verdict(&image(), &image().map(|p| p * 126_451.0));
        assert_eq!(v.verdict, Verdict::Fail);
        assert_eq!(
            v.reason,
            "the sum of B is 126,451 times that of A, outside 0.98 to 1.02; the correlation of 1.000000 does not excuse it, \
             for correlation is blind to scale"
        );
        assert_eq!(v.gates[1].outcome, Verdict::Pass);
        assert_eq!(verdict(&image(), &image().map(|p| p * 2.0)).verdict, Verdict::Fail);
    }

    #[test]
    fn a_candidate_of_zeros_fails() {
        let zero = image().map(|_| 0.0);
        let v = verdict(&image(), &zero);
        assert_eq!(v.verdict, Verdict::Fail);
        assert_eq!(v.reason, "every pixel of B is zero, and those of A are not");
        let v = verdict(&image().map(|_| 3.0), &image());
        assert_eq!(
            (v.verdict, v.reason.as_str()),
            (Verdict::Fail, "every pixel of A is 3, and those of B are not")
        );
        assert_eq!(verdict(&zero, &zero.map(|_| 500.0)).verdict, Verdict::Fail);
    }

    #[test]
    fn equal_constants_decide_what_was_asked_for_and_nothing_else() {
        for level in [0.0, 3.0] {
            let flat = image().map(|_| level);
            assert_eq!(verdict(&flat, &flat).verdict, Verdict::Undecided);
            let exact = Gates { max_ulp: Some(0), ..Gates::default() };
            let v = verdict_with(&flat, &flat, &exact);
            assert_eq!((v.verdict, v.reason.as_str()), (Verdict::Pass, "all 1024 pixels are the same bits"));
            let above = flat.map(|p: &f32| p.next_up());
            assert_eq!(verdict_with(&flat, &above, &exact).verdict, Verdict::Fail);
        }
        let one = Raster { fast: 1, slow: 1, data: vec![7.5_f32] };
        assert_eq!(verdict(&one, &one).verdict, Verdict::Undecided);
        let exact = Gates { max_ulp: Some(0), ..Gates::default() };
        assert_eq!(verdict_with(&one, &one, &exact).verdict, Verdict::Pass);
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
        assert_eq!(v.gates[1].outcome, Verdict::Pass, "the correlation sees the bright pixel alone");
        assert_eq!(v.verdict, Verdict::Fail);
        assert!(v.reason.contains("of the pixels are within 5 %"), "{}", v.reason);
        assert!(v.reason.ends_with("; 1 pixel carries 99 % of the variance of A"), "{}", v.reason);
        let nearly = a.map(|p| p * 1.000_001);
        let v = verdict(&a, &nearly);
        assert_eq!(v.verdict, Verdict::Pass);
        assert!(v.reason.contains("100 % of the pixels within 5 %; 1 pixel carries"), "{}", v.reason);
    }

    #[test]
    fn pixels_that_cancel_are_judged_by_their_scale() {
        let wave: Vec<f32> =
            (0..1024_u16).map(|i| (f32::from(i) * std::f32::consts::TAU / 64.0).sin()).collect();
        let a = Raster { fast: 32, slow: 32, data: wave };
        let v = verdict(&a, &a.map(|p| p.next_up()));
        assert_eq!(v.verdict, Verdict::Pass, "{}", v.reason);
        assert!(v.reason.contains("best scale 1 (the pixels of A cancel)"), "{}", v.reason);
        let v = verdict(&a, &a.map(|p| p * 1.04));
        assert_eq!((v.verdict, v.reason.split(' ').next()), (Verdict::Fail, Some("best_scale")));
    }

    #[test]
    fn a_shifted_or_negated_image_fails() {
        let mut shifted = image();
        shifted.data.rotate_right(3);
        assert_eq!(verdict(&image(), &shifted).reason.split(' ').next(), Some("correlation"));
        assert_eq!(verdict(&image(), &image().map(|p| -p)).verdict, Verdict::Fail);
    }

    #[test]
    fn pixels_that_are_not_finite_fail_also_when_both_sides_have_them() {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let mut a = image();
            a.data[5] = bad;
            let v = verdict(&a, &a);
            assert_eq!(v.verdict, Verdict::Fail);
            assert_eq!(v.reason, "1 pixels of A and 1 of B are NaN or infinite");
        }
        assert_eq!(verdict(&image().map(|_| f32::NAN), &image()).verdict, Verdict::Fail);
    }

    #[test]
    fn asked_for_gates_count() {
        let mut b = image();
        b.data[7] = b.data[7].next_up();
        let with = |max_ulp| verdict_with(&image(), &b, &Gates { max_ulp, ..Gates::default() });
        assert_eq!(with(None).verdict, Verdict::Pass);
        assert_eq!(with(Some(1)).verdict, Verdict::Pass);
        assert_eq!(with(Some(0)).reason, "max_ulp is 1, asked for at most 0");
    }

    #[test]
    fn figures_are_short_and_recognisable() {
        let shown = [1.0, 126_451.2, -1234.0, 0.9966, 1e-9, 0.0, 1e20].map(figure);
        assert_eq!(shown, ["1", "126,451", "-1,234", "0.9966", "1.00000e-9", "0", "1.00000e20"]);
    }
}
