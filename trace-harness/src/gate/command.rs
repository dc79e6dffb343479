//! `trace-harness gate`, and the flag `--gate` of other commands.
//!
//! Not here: checking (`gate`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::plan::Gate;
use super::{Check, State, check};
use crate::cli::checks::{BundleArgs, CheckFailure, Said, exit, working_folder};
use crate::command::RealRunner;
use crate::evidence::{Evidence, Finding};
use crate::html::table;

/// The gate's file when none is named.
const FILE: &str = "gate.toml";
/// Stands for that file, or for what can be asked without one.
const USUAL: &str = "-";

/// Help below the options.
pub const HELP: &str = include_str!("help.txt");

/// What `gate` is asked.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub struct GateArgs {
    /// What to ask for; `gate.toml` of this folder if it is there
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
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
    /// Checks if asked to; gives the exit status where the command must not start.
    ///
    /// # Errors
    /// The gate's file cannot be read.
    pub fn check(&self, folder: &Path, json: bool) -> Result<Option<u8>, CheckFailure> {
        let Some(file) = &self.gate else { return Ok(None) };
        let file = (file.as_os_str() != USUAL).then_some(file.as_path());
        let checks = check(&read(file, folder)?.0, folder, &RealRunner::default());
        let failed: Vec<&Check> = checks.iter().filter(|c| c.state == State::Fail).collect();
        for c in &failed {
            eprintln!("{}", c.text());
        }
        if failed.is_empty() {
            return Ok(None);
        }
        if json {
            let value = json!({ "gate": { "passed": false, "checks": checks } });
            Said { text: String::new(), value }.print(true)?;
        }
        eprintln!(
            "error: the gate is closed: {} of {} checks failed; nothing was started",
            failed.len(),
            checks.len()
        );
        Ok(Some(exit::FAULT))
    }
}

/// The gate, and the file it is from.
fn read(file: Option<&Path>, folder: &Path) -> Result<(Gate, Option<PathBuf>), CheckFailure> {
    let usual = folder.join(FILE);
    let file = file.map(|f| folder.join(f)).or_else(|| usual.is_file().then_some(usual));
    match file {
        Some(file) => Ok((Gate::read(&file).map_err(CheckFailure::Usage)?, Some(file))),
        None => Ok((Gate::built_in(folder), None)),
    }
}

/// Runs the command.
///
/// # Errors
/// The gate's file cannot be read, or the bundle not written.
pub fn run(args: &GateArgs, json: bool) -> Result<u8, CheckFailure> {
    let folder = working_folder()?;
    let (gate, file) = read(args.file.as_deref(), &folder)?;
    let checks = check(&gate, &folder, &RealRunner::default());
    let failed = checks.iter().filter(|c| c.state == State::Fail).count();
    let code = if failed == 0 { exit::PASS } else { exit::FAULT };
    let reason = match failed {
        0 => format!("all of {} checks", checks.iter().filter(|c| c.state == State::Pass).count()),
        n => format!("{n} of {} checks failed", checks.len()),
    };
    let mut lines: Vec<String> = checks.iter().map(Check::text).collect();
    lines.push(format!("{}: {reason}", if failed == 0 { "open" } else { "closed" }));
    let mut said = Said { text: lines.join("\n"), value: json!({ "passed": failed == 0, "checks": checks }) };
    let place = keep(args, &folder, file.as_deref(), &checks, (code, reason, &said.text))?;
    said.add("folder", json!(place), &format!("evidence: {}", place.display()));
    said.print(json)?;
    Ok(code)
}

fn keep(
    args: &GateArgs,
    folder: &Path,
    file: Option<&Path>,
    checks: &[Check],
    (code, reason, printed): (u8, String, &str),
) -> Result<PathBuf, CheckFailure> {
    let mut evidence = Evidence::begin(args.bundle.place(folder, "gate"))?;
    let mut command = vec!["trace-harness".to_owned(), "gate".to_owned()];
    if let Some(file) = file {
        evidence.input(file, u64::MAX)?;
        command.extend(["--file".to_owned(), file.display().to_string()]);
    }
    let text = serde_json::to_string_pretty(&json!({ "checks": checks })).unwrap_or_default();
    let text = evidence.paths().record(&text)?;
    evidence.result("gate.json", text + "\n")?;
    let rows = checks.iter().map(|c| {
        let state = serde_json::to_value(c.state)
            .ok()
            .and_then(|v| v.as_str().map(str::to_owned))
            .unwrap_or_default();
        let texts = [&c.looked_for, &c.place, &c.found, &c.fix].map(|t| evidence.paths().record(t));
        let mut row = vec![c.kind.to_owned(), state];
        for text in texts {
            row.push(text?);
        }
        Ok(row)
    });
    let rows: Vec<Vec<String>> = rows.collect::<Result<_, crate::bundle::BundleError>>()?;
    let table = table("Checks", &["kind", "state", "looked for", "where", "found", "fix"], &rows);
    let failed = checks.iter().filter(|c| c.state == State::Fail).count();
    let counts = [("checks", checks.len()), ("failed", failed)];
    let finding = Finding {
        kind: "gate",
        title: "gate".to_owned(),
        verdict: if code == exit::PASS { "PASS" } else { "FAIL" },
        analysis: format!("# Gate\n\n{reason}\n\n```\n{printed}\n```\n"),
        reason,
        code,
        printed: format!("{printed}\n"),
        metrics: counts.map(|(k, n)| (k.to_owned(), n as f64)).into_iter().collect::<BTreeMap<_, _>>(),
        sections: format!("<section>\n<h2>Checks</h2>\n{table}</section>\n"),
        open_points: checks
            .iter()
            .filter(|c| c.state == State::NotChecked)
            .map(|c| format!("not checked: {}: {}", c.looked_for, c.found))
            .collect(),
    };
    Ok(evidence.finish(&command, finding)?.place)
}
