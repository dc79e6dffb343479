//! What is reported of two arrays: figures for programs, a table for the terminal, sections of a page, and the files of the evidence.
//!
//! Not here: computing anything that is reported (`array`), and images (the rest of `report`).

mod drawn;
mod evidence;
mod figures;
mod page;
mod reduced;
mod terminal;

pub(crate) use evidence::{ArraysReport, KIND, RecordedArrays, documents, write, writer};
pub(crate) use figures::{comparison as json, metrics};
pub(crate) use terminal::table;
