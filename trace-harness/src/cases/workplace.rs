//! Prepares the run of a case: its arguments with real paths, and the files that it wants to find in its folder.
//!
//! Not here: running it.

use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;

use super::fault::CannotRun;
use super::list::{Case, Cases};
use crate::evidence::bundle::reading::regular;
use crate::evidence::given;
use crate::evidence::process::Temporary;

/// Largest file that is unpacked, bytes.
const LARGEST: u64 = 1 << 30;

fn refused(path: &Path, doing: &'static str) -> impl FnOnce(std::io::Error) -> CannotRun {
    let path = path.to_owned();
    move |source| CannotRun::Io { path, doing, source }
}

/// A case ready to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// Its arguments, folders filled in.
    pub args: Vec<String>,
    /// Files for the folder of the run, absolute; the names that they have there are the names that they have.
    pub beside: Vec<PathBuf>,
}

impl Prepared {
    /// A new folder with the files that the case wants to find.
    ///
    /// # Errors
    /// The folder cannot be made, or a file cannot be copied.
    pub fn folder(&self) -> Result<Temporary, CannotRun> {
        let folder = Temporary::new().map_err(CannotRun::NoFolder)?;
        for from in &self.beside {
            let copied = regular::copy(from, &folder.path().join(from.file_name().unwrap_or_default()));
            copied.map_err(refused(from, "copied"))?;
        }
        Ok(folder)
    }
}

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
pub fn stored_file(folder: &Path, file: &str) -> Result<PathBuf, CannotRun> {
    let path = folder.join(file);
    let places = [path.clone(), folder.join(format!("{file}.gz"))];
    let found = places.into_iter().find(|p| p.is_file());
    found.ok_or(CannotRun::Missing(path))
}

/// Where cases are prepared.
#[derive(Debug)]
pub struct Workplace<'a> {
    cases: &'a Cases,
    /// Inputs that are stored compressed or under another name, unpacked or copied once.
    made: Temporary,
}

impl<'a> Workplace<'a> {
    /// A workplace for `cases`.
    ///
    /// # Errors
    /// No temporary folder can be made.
    pub fn new(cases: &'a Cases) -> Result<Self, CannotRun> {
        Ok(Self { cases, made: Temporary::new().map_err(CannotRun::NoFolder)? })
    }

    /// The cases.
    pub fn cases(&self) -> &'a Cases {
        self.cases
    }

    /// The arguments of a case and the files for its folder.
    ///
    /// # Errors
    /// A folder or a file of the case is not there.
    pub fn prepare(&self, case: &Case) -> Result<Prepared, CannotRun> {
        let mut prepared = Prepared { args: Vec::new(), beside: Vec::new() };
        let mut inputs = Vec::new();
        for input in &case.inputs {
            let name = input.to_str().ok_or_else(|| CannotRun::NotUnicode(input.clone()))?;
            let found = self.find(&self.cases.base, name);
            let found = found.map_err(|e| CannotRun::Input { name: name.to_owned(), why: Box::new(e) });
            inputs.push((name, found?));
        }
        for arg in case.args.list() {
            let input = inputs.iter().find(|(name, _)| *name == arg);
            prepared.args.push(match input {
                Some((_, path)) => path.display().to_string(),
                None => self.argument(&arg)?,
            });
        }
        for (name, path) in inputs {
            if !prepared.args.iter().any(|arg| Path::new(arg) == path) {
                let plain = Path::new(name).file_name().unwrap_or_default().to_string_lossy();
                prepared.beside.push(self.called(path, &plain)?);
            }
        }
        let folder = self.cases.folders.get("inputs").and_then(|f| f.as_ref().ok());
        for (name, input) in &case.cwd_files {
            let path = self.find(folder.unwrap_or(&self.cases.base), input)?;
            prepared.beside.push(self.called(path, name)?);
        }
        Ok(prepared)
    }

    fn argument(&self, arg: &str) -> Result<String, CannotRun> {
        let found = folder_of(self.cases, arg);
        match found.and_then(|(name, file)| Some((self.cases.folders.get(name)?, file))) {
            Some((Ok(folder), file)) => self.find(folder, file).map(|p| p.display().to_string()),
            Some((Err(fault), _)) => Err(CannotRun::Folder { arg: arg.to_owned(), fault: fault.clone() }),
            None if arg.starts_with('{') && arg.contains("}/") => {
                Err(CannotRun::UnknownFolder(arg.to_owned()))
            }
            None => Ok(arg.to_owned()),
        }
    }

    /// A file, unpacked if it is only there as `FILE.gz`.
    fn find(&self, folder: &Path, file: &str) -> Result<PathBuf, CannotRun> {
        let packed = stored_file(folder, file)?;
        if packed == folder.join(file) {
            return packed.canonicalize().map_err(refused(&packed, "read"));
        }
        let place = self.made.path().join(file.replace('/', "_"));
        if !place.is_file() {
            let wrong = || refused(&packed, "unpacked");
            let mut bytes = Vec::new();
            let source = regular::open(&packed).map_err(wrong())?;
            GzDecoder::new(source).take(LARGEST).read_to_end(&mut bytes).map_err(wrong())?;
            self.make(&place, &bytes).map_err(wrong())?;
        }
        Ok(place)
    }

    /// The file under the name that it has in the folder of a run.
    fn called(&self, path: PathBuf, name: &str) -> Result<PathBuf, CannotRun> {
        if path.file_name().is_some_and(|known| known == name) {
            return Ok(path);
        }
        let wrong = || refused(&path, "copied");
        let digest = crate::evidence::bundle::digest::of_file(&path).map_err(wrong())?.0;
        let folder = self.made.path().join(format!("by-digest-{digest}"));
        let place = folder.join(name);
        if !place.is_file() {
            std::fs::create_dir_all(&folder).map_err(wrong())?;
            self.make(&place, &given::bytes(&path).map_err(wrong())?).map_err(wrong())?;
        }
        Ok(place)
    }

    /// Renamed into place, because another thread may be making the same file.
    fn make(&self, place: &Path, bytes: &[u8]) -> std::io::Result<()> {
        let made = tempfile::NamedTempFile::new_in(self.made.path())?;
        std::fs::write(made.path(), bytes)?;
        made.persist(place).map(drop).map_err(|e| e.error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prepared(files: &[&str], list: &str) -> Result<(Prepared, Vec<String>), CannotRun> {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("inputs")).unwrap();
        for file in files {
            std::fs::write(root.path().join(file), file).unwrap();
        }
        std::fs::write(root.path().join("cases.toml"), list).unwrap();
        let cases = Cases::read(&root.path().join("cases.toml")).unwrap();
        let workplace = Workplace::new(&cases).unwrap();
        let prepared = workplace.prepare(&cases.cases[0])?;
        let folder = prepared.folder()?;
        let mut found: Vec<String> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| {
                let path = entry.unwrap().path();
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                format!("{name}: {}", std::fs::read_to_string(path).unwrap())
            })
            .collect();
        found.sort();
        Ok((prepared, found))
    }

    #[test]
    fn inputs_that_no_argument_names_lie_in_the_folder_of_the_run() {
        let list = "[[case]]\nname = 'a'\nargs = ['-hkl', 'P1.hkl']\ninputs = ['P1.hkl', 'A.mat']\n\
                    cwd_files = { 'Fdump.bin' = 'cache.bin' }\n";
        let (prepared, found) = prepared(&["P1.hkl", "A.mat", "inputs/cache.bin"], list).unwrap();
        assert!(Path::new(&prepared.args[1]).is_absolute(), "{:?}", prepared.args);
        assert_eq!(found, ["A.mat: A.mat", "Fdump.bin: inputs/cache.bin"]);
    }

    #[test]
    fn what_is_not_there_is_named() {
        for (case, missing) in [
            ("inputs = ['nowhere.hkl']", "nowhere.hkl"),
            ("args = ['{inputs}/nowhere']", "nowhere"),
            ("args = ['{other}/x']", "{other}/x"),
            ("cwd_files = { x = 'nowhere' }", "nowhere"),
        ] {
            let problem = prepared(&[], &format!("[[case]]\nname = 'a'\n{case}\n")).unwrap_err().to_string();
            assert!(problem.contains(missing), "{problem}");
        }
    }
}
