//! What `trace-harness clean` would remove while a comparison runs: nothing of it.
//!
//! Not here: what it removes (`trace_harness::evidence::bundle::overview::leftovers`).

use std::fs;
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
