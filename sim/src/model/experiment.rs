//! Everything the engine needs for one run, put together from the configuration and what was read from files.
//!
//! Not here: reading files (`run`), rendering (`engine`).

use super::cell::Cell;
use super::crystal::{self, Size};
use super::detector::Detector;
use super::orientation::Orientations;
use super::parameter::Parameter;
use super::quantities::Quantities;
use super::sampling::{Sampling, check_source_count, domains, sampling};
use super::sources::{Source, Sources};
use super::structure_factors::StructureFactors;
use super::variable::{Basis, Variable};
use crate::config::{Config, InterpolationChoice, Misset, Shape};
use crate::defects::Defect;
use crate::error::UsageError;
use crate::input::grid::ReflectionGrid;
use crate::physics::random::Shuffle;
use crate::physics::rotation::angles_of;
use crate::physics::vec3::Vec3;
use crate::pixel::Pixel;
use crate::units::ANGSTROM;
use std::sync::Arc;

/// What a run reads from files.
#[derive(Debug, Clone, Default)]
pub(crate) struct Inputs {
    /// Columns a*, b*, c* of the MOSFLM matrix (times the wavelength in Å); a component that is not there is the cell's.
    pub(crate) matrix: Option<[Vec3<Option<f64>>; 3]>,
    /// Reflection list.
    pub(crate) reflections: Option<Arc<ReflectionGrid>>,
    /// Rows of the source file.
    pub(crate) sources: Option<Vec<[Option<f64>; 5]>>,
    /// Mask, in the order of the pixels: 0 is not rendered.
    pub(crate) mask: Option<Vec<u16>>,
}

/// One run, ready to be rendered. Lengths in m.
///
/// Only a builder, flags or a command line make one (`builder`, `loading`), and nothing changes it: its parts fit each other.
#[derive(Debug, Clone)]
pub struct Experiment {
    /// Pixels along fast and slow.
    pub(crate) pixels: [usize; 2],
    /// Pixel size.
    pub(crate) pixel_size: f64,
    /// The placed detector.
    pub(crate) detector: Detector,
    /// Direction of the beam.
    pub(crate) beam_direction: Vec3,
    /// Whether all pixels are at the same distance.
    pub(crate) curved: bool,
    /// Whether the solid angle leaves out pixel size and obliquity.
    pub(crate) point_pixel: bool,
    /// Sensor layers, their distance, the sensor's thickness and attenuation.
    pub(crate) layers: i32,
    /// Distance of two layers.
    pub(crate) layer_step: f64,
    /// Thickness of the sensor.
    pub(crate) thickness: f64,
    /// Attenuation of the sensor, 1/m.
    pub(crate) attenuation: f64,
    /// Region rendered: fast min, max, slow min, max, both ends included.
    pub(crate) roi: [i32; 4],
    /// Pixels not rendered.
    pub(crate) mask: Option<Vec<u16>>,
    /// Incident rays.
    pub(crate) sources: Sources,
    /// Kahn factor; `None` when the correction is off.
    pub(crate) kahn_factor: f64,
    /// Whether the polarisation correction is off.
    pub(crate) no_polarization: bool,
    /// Electric vector of the beam.
    pub(crate) polarization_axis: Vec3,
    /// The unrotated cell.
    pub(crate) cell: Cell,
    /// Angles drawn for a random orientation, radians.
    pub(crate) drawn_misset: Option<[f64; 3]>,
    /// Size of the crystal.
    pub(crate) size: Size,
    /// Shape of the crystal.
    pub(crate) shape: Shape,
    /// Scale of the spot width.
    pub(crate) fudge: f64,
    /// Cells at every rotation step and in every domain.
    pub(crate) orientations: Orientations,
    /// Structure factors.
    pub(crate) structure_factors: StructureFactors,
    /// Whether interpolation starts on; and whether that was decided automatically.
    pub(crate) interpolate: bool,
    /// What was decided about interpolation before the list was known; `None` when the user decided.
    pub(crate) auto_interpolation: Option<bool>,
    /// Sampling.
    pub(crate) sampling: Sampling,
    /// Background added to each pixel's sum, in the sum's units.
    pub(crate) background: f64,
    /// Whether there is a water background.
    pub(crate) water: bool,
    /// Photons/m².
    pub(crate) fluence: f64,
    /// Whether at phi = 0 the previous step's cell is met (C-PARITY-001).
    pub(crate) phi_carry_over: bool,
    /// Whether one interpolation outside the list ends interpolation (C-INTERP-001).
    pub(crate) interpolation_stops: bool,
    /// Whether a capture fraction of 0 is computed without a sensor (C-CAPTURE-001).
    pub(crate) capture_zero: bool,
    /// What the parts above that depend on the user's quantities were computed from.
    pub(crate) basis: Basis,
    /// The random generator's table after the mosaic domains were drawn, for the noise.
    pub(crate) shuffle: Shuffle,
}

impl Experiment {
    /// Puts the experiment together.
    ///
    /// # Errors
    /// Sampling so fine that its steps cannot be counted or its orientations not kept; a mask smaller than the detector.
    pub(crate) fn new(config: &Config, inputs: Inputs) -> Result<Self, UsageError> {
        let mut shuffle = Shuffle::default();
        let emulates = |d| config.defects.emulates(d);
        let (misset, drawn_misset) = misset(config, &mut shuffle);
        check_source_count(config)?;
        let sources = match &inputs.sources {
            Some(rows) => Sources::from_rows(rows, &config.beam, &config.frame.axes),
            None => Sources::generated(&config.beam, &config.frame.axes),
        };
        let basis = Basis {
            quantities: Quantities::of(config, misset),
            configured_spread: config.sampling.mosaic_spread,
            detector: config.detector.clone(),
            frame: config.frame.clone(),
            crystal: config.crystal.clone(),
            sampling: config.sampling.clone(),
            domains: domains(config, &mut shuffle)?,
            matrix: inputs.matrix,
            skewed: emulates(Defect::SkewedCell),
        };
        let Variable { cell, orientations, detector, background, .. } = basis.variable(&basis.quantities);
        let direct = cell.direct.map(|v| v.scaled(ANGSTROM));
        let size = crystal::size(&config.crystal, direct.map(Vec3::norm));
        let structure_factors = StructureFactors::new(inputs.reflections, config.crystal.default_f);
        let sampling = sampling(config, &detector, &size, sources.list.len(), &orientations)?;
        check_mask(inputs.mask.as_deref(), config)?;

        // Decided from the counts as given, before a size becomes a count.
        let few_cells = config.crystal.cells.iter().any(|n| *n <= 2.0);
        let (wanted, auto_interpolation) = match config.crystal.interpolation {
            InterpolationChoice::Auto => (few_cells, Some(few_cells)),
            InterpolationChoice::On => (true, None),
            InterpolationChoice::Off => (false, None),
        };
        let (d, s) = (&config.detector, &config.sampling);
        Ok(Self {
            pixels: d.pixels,
            pixel_size: d.pixel_size,
            detector,
            beam_direction: config.frame.axes.beam,
            curved: d.curved,
            point_pixel: d.point_pixel,
            layers: d.thickness.steps,
            layer_step: d.thickness.step,
            thickness: d.thickness.range,
            attenuation: d.attenuation,
            roi: d.roi,
            mask: inputs.mask,
            sources,
            kahn_factor: config.beam.kahn_factor,
            no_polarization: config.beam.no_polarization,
            polarization_axis: config.frame.axes.polarization,
            cell,
            drawn_misset,
            size,
            shape: config.crystal.shape,
            fudge: config.crystal.fudge,
            orientations,
            interpolate: wanted && structure_factors.is_loaded(),
            auto_interpolation,
            structure_factors,
            sampling,
            background,
            water: s.water_size != 0.0,
            fluence: config.beam.fluence,
            phi_carry_over: emulates(Defect::PhiCarryOver),
            interpolation_stops: emulates(Defect::InterpolationOff),
            capture_zero: emulates(Defect::CaptureZero),
            shuffle,
            basis,
        })
    }

    /// The same experiment with other quantities. What is decided by counting (steps, sub-pixels) stays as it is.
    pub(crate) fn moved(&self, quantities: &Quantities) -> Self {
        let variable = self.basis.variable(quantities);
        let mut moved = self.clone();
        for source in &mut moved.sources.list {
            source.wavelength = variable.wavelength(source);
        }
        moved.basis.quantities = quantities.clone();
        moved.size.cells = variable.counts;
        moved.structure_factors = self.structure_factors.with(&variable.reflections);
        (moved.cell, moved.orientations) = (variable.cell, variable.orientations);
        (moved.detector, moved.background) = (variable.detector, variable.background);
        moved.fluence = variable.fluence;
        moved
    }

    /// The user's angle that the built cell misses by more than 0.001 degrees: name, given, built (degrees).
    pub(crate) fn missed_angle(&self, config: &Config) -> Option<(&'static str, f64, f64)> {
        if config.files.matrix.is_some() {
            return None;
        }
        let given = config.crystal.cell?.angles;
        (["alpha", "beta", "gamma"].into_iter().zip(given.into_iter().zip(self.cell.angles)))
            .map(|(name, (given, built))| (name, given.to_degrees(), built.to_degrees()))
            .filter(|(_, given, built)| *given > 0.0 && (given - built).abs() > 1e-3)
            .max_by(|(_, g1, b1), (_, g2, b2)| (g1 - b1).abs().total_cmp(&(g2 - b2).abs()))
    }

    /// Whether the reference would build this cell with other angles (C-CELL-001), by more than rounding.
    pub(crate) fn cell_would_be_skewed(&self) -> bool {
        let skewed = self.basis.cell(&self.basis.quantities, true);
        skewed.angles.iter().zip(self.cell.angles).any(|(a, b)| (a - b).abs() > 1e-9)
    }

    /// Pixels along the fast and the slow axis.
    pub fn pixels(&self) -> [usize; 2] {
        self.pixels
    }

    /// Size of a pixel, m.
    pub fn pixel_size(&self) -> f64 {
        self.pixel_size
    }

    /// The detector where it stands.
    pub fn detector(&self) -> &Detector {
        &self.detector
    }

    /// Unit vector along the beam.
    pub fn beam_direction(&self) -> Vec3 {
        self.beam_direction
    }

    /// Incident rays in the order of evaluation.
    pub fn sources(&self) -> &[Source] {
        &self.sources.list
    }

    /// Incident photons/m².
    pub fn fluence(&self) -> f64 {
        self.fluence
    }

    /// Background added to each pixel's sum, in the sum's units.
    pub fn background(&self) -> f64 {
        self.background
    }

    /// The cell before any rotation about the spindle.
    pub fn cell(&self) -> &Cell {
        &self.cell
    }

    /// Cells along a, b, c; at least 1 each.
    pub fn cells(&self) -> [f64; 3] {
        self.size.cells
    }

    /// Shape of the crystal.
    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// a, b, c of every mosaic domain before any rotation about the spindle, m.
    pub fn domains(&self) -> &[[Vec3; 3]] {
        self.orientations.unrotated()
    }

    /// Spindle angle of each rotation step, radians.
    pub fn phi(&self) -> &[f64] {
        &self.orientations.phi
    }

    /// Amplitude of a reflection, electrons.
    pub fn structure_factor(&self, hkl: [i32; 3]) -> f64 {
        self.structure_factors.nearest(hkl)
    }

    /// Whether structure factors are interpolated between Bragg peaks when rendering begins.
    pub fn interpolates(&self) -> bool {
        self.interpolate
    }

    /// How finely it is sampled.
    pub fn sampling(&self) -> &Sampling {
        &self.sampling
    }

    /// The value of a parameter in the user's unit; `None` when there is no such quantity.
    pub fn value(&self, parameter: Parameter) -> Option<f64> {
        match parameter {
            Parameter::Reflection(hkl) => Some(self.structure_factors.nearest(hkl)),
            _ => parameter.value(&self.basis.quantities),
        }
    }

    /// The same experiment with a parameter larger by `step` of the user's units; `None` when there is no such quantity. What is
    /// decided by counting (steps, sub-pixels) stays as it is.
    #[must_use]
    pub fn moved_by(&self, parameter: Parameter, step: f64) -> Option<Self> {
        let mut quantities = self.basis.quantities.clone();
        if let Parameter::Reflection(hkl) = parameter {
            quantities.reflections.push((hkl, self.structure_factors.nearest(hkl)));
        }
        *parameter.place(&mut quantities)? += step * parameter.per_unit();
        Some(self.moved(&quantities))
    }

    /// Whether a pixel is rendered.
    pub fn is_rendered(&self, pixel: Pixel) -> bool {
        let [f0, f1, s0, s1] = self.roi.map(i64::from);
        let (f, s) = (pixel.fast as i64, pixel.slow as i64);
        f >= f0 && f <= f1 && s >= s0 && s <= s1 && !self.is_masked(pixel)
    }

    /// Whether the mask leaves a pixel out.
    pub fn is_masked(&self, pixel: Pixel) -> bool {
        self.mask.as_ref().is_some_and(|m| m[pixel.slow * self.pixels[0] + pixel.fast] == 0)
    }

    /// The rendered rows and columns as half-open ranges inside the image: (fast, slow).
    pub fn window(&self) -> (std::ops::Range<usize>, std::ops::Range<usize>) {
        let range = |min: i32, max: i32, count: usize| {
            let start = usize::try_from(min).unwrap_or(0).min(count);
            let end = usize::try_from(i64::from(max) + 1).unwrap_or(0).min(count);
            start..end.max(start)
        };
        let [f0, f1, s0, s1] = self.roi;
        (range(f0, f1, self.pixels[0]), range(s0, s1, self.pixels[1]))
    }
}

/// The initial turn, and the angles if they were drawn.
fn misset(config: &Config, shuffle: &mut Shuffle) -> (Option<[f64; 3]>, Option<[f64; 3]>) {
    match config.crystal.misset {
        Misset::None => (None, None),
        Misset::Angles(angles) => (Some(angles), None),
        Misset::Random => {
            let cap =
                if config.defects.emulates(Defect::RandomMisset) { 90.0 } else { 90.0_f32.to_radians() };
            let angles = angles_of(&shuffle.rotation(cap, &mut config.seeds.misset.clone()));
            (Some(angles), Some(angles))
        }
    }
}

fn check_mask(mask: Option<&[u16]>, config: &Config) -> Result<(), UsageError> {
    let [fast, slow] = config.detector.pixels;
    match mask {
        Some(mask) if mask.len() < fast * slow => Err(UsageError::new(
            format!("the mask has `{}` pixels", mask.len()),
            format!("at least {} ({fast} x {slow}) for this detector", fast * slow),
        )
        .hint("leave out -detpixels and -detsize: the mask's header sets the size")),
        _ => Ok(()),
    }
}
