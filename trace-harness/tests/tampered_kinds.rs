//! Bundles of every kind that this program writes, with one byte of an output changed by somebody who can compute a digest: none is sound.
//!
//! Not here: kinds that `nb-compare` writes (its tests), what else may be changed (`bundle_commands`, `trust`).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use trace_harness::evidence::bundle::digest;
use walkdir::WalkDir;

const MANIFEST: &str = "sha256.txt";

fn call(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trace-harness"));
    command.args(args).current_dir(folder).env_remove("NB_C_BIN").output().unwrap()
}

fn verified(bundle: &Path) -> (Option<i32>, String) {
    let output = call(bundle.parent().unwrap(), &["verify", "--recompute", bundle.to_str().unwrap()]);
    (output.status.code(), String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}

/// One bundle of each kind, by kind.
fn bundles(root: &Path) -> BTreeMap<String, PathBuf> {
    let flags = ["-default_F", "100", "-cell", "50", "50", "50", "90", "90", "90", "-lambda", "1", "-N", "3"];
    let words: Vec<String> =
        flags.iter().chain(&["-detpixels", "16", "-distance", "100"]).map(|w| format!("'{w}'")).collect();
    fs::write(root.join("cases.toml"), format!("[[case]]\nname = 'a'\nargs = [{}]\n", words.join(", ")))
        .unwrap();
    fs::write(root.join("gate.toml"), "[[tool]]\nname = 'sh'\n").unwrap();
    let results = "<testsuites><testsuite name='s' tests='1'><testcase name='a'/></testsuite></testsuites>";
    fs::write(root.join("run.xml"), results).unwrap();
    for (name, y) in [("a.log", "4"), ("b.log", "5")] {
        fs::write(root.join(name), format!("# begin\nTRACE_F: x 2\nTRACE_F: y {y}\n# replayed x\n# end\n"))
            .unwrap();
    }
    fs::write(
        root.join("k.toml"),
        "[[key]]\nname = 'x'\n[[key]]\nname = 'y'\nlaw = '2 * x'\nresult = true\n",
    )
    .unwrap();
    let calls: [&[&str]; 11] = [
        &["run", "--topic", "t", "--", "sh", "-c", "echo 12345 > \"$1/x\"", "sh", "{out}/results"],
        &["diff", "a.log", "b.log", "--schema", "k.toml", "--out", "kept/diff"],
        &["audit", "a.log", "--schema", "k.toml", "--out", "kept/audit"],
        &["shadow", "a.log", "--traces", "b.log", "b.log", "--schema", "k.toml", "--out", "kept/shadow"],
        &["triage", "--current", "run.xml"],
        &["profile", "--runs", "1", "--", "true"],
        &["gate"],
        &["capture", "--config", "simple-cubic"],
        &["hygiene", "--config", "simple-cubic", "--rounds", "1"],
        &["gradcheck", "--params", "distance", "--case", "cubic"],
        &["matrix", "cases.toml", "--program", "built-in"],
    ];
    let mut printed = String::new();
    for args in calls {
        let output = call(root, &[args[..1].to_vec(), vec!["--keep-paths"], args[1..].to_vec()].concat());
        printed += &format!("{args:?}: {}\n", String::from_utf8_lossy(&output.stderr));
    }
    let found = |kind: &str| {
        let manifests =
            WalkDir::new(root).into_iter().flatten().filter(|entry| entry.file_name() == MANIFEST);
        let mut folders = manifests.map(|entry| entry.path().parent().unwrap().to_owned());
        folders.find(|folder| kind_of(folder) == kind)
    };
    call(root, &["rerun", "--yes", "--keep-paths", found("run").unwrap().to_str().unwrap()]);
    let kinds = [
        "run",
        "rerun",
        "diff",
        "audit",
        "shadow",
        "triage",
        "profile",
        "gate",
        "capture",
        "hygiene",
        "gradcheck",
        "matrix",
    ];
    kinds
        .iter()
        .map(|kind| (kind.to_string(), found(kind).unwrap_or_else(|| panic!("{kind}: {printed}"))))
        .collect()
}

fn kind_of(folder: &Path) -> String {
    let summary: Value = serde_json::from_slice(&fs::read(folder.join("summary.json")).unwrap()).unwrap();
    summary["kind"].as_str().unwrap().to_owned()
}

/// What a bundle is about: a result, or else what a step printed.
fn output_of(bundle: &Path) -> String {
    let list = fs::read_to_string(bundle.join(MANIFEST)).unwrap();
    let names: BTreeSet<&str> = list.lines().map(|line| &line[66..]).collect();
    let is_full = |name: &&&str| fs::metadata(bundle.join(name)).unwrap().len() > 0;
    let ranks = ["results/", "shadow.json", "trace.diff", "audit", "triage", "logs/", ""];
    let own = ["summary.json", "env.json"];
    let named = |start: &&str| {
        names.iter().filter(is_full).find(|name| name.starts_with(*start) && !own.contains(*name))
    };
    (*ranks.iter().find_map(named).unwrap()).to_owned()
}

/// Changes one byte of a file, and its digest in these documents.
fn change(bundle: &Path, name: &str, documents: &[&str]) {
    let path = bundle.join(name);
    let before = digest::of_file(&path).unwrap().0;
    let mut bytes = fs::read(&path).unwrap();
    let at = bytes.iter().rposition(u8::is_ascii_digit).unwrap_or(bytes.len() / 2);
    bytes[at] ^= 1;
    fs::write(&path, &bytes).unwrap();
    for document in documents {
        let text = fs::read_to_string(bundle.join(document)).unwrap();
        fs::write(bundle.join(document), text.replace(&before, &digest::of_bytes(&bytes))).unwrap();
    }
}

#[test]
fn a_changed_byte_of_an_output_shows_in_bundles_of_every_kind() {
    let root = tempfile::tempdir().unwrap();
    for (kind, bundle) in bundles(root.path()) {
        let (code, printed) = verified(&bundle);
        assert!(code != Some(3), "{kind}: as it was written: {printed}");
        let name = output_of(&bundle);
        change(&bundle, &name, &[MANIFEST]);
        let (code, printed) = verified(&bundle);
        assert_eq!(code, Some(3), "{kind}: `{name}` and its digest in the manifest: {printed}");
    }
}
