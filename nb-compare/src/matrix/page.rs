//! The section of a matrix's page: every case in a table, the worst first, with small pictures.
//!
//! Not here: the frame of the page (`trace_harness::evidence::page`).

use maud::{Markup, html};
use serde_json::{Map, Value};
use trace_harness::cases::baseline::Flip;
use trace_harness::evidence::page::{base64, section, style, table, table_head};
use trace_harness::evidence::verdict::Verdict;

use crate::compare::judgement::figure;
use crate::matrix::case_result::{Done, MatrixTally};

/// Pictures make pages heavy: so many cases get them, from the worst on.
const PICTURED: usize = 60;

const STYLE: &str = include_str!("page.css");

const OF_IMAGES: [&str; 9] = [
    "case",
    "verdict",
    "why",
    "A, B, B − A",
    "correlation",
    "sum ratio",
    "largest ULP",
    "peaks matched",
    "seconds A, B",
];
const OF_OUTPUTS: [&str; 5] = ["case", "verdict", "why", "outputs", "seconds A, B"];

/// The section; `cases` have the worst first.
pub(crate) fn part(tally: &MatrixTally, cases: &[Done]) -> Markup {
    let is_of_images = cases.iter().all(|case| case.outputs.is_none());
    let head = if is_of_images { &OF_IMAGES[..] } else { &OF_OUTPUTS };
    let content = html! {
        (style(STYLE))
        p {
            (tally.passed) " pass, " (tally.failed) " fail, " (tally.undecided) " decide nothing, " (tally.errors)
            " could not be compared, " (tally.not_run) " were not run. The worst come first; A is the reference"
            @if let Some([a, b]) = cases.iter().find_map(Done::labels) { ", " (a) ", and B the candidate, " (b) } "."
        }
        @if let Some(flips) = &tally.flips { (flipped(flips)) }
        div.scroll {
            table id="cases" {
                (table_head(head))
                tbody { @for (n, case) in cases.iter().enumerate() { (row(case, n < PICTURED)) } }
            }
        }
        @if is_of_images && cases.len() > PICTURED {
            p.soft { "Pictures are shown for the first " (PICTURED) " cases." }
        }
    };
    section("cases-heading", "Cases", &content)
}

/// The names of outputs that were compared, and what each came to.
fn verdicts(outputs: &Map<String, Value>) -> impl Iterator<Item = (&str, &str)> {
    let compared = outputs.get("compared_outputs").and_then(Value::as_array);
    compared.into_iter().flatten().filter_map(|of| Some((of["name"].as_str()?, of["verdict"].as_str()?)))
}

/// What is otherwise than the baseline has it, the worst first.
fn flipped(flips: &[Flip]) -> Markup {
    let words = |verdict: Option<Verdict>| verdict.map_or("–", Verdict::word).to_owned();
    let rows = flips.iter().map(|flip| {
        let known = flip.known.as_ref();
        vec![
            flip.name.clone(),
            flip.kind.words().to_owned(),
            words(known.map(|known| known.verdict)),
            words(flip.verdict),
            known.map_or(String::new(), |known| known.reason.clone()),
            known.map_or(String::new(), |known| known.first_seen.clone()),
        ]
    });
    html! {
        @if flips.is_empty() { p { "Every case comes out as the baseline has it." } }
        @else {
            (table("Beside the baseline", &["case", "flip", "known as", "now", "known reason", "first seen"], &rows.collect::<Vec<_>>()))
        }
    }
}

fn row(case: &Done, pictured: bool) -> Markup {
    let number = |name: &str| case.number(name).map_or("–".to_owned(), figure);
    let time = |seconds: Option<f64>| seconds.map_or("–".to_owned(), |s| format!("{s:.3}"));
    let verdict = case.verdict.word();
    html! {
        tr {
            th scope="row" { (case.name) }
            td class=(verdict) { (verdict) }
            td.why { (case.reason) }
            @if let Some(outputs) = &case.outputs {
                td { @for (name, word) in verdicts(outputs) { (name) ": " (word) br; } }
            } @else {
                td.thumbs {
                    @if let Some(pictures) = case.thumbnails.as_ref().filter(|_| pictured) {
                        @for (png, what) in pictures.iter().zip(["A", "B", "B − A"]) {
                            img alt=(what) src={ "data:image/png;base64," (base64(png)) };
                        }
                    }
                }
                @for name in ["correlation", "sum_ratio", "ulp_max", "peaks_matched_fraction"] {
                    td { (number(name)) }
                }
            }
            td {
                (time(case.sides.reference_s)) ", " (time(case.sides.candidate_s))
                @if case.sides.from_cache { " (A from cache)" }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_reasons_cannot_become_markup_and_pictures_are_in_the_page() {
        let mut done = Done::failed(
            "a",
            "<script>alert(1)</script>".to_owned(),
            trace_harness::evidence::exit::Exit::Program,
        );
        done.thumbnails = Some([vec![1], vec![2], vec![3]]);
        let cases = [done];
        let html = part(&MatrixTally::of(&cases, 1), &cases).into_string();
        assert!(!html.contains("<script") && html.contains("&lt;script&gt;"), "{html}");
        assert_eq!(html.matches("src=\"data:image/png;base64,").count(), 3);
    }
}
