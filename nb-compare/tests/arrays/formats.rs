//! Files that the formats' reference implementations wrote read to the same bits: `fixtures/arrays/make.py` wrote them, and what they hold.
//!
//! Not here: headers that say what cannot be (`broken`).

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use nb_compare::array::{Array, ArrayGates, ElementType, Format, compare, open, parse};
use serde_json::Value;

pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/arrays")
}

/// What a file holds.
pub struct Expected {
    pub file: String,
    pub part: String,
    pub element: ElementType,
    pub shape: Vec<usize>,
    pub bytes: Vec<u8>,
}

pub fn expected() -> Vec<Expected> {
    let text = std::fs::read(folder().join("expected.json")).expect("what the script wrote");
    let all: Value = serde_json::from_slice(&text).expect("JSON");
    let row = |row: &Value| {
        let text = |key: &str| row[key].as_str().expect("a text").to_owned();
        Expected {
            file: text("file"),
            part: text("part"),
            element: ElementType::of_numpy(&text("type")).expect("a type").0,
            shape: serde_json::from_value(row["shape"].clone()).expect("a shape"),
            bytes: STANDARD.decode(text("bytes")).expect("base 64"),
        }
    };
    all["arrays"].as_array().expect("a list").iter().map(row).collect()
}

/// Whether an array has this shape and type and these very bits.
fn holds(array: &Array, expected: &Expected) -> Result<(), String> {
    let name = format!("{}:{}", expected.file, expected.part);
    if (array.shape(), array.element()) != (expected.shape.as_slice(), expected.element) {
        return Err(format!(
            "{name}: {:?} of {}, expected {:?} of {}",
            array.shape(),
            array.element(),
            expected.shape,
            expected.element
        ));
    }
    let other =
        Array::of_bytes(&expected.shape, expected.element, &expected.bytes).expect("the script's bytes");
    let comparison = compare(array, &other, &ArrayGates::default()).expect("one shape");
    match comparison.metrics.byte_identical {
        true => Ok(()),
        false => Err(format!("{name}: {}", comparison.judgement.reason)),
    }
}

#[test]
fn every_file_of_a_reference_implementation_reads_to_the_same_bits() {
    let all = expected();
    assert!(all.len() > 80, "{}", all.len());
    let mut faults = Vec::new();
    for expected in &all {
        let name = if expected.part.is_empty() {
            expected.file.clone()
        } else {
            format!("{}:{}", expected.file, expected.part)
        };
        let opened = open(&folder().join(name), &Format::Auto);
        faults.extend(opened.map_err(|e| e.to_string()).and_then(|array| holds(&array, expected)).err());
    }
    assert!(faults.is_empty(), "{} of {}:\n{}", faults.len(), all.len(), faults.join("\n"));
}

#[test]
fn every_format_that_is_read_has_files_of_another_program() {
    let all = expected();
    for ending in ["npy", "npz", "csv", "txt", "h5", "nc", "tif", "fits", "edf", "cbf"] {
        let path = |expected: &Expected| Path::new(&expected.file).extension().is_some_and(|it| it == ending);
        assert!(all.iter().any(path), "{ending}");
    }
}

#[test]
fn a_file_cut_anywhere_is_refused_with_its_name_and_never_read_as_another_array() {
    let mut cut = 0;
    for expected in &expected() {
        let path = folder().join(&expected.file);
        let whole = std::fs::read(&path).expect("a fixture");
        let part = Some(expected.part.as_str()).filter(|part| !part.is_empty());
        for sixteenths in 0..16 {
            let length = whole.len() * sixteenths / 16;
            match parse(&path, &whole[..length], part, &Format::Auto) {
                Err(error) => {
                    cut += 1;
                    let text = error.to_string();
                    assert!(text.contains(&expected.file) && text.contains("expected"), "{text}");
                }
                // Text has no length, and what stands at the end of a file may be another array.
                Ok(array) => {
                    let is_text = expected.file.ends_with("csv") || expected.file.ends_with("txt");
                    assert!(is_text || holds(&array, expected).is_ok(), "{} {length}", expected.file);
                }
            }
        }
    }
    assert!(cut > 1000, "{cut}");
}
