//! Records that one trace alone has: pixels and sub-pixels, or sources, rotation steps and domains of one that both have.
//!
//! Not here: single keys that one trace lacks where both have the record (`compare`).

use std::collections::{BTreeMap, HashSet};

use crate::trace::diff::{Gap, Gaps, Scope};
use crate::trace::log::{Item, NONE, TraceLog};

/// Records that are listed; the others are counted.
const MOST: usize = 1000;

/// The records of one segment that one trace lacks: by that trace and the place, the first line and the count of values;
/// then the segment.
#[derive(Debug, Clone, Default)]
pub(crate) struct Records<'t>(BTreeMap<(usize, [i32; 3]), (u32, usize)>, Scope<'t>);

impl<'t> Records<'t> {
    /// No records of a segment.
    pub(crate) fn new(scope: Scope<'t>) -> Self {
        Self(BTreeMap::new(), scope)
    }

    /// Enters an item of a record at `place` that the trace `missing` lacks.
    pub(crate) fn add(&mut self, missing: usize, place: [i32; 3], item: &Item<'_>) {
        let record = self.0.entry((missing, place)).or_insert((item.line.number, 0));
        record.1 += 1;
    }

    /// Adds them to those of other segments.
    pub(crate) fn add_to(self, gaps: &mut Gaps) {
        for ((missing, place), (line, values)) in self.0 {
            gaps.counts[missing] += 1;
            if gaps.first.len() >= MOST {
                continue;
            }
            let mut lines = [None; 2];
            lines[1 - missing] = Some(line);
            let place = self.1.place(place, lines);
            gaps.first.push(Gap { missing_in: ['A', 'B'][missing], place, values });
        }
    }
}

/// Where both traces of a pair of segments have something.
#[derive(Debug)]
pub(crate) struct GapPlaces {
    /// Whether both have the segment.
    both: bool,
    /// Places of each, and the sources and rotation steps among them.
    of: [Seen; 2],
}

#[derive(Debug, Default)]
struct Seen {
    places: HashSet<[i32; 3]>,
    sources: HashSet<i32>,
    steps: HashSet<i32>,
}

impl GapPlaces {
    /// The places of two segments.
    pub(crate) fn new(traces: [&TraceLog; 2], pair: [Option<usize>; 2]) -> Self {
        let of = [0, 1].map(|side| {
            let mut seen = Seen::default();
            let lines = pair[side].map_or(0..0, |n: usize| traces[side].segments[n].lines.clone());
            for line in &traces[side].lines[lines] {
                if seen.places.insert(line.place) {
                    seen.sources.insert(line.place[0]);
                    seen.steps.insert(line.place[1]);
                }
            }
            seen
        });
        Self { both: pair.iter().all(Option::is_some), of }
    }

    /// The record that something at `place` belongs to, if the trace `side` has nothing of it: the whole segment, a whole
    /// rotation step, a whole source, or the place itself.
    pub(crate) fn lone(&self, side: usize, place: [i32; 3]) -> Option<[i32; 3]> {
        let ([source, step, _], seen) = (place, &self.of[side]);
        if !self.both {
            Some([NONE; 3])
        } else if place == [NONE; 3] || seen.places.contains(&place) {
            None
        } else if step != NONE && !seen.steps.contains(&step) {
            Some([NONE, step, NONE])
        } else if source != NONE && !seen.sources.contains(&source) {
            Some([source, NONE, NONE])
        } else {
            Some(place)
        }
    }
}
