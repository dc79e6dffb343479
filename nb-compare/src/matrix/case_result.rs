//! What came of the cases of a matrix, and of all of them together.
//!
//! Not here: how it is shown.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::adapter::SIDES;
use crate::compare::judgement::Gate;
use crate::compare::recorded::Recorded;
use trace_harness::cases::baseline::{self, Flip, MatrixBaseline, SeenCase};
use trace_harness::evidence::exit::Exit;
use trace_harness::evidence::verdict::Verdict;
use trace_harness::evidence::wording;

/// Times and provenance of both sides.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct RunTimes {
    /// Seconds that the reference took.
    pub reference_s: Option<f64>,
    /// Seconds that the candidate took.
    pub candidate_s: Option<f64>,
    /// Whether the reference's run came from the cache.
    pub from_cache: bool,
}

/// A case that was done.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Done {
    /// Its name.
    pub name: String,
    /// Its arguments, paths as tokens.
    pub args: Vec<String>,
    /// How it came out; an error where nothing could be compared.
    pub verdict: Verdict,
    /// Why, in one sentence.
    pub reason: String,
    /// The exit code that the case alone would give.
    pub exit_code: Exit,
    /// Times.
    pub sides: RunTimes,
    /// SHA-256 of both float images.
    pub sha256: [Option<String>; 2],
    /// The gates.
    pub gates: Vec<Gate>,
    /// Every metric, as in a comparison's summary; empty where nothing could be compared.
    pub metrics: Map<String, Value>,
    /// How the images were compared; `null` where they were not.
    pub settings: Option<Recorded>,
    /// What both sides state, compared; as in a comparison's summary.
    pub effective_parameters: Value,
    /// What a comparison by an adapter says beside its verdict and arguments, as its own summary has it; none of images.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outputs: Option<Map<String, Value>>,
    /// PNG files of A, B and B − A, made small.
    #[serde(skip)]
    pub thumbnails: Option<[Vec<u8>; 3]>,
}

impl Done {
    /// A case that could not be compared.
    pub(crate) fn failed(name: &str, reason: String, exit_code: Exit) -> Self {
        Self {
            name: name.to_owned(),
            args: Vec::new(),
            verdict: Verdict::Error,
            reason,
            exit_code,
            sides: RunTimes::default(),
            sha256: [None, None],
            gates: Vec::new(),
            metrics: Map::new(),
            settings: None,
            effective_parameters: Value::Null,
            outputs: None,
            thumbnails: None,
        }
    }

    /// How bad it is: the larger, the worse. Within the same verdict what differs is worse than what has another shape, and then the
    /// correlation decides, or the share of outputs that agree.
    pub(crate) fn badness(&self) -> (Verdict, bool, f64) {
        let identical = self.metrics.get("byte_identical").and_then(Value::as_bool) == Some(true);
        let alike = match self.outputs_agreeing() {
            Some([agreeing, all]) => agreeing as f64 / all.max(1) as f64,
            None => self.number("correlation").unwrap_or(-1.0),
        };
        (self.verdict, self.exit_code == Exit::Differs, if identical { -1.0 } else { 1.0 - alike })
    }

    /// How many outputs agree, and how many were compared; none of images.
    pub(crate) fn outputs_agreeing(&self) -> Option<[u64; 2]> {
        self.outputs.as_ref()?;
        let count = |name: &str| self.metrics.get(name).and_then(Value::as_u64).unwrap_or_default();
        Some(["outputs_agreeing", "outputs"].map(count))
    }

    /// The labels of the reference and the candidate, where an adapter gives them some.
    pub(crate) fn labels(&self) -> Option<[&str; 2]> {
        let sides = self.outputs.as_ref()?.get("sides")?;
        let [reference, candidate] = SIDES.map(|side| sides[side]["label"].as_str());
        Some([reference?, candidate?])
    }

    /// A metric by name.
    pub(crate) fn number(&self, name: &str) -> Option<f64> {
        self.metrics.get(name).and_then(Value::as_f64)
    }
}

/// How the cases came out, for a baseline.
pub(crate) fn seen(done: &[Done]) -> Vec<SeenCase<'_>> {
    done.iter().map(|case| SeenCase { name: &case.name, verdict: case.verdict }).collect()
}

/// All cases together.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct MatrixTally {
    /// Cases that pass.
    pub passed: usize,
    /// Cases that fail.
    pub failed: usize,
    /// Cases that decide nothing.
    pub undecided: usize,
    /// Cases that could not be compared.
    pub errors: usize,
    /// Cases that were not run because the user stopped.
    pub not_run: usize,
    /// What flipped since the baseline; none without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flips: Option<Vec<Flip>>,
    /// The exit code: that of the worst case.
    #[serde(skip)]
    pub exit_code: Exit,
    /// The verdict of all.
    #[serde(skip)]
    pub verdict: Verdict,
    /// Why, in one sentence.
    #[serde(skip)]
    pub reason: String,
}

impl MatrixTally {
    /// Counts `done`, which has the worst first, out of `planned` cases.
    pub(crate) fn of(done: &[Done], planned: usize) -> Self {
        let count = |verdict: Verdict| done.iter().filter(|d| d.verdict == verdict).count();
        let [passed, failed, undecided, errors] =
            [Verdict::Pass, Verdict::Fail, Verdict::Undecided, Verdict::Error].map(count);
        let not_run = planned.saturating_sub(done.len());
        let verdict = match (failed + errors + not_run, undecided, passed) {
            (0, 0, 1..) => Verdict::Pass,
            (0, ..) => Verdict::Undecided,
            _ => Verdict::Fail,
        };
        let worst = done.first();
        let exit_code = match (worst.filter(|w| w.verdict != Verdict::Pass), verdict) {
            (Some(worst), _) => worst.exit_code,
            (None, Verdict::Pass) => Exit::Agrees,
            (None, Verdict::Undecided) => Exit::Undecided,
            // All that ran pass, and some were not run: the user stopped.
            (None, Verdict::Fail | Verdict::Error) => Exit::Interrupted,
        };
        let reason = match (verdict, worst) {
            (Verdict::Pass, _) if passed == 1 => "the only case passes".to_owned(),
            (Verdict::Pass, _) => format!("all {passed} cases pass"),
            (_, Some(worst)) => {
                let kinds = [
                    (failed, "fail"),
                    (errors, "could not be compared"),
                    (undecided, "decide nothing"),
                    (not_run, "were not run"),
                ];
                let told: Vec<String> =
                    kinds.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
                format!(
                    "of {planned} cases {}; the worst is {}: {}",
                    told.join(", "),
                    worst.name,
                    worst.reason
                )
            }
            (_, None) => "no case was run".to_owned(),
        };
        Self { passed, failed, undecided, errors, not_run, flips: None, exit_code, verdict, reason }
    }

    /// Judges by what flipped since `baseline`: `done` are the cases that were done, the worst first, `listed` the names in the list.
    #[must_use]
    pub(crate) fn against(
        mut self,
        baseline: &MatrixBaseline,
        done: &[Done],
        listed: &BTreeSet<&str>,
    ) -> Self {
        let flips = baseline.flips(&seen(done), listed);
        let worse = |case: &&Done| flips.iter().any(|flip| flip.kind.is_worse() && flip.name == case.name);
        let worst = done.iter().find(worse);
        let not_run = if self.not_run > 0 { format!(", {} not run", self.not_run) } else { String::new() };
        self.reason = format!(
            "{}: {} pass, {}{not_run}",
            wording::counted(done.len(), "case"),
            self.passed,
            baseline::sentence(&flips)
        );
        if let Some(worst) = worst {
            self.reason += &format!("; the worst is {}: {}", worst.name, worst.reason);
        }
        (self.verdict, self.exit_code) = match worst {
            Some(worst) => (Verdict::Fail, worst.exit_code),
            None if self.not_run > 0 => (Verdict::Fail, Exit::Interrupted),
            None if done.is_empty() => (Verdict::Undecided, Exit::Undecided),
            None => (Verdict::Pass, Exit::Agrees),
        };
        self.flips = Some(flips);
        self
    }

    /// Says how many of the `listed` cases were left out, where some were.
    #[must_use]
    pub(crate) fn of_list(mut self, listed: usize) -> Self {
        let counts = [self.passed, self.failed, self.undecided, self.errors, self.not_run];
        let planned: usize = counts.iter().sum();
        if planned < listed {
            self.reason += &format!("; {} of the {listed} cases in the list were left out", listed - planned);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(verdict: Verdict) -> Done {
        Done { verdict, ..Done::failed(verdict.word(), "why".to_owned(), verdict.exit()) }
    }

    #[test]
    fn the_worst_case_decides() {
        let of = |cases: &[Done], planned| {
            let t = MatrixTally::of(cases, planned);
            (t.verdict, t.exit_code)
        };
        let (pass, fail) = (case(Verdict::Pass), case(Verdict::Fail));
        let (undecided, error) = (case(Verdict::Undecided), case(Verdict::Error));
        assert_eq!(of(std::slice::from_ref(&pass), 1), (Verdict::Pass, Exit::Agrees));
        assert_eq!(of(&[undecided.clone(), pass.clone()], 2), (Verdict::Undecided, Exit::Undecided));
        assert_eq!(of(&[fail.clone(), undecided, pass.clone()], 3), (Verdict::Fail, Exit::Differs));
        assert_eq!(of(&[error.clone(), fail.clone()], 2), (Verdict::Fail, Exit::Program));
        assert!(error.badness() > fail.badness() && fail.badness() > pass.badness());
        let other_shape = Done { exit_code: Exit::Mismatch, ..fail.clone() };
        assert!(fail.badness() > other_shape.badness() && other_shape.badness() > pass.badness());
    }

    fn named(name: &str, verdict: Verdict) -> Done {
        Done { name: name.to_owned(), ..case(verdict) }
    }

    #[test]
    fn with_a_baseline_only_what_gets_worse_fails() {
        let known = "[[case]]\nname = \"a\"\nverdict = \"PASS\"\n[[case]]\nname = \"b\"\nverdict = \"FAIL\"\nreason = \"known\"";
        let baseline = MatrixBaseline::in_text(known).unwrap();
        let listed = ["a", "b"].into();
        let of = |done: &[Done], planned| {
            let tally = MatrixTally::of(done, planned).against(&baseline, done, &listed);
            (tally.verdict, tally.exit_code, tally.reason)
        };
        let as_known = [named("b", Verdict::Fail), named("a", Verdict::Pass)];
        let (verdict, exit, reason) = of(&as_known, 2);
        assert_eq!((verdict, exit), (Verdict::Pass, Exit::Agrees));
        assert_eq!(reason, "2 cases: 1 pass, 1 failing as known");
        let (verdict, exit, reason) = of(&[named("a", Verdict::Fail), named("b", Verdict::Fail)], 2);
        assert_eq!((verdict, exit), (Verdict::Fail, Exit::Differs));
        assert_eq!(reason, "2 cases: 0 pass, 1 newly failing (a), 1 failing as known; the worst is a: why");
        let (verdict, exit, _) = of(&as_known[..1], 2);
        assert_eq!((verdict, exit), (Verdict::Fail, Exit::Interrupted), "a case was not run");
        assert_eq!(of(&[], 0).0, Verdict::Undecided);
    }

    #[test]
    fn nothing_done_is_no_success() {
        assert_eq!(MatrixTally::of(&[], 0).exit_code, Exit::Undecided);
        let stopped = MatrixTally::of(&[case(Verdict::Pass)], 2);
        assert_eq!(
            (stopped.verdict, stopped.exit_code, stopped.not_run),
            (Verdict::Fail, Exit::Interrupted, 1)
        );
    }
}
