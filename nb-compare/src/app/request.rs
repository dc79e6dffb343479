//! What one call has to do, with every path absolute.
//!
//! Not here: doing it.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::built_in::{self, Dialect};
use crate::cache::{Cache, KeptRun, Key};
use crate::compare::Settings;
use crate::image::pixels::Image;
use crate::image::shape::Candidate;
use crate::runner::Program;

/// Side A.
pub(super) enum Reference {
    /// A program to run.
    Program(Program),
    /// An image file that stands in for it.
    File(PathBuf, Image),
    /// An image brought along, and what it is called.
    Stored(String, Image),
}

/// Two sides given the same arguments.
pub(super) struct ImageJob {
    /// One line for people.
    pub title: String,
    /// Side A.
    pub reference: Reference,
    /// Side B.
    pub candidate: Program,
    /// The arguments as given.
    pub args: Vec<OsString>,
    /// The folder that relative paths are seen from.
    pub folder: PathBuf,
    /// Possible shapes of the images, the likeliest first.
    pub shapes: Vec<Candidate>,
    /// How to compare.
    pub settings: Settings,
    /// Files that have to lie in the working folders.
    pub beside: Vec<PathBuf>,
    /// Where runs of the reference are kept.
    pub cache: Option<Cache>,
    /// Seconds after which a runner is ended.
    pub time_limit: Option<f64>,
}

impl ImageJob {
    /// The candidate as it has to be called to be like the reference.
    pub(super) fn candidate_as(&self, reference: Option<Dialect>) -> Program {
        let Program { path, leading, .. } = &self.candidate;
        self.candidate.clone().with(&built_in::dialect::words(path, leading, &self.args, reference))
    }
}

/// A run of the reference that the cache may know.
pub(super) struct CacheRequest {
    /// What it is kept by.
    pub key: Key,
    /// What is stored, by name, and where it goes in the folder of the run.
    pub places: [(&'static str, PathBuf); 4],
    /// When it ran, and how long it took.
    pub facts: KeptRun,
}

/// A run that is kept when no program runs any more.
pub(super) struct RunToKeep {
    /// What was asked for.
    pub asked: CacheRequest,
    /// The header of the integer image of the same run.
    pub header: Vec<u8>,
}

/// Two image files.
pub(super) struct Files {
    /// Side A, absolute.
    pub a: PathBuf,
    /// Side B, absolute.
    pub b: PathBuf,
    /// The folder that relative paths are seen from.
    pub folder: PathBuf,
}
