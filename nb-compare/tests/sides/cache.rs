//! Runs of the reference that are kept: when they answer, when they do not, and what is said about it.
//!
//! Not here: the cache by itself (unit tests of `cache`).

use std::fs;

use serde_json::Value;
use trace_harness::evidence::bundle::rerun::{Before, Places, rerun};
use trace_harness::evidence::process::{Interrupt, SystemRunner};

use crate::support::{self, Called, Scene, wave};

/// Both sides count how often they run.
fn scene() -> Scene {
    let scene = Scene::new();
    for name in ["ref", "mine"] {
        let count = scene.path(&format!("{name}.count"));
        scene.simulator(name, &wave(32, 1.0), &format!("echo run >> '{}'", count.display()));
    }
    scene
}

fn runs(scene: &Scene, name: &str) -> usize {
    fs::read_to_string(scene.path(&format!("{name}.count"))).map_or(0, |text| text.lines().count())
}

fn compare(scene: &Scene, out: &str, more: &str) -> (Called, Value) {
    let run = scene.run(&format!("--reference ./ref --candidate ./mine --outdir {out} {more}"));
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let summary = scene.json(&format!("{out}/summary.json"));
    let environment = scene.json(&format!("{out}/env.json"));
    support::assert_valid(&summary, &environment, Some(&scene.json(&format!("{out}/metrics.json"))));
    scene.assert_sound(out);
    (run, summary)
}

#[test]
fn the_same_run_comes_from_the_cache_and_the_report_says_so() {
    let scene = scene();
    let (_, first) = compare(&scene, "one", "-- -N 5");
    assert_eq!(first["reference_cache"]["from_cache"], false);
    let (run, second) = compare(&scene, "two", "-- -N 5");
    assert_eq!((runs(&scene, "ref"), runs(&scene, "mine")), (1, 2), "the candidate always runs");
    assert_eq!(second["reference_cache"]["from_cache"], true);
    assert!(run.out.lines().next().unwrap().contains("(from cache: run at "), "{}", run.out);
    assert_eq!(second["runtime_reference_ms"], first["runtime_reference_ms"], "the time it took when it ran");
    let page = fs::read_to_string(scene.path("two/report.html")).unwrap();
    assert!(page.contains("from cache: run at"));
    for name in ["reference_float.bin", "reference_stdout.txt", "reference_stderr.txt"] {
        let read = |folder: &str| fs::read(scene.path(&format!("{folder}/{name}"))).unwrap();
        assert_eq!(read("one"), read("two"), "{name}");
    }
}

#[test]
fn a_bundle_with_a_reference_from_the_cache_runs_it_again() {
    let scene = scene();
    compare(&scene, "one", "-- -N 5");
    compare(&scene, "two", "-- -N 5");
    let before = Before::read(&scene.path("two")).unwrap();
    assert_eq!(before.preview().matches("command").count(), 2, "the reference is shown, for it is run");
    let programs = ["ref", "mine"].map(|name| (name.to_owned(), scene.path(name)));
    let places = Places {
        out: Some(scene.path("again")),
        programs: programs.into(),
        keep_paths: true,
        ..Places::default()
    };
    let runner = SystemRunner::new(Interrupt::install().unwrap());
    let done = rerun(&before, &places, &runner, &|_| ()).unwrap();
    assert_eq!(done.summary.verdict.word(), "PASS", "{} {:?}", done.summary.reason, done.files);
    assert_eq!((runs(&scene, "ref"), runs(&scene, "mine")), (2, 3));
}

#[test]
fn a_failure_that_is_the_same_again_is_no_difference() {
    let scene = scene();
    scene.simulator("mine", &wave(32, 1.0), "exit 7");
    assert_eq!(scene.run("--reference ./ref --candidate ./mine --no-cache --outdir out -- -N 5").code, 2);
    let before = Before::read(&scene.path("out")).unwrap();
    let programs = ["ref", "mine"].map(|name| (name.to_owned(), scene.path(name)));
    let places = Places {
        out: Some(scene.path("again")),
        programs: programs.into(),
        keep_paths: true,
        ..Places::default()
    };
    let done = rerun(&before, &places, &SystemRunner::new(Interrupt::install().unwrap()), &|_| ()).unwrap();
    assert_eq!(done.summary.verdict.word(), "PASS", "{} {:?}", done.summary.reason, done.files);
    assert!(done.files.iter().all(|file| file.path != "candidate_float.bin"), "{:?}", done.files);
}

#[test]
fn another_argument_or_program_or_no_cache_runs_the_reference() {
    let scene = scene();
    compare(&scene, "one", "-- -N 5");
    compare(&scene, "two", "-- -N 6");
    compare(&scene, "three", "--no-cache -- -N 5");
    compare(&scene, "four", "--cache-dir elsewhere -- -N 5");
    assert_eq!(runs(&scene, "ref"), 4);
    let script = fs::read_to_string(scene.path("ref")).unwrap();
    fs::write(scene.path("ref"), script + "# another program\n").unwrap();
    compare(&scene, "five", "-- -N 5");
    assert_eq!(runs(&scene, "ref"), 5);
}

#[test]
fn an_input_file_counts_by_its_content() {
    let scene = scene();
    for (number, content) in ["0 0 1 5", "0 0 1 5", "0 0 1 6"].iter().enumerate() {
        fs::write(scene.path("a.hkl"), content).unwrap();
        compare(&scene, &format!("out{number}"), "-- -hkl a.hkl");
    }
    assert_eq!(runs(&scene, "ref"), 2);
}

#[test]
fn a_damaged_entry_is_found_and_the_reference_runs_again() {
    let scene = scene();
    compare(&scene, "one", "-- -N 5");
    let entries = fs::read_dir(scene.path("caches/nb-compare")).unwrap();
    let entry = entries.map(|e| e.unwrap().path()).next().unwrap();
    let image = entry.join("float.bin");
    let mut bytes = fs::read(&image).unwrap();
    bytes[0] ^= 1;
    fs::write(&image, bytes).unwrap();
    let (run, summary) = compare(&scene, "two", "-- -N 5");
    assert_eq!(runs(&scene, "ref"), 2);
    assert_eq!(summary["byte_identical"], true);
    assert!(run.out.contains("a damaged entry was removed"), "{}", run.out);
    compare(&scene, "three", "-- -N 5");
    assert_eq!(runs(&scene, "ref"), 2, "it was kept again");
}

#[test]
fn a_limit_keeps_the_cache_small_and_a_failed_run_is_not_kept() {
    let scene = scene();
    for number in 0..4 {
        compare(&scene, &format!("out{number}"), &format!("--cache-limit 11kB -- -N {number}"));
    }
    assert_eq!(scene.names("caches/nb-compare").len(), 2, "each entry is between 4 and 5 kB");
    scene.simulator("ref", &wave(32, 1.0), "exit 3");
    for out in ["bad", "worse"] {
        let run = scene.run(&format!("--reference ./ref --candidate ./mine --outdir {out} -- -N 9"));
        assert_eq!(run.code, 2);
    }
}
