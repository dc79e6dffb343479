//! What is told of two arrays: figures for programs, a table for the terminal, sections of a page, and the files of the evidence.
//!
//! Not here: computing anything that is told (`array`), and images (the rest of `report`).

mod drawn;
mod evidence;
mod figures;
mod page;
mod reduced;
mod terminal;

pub use evidence::{ArraysReport, KIND, RecordedArrays, documents, write, writer};
pub use figures::{comparison as json, metrics};
pub use page::sections;
pub use terminal::table;
