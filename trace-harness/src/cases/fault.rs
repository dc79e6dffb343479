//! What can be wrong with a list of cases, and what keeps one of them from being run.
//!
//! Not here: finding it out (`list`, `workplace`), packs of stored texts (`pack`).

use std::path::PathBuf;

use nanobragg::error::InputError;

use crate::evidence::exit::Exit;
use crate::evidence::failure::EndsCommand;

/// Longest time limit of a case, s: a year.
pub(super) const LONGEST: f64 = 3.2e7;

/// A list of cases that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// It cannot be read.
    #[error(transparent)]
    Unreadable(#[from] InputError),
    /// It makes no sense.
    #[error("`{}`: {fault}", path.display())]
    Fault {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        fault: ListFault,
    },
}

impl EndsCommand for ListError {
    fn exit(&self) -> Exit {
        match self {
            Self::Unreadable(e) => e.exit(),
            Self::Fault { .. } => Exit::Usage,
        }
    }

    fn hint(&self) -> &str {
        match self {
            Self::Unreadable(e) => e.hint(),
            Self::Fault { fault: ListFault::NoCase, .. } => "an empty matrix decides nothing",
            Self::Fault { .. } => "",
        }
    }
}

/// What is wrong with a list of cases.
#[derive(Debug, thiserror::Error)]
pub enum ListFault {
    /// It is no TOML, or has other fields.
    #[error("is no list of cases: {}", .0.to_string().trim())]
    Form(Box<toml::de::Error>),
    /// It is empty.
    #[error("no case; expected at least one `[[case]]` with `name` and `args`")]
    NoCase,
    /// Its includes go round in a circle.
    #[error("includes itself")]
    IncludesItself,
    /// Two cases have the same name, or would have the same folder.
    #[error("two cases are called `{0}`; expected names of their own")]
    Twice(String),
    /// A name that cannot be that of a folder.
    #[error(
        "`{0}` cannot be a case's name; expected letters, digits, `-`, `_`, `.`, and `/` between parts, 200 at most"
    )]
    Name(String),
    /// A case makes no sense.
    #[error("case `{name}`: {fault}")]
    Case {
        /// Its name.
        name: String,
        /// What is wrong.
        fault: CaseFault,
    },
}

/// What is wrong with a case.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CaseFault {
    /// Nothing is known of a file that it has to write.
    #[error("file `{0}` needs `sha256` or `path`")]
    NothingWanted(String),
    /// A digest is none.
    #[error("`{digest}` of file `{file}` is no SHA-256 digest")]
    Digest {
        /// The file.
        file: String,
        /// What stands there.
        digest: String,
    },
    /// A stored piece has no place in an image.
    #[error("piece fast {fast:?} slow {slow:?} lies in no image; expected limits in order, and `fpixels`")]
    Piece {
        /// First and last column.
        fast: [usize; 2],
        /// First and last row.
        slow: [usize; 2],
    },
    /// A file would lie outside of the folder of the run.
    #[error("`{0}` is no name of a file without folders")]
    FileName(String),
    /// A time limit that is none.
    #[error("`timeout = {0}`; expected seconds, above 0 and at most {LONGEST:e}")]
    Timeout(f64),
    /// A part of a whole is none.
    #[error("`{field} = {value}`; expected a number from 0 to 1")]
    Part {
        /// The field.
        field: &'static str,
        /// Its value.
        value: f64,
    },
    /// A correlation that no images have.
    #[error("`threshold = {0}`; expected a correlation from 0 to 1")]
    Threshold(f64),
    /// Limits that no ratio keeps.
    #[error("`sum_ratio = [{0}, {1}]`; expected the least and the largest ratio, 0 or more")]
    SumRatio(f64, f64),
}

/// A folder of a list that is not there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FolderFault {
    /// The variable that names it is not set.
    #[error("{0} is not set")]
    NotSet(String),
    /// There is no such folder.
    #[error("there is no folder `{}`", .0.display())]
    Missing(PathBuf),
}

/// Text that is no part of a list, as `I/N`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected I/N with I from 1 to N")]
pub struct NoPartition;

/// Why a case cannot be run here: a folder or a file is not there, or the system refuses.
#[derive(Debug, thiserror::Error)]
pub enum CannotRun {
    /// No folder can be made for the run.
    #[error("no temporary folder: {0}")]
    NoFolder(#[source] std::io::Error),
    /// A file is not there.
    #[error("there is no file `{}`", .0.display())]
    Missing(PathBuf),
    /// An input is not there.
    #[error("input `{name}`: {why}")]
    Input {
        /// Its name in the list.
        name: String,
        /// Why not.
        why: Box<CannotRun>,
    },
    /// A name that no argument could have.
    #[error("input `{}`: not Unicode; expected another name", .0.display())]
    NotUnicode(PathBuf),
    /// An argument begins with a folder that is not there.
    #[error("{arg}: {fault}")]
    Folder {
        /// The argument.
        arg: String,
        /// Why the folder is not there.
        fault: FolderFault,
    },
    /// An argument begins with a folder of which the list says nothing.
    #[error("{0}: the list of cases does not say where that folder is")]
    UnknownFolder(String),
    /// The system refuses.
    #[error("`{}`: cannot be {doing}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What was being done with it.
        doing: &'static str,
        /// The system's reason.
        source: std::io::Error,
    },
}

impl EndsCommand for CannotRun {
    fn exit(&self) -> Exit {
        Exit::Undecided
    }
}
