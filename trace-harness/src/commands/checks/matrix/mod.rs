//! `trace-harness matrix`: from its arguments to a request, and from what came of it to the exit status.
//!
//! Not here: the arguments (`args`), the bundle (`evidence`), running cases (`matrix`).

mod args;
mod evidence;

use std::path::Path;
use std::time::Duration;

use serde_json::json;

use crate::cases::Cases;
use crate::commands::checks::{CheckFailure, CheckOutput};
use crate::commands::notice;
use crate::evidence::bundle::own_step::Clock;
use crate::evidence::bundle::recorder::Recorder;
use crate::evidence::exit::Exit;
use crate::evidence::failure::SystemError;
use crate::evidence::given::working_folder;
use crate::evidence::process::{Interrupt, Program, REFERENCE_VARIABLE, SystemRunner, named_by};
use crate::evidence::progress;
use crate::evidence::terminal::visible;
use crate::matrix::configuration::Configuration;
use crate::matrix::{CaseOutcome, MatrixRequest, Mode, report, run};
use crate::simulator::OWN_SIMULATOR;
use args::BUILT_IN;
use evidence::{keep, write_files};

pub use args::MatrixArgs;

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
    for notice_text in &cases.notices {
        notice(&format!("notice: {}", visible(notice_text)));
    }
    let request = request(args, &cases)?;
    let recorder = match &args.files {
        None => Some(Recorder::begin_in(args.bundle.place(&folder, "matrix"))?),
        Some(_) => None,
    };
    if let Some(recorder) = &recorder {
        let programs = [&request.simulator].into_iter().chain(&request.reference);
        recorder.check_variables(programs.map(|program| &program.path))?;
    }
    let interrupt = Interrupt::install().map_err(SystemError::Signals)?;
    let bar = progress::bar(request.chosen.len(), "cases", json);
    let runner = SystemRunner::new(interrupt.clone());
    let matrix = run(&request, &cases, &runner, &interrupt, &|| bar.inc(1))?;
    bar.finish_and_clear();
    let is_wrong =
        matrix.count(CaseOutcome::Fail) > 0 || !matrix.disagreements.is_empty() || matrix.interrupted;
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
        "pass": matrix.count(CaseOutcome::Pass),
        "fail": matrix.count(CaseOutcome::Fail),
        "undecided": matrix.count(CaseOutcome::Undecided),
        "absent_rows": matrix.count(CaseOutcome::Absent),
        "not_run": matrix.count(CaseOutcome::NotRun),
        "disagreements": matrix.disagreements,
        "changed": matrix.changed,
        "rows": matrix.rows,
        "reference": matrix.reference,
    });
    let mut notice_text = CheckOutput { text: report::to_text(&matrix), value };
    if let Some(out) = &args.files {
        write_files(&folder.join(out), &matrix)?;
    }
    if let Some(recorder) = recorder {
        let place = keep(recorder, args, &folder, &cases, &request, (&matrix, &clock.stop(code)))?;
        notice_text.add("folder", json!(place), &format!("evidence: {}", place.display()));
    }
    notice_text.print(json)?;
    Ok(code)
}

fn request(args: &MatrixArgs, cases: &Cases) -> Result<MatrixRequest, CheckFailure> {
    let chosen = cases.choose(&args.only, args.partition);
    if chosen.is_empty() {
        return Err(CheckFailure::NoCase);
    }
    Ok(MatrixRequest {
        simulator: simulator(args)?,
        reference: reference(args)?,
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

fn simulator(args: &MatrixArgs) -> Result<Program, CheckFailure> {
    if let Some(path) = args.program.as_ref().filter(|path| path.as_os_str() != BUILT_IN) {
        return Ok(Program::named(path, "the simulator")?);
    }
    let own = Program::this_executable();
    if args.program.is_none() {
        let beside = own.as_ref().ok().and_then(|own| Some(own.path.parent()?.join("nanobragg")));
        let found = beside.and_then(|path| Program::find(&path));
        if let Some(found) = found.or_else(|| Program::find(Path::new("nanobragg"))) {
            return Ok(found);
        }
    }
    Ok(own.map_err(CheckFailure::OwnExecutable)?.with(&[OWN_SIMULATOR]))
}

fn reference(args: &MatrixArgs) -> Result<Option<Program>, CheckFailure> {
    let path = named_by(REFERENCE_VARIABLE).filter(|_| !args.no_live);
    Ok(path.map(|path| Program::named(&path, "the reference")).transpose()?)
}
