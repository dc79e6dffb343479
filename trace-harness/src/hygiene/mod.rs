//! Is tracing opt-in? Untraced, traced and untraced runs of a configuration: the same images, no trace line unasked, what it
//! costs, and nothing left over.
//!
//! Not here: what the trace says (`audit`), ratios in words (`cost`).

pub mod cost;
pub mod in_turn;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use nanobragg::Pixel;
use nanobragg::engine::TraceDepth;
use serde::Serialize;

use crate::capture::CaptureError;
use crate::capture::request::{self, CaptureRequest};
use crate::evidence::bundle::closing::{Closing, Page};
use crate::evidence::bundle::digest;
use crate::evidence::bundle::metrics::Metrics;
use crate::evidence::bundle::recorder::Recorder;
use crate::evidence::given;
use crate::evidence::page::{markdown, section, table};
use crate::evidence::process::Runner;
use crate::evidence::verdict::Verdict;
use crate::simulator::{self, Call, Simulator, SimulatorRun, trace_lines};
use cost::{Cost, RunGroup};
use in_turn::InTurn;
pub use in_turn::as_simulator;

/// The check of what trace code costs while it is off.
const OFF: &str = "tracing that is off costs no more than allowed";

/// The request.
#[derive(Debug, Clone)]
pub struct HygieneRequest<'a> {
    /// What is run; its first pixel is the one that is traced.
    pub capture: &'a CaptureRequest,
    /// How many times untraced, traced and untraced.
    pub rounds: usize,
    /// A build of the simulator without trace code.
    pub plain: Option<&'a Simulator>,
    /// The largest ratio that is allowed for tracing that is compiled in but off.
    pub max_cost: Option<f64>,
}

/// One thing that has to be true.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HygieneCheck {
    /// What.
    pub name: &'static str,
    /// Whether it is; absent where it could not be looked at.
    pub passed: Option<bool>,
    /// What was found.
    pub detail: String,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HygieneFinding {
    /// The bundle.
    pub folder: PathBuf,
    /// `UNDECIDED` where a limit of the cost is finer than chance.
    pub verdict: Verdict,
    /// Everything that was looked at.
    pub checks: Vec<HygieneCheck>,
    /// What tracing costs.
    pub cost: Cost,
    /// One process that ran untraced, traced, untraced, beside one that never traced; only where the simulator is inside this
    /// program.
    pub in_turn: Option<InTurn>,
}

/// One run, looked at.
struct Looked {
    group: RunGroup,
    images: [String; 2],
    trace_lines: usize,
    cpu: f64,
    memory: u64,
}

/// Runs everything and looks at it. `progress` hears of each run before it starts.
///
/// # Errors
/// As for a capture: the simulator does not deliver, or the evidence cannot be written.
pub fn hygiene(
    request: &HygieneRequest<'_>,
    runner: &dyn Runner,
    progress: &dyn Fn(&str),
) -> Result<HygieneFinding, CaptureError> {
    let capture = request.capture;
    let (_kept, temporary) = request::temporary()?;
    let mut recorder = capture.recorder("hygiene", &temporary)?;
    let resolved = capture.enter(&mut recorder, &temporary)?;
    if let Some(plain) = request.plain {
        recorder.program(&plain.program.path)?;
    }
    recorder.check_variables([])?;
    let args = capture.arguments(&resolved);
    let mut looked = Vec::new();
    for round in 1..=request.rounds {
        for group in RunGroup::ALL {
            let Some(simulator) = simulator_of(request, group) else { continue };
            let name = format!("{}-{round}", group.name());
            progress(&name);
            let pixels = if group == RunGroup::Traced { &capture.pixels[..1] } else { &[] };
            let call = call(capture, &name, simulator, &args, pixels, &temporary);
            let ran = match simulator::run(&call, runner) {
                Ok(ran) => ran,
                Err(error) => return Err(give_up(recorder, capture, error)),
            };
            for run in &ran.runs {
                let step = run.step(&recorder)?;
                recorder.step(step);
            }
            looked.push(look(group, &ran)?);
        }
    }
    progress("one process, untraced, traced, untraced");
    let in_turn = in_turn::run(capture, &args, &temporary, runner)?;
    let cost = cost::cost(&looked.iter().map(|l| (l.group, l.cpu)).collect::<Vec<_>>());
    let checks = checks(&looked, &cost, in_turn.as_ref(), request.max_cost);
    finish(recorder, request, HygieneResults { checks, cost, in_turn })
}

struct HygieneResults {
    checks: Vec<HygieneCheck>,
    cost: Cost,
    in_turn: Option<InTurn>,
}

fn simulator_of<'a>(request: &HygieneRequest<'a>, group: RunGroup) -> Option<&'a Simulator> {
    if group == RunGroup::Plain { request.plain } else { Some(&request.capture.simulator) }
}

fn call<'a>(
    capture: &'a CaptureRequest,
    name: &'a str,
    simulator: &'a Simulator,
    args: &'a [OsString],
    pixels: &'a [Pixel],
    folder: &'a Path,
) -> Call<'a> {
    let depth = TraceDepth::Phi;
    let time_limit = capture.time_limit;
    Call { name, simulator, args, pixels, depth, trace_file: None, beside: &[], folder, time_limit }
}

fn give_up(
    mut recorder: Recorder,
    capture: &CaptureRequest,
    error: simulator::SimulatorError,
) -> CaptureError {
    let entered = error.runs().iter().try_for_each(|run| {
        let step = run.step(&recorder)?;
        recorder.step(step);
        Ok(())
    });
    let reason = error.to_string().lines().next().unwrap_or_default().to_owned();
    let title = format!("tracing of {}", capture.config.name);
    let closed = entered.and_then(|()| recorder.finish(Closing::of("hygiene", title, Verdict::Fail, reason)));
    match closed {
        Ok(made) => CaptureError::Simulator { error, folder: made.place },
        Err(refused) => refused.into(),
    }
}

/// Images by their digests, which are then removed: a round leaves many of one detector.
fn look(group: RunGroup, ran: &SimulatorRun) -> Result<Looked, CaptureError> {
    let mut images = [String::new(), String::new()];
    let folder = ran.float_image.parent().unwrap_or(Path::new("."));
    for (digest, name) in images.iter_mut().zip(["float.bin", "int.img"]) {
        let path = folder.join(name);
        *digest = digest::of_file(&path).map_err(CaptureError::io(&path, "cannot be read"))?.0;
        std::fs::remove_file(&path).map_err(CaptureError::io(&path, "cannot be removed"))?;
    }
    let mut lines = 0;
    for log in ran.runs.iter().flat_map(|run| &run.logs) {
        let bytes = given::bytes(log).map_err(CaptureError::io(log, "cannot be read"))?;
        lines += trace_lines(&bytes, true).lines().count();
    }
    if let Some(trace) = &ran.trace {
        let bytes = given::bytes(trace).map_err(CaptureError::io(trace, "cannot be read"))?;
        lines = trace_lines(&bytes, true).lines().count();
    }
    let cpu = ran.runs.iter().map(|run| run.measured.cpu.as_secs_f64()).sum();
    let memory = ran.runs.iter().map(|run| run.measured.peak_memory).max().unwrap_or_default();
    Ok(Looked { group, images, trace_lines: lines, cpu, memory })
}

/// How much memory may grow without being called growth: pages of the allocator and of the loader.
fn room(bytes: u64) -> u64 {
    (bytes / 20).max(2 << 20)
}

fn checks(
    looked: &[Looked],
    cost: &Cost,
    in_turn: Option<&InTurn>,
    max_cost: Option<f64>,
) -> Vec<HygieneCheck> {
    let of = |group: RunGroup| looked.iter().filter(move |l| l.group == group);
    let own = || looked.iter().filter(|l| l.group != RunGroup::Plain);
    let first = &looked[0].images;
    let differing = own().filter(|l| l.images != *first).count();
    let unrequested: usize =
        looked.iter().filter(|l| l.group != RunGroup::Traced).map(|l| l.trace_lines).sum();
    let traced = of(RunGroup::Traced).map(|l| l.trace_lines).min().unwrap_or(0);
    let peak = |group: RunGroup| of(group).map(|l| l.memory).min().unwrap_or(0);
    let [before, after] = [RunGroup::Before, RunGroup::After].map(peak);
    let mut checks = vec![
        HygieneCheck {
            name: "images are the same bytes",
            passed: Some(differing == 0),
            detail: format!("{} runs, {differing} with another float or integer image", own().count()),
        },
        HygieneCheck {
            name: "no trace line unasked",
            passed: Some(unrequested == 0),
            detail: format!("{unrequested} trace lines in the output of untraced runs"),
        },
        HygieneCheck {
            name: "traced runs do trace",
            passed: Some(traced > 0),
            detail: format!("{traced} trace lines in each traced run at least"),
        },
        HygieneCheck {
            name: "memory no higher after a traced run",
            passed: Some(after <= before + room(before)),
            detail: format!("peak of untraced runs {before} bytes before, {after} after"),
        },
    ];
    checks.push(in_one_process(in_turn, first));
    let passed = max_cost.and_then(|max| cost.within(max));
    let detail = match (max_cost, passed) {
        (Some(max), None) => format!(
            "{}; untraced runs differ by as much as the limit of {max} among themselves",
            cost.to_text()
        ),
        (Some(max), _) => format!("{}; at most {max} is allowed", cost.to_text()),
        (None, _) => cost.to_text(),
    };
    checks.push(HygieneCheck { name: OFF, passed, detail });
    checks
}

fn in_one_process(in_turn: Option<&InTurn>, images: &[String; 2]) -> HygieneCheck {
    let name = "nothing is left over in the process";
    let Some(found) = in_turn else {
        let detail =
            "not looked at: only the simulator inside this program runs several times in one process";
        return HygieneCheck { name, passed: None, detail: detail.to_owned() };
    };
    let same = found.images.iter().all(|i| i == images);
    let [with, without] = found.resident;
    HygieneCheck {
        name,
        passed: Some(same && found.unrequested == 0 && with <= without + room(without)),
        detail: format!(
            "after untraced, traced, untraced in one process {with} bytes are resident, after three untraced runs \
             {without}; the images are {}the same bytes; {} trace lines on standard output",
            if same { "" } else { "not " },
            found.unrequested
        ),
    }
}

fn finish(
    mut recorder: Recorder,
    request: &HygieneRequest<'_>,
    found: HygieneResults,
) -> Result<HygieneFinding, CaptureError> {
    let HygieneResults { checks, cost, in_turn } = found;
    let failed: Vec<&str> = checks.iter().filter(|c| c.passed == Some(false)).map(|c| c.name).collect();
    let hidden = request.max_cost.is_some() && checks.iter().any(|c| c.name == OFF && c.passed.is_none());
    let (verdict, reason) = match failed.as_slice() {
        [] if hidden => (
            Verdict::Undecided,
            "what tracing costs while it is off cannot be told from chance; expected more rounds, or a longer run".to_owned(),
        ),
        [] => {
            (Verdict::Pass, "tracing is opt-in: the images are the same and nothing is left over".to_owned())
        }
        failed => (Verdict::Fail, format!("not so: {}", failed.join("; "))),
    };
    let word = |check: &HygieneCheck| match check.passed {
        Some(true) => "yes",
        Some(false) => "NO",
        None => "not judged",
    };
    let rows: Vec<Vec<String>> = checks
        .iter()
        .map(|check| vec![check.name.to_owned(), word(check).to_owned(), check.detail.clone()])
        .collect();
    let lines = rows.iter().map(|row| markdown::row(&[&*row[0], &row[1], &markdown::text(&row[2])]));
    let analysis = markdown::head(&["what", "so", "found"]) + &lines.collect::<String>();
    for check in checks.iter().filter(|c| c.passed.is_none()) {
        recorder.open_point(&format!("{}: {}", check.name, check.detail))?;
    }
    recorder.staging().write_json("results/hygiene.json", &(&checks, &cost, &in_turn))?;
    let checked = table("What was looked at", &["what", "so", "found"], &rows);
    let mut figures = vec![("checks", checks.len() as f64), ("failed", failed.len() as f64)];
    figures.extend(cost.off().map(|ratio| ("cost_off", ratio)));
    let title = format!("tracing of {}", request.capture.config.name);
    let made = recorder.finish(Closing {
        metrics: Metrics::of(figures),
        analysis,
        page: Page::Sections(section("checks", "Checks", &checked)),
        ..Closing::of("hygiene", title, verdict, reason)
    })?;
    let folder = made.place;
    Ok(HygieneFinding { folder, verdict, checks, cost, in_turn })
}
