//! One copy of the block kernel per instruction set, and which of them this machine runs.
//!
//! Not here: the kernel (`vector`). All copies give the same numbers: the same operations on doubles, each rounded once.

use super::exact::{Arithmetic, Plan};
use super::kernel::{Lattice, Round, Square};
use super::kernel_fast::FastSquare;
use super::kernel_platform::{PlatformRound, PlatformSquare};
use super::kernel_spot::Spot;
use super::reference::Context;
use super::vector::{Block, Place, block};
use crate::config::Shape;
use crate::model::experiment::Experiment;

/// Instruction sets with fused multiply-add.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Eight doubles at a time.
    Avx512,
    /// Four.
    Avx2,
    /// Two; every 64-bit ARM processor has it.
    Neon,
}

impl Level {
    /// The best of this machine.
    pub fn detect() -> Option<Self> {
        Self::available().first().copied()
    }

    /// All of this machine, best first.
    pub fn available() -> Vec<Self> {
        let mut levels = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
            if avx2 && is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq") {
                levels.push(Self::Avx512);
            }
            if avx2 {
                levels.push(Self::Avx2);
            }
        }
        if cfg!(target_arch = "aarch64") {
            levels.push(Self::Neon);
        }
        levels
    }
}

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
