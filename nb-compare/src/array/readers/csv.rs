//! Matrices of numbers as text: a row per line, with commas, semicolons, tabs or blanks between the numbers.
//!
//! Lines that begin with `#` and one line of names are passed over. One column is an array of one axis, as NumPy's `loadtxt` has it.
//! Not here: tables with columns by name (`table`), what a number may look like (`trace_harness::numbers`).

use std::io::{BufRead, BufReader, Read, Write};

use nanobragg::error::InputError;
use trace_harness::numbers::number;

use crate::array::data::{Array, DecodedNumbers, Stored};
use crate::array::element::{ByteOrder, ElementType};
use crate::array::error::ArrayError;
use crate::array::layout::Order;
use crate::array::readers::given::{ArrayInput, WHAT};
use crate::array::source::Cursor;

/// No line is longer, bytes.
const LONGEST_LINE: u64 = 64 << 20;

/// Bytes that are looked at to tell text from others.
const LOOKED_AT: usize = 1 << 12;

pub(super) fn read(given: &ArrayInput<'_>) -> Result<Array, ArrayError> {
    given.whole()?;
    let refused = |e: std::io::Error| InputError::io(given.path, WHAT, &e);
    let mut text = BufReader::new(Cursor::at(&given.source, 0).map_err(refused)?);
    // A number has at least one character and what parts it from the next.
    let mut decoded = DecodedNumbers::of(given.length()?.saturating_mul(8).saturating_add(8));
    let (mut columns, mut rows, mut count, mut line) = (None, 0, 0_usize, Vec::new());
    let mut has_names = false;
    loop {
        line.clear();
        count += 1;
        let length = text.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line).map_err(refused)?;
        if length == 0 {
            break;
        }
        if length as u64 == LONGEST_LINE {
            let problem = format!("has a line of `{LONGEST_LINE}` bytes or more");
            return Err(given
                .wrong(problem, "a matrix of numbers, a row per line")
                .at(format!("line {count}"))
                .into());
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let found: Result<Vec<f64>, _> = words(line).map(|word| number(word).ok_or(word)).collect();
        let numbers = match (found, columns) {
            (Ok(numbers), None) => numbers,
            (Ok(numbers), Some(columns)) if numbers.len() == columns => numbers,
            (Ok(numbers), Some(columns)) => {
                let problem = format!("has {} numbers, and the lines before it {columns}", numbers.len());
                return Err(given.wrong(problem, "as many in every line").at(format!("line {count}")).into());
            }
            // Names of the columns.
            (Err(_), None) if !has_names && is_names(line) => {
                has_names = true;
                continue;
            }
            (Err(word), _) => {
                let problem =
                    format!("has `{}`, which is no number", word.chars().take(40).collect::<String>());
                let hint = "tables with other columns than numbers are compared by `nb-compare tables`";
                return Err(given.wrong(problem, "numbers").at(format!("line {count}")).hint(hint).into());
            }
        };
        columns = Some(numbers.len());
        rows += 1;
        numbers.iter().try_for_each(|n| decoded.write_all(&n.to_le_bytes())).map_err(refused)?;
    }
    let shape = match columns {
        None | Some(0) => return Err(given.wrong("has no numbers", "a matrix of numbers").into()),
        Some(1) => vec![rows],
        Some(columns) => vec![rows, columns],
    };
    let (element, bytes, order) = (ElementType::F64, ByteOrder::Little, Order::C);
    decoded.finish(given.path, Stored { shape, element, bytes, order, start: 0 })
}

/// The words of a line.
fn words(line: &str) -> Box<dyn Iterator<Item = &str> + '_> {
    match line.chars().find(|c| matches!(c, ',' | ';')) {
        // What stands behind the last one is no word.
        Some(mark) => Box::new(line.trim_end_matches(mark).split(mark).map(str::trim)),
        None => Box::new(line.split_whitespace()),
    }
}

/// Whether no word of a line is a number: a row with one word that is none is no line of names.
fn is_names(line: &str) -> bool {
    words(line).all(|word| number(word).is_none())
}

/// Whether the file begins as a matrix of numbers does.
pub(super) fn is_matrix(start: &[u8]) -> bool {
    let start = &start[..start.len().min(LOOKED_AT)];
    let is_text = start.iter().all(|byte| matches!(byte, b'\t' | b'\n' | b'\r' | 0x20..=0x7e));
    let text = String::from_utf8_lossy(start);
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .take(3)
        .collect();
    // The last one may be cut.
    let whole = &lines[..lines.len().min(2)];
    is_text && whole.iter().any(|line| words(line).all(|word| number(word).is_some()))
}
