//! The reference's own noise as a comparison takes it: for each key the largest difference between the unchanged run and any other.
//!
//! Not here: finding it (`trace::spread`), what it allows (`tolerance`).

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::evidence::bundle::digest::is_digest;
use crate::evidence::bundle::reading::json::{self, JsonError};
use crate::evidence::exit::Exit;
use crate::evidence::failure::EndsCommand;
use crate::evidence::given;

/// Two numbers of opposite signs are this share of the larger one apart at most.
const LARGEST_SHARE: f64 = 2.0;

/// How far the traces of a reference move by themselves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TraceNoise {
    /// SHA-256 of the trace of the unchanged run.
    pub baseline: String,
    /// SHA-256 of the traces of the other runs.
    pub runs: Vec<String>,
    /// Every key that was compared, by its name in the schema.
    pub keys: BTreeMap<String, KeyNoise>,
}

/// How far a key moves.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyNoise {
    /// Largest difference, in the unit of the key.
    pub absolute: f64,
    /// Largest difference as a share of the larger value; of vectors, of the longer one.
    pub relative: f64,
    /// How many runs move it.
    pub moved_by: usize,
    /// Whether it is NaN, infinite, of another length or in other words in some runs only: then nothing can be decided of it.
    pub undecided: bool,
}

/// Noise that cannot be found or used.
#[derive(Debug, thiserror::Error)]
pub enum NoiseError {
    /// The system refuses to give the file.
    #[error("`{}`: cannot be read: {source}; expected the noise that `trace-harness spread` found", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The file holds something else.
    #[error("`{}`: {source}; expected the noise that `trace-harness spread` found", path.display())]
    Form {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: JsonError,
    },
    /// A value of the file makes no sense.
    #[error("`{}`: {what}", path.display())]
    Range {
        /// The file.
        path: PathBuf,
        /// What is wrong, and what was expected.
        what: String,
    },
    /// The bundle is not sound, of another kind, or does not follow from its traces.
    #[error("`{}`: cannot be believed: {why}", path.display())]
    Unsound {
        /// The bundle.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// It is the noise of another trace than the first one.
    #[error("`{}`: is not the trace of the unchanged run that the noise was found of; expected SHA-256 `{expected}`", path.display())]
    OtherTrace {
        /// The first trace of the comparison.
        path: PathBuf,
        /// The digest of the trace of the unchanged run.
        expected: String,
    },
    /// A run computed other things than the unchanged one.
    #[error("`{}`: {why}; expected the keys and records of the unchanged run", path.display())]
    OtherKeys {
        /// The trace of the run.
        path: PathBuf,
        /// How it differs.
        why: String,
    },
    /// An array that a trace names cannot be compared.
    #[error("{0}")]
    Array(String),
    /// There are more keys than a comparison lists.
    #[error("{0} keys in the traces; expected at most {1}, for each of which noise is kept")]
    TooMany(usize, usize),
}

impl EndsCommand for NoiseError {
    fn exit(&self) -> Exit {
        match self {
            Self::OtherTrace { .. } => Exit::Usage,
            Self::OtherKeys { .. } => Exit::Mismatch,
            _ => Exit::Undecided,
        }
    }

    fn hint(&self) -> &str {
        match self {
            Self::OtherTrace { .. } => {
                "give the reference's own trace first: `trace-harness diff REFERENCE PORT`"
            }
            Self::OtherKeys { .. } => {
                "numbers that decide how much is computed are no noise: let fewer of them move"
            }
            _ => "",
        }
    }
}

impl TraceNoise {
    /// Reads what [`crate::trace::spread`] found, from a file that anyone may have written.
    ///
    /// # Errors
    /// It cannot be read, is of another form, or has values that make no sense.
    pub fn read(path: &Path) -> Result<Self, NoiseError> {
        let bytes =
            given::bytes(path).map_err(|source| NoiseError::Unreadable { path: path.to_owned(), source })?;
        let noise: Self =
            json::read(&bytes).map_err(|source| NoiseError::Form { path: path.to_owned(), source })?;
        match noise.fault() {
            Some(what) => Err(NoiseError::Range { path: path.to_owned(), what }),
            None => Ok(noise),
        }
    }

    fn fault(&self) -> Option<String> {
        if let Some(text) = [&self.baseline].into_iter().chain(&self.runs).find(|text| !is_digest(text)) {
            return Some(format!("`{text}` is no SHA-256 digest"));
        }
        if self.runs.is_empty() {
            return Some("is the noise of no run; expected at least one".to_owned());
        }
        let fits = |noise: &KeyNoise| {
            noise.absolute.is_finite()
                && noise.absolute >= 0.0
                && (0.0..=LARGEST_SHARE).contains(&noise.relative)
                && noise.moved_by <= self.runs.len()
        };
        let (key, KeyNoise { absolute, relative, moved_by, .. }) =
            self.keys.iter().find(|(_, noise)| !fits(noise))?;
        Some(format!(
            "noise of `{key}`: `{absolute}`, `{relative}` relative, from `{moved_by}` runs; expected numbers from 0, a share up to {LARGEST_SHARE} and \
             at most {} runs",
            self.runs.len()
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(key: KeyNoise) -> TraceNoise {
        let keys = BTreeMap::from([("x".to_owned(), key)]);
        TraceNoise { baseline: "0".repeat(64), runs: vec!["1".repeat(64)], keys }
    }

    #[test]
    fn noise_that_no_run_can_have_is_refused() {
        let good = KeyNoise { absolute: 1.0, relative: 2.0, moved_by: 1, undecided: false };
        assert_eq!(noise(good).fault(), None);
        for bad in [
            KeyNoise { absolute: -1.0, ..good },
            KeyNoise { absolute: f64::INFINITY, ..good },
            KeyNoise { relative: 2.5, ..good },
            KeyNoise { relative: f64::NAN, ..good },
            KeyNoise { moved_by: 2, ..good },
        ] {
            assert!(noise(bad).fault().is_some_and(|what| what.starts_with("noise of `x`")), "{bad:?}");
        }
        let of_none = TraceNoise { runs: Vec::new(), ..noise(KeyNoise::default()) };
        assert!(of_none.fault().is_some());
        let of_nothing = TraceNoise { baseline: "it".to_owned(), ..noise(good) };
        assert!(of_nothing.fault().is_some());
    }
}
