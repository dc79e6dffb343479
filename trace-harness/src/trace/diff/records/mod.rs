//! What becomes of whole records and arrays: those that one trace lacks, those that end otherwise, and sequences of them that part.
//!
//! Not here: values within a record (`segment`), which records meet (`pair`).

pub(super) mod arrays;
pub(super) mod gaps;
pub(super) mod outcomes;
pub(super) mod sequences;
