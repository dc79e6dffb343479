//! What comes of a matrix: the outcome of each case in each configuration, and all of them together.
//!
//! Not here: how it is found out (`execute`, `suite`), how it is shown (`report`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How a case came out in a configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseOutcome {
    /// As it should be.
    Pass,
    /// Not as expected.
    Fail,
    /// It ran, and there is nothing to compare with: no golden data of it, and no reference program.
    Undecided,
    /// This build or machine does not have the configuration.
    Absent,
    /// The case cannot be run here: a file or folder is not there.
    NotRun,
}

impl CaseOutcome {
    /// All of them, in the order of tables.
    pub const ALL: [Self; 5] = [Self::Pass, Self::Fail, Self::Undecided, Self::Absent, Self::NotRun];
}

/// One case in one configuration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MatrixRow {
    /// The case.
    pub case: String,
    /// The configuration, in words.
    pub configuration: String,
    /// How it came out.
    pub outcome: CaseOutcome,
    /// Why; empty where it passed.
    pub detail: String,
    /// Whether all files are those of the golden data; none where the case has none.
    pub golden: Option<bool>,
    /// Whether all files are those of the reference program; none where there is none to compare with.
    pub live: Option<bool>,
    /// How many of its traces are those of the golden data.
    #[serde(default)]
    pub traces: usize,
    /// Seconds it took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
    /// Digests of what it wrote.
    pub files: BTreeMap<String, String>,
}

impl MatrixRow {
    /// A row that was not run.
    pub fn not_run(case: &str, configuration: &str, outcome: CaseOutcome, detail: String) -> Self {
        let (case, configuration) = (case.to_owned(), configuration.to_owned());
        let files = BTreeMap::new();
        Self {
            case,
            configuration,
            outcome,
            detail,
            golden: None,
            live: None,
            traces: 0,
            seconds: None,
            files,
        }
    }
}

/// A case that comes out differently by itself and among others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Disagreement {
    /// The case.
    pub case: String,
    /// The configuration.
    pub configuration: String,
    /// What is different.
    pub detail: String,
}

/// Everything that came of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Matrix {
    /// Configurations, in words.
    pub configurations: Vec<String>,
    /// Configurations that are not there, with the reason.
    pub absent: BTreeMap<String, String>,
    /// What is different about this machine, where digests cannot be required.
    pub machine: Option<String>,
    /// The rows, by case and then by configuration.
    pub rows: Vec<MatrixRow>,
    /// The reference program against the golden data; empty where there is none.
    pub reference: Vec<MatrixRow>,
    /// Cases that come out differently by themselves and among others.
    pub disagreements: Vec<Disagreement>,
    /// Programs that changed while it ran, one sentence each: some rows are of one program and some of another.
    pub changed: Vec<String>,
    /// Whether the user stopped it.
    pub interrupted: bool,
}

impl Matrix {
    /// How many rows came out so.
    pub fn count(&self, outcome: CaseOutcome) -> usize {
        self.rows.iter().filter(|r| r.outcome == outcome).count()
    }

    /// How many traces are those of the golden data.
    pub fn traces(&self) -> usize {
        self.rows.iter().map(|r| r.traces).sum()
    }

    /// Whether nothing is wrong, something was compared, and nothing that ran was left without a comparison.
    pub fn passed(&self) -> bool {
        self.count(CaseOutcome::Fail) == 0
            && self.count(CaseOutcome::Undecided) == 0
            && self.count(CaseOutcome::Pass) > 0
            && self.disagreements.is_empty()
            && self.changed.is_empty()
            && !self.interrupted
    }
}
