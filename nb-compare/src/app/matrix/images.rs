//! One case of a matrix: run, compared, and what is kept of it.
//!
//! Not here: the matrix as a whole (`matrix`).

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use nanobragg::error::UsageError;
use serde_json::Value;
use trace_harness::cases::{CannotRun, Case, Judge, Prepared};
use trace_harness::evidence::bundle::recorder::Recorder;
use trace_harness::evidence::bundle::{BundleError, digest};
use trace_harness::evidence::failure::Failure;
use trace_harness::evidence::process::Runner;

use crate::app::guarded::Guarded;
use crate::app::recorder::ComparisonRecorder;
use crate::app::request::{ImageJob, Reference};
use crate::app::{render, settings};
use crate::built_in::{self, Dialect};
use crate::cache::Cache;
use crate::cli::{KeepImages, Options};
use crate::compare::{Comparison, compare};
use crate::effective::Effective;
use crate::matrix::{self, Done, RunTimes};
use crate::report;
use crate::runner::{Program, Side};
use trace_harness::evidence::verdict::Verdict;

/// What all cases share.
pub(crate) struct Bench<'a> {
    /// The reference, unless every case brings an image.
    pub reference: Option<Program>,
    /// The program to judge.
    pub candidate: Program,
    /// Where runs of the reference are kept.
    pub cache: Option<Cache>,
    /// Seconds after which a runner is ended.
    pub timeout: Option<f64>,
    /// Which float images are kept.
    pub keep: KeepImages,
    /// How to compare; quiet, for the matrix speaks for all.
    pub options: Options,
    /// The folder that relative paths are seen from: that of the list of cases.
    pub folder: &'a Path,
    /// Folder for the evidence of each case.
    pub parts: &'a Path,
    /// Starts the programs.
    pub runner: &'a (dyn Runner + Sync),
}

/// A case that was done, with its evidence.
pub(crate) struct CasePart {
    /// What came of it.
    pub done: Done,
    /// Which program its reference says it is.
    pub dialect: Option<Dialect>,
    /// Its part of the bundle.
    pub bundle: Recorder,
    /// Files of it that programs must not change.
    pub guarded: Guarded,
}

impl Judge for Bench<'_> {
    type Row = CasePart;
    type Error = Failure;

    /// Runs and compares a case. One that cannot be done is a result as well; an error is evidence that cannot be written, or
    /// that would name a home folder.
    fn judge(&self, case: &Case, prepared: Result<Prepared, CannotRun>) -> Result<CasePart, Failure> {
        let options = self.options_of(case);
        let job = prepared.map_err(Failure::from).and_then(|prepared| self.job(case, prepared, &options));
        let empty = self.empty_job(case);
        let mut record =
            ComparisonRecorder::part(self.parts, &case.name, job.as_ref().unwrap_or(&empty), &options)?;
        let done = match job {
            Ok(job) => one(case, &job, &mut record, self.runner),
            Err(failure) => Err(failure),
        };
        let mut done = match done {
            Ok(done) => done,
            Err(broken) if broken.is::<BundleError>() => return Err(broken),
            Err(failure) => {
                let reason = record.bundle.record(&failure.to_string())?;
                Done::failed(&case.name, reason, failure.exit())
            }
        };
        fill(&mut done, &record);
        let mut part =
            CasePart { done, dialect: record.dialect, bundle: record.bundle, guarded: record.guarded };
        part.drop_images(self.keep)?;
        Ok(part)
    }
}

impl Bench<'_> {
    fn options_of(&self, case: &Case) -> Options {
        let mut options = self.options.clone();
        options.roi = case.roi.clone().or(options.roi);
        options.threshold = case.threshold.unwrap_or(options.threshold);
        options.sum_ratio = case.sum_ratio.map_or(options.sum_ratio, |limits| limits.to_vec());
        options.rtol = case.rtol.or(options.rtol);
        options.within = case.within.or(options.within);
        options.max_ulp = case.max_ulp.map(u64::from).or(options.max_ulp);
        options
    }

    fn empty_job(&self, case: &Case) -> ImageJob {
        ImageJob {
            title: case.name.clone(),
            reference: Reference::Program(self.candidate.clone()),
            candidate: self.candidate.clone(),
            args: Vec::new(),
            folder: self.folder.to_owned(),
            shapes: Vec::new(),
            settings: Default::default(),
            beside: Vec::new(),
            cache: None,
            time_limit: None,
        }
    }

    fn job(&self, case: &Case, prepared: Prepared, options: &Options) -> Result<ImageJob, Failure> {
        if case.exit != 0 {
            let problem = format!("`exit = {}`: images are compared of runs that end well", case.exit);
            return Err(
                UsageError::new(problem, "no `exit`, or `trace-harness matrix`, which holds it").into()
            );
        }
        let words = |list: Vec<String>| list.into_iter().map(OsString::from).collect::<Vec<_>>();
        let args = words(prepared.args);
        let mut shapes = built_in::shapes(&args, self.folder);
        shapes.extend(settings::shape(options)?);
        let settings = settings::from(options, self.folder, &shapes)?;
        let reference = match (&case.reference_image, &self.reference) {
            (Some(file), _) => {
                let path = self.folder.join(file);
                let image = settings::read_reference(&path, options, &shapes)?;
                Reference::File(path, image)
            }
            (None, Some(program)) => {
                Reference::Program(program.clone().with(&words(case.reference_args.list())))
            }
            (None, None) => {
                let problem = "no reference: the case has no `reference_image`, and no program is given";
                return Err(UsageError::new(problem, "").into());
            }
        };
        // The simulators' own flags may name a file that the list spells differently.
        let named = built_in::prepare(&args, self.folder, Path::new("float.bin")).inputs;
        let beside = prepared.beside.into_iter().filter(|path| !named.contains(path)).collect();
        Ok(ImageJob {
            title: case.name.clone(),
            reference,
            candidate: self.candidate.clone().with(&words(case.candidate_args.list())),
            args,
            folder: self.folder.to_owned(),
            shapes,
            settings,
            beside,
            cache: self.cache.clone(),
            time_limit: case.timeout.or(self.timeout),
        })
    }
}

fn one(
    case: &Case,
    job: &ImageJob,
    record: &mut ComparisonRecorder<'_>,
    runner: &dyn Runner,
) -> Result<Done, Failure> {
    let [a, b] = render::rendered(record, job, runner)?;
    let mut comparison = compare(&a, &b, &job.settings)?;
    record.names_of(&mut comparison.recorded, &job.folder)?;
    comparison.judgement.after(render::found(record, job));
    Ok(compared(case, &comparison, &record.effective))
}

fn compared(case: &Case, comparison: &Comparison<'_>, effective: &Effective) -> Done {
    let outcome = comparison.judgement.verdict;
    Done {
        verdict: outcome,
        exit_code: outcome.exit(),
        gates: comparison.judgement.gates.clone(),
        metrics: report::metrics(&comparison.metrics),
        settings: Some(comparison.recorded.clone()),
        effective_parameters: report::parameters(effective),
        thumbnails: matrix::thumbnails(&comparison.region),
        ..Done::failed(&case.name, comparison.judgement.reason.clone(), outcome.exit())
    }
}

/// What the record knows and the comparison does not.
fn fill(done: &mut Done, record: &ComparisonRecorder<'_>) {
    let seconds = |name: &str| record.extra.get(name).and_then(Value::as_f64).map(|ms| ms / 1000.0);
    let from_cache = record.extra.get("reference_cache").is_some_and(|c| c["from_cache"] == true);
    done.sides = RunTimes {
        reference_s: seconds("runtime_reference_ms"),
        candidate_s: seconds("runtime_candidate_ms"),
        from_cache,
    };
    let words = record.extra.get("args").and_then(Value::as_array);
    done.args = words.into_iter().flatten().filter_map(|w| w.as_str().map(str::to_owned)).collect();
    done.sha256 = [Side::Reference, Side::Candidate].map(|side| {
        let path = record.bundle.folder().join(side.float_image());
        digest::of_file(&path).ok().map(|(sha256, _)| sha256)
    });
}

impl CasePart {
    fn drop_images(&mut self, keep: KeepImages) -> Result<(), Failure> {
        let kept = match keep {
            KeepImages::All => true,
            KeepImages::Failed => self.done.verdict != Verdict::Pass,
            KeepImages::None => false,
        };
        if kept {
            return Ok(());
        }
        for side in [Side::Reference, Side::Candidate] {
            self.guarded.forget(&side.float_image());
            match fs::remove_file(self.bundle.folder().join(side.float_image())) {
                Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                    let path = side.float_image().into();
                    return Err(BundleError::Io { path, doing: "cannot be removed", source }.into());
                }
                _ => {}
            }
        }
        self.bundle.forget_outputs();
        Ok(())
    }
}
