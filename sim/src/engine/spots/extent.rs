//! How far from a lattice point a spot can be seen, for shapes whose spots end.
//!
//! A flat spot has an edge. A Gaussian's term is left out where all terms that are left out together stay far below the smallest
//! float, or where the exponential is 0 in floating point. Not here: which pixels that leads to (`spots::list`), the test of
//! what is left out against the floats (`block`).

use crate::config::Shape;
use crate::engine::shape::spot::{GAUSSIAN_WIDTH, SPOT_EDGE, UNDERFLOW};
use crate::engine::spots::panel::Panel;
use crate::model::experiment::Experiment;

/// Logarithm of what may be missing: so far below the smallest float, 2^-149, that even of the smallest floats next to none
/// is changed by it.
const INVISIBLE: f64 = -160.0 * std::f64::consts::LN_2;

/// What spots reach.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Reach {
    /// The number that a squared distance (1/Å²) from a lattice point is multiplied with before the shape looks at it.
    scale: f64,
    edge: Edge,
}

/// Where a spot ends.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Edge {
    /// At a distance.
    Sharp,
    /// Where the exponential is 0.
    Underflow,
    /// Where it cannot be seen: logarithm of a pixel's photons at a lattice point with F = 1, at most.
    Invisible { ln_brightest: f64 },
}

impl Reach {
    /// Whether spots of this shape end.
    pub(crate) const fn ends(shape: Shape) -> bool {
        matches!(shape, Shape::Gauss | Shape::Tophat)
    }

    /// The reach of an experiment's spots; `None` for shapes without an end. `scale` turns intensities into photons.
    pub(crate) fn new(e: &Experiment, scale: f64, panel: &Panel) -> Option<Self> {
        let [na, nb, nc] = e.size.cells;
        let cells_sqr = na * na * nb * nb * nc * nc;
        let edge = match e.shape {
            Shape::Gauss if e.sampling.has_factors_per_term() || !panel.captures_at_most_all(e) => {
                // What the sum is multiplied by is not bounded.
                Edge::Underflow
            }
            Shape::Gauss => Edge::Invisible { ln_brightest: brightest(e, scale * cells_sqr, panel).ln() },
            Shape::Tophat => Edge::Sharp,
            Shape::Square | Shape::Round => return None,
        };
        let reach = Self { scale: cells_sqr * e.fudge, edge };
        let usable = reach.scale > 0.0 && reach.scale.is_finite() && reach.limit(1.0).is_finite();
        usable.then_some(reach)
    }

    /// Exponent beyond which terms with the squared structure factor `f_sqr` are left out; of flat spots what their shape is
    /// compared with. Negative where no term can be seen.
    pub(crate) fn limit(self, f_sqr: f64) -> f64 {
        match self.edge {
            Edge::Sharp => SPOT_EDGE,
            Edge::Underflow => -UNDERFLOW,
            // The factor is squared. One more for rounding.
            Edge::Invisible { ln_brightest } => {
                let exponent = 0.5 * (ln_brightest + ln_at_most(f_sqr) - INVISIBLE) + 1.0;
                // NaN stays.
                if exponent > -UNDERFLOW { -UNDERFLOW } else { exponent }
            }
        }
    }

    /// Logarithm, to the base 2, of the squared share of a Gaussian that is left there, for a squared structure factor.
    pub(crate) fn lowest_power(self, f_sqr: f64) -> f64 {
        -2.0 * std::f64::consts::LOG2_E * self.limit(f_sqr)
    }

    /// Distance from a lattice point at which that is, 1/m; 0 where no term can be seen.
    pub(crate) fn radius(self, f_sqr: f64) -> f64 {
        let width = if self.edge == Edge::Sharp { 1.0 } else { GAUSSIAN_WIDTH };
        (self.limit(f_sqr).max(0.0) * width / self.scale).sqrt() * 1e10
    }

    /// Bound of the photons that a pixel lacks without the terms that are left out.
    pub(crate) fn omitted(self) -> f64 {
        if matches!(self.edge, Edge::Invisible { .. }) { INVISIBLE.exp() } else { 0.0 }
    }
}

/// A number not below the natural logarithm and at most 0.06 above it, rising with `x`: for what is asked of every lattice
/// point. Subnormal numbers, infinity and what has no logarithm have the platform's.
fn ln_at_most(x: f64) -> f64 {
    if !(x.is_normal() && x > 0.0) {
        return x.ln();
    }
    // Exponent and digits behind the point; log2(1 + m) is between m and m + 0.0861.
    const MANTISSA_BITS: u32 = 52;
    const BIAS: f64 = 1023.0;
    let log2 = x.to_bits().cast_signed() as f64 / (1_u64 << MANTISSA_BITS) as f64 - BIAS;
    (log2 + 0.0861) * std::f64::consts::LN_2
}

/// Most photons of a pixel from terms of at most `largest` photons per steradian.
fn brightest(e: &Experiment, largest: f64, panel: &Panel) -> f64 {
    let distance = panel.nearest();
    let solid_angle = if e.point_pixel {
        1.0 / distance.powi(2)
    } else {
        e.pixel_size * e.pixel_size * e.detector.close_distance.abs() / distance.powi(3)
    };
    // Every step adds its share of a pixel, every layer a whole one; a polarisation factor is at most 1 + |Kahn| / 2.
    largest * f64::from(e.layers) * solid_angle * (1.0 + 0.5 * e.kahn_factor.abs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builder;

    fn experiment(flags: &str) -> Experiment {
        let common = "-cell 40 50 60 90 90 90 -N 20 -lambda 1 -distance 80 -detpixels 50 -default_F 5 -oversample 1 -seed 1";
        builder::experiment(&format!("{common} {flags}"), None).expect("a small experiment")
    }

    fn reach_of(e: &Experiment, scale: f64) -> Option<Reach> {
        Reach::new(e, scale, &Panel::new(e).expect("a flat panel"))
    }

    fn reach(flags: &str, scale: f64) -> Option<Reach> {
        reach_of(&experiment(flags), scale)
    }

    #[test]
    fn brighter_spots_reach_farther_and_what_is_left_out_cannot_be_seen() {
        let (dim, bright) =
            (reach("-gauss_xtal", 1.0).expect("ends"), reach("-gauss_xtal", 1e20).expect("ends"));
        assert!(dim.radius(25.0) < bright.radius(25.0), "{dim:?} {bright:?}");
        assert!(dim.radius(25.0) < dim.radius(26.0), "{dim:?}");
        for reach in [dim, bright] {
            let photons = reach.omitted();
            assert!(photons > 0.0 && photons < f64::from(f32::from_bits(1)) / 2.0, "{reach:?}");
        }
    }

    #[test]
    fn the_logarithm_of_a_bound_is_above_the_logarithm_by_little_and_rises() {
        let mut before = f64::NEG_INFINITY;
        for i in -40_000..40_000 {
            let x = (f64::from(i) / 60.0).exp();
            let bound = ln_at_most(x);
            assert!(bound > x.ln() && bound < x.ln() + 0.061, "{x:e}: {bound}");
            assert!(bound > before, "{x:e}");
            before = bound;
        }
        assert_eq!(ln_at_most(0.0), f64::NEG_INFINITY);
        assert_eq!(ln_at_most(f64::INFINITY), f64::INFINITY);
        assert!(ln_at_most(f64::NAN).is_nan() && ln_at_most(-1.0).is_nan());
        // Next to the numbers that have their digits: as the platform has it.
        assert!(ln_at_most(f64::MIN_POSITIVE / 2.0) < ln_at_most(f64::MIN_POSITIVE));
    }

    #[test]
    fn a_reflection_without_structure_factor_reaches_nothing() {
        let reach = reach("-gauss_xtal", 1.0).expect("ends");
        assert_eq!(reach.radius(0.0), 0.0);
    }

    #[test]
    fn where_sums_are_multiplied_by_anything_terms_are_left_out_only_if_they_are_0() {
        let near = reach("-gauss_xtal", 1.0).expect("ends");
        for flags in ["-gauss_xtal -oversample_omega", "-tophat_spots"] {
            assert_eq!(reach(flags, 1.0).expect("ends").omitted(), 0.0, "{flags}");
        }
        let mut e = experiment("-gauss_xtal -detector_thick 100");
        e.attenuation = -e.attenuation;
        assert_eq!(reach_of(&e, 1.0).expect("ends").omitted(), 0.0, "a sensor that adds photons");
        let far = reach("-gauss_xtal -oversample_omega", 1.0).expect("ends");
        assert!(far.radius(25.0) > 2.0 * near.radius(25.0));
    }

    #[test]
    fn a_sensor_that_takes_at_most_every_photon_bounds_the_reach() {
        let [thick, bare] =
            ["-gauss_xtal -detector_thick 100", "-gauss_xtal"].map(|flags| reach(flags, 1.0).expect("ends"));
        assert_eq!(thick.omitted(), bare.omitted());
        assert!(thick.radius(25.0) < 1.1 * bare.radius(25.0), "{thick:?} {bare:?}");
    }

    #[test]
    fn tails_without_an_end_and_light_without_a_bound_have_no_reach() {
        assert_eq!(reach("-round_xtal", 1.0), None);
        assert_eq!(reach("-gauss_xtal -fudge 0", 1.0), None);
        assert_eq!(reach("-gauss_xtal", f64::NAN), None);
    }
}
