//! Tricubic interpolation on a 4×4×4 neighbourhood: Lagrange polynomials, one axis after the other.
//!
//! Not here: which neighbourhood, and what happens at the edge of the reflection list (see `engine`).

use super::scalar::Scalar;

/// Structure factors of a 4×4×4 neighbourhood, indexed h, k, l.
pub type Neighbourhood<T = f64> = [[[T; 4]; 4]; 4];

/// The cubic through four points, at `x`.
fn cubic<T: Scalar>(nodes: &[f64; 4], values: &[T; 4], x: T) -> T {
    let [a, b, c, d] = nodes.map(T::from);
    let y0 = (x - b) * (x - c) * (x - d) * values[0] / ((a - b) * (a - c) * (a - d));
    let y1 = (x - a) * (x - c) * (x - d) * values[1] / ((b - a) * (b - c) * (b - d));
    let y2 = (x - a) * (x - b) * (x - d) * values[2] / ((c - a) * (c - b) * (c - d));
    let y3 = (x - a) * (x - b) * (x - c) * values[3] / ((d - a) * (d - b) * (d - c));
    y0 + y1 + y2 + y3
}

/// The value at fractional indices `hkl`, from the neighbourhood whose nodes along each axis are `nodes`.
pub fn tricubic<T: Scalar>(nodes: &[[f64; 4]; 3], values: &Neighbourhood<T>, hkl: [T; 3]) -> T {
    let mut along_h = [T::from(0.0); 4];
    for (plane, y) in values.iter().zip(&mut along_h) {
        let mut along_k = [T::from(0.0); 4];
        for (line, y) in plane.iter().zip(&mut along_k) {
            *y = cubic(&nodes[2], line, hkl[2]);
        }
        *y = cubic(&nodes[1], &along_k, hkl[1]);
    }
    cubic(&nodes[0], &along_h, hkl[0])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_cubic_polynomial_is_reproduced(h in 0.0..1.0_f64, k in 0.0..1.0_f64, l in 0.0..1.0_f64) {
            let f = |h: f64, k: f64, l: f64| 2.0 + h - 3.0 * k * k + l * l * l - h * k * l;
            let nodes = [[-1.0, 0.0, 1.0, 2.0]; 3];
            let mut grid = [[[0.0; 4]; 4]; 4];
            for (i, a) in nodes[0].iter().enumerate() {
                for (j, b) in nodes[1].iter().enumerate() {
                    for (m, c) in nodes[2].iter().enumerate() {
                        grid[i][j][m] = f(*a, *b, *c);
                    }
                }
            }
            prop_assert!((tricubic(&nodes, &grid, [h, k, l]) - f(h, k, l)).abs() < 1e-12);
        }
    }

    #[test]
    fn a_node_returns_its_own_value() {
        let mut grid = [[[0.0; 4]; 4]; 4];
        grid[1][2][3] = 42.0;
        assert_eq!(tricubic(&[[4., 5., 6., 7.]; 3], &grid, [5.0, 6.0, 7.0]), 42.0);
    }
}
