//! `summary.json`: what ran, how it ended, what came of it.
//!
//! Not here: the figures of a particular kind of bundle, which its maker adds.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::evidence::bundle::inputs::InputFile;
use crate::evidence::bundle::utc;
use crate::evidence::process::{Ending, Measured};
use crate::evidence::verdict::Verdict;

/// Value of the field `schema`.
pub const SCHEMA: &str = "nanobragg-rs/summary";
/// Version of the format; raised when a reader of the old one could go wrong.
pub const VERSION: u32 = 1;

/// How a step came out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Status {
    /// It exited.
    Exit {
        /// Its exit status.
        code: i32,
    },
    /// A signal ended it.
    Signal {
        /// The signal's number.
        number: i32,
    },
    /// It ran into its time limit.
    TimedOut {
        /// The limit in seconds, as text.
        limit_s: String,
    },
    /// It printed more than it may.
    TooMuchOutput {
        /// The limit in bytes, for each of its two streams.
        limit_bytes: u64,
    },
    /// The user stopped it.
    Interrupted,
    /// It could not be started.
    NotStarted {
        /// The system's reason.
        reason: String,
    },
    /// It exited as expected but did not write a file that it should have.
    NoOutput {
        /// The file.
        path: String,
        /// Its exit status.
        #[serde(default, skip_serializing_if = "is_zero")]
        code: i32,
    },
    /// It was not tried.
    NotRun {
        /// Why not.
        reason: String,
    },
}

impl Status {
    /// In words, as `commands.txt` has it.
    pub fn text(&self) -> String {
        match self {
            Self::Exit { code } => format!("exit {code}"),
            Self::Signal { number } => format!("signal {number}"),
            Self::TimedOut { limit_s } => format!("timed out after {limit_s} s"),
            Self::TooMuchOutput { limit_bytes } => format!("ended: it printed more than {limit_bytes} bytes"),
            Self::Interrupted => "interrupted".to_owned(),
            Self::NotStarted { reason } => format!("not started: {reason}"),
            Self::NoOutput { path, code } => format!("exit {code}, but `{path}` was not written"),
            Self::NotRun { reason } => format!("not run: {reason}"),
        }
    }
}

/// What is asked of a result file when the bundle is run again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Tolerance {
    /// The same bytes.
    Exact,
    /// Little-endian 32-bit floats, none further than this many units of the last place from the old one.
    F32Ulp {
        /// Largest distance.
        max: u32,
    },
    /// Numbers in text, none differing by more than this fraction of the old one.
    Relative {
        /// Largest relative difference.
        max: f64,
    },
    /// The same bytes but for run times: the values of attributes called `time`.
    ButTimes,
}

/// Floats from 1 to 2.
const OCTAVE: u32 = 1 << 23;

/// A tolerance that a number of twice the size or half of it would satisfy.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum ToleranceError {
    /// A relative one.
    #[error("a relative tolerance of {max:e}; expected at least 0 and less than 0.5")]
    Relative {
        /// The largest relative difference.
        max: f64,
    },
    /// One in units of the last place.
    #[error("a tolerance of {max} units of the last place; expected less than {limit}", limit = OCTAVE)]
    F32Ulp {
        /// The largest distance.
        max: u32,
    },
}

impl Tolerance {
    /// Whether it asks for anything: what a number of twice the size or half of it would satisfy is no tolerance.
    ///
    /// # Errors
    /// What it is and what was expected.
    pub fn check(&self) -> Result<(), ToleranceError> {
        match *self {
            Self::Relative { max } if !(0.0..0.5).contains(&max) => Err(ToleranceError::Relative { max }),
            Self::F32Ulp { max } if max >= OCTAVE => Err(ToleranceError::F32Ulp { max }),
            _ => Ok(()),
        }
    }

    /// In words, as `within 3 units of the last place`.
    pub fn to_text(&self) -> String {
        match self {
            Self::Exact => "byte for byte".to_owned(),
            Self::F32Ulp { max } => format!("within {max} units of the last place"),
            Self::Relative { max } => format!("within a fraction of {max}"),
            Self::ButTimes => "byte for byte, but for run times".to_owned(),
        }
    }
}

/// A file that a step wrote.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutputFile {
    /// Path in the bundle.
    pub path: String,
    /// What is asked of it in a second run.
    pub tolerance: Tolerance,
}

/// A command of the bundle, with paths as tokens.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// A short name, unique in the bundle.
    pub name: String,
    /// Program and arguments.
    pub command: Vec<String>,
    /// Working folder.
    pub folder: String,
    /// Variables exported for it.
    pub exported: BTreeMap<String, String>,
    /// The input that it reads as its standard input; none reads nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stdin: Option<String>,
    /// The exit status that it is to end with.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub expect: i32,
    /// Start in UTC; `null` when it did not start, as for all measures.
    pub start: Option<String>,
    /// End in UTC.
    pub end: Option<String>,
    /// How it ended.
    pub status: Status,
    /// Wall time in seconds.
    pub wall_s: Option<f64>,
    /// User and system time in seconds.
    pub cpu_s: Option<f64>,
    /// Largest resident memory in bytes.
    pub peak_memory_bytes: Option<u64>,
    /// Time limit in seconds.
    pub time_limit_s: Option<f64>,
    /// Its standard output and standard error: paths in the bundle.
    pub logs: Vec<String>,
    /// What it wrote.
    pub outputs: Vec<OutputFile>,
    /// Outputs that it does not write into the bundle itself, with where it leaves them: in its working folder, or in a log.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub collected: BTreeMap<String, String>,
    /// When the run was whose files stand in for this one, which did not take place: they had been kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept_from: Option<String>,
}

/// No pattern is what is not said.
fn is_no_pattern(count: &usize) -> bool {
    *count == 0
}

/// Zero is what is not said.
fn is_zero(code: &i32) -> bool {
    *code == 0
}

impl Step {
    /// Whether it ended as it should.
    pub fn succeeded(&self) -> bool {
        self.status == Status::Exit { code: self.expect }
    }

    /// Whether a second run of the bundle starts it: it ran, or kept files stood in for it.
    pub fn is_run_again(&self) -> bool {
        self.start.is_some() || self.kept_from.is_some()
    }

    /// A step that has not run yet, because of `reason` if it never will.
    pub fn planned(name: &str, command: Vec<String>, folder: &str, reason: &str) -> Self {
        Self {
            name: name.to_owned(),
            command,
            folder: folder.to_owned(),
            exported: BTreeMap::new(),
            stdin: None,
            expect: 0,
            start: None,
            end: None,
            status: Status::NotRun { reason: reason.to_owned() },
            wall_s: None,
            cpu_s: None,
            peak_memory_bytes: None,
            time_limit_s: None,
            logs: Vec::new(),
            outputs: Vec::new(),
            collected: BTreeMap::new(),
            kept_from: None,
        }
    }

    /// Enters what was measured.
    pub fn measured(&mut self, m: &Measured) {
        self.start = Some(utc(m.start));
        self.end = Some(utc(m.end));
        self.wall_s = Some(m.wall.as_secs_f64());
        self.cpu_s = Some(m.cpu.as_secs_f64());
        self.peak_memory_bytes = Some(m.peak_memory);
        self.status = match m.ending {
            Ending::Exit(code) => Status::Exit { code },
            Ending::Signal(number) => Status::Signal { number },
            Ending::TimedOut => {
                Status::TimedOut { limit_s: self.time_limit_s.unwrap_or_default().to_string() }
            }
            Ending::TooMuchOutput { limit_bytes } => Status::TooMuchOutput { limit_bytes },
            Ending::Interrupted => Status::Interrupted,
        };
    }
}

/// The part of `summary.json` that every bundle has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// Always [`VERSION`].
    pub version: u32,
    /// What kind of bundle: `run`, `comparison`, `rerun`, …
    pub kind: String,
    /// One line for people.
    pub title: String,
    /// `PASS`, `FAIL`, or `UNDECIDED`.
    pub verdict: Verdict,
    /// Why, in one sentence.
    pub reason: String,
    /// The exit status that its maker ended with, of comparisons of images: one that fails does so for many reasons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit: Option<u8>,
    /// When the bundle was begun, in UTC.
    pub created: String,
    /// All commands in order.
    pub steps: Vec<Step>,
    /// All input files.
    pub inputs: Vec<InputFile>,
    /// What was left open, in words.
    #[serde(default)]
    pub open_points: Vec<String>,
    /// By how many patterns something was left out of texts and logs. What they are would tell too much.
    #[serde(default, skip_serializing_if = "is_no_pattern")]
    pub redacted: usize,
    /// Bytes that a command might print into each of its two streams; a second run has the same limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_limit_bytes: Option<u64>,
    /// Which sources wrote `analysis.md` and `report.html`; empty where they did not say.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub layout: String,
}
