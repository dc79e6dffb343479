//! A comparison as a page of its own.
//!
//! Not here: the page's frame (`html`), what is said (`report`).

use crate::evidence::page::{escape, page, table};
use crate::trace::diff::report::{self, Plain};
use crate::trace::diff::words::{numbers, place};
use crate::trace::diff::{Cause, Comparison, Gap};

/// The page; `unified` is the text difference.
pub fn render(c: &Comparison, unified: &str) -> String {
    let class = c.verdict;
    let word = report::word(c.verdict);
    let mut body = format!(
        "<main>\n<h1>Trace comparison</h1>\n<p class=\"verdict {class}\" id=\"verdict\"><strong>{word}</strong> <span>{}</span></p>\n",
        escape(&c.reason)
    );
    body += &causes("Root causes", &c.root_causes);
    body += &causes("In the trace only", &c.trace_only);
    for a in &c.attribution {
        let share = |s: &crate::trace::cause::attribution::Share| {
            vec![s.factor.clone(), numbers(&[s.ratio]), format!("{:.3} %", s.share * 100.0)]
        };
        let mut rows: Vec<Vec<String>> = a.shares.iter().map(share).collect();
        rows.push(vec!["not explained".into(), String::new(), format!("{:.3} %", a.rest * 100.0 + 0.0)]);
        let caption = format!("{}: B is {} times A", a.key, numbers(&[a.ratio]));
        body += &format!(
            "<section>\n<h2>Shares of the ratio</h2>\n{}</section>\n",
            table(&caption, &["factor", "times", "share"], &rows)
        );
    }
    body += &gaps(c);
    body += &keys(c);
    body += &format!(
        "<section>\n<h2>In words</h2>\n<pre>{}</pre>\n</section>\n",
        escape(&report::terminal(c, &Plain))
    );
    body +=
        &format!("<section>\n<h2>Text difference</h2>\n<pre>{}</pre>\n</section>\n</main>", escape(unified));
    page(&format!("{word}: trace comparison"), &body, "")
}

fn causes(title: &str, causes: &[Cause]) -> String {
    if causes.is_empty() {
        return String::new();
    }
    let row = |c: &Cause| {
        let [a, b] = [0, 1].map(|side| numbers(&c.first.values[side]));
        vec![c.key.clone(), a, b, c.signatures.join("; "), place(&c.first.place)]
    };
    let rows: Vec<Vec<String>> = causes.iter().map(row).collect();
    let table = table("First difference of each", &["key", "A", "B", "looks like", "where"], &rows);
    format!("<section>\n<h2>{}</h2>\n{table}</section>\n", escape(title))
}

/// Records that one trace lacks.
fn gaps(c: &Comparison) -> String {
    if c.missing_records.is_empty() {
        return String::new();
    }
    let row = |gap: &Gap| vec![gap.missing_in.to_string(), place(&gap.place), gap.values.to_string()];
    let rows: Vec<Vec<String>> = c.missing_records.first.iter().map(row).collect();
    let [a, b] = c.missing_records.counts;
    let caption = format!("A lacks {a} records, B lacks {b}");
    let table = table(&caption, &["missing in", "where", "values"], &rows);
    format!("<section>\n<h2>Missing records</h2>\n{table}</section>\n")
}

fn keys(c: &Comparison) -> String {
    let row = |r: &crate::trace::diff::KeyRow| {
        let [absolute, relative] = [r.largest.absolute, r.largest.relative].map(|x| numbers(&[x]));
        vec![
            r.key.clone(),
            r.unit.clone(),
            r.compared.to_string(),
            r.differing.to_string(),
            absolute,
            relative,
        ]
    };
    let rows: Vec<Vec<String>> = c.keys.iter().take(report::KEYS_LISTED).map(row).collect();
    let head = ["key", "unit", "compared", "differing", "largest difference", "relative"];
    let caption = match c.counts.all - rows.len() {
        0 => "Every key of either trace".to_owned(),
        more => format!("{} keys of either trace, and {more} more", rows.len()),
    };
    format!("<section>\n<h2>Keys</h2>\n{}</section>\n", table(&caption, &head, &rows))
}
