//! `trace-harness gate`, and the flag `--gate` of other commands.
//!
//! Not here: checking (`gate`).

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use crate::commands::checks::{BundleArgs, CheckFailure, CheckOutput};
use crate::commands::notice;
use crate::evidence::bundle::closing::{Closing, Page};
use crate::evidence::bundle::metrics::Metrics;
use crate::evidence::bundle::own_step::{Clock, OwnWork};
use crate::evidence::bundle::paths::Paths;
use crate::evidence::bundle::recorder::Recorder;
use crate::evidence::bundle::{BundleError, digest};
use crate::evidence::exit::Exit;
use crate::evidence::given::working_folder;
use crate::evidence::page::{markdown, section, table};
use crate::evidence::process::SystemRunner;
use crate::evidence::verdict::Verdict;
use crate::evidence::wording::counted;
use crate::gate::plan::Gate;
use crate::gate::{CheckState, GateCheck, check};

/// Stands for the gate's usual file.
const USUAL: &str = "-";
/// The result's file.
const RESULT: &str = "gate.json";

/// Help below the options.
pub const HELP: &str = include_str!("gate_help.txt");

/// Arguments of `gate`.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub struct GateArgs {
    /// What to ask for; the gate.toml of this folder or the nearest one above it, up to the root of the repository, if not given
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Without a file: check the program at NB_C_BIN, a folder to write in, and space
    #[arg(long, conflicts_with = "file")]
    pub built_in: bool,
    /// Write gate.json into this folder that is there, and no bundle: what a bundle's second run does
    #[arg(long, value_name = "DIR", hide = true)]
    pub files: Option<PathBuf>,
    /// Where the bundle goes.
    #[command(flatten)]
    pub bundle: BundleArgs,
}

/// The flag of commands that can call the gate first.
#[derive(Debug, Clone, Args)]
pub struct GateFlag {
    /// Check first what `trace-harness gate` checks, and start only if all is well
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true, default_missing_value = USUAL)]
    pub gate: Option<PathBuf>,
}

impl GateFlag {
    /// Checks on request; gives the exit status where the command must not start.
    ///
    /// # Errors
    /// The gate's file cannot be read.
    pub fn check(&self, folder: &Path, json: bool) -> Result<Option<Exit>, CheckFailure> {
        let Some(file) = &self.gate else { return Ok(None) };
        let file = (file.as_os_str() != USUAL).then_some(file.as_path());
        let checks = check(&read(file, folder)?.0, folder, &SystemRunner::default());
        let failed: Vec<&GateCheck> = checks.iter().filter(|c| c.state == CheckState::Fail).collect();
        for c in &failed {
            notice(&c.text());
        }
        if failed.is_empty() {
            return Ok(None);
        }
        if json {
            let value = json!({ "gate": { "passed": false, "checks": checks } });
            CheckOutput { text: String::new(), value }.print(true)?;
        }
        notice(&format!(
            "error: the gate is closed: {} of {} checks failed; nothing was started",
            failed.len(),
            checks.len()
        ));
        Ok(Some(Exit::Differs))
    }
}

/// The gate, and the file it is from.
fn read(file: Option<&Path>, folder: &Path) -> Result<(Gate, PathBuf), CheckFailure> {
    let Some(file) = file.map(|f| folder.join(f)).or_else(|| Gate::find(folder)) else {
        return Err(CheckFailure::NoGate(folder.to_owned()));
    };
    Ok((Gate::read(&file)?, file))
}

/// Runs the command.
///
/// # Errors
/// The gate's file cannot be read, or the bundle not written.
pub fn run(args: &GateArgs, json: bool) -> Result<Exit, CheckFailure> {
    let clock = Clock::start();
    let folder = working_folder()?;
    let (gate, file) = match args.built_in {
        true => (Gate::built_in(&folder), None),
        false => read(args.file.as_deref(), &folder).map(|(gate, file)| (gate, Some(file)))?,
    };
    let checks = check(&gate, &folder, &SystemRunner::default());
    let failed = checks.iter().filter(|c| c.state == CheckState::Fail).count();
    let code = if failed == 0 { Exit::Agrees } else { Exit::Differs };
    let reason = match failed {
        0 => format!(
            "{} passed",
            counted(checks.iter().filter(|c| c.state == CheckState::Pass).count(), "check")
        ),
        n => format!("{n} of {} checks failed", checks.len()),
    };
    let mut lines: Vec<String> = checks.iter().map(GateCheck::text).collect();
    lines.push(format!("{}: {reason}", if failed == 0 { "open" } else { "closed" }));
    let mut check_output =
        CheckOutput { text: lines.join("\n"), value: json!({ "passed": failed == 0, "checks": checks }) };
    if let Some(out) = &args.files {
        again(&folder.join(out).join(RESULT), &folder, file.as_deref(), &checks)?;
    } else {
        let place =
            keep(args, &folder, file.as_deref(), &checks, (&clock.stop(code), reason, &check_output.text))?;
        check_output.add("folder", json!(place), &format!("evidence: {}", place.display()));
    }
    check_output.print(json)?;
    Ok(code)
}

/// The checks as data, without what is different each time: how much space is free, and where this is.
fn result(checks: &[GateCheck], paths: &Paths) -> Result<String, BundleError> {
    let steady = |c: &GateCheck| {
        let mut value = json!(c);
        if c.kind == "disk" && c.state == CheckState::Pass {
            value["found"] = "enough".into();
        }
        value
    };
    let checks: Vec<Value> = checks.iter().map(steady).collect();
    let text = serde_json::to_string_pretty(&json!({ "checks": checks })).unwrap_or_default();
    Ok(paths.record(&text)? + "\n")
}

/// The result alone, with the tokens that the first run had.
fn again(path: &Path, folder: &Path, file: Option<&Path>, checks: &[GateCheck]) -> Result<(), CheckFailure> {
    let mut paths = Paths::new(true);
    paths.add(folder, "{work}");
    if let Some(file) = file {
        let (sha256, _) = digest::of_file(file).map_err(|source| CheckFailure::File {
            path: file.to_owned(),
            doing: "cannot be read",
            source,
        })?;
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        paths.add(file, format!("{{input:{}/{name}}}", &sha256[..12]));
    }
    nanobragg::output::write_whole(path, result(checks, &paths)?.as_bytes())
        .map_err(CheckFailure::unwritten(path))
}

fn keep(
    args: &GateArgs,
    folder: &Path,
    file: Option<&Path>,
    checks: &[GateCheck],
    (work, reason, printed): (&OwnWork, String, &str),
) -> Result<PathBuf, CheckFailure> {
    let mut recorder = Recorder::begin_in(args.bundle.place(folder, "gate"))?;
    let mut command = vec!["gate".to_owned()];
    match file {
        Some(file) => command.extend(["--file".to_owned(), recorder.input(file)?]),
        None => command.push("--built-in".to_owned()),
    }
    command.extend(["--files".to_owned(), "{out}/results".to_owned()]);
    let text = result(checks, recorder.paths())?;
    recorder.result(&format!("results/{RESULT}"), text)?;
    recorder.own_step("gate", &command, work, printed)?;
    for check in checks.iter().filter(|c| c.state == CheckState::NotChecked) {
        recorder.open_point(&format!("not checked: {}: {}", check.looked_for, check.found))?;
    }
    let rows = checks.iter().map(|c| {
        let state = serde_json::to_value(c.state)
            .ok()
            .and_then(|v| v.as_str().map(str::to_owned))
            .unwrap_or_default();
        let texts = [&c.looked_for, &c.place, &c.found, &c.fix].map(|t| recorder.record(t));
        let mut row = vec![c.kind.to_owned(), state];
        for text in texts {
            row.push(text?);
        }
        Ok(row)
    });
    let rows: Vec<Vec<String>> = rows.collect::<Result<_, BundleError>>()?;
    let table = table("Checks", &["kind", "state", "looked for", "where", "found", "fix"], &rows);
    let failed = checks.iter().filter(|c| c.state == CheckState::Fail).count();
    let counts = [("checks", checks.len()), ("failed", failed)];
    let made = recorder.finish(Closing {
        metrics: Metrics::of(counts.map(|(name, n)| (name, n as f64))),
        analysis: markdown::block(printed),
        page: Page::Sections(section("checks", "Checks", &table)),
        ..Closing::of("gate", "gate", Verdict::of(work.code == Exit::Agrees), reason)
    })?;
    Ok(made.place)
}
