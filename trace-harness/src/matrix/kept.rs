//! The cases of a run as a list of their own: it lies in the bundle, finds there what it speaks of, and runs again alone.
//!
//! What a variable leads to is not ours to copy: it is recorded by digest, and the list names the variable.
//! Not here: the rest of the bundle (`command`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::cases::{Case, Cases, OtherLibm, Words, folder_of, stored_file};
use crate::evidence::bundle::BundleError;
use crate::evidence::bundle::inputs::COPY_LIMIT;
use crate::evidence::bundle::recorder::Recorder;

/// Pieces of images above this size are copied only where they were needed.
const PIECES_LIMIT: u64 = 1 << 20;

/// A list of cases as it is written.
#[derive(Debug, Serialize)]
struct KeptList {
    complete: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    traces: Option<PathBuf>,
    folders: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    other_libm: Option<OtherLibm>,
    case: Vec<Case>,
}

/// What keeps a list from being written.
#[derive(Debug, thiserror::Error)]
pub enum KeptError {
    /// A file cannot be taken into the bundle.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// The list cannot be put into words.
    #[error("the list of cases cannot be written: {0}")]
    Words(#[from] toml::ser::Error),
}

/// Takes the files of the chosen cases into the bundle; gives the list of them in TOML. `pieces` says whether pieces of images
/// were needed.
///
/// # Errors
/// A file cannot be read or copied.
pub(crate) fn list(
    recorder: &mut Recorder,
    cases: &Cases,
    chosen: &[usize],
    pieces: bool,
) -> Result<String, KeptError> {
    // A list in the bundle lies two folders below it, beside the folders of all other inputs.
    let mut folders = BTreeMap::from([("inputs".to_owned(), "..".to_owned())]);
    folders.extend(cases.variables.clone());
    let case = chosen.iter().filter_map(|&n| cases.cases.get(n));
    let case = case.map(|case| kept(recorder, cases, case)).collect::<Result<Vec<_>, _>>()?;
    let mut seen = |path: &Path, limit: u64| beside(recorder, path, limit).map(|p| Path::new("..").join(p));
    let traces = match cases.traces.as_ref().filter(|_| case.iter().any(|c| !c.traces.is_empty())) {
        Some(path) => Some(seen(path, COPY_LIMIT)?),
        None => None,
    };
    let other_libm = match &cases.other_libm {
        Some(o) => Some(OtherLibm {
            probe: seen(&o.probe, COPY_LIMIT)?,
            pieces: match o.pieces.is_file() {
                true => seen(&o.pieces, if pieces { COPY_LIMIT } else { PIECES_LIMIT })?,
                false => o.pieces.file_name().map_or_else(PathBuf::new, PathBuf::from),
            },
            ..o.clone()
        }),
        None => None,
    };
    Ok(toml::to_string(&KeptList { complete: cases.complete, traces, folders, other_libm, case })?)
}

/// Takes a file; gives its place below the inputs of the bundle.
fn beside(recorder: &mut Recorder, path: &Path, limit: u64) -> Result<String, BundleError> {
    let token = recorder.input_within(path, limit.min(COPY_LIMIT))?;
    Ok(token.trim_start_matches("{input:").trim_end_matches('}').to_owned())
}

/// A case with its files where the bundle has them.
fn kept(recorder: &mut Recorder, cases: &Cases, case: &Case) -> Result<Case, BundleError> {
    let mut kept = case.clone();
    let mut args = kept.args.list();
    for arg in &mut args {
        let Some((name, file)) = folder_of(cases, arg) else { continue };
        let folder = cases.folders.get(name).and_then(|f| f.as_ref().ok());
        // A case whose files are not there says so again.
        let Some(Ok(path)) = folder.map(|folder| stored_file(folder, file)) else { continue };
        if cases.variables.contains_key(name) {
            recorder.input_within(&path, 0)?;
        } else {
            *arg = format!("{{inputs}}/{}", unpacked(&beside(recorder, &path, COPY_LIMIT)?, file));
        }
    }
    for arg in &mut args {
        let Some(input) = case.inputs.iter().find(|input| input.to_str() == Some(arg)) else { continue };
        if let Some(place) = input_beside(recorder, cases, input)? {
            *arg = format!("{{inputs}}/{place}");
        }
    }
    kept.args = Words::List(args);
    kept.inputs.clear();
    for input in &case.inputs {
        // A case whose files are not there says so again.
        let place = input_beside(recorder, cases, input)?;
        kept.inputs.push(place.map_or_else(|| input.clone(), |place| Path::new("..").join(place)));
    }
    let inputs = cases.folders.get("inputs").and_then(|f| f.as_ref().ok()).unwrap_or(&cases.base);
    for file in kept.cwd_files.values_mut() {
        if let Ok(path) = stored_file(inputs, file) {
            *file = unpacked(&beside(recorder, &path, COPY_LIMIT)?, file);
        }
    }
    for wanted in kept.files.values_mut() {
        if let Some(path) = wanted.path.as_ref().map(|p| cases.base.join(p)).filter(|p| p.is_file()) {
            wanted.path = Some(Path::new("..").join(beside(recorder, &path, COPY_LIMIT)?));
        }
    }
    Ok(kept)
}

/// Takes a file that the list names as an input; gives its place below the inputs of the bundle, none for one that is not there.
fn input_beside(recorder: &mut Recorder, cases: &Cases, input: &Path) -> Result<Option<String>, BundleError> {
    let name = input.to_string_lossy();
    let Ok(path) = stored_file(&cases.base, &name) else { return Ok(None) };
    Ok(Some(unpacked(&beside(recorder, &path, COPY_LIMIT)?, &name)))
}

/// The name without the `.gz` of the packed file, where the case does not have it either.
fn unpacked(place: &str, file: &str) -> String {
    let plain = place.strip_suffix(".gz").filter(|_| !file.ends_with(".gz"));
    plain.unwrap_or(place).to_owned()
}
