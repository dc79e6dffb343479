//! Points of parallel lines that lie near a sphere: many lines at a time, because nearly all of them have none.
//!
//! Everything is on the safe side: no point is left out for rounding. Not here: which lines (`lattice_points`).

use crate::engine::simd::{Level, on_every_level};
use crate::physics::vec3::Vec3;

/// Lines solved together.
pub(super) const LINES: usize = 32;

/// Indices by which the solutions along a line of points are widened, and what is added for lines whose points lie close:
/// square roots of small differences round badly.
pub(super) const ROOT_MARGIN: f64 = 1e-4;
const CLOSE_MARGIN: f64 = 1e-7;

/// Numbers of the lines: converting them takes several instructions without AVX-512.
const NUMBER: [f64; LINES] = {
    let mut number = [0.0; LINES];
    let mut j = 1;
    while j < LINES {
        number[j] = number[j - 1] + 1.0;
        j += 1;
    }
    number
};

/// Lines of points `start + j across + i along`, with j from 0 and whole i, beside the unit sphere.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lines {
    /// Where i and j are 0.
    pub start: Vec3,
    /// From line to line.
    pub across: Vec3,
    /// From point to point.
    pub along: Vec3,
    /// Largest distance from the sphere.
    pub tolerance: f64,
    /// Smallest and largest i.
    pub bounds: [f64; 2],
}

/// For each line one or two ranges of i, both ends included; those that end before they start are empty.
pub(super) struct Solutions {
    first: [[f64; LINES]; 2],
    second: [[f64; LINES]; 2],
    /// A bit for each line that has a range which is not empty, the first one's lowest.
    found: u64,
}

impl Solutions {
    /// Room for them.
    pub(super) const fn new() -> Self {
        Self { first: [[0.0; LINES]; 2], second: [[0.0; LINES]; 2], found: 0 }
    }

    /// Line, first and last index of all ranges of the first `count` lines that are not empty.
    pub(super) fn ranges(&self, count: usize) -> impl Iterator<Item = (usize, i64, i64)> {
        let mut left = self.found;
        // Most lines have none: they are not even looked at.
        let lines = std::iter::from_fn(move || {
            let line = left.trailing_zeros() as usize;
            left &= left.wrapping_sub(1);
            (line < count).then_some(line)
        });
        lines.flat_map(|line| [&self.first, &self.second].map(|r| (line, r[0][line], r[1][line]))).filter_map(
            |(line, from, to)| if from <= to { Some((line, from as i64, to as i64)) } else { None },
        )
    }
}

/// Whole i with 1 - tolerance <= |start + j across + i along| <= 1 + tolerance, and perhaps a few more.
pub(crate) fn solve(level: Option<Level>, lines: &Lines, out: &mut Solutions) {
    match level {
        Some(level) => on_level(level, lines, out),
        None => solve_all(lines, out),
    }
}

on_every_level! {
    /// Solves for all lines with an instruction set.
    fn on_level[][](lines: &Lines, out: &mut Solutions) => solve_all
}

#[inline(always)]
fn solve_all(lines: &Lines, out: &mut Solutions) {
    let Lines { start, across, along, tolerance, bounds: [least, most] } = *lines;
    let square = along.dot(along);
    let inverse = 1.0 / square;
    let margin = ROOT_MARGIN + CLOSE_MARGIN * inverse.sqrt();
    let (outer, inner) = ((1.0 + tolerance) * (1.0 + tolerance), (1.0 - tolerance) * (1.0 - tolerance));
    // Of a line that only just misses the sphere rounding may say either.
    let missed = -1e-9 * square;
    for j in 0..LINES {
        let times = NUMBER[j];
        let x = start.x + times * across.x;
        let y = start.y + times * across.y;
        let z = start.z + times * across.z;
        let mixed = x * along.x + y * along.y + z * along.z;
        let distance = x * x + y * y + z * z;
        let outside = mixed * mixed - square * (distance - outer);
        let inside = mixed * mixed - square * (distance - inner);
        let half = if outside > 0.0 { outside } else { 0.0 }.sqrt();
        let from = ((-mixed - half) * inverse - margin).ceil();
        let to = ((-mixed + half) * inverse + margin).floor();
        let from = if outside < missed {
            f64::INFINITY
        } else if from > least {
            from
        } else {
            least
        };
        let to = if to < most { to } else { most };
        // Where the line passes inside the inner sphere, what lies between is left out.
        let half = if inside > 0.0 { inside } else { 0.0 }.sqrt();
        let near = ((-mixed - half) * inverse + margin).floor();
        let far = ((-mixed + half) * inverse - margin).ceil();
        let split = (inside > 0.0) & (near < far);
        out.first[0][j] = from;
        out.first[1][j] = if split & (near < to) { near } else { to };
        out.second[0][j] = if !split {
            f64::INFINITY
        } else if far > from {
            far
        } else {
            from
        };
        out.second[1][j] = to;
    }
    out.found = 0;
    for j in 0..LINES {
        let any = (out.first[0][j] <= out.first[1][j]) | (out.second[0][j] <= out.second[1][j]);
        out.found |= u64::from(any) << j;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All lines between a coarse lattice and a fine one, against looking at every point.
    #[test]
    fn every_point_near_the_sphere_is_in_a_range_and_few_others_are() {
        let mut near = 0;
        for (spacing, tolerance) in [(0.3, 1e-2), (0.07, 1e-3), (0.01, 1e-4), (1e-3, 1e-3)] {
            let lines = Lines {
                start: Vec3::new(-1.1, 0.013, -0.52),
                across: Vec3::new(0.031, 0.04, 0.017),
                along: Vec3::new(0.6 * spacing, 0.48 * spacing, 0.64 * spacing),
                tolerance,
                bounds: [-40.0, 3000.0],
            };
            for level in Level::available().into_iter().map(Some).chain([None]) {
                let mut solved = Solutions::new();
                solve(level, &lines, &mut solved);
                let ranges: Vec<_> = solved.ranges(LINES).collect();
                let listed: i64 = ranges.iter().map(|(_, from, to)| to - from + 1).sum();
                let mut there = 0;
                for line in 0..LINES {
                    for i in -40..=3000_i64 {
                        let at =
                            |s: f64, across: f64, along: f64| s + across * line as f64 + along * i as f64;
                        let v = Vec3::new(
                            at(lines.start.x, lines.across.x, lines.along.x),
                            at(lines.start.y, lines.across.y, lines.along.y),
                            at(lines.start.z, lines.across.z, lines.along.z),
                        );
                        if (v.norm() - 1.0).abs() <= tolerance {
                            there += 1;
                            let found =
                                ranges.iter().filter(|(l, a, b)| *l == line && (*a..=*b).contains(&i));
                            assert_eq!(found.count(), 1, "{spacing} {level:?} line {line} point {i}");
                        }
                    }
                }
                assert!(listed <= there + 2 * ranges.len() as i64, "{listed} listed, {there} near");
                near += there;
            }
        }
        assert!(near > 100, "{near}");
    }
}
