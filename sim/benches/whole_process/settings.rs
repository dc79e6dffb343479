//! What the command line requests.
//! Not here: doing it.

use std::path::PathBuf;

pub const HELP: &str = "\
Time whole runs of nanobragg and of the C reference, in turn.

usage: cargo bench -p nanobragg --bench whole_process -- [OPTIONS]

  --rounds N       runs of every program per row (default: 5)
  --threads LIST   thread counts to measure, of 1 and 2 (default: 1,2)
  --row WORD       only rows whose name contains WORD
  --set LIST       goals: the rows of the goals table; grid: sizes, cells, shapes ...;
                   everyday: a small protein as people compute it; growth: twice, four and eight
                   times as much of everything; several with commas between them; all (default)
  --out DIR        write benchmark_YYYYMMDD_HHMMSS.json, benchmark.md and the plots there
  --json FILE      write the figures of every round there
  --callgrind      count instructions too (needs valgrind)
  --help           print this text

environment:
  NB_C_BIN            the C program; without it our reference engine is the yardstick
  NB_C_FASTMATH_BIN   the C program as built for one of the goals, with unsafe arithmetic but true comparisons
  NB_SUPERVISOR_DIR   folder with A.mat and scaled.hkl of the full-size command

examples:
  NB_C_BIN=./nanoBragg cargo bench -p nanobragg --bench whole_process -- --rounds 3 --out results
  cargo bench -p nanobragg --bench whole_process -- --row shape --threads 1
";

/// What to do.
pub enum Task {
    Help,
    /// What this program has a second copy of itself do (see `rows`).
    ListRows,
    Measure(Settings),
}

/// How to measure.
pub struct Settings {
    pub rounds: usize,
    pub threads: Vec<usize>,
    pub row: String,
    pub sets: Vec<String>,
    pub out: Option<PathBuf>,
    pub json: Option<PathBuf>,
    pub callgrind: bool,
}

/// Makes this program list the rows from the golden data and end.
pub const LIST_ROWS: &str = "--list-rows";

impl Settings {
    pub fn parse(arguments: impl Iterator<Item = String>) -> Result<Task, String> {
        let mut s = Self {
            rounds: 5,
            threads: vec![1, 2],
            row: String::new(),
            sets: vec!["all".to_owned()],
            out: None,
            json: None,
            callgrind: false,
        };
        let mut arguments = arguments;
        while let Some(word) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| format!("`{word}` needs a value"));
            match word.as_str() {
                "--rounds" => s.rounds = number(&value()?)?,
                "--threads" => s.threads = value()?.split(',').map(number).collect::<Result<_, _>>()?,
                "--row" => s.row = value()?,
                "--set" => s.sets = value()?.split(',').map(|name| name.trim().to_owned()).collect(),
                "--out" => s.out = Some(value()?.into()),
                "--json" => s.json = Some(value()?.into()),
                "--callgrind" => s.callgrind = true,
                "--help" | "-h" => return Ok(Task::Help),
                LIST_ROWS => return Ok(Task::ListRows),
                // Cargo adds it.
                "--bench" => {}
                _ => return Err(format!("unknown word `{word}`\nhint: --help lists what is known")),
            }
        }
        if let Some(unknown) =
            s.sets.iter().find(|set| !["all", "goals", "grid", "everyday", "growth"].contains(&set.as_str()))
        {
            return Err(format!("unknown set `{unknown}`, expected goals, grid, everyday, growth or all"));
        }
        Ok(Task::Measure(s))
    }
}

fn number(text: &str) -> Result<usize, String> {
    text.trim()
        .parse()
        .ok()
        .filter(|n| *n > 0)
        .ok_or_else(|| format!("`{text}` is not a count, expected a whole number above 0"))
}
