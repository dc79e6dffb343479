//! Three-component vectors whose operations round in the reference's order.
//!
//! Not here: rotations (`rotation`) and any notion of unit; a vector is in whatever unit its owner says.

use super::scalar::Scalar;
use std::ops::{Add, Index, Neg, Sub};

/// A vector in the laboratory frame.
#[derive(Debug, Clone, Copy, PartialEq, Default, serde::Serialize)]
pub struct Vec3<T = f64> {
    /// First component.
    pub x: T,
    /// Second component.
    pub y: T,
    /// Third component.
    pub z: T,
}

impl<T: Copy> Vec3<T> {
    /// A vector of three components.
    pub const fn new(x: T, y: T, z: T) -> Self {
        Self { x, y, z }
    }

    /// Components as an array.
    pub const fn to_array(self) -> [T; 3] {
        [self.x, self.y, self.z]
    }
}

impl Vec3 {
    /// The null vector.
    pub const ZERO: Self = Self::new(0.0, 0.0, 0.0);

    /// The same vector over another kind of number, as a constant.
    #[inline(always)]
    pub fn lifted<T: Scalar>(self) -> Vec3<T> {
        Vec3::new(T::from(self.x), T::from(self.y), T::from(self.z))
    }
}

impl<T: Scalar> Vec3<T> {
    /// Inner product, summed from x to z.
    #[inline(always)]
    pub fn dot(self, other: Self) -> T {
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
    pub fn norm(self) -> T {
        (self.x * self.x + self.y * self.y + self.z * self.z).sqrt()
    }

    /// Every component times `scale`.
    #[inline]
    pub fn scaled(self, scale: T) -> Self {
        Self::new(scale * self.x, scale * self.y, scale * self.z)
    }

    /// The vector brought to length `length`; a null vector is treated as having length 1.
    pub fn rescaled(self, length: T) -> Self {
        let old = self.norm();
        let old = if old.value() <= 0.0 { T::from(1.0) } else { old };
        self.scaled(length / old)
    }

    /// The unit vector along this one, and this one's length. A null vector stays null.
    ///
    /// Each component is divided (not multiplied by an inverse): the last bit depends on it.
    #[inline(always)]
    pub fn unitized(self) -> (Self, T) {
        let norm = self.norm();
        if norm.value() == 0.0 {
            let zero = T::from(0.0);
            return (Self::new(zero, zero, zero), norm);
        }
        (Self::new(self.x / norm, self.y / norm, self.z / norm), norm)
    }
}

impl<T: Copy> From<[T; 3]> for Vec3<T> {
    fn from([x, y, z]: [T; 3]) -> Self {
        Self::new(x, y, z)
    }
}

impl<T: Scalar> Add for Vec3<T> {
    type Output = Self;
    #[inline]
    fn add(self, other: Self) -> Self {
        Self::new(self.x + other.x, self.y + other.y, self.z + other.z)
    }
}

impl<T: Scalar> Sub for Vec3<T> {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self::new(self.x - other.x, self.y - other.y, self.z - other.z)
    }
}

impl<T: Scalar> Neg for Vec3<T> {
    type Output = Self;
    fn neg(self) -> Self {
        Self::new(-self.x, -self.y, -self.z)
    }
}

impl<T> Index<usize> for Vec3<T> {
    type Output = T;
    fn index(&self, i: usize) -> &T {
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
