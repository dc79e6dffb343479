//! The word `refine` in front of the flags: a refinement instead of a run.
//!
//! Not here: refining (`refine`).

use crate::cli::parse::Reading;
use crate::cli::{parse, raw_args};
use crate::console::Console;
use crate::error::Error;
use crate::refine;
use crate::run::prepare::prepare;
use std::ffi::OsString;

/// `nanobragg refine`: 3 where the last stage did not end by itself.
pub(super) fn run(args: &[OsString], console: &Console) -> Result<u8, Error> {
    if args.is_empty() || args.iter().any(|word| word == "--help" || word == "-h") {
        console.print(refine::options::HELP);
        return Ok(0);
    }
    let (wanted, rest) = refine::options::split(args)?;
    let (options, rest) = raw_args::split(&rest)?;
    let settings = parse::parse(&rest, Reading::Strict)?;
    let (config, experiment, _) = prepare(&settings, &options, console)?;
    let converged = refine::command::refine(&config, &experiment, &wanted, &options, console)?;
    Ok(if converged { 0 } else { 3 })
}
