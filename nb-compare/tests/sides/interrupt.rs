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
