//! Evidence bundles: folders that become visible only when complete and that anyone can check.
//!
//! Not here: what the evidence is about; whoever makes a bundle decides that.

pub mod commands;
pub mod digest;
pub mod environment;
pub mod index;
pub mod inputs;
pub mod ledger;
pub mod manifest;
pub mod own_work;
pub mod paths;
pub mod record;
pub mod rerun;
pub mod ro_crate;
pub mod staging;
pub mod summary;
pub mod tolerance;
pub mod verify;

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

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
    /// A recorded text names a place that only exists for one person.
    #[error(
        "`{0}` names a path under a home folder; expected a path that means something on another machine"
    )]
    HomePath(String),
}

impl BundleError {
    /// What the user can do about it; may be empty.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::HomePath(_) => {
                "move the file out of the home folder, or record the path as it is with --keep-paths"
            }
            Self::Exists(_) => "choose another folder; bundles are never overwritten",
            _ => "",
        }
    }

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
