//! What came of a parity matrix: a result per case, one verdict, and how they are shown.
//!
//! Not here: the list of cases (`trace_harness::cases`), running and comparing (`app`).

pub(crate) mod case_result;
pub(crate) mod documents;
mod junit;
mod lines;
mod page;
mod thumbnails;

pub(crate) use case_result::{Done, MatrixTally, RunTimes, seen};
pub(crate) use junit::junit;
pub(crate) use lines::lines;
pub(crate) use page::part;
pub(crate) use thumbnails::thumbnails;

use trace_harness::evidence::bundle::documents::layout::SourcesName;

/// The sources that decide the bytes of pages of a matrix beside those of every bundle.
const WRITER: SourcesName = SourcesName::of(&[
    include_str!("case_result.rs"),
    include_str!("documents.rs"),
    include_str!("junit.rs"),
    include_str!("page.css"),
    include_str!("page.rs"),
    include_str!("thumbnails.rs"),
    include_str!("../picture/diverging.rs"),
    include_str!("../picture/mod.rs"),
    include_str!("../report/pixels.rs"),
]);

/// The name of how this program writes these pages, as the field `pages` of `summary.json` has it.
pub(crate) fn writer() -> String {
    WRITER.to_string()
}
