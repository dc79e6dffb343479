//! Whether a bundle is still what was written: every file there, unchanged, listed, in its format, and inside the folder.
//!
//! Not here: running anything again (`rerun`).

mod archive;
mod check;
mod claims;
mod finding;
mod markup;
mod page;
mod remark;

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::Serialize;
use walkdir::WalkDir;

use crate::evidence::bundle::documents::ro_crate;
use crate::evidence::bundle::environment::Environment;
use crate::evidence::bundle::manifest::{self, ManifestEntry};
use crate::evidence::bundle::reading::files::{self, Folder};
use crate::evidence::bundle::staging::PARTIAL;
use crate::evidence::bundle::summary::Summary;
use crate::evidence::bundle::verify::archive::Refused;
use crate::evidence::bundle::verify::check::{EntryKind, Verification};
use crate::evidence::bundle::{BundleError, MANIFEST, digest};
use crate::evidence::process::Temporary;

pub use finding::{BundleFault, BundleFinding};

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
    pub findings: Vec<BundleFinding>,
    /// What only the program that wrote it could hold against the rest, in words.
    pub not_checked: Vec<String>,
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

/// Verifies the bundle at `path`: a folder, or an archive of one. Reads nothing outside it, and writes nothing but a temporary folder
/// that an archive is unpacked into.
///
/// # Errors
/// The folder itself, or the archive, cannot be read.
pub fn verify(path: &Path) -> Result<Report, BundleError> {
    Ok(report_of(path, with_examined(path, |examined| examined.report.clone())?))
}

/// Does something with the bundle at `path` when it has been read: a folder, or an archive, which is unpacked for that. The inner error is
/// why an archive is none of a bundle.
///
/// # Errors
/// As [`verify`].
pub fn with_examined<T>(
    path: &Path,
    then: impl FnOnce(&Examined) -> T,
) -> Result<Result<T, BundleFinding>, BundleError> {
    let Some(kind) = archive::kind(path) else { return examine(path).map(|examined| Ok(then(&examined))) };
    let folder =
        Temporary::new().map_err(BundleError::io(&std::env::temp_dir(), "no folder can be made in it"))?;
    match archive::unpack(path, kind, folder.path(), archive::LIMITS) {
        Ok(root) => examine(&root).map(|examined| Ok(then(&examined))),
        Err(Refused::Machine(e)) => Err(e),
        Err(Refused::Content(mut finding)) => {
            if finding.path.is_empty() {
                finding.path = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            }
            Ok(Err(finding))
        }
    }
}

/// The report about the bundle at `path`, of what [`with_examined`] gave.
pub fn report_of(path: &Path, read: Result<Report, BundleFinding>) -> Report {
    let report = read.unwrap_or_else(|finding| Report {
        folder: PathBuf::new(),
        layout: Layout::Current,
        verified: 0,
        findings: vec![finding],
        not_checked: Vec::new(),
    });
    Report { folder: path.to_owned(), ..report }
}

/// As [`verify`], but of a folder only; keeps what was read, so that nobody has to trust a second reading.
///
/// # Errors
/// As [`verify`]; an archive.
pub fn examine(folder: &Path) -> Result<Examined, BundleError> {
    if archive::kind(folder).is_some() {
        return Err(BundleError::Archive(folder.to_owned()));
    }
    let refused = |e| BundleError::io(folder, "cannot be listed; expected the folder of a bundle")(e);
    let files = Folder::open(folder).map_err(refused)?;
    let mut check = Verification { folder, files: &files, present: BTreeMap::new(), findings: Vec::new() };
    check.name();
    check.walk()?;
    let mut verified = 0;
    let (mut listed, mut manifest_sha256, mut read) = (BTreeMap::new(), String::new(), (None, None));
    let layout = check.layout();
    if !["summary.json", "commands.txt", "env.json", MANIFEST].iter().any(|name| check.has(name)) {
        check.findings.retain(|finding| finding.fault == BundleFault::Unfinished);
        check.add(
            BundleFault::Missing,
            MANIFEST,
            "is not there, nor any other file that every bundle has: no bundle",
        );
    } else {
        (listed, manifest_sha256) = check.listed();
        check.require_files(layout);
        if layout == Layout::Current {
            read = claims::check(&mut check, &listed);
        }
        for (path, sha256) in &listed {
            match check.present.get(path) {
                None => check.add(BundleFault::Missing, path, "is listed but not there"),
                Some(EntryKind::Other) => {} // named by the walk already
                Some(EntryKind::File) => verified += usize::from(check.content(path, sha256)),
            }
        }
        check.unlisted(&listed);
    }
    let mut findings = check.findings;
    findings.sort();
    findings.dedup();
    let (summary, environment) = read;
    let not_checked = summary.iter().filter_map(|summary| claims::not_checked(summary, environment.as_ref()));
    let mut not_checked: Vec<String> = not_checked.collect();
    if layout == Layout::Older && verified > 0 {
        not_checked.push(
            "what its texts and pages say: the older layout has no summary to hold them against".to_owned(),
        );
    }
    let report = Report { folder: folder.to_owned(), layout, verified, findings, not_checked };
    Ok(Examined { report, files, listed, manifest_sha256, summary, environment })
}

impl Verification<'_> {
    fn name(&mut self) {
        // `.` and the like have their name only once resolved.
        let resolved = self.folder.canonicalize().unwrap_or_else(|_| self.folder.to_owned());
        let name = resolved.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with(PARTIAL) {
            self.add(
                BundleFault::Unfinished,
                &name,
                "was never finished: its name still begins with `.partial-`",
            );
        }
    }

    /// Every file below the folder, without following links.
    fn walk(&mut self) -> Result<(), BundleError> {
        for item in WalkDir::new(self.folder).min_depth(1) {
            let item = match item {
                Ok(item) => item,
                Err(e) if e.io_error().is_some_and(|e| e.kind() == ErrorKind::InvalidFilename) => {
                    self.add(
                        BundleFault::Unsafe,
                        &start_of(&e, self.folder),
                        "is a path too long for the system to open",
                    );
                    continue;
                }
                Err(e) => return Err(manifest::walk_error(self.folder, e)),
            };
            if item.file_type().is_dir() {
                continue;
            }
            let relative = item.path().strip_prefix(self.folder).unwrap_or(item.path());
            let Some(name) = relative.to_str().map(str::to_owned) else {
                // Its bytes are no text, so no line of the manifest can mean it.
                let name = relative.as_os_str().as_encoded_bytes().escape_ascii().to_string();
                self.add(
                    BundleFault::Unlisted,
                    &name,
                    "has a name that is not UTF-8, which no manifest can list",
                );
                continue;
            };
            let kind = if item.file_type().is_file() { EntryKind::File } else { EntryKind::Other };
            if kind == EntryKind::Other {
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
        self.add(BundleFault::Unsafe, name, detail);
    }

    /// The safe entries of the manifest, and its own digest.
    fn listed(&mut self) -> (BTreeMap<String, String>, String) {
        let mut listed = BTreeMap::new();
        if !self.has(MANIFEST) {
            self.add(BundleFault::Missing, MANIFEST, "is not there; a bundle is complete only with it");
        }
        if !self.is_file(MANIFEST) {
            return (listed, String::new());
        }
        let read = self.files.read(MANIFEST, files::DOCUMENT_LIMIT);
        let text = match read.and_then(|bytes| String::from_utf8(bytes).map_err(std::io::Error::other)) {
            Ok(text) => text,
            Err(e) => {
                self.add(BundleFault::Format, MANIFEST, format!("cannot be read: {e}"));
                return (listed, String::new());
            }
        };
        for line in manifest::parse(&text) {
            match line {
                Ok(entry) => self.entry(entry, &mut listed),
                Err((number, problem)) => {
                    self.add(BundleFault::Format, MANIFEST, format!("line {number}: {problem}"))
                }
            }
        }
        if listed.is_empty() {
            self.add(BundleFault::Format, MANIFEST, "lists no file");
        }
        (listed, digest::of_bytes(text.as_bytes()))
    }

    fn entry(&mut self, entry: ManifestEntry, listed: &mut BTreeMap<String, String>) {
        if !files::is_inside(&entry.path) {
            let detail = "leads out of the folder or is written oddly; expected a relative path without `.`, `..` and `//`";
            self.add(BundleFault::Unsafe, &entry.path, detail);
        } else if entry.path == MANIFEST {
            self.add(BundleFault::Format, MANIFEST, "lists itself");
        } else if let Some(before) = listed.insert(entry.path.clone(), entry.sha256.clone()) {
            let agree = if before == entry.sha256 { "twice" } else { "twice, with different digests" };
            self.add(BundleFault::Format, &entry.path, format!("is listed {agree}"));
        }
    }

    fn unlisted(&mut self, listed: &BTreeMap<String, String>) {
        let names: Vec<String> = self
            .present
            .keys()
            .filter(|name| *name != MANIFEST && !listed.contains_key(*name))
            .cloned()
            .collect();
        names.iter().for_each(|name| self.add(BundleFault::Unlisted, name, "is not listed in the manifest"));
    }

    fn layout(&self) -> Layout {
        let older = self.has("git_sha.txt") && self.has("version.txt") && !self.has("summary.json");
        if older { Layout::Older } else { Layout::Current }
    }

    /// The files that every bundle of the layout has.
    fn require_files(&mut self, layout: Layout) {
        let required: &[&str] = match layout {
            Layout::Current => {
                &["analysis.md", "commands.txt", "env.json", "report.html", ro_crate::NAME, "summary.json"]
            }
            Layout::Older if self.has("env.txt") => &["commands.txt"],
            Layout::Older => &["commands.txt", "env.json"],
        };
        for name in required {
            if !self.has(name) {
                self.add(BundleFault::Missing, name, "is not there; every bundle has it");
            }
        }
    }
}

/// The beginning of the path that could not be walked, as much as anybody reads.
fn start_of(error: &walkdir::Error, folder: &Path) -> String {
    let path = error.path().unwrap_or(folder);
    let name = path.strip_prefix(folder).unwrap_or(path).to_string_lossy();
    name.chars().take(250).chain("...".chars()).collect()
}

#[cfg(test)]
mod tests;
