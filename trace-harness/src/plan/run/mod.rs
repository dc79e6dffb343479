//! Running a plan and keeping the evidence as a bundle, whatever happens to the steps.
//!
//! Not here: running one command (`command`) and reading plans (`plan`).

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use regex::Regex;

use crate::evidence::bundle::closing::{Closing, Made};
use crate::evidence::bundle::recorder::{BundlePlace, Child, Recorder};
use crate::evidence::bundle::settle::is_record;
use crate::evidence::bundle::summary::{OutputFile, Status, Step, Tolerance};
use crate::evidence::bundle::{BundleError, environment, manifest};
use crate::evidence::process::{Runner, find_program};
use crate::evidence::verdict::Verdict;
use crate::plan::{OnFailure, Plan, StepPlan};

/// Where and how a plan is run.
#[derive(Debug, Clone)]
pub struct Context {
    /// Folder that holds the topics.
    pub reports: PathBuf,
    /// Working folder of the commands; relative inputs are seen from it.
    pub folder: PathBuf,
    /// Record paths under home folders as they are.
    pub keep_paths: bool,
    /// Text that goes into `analysis.md`.
    pub note: Option<String>,
    /// What is left out of texts and logs.
    pub redacted: Vec<Regex>,
    /// Bytes that a command may print into each of its two streams, which the runner holds it to.
    pub max_output: Option<u64>,
}

/// Runs all steps of `plan`; `progress` hears of each before it starts.
///
/// # Errors
/// The bundle cannot be written, or a recorded path is not allowed. Steps that fail are evidence, not errors.
pub fn run(
    plan: &Plan,
    context: &Context,
    runner: &dyn Runner,
    progress: &dyn Fn(&str),
) -> Result<Made, BundleError> {
    let place = BundlePlace {
        reports: &context.reports,
        topic: &plan.topic,
        folder: &context.folder,
        keep_paths: context.keep_paths,
    };
    let mut work = PlanRun { context, recorder: Recorder::begin_in(place)? };
    work.recorder.limit_output(context.max_output);
    context.redacted.iter().for_each(|pattern| work.recorder.leave_out(pattern.clone()));
    work.check_texts(plan)?;
    let results = work.recorder.folder().join("results");
    std::fs::create_dir_all(&results).map_err(|source| BundleError::Io {
        path: results,
        doing: "cannot be made",
        source,
    })?;
    let mut stopped: Option<String> = None;
    for step in &plan.steps {
        progress(&step.name);
        let finished = work.step(step, runner, stopped.as_deref())?;
        if !finished.succeeded() && stopped.is_none() {
            let interrupted = finished.status == Status::Interrupted;
            if step.on_failure == OnFailure::Stop || interrupted {
                stopped = Some(format!("step `{}` failed", step.name));
            }
        }
        work.recorder.step(finished);
    }
    let (mut verdict, mut reason) = outcome(work.recorder.steps());
    if let (Verdict::Pass, Some(first)) = (verdict, work.recorder.changed_inputs().into_iter().next()) {
        // The bundle has what was there before, the command may have read what came after.
        (verdict, reason) = (Verdict::Undecided, first);
    }
    let title = plan.title.as_ref().unwrap_or(&plan.topic);
    let analysis = context.note.as_ref().map(|note| format!("## Notes\n\n{}\n", note.trim()));
    let analysis = analysis.unwrap_or_default();
    work.recorder.finish(Closing { analysis, ..Closing::of("run", title, verdict, reason) })
}

struct PlanRun<'a> {
    context: &'a Context,
    recorder: Recorder,
}

impl PlanRun<'_> {
    /// What would be refused once the commands have run is refused before: their work is not to be lost for a variable.
    fn check_texts(&self, plan: &Plan) -> Result<(), BundleError> {
        let mut paths = self.recorder.paths().clone();
        for step in &plan.steps {
            let named_by_path = Some(&step.command[0]).filter(|word| word.contains('/'));
            let program = named_by_path.and_then(|word| find_program(word, &self.context.folder));
            program.iter().for_each(|path| paths.add(path, "{bin}"));
            let arguments = step.command[1..].iter().map(Path::new);
            for path in arguments.chain(step.inputs.iter().map(PathBuf::as_path)) {
                let path = self.context.folder.join(path);
                if path.is_file() {
                    paths.add(&path, "{input}");
                }
            }
        }
        let steps = plan.steps.iter().flat_map(|step| step.command.iter().chain(step.export.values()));
        for text in steps.chain(&plan.title).chain(&self.context.note) {
            paths.record(text)?;
        }
        environment::variables(&paths).map(|_| ())
    }

    fn step(
        &mut self,
        plan: &StepPlan,
        runner: &dyn Runner,
        stopped: Option<&str>,
    ) -> Result<Step, BundleError> {
        let arguments = self.resolve(plan)?;
        let program = find_program(&plan.command[0], &self.context.folder);
        let recorded = self.record(plan, &arguments, program.as_deref())?;
        let mut step = Step::planned(&plan.name, recorded, "{work}", stopped.unwrap_or_default());
        for (name, value) in &plan.export {
            step.exported.insert(name.clone(), self.recorder.record(value)?);
        }
        (step.time_limit_s, step.expect) = (plan.timeout_s, plan.expect);
        if stopped.is_some() {
            return Ok(step);
        }
        let Some(program) = program else {
            step.status = Status::NotStarted { reason: "there is no such program".to_owned() };
            return Ok(step);
        };
        let child = Child {
            stdin: None,
            program,
            args: arguments[1..].iter().map(OsString::from).collect(),
            folder: self.context.folder.clone(),
            exported: plan.export.iter().map(|(k, v)| (k.clone(), v.into())).collect(),
        };
        let before = self.results()?;
        self.recorder.run(&mut step, child, runner)?;
        let printed = step.logs.iter().filter_map(|log| self.recorder.folder().join(log).metadata().ok());
        if let Some(warning) = much_output(&step.name, printed.map(|log| log.len()).sum()) {
            self.recorder.open_point(&warning)?;
        }
        self.outputs(plan, &mut step, &before)?;
        Ok(step)
    }

    /// The words of the command with `{out}` filled in and input files absolute.
    fn resolve(&mut self, plan: &StepPlan) -> Result<Vec<String>, BundleError> {
        let out = self.recorder.folder().to_string_lossy().into_owned();
        let mut arguments: Vec<String> = plan.command.iter().map(|w| w.replace("{out}", &out)).collect();
        for word in &mut arguments[1..] {
            let path = self.context.folder.join(&*word);
            if !word.is_empty() && path.is_file() && !path.starts_with(self.recorder.folder()) {
                self.recorder.input(&path)?;
                *word = path.to_string_lossy().into_owned();
            }
        }
        for input in &plan.inputs {
            self.recorder.input(&self.context.folder.join(input))?;
        }
        Ok(arguments)
    }

    /// The words as they are recorded. A program given by its bare name keeps it; one of the working folder is an input, so that a second
    /// run has it; any other becomes a token.
    fn record(
        &mut self,
        plan: &StepPlan,
        arguments: &[String],
        program: Option<&Path>,
    ) -> Result<Vec<String>, BundleError> {
        let first = match program {
            Some(path) if plan.command[0].contains('/') => self.recorder.program_by_path(path, None)?.1,
            Some(path) => {
                self.recorder.bare_program(path)?;
                self.recorder.record(&arguments[0])?
            }
            None => self.recorder.record(&arguments[0])?,
        };
        let others = arguments[1..].iter().map(|word| self.recorder.record(word));
        std::iter::once(Ok(first)).chain(others).collect()
    }

    /// All files below `results/`, as paths in the bundle.
    fn results(&self) -> Result<Vec<String>, BundleError> {
        let folder = self.recorder.folder().join("results");
        // A command may have removed the folder.
        let entries = if folder.is_dir() { manifest::collect(&folder)? } else { Vec::new() };
        Ok(entries.into_iter().map(|e| format!("results/{}", e.path)).collect())
    }

    /// What the step wrote: the files that are new, with the tolerances of the plan, and the ones that the plan names.
    fn outputs(&self, plan: &StepPlan, step: &mut Step, before: &[String]) -> Result<(), BundleError> {
        let now = self.results()?;
        step.outputs = plan.outputs.iter().filter(|o| now.contains(&o.path)).cloned().collect();
        for path in now.iter().filter(|p| !before.contains(p) && !is_record(p, &now)) {
            if !step.outputs.iter().any(|o| o.path == **path) {
                step.outputs.push(OutputFile { path: path.clone(), tolerance: Tolerance::Exact });
            }
        }
        let missing = plan.outputs.iter().find(|o| !now.contains(&o.path));
        if let Some(output) = missing.filter(|_| step.succeeded()) {
            step.status = Status::NoOutput { path: output.path.clone(), code: step.expect };
        }
        Ok(())
    }
}

/// A warning where a step printed more than anybody reads.
fn much_output(step: &str, bytes: u64) -> Option<String> {
    const MUCH: u64 = 256 << 20;
    let mib = bytes >> 20;
    (bytes > MUCH)
        .then(|| format!("step `{step}` printed {mib} MiB, all of it kept; `--max-output` sets a limit"))
}

/// What steps that ended in this way come to, and why.
pub(crate) fn outcome(steps: &[Step]) -> (Verdict, String) {
    let failed: Vec<String> = steps
        .iter()
        .filter(|s| !s.succeeded())
        .map(|s| match s.expect {
            0 => format!("{}: {}", s.name, s.status.text()),
            code => format!("{}: {}, expected {code}", s.name, s.status.text()),
        })
        .collect();
    let who = match steps.len() {
        1 => "the command".to_owned(),
        n => format!("all {n} commands"),
    };
    match failed.is_empty() {
        true if steps.iter().all(|s| s.expect == 0) => {
            (Verdict::Pass, format!("{who} ended with exit status 0"))
        }
        true => (Verdict::Pass, format!("{who} ended with the exit status that was expected")),
        false => (Verdict::Fail, failed.join("; ")),
    }
}

#[cfg(test)]
mod tests;
