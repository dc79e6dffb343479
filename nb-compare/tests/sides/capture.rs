//! `nb-compare capture` and `hygiene`: one side of an adapter asked for a trace, once, or with and without, several times over.
//!
//! Not here: traces of both sides (`traces`), those of configurations (`trace-harness`).

use std::fs;

use trace_harness::evidence::bundle::rerun::{Before, Places, rerun, tolerance::FileVerdict};
use trace_harness::evidence::process::{Interrupt, SystemRunner};

use crate::support::Scene;

/// An adapter whose sides write `flux.txt`, and print the lines of a trace where `--trace` asks for it.
fn scene(more: &str) -> Scene {
    let scene = Scene::new();
    let program = |factor: u8| {
        format!(
            "echo {factor} 2 3 > flux.txt; {more}\nfor word; do [ \"$word\" = --trace ] && \
             printf 'TRACE_X: k 7\\nTRACE_X: flux %d\\n' {factor}; done; exit 0"
        )
    };
    scene.script("reference", &program(1));
    scene.script("candidate", &program(5));
    let adapter = "[side.reference]\nlabel = 'C'\ncommand = ['./reference', '{args}']\n\
        [side.candidate]\nlabel = 'Rust'\ncommand = ['./candidate', '{args}']\n\
        [[output]]\nname = 'flux'\npath = 'flux.txt'\n[[variant]]\nid = 'V'\nmeaning = 'v'\ncandidate_args = ['--v']\n";
    fs::write(
        scene.path("whole.toml"),
        format!("{adapter}[trace]\nrequest = ['--trace']\nfrom = 'stdout'\n"),
    )
    .unwrap();
    let by_element = "[trace]\nrequest = ['--trace', '{element}']\nfrom = 'stdout'\n";
    fs::write(scene.path("element.toml"), format!("{adapter}{by_element}")).unwrap();
    fs::write(scene.path("none.toml"), adapter).unwrap();
    scene
}

#[test]
fn the_trace_of_either_side_is_kept_with_all_that_made_it() {
    let scene = scene("");
    let called = scene.run("capture --adapter whole.toml --outdir c --out c.trace -- -n 3");
    assert_eq!(called.code, 0, "{}", called.shown());
    assert!(called.out.starts_with("2 lines, 2 keys, 0 records\ntrace: "), "{}", called.out);
    let trace = fs::read_to_string(scene.path("c/results/trace.txt")).unwrap();
    assert_eq!(trace, "TRACE_X: k 7\nTRACE_X: flux 1\n");
    assert_eq!(fs::read_to_string(scene.path("c.trace")).unwrap(), trace);
    scene.assert_sound("c");
    let called = scene.run(
        "capture --adapter element.toml --side candidate --variant V --element 0,2 --outdir p --json -- -n 3",
    );
    assert_eq!(called.code, 0, "{}", called.shown());
    let told = called.json();
    assert_eq!(
        (&told["label"], &told["element"], &told["side"]),
        (&"Rust".into(), &[0, 2].into(), &"candidate".into())
    );
    let command = told["steps"][0]["command"].as_array().unwrap();
    assert_eq!(command[1..], ["-n", "3", "--v", "--trace", "0,2"]);
    assert!(fs::read_to_string(scene.path("p/results/trace.txt")).unwrap().contains("flux 5"));
    let before = Before::read(&scene.path("c")).unwrap();
    let places = Places { out: Some(scene.path("again")), ..Places::default() };
    let again = rerun(&before, &places, &SystemRunner::new(Interrupt::install().unwrap()), &|_| ()).unwrap();
    let trace = again.files.iter().find(|file| file.path == "results/trace.txt").unwrap();
    assert_eq!(trace.verdict, FileVerdict::Identical);
}

#[test]
fn what_cannot_be_traced_is_refused_and_a_side_without_a_trace_has_failed() {
    let scene = scene("");
    for (call, words) in [
        ("capture --adapter none.toml --outdir x --", "has no [trace]"),
        ("capture --adapter element.toml --outdir x --", "--element"),
        ("capture --adapter whole.toml --element 3 --outdir x --", "traces whole runs"),
        ("capture --adapter element.toml --element 3;4 --outdir x --", "whole numbers from 0"),
        ("capture --adapter whole.toml --side both --outdir x --", "possible values"),
        ("capture --adapter whole.toml --out ./whole.toml --outdir x --", "is read by this very command"),
        ("hygiene --adapter none.toml --outdir x --", "has no [trace]"),
    ] {
        let called = scene.run(call);
        assert!(called.code == 1 && called.err.contains(words), "{call}: {}", called.shown());
        assert!(!scene.path("x").exists(), "{call}");
    }
    scene.script("reference", "echo 1 2 3 > flux.txt; echo hello");
    let called = scene.run("capture --adapter whole.toml --outdir x --");
    assert!(
        called.code == 2 && called.err.contains("C was asked for a trace: ") && called.err.contains("hint: "),
        "{}",
        called.shown()
    );
    scene.assert_sound("x");
    scene.script("reference", "echo broken >&2; exit 7");
    let called = scene.run("capture --adapter whole.toml --outdir y --");
    assert!(called.code == 2 && called.err.contains("exit status 7"), "{}", called.shown());
    assert_eq!(fs::read_to_string(scene.path("y/logs/reference.stderr.txt")).unwrap(), "broken\n");
}

#[test]
fn a_side_that_leaves_the_same_each_time_is_clean() {
    let scene = scene("");
    let called = scene.run("hygiene --adapter whole.toml --rounds 2 --outdir h -- -n 3");
    assert_eq!(called.code, 0, "{}", called.shown());
    for line in [
        "yes outputs are the same bytes, traced or not\n      6 files compared",
        "yes traces are the same bytes\n      2 files compared",
        "yes no trace line unasked\n      4 untraced runs without one",
        "PASS: the same in 6 runs",
    ] {
        assert!(called.out.contains(line), "{line}: {}", called.out);
    }
    scene.assert_sound("h");
}

#[test]
fn whatever_is_another_one_in_some_run_is_named() {
    // A side that counts its runs in a file beside it; one whose trace changes what it writes; one that traces unasked.
    let counts = "n=$(wc -l < \"$(dirname \"$0\")/count\" || echo 0); echo >> \"$(dirname \"$0\")/count\";";
    for (more, check, detail) in [
        (
            format!("{counts} [ $n -lt 4 ] || echo 9 > flux.txt"),
            "outputs are the same bytes",
            "output flux: run `traced-2`",
        ),
        (
            "for word; do [ \"$word\" = --trace ] && echo 8 > flux.txt; done".to_owned(),
            "outputs are the same bytes",
            "run `traced-1`",
        ),
        (
            format!("{counts} [ $n -ne 4 ] || echo 'TRACE_X: more 1'"),
            "traces are the same bytes",
            "trace: run `traced-2`",
        ),
        ("echo 'TRACE_X: more 1'".to_owned(), "no trace line unasked", "run `before-1` prints some"),
    ] {
        let scene = scene(&more);
        fs::write(scene.path("count"), "").unwrap();
        let called = scene.run("hygiene --adapter whole.toml --rounds 2 --outdir h --");
        assert_eq!(called.code, 3, "{more}: {}", called.shown());
        assert!(called.out.contains(&format!("NO  {check}")), "{more}: {}", called.out);
        assert!(called.out.contains(detail), "{more}: {}", called.out);
        scene.assert_sound("h");
    }
}
