//! The binary cache of a reflection grid (nanoBragg's `Fdump.bin`): six numbers as text, then the padded grid as doubles.
//!
//! Not here: the grid (`grid`), and when a cache is read instead of a reflection file.

use std::io::{self, Write};
use std::path::Path;

use super::grid::{LARGEST_GRID, ReflectionGrid};
use super::hkl::Reflections;
use super::{Leniency, ReadError, read_file};
use crate::c_number::Scanner;
use crate::error::InputError;
use crate::open_file::BULK;

const WHAT: &str = "a structure factor cache: `h_min h_max k_min k_max l_min l_max` and a grid of doubles";

/// What stands between the header and the first value.
const SEPARATOR: &[u8] = b"\n\x0c";

const VALUE_BYTES: usize = size_of::<f64>();

/// Reads the cache `path`, doubles in this machine's byte order as nanoBragg does.
///
/// White space between the header and the first value is skipped, and with it the leading bytes of a first value
/// that look blank: that is how nanoBragg has always read it. The values then move up, and the last ones are missing.
/// With [`Leniency::Reference`] missing values are 0 and a warning is given.
///
/// # Errors
/// The file cannot be opened, its header is not six integers, or they name an empty or an absurdly large box. With
/// [`Leniency::Strict`] also when values are missing.
pub fn read_cache(path: &Path, leniency: Leniency) -> Result<Reflections, ReadError> {
    Ok(parse_cache(path, &read_file(path, WHAT, BULK)?, leniency)?)
}

/// As [`read_cache`], from the content of the file; `path` is for messages only.
///
/// # Errors
/// As [`read_cache`], but for opening.
pub fn parse_cache(path: &Path, bytes: &[u8], leniency: Leniency) -> Result<Reflections, InputError> {
    let mut scanner = Scanner::new(bytes);
    let ranges = header(path, &mut scanner)?;
    let header_end = scanner.position();
    scanner.skip_space();
    let data = &bytes[scanner.position()..];
    let swallowed = (scanner.position() - header_end).saturating_sub(SEPARATOR.len());

    let wanted = ReflectionGrid::size(ranges).map_err(|problem| {
        InputError::new(path, problem.to_string(), format!("at most {LARGEST_GRID} values")).at("header")
    })?;
    let mut warnings = Vec::new();
    if data.len() / VALUE_BYTES < wanted {
        let problem =
            format!("holds `{}` bytes of values, `{}` are missing", data.len(), missing(wanted, data));
        let hint = if swallowed > 0 {
            format!(
                "the first value begins with {swallowed} bytes that look blank; delete the cache to have it rebuilt"
            )
        } else {
            "the cache is cut short; delete it to have it rebuilt".to_owned()
        };
        if leniency == Leniency::Strict {
            return Err(InputError::new(path, problem.to_string(), format!("{wanted} values")).hint(hint));
        }
        warnings.push(format!("`{}` {problem} and count as 0: {hint}", path.display()));
    } else if data.len() > wanted * VALUE_BYTES {
        let extra = data.len() - wanted * VALUE_BYTES;
        warnings.push(format!("`{}` has {extra} bytes behind its last value", path.display()));
    }
    let mut grid =
        ReflectionGrid::zeros(ranges).map_err(|problem| InputError::new(path, problem.to_string(), WHAT))?;
    copy_values(&mut grid.values, data);
    grid.count = grid.ranges().iter().product();
    Ok(Reflections { grid, warnings })
}

fn missing(wanted: usize, data: &[u8]) -> usize {
    (wanted * VALUE_BYTES).saturating_sub(data.len())
}

/// Fills `values` from the front; of a value cut short, the bytes that are there.
fn copy_values(values: &mut [f64], data: &[u8]) {
    let (whole, rest) = data.as_chunks::<VALUE_BYTES>();
    for (value, bytes) in values.iter_mut().zip(whole) {
        *value = f64::from_ne_bytes(*bytes);
    }
    if let Some(value) = values.get_mut(whole.len()) {
        let mut bytes = [0; VALUE_BYTES];
        bytes[..rest.len()].copy_from_slice(rest);
        *value = f64::from_ne_bytes(bytes);
    }
}

fn header(path: &Path, scanner: &mut Scanner<'_>) -> Result<[(i32, i32); 3], InputError> {
    let mut bounds = [0; 6];
    for bound in &mut bounds {
        let value = scanner.integer().ok_or_else(|| {
            InputError::new(path, "does not begin with six integers", WHAT)
                .at("header")
                .hint("a cache holds binary data made by an earlier run; give a text list with `-hkl`")
        })?;
        *bound = i32::try_from(value).map_err(|_| {
            InputError::new(path, format!("index `{value}` is out of range"), "an index within 32 bits")
                .at("header")
        })?;
    }
    let [h_min, h_max, k_min, k_max, l_min, l_max] = bounds;
    Ok([(h_min, h_max), (k_min, k_max), (l_min, l_max)])
}

/// Writes the cache of `grid`, byte for byte as nanoBragg does.
///
/// # Errors
/// Those of `out`.
pub fn write_cache(grid: &ReflectionGrid, out: &mut dyn Write) -> io::Result<()> {
    let ReflectionGrid { h_min, h_max, k_min, k_max, l_min, l_max, .. } = grid;
    write!(out, "{h_min} {h_max} {k_min} {k_max} {l_min} {l_max}")?;
    out.write_all(SEPARATOR)?;
    let mut bytes = Vec::with_capacity(1 << 16);
    for values in grid.values.chunks((1 << 16) / VALUE_BYTES) {
        bytes.clear();
        bytes.extend(values.iter().flat_map(|v| v.to_ne_bytes()));
        out.write_all(&bytes)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(bytes: &[u8], leniency: Leniency) -> Result<Reflections, InputError> {
        parse_cache(Path::new("Fdump.bin"), bytes, leniency)
    }

    /// A grid over h 0..=1, k -1..=0, l 2..=2 whose values count upward from `first`.
    fn grid(first: f64) -> ReflectionGrid {
        let mut grid = ReflectionGrid::zeros([(0, 1), (-1, 0), (2, 2)]).unwrap();
        let mut value = first;
        for slot in &mut grid.values {
            *slot = value;
            value += 1.0;
        }
        grid.count = 4;
        grid
    }

    fn written(grid: &ReflectionGrid) -> Vec<u8> {
        let mut bytes = Vec::new();
        write_cache(grid, &mut bytes).unwrap();
        bytes
    }

    #[test]
    fn what_is_written_reads_back() {
        let bytes = written(&grid(0.5));
        assert!(bytes.starts_with(b"0 1 -1 0 2 2\n\x0c"));
        assert_eq!(bytes.len(), 14 + 3 * 3 * 2 * 8);
        for leniency in [Leniency::Strict, Leniency::Reference] {
            let read = parse(&bytes, leniency).unwrap();
            assert_eq!((read.grid, read.warnings), (grid(0.5), vec![]));
        }
    }

    #[test]
    fn blank_bytes_of_the_first_value_are_swallowed() {
        let mut blank_first = grid(0.5);
        blank_first.values[0] = f64::from_ne_bytes(*b"        ");
        let bytes = written(&blank_first);
        let read = parse(&bytes, Leniency::Reference).unwrap();
        let mut expected = grid(0.5).values[1..].to_vec();
        expected.push(0.0);
        assert_eq!(read.grid.values, expected);
        assert!(read.warnings[0].contains("look blank"));
        assert!(parse(&bytes, Leniency::Strict).unwrap_err().hint.contains("look blank"));
    }

    #[test]
    fn a_value_cut_short_keeps_its_bytes() {
        let bytes = written(&grid(0.5));
        let read = parse(&bytes[..bytes.len() - 12], Leniency::Reference).unwrap();
        assert_eq!(read.grid.values[..16], grid(0.5).values[..16]);
        let mut partial = grid(0.5).values[16].to_ne_bytes();
        partial[4..].fill(0);
        assert_eq!(read.grid.values[16..], [f64::from_ne_bytes(partial), 0.0]);
        assert!(parse(&bytes[..bytes.len() - 12], Leniency::Strict).is_err());
    }

    #[test]
    fn headers_that_make_no_sense_are_refused_before_anything_is_allocated() {
        for text in [
            "",
            "1 2 3",
            "h k l",
            "0 1 0 1 0 99999999999\n\x0c",
            "-2147483648 2147483647 0 1 0 1\n\x0c",
            "-20000 20000 -20000 20000 -20000 20000\n\x0c",
            "5 1 0 1 0 1\n\x0c",
            "nan 1 0 1 0 1\n\x0c",
        ] {
            for leniency in [Leniency::Strict, Leniency::Reference] {
                assert!(parse(text.as_bytes(), leniency).is_err(), "{text}");
            }
        }
    }
}
