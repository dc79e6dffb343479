//! `nanobragg refine`: a noisy image of the protein gives back the parameters it was made with.
//!
//! Starting 0.2 degrees, 0.5 % and 0.5 mm away. Not here: derivatives (`derivatives`).

use std::io::Read;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const COMMON: &str = "-hkl protein.hkl -lambda 1.0 -detpixels 256 -pixel 0.4 -N 12 -fluence 1e28 -oversample 1 -nopgm \
                      -noprogress --threads 2 --quiet";
const TRUTH: &str = "-cell 34.77 39.17 48.31 90 90 90 -misset 10 20 30 -distance 100";
const START: &str = "-cell 34.94385 39.36585 48.55155 90 90 90 -misset 10.2 19.8 30.2 -distance 100.5";
const PARAMETERS: &str = "misset_x,misset_y,misset_z,cell_a,cell_b,cell_c,distance";
/// True value of each parameter, and how near it must be found: 0.001 degrees, 0.01 %, 0.01 mm.
const WANTED: &[(&str, f64, f64)] = &[
    ("misset_x", 10.0, 1e-3),
    ("misset_y", 20.0, 1e-3),
    ("misset_z", 30.0, 1e-3),
    ("cell_a", 34.77, 34.77e-4),
    ("cell_b", 39.17, 39.17e-4),
    ("cell_c", 48.31, 48.31e-4),
    ("distance", 100.0, 0.01),
];

fn call(folder: &Path, arguments: &str) -> Output {
    let args = arguments.split_whitespace();
    Command::new(env!("CARGO_BIN_EXE_nanobragg")).args(args).current_dir(folder).output().expect("it runs")
}

/// A folder with the protein's structure factors and a noisy image of it.
fn prepared() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let packed =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../trace-harness/data/protein/1orc_P212121_2.0A.hkl.gz");
    let file = std::fs::File::open(&packed).unwrap_or_else(|e| panic!("{}: {e}", packed.display()));
    let mut text = Vec::new();
    flate2::read::GzDecoder::new(file).read_to_end(&mut text).expect("packed structure factors");
    std::fs::write(folder.path().join("protein.hkl"), text).expect("room");
    let made = call(folder.path(), &format!("{COMMON} {TRUTH} -noisefile noise.img -seed 3"));
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    folder
}

fn result(folder: &Path, out: &str) -> Value {
    let text = std::fs::read(folder.join(out).join("refinement.json")).expect("the result");
    serde_json::from_slice(&text).expect("JSON")
}

fn refine(folder: &Path, out: &str, more: &str) -> Value {
    let arguments =
        format!("refine --target noise.img --params {PARAMETERS} --out {out} {COMMON} {START} {more}");
    let output = call(folder, &arguments);
    assert!(output.status.success(), "{more}: {}", String::from_utf8_lossy(&output.stderr));
    result(folder, out)
}

#[test]
fn parameters_are_recovered_from_a_noisy_image() {
    let folder = prepared();
    for (out, more) in [
        ("poisson", "--loss poisson"),
        ("squares", "--loss least-squares"),
        ("lbfgs", "--method lbfgs --steps 300"),
    ] {
        let found = refine(folder.path(), out, more);
        assert_eq!(found["converged"], true, "{more}");
        for (entry, (name, truth, tolerance)) in
            found["parameters"].as_array().expect("a list").iter().zip(WANTED)
        {
            let number = |key: &str| entry[key].as_f64().expect("a number");
            assert_eq!(entry["name"], *name);
            let away = (number("value") - truth).abs();
            assert!(away < *tolerance, "{more}: {name} {} instead of {truth}", number("value"));
            // Errors are honest: none of a few parameters is further off than five of them.
            assert!(away < 5.0 * number("error"), "{more}: {name} is {away} off, error {}", number("error"));
        }
        let svg = std::fs::read_to_string(folder.path().join(out).join("convergence.svg")).expect("the plot");
        assert!(svg.contains("<polyline") && svg.contains("misset_x"));
    }
}

#[test]
fn a_bound_is_kept() {
    let folder = prepared();
    for method in ["lm", "lbfgs"] {
        let more = format!("--bound distance=100.2:101 --blur 3 --method {method}");
        let arguments = format!(
            "refine --target noise.img --params distance,misset_x --out {method} {COMMON} {TRUTH} -distance 100.4 {more}"
        );
        let output = call(folder.path(), &arguments);
        assert!(output.status.code() == Some(0), "{method}: {}", String::from_utf8_lossy(&output.stderr));
        let found = result(folder.path(), method);
        let value = |i: usize| found["parameters"][i]["value"].as_f64().expect("a number");
        assert!((value(0) - 100.2).abs() < 1e-9, "{method}: {}", value(0));
        assert!((100.2..=101.0).contains(&value(0)) && value(1).is_finite(), "{method}");
    }
}

#[test]
fn every_step_lowers_the_loss_and_steps_are_no_more_than_asked_for() {
    let folder = prepared();
    for method in ["lm", "lbfgs"] {
        let arguments = format!(
            "refine --target noise.img --params {PARAMETERS} --out {method} {COMMON} {START} --steps 3 --method {method}"
        );
        assert!(matches!(call(folder.path(), &arguments).status.code(), Some(0 | 3)), "{method}");
        for stage in result(folder.path(), method)["stages"].as_array().expect("a list") {
            let losses: Vec<f64> = (stage["steps"].as_array().expect("a list").iter())
                .map(|step| step["loss"].as_f64().expect("a number"))
                .collect();
            assert!((1..=4).contains(&losses.len()), "{method}: {losses:?}");
            assert!(losses.is_sorted_by(|before, after| before > after), "{method}: {losses:?}");
        }
    }
}

#[test]
fn what_cannot_be_refined_is_said() {
    let folder = prepared();
    let start = format!("{COMMON} {TRUTH}");
    for (arguments, code, says) in [
        ("refine --params phi", 1, "`--target IMAGE`"),
        ("refine --target noise.img --params Na", 1, "whole numbers"),
        ("refine --target noise.img --params phi --bound distance=1:2", 1, "not refined"),
        ("refine --target noise.img --params distance --bound distance=1:2", 1, "outside its range"),
        ("refine --target noise.img --params phi -detpixels 99", 4, "256 x 256"),
        ("refine --target none.img --params phi", 9, "none.img"),
    ] {
        let (first, rest) = arguments.split_at(arguments.find(" -detpixels").unwrap_or(arguments.len()));
        let output = call(folder.path(), &format!("{first} {start} {rest}"));
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(code) && error.contains(says), "{arguments}: {error}");
    }
}
