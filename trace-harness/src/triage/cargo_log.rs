//! Reads what `cargo test` prints.
//!
//! Not here: cargo-nextest, which writes JUnit XML (`junit`).

use crate::triage::message::headline;
use crate::triage::record::{Kind, Outcome, Test, TestRun};

/// Whether a text looks like a log of `cargo test`.
pub fn is_one(text: &str) -> bool {
    text.lines().any(|l| l.starts_with("test result: ")) || text.lines().any(|l| running(l).is_some())
}

/// Reads a log. Its standard error has the names of the test binaries, so both streams together say most.
///
/// # Errors
/// It names no test.
pub fn read(text: &str) -> Result<TestRun, String> {
    let mut log = Log {
        run: TestRun::new(Kind::CargoTest),
        target: Target::default(),
        first: 0,
        running: false,
        current: None,
    };
    text.lines().for_each(|line| log.line(line));
    let mut run = log.run;
    for test in &mut run.tests {
        let line = headline(&test.detail);
        if test.outcome.is_trouble() && !line.is_empty() {
            test.message = line;
        }
    }
    match run.tests.is_empty() {
        true => Err("names no test; expected a log of `cargo test`".to_owned()),
        false => Ok(run),
    }
}

/// A test binary: how its tests are named, and how cargo is told to run it.
#[derive(Debug, Clone, Default)]
struct Target {
    name: String,
    flag: String,
}

struct Log {
    run: TestRun,
    target: Target,
    /// Where the tests of the current binary begin.
    first: usize,
    /// Between `running N tests` and `failures:`, where lines of outcomes stand.
    running: bool,
    /// The test whose output is being read.
    current: Option<usize>,
}

/// `     Running tests/a.rs (target/debug/deps/a-0123)`.
fn running(line: &str) -> Option<Target> {
    let line = line.trim_start();
    if let Some(name) = line.strip_prefix("Doc-tests ") {
        return Some(Target { name: format!("{name} doc"), flag: "--doc".to_owned() });
    }
    let (source, binary) = line.strip_prefix("Running ")?.strip_suffix(')')?.split_once(" (")?;
    let file = binary.rsplit(['/', '\\']).next()?;
    let name = file.rsplit_once('-').map_or(file, |(name, _)| name).to_owned();
    let flag = match source.strip_prefix("unittests ") {
        Some(file) if file.ends_with("lib.rs") => "--lib".to_owned(),
        Some(_) => format!("--bin {name}"),
        None => format!("--test {name}"),
    };
    Some(Target { name, flag })
}

impl Log {
    fn line(&mut self, line: &str) {
        if let Some(target) = running(line) {
            self.begin(target);
        } else if line.starts_with("running ") && line.trim_end().ends_with(['s', 't']) {
            self.running = true;
            self.first = self.run.tests.len();
        } else if line.starts_with("test result: ") {
            self.running = false;
            self.current = None;
            self.total(line);
        } else if line == "failures:" {
            self.running = false;
            self.current = None;
        } else if self.running {
            self.outcome(line);
        } else if let Some(name) = line.strip_prefix("---- ").and_then(|l| l.strip_suffix(" ----")) {
            let name = name.trim_end_matches(" stdout").trim_end_matches(" stderr");
            let tests = self.run.tests[self.first..].iter();
            self.current = tests.into_iter().position(|t| t.name == name).map(|n| n + self.first);
        } else if let Some(test) = self.current.and_then(|n| self.run.tests.get_mut(n)) {
            test.add_detail(line);
            test.add_detail("\n");
        }
    }

    /// Two crates may each have a test binary of the same name; they are told apart by a number.
    fn begin(&mut self, mut target: Target) {
        let base = target.name.clone();
        let taken = |name: &str| self.run.tests.iter().any(|t| t.key.split(' ').next() == Some(name));
        for number in 2..1000 {
            if !taken(&target.name) {
                break;
            }
            target.name = format!("{base}#{number}");
        }
        self.target = target;
        self.running = false;
        self.current = None;
        self.first = self.run.tests.len();
    }

    /// `test a::b ... ok`, with ` - should panic` or `, reason` around it, and times in some versions.
    fn outcome(&mut self, line: &str) {
        let Some((name, rest)) = line.strip_prefix("test ").and_then(|l| l.rsplit_once(" ... ")) else {
            return;
        };
        let outcome = match rest.split([' ', ',']).next().unwrap_or_default() {
            "ok" => Outcome::Passed,
            "FAILED" => Outcome::Failed,
            "ignored" => Outcome::Skipped,
            _ => return,
        };
        let name = name.trim_end_matches(" - should panic");
        let mut test =
            Test::new(format!("{} {name}", self.target.name), name.to_owned(), self.target.flag.clone());
        test.outcome = outcome;
        test.seconds = rest
            .split_once('<')
            .and_then(|(_, t)| t.split_once('s')?.0.parse().ok())
            .filter(|t: &f64| t.is_finite());
        self.run.tests.push(test);
    }

    fn total(&mut self, line: &str) {
        let time = line
            .rsplit_once("finished in ")
            .and_then(|(_, t)| t.trim().trim_end_matches('s').parse::<f64>().ok());
        if let Some(time) = time.filter(|t| t.is_finite()) {
            self.run.seconds = Some(self.run.seconds.unwrap_or(0.0) + time);
        }
    }
}
