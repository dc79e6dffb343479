//! Images as NumPy arrays of two axes, (slow, fast), of 32- or 64-bit floats.
//!
//! Not here: the header (`npy_header`), archives of several arrays (`.npz`) and other element types.

use std::io::{self, Write};
use std::path::Path;

use bytemuck::Pod;

use super::npy_header::{Header, NpyError};
use super::raster::Raster;
use crate::error::InputError;
use crate::open_file::{self, BULK};

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

/// A number that a file can hold.
pub trait Element: Pod {
    /// NumPy's word for it, without the order of its bytes.
    const WORD: &'static str;
}

impl Element for f32 {
    const WORD: &'static str = "f4";
}

impl Element for f64 {
    const WORD: &'static str = "f8";
}

/// NumPy's sign for the order of bytes of this machine.
const OWN: &str = if cfg!(target_endian = "little") { "<" } else { ">" };

/// Writes `image` as an array of shape (slow, fast).
///
/// # Errors
/// Those of `out`.
pub fn write<T: Element>(out: &mut dyn Write, image: &Raster<T>) -> io::Result<()> {
    let element = format!("{OWN}{}", T::WORD);
    Header { element, fortran_order: false, shape: vec![image.slow, image.fast] }.write(out)?;
    out.write_all(bytemuck::cast_slice(&image.data))
}

/// Reads an array of either order of storage.
///
/// # Errors
/// The file cannot be read, is no such array, or is not as long as its shape says.
pub fn read(path: &Path) -> Result<NpyImage, InputError> {
    let bytes = open_file::read(path, WHAT, BULK)?;
    parse(path, &bytes)
}

/// As [`read`], from the content of the file; `path` is for messages only.
///
/// # Errors
/// As [`read`].
pub fn parse(path: &Path, bytes: &[u8]) -> Result<NpyImage, InputError> {
    let wrong = |problem: NpyError| InputError::new(path, problem.to_string(), WHAT);
    let (header, elements) = Header::split(bytes).map_err(wrong)?;
    let (order, word) = header.element.split_at_checked(1).unwrap_or_default();
    let swapped = order != OWN;
    let read = match (order, word) {
        ("<" | ">", f32::WORD) => raster(&header, elements, swapped).map(NpyImage::F32),
        ("<" | ">", f64::WORD) => raster(&header, elements, swapped).map(NpyImage::F64),
        _ => Err(NpyError::Element(header.element)),
    };
    read.map_err(wrong)
}

/// The image of `elements`, whose bytes are `swapped` if they are not in this machine's order.
fn raster<T: Element>(header: &Header, elements: &[u8], swapped: bool) -> Result<Raster<T>, NpyError> {
    let [slow, fast] = header.shape[..] else {
        return Err(NpyError::Axes(header.shape.len()));
    };
    // What the header claims is allocated only if the file has it.
    let claimed = slow.checked_mul(fast).and_then(|pixels| pixels.checked_mul(size_of::<T>()));
    if claimed != Some(elements.len()) {
        return Err(NpyError::Size { slow, fast, bytes: elements.len() });
    }
    let mut data = vec![T::zeroed(); slow * fast];
    bytemuck::cast_slice_mut::<T, u8>(&mut data).copy_from_slice(elements);
    if swapped {
        bytemuck::cast_slice_mut::<T, u8>(&mut data)
            .chunks_exact_mut(size_of::<T>())
            .for_each(<[u8]>::reverse);
    }
    if header.fortran_order {
        data = (0..slow * fast).map(|i| data[i % fast * slow + i / fast]).collect();
    }
    Ok(Raster { fast, slow, data })
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
            claim("<f4", "(1, 2)"),
            claim("|f4", "(2, 2)"),
            claim("=f4", "(2, 2)"),
            claim("<f8", "(31623, 31623)"),
            claim("<f4", "(9223372036854775807, 2)"),
            claim("<f4", "(-1, 2)"),
        ] {
            assert!(parse_here(&bytes).is_err(), "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn files_that_numpy_wrote_are_read() {
        // numpy.save of numpy.array([[1, 2, 3], [4, 5, 6.5]]) by NumPy 2.4.6; blanks to the end of the header left out here.
        let doubles =
            b"\x00\x00\x00\x00\x00\x00\xf0?\x00\x00\x00\x00\x00\x00\x10@\x00\x00\x00\x00\x00\x00\x00@\
            \x00\x00\x00\x00\x00\x00\x14@\x00\x00\x00\x00\x00\x00\x08@\x00\x00\x00\x00\x00\x00\x1a@";
        let floats = b"?\x80\x00\x00@\x00\x00\x00@@\x00\x00@\x80\x00\x00@\xa0\x00\x00@\xd0\x00\x00";
        let pixels = vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.5];
        let columns = npy("{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3), }", doubles);
        assert_eq!(
            parse_here(&columns),
            Ok(NpyImage::F64(Raster { fast: 3, slow: 2, data: pixels.clone() }))
        );
        let swapped = npy("{'descr': '>f4', 'fortran_order': False, 'shape': (2, 3), }", floats);
        let pixels = pixels.iter().map(|x| *x as f32).collect();
        assert_eq!(parse_here(&swapped), Ok(NpyImage::F32(Raster { fast: 3, slow: 2, data: pixels })));
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
