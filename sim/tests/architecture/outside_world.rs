//! Who touches files, clocks, threads and the environment, and who asks whether it is being the reference. Not here: who imports
//! whom (`simulator`, `three_crates`).

use crate::simulator::module_of;
use crate::support::sources::{Source, code_of, simulator, workspace};
use crate::{CRATES, none};

/// Modules that compute from their arguments alone, and what they therefore never mention.
const PURE: &[&str] = &["units", "constants", "physics", "model", "engine"];
const OUTSIDE_WORLD: &[&str] = &[
    "std::fs",
    "std::env",
    "std::io",
    "std::net",
    "std::process",
    "std::time",
    "File::",
    "Instant::",
    "SystemTime",
    "print!(",
    "println!(",
    "eprint!(",
    "eprintln!(",
    "env!(",
];
const THREADS: &[&str] = &["rayon", "std::thread", "thread::spawn", "thread::scope"];

#[test]
fn what_computes_touches_no_file_clock_or_environment() {
    forbid(OUTSIDE_WORLD, |source| PURE.contains(&module_of(&source.path)));
}

#[test]
fn only_the_engine_uses_threads() {
    forbid(THREADS, |source| module_of(&source.path) != "engine");
}

/// Where being like the reference may be decided: the switch itself, what reads files leniently, what resolves the
/// configuration and hands the decision on, the engine's carry-over, and the labels of the trace (C-TRACE-001).
const DECIDES_LIKE_REFERENCE: &[&str] = &[
    // Says which of the decisions make a difference.
    "run/corrections.rs",
    "cli",
    "config",
    "defects.rs",
    "engine",
    "input",
    "loading.rs",
    "model/experiment.rs",
    "run/prepare.rs",
    "trace",
];
const LIKE_REFERENCE: &[&str] = &[".emulates(", "Leniency::Reference", "Treatment::Emulate"];

#[test]
fn only_the_named_places_decide_to_be_like_the_reference() {
    forbid(LIKE_REFERENCE, |source| {
        let path = source.path.trim_start_matches("sim/src/");
        !DECIDES_LIKE_REFERENCE.iter().any(|place| path == *place || path.starts_with(&format!("{place}/")))
    });
}

/// What opens a file for reading, whatever its name leads to.
const OPENS: &[&str] = &["fs::read(", "fs::read_to_string(", "fs::copy(", "File::open("];

/// Where that is done: the places that look at what they opened, and those that read what the system itself has to say.
const MAY_OPEN: &[&str] = &[
    "sim/src/open_file.rs",
    "trace-harness/src/evidence/bundle/reading/files.rs",
    "trace-harness/src/evidence/bundle/reading/regular.rs",
    // Facts about processes and about the machine.
    "trace-harness/src/evidence/bundle/environment.rs",
    "trace-harness/src/evidence/process/group.rs",
    "trace-harness/src/evidence/process/native.rs",
    "trace-harness/src/hygiene/in_turn.rs",
    // Files and folders of their own that they flush or lock.
    "nb-compare/src/cache/entry.rs",
    "trace-harness/src/evidence/bundle/staging.rs",
    "trace-harness/src/evidence/process/unfinished.rs",
];

#[test]
fn only_the_named_places_open_files() {
    let mut faults = vec![];
    for source in workspace("rs") {
        let is_program = CRATES.iter().any(|(folder, _)| source.path.starts_with(folder));
        if !is_program || source.path.ends_with("tests.rs") || MAY_OPEN.contains(&source.path.as_str()) {
            continue;
        }
        let code = code_of(&source.text);
        let found = OPENS.iter().filter(|word| code.contains(**word));
        faults.extend(found.map(|word| format!("{}: has `{word}`, expected `open_file`", source.path)));
    }
    none(&faults);
}

/// The library of times panics where the clock stands before 1970.
#[test]
fn only_the_clock_asks_the_library_of_times_what_time_it_is() {
    let mut faults = vec![];
    for source in workspace("rs") {
        let is_program = CRATES.iter().any(|(folder, _)| source.path.starts_with(folder));
        let code = code_of(&source.text);
        let found = ["Utc::now", "Local::now"].iter().filter(|word| is_program && code.contains(**word));
        faults.extend(found.map(|word| format!("{}: has `{word}`, expected `evidence::clock`", source.path)));
    }
    none(&faults);
}

/// Asserts that no simulator source chosen by `concerned` has one of the `words` in its code.
fn forbid(forbidden: &[&str], concerned: impl Fn(&Source) -> bool) {
    let sources: Vec<Source> = simulator().into_iter().filter(concerned).collect();
    assert!(!sources.is_empty(), "no source is concerned: has the module moved?");
    let mut faults = vec![];
    for source in sources {
        let code = code_of(&source.text);
        let found = forbidden.iter().filter(|word| code.contains(**word));
        faults.extend(found.map(|word| format!("{}: has `{word}`", source.path)));
    }
    none(&faults);
}
