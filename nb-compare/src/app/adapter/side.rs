//! One run of a side of an adapter: in a private folder, recorded as a step, its outputs taken into memory.
//!
//! Not here: which runs there are (`run`, `noise`), what becomes of the outputs (`adapter`).

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::io::ErrorKind;
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

use crate::adapter::trace::traced::array_names;
use crate::adapter::words::{Filling, Placeholder};
use crate::adapter::{self, Adapter, AdapterError, From, Output, ParameterSource};
use crate::app::adapter::unchanged::Unchanged;
use crate::runner::{Given, Program, SideFolder, read_own, read_own_below, version_line};

/// Bytes of all arrays that are taken of one trace.
const MOST_OF_ARRAYS: usize = 1 << 28;

/// A side that is ready to run.
#[derive(Clone)]
pub(super) struct Ready<'a> {
    pub(super) rules: &'a adapter::SideRules,
    pub(super) program: Program,
    /// Where it is called by its path: a folder whose programs become inputs of the bundle, as those of the working folder do.
    pub(super) own: Option<PathBuf>,
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

/// What distinguishes one run of a side from another.
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
    /// Whether its last output is a trace, whose arrays are taken with it.
    pub(super) is_trace: bool,
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
    /// Programs and inputs, which no run may change.
    pub(super) unchanged: &'e Unchanged,
}

/// A file of the evidence that is not written yet: its name there, and its content.
pub(super) type HeldFile = (String, Vec<u8>);

/// What came of a run.
pub(super) struct Ran {
    /// The executable.
    pub(super) binary: Binary,
    /// The first line of its version.
    pub(super) version: String,
    /// Seconds, where it ran.
    pub(super) wall_s: Option<f64>,
    /// What it printed, by the names of its logs in the evidence. It is written there when no program runs any more: whoever ran next
    /// could read it.
    pub(super) logs: Vec<HeldFile>,
    /// What it left.
    pub(super) delivered: Result<SideOutputs, AdapterError>,
}

/// What a side delivered, in memory where no program can change it.
pub(super) struct SideOutputs {
    pub(super) outputs: Vec<Vec<u8>>,
    /// The text that says what the side computes with; none where it does not write the file which it would be in.
    pub(super) said: Option<Vec<u8>>,
    /// Arrays that its trace names, by their names.
    pub(super) arrays: Vec<HeldFile>,
}

/// Makes the side with these `rules` ready; `place` is the folder of the adapter, `named` the program where the user names one, `more` what
/// variants add to the arguments.
pub(super) fn ready<'a>(
    rules: &'a adapter::SideRules,
    more: Vec<OsString>,
    args: &[OsString],
    (place, named): (&Path, Option<&Path>),
) -> Result<Ready<'a>, Failure> {
    let [program, words @ ..] = rules.command.as_slice() else {
        return Err(UsageError::new("a command without a program", "one").into());
    };
    let name = program.literal().unwrap_or_default();
    let named = named.map(Path::to_owned).or_else(|| rules.program_of_environment());
    let is_local = name.contains('/');
    let path = named.unwrap_or_else(|| if is_local { place.join(name) } else { PathBuf::from(name) });
    let is_by_path = path.components().count() > 1;
    let program = Program::named(&path, &format!("the program of `{}`", rules.label))?;
    let takes_args = words.iter().any(|word| word.has(Placeholder::Args));
    let has_args = !args.is_empty() || !more.is_empty();
    if has_args && !takes_args {
        let problem = format!("the command of `{}` has no {{args}}, and there are arguments", rules.label);
        return Err(
            UsageError::new(problem, "{args} in the command, or nothing behind `--` and no variant").into()
        );
    }
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
        own: is_by_path.then(|| place.to_owned()),
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

    /// Every file that has to stay as it is: programs, and what [`Ready::files`] gives.
    pub(super) fn files_and_programs(&self) -> impl Iterator<Item = PathBuf> {
        let programs = [Some(self.program.path.clone()), self.version_program()];
        programs.into_iter().flatten().chain(self.files().cloned())
    }

    /// Takes its program and files into the evidence.
    ///
    /// # Errors
    /// One of them cannot be read or copied.
    pub(super) fn take(&self, bundle: &mut Recorder) -> Result<Binary, BundleError> {
        for path in self.files() {
            bundle.input(path)?;
        }
        match &self.own {
            Some(folder) => Ok(bundle.program_by_path(&self.program.path, Some(folder))?.0),
            None => bundle.program(&self.program.path),
        }
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
        let image = work.join(adapter.image_name());
        let args = self.filled(run, evidence.bundle, &image, &work)?;
        let program = &self.program.path;
        let binary = self.take(evidence.bundle)?;
        let stdin = self.stdin.as_ref().map(|path| run.instead(path).to_owned());
        let mut step = self.step(adapter, run, evidence.bundle, (&args, &work))?;
        step.stdin = stdin.as_ref().map(|path| evidence.bundle.input(path)).transpose()?;
        let not_run = |delivered: AdapterError| Ran {
            binary: binary.clone(),
            version: String::new(),
            wall_s: None,
            logs: Vec::new(),
            delivered: Err(delivered),
        };
        let label = self.rules.label.clone();
        if run.not_run.is_some() {
            evidence.bundle.step(step);
            return Ok(not_run(AdapterError::NotRun { label }));
        }
        let version = self.version(runner)?.unwrap_or_default();
        // A command for a version is a program like any other.
        if let Err(changed) = evidence.unchanged.check() {
            step.status = Status::NotStarted { reason: evidence.bundle.record(&changed.to_string())? };
            evidence.bundle.step(step);
            return Ok(not_run(changed));
        }
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
                return Ok(not_run(failed));
            }
        };
        step.measured(&measured);
        if !version.is_empty() {
            evidence.bundle.program_says(&binary, &version);
        }
        let came = match how_it_failed(&measured, &invocation) {
            Some(what) => {
                let words = last_words(&invocation.stderr);
                Err(AdapterError::Failed { label, program: program.clone(), what, words })
            }
            None => self.delivered(adapter, run, &work, &invocation),
        };
        let (logs, too_large) = self.logs(&run.logs, &invocation);
        let came = came.and_then(|left| too_large.map_or(Ok(left), Err));
        if let (Ok(left), [.., trace]) = (&came, adapter.outputs.as_slice()) {
            for (name, _) in &left.arrays {
                let path = format!("{}/{name}", run.outputs);
                step.collected
                    .insert(path.clone(), format!("{}/{}", step.folder, trace.beside(name).display()));
                step.outputs.push(OutputFile { path, tolerance: Tolerance::Exact });
            }
        }
        // The digests in the evidence are those of what ran and was read.
        let came = evidence.unchanged.check().and(came);
        if let (Err(why), true) = (&came, step.succeeded()) {
            // It ended well and nothing of it is kept, which its end alone would not say.
            let is_lacking =
                |known: &&Output| matches!(why, AdapterError::Lacks { output, .. } if known.name == *output);
            let lacking = adapter.outputs.iter().find(is_lacking).or(adapter.outputs.first());
            let path = lacking.map(|output| run.stored(output)).unwrap_or_default();
            step.status = Status::NoOutput { path, code: step.expect };
        }
        evidence.bundle.step(step);
        Ok(Ran { binary, version, wall_s: Some(measured.wall.as_secs_f64()), logs, delivered: came })
    }

    /// What it printed, by `names`, and which stream is too large; a log that is not its own counts as empty.
    fn logs(&self, names: &[String; 2], ran: &Invocation) -> (Vec<HeldFile>, Option<AdapterError>) {
        let (mut logs, mut too_large) = (Vec::new(), None);
        for ((path, stream), name) in
            [(&ran.stdout, "standard output"), (&ran.stderr, "standard error")].into_iter().zip(names)
        {
            let read = read_own(path).or_else(|source| match source.kind() {
                ErrorKind::FileTooLarge => Err(source),
                _ => Ok(Vec::new()),
            });
            let bytes = read.unwrap_or_else(|source| {
                let (label, program) = (self.rules.label.clone(), self.program.path.clone());
                too_large = Some(AdapterError::Printed { label, program, stream, source });
                Vec::new()
            });
            logs.push((name.clone(), bytes));
        }
        (logs, too_large)
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

    /// The program that prints the side's version; none where the adapter names none, or one that is not there.
    fn version_program(&self) -> Option<PathBuf> {
        let program = self.rules.version.first()?;
        match self.rules.command.first().and_then(|word| word.literal()) == Some(program) {
            true => Some(self.program.path.clone()),
            false => Program::find(Path::new(program)).map(|found| found.path),
        }
    }

    /// What the side's command for its version prints first; none where it has no such command, or that fails.
    fn version(&self, runner: &dyn Runner) -> Result<Option<String>, Failure> {
        const LIMIT: Duration = Duration::from_secs(20);
        let Some(program) = self.version_program() else { return Ok(None) };
        let args = self.rules.version.iter().skip(1);
        let folder = SideFolder::make().map_err(SystemError::TemporaryFolder)?;
        let [stdout, stderr] = folder.logs();
        let invocation = Invocation {
            stdin: None,
            program,
            args: args.map(OsString::from).collect(),
            folder: folder.work(),
            exported: self.exported.clone(),
            stdout,
            stderr,
            time_limit: Some(LIMIT),
        };
        let ended = runner.run(&invocation).is_ok_and(|measured| measured.ending.is_success());
        Ok(if ended {
            let first = |path: &Path| regular::open(path).ok().and_then(version_line);
            first(&invocation.stdout).or_else(|| first(&invocation.stderr))
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
            step.collected.insert(path.clone(), output.left_at(&folder, &run.logs[0]));
            step.outputs.push(OutputFile { path, tolerance: Tolerance::Exact });
        }
        step.logs = run.logs.to_vec();
        Ok(step)
    }

    /// Takes what a side left into memory.
    fn delivered(
        &self,
        adapter: &Adapter,
        run: &Run<'_>,
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
        let said = said.and_then(Result::ok);
        let arrays = match (run.is_trace, adapter.outputs.as_slice(), files.as_slice()) {
            (true, [.., trace], [.., text]) => arrays_of(trace, text, work),
            _ => Vec::new(),
        };
        Ok(SideOutputs { outputs: files, said, arrays })
    }
}

/// The arrays that the trace `text` names; one that cannot be read, or is beyond what one trace may bring, is missed by the comparison.
fn arrays_of(trace: &Output, text: &[u8], work: &Path) -> Vec<HeldFile> {
    let mut room = MOST_OF_ARRAYS;
    let named = array_names(text).into_iter().filter_map(|name| {
        let bytes = read_own_below(work, &trace.beside(&name)).ok()?;
        room = room.checked_sub(bytes.len())?;
        Some((name, bytes))
    });
    named.collect()
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

/// The arguments as the user gave them, input files as tokens: as the steps have them.
pub(super) fn shared_arguments(bundle: &Recorder, given: &Given) -> Result<Vec<String>, BundleError> {
    given.args.iter().map(|word| bundle.record(&word.to_string_lossy())).collect()
}
