//! Doors for `benches/kernels.rs` to what is otherwise private: the sine of the vector kernels, a block of a row.
//!
//! Feature `benches`. Not here: anything the program uses.

use super::plan::Plan;
use super::sine::SineConstants;
use crate::choices::Precision;
use crate::engine::block::dispatch::render;
use crate::engine::block::state::{Block, BlockPosition};
use crate::engine::reference::pixel::Context;
use crate::engine::simd::{LANES, Level, on_every_level};
use crate::engine::structure_factors_squared::LatestTable;
use crate::model::experiment::Experiment;
use crate::pixel::Pixel;

/// Pixels of a block.
pub const PIXELS: usize = LANES;

/// Sines, but for their sign and a common factor, of a block of arguments (rad, below 2^27), by the instruction set the engine would use here;
/// `false` where there is none.
pub fn sines(arguments: &[f64; LANES], out: &mut [f64; LANES]) -> bool {
    let level = Level::detect();
    if let Some(level) = level {
        sines_on_level(level, arguments, out);
    }
    level.is_some()
}

on_every_level! {
    fn sines_on_level[][](arguments: &[f64; LANES], out: &mut [f64; LANES]) => sine_of_each
}

#[inline(always)]
fn sine_of_each(arguments: &[f64; LANES], out: &mut [f64; LANES]) {
    let numbers = SineConstants::new();
    for (x, sine) in arguments.iter().zip(out) {
        *sine = numbers.scaled_sine(numbers.reduced::<false>(*x, numbers.nearest_multiple(*x)));
    }
}

/// One block after the other of an experiment's image.
pub struct Rows<'e> {
    context: Context<'e>,
    plan: Plan,
    block: Block,
}

impl<'e> Rows<'e> {
    /// By the exact engine, or by the fast one in a precision; `None` where it does not cover the experiment.
    pub fn new(experiment: &'e Experiment, fast: Option<Precision>) -> Option<Self> {
        let context = Context::new(experiment);
        let level = Level::detect()?;
        let plan = match fast {
            None => Plan::new(&context, level, &mut LatestTable::default())?,
            Some(precision) => Plan::fast(&context, level, precision, &mut LatestTable::default())?,
        };
        Some(Self { context, plan, block: Block::new() })
    }

    /// Renders a block from a pixel on; photons per pixel, and how many of them must be rendered again.
    pub fn block(&mut self, first: Pixel) -> (&[f32; LANES], usize) {
        let interpolate = self.context.experiment.interpolate;
        render(&self.context, &self.plan, BlockPosition { first, interpolate }, &mut self.block);
        let again = self.block.redo().iter().filter(|redo| **redo != 0).count();
        (&self.block.photons, again)
    }
}
