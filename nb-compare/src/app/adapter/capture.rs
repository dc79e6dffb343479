//! `nb-compare capture`: one side of an adapter is asked for a trace, which is kept with everything that it took to make it.
//!
//! Not here: how a side is asked (`adapter::trace`), both sides and what their traces come to (`traces`), whether tracing changes what it
//! shows (`hygiene`).

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use maud::html;
use nanobragg::error::{OutputError, UsageError};
use nanobragg::output::write_whole;
use serde_json::{Map, json};
use trace_harness::evidence::bundle::closing::{Closing, Made, Page};
use trace_harness::evidence::bundle::metrics::Metrics;
use trace_harness::evidence::bundle::recorder::{Recorder, logs_of};
use trace_harness::evidence::bundle::staging::Target;
use trace_harness::evidence::exit::Exit;
use trace_harness::evidence::failure::{EndsCommand, Failure};
use trace_harness::evidence::given as given_paths;
use trace_harness::evidence::page::{section, table};
use trace_harness::evidence::process::Runner;
use trace_harness::evidence::verdict::Verdict;
use trace_harness::evidence::wording::counted;
use trace_harness::trace::log::{self, TraceError, TraceLog};

use crate::adapter::trace::asking::{asking, with_trace};
use crate::adapter::{self, Adapter, SIDES, TraceRules};
use crate::app::adapter::AdapterFile;
use crate::app::adapter::side::{Evidence, Ran, Ready, Run, SideOutputs, ready, shared_arguments};
use crate::app::adapter::traces::Tracing;
use crate::app::adapter::unchanged::Unchanged;
use crate::app::console;
use crate::app::guarded::Guarded;
use crate::app::recorder::numbered;
use crate::cli::{CaptureOptions, SideName, TracedSide};
use crate::runner::{self, Given, given};

/// The folder of the evidence that a trace goes to, as `trace-harness` looks for it.
const RESULTS: &str = "results";

/// What is traced: a side of an adapter, and an element.
pub(super) struct Traced<'a> {
    adapter: &'a Adapter,
    tracing: Tracing<'a>,
    rules: &'a TraceRules,
    place: &'a Path,
    number: usize,
    element: Vec<usize>,
    pub(super) given: Given,
    more: Vec<OsString>,
    time_limit: Option<f64>,
}

impl<'a> Traced<'a> {
    /// What `side` asks for of `adapter`, whose programs are seen from `place`.
    ///
    /// # Errors
    /// The adapter says nothing of traces, or the element is none of one.
    pub(super) fn of(
        side: &TracedSide,
        (adapter, place): (&'a Adapter, &'a Path),
        folder: &Path,
    ) -> Result<Self, Failure> {
        let (Some(rules), Some(tracing)) = (&adapter.trace, Tracing::of(adapter, place)?) else {
            let problem = format!("`{}`: has no [trace]", side.adapter.display());
            let expected = "one that says how each side is asked for a trace";
            return Err(UsageError::new(problem, expected).hint("docs/adapters.md says how").into());
        };
        let element = match (&side.element, rules.is_by_element()) {
            (Some(element), true) => element.0.clone(),
            (None, false) => Vec::new(),
            (None, true) => {
                let problem = "the adapter traces one element, and none is named";
                return Err(
                    UsageError::new(problem, "--element with its places along all axes, as in 3,14").into()
                );
            }
            (Some(_), false) => {
                let problem = "`--element`: the adapter traces whole runs";
                return Err(UsageError::new(problem, "no --element").into());
            }
        };
        let number = usize::from(side.side == SideName::Candidate);
        let variants = side.variant.iter().map(|id| adapter.variant(id)).collect::<Result<Vec<_>, _>>()?;
        let more =
            variants.iter().flat_map(|variant| variant.args[number].iter().map(OsString::from)).collect();
        let given = given(&side.args, folder)?;
        Ok(Self { adapter, tracing, rules, place, number, element, given, more, time_limit: side.timeout })
    }

    /// What the side is called.
    pub(super) fn label(&self) -> &str {
        &self.adapter.sides[self.number].label
    }

    /// The adapter whose side is asked for the trace.
    pub(super) fn asking(&self) -> Adapter {
        asking(self.rules, self.adapter, self.number, &self.element)
    }

    /// The adapter whose side is asked for the trace beside its outputs.
    pub(super) fn asking_too(&self) -> Adapter {
        with_trace(self.rules, self.adapter, self.number, &self.element)
    }

    fn ready<'s>(&self, adapter: &'s Adapter) -> Result<Ready<'s>, Failure> {
        ready(&adapter.sides[self.number], self.more.clone(), &self.given.args, (self.place, None))
    }

    /// Takes the adapter at `file`, the schema, the program and all inputs into the evidence; gives what no run may change.
    ///
    /// # Errors
    /// A file cannot be read or copied.
    pub(super) fn take(
        &self,
        bundle: &mut Recorder,
        file: &Path,
    ) -> Result<(Map<String, serde_json::Value>, Unchanged), Failure> {
        let asked = self.asking();
        let ready = self.ready(&asked)?;
        bundle.check_variables([&ready.program.path])?;
        let adapter = bundle.input(file)?;
        for path in &self.given.inputs {
            bundle.input(path)?;
        }
        let schema = self.tracing.token(bundle)?;
        let binary = ready.take(bundle)?;
        let files: Vec<PathBuf> = ready.files_and_programs().chain(self.tracing.file.clone()).collect();
        let unchanged = Unchanged::of(files.iter().chain(&self.given.inputs))?;
        let fields = [
            ("adapter", json!(adapter)),
            ("side", json!(SIDES[self.number])),
            ("label", json!(self.label())),
            ("element", json!(self.element)),
            ("keys", json!(schema)),
            ("args", json!(shared_arguments(bundle, &self.given)?)),
            ("program", json!({"name": binary.name, "sha256": binary.sha256})),
        ];
        Ok((fields.map(|(name, value)| (name.to_owned(), value)).into_iter().collect(), unchanged))
    }

    /// Runs the side once, as the step `name`, with `adapter`: whose last output is a trace, or one that asks for none.
    ///
    /// # Errors
    /// The evidence cannot be written. A program that fails is none.
    pub(super) fn run(
        &self,
        (name, outputs): (&str, String),
        (adapter, is_trace): (&Adapter, bool),
        evidence: &mut Evidence<'_>,
        runner: &dyn Runner,
    ) -> Result<Ran, Failure> {
        let run = Run {
            name,
            logs: logs_of(name),
            outputs,
            args: &self.given.args,
            instead: &BTreeMap::new(),
            time_limit: self.time_limit,
            not_run: None,
            is_trace,
        };
        self.ready(adapter)?.run(adapter, &run, evidence, runner)
    }

    /// The trace that a run left as the file `name`, by the adapter's schema; none where it has no line of one.
    pub(super) fn read(&self, name: &str, trace: &[u8]) -> Result<Option<TraceLog>, TraceError> {
        let mut log = log::read_bytes(trace, Path::new(name))?;
        self.tracing.apply(&mut log);
        Ok(Some(log).filter(|log| !log.lines.is_empty()))
    }

    /// As [`Traced::read`], of a run that was asked for one.
    ///
    /// # Errors
    /// It left none.
    pub(super) fn trace(&self, name: &str, trace: &[u8]) -> Result<TraceLog, NoTrace> {
        let why = match self.read(name, trace) {
            Ok(Some(log)) => return Ok(log),
            Ok(None) => "no line of it is one of a trace".to_owned(),
            Err(why) => why.to_string(),
        };
        Err(NoTrace { label: self.label().to_owned(), why })
    }
}

/// A side that was asked for a trace and left none.
#[derive(Debug, thiserror::Error)]
#[error("{label} was asked for a trace: {why}")]
pub(super) struct NoTrace {
    label: String,
    why: String,
}

impl EndsCommand for NoTrace {
    fn exit(&self) -> Exit {
        Exit::Program
    }

    fn hint(&self) -> &str {
        "docs/traces.md has every form of a trace; [trace] of the adapter says how the side is asked, and where it leaves it"
    }
}

/// Traces one side; gives the exit code.
///
/// # Errors
/// The side fails or leaves no trace, or the evidence cannot be written.
pub(crate) fn run(options: &CaptureOptions, folder: &Path) -> Result<Exit, Failure> {
    let AdapterFile { path, place, _written } = &AdapterFile::of(Some(&options.side.adapter), folder)?;
    let adapter = adapter::read(path)?;
    let traced = Traced::of(&options.side, (&adapter, place), folder)?;
    let out = options.out.as_ref().map(|out| folder.join(out));
    if let Some(out) = &out {
        let read = traced.given.inputs.iter().chain([path]).map(PathBuf::as_path);
        given_paths::writable(out, read)?;
    }
    let target = match &options.side.outdir {
        Some(path) => Target::Exact(folder.join(path)),
        None => numbered("captures", &options.side.args, folder),
    };
    let mut bundle = Recorder::begin(target, folder, options.side.keep_paths)?.closed_to_commands();
    let (fields, unchanged) = traced.take(&mut bundle, path)?;
    let (asking, side) = (traced.asking(), SIDES[traced.number]);
    let mut evidence = Evidence { bundle: &mut bundle, unchanged: &unchanged };
    let ran = traced.run((side, RESULTS.to_owned()), (&asking, true), &mut evidence, &runner::real()?)?;
    let mut guarded = Guarded::default();
    for (name, bytes) in &ran.logs {
        guarded.put(bundle.staging(), name, bytes)?;
    }
    let stored =
        asking.outputs.first().map(|output| format!("{RESULTS}/{}{}", output.name, output.kind.suffix()));
    let stored = stored.unwrap_or_default();
    let came = ran.delivered.map_err(Failure::from).and_then(|left| {
        keep(&bundle, &mut guarded, &stored, &left)?;
        let trace = left.outputs.into_iter().next().unwrap_or_default();
        Ok((traced.trace(&stored, &trace)?, trace))
    });
    let title = format!("a trace of {}: {}", traced.label(), adapter.title());
    let (log, trace) = match came {
        Ok(came) => came,
        Err(failure) => {
            let exit = Some(failure.exit().unless_interrupted());
            let reason = bundle.record(failure.to_string().lines().next().unwrap_or_default())?;
            let closing = Closing { exit, fields, ..Closing::of("capture", title, Verdict::Fail, reason) };
            console::place_of_failure(&bundle.finish(closing)?.place, options.side.quiet);
            return Err(failure);
        }
    };
    let counts = [("lines", log.lines.len()), ("keys", log.names.len()), ("records", log.record_names.len())];
    let reason = counts.map(|(what, n)| counted(n, what.trim_end_matches('s'))).join(", ");
    let rows: Vec<Vec<String>> =
        counts.iter().map(|(what, n)| vec![(*what).to_owned(), n.to_string()]).collect();
    let figures = table("The trace", &["what", "how many"], &rows);
    let made = bundle.finish(Closing {
        metrics: Metrics::of(counts.map(|(name, n)| (name, n as f64))),
        page: Page::Sections(section("trace", "Trace", &html! { (figures) })),
        exit: Some(Exit::Agrees),
        fields,
        ..Closing::of("capture", title, Verdict::Pass, reason)
    })?;
    // After the evidence, which is not to be lost where this cannot be written.
    if let Some(out) = out {
        write_whole(&out, &trace).map_err(|source| OutputError { path: out.clone(), source })?;
    }
    say(options, &made, &stored)?;
    Ok(Exit::Agrees)
}

fn keep(bundle: &Recorder, guarded: &mut Guarded, stored: &str, left: &SideOutputs) -> Result<(), Failure> {
    for trace in &left.outputs {
        guarded.put(bundle.staging(), stored, trace)?;
    }
    for (name, content) in &left.arrays {
        guarded.put(bundle.staging(), &format!("{RESULTS}/{name}"), content)?;
    }
    Ok(())
}

fn say(options: &CaptureOptions, made: &Made, stored: &str) -> Result<(), Failure> {
    let place = &made.place;
    let text = match (options.side.json, options.side.quiet) {
        (true, _) => {
            let mut all = made.document.clone();
            all.insert("folder".to_owned(), place.to_string_lossy().into_owned().into());
            all.insert("trace".to_owned(), place.join(stored).to_string_lossy().into_owned().into());
            format!("{:#}\n", json!(all))
        }
        (false, true) => format!("{}\n", made.summary.reason),
        (false, false) => format!(
            "{}\ntrace: {}\nevidence: {}\n",
            made.summary.reason,
            place.join(stored).display(),
            place.display()
        ),
    };
    console::text(text.as_bytes()).map(drop)
}
