//! The adapter of `examples/heat`: traces that emitters write find the faults of the port, as `docs/adapters.md` shows.
//!
//! Not here: adapters in front of scripts (`sides`), traces of the example without an adapter (`trace-harness`'s `traces_page`).

#[path = "../../trace-harness/tests/support/compilers.rs"]
mod compilers;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use libtest_mimic::Arguments;
use serde_json::Value;
use trace_harness::emit::Language;

const PROGRAM: &str = env!("CARGO_BIN_EXE_nb-compare");

fn main() {
    let laws: [(&str, fn()); 2] = [
        ("the commands of the page print what it shows", page),
        ("the first fault that is in the port is the root cause, and none is where there is none", faults),
    ];
    let trials = laws.map(|(name, test)| compilers::trial(name.to_owned(), "gcc", test));
    libtest_mimic::run(&Arguments::from_args(), trials.into()).exit();
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Runs a line of a shell that finds this program.
fn shell(folder: &Path, line: &str) -> Output {
    let own = Path::new(PROGRAM).parent().expect("a folder").display();
    let path = format!("{own}:{}", std::env::var("PATH").unwrap_or_default());
    let mut command = Command::new("sh");
    command.args(["-c", line]).current_dir(folder).env("PATH", path);
    for name in ["NBTRACE", "NBTRACE_LABEL", "NBTRACE_REPLAY", "NBTRACE_KEYS"] {
        command.env_remove(name);
    }
    command.output().expect("a shell")
}

fn words(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned()
}

/// The example, with what `trace-harness emit` prints.
fn example() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["heat.c", "heat.rs", "heat.toml", "keys.toml", "cases.toml"] {
        fs::copy(root().join("examples/heat").join(name), folder.path().join(name)).expect("a source");
    }
    for language in [Language::C, Language::Rust] {
        let source = language.source();
        fs::write(folder.path().join(language.file_name()), source.as_bytes()).expect("an emitter");
    }
    folder
}

fn page() {
    let page = fs::read_to_string(root().join("docs/adapters.md")).expect("a page");
    let folder = example();
    let mut shown = 0;
    for block in page.split("```console\n").skip(1) {
        let block = block.split("```").next().expect("a block");
        for example in block.split("$ ").skip(1) {
            let (command, expected) = example.split_once('\n').expect("a command and its output");
            // The other program of the project is no part of this test: what it prints here is laid out by `example`.
            if command.starts_with("trace-harness emit") {
                continue;
            }
            let printed = words(&shell(folder.path(), command));
            for line in expected.lines().filter(|line| *line != "…" && !line.is_empty()) {
                assert!(
                    printed.lines().any(|l| l == line),
                    "`{line}` is not printed by `{command}`:\n{printed}"
                );
                shown += 1;
            }
        }
    }
    assert!(shown > 2, "{shown} lines");
}

fn faults() {
    let folder = example();
    let built = shell(folder.path(), "gcc -O2 heat.c -o heat_ref && rustc -O heat.rs -o heat_port");
    assert!(built.status.success(), "{}", words(&built));
    for (set, cause) in
        [("1", Some("diffusivity")), ("2", Some("flux_right")), ("3", Some("energy")), ("0", None)]
    {
        let line = format!("nb-compare --adapter heat.toml --explain --json --outdir b{set} -- {set}");
        let output = shell(folder.path(), &line);
        assert_eq!(output.status.code(), Some(if cause.is_some() { 3 } else { 0 }), "{}", words(&output));
        let summary = fs::read(folder.path().join(format!("b{set}/summary.json"))).expect("a bundle");
        let summary: Value = serde_json::from_slice(&summary).expect("JSON");
        let traces = &summary["traces"]["elements"][0]["traces"];
        assert_eq!(traces["root_causes"][0]["key"].as_str(), cause, "{set}: {traces}");
        let again = shell(folder.path(), &format!("nb-compare recompute b{set}"));
        assert!(again.status.success(), "{}", words(&again));
    }
}
