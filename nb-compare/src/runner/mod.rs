//! Both sides of a comparison as programs: their arguments, their folders, their measured runs.
//!
//! Not here: processes themselves (`trace_harness::evidence::process`) and what becomes of the images.

mod folder;
mod given;
mod side;

pub(crate) use folder::{SideFolder, open_own, read_own, read_own_below};
pub(crate) use given::{Given, given, recordable};
pub(crate) use side::{Side, SideError, pinned, real, run, version_line};

pub(crate) use trace_harness::evidence::process::Program;
