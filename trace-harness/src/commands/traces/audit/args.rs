//! Arguments of `audit`.
//!
//! Not here: what it does.

use std::path::PathBuf;

use clap::Args;

use crate::commands::values::Expected;
use crate::numbers::number;

/// Arguments of `audit`.
#[derive(Debug, Clone, Args)]
pub struct AuditArgs {
    /// Traces, or whole program logs with trace lines in them, or folders of captures
    #[arg(required = true, value_name = "TRACE")]
    pub traces: Vec<PathBuf>,
    /// A value that laws need and no trace holds: `background`, `pixel_size_m`, `Na`, `Nb`, `Nc`; `2:Na=5` is for the second trace
    /// alone; repeatable. For the folder of a capture they are taken from its configuration
    #[arg(long, value_name = "NAME=VALUE", value_parser = given_value)]
    pub given: Vec<GivenValue>,
    /// The keys of another program: a TOML file (see `trace-harness keys --toml`)
    #[arg(long, value_name = "FILE")]
    pub schema: Option<PathBuf>,
    /// Write a bundle of evidence with audit.json and audit.txt to this new folder
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Write these two files alone, into this folder that is there: what a bundle's second run does
    #[arg(long, value_name = "DIR", hide = true, conflicts_with = "out")]
    pub files: Option<PathBuf>,
    /// Record paths under home folders as they are
    #[arg(long)]
    pub keep_paths: bool,
}

/// A value that laws need and no trace holds.
#[derive(Debug, Clone, PartialEq)]
pub struct GivenValue {
    /// The number of the trace that it is for, from 1; all traces if there is none.
    pub trace: Option<usize>,
    /// Its name.
    pub name: String,
    /// The value, finite.
    pub value: f64,
}

fn given_value(text: &str) -> Result<GivenValue, Expected> {
    let read = || {
        let (name, value) = text.split_once('=')?;
        let (trace, name) = match name.split_once(':') {
            Some((trace, name)) => (Some(trace.parse().ok().filter(|n| *n > 0)?), name),
            None => (None, name),
        };
        let value = number(value).filter(|value| value.is_finite())?;
        (!name.is_empty()).then(|| GivenValue { trace, name: name.to_owned(), value })
    };
    read().ok_or(Expected("NAME=VALUE or TRACE:NAME=VALUE with a finite number"))
}
