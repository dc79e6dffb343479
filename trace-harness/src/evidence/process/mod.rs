//! Commands that are run and measured, behind a trait so that programs which run commands can be tested without running any.
//!
//! Not here: what is recorded of a command (`bundle`).

mod fake;
mod find;
mod group;
mod interrupt;
mod native;
mod program;
mod system;
mod temporary;
mod unfinished;

use std::ffi::OsString;
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::evidence::exit::Exit;
use crate::evidence::failure::EndsCommand;

pub use fake::FakeRunner;
pub use find::{find_program, in_full};
pub use interrupt::Interrupt;
pub use native::{NotNative, libraries};
pub use program::{Program, REFERENCE_VARIABLE, named_by, one_thread};
pub use system::SystemRunner;
pub use temporary::{RANDOM, TEMPORARY, Temporary, is_random_name};
pub use unfinished::{Unfinished, is_in_use};

/// A command to run. Every path is absolute: nothing depends on the folder that the caller happens to be in.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// The executable.
    pub program: PathBuf,
    /// Its arguments, without its own name.
    pub args: Vec<OsString>,
    /// The working folder.
    pub folder: PathBuf,
    /// Variables set on top of the inherited environment.
    pub exported: Vec<(String, OsString)>,
    /// File that it reads as its standard input; none reads nothing.
    pub stdin: Option<Arc<File>>,
    /// File that receives standard output, byte for byte as the command writes it.
    pub stdout: PathBuf,
    /// File that receives standard error.
    pub stderr: PathBuf,
    /// The command's process group is ended after this time.
    pub time_limit: Option<Duration>,
}

/// A time limit of so many seconds.
///
/// # Errors
/// It is not above 0, or too long for clocks to count to its end.
pub fn time_limit(seconds: f64) -> Result<Duration, TimeLimitError> {
    let limit = Duration::try_from_secs_f64(seconds).ok().filter(|limit| !limit.is_zero() && seconds < 1e9);
    limit.ok_or(TimeLimitError { seconds })
}

/// Seconds that are no time limit.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("`{seconds}`; expected seconds above 0 and below 1e9")]
pub struct TimeLimitError {
    /// The seconds.
    pub seconds: f64,
}

/// Whether `name` can name a variable in every shell: letters, digits and `_`, no digit first.
pub fn is_variable(name: &str) -> bool {
    let letters = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    letters && name.bytes().next().is_some_and(|first| !first.is_ascii_digit())
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It exited with this status.
    Exit(i32),
    /// A signal ended it.
    Signal(i32),
    /// It ran into its time limit and was ended.
    TimedOut,
    /// It printed more than it may, and was ended; what it printed until then is kept up to the limit.
    TooMuchOutput {
        /// The limit in bytes, for each of the two streams.
        limit_bytes: u64,
    },
    /// The user interrupted it (Ctrl-C or a termination signal).
    Interrupted,
}

impl Ending {
    /// True for exit status 0.
    pub fn is_success(self) -> bool {
        self == Self::Exit(0)
    }
}

/// What was measured of a command.
#[derive(Debug, Clone)]
pub struct Measured {
    /// When it was started.
    pub start: DateTime<Utc>,
    /// When it ended.
    pub end: DateTime<Utc>,
    /// Time between the two by a clock that is never set.
    pub wall: Duration,
    /// User and system time of the command and the children it waited for.
    pub cpu: Duration,
    /// Largest resident memory in bytes. Never less than that of the caller when it started the command, which the kernel
    /// counts in.
    pub peak_memory: u64,
    /// How it ended.
    pub ending: Ending,
}

/// A command that could not be run at all.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The executable could not be started.
    #[error("`{}`: cannot be started: {source}", program.display())]
    Start {
        /// The executable.
        program: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A file for its output could not be created.
    #[error("`{}`: cannot be written: {source}", path.display())]
    Log {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The system lost track of it.
    #[error("`{}`: its end could not be awaited: {source}", program.display())]
    Wait {
        /// The executable.
        program: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
}

impl EndsCommand for CommandError {
    fn exit(&self) -> Exit {
        Exit::Program
    }
}

/// Something that runs commands.
pub trait Runner {
    /// Runs `invocation` to its end.
    ///
    /// # Errors
    /// The command could not be started or awaited, or its logs could not be created. A command that fails is no error.
    fn run(&self, invocation: &Invocation) -> Result<Measured, CommandError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_limit_is_above_zero_and_has_an_end() {
        assert_eq!(time_limit(1.5), Ok(Duration::from_millis(1500)));
        for seconds in [0.0, -1.0, 1e-12, 1e300, f64::INFINITY, f64::NAN] {
            let problem = time_limit(seconds).unwrap_err();
            assert!(problem.to_string().contains("expected seconds above 0"), "{problem}");
        }
    }

    #[test]
    fn a_name_that_could_forge_a_line_names_no_variable() {
        assert!(is_variable("A_1") && is_variable("_"));
        for name in ["", "1A", "A B", "A=1", "A\nexport", "é"] {
            assert!(!is_variable(name), "{name:?}");
        }
    }
}
