//! A verification under way: what is there, and what was found to be wrong with it.
//!
//! Not here: what is looked at, and in which order (`verify`).

use std::collections::BTreeMap;
use std::path::Path;

use crate::evidence::bundle::digest;
use crate::evidence::bundle::reading::files::Folder;
use crate::evidence::bundle::verify::finding::{BundleFault, BundleFinding};
use crate::evidence::bundle::verify::remark;

/// What stands under a name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum EntryKind {
    /// A regular file.
    File,
    /// Anything else.
    Other,
}

/// A verification under way.
pub(super) struct Verification<'a> {
    /// The bundle's folder.
    pub folder: &'a Path,
    /// The same, held open.
    pub files: &'a Folder,
    /// What is there, by name.
    pub present: BTreeMap<String, EntryKind>,
    /// What is wrong, in the order of finding it.
    pub findings: Vec<BundleFinding>,
}

impl Verification<'_> {
    /// Enters something that is wrong.
    pub(super) fn add(&mut self, fault: BundleFault, path: &str, detail: impl Into<String>) {
        self.findings.push(BundleFinding { fault, path: path.to_owned(), detail: detail.into() });
    }

    /// Whether anything stands under this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.present.contains_key(name)
    }

    /// Whether a regular file stands under this name.
    pub(super) fn is_file(&self, name: &str) -> bool {
        self.present.get(name) == Some(&EntryKind::File)
    }

    /// Whether the file's digest is right.
    pub(super) fn content(&mut self, path: &str, sha256: &str) -> bool {
        match self.files.digest(path) {
            Ok((found, _)) if found == sha256 => return true,
            Ok((found, _)) => self.changed(path, &found, sha256),
            Err(e) => self.add(BundleFault::Changed, path, format!("cannot be read: {e}")),
        }
        false
    }

    /// The same for content that was read already.
    pub(super) fn is_as_listed(&mut self, path: &str, content: &[u8], sha256: &str) -> bool {
        let found = digest::of_bytes(content);
        if found != sha256 {
            self.changed(path, &found, sha256);
        }
        found == sha256
    }

    fn changed(&mut self, path: &str, found: &str, listed: &str) {
        let remark = remark::of(self.files, path, listed).map(|text| format!("; {text}")).unwrap_or_default();
        self.add(BundleFault::Changed, path, format!("has digest {found}, listed as {listed}{remark}"));
    }
}
