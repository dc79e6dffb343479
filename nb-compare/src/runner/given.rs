//! The arguments of any program: as given, but independent of the working folder.
//!
//! Not here: arguments of which a table says which name files (`built_in`).

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use nanobragg::error::UsageError;
use trace_harness::evidence::bundle::paths::token_in;
use trace_harness::evidence::terminal::visible;

/// Arguments that mean the same in every folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Given {
    /// The arguments.
    pub args: Vec<OsString>,
    /// The files that they name, absolute, in order.
    pub inputs: Vec<PathBuf>,
}

/// Refuses words that evidence cannot record as they are: a second run would have others.
///
/// # Errors
/// The first such word.
pub(crate) fn recordable(words: &[OsString]) -> Result<(), UsageError> {
    for (number, word) in (1..).zip(words) {
        let shown = format!("argument {number} (`{}`)", visible(&word.to_string_lossy()));
        let Some(text) = word.to_str() else {
            return Err(UsageError::new(format!("{shown}: is no UTF-8"), "a word that evidence can record")
                .hint("give the file another name, or a link to it that has one"));
        };
        if let Some(token) = token_in(text) {
            let problem = format!("{shown}: has `{token}`, which evidence writes where a path stands");
            return Err(UsageError::new(problem, "a word without it").hint(
                "have a script that calls the program add it, or put it into a file that the program reads",
            ));
        }
    }
    Ok(())
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
    fn words_that_evidence_would_write_otherwise_are_refused() {
        use std::os::unix::ffi::OsStringExt;
        let plain = ["{args}", "{image}", "{}", "{\"out\": 1}", "{outer}", "é", "-n"].map(OsString::from);
        assert!(recordable(&plain).is_ok());
        for word in ["{work}", "--x={out}/y", "{input:0/a}", "{bin:x}", "{tmp}", "{redacted}"] {
            let refused = recordable(&["-n".into(), word.into()]).unwrap_err().to_string();
            assert!(refused.contains(&format!("argument 2 (`{word}`)")), "{refused}");
        }
        let refused = recordable(&[OsString::from_vec(vec![b'a', 0xff])]).unwrap_err().to_string();
        assert!(refused.contains("argument 1 (`a") && refused.contains("is no UTF-8"), "{refused}");
    }

    #[test]
    fn a_pipe_is_refused() {
        let refused = given(&["--in=/dev/null".into()], Path::new("/")).unwrap_err();
        assert!(refused.to_string().contains("`/dev/null` is a pipe or a device"), "{refused}");
    }
}
