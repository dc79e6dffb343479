//! `nb-compare hygiene`: one side of an adapter, untraced, traced and untraced, several times over. What it leaves has to be the same each
//! time, or neither its outputs nor its traces say much.
//!
//! Not here: how far outputs move where inputs do (`noise`), what tracing costs to the last percent (`trace-harness hygiene`).

use std::collections::BTreeMap;
use std::path::Path;

use maud::html;
use serde::Serialize;
use serde_json::json;
use trace_harness::evidence::bundle::closing::{Closing, Page};
use trace_harness::evidence::bundle::digest;
use trace_harness::evidence::bundle::metrics::Metrics;
use trace_harness::evidence::bundle::recorder::Recorder;
use trace_harness::evidence::bundle::staging::Target;
use trace_harness::evidence::exit::Exit;
use trace_harness::evidence::failure::Failure;
use trace_harness::evidence::page::{markdown, section, table};
use trace_harness::evidence::process::Runner;
use trace_harness::evidence::terminal::visible;
use trace_harness::evidence::verdict::Verdict;
use trace_harness::evidence::wording::counted;

use crate::adapter::{self, Adapter, From};
use crate::app::adapter::AdapterFile;
use crate::app::adapter::capture::Traced;
use crate::app::adapter::side::Evidence;
use crate::app::adapter::unchanged::Unchanged;
use crate::app::console;
use crate::app::guarded::Guarded;
use crate::app::recorder::numbered;
use crate::cli::HygieneOptions;
use crate::runner;

/// What the evidence keeps traces as, and what all of them are compared by.
const TRACE: &str = "trace";

/// One thing that has to be so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct SideCheck {
    /// What.
    name: &'static str,
    /// Whether it is; none where it cannot be seen.
    passed: Option<bool>,
    /// What was found.
    detail: String,
}

/// What the runs left.
#[derive(Default)]
struct LeftByRuns {
    /// By output, the digests of what each run left, and which run it was.
    digests: BTreeMap<String, Vec<(String, String)>>,
    /// Untraced runs that printed trace lines.
    unasked: Vec<String>,
    untraced: usize,
    /// Processor time without and with a trace, seconds.
    cpu: [Vec<f64>; 2],
}

/// Runs everything and looks at it; gives the exit code.
///
/// # Errors
/// The side fails or leaves no trace, or the evidence cannot be written.
pub(crate) fn run(options: &HygieneOptions, folder: &Path) -> Result<Exit, Failure> {
    let AdapterFile { path, place, _written } = &AdapterFile::of(Some(&options.side.adapter), folder)?;
    let adapter = adapter::read(path)?;
    let traced = Traced::of(&options.side, (&adapter, place), folder)?;
    let target = match &options.side.outdir {
        Some(path) => Target::Exact(folder.join(path)),
        None => numbered("hygiene", &options.side.args, folder),
    };
    let mut bundle = Recorder::begin(target, folder, options.side.keep_paths)?.closed_to_commands();
    let (mut fields, unchanged) = traced.take(&mut bundle, path)?;
    let (mut left, mut guarded) = (LeftByRuns::default(), Guarded::default());
    let came = rounds(options, (&traced, &adapter), (&mut bundle, &unchanged, &mut guarded), &mut left);
    let title = format!("is {} repeatable, traced and untraced: {}", traced.label(), adapter.title());
    if let Err(failure) = came {
        let exit = Some(failure.exit().unless_interrupted());
        let reason = bundle.record(failure.to_string().lines().next().unwrap_or_default())?;
        let closing = Closing { exit, fields, ..Closing::of("hygiene", title, Verdict::Fail, reason) };
        console::place_of_failure(&bundle.finish(closing)?.place, options.side.quiet);
        return Err(failure);
    }
    let printed = traced.asking_too().outputs.last().is_some_and(|trace| trace.from == From::StandardOutput);
    let checks = left.checks(printed);
    let failed: Vec<&str> =
        checks.iter().filter(|check| check.passed == Some(false)).map(|check| check.name).collect();
    let verdict = if failed.is_empty() { Verdict::Pass } else { Verdict::Fail };
    let reason = match failed.as_slice() {
        [] => format!("the same in {}", counted(3 * usize::from(options.rounds), "run")),
        failed => format!("not so: {}", failed.join("; ")),
    };
    fields.insert("checks".to_owned(), json!(checks));
    let rows: Vec<Vec<String>> = checks.iter().map(SideCheck::row).collect();
    const HEAD: [&str; 3] = ["what", "is so", "found"];
    let mut analysis = markdown::head(&HEAD);
    analysis.extend(
        rows.iter()
            .map(|row| markdown::row(&row.iter().map(|cell| markdown::text(cell)).collect::<Vec<_>>())),
    );
    let found = table("What has to be the same", &HEAD, &rows);
    let made = bundle.finish(Closing {
        metrics: Metrics::of([("runs", 3.0 * f64::from(options.rounds)), ("not_so", failed.len() as f64)]),
        analysis,
        page: Page::Sections(section("hygiene", "Hygiene", &html! { (found) })),
        exit: Some(verdict.exit()),
        fields,
        ..Closing::of("hygiene", title, verdict, reason)
    })?;
    let mut text = String::new();
    if options.side.json {
        let mut all = made.document.clone();
        all.insert("folder".to_owned(), made.place.to_string_lossy().into_owned().into());
        text = format!("{:#}\n", json!(all));
    } else {
        for check in checks.iter().filter(|_| !options.side.quiet) {
            let [name, word, found] = check.row().try_into().unwrap_or_default();
            text += &format!("{word:<3} {name}\n      {}\n", visible(&found));
        }
        text += &format!("{}: {}\n", verdict.word(), visible(&made.summary.reason));
        if !options.side.quiet {
            text += &format!("evidence: {}\n", made.place.display());
        }
    }
    console::text(text.as_bytes())?;
    Ok(verdict.exit())
}

fn rounds(
    options: &HygieneOptions,
    (traced, adapter): (&Traced<'_>, &Adapter),
    (bundle, unchanged, guarded): (&mut Recorder, &Unchanged, &mut Guarded),
    left: &mut LeftByRuns,
) -> Result<(), Failure> {
    let asking = traced.asking_too();
    let runner = runner::real()?;
    for round in 1..=options.rounds {
        for (group, is_traced) in [("before", false), ("traced", true), ("after", false)] {
            let name = format!("{group}-{round}");
            let asked = (if is_traced { &asking } else { adapter }, is_traced);
            one(&name, traced, asked, (&mut *bundle, unchanged, &mut *guarded), &runner, left)?;
        }
    }
    guarded.check(bundle.staging())?;
    Ok(())
}

/// One run, and what it left.
fn one(
    name: &str,
    traced: &Traced<'_>,
    (adapter, is_traced): (&Adapter, bool),
    (bundle, unchanged, guarded): (&mut Recorder, &Unchanged, &mut Guarded),
    runner: &dyn Runner,
    left: &mut LeftByRuns,
) -> Result<(), Failure> {
    let folder = format!("outputs/{name}");
    let mut evidence = Evidence { bundle: &mut *bundle, unchanged };
    let ran = traced.run((name, folder.clone()), (adapter, is_traced), &mut evidence, runner)?;
    for (log, bytes) in &ran.logs {
        guarded.put(bundle.staging(), log, bytes)?;
    }
    let came = ran.delivered?;
    left.cpu[usize::from(is_traced)].extend(bundle.steps().last().and_then(|step| step.cpu_s));
    for (n, (output, bytes)) in adapter.outputs.iter().zip(&came.outputs).enumerate() {
        let stored = format!("{folder}/{}{}", output.name, output.kind.suffix());
        guarded.put(bundle.staging(), &stored, bytes)?;
        let is_trace = is_traced && n + 1 == adapter.outputs.len();
        if is_trace {
            traced.trace(&stored, bytes)?;
        }
        let key = if is_trace { TRACE.to_owned() } else { format!("output {}", output.name) };
        left.digests.entry(key).or_default().push((name.to_owned(), digest::of_bytes(bytes)));
    }
    for (array, bytes) in &came.arrays {
        guarded.put(bundle.staging(), &format!("{folder}/{array}"), bytes)?;
        left.digests
            .entry(format!("array {array}"))
            .or_default()
            .push((name.to_owned(), digest::of_bytes(bytes)));
    }
    if !is_traced {
        left.untraced += 1;
        let has_lines = |(log, bytes): &(String, Vec<u8>)| matches!(traced.read(log, bytes), Ok(Some(_)));
        left.unasked.extend(ran.logs.first().is_some_and(has_lines).then(|| name.to_owned()));
    }
    Ok(())
}

impl SideCheck {
    fn row(&self) -> Vec<String> {
        let word = match self.passed {
            Some(true) => "yes",
            Some(false) => "NO",
            None => "-",
        };
        vec![self.name.to_owned(), word.to_owned(), self.detail.clone()]
    }
}

impl LeftByRuns {
    fn checks(&self, is_printed: bool) -> Vec<SideCheck> {
        let is_output = |name: &str| name.starts_with("output ");
        let same = |name: &'static str, of: &dyn Fn(&str) -> bool| {
            let (count, other) = self.same(of);
            let passed = Some(other.is_none());
            SideCheck {
                name,
                passed,
                detail: other.unwrap_or_else(|| format!("{} compared", counted(count, "file"))),
            }
        };
        let unasked = SideCheck {
            name: "no trace line unasked",
            passed: is_printed.then_some(self.unasked.is_empty()),
            detail: match (is_printed, self.unasked.first()) {
                (false, _) => {
                    "a trace goes to a file that the side is told of where it is asked alone".to_owned()
                }
                (true, None) => format!("{} without one", counted(self.untraced, "untraced run")),
                (true, Some(first)) => format!("run `{first}` prints some"),
            },
        };
        let [untraced, traced] = self.cpu.each_ref().map(|seconds| median(seconds));
        let cost = SideCheck {
            name: "processor time",
            passed: None,
            detail: format!(
                "{untraced:.3} s without a trace, {traced:.3} s with one: medians, which are not judged"
            ),
        };
        vec![
            same("outputs are the same bytes, traced or not", &is_output),
            same("traces are the same bytes", &|name| !is_output(name)),
            unasked,
            cost,
        ]
    }

    /// How many files of these names were compared, and the first that is another one than in the first run.
    fn same(&self, of: &dyn Fn(&str) -> bool) -> (usize, Option<String>) {
        let mut count = 0;
        let mut other = None;
        for (name, digests) in self.digests.iter().filter(|(name, _)| of(name)) {
            count += digests.len();
            let first = digests.first();
            let differing =
                digests.iter().filter(|(_, digest)| first.is_some_and(|(_, known)| known != digest));
            let runs: Vec<&str> = differing.map(|(run, _)| run.as_str()).collect();
            if let (Some((known, _)), Some(run), None) = (first, runs.first(), &other) {
                let more = runs.len() - 1;
                other =
                    Some(format!("{name}: run `{run}` and {more} others leave another one than `{known}`"));
            }
        }
        (count, other)
    }
}

fn median(seconds: &[f64]) -> f64 {
    let mut sorted = seconds.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or_default()
}
