//! Tests that fail in the suite and pass by themselves depend on what surrounds them: this says on what, as far as the two
//! runs show.
//!
//! Not here: running tests.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::triage::delta::Lookup;
use crate::triage::record::{Test, TestOutcome, TestRun};

/// Times and sizes that differ by less than this factor are not worth a line.
const NOTABLE: f64 = 1.25;
/// Seconds below which a difference of times is noise.
const NOISE_S: f64 = 0.05;

/// What kind of surroundings a difference is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Surrounding {
    /// A variable of the environment.
    Variable,
    /// The working folder.
    Folder,
    /// How long it took.
    Time,
    /// How much memory was in use.
    Memory,
    /// Anything else that the runs report.
    Other,
}

/// Something that was different.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EnvironmentDifference {
    /// Its kind.
    pub kind: Surrounding,
    /// What: the name of a variable, `working folder` …
    pub what: String,
    /// In the suite; `not set` where it was not there.
    pub suite: String,
    /// By itself.
    pub isolated: String,
}

/// A test that passes by itself and fails in the suite.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sensitive {
    /// Its key.
    pub test: String,
    /// Its name as the runner takes it.
    pub name: String,
    /// What was different, the likeliest first.
    pub differences: Vec<EnvironmentDifference>,
}

/// What the isolated run says about the tests that fail in the suite.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Isolation {
    /// They pass by themselves.
    pub sensitive: Vec<Sensitive>,
    /// They fail by themselves too.
    pub fail_alone: Vec<String>,
    /// They were not run by themselves.
    pub not_run: Vec<String>,
}

/// Compares the failing tests of `suite` with the same tests in `isolated`.
pub fn isolation(suite: &TestRun, isolated: &TestRun) -> Isolation {
    let alone = Lookup::new(isolated);
    let mut result = Isolation::default();
    for test in suite.trouble() {
        match alone.get(test) {
            Some(other) if other.outcome == TestOutcome::Passed => result.sensitive.push(Sensitive {
                test: test.key.clone(),
                name: test.name.clone(),
                differences: differences((suite, test), (isolated, other)),
            }),
            Some(other) if other.outcome.is_trouble() => result.fail_alone.push(test.key.clone()),
            _ => result.not_run.push(test.key.clone()),
        }
    }
    result
}

fn differences(suite: (&TestRun, &Test), isolated: (&TestRun, &Test)) -> Vec<EnvironmentDifference> {
    let (a, b) = (facts(suite.0, suite.1), facts(isolated.0, isolated.1));
    let names: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    let mut found: Vec<EnvironmentDifference> =
        names.into_iter().filter_map(|name| difference(name, a.get(name), b.get(name))).collect();
    if let (Some(x), Some(y)) = (suite.1.seconds, isolated.1.seconds)
        && (x - y).abs() > NOISE_S
        && notable(x, y)
    {
        let [suite, isolated] = [x, y].map(|t| format!("{t:.3} s"));
        found.push(EnvironmentDifference {
            kind: Surrounding::Time,
            what: "time".to_owned(),
            suite,
            isolated,
        });
    }
    found.sort_by(|p, q| (p.kind, &p.what).cmp(&(q.kind, &q.what)));
    found
}

/// What a test found, or what its run says where it found nothing.
fn facts(run: &TestRun, test: &Test) -> BTreeMap<String, String> {
    let mut facts = run.facts.clone();
    facts.extend(test.facts.clone());
    facts
}

fn notable(x: f64, y: f64) -> bool {
    x > NOTABLE * y || y > NOTABLE * x
}

fn difference(
    name: &str,
    suite: Option<&String>,
    isolated: Option<&String>,
) -> Option<EnvironmentDifference> {
    if suite == isolated {
        return None;
    }
    let (kind, what) = match name {
        _ if name.starts_with("env:") => (Surrounding::Variable, name.trim_start_matches("env:")),
        "cwd" => (Surrounding::Folder, "working folder"),
        "rootdir" => (Surrounding::Folder, "root folder"),
        _ if name.contains("memory") => (Surrounding::Memory, name),
        _ if name.ends_with("_s") => (Surrounding::Time, name),
        _ => (Surrounding::Other, name),
    };
    // Only variables mean something by being absent; other facts may just not have been written down.
    if kind != Surrounding::Variable && (suite.is_none() || isolated.is_none()) {
        return None;
    }
    let number = |v: Option<&String>| v.and_then(|v| v.parse::<f64>().ok());
    if matches!(kind, Surrounding::Memory | Surrounding::Time)
        && let (Some(x), Some(y)) = (number(suite), number(isolated))
        && !notable(x, y)
    {
        return None;
    }
    let text = |v: Option<&String>| v.map_or_else(|| "not set".to_owned(), Clone::clone);
    Some(EnvironmentDifference { kind, what: what.to_owned(), suite: text(suite), isolated: text(isolated) })
}
