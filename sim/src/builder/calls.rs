//! The calls of a builder, one for each flag or for flags that belong together, in the flags' units.
//!
//! Not here: checking values, and what becomes of them (`builder`).

use std::ops::RangeInclusive;
use std::sync::Arc;

use super::{BuildError, ExperimentBuilder, RaySource, UnitCell, check};
use crate::cli::flags::Id;
use crate::config::frame::Axes;
use crate::config::{Convention, Pivot, Shape};
use crate::defects::Defects;
use crate::input::grid::ReflectionGrid;
use crate::physics::vec3::Vec3;
use crate::units::in_angstroms;

/// Crystal.
impl ExperimentBuilder {
    /// Unit cell, Å and degrees.
    pub fn cell(self, cell: UnitCell) -> Self {
        self.set(Id::Cell, &cell.0)
    }

    /// Cells of the crystal along a, b and c.
    pub fn cells(self, along_a: u32, along_b: u32, along_c: u32) -> Self {
        self.set(Id::Na, &[along_a.into()]).set(Id::Nb, &[along_b.into()]).set(Id::Nc, &[along_c.into()])
    }

    /// Size of the crystal along a, b and c in mm, instead of a number of cells. The beam clips it along b and c.
    pub fn crystal_size_mm(self, along_a: f64, along_b: f64, along_c: f64) -> Self {
        self.set(Id::SampleX, &[along_a]).set(Id::SampleY, &[along_b]).set(Id::SampleZ, &[along_c])
    }

    /// Shape of the crystal.
    pub fn shape(self, shape: Shape) -> Self {
        self.switch(match shape {
            Shape::Square => Id::SquareXtal,
            Shape::Round => Id::RoundXtal,
            Shape::Gauss => Id::GaussXtal,
            Shape::Tophat => Id::TophatSpots,
        })
    }

    /// Scale of the spot width of all shapes but the square one.
    pub fn fudge(self, factor: f64) -> Self {
        self.set(Id::Fudge, &[factor])
    }

    /// Turns of the crystal about the lab's x, y and z, degrees.
    pub fn misset_degrees(self, x: f64, y: f64, z: f64) -> Self {
        self.set(Id::Misset, &[x, y, z])
    }

    /// A random orientation.
    pub fn misset_random(self, seed: i32) -> Self {
        self.set(Id::MissetSeed, &[seed.into()]).push(Id::Misset, vec!["random".into()])
    }

    /// Orientation matrix as MOSFLM writes it: its columns are a*, b*, c* in 1/Å times the wavelength in Å.
    pub fn mosflm_matrix(mut self, rows: [[f64; 3]; 3]) -> Self {
        let [x, y, z] = rows.map(|row| row.map(Some));
        self.inputs.matrix = Some([0, 1, 2].map(|i| Vec3 { x: x[i], y: y[i], z: z[i] }));
        self
    }

    /// Spindle rotation: start and range in degrees, and the number of steps.
    pub fn phi_degrees(self, start: f64, range: f64, steps: u32) -> Self {
        self.set(Id::Phi, &[start]).set(Id::Osc, &[range]).set(Id::PhiSteps, &[steps.into()])
    }

    /// Isotropic mosaic spread in degrees, and the number of domains.
    pub fn mosaic_degrees(self, spread: f64, domains: u32) -> Self {
        self.set(Id::MosaicSpread, &[spread]).set(Id::MosaicDomains, &[domains.into()])
    }

    /// Seed of the mosaic domains.
    pub fn mosaic_seed(self, seed: i32) -> Self {
        self.set(Id::MosaicSeed, &[seed.into()])
    }
}

/// Structure factors.
impl ExperimentBuilder {
    /// List of reflections, in P1. Experiments that are handed the same `Arc` share it, and a [`Session`] what is made of it.
    ///
    /// [`Session`]: crate::engine::Session
    pub fn structure_factors(mut self, list: impl Into<Arc<ReflectionGrid>>) -> Self {
        self.inputs.reflections = Some(list.into());
        self
    }

    /// Amplitude of reflections that are not in the list, electrons.
    pub fn default_f(self, amplitude: f64) -> Self {
        self.set(Id::DefaultF, &[amplitude])
    }

    /// Whether structure factors are interpolated between Bragg peaks. If not set: for crystals of two cells or fewer
    /// along any axis.
    pub fn interpolate(self, on: bool) -> Self {
        self.switch(if on { Id::Interpolate } else { Id::NoInterpolate })
    }
}

/// Beam.
impl ExperimentBuilder {
    /// Wavelength, Å.
    pub fn wavelength_angstroms(self, wavelength: f64) -> Self {
        self.set(Id::Wavelength, &[wavelength])
    }

    /// Photon energy in eV, instead of the wavelength.
    pub fn energy_electronvolts(self, energy: f64) -> Self {
        self.set(Id::Energy, &[energy])
    }

    /// Incident photons per m².
    pub fn fluence(self, photons_per_square_metre: f64) -> Self {
        self.set(Id::Fluence, &[photons_per_square_metre])
    }

    /// Incident photons per second during an exposure in s, on the area of the beam; overrides the fluence.
    pub fn flux(self, photons_per_second: f64, exposure_seconds: f64) -> Self {
        self.set(Id::Flux, &[photons_per_second]).set(Id::Exposure, &[exposure_seconds])
    }

    /// Width and height of the beam, mm. A smaller beam clips the crystal.
    pub fn beam_size_mm(self, size: f64) -> Self {
        self.set(Id::BeamSize, &[size])
    }

    /// Kahn polarisation factor, -1 to 1; `None` for no correction.
    pub fn polarization(self, kahn_factor: Option<f64>) -> Self {
        match kahn_factor {
            Some(factor) => self.set(Id::Polarization, &[factor]),
            None => self.switch(Id::NoPolarization),
        }
    }

    /// Spread of the wavelength in percent, and the number of wavelengths across it.
    pub fn dispersion_percent(self, spread: f64, steps: u32) -> Self {
        self.set(Id::Dispersion, &[spread]).set(Id::DispersionSteps, &[steps.into()])
    }

    /// Horizontal divergence in mrad, and the number of steps across it.
    pub fn horizontal_divergence_mrad(self, range: f64, steps: u32) -> Self {
        self.set(Id::HDivRange, &[range]).set(Id::HDivSteps, &[steps.into()])
    }

    /// Vertical divergence in mrad, and the number of steps across it.
    pub fn vertical_divergence_mrad(self, range: f64, steps: u32) -> Self {
        self.set(Id::VDivRange, &[range]).set(Id::VDivSteps, &[steps.into()])
    }

    /// Whether the grid of divergences is cut to an ellipse, as it is if not set.
    pub fn round_divergence(self, round: bool) -> Self {
        self.switch(if round { Id::RoundDivergence } else { Id::SquareDivergence })
    }

    /// Incident rays one by one, instead of grids of divergence and dispersion.
    pub fn sources(mut self, sources: &[RaySource]) -> Self {
        for (number, source) in sources.iter().enumerate() {
            let direction = source.position.iter().all(|x| x.is_finite()) && source.position != [0.0; 3];
            self = self.note(direction.then_some(()).ok_or(BuildError::NoDirection(number)));
            let wavelength = source.wavelength_metres;
            self = self.note(wavelength.map_or(Ok(()), |w| check(Id::Wavelength, 0, in_angstroms(w))));
        }
        let row = |source: &RaySource| {
            let [x, y, z] = source.position.map(Some);
            [x, y, z, None, source.wavelength_metres]
        };
        self.inputs.sources = Some(sources.iter().map(row).collect());
        self
    }
}

/// Detector.
impl ExperimentBuilder {
    /// Pixels along the fast and the slow axis.
    pub fn pixels(self, fast: u32, slow: u32) -> Self {
        self.set(Id::DetPixelsFast, &[fast.into()]).set(Id::DetPixelsSlow, &[slow.into()])
    }

    /// Size of a pixel, mm.
    pub fn pixel_size_mm(self, size: f64) -> Self {
        self.set(Id::PixelSize, &[size])
    }

    /// Width and height of the detector in mm, instead of a number of pixels.
    pub fn detector_size_mm(self, fast: f64, slow: f64) -> Self {
        self.set(Id::DetSizeFast, &[fast]).set(Id::DetSizeSlow, &[slow])
    }

    /// Sample to detector along the beam, mm. Selects the beam pivot.
    pub fn distance_mm(self, distance: f64) -> Self {
        self.set(Id::Distance, &[distance])
    }

    /// Sample to the nearest point of the detector, mm. Selects the sample pivot.
    pub fn close_distance_mm(self, distance: f64) -> Self {
        self.set(Id::CloseDistance, &[distance])
    }

    /// Swing of the detector about the two-theta axis, degrees. Selects the sample pivot.
    pub fn twotheta_degrees(self, angle: f64) -> Self {
        self.set(Id::Twotheta, &[angle])
    }

    /// Rotations of the detector about the lab's x, y and z, degrees.
    pub fn detector_rotation_degrees(self, x: f64, y: f64, z: f64) -> Self {
        self.set(Id::RotX, &[x]).set(Id::RotY, &[y]).set(Id::RotZ, &[z])
    }

    /// Thickness and attenuation depth of the sensor in µm, and the number of its layers.
    pub fn sensor_micrometres(self, thickness: f64, attenuation_depth: f64, layers: u32) -> Self {
        self.set(Id::DetectorThick, &[thickness])
            .set(Id::DetectorAbs, &[attenuation_depth])
            .set(Id::ThickSteps, &[layers.into()])
    }

    /// All pixels are at the same distance from the sample.
    pub fn curved(self) -> Self {
        self.switch(Id::CurvedDetector)
    }

    /// The solid angle follows from the distance only: no obliquity, no pixel size.
    pub fn point_pixels(self) -> Self {
        self.switch(Id::PointPixel)
    }

    /// The only pixels that are rendered, along the fast and the slow axis.
    pub fn region(self, fast: RangeInclusive<u32>, slow: RangeInclusive<u32>) -> Self {
        let ends = [*fast.start(), *fast.end(), *slow.start(), *slow.end()];
        self.set(Id::Roi, &ends.map(f64::from))
    }

    /// Pixels in the order of the image, the fast axis first: where the mask is 0 nothing is rendered.
    pub fn mask(mut self, mask: Vec<u16>) -> Self {
        self.inputs.mask = Some(mask);
        self
    }
}

/// Frame.
impl ExperimentBuilder {
    /// Convention that the beam centre and the axes follow; `Custom` has the axes of [`Axes::CUSTOM`].
    pub fn convention(self, convention: Convention) -> Self {
        let id = match convention {
            Convention::Custom => return self.custom_axes(Axes::CUSTOM),
            Convention::Adxv => Id::Adxv,
            Convention::Mosflm => Id::Mosflm,
            Convention::Xds => Id::Xds,
            Convention::Dials => Id::Dials,
            Convention::Denzo => Id::Denzo,
        };
        self.switch(id)
    }

    /// Axes of the laboratory and of the detector; selects the convention `Custom`.
    pub fn custom_axes(self, axes: Axes) -> Self {
        self.set(Id::FdetVector, &axes.fast.to_array())
            .set(Id::SdetVector, &axes.slow.to_array())
            .set(Id::OdetVector, &axes.normal.to_array())
            .set(Id::BeamVector, &axes.beam.to_array())
            .set(Id::PolarVector, &axes.polarization.to_array())
            .set(Id::SpindleAxis, &axes.spindle.to_array())
            .set(Id::TwothetaAxis, &axes.twotheta.to_array())
    }

    /// Corner of the first pixel, m; selects the convention `Custom`.
    pub fn origin_metres(self, x: f64, y: f64, z: f64) -> Self {
        self.set(Id::Pix0Vector, &[x, y, z])
    }

    /// Direct beam in the convention's own frame, mm. Selects the beam pivot.
    pub fn beam_centre_mm(self, x: f64, y: f64) -> Self {
        self.set(Id::Xbeam, &[x]).set(Id::Ybeam, &[y])
    }

    /// Nearest point of the detector in the convention's own frame, mm. Selects the sample pivot.
    pub fn nearest_point_mm(self, x: f64, y: f64) -> Self {
        self.set(Id::Xclose, &[x]).set(Id::Yclose, &[y])
    }

    /// Origin as XDS counts it along the fast and the slow axis, pixels. Selects the sample pivot.
    pub fn xds_origin_pixels(self, fast: f64, slow: f64) -> Self {
        self.set(Id::OrgX, &[fast]).set(Id::OrgY, &[slow])
    }

    /// What the detector turns about. A named convention has its own pivot and keeps it.
    pub fn pivot(self, pivot: Pivot) -> Self {
        let word = match pivot {
            Pivot::Sample => "sample",
            Pivot::Beam => "beam",
        };
        self.push(Id::Pivot, vec![word.into()])
    }
}

/// Sampling, and how defects of the C program are treated.
impl ExperimentBuilder {
    /// Sub-pixels along each side of a pixel. If not set: as many as the spots need.
    pub fn oversample(self, count: u32) -> Self {
        self.set(Id::Oversample, &[count.into()])
    }

    /// The capture fraction of the sensor for every sub-pixel, applied to the running sum.
    pub fn oversample_thick(self) -> Self {
        self.switch(Id::OversampleThick)
    }

    /// The polarisation for every sub-pixel, applied to the running sum.
    pub fn oversample_polar(self) -> Self {
        self.switch(Id::OversamplePolar)
    }

    /// The solid angle for every sub-pixel, applied to the running sum.
    pub fn oversample_omega(self) -> Self {
        self.switch(Id::OversampleOmega)
    }

    /// Resolution beyond which nothing is rendered, Å.
    pub fn resolution_limit_angstroms(self, dmin: f64) -> Self {
        self.set(Id::Dmin, &[dmin])
    }

    /// Edge of a water droplet that adds a flat background, µm.
    pub fn water_micrometres(self, edge: f64) -> Self {
        self.set(Id::Water, &[edge])
    }

    /// How each defect of the C program is treated.
    pub fn defects(mut self, defects: Defects) -> Self {
        self.defects = defects;
        self
    }
}
