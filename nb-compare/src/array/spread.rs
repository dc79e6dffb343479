//! How far the elements of an array move by themselves: a number for each, and the NumPy file that keeps them.
//!
//! Not here: finding it (`noise`), holding a candidate against it (`adapter::inside`).

use std::io;
use std::path::Path;

use nanobragg::error::InputError;
use nanobragg::image::npy_header::Header;

use crate::array::apart::values;
use crate::array::element::ElementType;
use crate::array::error::ArrayError;
use crate::array::format::Format;
use crate::array::readers::parse;

/// How far the elements of one output move.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Spread {
    /// Lengths of the axes; of a table its rows and judged columns.
    pub(crate) shape: Vec<usize>,
    /// Digest of the cells that pair the rows of a table, in their order; none of an array, and of a table whose rows are paired by order.
    pub(crate) keys: Option<String>,
    /// For each element in the order of places as C counts them, in the unit of the output; NaN where nothing can be said.
    pub(crate) values: Vec<f64>,
}

impl Spread {
    /// As the content of a NumPy file of 64-bit floats.
    ///
    /// # Errors
    /// The shape does not fit into a header.
    pub(crate) fn to_npy(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(128 + 8 * self.values.len());
        let shape = self.shape.clone();
        Header { element: "<f8".to_owned(), fortran_order: false, shape }.write(&mut bytes)?;
        bytes.extend(self.values.iter().flat_map(|value| value.to_le_bytes()));
        Ok(bytes)
    }

    /// What such a file holds; `path` is for messages.
    ///
    /// # Errors
    /// It is no file of 64-bit floats, or holds a noise that is below 0 or infinite.
    pub(crate) fn of_npy(path: &Path, bytes: &[u8]) -> Result<Self, ArrayError> {
        let array = parse(path, bytes, None, &Format::Npy)?;
        if array.element() != ElementType::F64 {
            let problem = format!("has elements of type {}", array.element());
            return Err(InputError::new(path, problem, "float64: how far elements move").into());
        }
        let values = values(&array)?;
        if let Some(value) = values.iter().find(|value| **value < 0.0 || value.is_infinite()) {
            let problem = format!("holds a noise of `{value}`");
            return Err(InputError::new(path, problem, "numbers from 0 on, or NaN").into());
        }
        Ok(Self { shape: array.shape().to_vec(), keys: None, values })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_noise_is_read_as_it_was_written_and_one_that_makes_no_sense_is_refused() {
        let path = Path::new("x.npy");
        for shape in [vec![2, 3], vec![6], vec![1, 2, 3]] {
            let spread = Spread { shape, keys: None, values: vec![0.0, 1.0, 0.5, 3e300, 1e-320, 7.0] };
            assert_eq!(Spread::of_npy(path, &spread.to_npy().unwrap()).unwrap(), spread);
        }
        for wrong in [-1.0, f64::INFINITY] {
            let spread = Spread { shape: vec![1], keys: None, values: vec![wrong] };
            assert!(Spread::of_npy(path, &spread.to_npy().unwrap()).is_err(), "{wrong}");
        }
        assert!(Spread::of_npy(path, b"\x93NUMPY").is_err());
    }
}
