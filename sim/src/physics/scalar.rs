//! What the experiment's formulas are written over: a double, or a number that carries derivatives with it.
//!
//! For doubles every function is the standard library's own, so that a formula written over [`Scalar`] rounds exactly as one
//! written over `f64`. Not here: the numbers with derivatives (`dual`).

use std::fmt::Debug;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// A real number. Decisions are taken on its [`value`](Self::value); two are equal only if their derivatives are too.
pub trait Scalar:
    Copy
    + Debug
    + PartialEq
    + Send
    + Sync
    + From<f64>
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// The number without its derivatives.
    fn value(self) -> f64;
    /// Square root.
    #[must_use]
    fn sqrt(self) -> Self;
    /// Sine of an angle in radians.
    #[must_use]
    fn sin(self) -> Self;
    /// Cosine of an angle in radians.
    #[must_use]
    fn cos(self) -> Self;
    /// e to this power.
    #[must_use]
    fn exp(self) -> Self;
    /// The angle of the point (`x`, self), radians.
    #[must_use]
    fn atan2(self, x: Self) -> Self;

    /// Absolute value.
    #[must_use]
    fn abs(self) -> Self {
        if self.value() < 0.0 { -self } else { self }
    }
}

impl Scalar for f64 {
    #[inline(always)]
    fn value(self) -> f64 {
        self
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        f64::sqrt(self)
    }

    #[inline(always)]
    fn sin(self) -> Self {
        f64::sin(self)
    }

    #[inline(always)]
    fn cos(self) -> Self {
        f64::cos(self)
    }

    #[inline(always)]
    fn exp(self) -> Self {
        f64::exp(self)
    }

    #[inline(always)]
    fn atan2(self, x: Self) -> Self {
        f64::atan2(self, x)
    }

    #[inline(always)]
    fn abs(self) -> Self {
        f64::abs(self)
    }
}
