//! `capture`: tracing pixels of a configuration, from the command line to the exit status.
//!
//! Not here: what the command does (`capture`), what `hygiene` shares with it (`request`).

use std::path::PathBuf;

use clap::{Args, Subcommand};
use nanobragg::engine::TraceDepth;
use serde_json::json;

use crate::capture::{self, CaptureError, Captured};
use crate::commands::notice;
use crate::commands::traces::hygiene;
use crate::commands::traces::request::{RequestArgs, print_progress, request};
use crate::commands::{print_line, real_runner};
use crate::evidence::exit::Exit;
use crate::evidence::failure::Failure;
use crate::evidence::given::working_folder;
use crate::evidence::wording::counted;

const CAPTURE_EXAMPLES: &str = "\
Examples:
  trace-harness capture --out trace.log
      trace the brightest pixel of the protein that is brought along, and keep the evidence under reports/capture/
  trace-harness capture --config supervisor --inputs DIR --pixel 1039 685 --phi-mode c-parity --out rs.log
      the full-size command, whose A.mat and scaled.hkl are in DIR, as the reference treats phi = 0
  NB_C_BIN=./nanoBragg trace-harness capture --config simple-cubic --reference --out c.log
      the same of the trace-instrumented C program; compare with `trace-harness diff c.log rs.log --allow-missing set-up`

Exit status: 0 done, 1 usage, 2 the simulator failed or printed no trace, 5 a file is missing or cannot be written, 6 interrupted.";

/// The commands that run a simulator on a configuration.
#[derive(Debug, Subcommand)]
pub enum CaptureCommand {
    /// Trace some pixels of a configuration and keep the evidence
    #[command(after_help = CAPTURE_EXAMPLES)]
    Capture(CaptureArgs),
    /// Check that tracing is opt-in: the same images, no line unasked, what it costs, nothing left over
    #[command(after_help = hygiene::EXAMPLES)]
    Hygiene(hygiene::HygieneArgs),
}

/// Arguments of `capture`.
#[derive(Debug, Args)]
pub struct CaptureArgs {
    #[command(flatten)]
    request: RequestArgs,
    /// How deep the trace goes
    #[arg(long, default_value = "pixel", value_parser = ["pixel", "source", "phi", "step"])]
    depth: String,
    /// Include the rotated cell of every rotation step
    #[arg(long)]
    emit_rot_stars: bool,
    /// Write the trace to this file too, beside the evidence
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Runs one and gives its exit status.
pub fn run(command: &CaptureCommand, json: bool) -> Exit {
    let result = match command {
        CaptureCommand::Capture(args) => capture(args, json),
        CaptureCommand::Hygiene(args) => hygiene::run(args, json),
    };
    result.unwrap_or_else(|failure| {
        let place = match &failure {
            CaptureError::Simulator { folder, .. } => Some(format!("evidence: {}", folder.display())),
            _ => None,
        };
        let exit = Failure::from(failure).report();
        place.iter().for_each(|place| notice(place));
        exit
    })
}

fn capture(args: &CaptureArgs, json: bool) -> Result<Exit, CaptureError> {
    let folder = working_folder()?;
    let request = request(&args.request, &folder)?;
    let depth = match args.depth.as_str() {
        "source" => TraceDepth::Source,
        "phi" => TraceDepth::Phi,
        "step" => TraceDepth::Step,
        _ => TraceDepth::Pixel,
    };
    let out = args.out.as_ref().map(|path| folder.join(path));
    let options = capture::CaptureOptions {
        request: &request,
        depth,
        rotated_cells: args.emit_rot_stars,
        out: out.as_deref(),
    };
    print_progress(json, &format!("tracing {}", request.config.name));
    let captured = capture::capture(&options, &real_runner()?)?;
    let text = match json {
        true => format!("{:#}", json!(captured)),
        false => to_text(&captured),
    };
    print_line(&text)?;
    let complete = captured.pixels.len() == request.pixels.len();
    Ok(if complete { Exit::Agrees } else { Exit::Differs })
}

fn to_text(captured: &Captured) -> String {
    let steps = match captured.phi_steps {
        0 => String::new(),
        n => format!(", {}", counted(n, "rotation step")),
    };
    let mut text = format!(
        "{} of {} ({}){steps}\ntrace: {}\nevidence: {}",
        counted(captured.lines, "line"),
        counted(captured.pixels.len(), "pixel"),
        captured.label,
        captured.trace.display(),
        captured.folder.display()
    );
    captured.remarks.iter().for_each(|remark| text += &format!("\nnote: {remark}"));
    text
}
