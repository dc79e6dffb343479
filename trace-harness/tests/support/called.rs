//! The program called in a folder: how it ended and what it printed.

use std::path::Path;
use std::process::Command;

pub struct Called {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// Runs `trace-harness ARGS` in `folder`, without a reference program.
pub fn call(folder: &Path, args: &[&str]) -> Called {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trace-harness"));
    let output = command.args(args).env_remove("NB_C_BIN").current_dir(folder).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Called { code: output.status.code().unwrap(), out: text(&output.stdout), err: text(&output.stderr) }
}
