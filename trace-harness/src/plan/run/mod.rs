//! Running a plan and keeping the evidence as a bundle, whatever happens to the steps.
//!
//! Not here: running one command (`command`) and reading plans (`plan`).

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::Utc;

use crate::evidence::bundle::environment::{self, Binary, Environment};
use crate::evidence::bundle::inputs::{self, COPY_LIMIT, InputFile};
use crate::evidence::bundle::paths::Paths;
use crate::evidence::bundle::staging::{Staging, Target};
use crate::evidence::bundle::summary::{OutputFile, SCHEMA, Status, Step, Summary, Tolerance, VERSION};
use crate::evidence::bundle::{BundleError, commands, ro_crate, stamp, utc};
use crate::evidence::page::bundle_page;
use crate::evidence::process::{Invocation, Runner};
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
}

/// A bundle that was made.
#[derive(Debug, Clone)]
pub struct Made {
    /// Where it is.
    pub place: PathBuf,
    /// Its summary.
    pub summary: Summary,
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
    let created = Utc::now();
    let staging = Staging::begin(Target::Numbered(context.reports.join(&plan.topic).join(stamp(created))))?;
    let mut paths = Paths::new(context.keep_paths);
    paths.add(staging.folder(), "{out}");
    paths.add(&context.folder, "{work}");
    let mut work = Work { context, staging: &staging, paths, inputs: Vec::new(), binaries: Vec::new() };
    std::fs::create_dir_all(staging.place("results/x")?.with_file_name("")).map_err(|source| {
        BundleError::Io { path: staging.folder().to_owned(), doing: "cannot be written", source }
    })?;
    let mut steps = Vec::new();
    let mut stopped: Option<String> = None;
    for step in &plan.steps {
        progress(&step.name);
        let done = work.step(step, runner, stopped.as_deref())?;
        if !done.status.is_success() && stopped.is_none() {
            let interrupted = done.status == Status::Interrupted;
            if step.on_failure == OnFailure::Stop || interrupted {
                stopped = Some(format!("step `{}` failed", step.name));
            }
        }
        steps.push(done);
    }
    let Work { paths, inputs, binaries, .. } = work;
    let summary = summarise(plan, steps, inputs, &utc(created));
    let environment = environment::gather(binaries, &paths)?;
    write_files(&staging, &summary, &environment, context.note.as_deref())?;
    Ok(Made { place: staging.publish()?, summary })
}

/// Writes the files that tell about a bundle: everything but results, logs, inputs and manifest.
///
/// # Errors
/// A file cannot be written.
pub fn write_files(
    staging: &Staging,
    summary: &Summary,
    environment: &Environment,
    note: Option<&str>,
) -> Result<(), BundleError> {
    staging.write("commands.txt", commands::render(&summary.steps))?;
    staging.write_json("env.json", environment)?;
    staging.write_json("summary.json", summary)?;
    staging.write("analysis.md", analysis(summary, note))?;
    staging.write("report.html", bundle_page(summary, environment, "", ""))?;
    ro_crate::write(staging, summary, environment)
}

struct Work<'a> {
    context: &'a Context,
    staging: &'a Staging,
    paths: Paths,
    inputs: Vec<InputFile>,
    binaries: Vec<Binary>,
}

impl Work<'_> {
    fn step(
        &mut self,
        plan: &StepPlan,
        runner: &dyn Runner,
        stopped: Option<&str>,
    ) -> Result<Step, BundleError> {
        let words = self.resolve(plan)?;
        let program = find_program(&plan.command[0], &self.context.folder);
        let recorded = self.record(plan, &words, program.as_deref())?;
        let mut step = Step::planned(&plan.name, recorded, "{work}", stopped.unwrap_or_default());
        for (name, value) in &plan.export {
            step.exported.insert(name.clone(), self.paths.record(value)?);
        }
        step.time_limit_s = plan.timeout_s;
        if stopped.is_some() {
            return Ok(step);
        }
        let Some(program) = program else {
            step.status = Status::NotStarted { reason: "there is no such program".to_owned() };
            return Ok(step);
        };
        step.logs = ["stdout", "stderr"].map(|s| format!("logs/{}.{s}.txt", plan.name)).to_vec();
        let invocation = Invocation {
            program,
            args: words[1..].iter().map(OsString::from).collect(),
            folder: self.context.folder.clone(),
            exported: plan.export.iter().map(|(k, v)| (k.clone(), v.into())).collect(),
            stdout: self.staging.place(&step.logs[0])?,
            stderr: self.staging.place(&step.logs[1])?,
            time_limit: plan.timeout_s.map(Duration::from_secs_f64),
        };
        let before = self.results()?;
        match runner.run(&invocation) {
            Ok(measured) => step.measured(&measured),
            Err(e) => step.status = Status::NotStarted { reason: self.paths.record(&e.to_string())? },
        }
        self.outputs(plan, &mut step, &before)?;
        Ok(step)
    }

    /// The words of the command with `{out}` filled in and input files absolute.
    fn resolve(&mut self, plan: &StepPlan) -> Result<Vec<String>, BundleError> {
        let out = self.staging.folder().to_string_lossy().into_owned();
        let mut words: Vec<String> = plan.command.iter().map(|w| w.replace("{out}", &out)).collect();
        for word in &mut words[1..] {
            let path = self.context.folder.join(&*word);
            if !word.is_empty() && path.is_file() && !path.starts_with(self.staging.folder()) {
                self.take(&path)?;
                *word = path.to_string_lossy().into_owned();
            }
        }
        for input in &plan.inputs {
            self.take(&self.context.folder.join(input))?;
        }
        Ok(words)
    }

    fn take(&mut self, path: &Path) -> Result<(), BundleError> {
        inputs::take(self.staging, &mut self.paths, path, COPY_LIMIT, &mut self.inputs)
    }

    /// The words as they are recorded. A program given by its bare name keeps it; any other becomes a token.
    fn record(
        &mut self,
        plan: &StepPlan,
        words: &[String],
        program: Option<&Path>,
    ) -> Result<Vec<String>, BundleError> {
        let mut first = self.paths.record(&words[0]);
        if let Some(path) = program {
            let binary = environment::binary(path, None)?;
            if plan.command[0].contains('/') {
                let token = format!("{{bin:{}/{}}}", &binary.sha256[..12], binary.name);
                self.paths.add(path, token.clone());
                first = Ok(token);
            }
            if !self.binaries.contains(&binary) {
                self.binaries.push(binary);
            }
        }
        std::iter::once(first).chain(words[1..].iter().map(|w| self.paths.record(w))).collect()
    }

    /// All files below `results/`, as paths in the bundle.
    fn results(&self) -> Result<Vec<String>, BundleError> {
        let folder = self.staging.folder().join("results");
        let entries = crate::evidence::bundle::manifest::collect(&folder)?;
        Ok(entries.into_iter().map(|e| format!("results/{}", e.path)).collect())
    }

    /// What the step wrote: the files that are new, with the tolerances of the plan, and the ones the plan asked for.
    fn outputs(&self, plan: &StepPlan, step: &mut Step, before: &[String]) -> Result<(), BundleError> {
        let now = self.results()?;
        step.outputs = plan.outputs.iter().filter(|o| now.contains(&o.path)).cloned().collect();
        for path in now.iter().filter(|p| !before.contains(p)) {
            if !step.outputs.iter().any(|o| o.path == **path) {
                step.outputs.push(OutputFile { path: path.clone(), tolerance: Tolerance::Exact });
            }
        }
        let missing = plan.outputs.iter().find(|o| !now.contains(&o.path));
        if let Some(output) = missing.filter(|_| step.status.is_success()) {
            step.status = Status::NoOutput { path: output.path.clone() };
        }
        Ok(())
    }
}

/// The program as a shell would find it, absolute.
pub fn find_program(name: &str, folder: &Path) -> Option<PathBuf> {
    if name.contains('/') {
        return Some(folder.join(name)).filter(|p| p.is_file()).and_then(|p| p.canonicalize().ok());
    }
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| folder.join(dir).join(name)).find(|p| p.is_file())
}

fn summarise(plan: &Plan, steps: Vec<Step>, inputs: Vec<InputFile>, created: &str) -> Summary {
    let failed: Vec<String> = steps
        .iter()
        .filter(|s| !s.status.is_success())
        .map(|s| format!("{}: {}", s.name, s.status.text()))
        .collect();
    let (verdict, reason) = match failed.is_empty() {
        true => (Verdict::Pass, format!("all {} commands ended with exit status 0", steps.len())),
        false => (Verdict::Fail, failed.join("; ")),
    };
    Summary {
        schema: SCHEMA.to_owned(),
        version: VERSION,
        kind: "run".to_owned(),
        title: plan.title.clone().unwrap_or_else(|| plan.topic.clone()),
        verdict,
        reason,
        created: created.to_owned(),
        steps,
        inputs,
        open_points: Vec::new(),
    }
}

fn analysis(summary: &Summary, note: Option<&str>) -> String {
    let mut text = format!("# {}\n\n{}: {}\n\n", summary.title, summary.verdict, summary.reason);
    text += "| step | outcome | wall s | processor s | peak MiB |\n|---|---|---|---|---|\n";
    for step in &summary.steps {
        let seconds = |v: Option<f64>| v.map_or("-".to_owned(), |s| format!("{s:.3}"));
        let peak = step
            .peak_memory_bytes
            .map_or("-".to_owned(), |b| format!("{:.1}", b as f64 / f64::from(1 << 20)));
        text += &format!(
            "| {} | {} | {} | {} | {peak} |\n",
            step.name,
            step.status.text().replace('|', "\\|"),
            seconds(step.wall_s),
            seconds(step.cpu_s)
        );
    }
    let produced: Vec<String> =
        summary.steps.iter().flat_map(|s| &s.outputs).map(|o| format!("- `{}`\n", o.path)).collect();
    text += &format!(
        "\n## Files produced\n\n{}",
        if produced.is_empty() { "None.\n".into() } else { produced.concat() }
    );
    if let Some(note) = note {
        text += &format!("\n## Notes\n\n{}\n", note.trim());
    }
    text
}

#[cfg(test)]
mod tests;
