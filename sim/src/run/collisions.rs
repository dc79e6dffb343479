//! Files that cannot be as they are named are refused before anything is computed: one file for two outputs, an output over an
//! input, an output in a folder that is not there.
//!
//! Not here: writing (`written`), reading (`loading`).

use crate::cli::options::Options;
use crate::config::Files;
use crate::error::{Error, UsageError};
use crate::model::parameter::Parameter;
use crate::output::{atomic, gradients};
use crate::refine::{self, options::RefineOptions};
use std::path::{Path, PathBuf};

/// What a file is to a command: the flag that names it, and its name.
type Use = (&'static str, PathBuf);

/// What a command writes beside the reflection cache.
#[derive(Debug, Clone, Copy)]
pub(super) enum Purpose<'a> {
    /// Images, a trace, and images of derivatives by these parameters.
    Images(&'a Options, &'a [Parameter]),
    /// Results of a refinement.
    Refinement(&'a RefineOptions),
}

/// Refuses files with two uses of which one is an output, and outputs that have no place. Devices and pipes may be used as
/// often as one likes.
///
/// # Errors
/// The first such file.
pub(super) fn check(files: &Files, purpose: Purpose<'_>) -> Result<(), Error> {
    let mut seen: Vec<(PathBuf, &'static str)> = Vec::new();
    let place = |(_, path): &Use| atomic::place(path);
    for input in inputs(files, purpose) {
        seen.extend(place(&input).map(|place| (place, input.0)));
    }
    let outputs = outputs(files, purpose);
    for output in &outputs {
        let Some(place) = place(output) else { continue };
        if let Some((_, other)) = seen.iter().find(|(taken, _)| *taken == place) {
            return Err(UsageError::new(
                format!("`{}` of {} is the file of {other} as well", output.1.display(), output.0),
                "a file of its own for each output",
            )
            .into());
        }
        seen.push((place, output.0));
    }
    for (flag, path) in outputs {
        // A run goes on without a cache; folders of their own are made.
        if flag != "-dump" && !folders(purpose).iter().any(|folder| path.parent() == Some(folder)) {
            atomic::check_place(&path)?;
        }
    }
    folders(purpose).into_iter().try_for_each(|folder| Ok(atomic::check_folder(folder)?))
}

/// Folders that are made for outputs.
fn folders(purpose: Purpose<'_>) -> Vec<&Path> {
    match purpose {
        Purpose::Images(options, parameters) if !parameters.is_empty() => vec![&options.grad_dir],
        Purpose::Images(..) => Vec::new(),
        Purpose::Refinement(refine) => vec![&refine.out],
    }
}

fn inputs(files: &Files, purpose: Purpose<'_>) -> Vec<Use> {
    let target = match purpose {
        Purpose::Refinement(refine) => Some(refine.target.clone()),
        Purpose::Images(..) => None,
    };
    let mut inputs = named(&[
        ("--target", &target),
        ("-hkl", &files.hkl),
        ("-mat", &files.matrix),
        ("-sourcefile", &files.sources),
        ("-stol", &files.scattering_table),
        ("-mask", &files.mask),
        ("-img", &files.image),
    ]);
    if files.hkl.is_none() && files.cache.is_file() {
        inputs.push(("-dump", files.cache.clone()));
    }
    inputs
}

fn outputs(files: &Files, purpose: Purpose<'_>) -> Vec<Use> {
    let mut outputs = Vec::new();
    if files.hkl.is_some() {
        outputs.push(("-dump", files.cache.clone()));
    }
    match purpose {
        Purpose::Images(options, parameters) => {
            outputs.extend([("-floatfile", files.float.clone()), ("-intfile", files.int.clone())]);
            outputs.extend(named(&[
                ("-pgmfile", &files.pgm),
                ("-noisefile", &files.noise),
                ("--png", &options.png),
                ("--npy", &options.npy),
                ("--trace-file", &options.trace_file),
            ]));
            if !parameters.is_empty() {
                let paths = gradients::paths(&options.grad_dir, parameters);
                outputs.extend(paths.into_iter().map(|path| ("--grad-dir", path)));
            }
        }
        Purpose::Refinement(refine) => {
            outputs.extend(refine::command::paths(&refine.out).map(|path| ("--out", path)));
        }
    }
    outputs
}

/// Those that are named.
fn named(files: &[(&'static str, &Option<PathBuf>)]) -> Vec<Use> {
    files.iter().filter_map(|(flag, path)| Some((*flag, path.as_ref()?.clone()))).collect()
}
