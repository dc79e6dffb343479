//! `trace-harness matrix`: arguments, files and exit status.
//!
//! Not here: running cases (`matrix`).

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use serde_json::json;

use crate::cases::{Cases, HELP, partition};
use crate::commands::checks::gate::GateFlag;
use crate::commands::checks::{BundleArgs, CheckFailure, Said, working_folder};
use crate::evidence::bundle::own_step::Clock;
use crate::evidence::bundle::recorder::Recorder;
use crate::evidence::exit::Exit;
use crate::evidence::process::find_program;
use crate::evidence::process::{Interrupt, RealRunner};
use crate::evidence::progress;
use crate::matrix::configuration::Configuration;
use crate::matrix::evidence::{keep, write_files};
use crate::matrix::{Mode, Outcome, Request, Simulator, report, run};
use crate::simulator::OWN_SIMULATOR;

/// Stands for the simulator in this program.
const BUILT_IN: &str = "built-in";

/// What `matrix` is asked.
#[derive(Debug, Args)]
#[command(after_help = format!("{HELP}\n{}", include_str!("matrix_help.txt")))]
pub struct MatrixArgs {
    /// The cases (see below)
    #[arg(value_name = "CASES.toml")]
    pub cases: PathBuf,
    /// Render engines
    #[arg(long, value_name = "NAME,...", value_delimiter = ',', default_value = "reference,exact")]
    pub engine: Vec<String>,
    /// Number types
    #[arg(long, value_name = "NAME,...", value_delimiter = ',', default_value = "f64")]
    pub dtype: Vec<String>,
    /// Where to compute
    #[arg(long, value_name = "NAME,...", value_delimiter = ',', default_value = "cpu")]
    pub device: Vec<String>,
    /// Numbers of threads; 0 for all cores
    #[arg(long, value_name = "N,...", value_delimiter = ',', default_value = "1")]
    pub threads: Vec<usize>,
    /// How many cases at once; as many as there are cores if not given
    #[arg(long, value_name = "N")]
    pub jobs: Option<usize>,
    /// The i-th of n parts of the cases
    #[arg(long, value_name = "I/N", value_parser = partition)]
    pub partition: Option<(usize, usize)>,
    /// Only cases whose name holds this text; repeatable
    #[arg(long, value_name = "TEXT")]
    pub only: Vec<String>,
    /// Each case in a process of its own (as without this flag; with --suite, both, and compared)
    #[arg(long)]
    pub isolated: bool,
    /// All cases of a configuration in one process
    #[arg(long)]
    pub suite: bool,
    /// Largest distance of two pixels of float images, in units of the last place
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub max_ulp: u32,
    /// The simulator; `nanobragg` beside this program or on the PATH if not given, else `built-in`: the one in this program,
    /// which --suite always takes
    #[arg(long, value_name = "FILE")]
    pub program: Option<PathBuf>,
    /// Do not compare with the program at NB_C_BIN
    #[arg(long)]
    pub no_live: bool,
    /// Time limit of each case
    #[arg(long, value_name = "S", default_value_t = 600)]
    pub timeout: u64,
    /// Record the files of the cases by digest instead of copying them into the bundle, which then does not run again alone
    #[arg(long)]
    pub no_copies: bool,
    /// Write the results into this folder that is there, and no bundle: what a bundle's second run does
    #[arg(long, value_name = "DIR", hide = true)]
    pub files: Option<PathBuf>,
    /// Where the bundle goes.
    #[command(flatten)]
    pub bundle: BundleArgs,
    /// Whether the gate is asked first.
    #[command(flatten)]
    pub gate: GateFlag,
}

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
    let cases = Cases::read(&folder.join(&args.cases)).map_err(|e| CheckFailure::Usage(e.to_string()))?;
    for notice in &cases.notices {
        eprintln!("notice: {notice}");
    }
    let request = request(args, &cases, &folder)?;
    let recorder = match &args.files {
        None => Some(Recorder::begin_in(args.bundle.place(&folder, "matrix"))?),
        Some(_) => None,
    };
    if let Some(recorder) = &recorder {
        recorder.check_variables([&request.simulator.program].into_iter().chain(&request.reference))?;
    }
    let interrupt =
        Interrupt::install().map_err(|e| CheckFailure::Input(format!("signals cannot be handled: {e}")))?;
    let bar = progress::bar(request.chosen.len(), "cases", json);
    let runner = RealRunner::new(interrupt.clone());
    let matrix = run(&request, &cases, &runner, &interrupt, &|| bar.inc(1)).map_err(CheckFailure::Input)?;
    bar.finish_and_clear();
    let code = match (matrix.passed(), matrix.count(Outcome::Pass) + matrix.count(Outcome::Fail)) {
        (true, _) => Exit::Agrees,
        (false, 0) => Exit::Undecided,
        (false, _) => Exit::Differs,
    };
    let value = json!({
        "configurations": matrix.configurations,
        "absent": matrix.absent,
        "machine": matrix.machine,
        "traces": matrix.traces(),
        "passed": matrix.passed(),
        "pass": matrix.count(Outcome::Pass),
        "fail": matrix.count(Outcome::Fail),
        "absent_rows": matrix.count(Outcome::Absent),
        "not_run": matrix.count(Outcome::NotRun),
        "disagreements": matrix.disagreements,
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
        return Err(CheckFailure::Usage(
            "no case is left: expected --only and --partition to choose some".to_owned(),
        ));
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
        let missing = || CheckFailure::Usage(format!("`{}`: there is no such program", path.display()));
        return full.map(plain).ok_or_else(missing);
    }
    if args.program.is_none() {
        let beside = own.as_ref().ok().and_then(|p| Some(p.parent()?.join("nanobragg")));
        let found = beside.filter(|p| p.is_file()).or_else(|| find_program("nanobragg", folder));
        if let Some(found) = found.and_then(|p| p.canonicalize().ok()) {
            return Ok(plain(found));
        }
    }
    let program = own.map_err(|e| CheckFailure::Input(format!("this program cannot be found: {e}")))?;
    Ok(Simulator { program, first: vec![OWN_SIMULATOR.to_owned()] })
}

fn reference(folder: &Path) -> Result<Option<PathBuf>, CheckFailure> {
    let Some(path) = std::env::var_os("NB_C_BIN").filter(|v| !v.is_empty()) else { return Ok(None) };
    let full = folder.join(&path).canonicalize().ok().filter(|p| p.is_file());
    let missing =
        || CheckFailure::Usage(format!("NB_C_BIN: there is no program `{}`", Path::new(&path).display()));
    full.map(Some).ok_or_else(missing)
}
