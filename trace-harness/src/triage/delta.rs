//! What changed since the baseline.
//!
//! Not here: why.

use std::collections::{BTreeMap, HashSet};

use serde::Serialize;

use crate::triage::record::{Test, TestFramework, TestOutcome, TestRun};

/// Finds the tests of a run by those of another.
#[derive(Debug)]
pub struct Lookup<'a>(BTreeMap<String, Option<&'a Test>>);

impl<'a> Lookup<'a> {
    /// All tests of `run`. A test of nextest is also found by the name that `cargo test` gives it, and the other way round,
    /// where that is not ambiguous.
    pub fn new(run: &'a TestRun) -> Self {
        let mut found: BTreeMap<String, Option<&'a Test>> = BTreeMap::new();
        if run.kind == TestFramework::Nextest {
            for test in &run.tests {
                found.entry(cargo_key(test)).and_modify(|t| *t = None).or_insert(Some(test));
            }
        }
        found.extend(run.tests.iter().map(|t| (t.key.clone(), Some(t))));
        Self(found)
    }

    /// The same test as `other`.
    pub fn get(&self, other: &Test) -> Option<&'a Test> {
        self.0.get(&other.key).or_else(|| self.0.get(&cargo_key(other))).copied().flatten()
    }
}

/// What `cargo test` calls a test of nextest: its binary without the crate, and its name.
fn cargo_key(test: &Test) -> String {
    let binary = test.group.rsplit([':', '/']).next().unwrap_or_default().replace('-', "_");
    format!("{binary} {}", test.name)
}

/// Tests by what became of them since the baseline; keys, in the order of the runs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Delta {
    /// Fail now and did not before.
    pub new: Vec<String>,
    /// Failed before and pass now.
    pub cleared: Vec<String>,
    /// Fail as before.
    pub persisting: Vec<String>,
    /// Failed before and were not run now: skipped, or no longer there.
    pub not_run: Vec<String>,
    /// Passed before and are not there any more. Empty where a run does not name its tests.
    pub gone: Vec<String>,
    /// Came out differently within one of the two runs.
    pub flaky: Vec<String>,
    /// What keeps the comparison from being complete.
    pub remarks: Vec<String>,
}

/// Compares `current` with `baseline`.
pub fn delta(current: &TestRun, baseline: &TestRun) -> Delta {
    let (now, before) = (Lookup::new(current), Lookup::new(baseline));
    let mut delta = Delta::default();
    for test in current.trouble() {
        match before.get(test) {
            Some(old) if old.outcome.is_trouble() => delta.persisting.push(test.key.clone()),
            _ => delta.new.push(test.key.clone()),
        }
    }
    // A log without names still shows that a test is not among those that fail now.
    let counted_only = current.unnamed.passed > 0;
    for old in baseline.trouble() {
        match now.get(old) {
            Some(test) if test.outcome.is_trouble() => {}
            Some(test) if test.outcome == TestOutcome::Passed => delta.cleared.push(old.key.clone()),
            None if counted_only => delta.cleared.push(old.key.clone()),
            _ => delta.not_run.push(old.key.clone()),
        }
    }
    if current.unnamed.tests == 0 {
        let passed = baseline.tests.iter().filter(|old| old.outcome == TestOutcome::Passed);
        delta.gone = passed.filter(|old| now.get(old).is_none()).map(|old| old.key.clone()).collect();
    }
    let mut listed = HashSet::new();
    for test in current.tests.iter().chain(&baseline.tests).filter(|t| t.flaky) {
        if listed.insert(&test.key) {
            delta.flaky.push(test.key.clone());
        }
    }
    for (run, name) in [(current, "current run"), (baseline, "baseline")] {
        if run.unnamed.tests > 0 {
            delta.remarks.push(format!(
                "the {name} counts {} tests without naming them: whether one of them was run is not known",
                run.unnamed.tests
            ));
        }
    }
    if current.kind != baseline.kind {
        delta
            .remarks
            .push("the two runs come from different runners, which name tests differently".to_owned());
    }
    delta
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::triage::source::parse;

    fn run(cases: &str) -> TestRun {
        parse(&format!("<testsuite name=\"s\">{cases}</testsuite>")).expect("results")
    }

    fn case(name: &str, inside: &str) -> String {
        format!("<testcase classname=\"m\" name=\"{name}\">{inside}</testcase>")
    }

    #[test]
    fn a_test_that_is_no_longer_there_is_named_whether_it_failed_or_passed() {
        let failure = "<failure message=\"wrong\">wrong</failure>";
        let before = run(&(case("failed", failure) + &case("passed", "") + &case("skips", "<skipped/>")));
        let delta = delta(&run(&case("other", "")), &before);
        assert_eq!((delta.not_run.len(), delta.gone.len()), (1, 1), "{delta:?}");
        assert!(delta.not_run[0].ends_with("failed") && delta.gone[0].ends_with("passed"), "{delta:?}");
    }

    #[test]
    fn nothing_is_gone_while_every_test_is_listed() {
        let before = run(&(case("a", "") + &case("b", "")));
        let now = run(&(case("b", "<skipped/>") + &case("a", "<failure message=\"x\">x</failure>")));
        assert!(delta(&now, &before).gone.is_empty());
    }
}
