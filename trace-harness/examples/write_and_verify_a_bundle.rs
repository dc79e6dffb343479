//! Runs a command, keeps what it printed and wrote as a bundle, and verifies the bundle, before and after somebody changes it.

use std::error::Error;
use std::path::{Path, PathBuf};

use trace_harness::prelude::*;

/// Makes a bundle of one command below `folder`; gives its place.
///
/// # Errors
/// It cannot be written.
pub fn bundle(folder: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let mut recorder = Recorder::begin(Target::Exact(folder.join("evidence")), folder, true)?;
    let words = ["sh", "-c", "echo 42 > answer.txt; cat answer.txt"].map(str::to_owned);
    let mut step = Step::planned("answer", words.to_vec(), "{work}", "");
    let child = Child {
        stdin: None,
        program: PathBuf::from("/bin/sh"),
        args: words[1..].iter().map(Into::into).collect(),
        folder: folder.to_owned(),
        exported: Vec::new(),
    };
    recorder.run(&mut step, child, &SystemRunner::new(Interrupt::install()?))?;
    let verdict = Verdict::of(step.succeeded());
    recorder.step(step);
    let metrics = Metrics::of([("answer", 42.0)]);
    let closing =
        Closing { metrics, ..Closing::of("run", "the answer", verdict, "the command ended as asked") };
    Ok(recorder.finish(closing)?.place)
}

/// Prints what comes of it.
///
/// # Errors
/// Those of the library.
pub fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let place = bundle(folder.path())?;
    let report = verify(&place)?;
    println!("sound: {}, {} files", report.is_sound(), report.verified);
    std::fs::write(place.join("metrics.json"), "{}")?;
    for finding in verify(&place)?.findings {
        println!("{finding}");
    }
    Ok(())
}
