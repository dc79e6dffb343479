//! The commands that check: `triage`, `profile`, `gate`, `matrix`.
//!
//! Not here: what they do.

pub mod gate;
pub mod gradcheck;
pub mod matrix;
pub mod profile;
pub mod triage;

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::Value;

use crate::commands::checks::gate::{GateArgs, GateFlag};
use crate::commands::checks::matrix::MatrixArgs;
use crate::commands::checks::profile::ProfileArgs;
use crate::commands::checks::triage::TriageArgs;
use crate::commands::complain;
use crate::evidence::bundle::BundleError;
use crate::evidence::bundle::recorder::Place;
use crate::evidence::exit::Exit;
use crate::matrix::suite;

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Group failing tests by cause; compare with a baseline and with the tests by themselves
    Triage(Box<TriageArgs>),
    /// Check before a long run that everything it needs is there and as it should be
    Gate(GateArgs),
    /// Run every case in every configuration, against golden data and against the reference program
    Matrix(Box<MatrixArgs>),
    /// Run a command several times: mean, scatter, and whether it is as fast as it used to be
    Profile(Box<ProfileArgs>),
}

/// Where the bundle of a command goes.
#[derive(Debug, Clone, Args)]
pub struct BundleArgs {
    /// Folder that holds the topics
    #[arg(long, default_value = "reports", value_name = "DIR")]
    pub reports: PathBuf,
    /// Folder below the reports that the bundle goes to; the name of the command if not given
    #[arg(long, value_parser = topic)]
    pub topic: Option<String>,
    /// Record paths under home folders as they are
    #[arg(long)]
    pub keep_paths: bool,
    /// `reports` seen from the working folder, filled in when the command starts.
    #[arg(skip)]
    absolute: std::cell::OnceCell<PathBuf>,
}

fn topic(text: &str) -> Result<String, String> {
    let fine = crate::plan::Plan::of_command(text.to_owned(), vec!["true".to_owned()], None).check();
    fine.map(|()| text.to_owned())
}

impl BundleArgs {
    /// The place, with `topic` where none was given.
    pub fn place<'a>(&'a self, folder: &'a Path, topic: &'a str) -> Place<'a> {
        let reports = self.absolute.get_or_init(|| folder.join(&self.reports));
        Place { reports, topic: self.topic.as_deref().unwrap_or(topic), folder, keep_paths: self.keep_paths }
    }
}

/// Something that keeps a check from being done.
#[derive(Debug, thiserror::Error)]
pub enum CheckFailure {
    /// The command line or a file of settings is wrong.
    #[error("{0}")]
    Usage(String),
    /// A bundle cannot be written.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// A file cannot be read or written.
    #[error("{0}")]
    Input(String),
}

impl CheckFailure {
    fn code(&self) -> Exit {
        match self {
            Self::Usage(_) | Self::Bundle(BundleError::HomePath(_)) => Exit::Usage,
            Self::Bundle(_) | Self::Input(_) => Exit::Undecided,
        }
    }
}

/// What a command has to say, for people and for programs.
#[derive(Debug, Clone)]
pub struct Said {
    /// For people.
    pub text: String,
    /// For programs.
    pub value: Value,
}

impl Said {
    /// Adds a field and a line.
    pub fn add(&mut self, name: &str, value: Value, line: &str) {
        self.text = format!("{}\n{line}", self.text);
        if let Some(object) = self.value.as_object_mut() {
            object.insert(name.to_owned(), value);
        }
    }

    /// Prints one of the two. A reader that has gone has read enough.
    ///
    /// # Errors
    /// Standard output cannot be written.
    pub fn print(&self, json: bool) -> Result<(), CheckFailure> {
        let text = if json { format!("{:#}\n", self.value) } else { format!("{}\n", self.text) };
        match std::io::stdout().write_all(text.as_bytes()) {
            Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => {
                Err(CheckFailure::Input(format!("standard output: {e}")))
            }
            _ => Ok(()),
        }
    }
}

/// The working folder.
///
/// # Errors
/// There is none.
pub fn working_folder() -> Result<PathBuf, CheckFailure> {
    std::env::current_dir().map_err(|e| CheckFailure::Input(format!("no working folder: {e}")))
}

/// The exit status where `gate` keeps `run` from starting.
pub(crate) fn closed(gate: &GateFlag, json: bool) -> Result<Option<Exit>, crate::commands::Failure> {
    let checked = working_folder().and_then(|folder| gate.check(&folder, json));
    checked.map_err(|e| match e {
        CheckFailure::Usage(text) => crate::commands::Failure::Usage(text),
        CheckFailure::Bundle(e) => crate::commands::Failure::Bundle(e),
        CheckFailure::Input(text) => crate::commands::Failure::Other(text),
    })
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
pub fn run(command: Command, json: bool) -> Exit {
    let done = match command {
        Command::Triage(args) => triage::run(&args, json),
        Command::Gate(args) => gate::run(&args, json),
        Command::Matrix(args) => matrix::run_command(&args, json),
        Command::Profile(args) => profile::run(&args, json),
    };
    done.unwrap_or_else(|failure| {
        complain(&failure, if let CheckFailure::Bundle(e) = &failure { e.hint() } else { "" });
        failure.code()
    })
}
