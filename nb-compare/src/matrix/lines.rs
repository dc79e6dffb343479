//! What a matrix says on the terminal.
//!
//! Not here: colours where there is no terminal; the stream that this is printed to takes them out.

use std::fmt::Write;
use std::path::Path;

use trace_harness::evidence::terminal::visible;

use crate::matrix::case_result::{Done, MatrixTally};
use crate::report::{style, word};

/// The first line, and where that leads up to the last words of a program, the last of them: it mostly says why.
fn one_line(reason: &str) -> String {
    let mut lines = reason.lines();
    let first = lines.next().unwrap_or_default();
    match lines.next_back().filter(|_| first.ends_with(':')) {
        Some(last) => format!("{first} {}", visible(last.trim())),
        None => first.to_owned(),
    }
}

/// A line per case, the worst first, and the verdict.
pub(crate) fn lines(cases: &[Done], tally: &MatrixTally, quiet: bool, place: &Path) -> String {
    let mut text = String::new();
    let width = cases.iter().map(|c| c.name.chars().count()).max().unwrap_or(0);
    for case in cases.iter().filter(|_| !quiet) {
        let style = style(case.verdict);
        let reason = one_line(&case.reason);
        let cached = if case.sides.from_cache { " (reference from cache)" } else { "" };
        // Writing to a string cannot fail.
        let _ =
            writeln!(text, "  {style}{:<9}{style:#}  {:<width$}  {reason}{cached}", case.verdict, case.name);
    }
    let _ = writeln!(text, "{}: {}", word(tally.verdict), one_line(&tally.reason));
    if !quiet {
        let _ = writeln!(text, "evidence: {}", place.display());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_words_of_a_program_are_on_the_line_that_leads_up_to_them() {
        let reason =
            "B ended with exit status 1; its last words:\n  Traceback:\n  ZeroDivisionError: by zero";
        assert_eq!(
            one_line(reason),
            "B ended with exit status 1; its last words: ZeroDivisionError: by zero"
        );
        assert_eq!(one_line("differs\nmore"), "differs");
    }
}
