//! Reads what pytest prints: with `-v` every test by name, without it only those that failed.
//!
//! Not here: its JUnit XML (`junit`).

use std::collections::{BTreeMap, HashMap, VecDeque};

use crate::triage::message::{headline, is_pytest_timeout};
use crate::triage::record::{Counts, DETAIL_LIMIT, Test, TestFramework, TestOutcome, TestRun};

/// Whether a text looks like a log of pytest.
pub fn is_one(text: &str) -> bool {
    text.lines().take(200).any(|l| l.contains("= test session starts ="))
        || text.contains("short test summary info")
}

/// Reads a log; `None` if it names no test and counts none. Of several sessions in one log each counts: what fails in one of them
/// has failed.
pub fn read(text: &str) -> Option<TestRun> {
    let mut sessions = Vec::new();
    let mut log = PytestLog::new();
    let mut section = Section::Head;
    for line in text.lines() {
        let heading = heading(line);
        if log.is_over(heading, line) {
            sessions.push(std::mem::replace(&mut log, PytestLog::new()).finish());
            section = Section::Head;
        }
        section = match heading {
            Some("FAILURES" | "ERRORS") => Section::Failures,
            Some("short test summary info") => Section::Summary,
            Some(title) if title.contains("slowest") => Section::Durations,
            Some(title) if is_total(title) => {
                log.totals = Some(title.to_owned());
                Section::Other
            }
            Some("test session starts") => Section::Head,
            Some(_) => Section::Other,
            None => log.line(section, line),
        };
    }
    sessions.push(log.finish());
    TestRun::merge(sessions).filter(|run| run.counts().tests > 0)
}

/// Where in the log a line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Section {
    /// Versions, settings and the progress.
    Head,
    /// Tracebacks, each under the name of its test.
    Failures,
    /// One line for each failure.
    Summary,
    /// The slowest tests.
    Durations,
    /// Warnings and whatever else.
    Other,
}

/// The words of `==== words ====`.
fn heading(line: &str) -> Option<&str> {
    let line = line.trim_end();
    let inner = line.strip_prefix("==")?.strip_suffix('=')?.trim_matches('=').trim();
    (!inner.is_empty()).then_some(inner)
}

fn is_total(title: &str) -> bool {
    title.contains(" in ") && title.split(' ').next().is_some_and(|n| n.parse::<usize>().is_ok() || n == "no")
}

/// The last line of a run with `-q`, which has no frame.
fn is_last_line(line: &str) -> bool {
    let line = line.trim_end();
    is_total(line) && line.ends_with(['s', ')'])
}

struct PytestLog {
    run: TestRun,
    /// Place of each test in the run.
    order: BTreeMap<String, usize>,
    /// Titles and texts, in order; the same title may come again from another file.
    tracebacks: Vec<(String, String)>,
    totals: Option<String>,
    /// How many tests were to be run.
    collected: Option<usize>,
    /// The test that has begun and has no outcome yet.
    begun: Option<String>,
}

impl PytestLog {
    fn new() -> Self {
        Self {
            run: TestRun::new(TestFramework::Pytest),
            order: BTreeMap::new(),
            tracebacks: Vec::new(),
            totals: None,
            collected: None,
            begun: None,
        }
    }

    /// Whether a line is of another session: its head; or, with `-q`, anything of a session after the last line of this one.
    fn is_over(&self, heading: Option<&str>, line: &str) -> bool {
        let has_begun = self.collected.is_some() || !self.run.tests.is_empty() || self.totals.is_some();
        match heading {
            Some("test session starts") => has_begun,
            Some("FAILURES" | "ERRORS" | "short test summary info") => self.totals.is_some(),
            Some(title) => self.totals.is_some() && is_total(title),
            None => self.totals.is_some() && is_last_line(line),
        }
    }

    fn line(&mut self, section: Section, line: &str) -> Section {
        self.ending(line);
        match section {
            Section::Head => self.head(line),
            Section::Failures => self.failure(line),
            Section::Summary => self.summary(line),
            Section::Durations => self.duration(line),
            Section::Other => {}
        }
        section
    }

    /// Lines that report an end before the end, and with `-q` the last line, which has no frame.
    fn ending(&mut self, line: &str) {
        let framed = line.strip_prefix("!!").and_then(|l| l.trim_end().strip_suffix('!'));
        if let Some(reason) = framed.map(|l| l.trim_matches('!').trim()).filter(|r| !r.is_empty()) {
            self.run.gaps.push(format!("the run was stopped: {reason}"));
        } else if let Some((before, _)) = line.split_once("+++ Timeout +++") {
            // pytest-timeout by a thread ends the whole run. The dump of the stacks ends with the same line.
            let test = before.trim_end_matches('+').trim_end();
            let test = if test.contains("::") { Some(test.to_owned()) } else { self.begun.take() };
            if let Some(test) = test {
                self.attempt(&test, TestOutcome::TimedOut);
                self.run.gaps.push("the run was stopped: Timeout".to_owned());
            }
        } else if line.starts_with("Fatal Python error: ")
            || line.starts_with("INTERNALERROR> ") && self.run.gaps.is_empty()
        {
            self.run.gaps.push(format!("the run was stopped: {}", line.trim_end()));
        } else if is_last_line(line) {
            self.totals = Some(line.to_owned());
        } else if let Some(rest) =
            line.strip_prefix("collected ").or_else(|| line.strip_prefix("collecting ... collected "))
        {
            let number = |text: &str| text.split_whitespace().next().and_then(|n| n.parse::<usize>().ok());
            let selected = rest.split('/').find(|part| part.contains(" selected")).and_then(number);
            match selected.or_else(|| number(rest)) {
                Some(count) => self.collected = Some(count),
                None => self.run.gaps.push("the count of collected tests cannot be read".to_owned()),
            }
        }
    }

    /// `rootdir: …`, `timeout: 1.5s`, and with `-v` the outcome of each test.
    fn head(&mut self, line: &str) {
        for (start, fact) in [("rootdir: ", "rootdir"), ("platform ", "platform"), ("plugins: ", "plugins")] {
            if let Some(value) = line.strip_prefix(start) {
                self.run.facts.insert(fact.to_owned(), value.trim().to_owned());
            }
        }
        if let Some(limit) = line.strip_prefix("timeout: ") {
            self.run.timeout_s = limit.trim().trim_end_matches('s').parse().ok();
        }
        if line.contains(".py::") && !line.trim_end().contains(' ') {
            self.begun = Some(line.trim_end().to_owned());
        }
        let Some((id, rest)) = line.split_once(' ').filter(|(id, _)| id.contains("::")) else { return };
        // A parameter may hold spaces, so the outcome is looked for behind the last word that can be one.
        let (id, word) = match word_of(rest.trim_start()) {
            Some(word) => (id.to_owned(), word),
            None => match line.rsplit_once("] ").map(|(id, rest)| (format!("{id}]"), rest.trim_start())) {
                Some((id, rest)) if word_of(rest).is_some() => (id, word_of(rest).unwrap_or_default()),
                _ => return,
            },
        };
        match word {
            "PASSED" | "XPASS" => self.attempt(&id, TestOutcome::Passed),
            "FAILED" => self.attempt(&id, TestOutcome::Failed),
            "ERROR" => self.attempt(&id, TestOutcome::Error),
            "SKIPPED" | "XFAIL" => self.attempt(&id, TestOutcome::Skipped),
            _ => self.test(&id).flaky = true,
        }
    }

    /// An attempt that passed after one that did not makes a test flaky; one that failed each time is not.
    fn attempt(&mut self, id: &str, outcome: TestOutcome) {
        let test = self.test(id);
        test.outcome = outcome;
        test.flaky &= outcome == TestOutcome::Passed;
    }

    fn test(&mut self, id: &str) -> &mut Test {
        let key = key_of(id);
        let place = *self.order.entry(key.clone()).or_insert_with(|| {
            let group = id.split("::").next().unwrap_or(id).to_owned();
            self.run.tests.push(Test::new(key, id.to_owned(), group));
            self.run.tests.len() - 1
        });
        &mut self.run.tests[place]
    }

    /// Collects tracebacks under the titles that pytest gives them (`TestClass.test_name[1]`).
    fn failure(&mut self, line: &str) {
        let title = line.strip_prefix("__").and_then(|l| l.trim_end().strip_suffix('_'));
        if let Some(title) = title.map(|t| t.trim_matches('_').trim()).filter(|t| !t.is_empty()) {
            let title =
                title.trim_start_matches("ERROR at setup of ").trim_start_matches("ERROR at teardown of ");
            self.tracebacks.push((title.to_owned(), String::new()));
        } else if let Some((_, text)) = self.tracebacks.last_mut()
            && text.len() < DETAIL_LIMIT
        {
            text.push_str(line);
            text.push('\n');
        }
    }

    /// `FAILED tests/a.py::test_b - AssertionError: …`
    fn summary(&mut self, line: &str) {
        let (outcome, rest) = if let Some(rest) = line.strip_prefix("FAILED ") {
            (TestOutcome::Failed, rest)
        } else if let Some(rest) = line.strip_prefix("ERROR ") {
            (TestOutcome::Error, rest)
        } else {
            return;
        };
        let (id, message) = rest.split_once(" - ").unwrap_or((rest, ""));
        let test = self.test(id.trim());
        test.outcome = outcome;
        if test.message.is_empty() {
            test.message = message.trim().to_owned();
        }
    }

    /// `1.50s call     tests/a.py::test_b`
    fn duration(&mut self, line: &str) {
        let fields: Vec<&str> = line.split_whitespace().collect();
        if let [time, _, id, ..] = fields[..]
            && let Some(seconds) = time.strip_suffix('s').and_then(|t| t.parse::<f64>().ok())
            && self.order.contains_key(&key_of(id))
        {
            let test = self.test(id);
            test.seconds = Some(test.seconds.unwrap_or(0.0) + seconds);
        }
    }

    fn finish(mut self) -> TestRun {
        self.attach_tracebacks();
        for test in &mut self.run.tests {
            if test.outcome.is_trouble()
                && (is_pytest_timeout(&test.detail) || is_pytest_timeout(&test.message))
            {
                test.outcome = TestOutcome::TimedOut;
            }
        }
        if self.totals.is_none() {
            self.run.gaps.push("the log has no last line, which counts the tests".to_owned());
        }
        if let Some(totals) = self.totals.take() {
            self.run.seconds = totals
                .rsplit_once(" in ")
                .and_then(|(_, t)| t.split('s').next()?.trim().parse().ok())
                .filter(|t: &f64| t.is_finite());
            let ended = count_of(&totals, &["passed", "xpassed", "failed", "skipped", "xfailed"]);
            if let Some(collected) = self.collected.filter(|n| *n < ended) {
                self.run
                    .gaps
                    .push(format!("{collected} tests were collected, and the last line counts {ended}"));
            }
            self.run.unnamed = unnamed(&totals, &self.run);
            let listed = self.run.counts().trouble();
            let declared = count_of(&totals, &["failed", "error", "errors"]);
            self.run.declare_failures(declared, listed, "the last line");
        }
        let listed = self.run.counts().tests;
        if let Some(collected) = self.collected.filter(|n| *n > listed) {
            self.run.gaps.push(format!("{collected} tests were collected and {listed} are counted"));
        }
        self.run
    }

    fn attach_tracebacks(&mut self) {
        // Tests of the same title, in order: each traceback belongs to the next of them.
        let mut titled: HashMap<String, VecDeque<usize>> = HashMap::new();
        for (place, test) in self.run.tests.iter().enumerate().filter(|(_, t)| t.outcome.is_trouble()) {
            let inner = test.name.split_once("::").map_or("", |(_, inner)| inner);
            titled.entry(inner.replace("::", ".")).or_default().push_back(place);
        }
        for (title, text) in std::mem::take(&mut self.tracebacks) {
            let place = titled.get_mut(&title).and_then(VecDeque::pop_front);
            if let Some(test) = place.map(|place| &mut self.run.tests[place]) {
                let messages: Vec<&str> = text.lines().filter_map(|l| l.strip_prefix("E ")).collect();
                let line = headline(&messages.join("\n"));
                if !line.is_empty() {
                    test.message = line;
                }
                test.add_detail(&text);
            }
        }
    }
}

/// The outcome that stands in front of a text.
fn word_of(text: &str) -> Option<&'static str> {
    let outcomes = ["PASSED", "FAILED", "ERROR", "SKIPPED", "XFAIL", "XPASS", "RERUN"];
    outcomes
        .into_iter()
        .find(|w| text.strip_prefix(w).is_some_and(|rest| rest.is_empty() || rest.starts_with(' ')))
}

/// The name as JUnit XML has it: `tests/a.py::B::c[1/2]` becomes `tests.a.B.c[1/2]`.
fn key_of(id: &str) -> String {
    let (head, parameter) = id.find('[').map_or((id, ""), |at| id.split_at(at));
    head.replace(".py::", ".").replace("::", ".").replace(['/', '\\'], ".") + parameter
}

/// How many tests the last line counts under these words.
fn count_of(totals: &str, names: &[&str]) -> usize {
    let fields: Vec<&str> = totals.split([' ', ',']).filter(|w| !w.is_empty()).collect();
    let pairs = fields.windows(2).filter(|pair| names.contains(&pair[1]));
    pairs.filter_map(|pair| pair[0].parse::<usize>().ok()).fold(0, usize::saturating_add)
}

/// What the last line counts beyond the tests that are named.
fn unnamed(totals: &str, run: &TestRun) -> Counts {
    let count = |names: &[&str]| count_of(totals, names);
    let named = run.counts();
    let passed = count(&["passed", "xpassed"]).saturating_sub(named.passed);
    let skipped = count(&["skipped", "xfailed"]).saturating_sub(named.skipped);
    Counts { tests: passed.saturating_add(skipped), passed, skipped, ..Counts::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(outcomes: &[&str], last: &str) -> String {
        let mut text = format!("==== test session starts ====\ncollected {} items\n\n", outcomes.len());
        for (n, outcome) in outcomes.iter().enumerate() {
            text += &format!("test_a.py::test_{n} {outcome}\n");
        }
        text + "\n" + last + "\n"
    }

    /// One log of the same tests in two environments.
    #[test]
    fn every_session_of_a_log_counts() {
        let passed = session(&["PASSED", "PASSED"], "==== 2 passed in 0.1s ====");
        let failed = session(&["FAILED", "PASSED"], "==== 1 failed, 1 passed in 0.1s ====");
        for log in [failed.clone() + &passed, passed.clone() + &failed] {
            let run = read(&log).expect("a log");
            assert_eq!((run.counts().trouble(), run.gaps.len()), (1, 0), "{log}");
        }
        let killed = session(&["PASSED", ""], "Killed");
        for log in [killed.clone() + &passed, passed.clone() + &killed] {
            assert!(!read(&log).expect("a log").gaps.is_empty(), "{log}");
        }
    }

    /// With `-q` there are only last lines, and with `-rN` no names.
    #[test]
    fn sessions_without_heads_and_names_count_as_well() {
        for log in [
            "F.\n1 failed, 1 passed in 0.10s\n..\n2 passed in 0.10s\n",
            "..\n2 passed in 0.1s\nF.\n1 failed, 1 passed in 0.1s\n",
        ] {
            let run = read(log).expect("a log");
            assert_eq!(run.counts().trouble(), 1, "{log}");
        }
    }
}
