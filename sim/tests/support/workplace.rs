//! Prepares a golden case for running: its arguments with real paths, its empty folder, and whether its inputs are here.
//! Not here: running it.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::golden::{self, Case};

/// Why a case cannot run here.
pub fn missing_inputs(case: &Case) -> Option<String> {
    let needs = |placeholder: &str| case.args.iter().any(|arg| arg.starts_with(placeholder));
    if needs("{inputs}/supervisor/") {
        return match std::env::var_os("NB_SUPERVISOR_DIR") {
            None => Some("NB_SUPERVISOR_DIR is not set".to_owned()),
            Some(_) => None,
        };
    }
    let packed = protein_reflections();
    (needs("{data}") && !packed.exists()).then(|| format!("`{}` is not there", packed.display()))
}

/// The arguments with the placeholders replaced by folders.
pub fn arguments_of(case: &Case) -> Vec<String> {
    let supervisor = std::env::var("NB_SUPERVISOR_DIR").unwrap_or_default();
    let inputs = golden::folder().join("inputs").display().to_string();
    let place = |arg: &String| {
        let arg = arg.replace("{inputs}/supervisor", &supervisor).replace("{inputs}", &inputs);
        if arg.contains("{data}") {
            arg.replace("{data}", &unpacked_data().display().to_string())
        } else {
            arg
        }
    };
    case.args.iter().map(place).collect()
}

fn protein_reflections() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../trace-harness/data/protein/1orc_P212121_2.0A.hkl.gz")
}

/// A folder of the build tree with the protein's reflections as plain text.
fn unpacked_data() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let unpack = || {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("protein");
        let packed = std::fs::File::open(protein_reflections()).expect("the protein's reflections");
        let mut text = Vec::new();
        flate2::read::GzDecoder::new(packed).read_to_end(&mut text).expect("a whole gzip file");
        std::fs::create_dir_all(&folder).expect("a folder in the build tree");
        std::fs::write(folder.join("1orc_P212121_2.0A.hkl"), text).expect("room for the reflections");
        folder
    };
    FOLDER.get_or_init(unpack)
}

/// An empty folder with the files the case wants to find there.
pub fn prepared_folder(case: &Case) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, input) in &case.cwd_files {
        let from = golden::folder().join("inputs").join(input);
        std::fs::copy(&from, folder.path().join(name))
            .unwrap_or_else(|e| panic!("`{}`: {e}", from.display()));
    }
    folder
}
