//! The commands of the program: arguments, what is called, what is printed, and the exit status.
//!
//! Not here: the root of the command line (`cli`), and the work itself.

pub mod bundles;
pub mod checks;
pub(crate) mod examples;
pub(crate) mod recompute;
pub mod traces;
pub mod values;

use std::io::Write;

use crate::evidence::bundle::BundleError;
use crate::evidence::exit::Exit;
use crate::evidence::process::{Interrupt, RealRunner};
use crate::evidence::terminal::{message, visible};

/// Something that keeps a command from being done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("{0}")]
    Usage(String),
    #[error(transparent)]
    Bundle(#[from] BundleError),
    #[error("{0}")]
    Other(String),
}

/// Says on standard error why a command was not done, and what can be done about it.
pub(crate) fn complain(failure: &impl std::fmt::Display, hint: &str) {
    eprintln!("error: {}", message(failure));
    if !hint.is_empty() {
        eprintln!("hint: {hint}");
    }
}

/// Prints `text`, or `value` where JSON is asked for. A reader that has gone has read enough.
pub(crate) fn print(json: bool, value: &serde_json::Value, text: &str) -> Result<Exit, Failure> {
    print_text(if json { format!("{value:#}\n") } else { format!("{text}\n") }.as_bytes())
}

pub(crate) fn print_text(text: &[u8]) -> Result<Exit, Failure> {
    match std::io::stdout().write_all(text) {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::Other(format!("standard output: {e}")))
        }
        _ => Ok(Exit::Agrees),
    }
}

pub(crate) fn real_runner() -> Result<RealRunner, Failure> {
    let interrupt = Interrupt::install();
    interrupt.map(RealRunner::new).map_err(|e| Failure::Other(format!("signals cannot be handled: {e}")))
}

pub(crate) fn progress(json: bool) -> impl Fn(&str) {
    move |name: &str| {
        if !json {
            eprintln!("running {}", visible(name));
        }
    }
}
