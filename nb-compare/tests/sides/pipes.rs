//! Images that come through pipes: what was judged is what is kept.
//!
//! Not here: which files are refused (`nanobragg::open_file`).

use std::fs;

use crate::support::{Called, Scene, wave};

/// Makes the pipe `name` in the scene, and has a thread write the image of this size to it once.
fn pipe(scene: &Scene, name: &str, image: &[f32]) -> std::thread::JoinHandle<()> {
    let path = scene.path(name);
    let _ = fs::remove_file(&path);
    assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
    let bytes: Vec<u8> = image.iter().flat_map(|pixel| pixel.to_le_bytes()).collect();
    std::thread::spawn(move || fs::write(path, bytes).unwrap())
}

fn assert_kept(scene: &Scene, run: &Called, name: &str, expected: &[f32]) {
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let summary = scene.json("out/summary.json");
    let inputs = summary["inputs"].as_array().unwrap();
    let input = inputs.iter().find(|input| input["name"] == name).unwrap();
    let kept = fs::read(scene.path(&format!("out/{}", input["stored"].as_str().unwrap()))).unwrap();
    assert_eq!(kept, expected.iter().flat_map(|pixel| pixel.to_le_bytes()).collect::<Vec<u8>>());
    assert_eq!(summary["open_points"].as_array().unwrap().len(), 0, "{summary}");
    let again = scene.run("recompute out");
    assert_eq!(again.code, 0, "{}{}", again.out, again.err);
    fs::remove_dir_all(scene.path("out")).unwrap();
}

#[test]
fn what_a_pipe_brought_is_judged_and_kept() {
    let scene = Scene::new();
    let image = wave(32, 1.0);
    scene.image("b.bin", &image);
    let writer = pipe(&scene, "pipe", &image);
    let run = scene.run("files pipe b.bin --outdir out");
    writer.join().unwrap();
    assert_kept(&scene, &run, "pipe", &image);

    let writer = pipe(&scene, "mask", &vec![1.0; image.len()]);
    let run = scene.run("files b.bin b.bin --mask mask --outdir out");
    writer.join().unwrap();
    assert_kept(&scene, &run, "mask", &vec![1.0; image.len()]);

    scene.simulator("same", &image, "");
    let writer = pipe(&scene, "stored", &image);
    let run = scene.run("--reference-image stored --candidate ./same --outdir out -- -N 5");
    writer.join().unwrap();
    assert_kept(&scene, &run, "stored", &image);
}
