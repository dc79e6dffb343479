//! What a piece of evidence comes to: one word in files, one exit status, one class on pages.
//!
//! Not here: why (that is the sentence beside it), and what each command asks for.

use serde::{Deserialize, Serialize};

use super::exit::Exit;

/// How a check came out, from the best to the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Verdict {
    /// Every requirement holds.
    Pass,
    /// Nothing was compared, or what was compared cannot decide: not a pass.
    Undecided,
    /// A requirement does not hold.
    Fail,
    /// What should be judged did not come about: a program failed, a file is not there.
    Error,
}

impl Verdict {
    /// The word shown to people and stored in files.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::Undecided => "UNDECIDED",
            Self::Fail => "FAIL",
            Self::Error => "ERROR",
        }
    }

    /// The exit status of a command that comes to it, where it knows nothing more particular.
    pub const fn exit(self) -> Exit {
        match self {
            Self::Pass => Exit::Agrees,
            Self::Undecided => Exit::Undecided,
            Self::Fail => Exit::Differs,
            Self::Error => Exit::Program,
        }
    }

    /// Of something that either holds or does not.
    pub const fn of(holds: bool) -> Self {
        if holds { Self::Pass } else { Self::Fail }
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_files_and_nothing_but_a_pass_is_a_success() {
        for verdict in [Verdict::Pass, Verdict::Undecided, Verdict::Fail, Verdict::Error] {
            let stored = serde_json::to_string(&verdict).unwrap();
            assert_eq!(stored, format!("\"{verdict}\""));
            assert_eq!(serde_json::from_str::<Verdict>(&stored).unwrap(), verdict);
            assert_eq!(verdict.exit() == Exit::Agrees, verdict == Verdict::Pass);
        }
        assert!(serde_json::from_str::<Verdict>("\"pass\"").is_err());
    }
}
