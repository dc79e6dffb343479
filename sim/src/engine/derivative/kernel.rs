//! A block of pixels of one row with its derivatives: the sum over terms keeps first moments, the parameters are applied once
//! per pixel.
//!
//! The sum itself is the exact engine's: the same rays, and factors within the same bounds, so that its floats can be
//! proven. A term depends on its three indices, and an index on the cell vector and the scattering vector. So the loop over
//! terms keeps Σ G a (for what moves the scattering vector) and Σ G h (for what moves the cell), G the term's derivatives by
//! its indices; their number does not grow with the number of parameters. Not here: terms (`terms`), what
//! becomes of the sums (`finish`), what the kernel does not cover (`scalar`).

use super::finish::{finish, prove};
use super::geometry::add_to_geometry_moments;
use super::moments::moment;
use super::prefactor::distances;
use super::state::{Shared, SlopeBlock};
use super::terms::{add_spot, step};
use crate::engine::block::geometry::{absorb, aim};
use crate::engine::block::state::BlockPosition;
use crate::engine::shape::slope::Sloped;
use crate::engine::simd::LANES;
use crate::engine::spots::band::BandSpots;
use crate::engine::spots::list::SpotList;
use crate::model::sources::Source;
use crate::pixel::Pixel;

/// Computes a block.
#[inline(always)]
pub(crate) fn block<L: Sloped>(shape: L, shared: &Shared<'_>, at: BlockPosition, out: &mut SlopeBlock) {
    let (context, plan) = (shared.context, shared.plan);
    let e = context.experiment;
    // Terms too weak to be seen still show where interpolation leaves the list.
    let band = std::mem::take(&mut out.spots);
    let spots = band.list().filter(|_| !e.interpolate).map(|list| (list, &band));
    out.lit = !(shared.unlit_stays_black() && spots.is_some() && band.is_dark(at.first));
    out.sums.start(context);
    if out.lit {
        shared.clear(&mut out.moments);
    }
    if let Some(constant) = plan.table.constant() {
        out.terms.f_sqr = [constant; LANES];
    }
    if e.interpolate {
        for i in 0..LANES {
            out.interpolation.on[i] =
                if shared.interpolates(Pixel { fast: at.first.fast + i, ..at.first }) { u64::MAX } else { 0 };
        }
    }
    out.rays.start(!e.no_polarization);
    for layer in 0..e.layers {
        for sub_slow in 0..e.sampling.oversample {
            for sub_fast in 0..e.sampling.oversample {
                let sub = [layer, sub_slow, sub_fast];
                if out.lit || shared.proves {
                    aim(context, at, sub, out.lit, &mut out.sums);
                }
                if out.lit {
                    absorb(context, sub, &mut out.sums);
                    if shared.moves_detector() {
                        distances(context, at, sub, &out.sums, &mut out.inverse_distance);
                    }
                    sub_pixel(shape, shared, at, sub, spots, out);
                }
            }
        }
    }
    out.spots = band;
    if out.lit {
        finish(shared, at, out);
    } else {
        out.photons = [0.0; LANES];
    }
    if shared.proves {
        prove::<L>(shared, out);
    }
}

/// Adds what all sources contribute to a sub-pixel.
#[inline(always)]
fn sub_pixel<L: Sloped>(
    shape: L,
    shared: &Shared<'_>,
    at: BlockPosition,
    sub: [i32; 3],
    spots: Option<(&SpotList, &BandSpots)>,
    out: &mut SlopeBlock,
) {
    let (context, plan) = (shared.context, shared.plan);
    let e = context.experiment;
    for (number, source) in e.sources.list.iter().enumerate() {
        if e.sampling.dmin > 0.0 {
            out.rays.aim::<true>(context, plan, (number, false), &mut out.sums);
        } else {
            out.rays.aim::<false>(context, plan, (number, false), &mut out.sums);
        }
        if number == 0 && shared.moves_detector() {
            factors(shared, sub, out);
        }
        out.d_scattering = [[0.0; LANES]; 3];
        match spots {
            None => {
                if e.interpolate {
                    for (place, cell) in plan.sweep.iter().enumerate() {
                        step::<L, false, true>(shape, shared, place, cell, out);
                    }
                } else if out.rays.inside {
                    for (place, cell) in plan.sweep.iter().enumerate() {
                        step::<L, true, false>(shape, shared, place, cell, out);
                    }
                } else {
                    for (place, cell) in plan.sweep.iter().enumerate() {
                        step::<L, false, false>(shape, shared, place, cell, out);
                    }
                }
            }
            Some((list, band)) => {
                let pass = sub[0] as usize * e.sources.list.len() + number;
                let terms = band.at(at.first, pass);
                for (i, entry) in terms.iter().enumerate() {
                    let spot = list.at(entry.spot);
                    let place = spot.cell as usize;
                    let cell = &plan.sweep[place];
                    if L::ENDS && e.sampling.dmin <= 0.0 {
                        add_spot(shape, shared, spot, cell, entry.first..=entry.last, out);
                    } else if terms.get(i + 1).is_none_or(|next| list.at(next.spot).cell != spot.cell) {
                        // Once for all spots of the term.
                        step::<L, false, false>(shape, shared, place, cell, out);
                    }
                }
            }
        }
        if shared.moves_rays() {
            collect(shared, at, sub, source, out);
        }
    }
}

/// What moving the pixels does to the factors that belong to this sub-pixel.
#[inline(always)]
fn factors(shared: &Shared<'_>, [layer, sub_slow, sub_fast]: [i32; 3], out: &mut SlopeBlock) {
    let context = shared.context;
    let e = context.experiment;
    if [sub_slow, sub_fast] != [0; 2] {
        return;
    }
    if layer == 0 {
        out.prefactor.scatter(context, &out.inverse_distance, &out.sums);
    }
    if layer + 1 == e.layers && e.thickness != 0.0 {
        out.prefactor.capture(context, layer, &out.inverse_distance, &out.sums);
    }
}

/// From the derivatives by the scattering vectors of a source to those by wavelength and position.
#[inline(always)]
fn collect(shared: &Shared<'_>, at: BlockPosition, sub: [i32; 3], source: &Source, out: &mut SlopeBlock) {
    let SlopeBlock { sums, moments, rays, d_scattering, inverse_distance, .. } = out;
    let inverse = 1.0 / source.wavelength;
    if shared.wavelength {
        let (follows, sum) = (source.follows * inverse, &mut moments[moment::WAVELENGTH]);
        let [qx, qy, qz] = &rays.scattering;
        for i in 0..LANES {
            let along = d_scattering[0][i]
                .mul_add(qx[i], d_scattering[1][i].mul_add(qy[i], d_scattering[2][i] * qz[i]));
            sum[i] = along.mul_add(-follows, sum[i]);
        }
    }
    if !shared.moves_detector() {
        return;
    }
    // What a derivative by the direction, as a vector, is by the position: across the direction, over the distance.
    for i in 0..LANES {
        let (x, y, z) = (sums.diffracted[0][i], sums.diffracted[1][i], sums.diffracted[2][i]);
        let along = d_scattering[0][i].mul_add(x, d_scattering[1][i].mul_add(y, d_scattering[2][i] * z));
        let over = inverse * inverse_distance[i];
        d_scattering[0][i] = (d_scattering[0][i] - along * x) * over;
        d_scattering[1][i] = (d_scattering[1][i] - along * y) * over;
        d_scattering[2][i] = (d_scattering[2][i] - along * z) * over;
    }
    add_to_geometry_moments(shared, at, sub, d_scattering, moments);
}
