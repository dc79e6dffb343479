//! What the sides say they computed with is compared before the pixels: with our own simulator on both sides, one of them
//! behind a script that changes its arguments.
//!
//! Not here: what single differences look like (unit tests of `effective`).

use std::fs;

use crate::support::{self, Scene};

const CALL: &str = "--reference ./right.sh --candidate ./wrong.sh --outdir out -- \
                    -default_F 100 -cell 50 60 70 80 90 100 -N 5 -detpixels 32 -distance 100 \
                    -flux 1e12 -exposure 0.1 -beamsize 0.1";

/// Our own simulator with `more` after the arguments.
pub fn simulator(scene: &Scene, name: &str, more: &str) {
    let own = env!("CARGO_BIN_EXE_nb-compare");
    scene.script(name, &format!("exec '{own}' __nanobragg \"$@\" {more}"));
}

#[test]
fn a_fluence_that_is_not_recomputed_from_the_flux_is_named_before_the_pixels() {
    let scene = Scene::new();
    simulator(&scene, "right.sh", "");
    simulator(&scene, "wrong.sh", "-flux 0");
    let run = scene.run(CALL);
    assert_eq!(run.code, 3, "{}{}", run.out, run.err);
    let of = |text: &str| run.out.find(text).unwrap_or_else(|| panic!("`{text}` in {}", run.out));
    assert!(of("B has the default: not recomputed from flux, exposure and beam size") < of("correlation"));
    assert!(run.out.contains("FAIL: the sides do not compute with the same numbers: fluence is 1e+19 for A"));

    let summary = scene.json("out/summary.json");
    support::assert_valid(&summary, &scene.json("out/env.json"), Some(&scene.json("out/metrics.json")));
    let told = &summary["effective_parameters"];
    assert_eq!(told["different"], 1, "{told}");
    assert!(told["compared"].as_u64().is_some_and(|n| n >= 40), "{}", told["compared"]);
    let page = fs::read_to_string(scene.path("out/report.html")).unwrap();
    assert!(page.find("id=\"parameters\"").unwrap() < page.find("id=\"images\"").unwrap());
    assert!(fs::read_to_string(scene.path("out/analysis.md")).unwrap().contains("| fluence | photons/m² |"));
    scene.assert_sound("out");
}

#[test]
fn a_given_value_that_is_the_default_accuses_nobody_and_the_bundle_says_so_again() {
    let scene = Scene::new();
    simulator(&scene, "right.sh", "");
    simulator(&scene, "wrong.sh", "-distance 101 -misset 0.1 0 0");
    let run = scene.run(CALL);
    assert_eq!(run.code, 3, "{}{}", run.out, run.err);
    assert!(run.out.contains("distance is 0.1 for A and 0.101 m for B (B is 1.01 times A)"), "{}", run.out);
    assert!(!run.out.contains("has the default"), "{}", run.out);
    let line = run.out.lines().find(|line| line.trim_start().starts_with("cell vectors")).unwrap();
    let words = line.trim_start().strip_prefix("cell vectors").unwrap().trim_start();
    assert!(words.starts_with("the same cell, turned as a whole by 0.1"), "before any number: {line}");
    let again = scene.run("recompute out");
    assert_eq!(again.code, 0, "{}{}", again.out, again.err);
    // The same statement about arguments that give another distance.
    simulator(&scene, "wrong.sh", "-distance 100");
    let call = CALL.replace("-distance 100", "-distance 250").replace("--outdir out", "--outdir other");
    let run = scene.run(&call);
    assert!(run.out.contains("B has the default: not taken from the arguments"), "{}", run.out);
    let again = scene.run("recompute other");
    assert_eq!(again.code, 0, "{}{}", again.out, again.err);
}

#[test]
fn the_same_simulator_states_the_same_numbers() {
    let scene = Scene::new();
    simulator(&scene, "right.sh", "");
    simulator(&scene, "wrong.sh", "");
    let run = scene.run(CALL);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let summary = scene.json("out/summary.json");
    assert_eq!(summary["effective_parameters"]["different"], 0);
    assert_eq!(summary["steps"][0]["exported"]["OMP_NUM_THREADS"], "1", "the reference gets one thread");
    assert!(!fs::read_to_string(scene.path("out/report.html")).unwrap().contains("id=\"parameters\""));
}

#[test]
fn two_images_with_headers_are_compared_by_their_headers_first() {
    let scene = Scene::new();
    let call = "__nanobragg -default_F 100 -cell 50 60 70 90 90 90 -N 5 -detpixels 32";
    for (name, distance) in [("a.img", "100"), ("b.img", "101")] {
        let run = scene.run(&format!("{call} -distance {distance} -intfile {name} -floatfile float.bin"));
        assert_eq!(run.code, 0, "{}", run.err);
    }
    let told = scene.run("files a.img b.img --json").json();
    let different: Vec<&str> = told["effective_parameters"]["parameters"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|p| p["same"] == false && p["follows"].is_null())
        .map(|p| p["name"].as_str().unwrap())
        .collect();
    assert_eq!(different, ["distance"]);
}
