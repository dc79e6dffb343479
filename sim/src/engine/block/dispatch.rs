//! One copy of the block kernel per instruction set, and which of them this machine runs.
//!
//! Not here: the kernel (`block`). All copies give the same numbers: the same operations on doubles, each rounded once.

use super::kernel::block;
use super::state::{Block, BlockPosition, Start};
use crate::config::Shape;
use crate::engine::plan::{Arithmetic, Plan};
use crate::engine::reference::pixel::Context;
use crate::engine::shape::factor::LatticeFactor;
use crate::engine::shape::round::{LibmRound, Round};
use crate::engine::shape::spot::{SpotShape, WideGauss};
use crate::engine::shape::square::{FastSquare, LibmSquare, Square};
use crate::engine::simd::on_every_level;

/// Computes a block with the plan's instruction set and the experiment's shape.
pub(crate) fn render(context: &Context<'_>, plan: &Plan, at: BlockPosition, out: &mut Block) {
    let e = context.experiment;
    if let Some(spots) = &plan.spots
        && out.start == Start::Background
        && !out.spots.are_of(at.first.slow)
    {
        let all = (e, plan.sweep.as_slice(), &plan.table);
        out.spots.turn_to(at.first.slow, spots, all, e.sampling.decides_per_term());
    }
    match e.shape {
        Shape::Square => square(context, plan, at, out),
        Shape::Round if plan.arithmetic == Arithmetic::Platform => {
            with_shape(LibmRound::new(e), context, plan, at, out)
        }
        Shape::Round => with_shape(Round::new(e), context, plan, at, out),
        Shape::Gauss => gauss(context, plan, at, out),
        Shape::Tophat => with_shape(SpotShape::<false>::new(e), context, plan, at, out),
    }
}

fn square(context: &Context<'_>, plan: &Plan, at: BlockPosition, out: &mut Block) {
    let e = context.experiment;
    match (plan.arithmetic, FastSquare::<false>::new(e), FastSquare::<true>::new(e)) {
        (Arithmetic::Platform, ..) => with_shape(LibmSquare::new(e), context, plan, at, out),
        (Arithmetic::Fast, Some(fast), _) => with_shape(fast, context, plan, at, out),
        (Arithmetic::Single, _, Some(single)) => with_shape(single, context, plan, at, out),
        _ if plan.short => with_shape(Square::<true>::new(e), context, plan, at, out),
        _ => with_shape(Square::<false>::new(e), context, plan, at, out),
    }
}

fn gauss(context: &Context<'_>, plan: &Plan, at: BlockPosition, out: &mut Block) {
    let e = context.experiment;
    match plan.weakest {
        Some(weakest) if !e.sampling.decides_per_term() && !at.interpolate => {
            on_level::<_, false>(plan.level, WideGauss::new(e, weakest), context, plan, at, out);
        }
        _ => with_shape(SpotShape::<true>::new(e), context, plan, at, out),
    }
}

fn with_shape<L: LatticeFactor>(
    shape: L,
    context: &Context<'_>,
    plan: &Plan,
    at: BlockPosition,
    out: &mut Block,
) {
    if context.experiment.sampling.decides_per_term() || at.interpolate {
        on_level::<L, true>(plan.level, shape, context, plan, at, out);
    } else {
        on_level::<L, false>(plan.level, shape, context, plan, at, out);
    }
}

on_every_level! {
    /// Computes a block with an instruction set.
    fn on_level[L: LatticeFactor, const GENERAL: bool][L, GENERAL](
        shape: L,
        context: &Context<'_>,
        plan: &Plan,
        at: BlockPosition,
        out: &mut Block,
    ) => block
}
