//! How records end, by categories that both programs share: a refusal of one side alone is a finding of its own.
//!
//! Not here: records that one side lacks (`record_keys`), the form of a schema (`trace::schema`).

#[path = "support/shown_pair.rs"]
mod shown_pair;

use std::path::Path;

use trace_harness::evidence::verdict::Verdict;
use trace_harness::trace::diff::Comparison;
use trace_harness::trace::diff::compare::{Settings, compare};
use trace_harness::trace::log::{TraceLog, read_bytes};
use trace_harness::trace::schema::Schema;

use crate::shown_pair::{ShownPair, shown};

/// A propagator: it gives positions, or says why not, in words or in a code.
const SCHEMA: &str = "record = ['sat', 't']\n[[key]]\nname = 'a'\n[[key]]\nname = 'x'\ninputs = ['a']\nresult = true\n\
    [[outcome]]\nkey = 'error'\nabsent = 'answer'\nrefusals = ['decayed', 'invalid']\n[outcome.categories]\n\
    decayed = ['decayed', '6', 'orbit decayed*']\ninvalid = ['bad elements', '1']\n";

fn compared_with(schema: &str, a: &[&str], b: &[&str]) -> Comparison {
    let schema = Schema::from_toml(schema).expect("a schema");
    let read = |lines: &[&str]| -> TraceLog {
        let text: String = lines.iter().map(|line| format!("TRACE_F: {line}\n")).collect();
        let mut trace = read_bytes(text.as_bytes(), Path::new("t")).expect("a trace");
        trace.apply(&schema);
        trace
    };
    compare(&schema, [&read(a), &read(b)], &Settings::default())
}

fn compared(a: &[&str], b: &[&str]) -> Comparison {
    compared_with(SCHEMA, a, b)
}

#[test]
fn the_same_end_in_other_words_agrees() {
    for (a, b) in
        [("decayed", "6"), ("6", "6.0"), ("orbit decayed after 3 days", "decayed"), ("1", "bad elements")]
    {
        let [a, b] = [a, b].map(|words| format!("error {words}"));
        let found = compared(&["sat 5", "t 0", &a], &["sat 5", "t 0", &b]);
        assert_eq!((found.verdict, found.outcomes.len()), (Verdict::Pass, 0), "{a} {b}: {}", found.reason);
    }
}

#[test]
fn what_one_side_refuses_and_the_other_answers_is_a_finding_and_the_answer_is_not_missing() {
    let a = ["sat 5", "t 0", "a 1", "x 2", "t 1", "error decayed", "t 2", "error decayed"];
    let b = ["sat 5", "t 0", "a 1", "x 2", "t 1", "a 7", "x 9", "t 2", "a 8", "x 9"];
    let found = compared(&a, &b);
    assert_eq!(found.verdict, Verdict::Fail);
    let row = &found.outcomes[0];
    assert_eq!((found.outcomes.len(), row.refuses, row.count), (1, Some('A'), 2));
    assert_eq!(row.first.record.as_deref(), Some("sat 5, t 1"));
    assert_eq!(row.words, ["decayed", "(no error)"]);
    assert!(found.missing.is_empty() && found.missing_records.is_empty() && found.root_causes.is_empty());
    let reason = "A refuses (decayed), B answers (answer) in 2 records, the first is sat 5, t 1, line 6 of A";
    assert_eq!(found.reason, reason);
    // The other way round it is the other side that refuses.
    assert_eq!(compared(&b, &a).outcomes[0].refuses, Some('B'));
}

#[test]
fn two_refusals_for_other_reasons_differ_and_neither_side_alone_refuses() {
    let found = compared(&["sat 5", "t 0", "error 6"], &["sat 5", "t 0", "error 1"]);
    assert_eq!((found.verdict, found.outcomes[0].refuses), (Verdict::Fail, None));
    assert_eq!(found.outcomes[0].categories, ["decayed", "invalid"]);
    // Words of no category are one by themselves.
    let odd = compared(&["sat 5", "t 0", "error 99"], &["sat 5", "t 0", "error 99"]);
    assert_eq!((odd.verdict, odd.outcomes.len()), (Verdict::Pass, 0));
    assert_eq!(compared(&["sat 5", "t 0", "error 99"], &["sat 5", "t 0", "error 98"]).outcomes.len(), 1);
}

#[test]
fn values_of_records_that_end_alike_are_still_compared_and_their_cause_is_named_beside_the_outcome() {
    let a = ["sat 5", "t 0", "a 1", "x 2", "t 1", "error 6"];
    let b = ["sat 5", "t 0", "a 3", "x 6", "t 1", "a 1", "x 2"];
    let found = compared(&a, &b);
    assert_eq!(found.root_causes[0].key, "a");
    assert!(found.reason.contains("A refuses") && found.reason.contains("root cause: a"), "{}", found.reason);
}

#[test]
fn without_a_category_for_records_that_do_not_say_the_key_is_missing_by_its_name() {
    let schema = SCHEMA.replace("absent = 'answer'\n", "");
    let found = compared_with(&schema, &["sat 5", "t 0", "a 1", "error 6"], &["sat 5", "t 0", "a 1"]);
    assert_eq!((found.outcomes.len(), found.missing), (0, vec!["error".to_owned()]));
}

#[test]
fn a_sequence_parts_where_one_side_refuses() {
    let schema = SCHEMA.replace("record = ['sat', 't']\n", "record = ['sat', 't']\nsequence = ['sat']\n");
    let a = ["sat 5", "t 0", "x 2", "t 1", "error 6", "t 2", "error 6", "sat 6", "t 0", "x 1"];
    let b = ["sat 5", "t 0", "x 2", "t 1", "x 3", "t 2", "x 4", "sat 6", "t 0", "x 1"];
    let all = compared_with(&schema, &a, &b).sequences.expect("sequences");
    assert_eq!(
        (all.count, all.differing, all.after, all.rows[0].root_causes.clone()),
        (2, 1, 1, vec!["error".to_owned()])
    );
}

#[test]
fn a_refusal_stands_on_the_terminal_in_json_on_the_page_and_in_a_bundle_that_says_it_again() {
    let ShownPair { printed, json, page } = shown(
        SCHEMA,
        "TRACE_A: sat 5\nTRACE_A: t 0\nTRACE_A: error decayed\nTRACE_A: t 1\nTRACE_A: x 1\n",
        "TRACE_B: sat 5\nTRACE_B: t 0\nTRACE_B: x 2\nTRACE_B: t 1\nTRACE_B: x 1\n",
    );
    let block = "outcomes that differ\n  A refuses (decayed), B answers (answer), 1 times; nothing else of these records was compared\n    \
        first sat 5, t 0, line 3 of A: A `decayed`, B `(no error)`";
    assert!(printed.contains(block), "{printed}");
    assert_eq!(
        (&json["outcomes"][0]["refuses"], &json["first_divergence"]["key"]),
        (&"A".into(), &"error".into())
    );
    assert!(page.contains("A refuses (decayed), B answers (answer)"), "{page}");
}
