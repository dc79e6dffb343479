//! How a table is read and what its columns have to satisfy: a part of an adapter, or a TOML file of its own.
//!
//! ```toml
//! separator = "whitespace"        # or "comma", "semicolon", "tab", or the columns of fixed width: [[1, 8], [9, 20]]
//! header = true                   # the first row has the names; or a list of names; false: columns are 1, 2, 3, …
//! comment = '^\s*#'               # lines that say nothing
//! after = '^ *RESULTS'            # rows begin behind the first line that matches …
//! until = '^ *TOTAL'              # … and end before the next one that matches this
//! section = '^Satellite (?<sat>\d+)'  # a line whose names become columns of the rows below it
//! key = ["sat", "t"]              # rows are paired by these columns; without a key by their order
//! rtol = 1e-9                     # of every column that says nothing else
//! [column.raan]
//! period = 360                    # angles in degrees
//! max_ulp = 2                     # units of the last digit printed, on the side that prints fewer
//! [column.calls]
//! judge = "information"           # shown, not judged
//! [column.converged]
//! judge = "at-least"              # the candidate may be more than the reference, never less
//! [[group]]
//! columns = ["x", "y", "z"]       # judged as one vector, relative to its length
//! sign = "free"                   # an eigenvector: both signs are right
//! [[except]]
//! key = ["88888", "120.0"]
//! reason = "the reference prints uninitialised memory here"
//! ```
//!
//! Names follow NumPy (`rtol`, `atol`) and numdiff. Not here: applying any of it.

use std::collections::BTreeMap;
use std::f64::consts::PI;

use regex::Regex;
use serde::{Deserialize, Serialize};

use super::TableError;

/// What stands between two cells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "`separator` is neither \"whitespace\", \"comma\", \"semicolon\" or \"tab\" nor a list of first and last characters"
)]
pub enum Separator {
    /// A word for it.
    Named(Named),
    /// Columns of fixed width: first and last character of each, counted from 1, both included.
    Fixed(Vec<[usize; 2]>),
}

impl Default for Separator {
    fn default() -> Self {
        Self::Named(Named::Whitespace)
    }
}

/// A separator that has a name; all but blanks come with the quotes of CSV.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Named {
    /// Any number of blanks and tabs.
    Whitespace,
    /// `,`
    Comma,
    /// `;`
    Semicolon,
    /// A tab.
    Tab,
}

/// Where the names of the columns come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "`header` is neither true or false nor a list of names")]
pub enum Header {
    /// `true`: the first row; `false`: they are 1, 2, 3, …
    Row(bool),
    /// These.
    Names(Vec<String>),
}

impl Default for Header {
    fn default() -> Self {
        Self::Row(false)
    }
}

/// A period: a number, or a text like `2*pi`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged, expecting = "`period` is neither a number nor a text like \"2*pi\"")]
pub enum Period {
    /// In the unit of the column.
    Number(f64),
    /// `pi`, `2*pi`, `2pi`.
    Text(String),
}

impl Period {
    /// The number; none where the text is something else, or the number is not above 0.
    pub fn value(&self) -> Option<f64> {
        let value = match self {
            Self::Number(x) => *x,
            Self::Text(text) => {
                let factor = text.trim().strip_suffix("pi")?.trim().trim_end_matches('*').trim();
                PI * if factor.is_empty() { 1.0 } else { factor.parse::<f64>().ok()? }
            }
        };
        (value.is_finite() && value > 0.0).then_some(value)
    }
}

/// How the values of a column decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Judge {
    /// They have to agree.
    #[default]
    Equal,
    /// They are shown and decide nothing.
    Information,
    /// The candidate's may be smaller than the reference's, not larger.
    AtMost,
    /// The candidate's may be larger, not smaller.
    AtLeast,
    /// The same characters.
    Text,
}

/// What NaN beside NaN is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Nan {
    /// They agree.
    #[default]
    Equal,
    /// A cell without a value, on either side: it is not compared.
    Missing,
    /// They differ, as IEEE 754 has it.
    Fail,
}

/// Whether a sign counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sign {
    /// It does.
    #[default]
    Fixed,
    /// Both signs are right.
    Free,
}

/// Tolerances, and what else holds for a column; what is not said is taken from the table.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Share of the reference's value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rtol: Option<f64>,
    /// In the unit of the column; added to the relative part, as NumPy does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub atol: Option<f64>,
    /// Units of the last digit printed, on the side that prints fewer digits. Agrees what keeps this or the other tolerance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_ulp: Option<f64>,
    /// Values agree that differ by a multiple of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    /// Whether the sign counts.
    #[serde(default)]
    pub sign: Sign,
    /// How the values decide.
    #[serde(default)]
    pub judge: Judge,
    /// What NaN is; the table's where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nan: Option<Nan>,
    /// The candidate's values are multiplied by it first: another unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub factor: Option<f64>,
}

/// Columns that are one vector.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Its components.
    pub columns: Vec<String>,
    /// Share of the length of the reference's vector.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rtol: Option<f64>,
    /// In the unit of the columns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub atol: Option<f64>,
    /// Whether the vector's sign counts.
    #[serde(default)]
    pub sign: Sign,
}

/// A row that is not judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Except {
    /// The cells of its key, as they are printed by the reference.
    pub key: Vec<String>,
    /// Why.
    pub reason: String,
}

/// How a table is read and judged.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rules {
    /// What stands between two cells.
    pub separator: Separator,
    /// Where the names of the columns come from.
    pub header: Header,
    /// Lines that match are passed over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Rows begin behind the first line that matches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Rows end before the first line behind it that matches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// A line whose named groups become columns of the rows below it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub section: Option<String>,
    /// Whether rows may have other numbers of cells than the columns; missing cells are empty.
    pub ragged: bool,
    /// The columns that pair the rows.
    pub key: Vec<String>,
    /// Relative tolerance of columns that say none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rtol: Option<f64>,
    /// Absolute tolerance of columns that say none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub atol: Option<f64>,
    /// Printed units of columns that say none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_ulp: Option<f64>,
    /// What NaN is.
    pub nan: Nan,
    /// What holds for single columns.
    pub column: BTreeMap<String, Column>,
    /// Columns that are one vector.
    pub group: Vec<Group>,
    /// Rows that are not judged.
    pub except: Vec<Except>,
}

impl Rules {
    /// The rules in a text of TOML.
    ///
    /// # Errors
    /// The text is something else, or holds a number or pattern that makes no sense.
    pub fn parse(text: &str) -> Result<Self, TableError> {
        let rules: Self = toml::from_str(text).map_err(TableError::Form)?;
        rules.check()?;
        Ok(rules)
    }

    /// Whether its numbers and patterns make sense.
    ///
    /// # Errors
    /// The first that does not.
    pub fn check(&self) -> Result<(), TableError> {
        tolerances("", self.rtol, self.atol, self.max_ulp)?;
        for (name, column) in &self.column {
            tolerances(&format!("column.{name}."), column.rtol, column.atol, column.max_ulp)?;
            if let Some(period) = column.period.as_ref().filter(|period| period.value().is_none()) {
                return Err(range(
                    format!("column.{name}.period"),
                    format!("{period:?}"),
                    "a number above 0, or a multiple of pi like \"2*pi\"",
                ));
            }
            if let Some(factor) = column.factor.filter(|f| !f.is_finite() || *f == 0.0) {
                return Err(range(
                    format!("column.{name}.factor"),
                    factor.to_string(),
                    "a number other than 0",
                ));
            }
        }
        for group in &self.group {
            tolerances("group.", group.rtol, group.atol, None)?;
            if group.columns.len() < 2 {
                return Err(range("group.columns".into(), group.columns.join(", "), "at least two columns"));
            }
            if let Some(name) = group.columns.iter().find(|name| self.column.contains_key(*name)) {
                return Err(range(
                    format!("column.{name}"),
                    "{ … }".into(),
                    "no rules of its own for a column of a [[group]], which is judged as one vector",
                ));
            }
        }
        if let Separator::Fixed(widths) = &self.separator {
            for [first, last] in widths {
                if *first == 0 || first > last {
                    let value = format!("[{first}, {last}]");
                    return Err(range("separator".into(), value, "first and last character, counted from 1"));
                }
            }
            if widths.is_empty() {
                return Err(range("separator".into(), "[]".into(), "a pair of characters for each column"));
            }
        }
        if let Some(except) =
            self.except.iter().find(|e| self.key.is_empty() || e.key.len() != self.key.len())
        {
            let value = except.key.join(", ");
            return Err(range("except.key".into(), value, "as many cells as `key` has columns"));
        }
        if let Some(except) = self.except.iter().find(|except| except.reason.trim().is_empty()) {
            let name = format!("except.reason of {}", except.key.join(", "));
            return Err(range(name, "\"\"".into(), "why the row is not judged"));
        }
        self.patterns().map(|_| ())
    }

    /// What they ask less strictly than rules that say nothing, in words.
    pub(crate) fn looser(&self) -> Vec<String> {
        let has_tolerance = [self.rtol, self.atol, self.max_ulp].iter().flatten().any(|limit| *limit > 0.0);
        let has_rules = !self.column.is_empty() || !self.except.is_empty();
        let general = has_tolerance || has_rules;
        let mut loose: Vec<String> =
            general.then(|| "tolerances or rules for columns and rows".to_owned()).into_iter().collect();
        for group in &self.group {
            let names: Vec<String> = group.columns.iter().map(|name| format!("`{name}`")).collect();
            let mut text = format!("{} judged as one vector", names.join(", "));
            if let Some(rtol) = group.rtol.filter(|rtol| *rtol > 0.0) {
                text += &format!(", within a share of {rtol}");
            }
            if let Some(atol) = group.atol.filter(|atol| *atol > 0.0) {
                text += &format!(", within {atol}");
            }
            if group.sign == Sign::Free {
                text += ", of either sign";
            }
            loose.push(text);
        }
        let left_out = [
            ("no line that matches", &self.comment, ""),
            ("no row before the line that matches", &self.after, ""),
            ("no row from the line that matches", &self.until, " on"),
        ];
        loose.extend(
            left_out
                .into_iter()
                .filter_map(|(which, pattern, end)| Some(format!("{which} `{}`{end}", pattern.as_ref()?))),
        );
        let others = [
            (self.nan == Nan::Missing, "cells left out where a side is NaN"),
            (self.ragged, "rows with any number of cells"),
        ];
        loose.extend(others.into_iter().filter(|(is, _)| *is).map(|(_, what)| what.to_owned()));
        loose
    }

    /// Its patterns, compiled.
    ///
    /// # Errors
    /// One of them is no regular expression.
    pub(super) fn patterns(&self) -> Result<Patterns, TableError> {
        let compiled = |name: &'static str, text: &Option<String>| {
            text.as_deref()
                .map(Regex::new)
                .transpose()
                .map_err(|source| TableError::Pattern { name, source: Box::new(source) })
        };
        Ok(Patterns {
            comment: compiled("comment", &self.comment)?,
            after: compiled("after", &self.after)?,
            until: compiled("until", &self.until)?,
            section: compiled("section", &self.section)?,
        })
    }
}

/// The patterns of [`Rules`], compiled.
#[derive(Debug)]
pub(super) struct Patterns {
    pub comment: Option<Regex>,
    pub after: Option<Regex>,
    pub until: Option<Regex>,
    pub section: Option<Regex>,
}

/// Tolerances that can fail and can hold.
fn tolerances(
    place: &str,
    rtol: Option<f64>,
    atol: Option<f64>,
    max_ulp: Option<f64>,
) -> Result<(), TableError> {
    // Where the whole may differ, zeros agree with everything.
    let ranges = [
        ("rtol", rtol, 1.0_f64.next_down(), "a share from 0, below 1"),
        ("atol", atol, f64::MAX, "a number from 0"),
        ("max_ulp", max_ulp, 1e6, "units of the last printed digit, from 0 to 1e6"),
    ];
    for (name, value, most, expected) in ranges {
        if let Some(value) = value.filter(|value| !(0.0..=most).contains(value)) {
            return Err(range(format!("{place}{name}"), value.to_string(), expected));
        }
    }
    Ok(())
}

fn range(name: String, value: String, expected: &'static str) -> TableError {
    TableError::Range { name, value, expected }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_that_make_no_sense_are_refused_with_what_would() {
        for (text, word) in [
            ("rtol = 1", "a share from 0, below 1"),
            ("atol = -1.0", "a number from 0"),
            ("max_ulp = nan", "units of the last printed digit"),
            ("[column.x]\nperiod = 0", "a number above 0"),
            ("[column.x]\nperiod = \"two pi\"", "a multiple of pi"),
            ("[column.x]\nfactor = 0", "other than 0"),
            ("[column.x]\nrotl = 1e-3", "unknown field `rotl`"),
            ("[[group]]\ncolumns = [\"x\"]", "at least two columns"),
            ("separator = [[0, 4]]", "counted from 1"),
            ("separator = []", "a pair of characters"),
            ("separator = \"colon\"", "separator"),
            ("comment = '('", "no regular expression"),
            ("[[except]]\nkey = [\"1\"]\nreason = \"x\"", "as many cells as `key`"),
            ("[[except]]\nkey = [\"1\"]", "reason"),
            ("key = [\"k\"]\n[[except]]\nkey = [\"1\"]\nreason = \" \"", "why the row is not judged"),
            ("[column.x]\natol = 1e-12\n[[group]]\ncolumns = [\"x\", \"y\"]", "column.x"),
        ] {
            let refusal = Rules::parse(text).expect_err(text).to_string();
            assert!(refusal.contains(word), "{text}: {refusal}");
        }
    }

    #[test]
    fn periods_are_numbers_or_multiples_of_pi() {
        for (text, value) in [("\"pi\"", PI), ("\"2*pi\"", 2.0 * PI), ("\"2pi\"", 2.0 * PI), ("360", 360.0)] {
            let rules = Rules::parse(&format!("[column.x]\nperiod = {text}")).expect(text);
            assert_eq!(rules.column["x"].period.as_ref().and_then(Period::value), Some(value));
        }
    }

    #[test]
    fn the_example_of_this_page_is_understood() {
        let page = include_str!("rules.rs");
        let lines = page.lines().filter_map(|l| l.strip_prefix("//! ").or(l.strip_prefix("//!")));
        let toml: String = lines
            .skip_while(|l| *l != "```toml")
            .skip(1)
            .take_while(|l| *l != "```")
            .flat_map(|l| [l, "\n"])
            .collect();
        let rules = Rules::parse(&toml).expect("the example");
        assert_eq!(rules.key, ["sat", "t"]);
        assert_eq!(rules.column["converged"].judge, Judge::AtLeast);
        assert!(
            include_str!("../../../docs/tables.md").contains(&toml),
            "docs/tables.md has another example"
        );
    }
}
