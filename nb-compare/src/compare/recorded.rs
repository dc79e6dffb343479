//! How two images were compared, as it stands in the evidence: with it and the images, everything can be computed again.
//!
//! Not here: doing so (`recompute`).

use serde::{Deserialize, Serialize};

use crate::compare::metrics::Measure;
use crate::compare::peaks::{LARGEST_GATE, PeakOptions};
use crate::compare::region::Roi;
use crate::compare::settings::Settings;
use crate::compare::verdict::Gates;

/// Settings, and the shapes of the images as they were before a region was cut.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recorded {
    /// The images of the reference and of the candidate: files of the bundle, or tokens of its inputs.
    pub images: [String; 2],
    /// Pixels of the reference along the fast and the slow axis.
    pub shape_reference: [usize; 2],
    /// Pixels of the candidate.
    pub shape_candidate: [usize; 2],
    /// Region: first and last fast pixel, first and last slow pixel; all of the image if there is none.
    pub roi: Option<[usize; 4]>,
    /// Token of the mask among the inputs, if there is one.
    pub mask: Option<String>,
    /// Whether the candidate was to be brought to the shape of the reference.
    pub resample: bool,
    /// Percentile that a peak exceeds.
    pub peak_percentile: f64,
    /// Least distance of two peaks of one image, in pixels.
    pub peak_separation_px: usize,
    /// Largest distance of two peaks that match, in pixels.
    pub peak_gate_px: f64,
    /// Largest relative difference of pixels that agree.
    pub rtol: f64,
    /// Least correlation.
    pub threshold: f64,
    /// Least and largest ratio of the sums, candidate over reference.
    pub sum_ratio: [f64; 2],
    /// Least share of pixels that agree.
    pub within: f64,
    /// Largest distance of any pixel in units of the last place, where asked.
    pub max_ulp: Option<u64>,
    /// Least fraction of matched peaks, where asked.
    pub peaks: Option<f64>,
}

/// Settings that no comparison can have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsFault {
    /// The region is empty.
    #[error("the region `{0:?}` has no pixel")]
    NoPixel([usize; 4]),
    /// A number is beyond what the option of this name takes.
    #[error("`{0}` is out of its range")]
    Range(&'static str),
}

impl Recorded {
    /// How images of these shapes are compared.
    pub fn of(settings: &Settings, [a, b]: [(usize, usize); 2]) -> Self {
        let Settings { roi, mask: _, resample, measure, gates } = settings;
        Self {
            images: Default::default(),
            shape_reference: a.into(),
            shape_candidate: b.into(),
            roi: roi.map(|roi| roi.limits()),
            mask: None,
            resample: *resample,
            peak_percentile: measure.peaks.percentile,
            peak_separation_px: measure.peaks.separation,
            peak_gate_px: measure.peaks.gate,
            rtol: measure.rtol,
            threshold: gates.correlation,
            sum_ratio: gates.sum_ratio.into(),
            within: gates.within,
            max_ulp: gates.max_ulp,
            peaks: gates.peaks,
        }
    }

    /// What is asked less strictly than where nothing is named, in words.
    pub fn looser(&self) -> Vec<String> {
        let usual = Self::of(&Settings::default(), [(0, 0); 2]);
        let [low, high] = self.sum_ratio;
        let limits = self.roi.unwrap_or_default().map(|limit| limit.to_string());
        let loose = [
            (self.threshold < usual.threshold, format!("a correlation of {}", self.threshold)),
            (
                low < usual.sum_ratio[0] || high > usual.sum_ratio[1],
                format!("a ratio of sums from {low} to {high}"),
            ),
            (self.within < usual.within, format!("a share of {} of agreeing pixels", self.within)),
            (self.roi.is_some(), format!("the pixels of the region {} only", limits.join(" "))),
            (self.mask.is_some(), "the pixels that a mask leaves only".to_owned()),
            (
                self.resample && self.shape_reference != self.shape_candidate,
                "B brought to the shape of A".to_owned(),
            ),
            (self.rtol > usual.rtol, format!("agreement within {}", self.rtol)),
        ];
        loose.into_iter().filter(|(is, _)| *is).map(|(_, what)| what).collect()
    }

    /// The settings again, without a mask.
    ///
    /// # Errors
    /// They are none that a comparison can have: what comes from somebody else's bundle may be anything.
    pub fn settings(&self) -> Result<Settings, SettingsFault> {
        let share = |value: f64| (0.0..=1.0).contains(&value);
        let roi = match self.roi.map(|limits| (limits, Roi::from_limits(limits))) {
            Some((limits, None)) => return Err(SettingsFault::NoPixel(limits)),
            found => found.and_then(|(_, roi)| roi),
        };
        let ranges = [
            ("peak_percentile", (0.0..=100.0).contains(&self.peak_percentile)),
            ("peak_gate_px", self.peak_gate_px > 0.0 && self.peak_gate_px <= LARGEST_GATE),
            ("peak_separation_px", (1..=1000).contains(&self.peak_separation_px)),
            ("rtol", share(self.rtol) && self.rtol < 1.0),
            ("threshold", share(self.threshold)),
            ("sum_ratio", self.sum_ratio.iter().all(|r| r.is_finite() && *r > 0.0)),
            ("within", share(self.within)),
            ("peaks", self.peaks.is_none_or(share)),
        ];
        if let Some((name, _)) = ranges.iter().find(|(_, holds)| !holds) {
            return Err(SettingsFault::Range(name));
        }
        let peaks = PeakOptions {
            percentile: self.peak_percentile,
            separation: self.peak_separation_px,
            gate: self.peak_gate_px,
        };
        Ok(Settings {
            roi,
            mask: None,
            resample: self.resample,
            measure: Measure { peaks, rtol: self.rtol },
            gates: Gates {
                correlation: self.threshold,
                sum_ratio: self.sum_ratio.into(),
                within: self.within,
                max_ulp: self.max_ulp,
                peaks: self.peaks,
            },
        })
    }
}
