//! What the folder of a capture holds beyond its trace: values that laws need, from its configuration.
//!
//! The folder may be somebody else's: of its arguments only those are used that name no file outside. Not here: the laws (`audit`).

use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

use nanobragg::error::Error;
use serde::Deserialize;

use crate::evidence::bundle::reading::files::Folder;
use crate::gradcheck::cases::GradientCase;

/// Largest configuration that is read, in bytes.
const LARGEST: u64 = 1 << 20;

/// Where a capture has its configuration.
const CONFIGURATION: &str = "results/config.json";

/// The part of `results/config.json` that is used.
#[derive(Deserialize)]
struct Snapshot {
    arguments: Vec<String>,
}

/// A configuration of a capture that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("`{}`: {problem}; expected the configuration of a capture", path.display())]
pub struct CaptureConfigError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub problem: CaptureConfigProblem,
}

/// What is wrong with the configuration of a capture.
#[derive(Debug, thiserror::Error)]
pub enum CaptureConfigProblem {
    /// The system refused, or it is no regular file inside of the folder, or larger than any configuration.
    #[error(transparent)]
    Unreadable(std::io::Error),
    /// No JSON, or JSON of another form.
    #[error(transparent)]
    Form(serde_json::Error),
    /// An argument leads out of the bundle.
    #[error("`{word}` names a file outside of the bundle")]
    Outside {
        /// The argument.
        word: String,
    },
    /// An argument names an input that the bundle does not have.
    #[error("`{input}` is not among the inputs of the bundle")]
    NoInput {
        /// What it names.
        input: String,
    },
    /// The simulator refuses the arguments.
    #[error(transparent)]
    Arguments(Box<Error>),
}

/// The file of the trace: the path itself, or the whole trace in the folder of a capture, which has the rotation steps too.
pub fn file(path: &Path) -> PathBuf {
    let full = path.join("results/trace.full.log");
    match (path.is_dir(), full.is_file()) {
        (true, true) => full,
        (true, false) => path.join("results/trace.log"),
        _ => path.to_owned(),
    }
}

/// The values that the capture in `folder` was made with; none where it has no configuration.
///
/// # Errors
/// The folder has a configuration that is none, or that cannot be used.
pub fn of_capture(folder: &Path) -> Result<BTreeMap<String, f64>, CaptureConfigError> {
    if !folder.is_dir() {
        return Ok(BTreeMap::new());
    }
    let known = match Folder::open(folder).and_then(|open| open.read(CONFIGURATION, LARGEST)) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(e) => Err(CaptureConfigProblem::Unreadable(e)),
        Ok(bytes) => of_configuration(&bytes, folder),
    };
    known.map_err(|problem| CaptureConfigError { path: folder.join(CONFIGURATION), problem })
}

fn of_configuration(bytes: &[u8], folder: &Path) -> Result<BTreeMap<String, f64>, CaptureConfigProblem> {
    let snapshot: Snapshot = serde_json::from_slice(bytes).map_err(CaptureConfigProblem::Form)?;
    let flags = flags(&snapshot.arguments, folder)?;
    let e =
        GradientCase::of_command(&flags).load().map_err(|e| CaptureConfigProblem::Arguments(Box::new(e)))?;
    let [a, b, c] = e.cells();
    let values =
        [("pixel_size_m", e.pixel_size()), ("Na", a), ("Nb", b), ("Nc", c), ("background", e.background())];
    Ok(values.map(|(name, value)| (name.to_owned(), value)).into())
}

/// The arguments with files of the bundle in their place, and without the list of reflections, on which no value depends.
fn flags(arguments: &[String], folder: &Path) -> Result<Vec<String>, CaptureConfigProblem> {
    let mut flags = Vec::new();
    let mut remaining = arguments.iter();
    while let Some(word) = remaining.next() {
        if word.trim_start_matches('-') == "hkl" {
            remaining.next();
            flags.extend(["-default_F", "1"].map(str::to_owned));
            continue;
        }
        flags.push(match word.strip_prefix("{input:").and_then(|w| w.strip_suffix('}')) {
            Some(input) => of_bundle(input, folder)?,
            None if word.contains('/') || Path::new(word).exists() => {
                return Err(CaptureConfigProblem::Outside { word: word.clone() });
            }
            None => word.clone(),
        });
    }
    Ok(flags)
}

/// The path of an input of the bundle.
fn of_bundle(input: &str, folder: &Path) -> Result<String, CaptureConfigProblem> {
    let within = Path::new(input).components().all(|part| matches!(part, Component::Normal(_)));
    let path = folder.join("inputs").join(input);
    let is_file = std::fs::symlink_metadata(&path).is_ok_and(|facts| facts.is_file());
    match (within && is_file, path.to_str()) {
        (true, Some(path)) => Ok(path.to_owned()),
        _ => Err(CaptureConfigProblem::NoInput { input: input.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn capture(arguments: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("results")).unwrap();
        let text = serde_json::json!({ "arguments": arguments }).to_string();
        std::fs::write(folder.path().join("results/config.json"), text).unwrap();
        folder
    }

    #[test]
    fn the_values_are_those_of_the_arguments() {
        let arguments = "-hkl {input:0123/list.hkl} -cell 50 50 50 90 90 90 -Na 3 -Nb 4 -Nc 5 -pixel 0.2 -lambda 1 -distance 100";
        let folder = capture(&arguments.split(' ').collect::<Vec<_>>());
        let known = of_capture(folder.path()).unwrap();
        assert_eq!(["Na", "Nb", "Nc", "background"].map(|name| known[name]), [3.0, 4.0, 5.0, 0.0]);
        assert!((known["pixel_size_m"] - 2e-4).abs() < 1e-18);
    }

    #[test]
    fn nothing_outside_of_the_bundle_is_read() {
        for word in
            ["/etc/passwd", "../x", "{input:../../../etc/passwd}", "{input:/etc/passwd}", "{input:0123/none}"]
        {
            let folder = capture(&["-mat", word, "-N", "5"]);
            let problem = of_capture(folder.path()).unwrap_err().to_string();
            assert!(problem.contains("of the bundle"), "{problem}");
        }
    }

    #[test]
    fn a_configuration_that_is_a_link_or_a_pipe_is_refused_without_waiting() {
        let folder = capture(&[]);
        let place = folder.path().join(CONFIGURATION);
        std::fs::remove_file(&place).unwrap();
        std::os::unix::fs::symlink("/dev/zero", &place).unwrap();
        assert!(of_capture(folder.path()).is_err());
        std::fs::remove_file(&place).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(&place).status().unwrap().success());
        let problem = of_capture(folder.path()).unwrap_err().to_string();
        assert!(problem.contains("is no regular file"), "{problem}");
    }

    #[test]
    fn a_folder_without_a_configuration_tells_nothing_and_a_broken_one_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(of_capture(folder.path()).unwrap(), BTreeMap::new());
        let folder = capture(&[]);
        std::fs::write(folder.path().join("results/config.json"), "{").unwrap();
        let problem = of_capture(folder.path()).unwrap_err().to_string();
        assert!(problem.contains("expected the configuration of a capture"), "{problem}");
    }
}
