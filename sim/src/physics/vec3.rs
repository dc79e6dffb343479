//! Three-component vectors whose operations round in the reference's order.
//!
//! Not here: rotations (`rotation`) and any notion of unit; a vector is in whatever unit its owner says.

use std::ops::{Index, Neg, Sub};

/// A vector in the laboratory frame.
#[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize)]
pub struct Vec3 {
    /// First component.
    pub x: f64,
    /// Second component.
    pub y: f64,
    /// Third component.
    pub z: f64,
}

impl Vec3 {
    /// The null vector.
    pub const ZERO: Self = Self::new(0.0, 0.0, 0.0);

    /// A vector of three components.
    pub const fn new(x: f64, y: f64, z: f64) -> Self {
        Self { x, y, z }
    }

    /// Inner product, summed from x to z.
    #[inline(always)]
    pub fn dot(self, other: Self) -> f64 {
        self.x * other.x + self.y * other.y + self.z * other.z
    }

    /// Vector product.
    #[inline]
    pub fn cross(self, other: Self) -> Self {
        Self::new(
            self.y * other.z - self.z * other.y,
            self.z * other.x - self.x * other.z,
            self.x * other.y - self.y * other.x,
        )
    }

    /// Euclidean length.
    #[inline(always)]
    pub fn norm(self) -> f64 {
        (self.x * self.x + self.y * self.y + self.z * self.z).sqrt()
    }

    /// Every component times `scale`.
    #[inline]
    pub fn scaled(self, scale: f64) -> Self {
        Self::new(scale * self.x, scale * self.y, scale * self.z)
    }

    /// The vector brought to length `length`; a null vector is treated as having length 1.
    pub fn rescaled(self, length: f64) -> Self {
        let old = self.norm();
        let old = if old <= 0.0 { 1.0 } else { old };
        self.scaled(length / old)
    }

    /// The unit vector along this one, and this one's length. A null vector stays null.
    ///
    /// Each component is divided (not multiplied by an inverse): the last bit depends on it.
    #[inline(always)]
    pub fn unitized(self) -> (Self, f64) {
        let norm = self.norm();
        if norm == 0.0 {
            return (Self::ZERO, norm);
        }
        (Self::new(self.x / norm, self.y / norm, self.z / norm), norm)
    }

    /// Components as an array.
    pub const fn to_array(self) -> [f64; 3] {
        [self.x, self.y, self.z]
    }
}

impl From<[f64; 3]> for Vec3 {
    fn from([x, y, z]: [f64; 3]) -> Self {
        Self::new(x, y, z)
    }
}

impl Sub for Vec3 {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self::new(self.x - other.x, self.y - other.y, self.z - other.z)
    }
}

impl Neg for Vec3 {
    type Output = Self;
    fn neg(self) -> Self {
        Self::new(-self.x, -self.y, -self.z)
    }
}

impl Index<usize> for Vec3 {
    type Output = f64;
    fn index(&self, i: usize) -> &f64 {
        match i {
            0 => &self.x,
            1 => &self.y,
            _ => &self.z,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cross_product_of_the_first_two_axes_is_the_third() {
        let z = Vec3::new(1.0, 0.0, 0.0).cross(Vec3::new(0.0, 1.0, 0.0));
        assert_eq!(z, Vec3::new(0.0, 0.0, 1.0));
    }

    #[test]
    fn a_null_vector_cannot_be_normalised_and_stays_null() {
        assert_eq!(Vec3::ZERO.unitized(), (Vec3::ZERO, 0.0));
        assert_eq!(Vec3::ZERO.rescaled(5.0), Vec3::ZERO);
    }

    #[test]
    fn rescaling_sets_the_length() {
        let v = Vec3::new(3.0, 4.0, 0.0).rescaled(10.0);
        assert_eq!(v, Vec3::new(6.0, 8.0, 0.0));
        assert_eq!(v.norm(), 10.0);
    }
}
