//! Finds and reads the results of a test run: JUnit XML, a text log, or a bundle that holds one of them.
//!
//! Not here: the formats themselves.

use std::io::Read;
use std::path::{Path, PathBuf};

use crate::evidence::bundle::BundleError;
use crate::evidence::bundle::environment::Environment;
use crate::evidence::bundle::manifest;
use crate::evidence::bundle::reading::files::{DOCUMENT_LIMIT, Folder};
use crate::evidence::bundle::summary::Summary;
use crate::triage::junit::{self, JunitError};
use crate::triage::message::limit_told;
use crate::triage::record::{TestOutcome, TestRun};
use crate::triage::{cargo_log, foreign, pytest_log};

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

/// A path without results of tests.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The path leads nowhere.
    #[error("`{}`: cannot be found: {source}", path.display())]
    NotFound {
        /// The path.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The system refuses to give the file.
    #[error("`{}`: cannot be read: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A file that is no result of one run.
    #[error("`{}`: is larger than {} MiB; expected the results of one run", path.display(), limit >> 20)]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The largest that is read, in bytes.
        limit: u64,
    },
    /// A file of another kind.
    #[error("`{}`: {problem}", path.display())]
    Text {
        /// The file.
        path: PathBuf,
        /// Why it is none of the kinds that are read.
        problem: ResultsError,
    },
    /// A folder whose files cannot be listed.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// A folder without results.
    #[error(
        "`{}`: no test results in the bundle; expected JUnit XML or a log of tests below `results/` or `logs/`",
        folder.display()
    )]
    NothingInBundle {
        /// The folder.
        folder: PathBuf,
    },
}

/// A text without results of tests.
#[derive(Debug, thiserror::Error)]
pub enum ResultsError {
    /// It looks like nothing that is read.
    #[error("is neither JUnit XML nor a log of pytest or `cargo test`")]
    Unknown,
    /// It looks like XML.
    #[error(transparent)]
    Junit(#[from] JunitError),
    /// It looks like a log of pytest.
    #[error("names and counts no test; expected a log of pytest with its last line")]
    NoPytest,
    /// It looks like a log of `cargo test`.
    #[error("names no test; expected a log of `cargo test`")]
    NoCargoTest,
}

/// Reads the results at `path`: a file, or the folder of a bundle, which may hold several.
///
/// # Errors
/// The path leads nowhere, or to something without results of tests.
pub fn read(path: &Path) -> Result<Vec<Source>, SourceError> {
    let not_found = |source| SourceError::NotFound { path: path.to_owned(), source };
    let full = path.canonicalize().map_err(not_found)?;
    match full.is_dir() {
        true => bundle(&full),
        false => Ok(vec![file(&full)?]),
    }
}

fn file(path: &Path) -> Result<Source, SourceError> {
    let named = || path.to_owned();
    let mut bytes = Vec::new();
    let read = crate::evidence::given::stream(path).and_then(|f| f.take(LARGEST + 1).read_to_end(&mut bytes));
    read.map_err(|source| SourceError::Unreadable { path: named(), source })?;
    if bytes.len() as u64 > LARGEST {
        return Err(SourceError::TooLarge { path: named(), limit: LARGEST });
    }
    let run = parse(&String::from_utf8_lossy(&bytes));
    let mut run = run.map_err(|problem| SourceError::Text { path: named(), problem })?;
    run.source = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Source { file: path.to_owned(), run })
}

/// Reads results from text.
///
/// # Errors
/// The text is none of the kinds that are read, or is cut off before the first test.
pub fn parse(text: &str) -> Result<TestRun, ResultsError> {
    let mut run = read_any(text)?;
    for test in run.tests.iter_mut().filter(|t| t.outcome == TestOutcome::TimedOut && t.timeout_s.is_none()) {
        test.timeout_s = limit_told(&test.message).or_else(|| limit_told(&test.detail));
    }
    Ok(run)
}

fn read_any(text: &str) -> Result<TestRun, ResultsError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim_start().starts_with('<') {
        return Ok(junit::read(text)?);
    }
    // Colours, as a log may have them from a terminal, are no part of it.
    let plain;
    let text = if text.contains('\u{1b}') {
        plain = without_colours(text);
        &plain
    } else {
        text
    };
    // A log may be of several commands, and of several runners.
    let mut runs = Vec::new();
    if pytest_log::is_one(text) {
        runs.push(pytest_log::read(text).ok_or(ResultsError::NoPytest));
    }
    if cargo_log::is_one(text) {
        runs.push(cargo_log::read(text).ok_or(ResultsError::NoCargoTest));
    }
    // What looks like a second kind and holds no test of it is output of the first.
    let first_error = runs.iter().position(Result::is_err).filter(|_| runs.iter().all(Result::is_err));
    if let Some(place) = first_error {
        return runs.swap_remove(place);
    }
    let mut run = TestRun::merge(runs.into_iter().flatten().collect()).ok_or(ResultsError::Unknown)?;
    run.gaps.extend(foreign::failures(text));
    Ok(run)
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

/// The results of a bundle: all of its XML files that hold some, or else all such logs among its results, or else what its
/// commands printed; with what the bundle knows of the run.
fn bundle(folder: &Path) -> Result<Vec<Source>, SourceError> {
    let entries = manifest::collect(folder)?;
    let of = |below: &str, ends: &[&str]| -> (Vec<Source>, Vec<String>) {
        let fits = |path: &str| path.starts_with(below) && ends.iter().any(|end| path.ends_with(end));
        let (mut read, mut unread) = (Vec::new(), Vec::new());
        for entry in entries.iter().filter(|entry| fits(&entry.path)) {
            match file(&folder.join(&entry.path)) {
                Ok(source) => read.push(source),
                Err(SourceError::Text { problem: ResultsError::Unknown, .. }) => {}
                Err(_) => unread.push(format!("`{}` of the bundle cannot be read as results", entry.path)),
            }
        }
        (read, unread)
    };
    let kinds = [("results/", &[".xml"][..]), ("results/", &[".log", ".txt"]), ("logs/", &[""])];
    let found = kinds.into_iter().map(|(below, ends)| of(below, ends)).find(|(read, _)| !read.is_empty());
    let (mut sources, unread) =
        found.ok_or_else(|| SourceError::NothingInBundle { folder: folder.to_owned() })?;
    let has_trouble = sources.iter().any(|source| source.run.counts().trouble() > 0);
    if let Some(first) = sources.first_mut() {
        first.run.gaps.extend(unread);
        add_facts(folder, &mut first.run, has_trouble);
    }
    Ok(sources)
}

/// What a bundle says about a run that no result file does.
fn add_facts(folder: &Path, run: &mut TestRun, has_trouble: bool) {
    fn read<T: serde::de::DeserializeOwned>(folder: &Path, name: &str) -> Option<T> {
        serde_json::from_slice(&Folder::open(folder).ok()?.read(name, DOCUMENT_LIMIT).ok()?).ok()
    }
    if let Some(environment) = read::<Environment>(folder, "env.json") {
        run.facts.insert("processor".into(), environment.cpu);
        run.facts.insert("kernel".into(), environment.kernel);
        run.facts.extend(environment.cores.map(|n| ("cores".into(), n.to_string())));
        run.facts.extend(environment.variables.into_iter().map(|(k, v)| (format!("env:{k}"), v)));
    }
    if let Some(summary) = read::<Summary>(folder, "summary.json") {
        let failed = summary.steps.iter().filter(|step| !step.succeeded() && !has_trouble);
        run.gaps.extend(failed.map(|step| {
            format!(
                "the command `{}` of the bundle did not end well, and its results list no failure",
                step.name
            )
        }));
        for step in &summary.steps {
            run.facts.extend(step.exported.iter().map(|(k, v)| (format!("env:{k}"), v.clone())));
            run.facts.insert("cwd".into(), step.folder.clone());
            run.facts.extend(step.peak_memory_bytes.map(|b| ("peak_memory_bytes".into(), b.to_string())));
            run.facts.extend(step.wall_s.map(|t| ("wall_s".into(), format!("{t:.3}"))));
            run.facts.extend(step.cpu_s.map(|t| ("cpu_s".into(), format!("{t:.3}"))));
        }
    }
}
