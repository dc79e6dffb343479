//! The terms of one orientation of the crystal, added to the sums of a block with their derivatives.
//!
//! Not here: lattice factors (`shape`), the orientations and rays (`kernel`).

use super::moments::moment;
use super::state::{CellMoments, Shared, SlopeBlock};
use crate::engine::block::rays::Rays;
use crate::engine::interpolation::slopes::Interpolation;
use crate::engine::shape::factor::whole;
use crate::engine::shape::slope::{Sloped, Terms};
use crate::engine::simd::{LANES, Lanes};
use crate::engine::structure_factors_squared::Place;
use crate::model::orientation::CellVectors;
use crate::physics::vec3::Vec3;

/// Adds one orientation's terms.
#[inline(always)]
pub(crate) fn step<L: Sloped, const INSIDE: bool, const INTERPOLATED: bool>(
    shape: L,
    shared: &Shared<'_>,
    place: usize,
    cell: &CellVectors,
    out: &mut SlopeBlock,
) {
    let SlopeBlock { rays, terms, interpolation, .. } = out;
    let e = shared.context.experiment;
    if !shape.prepare(cell, &rays.scattering, terms) {
        if INTERPOLATED
            && e.interpolation_stops
            && e.water
            && let Some(nodes) = &shared.plan.nodes
        {
            interpolation.pass_over(nodes, &terms.hkl);
        }
        return;
    }
    terms.look_up::<INSIDE>(&shared.plan.table);
    if e.sampling.dmin > 0.0 {
        terms.limit(&rays.passed, &shared.plan.table);
    }
    if INTERPOLATED && let Some(nodes) = &shared.plan.nodes {
        interpolation.fill(nodes, &e.structure_factors.grid().values, terms);
    }
    add_terms::<L, INTERPOLATED>(shape, cell, out);
    let SlopeBlock { moments, rays, terms, interpolation, .. } = out;
    if INTERPOLATED && e.interpolation_stops {
        interpolation.stop(&terms.lattice, e.water);
    }
    add_to_cell_moments(shared.cell, terms, moments);
    if L::METRIC && shared.metric {
        add_to_metric_moments(terms, moments);
    }
    if L::SIZES && shared.offsets {
        add_to_size_moments::<INTERPOLATED>(terms, interpolation, moments);
    }
    for &(reflection, sum) in &shared.reflections {
        single(shape, terms, reflection, &mut moments[sum]);
    }
    let mut turned = moment::TURNS;
    for direction in &shared.directions {
        if let Some(turns) = &direction.turns {
            turn(turns[place], cell, rays, terms, &mut moments[turned]);
            turned += 1;
        }
    }
}

/// Adds the terms to the intensities, and what they change with to the sums over rays; keeps their derivatives.
#[inline(always)]
fn add_terms<L: Sloped, const INTERPOLATED: bool>(shape: L, cell: &CellVectors, out: &mut SlopeBlock) {
    let SlopeBlock { sums, d_scattering, terms, interpolation, .. } = out;
    let [a, b, c] = *cell;
    for i in 0..LANES {
        let term = shape.term(terms, i);
        let f_sqr = terms.f_sqr[i];
        let share = f_sqr * term.lattice;
        sums.intensity[i] = share.mul_add(term.lattice, sums.intensity[i]);
        if L::ABSOLUTE {
            sums.error[i] += f_sqr * (2.0 * term.lattice.abs() + term.error) * term.error;
        }
        if L::METRIC {
            terms.d_distance_sqr[i] = share * term.d_distance_sqr;
        }
        let (mut gh, mut gk, mut gl) = (share * term.slope[0], share * term.slope[1], share * term.slope[2]);
        if INTERPOLATED {
            let lattice_sqr = term.lattice * term.lattice;
            gh = interpolation.slope[0][i].mul_add(lattice_sqr, gh);
            gk = interpolation.slope[1][i].mul_add(lattice_sqr, gk);
            gl = interpolation.slope[2][i].mul_add(lattice_sqr, gl);
            terms.lattice[i] = term.lattice;
        }
        (terms.slope[0][i], terms.slope[1][i], terms.slope[2][i]) = (gh, gk, gl);
        d_scattering[0][i] = a.x.mul_add(gh, b.x.mul_add(gk, c.x.mul_add(gl, d_scattering[0][i])));
        d_scattering[1][i] = a.y.mul_add(gh, b.y.mul_add(gk, c.y.mul_add(gl, d_scattering[1][i])));
        d_scattering[2][i] = a.z.mul_add(gh, b.z.mul_add(gk, c.z.mul_add(gl, d_scattering[2][i])));
    }
}

/// Adds the products of slopes and indices that anything depends on: what moves the cell.
#[inline(always)]
fn add_to_cell_moments(needed: CellMoments, terms: &Terms, moments: &mut [Lanes; moment::COUNT]) {
    match needed {
        CellMoments::None => {}
        CellMoments::Diagonal => {
            for axis in 0..3 {
                add_product(&terms.slope[axis], &terms.hkl[axis], &mut moments[moment::CELL + 4 * axis]);
            }
        }
        CellMoments::All => {
            for i in 0..LANES {
                let (h, k, l) = (terms.hkl[0][i], terms.hkl[1][i], terms.hkl[2][i]);
                let (gh, gk, gl) = (terms.slope[0][i], terms.slope[1][i], terms.slope[2][i]);
                moments[0][i] = gh.mul_add(h, moments[0][i]);
                moments[1][i] = gh.mul_add(k, moments[1][i]);
                moments[2][i] = gh.mul_add(l, moments[2][i]);
                moments[3][i] = gk.mul_add(h, moments[3][i]);
                moments[4][i] = gk.mul_add(k, moments[4][i]);
                moments[5][i] = gk.mul_add(l, moments[5][i]);
                moments[6][i] = gl.mul_add(h, moments[6][i]);
                moments[7][i] = gl.mul_add(k, moments[7][i]);
                moments[8][i] = gl.mul_add(l, moments[8][i]);
            }
        }
    }
}

/// Adds what moves the metric in which spots measure their distances.
#[inline(always)]
fn add_to_metric_moments(terms: &Terms, moments: &mut [Lanes; moment::COUNT]) {
    for (entry, (u, v)) in [(0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1)].into_iter().enumerate() {
        let sum = &mut moments[moment::METRIC + entry];
        for i in 0..LANES {
            sum[i] += terms.d_distance_sqr[i] * (terms.offset[u][i] * terms.offset[v][i]);
        }
    }
}

/// Adds what moves with the crystal's size.
#[inline(always)]
fn add_to_size_moments<const INTERPOLATED: bool>(
    terms: &Terms,
    interpolation: &Interpolation,
    moments: &mut [Lanes; moment::COUNT],
) {
    for axis in 0..3 {
        let sum = &mut moments[moment::OFFSETS + axis];
        for i in 0..LANES {
            let h = terms.hkl[axis][i];
            let mut slope = terms.slope[axis][i];
            if INTERPOLATED {
                // The amplitude does not depend on the crystal's size.
                let lattice = terms.lattice[i];
                slope -= interpolation.slope[axis][i] * (lattice * lattice);
            }
            sum[i] = slope.mul_add(h - whole(h), sum[i]);
        }
    }
}

/// Adds the terms of one reflection. Few blocks have any.
#[inline(always)]
fn single<L: Sloped>(shape: L, terms: &Terms, reflection: Place, sum: &mut Lanes) {
    let mut found = 0_u64;
    for i in 0..LANES {
        found |= u64::from(terms.place[i] == reflection);
    }
    if found == 0 {
        return;
    }
    for i in 0..LANES {
        if terms.place[i] == reflection {
            let lattice = shape.term(terms, i).lattice;
            sum[i] += terms.f_sqr[i] * lattice * lattice;
        }
    }
}

#[inline(always)]
fn add_product(a: &Lanes, b: &Lanes, sum: &mut Lanes) {
    for i in 0..LANES {
        sum[i] = a[i].mul_add(b[i], sum[i]);
    }
}

/// Adds what a turn of this orientation does: each cell vector moves by the product of the turn with itself.
#[inline(always)]
fn turn(turn: Vec3, cell: &CellVectors, rays: &Rays, terms: &Terms, sum: &mut Lanes) {
    let [a, b, c] = cell.map(|axis| turn.cross(axis));
    for i in 0..LANES {
        let (gh, gk, gl) = (terms.slope[0][i], terms.slope[1][i], terms.slope[2][i]);
        sum[i] += rays.scattering[0][i] * a.x.mul_add(gh, b.x.mul_add(gk, c.x * gl))
            + rays.scattering[1][i] * a.y.mul_add(gh, b.y.mul_add(gk, c.y * gl))
            + rays.scattering[2][i] * a.z.mul_add(gh, b.z.mul_add(gk, c.z * gl));
    }
}
