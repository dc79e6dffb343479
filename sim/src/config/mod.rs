//! The resolved configuration of one run: every quantity in SI units, every precedence and default applied.
//!
//! Not here: reading files, geometry that follows from the configuration (`model`).

mod apply;
mod centre_flags;
mod contradictions;
mod convention;
pub mod defaults;
pub mod frame;
pub mod notice;
mod raw;
pub mod resolve;
mod sense;
pub mod steps;

use crate::choices::Printout;
use crate::defects::Defects;
use crate::physics::vec3::Vec3;
use crate::pixel::Pixel;
use notice::Notice;
use serde::Serialize;
use std::path::PathBuf;
use steps::Sweep;

pub use convention::{Convention, Pivot};

/// Shape of the crystal, which gives spots theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    /// Parallelepiped.
    Square,
    /// Ellipsoid.
    Round,
    /// Gaussian spots.
    Gauss,
    /// Flat spots.
    Tophat,
}

/// Whether structure factors are interpolated between Bragg peaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum InterpolationChoice {
    /// On for crystals of two cells or fewer along any axis.
    Auto,
    /// On.
    On,
    /// Off.
    Off,
}

/// The user's unit cell. A length or angle that is not positive counts as not given.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct UserCell<T = f64> {
    /// a, b, c in Å.
    pub lengths: [T; 3],
    /// α, β, γ in radians.
    pub angles: [T; 3],
}

/// Initial turn of the crystal.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Misset {
    /// None.
    None,
    /// About lab x, y, z in radians.
    Angles([f64; 3]),
    /// Random.
    Random,
}

/// Files read and written.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[allow(missing_docs)]
pub struct Files {
    pub hkl: Option<PathBuf>,
    pub cache: PathBuf,
    pub matrix: Option<PathBuf>,
    pub sources: Option<PathBuf>,
    pub scattering_table: Option<PathBuf>,
    pub mask: Option<PathBuf>,
    pub image: Option<PathBuf>,
    pub float: PathBuf,
    pub int: PathBuf,
    pub pgm: Option<PathBuf>,
    pub noise: Option<PathBuf>,
}

/// Beam and sources.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BeamConfig {
    /// Central wavelength, m.
    pub wavelength: f64,
    /// Relative spread of the wavelength.
    pub dispersion: Sweep,
    /// Horizontal divergence, radians.
    pub horizontal_divergence: Sweep,
    /// Vertical divergence, radians.
    pub vertical_divergence: Sweep,
    /// Whether the divergence grid is cut to an ellipse.
    pub round_divergence: bool,
    /// Photons/m².
    pub fluence: f64,
    /// Photons/s as given; 0 if not.
    pub flux: f64,
    /// Seconds.
    pub exposure: f64,
    /// Beam width and height, m.
    pub beam_size: f64,
    /// Kahn factor.
    pub kahn_factor: f64,
    /// Whether the polarisation correction is off.
    pub no_polarization: bool,
}

/// Detector as requested, before it is placed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DetectorConfig {
    /// Pixels along the fast and slow axis.
    pub pixels: [usize; 2],
    /// Pixel size, m.
    pub pixel_size: f64,
    /// Size along the fast and slow axis, m.
    pub size: [f64; 2],
    /// Sample to detector along the beam, m.
    pub distance: f64,
    /// Sample to the nearest point, m, when given.
    pub close_distance: Option<f64>,
    /// Rotations about lab x, y, z, radians.
    pub rotations: [f64; 3],
    /// Swing about the two-theta axis, radians.
    pub twotheta: f64,
    /// Whether all pixels are at the same distance.
    pub curved: bool,
    /// Whether the solid angle leaves out pixel size and obliquity.
    pub point_pixel: bool,
    /// Sensor thickness and layers, m.
    pub thickness: Sweep,
    /// Attenuation coefficient of the sensor, 1/m; negative when not given.
    pub attenuation: f64,
    /// Limits as given, both ends included: fast min, max, slow min, max.
    pub roi: [i32; 4],
    /// Origin given by -pix0_vector, m, when it counts.
    #[serde(skip)]
    pub origin: Option<Vec3>,
}

/// Crystal as requested.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CrystalConfig {
    /// Cells along a, b, c as given.
    pub cells: [f64; 3],
    /// Sizes along a, b, c, m; 0 when not given.
    pub size: [f64; 3],
    /// Unit cell, when given.
    pub cell: Option<UserCell>,
    /// Initial turn.
    pub misset: Misset,
    /// Shape.
    pub shape: Shape,
    /// Scale of the spot width.
    pub fudge: f64,
    /// Amplitude of reflections not in the list.
    pub default_f: f64,
    /// Interpolation between Bragg peaks.
    pub interpolation: InterpolationChoice,
}

/// How finely the experiment is sampled.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SamplingConfig {
    /// Start of the spindle rotation, radians.
    pub phi_start: f64,
    /// Spindle rotation, radians.
    pub phi: Sweep,
    /// Mosaic spread, radians.
    pub mosaic_spread: f64,
    /// Mosaic domains.
    pub mosaic_domains: i32,
    /// Sub-pixels along each side; not positive means automatic.
    pub oversample: i32,
    /// Capture fraction per sub-pixel.
    pub oversample_thick: bool,
    /// Polarisation per sub-pixel.
    pub oversample_polar: bool,
    /// Solid angle per sub-pixel.
    pub oversample_omega: bool,
    /// Resolution limit, m; 0 for none.
    pub dmin: f64,
    /// Edge of the water droplet, m.
    pub water_size: f64,
}

/// Seeds as the generator takes them (negated).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub struct Seeds {
    pub noise: i64,
    pub mosaic: i64,
    pub misset: i64,
}

/// Scaling of the integer images.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ScalingConfig {
    /// Counts per photon of the integer image; not positive means automatic.
    pub int_scale: f64,
    /// Grey levels per photon; not positive means automatic.
    pub pgm_scale: f64,
    /// Offset, counts.
    pub adc_offset: f64,
}

/// What is printed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ConsoleConfig {
    /// Progress bar requested or not; `None` leaves it to the terminal.
    pub progress: Option<bool>,
    /// Pixels to print.
    pub printout: Printout,
    /// Pixels traced by the reference's own flag.
    pub trace_pixels: Vec<Pixel>,
}

/// One run, resolved.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Config {
    /// Files.
    pub files: Files,
    /// Beam.
    pub beam: BeamConfig,
    /// Detector.
    pub detector: DetectorConfig,
    /// Convention, pivot, axes and beam centres.
    pub frame: frame::Frame,
    /// Crystal.
    pub crystal: CrystalConfig,
    /// Sampling.
    pub sampling: SamplingConfig,
    /// Seeds.
    pub seeds: Seeds,
    /// Scaling.
    pub scaling: ScalingConfig,
    /// Console.
    pub console: ConsoleConfig,
    /// Treatment of the reference's defects.
    pub defects: Defects,
    /// Decisions to report to the user, in order.
    #[serde(skip)]
    pub notices: Vec<Notice>,
}
