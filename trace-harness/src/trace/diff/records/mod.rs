//! What becomes of whole records and arrays: those that one trace lacks, those that end otherwise, and sequences of them that part.
//!
//! Not here: values within a record (`segment`), which records meet (`pair`).

pub mod arrays;
pub mod gaps;
pub mod outcomes;
pub mod sequences;
