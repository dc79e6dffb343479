//! Bundles of every kind that this program writes, with one byte of an output changed by somebody who can compute digests: none follows.
//!
//! Not here: kinds that `trace-harness` writes (its tests), what else may be changed (`recompute`, `adapter`, `noise`).

use std::fs;

use crate::second_run::adapter_of_numbers;
use crate::support::forge::{forge, sha256};
use crate::support::{Scene, wave};

/// The kind, how a bundle of it is made, and the end of the name of an output in it.
const KINDS: [(&str, &str, &str); 5] = [
    (
        "comparison",
        "--reference ./ref --candidate ./mine --no-cache --outdir b -- -N 5",
        "candidate_float.bin",
    ),
    ("arrays", "files a.txt b.txt --outdir b", "/b.txt"),
    ("outputs", "--adapter a.toml --outdir b -- -x 1.5", "outputs/candidate/numbers.bin"),
    ("noise", "noise --adapter a.toml --outdir b -- -x 1.5", "outputs/again/numbers.bin"),
    (
        "matrix",
        "matrix cases.toml --reference ./ref --candidate ./mine --no-cache --keep-images all --outdir b",
        "cases/one/candidate_float.bin",
    ),
];

fn scene() -> Scene {
    let scene = Scene::new();
    scene.simulator("ref", &wave(32, 1.0), "");
    scene.simulator("mine", &wave(32, 1.0001), "");
    // Numbers that no two runs share, so that a changed byte is that of one file alone.
    scene.script("one", "echo 1,2.5,$$ > numbers.csv");
    scene.script("two", "echo 1,2.25,$$ > numbers.csv");
    fs::write(scene.path("a.toml"), adapter_of_numbers(["./one", "./two"])).unwrap();
    fs::write(scene.path("cases.toml"), "[[case]]\nname = 'one'\nargs = '-N 5'\n").unwrap();
    fs::write(scene.path("a.txt"), "1.5 2.5\n3.5 4.5\n").unwrap();
    fs::write(scene.path("b.txt"), "1.5 2.5\n3.5 4.25\n").unwrap();
    scene
}

#[test]
fn a_changed_byte_of_an_output_shows_in_bundles_of_every_kind() {
    for (kind, call, output) in KINDS {
        // Its digest in the manifest alone, and in every document.
        for everywhere in [false, true] {
            let scene = scene();
            let called = scene.run(call);
            let summary = scene.json("b/summary.json");
            assert_eq!(summary["kind"], kind, "{}", called.shown());
            let honest = scene.run("recompute b");
            assert_eq!(honest.code, 0, "{kind}: {}", honest.shown());
            let manifest = fs::read_to_string(scene.path("b/sha256.txt")).unwrap();
            let name = manifest.lines().map(|line| &line[66..]).find(|name| name.ends_with(output)).unwrap();
            let change = |mut bytes: Vec<u8>| {
                // The last digit of a text, or the sign of the last float.
                let is_text = bytes.ends_with(b"\n");
                let at = if is_text { bytes.len() - 2 } else { bytes.len() - 1 };
                bytes[at] ^= if is_text { 1 } else { 0x80 };
                bytes
            };
            if everywhere && kind == "arrays" {
                // An input is named by its digest: another one is another bundle.
                continue;
            }
            if everywhere {
                forge(&scene.path("b"), &[(name, &change)]);
            } else {
                let path = scene.path("b").join(name);
                let before = sha256(&path);
                fs::write(&path, change(fs::read(&path).unwrap())).unwrap();
                fs::write(scene.path("b/sha256.txt"), manifest.replace(&before, &sha256(&path))).unwrap();
            }
            let again = scene.run("recompute b");
            assert_eq!(again.code, 3, "{kind}: `{name}`, everywhere: {everywhere}: {}", again.shown());
        }
    }
}
