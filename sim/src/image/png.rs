//! Writing 8-bit PNG pictures, grey or coloured.
//!
//! Not here: choosing levels (`scaling`) and colours.

use std::io::{self, Write};

use super::raster::Raster;

/// Writes a grey picture.
///
/// # Errors
/// Those of `out`, or a picture without pixels or with more than a PNG can hold along an axis.
pub fn write_grey(out: &mut dyn Write, picture: &Raster<u8>) -> io::Result<()> {
    encode(out, picture.fast, picture.slow, png::ColorType::Grayscale, &picture.data)
}

/// Writes a picture of red, green and blue.
///
/// # Errors
/// As [`write_grey`].
pub fn write_rgb(out: &mut dyn Write, picture: &Raster<[u8; 3]>) -> io::Result<()> {
    encode(out, picture.fast, picture.slow, png::ColorType::Rgb, picture.data.as_flattened())
}

fn encode(
    out: &mut dyn Write,
    fast: usize,
    slow: usize,
    color: png::ColorType,
    data: &[u8],
) -> io::Result<()> {
    let side =
        |pixels| u32::try_from(pixels).map_err(|_| io::Error::other("more pixels than a PNG can hold"));
    let mut encoder = png::Encoder::new(out, side(fast)?, side(slow)?);
    encoder.set_color(color);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(data)?;
    Ok(writer.finish()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(bytes: &[u8]) -> (png::OutputInfo, Vec<u8>) {
        let mut reader = png::Decoder::new(io::Cursor::new(bytes)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        (info, pixels)
    }

    #[test]
    fn a_grey_picture_reads_back() {
        let picture = Raster::from_vec(3, 2, vec![0, 1, 2, 128, 254, 255]).unwrap();
        let mut bytes = Vec::new();
        write_grey(&mut bytes, &picture).unwrap();
        let (info, pixels) = decode(&bytes);
        assert_eq!((info.width, info.height, info.color_type), (3, 2, png::ColorType::Grayscale));
        assert_eq!(pixels, picture.data);
    }

    #[test]
    fn a_coloured_picture_reads_back() {
        let picture = Raster::from_vec(2, 1, vec![[255, 0, 1], [2, 3, 4]]).unwrap();
        let mut bytes = Vec::new();
        write_rgb(&mut bytes, &picture).unwrap();
        let (info, pixels) = decode(&bytes);
        assert_eq!((info.width, info.height, info.color_type), (2, 1, png::ColorType::Rgb));
        assert_eq!(pixels, [255, 0, 1, 2, 3, 4]);
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        assert!(write_grey(&mut Vec::new(), &Raster { fast: 0, slow: 0, data: vec![] }).is_err());
        assert!(write_grey(&mut Vec::new(), &Raster { fast: 2, slow: 2, data: vec![1] }).is_err());
    }
}
