//! A first schema from traces: keys in order, shapes, what is constant and what changes, and laws that held in every record.
//!
//! A law that held is no law yet: each stands as a comment, to be confirmed by somebody who knows the program. Not here: schemas that
//! somebody wrote (`schema`), holding traces against laws (`audit`).

use std::collections::HashMap;
use std::fmt::Write;

use crate::trace::log::{Item, TraceLog};

/// Occurrences of a key that laws are tried on, in each trace.
const ROWS: usize = 64;
/// Earlier keys that laws are made of: those nearest before.
const EARLIER: usize = 24;
/// Laws that are offered for a key.
const OFFERED: usize = 3;
/// Relative rounding of three operations on numbers that were printed in full.
const ROUNDING: f64 = 1e-15;
/// Rows with values of their own from which a law of few digits is no coincidence.
const FEW: usize = 3;

/// What is known of a key.
#[derive(Debug, Default)]
struct Facts {
    name: String,
    /// The count of numbers, where it is always the same.
    count: Option<usize>,
    words: bool,
    array: bool,
    values: usize,
    first: Vec<f64>,
    constant: bool,
    /// One number each, with the last number of every earlier key.
    rows: Vec<(f64, Vec<Option<f64>>)>,
}

/// A schema of the traces, as text.
pub fn schema(traces: &[TraceLog]) -> String {
    let record = record_key(traces);
    let mut keys: Vec<Facts> = Vec::new();
    for trace in traces {
        collect(trace, &mut keys);
    }
    let mut text = "# A first schema, made of traces. Laws that held in every record stand as comments: confirm them and take the `#` away.\n"
        .to_owned();
    if let Some(record) = &record {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "record = [{}]", quoted(record));
    }
    for at in 0..keys.len() {
        if record.as_ref() != Some(&keys[at].name) {
            text += &key(&keys, at);
        }
    }
    text
}

/// The key that every record begins with: where a key comes again, the next block begins.
fn record_key(traces: &[TraceLog]) -> Option<String> {
    let mut found: Option<&str> = None;
    for trace in traces {
        let later = trace.segments.iter().filter(|segment| segment.block > 0);
        for segment in later {
            let first = trace.items(segment.lines.clone().next()?).next()?;
            let name = trace.names.get(first.key);
            if *found.get_or_insert(name) != name {
                return None;
            }
        }
    }
    found.map(str::to_owned)
}

fn collect(trace: &TraceLog, keys: &mut Vec<Facts>) {
    let mut places: HashMap<String, usize> =
        keys.iter().enumerate().map(|(at, key)| (key.name.clone(), at)).collect();
    let mut latest: Vec<Option<f64>> = vec![None; keys.len()];
    let mut tried: HashMap<usize, usize> = HashMap::new();
    for item in (0..trace.lines.len()).flat_map(|line| trace.items(line)) {
        let name = trace.names.get(item.key);
        let at = *places.entry(name.to_owned()).or_insert(keys.len());
        if at == keys.len() {
            keys.push(Facts { name: name.to_owned(), ..Facts::default() });
            latest.push(None);
        }
        let words = trace.texts.get(item.text);
        note(&mut keys[at], &item, words);
        if let ([number], true) = (item.numbers, words.is_empty()) {
            let tries = tried.entry(at).or_default();
            if *tries < ROWS {
                *tries += 1;
                let from = at.saturating_sub(EARLIER);
                keys[at].rows.push((*number, latest[from..at].to_vec()));
            }
            latest[at] = Some(*number);
        }
    }
}

fn note(facts: &mut Facts, item: &Item<'_>, words: &str) {
    if facts.values == 0 {
        facts.count = Some(item.numbers.len());
        facts.first = item.numbers.to_vec();
        facts.constant = true;
    }
    facts.values += 1;
    facts.words |= !words.is_empty();
    facts.array |= words.starts_with("@array");
    facts.constant &= facts.first == item.numbers;
    facts.count = facts.count.filter(|count| *count == item.numbers.len());
}

/// A key's table, with what is known as comments.
fn key(keys: &[Facts], at: usize) -> String {
    let facts = &keys[at];
    let mut text = format!("\n[[key]]\nname = {}\n", quoted(&facts.name));
    match (facts.array, facts.words, facts.count) {
        (true, ..) => text += "# an array, in files of its own\n",
        (_, true, _) => text += "shape = \"text\"\n",
        (_, _, Some(3)) => text += "shape = \"vector\"\n",
        (_, _, Some(1)) => {}
        (_, _, Some(count)) => text += &format!("# {count} numbers\n"),
        (_, _, None) => text += "# a number of values that changes\n",
    }
    text += &match (facts.constant && !facts.words, facts.values) {
        (true, 1) => format!("# said once: {}\n", numbers(&facts.first)),
        (true, times) => format!("# constant, {times} times: {}\n", numbers(&facts.first)),
        (false, times) => format!("# changes, {times} times\n"),
    };
    for (law, inputs) in laws(keys, at) {
        let inputs: Vec<String> = inputs.iter().map(|name| quoted(name)).collect();
        text += &format!("# inputs = [{}]\n# law = {}\n", inputs.join(", "), quoted(&law));
    }
    text
}

fn numbers(of: &[f64]) -> String {
    of.iter().take(6).map(|x| nanobragg::c_number::g(*x, 17)).collect::<Vec<_>>().join(" ")
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// How a law puts keys together.
type LawForm = (&'static str, fn(f64, f64, f64) -> f64);

/// Laws of one and two keys; the third number is not used.
const OF_TWO: [LawForm; 5] = [
    ("{a} * {b}", |a, b, _| a * b),
    ("{a} + {b}", |a, b, _| a + b),
    ("{a} / {b}", |a, b, _| a / b),
    ("{a} - {b}", |a, b, _| a - b),
    ("{a} * {a} / {b}", |a, b, _| a * a / b),
];
const OF_ONE: [LawForm; 2] = [("{a}", |a, _, _| a), ("{a} * {a}", |a, _, _| a * a)];
const OF_THREE: [LawForm; 3] = [
    ("{a} * {b} * {c}", |a, b, c| a * b * c),
    ("{a} / ({b} * {c})", |a, b, c| a / (b * c)),
    ("{a} * {b} / {c}", |a, b, c| a * b / c),
];

/// Laws that hold in every row, the simplest first, with their keys.
fn laws(keys: &[Facts], at: usize) -> Vec<(String, Vec<String>)> {
    let rows = &keys[at].rows;
    let from = at.saturating_sub(EARLIER);
    // A key that is not there in every row, or is 0 or 1 throughout, says nothing.
    let is_informative = |n: &usize| {
        let mut all = rows.iter().map(|(_, earlier)| earlier.get(*n).copied().flatten());
        all.clone().all(|x| x.is_some()) && all.any(|x| x.is_some_and(|x| x != 0.0 && x != 1.0))
    };
    let there: Vec<usize> = (0..at - from).filter(is_informative).collect();
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    if !is_evidence(rows) {
        return found;
    }
    let name = |n: usize| keys[from + n].name.clone();
    let mut offer = |forms: &[LawForm], [a, b, c]: [usize; 3]| {
        for (words, _) in forms.iter().filter(|(_, law)| holds(rows, [a, b, c], *law)) {
            let text = words.replace("{a}", &name(a)).replace("{b}", &name(b)).replace("{c}", &name(c));
            let mut inputs = vec![name(a)];
            inputs.extend(
                [("{b}", b), ("{c}", c)]
                    .iter()
                    .filter(|(mark, _)| words.contains(mark))
                    .map(|(_, n)| name(*n)),
            );
            found.push((text, inputs));
        }
    };
    for &a in &there {
        offer(&OF_ONE, [a; 3]);
        for &b in there.iter().filter(|b| **b != a) {
            // Products and sums are the same both ways.
            offer(if a < b { &OF_TWO[..] } else { &OF_TWO[2..] }, [a, b, b]);
        }
    }
    for (&a, &b) in there.iter().flat_map(|a| there.iter().map(move |b| (a, b))).filter(|(a, b)| a != b) {
        for &c in there.iter().filter(|c| **c != a && **c != b) {
            let forms = [(a < b && b < c, 0), (b < c, 1), (a < b, 2)];
            for (_, n) in forms.iter().filter(|(once, _)| *once) {
                offer(&OF_THREE[*n..=*n], [a, b, c]);
            }
        }
    }
    found.truncate(OFFERED);
    found
}

/// Whether the rows can distinguish a law from a coincidence: values of many digits, or several of them.
fn is_evidence(rows: &[(f64, Vec<Option<f64>>)]) -> bool {
    let mut distinct: Vec<u64> = rows.iter().map(|(x, _)| x.to_bits()).collect();
    distinct.sort_unstable();
    distinct.dedup();
    let long = |x: f64| x.is_finite() && nanobragg::c_number::g(x, 8) != nanobragg::c_number::g(x, 17);
    distinct.len() >= FEW || rows.iter().any(|(x, _)| long(*x))
}

fn holds(rows: &[(f64, Vec<Option<f64>>)], keys: [usize; 3], law: fn(f64, f64, f64) -> f64) -> bool {
    rows.iter().all(|(x, earlier)| {
        let [a, b, c] = keys.map(|n| earlier.get(n).copied().flatten().unwrap_or(f64::NAN));
        let law = law(a, b, c);
        law == *x || (law - x).abs() <= ROUNDING * x.abs()
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::trace::log::read_bytes;
    use crate::trace::schema::Schema;

    type Law = fn(f64, f64, f64) -> f64;

    fn inferred(text: &str) -> String {
        schema(&[read_bytes(text.as_bytes(), Path::new("t")).unwrap()])
    }

    /// A set-up and records of `a`, `b` and what `law` makes of them.
    fn trace(law: Law) -> String {
        let mut text = "TRACE_X: scale 0.7310585786300049\n".to_owned();
        for n in 1..6 {
            let (a, b) = ((f64::from(n) + 0.3).sqrt(), f64::from(n).ln_1p());
            let c = law(a, b, 0.731_058_578_630_004_9);
            text += &format!("TRACE_X: step {n}\nTRACE_X: a {a:e}\nTRACE_X: b {b:e}\nTRACE_X: c {c:e}\n");
        }
        text
    }

    #[test]
    fn each_law_of_earlier_keys_is_found_and_none_is_made_up() {
        let laws: [(Law, &str); 8] = [
            (|a, b, _| a * b, "a * b"),
            (|a, b, _| a + b, "a + b"),
            (|a, b, _| b / a, "b / a"),
            (|a, b, _| b - a, "b - a"),
            (|_, b, _| b * b, "b * b"),
            (|a, b, s| s * a * b, "scale * a * b"),
            (|a, b, s| a / (s * b), "a / (scale * b)"),
            (|a, b, s| s * b / a, "scale * b / a"),
        ];
        for (law, words) in laws {
            let text = inferred(&trace(law));
            assert!(text.contains(&format!("# law = \"{words}\"\n")), "{words}:\n{text}");
        }
        let text = inferred(&trace(|a, b, _| (a * 1.1 + b).sin()));
        assert!(!text.contains("law ="), "{text}");
    }

    #[test]
    fn what_is_inferred_is_a_schema_and_its_comments_are_one_too() {
        let text = inferred(&trace(|a, b, _| a * b));
        let schema = Schema::from_toml(&text).unwrap();
        assert_eq!(schema.record, ["step"]);
        let names: Vec<&str> = schema.keys.iter().map(|key| key.name.as_str()).collect();
        assert_eq!(names, ["scale", "a", "b", "c"]);
        let confirmed = text.replace("# inputs", "inputs").replace("# law", "law");
        let schema = Schema::from_toml(&confirmed).unwrap();
        assert_eq!(schema.keys[3].law.as_deref(), Some("a * b"));
        assert_eq!(schema.keys[3].inputs, ["a", "b"]);
    }

    #[test]
    fn shapes_constants_and_odd_names_are_said() {
        let text = inferred(
            "TRACE_X: v 1 2 3\nTRACE_X: \"a 1 2\nTRACE_X: w up\nTRACE_X: f @array t.f.0.npy shape 4\n",
        );
        for line in [
            "shape = \"vector\"",
            "# said once: 1 2 3",
            "# 2 numbers",
            "shape = \"text\"",
            "# an array, in files of its own",
        ] {
            assert!(text.contains(&format!("\n{line}\n")), "{line}\n{text}");
        }
        assert_eq!(Schema::from_toml(&text).unwrap().keys[1].name, "\"a");
    }

    #[test]
    fn few_short_numbers_make_no_law() {
        assert!(!inferred("TRACE_X: a 2\nTRACE_X: b 3\nTRACE_X: c 6\n").contains("law ="));
    }
}
