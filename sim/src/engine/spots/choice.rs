//! How spots that end are computed: those that are listed, or every term of every pixel, whichever costs less.
//!
//! Where spots run together a list has more terms than there are; then Gaussian spots are computed everywhere, within a bound,
//! and what cannot be bounded is the reference's own. Not here: lists (`list`), terms (`shape::spot`).

use super::extent::Reach;
use super::panel::Panel;
use super::slabs::Slabs;
use crate::config::Shape;
use crate::engine::exponential::LOWEST_POWER;
use crate::engine::shape::spot::{SpotShape, WideGauss, term_error};
use crate::engine::structure_factors_squared::SquaredTable;
use crate::model::experiment::Experiment;
use crate::model::orientation::CellVectors;

/// What a group of pixels of a term takes over what it takes where it is listed, if each exponential is the platform's.
const PLATFORM_COST: f64 = 5.0;

/// How spots that end are computed. By default every term of every pixel is the reference's own.
#[derive(Debug, Default)]
pub(crate) struct Choice {
    /// Lists of spots, where they pay.
    pub slabs: Option<Slabs>,
    /// Where Gaussian terms of every pixel are bounded: the logarithm, to the base 2, of the squared share of a lattice point's
    /// light below which a term is left out.
    pub weakest: Option<f64>,
    /// Bound of the relative error that this brings in.
    pub error: f64,
    /// Bound of the photons that a pixel lacks without the terms that are left out.
    pub omitted: f64,
}

impl Choice {
    /// What an experiment's spots are worth; `None` for shapes without an end. `scale` turns intensities into photons.
    pub(crate) fn new(
        e: &Experiment,
        scale: f64,
        (sweep, table): (&[CellVectors], &SquaredTable),
    ) -> Option<Self> {
        // With water the reference takes terms whose lattice factor is 0 as well. Adding 0 changes nothing, but the factors
        // for every term do.
        if !Reach::ends(e.shape) || e.water && e.sampling.has_factors_per_term() {
            return None;
        }
        let largest = table.largest()?;
        let flat = Panel::new(e).and_then(|panel| Some((Reach::new(e, scale, &panel)?, panel)));
        let everywhere = Self::everywhere(e, flat.as_ref().map(|(reach, _)| *reach), largest);
        let listed = flat.and_then(|(reach, panel)| {
            let each_by_itself = e.shape == Shape::Tophat || e.sampling.has_factors_per_term();
            if !each_by_itself && reach.lowest_power(largest) < LOWEST_POWER {
                return None;
            }
            let platform = e.shape == Shape::Gauss && everywhere.is_none() && !e.sampling.decides_per_term();
            let dense = if platform { PLATFORM_COST } else { 1.0 };
            let bounded = e.shape == Shape::Gauss && reach.omitted() > 0.0;
            let error = if bounded { term_error(reach.limit(largest).max(0.0)) } else { 0.0 };
            let slabs = Slabs::new(e, (sweep, table), (panel, reach), dense)?;
            Some(Self { slabs: Some(slabs), weakest: None, error, omitted: reach.omitted() })
        });
        listed.or(everywhere)
    }

    /// Gaussian terms of every pixel within a bound; `None` where some that can be seen are too weak for that.
    pub(super) fn everywhere(e: &Experiment, reach: Option<Reach>, largest: f64) -> Option<Self> {
        if e.shape != Shape::Gauss {
            return None;
        }
        let farthest = farthest_argument(e);
        // Without a bound of what may be missing, nothing may be left out.
        let ends = reach.filter(|reach| reach.omitted() > 0.0 && reach.limit(largest) < farthest);
        let limit = ends.map_or(farthest, |reach| reach.limit(largest).max(0.0));
        let weakest = -2.0 * std::f64::consts::LOG2_E * limit;
        // NaN is not among these.
        (weakest >= LOWEST_POWER).then(|| Self {
            slabs: None,
            weakest: Some(weakest),
            error: WideGauss::error(limit),
            omitted: ends.map_or(0.0, Reach::omitted),
        })
    }
}

/// No argument of a Gaussian's exponential lies farther below 0, nor above it; a little more for rounding. Infinite where that
/// is not so.
fn farthest_argument(e: &Experiment) -> f64 {
    // Distances are longest at the corners of what is nearest to a lattice point, and at opposite ones the same.
    let corners = [[0.5, 0.5, 0.5], [-0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0.5, 0.5, -0.5]];
    let shape = SpotShape::<true>::new(e);
    let below = corners.map(|corner| -shape.argument(corner));
    if below.iter().all(|x| *x >= 0.0) {
        1.001 * below.into_iter().fold(0.0, f64::max)
    } else {
        f64::INFINITY
    }
}
