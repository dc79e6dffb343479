//! `nb-compare files` on arrays: verdicts, exit statuses, what is printed and what is refused.
//!
//! Not here: evidence (`evidence`).

use std::fs;

use serde_json::json;

use crate::support::Scene;
use crate::{npy, wave};

/// A cube, the same with one element changed, and bare numbers of the same cube.
fn scene() -> Scene {
    let scene = Scene::new();
    let values = wave(60);
    npy(&scene, "a.npy", "(3, 4, 5)", &values);
    let mut other = values.clone();
    other[33] += 0.5;
    npy(&scene, "b.npy", "(3, 4, 5)", &other);
    npy(&scene, "zero.npy", "(3, 4, 5)", &[0.0; 60]);
    npy(&scene, "flat.npy", "(60,)", &values);
    npy(&scene, "one.npy", "()", &values[..1]);
    npy(&scene, "none.npy", "(0,)", &[]);
    let big: Vec<u8> = values.iter().flat_map(|v| v.to_be_bytes()).collect();
    fs::write(scene.path("raw.bin"), [b"head".as_slice(), &big].concat()).expect("room");
    scene
}

#[test]
fn exit_statuses_and_messages_tell_what_came_of_it() {
    let scene = scene();
    let calls = [
        "files a.npy a.npy",
        "files a.npy b.npy",
        "files a.npy b.npy --rtol 1e-12",
        "files a.npy b.npy --rtol 1e-12 --within 0.9",
        "files a.npy b.npy --max-ulp 4",
        "files a.npy zero.npy",
        "files zero.npy zero.npy",
        "files zero.npy zero.npy --max-ulp 0",
        "files one.npy one.npy",
        "files one.npy one.npy --atol 0",
        "files none.npy none.npy",
        "files a.npy flat.npy",
        "files a.npy raw.bin:dtype=>f8,shape=3x4x5,offset=4",
        "files raw.bin raw.bin --format raw:dtype=|u1",
        "files a.npy raw.bin:dtype=>f8,shape=3x4x6,offset=4",
        "files a.npy raw.bin:dtype=>f8,shape=3x4,offset=4",
        "files a.npy raw.bin:dtype=>f9",
        "files a.npy raw.bin",
        "files a.npy nowhere.npy",
        "files a.npy a.npy:x",
        "files a.npy a.npy --roi 0 1 0 1",
        "files a.npy a.npy --atol -1",
    ];
    let told: Vec<String> = calls.iter().map(|call| scene.run(&format!("{call} --quiet")).shown()).collect();
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn the_table_names_the_worst_elements() {
    insta::assert_snapshot!(scene().run("files a.npy b.npy --rtol 1e-12 --max-ulp 4").shown());
}

#[test]
fn the_commands_of_the_page_end_as_it_says() {
    let page = include_str!("../../../docs/arrays.md");
    let commands: Vec<(&str, &str)> = page
        .lines()
        .filter_map(|line| line.strip_prefix("$ nb-compare ")?.split_once("# "))
        .map(|(call, status)| (call.trim(), status.trim()))
        .collect();
    assert!(commands.len() > 8, "{commands:?}");
    let scene = Scene::new();
    for entry in fs::read_dir(crate::formats::folder()).expect("fixtures") {
        let path = entry.expect("an entry").path();
        fs::copy(&path, scene.path(&path.file_name().expect("a name").to_string_lossy())).expect("room");
    }
    for (call, status) in commands {
        let run = scene.run(call);
        assert_eq!(run.code.to_string(), status, "{}", run.shown());
    }
}

#[test]
fn json_says_shape_type_and_every_metric() {
    let said = scene().run("files a.npy b.npy --rtol 1e-12 --json").json();
    assert_eq!(said["shape"], json!([3, 4, 5]));
    assert_eq!(said["element_types"], json!({"reference": "float64", "candidate": "float64"}));
    assert_eq!(said["max_abs_at"], json!([1, 2, 3]));
    assert_eq!((&said["elements_equal"], &said["elements_differing"]), (&json!(59), &json!(1)));
    assert_eq!((&said["verdict"], &said["folder"]), (&json!("FAIL"), &json!(null)));
    assert_eq!(said["settings"]["gates"]["rtol"], json!(1e-12));
}

#[test]
fn images_of_two_axes_keep_their_own_comparison_unless_arrays_are_asked_for() {
    let scene = Scene::new();
    npy(&scene, "image.npy", "(6, 10)", &wave(60));
    let image = scene.run("files image.npy image.npy --json").json();
    assert!(image["pixels_compared"] == json!(60) && image["shape"].is_null());
    let array = scene.run("files image.npy image.npy --atol 0 --json").json();
    assert!(array["pixels_compared"].is_null() && array["shape"] == json!([6, 10]));
}

/// Bare floats say nothing of themselves: a text of their size is compared as the numbers that it prints, or not at all.
#[test]
fn text_is_no_image() {
    let scene = Scene::new();
    let line = |k: usize, x: f64| format!("{k:5} {x:12.4} {:10.3}\n", 1.25);
    let table = |x: f64| (0..100).map(|k| line(k, if k == 70 { x } else { 7022.5 })).collect::<String>();
    for (name, text) in
        [("a.txt", table(7022.5)), ("b.txt", table(9022.5)), ("c.txt", table(7022.5).replace("1.250", "1.x"))]
    {
        fs::write(scene.path(name), text).unwrap();
    }
    fs::write(scene.path("cut.txt"), &table(7022.5).as_bytes()[..1600]).unwrap();
    assert_eq!(scene.run("files a.txt a.txt").code, 0);
    let run = scene.run("files a.txt b.txt");
    assert!(run.code == 3 && run.out.contains("(100, 3)"), "{}{}", run.out, run.err);
    let run = scene.run("files cut.txt cut.txt");
    assert!(run.code == 5 && run.err.contains("line 54: has 2 numbers"), "{}", run.err);
    let run = scene.run("files c.txt c.txt");
    assert!(run.code == 5 && run.err.contains("c.txt"), "{}", run.err);
}
