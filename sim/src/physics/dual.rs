//! Numbers that carry their first derivatives with respect to `P` parameters through a computation (forward mode).
//!
//! Not here: what the parameters are (`model::quantities`). Of fixed size, so that a loop over derivatives becomes vector
//! instructions; the tests compare it with num-dual.

use super::scalar::Scalar;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// A value with `P` first derivatives.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Dual<const P: usize> {
    /// The value.
    pub value: f64,
    /// Its derivatives.
    pub slopes: [f64; P],
}

impl<const P: usize> Dual<P> {
    /// A parameter: derivative 1 with respect to itself. A place outside `0..P` gives a constant.
    #[cfg(test)]
    fn parameter(value: f64, place: usize) -> Self {
        Self { value, slopes: std::array::from_fn(|i| f64::from(u8::from(i == place))) }
    }

    /// A function of this number: its value, and its derivative here.
    #[inline(always)]
    fn chain(self, value: f64, derivative: f64) -> Self {
        Self { value, slopes: self.slopes.map(|s| s * derivative) }
    }

    /// A function of two numbers: its value, and its derivatives with respect to both.
    #[inline(always)]
    fn join(self, other: Self, value: f64, [d_self, d_other]: [f64; 2]) -> Self {
        Self { value, slopes: std::array::from_fn(|i| self.slopes[i] * d_self + other.slopes[i] * d_other) }
    }
}

impl<const P: usize> From<f64> for Dual<P> {
    #[inline(always)]
    fn from(value: f64) -> Self {
        Self { value, slopes: [0.0; P] }
    }
}

impl<const P: usize> Add for Dual<P> {
    type Output = Self;
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self {
            value: self.value + other.value,
            slopes: std::array::from_fn(|i| self.slopes[i] + other.slopes[i]),
        }
    }
}

impl<const P: usize> Sub for Dual<P> {
    type Output = Self;
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self {
            value: self.value - other.value,
            slopes: std::array::from_fn(|i| self.slopes[i] - other.slopes[i]),
        }
    }
}

impl<const P: usize> Mul for Dual<P> {
    type Output = Self;
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        self.join(other, self.value * other.value, [other.value, self.value])
    }
}

impl<const P: usize> Div for Dual<P> {
    type Output = Self;
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        let value = self.value / other.value;
        let inverse = 1.0 / other.value;
        self.join(other, value, [inverse, -value * inverse])
    }
}

impl<const P: usize> Neg for Dual<P> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        self.chain(-self.value, -1.0)
    }
}

impl<const P: usize> Scalar for Dual<P> {
    #[inline(always)]
    fn value(self) -> f64 {
        self.value
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        let root = self.value.sqrt();
        self.chain(root, 0.5 / root)
    }

    fn sin(self) -> Self {
        let (sin, cos) = self.value.sin_cos();
        self.chain(sin, cos)
    }

    fn cos(self) -> Self {
        let (sin, cos) = self.value.sin_cos();
        self.chain(cos, -sin)
    }

    fn exp(self) -> Self {
        let value = self.value.exp();
        self.chain(value, value)
    }

    fn atan2(self, x: Self) -> Self {
        let norm = self.value * self.value + x.value * x.value;
        self.join(x, self.value.atan2(x.value), [x.value / norm, -self.value / norm])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_dual::{DualNum, DualVec64};
    use proptest::prelude::*;

    type Ours = Dual<2>;
    type Theirs = DualVec64<nalgebra::Const<2>>;

    fn ours(x: f64, y: f64) -> (Ours, Ours) {
        (Dual::parameter(x, 0), Dual::parameter(y, 1))
    }

    fn theirs(x: f64, y: f64) -> (Theirs, Theirs) {
        let seed = |value: f64, a: f64, b: f64| {
            let slopes = nalgebra::SVector::<f64, 2>::new(a, b);
            Theirs::new(value, num_dual::Derivative::some(slopes))
        };
        (seed(x, 1.0, 0.0), seed(y, 0.0, 1.0))
    }

    proptest! {
        #[test]
        fn every_operation_agrees_with_num_dual(x in 0.1..3.0_f64, y in -3.0..-0.1_f64) {
            let ((a, b), (c, d)) = (ours(x, y), theirs(x, y));
            let pairs: [(Ours, Theirs); 10] = [
                (a + b, c + d),
                (a - b, c - d),
                (a * b, c * d),
                (a / b, c / d),
                (-a, -c),
                (a.sqrt() * b, c.sqrt() * d),
                ((a * b).sin(), (c * d).sin()),
                ((a * b).cos(), (c * d).cos()),
                ((a * b).exp(), (c * d).exp()),
                (b.atan2(a), d.atan2(c)),
            ];
            for (i, (mine, other)) in pairs.into_iter().enumerate() {
                let expected = other.eps.unwrap_generic(nalgebra::Const::<2>, nalgebra::U1);
                prop_assert!((mine.value - other.re).abs() <= 1e-14 * other.re.abs(), "operation {}", i);
                for p in 0..2 {
                    let difference = (mine.slopes[p] - expected[p]).abs();
                    prop_assert!(difference <= 1e-13 * (1.0 + expected[p].abs()), "operation {} {}", i, p);
                }
            }
        }
    }

    #[test]
    fn numbers_are_equal_only_with_their_derivatives() {
        assert_ne!(Ours::parameter(0.0, 0), Ours::from(0.0));
        assert_eq!(Ours::parameter(2.0, 5), Ours::from(2.0));
        assert_eq!(Scalar::abs(Ours::parameter(-2.0, 0)).slopes, [-1.0, 0.0]);
    }
}
