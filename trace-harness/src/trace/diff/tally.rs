//! What is counted while two traces are compared: one row a key, one a rotation step or source.
//!
//! Not here: what is compared with what (`pair`).

use std::collections::BTreeMap;

use crate::trace::log::{Item, NONE, TraceLog};

use crate::trace::diff::pair::ItemPair;
use crate::trace::diff::tolerance::Distance;
use crate::trace::diff::{Difference, KeyRow, Place, StepRow};
use crate::trace::keys::Keys;

/// Rows of steps that are kept; a trace can have a million.
const STEP_ROWS: usize = 2000;

/// Everything about one key.
#[derive(Debug, Clone, Default)]
pub struct KeyTally {
    pub compared: u64,
    pub differing: u64,
    pub missing: [u64; 2],
    /// How many times a side printed stars instead of a number.
    pub unprintable: u64,
    /// How many times both sides are NaN somewhere.
    pub nan: u64,
    pub largest: Distance,
    pub first: Option<Difference>,
    /// Whether it was missing among set-up lines.
    pub set_up: bool,
    /// The first values of each side, and whether all others were the same.
    seen: [Option<Vec<f64>>; 2],
    varied: [bool; 2],
}

impl KeyTally {
    /// Enters a comparison.
    pub fn add(&mut self, distance: Distance, sides: [&[f64]; 2]) {
        self.compared += 1;
        let nan = |numbers: &[f64]| numbers.iter().any(|x| x.is_nan());
        self.nan += u64::from(sides.into_iter().all(nan));
        self.largest.absolute = larger(self.largest.absolute, distance.absolute);
        self.largest.relative = larger(self.largest.relative, distance.relative);
        self.largest.ulp = self.largest.ulp.max(distance.ulp);
        for (n, numbers) in sides.into_iter().enumerate() {
            match &self.seen[n] {
                None => self.seen[n] = Some(numbers.to_vec()),
                // NaN is the same as NaN here.
                Some(first) => {
                    self.varied[n] |= first.len() != numbers.len()
                        || first.iter().zip(numbers).any(|(x, y)| x != y && !(x.is_nan() && y.is_nan()));
                }
            }
        }
    }

    /// Whether the key stands in a trace at all.
    pub fn concerned(&self) -> bool {
        self.compared > 0 || self.unprintable > 0 || self.missing != [0; 2]
    }

    /// Whether each side always had the same value, where that says something.
    pub fn constant(&self) -> [bool; 2] {
        self.varied.map(|varied| self.compared > 1 && !varied)
    }

    /// The row of the report.
    pub fn row(&self, keys: &Keys<'_>, key: usize) -> KeyRow {
        KeyRow {
            key: keys.name(key).to_owned(),
            unit: keys.keys[key].unit.clone(),
            compared: self.compared,
            differing: self.differing,
            missing: self.missing,
            unprintable: self.unprintable,
            nan: self.nan,
            largest: self.largest,
            tolerance: keys.tolerances[key],
            first: self.first.clone(),
        }
    }
}

/// NaN is larger than everything: it must not be lost.
fn larger(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { a.max(b) }
}

/// Rows of rotation steps or sources.
#[derive(Debug, Default)]
pub struct Steps {
    rows: BTreeMap<(usize, i32), StepRow>,
    /// The first number with a difference.
    pub first_diverging: Option<i32>,
}

impl Steps {
    /// Enters one value of step `number` of a segment.
    pub fn add(
        &mut self,
        segment: usize,
        pixel: Option<(usize, usize)>,
        number: i32,
        differing: Option<&str>,
    ) {
        if differing.is_some() && self.first_diverging.is_none() {
            self.first_diverging = Some(number);
        }
        if self.rows.len() >= STEP_ROWS && !self.rows.contains_key(&(segment, number)) {
            return;
        }
        let empty = || StepRow { pixel, number, compared: 0, differing: Vec::new(), root_causes: Vec::new() };
        let row = self.rows.entry((segment, number)).or_insert_with(empty);
        row.compared += 1;
        if let Some(key) = differing.filter(|key| !row.differing.iter().any(|k| k == key)) {
            row.differing.push(key.to_owned());
        }
    }

    /// Enters a root cause of a step.
    pub fn root(&mut self, segment: usize, number: i32, key: &str) {
        if let Some(row) =
            self.rows.get_mut(&(segment, number)).filter(|row| !row.root_causes.iter().any(|k| k == key))
        {
            row.root_causes.push(key.to_owned());
        }
    }

    /// All rows in order.
    pub fn into_rows(self) -> Vec<StepRow> {
        self.rows.into_values().collect()
    }
}

/// A pair of items as a difference, with its place.
pub fn difference(
    keys: &Keys<'_>,
    traces: [&TraceLog; 2],
    segment: (Option<(usize, usize)>, usize),
    pair: &ItemPair<'_>,
    distance: Distance,
) -> Difference {
    let item = |side: usize| -> Option<Item<'_>> { pair.sides[side] };
    let place = item(0).or(item(1)).map_or([NONE; 3], |i| i.line.place);
    let number = |n: i32| (n != NONE).then_some(n);
    let words = [0, 1].map(|side| item(side).map_or("", |i| traces[side].texts.get(i.text)).to_owned());
    Difference {
        key: keys.name(pair.key).to_owned(),
        place: Place {
            pixel: segment.0,
            block: segment.1,
            source: number(place[0]),
            phi: number(place[1]),
            mosaic: number(place[2]),
            lines: [0, 1].map(|side| item(side).map(|i| i.line.number)),
        },
        values: [0, 1].map(|side| item(side).map_or_else(Vec::new, |i| i.numbers.to_vec())),
        words: (words[0] != words[1]).then_some(words),
        distance,
    }
}
