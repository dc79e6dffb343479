//! NumPy's files of one array (`.npy`): any rank, number type, and order of bytes and of elements.
//!
//! Not here: the header (`nanobragg::image::npy_header`), archives of several (`npz`).

use nanobragg::image::npy_header::Header;

use crate::array::data::{Array, Stored};
use crate::array::element::ElementType;
use crate::array::error::{ArrayError, shape_text};
use crate::array::layout::Order;
use crate::array::readers::given::ArrayInput;

pub(super) const MAGIC: &[u8] = b"\x93NUMPY";

/// No header of an array of plain numbers is longer, bytes.
pub(super) const LONGEST_HEADER: usize = 1 << 17;

const WHAT: &str = "a NumPy file of numbers";

pub(super) fn read(given: &ArrayInput<'_>) -> Result<Array, ArrayError> {
    given.whole()?;
    let stored = header(given, &given.start(LONGEST_HEADER)?)?;
    let (has, says) = (given.length()?, stored.length());
    if says.and_then(|says| says.checked_add(stored.start)).is_some_and(|end| end < has) {
        let problem = format!(
            "has `{}` bytes behind its header, more than the shape `{}` of {} has",
            has - stored.start,
            shape_text(&stored.shape),
            stored.element
        );
        return Err(given.wrong(problem, format!("`{}` bytes", says.unwrap_or(0))).into());
    }
    Array::of(given.path, given.source.clone(), stored)
}

/// What the header at the beginning of `bytes` says.
pub(super) fn header(given: &ArrayInput<'_>, bytes: &[u8]) -> Result<Stored, ArrayError> {
    let wrong = |problem: String| given.wrong(problem, WHAT);
    let (header, rest) = Header::split(bytes).map_err(|e| wrong(e.to_string()))?;
    let Some((element, order)) = ElementType::of_numpy(&header.element) else {
        let problem = format!("has elements of type `{}`", header.element);
        let hint = "save an array of bool, integers, floats or complex numbers";
        return Err(wrong(problem).hint(hint).into());
    };
    Ok(Stored {
        shape: header.shape,
        element,
        bytes: order,
        order: if header.fortran_order { Order::Fortran } else { Order::C },
        start: (bytes.len() - rest.len()) as u64,
    })
}
