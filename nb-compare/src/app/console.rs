//! What a call prints: results on standard output, errors once on standard error, a spinner while programs run.
//!
//! Not here: the wording of figures (`report`).

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Map, Value, json};

use crate::array::ArrayComparison;
use crate::cli::Options;
use crate::compare::judgement::Judgement;
use crate::compare::metrics::Metrics;
use crate::effective::Effective;
use crate::explanation::Explanation;
use crate::matrix::{self, Done, MatrixTally};
use crate::recompute::Recomputed;
use crate::report;
use trace_harness::evidence::exit::Exit;
use trace_harness::evidence::failure::{Failure, SystemError};
use trace_harness::evidence::process::Interrupt;
use trace_harness::evidence::terminal::visible;

/// Prints a text; a reader that has gone has read enough.
///
/// # Errors
/// Standard output cannot be written to.
pub(super) fn text(text: &[u8]) -> std::result::Result<Exit, Failure> {
    match std::io::stdout().write_all(text) {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => Err(SystemError::StandardOutput(e).into()),
        _ => Ok(Exit::Agrees),
    }
}

/// Prints something that should be changed some time.
pub(super) fn notice(text: &str) {
    let _ = writeln!(anstream::stderr(), "notice: {text}");
}

/// The status of a comparison that came to `exit`: that of an interruption where its explanation may lack something because of one.
pub(super) fn status(options: &Options, exit: Exit) -> Exit {
    if options.explain && Interrupt::happened() { Exit::Interrupted } else { exit }
}

/// Says where the evidence of a failure is.
pub(super) fn place_of_failure(place: &Path, quiet: bool) {
    if !quiet {
        let _ = writeln!(anstream::stderr(), "evidence: {}", place.display());
    }
}

/// A turning sign on the terminal while `work` goes on; nothing where standard error is no terminal, or with `--quiet`.
pub(super) fn while_running<T>(options: &Options, what: &str, work: impl FnOnce() -> T) -> T {
    if options.quiet || !std::io::stderr().is_terminal() {
        return work();
    }
    let bar = ProgressBar::new_spinner().with_message(what.to_owned());
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {elapsed}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(100));
    let result = work();
    bar.finish_and_clear();
    result
}

/// A bar that counts `total` cases; it is not there where standard error is no terminal, or with `--quiet`.
pub(super) fn bar(options: &Options, total: u64) -> ProgressBar {
    if options.quiet || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    counting(total)
}

/// A bar that counts to `total`.
pub(super) fn counting(total: u64) -> ProgressBar {
    let bar = ProgressBar::new(total);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {elapsed} {msg}") {
        bar.set_style(style);
    }
    bar
}

/// Prints the result of a matrix.
///
/// # Errors
/// Standard output cannot be written to; one that was closed has seen enough.
pub(super) fn matrix(
    options: &Options,
    cases: &[Done],
    tally: &MatrixTally,
    place: &Path,
    summary: &Map<String, Value>,
) -> std::io::Result<()> {
    let mut out = anstream::stdout();
    let text = match options.json {
        true => {
            let mut all = summary.clone();
            all.insert("folder".to_owned(), place.to_string_lossy().into_owned().into());
            serde_json::to_string_pretty(&all)? + "\n"
        }
        false => matrix::lines(cases, tally, options.quiet, place),
    };
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// The result of a comparison.
pub(super) struct Result<'a> {
    /// One line per runner.
    pub runners: &'a [String],
    /// What both sides say they computed with.
    pub effective: &'a Effective,
    /// What was measured, if anything was.
    pub metrics: Option<&'a Metrics>,
    /// Why the images differ, where that was asked.
    pub explanation: Option<&'a Explanation>,
    /// The verdict, if there is one.
    pub judgement: Option<&'a Judgement>,
    /// Where the evidence is, if any was written.
    pub place: Option<&'a Path>,
    /// The summary as JSON.
    pub summary: &'a Map<String, Value>,
}

/// Prints a result in the form that `options` ask for.
///
/// # Errors
/// Standard output cannot be written to.
pub(super) fn result(options: &Options, result: &Result<'_>) -> std::io::Result<()> {
    let mut out = anstream::stdout();
    if options.json {
        let mut all = result.summary.clone();
        all.insert("folder".to_owned(), result.place.map(|p| p.to_string_lossy().into_owned()).into());
        return writeln!(out, "{}", serde_json::to_string_pretty(&all)?);
    }
    if !options.quiet {
        result.runners.iter().try_for_each(|line| writeln!(out, "{line}"))?;
        write!(out, "{}", report::parameter_lines(result.effective))?;
        if let (Some(metrics), Some(judgement)) = (result.metrics, result.judgement) {
            write!(out, "{}", report::table(metrics, judgement))?;
        }
    }
    if let Some(explanation) = result.explanation.filter(|_| !options.quiet) {
        write!(out, "{}", report::explanation_lines(explanation))?;
    }
    if let Some(judgement) = result.judgement {
        writeln!(out, "{}", report::verdict_lines(judgement))?;
    }
    if let Some(place) = result.place.filter(|_| !options.quiet) {
        writeln!(out, "evidence: {}", place.display())?;
    }
    out.flush()
}

/// Prints the result of a comparison of arrays.
///
/// # Errors
/// Standard output cannot be written to.
pub(super) fn arrays(
    options: &Options,
    comparison: &ArrayComparison,
    place: Option<&Path>,
    mut summary: Map<String, Value>,
) -> io::Result<()> {
    let mut out = anstream::stdout();
    if options.json {
        summary.insert("folder".to_owned(), place.map(|p| p.to_string_lossy().into_owned()).into());
        return writeln!(out, "{}", serde_json::to_string_pretty(&summary)?);
    }
    if !options.quiet {
        write!(out, "{}", report::arrays::table(comparison))?;
    }
    writeln!(out, "{}", report::verdict_lines(&comparison.judgement))?;
    if let Some(place) = place.filter(|_| !options.quiet) {
        writeln!(out, "evidence: {}", place.display())?;
    }
    out.flush()
}

/// Prints what came of the outputs of two programs.
///
/// # Errors
/// Standard output cannot be written to.
pub(super) fn outputs(
    options: &Options,
    runners: &[String],
    told: &report::outputs::OutputsReport<'_>,
    place: &Path,
    summary: &Map<String, Value>,
) -> io::Result<()> {
    let mut out = anstream::stdout();
    if options.json {
        let mut all = summary.clone();
        all.insert("folder".to_owned(), place.to_string_lossy().into_owned().into());
        return writeln!(out, "{}", serde_json::to_string_pretty(&all)?);
    }
    if !options.quiet {
        runners.iter().try_for_each(|line| writeln!(out, "{line}"))?;
        write!(out, "{}", report::outputs::lines(told))?;
    }
    writeln!(out, "{}: {}", report::word(told.overall.verdict), visible(&told.overall.reason))?;
    if !options.quiet {
        writeln!(out, "evidence: {}", place.display())?;
    }
    out.flush()
}

/// Prints what came of computing bundles again.
///
/// # Errors
/// Those of standard output.
pub(super) fn recomputed(done: &[(&PathBuf, Recomputed)], json: bool) -> io::Result<()> {
    let mut out = anstream::stdout();
    if json {
        let bundles: Vec<Value> = done
            .iter()
            .map(|(folder, done)| json!({"folder": folder, "exit_status": done.exit(), "result": done}))
            .collect();
        return writeln!(out, "{}", json!({ "bundles": bundles }));
    }
    for (folder, done) in done {
        let word = match done.exit() {
            Exit::Agrees => "follows from its files",
            Exit::Differs => "DOES NOT FOLLOW FROM ITS FILES",
            _ => "undecided",
        };
        let folder = visible(&folder.to_string_lossy());
        writeln!(out, "{folder}: {word}; comparisons computed again: {}", done.comparisons)?;
        for line in &done.looser {
            writeln!(out, "  judged more loosely than usual: {}", visible(line))?;
        }
        for line in &done.findings {
            writeln!(out, "  {}", visible(line))?;
        }
        for line in &done.not_checked {
            writeln!(out, "  not made again: {}", visible(line))?;
        }
        for line in &done.left_out {
            writeln!(out, "  not computed again: {}", visible(line))?;
        }
    }
    Ok(())
}
