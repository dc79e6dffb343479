//! Reading an image of any kind that the comparison understands: bare floats, SMV, NumPy.
//!
//! Not here: where the shape of bare floats comes from (`shape`).

use std::fs::File;
use std::io::Read;
use std::path::Path;

use nanobragg::error::InputError;
use nanobragg::image::raster::Raster;
use nanobragg::image::{float_raw, npy, smv};

use crate::image::shape::Candidate;

/// Reads the image at `path`. The kind comes from the content, not from the name. For bare floats the first candidate that
/// fits the size of the file is taken, or else a square.
///
/// # Errors
/// The file cannot be read, is broken, or its size fits no candidate; then all candidates are named.
pub fn read(path: &Path, candidates: &[Candidate]) -> Result<Raster<f32>, InputError> {
    const WHAT: &str = "an image: bare 32-bit floats, SMV, or NumPy";
    let bytes = std::fs::read(path).map_err(|e| InputError::io(path, WHAT, &e))?;
    parse(path, &bytes, candidates)
}

/// As [`read`], from the content of the file; `path` is for messages only.
///
/// # Errors
/// As [`read`].
pub fn parse(path: &Path, bytes: &[u8], candidates: &[Candidate]) -> Result<Raster<f32>, InputError> {
    match bytes {
        [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => npy::parse(path, bytes).map(npy::NpyImage::into_f32),
        [b'{', ..] => smv::parse_u16(path, bytes).map(|(_, image)| image.map(|&v| f32::from(v))),
        _ => floats(path, bytes, candidates),
    }
}

/// Whether the file at `path` begins like an SMV image.
pub fn is_smv(path: &Path) -> bool {
    let mut start = [0; 1];
    path.is_file() && File::open(path).and_then(|mut f| f.read_exact(&mut start)).is_ok() && start == *b"{"
}

fn floats(path: &Path, bytes: &[u8], candidates: &[Candidate]) -> Result<Raster<f32>, InputError> {
    let length = bytes.len() as u64;
    let fits = |c: &&Candidate| (c.shape.0 as u64).checked_mul(c.shape.1 as u64 * 4) == Some(length);
    if let Some(candidate) = candidates.iter().find(fits) {
        return float_raw::parse(path, bytes, Some(candidate.shape));
    }
    let pixels = length / 4;
    let square = pixels.isqrt();
    if length > 0 && length.is_multiple_of(4) && square * square == pixels {
        return float_raw::parse(path, bytes, None);
    }
    let named: Vec<String> =
        candidates.iter().map(|c| format!("{} x {} ({})", c.shape.0, c.shape.1, c.source)).collect();
    let expected = match named.is_empty() {
        true => "a square image, or a shape to go by".to_owned(),
        false => format!("one of {}, or a square", named.join(", ")),
    };
    let problem = format!("`{length}` bytes fit no known shape");
    Err(InputError::new(path, problem, expected).hint("say how many pixels there are with --shape FAST SLOW"))
}

/// Reads a mask: an image in which zero means "leave out".
///
/// # Errors
/// As [`read`].
pub fn read_mask(path: &Path, candidates: &[Candidate]) -> Result<Raster<bool>, InputError> {
    // NaN is no clear "leave out", and no clear "keep" either; it is not zero.
    read(path, candidates).map(|image| image.map(|&v| v != 0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(bytes: &[u8]) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("image");
        std::fs::write(&path, bytes).unwrap();
        (folder, path)
    }

    fn candidate(fast: usize, slow: usize) -> Candidate {
        Candidate { shape: (fast, slow), source: "--shape" }
    }

    #[test]
    fn bare_floats_take_the_first_shape_that_fits() {
        let (_keep, path) = file(&[0; 4 * 36]);
        let read = |c: &[Candidate]| read(&path, c).map(|i| (i.fast, i.slow));
        assert_eq!(read(&[candidate(5, 5), candidate(9, 4)]).unwrap(), (9, 4));
        assert_eq!(read(&[candidate(5, 5)]).unwrap(), (6, 6));
    }

    #[test]
    fn a_size_that_fits_nothing_names_the_candidates() {
        let (_keep, path) = file(&[0; 4 * 35]);
        let error = read(&path, &[candidate(5, 5), candidate(9, 4)]).unwrap_err();
        assert_eq!(error.expected, "one of 5 x 5 (--shape), 9 x 4 (--shape), or a square");
        for bytes in [&b""[..], &b"abc"[..], &b"{"[..], &b"\x93NUMPY"[..]] {
            let (_keep, path) = file(bytes);
            assert!(read(&path, &[]).is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn smv_and_numpy_are_known_by_their_content() {
        let mut smv =
            b"{\nHEADER_BYTES=512;\nSIZE1=2;\nSIZE2=1;\nTYPE=unsigned_short;\nBYTE_ORDER=little_endian;\n}"
                .to_vec();
        smv.resize(512, b' ');
        smv.extend([7, 0, 1, 1]);
        let (_keep, path) = file(&smv);
        assert_eq!(read(&path, &[]).unwrap().data, [7.0, 257.0]);
        let (_keep, path) = file(b"");
        let image = Raster { fast: 3, slow: 1, data: vec![1.5_f32, -2.0, 0.0] };
        npy::write(&mut File::create(&path).unwrap(), &image).unwrap();
        assert_eq!(read(&path, &[]).unwrap(), image);
        assert_eq!(read_mask(&path, &[]).unwrap().data, [true, true, false]);
    }
}
