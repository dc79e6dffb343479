//! This executable as the simulator: for one run, or for several in one process, so that what a traced run leaves behind would show.
//!
//! Not here: judging it (`hygiene`).

use std::ffi::OsString;
use std::io::Write;
use std::path::Path;

use nanobragg::Pixel;
use nanobragg::error::InputError;
use serde::{Deserialize, Serialize};

use crate::capture::CaptureError;
use crate::capture::request::CaptureRequest;
use crate::evidence::bundle::digest;
use crate::evidence::given;
use crate::evidence::process::{Ending, Invocation, Runner};
use crate::simulator::{IN_TURN, OWN_SIMULATOR, own_arguments, trace_lines};

/// Runs the simulator once, or several times in one process, if `args` (with the program's name) ask for it; gives its exit
/// code.
pub fn as_simulator(args: &[OsString]) -> Option<u8> {
    if let Some(rest) = own_arguments(args) {
        return Some(nanobragg::run::run_cli(rest));
    }
    match (args.get(1)?, &args[2..]) {
        (word, [list, report]) if word == IN_TURN => Some(in_process(Path::new(list), Path::new(report))),
        _ => None,
    }
}

/// What one run of a process left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct After {
    /// Memory of the process in bytes.
    pub resident: u64,
    /// SHA-256 of the float and of the integer image.
    pub images: [String; 2],
}

/// Two processes of three runs each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InTurn {
    /// Memory in bytes after untraced, traced, untraced, and after three untraced runs.
    pub resident: [u64; 2],
    /// SHA-256 of the images of all runs.
    pub images: Vec<[String; 2]>,
    /// Trace lines on standard output, where no run was to put any.
    pub unrequested: usize,
}

/// Runs both processes; `None` where the simulator is not the one inside this program.
///
/// # Errors
/// A process cannot be run, fails, or leaves no report.
pub fn run(
    capture: &CaptureRequest,
    args: &[OsString],
    folder: &Path,
    runner: &dyn Runner,
) -> Result<Option<InTurn>, CaptureError> {
    if capture.simulator.program.leading.first().is_none_or(|word| word != OWN_SIMULATOR) {
        return Ok(None);
    }
    let mut out = InTurn { resident: [0; 2], images: Vec::new(), unrequested: 0 };
    for (slot, traced) in [[false, true, false], [false; 3]].into_iter().enumerate() {
        let (after, unrequested) =
            process(capture, args, &folder.join(format!("in-turn-{slot}")), traced, runner)?;
        out.resident[slot] = after.last().map_or(0, |last| last.resident);
        out.images.extend(after.into_iter().map(|a| a.images));
        out.unrequested += unrequested;
    }
    Ok(Some(out))
}

fn process(
    capture: &CaptureRequest,
    args: &[OsString],
    folder: &Path,
    traced: [bool; 3],
    runner: &dyn Runner,
) -> Result<(Vec<After>, usize), CaptureError> {
    std::fs::create_dir_all(folder).map_err(CaptureError::io(folder, "cannot be made"))?;
    let Pixel { slow, fast } = capture.pixels[0];
    let trace = ["--trace-pixel", &slow.to_string(), &fast.to_string(), "--trace-file", "trace.log"];
    let plain: Vec<String> = args.iter().map(|a| a.to_string_lossy().into_owned()).collect();
    let own = ["-floatfile", FLOAT, "-intfile", INT].map(str::to_owned);
    let runs = traced.map(|traced| {
        let more = if traced { trace.map(str::to_owned).to_vec() } else { Vec::new() };
        [plain.clone(), own.to_vec(), more].concat()
    });
    let list = folder.join("runs.json");
    let text = serde_json::json!(runs).to_string();
    std::fs::write(&list, text).map_err(CaptureError::io(&list, "cannot be written"))?;
    let report = folder.join("report.json");
    let logs = ["stdout.txt", "stderr.txt"].map(|log| folder.join(log));
    let invocation = Invocation {
        stdin: None,
        program: capture.simulator.program.path.clone(),
        args: vec![IN_TURN.into(), list.into(), report.clone().into()],
        folder: folder.to_owned(),
        exported: Vec::new(),
        stdout: logs[0].clone(),
        stderr: logs[1].clone(),
        time_limit: capture.time_limit,
    };
    let ending = runner.run(&invocation).map(|m| m.ending);
    if !matches!(ending, Ok(Ending::Exit(0))) {
        let how = ending.map_or_else(|error| error.to_string(), |ending| format!("{ending:?}"));
        return Err(CaptureError::InTurn(how));
    }
    let bytes = given::bytes(&report).map_err(CaptureError::io(&report, "cannot be read"))?;
    let after = serde_json::from_slice(&bytes).map_err(|e| {
        InputError::new(&report, format!("is no report: {e}"), "memory after each run, in JSON")
    })?;
    let printed = given::bytes(&logs[0]).map_err(CaptureError::io(&logs[0], "cannot be read"))?;
    Ok((after, trace_lines(&printed, true).lines().count()))
}

const FLOAT: &str = "float.bin";
const INT: &str = "int.img";

/// Inside the process: runs what the file at `list` says, and writes to `report` what each left; gives the exit code.
pub fn in_process(list: &Path, report: &Path) -> u8 {
    match runs(list).and_then(|after| {
        let text = serde_json::to_string(&after).map_err(InTurnError::Report)?;
        std::fs::write(report, text).map_err(InTurnError::Write)
    }) {
        Ok(()) => 0,
        Err(problem) => {
            let _ = writeln!(std::io::stderr(), "error: `{}`: {problem}", list.display());
            1
        }
    }
}

/// Why several runs in one process left no report.
#[derive(Debug, thiserror::Error)]
enum InTurnError {
    #[error("cannot be read: {0}")]
    Unreadable(std::io::Error),
    #[error("is no list of runs: {0}")]
    Form(serde_json::Error),
    #[error("a run ended with exit status {0}")]
    Run(u8),
    #[error("`{name}`: {source}")]
    Image { name: &'static str, source: std::io::Error },
    #[error(transparent)]
    Report(serde_json::Error),
    #[error(transparent)]
    Write(std::io::Error),
}

fn runs(list: &Path) -> Result<Vec<After>, InTurnError> {
    let bytes = given::bytes(list).map_err(InTurnError::Unreadable)?;
    let runs: Vec<Vec<String>> = serde_json::from_slice(&bytes).map_err(InTurnError::Form)?;
    let mut after = Vec::new();
    for command_line in runs {
        let args: Vec<OsString> = command_line.into_iter().map(OsString::from).collect();
        let code = nanobragg::run::run_cli(&args);
        if code != 0 {
            return Err(InTurnError::Run(code));
        }
        let digest = |name| match digest::of_file(Path::new(name)) {
            Ok((sha256, _)) => Ok(sha256),
            Err(source) => Err(InTurnError::Image { name, source }),
        };
        after.push(After { resident: resident().unwrap_or(0), images: [digest(FLOAT)?, digest(INT)?] });
    }
    Ok(after)
}

/// Memory of this process in bytes.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()? * 1024)
}
