//! Comparing two files that hold arrays: read, compare, write the evidence where it is asked for, print the result.
//!
//! Not here: 2-D images of floats (`render`), what an array is (`array`).

use std::path::{Path, PathBuf};

use nanobragg::error::{InputError, UsageError};
use serde_json::{Value, json};
use trace_harness::evidence::bundle::digest;
use trace_harness::evidence::bundle::staging::Target;
use trace_harness::evidence::exit::Exit;
use trace_harness::evidence::failure::{Failure, SystemError};
use trace_harness::evidence::held::Held;

use crate::app::recorder::ComparisonRecorder;
use crate::app::{console, render};
use crate::array::{self, Array, ArrayComparison, ArrayGates, Format, Spec};
use crate::cli::{ArrayOptions, Options};
use crate::report::arrays::{self, ArraysReport, RecordedArrays};

/// Whether two files are to be compared as arrays: one of them is no 2-D image of floats, or something is stated that only arrays have.
pub(super) fn wanted(a: &Path, b: &Path, options: &ArrayOptions) -> bool {
    let stated = options.format != Format::Auto || options.atol.is_some() || options.nan.is_some();
    stated || [a, b].into_iter().any(array::is_array)
}

/// What has to hold.
///
/// # Errors
/// An option that only images have is given, or a range is none.
fn gates(options: &Options, arrays: &ArrayOptions) -> Result<ArrayGates, Failure> {
    let of_images = [
        ("--roi", options.roi.is_some()),
        ("--mask", options.mask.is_some()),
        ("--shape", options.shape.is_some()),
        ("--resample", options.resample),
        ("--peaks", options.peaks.is_some()),
        ("--log", options.log),
        ("--save-diff", options.save_diff),
    ];
    if let Some((name, _)) = of_images.iter().find(|(_, is_given)| *is_given) {
        let problem = format!("{name}: is for 2-D images of floats, and these files are compared as arrays");
        return Err(UsageError::new(problem, "no such option")
            .hint("the layout of bare numbers stands behind a colon: FILE:dtype=<f8,shape=100x200")
            .into());
    }
    let sum_ratio = [options.sum_ratio[0], options.sum_ratio[1]];
    let gates = ArrayGates {
        correlation: options.threshold,
        sum_ratio,
        rtol: options.rtol,
        atol: arrays.atol,
        within: options.within,
        max_ulp: options.max_ulp,
        nan: arrays.nan.unwrap_or_default(),
    };
    match gates.check() {
        Ok(()) => Ok(gates),
        Err(fault) => Err(UsageError::new(fault.to_string(), "a value in its range").into()),
    }
}

/// Two arrays to compare, each with the file that it is in.
struct ArrayPair {
    specs: [Spec; 2],
    _held: Vec<Held>,
}

impl ArrayPair {
    fn of(paths: [&PathBuf; 2]) -> Result<Self, Failure> {
        let mut specs = paths.map(|path| Spec::of(path));
        let held = Held::all(specs.iter_mut().map(|spec| &mut spec.path))?;
        Ok(Self { specs, _held: held })
    }

    fn open(&self, format: &Format) -> Result<[Array; 2], Failure> {
        let [a, b] = &self.specs;
        Ok([array::open_spec(a, format)?, array::open_spec(b, format)?])
    }

    fn digests(&self) -> Result<[String; 2], Failure> {
        let digest = |spec: &Spec| {
            let found = digest::of_file(&spec.path).map(|(sha256, _)| sha256);
            found.map_err(|e| InputError::io(&spec.path, "an array", &e))
        };
        let [a, b] = &self.specs;
        Ok([digest(a)?, digest(b)?])
    }
}

/// Compares the arrays in two files; gives the exit code. Evidence is written only where a folder is asked for.
///
/// # Errors
/// A file cannot be read, or is no array; the shapes differ; the evidence cannot be written.
pub(super) fn files(
    paths: [&PathBuf; 2],
    options: &Options,
    arrays: &ArrayOptions,
    folder: &Path,
) -> Result<Exit, Failure> {
    let gates = gates(options, arrays)?;
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let title = format!("{} against {}", name(paths[1]), name(paths[0]));
    let sides = ArrayPair::of(paths)?;
    let places = sides.specs.each_ref().map(|spec| spec.path.as_path());
    let refused = |failure| render::refuse(&title, options, folder, &places, failure);
    let judged = options.outdir.is_some().then(|| sides.digests()).transpose().map_err(refused)?;
    let opened = sides.open(&arrays.format).map_err(refused)?;
    let [a, b] = &opened;
    let compared = console::while_running(options, "comparing", || array::compare(a, b, &gates));
    let comparison = compared.map_err(|e| refused(e.into()))?;
    let (Some(outdir), Some(judged)) = (&options.outdir, judged) else {
        let mut summary = arrays::json(&comparison);
        summary.insert("verdict".to_owned(), comparison.judgement.verdict.word().into());
        summary.insert("reason".to_owned(), comparison.judgement.reason.clone().into());
        summary.insert("settings".to_owned(), json!({"format": arrays.format.to_string(), "gates": gates}));
        return print(options, &comparison, None, summary);
    };
    let mut record = ComparisonRecorder::of_files(options, Target::Exact(folder.join(outdir)))?;
    // What was judged is what is kept.
    let [spec_a, spec_b] = &sides.specs;
    let recorded = RecordedArrays {
        files: [
            record.bundle.input_as(&spec_a.path, &judged[0])?,
            record.bundle.input_as(&spec_b.path, &judged[1])?,
        ],
        parts: [spec_a.part.clone(), spec_b.part.clone()],
        format: arrays.format.to_string(),
        gates,
    };
    let arrays_report =
        ArraysReport { title: &title, comparison: &comparison, sides: [a, b], recorded: &recorded };
    let documents = arrays::documents(&arrays_report)?;
    let made = arrays::write(record.bundle, &arrays_report, documents)?;
    print(options, &comparison, Some(&made.place), made.document)
}

fn print(
    options: &Options,
    comparison: &ArrayComparison,
    place: Option<&Path>,
    summary: serde_json::Map<String, Value>,
) -> Result<Exit, Failure> {
    match console::arrays(options, comparison, place, summary) {
        // Whoever closed the pipe has read enough.
        Err(e) if e.kind() == std::io::ErrorKind::BrokenPipe => {}
        other => other.map_err(SystemError::StandardOutput)?,
    }
    Ok(comparison.judgement.verdict.exit())
}
