//! From numbers of two arrays to a verdict: the gates, what each asked and got, and the sentence that says why.
//!
//! Gates have the names of those of images (`compare::verdict`) and the same rules: a candidate of zeros fails, and what cannot tell
//! whether two arrays agree passes only where a distance was asked for that they keep. Not here: computing the numbers (`measure`).

use serde::{Deserialize, Serialize};
use trace_harness::evidence::verdict::Verdict;

use crate::array::measure::{ArrayMetrics, Tolerance};
use crate::compare::judgement::{
    BEST_SCALE, CORRELATION, Constants, FINITE, Gate, Judgement, MAX_ULP, SUM_RATIO, WITHIN, figure, gate,
    scale_gate, ulp_gate,
};
use crate::compare::metrics::{Measured, agreement};
use crate::compare::recorded::SettingsFault;

/// What becomes of elements that are NaN or infinite.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum NonFinite {
    /// They have to be the same on both sides
    #[default]
    Equal,
    /// There must not be any
    Fail,
    /// NaN on either side leaves a pair out; infinities have to be the same
    Missing,
}

/// What has to hold for a pass.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ArrayGates {
    /// Least Pearson correlation.
    pub correlation: f64,
    /// Least and largest ratio of the sums, B over A.
    pub sum_ratio: [f64; 2],
    /// Largest difference of elements that agree, as a part of the larger one; as for images where it is not stated.
    pub rtol: Option<f64>,
    /// Largest difference of elements that agree, beside that; 0 where it is not stated.
    pub atol: Option<f64>,
    /// Least share of elements that agree; all of them where a tolerance is stated and this is not, otherwise as for images.
    pub within: Option<f64>,
    /// Largest distance of any element in units of the last place, where asked.
    pub max_ulp: Option<u64>,
    /// What becomes of NaN and infinite elements.
    pub nan: NonFinite,
}

impl Default for ArrayGates {
    fn default() -> Self {
        let images = crate::compare::verdict::Gates::default();
        Self {
            correlation: images.correlation,
            sum_ratio: images.sum_ratio.into(),
            rtol: None,
            atol: None,
            within: None,
            max_ulp: None,
            nan: NonFinite::default(),
        }
    }
}

impl ArrayGates {
    /// How far elements may be apart to agree; `is_text` says whether a side was printed. Of printed numbers nothing is allowed but what is
    /// stated, be it as units in the last place.
    pub fn tolerance(&self, is_text: bool) -> Tolerance {
        let usual = if self.is_stated(is_text) { 0.0 } else { agreement::TOLERANCE };
        let alone = is_text && self.rtol.is_none() && self.atol.is_none();
        Tolerance {
            relative: self.rtol.unwrap_or(usual),
            absolute: self.atol.unwrap_or(0.0),
            ulp: self.max_ulp.filter(|_| alone),
            is_decimal: is_text,
        }
    }

    /// Least share of elements that agree; `is_text` as for [`ArrayGates::tolerance`].
    pub fn share(&self, is_text: bool) -> f64 {
        let images = crate::compare::verdict::Gates::default().within;
        self.within.unwrap_or(if self.is_stated(is_text) { 1.0 } else { images })
    }

    /// Whether every element has to agree: a printed number that differs is another one.
    fn is_stated(&self, is_text: bool) -> bool {
        is_text || self.rtol.is_some() || self.atol.is_some()
    }

    /// Refuses what no comparison can ask: gates may come from somebody else's file.
    ///
    /// # Errors
    /// A number is out of its range.
    pub fn check(&self) -> Result<(), SettingsFault> {
        let share = |value: f64| (0.0..=1.0).contains(&value);
        let [low, high] = self.sum_ratio;
        let ranges = [
            ("correlation", share(self.correlation)),
            ("sum_ratio", low > 0.0 && low <= high && high.is_finite()),
            // A part that is the whole makes zeros of everything.
            ("rtol", self.rtol.is_none_or(|rtol| share(rtol) && rtol < 1.0)),
            ("atol", self.atol.is_none_or(|atol| atol >= 0.0 && atol.is_finite())),
            ("within", self.within.is_none_or(share)),
        ];
        match ranges.iter().find(|(_, holds)| !holds) {
            Some((name, _)) => Err(SettingsFault::Range(name)),
            None => Ok(()),
        }
    }

    /// What is asked less strictly than where nothing is named, in words; of numbers that were printed, that is equality.
    pub fn looser(&self, is_text: bool) -> Vec<String> {
        let usual = Self::default();
        let ulp = self.max_ulp.filter(|limit| *limit > 0);
        let far = if is_text { "agreement" } else { "constant arrays" };
        let ([low, high], Tolerance { relative, absolute, .. }) = (self.sum_ratio, self.tolerance(is_text));
        let loose = [
            (self.correlation < usual.correlation, format!("a correlation of {}", self.correlation)),
            (
                low < usual.sum_ratio[0] || high > usual.sum_ratio[1],
                format!("a ratio of sums from {low} to {high}"),
            ),
            (
                self.share(is_text) < usual.share(is_text),
                format!("a share of {} of agreeing elements", self.share(is_text)),
            ),
            (relative > usual.tolerance(is_text).relative, format!("agreement within {relative}")),
            (absolute > 0.0, format!("agreement within {absolute} of any size")),
            (ulp.is_some(), format!("{far} within {} ULP", ulp.unwrap_or_default())),
            (self.nan == NonFinite::Missing, "elements left out where a side is NaN".to_owned()),
        ];
        loose.into_iter().filter(|(is, _)| *is).map(|(_, what)| what).collect()
    }
}

/// What constant arrays say.
const NOTHING_TOLD: &str = "nothing can be told from them unless a tolerance is stated";

/// Judges `metrics` by `gates`; `is_text` as for [`ArrayGates::tolerance`].
pub(super) fn judge(metrics: &ArrayMetrics, gates: &ArrayGates, is_text: bool) -> Judgement {
    let list = all_gates(metrics, gates, is_text);
    let constants = constants(metrics);
    let nothing = constants.undecided(NOTHING_TOLD, NOTHING_TOLD);
    let outcome_of = |name: &str| list.iter().find(|gate| gate.name == name).map(|gate| gate.outcome);
    let is_kept = |name: &str| outcome_of(name) == Some(Verdict::Pass);
    let is_within = gates.is_stated(is_text)
        && !list.iter().any(|gate| gate.name == MAX_ULP && is_text && gate.outcome == Verdict::Undecided)
        && metrics.pairs.compared > 0
        && metrics.pairs.within == metrics.pairs.nonzero
        && gates.share(is_text) == 1.0;
    let asked_for = is_kept(MAX_ULP) || is_within;
    let fails = list.iter().find(|gate| gate.outcome == Verdict::Fail);
    let undecided = list.iter().find(|gate| gate.outcome == Verdict::Undecided);
    let (verdict, reason) = if outcome_of(FINITE) == Some(Verdict::Fail) {
        (Verdict::Fail, non_finite_sentence(metrics, gates))
    } else if metrics.pairs.compared == 0 {
        (Verdict::Undecided, nothing_sentence(metrics))
    } else if let (Some(_), Some(sentence)) = (fails, constants.beside_varying()) {
        (Verdict::Fail, sentence)
    } else if metrics.pairs.differing() == 0 && nothing.is_none() {
        // Whatever becomes of the metrics of extreme numbers.
        (Verdict::Pass, pass_sentence(metrics, &list, (gates, is_text)))
    } else if let Some(gate) = fails {
        (Verdict::Fail, gate_sentence(gate, metrics, gates, is_text))
    } else if let (false, Some(why)) = (asked_for, nothing) {
        (Verdict::Undecided, why)
    } else if let (false, Some(gate)) = (asked_for, undecided) {
        (Verdict::Undecided, gate_sentence(gate, metrics, gates, is_text))
    } else {
        (Verdict::Pass, pass_sentence(metrics, &list, (gates, is_text)))
    };
    Judgement { verdict, reason, gates: list }
}

fn all_gates(m: &ArrayMetrics, gates: &ArrayGates, is_text: bool) -> Vec<Gate> {
    let [low, high] = gates.sum_ratio;
    let (asked, bad) = match gates.nan {
        NonFinite::Equal => ("0 elements NaN or infinite on one side only", m.pairs.unlike),
        NonFinite::Fail => ("0 NaN or infinite elements", m.pairs.non_finite[0] + m.pairs.non_finite[1]),
        NonFinite::Missing => ("0 elements infinite on one side only", m.pairs.unlike_infinite),
    };
    let constant = [0, 1].map(|side| m.pairs.is_constant(side));
    let mut list = vec![
        gate(FINITE, asked.to_owned(), &Measured::Value(bad as f64), |n| n == 0.0),
        gate(CORRELATION, format!("at least {}", gates.correlation), &m.sums.correlation(constant), |c| {
            c >= gates.correlation
        }),
    ];
    if let Some(limit) = gates.max_ulp {
        let got = match m.pairs.compared {
            0 => Measured::undefined("no element was compared"),
            _ => Measured::Value(m.pairs.max_ulp.0 as f64),
        };
        let asked = format!("at most {limit} of {}", m.unit.name());
        list.push(ulp_gate(asked, &got, (limit, m.pairs.max_ulp.0), m.unit.octave()));
    }
    let scale = m.sums.cancels().then(|| match m.pairs.differing() {
        0 if m.pairs.compared > 0 => Measured::Value(1.0),
        _ => m.sums.best_scale(),
    });
    list.push(scale_gate((low, high), scale, || m.sums.ratio()));
    let asked =
        format!("at least {} of the elements {}", percent(gates.share(is_text)), agreeing(gates, is_text));
    list.push(gate(WITHIN, asked, &m.share(), |share| share >= gates.share(is_text)));
    list
}

/// What agreeing elements are.
fn agreeing(gates: &ArrayGates, is_text: bool) -> String {
    let Tolerance { relative, absolute, ulp, .. } = gates.tolerance(is_text);
    if let Some(ulp) = ulp.filter(|limit| *limit > 0) {
        return format!("within {ulp} ULP");
    }
    match (relative == 0.0, absolute == 0.0) {
        (true, true) => "equal".to_owned(),
        (false, true) => format!("within rtol {}", short(relative)),
        (true, false) => format!("within atol {}", short(absolute)),
        (false, false) => format!("within rtol {} and atol {}", short(relative), short(absolute)),
    }
}

/// A tolerance in the fewest digits that are it.
fn short(tolerance: f64) -> String {
    if tolerance == 0.0 || (1e-3..1e6).contains(&tolerance) {
        tolerance.to_string()
    } else {
        format!("{tolerance:e}")
    }
}

/// A share in percent, with as many digits as distinguish it from all.
fn percent(share: f64) -> String {
    let digits =
        (1..12).find(|&digits| share == 1.0 || format!("{:.digits$}", share * 100.0).parse() != Ok(100.0));
    let text = format!("{:.*}", digits.unwrap_or(12), share * 100.0);
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}

/// An element by its place: `[1, 2]`.
fn element(m: &ArrayMetrics, index: usize) -> String {
    let place: Vec<String> = m.place(index).iter().map(usize::to_string).collect();
    format!("[{}]", place.join(", "))
}

/// For each side whether every element has one value, in words.
fn constants(m: &ArrayMetrics) -> Constants {
    Constants { sides: [0, 1].map(|side| m.pairs.is_constant(side).then(|| is_all(m, side))) }
}

fn is_all(m: &ArrayMetrics, side: usize) -> String {
    let name = ["A", "B"][side];
    let [real, imaginary] = m.pairs.range[side];
    let real = real.map_or(0.0, |(low, _)| low);
    match imaginary.map(|(low, _)| low) {
        None | Some(0.0) if real == 0.0 => format!("every element of {name} is zero"),
        None => format!("every element of {name} is {real}"),
        Some(imaginary) => format!("every element of {name} is {real}{imaginary:+}i"),
    }
}

fn nothing_sentence(m: &ArrayMetrics) -> String {
    match m.elements {
        0 => "nothing was compared: the arrays have no elements".to_owned(),
        n => format!("nothing was compared: none of the {n} elements is finite on both sides"),
    }
}

fn non_finite_sentence(m: &ArrayMetrics, gates: &ArrayGates) -> String {
    let [a, b] = m.pairs.non_finite;
    let counts = format!("{a} elements of A and {b} of B are NaN or infinite");
    match (gates.nan, m.pairs.first_unlike) {
        (NonFinite::Fail, _) | (_, None) => counts,
        (_, Some(first)) => {
            let unlike = m.pairs.unlike;
            format!(
                "{counts}; {unlike} of them are not the same on the other side, the first at {}",
                element(m, first)
            )
        }
    }
}

fn gate_sentence(gate: &Gate, m: &ArrayMetrics, gates: &ArrayGates, is_text: bool) -> String {
    let worst = match gate.name.as_str() {
        MAX_ULP => format!(", at {}", element(m, m.pairs.max_ulp.1)),
        WITHIN => {
            let (difference, index) = m.pairs.max_abs;
            format!("; the largest difference is {} at {}", figure(difference), element(m, index))
        }
        _ => String::new(),
    };
    match gate.got {
        Some(share) if gate.name == WITHIN => {
            format!(
                "{} of the elements are {}, asked for {}{worst}",
                percent(share),
                agreeing(gates, is_text),
                gate.asked
            )
        }
        Some(ratio) if gate.name == SUM_RATIO => {
            let [low, high] = gates.sum_ratio;
            format!("the sum of B is {} times that of A, outside {low} to {high}", figure(ratio))
        }
        Some(value) => format!("{} is {}, asked for {}{worst}", gate.name, figure(value), gate.asked),
        None => format!("{} is undefined, asked for {}", gate.name, gate.asked),
    }
}

fn pass_sentence(m: &ArrayMetrics, list: &[Gate], (gates, is_text): (&ArrayGates, bool)) -> String {
    let n = m.pairs.compared;
    let odd = match m.pairs.non_finite {
        [0, 0] => String::new(),
        [a, b] => format!(" ({a} of A and {b} of B are NaN or infinite)"),
    };
    if m.byte_identical {
        return format!("all {} elements are the same bits{odd}", m.elements);
    }
    if m.pairs.differing() == 0 {
        return format!("all {n} elements are equal{odd}");
    }
    let got = |name: &str| list.iter().find(|gate| gate.name == name).and_then(|gate| gate.got);
    let mut decided = Vec::new();
    decided.extend(got(MAX_ULP).map(|ulp| format!("at most {} ULP of {} apart", figure(ulp), m.unit.name())));
    decided.extend(
        got(WITHIN).map(|share| format!("{} of the elements {}", percent(share), agreeing(gates, is_text))),
    );
    decided.extend(got(CORRELATION).map(|c| format!("correlation {c:.6}")));
    decided.extend(got(SUM_RATIO).map(|ratio| format!("sum ratio {}", figure(ratio))));
    decided.extend(got(BEST_SCALE).map(|scale| format!("best scale {}", figure(scale))));
    format!("every gate holds over {n} elements{odd}: {}", decided.join(", "))
}
