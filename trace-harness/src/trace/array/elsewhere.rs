//! Arrays that do not stand beside their trace: which file each of them is. Bundles keep copies that lie in folders of their own.
//!
//! Not here: how a trace names an array (`array`), what is in its file (`npy`).

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::trace::array::{ArrayFault, Named};

/// The files of arrays by their names in the trace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Elsewhere {
    /// By the whole name: two folders may have files of one name.
    whole: HashMap<String, PathBuf>,
    /// By the last part of the name, where nothing else is known.
    last: HashMap<String, PathBuf>,
}

impl Elsewhere {
    /// The files of command-line words: `NAME=FILE` for the array that the trace calls `NAME`, or `FILE` for any whose name ends in the file's.
    pub fn of(paths: &[PathBuf]) -> Self {
        let mut files = Self::default();
        for path in paths {
            match path.to_str().and_then(named) {
                Some((name, file)) => files.whole.insert(name.to_owned(), file.to_owned()),
                None => path
                    .file_name()
                    .and_then(|name| files.last.insert(name.to_str()?.to_owned(), path.clone())),
            };
        }
        files
    }

    /// The word for an array of this name that lies at `place`.
    pub fn word(name: &str, place: &str) -> String {
        format!("{name}={place}")
    }

    /// The file of an array that a trace in `folder` names.
    ///
    /// # Errors
    /// Its name leads out of the folder of the trace.
    pub fn place(&self, named: &Named<'_>, folder: &Path) -> Result<PathBuf, ArrayFault> {
        let own = named.place(folder)?;
        let last = || own.file_name().and_then(|name| self.last.get(name.to_str()?));
        Ok(self.whole.get(named.file).or_else(last).cloned().unwrap_or(own))
    }
}

/// The two parts of `NAME=FILE`. A name may have the sign in it, and never begins with a slash; the files of a bundle do.
fn named(word: &str) -> Option<(&str, &Path)> {
    let absolute = word.rfind("=/").map(|at| (&word[..at], Path::new(&word[at + 1..])));
    let parts = absolute.or_else(|| word.split_once('=').map(|(name, file)| (name, Path::new(file))));
    parts.filter(|(name, _)| !name.is_empty() && !name.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_array_is_found_by_its_whole_name_before_the_last_part_of_it() {
        let paths = ["x/a.npy=/in/1/a.npy", "y=z/a.npy=/in/2/a.npy", "/in/3/a.npy", "r.npy=s.npy"];
        let files = Elsewhere::of(&paths.map(PathBuf::from));
        for (file, place) in [
            ("x/a.npy", "/in/1/a.npy"),
            ("y=z/a.npy", "/in/2/a.npy"),
            ("w/a.npy", "/in/3/a.npy"),
            ("r.npy", "s.npy"),
            ("b.npy", "/t/b.npy"),
        ] {
            let named = Named { file, shape: vec![1] };
            assert_eq!(files.place(&named, Path::new("/t")).expect(file), Path::new(place), "{file}");
        }
        let outside = Named { file: "../a.npy", shape: vec![1] };
        assert!(files.place(&outside, Path::new("/t")).is_err());
    }
}
