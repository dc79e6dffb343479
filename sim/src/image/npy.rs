//! Images as NumPy arrays of two axes, (slow, fast), of 32- or 64-bit floats.
//!
//! Not here: archives of several arrays (`.npz`) and other element types.

use std::io::{self, Write};
use std::path::Path;

use ndarray::Array2;
use ndarray_npy::{ReadNpyExt, ReadableElement, WritableElement, WriteNpyExt};

use super::raster::Raster;
use crate::c_number::strtol;
use crate::error::InputError;

const WHAT: &str = "a NumPy array of two axes (slow, fast) of 32- or 64-bit floats";

/// An image as precise as its file.
#[derive(Debug, Clone, PartialEq)]
pub enum NpyImage {
    /// 32-bit floats (`<f4`).
    F32(Raster<f32>),
    /// 64-bit floats (`<f8`).
    F64(Raster<f64>),
}

impl NpyImage {
    /// The image in single precision, rounded to nearest where it was double.
    pub fn into_f32(self) -> Raster<f32> {
        match self {
            Self::F32(image) => image,
            #[expect(clippy::cast_possible_truncation, reason = "single precision is what was asked for")]
            Self::F64(image) => image.map(|&value| value as f32),
        }
    }
}

/// Writes `image` as an array of shape (slow, fast).
///
/// # Errors
/// Those of `out`.
pub fn write<T: WritableElement>(out: &mut dyn Write, image: &Raster<T>) -> io::Result<()> {
    let view = image
        .view()
        .ok_or_else(|| io::Error::other("an image with more or fewer pixels than its sides say"))?;
    view.write_npy(out).map_err(io::Error::other)
}

/// Reads an array of either order of storage.
///
/// # Errors
/// The file cannot be read, is no such array, or is shorter than its shape says.
pub fn read(path: &Path) -> Result<NpyImage, InputError> {
    let bytes = std::fs::read(path).map_err(|e| InputError::io(path, WHAT, &e))?;
    parse(path, &bytes)
}

/// As [`read`], from the content of the file; `path` is for messages only.
///
/// # Errors
/// As [`read`].
pub fn parse(path: &Path, bytes: &[u8]) -> Result<NpyImage, InputError> {
    let has = |needle: &[u8]| header(bytes).windows(needle.len()).any(|w| w == needle);
    if has(b"f8") { raster(path, bytes).map(NpyImage::F64) } else { raster(path, bytes).map(NpyImage::F32) }
}

fn raster<T: ReadableElement + Clone>(path: &Path, bytes: &[u8]) -> Result<Raster<T>, InputError> {
    // The crate allocates what the header says before it reads: the claim is checked against the file first.
    let claimed = claimed_pixels(header(bytes));
    if claimed.is_none_or(|pixels| pixels > bytes.len() / size_of::<T>()) {
        let claim = claimed.map_or("no shape of two axes".to_owned(), |pixels| format!("`{pixels}` pixels"));
        return Err(InputError::new(path, format!("states {claim} in `{}` bytes", bytes.len()), WHAT));
    }
    let array = Array2::<T>::read_npy(bytes).map_err(|e| InputError::new(path, e.to_string(), WHAT))?;
    let (slow, fast) = array.dim();
    let data = array.as_standard_layout().iter().cloned().collect();
    Ok(Raster { fast, slow, data })
}

/// The header text: behind the magic bytes, at most to the first line end.
fn header(bytes: &[u8]) -> &[u8] {
    let text = bytes.strip_prefix(b"\x93NUMPY").and_then(|rest| rest.get(4..)).unwrap_or_default();
    text.split(|&b| b == b'\n').next().unwrap_or_default()
}

/// The product of the two lengths in `'shape': (slow, fast)`.
fn claimed_pixels(header: &[u8]) -> Option<usize> {
    let shape = header.windows(7).position(|w| w == b"'shape'").map(|at| &header[at + 7..])?;
    let inner = &shape[shape.iter().position(|&b| b == b'(')? + 1..];
    let (slow, used) = strtol(inner)?;
    let comma = inner[used..].iter().position(|&b| b == b',')?;
    let (fast, _) = strtol(&inner[used + comma + 1..])?;
    usize::try_from(slow).ok()?.checked_mul(usize::try_from(fast).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_here(bytes: &[u8]) -> Result<NpyImage, InputError> {
        parse(Path::new("image.npy"), bytes)
    }

    fn npy(header: &str, data: &[u8]) -> Vec<u8> {
        let header = format!("{header}\n");
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend(u16::try_from(header.len()).unwrap().to_le_bytes());
        bytes.extend(header.bytes());
        bytes.extend(data);
        bytes
    }

    #[test]
    fn both_precisions_read_back() {
        let single = Raster::from_vec(3, 2, vec![0.0_f32, 1.5, -2.0, 3.0, 4.0, f32::INFINITY]).unwrap();
        let mut bytes = Vec::new();
        write(&mut bytes, &single).unwrap();
        assert_eq!(parse_here(&bytes), Ok(NpyImage::F32(single.clone())));
        let double = single.map(|&v| f64::from(v) + 1e-12);
        let mut bytes = Vec::new();
        write(&mut bytes, &double).unwrap();
        assert_eq!(parse_here(&bytes), Ok(NpyImage::F64(double.clone())));
        assert_eq!(NpyImage::F64(double).into_f32().data[5], f32::INFINITY);
    }

    #[test]
    fn the_shape_is_slow_then_fast_in_either_order_of_storage() {
        let data: Vec<u8> = [1.0_f32, 2.0, 3.0, 4.0, 5.0, 6.0].iter().flat_map(|v| v.to_le_bytes()).collect();
        for (fortran, expected) in [("False", [1., 2., 3., 4., 5., 6.]), ("True", [1., 3., 5., 2., 4., 6.])] {
            let header = format!("{{'descr': '<f4', 'fortran_order': {fortran}, 'shape': (2, 3), }}");
            let image = parse_here(&npy(&header, &data)).unwrap().into_f32();
            assert_eq!((image.fast, image.slow, image.data), (3, 2, expected.to_vec()));
        }
    }

    #[test]
    fn what_is_no_such_array_is_refused() {
        let claim = |descr: &str, shape: &str| {
            npy(&format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}"), &[0; 16])
        };
        assert!(parse_here(&claim("<f4", "(2, 2)")).is_ok());
        for bytes in [
            vec![],
            b"\x93NUMPY".to_vec(),
            vec![0x93; 400],
            claim("<f4", "(4,)"),
            claim("<i4", "(2, 2)"),
            claim("<f4", "(1, 2, 2)"),
            claim("<f4", "(2, 3)"),
            claim("<f8", "(31623, 31623)"),
            claim("<f4", "(9223372036854775807, 2)"),
            claim("<f4", "(-1, 2)"),
        ] {
            assert!(parse_here(&bytes).is_err(), "{}", bytes.escape_ascii());
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(data: Vec<u8>, header in "[{}'a-z:,()0-9 ]{0,60}") {
            let _ = parse_here(&data);
            let shape = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), {header}}}");
            if let Ok(NpyImage::F32(image)) = parse_here(&npy(&shape, &data)) {
                proptest::prop_assert_eq!(image.data.len(), image.fast * image.slow);
            }
        }
    }
}
