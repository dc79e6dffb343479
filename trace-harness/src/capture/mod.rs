//! Tracing some pixels of a configuration, and keeping trace, settings and environment as evidence.
//!
//! Not here: what the trace says (`diff`, `audit`), the command line (`cli`).

pub mod config;
mod error;
pub mod levels;
pub mod request;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use nanobragg::Pixel;
use nanobragg::engine::TraceDepth;
use serde::Serialize;
use serde_json::json;

use crate::evidence::bundle::BundleError;
use crate::evidence::bundle::closing::{Closing, Page};
use crate::evidence::bundle::metrics::Metrics;
use crate::evidence::bundle::recorder::Recorder;
use crate::evidence::bundle::summary::{OutputFile, Tolerance};
use crate::evidence::given;
use crate::evidence::page::{markdown, section, table};
use crate::evidence::process::Runner;
use crate::evidence::verdict::Verdict;
use crate::evidence::wording::counted;
use crate::pixel_pair::Paired;
use crate::simulator::{self, Call, Dialect, SimulatorRun};
use crate::trace::log;
use config::Resolved;
use request::CaptureRequest;

pub use error::CaptureError;

/// A capture to be done.
#[derive(Debug, Clone)]
pub struct CaptureOptions<'a> {
    /// What is traced.
    pub request: &'a CaptureRequest,
    /// How deep the main trace goes.
    pub depth: TraceDepth,
    /// Whether the cells of the rotation steps are part of it.
    pub rotated_cells: bool,
    /// The absolute file that the main trace goes to, beside the one in the evidence.
    pub out: Option<&'a Path>,
}

/// A capture that was done, or tried.
#[derive(Debug, Clone, Serialize)]
pub struct Captured {
    /// The bundle.
    pub folder: PathBuf,
    /// The main trace.
    pub trace: PathBuf,
    /// What the program calls itself in it.
    pub label: String,
    /// Lines of the main trace.
    pub lines: usize,
    /// Rotation steps of the trace, each counted once.
    pub phi_steps: usize,
    /// Pixels in it.
    #[serde(serialize_with = "crate::pixel_pair::serialize")]
    pub pixels: Vec<Pixel>,
    /// What there is to remark.
    pub remarks: Vec<String>,
}

/// The name of the trace exactly as the program wrote it, at the depth of rotation steps or below.
const FULL: &str = "results/trace.full.log";
/// The main trace.
const MAIN: &str = "results/trace.log";

/// Traces the pixels of the request.
///
/// # Errors
/// See [`CaptureError`]. A simulator that fails leaves a bundle all the same.
pub fn capture(options: &CaptureOptions<'_>, runner: &dyn Runner) -> Result<Captured, CaptureError> {
    let request = options.request;
    if let Some(out) = options.out {
        given::writable(
            out,
            request.config.path.iter().chain([&request.simulator.program.path]).map(PathBuf::as_path),
        )?;
    }
    let temporary = request::temporary()?;
    let mut recorder = request.recorder("capture", &temporary.1)?;
    let resolved = request.enter(&mut recorder, &temporary.1)?;
    if let Some(out) = options.out {
        given::writable(out, resolved.files.iter().map(PathBuf::as_path))?;
    }
    recorder.check_variables([])?;
    recorder.staging().write_json("results/config.json", &snapshot(options, &resolved, &recorder)?)?;
    let full = recorder.staging().place(FULL)?;
    let args: Vec<OsString> = request.arguments(&resolved);
    let call = Call {
        name: "trace",
        simulator: &request.simulator,
        args: &args,
        pixels: &request.pixels,
        depth: options.depth.max(TraceDepth::Phi),
        trace_file: Some(&full),
        beside: &[],
        folder: &temporary.1,
        time_limit: request.time_limit,
    };
    match simulator::run(&call, runner) {
        Ok(ran) => finish(options, recorder, &ran, resolved),
        Err(error) => {
            for run in error.runs() {
                let step = run.step(&recorder)?;
                recorder.step(step);
            }
            let reason = error.to_string().lines().next().unwrap_or_default().to_owned();
            let folder = close(recorder, options, (Verdict::Fail, reason), &[], Metrics::default())?;
            Err(CaptureError::Simulator { error, folder })
        }
    }
}

/// The settings of a capture, in full.
fn snapshot(
    options: &CaptureOptions<'_>,
    resolved: &Resolved,
    recorder: &Recorder,
) -> Result<serde_json::Value, BundleError> {
    let request = options.request;
    let arguments = request.arguments(resolved);
    let arguments = arguments.iter().map(|w| recorder.record(&w.to_string_lossy()));
    let path = request.config.path.as_ref().map(|p| recorder.record(&p.to_string_lossy())).transpose()?;
    Ok(json!({
        "schema": "nanobragg-rs/capture",
        "version": 1,
        "config": request.config.name,
        "config_file": path,
        "about": request.config.about,
        "simulator": recorder.record(&request.simulator.program.path.to_string_lossy())?,
        "reference": request.simulator.dialect == Dialect::Reference,
        "arguments": arguments.collect::<Result<Vec<_>, _>>()?,
        "pixels": request.pixels.to_pairs(),
        "depth": options.depth,
        "rotated_cells": options.rotated_cells,
        "dtype": request.dtype,
        "device": request.device,
    }))
}

fn finish(
    options: &CaptureOptions<'_>,
    mut recorder: Recorder,
    ran: &SimulatorRun,
    resolved: Resolved,
) -> Result<Captured, CaptureError> {
    let own = options.request.simulator.dialect == Dialect::Own;
    for run in &ran.runs {
        let mut step = run.step(&recorder)?;
        if own {
            step.outputs.push(OutputFile { path: FULL.to_owned(), tolerance: Tolerance::Exact });
        }
        recorder.step(step);
    }
    let full = recorder.folder().join(FULL);
    let bytes = given::bytes(&full).map_err(CaptureError::io(&full, "cannot be read"))?;
    let full = String::from_utf8_lossy(&bytes);
    let main = levels::main_trace(&full, options.depth, options.rotated_cells);
    let log = log::read_bytes(main.as_bytes(), Path::new(MAIN))?;
    recorder.staging().write(MAIN, &main)?;
    let mut remarks = resolved.remarks;
    let mut phi_steps = 0;
    match levels::phi_trace(&full, options.rotated_cells) {
        Some(text) => {
            phi_steps = levels::rotation_steps(&text);
            recorder.staging().write("results/phi.trace", &text)?;
            recorder
                .staging()
                .write_json("results/phi.json", &levels::phi_table(&full, options.rotated_cells)?)?;
        }
        None => remarks.push("the program prints no lines of rotation steps".to_owned()),
    }
    let mut pixels: Vec<Pixel> = Vec::new();
    for segment in &log.segments {
        if let Some(pixel) = segment.subject.pixel()
            && !pixels.contains(&pixel)
            && !segment.lines.is_empty()
        {
            pixels.push(pixel);
        }
    }
    let untraced = options.request.pixels.iter().filter(|p| !pixels.contains(p));
    remarks.extend(
        untraced.map(|Pixel { slow, fast }| format!("pixel slow {slow}, fast {fast} is not in the trace")),
    );
    remarks.iter().try_for_each(|remark| recorder.open_point(remark))?;
    let lines = main.lines().count();
    let verdict =
        if pixels.len() == options.request.pixels.len() { Verdict::Pass } else { Verdict::Undecided };
    let reason = format!("{} of {}", counted(lines, "line"), counted(pixels.len(), "pixel"));
    let rows = [
        ("label", log.label.clone()),
        ("lines", lines.to_string()),
        ("rotation steps", phi_steps.to_string()),
    ];
    let figures = [("lines", lines), ("phi_steps", phi_steps), ("pixels", pixels.len())];
    let metrics = Metrics::of(figures.map(|(name, n)| (name, n as f64)));
    let folder = close(recorder, options, (verdict, reason), &rows, metrics)?;
    if let Some(out) = options.out {
        nanobragg::output::write_whole(out, main.as_bytes())
            .map_err(CaptureError::io(out, "cannot be written"))?;
    }
    let trace = options.out.map_or_else(|| folder.join(MAIN), Path::to_owned);
    Ok(Captured { folder, trace, label: log.label, lines, phi_steps, pixels, remarks })
}

fn close(
    recorder: Recorder,
    options: &CaptureOptions<'_>,
    (verdict, reason): (Verdict, String),
    facts: &[(&str, String)],
    metrics: Metrics,
) -> Result<PathBuf, BundleError> {
    let pixels: Vec<String> =
        options.request.pixels.iter().map(|p| format!("slow {}, fast {}", p.slow, p.fast)).collect();
    let mut rows: Vec<Vec<String>> = vec![
        vec![
            "configuration".into(),
            format!("{}: {}", options.request.config.name, options.request.config.about),
        ],
        vec!["pixels".into(), pixels.join("; ")],
    ];
    rows.extend(facts.iter().map(|(name, value)| vec![(*name).to_owned(), value.clone()]));
    let analysis = rows.iter().map(|row| markdown::row(&[&*row[0], &markdown::text(&row[1])]));
    let analysis = markdown::head(&["what", "value"]) + &analysis.collect::<String>();
    let traced = table("What was traced", &["what", "value"], &rows);
    let title = format!("trace of {}", options.request.config.name);
    let made = recorder.finish(Closing {
        metrics,
        analysis,
        page: Page::Sections(section("trace", "Trace", &traced)),
        ..Closing::of("capture", title, verdict, reason)
    })?;
    Ok(made.place)
}
