//! Lattice points near an Ewald sphere: those whose surroundings it passes through.
//!
//! Everything is on the safe side: no point is left out for rounding. Not here: points along one line
//! (`lines`), where their rays go (`panel`).

use super::lines::{LINES, Lines, ROOT_MARGIN, Solutions, solve};
use crate::engine::simd::Level;
use crate::model::orientation::CellVectors;
use crate::physics::vec3::Vec3;

/// Share by which radii are widened for rounding, and what is added to them in units of the reciprocal cell.
const WIDER: f64 = 1.0 + 1e-6;
const INDEX_MARGIN: f64 = 1e-9;

/// The sphere of one source.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sphere {
    /// Direction of the incident ray.
    pub incident: Vec3,
    /// Wavelength, m.
    pub wavelength: f64,
}

/// A crystal's reciprocal lattice with balls around its points.
#[derive(Debug)]
pub(super) struct ReciprocalLattice {
    direct: CellVectors,
    /// What the indices multiply, 1/m.
    reciprocal: [Vec3; 3],
    /// Radius of the balls, 1/m.
    radius: f64,
}

/// Whole numbers, both ends included.
type Range = (i64, i64);

impl ReciprocalLattice {
    /// Lattice of `cell` (m) whose factor is 0 farther than `radius` (1/m) from a point, distances being measured with
    /// `unrotated` (a*, b*, c* in 1/Å). `None` if these two do not belong together closely enough.
    pub(super) fn new(cell: &CellVectors, unrotated: &[Vec3; 3], radius: f64) -> Option<Self> {
        let [a, b, c] = *cell;
        let volume = a.dot(b.cross(c));
        let reciprocal = [b.cross(c), c.cross(a), a.cross(b)].map(|v| v.scaled(1.0 / volume));
        // A scattering vector s that is off a point by x has indices off by (a·x, b·x, c·x), and these a distance
        // |M x| with the matrix M below, close to a rotation: |M x| >= |x| sqrt(1 - |MᵀM - 1|).
        let star = unrotated.map(|v| v.scaled(1e10).to_array());
        let direct = cell.map(Vec3::to_array);
        let m = |i: usize, j: usize| (0..3).map(|k| star[k][i] * direct[k][j]).sum::<f64>();
        let product = |i: usize, j: usize| (0..3).map(|k| m(k, i) * m(k, j)).sum::<f64>();
        let mut off = 0.0;
        for i in 0..3 {
            for j in 0..3 {
                let difference = product(i, j) - if i == j { 1.0 } else { 0.0 };
                off += difference * difference;
            }
        }
        let off = off.sqrt();
        let longest = unrotated.iter().map(|v| v.norm()).fold(0.0, f64::max) * 1e10;
        let radius = (radius * WIDER + longest * INDEX_MARGIN) / (1.0 - off).sqrt();
        let finite = volume.is_finite() && volume != 0.0 && radius.is_finite();
        (finite && off < 0.5).then_some(Self { direct: *cell, reciprocal, radius })
    }

    /// Calls `take` with the direction (a unit vector) of each point's rays and how far from it they can be, for the
    /// points whose ball the sphere passes inside the cone `(axis, half angle)`, until it says no; then `None`, and also
    /// when more than `budget` lines of points would have to be looked at.
    pub(super) fn near(
        &self,
        sphere: &Sphere,
        cone: (Vec3, f64),
        budget: usize,
        mut take: impl FnMut(Vec3, f64) -> bool,
    ) -> Option<()> {
        let (incident, wavelength) = (sphere.incident, sphere.wavelength);
        let tolerance = wavelength * self.radius + 1e-12;
        let ranges = [0, 1, 2].map(|axis| self.range(axis, sphere, cone));
        let length = |axis: usize| (ranges[axis].1 - ranges[axis].0 + 1).max(0) as u64;
        // Along the longest range the points are solved for, the other two are walked.
        let inner = (0..3).max_by_key(|axis| length(*axis))?;
        let [p, q] = [(inner + 1) % 3, (inner + 2) % 3];
        let lines = length(p).checked_mul(length(q))?;
        if lines > budget as u64 || !(tolerance < 0.5 && wavelength > 0.0) {
            return None;
        }
        let step = |axis: usize| self.reciprocal[axis].scaled(wavelength);
        let (on, across, along) = (step(p), step(q), step(inner));
        let nearest_cosine = cone.1.cos();
        let (level, mut solved) = (Level::detect(), Solutions::new());
        let bounds = [ranges[inner].0 as f64, ranges[inner].1 as f64];
        for ip in ranges[p].0..=ranges[p].1 {
            let mut next = ranges[q].0;
            while next <= ranges[q].1 {
                let start = plus(plus(incident, on, ip as f64), across, next as f64);
                solve(level, &Lines { start, across, along, tolerance, bounds }, &mut solved);
                let count = (ranges[q].1 - next + 1).min(LINES as i64) as usize;
                next += LINES as i64;
                for (line, from, to) in solved.ranges(count) {
                    let start = plus(start, across, line as f64);
                    for i in from..=to {
                        let v = plus(start, along, i as f64);
                        let length = v.norm();
                        let gap = (length - 1.0).abs();
                        if gap > tolerance {
                            continue;
                        }
                        let chord =
                            ((tolerance * tolerance - gap * gap) / length).max(0.0).sqrt() * WIDER + 1e-12;
                        let direction = v.scaled(1.0 / length);
                        if direction.dot(cone.0) >= nearest_cosine - chord && !take(direction, chord) {
                            return None;
                        }
                    }
                }
            }
        }
        Some(())
    }

    /// Indices along an axis that points can have whose rays are inside the cone.
    fn range(&self, axis: usize, sphere: &Sphere, (middle, half_angle): (Vec3, f64)) -> Range {
        let along = self.direct[axis];
        let length = along.norm();
        let angle = (along.dot(middle) / length).clamp(-1.0, 1.0).acos();
        let most = (angle - half_angle).max(0.0).cos();
        let least = (angle + half_angle).min(std::f64::consts::PI).cos();
        let of = |cosine: f64| (length * cosine - along.dot(sphere.incident)) / sphere.wavelength;
        let margin = length * self.radius + ROOT_MARGIN;
        ((of(least) - margin).floor() as i64, (of(most) + margin).ceil() as i64)
    }
}

#[inline]
fn plus(v: Vec3, w: Vec3, times: f64) -> Vec3 {
    Vec3::new(v.x + times * w.x, v.y + times * w.y, v.z + times * w.z)
}
