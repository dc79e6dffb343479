//! Structure factors from a text file of `h k l F` records.
//!
//! Not here: the grid they are put on (`grid`) and its binary file (`cache`), symmetry, other reflection formats.

use std::path::Path;

use super::{Leniency, ReadError, read_file};
use crate::error::InputError;
use crate::open_file::BULK;

pub use super::cache::{read_cache, write_cache};
pub use super::grid::{LARGEST_GRID, ReflectionGrid};
pub use super::hkl_pieces::{pieces, plain};
pub use super::hkl_records::Plain;
use super::hkl_records::{List, Records, WHAT};

/// What reading a reflection file gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Reflections {
    /// The amplitudes.
    pub grid: ReflectionGrid,
    /// What the user should know, in the order of the file.
    pub warnings: Vec<String>,
}

/// Reads the reflections of the text file `path`; unlisted nodes of the box hold `default_f`.
///
/// # Errors
/// The file cannot be opened or holds no reflection, an index lies beyond 32 bits, the box exceeds [`LARGEST_GRID`];
/// with [`Leniency::Strict`] also whatever would be read differently from what the lines say.
pub fn read_text(path: &Path, default_f: f64, leniency: Leniency) -> Result<Reflections, ReadError> {
    Ok(parse_text(path, &read_file(path, WHAT, BULK)?, default_f, leniency)?)
}

/// As [`read_text`], with [`plain`] called by `read_all` for all [`pieces`] of the text, which may be done side by side. What
/// comes back does not depend on that: a text that is not plain all through is read again from the start.
///
/// # Errors
/// As [`read_text`].
pub fn read_text_in_pieces(
    path: &Path,
    default_f: f64,
    leniency: Leniency,
    read_all: impl Fn(&[&[u8]]) -> Vec<Option<Plain>>,
) -> Result<Reflections, ReadError> {
    let text = read_file(path, WHAT, BULK)?;
    let list = match read_all(&pieces(&text)).into_iter().collect::<Option<Vec<_>>>() {
        Some(pieces) => List::of(pieces.concat()),
        None => Records { path, text: &text, leniency }.read()?,
    };
    Ok(fill(path, list, default_f)?)
}

/// As [`read_text`], from the content of the file; `path` is for messages only.
///
/// # Errors
/// As [`read_text`], but for opening.
pub fn parse_text(
    path: &Path,
    text: &[u8],
    default_f: f64,
    leniency: Leniency,
) -> Result<Reflections, InputError> {
    fill(path, Records { path, text, leniency }.read()?, default_f)
}

/// Puts the records of a list on its grid.
fn fill(path: &Path, list: List, default_f: f64) -> Result<Reflections, InputError> {
    if list.count == 0 {
        return Err(InputError::new(path, "holds no reflections (not enough HKL indices)", WHAT));
    }
    let mut grid = ReflectionGrid::zeros(list.bounds.ranges()).map_err(|problem| {
        InputError::new(path, problem.to_string(), format!("at most {LARGEST_GRID} values"))
            .hint("look for a stray number: it makes the box of indices as large as itself")
    })?;
    grid.count = list.count;
    if default_f != 0.0 {
        grid.fill(default_f);
    }
    let mut warnings = list.warnings;
    for &([h, k, l], amplitude) in &list.kept {
        match grid.padded_index(h, k, l) {
            Some(index) => grid.values[index] = amplitude,
            None => warnings
                .push(format!("reflection `{h} {k} {l}`, misread behind a non-integer index, is left out")),
        }
    }
    Ok(Reflections { grid, warnings })
}

#[cfg(test)]
#[path = "hkl_tests.rs"]
mod tests;
