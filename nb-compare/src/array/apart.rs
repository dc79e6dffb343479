//! How far apart the elements of two arrays are, one by one.
//!
//! Not here: figures over all of them (`measure`), what they may be apart (`noise`).

use crate::array::data::Array;
use crate::array::error::ArrayError;
use crate::array::layout::{Order, Pieces};
use crate::array::number::Number;

/// Two elements.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Apart {
    /// |b − a|: 0 for equal elements, NaN where one is NaN or infinite and the other is not the same, or the difference is beyond
    /// all finite numbers. Of complex elements the length of the difference.
    pub(crate) by: f64,
    /// |a|.
    pub(crate) size: f64,
}

/// Visits every pair of elements of two arrays of one shape, in the order of places as C counts them, with their number.
///
/// # Errors
/// The shapes differ; a file cannot be read any more.
pub(crate) fn each(a: &Array, b: &Array, mut visit: impl FnMut(usize, Apart)) -> Result<(), ArrayError> {
    if a.shape() != b.shape() {
        return Err(ArrayError::Shapes(a.shape().to_vec(), b.shape().to_vec()));
    }
    let is_printed = a.is_printed() || b.is_printed();
    for piece in Pieces::of(a.shape()) {
        let start = piece.start;
        let [x, y] = [Decoded::of(a, piece.clone())?, Decoded::of(b, piece)?];
        for element in 0..x.length() {
            visit(start + element, apart(x.element(element), y.element(element), is_printed));
        }
    }
    Ok(())
}

/// All elements of an array of real numbers, in the order of places as C counts them.
///
/// # Errors
/// The file cannot be read any more.
pub(crate) fn values(array: &Array) -> Result<Vec<f64>, ArrayError> {
    let mut all = Vec::with_capacity(array.length());
    for piece in Pieces::of(array.shape()) {
        all.extend(array.values(piece)?);
    }
    Ok(all)
}

/// Some elements of one array as exact sums of two floats.
struct Decoded {
    parts: usize,
    high: Vec<f64>,
    low: Vec<f64>,
}

impl Decoded {
    fn of(array: &Array, range: std::ops::Range<usize>) -> Result<Self, ArrayError> {
        let mut decoded = Self { parts: array.element().parts(), high: Vec::new(), low: Vec::new() };
        let mut bytes = Vec::new();
        array.read(Order::C, range, &mut bytes)?;
        array.element().decode(array.byte_order(), &bytes, &mut decoded.high, &mut decoded.low);
        Ok(decoded)
    }

    fn length(&self) -> usize {
        self.high.len() / self.parts
    }

    /// Real and imaginary part; that of a real number is 0.
    fn element(&self, index: usize) -> [Number; 2] {
        let at = index * self.parts;
        let number =
            |at: usize| Number { high: self.high[at], low: self.low.get(at).copied().unwrap_or(0.0) };
        [number(at), if self.parts == 2 { number(at + 1) } else { Number::default() }]
    }
}

fn apart(a: [Number; 2], b: [Number; 2], is_printed: bool) -> Apart {
    let part = |n: usize| match (a[n].high.is_finite(), b[n].high.is_finite()) {
        (true, true) if is_printed => a[n].to_printed(b[n]),
        (true, true) => a[n].to(b[n]),
        // The same infinity, or NaN on both sides.
        _ if a[n].high.to_bits() == b[n].high.to_bits() || a[n].high.is_nan() && b[n].high.is_nan() => 0.0,
        _ => f64::NAN,
    };
    let by = part(0).hypot(part(1));
    Apart { by: if by.is_finite() { by } else { f64::NAN }, size: a[0].high.hypot(a[1].high) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::array::ElementType;
    use crate::array::format::Format;
    use crate::array::readers::parse;

    fn apart_of(a: &Array, b: &Array) -> Vec<f64> {
        let mut all = Vec::new();
        each(a, b, |index, apart| {
            assert_eq!(index, all.len());
            all.push(apart.by);
        })
        .expect("one shape");
        all
    }

    #[test]
    fn what_is_the_same_is_nothing_apart_and_what_is_not_finite_on_one_side_only_is_nan_apart() {
        let (inf, nan) = (f64::INFINITY, f64::NAN);
        let array = |values: &[f64]| Array::of_f64(&[values.len()], values).expect("all");
        let a = array(&[1.0, nan, inf, -inf, 1.0, nan, f64::MAX]);
        let b = array(&[1.5, nan, inf, inf, nan, 2.0, f64::MIN]);
        let found = apart_of(&a, &b);
        assert_eq!(found[..3], [0.5, 0.0, 0.0]);
        assert!(found[3..].iter().all(|by| by.is_nan()), "{found:?}");
        assert!(each(&a, &array(&[1.0]), |_, _| ()).is_err());
    }

    #[test]
    fn printed_numbers_are_apart_as_the_decimals_that_stand_there() {
        let path = std::path::Path::new("a.txt");
        let text = |text: &str| parse(path, text.as_bytes(), None, &Format::Csv).expect("text");
        assert_eq!(apart_of(&text("0.3\n0.3\n5\n"), &text("0.4\n0.2\n5\n")), [0.1, 0.1, 0.0]);
    }

    #[test]
    fn whole_numbers_beyond_doubles_and_complex_numbers_are_apart_by_what_they_are_apart() {
        let whole = |n: i64| Array::of_bytes(&[], ElementType::I64, &n.to_le_bytes()).expect("one");
        assert_eq!(apart_of(&whole(i64::MAX), &whole(i64::MAX - 3)), [3.0]);
        let complex = |re: f64, im: f64| {
            let bytes = [re.to_le_bytes(), im.to_le_bytes()].concat();
            Array::of_bytes(&[1], ElementType::Complex128, &bytes).expect("one")
        };
        assert_eq!(apart_of(&complex(1.0, 2.0), &complex(4.0, -2.0)), [5.0]);
    }
}
