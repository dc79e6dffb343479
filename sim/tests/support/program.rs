//! Runs the simulator under test, or the C reference, in a folder of its own.
//! Not here: judging what the run left behind.
//!
//! `NB_TEST_BIN` names a trace-instrumented build of the reference to be run instead of our program: that checks the
//! golden data and the tests themselves. It is given neither `--parity` nor our other flags. `NB_TEST_RUNNER` holds the words
//! that our program is started with on a machine that cannot run it by itself: an emulator (`scripts/test-neon`).

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A simulator and the way it wants to be called.
#[derive(Clone)]
pub struct Program {
    path: PathBuf,
    kind: Kind,
}

/// Whose flags a program understands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Ours,
    Reference,
}

/// What a run printed.
pub struct Run {
    /// Exit status; none when a signal ended it.
    pub exit: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Program {
    /// Our program, unless `NB_TEST_BIN` names a reference build.
    pub fn under_test() -> Program {
        match std::env::var_os("NB_TEST_BIN") {
            Some(path) => Program { path: path.into(), kind: Kind::Reference },
            None => Program { path: env!("CARGO_BIN_EXE_nanobragg").into(), kind: Kind::Ours },
        }
    }

    /// The C program of `NB_C_BIN`, if it is set.
    pub fn reference() -> Option<Program> {
        let path = std::env::var_os("NB_C_BIN")?;
        Some(Program { path: path.into(), kind: Kind::Reference })
    }

    /// Whose flags it takes.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    fn command(&self) -> Command {
        let runner = std::env::var("NB_TEST_RUNNER").unwrap_or_default();
        let mut runner_and_arguments = runner.split_whitespace().filter(|_| self.kind == Kind::Ours);
        match runner_and_arguments.next() {
            Some(emulator) => {
                let mut command = Command::new(emulator);
                command.args(runner_and_arguments).arg(&self.path);
                command
            }
            None => Command::new(&self.path),
        }
    }

    /// Runs in `folder` with the reference's flags; ours gets `own` (its own flags, `--parity` and so on) before them.
    /// The reference runs on one thread: with more, its images depend on timing.
    pub fn run(&self, folder: &Path, own: &[String], args: &[String]) -> Run {
        let mut command = self.command();
        if self.kind == Kind::Ours {
            command.args(own);
        }
        let output = command
            .args(args)
            .current_dir(folder)
            .env("OMP_NUM_THREADS", "1")
            .stdin(Stdio::null())
            .output()
            .unwrap_or_else(|error| panic!("cannot run `{}`: {error}", self.path.display()));
        Run {
            exit: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// A command line as one would type it, for messages.
pub fn shown(args: &[String]) -> String {
    args.join(" ")
}
