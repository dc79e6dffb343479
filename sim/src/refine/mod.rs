//! Refinement: parameters of an experiment from an image of it, by minimising a loss with the image's derivatives.
//!
//! Coarse to fine: the first stages compare blurred images, so that spots that do not overlap yet attract each other. Not
//! here: derivatives (`engine::derivative`).

mod cholesky;
pub mod command;
mod lbfgs;
mod levenberg_marquardt;
pub mod loss;
pub mod options;
mod plot;
pub mod problem;
mod result;
mod scaled;
mod smooth;
pub mod solve;
mod target;
