//! The reference program that `NB_C_BIN` names is found in the same way by every command that asks for it.
//!
//! Not here: what the commands do with it (`checks`, `matrix`, `capture_commands`, `hygiene_commands`).

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

const PROGRAM: &str = env!("CARGO_BIN_EXE_trace-harness");
/// A name that no folder of the PATH holds.
const NAME: &str = "nb-reference-of-this-test";
const CASE: &str = "[[case]]\nname = 'a'\nargs = ['-default_F', '100', '-cell', '50', '50', '50', '90', '90', '90', \
                    '-lambda', '1', '-N', '3', '-detpixels', '16', '-distance', '100']\n";

/// Every command that reads the variable.
const COMMANDS: [&[&str]; 4] = [
    &["gate", "--built-in"],
    &["matrix", "--program", "built-in", "--no-copies", "cases.toml"],
    &["capture", "--config", "simple-cubic", "--reference"],
    &["hygiene", "--config", "simple-cubic", "--reference", "--rounds", "1"],
];

/// A folder with a list of cases, and `bin/NAME`: our simulator, which enters each call of it into `calls`.
fn workplace() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("cases.toml"), CASE).unwrap();
    fs::create_dir(root.path().join("bin")).unwrap();
    let path = root.path().join("bin").join(NAME);
    let calls = root.path().join("calls");
    let text = format!(
        "#!/bin/sh\necho \"threads $OMP_NUM_THREADS\" >> '{}'\nexec '{PROGRAM}' __nanobragg --parity \"$@\"\n",
        calls.display()
    );
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    root
}

/// Calls a command with `NB_C_BIN` set to `named`, and `bin` on the PATH or not; gives its exit status, and how the reference was
/// called.
fn call(root: &Path, args: &[&str], named: &str, on_path: bool) -> (Option<i32>, Vec<String>) {
    let calls = root.join("calls");
    let _ = fs::remove_file(&calls);
    let mut path = std::env::var_os("PATH").unwrap_or_default();
    if on_path {
        path.push(":");
        path.push(root.join("bin"));
    }
    let mut command = Command::new(PROGRAM);
    command.args(args).current_dir(root).env("NB_C_BIN", named).env("PATH", path).env("OMP_NUM_THREADS", "7");
    let output = command.output().unwrap();
    let calls = fs::read_to_string(calls).unwrap_or_default();
    (output.status.code(), calls.lines().map(str::to_owned).collect())
}

#[test]
fn a_name_without_folders_is_looked_up_on_the_path_by_every_command() {
    let root = workplace();
    for args in COMMANDS {
        let (_, calls) = call(root.path(), args, NAME, true);
        assert!(!calls.is_empty(), "{args:?} does not start the program");
        let (code, calls) = call(root.path(), args, NAME, false);
        assert!(calls.is_empty() && matches!(code, Some(1 | 3)), "{args:?} {code:?} {calls:?}");
    }
}

#[test]
fn a_path_is_seen_from_the_working_folder_by_every_command() {
    let root = workplace();
    for args in COMMANDS {
        let (_, calls) = call(root.path(), args, &format!("bin/{NAME}"), false);
        assert!(!calls.is_empty(), "{args:?} does not start the program");
    }
    // The file of a gate may lie elsewhere than the caller: the variable is the caller's all the same.
    fs::create_dir(root.path().join("gates")).unwrap();
    fs::write(root.path().join("gates/gate.toml"), "[reference]\n").unwrap();
    let (_, calls) = call(root.path(), &["gate", "--file", "gates/gate.toml"], &format!("bin/{NAME}"), false);
    assert!(!calls.is_empty(), "`gate --file` does not start the program");
}

#[test]
fn the_reference_gets_one_thread_whatever_the_environment_says() {
    let root = workplace();
    for args in COMMANDS {
        let (_, calls) = call(root.path(), args, NAME, true);
        assert!(calls.iter().all(|call| call == "threads 1"), "{args:?} {calls:?}");
    }
}
