//! What a shape gives where derivatives are requested: lattice factors of a block of pixels with the derivatives of their
//! squares by the fractional indices.
//!
//! The factors themselves are as near to the reference's as those of `factor`: what is amplified is computed with its
//! operations in its order. Of the derivatives, what is small beside their tolerance is left out. Not here: the shapes (`square`,
//! `round`, `spot`), what the factors are multiplied with (`derivative`).

use super::factor::{Reflection, index, whole};
use crate::engine::simd::{LANES, Lanes};
use crate::engine::structure_factors_squared::{Place, SquaredTable};
use crate::model::orientation::CellVectors;

/// What the terms of one orientation are computed from, and what is left of them.
#[repr(C, align(64))]
pub(crate) struct Terms {
    /// Fractional indices.
    pub(crate) hkl: [Lanes; 3],
    /// Places of the structure factors; only where they differ.
    pub(crate) place: [Place; LANES],
    /// Squared structure factors.
    pub(crate) f_sqr: Lanes,
    /// Derivatives of the terms by h, k, l.
    pub(crate) slope: [Lanes; 3],
    /// Distances to the nearest lattice point; spots only.
    pub(crate) offset: [Lanes; 3],
    /// Lattice factors; where they are computed beforehand, or interpolation may end with them.
    pub(crate) lattice: Lanes,
}

impl Terms {
    pub(crate) const fn new() -> Self {
        let zero = [0.0; LANES];
        Self {
            hkl: [zero; 3],
            place: [Place::ANY; LANES],
            f_sqr: zero,
            slope: [zero; 3],
            offset: [zero; 3],
            lattice: zero,
        }
    }

    /// Fractional indices, in the reference's order.
    #[inline(always)]
    pub(crate) fn index(&mut self, cell: &CellVectors, s: &[Lanes; 3]) {
        for i in 0..LANES {
            let (x, y, z) = (s[0][i], s[1][i], s[2][i]);
            self.hkl[0][i] = index(cell[0], x, y, z);
            self.hkl[1][i] = index(cell[1], x, y, z);
            self.hkl[2][i] = index(cell[2], x, y, z);
        }
    }

    /// Looks the structure factors up; does nothing where all are the same. With `INSIDE` all whole indices are known to be
    /// in the table.
    #[inline(always)]
    pub(crate) fn look_up<const INSIDE: bool>(&mut self, table: &SquaredTable) {
        if table.constant().is_some() {
            return;
        }
        for i in 0..LANES {
            let nearest = [whole(self.hkl[0][i]), whole(self.hkl[1][i]), whole(self.hkl[2][i])];
            self.place[i] = if INSIDE { table.place_inside(nearest) } else { table.place(nearest) };
        }
        for i in 0..LANES {
            self.f_sqr[i] = table.at(self.place[i]);
        }
    }

    /// Leaves out the pixels whose rays are beyond the resolution limit.
    #[inline(always)]
    pub(crate) fn limit(&mut self, passed: &[bool; LANES], table: &SquaredTable) {
        for i in 0..LANES {
            let f_sqr = table.constant().unwrap_or(self.f_sqr[i]);
            self.f_sqr[i] = if passed[i] { f_sqr } else { 0.0 };
        }
    }
}

/// A lattice factor and its derivatives.
pub(crate) struct Term {
    /// The factor.
    pub(crate) lattice: f64,
    /// Bound of its absolute error, where the shape has one.
    pub(crate) error: f64,
    /// Derivatives of its square by h, k, l, over the factor.
    pub(crate) slope: [f64; 3],
    /// Derivative of its square by the square of the distance, over the factor; only where [`Sloped::METRIC`].
    pub(crate) d_distance_sqr: f64,
}

/// A reflection as its terms are computed: a copy for the loop over pixels, which would load it for each of them otherwise.
#[derive(Clone, Copy)]
pub(crate) struct SpotReflection {
    pub(super) nearest: [f64; 3],
    pub(crate) peak: f64,
    pub(super) lowest: f64,
}

impl SpotReflection {
    #[inline(always)]
    pub(crate) fn new(reflection: &Reflection) -> Self {
        let Reflection { nearest, peak, lowest } = *reflection;
        Self { nearest: nearest.map(f64::from), peak, lowest: f64::from(lowest) }
    }
}

/// The term of one reflection.
pub(crate) struct ReflectionTerm {
    /// The term over that at the lattice point.
    pub(crate) share: f64,
    /// Fractional indices.
    pub(crate) hkl: [f64; 3],
    /// Distances to the lattice point.
    pub(crate) offset: [f64; 3],
    /// Derivatives of the term by h, k, l.
    pub(crate) slope: [f64; 3],
    /// Derivative of the term by the square of the distance; only where [`Sloped::METRIC`].
    pub(crate) d_distance_sqr: f64,
}

/// A crystal shape whose factors have derivatives.
pub(crate) trait Sloped: Copy {
    /// Whether factors depend on the reciprocal metric as well as on the indices.
    const METRIC: bool;
    /// Whether they depend on the number of cells otherwise than as a factor and through the metric.
    const SIZES: bool;
    /// Whether errors are bounded per factor instead of relative to it.
    const ABSOLUTE: bool;
    /// Bound of the relative error of the squared factor against the reference's, where there is no bound per factor.
    const RELATIVE: f64;
    /// Prepares `out` for scattering vectors `s` and the cell `cell`; `false` if all factors are 0.
    fn prepare(self, cell: &CellVectors, s: &[Lanes; 3], out: &mut Terms) -> bool;
    /// The factor of pixel `i`.
    fn term(self, from: &Terms, i: usize) -> Term;

    /// Whether spots end, so that [`Self::reflection_term`] is all there is of a reflection, and 0 out of its reach.
    const ENDS: bool = false;

    /// The term of one reflection for pixel `i`, which comes out as [`LatticeFactor::add_reflection`] adds it, with its slopes.
    /// Asked only of shapes whose spots end.
    ///
    /// [`LatticeFactor::add_reflection`]: super::factor::LatticeFactor::add_reflection
    fn reflection_term(
        self,
        _cell: &CellVectors,
        _reflection: &SpotReflection,
        _s: &[Lanes; 3],
        _i: usize,
    ) -> ReflectionTerm {
        ReflectionTerm { share: 0.0, hkl: [0.0; 3], offset: [0.0; 3], slope: [0.0; 3], d_distance_sqr: 0.0 }
    }
}
