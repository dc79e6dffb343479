//! What agrees and what does not, law by law.
//!
//! Not here: how tables are read.

use std::path::Path;

use super::*;
use crate::table::parse;
use crate::table::words::sentence;

fn compared(rules: &str, reference: &str, candidate: &str) -> TableComparison {
    let rules = Rules::parse(rules).expect(rules);
    let table = |text| parse(Path::new("t"), text, &rules).unwrap_or_else(|e| panic!("{e}"));
    compare(&table(reference), &table(candidate), &rules).unwrap_or_else(|e| panic!("{e}"))
}

fn verdict(rules: &str, reference: &str, candidate: &str) -> Verdict {
    compared(rules, reference, candidate).verdict
}

#[test]
fn without_a_tolerance_numbers_are_equal_or_differ_whatever_their_notation() {
    assert_eq!(verdict("", "1.0 0.5\n", "1.00 5e-1\n"), Verdict::Pass);
    assert_eq!(verdict("", "1.0\n", "1.0000000001\n"), Verdict::Fail);
    assert_eq!(verdict("", "0.5D+01 .TRUE.\n", "5.0 true\n"), Verdict::Pass);
    assert_eq!(verdict("", "abc\n", "abd\n"), Verdict::Fail);
}

#[test]
fn tolerances_are_absolute_and_relative_to_the_reference_together() {
    assert_eq!(verdict("atol = 0.5\nrtol = 0.1", "10\n", "11.5\n"), Verdict::Pass);
    assert_eq!(verdict("atol = 0.5\nrtol = 0.1", "10\n", "11.6\n"), Verdict::Fail);
    assert_eq!(verdict("rtol = 0.1", "0\n", "1e-30\n"), Verdict::Fail);
}

#[test]
fn a_unit_is_that_of_the_side_that_prints_fewer_digits() {
    assert_eq!(verdict("max_ulp = 1", "3.14\n", "3.1499999\n"), Verdict::Pass);
    assert_eq!(verdict("max_ulp = 1", "3.14\n", "3.16\n"), Verdict::Fail);
    assert_eq!(verdict("max_ulp = 1", "1.234567E+03\n", "1.2345678E+03\n"), Verdict::Pass);
    let column = compared("max_ulp = 1", "3.14\n", "3.16\n").columns.remove(0);
    assert!((column.largest.ulp.unwrap() - 2.0).abs() < 1e-9);
}

#[test]
fn angles_agree_across_a_turn_and_only_where_it_is_said() {
    let rules = "atol = 1e-3\n[column.1]\nperiod = 360";
    assert_eq!(verdict(rules, "359.9999\n", "0.0001\n"), Verdict::Pass);
    assert_eq!(verdict(rules, "359.9\n", "0.1\n"), Verdict::Fail);
    assert_eq!(verdict("atol = 1e-3", "359.9999\n", "0.0001\n"), Verdict::Fail);
}

#[test]
fn a_free_sign_is_that_of_the_value_or_of_the_whole_vector() {
    assert_eq!(verdict("[column.1]\nsign = \"free\"", "1 2\n", "-1 2\n"), Verdict::Pass);
    let group = "[[group]]\ncolumns = [\"1\", \"2\"]\nsign = \"free\"";
    assert_eq!(verdict(group, "1 2\n", "-1 -2\n"), Verdict::Pass);
    assert_eq!(verdict(group, "1 2\n", "1 -2\n"), Verdict::Fail);
}

#[test]
fn a_vector_is_judged_relative_to_its_length() {
    let group = "[[group]]\ncolumns = [\"1\", \"2\"]\nrtol = 1e-3";
    assert_eq!(verdict(group, "1000 0.001\n", "1000 0.5\n"), Verdict::Pass);
    assert_eq!(verdict(group, "1000 0.001\n", "1000 1.5\n"), Verdict::Fail);
}

#[test]
fn what_is_information_decides_nothing_and_one_sided_columns_decide_one_way() {
    assert_eq!(verdict("[column.2]\njudge = \"information\"", "1 5\n", "1 7\n"), Verdict::Pass);
    assert_eq!(verdict("[column.1]\njudge = \"information\"", "1\n", "1\n"), Verdict::Undecided);
    let rules = "[column.1]\njudge = \"at-least\"";
    assert_eq!(verdict(rules, "F\n", "F\n"), Verdict::Pass);
    assert_eq!(verdict(rules, "false\n", "true\n"), Verdict::Pass);
    assert_eq!(verdict(rules, "true\n", "false\n"), Verdict::Fail);
    let rules = "[column.1]\njudge = \"at-most\"";
    assert_eq!([verdict(rules, "3\n", "2\n"), verdict(rules, "3\n", "4\n")], [Verdict::Pass, Verdict::Fail]);
}

#[test]
fn nan_is_equal_missing_or_a_failure_as_it_is_said() {
    for (nan, both, one) in [
        ("equal", Verdict::Pass, Verdict::Fail),
        ("missing", Verdict::Undecided, Verdict::Undecided),
        ("fail", Verdict::Fail, Verdict::Fail),
    ] {
        let rules = format!("nan = \"{nan}\"");
        assert_eq!(verdict(&rules, "NaN\n", "nan\n"), both, "{nan}");
        assert_eq!(verdict(&rules, "NaN\n", "1\n"), one, "{nan}");
    }
}

#[test]
fn stars_and_infinities_are_never_within_a_tolerance() {
    assert_eq!(verdict("rtol = 0.9", "****\n", "****\n"), Verdict::Undecided);
    assert_eq!(verdict("rtol = 0.9", "inf\n", "1e308\n"), Verdict::Fail);
    assert_eq!(verdict("rtol = 0.9", "inf\n", "inf\n"), Verdict::Pass);
    assert_eq!(verdict("rtol = 0.9", "inf\n", "-inf\n"), Verdict::Fail);
}

#[test]
fn rows_that_one_side_lacks_fail_and_are_named() {
    let rules = "header = [\"k\", \"x\"]\nkey = [\"k\"]";
    let found = compared(rules, "1 a\n2 b\n", "2 b\n3 c\n");
    assert_eq!(found.verdict, Verdict::Fail);
    assert!(!found.is_same_shape());
    let shown = sentence(&found);
    assert!(shown.contains("lacks 1 of 2 rows, first 1 (line 1)"), "{shown}");
    assert!(shown.contains("only the candidate has 1 of 2 rows, first 3 (line 2)"), "{shown}");
}

#[test]
fn columns_that_one_side_lacks_fail_and_are_named() {
    let found = compared("header = true", "a b\n1 2\n", "a c\n1 2\n");
    assert_eq!(found.verdict, Verdict::Fail);
    assert_eq!((found.missing_columns, found.extra_columns), (vec!["b".to_owned()], vec!["c".to_owned()]));
}

#[test]
fn nothing_decides_nothing() {
    assert_eq!(verdict("header = true", "a b\n", "a b\n"), Verdict::Undecided);
    assert_eq!(verdict("", "", ""), Verdict::Undecided);
}

#[test]
fn an_exception_leaves_its_row_out_and_one_without_use_is_told() {
    let rules = "header = [\"k\", \"x\"]\nkey = [\"k\"]\n[[except]]\nkey = [\"2\"]\nreason = \"known\"";
    let found = compared(rules, "1 a\n2 b\n", "1 a\n2 c\n");
    assert_eq!((found.verdict, found.excepted, found.unused.len()), (Verdict::Pass, 1, 0));
    let found = compared(rules, "1 a\n2 b\n", "1 a\n2 b\n");
    assert_eq!(found.unused, ["the row 2 is excepted and agrees"]);
    let found = compared(rules, "1 a\n", "1 a\n");
    assert_eq!(found.unused, ["no row has the key 2, which is excepted"]);
}

#[test]
fn another_unit_is_a_factor() {
    assert_eq!(verdict("rtol = 1e-12\n[column.1]\nfactor = 1e-3", "1.5\n", "1500\n"), Verdict::Pass);
    assert_eq!(verdict("rtol = 1e-12", "1.5\n", "1500\n"), Verdict::Fail);
}

#[test]
fn the_worst_pair_is_the_one_farthest_beyond_what_was_asked() {
    let found = compared("rtol = 1e-3", "1000\n1\n5\n", "1002\n1.5\n5\n");
    let column = &found.columns[0];
    assert_eq!((column.differ, column.compared, column.same_text), (2, 3, 1));
    let worst = column.worst.as_ref().expect("a pair");
    assert_eq!((worst.line, worst.reference.as_str(), worst.candidate.as_str()), (2, "1", "1.5"));
}

#[test]
fn rules_that_name_what_is_not_there_are_refused() {
    let rules = Rules::parse("[column.z]\nrtol = 0.1").unwrap();
    let table = parse(Path::new("t"), "1 2\n", &rules).unwrap_or_else(|e| panic!("{e}"));
    let refusal = compare(&table, &table, &rules).expect_err("no column").to_string();
    assert!(refusal.contains("no column `z`") && refusal.contains("1, 2"), "{refusal}");
}

#[test]
fn whole_numbers_are_compared_with_all_of_their_digits() {
    let [a, b] = ["9007199254740992\n", "9007199254740993\n"];
    assert_eq!([verdict("", a, a), verdict("", a, b)], [Verdict::Pass, Verdict::Fail]);
    assert_eq!(verdict("atol = 1", a, b), Verdict::Pass);
    assert_eq!(verdict("", "9007199254740992 1\n", "+09007199254740992 1\n"), Verdict::Pass);
    assert_eq!(verdict("[column.1]\njudge = \"at-most\"", a, b), Verdict::Fail);
    let group = "[[group]]\ncolumns = [\"1\", \"2\"]";
    assert_eq!(verdict(group, "9007199254740992 1\n", "9007199254740993 1\n"), Verdict::Fail);
    let [long, other] = ["1\n", "2\n"].map(|last| "9".repeat(60) + last);
    assert_eq!([verdict("", &long, &long), verdict("", &long, &other)], [Verdict::Pass, Verdict::Fail]);
}

#[test]
fn a_vector_is_judged_alike_whatever_its_size() {
    let group = "[[group]]\ncolumns = [\"1\", \"2\"]\nrtol = 1e-9";
    for power in ["-320", "-170", "0", "154", "200", "308"] {
        let of = |digits: &str| format!("{digits}e{power} -{digits}e{power}\n");
        assert_eq!(verdict(group, &of("1"), &of("1")), Verdict::Pass, "{power}");
        assert_eq!(verdict(group, &of("1"), &of("1.5")), Verdict::Fail, "{power}");
        assert_eq!(
            verdict(group, &format!("1e{power} 0\n"), &format!("0 1e{power}\n")),
            Verdict::Fail,
            "{power}"
        );
    }
    assert_eq!(verdict(group, "1e200 1\n", "1.0000000001e200 2\n"), Verdict::Pass);
    assert_eq!(verdict(group, "1e308 1\n", "-1e308 1\n"), Verdict::Fail);
    assert_eq!(
        verdict("[[group]]\ncolumns = [\"1\", \"2\"]", "1e305 1e-305\n", "1e305 2e-305\n"),
        Verdict::Fail
    );
    assert_eq!(verdict(group, "inf 1\n", "inf 1\n"), Verdict::Pass);
    assert_eq!(verdict(group, "inf 1\n", "inf 2\n"), Verdict::Fail);
}

#[test]
fn nan_in_a_vector_is_what_it_is_in_a_column_and_hides_no_other_component() {
    let of = |nan: &str, a: &str, b: &str| {
        verdict(&format!("nan = \"{nan}\"\n[[group]]\ncolumns = [\"1\", \"2\"]"), a, b)
    };
    for (nan, both, one) in [
        ("equal", Verdict::Pass, Verdict::Fail),
        ("missing", Verdict::Undecided, Verdict::Undecided),
        ("fail", Verdict::Fail, Verdict::Fail),
    ] {
        assert_eq!(of(nan, "nan 1\n", "NaN 1.0\n"), both, "{nan}");
        assert_eq!(of(nan, "nan 1\n", "2 1\n"), one, "{nan}");
        assert_eq!(of(nan, "nan 1\n", "nan 2\n"), Verdict::Fail, "{nan}");
    }
}

#[test]
fn a_turn_says_nothing_of_numbers_whose_neighbours_are_a_turn_away() {
    let rules = |more: &str| format!("{more}[column.1]\nperiod = 360");
    assert_eq!(verdict(&rules(""), "1e300\n", "-3e300\n"), Verdict::Undecided);
    assert_eq!(verdict(&rules(""), "1e18\n", "3.1e18\n"), Verdict::Undecided);
    assert_eq!(verdict(&rules(""), "1e300\n", "1e300\n"), Verdict::Pass);
    // 36e14 is a multiple of 360, and so is 72e14: remainders are exact up to there.
    assert_eq!(verdict(&rules(""), "3600000000000017\n", "7200000000000017\n"), Verdict::Pass);
    assert_eq!(verdict(&rules(""), "3600000000000017\n", "7200000000000018\n"), Verdict::Fail);
}

#[test]
fn the_turns_of_an_angle_widen_no_tolerance() {
    let rules = "rtol = 1e-5\n[column.1]\nperiod = 360";
    assert_eq!(verdict(rules, "40000000\n", "17\n"), Verdict::Fail);
    assert_eq!(verdict(rules, "40000000\n", "40.001\n"), Verdict::Pass);
    assert_eq!(verdict(rules, "0.001\n", "0.002\n"), Verdict::Fail);
}

#[test]
fn a_factor_that_takes_a_number_out_of_range_makes_it_another_number() {
    let rules = |factor: &str| format!("[column.1]\nfactor = {factor}");
    assert_eq!(verdict(&rules("1e10"), "inf\n", "1e300\n"), Verdict::Fail);
    assert_eq!(verdict(&rules("1e-30"), "0\n", "1e-300\n"), Verdict::Fail);
    assert_eq!(verdict(&rules("1e10"), "inf\n", "inf\n"), Verdict::Pass);
    assert_eq!(verdict(&rules("1e-30"), "0\n", "0\n"), Verdict::Pass);
}

#[test]
fn an_excepted_row_that_the_candidate_lacks_is_counted_once() {
    let rules = "header = [\"k\", \"x\"]\nkey = [\"k\"]\n[[except]]\nkey = [\"2\"]\nreason = \"known\"";
    let found = compared(rules, "1 a\n2 b\n", "1 a\n");
    assert_eq!((found.verdict, found.judged()), (Verdict::Pass, 1));
    assert!(sentence(&found).starts_with("1 rows in 1 columns, 1 values"), "{}", sentence(&found));
    let found = compared(rules, "2 b\n", "");
    assert_eq!((found.verdict, found.judged()), (Verdict::Undecided, 0));
}
