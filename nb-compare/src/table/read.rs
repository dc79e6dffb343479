//! From lines to rows: comments passed over, sections carried, cells cut, columns named.
//!
//! Not here: what cells mean (`printed`), and which rows belong together (`pair`).

use std::path::Path;

use nanobragg::error::InputError;
use nanobragg::open_file::{self, BULK};
use trace_harness::numbers::{DECIMAL_COMMA_HINT, has_decimal_comma, is_decimal_comma_row};

use super::rules::{Header, Judge, Named, Patterns, Rules, Separator};
use super::{TableError, quotes};

const WHAT: &str = "a table of text";

/// Rows of cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The names of the columns: those of sections first.
    pub columns: Vec<String>,
    /// All cells, one behind the other.
    text: String,
    /// Where each cell ends in `text`; as many for each row as there are columns.
    ends: Vec<usize>,
    /// The line of each row, counted from 1.
    lines: Vec<usize>,
}

impl Table {
    /// How many rows.
    pub fn rows(&self) -> usize {
        self.lines.len()
    }

    /// The line of a row in its file, counted from 1.
    pub fn line(&self, row: usize) -> usize {
        self.lines[row]
    }

    /// A cell; empty where a ragged row has none.
    pub fn cell(&self, row: usize, column: usize) -> &str {
        let i = row * self.columns.len() + column;
        let start = i.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start..self.ends[i]]
    }

    /// The place of a column.
    ///
    /// # Errors
    /// There is none of this name.
    pub fn column(&self, name: &str) -> Result<usize, TableError> {
        self.columns
            .iter()
            .position(|column| column == name)
            .ok_or_else(|| TableError::NoColumn { column: name.to_owned(), there: self.columns.clone() })
    }
}

/// A table that cannot be had: a file that cannot be read or has another form, or rules that make no sense.
pub(super) type ReadError = trace_harness::evidence::failure::Failure;

/// Reads the table in the file at `path`.
///
/// # Errors
/// The file cannot be read, is no text, or has rows of other lengths than its columns; the rules make no sense.
pub fn read(path: &Path, rules: &Rules) -> Result<Table, ReadError> {
    parse(path, &open_file::text(path, WHAT, BULK)?, rules)
}

/// As [`read`], from the content of the file; `path` is for messages only.
///
/// # Errors
/// As [`read`].
pub fn parse(path: &Path, text: &str, rules: &Rules) -> Result<Table, ReadError> {
    let patterns = rules.patterns()?;
    // A byte order mark is part of no cell.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut table = Building::new(path, rules, &patterns);
    match &rules.separator {
        Separator::Named(Named::Comma) => table.csv(text, b',')?,
        Separator::Named(Named::Semicolon) => table.csv(text, b';')?,
        Separator::Named(Named::Tab) => table.csv(text, b'\t')?,
        Separator::Named(Named::Whitespace) | Separator::Fixed(_) => table.lines(text)?,
    }
    table.finish()
}

/// A table in the making.
struct Building<'a> {
    path: &'a Path,
    rules: &'a Rules,
    patterns: &'a Patterns,
    /// The names that sections give.
    carried_names: Vec<String>,
    /// What the section that a row stands in gives.
    carried: Vec<String>,
    /// The names of the other columns, once they are known.
    names: Option<Vec<String>>,
    begun: bool,
    ended: bool,
    table: Table,
}

impl<'a> Building<'a> {
    fn new(path: &'a Path, rules: &'a Rules, patterns: &'a Patterns) -> Self {
        let sections = patterns.section.iter().flat_map(|s| s.capture_names().flatten());
        let carried_names: Vec<String> = sections.map(str::to_owned).collect();
        Self {
            path,
            rules,
            patterns,
            carried: vec![String::new(); carried_names.len()],
            carried_names,
            names: match &rules.header {
                Header::Names(names) => Some(names.clone()),
                Header::Row(_) => None,
            },
            begun: patterns.after.is_none(),
            ended: false,
            table: Table { columns: Vec::new(), text: String::new(), ends: Vec::new(), lines: Vec::new() },
        }
    }

    /// Whether a line is a row of cells; what else it says is taken in.
    fn is_row(&mut self, line: &str) -> bool {
        let matches = |pattern: &Option<regex::Regex>| pattern.as_ref().is_some_and(|p| p.is_match(line));
        if self.ended {
            return false;
        }
        if !self.begun {
            self.begun = matches(&self.patterns.after);
            return false;
        }
        if matches(&self.patterns.until) {
            self.ended = true;
            return false;
        }
        if line.trim().is_empty() || matches(&self.patterns.comment) {
            return false;
        }
        let found = self.patterns.section.as_ref().and_then(|section| section.captures(line));
        if let Some(found) = found {
            for (name, value) in self.carried_names.iter().zip(&mut self.carried) {
                found.name(name).map_or("", |m| m.as_str()).clone_into(value);
            }
            return false;
        }
        true
    }

    fn lines(&mut self, text: &str) -> Result<(), ReadError> {
        let mut cells: Vec<&str> = Vec::new();
        for (i, line) in text.lines().enumerate() {
            if !self.is_row(line) {
                continue;
            }
            cells.clear();
            match &self.rules.separator {
                Separator::Fixed(widths) => {
                    self.refuse_outside(i + 1, line, widths)?;
                    cells.extend(widths.iter().map(|w| fixed(line, *w)));
                }
                Separator::Named(_) => cells.extend(line.split_ascii_whitespace()),
            }
            self.row(i + 1, &cells)?;
        }
        Ok(())
    }

    fn csv(&mut self, text: &str, delimiter: u8) -> Result<(), ReadError> {
        let wrong =
            |line: usize, problem: &str| InputError::new(self.path, problem, WHAT).at(format!("line {line}"));
        // Comments go before cells are cut: a quote in one of them begins no cell. Whether a line is a row is decided on the line
        // that it begins on, because a quoted cell may hold more of them.
        let (mut records, mut lines) = (String::with_capacity(text.len()), Vec::new());
        let (mut rest, mut number) = (text, 1);
        while !rest.is_empty() {
            let first = &rest[..rest.find(['\n', '\r']).unwrap_or(rest.len())];
            let length = if self.is_row(first) {
                let length = quotes::record(rest, delimiter).map_err(|e| {
                    wrong(number, e.words()).hint("a quote inside of a quoted cell is doubled")
                })?;
                records.push_str(&rest[..length]);
                records.push('\n');
                lines.push(number);
                length
            } else {
                first.len()
            };
            let end =
                length + rest[length..].find(|c| !matches!(c, '\n' | '\r')).unwrap_or(rest.len() - length);
            number += rest[..end].matches('\n').count();
            rest = &rest[end..];
        }
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(records.as_bytes());
        for (record, line) in reader.records().zip(lines) {
            let record = record.map_err(|_| wrong(line, "is no table of separated values"))?;
            self.row(line, &record.iter().collect::<Vec<_>>())?;
        }
        Ok(())
    }

    /// Refuses what stands outside of the columns of fixed width: it belongs to no cell and would be passed over.
    fn refuse_outside(&self, number: usize, line: &str, widths: &[[usize; 2]]) -> Result<(), ReadError> {
        let is_inside = |place: usize| widths.iter().any(|[first, last]| (*first..=*last).contains(&place));
        let outside = line.chars().zip(1..).find(|(c, place)| !c.is_whitespace() && !is_inside(*place));
        match outside {
            None => Ok(()),
            Some((character, place)) => {
                let problem = format!("has `{character}` outside of the columns");
                Err(InputError::new(self.path, problem, "blanks between and behind columns of fixed width")
                    .at(format!("line {number}, character {place}"))
                    .hint("a column with `judge = \"information\"` holds what is not judged")
                    .into())
            }
        }
    }

    /// Refuses numbers with a decimal comma, which would be compared as words; a column that is judged as text may have them.
    fn refuse_decimal_commas(&self, number: usize, cells: &[&str]) -> Result<(), ReadError> {
        let is_number = |name: &String| {
            let judge = self.rules.column.get(name).map(|column| column.judge).unwrap_or_default();
            !matches!(judge, Judge::Text | Judge::Information)
        };
        let is_comma = matches!(self.rules.separator, Separator::Named(Named::Comma));
        let names = self.names.iter().flatten();
        let judged = names.zip(cells).find(|(name, cell)| {
            is_number(name) && (!is_comma && has_decimal_comma(cell) || is_decimal_comma_row(cell))
        });
        // Cut at its commas, a row with semicolons between the numbers falls apart.
        let whole =
            is_comma && is_decimal_comma_row(&cells.join(",")) && cells.iter().any(|cell| cell.contains(';'));
        let word = judged.map(|(_, cell)| (*cell).to_owned()).or_else(|| whole.then(|| cells.join(",")));
        let Some(word) = word else { return Ok(()) };
        let word: String = word.chars().take(40).collect();
        Err(InputError::new(self.path, format!("has `{word}`"), "numbers with a decimal point")
            .at(format!("line {number}"))
            .hint(format!("{DECIMAL_COMMA_HINT}; `judge = \"text\"` compares a column as text"))
            .into())
    }

    /// Takes in a row; the first one may have the names.
    fn row(&mut self, line: usize, cells: &[&str]) -> Result<(), ReadError> {
        let number = cells.len();
        if self.names.is_none() {
            let is_header = self.rules.header == Header::Row(true);
            let name =
                |(i, cell): (usize, &&str)| if is_header { (*cell).to_owned() } else { (i + 1).to_string() };
            self.named(line, cells.iter().enumerate().map(name).collect())?;
            if is_header {
                return Ok(());
            }
        }
        let width = self.names.as_ref().map_or(0, Vec::len);
        if self.table.columns.is_empty() {
            let names = self.names.clone().unwrap_or_default();
            self.named(line, names)?;
        }
        self.refuse_decimal_commas(line, cells)?;
        if number != width && !(self.rules.ragged && number < width) {
            let problem = format!("has {number} cells");
            let expected = format!("{width}, as many as there are columns");
            return Err(InputError::new(self.path, problem, expected)
                .at(format!("line {line}"))
                .hint("`ragged = true` lets cells be missing at the end of rows; `comment`, `after` and `until` leave lines out")
                .into());
        }
        let Self { carried, table, .. } = self;
        let missing = std::iter::repeat_n("", width - number);
        for cell in carried.iter().map(String::as_str).chain(cells.iter().copied()).chain(missing) {
            table.text.push_str(cell);
            table.ends.push(table.text.len());
        }
        table.lines.push(line);
        Ok(())
    }

    /// Names the columns.
    fn named(&mut self, line: usize, names: Vec<String>) -> Result<(), ReadError> {
        self.table.columns = self.carried_names.iter().chain(&names).cloned().collect();
        let mut sorted: Vec<&String> = self.table.columns.iter().collect();
        sorted.sort();
        if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            let problem = format!("has two columns `{}`", pair[0]);
            return Err(InputError::new(self.path, problem, "a name for each column")
                .at(format!("line {line}"))
                .hint("`header = [\"…\", …]` gives the columns other names")
                .into());
        }
        self.names = Some(names);
        Ok(())
    }

    fn finish(mut self) -> Result<Table, ReadError> {
        if !self.begun {
            let problem =
                format!("has no line that matches `{}`", self.rules.after.as_deref().unwrap_or_default());
            return Err(InputError::new(self.path, problem, WHAT).into());
        }
        if let (Some(until), false) = (self.rules.until.as_deref(), self.ended) {
            let problem = format!("has no line that matches `{until}`, at which the table ends");
            return Err(InputError::new(self.path, problem, WHAT).hint("the output may be cut off").into());
        }
        if self.table.columns.is_empty() {
            self.table.columns =
                self.carried_names.iter().chain(self.names.iter().flatten()).cloned().collect();
        }
        Ok(self.table)
    }
}

/// The characters from the first to the last, both included and counted from 1, without blanks around them.
fn fixed(line: &str, [first, last]: [usize; 2]) -> &str {
    let mut places = line.char_indices().map(|(at, _)| at).chain([line.len()]);
    let start = places.nth(first - 1).unwrap_or(line.len());
    let end = places.nth(last - first).unwrap_or(line.len());
    line[start..end].trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rules: &str, text: &str) -> Table {
        let rules = Rules::parse(rules).expect(rules);
        parse(Path::new("t.txt"), text, &rules).unwrap_or_else(|e| panic!("{e}"))
    }

    fn cells(table: &Table) -> Vec<Vec<&str>> {
        let columns = table.columns.len();
        (0..table.rows()).map(|row| (0..columns).map(|c| table.cell(row, c)).collect()).collect()
    }

    #[test]
    fn blanks_separate_cells_and_lines_that_say_nothing_are_passed_over() {
        let read =
            table("header = true\ncomment = '^#'", "# heat\n  t   x\n\n0.0 1\n# end of step\n 0.5\t2\n");
        assert_eq!(read.columns, ["t", "x"]);
        assert_eq!(cells(&read), [["0.0", "1"], ["0.5", "2"]]);
        assert_eq!((read.line(0), read.line(1)), (4, 6));
    }

    #[test]
    fn quotes_of_csv_hold_separators_and_ends_of_lines() {
        let read =
            table("separator = \"comma\"\nheader = true", "name, x\n\"a, b\",1\n\n\"two\nlines\",2\nc,3\n");
        assert_eq!(read.columns, ["name", "x"]);
        assert_eq!(cells(&read), [["a, b", "1"], ["two\nlines", "2"], ["c", "3"]]);
        assert_eq!((read.line(0), read.line(1), read.line(2)), (2, 4, 6));
    }

    fn refusal(rules: &str, text: &str) -> String {
        parse(Path::new("t.txt"), text, &Rules::parse(rules).expect(rules)).expect_err(text).to_string()
    }

    #[test]
    fn a_quote_in_a_comment_or_outside_of_a_table_begins_no_cell() {
        let rules = "separator = \"comma\"\ncomment = '^#'\nuntil = '^end'";
        let read = table(rules, "1,2\n# 5\" pipe\n3,4\n#,\"\n5,6\nend\n\"7,8\n");
        assert_eq!(cells(&read), [["1", "2"], ["3", "4"], ["5", "6"]]);
        assert_eq!((read.line(1), read.line(2)), (3, 5));
        let read = table("separator = \"comma\"", "\u{feff}\"a,b\",1\r\n\r\n2\" pipe,3\r\n");
        assert_eq!(cells(&read), [["a,b", "1"], ["2\" pipe", "3"]]);
        assert_eq!(read.line(1), 3);
    }

    #[test]
    fn a_quote_that_does_not_close_its_cell_is_refused_with_the_line_it_is_on() {
        for (text, line) in [
            ("1,2\n3,\"b\n5,6\n", "line 2"),
            ("1,\"b\n2,x\n3,\"c\n", "line 1"),
            ("1,2\n\"a\"b,2\n", "line 2"),
        ] {
            let refusal = refusal("separator = \"comma\"", text);
            assert!(refusal.contains(line) && refusal.contains("quote"), "{refusal}");
        }
        let read = table("separator = \"comma\"", "\"say \"\"a\"\"\" ,1\n");
        assert_eq!(cells(&read), [["say \"a\"", "1"]]);
    }

    #[test]
    fn what_stands_outside_of_columns_of_fixed_width_is_refused_with_its_place() {
        let rules = "separator = [[1, 4], [6, 9]]";
        assert_eq!(cells(&table(rules, "1234 5678  \n")), [["1234", "5678"]]);
        for (text, place) in
            [("1234-5678\n", "line 1, character 5"), ("1234 5678\n1234 5678123\n", "line 2, character 10")]
        {
            let refusal = refusal(rules, text);
            assert!(refusal.contains(place), "{refusal}");
        }
    }

    #[test]
    fn a_report_that_ends_before_its_table_does_is_refused() {
        let refusal = refusal("until = '^TOTAL'", "1 2\n3 4\n");
        assert!(refusal.contains("`^TOTAL`"), "{refusal}");
    }

    #[test]
    fn columns_of_fixed_width_need_no_blank_between_them() {
        let read = table("separator = [[1, 3], [4, 8], [20, 22]]", "abc-1.50\nµ  12345\n");
        assert_eq!(cells(&read), [["abc", "-1.50", ""], ["µ", "12345", ""]]);
    }

    #[test]
    fn a_table_inside_a_report_begins_and_ends_where_it_is_said() {
        let read = table(
            "after = '^RESULTS'\nuntil = '^TOTAL'",
            "1 2 3\nRESULTS\n4 5\n6 7\nTOTAL\n8 9\nRESULTS\n1 1\n",
        );
        assert_eq!(cells(&read), [["4", "5"], ["6", "7"]]);
    }

    #[test]
    fn a_section_gives_its_rows_a_column() {
        let read = table("section = '^sat (?<sat>\\d+)'\nheader = [\"t\"]", "sat 5\n0\n1\nsat 6\n0\n");
        assert_eq!(read.columns, ["sat", "t"]);
        assert_eq!(cells(&read), [["5", "0"], ["5", "1"], ["6", "0"]]);
    }

    #[test]
    fn rows_of_another_length_are_refused_with_their_line_unless_cells_may_be_missing() {
        let text = "a b\n1 2\n3\n";
        let rules = Rules::parse("header = true").unwrap();
        let refusal = parse(Path::new("t.txt"), text, &rules).expect_err("ragged").to_string();
        assert!(refusal.contains("line 3") && refusal.contains("1 cells"), "{refusal}");
        assert_eq!(cells(&table("header = true\nragged = true", text)), [["1", "2"], ["3", ""]]);
        let rules = Rules::parse("ragged = true").unwrap();
        assert!(parse(Path::new("t.txt"), "1 2\n1 2 3\n", &rules).is_err());
    }

    #[test]
    fn two_columns_of_one_name_and_a_report_without_its_table_are_refused() {
        for (rules, text, word) in [
            ("header = true", "a b a\n", "two columns `a`"),
            ("after = 'RESULTS'", "1 2\n", "no line that matches"),
        ] {
            let rules = Rules::parse(rules).unwrap();
            let refusal = parse(Path::new("t.txt"), text, &rules).expect_err(text).to_string();
            assert!(refusal.contains(word), "{refusal}");
        }
    }

    #[test]
    fn a_number_with_a_decimal_comma_is_refused_with_a_hint_and_never_compared_as_words() {
        let refused = |rules: &str, text: &str| {
            let rules = Rules::parse(rules).expect(rules);
            let refusal = parse(Path::new("t.txt"), text, &rules).map(|_| ()).expect_err(text);
            let shown = refusal.to_string();
            assert!(shown.contains("numbers with a decimal point"), "{text}: {shown}");
            assert!(refusal.hint().contains("decimal comma"), "{text}: {shown}");
        };
        refused("", "1,5;2,5\n");
        refused("header = true", "x;y\n1,5;2,5\n");
        refused("separator = \"semicolon\"", "1,5;2,5\n");
        refused("separator = \"semicolon\"\nheader = true", "x;y\n1;-2,5e3\n");
        refused("separator = \"comma\"", "1,5;2,5\n");
        refused("separator = \"tab\"", "a\t1,5\n");
        refused("", "1,5 2,5\n");
        let with_comma =
            table("separator = \"semicolon\"\nheader = true\n[column.y]\njudge = \"text\"", "x;y\n1;2,5\n");
        assert_eq!(cells(&with_comma), [["1", "2,5"]]);
        assert_eq!(cells(&table("separator = \"comma\"", "1,5\n")), [["1", "5"]]);
    }
}
