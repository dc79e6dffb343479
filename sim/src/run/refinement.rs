//! The word `refine` in front of the flags: a refinement instead of a run.
//!
//! Not here: refining (`refine`).

use crate::cli::flags::Id;
use crate::cli::options::Options;
use crate::cli::parse::{Reading, Setting};
use crate::cli::{help, parse, raw_args};
use crate::console::Console;
use crate::error::{Error, UsageError};
use crate::loading::LatestList;
use crate::refine;
use crate::run::collisions::Purpose;
use crate::run::prepare::prepare;
use std::ffi::OsString;

/// `nanobragg refine`: 3 where the last stage did not end by itself.
pub(super) fn run(args: &[OsString], console: &Console) -> Result<u8, Error> {
    if args.is_empty() || args.iter().any(|word| word == "--help" || word == "-h") {
        console.print(&help::refine());
        return Ok(0);
    }
    let (wanted, rest) = refine::options::split(args)?;
    let (options, rest) = raw_args::split(&rest)?;
    if options.parity {
        return Err(UsageError::new(
            "`refine` with `--parity`",
            "a refinement, which the C program does not have",
        )
        .hint("--defect all=emulate refines with the defects of the reference")
        .into());
    }
    let settings = parse::parse(&rest, Reading::Strict)?;
    for word in without_effect(&options, &settings) {
        console.warn(&format!(
            "`{word}` has no effect on a refinement, which writes refinement.json and convergence.svg"
        ));
    }
    let purpose = Purpose::Refinement(&wanted);
    let (config, experiment, _) = prepare(&settings, &options, purpose, &mut LatestList::default(), console)?;
    let converged = refine::command::refine(&config, &experiment, &wanted, &options, console)?;
    Ok(if converged { 0 } else { 3 })
}

/// Words that ask for what a refinement does not do.
fn without_effect(options: &Options, settings: &[Setting]) -> Vec<String> {
    let own = [
        ("--png", options.png.is_some()),
        ("--npy", options.npy.is_some()),
        ("--grad", options.grad.is_some()),
        ("--trace-pixel", !options.trace_pixels.is_empty()),
    ];
    let own = own.into_iter().filter(|(_, given)| *given).map(|(word, _)| word.to_owned());
    let images = [Id::FloatFile, Id::IntFile, Id::PgmFile, Id::NoiseFile, Id::PrintoutPixel, Id::TracePixel];
    own.chain(settings.iter().filter(|s| images.contains(&s.id)).map(|s| s.word.clone())).collect()
}
