//! A runner that prints without measure costs disk, not memory.
//!
//! Not here: that its output is kept byte for byte (`command_line`).

use std::fs;
use std::process::{Command, Stdio};

use crate::support::{Scene, wave};

/// Megabytes that each of the two runners prints; zero bytes, without a line's end.
const PRINTED: u64 = 100;

#[test]
fn two_hundred_megabytes_of_output_do_not_fill_memory() {
    let scene = Scene::new();
    scene.simulator("sim", &wave(32, 1.0), &format!("head -c {PRINTED}000000 /dev/zero"));
    let mut child = Command::new(env!("CARGO_BIN_EXE_nb-compare"))
        .args([
            "--reference",
            "./sim",
            "--candidate",
            "./sim",
            "--no-cache",
            "--quiet",
            "--outdir",
            "out",
            "--",
            "-N",
            "5",
        ])
        .current_dir(scene.path("."))
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    // The largest resident set of a finished child counts that of the process that started it, before the child became its
    // own program; the kernel's figure of the running program does not.
    let status = format!("/proc/{}/status", child.id());
    let mut kilobytes = 0;
    let ended = loop {
        let seen = fs::read_to_string(&status).unwrap_or_default();
        let peak = seen
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse().ok());
        kilobytes = peak.unwrap_or(0).max(kilobytes);
        match child.try_wait().unwrap() {
            Some(ended) => break ended,
            None => std::thread::sleep(std::time::Duration::from_millis(2)),
        }
    };
    assert!(ended.success(), "{ended:?}");
    assert!(kilobytes > 0, "no figure in {status}");
    let kept = fs::metadata(scene.path("out/reference_stdout.txt")).unwrap().len();
    assert!(kept >= PRINTED * 1_000_000, "{kept} bytes are kept");
    let megabytes = kilobytes / 1000;
    assert!(megabytes < PRINTED / 2, "{megabytes} MB at most, for {PRINTED} MB printed twice");
}
