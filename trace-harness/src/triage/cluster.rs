//! Groups failures that probably have one cause: by the rules of the project first, then by what they say.
//!
//! Not here: reading rules (`rules`), how much a cluster matters (`worth`).

use serde::Serialize;

use crate::triage::message::{normalise, similarity};
use crate::triage::record::{Outcome, Test, TestRun};
use crate::triage::rules::{Effort, Priority, Rule, Rules};

/// Lines at least this alike belong together.
const ALIKE: f64 = 0.65;

/// Where a figure comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
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
    pub by: Origin,
    /// Its tests by key, in the order of the run.
    pub tests: Vec<String>,
    /// The first failure in a line.
    pub example: String,
    /// How much work it is.
    pub effort: Effort,
    /// Where that is from.
    pub effort_from: Origin,
    /// How soon it should be done.
    pub priority: Priority,
    /// Where that is from.
    pub priority_from: Origin,
    /// A remark.
    pub note: Option<String>,
    /// How to run its tests again.
    pub command: String,
}

/// A cluster in the making.
#[derive(Debug)]
pub struct Group<'a> {
    /// The rule, if one made it.
    pub rule: Option<&'a Rule>,
    /// What its failures have in common.
    pub line: String,
    /// Its tests.
    pub tests: Vec<&'a Test>,
}

/// Puts every test that failed into exactly one group.
pub fn groups<'a>(run: &'a TestRun, rules: &'a Rules) -> Vec<Group<'a>> {
    let mut groups: Vec<Group<'a>> = Vec::new();
    for test in run.trouble() {
        let rule = rules.clusters.iter().find(|r| fits(r, test));
        let line = line_of(test);
        let place = match rule {
            Some(rule) => groups.iter().position(|g| g.rule.is_some_and(|r| std::ptr::eq(r, rule))),
            None => most_alike(&groups, test, &line),
        };
        match place {
            Some(place) => groups[place].tests.push(test),
            None => groups.push(Group { rule, line, tests: vec![test] }),
        }
    }
    groups
}

fn fits(rule: &Rule, test: &Test) -> bool {
    let name = rule.test.as_ref().is_none_or(|p| p.is_match(&test.name) || p.is_match(&test.key));
    let text = rule.message.as_ref().is_none_or(|p| p.is_match(&test.message) || p.is_match(&test.detail));
    name && text
}

/// The normalised line that a failure is compared by. Running out of time is one kind of failure whatever was going on.
fn line_of(test: &Test) -> String {
    match test.outcome {
        Outcome::TimedOut => "ran out of time".to_owned(),
        _ if test.message.is_empty() => "no message".to_owned(),
        _ => normalise(&test.message),
    }
}

fn most_alike(groups: &[Group<'_>], test: &Test, line: &str) -> Option<usize> {
    let late = test.outcome == Outcome::TimedOut;
    let candidates = groups.iter().enumerate().filter(|(_, g)| {
        let group_late = g.tests.first().is_some_and(|t| t.outcome == Outcome::TimedOut);
        g.rule.is_none() && group_late == late
    });
    let scored =
        candidates.map(|(place, g)| (place, if g.line == line { 1.0 } else { similarity(&g.line, line) }));
    // The first of equals, so that the order of the run decides.
    let best = scored.fold(None, |best: Option<(usize, f64)>, (place, score)| match best {
        Some((_, before)) if before >= score => best,
        _ => Some((place, score)),
    });
    best.filter(|(_, score)| *score >= ALIKE).map(|(place, _)| place)
}
