//! `trace-harness profile`: arguments, runs, bundle and exit status.
//!
//! Not here: judging runs (`profile`).

use std::path::{Path, PathBuf};

use clap::Args;
use nanobragg::chart;
use serde_json::json;

use crate::commands::checks::gate::GateFlag;
use crate::commands::checks::{BundleArgs, CheckFailure, CheckOutput};
use crate::commands::{real_runner, values};
use crate::evidence::bundle::manifest;
use crate::evidence::bundle::recorder::{Child, Recorder};
use crate::evidence::bundle::summary::{OutputFile, Status, Step, Tolerance};
use crate::evidence::exit::Exit;
use crate::evidence::given::working_folder;
use crate::evidence::process::{Invocation, Runner, Temporary, find_program};
use crate::evidence::progress;
use crate::profile::guardrails::{GivenLimits, LimitLevel};
use crate::profile::history::{self, Same, WARM_UP};
use crate::profile::report::{closing, to_text};
use crate::profile::{Baseline, Profile, plot, profile};

/// Arguments of `profile`.
#[derive(Debug, Args)]
#[command(after_help = include_str!("help.txt"))]
pub struct ProfileArgs {
    /// How many times the command is run
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=999))]
    pub runs: u16,
    /// How many times the command is run before, so that caches are filled; these runs do not count
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u16).range(0..=999))]
    pub warmup: u16,
    /// Folder to look for earlier bundles of the same command; repeatable
    #[arg(long, value_name = "DIR")]
    pub history: Vec<PathBuf>,
    /// A bundle of the same command to compare with
    #[arg(long, value_name = "DIR")]
    pub baseline: Option<PathBuf>,
    /// A warning counts as outside
    #[arg(long)]
    pub strict: bool,
    /// Expected wall time
    #[arg(long, value_name = "S", allow_negative_numbers = true, value_parser = values::seconds)]
    pub expected: Option<f64>,
    /// Part of the expected time that the mean may be off
    #[arg(long, value_name = "PART", allow_negative_numbers = true, value_parser = values::above_zero)]
    pub tolerance: Option<f64>,
    /// A run from this time on is a warning
    #[arg(long, value_name = "S", allow_negative_numbers = true, value_parser = values::seconds)]
    pub warning: Option<f64>,
    /// A run above this time is outside
    #[arg(long, value_name = "S", allow_negative_numbers = true, value_parser = values::seconds)]
    pub maximum: Option<f64>,
    /// A run below this time is incomplete
    #[arg(long, value_name = "S", allow_negative_numbers = true, value_parser = values::seconds)]
    pub minimum: Option<f64>,
    /// End a run after this time
    #[arg(long, value_name = "S", allow_negative_numbers = true, value_parser = values::seconds)]
    pub timeout: Option<f64>,
    /// Where the bundle goes.
    #[command(flatten)]
    pub bundle: BundleArgs,
    /// Whether the gate comes first.
    #[command(flatten)]
    pub gate: GateFlag,
    /// The command and its arguments, after `--`; `{out}/results` stands for the folder of its results
    #[arg(last = true, required = true)]
    pub command: Vec<String>,
}

/// Limits have to be in their order.
fn check_limits(args: &ProfileArgs) -> Result<(), CheckFailure> {
    let named = [
        ("--minimum", args.minimum),
        ("--expected", args.expected),
        ("--warning", args.warning),
        ("--maximum", args.maximum),
    ];
    let given: Vec<(&'static str, f64)> =
        named.into_iter().filter_map(|(name, s)| Some((name, s?))).collect();
    match given.windows(2).find(|pair| pair[0].1 > pair[1].1) {
        None => Ok(()),
        Some(pair) => Err(CheckFailure::Limits { larger: pair[0], smaller: pair[1] }),
    }
}

/// Runs the command.
///
/// # Errors
/// The program is not there, earlier bundles cannot be read, or the bundle cannot be written.
pub fn run(args: &ProfileArgs, json: bool) -> Result<Exit, CheckFailure> {
    let folder = working_folder()?;
    check_limits(args)?;
    if let Some(code) = args.gate.check(&folder, json)? {
        return Ok(code);
    }
    let runner = real_runner()?;
    let bar = progress::bar(usize::from(args.warmup) + usize::from(args.runs), "runs", json);
    let own_memory = own_memory(&runner, &folder);
    let (found, code, place) = run_with(args, &folder, (&runner, own_memory), &|| bar.inc(1))?;
    bar.finish_and_clear();
    let mut output =
        CheckOutput { text: to_text(&found), value: serde_json::to_value(&found).unwrap_or_default() };
    output.add("folder", json!(place), &format!("evidence: {}", place.display()));
    output.print(json)?;
    Ok(code)
}

/// The same with any runner, and the memory that it counts as the command's: what was found, the exit status, and the bundle.
///
/// # Errors
/// As [`run`].
pub fn run_with(
    args: &ProfileArgs,
    folder: &Path,
    (runner, own_memory): (&dyn Runner, u64),
    progress: &dyn Fn(),
) -> Result<(Profile, Exit, PathBuf), CheckFailure> {
    let mut recorder = Recorder::begin_in(args.bundle.place(folder, "profile"))?;
    let work = prepare(args, folder, &mut recorder)?;
    let baseline = baseline(args, folder, &work.recorded, &recorder)?;
    let mut steps = Vec::new();
    let warm_up = (1..=args.warmup).map(|n| format!("{WARM_UP}{n:03}"));
    for name in warm_up.chain((1..=args.runs).map(|n| format!("run-{n:03}"))) {
        let step = one(&work, &name, args.timeout, runner, &mut recorder)?;
        progress();
        let interrupted = step.status == Status::Interrupted;
        steps.push(step);
        if interrupted {
            break;
        }
    }
    // What is there now is of the last run: each writes over what the one before it left.
    if let Some(last) = steps.last_mut() {
        let left =
            manifest::collect(recorder.folder())?.into_iter().filter(|e| e.path.starts_with("results/"));
        last.outputs = left.map(|e| OutputFile { path: e.path, tolerance: Tolerance::Exact }).collect();
    }
    let found = profile(&steps, usize::from(args.runs), own_memory, baseline, given(args));
    let failed = steps.iter().any(|step| !step.succeeded());
    let code = if failed { Exit::Program } else { code(found.level, args.strict) };
    let history = plot::chart(&found.history, &seconds(&steps), &found.guardrails);
    let text = serde_json::to_string_pretty(&found)?;
    recorder.result("results/profile.json", text + "\n")?;
    recorder.result("results/history.svg", chart::file(std::slice::from_ref(&history)))?;
    steps.into_iter().for_each(|step| recorder.step(step));
    let place = recorder.finish(closing(&found, code, &history))?.place;
    Ok((found, code, place))
}

fn given(args: &ProfileArgs) -> GivenLimits {
    GivenLimits {
        expected_s: args.expected,
        tolerance: args.tolerance,
        warning_s: args.warning,
        maximum_s: args.maximum,
        minimum_s: args.minimum,
    }
}

fn code(level: LimitLevel, strict: bool) -> Exit {
    match (level, strict) {
        (LimitLevel::Outside, _) | (LimitLevel::Warning, true) => Exit::Differs,
        _ => Exit::Agrees,
    }
}

/// The command, ready to be run and as it is recorded.
struct ProfiledCommand {
    program: PathBuf,
    command_line: Vec<String>,
    recorded: Vec<String>,
    folder: PathBuf,
}

fn prepare(
    args: &ProfileArgs,
    folder: &Path,
    recorder: &mut Recorder,
) -> Result<ProfiledCommand, CheckFailure> {
    let first = &args.command[0];
    let missing = || CheckFailure::NoProgram(first.into());
    let program = find_program(first, folder).ok_or_else(missing)?;
    recorder.program(&program)?;
    let out = recorder.folder().to_string_lossy().into_owned();
    let mut command_line: Vec<String> = args.command.iter().map(|w| w.replace("{out}", &out)).collect();
    for word in &mut command_line[1..] {
        let path = folder.join(&*word);
        if !word.is_empty() && path.is_file() {
            recorder.input(&path)?;
            *word = path.to_string_lossy().into_owned();
        }
    }
    recorder.staging().place("results/x")?;
    let mut recorded = Vec::new();
    for word in &command_line {
        recorded.push(recorder.record(word)?);
    }
    // A program given by its bare name keeps it, as in bundles of `run`.
    if first.contains('/') {
        recorded[0] = recorder.record(&program.to_string_lossy())?;
    }
    Ok(ProfiledCommand { program, command_line, recorded, folder: folder.to_owned() })
}

fn baseline(
    args: &ProfileArgs,
    folder: &Path,
    recorded: &[String],
    recorder: &Recorder,
) -> Result<Baseline, CheckFailure> {
    let environment = recorder.environment()?;
    let same = Same { command: recorded, environment: &environment };
    let folders: Vec<PathBuf> = args.history.iter().map(|f| folder.join(f)).collect();
    let named = match &args.baseline {
        None => None,
        Some(path) => Some(
            history::read(&folder.join(path), &same).ok_or_else(|| CheckFailure::NoBaseline(path.clone()))?,
        ),
    };
    Ok(Baseline { named, history: history::find(&folders, &same)? })
}

fn one(
    work: &ProfiledCommand,
    name: &str,
    limit: Option<f64>,
    runner: &dyn Runner,
    recorder: &mut Recorder,
) -> Result<Step, CheckFailure> {
    let mut step = Step::planned(name, work.recorded.clone(), "{work}", "");
    step.time_limit_s = limit;
    let child = Child {
        stdin: None,
        program: work.program.clone(),
        args: work.command_line[1..].iter().map(Into::into).collect(),
        folder: work.folder.clone(),
        exported: Vec::new(),
    };
    recorder.run(&mut step, child, runner)?;
    Ok(step)
}

fn seconds(steps: &[Step]) -> Vec<f64> {
    steps.iter().filter(|s| !s.name.starts_with(WARM_UP)).filter_map(|s| s.wall_s).collect()
}

/// The peak memory that is measured of a program that needs next to none, in bytes: the pages that a child shares with this process
/// until it becomes another program. 0 where there is no such program.
fn own_memory(runner: &dyn Runner, folder: &Path) -> u64 {
    let measured = || {
        let logs = Temporary::new().ok()?;
        let invocation = Invocation {
            stdin: None,
            program: find_program("true", folder)?,
            args: Vec::new(),
            folder: folder.to_owned(),
            exported: Vec::new(),
            stdout: logs.path().join("stdout"),
            stderr: logs.path().join("stderr"),
            time_limit: None,
        };
        Some(runner.run(&invocation).ok()?.peak_memory)
    };
    measured().unwrap_or(0)
}

#[cfg(test)]
mod tests;
