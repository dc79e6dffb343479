//! `trace-harness triage`: arguments, files and exit status.
//!
//! Not here: sorting out failures (`triage`).

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use maud::{Markup, html};
use serde_json::json;

use crate::commands::checks::gate::GateFlag;
use crate::commands::checks::{BundleArgs, CheckFailure, CheckOutput};
use crate::commands::values;
use crate::evidence::bundle::closing::{Closing, Page};
use crate::evidence::bundle::metrics::Metrics;
use crate::evidence::bundle::own_step::{Clock, OwnWork};
use crate::evidence::bundle::recorder::Recorder;
use crate::evidence::exit::Exit;
use crate::evidence::given;
use crate::evidence::held::Held;
use crate::evidence::page::{section, table};
use crate::evidence::terminal::visible;
use crate::evidence::verdict::Verdict;
use crate::evidence::wording::counted;
use crate::triage::record::TestRun;
use crate::triage::rules::Rules;
use crate::triage::source::{self, Source};
use crate::triage::{Slowness, Triage, pages, triage};

/// Help below the options.
pub const HELP: &str = include_str!("triage_help.txt");

/// When the exit status is 3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// When any test failed
    Any,
    /// When a test failed that did not fail in the baseline
    New,
    /// Never
    Never,
}

/// Arguments of `triage`.
#[derive(Debug, Clone, Args)]
#[command(after_help = HELP)]
pub struct TriageArgs {
    /// The run to sort out; repeatable, for a suite that was run in parts
    #[arg(long, value_name = "RUN", required = true)]
    pub current: Vec<PathBuf>,
    /// An earlier run to compare with
    #[arg(long, value_name = "RUN")]
    pub baseline: Vec<PathBuf>,
    /// A run of the failing tests by themselves; repeatable
    #[arg(long, value_name = "RUN")]
    pub isolated: Vec<PathBuf>,
    /// Clusters that the project knows by name (TOML, see below)
    #[arg(long, value_name = "FILE")]
    pub rules: Option<PathBuf>,
    /// Time limit of tests whose own is not known
    #[arg(long, value_name = "S", allow_negative_numbers = true, value_parser = values::seconds)]
    pub timeout: Option<f64>,
    /// How many of the slowest tests are listed
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub slowest: usize,
    /// What makes the exit status 3
    #[arg(long, value_enum, default_value_t = FailOn::Any)]
    pub fail_on: FailOn,
    /// Write the five files into this folder instead of a bundle
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Where the bundle goes.
    #[command(flatten)]
    pub bundle: BundleArgs,
    /// Whether the gate comes first.
    #[command(flatten)]
    pub gate: GateFlag,
}

/// Runs the command.
///
/// # Errors
/// Results that cannot be read, and places that cannot be written.
pub fn run(args: &TriageArgs, json: bool) -> Result<Exit, CheckFailure> {
    let clock = Clock::start();
    let folder = given::working_folder()?;
    if let Some(code) = args.gate.check(&folder, json)? {
        return Ok(code);
    }
    let mut args = args.clone();
    let TriageArgs { current, baseline, isolated, rules, .. } = &mut args;
    let _held = Held::all(current.iter_mut().chain(baseline).chain(isolated).chain(rules))?;
    let args = &args;
    let current = read(&args.current)?.ok_or(CheckFailure::NoCurrentRun)?;
    let (baseline, isolated) = (read(&args.baseline)?, read(&args.isolated)?);
    let rules = args.rules.as_deref().map(Rules::read).transpose()?;
    let slowness = Slowness { timeout_s: args.timeout, count: args.slowest };
    let found = triage(
        &current.run,
        baseline.as_ref().map(|b| &b.run),
        isolated.as_ref().map(|i| &i.run),
        &rules.unwrap_or_default(),
        slowness,
    );
    let code = code(&found, args.fail_on);
    let mut output =
        CheckOutput { text: to_text(&found), value: serde_json::to_value(&found).unwrap_or_default() };
    let place = match &args.out {
        Some(out) => {
            write_into(&folder.join(out), &found)?;
            folder.join(out)
        }
        None => {
            let read = [Some(&current), baseline.as_ref(), isolated.as_ref()];
            keep(args, &folder, &found, (&output.text, &clock.stop(code)), &read)?
        }
    };
    output.add("folder", json!(place), &format!("evidence: {}", place.display()));
    output.print(json)?;
    Ok(code)
}

/// Several sources as one, with their files.
struct Read {
    run: TestRun,
    files: Vec<PathBuf>,
}

fn read(paths: &[PathBuf]) -> Result<Option<Read>, CheckFailure> {
    let read: Vec<Vec<Source>> = paths.iter().map(|p| source::read(p)).collect::<Result<_, _>>()?;
    let sources = read.concat();
    let files = sources.iter().map(|s| s.file.clone()).collect();
    let run = TestRun::merge(sources.into_iter().map(|s| s.run).collect());
    Ok(run.map(|run| Read { run, files }))
}

fn code(found: &Triage, fail_on: FailOn) -> Exit {
    let failed = match (fail_on, &found.delta) {
        (FailOn::Never, _) => false,
        (FailOn::New, Some(delta)) => !delta.new.is_empty(),
        (FailOn::New, None) | (FailOn::Any, _) => found.counts.trouble() > 0,
    };
    match (failed, found.gaps.is_empty()) {
        (true, _) => Exit::Differs,
        (false, false) => Exit::Undecided,
        (false, true) => Exit::Agrees,
    }
}

/// The five files.
///
/// # Errors
/// The result cannot be written as JSON.
pub fn files(found: &Triage) -> Result<[(&'static str, String); 5], CheckFailure> {
    let json = serde_json::to_string_pretty(found)?;
    Ok([
        ("failures.json", json + "\n"),
        ("summary.md", pages::summary(found)),
        ("cluster_mapping.md", pages::cluster_mapping(found)),
        ("tracker_update.md", pages::tracker_update(found)),
        ("next_steps.md", pages::next_steps(found)),
    ])
}

fn write_into(out: &Path, found: &Triage) -> Result<(), CheckFailure> {
    std::fs::create_dir_all(out).map_err(CheckFailure::unwritten(out))?;
    for (name, text) in files(found)? {
        let path = out.join(name);
        nanobragg::output::write_whole(&path, text.as_bytes()).map_err(CheckFailure::unwritten(&path))?;
    }
    Ok(())
}

fn keep(
    args: &TriageArgs,
    folder: &Path,
    found: &Triage,
    (printed, work): (&str, &OwnWork),
    read: &[Option<&Read>; 3],
) -> Result<PathBuf, CheckFailure> {
    let mut recorder = Recorder::begin_in(args.bundle.place(folder, "triage"))?;
    let mut command = vec!["triage".to_owned()];
    for (option, read) in ["--current", "--baseline", "--isolated"].iter().zip(read) {
        for file in read.iter().flat_map(|r| &r.files) {
            command.extend([(*option).to_owned(), recorder.input(file)?]);
        }
    }
    if let Some(rules) = &args.rules {
        command.extend(["--rules".to_owned(), recorder.input(&folder.join(rules))?]);
    }
    if let Some(limit) = args.timeout {
        command.extend(["--timeout".to_owned(), limit.to_string()]);
    }
    command.extend(["--slowest".to_owned(), args.slowest.to_string()]);
    if let Some(value) = args.fail_on.to_possible_value() {
        command.extend(["--fail-on".to_owned(), value.get_name().to_owned()]);
    }
    command.extend(["--out".to_owned(), "{out}/results".to_owned()]);
    for (name, text) in files(found)? {
        recorder.result(&format!("results/{name}"), text)?;
    }
    recorder.own_step("triage", &command, work, printed)?;
    Ok(recorder.finish(closing(found, work.code))?.place)
}

fn closing(found: &Triage, code: Exit) -> Closing<'static> {
    let c = found.counts;
    let figures = [
        ("tests", c.tests),
        ("passed", c.passed),
        ("failed", c.failed),
        ("errors", c.errors),
        ("timed_out", c.timed_out),
        ("skipped", c.skipped),
        ("flaky", c.flaky),
        ("clusters", found.clusters.len()),
    ];
    let reason = format!("{}; {}", c.text(), counted(found.clusters.len(), "cluster"));
    let verdict = match code {
        Exit::Agrees => Verdict::Pass,
        Exit::Undecided => Verdict::Undecided,
        _ => Verdict::Fail,
    };
    Closing {
        metrics: Metrics::of(figures.map(|(name, n)| (name, n as f64))),
        analysis: pages::overview(found),
        page: Page::Sections(sections(found)),
        ..Closing::of("triage", "triage of test results", verdict, reason)
    }
}

fn sections(found: &Triage) -> Markup {
    let clusters: Vec<Vec<String>> = found
        .clusters
        .iter()
        .map(|c| {
            vec![
                c.id.clone(),
                c.name.clone(),
                c.tests.len().to_string(),
                c.example.clone(),
                c.command.clone(),
            ]
        })
        .collect();
    let failures: Vec<Vec<String>> = found
        .failures
        .iter()
        .map(|f| {
            let since = f.since_baseline.unwrap_or("unknown").to_owned();
            let alone = f.alone.unwrap_or("unknown").to_owned();
            vec![
                f.name.clone(),
                f.cluster.clone(),
                f.outcome.text().to_owned(),
                since,
                alone,
                f.message.clone(),
            ]
        })
        .collect();
    let tests = ["test", "cluster", "outcome", "since the baseline", "by itself", "what it says"];
    let content = html! {
        p { (found.counts.text()) }
        (table("Clusters", &["cluster", "what", "tests", "example", "run again"], &clusters))
        (table("Tests", &tests, &failures))
    };
    section("failures", "Failures", &content)
}

/// Clusters that are printed; the files have all.
const CLUSTERS_SHOWN: usize = 100;

/// What is printed.
pub fn to_text(found: &Triage) -> String {
    let mut lines = vec![found.counts.text()];
    lines.extend(found.gaps.iter().map(|gap| format!("incomplete: {gap}")));
    for c in found.clusters.iter().take(CLUSTERS_SHOWN) {
        let tests = counted(c.tests.len(), "test");
        lines.push(format!("{}: {} ({tests}, e.g. {})", c.id, c.name, c.example));
    }
    if found.clusters.len() > CLUSTERS_SHOWN {
        lines.push(format!("and {} more clusters", found.clusters.len() - CLUSTERS_SHOWN));
    }
    if let Some(d) = &found.delta {
        let (new, cleared, persisting) = (d.new.len(), d.cleared.len(), d.persisting.len());
        let (not_run, gone) = (d.not_run.len(), d.gone.len());
        lines.push(format!(
            "since the baseline: {new} new, {cleared} cleared, {persisting} persisting, {not_run} not run, {gone} no longer there"
        ));
    }
    for s in found.isolation.iter().flat_map(|i| &i.sensitive) {
        let differences: Vec<String> =
            s.differences.iter().map(|d| format!("{} {} / {}", d.what, d.suite, d.isolated)).collect();
        let differences =
            if differences.is_empty() { "no difference recorded".to_owned() } else { differences.join(", ") };
        lines.push(format!("environment-sensitive: {}: {differences}", s.name));
    }
    lines.iter().map(|line| visible(line)).collect::<Vec<_>>().join("\n")
}
