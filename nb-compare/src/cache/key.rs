//! What makes two runs of a reference the same run: program and its libraries, arguments, contents of the files it reads.
//!
//! A kept run answers only where these decide what runs. A script may start anything, and so may a program that is given another file or
//! program by words of its own, as interpreters and launchers are. Not here: storing.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};

use trace_harness::evidence::bundle::digest;
use trace_harness::evidence::process::{NotNative, Program, find_program, libraries};

/// Version of everything that goes into a key; raised when old entries must not answer any more.
const VERSION: &str = "reference run 2";

/// Identifies a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key(String);

/// A run that is to be identified.
pub(crate) struct Question<'a> {
    /// The program.
    pub program: &'a Program,
    /// SHA-256 of the executable.
    pub binary: &'a str,
    /// All arguments, the program's own first, files that are read absolute.
    pub args: &'a [OsString],
    /// The file that the float image goes to, as it stands among the arguments.
    pub float_image: &'a Path,
    /// Variables that are set for it.
    pub exported: &'a [(String, OsString)],
    /// The files that are read: those among the arguments, and those of the working folder.
    pub inputs: &'a [PathBuf],
}

/// Why a run cannot be told from others.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeyError {
    /// The program's bytes do not decide what runs.
    #[error(transparent)]
    Program(#[from] NotNative),
    /// Nor do they where a word of its own says what runs.
    #[error("the reference is given `{0}`, a file or a program that it may run, by an argument of its own")]
    Word(String),
    /// A file cannot be read.
    #[error("`{}`: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

/// The word among the program's own that names a file, or a program as a shell finds it.
fn runs_another(program: &Program) -> Option<String> {
    let names_one = |word: &&OsString| {
        let text = word.to_string_lossy();
        let file = value_of(word).is_some_and(|path| path.is_file());
        let is_name = !text.is_empty() && !text.contains('/') && !text.starts_with('-');
        file || is_name && find_program(&text, Path::new("/")).is_some()
    };
    program.leading.iter().find(names_one).map(|word| word.to_string_lossy().into_owned())
}

/// What a word may name: itself, or what stands behind its `=`. Only absolute paths name something for a run, which works elsewhere.
fn value_of(word: &OsStr) -> Option<&Path> {
    let behind = word.to_str().and_then(|text| text.split_once('=')).map(|(_, value)| Path::new(value));
    [Some(Path::new(word)), behind].into_iter().flatten().find(|path| path.is_absolute())
}

fn digest_of(path: &Path) -> Result<String, KeyError> {
    let read = digest::of_file(path);
    read.map(|(sha256, _)| sha256).map_err(|source| KeyError::Io { path: path.to_owned(), source })
}

impl Key {
    /// The key of a run.
    ///
    /// # Errors
    /// A file cannot be read, or it is not known what would run.
    pub(crate) fn of(question: &Question<'_>) -> Result<Self, KeyError> {
        if let Some(word) = runs_another(question.program) {
            return Err(KeyError::Word(word));
        }
        let libraries = libraries(&question.program.path)?;
        let mut text = Vec::new();
        let mut word = |kind: &str, bytes: &[u8]| {
            text.extend_from_slice(format!("{kind} {} ", bytes.len()).as_bytes());
            text.extend_from_slice(bytes);
        };
        word("version", VERSION.as_bytes());
        word("binary", question.binary.as_bytes());
        for path in &libraries {
            word("library", path.as_os_str().as_encoded_bytes());
            word("file", digest_of(path)?.as_bytes());
        }
        for (name, value) in question.exported {
            word("variable", name.as_bytes());
            word("value", value.as_encoded_bytes());
        }
        for arg in question.args {
            let file = question.inputs.iter().find(|path| path.as_os_str() == arg);
            match file {
                _ if arg == OsStr::new(question.float_image) => word("float image", b""),
                Some(path) => word("file", digest_of(path)?.as_bytes()),
                None => {
                    word("word", arg.as_encoded_bytes());
                    if let Some(path) = value_of(arg).filter(|path| path.is_file()) {
                        word("file", digest_of(path)?.as_bytes());
                    }
                }
            }
        }
        let named = |path: &&PathBuf| question.args.iter().any(|arg| path.as_os_str() == arg);
        for path in question.inputs.iter().filter(|path| !named(path)) {
            word("beside", path.file_name().unwrap_or_default().as_encoded_bytes());
            word("file", digest_of(path)?.as_bytes());
        }
        Ok(Self(digest::of_bytes(&text)))
    }

    /// 64 hexadecimal digits.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}
