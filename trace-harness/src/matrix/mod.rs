//! Every case in every configuration, against golden data and, where there is one, against the reference program.
//!
//! Not here: what counts as the same (`judge`), the command line (`command`).

pub mod configuration;
pub(crate) mod evidence;
mod execute;
pub mod judge;
mod kept;
pub mod report;
pub mod stored;
pub mod suite;
mod traced;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::cases::{Cases, Workplace};
use crate::evidence::process::{Interrupt, Runner};
use configuration::Configuration;
use stored::Stored;

/// A simulator: a program, and what its arguments begin with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Simulator {
    /// The program; absolute.
    pub program: PathBuf,
    /// Its first arguments.
    pub first: Vec<String>,
}

/// How a case came out in a configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// As it should be.
    Pass,
    /// Not as it should be.
    Fail,
    /// This build or machine does not have the configuration.
    Absent,
    /// The case cannot be run here: a file or folder is not there.
    NotRun,
}

/// One case in one configuration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The case.
    pub case: String,
    /// The configuration, in words.
    pub configuration: String,
    /// How it came out.
    pub outcome: Outcome,
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

impl Row {
    /// A row that was not run.
    pub fn not_run(case: &str, configuration: &str, outcome: Outcome, detail: String) -> Self {
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
    /// What is different about this machine, where digests cannot be asked for.
    pub machine: Option<String>,
    /// The rows, by case and then by configuration.
    pub rows: Vec<Row>,
    /// The reference program against the golden data; empty where there is none.
    pub reference: Vec<Row>,
    /// Cases that come out differently by themselves and among others.
    pub disagreements: Vec<Disagreement>,
    /// Whether the user stopped it.
    pub interrupted: bool,
}

impl Matrix {
    /// How many rows came out so.
    pub fn count(&self, outcome: Outcome) -> usize {
        self.rows.iter().filter(|r| r.outcome == outcome).count()
    }

    /// How many traces are those of the golden data.
    pub fn traces(&self) -> usize {
        self.rows.iter().map(|r| r.traces).sum()
    }

    /// Whether nothing is wrong, and something was compared.
    pub fn passed(&self) -> bool {
        self.count(Outcome::Fail) == 0
            && self.count(Outcome::Pass) > 0
            && self.disagreements.is_empty()
            && !self.interrupted
    }
}

/// In how many processes cases are run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Each in a process of its own.
    Isolated,
    /// All cases of a configuration in one process.
    Suite,
    /// Both, and compared.
    Both,
}

/// What is asked.
#[derive(Debug, Clone)]
pub struct Request {
    /// The simulator.
    pub simulator: Simulator,
    /// The reference program; absolute.
    pub reference: Option<PathBuf>,
    /// The ways to run it.
    pub configurations: Vec<Configuration>,
    /// Numbers of the cases that are asked for.
    pub chosen: Vec<usize>,
    /// How many cases at once.
    pub jobs: usize,
    /// In how many processes.
    pub mode: Mode,
    /// Largest distance of two pixels, in units of the last place; 0 for the same bytes.
    pub max_ulp: u32,
    /// Time limit of one case.
    pub time_limit: Option<Duration>,
}

/// Runs the matrix; `progress` is called after each case.
///
/// # Errors
/// Temporary folders cannot be made, or the process of a suite cannot be started.
pub fn run(
    request: &Request,
    cases: &Cases,
    runner: &(dyn Runner + Sync),
    interrupt: &Interrupt,
    progress: &(dyn Fn() + Sync),
) -> Result<Matrix, String> {
    let workplace = Workplace::new(cases).map_err(|e| e.to_string())?;
    let stored = Stored::read(cases)?;
    let mut absent = BTreeMap::new();
    for configuration in &request.configurations {
        absent
            .extend(configuration.absent(&request.simulator, runner).map(|why| (configuration.label(), why)));
    }
    let bench = execute::Bench {
        request,
        workplace: &workplace,
        stored: &stored,
        absent: &absent,
        runner,
        interrupt,
    };
    let (rows, reference) = match request.mode {
        Mode::Suite => (Vec::new(), Vec::new()),
        _ => bench.isolated(progress),
    };
    let mut matrix = Matrix {
        configurations: request.configurations.iter().map(Configuration::label).collect(),
        absent: absent.clone(),
        machine: stored.remark(),
        rows,
        reference,
        disagreements: Vec::new(),
        interrupted: false,
    };
    if request.mode != Mode::Isolated {
        let rows = suite::run(request, cases, &absent, runner, interrupt)?;
        match request.mode {
            Mode::Both => matrix.disagreements = suite::disagreements(&matrix.rows, &rows),
            _ => matrix.rows = rows,
        }
    }
    matrix.interrupted = interrupt.is_set();
    Ok(matrix)
}
