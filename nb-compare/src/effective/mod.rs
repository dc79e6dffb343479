//! What each side says it computed with, read from its console text and its image's header, and compared in one frame
//! and unit before any pixel.
//!
//! Not here: pixels, and how the result is shown (`report`).

mod differ;
pub mod printed;
mod stated;
mod table;
mod template;

pub use differ::{Effective, ParameterRow};
pub use stated::{Stated, Value};
pub use table::{PARAMETERS, Parameter, ParameterKind};
