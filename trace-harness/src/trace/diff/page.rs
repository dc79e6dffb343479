//! A comparison as a page of its own.
//!
//! Not here: the page's frame (`evidence::page`), the text (`report`).

use maud::{Markup, html};

use crate::evidence::page::{page, section, table, verdict_line};
use crate::trace::cause::attribution::{Attribution, SHARES, Share};
use crate::trace::diff::report::{self, Plain};
use crate::trace::diff::tolerance::NoiseDistance;
use crate::trace::diff::wording::{numbers, place};
use crate::trace::diff::{Cause, Comparison, Difference, Gap, OutcomeRow, SequenceRow};

/// The page; `unified` is the text difference.
pub fn render(c: &Comparison, unified: &str) -> String {
    let word = report::word(c.verdict);
    let body = html! {
        main {
            h1 { "Trace comparison" }
            (verdict_line(c.verdict, word, &c.reason))
            (causes("root-causes", "Root causes", &c.root_causes))
            (causes("trace-only", "In the trace only", &c.trace_only))
            (bits(c))
            (shares(c))
            (gaps(c))
            (outcomes(c))
            (sequences(c))
            (keys(c))
            (section("words", "In words", &html! { pre { (report::terminal(c, &Plain)) } }))
            (section("text-difference", "Text difference", &html! { pre { (unified) } }))
        }
    };
    page(&format!("{word}: trace comparison"), &body, "")
}

fn causes(name: &str, title: &str, causes: &[Cause]) -> Markup {
    if causes.is_empty() {
        return Markup::default();
    }
    let row = |c: &Cause| {
        let [a, b] = [0, 1].map(|side| numbers(&c.first.values[side]));
        vec![c.key.clone(), a, b, c.signatures.join("; "), place(&c.first.place)]
    };
    let rows: Vec<Vec<String>> = causes.iter().map(row).collect();
    section(name, title, &table("First difference of each", &["key", "A", "B", "looks like", "where"], &rows))
}

/// The first divergence, and the first value that is not the same to the last bit.
fn bits(c: &Comparison) -> Markup {
    let Some(bit) = &c.first_bit else { return Markup::default() };
    let row = |what: &str, d: &Difference| {
        let [a, b] = [0, 1].map(|side| numbers_to_the_last(&d.values[side]));
        vec![what.to_owned(), d.key.clone(), a, b, d.distance.ulp.to_string(), place(&d.place)]
    };
    let mut rows = vec![row("first differing bit", bit)];
    rows.extend(c.first_divergence.iter().map(|d| row("first divergence", d)));
    let head = ["", "key", "A", "B", "ULP", "where"];
    section("first", "Where it begins", &table("In the order of the trace", &head, &rows))
}

fn numbers_to_the_last(values: &[f64]) -> String {
    values.iter().map(|x| nanobragg::c_number::g(*x, 17)).collect::<Vec<_>>().join(" ")
}

/// Which factor has which share of a ratio.
fn shares(c: &Comparison) -> Markup {
    if c.attribution.is_empty() {
        return Markup::default();
    }
    let one = |a: &Attribution| {
        let share =
            |s: &Share| vec![s.factor.clone(), numbers(&[s.ratio]), format!("{:.3} %", s.share * 100.0)];
        let mut rows: Vec<Vec<String>> = a.shares.iter().map(share).collect();
        rows.push(vec!["not explained".into(), String::new(), format!("{:.3} %", a.rest * 100.0 + 0.0)]);
        let caption = format!("{}: B is {} times A", a.key, numbers(&[a.ratio]));
        table(&caption, &["factor", "times", "share"], &rows)
    };
    section(
        "shares",
        "Shares of the ratio",
        &html! { p { (SHARES) "." } @for a in &c.attribution { (one(a)) } },
    )
}

/// Records that one trace lacks.
fn gaps(c: &Comparison) -> Markup {
    if c.missing_records.is_empty() {
        return Markup::default();
    }
    let row = |gap: &Gap| vec![gap.missing_in.to_string(), place(&gap.place), gap.values.to_string()];
    let rows: Vec<Vec<String>> = c.missing_records.first.iter().map(row).collect();
    let [a, b] = c.missing_records.counts;
    let caption = format!("A lacks {a} records, B lacks {b}");
    section("missing-records", "Missing records", &table(&caption, &["missing in", "where", "values"], &rows))
}

/// Records that end otherwise.
fn outcomes(c: &Comparison) -> Markup {
    if c.outcomes.is_empty() {
        return Markup::default();
    }
    let row = |row: &OutcomeRow| {
        let [a, b] = row.words.clone();
        vec![row.in_words(), row.count.to_string(), a, b, place(&row.first)]
    };
    let rows: Vec<Vec<String>> = c.outcomes.iter().map(row).collect();
    let head = ["who", "records", "A says", "B says", "first"];
    section("outcomes", "Outcomes", &table("Nothing else of these records was compared", &head, &rows))
}

/// Sequences that part.
fn sequences(c: &Comparison) -> Markup {
    let Some(all) = &c.sequences else { return Markup::default() };
    let row = |row: &SequenceRow| vec![report::sequence_text(row), report::growth_text(row)];
    let rows: Vec<Vec<String>> = all.rows.iter().map(row).collect();
    let caption = format!("{} of {} sequences differ", all.differing, all.count);
    section("sequences", "Sequences", &table(&caption, &["sequence", "ULP up to there"], &rows))
}

fn keys(c: &Comparison) -> Markup {
    let row = |r: &crate::trace::diff::KeyRow| {
        let [absolute, relative] = [r.largest.absolute, r.largest.relative].map(|x| numbers(&[x]));
        let mut row = vec![
            r.key.clone(),
            r.unit.clone(),
            r.compared.to_string(),
            r.differing.to_string(),
            absolute,
            relative,
        ];
        row.extend(c.noise_runs.map(|_| r.noise.map(NoiseDistance::to_text).unwrap_or_default()));
        row
    };
    let rows: Vec<Vec<String>> = c.keys.iter().take(report::KEYS_LISTED).map(row).collect();
    let mut head = vec!["key", "unit", "compared", "differing", "largest difference", "relative"];
    head.extend(c.noise_runs.map(|_| "noise"));
    let caption = match c.counts.all - rows.len() {
        0 => "Every key of either trace".to_owned(),
        more => format!("{} keys of either trace, and {more} more", rows.len()),
    };
    section("keys", "Keys", &table(&caption, &head, &rows))
}
