//! `hygiene`: is tracing opt-in, from the command line to the exit status.
//!
//! Not
//! here: what is run and looked at (`hygiene`).

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::capture::CaptureError;
use crate::commands::traces::request::{RequestArgs, print_progress, request};
use crate::commands::values;
use crate::commands::{print_line, real_runner};
use crate::evidence::exit::Exit;
use crate::evidence::given::working_folder;
use crate::hygiene::{self, HygieneFinding};
use crate::simulator::Simulator;

pub(crate) const EXAMPLES: &str = "\
Examples:
  trace-harness hygiene
      run the protein untraced, traced and untraced, five times over, and compare images, output, time and memory
  NB_C_BIN=./nanoBragg-traced trace-harness hygiene --config simple-cubic --reference --plain ./nanoBragg
      the same of the trace-instrumented C program, and what its trace code costs while it is off: the ratio to the
      program without

Exit status: 0 tracing is opt-in, 1 usage, 2 the simulator failed, 3 it is not, 5 chance hides the cost, or a file is missing or
cannot be written, 6 interrupted.";

/// Arguments of `hygiene`.
#[derive(Debug, Args)]
pub struct HygieneArgs {
    #[command(flatten)]
    request: RequestArgs,
    /// How many times untraced, traced and untraced
    #[arg(long, default_value_t = 5, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
    rounds: u16,
    /// A build of the simulator without trace code, to measure what trace code costs while it is off
    #[arg(long, value_name = "PROGRAM")]
    plain: Option<PathBuf>,
    /// Fail when trace code that is off costs more than this ratio, and more than chance does; undecided where chance alone makes as
    /// much
    #[arg(long, value_name = "RATIO", requires = "plain", allow_negative_numbers = true, value_parser = values::ratio)]
    max_cost: Option<f64>,
}

/// Runs it and gives its exit status.
pub(crate) fn run(args: &HygieneArgs, json: bool) -> Result<Exit, CaptureError> {
    let folder = working_folder()?;
    let capture = request(&args.request, &folder)?;
    let plain = args
        .plain
        .as_ref()
        .map(|path| Simulator::named(path, "the build without trace code", capture.simulator.dialect));
    let plain = plain.transpose()?;
    let request = hygiene::HygieneRequest {
        capture: &capture,
        rounds: usize::from(args.rounds),
        plain: plain.as_ref(),
        max_cost: args.max_cost,
    };
    let finding = hygiene::hygiene(&request, &real_runner()?, &|name| {
        print_progress(json, &format!("running {name}"))
    })?;
    print_line(&if json { format!("{:#}", json!(finding)) } else { to_text(&finding) })?;
    Ok(finding.verdict.exit())
}

fn to_text(finding: &HygieneFinding) -> String {
    let mut text = String::new();
    for check in &finding.checks {
        let word = match check.passed {
            Some(true) => "yes",
            Some(false) => "NO ",
            None => "-  ",
        };
        text += &format!("{word} {}\n      {}\n", check.name, check.detail);
    }
    text + &format!("{}\nevidence: {}", finding.verdict, finding.folder.display())
}
