//! Doing a job: run what has to run, compare, write the evidence, print the result.
//!
//! Not here: what is printed and what the files hold (`tell`, `report`).

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use nanobragg::image::float_raw;
use nanobragg::image::raster::Raster;
use serde_json::{Map, Value, json};
use trace_harness::bundle::BundleError;
use trace_harness::bundle::environment::{self, Binary};
use trace_harness::bundle::inputs::{self, COPY_LIMIT};
use trace_harness::bundle::staging::{Staging, Target};
use trace_harness::bundle::summary::{OutputFile, Status, Step, Tolerance};
use trace_harness::command::Runner;

use super::job::{Files, Job, Reference};
use super::recorder::Recorder;
use super::tell;
use crate::compare::{Comparison, compare};
use crate::failure::{Failure, exit};
use crate::image_file;
use crate::options::Options;
use crate::report;
use crate::runner::{self, Program, Side};
use crate::shape::from_companion;
use crate::verdict::Outcome;

/// Runs both sides and compares their images; gives the exit code.
///
/// # Errors
/// The job cannot be done, or its evidence cannot be written. A runner that fails leaves evidence, and is then an error.
pub fn run(job: &Job, options: &Options, runner: &dyn Runner) -> Result<u8, Failure> {
    let mut record = Recorder::begin(job, options)?;
    let temporary = tempfile::tempdir().map_err(|e| Failure::Other(format!("no temporary folder: {e}")))?;
    let folder =
        temporary.path().canonicalize().map_err(|e| Failure::Other(format!("no temporary folder: {e}")))?;
    record.paths.add(&folder, "{tmp}");
    if let Some(why) = record.render_both(job, runner, &folder)? {
        return Err(give_up(record, job, Failure::Runner(why)));
    }
    let images = match images(&record.staging, job, &folder) {
        Ok(images) => images,
        Err(failure) => return Err(give_up(record, job, failure)),
    };
    let a = match (&job.reference, &images.0) {
        (Reference::File(_, image) | Reference::Stored(_, image), _) | (_, Some(image)) => image,
        (Reference::Program(_), None) => return Err(Failure::Other("the reference has no image".to_owned())),
    };
    match tell::while_running(options, "comparing", || compare(a, &images.1, &job.settings)) {
        Ok(comparison) => finish(record, &job.title, &comparison),
        Err(misfit) => Err(give_up(record, job, misfit.into())),
    }
}

/// The images that were rendered: that of the reference where it is a program, and that of the candidate.
fn images(
    staging: &Staging,
    job: &Job,
    folder: &Path,
) -> Result<(Option<Raster<f32>>, Raster<f32>), Failure> {
    let reference = match &job.reference {
        Reference::Program(_) => Some(read_rendered(staging, Side::Reference, job, folder)?),
        Reference::File(..) | Reference::Stored(..) => None,
    };
    Ok((reference, read_rendered(staging, Side::Candidate, job, folder)?))
}

/// A job that cannot be brought to a comparison leaves its evidence all the same: what ran, what it said, and why it failed.
fn give_up(record: Recorder<'_>, job: &Job, failure: Failure) -> Failure {
    let quiet = record.options.quiet;
    match record.close(&job.title, None, &failure.to_string()) {
        Ok((place, _)) => {
            tell::place_of_failure(&place, quiet);
            failure
        }
        Err(refused) => refused,
    }
}

/// Compares two files; gives the exit code. Evidence is written only where a folder is asked for.
///
/// # Errors
/// As [`run`].
pub fn files(job: &Files, options: &Options) -> Result<u8, Failure> {
    let comparison =
        tell::while_running(options, "comparing", || compare(&job.image_a, &job.image_b, &job.settings))?;
    let Some(outdir) = &options.outdir else {
        let summary = report::comparison(&comparison);
        return print(options, &[], &comparison, None, &with_verdict(summary, &comparison));
    };
    let mut record = Recorder::new(options, Target::Exact(outdir.clone()))?;
    for path in [&job.a, &job.b] {
        inputs::take(&record.staging, &mut record.paths, path, COPY_LIMIT, &mut record.inputs)?;
    }
    finish(record, "two image files", &comparison)
}

fn with_verdict(mut summary: Map<String, Value>, comparison: &Comparison<'_>) -> Map<String, Value> {
    summary.insert("verdict".to_owned(), comparison.verdict.outcome.word().into());
    summary.insert("reason".to_owned(), comparison.verdict.reason.clone().into());
    summary
}

fn exit_code(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Pass => exit::PASS,
        Outcome::Fail => exit::GATE,
        Outcome::Undecided => exit::INPUT,
    }
}

fn print(
    options: &Options,
    runners: &[String],
    comparison: &Comparison<'_>,
    place: Option<&Path>,
    summary: &Map<String, Value>,
) -> Result<u8, Failure> {
    let result = tell::Result {
        runners,
        metrics: Some(&comparison.metrics),
        verdict: Some(&comparison.verdict),
        place,
        summary,
    };
    match tell::result(options, &result) {
        // Whoever closed the pipe has read enough.
        Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => {}
        other => other.map_err(|e| Failure::Other(format!("standard output: {e}")))?,
    }
    Ok(exit_code(comparison.verdict.outcome))
}

fn read_rendered(staging: &Staging, side: Side, job: &Job, folder: &Path) -> Result<Raster<f32>, Failure> {
    let mut shapes = job.shapes.clone();
    // The integer image of the same run says its shape; it comes after the arguments and before a shape by hand.
    let header = from_companion(&folder.join(side.prefix()).join("intimage.img"));
    shapes.splice(shapes.len().min(1)..shapes.len().min(1), header);
    Ok(image_file::read(&staging.folder().join(side.float_image()), &shapes)?)
}

impl Recorder<'_> {
    /// Runs the sides that are programs; gives why one did not deliver, if so.
    fn render_both(
        &mut self,
        job: &Job,
        runner: &dyn Runner,
        folder: &Path,
    ) -> Result<Option<String>, Failure> {
        let reference = match &job.reference {
            Reference::Program(program) => Some(program),
            Reference::File(path, image) => {
                inputs::take(&self.staging, &mut self.paths, path, COPY_LIMIT, &mut self.inputs)?;
                self.stored(
                    &format!("image {}", path.file_name().unwrap_or_default().to_string_lossy()),
                    image,
                )?;
                None
            }
            Reference::Stored(name, image) => {
                self.stored(name, image)?;
                None
            }
        };
        let sides = [reference.map(|p| (Side::Reference, p)), Some((Side::Candidate, &job.candidate))];
        let mut failed: Option<String> = None;
        for (side, program) in sides.into_iter().flatten() {
            let why =
                self.render(side, program, job, runner, &folder.join(side.prefix()), failed.is_some())?;
            failed = failed.or(why);
        }
        self.speedup();
        Ok(failed)
    }

    /// An image that stands in for the reference.
    fn stored(&mut self, name: &str, image: &Raster<f32>) -> Result<(), Failure> {
        self.lines.push(format!("C: {name} (not run)"));
        self.extra.insert("reference".to_owned(), name.into());
        let mut bytes = Vec::with_capacity(image.data.len() * 4);
        float_raw::write(&mut bytes, image).map_err(|e| Failure::Other(e.to_string()))?;
        Ok(self.staging.write(&Side::Reference.float_image(), bytes)?)
    }

    /// Runs one side, or records that it was not run because the other one failed.
    fn render(
        &mut self,
        side: Side,
        program: &Program,
        job: &Job,
        runner: &dyn Runner,
        folder: &Path,
        skip: bool,
    ) -> Result<Option<String>, Failure> {
        std::fs::create_dir_all(folder).map_err(|e| Failure::Other(format!("no temporary folder: {e}")))?;
        let prepared =
            runner::prepare(&job.args, &job.folder, &self.staging.folder().join(side.float_image()));
        self.take_inputs(&prepared, job, folder)?;
        let binary = environment::binary(&program.path, None)?;
        self.paths.add(&program.path, format!("{{bin:{}/{}}}", &binary.sha256[..12], binary.name));
        let mut step = self.step(side, program, &prepared.args)?;
        self.extra.insert("args".to_owned(), self.shared_arguments(job)?);
        if skip {
            self.steps.push(step);
            return Ok(None);
        }
        let limit = job.time_limit.map(Duration::from_secs_f64);
        step.time_limit_s = job.time_limit;
        let evidence = self.staging.folder().to_owned();
        let finished = tell::while_running(self.options, &format!("{} is rendering", side.label()), || {
            runner::run(runner, side, program, &prepared.args, folder, &evidence, limit)
        });
        let failure = match finished {
            Ok(finished) => {
                step.measured(&finished.measured);
                self.measured(side, finished.measured.wall.as_secs_f64(), binary)?;
                finished.failure
            }
            Err(e) => {
                step.status = Status::NotStarted { reason: self.paths.record(&e.to_string())? };
                Some(e.to_string())
            }
        };
        self.steps.push(step);
        Ok(failure)
    }

    fn take_inputs(&mut self, prepared: &runner::Prepared, job: &Job, folder: &Path) -> Result<(), Failure> {
        let mut files = prepared.inputs.clone();
        // Without a list of reflections, the simulators read this file from their working folder.
        let cache = job.folder.join("Fdump.bin");
        if prepared.reads_cache && cache.is_file() {
            let copied = std::fs::copy(&cache, folder.join("Fdump.bin"));
            copied.map_err(|e| Failure::Other(format!("`{}`: cannot be copied: {e}", cache.display())))?;
            files.push(cache);
        }
        for path in files {
            inputs::take(&self.staging, &mut self.paths, &path, COPY_LIMIT, &mut self.inputs)?;
        }
        Ok(())
    }

    fn step(&self, side: Side, program: &Program, args: &[OsString]) -> Result<Step, BundleError> {
        let words = std::iter::once(program.path.as_os_str())
            .chain(program.leading.iter().chain(args).map(OsString::as_os_str))
            .map(|word| self.paths.record(&word.to_string_lossy()))
            .collect::<Result<Vec<String>, _>>()?;
        let mut step = Step::planned(side.prefix(), words, "{tmp}", "the side before it failed");
        step.folder = format!("{{tmp}}/{}", side.prefix());
        step.logs = side.logs().to_vec();
        step.outputs = vec![OutputFile { path: side.float_image(), tolerance: Tolerance::Exact }];
        Ok(step)
    }

    /// The arguments as the user gave them, input files as tokens.
    fn shared_arguments(&self, job: &Job) -> Result<Value, BundleError> {
        let word = |arg: &OsString| {
            let file = job.folder.join(arg).canonicalize().ok().filter(|p| p.is_file());
            self.paths.record(
                &file
                    .map_or_else(|| arg.to_string_lossy().into_owned(), |p| p.to_string_lossy().into_owned()),
            )
        };
        job.args.iter().map(|arg| word(arg).map(Value::from)).collect()
    }

    fn measured(&mut self, side: Side, seconds: f64, mut binary: Binary) -> Result<(), Failure> {
        let [stdout, _] = side.logs();
        if let Some(version) = runner::version_line(&self.staging.folder().join(stdout)) {
            binary.version = version;
        }
        let prefix = side.prefix();
        self.lines.push(report::runner_line(side.label(), seconds));
        self.extra.insert(format!("runtime_{prefix}_ms"), (seconds * 1000.0).into());
        let facts = json!({"name": binary.name, "sha256": binary.sha256, "version": binary.version});
        self.extra.insert(format!("binary_{prefix}"), facts);
        self.binaries.push(binary);
        Ok(())
    }

    fn speedup(&mut self) {
        let time = |name: &str| self.extra.get(name).and_then(Value::as_f64);
        if let (Some(c), Some(py)) = (time("runtime_c_ms"), time("runtime_py_ms")) {
            self.extra.insert("speedup".to_owned(), (c / py).into());
        }
    }
}

/// Closes the evidence and prints the result; gives the exit code.
fn finish(record: Recorder<'_>, title: &str, comparison: &Comparison<'_>) -> Result<u8, Failure> {
    let (options, lines) = (record.options, record.lines.clone());
    let (place, summary) = record.close(title, Some(comparison), "")?;
    print(options, &lines, comparison, Some(&place), &summary)
}
