//! Cholesky's factorisation of the normal matrix: steps from it, and its inverse.
//!
//! By hand because the matrix has a row per refined parameter, a dozen at most, and a crate of linear algebra takes longer to
//! compile than all of the refinement. Not here: where the matrix comes from (`problem`).

use ndarray::Array2;

/// The lower factor `l` of a matrix `l lᵀ`.
pub(super) struct Cholesky(Array2<f64>);

impl Cholesky {
    /// Factors a symmetric matrix, of which the lower triangle is read; `None` if it is not positive definite.
    pub(super) fn new(matrix: &Array2<f64>) -> Option<Self> {
        let mut l = Array2::<f64>::zeros(matrix.dim());
        for i in 0..l.nrows() {
            for j in 0..=i {
                let known: f64 = (0..j).map(|k| l[(i, k)] * l[(j, k)]).sum();
                let left = matrix[(i, j)] - known;
                l[(i, j)] = if i == j { left.sqrt() } else { left / l[(j, j)] };
            }
            // A negative rest has no root, and NaN is not above 0 either.
            if !(l[(i, i)] > 0.0 && l[(i, i)].is_finite()) {
                return None;
            }
        }
        Some(Self(l))
    }

    /// The `x` for which the matrix times `x` is `right`.
    pub(super) fn solve(&self, right: &[f64]) -> Vec<f64> {
        let (l, n) = (&self.0, right.len());
        let mut x = right.to_vec();
        for i in 0..n {
            let known: f64 = (0..i).map(|k| l[(i, k)] * x[k]).sum();
            x[i] = (x[i] - known) / l[(i, i)];
        }
        for i in (0..n).rev() {
            let known: f64 = (i + 1..n).map(|k| l[(k, i)] * x[k]).sum();
            x[i] = (x[i] - known) / l[(i, i)];
        }
        x
    }

    /// The inverse of the matrix.
    pub(super) fn inverse(&self) -> Array2<f64> {
        let mut inverse = Array2::eye(self.0.nrows());
        for mut column in inverse.columns_mut() {
            let solved = self.solve(&column.to_vec());
            column.iter_mut().zip(solved).for_each(|(entry, x)| *entry = x);
        }
        inverse
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array1, array};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_matrix_times_its_inverse_is_one_and_a_solution_solves(
            (n, entries, right) in (1_usize..8).prop_flat_map(|n| {
                let numbers = |count| prop::collection::vec(-1.0..1.0_f64, count);
                (Just(n), numbers(n * n), numbers(n))
            })
        ) {
            // b bᵀ plus one on the diagonal is positive definite, with a condition below n² + 1.
            let b = Array2::from_shape_vec((n, n), entries).expect("n times n");
            let matrix = b.dot(&b.t()) + Array2::<f64>::eye(n);
            let factor = Cholesky::new(&matrix).expect("positive definite");
            let one = matrix.dot(&factor.inverse()) - Array2::<f64>::eye(n);
            prop_assert!(one.iter().all(|x| x.abs() < 1e-12), "{one}");
            let back = matrix.dot(&Array1::from(factor.solve(&right))) - Array1::from(right);
            prop_assert!(back.iter().all(|x| x.abs() < 1e-12), "{back}");
        }
    }

    #[test]
    fn what_is_not_positive_definite_has_no_factor() {
        for matrix in [
            array![[1.0, 2.0], [2.0, 1.0]],
            array![[0.0, 0.0], [0.0, 1.0]],
            array![[1.0, 0.0], [0.0, f64::NAN]],
            array![[f64::INFINITY, 0.0], [0.0, 1.0]],
        ] {
            assert!(Cholesky::new(&matrix).is_none(), "{matrix}");
        }
    }
}
