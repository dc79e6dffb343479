//! The comparison of two images in memory: bring them to one frame, measure, judge.
//!
//! Not here: where the images come from, and what is written about them.

pub(crate) mod judgement;
pub mod metrics;
pub mod peaks;
pub(crate) mod pixel;
pub(crate) mod recorded;
pub mod region;
pub(crate) mod settings;
pub(crate) mod verdict;

pub use settings::Settings;

use std::borrow::Cow;

use nanobragg::image::raster::Raster;
use trace_harness::evidence::exit::Exit;
use trace_harness::evidence::failure::EndsCommand;

use crate::compare::judgement::Judgement;
use crate::compare::metrics::Metrics;
use crate::compare::pixel::PixelNumber;
use crate::compare::recorded::Recorded;
use crate::compare::region::{Region, Roi};
use crate::compare::verdict::judge;
use crate::image::pixels::{Image, NumberKind, Pixels};

/// Two images that cannot be laid over each other, or a region or mask that does not fit them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// Different shapes.
    #[error("A has `{}x{}` pixels, B `{}x{}`; expected the same shape", .0.0, .0.1, .1.0, .1.1)]
    Shapes((usize, usize), (usize, usize)),
    /// The region leaves the images.
    #[error("the region `{}` leaves the image of `{}x{}` pixels; expected xmin xmax ymin ymax inside it", limits(.0), .1.0, .1.1)]
    Roi([usize; 4], (usize, usize)),
    /// The mask has another shape.
    #[error("the mask has `{}x{}` pixels, the image `{}x{}`; expected the same shape", .0.0, .0.1, .1.0, .1.1)]
    Mask((usize, usize), (usize, usize)),
    /// An image has no pixels.
    #[error("an image of `{}x{}` pixels has nothing to compare; expected at least one pixel", .0.0, .0.1)]
    Empty((usize, usize)),
}

impl EndsCommand for Misfit {
    fn exit(&self) -> Exit {
        match self {
            Self::Shapes(..) | Self::Mask(..) => Exit::Mismatch,
            Self::Roi(..) => Exit::Usage,
            Self::Empty(_) => Exit::Undecided,
        }
    }

    fn hint(&self) -> &str {
        match self {
            Self::Shapes(..) => "bring B to the shape of A with --resample",
            _ => "",
        }
    }
}

fn limits(limits: &[usize; 4]) -> String {
    limits.map(|n| n.to_string()).join(" ")
}

/// What came of a comparison.
#[derive(Debug, Clone)]
pub struct Comparison<'a> {
    /// The pixels that were compared, in single precision where they are shown.
    pub region: Region<'a>,
    /// What the files of A and of B hold.
    pub kinds: [NumberKind; 2],
    /// How they were compared.
    pub recorded: Recorded,
    /// B − A over the region, computed as precisely as the pixels are.
    pub difference: Raster<f32>,
    /// Everything measured.
    pub metrics: Metrics,
    /// The verdict.
    pub judgement: Judgement,
    /// Whether B was resampled.
    pub resampled: bool,
    /// The whole of B in single precision, where the region is not all of it.
    pub whole: Option<Cow<'a, Raster<f32>>>,
}

/// Compares `a` with `b`, in double precision if either has it. An `a` that has just the shape of the region is taken for that
/// part of the image.
///
/// # Errors
/// The images, the region or the mask do not fit each other.
pub fn compare<'a>(a: &'a Image, b: &'a Image, settings: &Settings) -> Result<Comparison<'a>, Misfit> {
    let kinds = [a.kind, b.kind];
    if let (Pixels::Single(a), Pixels::Single(b)) = (&a.pixels, &b.pixels) {
        let region = lay_over(a, b, settings)?;
        let measured = MeasuredRegion::of(&region, kinds, settings);
        return Ok(measured.shown(region, (shape(a), Cow::Borrowed(b)), kinds, settings));
    }
    let measured = {
        let (a, b) = (a.double(), b.double());
        let region = lay_over(&*a, &*b, settings)?;
        (MeasuredRegion::of(&region, kinds, settings), region.narrowed())
    };
    let (measured, region) = measured;
    Ok(measured.shown(region, (a.shape(), b.single()), kinds, settings))
}

/// What is computed from the pixels as precisely as they are.
struct MeasuredRegion {
    metrics: Metrics,
    judgement: Judgement,
    difference: Raster<f32>,
}

impl MeasuredRegion {
    fn of<T: PixelNumber>(region: &Region<'_, T>, kinds: [NumberKind; 2], settings: &Settings) -> Self {
        let mut metrics = Metrics::of(region, &settings.measure);
        // Equal numbers of two kinds are not the same bytes.
        metrics.byte_identical &= kinds[0] == kinds[1];
        let judgement = judge(&metrics, kinds, &settings.gates);
        Self { metrics, judgement, difference: region.difference() }
    }

    fn shown<'a>(
        self,
        region: Region<'a>,
        (shape_a, b): ((usize, usize), Cow<'a, Raster<f32>>),
        kinds: [NumberKind; 2],
        settings: &Settings,
    ) -> Comparison<'a> {
        let shape_of_b = shape(&b);
        let resampled = settings.resample && shape_of_b != frame(shape_a, shape_of_b, settings);
        let part = !resampled && (region.fast, region.slow) != shape_of_b;
        let whole = part.then_some(b);
        let recorded = Recorded::of(settings, [shape_a, shape_of_b]);
        let Self { metrics, mut judgement, difference } = self;
        if resampled {
            judgement.reason +=
                &format!(" (B brought from {} x {} to the shape of A)", shape_of_b.0, shape_of_b.1);
        }
        Comparison { region, kinds, recorded, difference, metrics, judgement, resampled, whole }
    }
}

fn shape<T>(image: &Raster<T>) -> (usize, usize) {
    (image.fast, image.slow)
}

fn lay_over<'a, T: PixelNumber>(
    a: &'a Raster<T>,
    b: &'a Raster<T>,
    settings: &Settings,
) -> Result<Region<'a, T>, Misfit> {
    let frame = frame(shape(a), shape(b), settings);
    let is_fit = settings.resample || shape(b) == frame;
    if !is_fit {
        return Err(Misfit::Shapes(shape(a), shape(b)));
    }
    if let Some(empty) = [a, b].into_iter().find(|image| image.data.is_empty()) {
        return Err(Misfit::Empty(shape(empty)));
    }
    if let Some(mask) = &settings.mask
        && shape(mask) != frame
    {
        return Err(Misfit::Mask(shape(mask), frame));
    }
    let roi = settings.roi.unwrap_or(Roi::whole(frame.0, frame.1));
    if roi.fast_max >= frame.0 || roi.slow_max >= frame.1 {
        return Err(Misfit::Roi(roi.limits(), frame));
    }
    let b = match shape(b) == frame {
        true => Cow::Borrowed(b),
        false => Cow::Owned(resampled(b, frame)),
    };
    let mask = settings.mask.as_ref();
    if shape(a) == frame {
        return Ok(match b {
            Cow::Borrowed(b) => Region::new(a, b, roi, mask),
            Cow::Owned(b) => Region::new(a, &b, roi, mask).into_owned(),
        });
    }
    // A holds the region only: cut B and the mask to it.
    let cut = |image: &Raster<T>| Raster { fast: roi.fast(), slow: roi.slow(), data: crop(image, roi) };
    let mask = mask.map(|m| Raster { fast: roi.fast(), slow: roi.slow(), data: crop(m, roi) });
    let mut region = Region::new(a, &cut(&b), Roi::whole(a.fast, a.slow), mask.as_ref()).into_owned();
    region.roi = roi;
    Ok(region)
}

/// The shape in which region and mask are given: that of A, unless A is just the region of B.
fn frame(a: (usize, usize), b: (usize, usize), settings: &Settings) -> (usize, usize) {
    match settings.roi {
        Some(roi) if a == (roi.fast(), roi.slow()) && a != b => b,
        _ => a,
    }
}

fn crop<T: Clone>(image: &Raster<T>, roi: Roi) -> Vec<T> {
    crate::compare::region::crop(image, roi).into_owned()
}

/// `image` in another shape, each pixel taken from the nearest one.
fn resampled<T: Copy>(image: &Raster<T>, (fast, slow): (usize, usize)) -> Raster<T> {
    let nearest =
        |i: usize, new: usize, old: usize| ((2 * i + 1) * old / (2 * new)).min(old.saturating_sub(1));
    let data = (0..slow).flat_map(|s| {
        let row = nearest(s, slow, image.slow) * image.fast;
        (0..fast).map(move |f| image.data[row + nearest(f, fast, image.fast)])
    });
    Raster { fast, slow, data: data.collect() }
}

#[cfg(test)]
mod tests {
    use nanobragg::Pixel;

    use super::*;
    use crate::compare::verdict::Gates;
    use trace_harness::evidence::verdict::Verdict;

    fn compare(a: &Raster<f32>, b: &Raster<f32>, settings: &Settings) -> Result<Comparison<'static>, Misfit> {
        let (a, b) = (Image::from(a.clone()), Image::from(b.clone()));
        super::compare(&a, &b, settings).map(|c| Comparison {
            region: c.region.into_owned(),
            whole: None,
            ..c
        })
    }

    fn image(fast: usize, slow: usize) -> Raster<f32> {
        let data = (0..fast * slow).map(|i| ((i as f32) * 0.61).sin() + 2.0).collect();
        Raster { fast, slow, data }
    }

    #[test]
    fn a_stored_part_is_compared_with_that_part() {
        let whole = image(20, 16);
        let roi = Roi::from_limits([3, 12, 2, 11]).unwrap();
        let part = Raster { fast: 10, slow: 10, data: crop(&whole, roi) };
        let settings = Settings { roi: Some(roi), ..Settings::default() };
        let c = compare(&part, &whole, &settings).unwrap();
        assert_eq!((c.judgement.verdict, c.metrics.totals.pixels, c.region.roi), (Verdict::Pass, 100, roi));
        assert!(c.metrics.byte_identical);
        let mut other = whole.clone();
        other.data[5 * 20 + 4] += 7.0;
        assert_eq!(
            compare(&part, &other, &settings).unwrap().metrics.max_abs_pixel,
            Some(Pixel { slow: 5, fast: 4 })
        );
    }

    #[test]
    fn what_does_not_fit_is_said_with_both_shapes() {
        let (a, b) = (image(8, 8), image(9, 8));
        let text = compare(&a, &b, &Settings::default()).unwrap_err().to_string();
        assert_eq!(text, "A has `8x8` pixels, B `9x8`; expected the same shape");
        let roi = Roi::from_limits([0, 8, 0, 7]);
        assert!(matches!(compare(&a, &a, &Settings { roi, ..Settings::default() }), Err(Misfit::Roi(..))));
        let mask = Some(Raster { fast: 2, slow: 2, data: vec![true; 4] });
        assert!(matches!(compare(&a, &a, &Settings { mask, ..Settings::default() }), Err(Misfit::Mask(..))));
    }

    #[test]
    fn images_without_a_pixel_are_refused_and_unlike_ones_do_not_fit() {
        let none = |fast, slow| Raster { fast, slow, data: Vec::new() };
        let resample = Settings { resample: true, ..Settings::default() };
        for (a, b) in [(none(0, 5), none(0, 5)), (none(0, 5), image(4, 5)), (image(4, 5), none(5, 0))] {
            assert!(matches!(compare(&a, &b, &resample), Err(Misfit::Empty(_))), "{a:?} {b:?}");
        }
        let plain = Settings::default();
        assert!(matches!(compare(&none(5, 0), &none(5, 0), &plain), Err(Misfit::Empty((5, 0)))));
        assert!(matches!(compare(&none(0, 5), &none(5, 0), &plain), Err(Misfit::Shapes(..))));
    }

    #[test]
    fn resampling_takes_nearest_neighbours() {
        let small = image(8, 8);
        let mut doubled = Raster { fast: 16, slow: 16, data: Vec::new() };
        doubled.data = (0..256).map(|i| small.data[i / 32 * 8 + i % 16 / 2]).collect();
        let settings = Settings { resample: true, ..Settings::default() };
        let c = compare(&small, &doubled, &settings).unwrap();
        assert!(c.resampled && c.metrics.byte_identical);
        let c = compare(&doubled, &small, &settings).unwrap();
        assert!(c.resampled && c.metrics.byte_identical);
    }

    #[test]
    fn doubles_are_compared_as_doubles() {
        let a = image(12, 9).map(|&v| f64::from(v));
        let b = a.map(|v| v * (1.0 + 1e-12));
        let settings =
            Settings { gates: Gates { max_ulp: Some(0), ..Gates::default() }, ..Settings::default() };
        let (a, b) = (Image::from(a), Image::from(b));
        let c = super::compare(&a, &b, &settings).unwrap();
        assert_eq!(c.judgement.verdict, Verdict::Fail);
        assert!(!c.metrics.byte_identical && c.metrics.ulp.max > Some(1000));
        assert!(c.difference.data.iter().all(|d| *d > 0.0), "the difference is not that of narrowed pixels");
        let c = super::compare(&a, &a, &settings).unwrap();
        assert_eq!(c.judgement.reason, "all 108 pixels are the same bits");
    }

    #[test]
    fn equal_numbers_of_two_kinds_are_the_same_values_and_not_the_same_bits() {
        let single = image(12, 9);
        let double = single.map(|&v| f64::from(v));
        let (a, b) = (single.into(), double.into());
        let c = super::compare(&a, &b, &Settings::default()).unwrap();
        assert_eq!(
            c.judgement.reason,
            "all 108 pixels are the same values, as 32-bit floats in A and 64-bit floats in B"
        );
        assert!(!c.metrics.byte_identical);
    }

    #[test]
    fn extreme_numbers_are_judged_as_ordinary_ones_are() {
        let wave = image(12, 9).map(|&v| f64::from(v) / 4.0);
        let other = Raster { data: wave.data.iter().rev().copied().collect(), ..wave.clone() };
        for scale in [1e308, 1e150, 1e-150, 1e-300, 1e-320] {
            let at_scale = |image: &Raster<f64>| Image::from(image.map(|&v| v * scale));
            let (a, b) = (at_scale(&wave), at_scale(&other));
            let same = super::compare(&a, &a, &Settings::default()).unwrap();
            assert_eq!(same.judgement.reason, "all 108 pixels are the same bits", "{scale:e}");
            assert_eq!(same.judgement.verdict, Verdict::Pass);
            assert_eq!(same.metrics.correlation.value(), Some(1.0), "{scale:e}");
            let unlike = super::compare(&a, &b, &Settings::default()).unwrap();
            let (a, b) = (Image::from(wave.clone()), Image::from(other.clone()));
            let plain = super::compare(&a, &b, &Settings::default()).unwrap();
            assert_eq!(unlike.judgement.verdict, Verdict::Fail, "{scale:e}: {}", unlike.judgement.reason);
            let correlation = [&unlike, &plain].map(|c| c.metrics.correlation.value().unwrap());
            // Subnormal numbers have few digits.
            assert!((correlation[0] - correlation[1]).abs() < 1e-3, "{scale:e}: {correlation:?}");
            let (whole, half) = (at_scale(&wave), at_scale(&wave.map(|&v| v / 2.0)));
            let halved = super::compare(&whole, &half, &Settings::default()).unwrap();
            assert!((halved.metrics.totals.sum_ratio().value().unwrap() - 0.5).abs() < 1e-3, "{scale:e}");
            assert_eq!(halved.judgement.verdict, Verdict::Fail);
        }
    }

    #[test]
    fn numbers_beyond_single_precision_stay_finite() {
        let a = Image::from(image(12, 9).map(|&v| f64::from(v) * 1e40));
        let c = super::compare(&a, &a, &Settings::default()).unwrap();
        assert_eq!(c.judgement.verdict, Verdict::Pass);
    }
}
