//! One pixel (or layer, or sub-pixel) of both traces: every value compared, and what the differences come down to.
//!
//! Not here: what is kept over all pixels (`compare`).

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use crate::numbers::is_unprintable;
use crate::trace::array::Named;
use crate::trace::cause::attribution::{law_is_whole, moves};
use crate::trace::cause::cells::{Cell, CellState, Cells};
use crate::trace::cause::root_cause::{Causes, RootCause, causes, input_differs};
use crate::trace::log::{Item, NONE, TraceLog};
use crate::trace::schema::NotANumber;

use crate::trace::diff::allowed::Allowed;
use crate::trace::diff::pair::ItemPair;
use crate::trace::diff::records::arrays;
use crate::trace::diff::records::gaps::Records;
use crate::trace::diff::tally::{Firsts, KeyTally, Steps, difference};
use crate::trace::diff::{Difference, Scope, tolerance::Distance};
use crate::trace::keys::Keys;

/// Relative distance that the 15th printed digit makes.
const PRINTED: f64 = 1e-14;

/// Whether a number is NaN. Stars are not known to be anything.
fn is_nan(x: f64) -> bool {
    x.is_nan() && !is_unprintable(x)
}

/// What is left of two values without the elements that are NaN somewhere.
struct LeftElements {
    numbers: [Vec<f64>; 2],
    /// How many elements are NaN on both sides.
    both: usize,
    /// Whether a side alone is NaN in some element.
    alone: [bool; 2],
}

impl LeftElements {
    fn of([x, y]: [&[f64]; 2]) -> Self {
        let mut left = Self { numbers: [Vec::new(), Vec::new()], both: 0, alone: [false; 2] };
        for (x, y) in x.iter().zip(y) {
            match [is_nan(*x), is_nan(*y)] {
                [false, false] => {
                    left.numbers[0].push(*x);
                    left.numbers[1].push(*y);
                }
                [true, true] => left.both += 1,
                [a, b] => left.alone = [left.alone[0] || a, left.alone[1] || b],
            }
        }
        left
    }
}

/// Whether two values are not the same to the last bit; every NaN is the same.
fn differ_in_a_bit(a: &[f64], b: &[f64]) -> bool {
    let differ = |(x, y): (&f64, &f64)| x.to_bits() != y.to_bits() && !(x.is_nan() && y.is_nan());
    a.len() != b.len() || a.iter().zip(b).any(differ)
}

/// What was found in one segment.
#[derive(Debug, Clone, Default)]
pub(super) struct SegmentDifferences<'t> {
    /// The pixel's own level.
    pub cells: Cells<'t>,
    /// The first difference of each key of this segment whose cell is kept, on any level.
    pub differences: BTreeMap<usize, Rc<Difference>>,
    /// Root causes below the pixel's level.
    pub below: BTreeSet<usize>,
    /// Records that one trace lacks.
    pub records: Records<'t>,
    /// The largest distance in double-precision numbers, and its key.
    pub largest: Option<(u64, usize)>,
    /// The first difference.
    pub split: Option<Rc<Difference>>,
}

/// Compares the items of one segment as they come.
pub(super) struct SegmentComparison<'w, 't, 's> {
    pub keys: &'w Keys<'s>,
    pub traces: [&'t TraceLog; 2],
    pub scope: Scope<'t>,
    pub tallies: &'w mut [KeyTally<'t>],
    pub steps: [&'w mut Steps; 2],
    pub first: &'w mut Firsts,
    /// Whether an earlier sub-pixel of this pixel differs.
    pub earlier: bool,
    /// Whether these are set-up lines.
    pub set_up: bool,
    /// Keys that may be missing.
    pub allowed: &'w Allowed,
    evidence: SegmentDifferences<'t>,
    /// States of deeper levels over all places, and of the place that is being read.
    anywhere: Cells<'t>,
    here: HashMap<usize, CellState>,
    place: [i32; 3],
    /// Differing keys of rotation steps and sources as such, which their domains depend on.
    parents: HashMap<[i32; 3], Vec<usize>>,
}

impl<'w, 't, 's> SegmentComparison<'w, 't, 's> {
    /// Begins a segment on top of the values of the set-up, or of the record that encloses it; `steps` are the rows of sources and of rotation steps.
    pub(super) fn new(
        set_up: Option<&SegmentDifferences<'t>>,
        keys: &'w Keys<'s>,
        traces: [&'t TraceLog; 2],
        scope: Scope<'t>,
        (tallies, first): (&'w mut [KeyTally<'t>], &'w mut Firsts),
        steps: [&'w mut Steps; 2],
        allowed: &'w Allowed,
    ) -> Self {
        let empty =
            || SegmentDifferences { cells: Cells::new(keys.known()), ..SegmentDifferences::default() };
        let records = Records::new(scope);
        let evidence = SegmentDifferences {
            records,
            largest: None,
            split: None,
            ..set_up.cloned().unwrap_or_else(empty)
        };
        Self {
            keys,
            traces,
            scope,
            tallies,
            steps,
            first,
            earlier: false,
            set_up: false,
            allowed,
            evidence,
            anywhere: Cells::new(keys.known()),
            here: HashMap::new(),
            place: [NONE; 3],
            parents: HashMap::new(),
        }
    }

    /// Compares one pair of items.
    pub(super) fn take(&mut self, pair: &ItemPair<'t>) {
        let key = pair.key;
        if self.keys.is_fixed(key) {
            return;
        }
        if self.keys.names_record(key) {
            self.lack_record(pair);
            return;
        }
        if let Some(absent_is_told) = self.keys.outcome(key)
            && (pair.lone.is_none() && (absent_is_told || pair.sides.iter().all(Option::is_some)))
        {
            // The two sides ended alike, whatever the words, or this record were not compared.
            self.tallies[key].compared += 1;
            return;
        }
        let [Some(a), Some(b)] = pair.sides else {
            self.lack(pair);
            return;
        };
        if a.line.place != self.place {
            self.leave_place();
            self.place = a.line.place;
        }
        if let Some(named) = arrays::named(self.traces, [&a, &b]) {
            self.array(pair, &named);
            return;
        }
        let [x, y] = [a.numbers, b.numbers];
        let same_words = a.text == b.text && a.text == 0
            || self.traces[0].texts.get(a.text) == self.traces[1].texts.get(b.text);
        let (mut distance, close) = self.keys.compare(key, x, y);
        let mut agree = close && same_words;
        if let (true, Some(apart)) = (agree, self.apart_in_digits(key, [&a, &b])) {
            (agree, distance) = (false, apart);
        }
        let some_nan = self.keys.nan(key) != NotANumber::Equal && x.iter().chain(y).any(|x| is_nan(*x));
        if some_nan && self.keys.nan(key) == NotANumber::Fail {
            (agree, distance) = (false, Distance::UNKNOWN);
        } else if some_nan && x.len() == y.len() {
            // An element is missing, not the vector that it stands in: the others are compared.
            let LeftElements { numbers: [x, y], both, alone } = LeftElements::of([x, y]);
            let close;
            (distance, close) = self.keys.compare(key, &x, &y);
            agree = close && same_words;
            if let (true, [a, b]) = (agree, alone)
                && (a || b)
            {
                let mut pair = *pair;
                pair.sides[usize::from(!a)] = None;
                self.lack(&pair);
                return;
            }
            self.first.left_out += both as u64;
            if agree && x.is_empty() {
                self.tallies[key].left_out = true;
                return;
            }
        }
        if !agree && self.keys.tolerance(key).is_undecided() {
            self.tallies[key].undecided += 1;
            return;
        }
        if agree && x.iter().chain(y).any(|x| is_unprintable(*x)) {
            self.tallies[key].unprintable += 1;
            return;
        }
        let state = match (agree, distance.relative <= PRINTED) {
            (false, _) => CellState::Differ,
            (true, true) => CellState::Same,
            (true, false) => CellState::Close,
        };
        self.tallies[key].add(distance, [x, y]);
        let turned = |period: f64| x.iter().zip(y).any(|(x, y)| (x - y).abs() > period / 2.0);
        if agree && self.keys.period(key).is_some_and(turned) {
            *self.first.turned.entry(key).or_default() += 1;
        }
        if self.first.bit.is_none() && differ_in_a_bit(x, y) {
            self.first.bit = Some(Rc::new(difference(self.keys, self.traces, self.scope, pair, distance)));
        }
        if self.evidence.largest.is_none_or(|(ulp, _)| ulp < distance.ulp) {
            self.evidence.largest = Some((distance.ulp, key));
        }
        if !agree {
            self.differ(pair, distance, None);
        }
        self.enter(key, state, distance.relative, [x, y]);
    }

    /// How far two whole numbers are apart that are one double, and not the same digits: where no difference is allowed, theirs is none.
    fn apart_in_digits(&self, key: usize, [a, b]: [&Item<'_>; 2]) -> Option<Distance> {
        let [first, second] = self.traces;
        if first.digits.is_empty() && second.digits.is_empty() || !self.keys.is_exact(key) {
            return None;
        }
        let pairs = a.numbers.iter().zip(b.numbers).enumerate();
        let apart = pairs.filter(|(_, (x, y))| x == y).filter_map(|(n, (x, _))| {
            let [p, q] = [first.whole(a, n), second.whole(b, n)];
            let (p, q) = (p.unwrap_or_else(|| format!("{x:.0}")), q.unwrap_or_else(|| format!("{x:.0}")));
            let absolute = match (p.parse::<i128>(), q.parse::<i128>()) {
                (Ok(p), Ok(q)) => p.abs_diff(q) as f64,
                _ => f64::NAN,
            };
            (p != q).then(|| Distance { absolute, relative: absolute / x.abs(), ulp: 0 })
        });
        apart.into_iter().next()
    }

    /// Compares two arrays, which are one value among others.
    fn array(&mut self, pair: &ItemPair<'t>, named: &[Named<'_>; 2]) {
        let (key, tolerance, nan) = (pair.key, self.keys.tolerance(pair.key), self.keys.nan(pair.key));
        let value = match self.first.arrays.compare(self.traces, named, tolerance, nan) {
            arrays::ArrayFate::Value(value) => value,
            arrays::ArrayFate::Nothing => {
                self.tallies[key].left_out = true;
                return;
            }
            arrays::ArrayFate::Unread => return,
        };
        if !value.agree && tolerance.is_undecided() {
            self.tallies[key].undecided += 1;
            return;
        }
        let distance = value.distance;
        self.tallies[key].add_array(distance);
        if self.evidence.largest.is_none_or(|(ulp, _)| ulp < distance.ulp) {
            self.evidence.largest = Some((distance.ulp, key));
        }
        if self.first.bit.is_none() && !value.same {
            let mut found = difference(self.keys, self.traces, self.scope, pair, distance);
            value.put_into(&mut found);
            self.first.bit = Some(Rc::new(found));
        }
        let state = match (value.agree, distance.relative <= PRINTED) {
            (false, _) => CellState::Differ,
            (true, true) => CellState::Same,
            (true, false) => CellState::Close,
        };
        if !value.agree {
            self.differ(pair, distance, Some(&value));
        }
        self.enter(key, state, distance.relative, [&[], &[]]);
    }

    /// One trace alone has it: by itself, or with a whole record.
    fn lack(&mut self, pair: &ItemPair<'t>) {
        let missing = usize::from(pair.sides[1].is_none());
        let tally = &mut self.tallies[pair.key];
        tally.missing[missing] += 1;
        tally.set_up |= self.set_up;
        if let (Some(place), Some(item), false) = (pair.lone, pair.sides[1 - missing], self.set_up) {
            tally.lone[missing] += 1;
            if !self.allowed.allows(self.keys.name(pair.key), self.set_up) {
                self.evidence.records.add(missing, place, &item);
            }
        }
    }

    /// A key that names the record: the record is missing where one trace lacks all of it, the key alone never.
    fn lack_record(&mut self, pair: &ItemPair<'t>) {
        if let ([None, Some(item)] | [Some(item), None], Some(place)) = (pair.sides, pair.lone) {
            self.evidence.records.add(usize::from(pair.sides[1].is_none()), place, &item);
        }
    }

    fn differ(&mut self, pair: &ItemPair<'t>, distance: Distance, array: Option<&arrays::ArrayResult>) {
        let tally = &mut self.tallies[pair.key];
        tally.differing += 1;
        let wanted =
            self.evidence.cells.keeps(pair.key) && !self.evidence.differences.contains_key(&pair.key);
        let splits = self.scope.record.is_some() && self.evidence.split.is_none();
        if !wanted && !splits && !self.first.wants(tally) {
            return;
        }
        let mut found = difference(self.keys, self.traces, self.scope, pair, distance);
        array.into_iter().for_each(|array| array.put_into(&mut found));
        let found = Rc::new(found);
        self.first.keep(tally, &found);
        if splits {
            self.evidence.split = Some(Rc::clone(&found));
        }
        if wanted {
            self.evidence.differences.insert(pair.key, found);
        }
    }

    fn enter(&mut self, key: usize, state: CellState, relative: f64, sides: [&'t [f64]; 2]) {
        if self.place == [NONE; 3] {
            self.evidence.cells.set(key, Cell { state, relative, sides });
            return;
        }
        let differing = (state == CellState::Differ).then_some(key);
        let Scope { number: segment, pixel, .. } = self.scope;
        for (rows, slot) in self.steps.iter_mut().zip([0, 1]).filter(|(_, slot)| self.place[*slot] != NONE) {
            rows.add(segment, pixel, self.place[slot], differing);
        }
        if key >= self.keys.known() && (state != CellState::Differ || !self.evidence.cells.keeps(key)) {
            return;
        }
        let mut seen = self.anywhere.get(key);
        if seen.state != CellState::Differ {
            seen.state = state;
        }
        seen.relative = seen.relative.max(relative);
        self.anywhere.set(key, seen);
        self.here.insert(key, state);
    }

    /// The values of one place are complete: find what differs there although its inputs do not.
    fn leave_place(&mut self) {
        let mut here = std::mem::take(&mut self.here);
        if self.place[2] == NONE && self.place != [NONE; 3] {
            let differing: Vec<usize> =
                here.iter().filter(|(_, s)| **s == CellState::Differ).map(|(k, _)| *k).collect();
            if !differing.is_empty() {
                self.parents.entry(self.place).or_default().extend(differing);
            }
        }
        let mut roots: Vec<usize> = here
            .iter()
            .filter(|(key, state)| {
                **state == CellState::Differ && !input_differs(self.keys, **key, &|k| self.state_at(&here, k))
            })
            .map(|(key, _)| *key)
            .collect();
        roots.sort_unstable();
        for key in roots {
            self.evidence.below.insert(key);
            for (rows, slot) in
                self.steps.iter_mut().zip([0, 1]).filter(|(_, slot)| self.place[*slot] != NONE)
            {
                rows.root(self.scope.number, self.place[slot], key);
            }
        }
        here.clear();
        self.here = here;
    }

    /// The state of a key as seen from the current place: here, in the step or source as such, or in the pixel.
    fn state_at(&self, here: &HashMap<usize, CellState>, key: usize) -> CellState {
        if let Some(state) = here.get(&key) {
            return *state;
        }
        let [source, phi, _] = self.place;
        let parents = [[NONE, phi, NONE], [source, NONE, NONE]];
        let differs =
            |p: &[i32; 3]| *p != self.place && self.parents.get(p).is_some_and(|keys| keys.contains(&key));
        if parents.iter().any(differs) {
            return CellState::Differ;
        }
        match self.evidence.cells.get(key).state {
            CellState::Absent if self.keys.name(key).contains('.') && self.place[1] == NONE => {
                self.anywhere.get(key).state
            }
            state => state,
        }
    }

    /// Ends the segment; `before` are the keys that differ in the record before it.
    pub(super) fn finish(mut self, before: &BTreeSet<usize>) -> (SegmentDifferences<'t>, Causes) {
        self.leave_place();
        self.evidence.cells.inherit(self.keys, before);
        // Deeper levels stand in for keys that the pixel's level does not have.
        self.evidence.cells.fill(&self.anywhere);
        if self.evidence.cells.differing().next().is_none() && self.evidence.below.is_empty() {
            return (self.evidence, Causes::default());
        }
        let (keys, cells) = (self.keys, &self.evidence.cells);
        let follows = |key: usize, slip: bool| {
            let partial = !slip && !law_is_whole(keys, cells, key);
            partial
                || moves(keys, cells, key).is_none_or(|(expected, actual)| {
                    expected.abs() < 1.0 || actual.abs() > expected.abs() / 10.0
                })
        };
        let mut causes = causes(keys, cells, &follows);
        self.add_below(&mut causes);
        (self.evidence, causes)
    }

    /// What differs in a step or source alone is a cause too; and where there is another cause, here or in an earlier
    /// sub-pixel, a sum is none.
    fn add_below(&self, causes: &mut Causes) {
        let states = self.keys.results().iter().map(|k| self.evidence.cells.get(*k).state);
        let mut states = states.filter(|s| *s != CellState::Absent).peekable();
        let reaches = states.peek().is_none() || states.any(|s| s == CellState::Differ);
        let known: BTreeSet<usize> = causes.roots.iter().chain(&causes.trace_only).map(|f| f.key).collect();
        for key in &self.evidence.below {
            if !known.contains(key) && !self.evidence.cells.inherits(*key) {
                let finding = RootCause { key: *key, power: None, downstream: Vec::new(), stops: Vec::new() };
                if reaches { &mut causes.roots } else { &mut causes.trace_only }.push(finding);
            }
        }
        let sums = |f: &RootCause| self.keys.about(f.key).accumulates;
        if self.earlier || causes.roots.iter().any(|f| !sums(f)) {
            causes.roots.retain(|f| !sums(f));
        }
        causes.trace_only.retain(|f| !sums(f) || causes.roots.is_empty() && !self.earlier);
    }
}
