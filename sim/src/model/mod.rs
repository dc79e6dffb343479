//! The experiment: beam, sources, crystal, detector and structure factors, computed once and never changed.
//!
//! No input, no output, no clock. Not here: rendering (`engine`).

pub mod cell;
pub(crate) mod crystal;
pub mod detector;
pub mod differentiability;
pub mod experiment;
pub(crate) mod orientation;
pub mod parameter;
pub mod quantities;
pub mod sampling;
pub mod sources;
pub(crate) mod structure_factors;
pub(crate) mod variable;
