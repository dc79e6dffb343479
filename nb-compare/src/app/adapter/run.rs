//! `nb-compare --adapter`: both sides of an adapter are run, every output is compared, and the evidence is written.
//!
//! Not here: reading adapters and judging outputs (`adapter`), simulators that are given the same arguments (`sides`, `render`).

use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use nanobragg::error::{InputError, UsageError};
use serde_json::json;
use trace_harness::evidence::bundle::BundleError;
use trace_harness::evidence::bundle::reading::regular;
use trace_harness::evidence::bundle::summary::{OutputFile, Status, Step, Tolerance};
use trace_harness::evidence::exit::Exit;
use trace_harness::evidence::failure::{Failure, SystemError};
use trace_harness::evidence::process::{Invocation, Runner};
use trace_harness::simulator::{how_it_failed, last_words};

use crate::adapter::judge::{JudgedOutput, compare, overall};
use crate::adapter::stated::{StatedValues, rows};
use crate::adapter::words::{Filling, Placeholder};
use crate::adapter::{self, Adapter, AdapterError, From, Output, ParameterSource};
use crate::app::console;
use crate::app::recorder::{ComparisonRecorder, target};
use crate::cli::{Options, Programs};
use crate::report::outputs::{self, Facts, OutputsReport};
use crate::runner::{self, Given, Program, Side, SideFolder, given, read_own, read_own_below, version_line};

/// A side that is ready to run.
struct Ready<'a> {
    side: Side,
    rules: &'a adapter::SideRules,
    program: Program,
    /// Whether the program lies beside the adapter, so that it becomes an input of the bundle.
    is_local: bool,
    /// The words of its command behind the program, but for the placeholders.
    words: Vec<Word>,
    exported: Vec<(String, OsString)>,
    /// What the chosen variants add.
    more: Vec<OsString>,
    /// What it reads as its standard input.
    stdin: Option<(PathBuf, Arc<File>)>,
}

/// A word of a command.
enum Word {
    /// A file beside the adapter.
    File(PathBuf),
    /// Anything else: its place among the words of the adapter's command.
    At(usize),
}

/// What a side delivered, in memory where no program can change it.
struct SideOutputs {
    outputs: Vec<Vec<u8>>,
    /// The text that says what the side computes with.
    said: Vec<u8>,
    stated: StatedValues,
}

/// Runs both sides of the adapter, and compares what they leave; gives the exit code.
///
/// # Errors
/// The adapter cannot be used, a side fails, or the evidence cannot be written. A comparison that begins leaves evidence.
pub(crate) fn run(
    path: &Path,
    programs: &Programs,
    options: &Options,
    args: &[OsString],
    folder: &Path,
) -> Result<Exit, Failure> {
    let path = folder.join(path);
    let adapter = adapter::read(&path)?;
    let place = path
        .canonicalize()
        .ok()
        .and_then(|path| Some(path.parent()?.to_owned()))
        .unwrap_or_else(|| folder.to_owned());
    let variants = programs.variant.iter().map(|id| adapter.variant(id)).collect::<Result<Vec<_>, _>>()?;
    let more = |side: usize| {
        variants.iter().flat_map(|variant| variant.args[side].iter().map(OsString::from)).collect()
    };
    let given = given(args, folder)?;
    let sides = [
        ready(Side::Reference, &adapter.sides[0], more(0), args, &place)?,
        ready(Side::Candidate, &adapter.sides[1], more(1), args, &place)?,
    ];
    let record = ComparisonRecorder::of_programs(options, target(options, args, folder), folder)?;
    let mut job = AdapterRun {
        adapter: &adapter,
        given: &given,
        folder,
        time_limit: programs.timeout,
        facts: Facts::of(&adapter, programs.variant.clone()),
        record,
    };
    let processes = runner::real()?;
    let came = job.run(&path, &sides, args, &processes);
    job.close(came)
}

fn ready<'a>(
    side: Side,
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
        let file = regular::open(&path)
            .map_err(|e| InputError::io(&path, "a file to read as standard input", &e))?;
        Ok((path.canonicalize().unwrap_or(path), Arc::new(file)))
    });
    Ok(Ready {
        stdin: stdin.transpose()?,
        side,
        rules,
        is_local: is_inside(&program.path),
        program,
        words: words.collect(),
        exported: rules.exported(),
        more,
    })
}

/// One comparison on its way.
struct AdapterRun<'a> {
    adapter: &'a Adapter,
    given: &'a Given,
    folder: &'a Path,
    time_limit: Option<f64>,
    facts: Facts,
    record: ComparisonRecorder<'a>,
}

impl AdapterRun<'_> {
    fn run(
        &mut self,
        adapter: &Path,
        sides: &[Ready<'_>; 2],
        args: &[OsString],
        runner: &dyn Runner,
    ) -> Result<Vec<JudgedOutput>, Failure> {
        let programs = sides.iter().map(|side| &side.program.path);
        self.record.bundle.check_variables(programs)?;
        self.facts.file = self.record.bundle.input(adapter)?;
        for path in &self.given.inputs {
            self.record.bundle.input(path)?;
        }
        self.facts.args = self.shared_arguments(args)?;
        let mut delivered: Vec<SideOutputs> = Vec::new();
        let mut failed: Option<Failure> = None;
        for side in sides {
            match self.side(side, runner, failed.is_some())? {
                Ok(came) => delivered.push(came),
                Err(why) => failed = failed.or(Some(why.into())),
            }
        }
        for (side, came) in sides.iter().zip(&delivered) {
            if let Some(rules) = self
                .adapter
                .parameters
                .as_ref()
                .filter(|rules| matches!(rules.from, ParameterSource::File(_)))
            {
                self.record.put(&rules.stored(which(side.side)), &came.said)?;
            }
            for (output, bytes) in self.adapter.outputs.iter().zip(&came.outputs) {
                self.record.put(&output.stored(which(side.side)), bytes)?;
            }
        }
        self.record.guarded.check(self.record.bundle.staging())?;
        let [a, b] = delivered.as_slice() else {
            return Err(
                failed.unwrap_or_else(|| AdapterError::NotRun { label: sides[1].rules.label.clone() }.into())
            );
        };
        self.facts.parameters = rows(&a.stated, &b.stated);
        let mut judged = Vec::new();
        for (n, output) in self.adapter.outputs.iter().enumerate() {
            let names = [Side::Reference, Side::Candidate].map(|side| output.stored(which(side)));
            let files = [(Path::new(&names[0]), &*a.outputs[n]), (Path::new(&names[1]), &*b.outputs[n])];
            judged.push(console::while_running(self.record.options, "comparing", || compare(output, files))?);
        }
        Ok(judged)
    }

    /// Runs one side, or records that it was not run. Its folder is gone when this returns.
    fn side(
        &mut self,
        ready: &Ready<'_>,
        runner: &dyn Runner,
        skip: bool,
    ) -> Result<Result<SideOutputs, AdapterError>, Failure> {
        let side_folder = SideFolder::make().map_err(SystemError::TemporaryFolder)?;
        let root = side_folder.work();
        let work = ready.rules.cwd.as_ref().map_or_else(|| root.clone(), |cwd| root.join(cwd));
        std::fs::create_dir_all(&work).map_err(SystemError::TemporaryFolder)?;
        self.record.bundle.name_path(&root, format!("{{tmp}}/{}", ready.side.prefix()));
        let image = self.adapter.outputs.iter().find(|output| output.from == From::Image);
        let image = work.join(image.map_or_else(|| "image".to_owned(), Output::image_name));
        let words = self.words(ready, &image, &work)?;
        let program = &ready.program.path;
        let binary = match ready.is_local {
            // A second run of the bundle has the program itself.
            true => {
                self.record.bundle.input(program)?;
                self.record.bundle.bare_program(program)?
            }
            false => self.record.bundle.program(program)?,
        };
        let version = if skip { None } else { self.version(ready, runner)? };
        let stdin = ready.stdin.as_ref().map(|(path, _)| self.record.bundle.input(path)).transpose()?;
        let mut step = Step { stdin, ..self.step(ready, &words, &work)? };
        let number = which(ready.side);
        self.facts.sides[number].program = json!({"name": binary.name, "sha256": binary.sha256});
        if skip {
            self.record.bundle.step(step);
            return Ok(Err(AdapterError::NotRun { label: ready.rules.label.clone() }));
        }
        step.time_limit_s = self.time_limit;
        let [stdout, stderr] = side_folder.logs();
        let invocation = Invocation {
            stdin: ready.stdin.as_ref().map(|(_, file)| Arc::clone(file)),
            program: program.clone(),
            args: words,
            folder: work.clone(),
            exported: ready.exported.clone(),
            stdout,
            stderr,
            time_limit: self.time_limit.map(Duration::from_secs_f64),
        };
        let label = ready.rules.label.clone();
        let ran = console::while_running(self.record.options, &format!("{label} is running"), || {
            runner.run(&invocation)
        });
        let measured = match ran {
            Ok(measured) => measured,
            Err(e) => {
                step.status = Status::NotStarted { reason: self.record.bundle.record(&e.to_string())? };
                self.record.bundle.step(step);
                let (program, what) = (program.clone(), "was not started: ".to_owned());
                return Ok(Err(AdapterError::Failed { label, program, what, words: e.to_string() }));
            }
        };
        step.measured(&measured);
        for (from, name) in side_folder.logs().iter().zip(ready.side.logs()) {
            self.record.take(from, &name)?;
        }
        let version = version.unwrap_or_default();
        if !version.is_empty() {
            self.record.bundle.program_says(&binary.sha256, &version);
        }
        let facts = &mut self.facts.sides[number];
        facts.version = version;
        facts.runtime_ms = Some(measured.wall.as_secs_f64() * 1000.0);
        self.record.lines.push(crate::report::runner_line(&label, measured.wall.as_secs_f64()));
        let came = match how_it_failed(&measured, &invocation) {
            Some(what) => {
                let words = last_words(&invocation.stderr);
                Err(AdapterError::Failed { label, program: program.clone(), what, words })
            }
            None => self.delivered(ready, &work, &invocation),
        };
        if let (Err(AdapterError::Lacks { output, .. }), true) = (&came, step.succeeded()) {
            let lacking = self.adapter.outputs.iter().find(|known| known.name == *output);
            let path = lacking.map(|output| output.stored(which(ready.side))).unwrap_or_default();
            step.status = Status::NoOutput { path, code: step.expect };
        }
        self.record.bundle.step(step);
        Ok(came)
    }

    /// The words behind the program; files among them are inputs.
    fn words(&mut self, ready: &Ready<'_>, image: &Path, out: &Path) -> Result<Vec<OsString>, Failure> {
        let args: Vec<OsString> = self.given.args.iter().chain(&ready.more).cloned().collect();
        let filling = Filling { args: &args, image, out };
        let mut words = Vec::new();
        for word in &ready.words {
            match word {
                Word::File(path) => {
                    self.record.bundle.input(path)?;
                    words.push(path.clone().into_os_string());
                }
                Word::At(at) => words.extend(ready.rules.command[at + 1].fill(&filling)),
            }
        }
        Ok(words)
    }

    /// What the side's command for its version prints first; none where it has no such command, or that fails.
    fn version(&self, ready: &Ready<'_>, runner: &dyn Runner) -> Result<Option<String>, Failure> {
        const LIMIT: Duration = Duration::from_secs(20);
        let [program, args @ ..] = ready.rules.version.as_slice() else { return Ok(None) };
        let is_own = ready.rules.command.first().and_then(|word| word.literal()) == Some(program);
        let program = if is_own {
            Some(ready.program.path.clone())
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
            exported: ready.exported.clone(),
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

    fn step(&self, ready: &Ready<'_>, words: &[OsString], work: &Path) -> Result<Step, BundleError> {
        let bundle = &self.record.bundle;
        let command = std::iter::once(ready.program.path.as_os_str())
            .chain(words.iter().map(OsString::as_os_str))
            .map(|word| bundle.record(&word.to_string_lossy()))
            .collect::<Result<Vec<String>, _>>()?;
        let folder = bundle.record(&work.to_string_lossy())?;
        let mut step = Step::planned(ready.side.prefix(), command, &folder, "the side before it failed");
        for (name, value) in &ready.exported {
            step.exported.insert(name.clone(), bundle.record(&value.to_string_lossy())?);
        }
        let [stdout, stderr] = ready.side.logs();
        for output in &self.adapter.outputs {
            let path = output.stored(which(ready.side));
            let from = match &output.from {
                From::StandardOutput => format!("{{out}}/{stdout}"),
                From::Image => format!("{folder}/{}", output.image_name()),
                From::File(name) => format!("{folder}/{}", name.display()),
            };
            step.collected.insert(path.clone(), from);
            step.outputs.push(OutputFile { path, tolerance: Tolerance::Exact });
        }
        step.logs = vec![stdout, stderr];
        Ok(step)
    }

    /// Takes what a side left into memory.
    fn delivered(
        &self,
        ready: &Ready<'_>,
        work: &Path,
        ran: &Invocation,
    ) -> Result<SideOutputs, AdapterError> {
        let mut files = Vec::new();
        for output in &self.adapter.outputs {
            let (path, read) = left(output, work, &ran.stdout);
            files.push(read.map_err(|source| AdapterError::Lacks {
                label: ready.rules.label.clone(),
                program: ready.program.path.clone(),
                output: output.name.clone(),
                path,
                source,
            })?);
        }
        let said = self.adapter.parameters.as_ref().map(|parameters| match &parameters.from {
            ParameterSource::StandardOutput => read_own(&ran.stdout),
            ParameterSource::StandardError => read_own(&ran.stderr),
            ParameterSource::File(name) => read_own_below(work, name),
        });
        // Who says nothing, states nothing.
        let said = said.and_then(Result::ok).unwrap_or_default();
        let text = String::from_utf8_lossy(&said);
        let stated = self.adapter.parameters.as_ref().map(|parameters| parameters.pattern.stated(&text));
        Ok(SideOutputs { outputs: files, stated: stated.unwrap_or_default(), said })
    }

    /// The arguments as the user gave them, input files as tokens.
    fn shared_arguments(&self, args: &[OsString]) -> Result<Vec<String>, BundleError> {
        let word = |word: &OsString| {
            let file = self.folder.join(word).canonicalize().ok().filter(|path| path.is_file());
            let text = file.map_or_else(
                || word.to_string_lossy().into_owned(),
                |path| path.to_string_lossy().into_owned(),
            );
            self.record.bundle.record(&text)
        };
        args.iter().map(word).collect()
    }

    /// Writes the evidence, also of a comparison that did not come about, and prints the result.
    fn close(self, came: Result<Vec<JudgedOutput>, Failure>) -> Result<Exit, Failure> {
        let Self { facts, record, .. } = self;
        let (options, lines) = (record.options, record.lines);
        let judged = match came {
            Ok(judged) => judged,
            Err(failure) => {
                match outputs::write_failed(
                    record.bundle,
                    &facts,
                    &failure.to_string(),
                    failure.exit().unless_interrupted(),
                ) {
                    Ok(made) => console::place_of_failure(&made.place, options.quiet),
                    // Why there is nothing to compare comes first.
                    Err(refused) => console::notice(&format!("the evidence was not written: {refused}")),
                }
                return Err(failure);
            }
        };
        let overall = overall(&judged, adapter::stated::sentence(&facts.parameters));
        let told = OutputsReport { facts: &facts, outputs: &judged, overall: &overall };
        let made = outputs::write(record.bundle, &told)?;
        match console::outputs(options, &lines, &told, &made.place, &made.document) {
            // Whoever closed the pipe has read enough.
            Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => {}
            other => other.map_err(SystemError::StandardOutput)?,
        }
        Ok(overall.exit)
    }
}

/// The number of a side: the reference is 0.
fn which(side: Side) -> usize {
    usize::from(side == Side::Candidate)
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
