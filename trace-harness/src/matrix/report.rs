//! A matrix as a table, as JUnit XML, as lists for programs, and as a section of a page.
//!
//! Not here: running it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use maud::{Markup, html};
use serde_json::json;

use crate::evidence::junit::{End, TestCase, document};
use crate::evidence::page::markdown::text as cell;
use crate::evidence::page::{section, table};
use crate::evidence::terminal::visible;
use crate::matrix::{CaseOutcome, Matrix, MatrixRow};

fn word(outcome: CaseOutcome) -> &'static str {
    match outcome {
        CaseOutcome::Pass => "pass",
        CaseOutcome::Fail => "FAIL",
        CaseOutcome::Undecided => "undecided",
        CaseOutcome::Absent => "absent",
        CaseOutcome::NotRun => "not run",
    }
}

/// Cases in the order of the rows.
fn cases(matrix: &Matrix) -> Vec<&str> {
    let mut seen = BTreeSet::new();
    matrix.rows.iter().map(|r| r.case.as_str()).filter(|c| seen.insert(*c)).collect()
}

fn by_place(rows: &[MatrixRow]) -> BTreeMap<(&str, &str), &MatrixRow> {
    rows.iter().map(|r| ((r.case.as_str(), r.configuration.as_str()), r)).collect()
}

/// One sentence: how many came out how.
pub fn sentence(matrix: &Matrix) -> String {
    let counts = [CaseOutcome::Pass, CaseOutcome::Fail, CaseOutcome::Absent, CaseOutcome::NotRun]
        .map(|o| matrix.count(o));
    let [pass, fail, absent, not_run] = counts;
    let mut text = format!(
        "{} cases in {} configurations: {pass} pass, {fail} fail, {absent} absent, {not_run} not run",
        cases(matrix).len(),
        matrix.configurations.len()
    );
    let undecided = matrix.count(CaseOutcome::Undecided);
    if undecided > 0 {
        let _ = write!(text, "; {undecided} ran with nothing to compare with");
    }
    let live = |agree: bool| matrix.rows.iter().filter(|r| r.live == Some(agree)).count();
    if live(true) + live(false) > 0 {
        let _ = write!(text, "; {} as the reference program, {} not", live(true), live(false));
    }
    if matrix.traces() > 0 {
        let _ = write!(text, "; {} traces as the golden ones", matrix.traces());
    }
    if !matrix.disagreements.is_empty() {
        let _ = write!(text, "; {} come out differently in the suite", matrix.disagreements.len());
    }
    matrix.changed.iter().for_each(|what| text += &format!("; {what}"));
    if matrix.interrupted {
        text += "; interrupted";
    }
    text
}

/// Counts per configuration, and everything that is not as expected, for a terminal.
pub fn to_text(matrix: &Matrix) -> String {
    let mut lines: Vec<String> = matrix.machine.iter().cloned().collect();
    for configuration in &matrix.configurations {
        let of: Vec<&MatrixRow> = matrix.rows.iter().filter(|r| r.configuration == *configuration).collect();
        let counts = CaseOutcome::ALL.map(|o| (of.iter().filter(|r| r.outcome == o).count(), word(o)));
        let counts: Vec<String> =
            counts.iter().filter(|(n, _)| *n > 0).map(|(n, w)| format!("{n} {w}")).collect();
        let why = matrix.absent.get(configuration).map_or(String::new(), |w| format!(": {w}"));
        lines.push(format!("{configuration}: {}{why}", counts.join(", ")));
    }
    for row in matrix.rows.iter().filter(|r| r.outcome == CaseOutcome::Fail) {
        lines.push(format!("FAIL: {} [{}]: {}", row.case, row.configuration, row.detail));
    }
    for row in matrix.rows.iter().filter(|r| r.outcome == CaseOutcome::Undecided) {
        lines.push(format!("undecided: {} [{}]: {}", row.case, row.configuration, row.detail));
    }
    for (case, reason) in not_run(matrix) {
        lines.push(format!("not run: {case}: {reason}"));
    }
    for row in matrix.reference.iter().filter(|r| r.outcome == CaseOutcome::Fail) {
        lines.push(format!("reference program: {}: {}", row.case, row.detail));
    }
    for d in &matrix.disagreements {
        lines.push(format!("isolated and suite disagree: {} [{}]: {}", d.case, d.configuration, d.detail));
    }
    lines.push(sentence(matrix));
    lines.iter().map(|line| visible(line)).collect::<Vec<_>>().join("\n")
}

/// Cases that were not run, each once.
pub fn not_run(matrix: &Matrix) -> BTreeMap<&str, &str> {
    let rows = matrix.rows.iter().filter(|r| r.outcome == CaseOutcome::NotRun);
    rows.map(|r| (r.case.as_str(), r.detail.as_str())).collect()
}

/// `table.md`: cases down, configurations across.
pub fn markdown(matrix: &Matrix) -> String {
    let rows = by_place(&matrix.rows);
    let reference: BTreeMap<&str, &MatrixRow> =
        matrix.reference.iter().map(|r| (r.case.as_str(), r)).collect();
    let mut out = format!("# Matrix\n\n{}\n\n| case |", cell(&sentence(matrix)));
    matrix.configurations.iter().for_each(|c| out += &format!(" {} |", cell(c)));
    if !reference.is_empty() {
        out += " reference program |";
    }
    let columns = matrix.configurations.len() + usize::from(!reference.is_empty());
    out += &format!("\n|---|{}\n", "---|".repeat(columns));
    for case in cases(matrix) {
        out += &format!("| {} |", cell(case));
        for configuration in &matrix.configurations {
            let row = rows.get(&(case, configuration.as_str()));
            out += &format!(" {} |", row.map_or("missing", |r| word(r.outcome)));
        }
        if !reference.is_empty() {
            out += &format!(" {} |", reference.get(case).map_or("missing", |r| word(r.outcome)));
        }
        out.push('\n');
    }
    let reasons: BTreeSet<String> = matrix
        .rows
        .iter()
        .chain(&matrix.reference)
        .filter(|r| !r.detail.is_empty() && r.outcome != CaseOutcome::Absent)
        .map(|r| format!("- {} \\[{}\\]: {}\n", cell(&r.case), cell(&r.configuration), cell(&r.detail)))
        .chain(
            matrix.absent.iter().map(|(c, why)| format!("- all \\[{}\\]: absent: {}\n", cell(c), cell(why))),
        )
        .collect();
    if !reasons.is_empty() {
        out += "\n## Remarks\n\n";
        out.extend(reasons);
    }
    out
}

/// `junit.xml`: a test per row.
pub fn junit(matrix: &Matrix) -> String {
    let skipped = |row: &MatrixRow| format!("{}: {}", word(row.outcome), row.detail);
    let reasons: Vec<String> = matrix.rows.iter().map(skipped).collect();
    let cases = matrix.rows.iter().zip(&reasons).map(|(row, reason)| TestCase {
        class: &row.configuration,
        name: &row.case,
        seconds: row.seconds,
        end: match row.outcome {
            CaseOutcome::Pass => End::Passed,
            CaseOutcome::Fail => End::Failed(&row.detail),
            _ => End::Skipped(reason),
        },
        kind: "",
    });
    document("matrix", "matrix", &cases.collect::<Vec<_>>())
}

/// `matrix.json`: without times, so that the same results are the same bytes; a row per line.
pub fn json(matrix: &Matrix) -> String {
    let line = |row: &MatrixRow| {
        let mut value =
            json!({ "case": row.case, "configuration": row.configuration, "outcome": row.outcome });
        if let Some(golden) = row.golden {
            value["golden"] = golden.into();
        }
        if let Some(live) = row.live {
            value["live"] = live.into();
        }
        if row.traces > 0 {
            value["traces"] = row.traces.into();
        }
        if !row.detail.is_empty() && row.outcome != CaseOutcome::Absent {
            value["detail"] = row.detail.clone().into();
        }
        value.to_string()
    };
    let lines = |rows: &[MatrixRow]| rows.iter().map(line).collect::<Vec<_>>().join(",\n    ");
    format!(
        "{{\n  \"schema\": \"nanobragg-rs/matrix\",\n  \"version\": 1,\n  \"configurations\": {},\n  \"absent\": {},\n  \
         \"disagreements\": {},\n  \"rows\": [\n    {}\n  ],\n  \"reference\": [\n    {}\n  ]\n}}\n",
        json!(matrix.configurations),
        json!(matrix.absent),
        json!(matrix.disagreements),
        lines(&matrix.rows),
        lines(&matrix.reference)
    )
}

/// `digests.txt`: what every file that passed came to, each once; `sha256sum` format with the case as folder.
pub fn digests(matrix: &Matrix) -> String {
    let passed = matrix.rows.iter().filter(|r| r.outcome == CaseOutcome::Pass);
    let lines: BTreeSet<String> = passed
        .flat_map(|r| r.files.iter().map(|(name, sha256)| format!("{sha256}  {}/{name}\n", r.case)))
        .collect();
    let mut lines: Vec<String> = lines.into_iter().collect();
    lines.sort_by(|a, b| a.get(64..).cmp(&b.get(64..)));
    lines.concat()
}

/// What the page of the bundle shows.
pub fn sections(matrix: &Matrix) -> Markup {
    let rows = matrix.configurations.iter().map(|c| {
        let of = |o: CaseOutcome| {
            matrix.rows.iter().filter(|r| r.configuration == *c && r.outcome == o).count().to_string()
        };
        let why = matrix.absent.get(c).cloned().unwrap_or_default();
        let counts = CaseOutcome::ALL.map(of);
        [vec![c.clone()], counts.to_vec(), vec![why]].concat()
    });
    let counts = table(
        "Configurations",
        &["configuration", "pass", "fail", "undecided", "absent", "not run", "why"],
        &rows.collect::<Vec<_>>(),
    );
    let noted: Vec<Vec<String>> = matrix
        .rows
        .iter()
        .chain(&matrix.reference)
        .filter(|r| !r.detail.is_empty() && r.outcome != CaseOutcome::Absent)
        .map(|r| vec![r.case.clone(), r.configuration.clone(), word(r.outcome).to_owned(), r.detail.clone()])
        .collect();
    let content = html! {
        @if let Some(machine) = &matrix.machine { p { (machine) "." } }
        (counts)
        @if !noted.is_empty() {
            (table("Remarks", &["case", "configuration", "outcome", "remark"], &noted))
        }
        p { "All rows: results/table.md." }
    };
    section("matrix", "Matrix", &content)
}
