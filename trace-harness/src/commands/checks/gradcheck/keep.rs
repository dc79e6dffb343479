//! The bundle of a gradient check: the program runs itself as the one step, so that it can be interrupted and run again.
//!
//! Not here: the check, and its report.

use std::path::{Path, PathBuf};

use super::{GradcheckArgs, RESULT};
use crate::evidence::bundle::BundleError;
use crate::evidence::bundle::closing::{Closing, Page};
use crate::evidence::bundle::metrics::Metrics;
use crate::evidence::bundle::recorder::{BundlePlace, Child, Recorder};
use crate::evidence::bundle::summary::{OutputFile, Status, Step, Tolerance};
use crate::evidence::exit::Exit;
use crate::evidence::given;
use crate::evidence::process::Runner;
use crate::evidence::verdict::Verdict;
use crate::gradcheck::report::{self, Findings};

/// What was kept.
pub struct KeptRun {
    /// Where the bundle is.
    pub place: PathBuf,
    /// What was found; absent where the check did not end.
    pub found: Option<Findings>,
    /// The exit status.
    pub exit: Exit,
    /// Why, in one sentence.
    pub reason: String,
}

/// Runs the check in `folder` and keeps its evidence.
///
/// # Errors
/// The bundle cannot be written, or this program's own path is not known.
pub fn keep(args: &GradcheckArgs, folder: &Path, runner: &dyn Runner) -> Result<KeptRun, BundleError> {
    let reports = folder.join(&args.reports);
    let place = BundlePlace { reports: &reports, topic: "gradcheck", folder, keep_paths: args.keep_paths };
    let mut recorder = Recorder::begin_in(place)?;
    let program = std::env::current_exe().map_err(|source| BundleError::Io {
        path: "trace-harness".into(),
        doing: "cannot be found",
        source,
    })?;
    let token = recorder.program(&program)?.token();
    let mut arguments = args.arguments();
    let mut recorded = vec![token];
    for word in &mut arguments {
        let path = folder.join(&*word);
        if !word.is_empty() && path.is_file() {
            recorder.input(&path)?;
            *word = path.to_string_lossy().into_owned();
        }
        *word = word.replace("{out}", &recorder.folder().to_string_lossy());
        recorded.push(recorder.record(word)?);
    }
    recorder.check_variables([])?;
    let mut step = Step::planned("gradcheck", recorded, "{work}", "");
    let args = arguments.iter().map(Into::into).collect();
    let child = Child { stdin: None, program, args, folder: folder.to_owned(), exported: Vec::new() };
    recorder.staging().place("results/x")?;
    recorder.run(&mut step, child, runner)?;
    let results = recorder.folder().join("results");
    for name in [RESULT, "gradcheck.md"].iter().filter(|name| results.join(name).is_file()) {
        let output = OutputFile { path: format!("results/{name}"), tolerance: Tolerance::Exact };
        step.outputs.push(output);
    }
    let found: Option<Findings> =
        given::bytes(&results.join(RESULT)).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let exit = exit_of(&step.status);
    let reason = match &found {
        Some(found) => found.reason(),
        None => format!("the check did not end: {}", step.status.text()),
    };
    recorder.step(step);
    let closing = closing(found.as_ref(), &reason);
    let place = recorder.finish(closing)?.place;
    Ok(KeptRun { place, found, exit, reason })
}

/// The exit status of a run of this very program: its own.
fn exit_of(status: &Status) -> Exit {
    match status {
        Status::Exit { code } => {
            Exit::ALL.into_iter().find(|exit| i32::from(*exit) == *code).unwrap_or(Exit::Program)
        }
        Status::Interrupted => Exit::Interrupted,
        _ => Exit::Program,
    }
}

fn closing(found: Option<&Findings>, reason: &str) -> Closing<'static> {
    let Some(found) = found else {
        return Closing::of("gradcheck", "gradient check", Verdict::Error, reason);
    };
    let mut figures = vec![("compared", found.compared() as f64), ("failed", found.failed() as f64)];
    figures.extend(found.worst_error().filter(|e| e.is_finite()).map(|error| ("worst_strict_error", error)));
    // The report's headings stand below the bundle's own.
    let analysis = report::markdown(found).replace("\n## ", "\n### ").replacen("# ", "## ", 1);
    Closing {
        metrics: Metrics::of(figures),
        analysis,
        page: Page::Sections(report::sections(found)),
        ..Closing::of("gradcheck", "gradient check", found.verdict, reason)
    }
}
