//! Ctrl-C: what it ends, with which status, and what is left behind.
//!
//! Not here: `trace-harness`, which shares the handling of signals (its `faults`).

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::{Scene, wave};

/// A reference that does not end by itself, nor when it is asked politely; it writes its number into `flag` when it renders.
const STUBBORN: &str = "trap '' TERM INT\ncase \"$*\" in *-floatfile*) ;; *) exit 0;; esac\n";

fn scene(script: &str) -> Scene {
    let scene = Scene::new();
    scene.script(
        "sim",
        &format!("{script}echo $$ > '{}'\nwhile :; do sleep 0.1; done", scene.path("flag").display()),
    );
    scene.simulator("quick", &wave(32, 1.0), "");
    fs::write(scene.path("cases.toml"), "[[case]]\nname = 'a'\nargs = '-N 5'\n").unwrap();
    scene
}

/// Starts the program, and waits until its reference renders.
fn under_way(scene: &Scene, line: &str) -> Child {
    let child = Command::new(env!("CARGO_BIN_EXE_nb-compare"))
        .args(line.split(' '))
        .current_dir(scene.path("."))
        .env("XDG_CACHE_HOME", scene.path("caches"))
        .env("TMPDIR", scene.path("temporary"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_until("the reference renders", || fs::metadata(scene.path("flag")).is_ok_and(|flag| flag.len() > 0));
    child
}

fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let clock = Instant::now();
    while !condition() {
        assert!(clock.elapsed() < Duration::from_secs(30), "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn interrupt(child: &Child) {
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
}

/// Whether the process whose number is in `file` runs.
fn runs(file: &Path) -> bool {
    let number = fs::read_to_string(file).unwrap();
    let state = fs::read_to_string(format!("/proc/{}/stat", number.trim())).unwrap_or_default();
    !state.is_empty() && !state.contains(") Z")
}

const CALLS: [&str; 2] = [
    "--no-cache --reference ./sim --candidate ./quick --outdir out -- -detpixels 32",
    "matrix cases.toml --no-cache --reference ./sim --candidate ./quick --outdir out",
];

#[test]
fn an_interrupt_has_a_status_of_its_own_and_what_was_done_stays_evidence() {
    for call in CALLS {
        let scene = scene("case \"$*\" in *-floatfile*) ;; *) exit 0;; esac\n");
        let mut child = under_way(&scene, call);
        interrupt(&child);
        assert_eq!(child.wait().unwrap().code(), Some(6), "{call}");
        wait_until("the reference ends", || !runs(&scene.path("flag")));
        scene.assert_sound("out");
        assert_ne!(scene.json("out/summary.json")["verdict"], "PASS", "{call}");
        assert_eq!(scene.names("temporary"), Vec::<String>::new(), "{call}");
    }
}

#[test]
fn a_second_interrupt_ends_a_side_that_ignores_the_first_and_leaves_no_folder() {
    for call in CALLS {
        let scene = scene(STUBBORN);
        let mut child = under_way(&scene, call);
        let before = scene.names(".").into_iter().filter(|name| name.starts_with(".partial-")).count();
        assert_eq!(before, 1, "{call}: the bundle in the making");
        interrupt(&child);
        std::thread::sleep(Duration::from_millis(200));
        interrupt(&child);
        assert_eq!(child.wait().unwrap().code(), Some(6), "{call}");
        wait_until("the reference ends", || !runs(&scene.path("flag")));
        let left = scene.names(".").into_iter().filter(|name| name.starts_with(".partial-") || name == "out");
        assert_eq!(left.collect::<Vec<_>>(), Vec::<String>::new(), "{call}");
        assert_eq!(scene.names("temporary"), Vec::<String>::new(), "{call}");
    }
}

#[test]
fn cases_that_an_interrupt_left_undone_are_in_the_report() {
    let scene = scene("case \"$*\" in *-floatfile*) ;; *) exit 0;; esac\n");
    let case = |name: &str| format!("[[case]]\nname = '{name}'\nargs = '-detpixels 32'\n");
    fs::write(scene.path("cases.toml"), ["a", "b", "c"].map(case).concat()).unwrap();
    let call = "matrix cases.toml --jobs 1 --junit r.xml --no-cache --reference ./sim --candidate ./quick --outdir out";
    let mut child = under_way(&scene, call);
    interrupt(&child);
    assert_eq!(child.wait().unwrap().code(), Some(6));
    let report = fs::read_to_string(scene.path("r.xml")).unwrap();
    assert!(report.contains("tests=\"3\" failures=\"0\" errors=\"1\" skipped=\"2\""), "{report}");
    assert!(report.contains("name=\"c\"") && report.ends_with("</testsuites>\n"), "{report}");
    assert_eq!(report.matches("<skipped message=\"interrupted before it was run\"/>").count(), 2, "{report}");
    assert_eq!(report, fs::read_to_string(scene.path("out/junit.xml")).unwrap());
    assert_eq!(scene.json("out/summary.json")["not_run"], serde_json::json!(["b", "c"]));
    scene.assert_sound("out");
    let again = scene.run("recompute out --json").json();
    assert_eq!(again["bundles"][0]["result"]["findings"], serde_json::json!([]), "{again}");
}

/// What is compared when `--explain` begins is evidence whatever becomes of the explanation.
#[test]
fn an_interrupt_while_a_difference_is_explained_keeps_the_comparison() {
    let scene = Scene::new();
    let wait = format!("echo $$ > '{}'\nwhile :; do sleep 0.1; done", scene.path("flag").display());
    let write = "printf 'k q\\n1 1.5\\n' > table.txt";
    scene.script("ref", write);
    scene
        .script("cand", &format!("[ \"$1\" = --old ] && {{ {wait}; }}; printf 'k q\\n1 2.5\\n' > table.txt"));
    let adapter = "[side.reference]\nlabel = 'a'\ncommand = ['./ref', '{args}']\n[side.candidate]\nlabel = 'b'\ncommand = ['./cand', '{args}']\n\
                   [[output]]\nname = 't'\npath = 'table.txt'\nformat = 'table'\n[output.table]\nheader = true\nkey = ['k']\n\
                   [[variant]]\nid = 'OLD'\nmeaning = 'as before'\ncandidate_args = ['--old']\n";
    fs::write(scene.path("a.toml"), adapter).unwrap();
    // Traces are asked of the built-in adapter's programs with more flags.
    let images = Scene::new();
    let wait =
        wait.replace(&*scene.path("flag").display().to_string(), &images.path("flag").display().to_string());
    images.simulator("ref", &wave(32, 1.0), "");
    images.simulator("cand", &wave(32, 2.0), &format!("case \"$*\" in *trace*) {wait};; esac"));
    for (scene, call) in [
        (&scene, "--adapter a.toml --explain --outdir out"),
        (&images, "--no-cache --reference ./ref --candidate ./cand --explain --outdir out -- -detpixels 32"),
    ] {
        let mut child = under_way(scene, call);
        interrupt(&child);
        assert_eq!(child.wait().unwrap().code(), Some(6), "{call}");
        wait_until("the side ends", || !runs(&scene.path("flag")));
        scene.assert_sound("out");
        assert_eq!(scene.json("out/summary.json")["verdict"], "FAIL", "{call}");
        let again = scene.run("recompute out --json").json();
        assert_eq!(again["bundles"][0]["result"]["findings"], serde_json::json!([]), "{call}: {again}");
        assert_eq!(scene.names("temporary"), Vec::<String>::new(), "{call}");
        assert!(scene.names(".").iter().all(|name| !name.starts_with(".partial-")), "{call}");
    }
}
