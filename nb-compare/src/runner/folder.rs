//! The private folder that one side works in, and how its files are taken out of it.
//!
//! The sides must not meet: a candidate that finds the reference's image could copy it, link to it or overwrite it. Each side
//! has a folder with a random name that only its user may enter, the reference's files are read and its folder is removed
//! before the candidate starts, and what a side leaves counts only if it is a file of its own.
//!
//! Not here: starting the program (`side`), and what its files mean.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use nanobragg::open_file::BULK;
use trace_harness::evidence::bundle::reading::regular;
use trace_harness::evidence::process::Temporary;

/// The folder of one side. It is removed with everything in it when this is dropped.
#[derive(Debug)]
pub(crate) struct SideFolder {
    _removed_when_dropped: Temporary,
    root: PathBuf,
}

impl SideFolder {
    /// Makes a folder among the temporary ones.
    ///
    /// # Errors
    /// It cannot be made.
    pub(crate) fn make() -> io::Result<Self> {
        let folder = Temporary::new()?;
        let root = folder.path().canonicalize()?;
        std::fs::create_dir(root.join("work"))?;
        Ok(Self { _removed_when_dropped: folder, root })
    }

    /// The working folder of the program. Its logs lie beside it, so that no output takes their names.
    pub(crate) fn work(&self) -> PathBuf {
        self.root.join("work")
    }

    /// Where the float image is to be written.
    pub(crate) fn float_image(&self) -> PathBuf {
        self.work().join("float.bin")
    }

    /// Files for standard output and standard error.
    pub(crate) fn logs(&self) -> [PathBuf; 2] {
        ["stdout.txt", "stderr.txt"].map(|name| self.root.join(name))
    }
}

/// Opens a file that a side left. A file that is a link, or that has a second name, may be somebody else's.
///
/// # Errors
/// There is no such file, or it is no regular file with one name; the error says which.
pub(crate) fn open_own(path: &Path) -> io::Result<File> {
    let refused = |what: &str| io::Error::new(io::ErrorKind::InvalidData, format!("is {what}"));
    let named = path.symlink_metadata()?;
    if named.is_symlink() {
        return Err(refused("a symbolic link"));
    }
    // A pipe would block whoever opens it.
    if !named.is_file() {
        return Err(refused("no regular file"));
    }
    let file = regular::open(path)?;
    let opened = file.metadata()?;
    if (opened.dev(), opened.ino()) != (named.dev(), named.ino()) {
        return Err(refused("another file by now"));
    }
    match opened.nlink() {
        1 => Ok(file),
        names => Err(refused(&format!("a file with {names} names"))),
    }
}

/// Reads a file that a side left, as [`open_own`] opens it.
///
/// # Errors
/// As [`open_own`], and those of reading; it is larger than any image that is read.
pub(crate) fn read_own(path: &Path) -> io::Result<Vec<u8>> {
    let file = open_own(path)?;
    let mut bytes = Vec::new();
    if file.metadata()?.len() <= BULK {
        file.take(BULK + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 <= BULK {
            return Ok(bytes);
        }
    }
    Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("is larger than {BULK} bytes")))
}

/// Reads the file `name` that a side left below `folder`, as [`read_own`]; no folder on the way may be a link to elsewhere.
///
/// # Errors
/// As [`read_own`].
pub(crate) fn read_own_below(folder: &Path, name: &Path) -> io::Result<Vec<u8>> {
    let path = folder.join(name);
    let parent = path.parent().unwrap_or(folder).canonicalize()?;
    match parent.starts_with(folder.canonicalize()?) {
        true => read_own(&path),
        false => Err(io::Error::new(io::ErrorKind::InvalidData, "is behind a symbolic link")),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use trace_harness::evidence::process::RANDOM;

    use super::*;

    #[test]
    fn a_folder_is_private_has_a_name_of_its_own_and_goes_with_its_owner() {
        let [one, two] = [SideFolder::make().unwrap(), SideFolder::make().unwrap()];
        assert_ne!(one.work(), two.work());
        assert_eq!(std::fs::metadata(&one.root).unwrap().permissions().mode() & 0o777, 0o700);
        assert!(one.root.file_name().unwrap().len() >= RANDOM);
        let root = one.root.clone();
        std::fs::write(one.float_image(), "pixels").unwrap();
        drop(one);
        assert!(!root.exists());
    }

    #[test]
    fn only_a_regular_file_with_one_name_is_a_sides_own() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name);
        std::fs::write(place("own"), "pixels").unwrap();
        assert_eq!(read_own(&place("own")).unwrap(), b"pixels");
        std::os::unix::fs::symlink(place("own"), place("link")).unwrap();
        let why = |name: &str| read_own(&place(name)).unwrap_err().to_string();
        assert_eq!(why("link"), "is a symbolic link");
        assert_eq!(read_own(folder.path()).unwrap_err().to_string(), "is no regular file");
        std::fs::hard_link(place("own"), place("second")).unwrap();
        assert_eq!(why("own"), "is a file with 2 names");
        assert_eq!(why("second"), "is a file with 2 names");
        assert_eq!(read_own(&place("none")).unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn no_folder_on_the_way_to_a_file_leads_elsewhere() {
        let [own, other] = [(); 2].map(|()| tempfile::tempdir().unwrap());
        std::fs::create_dir(own.path().join("inner")).unwrap();
        std::fs::write(own.path().join("inner/x"), "own").unwrap();
        std::fs::write(other.path().join("x"), "other").unwrap();
        std::os::unix::fs::symlink(other.path(), own.path().join("link")).unwrap();
        assert_eq!(read_own_below(own.path(), Path::new("inner/x")).unwrap(), b"own");
        let why = read_own_below(own.path(), Path::new("link/x")).unwrap_err().to_string();
        assert_eq!(why, "is behind a symbolic link");
    }

    #[test]
    fn a_file_of_any_length_takes_no_memory_beyond_the_limit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("float.bin");
        // A hole takes no room on the disk.
        File::create(&path).unwrap().set_len(1 << 40).unwrap();
        assert_eq!(read_own(&path).unwrap_err().to_string(), format!("is larger than {BULK} bytes"));
    }
}
