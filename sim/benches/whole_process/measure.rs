//! Running and timing: every side in turn, in a fresh folder each.
//! Not here: which command lines (`rows`), what the numbers are compared with (`goals`).

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use serde_json::Value;
use wait4::Wait4;

use crate::images::{Comparison, compare};
use crate::instructions;
use crate::rows::{self, Row};
use crate::settings::Settings;
use crate::sides::{EXACT, FAST, Side, our_program};

/// Resources of one measurement: seconds, bytes.
#[derive(Clone, Copy, serde::Serialize)]
pub struct Cost {
    pub user_s: f64,
    pub system_s: f64,
    pub wall_s: f64,
    pub peak_bytes: f64,
}

impl Cost {
    /// Processor seconds.
    pub fn cpu(&self) -> f64 {
        self.user_s + self.system_s
    }
}

/// What a side took.
pub struct Taken {
    pub side: &'static str,
    pub rounds: Vec<Cost>,
    pub median: Cost,
    /// Instructions of one run, in millions, where they were counted.
    pub instructions: Option<f64>,
    /// Its float image against the yardstick's.
    pub against_yardstick: Option<Comparison>,
    /// Its float image against the exact engine's.
    pub against_exact: Option<Comparison>,
}

/// A row at one number of threads.
pub struct Measured {
    pub name: String,
    pub set: &'static str,
    pub threads: usize,
    pub runs: u32,
    pub args: Vec<String>,
    pub pixels: f64,
    /// Terms added up over the whole image.
    pub steps: f64,
    /// Pixels by path, as the exact engine reports.
    pub rendered: Value,
    pub sides: Vec<Taken>,
}

impl Measured {
    /// Median of a side.
    pub fn of(&self, side: &str) -> Option<&Cost> {
        self.sides.iter().find(|taken| taken.side == side).map(|taken| &taken.median)
    }
}

/// Measures a row.
pub fn row(row: &Row, threads: usize, sides: &[Side], settings: &Settings) -> Result<Measured, String> {
    let kept = tempfile::tempdir().map_err(|e| format!("cannot make a temporary folder: {e}"))?;
    let summary = summary(row)?;
    let sides: Vec<&Side> = sides.iter().filter(|side| row.has(side.name)).collect();
    let mut costs = vec![vec![]; sides.len()];
    for round in 0..settings.rounds {
        for (side, costs) in sides.iter().zip(&mut costs) {
            let keep = (round == 0).then(|| kept.path().join(side.name));
            costs.push(measure(row, side, threads, keep.as_deref())?);
        }
    }
    let image = |name: &str| kept.path().join(name);
    let taken = |(side, rounds): (&&Side, Vec<Cost>)| -> Result<Taken, String> {
        let yardstick = sides[0].name;
        let against = |other: &str| {
            let there = side.name != other && image(other).exists();
            there.then(|| compare(&image(other), &image(side.name))).transpose()
        };
        Ok(Taken {
            side: side.name,
            median: median(&rounds),
            rounds,
            instructions: if threads == 1 && settings.callgrind { instructions_of(row, side)? } else { None },
            against_yardstick: against(yardstick)?,
            against_exact: against(EXACT)?,
        })
    };
    let taken = sides.iter().zip(costs).map(taken).collect::<Result<Vec<_>, _>>()?;
    Ok(Measured { sides: taken, ..measured(row, threads, &summary) })
}

/// Instructions of a run of the exact or of the fast engine, in millions; of others none are counted.
fn instructions_of(row: &Row, side: &Side) -> Result<Option<f64>, String> {
    let counted = row.is_counted() && [EXACT, FAST].contains(&side.name);
    if !counted || !instructions::is_installed() {
        return Ok(None);
    }
    let folder = folder(row)?;
    instructions::of_run(&side.own, &row.args, folder.path()).map(|count| Some(count / 1e6))
}

/// What is known of a row without measuring.
fn measured(row: &Row, threads: usize, summary: &Value) -> Measured {
    let number = |path: &str| summary.pointer(path).and_then(Value::as_f64).unwrap_or(f64::NAN);
    let pixels = number("/statistics/pixels");
    let layers = number("/configuration/detector/thickness/steps").max(1.0);
    Measured {
        name: row.name.clone(),
        set: row.set,
        threads,
        runs: row.runs,
        args: row.args.iter().map(|word| without_folder(word)).collect(),
        pixels,
        steps: pixels * number("/experiment/steps") * layers,
        rendered: summary.get("pixels_rendered").cloned().unwrap_or(Value::Null),
        sides: vec![],
    }
}

/// Reports carry no folders of this machine.
fn without_folder(word: &str) -> String {
    let path = Path::new(word);
    let name = path.file_name().filter(|_| path.is_absolute());
    name.map_or_else(|| word.to_owned(), |name| name.to_string_lossy().into_owned())
}

/// What our program says about the run. Not timed.
fn summary(row: &Row) -> Result<Value, String> {
    let folder = folder(row)?;
    let mut command = Command::new(our_program());
    command.args(["--parity", "--engine", "exact", "--json"]).args(&row.args).current_dir(folder.path());
    let output = command.output().map_err(|e| format!("cannot run nanobragg: {e}"))?;
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr);
        return Err(format!("row `{}` failed ({}): {why}", row.name, output.status));
    }
    // Outside the object there may be lines of progress.
    let text = String::from_utf8_lossy(&output.stdout);
    let object = text.lines().rev().find(|line| line.starts_with('{')).unwrap_or_default();
    serde_json::from_str(object).map_err(|e| format!("row `{}`: summary is not JSON: {e}", row.name))
}

/// An empty folder, but for the row's input.
fn folder(row: &Row) -> Result<tempfile::TempDir, String> {
    let folder = tempfile::tempdir().map_err(|e| format!("cannot make a temporary folder: {e}"))?;
    if let Some(list) = row.reflections {
        let path = folder.path().join(list);
        fs::write(&path, rows::reflections(list))
            .map_err(|e| format!("cannot write `{}`: {e}", path.display()))?;
    }
    Ok(folder)
}

fn measure(row: &Row, side: &Side, threads: usize, keep: Option<&Path>) -> Result<Cost, String> {
    let mut sum = Cost { user_s: 0.0, system_s: 0.0, wall_s: 0.0, peak_bytes: 0.0 };
    for _ in 0..row.runs {
        let folder = folder(row)?;
        let mut command = Command::new(&side.program);
        command.args(&side.own);
        if side.ours {
            command.arg("--threads").arg(threads.to_string());
        }
        command.args(&row.args).current_dir(folder.path()).env("OMP_NUM_THREADS", threads.to_string());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let start = Instant::now();
        let mut child =
            command.spawn().map_err(|e| format!("cannot run `{}`: {e}", side.program.display()))?;
        let used = child.wait4().map_err(|e| format!("no resources of `{}`: {e}", side.name))?;
        sum.wall_s += start.elapsed().as_secs_f64();
        if !used.status.success() {
            return Err(format!("{} failed on row `{}`: {}", side.name, row.name, used.status));
        }
        sum.user_s += used.rusage.utime.as_secs_f64();
        sum.system_s += used.rusage.stime.as_secs_f64();
        sum.peak_bytes = sum.peak_bytes.max(used.rusage.maxrss as f64);
        if let Some(keep) = keep {
            let from = folder.path().join("float.bin");
            fs::copy(&from, keep).map_err(|e| format!("cannot keep `{}`: {e}", from.display()))?;
        }
    }
    Ok(sum)
}

/// Median of each quantity by itself.
fn median(costs: &[Cost]) -> Cost {
    let middle = |of: fn(&Cost) -> f64| {
        let mut values: Vec<f64> = costs.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        (values[(values.len() - 1) / 2] + values[values.len() / 2]) / 2.0
    };
    Cost {
        user_s: middle(|c| c.user_s),
        system_s: middle(|c| c.system_s),
        wall_s: middle(|c| c.wall_s),
        peak_bytes: middle(|c| c.peak_bytes),
    }
}
