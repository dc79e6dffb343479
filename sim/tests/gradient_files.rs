//! The program's `--grad`: which files it writes, what the index says, and that the image stays what it is without.
//! Not here: whether derivatives are right (`derivatives`).

use std::path::Path;
use std::process::{Command, Output};

use nanobragg::image::npy;

const RUN: &str = "-cell 60 70 80 80 95 100 -default_F 100 -lambda 1 -distance 80 -detpixels 32 -pixel 0.4 -N 6 \
                   -misset 1 2 3 -floatfile float.bin -nonoise -nopgm -noprogress";

fn run(folder: &Path, more: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_nanobragg"))
        .args(RUN.split_whitespace())
        .args(more.split_whitespace())
        .current_dir(folder)
        .output()
        .expect("the program runs")
}

fn floats(path: &Path) -> Vec<f32> {
    let bytes = std::fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
}

#[test]
fn every_parameter_has_its_images_and_its_place_in_the_index() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = run(folder.path(), "--grad cell_a,misset_x,distance --grad-dir by");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = std::fs::read_to_string(folder.path().join("by/gradients.json")).expect("the index");
    let index: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let expected = [("cell_a", "angstrom", 60.0), ("misset_x", "degree", 1.0), ("distance", "mm", 80.0)];
    assert_eq!(index["parameters"].as_array().map(Vec::len), Some(expected.len()));
    for (entry, (name, unit, value)) in index["parameters"].as_array().expect("a list").iter().zip(expected) {
        assert_eq!((entry["name"].as_str(), entry["unit"].as_str()), (Some(name), Some(unit)));
        assert!((entry["value"].as_f64().expect("a number") - value).abs() < 1e-9, "{entry}");
        let raw = floats(&folder.path().join("by").join(entry["float"].as_str().expect("a name")));
        assert_eq!(raw.len(), 32 * 32);
        assert!(raw.iter().any(|x| *x != 0.0), "{name} moves nothing");
        let numpy = folder.path().join("by").join(entry["npy"].as_str().expect("a name"));
        let read = npy::read(&numpy).expect("a NumPy array").into_f32();
        assert_eq!((read.slow, read.fast, read.data), (32, 32, raw));
    }
}

#[test]
fn all_parameters_are_those_that_there_is_a_derivative_by_and_the_others_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = run(folder.path(), "--grad all --grad-dir by");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    let text = std::fs::read_to_string(folder.path().join("by/gradients.json")).expect("the index");
    let index: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let entries = index["parameters"].as_array().expect("a list");
    let names: Vec<&str> = entries.iter().map(|entry| entry["name"].as_str().expect("a name")).collect();
    assert!(names.contains(&"cell_a") && !names.contains(&"mosaic_spread"), "{names:?}");
    assert!(stderr.contains("no derivative by `mosaic_spread`: "), "{stderr}");
    // A parameter requested by name is required.
    let refused = run(folder.path(), "--grad mosaic_spread --grad-dir one");
    assert_eq!(refused.status.code(), Some(1));
}

#[test]
fn the_image_is_the_same_with_and_without_derivatives() {
    let (with, without) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    assert!(run(with.path(), "--grad fluence").status.success());
    assert!(run(without.path(), "").status.success());
    let bytes = |folder: &Path| std::fs::read(folder.join("float.bin")).expect("the image");
    assert!(bytes(with.path()) == bytes(without.path()));
    assert!(!without.path().join("gradients").exists());
    // Photons are proportional to the fluence, so its derivative times it is the image.
    let image = floats(&with.path().join("float.bin"));
    let by = floats(&with.path().join("gradients/fluence.bin"));
    let index = std::fs::read_to_string(with.path().join("gradients/gradients.json")).expect("the index");
    let index: serde_json::Value = serde_json::from_str(&index).expect("JSON");
    let fluence = index["parameters"][0]["value"].as_f64().expect("a number");
    for (x, slope) in image.iter().zip(by) {
        assert!((f64::from(slope) * fluence - f64::from(*x)).abs() <= 1e-6 * f64::from(*x), "{x} {slope}");
    }
}

#[test]
fn what_cannot_be_differentiated_is_said_before_anything_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = run(folder.path(), "--grad miset_x");
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1));
    assert!(error.contains("`misset_x`") && !folder.path().join("float.bin").exists(), "{error}");
    let output = run(folder.path(), "--grad Na");
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(1) && error.contains("whole numbers"), "{error}");
}
