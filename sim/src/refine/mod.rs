//! Refinement: parameters of an experiment from an image of it, by minimising a loss with the image's derivatives.
//!
//! Coarse to fine: the first stages compare blurred images, so that spots that do not overlap yet attract each other. Not
//! here: derivatives (`engine::derivative`).

mod cholesky;
pub(crate) mod command;
mod lbfgs;
mod levenberg_marquardt;
pub(crate) mod loss;
pub(crate) mod options;
mod plot;
pub(crate) mod problem;
mod result;
mod scaled;
mod smooth;
pub(crate) mod solve;
mod target;
