//! The protein that this project brings along: arguments, and what the reference made of it.
//!
//! Not here: its structure factors (`trace_harness::protein`), rendering and comparing.

use std::io::Read;

use flate2::read::GzDecoder;
use nanobragg::image::raster::Raster;
use serde::Deserialize;
use trace_harness::evidence::exit::Exit;
use trace_harness::evidence::failure::EndsCommand;
pub(crate) use trace_harness::protein::HKL_NAME;
use trace_harness::protein::UnpackError;

use crate::compare::region::Roi;

const CASES: &str = include_str!("../data/protein/cases.toml");
const STILL: &[u8] = include_bytes!("../data/protein/still.bin.gz");
const ROTATION: &[u8] = include_bytes!("../data/protein/rotation.bin.gz");

/// A rendering of the protein by the reference.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Case {
    /// Its name.
    pub id: String,
    /// What it shows.
    pub about: String,
    /// The arguments, with `{hkl}` for the structure factors.
    arguments: Vec<String>,
    /// Arguments for this project's simulator only.
    #[serde(default)]
    pub own_arguments: Vec<String>,
    /// Pixels of the detector, fast and slow.
    pub detector: [usize; 2],
    /// xmin, xmax, ymin, ymax of the stored part.
    region: [usize; 4],
}

/// The protein that is brought along is broken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProteinError {
    /// The list of renderings is none.
    #[error("the protein brought along is broken: {0}")]
    List(Box<toml::de::Error>),
    /// There is no such rendering.
    #[error("the protein brought along has no case `{0}`")]
    NoCase(String),
    /// An image cannot be unpacked.
    #[error("the protein brought along is broken: an image cannot be unpacked: {0}")]
    Packed(#[source] std::io::Error),
    /// The stored region is empty.
    #[error("the protein brought along is broken: the stored region has no pixel")]
    NoPixel,
    /// An image has another number of pixels than its region.
    #[error("the protein brought along is broken: {0} pixels do not fill the region")]
    Pixels(usize),
    /// The structure factors cannot be unpacked.
    #[error("the protein brought along is broken: {0}")]
    StructureFactors(#[source] UnpackError),
}

impl EndsCommand for ProteinError {
    fn exit(&self) -> Exit {
        Exit::Undecided
    }
}

#[derive(Deserialize)]
struct Cases {
    case: Vec<Case>,
}

/// The renderings at hand; the first is the default.
///
/// # Errors
/// None for the embedded file, which a test reads; otherwise what is wrong with it.
pub(crate) fn cases() -> Result<Vec<Case>, ProteinError> {
    let cases: Cases = toml::from_str(CASES).map_err(|e| ProteinError::List(Box::new(e)))?;
    Ok(cases.case)
}

/// The rendering of this name.
///
/// # Errors
/// There is none, or as [`cases`].
pub(crate) fn case(id: &str) -> Result<Case, ProteinError> {
    let found = cases()?.into_iter().find(|case| case.id == id);
    found.ok_or_else(|| ProteinError::NoCase(id.to_owned()))
}

/// Its structure factors as text: `h k l F` lines in P1.
///
/// # Errors
/// None for the embedded file, which a test unpacks; otherwise what is wrong.
pub(crate) fn hkl() -> Result<Vec<u8>, ProteinError> {
    trace_harness::protein::hkl().map_err(ProteinError::StructureFactors)
}

impl Case {
    /// The arguments with the structure factors at `hkl`.
    pub(crate) fn arguments(&self, hkl: &str) -> Vec<String> {
        self.arguments.iter().map(|word| word.replace("{hkl}", hkl)).collect()
    }

    /// The part of the detector that the stored image holds; `None` if the embedded file has it the wrong way round.
    pub(crate) fn roi(&self) -> Option<Roi> {
        Roi::from_limits(self.region)
    }

    /// The stored image of the part.
    ///
    /// # Errors
    /// None for the embedded images, which a test unpacks; otherwise what is wrong.
    pub(crate) fn image(&self) -> Result<Raster<f32>, ProteinError> {
        let packed = if self.id == "still" { STILL } else { ROTATION };
        let bytes = unpack(packed)?;
        let data: Vec<f32> = bytes.as_chunks::<4>().0.iter().map(|&b| f32::from_le_bytes(b)).collect();
        let roi = self.roi().ok_or(ProteinError::NoPixel)?;
        let count = data.len();
        Raster::from_vec(roi.fast(), roi.slow(), data).ok_or(ProteinError::Pixels(count))
    }
}

fn unpack(packed: &[u8]) -> Result<Vec<u8>, ProteinError> {
    let mut bytes = Vec::new();
    GzDecoder::new(packed).read_to_end(&mut bytes).map_err(ProteinError::Packed)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use trace_harness::evidence::bundle::digest::of_bytes;

    use super::*;

    /// The digest that the README beside the data gives for `name`.
    fn documented(name: &str) -> String {
        let readme = include_str!("../data/protein/README.md");
        let line = readme.lines().find(|l| l.contains(name)).unwrap();
        line.split('`').find(|word| word.len() == 64).unwrap().to_owned()
    }

    #[test]
    fn the_embedded_files_are_the_documented_ones() {
        assert_eq!(of_bytes(&unpack(STILL).unwrap()), documented("still.bin.gz"));
        assert_eq!(of_bytes(&unpack(ROTATION).unwrap()), documented("rotation.bin.gz"));
    }

    #[test]
    fn every_case_has_an_image_of_its_region_and_a_place_for_the_structure_factors() {
        let cases = cases().unwrap();
        assert_eq!(cases.iter().map(|c| c.id.as_str()).collect::<Vec<_>>(), ["still", "rotation"]);
        for case in cases {
            let image = case.image().unwrap();
            assert!(image.data.iter().all(|v| v.is_finite()) && image.data.iter().any(|v| *v > 0.0));
            assert_eq!(case.arguments("x.hkl")[1], "x.hkl");
        }
    }
}
