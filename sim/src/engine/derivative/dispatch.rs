//! One copy of the derivative kernel per instruction set, and what it covers.
//!
//! Not here: the kernel (`kernel`), which instruction sets there are (`dispatch`).

use super::kernel::block;
use super::state::{Shared, SlopeBlock};
use crate::config::Shape;
use crate::engine::block::state::BlockPosition;
use crate::engine::shape::round::SlopedRound;
use crate::engine::shape::slope::Sloped;
use crate::engine::shape::spot::SlopedSpot;
use crate::engine::shape::square::SlopedSquare;
use crate::engine::simd::on_every_level;
use crate::model::experiment::Experiment;

/// A plane nearer to the sample than this share of the detector's distance is taken to go through it.
const THROUGH_SAMPLE: f64 = 1e-6;

/// Whether the kernel covers this experiment; anything else is computed pixel by pixel.
pub(crate) fn covers(e: &Experiment) -> bool {
    let (s, d) = (&e.sampling, &e.detector);
    let height = d.origin.dot(d.normal).abs();
    let apart = e.curved || height > THROUGH_SAMPLE * d.origin.norm();
    // Within a resolution limit, the polarisation factor is that of the first ray that passes.
    let one_ray = e.sources.list.len() == 1 && e.layers == 1 && s.oversample == 1;
    let one_factor = s.dmin <= 0.0 || e.no_polarization || one_ray;
    let amplitudes = !e.interpolate || (e.structure_factors.is_loaded() && s.dmin <= 0.0);
    !s.has_factors_per_term() && amplitudes && one_factor && apart
}

/// Computes a block with the experiment's shape.
pub(crate) fn render(shared: &Shared<'_>, at: BlockPosition, out: &mut SlopeBlock) {
    let e = shared.context.experiment;
    let plan = shared.plan;
    if let Some(spots) = &plan.spots
        && !out.spots.are_of(at.first.slow)
    {
        out.spots.turn_to(at.first.slow, spots, (e, &plan.sweep, &plan.table), e.sampling.dmin > 0.0);
    }
    match e.shape {
        Shape::Square if shared.plan.short => {
            on_level(shared.plan.level, SlopedSquare::<true>::new(e), shared, at, out)
        }
        Shape::Square => on_level(shared.plan.level, SlopedSquare::<false>::new(e), shared, at, out),
        Shape::Round => on_level(shared.plan.level, SlopedRound::new(e), shared, at, out),
        Shape::Gauss => {
            on_level(shared.plan.level, SlopedSpot::<true>::new(e, plan.weakest), shared, at, out)
        }
        Shape::Tophat => on_level(shared.plan.level, SlopedSpot::<false>::new(e, None), shared, at, out),
    }
}

on_every_level! {
    /// Computes a block with an instruction set.
    fn on_level[L: Sloped][L](shape: L, shared: &Shared<'_>, at: BlockPosition, out: &mut SlopeBlock) => block
}
