//! Conversions between the user's units and SI, each with the operations the reference uses (the last bit depends on
//! whether one divides by 1000 or multiplies by 0.001).
//!
//! Not here: which option has which unit (`config::resolve`).

/// Degrees in one radian, as the reference computes it: 180 times the reciprocal of π.
pub(crate) const DEGREES_PER_RADIAN: f64 = 180.0 * std::f64::consts::FRAC_1_PI;

/// One millimetre in metres, where the reference multiplies a vector instead of dividing, and where no byte depends on it.
pub(crate) const MILLIMETRE: f64 = 1e-3;

/// One ångström in metres, for vectors and where no byte depends on it.
pub(crate) const ANGSTROM: f64 = 1e-10;

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

/// Micrometres to metres, by a product: the reference's way for the sensor.
pub(crate) fn micrometres(x: f64) -> f64 {
    x * 1e-6
}

/// Micrometres to metres, by a quotient: the reference's way for the water droplet.
pub(crate) fn micrometres_by_quotient(x: f64) -> f64 {
    x / 1e6
}

/// Ångströms to metres, by a quotient.
pub(crate) fn angstroms(x: f64) -> f64 {
    x / 1.0e10
}

/// Ångströms to metres, by a product: the reference's way for the resolution limit.
pub(crate) fn angstroms_by_product(x: f64) -> f64 {
    x * 1e-10
}

/// Percent to a fraction.
pub(crate) fn percent(x: f64) -> f64 {
    x / 100.0
}

/// Photon energy in electronvolts to wavelength in metres.
pub(crate) fn electronvolts(x: f64) -> f64 {
    (12398.42 / x) / 1.0e10
}

/// Metres in ångströms.
pub(crate) fn in_angstroms(x: f64) -> f64 {
    x * 1e10
}

/// Metres in millimetres.
pub(crate) fn in_millimetres(x: f64) -> f64 {
    x * 1000.0
}

/// Metres in micrometres.
pub(crate) fn in_micrometres(x: f64) -> f64 {
    x * 1e6
}

/// A fraction in percent.
pub(crate) fn in_percent(x: f64) -> f64 {
    x * 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_right_angle_is_half_pi() {
        assert!((degrees(90.0) - std::f64::consts::FRAC_PI_2).abs() < 1e-15);
    }

    #[test]
    fn a_product_and_a_quotient_are_different_numbers() {
        assert_ne!(angstroms_by_product(7.0), angstroms(7.0));
        assert_ne!(micrometres_by_quotient(5.0), micrometres(5.0));
    }

    #[test]
    fn twelve_kiloelectronvolts_are_about_one_angstrom() {
        assert!((electronvolts(12398.42) - 1e-10).abs() < 1e-24);
    }
}
