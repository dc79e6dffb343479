//! Which blocks of pixels the spots of each orientation can light: for shapes whose spots end.
//!
//! A Gaussian's exponential is 0 in floating point beyond a certain distance from the lattice point, and a flat spot has an
//! edge. So each lattice point near the Ewald sphere lights the pixels in a narrow cone of rays, and everything else may be
//! left out without changing a bit. Not here: what the cones meet (`spot_panel`), the terms themselves (`kernel`).

use super::kernel::{LANES, SPOT_EDGE, UNDERFLOW};
use super::spot_panel::{Panel, Pixels};
use super::spot_points::{Lattice, Sphere};
use crate::config::Shape;
use crate::model::experiment::Experiment;
use crate::model::orientation::CellVectors;

/// Terms looked at to decide whether a map pays.
const SAMPLES: usize = 16;

/// A map pays while terms light at most one block in so many: listing a block costs next to nothing beside computing it,
/// and blocks without light are cheap to compute.
const LARGEST_SHARE: usize = 4;

/// Lists of orientations by block of pixels.
#[derive(Debug)]
pub struct SpotMap {
    first_row: usize,
    blocks_per_row: usize,
    /// Where each block's list ends.
    ends: Vec<u32>,
    /// Source x cells of a sweep + cell, rising within a block.
    lit: Vec<u32>,
    cells: usize,
}

/// What listing terms by block needs.
struct Scratch {
    /// The last term entered for each block: several spots of one orientation may light it.
    last: Vec<u32>,
    /// Visits left.
    budget: usize,
    /// Lines of lattice points that one term may take to look through.
    lines: usize,
}

impl Scratch {
    /// With limits for what is cheaper than computing everything.
    fn limited(blocks: usize, budget: usize) -> Self {
        Self { budget, lines: blocks / LARGEST_SHARE + 64, ..Self::unlimited(blocks) }
    }

    fn unlimited(blocks: usize) -> Self {
        Self { last: vec![u32::MAX; blocks], budget: usize::MAX, lines: usize::MAX }
    }

    /// Counts a visit; whether another may follow.
    fn spend(&mut self) -> bool {
        self.budget = self.budget.saturating_sub(1);
        self.budget > 0
    }
}

impl SpotMap {
    /// The map of an experiment; `None` where spots have no end, cannot be followed, or light so much that computing all
    /// is cheaper.
    pub fn new(e: &Experiment, sweep: &[CellVectors]) -> Option<Self> {
        let (map, panel, radius) = Self::empty(e, sweep)?;
        map.pays(e, sweep, &panel, radius)?;
        map.filled(e, sweep, &panel, radius)
    }

    /// A map without entries, and what is needed to enter them: the panel, and the radius in 1/m.
    fn empty(e: &Experiment, sweep: &[CellVectors]) -> Option<(Self, Panel, f64)> {
        let radius = radius(e)?;
        let panel = Panel::new(e)?;
        let all = panel.all();
        let rows = all.slow[1] - all.slow[0] + 1;
        let blocks_per_row = all.fast[1] / LANES + 1;
        let blocks = rows.checked_mul(blocks_per_row)?;
        let terms = sweep.len().checked_mul(e.sources.list.len())?;
        // The end of the terms of a source that does not exist is counted as well.
        u32::try_from(terms.checked_add(sweep.len())?).ok()?;
        let map = Self {
            first_row: all.slow[0],
            blocks_per_row,
            ends: vec![0; blocks],
            lit: Vec::new(),
            cells: sweep.len(),
        };
        Some((map, panel, radius))
    }

    /// The crossover estimate: whether some of the terms light less than a share of their blocks, and are found for less
    /// than computing them would cost.
    fn pays(&self, e: &Experiment, sweep: &[CellVectors], panel: &Panel, radius: f64) -> Option<()> {
        let terms = sweep.len() * e.sources.list.len();
        let every = (terms / SAMPLES).max(1);
        let budget = self.ends.len() * terms.div_ceil(every) / LARGEST_SHARE;
        let mut entries = 0;
        let mut scratch = Scratch::limited(self.ends.len(), budget);
        self.each(e, sweep, panel, (radius, every), &mut scratch, |_, _| {
            entries += 1;
            entries <= budget
        })
    }

    /// Counts the entries, makes room for just these, and enters them.
    fn filled(mut self, e: &Experiment, sweep: &[CellVectors], panel: &Panel, radius: f64) -> Option<Self> {
        let blocks = self.ends.len();
        // No more memory than half the image's.
        let most = blocks * LANES / 2 + (1 << 16);
        let mut scratch = Scratch::unlimited(blocks);
        let (mut total, mut counts) = (0, vec![0; blocks]);
        self.each(e, sweep, panel, (radius, 1), &mut scratch, |block, _| {
            counts[block] += 1;
            total += 1;
            total <= most
        })?;
        let mut end = 0;
        let mut next = Vec::with_capacity(blocks);
        for count in &mut counts {
            next.push(end);
            end += *count;
            *count = end;
        }
        let mut lit = vec![0; total];
        let mut scratch = Scratch::unlimited(blocks);
        self.each(e, sweep, panel, (radius, 1), &mut scratch, |block, term| {
            lit[next[block] as usize] = term;
            next[block] += 1;
            true
        })?;
        (self.ends, self.lit) = (counts, lit);
        Some(self)
    }

    /// Calls `enter` once for each block and term that can light it, for one term in `every`, terms rising, until it says
    /// no or the budget is spent; then, or where the points cannot be listed, `None`.
    fn each(
        &self,
        e: &Experiment,
        sweep: &[CellVectors],
        panel: &Panel,
        (radius, every): (f64, usize),
        scratch: &mut Scratch,
        mut enter: impl FnMut(usize, u32) -> bool,
    ) -> Option<()> {
        for term in (0..sweep.len() * e.sources.list.len()).step_by(every) {
            let source = &e.sources.list[term / sweep.len()];
            let sphere = Sphere { incident: -source.direction, wavelength: source.wavelength };
            let lattice = Lattice::new(&sweep[term % sweep.len()], &e.cell.reciprocal, radius)?;
            let (term, mut go_on) = (term as u32, true);
            lattice.near(&sphere, panel.middle, scratch.lines, |direction, chord| {
                panel.reach(direction, chord, |pixels| {
                    self.blocks(pixels, |block| {
                        go_on &= scratch.spend();
                        if scratch.last[block] != term {
                            scratch.last[block] = term;
                            go_on &= enter(block, term);
                        }
                        go_on
                    });
                });
                go_on
            })?;
        }
        Some(())
    }

    /// Calls `take` with each block that has some of `pixels`, until it says no.
    fn blocks(&self, pixels: Pixels, mut take: impl FnMut(usize) -> bool) {
        for slow in pixels.slow[0]..=pixels.slow[1] {
            for column in pixels.fast[0] / LANES..=pixels.fast[1] / LANES {
                if !take((slow - self.first_row) * self.blocks_per_row + column) {
                    return;
                }
            }
        }
    }

    /// The terms that can light the block of pixels whose first is (slow, fast); `fast` is a multiple of [`LANES`].
    /// A term is source x [`SpotMap::cells`] + cell.
    pub fn at(&self, slow: usize, fast: usize) -> &[u32] {
        let block = (slow - self.first_row) * self.blocks_per_row + fast / LANES;
        let start = if block == 0 { 0 } else { self.ends[block - 1] };
        &self.lit[start as usize..self.ends[block] as usize]
    }

    /// Cells of a sweep.
    pub fn cells(&self) -> u32 {
        self.cells as u32
    }
}

/// Distance from a lattice point beyond which the factor is 0, 1/m.
fn radius(e: &Experiment) -> Option<f64> {
    let [na, nb, nc] = e.size.cells;
    let scale = na * na * nb * nb * nc * nc * e.fudge;
    let limit = match e.shape {
        Shape::Gauss => -UNDERFLOW * 0.63,
        Shape::Tophat => SPOT_EDGE,
        Shape::Square | Shape::Round => return None,
    };
    let radius = (limit / scale).sqrt() * 1e10;
    (scale > 0.0 && radius.is_finite() && radius > 0.0).then_some(radius)
}

#[cfg(test)]
#[path = "spot_map_tests.rs"]
mod tests;
