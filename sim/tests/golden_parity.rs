//! Every golden run of the reference, repeated: the same exit status, the same files byte for byte, the same traces, and
//! the same files again for other numbers of threads. Not here: random command lines (`live_parity`), console text
//! (`reference_text`).
//!
//! One trial per case. `NB_SUPERVISOR_DIR` names the folder with `A.mat` and `scaled.hkl` of the full-size command, which
//! are not ours to pass on: without it that case reports itself as not run. On a mathematical library other than the one
//! the numbers were made with, float images may differ by 1 unit in the last place on 0.1 % of the stored pixels, and
//! the first line of the output says so.

mod support;

use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};
use nanobragg::Pixel;

use support::compare::check_files;
use support::golden::{Case, Golden};
use support::libm;
use support::program::{Kind, Program, Run, shown};
use support::self_checks;
use support::tally::{Counts, Tally};
use support::traces;
use support::workplace::{arguments_of, missing_inputs, prepared_folder};

/// Thread counts of the repeated runs: none, some, and more than the rows divide by.
const THREADS: &[&str] = &["1", "2", "7"];
/// Largest detector that is repeated for every number of threads, unless its tags ask for it.
const THREADED_PIXELS: usize = 8192;

/// Would this test notice?
type SelfCheck = fn(&Golden) -> Result<(), String>;
const SELF_CHECKS: &[(&str, SelfCheck)] = &[
    ("pieces-are-what-was-written", self_checks::pieces_are_what_was_written),
    ("changes-are-noticed", self_checks::changes_are_noticed),
];

/// What every trial needs.
struct Bench {
    golden: Golden,
    program: Program,
    /// Whether this libm gives the bytes of the stored digests.
    exact: bool,
    tally: Tally,
}

fn main() {
    let arguments = Arguments::from_args();
    let probe = libm::probe();
    let program = Program::under_test();
    let bench =
        Arc::new(Bench { golden: Golden::load(), program, exact: probe.same(), tally: Tally::default() });
    if !probe.same() && !arguments.list {
        let (n, of) = (probe.different, probe.values);
        println!(
            "another libm: {n} of {of} probed values differ, images are compared within 1 ULP on 0.1 % of pixels"
        );
    }
    let trials = trials(&bench);
    let not_run = trials.iter().filter(|trial| trial.has_ignored_flag()).count();
    let whole =
        arguments.filter.is_none() && arguments.skip.is_empty() && !arguments.ignored && !arguments.list;
    let conclusion = libtest_mimic::run(&arguments, trials);
    if whole && !conclusion.has_failed() {
        let count = Trial::test("count", move || everything_was_compared(&bench, not_run));
        libtest_mimic::run(&arguments, vec![count]).exit();
    }
    conclusion.exit();
}

fn trials(bench: &Arc<Bench>) -> Vec<Trial> {
    let mut trials: Vec<Trial> = bench.golden.cases.iter().map(|case| case_trial(bench, case)).collect();
    for (name, check) in SELF_CHECKS {
        let bench = Arc::clone(bench);
        trials.push(Trial::test(format!("self/{name}"), move || Ok(check(&bench.golden)?)));
    }
    if bench.program.kind() == Kind::Ours {
        trials.extend(threaded_cases(&bench.golden).map(|case| {
            let (bench, case) = (Arc::clone(bench), case.clone());
            Trial::test(format!("threads/{}", case.id), move || same_for_any_thread_count(&bench, &case))
        }));
    }
    trials
}

/// A trial, or a note that its inputs are not here.
fn case_trial(bench: &Arc<Bench>, case: &Case) -> Trial {
    let missing = missing_inputs(case);
    let name = match &missing {
        Some(reason) => format!("case/{} [not run: {reason}]", case.id),
        None => format!("case/{}", case.id),
    };
    let ignored = missing.is_some();
    let (bench, case) = (Arc::clone(bench), case.clone());
    Trial::test(name, move || match missing {
        Some(reason) => Err(reason.into()),
        None => same_as_the_reference(&bench, &case),
    })
    .with_ignored_flag(ignored)
}

/// Exit status, files and traces of one case.
fn same_as_the_reference(bench: &Bench, case: &Case) -> Result<(), Failed> {
    let args = arguments_of(case);
    let explain = |fault: String| Failed::from(format!("{fault}\n  {}", shown(&args)));
    let folder = prepared_folder(case);
    let trace_folder = tempfile::tempdir()?;
    let trace_file = trace_folder.path().join("trace.txt");
    let own = [vec!["--parity".to_owned()], traces::flags(case, &trace_file)].concat();
    let run = bench.program.run(folder.path(), &own, &args);
    check_exit(case, &run).map_err(explain)?;
    let files = check_files(&bench.golden, case, folder.path(), bench.exact).map_err(explain)?;
    let traces = match bench.program.kind() {
        Kind::Ours => traces::own(case, &trace_file).map_err(explain)?,
        Kind::Reference => traces::reference(&bench.program, case, &args),
    };
    for (&pixel, trace) in case.trace_pixels.iter().zip(&traces) {
        check_trace(bench, case, pixel, trace).map_err(explain)?;
    }
    bench.tally.case(files);
    Ok(())
}

/// The files do not depend on the number of threads.
fn same_for_any_thread_count(bench: &Bench, case: &Case) -> Result<(), Failed> {
    for threads in THREADS {
        let folder = prepared_folder(case);
        let run = bench.program.run(
            folder.path(),
            &["--parity", "--threads", threads].map(str::to_owned),
            &arguments_of(case),
        );
        let checked = check_exit(case, &run)
            .and_then(|()| check_files(&bench.golden, case, folder.path(), bench.exact));
        checked
            .map_err(|fault| format!("with {threads} threads: {fault}\n  {}", shown(&arguments_of(case))))?;
    }
    bench.tally.threaded();
    Ok(())
}

/// Everything stored was compared, less what was announced as not run.
fn everything_was_compared(bench: &Bench, not_run: usize) -> Result<(), Failed> {
    let totals = bench.golden.totals;
    let skipped: Vec<&Case> =
        bench.golden.cases.iter().filter(|case| missing_inputs(case).is_some()).collect();
    let ours = bench.program.kind() == Kind::Ours;
    let expected = Counts {
        cases: totals.cases + totals.protein_cases - skipped.len(),
        files: totals.files - skipped.iter().map(|case| case.files.len()).sum::<usize>(),
        traces: totals.traces + totals.protein_traces
            - skipped.iter().map(|c| c.trace_pixels.len()).sum::<usize>(),
        threaded: if ours { threaded_cases(&bench.golden).count() } else { 0 },
    };
    let counts = bench.tally.counts();
    println!("compared: {counts:?}, {} trace lines; not run: {not_run}", bench.tally.trace_lines());
    if skipped.len() != not_run || counts != expected || bench.tally.trace_lines() < counts.traces {
        return Err(format!("expected {expected:?} and {} not run", skipped.len()).into());
    }
    let carried =
        bench.golden.cases.iter().filter(|case| case.has_tag("C-PARITY-001") && !case.has_tag("slow"));
    match carried.filter(|case| missing_inputs(case).is_none()).find(|case| !is_threaded(case)) {
        Some(case) => {
            Err(format!("`{}` depends on threads in the reference and was not repeated", case.id).into())
        }
        None => Ok(()),
    }
}

/// The cases repeated with several thread counts: all small ones, and those in which state leaks between pixels.
fn threaded_cases(golden: &Golden) -> impl Iterator<Item = &Case> {
    golden.cases.iter().filter(|case| is_threaded(case) && missing_inputs(case).is_none())
}

fn is_threaded(case: &Case) -> bool {
    let leaks = case.has_tag("C-PARITY-001") || case.has_tag("C-INTERP-001");
    let small = case.size.0 * case.size.1 <= THREADED_PIXELS;
    case.exit == 0 && !case.has_tag("slow") && (leaks || small)
}

fn check_exit(case: &Case, run: &Run) -> Result<(), String> {
    match run.exit {
        Some(status) if status == case.exit => Ok(()),
        other => {
            Err(format!("exit status {other:?}, expected {}; stderr: {}", case.exit, run.stderr.trim_end()))
        }
    }
}

fn check_trace(bench: &Bench, case: &Case, pixel: Pixel, found: &[String]) -> Result<(), String> {
    let expected = bench.golden.trace(case, pixel);
    let at = format!("trace of pixel slow {} fast {}", pixel.slow, pixel.fast);
    // Fifteen printed digits show the last bits of another libm; there the image is judged, and only the keys here.
    let shown = |line: &str| {
        if bench.exact { line.to_owned() } else { line.split(' ').next().unwrap_or("").to_owned() }
    };
    for (n, line) in expected.iter().enumerate() {
        let other = found.get(n).map(String::as_str).unwrap_or("(end)");
        if shown(line) != shown(other) {
            return Err(format!("{at}, line {}: expected `{line}`, found `{other}`", n + 1));
        }
    }
    if found.len() != expected.len() {
        return Err(format!("{at}: {} lines, expected {}", found.len(), expected.len()));
    }
    bench.tally.trace(expected.len());
    Ok(())
}
