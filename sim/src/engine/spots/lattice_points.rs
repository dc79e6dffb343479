//! Lattice points near an Ewald sphere: those whose surroundings it passes through.
//!
//! Everything is on the safe side: no point is left out for rounding. Not here: points along one line
//! (`lines`), where their rays go (`panel`).

use super::lines::{LINES, Lines, ROOT_MARGIN, Solutions, solve};
use super::panel::View;
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
    /// Largest radius of the balls, 1/m.
    radius: f64,
    /// What other radii are to be multiplied with for the same margins.
    stretch: f64,
    /// And what is to be added to them.
    margin: f64,
    /// Indices of the points that matter.
    limits: [IntegerRange; 3],
}

/// A point near the sphere.
#[derive(Debug, Clone, Copy)]
pub(super) struct Near {
    /// Its indices.
    pub hkl: [i64; 3],
    /// Direction of its rays, a unit vector.
    pub direction: Vec3,
    /// How far from that they can be.
    pub chord: f64,
}

/// Whole numbers, both ends included.
pub(super) type IntegerRange = (i64, i64);

impl ReciprocalLattice {
    /// Lattice of `cell` (m) whose factor is 0 farther than `radius` (1/m) from any point, distances being measured with
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
        let bent = (1.0 - off).sqrt();
        let (stretch, margin) = (WIDER / bent, longest * INDEX_MARGIN / bent);
        let radius = radius * stretch + margin;
        let finite = volume.is_finite() && volume != 0.0 && radius.is_finite();
        let limits = [(i64::MIN, i64::MAX); 3];
        (finite && off < 0.5).then_some(Self { direct: *cell, reciprocal, radius, stretch, margin, limits })
    }

    /// The same lattice with points only whose indices are within limits, if there are any.
    pub(super) fn within(self, limits: Option<[IntegerRange; 3]>) -> Self {
        Self { limits: limits.unwrap_or(self.limits), ..self }
    }

    /// A radius with its margins.
    fn widened(&self, radius: f64) -> f64 {
        radius * self.stretch + self.margin
    }

    /// Calls `take` for the points whose ball the sphere passes inside the view, until it says no; then
    /// `None`, and also when more than `budget` lines of points would have to be looked at. `radius` gives the ball of
    /// a point with these indices, 1/m, which must not be above that of [`Self::new`]; 0 for points that do not matter.
    pub(super) fn near(
        &self,
        sphere: &Sphere,
        View { cone, sides }: View,
        budget: usize,
        radius: impl Fn([i64; 3]) -> f64,
        mut take: impl FnMut(Near) -> bool,
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
        // No ray of a ball is farther from its middle than the tolerance; a little more for rounding.
        let behind = -tolerance - 1e-9;
        let (level, mut solved) = (Level::detect(), Solutions::new());
        let bounds = [ranges[inner].0 as f64, ranges[inner].1 as f64];
        for ip in ranges[p].0..=ranges[p].1 {
            let mut next = ranges[q].0;
            while next <= ranges[q].1 {
                let start = plus(plus(incident, on, ip as f64), across, next as f64);
                solve(level, &Lines { start, across, along, tolerance, bounds }, &mut solved);
                let count = (ranges[q].1 - next + 1).min(LINES as i64) as usize;
                let first = next;
                next += LINES as i64;
                for (line, from, to) in solved.ranges(count) {
                    let start = plus(start, across, line as f64);
                    for i in from..=to {
                        let v = plus(start, along, i as f64);
                        if v.dot(sides[0]).min(v.dot(sides[1])) < behind {
                            continue;
                        }
                        let length = v.norm();
                        let gap = (length - 1.0).abs();
                        if gap > tolerance {
                            continue;
                        }
                        let mut hkl = [0; 3];
                        (hkl[p], hkl[q], hkl[inner]) = (ip, first + line as i64, i);
                        let own = radius(hkl);
                        let tolerance = wavelength * self.widened(own) + 1e-12;
                        if own <= 0.0 || gap > tolerance {
                            continue;
                        }
                        let chord =
                            ((tolerance * tolerance - gap * gap) / length).max(0.0).sqrt() * WIDER + 1e-12;
                        let direction = v.scaled(1.0 / length);
                        if direction.dot(cone.0) >= nearest_cosine - chord
                            && !take(Near { hkl, direction, chord })
                        {
                            return None;
                        }
                    }
                }
            }
        }
        Some(())
    }

    /// Indices along an axis that points can have whose rays are inside the cone.
    fn range(&self, axis: usize, sphere: &Sphere, (middle, half_angle): (Vec3, f64)) -> IntegerRange {
        let along = self.direct[axis];
        let length = along.norm();
        let angle = (along.dot(middle) / length).clamp(-1.0, 1.0).acos();
        let most = (angle - half_angle).max(0.0).cos();
        let least = (angle + half_angle).min(std::f64::consts::PI).cos();
        let of = |cosine: f64| (length * cosine - along.dot(sphere.incident)) / sphere.wavelength;
        let margin = length * self.radius + ROOT_MARGIN;
        let (first, last) = self.limits[axis];
        (first.max((of(least) - margin).floor() as i64), last.min((of(most) + margin).ceil() as i64))
    }
}

#[inline]
fn plus(v: Vec3, w: Vec3, times: f64) -> Vec3 {
    Vec3::new(v.x + times * w.x, v.y + times * w.y, v.z + times * w.z)
}
