//! Hands the toolchain and the git commit of this build to the crate; a source tree without git builds all the same.

use std::process::Command;

fn main() {
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    set(
        "RUSTC",
        &answer(&rustc, &["--version"]).unwrap_or_else(|| "absent: rustc gave no version".to_owned()),
    );
    set("TARGET", &std::env::var("TARGET").unwrap_or_default());
    set("PROFILE", &std::env::var("PROFILE").unwrap_or_default());
    let commit = answer("git", &["rev-parse", "HEAD"]);
    // Without the flag git rewrites its index, which is watched below: the next build would compile everything again.
    let status = ["--no-optional-locks", "status", "--porcelain", "--untracked-files=no"];
    let changed = answer("git", &status).map(|text| !text.is_empty());
    set(
        "COMMIT",
        commit.as_deref().unwrap_or("absent: built outside a git checkout, or before its first commit"),
    );
    let dirty = match (&commit, changed) {
        (Some(_), Some(changed)) => changed.to_string(),
        _ => "absent: no git commit".to_owned(),
    };
    set("DIRTY", &dirty);
    for path in
        ["../.git/HEAD", "../.git/index", "../.git/refs/heads", "src", "../sim/src", "../nb-compare/src"]
    {
        if std::path::Path::new(path).exists() {
            println!("cargo:rerun-if-changed={path}");
        }
    }
    println!("cargo:rerun-if-changed=build.rs");
}

fn set(name: &str, value: &str) {
    println!("cargo:rustc-env=TRACE_HARNESS_{name}={value}");
}

fn answer(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
