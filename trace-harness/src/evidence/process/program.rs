//! A program that can be started: where it is, what its arguments begin with, and the variables that say so.
//!
//! Not here: starting it (`system`), the arguments of a simulator (`simulator`).

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use nanobragg::error::UsageError;

use crate::evidence::process::{find_program, in_full};

/// Variable that names the reference program.
pub const REFERENCE_VARIABLE: &str = "NB_C_BIN";
/// Variable that limits the threads of the reference program.
const THREADS_VARIABLE: &str = "OMP_NUM_THREADS";

/// A program that can be started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// The executable, absolute.
    pub path: PathBuf,
    /// Arguments before all others.
    pub leading: Vec<OsString>,
    /// The SHA-256 that the executable has to have, where it runs more than once.
    pub sha256: Option<String>,
}

impl Program {
    /// The program with this executable, which is absolute.
    pub fn new(path: PathBuf) -> Self {
        Self { path, leading: Vec::new(), sha256: None }
    }

    /// This very executable.
    ///
    /// # Errors
    /// The system does not say where it is.
    pub fn this_executable() -> std::io::Result<Self> {
        std::env::current_exe().map(Self::new)
    }

    /// The program at `path`, as a shell in the working folder finds it: a name without folders is looked up on the PATH, among what may be
    /// executed. It keeps the name that it is called by, also where that is a link. `None` if there is none.
    pub fn find(path: &Path) -> Option<Self> {
        let folder = std::env::current_dir().ok()?;
        let name = path.to_str()?;
        let found = match name.contains('/') {
            true => Some(folder.join(path)).filter(|path| path.is_file())?,
            false => find_program(name, &folder)?,
        };
        in_full(&found).ok().map(Self::new)
    }

    /// As [`Program::find`], of a program that somebody named.
    ///
    /// # Errors
    /// There is none; `what` says which one is not there.
    pub fn named(path: &Path, what: &str) -> Result<Self, UsageError> {
        Self::find(path).ok_or_else(|| {
            let problem = format!("`{}`: {what} is not there", path.display());
            UsageError::new(problem, "an executable")
                .hint("give its path; a name without folders is looked up on the PATH")
        })
    }

    /// The same program with more arguments before all others.
    #[must_use]
    pub fn with(mut self, leading: &[impl AsRef<OsStr>]) -> Self {
        self.leading.extend(leading.iter().map(|word| word.as_ref().to_owned()));
        self
    }
}

/// The program that an environment variable names; none where it is not set, or empty.
pub fn named_by(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// What a run of the reference program gets in its environment: with several threads its bytes depend on timing, so it gets one.
pub fn one_thread() -> (String, OsString) {
    (THREADS_VARIABLE.to_owned(), "1".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_found_as_a_shell_finds_it() {
        assert!(Program::find(Path::new("sh")).unwrap().path.is_absolute());
        assert_eq!(Program::find(Path::new("no-such-program-here")), None);
        assert_eq!(Program::find(Path::new("./sh")), None);
        assert_eq!(
            Program::find(Path::new("../../../../../../../../bin/sh")),
            Program::find(Path::new("/bin/sh"))
        );
        let refusal = Program::named(Path::new("./sh"), "the reference").unwrap_err().to_string();
        assert!(refusal.contains("`./sh`: the reference is not there"), "{refusal}");
    }

    #[test]
    fn arguments_that_come_first_keep_their_order() {
        let program = Program::new("/bin/sh".into()).with(&["a"]).with(&["b", "c"]);
        assert_eq!(program.leading, ["a", "b", "c"]);
    }
}
