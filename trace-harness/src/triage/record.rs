//! The results of a test run, whatever wrote them.
//!
//! Not here: reading them from files (`junit`, `pytest_log`, `cargo_log`), judging them (`cluster`, `delta`).

use std::collections::BTreeMap;

use serde::Serialize;

use crate::evidence::wording::counted;

/// Longest text that is kept of one failure, in bytes: enough to see what happened, too little to fill a memory.
pub const DETAIL_LIMIT: usize = 16 << 10;

/// How a test came out, from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TestOutcome {
    /// It was not run.
    Skipped,
    /// It passed.
    Passed,
    /// It failed.
    Failed,
    /// It ended before it could pass or fail: an error in its preparation, or a signal.
    Error,
    /// It ran out of time.
    TimedOut,
}

impl TestOutcome {
    /// Whether somebody has to look at it.
    pub fn is_trouble(self) -> bool {
        self >= Self::Failed
    }

    /// In words.
    pub fn text(self) -> &'static str {
        match self {
            Self::Skipped => "skipped",
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Error => "error",
            Self::TimedOut => "timed out",
        }
    }
}

/// What ran the tests; says how to run one of them again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TestFramework {
    /// pytest.
    Pytest,
    /// cargo-nextest.
    Nextest,
    /// cargo test.
    CargoTest,
    /// Anything else that writes JUnit XML, or several of them.
    Other,
}

/// One test.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Test {
    /// Name by which it is found in other runs; the same in an XML file and in a log of the same runner.
    pub key: String,
    /// Name as its runner takes it.
    pub name: String,
    /// File, test binary or suite that it belongs to, as its runner takes it.
    pub group: String,
    /// How it came out in the end.
    pub outcome: TestOutcome,
    /// Whether another attempt of the same run came out differently.
    pub flaky: bool,
    /// Seconds it took.
    pub seconds: Option<f64>,
    /// Its own limit, where the run says so.
    pub timeout_s: Option<f64>,
    /// The failure in a line or two.
    pub message: String,
    /// The failure at length, cut at [`DETAIL_LIMIT`].
    pub detail: String,
    /// What it found when it ran: `cwd`, `env:NAME`, `peak_memory_kib` …
    pub facts: BTreeMap<String, String>,
}

impl Test {
    /// A test that passed, of which nothing else is known.
    pub fn new(key: String, name: String, group: String) -> Self {
        Self {
            key,
            name,
            group,
            outcome: TestOutcome::Passed,
            flaky: false,
            seconds: None,
            timeout_s: None,
            message: String::new(),
            detail: String::new(),
            facts: BTreeMap::new(),
        }
    }

    /// Adds to the text of the failure, up to the limit.
    pub fn add_detail(&mut self, text: &str) {
        let room = DETAIL_LIMIT.saturating_sub(self.detail.len());
        let mut end = room.min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        self.detail.push_str(&text[..end]);
    }
}

/// How many came out how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    /// All.
    pub tests: usize,
    /// Passed, flaky ones included.
    pub passed: usize,
    /// Failed.
    pub failed: usize,
    /// Errors.
    pub errors: usize,
    /// Out of time.
    pub timed_out: usize,
    /// Skipped.
    pub skipped: usize,
    /// Passed or failed in a later attempt only.
    pub flaky: usize,
}

impl Counts {
    fn add(&mut self, outcome: TestOutcome, flaky: bool) {
        self.tests = self.tests.saturating_add(1);
        self.flaky += usize::from(flaky);
        let count = match outcome {
            TestOutcome::Skipped => &mut self.skipped,
            TestOutcome::Passed => &mut self.passed,
            TestOutcome::Failed => &mut self.failed,
            TestOutcome::Error => &mut self.errors,
            TestOutcome::TimedOut => &mut self.timed_out,
        };
        *count = count.saturating_add(1);
    }

    fn add_all(&mut self, other: &Self) {
        // What a file says of itself may be any number.
        let sum = usize::saturating_add;
        *self = Self {
            tests: sum(self.tests, other.tests),
            passed: sum(self.passed, other.passed),
            failed: sum(self.failed, other.failed),
            errors: sum(self.errors, other.errors),
            timed_out: sum(self.timed_out, other.timed_out),
            skipped: sum(self.skipped, other.skipped),
            flaky: sum(self.flaky, other.flaky),
        };
    }

    /// Those somebody has to look at.
    pub fn trouble(&self) -> usize {
        self.failed.saturating_add(self.errors).saturating_add(self.timed_out)
    }

    /// In words: `692 tests: 540 passed, 8 failed, …`.
    pub fn text(&self) -> String {
        let mut parts = vec![format!("{} passed", self.passed), format!("{} failed", self.failed)];
        let errors = if self.errors == 1 { "error" } else { "errors" };
        let rest = [
            (self.errors, errors),
            (self.timed_out, "timed out"),
            (self.skipped, "skipped"),
            (self.flaky, "flaky"),
        ];
        parts.extend(rest.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")));
        format!("{}: {}", counted(self.tests, "test"), parts.join(", "))
    }
}

/// A whole run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TestRun {
    /// What ran the tests.
    pub kind: TestFramework,
    /// Where the results stood.
    pub source: String,
    /// The tests that are named, in order; each key once.
    pub tests: Vec<Test>,
    /// Tests that are only counted, as in a log without names.
    pub unnamed: Counts,
    /// Why the results are not all there: they end early, or announce more tests than they list.
    pub gaps: Vec<String>,
    /// What holds for the run as a whole: `cwd`, `env:NAME`, `python`, `peak_memory_bytes` …
    pub facts: BTreeMap<String, String>,
    /// Limit of every test that has none of its own, in seconds.
    pub timeout_s: Option<f64>,
    /// Seconds the whole took.
    pub seconds: Option<f64>,
}

impl TestRun {
    /// An empty run.
    pub fn new(kind: TestFramework) -> Self {
        Self {
            kind,
            source: String::new(),
            tests: Vec::new(),
            unnamed: Counts::default(),
            gaps: Vec::new(),
            facts: BTreeMap::new(),
            timeout_s: None,
            seconds: None,
        }
    }

    /// Named and unnamed tests together.
    pub fn counts(&self) -> Counts {
        let mut counts = self.unnamed;
        self.tests.iter().for_each(|t| counts.add(t.outcome, t.flaky));
        counts
    }

    /// The tests somebody has to look at.
    pub fn trouble(&self) -> impl Iterator<Item = &Test> {
        self.tests.iter().filter(|t| t.outcome.is_trouble())
    }

    /// Notes that the results announce `declared` failures, and what they are in; a failure without a name still is one.
    pub fn declare_failures(&mut self, declared: usize, listed: usize, place: &str) {
        if declared > listed {
            self.gaps.push(format!("{place} announces {declared} failures and names {listed}"));
        }
        if declared > 0 && listed == 0 {
            self.unnamed.add_all(&Counts { tests: declared, failed: declared, ..Counts::default() });
        }
    }

    /// Joins several runs of the same suite into one, as when each test was run by itself.
    pub fn merge(mut runs: Vec<Self>) -> Option<Self> {
        let mut whole = if runs.is_empty() { return None } else { runs.remove(0) };
        for run in runs {
            if whole.kind != run.kind {
                whole.kind = TestFramework::Other;
            }
            whole.source = format!("{}, {}", whole.source, run.source);
            whole.tests.extend(run.tests);
            whole.facts.extend(run.facts);
            whole.timeout_s = whole.timeout_s.or(run.timeout_s);
            whole.seconds = whole.seconds.zip(run.seconds).map(|(a, b)| a + b);
            whole.unnamed.add_all(&run.unnamed);
            whole.gaps.extend(run.gaps);
        }
        whole.join_namesakes();
        Some(whole)
    }

    /// Makes one test of several entries under the same key, as bad as the worst of them: tests of one name, a test in several
    /// runs, or a test and the error of its cleaning up. Attempts are marked as such by those that make them.
    pub fn join_namesakes(&mut self) {
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        let mut joined: Vec<Test> = Vec::with_capacity(self.tests.len());
        for test in self.tests.drain(..) {
            match places.get(&test.key) {
                None => {
                    places.insert(test.key.clone(), joined.len());
                    joined.push(test);
                }
                Some(&place) => {
                    let first = joined[place].clone();
                    joined[place] = join(first, test);
                }
            }
        }
        self.tests = joined;
    }
}

/// The worse of two.
fn join(first: Test, later: Test) -> Test {
    let flaky = first.flaky || later.flaky;
    let (mut test, other) = if later.outcome >= first.outcome { (later, first) } else { (first, later) };
    test.flaky = flaky;
    if test.message.is_empty() {
        test.message = other.message;
        test.detail = other.detail;
    }
    test.facts.extend(other.facts);
    test
}
