//! What is reported about a comparison: figures for programs, a table for the terminal, and the files of the evidence.
//!
//! Not here: computing anything that is reported.

pub(crate) mod arrays;
mod comparison_report;
mod evidence;
mod explanation;
mod figures;
pub(crate) mod noise;
pub(crate) mod outputs;
mod page;
mod parameters;
mod pixels;
mod plots;
mod terminal;
mod traces;
mod viewer;

pub(crate) use comparison_report::{ComparisonReport, PERCENTILE, Pictures, scaling_fields};
pub(crate) use evidence::{documents, write, writer};
pub(crate) use explanation::lines as explanation_lines;
pub(crate) use figures::comparison;
pub use figures::metrics;
pub(crate) use parameters::{json as parameters, lines as parameter_lines, stated as parameters_of};
pub(crate) use pixels::reduced;
pub(crate) use terminal::{runner_line, style, table, verdict_lines, word};
