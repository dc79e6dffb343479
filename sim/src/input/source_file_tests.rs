//! How a table of sources is read, strictly and as nanoBragg does.
//!
//! Not here: what the columns mean.

use super::*;

const BOTH: [Leniency; 2] = [Leniency::Strict, Leniency::Reference];

fn rows(text: &str, leniency: Leniency) -> Vec<[Option<f64>; 5]> {
    parse(Path::new("sources.txt"), text.as_bytes(), leniency).expect("readable").rows
}

fn refused(text: &str) -> InputError {
    parse::<5>(Path::new("sources.txt"), text.as_bytes(), Leniency::Strict).expect_err("refused")
}

#[test]
fn missing_columns_are_none() {
    for leniency in BOTH {
        assert_eq!(
            rows("-10\n-10 0.05 -3e-2\n\n \t\n  -10, 0.05; 0.02: 1! 1e-10\n", leniency),
            [
                [Some(-10.0), None, None, None, None],
                [Some(-10.0), Some(0.05), Some(-0.03), None, None],
                [Some(-10.0), Some(0.05), Some(0.02), Some(1.0), Some(1e-10)],
            ]
        );
    }
}

#[test]
fn line_ends_do_not_matter_strictly_but_zero_the_rest_for_nanobragg() {
    let zeros = [Some(-10.0), Some(2.0), Some(0.0), Some(0.0), Some(0.0)];
    let missing = [Some(-10.0), Some(2.0), None, None, None];
    for text in ["-10 2", "-10 2\r\n"] {
        assert_eq!(rows(text, Leniency::Strict), [missing]);
        assert_eq!(rows(text, Leniency::Reference), [zeros]);
    }
    let full = [Some(-10.0), Some(0.0), Some(0.0), Some(1.0), Some(1.2e-10)];
    for text in ["-10 0 0 1 1.2e-10", "-10 0 0 1 1.2e-10\r\n"] {
        for leniency in BOTH {
            assert_eq!(rows(text, leniency), [full]);
        }
    }
    assert_eq!(rows("1\n\r\n", Leniency::Strict).len(), 1);
    assert_eq!(rows("1\n\r\n", Leniency::Reference)[1], [Some(0.0); 5]);
}

#[test]
fn comments_are_rows_for_nanobragg_only() {
    let text = "# a b 1 1.1e-10\n-10 0 0 1 1.2e-10\n";
    let comment = [Some(0.0), Some(0.0), Some(0.0), Some(1.0), Some(1.1e-10)];
    assert_eq!(rows(text, Leniency::Reference)[0], comment);
    assert_eq!(rows(text, Leniency::Reference).len(), 2);
    let error = refused(text);
    assert!(error.place == "line 1" && error.problem.contains("`#`") && !error.hint.is_empty());
}

#[test]
fn words_that_only_begin_as_numbers_are_refused_strictly() {
    assert_eq!(rows("1.5mm 2\n", Leniency::Reference)[0][..2], [Some(1.5), Some(2.0)]);
    assert_eq!(refused("0 0\n1.5mm 2\n").place, "line 2");
    for word in ["nan", "inf", "1e999", "--1", "\0"] {
        assert!(refused(&format!("1 {word}\n")).problem.contains("not a finite number"));
    }
    assert_eq!(rows("nan 2\n", Leniency::Reference)[0][..2], [None, Some(2.0)]);
}

#[test]
fn further_columns_are_ignored() {
    let text = "1 2 3 4 5 6 7\n8\n";
    for leniency in BOTH {
        assert_eq!(rows(text, leniency).len(), 2);
    }
    let strict = parse::<5>(Path::new("s"), text.as_bytes(), Leniency::Strict).unwrap();
    assert!(strict.warnings.len() == 1 && strict.warnings[0].contains("line 1"));
}

#[test]
fn a_table_needs_a_row() {
    for leniency in BOTH {
        for text in ["", "\n \n\t\n"] {
            assert!(parse::<2>(Path::new("s"), text.as_bytes(), leniency).is_err());
        }
    }
}

#[test]
fn nanobraggs_line_buffer_splits_long_lines() {
    let text = format!("{}7 8\n", "1 ".repeat(LINE_BYTES / 2));
    assert_eq!(rows(&text, Leniency::Strict).len(), 1);
    let split = rows(&text, Leniency::Reference);
    assert_eq!(split.len(), 2);
    assert_eq!(split[1][..2], [Some(8.0), None]);
    assert_eq!(rows("1 2\0 3\n", Leniency::Reference)[0][..3], [Some(1.0), Some(2.0), Some(0.0)]);
}

proptest::proptest! {
    #[test]
    fn both_ways_agree_on_well_formed_tables(
        table in proptest::collection::vec(proptest::collection::vec(-1e3_f64..1e3, 1..6), 1..20),
        delimiter in proptest::sample::select(vec![" ", "\t", ", ", "; "]),
    ) {
        let line = |row: &Vec<f64>| row.iter().map(f64::to_string).collect::<Vec<_>>().join(delimiter) + "\n";
        let text: String = table.iter().map(line).collect();
        let strict = rows(&text, Leniency::Strict);
        proptest::prop_assert_eq!(&strict, &rows(&text, Leniency::Reference));
        for (read, row) in strict.iter().zip(&table) {
            let given: Vec<f64> = read.iter().flatten().copied().collect();
            proptest::prop_assert_eq!(&given, row);
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>) {
        for leniency in BOTH {
            if let Ok(table) = parse::<5>(Path::new("s"), &bytes, leniency) {
                proptest::prop_assert!(!table.rows.is_empty());
            }
        }
    }
}
