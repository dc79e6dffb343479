//! How long a command may take: derived from other runs of it, or given.
//!
//! Runs are never judged by limits that were made from themselves. Not here: measuring.

use serde::Serialize;

use crate::profile::statistics::Statistics;
use crate::profile::units::time;

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
/// Fewer runs than this do not show how much a command scatters, and hence not what is too short.
const ENOUGH: usize = 3;
/// Processor times below this are made of few ticks of the clock, which prove nothing.
const CONCLUSIVE_CPU_S: f64 = 0.05;

/// Where the baseline is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BaselineOrigin {
    /// The user gave the expected time.
    Given,
    /// A bundle that the user named.
    Baseline,
    /// Earlier bundles of the same command and host.
    History,
    /// These runs themselves: a baseline for the next time, by which they are not judged.
    TheseRuns,
}

impl BaselineOrigin {
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
pub struct GivenLimits {
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

/// The limits; seconds, but for the tolerance. What is absent is not judged.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Guardrails {
    /// Expected time.
    pub expected_s: f64,
    /// Where it is from.
    pub expected_from: BaselineOrigin,
    /// Part of the expected time that the mean may be off.
    pub tolerance: Option<f64>,
    /// From here on a warning.
    pub warning_s: Option<f64>,
    /// Above this, outside.
    pub maximum_s: Option<f64>,
    /// Below this, incomplete.
    pub minimum_s: Option<f64>,
    /// Recommended time limit for a CI job.
    pub ci_timeout_s: f64,
}

impl Guardrails {
    /// Derives what is not given from `baseline`; nothing is derived from the runs that are to be judged.
    pub fn new(given: GivenLimits, baseline: &Statistics, from: BaselineOrigin) -> Self {
        let (expected_s, expected_from) = match given.expected_s {
            Some(seconds) => (seconds, BaselineOrigin::Given),
            None => (baseline.mean, from),
        };
        let derived =
            |value: f64| (expected_from != BaselineOrigin::TheseRuns && expected_s > 0.0).then_some(value);
        // An expected time that was given says nothing of the scatter.
        let scatter =
            if expected_from == BaselineOrigin::Given { 0.0 } else { DEVIATIONS * baseline.variation };
        let tolerance = TOLERANCE.max(scatter);
        let minimum = match expected_from {
            BaselineOrigin::Given => Some(MINIMUM * expected_s),
            // Where the scatter is not known, or reaches down as far, a short run proves nothing.
            _ if baseline.count < ENOUGH => None,
            _ => Some((MINIMUM.min(1.0 - tolerance) * expected_s).min(baseline.min)).filter(|s| *s > 0.0),
        };
        Self {
            expected_s,
            expected_from,
            tolerance: given.tolerance.or(derived(tolerance)),
            warning_s: given.warning_s.or(derived(WARNING.max(1.0 + tolerance) * expected_s)),
            maximum_s: given.maximum_s.or(derived(MAXIMUM.max(1.0 + tolerance) * expected_s)),
            minimum_s: given.minimum_s.or(minimum.and_then(derived)),
            ci_timeout_s: CI_TIMEOUT * expected_s,
        }
    }

    /// Limits of the processor time; none where there is too little of it to judge.
    pub fn of_processor(baseline: &Statistics, from: BaselineOrigin) -> Option<Self> {
        let conclusive = from != BaselineOrigin::TheseRuns && baseline.mean >= CONCLUSIVE_CPU_S;
        conclusive.then(|| Self::new(GivenLimits::default(), baseline, from))
    }
}

/// How runs stand to the limits, from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitLevel {
    /// As expected, or nothing to judge by.
    InRange,
    /// Worth a look.
    Warning,
    /// Too long, too short, or failed.
    Outside,
}

/// Remarks about the runs, with how bad it is. `seconds` are those of runs that ended well, `of` says of what:
/// ` of processor time`, or nothing for the wall time.
pub fn judge(limits: &Guardrails, seconds: &[f64], of: &str) -> Vec<(LimitLevel, String)> {
    let mut remarks = Vec::new();
    for (n, &s) in seconds.iter().enumerate() {
        let took = format!("run {} took {}{of}", n + 1, time(s));
        if let Some(maximum) = limits.maximum_s.filter(|maximum| s > *maximum) {
            remarks.push((LimitLevel::Outside, format!("{took}, at most {} are allowed", time(maximum))));
        } else if let Some(minimum) = limits.minimum_s.filter(|minimum| s < *minimum) {
            remarks.push((
                LimitLevel::Outside,
                format!("{took}, below {} it cannot be complete", time(minimum)),
            ));
        } else if let Some(warning) = limits.warning_s.filter(|warning| s >= *warning) {
            remarks.push((LimitLevel::Warning, format!("{took}, a warning is due from {}", time(warning))));
        }
    }
    let (mean, expected) = (Statistics::of(seconds).mean, limits.expected_s);
    if let Some(part) = limits.tolerance.filter(|_| !seconds.is_empty())
        && (mean - expected).abs() > part * expected
    {
        let text = format!(
            "the mean of {}{of} is more than {:.0} % off the expected {}",
            time(mean),
            part * 100.0,
            time(expected)
        );
        remarks.push((LimitLevel::Warning, text));
    }
    remarks
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(history: &[f64]) -> Guardrails {
        Guardrails::new(GivenLimits::default(), &Statistics::of(history), BaselineOrigin::History)
    }

    #[test]
    fn a_run_that_is_as_fast_as_one_in_a_noisy_history_is_never_too_short() {
        for history in [&[1.0, 3.0, 5.0][..], &[0.4, 1.0, 1.1, 1.2], &[10.0, 10.1, 9.9, 2.0]] {
            let fastest = history.iter().copied().fold(f64::INFINITY, f64::min);
            assert_eq!(
                judge(&limits(history), &[fastest], "").iter().filter(|r| r.0 == LimitLevel::Outside).count(),
                0
            );
        }
        // One or two runs do not show how much a command scatters.
        assert_eq!(limits(&[10.0, 10.0]).minimum_s, None);
        assert_eq!(limits(&[10.0, 10.0, 10.0]).minimum_s, Some(5.0));
    }

    #[test]
    fn runs_are_not_judged_by_themselves() {
        let own =
            Guardrails::new(GivenLimits::default(), &Statistics::of(&[1.0, 9.0]), BaselineOrigin::TheseRuns);
        assert_eq!(judge(&own, &[1.0, 9.0], ""), []);
        assert_eq!((own.expected_s, own.ci_timeout_s), (5.0, 16.5));
        let given = GivenLimits { maximum_s: Some(8.0), ..GivenLimits::default() };
        let limited = Guardrails::new(given, &Statistics::of(&[1.0, 9.0]), BaselineOrigin::TheseRuns);
        assert_eq!(judge(&limited, &[1.0, 9.0], "").len(), 1);
    }

    #[test]
    fn few_ticks_of_processor_time_are_not_judged() {
        let of =
            |seconds: f64| Guardrails::of_processor(&Statistics::of(&[seconds; 3]), BaselineOrigin::History);
        assert_eq!(of(0.01), None);
        let limits_judged = judge(&of(1.0).unwrap(), &[3.0], " of processor time");
        assert_eq!(limits_judged[0].1, "run 1 took 3.000 s of processor time, at most 2.500 s are allowed");
    }
}
