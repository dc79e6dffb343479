//! One kept run: a folder with its files and a list of their digests.
//!
//! Not here: which run it is (`key`), and making room (`evict`).

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use trace_harness::evidence::bundle::digest;
use trace_harness::evidence::bundle::reading::regular;

use crate::cache::key::Key;

/// The list of an entry; its time of modification is when the entry was last used.
pub(super) const LIST: &str = "entry.json";
/// No list is longer, bytes.
const LONGEST_LIST: u64 = 1 << 20;
/// How folders in the making begin.
pub(super) const PARTIAL: &str = ".partial-";

/// What is known about a kept run besides its files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct KeptRun {
    /// When it ran, in UTC.
    pub recorded: String,
    /// How long it took, in seconds.
    pub wall_s: f64,
}

/// What the cache has to say.
#[derive(Debug)]
pub(crate) enum Lookup {
    /// The run; its files have been copied.
    Run(KeptRun),
    /// No such run.
    Nothing,
    /// A run whose files are not what was stored, and why; it has been removed.
    Damaged(Damage),
}

/// What is wrong with a kept run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Damage {
    /// Its list or one of its files cannot be read or copied.
    #[error("`{name}` cannot be {doing}: {source}")]
    Io {
        /// The file.
        name: String,
        /// What was being done with it.
        doing: &'static str,
        /// The system's reason.
        source: io::Error,
    },
    /// Its list is none.
    #[error("`{LIST}` is no list of files: {0}")]
    NoList(serde_json::Error),
    /// Its list is that of another run.
    #[error("`{LIST}` belongs to another run")]
    OtherRun,
    /// A file is missing.
    #[error("`{0}` is not in it")]
    Missing(String),
    /// A file is another one.
    #[error("`{0}` is not what was stored")]
    Changed(String),
}

#[derive(Serialize, Deserialize)]
struct List {
    version: u32,
    key: String,
    facts: KeptRun,
    files: BTreeMap<String, StoredFile>,
}

#[derive(Serialize, Deserialize)]
struct StoredFile {
    bytes: u64,
    sha256: String,
}

/// The folder of an entry.
pub(super) fn place(folder: &Path, key: &Key) -> PathBuf {
    folder.join(key.text())
}

/// See [`crate::cache::Cache::fetch`].
pub(super) fn fetch(folder: &Path, key: &Key, places: &[(&str, &Path)]) -> Lookup {
    let entry = place(folder, key);
    let mut text = Vec::new();
    let read =
        regular::open(&entry.join(LIST)).and_then(|file| file.take(LONGEST_LIST).read_to_end(&mut text));
    match read {
        Ok(_) => {}
        Err(_) if !entry.exists() => return Lookup::Nothing,
        Err(e) => return damaged(&entry, refused(LIST, "read")(e)),
    }
    let list: List = match serde_json::from_slice(&text) {
        Ok(list) => list,
        Err(e) => return damaged(&entry, Damage::NoList(e)),
    };
    if list.version != 1 || list.key != key.text() {
        return damaged(&entry, Damage::OtherRun);
    }
    for (name, to) in places {
        if let Err(why) = copy(&entry, name, &list, to) {
            return damaged(&entry, why);
        }
    }
    // Used now: the least recently used entries go first. A cache that cannot be written to still serves.
    let _ =
        File::options().append(true).open(entry.join(LIST)).and_then(|f| f.set_modified(SystemTime::now()));
    Lookup::Run(list.facts)
}

/// Copies a file and checks the copy, so that what was checked is what is used.
fn copy(entry: &Path, name: &str, list: &List, to: &Path) -> Result<(), Damage> {
    let Some(stored) = list.files.get(name) else { return Err(Damage::Missing(name.to_owned())) };
    let copied = regular::open(&entry.join(name)).and_then(|from| {
        // No more than was stored, whatever the file has become.
        io::copy(&mut from.take(stored.bytes.saturating_add(1)), &mut File::create(to)?)
    });
    copied.map_err(refused(name, "copied"))?;
    let (sha256, bytes) = digest::of_file(to).map_err(refused(name, "read"))?;
    match (sha256, bytes) == (stored.sha256.clone(), stored.bytes) {
        true => Ok(()),
        false => Err(Damage::Changed(name.to_owned())),
    }
}

fn refused(name: &str, doing: &'static str) -> impl FnOnce(io::Error) -> Damage {
    move |source| Damage::Io { name: name.to_owned(), doing, source }
}

fn damaged(entry: &Path, why: Damage) -> Lookup {
    remove(entry);
    Lookup::Damaged(why)
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
    facts: &KeptRun,
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
        regular::copy(path, &copy)?;
        let (sha256, bytes) = digest::of_file(&copy)?;
        File::open(&copy)?.sync_all()?;
        list.files.insert((*name).to_owned(), StoredFile { bytes, sha256 });
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
