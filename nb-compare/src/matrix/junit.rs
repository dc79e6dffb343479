//! The matrix as JUnit XML, which continuous integration systems show.
//!
//! Not here: the XML itself (`trace_harness::evidence::junit`).

use trace_harness::cases::baseline::{Flip, FlipKind};
use trace_harness::evidence::junit::{End, TestCase, document};

use crate::matrix::case_result::Done;
use trace_harness::evidence::verdict::Verdict;

/// What is said of a case that was not begun because the user stopped.
const NOT_RUN: &str = "interrupted before it was run";

/// The report: one suite, one test per case, those that were `not_run` last. Failures that a baseline knows are skipped, with the reason
/// it has.
pub(crate) fn junit(title: &str, cases: &[Done], flips: Option<&[Flip]>, not_run: &[String]) -> String {
    let known: Vec<Option<String>> = cases.iter().map(|done| known_failure(&done.name, flips)).collect();
    let done = cases.iter().zip(&known).map(|(done, known)| TestCase {
        class: "",
        name: &done.name,
        seconds: Some(done.sides.reference_s.unwrap_or(0.0) + done.sides.candidate_s.unwrap_or(0.0)),
        end: match (done.verdict, known) {
            (Verdict::Pass, _) => End::Passed,
            (_, Some(known)) => End::Skipped(known),
            (Verdict::Fail, None) => End::Failed(&done.reason),
            (_, None) => End::Error(&done.reason),
        },
        kind: done.verdict.word(),
    });
    let end = End::Skipped(NOT_RUN);
    let not_run = not_run.iter().map(|name| TestCase { class: "", name, seconds: None, end, kind: "" });
    document("nb-compare matrix", title, &done.chain(not_run).collect::<Vec<_>>())
}

/// What a baseline says of a case that fails as it is known to.
fn known_failure(name: &str, flips: Option<&[Flip]>) -> Option<String> {
    let flip = flips?.iter().find(|flip| flip.kind == FlipKind::StillFailing && flip.name == name)?;
    flip.known.as_ref().map(|known| format!("known failure: {}", known.reason))
}

#[cfg(test)]
mod tests {
    use trace_harness::evidence::exit::Exit;

    use super::*;

    #[test]
    fn failures_and_errors_are_told_apart_and_text_is_escaped() {
        let pass = Done { verdict: Verdict::Pass, ..Done::failed("good", String::new(), Exit::Agrees) };
        let fail =
            Done { verdict: Verdict::Fail, ..Done::failed("a<b", "1 < 2 & \"3\"".to_owned(), Exit::Differs) };
        let error = Done::failed("broken", "no image".to_owned(), Exit::Program);
        let text = junit("cases.toml", &[error, fail, pass], None, &["later".to_owned()]);
        assert!(text.contains("name=\"later\"") && text.contains("skipped=\"1\""), "{text}");
        assert!(
            text.contains("tests=\"4\"") && text.contains("failures=\"1\"") && text.contains("errors=\"1\""),
            "{text}"
        );
        assert!(text.contains("name=\"a&lt;b\"") && text.contains("1 &lt; 2 &amp; &quot;3&quot;"), "{text}");
    }
}
