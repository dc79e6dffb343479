//! One case of a matrix of images: run, compared, and what is kept of it.
//!
//! Not here: the matrix as a whole (`matrix`), cases of an adapter (`outputs`).

use std::ffi::OsString;
use std::path::Path;

use nanobragg::error::UsageError;
use serde_json::Value;
use trace_harness::cases::{CannotRun, Case, Prepared};
use trace_harness::evidence::bundle::{BundleError, digest};
use trace_harness::evidence::failure::Failure;
use trace_harness::evidence::process::Runner;

use crate::app::matrix::shared::{CaseBench, CasePart};
use crate::app::recorder::ComparisonRecorder;
use crate::app::request::{ImageJob, Reference};
use crate::app::{render, settings};
use crate::built_in;
use crate::cache::Cache;
use crate::cli::Options;
use crate::compare::{Comparison, compare};
use crate::effective::Effective;
use crate::matrix::{self, Done, RunTimes};
use crate::report;
use crate::runner::{self, Program, Side};

/// The programs of a matrix of images.
pub(in crate::app) struct MatrixPrograms {
    /// The reference, unless every case brings an image.
    pub(in crate::app) reference: Option<Program>,
    /// The program to judge.
    pub(in crate::app) candidate: Program,
    /// Where runs of the reference are kept.
    pub(in crate::app) cache: Option<Cache>,
}

/// Runs a case, and compares the images that come.
///
/// # Errors
/// The evidence cannot be written, or would name a home folder.
pub(super) fn judge(
    bench: &CaseBench<'_>,
    programs: &MatrixPrograms,
    case: &Case,
    prepared: Result<Prepared, CannotRun>,
) -> Result<CasePart, Failure> {
    let options = options_of(bench, case);
    let job =
        prepared.map_err(Failure::from).and_then(|prepared| job(bench, programs, case, prepared, &options));
    let mut record = ComparisonRecorder::part(bench.parts, &case.name, bench.folder, &options)?;
    let done = match job {
        Ok(job) => {
            record = record.serving(&job);
            one(case, &job, &mut record, bench.runner)
        }
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
    let left = [Side::Reference, Side::Candidate].map(|side| side.float_image()).to_vec();
    let ComparisonRecorder { dialect, bundle, guarded, .. } = record;
    Ok(CasePart { done, dialect, bundle, guarded, left })
}

fn options_of(bench: &CaseBench<'_>, case: &Case) -> Options {
    let mut options = bench.options.clone();
    options.roi = case.roi.clone().or(options.roi);
    options.threshold = case.threshold.unwrap_or(options.threshold);
    options.sum_ratio = case.sum_ratio.map_or(options.sum_ratio, |limits| limits.to_vec());
    options.rtol = case.rtol.or(options.rtol);
    options.within = case.within.or(options.within);
    options.max_ulp = case.max_ulp.map(u64::from).or(options.max_ulp);
    options
}

fn job(
    bench: &CaseBench<'_>,
    programs: &MatrixPrograms,
    case: &Case,
    prepared: Prepared,
    options: &Options,
) -> Result<ImageJob, Failure> {
    if case.exit != 0 {
        let problem = format!("`exit = {}`: images are compared of runs that end well", case.exit);
        return Err(UsageError::new(problem, "no `exit`, or `trace-harness matrix`, which holds it").into());
    }
    let words = |list: Vec<String>| list.into_iter().map(OsString::from).collect::<Vec<_>>();
    let args = words(prepared.args);
    runner::recordable(&args)?;
    let mut shapes = built_in::shapes(&args, bench.folder);
    shapes.extend(settings::shape(options)?);
    let settings = settings::from(options, bench.folder, &shapes)?;
    let reference = match (&case.reference_image, &programs.reference) {
        (Some(file), _) => {
            let path = bench.folder.join(file);
            let image = settings::read_reference(&path, options, &shapes)?;
            Reference::File(path, image)
        }
        (None, Some(program)) => Reference::Program(program.clone().with(&words(case.reference_args.list()))),
        (None, None) => {
            let problem = "no reference: the case has no `reference_image`, and no program is given";
            return Err(UsageError::new(problem, "").into());
        }
    };
    // The simulators' own flags may name a file that the list spells differently.
    let named = built_in::prepare(&args, bench.folder, Path::new("float.bin")).inputs;
    let beside = prepared.beside.into_iter().filter(|path| !named.contains(path)).collect();
    Ok(ImageJob {
        title: case.name.clone(),
        reference,
        candidate: programs.candidate.clone().with(&words(case.candidate_args.list())),
        args,
        folder: bench.folder.to_owned(),
        shapes,
        settings,
        beside,
        cache: programs.cache.clone(),
        time_limit: case.timeout.or(bench.timeout),
    })
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
