//! The commands about traces, which have exit codes of their own: 0 as it should be, 2 usage, 3 not, 5 unreadable or
//! undecided.
//!
//! Not here: what they do.

pub mod audit;
pub mod capture;
pub mod diff;
pub mod hygiene;

use std::ffi::OsString;

use clap::Subcommand;

use crate::commands::examples;
use crate::commands::traces::audit::{AuditArgs, KeysArgs};
use crate::commands::traces::diff::DiffArgs;

/// Exit status for a wrong command line.
pub const USAGE: u8 = diff::USAGE;

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Compare two traces: first divergence, root causes, shares of the ratio (exit 0 same, 3 different, 5 undecided)
    #[command(after_help = examples::DIFF)]
    Diff(DiffArgs),
    /// Compute every key of a trace again from its other values (exit 0 consistent, 3 not, 5 nothing checked)
    #[command(after_help = examples::AUDIT)]
    Audit(AuditArgs),
    /// Print the reference page of trace keys, or the schema behind it
    #[command(after_help = examples::KEYS)]
    Keys(KeysArgs),
}

/// Whether the first argument after the program's name is one of these commands.
pub fn is_named(args: &[OsString]) -> bool {
    let named = |name: &std::ffi::OsStr| name.to_str().is_some_and(Command::has_subcommand);
    args.iter().skip(1).find(|a| *a != "--json").is_some_and(|a| named(a))
}

/// Runs one and gives its exit status.
pub fn run(command: Command, json: bool) -> u8 {
    let done = match command {
        Command::Diff(args) => diff::run(&args, json),
        Command::Audit(args) => audit::run(&args, json),
        Command::Keys(args) => audit::keys(&args),
    };
    done.unwrap_or_else(|failure| {
        eprintln!("error: {failure}");
        if let diff::TraceFailure::Bundle(e) = &failure
            && !e.hint().is_empty()
        {
            eprintln!("hint: {}", e.hint());
        }
        failure.exit_code()
    })
}
