//! Evidence bundles: folders that become visible only when complete and that anyone can check.
//!
//! A [`recorder::Recorder`] makes them all. The files of a bundle:
//!
//! | file or folder | what |
//! |---|---|
//! | `commands.txt` | every command in order, to read and to paste into a shell |
//! | `summary.json` | the same for programs, with verdict, inputs and open points; a kind of bundle adds fields of its own |
//! | `metrics.json` | the figures by name, which an index follows from run to run |
//! | `env.json` | the machine, the programs with their digests, the variables that matter |
//! | `analysis.md` | what it came to, for people |
//! | `report.html` | the same as a page |
//! | `ro-crate-metadata.json` | the same facts as a Process Run Crate |
//! | `sha256.txt` | the digest of every other file; `sha256sum -c` reads it |
//! | `logs/` | what each command printed: `NAME.stdout.txt`, `NAME.stderr.txt` |
//! | `inputs/DIGEST/` | the files that were read, as far as they are not too large |
//! | `results/` | what the commands wrote, for most kinds of bundles |
//!
//! Paths of the machine are recorded as tokens: `{out}` is the bundle, `{work}` the working folder, `{tmp}` a temporary one,
//! `{input:DIGEST/NAME}` a file that was read, `{bin:DIGEST/NAME}` a program.
//!
//! Not here: what the evidence is about; whoever makes a bundle decides that.

pub mod closing;
pub mod digest;
pub mod documents;
pub mod environment;
pub mod inputs;
pub mod manifest;
pub mod metrics;
pub mod overview;
pub mod own_step;
pub mod paths;
pub mod reading;
pub mod recorder;
pub mod refusal;
pub mod rerun;
pub mod settle;
pub mod signature;
pub mod staging;
pub mod summary;
pub mod verify;

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use nanobragg::error::InputError;

use crate::evidence::bundle::refusal::Refusal;
use crate::evidence::exit::Exit;
use crate::evidence::failure::EndsCommand;

/// The file that lists all others with their digests; written last.
pub const MANIFEST: &str = "sha256.txt";

/// A bundle that could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The system refused.
    #[error("`{}`: {doing}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What was being done.
        doing: &'static str,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A file that the user named cannot be read, or is not what it should be.
    #[error(transparent)]
    Given(#[from] InputError),
    /// An archive where only a folder will do.
    #[error("`{}`: is an archive; expected the folder of a bundle", .0.display())]
    Archive(PathBuf),
    /// The folder is there already; it is never overwritten.
    #[error("`{}`: already exists; expected a folder that is not there yet", .0.display())]
    Exists(PathBuf),
    /// Something in the folder cannot be part of a bundle.
    #[error("`{}`: {problem}", path.display())]
    Unfit {
        /// The file or folder.
        path: PathBuf,
        /// Why not.
        problem: String,
    },
    /// It asks for what no bundle gets on this machine.
    #[error("`{}`: {refusal}", path.display())]
    Refused {
        /// The bundle.
        path: PathBuf,
        /// What it asks for.
        refusal: Refusal,
    },
    /// A recorded text names a place that only exists for one person.
    #[error(
        "`{0}` names a path under a home folder; expected a path that means something on another machine"
    )]
    HomePath(String),
}

impl EndsCommand for BundleError {
    fn exit(&self) -> Exit {
        match self {
            Self::HomePath(_) => Exit::Usage,
            _ => Exit::Undecided,
        }
    }

    fn hint(&self) -> &str {
        match self {
            Self::HomePath(_) => {
                "move the file out of the home folder, or record the path as it is with --keep-paths"
            }
            Self::Refused { refusal, .. } => refusal.hint(),
            Self::Given(error) => &error.hint,
            Self::Archive(_) => "unpack it first; `trace-harness verify` takes archives as they are",
            Self::Exists(_) => "choose another folder; bundles are never overwritten",
            _ => "",
        }
    }
}

impl BundleError {
    fn io(path: &Path, doing: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, doing, source }
    }
}

/// UTC as YYYYMMDDTHHMMSSZ: the name of a bundle's folder.
pub fn stamp(time: DateTime<Utc>) -> String {
    time.format("%Y%m%dT%H%M%SZ").to_string()
}

/// UTC with milliseconds, as it stands in every file of a bundle.
pub fn utc(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}
