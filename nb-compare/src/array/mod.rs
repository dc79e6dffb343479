//! Arrays of any rank and number type: read from files, compared in streaming passes, judged by gates.
//!
//! ```
//! use nb_compare::array::{Array, ArrayGates, compare};
//! use nb_compare::prelude::Verdict;
//!
//! let a = Array::of_f64(&[2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0])?;
//! let b = Array::of_f64(&[2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.5])?;
//! let gates = ArrayGates { rtol: Some(1e-9), ..ArrayGates::default() };
//! let comparison = compare(&a, &b, &gates)?;
//! assert_eq!(comparison.judgement.verdict, Verdict::Fail);
//! assert_eq!(comparison.metrics.place(comparison.metrics.pairs.max_abs.1), [1, 2]);
//! # Ok::<(), nb_compare::array::ArrayError>(())
//! ```
//!
//! Not here: images with regions, masks, peaks and shifts (`image`, `compare`).

pub(crate) mod apart;
mod data;
mod element;
mod error;
mod format;
mod judge;
mod layout;
mod measure;
mod number;
mod readers;
mod source;
mod spread;

pub use data::Array;
pub use element::{ByteOrder, ElementType};
pub use error::{ArrayError, shape_text};
pub use format::{Format, FormatError, RawLayout, Spec};
pub use judge::{ArrayGates, NonFinite};
pub use layout::Order;
pub(crate) use layout::place_of;
pub use measure::{ArrayMetrics, ElementPairs, Sums, Tolerance};
pub use number::Unit;
pub use readers::{is_array, open, open_spec, parse};
pub(crate) use spread::Spread;

use crate::compare::judgement::Judgement;

/// What came of comparing two arrays.
#[derive(Debug, Clone, PartialEq)]
pub struct ArrayComparison {
    /// Lengths of the axes.
    pub shape: Vec<usize>,
    /// The types of A and of B.
    pub types: [ElementType; 2],
    /// Everything measured.
    pub metrics: ArrayMetrics,
    /// How it was judged.
    pub gates: ArrayGates,
    /// The verdict.
    pub judgement: Judgement,
}

/// Compares two arrays: exactly where both are integers, otherwise in double precision, which holds every other type. Printed numbers have
/// to be equal where no tolerance is stated.
///
/// # Errors
/// Their shapes differ; a file cannot be read any more.
pub fn compare(a: &Array, b: &Array, gates: &ArrayGates) -> Result<ArrayComparison, ArrayError> {
    if a.shape() != b.shape() {
        return Err(ArrayError::Shapes(a.shape().to_vec(), b.shape().to_vec()));
    }
    let is_text = a.is_printed() || b.is_printed();
    let metrics = ArrayMetrics::of(a, b, gates.tolerance(is_text))?;
    let judgement = judge::judge(&metrics, gates, is_text);
    Ok(ArrayComparison {
        shape: a.shape().to_vec(),
        types: [a.element(), b.element()],
        metrics,
        gates: gates.clone(),
        judgement,
    })
}

#[cfg(test)]
mod tests;
