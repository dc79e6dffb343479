//! Says how much there is to compute where it is absurdly much: counts that are fine by themselves multiply.
//!
//! Not here: counts that cannot be held at all (`model::sampling`), ranges of single counts (`cli::range`).

use crate::model::experiment::Experiment;

/// Terms from which on a run is more likely a mistake than meant: hours on any machine.
const ABSURD: f64 = 1e13;

/// Terms a second of one core, in round numbers.
const TERMS_A_SECOND: f64 = 1e8;

/// A sentence about a run of very many terms.
pub(super) fn absurd(e: &Experiment) -> Option<String> {
    let (columns, rows) = e.window();
    let (pixels, layers, steps) = (columns.len() * rows.len(), e.layers.max(1), e.sampling.steps);
    let terms = pixels as f64 * f64::from(layers) * f64::from(steps);
    let days = terms / TERMS_A_SECOND / 86_400.0;
    (terms >= ABSURD).then(|| {
        format!(
            "up to {terms:.1e} terms: {pixels} pixels x {steps} steps x {layers} layers of the sensor, some {days:.0} days of one \
             core; see -oversample, -phisteps, -mosaic_dom, -divsteps, -dispsteps, -detector_thicksteps"
        )
    })
}
