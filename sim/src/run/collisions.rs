//! A run whose files get in each other's way is refused: one file for two outputs, an output over an input.
//!
//! Not here: writing (`written`), reading (`loading`).

use crate::cli::options::Options;
use crate::config::Files;
use crate::error::UsageError;
use crate::output::atomic;
use std::path::{Path, PathBuf};

/// What a file is to a run: the flag that names it, and its name.
type Use<'a> = (&'static str, &'a Path);

/// Refuses files with two uses of which one is an output. Devices and pipes may be used as often as one likes.
///
/// # Errors
/// The first such file, with both flags.
pub(super) fn check(files: &Files, options: &Options) -> Result<(), UsageError> {
    let mut seen: Vec<(PathBuf, &'static str)> = Vec::new();
    let place = |(_, path): &Use<'_>| atomic::place(path);
    for input in inputs(files) {
        seen.extend(place(&input).map(|place| (place, input.0)));
    }
    for output in outputs(files, options) {
        let Some(place) = place(&output) else { continue };
        if let Some((_, other)) = seen.iter().find(|(taken, _)| *taken == place) {
            return Err(UsageError::new(
                format!("`{}` of {} is the file of {other} as well", output.1.display(), output.0),
                "a file of its own for each output",
            ));
        }
        seen.push((place, output.0));
    }
    Ok(())
}

fn inputs(files: &Files) -> Vec<Use<'_>> {
    let named = [
        ("-hkl", &files.hkl),
        ("-mat", &files.matrix),
        ("-sourcefile", &files.sources),
        ("-stol", &files.scattering_table),
        ("-mask", &files.mask),
        ("-img", &files.image),
    ];
    let mut inputs: Vec<Use<'_>> =
        named.into_iter().filter_map(|(flag, path)| Some((flag, path.as_deref()?))).collect();
    if files.hkl.is_none() && files.cache.is_file() {
        inputs.push(("-dump", &files.cache));
    }
    inputs
}

fn outputs<'a>(files: &'a Files, options: &'a Options) -> Vec<Use<'a>> {
    let mut outputs: Vec<Use<'a>> = vec![("-floatfile", &files.float), ("-intfile", &files.int)];
    if files.hkl.is_some() {
        outputs.push(("-dump", &files.cache));
    }
    let named = [
        ("-pgmfile", &files.pgm),
        ("-noisefile", &files.noise),
        ("--png", &options.png),
        ("--npy", &options.npy),
        ("--trace-file", &options.trace_file),
    ];
    outputs.extend(named.into_iter().filter_map(|(flag, path)| Some((flag, path.as_deref()?))));
    outputs
}
