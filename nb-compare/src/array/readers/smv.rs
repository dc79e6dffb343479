//! SMV images of 16-bit pixels as arrays (slow, fast).
//!
//! Not here: their header (`nanobragg::image::smv`), SMV images as images (`image::file`).

use nanobragg::image::smv;

use crate::array::data::{Array, Stored};
use crate::array::element::{ByteOrder, ElementType};
use crate::array::error::ArrayError;
use crate::array::layout::Order;
use crate::array::readers::given::ArrayInput;

/// No header is longer, bytes.
const LONGEST_HEADER: usize = 1 << 20;

pub(super) fn read(given: &ArrayInput<'_>) -> Result<Array, ArrayError> {
    given.whole()?;
    let header = smv::parse_header(given.path, &given.start(LONGEST_HEADER)?)?;
    let stored = Stored {
        shape: vec![header.slow, header.fast],
        element: ElementType::U16,
        bytes: if header.big_endian { ByteOrder::Big } else { ByteOrder::Little },
        order: Order::C,
        start: header.data_offset as u64,
    };
    Array::of(given.path, given.source.clone(), stored)
}
