//! What comparing arrays says of them: the laws of metrics and verdicts.

use super::*;
use crate::compare::metrics::Measured;
use trace_harness::evidence::verdict::Verdict;

fn doubles(shape: &[usize], of: impl Fn(usize) -> f64) -> Array {
    let n: usize = shape.iter().product();
    Array::of_f64(shape, &(0..n).map(of).collect::<Vec<_>>()).expect("as many as there are")
}

fn wave(i: usize) -> f64 {
    (i as f64 * 0.37).sin() * 10.0 + 20.0
}

fn judged(a: &Array, b: &Array, gates: &ArrayGates) -> (Verdict, String) {
    let comparison = compare(a, b, gates).expect("one shape");
    (comparison.judgement.verdict, comparison.judgement.reason)
}

fn usual(a: &Array, b: &Array) -> (Verdict, String) {
    judged(a, b, &ArrayGates::default())
}

fn exact() -> ArrayGates {
    ArrayGates { max_ulp: Some(0), ..ArrayGates::default() }
}

#[test]
fn an_array_of_any_rank_passes_against_itself() {
    for shape in [vec![60], vec![5, 12], vec![3, 4, 5], vec![2, 3, 2, 5], vec![1, 60, 1]] {
        let a = doubles(&shape, wave);
        assert_eq!(usual(&a, &a), (Verdict::Pass, "all 60 elements are the same bits".to_owned()));
    }
}

#[test]
fn a_candidate_of_zeros_fails_and_so_does_a_factor() {
    let a = doubles(&[30], wave);
    let zero = doubles(&[30], |_| 0.0);
    assert_eq!(
        usual(&a, &zero),
        (Verdict::Fail, "every element of B is zero, and those of A are not".to_owned())
    );
    let (outcome, reason) = usual(&a, &doubles(&[30], |i| 2.0 * wave(i)));
    assert_eq!(
        (outcome, reason.as_str()),
        (Verdict::Fail, "the sum of B is 2 times that of A, outside 0.98 to 1.02")
    );
    let wide = ArrayGates { atol: Some(1e9), ..ArrayGates::default() };
    assert_eq!(judged(&a, &zero, &wide).0, Verdict::Fail, "no tolerance makes zeros pass");
}

#[test]
fn constants_and_single_numbers_decide_what_was_asked_for_and_nothing_else() {
    for shape in [vec![], vec![7]] {
        let level = |value: f64| doubles(&shape, |_| value);
        for value in [0.0, 3.5] {
            assert_eq!(usual(&level(value), &level(value)).0, Verdict::Undecided);
            assert_eq!(judged(&level(value), &level(value), &exact()).0, Verdict::Pass);
        }
        assert_eq!(judged(&level(3.5), &level(3.5_f64.next_up()), &exact()).0, Verdict::Fail);
        let near = ArrayGates { rtol: Some(1e-12), ..ArrayGates::default() };
        assert_eq!(judged(&level(3.5), &level(3.5_f64.next_up()), &near).0, Verdict::Pass);
        assert_eq!(judged(&level(3.5), &level(3.6), &near).0, Verdict::Fail);
        assert_eq!(judged(&level(0.0), &level(3.5), &near).0, Verdict::Fail);
    }
}

#[test]
fn nothing_to_compare_decides_nothing_and_another_shape_is_none_of_a_verdict() {
    let none = doubles(&[4, 0], wave);
    assert_eq!(usual(&none, &none).0, Verdict::Undecided);
    assert_eq!(judged(&none, &none, &exact()).0, Verdict::Undecided);
    let nan = doubles(&[4], |_| f64::NAN);
    let (outcome, reason) = judged(&nan, &nan, &exact());
    assert_eq!(
        (outcome, reason.as_str()),
        (Verdict::Undecided, "nothing was compared: none of the 4 elements is finite on both sides")
    );
    let error = compare(&doubles(&[6], wave), &doubles(&[2, 3], wave), &exact()).expect_err("other shapes");
    assert_eq!(error.to_string(), "A has the shape `(6,)`, B `(2, 3)`; expected the same shape");
}

#[test]
fn the_worst_element_is_named_by_its_place() {
    let a = doubles(&[3, 4, 5], wave);
    let b = doubles(&[3, 4, 5], |i| if i == 33 { wave(i) + 0.5 } else { wave(i) });
    let comparison =
        compare(&a, &b, &ArrayGates { rtol: Some(1e-12), ..ArrayGates::default() }).expect("one shape");
    let m = &comparison.metrics;
    assert_eq!((m.pairs.compared, m.pairs.equal, m.pairs.differing()), (60, 59, 1));
    assert_eq!([m.pairs.max_abs.1, m.pairs.max_rel.1, m.pairs.max_ulp.1], [33; 3]);
    assert_eq!(m.place(33), [1, 2, 3]);
    let size = wave(33) + 0.5;
    assert_eq!(m.max_abs(), Measured::Value(size - wave(33)));
    assert_eq!(m.max_rel(), Measured::Value((size - wave(33)) / size));
    assert!((m.sums.rmsd().value().expect("some") - (size - wave(33)) / 60_f64.sqrt()).abs() < 1e-15);
    assert!(
        comparison.judgement.reason.ends_with("the largest difference is 0.5 at [1, 2, 3]"),
        "{}",
        comparison.judgement.reason
    );
}

#[test]
fn a_stated_tolerance_holds_for_every_element_unless_a_share_is_stated_too() {
    let a = doubles(&[100], wave);
    let b = doubles(&[100], |i| if i == 7 { wave(i) * 1.001 } else { wave(i) });
    let gates = |within| ArrayGates { rtol: Some(1e-6), within, ..ArrayGates::default() };
    assert_eq!(judged(&a, &b, &gates(None)).0, Verdict::Fail);
    assert_eq!(judged(&a, &b, &gates(Some(0.98))).0, Verdict::Pass);
    assert_eq!(judged(&a, &b, &ArrayGates { atol: Some(0.1), ..ArrayGates::default() }).0, Verdict::Pass);
}

#[test]
fn what_is_not_finite_has_to_be_the_same_on_both_sides_unless_stated_otherwise() {
    let odd = |value: f64| doubles(&[30], move |i| if i == 4 { value } else { wave(i) });
    let rule = |nan| ArrayGates { nan, ..ArrayGates::default() };
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(usual(&odd(value), &odd(value)).0, Verdict::Pass, "{value}");
        assert_eq!(judged(&odd(value), &odd(value), &rule(NonFinite::Fail)).0, Verdict::Fail, "{value}");
        let (outcome, reason) = usual(&odd(1.0), &odd(value));
        assert_eq!(outcome, Verdict::Fail);
        assert!(
            reason.ends_with("1 of them are not the same on the other side, the first at [4]"),
            "{reason}"
        );
    }
    assert_eq!(usual(&odd(f64::INFINITY), &odd(f64::NEG_INFINITY)).0, Verdict::Fail);
    assert_eq!(judged(&odd(1.0), &odd(f64::NAN), &rule(NonFinite::Missing)).0, Verdict::Pass);
    assert_eq!(judged(&odd(1.0), &odd(f64::INFINITY), &rule(NonFinite::Missing)).0, Verdict::Fail);
}

#[test]
fn integers_of_64_bits_are_compared_as_integers() {
    let of = |numbers: &[i64]| {
        let bytes: Vec<u8> = numbers.iter().flat_map(|n| n.to_le_bytes()).collect();
        Array::of_bytes(&[numbers.len()], ElementType::I64, &bytes).expect("all of them")
    };
    let numbers: Vec<i64> = (0..20).map(|i| (1 << 62) + i * (1 << 57)).collect();
    let mut other = numbers.clone();
    other[3] += 1;
    let comparison = compare(&of(&numbers), &of(&other), &exact()).expect("one shape");
    let pairs = &comparison.metrics.pairs;
    assert_eq!((comparison.judgement.verdict, pairs.differing()), (Verdict::Fail, 1));
    assert_eq!((pairs.max_abs, pairs.max_ulp), ((1.0, 3), (1, 3)));
}

#[test]
fn types_are_compared_in_the_wider_one_and_distances_counted_in_the_narrower() {
    let single: Vec<f32> = (0..40).map(|i| wave(i) as f32).collect();
    let bytes: Vec<u8> = single.iter().flat_map(|v| v.to_le_bytes()).collect();
    let a = Array::of_bytes(&[40], ElementType::F32, &bytes).expect("all of them");
    let comparison = compare(&a, &doubles(&[40], wave), &exact()).expect("one shape");
    assert_eq!(comparison.judgement.verdict, Verdict::Pass, "rounded alike: {}", comparison.judgement.reason);
    assert!(comparison.metrics.pairs.differing() > 30, "nothing is rounded before it is compared");
    let widened = doubles(&[40], |i| f64::from(single[i]));
    assert_eq!(usual(&a, &widened), (Verdict::Pass, "all 40 elements are equal".to_owned()));
}

#[test]
fn complex_numbers_differ_by_the_length_of_their_difference() {
    let of = |numbers: &[f64]| {
        let bytes: Vec<u8> = numbers.iter().flat_map(|n| n.to_le_bytes()).collect();
        Array::of_bytes(&[numbers.len() / 2], ElementType::Complex128, &bytes).expect("all of them")
    };
    let a: Vec<f64> = (0..40).map(wave).collect();
    let mut b = a.clone();
    b[10] += 3.0;
    b[11] -= 4.0;
    let comparison = compare(&of(&a), &of(&b), &ArrayGates::default()).expect("one shape");
    let (difference, index) = comparison.metrics.pairs.max_abs;
    assert!((difference - 5.0).abs() < 1e-14 && index == 5, "{difference} {index}");
    // A quarter of a turn keeps every size, and agrees in nothing.
    let turned: Vec<f64> = a.chunks(2).flat_map(|z| [-z[1], z[0]]).collect();
    assert_eq!(usual(&of(&a), &of(&turned)).0, Verdict::Fail);
    let real = doubles(&[20], wave);
    let beside: Vec<f64> = (0..20).flat_map(|i| [wave(i), 0.0]).collect();
    assert_eq!(usual(&real, &of(&beside)), (Verdict::Pass, "all 20 elements are equal".to_owned()));
}

#[test]
fn extreme_numbers_have_a_correlation_and_a_ratio_as_others_have() {
    for scale in [1e300, 1e-300] {
        let a = doubles(&[50], |i| wave(i) * scale);
        let b = doubles(&[50], |i| wave(i) * scale * 1.001);
        let m = compare(&a, &b, &ArrayGates::default()).expect("one shape").metrics;
        let ratio = m.sums.ratio().value().expect("a ratio");
        assert!((ratio - 1.001).abs() < 1e-12, "{ratio}");
        assert!(m.sums.correlation([false; 2]).value().expect("a correlation") > 0.999_999);
    }
    let (a, b) = (doubles(&[2], |i| [f64::MAX, 1.0][i]), doubles(&[2], |i| [-f64::MAX, 1.0][i]));
    let m = compare(&a, &b, &ArrayGates::default()).expect("one shape").metrics;
    assert!(m.max_abs().reason().expect("none").contains("beyond the range"));
    assert_eq!(m.max_rel(), Measured::Value(2.0));
}

#[test]
fn figures_do_not_depend_on_the_number_of_threads() {
    let n = 3 * PIECE_AND_MORE;
    let a = doubles(&[n], wave);
    let b = doubles(&[n], |i| wave(i) * (1.0 + 1e-9 * (i % 7) as f64));
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(|| compare(&a, &b, &ArrayGates::default()).expect("one shape"))
    };
    assert_eq!(with(1), with(3));
}

/// Enough for several pieces, of which none is a whole number of blocks.
const PIECE_AND_MORE: usize = (1 << 19) + 11;

#[test]
fn gates_from_a_file_are_read_strictly_and_in_their_ranges() {
    let gates: ArrayGates =
        toml::from_str("max_ulp = 4\nrtol = 1e-12\ncorrelation = 0.9999\nnan = \"missing\"").expect("gates");
    let expected = ArrayGates {
        max_ulp: Some(4),
        rtol: Some(1e-12),
        correlation: 0.9999,
        nan: NonFinite::Missing,
        ..ArrayGates::default()
    };
    assert_eq!(gates, expected);
    assert!(toml::from_str::<ArrayGates>("maxulp = 4").is_err());
    for text in [
        "rtol = -1.0",
        "rtol = nan",
        "atol = inf",
        "correlation = 2.0",
        "sum_ratio = [2.0, 1.0]",
        "within = 1.5",
    ] {
        assert!(toml::from_str::<ArrayGates>(text).expect("gates").check().is_err(), "{text}");
    }
    assert!(ArrayGates::default().looser(false).is_empty() && ArrayGates::default().check().is_ok());
}

fn text(matrix: &str) -> Array {
    parse(std::path::Path::new("a.txt"), matrix.as_bytes(), None, &Format::Csv).expect(matrix)
}

#[test]
fn whole_numbers_of_a_text_matrix_keep_every_digit() {
    for (a, b) in [
        ("1 9007199254740993\n", "1 9007199254740992\n"),
        ("-9007199254740993\n7\n", "-9007199254740995\n7\n"),
        ("18446744073709551615\n", "18446744073709551614\n"),
    ] {
        let gates = ArrayGates::default();
        assert_eq!(judged(&text(a), &text(b), &gates).0, Verdict::Fail, "{a}");
        assert_eq!(
            compare(&text(a), &text(a), &gates).expect("one shape").metrics.pairs.differing(),
            0,
            "{a}"
        );
    }
    assert_eq!(text("1 9007199254740993\n").text(&[0, 1]).expect("there"), "9007199254740993");
}

#[test]
fn text_is_what_the_format_of_text_read_whatever_it_begins_with() {
    let long = format!("{}\n1\n", "#".repeat(5000));
    for matrix in ["1\n", "# \u{b5}m\n1\n", "T/\u{b0}C\n1\n", "\u{c}1\n", &long] {
        assert!(text(matrix).is_printed(), "{matrix}");
        let found = parse(std::path::Path::new("a.txt"), matrix.as_bytes(), None, &Format::Auto);
        assert!(found.expect(matrix).is_printed(), "{matrix}");
    }
    assert!(!doubles(&[2], wave).is_printed());
}

/// By the usual share of agreeing elements, one other number among a hundred would pass whatever the distance.
#[test]
fn a_distance_in_units_of_the_last_place_asks_it_of_every_printed_number() {
    let printed = |x: f64| {
        text(&(0..100).map(|k| format!("{}\n", if k == 70 { x } else { 1e4 * wave(k) })).collect::<String>())
    };
    let verdict = |x: f64, ulp: u64| {
        let gates = ArrayGates { max_ulp: Some(ulp), correlation: 0.0, ..ArrayGates::default() };
        judged(&printed(7022.5), &printed(x), &gates).0
    };
    assert_eq!(verdict(7022.5_f64.next_up(), 1), Verdict::Pass);
    // The distance that is stated is the one that is used: no part of the value is added, and none caps it.
    let apart = 9022.5_f64.to_bits() - 7022.5_f64.to_bits();
    assert_eq!([apart - 1, apart].map(|limit| verdict(9022.5, limit)), [Verdict::Fail, Verdict::Pass]);
    let from_sides = |a: &str, b: &str, gates: &ArrayGates| judged(&text(a), &text(b), gates).0;
    let half = ArrayGates { within: Some(0.5), ..ArrayGates::default() };
    assert_eq!(from_sides("1000\n1000.0\n1000.5\n", "1000.01\n1000.02\n1000.5\n", &half), Verdict::Fail);
    let both = ArrayGates { max_ulp: Some(10), rtol: Some(0.0), ..ArrayGates::default() };
    assert_eq!(from_sides("7.5\n1.5\n", &format!("7.5\n{}\n", 1.5_f64.next_up()), &both), Verdict::Fail);
}

#[test]
fn printed_numbers_that_are_apart_by_the_stated_tolerance_agree_whichever_way_they_differ() {
    let (a, up, down) = (text("0.3\n0.7\n9\n"), text("0.4\n0.7\n9\n"), text("0.2\n0.7\n9\n"));
    for other in [&up, &down] {
        let verdict = |atol| {
            let gates = ArrayGates {
                atol: Some(atol),
                correlation: 0.0,
                sum_ratio: [0.1, 9.0],
                ..ArrayGates::default()
            };
            judged(&a, other, &gates).0
        };
        assert_eq!([verdict(0.1), verdict(0.1_f64.next_down())], [Verdict::Pass, Verdict::Fail]);
    }
}

#[test]
fn a_distance_that_the_double_of_every_number_keeps_decides_nothing() {
    let far = |limit| ArrayGates { max_ulp: Some(limit), ..ArrayGates::default() };
    let (a, b) = (doubles(&[100], wave), doubles(&[100], |i| if i == 7 { wave(i) * 1.5 } else { wave(i) }));
    let (printed_a, printed_b) = (text("1.5\n2.5\n"), text("1.5\n2.75\n"));
    for limit in [1 << 52, u64::MAX] {
        for (a, b) in [(&a, &b), (&printed_a, &printed_b)] {
            let wide = ArrayGates { correlation: 0.0, sum_ratio: [0.5, 2.0], ..far(limit) };
            let (outcome, reason) = judged(a, b, &wide);
            assert_eq!(outcome, Verdict::Undecided, "{reason}");
            assert!(reason.contains(&format!("at most {limit} of float64, which the double")), "{reason}");
            assert_eq!(judged(a, a, &wide).0, Verdict::Pass, "what is equal needs no limit");
        }
    }
    let half = ArrayGates { rtol: Some(1.0), ..ArrayGates::default() };
    assert!(half.check().is_err(), "zeros agree with everything");
}

#[test]
fn a_matrix_with_decimal_commas_is_text_that_is_refused_with_a_hint() {
    for matrix in ["1,5;2,5\n3,5;4,5\n", "x;y\n1,5;2,5\n", "1;2,5\n", "1,5 2,5\n", "x\n1,5\n2,5\n"] {
        for format in [Format::Csv, Format::Auto] {
            let read = parse(std::path::Path::new("a.txt"), matrix.as_bytes(), None, &format);
            let refusal = read.map(|_| ()).expect_err(matrix);
            let hint = trace_harness::evidence::failure::EndsCommand::hint(&refusal);
            assert!(hint.contains("decimal comma"), "{matrix}: {refusal}: {hint}");
        }
    }
    // Without a name before them these are two columns.
    assert_eq!(text("1,5\n2,5\n").shape(), [2, 2]);
}
