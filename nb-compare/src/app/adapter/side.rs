//! One run of a side of an adapter: in a private folder, recorded as a step, its outputs taken into memory.
//!
//! Not here: which runs there are (`run`, `noise`), what becomes of the outputs (`adapter`).

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use nanobragg::error::{InputError, UsageError};
use trace_harness::evidence::bundle::BundleError;
use trace_harness::evidence::bundle::environment::Binary;
use trace_harness::evidence::bundle::reading::regular;
use trace_harness::evidence::bundle::recorder::Recorder;
use trace_harness::evidence::bundle::summary::{OutputFile, Status, Step, Tolerance};
use trace_harness::evidence::failure::{Failure, SystemError};
use trace_harness::evidence::process::{Invocation, Runner};
use trace_harness::simulator::{how_it_failed, last_words};

use crate::adapter::words::{Filling, Placeholder};
use crate::adapter::{self, Adapter, AdapterError, From, Output, ParameterSource};
use crate::app::guarded::Guarded;
use crate::runner::{Program, SideFolder, read_own, read_own_below, version_line};

/// A side that is ready to run.
#[derive(Clone)]
pub(super) struct Ready<'a> {
    pub(super) rules: &'a adapter::SideRules,
    pub(super) program: Program,
    /// Whether the program lies beside the adapter, so that it becomes an input of the bundle.
    pub(super) is_local: bool,
    /// The words of its command behind the program, but for the placeholders.
    words: Vec<Word>,
    pub(super) exported: Vec<(String, OsString)>,
    /// What the chosen variants add.
    more: Vec<OsString>,
    /// What it reads as its standard input.
    stdin: Option<PathBuf>,
}

/// A word of a command.
#[derive(Clone)]
enum Word {
    /// A file beside the adapter.
    File(PathBuf),
    /// Anything else: its place among the words of the adapter's command.
    At(usize),
}

/// What tells one run of a side from another.
pub(super) struct Run<'r> {
    /// The name of its step, and of its folder.
    pub(super) name: &'r str,
    /// Names of its standard output and standard error in the evidence.
    pub(super) logs: [String; 2],
    /// The folder of the evidence that its outputs go to.
    pub(super) outputs: String,
    /// The arguments.
    pub(super) args: &'r [OsString],
    /// Files that others stand in for, by their paths.
    pub(super) instead: &'r BTreeMap<PathBuf, PathBuf>,
    /// Seconds after which it is ended.
    pub(super) time_limit: Option<f64>,
    /// Why it is not run, where it is not.
    pub(super) not_run: Option<&'static str>,
}

impl Run<'_> {
    /// Where the evidence has an output of it.
    pub(super) fn stored(&self, output: &Output) -> String {
        format!("{}/{}{}", self.outputs, output.name, output.kind.suffix())
    }

    fn instead<'p>(&'p self, path: &'p Path) -> &'p Path {
        self.instead.get(path).map_or(path, PathBuf::as_path)
    }
}

/// The evidence that runs go into.
pub(super) struct Evidence<'e> {
    pub(super) bundle: &'e mut Recorder,
    pub(super) guarded: &'e mut Guarded,
}

/// What came of a run.
pub(super) struct Ran {
    /// The executable.
    pub(super) binary: Binary,
    /// The first line of its version.
    pub(super) version: String,
    /// Seconds, where it ran.
    pub(super) wall_s: Option<f64>,
    /// What it left.
    pub(super) delivered: Result<SideOutputs, AdapterError>,
}

/// What a side delivered, in memory where no program can change it.
pub(super) struct SideOutputs {
    pub(super) outputs: Vec<Vec<u8>>,
    /// The text that says what the side computes with.
    pub(super) said: Vec<u8>,
}

/// Makes the side with these `rules` ready; `place` is the folder of the adapter, `more` what variants add to the arguments.
pub(super) fn ready<'a>(
    rules: &'a adapter::SideRules,
    more: Vec<OsString>,
    args: &[OsString],
    place: &Path,
) -> Result<Ready<'a>, Failure> {
    let [program, words @ ..] = rules.command.as_slice() else {
        return Err(UsageError::new("a command without a program", "one").into());
    };
    let name = program.literal().unwrap_or_default();
    let named = rules.program_of_environment();
    let is_local = named.is_none() && name.contains('/');
    let path = named.unwrap_or_else(|| if is_local { place.join(name) } else { PathBuf::from(name) });
    let program = Program::named(&path, &format!("the program of `{}`", rules.label))?;
    let takes_args = words.iter().any(|word| word.has(Placeholder::Args));
    let has_args = !args.is_empty() || !more.is_empty();
    if has_args && !takes_args {
        let problem = format!("the command of `{}` has no {{args}}, and there are arguments", rules.label);
        return Err(
            UsageError::new(problem, "{args} in the command, or nothing behind `--` and no variant").into()
        );
    }
    let is_inside = |path: &PathBuf| is_local && path.starts_with(place);
    let words = words.iter().enumerate().map(|(at, word)| {
        let file = word.literal().filter(|text| text.starts_with("./") || text.starts_with("../"));
        let file = file.and_then(|text| place.join(text).canonicalize().ok()).filter(|path| path.is_file());
        file.map_or(Word::At(at), Word::File)
    });
    let stdin = rules.stdin.as_ref().map(|name| -> Result<_, InputError> {
        let path = place.join(name);
        opened(&path)?;
        Ok(path.canonicalize().unwrap_or(path))
    });
    Ok(Ready {
        stdin: stdin.transpose()?,
        rules,
        is_local: is_inside(&program.path),
        program,
        words: words.collect(),
        exported: rules.exported(),
        more,
    })
}

fn opened(path: &Path) -> Result<Arc<File>, InputError> {
    let file = regular::open(path);
    file.map(Arc::new).map_err(|e| InputError::io(path, "a file to read as standard input", &e))
}

impl Ready<'_> {
    /// The files beside the adapter that its command names or that it reads as its standard input.
    pub(super) fn files(&self) -> impl Iterator<Item = &PathBuf> {
        let named = self.words.iter().filter_map(|word| match word {
            Word::File(path) => Some(path),
            Word::At(_) => None,
        });
        named.chain(&self.stdin)
    }

    /// Runs it once. Its folder is gone when this returns.
    ///
    /// # Errors
    /// The evidence cannot be written. A program that fails is none: `delivered` says why.
    pub(super) fn run(
        &self,
        adapter: &Adapter,
        run: &Run<'_>,
        evidence: &mut Evidence<'_>,
        runner: &dyn Runner,
    ) -> Result<Ran, Failure> {
        let side_folder = SideFolder::make().map_err(SystemError::TemporaryFolder)?;
        let root = side_folder.work();
        let work = self.rules.cwd.as_ref().map_or_else(|| root.clone(), |cwd| root.join(cwd));
        std::fs::create_dir_all(&work).map_err(SystemError::TemporaryFolder)?;
        evidence.bundle.name_path(&root, format!("{{tmp}}/{}", run.name));
        let image = adapter.outputs.iter().find(|output| output.from == From::Image);
        let image = work.join(image.map_or_else(|| "image".to_owned(), Output::image_name));
        let args = self.filled(run, evidence.bundle, &image, &work)?;
        let program = &self.program.path;
        let binary = match self.is_local {
            // A second run of the bundle has the program itself.
            true => {
                evidence.bundle.input(program)?;
                evidence.bundle.bare_program(program)?
            }
            false => evidence.bundle.program(program)?,
        };
        let stdin = self.stdin.as_ref().map(|path| run.instead(path).to_owned());
        let mut step = self.step(adapter, run, evidence.bundle, (&args, &work))?;
        step.stdin = stdin.as_ref().map(|path| evidence.bundle.input(path)).transpose()?;
        let ran = |version: String, wall_s: Option<f64>, delivered: Result<SideOutputs, AdapterError>| Ran {
            binary: binary.clone(),
            version,
            wall_s,
            delivered,
        };
        let label = self.rules.label.clone();
        if run.not_run.is_some() {
            evidence.bundle.step(step);
            return Ok(ran(String::new(), None, Err(AdapterError::NotRun { label })));
        }
        let version = self.version(runner)?.unwrap_or_default();
        step.time_limit_s = run.time_limit;
        let [stdout, stderr] = side_folder.logs();
        let invocation = Invocation {
            stdin: stdin.as_ref().map(|path| opened(path)).transpose()?,
            program: program.clone(),
            args,
            folder: work.clone(),
            exported: self.exported.clone(),
            stdout,
            stderr,
            time_limit: run.time_limit.map(Duration::from_secs_f64),
        };
        let measured = match runner.run(&invocation) {
            Ok(measured) => measured,
            Err(e) => {
                step.status = Status::NotStarted { reason: evidence.bundle.record(&e.to_string())? };
                evidence.bundle.step(step);
                let (program, what) = (program.clone(), "was not started: ".to_owned());
                let failed = AdapterError::Failed { label, program, what, words: e.to_string() };
                return Ok(ran(String::new(), None, Err(failed)));
            }
        };
        step.measured(&measured);
        for (from, name) in side_folder.logs().iter().zip(&run.logs) {
            evidence.guarded.take(evidence.bundle.staging(), from, name)?;
        }
        if !version.is_empty() {
            evidence.bundle.program_says(&binary.sha256, &version);
        }
        let came = match how_it_failed(&measured, &invocation) {
            Some(what) => {
                let words = last_words(&invocation.stderr);
                Err(AdapterError::Failed { label, program: program.clone(), what, words })
            }
            None => self.delivered(adapter, &work, &invocation),
        };
        if let (Err(AdapterError::Lacks { output, .. }), true) = (&came, step.succeeded()) {
            let lacking = adapter.outputs.iter().find(|known| known.name == *output);
            let path = lacking.map(|output| run.stored(output)).unwrap_or_default();
            step.status = Status::NoOutput { path, code: step.expect };
        }
        evidence.bundle.step(step);
        Ok(ran(version, Some(measured.wall.as_secs_f64()), came))
    }

    /// The words behind the program; files among them are inputs.
    fn filled(
        &self,
        run: &Run<'_>,
        bundle: &mut Recorder,
        image: &Path,
        out: &Path,
    ) -> Result<Vec<OsString>, Failure> {
        let args: Vec<OsString> = run.args.iter().chain(&self.more).cloned().collect();
        let filling = Filling { args: &args, image, out };
        let mut words = Vec::new();
        for word in &self.words {
            match word {
                Word::File(path) => {
                    let path = run.instead(path);
                    bundle.input(path)?;
                    words.push(path.into());
                }
                Word::At(at) => words.extend(self.rules.command[at + 1].fill(&filling)),
            }
        }
        Ok(words)
    }

    /// What the side's command for its version prints first; none where it has no such command, or that fails.
    fn version(&self, runner: &dyn Runner) -> Result<Option<String>, Failure> {
        const LIMIT: Duration = Duration::from_secs(20);
        let [program, args @ ..] = self.rules.version.as_slice() else { return Ok(None) };
        let is_own = self.rules.command.first().and_then(|word| word.literal()) == Some(program);
        let program = if is_own {
            Some(self.program.path.clone())
        } else {
            Program::find(Path::new(program)).map(|found| found.path)
        };
        let Some(program) = program else { return Ok(None) };
        let folder = SideFolder::make().map_err(SystemError::TemporaryFolder)?;
        let [stdout, stderr] = folder.logs();
        let invocation = Invocation {
            stdin: None,
            program,
            args: args.iter().map(OsString::from).collect(),
            folder: folder.work(),
            exported: self.exported.clone(),
            stdout,
            stderr,
            time_limit: Some(LIMIT),
        };
        let ended = runner.run(&invocation).is_ok_and(|measured| measured.ending.is_success());
        Ok(if ended {
            version_line(&invocation.stdout).or_else(|| version_line(&invocation.stderr))
        } else {
            None
        })
    }

    fn step(
        &self,
        adapter: &Adapter,
        run: &Run<'_>,
        bundle: &Recorder,
        (words, work): (&[OsString], &Path),
    ) -> Result<Step, BundleError> {
        let command = std::iter::once(self.program.path.as_os_str())
            .chain(words.iter().map(OsString::as_os_str))
            .map(|word| bundle.record(&word.to_string_lossy()))
            .collect::<Result<Vec<String>, _>>()?;
        let folder = bundle.record(&work.to_string_lossy())?;
        let mut step = Step::planned(run.name, command, &folder, run.not_run.unwrap_or_default());
        for (name, value) in &self.exported {
            step.exported.insert(name.clone(), bundle.record(&value.to_string_lossy())?);
        }
        for output in &adapter.outputs {
            let path = run.stored(output);
            let from = match &output.from {
                From::StandardOutput => format!("{{out}}/{}", run.logs[0]),
                From::Image => format!("{folder}/{}", output.image_name()),
                From::File(name) => format!("{folder}/{}", name.display()),
            };
            step.collected.insert(path.clone(), from);
            step.outputs.push(OutputFile { path, tolerance: Tolerance::Exact });
        }
        step.logs = run.logs.to_vec();
        Ok(step)
    }

    /// Takes what a side left into memory.
    fn delivered(
        &self,
        adapter: &Adapter,
        work: &Path,
        ran: &Invocation,
    ) -> Result<SideOutputs, AdapterError> {
        let mut files = Vec::new();
        for output in &adapter.outputs {
            let (path, read) = left(output, work, &ran.stdout);
            files.push(read.map_err(|source| AdapterError::Lacks {
                label: self.rules.label.clone(),
                program: self.program.path.clone(),
                output: output.name.clone(),
                path,
                source,
            })?);
        }
        let said = adapter.parameters.as_ref().map(|parameters| match &parameters.from {
            ParameterSource::StandardOutput => read_own(&ran.stdout),
            ParameterSource::StandardError => read_own(&ran.stderr),
            ParameterSource::File(name) => read_own_below(work, name),
        });
        // Who says nothing, states nothing.
        let said = said.and_then(Result::ok).unwrap_or_default();
        Ok(SideOutputs { outputs: files, said })
    }
}

/// Where a side leaves an output, as messages name it, and its content.
fn left(output: &Output, work: &Path, stdout: &Path) -> (PathBuf, std::io::Result<Vec<u8>>) {
    match &output.from {
        From::Image => {
            let name = PathBuf::from(output.image_name());
            let read = read_own_below(work, &name);
            (name, read)
        }
        From::File(name) => (name.clone(), read_own_below(work, name)),
        From::StandardOutput => ("standard output".into(), read_own(stdout)),
    }
}

/// The arguments as the user gave them, input files as tokens; relative paths are seen from `folder`.
pub(super) fn shared_arguments(
    bundle: &Recorder,
    args: &[OsString],
    folder: &Path,
) -> Result<Vec<String>, BundleError> {
    let word = |word: &OsString| {
        let file = folder.join(word).canonicalize().ok().filter(|path| path.is_file());
        let text = file
            .map_or_else(|| word.to_string_lossy().into_owned(), |path| path.to_string_lossy().into_owned());
        bundle.record(&text)
    };
    args.iter().map(word).collect()
}
