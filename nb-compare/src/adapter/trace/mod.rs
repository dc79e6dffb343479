//! `[trace]` of an adapter, and what becomes of it: which elements are traced, and what their traces come to.
//!
//! `rules` reads the table, `asking` asks a side, `elements` chooses what is traced, `traced` compares what came. Not here: running the
//! sides (`app`), traces themselves (`trace_harness::trace`).

pub(crate) mod asking;
pub(crate) mod elements;
pub(crate) mod rules;
pub(crate) mod traced;
