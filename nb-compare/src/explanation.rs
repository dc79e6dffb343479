//! Why two images differ, as far as traces and known defects show: the result of `--explain`.
//!
//! Not here: finding it out (`call::explain`), and showing it (`report`).

use std::fmt;

use nanobragg::Pixel;
use serde::Serialize;
use trace_harness::explain::defects::DefectFinding;
use trace_harness::trace::diff;

/// A pixel that was traced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TracedPixel {
    /// Why this one.
    pub role: String,
    /// Which one.
    pub pixel: Pixel,
}

/// Why one half of an explanation is missing: a sentence for people, with the paths of this machine replaced as in all evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct NotExplained(pub String);

impl fmt::Display for NotExplained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotExplained {}

/// What was found; each half says why where it is missing.
#[derive(Debug, Clone)]
pub(crate) struct Explanation {
    /// The pixels that were traced.
    pub pixels: Vec<TracedPixel>,
    /// The comparison of both traces.
    pub traces: Result<diff::Comparison, NotExplained>,
    /// The known defects, tried one at a time.
    pub defects: Result<DefectFinding, NotExplained>,
}
