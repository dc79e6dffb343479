//! Two cells that are one cell in two orientations: by how much one is turned, and whether a rotation step used again does that.
//!
//! Not here: where the cells are found (`diff::turned`).

/// Three vectors.
pub type CellVectors = [[f64; 3]; 3];

fn dot(x: [f64; 3], y: [f64; 3]) -> f64 {
    x.iter().zip(y).map(|(p, q)| p * q).sum()
}

fn cross(x: [f64; 3], y: [f64; 3]) -> [f64; 3] {
    [x[1] * y[2] - x[2] * y[1], x[2] * y[0] - x[0] * y[2], x[0] * y[1] - x[1] * y[0]]
}

/// By how many degrees `b` is `a` turned about one axis. `None` where lengths or angles differ by more than the fraction `close`,
/// where the vectors lie in a plane, or where one is the mirror image of the other.
pub fn turn(a: &CellVectors, b: &CellVectors, close: f64) -> Option<f64> {
    let volumes = [a, b].map(|v| dot(v[0], cross(v[1], v[2])));
    let same = (0..3).all(|i| {
        (i..3).all(|j| {
            let size = (dot(a[i], a[i]) * dot(a[j], a[j])).sqrt();
            (dot(a[i], a[j]) - dot(b[i], b[j])).abs() <= 2.0 * close * size
        })
    });
    // A product of NaN is not above zero either.
    let handed_alike = volumes[0] * volumes[1] > 0.0;
    if !(same && handed_alike) {
        return None;
    }
    // The rotation takes each vector of A to that of B; the cross products are A's inverse.
    let inverse = [cross(a[1], a[2]), cross(a[2], a[0]), cross(a[0], a[1])];
    let rotation =
        |row: usize, column: usize| (0..3).map(|i| b[i][row] * inverse[i][column]).sum::<f64>() / volumes[0];
    let trace = rotation(0, 0) + rotation(1, 1) + rotation(2, 2);
    let axis =
        [rotation(2, 1) - rotation(1, 2), rotation(0, 2) - rotation(2, 0), rotation(1, 0) - rotation(0, 1)];
    // Sine and cosine together are sharp for small turns and for half ones.
    Some(dot(axis, axis).sqrt().atan2(trace - 1.0).to_degrees())
}

/// By how many degrees the rotation step before that at phi = 0 is turned; before the first step of a scan comes the last one of
/// the scan before. `None` where no step is at phi = 0, or where there is no other step.
pub fn step_before_zero(phi_deg: &[f64]) -> Option<f64> {
    let zero = phi_deg.iter().position(|phi| *phi == 0.0)?;
    let before = phi_deg[if zero > 0 { zero - 1 } else { phi_deg.len() - 1 }];
    (before != 0.0).then_some(before.abs())
}

/// Whether a turn is that by one step, to a hundredth of it.
pub fn is_turn_by(turn: f64, step: f64) -> bool {
    (turn - step).abs() <= 0.01 * step
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CELL: CellVectors = [[43.94, 15.34, -18.27], [-22.11, 52.33, 19.27], [26.49, 1.26, 64.77]];

    /// `cell` turned about a unit vector, by Rodrigues' formula.
    fn turned(cell: &CellVectors, axis: [f64; 3], degrees: f64) -> CellVectors {
        let (sin, cos) = degrees.to_radians().sin_cos();
        cell.map(|v| {
            let (along, side) = (dot(axis, v), cross(axis, v));
            [0, 1, 2].map(|i| v[i] * cos + side[i] * sin + axis[i] * along * (1.0 - cos))
        })
    }

    proptest! {
        #[test]
        fn the_turn_of_a_turned_cell_is_its_angle(x in -1.0..1.0, y in -1.0..1.0, z in 0.1..1.0, angle in 0.001..179.9) {
            let length = dot([x, y, z], [x, y, z]).sqrt();
            let other = turned(&CELL, [x / length, y / length, z / length], angle);
            let found = turn(&CELL, &other, 1e-9).expect("the same cell");
            prop_assert!((found - angle).abs() < 1e-6, "{found} for {angle}");
        }

        #[test]
        fn another_cell_is_no_turn(which in 0..3_usize, factor in 1.001..1.1, angle in 0.0..90.0) {
            let mut other = turned(&CELL, [0.0, 0.6, 0.8], angle);
            other[which] = other[which].map(|x| x * factor);
            prop_assert_eq!(turn(&CELL, &other, 1e-5), None);
        }
    }

    #[test]
    fn a_mirror_image_a_plane_and_nan_are_no_turn() {
        assert_eq!(turn(&CELL, &CELL.map(|v| v.map(|x| -x)), 1e-9), None);
        let flat = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [1.0, 1.0, 0.0]];
        assert_eq!(turn(&flat, &flat, 1e-9), None);
        assert_eq!(turn(&[[f64::NAN; 3]; 3], &CELL, 1e-9), None);
    }

    #[test]
    fn only_a_scan_with_a_step_at_zero_has_one_before_it() {
        assert_eq!(step_before_zero(&[0.0, 0.5, 1.0]), Some(1.0));
        assert_eq!(step_before_zero(&[-0.5, 0.0, 0.5]), Some(0.5));
        assert_eq!(step_before_zero(&[0.0]), None);
        assert_eq!(step_before_zero(&[10.0, 10.5]), None);
        assert_eq!(step_before_zero(&[]), None);
    }
}
