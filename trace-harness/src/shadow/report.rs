//! What a shadow run found, for the terminal and as a page.
//!
//! Not here: finding it.

use maud::{Markup, html};

use crate::evidence::page::{page, section, table, verdict_line};
use crate::evidence::terminal::visible_lines;
use crate::shadow::{Error, ShadowFinding, StageRow};
use crate::trace::diff::wording::numbers;

const HEAD: [&str; 7] =
    ["stage", "verdict", "values", "error with the reference's inputs", "ULP", "error with its own", "ULP"];

/// What a reader has to know of the two columns.
const NOTE: &str = "Errors are relative to the largest number of a vector or array. With the reference's inputs every value that was computed \
before is the reference's; what still differs is wrong here.";

/// For a terminal.
pub fn text(finding: &ShadowFinding) -> String {
    let rows: Vec<Vec<String>> = std::iter::once(
        ["stage", "verdict", "values", "ref. inputs", "ULP", "own inputs", "ULP"].map(str::to_owned).into(),
    )
    .chain(finding.rows.iter().map(cells))
    .collect();
    let width = |n: usize| rows.iter().map(|row| row[n].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..HEAD.len()).map(width).collect();
    let mut text = String::new();
    for row in &rows {
        let left = row.iter().zip(&widths).take(2).map(|(cell, width)| format!("{cell:<width$}"));
        let right = row.iter().zip(&widths).skip(2).map(|(cell, width)| format!("{cell:>width$}"));
        text += left.chain(right).collect::<Vec<_>>().join("  ").trim_end();
        text.push('\n');
    }
    for row in finding.rows.iter().filter(|row| row.stage == crate::shadow::Stage::WrongHere) {
        let Error { place, values, words, .. } = &row.local;
        let [a, b] = match words {
            Some(words) => words.each_ref().map(|words| format!("`{words}`")),
            None => values.map(|x| numbers(&[x])),
        };
        text += &format!("\n{} at {place}: {a} in the reference, {b} in the port", row.key);
    }
    text += &format!("\n{}: {}", finding.verdict, finding.reason);
    visible_lines(&text)
}

/// The sections of a page.
pub fn sections(finding: &ShadowFinding) -> Markup {
    let rows: Vec<Vec<String>> = finding.rows.iter().map(cells).collect();
    let content = html! {
        p { (NOTE) }
        (table("Stages in the order of computation", &HEAD, &rows))
    };
    section("stages", "Stages", &content)
}

/// A page of its own.
pub fn html(finding: &ShadowFinding) -> String {
    let body = html! {
        main {
            h1 { "Where a port goes wrong" }
            (verdict_line(finding.verdict, finding.verdict.word(), &finding.reason))
            (sections(finding))
            (section("words", "In words", &html! { pre { (text(finding)) } }))
        }
    };
    page("where a port goes wrong", &body, "")
}

fn cells(row: &StageRow) -> Vec<String> {
    let error = |e: &Error| {
        if row.compared == 0 {
            ["-".to_owned(), "-".to_owned()]
        } else {
            [numbers(&[e.relative]), e.ulp.to_string()]
        }
    };
    let [local, local_ulp] = error(&row.local);
    let [own, own_ulp] = error(&row.own);
    let values = match row.missing {
        0 => row.compared.to_string(),
        missing => format!("{} of {}", row.compared, row.compared + missing),
    };
    vec![row.key.clone(), row.stage.to_text().to_owned(), values, local, local_ulp, own, own_ulp]
}
