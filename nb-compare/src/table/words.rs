//! A comparison of two tables in words: the sentence of the verdict, and a line for each column.
//!
//! Not here: the numbers (`compare`).

use std::cmp::Reverse;

use trace_harness::evidence::verdict::Verdict;

use super::compare::{ColumnComparison, INFORMATION, Place, TableComparison, UnpairedRows, WorstPair};

/// Why the verdict is what it is.
pub fn sentence(c: &TableComparison) -> String {
    let mut parts = Vec::new();
    unpaired(&mut parts, &c.missing, "the candidate lacks", c);
    unpaired(&mut parts, &c.extra, "only the candidate has", c);
    if !c.missing_columns.is_empty() {
        parts.push(format!("the candidate lacks the columns {}", c.missing_columns.join(", ")));
    }
    if !c.extra_columns.is_empty() {
        parts.push(format!("only the candidate has the columns {}", c.extra_columns.join(", ")));
    }
    let judged: Vec<&ColumnComparison> =
        c.columns.iter().filter(|column| column.asked != INFORMATION).collect();
    let failing: Vec<&&ColumnComparison> =
        judged.iter().filter(|column| column.verdict == Verdict::Fail).collect();
    if let Some(column) = failing.iter().min_by_key(|column| Reverse(column.differ)) {
        parts.push(format!(
            "{} of {} columns differ, `{}` in {} of {} rows{}",
            failing.len(),
            judged.len(),
            column.name,
            column.differ,
            column.compared,
            column.worst.as_ref().map(|worst| format!("; {}", worst_pair(worst))).unwrap_or_default()
        ));
    }
    if !parts.is_empty() {
        return parts.join("; ");
    }
    if let Some(column) = judged.iter().find(|column| column.verdict == Verdict::Undecided) {
        return match column.unknown {
            0 => format!("nothing was compared: no row has `{}` on both sides", column.name),
            n => format!(
                "`{}` has no number that tells anything in {n} rows, which decides nothing",
                column.name
            ),
        };
    }
    if c.verdict == Verdict::Undecided {
        return "nothing was compared: no column of both tables is judged".to_owned();
    }
    let values: usize = judged.iter().map(|column| column.compared).sum();
    let same = judged.iter().all(|column| column.same_text == column.compared);
    let how = if same { "the same characters".to_owned() } else { asked(&judged) };
    let left_out = if c.excepted > 0 { format!("; {} rows are excepted", c.excepted) } else { String::new() };
    format!("{} rows in {} columns, {values} values: {how}{left_out}", c.judged(), judged.len())
}

/// What was asked of the columns, the strictest and the loosest alike.
fn asked(judged: &[&ColumnComparison]) -> String {
    const NAMED: usize = 3;
    let mut ways: Vec<&str> = judged.iter().map(|column| column.asked.as_str()).collect();
    ways.sort_unstable();
    ways.dedup();
    let more =
        if ways.len() > NAMED { format!("; and {} others", ways.len() - NAMED) } else { String::new() };
    ways.truncate(NAMED);
    format!("what was asked for ({}{more})", ways.join("; "))
}

fn unpaired(parts: &mut Vec<String>, rows: &UnpairedRows, what: &str, c: &TableComparison) {
    if rows.count > 0 {
        let of = c.rows[0].max(c.rows[1]);
        parts.push(format!(
            "{what} {} of {of} rows, first {}",
            rows.count,
            rows.first.first().map(row).unwrap_or_default()
        ));
    }
}

fn row(place: &Place) -> String {
    match place.key.as_slice() {
        [] => format!("line {}", place.line),
        key => format!("{} (line {})", key.join(", "), place.line),
    }
}

/// Where a pair is and what it holds.
pub fn worst_pair(worst: &WorstPair) -> String {
    let place = Place { line: worst.line, key: worst.key.clone() };
    let mut words = format!("worst {}: {} and {}", row(&place), worst.reference, worst.candidate);
    if let Some(distance) = worst.distance {
        words += &format!(", {:.3e} apart", distance.absolute);
        if let Some(relative) = distance.relative {
            words += &format!(", {relative:.3e} of the value");
        }
        if let Some(ulp) = distance.ulp {
            words += &format!(", {} of the last printed digit", figure(ulp));
        }
    }
    words
}

fn figure(x: f64) -> String {
    if x < 1e6 { format!("{}", (x * 10.0).round() / 10.0) } else { format!("{x:.3e}") }
}

/// A line for a column, for terminals.
pub fn line(column: &ColumnComparison) -> String {
    let unknown = if column.unknown > 0 { format!(", {} unknown", column.unknown) } else { String::new() };
    format!(
        "{:<9} {}: {} of {} differ{unknown}; asked: {}",
        if column.asked == INFORMATION { "-" } else { column.verdict.word() },
        column.name,
        column.differ,
        column.compared,
        column.asked
    )
}
