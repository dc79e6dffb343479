//! One copy of the derivative kernel per instruction set, and what it covers.
//!
//! Not here: the kernel (`derivative_block`), which instruction sets there are (`vector_dispatch`).

use super::derivative_block::{Shared, block};
use super::derivative_lattice::{Round, Sloped, Spot, Square};
use super::kernel::Lanes;
use super::vector_dispatch::Level;
use crate::config::Shape;
use crate::model::experiment::Experiment;
use crate::model::parameter::Parameter;

/// Whether the kernel covers this experiment; anything else is computed pixel by pixel.
pub(super) fn covers(e: &Experiment) -> bool {
    let s = &e.sampling;
    let anew = s.oversample_thick || s.oversample_polar || s.oversample_omega;
    !anew && !e.curved && !e.interpolate && s.dmin <= 0.0 && e.layers >= 1 && s.oversample >= 1
}

/// Whether the kernel covers this parameter.
pub(super) const fn covers_parameter(parameter: Parameter) -> bool {
    !matches!(parameter, Parameter::Cells(_) | Parameter::Reflection(_))
}

/// Computes a block with the experiment's shape.
pub(super) fn render(
    shared: &Shared<'_>,
    level: Level,
    at: (usize, usize),
    photons: &mut Lanes,
    out: &mut [Lanes],
) {
    let e = shared.context.experiment;
    match e.shape {
        Shape::Square => on_level(Square::new(e), shared, level, at, photons, out),
        Shape::Round => on_level(Round::new(e), shared, level, at, photons, out),
        Shape::Gauss => on_level(Spot::<true>::new(e), shared, level, at, photons, out),
        Shape::Tophat => on_level(Spot::<false>::new(e), shared, level, at, photons, out),
    }
}

#[cfg(target_arch = "x86_64")]
fn on_level<L: Sloped>(
    shape: L,
    shared: &Shared<'_>,
    level: Level,
    at: (usize, usize),
    photons: &mut Lanes,
    out: &mut [Lanes],
) {
    // SAFETY: the level was found on this machine.
    unsafe {
        match level {
            Level::Avx512 => avx512(shape, shared, at, photons, out),
            Level::Avx2 | Level::Neon => avx2(shape, shared, at, photons, out),
        }
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn on_level<L: Sloped>(
    shape: L,
    shared: &Shared<'_>,
    _: Level,
    at: (usize, usize),
    photons: &mut Lanes,
    out: &mut [Lanes],
) {
    block(shape, shared, at, photons, out);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn avx2<L: Sloped>(
    shape: L,
    shared: &Shared<'_>,
    at: (usize, usize),
    photons: &mut Lanes,
    out: &mut [Lanes],
) {
    block(shape, shared, at, photons, out);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx2,fma")]
fn avx512<L: Sloped>(
    shape: L,
    shared: &Shared<'_>,
    at: (usize, usize),
    photons: &mut Lanes,
    out: &mut [Lanes],
) {
    block(shape, shared, at, photons, out);
}
