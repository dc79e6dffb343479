//! Doing a job: run what has to run, compare, write the evidence, print the result.
//!
//! Not here: running the sides (`sides`), what is printed and what the files hold (`console`, `report`).

use std::borrow::Cow;
use std::path::Path;

use serde_json::{Map, Value};
use trace_harness::evidence::bundle::digest;
use trace_harness::evidence::bundle::staging::Target;
use trace_harness::evidence::exit::Exit;
use trace_harness::evidence::failure::{Failure, SystemError};
use trace_harness::evidence::held::Held;
use trace_harness::evidence::process::Runner;

use crate::app::console;
use crate::app::explain;
use crate::app::recorder::ComparisonRecorder;
use crate::app::request::{Files, ImageJob, Reference};
use crate::app::settings;
use crate::built_in;
use crate::cli::Options;
use crate::compare::{Comparison, Settings, compare};
use crate::effective::{Effective, Stated};
use crate::explanation::Explanation;
use crate::image::file;
use crate::image::pixels::Image;
use crate::image::shape::Candidate;
use crate::report;
use crate::runner::{Side, SideError};

/// Runs both sides and compares their images; gives the exit code.
///
/// # Errors
/// The job cannot be done, or its evidence cannot be written. A job that begins leaves evidence, also where it is then an error.
pub(super) fn run(job: &ImageJob, options: &Options, runner: &dyn Runner) -> Result<Exit, Failure> {
    let mut record = ComparisonRecorder::begin(job, options)?;
    let [a, b] = match rendered(&mut record, job, runner) {
        Ok(images) => images,
        Err(failure) => return Err(give_up(record, &job.title, failure)),
    };
    match compared(&mut record, job, [&a, &b], runner) {
        Ok(comparison) => finish(record, &job.title, &comparison),
        Err(failure) => Err(give_up(record, &job.title, failure)),
    }
}

/// Compares what both sides rendered, and explains it where that is asked.
fn compared<'a>(
    record: &mut ComparisonRecorder<'_>,
    job: &ImageJob,
    [a, b]: [&'a Image; 2],
    runner: &dyn Runner,
) -> Result<Comparison<'a>, Failure> {
    let mut comparison =
        console::while_running(record.options, "comparing", || compare(a, b, &job.settings))?;
    record.names_of(&mut comparison.recorded, &job.folder)?;
    comparison.judgement.after(found(record, job));
    if record.options.explain {
        record.explanation = Some(explain::explain(record, job, runner, &comparison)?);
    }
    record.release()?;
    Ok(comparison)
}

/// Runs the sides and reads what they rendered: the image of the reference, also where it is not rendered, and that of the
/// candidate. What both say they computed with is recorded.
///
/// # Errors
/// A side did not deliver, or the evidence cannot be written.
pub(super) fn rendered<'a>(
    record: &mut ComparisonRecorder<'_>,
    job: &'a ImageJob,
    runner: &dyn Runner,
) -> Result<[Cow<'a, Image>; 2], Failure> {
    let came = images(record, job, runner);
    // Runs that explain come behind these.
    if came.is_err() || !record.options.explain {
        let released = record.release();
        return came.and_then(|images| released.map(|()| images));
    }
    came
}

fn images<'a>(
    record: &mut ComparisonRecorder<'_>,
    job: &'a ImageJob,
    runner: &dyn Runner,
) -> Result<[Cow<'a, Image>; 2], Failure> {
    let (reference, candidate) = record.render_both(job, runner)?;
    // A stored reference says nothing.
    let silent = Stated::default();
    record.effective = Effective::of(reference.as_ref().map_or(&silent, |r| &r.stated), &candidate.stated);
    let reference = match (&job.reference, reference) {
        (Reference::File(_, image) | Reference::Stored(_, image), _) => Cow::Borrowed(image),
        (Reference::Program(_), Some(delivered)) => Cow::Owned(delivered.image(Side::Reference, job)?),
        (Reference::Program(_), None) => return Err(SideError::NotRun(Side::Reference).into()),
    };
    Ok([reference, Cow::Owned(candidate.image(Side::Candidate, job)?)])
}

/// What was found before the pixels: other numbers, and defects of the reference that the candidate corrects.
pub(super) fn found(record: &mut ComparisonRecorder<'_>, job: &ImageJob) -> Option<String> {
    let is_c = record.dialect.is_some() || matches!(job.reference, Reference::Stored(..));
    let [_, stderr] = Side::Candidate.logs();
    let corrected = is_c.then(|| record.reader(&stderr)).flatten();
    let corrected = corrected.and_then(built_in::printed::corrections);
    let sentences: Vec<String> = record.effective.sentence().into_iter().chain(corrected).collect();
    (!sentences.is_empty()).then(|| sentences.join("; "))
}

/// A job that cannot be brought to a comparison leaves its evidence all the same: what ran, what it said, and why it failed.
fn give_up(record: ComparisonRecorder<'_>, title: &str, failure: Failure) -> Failure {
    let quiet = record.options.quiet;
    match record.close(title, None, Some(&failure)) {
        Ok(made) => {
            console::place_of_failure(&made.place, quiet);
            failure
        }
        // Why there is nothing to compare comes first.
        Err(refused) => {
            console::notice(&format!("the evidence was not written: {refused}"));
            failure
        }
    }
}

/// What fails before anything has run leaves evidence where a folder is asked for, with those of `inputs` that are there, unless
/// the command line is wrong.
pub(super) fn refuse(
    title: &str,
    options: &Options,
    folder: &Path,
    inputs: &[&Path],
    failure: Failure,
) -> Failure {
    let Some(outdir) = options.outdir.as_ref().filter(|_| failure.exit() != Exit::Usage) else {
        return failure;
    };
    let mut record = match ComparisonRecorder::of_files(options, Target::Exact(folder.join(outdir))) {
        Ok(record) => record,
        Err(refused) => return refused,
    };
    for path in inputs.iter().filter(|path| path.is_file()) {
        if let Err(refused) = record.bundle.input(path) {
            return refused.into();
        }
    }
    give_up(record, title, failure)
}

/// An image, and the digest of the bytes that it was read from.
type NamedImage = (Image, String);

fn judged(path: &Path, shapes: &[Candidate]) -> Result<NamedImage, Failure> {
    let bytes = file::bytes(path)?;
    Ok((file::parse(path, &bytes, shapes)?, digest::of_bytes(&bytes)))
}

/// Reads two files and the mask. What A does not say of its shape is taken from B.
fn read(job: &Files, options: &Options) -> Result<(Settings, [NamedImage; 2]), Failure> {
    let shapes: Vec<Candidate> = settings::shape(options)?.into_iter().collect();
    let settings = settings::from(options, &job.folder, &shapes)?;
    let b = judged(&job.b, &shapes)?;
    let mut shapes_a = shapes;
    shapes_a.push(Candidate { shape: b.0.shape(), source: "the shape of B" });
    let a = judged(&job.a, &shapes_a)?;
    settings::agree_with_shape(options, &[(&job.a, &a.0), (&job.b, &b.0)])?;
    Ok((settings, [a, b]))
}

/// Compares two files; gives the exit code. Evidence is written only where a folder is asked for.
///
/// # Errors
/// As [`run`].
pub(super) fn files(job: &Files, options: &Options) -> Result<Exit, Failure> {
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let title = format!("{} against {}", name(&job.b), name(&job.a));
    let held = || -> Result<_, Failure> {
        let [a, b] = [Held::new(&job.a)?, Held::new(&job.b)?];
        Ok((a, b, settings::with_held_mask(options, &job.folder)?))
    };
    let held = held().map_err(|e| refuse(&title, options, &job.folder, &[&job.a, &job.b], e))?;
    let (held_a, held_b, (options, _mask)) = &held;
    let (a, b) = (held_a.path().to_owned(), held_b.path().to_owned());
    let job = &Files { a, b, folder: job.folder.clone() };
    let refused = |failure| refuse(&title, options, &job.folder, &[&job.a, &job.b], failure);
    let (settings, [(a, sha256_a), (b, sha256_b)]) = read(job, options).map_err(refused)?;
    let compared = console::while_running(options, "comparing", || compare(&a, &b, &settings));
    let mut comparison = compared.map_err(|misfit| refused(misfit.into()))?;
    let effective = Effective::of(&Stated::read(None, Some(&job.a)), &Stated::read(None, Some(&job.b)));
    comparison.judgement.after(effective.sentence());
    let Some(outdir) = &options.outdir else {
        let mut summary = report::comparison(&comparison);
        summary.insert("effective_parameters".to_owned(), report::parameters(&effective));
        let told = with_verdict(summary, &comparison);
        return print(options, &[], &comparison, (&effective, None), None, &told);
    };
    let mut record = ComparisonRecorder::of_files(options, Target::Exact(job.folder.join(outdir)))?;
    record.effective = effective;
    // What was judged is what is kept.
    let a = record.bundle.input_as(&job.a, &sha256_a)?;
    comparison.recorded.images = [a, record.bundle.input_as(&job.b, &sha256_b)?];
    comparison.recorded.mask = record.mask(&job.folder)?;
    finish(record, &title, &comparison)
}

fn with_verdict(mut summary: Map<String, Value>, comparison: &Comparison<'_>) -> Map<String, Value> {
    summary.insert("verdict".to_owned(), comparison.judgement.verdict.word().into());
    summary.insert("reason".to_owned(), comparison.judgement.reason.clone().into());
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
        judgement: Some(&comparison.judgement),
        place,
        summary,
    };
    match console::result(options, &result) {
        // Whoever closed the pipe has read enough.
        Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => {}
        other => other.map_err(SystemError::StandardOutput)?,
    }
    Ok(console::status(options, comparison.judgement.verdict.exit()))
}

/// Closes the evidence and prints the result; gives the exit code.
fn finish(record: ComparisonRecorder<'_>, title: &str, comparison: &Comparison<'_>) -> Result<Exit, Failure> {
    let (options, lines) = (record.options, record.lines.clone());
    let (effective, explanation) = (record.effective.clone(), record.explanation.clone());
    let made = record.close(title, Some(comparison), None)?;
    let told = (&effective, explanation.as_ref());
    print(options, &lines, comparison, told, Some(&made.place), &made.document)
}
