//! What can be wrong with a bundle.
//!
//! Not here: finding it out (`verify`).

use std::fmt;

use serde::Serialize;

use crate::evidence::terminal::visible;

/// What can be wrong with a file of a bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum BundleFault {
    /// Listed, or required by the layout, but not there.
    Missing,
    /// There, but not what the manifest says.
    Changed,
    /// There, but not in the manifest.
    Unlisted,
    /// Not in the format it should have.
    Format,
    /// Says something else than another file of the bundle.
    Disagrees,
    /// Leads out of the folder, or is no regular file.
    Unsafe,
    /// Not signed by anybody who is allowed.
    Unsigned,
    /// The bundle was never finished.
    Unfinished,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct BundleFinding {
    /// What kind of thing.
    pub fault: BundleFault,
    /// The file as the bundle names it.
    pub path: String,
    /// More about it.
    pub detail: String,
}

impl fmt::Display for BundleFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = format!("{:?}", self.fault).to_lowercase();
        write!(f, "{word}: `{}`: {}", visible(&self.path), visible(&self.detail))
    }
}
