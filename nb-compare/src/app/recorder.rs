//! What is recorded while a job goes on, and the evidence that is made of it in the end.
//!
//! Not here: running the sides (`render`).

use std::path::{Path, PathBuf};

use chrono::Utc;
use nanobragg::image::scaling::Scaling;
use serde_json::{Map, Value};
use trace_harness::evidence::bundle::environment::{self, Binary};
use trace_harness::evidence::bundle::inputs::InputFile;
use trace_harness::evidence::bundle::paths::Paths;
use trace_harness::evidence::bundle::staging::{Staging, Target};
use trace_harness::evidence::bundle::summary::{SCHEMA, Step, Summary, VERSION};
use trace_harness::evidence::bundle::{digest, utc};

use crate::app::request::Job;
use crate::cache::Cache;
use crate::cli::Options;
use crate::compare::Comparison;
use crate::compare::verdict::Outcome;
use crate::effective::Effective;
use crate::explanation::Explanation;
use crate::failure::Failure;
use crate::report::{self, Evidence, Pictures};

/// A job on its way: what is recorded as it goes.
pub struct Recorder<'j> {
    /// How to compare and what to keep.
    pub options: &'j Options,
    /// Where runs of the reference are kept.
    pub cache: Option<Cache>,
    /// Files that lie in the working folders without being named.
    pub beside: Vec<PathBuf>,
    /// Name of the case with a `/`, where this is a part of a matrix; empty otherwise.
    pub case: String,
    /// The folder in the making.
    pub staging: Staging,
    /// Which paths become which tokens.
    pub paths: Paths,
    /// The runs so far.
    pub steps: Vec<Step>,
    /// The files that were read.
    pub inputs: Vec<InputFile>,
    /// The programs that were used.
    pub binaries: Vec<Binary>,
    /// Fields of the summary that speak of the runners.
    pub extra: Map<String, Value>,
    /// What both sides say they computed with.
    pub effective: Effective,
    /// Why the images differ, where that was asked.
    pub explanation: Option<Explanation>,
    /// What the terminal is told about the runners.
    pub lines: Vec<String>,
    /// When it was begun, in UTC.
    pub created: String,
}

impl<'j> Recorder<'j> {
    /// Starts evidence that is to appear at `target`.
    ///
    /// # Errors
    /// The folder is there already, or cannot be made.
    pub fn new(options: &'j Options, target: Target) -> Result<Self, Failure> {
        let staging = Staging::begin(target)?;
        let mut paths = Paths::new(options.keep_paths);
        paths.add(staging.folder(), "{out}");
        Ok(Self {
            options,
            cache: None,
            beside: Vec::new(),
            case: String::new(),
            staging,
            paths,
            steps: Vec::new(),
            inputs: Vec::new(),
            binaries: Vec::new(),
            extra: empty_fields(),
            effective: Effective::default(),
            explanation: None,
            lines: Vec::new(),
            created: utc(Utc::now()),
        })
    }

    /// Starts the evidence of a job.
    ///
    /// # Errors
    /// As [`Recorder::new`].
    pub fn begin(job: &Job, options: &'j Options) -> Result<Self, Failure> {
        let mut record = Self::new(options, target(job, options))?;
        record.serve(job);
        Ok(record)
    }

    /// Starts a part of the evidence of a matrix, in a folder of its own that `parent` is the folder of.
    ///
    /// # Errors
    /// As [`Recorder::new`].
    pub fn part(parent: &Path, case: &str, job: &Job, options: &'j Options) -> Result<Self, Failure> {
        let target = Target::Exact(parent.join(case.replace('/', "-")));
        let mut record = Self::new(options, target)?;
        record.paths = Paths::new(options.keep_paths);
        record.paths.add(record.staging.folder(), format!("{{out}}/cases/{case}"));
        record.case = format!("{case}/");
        record.serve(job);
        Ok(record)
    }

    fn serve(&mut self, job: &Job) {
        self.paths.add(&job.folder, "{work}");
        self.cache = job.cache.clone();
        self.beside = job.beside.clone();
    }

    /// Where a file of this part lies in the whole bundle.
    pub fn placed(&self, name: &str) -> String {
        if self.case.is_empty() { name.to_owned() } else { format!("cases/{}{name}", self.case) }
    }

    /// Writes the evidence and makes it visible; gives its place and the summary. Without a comparison, `failed` says why.
    ///
    /// # Errors
    /// A file cannot be written, or a recorded path is not allowed.
    pub fn close(
        mut self,
        title: &str,
        comparison: Option<&Comparison<'_>>,
        failed: &str,
    ) -> Result<(PathBuf, Map<String, Value>), Failure> {
        let environment = environment::gather(std::mem::take(&mut self.binaries), &self.paths)?;
        let verdict = comparison.map(|c| &c.verdict);
        let reason = match verdict {
            Some(v) => v.reason.clone(),
            None => self.paths.record(failed.lines().next().unwrap_or_default())?,
        };
        let summary = Summary {
            schema: SCHEMA.to_owned(),
            version: VERSION,
            kind: "comparison".to_owned(),
            title: title.to_owned(),
            verdict: verdict.map_or(Outcome::Fail, |v| v.outcome),
            reason,
            created: self.created.clone(),
            steps: std::mem::take(&mut self.steps),
            inputs: std::mem::take(&mut self.inputs),
            open_points: Vec::new(),
        };
        let mut extra = std::mem::take(&mut self.extra);
        extra.extend(settings_fields(self.options));
        let pictures = Pictures {
            scaling: scaling(self.options),
            percentile: self.options.png_scale,
            save_difference: self.options.save_diff,
        };
        let evidence = Evidence {
            summary: &summary,
            comparison,
            effective: &self.effective,
            explanation: self.explanation.as_ref(),
            extra,
            environment: &environment,
            pictures,
        };
        let fields = report::write(&self.staging, &evidence)?;
        Ok((self.staging.publish()?, fields))
    }
}

/// The fields of the summary that speak of the runners, before anything has run.
fn empty_fields() -> Map<String, Value> {
    let nulls = ["runtime_c_ms", "runtime_py_ms", "speedup", "binary_c", "binary_py"]
        .map(|n| (n.to_owned(), Value::Null));
    let mut fields: Map<String, Value> = nulls.into_iter().collect();
    fields.insert("args".to_owned(), Value::Array(Vec::new()));
    fields.insert("reference_cache".to_owned(), Value::Null);
    fields
}

fn scaling(options: &Options) -> Scaling {
    if options.log { Scaling::Log } else { Scaling::Percentile(options.png_scale) }
}

fn settings_fields(options: &Options) -> Map<String, Value> {
    let method = if options.log {
        "logarithm of the union over the region"
    } else {
        "percentile of the union over the region"
    };
    let fields = [
        ("png_scale_method", method.into()),
        ("png_scale_percentile", if options.log { Value::Null } else { options.png_scale.into() }),
    ];
    fields.map(|(name, value)| (name.to_owned(), value)).into_iter().collect()
}

/// `comparisons/YYYYMMDD-HHMMSS-DIGEST` under the working folder, or what the user asked for.
fn target(job: &Job, options: &Options) -> Target {
    match &options.outdir {
        Some(path) => Target::Exact(job.folder.join(path)),
        None => {
            let words: Vec<&[u8]> = job.args.iter().map(|a| a.as_encoded_bytes()).collect();
            let digest = digest::of_bytes(&words.join(&0));
            let name = format!("{}-{}", Utc::now().format("%Y%m%d-%H%M%S"), &digest[..8]);
            Target::Numbered(job.folder.join("comparisons").join(name))
        }
    }
}
