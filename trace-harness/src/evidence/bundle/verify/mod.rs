//! Whether a bundle is still what was written: every file there, unchanged, listed, in its format, and inside the folder.
//!
//! Not here: running anything again (`rerun`).

mod claims;
mod page;
mod remark;

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;
use walkdir::WalkDir;

use crate::evidence::bundle::environment::Environment;
use crate::evidence::bundle::files::{self, Folder};
use crate::evidence::bundle::manifest::{self, Entry};
use crate::evidence::bundle::staging::PARTIAL;
use crate::evidence::bundle::summary::Summary;
use crate::evidence::bundle::{BundleError, MANIFEST, digest, ro_crate};
use crate::evidence::terminal::visible;

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
        write!(f, "{word}: `{}`: {}", visible(&self.path), visible(&self.detail))
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

/// A bundle with everything that was read to verify it.
#[derive(Debug)]
pub struct Examined {
    /// What was found.
    pub report: Report,
    /// The open folder.
    pub files: Folder,
    /// Digests by name, as the manifest has them.
    pub listed: BTreeMap<String, String>,
    /// Digest of the manifest.
    pub manifest_sha256: String,
    /// The summary, where it could be understood.
    pub summary: Option<Summary>,
    /// The environment, where it could be understood.
    pub environment: Option<Environment>,
}

/// Verifies the bundle at `folder`. Reads nothing outside it and writes nothing.
///
/// # Errors
/// The folder itself cannot be read.
pub fn verify(folder: &Path) -> Result<Report, BundleError> {
    examine(folder).map(|examined| examined.report)
}

/// As [`verify`]; keeps what was read, so that nobody has to trust a second reading.
///
/// # Errors
/// As [`verify`].
pub fn examine(folder: &Path) -> Result<Examined, BundleError> {
    let refused = |e| BundleError::io(folder, "cannot be listed; expected the folder of a bundle")(e);
    let files = Folder::open(folder).map_err(refused)?;
    let mut check = Check { folder, files: &files, present: BTreeMap::new(), findings: Vec::new() };
    check.name();
    check.walk()?;
    let mut verified = 0;
    let (mut listed, mut manifest_sha256, mut read) = (BTreeMap::new(), String::new(), (None, None));
    let layout = check.layout();
    if !["summary.json", "commands.txt", "env.json", MANIFEST].iter().any(|name| check.has(name)) {
        check.findings.retain(|finding| finding.fault == Fault::Unfinished);
        check.add(
            Fault::Missing,
            MANIFEST,
            "is not there, nor any other file that every bundle has: no bundle",
        );
    } else {
        (listed, manifest_sha256) = check.listed();
        check.asked(layout);
        if layout == Layout::Current {
            read = claims::check(&mut check, &listed);
        }
        for (path, sha256) in &listed {
            match check.present.get(path) {
                None => check.add(Fault::Missing, path, "is listed but not there"),
                Some(Kind::Other) => {} // named by the walk already
                Some(Kind::File) => verified += usize::from(check.content(path, sha256)),
            }
        }
        check.unlisted(&listed);
    }
    let mut findings = check.findings;
    findings.sort();
    findings.dedup();
    let report = Report { folder: folder.to_owned(), layout, verified, findings };
    let (summary, environment) = read;
    Ok(Examined { report, files, listed, manifest_sha256, summary, environment })
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    File,
    Other,
}

struct Check<'a> {
    folder: &'a Path,
    files: &'a Folder,
    present: BTreeMap<String, Kind>,
    findings: Vec<Finding>,
}

impl Check<'_> {
    fn add(&mut self, fault: Fault, path: &str, detail: impl Into<String>) {
        self.findings.push(Finding { fault, path: path.to_owned(), detail: detail.into() });
    }

    fn has(&self, name: &str) -> bool {
        self.present.contains_key(name)
    }

    fn is_file(&self, name: &str) -> bool {
        self.present.get(name) == Some(&Kind::File)
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
    fn walk(&mut self) -> Result<(), BundleError> {
        for item in WalkDir::new(self.folder).min_depth(1) {
            let item = item.map_err(|e| manifest::walk_error(self.folder, e))?;
            if item.file_type().is_dir() {
                continue;
            }
            let relative = item.path().strip_prefix(self.folder).unwrap_or(item.path());
            let Some(name) = relative.to_str().map(str::to_owned) else {
                // Its bytes are no text, so no line of the manifest can mean it.
                let name = relative.as_os_str().as_encoded_bytes().escape_ascii().to_string();
                self.add(Fault::Unlisted, &name, "has a name that is not UTF-8, which no manifest can list");
                continue;
            };
            let kind = if item.file_type().is_file() { Kind::File } else { Kind::Other };
            if kind == Kind::Other {
                self.not_a_file(&name, item.path());
            }
            self.present.insert(name, kind);
        }
        Ok(())
    }

    fn not_a_file(&mut self, name: &str, path: &Path) {
        let detail = match fs::read_link(path) {
            Ok(to) => format!("is a link to `{}`; expected a regular file", to.display()),
            Err(_) => "is a special file; expected a regular one".to_owned(),
        };
        self.add(Fault::Unsafe, name, detail);
    }

    /// The safe entries of the manifest, and its own digest.
    fn listed(&mut self) -> (BTreeMap<String, String>, String) {
        let mut listed = BTreeMap::new();
        if !self.has(MANIFEST) {
            self.add(Fault::Missing, MANIFEST, "is not there; a bundle is complete only with it");
        }
        if !self.is_file(MANIFEST) {
            return (listed, String::new());
        }
        let read = self.files.read(MANIFEST, files::DOCUMENT_LIMIT);
        let text = match read.and_then(|bytes| String::from_utf8(bytes).map_err(std::io::Error::other)) {
            Ok(text) => text,
            Err(e) => {
                self.add(Fault::Format, MANIFEST, format!("cannot be read: {e}"));
                return (listed, String::new());
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
        (listed, digest::of_bytes(text.as_bytes()))
    }

    fn entry(&mut self, entry: Entry, listed: &mut BTreeMap<String, String>) {
        if !files::is_inside(&entry.path) {
            let detail = "leads out of the folder or is written oddly; expected a relative path without `.`, `..` and `//`";
            self.add(Fault::Unsafe, &entry.path, detail);
        } else if entry.path == MANIFEST {
            self.add(Fault::Format, MANIFEST, "lists itself");
        } else if let Some(before) = listed.insert(entry.path.clone(), entry.sha256.clone()) {
            let agree = if before == entry.sha256 { "twice" } else { "twice, with different digests" };
            self.add(Fault::Format, &entry.path, format!("is listed {agree}"));
        }
    }

    fn unlisted(&mut self, listed: &BTreeMap<String, String>) {
        let names: Vec<String> = self
            .present
            .keys()
            .filter(|name| *name != MANIFEST && !listed.contains_key(*name))
            .cloned()
            .collect();
        names.iter().for_each(|name| self.add(Fault::Unlisted, name, "is not listed in the manifest"));
    }

    /// Whether the file's digest is right.
    fn content(&mut self, path: &str, sha256: &str) -> bool {
        match self.files.digest(path) {
            Ok((found, _)) if found == sha256 => return true,
            Ok((found, _)) => self.changed(path, &found, sha256),
            Err(e) => self.add(Fault::Changed, path, format!("cannot be read: {e}")),
        }
        false
    }

    /// The same for content that was read already.
    fn is_as_listed(&mut self, path: &str, content: &[u8], sha256: &str) -> bool {
        let found = digest::of_bytes(content);
        if found != sha256 {
            self.changed(path, &found, sha256);
        }
        found == sha256
    }

    fn changed(&mut self, path: &str, found: &str, listed: &str) {
        let remark = remark::of(self.files, path, listed).map(|text| format!("; {text}")).unwrap_or_default();
        self.add(Fault::Changed, path, format!("has digest {found}, listed as {listed}{remark}"));
    }

    fn layout(&self) -> Layout {
        let older = self.has("git_sha.txt") && self.has("version.txt") && !self.has("summary.json");
        if older { Layout::Older } else { Layout::Current }
    }

    /// The files that every bundle of the layout has.
    fn asked(&mut self, layout: Layout) {
        let asked: &[&str] = match layout {
            Layout::Current => &["commands.txt", "env.json", "report.html", ro_crate::NAME, "summary.json"],
            Layout::Older if self.has("env.txt") => &["commands.txt"],
            Layout::Older => &["commands.txt", "env.json"],
        };
        for name in asked {
            if !self.has(name) {
                self.add(Fault::Missing, name, "is not there; every bundle has it");
            }
        }
    }
}

#[cfg(test)]
mod tests;
