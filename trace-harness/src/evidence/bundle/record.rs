//! A bundle as it grows: inputs, programs and runs are entered one by one, and it is closed with a verdict.
//!
//! Not here: running anything (`simulator`, `run`), what the results say.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use crate::evidence::bundle::environment::{self, Binary};
use crate::evidence::bundle::inputs::{self, COPY_LIMIT, InputFile};
use crate::evidence::bundle::paths::Paths;
use crate::evidence::bundle::staging::{Staging, Target};
use crate::evidence::bundle::summary::{OutputFile, SCHEMA, Status, Step, Summary, Tolerance, VERSION};
use crate::evidence::bundle::{BundleError, commands, ro_crate, utc};
use crate::evidence::exit::Exit;
use crate::evidence::page::bundle_page;
use crate::evidence::verdict::Verdict;
use crate::simulator::OneRun;

/// A bundle in the making.
#[derive(Debug)]
pub struct Record {
    /// The folder in the making.
    pub staging: Staging,
    /// Which paths become which tokens.
    pub paths: Paths,
    /// The runs so far.
    pub steps: Vec<Step>,
    /// What is left open, in words.
    pub open_points: Vec<String>,
    inputs: Vec<InputFile>,
    binaries: Vec<Binary>,
    created: String,
}

/// What a bundle says in the end.
#[derive(Debug, Clone, Copy)]
pub struct Closing<'a> {
    /// What kind of bundle.
    pub kind: &'a str,
    /// One line for people.
    pub title: &'a str,
    /// `PASS`, `FAIL`, or `UNDECIDED`.
    pub verdict: Verdict,
    /// Why, in one sentence.
    pub reason: &'a str,
    /// More for people, in Markdown.
    pub analysis: &'a str,
    /// The same for the page, in HTML.
    pub sections: &'a str,
}

/// Work that this very program is doing.
#[derive(Debug)]
pub struct Clock(DateTime<Utc>, Instant);

/// Work that this very program did.
#[derive(Debug, Clone, Copy)]
pub struct InProcess {
    /// When it was begun.
    pub start: DateTime<Utc>,
    /// How long it took.
    pub wall: Duration,
    /// The exit status that it leads to.
    pub code: Exit,
}

impl Clock {
    /// Begins.
    pub fn start() -> Self {
        Self(Utc::now(), Instant::now())
    }

    /// Ends.
    pub fn stop(&self, code: Exit) -> InProcess {
        InProcess { start: self.0, wall: self.1.elapsed(), code }
    }
}

/// Enters this very program; gives what recorded commands call it.
///
/// # Errors
/// The system does not say where it is, or it cannot be read.
pub fn own_program(record: &mut Record) -> Result<String, BundleError> {
    let path =
        std::env::current_exe().map_err(BundleError::io(Path::new("this executable"), "cannot be found"))?;
    record.program(&path)
}

impl Record {
    /// Starts a bundle that is to appear at `target`; `work` is the folder that relative paths are seen from.
    ///
    /// # Errors
    /// As [`Staging::begin`].
    pub fn begin(target: Target, work: &Path, keep_paths: bool) -> Result<Self, BundleError> {
        let staging = Staging::begin(target)?;
        let mut paths = Paths::new(keep_paths);
        paths.add(staging.folder(), "{out}");
        paths.add(work, "{work}");
        Ok(Self {
            staging,
            paths,
            steps: Vec::new(),
            open_points: Vec::new(),
            inputs: Vec::new(),
            binaries: Vec::new(),
            created: utc(Utc::now()),
        })
    }

    /// Takes a file that is read, given by its absolute path.
    ///
    /// # Errors
    /// As [`inputs::take`].
    pub fn input(&mut self, path: &Path) -> Result<(), BundleError> {
        inputs::take(&self.staging, &mut self.paths, path, COPY_LIMIT, &mut self.inputs)
    }

    /// As [`Record::input`]; gives what recorded commands call the file.
    ///
    /// # Errors
    /// As [`Record::input`].
    pub fn input_token(&mut self, path: &Path) -> Result<String, BundleError> {
        let path = path.canonicalize().map_err(BundleError::io(path, "cannot be found"))?;
        self.input(&path)?;
        self.paths.record(&path.to_string_lossy())
    }

    /// Enters a program; from now on its path is recorded as a token.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn program(&mut self, path: &Path) -> Result<String, BundleError> {
        let binary = environment::binary(path, None)?;
        let token = format!("{{bin:{}/{}}}", &binary.sha256[..12], binary.name);
        self.paths.add(path, token.clone());
        if !self.binaries.contains(&binary) {
            self.binaries.push(binary);
        }
        Ok(token)
    }

    /// Enters a run with what it printed and what it wrote into the bundle.
    ///
    /// # Errors
    /// Its words are not allowed in a bundle, or its output cannot be copied.
    pub fn run(&mut self, run: &OneRun, outputs: &[&str]) -> Result<(), BundleError> {
        let mut step = run.step(&self.paths)?;
        for (log, stream) in run.logs.iter().zip(["stdout", "stderr"]) {
            let name = format!("logs/{}.{stream}.txt", run.name);
            let place = self.staging.place(&name)?;
            std::fs::copy(log, &place).map_err(BundleError::io(log, "cannot be copied"))?;
            step.logs.push(name);
        }
        let output = |path: &&str| OutputFile { path: (*path).to_owned(), tolerance: Tolerance::Exact };
        step.outputs = outputs.iter().map(output).collect();
        self.steps.push(step);
        Ok(())
    }

    /// Enters work that this very program did, as the command that does it again: its words as they are to be recorded, what it
    /// printed, and what it wrote into the bundle.
    ///
    /// # Errors
    /// A log cannot be written.
    pub fn in_process(
        &mut self,
        name: &str,
        words: Vec<String>,
        done: &InProcess,
        printed: &str,
        outputs: &[&str],
    ) -> Result<(), BundleError> {
        let mut step = Step::planned(name, words, "{work}", "");
        (step.start, step.end) = (Some(utc(done.start)), Some(utc(done.start + done.wall)));
        step.wall_s = Some(done.wall.as_secs_f64());
        step.status = Status::Exit { code: done.code.into() };
        for (stream, text) in [("stdout", format!("{}\n", printed.trim_end())), ("stderr", String::new())] {
            let log = format!("logs/{name}.{stream}.txt");
            self.staging.write(&log, text)?;
            step.logs.push(log);
        }
        let output = |path: &&str| OutputFile { path: (*path).to_owned(), tolerance: Tolerance::Exact };
        step.outputs = outputs.iter().map(output).collect();
        self.steps.push(step);
        Ok(())
    }

    /// Writes what every bundle has and makes it visible; gives its place.
    ///
    /// # Errors
    /// A file cannot be written, or a variable's value is not allowed in a bundle.
    pub fn close(self, closing: &Closing<'_>) -> Result<PathBuf, BundleError> {
        let environment = environment::gather(self.binaries, &self.paths)?;
        let summary = Summary {
            schema: SCHEMA.to_owned(),
            version: VERSION,
            kind: closing.kind.to_owned(),
            title: closing.title.to_owned(),
            verdict: closing.verdict,
            reason: closing.reason.to_owned(),
            created: self.created,
            steps: self.steps,
            inputs: self.inputs,
            open_points: self.open_points,
        };
        let staging = self.staging;
        staging.write("commands.txt", commands::render(&summary.steps))?;
        staging.write_json("env.json", &environment)?;
        staging.write_json("summary.json", &summary)?;
        staging.write("analysis.md", analysis(&summary, closing.analysis))?;
        staging.write("report.html", bundle_page(&summary, &environment, closing.sections, ""))?;
        ro_crate::write(&staging, &summary, &environment)?;
        staging.publish()
    }
}

fn analysis(summary: &Summary, more: &str) -> String {
    let mut text = format!("# {}\n\n{}: {}\n", summary.title, summary.verdict, summary.reason);
    if !more.is_empty() {
        text += &format!("\n{}\n", more.trim());
    }
    if !summary.open_points.is_empty() {
        text += "\n## Open points\n\n";
        summary.open_points.iter().for_each(|point| text += &format!("- {point}\n"));
    }
    text
}
