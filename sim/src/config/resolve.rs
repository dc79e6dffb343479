//! From settings to a configuration: the only place that applies precedence and defaults.
//!
//! Order: header of -mask, header of -img, then every flag from left to right; then what depends on several of them. Not
//! here: reading files, geometry.

use super::frame::{Axes, Centres, Frame, forced_pivot, normalized};
use super::notice::Notice;
pub use super::raw::HeaderGeometry;
use super::raw::RawConfig;
use super::sense;
use super::steps::{dispersion, divergence, mosaic, spindle, thickness};
use super::{
    BeamConfig, Config, ConsoleConfig, Convention, CrystalConfig, DetectorConfig, Files, Pivot,
    SamplingConfig, ScalingConfig, Seeds, defaults,
};
use super::{centre_flags, contradictions};
use crate::choices::Printout;
use crate::cli::parse::Setting;
use crate::defects::{Defect, Defects};
use crate::error::UsageError;
use crate::pixel::Pixel;
use crate::units::degrees;
use std::path::PathBuf;

/// What `resolve` needs beside the settings.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// Geometry from the header of -mask.
    pub mask: Option<HeaderGeometry>,
    /// Geometry from the header of -img.
    pub image: Option<HeaderGeometry>,
    /// Seconds since 1970, the seed where none is given.
    pub time: i64,
    /// Whether values that describe no experiment are passed through as the reference does.
    pub lenient: bool,
}

/// File names of -mask and -img, which are read before anything is resolved.
pub fn header_files(settings: &[Setting]) -> [Option<PathBuf>; 2] {
    use crate::cli::flags::Id;
    [Id::Mask, Id::Image].map(|id| {
        settings.iter().rev().find(|s| s.id == id).and_then(|s| s.values.first()).map(PathBuf::from)
    })
}

/// Resolves one run.
///
/// # Errors
/// Values that describe no experiment: no pixels, more pixels than the formats can hold, and, unless lenient, whatever else
/// cannot be: wavelengths that are not positive, directions of zeros, cells that cannot be closed, regions without pixels.
pub fn resolve(settings: &[Setting], defects: Defects, around: &Surroundings) -> Result<Config, UsageError> {
    let mut raw = RawConfig::default();
    for (header, is_mask) in [(&around.mask, true), (&around.image, false)] {
        if let Some(header) = header {
            raw.apply_header(header, is_mask);
        }
    }
    for setting in settings {
        raw.apply(setting, &defects);
    }
    if !around.lenient {
        sense::check(&raw, settings)?;
        raw.notices.extend(sense::unusual(settings));
        raw.notices.extend(contradictions::named(&raw, settings));
    }
    let pixels = pixel_counts(&mut raw)?;
    if !around.lenient {
        sense::region(&mut raw, pixels)?;
        sense::watched_pixels(&raw, pixels)?;
        sense::beam_position(&mut raw, pixels);
        sense::swing_axis(&mut raw);
    }
    raw.notices.extend(sense::forgotten_counts(&raw));
    let beam = beam(&mut raw);
    let frame = frame(&mut raw, &defects);
    if !around.lenient {
        raw.notices.extend(centre_flags::without_effect(&frame, settings));
    }
    let detector = detector(&mut raw, pixels, &defects, around.lenient);
    let sampling = sampling(&mut raw);
    if sampling.oversample_thick && detector.thickness.range == 0.0 && defects.emulates(Defect::CaptureZero) {
        raw.notices.push(Notice::CaptureZero);
    }
    let clock_seed = -around.time;
    Ok(Config {
        files: files(&raw),
        beam,
        detector,
        frame,
        crystal: CrystalConfig {
            cells: raw.cells,
            size: raw.size,
            cell: raw.cell,
            misset: raw.misset,
            shape: raw.shape,
            fudge: raw.fudge,
            default_f: raw.default_f,
            interpolation: raw.interpolation,
        },
        sampling,
        seeds: Seeds {
            noise: raw.seed.unwrap_or(clock_seed),
            mosaic: raw.mosaic_seed,
            misset: raw.misset_seed.unwrap_or(clock_seed),
        },
        scaling: ScalingConfig {
            int_scale: raw.int_scale,
            pgm_scale: raw.pgm_scale,
            adc_offset: raw.adc_offset,
        },
        console: ConsoleConfig {
            progress: raw.progress,
            printout: printout(&raw),
            trace_pixels: raw.trace_pixel.and_then(Pixel::counted).into_iter().collect(),
        },
        defects,
        notices: raw.notices,
    })
}

/// Which pixels to print. As in the reference, a column below 0 stands for all pixels, and a row below 0 for none.
fn printout(raw: &RawConfig) -> Printout {
    match raw.printout_pixel {
        _ if !raw.printout => Printout::Nothing,
        Some(one) if one.fast >= 0 => one.counted().map_or(Printout::Nothing, Printout::One),
        _ => Printout::All,
    }
}

/// Settles sizes in m and counts: an explicit count sets the size, then the count is recomputed from the size.
fn pixel_counts(w: &mut RawConfig) -> Result<[usize; 2], UsageError> {
    let mut counts = [0_i32; 2];
    for (i, count) in counts.iter_mut().enumerate() {
        if w.pixels[i] != 0 {
            w.detector_size[i] = w.pixel_size * f64::from(w.pixels[i]);
        }
        *count = (w.detector_size[i] / w.pixel_size - 0.5).ceil() as i32;
    }
    let expected = "1 to 2147483647 pixels in all (see -detpixels, -detsize, -pixel)";
    let total = i64::from(counts[0]) * i64::from(counts[1]);
    if counts[0] <= 0 || counts[1] <= 0 || total > i64::from(i32::MAX) - 16 {
        return Err(UsageError::new(
            format!("a detector of `{} x {}` pixels", counts[0], counts[1]),
            expected,
        ));
    }
    Ok(counts.map(|c| c as usize))
}

/// Fluence from flux, and the sample clipped to the beam.
fn beam(w: &mut RawConfig) -> BeamConfig {
    let mut fluence = w.fluence.unwrap_or(defaults::FLUENCE);
    if w.flux != 0.0 && w.exposure > 0.0 && w.beam_size >= 0.0 {
        let from_flux = w.flux * w.exposure / w.beam_size / w.beam_size;
        if let Some(given) = w.fluence {
            w.notices.push(Notice::FluenceFromFlux(given, from_flux));
        }
        fluence = from_flux;
    }
    if w.beam_size >= 0.0 {
        if w.beam_size < w.size[1] {
            w.notices.push(Notice::SampleHeightClipped(w.size[1], w.beam_size));
            w.size[1] = w.beam_size;
        }
        if w.beam_size < w.size[2] {
            w.notices.push(Notice::SampleWidthClipped(w.size[2], w.beam_size));
            w.size[2] = w.beam_size;
        }
    }
    BeamConfig {
        wavelength: w.wavelength,
        dispersion: dispersion(w.dispersion),
        horizontal_divergence: divergence(w.h_div),
        vertical_divergence: divergence(w.v_div),
        round_divergence: w.round_divergence,
        fluence,
        flux: w.flux,
        exposure: w.exposure,
        beam_size: w.beam_size,
        kahn_factor: w.kahn_factor,
        no_polarization: w.no_polarization,
    }
}

/// Convention, pivot, axes and centres.
fn frame(w: &mut RawConfig, defects: &Defects) -> Frame {
    let axes = Axes::of(w.convention).unwrap_or(w.axes);
    if let (Convention::Custom, Some(named)) = (w.convention, w.named) {
        w.notices.push(Notice::ConventionBecameCustom(named.name()));
    }
    let mut pivot = w.pivot;
    let mut released = false;
    if let Some(forced) = forced_pivot(w.convention) {
        pivot = forced;
        if let Some((flag, requested)) = w.explicit_pivot.filter(|(_, requested)| *requested != forced) {
            if defects.emulates(Defect::Pivot) {
                w.notices.push(Notice::PivotOverridden(flag, forced.name(), w.convention.name()));
            } else {
                (pivot, released) = (requested, true);
            }
        }
    }
    let (axes, rebuilt) = normalized(axes);
    if rebuilt {
        w.notices.push(Notice::NormalRebuilt);
    }
    let centres = Centres {
        beam: w.beam_xy,
        close: w.close_xy,
        origin: w.origin_xy,
        size: w.detector_size,
        pixel: w.pixel_size,
    };
    let mut frame = Frame::new(w.convention, pivot, axes, &centres);
    // A named convention that is allowed to turn about the sample needs its nearest point where the user put the beam.
    if released && pivot == Pivot::Sample && w.origin_xy == [None; 2] {
        frame.close_fs = frame.beam_fs;
    }
    frame
}

fn detector(w: &mut RawConfig, pixels: [usize; 2], defects: &Defects, lenient: bool) -> DetectorConfig {
    let thickness = thickness(w.thickness);
    let mut attenuation = w.attenuation;
    if thickness.range > 0.0 && attenuation < 0.0 {
        attenuation = 1.0 / thickness.range;
        // The reference prints the coefficient (1/m) where it says the depth.
        let printed = if lenient { attenuation } else { thickness.range };
        w.notices.push(Notice::AttenuationFromThickness(printed));
    }
    let ends = [pixels[0] as i32, pixels[1] as i32];
    let limit = |i: usize, default: i32| if w.roi[i] < 0 { default } else { w.roi[i] };
    let roi = [limit(0, 0), limit(1, ends[0]), limit(2, 0), limit(3, ends[1])];
    let mut origin = None;
    if w.convention == Convention::Custom && w.pix0.is_some() {
        if defects.emulates(Defect::Pix0) {
            w.notices.push(Notice::Pix0Ignored);
        } else {
            origin = w.pix0;
        }
    }
    DetectorConfig {
        pixels,
        pixel_size: w.pixel_size,
        size: w.detector_size,
        distance: w.distance,
        close_distance: w.close_distance,
        rotations: w.rotations,
        twotheta: w.twotheta,
        curved: w.curved,
        point_pixel: w.point_pixel,
        thickness,
        attenuation,
        roi,
        origin,
    }
}

fn sampling(w: &mut RawConfig) -> SamplingConfig {
    let (spread, domains, notice) = mosaic(w.mosaic_spread, w.mosaic_domains);
    w.notices.extend(notice);
    let [oversample_thick, oversample_polar, oversample_omega] = w.oversample_switches;
    SamplingConfig {
        phi_start: w.phi_start,
        phi: spindle(w.phi, degrees(1.0)),
        mosaic_spread: spread,
        mosaic_domains: domains,
        oversample: w.oversample,
        oversample_thick,
        oversample_polar,
        oversample_omega,
        dmin: w.dmin,
        water_size: w.water_size,
    }
}

fn files(w: &RawConfig) -> Files {
    let or = |path: &Option<PathBuf>, default: &str| path.clone().unwrap_or_else(|| PathBuf::from(default));
    let f = &w.files;
    Files {
        hkl: f.hkl.clone(),
        cache: or(&f.cache, defaults::CACHE),
        matrix: f.matrix.clone(),
        sources: f.sources.clone(),
        scattering_table: f.scattering_table.clone(),
        mask: f.mask.clone(),
        image: f.image.clone(),
        float: or(&f.float, defaults::FLOAT_FILE),
        int: or(&f.int, defaults::INT_FILE),
        pgm: w.write_pgm.then(|| or(&f.pgm, defaults::PGM_FILE)),
        noise: w.write_noise.then(|| or(&f.noise, defaults::NOISE_FILE)),
    }
}
