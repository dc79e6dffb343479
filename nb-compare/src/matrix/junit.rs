//! The matrix as JUnit XML, which continuous integration systems show.
//!
//! Not here: the XML itself (`quick_junit`).

use std::time::Duration;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use trace_harness::evidence::exit::Exit;
use trace_harness::evidence::failure::EndsCommand;

use crate::compare::verdict::Outcome;
use crate::matrix::case_result::Done;

/// A report that cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("the JUnit report cannot be written: {0}")]
pub struct JunitError(#[from] quick_junit::SerializeError);

impl EndsCommand for JunitError {
    fn exit(&self) -> Exit {
        Exit::Undecided
    }
}

/// The report: one suite, one test per case.
///
/// # Errors
/// A text cannot stand in XML.
pub fn junit(title: &str, cases: &[Done]) -> Result<String, JunitError> {
    let mut suite = TestSuite::new(title);
    for done in cases {
        let kind = match done.verdict {
            Outcome::Pass => None,
            Outcome::Fail => Some(NonSuccessKind::Failure),
            _ => Some(NonSuccessKind::Error),
        };
        let status = kind.map_or_else(TestCaseStatus::success, |kind| {
            let mut status = TestCaseStatus::non_success(kind);
            status.set_type(done.verdict.word()).set_message(done.reason.as_str());
            status
        });
        let seconds = done.sides.reference_s.unwrap_or(0.0) + done.sides.candidate_s.unwrap_or(0.0);
        let mut case = TestCase::new(done.name.as_str(), status);
        case.set_time(Duration::try_from_secs_f64(seconds).unwrap_or_default());
        suite.add_test_case(case);
    }
    let mut report = Report::new("nb-compare matrix");
    report.add_test_suite(suite);
    Ok(report.to_string()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_and_errors_are_told_apart_and_text_is_escaped() {
        let pass = Done { verdict: Outcome::Pass, ..Done::failed("good", String::new(), Exit::Agrees) };
        let fail =
            Done { verdict: Outcome::Fail, ..Done::failed("a<b", "1 < 2 & \"3\"".to_owned(), Exit::Differs) };
        let error = Done::failed("broken", "no image".to_owned(), Exit::Program);
        let text = junit("cases.toml", &[error, fail, pass]).unwrap();
        assert!(
            text.contains("tests=\"3\"") && text.contains("failures=\"1\"") && text.contains("errors=\"1\""),
            "{text}"
        );
        assert!(text.contains("name=\"a&lt;b\"") && text.contains("1 &lt; 2 &amp; &quot;3&quot;"), "{text}");
    }
}
