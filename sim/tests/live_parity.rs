//! Random valid command lines, run by our program and by a C build of the reference side by side: the same exit status,
//! the same files byte for byte. Not here: stored numbers (`golden_parity`).
//!
//! `NB_C_BIN` names the C program; without it the test reports itself as not run. `NB_LIVE_CASES` (200) and
//! `NB_LIVE_SEED` (1) choose how many command lines are drawn and which.

mod support;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use libtest_mimic::{Arguments, Failed, Trial};

use support::command_line::{CommandLine, draw};
use support::compare::files_in;
use support::golden;
use support::program::{Program, Run, shown};

/// Of a hundred images at least so many must hold something: black ones prove little.
const LIT_PER_CENT: usize = 60;

struct Bench {
    ours: Program,
    reference: Program,
    inputs: PathBuf,
    compared: AtomicUsize,
    lit: AtomicUsize,
}

fn main() {
    let arguments = Arguments::from_args();
    let (cases, seed) = (setting("NB_LIVE_CASES", 200), setting("NB_LIVE_SEED", 1));
    let Some(reference) = Program::reference() else {
        let why = "live parity [not run: NB_C_BIN is not set]";
        let trial = Trial::test(why, || Err("set NB_C_BIN to a C build of the reference".into()));
        libtest_mimic::run(&arguments, vec![trial.with_ignored_flag(true)]).exit();
    };
    let bench = Arc::new(Bench {
        ours: Program::under_test(),
        reference,
        inputs: golden::folder().join("inputs"),
        compared: AtomicUsize::new(0),
        lit: AtomicUsize::new(0),
    });
    let mut trials = vec![cache_name(&bench)];
    trials.extend((0..cases).map(|index| {
        let bench = Arc::clone(&bench);
        let line = draw(seed, index, &bench.inputs);
        Trial::test(format!("live/seed-{seed}/{index}"), move || same_files(&bench, &line))
    }));
    let not_run = trials.iter().any(Trial::has_ignored_flag);
    let whole =
        arguments.filter.is_none() && arguments.skip.is_empty() && !arguments.ignored && !arguments.list;
    let conclusion = libtest_mimic::run(&arguments, trials);
    if whole && !conclusion.has_failed() {
        let drawn = cases + u64::from(!not_run);
        let count = Trial::test("count", move || everything_was_compared(&bench, drawn));
        libtest_mimic::run(&arguments, vec![count]).exit();
    }
    conclusion.exit();
}

/// A whole number from the environment.
fn setting(name: &str, default: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} is `{text}`, expected a whole number")),
        Err(_) => default,
    }
}

/// `-dump` renames the cache, in the upstream program only: drawn lines leave it out, so that either build will do.
fn cache_name(bench: &Arc<Bench>) -> Trial {
    let words = "-cell 20 25 30 85 95 100 -N 5 -lambda 1.2 -distance 60 -detpixels 32 -seed 1 -noprogress -dump cache.out";
    let mut args: Vec<String> = words.split(' ').map(str::to_owned).collect();
    args.extend(["-hkl".to_owned(), bench.inputs.join("six.hkl").display().to_string()]);
    let line = CommandLine { args, cwd_files: vec![] };
    let (_, folder) = run(bench, &bench.reference, &line);
    let known = files_in(folder.path()).contains_key("cache.out");
    let name = if known { "live/dump" } else { "live/dump [not run: this C build has no -dump]" };
    let bench = Arc::clone(bench);
    Trial::test(name, move || same_files(&bench, &line)).with_ignored_flag(!known)
}

fn same_files(bench: &Bench, line: &CommandLine) -> Result<(), Failed> {
    let explain = |fault: String| Failed::from(format!("{fault}\n  {}", shown(&line.args)));
    let (ours, our_folder) = run(bench, &bench.ours, line);
    let (theirs, their_folder) = run(bench, &bench.reference, line);
    if ours.exit != theirs.exit {
        let said = ours.stderr.trim_end();
        return Err(explain(format!(
            "exit status {:?}, expected {:?}; stderr: {said}",
            ours.exit, theirs.exit
        )));
    }
    let (ours, theirs) = (files_in(our_folder.path()), files_in(their_folder.path()));
    if !ours.keys().eq(theirs.keys()) {
        return Err(explain(format!("wrote {:?}, expected {:?}", ours.keys(), theirs.keys())));
    }
    for (name, expected) in &theirs {
        if ours[name] != *expected {
            return Err(explain(format!("`{name}` {}", first_difference(&ours[name], expected))));
        }
    }
    bench.compared.fetch_add(1, Ordering::Relaxed);
    let lit = theirs.get("float.bin").is_some_and(|image| image.iter().any(|byte| *byte != 0));
    bench.lit.fetch_add(usize::from(lit), Ordering::Relaxed);
    Ok(())
}

fn run(bench: &Bench, program: &Program, line: &CommandLine) -> (Run, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, input) in &line.cwd_files {
        std::fs::copy(bench.inputs.join(input), folder.path().join(name)).expect("a golden input file");
    }
    (program.run(folder.path(), &["--parity".to_owned()], &line.args), folder)
}

/// Where two files part.
fn first_difference(found: &[u8], expected: &[u8]) -> String {
    if found.len() != expected.len() {
        return format!("has {} bytes, expected {}", found.len(), expected.len());
    }
    let at = found.iter().zip(expected).position(|(a, b)| a != b);
    let differing = found.iter().zip(expected).filter(|(a, b)| a != b).count();
    format!("differs in {differing} of {} bytes, first at {at:?}", expected.len())
}

fn everything_was_compared(bench: &Bench, cases: u64) -> Result<(), Failed> {
    let (compared, lit) = (bench.compared.load(Ordering::Relaxed), bench.lit.load(Ordering::Relaxed));
    println!("compared {compared} command lines, {lit} with something on the image");
    if compared as u64 != cases || lit * 100 < compared * LIT_PER_CENT {
        return Err(format!("expected {cases} command lines, {LIT_PER_CENT} % of them lit").into());
    }
    Ok(())
}
