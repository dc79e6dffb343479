//! What users' scripts read: the console text of eight runs, line by line as the reference prints it.
//! Not here: the files of those runs (`golden_parity`).
//!
//! Left out on both sides, everything else must be the same in the same order:
//! - the banner, which names a program and its version, and ours is another program;
//! - warnings and the indented lines that go on with one: ours are worded for the user and go to standard error;
//! - in the stored texts, the `DETECTOR_` lines, which only a trace-instrumented build of the reference prints, and its
//!   memory address of a mapped file.
//!
//! On another mathematical library the numbers may differ in the last printed digit; there only the words are compared.

mod support;

use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};

use support::golden::{self, Golden};
use support::libm;
use support::program::{Program, shown};

const BANNERS: &[&str] = &["nanoBragg nanocrystal diffraction simulator", "nanobragg "];
/// Lines of the instrumented build; our program prints none of them.
const INSTRUMENTED: &[&str] = &["DETECTOR_", "TRACE"];
const WARNING: &str = "WARNING";
/// What follows a warning's first line begins with so many blanks; nothing else does.
const WARNING_INDENT: &str = "         ";
/// Fewer lines than this cannot be the summary of a run.
const FEWEST_LINES: usize = 40;

fn main() {
    let arguments = Arguments::from_args();
    let golden = Arc::new(Golden::load());
    let exact = libm::probe().same();
    let trial = |id: &String| {
        let (golden, id) = (Arc::clone(&golden), id.clone());
        Trial::test(format!("console/{id}"), move || same_text(&golden, &id, exact))
    };
    let mut trials: Vec<Trial> = golden.consoles.keys().map(trial).collect();
    let (stored, expected) = (trials.len(), golden.totals.consoles);
    trials.push(Trial::test("count", move || match stored == expected && stored > 0 {
        true => Ok(()),
        false => Err(format!("{stored} console texts, the manifest says {expected}").into()),
    }));
    libtest_mimic::run(&arguments, trials).exit();
}

fn same_text(golden: &Golden, id: &str, exact: bool) -> Result<(), Failed> {
    let case = golden.case(id);
    let folder = tempfile::tempdir()?;
    // The texts name the input files by the relative paths they were given.
    std::fs::create_dir(folder.path().join("inputs"))?;
    for arg in &case.args {
        if let Some(name) = arg.strip_prefix("{inputs}/") {
            std::fs::copy(
                golden::folder().join("inputs").join(name),
                folder.path().join("inputs").join(name),
            )?;
        }
    }
    let args: Vec<String> = case.args.iter().map(|arg| arg.replace("{inputs}", "inputs")).collect();
    let run = Program::under_test().run(folder.path(), &["--parity".to_owned()], &args);
    let expected = compared_lines(golden.consoles[id].iter().map(String::as_str));
    let found = compared_lines(run.stdout.lines());
    let text = |line: &str| if exact { line.to_owned() } else { words_only(line) };
    if expected.len() < FEWEST_LINES {
        return Err(format!("only {} stored lines", expected.len()).into());
    }
    for n in 0..expected.len().max(found.len()) {
        let (expected, found) = (expected.get(n).unwrap_or(&"(end)"), found.get(n).unwrap_or(&"(end)"));
        if text(expected) != text(found) {
            let fault = format!("line {}: expected `{expected}`, found `{found}`", n + 1);
            return Err(format!("{fault}\n  {}\n{}", shown(&args), run.stderr.trim_end()).into());
        }
    }
    Ok(())
}

/// The lines both programs must print alike.
fn compared_lines<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let starts = |line: &str, with: &[&str]| with.iter().any(|start| line.starts_with(start));
    lines
        .filter(|line| !starts(line, BANNERS) && !starts(line, INSTRUMENTED))
        .filter(|line| !line.starts_with(WARNING) && !line.starts_with(WARNING_INDENT))
        .collect()
}

/// The line with every number replaced by a sign.
fn words_only(line: &str) -> String {
    let number = |word: &str| word.trim_matches(['=', ',', '%', '(', ')']).parse::<f64>().is_ok();
    let parts = line.split_whitespace().map(|word| match word.split_once('=') {
        Some((key, _)) => format!("{key}="),
        None if number(word) => "#".to_owned(),
        None => word.to_owned(),
    });
    parts.collect::<Vec<_>>().join(" ")
}
