//! The two factors of a term in the reference engine: structure factor of the finite lattice and of the unit cell.
//!
//! Not here: summing terms (`reference`), the functions themselves (`physics`).

use super::carry::{Carry, Leave};
use super::pixel::{Context, Sum};
use crate::config::Shape;
use crate::constants::SPHERE_TO_CUBE;
use crate::physics::interpolation::tricubic;
use crate::physics::lattice::{sinc3, sincg};
use crate::physics::vec3::Vec3;
use crate::trace::observer::{Amplitude, Lattice, Observer};
use std::f64::consts::PI;

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
        if e.shape == Shape::Square {
            let factor = |i: usize| if n[i] > 1.0 { sincg(PI * hkl[i], n[i]) } else { 1.0 };
            let factors = [factor(0), factor(1), factor(2)];
            let total = factors[0] * factors[1] * factors[2];
            if O::ENABLED {
                observer.lattice(&Lattice { factors: Some(factors), total });
            }
            return total;
        }
        let total = self.other_shape(hkl, nearest);
        if O::ENABLED {
            observer.lattice(&Lattice { factors: None, total });
        }
        total
    }

    /// Lattice factor of the shapes that depend on the distance to the nearest lattice point.
    fn other_shape(&self, hkl: [f64; 3], nearest: [i32; 3]) -> f64 {
        let e = self.experiment;
        let [na, nb, nc] = e.size.cells;
        let [dh, dk, dl] = [0, 1, 2].map(|i| hkl[i] - f64::from(nearest[i]));
        if e.shape == Shape::Round {
            let radius_sqr = dh * dh * na * na + dk * dk * nb * nb + dl * dl * nc * nc;
            return na * nb * nc * SPHERE_TO_CUBE * sinc3(PI * (radius_sqr * e.fudge).sqrt());
        }
        // The distance is taken with the unrotated crystal's reciprocal vectors, and all three sizes scale it together.
        let [a, b, c] = e.cell.reciprocal;
        let d = Vec3::new(
            dh * a.x + dk * b.x + dl * c.x,
            dh * a.y + dk * b.y + dl * c.y,
            dh * a.z + dk * b.z + dl * c.z,
        );
        let distance_sqr = (d.x * d.x + d.y * d.y + d.z * d.z) * na * na * nb * nb * nc * nc;
        if e.shape == Shape::Gauss {
            na * nb * nc * (-(distance_sqr / 0.63 * e.fudge)).exp()
        } else {
            na * nb * nc * f64::from(u8::from(distance_sqr * e.fudge < 0.3969))
        }
    }

    /// Structure factor of the cell: interpolated, or that of the nearest reflection.
    #[inline(always)]
    pub(crate) fn structure_factor<O: Observer>(
        &self,
        hkl: [f64; 3],
        nearest: [i32; 3],
        sum: &mut Sum,
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
            let leave = Leave { slow: sum.slow, fast: sum.fast, hkl, nearest };
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
