//! The evidence of a comparison: the traces, four readings of the result, and how it was made.
//!
//! Not here: the readings (`report`, `page`, `unified`), what every bundle holds (`bundle`).

use std::path::{Path, PathBuf};

use crate::commands::traces::diff::{DiffArgs, TraceFailure, trace_file};
use crate::evidence::bundle::BundleError;
use crate::evidence::bundle::record::{Closing, InProcess, Record, own_program};
use crate::evidence::bundle::staging::Target;
use crate::evidence::page::escape;
use crate::trace::diff::{Comparison, page, report, unified};
use crate::trace::log::TraceLog;

/// The names of the four readings.
const FILES: [&str; 4] = ["summary.md", "metrics.json", "trace.diff", "diff.html"];

/// The four readings.
pub fn files(
    comparison: &Comparison,
    traces: [&TraceLog; 2],
) -> Result<[(&'static str, String); 4], TraceFailure> {
    let metrics = serde_json::to_string_pretty(comparison).map_err(|e| TraceFailure::Other(e.to_string()))?;
    let unified = unified::text(traces);
    let page = page::render(comparison, &unified);
    let [summary, json, diff, html] = FILES;
    Ok([(summary, report::markdown(comparison)), (json, metrics + "\n"), (diff, unified), (html, page)])
}

/// The last part of a path.
pub fn bare_name(path: &Path) -> PathBuf {
    path.file_name().map_or_else(|| path.to_owned(), PathBuf::from)
}

/// Writes the bundle; it appears whole or not at all.
pub fn write(
    comparison: &Comparison,
    traces: [&TraceLog; 2],
    args: &DiffArgs,
    out: &Path,
    done: &InProcess,
) -> Result<(), TraceFailure> {
    let folder =
        std::env::current_dir().map_err(|e| TraceFailure::Other(format!("no working folder: {e}")))?;
    let mut record = Record::begin(Target::Exact(out.to_owned()), &folder, args.keep_paths)?;
    let words = words(args, &folder, &mut record)?;
    for (name, content) in files(comparison, traces)? {
        record.staging.write(name, content)?;
    }
    let text = report::terminal(comparison, &report::Plain);
    record.in_process("diff", words, done, &text, &FILES)?;
    let verdict = comparison.verdict;
    let names = traces.map(|t| t.path.display().to_string());
    let sections = format!(
        "<section aria-labelledby=\"comparison\">\n<h2 id=\"comparison\">Comparison</h2>\n<p><a href=\"diff.html\">The \
         comparison as a page of its own</a></p>\n<pre>{}</pre></section>\n",
        escape(&text)
    );
    record.close(&Closing {
        kind: "diff",
        title: &format!("{} and {}", names[0], names[1]),
        verdict,
        reason: &comparison.reason,
        analysis: &format!("```\n{text}\n```\n"),
        sections: &sections,
    })?;
    Ok(())
}

/// The command as another machine would run it on what the bundle holds.
fn words(args: &DiffArgs, folder: &Path, record: &mut Record) -> Result<Vec<String>, BundleError> {
    let mut words = vec![own_program(record)?, "diff".to_owned()];
    for trace in [&args.a, &args.b] {
        words.push(record.input_token(&folder.join(trace_file(trace)))?);
    }
    for (flag, number) in [("--rtol", args.rtol), ("--atol", args.atol)] {
        words.extend(number.iter().flat_map(|n| [flag.to_owned(), n.to_string()]));
    }
    for (flag, file) in [("--tolerances", &args.tolerances), ("--schema", &args.schema)] {
        if let Some(file) = file {
            words.extend([flag.to_owned(), record.input_token(&folder.join(file))?]);
        }
    }
    for key in &args.allow_missing {
        words.extend(["--allow-missing".to_owned(), key.clone()]);
    }
    words.extend(["--min-compared".to_owned(), args.min_compared.to_string()]);
    words.extend(["--files".to_owned(), "{out}".to_owned()]);
    Ok(words)
}
