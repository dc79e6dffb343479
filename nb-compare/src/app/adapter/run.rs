//! `nb-compare --adapter` and `--tolerance-from`: both sides of an adapter are run, every output is compared, and the evidence is written.
//!
//! Not here: reading adapters and judging outputs (`adapter`), one run of a side (`side`), simulators that are given the same arguments
//! (`sides`, `render`).

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use nanobragg::error::InputError;
use serde_json::json;
use trace_harness::evidence::bundle::digest;
use trace_harness::evidence::exit::Exit;
use trace_harness::evidence::failure::{Failure, SystemError};
use trace_harness::evidence::process::{Interrupt, Runner};

use crate::adapter::judge::{JudgedOutput, compare, compare_within, overall};
use crate::adapter::{self, Adapter, AdapterError, ParameterSource, SIDES};
use crate::app::adapter::AdapterFile;
use crate::app::adapter::explain::Call;
use crate::app::adapter::side::{Evidence, Ready, Run, SideOutputs, ready, shared_arguments};
use crate::app::adapter::tolerance;
use crate::app::adapter::traces::Tracing;
use crate::app::adapter::unchanged::Unchanged;
use crate::app::console;
use crate::app::recorder::{ComparisonRecorder, target};
use crate::cli::{Options, Programs};
use crate::noise::known::{KnownNoise, Wanted, kept};
use crate::report::outputs::{self, OutputsFacts, OutputsReport};
use crate::runner::{self, Given, Side, given};

/// Runs both sides of the adapter, and compares what they leave; gives the exit code.
///
/// # Errors
/// The adapter cannot be used, a side fails, or the evidence cannot be written. A comparison that begins leaves evidence.
pub(crate) fn run(
    programs: &Programs,
    options: &Options,
    args: &[OsString],
    folder: &Path,
) -> Result<Exit, Failure> {
    let AdapterFile { path, place, _written } = &AdapterFile::of(programs.adapter.as_deref(), folder)?;
    let adapter = adapter::read(path)?;
    let asked = Asked {
        adapter: &adapter,
        file: (path, place),
        variants: &programs.variant,
        named: [&programs.reference, &programs.candidate].map(Option::as_deref),
        noise: programs.tolerance_from.as_ref().map(|path| folder.join(path)),
        time_limit: programs.timeout,
    };
    let both = asked.ready(args, folder)?;
    let tracing = if options.explain { Tracing::of(&adapter, place)? } else { None };
    let record = ComparisonRecorder::of_programs(options, target(options, args, folder), folder)?;
    asked.run(&both, tracing, record, &runner::real()?).close()
}

/// What is compared: an adapter, and what a call says of it.
pub(in crate::app) struct Asked<'a> {
    pub(in crate::app) adapter: &'a Adapter,
    /// Its file, and the folder that its programs are seen from.
    pub(in crate::app) file: (&'a Path, &'a Path),
    /// The variants that are switched on.
    pub(in crate::app) variants: &'a [String],
    /// The programs that the user names.
    pub(in crate::app) named: [Option<&'a Path>; 2],
    /// The bundle whose noise the outputs are held against.
    pub(in crate::app) noise: Option<PathBuf>,
    /// Seconds after which a side is ended.
    pub(in crate::app) time_limit: Option<f64>,
}

/// Both sides ready to run, and the arguments.
pub(in crate::app) struct BothSides<'a> {
    given: Given,
    sides: [Ready<'a>; 2],
}

/// What came of a comparison; its evidence is not closed yet.
pub(in crate::app) struct AdapterComparison<'a> {
    pub(in crate::app) facts: OutputsFacts,
    pub(in crate::app) record: ComparisonRecorder<'a>,
    pub(in crate::app) came: Result<Vec<JudgedOutput>, Failure>,
}

impl<'a> Asked<'a> {
    /// Makes both sides ready for `args`; files among them are seen from `folder`.
    ///
    /// # Errors
    /// A variant is none of the adapter, a program is not there, or the arguments fit no command.
    pub(in crate::app) fn ready(&self, args: &[OsString], folder: &Path) -> Result<BothSides<'a>, Failure> {
        let variants =
            self.variants.iter().map(|id| self.adapter.variant(id)).collect::<Result<Vec<_>, _>>()?;
        let given = given(args, folder)?;
        let side = |number: usize| {
            let more = variants.iter().flat_map(|variant| variant.args[number].iter().map(OsString::from));
            let rules = &self.adapter.sides[number];
            ready(rules, more.collect(), args, (self.file.1, self.named[number]))
        };
        Ok(BothSides { given, sides: [side(0)?, side(1)?] })
    }

    /// Runs both sides, and compares what they leave.
    pub(in crate::app) fn run(
        &'a self,
        both: &'a BothSides<'a>,
        tracing: Option<Tracing<'a>>,
        record: ComparisonRecorder<'a>,
        runner: &dyn Runner,
    ) -> AdapterComparison<'a> {
        let facts = OutputsFacts::of(self.adapter, self.variants.to_vec());
        let unchanged = Unchanged::default();
        let mut job = AdapterRun { asked: self, given: &both.given, tracing, facts, unchanged, record };
        let came = job.run(&both.sides, runner);
        let released = job.record.release();
        let came = came.and_then(|judged| released.map(|()| judged));
        AdapterComparison { facts: job.facts, record: job.record, came }
    }
}

/// One comparison on its way.
struct AdapterRun<'a> {
    asked: &'a Asked<'a>,
    given: &'a Given,
    /// How elements are traced, where that is asked for and the adapter says it.
    tracing: Option<Tracing<'a>>,
    facts: OutputsFacts,
    /// Programs and inputs of both sides.
    unchanged: Unchanged,
    record: ComparisonRecorder<'a>,
}

impl AdapterRun<'_> {
    fn run(&mut self, sides: &[Ready<'_>; 2], runner: &dyn Runner) -> Result<Vec<JudgedOutput>, Failure> {
        let programs = sides.iter().map(|side| &side.program.path);
        self.record.bundle.check_variables(programs)?;
        self.facts.file = self.record.bundle.input(self.asked.file.0)?;
        for path in &self.given.inputs {
            self.record.bundle.input(path)?;
        }
        // What a side is and reads is taken before the other one can change it.
        let mut programs: Vec<PathBuf> = sides.iter().flat_map(Ready::files_and_programs).collect();
        if let Some(tracing) = &self.tracing {
            tracing.token(&mut self.record.bundle)?;
            programs.extend(tracing.file.clone());
        }
        self.unchanged = Unchanged::of(programs.iter().chain(&self.given.inputs))?;
        for (side, facts) in sides.iter().zip(&mut self.facts.sides) {
            let binary = side.take(&mut self.record.bundle)?;
            facts.program = json!({"name": binary.name, "sha256": binary.sha256});
        }
        self.facts.args = shared_arguments(&self.record.bundle, self.given)?;
        let adapter = self.asked.adapter;
        let noise = self.noise(sides)?;
        let came = self.both(sides, runner);
        let (delivered, failed) = came?;
        for (number, came) in delivered.iter().enumerate() {
            let rules = adapter.parameters.as_ref();
            let rules = rules.filter(|rules| matches!(rules.from, ParameterSource::File(_)));
            if let (Some(rules), Some(said)) = (rules, &came.said) {
                self.record.unseen.put(&rules.stored(number), said.as_slice())?;
            }
            for (output, bytes) in adapter.outputs.iter().zip(&came.outputs) {
                self.record.unseen.put(&output.stored(number), bytes.as_slice())?;
            }
        }
        let [a, b] = delivered.as_slice() else {
            return Err(
                failed.unwrap_or_else(|| AdapterError::NotRun { label: sides[1].rules.label.clone() }.into())
            );
        };
        let mut said = [None, None];
        if let Some(parameters) = &adapter.parameters {
            let stated = |came: &SideOutputs| {
                came.said.as_ref().map(|said| parameters.stated(&String::from_utf8_lossy(said)))
            };
            said = [stated(a), stated(b)];
        }
        self.facts.said(adapter, &said);
        let mut judged = Vec::new();
        for (n, output) in adapter.outputs.iter().enumerate() {
            let names = [output.stored(0), output.stored(1)];
            let files = [(Path::new(&names[0]), &*a.outputs[n]), (Path::new(&names[1]), &*b.outputs[n])];
            if let (Some(noise), Some(folder)) = (&noise, &self.asked.noise) {
                tolerance::is_of(folder, noise, output, files[0])?;
            }
            let spread = noise.as_ref().and_then(|noise| noise.spreads.get(&output.name));
            let judge = || match spread {
                Some(spread) => compare_within(output, files, spread),
                None => compare(output, files),
            };
            let came = console::while_running(self.record.options, "comparing", judge);
            judged.push(came.unwrap_or_else(|error| JudgedOutput::unreadable(output, error)));
        }
        if self.record.options.explain {
            match self.explain([a, b], runner) {
                // What was compared stays compared.
                Err(_) if Interrupt::happened() => {
                    self.record.bundle.open_point("the explanation was interrupted")?;
                }
                other => other?,
            }
        }
        Ok(judged)
    }

    /// The noise that the outputs are held against, where that is asked for; its files become part of the evidence.
    fn noise(&mut self, sides: &[Ready<'_>; 2]) -> Result<Option<KnownNoise>, Failure> {
        let Asked { adapter, file: (path, _), noise: Some(folder), .. } = self.asked else { return Ok(None) };
        let what = "finding the noise again";
        let files = console::while_running(self.record.options, what, || tolerance::files(folder, adapter))?;
        let digest = |path: &Path| {
            digest::of_file(path).map(|(sha256, _)| sha256).map_err(|e| InputError::io(path, "a file", &e))
        };
        let (sha256, programs) = (digest(path)?, [0, 1].map(|side| digest(&sides[side].program.path)));
        let [reference, candidate] = programs;
        let (reference, candidate) = (reference?, candidate?);
        let wanted = Wanted {
            adapter: (adapter, &sha256),
            args: &self.facts.args,
            variants: &self.facts.variants,
            programs: [&reference, &candidate],
        };
        let noise = tolerance::known(folder, &files, &wanted)?;
        for (name, content) in &files.contents {
            self.record.unseen.put(&kept(name), content.as_slice())?;
        }
        self.facts.tolerance = Some(noise.used.clone());
        Ok(Some(noise))
    }

    /// Tries the variants that are not on, and traces elements where the adapter says how.
    fn explain(&mut self, left: [&SideOutputs; 2], runner: &dyn Runner) -> Result<(), Failure> {
        let call = Call {
            adapter: self.asked.adapter,
            chosen: self.asked.variants,
            args: &self.given.args,
            place: self.asked.file.1,
            named: self.asked.named,
            time_limit: self.asked.time_limit,
        };
        let options = self.record.options;
        let mut evidence = Evidence { bundle: &mut self.record.bundle, unchanged: &self.unchanged };
        let unseen = &mut self.record.unseen;
        let found = console::while_running(options, "trying variants", || {
            call.explain(left, (&mut evidence, unseen), runner)
        })?;
        self.facts.explanation = Some(found);
        if let Some(tracing) = &self.tracing {
            let unseen = &mut self.record.unseen;
            let found = console::while_running(options, "tracing", || {
                tracing.explain(&call, left, (&mut evidence, unseen), runner)
            })?;
            self.facts.traces = Some(found);
        }
        Ok(())
    }

    /// Runs both sides; gives what they delivered, and why one did not.
    fn both(
        &mut self,
        sides: &[Ready<'_>; 2],
        runner: &dyn Runner,
    ) -> Result<(Vec<SideOutputs>, Option<Failure>), Failure> {
        let mut delivered: Vec<SideOutputs> = Vec::new();
        let mut failed: Option<Failure> = None;
        for (number, side) in sides.iter().enumerate() {
            match self.side(number, side, runner, failed.is_some())? {
                Ok(came) => delivered.push(came),
                Err(why) => failed = failed.or(Some(why.into())),
            }
        }
        Ok((delivered, failed))
    }

    /// Runs one side, or records that it was not run.
    fn side(
        &mut self,
        number: usize,
        ready: &Ready<'_>,
        runner: &dyn Runner,
        skip: bool,
    ) -> Result<Result<SideOutputs, AdapterError>, Failure> {
        let side = [Side::Reference, Side::Candidate][number];
        let instead = BTreeMap::new();
        let run = Run {
            name: &format!("{}{}", self.record.case, side.prefix()),
            logs: side.logs().map(|log| self.record.placed(&log)),
            outputs: self.record.placed(&format!("outputs/{}", SIDES[number])),
            args: &self.given.args,
            instead: &instead,
            time_limit: self.asked.time_limit,
            not_run: skip.then_some("the side before it failed"),
            is_trace: false,
        };
        let (adapter, label, options) = (self.asked.adapter, &ready.rules.label, self.record.options);
        let mut evidence = Evidence { bundle: &mut self.record.bundle, unchanged: &self.unchanged };
        let ran = console::while_running(options, &format!("{label} is running"), || {
            ready.run(adapter, &run, &mut evidence, runner)
        })?;
        // A part of the evidence of a matrix has its logs where it has them alone; the step says where the whole has them.
        for (name, (_, bytes)) in side.logs().iter().zip(&ran.logs) {
            self.record.unseen.put(name, bytes.as_slice())?;
        }
        let facts = &mut self.facts.sides[number];
        facts.version = ran.version;
        facts.runtime_ms = ran.wall_s.map(|seconds| seconds * 1000.0);
        self.record.lines.extend(ran.wall_s.map(|seconds| crate::report::runner_line(label, seconds)));
        Ok(ran.delivered)
    }
}

impl AdapterComparison<'_> {
    /// Writes the evidence, also of a comparison that did not come about, and prints the result.
    fn close(self) -> Result<Exit, Failure> {
        let Self { facts, record, came } = self;
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
        Ok(console::status(options, overall.exit))
    }
}
