//! The command line of each image of a series, and the files that it writes.
//!
//! Not here: reading options (`options`), rendering (`run`).

use super::name_pattern::numbered;
use super::options::{Images, Part, SeriesOptions};
use crate::cli::flags::Id;
use crate::cli::options::Options;
use crate::cli::parse::{Reading, Setting, parse};
use crate::cli::raw_args;
use crate::config::Files;
use crate::config::resolve::{Surroundings, resolve};
use crate::defects::Defects;
use crate::error::{Error, InputError, UsageError};
use crate::open_file;
use crate::output::atomic;
use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// A list of images larger than this is not one.
const LARGEST_LIST: u64 = 1 << 30;

/// One image: what a run of the program by itself is given.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SeriesImage {
    /// Its number, which is in its names.
    pub number: u64,
    /// The arguments of `nanobragg`.
    pub arguments: Vec<OsString>,
    /// Files that it writes, the reflection cache apart.
    pub outputs: Vec<PathBuf>,
}

/// All images of a series, or of a part of it, with their names checked.
///
/// # Errors
/// No rotation to take images of; a list that cannot be read; a command line that is wrong; two images with one name.
pub(crate) fn images(wanted: &SeriesOptions, common: &[OsString]) -> Result<Vec<SeriesImage>, Error> {
    let more: Vec<Vec<OsString>> = match &wanted.images {
        Images::Rotation(count) => rotation(*count, common)?,
        Images::Listed(path) => listed(path)?,
    };
    let mut names = HashMap::new();
    let mut images = Vec::new();
    for (number, more) in (wanted.first..).zip(more) {
        let at = |error: UsageError| error_of_image(number, error);
        let mut arguments: Vec<_> = common.iter().chain(&more).map(|word| numbered(word, number)).collect();
        let command = Command::of(&arguments).map_err(at)?;
        let unnamed = command.unnamed().into_iter().map(|word| numbered(word.as_ref(), number));
        arguments.extend(unnamed);
        let outputs = Command::of(&arguments).map_err(at)?.outputs();
        for path in &outputs {
            // Devices may be written as often as one likes.
            let Some(place) = atomic::place(path) else { continue };
            if let Some(other) = names.insert(place, number) {
                return Err(UsageError::new(
                    format!("images {other} and {number} are both written to `{}`", path.display()),
                    "a name of its own for each image",
                )
                .hint("%04d in a name stands for the image's number")
                .into());
            }
        }
        images.push(SeriesImage { number, arguments, outputs });
    }
    let Part { index, count } = wanted.part;
    let in_part = |place: u64| place % count == index - 1;
    Ok((0..).zip(images).filter(|(place, _)| in_part(*place)).map(|(_, image)| image).collect())
}

fn error_of_image(number: u64, error: UsageError) -> UsageError {
    UsageError { problem: format!("image {number}: {}", error.problem), ..error }
}

/// A command line, read but not carried out.
struct Command {
    options: Options,
    settings: Vec<Setting>,
    files: Files,
}

impl Command {
    fn of(arguments: &[OsString]) -> Result<Self, UsageError> {
        let (options, rest) = raw_args::split(arguments)?;
        if options.information.is_some() {
            return Err(UsageError::new("a series of helps or lists", "flags of an image")
                .hint("nanobragg series --help"));
        }
        let settings = parse(&rest, Reading::of(&options))?;
        let around = Surroundings { lenient: true, ..Surroundings::default() };
        let files = resolve(&settings, Defects::with(&options.defects), &around)?.files;
        Ok(Self { options, settings, files })
    }

    /// Flags with names for those images that would have the program's own, one for all.
    fn unnamed(&self) -> Vec<&'static str> {
        let written = [
            (Id::FloatFile, true, ["-floatfile", "floatimage_%04d.bin"]),
            (Id::IntFile, true, ["-intfile", "intimage_%04d.img"]),
            (Id::PgmFile, self.files.pgm.is_some(), ["-pgmfile", "image_%04d.pgm"]),
            (Id::NoiseFile, self.files.noise.is_some(), ["-noisefile", "noiseimage_%04d.img"]),
        ];
        let is_named = |id| self.settings.iter().any(|setting| setting.id == id);
        written
            .into_iter()
            .filter(|(id, written, _)| *written && !is_named(*id))
            .flat_map(|(.., flag)| flag)
            .collect()
    }

    fn outputs(&self) -> Vec<PathBuf> {
        let Self { options, files, .. } = self;
        let derivatives = options.grad.as_ref().map(|_| &options.grad_dir);
        [&files.float, &files.int]
            .into_iter()
            .chain(
                [&files.pgm, &files.noise, &options.png, &options.npy, &options.trace_file]
                    .into_iter()
                    .flatten(),
            )
            .chain(derivatives)
            .cloned()
            .collect()
    }
}

/// `-phi` of each image: where the one before ends. A width such as 0.1 is no sum of powers of two, so angles are rounded to
/// 10⁻¹⁰ degrees: image 3 starts at 0.3, as one would write it.
fn rotation(count: u64, common: &[OsString]) -> Result<Vec<Vec<OsString>>, UsageError> {
    let (options, rest) = raw_args::split(common)?;
    let settings = parse(&rest, Reading::of(&options))?;
    let last = |id| settings.iter().rev().find(|setting| setting.id == id).map(|setting| setting.number(0));
    let width = last(Id::Osc).filter(|width| *width != 0.0).ok_or_else(|| {
        UsageError::new("`--images` without a rotation", "`-osc WIDTH`, and `-phi START` unless it is 0")
            .hint("--list FILE has a line of flags for each image, for orientations, seeds or wavelengths")
    })?;
    let start = last(Id::Phi).unwrap_or(0.0);
    let angle = |image: u64| {
        let degrees = format!("{:.10}", start + image as f64 * width);
        degrees.trim_end_matches('0').trim_end_matches('.').to_owned()
    };
    Ok((0..count).map(|image| vec!["-phi".into(), angle(image).into()]).collect())
}

/// The flags of each image from a list: one line each, words separated by blanks; `#` begins a comment, empty lines are passed over.
fn listed(path: &Path) -> Result<Vec<Vec<OsString>>, Error> {
    let expected = "a list of images: a line of flags for each";
    let text = open_file::text(path, expected, LARGEST_LIST)?;
    let lines = text.lines().map(|line| line.split_once('#').map_or(line, |(flags, _)| flags));
    let images: Vec<Vec<OsString>> = lines
        .map(|line| line.split_whitespace().map(OsString::from).collect())
        .filter(|words: &Vec<_>| !words.is_empty())
        .collect();
    if images.is_empty() {
        return Err(InputError::new(path, "has no line", expected).into());
    }
    Ok(images)
}
