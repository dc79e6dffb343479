//! Numbers of every notation in `diff` and `audit`: what is the same number is the same value, and what nobody knows decides nothing.
//!
//! Not here: the notations themselves (`numbers`).

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use trace_harness::evidence::verdict::Verdict;
use trace_harness::trace::audit::{Audit, audit};
use trace_harness::trace::diff::Comparison;
use trace_harness::trace::diff::compare::{Settings, compare};
use trace_harness::trace::log::{TraceLog, read_bytes};
use trace_harness::trace::schema::Schema;

/// A result that is twice its input.
const DOUBLE: &str =
    "[[key]]\nname = 'x'\n[[key]]\nname = 'y'\ninputs = ['x']\nlaw = '2 * x'\nresult = true\n";

fn trace(lines: &[&str]) -> TraceLog {
    let text: String = lines.iter().map(|line| format!("TRACE_F: {line}\n")).collect();
    read_bytes(text.as_bytes(), Path::new("t")).expect("a trace")
}

fn audited(lines: &[&str]) -> Audit {
    audit(&Schema::from_toml(DOUBLE).expect("a schema"), &trace(lines), &BTreeMap::new())
}

fn compared(a: &[&str], b: &[&str]) -> Comparison {
    let schema = Schema::from_toml(DOUBLE).expect("a schema");
    compare(&schema, [&trace(a), &trace(b)], &Settings::default())
}

#[test]
fn laws_hold_or_not_whatever_the_notation() {
    let follows = |x: &str, y: &str| {
        let found = audited(&[&format!("x {x}"), &format!("y {y}")]);
        assert_eq!(found.checked(), 1, "{x} {y}");
        found.faults().count() == 0
    };
    assert!(follows("0.5D+01", "0.1D+02") && !follows("0.5D+01", "0.7D+02"));
    assert!(follows("0.6-166", "0.12-165") && !follows("0.6-166", "0.12-164"));
    assert!(follows("0x1.8p+3", "24") && !follows("0x1.8p+3", "12"));
    assert!(follows("Infinity", "inf") && !follows("Infinity", "-inf"));
}

#[test]
fn what_is_not_finite_follows_from_nothing_finite_nor_the_other_way_round() {
    for y in ["inf", "-inf", "nan", "1e300", "-1e300"] {
        assert_eq!(audited(&["x 5", &format!("y {y}")]).faults().count(), 1, "y {y}");
    }
    for x in ["inf", "-inf", "nan", "1e300", "1e308"] {
        assert_eq!(audited(&[&format!("x {x}"), "y 10"]).faults().count(), 1, "x {x}");
    }
    let nan = audited(&["x nan", "y nan"]);
    assert_eq!((nan.faults().count(), nan.checks[0].not_finite), (0, 1));
}

#[test]
fn the_same_number_in_two_notations_agrees_and_another_number_does_not() {
    let verdict = |a: &str, b: &str| compared(&[&format!("x {a}")], &[&format!("x {b}")]).verdict;
    for (a, b) in [
        ("0.5D+01", "5"),
        ("0x1.8p+3", "12.0"),
        ("Infinity", "inf"),
        ("nan(0x8)", "-NaN"),
        (".TRUE.", "T"),
        ("(0.1D+01,2.0)", "1 2"),
    ] {
        assert_eq!(verdict(a, b), Verdict::Pass, "{a} {b}");
    }
    for (a, b) in [
        ("0.5D+01", "0.5D+02"),
        ("inf", "nan"),
        ("inf", "-inf"),
        ("1e400", "1e500"),
        ("1e-400", "0"),
        ("T", "F"),
        ("(1,2)", "(1,3)"),
        ("inf", "1e308"),
    ] {
        assert_eq!(verdict(a, b), Verdict::Fail, "{a} {b}");
    }
}

#[test]
fn a_pass_says_how_many_values_are_nan_on_both_sides() {
    let found = compared(&["x nan", "y 1"], &["x NaN", "y 1"]);
    assert_eq!(
        (found.verdict, found.reason.contains("1 of them are NaN on both sides")),
        (Verdict::Pass, true)
    );
}

#[test]
fn stars_decide_nothing() {
    for (a, b) in [("****", "****"), ("****", "5"), ("1 ****", "1 7")] {
        let found = compared(&[&format!("x {a}"), "y 1"], &[&format!("x {b}"), "y 1"]);
        assert_eq!((found.verdict, found.compared), (Verdict::Undecided, 1), "{a} {b}: {}", found.reason);
    }
    // What is known to differ does so whatever stands beside it.
    assert_eq!(compared(&["x 1 ****"], &["x 2 ****"]).verdict, Verdict::Fail);
    assert_eq!(compared(&["x ****", "y 1"], &["x ****", "y 2"]).verdict, Verdict::Fail);
    let found = audited(&["x ****", "y 4"]);
    assert_eq!((found.checked(), found.unprintable(), found.faults().count()), (0, 1, 0));
}

/// A whole trace of the simulator, with every key in turn made infinite.
#[test]
fn no_key_of_a_real_trace_can_be_infinite_unnoticed() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/attribution/cubic_c.trace");
    let text = std::fs::read_to_string(path).expect("a trace");
    let schema = Schema::built_in().expect("the schema");
    let faults = |change: &dyn Fn(&str) -> String| {
        let lines: String = text.lines().map(|line| change(line) + "\n").collect();
        let mut trace = read_bytes(lines.as_bytes(), Path::new("t")).expect("a trace");
        trace.apply(&schema);
        audit(&schema, &trace, &BTreeMap::new()).faults().count()
    };
    assert_eq!(faults(&str::to_owned), 0);
    let mut noticed = 0;
    let keys: std::collections::BTreeSet<&str> =
        text.lines().filter_map(|l| l.strip_prefix("TRACE_C: ")?.split(' ').next()).collect();
    for key in keys {
        let start = format!("TRACE_C: {key} ");
        let moved = |change: &dyn Fn(f64) -> String| {
            faults(&|line| match line.strip_prefix(&start) {
                Some(rest) => {
                    let numbers = rest.split(' ').map(|w| w.parse().map_or(w.to_owned(), change));
                    start.clone() + &numbers.collect::<Vec<_>>().join(" ")
                }
                None => line.to_owned(),
            })
        };
        // Only keys that the audit looks at.
        if moved(&|x| (x * 1.01 + 0.001).to_string()) > 0 {
            noticed += 1;
            for bad in ["inf", "-inf", "nan"] {
                assert!(moved(&|_| bad.to_owned()) > 0, "{key} {bad}");
            }
        }
    }
    assert!(noticed > 10, "{noticed} keys");
}

#[test]
fn the_exit_status_of_an_undecided_trace_is_5() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("written");
    write("s.toml", DOUBLE);
    write("stars", "TRACE_F: x 1\nTRACE_F: y 2\nTRACE_F_SOURCE 1: x ***\nTRACE_F_SOURCE 1: y 2\n");
    let code = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_trace-harness"));
        command
            .args(args)
            .args(["--schema", "s.toml"])
            .current_dir(folder.path())
            .output()
            .expect("it runs")
            .status
            .code()
    };
    assert_eq!(code(&["diff", "stars", "stars"]), Some(5));
    assert_eq!(code(&["audit", "stars"]), Some(5));
}

/// Numbers of all digits, twice as many as a law needs, as text; `of` rounds them.
fn pairs(of: fn(f64) -> f64) -> Vec<(f64, f64)> {
    (1..=40).map(|n| of((f64::from(n) * 2_f64.sqrt()).fract() + 0.1)).map(|x| (x, of(2.0 * x))).collect()
}

fn lines(pairs: &[(f64, f64)]) -> Vec<String> {
    pairs.iter().flat_map(|(x, y)| [format!("x {x:.17e}"), format!("y {y:.17e}")]).collect()
}

/// Each pair as a pixel of its own, so that a key stands once in each.
fn pixels(pairs: &[(f64, f64)]) -> TraceLog {
    let text: String = lines(pairs)
        .chunks(2)
        .enumerate()
        .map(|(n, pair)| format!("TRACE_F_PIXEL 0 {n}\nTRACE_F: {}\nTRACE_F: {}\n", pair[0], pair[1]))
        .collect();
    read_bytes(text.as_bytes(), Path::new("t")).expect("a trace")
}

#[test]
fn a_pass_says_when_values_agree_to_single_precision_only() {
    let schema = Schema::from_toml(DOUBLE).expect("a schema");
    let single = pairs(|x| f64::from(x as f32));
    let double = pairs(|x| x);
    // Each pair was rounded from the same number; a few single-precision steps lie between.
    let between =
        |a: &[(f64, f64)], b: &[(f64, f64)]| compare(&schema, [&pixels(a), &pixels(b)], &Settings::default());
    for (a, b) in [(&single, &single), (&single, &double), (&double, &single)] {
        let found = between(a, b);
        assert_eq!(found.verdict, Verdict::Pass, "{}", found.reason);
        assert_eq!(found.reason, "all 80 values agree to single precision");
    }
    let found = between(&double, &double);
    assert_eq!((found.verdict, found.reason.as_str()), (Verdict::Pass, "all 80 values agree"));
}

#[test]
fn a_change_of_1e_5_of_a_double_trace_is_found_also_where_a_few_values_are_near_short_ones() {
    let schema = Schema::from_toml(DOUBLE).expect("a schema");
    // Short numbers with an error in the last place look like single precision, and are none.
    let mut values = pairs(|x| x);
    values[..4].iter_mut().for_each(|pair| *pair = (0.999_999_999_999_999_8, 1.999_999_999_999_999_6));
    let mut moved = values.clone();
    moved[20].1 *= 1.0 + 1e-5;
    let (as_it_is, changed) = (pixels(&values), pixels(&moved));
    let found = compare(&schema, [&as_it_is, &as_it_is], &Settings::default());
    assert_eq!((found.verdict, found.reason.as_str()), (Verdict::Pass, "all 80 values agree"));
    let found = compare(&schema, [&as_it_is, &changed], &Settings::default());
    assert_eq!(found.verdict, Verdict::Fail, "{}", found.reason);
    let faults = |trace: &TraceLog| {
        let found = audit(&schema, trace, &BTreeMap::new());
        (found.checked(), found.faults().map(|check| check.faulty).sum::<usize>())
    };
    assert_eq!((faults(&as_it_is), faults(&changed)), ((40, 0), (40, 1)));
    // A trace in single precision is audited to its own rounding, which is finer than the change as well.
    let mut single = pairs(|x| f64::from(x as f32));
    assert_eq!(faults(&pixels(&single)), (40, 0));
    single[20].1 *= 1.0 + 1e-5;
    assert_eq!(faults(&pixels(&single)), (40, 1));
}

#[test]
fn whole_numbers_that_no_double_holds_are_compared_by_their_digits_where_no_difference_is_allowed() {
    let verdict = |kind: &str, a: &str, b: &str| {
        let text = format!("[[key]]\nname = 'id'\nkind = '{kind}'\nshape = 'integer'\n");
        let schema = Schema::from_toml(&text).expect("a schema");
        let read = |text: &str| read_bytes(text.as_bytes(), Path::new("t")).expect("a trace");
        compare(&schema, [&read(a), &read(b)], &Settings::default())
    };
    let forms: [fn(&str) -> String; 4] = [
        |x| format!("TRACE_A: id {x}\n"),
        |x| format!("{{\"id\": {x}}}\n"),
        |x| format!("{{\"key\": \"id\", \"values\": [{x}]}}\n"),
        |x| format!("id,n\n{x},1\n"),
    ];
    for form in forms {
        let [a, b, c] = ["9007199254740993", "9007199254740992", "9007199254740993"].map(form);
        let found = verdict("exact", &a, &b);
        assert_eq!(found.verdict, Verdict::Fail, "{a}");
        let first = found.first_divergence.expect("a divergence");
        assert_eq!(first.distance.absolute, 1.0, "{a}");
        assert_eq!(first.words.expect("digits"), ["9007199254740993", "9007199254740992"], "{a}");
        assert_eq!(verdict("exact", &a, &c).verdict, Verdict::Pass, "{a}");
        assert_eq!(verdict("plain", &a, &b).verdict, Verdict::Pass, "within the tolerance: {a}");
    }
}

#[test]
fn records_with_names_that_no_double_holds_are_not_one_record() {
    let schema =
        Schema::from_toml("record = ['id']\n[[key]]\nname = 'id'\n[[key]]\nname = 'x'\n").expect("a schema");
    let read = |first: &str, second: &str| {
        let text = format!("id,x\n{first},1\n{second},2\n");
        let mut log = read_bytes(text.as_bytes(), Path::new("t")).expect("a trace");
        log.apply(&schema);
        log
    };
    let [a, b] = ["9007199254740992", "9007199254740993"];
    let found = compare(&schema, [&read(a, b), &read(b, a)], &Settings::default());
    assert_eq!(found.verdict, Verdict::Fail, "{}", found.reason);
}

/// `relation`, whether rounding is allowed for, and whether it holds of a smaller, a rounded, an equal and a larger number than 2.
#[test]
fn a_rule_holds_by_its_relation_and_only_those_that_equal_numbers_keep_allow_for_rounding() {
    let rule = |more: &str| {
        format!(
            "[[key]]\nname = 'x'\n[[key]]\nname = 'y'\nresult = true\n\
             [[rule]]\nname = 'r'\nleft = 'x'\nright = 'y'\nmeaning = 'm'\n{more}\n"
        )
    };
    let rounded = 2.0_f64.next_up().to_string();
    for (sign, holds) in [
        ("==", [false, true, true, false]),
        ("!=", [true, true, false, true]),
        ("<=", [true, true, true, false]),
        (">=", [false, true, true, true]),
        ("<", [true, false, false, false]),
        (">", [false, true, false, true]),
    ] {
        let schema = Schema::from_toml(&rule(&format!("relation = '{sign}'"))).expect(sign);
        for (x, holds) in ["1.5", &rounded, "2", "2.5"].into_iter().zip(holds) {
            let found = audit(&schema, &trace(&[&format!("x {x}"), "y 2"]), &BTreeMap::new());
            assert_eq!((found.checked(), found.faults().count() == 0), (1, holds), "{x} {sign} 2");
        }
        let nan = audit(&schema, &trace(&["x nan", "y 2"]), &BTreeMap::new());
        assert_eq!(nan.faults().count() == 0, sign == "!=", "NaN {sign} 2");
        // Room beside a strict relation would make it hold of equal numbers.
        let wide = Schema::from_toml(&rule(&format!("relation = '{sign}'\nwithin = 0.75")));
        assert_eq!(wide.is_ok(), ["==", "<=", ">="].contains(&sign), "{sign}");
        if let Ok(wide) = wide {
            for x in ["1.5", "2.5"] {
                let found = audit(&wide, &trace(&[&format!("x {x}"), "y 2"]), &BTreeMap::new());
                assert_eq!(found.faults().count(), 0, "{x} {sign} 2 within 0.75");
            }
        }
    }
    let refused = Schema::from_toml(&rule("relation = '=>'")).expect_err("no relation").to_string();
    for known in ["==", "!=", "<=", ">=", "<", ">"] {
        assert!(refused.contains(&format!("`{known}`")), "{refused}");
    }
}
