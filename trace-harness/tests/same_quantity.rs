//! Values that are the same quantity in another form, keys that one side does not have, values that are not numbers, and the first bit that
//! differs.
//!
//! Not here: tolerances as such (`trace::diff::tolerance`), notations of numbers (`trace_numbers`).

#[path = "support/shown_pair.rs"]
mod shown_pair;

use std::path::Path;

use trace_harness::evidence::verdict::Verdict;
use trace_harness::trace::diff::Comparison;
use trace_harness::trace::diff::compare::{Settings, compare};
use trace_harness::trace::log::{TraceLog, read_bytes};
use trace_harness::trace::schema::Schema;

use crate::shown_pair::{ShownPair, shown};

fn trace(schema: &Schema, lines: &[String]) -> TraceLog {
    let text: String = lines.iter().map(|line| format!("TRACE_F: {line}\n")).collect();
    let mut trace = read_bytes(text.as_bytes(), Path::new("t")).expect("a trace");
    trace.apply(schema);
    trace
}

fn compared(schema: &str, a: &[String], b: &[String]) -> Comparison {
    let schema = Schema::from_toml(schema).expect("a schema");
    compare(&schema, [&trace(&schema, a), &trace(&schema, b)], &Settings::default())
}

fn lines(pairs: &[(&str, f64)]) -> Vec<String> {
    pairs.iter().map(|(key, x)| format!("{key} {x:e}")).collect()
}

const TURN: f64 = 2.0 * std::f64::consts::PI;

#[test]
fn angles_that_are_whole_turns_apart_are_the_same_and_the_pass_says_how_often() {
    let schema = "[[key]]\nname = 'node'\nperiod = '2*pi'\n[[key]]\nname = 'mean'\n";
    let a = lines(&[("node", 0.25), ("mean", 0.25)]);
    let found = compared(schema, &a, &lines(&[("node", 0.25 + TURN), ("mean", 0.25)]));
    assert_eq!(found.verdict, Verdict::Pass, "{}", found.reason);
    assert!(found.reason.ends_with("; 1 times in another form of the same quantity"), "{}", found.reason);
    assert_eq!(found.equivalent[0].rule, "whole periods of node");
    // Half a turn is no turn, and a key without a period has none.
    for b in [&[("node", 0.25 + TURN / 2.0), ("mean", 0.25)], &[("node", 0.25), ("mean", 0.25 + TURN)]] {
        assert_eq!(compared(schema, &a, &lines(b)).verdict, Verdict::Fail);
    }
    let degrees = "[[key]]\nname = 'node'\nperiod = '360'\n";
    let [a, b] = [359.0, -1.0].map(|x| lines(&[("node", x)]));
    assert_eq!(compared(degrees, &a, &b).verdict, Verdict::Pass);
}

/// An orbit of inclination, node and argument of perigee; the orbit is the same with the inclination turned over.
const ORBIT: &str = "record = ['t']\n[[key]]\nname = 'I'\n[[key]]\nname = 'node'\nperiod = '2*pi'\n[[key]]\nname = 'w'\nperiod = '2*pi'\n\
    [[equivalence]]\nname = 'node turned over'\nkeys = ['I', 'node', 'w']\nsame = ['-I', 'node + pi', 'w - pi']\n";

#[test]
fn a_joint_rule_takes_all_of_its_keys_or_none() {
    let half = TURN / 2.0;
    let at = |t: f64, [i, node, w]: [f64; 3]| lines(&[("t", t), ("I", i), ("node", node), ("w", w)]);
    let a = [at(0.0, [0.5, 1.0, 2.0]), at(1.0, [0.5, 1.0, 2.0])].concat();
    let b = [at(0.0, [-0.5, 1.0 + half, 2.0 - half]), at(1.0, [0.5, 1.0, 2.0])].concat();
    let found = compared(ORBIT, &a, &b);
    assert_eq!((found.verdict, found.compared), (Verdict::Pass, 6), "{}", found.reason);
    assert_eq!((found.equivalent[0].rule.as_str(), found.equivalent[0].count), ("node turned over", 1));
    // The rule and whole turns together.
    let turned = [at(0.0, [-0.5, 1.0 - half, 2.0 + half]), at(1.0, [0.5, 1.0 + TURN, 2.0])].concat();
    assert_eq!(compared(ORBIT, &a, &turned).verdict, Verdict::Pass);
    // Two of three keys in the other form are another orbit, and the values are told as they stand in the trace.
    let partly = [at(0.0, [-0.5, 1.0 + half, 2.0]), at(1.0, [0.5, 1.0, 2.0])].concat();
    let found = compared(ORBIT, &a, &partly);
    let first = found.first_divergence.expect("a divergence");
    assert_eq!((first.key.as_str(), first.values), ("I", [vec![0.5], vec![-0.5]]));
}

#[test]
fn a_key_that_one_side_does_not_have_is_computed_from_its_other_keys_record_by_record() {
    let schema = "record = ['t']\n[[key]]\nname = 'x'\n[[key]]\nname = 'y'\n[[key]]\nname = 'r'\ninputs = ['x', 'y']\notherwise = 'sqrt(x^2 + y^2)'\n";
    let with = |rows: &[[f64; 3]]| -> Vec<String> {
        let row =
            |(t, [x, y, r]): (usize, &[f64; 3])| lines(&[("t", t as f64), ("x", *x), ("y", *y), ("r", *r)]);
        rows.iter().enumerate().flat_map(row).collect()
    };
    let rows = [[3.0, 4.0, 5.0], [6.0, 8.0, 10.0]];
    let without: Vec<String> = with(&rows).into_iter().filter(|line| !line.starts_with('r')).collect();
    for (a, b, side) in [(with(&rows), without.clone(), 1), (without.clone(), with(&rows), 0)] {
        let found = compared(schema, &a, &b);
        assert_eq!((found.verdict, found.compared), (Verdict::Pass, 6), "{}", found.reason);
        assert_eq!(found.sides[side].computed, ["r"]);
        assert!(found.sides[1 - side].computed.is_empty());
    }
    let found = compared(schema, &with(&[[3.0, 4.0, 5.0], [6.0, 8.0, 11.0]]), &without);
    let first = found.first_divergence.expect("a divergence");
    assert_eq!((first.key.as_str(), first.place.record.as_deref()), ("r", Some("t 1")));
    // A trace that has the key somewhere is taken by its word.
    let partly: Vec<String> = with(&rows[..1]).into_iter().chain(without.iter().skip(3).cloned()).collect();
    assert_eq!(compared(schema, &with(&rows), &partly).missing, ["r"]);
}

#[test]
fn what_nan_comes_to_is_the_schemas_choice_and_a_keys() {
    let run = |rule: &str, key: &str, a: &str, b: &str| {
        let schema = format!("{rule}\n[[key]]\nname = 'x'\n{key}\n[[key]]\nname = 'y'\n");
        let with = |x: &str| vec![format!("x {x}"), "y 1".to_owned()];
        compared(&schema, &with(a), &with(b))
    };
    let verdicts =
        |rule: &str| [("nan", "NaN"), ("nan", "1"), ("1", "1")].map(|(a, b)| run(rule, "", a, b).verdict);
    let (pass, fail) = (Verdict::Pass, Verdict::Fail);
    assert_eq!(verdicts(""), [pass, fail, pass]);
    assert_eq!(verdicts("nan = 'equal'"), [pass, fail, pass]);
    assert_eq!(verdicts("nan = 'missing'"), [pass, fail, pass]);
    assert_eq!(verdicts("nan = 'fail'"), [fail, fail, pass]);
    let both = run("nan = 'missing'", "", "nan", "nan");
    assert_eq!((both.compared, both.left_out), (1, 1));
    assert!(both.reason.contains("1 values that are NaN on both sides count as missing"), "{}", both.reason);
    let one = run("nan = 'missing'", "", "nan", "1");
    assert_eq!((one.missing, one.first_divergence), (vec!["x".to_owned()], None));
    assert_eq!(run("nan = 'fail'", "nan = 'equal'", "nan", "nan").verdict, Verdict::Pass);
    assert_eq!(run("nan = 'equal'", "nan = 'fail'", "nan", "nan").verdict, Verdict::Fail);
    // Stars are no NaN: nothing is known of them, whatever the rule.
    for rule in ["nan = 'equal'", "nan = 'missing'", "nan = 'fail'"] {
        assert_eq!(run(rule, "", "****", "1").verdict, Verdict::Undecided, "{rule}");
    }
}

#[test]
fn the_first_differing_bit_is_said_beside_the_first_divergence_and_of_a_pass() {
    let off = 2.0_f64.next_up();
    let schema = "[[key]]\nname = 'a'\n[[key]]\nname = 'x'\n[[key]]\nname = 'y'\n";
    let a = lines(&[("a", 1.0), ("x", 2.0), ("y", 3.0)]);
    let found = compared(schema, &a, &lines(&[("a", 1.0), ("x", off), ("y", 3.5)]));
    let (bit, first) = (found.first_bit.expect("a bit"), found.first_divergence.expect("a divergence"));
    assert_eq!((bit.key.as_str(), bit.distance.ulp, first.key.as_str()), ("x", 1, "y"));
    let found = compared(schema, &a, &lines(&[("a", 1.0), ("x", off), ("y", 3.0)]));
    assert_eq!((found.verdict, found.first_bit.expect("a bit").key.as_str()), (Verdict::Pass, "x"));
    assert_eq!(compared(schema, &a, &a).first_bit, None);
    assert_eq!(compared(schema, &["a NaN".to_owned()], &["a nan".to_owned()]).first_bit, None);
}

#[test]
fn the_terminal_the_json_and_the_page_say_bits_and_forms_and_a_bundle_says_them_again() {
    let (half, off) = (TURN / 2.0, 0.5_f64.next_up());
    let ShownPair { printed, json, page } = shown(
        ORBIT,
        "t=0\nI=0.5\nnode=1\nw=2\nt=1\nI=0.5\nnode=1\nw=2\n",
        &format!("t=0\nI=-0.5\nnode={}\nw={}\nt=1\nI={off:e}\nnode=1.5\nw=2\n", 1.0 + half, 2.0 - half),
    );
    assert!(printed.contains("the same in another form, 1 times: node turned over"), "{printed}");
    assert!(printed.contains("\nfirst differing bit\n"), "{printed}");
    assert_eq!(json["first_divergence"]["key"], "node");
    assert!(json["first_bit"]["key"].is_string());
    assert!(page.contains("first differing bit"), "{page}");
}

#[test]
fn where_nan_is_missing_an_element_is_and_the_others_of_its_vector_are_compared() {
    let schema = "nan = 'missing'\n[[key]]\nname = 'x'\nshape = 'vector'\n[[key]]\nname = 'v'\n";
    let found = |a: &str, b: &str| {
        let of = |x: &str| [format!("x {x}"), "v 1".to_owned()];
        compared(schema, &of(a), &of(b))
    };
    for (a, b, verdict) in [
        ("nan 2 3", "nan 2 3", Verdict::Pass),
        ("nan 2 3", "nan 9 3", Verdict::Fail),
        ("nan 2 3", "1 2 3", Verdict::Fail),
        ("nan 2 3", "1 9 3", Verdict::Fail),
        ("nan nan nan", "nan nan nan", Verdict::Pass),
        ("nan 2 3", "nan 2", Verdict::Fail),
    ] {
        let found = found(a, b);
        assert_eq!(found.verdict, verdict, "{a} | {b}: {}", found.reason);
    }
    let one = found("nan 2 3", "nan 2 3");
    assert_eq!((one.left_out, one.compared), (1, 2), "{}", one.reason);
    let all = found("nan nan nan", "nan nan nan");
    assert_eq!((all.left_out, all.compared), (3, 1), "{}", all.reason);
}
