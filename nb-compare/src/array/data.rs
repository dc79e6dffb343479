//! An array: its shape, the type of its elements, and where their bytes are.
//!
//! Not here: reading headers (`readers`), comparing (`compare`).

use std::io::{self, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use nanobragg::error::InputError;

use crate::array::element::{ByteOrder, ElementType};
use crate::array::error::{ArrayError, shape_text};
use crate::array::layout::{Order, is_line, place_of};
use crate::array::source::{ByteSource, Spool};

/// Bytes read at a time where elements lie apart.
const SPAN: usize = 4 << 20;

/// An array of any rank. Its elements stay where they are until they are asked for.
#[derive(Debug, Clone)]
pub struct Array {
    path: PathBuf,
    shape: Vec<usize>,
    element: ElementType,
    bytes: ByteOrder,
    order: Order,
    source: ByteSource,
    start: u64,
    is_printed: bool,
}

/// How elements lie in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) shape: Vec<usize>,
    pub(crate) element: ElementType,
    pub(crate) bytes: ByteOrder,
    pub(crate) order: Order,
    /// Where the first element begins, bytes.
    pub(crate) start: u64,
}

impl Stored {
    /// Bytes of all elements, if the numbers say any that can be.
    pub(crate) fn length(&self) -> Option<u64> {
        length_of(&self.shape, self.element)
    }
}

/// Bytes of an array, if the lengths of its axes say any that can be: their product stays one even where an axis is empty.
pub(crate) fn length_of(shape: &[usize], element: ElementType) -> Option<u64> {
    let nonzero = shape.iter().filter(|length| **length > 0);
    let most = nonzero.clone().try_fold(element.size(), |n, length| n.checked_mul(*length))?;
    // Places are counted in `usize`, and the system's files end before the largest one.
    let most = i64::try_from(most).ok()?.unsigned_abs();
    Some(if shape.contains(&0) { 0 } else { most })
}

impl Array {
    /// An array whose elements lie in `source` as `stored` says. The header's word about the length is held against the source's.
    ///
    /// # Errors
    /// The source ends before the last element.
    pub(crate) fn of(path: &Path, source: ByteSource, stored: Stored) -> Result<Self, ArrayError> {
        let has = source.length().map_err(|e| InputError::io(path, "an array", &e))?;
        let end = stored.length().and_then(|length| length.checked_add(stored.start));
        if end.is_none_or(|end| end > has) {
            let Stored { shape, element, start, .. } = &stored;
            let problem = format!(
                "has `{}` bytes behind its header, too few for the shape `{}` of {element}",
                has.saturating_sub(*start),
                shape_text(shape),
            );
            let expected = match stored.length() {
                Some(length) => format!("`{length}` bytes"),
                None => "an array that a file can hold".to_owned(),
            };
            let hint = "the file was cut short, or its header is wrong";
            return Err(InputError::new(path, problem, expected).hint(hint).into());
        }
        let Stored { shape, element, bytes, order, start } = stored;
        Ok(Self { path: path.to_owned(), shape, element, bytes, order, source, start, is_printed: false })
    }

    /// The array as one of numbers that its file holds as text.
    pub(crate) fn of_printed_numbers(self) -> Self {
        Self { is_printed: true, ..self }
    }

    /// Whether its file holds its numbers as text: the format that read it decides, not what the file begins with.
    pub fn is_printed(&self) -> bool {
        self.is_printed
    }

    /// An array of 64-bit floats in memory.
    ///
    /// # Errors
    /// There are more or fewer `values` than the shape has elements.
    pub fn of_f64(shape: &[usize], values: &[f64]) -> Result<Self, ArrayError> {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        Self::of_bytes(shape, ElementType::F64, &bytes)
    }

    /// An array in memory whose little-endian elements follow each other with the last axis fastest.
    ///
    /// # Errors
    /// There are more or fewer `bytes` than the shape has elements.
    pub fn of_bytes(shape: &[usize], element: ElementType, bytes: &[u8]) -> Result<Self, ArrayError> {
        let path = Path::new("memory");
        if length_of(shape, element) != Some(bytes.len() as u64) {
            let problem =
                format!("`{}` bytes for the shape `{}` of {element}", bytes.len(), shape_text(shape));
            return Err(InputError::new(path, problem, "as many as the shape has").into());
        }
        let stored =
            Stored { shape: shape.to_vec(), element, bytes: ByteOrder::Little, order: Order::C, start: 0 };
        Self::of(path, ByteSource::Memory(bytes.into()), stored)
    }

    /// Lengths of the axes; none of a single number.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Number of elements.
    pub fn length(&self) -> usize {
        self.shape.iter().product()
    }

    /// The type of its elements.
    pub fn element(&self) -> ElementType {
        self.element
    }

    /// Which byte of a number comes first in its file.
    pub fn byte_order(&self) -> ByteOrder {
        self.bytes
    }

    /// How its elements follow each other in its file.
    pub fn order(&self) -> Order {
        if is_line(&self.shape) { Order::C } else { self.order }
    }

    /// The elements number `range` as C counts them, in double precision: exact but for integers beyond 2^53, which are rounded. Real and
    /// imaginary parts alternate. The range lies within one row of an axis and has all of the axes behind it.
    ///
    /// # Errors
    /// The file cannot be read any more.
    pub fn values(&self, range: Range<usize>) -> Result<Vec<f64>, ArrayError> {
        let (mut bytes, mut high, mut low) = (Vec::new(), Vec::new(), Vec::new());
        self.read(Order::C, range, &mut bytes)?;
        self.element.decode(self.bytes, &bytes, &mut high, &mut low);
        Ok(high)
    }

    /// The element at `place` in full: as many digits as distinguish it from every other number of its type.
    ///
    /// # Errors
    /// The file cannot be read any more; there is no such place.
    pub fn text(&self, place: &[usize]) -> Result<String, ArrayError> {
        let index = place.iter().zip(&self.shape).fold(0, |index, (place, length)| index * length + place);
        let (mut bytes, mut high, mut low) = (Vec::new(), Vec::new(), Vec::new());
        self.read(Order::C, index..index + 1, &mut bytes)?;
        self.element.decode(self.bytes, &bytes, &mut high, &mut low);
        let float = |number: f64| match self.element {
            #[expect(clippy::cast_possible_truncation, reason = "the number is one of single precision")]
            ElementType::F32 | ElementType::Complex64 => format!("{:?}", number as f32),
            ElementType::F16 => half::f16::from_f64(number).to_string(),
            _ => format!("{number:?}"),
        };
        Ok(match (high.as_slice(), low.as_slice()) {
            ([number], []) if self.element.is_integer() => format!("{number}"),
            ([number], [rest]) => format!("{}", *number as i128 + *rest as i128),
            ([number], _) => float(*number),
            ([real, imaginary], _) => format!("({}, {})", float(*real), float(*imaginary)),
            _ => String::new(),
        })
    }

    /// The bytes of the elements number `range` as `visit` counts them, one after the other.
    pub(crate) fn read(
        &self,
        visit: Order,
        range: Range<usize>,
        into: &mut Vec<u8>,
    ) -> Result<(), ArrayError> {
        let size = self.element.size();
        into.resize(range.len() * size, 0);
        let refused = |e: io::Error| InputError::io(&self.path, "an array that does not change", &e);
        let read = if is_line(&self.shape) || self.order == visit {
            self.source.read_at(self.start + (range.start * size) as u64, into)
        } else {
            self.gather(range, into)
        };
        Ok(read.map_err(refused)?)
    }

    /// The elements number `range` as C counts, of a file in Fortran's order.
    fn gather(&self, range: Range<usize>, into: &mut [u8]) -> io::Result<()> {
        let shape = &self.shape;
        let size = self.element.size();
        let behind = |axis: usize| shape[axis..].iter().product::<usize>();
        let fits = |axis: &usize| {
            let (inner, outer) = (behind(axis + 1), behind(*axis));
            range.start.is_multiple_of(inner)
                && range.len().is_multiple_of(inner)
                && range.start / outer == (range.end - 1) / outer
        };
        if range.is_empty() {
            return Ok(());
        }
        let Some(axis) = (0..shape.len()).find(fits) else {
            return Err(io::Error::other("a range that no row of an axis holds was asked for"));
        };
        let strides: Vec<usize> = (0..shape.len()).map(|axis| shape[..axis].iter().product()).collect();
        let place = place_of(shape, Order::C, range.start);
        let first: usize = place.iter().zip(&strides).map(|(place, stride)| place * stride).sum();
        let (inner, stride) = (behind(axis + 1), strides[axis]);
        let rows = range.len() / inner;
        let rows_at_a_time = (SPAN / size / stride).max(1);
        let (mut place, mut span) = (vec![0; shape.len() - axis - 1], Vec::new());
        for column in 0..inner {
            let offset: usize =
                place.iter().zip(&strides[axis + 1..]).map(|(place, stride)| place * stride).sum();
            for start in (0..rows).step_by(rows_at_a_time) {
                let count = rows_at_a_time.min(rows - start);
                span.resize(((count - 1) * stride + 1) * size, 0);
                let from = (first + offset + start * stride) * size;
                self.source.read_at(self.start + from as u64, &mut span)?;
                for (row, element) in span.chunks(stride * size).enumerate() {
                    let to = ((start + row) * inner + column) * size;
                    into[to..to + size].copy_from_slice(&element[..size]);
                }
            }
            for (at, length) in place.iter_mut().zip(&shape[axis + 1..]).rev() {
                *at += 1;
                if *at < *length {
                    break;
                }
                *at = 0;
            }
        }
        Ok(())
    }
}

/// Collects decoded elements of an array whose shape is known, and no more than it has.
pub(crate) struct DecodedNumbers {
    spool: Spool,
    length: u64,
}

impl DecodedNumbers {
    pub(crate) fn of(length: u64) -> Self {
        Self { spool: Spool::default(), length }
    }

    /// Whether all elements are there.
    pub(crate) fn is_whole(&self) -> bool {
        self.spool.written() == self.length
    }

    /// The array; `stored.start` is 0.
    pub(crate) fn finish(self, path: &Path, stored: Stored) -> Result<Array, ArrayError> {
        let source =
            self.spool.finish().map_err(|e| InputError::io(path, "room for decoded elements", &e))?;
        Array::of(path, source, stored)
    }
}

impl Write for DecodedNumbers {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.spool.written() + bytes.len() as u64 > self.length {
            return Err(io::Error::other("holds more elements than its header says"));
        }
        self.spool.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.spool.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::array::layout::Pieces;

    fn stored(shape: &[usize], order: Order) -> Stored {
        Stored { shape: shape.to_vec(), element: ElementType::U16, bytes: ByteOrder::Little, order, start: 0 }
    }

    #[test]
    fn an_array_in_fortran_order_has_the_same_elements_at_the_same_places() {
        for shape in [vec![4, 5], vec![2, 3, 4], vec![3, 1, 2, 5], vec![1, 1, 7], vec![2, 1 << 15, 20]] {
            let n: usize = shape.iter().product();
            // Every element says where it is as C counts.
            let mut bytes = vec![0; 2 * n];
            for index in 0..n {
                let place = place_of(&shape, Order::Fortran, index);
                let c = place.iter().zip(&shape).fold(0, |sum, (place, length)| sum * length + place);
                bytes[2 * index..][..2].copy_from_slice(&(c as u16).to_le_bytes());
            }
            let array =
                Array::of(Path::new("f"), ByteSource::Memory(bytes.into()), stored(&shape, Order::Fortran));
            let array = array.expect("long enough");
            let mut read = Vec::new();
            for piece in Pieces::of(&shape) {
                let values = array.values(piece.clone()).expect("there");
                read.extend(values);
            }
            assert!(read.iter().enumerate().all(|(c, value)| *value == f64::from(c as u16)), "{shape:?}");
        }
    }

    #[test]
    fn a_header_that_says_more_than_the_file_has_is_refused() {
        for shape in [vec![3], vec![usize::MAX], vec![usize::MAX, usize::MAX], vec![usize::MAX, 2, 0]] {
            let source = ByteSource::Memory([0; 4].as_slice().into());
            assert!(Array::of(Path::new("f"), source, stored(&shape, Order::C)).is_err(), "{shape:?}");
        }
    }

    #[test]
    fn a_single_number_is_an_array_without_axes_and_an_empty_axis_has_no_elements() {
        assert_eq!(Array::of_f64(&[], &[2.5]).expect("one").values(0..1), Ok(vec![2.5]));
        assert_eq!(Array::of_f64(&[3, 0], &[]).expect("none").length(), 0);
        assert!(Array::of_f64(&[2], &[1.0]).is_err());
    }
}
