//! A bundle as it grows: inputs, programs, runs and results are entered one by one; then it is closed with a verdict.
//!
//! Not here: work of this very program (`own_step`), parts of a bundle (`part`), the files that every bundle has (`closing`).

mod part;

use std::collections::BTreeMap;
use std::error::Error;
use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use regex::Regex;

use crate::evidence::bundle::environment::{self, Binary};
use crate::evidence::bundle::inputs::{self, COPY_LIMIT, InputFile};
use crate::evidence::bundle::paths::{self, Paths, REDACTED};
use crate::evidence::bundle::staging::{Staging, Target};
use crate::evidence::bundle::summary::{OutputFile, Status, Step, Tolerance};
use crate::evidence::bundle::{BundleError, settle, stamp};
use crate::evidence::clock;
use crate::evidence::given;
use crate::evidence::process::{Invocation, Runner};

/// Where a bundle goes that is called by its time, and what its paths are seen from.
#[derive(Debug, Clone, Copy)]
pub struct BundlePlace<'a> {
    /// Folder that holds the topics; absolute.
    pub reports: &'a Path,
    /// Folder below it.
    pub topic: &'a str,
    /// Working folder; absolute.
    pub folder: &'a Path,
    /// Record paths under home folders as they are.
    pub keep_paths: bool,
}

/// A process to be run as a step: what the step says, with every path as it is on this machine.
#[derive(Debug, Clone)]
pub struct Child {
    /// The executable.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// Its working folder.
    pub folder: PathBuf,
    /// Variables set for it.
    pub exported: Vec<(String, OsString)>,
    /// File that it reads as its standard input; none reads nothing.
    pub stdin: Option<Arc<File>>,
}

/// A bundle in the making. Dropped before [`Recorder::finish`], it leaves nothing.
#[derive(Debug)]
pub struct Recorder {
    pub(in crate::evidence::bundle) staging: Staging,
    pub(in crate::evidence::bundle) paths: Paths,
    pub(in crate::evidence::bundle) inputs: Vec<InputFile>,
    pub(in crate::evidence::bundle) binaries: Vec<Binary>,
    /// Where each program lay that was used, and the digest that it had then.
    pub(in crate::evidence::bundle) programs: Vec<(PathBuf, Binary)>,
    pub(in crate::evidence::bundle) steps: Vec<Step>,
    pub(in crate::evidence::bundle) open_points: Vec<String>,
    pub(in crate::evidence::bundle) created: DateTime<Utc>,
    /// Results that no step has claimed yet.
    pub(in crate::evidence::bundle) results: Vec<OutputFile>,
    /// Variables that this program's own work depends on.
    pub(in crate::evidence::bundle) exported: BTreeMap<String, String>,
    /// Whether every file of it is placed by this program: what commands write is collected from elsewhere.
    pub(in crate::evidence::bundle) is_closed: bool,
    /// Bytes that a command may print into each of its two streams.
    pub(in crate::evidence::bundle) output_limit: Option<u64>,
    /// By how many patterns something was left out of what is run again.
    pub(in crate::evidence::bundle) left_out: usize,
}

impl Recorder {
    /// Begins a bundle that is to appear at `target`; `folder` is the working folder, which relative paths are seen from.
    ///
    /// # Errors
    /// As [`Staging::begin`].
    pub fn begin(target: Target, folder: &Path, keep_paths: bool) -> Result<Self, BundleError> {
        Self::begin_part(target, "{out}", folder, keep_paths)
    }

    /// Begins a bundle in the folder of its topic, called by the present time.
    ///
    /// # Errors
    /// As [`Staging::begin`].
    pub fn begin_in(place: BundlePlace<'_>) -> Result<Self, BundleError> {
        let target = place.reports.join(place.topic).join(stamp(clock::now()));
        Self::begin(Target::Numbered(target), place.folder, place.keep_paths)
    }

    /// Begins a part that another bundle will take in with [`Recorder::absorb`]; `token` is what its folder is recorded as.
    ///
    /// # Errors
    /// As [`Staging::begin`].
    pub fn begin_part(
        target: Target,
        token: &str,
        folder: &Path,
        keep_paths: bool,
    ) -> Result<Self, BundleError> {
        paths::recordable(folder)?;
        let staging = Staging::begin(target)?;
        let mut paths = Paths::new(keep_paths);
        paths.add(staging.folder(), token);
        paths.add(folder, "{work}");
        Ok(Self {
            staging,
            paths,
            inputs: Vec::new(),
            binaries: Vec::new(),
            programs: Vec::new(),
            steps: Vec::new(),
            open_points: Vec::new(),
            created: clock::now(),
            results: Vec::new(),
            exported: BTreeMap::new(),
            is_closed: false,
            output_limit: None,
            left_out: 0,
        })
    }

    /// The same, of which every file is placed by this program: what a command puts there is left out, and named among the open points.
    #[must_use]
    pub fn closed_to_commands(self) -> Self {
        Self { is_closed: true, ..self }
    }

    /// The folder to write into.
    pub fn staging(&self) -> &Staging {
        &self.staging
    }

    /// The full path of that folder.
    pub fn folder(&self) -> &Path {
        self.staging.folder()
    }

    /// Which paths become which tokens.
    pub fn paths(&self) -> &Paths {
        &self.paths
    }

    /// From now on `path`, and what lies below it, is recorded as `token`.
    pub fn name_path(&mut self, path: &Path, token: impl Into<String>) {
        self.paths.add(path, token);
    }

    /// `text` as it may stand in a bundle.
    ///
    /// # Errors
    /// See [`Paths::record`].
    pub fn record(&self, text: &str) -> Result<String, BundleError> {
        self.paths.record(text)
    }

    /// Refuses early what [`Recorder::finish`] would refuse late: a variable that names a path under a home folder, unless that is one of the
    /// `programs` or known by now. Hours of work are not to be lost for it.
    ///
    /// # Errors
    /// There is such a variable.
    pub fn check_variables<'a>(
        &self,
        programs: impl IntoIterator<Item = &'a PathBuf>,
    ) -> Result<(), BundleError> {
        let mut paths = self.paths.clone();
        for program in programs {
            paths.add(program, "{bin}");
            program.canonicalize().iter().for_each(|full| paths.add(full, "{bin}"));
        }
        environment::variables(&paths).map(|_| ())
    }

    /// Takes a file that is read, given by its absolute path; gives the token that recorded commands call it by.
    ///
    /// # Errors
    /// It cannot be read or copied.
    pub fn input(&mut self, path: &Path) -> Result<String, BundleError> {
        self.input_within(path, COPY_LIMIT)
    }

    /// As [`Recorder::input`], of a file whose content with the digest `judged` was judged already.
    ///
    /// # Errors
    /// As [`Recorder::input`]; it has other content by now.
    pub fn input_as(&mut self, path: &Path, judged: &str) -> Result<String, BundleError> {
        inputs::take(&self.staging, &mut self.paths, path, COPY_LIMIT, Some(judged), &mut self.inputs)
    }

    /// As [`Recorder::input`]; a file above `limit` bytes is recorded by its digest, and not copied.
    ///
    /// # Errors
    /// It cannot be read or copied.
    pub fn input_within(&mut self, path: &Path, limit: u64) -> Result<String, BundleError> {
        inputs::take(&self.staging, &mut self.paths, path, limit, None, &mut self.inputs)
    }

    /// Records a program that was used; its path is recorded as its token from now on.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn program(&mut self, path: &Path) -> Result<Binary, BundleError> {
        let binary = self.bare_program(path)?;
        self.paths.add(path, binary.token());
        Ok(binary)
    }

    /// Records a program that was called by its path; gives the word that recorded commands call it by. One that lies in the working folder, or
    /// in `own`, and is small enough to be copied is an input, so that a second run has it anywhere; any other is one of the machine.
    ///
    /// # Errors
    /// The file cannot be read or copied.
    pub fn program_by_path(
        &mut self,
        path: &Path,
        own: Option<&Path>,
    ) -> Result<(Binary, String), BundleError> {
        let is_below = |folder: &Path| folder.canonicalize().is_ok_and(|folder| path.starts_with(folder));
        let is_own = self.paths.path_of("{work}").into_iter().chain(own).any(is_below);
        if is_own && path.metadata().is_ok_and(|file| file.len() <= COPY_LIMIT) {
            let binary = self.bare_program(path)?;
            return Ok((binary, self.input(path)?));
        }
        let binary = self.program(path)?;
        let token = binary.token();
        Ok((binary, token))
    }

    /// Records a program that commands call by its bare name, as a shell finds it.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn bare_program(&mut self, path: &Path) -> Result<Binary, BundleError> {
        let binary = environment::binary(path, None)?;
        if !self.programs.iter().any(|(known, then)| known == path && then.sha256 == binary.sha256) {
            self.programs.push((path.to_owned(), binary.clone()));
        }
        let known = |b: &&Binary| (&b.sha256, &b.name) == (&binary.sha256, &binary.name);
        if let Some(known) = self.binaries.iter().find(known) {
            return Ok(known.clone());
        }
        self.binaries.push(binary.clone());
        Ok(binary)
    }

    /// Enters what `program` says its version is: one more entry where it said otherwise before, as an interpreter does of two scripts. Two
    /// programs of the same content under two names are two.
    pub fn program_says(&mut self, program: &Binary, version: &str) {
        let is_it = |b: &&mut Binary| (&b.name, &b.sha256) == (&program.name, &program.sha256);
        let mut known = self.binaries.iter_mut().filter(is_it).peekable();
        if known.peek().is_none() {
            return;
        }
        let says_so =
            |binary: &&mut Binary| binary.version == version || binary.version.starts_with("absent:");
        match known.find(says_so) {
            Some(binary) => version.clone_into(&mut binary.version),
            None => self.binaries.push(Binary { version: version.to_owned(), ..program.clone() }),
        }
    }

    /// Records a variable that this program's own work depends on; the next [`Recorder::own_step`] has it.
    ///
    /// # Errors
    /// See [`Paths::record`].
    pub fn export(&mut self, name: &str, value: &str) -> Result<(), BundleError> {
        let value = self.paths.record(value)?;
        self.exported.insert(name.to_owned(), value);
        Ok(())
    }

    /// Writes a result, which is to be the same bytes in a second run.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn result(&mut self, path: &str, content: impl AsRef<[u8]>) -> Result<(), BundleError> {
        self.result_within(path, content, Tolerance::Exact)
    }

    /// As [`Recorder::result`], with what is asked of it in a second run.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn result_within(
        &mut self,
        path: &str,
        content: impl AsRef<[u8]>,
        tolerance: Tolerance,
    ) -> Result<(), BundleError> {
        self.staging.write(path, content)?;
        self.results.push(OutputFile { path: path.to_owned(), tolerance });
        Ok(())
    }

    /// Notes something that was left open.
    ///
    /// # Errors
    /// See [`Paths::record`].
    pub fn open_point(&mut self, text: &str) -> Result<(), BundleError> {
        self.open_points.push(self.paths.record(text)?);
        Ok(())
    }

    /// Runs a planned step, with its two logs in the bundle: `logs/NAME.stdout.txt` and `logs/NAME.stderr.txt` unless it names
    /// others. A process that cannot be started is evidence, not an error. What it leaves that no bundle can hold is left out and named
    /// among the open points.
    ///
    /// # Errors
    /// A log cannot be placed, or the time limit is no time.
    pub fn run(&mut self, step: &mut Step, child: Child, runner: &dyn Runner) -> Result<(), BundleError> {
        if step.logs.is_empty() {
            step.logs = logs_of(&step.name).to_vec();
        }
        let unfit =
            |problem: &str| BundleError::Unfit { path: (&*step.name).into(), problem: problem.into() };
        let [stdout, stderr] = step.logs.as_slice() else {
            return Err(unfit("has not two logs; expected standard output and standard error"));
        };
        let time_limit = step.time_limit_s.map(Duration::try_from_secs_f64).transpose();
        let invocation = Invocation {
            stdin: child.stdin,
            program: child.program,
            args: child.args,
            folder: child.folder,
            exported: child.exported,
            stdout: self.staging.place(stdout)?,
            stderr: self.staging.place(stderr)?,
            time_limit: time_limit.map_err(|_| unfit("has a time limit that is no time in seconds"))?,
        };
        match runner.run(&invocation) {
            Ok(measured) => step.measured(&measured),
            Err(e) => {
                // Where the program's path may not stand in a bundle, the reason alone does: it is no reason to lose the bundle.
                let alone = e.source().map_or_else(String::new, ToString::to_string);
                step.status =
                    Status::NotStarted { reason: self.paths.record(&e.to_string()).unwrap_or(alone) };
            }
        }
        self.open_points.extend(settle::settle(self.staging.folder())?);
        for log in &step.logs {
            self.redact(log)?;
        }
        Ok(())
    }

    /// Leaves out of a log what is not to be recorded.
    fn redact(&self, log: &str) -> Result<(), BundleError> {
        let path = self.staging.place(log)?;
        let (patterns, wanted) = (self.paths.redacted(), self.left_out);
        if patterns.is_empty() && wanted == 0 || !path.is_file() {
            return Ok(());
        }
        if patterns.is_empty() {
            // Nobody knows what of it is to be left out.
            return std::fs::write(&path, REDACTED).map_err(BundleError::io(&path, "cannot be written"));
        }
        let mut text = given::bytes(&path).map_err(BundleError::io(&path, "cannot be read"))?;
        for pattern in patterns {
            // Bytes, because a log need not be UTF-8.
            let pattern = regex::bytes::Regex::new(pattern.as_str());
            let pattern =
                pattern.map_err(|e| BundleError::Unfit { path: path.clone(), problem: e.to_string() })?;
            text = pattern.replace_all(&text, REDACTED.as_bytes()).into_owned();
        }
        std::fs::write(&path, text).map_err(BundleError::io(&path, "cannot be written"))
    }

    /// From now on what matches `pattern` is left out of texts and logs. Inputs and results are kept as they are.
    pub fn leave_out(&mut self, pattern: Regex) {
        self.paths.redact(pattern);
    }

    /// Something was left out by so many patterns of what is run again: without a pattern, nothing of what a command prints is kept.
    pub fn left_out_before(&mut self, patterns: usize) {
        self.left_out = patterns;
    }

    /// Enters how many bytes a command may print into each of its two streams, which the runner holds it to.
    pub fn limit_output(&mut self, bytes: Option<u64>) {
        self.output_limit = bytes;
    }

    /// Which inputs are no longer what was taken, one sentence each.
    pub fn changed_inputs(&self) -> Vec<String> {
        inputs::changed(&self.paths, &self.inputs)
    }

    /// Which programs are no longer what was used, one sentence each.
    pub fn changed_programs(&self) -> Vec<String> {
        environment::changed(&self.programs)
    }

    /// The steps so far.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Enters a step.
    pub fn step(&mut self, step: Step) {
        self.steps.push(step);
    }

    /// The results of the steps are not kept: a second run has nothing to compare with.
    pub fn forget_outputs(&mut self) {
        for step in &mut self.steps {
            step.outputs.clear();
            step.collected.clear();
        }
    }
}

/// Where the two logs of a step lie.
pub fn logs_of(name: &str) -> [String; 2] {
    ["stdout", "stderr"].map(|stream| format!("logs/{name}.{stream}.txt"))
}
