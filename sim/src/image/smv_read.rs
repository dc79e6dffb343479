//! Reading SMV images by what their headers say, whoever wrote them.
//!
//! Not here: nanoBragg's looser look-up of header keys (`input::header`), compressed and floating-point variants.

use std::path::Path;

use super::raster::Raster;
use crate::c_number::{atof, strtol};
use crate::error::InputError;
use crate::open_file::{self, BULK};

const WHAT: &str = "an SMV image: a header `{ KEY=value; ... }` and 16-bit pixels";

/// A parsed SMV header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmvHeader {
    /// All entries in the order of the file; a key may occur more than once.
    pub entries: Vec<(String, String)>,
    /// Where the pixels begin.
    pub data_offset: usize,
    /// Pixels along the fast axis (`SIZE1`).
    pub fast: usize,
    /// Pixels along the slow axis (`SIZE2`).
    pub slow: usize,
    /// Whether the pixels have their high byte first.
    pub big_endian: bool,
}

impl SmvHeader {
    /// The text of the last entry `key`.
    pub fn get(&self, key: &str) -> Option<&str> {
        last(&self.entries, key)
    }

    /// The last entry `key` as a number, its valid prefix as C's `atof` sees it.
    pub fn number(&self, key: &str) -> Option<f64> {
        self.get(key).map(|text| atof(text.as_bytes()))
    }
}

/// Reads an image and its header, swapping bytes where the header says so.
///
/// # Errors
/// The file cannot be read, is no SMV image of 16-bit unsigned pixels, or is shorter or longer than its header says.
pub fn read_u16(path: &Path) -> Result<(SmvHeader, Raster<u16>), InputError> {
    let bytes = open_file::read(path, WHAT, BULK)?;
    parse_u16(path, &bytes)
}

/// As [`read_u16`], from the content of the file; `path` is for messages only.
///
/// # Errors
/// As [`read_u16`].
pub fn parse_u16(path: &Path, bytes: &[u8]) -> Result<(SmvHeader, Raster<u16>), InputError> {
    let header = parse_header(path, bytes)?;
    let (fast, slow) = (header.fast, header.slow);
    let wanted = fast.saturating_mul(slow).saturating_mul(2);
    let data = bytes.get(header.data_offset..).unwrap_or_default();
    let pixels = (data.len() == wanted).then_some(data).ok_or_else(|| {
        let have = data.len();
        let hint = if have < wanted {
            "the file is cut short, or SIZE1 and SIZE2 are wrong"
        } else {
            "something stands behind the image, or SIZE1 and SIZE2 are wrong"
        };
        InputError::new(
            path,
            format!("has `{have}` bytes of pixels"),
            format!("{wanted} for {fast} x {slow}"),
        )
        .hint(hint)
    })?;
    let (pairs, _) = pixels.as_chunks::<2>();
    let order = if header.big_endian { u16::from_be_bytes } else { u16::from_le_bytes };
    let data = pairs.iter().map(|&pair| order(pair)).collect();
    Ok((header, Raster { fast, slow, data }))
}

/// The header at the start of `bytes`.
///
/// # Errors
/// It is no SMV header, lacks a size, the type or the order of bytes, or describes other than 16-bit unsigned pixels.
pub fn parse_header(path: &Path, bytes: &[u8]) -> Result<SmvHeader, InputError> {
    let close = bytes.iter().take(MAX_HEADER).position(|&b| b == b'}');
    let Some(close) = close.filter(|_| bytes.starts_with(b"{")) else {
        return Err(InputError::new(path, "does not begin with a header in braces", WHAT));
    };
    let entries = entries(&bytes[1..close]);
    let stated = size(path, &entries, "HEADER_BYTES")?;
    let fast = size(path, &entries, "SIZE1")?;
    let slow = size(path, &entries, "SIZE2")?;
    check(path, &entries, "TYPE", &["unsigned_short", "unsigned short", "unsigned short int"])?;
    check(path, &entries, "BYTE_ORDER", &["little_endian", "big_endian"])?;
    let big_endian = last(&entries, "BYTE_ORDER") == Some("big_endian");
    // A header of long numbers can outgrow what it says of itself; its pixels follow its closing brace and form feed.
    let data_offset = if close < stated { stated } else { close + 2 };
    Ok(SmvHeader { entries, data_offset, fast, slow, big_endian })
}

/// Longest header looked at: a megabyte, far above any in use.
const MAX_HEADER: usize = 1 << 20;

/// `KEY=value` entries, each ended by a semicolon or a line end.
pub(crate) fn entries(text: &[u8]) -> Vec<(String, String)> {
    let clean = |part: &[u8]| String::from_utf8_lossy(part).trim().to_owned();
    text.split(|&b| b == b';' || b == b'\n')
        .filter_map(|entry| {
            let equals = entry.iter().position(|&b| b == b'=')?;
            Some((clean(&entry[..equals]), clean(&entry[equals + 1..])))
        })
        .collect()
}

fn last<'a>(entries: &'a [(String, String)], key: &str) -> Option<&'a str> {
    entries.iter().rev().find(|(k, _)| k == key).map(|(_, value)| value.as_str())
}

fn size(path: &Path, entries: &[(String, String)], key: &str) -> Result<usize, InputError> {
    let place = format!("key {key}");
    let text =
        last(entries, key).ok_or_else(|| InputError::new(path, "is missing", WHAT).at(place.as_str()))?;
    strtol(text.as_bytes())
        .filter(|&(value, used)| used == text.len() && value > 0)
        .and_then(|(value, _)| usize::try_from(value).ok())
        .ok_or_else(|| InputError::new(path, format!("is `{text}`"), "a positive integer").at(place))
}

fn check(path: &Path, entries: &[(String, String)], key: &str, allowed: &[&str]) -> Result<(), InputError> {
    let problem = match last(entries, key) {
        Some(value) if allowed.contains(&value) => return Ok(()),
        Some(value) => format!("is `{value}`"),
        None => "is missing".to_owned(),
    };
    let expected = format!("`{}`", allowed.join("` or `"));
    Err(InputError::new(path, problem, expected).at(format!("key {key}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::smv::{HeaderValues, header_512, write};

    fn parse(bytes: &[u8]) -> Result<(SmvHeader, Raster<u16>), InputError> {
        parse_u16(Path::new("image.img"), bytes)
    }

    fn image(values: &HeaderValues) -> (Raster<u16>, Vec<u8>) {
        let pixels =
            (0..values.fast * values.slow).map(|i| u16::try_from(i * 999 % 65_536).unwrap()).collect();
        let image = Raster::from_vec(values.fast, values.slow, pixels).unwrap();
        let mut bytes = Vec::new();
        write(&mut bytes, &header_512(values), &image).unwrap();
        (image, bytes)
    }

    #[test]
    fn what_is_written_reads_back() {
        let values = HeaderValues { fast: 5, slow: 3, distance: 123.5, ..HeaderValues::default() };
        let (image, bytes) = image(&values);
        let (header, read) = parse(&bytes).unwrap();
        assert_eq!(read, image);
        assert_eq!((header.data_offset, header.big_endian), (512, false));
        assert_eq!((header.number("DISTANCE"), header.get("DIALS_ORIGIN")), (Some(123.5), Some("0,0,0")));
        assert_eq!((header.number("DIST"), header.number("BEAMLINE")), (None, Some(0.0)));
    }

    #[test]
    fn a_header_longer_than_it_says_is_followed_by_its_pixels() {
        let long = -1.234_56e-100;
        let values = HeaderValues {
            fast: 5,
            slow: 3,
            beam_center: [long; 2],
            adxv_center: [long; 2],
            mosflm_center: [long; 2],
            denzo_beam: [long; 2],
            dials_origin: [long; 3],
            xds_origin: [long; 2],
            ..HeaderValues::default()
        };
        let (image, bytes) = image(&values);
        assert!(bytes.len() > 512 + 30);
        assert_eq!(parse(&bytes).unwrap().1, image);
    }

    #[test]
    fn big_endian_pixels_are_swapped_and_the_last_entry_counts() {
        let text =
            "{\nHEADER_BYTES=128;SIZE1=1;SIZE1=2 ; SIZE2=1;\nTYPE=unsigned_short;BYTE_ORDER=big_endian;\n}";
        let mut bytes = format!("{text:<128}").into_bytes();
        bytes.extend([1, 2, 3, 4]);
        assert_eq!(parse(&bytes).unwrap().1.data, [0x0102, 0x0304]);
        bytes.push(5);
        assert!(parse(&bytes).unwrap_err().problem.contains("`5` bytes"), "nothing stands behind an image");
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let bare =
            |keys: &str| format!("{:<512}", format!("{{\nHEADER_BYTES=512;\n{keys}}}\u{c}")).into_bytes();
        let header = |keys: &str| bare(&format!("TYPE=unsigned_short;BYTE_ORDER=little_endian;{keys}"));
        for (bytes, place, problem) in [
            (vec![], "", "braces"),
            (b"{\nHEADER_BYTES=512;".to_vec(), "", "braces"),
            (vec![0xff; 600], "", "braces"),
            (header("SIZE1=2;"), "key SIZE2", "missing"),
            (header("SIZE1=2;SIZE2=-3;"), "key SIZE2", "-3"),
            (header("SIZE1=nan;SIZE2=3;"), "key SIZE1", "nan"),
            (bare("SIZE1=2;SIZE2=1;BYTE_ORDER=little_endian;"), "key TYPE", "missing"),
            (bare("SIZE1=2;SIZE2=1;TYPE=unsigned_short;"), "key BYTE_ORDER", "missing"),
            (header("SIZE1=2;SIZE2=1;TYPE=float;"), "key TYPE", "float"),
            (header("SIZE1=2;SIZE2=1;BYTE_ORDER=middle;"), "key BYTE_ORDER", "middle"),
            (header("SIZE1=31623;SIZE2=31623;"), "", "`0` bytes"),
            (header("SIZE1=9223372036854775807;SIZE2=9223372036854775807;"), "", "`0` bytes"),
        ] {
            let error = parse(&bytes).unwrap_err();
            assert_eq!(error.place, place);
            assert!(error.problem.contains(problem), "{error}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(mut bytes: Vec<u8>, text in "[A-Z0-9_=;\n}]{0,80}") {
            let _ = parse(&bytes);
            let keys = "HEADER_BYTES=9;SIZE1=2;SIZE2=2;TYPE=unsigned_short;BYTE_ORDER=big_endian";
            bytes.splice(..0, format!("{{{keys};{text}").into_bytes());
            if let Ok((header, image)) = parse(&bytes) {
                proptest::prop_assert_eq!(image.data.len(), header.fast * header.slow);
            }
        }
    }
}
