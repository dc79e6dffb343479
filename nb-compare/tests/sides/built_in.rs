//! The adapter that is built in is an adapter as any other: what is nanoBragg's alone stands in its data and in one module.
//!
//! Not here: what that module does (its own tests).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use nanobragg::cli::flags::FLAGS;
use nanobragg::cli::options::OWN_OPTIONS;
use serde_json::Value;

use crate::support::{Scene, wave};

/// The one module that may.
const BUILT_IN: &str = "built_in";

/// Names of nanoBragg's, and of what knows it by heart in the crates below.
const NAMES: &[&str] = &[
    "nanoBragg",
    "nanobragg::cli",
    "nanobragg::config",
    "nanobragg::defects",
    "nanobragg::run",
    "\"nanobragg",
    "OWN_SIMULATOR",
    "NB_C_BIN",
    "NB_PY_BIN",
    "Fdump",
];

/// Options that other programs have as well, `nb-compare` among them.
const BOTH: &[&str] = &["--mask", "--quiet", "--version", "--json"];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of sources").flatten() {
        match entry.path() {
            path if path.is_dir() => sources(&path, found),
            path if path.extension().is_some_and(|e| e == "rs") => found.push(path),
            _ => {}
        }
    }
}

/// What `text` has of nanoBragg: names, and words that are flags of it.
fn named(text: &str) -> Vec<String> {
    let is_flag = |word: &str| match word.strip_prefix("--") {
        Some(_) if BOTH.contains(&word) => false,
        Some(name) => OWN_OPTIONS.iter().any(|option| option.name.trim_start_matches('-') == name),
        None => FLAGS.iter().flat_map(|flag| flag.matches).any(|known| known.spelling() == word),
    };
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let words = text.split(|c| !is_part(c)).filter(|word| word.starts_with('-') && is_flag(word));
    let names = NAMES.iter().copied().filter(|name| text.contains(name));
    words.chain(names).map(str::to_owned).collect()
}

#[test]
fn no_other_module_names_nanobragg_or_its_flags() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let mut faults = Vec::new();
    for file in files {
        let name = file.strip_prefix(&root).expect("below the root").to_str().expect("text").to_owned();
        let found = named(&fs::read_to_string(&file).expect("a source"));
        if found.is_empty() || name.starts_with(BUILT_IN) {
            continue;
        }
        faults.push(format!("{name}: {}", found.join(", ")));
    }
    assert!(faults.is_empty(), "expected these in `{BUILT_IN}` or its data:\n{}", faults.join("\n"));
}

#[test]
fn the_law_sees_names_and_flags_and_nothing_else() {
    assert_eq!(named("let args = [\"-floatfile\", \"--parity\"];"), ["-floatfile", "--parity"]);
    assert_eq!(named("the variable NB_C_BIN"), ["NB_C_BIN"]);
    assert!(named("use nanobragg::image::raster; [\"--mask\", \"-x\"]; // a - hkl").is_empty());
}

/// Calls the program with the data of the adapter that is built in, as somebody else's adapter.
fn run_as_any_adapter(scene: &Scene, more: &[&str], threads: Option<&str>) -> Value {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/nanobragg.toml");
    let mut command = Command::new(env!("CARGO_BIN_EXE_nb-compare"));
    command.arg("--adapter").arg(data).args(more).args(["--json", "--", "-N", "5"]);
    command.current_dir(scene.path("")).env("NB_C_BIN", "./c").env("NB_PY_BIN", "./ours");
    match threads {
        Some(threads) => command.env("OMP_NUM_THREADS", threads),
        None => command.env_remove("OMP_NUM_THREADS"),
    };
    let output = command.output().expect("a run");
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{text}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[test]
fn the_data_of_the_built_in_adapter_are_an_adapter_as_any_other() {
    let scene = Scene::new();
    scene.simulator("c", &wave(16, 1.0), "");
    scene.simulator("ours", &wave(16, 1.0), "");
    let said = run_as_any_adapter(&scene, &["--variant", "C-CELL-001"], None);
    let words = |step: usize| -> Vec<String> {
        let words = said["steps"][step]["command"].as_array().expect("words").iter();
        words.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let image = "{tmp}/reference/image.bin".to_owned();
    assert_eq!(words(0)[1..], ["-N", "5", "-floatfile", &image]);
    assert_eq!(words(1)[1..5], ["-N", "5", "--defect", "C-CELL-001=emulate"]);
    assert_eq!(
        said["steps"][0]["exported"]["OMP_NUM_THREADS"], "1",
        "one thread unless the user says otherwise"
    );
    assert!(said["steps"][1]["exported"].as_object().is_none_or(|set| set.is_empty()));
    let said = run_as_any_adapter(&scene, &[], Some("3"));
    assert_eq!(said["steps"][0]["exported"]["OMP_NUM_THREADS"], "3");
}
