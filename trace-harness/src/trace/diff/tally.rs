//! What is counted while two traces are compared: one row a key, one a rotation step or source.
//!
//! Not here: what is compared with what (`pair`).

use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;

use nanobragg::Pixel;

use crate::trace::log::{Item, NONE, TraceLog};

use crate::trace::diff::pair::ItemPair;
use crate::trace::diff::records::arrays::Arrays;
use crate::trace::diff::tolerance::{Distance, NoiseDistance};
use crate::trace::diff::{Difference, KeyRow, Scope, StepRow};
use crate::trace::keys::Keys;

/// Rows of steps that are kept; a trace can have a million.
const STEP_ROWS: usize = 2000;

/// Keys whose first difference is kept; more than anyone would look at.
const MOST_FIRSTS: usize = 10_000;

/// Everything about one key. Small, because a trace can have a million keys.
#[derive(Debug, Clone, Default)]
pub(super) struct KeyTally<'t> {
    pub compared: u32,
    pub differing: u32,
    pub missing: [u32; 2],
    /// How many of those belong to records that a trace lacks as a whole.
    pub lone: [u32; 2],
    /// How many times a side printed stars instead of a number.
    pub unprintable: u32,
    /// How many times it differs where the reference's own noise is undecided.
    pub undecided: u32,
    /// How many times both sides are NaN somewhere.
    pub nan: u32,
    pub largest: Distance,
    pub first: Option<Rc<Difference>>,
    /// Whether it was missing among set-up lines.
    pub set_up: bool,
    /// Whether it was not compared somewhere because both sides are NaN, which counts as missing.
    pub left_out: bool,
    /// The first values of each side, and whether all others were the same.
    seen: [Option<&'t [f64]>; 2],
    varied: [bool; 2],
}

/// The first differences, of the whole and of each key.
#[derive(Debug, Default)]
pub(super) struct Firsts {
    /// The first of all.
    pub first: Option<Rc<Difference>>,
    /// The first that is not the same to the last bit, whether or not it agrees.
    pub bit: Option<Rc<Difference>>,
    /// Of how many keys.
    kept: usize,
    /// How many values were not compared because both sides are NaN, which counts as missing.
    pub left_out: u64,
    /// How many times a key agrees because whole periods lie between the sides: few keys have a period.
    pub turned: BTreeMap<usize, u64>,
    /// Arrays.
    pub arrays: Arrays,
}

impl Firsts {
    /// Whether a difference of this key would be kept.
    pub(super) fn wants(&self, tally: &KeyTally<'_>) -> bool {
        tally.first.is_none() && self.kept < MOST_FIRSTS
    }

    /// Keeps a difference where it is the first.
    pub(super) fn keep(&mut self, tally: &mut KeyTally<'_>, found: &Rc<Difference>) {
        if self.wants(tally) {
            self.kept += 1;
            tally.first = Some(Rc::clone(found));
        }
        self.first.get_or_insert_with(|| Rc::clone(found));
    }
}

impl<'t> KeyTally<'t> {
    /// Enters a comparison.
    pub(super) fn add(&mut self, distance: Distance, sides: [&'t [f64]; 2]) {
        self.compared += 1;
        let nan = |numbers: &[f64]| numbers.iter().any(|x| x.is_nan());
        self.nan += u32::from(sides.into_iter().all(nan));
        self.largest.absolute = larger(self.largest.absolute, distance.absolute);
        self.largest.relative = larger(self.largest.relative, distance.relative);
        self.largest.ulp = self.largest.ulp.max(distance.ulp);
        for (n, numbers) in sides.into_iter().enumerate() {
            match self.seen[n] {
                None => self.seen[n] = Some(numbers),
                // NaN is the same as NaN here.
                Some(first) => {
                    self.varied[n] |= first.len() != numbers.len()
                        || first.iter().zip(numbers).any(|(x, y)| x != y && !(x.is_nan() && y.is_nan()));
                }
            }
        }
    }

    /// Enters a comparison of arrays.
    pub(super) fn add_array(&mut self, distance: Distance) {
        self.add(distance, [&[], &[]]);
        // Nothing is known of what all of them have in common.
        self.varied = [true; 2];
    }

    /// Whether the key stands in a trace at all.
    pub(super) fn concerned(&self) -> bool {
        self.compared > 0
            || self.left_out
            || self.unprintable > 0
            || self.undecided > 0
            || self.missing != [0; 2]
    }

    /// Whether both traces have it and it agrees everywhere.
    pub(super) fn agrees(&self) -> bool {
        self.differing == 0 && self.unprintable == 0 && self.undecided == 0 && self.missing == [0; 2]
    }

    /// Whether each side always had the same value, where that says something.
    pub(super) fn constant(&self) -> [bool; 2] {
        self.varied.map(|varied| self.compared > 1 && !varied)
    }

    /// How far the key is outside the reference's own noise, where that is its tolerance.
    pub(super) fn noise(&self, keys: &Keys<'_>, key: usize) -> Option<NoiseDistance> {
        let period = keys.period(key).is_some();
        keys.tolerance(key).noise_distance(self.largest, self.differing > 0, period)
    }

    /// The row of the report.
    pub(super) fn row(&self, keys: &Keys<'_>, key: usize) -> KeyRow {
        KeyRow {
            key: keys.name(key).to_owned(),
            unit: keys.about(key).unit.clone(),
            compared: self.compared.into(),
            differing: self.differing.into(),
            missing: self.missing.map(u64::from),
            unprintable: self.unprintable.into(),
            undecided: self.undecided.into(),
            nan: self.nan.into(),
            largest: self.largest,
            tolerance: keys.tolerance(key),
            noise: self.noise(keys, key),
            first: self.first.as_deref().cloned().map(Box::new),
        }
    }
}

/// NaN is larger than everything: it must not be lost.
fn larger(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { a.max(b) }
}

/// Rows of rotation steps or sources.
#[derive(Debug, Default)]
pub(super) struct Steps {
    rows: BTreeMap<(usize, i32), StepTally>,
    /// Keys that differ in a row, and root causes of a row.
    known: [HashSet<(usize, i32, usize)>; 2],
    /// The first number with a difference.
    pub first_diverging: Option<i32>,
}

#[derive(Debug, Default)]
struct StepTally {
    pixel: Option<Pixel>,
    compared: u64,
    /// Keys that differ, and root causes, in order.
    keys: [Vec<usize>; 2],
}

impl Steps {
    /// Enters one value of step `number` of a segment, with its key where it differs.
    pub(super) fn add(
        &mut self,
        segment: usize,
        pixel: Option<Pixel>,
        number: i32,
        differing: Option<usize>,
    ) {
        if differing.is_some() && self.first_diverging.is_none() {
            self.first_diverging = Some(number);
        }
        if self.rows.len() >= STEP_ROWS && !self.rows.contains_key(&(segment, number)) {
            return;
        }
        let row = self.rows.entry((segment, number)).or_default();
        row.pixel = pixel;
        row.compared += 1;
        if let Some(key) = differing {
            self.list(0, segment, number, key);
        }
    }

    /// Enters a root cause of a step.
    pub(super) fn root(&mut self, segment: usize, number: i32, key: usize) {
        self.list(1, segment, number, key);
    }

    fn list(&mut self, which: usize, segment: usize, number: i32, key: usize) {
        if let Some(row) = self.rows.get_mut(&(segment, number))
            && self.known[which].insert((segment, number, key))
        {
            row.keys[which].push(key);
        }
    }

    /// All rows in order.
    pub(super) fn rows(&self, keys: &Keys<'_>) -> Vec<StepRow> {
        let names = |list: &[usize]| list.iter().map(|k| keys.name(*k).to_owned()).collect();
        let row = |(&(_, number), step): (&(usize, i32), &StepTally)| {
            let StepTally { pixel, compared, keys: [differing, root_causes] } = step;
            StepRow {
                pixel: *pixel,
                number,
                compared: *compared,
                differing: names(differing),
                root_causes: names(root_causes),
            }
        };
        self.rows.iter().map(row).collect()
    }
}

/// A pair of items as a difference, with its place.
pub(super) fn difference(
    keys: &Keys<'_>,
    traces: [&TraceLog; 2],
    scope: Scope<'_>,
    pair: &ItemPair<'_>,
    distance: Distance,
) -> Difference {
    let item = |side: usize| -> Option<Item<'_>> { pair.sides[side] };
    let place = item(0).or(item(1)).map_or([NONE; 3], |i| i.line.place);
    // Whole numbers that no double holds look alike as numbers.
    let whole = |side: usize| {
        let known = item(side).filter(|_| !traces[side].digits.is_empty());
        known.is_some_and(|item| (0..item.numbers.len()).any(|n| traces[side].whole(&item, n).is_some()))
    };
    let in_digits = whole(0) || whole(1);
    let words = [0, 1].map(|side| match item(side) {
        Some(item) if in_digits => traces[side].value_in_words(&item),
        item => item.map_or("", |item| traces[side].texts.get(item.text)).to_owned(),
    });
    Difference {
        key: keys.name(pair.key).to_owned(),
        place: scope.place(place, [0, 1].map(|side| item(side).map(|i| i.line.number))),
        values: [0, 1].map(|side| item(side).map_or_else(Vec::new, |i| i.numbers.to_vec())),
        words: (words[0] != words[1]).then_some(words),
        elements: None,
        distance,
    }
}
