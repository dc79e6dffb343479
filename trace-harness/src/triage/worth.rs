//! Effort, priority and order of clusters: those of the rules file, else an estimate from what is known of their tests.
//!
//! Not here: which failures belong together (`cluster`).

use std::collections::{BTreeSet, HashSet};

use crate::triage::cluster::{Cluster, ClusterBuilder, FigureOrigin};
use crate::triage::delta::Delta;
use crate::triage::isolation::Isolation;
use crate::triage::record::{Test, TestFramework, TestOutcome};
use crate::triage::reproduce;
use crate::triage::rules::{Effort, Priority, TriageRule};

/// From this many tests on, a cluster is urgent.
const MANY: usize = 5;

/// What estimates are made from.
#[derive(Debug, Clone, Copy)]
pub struct EstimateBasis<'a> {
    /// What ran the tests.
    pub kind: TestFramework,
    /// What changed since the baseline.
    pub delta: Option<&'a Delta>,
    /// What happens to the tests by themselves.
    pub isolation: Option<&'a Isolation>,
}

/// Tests by what is known of them.
struct Sets<'a> {
    /// They did not fail in the baseline; `None` without one.
    new: Option<HashSet<&'a String>>,
    /// They pass by themselves.
    sensitive: HashSet<&'a String>,
}

/// Makes clusters of groups: the most urgent first, then the largest, then in the order of the run.
pub fn clusters(groups: Vec<ClusterBuilder<'_>>, known: EstimateBasis<'_>) -> Vec<Cluster> {
    let sets = Sets {
        new: known.delta.map(|d| d.new.iter().collect()),
        sensitive: known.isolation.iter().flat_map(|i| &i.sensitive).map(|s| &s.test).collect(),
    };
    let mut clusters: Vec<Cluster> = groups.into_iter().map(|g| cluster(g, known.kind, &sets)).collect();
    clusters.sort_by_key(|c| (c.priority, std::cmp::Reverse(c.tests.len())));
    for (n, cluster) in clusters.iter_mut().enumerate() {
        cluster.id = format!("C{}", n + 1);
    }
    clusters
}

fn cluster(group: ClusterBuilder<'_>, kind: TestFramework, sets: &Sets<'_>) -> Cluster {
    let tests = &group.tests;
    let given_effort = group.rule.and_then(|r| r.effort);
    let given_priority = group.rule.and_then(|r| r.priority);
    let origin = |given: bool| if given { FigureOrigin::Rules } else { FigureOrigin::Estimated };
    let example = tests.first().map_or(String::new(), |t| match t.outcome {
        TestOutcome::TimedOut if t.message.is_empty() => "ran out of time".to_owned(),
        _ => t.message.clone(),
    });
    Cluster {
        id: String::new(),
        name: group.rule.map_or_else(|| group.line.clone(), |r| r.name.clone()),
        by: origin(group.rule.is_some()),
        tests: tests.iter().map(|t| t.key.clone()).collect(),
        example,
        effort: given_effort.unwrap_or_else(|| effort(tests)),
        effort_from: origin(given_effort.is_some()),
        priority: given_priority.unwrap_or_else(|| priority(tests, sets)),
        priority_from: origin(given_priority.is_some()),
        note: group.rule.and_then(|r| r.note.clone()),
        command: command(group.rule, tests, kind),
    }
}

/// One test is a small matter, tests of several files a large one.
fn effort(tests: &[&Test]) -> Effort {
    let files: BTreeSet<&str> = tests.iter().map(|t| t.group.as_str()).collect();
    match (tests.len(), files.len()) {
        (1, _) => Effort::Small,
        (_, 1) => Effort::Medium,
        _ => Effort::Large,
    }
}

/// What is new or widespread comes first, what only fails among others last.
fn priority(tests: &[&Test], sets: &Sets<'_>) -> Priority {
    let is_new = |test: &&Test| sets.new.as_ref().is_some_and(|new| new.contains(&test.key));
    if tests.iter().any(is_new) || tests.len() >= MANY {
        Priority::High
    } else if tests.iter().all(|t| sets.sensitive.contains(&t.key)) {
        Priority::Low
    } else {
        Priority::Medium
    }
}

fn command(rule: Option<&TriageRule>, tests: &[&Test], kind: TestFramework) -> String {
    match rule.and_then(|r| r.command.as_ref()) {
        Some(given) => given.replace("{tests}", &reproduce::names(tests)),
        None => reproduce::command(kind, tests),
    }
}
