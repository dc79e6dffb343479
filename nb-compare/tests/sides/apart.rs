//! A candidate that goes looking for the reference's image: it neither gets it nor changes it.
//!
//! Not here: what else a side may do wrong (`command_line`).

use std::fs;

use serde_json::Value;

use crate::effective::simulator;
use crate::support::{Called, SMALL, Scene, wave};

/// Shell words that put the value after `-floatfile` into `$f`.
const FIND: &str =
    "while [ $# -gt 0 ]; do [ \"$1\" = -floatfile ] && f=\"$2\"; shift; done; cd \"$(dirname \"$f\")\"";

/// What a candidate can reach: its own folder and those around it, the user's folder, the cache.
fn places(scene: &Scene) -> String {
    format!("\"$TMPDIR\" '{}' ../.. .", scene.path("").display())
}

fn scene(candidate: &str) -> Scene {
    let scene = Scene::new();
    scene.simulator("ref", &wave(32, 1.0), "");
    scene.image("forged.bin", &wave(32, 7.0));
    scene.script("mine", &format!("{FIND}\n{candidate}"));
    scene
}

fn called(scene: &Scene, more: &str) -> Called {
    let call = format!("--reference ./ref --candidate ./mine --outdir out {more} -- -N 5");
    scene.run(&call)
}

/// Copies every file as large as the image, but for those that stand for the programs of the test.
fn thief(scene: &Scene) -> String {
    format!(
        "for p in $(find {} -type f -size 4096c ! -name '*.image' ! -name forged.bin 2>/dev/null); do cp \"$p\" \"$f\"; done\n\
         [ -s \"$f\" ] || cp '{}' \"$f\"",
        places(scene),
        scene.path("forged.bin").display()
    )
}

#[test]
fn a_candidate_that_copies_what_it_finds_finds_no_image_of_the_reference() {
    for more in ["--no-cache", "--cache-dir kept", "--cache-dir kept --explain"] {
        let scene = scene("");
        scene.native("own");
        simulator(&scene, "first", "");
        let call = |candidate: &str, out: &str| {
            let sides = format!("--reference ./own --reference-arg __nanobragg --candidate ./{candidate}");
            scene.run(&format!("{sides} --outdir {out} {more} -- {SMALL}"))
        };
        // An earlier comparison leaves its run in the cache, and its evidence goes away.
        let first = call("first", "before");
        assert_eq!(first.code, 0, "{}{}", first.out, first.err);
        let image = fs::read(scene.path("before/reference_float.bin")).unwrap();
        assert_eq!(image.len(), 4096, "what is looked for");
        fs::remove_dir_all(scene.path("before")).unwrap();
        scene.script("mine", &format!("{FIND}\n{}", thief(&scene)));
        let run = call("mine", "out");
        assert_eq!(run.code, 3, "{more}: {}{}", run.out, run.err);
        let summary = scene.json("out/summary.json");
        assert_eq!(summary["reference_cache"]["from_cache"] == Value::Bool(true), more.contains("kept"));
        assert_eq!(fs::read(scene.path("out/reference_float.bin")).unwrap(), image, "{more}");
    }
}

#[test]
fn the_entry_is_back_in_the_cache_when_the_candidate_has_ended() {
    let scene = scene("exit 4");
    scene.native("own");
    for out in ["one", "two", "three"] {
        let sides = "--reference ./own --reference-arg __nanobragg --candidate ./mine";
        let call = format!("{sides} --cache-dir kept --outdir {out} -- {SMALL}");
        assert_eq!(scene.run(&call).code, 2);
        assert_eq!(scene.names("kept").len(), 1);
    }
    assert_eq!(scene.json("three/summary.json")["reference_cache"]["from_cache"], true);
}

#[test]
fn a_link_or_a_second_name_is_no_image() {
    let ways = [
        ("ln -s '{}' \"$f\"", "is a symbolic link"),
        ("ln '{}' \"$f\"", "is a file with 2 names"),
        ("mkfifo \"$f\"", "wrote no float image"),
    ];
    for (way, why) in ways {
        let scene = scene("");
        let image = scene.path("ref.image");
        scene.script("mine", &format!("{FIND}\n{}", way.replace("{}", &image.to_string_lossy())));
        let run = called(&scene, "--no-cache");
        assert_eq!(run.code, 2, "{}{}", run.out, run.err);
        assert!(run.err.contains(why), "{}", run.err);
    }
}

/// What a side printed and left has no name before the last program ended, so that there is nothing to read, to change or to take for
/// finished evidence.
#[test]
fn nothing_of_the_reference_lies_in_the_evidence_while_the_candidate_runs() {
    for more in ["", "--explain"] {
        let scene = scene("");
        let forge = format!(
            "cp '{}' \"$f\"\nfor p in $(find {} \\( -name 'reference_*' -o -name 'candidate_*' \\) -type f 2>/dev/null); do\n\
             echo \"saw $p\"; echo forged >> \"$p\"; done",
            scene.path("forged.bin").display(),
            places(&scene)
        );
        scene.script("mine", &format!("{FIND}\n{forge}"));
        let run = called(&scene, &format!("--no-cache {more}"));
        assert_eq!(run.code, 3, "{}{}", run.out, run.err);
        scene.assert_sound("out");
        let kept = fs::read(scene.path("out/reference_float.bin")).unwrap();
        assert_eq!(kept, fs::read(scene.path("ref.image")).unwrap(), "{more}");
        for log in scene.json("out/summary.json")["steps"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|step| step["logs"].as_array().unwrap())
        {
            let Ok(text) = fs::read_to_string(scene.path("out").join(log.as_str().unwrap())) else {
                continue;
            };
            assert!(!text.contains("saw "), "{more}: {text}");
        }
        assert_eq!(
            fs::read_to_string(scene.path("out/reference_stdout.txt")).unwrap(),
            "fake simulator 1.0\n"
        );
    }
}

#[test]
fn an_image_that_stands_in_for_the_reference_is_the_one_that_was_read() {
    let scene = scene("");
    scene.image("stored.bin", &wave(32, 1.0));
    let [stored, forged] = ["stored.bin", "forged.bin"].map(|name| scene.path(name).display().to_string());
    scene.script("mine", &format!("{FIND}\ncp '{forged}' '{stored}'; cp '{forged}' \"$f\""));
    let run = scene.run("--reference-image stored.bin --candidate ./mine --outdir out -- -N 5");
    assert_eq!(run.code, 2, "{}{}", run.out, run.err);
    assert!(run.err.contains("was changed while the candidate ran"), "{}", run.err);
}

#[test]
fn a_candidate_of_a_matrix_finds_no_image_of_the_reference_either() {
    let scene = scene("");
    scene.script("mine", &format!("{FIND}\n{}", thief(&scene)));
    fs::write(scene.path("cases.toml"), "[[case]]\nname = 'a'\nargs = '-N 5'\n").unwrap();
    let run = scene.run("matrix cases.toml --reference ./ref --candidate ./mine --no-cache --outdir out");
    assert_eq!(run.code, 3, "{}{}", run.out, run.err);
}

/// A matrix is of one reference and one candidate: what is built anew meanwhile, or exchanged by a program, is another.
#[test]
fn a_program_that_is_exchanged_between_two_cases_decides_nothing_any_more() {
    let scene = Scene::new();
    scene.simulator("ref", &wave(256, 1.0), "");
    let place = scene.path(".").canonicalize().unwrap();
    let exchange = format!("cp '{0}/sim' '{0}/new' && mv '{0}/new' '{0}/ref'", place.display());
    scene.simulator("sim", &wave(256, 1.0), &exchange);
    let list = "[[case]]\nname = 'a'\nargs = ['-N', '1']\n[[case]]\nname = 'b'\nargs = ['-N', '2']\n";
    fs::write(scene.path("cases.toml"), list).unwrap();
    let run =
        scene.run("matrix cases.toml --reference ./ref --candidate ./sim --jobs 1 --no-cache --outdir m");
    assert_eq!(run.code, 2, "{}{}", run.out, run.err);
    let summary = scene.json("m/summary.json");
    let of =
        |name: &str| summary["cases"].as_array().unwrap().iter().find(|c| c["name"] == name).unwrap().clone();
    assert_eq!(
        (of("a")["verdict"].as_str(), of("b")["verdict"].as_str()),
        (Some("PASS"), Some("ERROR")),
        "{summary}"
    );
    let reason = of("b")["reason"].as_str().unwrap().to_owned();
    assert!(reason.contains("/ref}`") && reason.contains("was changed while it was in use"), "{reason}");
    let points = summary["open_points"].to_string();
    assert!(points.contains("program `ref` changed meanwhile"), "{points}");
    scene.assert_sound("m");
}

#[test]
fn a_program_that_changes_while_it_runs_is_not_the_one_in_the_evidence() {
    let scene = Scene::new();
    scene.simulator("ref", &wave(256, 1.0), "");
    let place = scene.path(".").canonicalize().unwrap();
    let rebuilt = format!("cp '{0}/ref' '{0}/new' && mv '{0}/new' '{0}/sim'", place.display());
    scene.simulator("sim", &wave(256, 1.0), &rebuilt);
    let run = scene.run("--reference ./ref --candidate ./sim --no-cache --outdir o -- -N 5");
    assert!(run.code == 2 && run.err.contains("was changed while it was in use"), "{}{}", run.out, run.err);
}

/// What a side puts into the unfinished evidence is no evidence: it is left out, and an error.
#[test]
fn a_file_that_a_side_puts_into_the_evidence_is_found_and_left_out() {
    let names = ["notes.txt", "reference_float.bin", "inputs/x/y", "report.html/deep/x"];
    let plant = |scene: &Scene| {
        let words = names.map(|name| {
            format!(
                "mkdir -p \"$(dirname \"$b/{name}\")\"; [ -e \"$b/{name}\" ] || echo planted > \"$b/{name}\""
            )
        });
        // The folders of single cases lie in that of the matrix.
        let find = format!("find '{}' -type d -name '.partial-*'", scene.path("").display());
        format!("for b in $({find}); do {}; done", words.join("; "))
    };
    let scene = scene("");
    scene.simulator("mine", &wave(32, 1.0), &plant(&scene));
    scene.script("one", "echo 1,2 > t.csv");
    scene.script("two", &format!("echo 1,2 > t.csv\n{}", plant(&scene)));
    let sides = "[side.reference]\ncommand = ['./ONE']\n[side.candidate]\ncommand = ['./two']\n";
    let adapter = format!("{sides}[[output]]\nname = 't'\npath = 't.csv'\n[noise]\nenv = {{ A = [1] }}\n");
    fs::write(scene.path("a.toml"), adapter.replace("ONE", "one")).unwrap();
    fs::write(scene.path("n.toml"), adapter.replace("ONE", "two")).unwrap();
    fs::write(scene.path("cases.toml"), "[[case]]\nname = 'a'\nargs = '-N 5'\n").unwrap();
    for call in [
        "--reference ./ref --candidate ./mine --no-cache",
        "matrix cases.toml --reference ./ref --candidate ./mine --no-cache",
        "--adapter a.toml",
        "noise --adapter n.toml",
    ] {
        let arguments = if call.contains("no-cache") && !call.contains("matrix") { "-- -N 5" } else { "" };
        let run = scene.run(&format!("{call} --outdir out {arguments}"));
        assert_eq!(run.code, 2, "{}", run.shown());
        scene.assert_sound("out");
        let manifest = fs::read_to_string(scene.path("out/sha256.txt")).unwrap();
        assert!(!manifest.contains("notes.txt") && !manifest.contains("deep/x"), "{call}: {manifest}");
        let planted = crate::support::forge::digest_of(b"planted\n");
        assert!(!manifest.contains(&planted), "{call}: {manifest}");
        let told = scene.json("out/summary.json").to_string();
        assert!(told.contains("was put into the evidence by a program"), "{call}: {told}");
        fs::remove_dir_all(scene.path("out")).unwrap();
    }
}
