//! How far apart the cells of two tables are, one by one, in the sense of the rules of their columns.
//!
//! Not here: limits for whole columns and their figures (`compare`), what cells may be apart (`noise`).

use trace_harness::evidence::bundle::digest;
use trace_harness::evidence::wording::counted;

use super::TableError;
use super::cells::{CellFinding, Limits, cell};
use super::compare::{excepted, rules_fit};
use super::pair::pair;
use super::read::Table;
use super::rules::{Column, Judge, Nan, Rules};

/// The cells of two tables that belong together.
#[derive(Debug)]
pub(crate) struct Cells<'a> {
    tables: [&'a Table; 2],
    /// The columns of the first table that pair the rows.
    key: Vec<usize>,
    rows: Vec<(usize, usize)>,
    columns: Vec<Judged>,
    left_out: Vec<String>,
}

/// A column that decides something.
#[derive(Debug)]
struct Judged {
    name: String,
    places: [usize; 2],
    wish: Column,
    nan: Nan,
}

/// Two tables of which not every row and column has a partner in the other.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unpaired {
    /// Rows.
    #[error("{missing} rows are missing and {extra} are there in addition")]
    Rows {
        /// How many the second table lacks.
        missing: usize,
        /// How many only the second has.
        extra: usize,
    },
    /// Columns.
    #[error("the columns are `{}`, not `{}`", .found.join("`, `"), .expected.join("`, `"))]
    Columns {
        /// Those of the first table.
        expected: Vec<String>,
        /// Those of the second.
        found: Vec<String>,
    },
}

/// How a cell of the second table is beside that of the first, when it may be apart from it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum CellHeld {
    /// Near enough: this far away; none where a cell is not a number.
    Inside(Option<f64>),
    /// Farther away, by this much in all; none where one of them is not a number.
    Outside(Option<f64>),
    /// One of them is not known.
    Unknown,
}

impl<'a> Cells<'a> {
    /// The cells of two tables that belong together; none where one table has rows or columns that the other has not.
    ///
    /// # Errors
    /// The rules name a column that a table does not have.
    pub(crate) fn of(
        a: &'a Table,
        b: &'a Table,
        rules: &Rules,
    ) -> Result<Result<Self, Unpaired>, TableError> {
        rules_fit(a, rules)?;
        let pairs = pair(a, b, &rules.key)?;
        let excepted = excepted(a, rules)?;
        let mut told = excepted.without_row(rules);
        let left_out = excepted.rows;
        if !left_out.is_empty() {
            told.insert(0, format!("{} excepted", counted(left_out.len(), "row")));
        }
        let missing = pairs.missing.iter().filter(|row| !left_out.contains(row)).count();
        if missing + pairs.extra.len() > 0 {
            return Ok(Err(Unpaired::Rows { missing, extra: pairs.extra.len() }));
        }
        let sorted = |table: &Table| {
            let mut names = table.columns.clone();
            names.sort();
            names
        };
        if sorted(a) != sorted(b) {
            return Ok(Err(Unpaired::Columns { expected: a.columns.clone(), found: b.columns.clone() }));
        }
        let mut columns = Vec::new();
        for name in a.columns.iter().filter(|name| !rules.key.contains(name)) {
            let wish = rules.column.get(name).cloned().unwrap_or_default();
            if wish.judge != Judge::Information {
                let places = [a.column(name)?, b.column(name)?];
                let nan = wish.nan.unwrap_or(rules.nan);
                columns.push(Judged { name: name.clone(), places, wish, nan });
            }
        }
        let rows = pairs.both.into_iter().filter(|(row, _)| !left_out.contains(row)).collect();
        let key = rules.key.iter().map(|name| a.column(name)).collect::<Result<_, _>>()?;
        Ok(Ok(Self { tables: [a, b], key, rows, columns, left_out: told }))
    }

    /// What the rules leave out, and exceptions that leave out nothing: a sentence each.
    pub(crate) fn left_out(&self) -> &[String] {
        &self.left_out
    }

    /// How many rows and columns there are.
    pub(crate) fn shape(&self) -> [usize; 2] {
        [self.rows.len(), self.columns.len()]
    }

    /// The names of the columns.
    pub(crate) fn columns(&self) -> Vec<String> {
        self.columns.iter().map(|column| column.name.clone()).collect()
    }

    /// Digest of the cells that pair the rows, in the order of the first table; none where the order alone pairs them.
    pub(crate) fn keys(&self) -> Option<String> {
        let mut text = String::new();
        for (row, _) in &self.rows {
            for column in &self.key {
                text += self.tables[0].cell(*row, *column);
                text.push('\u{1f}');
            }
            text.push('\n');
        }
        (!self.key.is_empty()).then(|| digest::of_bytes(text.as_bytes()))
    }

    /// Both cells of a place.
    pub(crate) fn text(&self, row: usize, column: usize) -> [&'a str; 2] {
        let ((a, b), places) = (self.rows[row], self.columns[column].places);
        [self.tables[0].cell(a, places[0]), self.tables[1].cell(b, places[1])]
    }

    /// The line of a row in the first table, counted from 1.
    pub(crate) fn line(&self, row: usize) -> usize {
        self.tables[0].line(self.rows[row].0)
    }

    /// How far apart the cells of a place are when one program wrote both; NaN where a cell is not a number.
    pub(crate) fn apart(&self, row: usize, column: usize) -> f64 {
        let Judged { wish, nan, .. } = &self.columns[column];
        // One program has one unit, and no side is the better one.
        let judge = if wish.judge == Judge::Text { Judge::Text } else { Judge::Equal };
        let wish = Column { factor: None, judge, ..wish.clone() };
        match cell(self.text(row, column), &wish, &within(0.0), *nan) {
            CellFinding::Agrees(_) => 0.0,
            CellFinding::Differs(_, Some(distance)) if distance.absolute.is_finite() => distance.absolute,
            CellFinding::Differs(..) | CellFinding::Unknown => f64::NAN,
        }
    }

    /// Whether the second cell of a place is at most `limit` away from the first.
    pub(crate) fn held(&self, row: usize, column: usize, limit: f64) -> CellHeld {
        let Judged { wish, nan, .. } = &self.columns[column];
        match cell(self.text(row, column), wish, &within(limit), *nan) {
            CellFinding::Agrees(distance) => CellHeld::Inside(distance.map(|distance| distance.absolute)),
            CellFinding::Unknown => CellHeld::Unknown,
            CellFinding::Differs(_, distance) => {
                CellHeld::Outside(distance.map(|distance| distance.absolute))
            }
        }
    }
}

fn within(limit: f64) -> Limits {
    Limits { relative: 0.0, absolute: limit, ulp: None }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::table::parse;

    const RULES: &str = "header = true\nkey = [\"t\"]\n[column.angle]\nperiod = 360\n[column.calls]\njudge = \"information\"\n\
                         [column.mode]\njudge = \"text\"\n[column.most]\njudge = \"at-most\"\n";
    const A: &str = "t angle calls mode most\n0 359 7 fast 1.5\n1 1.0 8 slow 2.5\n";

    fn with<T>(b: &str, then: impl FnOnce(Result<Cells<'_>, Unpaired>) -> T) -> T {
        let rules = Rules::parse(RULES).unwrap();
        let [a, b] = [A, b].map(|text| parse(Path::new("t"), text, &rules).unwrap_or_else(|e| panic!("{e}")));
        then(Cells::of(&a, &b, &rules).unwrap())
    }

    #[test]
    fn cells_are_apart_in_the_sense_of_their_columns_whatever_the_order_of_rows() {
        with("t angle calls mode most\n1 1.0 9 fast 2.75\n0 1 0 fast 1.5\n", |cells| {
            let cells = cells.unwrap();
            assert_eq!(
                (cells.shape(), cells.columns()),
                ([2, 3], vec!["angle".into(), "mode".into(), "most".into()])
            );
            assert_eq!([cells.apart(0, 0), cells.apart(1, 0), cells.apart(1, 2)], [2.0, 0.0, 0.25]);
            assert!(cells.apart(1, 1).is_nan(), "another word");
            assert_eq!((cells.text(1, 1), cells.line(1)), (["slow", "fast"], 3));
            assert_eq!(
                [cells.held(0, 0, 2.0), cells.held(0, 0, 1.5)],
                [CellHeld::Inside(Some(2.0)), CellHeld::Outside(Some(2.0))]
            );
            assert_eq!(
                [cells.held(1, 1, 9.0), cells.held(1, 2, 0.1)],
                [CellHeld::Outside(None), CellHeld::Outside(Some(0.25))]
            );
        });
        with("t angle calls mode most\n0 359 7 fast 1\n1 1.0 8 slow 2.5\n", |cells| {
            let cells = cells.unwrap();
            assert_eq!(cells.held(0, 2, 0.0), CellHeld::Inside(Some(0.5)), "the candidate may have less");
            assert_eq!(cells.apart(0, 2), 0.5, "of the reference itself it is noise all the same");
        });
    }

    #[test]
    fn tables_of_other_rows_or_columns_do_not_pair() {
        let told = |b: &str| with(b, |cells| cells.err().unwrap().to_string());
        assert_eq!(
            told("t angle calls mode most\n0 1 1 a 1\n2 1 1 a 1\n"),
            "1 rows are missing and 1 are there in addition"
        );
        assert!(
            told("t angle calls mode least\n0 1 1 a 1\n1 1 1 a 1\n")
                .starts_with("the columns are `t`, `angle`")
        );
    }
}
