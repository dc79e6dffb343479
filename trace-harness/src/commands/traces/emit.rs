//! `trace-harness emit`: which source is printed.
//!
//! Not here: the sources (`emit`).

use clap::Args;

use crate::commands::print_line;
use crate::commands::traces::files::TraceFailure;
use crate::emit::Language;
use crate::evidence::exit::Exit;

/// Arguments of `emit`.
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
    print_line(text.trim_end())?;
    Ok(Exit::Agrees)
}
