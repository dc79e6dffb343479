//! Warnings about an image that came out empty or impossible, with what may be behind it.
//!
//! Not here: values that are refused or named before anything is rendered (`config::sense`).

use crate::config::Config;
use crate::engine::statistics::Totals;
use crate::image::raster::Raster;
use crate::model::experiment::Experiment;
use crate::pixel::Pixel;
use crate::units::in_angstroms;

/// A detector that no beam meets in front, which its image may not show.
pub(super) fn of_detector(experiment: &Experiment) -> Option<String> {
    let cosine = experiment.detector.beam_in_frame.z;
    let edge_on = cosine.abs() < 1e-6 && !experiment.curved;
    edge_on.then(|| {
        "the beam lies in the plane of the detector, which is seen edge-on (see -detector_rotx, -detector_roty, -twotheta, \
         -odet_vector)"
            .to_owned()
    })
}

/// Rendered pixels by what is wrong with them.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    rendered: usize,
    nan: usize,
    infinite: usize,
    negative: usize,
    zero: usize,
}

/// One sentence for each thing that is wrong with the image, whose pixels `totals` has taken in; none for an image of finite
/// intensities.
pub(super) fn of(
    config: &Config,
    experiment: &Experiment,
    image: &Raster<f32>,
    totals: &Totals,
) -> Vec<String> {
    if totals.are_fine() {
        return Vec::new();
    }
    let counts = count(experiment, image);
    if counts.rendered == 0 {
        return vec!["no pixel is rendered: the mask or the region leaves none".to_owned()];
    }
    let named = [(counts.nan, "NaN"), (counts.infinite, "infinite"), (counts.negative, "negative")];
    let mut suspicions: Vec<String> =
        named.iter().filter(|(n, _)| *n > 0).map(|(n, what)| sentence(*n, counts.rendered, what)).collect();
    if counts.zero == counts.rendered {
        let cause = why_empty(config, experiment);
        suspicions.push(
            sentence(counts.zero, counts.rendered, "zero")
                + &cause.map_or_else(String::new, |c| format!(": {c}")),
        );
    }
    suspicions
}

fn sentence(count: usize, of: usize, what: &str) -> String {
    if count == of {
        format!("all {of} rendered pixels are {what}")
    } else {
        format!("{count} of {of} rendered pixels are {what}")
    }
}

fn count(experiment: &Experiment, image: &Raster<f32>) -> Counts {
    let (columns, rows) = experiment.window();
    let mut counts = Counts::default();
    for slow in rows {
        let row = &image.data[slow * image.fast..][columns.clone()];
        for (fast, value) in columns.clone().zip(row) {
            if !experiment.is_masked(Pixel { slow, fast }) {
                counts.add(*value);
            }
        }
    }
    counts
}

impl Counts {
    fn add(&mut self, value: f32) {
        self.rendered += 1;
        self.nan += usize::from(value.is_nan());
        self.infinite += usize::from(value.is_infinite());
        self.negative += usize::from(value < 0.0);
        self.zero += usize::from(value == 0.0);
    }
}

/// What is known to make an image empty, the likeliest first.
fn why_empty(config: &Config, experiment: &Experiment) -> Option<String> {
    let wavelength = in_angstroms(config.beam.wavelength);
    if wavelength < 1e-6 {
        return Some(format!("a wavelength of {wavelength:e} Å looks like metres (see -lambda)"));
    }
    if config.sampling.dmin > 0.0 {
        return Some("it may be that all of them are beyond the resolution of -dmin".to_owned());
    }
    if experiment.structure_factors.is_loaded() && config.crystal.default_f == 0.0 {
        return Some(
            "it may be that the reflection list does not reach what the detector sees, and -default_F is 0"
                .to_owned(),
        );
    }
    None
}
