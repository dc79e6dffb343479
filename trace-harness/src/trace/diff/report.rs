//! A comparison in words, for the terminal and as Markdown.
//!
//! Not here: HTML (`page`), the unified text difference (`unified`).

use std::collections::HashSet;
use std::fmt::Write;

use anstyle::{AnsiColor, Reset, Style};

use crate::evidence::page::markdown as md;
use crate::evidence::terminal::visible_lines;
use crate::evidence::verdict::Verdict;
use crate::evidence::wording::counted;
use crate::trace::cause::attribution::SHARES;
use crate::trace::diff::order::alike;
use crate::trace::diff::tolerance::NoiseDistance;
use crate::trace::diff::wording::{listed, numbers, place};
use crate::trace::diff::{Cause, Comparison, Difference, Elements, Growth, KeyRow, SequenceRow, StepRow};
use crate::trace::log::PrecisionFacts;

/// Rows of a table of steps that are printed.
const STEPS_SHOWN: usize = 40;

/// Causes of one block that are printed.
const CAUSES_SHOWN: usize = 20;

/// Missing records that are printed.
const GAPS_SHOWN: usize = 20;

/// Sequences that are printed.
const SEQUENCES_SHOWN: usize = 20;

/// Rows of the table of keys that are printed.
const KEYS_SHOWN: usize = 200;

/// Rows of the tables of all keys, in Markdown and on the page.
pub const KEYS_LISTED: usize = 2000;

/// Marks a piece of text: the verdict, a cause, a heading. The terminal colours them, Markdown does not.
pub trait Ink {
    /// A heading.
    fn heading(&self, text: &str) -> String;
    /// Something bad.
    fn bad(&self, text: &str) -> String;
    /// Something good.
    fn good(&self, text: &str) -> String;
    /// Turns marks into what the reader's device takes; nothing else in the text can act on it.
    fn finish(&self, text: String) -> String {
        text
    }
}

/// Text without marks.
#[derive(Debug, Clone, Copy)]
pub struct Plain;

impl Ink for Plain {
    fn heading(&self, text: &str) -> String {
        text.to_owned()
    }
    fn bad(&self, text: &str) -> String {
        text.to_owned()
    }
    fn good(&self, text: &str) -> String {
        text.to_owned()
    }
}

/// Escape sequences of a terminal.
#[derive(Debug, Clone, Copy)]
pub struct Colours;

/// Marks and their styles: characters for private use, until everything else has been made visible.
const MARKS: [(char, Style); 3] = [
    ('\u{e000}', Style::new().bold()),
    ('\u{e001}', AnsiColor::Red.on_default().bold()),
    ('\u{e002}', AnsiColor::Green.on_default().bold()),
];
const END: char = '\u{e003}';

impl Ink for Colours {
    fn heading(&self, text: &str) -> String {
        format!("{}{text}{}", MARKS[0].0, END)
    }
    fn bad(&self, text: &str) -> String {
        format!("{}{text}{}", MARKS[1].0, END)
    }
    fn good(&self, text: &str) -> String {
        format!("{}{text}{}", MARKS[2].0, END)
    }
    fn finish(&self, text: String) -> String {
        let text = text.replace(END, &Reset.render().to_string());
        MARKS.iter().fold(text, |text, (mark, style)| text.replace(*mark, &style.render().to_string()))
    }
}

/// The verdict as one word.
pub fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "no divergence",
        Verdict::Fail => "divergence",
        Verdict::Undecided | Verdict::Error => "undecided",
    }
}

/// The comparison for a terminal.
pub fn terminal(c: &Comparison, ink: &dyn Ink) -> String {
    let mut t = String::new();
    // Writing to a string cannot fail.
    for (name, side) in ["A", "B"].iter().zip(&c.sides) {
        let _ = writeln!(t, "{name} {}", side_line(side));
    }
    let _ = writeln!(t, "compared {} values of {} keys", c.compared, c.counts.compared);
    if let Some(runs) = c.noise_runs {
        let _ = writeln!(t, "tolerance: the reference's own noise, from {}", counted(runs, "run"));
    }
    if let Some(first) = &c.first_divergence {
        let _ = writeln!(t, "\n{}\n{}", ink.heading("first divergence"), indented(&difference_lines(first)));
    }
    first_bit(&mut t, c, ink);
    let blocks: [(&str, &[Cause], &[Cause]); 2] =
        [("root cause", &c.root_causes, &[]), ("in the trace only", &c.trace_only, &c.root_causes)];
    for (title, causes, notable) in blocks {
        for group in causes.chunk_by(alike) {
            let names: Vec<&str> = group.iter().map(|c| c.key.as_str()).collect();
            let _ = writeln!(t, "\n{}: {}", ink.heading(title), ink.bad(&listed(&names)));
            let _ = writeln!(t, "{}", indented(&cause_lines(group, notable)));
        }
    }
    for a in &c.attribution {
        let ratio = numbers(&[a.ratio]);
        let _ = writeln!(t, "\n{}: B is {ratio} times A", ink.heading(&format!("shares of {}", a.key)));
        for share in a.shares.iter().filter(|s| s.share.abs() >= 5e-7) {
            let _ = writeln!(
                t,
                "  {:>8.3} %  {} (times {})",
                share.share * 100.0,
                share.factor,
                numbers(&[share.ratio])
            );
        }
        let _ = writeln!(t, "  {:>8.3} %  not explained by the factors of the traces", a.rest * 100.0 + 0.0);
        if a.cancels() {
            let _ = writeln!(t, "  {SHARES}");
        }
    }
    steps(&mut t, "rotation steps", &c.phi_steps, ink);
    steps(&mut t, "sources", &c.sources, ink);
    key_table(&mut t, c, ink);
    if !c.missing.is_empty() {
        let _ = writeln!(t, "\n{}: {}", ink.heading("in one trace only"), listed(&missing(c)));
    }
    gaps(&mut t, c, ink);
    outcomes(&mut t, c, ink);
    sequences(&mut t, c, ink);
    other_forms(&mut t, c);
    if !c.not_compared.is_empty() {
        let _ = writeln!(t, "not compared, fixed text in one program: {}", c.not_compared.join(", "));
    }
    let outcome = word(c.verdict);
    let outcome = if c.verdict == Verdict::Pass { ink.good(outcome) } else { ink.bad(outcome) };
    let _ = write!(t, "\n{outcome}: {}", c.reason);
    t.extend(c.hint.iter().map(|hint| format!("\nhint: {hint}")));
    ink.finish(visible_lines(&t))
}

fn side_line(side: &crate::trace::diff::SideFacts) -> String {
    let label = if side.label.is_empty() { "no label" } else { &side.label };
    let single = clause(&side.precision);
    format!("{} ({label}): {} trace lines of {}{single}", side.file, side.trace_lines, side.lines)
}

/// A remark on the precision, where there is one.
pub fn clause(precision: &PrecisionFacts) -> String {
    let note = precision.to_text();
    if note.is_empty() { note } else { format!(", {note}") }
}

/// Keys that one side lacks, with the side that has them; entries of a table count together.
fn missing(c: &Comparison) -> Vec<String> {
    let mut groups: Vec<(String, usize)> = Vec::new();
    let lacking: HashSet<&str> = c.missing.iter().map(String::as_str).collect();
    for row in c.keys.iter().filter(|r| lacking.contains(r.key.as_str())) {
        let side = if row.missing[1] > 0 { "A" } else { "B" };
        let name = match row.key.split_once('[') {
            Some((table, _)) => format!("{table}[…] ({side})"),
            None => format!("{} ({side})", row.key),
        };
        match groups.last_mut() {
            Some((last, count)) if *last == name => *count += 1,
            _ => groups.push((name, 1)),
        }
    }
    let one = |(name, count): (String, usize)| if count > 1 { format!("{count} × {name}") } else { name };
    groups.into_iter().map(one).collect()
}

/// Records that one trace lacks.
fn gaps(t: &mut String, c: &Comparison, ink: &dyn Ink) {
    for (side, count) in ['A', 'B'].into_iter().zip(c.missing_records.counts).filter(|(_, count)| *count > 0)
    {
        let _ = writeln!(t, "\n{}: {count} records", ink.heading(&format!("missing in {side}")));
        let first = c.missing_records.first.iter().filter(|gap| gap.missing_in == side);
        for gap in first.take(GAPS_SHOWN) {
            let _ = writeln!(t, "  {} ({} values)", place(&gap.place), gap.values);
        }
        if count > GAPS_SHOWN {
            let _ = writeln!(t, "  and {} more", count - GAPS_SHOWN);
        }
    }
}

/// The first value that is not the same to the last bit: it can be the cause of a divergence that shows only later.
fn first_bit(t: &mut String, c: &Comparison, ink: &dyn Ink) {
    let Some(bit) = &c.first_bit else { return };
    let is_first = c.first_divergence.as_ref().is_some_and(|d| d.key == bit.key && d.place == bit.place);
    if is_first {
        let _ = writeln!(t, "  no bit differs before it");
        return;
    }
    let [a, b] = [0, 1].map(|side| {
        let exact = bit.values[side].iter().map(|x| nanobragg::c_number::g(*x, 17));
        exact.collect::<Vec<_>>().join(" ")
    });
    let ulp = bit.distance.ulp;
    let _ = writeln!(
        t,
        "\n{}\n  {}, {}\n  A {a}\n  B {b}\n  {ulp} ULP, within the tolerance",
        ink.heading("first differing bit"),
        bit.key,
        place(&bit.place)
            + &bit.elements.as_ref().map(|e| format!(", {}", element_text(e))).unwrap_or_default()
    );
}

/// Keys that were computed, and values that agree in another form.
fn other_forms(t: &mut String, c: &Comparison) {
    for (name, side) in ["A", "B"].iter().zip(&c.sides).filter(|(_, side)| !side.computed.is_empty()) {
        let _ = writeln!(t, "{name} does not have {}: computed from others of it", listed(&side.computed));
    }
    for form in &c.equivalent {
        let _ = writeln!(t, "the same in another form, {} times: {}", form.count, form.rule);
    }
    if c.arrays.arrays > 0 {
        let _ = writeln!(
            t,
            "arrays: {} of {} differ, {} elements",
            c.arrays.differing, c.arrays.arrays, c.arrays.elements
        );
    }
    for fault in &c.unread {
        let _ = writeln!(t, "not compared: {fault}");
    }
    if c.left_out > 0 {
        let _ = writeln!(t, "not compared, NaN on both sides counts as missing: {} values", c.left_out);
    }
}

/// What was found among the elements of two arrays.
fn element_text(e: &Elements) -> String {
    let index =
        |index: &[u64]| format!("[{}]", index.iter().map(u64::to_string).collect::<Vec<_>>().join(", "));
    let first = match &e.first {
        Some(first) => format!(", the first at {}", index(first)),
        None => String::new(),
    };
    format!("{} of {} elements ({}) differ, worst at {}{first}", e.differing, e.all, e.shape, index(&e.worst))
}

/// Records that end otherwise.
fn outcomes(t: &mut String, c: &Comparison, ink: &dyn Ink) {
    if c.outcomes.is_empty() {
        return;
    }
    let _ = writeln!(t, "\n{}", ink.heading("outcomes that differ"));
    for row in &c.outcomes {
        let [a, b] = &row.words;
        let _ = writeln!(
            t,
            "  {}, {} times; nothing else of these records was compared",
            row.in_words(),
            row.count
        );
        let _ = writeln!(t, "    first {}: A `{a}`, B `{b}`", place(&row.first));
    }
}

/// Where each sequence parts.
fn sequences(t: &mut String, c: &Comparison, ink: &dyn Ink) {
    let Some(all) = &c.sequences else { return };
    let _ = writeln!(t, "\n{}: {} of {} differ", ink.heading("sequences"), all.differing, all.count);
    for row in all.rows.iter().take(SEQUENCES_SHOWN) {
        let _ = writeln!(t, "  {}", sequence_text(row));
        let growth = growth_text(row);
        if !growth.is_empty() {
            let _ = writeln!(t, "    ULP up to there: {growth}");
        }
    }
    if all.differing > SEQUENCES_SHOWN {
        let _ = writeln!(t, "  and {} more", all.differing - SEQUENCES_SHOWN);
    }
}

/// What became of a sequence, in one line.
pub fn sequence_text(row: &SequenceRow) -> String {
    let mut parts = Vec::new();
    if let Some(split) = &row.split {
        let root = match row.root_causes.is_empty() {
            true => String::new(),
            false => format!(", root cause: {}", listed(&row.root_causes)),
        };
        parts.push(format!("parts at {} in {}{root}", place(&split.place), split.key));
        parts.push(format!("{} records up to there, {} after it not compared", row.records, row.after));
    }
    for (side, missing) in ['A', 'B'].into_iter().zip(row.missing).filter(|(_, missing)| *missing > 0) {
        parts.push(format!("{side} lacks {missing}"));
    }
    let name = if row.name.is_empty() { "the whole trace" } else { &row.name };
    format!("{name}: {}", parts.join("; "))
}

/// How rounding grew up to the split of a sequence.
pub fn growth_text(row: &SequenceRow) -> String {
    let one = |g: &Growth| {
        let ulp = if g.ulp == u64::MAX { "not a number".to_owned() } else { g.ulp.to_string() };
        format!("{ulp} ({}, {})", g.record, g.key)
    };
    row.growth.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn indented(lines: &[String]) -> String {
    lines.iter().map(|l| format!("  {l}")).collect::<Vec<_>>().join("\n")
}

fn value(difference: &Difference, side: usize) -> String {
    let digits =
        difference.values[side].iter().map(|x| nanobragg::c_number::g(*x, 15)).collect::<Vec<_>>().join(" ");
    match &difference.words {
        Some(words) => format!("{digits} `{}`", words[side]),
        None => digits,
    }
}

fn difference_lines(d: &Difference) -> [String; 4] {
    let elements = d.elements.as_ref().map(|e| format!(", {}", element_text(e))).unwrap_or_default();
    [
        format!("{}, {}{elements}", d.key, place(&d.place)),
        format!("A {}", value(d, 0)),
        format!("B {}", value(d, 1)),
        format!(
            "apart by {} (relative {})",
            numbers(&[d.distance.absolute]),
            numbers(&[d.distance.relative])
        ),
    ]
}

/// The lines of a finding; `notable` are causes whose values stand in an earlier block.
fn cause_lines(group: &[Cause], notable: &[Cause]) -> Vec<String> {
    let mut lines = Vec::new();
    let is_told = |cause: &Cause| {
        notable.iter().any(|t| t.key == cause.key && t.first == cause.first && t.power == cause.power)
    };
    let repeated = group.iter().all(is_told);
    if repeated {
        let power = group[0]
            .power
            .map(|power| format!(", of which 1e{power:+03} is set apart here"))
            .unwrap_or_default();
        lines.push(format!("values as above{power}"));
    }
    for cause in group.iter().take(if repeated { 0 } else { CAUSES_SHOWN }) {
        let [place, a, b, _] = difference_lines(&cause.first);
        lines.extend([place, a, b]);
        lines.extend(cause.signatures.iter().cloned());
        lines.extend(cause.noise.map(NoiseDistance::to_text));
    }
    if group.len() > CAUSES_SHOWN && !repeated {
        lines.push(format!("and {} more", group.len() - CAUSES_SHOWN));
    }
    let Some(last) = group.last() else { return lines };
    lines.extend(last.share.map(|share| format!("{:.3} % of the result's ratio", share * 100.0)));
    for (title, keys) in [("followed by", &last.downstream), ("ends before", &last.stops)] {
        if !keys.is_empty() {
            lines.push(format!("{title}: {}", keys.join(", ")));
        }
    }
    if last.count > 1 {
        lines.push(format!("in {} pixels and sub-pixels", last.count));
    }
    lines
}

fn steps(t: &mut String, title: &str, rows: &[StepRow], ink: &dyn Ink) {
    let differing = rows.iter().filter(|r| !r.differing.is_empty()).count();
    if rows.is_empty() {
        return;
    }
    let _ = writeln!(t, "\n{}: {differing} of {} differ", ink.heading(title), rows.len());
    for row in rows.iter().filter(|r| rows.len() <= STEPS_SHOWN || !r.differing.is_empty()).take(STEPS_SHOWN)
    {
        let _ = writeln!(t, "  {}", step_text(row));
    }
    if differing > STEPS_SHOWN {
        let _ = writeln!(t, "  and {} more", differing - STEPS_SHOWN);
    }
}

fn step_text(row: &StepRow) -> String {
    let what = match (row.differing.is_empty(), row.root_causes.is_empty()) {
        (true, _) => "agrees".to_owned(),
        (false, true) => format!("differs: {}", row.differing.join(", ")),
        (false, false) => {
            format!("differs: {}; root cause: {}", row.differing.join(", "), row.root_causes.join(", "))
        }
    };
    format!("{:>4}  {:>3} values  {what}", row.number, row.compared)
}

fn key_table(t: &mut String, c: &Comparison, ink: &dyn Ink) {
    let differing: Vec<&KeyRow> = c.keys.iter().filter(|r| r.differing > 0).collect();
    if differing.is_empty() {
        return;
    }
    let width = differing.iter().take(KEYS_SHOWN).map(|r| r.key.len()).max().unwrap_or(3);
    let _ = writeln!(
        t,
        "\n{}",
        ink.heading(&format!(
            "{:<width$}  {:>9} of {:<9}  {:>12}  {:>12}",
            "key", "differing", "compared", "absolute", "relative"
        ))
    );
    for row in differing.iter().take(KEYS_SHOWN) {
        let [absolute, relative] = [row.largest.absolute, row.largest.relative].map(|x| numbers(&[x]));
        let _ = writeln!(
            t,
            "{:<width$}  {:>9} of {:<9}  {absolute:>12}  {relative:>12}{}",
            row.key,
            row.differing,
            row.compared,
            row.noise.map(|noise| format!("  {}", noise.to_text())).unwrap_or_default()
        );
    }
    if c.counts.differing > KEYS_SHOWN {
        let _ = writeln!(t, "  and {} more", c.counts.differing - KEYS_SHOWN);
    }
}

/// The comparison as Markdown. Names and reasons come out of the traces, which may say anything.
pub fn markdown(c: &Comparison) -> String {
    let mut t = format!("# Trace comparison: {}\n\n{}.\n\n", word(c.verdict), md::text(&c.reason));
    for (name, side) in ["A", "B"].iter().zip(&c.sides) {
        let _ = writeln!(t, "- {name}: {}", md::text(&side_line(side)));
    }
    let _ = writeln!(t, "- {} values compared\n\n## Keys\n", c.compared);
    let mut head = vec!["key", "unit", "compared", "differing", "largest difference", "relative", "ULP"];
    head.extend(c.noise_runs.map(|_| "noise"));
    t += &md::head(&head);
    for r in c.keys.iter().take(KEYS_LISTED) {
        let [absolute, relative] = [r.largest.absolute, r.largest.relative].map(|x| numbers(&[x]));
        let counts = [r.compared.to_string(), r.differing.to_string()];
        let ulp = r.largest.ulp.to_string();
        let [compared, differing] = counts;
        let mut row = vec![md::code(&r.key), md::text(&r.unit), compared, differing, absolute, relative, ulp];
        row.extend(c.noise_runs.map(|_| r.noise.map(NoiseDistance::to_text).unwrap_or_default()));
        t += &md::row(&row);
    }
    if c.counts.all > KEYS_LISTED {
        let _ = writeln!(t, "\nand {} more", c.counts.all - KEYS_LISTED);
    }
    // The rest reads well as it stands on a terminal.
    let _ = write!(t, "\n## In words\n\n{}", md::block(&terminal(c, &Plain)));
    t
}
