//! Which convention a detector is placed by, and what it turns about.
//!
//! Not here: what follows from it (`frame`).

use serde::Serialize;

/// Beam-centre and axis convention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Convention {
    Custom,
    Adxv,
    Mosflm,
    Xds,
    Dials,
    Denzo,
}

impl Convention {
    /// Name in lower case, as the summary prints it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Custom => "custom",
            Self::Adxv => "adxv",
            Self::Mosflm => "mosflm",
            Self::Xds => "xds",
            Self::Dials => "dials",
            Self::Denzo => "denzo",
        }
    }
}

/// What the detector turns about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Pivot {
    /// The sample.
    Sample,
    /// The direct-beam spot.
    Beam,
}

impl Pivot {
    /// Name for messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sample => "sample",
            Self::Beam => "direct-beam spot",
        }
    }
}
