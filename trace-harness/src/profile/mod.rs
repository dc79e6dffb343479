//! Runs a command several times: how long it takes, how much that scatters, and whether it is what it used to be.
//!
//! Not here: measuring one run (`command`), keeping evidence (`command` of this module).

pub mod guardrails;
pub mod history;
pub mod plot;
pub mod report;
pub mod statistics;

use serde::Serialize;

use crate::evidence::bundle::summary::Step;
use guardrails::{Given, Guardrails, Level, Origin, judge};
use history::Earlier;
use statistics::Statistics;

/// What came of it; `results/profile.json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Profile {
    /// Runs that were asked for.
    pub runs: usize,
    /// How the runs stand to the limits.
    pub level: Level,
    /// Why, in words; empty where all is as expected.
    pub remarks: Vec<String>,
    /// Wall time of runs that ended well, in seconds.
    pub wall_s: Statistics,
    /// Processor time of the same runs, in seconds.
    pub cpu_s: Statistics,
    /// Peak memory of the same runs, in bytes.
    pub peak_memory_bytes: Statistics,
    /// The limits.
    pub guardrails: Guardrails,
    /// Earlier bundles of the same command on the same machine.
    pub history: Vec<Earlier>,
}

/// What runs are compared with.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Baseline {
    /// A bundle that the user named.
    pub named: Option<Earlier>,
    /// Earlier bundles.
    pub history: Vec<Earlier>,
}

/// Judges the runs in `steps`, of `runs` that were asked for.
pub fn profile(steps: &[Step], runs: usize, baseline: Baseline, given: Given) -> Profile {
    let good: Vec<&Step> = steps.iter().filter(|s| s.succeeded()).collect();
    let of = |value: fn(&Step) -> Option<f64>| -> Vec<f64> { good.iter().filter_map(|s| value(s)).collect() };
    let wall = of(|s| s.wall_s);
    let earlier: Vec<f64> = baseline.history.iter().flat_map(|e| e.seconds.clone()).collect();
    let (compared, from) = match &baseline.named {
        Some(named) => (named.seconds.clone(), Origin::Baseline),
        None if !earlier.is_empty() => (earlier, Origin::History),
        None => (wall.clone(), Origin::TheseRuns),
    };
    let guardrails = Guardrails::new(given, &Statistics::of(&compared), from);
    let mut remarks = judge(&guardrails, &wall);
    for step in steps.iter().filter(|s| !s.succeeded()) {
        remarks.push((Level::Outside, format!("{} ended with {}", step.name, step.status.text())));
    }
    if steps.len() < runs {
        remarks.push((Level::Outside, format!("{} of {runs} runs were made", steps.len())));
    }
    Profile {
        runs,
        level: remarks.iter().map(|(level, _)| *level).max().unwrap_or(Level::InRange),
        remarks: remarks.into_iter().map(|(_, text)| text).collect(),
        wall_s: Statistics::of(&wall),
        cpu_s: Statistics::of(&of(|s| s.cpu_s)),
        peak_memory_bytes: Statistics::of(&of(|s| s.peak_memory_bytes.map(|b| b as f64))),
        guardrails,
        history: baseline.history,
    }
}
