//! One copy of the block kernel per instruction set, and which of them this machine runs.
//!
//! Not here: the kernel (`block`). All copies give the same numbers: the same operations on doubles, each rounded once.

use super::kernel::block;
use super::state::{Block, Place};
use crate::config::Shape;
use crate::engine::plan::{Arithmetic, Plan};
use crate::engine::reference::pixel::Context;
use crate::engine::shape::fast::FastSquare;
use crate::engine::shape::platform::{PlatformRound, PlatformSquare};
use crate::engine::shape::proven::{Lattice, Round, Square};
use crate::engine::shape::spot::Spot;
use crate::engine::simd::Level;
use crate::model::experiment::Experiment;

/// Computes a block with the plan's instruction set and the experiment's shape.
pub fn render(context: &Context<'_>, plan: &Plan, at: Place, out: &mut Block) {
    let e = context.experiment;
    match e.shape {
        Shape::Square => square(context, plan, at, out),
        Shape::Round if plan.arithmetic == Arithmetic::Platform => {
            with_shape(PlatformRound::new(e), context, plan, at, out)
        }
        Shape::Round => with_shape(Round::new(e), context, plan, at, out),
        Shape::Gauss => with_shape(Spot::<true>::new(e), context, plan, at, out),
        Shape::Tophat => with_shape(Spot::<false>::new(e), context, plan, at, out),
    }
}

fn square(context: &Context<'_>, plan: &Plan, at: Place, out: &mut Block) {
    let e = context.experiment;
    match (plan.arithmetic, FastSquare::<false>::new(e), FastSquare::<true>::new(e)) {
        (Arithmetic::Platform, ..) => with_shape(PlatformSquare::new(e), context, plan, at, out),
        (Arithmetic::Fast, Some(fast), _) => with_shape(fast, context, plan, at, out),
        (Arithmetic::Single, _, Some(single)) => with_shape(single, context, plan, at, out),
        _ if plan.short => with_shape(Square::<true>::new(e), context, plan, at, out),
        _ => with_shape(Square::<false>::new(e), context, plan, at, out),
    }
}

/// Bound of the relative error that the experiment's shape brings in; `short` as in the plan.
pub fn shape_error(e: &Experiment, short: bool) -> f64 {
    match e.shape {
        Shape::Square if short => Square::<true>::RELATIVE,
        Shape::Square => Square::<false>::RELATIVE,
        Shape::Round => Round::RELATIVE,
        Shape::Gauss | Shape::Tophat => 0.0,
    }
}

fn with_shape<L: Lattice>(shape: L, context: &Context<'_>, plan: &Plan, at: Place, out: &mut Block) {
    let s = &context.experiment.sampling;
    let anew = s.oversample_thick || s.oversample_polar || s.oversample_omega;
    if anew || s.dmin > 0.0 || at.interpolate {
        on_level::<L, true>(shape, context, plan, at, out);
    } else {
        on_level::<L, false>(shape, context, plan, at, out);
    }
}

#[cfg(target_arch = "x86_64")]
fn on_level<L: Lattice, const GENERAL: bool>(
    shape: L,
    context: &Context<'_>,
    plan: &Plan,
    at: Place,
    out: &mut Block,
) {
    // SAFETY: a plan's level was found on this machine.
    unsafe {
        match plan.level {
            Level::Avx512 => avx512::<L, GENERAL>(shape, context, plan, at, out),
            Level::Avx2 | Level::Neon => avx2::<L, GENERAL>(shape, context, plan, at, out),
        }
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn on_level<L: Lattice, const GENERAL: bool>(
    shape: L,
    context: &Context<'_>,
    plan: &Plan,
    at: Place,
    out: &mut Block,
) {
    block::<L, GENERAL>(shape, context, plan, at, out);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn avx2<L: Lattice, const GENERAL: bool>(
    shape: L,
    context: &Context<'_>,
    plan: &Plan,
    at: Place,
    out: &mut Block,
) {
    block::<L, GENERAL>(shape, context, plan, at, out);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx2,fma")]
fn avx512<L: Lattice, const GENERAL: bool>(
    shape: L,
    context: &Context<'_>,
    plan: &Plan,
    at: Place,
    out: &mut Block,
) {
    block::<L, GENERAL>(shape, context, plan, at, out);
}
