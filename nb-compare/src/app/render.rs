//! Doing a job: run what has to run, compare, write the evidence, print the result.
//!
//! Not here: running the sides (`sides`), what is printed and what the files hold (`tell`, `report`).

use std::path::Path;

use serde_json::{Map, Value};
use trace_harness::evidence::bundle::staging::Target;
use trace_harness::evidence::exit::Exit;
use trace_harness::evidence::process::Runner;

use crate::app::console;
use crate::app::explain;
use crate::app::recorder::ComparisonRecorder;
use crate::app::request::{Files, Job, Reference};
use crate::app::told;
use crate::cli::Options;
use crate::compare::{Comparison, compare};
use crate::effective::{Effective, Stated};
use crate::explanation::Explanation;
use crate::failure::Failure;
use crate::image::pixels::Image;
use crate::report;
use crate::runner::Side;

/// Runs both sides and compares their images; gives the exit code.
///
/// # Errors
/// The job cannot be done, or its evidence cannot be written. A runner that fails leaves evidence, and is then an error.
pub fn run(job: &Job, options: &Options, runner: &dyn Runner) -> Result<Exit, Failure> {
    let mut record = ComparisonRecorder::begin(job, options)?;
    let images = match rendered(&mut record, job, runner) {
        Ok(images) => images,
        Err(broken @ (Failure::Bundle(_) | Failure::Other(_))) => return Err(broken),
        Err(failure) => return Err(give_up(record, job, failure)),
    };
    let a = job.reference_image(images.0.as_ref())?;
    match console::while_running(options, "comparing", || compare(a, &images.1, &job.settings)) {
        Ok(mut comparison) => {
            record.names_of(&mut comparison.recorded, &job.folder)?;
            comparison.verdict.after(found(&record, job));
            if options.explain {
                let explanation = explain::explain(&mut record, job, runner, &comparison)?;
                record.explanation = Some(explanation);
            }
            match record.guarded.check(record.bundle.staging()) {
                Ok(()) => finish(record, &job.title, &comparison),
                Err(changed) => Err(give_up(record, job, changed)),
            }
        }
        Err(misfit) => Err(give_up(record, job, misfit.into())),
    }
}

/// Runs the sides and reads what they rendered: the image of the reference where it is a program, and that of the candidate.
/// What both say they computed with is recorded.
///
/// # Errors
/// A side did not deliver, or the evidence cannot be written.
pub fn rendered(
    record: &mut ComparisonRecorder<'_>,
    job: &Job,
    runner: &dyn Runner,
) -> Result<(Option<Image>, Image), Failure> {
    let (reference, candidate) = record.render_both(job, runner)?;
    // A stored reference says nothing.
    let silent = Stated::default();
    record.effective = Effective::of(reference.as_ref().map_or(&silent, |r| &r.stated), &candidate.stated);
    let reference = reference.map(|r| r.image(Side::Reference, job)).transpose()?;
    Ok((reference, candidate.image(Side::Candidate, job)?))
}

/// What was found before the pixels: other numbers, and defects of the C program that our simulator corrects.
pub fn found(record: &ComparisonRecorder<'_>, job: &Job) -> Option<String> {
    let is_c = record.dialect.is_some() || matches!(job.reference, Reference::Stored(..));
    let [_, stderr] = Side::Candidate.logs();
    let corrected = is_c.then(|| told::corrections(&record.bundle.folder().join(stderr))).flatten();
    let sentences: Vec<String> = record.effective.sentence().into_iter().chain(corrected).collect();
    (!sentences.is_empty()).then(|| sentences.join("; "))
}

/// A job that cannot be brought to a comparison leaves its evidence all the same: what ran, what it said, and why it failed.
fn give_up(record: ComparisonRecorder<'_>, job: &Job, failure: Failure) -> Failure {
    let quiet = record.options.quiet;
    match record.close(&job.title, None, &failure.to_string()) {
        Ok(made) => {
            console::place_of_failure(&made.place, quiet);
            failure
        }
        Err(refused) => refused,
    }
}

/// Compares two files; gives the exit code. Evidence is written only where a folder is asked for.
///
/// # Errors
/// As [`run`].
pub fn files(job: &Files, options: &Options) -> Result<Exit, Failure> {
    let mut comparison =
        console::while_running(options, "comparing", || compare(&job.image_a, &job.image_b, &job.settings))?;
    let effective = Effective::of(&Stated::read(None, Some(&job.a)), &Stated::read(None, Some(&job.b)));
    comparison.verdict.after(effective.sentence());
    let Some(outdir) = &options.outdir else {
        let mut summary = report::comparison(&comparison);
        summary.insert("effective_parameters".to_owned(), report::parameters(&effective));
        let told = with_verdict(summary, &comparison);
        return print(options, &[], &comparison, (&effective, None), None, &told);
    };
    let mut record = ComparisonRecorder::of_files(options, Target::Exact(outdir.clone()))?;
    record.effective = effective;
    comparison.recorded.images = [record.bundle.input(&job.a)?, record.bundle.input(&job.b)?];
    comparison.recorded.mask = record.mask(Path::new(""))?;
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let title = format!("{} against {}", name(&job.b), name(&job.a));
    finish(record, &title, &comparison)
}

fn with_verdict(mut summary: Map<String, Value>, comparison: &Comparison<'_>) -> Map<String, Value> {
    summary.insert("verdict".to_owned(), comparison.verdict.outcome.word().into());
    summary.insert("reason".to_owned(), comparison.verdict.reason.clone().into());
    summary
}

fn print(
    options: &Options,
    runners: &[String],
    comparison: &Comparison<'_>,
    (effective, explanation): (&Effective, Option<&Explanation>),
    place: Option<&Path>,
    summary: &Map<String, Value>,
) -> Result<Exit, Failure> {
    let result = console::Result {
        runners,
        effective,
        explanation,
        metrics: Some(&comparison.metrics),
        verdict: Some(&comparison.verdict),
        place,
        summary,
    };
    match console::result(options, &result) {
        // Whoever closed the pipe has read enough.
        Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => {}
        other => other.map_err(|e| Failure::Other(format!("standard output: {e}")))?,
    }
    Ok(comparison.verdict.outcome.exit())
}

/// Closes the evidence and prints the result; gives the exit code.
fn finish(record: ComparisonRecorder<'_>, title: &str, comparison: &Comparison<'_>) -> Result<Exit, Failure> {
    let (options, lines) = (record.options, record.lines.clone());
    let (effective, explanation) = (record.effective.clone(), record.explanation.clone());
    let made = record.close(title, Some(comparison), "")?;
    let told = (&effective, explanation.as_ref());
    print(options, &lines, comparison, told, Some(&made.place), &made.document)
}
