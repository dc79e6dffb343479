//! Reading everything that a run needs, and putting the experiment together.
//!
//! Not here: rendering (`run`), refining (`refinement`).

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use super::collisions::{self, Purpose};
use super::{corrections, suspicions, workload};
use crate::cli::options::Options;
use crate::cli::parse::Setting;
use crate::config::notice::Notice;
use crate::config::resolve::{Surroundings, header_files, resolve};
use crate::config::{Config, defaults};
use crate::console::Console;
use crate::defects::Defects;
use crate::error::{Error, UsageError};
use crate::input::Leniency;
use crate::input::provenance::Provenance;
use crate::loading::{self, LatestList, ranges};
use crate::model::experiment::Experiment;
use crate::pixel::Pixel;

/// Reads everything and puts the experiment together, with all warnings.
pub(super) fn prepare(
    settings: &[Setting],
    options: &Options,
    purpose: Purpose<'_>,
    list: &mut LatestList,
    console: &Console,
) -> Result<(Config, Experiment, Provenance), Error> {
    let leniency = if options.parity { Leniency::Reference } else { Leniency::Strict };
    let defects = Defects::with(&options.defects);
    let mut headers = loading::headers(header_files(settings), &defects, leniency)?;
    if !options.parity {
        headers.judge(settings)?;
    }
    let around = Surroundings {
        mask: headers.mask.as_ref().map(|m| m.geometry.clone()),
        image: headers.image.as_ref().map(|m| m.geometry.clone()),
        time: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs() as i64),
        lenient: options.parity,
    };
    let mut config = resolve(settings, defects, &around)?;
    traced_pixels(options, &config)?;
    if !options.parity {
        collisions::check(&config.files, purpose)?;
    }
    for warning in headers.notices.iter().chain(&config.notices) {
        console.warn(&warning.warning());
    }
    let (inputs, provenance) =
        loading::inputs(&config, headers, (leniency, options.threads), list, &|text| console.warn(text))?;
    let cache = &config.files.cache;
    let is_absent = config.files.hkl.is_none() && provenance.cache_read.is_none();
    if is_absent && !options.parity && cache != Path::new(defaults::CACHE) {
        console
            .warn(&format!("-dump: `{}` is no file; all structure factors are -default_F", cache.display()));
    }
    let experiment = Experiment::new(&config, inputs)?;
    if let (Some(path), false) = (&provenance.matrix, options.parity) {
        let warnings = ranges::matrix(path, &experiment.cell, config.beam.wavelength)?;
        warnings.iter().for_each(|text| console.warn(text));
    }
    let doubts = [workload::absurd(&experiment), suspicions::of_detector(&experiment)];
    doubts.iter().flatten().for_each(|text| console.warn(text));
    for defect in corrections::of(settings, &around, &config, &experiment)? {
        let notice = Notice::Corrected(defect);
        console.warn(&notice.warning());
        config.notices.push(notice);
    }
    if let Some((name, given, built)) = experiment.missed_angle(&config) {
        console.warn(&format!(
            "the reference builds this cell with {name} = {built:.4} degrees instead of {given} (C-CELL-001; \
             --defect C-CELL-001=correct builds it as given)"
        ));
    }
    Ok((config, experiment, provenance))
}

/// The pixels to trace.
pub(super) fn traced_pixels(options: &Options, config: &Config) -> Result<Vec<Pixel>, UsageError> {
    let [fast_pixels, slow_pixels] = config.detector.pixels;
    let is_inside = |pixel: &Pixel| pixel.slow < slow_pixels && pixel.fast < fast_pixels;
    let mut pixels = Vec::new();
    for pixel in &options.trace_pixels {
        pixels.push(pixel.counted().filter(is_inside).ok_or_else(|| {
            UsageError::new(
                format!("`--trace-pixel {} {}` is outside the detector", pixel.slow, pixel.fast),
                format!("slow below {slow_pixels} and fast below {fast_pixels}"),
            )
        })?);
    }
    // As the reference passes over pixels outside; who is not lenient has refused them.
    pixels.extend(config.console.trace_pixels.iter().copied().filter(is_inside));
    Ok(pixels)
}
