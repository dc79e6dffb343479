//! Bundles about this program's own work: what it read, what it found, and the command that finds it again.
//!
//! Not here: bundles of other programs' runs (`run`), which have more to measure.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::evidence::bundle::environment::{self, Binary};
use crate::evidence::bundle::inputs::{self, COPY_LIMIT, InputFile};
use crate::evidence::bundle::paths::Paths;
use crate::evidence::bundle::staging::{Staging, Target};
use crate::evidence::bundle::summary::{OutputFile, SCHEMA, Status, Step, Summary, Tolerance, VERSION};
use crate::evidence::bundle::{BundleError, commands, ro_crate, stamp, utc};
use crate::evidence::exit::Exit;
use crate::evidence::page::bundle_page;
use crate::evidence::verdict::Verdict;
use crate::plan::run::Made;

/// Where a bundle goes, and what its paths are seen from.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Folder that holds the topics; absolute.
    pub reports: &'a Path,
    /// Folder below it.
    pub topic: &'a str,
    /// Working folder; absolute.
    pub folder: &'a Path,
    /// Record paths under home folders as they are.
    pub keep_paths: bool,
}

/// What the work came to.
#[derive(Debug, Clone)]
pub struct Finding<'a> {
    /// Kind of bundle.
    pub kind: &'a str,
    /// One line for people.
    pub title: String,
    /// `PASS`, `FAIL`, or `UNDECIDED`.
    pub verdict: Verdict,
    /// Why, in one sentence.
    pub reason: String,
    /// Exit status of the command.
    pub code: Exit,
    /// What the command prints.
    pub printed: String,
    /// Figures by name, for the index.
    pub metrics: BTreeMap<String, f64>,
    /// Markdown for `analysis.md`.
    pub analysis: String,
    /// HTML for the page, between verdict and commands.
    pub sections: String,
    /// What was left open.
    pub open_points: Vec<String>,
}

/// A bundle in the making.
#[derive(Debug)]
pub struct Evidence {
    staging: Staging,
    paths: Paths,
    inputs: Vec<InputFile>,
    binaries: Vec<Binary>,
    outputs: Vec<OutputFile>,
    steps: Vec<Step>,
    exported: BTreeMap<String, String>,
    created: DateTime<Utc>,
    clock: Instant,
}

impl Evidence {
    /// Begins a bundle.
    ///
    /// # Errors
    /// Its folder cannot be made.
    pub fn begin(place: Place<'_>) -> Result<Self, BundleError> {
        let created = Utc::now();
        let target = place.reports.join(place.topic).join(stamp(created));
        let staging = Staging::begin(Target::Numbered(target))?;
        let mut paths = Paths::new(place.keep_paths);
        paths.add(staging.folder(), "{out}");
        paths.add(place.folder, "{work}");
        Ok(Self {
            staging,
            paths,
            inputs: Vec::new(),
            binaries: Vec::new(),
            outputs: Vec::new(),
            steps: Vec::new(),
            exported: BTreeMap::new(),
            created,
            clock: Instant::now(),
        })
    }

    /// The folder to write into; what is below `results/` is listed as a result.
    pub fn staging(&self) -> &Staging {
        &self.staging
    }

    /// How paths are recorded.
    pub fn paths(&self) -> &Paths {
        &self.paths
    }

    /// Takes a file that was read. It is copied unless it is larger than `limit` bytes (and than the limit of all bundles).
    /// Gives the place that it has, or would have had, in the bundle.
    ///
    /// # Errors
    /// It cannot be read or copied.
    pub fn input(&mut self, path: &Path, limit: u64) -> Result<String, BundleError> {
        inputs::take(&self.staging, &mut self.paths, path, limit.min(COPY_LIMIT), &mut self.inputs)?;
        let token = self.paths.record(&path.to_string_lossy())?;
        Ok(token.replace("{input:", "inputs/").trim_end_matches('}').to_owned())
    }

    /// Records a variable that the command was run with.
    ///
    /// # Errors
    /// See [`Paths::record`].
    pub fn export(&mut self, name: &str, value: &str) -> Result<(), BundleError> {
        let value = self.paths.record(value)?;
        self.exported.insert(name.to_owned(), value);
        Ok(())
    }

    /// Records a program that was used; commands name it by token from now on.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn program(&mut self, path: &Path, version: Option<String>) -> Result<(), BundleError> {
        let binary = environment::binary(path, version)?;
        self.paths.add(path, format!("{{bin:{}/{}}}", &binary.sha256[..12], binary.name));
        if !self.binaries.contains(&binary) {
            self.binaries.push(binary);
        }
        Ok(())
    }

    /// Writes a result.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn result(&mut self, name: &str, content: impl AsRef<[u8]>) -> Result<(), BundleError> {
        self.result_within(name, content, Tolerance::Exact)
    }

    /// As [`Evidence::result`], with what is asked of it in a second run.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn result_within(
        &mut self,
        name: &str,
        content: impl AsRef<[u8]>,
        tolerance: Tolerance,
    ) -> Result<(), BundleError> {
        let path = format!("results/{name}");
        self.staging.write(&path, content)?;
        self.outputs.push(OutputFile { path, tolerance });
        Ok(())
    }

    /// Adds a command that was run on the way.
    pub fn step(&mut self, step: Step) {
        self.steps.push(step);
    }

    /// Closes the bundle. `words` is the command, beginning with this program's own name, that finds the same again; empty
    /// where the steps say everything.
    ///
    /// # Errors
    /// Something cannot be written or recorded.
    pub fn finish(mut self, words: &[String], finding: Finding<'_>) -> Result<Made, BundleError> {
        if !words.is_empty() {
            let step = self.own_step(words, &finding)?;
            self.steps.push(step);
        }
        let summary = Summary {
            schema: SCHEMA.to_owned(),
            version: VERSION,
            kind: finding.kind.to_owned(),
            title: finding.title,
            verdict: finding.verdict,
            reason: self.paths.record(&finding.reason)?,
            created: utc(self.created),
            steps: self.steps,
            inputs: self.inputs,
            open_points: finding
                .open_points
                .iter()
                .map(|point| self.paths.record(point))
                .collect::<Result<_, BundleError>>()?,
        };
        let sections = self.paths.record(&finding.sections)?;
        let environment = environment::gather(self.binaries, &self.paths)?;
        let staging = self.staging;
        staging.write("commands.txt", commands::render(&summary.steps))?;
        staging.write_json("env.json", &environment)?;
        staging.write_json("summary.json", &summary)?;
        staging.write_json("metrics.json", &json!({ "metrics": numbers(&finding.metrics) }))?;
        staging.write("analysis.md", self.paths.record(&finding.analysis)?)?;
        staging.write("report.html", bundle_page(&summary, &environment, &sections, ""))?;
        ro_crate::write(&staging, &summary, &environment)?;
        Ok(Made { place: staging.publish()?, summary })
    }

    fn own_step(&mut self, words: &[String], finding: &Finding<'_>) -> Result<Step, BundleError> {
        let logs = ["stdout", "stderr"].map(|s| format!("logs/{}.{s}.txt", finding.kind));
        self.staging.write(&logs[0], self.paths.record(&finding.printed)?)?;
        self.staging.write(&logs[1], "")?;
        let mut command: Vec<String> =
            words.iter().map(|w| self.paths.record(w)).collect::<Result<_, BundleError>>()?;
        if let (Ok(own), Some(first)) = (std::env::current_exe(), command.first_mut()) {
            let version = Some(env!("CARGO_PKG_VERSION").to_owned());
            self.program(&own, version)?;
            *first = self.paths.record(&own.to_string_lossy())?;
        }
        let mut step = Step::planned(finding.kind, command, "{work}", "");
        step.start = Some(utc(self.created));
        step.end = Some(utc(self.created + self.clock.elapsed()));
        step.wall_s = Some(self.clock.elapsed().as_secs_f64());
        step.status = Status::Exit { code: finding.code.into() };
        step.exported = std::mem::take(&mut self.exported);
        step.logs = logs.to_vec();
        step.outputs = std::mem::take(&mut self.outputs);
        Ok(step)
    }
}

/// Figures as JSON; whole numbers without a point.
fn numbers(metrics: &BTreeMap<String, f64>) -> Value {
    let number = |x: f64| match x.fract() == 0.0 && x.abs() < 9e15 {
        true => Value::from(x as i64),
        false => Value::from(x),
    };
    metrics.iter().map(|(name, x)| (name.clone(), number(*x))).collect::<serde_json::Map<_, _>>().into()
}
