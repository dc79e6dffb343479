//! What keeps a check from being done, and the exit status that it then has.
//!
//! Not here: what a check finds wrong; that is its result.

use crate::cases::ListError;
use crate::evidence::bundle::BundleError;
use crate::evidence::exit::Exit;
use crate::evidence::failure::EndsCommand;
use crate::evidence::held::HeldError;
use crate::gate::plan::GateError;
use crate::triage::rules::RulesError;
use crate::triage::source::SourceError;

/// Something that keeps a check from being done.
#[derive(Debug, thiserror::Error)]
pub enum CheckFailure {
    /// The command line or a file of settings is wrong.
    #[error("{0}")]
    Usage(String),
    /// A list of cases cannot be used.
    #[error(transparent)]
    List(#[from] ListError),
    /// The gate's file is wrong.
    #[error(transparent)]
    Gate(#[from] GateError),
    /// A pipe cannot be held.
    #[error(transparent)]
    Held(#[from] HeldError),
    /// The file of rules is wrong.
    #[error(transparent)]
    Rules(#[from] RulesError),
    /// Results of tests cannot be read.
    #[error(transparent)]
    Results(#[from] SourceError),
    /// A bundle cannot be written.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// A file cannot be read or written.
    #[error("{0}")]
    Input(String),
}

impl EndsCommand for CheckFailure {
    fn exit(&self) -> Exit {
        match self {
            Self::Usage(_) | Self::Gate(_) | Self::Rules(_) => Exit::Usage,
            Self::List(e) => e.exit(),
            Self::Held(e) => e.exit(),
            Self::Bundle(e) => e.exit(),
            Self::Results(_) | Self::Input(_) => Exit::Undecided,
        }
    }

    fn hint(&self) -> &str {
        match self {
            Self::List(e) => e.hint(),
            Self::Held(e) => e.hint(),
            Self::Bundle(e) => e.hint(),
            _ => "",
        }
    }
}
