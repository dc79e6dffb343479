//! Two tables, column by column: what agrees, what does not and where, and one verdict over all.
//!
//! A number agrees where `|candidate − reference| ≤ atol + rtol · |reference|`, as NumPy has it, or where the difference is at most
//! `max_ulp` units of the last digit printed on the side that prints fewer. Without any of these the values have to be equal as
//! numbers: `1.0` and `1.00` are. Not here: reading (`read`), which rows belong together (`pair`), words for people (`words`).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use trace_harness::evidence::exit::Exit;
use trace_harness::evidence::verdict::Verdict;

use super::TableError;
use super::pair::{RowPairs, pair};
use super::printed::{Printed, printed};
use super::read::Table;
use super::rules::{Column, Group, Judge, Nan, Period, Rules, Sign};

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

/// How far two numbers are apart.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Distance {
    /// In the unit of the column.
    pub absolute: f64,
    /// As a share of the reference's value; none where that is 0.
    pub relative: Option<f64>,
    /// In units of the last digit printed; none where a side has no decimal digits.
    pub ulp: Option<f64>,
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
    /// How far apart; none where one of them is no number.
    pub distance: Option<Distance>,
}

/// Compares two tables by the rules.
///
/// # Errors
/// The rules name a column that a table does not have.
pub fn compare(reference: &Table, candidate: &Table, rules: &Rules) -> Result<TableComparison, TableError> {
    let named =
        rules.column.keys().chain(rules.group.iter().flat_map(|group| &group.columns)).chain(&rules.key);
    for name in named {
        reference.column(name)?;
    }
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

/// What is asked of a pair of numbers.
pub(super) struct Limits {
    pub(super) relative: f64,
    pub(super) absolute: f64,
    pub(super) ulp: Option<f64>,
}

/// How a pair of cells came out, and how far beyond what was asked.
pub(super) enum CellFinding {
    Agrees(Option<Distance>),
    Unknown,
    Differs(f64, Option<Distance>),
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
        Ok(tally.done())
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
        Ok(tally.done())
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
        let mut unused = Vec::new();
        for (except, row) in self.rules.except.iter().zip(&self.excepted.of) {
            let key = except.key.join(", ");
            let Some(row) = row else {
                unused.push(format!("no row has the key {key}, which is excepted"));
                continue;
            };
            let Some(pair) = pairs.both.iter().find(|pair| pair.0 == *row) else { continue };
            let mut agrees = true;
            for name in self.reference.columns.iter().filter(|name| self.candidate.columns.contains(name)) {
                agrees &= self.column(name, std::slice::from_ref(pair))?.differ == 0;
            }
            if agrees {
                unused.push(format!("the row {key} is excepted and agrees"));
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

    fn done(mut self) -> ColumnComparison {
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

/// A pair of cells.
pub(super) fn cell(
    [reference, candidate]: [&str; 2],
    wish: &Column,
    asked: &Limits,
    nan: Nan,
) -> CellFinding {
    // Text has no distance to be beyond of: it is beyond every number.
    let text = || {
        if reference == candidate {
            CellFinding::Agrees(None)
        } else {
            CellFinding::Differs(f64::INFINITY, None)
        }
    };
    if wish.judge == Judge::Text {
        return text();
    }
    let (Some(a), Some(b)) = (printed(reference), printed(candidate)) else { return text() };
    if a.is_unknown() || b.is_unknown() {
        return CellFinding::Unknown;
    }
    let Some(b) = in_unit_of_reference(b, wish.factor) else {
        return CellFinding::Differs(f64::INFINITY, None);
    };
    if a.value.is_nan() || b.value.is_nan() {
        return match nan {
            Nan::Missing => CellFinding::Unknown,
            Nan::Equal if a.value.is_nan() && b.value.is_nan() => CellFinding::Agrees(None),
            _ => CellFinding::Differs(f64::INFINITY, None),
        };
    }
    let period = wish.period.as_ref().and_then(Period::value);
    let found = numbers(a, b, asked, period, wish.judge);
    let other_sign = || numbers(a, b.negative(), asked, period, wish.judge);
    match (found, wish.sign) {
        (CellFinding::Differs(beyond, distance), Sign::Free) => match other_sign() {
            CellFinding::Differs(other, _) if other >= beyond => CellFinding::Differs(beyond, distance),
            better => better,
        },
        (found, _) => found,
    }
}

/// A number times its column's factor; none where the product is beyond the range of 64 bits and so says nothing.
fn in_unit_of_reference(number: Printed<'_>, factor: Option<f64>) -> Option<Printed<'_>> {
    let Some(factor) = factor else { return Some(number) };
    let value = number.value * factor;
    let is_lost = number.value.is_finite() && (value.is_infinite() || (value == 0.0 && number.value != 0.0));
    let unit = number.unit.map(|unit| unit * factor.abs());
    (!is_lost).then_some(Printed { value, unit, whole: None })
}

fn numbers(a: Printed<'_>, b: Printed<'_>, asked: &Limits, period: Option<f64>, judge: Judge) -> CellFinding {
    let mut apart = a.to(&b);
    if apart == 0.0 {
        return CellFinding::Agrees(Some(distance(0.0, a, b)));
    }
    if !a.value.is_finite() || !b.value.is_finite() {
        return CellFinding::Differs(f64::INFINITY, None);
    }
    let mut size = a.value.abs();
    if let Some(period) = period {
        let Some(within_a_turn) = turned(apart, [a.value, b.value], period) else {
            return CellFinding::Unknown;
        };
        apart = within_a_turn;
        // Turns that an angle has made are no reason to be less exact.
        size = size.min(period);
    }
    let distance = distance(apart.abs(), a, b);
    let one_sided = (judge == Judge::AtMost && apart < 0.0) || (judge == Judge::AtLeast && apart > 0.0);
    let allowed = (asked.absolute + asked.relative * size).min(f64::MAX);
    // Printed digits are decimal: half a unit of the last place of double precision is nothing beside them.
    let by_digits =
        || matches!((asked.ulp, distance.ulp), (Some(most), Some(ulp)) if ulp <= most * (1.0 + 1e-9));
    if one_sided || apart.abs() <= allowed || by_digits() {
        return CellFinding::Agrees(Some(distance));
    }
    let beyond = if allowed > 0.0 { apart.abs() / allowed } else { distance.ulp.unwrap_or(apart.abs()) };
    CellFinding::Differs(beyond, Some(distance))
}

/// How far two numbers that differ by `apart` are apart when a period does not count, from −period/2 to period/2; none where one of
/// them is so large that its neighbour among 64-bit floats is a period away: it says nothing of where in the period it is.
fn turned(apart: f64, values: [f64; 2], period: f64) -> Option<f64> {
    /// The neighbours of a number of this size are 1 away.
    const MOST_PERIODS: f64 = (1_u64 << 52) as f64;
    if values.iter().any(|value| value.abs() / period >= MOST_PERIODS) {
        return None;
    }
    // A remainder is exact, the difference of large numbers is rounded.
    let [a, b] = values;
    let apart = if apart.abs() < period { apart } else { b % period - a % period };
    Some(apart - (apart / period).round() * period)
}

fn distance(apart: f64, a: Printed<'_>, b: Printed<'_>) -> Distance {
    let unit = a.unit.zip(b.unit).map(|(a, b)| a.max(b));
    Distance {
        absolute: apart,
        relative: (a.value != 0.0).then(|| apart / a.value.abs()),
        ulp: unit.filter(|unit| *unit > 0.0).map(|unit| apart / unit),
    }
}

/// A pair of vectors. NaN in a component is what it is in a column; under [`Nan::Missing`] the other components are compared all the same.
fn vector(
    [reference, candidate]: &[Vec<&str>; 2],
    sign: Sign,
    [absolute, relative]: [f64; 2],
    nan: Nan,
) -> CellFinding {
    const DIFFERS: CellFinding = CellFinding::Differs(f64::INFINITY, None);
    let pairs: Option<Vec<(Printed<'_>, Printed<'_>)>> =
        reference.iter().zip(candidate).map(|(a, b)| printed(a).zip(printed(b))).collect();
    let Some(mut pairs) = pairs else {
        return if reference == candidate { CellFinding::Agrees(None) } else { DIFFERS };
    };
    if pairs.iter().any(|(a, b)| a.is_unknown() || b.is_unknown()) {
        return CellFinding::Unknown;
    }
    let components = pairs.len();
    match nan {
        Nan::Fail if pairs.iter().any(|(a, b)| a.value.is_nan() || b.value.is_nan()) => return DIFFERS,
        Nan::Equal if pairs.iter().any(|(a, b)| a.value.is_nan() != b.value.is_nan()) => return DIFFERS,
        _ => pairs.retain(|(a, b)| !a.value.is_nan() && !b.value.is_nan()),
    }
    let mut found = numbers_of_vector(&pairs, [absolute, relative]);
    if sign == Sign::Free && matches!(found, CellFinding::Differs(..)) {
        let turned: Vec<_> = pairs.iter().map(|(a, b)| (*a, b.negative())).collect();
        let other = numbers_of_vector(&turned, [absolute, relative]);
        let is_nearer = match (&found, &other) {
            (CellFinding::Differs(beyond, _), CellFinding::Differs(other, _)) => other < beyond,
            _ => true,
        };
        if is_nearer {
            found = other;
        }
    }
    match found {
        CellFinding::Agrees(_) if nan == Nan::Missing && pairs.len() < components => CellFinding::Unknown,
        found => found,
    }
}

/// Two vectors of numbers, none of them NaN.
fn numbers_of_vector(pairs: &[(Printed<'_>, Printed<'_>)], [absolute, relative]: [f64; 2]) -> CellFinding {
    /// Beyond it lengths and differences may exceed the range of 64 bits; in its unit they do not.
    const LARGE: f64 = 1e300;
    const OF_LARGE: f64 = 1.0 / (1_u64 << 20) as f64;
    if pairs.iter().all(|(a, b)| a.to(b) == 0.0) {
        return CellFinding::Agrees(Some(Distance { absolute: 0.0, relative: None, ulp: None }));
    }
    let largest = pairs.iter().fold(0.0_f64, |largest, (a, b)| largest.max(a.value.abs()).max(b.value.abs()));
    if !largest.is_finite() {
        return CellFinding::Differs(f64::INFINITY, None);
    }
    let scale = if largest > LARGE { OF_LARGE } else { 1.0 };
    let length = pairs.iter().fold(0.0_f64, |length, (a, _)| length.hypot(scale * a.value));
    let difference = |(a, b): &(Printed<'_>, Printed<'_>)| {
        if scale == 1.0 { a.to(b) } else { scale * b.value - scale * a.value }
    };
    let apart = pairs.iter().fold(0.0_f64, |apart, pair| apart.hypot(difference(pair)));
    let distance = Distance {
        absolute: (apart / scale).min(f64::MAX),
        relative: (length > 0.0).then(|| (apart / length).min(f64::MAX)),
        ulp: None,
    };
    let allowed = absolute * scale + relative * length;
    // Numbers that differ are apart, whatever is left of it in the unit.
    if apart <= allowed && allowed > 0.0 {
        return CellFinding::Agrees(Some(distance));
    }
    CellFinding::Differs(if allowed > 0.0 { apart / allowed } else { apart }, Some(distance))
}

#[cfg(test)]
mod tests;
