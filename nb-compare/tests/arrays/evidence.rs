//! Bundles about arrays: complete, valid, sound, and found out where a number in them is another than the files make.
//!
//! Not here: bundles about images (`sides`).

use std::fs;

use serde_json::{Value, json};

use crate::support::forge::{Change, forge, text};
use crate::support::{Scene, assert_valid_arrays};
use crate::{npy, wave};

fn bundle(shape: &str, change: usize) -> Scene {
    let scene = Scene::new();
    let values = wave(60);
    npy(&scene, "a.npy", shape, &values);
    let mut other = values;
    other[change] += 0.5;
    npy(&scene, "b.npy", shape, &other);
    let run = scene.run("files a.npy b.npy --rtol 1e-6 --atol 0 --within 0.9 --outdir out");
    assert_eq!(run.code, 0, "{}", run.shown());
    scene
}

#[test]
fn a_bundle_of_any_rank_is_valid_sound_and_follows_from_its_files() {
    for (shape, part) in [
        ("(60,)", "<svg"),
        ("(6, 10)", "data:image/png"),
        ("(3, 4, 5)", "[1, :, :] (worst)"),
        ("(5, 2, 2, 3)", "data:image/png"),
    ] {
        let scene = bundle(shape, 33);
        scene.assert_sound("out");
        let [summary, environment, metrics] =
            ["summary", "env", "metrics"].map(|name| scene.json(&format!("out/{name}.json")));
        assert_valid_arrays(&summary, &environment, &metrics);
        let page = fs::read_to_string(scene.path("out/report.html")).expect("a page");
        assert!(page.contains(part), "{shape}: {part}");
        let again = scene.run("recompute out");
        assert_eq!(again.code, 0, "{}", again.shown());
        assert!(again.out.contains("follows from its files; comparisons computed again: 1"), "{}", again.out);
        assert!(!again.out.contains("not made again"), "{}", again.out);
        let judged = scene.run("recompute out --json").json()["bundles"][0]["result"]["judged"].clone();
        assert_eq!(judged, json!({"images": 0, "arrays": 1, "tables": 0, "noise": 0}));
    }
}

#[test]
fn one_file_on_both_sides_and_a_single_number_make_a_bundle_too() {
    let scene = Scene::new();
    npy(&scene, "a.npy", "()", &[2.5]);
    let run = scene.run("files a.npy a.npy --max-ulp 0 --outdir out");
    assert_eq!(run.code, 0, "{}", run.shown());
    scene.assert_sound("out");
    let again = scene.run("recompute out");
    assert_eq!(again.code, 0, "{}", again.shown());
}

#[test]
fn a_number_that_the_files_do_not_make_is_found_wherever_it_stands() {
    let figure = |name: &'static str| {
        move |bytes: Vec<u8>| {
            let mut document: Value = serde_json::from_slice(&bytes).expect("JSON");
            let place = if document.get(name).is_some() { &mut document } else { &mut document["metrics"] };
            place[name] = place[name].as_f64().map(|value| value + 1.0).into();
            serde_json::to_vec_pretty(&document).expect("JSON")
        }
    };
    let (max_abs, ulp, compared) = (figure("max_abs"), figure("ulp_max"), figure("elements_compared"));
    let (place, gate) = (text("\"shape\"", "\"shape_\""), text("\"got\": 1.0", "\"got\": 0.5"));
    let page = text("elements_differing", "elements_different");
    let all: [(&str, Change<'_>, &str); 7] = [
        ("summary.json", &max_abs, "`max_abs`: says 1.5, is 0.5"),
        ("metrics.json", &max_abs, "`max_abs`: says 1.5, is 0.5"),
        ("summary.json", &ulp, "`ulp_max`"),
        ("summary.json", &compared, "`elements_compared`: says 61.0, is 60"),
        ("summary.json", &place, "`shape`"),
        ("summary.json", &gate, "`gates`"),
        ("report.html", &page, "`report.html` says something else"),
    ];
    for (file, change, word) in all {
        let scene = bundle("(3, 4, 5)", 33);
        forge(&scene.path("out"), &[(file, change)]);
        let again = scene.run("recompute out");
        assert_eq!(again.code, 3, "{file} {word}: {}", again.shown());
        assert!(again.out.contains(word), "{file} {word}: {}", again.out);
    }
}

#[test]
fn a_bundle_may_not_choose_what_it_is_judged_by() {
    let swap = |bytes: Vec<u8>| {
        let mut document: Value = serde_json::from_slice(&bytes).expect("JSON");
        document["settings"]["files"][1] = document["settings"]["files"][0].clone();
        serde_json::to_vec_pretty(&document).expect("JSON")
    };
    let scene = bundle("(3, 4, 5)", 33);
    forge(&scene.path("out"), &[("summary.json", &swap)]);
    let again = scene.run("recompute out");
    assert!(again.code == 3 && again.out.contains("was judged by"), "{}", again.shown());

    let scene = bundle("(3, 4, 5)", 33);
    let gates = text("\"max_ulp\": null", "\"max_ulp\": 0");
    forge(&scene.path("out"), &[("summary.json", &gates)]);
    let again = scene.run("recompute out");
    assert!(
        again.code == 3 && again.out.contains("`verdict`: says \"PASS\", is \"FAIL\""),
        "{}",
        again.shown()
    );
}

/// Printed numbers are equal unless a tolerance is stated; what is usual of images is a tolerance.
#[test]
fn a_bundle_of_printed_numbers_may_not_be_judged_as_images_are() {
    let scene = Scene::new();
    let numbers = |last: &str| (1..100).map(|k| format!("{k}\n")).collect::<String>() + last;
    fs::write(scene.path("a.txt"), numbers("100\n")).expect("a file");
    fs::write(scene.path("b.txt"), numbers("100.5\n")).expect("a file");
    assert_eq!(scene.run("files a.txt b.txt").code, 3, "without a tolerance");
    assert_eq!(scene.run("files a.txt b.txt --rtol 0.05 --within 0.9 --outdir out").code, 0);
    let again = scene.run("recompute out");
    assert_eq!(again.code, 0, "{}", again.shown());
    for looser in ["agreement within 0.05", "a share of 0.9 of agreeing elements"] {
        assert!(again.out.contains(looser), "{looser}: {}", again.out);
    }
    let nothing_stated = |bytes: Vec<u8>| {
        let mut document: Value = serde_json::from_slice(&bytes).expect("JSON");
        document["settings"]["gates"]["rtol"] = Value::Null;
        document["settings"]["gates"]["within"] = Value::Null;
        serde_json::to_vec_pretty(&document).expect("JSON")
    };
    forge(&scene.path("out"), &[("summary.json", &nothing_stated)]);
    let again = scene.run("recompute out");
    assert!(
        again.code == 3 && again.out.contains("`verdict`: says \"PASS\", is \"FAIL\""),
        "{}",
        again.shown()
    );
}

#[test]
fn other_shapes_leave_evidence_and_end_with_their_own_status() {
    let scene = Scene::new();
    npy(&scene, "a.npy", "(60,)", &wave(60));
    npy(&scene, "b.npy", "(3, 4, 5)", &wave(60));
    let run = scene.run("files a.npy b.npy --outdir out");
    assert_eq!(run.code, 4, "{}", run.shown());
    scene.assert_sound("out");
}
