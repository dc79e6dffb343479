//! The exit statuses of the programs: one number, one meaning, whatever the program and its subcommand.
//!
//! Not here: which of them a command gives when (`commands`, `nb_compare::app`).

use std::process::ExitCode;

use serde::{Deserialize, Serialize};

/// What the end of a command says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(u8)]
#[serde(into = "u8", try_from = "u8")]
pub enum Exit {
    /// Everything that was compared, checked or run is as expected.
    Agrees = 0,
    /// The command line, a plan or a file of settings is wrong.
    Usage = 1,
    /// A program failed, could not be started, or ran out of time.
    Program = 2,
    /// Something differs from what it should be.
    Differs = 3,
    /// What should be compared does not fit together.
    Mismatch = 4,
    /// Nothing could be decided, or a file could not be read or written.
    Undecided = 5,
    /// The user stopped it.
    Interrupted = 6,
}

/// A number that no status has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no exit status; expected 0 to 6")]
pub struct NoExit(u8);

impl TryFrom<u8> for Exit {
    type Error = NoExit;

    fn try_from(number: u8) -> Result<Self, NoExit> {
        Self::ALL.into_iter().find(|exit| exit.code() == number).ok_or(NoExit(number))
    }
}

/// Status of `nanobragg` for a file that cannot be read or written, and for nothing to render: that of the C program.
pub const NANOBRAGG_FILES: u8 = 9;

impl Exit {
    /// All of them, by number.
    pub const ALL: [Self; 7] = [
        Self::Agrees,
        Self::Usage,
        Self::Program,
        Self::Differs,
        Self::Mismatch,
        Self::Undecided,
        Self::Interrupted,
    ];

    /// The number.
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The number's meaning in a few words, as `--help` has it.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Agrees => "agrees",
            Self::Usage => "usage",
            Self::Program => "a program failed or timed out",
            Self::Differs => "differs",
            Self::Mismatch => "shapes or keys do not match",
            Self::Undecided => "nothing decided, or a file cannot be read or written",
            Self::Interrupted => "interrupted",
        }
    }

    /// What it covers, command by command.
    const fn examples(self) -> &'static str {
        match self {
            Self::Agrees => {
                "images within their gates, traces without divergence, a sound bundle, all tests passed, an open gate"
            }
            Self::Usage => {
                "an unknown option, a value out of range, a list of cases, plan or schema that makes no sense, a program that is \
                 not there (as a command of `run`: 2; for a second run: 5)"
            }
            Self::Program => {
                "a command of `run` that failed, a side of a comparison that wrote no image, a simulator without a trace, a time \
                 limit"
            }
            Self::Differs => {
                "a gate of a comparison, a first divergence, a law of the audit, a bundle that is not sound, a second run with \
                 other results, failing tests, a derivative that is wrong, a closed gate, a refinement that does not converge"
            }
            Self::Mismatch => {
                "two images, an image and its mask, or a target and the detector, of different shape, two traces without a common key or pixel"
            }
            Self::Undecided => {
                "constant images, an audit without a key to check, a bundle without results to run again, a \
                 full disk"
            }
            Self::Interrupted => {
                "Ctrl-C, a termination signal or a hang-up; what was done until then is kept where it can be. `nanobragg` ends by the \
                 signal itself, as the C program does: a shell shows 130 or 143, and its loops end with it"
            }
        }
    }
}

/// The end of `--help`: every number with its meaning.
pub const HELP: &str = "\
Exit status: 0 agrees, 1 usage, 2 a program failed or timed out, 3 differs, 4 shapes or keys do not match, 5 nothing decided,
or a file cannot be read or written, 6 interrupted.";

/// The page `docs/exit-status.md`.
pub fn markdown() -> String {
    let mut page = "# Exit statuses\n\nOne number, one meaning, in `nanobragg`, `trace-harness` and `nb-compare` and all their \
                    subcommands. Made from the list in `trace-harness/src/evidence/exit.rs`; a test compares the two.\n\n\
                    | status | meaning | for example |\n|---|---|---|\n"
        .to_owned();
    for exit in Exit::ALL {
        page += &format!("| {} | {} | {} |\n", exit.code(), exit.meaning(), exit.examples());
    }
    page += &format!(
        "| {NANOBRAGG_FILES} | `nanobragg` only, as the C program: a file cannot be read or written, or there is nothing to render \
         | no reflections and no `-default_F`, a full disk |\n"
    );
    page + "\nOf several results the worst decides. A second Ctrl-C ends a program at once, with 128 and the number of \
            the signal.\n"
}

impl From<Exit> for u8 {
    fn from(exit: Exit) -> Self {
        exit.code()
    }
}

impl From<Exit> for i32 {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_list_and_the_help_names_each() {
        let codes = Exit::ALL.map(Exit::code);
        assert_eq!(codes, [0, 1, 2, 3, 4, 5, 6]);
        let help = HELP.split_whitespace().collect::<Vec<_>>().join(" ");
        for exit in Exit::ALL {
            let row = format!("{} {}", exit.code(), exit.meaning());
            assert!(help.contains(&row), "{row}: {help}");
        }
    }

    #[test]
    fn the_simulator_speaks_the_same_numbers() {
        use nanobragg::error::{Error, InputError, UsageError};
        assert_eq!(Error::from(UsageError::new("x", "y")).exit_code(), Exit::Usage.code());
        let input = InputError::new(std::path::Path::new("x"), "y", "z");
        assert_eq!(Error::from(input).exit_code(), NANOBRAGG_FILES);
        assert!(Exit::ALL.iter().all(|exit| exit.code() != NANOBRAGG_FILES));
    }

    #[test]
    fn the_page_is_made_from_the_list() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/exit-status.md");
        let page = markdown();
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(&path, &page).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), page, "UPDATE_DOCS=1 writes it again");
    }
}
