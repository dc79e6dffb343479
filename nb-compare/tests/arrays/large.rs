//! Arrays larger than the memory that comparing them takes.
//!
//! Not here: how fast it is (`benches`).

use std::fs::{self, File};
use std::io::Write;
use std::process::{Command, Stdio};

use crate::npy_header;
use crate::support::Scene;

/// Megabytes that comparing takes at most, whatever the arrays have.
const MOST: u64 = 100;

/// Elements of 8 bytes: each file alone has more than that.
const ELEMENTS: u64 = 13_000_000;

#[test]
fn arrays_of_hundreds_of_megabytes_are_compared_in_less_memory() {
    let scene = Scene::new();
    for (name, last) in [("a.npy", 1.0_f64), ("b.npy", 2.0)] {
        let mut file = File::create(scene.path(name)).expect("room");
        file.write_all(&npy_header("<f8", &format!("({}, 1000)", ELEMENTS / 1000))).expect("room");
        let start = file.metadata().expect("facts").len();
        // What is not written reads as zeros, and takes no room.
        file.set_len(start + 8 * ELEMENTS - 8).expect("room");
        let mut file = File::options().append(true).open(scene.path(name)).expect("it is there");
        file.write_all(&last.to_le_bytes()).expect("room");
    }
    let mut child = Command::new(env!("CARGO_BIN_EXE_nb-compare"))
        .args(["files", "a.npy", "b.npy", "--atol", "0", "--json"])
        .current_dir(scene.path("."))
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    let status = format!("/proc/{}/status", child.id());
    let mut kilobytes = 0;
    let ended = loop {
        let seen = fs::read_to_string(&status).unwrap_or_default();
        let peak = seen
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse().ok());
        kilobytes = peak.unwrap_or(0).max(kilobytes);
        match child.try_wait().expect("a child") {
            Some(ended) => break ended,
            None => std::thread::sleep(std::time::Duration::from_millis(2)),
        }
    };
    let mut said = String::new();
    std::io::Read::read_to_string(&mut child.stdout.take().expect("its output"), &mut said).expect("text");
    let said: serde_json::Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!(ended.code(), Some(3), "{said}");
    assert_eq!(said["max_abs_at"], serde_json::json!([ELEMENTS / 1000 - 1, 999]));
    assert_eq!(said["elements_compared"], serde_json::json!(ELEMENTS));
    assert!(kilobytes > 0, "no figure in {status}");
    assert!(
        kilobytes / 1000 < MOST,
        "{} MB for two files of {} MB",
        kilobytes / 1000,
        ELEMENTS * 8 / 1_000_000
    );
}
