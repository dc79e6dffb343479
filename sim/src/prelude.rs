//! What most users of the library need, under one name: `use nanobragg::prelude::*`.
//!
//! Not here: anything of its own.

pub use crate::builder::{BuildError, ExperimentBuilder, RaySource, UnitCell, experiment};
pub use crate::config::frame::Axes;
pub use crate::config::{Convention, Pivot, Shape};
pub use crate::defects::Defects;
pub use crate::engine::derivative::{GradientRequest, Gradients, gradients, image_and_gradients};
pub use crate::engine::{
    Engine, EngineError, Precision, Printout, Render, RenderOptions, Session, TraceDepth, render,
};
pub use crate::image::raster::Raster;
pub use crate::input::grid::ReflectionGrid;
pub use crate::model::experiment::Experiment;
pub use crate::model::parameter::Parameter;
pub use crate::pixel::Pixel;
