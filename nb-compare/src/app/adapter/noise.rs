//! `nb-compare noise`: the reference of an adapter is run many times, one thing changed at a time, and how far its outputs move is kept.
//!
//! Not here: which runs there are and what comes of them (`crate::noise`), one run (`side`), files of the evidence (`report`).

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use indicatif::ProgressBar;
use nanobragg::error::{InputError, OutputError, UsageError};
use nanobragg::open_file;
use serde_json::json;
use trace_harness::evidence::bundle::inputs::COPY_LIMIT;
use trace_harness::evidence::bundle::recorder::Recorder;
use trace_harness::evidence::bundle::staging::Target;
use trace_harness::evidence::exit::Exit;
use trace_harness::evidence::failure::{Failure, SystemError};
use trace_harness::evidence::process::{Runner, Temporary};
use trace_harness::evidence::terminal::visible;
use trace_harness::trace::diff::noise::TraceNoise;

use crate::adapter::trace::asking::with_trace;
use crate::adapter::{self, Adapter, NoiseRules};
use crate::app::adapter::AdapterFile;
use crate::app::adapter::side::{Evidence, Ready, Run, SideOutputs, ready, shared_arguments};
use crate::app::adapter::traces::Tracing;
use crate::app::adapter::unchanged::Unchanged;
use crate::app::console;
use crate::app::guarded::Guarded;
use crate::app::recorder::numbered;
use crate::array::Spread;
use crate::cli::NoiseOptions;
use crate::noise::draws::{Draw, Source, Wishes, may_move, no_numbers, plan};
use crate::noise::spread::{Growing, OutputNoise};
use crate::noise::traces::{RunTrace, TracesFacts, noise_of_traces};
use crate::report::noise::{self, Facts, RunFacts, Told};
use crate::runner::{self, Given, Program, given};

/// Runs the reference many times, and writes how far its outputs move; gives the exit code.
///
/// # Errors
/// The adapter cannot be used, nothing may move, a run fails, or the evidence cannot be written. What begins leaves evidence.
pub(crate) fn run(options: &NoiseOptions, folder: &Path) -> Result<Exit, Failure> {
    runner::recordable(&options.args)?;
    let AdapterFile { path, place, _written } = &AdapterFile::of(options.adapter.as_deref(), folder)?;
    let adapter = adapter::read(path)?;
    let variants = options.variant.iter().map(|id| adapter.variant(id)).collect::<Result<Vec<_>, _>>()?;
    let more = variants.iter().flat_map(|variant| variant.args[0].iter().map(OsString::from)).collect();
    let given = given(&options.args, folder)?;
    let tracing =
        options.trace.as_ref().map(|element| Traces::of(&adapter, place, &element.0)).transpose()?;
    let asked = tracing.as_ref().map_or(&adapter, |tracing| &tracing.asked);
    let reference = ready(&asked.sides[0], more, &options.args, (place, options.reference.as_deref()))?;
    let builds = options.build.iter().map(|path| Program::named(path, "the build"));
    let builds = builds.collect::<Result<Vec<_>, _>>()?;
    let none = NoiseRules::default();
    let rules = adapter.noise.as_ref().unwrap_or(&none);
    let files = files_that_move(rules, &reference, &given)?;
    let exported = reference.exported.clone();
    let wishes = Wishes {
        rules,
        env: &exported,
        builds: options.build.len(),
        args: &given.args,
        files: &files,
        runs: options.runs,
        seed: options.seed,
    };
    let runs = count(&adapter, &wishes)?;
    let target = match &options.outdir {
        Some(path) => Target::Exact(folder.join(path)),
        None => numbered("noise", &options.args, folder),
    };
    let mut job = Job {
        adapter: &adapter,
        tracing: tracing.as_ref(),
        reference,
        builds,
        given: &given,
        options,
        facts: Facts::of(&adapter, options.variant.clone(), (options.seed, options.runs)),
        bundle: Recorder::begin(target, folder, options.keep_paths)?.closed_to_commands(),
        guarded: Guarded::default(),
        unchanged: Unchanged::default(),
        moved: Temporary::new().map_err(SystemError::TemporaryFolder)?,
        traces: None,
    };
    let processes = runner::real()?;
    let came = job.run(path, (runs, plan(&wishes)), &processes);
    job.close(came)
}

/// The input files whose numbers may move, with their texts.
fn files_that_move(
    rules: &NoiseRules,
    reference: &Ready<'_>,
    given: &Given,
) -> Result<Vec<(PathBuf, String)>, InputError> {
    let mut files: Vec<(PathBuf, String)> = Vec::new();
    for path in given.inputs.iter().chain(reference.files()).filter(|path| may_move(rules, path)) {
        if !files.iter().any(|(known, _)| known == path) {
            // What the bundle could not keep, no second run would have.
            files.push((path.clone(), open_file::text(path, "an input whose numbers may move", COPY_LIMIT)?));
        }
    }
    Ok(files)
}

/// How many runs there are. None of them is kept: each may have an input as large as the one that it moves.
///
/// # Errors
/// Nothing may move.
fn count(adapter: &Adapter, wishes: &Wishes<'_>) -> Result<usize, UsageError> {
    for word in no_numbers(wishes.rules, wishes.args) {
        let what = "stays as it is, for it is no number: [noise] `arguments` names it";
        console::notice(&format!("`{}`: {what}", visible(word)));
    }
    let (mut runs, mut changes, mut moves_inputs) = (0, false, false);
    for draw in plan(wishes) {
        runs += 1;
        changes |= !matches!(draw.source, None | Some(Source::Again));
        moves_inputs |= draw.source == Some(Source::Inputs);
    }
    if !changes {
        let problem = match adapter.noise {
            None => "the adapter has no [noise], and no --build is given",
            Some(_) => "[noise] of the adapter lets nothing of this call move",
        };
        let hint = "docs/adapters.md says how an adapter names arguments, files and variables";
        return Err(UsageError::new(problem, "something that may move without its meaning becoming another")
            .hint(hint));
    }
    let names_inputs = !(wishes.rules.arguments.is_empty() && wishes.rules.files.is_empty());
    if names_inputs && wishes.runs > 0 && !moves_inputs {
        console::notice("no argument and no file of this call may move: [noise] matches none");
    }
    Ok(runs)
}

/// Noise that is being looked for.
struct Job<'a> {
    adapter: &'a Adapter,
    /// How every run is asked for a trace, where that is wanted.
    tracing: Option<&'a Traces<'a>>,
    reference: Ready<'a>,
    builds: Vec<Program>,
    given: &'a Given,
    options: &'a NoiseOptions,
    facts: Facts,
    bundle: Recorder,
    guarded: Guarded,
    /// Programs and inputs of all runs.
    unchanged: Unchanged,
    /// Holds files whose numbers were moved until the bundle is complete.
    moved: Temporary,
    /// How far the keys of its traces move.
    traces: Option<TraceNoise>,
}

/// How every run is asked for a trace.
struct Traces<'a> {
    tracing: Tracing<'a>,
    /// The adapter whose reference leaves a trace behind its outputs.
    asked: Adapter,
    element: Vec<usize>,
}

impl<'a> Traces<'a> {
    fn of(adapter: &'a Adapter, place: &Path, element: &[usize]) -> Result<Self, Failure> {
        let (Some(rules), Some(tracing)) = (&adapter.trace, Tracing::of(adapter, place)?) else {
            let hint = "docs/adapters.md says how a side is asked for a trace";
            return Err(UsageError::new("--trace: the adapter has no [trace]", "one").hint(hint).into());
        };
        if element.is_empty() == rules.is_by_element() {
            let (problem, expected) = match rules.is_by_element() {
                true => {
                    ("--trace: the adapter traces one element", "--trace=I,J with its places along all axes")
                }
                false => ("--trace: the adapter traces whole runs", "no element"),
            };
            return Err(UsageError::new(problem, expected).into());
        }
        let asked = with_trace(rules, adapter, 0, element);
        if asked.outputs.len() == adapter.outputs.len() {
            let problem = "--trace: the reference prints its trace among the lines of an output";
            return Err(UsageError::new(problem, "a trace or an output that goes to a file").into());
        }
        Ok(Self { tracing, asked, element: element.to_vec() })
    }

    /// The trace that a run left, which is its last output.
    fn taken(&self, draw: &Draw, outputs: &[Vec<u8>]) -> Option<RunTrace> {
        Some(RunTrace { name: draw.name.clone(), trace: outputs.last()?.clone() })
    }
}

impl Job<'_> {
    fn run(
        &mut self,
        adapter: &Path,
        (runs, mut draws): (usize, impl Iterator<Item = Draw>),
        runner: &dyn Runner,
    ) -> Result<Vec<(OutputNoise, Spread)>, Failure> {
        let builds = self.builds.iter().map(|build| &build.path);
        self.bundle.check_variables(builds.chain([&self.reference.program.path]))?;
        self.facts.file = self.bundle.input(adapter)?;
        for path in &self.given.inputs {
            self.bundle.input(path)?;
        }
        let mut programs: Vec<PathBuf> = self.reference.files_and_programs().collect();
        if let Some(tracing) = self.tracing {
            let schema = tracing.tracing.token(&mut self.bundle)?;
            programs.extend(tracing.tracing.file.clone());
            self.facts.traces = Some(TracesFacts { element: tracing.element.clone(), schema });
        }
        let builds = self.builds.iter().map(|build| &build.path);
        self.unchanged = Unchanged::of(programs.iter().chain(&self.given.inputs).chain(builds))?;
        self.facts.args = shared_arguments(&self.bundle, self.given)?;
        let bar = bar(self.options, runs);
        let Some(first) = draws.next() else { return Ok(Vec::new()) };
        let baseline = self.draw(&first, runner, &bar)?;
        let mut growing = Vec::new();
        for (output, bytes) in self.adapter.outputs.iter().zip(&baseline) {
            growing.push(Growing::of(output, bytes)?);
        }
        let mut traces: Vec<RunTrace> =
            self.tracing.and_then(|of| of.taken(&first, &baseline)).into_iter().collect();
        for draw in draws {
            let files = self.draw(&draw, runner, &bar)?;
            if let Some(source) = &draw.source {
                for (growing, bytes) in growing.iter_mut().zip(&files) {
                    growing.take(&draw.name, source, bytes)?;
                }
            }
            traces.extend(self.tracing.and_then(|of| of.taken(&draw, &files)));
        }
        bar.finish_and_clear();
        self.guarded.check(self.bundle.staging())?;
        if let Some(of) = self.tracing {
            // Arrays that a trace names lie beside it in the evidence.
            let folder = |run: &RunTrace| self.bundle.folder().join("outputs").join(&run.name);
            let runs = traces.iter().map(|run| (run, folder(run)));
            self.traces = Some(noise_of_traces(of.tracing.schema(), runs)?);
        }
        let noise: Result<Vec<_>, _> = growing.into_iter().map(Growing::done).collect();
        Ok(noise?)
    }

    /// Runs the reference once; gives what it leaves.
    fn draw(&mut self, draw: &Draw, runner: &dyn Runner, bar: &ProgressBar) -> Result<Vec<Vec<u8>>, Failure> {
        bar.set_message(draw.name.clone());
        let mut reference = self.reference.clone();
        if let Some(build) = draw.build {
            reference.program = self.builds[build].clone();
            // A second run of the bundle has the build itself.
            reference.own = reference.program.path.parent().map(Path::to_owned);
        }
        if let Some((name, value)) = &draw.variable {
            reference.exported.retain(|(known, _)| known != name);
            reference.exported.push((name.clone(), value.into()));
        }
        let instead = self.written(draw)?;
        let args = with_files(draw.args.as_deref().unwrap_or(&self.given.args), &instead);
        for path in instead.values() {
            self.bundle.input(path)?;
        }
        let run = Run {
            name: &draw.name,
            logs: trace_harness::evidence::bundle::recorder::logs_of(&draw.name),
            outputs: format!("outputs/{}", draw.name),
            args: &args,
            instead: &instead,
            time_limit: self.options.timeout,
            not_run: None,
            is_trace: self.tracing.is_some(),
        };
        let unchanged = self.unchanged.with(instead.values())?;
        let mut evidence = Evidence { bundle: &mut self.bundle, unchanged: &unchanged };
        let asked = self.tracing.map_or(self.adapter, |tracing| &tracing.asked);
        let ran = reference.run(asked, &run, &mut evidence, runner)?;
        for (name, bytes) in &ran.logs {
            self.guarded.put(self.bundle.staging(), name, bytes)?;
        }
        self.facts.runs.push(RunFacts {
            name: draw.name.clone(),
            source: draw.source.clone(),
            program: json!({"name": ran.binary.name, "sha256": ran.binary.sha256}),
            version: ran.version,
        });
        let SideOutputs { outputs, arrays, .. } = ran.delivered?;
        for (output, bytes) in asked.outputs.iter().zip(&outputs) {
            self.guarded.put(self.bundle.staging(), &run.stored(output), bytes)?;
        }
        for (name, bytes) in &arrays {
            self.guarded.put(self.bundle.staging(), &format!("{}/{name}", run.outputs), bytes)?;
        }
        bar.inc(1);
        Ok(outputs)
    }

    /// Writes the files of a run whose numbers were moved, each in a folder of its own under its own name.
    fn written(&self, draw: &Draw) -> Result<BTreeMap<PathBuf, PathBuf>, Failure> {
        let mut instead = BTreeMap::new();
        let root = self.moved.path().canonicalize().map_err(SystemError::TemporaryFolder)?;
        for (number, (path, text)) in draw.files.iter().enumerate() {
            let folder = root.join(&draw.name).join(number.to_string());
            std::fs::create_dir_all(&folder).map_err(SystemError::TemporaryFolder)?;
            let place = folder.join(path.file_name().unwrap_or_else(|| OsStr::new("input")));
            std::fs::write(&place, text).map_err(|source| OutputError { path: place.clone(), source })?;
            instead.insert(path.clone(), place);
        }
        Ok(instead)
    }

    /// Writes the evidence, also where no noise was found, and prints the result.
    fn close(self, came: Result<Vec<(OutputNoise, Spread)>, Failure>) -> Result<Exit, Failure> {
        let Self { facts, bundle, options, moved, traces, .. } = self;
        let outputs = match came {
            Ok(outputs) => outputs,
            Err(failure) => {
                let exit = failure.exit().unless_interrupted();
                match noise::write_failed(bundle, &facts, &failure.to_string(), exit) {
                    Ok(made) => console::place_of_failure(&made.place, options.quiet),
                    Err(refused) => console::notice(&format!("the evidence was not written: {refused}")),
                }
                return Err(failure);
            }
        };
        let told = Told { facts: &facts, outputs: &outputs, traces: traces.as_ref() };
        let made = noise::write(bundle, &told)?;
        drop(moved);
        let mut text = String::new();
        if options.json {
            let mut all = made.document.clone();
            all.insert("folder".to_owned(), made.place.to_string_lossy().into_owned().into());
            text = serde_json::to_string_pretty(&all)
                .map_err(io::Error::from)
                .map_err(SystemError::StandardOutput)?
                + "\n";
        } else {
            if !options.quiet {
                text += &noise::lines(&told);
            }
            text += &format!("noise {}\n", visible(&told.reason()));
            if !options.quiet {
                text += &format!("evidence: {}\n", made.place.display());
            }
        }
        console::text(text.as_bytes())?;
        Ok(told.verdict().exit())
    }
}

/// The arguments with other files in the place of some: as words of their own, or behind `=`.
fn with_files(args: &[OsString], instead: &BTreeMap<PathBuf, PathBuf>) -> Vec<OsString> {
    let word = |word: &OsString| {
        if let Some(other) = instead.get(Path::new(word)) {
            return other.clone().into_os_string();
        }
        let found = word.to_str().and_then(|text| text.split_once('='));
        match found.and_then(|(option, value)| Some((option, instead.get(Path::new(value))?))) {
            Some((option, other)) => {
                let mut word = OsString::from(format!("{option}="));
                word.push(other);
                word
            }
            None => word.clone(),
        }
    };
    args.iter().map(word).collect()
}

/// A bar that counts runs; it is not there where standard error is no terminal, or with `--quiet`.
fn bar(options: &NoiseOptions, runs: usize) -> ProgressBar {
    match options.quiet || !io::stderr().is_terminal() {
        true => ProgressBar::hidden(),
        false => console::counting(runs as u64),
    }
}
