//! What the headers and flags request, in SI units, with the reference's plain defaults.
//!
//! Not here: how a header or flag changes it (`apply`), defaults that depend on several values (`resolve`).

use super::frame::Axes;
use super::notice::Notice;
use super::steps::RequestedSweep;
use super::{Convention, InterpolationChoice, Misset, Pivot, Shape, UserCell, defaults};
use crate::physics::vec3::Vec3;
use crate::pixel::Pixel;
use std::path::PathBuf;

/// Geometry read from the header of a -mask or -img file, in the header's units (mm, Å, degrees, pixels).
#[derive(Debug, Clone, Default, PartialEq)]
#[allow(missing_docs)]
pub struct HeaderGeometry {
    /// Pixels along fast and slow.
    pub pixels: [i32; 2],
    pub pixel_size: Option<f64>,
    pub distance: Option<f64>,
    pub close_distance: Option<f64>,
    pub wavelength: Option<f64>,
    pub beam_center_x: Option<f64>,
    pub beam_center_y: Option<f64>,
    pub org_x: Option<f64>,
    pub org_y: Option<f64>,
    pub phi: Option<f64>,
    pub osc_range: Option<f64>,
}

/// All that headers and flags have set so far. `None` or a negative number stands for "not given", as the reference has it.
#[derive(Debug, Clone)]
pub(super) struct RawConfig {
    pub cells: [f64; 3],
    pub cell: Option<UserCell>,
    pub misset: Misset,
    pub size: [f64; 3],
    pub beam_xy: [Option<f64>; 2],
    pub close_xy: [Option<f64>; 2],
    pub origin_xy: [Option<f64>; 2],
    pub pivot: Pivot,
    /// The last flag that names a pivot.
    pub explicit_pivot: Option<(&'static str, Pivot)>,
    pub convention: Convention,
    /// The last convention flag, for the warning when a vector flag overrides it.
    pub named: Option<Convention>,
    pub axes: Axes,
    pub pix0: Option<Vec3>,
    pub distance: f64,
    pub close_distance: Option<f64>,
    pub attenuation: f64,
    pub thickness: RequestedSweep,
    pub rotations: [f64; 3],
    pub twotheta: f64,
    pub detector_size: [f64; 2],
    pub pixels: [i32; 2],
    pub curved: bool,
    pub pixel_size: f64,
    pub point_pixel: bool,
    pub kahn_factor: f64,
    pub no_polarization: bool,
    pub oversample: i32,
    pub oversample_switches: [bool; 3],
    pub roi: [i32; 4],
    pub wavelength: f64,
    pub fluence: Option<f64>,
    pub flux: f64,
    pub exposure: f64,
    pub beam_size: f64,
    pub mosaic_spread: f64,
    pub mosaic_domains: i32,
    pub dispersion: RequestedSweep,
    pub h_div: RequestedSweep,
    pub v_div: RequestedSweep,
    pub round_divergence: bool,
    pub adc_offset: f64,
    pub phi_start: f64,
    pub phi: RequestedSweep,
    pub dmin: f64,
    pub default_f: f64,
    pub shape: Shape,
    pub fudge: f64,
    pub interpolation: InterpolationChoice,
    pub water_size: f64,
    pub int_scale: f64,
    pub pgm_scale: f64,
    pub write_pgm: bool,
    pub write_noise: bool,
    pub files: RawFiles,
    pub progress: Option<bool>,
    pub printout: bool,
    pub printout_pixel: Option<Pixel<i32>>,
    pub trace_pixel: Option<Pixel<i32>>,
    pub seed: Option<i64>,
    pub mosaic_seed: i64,
    pub misset_seed: Option<i64>,
    pub notices: Vec<Notice>,
}

/// File names as given.
#[derive(Debug, Clone, Default)]
pub(super) struct RawFiles {
    pub hkl: Option<PathBuf>,
    pub cache: Option<PathBuf>,
    pub matrix: Option<PathBuf>,
    pub sources: Option<PathBuf>,
    pub scattering_table: Option<PathBuf>,
    pub mask: Option<PathBuf>,
    pub image: Option<PathBuf>,
    pub float: Option<PathBuf>,
    pub int: Option<PathBuf>,
    pub pgm: Option<PathBuf>,
    pub noise: Option<PathBuf>,
}

impl Default for RawConfig {
    fn default() -> Self {
        let nothing = RequestedSweep { range: -1.0, step: -1.0, steps: -1 };
        Self {
            cells: [1.0; 3],
            cell: None,
            misset: Misset::None,
            size: [0.0; 3],
            beam_xy: [None; 2],
            close_xy: [None; 2],
            origin_xy: [None; 2],
            pivot: Pivot::Beam,
            explicit_pivot: None,
            convention: Convention::Mosflm,
            named: None,
            axes: Axes::CUSTOM,
            pix0: None,
            distance: defaults::DISTANCE,
            close_distance: None,
            attenuation: -1.0,
            thickness: RequestedSweep { range: 0.0, ..nothing },
            rotations: [0.0; 3],
            twotheta: 0.0,
            detector_size: [defaults::DETECTOR_SIZE; 2],
            pixels: [0; 2],
            curved: false,
            pixel_size: defaults::PIXEL_SIZE,
            point_pixel: false,
            kahn_factor: 0.0,
            no_polarization: false,
            oversample: -1,
            oversample_switches: [false; 3],
            roi: [-1; 4],
            wavelength: defaults::WAVELENGTH,
            fluence: None,
            flux: 0.0,
            exposure: defaults::EXPOSURE,
            beam_size: defaults::BEAM_SIZE,
            mosaic_spread: -1.0,
            mosaic_domains: -1,
            dispersion: RequestedSweep { range: 0.0, ..nothing },
            h_div: nothing,
            v_div: nothing,
            round_divergence: true,
            adc_offset: defaults::ADC_OFFSET,
            phi_start: 0.0,
            phi: nothing,
            dmin: 0.0,
            default_f: 0.0,
            shape: Shape::Square,
            fudge: 1.0,
            interpolation: InterpolationChoice::Auto,
            water_size: 0.0,
            int_scale: 0.0,
            pgm_scale: 0.0,
            write_pgm: true,
            write_noise: true,
            files: RawFiles::default(),
            progress: None,
            printout: false,
            printout_pixel: None,
            trace_pixel: None,
            seed: None,
            mosaic_seed: defaults::MOSAIC_SEED,
            misset_seed: None,
            notices: Vec::new(),
        }
    }
}
