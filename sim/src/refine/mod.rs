//! Refinement: parameters of an experiment from an image of it, by minimising a loss with the image's derivatives.
//!
//! Coarse to fine: the first stages compare blurred images, so that spots that do not overlap yet attract each other. Not
//! here: derivatives (`engine::derivative`), the optimisers' framework (the crate argmin).

pub mod command;
pub mod loss;
pub mod options;
mod plot;
pub mod problem;
mod result;
mod smooth;
pub mod solve;
mod target;
