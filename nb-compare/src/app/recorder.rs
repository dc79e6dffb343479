//! What is recorded of a comparison while it goes on, beside what every bundle records.
//!
//! Not here: running the sides (`render`), the files of the evidence (`report`).

use std::ffi::OsString;
use std::io::Read;
use std::path::{Path, PathBuf};

use nanobragg::error::InputError;
use nanobragg::image::scaling::Scaling;
use serde_json::{Map, Value};
use trace_harness::evidence::bundle::closing::Made;
use trace_harness::evidence::bundle::digest;
use trace_harness::evidence::bundle::reading::regular;
use trace_harness::evidence::bundle::recorder::Recorder;
use trace_harness::evidence::bundle::staging::Target;
use trace_harness::evidence::clock;
use trace_harness::evidence::exit::Exit;
use trace_harness::evidence::failure::Failure;

use crate::app::guarded::Guarded;
use crate::app::request::{ImageJob, RunToKeep};
use crate::app::unseen::Unseen;
use crate::built_in::Dialect;
use crate::cache::Cache;
use crate::cli::Options;
use crate::compare::Comparison;
use crate::compare::recorded::Recorded;
use crate::effective::Effective;
use crate::explanation::Explanation;
use crate::report::{self, ComparisonReport, Pictures};
use crate::runner::Side;

/// A comparison on its way.
pub(super) struct ComparisonRecorder<'j> {
    /// How to compare and what to keep.
    pub options: &'j Options,
    /// Where runs of the reference are kept.
    pub cache: Option<Cache>,
    /// Files that lie in the working folders without being named.
    pub beside: Vec<PathBuf>,
    /// Name of the case with a `/`, where this is a part of a matrix; empty otherwise.
    pub case: String,
    /// The bundle in the making.
    pub bundle: Recorder,
    /// Files of it that programs must not change.
    pub guarded: Guarded,
    /// Files of it that are written when no program runs any more.
    pub unseen: Unseen,
    /// A run of the reference to be kept then.
    pub to_keep: Option<RunToKeep>,
    /// Fields of the summary that speak of the runners.
    pub extra: Map<String, Value>,
    /// What both sides say they computed with.
    pub effective: Effective,
    /// Why the images differ, where that was asked.
    pub explanation: Option<Explanation>,
    /// Which program the reference says it is.
    pub dialect: Option<Dialect>,
    /// What the terminal shows about the runners.
    pub lines: Vec<String>,
}

impl<'j> ComparisonRecorder<'j> {
    fn of(options: &'j Options, bundle: Recorder) -> Self {
        Self {
            options,
            cache: None,
            beside: Vec::new(),
            case: String::new(),
            bundle: bundle.closed_to_commands(),
            guarded: Guarded::default(),
            unseen: Unseen::default(),
            to_keep: None,
            extra: empty_fields(),
            effective: Effective::default(),
            explanation: None,
            dialect: None,
            lines: Vec::new(),
        }
    }

    /// Starts evidence about two files that is to appear at `target`.
    ///
    /// # Errors
    /// The folder is there already, or cannot be made.
    pub(super) fn of_files(options: &'j Options, target: Target) -> Result<Self, Failure> {
        // Nothing runs, so that there is no working folder.
        Ok(Self::of(options, Recorder::begin(target, Path::new(""), options.keep_paths)?))
    }

    /// Starts evidence about two programs that work in `folder`.
    ///
    /// # Errors
    /// As [`ComparisonRecorder::of_files`].
    pub(super) fn of_programs(options: &'j Options, target: Target, folder: &Path) -> Result<Self, Failure> {
        Ok(Self::of(options, Recorder::begin(target, folder, options.keep_paths)?))
    }

    /// Starts the evidence of a job.
    ///
    /// # Errors
    /// As [`ComparisonRecorder::of_files`].
    pub(super) fn begin(job: &ImageJob, options: &'j Options) -> Result<Self, Failure> {
        let bundle =
            Recorder::begin(target(options, &job.args, &job.folder), &job.folder, options.keep_paths)?;
        Ok(Self::of(options, bundle).serving(job))
    }

    /// Starts a part of the evidence of a matrix, in a folder of its own that `parent` is the folder of; `folder` is what paths of the
    /// list of cases are seen from.
    ///
    /// # Errors
    /// As [`ComparisonRecorder::of_files`].
    pub(super) fn part(
        parent: &Path,
        case: &str,
        folder: &Path,
        options: &'j Options,
    ) -> Result<Self, Failure> {
        let target = Target::Exact(parent.join(case.replace('/', "-")));
        let token = format!("{{out}}/cases/{case}");
        let bundle = Recorder::begin_part(target, &token, folder, options.keep_paths)?;
        Ok(Self { case: format!("{case}/"), ..Self::of(options, bundle) })
    }

    /// As it serves a job.
    pub(super) fn serving(mut self, job: &ImageJob) -> Self {
        self.cache = job.cache.clone();
        self.beside = job.beside.clone();
        self
    }

    /// What a side printed, or another file of the evidence, from its beginning.
    pub(super) fn reader(&mut self, name: &str) -> Option<Box<dyn Read + '_>> {
        // A program may have put a file of this name where the evidence will be.
        if self.unseen.has(name) {
            return self.unseen.reader(name).map(|file| Box::new(file) as Box<dyn Read>);
        }
        let written = regular::open(&self.bundle.folder().join(name)).ok();
        written.map(|file| Box::new(file) as Box<dyn Read>)
    }

    /// Writes what was held back while programs ran, and keeps the reference's run.
    ///
    /// # Errors
    /// A file cannot be written, or a program changed one that was, or added one.
    pub(super) fn release(&mut self) -> Result<(), Failure> {
        // What was put there makes way for the evidence, and is an error all the same.
        let checked = self.guarded.check(self.bundle.staging());
        self.unseen.write(self.bundle.staging(), &mut self.guarded)?;
        checked?;
        if let Some(run) = self.to_keep.take() {
            self.keep(&run);
        }
        Ok(())
    }

    /// Enters what the images of a job are called in the evidence, and takes the mask, seen from `folder`, among the inputs.
    ///
    /// # Errors
    /// The mask cannot be read or copied.
    pub(super) fn names_of(&mut self, recorded: &mut Recorded, folder: &Path) -> Result<(), Failure> {
        recorded.images = [Side::Reference, Side::Candidate].map(|side| self.placed(&side.float_image()));
        recorded.mask = self.mask(folder)?;
        Ok(())
    }

    /// Takes the mask among the inputs; gives the token that it is called by.
    ///
    /// # Errors
    /// It cannot be read or copied.
    pub(super) fn mask(&mut self, folder: &Path) -> Result<Option<String>, Failure> {
        let Some(mask) = &self.options.mask else { return Ok(None) };
        let path = folder.join(mask).canonicalize();
        let path = path.map_err(|e| InputError::io(mask, "a mask", &e))?;
        Ok(Some(self.bundle.input(&path)?))
    }

    /// Where a file of this part lies in the whole bundle.
    pub(super) fn placed(&self, name: &str) -> String {
        if self.case.is_empty() { name.to_owned() } else { format!("cases/{}{name}", self.case) }
    }

    /// Writes the evidence and makes it visible. Without a comparison, `failed` says why, and with which status the command ends.
    ///
    /// # Errors
    /// A file cannot be written, or a recorded path is not allowed.
    pub(super) fn close(
        mut self,
        title: &str,
        comparison: Option<&Comparison<'_>>,
        failed: Option<&Failure>,
    ) -> Result<Made, Failure> {
        self.release()?;
        let exit = match (comparison, failed) {
            (_, Some(failed)) => failed.exit().unless_interrupted(),
            // What was compared stays compared, also where its explanation was interrupted.
            (Some(comparison), None) => comparison.judgement.verdict.exit(),
            (None, None) => Exit::Undecided,
        };
        let failed = failed.map(ToString::to_string).unwrap_or_default();
        let scaling = match self.options.log {
            true => Scaling::Log,
            false => Scaling::Percentile(self.options.png_scale),
        };
        self.extra.extend(report::scaling_fields(scaling));
        let told = ComparisonReport {
            title,
            failed: &failed,
            exit,
            comparison,
            effective: &self.effective,
            explanation: self.explanation.as_ref(),
            extra: self.extra,
            pictures: Pictures::of(scaling, self.options.save_diff),
        };
        Ok(report::write(self.bundle, told)?)
    }
}

/// The fields of the summary that speak of the runners, before anything has run.
fn empty_fields() -> Map<String, Value> {
    let nulls = [
        "runtime_reference_ms",
        "runtime_candidate_ms",
        "speedup",
        "binary_reference",
        "binary_candidate",
        "reference_args",
        "candidate_args",
    ]
    .map(|n| (n.to_owned(), Value::Null));
    let mut fields: Map<String, Value> = nulls.into_iter().collect();
    fields.insert("args".to_owned(), Value::Array(Vec::new()));
    fields.insert("reference_cache".to_owned(), Value::Null);
    fields
}

/// `comparisons/YYYYMMDD-HHMMSS-DIGEST` under the working folder, or what the user asked for.
pub(super) fn target(options: &Options, args: &[OsString], folder: &Path) -> Target {
    match &options.outdir {
        Some(path) => Target::Exact(folder.join(path)),
        None => numbered("comparisons", args, folder),
    }
}

/// `TOPIC/YYYYMMDD-HHMMSS-DIGEST` under the working folder.
pub(super) fn numbered(topic: &str, args: &[OsString], folder: &Path) -> Target {
    let words: Vec<&[u8]> = args.iter().map(|a| a.as_encoded_bytes()).collect();
    let digest = digest::of_bytes(&words.join(&0));
    let name = format!("{}-{}", clock::now().format("%Y%m%d-%H%M%S"), &digest[..8]);
    Target::Numbered(folder.join(topic).join(name))
}
