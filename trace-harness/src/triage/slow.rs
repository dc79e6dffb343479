//! The slowest tests, and how near they are to their time limits.
//!
//! Not here: ending tests that take too long; that is their runner's business.

use serde::Serialize;

use crate::triage::record::{Test, TestOutcome, TestRun};
use crate::triage::rules::Rules;

/// A slow test.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Slow {
    /// Its key.
    pub test: String,
    /// Its name as the runner takes it.
    pub name: String,
    /// How long it took.
    pub seconds: f64,
    /// Its limit, if it is known.
    pub timeout_s: Option<f64>,
    /// Part of the limit that it took.
    pub share: Option<f64>,
    /// Whether it ran out of time.
    pub timed_out: bool,
}

/// The `count` slowest tests, the slowest first. A limit is that of the test itself, else of the rules, else `default`, else of
/// the whole run.
pub fn slowest(run: &TestRun, rules: &Rules, default: Option<f64>, count: usize) -> Vec<Slow> {
    let limit = |test: &Test| {
        let ruled = rules.limits.iter().find(|l| l.test.is_match(&test.name)).map(|l| l.seconds);
        test.timeout_s.or(ruled).or(default).or(run.timeout_s)
    };
    let mut all: Vec<Slow> = run
        .tests
        .iter()
        .filter_map(|test| {
            let (seconds, timeout_s) = (test.seconds?, limit(test));
            Some(Slow {
                test: test.key.clone(),
                name: test.name.clone(),
                seconds,
                timeout_s,
                share: timeout_s.map(|t| seconds / t),
                timed_out: test.outcome == TestOutcome::TimedOut,
            })
        })
        .collect();
    all.sort_by(|a, b| b.seconds.total_cmp(&a.seconds));
    all.truncate(count);
    all
}
