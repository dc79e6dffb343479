//! What makes two runs of a reference the same run: program, arguments, contents of the files it reads.
//!
//! Not here: storing.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use trace_harness::evidence::bundle::digest;

/// Version of everything that goes into a key; raised when old entries must not answer any more.
const VERSION: &str = "reference run 1";

/// Identifies a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key(String);

/// A run that is to be identified.
pub(crate) struct Question<'a> {
    /// SHA-256 of the executable.
    pub binary: &'a str,
    /// All arguments, files that are read absolute.
    pub args: &'a [OsString],
    /// The file that the float image goes to, as it stands among the arguments.
    pub float_image: &'a Path,
    /// Variables that are set for it.
    pub exported: &'a [(String, OsString)],
    /// The files that are read: those among the arguments, and those of the working folder.
    pub inputs: &'a [PathBuf],
}

impl Key {
    /// The key of a run.
    ///
    /// # Errors
    /// An input file cannot be read.
    pub(crate) fn of(question: &Question<'_>) -> std::io::Result<Self> {
        let mut text = Vec::new();
        let mut word = |kind: &str, bytes: &[u8]| {
            text.extend_from_slice(format!("{kind} {} ", bytes.len()).as_bytes());
            text.extend_from_slice(bytes);
        };
        word("version", VERSION.as_bytes());
        word("binary", question.binary.as_bytes());
        for (name, value) in question.exported {
            word("variable", name.as_bytes());
            word("value", value.as_encoded_bytes());
        }
        for arg in question.args {
            let file = question.inputs.iter().find(|path| path.as_os_str() == arg);
            match file {
                _ if arg == OsStr::new(question.float_image) => word("float image", b""),
                Some(path) => word("file", digest::of_file(path)?.0.as_bytes()),
                None => word("word", arg.as_encoded_bytes()),
            }
        }
        let named = |path: &&PathBuf| question.args.iter().any(|arg| path.as_os_str() == arg);
        for path in question.inputs.iter().filter(|path| !named(path)) {
            word("beside", path.file_name().unwrap_or_default().as_encoded_bytes());
            word("file", digest::of_file(path)?.0.as_bytes());
        }
        Ok(Self(digest::of_bytes(&text)))
    }

    /// 64 hexadecimal digits.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}
