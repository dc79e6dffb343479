//! SMV images of 16-bit pixels as arrays (slow, fast).
//!
//! Not here: their header (`nanobragg::image::smv`), SMV images as images (`image::file`).

use nanobragg::image::smv::{self, SmvHeader};

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
    refuse_more_axes(given, &header)?;
    let stored = Stored {
        shape: vec![header.slow, header.fast],
        element: ElementType::U16,
        bytes: if header.big_endian { ByteOrder::Big } else { ByteOrder::Little },
        order: Order::C,
        start: header.data_offset as u64,
    };
    given.nothing_behind(&stored)?;
    Array::of(given.path, given.source.clone(), stored)
}

/// Refuses an image of more or fewer axes than two: their pixels would not be compared.
fn refuse_more_axes(given: &ArrayInput<'_>, header: &SmvHeader) -> Result<(), ArrayError> {
    for (key, value) in &header.entries {
        let expected = match key.strip_prefix("SIZE").and_then(|axis| axis.parse::<u32>().ok()) {
            None if key == "DIM" => "2",
            Some(axis) if axis > 2 => "1",
            _ => continue,
        };
        if value != expected {
            let problem = format!("has {key} `{value}`");
            let expected = format!("`{expected}`: an image of two axes");
            return Err(given.wrong(problem, expected).at(format!("key {key}")).into());
        }
    }
    Ok(())
}
