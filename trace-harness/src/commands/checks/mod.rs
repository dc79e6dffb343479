//! The commands that check: `triage`, `profile`, `gate`, `matrix`.
//!
//! Not here: what they do.

mod failure;
pub mod gate;
pub mod gradcheck;
pub mod matrix;
mod output;
mod place;
pub mod profile;
pub mod triage;

use std::ffi::OsString;
use std::path::Path;

use clap::Subcommand;

use crate::commands::checks::gate::{GateArgs, GateFlag};
use crate::commands::checks::matrix::MatrixArgs;
use crate::commands::checks::profile::ProfileArgs;
use crate::commands::checks::triage::TriageArgs;
use crate::evidence::exit::Exit;
use crate::evidence::failure::Failure;
use crate::evidence::given::working_folder;
use crate::matrix::suite;

pub use failure::CheckFailure;
pub use output::CheckOutput;
pub use place::BundleArgs;

/// The commands.
#[derive(Debug, Subcommand)]
pub enum CheckCommand {
    /// Group failing tests by cause; compare with a baseline and with the tests by themselves
    Triage(Box<TriageArgs>),
    /// Check before a long run that everything it needs is there and as it should be
    Gate(GateArgs),
    /// Run every case in every configuration, against golden data and against the reference program
    Matrix(Box<MatrixArgs>),
    /// Run a command several times: mean, scatter, and whether it is as fast as it used to be
    Profile(Box<ProfileArgs>),
}

/// The exit status where `gate` keeps `run` from starting.
pub(crate) fn closed(gate: &GateFlag, json: bool) -> Result<Option<Exit>, CheckFailure> {
    gate.check(&working_folder()?, json)
}

/// What this program does when it is called by itself: many cases in one process. Not for users, and so not part of the
/// command line that they see.
pub(crate) fn called_by_itself(args: &[OsString]) -> Option<u8> {
    match args.get(1)?.to_str()? {
        suite::WORKER => Some(suite::worker(Path::new(args.get(2)?))),
        _ => None,
    }
}

/// Runs one and gives its exit status.
pub fn run(command: CheckCommand, json: bool) -> Exit {
    let result = match command {
        CheckCommand::Triage(args) => triage::run(&args, json),
        CheckCommand::Gate(args) => gate::run(&args, json),
        CheckCommand::Matrix(args) => matrix::run_command(&args, json),
        CheckCommand::Profile(args) => profile::run(&args, json),
    };
    result.unwrap_or_else(|failure| Failure::from(failure).report())
}
