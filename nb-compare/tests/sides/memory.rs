//! A runner that prints without measure costs disk, not memory.
//!
//! Not here: that its output is kept byte for byte (`command_line`).

use std::fs;
use std::process::{Command, Stdio};

use wait4::Wait4;

use crate::support::{Scene, wave};

/// Megabytes that each of the two runners prints; zero bytes, without a line's end.
const PRINTED: u64 = 100;

#[test]
fn two_hundred_megabytes_of_output_do_not_fill_memory() {
    let scene = Scene::new();
    scene.simulator("sim", &wave(32, 1.0), &format!("head -c {PRINTED}000000 /dev/zero"));
    let mut child = Command::new(env!("CARGO_BIN_EXE_nb-compare"))
        .args([
            "--c-bin",
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
    let ended = child.wait4().unwrap();
    assert!(ended.status.success(), "{:?}", ended.status);
    let kept = fs::metadata(scene.path("out/c_stdout.txt")).unwrap().len();
    assert!(kept >= PRINTED * 1_000_000, "{kept} bytes are kept");
    let megabytes = ended.rusage.maxrss / 1_000_000;
    assert!(megabytes < PRINTED / 2, "{megabytes} MB at most, for {PRINTED} MB printed twice");
}
