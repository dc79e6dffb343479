//! The spots that meet a band of rows, block by block.
//!
//! Not here: all spots of an image (`list`), the terms themselves (`shape::spot`).

use super::list::{BAND, SpotList, clipped, to_starts};
use super::slabs::Slabs;
use crate::engine::simd::{GROUP, LANES};
use crate::engine::structure_factors_squared::SquaredTable;
use crate::model::experiment::Experiment;
use crate::model::orientation::CellVectors;
use crate::pixel::Pixel;
use std::ops::Range;
use std::sync::Arc;

/// A spot that can light some groups of pixels of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LitGroups {
    /// Its place in the list.
    pub spot: u32,
    /// First of the block's groups of [`GROUP`] pixels.
    pub first: u8,
    /// Last one.
    pub last: u8,
}

/// The spots of one band of rows after the other, all of the same image.
#[derive(Debug, Default)]
pub(crate) struct BandSpots {
    /// Those of the slab, where they can be listed.
    list: Option<Arc<SpotList>>,
    /// Rows whose spots these are.
    rows: Range<usize>,
    blocks: usize,
    passes: usize,
    /// Where the entries of each block end, block after block of a row, pass after pass of a block.
    ends: Vec<u32>,
    entries: Vec<LitGroups>,
    /// Entries as they are found, with the number of their block and pass.
    found: Vec<(u32, LitGroups)>,
}

impl BandSpots {
    /// Whether these are the spots of a row: most blocks need not turn.
    #[inline(always)]
    pub(crate) fn are_of(&self, row: usize) -> bool {
        self.rows.contains(&row)
    }

    /// Turns to the band of a row. With `in_order` the entries of a pass of a block are in the order of terms.
    pub(crate) fn turn_to(
        &mut self,
        row: usize,
        slabs: &Slabs,
        (e, sweep, table): (&Experiment, &[CellVectors], &SquaredTable),
        in_order: bool,
    ) {
        // One list at a time, if nobody else holds it.
        let slab = slabs.rows(row);
        if !slab.contains(&self.rows.start) || self.rows.is_empty() {
            self.list = None;
            self.list = slabs.list(row, e, (sweep, table));
        }
        self.rows = slab;
        if let Some(list) = self.list.clone() {
            self.turn_to_list(row, &list, in_order);
        }
    }

    /// The same with the list of the row's slab.
    pub(super) fn turn_to_list(&mut self, row: usize, list: &SpotList, in_order: bool) {
        let band = list.band(row);
        self.fill(band, list);
        if in_order {
            let mut start = 0;
            for end in &self.ends {
                self.entries[start..*end as usize].sort_by_key(|entry| list.at(entry.spot).cell);
                start = *end as usize;
            }
        }
    }

    /// Those of a list, before any band.
    pub(crate) fn of(list: Arc<SpotList>) -> Self {
        Self { list: Some(list), ..Self::default() }
    }

    /// Turns to the band of a row of the list, whatever its order.
    pub(crate) fn turn_to_row(&mut self, row: usize) {
        if let Some(list) = self.list.clone() {
            self.turn_to_list(row, &list, false);
        }
    }

    /// The spots of the slab; `None` where they are not known.
    pub(crate) fn list(&self) -> Option<&SpotList> {
        self.list.as_deref()
    }

    fn fill(&mut self, band: usize, list: &SpotList) {
        let rows = list.rows(band);
        self.rows = rows[0]..rows[1] + 1;
        [self.blocks, self.passes] = list.shape();
        self.found.clear();
        self.ends.clear();
        self.ends.resize(BAND * self.blocks * self.passes, 0);
        for (place, spot) in list.near(band) {
            let Some([first, last]) = clipped(spot.footprint.rows(), rows) else {
                continue;
            };
            for row in first..=last {
                let columns = spot.footprint.columns(row).and_then(|columns| clipped(columns, list.columns));
                if let Some(columns) = columns {
                    self.enter(row - rows[0], columns, (place, spot.pass as usize));
                }
            }
        }
        to_starts(&mut self.ends);
        self.entries.resize(self.found.len(), LitGroups { spot: 0, first: 0, last: 0 });
        for (bucket, entry) in &self.found {
            let next = &mut self.ends[*bucket as usize];
            self.entries[*next as usize] = *entry;
            *next += 1;
        }
    }

    /// Enters a spot in the blocks of its columns.
    #[inline(always)]
    fn enter(&mut self, row: usize, [first, last]: [usize; 2], (spot, pass): (u32, usize)) {
        for block in first / LANES..=last / LANES {
            let start = block * LANES;
            // Below 8.
            let group = |column: usize| ((column - start) / GROUP) as u8;
            let (first, last) = (group(first.max(start)), group(last.min(start + LANES - 1)));
            let bucket = (row * self.blocks + block) * self.passes + pass;
            self.ends[bucket] += 1;
            self.found.push((bucket as u32, LitGroups { spot, first, last }));
        }
    }

    /// Those of a pass (layer x number of sources + source) of the block with a pixel.
    #[inline(always)]
    pub(crate) fn at(&self, pixel: Pixel, pass: usize) -> &[LitGroups] {
        self.between(self.bucket(pixel) + pass, 1)
    }

    /// Whether no spot meets the block with a pixel.
    pub(crate) fn is_dark(&self, pixel: Pixel) -> bool {
        self.between(self.bucket(pixel), self.passes).is_empty()
    }

    #[inline(always)]
    fn bucket(&self, pixel: Pixel) -> usize {
        ((pixel.slow - self.rows.start) * self.blocks + pixel.fast / LANES) * self.passes
    }

    #[inline(always)]
    fn between(&self, bucket: usize, count: usize) -> &[LitGroups] {
        let start = if bucket == 0 { 0 } else { self.ends[bucket - 1] };
        &self.entries[start as usize..self.ends[bucket + count - 1] as usize]
    }
}
