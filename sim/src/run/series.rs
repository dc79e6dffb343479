//! The word `series` in front of the flags: many images of one crystal in one process, the bytes of as many runs.
//!
//! What the images share is with whoever renders one (`run`). Not here: which images there are (`series`).

use crate::cli::help;
use crate::cli::options::Options;
use crate::cli::raw_args;
use crate::console::Console;
use crate::error::Error;
use crate::series::journal::Journal;
use crate::series::options::{self, SeriesOptions};
use crate::series::plan::{self, SeriesImage};
use serde::Serialize;
use std::ffi::{OsStr, OsString};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// What `--json` says of a series.
#[derive(Debug, Serialize)]
struct SeriesOutcome<'a> {
    images: usize,
    rendered: usize,
    there_already: usize,
    journal: &'a Path,
}

/// One run of the program, of which the files it read come back.
type RenderOne<'a> = &'a mut dyn FnMut(&[OsString], &Console) -> Result<Vec<PathBuf>, Error>;

/// `nanobragg series`.
pub(super) fn run(args: &[OsString], render_one: RenderOne<'_>, console: &Console) -> Result<(), Error> {
    if args.is_empty() || args.iter().any(|word| word == "--help" || word == "-h") {
        console.print(&help::series());
        return Ok(());
    }
    let (wanted, common) = options::split(args)?;
    let images = plan::images(&wanted, &common)?;
    if wanted.commands_only {
        images.iter().for_each(|image| console.print(&command(image)));
        return Ok(());
    }
    let (options, _) = raw_args::split(&common)?;
    let rendered = render(&images, &wanted, &options, render_one)?;
    let outcome = SeriesOutcome {
        images: images.len(),
        rendered,
        there_already: images.len() - rendered,
        journal: &wanted.journal,
    };
    if options.json {
        // Numbers and a path, which is always JSON.
        console.print(&(serde_json::to_string_pretty(&outcome).unwrap_or_default() + "\n"));
    } else if !options.quiet {
        console.print(&format!(
            "{} images: {} rendered, {} there already ({})\n",
            outcome.images,
            outcome.rendered,
            outcome.there_already,
            outcome.journal.display()
        ));
    }
    Ok(())
}

/// Renders what is not there yet; how many that were comes back.
fn render(
    images: &[SeriesImage],
    wanted: &SeriesOptions,
    options: &Options,
    render_one: RenderOne<'_>,
) -> Result<usize, Error> {
    let mut journal = Journal::open(&wanted.journal)?;
    let missing: Vec<_> = images.iter().filter(|image| wanted.again || !journal.has(image)).collect();
    let console = Console::saying_once();
    let bar = console.progress_of_images(missing.len(), !options.quiet && !options.json);
    for image in &missing {
        let inputs = render_one(&image.arguments, &console)?;
        journal.add(image, &inputs)?;
        match &bar {
            Some(bar) => bar.inc(1),
            None if !options.quiet && !options.json => console.print(&line(image)),
            None => {}
        }
    }
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    Ok(missing.len())
}

/// The number of an image, and its files.
fn line(image: &SeriesImage) -> String {
    let mut line = image.number.to_string();
    image.outputs.iter().for_each(|path| {
        // Writing into memory cannot fail.
        let _ = write!(line, " {}", path.display());
    });
    line + "\n"
}

/// The run of the program that makes this image, for a shell.
fn command(image: &SeriesImage) -> String {
    let words = image.arguments.iter().map(|word| quoted(word));
    ["nanobragg".to_owned()].into_iter().chain(words).collect::<Vec<_>>().join(" ") + "\n"
}

fn quoted(word: &OsStr) -> String {
    let text = word.to_string_lossy();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./,:=+@%".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        text.into_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}
