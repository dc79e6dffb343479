//! The section of a matrix's page: every case in a table, the worst first, with small pictures.
//!
//! Not here: the frame of the page (`trace_harness::evidence::page`).

use std::fmt::Write;

use trace_harness::evidence::page::{base64, escape};

use crate::compare::verdict::figure;
use crate::matrix::case_result::{Done, Tally};

/// Pictures make pages heavy: so many cases get them, from the worst on.
const PICTURED: usize = 60;

const STYLE: &str = "<style>\n.thumbs { white-space: nowrap; }\n.thumbs img { width: 4.5rem; height: 4.5rem; object-fit: contain; \
    image-rendering: pixelated; background: #000; border: 1px solid var(--line); }\n#cases tbody th { min-width: 8rem; } .why { min-width: 14rem; }\n</style>\n";

/// The section; `cases` have the worst first.
pub fn section(tally: &Tally, cases: &[Done]) -> String {
    let mut out = format!(
        "<section aria-labelledby=\"cases-heading\">\n<h2 id=\"cases-heading\">Cases</h2>\n{STYLE}<p>{} pass, {} fail, {} \
         decide nothing, {} could not be compared, {} were not run. The worst come first; A is the reference.</p>\n",
        tally.passed, tally.failed, tally.undecided, tally.errors, tally.not_run
    );
    out += "<div class=\"scroll\"><table id=\"cases\">\n<thead><tr>";
    for head in [
        "case",
        "verdict",
        "why",
        "A, B, B − A",
        "correlation",
        "sum ratio",
        "largest ULP",
        "peaks matched",
        "seconds A, B",
    ] {
        // Writing to a string cannot fail.
        let _ = write!(out, "<th scope=\"col\">{head}</th>");
    }
    out += "</tr></thead>\n<tbody>\n";
    out.extend(cases.iter().enumerate().map(|(n, case)| row(case, n < PICTURED)));
    out += "</tbody></table></div>\n";
    if cases.len() > PICTURED {
        let _ = writeln!(out, "<p class=\"soft\">Pictures are shown for the first {PICTURED} cases.</p>");
    }
    out + "</section>\n"
}

fn row(case: &Done, pictured: bool) -> String {
    let number = |name: &str| case.number(name).map_or("–".to_owned(), figure);
    let time = |seconds: Option<f64>| seconds.map_or("–".to_owned(), |s| format!("{s:.3}"));
    let cached = if case.sides.from_cache { " (A from cache)" } else { "" };
    let mut out = format!(
        "<tr><th scope=\"row\">{}</th><td class=\"{1}\">{1}</td><td class=\"why\">{2}</td><td class=\"thumbs\">",
        escape(&case.name),
        case.verdict,
        escape(&case.reason)
    );
    if let Some(pictures) = case.thumbnails.as_ref().filter(|_| pictured) {
        for (png, what) in pictures.iter().zip(["A", "B", "B − A"]) {
            let _ = write!(out, "<img alt=\"{what}\" src=\"data:image/png;base64,{}\">", base64(png));
        }
    }
    let _ = writeln!(
        out,
        "</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}, {}{cached}</td></tr>",
        number("correlation"),
        number("sum_ratio"),
        number("ulp_max"),
        number("peaks_matched_fraction"),
        time(case.sides.reference_s),
        time(case.sides.candidate_s)
    );
    out
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
        let html = section(&Tally::of(&cases, 1), &cases);
        assert!(!html.contains("<script") && html.contains("&lt;script&gt;"), "{html}");
        assert_eq!(html.matches("src=\"data:image/png;base64,").count(), 3);
    }
}
