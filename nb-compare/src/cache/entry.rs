//! One kept run: a folder with its files and a list of their digests.
//!
//! Not here: which run it is (`key`), and making room (`evict`).

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use trace_harness::evidence::bundle::digest;

use crate::cache::key::Key;

/// The list of an entry; its time of modification is when the entry was last used.
pub(super) const LIST: &str = "entry.json";
/// How folders in the making begin.
pub(super) const PARTIAL: &str = ".partial-";

/// What is known about a kept run besides its files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// When it ran, in UTC.
    pub recorded: String,
    /// How long it took, in seconds.
    pub wall_s: f64,
}

/// What the cache has to say.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// The run; its files have been copied.
    Run(Facts),
    /// No such run.
    Nothing,
    /// A run whose files are not what was stored, and why; it has been removed.
    Damaged(String),
}

#[derive(Serialize, Deserialize)]
struct List {
    version: u32,
    key: String,
    facts: Facts,
    files: BTreeMap<String, Stored>,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    bytes: u64,
    sha256: String,
}

/// The folder of an entry.
pub(super) fn place(folder: &Path, key: &Key) -> PathBuf {
    folder.join(key.text())
}

/// See [`crate::cache::Cache::fetch`].
pub(super) fn fetch(folder: &Path, key: &Key, places: &[(&str, &Path)]) -> Found {
    let entry = place(folder, key);
    let text = match fs::read(entry.join(LIST)) {
        Ok(text) => text,
        Err(_) if !entry.exists() => return Found::Nothing,
        Err(e) => return damaged(&entry, format!("`{LIST}` cannot be read: {e}")),
    };
    let list: List = match serde_json::from_slice(&text) {
        Ok(list) => list,
        Err(e) => return damaged(&entry, format!("`{LIST}` is no list of files: {e}")),
    };
    if list.version != 1 || list.key != key.text() {
        return damaged(&entry, format!("`{LIST}` belongs to another run"));
    }
    for (name, to) in places {
        if let Err(why) = copy(&entry, name, &list, to) {
            return damaged(&entry, why);
        }
    }
    // Used now: the least recently used entries go first. A cache that cannot be written to still serves.
    let _ =
        File::options().append(true).open(entry.join(LIST)).and_then(|f| f.set_modified(SystemTime::now()));
    Found::Run(list.facts)
}

/// Copies a file and checks the copy, so that what was checked is what is used.
fn copy(entry: &Path, name: &str, list: &List, to: &Path) -> Result<(), String> {
    let Some(stored) = list.files.get(name) else { return Err(format!("`{name}` is not in it")) };
    fs::copy(entry.join(name), to).map_err(|e| format!("`{name}` cannot be copied: {e}"))?;
    let (sha256, bytes) = digest::of_file(to).map_err(|e| format!("`{name}` cannot be read: {e}"))?;
    match (sha256, bytes) == (stored.sha256.clone(), stored.bytes) {
        true => Ok(()),
        false => Err(format!("`{name}` is not what was stored")),
    }
}

fn damaged(entry: &Path, why: String) -> Found {
    remove(entry);
    Found::Damaged(why)
}

/// Takes an entry away in one step, then empties it.
pub(super) fn remove(entry: &Path) {
    let Some(folder) = entry.parent() else { return };
    let away = tempfile::Builder::new().prefix(PARTIAL).tempdir_in(folder);
    // What cannot be removed now is removed by whoever makes room next; a second remover finds nothing.
    if let Ok(away) = away {
        let _ = fs::rename(entry, away.path().join("entry"));
    }
}

/// See [`crate::cache::Cache::store`]; says whether the run was kept.
pub(super) fn store(
    folder: &Path,
    key: &Key,
    facts: &Facts,
    files: &[(&str, &Path)],
    limit: u64,
) -> io::Result<bool> {
    let mut total = 0;
    for (_, path) in files {
        total += fs::metadata(path)?.len();
    }
    if total > limit || place(folder, key).exists() {
        return Ok(false);
    }
    fs::create_dir_all(folder)?;
    let partial = tempfile::Builder::new().prefix(PARTIAL).tempdir_in(folder)?;
    let mut list =
        List { version: 1, key: key.text().to_owned(), facts: facts.clone(), files: BTreeMap::new() };
    for (name, path) in files {
        let copy = partial.path().join(name);
        fs::copy(path, &copy)?;
        let (sha256, bytes) = digest::of_file(&copy)?;
        File::open(&copy)?.sync_all()?;
        list.files.insert((*name).to_owned(), Stored { bytes, sha256 });
    }
    fs::write(partial.path().join(LIST), serde_json::to_string_pretty(&list)?)?;
    File::open(partial.path().join(LIST))?.sync_all()?;
    match fs::rename(partial.path(), place(folder, key)) {
        Ok(()) => {
            // Its name is another now: there is nothing to remove.
            let _ = partial.keep();
            Ok(true)
        }
        // Somebody else has kept the same run meanwhile.
        Err(_) if place(folder, key).exists() => Ok(false),
        Err(e) => Err(e),
    }
}
