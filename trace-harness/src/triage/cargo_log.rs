//! Reads what `cargo test` prints.
//!
//! Not here: cargo-nextest, which writes JUnit XML (`junit`).

use std::collections::{HashMap, HashSet};

use crate::triage::message::headline;
use crate::triage::record::{Test, TestFramework, TestOutcome, TestRun};

/// Whether a text looks like a log of `cargo test`.
pub fn is_one(text: &str) -> bool {
    let tells = |l: &str| l.starts_with("test result: ") || announced(l).is_some() || running(l).is_some();
    text.lines().any(tells)
}

/// Reads a log; `None` if it names no test. Its standard error has the names of the test binaries, so both streams together
/// say most.
pub fn read(text: &str) -> Option<TestRun> {
    let mut log = CargoLog {
        run: TestRun::new(TestFramework::CargoTest),
        target: TestBinary::default(),
        first: 0,
        by_name: HashMap::new(),
        targets: HashSet::new(),
        running: false,
        current: None,
        announced: None,
        pending: None,
    };
    text.lines().for_each(|line| log.line(line));
    log.close();
    let mut run = log.run;
    for test in &mut run.tests {
        let line = headline(&test.detail);
        if test.outcome.is_trouble() && !line.is_empty() {
            test.message = line;
        }
    }
    (!run.tests.is_empty()).then_some(run)
}

/// A test binary: how its tests are named, and by which option cargo runs it.
#[derive(Debug, Clone, Default)]
struct TestBinary {
    name: String,
    flag: String,
}

struct CargoLog {
    run: TestRun,
    target: TestBinary,
    /// Where the tests of the current binary begin.
    first: usize,
    /// Those tests by name.
    by_name: HashMap<String, usize>,
    /// Names of the binaries that have tests.
    targets: HashSet<String>,
    /// Between `running N tests` and `failures:`, where lines of outcomes stand.
    running: bool,
    /// The test whose output is being read.
    current: Option<usize>,
    /// How many tests the current binary announces; none once its result is known.
    announced: Option<usize>,
    /// The test whose name stands before what it prints, and its outcome after that.
    pending: Option<String>,
}

/// `     Running tests/a.rs (target/debug/deps/a-0123)`.
fn running(line: &str) -> Option<TestBinary> {
    let line = line.trim_start();
    if let Some(name) = line.strip_prefix("Doc-tests ") {
        return Some(TestBinary { name: format!("{name} doc"), flag: "--doc".to_owned() });
    }
    let (source, binary) = line.strip_prefix("Running ")?.strip_suffix(')')?.split_once(" (")?;
    let file = binary.rsplit(['/', '\\']).next()?;
    let name = file.rsplit_once('-').map_or(file, |(name, _)| name).to_owned();
    let flag = match source.strip_prefix("unittests ") {
        Some(file) if file.ends_with("lib.rs") => "--lib".to_owned(),
        Some(_) => format!("--bin {name}"),
        None => format!("--test {name}"),
    };
    Some(TestBinary { name, flag })
}

/// `running 3 tests`.
fn announced(line: &str) -> Option<usize> {
    let count = line.trim_end().strip_prefix("running ")?;
    count.strip_suffix(" tests").or_else(|| count.strip_suffix(" test"))?.parse().ok()
}

/// The name and what follows `...`, also where something printed without a line end stands before.
fn named(line: &str) -> Option<(&str, &str)> {
    let pair = match line.strip_prefix("test ") {
        Some(whole) => whole.split_once(" ... "),
        // A glued name holds no blank but that of a doctest; anything else is prose.
        None => line[line.rfind("test ")? + "test ".len()..]
            .split_once(" ... ")
            .filter(|(name, _)| !name.contains(' ') || name.contains(" - ")),
    };
    pair.map(|(name, rest)| (name.trim_end_matches(" - should panic"), rest))
}

impl CargoLog {
    fn line(&mut self, line: &str) {
        if let Some(error) = line.strip_prefix("error: ") {
            self.error(error);
        }
        if let Some(target) = running(line) {
            self.begin(target);
        } else if let Some(count) = announced(line) {
            // Standard output alone does not name binaries: the next one's tests are not attempts of this one's.
            if self.targets.contains(&self.target.name) {
                let base = self.target.name.split('#').next().unwrap_or_default().to_owned();
                self.begin(TestBinary { name: base, ..self.target.clone() });
            }
            self.close();
            self.announced = Some(count);
            self.running = true;
            self.forget();
        } else if line.starts_with("test result: ") {
            self.settle(TestOutcome::Passed);
            self.running = false;
            self.current = None;
            self.total(line);
        } else if line == "failures:" {
            self.settle(TestOutcome::Passed);
            self.running = false;
            self.current = None;
        } else if self.running {
            self.outcome(line);
        } else if let Some(name) = line.strip_prefix("---- ").and_then(|l| l.strip_suffix(" ----")) {
            let name = name.trim_end_matches(" stdout").trim_end_matches(" stderr");
            self.current = self.by_name.get(name).copied();
        } else if let Some(test) = self.current.and_then(|n| self.run.tests.get_mut(n)) {
            test.add_detail(line);
            test.add_detail("\n");
        } else if let Some(name) = line.strip_prefix("    ").filter(|_| self.announced.is_some()) {
            self.failed(name);
        }
    }

    /// What cargo says of a target as a whole: some have no harness, some do not compile, and some crash after their last test.
    fn error(&mut self, error: &str) {
        if let Some(target) = error.strip_prefix("could not compile ") {
            self.run.gaps.push(format!("could not compile {target}"));
        }
        let failed = error.strip_prefix("test failed, ").or_else(|| error.strip_prefix("doctest failed, "));
        let Some(advice) = failed else { return };
        // The tests that a binary lacks show that it died.
        if self.run.tests[self.first..].iter().any(|test| test.outcome.is_trouble()) {
            return;
        }
        let flag = advice.strip_prefix("to rerun pass `").and_then(|rest| rest.strip_suffix('`'));
        let flag = flag.unwrap_or(&self.target.flag).to_owned();
        let name = format!("{} (as a whole)", self.target.name);
        let mut test = Test::new(name.clone(), name, flag);
        (test.outcome, test.message) =
            (TestOutcome::Error, "the target failed without a test that did".to_owned());
        if !self.run.tests.iter().any(|other| other.key == test.key) {
            self.run.tests.push(test);
        }
    }

    /// A name under `failures:` is that of a failed test, whatever its own line looks like.
    fn failed(&mut self, name: &str) {
        match self.by_name.get(name) {
            Some(place) => self.run.tests[*place].outcome = TestOutcome::Failed,
            None => self.push(name, TestOutcome::Failed, None),
        }
    }

    fn push(&mut self, name: &str, outcome: TestOutcome, seconds: Option<f64>) {
        // A test may print lines like these itself. Whatever is a failure stays one.
        if let Some(test) = self.by_name.get(name).and_then(|place| self.run.tests.get_mut(*place)) {
            test.outcome = test.outcome.max(outcome);
            return;
        }
        let mut test =
            Test::new(format!("{} {name}", self.target.name), name.to_owned(), self.target.flag.clone());
        (test.outcome, test.seconds) = (outcome, seconds);
        self.by_name.insert(name.to_owned(), self.run.tests.len());
        if !self.targets.contains(&self.target.name) {
            self.targets.insert(self.target.name.clone());
        }
        self.run.tests.push(test);
    }

    /// A test whose outcome does not follow from what it printed is listed with `outcome`: those that failed are named later.
    fn settle(&mut self, outcome: TestOutcome) {
        if let Some(name) = self.pending.take() {
            self.push(&name, outcome, None);
        }
    }

    /// A binary that announced tests and reports no result has died.
    fn close(&mut self) {
        self.pending = None;
        if let Some(count) = self.announced.take() {
            let listed = self.run.tests.len() - self.first;
            self.run.gaps.push(format!(
                "`{}` ended after {listed} of {count} tests without a result",
                self.target.name
            ));
        }
    }

    /// The tests that follow are another binary's.
    fn forget(&mut self) {
        self.first = self.run.tests.len();
        self.by_name.clear();
    }

    /// Two crates may each have a test binary of the same name; a number distinguishes them.
    fn begin(&mut self, mut target: TestBinary) {
        self.close();
        let base = target.name.clone();
        let mut number = 2;
        while self.targets.contains(&target.name) {
            target.name = format!("{base}#{number}");
            number += 1;
        }
        self.target = target;
        self.running = false;
        self.current = None;
        self.forget();
    }

    /// `test a::b ... ok`, with ` - should panic` or `, reason` around it, and times in some versions.
    fn outcome(&mut self, line: &str) {
        let Some((name, rest)) = named(line) else {
            // The outcome may stand alone, or behind what the test printed without a line end.
            let ends = |word| line.trim_end().ends_with(word);
            if self.pending.is_some() && (ends("FAILED") || ends("ok")) {
                self.settle(if ends("FAILED") { TestOutcome::Failed } else { TestOutcome::Passed });
            }
            return;
        };
        self.settle(TestOutcome::Passed);
        let outcome = match rest.split([' ', ',']).next().unwrap_or_default() {
            "ok" => TestOutcome::Passed,
            "FAILED" => TestOutcome::Failed,
            "ignored" => TestOutcome::Skipped,
            _ => {
                self.pending = Some(name.to_owned());
                return;
            }
        };
        let seconds = rest
            .split_once('<')
            .and_then(|(_, t)| t.split_once('s')?.0.parse().ok())
            .filter(|t: &f64| t.is_finite());
        self.push(name, outcome, seconds);
    }

    fn total(&mut self, line: &str) {
        let count = |word: &str| -> Option<usize> {
            let before = line.split(';').find_map(|part| part.trim_end().strip_suffix(word));
            before.and_then(|b| b.trim_end().rsplit(' ').next()?.parse().ok())
        };
        if let Some(announced) = self.announced.take() {
            let tests = &self.run.tests[self.first..];
            let (listed, failed) = (tests.len(), tests.iter().filter(|t| t.outcome.is_trouble()).count());
            if listed != announced {
                self.run
                    .gaps
                    .push(format!("`{}` announces {announced} tests and lists {listed}", self.target.name));
            }
            let parts = ["passed", "failed", "ignored"].map(count);
            let counted =
                parts.into_iter().try_fold(count("measured").unwrap_or(0), |sum, n| sum.checked_add(n?));
            let says = line.trim_start_matches("test result: ");
            if counted != Some(announced) || !(says.starts_with("ok.") || says.starts_with("FAILED.")) {
                self.run.gaps.push(format!(
                    "the result of `{}` does not tell of its {announced} tests",
                    self.target.name
                ));
            }
            let declared =
                count("failed").unwrap_or(0).max(usize::from(line.starts_with("test result: FAILED")));
            self.run.declare_failures(declared, failed, &format!("`{}`", self.target.name));
        }
        let time = line
            .rsplit_once("finished in ")
            .and_then(|(_, t)| t.trim().trim_end_matches('s').parse::<f64>().ok());
        if let Some(time) = time.filter(|t| t.is_finite()) {
            self.run.seconds = Some(self.run.seconds.unwrap_or(0.0) + time);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcomes(text: &str) -> Vec<(String, TestOutcome)> {
        let run = read(text).expect("a log");
        run.tests.into_iter().map(|test| (test.key, test.outcome)).collect()
    }

    /// What `cargo test 2> /dev/null` leaves of two crates whose tests have the same name.
    #[test]
    fn tests_of_binaries_that_are_not_named_are_not_attempts_of_one() {
        let of = |outcome: &str, result: &str| {
            format!("\nrunning 1 test\ntest works ... {outcome}\n\ntest result: {result}\n\n")
        };
        let failed = of("FAILED", "FAILED. 0 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out");
        let passed = of("ok", "ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out");
        for (text, expected) in
            [(failed.clone() + &passed, ["Failed", "Passed"]), (passed + &failed, ["Passed", "Failed"])]
        {
            let found = outcomes(&text);
            assert_eq!(found.iter().map(|(_, o)| format!("{o:?}")).collect::<Vec<_>>(), expected);
            assert_ne!(found[0].0, found[1].0);
        }
    }

    #[test]
    fn what_cargo_says_of_a_target_as_a_whole_counts() {
        let passed = "     Running tests/t.rs (target/debug/deps/t-0)\n\nrunning 1 test\ntest works ... ok\n\n\
                      test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\n";
        let whole = "     Running tests/h.rs (target/debug/deps/h-0)\nthread 'main' panicked\n\
                     error: test failed, to rerun pass `--test h`\n";
        let run = read(&format!("{passed}{whole}")).expect("a log");
        let failed: Vec<_> = run.trouble().map(|test| (test.key.as_str(), test.group.as_str())).collect();
        assert_eq!(failed, [("h (as a whole)", "--test h")]);
        let crash = read(&format!("{passed}error: test failed, to rerun pass `--test t`\n")).expect("a log");
        assert_eq!(crash.counts().trouble(), 1);
        let broken = read(&format!("{passed}error: could not compile `a` (test \"u\")\n")).expect("a log");
        assert!(broken.gaps[0].contains("could not compile `a`"), "{:?}", broken.gaps);
    }

    #[test]
    fn a_failure_stays_one_whatever_the_test_prints() {
        let text = "running 1 test\ntest a ... FAILED\ntest a ... ok\n";
        assert_eq!(outcomes(text), [(" a".to_owned(), TestOutcome::Failed)]);
    }
}
