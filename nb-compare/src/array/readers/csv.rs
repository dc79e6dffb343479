//! Matrices of numbers as text: a row per line, with commas, semicolons, tabs or blanks between the numbers.
//!
//! Lines that begin with `#` and one line of names are passed over. One column is an array of one axis, as NumPy's `loadtxt` has it.
//! Not here: tables with columns by name (`table`), what a number may look like (`trace_harness::numbers`).

use std::io::{BufRead, BufReader, Read, Write};

use nanobragg::error::InputError;
use trace_harness::numbers::{DECIMAL_COMMA_HINT, is_decimal_comma_row, is_unprintable, number};

use crate::array::data::{Array, DecodedNumbers, Stored};
use crate::array::element::{ByteOrder, ElementType};
use crate::array::error::ArrayError;
use crate::array::layout::Order;
use crate::array::readers::given::{ArrayInput, WHAT};
use crate::array::source::Cursor;
use crate::whole::whole;

/// No line is longer, bytes.
const LONGEST_LINE: u64 = 64 << 20;

/// Bytes that are looked at to recognise text.
const LOOKED_AT: usize = 1 << 12;

const EXPECTED: &str = "a matrix of numbers, a row per line";

/// Why the elements of a matrix are of another type than was tried.
enum NotHeld {
    /// A word, which is on this line, is a number that the type does not hold.
    Word(String, usize),
    Refused(ArrayError),
}

impl From<ArrayError> for NotHeld {
    fn from(error: ArrayError) -> Self {
        Self::Refused(error)
    }
}

impl From<InputError> for NotHeld {
    fn from(error: InputError) -> Self {
        Self::Refused(error.into())
    }
}

pub(super) fn read(given: &ArrayInput<'_>) -> Result<Array, ArrayError> {
    given.whole()?;
    // Whole numbers beyond 2^53 are read again as integers, which all of the others have to be then.
    let mut first = None;
    for element in [ElementType::F64, ElementType::I64, ElementType::U64] {
        match read_as(given, element) {
            Ok(array) => return Ok(array.of_printed_numbers()),
            Err(NotHeld::Refused(error)) => return Err(error),
            Err(NotHeld::Word(word, line)) => first = first.or(Some((word, line))),
        }
    }
    let (word, line) = first.unwrap_or_default();
    let problem = format!(
        "has `{word}`, of which a 64-bit float loses digits, and numbers that are no 64-bit integers"
    );
    let hint = "`nb-compare tables` compares whole numbers of any length beside others";
    Err(given.wrong(problem, EXPECTED).at(format!("line {line}")).hint(hint).into())
}

/// The bytes of the number that `word` is, whose value is `float`, in the type `element`; none where the type does not hold it.
fn bytes(word: &str, float: f64, element: ElementType) -> Option<[u8; 8]> {
    let value = || whole(word).and_then(|whole| whole.value());
    match element {
        ElementType::I64 => Some(i64::try_from(value()?).ok()?.to_le_bytes()),
        ElementType::U64 => Some(u64::try_from(value()?).ok()?.to_le_bytes()),
        _ => whole(word).is_none_or(|whole| whole.is_float()).then(|| float.to_le_bytes()),
    }
}

fn read_as(given: &ArrayInput<'_>, element: ElementType) -> Result<Array, NotHeld> {
    let refused = |e: std::io::Error| InputError::io(given.path, WHAT, &e);
    let mut text = BufReader::new(Cursor::at(&given.source, 0).map_err(refused)?);
    // A number has at least one character and what parts it from the next.
    let mut decoded = DecodedNumbers::of(given.length()?.saturating_mul(8).saturating_add(8));
    let (mut columns, mut rows, mut count, mut line) = (None, 0, 0_usize, Vec::new());
    let mut names = None;
    loop {
        line.clear();
        count += 1;
        let length = text.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line).map_err(refused)?;
        if length == 0 {
            break;
        }
        if length as u64 == LONGEST_LINE {
            let problem = format!("has a line of `{LONGEST_LINE}` bytes or more");
            return Err(given.wrong(problem, EXPECTED).at(format!("line {count}")).into());
        }
        let line = String::from_utf8_lossy(&line);
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let found: Result<Vec<(&str, f64)>, _> =
            cells(line).map(|word| number(word).map(|value| (word, value)).ok_or(word)).collect();
        let numbers = match (found, columns) {
            (Ok(numbers), None) => numbers,
            (Ok(numbers), Some(columns)) if numbers.len() == columns => numbers,
            (Ok(numbers), Some(columns)) => {
                let problem = format!("has {} numbers, and the lines before it {columns}", numbers.len());
                return Err(given.wrong(problem, "as many in every line").at(format!("line {count}")).into());
            }
            // Names of the columns.
            (Err(_), None) if names.is_none() && is_names(line) && !is_decimal_comma_row(line) => {
                names = Some(line.split_whitespace().count().max(cells(line).count()));
                continue;
            }
            (Err(word), _) => {
                let problem =
                    format!("has `{}`, which is no number", word.chars().take(40).collect::<String>());
                let hint = match is_decimal_comma_row(line) {
                    true => DECIMAL_COMMA_HINT,
                    false => "tables with other columns than numbers are compared by `nb-compare tables`",
                };
                return Err(given.wrong(problem, "numbers").at(format!("line {count}")).hint(hint).into());
            }
        };
        if columns.is_none() && names == Some(1) && numbers.len() == 2 && line.matches(',').count() == 1 {
            let problem = "has `2` numbers by its comma, and one name before them";
            let expected = "as many numbers as names";
            return Err(given
                .wrong(problem, expected)
                .at(format!("line {count}"))
                .hint(DECIMAL_COMMA_HINT)
                .into());
        }
        columns = Some(numbers.len());
        rows += 1;
        for (word, value) in numbers {
            if is_unprintable(value) {
                let problem = format!("has `{word}`, which a program prints where a number does not fit");
                let hint = "nothing agrees with a number that nobody knows: widen the field, or leave the column out";
                return Err(given.wrong(problem, "numbers").at(format!("line {count}")).hint(hint).into());
            }
            let bytes = bytes(word, value, element)
                .ok_or_else(|| NotHeld::Word(word.chars().take(40).collect(), count))?;
            decoded.write_all(&bytes).map_err(refused)?;
        }
    }
    let shape = match columns {
        None | Some(0) => return Err(given.wrong("has no numbers", "a matrix of numbers").into()),
        Some(1) => vec![rows],
        Some(columns) => vec![rows, columns],
    };
    let (bytes, order) = (ByteOrder::Little, Order::C);
    Ok(decoded.finish(given.path, Stored { shape, element, bytes, order, start: 0 })?)
}

/// The words of a line.
fn cells(line: &str) -> Box<dyn Iterator<Item = &str> + '_> {
    match line.chars().find(|c| matches!(c, ',' | ';')) {
        // What stands behind the last one is no word.
        Some(mark) => Box::new(line.trim_end_matches(mark).split(mark).map(str::trim)),
        None => Box::new(line.split_whitespace()),
    }
}

/// Whether no word of a line is a number: a row with one word that is none is no line of names.
fn is_names(line: &str) -> bool {
    cells(line).all(|word| number(word).is_none())
}

/// Whether the file begins as a matrix of numbers does.
pub(super) fn is_matrix(start: &[u8]) -> bool {
    let start = &start[..start.len().min(LOOKED_AT)];
    let text = match std::str::from_utf8(start) {
        Ok(text) => text,
        // A character that is cut at the end.
        Err(e) if e.error_len().is_none() => {
            std::str::from_utf8(&start[..e.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    let is_text = !text.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\x0c'));
    // Nothing else begins with so long a comment.
    let is_comment = start.len() == LOOKED_AT && text.starts_with('#');
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .take(3)
        .collect();
    // The last one may be cut.
    let whole = &lines[..lines.len().min(2)];
    // Numbers with decimal commas are refused by who reads them.
    let is_row = |line: &str| cells(line).all(|word| number(word).is_some()) || is_decimal_comma_row(line);
    let has_row = whole.iter().any(|line| is_row(line));
    is_text && (has_row || is_comment && lines.is_empty())
}
