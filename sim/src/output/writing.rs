//! The scaled outputs of one run: integer image, grey map and noise image, with their headers.
//!
//! Not here: the conversions (`quantize`, `pgm`, `noise`) and the formats (`image`).

use super::noise::{self, Noise};
use super::{atomic, pgm, quantize};
use crate::config::Config;
use crate::error::OutputError;
use crate::image::raster::Raster;
use crate::image::roi::Roi;
use crate::image::smv::{self, HeaderValues};
use crate::model::experiment::Experiment;
use crate::units::{DEGREES_PER_RADIAN, in_angstroms, in_millimetres};
use std::path::Path;

/// Scales settled for one image.
#[derive(Debug)]
pub(crate) struct ScaledImage<'a> {
    config: &'a Config,
    experiment: &'a Experiment,
    image: &'a Raster<f32>,
    roi: Roi,
    /// Counts per photon of the integer image.
    pub int_scale: f64,
}

impl<'a> ScaledImage<'a> {
    /// Settles the scale of the integer image if that was left to be automatic; `max` is the largest pixel.
    pub(crate) fn new(
        config: &'a Config,
        experiment: &'a Experiment,
        image: &'a Raster<f32>,
        max: f64,
    ) -> Self {
        let int_scale = quantize::automatic_scale(config.scaling.int_scale, max);
        let [fast_min, fast_max, slow_min, slow_max] = experiment.roi.map(i64::from);
        let roi = Roi { fast_min, fast_max, slow_min, slow_max };
        Self { config, experiment, image, roi, int_scale }
    }

    /// Grey levels per photon; `rmsd` is the deviation of the pixels from their mean.
    pub(crate) fn pgm_scale(&self, rmsd: f64) -> f64 {
        pgm::automatic_scale(self.config.scaling.pgm_scale, rmsd, self.int_scale)
    }

    /// Writes the integer image, up to its name.
    ///
    /// # Errors
    /// See [`atomic::write`].
    pub(crate) fn prepare_int(&self, path: &Path) -> Result<atomic::Ready, OutputError> {
        let header = smv::header_512(&self.header());
        let scale = (self.int_scale, self.config.scaling.adc_offset);
        atomic::prepare(path, |out| {
            out.write_all(&header)?;
            quantize::in_pieces(self.image, &self.roi, scale, |pixels| smv::write_pixels(out, pixels))
        })
    }

    /// Writes the grey map.
    ///
    /// # Errors
    /// See [`atomic::write`].
    pub(crate) fn write_pgm(&self, path: &Path, scale: f64) -> Result<(), OutputError> {
        let picture = pgm::to_u8(self.image, &self.roi, scale);
        atomic::write(path, |out| pgm::write(out, &picture, scale))
    }

    /// Draws the noise.
    pub(crate) fn draw_noise(&self) -> Noise {
        let mut shuffle = self.experiment.shuffle.clone();
        let window = self.experiment.window();
        noise::draw(self.image, window, self.config.scaling.adc_offset, &mut shuffle, self.config.seeds.noise)
    }

    /// Writes the noise image.
    ///
    /// # Errors
    /// See [`atomic::write`].
    pub(crate) fn write_noise(&self, path: &Path, noise: &Noise) -> Result<(), OutputError> {
        write_smv(path, &self.header().for_noise_image(), &noise.image)
    }

    /// The numbers of the header, in its units.
    fn header(&self) -> HeaderValues {
        let (c, f, d) = (&self.config.detector, &self.config.frame, &self.experiment.detector);
        let pixel = c.pixel_size;
        let [beam_fast, beam_slow] = d.beam_fs;
        HeaderValues {
            fast: c.pixels[0],
            slow: c.pixels[1],
            pixel_size: in_millimetres(pixel),
            distance: in_millimetres(d.distance),
            wavelength: in_angstroms(self.config.beam.wavelength),
            beam_center: f.beam_xy.map(in_millimetres),
            adxv_center: [in_millimetres(beam_fast), in_millimetres(c.size[1] - beam_slow)],
            mosflm_center: [beam_slow - 0.5 * pixel, beam_fast - 0.5 * pixel].map(in_millimetres),
            denzo_beam: [beam_slow - 0.0 * pixel, beam_fast - 0.0 * pixel].map(in_millimetres),
            dials_origin: d.dials_origin,
            xds_origin: d.xds_origin,
            close_distance: in_millimetres(d.close_distance),
            phi: self.config.sampling.phi_start * DEGREES_PER_RADIAN,
            osc_range: self.config.sampling.phi.range * DEGREES_PER_RADIAN,
            two_theta: c.twotheta * DEGREES_PER_RADIAN,
        }
    }
}

fn write_smv(path: &Path, header: &HeaderValues, counts: &Raster<u16>) -> Result<(), OutputError> {
    atomic::write(path, |out| smv::write(out, &smv::header_512(header), counts))
}
