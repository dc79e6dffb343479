//! The spots of an image, one slab of rows after the other, so that their memory is bounded.
//!
//! Not here: the spots of a slab (`list`), rows side by side (`schedule`).

use super::extent::Reach;
use super::list::{BAND, Lights, SPOT_BYTES, SpotList};
use super::panel::Panel;
use crate::engine::structure_factors_squared::SquaredTable;
use crate::model::experiment::Experiment;
use crate::model::orientation::CellVectors;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

/// Memory that a list may take whatever the size of the image, bytes.
const SMALL: usize = 1 << 26;

/// Memory that a list may take per pixel of the image, bytes: half of its float.
const BYTES_PER_PIXEL: usize = 2;

/// Slabs of rows whose spots are listed when they are needed.
#[derive(Debug)]
pub(crate) struct Slabs {
    panel: Panel,
    reach: Reach,
    /// Rows of a slab.
    height: usize,
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
        let expected = Lights { experiment: e, sweep, table, panel: &panel, reach }
            .expected(dense)?
            .saturating_mul(SPOT_BYTES);
        let budget = (e.pixels[0] * e.pixels[1] * BYTES_PER_PIXEL).max(SMALL);
        let [first, last] = panel.all().slow;
        let height = (last - first + 1).div_ceil(expected.div_ceil(budget).max(1));
        Some(Self::of_height(height, panel, reach))
    }

    /// Slabs of so many rows or a few more, whatever that costs.
    pub(super) fn of_height(rows: usize, panel: Panel, reach: Reach) -> Self {
        Self { panel, reach, height: rows.next_multiple_of(BAND), latest: Mutex::new(None) }
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
        let lights = Lights { experiment: e, sweep, table, panel: &self.panel, reach: self.reach };
        let list = SpotList::new(&lights, [rows.start, rows.end - 1]).map(Arc::new);
        *latest = Some((rows.start, list.clone()));
        list
    }
}
