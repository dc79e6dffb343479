//! The figures of a comparison as JSON: the fields that `summary.json` and `metrics.json` hold.
//!
//! Not here: writing files.

use serde_json::{Map, Value, json};

use crate::compare::Comparison;
use crate::compare::metrics::{DEFINITIONS, Measured, Metrics};

/// Every metric by name: a number or `null`, and under `undefined` why it is `null`.
pub fn metrics(m: &Metrics) -> Map<String, Value> {
    let mut fields = Fields::default();
    fields.counts(m);
    fields.differences(m);
    fields.likeness(m);
    fields.ulp(m);
    fields.peaks(m);
    fields.finish()
}

#[derive(Default)]
struct Fields {
    values: Map<String, Value>,
    undefined: Map<String, Value>,
}

impl Fields {
    fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.values.insert(name.to_owned(), value.into());
    }

    fn measured(&mut self, name: &str, value: &Measured) {
        self.set(name, value.value());
        if let Some(why) = value.reason() {
            self.undefined.insert(name.to_owned(), why.into());
        }
    }

    fn counts(&mut self, m: &Metrics) {
        self.set("metrics_version", DEFINITIONS);
        self.set("pixels_compared", m.totals.pixels);
        self.set("pixels_masked", m.masked);
        self.set("nonzero_reference", m.totals.nonzero[0]);
        self.set("nonzero_candidate", m.totals.nonzero[1]);
        self.set("non_finite_reference", m.non_finite[0]);
        self.set("non_finite_candidate", m.non_finite[1]);
    }

    fn differences(&mut self, m: &Metrics) {
        self.measured("mse", &m.totals.mse());
        self.measured("rmse", &m.totals.rmse());
        self.measured("max_abs_diff", &m.totals.largest_difference());
        self.set(
            "max_abs_diff_at",
            m.max_abs_pixel.map(|pixel| json!({"fast": pixel.fast, "slow": pixel.slow})),
        );
        self.measured("sum_reference", &m.totals.sum_of(0));
        self.measured("sum_candidate", &m.totals.sum_of(1));
        self.measured("sum_ratio", &m.totals.sum_ratio());
        self.measured("best_scale", &m.totals.best_scale());
        self.measured("residual_rmse", &m.residual.rmse);
        self.measured("residual_fraction", &m.residual.fraction);
    }

    fn likeness(&mut self, m: &Metrics) {
        self.measured("correlation", &m.correlation);
        self.measured("log_correlation", &m.log_correlation);
        self.measured("rank_correlation", &m.rank_correlation);
        self.measured("agreement", &m.agreement.share);
        self.set("agreement_rtol", m.agreement.tolerance);
        self.set("agreement_counting_noise", m.agreement.counts);
        self.set("variance_carriers", m.agreement.carriers);
        self.measured("ssim", &m.ssim);
        self.measured("shift_fast_px", &m.shift.fast);
        self.measured("shift_slow_px", &m.shift.slow);
        self.measured("shift_peak", &m.shift.peak);
    }

    fn ulp(&mut self, m: &Metrics) {
        self.set("byte_identical", m.byte_identical);
        self.measured("identical_fraction", &m.identical_fraction());
        self.set("ulp_median", m.ulp.median);
        self.set("ulp_p99", m.ulp.p99);
        self.set("ulp_max", m.ulp.max);
        self.set("ulp_histogram", m.ulp.histogram.clone());
    }

    fn peaks(&mut self, m: &Metrics) {
        self.set("peaks_reference", m.peaks.found[0]);
        self.set("peaks_candidate", m.peaks.found[1]);
        self.set("peaks_matched", m.peaks.matched);
        self.measured("peaks_matched_fraction", &m.peaks.fraction);
        self.measured("peaks_distance_mean_px", &m.peaks.distance[0]);
        self.measured("peaks_distance_max_px", &m.peaks.distance[1]);
        self.measured("peaks_height_ratio", &m.peaks.height_ratio);
        self.measured("peaks_height_correlation", &m.peaks.height_correlation);
    }

    fn finish(mut self) -> Map<String, Value> {
        self.values.insert("undefined".to_owned(), Value::Object(self.undefined));
        self.values
    }
}

/// The fields of `summary.json` that speak of the two images.
pub(crate) fn comparison(c: &Comparison<'_>) -> Map<String, Value> {
    let mut fields = Map::new();
    let [xmin, xmax, ymin, ymax] = c.region.roi.limits();
    fields.insert("roi".to_owned(), json!({"xmin": xmin, "xmax": xmax, "ymin": ymin, "ymax": ymax}));
    fields.insert("resample".to_owned(), c.resampled.into());
    let [a, b] = c.kinds.map(|kind| kind.to_string());
    fields.insert("number_types".to_owned(), json!({"reference": a, "candidate": b}));
    fields.insert("settings".to_owned(), serde_json::to_value(&c.recorded).unwrap_or_default());
    fields.extend(metrics(&c.metrics));
    fields.insert("gates".to_owned(), serde_json::to_value(&c.judgement.gates).unwrap_or_default());
    fields
}
