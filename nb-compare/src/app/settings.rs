//! From options to settings; everything that only makes sense together is checked here.
//!
//! Not here: the options themselves (`options`).

use std::path::Path;

use nanobragg::error::UsageError;
use trace_harness::evidence::failure::Failure;
use trace_harness::evidence::held::Held;

use crate::cli::Options;
use crate::compare::Settings;
use crate::compare::metrics::{Measure, agreement};
use crate::compare::peaks::PeakOptions;
use crate::compare::region::Roi;
use crate::compare::verdict::Gates;
use crate::image::file;
use crate::image::pixels::Image;
use crate::image::shape::{BY_HAND, Candidate};

/// How to compare; a mask is read with one of `shapes`.
///
/// # Errors
/// Options that contradict themselves, or a mask that cannot be read.
pub(super) fn from(options: &Options, folder: &Path, shapes: &[Candidate]) -> Result<Settings, Failure> {
    let (low, high) = (options.sum_ratio[0], options.sum_ratio[1]);
    if low > high {
        let problem = format!("--sum-ratio `{low} {high}`: the least exceeds the largest");
        return Err(UsageError::new(problem, "MIN MAX").into());
    }
    let mask = options.mask.as_ref().map(|path| file::read_mask(&folder.join(path), shapes)).transpose()?;
    Ok(Settings {
        roi: roi(options)?,
        mask,
        resample: options.resample,
        measure: Measure {
            peaks: PeakOptions {
                percentile: options.peak_percentile,
                gate: options.peak_gate,
                ..PeakOptions::default()
            },
            rtol: options.rtol.unwrap_or(agreement::TOLERANCE),
        },
        gates: Gates {
            correlation: options.threshold,
            sum_ratio: (low, high),
            within: options.within.unwrap_or(Gates::default().within),
            max_ulp: options.max_ulp,
            peaks: options.peaks,
        },
    })
}

/// The options with where their mask is held, seen from `folder`, and what holds it.
///
/// # Errors
/// The mask is a pipe that cannot be read.
pub(super) fn with_held_mask(options: &Options, folder: &Path) -> Result<(Options, Vec<Held>), Failure> {
    let mut options = options.clone();
    options.mask = options.mask.map(|mask| folder.join(mask));
    let held = Held::all(&mut options.mask)?;
    Ok((options, held))
}

/// The region, if one was given.
///
/// # Errors
/// A minimum exceeds its maximum.
pub(super) fn roi(options: &Options) -> Result<Option<Roi>, UsageError> {
    let Some(limits) = &options.roi else { return Ok(None) };
    let roi = <[usize; 4]>::try_from(limits.as_slice()).ok().and_then(Roi::from_limits);
    roi.map(Some).ok_or_else(|| {
        let problem = format!("--roi `{limits:?}`: a minimum exceeds its maximum");
        UsageError::new(problem, "XMIN XMAX YMIN YMAX").hint("x is the fast axis; both limits are included")
    })
}

/// The shape, if one was given.
///
/// # Errors
/// It has no pixels.
pub(super) fn shape(options: &Options) -> Result<Option<Candidate>, UsageError> {
    match options.shape.as_deref() {
        None => Ok(None),
        Some(&[fast, slow]) if fast > 0 && slow > 0 => {
            Ok(Some(Candidate { shape: (fast, slow), source: BY_HAND }))
        }
        Some(other) => {
            Err(UsageError::new(format!("--shape `{other:?}`: no pixels"), "FAST SLOW, both above 0"))
        }
    }
}

/// A shape by hand and images that say another one of themselves contradict each other, unless B is to be resampled.
///
/// # Errors
/// An image has another shape than `--shape`, and than the region.
pub(super) fn agree_with_shape(options: &Options, images: &[(&Path, &Image)]) -> Result<(), UsageError> {
    let Some(Candidate { shape, .. }) = shape(options)?.filter(|_| !options.resample) else { return Ok(()) };
    let region = roi(options)?.map(|roi| (roi.fast(), roi.slow()));
    for (path, image) in images {
        let own = image.shape();
        if own != shape && Some(own) != region {
            let (fast, slow) = own;
            let problem =
                format!("--shape `{} {}`: `{}` has {fast} x {slow} pixels", shape.0, shape.1, path.display());
            let hint = "leave --shape out: the file says its shape itself";
            return Err(UsageError::new(problem, "the same shape").hint(hint));
        }
    }
    Ok(())
}

/// The stored reference: of the whole detector, or of the region only.
///
/// # Errors
/// It cannot be read, or has another shape than was said.
pub(super) fn read_reference(path: &Path, options: &Options, shapes: &[Candidate]) -> Result<Image, Failure> {
    // A file as large as the detector is one of the detector; the region comes last.
    let mut all = shapes.to_vec();
    if let Some(roi) = roi(options)? {
        all.push(Candidate { shape: (roi.fast(), roi.slow()), source: "the region" });
    }
    let image = file::read(path, &all)?;
    agree_with_shape(options, &[(path, &image)])?;
    Ok(image)
}
