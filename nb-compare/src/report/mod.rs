//! What is told about a comparison: figures for programs, a table for the terminal, and the files of the evidence.
//!
//! Not here: computing anything that is told.

mod evidence;
mod explanation;
mod figures;
mod page;
mod parameters;
mod pixels;
mod plots;
mod terminal;

pub use evidence::{Pictures, Told, write};
pub use explanation::lines as explanation_lines;
pub use figures::{comparison, metrics};
pub use parameters::{json as parameters, lines as parameter_lines};
pub use pixels::reduced;
pub use terminal::{matrix_lines, runner_line, table, verdict_lines};
