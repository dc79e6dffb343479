//! The commands that make, verify and re-run bundles.
//!
//! Not here: reading the command line (`cli`), commands about traces (`traces`).

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use nanobragg::error::UsageError;
use nanobragg::open_file;
use regex::Regex;
use serde_json::json;

use crate::commands::recompute::{Recomputed, RunAgain, recompute};
use crate::commands::{notice, print, progress, real_runner};
use crate::evidence::bundle::BundleError;
use crate::evidence::bundle::overview::leftovers::{KeptLeftover, Leftovers};
use crate::evidence::bundle::overview::{index, ledger, leftovers};
use crate::evidence::bundle::rerun::{Before, Places, rerun};
use crate::evidence::bundle::signature::{self, Attributed};
use crate::evidence::bundle::summary::{Status, Summary};
use crate::evidence::bundle::verify;
use crate::evidence::exit::Exit;
use crate::evidence::failure::{Failure, SystemError};
use crate::evidence::given;
use crate::evidence::terminal::{visible, visible_lines};
use crate::evidence::wording::counted;
use crate::plan::Plan;
use crate::plan::run::{self, Context};
use crate::plan::secrets::suspicions;
use crate::simulator::last_words;

/// What is recorded of a run, and how.
#[derive(Debug, Default)]
pub(crate) struct Recording {
    /// File with a text for `analysis.md`.
    pub note: Option<PathBuf>,
    /// Folder that holds the topics.
    pub reports: PathBuf,
    /// Record paths under home folders as they are.
    pub keep_paths: bool,
    /// What is left out.
    pub redacted: Vec<Regex>,
    /// Bytes that a command may print into each stream.
    pub max_output: Option<u64>,
}

/// Runs a plan and keeps its evidence; gives what it came to.
pub(crate) fn run_plan(plan: &Plan, recording: Recording, json: bool) -> Result<Summary, Failure> {
    let Recording { note, reports, keep_paths, redacted, max_output } = recording;
    for suspicion in suspicions(plan, &redacted) {
        notice(&format!("warning: {}; `--redact REGEX` leaves it out", visible(&suspicion)));
    }
    let note = note.map(|path| open_file::text(&path, "a text", open_file::TABLE));
    let folder = given::working_folder()?;
    let note = note.transpose()?;
    let context = Context { reports: absolute(&reports)?, folder, keep_paths, note, redacted, max_output };
    let runner = real_runner()?.with_max_output(max_output);
    let made = run::run(plan, &context, &runner, &progress(json))?;
    let mut text = String::new();
    for step in &made.summary.steps {
        let time = step.wall_s.map_or(String::new(), |t| format!(" in {t:.3} s"));
        text += &format!("{}: {}{time}", visible(&step.name), visible(&step.status.text()));
        if let Some(log) = step.logs.last().filter(|_| !step.succeeded()) {
            let log = made.place.join(log);
            text += &format!("{}\n  log: {}", visible_lines(&last_words(&log)), log.display());
        }
        text.push('\n');
    }
    made.summary.open_points.iter().for_each(|point| text += &format!("open: {}\n", visible(point)));
    text += &format!(
        "{}: {}\nevidence: {}",
        made.summary.verdict,
        visible(&made.summary.reason),
        made.place.display()
    );
    print(json, &json!({"folder": made.place, "summary": made.summary}), &text)?;
    Ok(made.summary)
}

/// The exit status of a run: what the first step that failed says.
pub(crate) fn exit_of(summary: &Summary) -> Exit {
    match summary.steps.iter().find(|s| !s.succeeded()).map(|s| &s.status) {
        None => summary.verdict.exit(),
        Some(Status::Interrupted) => Exit::Interrupted,
        Some(_) => Exit::Program,
    }
}

/// Verifies each bundle, who signed it where signers are given, and computes what it says again on request. One that cannot
/// be read hides no other.
pub(crate) fn verify_all(
    bundles: &[PathBuf],
    allowed: Option<&Path>,
    again: bool,
    json: bool,
) -> Result<Exit, Failure> {
    let mut reports = Vec::new();
    let mut computed = Vec::new();
    let mut unread = Vec::new();
    let mut exits = Vec::new();
    let mut text = String::new();
    let mut sound = true;
    for folder in bundles {
        let path = absolute(folder)?;
        let verified = match allowed {
            Some(allowed) => signature::verify(&path, allowed),
            None => verify::verify(&path).map(|report| Attributed { report, signer: None }),
        };
        let Attributed { report, signer } = match verified {
            Ok(verified) => verified,
            Err(error) => {
                exits.push(Failure::from(error).report());
                unread.push(folder);
                continue;
            }
        };
        sound &= report.is_sound();
        let word = if report.is_sound() { "sound" } else { "NOT SOUND" };
        let signer_told =
            signer.as_ref().map_or_else(String::new, |who| format!(", signed by `{}`", visible(who)));
        let name = visible(&folder.to_string_lossy());
        text += &format!("{name}: {word}, {} verified{signer_told}\n", counted(report.verified, "file"));
        report.findings.iter().for_each(|f| text += &format!("  {f}\n"));
        report.not_checked.iter().for_each(|what| text += &format!("  not checked: {}\n", visible(what)));
        if again && report.is_sound() {
            let recomputed = recompute(&report.folder, RunAgain::Again)?;
            recomputed.lines().iter().for_each(|line| text += &format!("  {}\n", visible(line)));
            computed.push(recomputed);
        }
        reports.push(Attributed { report, signer });
    }
    exits.extend(computed.iter().map(Recomputed::exit));
    let sound = sound && !exits.contains(&Exit::Differs);
    if reports.is_empty() {
        return Ok(exits.first().copied().unwrap_or(Exit::Undecided));
    }
    let mut value = json!({"sound": sound && unread.is_empty(), "bundles": reports});
    if !unread.is_empty() {
        value["unread"] = json!(unread);
    }
    if again {
        value["recomputed"] = json!(computed);
    }
    print(json, &value, text.trim_end())?;
    let worst = exits.into_iter().find(|exit| *exit != Exit::Agrees).unwrap_or(Exit::Agrees);
    Ok(if sound { worst } else { Exit::Differs })
}

/// Signs a bundle.
pub(crate) fn sign(bundle: &Path, key: &Path, json: bool) -> Result<Exit, Failure> {
    let signed = signature::sign(&absolute(bundle)?, key)?;
    let text =
        format!("statement: {}\nsignature: {}", signed.statement.display(), signed.signature.display());
    print(json, &json!(signed), &text)
}

/// A path seen from the working folder.
pub(crate) fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    let path = std::path::absolute(path).map_err(SystemError::WorkingFolder)?;
    if path.to_str().is_none() {
        let problem = format!("`{}`: its name is no UTF-8", path.display());
        return Err(UsageError::new(problem, "a path that evidence can record").into());
    }
    Ok(path)
}

/// Writes the index of a folder of bundles.
pub(crate) fn list(reports: &Path, json: bool) -> Result<Exit, Failure> {
    let reports = absolute(reports)?;
    let listed = index::write(&reports)?;
    let page = reports.join("index.html");
    let mut text = format!("{}: {}", counted(listed.bundles.len(), "bundle"), page.display());
    for path in &listed.unfinished {
        text += &format!("\nunfinished: {}; `trace-harness clean` removes it", visible(path));
    }
    print(json, &json!({"page": page, "bundles": listed.bundles, "unfinished": listed.unfinished}), &text)
}

/// Removes what programs that were killed have left below `reports` and among temporary files.
pub(crate) fn clean(reports: Option<&Path>, json: bool) -> Result<Exit, Failure> {
    let folder = absolute(reports.unwrap_or(Path::new("reports")))?;
    // Nobody has to have bundles where nobody says so.
    let Leftovers { mut removable, mut kept } = match reports.is_some() || folder.is_dir() {
        true => {
            let unreadable =
                |source| BundleError::Io { path: folder.clone(), doing: "cannot be read", source };
            std::fs::read_dir(&folder).map_err(unreadable)?;
            leftovers::unfinished(&folder)?
        }
        false => Leftovers::default(),
    };
    let temporary = leftovers::temporary(&std::env::temp_dir())?;
    removable.extend(temporary.removable);
    kept.extend(temporary.kept);
    let shown = |path: &Path| visible(&path.to_string_lossy());
    let mut text = String::new();
    for path in &removable {
        leftovers::remove(path)?;
        text += &format!("removed {}\n", shown(path));
    }
    kept.iter()
        .for_each(|KeptLeftover { path, reason }| text += &format!("left {}: {reason}\n", shown(path)));
    text += &format!("{} removed", removable.len());
    print(json, &json!({"removed": removable, "left": kept}), &text)
}

/// Enters a bundle in a ledger.
pub(crate) fn enter(bundle: &Path, file: &Path, note: Option<&str>, json: bool) -> Result<Exit, Failure> {
    let file = absolute(file)?;
    let entry = ledger::append(&file, &absolute(bundle)?, note)?;
    print(json, &json!({"file": file, "entry": entry}), entry.trim())
}

/// Whether the user agrees to run what the bundle says: by `--yes`, or asked on a terminal.
fn agrees(before: &Before, yes: bool) -> Result<bool, Failure> {
    notice(before.preview().trim_end());
    if yes {
        return Ok(true);
    }
    if !std::io::stdin().is_terminal() {
        let problem =
            "a bundle's commands are run only when somebody agrees, and there is no terminal to ask on";
        return Err(UsageError::new(problem, "--yes").into());
    }
    let _ = write!(std::io::stderr(), "Run these commands on this machine, with your rights? [y/N] ");
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).map_err(SystemError::StandardInput)?;
    Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}

/// Runs the commands of a bundle again and says what came out differently.
pub(crate) fn run_again(
    bundle: &Path,
    places: &Places,
    (yes, allowed): (bool, &[String]),
    json: bool,
) -> Result<Exit, Failure> {
    let before = Before::read_allowing(bundle, allowed)?;
    // A second run compares files; that the verdict follows from the files is another question.
    let computed = recompute(&before.folder, RunAgain::No)?;
    if !computed.findings.is_empty() {
        let text: Vec<String> = computed.lines().iter().map(|line| visible(line)).collect();
        let text = format!("{}\nnothing was run", text.join("\n"));
        print(json, &json!({"recomputed": computed}), &text)?;
        return Ok(Exit::Differs);
    }
    if !agrees(&before, yes)? {
        notice("nothing was run");
        return Ok(Exit::Undecided);
    }
    let runner = real_runner()?.with_max_output(before.summary.output_limit_bytes);
    let result = rerun(&before, places, &runner, &progress(json))?;
    let mut text = String::new();
    for file in &result.files {
        let word = serde_json::to_value(file.verdict).ok();
        let word = word.as_ref().and_then(|v| v.as_str()).unwrap_or_default().to_owned();
        text += &format!("{word}: `{}`: {}\n", visible(&file.path), visible(&file.detail));
    }
    result.summary.open_points.iter().for_each(|point| text += &format!("open: {}\n", visible(point)));
    result.changes.iter().for_each(|c| text += &format!("environment: {}\n", visible(c)));
    text += &format!(
        "{}: {}\nevidence: {}",
        result.summary.verdict,
        visible(&result.summary.reason),
        result.place.display()
    );
    let value = json!({
        "folder": result.place,
        "files": result.files,
        "environment_changes": result.changes,
        "summary": result.summary,
    });
    print(json, &value, &text)?;
    Ok(result.summary.verdict.exit())
}
