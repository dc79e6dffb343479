//! The terms of one orientation of the crystal, added to the sums of a block with their derivatives.
//!
//! Not here: lattice factors (`shape`), the orientations and rays (`kernel`).

use super::moments::moment;
use super::state::{CellMoments, Shared, SlopeBlock};
use crate::engine::block::rays::Rays;
use crate::engine::interpolation::slopes::Interpolation;
use crate::engine::shape::factor::whole;
use crate::engine::shape::slope::{Sloped, SpotReflection, Terms};
use crate::engine::simd::{GROUP, LANES, Lanes};
use crate::engine::spots::list::Spot;
use crate::engine::structure_factors_squared::Place;
use crate::model::orientation::CellVectors;
use crate::physics::vec3::Vec3;
use std::ops::RangeInclusive;

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
    match (shared.cell, L::METRIC && shared.metric) {
        (CellMoments::None, false) => add_terms::<L, INTERPOLATED, 0, false>(shape, cell, out),
        (CellMoments::None, true) => add_terms::<L, INTERPOLATED, 0, true>(shape, cell, out),
        (CellMoments::Diagonal, false) => add_terms::<L, INTERPOLATED, 3, false>(shape, cell, out),
        (CellMoments::Diagonal, true) => add_terms::<L, INTERPOLATED, 3, true>(shape, cell, out),
        (CellMoments::All, false) => add_terms::<L, INTERPOLATED, 9, false>(shape, cell, out),
        (CellMoments::All, true) => add_terms::<L, INTERPOLATED, 9, true>(shape, cell, out),
    }
    let SlopeBlock { moments, rays, terms, interpolation, .. } = out;
    if INTERPOLATED && e.interpolation_stops {
        interpolation.stop(&terms.lattice, e.water);
    }
    if L::SIZES && shared.offsets {
        add_to_size_moments::<INTERPOLATED>(terms, interpolation, moments);
    }
    for &(reflection, sum) in &shared.reflections {
        single(shape, terms, reflection, &mut moments[sum]);
    }
    add_turns::<LANES>(shared, place, cell, (rays, terms, 0), moments);
}

/// Adds the terms of one spot to groups of pixels, for shapes whose spots end.
#[inline(always)]
pub(crate) fn add_spot<L: Sloped>(
    shape: L,
    shared: &Shared<'_>,
    spot: &Spot,
    cell: &CellVectors,
    groups: RangeInclusive<u8>,
    out: &mut SlopeBlock,
) {
    let reflection = &spot.reflection;
    let single = if shared.reflections.is_empty() {
        None
    } else {
        let place = shared.plan.table.place(reflection.nearest.map(f64::from));
        shared.reflections.iter().find(|(reflection, _)| *reflection == place)
    };
    let of = SpotReflection::new(reflection);
    for group in groups {
        let from = (usize::from(group) * GROUP) % LANES;
        match (shared.cell, L::METRIC && shared.metric) {
            (CellMoments::None, false) => add_group::<L, 0, false>(shape, cell, &of, from, out),
            (CellMoments::None, true) => add_group::<L, 0, true>(shape, cell, &of, from, out),
            (CellMoments::Diagonal, false) => add_group::<L, 3, false>(shape, cell, &of, from, out),
            (CellMoments::Diagonal, true) => add_group::<L, 3, true>(shape, cell, &of, from, out),
            (CellMoments::All, false) => add_group::<L, 9, false>(shape, cell, &of, from, out),
            (CellMoments::All, true) => add_group::<L, 9, true>(shape, cell, &of, from, out),
        }
        let SlopeBlock { moments, rays, terms, .. } = out;
        if let Some((_, sum)) = single {
            for i in from..from + GROUP {
                moments[*sum][i] += of.peak * terms.lattice[i];
            }
        }
        if L::METRIC {
            // Of flat spots nothing moves.
            add_turns::<GROUP>(shared, spot.cell as usize, cell, (rays, terms, from), moments);
        }
    }
}

/// Adds the terms of a reflection to a group of pixels, with as many moments of the cell: one loop, in which what they are
/// computed from stays in registers. Keeps the terms over that at the lattice point, and their slopes.
#[inline(always)]
fn add_group<L: Sloped, const CELL: usize, const METRIC: bool>(
    shape: L,
    cell: &CellVectors,
    of: &SpotReflection,
    from: usize,
    out: &mut SlopeBlock,
) {
    let SlopeBlock { sums, moments, rays, d_scattering, terms, .. } = out;
    for i in from..from + GROUP {
        let term = shape.reflection_term(cell, of, &rays.scattering, i);
        // The image's own operation.
        sums.intensity[i] = of.peak.mul_add(term.share, sums.intensity[i]);
        terms.lattice[i] = term.share;
        if L::METRIC {
            (terms.slope[0][i], terms.slope[1][i], terms.slope[2][i]) =
                (term.slope[0], term.slope[1], term.slope[2]);
            add_to_ray(cell, term.slope, i, d_scattering);
            add_to_cell::<CELL>(term.slope, term.hkl, i, moments);
            if METRIC {
                add_to_metric(term.d_distance_sqr, term.offset, i, moments);
            }
        }
    }
}

/// Adds what a turn of this orientation by each parameter does that turns each by itself. `N` pixels from `from` on, as below.
#[inline(always)]
fn add_turns<const N: usize>(
    shared: &Shared<'_>,
    place: usize,
    cell: &CellVectors,
    (rays, terms, from): (&Rays, &Terms, usize),
    moments: &mut [Lanes; moment::COUNT],
) {
    for (turns, sum) in shared.turns.iter().zip(&mut moments[moment::TURNS..moment::OFFSETS]) {
        turn::<N>(turns[place], cell, (rays, terms, from), sum);
    }
}

/// Adds the derivatives of a pixel's term by its scattering vector.
#[inline(always)]
fn add_to_ray([a, b, c]: &CellVectors, [gh, gk, gl]: [f64; 3], i: usize, d_scattering: &mut [Lanes; 3]) {
    d_scattering[0][i] = a.x.mul_add(gh, b.x.mul_add(gk, c.x.mul_add(gl, d_scattering[0][i])));
    d_scattering[1][i] = a.y.mul_add(gh, b.y.mul_add(gk, c.y.mul_add(gl, d_scattering[1][i])));
    d_scattering[2][i] = a.z.mul_add(gh, b.z.mul_add(gk, c.z.mul_add(gl, d_scattering[2][i])));
}

/// Adds the terms to the intensities, and what they change with to the sums over rays and to the moments, as many of the cell
/// as `CELL`; keeps their derivatives.
#[inline(always)]
fn add_terms<L: Sloped, const INTERPOLATED: bool, const CELL: usize, const METRIC: bool>(
    shape: L,
    cell: &CellVectors,
    out: &mut SlopeBlock,
) {
    let SlopeBlock { sums, moments, d_scattering, terms, interpolation, .. } = out;
    for i in 0..LANES {
        let term = shape.term(terms, i);
        let f_sqr = terms.f_sqr[i];
        let share = f_sqr * term.lattice;
        sums.intensity[i] = share.mul_add(term.lattice, sums.intensity[i]);
        if L::ABSOLUTE {
            sums.error[i] += f_sqr * (2.0 * term.lattice.abs() + term.error) * term.error;
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
        add_to_ray(cell, [gh, gk, gl], i, d_scattering);
        add_to_cell::<CELL>([gh, gk, gl], [terms.hkl[0][i], terms.hkl[1][i], terms.hkl[2][i]], i, moments);
        if METRIC {
            let offset = [terms.offset[0][i], terms.offset[1][i], terms.offset[2][i]];
            add_to_metric(share * term.d_distance_sqr, offset, i, moments);
        }
    }
}

/// Adds the products of a pixel's slopes and indices that anything depends on, which is what moves the cell: all nine, the three
/// of an index with itself, or none.
#[inline(always)]
fn add_to_cell<const CELL: usize>(
    [gh, gk, gl]: [f64; 3],
    [h, k, l]: [f64; 3],
    i: usize,
    moments: &mut [Lanes; moment::COUNT],
) {
    if CELL == 0 {
        return;
    }
    moments[0][i] = gh.mul_add(h, moments[0][i]);
    moments[4][i] = gk.mul_add(k, moments[4][i]);
    moments[8][i] = gl.mul_add(l, moments[8][i]);
    if CELL == 9 {
        moments[1][i] = gh.mul_add(k, moments[1][i]);
        moments[2][i] = gh.mul_add(l, moments[2][i]);
        moments[3][i] = gk.mul_add(h, moments[3][i]);
        moments[5][i] = gk.mul_add(l, moments[5][i]);
        moments[6][i] = gl.mul_add(h, moments[6][i]);
        moments[7][i] = gl.mul_add(k, moments[7][i]);
    }
}

/// Adds what moves the metric in which spots measure their distances: a pixel's derivative by the square of the distance, times
/// the products of the distances.
#[inline(always)]
fn add_to_metric(by: f64, [u, v, w]: [f64; 3], i: usize, moments: &mut [Lanes; moment::COUNT]) {
    let (by_u, by_v, by_w) = (by * u, by * v, by * w);
    for (entry, (by, with)) in
        [(by_u, u), (by_v, v), (by_w, w), (by_v, w), (by_u, w), (by_u, v)].into_iter().enumerate()
    {
        let sum = &mut moments[moment::METRIC + entry][i];
        *sum = by.mul_add(with, *sum);
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

/// Adds what a turn of this orientation does: each cell vector moves by the product of the turn with itself.
#[inline(always)]
fn turn<const N: usize>(
    turn: Vec3,
    cell: &CellVectors,
    (rays, terms, from): (&Rays, &Terms, usize),
    sum: &mut Lanes,
) {
    let [a, b, c] = cell.map(|axis| turn.cross(axis));
    for i in from..from + N {
        let (gh, gk, gl) = (terms.slope[0][i], terms.slope[1][i], terms.slope[2][i]);
        sum[i] += rays.scattering[0][i] * a.x.mul_add(gh, b.x.mul_add(gk, c.x * gl))
            + rays.scattering[1][i] * a.y.mul_add(gh, b.y.mul_add(gk, c.y * gl))
            + rays.scattering[2][i] * a.z.mul_add(gh, b.z.mul_add(gk, c.z * gl));
    }
}
