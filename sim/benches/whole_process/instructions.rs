//! Instructions, counted by callgrind, of whole runs and per step: the figure that a busy machine does not change.
//! Not here: time.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::rows::{self, LIKE_SUPERVISOR, REFLECTIONS};
use crate::settings::Settings;
use crate::sides::{EXACT, FAST, REFERENCE, our_program};

/// Edges of the two detectors whose difference is taken: what both runs do but once falls out of it. The per-pixel part and
/// writing the image stay in.
const EDGES: [f64; 2] = [64.0, 192.0];
/// Rotation steps of the command.
const STEPS: f64 = 10.0;

/// An engine's count.
#[derive(serde::Serialize)]
pub struct Count {
    pub side: &'static str,
    pub per_step: f64,
}

/// What was counted, or why nothing was.
pub enum Instructions {
    Counted(Vec<Count>),
    NotRun(String),
}

impl Instructions {
    /// Instructions per step of an engine, or why there is no such number.
    pub fn of(&self, side: &str) -> Result<f64, String> {
        match self {
            Self::NotRun(why) => Err(why.clone()),
            Self::Counted(counts) => counts
                .iter()
                .find(|count| count.side == side)
                .map(|count| count.per_step)
                .ok_or_else(|| format!("{side} not counted")),
        }
    }
}

/// Counts, if requested and possible.
pub fn count(settings: &Settings) -> Result<Instructions, String> {
    if !settings.callgrind {
        return Ok(Instructions::NotRun("--callgrind was not given".to_owned()));
    }
    if !is_installed() {
        return Ok(Instructions::NotRun("valgrind is not installed".to_owned()));
    }
    let mut counts = vec![];
    for (side, own) in [(REFERENCE, ["reference", "f64"]), (EXACT, ["exact", "f64"]), (FAST, ["fast", "f64"])]
    {
        eprintln!("counting instructions of {side}");
        let [small, large] = [one(own, EDGES[0])?, one(own, EDGES[1])?];
        let steps = (EDGES[1] * EDGES[1] - EDGES[0] * EDGES[0]) * STEPS;
        counts.push(Count { side, per_step: (large - small) / steps });
    }
    Ok(Instructions::Counted(counts))
}

/// Whether instructions can be counted here.
pub fn is_installed() -> bool {
    let found = Command::new("valgrind").arg("--version").stdout(Stdio::null()).status();
    found.is_ok_and(|status| status.success())
}

/// Instructions of one run of the small or the large command.
fn one([engine, dtype]: [&str; 2], edge: f64) -> Result<f64, String> {
    let folder = tempfile::tempdir().map_err(|e| format!("cannot make a temporary folder: {e}"))?;
    fs::write(folder.path().join(REFLECTIONS), rows::reflections(REFLECTIONS))
        .map_err(|e| format!("cannot write `{REFLECTIONS}`: {e}"))?;
    let own = ["--parity", "--engine", engine, "--dtype", dtype];
    of_run(&own, &rows::command_line(LIKE_SUPERVISOR, &format!("-detpixels {edge}")), folder.path())
}

/// Instructions of one run of our program in a folder, on one thread.
pub fn of_run(own: &[&str], args: &[String], folder: &Path) -> Result<f64, String> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(our_program())
        .args(own)
        .args(["--threads", "1"])
        .args(args)
        .current_dir(folder)
        .stdout(Stdio::null())
        .output()
        .map_err(|e| format!("cannot run valgrind: {e}"))?;
    let text = String::from_utf8_lossy(&output.stderr);
    let collected =
        text.lines().find_map(|line| line.split_once("Collected :")).map(|(_, count)| count.trim());
    collected
        .and_then(|count| count.parse().ok())
        .filter(|_| output.status.success())
        .ok_or_else(|| format!("valgrind gave no count for {own:?} ({}): {text}", output.status))
}
