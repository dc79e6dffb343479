//! What most users of the library need, under one name: `use trace_harness::prelude::*`.
//!
//! Not here: anything of its own.

pub use crate::evidence::bundle::BundleError;
pub use crate::evidence::bundle::closing::{Closing, Made};
pub use crate::evidence::bundle::metrics::Metrics;
pub use crate::evidence::bundle::recorder::{Child, Recorder};
pub use crate::evidence::bundle::rerun::{Before, Places, rerun};
pub use crate::evidence::bundle::staging::Target;
pub use crate::evidence::bundle::summary::{OutputFile, Step, Tolerance};
pub use crate::evidence::bundle::verify::{Report, verify};
pub use crate::evidence::exit::Exit;
pub use crate::evidence::failure::EndsCommand;
pub use crate::evidence::process::{Interrupt, SystemRunner};
pub use crate::evidence::verdict::Verdict;
pub use crate::trace::diff::Comparison;
pub use crate::trace::diff::compare::{Settings, compare};
pub use crate::trace::diff::tolerance::Tolerances;
pub use crate::trace::log::TraceLog;
pub use crate::trace::log::{read_as, read_bytes};
pub use crate::trace::schema::Schema;
