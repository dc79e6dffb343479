//! The spots of an image, one slab of rows after the other, so that their memory is bounded.
//!
//! Every slab is a walk through all terms, and the more terms there are the lower are slabs of whole lists: where one list
//! does not hold an image's spots, intensities of a slab are better summed up part by part of the terms. Not here: the spots
//! of a slab (`list`), the sums (`schedule::slab_sums`), rows side by side (`schedule`).

use super::extent::Reach;
use super::list::{BAND, Lights, SPOT_BYTES, SpotList};
use super::panel::Panel;
use crate::engine::simd::LANES;
use crate::engine::structure_factors_squared::SquaredTable;
use crate::model::experiment::Experiment;
use crate::model::orientation::CellVectors;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

/// Memory that a list may take whatever the size of the image, bytes; in parts, list and image together.
const SMALL: usize = 1 << 26;

/// Share of the image's memory that parts of large images take, and their sums: one over this.
const SHARE_IN_PARTS: usize = 16;

/// How the spots of large sweeps are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parts {
    /// Rows whose intensities are summed up together.
    pub height: usize,
    /// About how many spots a part has.
    pub most: usize,
}

/// Slabs of rows whose spots are listed when they are needed.
#[derive(Debug)]
pub(crate) struct Slabs {
    panel: Panel,
    reach: Reach,
    /// Rows of a slab.
    height: usize,
    /// How to list the spots in parts; `None` where they fit into one list.
    parts: Option<Parts>,
    /// The latest list with the number of its slab; no list where spots cannot be followed.
    latest: Mutex<Option<(usize, Option<Arc<SpotList>>)>>,
}

impl Slabs {
    /// The slabs of an experiment; `None` where spots cannot be followed, or light so much that computing all is cheaper;
    /// `dense` is as in [`Lights::expected`].
    pub(crate) fn new(
        e: &Experiment,
        (sweep, table): (&[CellVectors], &SquaredTable),
        (panel, reach): (Panel, Reach),
        dense: f64,
    ) -> Option<Self> {
        let lights = Lights::new(e, (sweep, table), &panel, reach)?;
        let expected = lights.expected(dense)?.saturating_mul(SPOT_BYTES);
        let image = e.pixels[0] * e.pixels[1] * size_of::<f32>();
        let together = SMALL.saturating_sub(image).max(image / SHARE_IN_PARTS);
        let parts = (expected > together).then(|| {
            let row = e.pixels[0].next_multiple_of(LANES) * size_of::<f64>();
            Parts {
                height: (together / row).next_multiple_of(BAND).max(BAND),
                most: together / 4 / SPOT_BYTES,
            }
        });
        let [first, last] = panel.all().slow;
        let height = (last - first + 1).div_ceil(expected.div_ceil((image / 2).max(SMALL)).max(1));
        Some(Self { parts, ..Self::of_height(height, panel, reach) })
    }

    /// Slabs of so many rows or a few more, whatever that costs.
    pub(crate) fn of_height(rows: usize, panel: Panel, reach: Reach) -> Self {
        Self { panel, reach, height: rows.next_multiple_of(BAND), parts: None, latest: Mutex::new(None) }
    }

    /// The same in parts.
    #[cfg(test)]
    pub(crate) fn in_parts(self, parts: Parts) -> Self {
        Self { parts: Some(parts), ..self }
    }

    /// How the spots are listed in parts, if they should be.
    pub(crate) fn parts(&self) -> Option<Parts> {
        self.parts
    }

    /// The spots of some rows, of the terms from `first` on, and the term that is next; `None` where they cannot be followed, or where
    /// no term is left.
    pub(crate) fn part(
        &self,
        rows: &Range<usize>,
        first: usize,
        e: &Experiment,
        of: (&[CellVectors], &SquaredTable),
    ) -> Option<(Arc<SpotList>, usize)> {
        let most = self.parts?.most;
        let lights = Lights::new(e, of, &self.panel, self.reach)?;
        let (list, next) = SpotList::part(&lights, [rows.start, rows.end - 1], (first, most))?;
        Some((Arc::new(list), next))
    }

    /// The rows that share a list with a row.
    pub(crate) fn rows(&self, row: usize) -> Range<usize> {
        let [first, last] = self.panel.all().slow;
        let start = first + (row - first) / self.height * self.height;
        start..(start + self.height).min(last + 1)
    }

    /// The spots of a row and of those that share its list; `None` where they cannot be followed.
    pub(super) fn list(
        &self,
        row: usize,
        e: &Experiment,
        (sweep, table): (&[CellVectors], &SquaredTable),
    ) -> Option<Arc<SpotList>> {
        let rows = self.rows(row);
        let mut latest = self.latest.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((start, list)) = &*latest
            && *start == rows.start
        {
            return list.clone();
        }
        // Not two at a time.
        *latest = None;
        let lights = Lights::new(e, (sweep, table), &self.panel, self.reach);
        let list = lights.and_then(|lights| SpotList::new(&lights, [rows.start, rows.end - 1])).map(Arc::new);
        *latest = Some((rows.start, list.clone()));
        list
    }
}
