//! The values of a trace by name, as laws see them from one place.
//!
//! Not here: the laws.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use nanobragg::Pixel;

use crate::trace::log::{NONE, Subject, TraceLog};
use crate::trace::schema::carried;
use crate::trace::schema::expression::{BoundedValue, Names};

/// Where the numbers of a key stand: where they start, how many, and the line.
type NumberSpot = (usize, usize, u32);

/// The values of all segments, indexed.
pub(super) struct Segments<'t> {
    trace: &'t TraceLog,
    /// For each segment: place, key, spot.
    spots: Vec<HashMap<([i32; 3], u32), NumberSpot>>,
    /// The set-up that each segment belongs to.
    set_up: Vec<Option<usize>>,
    /// Blocks of the pixel each segment belongs to.
    blocks: Vec<usize>,
}

impl<'t> Segments<'t> {
    /// Indexes a trace.
    pub(super) fn new(trace: &'t TraceLog) -> Self {
        let mut spots = Vec::with_capacity(trace.segments.len());
        let mut set_up = Vec::with_capacity(trace.segments.len());
        let mut last = None;
        for (number, segment) in trace.segments.iter().enumerate() {
            let mut here = HashMap::new();
            for line in segment.lines.clone() {
                let mut start = trace.lines[line].start as usize;
                for item in trace.items(line) {
                    here.insert((item.line.place, item.key), (start, item.numbers.len(), item.line.number));
                    start += item.numbers.len();
                }
            }
            spots.push(here);
            set_up.push(last);
            if segment.subject == Subject::SetUp {
                last = Some(number);
            }
        }
        let mut blocks = vec![1; trace.segments.len()];
        for n in (0..trace.segments.len()).rev() {
            let own = trace.segments[n].block + 1;
            // A block that another follows belongs to the same pixel.
            let next = trace.segments.get(n + 1).filter(|s| s.block == own).map(|_| blocks[n + 1]);
            blocks[n] = next.unwrap_or(own);
        }
        Self { trace, spots, set_up, blocks }
    }

    /// All places of a segment, the pixel's own first.
    pub(super) fn places(&self, segment: usize) -> Vec<[i32; 3]> {
        let places: BTreeSet<[i32; 3]> = self.spots[segment].keys().map(|(place, _)| *place).collect();
        places.into_iter().collect()
    }

    /// The names as seen from a place.
    pub(super) fn names<'s>(
        &'s self,
        segment: usize,
        place: [i32; 3],
        relative: f64,
        given: &'s BTreeMap<String, f64>,
    ) -> Here<'s, 't> {
        Here { all: self, segment, place, relative, given }
    }
}

/// The names as seen from one place of one segment.
pub(super) struct Here<'s, 't> {
    all: &'s Segments<'t>,
    segment: usize,
    place: [i32; 3],
    relative: f64,
    given: &'s BTreeMap<String, f64>,
}

impl Here<'_, '_> {
    fn spot(&self, segment: usize, place: [i32; 3], name: &str) -> Option<NumberSpot> {
        let key = self.all.trace.names.find(name)?;
        self.all.spots[segment].get(&(place, key)).copied()
    }

    /// The record before this one in its sequence.
    fn before(&self) -> Option<Self> {
        let trace = self.all.trace;
        let segment = trace.record(trace.segments[self.segment].subject)?.before? as usize;
        Some(Self { segment, place: [NONE; 3], ..*self })
    }

    /// The segments that enclose the record, from the inside.
    fn enclosing(&self) -> impl Iterator<Item = usize> {
        let trace = self.all.trace;
        let above = |n: &usize| Some(trace.record(trace.segments[*n].subject)?.above? as usize);
        std::iter::successors(above(&self.segment), above)
    }

    /// Where the numbers of a key at this very place start, and how many there are.
    pub(super) fn own(&self, name: &str) -> Option<(usize, usize)> {
        self.spot(self.segment, self.place, name).map(|(start, count, _)| (start, count))
    }

    /// Whether the key stands at this very place.
    pub(super) fn has_own(&self, name: &str) -> bool {
        self.spot(self.segment, self.place, name).is_some()
    }

    /// The line of a key at this place.
    pub(super) fn line(&self, name: &str) -> Option<u32> {
        self.spot(self.segment, self.place, name).map(|(_, _, line)| line)
    }

    /// The pixel.
    pub(super) fn pixel(&self) -> Option<Pixel> {
        self.all.trace.segments[self.segment].subject.pixel()
    }

    /// The name of the record.
    pub(super) fn record(&self) -> Option<&str> {
        self.all.trace.record_name(self.all.trace.segments[self.segment].subject)
    }

    /// The block.
    pub(super) fn block(&self) -> usize {
        self.all.trace.segments[self.segment].block
    }
}

impl Names for Here<'_, '_> {
    fn value(&self, name: &str) -> Option<BoundedValue> {
        match name {
            "block" => return Some(BoundedValue::exact(self.block() as f64)),
            "blocks" => return Some(BoundedValue::exact(self.all.blocks[self.segment] as f64)),
            _ => {}
        }
        let before = carried(name).filter(|_| self.all.trace.names.find(name).is_none());
        if let Some(name) = before {
            return self.before().and_then(|before| before.value(name));
        }
        let [source, ..] = self.place;
        // What belongs to another source says nothing about this one.
        let above = if source > 0 { [source, NONE, NONE] } else { [NONE; 3] };
        let spot = self
            .spot(self.segment, self.place, name)
            .or_else(|| self.spot(self.segment, above, name))
            .or_else(|| self.enclosing().find_map(|segment| self.spot(segment, [NONE; 3], name)))
            .or_else(|| self.spot(self.all.set_up[self.segment]?, [NONE; 3], name));
        if let Some((start, count, _)) = spot.filter(|(_, count, _)| *count > 0) {
            return Some(BoundedValue::rounded(&self.all.trace.values[start..start + count], self.relative));
        }
        match self.given.get(name) {
            Some(number) => Some(BoundedValue::exact(*number)),
            // Without water there is no background, and a trace does not show whether there is.
            None => (name == "background").then(|| BoundedValue::exact(0.0)),
        }
    }

    fn all(&self, name: &str) -> Vec<f64> {
        let trace = self.all.trace;
        let Some(key) = trace.names.find(name) else { return Vec::new() };
        let lines = trace.segments[self.segment].lines.clone();
        lines
            .flat_map(|line| trace.items(line))
            .filter(|i| i.key == key)
            .flat_map(|i| i.numbers.to_vec())
            .collect()
    }
}
