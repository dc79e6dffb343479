//! What the blocks of a pass share, and the room that one after the other is computed in.
//!
//! Not here: computing them (`kernel`).

use super::moments::{Direction, moment};
use super::prefactor::Prefactor;
use crate::engine::block::rays::Rays;
use crate::engine::block::sums::Sums;
use crate::engine::interpolation::slopes::Interpolation;
use crate::engine::plan::Plan;
use crate::engine::reference::carry::Leave;
use crate::engine::reference::pixel::Context;
use crate::engine::shape::slope::Terms;
use crate::engine::simd::{LANES, Lanes};
use crate::engine::spots::band::BandSpots;
use crate::engine::structure_factors_squared::Place;
use crate::model::experiment::Experiment;
use crate::physics::vec3::Vec3;
use crate::pixel::Pixel;

/// Which moments of the cell anything depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CellMoments {
    None,
    /// Those of each index with itself.
    Diagonal,
    All,
}

/// Whether interpolation is on when a pixel begins, if rendering left the list at `left`.
pub(crate) fn interpolates(e: &Experiment, left: Option<Leave>, pixel: Pixel) -> bool {
    let before = |left: Leave| pixel <= left.pixel;
    e.interpolate && left.filter(|_| e.interpolation_stops).is_none_or(before)
}

/// What all blocks of a pass share.
pub(crate) struct Shared<'a> {
    pub(crate) context: &'a Context<'a>,
    pub(crate) plan: &'a Plan,
    pub(crate) directions: Vec<Direction>,
    /// Of directions that turn each orientation of a sweep by itself: the turns, taken out of them. Their moments begin at
    /// [`moment::TURNS`].
    pub(crate) turns: Vec<Vec<Vec3>>,
    /// Where rendering first left the list of reflections.
    left_list: Option<Leave>,
    /// Whether the floats of the image are wanted, and proven.
    pub(crate) proves: bool,
    pub(crate) cell: CellMoments,
    /// Whether origin, fast, slow, and normal axis move.
    pub(crate) geometry: [bool; 4],
    /// Whether a curved detector's distance changes.
    bends: bool,
    pub(crate) wavelength: bool,
    pub(crate) metric: bool,
    /// Whether distances to the nearest lattice point matter by themselves.
    pub(crate) offsets: bool,
    /// Places of single reflections in the table of structure factors, with the moments that sum their terms.
    pub(crate) reflections: Vec<(Place, usize)>,
    /// Places of all moments that anything depends on.
    used: Vec<usize>,
}

impl<'a> Shared<'a> {
    pub(crate) fn new(
        context: &'a Context<'a>,
        plan: &'a Plan,
        mut directions: Vec<Direction>,
        left_list: Option<Leave>,
        proves: bool,
    ) -> Self {
        let turns = directions.iter_mut().filter_map(|direction| direction.turns.take()).collect();
        let any = |first: usize, count: usize| directions.iter().any(|d| d.weighs(first..first + count));
        let cell =
            match ((0..9).any(|i| any(moment::CELL + i, 1)), [1, 2, 3, 5, 6, 7].iter().any(|i| any(*i, 1))) {
                (false, _) => CellMoments::None,
                (true, false) => CellMoments::Diagonal,
                (true, true) => CellMoments::All,
            };
        let geometry = std::array::from_fn(|i| any(moment::GEOMETRY + 3 * i, 3));
        let (wavelength, metric) = (any(moment::WAVELENGTH, 1), any(moment::METRIC, 6));
        let bends = any(moment::DISTANCE, 1);
        let offsets = any(moment::OFFSETS, 3);
        let place = |hkl: &[i32; 3]| plan.table.place(hkl.map(f64::from));
        let reflections = directions.iter().filter_map(|d| d.reflection.as_ref()).map(place);
        let reflections: Vec<(Place, usize)> = reflections.zip(moment::REFLECTIONS..).collect();
        let mut used: Vec<usize> = (0..moment::COUNT).filter(|place| any(*place, 1)).collect();
        let first = |vector: usize| moment::GEOMETRY + 3 * vector;
        used.extend((0..4).filter(|v| geometry[*v]).flat_map(|v| first(v)..first(v) + 3));
        if context.experiment.curved {
            // All of what is bent from the flat detector.
            used.extend([moment::DISTANCE].into_iter().chain(first(1)..first(3)));
        }
        used.extend(reflections.iter().map(|(_, place)| *place));
        used.extend(if offsets { moment::OFFSETS..moment::OFFSETS + 3 } else { 0..0 });
        used.extend(if cell == CellMoments::All { 0..9 } else { 0..0 });
        used.extend(if cell == CellMoments::Diagonal { vec![0, 4, 8] } else { vec![] });
        used.sort_unstable();
        used.dedup();
        Self {
            context,
            plan,
            directions,
            turns,
            left_list,
            proves,
            cell,
            geometry,
            bends,
            wavelength,
            metric,
            offsets,
            reflections,
            used,
        }
    }

    /// Sets those moments to 0 that anything depends on.
    #[inline(always)]
    pub(crate) fn clear(&self, moments: &mut [Lanes; moment::COUNT]) {
        for &place in &self.used {
            moments[place] = [0.0; LANES];
        }
    }

    /// Whether interpolation is on when a pixel begins.
    pub(crate) fn interpolates(&self, pixel: Pixel) -> bool {
        interpolates(self.context.experiment, self.left_list, pixel)
    }

    /// Whether what no term lights has no derivatives.
    pub(crate) fn unlit_stays_black(&self) -> bool {
        self.plan.unlit_is_black && self.directions.iter().all(|direction| direction.background == 0.0)
    }

    /// Whether rays move.
    pub(crate) fn moves_rays(&self) -> bool {
        self.moves_detector() || self.wavelength
    }

    pub(crate) fn moves_detector(&self) -> bool {
        self.bends || self.geometry.contains(&true)
    }
}

/// Derivatives of a block's pixels by one direction.
#[derive(Debug, Clone)]
#[repr(C, align(64))]
pub(crate) struct Derivative(pub(crate) Lanes);

/// Room for computing one block after the other, and the last one finished.
#[repr(C, align(64))]
pub(crate) struct SlopeBlock {
    /// Whether any term was added, or light without terms: photons and derivatives are all 0 otherwise, and not set.
    pub(crate) lit: bool,
    /// Photons.
    pub(crate) photons: Lanes,
    /// Photons as floats of the image, where they are requested; not to be used where `sums.redo` is not 0.
    pub(crate) image: [f32; LANES],
    /// Derivatives by each direction in photons per the user's unit.
    pub(crate) slopes: Vec<Derivative>,
    pub(crate) sums: Sums,
    pub(crate) moments: [Lanes; moment::COUNT],
    pub(crate) prefactor: Prefactor,
    pub(crate) rays: Rays,
    /// Σ G a of the rays of one source.
    pub(crate) d_scattering: [Lanes; 3],
    pub(crate) terms: Terms,
    pub(crate) interpolation: Interpolation,
    /// Over the distance from the sample, 1/m.
    pub(crate) inverse_distance: Lanes,
    /// Spots of the rows around, where there is a list of them. All blocks that are computed in here have the same.
    pub(crate) spots: BandSpots,
}

impl SlopeBlock {
    /// Room for derivatives by `count` directions.
    pub(crate) fn new(count: usize) -> Self {
        Self {
            lit: true,
            photons: [0.0; LANES],
            image: [0.0; LANES],
            slopes: vec![Derivative([0.0; LANES]); count],
            sums: Sums::new(),
            moments: [[0.0; LANES]; moment::COUNT],
            prefactor: Prefactor::new(),
            rays: Rays::new(),
            d_scattering: [[0.0; LANES]; 3],
            spots: BandSpots::default(),
            terms: Terms::new(),
            interpolation: Interpolation::new(),
            inverse_distance: [0.0; LANES],
        }
    }
}
