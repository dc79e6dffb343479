//! How long a command may take: derived from a baseline, or given.
//!
//! Not here: measuring.

use serde::Serialize;

use crate::profile::statistics::Statistics;

/// A run this many times as long as the baseline is worth a warning.
pub const WARNING: f64 = 1.7;
/// A run this many times as long has something wrong with it.
pub const MAXIMUM: f64 = 2.5;
/// A time limit for machines that are slower, or busy with other things.
pub const CI_TIMEOUT: f64 = 3.3;
/// A run below this part of the baseline cannot have done everything.
pub const MINIMUM: f64 = 0.5;
/// Smallest tolerance that is derived, as part of the baseline.
pub const TOLERANCE: f64 = 0.1;
/// A derived tolerance spans this many standard deviations.
const DEVIATIONS: f64 = 3.0;

/// Where the baseline is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The user gave the expected time.
    Given,
    /// A bundle that the user named.
    Baseline,
    /// Earlier bundles of the same command and host.
    History,
    /// These runs themselves: a baseline for the next time.
    TheseRuns,
}

impl Origin {
    /// In words.
    pub fn text(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Baseline => "mean of the baseline bundle",
            Self::History => "mean of earlier bundles of this command on this machine",
            Self::TheseRuns => "mean of these runs themselves, a baseline for the next time",
        }
    }
}

/// What the user gives instead of what is derived; seconds, but for the tolerance.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Given {
    /// Expected time.
    pub expected_s: Option<f64>,
    /// Part of the expected time that the mean may be off.
    pub tolerance: Option<f64>,
    /// From here on a warning.
    pub warning_s: Option<f64>,
    /// Above this, outside.
    pub maximum_s: Option<f64>,
    /// Below this, incomplete.
    pub minimum_s: Option<f64>,
}

/// The limits; seconds, but for the tolerance.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Guardrails {
    /// Expected time.
    pub expected_s: f64,
    /// Where it is from.
    pub expected_from: Origin,
    /// Part of the expected time that the mean may be off.
    pub tolerance: f64,
    /// From here on a warning.
    pub warning_s: f64,
    /// Above this, outside.
    pub maximum_s: f64,
    /// Below this, incomplete.
    pub minimum_s: f64,
    /// Recommended time limit for a CI job.
    pub ci_timeout_s: f64,
}

impl Guardrails {
    /// Derives what is not given from `baseline`.
    pub fn new(given: Given, baseline: &Statistics, from: Origin) -> Self {
        let (expected_s, expected_from) = match given.expected_s {
            Some(seconds) => (seconds, Origin::Given),
            None => (baseline.mean, from),
        };
        Self {
            expected_s,
            expected_from,
            tolerance: given.tolerance.unwrap_or_else(|| TOLERANCE.max(DEVIATIONS * baseline.variation)),
            warning_s: given.warning_s.unwrap_or(WARNING * expected_s),
            maximum_s: given.maximum_s.unwrap_or(MAXIMUM * expected_s),
            minimum_s: given.minimum_s.unwrap_or(MINIMUM * expected_s),
            ci_timeout_s: CI_TIMEOUT * expected_s,
        }
    }
}

/// How runs stand to the limits, from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// As expected.
    InRange,
    /// Worth a look.
    Warning,
    /// Too long, too short, or failed.
    Outside,
}

/// What is to be said about the runs, with how bad it is. `seconds` are those of runs that ended well.
pub fn judge(limits: &Guardrails, seconds: &[f64]) -> Vec<(Level, String)> {
    let mut remarks = Vec::new();
    for (n, &s) in seconds.iter().enumerate() {
        let (run, maximum, minimum, warning) = (n + 1, limits.maximum_s, limits.minimum_s, limits.warning_s);
        if s > maximum {
            remarks.push((
                Level::Outside,
                format!("run {run} took {s:.3} s, at most {maximum:.3} s are allowed"),
            ));
        } else if s < minimum {
            let text = format!("run {run} took {s:.3} s, below {minimum:.3} s it cannot be complete");
            remarks.push((Level::Outside, text));
        } else if s >= warning {
            remarks.push((
                Level::Warning,
                format!("run {run} took {s:.3} s, a warning is due from {warning:.3} s"),
            ));
        }
    }
    let mean = Statistics::of(seconds).mean;
    let (expected, part) = (limits.expected_s, limits.tolerance);
    if !seconds.is_empty() && (mean - expected).abs() > part * expected {
        let text = format!(
            "the mean of {mean:.3} s is more than {:.0} % off the expected {expected:.3} s",
            part * 100.0
        );
        remarks.push((Level::Warning, text));
    }
    remarks
}
