//! What one call has to do, with every path absolute.
//!
//! Not here: doing it.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::cache::Cache;
use crate::compare::Settings;
use crate::failure::Failure;
use crate::image::pixels::Image;
use crate::image::shape::Candidate;
use crate::runner::Program;

/// Side A.
pub enum Reference {
    /// A program to run.
    Program(Program),
    /// An image file that stands in for it.
    File(PathBuf, Image),
    /// An image brought along, and what it is called.
    Stored(String, Image),
}

/// Two sides given the same arguments.
pub struct Job {
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

impl Job {
    /// The image of side A: the one that was rendered, or the one that stands in for it.
    ///
    /// # Errors
    /// The reference is a program and has not rendered.
    pub fn reference_image<'a>(&'a self, rendered: Option<&'a Image>) -> Result<&'a Image, Failure> {
        match (&self.reference, rendered) {
            (Reference::File(_, image) | Reference::Stored(_, image), _) | (_, Some(image)) => Ok(image),
            (Reference::Program(_), None) => Err(Failure::Other("the reference has no image".to_owned())),
        }
    }
}

/// Two image files.
pub struct Files {
    /// Side A.
    pub a: PathBuf,
    /// Side B.
    pub b: PathBuf,
    /// Image of A.
    pub image_a: Image,
    /// Image of B.
    pub image_b: Image,
    /// How to compare.
    pub settings: Settings,
}
