//! One side of a comparison: a program, its folder, and its run.
//!
//! Not here: the arguments (`given`, `built_in`).

use std::ffi::OsString;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use nanobragg::error::InputError;
use trace_harness::evidence::bundle::BundleError;
use trace_harness::evidence::bundle::digest;
use trace_harness::evidence::exit::Exit;
use trace_harness::evidence::failure::{EndsCommand, SystemError};
use trace_harness::evidence::process::{
    CommandError, Interrupt, Invocation, Measured, Program, Runner, SystemRunner,
};
use trace_harness::simulator;

use crate::adapter::SideRules;
use crate::built_in;
use crate::runner::{SideFolder, open_own};

/// The same program, which from now on has to keep its content: many runs are of one program.
///
/// # Errors
/// It cannot be read.
pub(crate) fn pinned(mut program: Program) -> Result<Program, InputError> {
    let unreadable = |e| InputError::io(&program.path, "a program", &e);
    program.sha256 = Some(digest::of_file(&program.path).map_err(unreadable)?.0);
    Ok(program)
}

/// What runs processes and ends them when the user asks to stop.
///
/// # Errors
/// Signals cannot be handled.
pub(crate) fn real() -> Result<SystemRunner, SystemError> {
    Ok(SystemRunner::new(Interrupt::install().map_err(SystemError::Signals)?))
}

/// Which side of the comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// The reference: side A.
    Reference,
    /// The other one: side B.
    Candidate,
}

impl Side {
    /// How its files begin.
    pub(crate) fn prefix(self) -> &'static str {
        match self {
            Self::Reference => "reference",
            Self::Candidate => "candidate",
        }
    }

    /// What the adapter that is built in says of it.
    pub(crate) fn rules(self) -> &'static SideRules {
        &built_in::adapter().sides[usize::from(self == Self::Candidate)]
    }

    /// What it is called on the terminal.
    pub(crate) fn label(self) -> &'static str {
        &self.rules().label
    }

    /// Name of its float image in the evidence.
    pub(crate) fn float_image(self) -> String {
        format!("{}_float.bin", self.prefix())
    }

    /// Names of its standard output and standard error in the evidence.
    pub(crate) fn logs(self) -> [String; 2] {
        ["stdout", "stderr"].map(|stream| format!("{}_{stream}.txt", self.prefix()))
    }
}

/// A side of a comparison that did not deliver.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SideError {
    /// Its program could not be run at all.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// Its program failed, or wrote no image.
    #[error("{} (`{}`) {what}{words}", side.label(), program.display())]
    Failed {
        /// Which side.
        side: Side,
        /// The executable.
        program: PathBuf,
        /// How it ended.
        what: String,
        /// The last lines of its standard error.
        words: String,
    },
    /// Its image is not a file of its own, or cannot be read.
    #[error("{} (`{}`): its float image {source}; expected a file of its own", side.label(), program.display())]
    Image {
        /// Which side.
        side: Side,
        /// The executable.
        program: PathBuf,
        /// What is wrong with the file.
        source: io::Error,
    },
    /// It was not run, because the other one failed.
    #[error("{} was not run", .0.label())]
    NotRun(Side),
    /// The image that stands in for the reference is another one by now.
    #[error(
        "`{}`: was changed while the candidate ran; expected the image that was read before",
        .0.display()
    )]
    ReferenceChanged(PathBuf),
    /// A program is another one by now.
    #[error("`{}`: was changed while it was in use: SHA-256 {before} became {now}; expected one program for all runs", program.display())]
    ProgramChanged {
        /// The executable.
        program: PathBuf,
        /// Its digest when it was first used.
        before: String,
        /// Its digest now, or that it cannot be read.
        now: String,
    },
    /// A program reached into the evidence.
    #[error("`{0}` of the evidence was changed by a program that ran meanwhile; expected what was written")]
    EvidenceChanged(String),
    /// A program put a file into the evidence.
    #[error(
        "`{0}` was put into the evidence by a program that ran meanwhile; expected nothing but what is recorded of it"
    )]
    EvidencePlanted(String),
    /// The evidence cannot be looked through.
    #[error(transparent)]
    Evidence(#[from] BundleError),
}

impl EndsCommand for SideError {
    fn exit(&self) -> Exit {
        Exit::Program
    }
}

/// A run that came to an end.
#[derive(Debug)]
pub(crate) struct Finished {
    /// What was measured.
    pub measured: Measured,
    /// Why it did not deliver an image; `None` if it did.
    pub failure: Option<SideError>,
}

/// Runs `program` with `args` in `folder`, which gets its logs and its image.
///
/// # Errors
/// The program could not be started.
pub(crate) fn run(
    runner: &dyn Runner,
    side: Side,
    program: &Program,
    args: &[OsString],
    folder: &SideFolder,
    time_limit: Option<Duration>,
) -> Result<Finished, CommandError> {
    let [stdout, stderr] = folder.logs();
    let invocation = Invocation {
        stdin: None,
        program: program.path.clone(),
        args: program.leading.iter().chain(args).cloned().collect(),
        folder: folder.work(),
        exported: side.rules().exported(),
        stdout,
        stderr,
        time_limit,
    };
    let measured = runner.run(&invocation)?;
    let failure = why_failed(side, &measured, &invocation, &folder.float_image());
    Ok(Finished { measured, failure })
}

fn why_failed(side: Side, measured: &Measured, invocation: &Invocation, image: &Path) -> Option<SideError> {
    let program = invocation.program.clone();
    if let Some(what) = simulator::why_failed(measured, invocation, image) {
        let words = simulator::last_words(&invocation.stderr);
        return Some(SideError::Failed { side, program, what, words });
    }
    let source = open_own(image).err()?;
    Some(SideError::Image { side, program, source })
}

/// The first line with text that a program wrote to its standard output: for simulators, name and version.
pub(crate) fn version_line(stdout: impl Read) -> Option<String> {
    let mut lines = BufReader::new(stdout.take(4096));
    loop {
        let mut line = Vec::new();
        if lines.read_until(b'\n', &mut line).ok()? == 0 {
            return None;
        }
        let text = String::from_utf8_lossy(&line).trim().to_owned();
        if !text.is_empty() {
            return Some(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use trace_harness::evidence::process::{Ending, FakeRunner};

    use super::*;

    fn run_fake(behaviour: impl Fn(&Invocation) -> Ending) -> (Finished, Vec<Invocation>) {
        let folder = SideFolder::make().unwrap();
        let program = Program { path: "/bin/sim".into(), leading: vec!["first".into()], sha256: None };
        let runner = FakeRunner::new(behaviour);
        let args = ["-n".into(), "5".into()];
        let finished = run(&runner, Side::Candidate, &program, &args, &folder, None).unwrap();
        (finished, runner.seen())
    }

    #[test]
    fn a_run_with_an_image_delivers() {
        let (finished, seen) = run_fake(|i| {
            fs::write(i.folder.join("float.bin"), [0; 4]).unwrap();
            Ending::Exit(0)
        });
        assert!(finished.failure.is_none());
        assert_eq!(seen[0].args, ["first", "-n", "5"]);
    }

    #[test]
    fn a_run_that_fails_is_quoted() {
        let (finished, _) = run_fake(|i| {
            fs::write(&i.stderr, b"first\nbad \xff cell\n").unwrap();
            Ending::Exit(9)
        });
        let text = finished.failure.unwrap().to_string();
        assert!(
            text.starts_with(
                "Candidate (`/bin/sim`) ended with exit status 9; its last words:\n  first\n  bad "
            ),
            "{text}"
        );
        let told = |ending: Ending| run_fake(|_| ending).0.failure.unwrap().to_string();
        assert!(told(Ending::Exit(0)).contains("wrote no float image"));
        assert!(told(Ending::Signal(11)).contains("signal 11"));
        assert!(told(Ending::Interrupted).contains("interrupted"));
    }

    #[test]
    fn the_version_line_is_the_first_with_text() {
        assert_eq!(version_line("\n  \n heat 1.0 \nmore".as_bytes()).as_deref(), Some("heat 1.0"));
        assert_eq!(version_line("\n".as_bytes()), None);
    }
}
