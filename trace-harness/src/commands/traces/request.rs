//! What `capture` and `hygiene` share: which simulator runs which configuration.
//!
//! Not here: what is done with it.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use nanobragg::Pixel;
use nanobragg::error::UsageError;

use crate::capture::CaptureError;
use crate::capture::config::Config;
use crate::capture::request::{CaptureRequest, Switches, Who, simulator};
use crate::commands::notice;
use crate::commands::values;
use crate::evidence::process::{REFERENCE_VARIABLE, named_by};

/// Which simulator runs which configuration.
#[derive(Debug, Args)]
pub(crate) struct RequestArgs {
    /// Configuration: protein, protein-rotation, simple-cubic, supervisor, or a TOML file with arguments and input files
    #[arg(long, value_name = "NAME|FILE", default_value = "protein")]
    config: String,
    /// Pixel to trace; repeatable [default: that of the configuration]
    #[arg(long = "pixel", num_args = 2, value_names = ["SLOW", "FAST"])]
    pixels: Vec<usize>,
    /// Folder with the configuration's input files
    #[arg(long, value_name = "DIR")]
    inputs: Option<PathBuf>,
    /// What happens at phi = 0: as specified, or as in the reference
    #[arg(long, value_parser = ["spec", "c-parity"])]
    phi_mode: Option<String>,
    /// Render engine of the simulator
    #[arg(long, value_name = "NAME")]
    engine: Option<String>,
    /// Number type to compute in [default: f64]
    #[arg(long, value_parser = ["f64", "f32"])]
    dtype: Option<String>,
    /// Device to compute on [default: cpu]
    #[arg(long, value_parser = ["cpu", "gpu"])]
    device: Option<String>,
    /// Run this program, which has to know this project's options, instead of the simulator inside this one
    #[arg(long, value_name = "PROGRAM", conflicts_with = "reference")]
    candidate: Option<PathBuf>,
    /// Run the trace-instrumented C program at NB_C_BIN
    #[arg(long)]
    reference: bool,
    /// End a run after this many seconds
    #[arg(long, value_name = "S", allow_negative_numbers = true, value_parser = values::seconds)]
    timeout: Option<f64>,
    /// Folder that holds the topics of bundles
    #[arg(long, default_value = "reports", value_name = "DIR")]
    reports: PathBuf,
    /// Record paths under home folders as they are
    #[arg(long)]
    keep_paths: bool,
}

/// The request with every path absolute.
pub(crate) fn request(args: &RequestArgs, folder: &Path) -> Result<CaptureRequest, CaptureError> {
    let config = Config::load(&args.config, folder)?;
    let pairs = args.pixels.as_chunks::<2>().0;
    let given: Vec<Pixel> = pairs.iter().map(|&[slow, fast]| Pixel { slow, fast }).collect();
    let pixels = if given.is_empty() { config.pixels.clone() } else { given };
    if pixels.is_empty() {
        let problem = format!("configuration `{}` names no pixel", config.name);
        return Err(UsageError::new(problem, "--pixel SLOW FAST").into());
    }
    if args.timeout.is_some_and(|t| !(t > 0.0 && t < 1e9)) {
        return Err(UsageError::new("`--timeout`: is not above 0, or above 1e9", "seconds").into());
    }
    let switches = Switches {
        phi_mode: args.phi_mode.clone(),
        engine: args.engine.clone(),
        dtype: args.dtype.clone(),
        device: args.device.clone(),
    };
    let (simulator, more) = simulator(&who(args)?, &switches)?;
    Ok(CaptureRequest {
        config,
        pixels,
        simulator,
        more,
        dtype: args.dtype.clone().unwrap_or_else(|| "f64".to_owned()),
        device: args.device.clone().unwrap_or_else(|| "cpu".to_owned()),
        inputs: args.inputs.as_ref().map(|path| folder.join(path)),
        folder: folder.to_owned(),
        reports: folder.join(&args.reports),
        keep_paths: args.keep_paths,
        time_limit: args.timeout.map(Duration::from_secs_f64),
    })
}

fn who(args: &RequestArgs) -> Result<Who, CaptureError> {
    if !args.reference {
        return Ok(args.candidate.clone().map_or(Who::Own, Who::Candidate));
    }
    match named_by(REFERENCE_VARIABLE) {
        Some(path) => Ok(Who::Reference(path)),
        None => Err(UsageError::new(format!("`--reference`: {REFERENCE_VARIABLE} is not set"), "it to name the C program")
            .hint("a trace needs a build with trace instrumentation, which prints `TRACE_C:` lines for `-trace_pixel`")
            .into()),
    }
}

/// Prints what is being done, on a terminal.
pub(crate) fn print_progress(json: bool, what: &str) {
    if !json && std::io::stderr().is_terminal() {
        notice(what);
    }
}
