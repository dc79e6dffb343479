//! Tables of numbers, one row per line: sources (five columns) and scattering curves (two).
//!
//! Not here: the defaults of missing columns, and normalising directions.

use std::path::Path;

use super::{Leniency, ReadError, read_file};
use crate::c_number::{atof, strtod};
use crate::error::InputError;
use crate::open_file::TABLE;

/// Rows of a table, a missing column being `None`.
#[derive(Debug, Clone, PartialEq)]
pub struct Table<const COLUMNS: usize> {
    /// The rows, in the order of the file; at least one.
    pub rows: Vec<[Option<f64>; COLUMNS]>,
    /// The line of each row, counted from 1; empty where rows were read as nanoBragg reads them.
    pub lines: Vec<usize>,
    /// What the user should know, in the order of the file.
    pub warnings: Vec<String>,
}

/// Columns of a source file: direction or position x, y, z (only its direction counts), weight, wavelength in metres.
pub type SourceTable = Table<5>;

/// What separates columns; runs of these count as one.
const DELIMITERS: &[u8] = b" \t,;:!";

/// nanoBragg skips these when it looks for the end of a number.
const NUMBER_BYTES: &[u8] = b"0123456789-+.EGeg";

/// nanoBragg's line buffer, the closing zero not counted: longer lines continue as further rows.
const LINE_BYTES: usize = 10_239;

/// Reads the sources of `path`.
///
/// # Errors
/// As [`read_table`].
pub fn read(path: &Path, leniency: Leniency) -> Result<SourceTable, ReadError> {
    read_table(path, leniency)
}

/// Reads the table `path`; blank lines are passed over.
///
/// # Errors
/// The file cannot be opened or has no rows. With [`Leniency::Strict`] also when a column is not a number: nanoBragg
/// would take its valid prefix, or 0.
pub fn read_table<const COLUMNS: usize>(
    path: &Path,
    leniency: Leniency,
) -> Result<Table<COLUMNS>, ReadError> {
    Ok(parse(path, &read_file(path, &expected::<COLUMNS>(), TABLE)?, leniency)?)
}

/// As [`read_table`], from the content of the file; `path` is for messages only.
///
/// # Errors
/// As [`read_table`], but for opening.
pub fn parse<const COLUMNS: usize>(
    path: &Path,
    text: &[u8],
    leniency: Leniency,
) -> Result<Table<COLUMNS>, InputError> {
    let table = match leniency {
        Leniency::Strict => strict(path, text)?,
        Leniency::Reference => Table { rows: as_nanobragg(text), lines: Vec::new(), warnings: Vec::new() },
    };
    if table.rows.is_empty() {
        return Err(InputError::new(path, "holds no rows", expected::<COLUMNS>()));
    }
    Ok(table)
}

fn expected<const COLUMNS: usize>() -> String {
    format!("lines of up to {COLUMNS} numbers")
}

fn strict<const COLUMNS: usize>(path: &Path, text: &[u8]) -> Result<Table<COLUMNS>, InputError> {
    let mut table = Table { rows: Vec::new(), lines: Vec::new(), warnings: Vec::new() };
    for (line, bytes) in text.split(|&b| b == b'\n').enumerate() {
        let fields = bytes.split(|b| DELIMITERS.contains(b) || matches!(b, b'\r' | 0x0b | 0x0c));
        let mut row = [None; COLUMNS];
        let mut found = 0;
        for word in fields.filter(|w| !w.is_empty()) {
            let Some(slot) = row.get_mut(found) else {
                let extra = format!(
                    "`{}`, line {}: only the first {COLUMNS} columns are read",
                    path.display(),
                    line + 1
                );
                table.warnings.push(extra);
                break;
            };
            *slot = Some(number(word).ok_or_else(|| not_a_number::<COLUMNS>(path, word, line + 1))?);
            found += 1;
        }
        if found > 0 {
            table.rows.push(row);
            table.lines.push(line + 1);
        }
    }
    Ok(table)
}

/// The whole of `word` as a finite number.
fn number(word: &[u8]) -> Option<f64> {
    strtod(word).filter(|&(value, used)| used == word.len() && value.is_finite()).map(|(value, _)| value)
}

fn not_a_number<const COLUMNS: usize>(path: &Path, word: &[u8], line: usize) -> InputError {
    let shown: String = word.iter().take(24).flat_map(|&b| b.escape_ascii()).map(char::from).collect();
    InputError::new(path, format!("`{shown}` is not a finite number"), expected::<COLUMNS>())
        .at(format!("line {line}"))
        .hint("remove comments and titles: nanoBragg would read them as rows of zeros")
}

/// The table as nanoBragg reads it. Only a bare line feed ends a row there: in a last line without one, or with DOS line
/// ends, the missing columns become 0.
fn as_nanobragg<const COLUMNS: usize>(text: &[u8]) -> Vec<[Option<f64>; COLUMNS]> {
    buffers(text).filter_map(row_as_nanobragg).collect()
}

/// The text as a line buffer of limited size receives it, each piece cut at its first zero byte.
fn buffers(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split_inclusive(|&b| b == b'\n')
        .flat_map(|line| line.chunks(LINE_BYTES))
        .map(|piece| piece.split(|&b| b == 0).next().unwrap_or_default())
}

fn row_as_nanobragg<const COLUMNS: usize>(line: &[u8]) -> Option<[Option<f64>; COLUMNS]> {
    let mut rest = skip(line, DELIMITERS);
    if rest == b"\n" {
        return None;
    }
    let mut row = [None; COLUMNS];
    for slot in &mut row {
        // Missing columns are marked by NaN there, so that a NaN in the file is a missing column.
        *slot = Some(atof(rest)).filter(|value| !value.is_nan());
        rest = skip(rest, NUMBER_BYTES);
        if rest == b"\n" {
            break;
        }
        let word = rest.iter().take_while(|b| !DELIMITERS.contains(b)).count();
        rest = skip(&rest[word..], DELIMITERS);
        if rest == b"\n" {
            break;
        }
    }
    Some(row)
}

fn skip<'a>(text: &'a [u8], set: &[u8]) -> &'a [u8] {
    let length = text.iter().take_while(|b| set.contains(b)).count();
    &text[length..]
}

#[cfg(test)]
#[path = "source_file_tests.rs"]
mod tests;
