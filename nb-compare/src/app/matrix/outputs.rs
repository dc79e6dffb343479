//! One case of a matrix of an adapter: both sides run on its arguments, and every output compared.
//!
//! Not here: running and comparing (`app::adapter`), cases of images (`images`).

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use nanobragg::error::UsageError;
use trace_harness::cases::{CannotRun, Case, Prepared};
use trace_harness::evidence::bundle::BundleError;
use trace_harness::evidence::failure::Failure;

use crate::adapter::judge::{JudgedOutput, overall};
use crate::adapter::stated::sentence;
use crate::adapter::{self, Adapter};
use crate::app::adapter::AdapterFile;
use crate::app::adapter::run::{AdapterComparison, Asked};
use crate::app::matrix::shared::{CaseBench, CasePart};
use crate::app::recorder::ComparisonRecorder;
use crate::cli::MatrixOptions;
use crate::matrix::{Done, RunTimes};
use crate::report::outputs::{self, OutputsFacts};
use crate::runner::{given, recordable};

/// The adapter of a matrix, and what the call says of it.
pub(in crate::app) struct MatrixAdapter {
    adapter: Adapter,
    file: AdapterFile,
    variants: Vec<String>,
    named: [Option<PathBuf>; 2],
    /// The folder with a bundle of noise for every case, by its name.
    noise: Option<PathBuf>,
}

impl MatrixAdapter {
    /// What `options` ask for.
    ///
    /// # Errors
    /// The adapter cannot be read, or does not know a variant.
    pub(in crate::app) fn of(options: &MatrixOptions, folder: &Path) -> Result<Self, Failure> {
        let file = AdapterFile::of(options.adapter.as_deref(), folder)?;
        let adapter = adapter::read(&file.path)?;
        options.variant.iter().try_for_each(|id| adapter.variant(id).map(drop))?;
        Ok(Self {
            adapter,
            file,
            variants: options.variant.clone(),
            named: [&options.reference, &options.candidate].map(Option::clone),
            noise: options.tolerance_from.as_ref().map(|path| folder.join(path)),
        })
    }

    /// Its file.
    pub(super) fn path(&self) -> &Path {
        &self.file.path
    }
}

/// Runs a case, and compares what both sides leave.
///
/// # Errors
/// The evidence cannot be written, or would name a home folder.
pub(super) fn judge(
    bench: &CaseBench<'_>,
    of: &MatrixAdapter,
    case: &Case,
    prepared: Result<Prepared, CannotRun>,
) -> Result<CasePart, Failure> {
    let adapter = &of.adapter;
    let asked = Asked {
        adapter,
        file: (&of.file.path, &of.file.place),
        variants: &of.variants,
        named: of.named.each_ref().map(Option::as_deref),
        noise: of.noise.as_ref().map(|folder| folder.join(&case.name)),
        time_limit: case.timeout.or(bench.timeout),
    };
    let mut record = ComparisonRecorder::part(bench.parts, &case.name, bench.folder, &bench.options)?;
    let both = prepared.map_err(Failure::from).and_then(|prepared| {
        let args: Vec<OsString> =
            args(case, prepared, bench.folder)?.into_iter().map(OsString::from).collect();
        asked.ready(&args, bench.folder)
    });
    let AdapterComparison { facts, record, came } = match both {
        Ok(ref both) => asked.run(both, None, record, bench.runner),
        Err(failure) => {
            // Whoever judges the case again needs the adapter, whatever became of it.
            let file = record.bundle.input(of.path())?;
            let facts = OutputsFacts { file, ..OutputsFacts::of(adapter, of.variants.clone()) };
            AdapterComparison { facts, record, came: Err(failure) }
        }
    };
    let (done, judged) = match came {
        Ok(judged) => (compared(case, &facts, &judged), judged),
        Err(broken) if broken.is::<BundleError>() => return Err(broken),
        Err(failure) => {
            let reason = record.bundle.record(&failure.to_string())?;
            (Done::failed(&case.name, reason, failure.exit()), Vec::new())
        }
    };
    let seconds = |side: usize| facts.sides[side].runtime_ms.map(|ms| ms / 1000.0);
    let mut outputs = outputs::json(&facts, &judged);
    // They are those of the case.
    outputs.remove("args");
    let done = Done {
        sides: RunTimes { reference_s: seconds(0), candidate_s: seconds(1), from_cache: false },
        args: facts.args,
        outputs: Some(outputs),
        ..done
    };
    let left = adapter.outputs.iter().flat_map(|output| [output.stored(0), output.stored(1)]).collect();
    let ComparisonRecorder { bundle, guarded, .. } = record;
    Ok(CasePart { done, dialect: None, bundle, guarded, left })
}

fn compared(case: &Case, facts: &OutputsFacts, judged: &[JudgedOutput]) -> Done {
    let overall = overall(judged, sentence(&facts.parameters));
    let (mut metrics, undefined) = outputs::metrics(judged);
    metrics.insert("undefined".to_owned(), undefined.into());
    Done { verdict: overall.verdict, metrics, ..Done::failed(&case.name, overall.reason, overall.exit) }
}

/// The arguments of a case that asks for nothing that the adapter says or that is of images alone.
fn args(case: &Case, prepared: Prepared, folder: &Path) -> Result<Vec<String>, UsageError> {
    let of_images = [
        ("reference_image", case.reference_image.is_some()),
        ("roi", case.roi.is_some()),
        ("threshold", case.threshold.is_some()),
        ("sum_ratio", case.sum_ratio.is_some()),
        ("rtol", case.rtol.is_some()),
        ("within", case.within.is_some()),
        ("max_ulp", case.max_ulp.is_some()),
    ];
    let refused =
        |problem: String, expected: &str, hint: &str| Err(UsageError::new(problem, expected).hint(hint));
    if let Some((field, _)) = of_images.iter().find(|(_, is_stated)| *is_stated) {
        let hint = "what has to hold is stated by `gates` of the adapter's outputs";
        return refused(format!("`{field}`: is of matrices of images"), "none with --adapter", hint);
    }
    let sides = [("reference_args", &case.reference_args), ("candidate_args", &case.candidate_args)];
    if let Some((field, _)) = sides.iter().find(|(_, words)| !words.list().is_empty()) {
        let hint = "the words of one side alone are its command in the adapter, or a [[variant]] of it";
        return refused(format!("`{field}`: both sides get the same arguments"), "`args` alone", hint);
    }
    if case.exit != 0 {
        let problem = format!("`exit = {}`: outputs are compared of runs that end well", case.exit);
        return refused(problem, "no `exit`", "");
    }
    let words: Vec<OsString> = prepared.args.iter().map(OsString::from).collect();
    recordable(&words)?;
    // As `--grid=FILE`, too.
    let named = given(&words, folder)?.inputs;
    if let Some(path) = prepared.beside.iter().find(|path| !named.contains(path)) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let problem = format!("`{name}`: no argument names it, and a side begins in an empty folder");
        return refused(problem, "inputs that `args` name", "");
    }
    Ok(prepared.args)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_images_have_is_refused_by_its_name() {
        let refused = |line: &str| {
            let list = format!("[[case]]\nname = 'a'\nargs = '-n 5'\n{line}\n");
            let (cases, _) = trace_harness::cases::in_text(&list).unwrap();
            let prepared = Prepared { args: vec!["-n".to_owned()], beside: Vec::new() };
            args(&cases[0], prepared, Path::new("/")).map_err(|e| e.to_string())
        };
        assert_eq!(refused("timeout = 3"), Ok(vec!["-n".to_owned()]));
        for (line, field) in [
            ("rtol = 0.1", "`rtol`"),
            ("max_ulp = 0", "`max_ulp`"),
            ("threshold = 0.9", "`threshold`"),
            ("roi = [0, 1, 0, 1]", "`roi`"),
            ("reference_image = 'a.bin'", "`reference_image`"),
            ("candidate_args = '-x'", "`candidate_args`"),
            ("exit = 1", "`exit = 1`"),
        ] {
            assert!(refused(line).is_err_and(|why| why.contains(field)), "{line}");
        }
    }
}
