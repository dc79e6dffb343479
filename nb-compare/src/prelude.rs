//! What most users of the library need, under one name: `use nb_compare::prelude::*`.
//!
//! Not here: anything of its own.

pub use nanobragg::image::raster::Raster;

pub use crate::compare::judgement::{Gate, Judgement};
pub use crate::compare::metrics::{Measure, Metrics};
pub use crate::compare::peaks::PeakOptions;
pub use crate::compare::region::Roi;
pub use crate::compare::verdict::Gates;
pub use crate::compare::{Comparison, Misfit, Settings, compare};
pub use crate::image::file::read;
pub use crate::image::pixels::{Image, NumberKind, Pixels};
pub use crate::recompute::{RecomputeError, Recomputed, recompute};
pub use trace_harness::evidence::verdict::Verdict;
