//! Arguments of `diff`.
//!
//! Not here: what it does.

use std::path::PathBuf;

use clap::Args;

use crate::commands::values;

/// Arguments of `diff`.
#[derive(Debug, Clone, Args)]
pub struct DiffArgs {
    /// First trace, or a whole program log with trace lines in it, or the folder of a capture
    #[arg(value_name = "A")]
    pub a: PathBuf,
    /// Second trace
    #[arg(value_name = "B")]
    pub b: PathBuf,
    /// Relative tolerance of every key, instead of the defaults
    #[arg(long, value_name = "R", allow_negative_numbers = true, value_parser = values::part)]
    pub rtol: Option<f64>,
    /// Absolute tolerance of every key, instead of the defaults
    #[arg(long, value_name = "T", allow_negative_numbers = true, value_parser = values::from_zero)]
    pub atol: Option<f64>,
    /// Tolerances of single keys: a TOML file with a table `[KEY]` of `rtol` and `atol` for each
    #[arg(long, value_name = "FILE")]
    pub tolerances: Option<PathBuf>,
    /// The reference's own noise as the tolerance of every key: a bundle of `trace-harness spread`, whose unchanged run is A; of a key
    /// that no run moves every difference counts. `--tolerances` goes before it for the keys that it names
    #[arg(long, value_name = "BUNDLE", conflicts_with_all = ["rtol", "atol"])]
    pub tolerance_from: Option<PathBuf>,
    /// A key that may stand in one trace only; `*` at the end stands for any rest, `set-up` for all
    /// set-up lines, which the C program prints for some runs only; repeatable
    #[arg(long, value_name = "KEY")]
    pub allow_missing: Vec<String>,
    /// Fewer compared values than this are undecided
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub min_compared: u64,
    /// The keys of another program: a TOML file (see `trace-harness keys --toml`)
    #[arg(long, value_name = "FILE")]
    pub schema: Option<PathBuf>,
    /// Write a bundle of evidence with summary.md, metrics.json, trace.diff and diff.html to this new folder
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Write these four files alone, into this folder that is there: what a bundle's second run does
    #[arg(long, value_name = "DIR", hide = true, conflicts_with = "out")]
    pub files: Option<PathBuf>,
    /// Arrays that the first trace names and that stand elsewhere: what a bundle's second run says
    #[arg(long, value_name = "NAME=FILE", hide = true)]
    pub array_a: Vec<PathBuf>,
    /// The same for the second trace
    #[arg(long, value_name = "NAME=FILE", hide = true)]
    pub array_b: Vec<PathBuf>,
    /// Record paths under home folders as they are
    #[arg(long)]
    pub keep_paths: bool,
}
