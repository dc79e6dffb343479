//! Conversions between the user's units and SI, each with the operations the reference uses (the last bit depends on
//! whether one divides by 1000 or multiplies by 0.001).
//!
//! Not here: which option has which unit (`config::resolve`).

/// Degrees in one radian, as the reference computes it: 180 times the reciprocal of π.
pub(crate) const DEGREES_PER_RADIAN: f64 = 180.0 * std::f64::consts::FRAC_1_PI;

/// Degrees to radians.
pub(crate) fn degrees(x: f64) -> f64 {
    x / DEGREES_PER_RADIAN
}

/// Millimetres to metres.
pub(crate) fn millimetres(x: f64) -> f64 {
    x / 1000.0
}

/// Milliradians to radians.
pub(crate) fn milliradians(x: f64) -> f64 {
    x / 1000.0
}

/// Micrometres to metres, by a product.
pub(crate) fn micrometres(x: f64) -> f64 {
    x * 1e-6
}

/// Ångströms to metres, by a quotient.
pub(crate) fn angstroms(x: f64) -> f64 {
    x / 1.0e10
}

/// Photon energy in electronvolts to wavelength in metres.
pub(crate) fn electronvolts(x: f64) -> f64 {
    (12398.42 / x) / 1.0e10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_right_angle_is_half_pi() {
        assert!((degrees(90.0) - std::f64::consts::FRAC_PI_2).abs() < 1e-15);
    }

    #[test]
    fn twelve_kiloelectronvolts_are_about_one_angstrom() {
        assert!((electronvolts(12398.42) - 1e-10).abs() < 1e-24);
    }
}
