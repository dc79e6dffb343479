//! Runs of the reference that are kept: when they answer, when they do not, and what is said about it.
//!
//! Not here: the cache by itself (unit tests of `cache`).

use std::fs;
use std::io::Write;

use serde_json::Value;
use trace_harness::evidence::bundle::rerun::{Before, Places, rerun};
use trace_harness::evidence::process::{Interrupt, SystemRunner};

use crate::effective::simulator;
use crate::support::{self, Called, SMALL, Scene, wave};

/// The reference is a native program, as only of such a one runs are kept.
const REFERENCE: &str = "--reference ./ref --reference-arg __nanobragg";

/// A reference, and a candidate that makes the same image.
fn scene() -> Scene {
    let scene = Scene::new();
    scene.native("ref");
    simulator(&scene, "mine", "");
    scene
}

fn compare_with(scene: &Scene, reference: &str, out: &str, more: &str) -> (Called, Value) {
    let run = scene.run(&format!("{reference} --candidate ./mine --outdir {out} {more}"));
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let summary = scene.json(&format!("{out}/summary.json"));
    let environment = scene.json(&format!("{out}/env.json"));
    support::assert_valid(&summary, &environment, Some(&scene.json(&format!("{out}/metrics.json"))));
    scene.assert_sound(out);
    let again = scene.run(&format!("recompute {out}"));
    assert_eq!(again.code, 0, "{}", again.shown());
    (run, summary)
}

fn compare(scene: &Scene, out: &str, more: &str) -> (Called, Value) {
    compare_with(scene, REFERENCE, out, &format!("{more} -- {SMALL}"))
}

/// Whether the reference's run came from the cache; where it did, it did not run.
fn is_kept(summary: &Value) -> bool {
    let is_kept = summary["reference_cache"]["from_cache"] == true;
    assert_eq!(summary["steps"][0]["start"].is_null(), is_kept, "{summary:#}");
    assert!(!summary["steps"][1]["start"].is_null(), "the candidate always runs");
    is_kept
}

#[test]
fn the_same_run_comes_from_the_cache_and_the_report_says_so() {
    let scene = scene();
    let (_, first) = compare(&scene, "one", "");
    assert!(!is_kept(&first));
    let (run, second) = compare(&scene, "two", "");
    assert!(is_kept(&second));
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
    compare(&scene, "one", "");
    compare(&scene, "two", "");
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
    assert!(done.summary.steps.iter().all(|step| step.start.is_some()), "both ran");
}

#[test]
fn a_failure_that_is_the_same_again_is_no_difference() {
    let scene = scene();
    scene.simulator("ref.sh", &wave(32, 1.0), "");
    scene.simulator("mine", &wave(32, 1.0), "exit 7");
    assert_eq!(scene.run("--reference ./ref.sh --candidate ./mine --no-cache --outdir out -- -N 5").code, 2);
    let before = Before::read(&scene.path("out")).unwrap();
    let programs = ["ref.sh", "mine"].map(|name| (name.to_owned(), scene.path(name)));
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
    for (out, more) in [
        ("one", "".to_owned()),
        ("two", " -oversample 2".to_owned()),
        ("three", "".to_owned()),
        ("four", "".to_owned()),
    ] {
        let option = match out {
            "three" => "--no-cache",
            "four" => "--cache-dir elsewhere",
            _ => "",
        };
        let (_, summary) = compare_with(&scene, REFERENCE, out, &format!("{option} -- {SMALL}{more}"));
        assert!(!is_kept(&summary), "{out}");
    }
    // What stands behind the end of an executable changes nothing but its bytes.
    let other = scene.path("other");
    fs::copy(scene.path("ref"), &other).unwrap();
    fs::OpenOptions::new().append(true).open(&other).unwrap().write_all(b"another program").unwrap();
    fs::rename(&other, scene.path("ref")).unwrap();
    assert!(!is_kept(&compare(&scene, "five", "").1));
    assert!(is_kept(&compare(&scene, "six", "").1));
}

/// What a script runs, its bytes do not say: the program that it calls may be another one by now.
#[test]
fn no_run_of_a_script_is_kept_nor_one_of_a_program_that_is_told_what_to_run() {
    let scene = Scene::new();
    scene.simulator("mine", &wave(32, 1.0), "");
    scene.simulator("real", &wave(32, 1.0), "");
    let real = scene.path("real").canonicalize().unwrap();
    scene.script("wrapper", &format!("exec '{}' \"$@\"", real.display()));
    let wrapper = scene.path("wrapper").canonicalize().unwrap();
    for (number, reference, why) in [
        (1, "--reference ./wrapper".to_owned(), "no machine code"),
        (2, format!("--reference sh --reference-arg {}", wrapper.display()), "a file or a program"),
        (3, format!("--reference env --reference-arg {}", wrapper.display()), "a file or a program"),
    ] {
        let out = |which: &str| format!("{which}{number}");
        let call = |out: &str| format!("{reference} --candidate ./mine --outdir {out} -- -N 5");
        scene.simulator("real", &wave(32, 1.0), "");
        let first = scene.run(&call(&out("first")));
        assert_eq!(first.code, 0, "{}", first.shown());
        assert!(first.out.contains("cache: not asked") && first.out.contains(why), "{}", first.shown());
        let says = &scene.json(&format!("{}/summary.json", out("first")))["reference_cache"];
        assert!(says["note"].as_str().is_some_and(|note| note.contains(why)), "{says}");
        assert!(!scene.path("caches/nb-compare").exists(), "nothing is kept");
        // Another program behind the same script makes another image.
        scene.simulator("real", &wave(32, 2.0), "");
        let second = scene.run(&call(&out("second")));
        assert_eq!(second.code, 3, "{}", second.shown());
    }
}

#[test]
fn an_input_file_counts_by_its_content() {
    let scene = scene();
    for (out, content, expected) in
        [("one", "0 0 1 5\n", false), ("two", "0 0 1 5\n", true), ("three", "0 0 1 6\n", false)]
    {
        fs::write(scene.path("a.hkl"), content).unwrap();
        let arguments = SMALL.replace("-default_F 100", "-hkl a.hkl -default_F 1");
        let (_, summary) = compare_with(&scene, REFERENCE, out, &format!("-- {arguments}"));
        assert_eq!(is_kept(&summary), expected, "{out}");
    }
}

#[test]
fn a_damaged_entry_is_found_and_the_reference_runs_again() {
    let scene = scene();
    compare(&scene, "one", "");
    let entries = fs::read_dir(scene.path("caches/nb-compare")).unwrap();
    let entry = entries.map(|e| e.unwrap().path()).next().unwrap();
    let image = entry.join("float.bin");
    let mut bytes = fs::read(&image).unwrap();
    bytes[0] ^= 1;
    fs::write(&image, bytes).unwrap();
    let (run, summary) = compare(&scene, "two", "");
    assert!(!is_kept(&summary));
    assert_eq!(summary["byte_identical"], true);
    assert!(run.out.contains("a damaged entry was removed"), "{}", run.out);
    assert!(is_kept(&compare(&scene, "three", "").1), "it was kept again");
}

#[test]
fn a_limit_keeps_the_cache_small_and_a_failed_run_is_not_kept() {
    let scene = scene();
    for number in 0..4 {
        let more = format!("--cache-limit 20kB -- {SMALL} -oversample {}", number + 1);
        compare_with(&scene, REFERENCE, &format!("out{number}"), &more);
    }
    let kept = scene.names("caches/nb-compare").len();
    assert!((1..4).contains(&kept), "each entry is several kB: {kept}");
    for out in ["bad", "worse"] {
        let run = scene.run(&format!("{REFERENCE} --candidate ./mine --outdir {out} -- -no-such-flag"));
        assert_eq!(run.code, 2);
        assert!(scene.json(&format!("{out}/summary.json"))["reference_cache"]["from_cache"] == false);
    }
}
