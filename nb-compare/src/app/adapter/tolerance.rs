//! `--tolerance-from`: the bundle whose noise a comparison uses is verified, found again from its files, and read.
//!
//! Not here: what it has to be the noise of (`noise::known`), finding it again (`recompute`).

use std::path::{Path, PathBuf};

use nanobragg::open_file::BULK;
use trace_harness::evidence::bundle::verify;
use trace_harness::evidence::exit::Exit;
use trace_harness::evidence::failure::{EndsCommand, Failure};

use crate::adapter::{Adapter, Output};
use crate::noise::KIND;
use crate::noise::known::{KnownNoise, NoiseError, NoiseFiles, Wanted};
use crate::recompute::of_examined;

/// A bundle whose noise cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("`{}`: {why}", path.display())]
pub(super) struct ToleranceError {
    path: PathBuf,
    why: NoiseError,
}

impl EndsCommand for ToleranceError {
    fn exit(&self) -> Exit {
        self.why.exit()
    }

    fn hint(&self) -> &str {
        self.why.hint()
    }
}

/// The files of the bundle in `folder` that a comparison needs, every one of which follows from what its runs left.
///
/// # Errors
/// It cannot be read, is no bundle of noise, or does not follow from its files.
pub(super) fn files(folder: &Path, adapter: &Adapter) -> Result<NoiseFiles, Failure> {
    let refused = |why| ToleranceError { path: folder.to_owned(), why };
    // A case of a matrix without noise hides no other one, which evidence that cannot be written would.
    let examined = verify::examine(folder).map_err(|e| refused(NoiseError::Unreadable(e)))?;
    let kind = examined.summary.as_ref().map_or("", |summary| summary.kind.as_str());
    if kind != KIND {
        return Err(refused(NoiseError::Kind(kind.to_owned())).into());
    }
    let recomputed = of_examined(&examined, folder)?;
    if recomputed.exit() != Exit::Agrees || recomputed.comparisons == 0 {
        let why = recomputed.findings.iter().chain(&recomputed.left_out).next();
        let why = why.cloned().unwrap_or_else(|| "its runs failed".to_owned());
        return Err(refused(NoiseError::Unsound(why)).into());
    }
    let files = NoiseFiles::read(adapter, |name| examined.files.read(name, BULK).ok());
    Ok(files.map_err(refused)?)
}

/// The noise in `files` of the bundle in `folder`, if it is what is `wanted`.
///
/// # Errors
/// It is that of something else.
pub(super) fn known(folder: &Path, files: &NoiseFiles, wanted: &Wanted<'_>) -> Result<KnownNoise, Failure> {
    Ok(files.known(wanted).map_err(|why| ToleranceError { path: folder.to_owned(), why })?)
}

/// Holds what the reference leaves now of `output` against the unchanged run of the noise in `folder`.
///
/// # Errors
/// It is another output.
pub(super) fn is_of(
    folder: &Path,
    noise: &KnownNoise,
    output: &Output,
    now: (&Path, &[u8]),
) -> Result<(), Failure> {
    Ok(noise.is_of(output, now).map_err(|why| ToleranceError { path: folder.to_owned(), why })?)
}
