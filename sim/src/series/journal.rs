//! Notes of finished images, a JSON object on each line, so that a series that was stopped goes on where it was.
//!
//! An image counts as finished while the program, its arguments, the files it read and those it wrote are as they were noted: files
//! by length and time of their last change. Not here: which images there are (`plan`).

use super::plan::SeriesImage;
use crate::error::{InputError, OutputError};
use crate::open_file;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// Larger journals are somebody else's files.
const LARGEST: u64 = 4 << 30;

const PROGRAM: &str = concat!(env!("CARGO_PKG_VERSION"), " (", env!("NANOBRAGG_COMMIT"), ")");

/// One finished image.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Finished {
    image: u64,
    program: String,
    arguments: Vec<String>,
    inputs: Vec<FileState>,
    outputs: Vec<FileState>,
}

/// A file as it was when the image was finished.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct FileState {
    path: String,
    bytes: u64,
    /// Last change, ns since 1970; none where the system does not say.
    modified: Option<u64>,
}

impl FileState {
    /// None for what is not there. A folder, of derivatives, changes with the names in it.
    fn of(path: &Path) -> Option<Self> {
        let metadata = path.metadata().ok()?;
        let since = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        Some(Self {
            path: text(path),
            bytes: metadata.len(),
            modified: since.and_then(|since| since.as_nanos().try_into().ok()),
        })
    }

    fn is_so_still(&self) -> bool {
        Self::of(Path::new(&self.path)).as_ref() == Some(self)
    }
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// What is known to be finished, and where more is noted down.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    finished: HashMap<u64, Finished>,
    file: Option<File>,
}

impl Journal {
    /// Reads what an earlier run left in `path`, and in those of other parts beside it. A line that is no note, the last one of a
    /// run that was killed for instance, is passed over.
    ///
    /// # Errors
    /// A journal that is there and cannot be read.
    pub(crate) fn open(path: &Path) -> Result<Self, InputError> {
        let mut finished = HashMap::new();
        for path in [path.to_owned()].into_iter().chain(of_other_parts(path)) {
            if !path.exists() {
                continue;
            }
            let text = open_file::text(&path, "notes of finished images (--journal)", LARGEST)?;
            let notes = text.lines().filter_map(|line| serde_json::from_str::<Finished>(line).ok());
            finished.extend(notes.map(|note| (note.image, note)));
        }
        Ok(Self { path: path.to_owned(), finished, file: None })
    }

    /// Whether an image is there already, as these arguments have it.
    pub(crate) fn has(&self, image: &SeriesImage) -> bool {
        self.finished.get(&image.number).is_some_and(|note| {
            note.program == PROGRAM
                && note.arguments == words(image)
                && note.inputs.iter().chain(&note.outputs).all(FileState::is_so_still)
        })
    }

    /// Notes down that an image is finished, which was computed from `inputs`.
    ///
    /// # Errors
    /// Those of the system.
    pub(crate) fn add(&mut self, image: &SeriesImage, inputs: &[PathBuf]) -> Result<(), OutputError> {
        let files = |paths: &[PathBuf]| paths.iter().filter_map(|path| FileState::of(path)).collect();
        let note = Finished {
            image: image.number,
            program: PROGRAM.to_owned(),
            arguments: words(image),
            inputs: files(inputs),
            outputs: files(&image.outputs),
        };
        let error = |source| OutputError { path: self.path.clone(), source };
        let mut line = serde_json::to_vec(&note).map_err(|e| error(e.into()))?;
        line.push(b'\n');
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(opened(&self.path).map_err(error)?),
        };
        file.write_all(&line).map_err(error)
    }
}

/// The arguments that an image depends on: not what is said on the way.
fn words(image: &SeriesImage) -> Vec<String> {
    let words = image.arguments.iter().map(|word| word.to_string_lossy().into_owned());
    words.filter(|word| !["--quiet", "--json"].contains(&word.as_str())).collect()
}

/// Opens a journal for more lines, of which the first begins a line.
fn opened(path: &Path) -> std::io::Result<File> {
    let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
    if file.seek(SeekFrom::End(0))? > 0 {
        file.seek(SeekFrom::End(-1))?;
        let mut last = [0];
        file.read_exact(&mut last)?;
        if last != *b"\n" {
            file.write_all(b"\n")?;
        }
    }
    Ok(file)
}

/// Journals beside `path` whose names begin and end as those of this program do.
fn of_other_parts(path: &Path) -> Vec<PathBuf> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let entries = folder.unwrap_or(Path::new(".")).read_dir().into_iter().flatten().flatten();
    let is_journal = |name: &str| name.starts_with("series.") && name.ends_with(".jsonl");
    let others = entries.filter(|entry| {
        let name = entry.file_name();
        name.to_str().is_some_and(is_journal) && Some(name.as_os_str()) != path.file_name()
    });
    others.map(|entry| entry.path()).collect()
}
