//! Random valid command lines, run by our program and by a C build of the reference side by side: the same exit status,
//! the same files byte for byte. Not here: stored numbers (`golden_parity`).
//!
//! `NB_C_BIN` names the C program, the fork or upstream (which of them is found out); without it the test reports itself as not run. `NB_LIVE_CASES` (200) and
//! `NB_LIVE_SEED` (1) choose how many command lines are drawn and which.

mod support;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use nanobragg::defects::Dialect;

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
    dialect: Dialect,
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
        dialect: dialect(&reference),
        reference,
        inputs: golden::folder().join("inputs"),
        compared: AtomicUsize::new(0),
        lit: AtomicUsize::new(0),
    });
    println!("the C program is the one called `{}`", bench.dialect.name());
    let mut trials: Vec<Trial> = not_drawn(&bench).collect();
    trials.extend((0..cases).map(|index| {
        let bench = Arc::clone(&bench);
        let line = draw(seed, index, &bench.inputs);
        Trial::test(format!("live/seed-{seed}/{index}"), move || same_files(&bench, &line, &[]))
    }));
    let whole =
        arguments.filter.is_none() && arguments.skip.is_empty() && !arguments.ignored && !arguments.list;
    let conclusion = libtest_mimic::run(&arguments, trials);
    if whole && !conclusion.has_failed() {
        let all = cases + NOT_DRAWN.len() as u64;
        let count = Trial::test("count", move || everything_was_compared(&bench, all));
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

/// Lines that the two C programs read differently (`--list-defects`), and a matrix file that ends too early: drawn lines hold
/// none of these.
const NOT_DRAWN: &[(&str, &str, &str)] = &[
    ("misset-seed", "-misset 10 20 30 -misset_seed 5 -N 6", ""),
    ("misset-seed-after-random", "-misset random -misset_seed 7 -N 6", ""),
    ("misset-by-another-name", "--misset 40 50 60 -missets 7 8 9", ""),
    ("dump", "-hkl {six} -dump cache.out", ""),
    ("matrix-without-numbers", "-mat broken.mat", "a title\n0.1 0.2 0.3\n"),
    ("matrix-of-four-numbers", "-mat broken.mat", "0.01 0.02 0.03\n-0.04\n"),
    ("matrix-with-a-word", "-mat broken.mat -misset 1 2 3", "0.01 0.02 word 0.03 0.04 0.05"),
    ("empty-matrix", "-mat broken.mat", ""),
];

fn not_drawn(bench: &Arc<Bench>) -> impl Iterator<Item = Trial> {
    NOT_DRAWN.iter().map(|(name, flags, matrix)| {
        let flags = flags.replace("{six}", &bench.inputs.join("six.hkl").display().to_string());
        let text = format!(
            "-cell 20 25 30 85 95 100 -N 5 -lambda 1.2 -default_F 50 -distance 60 -detpixels 32 {flags} -floatfile float.bin -seed 1 -noprogress"
        );
        let args = text.split(' ').map(str::to_owned).collect();
        let line = CommandLine { args, cwd_files: vec![] };
        let bench = Arc::clone(bench);
        Trial::test(format!("live/{name}"), move || same_files(&bench, &line, &[("broken.mat", matrix)]))
    })
}

/// Which of the two programs this is: only the fork prints where its detector stands.
fn dialect(reference: &Program) -> Dialect {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let flags = "-cell 20 20 20 90 90 90 -default_F 1 -detpixels 2 -noprogress";
    let args: Vec<String> = flags.split(' ').map(str::to_owned).collect();
    let stdout = reference.run(folder.path(), &[], &args).stdout;
    if stdout.contains("DETECTOR_FAST_AXIS") { Dialect::Fork } else { Dialect::Upstream }
}

fn same_files(bench: &Bench, line: &CommandLine, written: &[(&str, &str)]) -> Result<(), Failed> {
    let explain = |fault: String| Failed::from(format!("{fault}\n  {}", shown(&line.args)));
    let (ours, our_folder) = run(bench, &bench.ours, line, written);
    let (theirs, their_folder) = run(bench, &bench.reference, line, written);
    if ours.exit != theirs.exit {
        let stderr = ours.stderr.trim_end();
        return Err(explain(format!(
            "exit status {:?}, expected {:?}; stderr: {stderr}",
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

fn run(
    bench: &Bench,
    program: &Program,
    line: &CommandLine,
    written: &[(&str, &str)],
) -> (Run, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, input) in &line.cwd_files {
        std::fs::copy(bench.inputs.join(input), folder.path().join(name)).expect("a golden input file");
    }
    for (name, content) in written {
        std::fs::write(folder.path().join(name), content).expect("a small file");
    }
    let own = ["--parity", "--dialect", bench.dialect.name()].map(str::to_owned);
    (program.run(folder.path(), &own, &line.args), folder)
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
