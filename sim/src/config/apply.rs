//! How each header and flag changes the raw configuration, in the user's units on the way in and SI on the way out.
//!
//! Not here: the order in which they are applied, defaults and consistency (`resolve`).

use super::raw::{HeaderGeometry, RawConfig};
use super::{Convention, InterpolationChoice, Misset, Pivot, Shape, UserCell};
use crate::cli::flags::Id;
use crate::cli::parse::Setting;
use crate::defects::{Defect, Defects};
use crate::physics::vec3::Vec3;
use crate::pixel::Pixel;
use crate::units::{
    MILLIMETRE, angstroms, angstroms_by_product, degrees, electronvolts, micrometres,
    micrometres_by_quotient, millimetres, milliradians, percent,
};
use std::path::PathBuf;

/// A value that is a number, or nothing.
fn given(x: f64) -> Option<f64> {
    (!x.is_nan()).then_some(x)
}

impl RawConfig {
    /// Puts in the geometry of a header. In a mask, `BEAM_CENTER_Y` is measured from the far slow edge.
    pub(super) fn apply_header(&mut self, header: &HeaderGeometry, is_mask: bool) {
        self.pixels = header.pixels;
        let mm = |x: Option<f64>| x.and_then(given).map(millimetres);
        if let Some(size) = mm(header.pixel_size) {
            self.pixel_size = size;
        }
        self.detector_size = header.pixels.map(|n| self.pixel_size * f64::from(n));
        if let Some(distance) = mm(header.distance) {
            self.distance = distance;
        }
        self.close_distance = mm(header.close_distance).or(self.close_distance);
        if let Some(wavelength) = header.wavelength.and_then(given) {
            self.wavelength = angstroms(wavelength);
        }
        self.beam_xy[0] = mm(header.beam_center_x).or(self.beam_xy[0]);
        let y = mm(header.beam_center_y).map(|y| if is_mask { self.detector_size[1] - y } else { y });
        self.beam_xy[1] = y.or(self.beam_xy[1]);
        self.origin_xy[0] = header.org_x.and_then(given).or(self.origin_xy[0]);
        self.origin_xy[1] = header.org_y.and_then(given).or(self.origin_xy[1]);
        if let Some(phi) = header.phi.and_then(given) {
            self.phi_start = degrees(phi);
        }
        if let Some(osc) = header.osc_range.and_then(given) {
            self.phi.range = degrees(osc);
        }
    }

    /// Puts in one flag. A table with an arm for each flag and none for the rest: a flag that nobody applies does not compile.
    pub(super) fn apply(&mut self, s: &Setting, defects: &Defects) {
        let x = s.number(0);
        let n = s.integer(0);
        let vector = || Vec3::new(s.number(0), s.number(1), s.number(2));
        let file = || s.values.first().map(PathBuf::from);
        let seed = || i64::from(n.wrapping_neg());
        match s.id {
            // Crystal.
            Id::Na => self.cells[0] = f64::from(n),
            Id::Nb => self.cells[1] = f64::from(n),
            Id::Nc => self.cells[2] = f64::from(n),
            Id::N => self.cells = [f64::from(n); 3],
            Id::Cell => self.apply_cell(s),
            Id::Misset if s.values.len() == 1 => self.misset = Misset::Random,
            Id::Misset => self.misset = Misset::Angles([0, 1, 2].map(|i| degrees(s.number(i)))),
            Id::SampleSize => self.size = [millimetres(x); 3],
            Id::SampleX => self.size[0] = millimetres(x),
            Id::SampleY => self.size[1] = millimetres(x),
            Id::SampleZ => self.size[2] = millimetres(x),
            Id::RoundXtal => self.shape = Shape::Round,
            Id::SquareXtal => self.shape = Shape::Square,
            Id::GaussXtal => self.shape = Shape::Gauss,
            Id::TophatSpots => self.shape = Shape::Tophat,
            Id::Fudge => self.fudge = x,
            Id::MosaicSpread => self.mosaic_spread = degrees(x),
            Id::MosaicDomains => self.mosaic_domains = n,
            Id::Phi => self.phi_start = degrees(x),
            Id::Osc => self.phi.range = degrees(x),
            Id::PhiStep => self.phi.step = degrees(x),
            Id::PhiSteps => self.phi.steps = n,

            // Structure factors.
            Id::DefaultF => self.default_f = x,
            Id::Interpolate => self.interpolation = InterpolationChoice::On,
            Id::NoInterpolate => self.interpolation = InterpolationChoice::Off,

            // Frame.
            Id::Xbeam => (self.beam_xy[0], self.pivot) = (given(millimetres(x)), Pivot::Beam),
            Id::Ybeam => (self.beam_xy[1], self.pivot) = (given(millimetres(x)), Pivot::Beam),
            Id::Xclose => (self.close_xy[0], self.pivot) = (given(millimetres(x)), Pivot::Sample),
            Id::Yclose => (self.close_xy[1], self.pivot) = (given(millimetres(x)), Pivot::Sample),
            Id::OrgX => (self.origin_xy[0], self.pivot) = (given(x), Pivot::Sample),
            Id::OrgY => (self.origin_xy[1], self.pivot) = (given(x), Pivot::Sample),
            Id::Pivot => self.apply_pivot(&s.text(0)),
            Id::Mosflm => self.name_convention(Convention::Mosflm, Pivot::Beam),
            Id::Xds => self.name_convention(Convention::Xds, Pivot::Sample),
            Id::Adxv => self.name_convention(Convention::Adxv, Pivot::Beam),
            Id::Denzo => self.name_convention(Convention::Denzo, Pivot::Beam),
            Id::Dials => self.name_convention(Convention::Dials, Pivot::Beam),
            Id::FdetVector => (self.convention, self.axes.fast) = (Convention::Custom, vector()),
            Id::SdetVector => (self.convention, self.axes.slow) = (Convention::Custom, vector()),
            Id::OdetVector => (self.convention, self.axes.normal) = (Convention::Custom, vector()),
            Id::BeamVector => (self.convention, self.axes.beam) = (Convention::Custom, vector()),
            Id::PolarVector => (self.convention, self.axes.polarization) = (Convention::Custom, vector()),
            Id::SpindleAxis => (self.convention, self.axes.spindle) = (Convention::Custom, vector()),
            Id::TwothetaAxis => (self.convention, self.axes.twotheta) = (Convention::Custom, vector()),
            Id::Pix0Vector => {
                let scale = if s.word.contains("_mm") { MILLIMETRE } else { 1.0 };
                (self.convention, self.pix0) = (Convention::Custom, Some(vector().scaled(scale)));
            }

            // Detector.
            Id::Distance => (self.distance, self.pivot) = (millimetres(x), Pivot::Beam),
            Id::CloseDistance => {
                self.close_distance = given(millimetres(x));
                self.ask_pivot("-close_distance", Pivot::Sample);
            }
            // The reference finds -twotheta in the word -twotheta_axis, too (C-TWOTHETA-001).
            Id::Twotheta if s.word.contains("-twotheta_axis") && !defects.emulates(Defect::TwothetaAxis) => {}
            Id::Twotheta => self.apply_twotheta(x),
            Id::RotX => self.rotations[0] = degrees(x),
            Id::RotY => self.rotations[1] = degrees(x),
            Id::RotZ => self.rotations[2] = degrees(x),
            Id::DetectorAbs if x == 0.0 || s.text(0).contains("inf") => {
                (self.thickness.range, self.attenuation) = (0.0, 0.0);
            }
            Id::DetectorAbs => self.attenuation = 1.0 / micrometres(x),
            Id::DetectorThick => self.thickness.range = micrometres(x),
            Id::ThickSteps => self.thickness.steps = n,
            Id::DetSize => self.detector_size = [millimetres(x); 2],
            Id::DetSizeFast => self.detector_size[0] = millimetres(x),
            Id::DetSizeSlow => self.detector_size[1] = millimetres(x),
            Id::DetPixels => self.pixels = [n; 2],
            Id::DetPixelsFast => self.pixels[0] = n,
            Id::DetPixelsSlow => self.pixels[1] = n,
            Id::CurvedDetector => self.curved = true,
            Id::PixelSize => self.pixel_size = millimetres(x),
            Id::PointPixel => self.point_pixel = true,
            Id::Roi => self.roi = [0, 1, 2, 3].map(|i| s.integer(i)),

            // Beam.
            Id::Wavelength => self.wavelength = angstroms(x),
            Id::Energy => self.wavelength = electronvolts(x),
            Id::Fluence => self.fluence = Some(x),
            Id::Flux => self.flux = x,
            Id::Exposure => self.exposure = x,
            Id::BeamSize => self.beam_size = millimetres(x),
            Id::Polarization => (self.kahn_factor, self.no_polarization) = (x, false),
            Id::NoPolarization => self.no_polarization = true,
            Id::Dispersion => self.dispersion.range = percent(x),
            Id::DispersionSteps => self.dispersion.steps = n,
            Id::Divergence => (self.h_div.range, self.v_div.range) = (milliradians(x), milliradians(x)),
            Id::HDivRange => self.h_div.range = milliradians(x),
            Id::VDivRange => self.v_div.range = milliradians(x),
            Id::HDivStep => self.h_div.step = milliradians(x),
            Id::VDivStep => self.v_div.step = milliradians(x),
            Id::HDivSteps => self.h_div.steps = n,
            Id::VDivSteps => self.v_div.steps = n,
            Id::DivSteps => (self.h_div.steps, self.v_div.steps) = (n, n),
            Id::RoundDivergence => self.round_divergence = true,
            Id::SquareDivergence => self.round_divergence = false,

            // Sampling.
            Id::Oversample => self.oversample = n,
            Id::OversampleThick => self.oversample_switches[0] = true,
            Id::OversamplePolar => self.oversample_switches[1] = true,
            Id::OversampleOmega => self.oversample_switches[2] = true,
            Id::Dmin => self.dmin = angstroms_by_product(x),
            Id::Water => self.water_size = micrometres_by_quotient(x),

            // Files.
            Id::Matrix => self.files.matrix = file(),
            Id::Hkl => self.files.hkl = file(),
            Id::Dump => self.files.cache = file(),
            Id::Mask => self.files.mask = file(),
            Id::Image => self.files.image = file(),
            Id::Stol | Id::FourStol | Id::Q => self.files.scattering_table = file(),
            Id::SourceFile => self.files.sources = file(),
            Id::FloatFile => self.files.float = file(),
            Id::IntFile => self.files.int = file(),
            Id::PgmFile => (self.files.pgm, self.write_pgm) = (file(), true),
            Id::NoiseFile => (self.files.noise, self.write_noise) = (file(), true),
            Id::NoNoise => self.write_noise = false,
            Id::NoPgm => self.write_pgm = false,

            // Scaling, random numbers, console.
            Id::AdcOffset => self.adc_offset = x,
            Id::IntScale => self.int_scale = x,
            Id::PgmScale => (self.pgm_scale, self.write_pgm) = (x, true),
            Id::Seed => self.seed = Some(seed()),
            Id::MosaicSeed => self.mosaic_seed = seed(),
            Id::MissetSeed => self.misset_seed = Some(seed()),
            Id::Printout => self.printout = true,
            Id::PrintoutPixel => self.printout_pixel = Some(Pixel { fast: n, slow: s.integer(1) }),
            Id::TracePixel => self.trace_pixel = Some(Pixel { slow: n, fast: s.integer(1) }),
            Id::NoProgress => self.progress = Some(false),
            Id::Progress => self.progress = Some(true),

            // The reference takes these, but nothing it computes or writes depends on them.
            Id::Density | Id::MolecularWeight | Id::Coherent | Id::StolOut => {}
        }
    }

    /// A cell flag sets the values it has; the others keep what an earlier one set.
    fn apply_cell(&mut self, s: &Setting) {
        let mut cell = self.cell.unwrap_or(UserCell { lengths: [0.0; 3], angles: [0.0; 3] });
        for i in 0..s.values.len() {
            if i < 3 {
                cell.lengths[i] = s.number(i);
            } else {
                cell.angles[i - 3] = degrees(s.number(i));
            }
        }
        self.cell = Some(cell);
    }

    /// Both words may stand in the text; the reference looks for `beam` last.
    fn apply_pivot(&mut self, text: &str) {
        if text.contains("sample") {
            self.ask_pivot("-pivot sample", Pivot::Sample);
        }
        if text.contains("beam") {
            self.ask_pivot("-pivot beam", Pivot::Beam);
        }
    }

    /// No swing requests no pivot, though it changes it.
    fn apply_twotheta(&mut self, x: f64) {
        (self.twotheta, self.pivot) = (degrees(x), Pivot::Sample);
        if x != 0.0 {
            self.ask_pivot("-twotheta", Pivot::Sample);
        }
    }

    fn ask_pivot(&mut self, word: &'static str, pivot: Pivot) {
        self.pivot = pivot;
        self.explicit_pivot = Some((word, pivot));
    }

    fn name_convention(&mut self, convention: Convention, pivot: Pivot) {
        (self.convention, self.named, self.pivot) = (convention, Some(convention), pivot);
    }
}
