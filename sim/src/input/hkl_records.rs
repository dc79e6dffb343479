//! The records of a list of reflections, as nanoBragg reads them, and what is wrong with them.
//!
//! Not here: the file and the grid (`hkl`), reading long lists side by side (`hkl_pieces`).

use std::ops::Range;
use std::path::Path;

use super::grid::IndexRanges;
use super::{Leniency, line_of, word_at};
use crate::c_number::{Scanner, g6};
use crate::error::InputError;

pub(super) const WHAT: &str = "a list of reflections `h k l F`";

/// Indices and amplitudes in the order of the text.
pub type Plain = Vec<([i32; 3], f64)>;

/// All that reading the text finds.
pub(super) struct List {
    pub(super) bounds: IndexRanges,
    /// Records that count towards the box.
    pub(super) count: usize,
    /// Records that fill it. They differ from the counted ones behind the first index that is not a plain integer.
    pub(super) kept: Plain,
    pub(super) warnings: Vec<String>,
}

impl List {
    /// Of plain records.
    pub(super) fn of(kept: Plain) -> Self {
        let mut bounds = IndexRanges::none();
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
    pub(super) fn read(&self) -> Result<List, InputError> {
        let mut list = List {
            bounds: IndexRanges::none(),
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
