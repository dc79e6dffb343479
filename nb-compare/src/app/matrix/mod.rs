//! A whole matrix: every case run and compared, several at a time, and one bundle of evidence about all.
//!
//! Not here: one case (`matrix_case`), and how the result is shown (`matrix`).

pub mod case;

use std::collections::BTreeSet;
use std::path::Path;

use chrono::Utc;
use serde_json::{Map, Value, json};
use trace_harness::cases::{self, Case, Cases, Workplace};
use trace_harness::evidence::bundle::environment::{self, Environment};
use trace_harness::evidence::bundle::paths::Paths;
use trace_harness::evidence::bundle::staging::{Staging, Target};
use trace_harness::evidence::bundle::summary::{SCHEMA, Summary, VERSION};
use trace_harness::evidence::bundle::{commands, digest, inputs, ro_crate, utc};
use trace_harness::evidence::exit::Exit;
use trace_harness::evidence::page::bundle_page;
use trace_harness::evidence::process::{Interrupt, RealRunner};

use crate::app::console;
use crate::app::matrix::case::{Bench, Part};
use crate::cache::Cache;
use crate::cli::{MatrixOptions, Options};
use crate::compare::metrics::DEFINITIONS;
use crate::failure::Failure;
use crate::matrix::{Done, Tally, junit, section};
use crate::runner::Program;

/// The programs of a matrix.
pub struct Sides {
    /// The reference, unless every case brings an image.
    pub reference: Option<Program>,
    /// The program to judge.
    pub candidate: Program,
    /// Where runs of the reference are kept.
    pub cache: Option<Cache>,
}

/// Runs the matrix in `file`; gives the exit code, which is that of its worst case.
///
/// # Errors
/// The list of cases cannot be read or is empty, or the evidence cannot be written.
pub fn run(file: &Path, sides: Sides, options: &MatrixOptions, folder: &Path) -> Result<Exit, Failure> {
    let list = Cases::read(file)?;
    for notice in &list.notices {
        console::notice(notice);
    }
    let chosen = list.choose(&options.only, options.partition);
    if chosen.is_empty() {
        return Err(Failure::usage("no case is left", "--only and --partition leave out all of them"));
    }
    let staging = Staging::begin(target(file, options, folder))?;
    let made = Utc::now();
    let interrupt =
        Interrupt::install().map_err(|e| Failure::Other(format!("signals cannot be handled: {e}")))?;
    let runner = RealRunner::new(interrupt.clone());
    // Beside the evidence, so that what is kept of it can be moved.
    let parts = tempfile::Builder::new().prefix(".parts-").tempdir_in(staging.folder());
    let parts = parts.map_err(|e| Failure::Other(format!("no temporary folder: {e}")))?;
    let bar = console::bar(&options.options, chosen.len() as u64);
    let bench = Bench {
        reference: sides.reference,
        candidate: sides.candidate,
        cache: sides.cache,
        timeout: options.timeout,
        keep: options.keep_images,
        options: Options { quiet: true, ..options.options.clone() },
        folder: &list.base,
        parts: parts.path(),
        runner: &runner,
    };
    let told = |case: &Case, done: bool| match done {
        true => bar.inc(1),
        false => bar.set_message(case.name.clone()),
    };
    let workplace = Workplace::new(&list)?;
    let done = cases::run(&workplace, (&chosen, jobs(options)), &interrupt, &bench, &told)?;
    bar.finish_and_clear();
    let mut evidence = Gathered::of(done.into_iter().flatten().collect(), &staging, options)?;
    drop(parts);
    inputs::take(&staging, &mut evidence.paths, file, inputs::COPY_LIMIT, &mut evidence.inputs)?;
    let tally = Tally::of(&evidence.done, chosen.len());
    let summary = evidence.write(&staging, &tally, file, utc(made), options)?;
    let place = staging.publish()?;
    console::matrix(&options.options, &evidence.done, &tally, &place, &summary)
        .map_err(|e| Failure::Other(format!("standard output: {e}")))?;
    Ok(tally.exit_code)
}

fn jobs(options: &MatrixOptions) -> usize {
    options.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, std::num::NonZero::get))
}

fn target(file: &Path, options: &MatrixOptions, folder: &Path) -> Target {
    match &options.options.outdir {
        Some(path) => Target::Exact(folder.join(path)),
        None => {
            let digest = digest::of_bytes(file.as_os_str().as_encoded_bytes());
            let name = format!("{}-matrix-{}", Utc::now().format("%Y%m%d-%H%M%S"), &digest[..8]);
            Target::Numbered(folder.join("comparisons").join(name))
        }
    }
}

/// All parts put together.
struct Gathered {
    /// The worst first.
    done: Vec<Done>,
    steps: Vec<trace_harness::evidence::bundle::summary::Step>,
    inputs: Vec<inputs::InputFile>,
    environment: Environment,
    paths: Paths,
}

impl Gathered {
    fn of(parts: Vec<Part>, staging: &Staging, options: &MatrixOptions) -> Result<Self, Failure> {
        let paths = Paths::new(options.options.keep_paths);
        let (mut done, mut steps, mut inputs) = (Vec::new(), Vec::new(), Vec::new());
        let (mut binaries, mut known) = (Vec::new(), BTreeSet::new());
        for part in parts {
            part.move_into(staging, &mut inputs)?;
            steps.extend(part.steps);
            binaries.extend(part.binaries.into_iter().filter(|b| known.insert(b.sha256.clone())));
            done.push(part.done);
        }
        done.sort_by(|a: &Done, b: &Done| {
            let (a, b) = (a.badness(), b.badness());
            b.0.cmp(&a.0).then(b.1.total_cmp(&a.1))
        });
        let environment = environment::gather(binaries, &paths)?;
        Ok(Self { done, steps, inputs, environment, paths })
    }

    fn write(
        &mut self,
        staging: &Staging,
        tally: &Tally,
        file: &Path,
        created: String,
        options: &MatrixOptions,
    ) -> Result<Map<String, Value>, Failure> {
        let title = format!("matrix {}", file.file_name().unwrap_or_default().to_string_lossy());
        let summary = Summary {
            schema: SCHEMA.to_owned(),
            version: VERSION,
            kind: "matrix".to_owned(),
            title: title.clone(),
            verdict: tally.outcome,
            reason: tally.reason.clone(),
            created,
            steps: std::mem::take(&mut self.steps),
            inputs: std::mem::take(&mut self.inputs),
            open_points: Vec::new(),
        };
        let mut fields = match serde_json::to_value(&summary) {
            Ok(Value::Object(fields)) => fields,
            _ => Map::new(),
        };
        fields.insert("counts".to_owned(), json!(tally));
        fields.insert("cases".to_owned(), json!(self.done));
        let xml = junit(&title, &self.done).map_err(Failure::Other)?;
        if let Some(path) = &options.junit {
            std::fs::write(path, &xml)
                .map_err(|e| Failure::Other(format!("`{}`: cannot be written: {e}", path.display())))?;
        }
        staging.write("commands.txt", commands::render(&summary.steps))?;
        staging.write_json("env.json", &self.environment)?;
        staging.write_json("summary.json", &fields)?;
        staging.write_json("metrics.json", &self.metrics(tally))?;
        staging.write("junit.xml", xml)?;
        staging.write("analysis.md", self.analysis(&summary))?;
        let page = bundle_page(&summary, &self.environment, &section(tally, &self.done), "");
        staging.write("report.html", page)?;
        ro_crate::write(staging, &summary, &self.environment)?;
        Ok(fields)
    }

    /// The figures of the whole matrix: what an index follows from run to run.
    fn metrics(&self, tally: &Tally) -> Value {
        let worst = |name: &str, pick: fn(f64, f64) -> f64| {
            self.done.iter().filter_map(|d| d.number(name)).reduce(pick)
        };
        let (correlation, ulp) = (worst("correlation", f64::min), worst("ulp_max", f64::max));
        let mut undefined = Map::new();
        for (name, value) in [("correlation_least", correlation), ("ulp_max", ulp)] {
            if value.is_none() {
                undefined.insert(name.to_owned(), "no case has one".into());
            }
        }
        json!({
            "schema": "nanobragg-rs/metrics",
            "version": 1,
            "definitions": DEFINITIONS,
            "metrics": {
                "cases": self.done.len(),
                "cases_passed": tally.passed,
                "cases_failed": tally.failed,
                "cases_undecided": tally.undecided,
                "cases_with_errors": tally.errors,
                "correlation_least": correlation,
                "ulp_max": ulp,
            },
            "undefined": undefined,
        })
    }

    fn analysis(&self, summary: &Summary) -> String {
        let plain = |text: &str| {
            text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|").replace('<', "&lt;")
        };
        let mut text =
            format!("# {}\n\n{}: {}\n\n", plain(&summary.title), summary.verdict, plain(&summary.reason));
        text += "| case | verdict | correlation | sum ratio | why |\n|---|---|---|---|---|\n";
        for case in &self.done {
            let number = |name: &str| case.number(name).map_or("undefined".to_owned(), |v| v.to_string());
            let (correlation, ratio) = (number("correlation"), number("sum_ratio"));
            text += &format!(
                "| {} | {} | {correlation} | {ratio} | {} |\n",
                case.name,
                case.verdict,
                plain(&case.reason)
            );
        }
        text + "\n## Open points\n\nNone noted.\n"
    }
}
