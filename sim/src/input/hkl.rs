//! Structure factors from a text file of `h k l F` records.
//!
//! Not here: the grid they are put on (`grid`) and its binary file (`cache`), symmetry, other reflection formats.

use std::ops::Range;
use std::path::Path;

use super::{Leniency, ReadError, line_of, read_file, word_at};
use crate::c_number::{Scanner, g6};
use crate::error::InputError;

pub use super::cache::{read_cache, write_cache};
use super::grid::Bounds;
pub use super::grid::{LARGEST_GRID, ReflectionGrid};
pub use super::hkl_pieces::{Plain, pieces, plain};

const WHAT: &str = "a list of reflections `h k l F`";

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
    Ok(parse_text(path, &read_file(path, WHAT)?, default_f, leniency)?)
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
    let text = read_file(path, WHAT)?;
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
        InputError::new(path, problem, format!("at most {LARGEST_GRID} values"))
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

/// All that reading the text finds.
struct List {
    bounds: Bounds,
    /// Records that count towards the box.
    count: usize,
    /// Records that fill it. They differ from the counted ones behind the first index that is not a plain integer.
    kept: Vec<([i32; 3], f64)>,
    warnings: Vec<String>,
}

impl List {
    /// Of plain records.
    fn of(kept: Plain) -> Self {
        let mut bounds = Bounds::none();
        kept.iter().for_each(|(index, _)| bounds.include(*index));
        Self { bounds, count: kept.len(), kept, warnings: Vec::new() }
    }
}

/// The text as a stream of fours.
///
/// nanoBragg reads it twice: first as four reals to find the box, then as three integers and a real to fill it. Both
/// agree up to the first index that is not a plain integer, so that one pass is enough for a sound file. There the
/// second reading takes `1.25` for an index 1 and goes on at `.25`: it ends, unless an amplitude was due next.
pub(super) struct Records<'a> {
    pub(super) path: &'a Path,
    pub(super) text: &'a [u8],
    pub(super) leniency: Leniency,
}

impl Records<'_> {
    fn read(&self) -> Result<List, InputError> {
        let mut list = List {
            bounds: Bounds::none(),
            count: 0,
            // A record takes at least eight bytes; guessing 16 avoids most regrowth without wasting much.
            kept: Vec::with_capacity(self.text.len() / 16),
            warnings: Vec::new(),
        };
        let mut scanner = Scanner::new(self.text);
        let mut end = 0;
        loop {
            scanner.skip_space();
            let start = scanner.position();
            let Some((index, amplitude)) = self.plain_record(&mut scanner)? else { break };
            list.bounds.include(index);
            list.kept.push((index, amplitude));
            list.count += 1;
            if self.leniency == Leniency::Strict {
                self.refuse_doubtful(end, start..scanner.position(), amplitude)?;
            }
            end = scanner.position();
        }
        match self.leniency {
            Leniency::Strict => self.refuse_rest(end)?,
            Leniency::Reference => self.read_rest(end, &mut list)?,
        }
        Ok(list)
    }

    /// The two readings of what is left from byte `start` on.
    fn read_rest(&self, start: usize, list: &mut List) -> Result<(), InputError> {
        let mut scanner = Scanner::new(self.text);
        scanner.seek(start);
        let mut filling = scanner.clone();
        while let Some(index) = self.real_record(&mut scanner, list)? {
            list.bounds.include(index);
            list.count += 1;
        }
        while let Some((index, amplitude)) = integer_record(&mut filling) {
            // What lies beyond 32 bits lies outside the grid: the caller leaves it out, where nanoBragg would write into
            // other memory.
            let index = index.map(|i| i32::try_from(i).unwrap_or(i32::MIN));
            list.kept.push((index, amplitude));
        }
        Ok(())
    }

    /// Three plain integers and a real; `None` (wherever the scanner then stands) if the text is anything else.
    pub(super) fn plain_record(
        &self,
        scanner: &mut Scanner<'_>,
    ) -> Result<Option<([i32; 3], f64)>, InputError> {
        let mut index = [0; 3];
        for slot in &mut index {
            let Some(value) = scanner.integer() else { return Ok(None) };
            // A point, an exponent or a hexadecimal mark makes it a real of which the integer is only the beginning.
            if matches!(self.text.get(scanner.position()), Some(b'.' | b'e' | b'E' | b'x' | b'X')) {
                return Ok(None);
            }
            *slot = i32::try_from(value).map_err(|_| self.beyond_32_bits(scanner, &value.to_string()))?;
        }
        Ok(scanner.real().map(|amplitude| (index, amplitude)))
    }

    /// Four reals, of which the indices are cut to integers; `None` where the list ends.
    fn real_record(
        &self,
        scanner: &mut Scanner<'_>,
        list: &mut List,
    ) -> Result<Option<[i32; 3]>, InputError> {
        let (Some(h), Some(k), Some(l), Some(_)) =
            (scanner.real(), scanner.real(), scanner.real(), scanner.real())
        else {
            return Ok(None);
        };
        let mut index = [0; 3];
        for ((slot, value), axis) in index.iter_mut().zip([h, k, l]).zip(["h", "k", "l"]) {
            #[expect(clippy::float_cmp, reason = "this very comparison decides the warning")]
            if value != (value - 0.4).ceil() {
                let line = list.count;
                list.warnings.push(format!("non-integer value for {axis} ({}) at line {line}", g6(value)));
            }
            if !(value.trunc() >= f64::from(i32::MIN) && value.trunc() <= f64::from(i32::MAX)) {
                return Err(self.beyond_32_bits(scanner, &g6(value)));
            }
            #[expect(clippy::cast_possible_truncation, reason = "checked; cutting the fraction is the rule")]
            let cut = value as i32;
            *slot = cut;
        }
        Ok(Some(index))
    }

    fn beyond_32_bits(&self, scanner: &Scanner<'_>, value: &str) -> InputError {
        InputError::new(self.path, format!("index `{value}` is out of range"), "an index within 32 bits")
            .at(format!("line {}", line_of(self.text, scanner.position())))
    }

    /// What nanoBragg reads, but hardly as it was meant: a record that does not fit its lines, an amplitude that is no
    /// number. `end` is where the record before ended.
    fn refuse_doubtful(&self, end: usize, record: Range<usize>, amplitude: f64) -> Result<(), InputError> {
        // Counting lines is for errors only: doing it for every record would take quadratic time.
        let start = record.start;
        let at = || format!("line {}", line_of(self.text, start));
        let begins_a_line = end == 0 || self.text[end..start].contains(&b'\n');
        if !begins_a_line && self.text[record].contains(&b'\n') {
            let problem = "a reflection begins behind other numbers and ends in the next line";
            return Err(InputError::new(self.path, problem, WHAT).at(at()).hint(
                "keep four columns: numbers are read in fours, so a fifth column shifts all that follows",
            ));
        }
        if amplitude.is_finite() {
            return Ok(());
        }
        Err(InputError::new(self.path, format!("amplitude `{amplitude}` is not finite"), WHAT).at(at()))
    }

    /// Strictly, nothing but white space may follow the last plain record, which ended at byte `end`.
    fn refuse_rest(&self, end: usize) -> Result<(), InputError> {
        let mut scanner = Scanner::new(self.text);
        scanner.seek(end);
        if scanner.at_end() {
            return Ok(());
        }
        let start = scanner.position();
        let mut numbers = 0;
        while numbers < 4 && scanner.real().is_some() {
            numbers += 1;
        }
        let at_end = scanner.at_end();
        let at = |position| format!("line {}", line_of(self.text, position));
        let error = |problem: String| InputError::new(self.path, problem, WHAT);
        let end_of_list = "nanoBragg would end the list here; remove comments and titles";
        if numbers == 4 {
            let hint = "nanoBragg reads such an index and what follows it wrongly";
            let problem = format!("an index in `{}` is not an integer", self.line_at(start));
            Err(error(problem).at(at(start)).hint(hint))
        } else if at_end {
            Err(error("ends in the middle of a reflection".to_owned()).at(at(start)).hint(end_of_list))
        } else {
            let position = scanner.position();
            let problem = format!("`{}` is not a number", word_at(self.text, position));
            Err(error(problem).at(at(position)).hint(end_of_list))
        }
    }

    /// The line from `start` on, for a message.
    fn line_at(&self, start: usize) -> String {
        let line = self.text[start..].split(|&b| b == b'\n').next().unwrap_or_default();
        line.iter().take(40).flat_map(|&b| b.escape_ascii()).map(char::from).collect()
    }
}

/// Three integers, whatever they are the beginning of, and a real; `None` where the filling ends.
fn integer_record(scanner: &mut Scanner<'_>) -> Option<([i64; 3], f64)> {
    let index = [scanner.integer()?, scanner.integer()?, scanner.integer()?];
    Some((index, scanner.real()?))
}

#[cfg(test)]
#[path = "hkl_tests.rs"]
mod tests;
