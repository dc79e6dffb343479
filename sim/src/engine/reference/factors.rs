//! The two factors of a term in the reference engine: structure factor of the finite lattice and of the unit cell.
//!
//! Not here: summing terms (`reference`), the functions themselves (`shape`, `physics`).

use super::carry::{Carry, Leave};
use super::pixel::{Context, PixelSums};
use crate::config::Shape;
use crate::engine::shape::{round, spot, square};
use crate::physics::interpolation::tricubic;
use crate::trace::observer::{Amplitude, Lattice, Observer};

impl Context<'_> {
    /// Structure factor of the finite lattice.
    #[inline(always)]
    pub(crate) fn lattice_factor<O: Observer>(
        &self,
        hkl: [f64; 3],
        nearest: [i32; 3],
        observer: &mut O,
    ) -> f64 {
        let e = self.experiment;
        let n = e.size.cells;
        let offset = || [0, 1, 2].map(|i| hkl[i] - f64::from(nearest[i]));
        let [na, nb, nc] = n;
        let spot = || spot::scaled_distance_sqr(offset(), e.cell.reciprocal, n);
        let (factors, total) = match e.shape {
            Shape::Square => {
                let factors = square::factors(hkl, n);
                (Some(factors), factors[0] * factors[1] * factors[2])
            }
            Shape::Round => (None, round::factor(offset(), n, e.fudge)),
            Shape::Gauss => (None, na * nb * nc * spot::share::<true>(spot(), e.fudge)),
            Shape::Tophat => (None, na * nb * nc * spot::share::<false>(spot(), e.fudge)),
        };
        if O::ENABLED {
            observer.lattice(&Lattice { factors, total });
        }
        total
    }

    /// Structure factor of the cell: interpolated, or that of the nearest reflection.
    #[inline(always)]
    pub(crate) fn structure_factor<O: Observer>(
        &self,
        hkl: [f64; 3],
        nearest: [i32; 3],
        sum: &mut PixelSums,
        carry: &mut Carry,
        observer: &mut O,
    ) -> f64 {
        let e = self.experiment;
        if carry.interpolate {
            if let Some((nodes, values)) = e.structure_factors.neighbourhood(hkl) {
                let f_cell = tricubic(&nodes, &values, hkl);
                if O::ENABLED {
                    observer.amplitude(&Amplitude { f_cell, neighbourhood: Some(&values) });
                }
                return f_cell;
            }
            let leave = Leave { pixel: sum.pixel, hkl, nearest };
            sum.left_list.get_or_insert(leave);
            carry.interpolate = !e.interpolation_stops;
        }
        let f_cell = e.structure_factors.nearest(nearest);
        if O::ENABLED {
            observer.amplitude(&Amplitude { f_cell, neighbourhood: None });
        }
        f_cell
    }
}
