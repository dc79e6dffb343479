//! Two tables, column by column: what agrees, what does not and where, and one verdict over all.
//!
//! Not here: when two cells agree (`cells`), reading (`read`), which rows belong together (`pair`), words for people (`words`).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use trace_harness::evidence::exit::Exit;
use trace_harness::evidence::verdict::Verdict;

use super::TableError;
use super::cells::{CellFinding, Limits, cell, vector};
use super::pair::{RowPairs, pair};
use super::read::Table;
use super::rules::{Column, Group, Judge, Period, Rules, Sign};

pub use super::cells::Distance;

/// How many rows of a kind are named.
const NAMED: usize = 10;

/// What two tables come to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TableComparison {
    /// Rows of the reference and of the candidate.
    pub rows: [usize; 2],
    /// Rows that both have.
    pub paired: usize,
    /// Rows that are not judged, by the rules.
    pub excepted: usize,
    /// Rows that the candidate lacks.
    pub missing: UnpairedRows,
    /// Rows that only the candidate has.
    pub extra: UnpairedRows,
    /// Columns that the candidate lacks.
    pub missing_columns: Vec<String>,
    /// Columns that only the candidate has.
    pub extra_columns: Vec<String>,
    /// Every column that both have, in the order of the reference; groups behind them.
    pub columns: Vec<ColumnComparison>,
    /// Rules that nothing was found for: an exception for a row that is not there, or that agrees anyhow.
    pub unused: Vec<String>,
    /// All of it in one word.
    pub verdict: Verdict,
}

impl TableComparison {
    /// The exit status: rows and columns that find no partner are another shape, unless what has one differs too.
    pub fn exit(&self) -> Exit {
        let values_differ = self.columns.iter().any(|column| column.verdict == Verdict::Fail);
        match self.verdict {
            Verdict::Fail if !values_differ => Exit::Mismatch,
            verdict => verdict.exit(),
        }
    }
}

/// Rows of one side without a partner.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct UnpairedRows {
    /// How many.
    pub count: usize,
    /// The first of them.
    pub first: Vec<Place>,
}

/// Where a row is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The line in its file, counted from 1.
    pub line: usize,
    /// The cells of its key.
    pub key: Vec<String>,
}

/// A column, or a group of columns, of both tables.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnComparison {
    /// Its name; of a group, those of its columns.
    pub name: String,
    /// What was asked of it, in words.
    pub asked: String,
    /// Pairs of values that were compared.
    pub compared: usize,
    /// Pairs that are the same characters.
    pub same_text: usize,
    /// Pairs that do not agree.
    pub differ: usize,
    /// Pairs of which one or both sides have a number that nobody knows (Fortran's stars) or that is missing: not compared.
    pub unknown: usize,
    /// The largest distances of all pairs of finite numbers.
    pub largest: Distance,
    /// The pair that is farthest beyond what was asked for.
    pub worst: Option<WorstPair>,
    /// How it came out.
    pub verdict: Verdict,
}

/// A pair of values that does not agree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WorstPair {
    /// The line of the reference.
    pub line: usize,
    /// The line of the candidate.
    pub candidate_line: usize,
    /// The cells of the row's key, of the reference.
    pub key: Vec<String>,
    /// What the reference printed.
    pub reference: String,
    /// What the candidate printed.
    pub candidate: String,
    /// How far apart; none where one of them is not a number.
    pub distance: Option<Distance>,
}

/// Compares two tables by the rules.
///
/// # Errors
/// The rules name a column that a table does not have.
pub fn compare(reference: &Table, candidate: &Table, rules: &Rules) -> Result<TableComparison, TableError> {
    rules_fit(reference, rules)?;
    let pairs = pair(reference, candidate, &rules.key)?;
    let sides = TablePair {
        reference,
        candidate,
        rules,
        key: places(reference, &rules.key)?,
        excepted: excepted(reference, rules)?,
    };
    let judged: Vec<(usize, usize)> =
        pairs.both.iter().copied().filter(|(row, _)| !sides.excepted.rows.contains(row)).collect();
    let unpaired: Vec<usize> =
        pairs.missing.iter().copied().filter(|row| !sides.excepted.rows.contains(row)).collect();
    let grouped: BTreeSet<&String> = rules.group.iter().flat_map(|group| &group.columns).collect();
    let there = |name: &String| candidate.columns.contains(name);
    let mut columns = Vec::new();
    for name in reference.columns.iter().filter(|name| there(name) && !grouped.contains(name)) {
        if !rules.key.contains(name) || rules.column.contains_key(name) {
            columns.push(sides.column(name, &judged)?);
        }
    }
    for group in rules.group.iter().filter(|group| group.columns.iter().all(there)) {
        columns.push(sides.group(group, &judged)?);
    }
    let rows = |rows: &[usize], table: &Table, key: &[usize]| UnpairedRows {
        count: rows.len(),
        first: rows.iter().take(NAMED).map(|&row| place(table, row, key)).collect(),
    };
    let candidate_key = places(candidate, &rules.key)?;
    let mut comparison = TableComparison {
        rows: [reference.rows(), candidate.rows()],
        paired: pairs.both.len(),
        excepted: sides.excepted.rows.len(),
        missing: rows(&unpaired, reference, &sides.key),
        extra: rows(&pairs.extra, candidate, &candidate_key),
        missing_columns: reference.columns.iter().filter(|name| !there(name)).cloned().collect(),
        extra_columns: candidate
            .columns
            .iter()
            .filter(|name| !reference.columns.contains(name))
            .cloned()
            .collect(),
        columns,
        unused: sides.unused(&pairs)?,
        verdict: Verdict::Undecided,
    };
    comparison.verdict = comparison.judge();
    Ok(comparison)
}

/// Whether the table has every column that the rules name.
///
/// # Errors
/// The first that it does not have.
pub(super) fn rules_fit(reference: &Table, rules: &Rules) -> Result<(), TableError> {
    let of_groups = rules.group.iter().flat_map(|group| &group.columns);
    rules
        .column
        .keys()
        .chain(of_groups)
        .chain(&rules.key)
        .try_for_each(|name| reference.column(name).map(|_| ()))
}

impl TableComparison {
    /// Pairs of rows that are judged: those of the reference that are neither missing nor excepted.
    pub fn judged(&self) -> usize {
        self.rows[0].saturating_sub(self.excepted + self.missing.count)
    }

    /// Whether both tables have the same rows and columns.
    pub fn is_same_shape(&self) -> bool {
        self.missing.count + self.extra.count == 0
            && self.missing_columns.is_empty()
            && self.extra_columns.is_empty()
    }

    /// The verdict that follows from the rest.
    pub fn judge(&self) -> Verdict {
        let of_columns = self.columns.iter().filter(|column| column.asked != INFORMATION);
        let worst = of_columns.map(|column| column.verdict).max();
        match worst {
            _ if !self.is_same_shape() => Verdict::Fail,
            Some(worst) => worst,
            // Keys alone that all find each other are not nothing only where there are rows.
            None if self.judged() > 0 && self.columns.is_empty() => Verdict::Pass,
            None => Verdict::Undecided,
        }
    }
}

/// What is asked of a column that decides nothing.
pub(super) const INFORMATION: &str = "information only";

/// Rows of the reference that the rules leave out.
pub(super) struct Excepted {
    pub(super) rows: BTreeSet<usize>,
    /// For each exception, its row.
    of: Vec<Option<usize>>,
}

impl Excepted {
    /// Exceptions for rows that are not there.
    pub(super) fn without_row(&self, rules: &Rules) -> Vec<String> {
        let lone = rules.except.iter().zip(&self.of).filter(|(_, row)| row.is_none());
        lone.map(|(except, _)| format!("no row has the key {}, which is excepted", except.key.join(", ")))
            .collect()
    }
}

fn places(table: &Table, names: &[String]) -> Result<Vec<usize>, TableError> {
    names.iter().map(|name| table.column(name)).collect()
}

fn place(table: &Table, row: usize, key: &[usize]) -> Place {
    Place {
        line: table.line(row),
        key: key.iter().map(|&column| table.cell(row, column).to_owned()).collect(),
    }
}

pub(super) fn excepted(reference: &Table, rules: &Rules) -> Result<Excepted, TableError> {
    let key = places(reference, &rules.key)?;
    let is =
        |row: usize, cells: &[String]| key.iter().zip(cells).all(|(&c, cell)| reference.cell(row, c) == cell);
    let of: Vec<Vec<usize>> = rules
        .except
        .iter()
        .map(|except| (0..reference.rows()).filter(|&row| is(row, &except.key)).collect())
        .collect();
    Ok(Excepted {
        rows: of.iter().flatten().copied().collect(),
        of: of.iter().map(|rows| rows.first().copied()).collect(),
    })
}

/// Both tables, and what is asked of them.
struct TablePair<'a> {
    reference: &'a Table,
    candidate: &'a Table,
    rules: &'a Rules,
    key: Vec<usize>,
    excepted: Excepted,
}

impl TablePair<'_> {
    fn column(&self, name: &str, pairs: &[(usize, usize)]) -> Result<ColumnComparison, TableError> {
        let (a, b) = (self.reference.column(name)?, self.candidate.column(name)?);
        let wish = self.rules.column.get(name).cloned().unwrap_or_default();
        let asked = Limits {
            relative: wish.rtol.or(self.rules.rtol).unwrap_or(0.0),
            absolute: wish.atol.or(self.rules.atol).unwrap_or(0.0),
            ulp: wish.max_ulp.or(self.rules.max_ulp),
        };
        let nan = wish.nan.unwrap_or(self.rules.nan);
        let mut tally = ColumnTally::new(name, asked_in_words(&asked, &wish));
        for &(row, partner) in pairs {
            let cells = [self.reference.cell(row, a), self.candidate.cell(partner, b)];
            tally.same_text += usize::from(cells[0] == cells[1]);
            let found = cell(cells, &wish, &asked, nan);
            tally.take(found, || self.worst(row, partner, cells.map(str::to_owned)));
        }
        Ok(tally.finish())
    }

    fn group(&self, group: &Group, pairs: &[(usize, usize)]) -> Result<ColumnComparison, TableError> {
        let (a, b) = (places(self.reference, &group.columns)?, places(self.candidate, &group.columns)?);
        let relative = group.rtol.or(self.rules.rtol).unwrap_or(0.0);
        let absolute = group.atol.or(self.rules.atol).unwrap_or(0.0);
        let mut words = format!("a vector within {absolute} + {relative} of its length");
        if group.sign == Sign::Free {
            words += ", either sign";
        }
        let mut tally = ColumnTally::new(&group.columns.join(", "), words);
        for &(row, partner) in pairs {
            let cells = [
                a.iter().map(|&c| self.reference.cell(row, c)).collect::<Vec<_>>(),
                b.iter().map(|&c| self.candidate.cell(partner, c)).collect::<Vec<_>>(),
            ];
            tally.same_text += usize::from(cells[0] == cells[1]);
            let found = vector(&cells, group.sign, [absolute, relative], self.rules.nan);
            tally.take(found, || self.worst(row, partner, cells.map(|side| side.join(" "))));
        }
        Ok(tally.finish())
    }

    fn worst(&self, row: usize, partner: usize, [reference, candidate]: [String; 2]) -> WorstPair {
        let Place { line, key } = place(self.reference, row, &self.key);
        WorstPair {
            line,
            candidate_line: self.candidate.line(partner),
            key,
            reference,
            candidate,
            distance: None,
        }
    }

    /// Exceptions without a use.
    fn unused(&self, pairs: &RowPairs) -> Result<Vec<String>, TableError> {
        let mut unused = self.excepted.without_row(self.rules);
        for (except, row) in self.rules.except.iter().zip(&self.excepted.of) {
            let Some(row) = row else { continue };
            let Some(pair) = pairs.both.iter().find(|pair| pair.0 == *row) else { continue };
            let mut agrees = true;
            for name in self.reference.columns.iter().filter(|name| self.candidate.columns.contains(name)) {
                agrees &= self.column(name, std::slice::from_ref(pair))?.differ == 0;
            }
            if agrees {
                unused.push(format!("the row {} is excepted and agrees", except.key.join(", ")));
            }
        }
        Ok(unused)
    }
}

/// What a column comes to, value by value.
struct ColumnTally {
    compared: ColumnComparison,
    beyond: f64,
}

impl std::ops::Deref for ColumnTally {
    type Target = ColumnComparison;

    fn deref(&self) -> &ColumnComparison {
        &self.compared
    }
}

impl std::ops::DerefMut for ColumnTally {
    fn deref_mut(&mut self) -> &mut ColumnComparison {
        &mut self.compared
    }
}

impl ColumnTally {
    fn new(name: &str, asked: String) -> Self {
        let compared = ColumnComparison {
            name: name.to_owned(),
            asked,
            compared: 0,
            same_text: 0,
            differ: 0,
            unknown: 0,
            largest: Distance::default(),
            worst: None,
            verdict: Verdict::Undecided,
        };
        Self { compared, beyond: -1.0 }
    }

    fn take(&mut self, found: CellFinding, place: impl FnOnce() -> WorstPair) {
        let (differs, distance) = match found {
            CellFinding::Unknown => {
                self.unknown += 1;
                return;
            }
            CellFinding::Agrees(distance) => (None, distance),
            CellFinding::Differs(beyond, distance) => (Some(beyond), distance),
        };
        self.compared.compared += 1;
        if let Some(d) = distance {
            let largest = &mut self.largest;
            largest.absolute = largest.absolute.max(d.absolute);
            largest.relative = largest.relative.max_of(d.relative);
            largest.ulp = largest.ulp.max_of(d.ulp);
        }
        let Some(beyond) = differs else { return };
        self.differ += 1;
        if beyond > self.beyond {
            self.beyond = beyond;
            self.worst = Some(WorstPair { distance, ..place() });
        }
    }

    fn finish(mut self) -> ColumnComparison {
        self.verdict = match (self.differ, self.unknown, self.compared.compared) {
            (0, 0, 1..) => Verdict::Pass,
            (0, ..) => Verdict::Undecided,
            _ => Verdict::Fail,
        };
        self.compared
    }
}

/// The larger of two numbers, either of which may not be there.
trait MaxOf {
    fn max_of(self, other: Self) -> Self;
}

impl MaxOf for Option<f64> {
    fn max_of(self, other: Self) -> Self {
        match (self, other) {
            (Some(a), Some(b)) => Some(a.max(b)),
            (a, b) => a.or(b),
        }
    }
}

fn asked_in_words(asked: &Limits, wish: &Column) -> String {
    match wish.judge {
        Judge::Information => return INFORMATION.to_owned(),
        Judge::Text => return "the same characters".to_owned(),
        _ => {}
    }
    let mut ways = Vec::new();
    match (asked.absolute > 0.0, asked.relative > 0.0) {
        (true, true) => ways.push(format!("within {} + {} of the value", asked.absolute, asked.relative)),
        (true, false) => ways.push(format!("within {}", asked.absolute)),
        (false, true) => ways.push(format!("within {} of the value", asked.relative)),
        (false, false) => {}
    }
    if let Some(ulp) = asked.ulp {
        ways.push(format!("within {ulp} of the last printed digit"));
    }
    let mut words = if ways.is_empty() { "equal".to_owned() } else { ways.join(" or ") };
    match wish.judge {
        Judge::AtMost => words = format!("at most the reference's, {words}"),
        Judge::AtLeast => words = format!("at least the reference's, {words}"),
        _ => {}
    }
    if let Some(period) = wish.period.as_ref().and_then(Period::value) {
        words += &format!(", modulo {period}");
    }
    if wish.sign == Sign::Free {
        words += ", either sign";
    }
    if let Some(factor) = wish.factor {
        words += &format!(", the candidate times {factor}");
    }
    words
}

#[cfg(test)]
mod tests;
