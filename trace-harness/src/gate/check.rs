//! One check of a preflight, and how it came out.
//!
//! Not here: making checks (`gate`, `programs`).

use std::path::Path;

use serde::Serialize;

use crate::evidence::terminal::visible;

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckState {
    /// As required.
    Pass,
    /// Not as required.
    Fail,
    /// Not required; says why.
    NotChecked,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GateCheck {
    /// What kind: `reference`, `golden`, `folder`, `disk`, `tool`, `protected`.
    pub kind: &'static str,
    /// How it came out.
    pub state: CheckState,
    /// What was looked for.
    pub looked_for: String,
    /// Where: an absolute path, or a list of folders.
    pub place: String,
    /// What was found.
    pub found: String,
    /// What to do about it; empty where nothing needs to be done.
    pub fix: String,
}

impl GateCheck {
    /// A check that passed.
    pub fn pass(
        kind: &'static str,
        looked_for: impl Into<String>,
        place: &Path,
        found: impl Into<String>,
    ) -> Self {
        Self::of(
            kind,
            CheckState::Pass,
            (looked_for.into(), place.display().to_string(), found.into(), String::new()),
        )
    }

    /// A check that failed.
    pub fn fail(
        kind: &'static str,
        looked_for: impl Into<String>,
        place: impl Into<String>,
        found: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Self::of(kind, CheckState::Fail, (looked_for.into(), place.into(), found.into(), fix.into()))
    }

    fn of(kind: &'static str, state: CheckState, texts: (String, String, String, String)) -> Self {
        let (looked_for, place, found, fix) = texts;
        Self { kind, state, looked_for, place, found, fix }
    }

    /// In a line or two, for a terminal.
    pub fn text(&self) -> String {
        let word = match self.state {
            CheckState::Pass => "ok",
            CheckState::Fail => "FAIL",
            CheckState::NotChecked => "not checked",
        };
        let line = format!("{word}: {}: {} in `{}`: {}", self.kind, self.looked_for, self.place, self.found);
        let line = visible(&line);
        if self.fix.is_empty() { line } else { format!("{line}\n  fix: {}", visible(&self.fix)) }
    }
}
