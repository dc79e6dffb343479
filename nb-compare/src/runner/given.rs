//! The arguments of any program: as given, but independent of the working folder.
//!
//! Not here: arguments of which a table says which name files (`built_in`).

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use nanobragg::error::UsageError;

/// Arguments that mean the same in every folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Given {
    /// The arguments.
    pub args: Vec<OsString>,
    /// The files that they name, absolute, in order.
    pub inputs: Vec<PathBuf>,
}

/// Makes every file that an argument names, alone or behind `=`, absolute; relative ones are seen from `folder`.
///
/// # Errors
/// An argument names a pipe or a device: two programs cannot both read it.
pub(crate) fn given(args: &[OsString], folder: &Path) -> Result<Given, UsageError> {
    let mut given = Given::default();
    for word in args {
        let (before, name) = match word.to_str().and_then(|text| text.split_once('=')) {
            Some((option, value)) if option.starts_with('-') => (format!("{option}="), OsStr::new(value)),
            _ => (String::new(), word.as_os_str()),
        };
        let path = folder.join(name);
        let is_option = before.is_empty() && name.as_encoded_bytes().first() == Some(&b'-');
        match path.metadata() {
            Ok(found) if found.is_file() && !is_option => {
                let path = path.canonicalize().unwrap_or(path);
                let mut word = OsString::from(before);
                word.push(&path);
                given.args.push(word);
                given.inputs.push(path);
            }
            Ok(found) if !found.is_dir() && !is_option => {
                let problem =
                    format!("`{}` is a pipe or a device, which can be read but once", path.display());
                return Err(UsageError::new(
                    problem,
                    "files, which every program and every later run can read",
                ));
            }
            _ => given.args.push(word.clone()),
        }
    }
    Ok(given)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_become_absolute_and_all_other_words_stay() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("grid.dat"), "").unwrap();
        let root = folder.path().canonicalize().unwrap();
        let args = ["grid.dat", "--in=grid.dat", "--grid.dat", "-n", "5", "nowhere", "a=grid.dat"]
            .map(OsString::from);
        let given = given(&args, folder.path()).unwrap();
        let file = root.join("grid.dat").into_os_string().into_string().unwrap();
        let expected = [&*file, &format!("--in={file}"), "--grid.dat", "-n", "5", "nowhere", "a=grid.dat"];
        assert_eq!(given.args, expected.map(OsString::from));
        assert_eq!(given.inputs.len(), 2);
    }

    #[test]
    fn a_pipe_is_refused() {
        let refused = given(&["--in=/dev/null".into()], Path::new("/")).unwrap_err();
        assert!(refused.to_string().contains("`/dev/null` is a pipe or a device"), "{refused}");
    }
}
