//! Which defects of the reference a run corrects so that its image differs from the C program's.
//!
//! Not here: defects that a run emulates (each has a notice or a warning where it is met), header keys (`loading` compares
//! both readings), interpolation that leaves the list (known only after rendering).

use crate::cli::parse::Setting;
use crate::config::Config;
use crate::config::resolve::{Surroundings, resolve};
use crate::defects::{Defect, Treatment};
use crate::error::UsageError;
use crate::model::detector::{Detector, place};
use crate::model::experiment::Experiment;
use crate::model::quantities::Quantities;

/// The corrected defects of this run, in the order of the list.
///
/// # Errors
/// Those of resolving the settings once more.
pub(super) fn of(
    settings: &[Setting],
    around: &Surroundings,
    config: &Config,
    experiment: &Experiment,
) -> Result<Vec<Defect>, UsageError> {
    let mut differing = Vec::new();
    for defect in Defect::ALL.iter().copied().filter(|defect| !config.defects.emulates(*defect)) {
        let differs = match defect {
            Defect::PhiCarryOver => {
                let phi = &experiment.orientations.phi;
                phi.len() > 1 && phi.contains(&0.0)
            }
            Defect::RandomMisset => experiment.drawn_misset.is_some(),
            Defect::CaptureZero => experiment.sampling.oversample_thick && experiment.thickness == 0.0,
            Defect::SkewedCell => experiment.cell_would_be_skewed(),
            // Those that decide where the detector stands.
            Defect::Pivot | Defect::Pix0 | Defect::TwothetaAxis => {
                let defects = config.defects.clone().and(defect, Treatment::Emulate);
                placed(&resolve(settings, defects, around)?) != placed(config)
            }
            // Noticed where headers are read, and after rendering.
            Defect::HeaderSubstring | Defect::InterpolationOff => false,
            // No image depends on the labels of a trace.
            Defect::TraceLabels => false,
        };
        if differs {
            differing.push(defect);
        }
    }
    Ok(differing)
}

fn placed(config: &Config) -> Detector {
    place(&config.detector, &config.frame, &Quantities::of(config, None))
}
