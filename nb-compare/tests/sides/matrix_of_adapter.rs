//! `nb-compare matrix --adapter`: every case of a list by an adapter, one verdict and one bundle over all.
//!
//! Not here: one comparison by an adapter (`adapter`), matrices of images (`matrix`).

use std::fs;

use serde_json::Value;
use trace_harness::evidence::bundle::rerun::{Before, Places, rerun, tolerance::FileVerdict};
use trace_harness::evidence::process::{Interrupt, SystemRunner};

use crate::support::forge::{Change, forge};
use crate::support::{Called, Scene, assert_valid_matrix};

const ADAPTER: &str = r#"
[side.reference]
label = "Fortran"
command = ["./reference", "{args}"]
[side.candidate]
label = "Rust"
command = ["./candidate", "{args}"]
[[output]]
name = "numbers"
path = "numbers.csv"
gates = { rtol = 1e-6 }
[[output]]
name = "steps"
path = "{stdout}"
[noise]
arguments = ["-n"]
digits = 3
[[variant]]
id = "OLD"
meaning = "the old boundary"
candidate_args = ["--off"]
"#;

const LIST: &str = "[[case]]\nname = 'good/one'\nargs = '-n 5'\n\
    [[case]]\nname = 'bad'\nargs = '-n 6 --off'\n\
    [[case]]\nname = 'good/two'\nargs = ['-n', '7', '--grid=in.dat']\ninputs = ['in.dat']\n";

/// Writes three numbers that follow from `-n`; the candidate's second is another one with `--off`, and with `--break` it fails.
fn program(scene: &Scene, name: &str) {
    let off = if name == "candidate" {
        "--off) off=1;; --break) echo broken >&2; exit 7;; --longer) more=1;;"
    } else {
        ""
    };
    let body = format!(
        "n= off=0 more=\nwhile [ $# -gt 0 ]; do case \"$1\" in -n) n=$2; shift;; {off} esac; shift; done\n\
         echo \"$n 1\"\nawk -v n=$n -v off=$off -v more=\"$more\" 'BEGIN {{ print n / 3, n + off, n * n; if (more) print 1, 2, 3 }}' > numbers.csv"
    );
    scene.script(name, &body);
}

fn scene() -> Scene {
    let scene = Scene::new();
    program(&scene, "reference");
    program(&scene, "candidate");
    fs::write(scene.path("a.toml"), ADAPTER).unwrap();
    fs::write(scene.path("cases.toml"), LIST).unwrap();
    fs::write(scene.path("in.dat"), "1 2\n").unwrap();
    scene
}

fn matrix(scene: &Scene, out: &str, more: &str) -> Called {
    scene.run(&format!("matrix cases.toml --adapter a.toml --outdir {out} {more}"))
}

fn case<'v>(summary: &'v Value, name: &str) -> &'v Value {
    summary["cases"].as_array().unwrap().iter().find(|case| case["name"] == name).unwrap()
}

#[test]
fn every_case_is_judged_by_the_adapter_and_the_worst_decides() {
    let scene = scene();
    let called = matrix(&scene, "m", "--jobs 2 --junit told.xml");
    assert_eq!(called.code, 3, "{}", called.shown());
    assert!(
        called.out.contains("FAIL: of 3 cases 1 fail; the worst is bad: 1 of 2 outputs agree; `numbers`: "),
        "{}",
        called.out
    );
    let summary = scene.json("m/summary.json");
    assert_valid_matrix(&summary, &scene.json("m/env.json"), &scene.json("m/metrics.json"));
    let names: Vec<&str> =
        summary["cases"].as_array().unwrap().iter().map(|case| case["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["bad", "good/one", "good/two"]);
    let bad = case(&summary, "bad");
    assert_eq!((&bad["verdict"], &bad["exit_code"]), (&"FAIL".into(), &3.into()));
    assert_eq!(bad["outputs"]["sides"]["reference"]["label"], "Fortran");
    let verdicts: Vec<&Value> = bad["outputs"]["compared_outputs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|output| &output["verdict"])
        .collect();
    assert_eq!(verdicts, ["FAIL", "PASS"]);
    let argument = case(&summary, "good/two")["args"][2].as_str().unwrap();
    assert!(argument.starts_with("--grid={input:") && argument.ends_with("/in.dat}"), "{argument}");
    let metrics = &scene.json("m/metrics.json")["metrics"];
    assert_eq!((&metrics["outputs"], &metrics["outputs_agreeing"]), (&6.into(), &5.into()));
    scene.assert_sound("m");
    // What the sides left is kept of the case that fails, every log of all.
    assert!(scene.path("m/cases/bad/outputs/candidate/numbers.bin").is_file());
    assert_eq!(
        scene.names("m/cases/good/one"),
        ["candidate_stderr.txt", "candidate_stdout.txt", "reference_stderr.txt", "reference_stdout.txt"]
    );
    let xml = fs::read_to_string(scene.path("told.xml")).unwrap();
    assert!(xml.contains("tests=\"3\"") && xml.contains("failures=\"1\""), "{xml}");
    let page = fs::read_to_string(scene.path("m/report.html")).unwrap();
    for words in ["A is the reference, Fortran, and B the candidate, Rust", "numbers: FAIL", "steps: PASS"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(scene.names("temporary").is_empty());
}

#[test]
fn a_case_that_cannot_be_compared_hides_no_other_one() {
    let scene = scene();
    let list = format!(
        "{LIST}[[case]]\nname = 'broken'\nargs = '-n 5 --break'\n[[case]]\nname = 'nowhere'\ninputs = ['none.dat']\n\
         [[case]]\nname = 'gated'\nrtol = 0.1\n[[case]]\nname = 'longer'\nargs = '-n 5 --longer'\n"
    );
    fs::write(scene.path("cases.toml"), list).unwrap();
    let called = matrix(&scene, "m", "--keep-images all");
    let summary = scene.json("m/summary.json");
    assert_valid_matrix(&summary, &scene.json("m/env.json"), &scene.json("m/metrics.json"));
    let of = |name: &str| {
        (case(&summary, name)["exit_code"].as_u64().unwrap(), case(&summary, name)["reason"].clone())
    };
    for (name, exit, words) in [
        ("broken", 2, "Rust ([folder]/candidate) ended with exit status 7"),
        ("nowhere", 5, "input `none.dat`: there is no file"),
        ("gated", 1, "`rtol`: is of matrices of images"),
        ("longer", 4, "numbers"),
        ("good/one", 0, "all 2 outputs agree"),
    ] {
        let (is, reason) = of(name);
        let reason = reason.as_str().unwrap().replace("{work}", "[folder]").replace("{bin", "[folder]/{bin");
        let first = words.split('(').next().unwrap();
        assert!(is == exit && reason.contains(first), "{name}: {is} {reason}\n{}", called.shown());
    }
    let counts = &summary["counts"];
    assert_eq!((&counts["passed"], &counts["failed"], &counts["errors"]), (&2.into(), &2.into(), &3.into()));
    scene.assert_sound("m");
    let again = scene.run("recompute m");
    assert_eq!(again.code, 0, "{}", again.shown());
    assert!(again.out.contains("computed again: 4"), "{}", again.out);
}

#[test]
fn a_matrix_follows_from_its_files_and_says_what_it_has_not() {
    let scene = scene();
    assert_eq!(matrix(&scene, "m", "--keep-images all").code, 3);
    let again = scene.run("recompute m");
    assert_eq!(again.code, 0, "{}", again.shown());
    assert!(again.out.contains("computed again: 3"), "{}", again.out);
    assert_eq!(matrix(&scene, "few", "").code, 3);
    let again = scene.run("recompute few");
    assert_eq!(again.code, 5, "{}", again.shown());
    assert!(
        again.out.contains("good/one: `cases/good/one/outputs/reference/numbers.bin` was not kept"),
        "{}",
        again.out
    );
}

/// Changes a field of a case in `summary.json`.
fn changed(name: &'static str, place: &'static str, value: Value) -> impl Fn(Vec<u8>) -> Vec<u8> {
    move |bytes| {
        let mut summary: Value = serde_json::from_slice(&bytes).unwrap();
        let cases = summary["cases"].as_array_mut().unwrap();
        let case = cases.iter_mut().find(|case| case["name"] == name).unwrap();
        *case.pointer_mut(place).expect(place) = value.clone();
        serde_json::to_vec_pretty(&summary).unwrap()
    }
}

#[test]
fn what_somebody_changes_in_a_case_is_found() {
    let scene = scene();
    let like = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().replacen('7', "6", 1).into_bytes();
    let output: (&str, Change<'_>) = ("cases/bad/outputs/candidate/numbers.bin", &like);
    let mut found = Vec::new();
    let mut forged = |what: &str, change: (&str, Change<'_>)| {
        let out = format!("m{}", found.len());
        assert_eq!(matrix(&scene, &out, "--keep-images all").code, 3);
        forge(&scene.path(&out), &[change]);
        let again = scene.run(&format!("recompute {out}"));
        found.push((what.to_owned(), again.code, again.out));
    };
    forged("bad: `verdict`: says \"FAIL\", is \"PASS\"", output);
    for (what, name, place, value) in [
        ("good/one: `verdict`", "good/one", "/verdict", Value::from("FAIL")),
        ("bad: `reason`", "bad", "/reason", "all agree".into()),
        ("bad: `metrics`", "bad", "/metrics/outputs_agreeing", 2.into()),
        ("bad: `numbers: verdict`", "bad", "/outputs/compared_outputs/0/verdict", "PASS".into()),
        ("bad: `sides`", "bad", "/outputs/sides/candidate/program/sha256", "0".repeat(64).into()),
        ("case `good/one`: `args` is not that of the list", "good/one", "/args/1", "6".into()),
        ("good/one: `args`: the command of step", "good/one", "/args/1", "6".into()),
    ] {
        forged(what, ("summary.json", &changed(name, place, value)));
    }
    for (what, code, out) in found {
        assert!(code == 3 && out.contains(&what), "{what}: {code} {out}");
    }
}

#[test]
fn a_second_run_of_the_bundle_has_the_same_outputs() {
    let scene = scene();
    assert_eq!(matrix(&scene, "m", "--keep-images all").code, 3);
    let before = Before::read(&scene.path("m")).unwrap();
    let places = Places { out: Some(scene.path("again")), ..Places::default() };
    let again = rerun(&before, &places, &SystemRunner::new(Interrupt::install().unwrap()), &|_| ()).unwrap();
    let outputs: Vec<_> = again.files.iter().filter(|file| file.path.contains("/outputs/")).collect();
    assert_eq!(outputs.len(), 12, "{:?}", again.files);
    assert!(outputs.iter().all(|file| file.verdict == FileVerdict::Identical), "{outputs:?}");
}

#[test]
fn each_case_is_held_against_the_noise_that_has_its_name() {
    let scene = scene();
    for (name, args) in [("good/one", "-n 5"), ("bad", "-n 6 --off")] {
        let called = scene.run(&format!("noise --adapter a.toml --outdir noise/{name} -- {args}"));
        assert_eq!(called.code, 0, "{}", called.shown());
    }
    let called = matrix(&scene, "m", "--tolerance-from noise --keep-images all");
    assert_eq!(called.code, 5, "{}", called.shown());
    let summary = scene.json("m/summary.json");
    assert_valid_matrix(&summary, &scene.json("m/env.json"), &scene.json("m/metrics.json"));
    let reason = |name: &str| case(&summary, name)["reason"].as_str().unwrap().to_owned();
    assert!(reason("good/one").contains("inside the reference's own noise"), "{}", reason("good/one"));
    assert!(reason("bad").contains("outside"), "{}", reason("bad"));
    assert!(reason("good/two").contains("noise/good/two"), "{}", reason("good/two"));
    let again = scene.run("recompute m");
    assert_eq!(again.code, 0, "{}", again.shown());
    // The noise of other arguments is that of something else.
    fs::rename(scene.path("noise/bad"), scene.path("noise/good/two")).unwrap();
    matrix(&scene, "other", "--tolerance-from noise --only two");
    let other = scene.json("other/summary.json");
    assert_eq!(case(&other, "good/two")["exit_code"], 4, "{other}");
}

#[test]
fn a_variant_is_on_in_every_case_and_options_of_images_are_refused() {
    let scene = scene();
    let called = matrix(&scene, "m", "--variant OLD --only good");
    assert_eq!(called.code, 3, "{}", called.shown());
    assert_eq!(scene.json("m/summary.json")["counts"]["failed"], 2);
    for (more, words) in [
        ("--variant NEW", "`NEW`: is no variant of the adapter"),
        ("--rtol 0.1", "cannot be used with"),
        ("--reference ./reference", "cannot be used with"),
        ("--candidate-arg -x", "cannot be used with"),
        ("--explain", "explains one difference"),
    ] {
        let refused = matrix(&scene, "none", more);
        assert!(refused.code == 1 && refused.err.contains(words), "{more}: {}", refused.shown());
    }
    assert!(!scene.path("none").exists());
}
