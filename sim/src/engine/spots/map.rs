//! Which blocks of pixels the spots of each orientation can light: for shapes whose spots end.
//!
//! Each lattice point near the Ewald sphere lights the pixels in a narrow cone of rays, and everything else may be left out
//! without changing a float. Not here: how far a spot reaches (`extent`), what the cones meet (`panel`), the terms themselves (`shape::spot`).

use super::extent::Reach;
use super::lattice_points::{ReciprocalLattice, Sphere};
use super::panel::{Panel, PixelBox};
use crate::engine::simd::{GROUP, LANES};
use crate::model::experiment::Experiment;
use crate::model::orientation::CellVectors;
use crate::pixel::Pixel;

/// Terms looked at to decide whether a map pays.
const SAMPLES: usize = 16;

/// A map pays while terms light at most one block in so many: listing a block costs next to nothing beside computing it,
/// and blocks without light are cheap to compute.
pub(super) const LARGEST_SHARE: usize = 4;

/// Lists of orientations by block of pixels.
#[derive(Debug)]
pub(crate) struct SpotMap {
    first_row: usize,
    blocks_per_row: usize,
    /// Where each block's list ends.
    pub(super) ends: Vec<u32>,
    /// Terms rise within a block.
    pub(super) lit: Vec<Entry>,
    cells: usize,
    omitted: f64,
}

/// A term that can light a group of pixels of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Source x [`SpotMap::cells`] + cell.
    pub term: u32,
    /// Which of the block's groups of [`GROUP`] pixels.
    pub group: u8,
}

/// The latest term of each block with the groups it is entered for: several spots of one orientation may light them.
struct Seen(Vec<(u32, u8)>);

impl Seen {
    fn new(blocks: usize) -> Self {
        Self(vec![(u32::MAX, 0); blocks])
    }

    /// Whether this entry comes for the first time.
    fn is_new(&mut self, block: usize, entry: Entry) -> bool {
        let (term, groups) = &mut self.0[block];
        if *term != entry.term {
            (*term, *groups) = (entry.term, 0);
        }
        let before = *groups;
        *groups |= 1 << entry.group;
        *groups != before
    }
}

impl SpotMap {
    /// The map of an experiment; `None` where spots have no end, cannot be followed, or light so much that computing all
    /// is cheaper.
    pub(crate) fn new(e: &Experiment, sweep: &[CellVectors], panel: &Panel, reach: Reach) -> Option<Self> {
        let map = Self::empty(e, sweep, panel, reach)?;
        map.pays(e, sweep, panel, reach.radius)?;
        map.filled(e, sweep, panel, reach.radius)
    }

    /// A map without entries.
    pub(super) fn empty(e: &Experiment, sweep: &[CellVectors], panel: &Panel, reach: Reach) -> Option<Self> {
        let all = panel.all();
        let rows = all.slow[1] - all.slow[0] + 1;
        let blocks_per_row = all.fast[1] / LANES + 1;
        let blocks = rows.checked_mul(blocks_per_row)?;
        let terms = sweep.len().checked_mul(e.sources.list.len())?;
        // The end of the terms of a source that does not exist is counted as well.
        u32::try_from(terms.checked_add(sweep.len())?.max(blocks)).ok()?;
        Some(Self {
            first_row: all.slow[0],
            blocks_per_row,
            ends: vec![0; blocks],
            lit: Vec::new(),
            cells: sweep.len(),
            omitted: reach.omitted,
        })
    }

    /// The crossover estimate: whether some of the terms light less than a share of their blocks, and are found for less
    /// than computing them would cost.
    fn pays(&self, e: &Experiment, sweep: &[CellVectors], panel: &Panel, radius: f64) -> Option<()> {
        let terms = sweep.len() * e.sources.list.len();
        let every = (terms / SAMPLES).max(1);
        let blocks = self.ends.len();
        let budget = blocks * terms.div_ceil(every) / LARGEST_SHARE;
        let mut seen = Seen::new(blocks);
        let (mut visits, mut entries) = (0, 0);
        let lines = blocks / LARGEST_SHARE + 64;
        self.each(e, sweep, panel, (radius, every, lines), |block, entry| {
            visits += 1;
            entries += usize::from(seen.is_new(block, entry));
            visits < budget && entries <= budget
        })
    }

    /// Finds all entries and sorts them by block.
    pub(super) fn filled(
        mut self,
        e: &Experiment,
        sweep: &[CellVectors],
        panel: &Panel,
        radius: f64,
    ) -> Option<Self> {
        let blocks = self.ends.len();
        // No more memory than the image's.
        let most = blocks * LANES / 8 + (1 << 16);
        let mut found: Vec<(u32, Entry)> = Vec::new();
        let (mut seen, mut counts) = (Seen::new(blocks), vec![0_u32; blocks]);
        self.each(e, sweep, panel, (radius, 1, usize::MAX), |block, entry| {
            if seen.is_new(block, entry) {
                found.push((block as u32, entry));
                counts[block] += 1;
            }
            found.len() <= most
        })?;
        let mut end = 0;
        let mut next = Vec::with_capacity(blocks);
        for count in &mut counts {
            next.push(end);
            end += *count;
            *count = end;
        }
        self.ends = counts;
        self.lit = vec![Entry { term: 0, group: 0 }; found.len()];
        for (block, entry) in found {
            let place = &mut next[block as usize];
            self.lit[*place as usize] = entry;
            *place += 1;
        }
        Some(self)
    }

    /// Calls `enter` with each block and term that can light it, for one term in `every`, terms rising, until it says no;
    /// then, or where the points cannot be listed (with at most so many `lines` for a term), `None`.
    fn each(
        &self,
        e: &Experiment,
        sweep: &[CellVectors],
        panel: &Panel,
        (radius, every, lines): (f64, usize, usize),
        mut enter: impl FnMut(usize, Entry) -> bool,
    ) -> Option<()> {
        for term in (0..sweep.len() * e.sources.list.len()).step_by(every) {
            let source = &e.sources.list[term / sweep.len()];
            let sphere = Sphere { incident: -source.direction, wavelength: source.wavelength };
            let lattice = ReciprocalLattice::new(&sweep[term % sweep.len()], &e.cell.reciprocal, radius)?;
            let (term, mut go_on) = (term as u32, true);
            lattice.near(&sphere, panel.middle, lines, |direction, chord| {
                panel.reach(direction, chord, |pixels| {
                    self.groups(pixels, |block, group| {
                        go_on &= enter(block, Entry { term, group });
                        go_on
                    });
                });
                go_on
            })?;
        }
        Some(())
    }

    /// Calls `take` with the block and the place in it of each group that has some of `pixels`, until it says no.
    fn groups(&self, pixels: PixelBox, mut take: impl FnMut(usize, u8) -> bool) {
        const GROUPS: usize = LANES / GROUP;
        for slow in pixels.slow[0]..=pixels.slow[1] {
            for group in pixels.fast[0] / GROUP..=pixels.fast[1] / GROUP {
                let block = (slow - self.first_row) * self.blocks_per_row + group / GROUPS;
                if !take(block, (group % GROUPS) as u8) {
                    return;
                }
            }
        }
    }

    /// The terms that can light the block of pixels whose first is `first`, in a column that is a multiple of [`LANES`].
    pub(crate) fn at(&self, first: Pixel) -> &[Entry] {
        let block = (first.slow - self.first_row) * self.blocks_per_row + first.fast / LANES;
        let start = if block == 0 { 0 } else { self.ends[block - 1] };
        &self.lit[start as usize..self.ends[block] as usize]
    }

    /// Bound of the photons that a pixel lacks without the terms that are not listed.
    pub(crate) fn omitted(&self) -> f64 {
        self.omitted
    }

    /// Cells of a sweep.
    pub(crate) fn cells(&self) -> u32 {
        self.cells as u32
    }
}
