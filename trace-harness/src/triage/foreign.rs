//! Failures in a log that runners printed whose logs are not read: they are no results, and must not be passed over.
//!
//! Not here: logs that are read (`cargo_log`, `pytest_log`).

/// How a runner says in one line that tests failed, and what it is called.
type Mark = (&'static str, fn(&str) -> bool);

const MARKS: &[Mark] = &[
    ("cargo nextest", |line| {
        line == "error: test run failed" || line.starts_with("Summary [") && counts_failures(line)
    }),
    ("go test", |line| line.starts_with("--- FAIL: ") || line == "FAIL" || line.starts_with("FAIL\t")),
    ("unittest", |line| line.starts_with("FAILED (failures=") || line.starts_with("FAILED (errors=")),
    ("CTest", |line| line == "The following tests FAILED:"),
    ("Maven", is_of_maven),
    ("Gradle", is_of_gradle),
    ("TAP", |line| line.starts_with("not ok ") && !line.contains("# TODO") && !line.contains("# SKIP")),
];

fn counts_failures(line: &str) -> bool {
    [" failed", " timed out"].iter().any(|word| line.contains(word))
}

/// What surefire and failsafe print, with the level of the message in front or, as older ones do, without.
fn is_of_maven(line: &str) -> bool {
    let levels = ["[ERROR] ", "[WARNING] ", "[INFO] "];
    let message = levels.iter().find_map(|level| line.strip_prefix(level)).unwrap_or(line);
    let is_above_zero = |part: &str| {
        let count = ["Failures: ", "Errors: "].iter().find_map(|name| part.trim().strip_prefix(name));
        count.is_some_and(|n| n.starts_with(|c: char| ('1'..='9').contains(&c)))
    };
    message.starts_with("Tests run: ") && message.split(',').any(is_above_zero)
        || message.starts_with("There are test failures")
        || message == "BUILD FAILURE"
}

/// What Gradle prints of tasks and of the tests in them.
fn is_of_gradle(line: &str) -> bool {
    line.starts_with("> Task :") && line.ends_with(" FAILED")
        || line.starts_with("> There were failing tests.")
        || line.starts_with("BUILD FAILED in ")
        || [" test completed, ", " tests completed, "].iter().any(|word| line.contains(word))
            && counts_failures(line)
}

/// A sentence for each such runner, with the first line in which it speaks of a failure.
pub(super) fn failures(text: &str) -> Vec<String> {
    let first = |is_mark: &dyn Fn(&str) -> bool| text.lines().map(str::trim).find(|line| is_mark(line));
    let failures = MARKS.iter().filter_map(|(runner, is_mark)| Some((runner, first(is_mark)?)));
    failures
        .map(|(runner, line)| {
            let line: String = line.chars().take(120).collect();
            format!("{runner} speaks of failures in this log (`{line}`), whose results are not read")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_of_other_runners_are_named_and_nothing_else_is() {
        for (line, runner) in [
            ("     Summary [   0.012s] 2 tests run: 1 passed, 1 failed, 0 skipped", "cargo nextest"),
            ("error: test run failed", "cargo nextest"),
            ("--- FAIL: TestX (0.00s)", "go test"),
            ("FAIL\texample.org/x\t0.002s", "go test"),
            ("FAILED (failures=1, errors=2)", "unittest"),
            ("The following tests FAILED:", "CTest"),
            ("not ok 3 - sums", "TAP"),
            (
                "[ERROR] Tests run: 3, Failures: 1, Errors: 0, Skipped: 0, Time elapsed: 0.052 s <<< FAILURE! -- in a.BTest",
                "Maven",
            ),
            ("Tests run: 3, Failures: 0, Errors: 2, Skipped: 1, Time elapsed: 0.1 sec <<< ERROR!", "Maven"),
            ("[ERROR] Tests run: 3, Failures: 1, Errors: 0, Skipped: 0", "Maven"),
            ("[ERROR] There are test failures.", "Maven"),
            ("[INFO] BUILD FAILURE", "Maven"),
            ("> Task :test FAILED", "Gradle"),
            ("> Task :app:testDebugUnitTest FAILED", "Gradle"),
            ("1 test completed, 1 failed", "Gradle"),
            ("12 tests completed, 3 failed, 1 skipped", "Gradle"),
            (
                "> There were failing tests. See the report at: file:///a/build/reports/tests/test/index.html",
                "Gradle",
            ),
            ("BUILD FAILED in 2s", "Gradle"),
        ] {
            let found = failures(&format!("a line\n{line}\n"));
            assert!(found.len() == 1 && found[0].starts_with(runner), "{line}: {found:?}");
        }
        for line in [
            "     Summary [   0.012s] 2 tests run: 2 passed, 0 skipped",
            "--- PASS: TestX (0.00s)",
            "OK",
            "[INFO] Tests run: 3, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 0.048 s -- in a.BTest",
            "[WARNING] Tests run: 3, Failures: 0, Errors: 0, Skipped: 1, Flakes: 1",
            "[INFO] BUILD SUCCESS",
            "> Task :test",
            "> Task :test UP-TO-DATE",
            "BUILD SUCCESSFUL in 2s",
            "3 tests completed, 1 skipped",
            "not ok 3 - sums # TODO later",
            "test it_says_FAIL ... ok",
        ] {
            assert_eq!(failures(line), Vec::<String>::new(), "{line}");
        }
    }
}
