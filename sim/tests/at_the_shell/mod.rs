//! Runs the program in a folder of its own and keeps what it printed.
//!
//! Not here: comparing files with golden data (`support`).
#![allow(dead_code)]

use std::path::{Path, PathBuf};
use std::process::Command;

/// What a run printed and how it ended.
#[derive(Debug)]
pub struct Run {
    /// Exit code; none after a signal.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

/// The program under test.
pub fn program() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_nanobragg"))
}

/// An empty folder that goes away with its handle.
pub fn in_empty_folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// Runs the program with `arguments` (separated by blanks) in `folder`.
pub fn run(folder: &Path, arguments: &str) -> Run {
    finished(Command::new(program()).args(arguments.split_whitespace()).current_dir(folder))
}

/// Runs a shell script in `folder`.
pub fn shell(folder: &Path, script: &str) -> Run {
    finished(Command::new("sh").arg("-c").arg(script).current_dir(folder))
}

fn finished(command: &mut Command) -> Run {
    let output = command.output().expect("the program starts");
    Run {
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
