//! `trace-harness emit`: which source is printed.
//!
//! Not here: the sources (`emit`).

use clap::Args;

use crate::commands::traces::files::{TraceFailure, print_text};
use crate::emit::Language;
use crate::evidence::exit::Exit;

/// What `emit` is asked.
#[derive(Debug, Args)]
pub struct EmitArgs {
    /// The language of the program
    pub language: Language,
}

/// Runs `emit`.
///
/// # Errors
/// Standard output cannot be written.
pub fn run(args: &EmitArgs, json: bool) -> Result<Exit, TraceFailure> {
    let (name, source) = (args.language.file_name(), args.language.source());
    let text = match json {
        true => serde_json::to_string_pretty(&serde_json::json!({ "file": name, "source": source }))?,
        false => source.into_owned(),
    };
    print_text(text.trim_end()).map_err(TraceFailure::Output)?;
    Ok(Exit::Agrees)
}
