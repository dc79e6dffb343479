//! Writing SMV images: a text header in braces, padded to 512 bytes, and 16-bit unsigned pixels.
//!
//! Not here: reading them (`smv_read`, re-exported here), and where the header's numbers come from.

use std::io::{self, Write};

use super::raster::Raster;
use crate::c_number::g6;

pub(crate) use super::smv_read::entries;
pub use super::smv_read::{SmvHeader, parse_header, parse_u16, read_u16};

/// Length of the headers written here, and the least a header can have.
pub const HEADER_BYTES: usize = 512;

/// The numbers of a header as nanoBragg prints them, in the units it prints.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct HeaderValues {
    /// Pixels along the fast axis.
    pub fast: usize,
    /// Pixels along the slow axis.
    pub slow: usize,
    /// Pixel size, mm.
    pub pixel_size: f64,
    /// Distance along the beam, mm.
    pub distance: f64,
    /// Wavelength, Å.
    pub wavelength: f64,
    /// `BEAM_CENTER_X`, `BEAM_CENTER_Y`, mm.
    pub beam_center: [f64; 2],
    /// `ADXV_CENTER_X`, `ADXV_CENTER_Y`, mm.
    pub adxv_center: [f64; 2],
    /// `MOSFLM_CENTER_X`, `MOSFLM_CENTER_Y`, mm.
    pub mosflm_center: [f64; 2],
    /// `DENZO_X_BEAM`, `DENZO_Y_BEAM`, mm. A zero keeps its sign here; see [`HeaderValues::for_noise_image`].
    pub denzo_beam: [f64; 2],
    /// `DIALS_ORIGIN`, mm.
    pub dials_origin: [f64; 3],
    /// `XDS_ORGX`, `XDS_ORGY`, pixels.
    pub xds_origin: [f64; 2],
    /// Closest distance of the detector plane, mm.
    pub close_distance: f64,
    /// `PHI` and `OSC_START`, degrees.
    pub phi: f64,
    /// `OSC_RANGE`, degrees.
    pub osc_range: f64,
    /// `TWOTHETA`, degrees.
    pub two_theta: f64,
}

impl HeaderValues {
    /// The values as the noise image's header has them: nanoBragg adds a zero where it subtracts one for the integer
    /// image, so a Denzo centre of -0 becomes 0.
    #[must_use]
    pub fn for_noise_image(self) -> Self {
        Self { denzo_beam: self.denzo_beam.map(|v| v + 0.0), ..self }
    }
}

/// The header of a little-endian image, byte for byte as nanoBragg writes it.
///
/// It is padded with blanks to [`HEADER_BYTES`]. Long numbers can make it longer; it then says 512 all the same and the
/// pixels follow directly, as they do there. (`DIALS_ORIGIN` is the one line without a semicolon.)
pub fn header_512(values: &HeaderValues) -> Vec<u8> {
    let HeaderValues { fast, slow, .. } = values;
    let mut text = format!(
        "{{\nHEADER_BYTES={HEADER_BYTES};\nDIM=2;\nBYTE_ORDER=little_endian;\nTYPE=unsigned_short;\n\
         SIZE1={fast};\nSIZE2={slow};\n"
    );
    push_lines(
        &mut text,
        &[
            ("PIXEL_SIZE", values.pixel_size),
            ("DISTANCE", values.distance),
            ("WAVELENGTH", values.wavelength),
            ("BEAM_CENTER_X", values.beam_center[0]),
            ("BEAM_CENTER_Y", values.beam_center[1]),
            ("ADXV_CENTER_X", values.adxv_center[0]),
            ("ADXV_CENTER_Y", values.adxv_center[1]),
            ("MOSFLM_CENTER_X", values.mosflm_center[0]),
            ("MOSFLM_CENTER_Y", values.mosflm_center[1]),
            ("DENZO_X_BEAM", values.denzo_beam[0]),
            ("DENZO_Y_BEAM", values.denzo_beam[1]),
        ],
    );
    text.push_str(&format!("DIALS_ORIGIN={}\n", values.dials_origin.map(g6).join(",")));
    push_lines(
        &mut text,
        &[
            ("XDS_ORGX", values.xds_origin[0]),
            ("XDS_ORGY", values.xds_origin[1]),
            ("CLOSE_DISTANCE", values.close_distance),
            ("PHI", values.phi),
            ("OSC_START", values.phi),
            ("OSC_RANGE", values.osc_range),
            ("TWOTHETA", values.two_theta),
        ],
    );
    text.push_str("DETECTOR_SN=000;\nBEAMLINE=fake;\n}\x0c");
    let mut bytes = text.into_bytes();
    if bytes.len() < HEADER_BYTES {
        bytes.resize(HEADER_BYTES, b' ');
    }
    bytes
}

fn push_lines(text: &mut String, lines: &[(&str, f64)]) {
    text.extend(lines.iter().map(|(key, value)| format!("{key}={};\n", g6(*value))));
}

/// Writes `header` (as [`header_512`] makes it) and the pixels, little-endian.
///
/// # Errors
/// Those of `out`.
pub fn write(out: &mut dyn Write, header: &[u8], image: &Raster<u16>) -> io::Result<()> {
    out.write_all(header)?;
    write_pixels(out, &image.data)
}

/// Writes pixels, little-endian: all behind a header, or the next ones.
///
/// # Errors
/// Those of `out`.
pub fn write_pixels(out: &mut dyn Write, pixels: &[u16]) -> io::Result<()> {
    if cfg!(target_endian = "little") {
        return out.write_all(bytemuck::cast_slice(pixels));
    }
    let mut bytes = Vec::with_capacity(1 << 16);
    for pixels in pixels.chunks(1 << 15) {
        bytes.clear();
        bytes.extend(pixels.iter().flat_map(|p| p.to_le_bytes()));
        out.write_all(&bytes)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_padded_with_blanks_to_512_bytes() {
        let header =
            header_512(&HeaderValues { fast: 72, slow: 64, pixel_size: 0.1, ..HeaderValues::default() });
        assert_eq!(header.len(), HEADER_BYTES);
        let text = String::from_utf8(header).unwrap();
        assert!(text.starts_with("{\nHEADER_BYTES=512;\nDIM=2;\nBYTE_ORDER=little_endian;\n"));
        assert!(text.contains("\nSIZE1=72;\nSIZE2=64;\nPIXEL_SIZE=0.1;\nDISTANCE=0;\n"));
        assert!(text.contains("\nDIALS_ORIGIN=0,0,0\nXDS_ORGX=0;\n"));
        assert!(text.trim_end_matches(' ').ends_with(";\n}\x0c"));
        assert!(text.lines().filter(|l| l.contains('=')).all(|l| l.ends_with(';') || l.starts_with("DIALS")));
    }

    #[test]
    fn long_numbers_make_it_longer_without_cutting_anything() {
        let long = -1.234_56e-100;
        let header = header_512(&HeaderValues {
            beam_center: [long; 2],
            adxv_center: [long; 2],
            mosflm_center: [long; 2],
            denzo_beam: [long; 2],
            dials_origin: [long; 3],
            xds_origin: [long; 2],
            ..HeaderValues::default()
        });
        assert!(header.len() > HEADER_BYTES);
        assert!(header.ends_with(b"}\x0c"));
    }

    #[test]
    fn only_the_integer_image_shows_a_negative_zero_denzo_centre() {
        let values = HeaderValues { denzo_beam: [-0.0, 12.5], ..HeaderValues::default() };
        let text = |v: &HeaderValues| String::from_utf8(header_512(v)).unwrap();
        assert!(text(&values).contains("DENZO_X_BEAM=-0;\nDENZO_Y_BEAM=12.5;"));
        assert!(text(&values.for_noise_image()).contains("DENZO_X_BEAM=0;\nDENZO_Y_BEAM=12.5;"));
    }
}
