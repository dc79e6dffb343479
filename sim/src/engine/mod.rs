//! Rendering: from an immutable experiment to an image. The only part of the simulator that uses threads.
//!
//! No input, no output, no clock. The image does not depend on the number of threads, nor on tracing.

// Kernels walk several arrays in step: one counter is what the compiler turns into vector instructions.
#![allow(clippy::needless_range_loop)]

mod block;
pub mod derivative;
mod error;
mod exponential;
#[cfg(feature = "benches")]
pub mod for_benches;
mod index_range;
mod interpolation;
mod past_cache;
mod plan;
mod proof;
mod reference;
mod render;
mod schedule;
mod session;
mod shape;
mod simd;
mod sine;
mod spots;
pub mod statistics;
mod structure_factors_squared;

pub use crate::choices::{Engine, Precision, Printout, TraceDepth};
pub use block::row::Paths;
pub use error::EngineError;
pub use reference::carry::Leave;
pub use render::{Render, RenderOptions};
pub use schedule::rows::render;
pub(crate) use schedule::threads;
pub use session::Session;
