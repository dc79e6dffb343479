//! Spots of a slab of rows of an image: for shapes whose spots end.
//!
//! Each lattice point near the Ewald sphere lights the pixels in a narrow cone of rays, and everything else may be left out
//! without changing a float. Not here: how far a spot reaches (`extent`), what the cones meet (`panel`), which spots meet a
//! row (`band`), the terms themselves (`shape::spot`).

use super::extent::Reach;
use super::lattice_points::{Near, ReciprocalLattice, Sphere};
use super::panel::{Footprint, Panel, PixelBox, View};
use crate::engine::exponential::LOWEST_POWER;
use crate::engine::shape::factor::Reflection;
use crate::engine::simd::{GROUP, LANES};
use crate::engine::structure_factors_squared::SquaredTable;
use crate::model::experiment::Experiment;
use crate::model::orientation::CellVectors;

/// Terms looked at to decide whether a list pays.
const SAMPLES: usize = 16;

/// Lines of lattice points that are looked at in the time of a block of pixels.
const LINES_PER_BLOCK: usize = 8;

/// What a row of a spot costs beside a group of pixels of a term.
const ROW_COST: f64 = 1.0;

/// Rows whose spots are found together.
pub(crate) const BAND: usize = 8;

/// Memory that a spot takes while a list is made, bytes.
pub(super) const SPOT_BYTES: usize = size_of::<Spot>() + size_of::<(u32, Spot)>();

/// A reflection of one term, and the pixels of one sensor layer that it can light.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spot {
    /// What its terms are computed with.
    pub reflection: Reflection,
    /// Cell of the sweep.
    pub cell: u32,
    /// Layer x number of sources + source.
    pub(super) pass: u32,
    pub(super) footprint: Footprint,
}

/// All spots of a slab.
#[derive(Debug)]
pub(crate) struct SpotList {
    /// First and last rendered column, and row of the slab.
    pub(super) columns: [usize; 2],
    rows: [usize; 2],
    /// Sensor layers x sources.
    passes: usize,
    /// By the band of their first row: what a band needs lies together.
    spots: Vec<Spot>,
    /// Where the spots that begin in each band of rows end.
    ends: Vec<u32>,
    /// Bands of the spot that has most.
    tallest: usize,
}

/// What a list is made from.
pub(crate) struct Lights<'a> {
    /// The experiment.
    experiment: &'a Experiment,
    /// Cells of a sweep.
    sweep: &'a [CellVectors],
    /// Squared structure factors.
    table: &'a SquaredTable,
    /// The detector.
    panel: &'a Panel,
    /// How far spots reach.
    reach: Reach,
    /// How far that of the brightest reflection does, 1/m.
    farthest: f64,
}

impl SpotList {
    /// The spots of the slab between two rows, both included; `None` where they cannot be followed.
    pub(super) fn new(lights: &Lights<'_>, rows: [usize; 2]) -> Option<Self> {
        Some(Self::part(lights, rows, (0, usize::MAX))?.0)
    }

    /// Those of the terms from `first` on, until there are `most` or a few more, and the term that is next; `None` where spots
    /// cannot be followed.
    pub(super) fn part(
        lights: &Lights<'_>,
        rows: [usize; 2],
        (first, most): (usize, usize),
    ) -> Option<(Self, usize)> {
        let e = lights.experiment;
        let columns = lights.panel.all().fast;
        let bands = (rows[1] - rows[0]) / BAND + 1;
        let mut list = Self {
            columns,
            rows,
            passes: usize::try_from(e.layers).ok()?.checked_mul(e.sources.list.len())?,
            spots: Vec::new(),
            ends: vec![0; bands],
            tallest: 1,
        };
        let buckets = list.passes.checked_mul(BAND * (columns[1] / LANES + 1))?;
        u32::try_from(buckets.max(lights.sweep.len())).ok()?;
        // A few more, because the last term is taken whole: growing would take twice the room.
        let room = if most < usize::MAX { most + most / 8 } else { 0 };
        let mut found = Vec::with_capacity(room);
        let view = lights.panel.view(e, PixelBox { fast: columns, slow: rows })?;
        let mut next = first;
        while next < lights.terms() && found.len() < most {
            lights.term(next, (view, usize::MAX), |spot| {
                if let Some([first, last]) = list.bands_of(&spot.footprint) {
                    list.ends[first] += 1;
                    list.tallest = list.tallest.max(last - first + 1);
                    found.push((first as u32, spot));
                }
                u32::try_from(found.len()).is_ok()
            })?;
            next += 1;
        }
        list.sort(&found);
        Some((list, next))
    }

    /// Takes in spots, each with the band of its first row, whose numbers are in `ends`.
    fn sort(&mut self, found: &[(u32, Spot)]) {
        let Some((_, any)) = found.first() else { return };
        self.spots = vec![*any; found.len()];
        to_starts(&mut self.ends);
        for (band, spot) in found {
            let next = &mut self.ends[*band as usize];
            self.spots[*next as usize] = *spot;
            *next += 1;
        }
    }

    /// First and last band of rows that a footprint meets; `None` where it misses the rendered part.
    fn bands_of(&self, footprint: &Footprint) -> Option<[usize; 2]> {
        clipped(footprint.rows(), self.rows).map(|rows| rows.map(|row| self.band(row)))
    }

    /// The number of the band of a row.
    #[inline(always)]
    pub(super) fn band(&self, row: usize) -> usize {
        (row - self.rows[0]) / BAND
    }

    /// First and last row of a band.
    pub(super) fn rows(&self, band: usize) -> [usize; 2] {
        let first = self.rows[0] + band * BAND;
        [first, self.rows[1].min(first + BAND - 1)]
    }

    /// The spots that may meet a band, with their places.
    pub(super) fn near(&self, band: usize) -> impl Iterator<Item = (u32, &Spot)> {
        let before = (band + 1).saturating_sub(self.tallest);
        let start = if before == 0 { 0 } else { self.ends[before - 1] };
        let end = self.ends[band];
        (start..end).zip(&self.spots[start as usize..end as usize])
    }

    /// A spot.
    #[inline(always)]
    pub(crate) fn at(&self, place: u32) -> &Spot {
        &self.spots[place as usize]
    }

    /// Blocks of pixels of a row, and layers x sources.
    pub(super) fn shape(&self) -> [usize; 2] {
        [self.columns[1] / LANES + 1, self.passes]
    }

    /// How many there are.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.spots.len()
    }
}

/// Turns numbers of things into where they start, one kind after the other.
pub(super) fn to_starts(numbers: &mut [u32]) {
    let mut start = 0;
    for number in numbers {
        (*number, start) = (start, start + *number);
    }
}

/// The pixels between two coordinates, without those outside `limits`, which are included; `None` if none are left.
#[inline(always)]
pub(super) fn clipped([from, to]: [f64; 2], limits: [usize; 2]) -> Option<[usize; 2]> {
    // Converting turns what is below 0 into 0, and clamps what is too large.
    let first = (from as usize).max(limits[0]);
    let last = (to as usize).min(limits[1]);
    (first <= last && to >= 0.0).then_some([first, last])
}

impl<'a> Lights<'a> {
    /// All of an experiment; `None` where structure factors are not finite.
    pub(super) fn new(
        experiment: &'a Experiment,
        (sweep, table): (&'a [CellVectors], &'a SquaredTable),
        panel: &'a Panel,
        reach: Reach,
    ) -> Option<Self> {
        let farthest = reach.radius(table.largest()?);
        Some(Self { experiment, sweep, table, panel, reach, farthest })
    }

    /// How many spots there are, about; `None` where spots cannot be followed, or where some of the terms do not cost less than
    /// those of all groups of pixels; one of these takes `dense` times what a listed one does.
    pub(super) fn expected(&self, dense: f64) -> Option<usize> {
        let e = self.experiment;
        let all = self.panel.all();
        let [columns, rows] = [all.fast, all.slow].map(|[first, last]| last - first + 1);
        let (rows_of_groups, terms) = (rows as f64, self.terms());
        let every = (terms / SAMPLES).max(1);
        let groups = rows_of_groups * (columns as f64 / GROUP as f64);
        let budget = dense * groups * terms.div_ceil(every) as f64 * f64::from(e.layers);
        let lines = rows * (columns / LANES + 1) * LINES_PER_BLOCK / GROUP + 64;
        let (mut cost, mut spots) = (0.0, 0_usize);
        for term in (0..terms).step_by(every) {
            self.term(term, (self.panel.view, lines), |spot| {
                let footprint = &spot.footprint;
                if let Some([first, last]) = clipped(footprint.rows(), all.slow) {
                    spots += 1;
                    let middle = footprint.columns((first + last) / 2);
                    let widest = middle.and_then(|columns| clipped(columns, all.fast));
                    let groups = widest.map_or(0, |[first, last]| last / GROUP - first / GROUP + 1);
                    cost += (last - first + 1) as f64 * (groups as f64 + ROW_COST);
                }
                cost < budget
            })?;
        }
        Some(spots.saturating_mul(every))
    }

    /// Orientations x sources.
    pub(super) fn terms(&self) -> usize {
        self.sweep.len() * self.experiment.sources.list.len()
    }

    /// Calls `take` with each spot of a term, until it says no; then, or where the points cannot be listed (with at most so many
    /// `lines`), `None`. Only spots whose rays meet the `view` are certain.
    fn term(
        &self,
        term: usize,
        (view, lines): (View, usize),
        mut take: impl FnMut(Spot) -> bool,
    ) -> Option<()> {
        let (e, reach, table) = (self.experiment, self.reach, self.table);
        let [na, nb, nc] = e.size.cells;
        let cells_sqr = na * na * nb * nb * nc * nc;
        let f_sqr = |hkl: [i64; 3]| table.at(table.place(hkl.map(|i| i as f64)));
        let sources = e.sources.list.len();
        let (number, cell) = (term / self.sweep.len(), term % self.sweep.len());
        let source = &e.sources.list[number];
        let sphere = Sphere { incident: -source.direction, wavelength: source.wavelength };
        let lattice = ReciprocalLattice::new(&self.sweep[cell], &e.cell.reciprocal, self.farthest)?;
        let radius = |hkl: [i64; 3]| reach.radius(f_sqr(hkl));
        let mut go_on = true;
        lattice.within(table.limits()).near(&sphere, view, lines, radius, |Near { hkl, direction, chord }| {
            let f_sqr = f_sqr(hkl);
            let reflection = Reflection {
                nearest: hkl.map(|i| i as i32),
                peak: f_sqr * cells_sqr,
                lowest: reach.lowest_power(f_sqr).max(LOWEST_POWER) as f32,
            };
            self.panel.reach(direction, chord, |layer, footprint| {
                let pass = (layer * sources + number) as u32;
                go_on &= take(Spot { reflection, cell: cell as u32, pass, footprint });
            });
            go_on
        })
    }
}
