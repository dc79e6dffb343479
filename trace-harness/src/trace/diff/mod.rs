//! Comparing two traces: what differs first, why, and what of it reaches the result.
//!
//! Not here: reading traces (`trace::log`), the graph (`root_cause`), words for differences (`signature`).

pub mod allowed;
pub mod compare;
pub mod noise;
pub mod order;
pub mod page;
mod pair;
mod records;
pub mod report;
mod segment;
mod tally;
pub mod tolerance;
mod turned;
pub mod unified;
pub mod wording;

use nanobragg::Pixel;
use serde::Serialize;

use crate::evidence::exit::Exit;
use crate::evidence::verdict::Verdict;
use crate::trace::cause::attribution::Attribution;
use crate::trace::log::PrecisionFacts;
use tolerance::{Distance, NoiseDistance};

pub use records::arrays::files as array_files;

/// Where in a trace something stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TracePlace {
    /// The pixel; absent for the set-up and where the trace does not say.
    #[serde(serialize_with = "crate::pixel_pair::serialize")]
    pub pixel: Option<Pixel>,
    /// The record, where the schema's record keys name one: `sat 5, t -360.5`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
    /// Layer and sub-pixel, counted in the order of the trace.
    pub block: usize,
    /// Source.
    pub source: Option<i32>,
    /// Rotation step.
    pub phi: Option<i32>,
    /// Mosaic domain.
    pub mosaic: Option<i32>,
    /// Line in each file, from 1.
    pub lines: [Option<u32>; 2],
}

/// A segment of both traces, or of one: what a [`TracePlace`] has of it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Scope<'t> {
    /// Its number in the order of the comparison.
    pub number: usize,
    /// The pixel.
    pub pixel: Option<Pixel>,
    /// The name of its record.
    pub record: Option<&'t str>,
    /// Layer and sub-pixel.
    pub block: usize,
}

impl Scope<'_> {
    /// The place of something in it: source, rotation step and domain, and the line in each file.
    pub(crate) fn place(self, at: [i32; 3], lines: [Option<u32>; 2]) -> TracePlace {
        let number = |n: i32| (n != crate::trace::log::NONE).then_some(n);
        let [source, phi, mosaic] = at.map(number);
        let record = self.record.map(str::to_owned);
        TracePlace { pixel: self.pixel, record, block: self.block, source, phi, mosaic, lines }
    }
}

/// One difference with its values.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// The key.
    pub key: String,
    /// Where.
    pub place: TracePlace,
    /// The numbers of both sides.
    pub values: [Vec<f64>; 2],
    /// The words around them, where these are what differs.
    pub words: Option<[String; 2]>,
    /// Of two arrays, what was found among their elements; `values` are then those that are furthest apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elements: Option<Elements>,
    /// How far apart.
    pub distance: Distance,
}

/// What was found among the elements of two arrays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Elements {
    /// Lengths of the axes: `10x20`.
    pub shape: String,
    /// How many there are.
    pub all: u64,
    /// How many do not agree.
    pub differing: u64,
    /// How many are not the same to the last bit.
    pub bits: u64,
    /// The index of those furthest apart, from 0.
    pub worst: Vec<u64>,
    /// The index of the first that do not agree, in the order of the first array's file.
    pub first: Option<Vec<u64>>,
}

/// Arrays that the traces name, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ArrayCounts {
    /// How many pairs were compared.
    pub arrays: u64,
    /// How many pairs of elements.
    pub elements: u64,
    /// How many pairs of arrays differ.
    pub differing: u64,
    /// How many pairs of elements are NaN on both sides.
    pub nan: u64,
    /// How many pairs of one shape have no element that could be compared.
    #[serde(skip_serializing_if = "is_zero")]
    pub without: u64,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl ArrayCounts {
    /// How many pairs have nothing that could be compared, in words; nothing where there are none.
    fn without_elements(&self) -> String {
        match self.without {
            0 => String::new(),
            1 => "; 1 array has no elements to compare".to_owned(),
            n => format!("; {n} arrays have no elements to compare"),
        }
    }

    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A cause, over all segments.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cause {
    /// The key.
    pub key: String,
    /// The quantity it is a part or another form of.
    pub quantity: String,
    /// Its first difference; without the power of ten where one was set apart.
    pub first: Difference,
    /// The power of ten that was set apart.
    pub power: Option<i32>,
    /// In how many pixels and sub-pixels it is a cause.
    pub count: usize,
    /// What it looks like, in words.
    pub signatures: Vec<String>,
    /// How far it is outside the reference's own noise, where that is its tolerance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub noise: Option<NoiseDistance>,
    /// Keys that follow it.
    pub downstream: Vec<String>,
    /// Keys at which it ends.
    pub stops: Vec<String>,
    /// The share of the logarithm of the result's ratio that comes of this finding alone, together with the causes beside it that
    /// have the same consequences.
    pub share: Option<f64>,
}

/// All comparisons of one key.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct KeyRow {
    /// The key.
    pub key: String,
    /// Unit; empty for none or an unknown key.
    pub unit: String,
    /// How many times it was compared.
    pub compared: u64,
    /// How many times it differs.
    pub differing: u64,
    /// How many times one side alone has it.
    pub missing: [u64; 2],
    /// How many times a side printed stars instead of a number, so that nothing is known.
    pub unprintable: u64,
    /// How many times it differs where the reference's own noise is undecided.
    #[serde(skip_serializing_if = "is_zero")]
    pub undecided: u64,
    /// How many times it agrees although, or because, both sides are NaN.
    pub nan: u64,
    /// Largest distances.
    pub largest: Distance,
    /// Tolerance: relative, absolute.
    pub tolerance: tolerance::KeyTolerance,
    /// How far it is outside the reference's own noise, where that is its tolerance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub noise: Option<NoiseDistance>,
    /// The first difference.
    pub first: Option<Box<Difference>>,
}

/// One rotation step or source.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StepRow {
    /// The pixel, where the trace says so.
    #[serde(serialize_with = "crate::pixel_pair::serialize")]
    pub pixel: Option<Pixel>,
    /// Its number.
    pub number: i32,
    /// How many values were compared.
    pub compared: u64,
    /// Keys that differ, in order.
    pub differing: Vec<String>,
    /// Those of them whose inputs agree.
    pub root_causes: Vec<String>,
}

/// One of the two traces.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SideFacts {
    /// The file, as given.
    pub file: String,
    /// What its program calls itself.
    pub label: String,
    /// Lines in the file.
    pub lines: usize,
    /// Lines with values.
    pub trace_lines: usize,
    /// Numbers.
    pub numbers: usize,
    /// What its precision is taken for.
    pub precision: PrecisionFacts,
    /// Keys that the trace does not have and that were computed from others of it, as the schema says.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub computed: Vec<String>,
}

/// Records that end otherwise in the other trace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OutcomeRow {
    /// The key that says how.
    pub key: String,
    /// The category of each side.
    pub categories: [String; 2],
    /// The side that alone refuses to answer.
    pub refuses: Option<char>,
    /// How many records.
    pub count: u64,
    /// The first of them.
    pub first: TracePlace,
    /// What each side says there.
    pub words: [String; 2],
}

impl OutcomeRow {
    /// Who ends how.
    pub fn in_words(&self) -> String {
        let [a, b] = &self.categories;
        match self.refuses {
            Some('A') => format!("A refuses ({a}), B answers ({b})"),
            Some(_) => format!("B refuses ({b}), A answers ({a})"),
            None => format!("{} of A is {a}, of B {b}", self.key),
        }
    }
}

/// Values that are the same in another form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Equivalent {
    /// The rule, or the key whose periods lie between the sides.
    pub rule: String,
    /// How many times.
    pub count: u64,
}

/// A record that one trace lacks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// The trace that lacks it: `A` or `B`.
    pub missing_in: char,
    /// Where it stands, with the first of its lines in the other trace.
    pub place: TracePlace,
    /// How many values it has.
    pub values: usize,
}

/// All records that one trace lacks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Gaps {
    /// How many A lacks, and how many B.
    pub counts: [usize; 2],
    /// The first of them.
    pub first: Vec<Gap>,
}

impl Gaps {
    /// Whether both traces have the same records.
    pub fn is_empty(&self) -> bool {
        self.counts == [0; 2]
    }

    /// Whether some of them have names, which are worth reading.
    pub fn names_records(&self) -> bool {
        self.first.iter().any(|gap| gap.place.record.is_some())
    }
}

/// All sequences of two traces.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Sequences {
    /// How many there are in either trace.
    pub count: usize,
    /// How many of them part or have records that one trace lacks.
    pub differing: usize,
    /// Records that were not compared because their sequence had parted before them.
    pub after: usize,
    /// Those that differ, in the order of the first trace; of very many the first.
    pub rows: Vec<SequenceRow>,
}

/// One sequence that differs.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct SequenceRow {
    /// The values of the keys that name it; empty for the whole trace.
    pub name: String,
    /// Records that were compared, up to the split and with it.
    pub records: usize,
    /// Its first difference; none where records are missing and the others agree.
    pub split: Option<Difference>,
    /// Keys that differ in the record of the split although what they are computed from agrees.
    pub root_causes: Vec<String>,
    /// The largest distance so far, wherever it had doubled; the last one is that of the split.
    pub growth: Vec<Growth>,
    /// Records after the split, which were not compared.
    pub after: usize,
    /// Records before it that A lacks, and that B lacks.
    pub missing: [usize; 2],
}

/// How far apart a record was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Growth {
    /// The record.
    pub record: String,
    /// The key that is furthest apart.
    pub key: String,
    /// By how many double-precision numbers.
    pub ulp: u64,
}

/// Keys of two traces, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct KeyCounts {
    /// In either trace.
    pub all: usize,
    /// Compared at least once.
    pub compared: usize,
    /// Different at least once.
    pub differing: usize,
}

/// The comparison of two traces.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// Passes where every value agrees and none is missing; undecided where too little was compared.
    pub verdict: Verdict,
    /// Why, in one sentence.
    pub reason: String,
    /// The two traces.
    pub sides: [SideFacts; 2],
    /// How many numbers and words were compared.
    pub compared: u64,
    /// How many keys there are.
    pub counts: KeyCounts,
    /// From how many runs of the reference its own noise is, where that is the tolerance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub noise_runs: Option<usize>,
    /// Keys that are not compared because one program prints fixed text.
    pub not_compared: Vec<String>,
    /// The first difference in the order of the trace.
    pub first_divergence: Option<Difference>,
    /// The first value in the order of the trace that is not the same to the last bit, whether or not it agrees.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_bit: Option<Difference>,
    /// Arrays that both traces name.
    #[serde(skip_serializing_if = "ArrayCounts::is_empty")]
    pub arrays: ArrayCounts,
    /// Why arrays could not be compared, of the first of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<String>,
    /// Values that agree because they are the same in another form.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub equivalent: Vec<Equivalent>,
    /// Values that were not compared because both sides are NaN, which counts as missing.
    #[serde(skip_serializing_if = "is_zero")]
    pub left_out: u64,
    /// What the result differs for.
    pub root_causes: Vec<Cause>,
    /// What differs in the trace only.
    pub trace_only: Vec<Cause>,
    /// Shares of the result's ratio, where it differs first.
    pub attribution: Vec<Attribution>,
    /// Keys that one trace lacks where both have the record, and that were not allowed to be missing.
    pub missing: Vec<String>,
    /// Records that one trace lacks: pixels, sub-pixels, sources, rotation steps, domains.
    pub missing_records: Gaps,
    /// Records that end otherwise, by the categories of the two sides; nothing else of them was compared.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub outcomes: Vec<OutcomeRow>,
    /// The sequences of records, where the schema names some.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sequences: Option<Sequences>,
    /// The pixels of each trace, where they have none in common.
    #[serde(serialize_with = "crate::pixel_pair::serialize")]
    pub different_pixels: Option<[Vec<Pixel>; 2]>,
    /// What to try, where something helps.
    pub hint: Option<String>,
    /// Pixels and sub-pixels that one trace alone has.
    pub missing_segments: [usize; 2],
    /// The keys: all of them, or of very many the first, those that do not agree before the others.
    pub keys: Vec<KeyRow>,
    /// Rotation steps; the first differing one is the first with a differing key.
    pub phi_steps: Vec<StepRow>,
    /// First rotation step that differs.
    pub first_diverging_phi: Option<i32>,
    /// Sources.
    pub sources: Vec<StepRow>,
}

impl Comparison {
    /// The exit status of a command that makes it: traces without a key or a pixel in common do not match.
    pub fn exit(&self) -> Exit {
        let apart = self.compared == 0 && !(self.missing.is_empty() && self.missing_records.is_empty());
        match apart || self.different_pixels.is_some() {
            true => Exit::Mismatch,
            false => self.verdict.exit(),
        }
    }
}
