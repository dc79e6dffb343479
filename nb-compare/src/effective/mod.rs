//! What each side says it computed with, read from its console text and its image's header, and compared in one frame
//! and unit before any pixel.
//!
//! Not here: pixels, and how the result is shown (`report`).

mod differ;
mod stated;

pub(crate) use crate::adapter::known::ParameterKind;
pub(crate) use differ::{Effective, ParameterRow};
pub(crate) use stated::{Stated, StatedValue};
