//! Tells the program which commit it was built from.

use std::path::Path;
use std::process::Command;

fn main() {
    // The log of HEAD changes with every commit, checkout and reset.
    let log = "../.git/logs/HEAD";
    if Path::new(log).exists() {
        println!("cargo:rerun-if-changed={log}");
    }
    println!("cargo:rerun-if-changed=build.rs");
    let commit = Command::new("git")
        .args(["rev-parse", "--short=12", "HEAD"])
        .output()
        .ok()
        .filter(|out| out.status.success())
        .and_then(|out| String::from_utf8(out.stdout).ok());
    let commit = commit.as_deref().map_or("unknown", str::trim);
    println!("cargo:rustc-env=NANOBRAGG_COMMIT={commit}");
}
