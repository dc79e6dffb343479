//! Bare numbers in a layout that somebody states: type, order of bytes and elements, shape, and where they begin.
//!
//! Not here: images of bare 32-bit floats whose shape is guessed (`image::file`).

use crate::array::data::{Array, Stored};
use crate::array::error::ArrayError;
use crate::array::format::RawLayout;
use crate::array::readers::given::ArrayInput;

pub(super) fn read(given: &ArrayInput<'_>, layout: &RawLayout) -> Result<Array, ArrayError> {
    let RawLayout { element, bytes, shape, offset, order } = layout.clone();
    let length = given.length()?;
    let Some(data) = length.checked_sub(offset) else {
        let problem = format!("has `{length}` bytes, and its numbers are to begin at byte `{offset}`");
        return Err(given.wrong(problem, "an offset inside the file").into());
    };
    let size = element.size() as u64;
    let shape = match shape {
        Some(shape) => shape,
        None if data.is_multiple_of(size) => vec![usize::try_from(data / size).unwrap_or(usize::MAX)],
        None => {
            let problem = format!("has `{data}` bytes of numbers, no multiple of the `{size}` of {element}");
            return Err(given
                .wrong(problem, "whole numbers only")
                .hint("state the shape, or another dtype")
                .into());
        }
    };
    let stored = Stored { shape, element, bytes, order, start: offset };
    if stored.length().is_some_and(|says| says < data) {
        let says = stored.length().unwrap_or(0);
        let problem = format!("has `{data}` bytes of numbers, more than the stated shape");
        let hint = "state another shape or dtype; what stands before the numbers is left out by offset";
        return Err(given.wrong(problem, format!("`{says}` bytes")).hint(hint).into());
    }
    Array::of(given.path, given.source.clone(), stored)
}
