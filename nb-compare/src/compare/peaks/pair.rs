//! The one-to-one match of two lists of peaks with the least total distance (Hungarian method), and its statistics.
//!
//! Not here: how peaks are found (`find`).

use std::collections::HashMap;

use pathfinding::kuhn_munkres::kuhn_munkres_min;
use pathfinding::matrix::Matrix;

use crate::compare::metrics::Measured;
use crate::compare::peaks::find::{Peak, PeakOptions, find};
use crate::compare::pixel::PixelNumber;
use crate::compare::region::Region;

/// Largest distance of matching peaks that may be asked for, in pixels.
pub const LARGEST_GATE: f64 = 100.0;

/// Steps of the assignment within one group of peaks; its time grows with the cube of their number.
const MOST_STEPS: usize = 2_000_000_000;

/// A matched pair.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Match {
    /// Index into A's peaks, brightest first.
    pub a: usize,
    /// Index into B's peaks.
    pub b: usize,
    /// Distance in pixels.
    pub distance: f64,
}

/// Peaks of both sides and how they match.
#[derive(Debug, Clone, PartialEq)]
pub struct PeakSummary {
    /// Peaks found in A, and in B.
    pub found: [usize; 2],
    /// Peaks matched.
    pub matched: usize,
    /// Matched peaks over the larger of the two counts.
    pub fraction: Measured,
    /// Mean and largest distance of matched peaks in pixels.
    pub distance: [Measured; 2],
    /// Median of height in B over height in A, over matched peaks.
    pub height_ratio: Measured,
    /// Pearson's correlation of the heights of matched peaks.
    pub height_correlation: Measured,
}

/// Finds and matches the peaks of both sides.
pub fn compare<T: PixelNumber>(region: &Region<'_, T>, options: &PeakOptions) -> PeakSummary {
    let (a, b) = (find(region, &region.a, options), find(region, &region.b, options));
    match matches(&a, &b, options.gate) {
        Some(matches) => summarise(&a, &b, &matches),
        None => {
            let none =
                || Measured::undefined("too many peaks lie within the gate of each other to match them");
            let (distance, fraction) = ([none(), none()], none());
            let found = [a.len(), b.len()];
            PeakSummary {
                found,
                matched: 0,
                fraction,
                distance,
                height_ratio: none(),
                height_correlation: none(),
            }
        }
    }
}

/// The match with the most pairs within `gate` pixels, and among those the least total distance; `None` where finding it would
/// take too long.
pub(super) fn matches(a: &[Peak], b: &[Peak], gate: f64) -> Option<Vec<Match>> {
    let mut out = Vec::new();
    let groups = clusters(a, b, gate);
    let steps = |(left, right): &(Vec<usize>, Vec<usize>)| {
        let (few, many) = (left.len().min(right.len()), left.len().max(right.len()));
        few.saturating_mul(few).saturating_mul(many)
    };
    if groups.iter().map(steps).fold(0, usize::saturating_add) > MOST_STEPS {
        return None;
    }
    for (left, right) in groups {
        assign(a, b, &left, &right, gate, &mut out);
    }
    out.sort_by_key(|m| m.a);
    Some(out)
}

fn distance(p: &Peak, q: &Peak) -> f64 {
    (p.fast - q.fast).hypot(p.slow - q.slow)
}

/// Groups of peaks linked by distances within the gate: peaks of different groups can never match, so that the cubic cost
/// of the assignment is paid per group.
fn clusters(a: &[Peak], b: &[Peak], gate: f64) -> Vec<(Vec<usize>, Vec<usize>)> {
    let cell = |p: &Peak| ((p.fast / gate).floor() as i64, (p.slow / gate).floor() as i64);
    let mut by_cell: HashMap<(i64, i64), Vec<usize>> = HashMap::new();
    b.iter().enumerate().for_each(|(j, p)| by_cell.entry(cell(p)).or_default().push(j));
    // Union-find over A's peaks, then B's.
    let mut parent: Vec<usize> = (0..a.len() + b.len()).collect();
    for (i, p) in a.iter().enumerate() {
        let (x, y) = cell(p);
        let near = (-1..=1).flat_map(|dx| (-1..=1).map(move |dy| (x + dx, y + dy)));
        for &j in near.filter_map(|c| by_cell.get(&c)).flatten() {
            if distance(p, &b[j]) <= gate {
                let (r, s) = (root(&mut parent, i), root(&mut parent, a.len() + j));
                parent[r.max(s)] = r.min(s);
            }
        }
    }
    let mut groups: HashMap<usize, (Vec<usize>, Vec<usize>)> = HashMap::new();
    for i in 0..a.len() + b.len() {
        let group = groups.entry(root(&mut parent, i)).or_default();
        if i < a.len() { group.0.push(i) } else { group.1.push(i - a.len()) }
    }
    groups.into_values().filter(|(l, r)| !l.is_empty() && !r.is_empty()).collect()
}

fn root(parent: &mut [usize], mut i: usize) -> usize {
    while parent[i] != i {
        parent[i] = parent[parent[i]];
        i = parent[i];
    }
    i
}

fn assign(a: &[Peak], b: &[Peak], left: &[usize], right: &[usize], gate: f64, out: &mut Vec<Match>) {
    /// Distances in millionths of the gate, since the method works on integers.
    const UNIT: f64 = 1e6;
    let swapped = left.len() > right.len();
    let (rows, columns) = if swapped { (right, left) } else { (left, right) };
    let pair = |r: usize, c: usize| if swapped { (columns[c], rows[r]) } else { (rows[r], columns[c]) };
    // One forbidden pair costs more than all allowed ones together: the number of pairs comes first.
    let forbidden = (rows.len() as i64 + 1) * (UNIT as i64 + 1);
    let weights = Matrix::from_fn(rows.len(), columns.len(), |(r, c)| {
        let (i, j) = pair(r, c);
        let d = distance(&a[i], &b[j]);
        if d <= gate { (d / gate * UNIT) as i64 } else { forbidden }
    });
    let (_, chosen) = kuhn_munkres_min(&weights);
    for (r, c) in chosen.into_iter().enumerate() {
        let (i, j) = pair(r, c);
        let d = distance(&a[i], &b[j]);
        if d <= gate {
            out.push(Match { a: i, b: j, distance: d });
        }
    }
}

fn summarise(a: &[Peak], b: &[Peak], matches: &[Match]) -> PeakSummary {
    let most = a.len().max(b.len());
    let none = || Measured::undefined("no peaks match");
    let count = matches.len() as f64;
    let mean = matches.iter().map(|m| m.distance).sum::<f64>() / count;
    let largest = matches.iter().map(|m| m.distance).fold(0.0, f64::max);
    let mut ratios: Vec<f64> = matches.iter().map(|m| b[m.b].height / a[m.a].height).collect();
    ratios.sort_by(f64::total_cmp);
    PeakSummary {
        found: [a.len(), b.len()],
        matched: matches.len(),
        fraction: match most {
            0 => Measured::undefined("neither side has a peak"),
            _ => Measured::Value(count / most as f64),
        },
        distance: if matches.is_empty() {
            [none(), none()]
        } else {
            [Measured::Value(mean), Measured::Value(largest)]
        },
        height_ratio: ratios
            .get(ratios.len() / 2)
            .map_or_else(none, |&r| Measured::finite(r, "a peak of A is zero")),
        height_correlation: height_correlation(a, b, matches),
    }
}

fn height_correlation(a: &[Peak], b: &[Peak], matches: &[Match]) -> Measured {
    if matches.len() < 3 {
        return Measured::undefined("fewer than three peaks match");
    }
    let n = matches.len() as f64;
    let mean = |height: &dyn Fn(&Match) -> f64| matches.iter().map(height).sum::<f64>() / n;
    let (ma, mb) = (mean(&|m| a[m.a].height), mean(&|m| b[m.b].height));
    let mut s = [0.0; 3];
    for m in matches {
        let (x, y) = (a[m.a].height - ma, b[m.b].height - mb);
        s = [s[0] + x * x, s[1] + y * y, s[2] + x * y];
    }
    Measured::finite(
        (s[2] / (s[0] * s[1]).sqrt()).clamp(-1.0, 1.0),
        "all matched peaks of a side are equally high",
    )
}

#[cfg(test)]
mod tests {
    use nanobragg::image::raster::Raster;

    use super::*;
    use crate::compare::region::Roi;

    fn peak(fast: f64, slow: f64) -> Peak {
        Peak { fast, slow, height: 1.0 }
    }

    fn spots(offset: usize, scale: f32) -> Raster<f32> {
        let mut data = vec![1.0; 64 * 64];
        for (n, &(x, y)) in [(10, 10), (20, 11), (40, 50), (55, 30)].iter().enumerate() {
            data[y * 64 + x + offset] = scale * (10.0 + n as f32);
        }
        Raster { fast: 64, slow: 64, data }
    }

    fn of(a: &Raster<f32>, b: &Raster<f32>) -> PeakSummary {
        compare(&Region::new(a, b, Roi::whole(64, 64), None), &PeakOptions::default())
    }

    #[test]
    fn every_peak_of_an_image_finds_itself() {
        let s = of(&spots(0, 1.0), &spots(0, 1.0));
        assert_eq!((s.found, s.matched), ([4, 4], 4));
        assert_eq!((s.fraction, s.distance[1].clone()), (Measured::Value(1.0), Measured::Value(0.0)));
        assert_eq!(s.height_correlation, Measured::Value(1.0));
    }

    #[test]
    fn scale_shows_in_the_heights_and_a_shift_in_the_distances() {
        assert_eq!(of(&spots(0, 1.0), &spots(0, 2.0)).height_ratio, Measured::Value(2.0));
        let s = of(&spots(0, 1.0), &spots(1, 1.0));
        assert_eq!((s.matched, s.distance[0].clone()), (4, Measured::Value(1.0)));
        assert_eq!(of(&spots(0, 1.0), &spots(4, 1.0)).fraction, Measured::Value(0.0));
    }

    #[test]
    fn a_flat_side_has_no_peaks() {
        let flat = Raster { fast: 64, slow: 64, data: vec![0.0; 64 * 64] };
        let s = of(&spots(0, 1.0), &flat);
        assert_eq!((s.found, s.fraction), ([4, 0], Measured::Value(0.0)));
        assert!(of(&flat, &flat).fraction.value().is_none());
    }

    #[test]
    fn the_match_is_best_as_a_whole_not_greedy() {
        // Taking the nearest first (0.2 apart) would leave the others 1.4 apart, beyond the gate.
        let a = [peak(0.0, 0.0), peak(0.8, 0.0)];
        let b = [peak(0.6, 0.0), peak(1.4, 0.0)];
        let m = matches(&a, &b, 1.0).expect("few peaks");
        assert_eq!(m.iter().map(|m| (m.a, m.b)).collect::<Vec<_>>(), [(0, 0), (1, 1)]);
    }

    #[test]
    fn sides_of_different_length_match_as_far_as_they_can() {
        let a = [peak(0.0, 0.0), peak(0.5, 0.0), peak(9.0, 9.0)];
        let m = matches(&a, &[peak(0.4, 0.0)], 1.0).expect("few peaks");
        assert_eq!(m.iter().map(|m| (m.a, m.b)).collect::<Vec<_>>(), [(1, 0)]);
    }

    #[test]
    fn a_match_that_would_take_hours_is_not_begun() {
        let crowd: Vec<Peak> = (0..1500_u16).map(|i| peak(f64::from(i % 40), f64::from(i / 40))).collect();
        assert_eq!(matches(&crowd, &crowd, LARGEST_GATE), None);
        assert_eq!(matches(&crowd, &crowd, 0.5).map(|m| m.len()), Some(1500));
    }
}
