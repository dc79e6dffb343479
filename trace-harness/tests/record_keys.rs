//! Records that the keys of a schema name: paired by the values of these keys and not by their order, missing ones named on both sides,
//! and what encloses a record seen from within it.
//!
//! Not here: records of nanoBragg's traces (`missing_records`), how lines become records (`trace::log`).

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

/// A satellite at a time: position from the time.
const ORBIT: &str =
    "record = ['sat', 't']\n[[key]]\nname = 'a'\n[[key]]\nname = 'x'\ninputs = ['a']\nresult = true\n";

/// A call with a value, and steps inside of it that use that value.
const CALL: &str = "record = ['call', 'inner']\n[[key]]\nname = 'scale'\n[[key]]\nname = 'f'\ninputs = ['scale']\nlaw = '2 * scale'\nresult = true\n";

fn trace(schema: &str, lines: &[&str]) -> TraceLog {
    let text: String = lines.iter().map(|line| format!("TRACE_F: {line}\n")).collect();
    let mut trace = read_bytes(text.as_bytes(), Path::new("t")).expect("a trace");
    trace.apply(&Schema::from_toml(schema).expect("a schema"));
    trace
}

fn compared(schema: &str, a: &[&str], b: &[&str]) -> Comparison {
    let traces = [trace(schema, a), trace(schema, b)];
    let schema = Schema::from_toml(schema).expect("a schema");
    compare(&schema, [&traces[0], &traces[1]], &Settings::default())
}

/// Side and name of every record that one side lacks.
fn gaps(found: &Comparison) -> Vec<(char, &str)> {
    found
        .missing_records
        .first
        .iter()
        .map(|g| (g.missing_in, g.place.record.as_deref().unwrap_or("")))
        .collect()
}

#[test]
fn records_in_any_order_meet_by_text_integers_and_negative_floats() {
    let rows =
        [["sat ISS", "t -360.5", "x 1"], ["sat 25544", "t -360.5", "x 2"], ["sat 25544", "t 1e20", "x 3"]];
    let forward: Vec<&str> = rows.concat();
    let backward: Vec<&str> = rows.iter().rev().flatten().copied().collect();
    let found = compared(ORBIT, &forward, &backward);
    assert_eq!((found.verdict, found.compared), (Verdict::Pass, 3), "{}", found.reason);
    let other: Vec<&str> = backward.iter().map(|line| if *line == "x 2" { "x 2.5" } else { line }).collect();
    let found = compared(ORBIT, &forward, &other);
    let place = &found.first_divergence.expect("a divergence").place;
    // The keys name the record and are no values of it, so that an outer key need not be said again.
    assert_eq!((place.record.as_deref(), place.lines), (Some("sat 25544, t -360.5"), [Some(6), Some(6)]));
}

#[test]
fn a_record_more_at_the_start_of_one_side_is_that_record_and_no_cause() {
    let rows = ["sat 5", "t 0", "x 1", "t 1", "x 2", "t 2", "x 3"];
    let more = [&["sat 9", "t 0", "x 7"], &rows[..]].concat();
    let found = compared(ORBIT, &rows, &more);
    assert!(found.root_causes.is_empty() && found.first_divergence.is_none() && found.missing.is_empty());
    assert_eq!(gaps(&found), [('A', "sat 9, t 0")]);
    assert_eq!(found.reason, "A lacks 1 record: sat 9, t 0, line 1 of B");
    // Keys of that record alone are missing with it and not by themselves.
    assert_eq!(found.missing_records.counts, [1, 0]);
}

#[test]
fn what_either_side_lacks_is_named_for_each() {
    let a = ["sat 5", "t 0", "x 1", "t 1", "x 2"];
    let b = ["sat 5", "t 0", "x 1", "t 3", "x 2"];
    let found = compared(ORBIT, &a, &b);
    assert_eq!(gaps(&found), [('B', "sat 5, t 1"), ('A', "sat 5, t 3")]);
    assert_eq!(found.verdict, Verdict::Fail);
}

#[test]
fn without_a_record_in_common_nothing_is_compared_and_both_sides_are_named() {
    let found = compared(ORBIT, &["sat 5", "t 0", "x 1"], &["sat 6", "t 0", "x 1"]);
    assert_eq!((found.verdict, found.compared), (Verdict::Undecided, 0));
    assert!(found.reason.contains("A lacks 1 record: sat 6, t 0"), "{}", found.reason);
    assert!(found.reason.contains("B lacks 1 record: sat 5, t 0"), "{}", found.reason);
}

#[test]
fn times_that_were_added_up_in_another_order_are_the_same_time_and_two_near_ones_are_not() {
    let found = compared(ORBIT, &["sat 5", "t 0.3", "x 1"], &["sat 5", "t 0.30000000000000004", "x 1"]);
    assert_eq!((found.verdict, gaps(&found).len()), (Verdict::Pass, 0), "{}", found.reason);
    let found = compared(ORBIT, &["sat 5", "t 0.3", "x 1"], &["sat 5", "t 0.3000001", "x 1"]);
    assert_eq!(gaps(&found), [('B', "sat 5, t 0.3"), ('A', "sat 5, t 0.3000001")]);
    // Where each has a record of its own name, that one is met and not a neighbour.
    let both = ["sat 5", "t 0.3", "x 1", "t 0.30000000000000004", "x 2"];
    let turned = ["sat 5", "t 0.30000000000000004", "x 2", "t 0.3", "x 1"];
    assert_eq!(compared(ORBIT, &both, &turned).verdict, Verdict::Pass);
}

#[test]
fn of_records_with_one_name_the_nth_meets_the_nth() {
    let a = ["sat 5", "t 0", "x 1", "sat 5", "t 0", "x 2"];
    assert_eq!(compared(ORBIT, &a, &a).verdict, Verdict::Pass);
    let found = compared(ORBIT, &a, &a[..3]);
    assert_eq!((found.verdict, gaps(&found)), (Verdict::Fail, vec![('B', "sat 5, t 0")]));
}

#[test]
fn an_input_in_the_record_around_a_step_is_the_cause_and_the_step_is_not() {
    let lines = |scale: &str, f: &str| -> Vec<String> {
        let steps = (1..4).flat_map(|n| [format!("inner {n}"), f.to_owned()]);
        ["call 1".to_owned(), scale.to_owned()].into_iter().chain(steps).collect()
    };
    let [a, b] = [lines("scale 1", "f 2"), lines("scale 3", "f 6")];
    let [a, b] = [&a, &b].map(|lines| lines.iter().map(String::as_str).collect::<Vec<_>>());
    let found = compared(CALL, &a, &b);
    let causes: Vec<(&str, usize)> = found.root_causes.iter().map(|c| (c.key.as_str(), c.count)).collect();
    assert_eq!(causes, [("scale", 1)], "{}", found.reason);
    // The audit sees it as well: the law of a step holds with the value of its call.
    let schema = Schema::from_toml(CALL).expect("a schema");
    let audited = |lines: &[&str]| {
        let found = audit(&schema, &trace(CALL, lines), &BTreeMap::new());
        (found.checked(), found.faults().count())
    };
    assert_eq!(audited(&a), (3, 0));
    assert_eq!(
        audited(&["call 1", "scale 1", "inner 1", "f 2", "call 2", "scale 5", "inner 1", "f 2"]),
        (2, 1)
    );
}

#[test]
fn missing_records_are_named_on_the_terminal_in_json_on_the_page_and_the_bundle_says_them_again() {
    let ShownPair { printed, json, page } =
        shown(ORBIT, "sat=5\nt=-1.5\nx=1\nt=0\nx=2\n", "sat=5\nt=0\nx=2\nt=1\nx=9\n");
    for line in [
        "missing in A: 1 records\n  sat 5, t 1, line 4 of B (2 values)",
        "missing in B: 1 records\n  sat 5, t -1.5, line 1 of A",
    ] {
        assert!(printed.contains(line), "{line}\n{printed}");
    }
    assert_eq!(json["missing_records"]["first"][0]["place"]["record"], "sat 5, t -1.5");
    assert!(page.contains("sat 5, t -1.5") && page.contains("sat 5, t 1"), "{page}");
}
