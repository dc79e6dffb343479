//! Headers of the SMV files given by `-mask` and `-img`, and a mask's pixels.
//!
//! Not here: what the keys mean and in which order they take effect; general SMV images (`image::smv`).

use std::path::Path;

use super::{Leniency, ReadError, read_file};
use crate::c_number::atof;
use crate::error::InputError;
use crate::image::smv;
use crate::open_file::BULK;

const WHAT: &str = "an SMV file with a header of at least 512 bytes that begins `{`, `HEADER_BYTES=`";

/// What nanoBragg looks at to decide whether a file is an SMV image.
const MAGIC: &[u8] = b"{\nHEADER_BYT";

/// Least length of a header.
const LEAST_HEADER: usize = 512;

/// Most pixels a header may claim without the file having them (64 million, above any detector).
pub const LARGEST_UNBACKED: usize = 1 << 26;

/// How a key is found in a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeaderLookup {
    /// The last entry `KEY=value` of exactly this key; `ORGX` and `ORGY` may be spelt `XDS_ORGX` and `XDS_ORGY`.
    Exact,
    /// The last place where the letters of the key occur, whatever stands before or between them and the next `=`.
    Substring,
}

impl From<Leniency> for HeaderLookup {
    fn from(leniency: Leniency) -> Self {
        match leniency {
            Leniency::Strict => Self::Exact,
            Leniency::Reference => Self::Substring,
        }
    }
}

/// An SMV file's header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmvFile {
    /// The text of the header, up to its first zero byte.
    pub header: Vec<u8>,
    /// Where the pixels begin (`HEADER_BYTES`).
    pub header_bytes: usize,
    /// Pixels along the fast axis.
    pub width: usize,
    /// Pixels along the slow axis.
    pub height: usize,
    /// What the user should know.
    pub warnings: Vec<String>,
}

impl SmvFile {
    /// The number of `key`, its valid prefix as C's `atof` sees it; `None` when the key does not occur.
    pub fn value(&self, key: &str, lookup: HeaderLookup) -> Option<f64> {
        value(&self.header, key, lookup)
    }

    /// The text of the last entry of exactly `key`.
    pub fn text(&self, key: &str) -> Option<String> {
        exact(&self.header, key)
    }

    /// Whether the two ways of look-up give different answers for `key`.
    pub fn is_ambiguous(&self, key: &str) -> bool {
        let bits = |lookup| self.value(key, lookup).map(f64::to_bits);
        bits(HeaderLookup::Exact) != bits(HeaderLookup::Substring)
    }
}

fn value(header: &[u8], key: &str, lookup: HeaderLookup) -> Option<f64> {
    match lookup {
        HeaderLookup::Substring => substring(header, key.as_bytes()),
        HeaderLookup::Exact => exact(header, key).map(|text| atof(text.as_bytes())),
    }
}

fn exact(header: &[u8], key: &str) -> Option<String> {
    let entries = smv::entries(header.strip_prefix(b"{").unwrap_or(header));
    let find = |key: &str| entries.iter().rev().find(|(k, _)| k == key).map(|(_, v)| v.clone());
    let other = match key {
        "ORGX" => "XDS_ORGX",
        "ORGY" => "XDS_ORGY",
        _ => key,
    };
    find(key).or_else(|| find(other))
}

/// A key without any `=` behind it has the value 0.
fn substring(header: &[u8], key: &[u8]) -> Option<f64> {
    if key.is_empty() {
        return None;
    }
    // Each search starts behind the last hit, so overlapping occurrences count once.
    let mut end = 0;
    while let Some(hit) = header[end..].windows(key.len()).position(|w| w == key) {
        end += hit + key.len();
    }
    if end == 0 {
        return None;
    }
    let rest = &header[end..];
    Some(rest.iter().position(|&b| b == b'=').map_or(0.0, |equals| atof(&rest[equals + 1..])))
}

/// Reads the header of `path`; its pixels are not looked at.
///
/// # Errors
/// The file cannot be opened, is no SMV file, or gives no possible size; with [`Leniency::Strict`] also when it is
/// shorter than its header says, with [`Leniency::Reference`] only when more than [`LARGEST_UNBACKED`] pixels are missing.
pub fn read_header(path: &Path, leniency: Leniency) -> Result<SmvFile, ReadError> {
    Ok(parse_header(path, &read_file(path, WHAT, BULK)?, leniency)?)
}

/// Reads a mask: its header, and `width * height` pixels, 0 meaning masked.
///
/// The pixels are taken as little-endian from the last even byte of the header on, whatever its `BYTE_ORDER`, as
/// nanoBragg takes them; zero is zero either way. Pixels that the file lacks are 0.
///
/// # Errors
/// As [`read_header`].
pub fn read_mask(path: &Path, leniency: Leniency) -> Result<(SmvFile, Vec<u16>), ReadError> {
    Ok(parse_mask(path, &read_file(path, WHAT, BULK)?, leniency)?)
}

/// As [`read_mask`], from the content of the file; `path` is for messages only.
///
/// # Errors
/// As [`read_header`], but for opening.
pub fn parse_mask(path: &Path, bytes: &[u8], leniency: Leniency) -> Result<(SmvFile, Vec<u16>), InputError> {
    let file = parse_header(path, bytes, leniency)?;
    let data = bytes.get(file.header_bytes / 2 * 2..).unwrap_or_default();
    let (pairs, _) = data.as_chunks::<2>();
    let mut pixels: Vec<u16> = Vec::new();
    let count = file.width * file.height;
    if pixels.try_reserve_exact(count).is_err() {
        return Err(InputError::new(path, format!("`{count}` pixels do not fit into memory"), WHAT));
    }
    pixels.extend(pairs.iter().take(count).map(|&pair| u16::from_le_bytes(pair)));
    pixels.resize(count, 0);
    Ok((file, pixels))
}

/// As [`read_header`], from the content of the file; `path` is for messages only.
///
/// # Errors
/// As [`read_header`], but for opening.
pub fn parse_header(path: &Path, bytes: &[u8], leniency: Leniency) -> Result<SmvFile, InputError> {
    let lookup = HeaderLookup::from(leniency);
    if bytes.len() < LEAST_HEADER {
        return Err(InputError::new(path, format!("has only `{}` bytes", bytes.len()), WHAT));
    }
    if !bytes.starts_with(MAGIC) {
        return Err(InputError::new(path, "does not begin as an SMV header does", WHAT));
    }
    let first = c_string(&bytes[..LEAST_HEADER]);
    let stated = value(first, "HEADER_BYTES", lookup);
    let header_bytes = positive(stated).filter(|&n| n <= bytes.len()).ok_or_else(|| {
        let found = stated.map_or("missing".to_owned(), |v| format!("`{v}`"));
        InputError::new(path, format!("is {found}"), format!("at most the {} bytes of the file", bytes.len()))
            .at("key HEADER_BYTES")
    })?;
    let header = c_string(&bytes[..header_bytes]).to_vec();
    let (width, height) = dimensions(path, &header, lookup)?;
    let mut file = SmvFile { header, header_bytes, width, height, warnings: Vec::new() };
    check_length(path, &mut file, bytes.len(), leniency)?;
    Ok(file)
}

/// The text up to its first zero byte.
fn c_string(bytes: &[u8]) -> &[u8] {
    bytes.split(|&b| b == 0).next().unwrap_or_default()
}

/// A header value as a count, its fraction cut off; `None` unless it is at least 1 and fits a 32-bit integer.
fn positive(value: Option<f64>) -> Option<usize> {
    let value = value.filter(|v| *v >= 1.0 && *v < 2_147_483_648.0)?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked; cutting is the rule"
    )]
    Some(value as usize)
}

fn dimensions(path: &Path, header: &[u8], lookup: HeaderLookup) -> Result<(usize, usize), InputError> {
    let get = |key| value(header, key, lookup);
    let size1 = get("SIZE1");
    // Only a width of exactly zero makes nanoBragg look for the other key; a missing one has no meaning there.
    let squared = size1.is_none_or(|v| v.trunc() == 0.0);
    let (width, height) = if squared {
        (positive(get("DETECTOR_DIMENSIONS")), positive(get("DETECTOR_DIMENSIONS")))
    } else {
        (positive(size1), positive(get("SIZE2")))
    };
    let shown = |key| get(key).map_or("missing".to_owned(), |v| format!("`{v}`"));
    let (Some(width), Some(height)) = (width, height) else {
        let problem = format!("SIZE1 is {}, SIZE2 is {}", shown("SIZE1"), shown("SIZE2"));
        return Err(InputError::new(path, problem, "two positive pixel counts").at("header"));
    };
    match width.checked_mul(height) {
        Some(pixels) if i32::try_from(pixels).is_ok() => Ok((width, height)),
        _ => Err(InputError::new(
            path,
            format!("claims `{width}` x `{height}` pixels"),
            "at most 2147483647 pixels",
        )
        .at("header")),
    }
}

fn check_length(
    path: &Path,
    file: &mut SmvFile,
    length: usize,
    leniency: Leniency,
) -> Result<(), InputError> {
    let SmvFile { width, height, .. } = *file;
    let pixels = width * height;
    let present = length.saturating_sub(file.header_bytes) / 2;
    if present >= pixels {
        return Ok(());
    }
    let problem = format!("claims `{width}` x `{height}` pixels but holds `{present}`");
    if leniency == Leniency::Strict || pixels - present > LARGEST_UNBACKED {
        return Err(InputError::new(path, problem, format!("{pixels} pixels of 2 bytes"))
            .hint("the file is cut short, or SIZE1 and SIZE2 are wrong"));
    }
    file.warnings.push(format!("`{}` {problem}; the others count as 0", path.display()));
    Ok(())
}

#[cfg(test)]
#[path = "header_tests.rs"]
mod tests;
