//! What came of computing a bundle again, and why something could not be.
//!
//! Not here: computing it (`recompute`).

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::{Map, Value};
use trace_harness::evidence::bundle::BundleError;
use trace_harness::evidence::bundle::digest;
use trace_harness::evidence::bundle::reading::files::DOCUMENT_LIMIT;
use trace_harness::evidence::bundle::verify::Examined;
use trace_harness::evidence::exit::Exit;
use trace_harness::evidence::failure::EndsCommand;

/// How many outputs were judged again, by what they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct JudgedCounts {
    /// Pairs of images.
    pub images: usize,
    /// Pairs of arrays.
    pub arrays: usize,
    /// Pairs of tables.
    pub tables: usize,
    /// Outputs whose own noise was found again.
    pub noise: usize,
}

/// What came of one bundle.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Recomputed {
    /// Comparisons that were computed again.
    pub comparisons: usize,
    /// What they compare.
    pub judged: JudgedCounts,
    /// Runs without a comparison, which the bundle says failed.
    pub failed_runs: usize,
    /// Limits that are looser than those of a comparison for which none are named.
    pub looser: Vec<String>,
    /// What could not be computed again, and why.
    pub left_out: Vec<String>,
    /// What is shown to people and was not made again, and why; no figure and no verdict.
    pub not_checked: Vec<String>,
    /// What the bundle says and what does not follow from its files; empty where all follows.
    pub findings: Vec<String>,
}

impl Recomputed {
    /// Takes in what came of one `case` of a matrix.
    pub(super) fn add(&mut self, of_case: Self, case: &str) {
        let Self { comparisons, judged, failed_runs, looser, left_out, not_checked, findings } = of_case;
        self.comparisons += comparisons;
        self.failed_runs += failed_runs;
        self.judged.images += judged.images;
        self.judged.arrays += judged.arrays;
        self.judged.tables += judged.tables;
        self.judged.noise += judged.noise;
        let named = |texts: Vec<String>| texts.into_iter().map(move |text| format!("{case}: {text}"));
        self.looser.extend(named(looser));
        self.left_out.extend(named(left_out));
        self.not_checked.extend(named(not_checked));
        self.findings.extend(named(findings));
    }

    /// The exit status: 0 where everything follows, 3 where something does not, 5 where something could not be computed again.
    pub fn exit(&self) -> Exit {
        match (self.findings.is_empty(), self.left_out.is_empty() && self.comparisons + self.failed_runs > 0)
        {
            (false, _) => Exit::Differs,
            (true, true) => Exit::Agrees,
            (true, false) => Exit::Undecided,
        }
    }
}

/// A bundle that cannot be computed again at all.
#[derive(Debug, thiserror::Error)]
pub enum RecomputeError {
    /// It cannot be read.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// A document of it is none.
    #[error("`{}`: {source}", path.display())]
    Form {
        /// The document.
        path: PathBuf,
        /// What is wrong with it.
        source: serde_json::Error,
    },
}

impl EndsCommand for RecomputeError {
    fn exit(&self) -> Exit {
        match self {
            Self::Bundle(e) => e.exit(),
            Self::Form { .. } => Exit::Undecided,
        }
    }

    fn hint(&self) -> &str {
        match self {
            Self::Bundle(e) => e.hint(),
            Self::Form { .. } => "",
        }
    }
}

/// A document of a bundle.
pub(super) fn document_of(
    examined: &Examined,
    folder: &Path,
    name: &str,
) -> Result<Map<String, Value>, RecomputeError> {
    let path = folder.join(name);
    let unreadable = |source| BundleError::Io { path: path.clone(), doing: "cannot be read", source };
    let bytes = examined.files.read(name, DOCUMENT_LIMIT).map_err(unreadable)?;
    serde_json::from_slice(&bytes).map_err(|source| RecomputeError::Form { path, source })
}

/// Why something was not computed again.
pub(super) enum Missing {
    /// It cannot be, which is nobody's fault.
    Left(String),
    /// The bundle is wrong.
    Wrong(String),
}

/// The beginning of a value as text.
pub(super) fn short(value: &Value) -> String {
    const LONGEST: usize = 200;
    let text = value.to_string();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// A file of the bundle, as its manifest has it.
pub(super) fn file_of(examined: &Examined, place: &str) -> Result<Vec<u8>, Missing> {
    let sha256 = examined
        .listed
        .get(place)
        .ok_or_else(|| Missing::Wrong(format!("`{place}` is not in the bundle")))?;
    let read = examined.files.read(place, u64::MAX);
    let bytes = read.map_err(|e| Missing::Wrong(format!("`{place}`: cannot be read: {e}")))?;
    match digest::of_bytes(&bytes) == *sha256 {
        true => Ok(bytes),
        false => Err(Missing::Wrong(format!("`{place}` was changed after it was verified"))),
    }
}
