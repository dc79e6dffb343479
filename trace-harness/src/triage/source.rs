//! Finds and reads the results of a test run: JUnit XML, a text log, or a bundle that holds one of them.
//!
//! Not here: the formats themselves.

use std::io::Read;
use std::path::{Path, PathBuf};

use crate::evidence::bundle::environment::Environment;
use crate::evidence::bundle::manifest;
use crate::evidence::bundle::summary::Summary;
use crate::triage::message::limit_told;
use crate::triage::record::{Outcome, TestRun};
use crate::triage::{cargo_log, junit, pytest_log};

/// Largest file that is read, in bytes.
const LARGEST: u64 = 256 << 20;

/// Results, and the file that they stood in.
#[derive(Debug, Clone)]
pub struct Source {
    /// The file.
    pub file: PathBuf,
    /// What it says.
    pub run: TestRun,
}

/// Reads the results at `path`: a file, or the folder of a bundle.
///
/// # Errors
/// In words: what was looked for, where, and why it is not that.
pub fn read(path: &Path) -> Result<Source, String> {
    let full = path.canonicalize().map_err(|e| format!("`{}`: cannot be found: {e}", path.display()))?;
    match full.is_dir() {
        true => bundle(&full),
        false => file(&full),
    }
}

fn file(path: &Path) -> Result<Source, String> {
    let wrong = |problem: String| format!("`{}`: {problem}", path.display());
    let mut bytes = Vec::new();
    let source =
        crate::evidence::given::stream(path).and_then(|f| f.take(LARGEST + 1).read_to_end(&mut bytes));
    source.map_err(|e| wrong(format!("cannot be read: {e}")))?;
    if bytes.len() as u64 > LARGEST {
        return Err(wrong(format!("is larger than {} MiB; expected the results of one run", LARGEST >> 20)));
    }
    let mut run = parse(&String::from_utf8_lossy(&bytes)).map_err(wrong)?;
    run.source = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Source { file: path.to_owned(), run })
}

/// Reads results from text.
///
/// # Errors
/// What was expected.
pub fn parse(text: &str) -> Result<TestRun, String> {
    let mut run = read_any(text)?;
    for test in run.tests.iter_mut().filter(|t| t.outcome == Outcome::TimedOut && t.timeout_s.is_none()) {
        test.timeout_s = limit_told(&test.message).or_else(|| limit_told(&test.detail));
    }
    Ok(run)
}

fn read_any(text: &str) -> Result<TestRun, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim_start().starts_with('<') {
        return junit::read(text);
    }
    // Colours, as a log may have them from a terminal, are no part of it.
    let plain;
    let text = if text.contains('\u{1b}') {
        plain = without_colours(text);
        &plain
    } else {
        text
    };
    if pytest_log::is_one(text) {
        pytest_log::read(text)
    } else if cargo_log::is_one(text) {
        cargo_log::read(text)
    } else {
        Err("is neither JUnit XML nor a log of pytest or `cargo test`".to_owned())
    }
}

fn without_colours(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        out.push_str(before);
        rest = after_sequence(after);
    }
    out.push_str(rest);
    out
}

/// What follows an escape sequence whose escape has been taken off (ECMA-48).
fn after_sequence(text: &str) -> &str {
    let skip = |text, low: char, high: char| -> &str {
        str::trim_start_matches(text, |c: char| (low..=high).contains(&c))
    };
    let ends = |text: &'_ str, low: char| -> usize {
        text.chars().next().filter(|c| (low..='~').contains(c)).map_or(0, char::len_utf8)
    };
    if let Some(text) = text.strip_prefix('[') {
        let text = skip(skip(text, '0', '?'), ' ', '/');
        return &text[ends(text, '@')..];
    }
    if text.starts_with([']', 'P', 'X', '^', '_']) {
        // A string ends with a bell or another escape; one without an end goes no further than its line.
        let end = text.find(['\u{7}', '\u{1b}', '\n']).unwrap_or(text.len());
        let rest = &text[end..];
        return rest.strip_prefix('\u{7}').or_else(|| rest.strip_prefix("\u{1b}\\")).unwrap_or(rest);
    }
    let text = skip(text, ' ', '/');
    &text[ends(text, '0')..]
}

/// The first file of a bundle's results and logs that holds the results of tests, with what the bundle knows of the run.
fn bundle(folder: &Path) -> Result<Source, String> {
    let entries = manifest::collect(folder).map_err(|e| e.to_string())?;
    let ends = |path: &str, ends: &[&str]| ends.iter().any(|end| path.ends_with(end));
    let xml = entries.iter().filter(|e| e.path.starts_with("results/") && ends(&e.path, &[".xml"]));
    let logs = entries.iter().filter(|e| e.path.starts_with("results/") && ends(&e.path, &[".log", ".txt"]));
    let output = entries.iter().filter(|e| e.path.starts_with("logs/"));
    let found = xml.chain(logs).chain(output).find_map(|e| file(&folder.join(&e.path)).ok());
    let mut source = found.ok_or_else(|| {
        format!(
            "`{}`: no test results in the bundle; expected JUnit XML or a log of tests below `results/` or `logs/`",
            folder.display()
        )
    })?;
    add_facts(folder, &mut source.run);
    Ok(source)
}

/// What a bundle says about a run that no result file does.
fn add_facts(folder: &Path, run: &mut TestRun) {
    fn read<T: serde::de::DeserializeOwned>(path: PathBuf) -> Option<T> {
        serde_json::from_slice(&std::fs::read(path).ok()?).ok()
    }
    if let Some(environment) = read::<Environment>(folder.join("env.json")) {
        run.facts.insert("processor".into(), environment.cpu);
        run.facts.insert("kernel".into(), environment.kernel);
        run.facts.extend(environment.cores.map(|n| ("cores".into(), n.to_string())));
        run.facts.extend(environment.variables.into_iter().map(|(k, v)| (format!("env:{k}"), v)));
    }
    if let Some(summary) = read::<Summary>(folder.join("summary.json")) {
        for step in &summary.steps {
            run.facts.extend(step.exported.iter().map(|(k, v)| (format!("env:{k}"), v.clone())));
            run.facts.insert("cwd".into(), step.folder.clone());
            run.facts.extend(step.peak_memory_bytes.map(|b| ("peak_memory_bytes".into(), b.to_string())));
            run.facts.extend(step.wall_s.map(|t| ("wall_s".into(), format!("{t:.3}"))));
            run.facts.extend(step.cpu_s.map(|t| ("cpu_s".into(), format!("{t:.3}"))));
        }
    }
}
