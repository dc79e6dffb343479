//! A block of pixels of one row with its derivatives: the sum over terms keeps first moments, the parameters are applied once
//! per pixel.
//!
//! A term depends on its three indices, and an index on the cell vector and the scattering vector. So the loop over terms
//! keeps Σ G a (for what moves the scattering vector) and Σ G h (for what moves the cell), G the term's derivatives by its
//! indices; their number does not grow with the number of parameters. Not here: lattice factors (`derivative_lattice`),
//! what the kernel does not cover (`derivative_pixel`).

// Several arrays are walked in step: one counter is what the compiler turns into vector instructions.
#![allow(clippy::needless_range_loop)]

use super::derivative_jacobian::Direction;
use super::derivative_lattice::{Sloped, Terms};
use super::derivative_prefactor::{Prefactor, aim};
use super::kernel::{LANES, Lanes};
use super::kernel_table::SquaredTable;
use super::reference::Context;
use crate::model::orientation::CellVectors;
use crate::physics::vec3::Vec3;

/// What all blocks of a pass share.
pub(super) struct Shared<'a> {
    pub(super) context: &'a Context<'a>,
    pub(super) table: &'a SquaredTable,
    /// Cells of one sweep over rotation steps and domains.
    pub(super) sweep: Vec<CellVectors>,
    pub(super) directions: Vec<Direction>,
    /// Places of the directions that turn the crystal differently at every orientation.
    pub(super) turning: Vec<usize>,
    /// Whether any direction changes the cell vectors in terms of themselves.
    pub(super) moves_cell: bool,
}

/// Turning parameters at most: spindle and mosaic spread.
const TURNS: usize = 2;

/// Sums over a pixel's terms.
pub(super) struct Moments {
    pub(super) intensity: Lanes,
    /// Σ G_i h_j.
    cell: [[Lanes; 3]; 3],
    /// What the origin, the fast, slow and normal axis are multiplied with.
    pub(super) geometry: [[Lanes; 3]; 4],
    wavelength: Lanes,
    turns: [Lanes; TURNS],
    metric: [Lanes; 6],
}

impl Moments {
    fn new(background: f64) -> Self {
        let zero = [0.0; LANES];
        Self {
            intensity: [background; LANES],
            cell: [[zero; 3]; 3],
            geometry: [[zero; 3]; 4],
            wavelength: zero,
            turns: [zero; TURNS],
            metric: [zero; 6],
        }
    }
}

/// The rays of one source to a block, and the moment that belongs to them.
struct Rays {
    scattering: [Lanes; 3],
    moment: [Lanes; 3],
}

/// Photons of a block and their derivatives: `out[p]` for direction `p`, in photons per the user's unit.
#[inline(always)]
pub(super) fn block<L: Sloped>(
    shape: L,
    shared: &Shared<'_>,
    (slow, fast): (usize, usize),
    photons: &mut Lanes,
    out: &mut [Lanes],
) {
    let e = shared.context.experiment;
    let mut moments = Moments::new(e.background);
    let mut prefactor = Prefactor::new();
    let mut terms = Terms::new();
    let mut rays = Rays { scattering: [[0.0; LANES]; 3], moment: [[0.0; LANES]; 3] };
    for layer in 0..e.layers {
        for sub_slow in 0..e.sampling.oversample {
            for sub_fast in 0..e.sampling.oversample {
                let sub = [layer, sub_slow, sub_fast];
                let aimed = aim(shared.context, (slow, fast), sub);
                prefactor.update(shared.context, sub, &aimed);
                for source in &e.sources.list {
                    let (incident, inverse) = (-source.direction, 1.0 / source.wavelength);
                    for i in 0..LANES {
                        rays.scattering[0][i] = (aimed.direction[0][i] - incident.x) * inverse;
                        rays.scattering[1][i] = (aimed.direction[1][i] - incident.y) * inverse;
                        rays.scattering[2][i] = (aimed.direction[2][i] - incident.z) * inverse;
                    }
                    rays.moment = [[0.0; LANES]; 3];
                    for (place, cell) in shared.sweep.iter().enumerate() {
                        step(shape, shared, place, cell, &mut rays, &mut terms, &mut moments);
                    }
                    let follows = source.follows * inverse;
                    for i in 0..LANES {
                        let [x, y, z] = [0, 1, 2].map(|axis| rays.moment[axis][i]);
                        let [qx, qy, qz] = [0, 1, 2].map(|axis| rays.scattering[axis][i]);
                        moments.wavelength[i] -= (x * qx + y * qy + z * qz) * follows;
                    }
                    aimed.collect(&rays.moment, inverse, &mut moments.geometry);
                }
            }
        }
    }
    prefactor.apply(&moments.intensity, &mut moments.geometry);
    finish::<L>(shared, &prefactor, &moments, photons, out);
}

/// Adds one orientation's terms.
#[inline(always)]
fn step<L: Sloped>(
    shape: L,
    shared: &Shared<'_>,
    place: usize,
    cell: &CellVectors,
    rays: &mut Rays,
    terms: &mut Terms,
    moments: &mut Moments,
) {
    shape.terms(cell, &rays.scattering, shared.table, terms);
    if !terms.any {
        return;
    }
    weigh::<L>(shared.table, terms);
    let [a, b, c] = *cell;
    for i in 0..LANES {
        let (gh, gk, gl) = (terms.slope[0][i], terms.slope[1][i], terms.slope[2][i]);
        moments.intensity[i] += terms.square[i];
        rays.moment[0][i] += gh * a.x + gk * b.x + gl * c.x;
        rays.moment[1][i] += gh * a.y + gk * b.y + gl * c.y;
        rays.moment[2][i] += gh * a.z + gk * b.z + gl * c.z;
    }
    if shared.moves_cell {
        for axis in 0..3 {
            for i in 0..LANES {
                let g = terms.slope[axis][i];
                moments.cell[axis][0][i] += g * terms.hkl[0][i];
                moments.cell[axis][1][i] += g * terms.hkl[1][i];
                moments.cell[axis][2][i] += g * terms.hkl[2][i];
            }
        }
    }
    for (turned, direction) in shared.turning.iter().enumerate() {
        if let Some(turns) = &shared.directions[*direction].turns {
            turn(turns[place], cell, rays, terms, &mut moments.turns[turned]);
        }
    }
    if L::METRIC {
        for entry in 0..6 {
            for i in 0..LANES {
                moments.metric[entry][i] += terms.metric[entry][i];
            }
        }
    }
}

/// Brings the squared structure factors in.
#[inline(always)]
fn weigh<L: Sloped>(table: &SquaredTable, terms: &mut Terms) {
    let mut f_sqr = [0.0; LANES];
    match table.constant() {
        Some(constant) => f_sqr = [constant; LANES],
        None => {
            for i in 0..LANES {
                // SAFETY: there is a list, and the shapes take their places from this table.
                f_sqr[i] = unsafe { table.at(terms.place[i]) };
            }
        }
    }
    for i in 0..LANES {
        terms.square[i] *= f_sqr[i];
        terms.slope[0][i] *= f_sqr[i];
        terms.slope[1][i] *= f_sqr[i];
        terms.slope[2][i] *= f_sqr[i];
    }
    if L::METRIC {
        for entry in 0..6 {
            for i in 0..LANES {
                terms.metric[entry][i] *= f_sqr[i];
            }
        }
    }
}

/// Adds what a turn of this orientation does: each cell vector moves by the product of the turn with itself.
#[inline(always)]
fn turn(turn: Vec3, cell: &CellVectors, rays: &Rays, terms: &Terms, sum: &mut Lanes) {
    let [a, b, c] = cell.map(|axis| turn.cross(axis));
    for i in 0..LANES {
        let (gh, gk, gl) = (terms.slope[0][i], terms.slope[1][i], terms.slope[2][i]);
        sum[i] += rays.scattering[0][i] * (gh * a.x + gk * b.x + gl * c.x)
            + rays.scattering[1][i] * (gh * a.y + gk * b.y + gl * c.y)
            + rays.scattering[2][i] * (gh * a.z + gk * b.z + gl * c.z);
    }
}

/// From moments to photons and derivatives.
#[inline(always)]
fn finish<L: Sloped>(
    shared: &Shared<'_>,
    prefactor: &Prefactor,
    moments: &Moments,
    photons: &mut Lanes,
    out: &mut [Lanes],
) {
    let e = shared.context.experiment;
    let scale = shared.context.scale / f64::from(e.sampling.steps);
    for i in 0..LANES {
        photons[i] = scale * prefactor.value[i] * moments.intensity[i];
    }
    for (p, (direction, out)) in shared.directions.iter().zip(out).enumerate() {
        let d = direction;
        for i in 0..LANES {
            out[i] = d.background + d.wavelength * moments.wavelength[i] + d.close * moments.intensity[i];
        }
        if let Some(crystal) = &d.crystal {
            add(&moments.cell, crystal, out);
            if L::METRIC {
                for (moment, weight) in moments.metric.iter().zip(d.metric) {
                    for i in 0..LANES {
                        out[i] += moment[i] * weight;
                    }
                }
            }
        }
        if let Some(geometry) = &d.geometry {
            add(&moments.geometry, &geometry.map(Vec3::to_array), out);
        }
        if let Some(turned) = shared.turning.iter().position(|place| *place == p) {
            for i in 0..LANES {
                out[i] += moments.turns[turned][i];
            }
        }
        for i in 0..LANES {
            out[i] = scale * prefactor.value[i] * out[i] + d.fluence * photons[i];
        }
    }
}

/// Adds the products of moments and constants.
#[inline(always)]
fn add<const N: usize>(moments: &[[Lanes; 3]; N], constants: &[[f64; 3]; N], out: &mut Lanes) {
    for (moments, constants) in moments.iter().zip(constants) {
        if *constants == [0.0; 3] {
            continue;
        }
        for i in 0..LANES {
            out[i] +=
                moments[0][i] * constants[0] + moments[1][i] * constants[1] + moments[2][i] * constants[2];
        }
    }
}
