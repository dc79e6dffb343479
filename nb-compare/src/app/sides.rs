//! Running the sides of a job and recording what they did.
//!
//! Not here: comparing what they wrote (`render`).

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use nanobragg::image::float_raw;
use nanobragg::image::raster::Raster;
use serde_json::{Value, json};
use trace_harness::evidence::bundle::BundleError;
use trace_harness::evidence::bundle::environment::Binary;
use trace_harness::evidence::bundle::summary::{OutputFile, Status, Step, Tolerance};
use trace_harness::evidence::process::Runner;

use crate::app::cached::Asked;
use crate::app::console;
use crate::app::recorder::ComparisonRecorder;
use crate::app::request::{Job, Reference};
use crate::cache::Facts;
use crate::failure::Failure;
use crate::report;
use crate::runner::{self, Program, Side};

impl ComparisonRecorder<'_> {
    /// Runs the sides that are programs; gives why one did not deliver, if so.
    ///
    /// # Errors
    /// A file of the evidence cannot be written, or a recorded path is not allowed.
    pub fn render_both(
        &mut self,
        job: &Job,
        runner: &dyn Runner,
        folder: &Path,
    ) -> Result<Option<String>, Failure> {
        let reference = match &job.reference {
            Reference::Program(program) => Some(program),
            Reference::File(path, image) => {
                self.bundle.input(path)?;
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
        Ok(self.bundle.staging().write(&Side::Reference.float_image(), bytes)?)
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
            runner::prepare(&job.args, &job.folder, &self.bundle.folder().join(side.float_image()));
        self.take_inputs(&prepared, job, folder)?;
        let binary = self.bundle.program(&program.path)?;
        let mut step = self.step(side, program, &prepared.args)?;
        self.extra.insert("args".to_owned(), self.shared_arguments(job)?);
        if skip {
            self.bundle.step(step);
            return Ok(None);
        }
        let limit = job.time_limit.map(Duration::from_secs_f64);
        step.time_limit_s = job.time_limit;
        let asked = self.ask(side, program, &binary.sha256, &prepared, folder);
        if let Some(facts) = asked.as_ref().and_then(|asked| self.taken(asked)) {
            self.told_from_cache(side, &facts, &mut step, binary)?;
            self.bundle.step(step);
            return Ok(None);
        }
        let evidence = self.bundle.folder().to_owned();
        let ran = console::while_running(self.options, &format!("{} is rendering", side.label()), || {
            runner::run(runner, side, program, &prepared.args, folder, &evidence, limit)
        });
        let failure = match ran {
            Ok(finished) => self.ran(side, finished, &mut step, binary, asked, folder)?,
            Err(e) => {
                step.status = Status::NotStarted { reason: self.bundle.record(&e.to_string())? };
                Some(e.to_string())
            }
        };
        self.bundle.step(step);
        Ok(failure)
    }

    /// Records a run, and keeps it in the cache if it delivered; gives why it did not, if so.
    fn ran(
        &mut self,
        side: Side,
        finished: runner::Finished,
        step: &mut Step,
        binary: Binary,
        asked: Option<Asked>,
        folder: &Path,
    ) -> Result<Option<String>, Failure> {
        step.measured(&finished.measured);
        let wall_s = finished.measured.wall.as_secs_f64();
        self.measured(side, wall_s, binary)?;
        if let Some(asked) = asked.filter(|_| finished.failure.is_none()) {
            let recorded = step.start.clone().unwrap_or_default();
            self.keep(&asked, folder, &Facts { recorded, wall_s });
        }
        Ok(finished.failure)
    }

    /// Records a run that was taken from the cache: it took its time when it ran, and did not run now.
    fn told_from_cache(
        &mut self,
        side: Side,
        facts: &Facts,
        step: &mut Step,
        binary: Binary,
    ) -> Result<(), Failure> {
        let told = format!("from cache: run at {} in {:.3} s", facts.recorded, facts.wall_s);
        self.measured(side, facts.wall_s, binary)?;
        if let Some(line) = self.lines.last_mut() {
            *line += &format!(" ({told})");
        }
        step.status = Status::NotRun { reason: told };
        Ok(())
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
        for path in &job.beside {
            let to = folder.join(path.file_name().unwrap_or_default());
            let copied = std::fs::copy(path, to);
            copied.map_err(|e| Failure::Other(format!("`{}`: cannot be copied: {e}", path.display())))?;
            files.push(path.clone());
        }
        for path in files {
            self.bundle.input(&path)?;
        }
        Ok(())
    }

    fn step(&self, side: Side, program: &Program, args: &[OsString]) -> Result<Step, BundleError> {
        let words = std::iter::once(program.path.as_os_str())
            .chain(program.leading.iter().chain(args).map(OsString::as_os_str))
            .map(|word| self.bundle.record(&word.to_string_lossy()))
            .collect::<Result<Vec<String>, _>>()?;
        let name = format!("{}{}", self.case, side.prefix());
        let mut step = Step::planned(&name, words, &format!("{{tmp}}/{name}"), "the side before it failed");
        for (name, value) in side.exported() {
            step.exported.insert(name, self.bundle.record(&value.to_string_lossy())?);
        }
        step.logs = side.logs().map(|log| self.placed(&log)).to_vec();
        let path = self.placed(&side.float_image());
        step.outputs = vec![OutputFile { path, tolerance: Tolerance::Exact }];
        Ok(step)
    }

    /// The arguments as the user gave them, input files as tokens.
    fn shared_arguments(&self, job: &Job) -> Result<Value, BundleError> {
        let word = |arg: &OsString| {
            let file = job.folder.join(arg).canonicalize().ok().filter(|p| p.is_file());
            self.bundle.record(
                &file
                    .map_or_else(|| arg.to_string_lossy().into_owned(), |p| p.to_string_lossy().into_owned()),
            )
        };
        job.args.iter().map(|arg| word(arg).map(Value::from)).collect()
    }

    fn measured(&mut self, side: Side, seconds: f64, mut binary: Binary) -> Result<(), Failure> {
        let [stdout, _] = side.logs();
        if let Some(version) = runner::version_line(&self.bundle.folder().join(stdout)) {
            self.bundle.program_says(&binary.sha256, &version);
            binary.version = version;
        }
        let prefix = side.prefix();
        self.lines.push(report::runner_line(side.label(), seconds));
        self.extra.insert(format!("runtime_{prefix}_ms"), (seconds * 1000.0).into());
        let facts = json!({"name": binary.name, "sha256": binary.sha256, "version": binary.version});
        self.extra.insert(format!("binary_{prefix}"), facts);
        Ok(())
    }

    fn speedup(&mut self) {
        let time = |name: &str| self.extra.get(name).and_then(Value::as_f64);
        if let (Some(c), Some(py)) = (time("runtime_c_ms"), time("runtime_py_ms")) {
            self.extra.insert("speedup".to_owned(), (c / py).into());
        }
    }
}
