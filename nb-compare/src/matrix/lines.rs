//! What a matrix says on the terminal.
//!
//! Not here: colours where there is no terminal; the stream that this is printed to takes them out.

use std::fmt::Write;
use std::path::Path;

use crate::matrix::case_result::{Done, MatrixTally};
use crate::report::{style, word};

/// A line per case, the worst first, and the verdict.
pub(crate) fn lines(cases: &[Done], tally: &MatrixTally, quiet: bool, place: &Path) -> String {
    let mut text = String::new();
    let width = cases.iter().map(|c| c.name.chars().count()).max().unwrap_or(0);
    for case in cases.iter().filter(|_| !quiet) {
        let style = style(case.verdict);
        let reason = case.reason.lines().next().unwrap_or_default();
        let cached = if case.sides.from_cache { " (reference from cache)" } else { "" };
        // Writing to a string cannot fail.
        let _ =
            writeln!(text, "  {style}{:<9}{style:#}  {:<width$}  {reason}{cached}", case.verdict, case.name);
    }
    let _ = writeln!(text, "{}: {}", word(tally.verdict), tally.reason.lines().next().unwrap_or_default());
    if !quiet {
        let _ = writeln!(text, "evidence: {}", place.display());
    }
    text
}
