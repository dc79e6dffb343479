//! What is told about a comparison: figures for programs, a table for the terminal, and the files of the evidence.
//!
//! Not here: computing anything that is told.

pub mod arrays;
mod evidence;
mod explanation;
mod figures;
pub mod outputs;
mod page;
mod parameters;
mod pixels;
mod plots;
mod terminal;
mod told;
mod viewer;

pub use evidence::{Documents, documents, write, writer};
pub use explanation::lines as explanation_lines;
pub use figures::{comparison, metrics};
pub use parameters::{json as parameters, lines as parameter_lines, stated as parameters_of};
pub use pixels::reduced;
pub use terminal::{runner_line, style, table, verdict_lines, word};
pub use told::{ComparisonReport, PERCENTILE, Pictures, scaling_fields};
