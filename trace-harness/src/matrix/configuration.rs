//! The simulator, the ways in which it can be run, and which of them this build has.
//!
//! Not here: running cases.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::evidence::given;
use crate::evidence::process::{Ending, Invocation, Program, Runner, Temporary};

/// Time that a tiny image may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// A command line that every build can render in no time.
const TINY: &str = "-default_F 100 -cell 100 100 100 90 90 90 -lambda 1 -N 1 -distance 100 -detpixels 4 -pixel 1 \
                    -floatfile probe.bin -intfile probe.img -nonoise -nopgm -noprogress";

/// One way to run the simulator.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Configuration {
    /// Render engine.
    pub engine: String,
    /// Number type of the computation.
    pub dtype: String,
    /// Where it runs.
    pub device: String,
    /// Threads; 0 for as many as the simulator likes.
    pub threads: usize,
}

impl Configuration {
    /// Every combination, the engine changing slowest.
    pub fn all(engines: &[String], dtypes: &[String], devices: &[String], threads: &[usize]) -> Vec<Self> {
        let mut all = Vec::new();
        for engine in engines {
            for dtype in dtypes {
                for device in devices {
                    all.extend(threads.iter().map(|&threads| Self {
                        engine: engine.clone(),
                        dtype: dtype.clone(),
                        device: device.clone(),
                        threads,
                    }));
                }
            }
        }
        all
    }

    /// In words: `exact f64 cpu, 2 threads`.
    pub fn label(&self) -> String {
        let threads = match self.threads {
            0 => String::new(),
            1 => ", 1 thread".to_owned(),
            n => format!(", {n} threads"),
        };
        format!("{} {} {}{threads}", self.engine, self.dtype, self.device)
    }

    /// The simulator's own options for it. Double precision and the processor are its defaults.
    pub fn flags(&self) -> Vec<String> {
        let mut flags = vec!["--parity".to_owned(), "--engine".to_owned(), self.engine.clone()];
        if self.dtype != "f64" {
            flags.extend(["--dtype".to_owned(), self.dtype.clone()]);
        }
        if self.device != "cpu" {
            flags.extend(["--device".to_owned(), self.device.clone()]);
        }
        if self.threads > 0 {
            flags.extend(["--threads".to_owned(), self.threads.to_string()]);
        }
        flags
    }

    /// Why this build or machine does not have it; none if it does. Found out by asking the program for its options, and by
    /// rendering a tiny image.
    pub fn absent(&self, simulator: &Program, runner: &dyn Runner) -> Option<String> {
        let (_, help) = call(simulator, &["--help".to_owned()], runner);
        for (option, value, usual) in [("--dtype", &self.dtype, "f64"), ("--device", &self.device, "cpu")] {
            if value != usual && !help.contains(option) {
                return Some(format!("this build has no `{option}`: it computes with {usual} only"));
            }
        }
        let mut args = self.flags();
        args.extend(TINY.split_whitespace().map(str::to_owned));
        match call(simulator, &args, runner) {
            (Some(Ending::Exit(0)), _) => None,
            (_, output) => {
                let line = output.lines().map(str::trim).find(|l| l.starts_with("error"));
                let line = line
                    .or_else(|| output.lines().find(|l| !l.trim().is_empty()))
                    .unwrap_or("no reason given");
                Some(line.trim_start_matches("error:").trim().to_owned())
            }
        }
    }
}

/// How a program ends, and what it says in either stream.
fn call(simulator: &Program, args: &[String], runner: &dyn Runner) -> (Option<Ending>, String) {
    let Ok(folder) = Temporary::new() else { return (None, "no temporary folder".to_owned()) };
    let (stdout, stderr) = (folder.path().join("stdout"), folder.path().join("stderr"));
    let invocation = Invocation {
        stdin: None,
        program: simulator.path.clone(),
        args: simulator.leading.iter().cloned().chain(args.iter().map(Into::into)).collect(),
        folder: folder.path().to_owned(),
        exported: Vec::new(),
        stdout: stdout.clone(),
        stderr: stderr.clone(),
        time_limit: Some(PATIENCE),
    };
    match runner.run(&invocation) {
        Err(e) => (None, e.to_string()),
        Ok(measured) => {
            let text = [stderr, stdout].map(|p| given::bytes(&p).unwrap_or_default());
            (Some(measured.ending), text.map(|t| String::from_utf8_lossy(&t).into_owned()).join("\n"))
        }
    }
}
