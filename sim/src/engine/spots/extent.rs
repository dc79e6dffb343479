//! How far from a lattice point a spot can be seen, for shapes whose spots end.
//!
//! A flat spot has an edge. A Gaussian's term is left out where all terms that are left out together stay far below the smallest
//! float, or where the exponential is 0 in floating point. Not here: which pixels that leads to (`spots::map`), the test of
//! what is left out against the floats (`block`).

use crate::config::Shape;
use crate::engine::shape::spot::{SPOT_EDGE, UNDERFLOW};
use crate::model::experiment::Experiment;

/// Logarithm of a quarter of the smallest float, 2^-149: what is below half of it rounds to 0.
const INVISIBLE: f64 = -151.0 * std::f64::consts::LN_2;

/// What a spot reaches.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Reach {
    /// Distance from a lattice point beyond which terms are left out, 1/m.
    pub radius: f64,
    /// Bound of the photons that a pixel lacks without them.
    pub omitted: f64,
}

impl Reach {
    /// Whether spots of this shape end.
    pub(crate) const fn ends(shape: Shape) -> bool {
        matches!(shape, Shape::Gauss | Shape::Tophat)
    }

    /// The reach of an experiment's spots; `None` for shapes without an end. `scale` turns intensities into photons, no
    /// squared structure factor is above `f_sqr`, and no pixel is nearer than `distance` (m).
    pub(crate) fn new(e: &Experiment, scale: f64, f_sqr: f64, distance: f64) -> Option<Self> {
        let [na, nb, nc] = e.size.cells;
        let cells_sqr = na * na * nb * nb * nc * nc;
        let (limit, omitted) = match e.shape {
            Shape::Gauss => {
                let exponent = exponent(e, scale * f_sqr * cells_sqr, distance);
                (exponent * 0.63, if exponent < -UNDERFLOW { INVISIBLE.exp() } else { 0.0 })
            }
            Shape::Tophat => (SPOT_EDGE, 0.0),
            Shape::Square | Shape::Round => return None,
        };
        let scale = cells_sqr * e.fudge;
        let radius = (limit / scale).sqrt() * 1e10;
        let usable = scale > 0.0 && radius.is_finite() && radius > 0.0;
        usable.then_some(Self { radius, omitted })
    }
}

/// Exponent beyond which terms of at most `largest` photons per steradian cannot be seen.
fn exponent(e: &Experiment, largest: f64, distance: f64) -> f64 {
    let s = &e.sampling;
    if s.has_factors_per_term() || e.thickness != 0.0 {
        // What the sum is multiplied by is not bounded here.
        return -UNDERFLOW;
    }
    let solid_angle = if e.point_pixel {
        1.0 / distance.powi(2)
    } else {
        e.pixel_size * e.pixel_size * e.detector.close_distance.abs() / distance.powi(3)
    };
    // Every step adds its share of a pixel, every layer a whole one; a polarisation factor is at most 1 + |Kahn| / 2.
    let brightest = largest * f64::from(e.layers) * solid_angle * (1.0 + 0.5 * e.kahn_factor.abs());
    // The factor is squared. One more for rounding.
    (0.5 * (brightest.ln() - INVISIBLE) + 1.0).clamp(1.0, -UNDERFLOW)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loading;

    fn reach(words: &str, scale: f64) -> Option<Reach> {
        let common = "-cell 40 50 60 90 90 90 -N 20 -lambda 1 -distance 80 -detpixels 50 -default_F 5 -oversample 1 -seed 1";
        let e = loading::experiment(&format!("{common} {words}"), None).expect("a small experiment");
        Reach::new(&e, scale, 25.0, 0.08)
    }

    #[test]
    fn brighter_spots_reach_farther_and_what_is_left_out_cannot_be_seen() {
        let (dim, bright) =
            (reach("-gauss_xtal", 1.0).expect("ends"), reach("-gauss_xtal", 1e20).expect("ends"));
        assert!(dim.radius < bright.radius, "{dim:?} {bright:?}");
        for reach in [dim, bright] {
            let photons = reach.omitted;
            assert!(photons > 0.0 && photons < f64::from(f32::from_bits(1)) / 2.0, "{reach:?}");
        }
    }

    #[test]
    fn where_sums_are_multiplied_by_anything_terms_are_left_out_only_if_they_are_0() {
        let near = reach("-gauss_xtal", 1.0).expect("ends");
        for words in ["-gauss_xtal -detector_thick 100", "-gauss_xtal -oversample_omega", "-tophat_spots"] {
            assert_eq!(reach(words, 1.0).expect("ends").omitted, 0.0, "{words}");
        }
        assert!(reach("-gauss_xtal -oversample_omega", 1.0).expect("ends").radius > 2.0 * near.radius);
    }

    #[test]
    fn tails_without_an_end_and_light_without_a_bound_have_no_reach() {
        assert_eq!(reach("-round_xtal", 1.0), None);
        assert_eq!(reach("-gauss_xtal -fudge 0", 1.0), None);
        assert_eq!(reach("-gauss_xtal", f64::NAN), None);
    }
}
