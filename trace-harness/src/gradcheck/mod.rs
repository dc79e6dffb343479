//! Are the simulator's derivatives right? Its own against numerical ones of the reference engine, for many experiments.
//!
//! Two gates: a coarse one with a single small step, which ports of the simulator are used to, and a strict one, where
//! central differences are extrapolated to step zero. Not here: the experiments (`cases`), the tables (`report`), the
//! command (`command`).

pub mod cases;
mod losses;
pub mod report;

use nanobragg::Pixel;
use nanobragg::engine::EngineError;
use nanobragg::engine::derivative::oracle;
use nanobragg::engine::derivative::{GradientRequest, gradients};
use nanobragg::model::differentiability::{self, Differentiability};
use nanobragg::model::experiment::Experiment;
use nanobragg::model::parameter::Parameter;
use nanobragg::physics::numerical;
use serde::{Deserialize, Serialize};

use losses::{LOSSES, Losses};

/// Derivatives smaller than this share of the largest of a region are compared with that share: below it the rounding of
/// the values themselves hides them.
pub const FLOOR: f64 = 1e-2;

/// Limits of the gates.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Gates {
    /// Step of the coarse gate, in the user's unit, times the value where that is above 1.
    pub eps: f64,
    /// Absolute part of the coarse tolerance, photons per unit.
    pub atol: f64,
    /// Relative part of the coarse tolerance.
    pub rtol: f64,
    /// Relative tolerance of the strict gate.
    pub strict: f64,
}

/// What came out for one parameter in one experiment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GradientOutcome {
    /// Within both tolerances.
    Pass,
    /// Not.
    Fail,
    /// Zero everywhere, as it has to be.
    Zero,
    /// There is no such derivative.
    None,
}

/// One line of the table.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GradientRow {
    /// Name of the experiment.
    pub case: String,
    /// Parameter.
    pub parameter: String,
    /// `pixels`, or a loss.
    pub what: String,
    /// What came out.
    pub outcome: GradientOutcome,
    /// Why there is no derivative, or it is zero.
    pub reason: Option<String>,
    /// Largest error in units of the coarse tolerance.
    pub coarse: Option<f64>,
    /// Largest relative error of the strict gate.
    pub strict: Option<f64>,
    /// Where the strict error is largest.
    #[serde(default, with = "crate::pixel_pair")]
    pub pixel: Option<Pixel>,
    /// The simulator's derivative there, per the user's unit.
    pub analytic: Option<f64>,
    /// The numerical one there.
    pub numeric: Option<f64>,
}

/// One derivative twice.
#[derive(Clone, Copy)]
struct Pair {
    analytic: f64,
    coarse: f64,
    numeric: f64,
    /// What the strict error is at least relative to.
    floor: f64,
}

/// Checks an experiment by every parameter given.
///
/// # Errors
/// Derivatives that cannot be computed for want of memory or threads.
pub fn check(
    name: &str,
    e: &Experiment,
    parameters: &[Parameter],
    gates: &Gates,
) -> Result<Vec<GradientRow>, EngineError> {
    let mut rows = Vec::new();
    let worth = |p: &Parameter| differentiability::of(e, *p);
    let (none, some): (Vec<Parameter>, Vec<_>) =
        parameters.iter().partition(|p| matches!(worth(p), Differentiability::None(_)));
    let wanted = GradientRequest { parameters: &some, threads: 1, ..GradientRequest::default() };
    let found = gradients(e, &wanted)?;
    let pixels: Vec<Pixel> = found
        .rows
        .clone()
        .flat_map(|slow| found.columns.clone().map(move |fast| Pixel { slow, fast }))
        .collect();
    let image = oracle::photons(e, &pixels);
    let losses = Losses::new(&image);
    let sizes: Vec<f64> = image.into_iter().chain(losses.sizes()).collect();
    let values = |parameter: Parameter, x: f64| {
        let photons = oracle::photons(&moved(e, parameter, x), &pixels);
        let of_losses = losses.values(&photons);
        photons.into_iter().chain(of_losses).collect::<Vec<f64>>()
    };
    for (i, parameter) in some.iter().enumerate() {
        let slopes: Vec<f64> = found.by(i).iter().copied().collect();
        let zero = worth(parameter).reason();
        let step = gates.eps * e.value(*parameter).map_or(1.0, f64::abs).max(1.0);
        let (above, below) = (values(*parameter, step), values(*parameter, -step));
        let coarse: Vec<f64> = above.iter().zip(&below).map(|(a, b)| (a - b) / (2.0 * step)).collect();
        let strict = numerical::derivatives(first_step(e, *parameter), &sizes, |x| values(*parameter, x));
        let largest = strict[..pixels.len()].iter().map(|x| x.value.abs()).fold(0.0, f64::max);
        let pair = |k: usize, analytic: f64, floor: f64| Pair {
            analytic,
            coarse: coarse[k],
            numeric: strict[k].value,
            floor,
        };
        let of_pixels: Vec<Pair> =
            slopes.iter().enumerate().map(|(k, slope)| pair(k, *slope, FLOOR * largest)).collect();
        let mut row = row(name, *parameter, "pixels", &of_pixels, gates, zero);
        row.1.pixel = Some(pixels[row.0]);
        rows.push(row.1);
        for (k, (analytic, all)) in losses.slopes(&slopes).into_iter().enumerate() {
            // Terms of both signs cancel: what is left is known no better than they are.
            let pair = pair(pixels.len() + k, analytic, all);
            rows.push(self::row(name, *parameter, LOSSES[k], &[pair], gates, zero).1);
        }
    }
    rows.extend(none.iter().map(|parameter| absent(name, *parameter, worth(parameter).reason())));
    Ok(rows)
}

/// The line of derivatives of one kind, and the place of the worst.
fn row(
    case: &str,
    parameter: Parameter,
    what: &'static str,
    pairs: &[Pair],
    gates: &Gates,
    zero: Option<&'static str>,
) -> (usize, GradientRow) {
    let strict = |p: &Pair| {
        let difference = (p.analytic - p.numeric).abs();
        if difference == 0.0 { 0.0 } else { difference / p.numeric.abs().max(p.floor) }
    };
    let coarse = |p: &Pair| (p.analytic - p.coarse).abs() / (gates.atol + gates.rtol * p.coarse.abs());
    let largest = |of: &dyn Fn(&Pair) -> f64| {
        // NaN counts as worst.
        let ranked = pairs.iter().map(|p| if of(p).is_nan() { f64::INFINITY } else { of(p) }).enumerate();
        ranked.fold((0, 0.0), |worst, this| if this.1 > worst.1 { this } else { worst })
    };
    let ((_, coarse), (place, strict)) = (largest(&coarse), largest(&strict));
    let all_zero = pairs.iter().all(|p| p.analytic == 0.0);
    // Zero against zero everywhere, where a derivative is expected, compares nothing.
    let is_dark = zero.is_none() && all_zero && pairs.iter().all(|p| p.numeric == 0.0 && p.coarse == 0.0);
    let outcome = match zero {
        _ if is_dark => GradientOutcome::None,
        Some(_) if all_zero && strict == 0.0 => GradientOutcome::Zero,
        None if coarse <= 1.0 && strict <= gates.strict => GradientOutcome::Pass,
        _ => GradientOutcome::Fail,
    };
    let row = GradientRow {
        case: case.to_owned(),
        parameter: parameter.to_string(),
        what: what.to_owned(),
        outcome,
        reason: zero
            .or(is_dark.then_some("nothing in the image changes: nothing was compared"))
            .map(str::to_owned),
        coarse: Some(coarse),
        strict: Some(strict),
        pixel: None,
        analytic: pairs.get(place).map(|p| p.analytic),
        numeric: pairs.get(place).map(|p| p.numeric),
    };
    (place, row)
}

fn absent(case: &str, parameter: Parameter, reason: Option<&'static str>) -> GradientRow {
    GradientRow {
        case: case.to_owned(),
        parameter: parameter.to_string(),
        what: "pixels".to_owned(),
        outcome: GradientOutcome::None,
        reason: reason.map(str::to_owned),
        coarse: None,
        strict: None,
        pixel: None,
        analytic: None,
        numeric: None,
    }
}

/// Crystals up to this size, m, are differentiated with the steps of [`first_step`] as they stand.
const SMALL_CRYSTAL: f64 = 600e-10;

/// Largest step of numerical differentiation in the user's unit: a part of a spot's width. Spots of larger crystals are
/// narrower.
fn first_step(e: &Experiment, parameter: Parameter) -> f64 {
    let edges = e.domains().first().into_iter().flatten().zip(e.cells());
    let largest = edges.map(|(axis, count)| axis.norm() * count).fold(0.0, f64::max);
    let narrow = (SMALL_CRYSTAL / largest).min(1.0);
    match parameter {
        Parameter::Wavelength => 4e-3 * narrow,
        Parameter::Fluence => 1e27,
        Parameter::Cells(_) => 0.3,
        Parameter::Distance => 0.4 * narrow,
        // Spots are a quarter of a millimetre wide.
        Parameter::Centre(_) => 0.06 * narrow,
        Parameter::Reflection(_) => 1.0,
        _ => 0.2 * narrow,
    }
}

/// The experiment with a parameter changed by `x` of the user's units; unchanged where it has no such quantity.
fn moved(e: &Experiment, parameter: Parameter, x: f64) -> Experiment {
    e.moved_by(parameter, x).unwrap_or_else(|| e.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GATES: Gates = Gates { eps: 1e-6, atol: 1e-5, rtol: 0.05, strict: 1e-8 };

    fn outcome(analytic: f64, numeric: f64, zero: Option<&'static str>) -> GradientOutcome {
        let pair = Pair { analytic, coarse: numeric, numeric, floor: 0.0 };
        row("case", Parameter::Phi, "pixels", &[pair], &GATES, zero).1.outcome
    }

    #[test]
    fn a_derivative_that_is_off_in_the_eighth_digit_fails() {
        assert_eq!(outcome(3.0, 3.0, None), GradientOutcome::Pass);
        assert_eq!(outcome(3.0 * (1.0 + 3e-8), 3.0, None), GradientOutcome::Fail);
        assert_eq!(outcome(f64::NAN, 3.0, None), GradientOutcome::Fail);
    }

    #[test]
    fn what_has_to_be_zero_must_be() {
        assert_eq!(outcome(0.0, 0.0, Some("a reason")), GradientOutcome::Zero);
        assert_eq!(outcome(1e-9, 0.0, Some("a reason")), GradientOutcome::Fail);
        assert_eq!(outcome(0.0, 1e-3, Some("a reason")), GradientOutcome::Fail);
    }
}
