//! Makes sense of failing tests: groups them by cause, compares with a baseline and with a run of the tests by themselves.
//!
//! Not here: running tests.

pub mod cargo_log;
pub mod cluster;
pub mod delta;
mod foreign;
pub mod isolation;
pub mod junit;
pub mod message;
pub mod pages;
pub mod pytest_log;
pub mod record;
pub mod reproduce;
pub mod rules;
pub mod slow;
pub mod source;
pub mod worth;

use std::collections::{BTreeMap, HashSet};

use serde::Serialize;

use cluster::Cluster;
use delta::Delta;
use isolation::Isolation;
use record::{Counts, TestFramework, TestOutcome, TestRun};
use rules::Rules;
use slow::Slow;

/// Value of the field `schema` of `failures.json`.
pub const SCHEMA: &str = "nanobragg-rs/triage";
/// Version of the format.
pub const VERSION: u32 = 1;

/// A test that did not pass.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TestFailure {
    /// Its key.
    pub test: String,
    /// Its name as the runner takes it.
    pub name: String,
    /// How it came out.
    pub outcome: TestOutcome,
    /// Its cluster.
    pub cluster: String,
    /// The failure in a line.
    pub message: String,
    /// The failure at length.
    pub detail: String,
    /// Seconds it took.
    pub seconds: Option<f64>,
    /// `new` or `persisting`; `null` without a baseline.
    pub since_baseline: Option<&'static str>,
    /// `passes`, `fails` or `not run`; `null` without an isolated run.
    pub alone: Option<&'static str>,
    /// What it found when it ran.
    pub facts: BTreeMap<String, String>,
}

/// Everything that came of it; `failures.json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Triage {
    /// Always [`SCHEMA`].
    pub schema: &'static str,
    /// Always [`VERSION`].
    pub version: u32,
    /// What ran the tests.
    pub runner: TestFramework,
    /// The files: current run, baseline, isolated run.
    pub sources: [Option<String>; 3],
    /// Of the current run.
    pub counts: Counts,
    /// Why its results are not all there.
    pub gaps: Vec<String>,
    /// Seconds the current run took.
    pub seconds: Option<f64>,
    /// Clusters, in the order in which they should be looked at.
    pub clusters: Vec<Cluster>,
    /// Tests that did not pass, in the order of the run.
    pub failures: Vec<TestFailure>,
    /// Tests that came out differently within the current run.
    pub flaky: Vec<String>,
    /// What changed since the baseline.
    pub delta: Option<Delta>,
    /// What happens to the failing tests by themselves.
    pub isolation: Option<Isolation>,
    /// The slowest tests.
    pub slowest: Vec<Slow>,
}

/// How slow tests are listed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slowness {
    /// Limit of tests whose own is not known, in seconds.
    pub timeout_s: Option<f64>,
    /// How many are listed.
    pub count: usize,
}

/// Sorts out what failed in `current`.
pub fn triage(
    current: &TestRun,
    baseline: Option<&TestRun>,
    isolated: Option<&TestRun>,
    rules: &Rules,
    slowness: Slowness,
) -> Triage {
    let delta = baseline.map(|b| delta::delta(current, b));
    let isolation = isolated.map(|i| isolation::isolation(current, i));
    let known =
        worth::EstimateBasis { kind: current.kind, delta: delta.as_ref(), isolation: isolation.as_ref() };
    let clusters = worth::clusters(cluster::groups(current, rules), known);
    let failures = failures(current, &clusters, delta.as_ref(), isolation.as_ref());
    Triage {
        schema: SCHEMA,
        version: VERSION,
        runner: current.kind,
        sources: [Some(current), baseline, isolated].map(|run| run.map(|r| r.source.clone())),
        counts: current.counts(),
        gaps: current.gaps.clone(),
        seconds: current.seconds,
        clusters,
        failures,
        flaky: current.tests.iter().filter(|t| t.flaky).map(|t| t.key.clone()).collect(),
        delta,
        isolation,
        slowest: slow::slowest(current, rules, slowness.timeout_s, slowness.count),
    }
}

fn failures(
    run: &TestRun,
    clusters: &[Cluster],
    delta: Option<&Delta>,
    isolation: Option<&Isolation>,
) -> Vec<TestFailure> {
    let mut cluster_of: BTreeMap<&str, &str> = BTreeMap::new();
    for cluster in clusters {
        cluster_of.extend(cluster.tests.iter().map(|t| (t.as_str(), cluster.id.as_str())));
    }
    let new: HashSet<&String> = delta.iter().flat_map(|d| &d.new).collect();
    let since = |key: &String| delta.map(|_| if new.contains(key) { "new" } else { "persisting" });
    let passes: HashSet<&String> = isolation.iter().flat_map(|i| &i.sensitive).map(|s| &s.test).collect();
    let fails: HashSet<&String> = isolation.iter().flat_map(|i| &i.fail_alone).collect();
    let alone = |key: &String| {
        isolation.map(|_| match (passes.contains(key), fails.contains(key)) {
            (true, _) => "passes",
            (_, true) => "fails",
            _ => "not run",
        })
    };
    run.trouble()
        .map(|test| TestFailure {
            test: test.key.clone(),
            name: test.name.clone(),
            outcome: test.outcome,
            cluster: cluster_of.get(test.key.as_str()).map_or_else(String::new, |c| (*c).to_owned()),
            message: test.message.clone(),
            detail: test.detail.clone(),
            seconds: test.seconds,
            since_baseline: since(&test.key),
            alone: alone(&test.key),
            facts: test.facts.clone(),
        })
        .collect()
}
