//! Ctrl-C on the commands that run programs: a status of its own, and nothing left behind.
//!
//! Not here: `run` (`faults`, whose timing other work at the same time would disturb).

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use trace_harness::evidence::bundle::verify::verify;

const PROGRAM: &str = env!("CARGO_BIN_EXE_trace-harness");

fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let clock = Instant::now();
    while !condition() {
        assert!(clock.elapsed() < Duration::from_secs(30), "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn interrupt(process: &Child) {
    assert!(Command::new("kill").args(["-INT", &process.id().to_string()]).status().unwrap().success());
}

/// Whether the process whose number is in `file` runs.
fn runs(file: &Path) -> bool {
    let number = fs::read_to_string(file).unwrap();
    let state = fs::read_to_string(format!("/proc/{}/stat", number.trim())).unwrap_or_default();
    !state.is_empty() && !state.contains(") Z")
}

/// Commands that are interrupted once their work has begun, which the file `flag` tells.
fn interrupted(root: &Path, args: &[&str], reference: Option<&Path>) -> (Option<i32>, String) {
    let (flag, temporary) = (root.join("flag"), root.join("temporary"));
    let _ = fs::remove_file(&flag);
    fs::create_dir_all(&temporary).unwrap();
    let child = Command::new(PROGRAM)
        .args(args)
        .env_remove("NB_C_BIN")
        .env("TMPDIR", &temporary)
        .envs(reference.map(|program| ("NB_C_BIN", program)))
        .current_dir(root)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    wait_until("the command starts", || fs::metadata(&flag).is_ok_and(|file| file.len() > 0));
    interrupt(&child);
    let ended = child.wait_with_output().unwrap();
    wait_until("what it started ends", || !runs(&flag));
    let left: Vec<_> = fs::read_dir(temporary).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.is_empty(), "{args:?} leaves {left:?}");
    (ended.status.code(), String::from_utf8_lossy(&ended.stderr).into_owned())
}

#[test]
fn commands_that_are_interrupted_say_so_by_their_status_and_leave_no_temporary_folder() {
    let root = tempfile::tempdir().unwrap();
    let flag = root.path().join("flag");
    let slow = root.path().join("slow");
    let script = format!("#!/bin/sh\necho $$ > '{}'\nwhile :; do sleep 0.1; done\n", flag.display());
    fs::write(&slow, script).unwrap();
    fs::set_permissions(&slow, fs::Permissions::from_mode(0o755)).unwrap();
    let cases = "[[case]]\nname = 'a'\nargs = '-N 5'\n[[case]]\nname = 'b'\nargs = '-N 6'\n";
    fs::write(root.path().join("cases.toml"), cases).unwrap();
    // Each with the reference program.
    let calls: [(&[&str], Option<&Path>); 6] = [
        (&["matrix", "cases.toml", "--program", "./slow", "--jobs", "2"], None),
        (&["matrix", "cases.toml", "--program", "built-in", "--jobs", "1"], Some(&slow)),
        (&["matrix", "cases.toml", "--program", "./slow", "--isolated", "--files", "files"], None),
        (
            &[
                "hygiene",
                "--config",
                "simple-cubic",
                "--rounds",
                "1",
                "--candidate",
                "./slow",
                "--keep-paths",
            ],
            None,
        ),
        (&["capture", "--config", "simple-cubic", "--candidate", "./slow", "--keep-paths"], None),
        (&["profile", "--runs", "3", "--", "./slow"], None),
    ];
    for (args, reference) in calls {
        let (code, printed) = interrupted(root.path(), args, reference);
        assert_eq!(code, Some(6), "{args:?}: {printed}");
    }
}

#[test]
fn a_gradient_check_that_is_interrupted_says_so_by_its_status() {
    let root = tempfile::tempdir().unwrap();
    let child = Command::new(PROGRAM)
        .args(["gradcheck", "--keep-paths"])
        .current_dir(root.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    // It runs itself as its step; all parameters of all cases take long.
    let reports = root.path().join("reports/gradcheck");
    let logs = || {
        let bundles = fs::read_dir(&reports).into_iter().flatten().flatten();
        bundles.into_iter().any(|bundle| bundle.path().join("logs/gradcheck.stderr.txt").is_file())
    };
    wait_until("its step starts", logs);
    interrupt(&child);
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(6));
    let made: Vec<PathBuf> = fs::read_dir(&reports).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(made.len() == 1 && verify(&made[0]).unwrap().is_sound(), "{made:?}");
}
