//! Images as bare little-endian 32-bit floats, row after row, fast axis first; the file says nothing of its shape.
//!
//! Not here: where the shape comes from when the caller knows it.

use std::io::{self, Write};
use std::path::Path;

use super::raster::Raster;
use crate::error::InputError;
use crate::open_file::{self, BULK};

const PIXEL_BYTES: usize = size_of::<f32>();

/// Writes the pixels.
///
/// # Errors
/// Those of `out`.
pub fn write(out: &mut dyn Write, image: &Raster<f32>) -> io::Result<()> {
    if cfg!(target_endian = "little") {
        return out.write_all(bytemuck::cast_slice(&image.data));
    }
    // A buffer of its own keeps this one write per 64 KiB whatever `out` does.
    let mut bytes = Vec::with_capacity(1 << 16);
    for pixels in image.data.chunks((1 << 16) / PIXEL_BYTES) {
        bytes.clear();
        bytes.extend(pixels.iter().flat_map(|p| p.to_le_bytes()));
        out.write_all(&bytes)?;
    }
    Ok(())
}

/// Reads an image of `shape` = (fast, slow), or a square one when no shape is given.
///
/// # Errors
/// The file cannot be read, or its size fits no such image; then the candidates are named.
pub fn read(path: &Path, shape: Option<(usize, usize)>) -> Result<Raster<f32>, InputError> {
    const WHAT: &str = "an image of 32-bit floats";
    let file = open_file::open(path, WHAT, BULK)?;
    // The length is settled first, so that a file of the wrong kind is refused without being read.
    if let Some(length) = file.length() {
        shape_of(path, length, shape)?;
    }
    parse(path, &file.read()?, shape)
}

/// As [`read`], from the content of the file; `path` is for messages only.
///
/// # Errors
/// As [`read`].
pub fn parse(path: &Path, bytes: &[u8], shape: Option<(usize, usize)>) -> Result<Raster<f32>, InputError> {
    let (fast, slow) = shape_of(path, bytes.len() as u64, shape)?;
    let (pixels, _) = bytes.as_chunks::<PIXEL_BYTES>();
    let data = pixels.iter().map(|&p| f32::from_le_bytes(p)).collect();
    Ok(Raster { fast, slow, data })
}

fn shape_of(path: &Path, length: u64, shape: Option<(usize, usize)>) -> Result<(usize, usize), InputError> {
    let pixel = PIXEL_BYTES as u64;
    if length == 0 || !length.is_multiple_of(pixel) {
        let problem = format!("`{length}` bytes are no whole number of 32-bit pixels, or none at all");
        return Err(InputError::new(path, problem, "4 bytes per pixel"));
    }
    let pixels = length / pixel;
    let root = pixels.isqrt();
    if let Some((fast, slow)) = shape {
        if (fast as u64).checked_mul(slow as u64) == Some(pixels) {
            return Ok((fast, slow));
        }
        let problem = format!("`{pixels}` pixels do not make an image of `{fast}` x `{slow}`");
        let candidates = candidates(pixels, fast as u64, slow as u64, root);
        return Err(InputError::new(path, problem, format!("one of {candidates}")));
    }
    match usize::try_from(root) {
        Ok(side) if root * root == pixels => Ok((side, side)),
        _ => {
            let problem = format!("`{pixels}` pixels do not make a square image");
            let near = format!(
                "{root} x {root} ({}) or {} x {} ({})",
                root * root,
                root + 1,
                root + 1,
                (root + 1) * (root + 1)
            );
            Err(InputError::new(path, problem, near).hint("give the shape, fast axis first"))
        }
    }
}

/// Shapes this many pixels would fit, keeping one of the wanted sides where possible.
fn candidates(pixels: u64, fast: u64, slow: u64, root: u64) -> String {
    let mut shapes = Vec::new();
    if fast > 0 && pixels.is_multiple_of(fast) {
        shapes.push(format!("{fast} x {}", pixels / fast));
    }
    if slow > 0 && pixels.is_multiple_of(slow) {
        shapes.push(format!("{} x {slow}", pixels / slow));
    }
    if root * root == pixels {
        shapes.push(format!("{root} x {root}"));
    }
    if shapes.is_empty() {
        shapes.push(format!("the shapes of {pixels} pixels"));
    }
    shapes.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_here(bytes: &[u8], shape: Option<(usize, usize)>) -> Result<Raster<f32>, InputError> {
        parse(Path::new("image.bin"), bytes, shape)
    }

    #[test]
    fn what_is_written_reads_back_bit_for_bit() {
        let data = vec![0.0, -0.0, 1.5, f32::NAN, f32::INFINITY, f32::MIN_POSITIVE];
        let image = Raster::from_vec(3, 2, data).unwrap();
        let mut bytes = Vec::new();
        write(&mut bytes, &image).unwrap();
        assert_eq!(&bytes[8..12], [0, 0, 0xc0, 0x3f]);
        let read = parse_here(&bytes, Some((3, 2))).unwrap();
        assert_eq!(read.map(|v| v.to_bits()), image.map(|v| v.to_bits()));
    }

    #[test]
    fn a_size_that_fits_no_shape_names_the_candidates() {
        let error = parse_here(&[0; 24], None).unwrap_err();
        assert!(error.expected.contains("2 x 2 (4)") && error.expected.contains("3 x 3 (9)"), "{error}");
        let error = parse_here(&[0; 24], Some((3, 7))).unwrap_err();
        assert!(error.expected.contains("3 x 2"), "{error}");
        assert!(parse_here(&[0; 24], Some((usize::MAX, 2))).is_err());
        assert!(parse_here(&[0; 7], None).is_err());
        assert!(parse_here(&[], None).is_err());
        assert_eq!(parse_here(&[0; 36], None).map(|r| (r.fast, r.slow)), Ok((3, 3)));
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = read(Path::new("no/such/image.bin"), None).unwrap_err();
        assert!(error.to_string().contains("no/such/image.bin"));
    }
}
