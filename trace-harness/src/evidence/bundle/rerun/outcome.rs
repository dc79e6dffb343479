//! The outcome of a second run: files, changes of the environment, the verdict.
//!
//! Not here: the second run itself.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::evidence::bundle::environment::Environment;
use crate::evidence::bundle::rerun::before::Before;
use crate::evidence::bundle::rerun::tolerance::FileVerdict;
use crate::evidence::bundle::summary::{Step, Tolerance};
use crate::evidence::page::markdown;
use crate::evidence::verdict::Verdict;

/// What became of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileResult {
    /// Path in the bundles.
    pub path: String,
    /// In one word.
    pub verdict: FileVerdict,
    /// By how much.
    pub detail: String,
}

/// Facts that differ, in order; programs are compared by name.
pub(super) fn changes(old: &Environment, new: &Environment) -> Vec<String> {
    let facts = |env: &Environment| {
        let mut flat = Vec::new();
        let mut value = serde_json::to_value(env).unwrap_or_default();
        let programs = value["binaries"].take();
        flatten("", &value, &mut flat);
        for b in programs.as_array().into_iter().flatten() {
            flat.push((
                format!("program {}", b["name"].as_str().unwrap_or_default()),
                b["sha256"].to_string(),
            ));
        }
        flat
    };
    let (old, new) = (facts(old), facts(new));
    let value =
        |list: &[(String, String)], name: &str| list.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone());
    let names: Vec<&String> =
        old.iter().chain(new.iter().filter(|(n, _)| value(&old, n).is_none())).map(|(n, _)| n).collect();
    let shown = |v: Option<String>| v.unwrap_or_else(|| "nothing".to_owned());
    let changed = names.into_iter().filter(|n| value(&old, n) != value(&new, n));
    changed.map(|n| format!("{n}: {} → {}", shown(value(&old, n)), shown(value(&new, n)))).collect()
}

fn flatten(name: &str, value: &Value, out: &mut Vec<(String, String)>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let joined = if name.is_empty() { key.clone() } else { format!("{name} {key}") };
                flatten(&joined, value, out);
            }
        }
        Value::Null => {}
        other => out.push((name.to_owned(), other.to_string())),
    }
}

/// What the second run came to, and why.
pub(super) fn verdict(before: &Before, steps: &[Step], files: &[FileResult]) -> (Verdict, String) {
    let differing =
        files.iter().filter(|f| !matches!(f.verdict, FileVerdict::Identical | FileVerdict::Within)).count();
    let ended: Vec<&str> = before
        .summary
        .steps
        .iter()
        .zip(steps)
        .filter(|(old, new)| match old.kept_from {
            // Only a run that delivered is kept.
            Some(_) => !new.succeeded(),
            None => old.status != new.status,
        })
        .map(|(_, new)| new.name.as_str())
        .collect();
    match (ended.is_empty(), differing, files.is_empty()) {
        (false, ..) => (Verdict::Fail, format!("ended differently: {}", ended.join(", "))),
        (true, 0, true) => (
            Verdict::Undecided,
            "the commands ended as before, but write no file that could be compared".to_owned(),
        ),
        (true, 0, false) => {
            let allowed = allowances(before);
            let all = match files.len() {
                1 => "the only file is identical or within its".to_owned(),
                count => format!("all {count} files are identical or within their"),
            };
            (Verdict::Pass, format!("{all} tolerance{allowed}"))
        }
        (true, n, _) => (Verdict::Fail, format!("{n} of {} files differ, are missing or extra", files.len())),
    }
}

/// What was allowed for files that need not be the same bytes: the old bundle chose it, the reader judges it.
fn allowances(before: &Before) -> String {
    let outputs = before.summary.steps.iter().flat_map(|step| &step.outputs);
    let allowed: Vec<String> = outputs
        .filter(|output| output.tolerance != Tolerance::Exact)
        .map(|output| format!("`{}` {}", output.path, output.tolerance.to_text()))
        .collect();
    if allowed.is_empty() { String::new() } else { format!(" ({})", allowed.join(", ")) }
}

/// The link to the old bundle and everything that was found.
pub(super) fn record(before: &Before, files: &[FileResult], changes: &[String]) -> Map<String, Value> {
    let name = before.folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let fields = [
        ("schema", "nanobragg-rs/rerun".into()),
        ("version", 1.into()),
        ("of", serde_json::json!({"name": name, "manifest_sha256": before.manifest_sha256})),
        ("files", serde_json::to_value(files).unwrap_or_default()),
        ("environment_changes", changes.into()),
    ];
    fields.map(|(k, v): (&str, Value)| (k.to_owned(), v)).into_iter().collect()
}

pub(super) fn note(before: &Before, files: &[FileResult], changes: &[String]) -> String {
    let name = before.folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut text =
        format!("Run again from {} (manifest {}).\n\n", markdown::code(&name), before.manifest_sha256);
    for file in files {
        text += &format!(
            "- {}: {:?}, {}\n",
            markdown::code(&file.path),
            file.verdict,
            markdown::text(&file.detail)
        );
    }
    text += "\nChanged in the environment:\n\n";
    if changes.is_empty() {
        text += "- nothing\n";
    }
    text + &changes.iter().map(|c| format!("- {}\n", markdown::text(c))).collect::<String>()
}
