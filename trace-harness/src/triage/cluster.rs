//! Groups failures that probably have one cause: by the rules of the project first, then by what they say.
//!
//! Not here: reading rules (`rules`), how much a cluster matters (`worth`).

use serde::Serialize;

use crate::triage::message::alike::{Lines, Vocabulary};
use crate::triage::message::normalise;
use crate::triage::record::{Test, TestOutcome, TestRun};
use crate::triage::rules::{Effort, Priority, Rules, TriageRule};

/// Where a figure comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FigureOrigin {
    /// The rules file.
    Rules,
    /// This program.
    Estimated,
}

/// Failures that belong together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cluster {
    /// `C1`, `C2` … in the order in which they should be looked at.
    pub id: String,
    /// Its name: of the rule, or what its failures say.
    pub name: String,
    /// Whether a rule made it.
    pub by: FigureOrigin,
    /// Its tests by key, in the order of the run.
    pub tests: Vec<String>,
    /// The first failure in a line.
    pub example: String,
    /// How much work it is.
    pub effort: Effort,
    /// Where that is from.
    pub effort_from: FigureOrigin,
    /// How soon it should be done.
    pub priority: Priority,
    /// Where that is from.
    pub priority_from: FigureOrigin,
    /// A remark.
    pub note: Option<String>,
    /// How to run its tests again.
    pub command: String,
}

/// A cluster in the making.
#[derive(Debug)]
pub struct ClusterBuilder<'a> {
    /// The rule, if one made it.
    pub rule: Option<&'a TriageRule>,
    /// What its failures have in common.
    pub line: String,
    /// Its tests.
    pub tests: Vec<&'a Test>,
}

/// Puts every test that failed into exactly one group.
pub fn groups<'a>(run: &'a TestRun, rules: &'a Rules) -> Vec<ClusterBuilder<'a>> {
    let failures: Vec<(&Test, String)> = run.trouble().map(|test| (test, line_of(test))).collect();
    let vocabulary = Vocabulary::new(failures.iter().map(|(_, line)| line.as_str()));
    // Running out of time is not like anything else, even if it says the same.
    let mut lines = [Lines::new(&vocabulary), Lines::new(&vocabulary)];
    let mut group_of_line = [Vec::new(), Vec::new()];
    let mut group_of_rule: Vec<Option<usize>> = vec![None; rules.clusters.len()];
    let mut groups: Vec<ClusterBuilder<'a>> = Vec::new();
    for (test, line) in &failures {
        let rule = rules.clusters.iter().position(|r| fits(r, test));
        let late = usize::from(test.outcome == TestOutcome::TimedOut);
        let place = match rule {
            Some(rule) => group_of_rule[rule],
            None => lines[late].most_alike(line).map(|n| group_of_line[late][n]),
        };
        if let Some(place) = place {
            groups[place].tests.push(test);
            continue;
        }
        match rule {
            Some(rule) => group_of_rule[rule] = Some(groups.len()),
            None => {
                lines[late].add(line);
                group_of_line[late].push(groups.len());
            }
        }
        let rule = rule.map(|n| &rules.clusters[n]);
        groups.push(ClusterBuilder { rule, line: line.clone(), tests: vec![test] });
    }
    groups
}

fn fits(rule: &TriageRule, test: &Test) -> bool {
    let name = rule.test.as_ref().is_none_or(|p| p.is_match(&test.name) || p.is_match(&test.key));
    let text = rule.message.as_ref().is_none_or(|p| p.is_match(&test.message) || p.is_match(&test.detail));
    name && text
}

/// The normalised line that a failure is compared by. Running out of time is one kind of failure whatever was going on.
fn line_of(test: &Test) -> String {
    match test.outcome {
        TestOutcome::TimedOut => "ran out of time".to_owned(),
        _ if test.message.is_empty() => "no message".to_owned(),
        _ => normalise(&test.message),
    }
}
