//! Runs a command several times: how long it takes, how much that scatters, and whether it is what it used to be.
//!
//! Not here: measuring one run (`command`), keeping evidence (`command` of this module).

pub mod guardrails;
pub mod history;
pub mod plot;
pub mod report;
pub mod statistics;
pub mod units;

use serde::Serialize;

use crate::evidence::bundle::summary::Step;
use guardrails::{BaselineOrigin, GivenLimits, Guardrails, LimitLevel, judge};
use history::{Earlier, WARM_UP};
use statistics::Statistics;

/// What came of it; `results/profile.json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Profile {
    /// Runs that were requested.
    pub runs: usize,
    /// Runs before them that do not count.
    pub warm_up: usize,
    /// How the runs stand to the limits.
    pub level: LimitLevel,
    /// Why, in words; empty where all is as expected.
    pub remarks: Vec<String>,
    /// Wall time of runs that ended well, in seconds.
    pub wall_s: Statistics,
    /// Processor time of the same runs, in seconds.
    pub cpu_s: Statistics,
    /// Peak memory of the same runs, in bytes.
    pub peak_memory_bytes: Statistics,
    /// Memory of this program when it started them, in bytes: the system counts it as theirs, so that a peak up to here only says
    /// that it was not higher.
    pub own_memory_bytes: u64,
    /// The limits of the wall time.
    pub guardrails: Guardrails,
    /// Those of the processor time; absent where there is nothing to compare with, or too little of it.
    pub cpu_guardrails: Option<Guardrails>,
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

/// Judges the runs in `steps`, of `runs` that were requested; steps that warm up are not judged, but have to end well.
pub fn profile(
    steps: &[Step],
    runs: usize,
    own_memory_bytes: u64,
    baseline: Baseline,
    given: GivenLimits,
) -> Profile {
    let warms_up = |step: &&Step| step.name.starts_with(WARM_UP);
    let warm_up = steps.iter().filter(warms_up).count();
    let good: Vec<&Step> = steps.iter().filter(|s| s.succeeded() && !warms_up(s)).collect();
    let of = |value: fn(&Step) -> Option<f64>| -> Vec<f64> { good.iter().filter_map(|s| value(s)).collect() };
    let (wall, cpu) = (of(|s| s.wall_s), of(|s| s.cpu_s));
    let (others, from) = match &baseline.named {
        Some(named) => (std::slice::from_ref(named), BaselineOrigin::Baseline),
        None if !baseline.history.is_empty() => (baseline.history.as_slice(), BaselineOrigin::History),
        None => (&[][..], BaselineOrigin::TheseRuns),
    };
    let all =
        |value: fn(&Earlier) -> &Vec<f64>| -> Vec<f64> { others.iter().flat_map(value).copied().collect() };
    let compared = if others.is_empty() { wall.clone() } else { all(|e| &e.seconds) };
    let guardrails = Guardrails::new(given, &Statistics::of(&compared), from);
    let cpu_guardrails = Guardrails::of_processor(&Statistics::of(&all(|e| &e.cpu_s)), from);
    let mut remarks = judge(&guardrails, &wall, "");
    remarks.extend(cpu_guardrails.iter().flat_map(|limits| judge(limits, &cpu, " of processor time")));
    for step in steps.iter().filter(|s| !s.succeeded()) {
        remarks.push((LimitLevel::Outside, format!("{}: {}", step.name, step.status.text())));
    }
    let made = steps.len() - warm_up;
    if made < runs {
        remarks.push((LimitLevel::Outside, format!("{made} of {runs} runs were made")));
    }
    Profile {
        runs,
        warm_up,
        level: remarks.iter().map(|(level, _)| *level).max().unwrap_or(LimitLevel::InRange),
        remarks: remarks.into_iter().map(|(_, text)| text).collect(),
        wall_s: Statistics::of(&wall),
        cpu_s: Statistics::of(&cpu),
        peak_memory_bytes: Statistics::of(&of(|s| s.peak_memory_bytes.map(|b| b as f64))),
        own_memory_bytes,
        guardrails,
        cpu_guardrails,
        history: baseline.history,
    }
}
