//! The evidence of a comparison: the traces, four readings of the result, and how it was made.
//!
//! Not here: the readings (`report`, `page`, `unified`), what every bundle holds (`bundle`).

use std::path::{Path, PathBuf};

use maud::html;
use serde_json::Value;

use crate::commands::traces::diff::args::DiffArgs;
use crate::commands::traces::files::{TraceFailure, trace_file};
use crate::evidence::bundle::BundleError;
use crate::evidence::bundle::closing::{Closing, Page};
use crate::evidence::bundle::metrics::Metrics;
use crate::evidence::bundle::own_step::OwnWork;
use crate::evidence::bundle::recorder::Recorder;
use crate::evidence::bundle::staging::Target;
use crate::evidence::given::working_folder;
use crate::evidence::page::{markdown, section};
use crate::trace::array::Elsewhere;
use crate::trace::diff::{Comparison, array_files, page, report, unified};
use crate::trace::log::TraceLog;

/// The names of the four readings.
const FILES: [&str; 4] = ["summary.md", "metrics.json", "trace.diff", "diff.html"];

/// The four readings.
pub(super) fn files(
    comparison: &Comparison,
    traces: [&TraceLog; 2],
) -> Result<[(&'static str, String); 4], TraceFailure> {
    let metrics = serde_json::to_string_pretty(&metrics(comparison).to_value())?;
    let unified = unified::text(traces);
    let page = page::render(comparison, &unified);
    let [summary, json, diff, html] = FILES;
    Ok([(summary, report::markdown(comparison)), (json, metrics + "\n"), (diff, unified), (html, page)])
}

/// What an index follows from run to run, and the whole comparison beside it.
fn metrics(comparison: &Comparison) -> Metrics {
    let figures = [
        ("compared", comparison.compared as f64),
        ("differing_keys", comparison.counts.differing as f64),
        ("missing_keys", comparison.missing.len() as f64),
        ("missing_records", comparison.missing_records.counts.iter().sum::<usize>() as f64),
        ("root_causes", comparison.root_causes.len() as f64),
    ];
    let mut metrics = Metrics::of(figures);
    if let Ok(Value::Object(fields)) = serde_json::to_value(comparison) {
        metrics.more = fields;
    }
    metrics
}

/// The last part of a path.
pub(super) fn bare_name(path: &Path) -> PathBuf {
    path.file_name().map_or_else(|| path.to_owned(), PathBuf::from)
}

/// Writes the bundle; it appears whole or not at all.
pub(super) fn write(
    comparison: &Comparison,
    traces: [&TraceLog; 2],
    args: &DiffArgs,
    out: &Path,
    own_work: &OwnWork,
) -> Result<(), TraceFailure> {
    let folder = working_folder()?;
    let mut recorder = Recorder::begin(Target::Exact(out.to_owned()), &folder, args.keep_paths)?;
    let arguments = recorded_command(args, traces, &folder, &mut recorder)?;
    for (name, content) in files(comparison, traces)? {
        recorder.result(name, content)?;
    }
    let text = report::terminal(comparison, &report::Plain);
    recorder.own_step("diff", &arguments, own_work, &text)?;
    let names = traces.map(|t| t.path.display().to_string());
    let content = html! {
        p { a href="diff.html" { "The comparison as a page of its own" } }
        pre { (text) }
    };
    let title = format!("{} and {}", names[0], names[1]);
    recorder.finish(Closing {
        analysis: markdown::block(&text),
        page: Page::Sections(section("comparison", "Comparison", &content)),
        ..Closing::of("diff", title, comparison.verdict, &*comparison.reason)
    })?;
    Ok(())
}

/// The command as another machine would run it on what the bundle holds.
fn recorded_command(
    args: &DiffArgs,
    traces: [&TraceLog; 2],
    folder: &Path,
    recorder: &mut Recorder,
) -> Result<Vec<String>, BundleError> {
    let mut arguments = vec!["diff".to_owned()];
    for trace in [&args.a, &args.b] {
        arguments.push(recorder.input(&folder.join(trace_file(trace)))?);
    }
    for (flag, trace) in ["--array-a", "--array-b"].into_iter().zip(traces) {
        for (name, array) in array_files(trace) {
            let file = recorder.input(&folder.join(array))?;
            arguments.extend([flag.to_owned(), Elsewhere::word(name, &file)]);
        }
    }
    for (flag, number) in [("--rtol", args.rtol), ("--atol", args.atol)] {
        arguments.extend(number.iter().flat_map(|n| [flag.to_owned(), n.to_string()]));
    }
    let files = [
        ("--tolerances", &args.tolerances),
        ("--tolerance-from", &args.tolerance_from),
        ("--schema", &args.schema),
    ];
    for (flag, file) in files {
        if let Some(file) = file {
            arguments.extend([flag.to_owned(), recorder.input(&folder.join(file))?]);
        }
    }
    for key in &args.allow_missing {
        arguments.extend(["--allow-missing".to_owned(), key.clone()]);
    }
    arguments.extend(["--min-compared".to_owned(), args.min_compared.to_string()]);
    arguments.extend(["--files".to_owned(), "{out}".to_owned()]);
    Ok(arguments)
}
