//! Structure factors from a text file of `h k l F` records.
//!
//! Not here: the grid they are put on (`grid`) and its binary file (`cache`), symmetry, other reflection formats.

use std::cmp::Ordering;
use std::path::Path;

use super::{Leniency, ReadError, read_file};
use crate::c_number::g6;
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
    Ok(fill(path, list, default_f, leniency)?)
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
    fill(path, Records { path, text, leniency }.read()?, default_f, leniency)
}

/// Puts the records of a list on its grid.
fn fill(path: &Path, list: List, default_f: f64, leniency: Leniency) -> Result<Reflections, InputError> {
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
    // The reference says nothing about them.
    let mut contradictions = (leniency == Leniency::Strict).then(|| Contradictions::none(grid.values.len()));
    for &(hkl, amplitude) in &list.kept {
        let [h, k, l] = hkl;
        match grid.padded_index(h, k, l) {
            Some(index) => {
                let before = std::mem::replace(&mut grid.values[index], amplitude);
                if let Some(contradictions) = &mut contradictions {
                    contradictions.note(index, hkl, [before, amplitude]);
                }
            }
            None => warnings
                .push(format!("reflection `{h} {k} {l}`, misread behind a non-integer index, is left out")),
        }
    }
    warnings.extend(contradictions.and_then(|found| found.warning(path)));
    Ok(Reflections { grid, warnings })
}

/// Records that give another amplitude to a reflection than an earlier one did.
struct Contradictions {
    /// A bit for each place of the grid: whether a record has filled it.
    filled: Vec<u64>,
    count: usize,
    /// The first of them: indices, the amplitude before and its own.
    first: Option<([i32; 3], [f64; 2])>,
}

impl Contradictions {
    fn none(places: usize) -> Self {
        Self { filled: vec![0; places.div_ceil(64)], count: 0, first: None }
    }

    /// Looks at a record that replaces the first of `amplitudes` by the second.
    fn note(&mut self, place: usize, hkl: [i32; 3], amplitudes: [f64; 2]) {
        let (word, bit) = (&mut self.filled[place / 64], 1 << (place % 64));
        let again = *word & bit != 0;
        *word |= bit;
        if again && amplitudes[0].partial_cmp(&amplitudes[1]) != Some(Ordering::Equal) {
            self.count += 1;
            self.first.get_or_insert((hkl, amplitudes));
        }
    }

    fn warning(&self, path: &Path) -> Option<String> {
        let ([h, k, l], [before, amplitude]) = self.first?;
        Some(format!(
            "`{}`: {} of its records give another amplitude to a reflection than an earlier one, first `{h} {k} {l}` with `{}` after \
             `{}`; the last one counts",
            path.display(),
            self.count,
            g6(amplitude),
            g6(before)
        ))
    }
}

#[cfg(test)]
#[path = "hkl_tests.rs"]
mod tests;
