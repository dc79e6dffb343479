//! What `trace-harness clean` would remove while a comparison runs: nothing of it.
//!
//! Not here: what it removes (`trace_harness::evidence::bundle::overview::leftovers`).

use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use trace_harness::evidence::bundle::overview::leftovers::{self, Leftovers, Reason};

use crate::support::{Scene, wave};

#[test]
fn a_comparison_under_way_keeps_its_folders() {
    let scene = Scene::new();
    let [flag, go] = ["flag", "go"].map(|name| scene.path(name));
    let wait = format!(": > '{}'; while [ ! -e '{}' ]; do sleep 0.02; done", flag.display(), go.display());
    // The last side to run waits: by then every folder is there.
    scene.simulator("ref", &wave(16, 1.0), "");
    scene.simulator("cand", &wave(16, 1.0), &format!("case \"$*\" in *-floatfile*) {wait};; esac"));
    std::thread::scope(|scope| {
        let running = scope.spawn(|| scene.run("--reference ./ref --candidate ./cand --outdir out -- -N 5"));
        let clock = Instant::now();
        while !flag.exists() && !running.is_finished() && clock.elapsed() < Duration::from_secs(30) {
            std::thread::sleep(Duration::from_millis(10));
        }
        let found = [leftovers::unfinished(&scene.path(".")), leftovers::temporary(&scene.path("temporary"))]
            .map(Result::unwrap);
        fs::write(&go, "").unwrap();
        for Leftovers { removable, kept } in found {
            assert!(removable.is_empty(), "{removable:?}");
            assert!(kept.iter().any(|kept| kept.reason == Reason::InUse), "nothing was under way: {kept:?}");
        }
        let run = running.join().unwrap();
        assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    });
    scene.assert_sound("out");
}

/// Whatever kills it, `clean` knows what is left: every temporary folder has a name that only programs of this project give.
#[test]
fn runs_for_noise_keep_their_folders_and_leave_none_that_is_not_known_when_they_are_killed() {
    let scene = Scene::new();
    let [flag, go] = ["flag", "go"].map(|name| scene.path(name));
    let wait = format!(": > '{}'; while [ ! -e '{}' ]; do sleep 0.02; done", flag.display(), go.display());
    // The last run has its input moved.
    scene.script("ref", &format!("cat \"$1\" > x.csv; grep -q 1.5 \"$1\" || {{ {wait}; }}"));
    fs::write(scene.path("in.dat"), "1.5\n").unwrap();
    let adapter = "[side.reference]\nlabel = 'a'\ncommand = ['./ref', '{args}']\n[side.candidate]\nlabel = 'b'\ncommand = ['./ref', '{args}']\n\
                   [[output]]\nname = 'x'\npath = 'x.csv'\n[noise]\nfiles = ['.*\\.dat']\n";
    fs::write(scene.path("a.toml"), adapter).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_nb-compare"))
        .args(["noise", "--adapter", "a.toml", "--outdir", "n", "--", "in.dat"])
        .current_dir(scene.path("."))
        .env("TMPDIR", scene.path("temporary"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let clock = Instant::now();
    while !flag.exists() && clock.elapsed() < Duration::from_secs(30) {
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(flag.exists(), "no run with a moved input was begun");
    let all = scene.names("temporary");
    let used = leftovers::temporary(&scene.path("temporary")).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    fs::write(&go, "").unwrap();
    assert_eq!((used.kept.len(), used.removable.len()), (all.len(), 0), "{all:?}: {used:?}");
    let left = leftovers::temporary(&scene.path("temporary")).unwrap();
    assert_eq!((left.removable.len(), left.kept.len()), (all.len(), 0), "{left:?}");
}
