//! Prepares the run of a case: its arguments with real paths, and a folder with the files that it wants to find.
//!
//! Not here: running it.

use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use tempfile::TempDir;

use crate::matrix::cases::{Case, Cases};

/// Largest file that is unpacked.
const LARGEST: u64 = 1 << 30;

/// The folder that an argument begins with, by name, and the file below it.
pub fn folder_of<'a>(cases: &'a Cases, arg: &'a str) -> Option<(&'a str, &'a str)> {
    // The longest name first: `{inputs}/supervisor` may be somewhere else than `{inputs}`.
    let mut folders: Vec<&String> = cases.folders.keys().collect();
    folders.sort_by_key(|name| std::cmp::Reverse(name.len()));
    folders.into_iter().find_map(|name| {
        let (first, rest) = name.split_once('/').unwrap_or((name, ""));
        let start = if rest.is_empty() { format!("{{{first}}}/") } else { format!("{{{first}}}/{rest}/") };
        Some((name.as_str(), arg.strip_prefix(&start)?))
    })
}

/// A file as it is stored: itself, or packed as `FILE.gz`.
///
/// # Errors
/// It is not there.
pub fn stored_file(folder: &Path, file: &str) -> Result<PathBuf, String> {
    let path = folder.join(file);
    let places = [path.clone(), folder.join(format!("{file}.gz"))];
    places.into_iter().find(|p| p.is_file()).ok_or_else(|| format!("there is no file `{}`", path.display()))
}

/// Where cases are run.
#[derive(Debug)]
pub struct Workplace<'a> {
    cases: &'a Cases,
    /// Inputs that are stored compressed, unpacked once.
    unpacked: TempDir,
}

impl<'a> Workplace<'a> {
    /// A workplace for `cases`.
    ///
    /// # Errors
    /// No temporary folder can be made.
    pub fn new(cases: &'a Cases) -> Result<Self, String> {
        let unpacked = tempfile::tempdir().map_err(|e| format!("no temporary folder: {e}"))?;
        Ok(Self { cases, unpacked })
    }

    /// The cases.
    pub fn cases(&self) -> &'a Cases {
        self.cases
    }

    /// The arguments of a case with folders filled in.
    ///
    /// # Errors
    /// Why the case cannot be run here: a folder or a file is not there.
    pub fn arguments(&self, case: &Case) -> Result<Vec<String>, String> {
        case.args.iter().map(|arg| self.argument(arg)).collect()
    }

    fn argument(&self, arg: &str) -> Result<String, String> {
        if let Some((name, file)) = folder_of(self.cases, arg) {
            let place = self
                .cases
                .folders
                .get(name)
                .map_or(Err("is nowhere"), |p| p.as_ref().map_err(|e| e.as_str()));
            let folder = place.map_err(|reason| format!("{arg}: {reason}"))?;
            return self.find(folder, file).map(|p| p.display().to_string());
        }
        match arg.starts_with('{') && arg.contains("}/") {
            true => Err(format!("{arg}: the list of cases does not say where that folder is")),
            false => Ok(arg.to_owned()),
        }
    }

    /// A file, unpacked if it is only there as `FILE.gz`.
    fn find(&self, folder: &Path, file: &str) -> Result<PathBuf, String> {
        let packed = stored_file(folder, file)?;
        if packed == folder.join(file) {
            return Ok(packed);
        }
        let place = self.unpacked.path().join(file.replace('/', "_"));
        if !place.is_file() {
            let wrong = |e: std::io::Error| format!("`{}`: cannot be unpacked: {e}", packed.display());
            let mut bytes = Vec::new();
            let source = std::fs::File::open(&packed).map_err(wrong)?;
            GzDecoder::new(source).take(LARGEST).read_to_end(&mut bytes).map_err(wrong)?;
            // Renamed into place, because another thread may be unpacking the same file.
            let made = tempfile::NamedTempFile::new_in(self.unpacked.path()).map_err(wrong)?;
            std::fs::write(made.path(), bytes).map_err(wrong)?;
            made.persist(&place).map_err(|e| wrong(e.error))?;
        }
        Ok(place)
    }

    /// A folder with the files that the case wants to find.
    ///
    /// # Errors
    /// One of them is not there, or the folder cannot be made.
    pub fn folder(&self, case: &Case) -> Result<TempDir, String> {
        let folder = tempfile::tempdir().map_err(|e| format!("no temporary folder: {e}"))?;
        for (name, input) in &case.cwd_files {
            let inputs = self.cases.folders.get("inputs").and_then(|f| f.as_ref().ok());
            let from = self.find(inputs.unwrap_or(&self.cases.base), input)?;
            let copied = std::fs::copy(&from, folder.path().join(name));
            copied.map_err(|e| format!("`{}`: cannot be copied: {e}", from.display()))?;
        }
        Ok(folder)
    }
}
