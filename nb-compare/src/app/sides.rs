//! Running the sides of a job and recording what they did.
//!
//! Not here: comparing what they wrote (`render`).

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use nanobragg::error::{InputError, OutputError, UsageError};
use nanobragg::image::{float_raw, npy};
use serde_json::{Value, json};
use trace_harness::cases::CannotRun;
use trace_harness::evidence::bundle::BundleError;
use trace_harness::evidence::bundle::digest;
use trace_harness::evidence::bundle::environment::Binary;
use trace_harness::evidence::bundle::reading::regular;
use trace_harness::evidence::bundle::summary::{OutputFile, Status, Step, Tolerance};
use trace_harness::evidence::failure::{Failure, SystemError};
use trace_harness::evidence::process::Runner;

use crate::app::cached::{header_of, smv_of};
use crate::app::console;
use crate::app::delivered::Delivered;
use crate::app::recorder::ComparisonRecorder;
use crate::app::request::{CacheRequest, ImageJob, Reference, RunToKeep};
use crate::built_in::{self, Prepared};
use crate::cache::KeptRun;
use crate::effective::Stated;
use crate::image::pixels::Pixels;
use crate::report;
use crate::runner::{self, Program, Side, SideError, SideFolder, read_own};

/// What came of one side.
enum Came {
    /// Its files.
    Delivered(Box<Delivered>),
    /// Nothing, because of this.
    Failed(SideError),
    /// It was not run, because the other one failed.
    Skipped,
}

/// A side to run.
struct Turn<'a> {
    side: Side,
    program: &'a Program,
    job: &'a ImageJob,
    runner: &'a dyn Runner,
    folder: SideFolder,
}

/// That a program no longer has the content with this digest.
fn program_changed(program: &Program, sha256: &str) -> Option<SideError> {
    let now = match digest::of_file(&program.path) {
        Ok((now, _)) if now == sha256 => return None,
        Ok((now, _)) => now,
        Err(e) => format!("unreadable ({e})"),
    };
    Some(SideError::ProgramChanged { program: program.path.clone(), before: sha256.to_owned(), now })
}

impl ComparisonRecorder<'_> {
    /// Runs the sides that are programs; gives what they delivered, A (where it ran) before B. Evidence of A is written only
    /// after B has ended.
    ///
    /// # Errors
    /// A side did not deliver, a file of the evidence cannot be written, or a recorded path is not allowed.
    pub(super) fn render_both(
        &mut self,
        job: &ImageJob,
        runner: &dyn Runner,
    ) -> Result<(Option<Delivered>, Delivered), Failure> {
        let reference = match &job.reference {
            Reference::Program(program) => Some(&program.path),
            Reference::File(..) | Reference::Stored(..) => None,
        };
        self.bundle.check_variables([&job.candidate.path].into_iter().chain(reference))?;
        let given = self.before_the_candidate(job)?;
        let (reference, asked) = match &job.reference {
            Reference::Program(program) => {
                let (came, asked) = self.render(Side::Reference, program, job, runner, false)?;
                (Some(came), asked)
            }
            Reference::File(..) | Reference::Stored(..) => (None, None),
        };
        let skip = matches!(reference, Some(Came::Failed(_)));
        let candidate = self.candidate(job);
        let (candidate, _) = self.render(Side::Candidate, &candidate, job, runner, skip)?;
        self.speedup();
        self.after_the_candidate(job, given.as_deref())?;
        let mut failed = None;
        let mut sides = [None, None];
        for (index, (side, came)) in
            [(Side::Reference, reference), (Side::Candidate, Some(candidate))].into_iter().enumerate()
        {
            match came {
                Some(Came::Delivered(delivered)) => sides[index] = Some((side, *delivered)),
                Some(Came::Failed(why)) => failed = failed.or(Some(why)),
                Some(Came::Skipped) | None => {}
            }
        }
        for (side, delivered) in sides.iter().flatten() {
            self.unseen.put(&side.float_image(), &*delivered.bytes)?;
        }
        let [reference, candidate] = sides.map(|side| side.map(|(_, delivered)| delivered));
        if let (Some(asked), Some(reference)) = (asked, &reference) {
            self.to_keep = Some(RunToKeep { asked, header: reference.header.clone() });
        }
        match (failed, candidate) {
            (None, Some(candidate)) => Ok((reference, candidate)),
            (why, _) => Err(why.unwrap_or(SideError::NotRun(Side::Candidate)).into()),
        }
    }

    /// The candidate as it is called once the reference has said which program it is.
    fn candidate(&mut self, job: &ImageJob) -> Program {
        let [stdout, _] = Side::Reference.logs();
        self.dialect = self.unseen.reader(&stdout).and_then(built_in::printed::dialect);
        let called = job.candidate_as(self.dialect);
        if let Some(dialect) = self.dialect {
            let said = built_in::dialect::said(dialect, called != job.candidate);
            self.lines.push(format!("{}: {said}", Side::Reference.label()));
        }
        called
    }

    /// The digest of a file that stands in for the reference, before anybody can change it.
    fn before_the_candidate(&mut self, job: &ImageJob) -> Result<Option<String>, Failure> {
        let (name, sha256) = match &job.reference {
            Reference::Program(_) => return Ok(None),
            Reference::File(path, _) => {
                let unreadable = |e| InputError::io(path, "an image", &e);
                let (sha256, _) = digest::of_file(path).map_err(unreadable)?;
                let name = format!("image {}", path.file_name().unwrap_or_default().to_string_lossy());
                (name, Some(sha256))
            }
            Reference::Stored(name, _) => (name.clone(), None),
        };
        self.lines.push(format!("{}: {name} (not run)", Side::Reference.label()));
        self.extra.insert("reference".to_owned(), name.into());
        Ok(sha256)
    }

    /// The image that stands in for the reference becomes part of the evidence. A file that is no longer what was read is
    /// refused.
    fn after_the_candidate(&mut self, job: &ImageJob, sha256: Option<&str>) -> Result<(), Failure> {
        let image = match &job.reference {
            Reference::Program(_) => return Ok(()),
            Reference::File(path, image) => {
                self.bundle.input(path)?;
                let now = digest::of_file(path).map(|(now, _)| now);
                if now.ok().as_deref() != sha256 {
                    return Err(SideError::ReferenceChanged(path.clone()).into());
                }
                image
            }
            Reference::Stored(_, image) => image,
        };
        let mut bytes = Vec::new();
        match &image.pixels {
            Pixels::Single(image) => float_raw::write(&mut bytes, image),
            // Bare floats would not hold what was compared; readers know an array by its content.
            Pixels::Double(image) => npy::write(&mut bytes, image),
        }
        .map_err(|source| OutputError { path: Side::Reference.float_image().into(), source })?;
        Ok(self.unseen.put(&Side::Reference.float_image(), &*bytes)?)
    }

    /// Runs one side, or records that it was not run because the other one failed. Its folder is gone when this returns.
    fn render(
        &mut self,
        side: Side,
        program: &Program,
        job: &ImageJob,
        runner: &dyn Runner,
        skip: bool,
    ) -> Result<(Came, Option<CacheRequest>), Failure> {
        let folder = SideFolder::make().map_err(SystemError::TemporaryFolder)?;
        let prepared = built_in::prepare(&job.args, &job.folder, &folder.float_image());
        if let Some(stream) = &prepared.stream {
            let problem = format!("`{}` is a pipe or a device, which can be read but once", stream.display());
            return Err(
                UsageError::new(problem, "files, which every program and every later run can read").into()
            );
        }
        self.bundle.name_path(&folder.work(), format!("{{tmp}}/{}{}", self.case, side.prefix()));
        // Whoever runs the commands of the evidence again wants the image among it.
        self.bundle.name_path(&folder.float_image(), format!("{{out}}/{}", self.placed(&side.float_image())));
        self.take_inputs(&prepared, job, &folder.work())?;
        let binary = self.program(program)?;
        let mut step = self.step(side, program, &prepared.args)?;
        self.extra.insert("args".to_owned(), self.shared_arguments(job)?);
        if skip {
            self.bundle.step(step);
            return Ok((Came::Skipped, None));
        }
        step.time_limit_s = job.time_limit;
        if let Some(changed) = program_changed(program, program.sha256.as_ref().unwrap_or(&binary.sha256)) {
            step.status = Status::NotStarted { reason: self.bundle.record(&changed.to_string())? };
            self.bundle.step(step);
            return Ok((Came::Failed(changed), None));
        }
        let mut asked = self.ask(side, program, &binary.sha256, &prepared, &folder);
        let turn = Turn { side, program, job, runner, folder };
        let came = match asked.as_mut().and_then(|asked| self.taken(asked)) {
            Some(facts) => {
                let came = self.delivered(&turn)?;
                self.told_from_cache(side, &facts, &mut step, binary)?;
                came
            }
            None => self.run(&turn, &prepared.args, &mut step, binary, asked.as_mut())?,
        };
        self.bundle.step(step);
        Ok((came, asked))
    }

    /// Runs a program.
    fn run(
        &mut self,
        turn: &Turn<'_>,
        args: &[OsString],
        step: &mut Step,
        binary: Binary,
        asked: Option<&mut CacheRequest>,
    ) -> Result<Came, Failure> {
        let limit = turn.job.time_limit.map(Duration::from_secs_f64);
        let ran =
            console::while_running(self.options, &format!("{} is rendering", turn.side.label()), || {
                runner::run(turn.runner, turn.side, turn.program, args, &turn.folder, limit)
            });
        let finished = match ran {
            Ok(finished) => finished,
            Err(e) => {
                step.status = Status::NotStarted { reason: self.bundle.record(&e.to_string())? };
                return Ok(Came::Failed(e.into()));
            }
        };
        let came = self.delivered(turn)?;
        step.measured(&finished.measured);
        let wall_s = finished.measured.wall.as_secs_f64();
        let sha256 = binary.sha256.clone();
        self.measured(turn.side, wall_s, binary)?;
        if let Some(asked) = asked {
            asked.facts = KeptRun { recorded: step.start.clone().unwrap_or_default(), wall_s };
        }
        let came = finished.failure.map_or(came, Came::Failed);
        // The digest in the evidence is that of what ran.
        let came = program_changed(turn.program, &sha256).map_or(came, Came::Failed);
        if let (Came::Failed(_), true, Some(image)) = (&came, step.succeeded(), step.outputs.first()) {
            // It ended well and left no image of its own, which its end alone would not say.
            step.status = Status::NoOutput { path: image.path.clone(), code: step.expect };
        }
        Ok(came)
    }

    /// Takes what a side left out of its folder, so that no program finds it.
    fn delivered(&mut self, turn: &Turn<'_>) -> Result<Came, Failure> {
        for (from, name) in turn.folder.logs().iter().zip(turn.side.logs()) {
            self.unseen.take(&name, from)?;
        }
        let image = turn.folder.float_image();
        let bytes = match read_own(&image) {
            Ok(bytes) => bytes,
            Err(source) => {
                let program = turn.program.path.clone();
                return Ok(Came::Failed(SideError::Image { side: turn.side, program, source }));
            }
        };
        let [console, _] = turn.side.logs();
        let header = smv_of(&turn.folder.work());
        let program = [turn.program.path.clone().into_os_string()];
        let words = [program.as_slice(), &turn.program.leading, &turn.job.args].concat();
        let opened = header.as_deref().and_then(|path| regular::open(path).ok());
        let stated = Stated::of_files(self.unseen.reader(&console), opened).asked(built_in::asked(&words));
        let header = header.map(|path| header_of(&path)).unwrap_or_default();
        Ok(Came::Delivered(Box::new(Delivered { bytes, header, stated })))
    }

    /// Records a run that was taken from the cache: it took its time when it ran, and did not run now.
    fn told_from_cache(
        &mut self,
        side: Side,
        facts: &KeptRun,
        step: &mut Step,
        binary: Binary,
    ) -> Result<(), Failure> {
        let told = format!("from cache: run at {} in {:.3} s", facts.recorded, facts.wall_s);
        self.measured(side, facts.wall_s, binary)?;
        if let Some(line) = self.lines.last_mut() {
            *line += &format!(" ({told})");
        }
        step.status = Status::NotRun { reason: told };
        step.kept_from = Some(facts.recorded.clone());
        Ok(())
    }

    /// Takes a program into the evidence, and the files that its own words name.
    fn program(&mut self, program: &Program) -> Result<Binary, BundleError> {
        // A script is an argument of what runs it.
        for word in program.leading.iter().map(Path::new).filter(|word| word.is_absolute() && word.is_file())
        {
            self.bundle.input(word)?;
        }
        // A second run looks for this very executable beside its own.
        match built_in::own::program().is_ok_and(|own| own.path == program.path) {
            true => self.bundle.program(&program.path),
            false => Ok(self.bundle.program_by_path(&program.path, None)?.0),
        }
    }

    fn take_inputs(&mut self, prepared: &Prepared, job: &ImageJob, folder: &Path) -> Result<(), Failure> {
        let mut files = prepared.inputs.clone();
        for path in prepared.beside.iter().chain(&job.beside) {
            let to = folder.join(path.file_name().unwrap_or_default());
            let copied = regular::copy(path, &to);
            copied.map_err(|source| CannotRun::Io { path: path.clone(), doing: "copied", source })?;
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
        for (name, value) in side.rules().exported() {
            step.exported.insert(name, self.bundle.record(&value.to_string_lossy())?);
        }
        step.logs = side.logs().map(|log| self.placed(&log)).to_vec();
        let path = self.placed(&side.float_image());
        step.outputs = vec![OutputFile { path, tolerance: Tolerance::Exact }];
        Ok(step)
    }

    /// The arguments as the user gave them, input files as tokens.
    fn shared_arguments(&self, job: &ImageJob) -> Result<Value, BundleError> {
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
        if let Some(version) = self.unseen.reader(&stdout).and_then(runner::version_line) {
            self.bundle.program_says(&binary, &version);
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
        if let (Some(reference), Some(candidate)) =
            (time("runtime_reference_ms"), time("runtime_candidate_ms"))
        {
            self.extra.insert("speedup".to_owned(), (reference / candidate).into());
        }
    }
}
