//! The program as its users meet it: exit codes, messages, warnings, the forms of its output. Here are the helpers, the laws are in
//! the modules. Not here: damaged files (`bad_files`).

#[path = "../at_the_shell/mod.rs"]
mod at_the_shell;

mod files;
mod parity;
mod printed;
mod refusals;
mod warnings;

use at_the_shell::{Run, in_empty_folder, run};

/// A crystal that renders in a moment.
const SMALL: &str =
    "-default_F 100 -cell 100 100 100 90 90 90 -lambda 6.2 -N 5 -distance 100 -detpixels 32 -seed 1";

/// Asserts that a run is refused with this exit code, one error that has these parts, and no file.
fn refused(arguments: &str, code: i32, in_stderr: &[&str]) {
    let folder = in_empty_folder();
    let output = run(folder.path(), arguments);
    assert_eq!(output.code, Some(code), "{arguments}: {}", output.stderr);
    for part in in_stderr {
        assert!(output.stderr.contains(part), "{arguments}: {part:?} not in\n{}", output.stderr);
    }
    assert_eq!(output.stderr.matches("error:").count(), 1, "an error is printed once: {}", output.stderr);
    assert_eq!(names_in(&folder), Vec::<String>::new(), "{arguments}: nothing is left behind");
}

fn names_in(folder: &tempfile::TempDir) -> Vec<String> {
    let entries = std::fs::read_dir(folder.path()).expect("the folder is there");
    let mut names: Vec<String> =
        entries.map(|e| e.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn fine(arguments: &str) -> (tempfile::TempDir, Run) {
    let folder = in_empty_folder();
    let output = run(folder.path(), arguments);
    assert_eq!(output.code, Some(0), "{arguments}: {}", output.stderr);
    (folder, output)
}

/// Seven reflections along each axis, enough for interpolation at the beam and nowhere else.
fn reflections(folder: &std::path::Path) {
    let mut text = String::new();
    for h in -3..=3 {
        for k in -3..=3 {
            for l in -3..=3 {
                text += &format!("{h} {k} {l} {}\n", 100 + h * 10 + k - l);
            }
        }
    }
    std::fs::write(folder.join("list.hkl"), text).expect("a small file");
}

fn float_image(folder: &tempfile::TempDir, name: &str) -> Vec<f32> {
    let bytes = std::fs::read(folder.path().join(name)).expect("written");
    bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
}
