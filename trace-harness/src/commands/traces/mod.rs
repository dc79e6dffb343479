//! The commands about traces: `diff`, `audit`, `keys`, `emit`, `shadow`, `spread`, `capture`, `hygiene`.
//!
//! Not here: what they do.

pub mod audit;
pub mod capture;
pub mod diff;
pub mod emit;
pub mod files;
pub mod hygiene;
pub(crate) mod request;
pub mod shadow;
pub mod spread;

use clap::Subcommand;

use crate::commands::examples;
use crate::commands::traces::audit::{AuditArgs, KeysArgs};
use crate::commands::traces::diff::DiffArgs;
use crate::commands::traces::emit::EmitArgs;
use crate::commands::traces::shadow::ShadowArgs;
use crate::commands::traces::spread::SpreadArgs;
use crate::evidence::exit::Exit;
use crate::evidence::failure::Failure;

/// The commands.
#[derive(Debug, Subcommand)]
pub enum TraceCommand {
    /// Compare two traces: first divergence, root causes, shares of the ratio (exit 0 same, 3 different, 5 undecided)
    #[command(after_help = examples::DIFF)]
    Diff(DiffArgs),
    /// Compute every key of a trace again from its other values (exit 0 consistent, 3 not, 5 nothing checked)
    #[command(after_help = examples::AUDIT)]
    Audit(AuditArgs),
    /// Print the reference page of trace keys, or the schema behind it
    #[command(after_help = examples::KEYS)]
    Keys(KeysArgs),
    /// Print a source file that lets a program write traces, and take a reference's values instead of its own
    #[command(after_help = examples::EMIT)]
    Emit(EmitArgs),
    /// Run a port with its own values and with the reference's: which stage is wrong by itself (exit 0 none, 3 some, 5 undecided)
    #[command(after_help = examples::SHADOW)]
    Shadow(ShadowArgs),
    /// Find how far the traces of a reference move by themselves, which is a fair tolerance for `diff` (exit 0 found, 4 other keys)
    #[command(after_help = examples::SPREAD)]
    Spread(SpreadArgs),
}

/// Runs one and gives its exit status.
pub fn run(command: TraceCommand, json: bool) -> Exit {
    let result = match command {
        TraceCommand::Diff(args) => diff::run(&args, json),
        TraceCommand::Audit(args) => audit::run(&args, json),
        TraceCommand::Keys(args) => audit::keys(&args, json),
        TraceCommand::Emit(args) => emit::run(&args, json),
        TraceCommand::Spread(args) => spread::run(&args, json),
        TraceCommand::Shadow(args) => {
            return shadow::run(&args, json).unwrap_or_else(|e| Failure::from(e).report());
        }
    };
    result.unwrap_or_else(|failure| Failure::from(failure).report())
}
