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

use crate::evidence::exit::Exit;
use crate::evidence::failure::{Failure, SystemError};
use crate::evidence::process::{Interrupt, SystemRunner};
use crate::evidence::terminal::visible;

/// Prints `text`, or `value` where JSON is requested. A reader that has gone has read enough.
/// Prints a line, or lines with an end added. A reader that has gone has read enough.
pub(crate) fn print_line(text: &str) -> Result<(), SystemError> {
    print_bytes(format!("{text}\n").as_bytes())
}

fn print_bytes(bytes: &[u8]) -> Result<(), SystemError> {
    match std::io::stdout().write_all(bytes) {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => Err(SystemError::StandardOutput(e)),
        _ => Ok(()),
    }
}

pub(crate) fn print(json: bool, value: &serde_json::Value, text: &str) -> Result<Exit, Failure> {
    print_text(if json { format!("{value:#}\n") } else { format!("{text}\n") }.as_bytes())
}

pub(crate) fn print_text(text: &[u8]) -> Result<Exit, Failure> {
    print_bytes(text)?;
    Ok(Exit::Agrees)
}

/// What runs programs until the user interrupts.
pub(crate) fn real_runner() -> Result<SystemRunner, SystemError> {
    Ok(SystemRunner::new(Interrupt::install().map_err(SystemError::Signals)?))
}

pub(crate) fn progress(json: bool) -> impl Fn(&str) {
    move |name: &str| {
        if !json {
            notice(&format!("running {}", visible(name)));
        }
    }
}

/// Says something on standard error. Nobody may read it any more, and that ends no work.
pub(crate) fn notice(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
