//! Names and output of somebody else, with markup and sequences of a terminal in them: they mean nothing.
//!
//! Not here: the page in a browser (`browser`), the files of every bundle (`trace-harness`).

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::process::Command;

use crate::markdown;
use crate::support::{Scene, wave};

/// Markup and sequences of a terminal in the names of files and in what a side prints.
#[test]
fn names_and_output_of_somebody_else_mean_nothing_in_the_markdown_and_on_the_terminal() {
    let scene = Scene::new();
    scene.image("a.bin", &wave(32, 1.0));
    let name = "b<img src=x onerror=y>|`\u{1b}[2K`.bin";
    scene.image(name, &wave(32, 3.0));
    let run = scene.run_with(&["files", "a.bin", name, "--outdir", "out"]);
    assert_eq!(run.code, 3, "{}", run.err);
    scene.assert_sound("out");
    let none = scene.run_with(&["files", "a.bin", &format!("no{name}")]);
    assert_eq!(none.code, 5, "{}", none.err);
    scene.simulator("sim", &wave(32, 1.0), "");
    scene.simulator("bad", &[], "printf 'a <img src=x onerror=y>|`\\033[2K`\\n' >&2; exit 7");
    let failed = scene.run("--reference ./sim --candidate ./bad --outdir failed -- -N 5");
    assert_eq!(failed.code, 2, "{}", failed.err);
    for text in [&run.out, &run.err, &none.err, &failed.out, &failed.err] {
        assert!(!text.contains('\u{1b}'), "{text:?}");
    }
    assert!(none.err.contains("onerror") && failed.err.contains("onerror"), "they are shown");
    for folder in ["out", "failed"] {
        assert_harmless(&scene, folder);
    }
    let title = scene.json("out/summary.json")["title"].to_string();
    assert!(title.contains("onerror"), "the name is in the evidence: {title}");
}

/// Nothing in the Markdown of a bundle acts.
fn assert_harmless(scene: &Scene, bundle: &str) {
    let text = fs::read_to_string(scene.path(&format!("{bundle}/analysis.md"))).unwrap();
    assert!(!text.contains('\u{1b}'), "{text:?}");
    let found = markdown::with_markup(&text);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn what_cases_and_sides_say_means_nothing_in_the_markdown_of_a_matrix() {
    let scene = Scene::new();
    let hostile = "<img src=x onerror=y>|`\u{1b}[2K`";
    let list = "[[case]]\nname = 'a'\nargs = [\"<img src=x onerror=y>|`\\u001b[2K`\"]\n";
    fs::write(scene.path("cases.toml"), list).unwrap();
    let told = format!("printf '%s\\n' 'incident fluence: {hostile} photons/m^2' '{hostile}'");
    scene.simulator("sim", &wave(32, 1.0), &told);
    scene.simulator("bad", &[], &format!("printf '%s\\n' '{hostile}' >&2; exit 7"));
    for candidate in ["sim", "bad"] {
        let run = scene.run(&format!(
            "matrix cases.toml --reference ./sim --candidate ./{candidate} --outdir {candidate}.out"
        ));
        assert_ne!(run.code, 5, "{}{}", run.out, run.err);
        assert!(!run.out.contains('\u{1b}') && !run.err.contains('\u{1b}'), "{:?}{:?}", run.out, run.err);
        scene.assert_sound(&format!("{candidate}.out"));
        assert_harmless(&scene, &format!("{candidate}.out"));
    }
    // One comparison of the same says what both sides printed.
    scene.simulator("other", &wave(32, 1.0), "echo 'incident fluence: 2e+24 photons/m^2'");
    let run = scene.run_with(&[
        "--reference",
        "./sim",
        "--candidate",
        "./other",
        "--outdir",
        "one",
        "--",
        "-x",
        hostile,
    ]);
    assert!(!run.out.contains('\u{1b}') && !run.err.contains('\u{1b}'), "{:?}{:?}", run.out, run.err);
    assert_harmless(&scene, "one");
}

const ADAPTER: &str = "[side.reference]\nlabel = 'a'\ncommand = ['./length', '{args}']\n[side.candidate]\nlabel = 'b'\n\
                       command = ['./length', '{args}']\n[[output]]\nname = 'x'\npath = 'x.csv'\n[noise]\narguments = [1]\n";

/// What would be a folder in a second run, and what no text can hold.
#[test]
fn arguments_that_evidence_would_write_otherwise_are_refused_and_all_others_are_passed_on_as_they_are() {
    let scene = Scene::new();
    scene.simulator("sim", &wave(16, 1.0), "");
    scene.script("length", "printf '%s' \"$1\" | wc -c > x.csv; echo 1 >> x.csv");
    fs::write(scene.path("a.toml"), ADAPTER).unwrap();
    let calls =
        ["--reference ./sim --candidate ./sim --", "--adapter a.toml --", "noise --adapter a.toml --"];
    let call = |line: &str, word: &OsStr, folder: &OsStr| {
        Command::new(env!("CARGO_BIN_EXE_nb-compare"))
            .args(line.split(' '))
            .arg(word)
            .current_dir(scene.path(".").join(folder))
            .env("XDG_CACHE_HOME", scene.path("caches"))
            .output()
            .unwrap()
    };
    let before = scene.names(".");
    for line in calls {
        for (word, what) in [
            (&b"{out}"[..], "(`{out}`): has `{out}`, which evidence writes where a path stands"),
            (b"--x={work}/y", "has `{work}`"),
            (b"\xff.dat", "is no UTF-8; expected a word that evidence can record"),
        ] {
            let called = call(line, OsStr::from_bytes(word), OsStr::new(""));
            let told = String::from_utf8_lossy(&called.stderr).into_owned();
            assert!(called.status.code() == Some(1) && told.contains(what), "{line}: {told}");
            assert!(told.contains("argument 1 ") && told.contains("hint: "), "{told}");
        }
    }
    assert_eq!(scene.names("."), before, "nothing was begun");
    for word in ["{args}", "{image}", "{}"] {
        let called = scene.run_with(&["--adapter", "a.toml", "--outdir", "out", "--", word]);
        assert_eq!(called.code, 0, "{}", called.shown());
        let steps = &scene.json("out/summary.json")["steps"];
        assert_eq!(steps[1]["command"][1], word);
        assert_eq!(scene.run("recompute out").code, 0, "{word}");
        fs::remove_dir_all(scene.path("out")).unwrap();
    }
    let folder: OsString = OsStr::from_bytes(b"f\xff").to_owned();
    fs::create_dir(scene.path(".").join(&folder)).unwrap();
    let called = call("--reference ../sim --candidate ../sim -- -N", OsStr::new("5"), &folder);
    let told = String::from_utf8_lossy(&called.stderr).into_owned();
    assert!(called.status.code() != Some(0) && told.contains("is no UTF-8"), "{told}");
}
