//! What a run must report about its own decisions: the reference's console warnings, and our warnings where the reference
//! overrides the user without a word.
//!
//! Not here: printing (`output::report` and the program).

use crate::c_number::g6;
use crate::defects::Defect;

/// A decision worth a word.
#[derive(Debug, Clone, PartialEq)]
pub enum Notice {
    /// The sample is higher than the beam: (height, beam), m.
    SampleHeightClipped(f64, f64),
    /// The sample is wider than the beam: (width, beam), m.
    SampleWidthClipped(f64, f64),
    /// The detector normal was not of unit length and is rebuilt from the axes.
    NormalRebuilt,
    /// No attenuation depth was given; the value is the one to print.
    AttenuationFromThickness(f64),
    /// A mosaic spread without a number of domains.
    TenDomains,
    /// A number of domains without a spread.
    NoSpread,
    /// A number of domains with a spread of zero.
    ZeroSpread,
    /// The convention overrides the pivot that a flag asks for: (flag, pivot used, convention).
    PivotOverridden(&'static str, &'static str, &'static str),
    /// The numbers of -pix0_vector are not used.
    Pix0Ignored,
    /// A vector flag switched from this convention to CUSTOM.
    ConventionBecameCustom(&'static str),
    /// Fluence given and overridden by the flux: (given, used).
    FluenceFromFlux(f64, f64),
    /// -oversample_thick without a sensor.
    CaptureZero,
    /// Header key whose substring look-up and exact look-up differ: (file, key, substring value, exact value).
    HeaderKeyAmbiguous(String, &'static str, Option<f64>, Option<f64>),
    /// A header or mask that cannot be opened is passed over: (flag, file).
    HeaderPassedOver(&'static str, String),
    /// A defect of the reference is corrected, and the image differs for it.
    Corrected(Defect),
    /// Any other message, already in words.
    Other(String),
}

impl Notice {
    /// The line the reference prints on its console, if it prints one.
    pub fn console_line(&self) -> Option<String> {
        Some(match self {
            Self::SampleHeightClipped(size, beam) => {
                format!("WARNING: clipping sample ({} m high) with beam ({} m)", g6(*size), g6(*beam))
            }
            Self::SampleWidthClipped(size, beam) => {
                format!("WARNING: clipping sample ({} m wide) with beam ({} m)", g6(*size), g6(*beam))
            }
            Self::NormalRebuilt => "WARNING: auto-generating odet_vector".to_owned(),
            Self::AttenuationFromThickness(mu) => {
                format!("WARNING: setting detector attenuation depth to {} m", g6(*mu))
            }
            Self::TenDomains => {
                "WARNING: finite mosaicity with only one domain! upping to 10 mosaic domains".to_owned()
            }
            Self::NoSpread => "WARNING: no mosaic spread specified.  setting mosaic_domains = 1".to_owned(),
            Self::ZeroSpread => {
                "WARNING: zero mosaic spread specified.  setting mosaic_domains = 1".to_owned()
            }
            Self::PivotOverridden(..)
            | Self::Pix0Ignored
            | Self::ConventionBecameCustom(_)
            | Self::FluenceFromFlux(..)
            | Self::CaptureZero
            | Self::HeaderKeyAmbiguous(..)
            | Self::HeaderPassedOver(..)
            | Self::Corrected(_)
            | Self::Other(_) => return None,
        })
    }

    /// Whether the line comes before the banner.
    pub fn before_banner(&self) -> bool {
        matches!(self, Self::SampleHeightClipped(..) | Self::SampleWidthClipped(..) | Self::NormalRebuilt)
    }

    /// One sentence for the user.
    pub fn warning(&self) -> String {
        let value = |v: &Option<f64>| v.map_or_else(|| "nothing".to_owned(), g6);
        match self {
            Self::SampleHeightClipped(size, beam) => {
                format!("sample size along b clipped from {} m to the beam size {} m (see -beamsize)", g6(*size), g6(*beam))
            }
            Self::SampleWidthClipped(size, beam) => {
                format!("sample size along c clipped from {} m to the beam size {} m (see -beamsize)", g6(*size), g6(*beam))
            }
            Self::NormalRebuilt => {
                "the detector normal is not exactly of unit length and was rebuilt as fast axis x slow axis".to_owned()
            }
            Self::AttenuationFromThickness(_) => {
                "no -detector_abs given: the attenuation depth is taken equal to the sensor's thickness".to_owned()
            }
            Self::TenDomains => "a mosaic spread without -mosaic_dom takes 10 domains".to_owned(),
            Self::NoSpread | Self::ZeroSpread => "without a mosaic spread there is one mosaic domain".to_owned(),
            Self::PivotOverridden(flag, used, convention) => {
                format!("`{flag}` asks for another pivot, but the {convention} convention always pivots about the {used} (C-PIVOT-001)")
            }
            Self::Pix0Ignored => {
                "the numbers of -pix0_vector have no effect: the origin follows from beam centre and distance (C-PIX0-001)"
                    .to_owned()
            }
            Self::ConventionBecameCustom(from) => {
                format!("a vector flag switched the convention from {from} to CUSTOM, with MOSFLM's other vectors and without its half pixel")
            }
            Self::FluenceFromFlux(given, used) => format!(
                "fluence {} photons/m^2 is overridden by flux*exposure/beamsize^2 = {} photons/m^2",
                g6(*given),
                g6(*used)
            ),
            Self::CaptureZero => {
                "-oversample_thick without a sensor thickness makes the image zero (C-CAPTURE-001)".to_owned()
            }
            Self::HeaderKeyAmbiguous(file, key, substring, exact) => format!(
                "`{file}`: header key {key} read as {} elsewhere found as a substring, {} exactly (C-HEADER-001)",
                value(substring),
                value(exact)
            ),
            Self::Corrected(defect) => format!(
                "{id} is corrected, so the image differs from the C program's: there {}; --defect {id}=emulate does the same",
                defect.description(),
                id = defect.id()
            ),
            Self::HeaderPassedOver(flag, file) => format!("{flag}: `{file}` cannot be opened and is passed over"),
            Self::Other(text) => text.clone(),
        }
    }
}
