//! Whether a bundle is still what was written: every file there, unchanged, listed, in its format, and inside the folder.
//!
//! Not here: running anything again (`rerun`).

mod claims;

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Component, Path, PathBuf};

use serde::Serialize;
use walkdir::WalkDir;

use crate::evidence::bundle::environment::Environment;
use crate::evidence::bundle::manifest::{self, Entry};
use crate::evidence::bundle::staging::PARTIAL;
use crate::evidence::bundle::{BundleError, MANIFEST, digest};

/// What can be wrong with a file of a bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Fault {
    /// Listed, or asked for by the layout, but not there.
    Missing,
    /// There, but not what the manifest says.
    Changed,
    /// There, but not in the manifest.
    Unlisted,
    /// Not in the format it should have.
    Format,
    /// Says something else than another file of the bundle.
    Disagrees,
    /// Leads out of the folder, or is no regular file.
    Unsafe,
    /// The bundle was never finished.
    Unfinished,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// What kind of thing.
    pub fault: Fault,
    /// The file as the bundle names it.
    pub path: String,
    /// More about it.
    pub detail: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = format!("{:?}", self.fault).to_lowercase();
        write!(f, "{word}: `{}`: {}", self.path, self.detail)
    }
}

/// How a bundle is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// As this project writes it.
    Current,
    /// As made by hand: `commands.txt`, `env.txt` or `env.json`, `git_sha.txt`, `version.txt`, `sha256.txt`.
    Older,
}

/// The result of a verification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The folder.
    pub folder: PathBuf,
    /// Which layout it was checked as.
    pub layout: Layout,
    /// Files whose digest is right.
    pub verified: usize,
    /// Everything that is wrong, sorted; empty for a sound bundle.
    pub findings: Vec<Finding>,
}

impl Report {
    /// True when nothing is wrong and there was something to check.
    pub fn is_sound(&self) -> bool {
        self.findings.is_empty() && self.verified > 0
    }
}

/// Verifies the bundle at `folder`. Reads nothing outside it and writes nothing.
///
/// # Errors
/// The folder itself cannot be read.
pub fn verify(folder: &Path) -> Result<Report, BundleError> {
    let mut check = Check { folder, findings: Vec::new() };
    check.name();
    let present = check.walk()?;
    let listed = check.listed(&present);
    let layout = check.layout(&present);
    let mut verified = 0;
    for (path, sha256) in &listed {
        match present.get(path) {
            None => check.add(Fault::Missing, path, "is listed but not there"),
            Some(Kind::Other) => {} // named by the walk already
            Some(Kind::File) => verified += usize::from(check.content(path, sha256)),
        }
    }
    for path in present.keys().filter(|p| *p != MANIFEST && !listed.contains_key(*p)) {
        check.add(Fault::Unlisted, path, "is not listed in the manifest");
    }
    if layout == Layout::Current {
        check.claims(&present, &listed);
    }
    check.findings.sort();
    check.findings.dedup();
    Ok(Report { folder: folder.to_owned(), layout, verified, findings: check.findings })
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    File,
    Other,
}

struct Check<'a> {
    folder: &'a Path,
    findings: Vec<Finding>,
}

impl Check<'_> {
    fn add(&mut self, fault: Fault, path: &str, detail: impl Into<String>) {
        self.findings.push(Finding { fault, path: path.to_owned(), detail: detail.into() });
    }

    fn name(&mut self) {
        // `.` and the like have their name only once resolved.
        let resolved = self.folder.canonicalize().unwrap_or_else(|_| self.folder.to_owned());
        let name = resolved.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with(PARTIAL) {
            self.add(Fault::Unfinished, &name, "was never finished: its name still begins with `.partial-`");
        }
    }

    /// Every file below the folder, without following links.
    fn walk(&mut self) -> Result<BTreeMap<String, Kind>, BundleError> {
        let mut present = BTreeMap::new();
        let listing = fs::read_dir(self.folder);
        listing.map_err(BundleError::io(self.folder, "cannot be listed; expected the folder of a bundle"))?;
        for item in WalkDir::new(self.folder).min_depth(1) {
            let item = item.map_err(|e| manifest::walk_error(self.folder, e))?;
            let relative = item.path().strip_prefix(self.folder).unwrap_or(item.path());
            let name = relative.to_string_lossy().into_owned();
            if item.file_type().is_dir() {
                continue;
            }
            let kind = if item.file_type().is_file() { Kind::File } else { Kind::Other };
            if kind == Kind::Other {
                self.not_a_file(&name, item.path());
            }
            present.insert(name, kind);
        }
        Ok(present)
    }

    fn not_a_file(&mut self, name: &str, path: &Path) {
        let detail = match fs::read_link(path) {
            Ok(to) => format!("is a link to `{}`; expected a regular file", to.display()),
            Err(_) => "is a special file; expected a regular one".to_owned(),
        };
        self.add(Fault::Unsafe, name, detail);
    }

    /// The safe entries of the manifest.
    fn listed(&mut self, present: &BTreeMap<String, Kind>) -> BTreeMap<String, String> {
        let mut listed = BTreeMap::new();
        if present.get(MANIFEST) != Some(&Kind::File) {
            if !present.contains_key(MANIFEST) {
                self.add(Fault::Missing, MANIFEST, "is not there; a bundle is complete only with it");
            }
            return listed;
        }
        let text = match fs::read_to_string(self.folder.join(MANIFEST)) {
            Ok(text) => text,
            Err(e) => {
                self.add(Fault::Format, MANIFEST, format!("cannot be read: {e}"));
                return listed;
            }
        };
        for line in manifest::parse(&text) {
            match line {
                Ok(entry) => self.entry(entry, &mut listed),
                Err((number, problem)) => {
                    self.add(Fault::Format, MANIFEST, format!("line {number}: {problem}"))
                }
            }
        }
        if listed.is_empty() {
            self.add(Fault::Format, MANIFEST, "lists no file");
        }
        listed
    }

    fn entry(&mut self, entry: Entry, listed: &mut BTreeMap<String, String>) {
        let path = Path::new(&entry.path);
        if path.components().any(|c| !matches!(c, Component::Normal(_))) {
            self.add(
                Fault::Unsafe,
                &entry.path,
                "leads out of the folder; expected a relative path without `..`",
            );
        } else if entry.path == MANIFEST {
            self.add(Fault::Format, MANIFEST, "lists itself");
        } else if let Some(before) = listed.insert(entry.path.clone(), entry.sha256.clone()) {
            let agree = if before == entry.sha256 { "twice" } else { "twice, with different digests" };
            self.add(Fault::Format, &entry.path, format!("is listed {agree}"));
        }
    }

    /// Whether the file's digest is right.
    fn content(&mut self, path: &str, sha256: &str) -> bool {
        match digest::of_file(&self.folder.join(path)) {
            Ok((found, _)) if found == sha256 => return true,
            Ok((found, _)) => {
                self.add(Fault::Changed, path, format!("has digest {found}, listed as {sha256}"))
            }
            Err(e) => self.add(Fault::Changed, path, format!("cannot be read: {e}")),
        }
        false
    }

    /// Decides on the layout and checks that its files are there and readable.
    fn layout(&mut self, present: &BTreeMap<String, Kind>) -> Layout {
        let has = |name: &str| present.contains_key(name);
        let older = has("git_sha.txt") && has("version.txt");
        let layout = if older && !has("summary.json") { Layout::Older } else { Layout::Current };
        let asked: &[&str] = match layout {
            Layout::Current => &["commands.txt", "env.json", "summary.json"],
            Layout::Older if has("env.txt") => &["commands.txt"],
            Layout::Older => &["commands.txt", "env.json"],
        };
        for name in asked.iter().filter(|name| !has(name)) {
            self.add(Fault::Missing, name, "is not there; every bundle has it");
        }
        if layout == Layout::Current {
            self.json(present, "env.json", |value| {
                serde_json::from_value::<Environment>(value)
                    .map(|_| ())
                    .map_err(|e| format!("is not as expected: {e}"))
            });
        }
        layout
    }

    /// What the bundle says in more than one place.
    fn claims(&mut self, present: &BTreeMap<String, Kind>, listed: &BTreeMap<String, String>) {
        let is_file = |name: &str| present.get(name) == Some(&Kind::File);
        let folder = self.folder;
        let text = |name: &str| {
            is_file(name)
                .then(|| fs::read(folder.join(name)).ok())
                .flatten()
                .map(|b| String::from_utf8_lossy(&b).into_owned())
        };
        let size =
            |name: &str| is_file(name).then(|| Some(fs::metadata(folder.join(name)).ok()?.len())).flatten();
        let Some(stored) = text("summary.json") else { return };
        let summary = match claims::summary(&stored) {
            Ok(summary) => summary,
            Err(problem) => return self.add(Fault::Format, "summary.json", problem),
        };
        let claims = claims::Claims { listed, text: &text, size: &size };
        for (path, problem) in claims.disagreements(&summary) {
            self.add(Fault::Disagrees, &path, problem);
        }
    }

    fn json(
        &mut self,
        present: &BTreeMap<String, Kind>,
        name: &str,
        check: impl Fn(serde_json::Value) -> Result<(), String>,
    ) {
        if present.get(name) != Some(&Kind::File) {
            return;
        }
        let text = fs::read(self.folder.join(name)).unwrap_or_default();
        let outcome = serde_json::from_slice(&text).map_err(|e| format!("is no JSON: {e}")).and_then(check);
        if let Err(problem) = outcome {
            self.add(Fault::Format, name, problem);
        }
    }
}

#[cfg(test)]
mod tests;
