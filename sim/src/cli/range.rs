//! The values that a numeric flag allows and the values it usually has, in the unit of the flag.
//!
//! Bounds that can be broken only by mistake: outside of the allowed ones no image means anything, outside of the usual ones
//! it may. Not here: which flag has which (`flags`), values that contradict each other (`config::sense`).

use std::fmt;

/// Bounds of one value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// Least value allowed.
    least: f64,
    /// Whether the least value itself is allowed.
    closed: bool,
    /// Largest value allowed.
    most: f64,
    /// Whether the largest value itself is allowed.
    closed_above: bool,
    /// Least and largest of the usual values.
    usual: Option<(f64, f64)>,
}

impl Range {
    /// From `least` to `most`, both included.
    pub const fn of(least: f64, most: f64) -> Self {
        Self { least, closed: true, most, closed_above: true, usual: None }
    }

    /// More than 0, up to `most`.
    pub const fn positive(most: f64) -> Self {
        Self { closed: false, ..Self::of(0.0, most) }
    }

    /// More than `least` and less than `most`.
    pub const fn between(least: f64, most: f64) -> Self {
        Self { closed: false, closed_above: false, ..Self::of(least, most) }
    }

    /// With the usual values, both included.
    pub const fn usual(self, least: f64, most: f64) -> Self {
        Self { usual: Some((least, most)), ..self }
    }

    /// Whether `value` is allowed. NaN is not.
    pub fn allows(&self, value: f64) -> bool {
        let above = if self.closed { value >= self.least } else { value > self.least };
        let below = if self.closed_above { value <= self.most } else { value < self.most };
        above && below
    }

    /// The usual values, if `value` is none of them.
    pub fn unusual(&self, value: f64) -> Option<String> {
        let (least, most) = self.usual?;
        (value < least || value > most).then(|| format!("{} to {}", short(least), short(most)))
    }
}

/// The allowed values and the usual ones, for help and documentation.
impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (least, most) = (short(self.least), short(self.most));
        match (self.closed, self.closed_above) {
            (true, true) => write!(f, "{least} to {most}"),
            (false, true) => write!(f, "more than {least}, to {most}"),
            (_, false) => write!(f, "more than {least}, less than {most}"),
        }?;
        match self.usual {
            Some((least, most)) => write!(f, "; usually {} to {}", short(least), short(most)),
            None => Ok(()),
        }
    }
}

/// A bound as one would type it.
fn short(value: f64) -> String {
    let (plain, exponent) = (value.to_string(), format!("{value:e}"));
    let unwieldy = value != 0.0 && !(1e-3..1e5).contains(&value.abs());
    if unwieldy && exponent.len() < plain.len() { exponent } else { plain }
}

/// Any whole number that the C program can hold.
pub const ANY_INTEGER: Range = Range::of(i32::MIN as f64, i32::MAX as f64);
/// A count.
pub const COUNT: Range = Range::of(1.0, i32::MAX as f64);
/// Layers of a sensor, each of which takes as long as a sensor without layers.
pub const LAYERS: Range = Range::of(1.0, 1e5).usual(1.0, 1000.0);
/// A number of a pixel; a negative one stands for none.
pub const PIXEL: Range = Range::of(-1.0, i32::MAX as f64);
/// An angle in degrees, in turns enough for any rotation series.
pub const ANGLE: Range = Range::of(-36_000.0, 36_000.0).usual(-360.0, 360.0);
/// A component of a direction.
pub const DIRECTION: Range = Range::of(-1000.0, 1000.0);
/// A length in mm that has to be there.
pub const LENGTH: Range = Range::positive(1e7);
/// A position on or beside the detector, mm.
pub const POSITION: Range = Range::of(-1e6, 1e6);
/// A divergence in mrad: at most half a turn.
pub const DIVERGENCE: Range = Range::of(0.0, 3141.0).usual(0.0, 100.0);
/// A step of the divergence in mrad.
pub const DIVERGENCE_STEP: Range = Range::positive(3141.0);
/// A length of the unit cell, Å.
pub const CELL_LENGTH: Range = Range::positive(1e6).usual(2.0, 5000.0);
/// An angle of the unit cell, degrees.
pub const CELL_ANGLE: Range = Range::between(0.0, 180.0).usual(20.0, 160.0);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nan_and_infinity_are_never_allowed() {
        for range in [ANY_INTEGER, COUNT, ANGLE, LENGTH, CELL_ANGLE] {
            for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                assert!(!range.allows(value), "{range}: {value}");
            }
        }
    }

    #[test]
    fn an_open_bound_is_not_allowed_itself() {
        assert!(!CELL_ANGLE.allows(0.0) && CELL_ANGLE.allows(1e-300) && !CELL_ANGLE.allows(180.0));
        assert!(COUNT.allows(1.0) && !COUNT.allows(0.0));
    }

    #[test]
    fn bounds_read_as_one_would_type_them() {
        assert_eq!(Range::of(-1.0, 1.0).to_string(), "-1 to 1");
        assert_eq!(
            Range::positive(1e40).usual(1e-12, 2.5).to_string(),
            "more than 0, to 1e40; usually 1e-12 to 2.5"
        );
    }
}
