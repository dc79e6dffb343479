//! Reading an image of any kind that the comparison understands: bare floats, SMV, NumPy.
//!
//! Not here: where the shape of bare floats comes from (`shape`).

use std::io::Read;
use std::path::Path;

use nanobragg::error::InputError;
use nanobragg::image::raster::Raster;
use nanobragg::image::{float_raw, npy, smv};
use nanobragg::open_file::{self, BULK};
use trace_harness::evidence::bundle::reading::regular;

use crate::image::pixels::{Image, NumberKind, Pixels};
use crate::image::shape::{BY_HAND, Candidate};

const WHAT: &str = "an image: bare 32-bit floats, SMV, or NumPy";

/// Reads the image at `path`. The kind comes from the content, not from the name. For bare floats the first candidate that
/// fits the size of the file is taken, or else a square.
///
/// # Errors
/// The file cannot be read, is broken, or its size fits no candidate; then all candidates are named.
pub fn read(path: &Path, candidates: &[Candidate]) -> Result<Image, InputError> {
    parse(path, &bytes(path)?, candidates)
}

/// The content of the file at `path`, for [`parse`].
///
/// # Errors
/// It cannot be read.
pub(crate) fn bytes(path: &Path) -> Result<Vec<u8>, InputError> {
    open_file::read(path, WHAT, BULK)
}

/// As [`read`], from the content of the file; `path` is for messages only.
///
/// # Errors
/// As [`read`].
pub(crate) fn parse(path: &Path, bytes: &[u8], candidates: &[Candidate]) -> Result<Image, InputError> {
    match bytes {
        [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => Ok(match npy::parse(path, bytes)? {
            npy::NpyImage::F32(image) => image.into(),
            npy::NpyImage::F64(image) => image.into(),
        }),
        [b'{', ..] => {
            let (_, image) = smv::parse_u16(path, bytes)?;
            Ok(Image { pixels: Pixels::Single(image.map(|&v| f32::from(v))), kind: NumberKind::Unsigned16 })
        }
        _ => match foreign(bytes) {
            Some((problem, hint)) => Err(InputError::new(path, problem, WHAT).hint(hint)),
            None => floats(path, bytes, candidates).map(Image::from),
        },
    }
}

/// What a file is that is surely not bare floats, and what to do about it. Bare floats say nothing of themselves, so that
/// anything could pass for them.
fn foreign(bytes: &[u8]) -> Option<(String, &'static str)> {
    const KNOWN: [(&[u8], &str); 17] = [
        (b"\x89PNG", "a PNG picture"),
        (b"II*\0", "a TIFF image"),
        (b"MM\0*", "a TIFF image"),
        (b"\x89HDF", "an HDF5 file"),
        (b"\x1f\x8b", "compressed by gzip"),
        (b"BZh", "compressed by bzip2"),
        (b"PK\x03\x04", "a zip archive (NumPy's .npz is one)"),
        (b"###CBF", "a CBF image"),
        (b"%PDF", "a PDF document"),
        (b"\xff\xd8\xff", "a JPEG picture"),
        (b"SIMPLE  =", "a FITS image"),
        (b"\x7fELF", "a program"),
        (b"\xfd7zXZ", "compressed by xz"),
        (b"\x28\xb5\x2f\xfd", "compressed by zstd"),
        (b"Rar!", "a RAR archive"),
        (b"\xff\xfe", "text in UTF-16"),
        (b"\xfe\xff", "text in UTF-16"),
    ];
    let save = "write it as a NumPy array (.npy) of floats";
    if let Some((_, name)) = KNOWN.iter().find(|(start, _)| bytes.starts_with(start)) {
        return Some((format!("is {name}"), save));
    }
    if is_text(bytes) {
        return Some(("is text".to_owned(), save));
    }
    let hint =
        "if it holds other numbers than 32-bit floats, write them as a NumPy array (.npy), which says so";
    is_implausible(bytes).then(|| ("holds no plausible 32-bit floats".to_owned(), hint))
}

/// Whether more than half of the numbers that are not zero are beyond what images hold: what whole numbers and text in UTF-16 look
/// like when they are taken for floats.
fn is_implausible(bytes: &[u8]) -> bool {
    let sizes = bytes.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b).abs()).filter(|v| *v != 0.0);
    let (mut all, mut odd) = (0_usize, 0_usize);
    for size in sizes {
        all += 1;
        odd += usize::from(!(1e-30..1e30).contains(&size) && size.is_finite());
    }
    odd * 2 > all
}

/// Whether bytes are text: lines without a zero byte and hardly a byte that is not ASCII. Floats of an image have such bytes in
/// every other pixel.
fn is_text(bytes: &[u8]) -> bool {
    const LOOKED_AT: usize = 1 << 16;
    const SHORTEST: usize = 16;
    let start = &bytes[..bytes.len().min(LOOKED_AT)];
    let plain = start.iter().filter(|b| matches!(b, b'\t' | b'\n' | b'\r' | 0x20..=0x7e)).count();
    start.len() >= SHORTEST && !start.contains(&0) && plain * 20 >= start.len() * 19
}

/// Whether the file at `path` begins like an SMV image.
pub(crate) fn is_smv(path: &Path) -> bool {
    let mut start = [0; 1];
    regular::open(path).and_then(|mut f| f.read_exact(&mut start)).is_ok() && start == *b"{"
}

fn floats(path: &Path, bytes: &[u8], candidates: &[Candidate]) -> Result<Raster<f32>, InputError> {
    let length = bytes.len() as u64;
    let fits = |c: &&Candidate| (c.shape.0 as u64).checked_mul(c.shape.1 as u64 * 4) == Some(length);
    if let Some(candidate) = candidates.iter().find(fits) {
        return float_raw::parse(path, bytes, Some(candidate.shape));
    }
    let pixels = length / 4;
    let square = pixels.isqrt();
    // A shape by hand that does not fit is an error, not to be guessed round.
    let by_hand = candidates.iter().any(|c| c.source == BY_HAND);
    if !by_hand && length > 0 && length.is_multiple_of(4) && square * square == pixels {
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
pub(crate) fn read_mask(path: &Path, candidates: &[Candidate]) -> Result<Raster<bool>, InputError> {
    // NaN is no clear "leave out", and no clear "keep" either; it is not zero.
    read(path, candidates).map(|image| image.double().map(|&v| v != 0.0))
}

#[cfg(test)]
mod tests {
    use std::fs::File;

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
        let read = |c: &[Candidate]| read(&path, c).map(|i| i.shape());
        assert_eq!(read(&[candidate(5, 5), candidate(9, 4)]).unwrap(), (9, 4));
        assert_eq!(read(&[Candidate { shape: (5, 5), source: "the arguments" }]).unwrap(), (6, 6));
        assert!(read(&[candidate(5, 5)]).is_err(), "what was said by hand is not guessed round");
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
        let read = |path: &Path| super::read(path, &[]).unwrap();
        assert_eq!(
            (read(&path).single().data.as_slice(), read(&path).kind),
            (&[7.0, 257.0][..], NumberKind::Unsigned16)
        );
        let (_keep, path) = file(b"");
        let image = Raster { fast: 3, slow: 1, data: vec![1.5_f32, -2.0, 0.0] };
        npy::write(&mut File::create(&path).unwrap(), &image).unwrap();
        assert_eq!(read(&path), Image::from(image));
        assert_eq!(read_mask(&path, &[]).unwrap().data, [true, true, false]);
    }

    #[test]
    fn what_is_surely_something_else_is_not_taken_for_floats() {
        let table: String =
            (0..100).map(|k| format!("{k:5} {:12.4} {:9.3}\n", f64::from(k) * 1.7, 2.5)).collect();
        let mut gzip = b"\x1f\x8b".to_vec();
        gzip.resize(400, 7);
        let wide: Vec<u8> = table.bytes().flat_map(|byte| [byte, 0]).take(2500).collect();
        let counts: Vec<u8> = (0..1250_u16).flat_map(|i| (i % 120).to_le_bytes()).collect();
        for (bytes, problem) in [
            (&table.as_bytes()[..2500], "is text"),
            (&gzip, "is compressed by gzip"),
            (&wide, "holds no plausible 32-bit floats"),
            (&counts, "holds no plausible 32-bit floats"),
        ] {
            let (_keep, path) = file(bytes);
            assert_eq!(read(&path, &[]).unwrap_err().problem, problem);
        }
        let floats: Vec<u8> = (0..625_u16).flat_map(|i| (f32::from(i) * 0.37).sin().to_le_bytes()).collect();
        let (_keep, path) = file(&floats);
        assert_eq!(read(&path, &[]).unwrap().shape(), (25, 25));
    }
}
