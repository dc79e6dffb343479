//! What a bundle may not require of the machine that it is run on again.
//!
//! Not here: which bundles require it (`rerun::trust`).

/// What a bundle asks for and does not get.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A variable of the loader or of shells.
    #[error(
        "step `{step}` exports `{variable}`, which changes what programs run; run its commands by hand if you trust it"
    )]
    Variable {
        /// The step.
        step: String,
        /// The variable.
        variable: String,
    },
    /// A variable that nobody has allowed.
    #[error(
        "step `{step}` exports `{variable}`; expected a variable of numerics or language, or one that you allow"
    )]
    NotAllowed {
        /// The step.
        step: String,
        /// The variable.
        variable: String,
    },
    /// Words that are not there.
    #[error("step `{0}` has words that were left out of the bundle; run it by hand with them")]
    Redacted(String),
    /// A folder that is not the second run's own.
    #[error("step `{step}` works in `{folder}`; expected a folder of its own, below {{work}} or {{out}}")]
    Folder {
        /// The step.
        step: String,
        /// The folder.
        folder: String,
    },
}

impl Refusal {
    /// What the user can do about it; may be empty.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NotAllowed { .. } => "if you know what it does to the program, give --allow-variable NAME",
            _ => "",
        }
    }
}
