//! What differences between two statements look like. Not here: reading statements.

use std::collections::BTreeMap;
use std::fs;

use super::*;

const TEXT: &str = "\
mosflm convention selected.
real-space cell vectors (Angstrom):
X: 43.94 -22.11 26.49
Y: 15.34 52.33 1.26
Z: -18.27 19.27 64.77
  wave=1e-10 meters +/- 0% in 1 steps
  incident fluence: 1e+19 photons/m^2
  distance=0.1 detsize=0.0064x0.0064  pixel=0.0001 meters (64x64 pixels)
  Xbeam=0.00325 Ybeam=0.00475
  DIRECTION_OF_DETECTOR_X-AXIS= 0 0 1
  DIRECTION_OF_DETECTOR_Y-AXIS= 0 -1 0
  dials origin= -3.3 3.28744 -100.288
  1 mosaic domains over mosaic spread of 0.5 degrees
  seed: 7
";

fn stated(text: &str) -> Stated {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("console");
    fs::write(&path, text).unwrap();
    Stated::read(Some(&path), None)
}

fn against(changes: &[(&str, &str)]) -> Effective {
    let mut other = TEXT.to_owned();
    for (old, new) in changes {
        assert!(other.contains(old), "{old}");
        other = other.replace(old, new);
    }
    Effective::of(&stated(TEXT), &stated(&other))
}

/// The words about the only difference, or about the one that the others follow from.
fn signature_of(name: &str, old: &str, new: &str) -> String {
    let effective = against(&[(old, new)]);
    let row = effective.different().next().unwrap();
    assert_eq!(row.parameter.name, name);
    row.words.join("; ")
}

#[test]
fn equal_statements_do_not_differ() {
    let effective = against(&[]);
    assert!(effective.compared() > 15, "{}", effective.compared());
    assert_eq!(effective.different().count(), 0);
    assert_eq!(effective.sentence(), None);
    let rounded = against(&[("3.28744", "3.28745")]);
    assert_eq!(rounded.sentence(), None, "the last printed digit is rounding");
}

#[test]
fn a_fluence_that_was_not_recomputed_is_named() {
    let signature = signature_of("fluence", "1e+19", "1.25932e+29");
    let asks = "B has the default value: was it recomputed from flux, exposure and beam size?";
    assert!(signature.starts_with(asks), "{signature}");
}

#[test]
fn a_default_accuses_a_side_only_where_its_arguments_give_another_value() {
    for (name, text, default, other) in [
        ("distance", "distance=0.1 ", 0.1, "distance=0.101 "),
        ("wavelength", "wave=1e-10 ", 1e-10, "wave=1.01e-10 "),
        ("pixel size", "pixel=0.0001 ", 1e-4, "pixel=0.0002 "),
    ] {
        let signature = |given_values: Option<f64>| {
            let given_values: BTreeMap<_, _> = given_values.map(|value| (name, value)).into_iter().collect();
            let sides = [stated(TEXT), stated(&TEXT.replace(text, other))]
                .map(|side| side.asked(given_values.clone()));
            let effective = Effective::of(&sides[0], &sides[1]);
            let row = effective.different().find(|row| row.parameter.name == name).unwrap();
            row.words.join("; ")
        };
        assert!(!signature(Some(default)).contains("default"), "{name}: what was given is what A has");
        let another = signature(Some(7.0 * default));
        assert!(another.starts_with("A has the default: not taken from the arguments"), "{name}: {another}");
        assert!(signature(None).starts_with("A has the default value: was the argument taken?"), "{name}");
    }
}

#[test]
fn a_cell_that_is_turned_as_a_whole_is_said_so_and_by_how_much() {
    // Columns turned about z: x and y of each vector change places.
    let turned = [
        ("X: 43.94 -22.11 26.49", "X: -15.34 -52.33 -1.26"),
        ("Y: 15.34 52.33 1.26", "Y: 43.94 -22.11 26.49"),
    ];
    let effective = against(&turned);
    let sentence = effective.sentence().unwrap();
    assert!(
        sentence
            .contains("the cell vectors differ (the same cell, turned as a whole by 90.000 degrees: check "),
        "{sentence}"
    );
    // With one vector longer it is another cell, whatever its orientation.
    let longer = [turned[0], ("Y: 15.34 52.33 1.26", "Y: 43.94 -22.11 30.49")];
    assert!(!against(&longer).sentence().unwrap().contains("the same cell"));
}

#[test]
fn exact_ratios_are_named() {
    for (name, old, new, expected) in [
        ("wavelength", "wave=1e-10", "wave=1", "exactly 1e+10 times A: a unit"),
        ("mosaic spread", "spread of 0.5 ", "spread of 0.00872665 ", "degrees taken for radians"),
        ("mosaic spread", "spread of 0.5 ", "spread of 3.14159 ", "2 pi"),
        ("fluence", "1e+19", "2.5e+20", "25 times A = 5²"),
        ("DIALS origin", "-3.3 3.28744 -100.288", "3.3 -3.28744 100.288", "the sign is turned"),
        ("beam centre X, Y", "0.00325 Ybeam=0.00475", "0.0033 Ybeam=0.0048", "half a pixel"),
        ("beam centre X, Y", "0.00325 Ybeam=0.00475", "0.00315 Ybeam=0.00475", "a whole pixel"),
        ("beam centre X, Y", "0.00325 Ybeam=0.00475", "0.00475 Ybeam=0.00325", "swapped"),
        ("mosaic spread", "spread of 0.5 ", "spread of 0.617 ", "B is 1.234 times A"),
    ] {
        let signature = signature_of(name, old, new);
        assert!(signature.contains(expected), "{name}: `{signature}`, expected `{expected}`");
    }
}

#[test]
fn transposed_axes_and_matrices_are_named() {
    let effective = against(&[("X-AXIS= 0 0 1", "X-AXIS= 0 -1 0"), ("Y-AXIS= 0 -1 0", "Y-AXIS= 0 0 1")]);
    let signature: Vec<_> = effective.different().map(|r| r.words.join("; ")).collect();
    assert_eq!(signature, vec!["the fast and slow axes are transposed"; 2]);
    let matrix = against(&[
        ("-22.11 26.49", "15.34 -18.27"),
        ("Y: 15.34 52.33 1.26", "Y: -22.11 52.33 19.27"),
        ("Z: -18.27 19.27", "Z: 26.49 1.26"),
    ]);
    assert_eq!(matrix.different().next().unwrap().words, ["the matrix is transposed"]);
}

#[test]
fn what_follows_from_another_difference_is_no_news_and_a_seed_of_the_noise_is_no_cause() {
    let effective = against(&[("mosflm", "xds"), ("X-AXIS= 0 0 1", "X-AXIS= 1 0 0"), ("seed: 7", "seed: 8")]);
    let follows: Vec<_> = effective.different().map(|r| (r.parameter.name.as_str(), r.follows)).collect();
    assert_eq!(follows, [("convention", None), ("fast axis", Some("convention")), ("noise seed", None)]);
    assert_eq!(
        effective.sentence().unwrap(),
        "the sides do not compute with the same numbers: convention is mosflm for A and xds for B"
    );
}

#[test]
fn what_only_one_side_states_is_listed_but_is_no_difference() {
    let effective = Effective::of(&stated(TEXT), &Stated::default());
    assert_eq!((effective.compared(), effective.different().count()), (0, 0));
    assert!(effective.rows.iter().all(|r| r.text(1) == "not stated"));
}
