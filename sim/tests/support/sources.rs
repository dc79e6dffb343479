//! The workspace's files as text, for tests that read rules off them.
//! Not here: the rules.

use std::fs;
use std::path::{Path, PathBuf};

/// A source file: its path from the workspace's root with `/`, and its text.
pub struct Source {
    pub path: String,
    pub text: String,
}

/// The workspace's root folder.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace's root").to_owned()
}

/// The simulator's sources without files of tests.
pub fn simulator() -> Vec<Source> {
    let mut sources = workspace("rs");
    sources.retain(|source| source.path.starts_with("sim/src/") && !source.path.ends_with("tests.rs"));
    assert!(!sources.is_empty());
    sources
}

/// Every file of that kind in the workspace, build output and hidden folders left out.
pub fn workspace(extension: &str) -> Vec<Source> {
    let mut sources = vec![];
    collect(&root(), extension, &mut sources);
    sources
}

fn collect(folder: &Path, extension: &str, sources: &mut Vec<Source>) {
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .expect("a folder of the workspace")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let build = ["target", "reports", "comparisons"].contains(&name.as_str());
        if path.is_dir() && !build && !name.starts_with('.') {
            collect(&path, extension, sources);
        } else if path.extension().is_some_and(|e| e == extension) {
            let relative =
                path.strip_prefix(root()).expect("below the root").to_string_lossy().replace('\\', "/");
            sources.push(Source { path: relative, text: read(&path) });
        }
    }
}

/// A text file of the workspace.
pub fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("`{}`: {error}", path.display()))
}

/// The text without comments and without its inline test module.
pub fn code_of(text: &str) -> String {
    let code = without_inline_tests(text);
    code.lines()
        .map(|line| line.split_once("//").map_or(line, |(code, _)| code))
        .collect::<Vec<_>>()
        .join("\n")
}

/// The text up to its inline test module, if it has one.
pub fn without_inline_tests(text: &str) -> &str {
    let tests = text.match_indices("#[cfg(test)]").find(|(at, _)| {
        let mut tokens = text[*at..].split_whitespace().skip(1);
        tokens.next() == Some("mod") && tokens.nth(1) == Some("{")
    });
    tests.map_or(text, |(at, _)| &text[..at])
}
