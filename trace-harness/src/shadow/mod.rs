//! Is a stage wrong by itself, or was it wrong before? A port's trace beside one that was made with the reference's values in place of
//! its own.
//!
//! In a replay every call gives back the reference's value, and the trace has the program's own. So each stage of that trace was computed
//! from the reference's inputs: what still differs is wrong here. Not here: running the port (`commands::traces::shadow`).

pub mod recorded;
pub mod report;

use serde::Serialize;

use crate::evidence::verdict::Verdict;
use crate::evidence::wording::counted;
use crate::numbers::is_unprintable;
use crate::shadow::recorded::{Content, Recorded, RecordedValue};
use crate::trace::array;
use crate::ulp;

/// The three traces, and one with the findings replaced.
#[derive(Debug)]
pub struct Traces {
    /// Of the reference.
    pub reference: Recorded,
    /// Of the port alone.
    pub own: Recorded,
    /// Of the port with the reference's values.
    pub replayed: Recorded,
    /// Of the port with the reference's values of some keys only.
    pub cured: Option<Recorded>,
}

/// What a stage is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// It differs although its inputs are the reference's.
    WrongHere,
    /// It differs, and no longer does with the reference's inputs.
    Inherited,
    /// It agrees.
    Right,
    /// The port does not say it, or cannot be replayed.
    NotCompared,
}

impl Stage {
    /// In words.
    pub const fn to_text(self) -> &'static str {
        match self {
            Self::WrongHere => "wrong here",
            Self::Inherited => "inherited",
            Self::Right => "right",
            Self::NotCompared => "not compared",
        }
    }
}

/// The largest difference of a key.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Error {
    /// Relative to the largest number of the vector or array; infinite where one side alone has a NaN, or the lengths differ.
    pub relative: f64,
    /// 64-bit floats between the two, at the element that is farthest apart.
    pub ulp: u64,
    /// The record of the worst.
    pub place: String,
    /// The reference's number and the port's.
    pub values: [f64; 2],
    /// The reference's words and the port's where these differ: those around the numbers, or shapes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub words: Option<[String; 2]>,
}

/// One key.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StageRow {
    /// The key.
    pub key: String,
    /// How many of the reference's values the port has with the reference's inputs.
    pub compared: usize,
    /// How many it has not.
    pub missing: usize,
    /// How many of the reference's values it has not with its own inputs.
    pub own_missing: usize,
    /// How many values are stars instead of numbers on a side, so that nothing is known of them.
    pub stars: usize,
    /// With the reference's inputs.
    pub local: Error,
    /// With its own.
    pub own: Error,
    /// What follows.
    pub stage: Stage,
}

/// What came out.
#[derive(Debug, Clone, Serialize)]
pub struct ShadowFinding {
    /// The keys in the order of the schema, or of the reference.
    pub rows: Vec<StageRow>,
    /// Keys of which the port says values that the reference does not, in a run of its own or a replay.
    pub excess: Vec<String>,
    /// Keys whose replay alone makes the results agree.
    pub cure: Option<Vec<String>>,
    /// The relative tolerance.
    pub rtol: f64,
    /// What it comes to.
    pub verdict: Verdict,
    /// Why, in one sentence.
    pub reason: String,
}

impl ShadowFinding {
    /// The keys of a stage.
    pub fn keys(&self, stage: Stage) -> Vec<&str> {
        self.rows.iter().filter(|row| row.stage == stage).map(|row| row.key.as_str()).collect()
    }
}

/// Compares them; `order` are the keys in the order of computation, where somebody says it.
pub fn shadow(traces: &Traces, order: &[String], results: &[String], rtol: f64) -> ShadowFinding {
    let mut keys = traces.reference.keys();
    let rank = |key: &str| order.iter().position(|known| known == key).unwrap_or(order.len());
    keys.sort_by_key(|key| rank(key));
    let mut rows: Vec<StageRow> = Vec::new();
    for key in keys {
        let of = |trace| errors(&traces.reference, trace, key);
        let [local, own] = [of(&traces.replayed), of(&traces.own)];
        let (compared, missing, own_missing) = (local.compared, local.missing, own.missing);
        let stars = local.stars.max(own.stars);
        let stage = match () {
            () if compared == 0 || missing > 0 => Stage::NotCompared,
            () if local.worst.relative > rtol => Stage::WrongHere,
            () if own.worst.relative > rtol => Stage::Inherited,
            () if own_missing > 0 || stars > 0 => Stage::NotCompared,
            () => Stage::Right,
        };
        let (local, own) = (local.worst, own.worst);
        let key = key.to_owned();
        rows.push(StageRow { key, compared, missing, own_missing, stars, local, own, stage });
    }
    let excess = excess(traces);
    let cure = traces.cured.as_ref().filter(|cured| cures(&traces.reference, cured, results, rtol));
    let cure = cure.map(|cured| cured.replayed.clone());
    let (verdict, reason) = judged(&rows, &excess, &traces.replayed, cure.as_deref());
    ShadowFinding { rows, excess, cure, rtol, verdict, reason }
}

/// The keys of values that the port says and the reference does not, each once.
fn excess(traces: &Traces) -> Vec<String> {
    let reported = traces.own.entries.iter().chain(&traces.replayed.entries);
    let mut keys: Vec<String> = Vec::new();
    for entry in reported.filter(|entry| traces.reference.find(entry).is_none()) {
        if !keys.iter().any(|known| known == entry.key()) {
            keys.push(entry.key().to_owned());
        }
    }
    keys
}

/// The keys that the port is run for: those that the schema calls results, or the last one.
pub fn results(reference: &Recorded, named: Vec<String>) -> Vec<String> {
    match named.is_empty() {
        true => reference.keys().last().map(|key| (*key).to_owned()).into_iter().collect(),
        false => named,
    }
}

/// Whether every result of `cured` is the reference's, or was replaced by it.
pub fn cures(reference: &Recorded, cured: &Recorded, results: &[String], rtol: f64) -> bool {
    let agrees = |key: &String| {
        let KeyErrors { compared, missing, stars, worst } = errors(reference, cured, key);
        let known = compared > 0 && missing == 0 && stars == 0;
        cured.replayed.contains(key) || (known && worst.relative <= rtol)
    };
    !results.is_empty() && results.iter().all(agrees)
}

fn judged(
    rows: &[StageRow],
    excess: &[String],
    replayed: &Recorded,
    cure: Option<&[String]>,
) -> (Verdict, String) {
    let of = |stage: Stage| -> Vec<&str> {
        rows.iter().filter(|row| row.stage == stage).map(|row| row.key.as_str()).collect()
    };
    let [wrong, inherited, absent] = [Stage::WrongHere, Stage::Inherited, Stage::NotCompared].map(of);
    if replayed.replayed.is_empty() {
        let reason = "nothing was replayed: the port does not ask for the reference's values, or in no record of its name";
        return (Verdict::Undecided, reason.to_owned());
    }
    let mut reason = match (wrong.is_empty(), inherited.is_empty()) {
        (false, true) => format!("wrong here: {}", wrong.join(", ")),
        (false, false) => {
            format!("wrong here: {}; {} inherited", wrong.join(", "), counted(inherited.len(), "key"))
        }
        (true, false) => format!(
            "no stage is wrong by itself, and {} differ: something that is not in the trace carries it on",
            inherited.join(", ")
        ),
        (true, true) => format!("{} agree", counted(rows.len() - absent.len(), "key")),
    };
    if let Some(cure) = cure.filter(|cure| !cure.is_empty()) {
        reason += &format!("; with the reference's {} the results agree", cure.join(", "));
    }
    let that = |is: fn(&StageRow) -> bool| -> Vec<&str> {
        rows.iter().filter(|row| is(row)).map(|row| row.key.as_str()).collect()
    };
    let extra: Vec<&str> = excess.iter().map(String::as_str).collect();
    for (keys, what) in [
        (that(|row| row.missing > 0 || row.compared + row.stars == 0), "not in every record of the port"),
        (that(|row| row.own_missing > 0), "not in every record of the port with its own values"),
        (that(|row| row.stars > 0), "stars instead of numbers, so that nothing is known of them"),
        (extra, "in the port alone"),
    ] {
        if !keys.is_empty() {
            reason += &format!("; {what}: {}", keys.join(", "));
        }
    }
    let whole = absent.is_empty() && excess.is_empty() && rows.iter().all(|row| row.own_missing == 0);
    let verdict = match (wrong.is_empty() && inherited.is_empty(), whole) {
        (false, _) => Verdict::Fail,
        (true, false) => Verdict::Undecided,
        (true, true) => Verdict::Pass,
    };
    (verdict, reason)
}

/// What the values of a key come to in two traces.
#[derive(Default)]
struct KeyErrors {
    /// How many both have.
    compared: usize,
    /// How many the other lacks.
    missing: usize,
    /// How many are stars on a side.
    stars: usize,
    /// The largest difference.
    worst: Error,
}

fn errors(reference: &Recorded, other: &Recorded, key: &str) -> KeyErrors {
    let mut all = KeyErrors::default();
    for entry in reference.entries.iter().filter(|entry| entry.key() == key) {
        let found = other.find(entry).and_then(|own| error(reference, entry, other, own));
        let Some((error, stars)) = found else {
            all.missing += 1;
            continue;
        };
        all.compared += 1;
        all.stars += usize::from(stars);
        if error.relative > all.worst.relative || all.compared == 1 {
            all.worst = error;
        }
    }
    all
}

/// The difference of two values, and whether one of them has stars; `None` where the file of an array cannot be read.
fn error(
    reference: &Recorded,
    a: &RecordedValue,
    other: &Recorded,
    b: &RecordedValue,
) -> Option<(Error, bool)> {
    let (a_numbers, b_numbers) = (reference.numbers(a).ok()?, other.numbers(b).ok()?);
    let place = a.place();
    let words = [a, b].map(|entry| match &entry.content {
        Content::Numbers(_, words) => words.clone(),
        Content::Array(_, shape) => array::shape_text(shape),
    });
    if a_numbers.len() != b_numbers.len() || words[0] != words[1] {
        let values = [a_numbers.len() as f64, b_numbers.len() as f64];
        let words = (words[0] != words[1]).then_some(words);
        return Some((Error { relative: f64::INFINITY, ulp: u64::MAX, place, values, words }, false));
    }
    let size = a_numbers.iter().chain(b_numbers.iter()).filter(|x| x.is_finite()).map(|x| x.abs());
    let size = size.fold(0.0, f64::max);
    let mut worst = Error { place, ..Error::default() };
    let mut stars = false;
    for (a, b) in a_numbers.iter().zip(b_numbers.iter()) {
        if is_unprintable(*a) || is_unprintable(*b) {
            stars = true;
            continue;
        }
        let relative = match a == b || (a.is_nan() && b.is_nan()) {
            true => 0.0,
            false if a.is_finite() && b.is_finite() => (a - b).abs() / size,
            false => f64::INFINITY,
        };
        worst.ulp = worst.ulp.max(ulp(*a, *b));
        if relative > worst.relative {
            (worst.relative, worst.values) = (relative, [*a, *b]);
        }
    }
    Some((worst, stars))
}

/// How many floats lie between two; none between NaN and NaN.
fn ulp(a: f64, b: f64) -> u64 {
    if a.is_nan() && b.is_nan() { 0 } else { ulp::distance_f64(a, b) }
}
