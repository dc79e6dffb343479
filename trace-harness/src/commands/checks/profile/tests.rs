//! Profiles of commands whose run times are known: statistics, each limit, and its exit status. Nothing here takes time.

use std::cell::Cell;

use chrono::{DateTime, Utc};
use clap::Parser;

use std::time::Duration;

use super::*;
use crate::evidence::bundle::verify::verify;
use crate::evidence::process::{CommandError, Ending, Measured};
use crate::profile::guardrails::BaselineOrigin;

/// A runner whose commands take the given seconds, one after the other, on paper.
struct Scripted {
    seconds: Vec<f64>,
    endings: Vec<Ending>,
    next: Cell<usize>,
    /// Processor time in units of the wall time.
    cpu_share: f64,
}

impl Scripted {
    fn new(seconds: &[f64]) -> Self {
        let endings = vec![Ending::Exit(0); seconds.len()];
        Self { seconds: seconds.to_vec(), endings, next: Cell::new(0), cpu_share: 0.5 }
    }
}

impl Runner for Scripted {
    fn run(&self, invocation: &Invocation) -> Result<Measured, CommandError> {
        for path in [&invocation.stdout, &invocation.stderr] {
            std::fs::write(path, "").map_err(|source| CommandError::Log { path: path.clone(), source })?;
        }
        let n = self.next.replace(self.next.get() + 1);
        let wall = Duration::from_secs_f64(self.seconds[n]);
        let start = DateTime::<Utc>::UNIX_EPOCH;
        let peak_memory = (n as u64 + 1) << 20;
        Ok(Measured {
            start,
            end: start + wall,
            wall,
            cpu: wall.mul_f64(self.cpu_share),
            peak_memory,
            ending: self.endings[n],
        })
    }
}

#[derive(Debug, Parser)]
struct Line {
    #[command(flatten)]
    args: ProfileArgs,
}

fn profile_of(root: &Path, options: &[&str], runner: &Scripted) -> (Profile, Exit, PathBuf) {
    let runs = runner.seconds.len().to_string();
    let line = [&["profile", "--keep-paths", "--runs", &runs][..], options, &["--", "true"]].concat();
    let args = Line::try_parse_from(line).unwrap().args;
    run_with(&args, root, (runner, 0), &|| {}).unwrap()
}

/// LimitLevel and exit status of `seconds` under `options`; without a bundle, which costs time.
fn outcome(options: &[&str], seconds: &[f64]) -> (LimitLevel, Exit) {
    let args = Line::try_parse_from([&["p"][..], options, &["--", "true"]].concat()).unwrap().args;
    let step = |s: &f64| {
        let mut step = Step::planned("run", vec!["true".to_owned()], "{work}", "");
        (step.status, step.wall_s) = (Status::Exit { code: 0 }, Some(*s));
        step
    };
    let steps: Vec<Step> = seconds.iter().map(step).collect();
    let found = profile(&steps, steps.len(), 0, Baseline::default(), given(&args));
    (found.level, code(found.level, args.strict))
}

#[test]
fn the_statistics_of_a_known_distribution_are_right() {
    let root = tempfile::tempdir().unwrap();
    // 1 to n: mean (n + 1) / 2, variance n (n + 1) / 12.
    let seconds: Vec<f64> = (1..=9).map(f64::from).collect();
    let (found, _, place) = profile_of(root.path(), &[], &Scripted::new(&seconds));
    let deviation = (9.0_f64 * 10.0 / 12.0).sqrt();
    for (s, unit) in [(found.wall_s, 1.0), (found.cpu_s, 0.5), (found.peak_memory_bytes, f64::from(1 << 20))]
    {
        assert!((s.mean / unit - 5.0).abs() < 1e-9 && (s.standard_deviation / unit - deviation).abs() < 1e-9);
        assert!((s.variation - deviation / 5.0).abs() < 1e-9);
        assert!((s.min / unit - 1.0).abs() < 1e-9 && (s.max / unit - 9.0).abs() < 1e-9 && s.count == 9);
    }
    let g = found.guardrails;
    assert_eq!(g.expected_from, BaselineOrigin::TheseRuns);
    assert_eq!((g.warning_s, g.maximum_s, g.minimum_s, g.tolerance), (None, None, None, None));
    assert!((g.ci_timeout_s / g.expected_s - 3.3).abs() < 1e-9);
    assert!(verify(&place).unwrap().is_sound());
    let page = std::fs::read_to_string(place.join("report.html")).unwrap();
    assert_eq!(page.matches("<circle ").count(), 9);
}

#[test]
fn runs_that_scatter_are_not_judged_by_limits_made_from_themselves() {
    let wild = [1.0, 1.0, 1.0, 30.0];
    assert_eq!(outcome(&["--strict"], &wild), (LimitLevel::InRange, Exit::Agrees));
    // A limit of the user's counts all the same.
    assert_eq!(outcome(&["--maximum", "20"], &wild), (LimitLevel::Outside, Exit::Differs));
}

#[test]
fn runs_that_warm_up_are_kept_and_do_not_count() {
    let root = tempfile::tempdir().unwrap();
    let runner = Scripted::new(&[100.0, 100.0, 1.0, 1.0, 1.0]);
    let args = Line::try_parse_from(["p", "--keep-paths", "--runs", "3", "--warmup", "2", "--", "true"])
        .unwrap()
        .args;
    let (found, code, place) = run_with(&args, root.path(), (&runner, 0), &|| {}).unwrap();
    assert_eq!((found.wall_s.mean, found.wall_s.count, found.warm_up, code), (1.0, 3, 2, Exit::Agrees));
    assert!(place.join("logs/warm-up-002.stdout.txt").is_file() && verify(&place).unwrap().is_sound());
    // Nor do they in the history of later runs.
    let (found, ..) = profile_of(root.path(), &["--history", "reports"], &Scripted::new(&[1.0]));
    assert_eq!((found.history[0].seconds.len(), found.guardrails.expected_s), (3, 1.0));
    // One that fails is a failure.
    let mut runner = Scripted::new(&[1.0; 5]);
    runner.endings[0] = Ending::Exit(1);
    assert_eq!(run_with(&args, root.path(), (&runner, 0), &|| {}).unwrap().1, Exit::Program);
}

#[test]
fn the_processor_time_is_compared_as_well() {
    let root = tempfile::tempdir().unwrap();
    profile_of(root.path(), &[], &Scripted::new(&[10.0, 10.0, 10.0]));
    let busy = Scripted { cpu_share: 2.0, ..Scripted::new(&[10.0]) };
    let (found, code, _) = profile_of(root.path(), &["--history", "reports"], &busy);
    assert_eq!((found.level, code), (LimitLevel::Outside, Exit::Differs));
    assert!(found.remarks[0].contains("20.000 s of processor time"), "{:?}", found.remarks);
}

#[test]
fn limits_out_of_order_are_a_wrong_request() {
    for limits in [["--minimum", "5", "--maximum", "3"], ["--expected", "5", "--warning", "4"]] {
        let args = Line::try_parse_from([&["p"][..], &limits, &["--", "true"]].concat()).unwrap().args;
        let problem = check_limits(&args).unwrap_err();
        assert!(
            matches!(problem, CheckFailure::Limits { .. }) && problem.to_string().contains("in this order"),
            "{problem}"
        );
    }
}

#[test]
fn memory_that_is_this_programs_own_is_not_told_as_the_commands() {
    let step = |bytes: u64| {
        let mut step = Step::planned("run-001", vec!["true".to_owned()], "{work}", "");
        (step.status, step.wall_s, step.peak_memory_bytes) =
            (Status::Exit { code: 0 }, Some(0.0123), Some(bytes));
        step
    };
    let report_of = |bytes: u64| {
        let found = profile(&[step(bytes)], 1, 3 << 20, Baseline::default(), GivenLimits::default());
        crate::profile::report::to_text(&found)
    };
    assert!(report_of(3 << 20).contains("peak memory: at most 3.000 MiB"), "{}", report_of(3 << 20));
    assert!(report_of(64 << 20).contains("peak memory: mean 64.000 MiB"), "{}", report_of(64 << 20));
    assert!(report_of(64 << 20).contains("wall time: mean 12.3 ms"), "{}", report_of(64 << 20));
}

#[test]
fn each_limit_has_its_exit_status() {
    let expected = ["--expected", "10", "--tolerance", "0.2"];
    let strict = [&expected[..], &["--strict"]].concat();
    assert_eq!(outcome(&strict, &[9.0, 10.0, 11.0]), (LimitLevel::InRange, Exit::Agrees));
    // The mean leaves the tolerance; no single run reaches a limit.
    assert_eq!(outcome(&strict, &[13.0, 13.0]), (LimitLevel::Warning, Exit::Differs));
    assert_eq!(outcome(&expected, &[13.0, 13.0]), (LimitLevel::Warning, Exit::Agrees));
    // 1.7 times.
    assert_eq!(outcome(&strict, &[10.0, 10.0, 10.0, 10.0, 17.5]), (LimitLevel::Warning, Exit::Differs));
    // 2.5 times.
    assert_eq!(outcome(&expected, &[10.0, 25.5]), (LimitLevel::Outside, Exit::Differs));
    // Below half: incomplete.
    assert_eq!(outcome(&expected, &[10.0, 4.9]), (LimitLevel::Outside, Exit::Differs));
    assert_eq!(
        outcome(&["--expected", "10", "--minimum", "4", "--tolerance", "1"], &[10.0, 4.9]).1,
        Exit::Agrees
    );
    assert_eq!(outcome(&["--expected", "10", "--maximum", "12"], &[12.1]).1, Exit::Differs);
    assert_eq!(outcome(&["--expected", "10", "--warning", "10.5", "--strict"], &[10.6]).1, Exit::Differs);
}

#[test]
fn a_run_that_fails_is_outside_and_does_not_count_in_the_mean() {
    let root = tempfile::tempdir().unwrap();
    let mut runner = Scripted::new(&[10.0, 1.0]);
    runner.endings[1] = Ending::Exit(7);
    let (found, code, _) = profile_of(root.path(), &[], &runner);
    assert_eq!(
        (found.level, code, found.wall_s.count, found.wall_s.mean),
        (LimitLevel::Outside, Exit::Program, 1, 10.0)
    );
    assert!(found.remarks.contains(&"run-002: exit 7".to_owned()), "{:?}", found.remarks);
}

#[test]
fn without_a_run_that_ended_well_there_are_no_figures() {
    let root = tempfile::tempdir().unwrap();
    let runner = Scripted { endings: vec![Ending::Exit(1); 2], ..Scripted::new(&[1.0, 2.0]) };
    let (found, code, place) = profile_of(root.path(), &[], &runner);
    let text = crate::profile::report::to_text(&found);
    assert_eq!(
        (code, text.contains("mean 0"), text.contains("0 of 2 runs ended well")),
        (Exit::Program, false, true),
        "{text}"
    );
    let metrics = std::fs::read_to_string(place.join("metrics.json")).unwrap();
    assert!(!metrics.contains("wall_mean_s"), "{metrics}");
    assert!(verify(&place).unwrap().is_sound());
}

#[test]
fn an_interrupt_ends_the_series_and_is_no_pass() {
    let root = tempfile::tempdir().unwrap();
    let mut runner = Scripted::new(&[10.0, 1.0, 10.0]);
    runner.endings[1] = Ending::Interrupted;
    let (_, code, _) = profile_of(root.path(), &[], &runner);
    assert_eq!((code, runner.next.get()), (Exit::Program, 2));
}

#[test]
fn earlier_bundles_of_the_same_command_are_the_baseline() {
    let root = tempfile::tempdir().unwrap();
    let (_, _, first) = profile_of(root.path(), &[], &Scripted::new(&[10.0, 10.0]));
    profile_of(root.path(), &[], &Scripted::new(&[12.0, 12.0]));
    let history = ["--history", "reports", "--strict"];
    let (found, code, _) = profile_of(root.path(), &history, &Scripted::new(&[11.0]));
    let g = found.guardrails;
    assert_eq!(
        (g.expected_s, g.expected_from, found.history.len(), code),
        (11.0, BaselineOrigin::History, 2, Exit::Agrees)
    );
    let (found, code, _) = profile_of(root.path(), &history, &Scripted::new(&[30.0]));
    assert_eq!((found.level, code), (LimitLevel::Outside, Exit::Differs));
    // A named bundle comes before the history.
    let named = ["--baseline", first.to_str().unwrap()];
    let (found, _, _) = profile_of(root.path(), &[&history[..], &named].concat(), &Scripted::new(&[11.0]));
    assert_eq!(
        (found.guardrails.expected_s, found.guardrails.expected_from),
        (10.0, BaselineOrigin::Baseline)
    );
    // Another command is another history.
    let args =
        Line::try_parse_from(["p", "--keep-paths", "--runs", "1", "--history", "reports", "--", "true", "x"]);
    let (found, _, _) =
        run_with(&args.unwrap().args, root.path(), (&Scripted::new(&[1.0]), 0), &|| {}).unwrap();
    assert_eq!((found.history.len(), found.guardrails.expected_from), (0, BaselineOrigin::TheseRuns));
}

#[test]
fn a_command_that_is_not_there_is_a_wrong_request() {
    let root = tempfile::tempdir().unwrap();
    let args = Line::try_parse_from(["p", "--", "no-such-program-ever"]).unwrap().args;
    let problem = run_with(&args, root.path(), (&Scripted::new(&[]), 0), &|| {}).unwrap_err();
    assert!(matches!(problem, CheckFailure::NoProgram(_)), "{problem}");
}
