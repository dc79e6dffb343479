//! Bundles of comparisons run again where none of the programs is: those of the working folder are among the evidence.
//!
//! Not here: what a second run compares (`trace_harness::evidence::bundle::rerun`).

use std::fs;

use trace_harness::evidence::bundle::BundleError;
use trace_harness::evidence::bundle::inputs::COPY_LIMIT;
use trace_harness::evidence::bundle::rerun::{Before, Places, Rerun, rerun};
use trace_harness::evidence::process::{Interrupt, SystemRunner};

use crate::support::Scene;

/// An adapter of two programs that write `numbers.csv`, with one argument whose numbers may move.
pub fn adapter_of_numbers(programs: [&str; 2]) -> String {
    let [reference, candidate] = programs;
    format!(
        "[side.reference]\nlabel = 'one'\ncommand = ['{reference}', '{{args}}']\n\
         [side.candidate]\nlabel = 'two'\ncommand = ['{candidate}', '{{args}}']\n\
         [[output]]\nname = 'numbers'\npath = 'numbers.csv'\n[noise]\narguments = ['-x']\n"
    )
}

/// Programs that need nothing but themselves, and an adapter in a folder beside them.
fn scene() -> Scene {
    let scene = Scene::new();
    // 32 x 32 floats.
    let pixels = "i=0; while [ $i -lt 512 ]; do printf '\\0\\0\\200?\\0\\0\\0@'; i=$((i+1)); done";
    let render =
        format!("while [ $# -gt 0 ]; do [ \"$1\" = -floatfile ] && ({pixels}) > \"$2\"; shift; done");
    for name in ["ref", "mine"] {
        scene.script(name, &format!("echo 1,2 > numbers.csv\n{render}\nexit 0"));
    }
    fs::create_dir(scene.path("adapters")).unwrap();
    fs::write(scene.path("adapters/a.toml"), adapter_of_numbers(["../ref", "../mine"])).unwrap();
    scene
}

/// Runs the bundle `b` again in a folder that has nothing else, after everything beside it is gone.
fn elsewhere(scene: &Scene) -> Result<Rerun, BundleError> {
    let place = tempfile::tempdir().unwrap();
    let moved = place.path().join("b");
    assert!(
        std::process::Command::new("cp")
            .arg("-r")
            .arg(scene.path("b"))
            .arg(&moved)
            .status()
            .unwrap()
            .success()
    );
    for name in ["ref", "mine", "adapters", "b"] {
        let path = scene.path(name);
        if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
    }
    let places = Places { out: Some(place.path().join("again")), keep_paths: true, ..Places::default() };
    rerun(&Before::read(&moved).unwrap(), &places, &SystemRunner::new(Interrupt::install().unwrap()), &|_| ())
}

const CALLS: [&str; 4] = [
    "--reference ./ref --candidate ./mine --no-cache --outdir b -- -N 5",
    "--adapter adapters/a.toml --outdir b -- -x 1.5",
    "noise --adapter adapters/a.toml --outdir b -- -x 1.5",
    "--reference sh --reference-arg SCENE/ref --candidate ./mine --no-cache --outdir b -- -N 5",
];

#[test]
fn a_second_run_needs_no_program_of_the_working_folder() {
    for call in CALLS {
        let scene = scene();
        let folder = scene.path("").canonicalize().unwrap();
        let called = scene.run(&call.replace("SCENE/", &format!("{}/", folder.display())));
        assert!(scene.path("b/summary.json").is_file(), "{}", called.shown());
        let again = elsewhere(&scene).unwrap_or_else(|e| panic!("{call}: {e}"));
        assert_eq!(
            again.summary.verdict.word(),
            "PASS",
            "{call}: {} {:?}",
            again.summary.reason,
            again.files
        );
    }
}

#[test]
fn a_comparison_that_keeps_its_programs_follows_from_its_files() {
    for call in &CALLS[..3] {
        let scene = scene();
        let called = scene.run(call);
        assert!([0, 3, 5].contains(&called.code), "{}", called.shown());
        scene.assert_sound("b");
        let again = scene.run("recompute b");
        assert_eq!(again.code, 0, "{call}: {}", again.shown());
    }
}

#[test]
fn a_program_that_is_too_large_to_be_copied_is_one_of_the_machine() {
    let scene = scene();
    for name in ["ref", "mine"] {
        let file = fs::OpenOptions::new().write(true).open(scene.path(name)).unwrap();
        file.set_len(COPY_LIMIT + 1).unwrap();
    }
    for call in &CALLS[..2] {
        let called = scene.run(call);
        let summary = scene.json("b/summary.json");
        for step in summary["steps"].as_array().unwrap() {
            let word = step["command"][0].as_str().unwrap();
            assert!(word.starts_with("{bin:"), "{word} {}", called.shown());
        }
        fs::remove_dir_all(scene.path("b")).unwrap();
    }
}
