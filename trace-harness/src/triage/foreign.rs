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
    ("Maven or Gradle", |line| {
        line.starts_with("[ERROR] Tests run: ") || line.ends_with("> Task :test FAILED")
    }),
    ("TAP", |line| line.starts_with("not ok ") && !line.contains("# TODO") && !line.contains("# SKIP")),
];

fn counts_failures(line: &str) -> bool {
    [" failed", " timed out"].iter().any(|word| line.contains(word))
}

/// A sentence for each such runner, with the first line in which it speaks of a failure.
pub fn failures(text: &str) -> Vec<String> {
    let first = |is_mark: &dyn Fn(&str) -> bool| text.lines().map(str::trim).find(|line| is_mark(line));
    let said = MARKS.iter().filter_map(|(runner, is_mark)| Some((runner, first(is_mark)?)));
    said.map(|(runner, line)| {
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
        ] {
            let said = failures(&format!("a line\n{line}\n"));
            assert!(said.len() == 1 && said[0].starts_with(runner), "{line}: {said:?}");
        }
        for line in [
            "     Summary [   0.012s] 2 tests run: 2 passed, 0 skipped",
            "--- PASS: TestX (0.00s)",
            "OK",
            "not ok 3 - sums # TODO later",
            "test it_says_FAIL ... ok",
        ] {
            assert_eq!(failures(line), Vec::<String>::new(), "{line}");
        }
    }
}
