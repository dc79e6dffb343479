//! Derivatives of an image by parameters of the experiment.
//!
//! `gradients` is the entry. `kernel` sums up blocks with moments, `terms` adds one orientation, `finish` applies the parameters
//! to the moments; `scalar` is the general case, one pixel at a time. Not here: what a derivative is worth
//! (`model::differentiability`).

mod dispatch;
mod finish;
mod geometry;
mod gradients;
mod image;
mod kernel;
mod moments;
pub mod oracle;
mod prefactor;
mod request;
mod rows;
mod scalar;
mod state;
mod terms;

pub use gradients::{gradients, image_and_gradients};
pub use request::{GradientRequest, Gradients};
