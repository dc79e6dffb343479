//! How a reflection list is read, strictly and as nanoBragg does.
//!
//! Not here: the cache.

use super::*;

const BOTH: [Leniency; 2] = [Leniency::Strict, Leniency::Reference];

fn parse(text: &str, leniency: Leniency) -> Result<Reflections, InputError> {
    parse_text(Path::new("list.hkl"), text.as_bytes(), 0.0, leniency)
}

fn grid(text: &str) -> ReflectionGrid {
    parse(text, Leniency::Reference).expect("readable").grid
}

fn refused(text: &str) -> InputError {
    parse(text, Leniency::Strict).expect_err("refused")
}

fn f(grid: &ReflectionGrid, h: i32, k: i32, l: i32) -> Option<f64> {
    grid.index(h, k, l).map(|i| grid.values[i])
}

#[test]
fn records_fill_the_box_they_span() {
    for leniency in BOTH {
        let read = parse("0 0 0 100\n-2 1 1 9.5e1\r\n  1 0 -1\t-7", leniency).unwrap();
        let grid = read.grid;
        assert_eq!(grid.ranges(), [4, 2, 3]);
        assert_eq!(grid.count, 3);
        assert_eq!(f(&grid, 0, 0, 0), Some(100.0));
        assert_eq!(f(&grid, -2, 1, 1), Some(95.0));
        assert_eq!(f(&grid, 1, 0, -1), Some(-7.0));
        assert_eq!(f(&grid, 0, 1, 0), Some(0.0));
        assert!(read.warnings.is_empty());
    }
}

#[test]
fn unlisted_nodes_hold_the_default_and_the_padding_holds_zero() {
    let read = parse_text(Path::new("x"), b"0 0 0 1\n1 1 1 2", 5.0, Leniency::Strict).unwrap();
    assert_eq!(f(&read.grid, 1, 0, 0), Some(5.0));
    assert_eq!(read.grid.values.iter().filter(|&&v| v == 5.0).count(), 6);
}

#[test]
fn one_record_is_a_list_and_the_last_duplicate_wins() {
    for leniency in BOTH {
        assert_eq!(parse("3 -4 5 6", leniency).unwrap().grid.values.iter().sum::<f64>(), 6.0);
        let twice = parse("1 1 1 5\n1 1 1 6\n", leniency).unwrap().grid;
        assert_eq!((twice.count, f(&twice, 1, 1, 1)), (2, Some(6.0)));
    }
}

#[test]
fn amplitudes_that_contradict_each_other_are_told_once_unless_read_as_the_reference_does() {
    let text = "1 1 1 5\n2 0 0 0\n1 1 1 5\n1 1 1 6.5\n2 0 0 -1\n1 1 1 5\n";
    let read = parse(text, Leniency::Strict).unwrap();
    assert_eq!(
        read.warnings,
        [
            "`list.hkl`: 3 of its records give another amplitude to a reflection than an earlier one, first `1 1 1` with `6.5` after \
             `5`; the last one counts"
        ]
    );
    assert_eq!(f(&read.grid, 1, 1, 1), Some(5.0));
    assert!(parse(text, Leniency::Reference).unwrap().warnings.is_empty());
    assert!(parse("1 1 1 5\n1 1 1 5\n", Leniency::Strict).unwrap().warnings.is_empty());
}

#[test]
fn free_form_records_are_no_offence() {
    for leniency in BOTH {
        let grid =
            parse("0 0 0\t1.0e2  1 0 0 5.5E1\n\n  0\n1\n0\n7e1\n-1 -1 0 +42.25\n", leniency).unwrap().grid;
        assert_eq!(grid.count, 4);
        assert_eq!(f(&grid, 0, 1, 0), Some(70.0));
        assert_eq!(f(&grid, -1, -1, 0), Some(42.25));
    }
}

#[test]
fn a_comment_ends_the_list() {
    let text = "0 0 0 100\n1 0 0 50\n# stop\n5 5 5 70\n";
    assert_eq!(grid(text).count, 2);
    assert_eq!(grid(text).h_max, 1);
    let error = refused(text);
    assert_eq!((error.place.as_str(), error.problem.as_str()), ("line 3", "`#` is not a number"));
    assert!(parse("# title\n0 0 0 1\n", Leniency::Reference).is_err());
}

#[test]
fn a_fifth_column_shifts_what_follows() {
    let text = "0 0 0 100 9\n1 0 0 50 9\n2 0 0 30 9\n3 0 0 20 9\n";
    let shifted = grid(text);
    assert_eq!(shifted.count, 5);
    assert_eq!(f(&shifted, 9, 1, 0), Some(0.0));
    let error = refused(text);
    assert!(error.place == "line 1" && error.hint.contains("fifth column"), "{error:?}");
}

#[test]
fn a_fractional_index_widens_the_box_but_ends_the_filling() {
    let text = "0 0 0 100\n2 1 0 50\n4.25 0 0 80\n0 1 0 70\n";
    let read = parse(text, Leniency::Reference).unwrap();
    assert_eq!((read.grid.h_max, read.grid.count), (4, 4));
    assert_eq!(f(&read.grid, 2, 1, 0), Some(50.0));
    assert_eq!(f(&read.grid, 4, 0, 0), Some(0.0));
    assert_eq!(f(&read.grid, 0, 1, 0), Some(0.0));
    assert_eq!(read.warnings, ["non-integer value for h (4.25) at line 2"]);
    assert_eq!(refused(text).place, "line 3");
    assert_eq!(grid("0 0 0 1\n1. 0 0 5\n").values.iter().sum::<f64>(), 1.0);
}

#[test]
fn a_fractional_l_shifts_the_filling_by_its_fraction() {
    let text = "1 1 0 50\n0 0 1.5 1\n0 0 7\n";
    let shifted = grid(text);
    assert_eq!((shifted.count, shifted.l_max), (2, 1));
    assert_eq!(f(&shifted, 0, 0, 1), Some(0.5));
    assert_eq!(f(&shifted, 1, 0, 0), Some(7.0));
    assert!(refused(text).problem.contains("`0 0 1.5 1`"));
    // A shifted index may lie outside the box, where nanoBragg writes into other memory.
    let read = parse("0 0 0 1\n0 0 1.5 100 0 0 7", Leniency::Reference).unwrap();
    assert!(read.warnings.last().unwrap().contains("`100 0 0`"));
}

#[test]
fn an_incomplete_record_is_dropped() {
    assert_eq!(grid("1 1 1 5\n2 2").h_max, 1);
    assert!(refused("1 1 1 5\n2 2").problem.contains("in the middle"));
}

#[test]
fn an_empty_list_is_an_error() {
    for leniency in BOTH {
        for text in ["", "\n\n", "h k l F", "1 2 3", "\0\u{1}\u{2}"] {
            assert!(parse(text, leniency).is_err(), "{text:?}");
        }
    }
}

#[test]
fn indices_and_boxes_out_of_reason_are_errors() {
    for leniency in BOTH {
        for text in [
            "0 0 0 1\n3000000000 0 0 1",
            "99999999999999999999 0 0 1",
            "1e30 0 0 1",
            "nan 0 0 1",
            "inf 0 0 1",
            "0 0 0 1\n100000 100000 100000 1",
            "-2147483648 0 0 1\n2147483647 0 0 1",
        ] {
            assert!(parse(text, leniency).is_err(), "{text:?}");
        }
    }
}

#[test]
fn amplitudes_must_be_finite_unless_asked_otherwise() {
    for text in ["0 0 0 nan", "0 0 0 inf", "0 0 0 1e999"] {
        assert!(refused(text).problem.contains("not finite"), "{text}");
        assert!(!f(&grid(text), 0, 0, 0).unwrap().is_finite());
    }
}

proptest::proptest! {
    #[test]
    fn both_ways_agree_on_well_formed_lists(
        records in proptest::collection::vec((-9_i32..9, -9_i32..9, -9_i32..9, -1e3_f64..1e3), 1..40),
        end in proptest::sample::select(vec!["\n", "\r\n", "\n\n", " \n"]),
    ) {
        let lines: Vec<String> = records.iter().map(|(h, k, l, f)| format!("{h} {k}\t{l}  {f}")).collect();
        let text = lines.join(end);
        let strict = parse(&text, Leniency::Strict).unwrap();
        let lenient = parse(&text, Leniency::Reference).unwrap();
        proptest::prop_assert_eq!(&strict.grid, &lenient.grid);
        // Only one of them reports amplitudes that contradict each other.
        let mut amplitudes = std::collections::BTreeMap::new();
        let contradicted = records.iter().filter(|&&(h, k, l, f)| {
            amplitudes.insert([h, k, l], f).is_some_and(|before| before.partial_cmp(&f) != Some(Ordering::Equal))
        });
        proptest::prop_assert_eq!(strict.warnings.len(), contradicted.count().min(1));
        proptest::prop_assert!(lenient.warnings.is_empty());
        let (h, k, l, last) = records[records.len() - 1];
        proptest::prop_assert_eq!(f(&strict.grid, h, k, l), Some(last));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>, digits in "[-0-9 .e\n]{0,60}") {
        for leniency in BOTH {
            for text in [&bytes[..], digits.as_bytes()] {
                if let Ok(read) = parse_text(Path::new("x"), text, 0.0, leniency) {
                    proptest::prop_assert!(read.grid.count > 0);
                }
            }
        }
    }
}
