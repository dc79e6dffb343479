//! `--explain` with our own simulator on both sides, one of them playing the reference.
//!
//! Not here: traces and defects as such (`trace_harness`).

use std::fs;

use serde_json::Value;

use crate::effective::simulator;
use crate::support::{self, Scene};

/// A rotation whose first step is at phi = 0: the reference's carry-over shows.
const ROTATION: &str = "-cell 30 40 50 90 90 90 -default_F 100 -lambda 1.2 -distance 100 -detpixels 48 -pixel 0.5 -N 6 \
    -fluence 1e24 -misset 10 20 30 -phi 0 -osc 1.5 -phisteps 3 -oversample 1 -nointerpolate";

fn explained(scene: &Scene, reference: &str) -> (Value, String) {
    simulator(scene, "reference.sh", reference);
    let call =
        format!("--reference ./reference.sh --explain --threshold 1 --max-ulp 0 --outdir out -- {ROTATION}");
    let run = scene.run(&call);
    assert!([0, 3].contains(&run.code), "{}{}", run.out, run.err);
    let summary = scene.json("out/summary.json");
    support::assert_valid(&summary, &scene.json("out/env.json"), Some(&scene.json("out/metrics.json")));
    scene.assert_sound("out");
    (summary["explanation"].clone(), run.out)
}

#[test]
fn a_known_defect_that_is_the_whole_difference_is_named() {
    let scene = Scene::new();
    let (told, shown) = explained(&scene, "--parity");
    assert_eq!(told["defects"]["whole"], "C-PARITY-001", "{told}");
    assert!(shown.contains("C-PARITY-001 is the whole difference"), "{shown}");
    let causes = told["traces"]["root_causes"].as_array().unwrap();
    assert!(!causes.is_empty(), "{told}");
    assert_eq!(told["pixels"][0]["role"].as_str().unwrap().split(' ').next(), Some("largest"));
    assert!(scene.names("out").contains(&"reference_trace.txt".to_owned()));
    let page = fs::read_to_string(scene.path("out/report.html")).unwrap();
    assert!(page.contains("id=\"explanation\"") && page.contains("C-PARITY-001 is the whole difference"));
    let commands = fs::read_to_string(scene.path("out/commands.txt")).unwrap();
    assert!(commands.contains("--defect C-PARITY-001=emulate"), "every run is recorded");
}

#[test]
fn no_defect_is_named_for_a_crystal_in_another_orientation() {
    let scene = Scene::new();
    simulator(&scene, "reference.sh", "");
    let still = "-default_F 100 -cell 34.77 39.17 48.31 90 90 90 -N 8 -lambda 1 -distance 100 -detpixels 64";
    for (out, angle) in [("small", "0.1"), ("large", "35.5")] {
        let more =
            format!("--candidate-arg=-misset --candidate-arg={angle} --candidate-arg=0 --candidate-arg=0");
        let own = env!("CARGO_BIN_EXE_nb-compare");
        let run = scene.run(&format!(
            "--reference ./reference.sh --candidate {own} --candidate-arg=__nanobragg {more} --explain --outdir {out} -- {still}"
        ));
        assert_eq!(run.code, 3, "{}{}", run.out, run.err);
        let degrees = format!("turned as a whole by {angle}");
        assert!(run.out.contains(&degrees) && !run.out.contains("C-PARITY-001"), "{}", run.out);
        let analysis = fs::read_to_string(scene.path(&format!("{out}/analysis.md"))).unwrap();
        let causes: Vec<&str> = analysis.lines().filter(|line| line.contains("root cause ")).collect();
        assert!(!causes.is_empty() && causes.iter().all(|line| !line.contains(" / ")), "{analysis}");
        let page = fs::read_to_string(scene.path(&format!("{out}/report.html"))).unwrap();
        assert!(page.contains("add up to 100 %") && page.contains("cancel"), "shares are explained");
    }
}

#[test]
fn the_references_trace_comes_from_the_cache_the_second_time() {
    let scene = Scene::new();
    scene.native("reference");
    let traced = |out: &str, more: &str| {
        let reference = "--reference ./reference --reference-arg __nanobragg --reference-arg=--parity";
        let call = format!("{reference} --explain --outdir {out} {more} -- {ROTATION}");
        let run = scene.run(&call);
        assert!([0, 3].contains(&run.code), "{}{}", run.out, run.err);
        scene.assert_sound(out);
        let summary = scene.json(&format!("{out}/summary.json"));
        let steps = summary["steps"].as_array().unwrap().clone();
        let step = |name: &str| {
            let found = steps.iter().find(|step| step["name"].as_str().unwrap().starts_with(name));
            found.unwrap_or_else(|| panic!("no step `{name}`: {steps:?}")).to_string()
        };
        (
            step("trace-a"),
            step("trace-b"),
            fs::read(scene.path(&format!("{out}/reference_trace.txt"))).unwrap(),
        )
    };
    let (first, _, trace) = traced("one", "");
    assert!(!first.contains("from cache"), "{first}");
    let (second, candidate, again) = traced("two", "");
    assert!(second.contains("from cache: run at "), "{second}");
    assert!(!candidate.contains("from cache"), "the candidate always runs: {candidate}");
    assert_eq!(trace, again);
    let (anew, _, _) = traced("three", "--no-cache");
    assert!(!anew.contains("from cache"), "{anew}");
}

#[test]
fn a_difference_that_is_no_defect_is_traced_to_its_cause() {
    let scene = Scene::new();
    let (told, _) = explained(&scene, "-fluence 2e24");
    assert_eq!(told["defects"]["whole"], Value::Null);
    let causes: Vec<&str> = told["traces"]["root_causes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["key"].as_str().unwrap())
        .collect();
    assert!(causes.iter().any(|key| key.contains("fluence")), "{causes:?}");
}

#[test]
fn what_cannot_be_explained_says_why() {
    let scene = Scene::new();
    let (told, shown) = explained(&scene, "");
    assert_eq!(told["no_traces"], "nothing to explain: the images are the same bits");
    assert!(shown.contains("nothing to explain"), "{shown}");
    let scene = Scene::new();
    scene.simulator("ref.sh", &support::wave(32, 1.0), "");
    scene.simulator("mine.sh", &support::wave(32, 2.0), "");
    let run = scene.run(
        "--reference ./ref.sh --candidate ./mine.sh --explain --outdir out -- -detpixels 32 -default_F 1 \
                         -cell 30 40 50 90 90 90 -N 2",
    );
    assert_eq!(run.code, 3, "{}", run.err);
    let told = &scene.json("out/summary.json")["explanation"];
    assert!(told["no_traces"].as_str().is_some_and(|why| why.contains("printed no trace")), "{told}");
}
