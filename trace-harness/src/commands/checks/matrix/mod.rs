//! `trace-harness matrix`: from its arguments to a request, and from what came of it to the exit status.
//!
//! Not here: the arguments (`args`), the bundle (`evidence`), running cases (`matrix`).

mod args;
mod evidence;

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::json;

use crate::cases::Cases;
use crate::commands::checks::{CheckFailure, Said, working_folder};
use crate::evidence::bundle::own_step::Clock;
use crate::evidence::bundle::recorder::Recorder;
use crate::evidence::exit::Exit;
use crate::evidence::failure::SystemError;
use crate::evidence::process::find_program;
use crate::evidence::process::{Interrupt, RealRunner};
use crate::evidence::progress;
use crate::evidence::terminal::visible;
use crate::matrix::configuration::Configuration;
use crate::matrix::{Mode, Outcome, Request, Simulator, report, run};
use crate::simulator::OWN_SIMULATOR;
use evidence::{keep, write_files};

pub use args::MatrixArgs;

/// Stands for the simulator in this program.
const BUILT_IN: &str = "built-in";

/// Runs the command.
///
/// # Errors
/// Files that cannot be read or written, and wrong requests.
pub fn run_command(args: &MatrixArgs, json: bool) -> Result<Exit, CheckFailure> {
    let clock = Clock::start();
    let folder = working_folder()?;
    if let Some(code) = args.gate.check(&folder, json)? {
        return Ok(code);
    }
    let cases = Cases::read(&folder.join(&args.cases))?;
    for notice in &cases.notices {
        eprintln!("notice: {}", visible(notice));
    }
    let request = request(args, &cases, &folder)?;
    let recorder = match &args.files {
        None => Some(Recorder::begin_in(args.bundle.place(&folder, "matrix"))?),
        Some(_) => None,
    };
    if let Some(recorder) = &recorder {
        recorder.check_variables([&request.simulator.program].into_iter().chain(&request.reference))?;
    }
    let interrupt = Interrupt::install().map_err(SystemError::Signals)?;
    let bar = progress::bar(request.chosen.len(), "cases", json);
    let runner = RealRunner::new(interrupt.clone());
    let matrix = run(&request, &cases, &runner, &interrupt, &|| bar.inc(1))?;
    bar.finish_and_clear();
    let is_wrong = matrix.count(Outcome::Fail) > 0 || !matrix.disagreements.is_empty() || matrix.interrupted;
    let code = match (matrix.passed(), is_wrong) {
        (true, _) => Exit::Agrees,
        (false, true) => Exit::Differs,
        (false, false) => Exit::Undecided,
    };
    let value = json!({
        "configurations": matrix.configurations,
        "absent": matrix.absent,
        "machine": matrix.machine,
        "traces": matrix.traces(),
        "passed": matrix.passed(),
        "pass": matrix.count(Outcome::Pass),
        "fail": matrix.count(Outcome::Fail),
        "undecided": matrix.count(Outcome::Undecided),
        "absent_rows": matrix.count(Outcome::Absent),
        "not_run": matrix.count(Outcome::NotRun),
        "disagreements": matrix.disagreements,
        "changed": matrix.changed,
        "rows": matrix.rows,
        "reference": matrix.reference,
    });
    let mut said = Said { text: report::words(&matrix), value };
    if let Some(out) = &args.files {
        write_files(&folder.join(out), &matrix)?;
    }
    if let Some(recorder) = recorder {
        let place = keep(recorder, args, &folder, &cases, &request, (&matrix, &clock.stop(code)))?;
        said.add("folder", json!(place), &format!("evidence: {}", place.display()));
    }
    said.print(json)?;
    Ok(code)
}

fn request(args: &MatrixArgs, cases: &Cases, folder: &Path) -> Result<Request, CheckFailure> {
    let chosen = cases.choose(&args.only, args.partition);
    if chosen.is_empty() {
        return Err(CheckFailure::NoCase);
    }
    Ok(Request {
        simulator: simulator(args, folder)?,
        reference: if args.no_live { None } else { reference(folder)? },
        configurations: Configuration::all(&args.engine, &args.dtype, &args.device, &args.threads),
        chosen,
        jobs: args.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)),
        mode: match (args.isolated, args.suite) {
            (true, true) => Mode::Both,
            (false, true) => Mode::Suite,
            _ => Mode::Isolated,
        },
        max_ulp: args.max_ulp,
        time_limit: Some(Duration::from_secs(args.timeout.max(1))),
    })
}

fn simulator(args: &MatrixArgs, folder: &Path) -> Result<Simulator, CheckFailure> {
    let plain = |program| Simulator { program, first: Vec::new() };
    let own = std::env::current_exe();
    let given = args.program.as_ref().filter(|p| p.as_os_str() != BUILT_IN);
    if let Some(path) = given {
        let full = folder.join(path).canonicalize().ok().filter(|p| p.is_file());
        let missing = || CheckFailure::NoProgram(path.clone());
        return full.map(plain).ok_or_else(missing);
    }
    if args.program.is_none() {
        let beside = own.as_ref().ok().and_then(|p| Some(p.parent()?.join("nanobragg")));
        let found = beside.filter(|p| p.is_file()).or_else(|| find_program("nanobragg", folder));
        if let Some(found) = found.and_then(|p| p.canonicalize().ok()) {
            return Ok(plain(found));
        }
    }
    let program = own.map_err(CheckFailure::OwnExecutable)?;
    Ok(Simulator { program, first: vec![OWN_SIMULATOR.to_owned()] })
}

fn reference(folder: &Path) -> Result<Option<PathBuf>, CheckFailure> {
    let Some(path) = std::env::var_os("NB_C_BIN").filter(|v| !v.is_empty()) else { return Ok(None) };
    let full = folder.join(&path).canonicalize().ok().filter(|p| p.is_file());
    let missing = || CheckFailure::NoReference(PathBuf::from(&path));
    full.map(Some).ok_or_else(missing)
}
