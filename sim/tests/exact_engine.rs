//! The exact engine against stored runs of the reference and against the reference engine: the same files byte for byte,
//! for any number of threads. Not here: the reference engine against the C program (`golden_parity`, `live_parity`).
//!
//! `NB_LIVE_CASES` (120) and `NB_LIVE_SEED` (11) choose how many random command lines are drawn and which. On a machine
//! without vector instructions the exact engine is the reference engine under another name, and the first line says so.

mod support;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use libtest_mimic::{Arguments, Failed, Trial};

use support::command_line::{CommandLine, draw};
use support::compare::{check_files, files_in};
use support::golden::{self, Case, Golden};
use support::libm;
use support::program::{Kind, Program, shown};
use support::workplace::{arguments_of, missing_inputs, prepared_folder};

/// Numbers of threads of the repeated cases.
const THREADS: &[&str] = &["1", "2", "7"];
/// Largest detector repeated for every number of threads.
const THREADED_PIXELS: usize = 8192;
/// Of the successful golden runs at least so many per cent must go through vector blocks: else little is tested here.
const VECTOR_PER_CENT: usize = 90;

struct Bench {
    golden: Golden,
    program: Program,
    same_libm: bool,
    inputs: PathBuf,
    /// Successful golden runs, and those of them with pixels computed in blocks.
    runs: AtomicUsize,
    in_blocks: AtomicUsize,
}

fn main() {
    let arguments = Arguments::from_args();
    let program = Program::under_test();
    if program.kind() != Kind::Ours {
        let why = "exact engine [not run: NB_TEST_BIN is a reference build]";
        let trial = Trial::test(why, || Err("unset NB_TEST_BIN".into())).with_ignored_flag(true);
        libtest_mimic::run(&arguments, vec![trial]).exit();
    }
    let (cases, seed) = (setting("NB_LIVE_CASES", 120), setting("NB_LIVE_SEED", 11));
    let bench = Arc::new(Bench {
        golden: Golden::load(),
        program,
        same_libm: libm::probe().same(),
        inputs: golden::folder().join("inputs"),
        runs: AtomicUsize::new(0),
        in_blocks: AtomicUsize::new(0),
    });
    if !vectors_here() && !arguments.list {
        println!("no AVX2 or NEON here: exact is the reference engine, and nothing below is about vectors");
    }
    let mut trials = golden_trials(&bench);
    trials.extend((0..cases).map(|index| {
        let bench = Arc::clone(&bench);
        let line = draw(seed, index, &bench.inputs);
        Trial::test(format!("drawn/seed-{seed}/{index}"), move || both_engines_agree(&bench, &line))
    }));
    let whole =
        arguments.filter.is_none() && arguments.skip.is_empty() && !arguments.ignored && !arguments.list;
    let conclusion = libtest_mimic::run(&arguments, trials);
    if whole && !conclusion.has_failed() {
        let count = Trial::test("count", move || most_runs_used_blocks(&bench));
        libtest_mimic::run(&arguments, vec![count]).exit();
    }
    conclusion.exit();
}

fn golden_trials(bench: &Arc<Bench>) -> Vec<Trial> {
    let mut trials = vec![];
    for case in &bench.golden.cases {
        let missing = missing_inputs(case);
        let note = missing.as_ref().map(|reason| format!(" [not run: {reason}]")).unwrap_or_default();
        let (ignored, small) = (missing.is_some(), case.size.0 * case.size.1 <= THREADED_PIXELS);
        if small && case.exit == 0 && !ignored {
            let (bench, case) = (Arc::clone(bench), case.clone());
            let name = format!("threads/{}", case.id);
            trials.push(Trial::test(name, move || {
                THREADS.iter().try_for_each(|threads| same_as_stored(&bench, &case, threads))
            }));
        }
        let (bench, case) = (Arc::clone(bench), case.clone());
        let trial = Trial::test(format!("case/{}{note}", case.id), move || match missing {
            Some(reason) => Err(reason.into()),
            None => same_as_stored(&bench, &case, "2"),
        });
        trials.push(trial.with_ignored_flag(ignored));
    }
    trials
}

/// A whole number from the environment.
fn setting(name: &str, default: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} is `{text}`, expected a whole number")),
        Err(_) => default,
    }
}

fn vectors_here() -> bool {
    #[cfg(target_arch = "x86_64")]
    return is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
    #[cfg(not(target_arch = "x86_64"))]
    cfg!(target_arch = "aarch64")
}

fn own_flags(engine: &str, threads: &str) -> Vec<String> {
    ["--parity", "--engine", engine, "--threads", threads, "--json"].map(str::to_owned).to_vec()
}

/// A golden case by the exact engine: the stored exit status and files.
fn same_as_stored(bench: &Bench, case: &Case, threads: &str) -> Result<(), Failed> {
    let args = arguments_of(case);
    let explain = |fault: String| Failed::from(format!("{threads} thread(s): {fault}\n  {}", shown(&args)));
    let folder = prepared_folder(case);
    let run = bench.program.run(folder.path(), &own_flags("exact", threads), &args);
    if run.exit != Some(case.exit) {
        let stderr = run.stderr.trim_end();
        return Err(explain(format!("exit status {:?}, expected {}; stderr: {stderr}", run.exit, case.exit)));
    }
    check_files(&bench.golden, case, folder.path(), bench.same_libm).map_err(explain)?;
    if case.exit == 0 {
        let (vector, all) = pixels_rendered(&run.stdout).map_err(explain)?;
        bench.runs.fetch_add(1, Ordering::Relaxed);
        bench.in_blocks.fetch_add(usize::from(vector > 0 || all == 0), Ordering::Relaxed);
    }
    Ok(())
}

/// What the run says: pixels proven in blocks, and pixels in all.
fn pixels_rendered(stdout: &str) -> Result<(u64, u64), String> {
    let at = stdout.find('{').ok_or("no JSON summary")?;
    let line = stdout[at..].lines().next().unwrap_or_default();
    let summary: serde_json::Value = serde_json::from_str(line).map_err(|e| format!("summary: {e}"))?;
    let count = |way: &str| {
        summary["pixels_rendered"][way].as_u64().ok_or(format!("the summary does not say `{way}`"))
    };
    let vector = count("vector")?;
    Ok((vector, vector + count("fallback")? + count("reference")?))
}

/// A random command line by both engines: the same exit status, files, and statistics.
fn both_engines_agree(bench: &Bench, line: &CommandLine) -> Result<(), Failed> {
    let explain = |fault: String| Failed::from(format!("{fault}\n  {}", shown(&line.args)));
    let run = |engine: &str| {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (name, input) in &line.cwd_files {
            std::fs::copy(bench.inputs.join(input), folder.path().join(name)).expect("a golden input file");
        }
        let run = bench.program.run(folder.path(), &own_flags(engine, "2"), &line.args);
        (run, files_in(folder.path()))
    };
    let ((exact, exact_files), (reference, reference_files)) = (run("exact"), run("reference"));
    if exact.exit != reference.exit {
        return Err(explain(format!("exit status {:?}, expected {:?}", exact.exit, reference.exit)));
    }
    if !exact_files.keys().eq(reference_files.keys()) {
        return Err(explain(format!(
            "wrote {:?}, expected {:?}",
            exact_files.keys(),
            reference_files.keys()
        )));
    }
    if let Some((name, _)) = reference_files.iter().find(|(name, bytes)| exact_files[*name] != **bytes) {
        return Err(explain(format!("`{name}` differs between the engines")));
    }
    let statistics = |stdout: &str| {
        let at = stdout.find("\"statistics\"").unwrap_or(stdout.len());
        stdout[at..].lines().next().unwrap_or_default().to_owned()
    };
    if statistics(&exact.stdout) != statistics(&reference.stdout) {
        return Err(explain("the engines' statistics differ".to_owned()));
    }
    Ok(())
}

/// The golden runs went through blocks where there are vector instructions, and nowhere else.
fn most_runs_used_blocks(bench: &Bench) -> Result<(), Failed> {
    let (runs, in_blocks) = (bench.runs.load(Ordering::Relaxed), bench.in_blocks.load(Ordering::Relaxed));
    println!("{in_blocks} of {runs} successful golden runs had pixels computed in blocks");
    if runs == 0 || (vectors_here() && in_blocks * 100 < runs * VECTOR_PER_CENT) {
        return Err(format!("expected {VECTOR_PER_CENT} %").into());
    }
    Ok(())
}
