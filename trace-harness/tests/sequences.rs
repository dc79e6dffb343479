//! Sequences of records, each of which follows from the one before it: one split for each, nothing after it, how rounding grew up to it,
//! and inputs that are carried from record to record.
//!
//! Not here: which records meet (`record_keys`).

#[path = "support/shown_pair.rs"]
mod shown_pair;

use std::collections::BTreeMap;
use std::path::Path;

use trace_harness::evidence::verdict::Verdict;
use trace_harness::trace::audit::audit;
use trace_harness::trace::diff::Comparison;
use trace_harness::trace::diff::compare::{Settings, compare};
use trace_harness::trace::log::{TraceLog, read_bytes};
use trace_harness::trace::schema::Schema;

use crate::shown_pair::{ShownPair, shown};

/// Iterations of calls: `f` from the `f` before it, and `g` from `f`.
const KEYS: &str =
    "[[key]]\nname = 'f'\ninputs = ['prev.f']\nlaw = '2 * prev.f'\n[[key]]\nname = 'g'\ninputs = ['f']\n";

fn schema(sequence: &str) -> Schema {
    Schema::from_toml(&format!("record = ['call', 'inner']\n{sequence}\n{KEYS}")).expect("a schema")
}

/// A trace of calls, each with the `f` of its iterations; `g` is 3 times `f`.
fn text(calls: &[&[f64]]) -> String {
    let mut text = String::new();
    for (call, values) in calls.iter().enumerate() {
        text += &format!("TRACE_F: call {call}\n");
        for (inner, f) in values.iter().enumerate() {
            text += &format!("TRACE_F: inner {inner}\nTRACE_F: f {f}\nTRACE_F: g {}\n", 3.0 * f);
        }
    }
    text
}

fn trace(schema: &Schema, calls: &[&[f64]]) -> TraceLog {
    let mut trace = read_bytes(text(calls).as_bytes(), Path::new("t")).expect("a trace");
    trace.apply(schema);
    trace
}

fn compared(sequence: &str, a: &[&[f64]], b: &[&[f64]]) -> Comparison {
    let schema = schema(sequence);
    compare(&schema, [&trace(&schema, a), &trace(&schema, b)], &Settings::default())
}

const OF_CALLS: &str = "sequence = ['call']";

#[test]
fn every_sequence_has_one_split_and_nothing_after_it_is_compared() {
    let a: [&[f64]; 3] = [&[1.0, 2.0, 4.0, 8.0], &[1.0, 2.0], &[3.0, 6.0]];
    let b: [&[f64]; 3] = [&[1.0, 2.5, 5.0, 10.0], &[1.0, 2.0], &[3.5, 7.0]];
    let found = compared(OF_CALLS, &a, &b);
    let all = found.sequences.expect("sequences");
    assert_eq!((all.count, all.differing, all.after), (3, 2, 3));
    let splits: Vec<(&str, &str, usize)> = all
        .rows
        .iter()
        .map(|row| {
            let split = row.split.as_ref().expect("a split");
            (&*row.name, split.place.record.as_deref().unwrap_or(""), row.after)
        })
        .collect();
    assert_eq!(splits, [("call 0", "call 0, inner 1", 2), ("call 2", "call 2, inner 0", 1)]);
    assert!(all.rows.iter().all(|row| row.root_causes == ["f"]), "{:?}", all.rows);
    // Two values of each record up to the splits: two, two and one of them.
    assert_eq!(found.compared, 10);
    assert_eq!(
        found.reason,
        "root cause: f; 2 of 3 sequences differ, 3 records after a split were not compared"
    );
    assert_eq!(found.root_causes[0].count, 2);
}

#[test]
fn a_loop_that_ends_later_after_its_split_lacks_nothing_and_one_that_ends_later_without_a_split_does() {
    let found = compared(OF_CALLS, &[&[1.0, 2.0, 4.0]], &[&[1.0, 2.5, 5.0, 10.0, 20.0]]);
    assert!(found.missing_records.is_empty(), "{}", found.reason);
    assert_eq!(found.sequences.expect("sequences").rows[0].after, 3);
    let found = compared(OF_CALLS, &[&[1.0, 2.0]], &[&[1.0, 2.0, 4.0]]);
    assert_eq!(found.missing_records.counts, [1, 0]);
    let all = found.sequences.expect("sequences");
    assert_eq!((all.differing, all.rows[0].missing, all.rows[0].split.is_none()), (1, [1, 0], true));
    assert_eq!(found.verdict, Verdict::Fail);
}

#[test]
fn growth_is_in_units_of_the_last_place_up_to_the_split() {
    let off = |x: f64, ulp: u64| f64::from_bits(x.to_bits() + ulp);
    let a = [1.0, 1.0, 1.0, 1.0, 1.0];
    let b = [1.0, off(1.0, 1), off(1.0, 1), off(1.0, 40), 1.5];
    let found = compared(OF_CALLS, &[&a], &[&b]);
    let all = found.sequences.expect("sequences");
    let growth: Vec<(&str, u64)> = all.rows[0].growth.iter().map(|g| (&*g.record, g.ulp)).collect();
    // Of `f` and `g` the one further apart counts: 3 and 3 x (1 + 1 ulp) are two numbers apart, because 3 lies in the next binade.
    let apart = |n: usize| {
        let ulp = |x: f64, y: f64| y.to_bits() - x.to_bits();
        ulp(a[n], b[n]).max(ulp(3.0 * a[n], 3.0 * b[n]))
    };
    let expected = [
        ("call 0, inner 0", 0),
        ("call 0, inner 1", apart(1)),
        ("call 0, inner 3", apart(3)),
        ("call 0, inner 4", apart(4)),
    ];
    assert_eq!(growth, expected);
}

#[test]
fn without_sequences_a_carried_input_keeps_what_follows_from_being_a_cause() {
    let a: [&[f64]; 1] = [&[1.0, 2.0, 4.0, 8.0]];
    let b: [&[f64]; 1] = [&[1.0, 2.5, 5.0, 10.0]];
    let found = compared("", &a, &b);
    assert!(found.sequences.is_none());
    assert_eq!((found.compared, found.keys.iter().map(|k| k.differing).sum::<u64>()), (8, 6));
    let causes: Vec<(&str, usize)> = found.root_causes.iter().map(|c| (c.key.as_str(), c.count)).collect();
    assert_eq!(causes, [("f", 1)]);
}

#[test]
fn an_empty_list_makes_the_whole_trace_one_sequence() {
    let found = compared("sequence = []", &[&[1.0], &[1.0], &[1.0]], &[&[1.0], &[1.5], &[1.5]]);
    let all = found.sequences.expect("sequences");
    assert_eq!((all.count, all.differing, all.after, &*all.rows[0].name), (1, 1, 1, ""));
}

#[test]
fn a_law_of_a_carried_input_is_audited_within_its_sequence() {
    let schema = schema(OF_CALLS);
    let audited = |calls: &[&[f64]]| {
        let found = audit(&schema, &trace(&schema, calls), &BTreeMap::new());
        (found.checked(), found.checks[0].faulty)
    };
    assert_eq!(audited(&[&[1.0, 2.0, 4.0], &[7.0, 14.0]]), (3, 0));
    assert_eq!(audited(&[&[1.0, 2.0, 5.0, 10.0]]), (3, 1));
}

#[test]
fn sequences_stand_on_the_terminal_in_json_on_the_page_and_in_a_bundle_that_says_them_again() {
    let ShownPair { printed, json, page } = shown(
        &format!("record = ['call', 'inner']\n{OF_CALLS}\n{KEYS}"),
        &text(&[&[1.0, 2.0, 4.0], &[1.0]]),
        &text(&[&[1.0, 2.5, 5.0], &[1.0]]),
    );
    let line = "sequences: 1 of 2 differ\n  call 0: parts at call 0, inner 1, line 6 of A, line 6 of B in f, root cause: f; 2 records up to there, 1 after it not compared";
    assert!(printed.contains(line), "{printed}");
    assert_eq!(json["sequences"]["rows"][0]["split"]["key"], "f");
    assert!(page.contains("1 of 2 sequences differ") && page.contains("call 0: parts at"), "{page}");
}
