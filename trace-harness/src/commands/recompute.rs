//! `verify --recompute`: does what a bundle says follow from the files in it?
//!
//! Bundles of this program's own work (differences of traces, audits, triages) are made again from their inputs; comparisons of
//! images are computed by `nb-compare`, which knows how. Not here: whether the bundle is unchanged (`verify`), running what
//! somebody else wrote (`rerun`).

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Serialize;
use serde_json::Value;
use walkdir::WalkDir;

use crate::commands::real_runner;
use crate::evidence::bundle::documents::layout;
use crate::evidence::bundle::reading::files;
use crate::evidence::bundle::rerun::Before;
use crate::evidence::bundle::rerun::tolerance::{FileVerdict, compare};
use crate::evidence::bundle::summary::{Step, Summary, Tolerance};
use crate::evidence::bundle::verify::{self, Examined};
use crate::evidence::bundle::{BundleError, MANIFEST};
use crate::evidence::exit::Exit;
use crate::evidence::failure::{EndsCommand, Failure, SystemError};
use crate::evidence::given;
use crate::evidence::process::{Invocation, Runner, Temporary, find_program};
use crate::evidence::verdict::Verdict;
use crate::evidence::wording::counted;
use crate::plan::run::outcome;

/// What came of computing a bundle again.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Recomputed {
    /// What was computed again, in words; empty if nothing was.
    pub(crate) done: String,
    /// What does not follow from the files.
    pub(crate) findings: Vec<String>,
    /// What could not be computed again, and why.
    pub(crate) left_out: Vec<String>,
    /// Limits that are looser than usual.
    pub(crate) looser: Vec<String>,
    /// What is shown to people and was not made again, and why.
    pub(crate) not_checked: Vec<String>,
}

impl Recomputed {
    fn left_out(why: impl Into<String>) -> Self {
        Self { left_out: vec![why.into()], ..Self::default() }
    }

    /// 0 where everything follows, 3 where something does not, 5 where something could not be computed.
    pub(crate) fn exit(&self) -> Exit {
        match (self.findings.is_empty(), self.left_out.is_empty()) {
            (false, _) => Exit::Differs,
            (true, true) => Exit::Agrees,
            (true, false) => Exit::Undecided,
        }
    }

    /// A line for each finding.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if self.exit() == Exit::Agrees {
            lines.push(format!("follows: {}", self.done));
        }
        lines.extend(self.looser.iter().map(|what| format!("judged more loosely than usual: {what}")));
        lines.extend(self.not_checked.iter().map(|what| format!("not made again: {what}")));
        lines.extend(self.findings.iter().map(|finding| format!("does not follow: {finding}")));
        lines.extend(self.left_out.iter().map(|why| format!("not computed again: {why}")));
        lines
    }
}

/// What may be done with a bundle of this program's own work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RunAgain {
    /// It is made again by this program: nothing of the bundle is run.
    Again,
    /// It will be run again anyhow.
    No,
}

/// Kinds that this program makes from files alone.
const OWN: [&str; 5] = ["diff", "audit", "triage", "shadow", "spread"];

/// Kinds that may have figures of images or arrays.
const OF_NB_COMPARE: [&str; 5] = ["comparison", "arrays", "outputs", "noise", "matrix"];

/// Computes the sound bundle in `folder` again.
///
/// # Errors
/// It cannot be read, or is not sound.
pub(crate) fn recompute(folder: &Path, work: RunAgain) -> Result<Recomputed, Failure> {
    if !folder.is_dir() {
        return Ok(Recomputed::left_out("is an archive; expected the folder of a bundle: unpack it first"));
    }
    let examined = verify::examine(folder)?;
    let Some(summary) = &examined.summary else {
        return Ok(Recomputed::left_out("is in the older layout, whose figures only people can read"));
    };
    if !OF_NB_COMPARE.contains(&summary.kind.as_str()) && has_figures_of_images(&examined) {
        let finding =
            format!("calls itself `{}`, and has the figures of a comparison of images", summary.kind);
        return Ok(Recomputed { findings: vec![finding], ..Recomputed::default() });
    }
    match summary.kind.as_str() {
        "comparison" | "arrays" | "outputs" | "noise" => by_nb_compare(folder),
        "matrix" if is_own_step(summary, "matrix").is_none() => by_nb_compare(folder),
        "run" if has_figures(&examined) => Ok(Recomputed {
            findings: vec![
                "calls itself `run`, and has figures in metrics.json, which no run has".to_owned(),
            ],
            ..Recomputed::default()
        }),
        "run" => {
            let mut recomputed = plan(summary);
            if work == RunAgain::Again {
                for (step, kind) in OWN.iter().filter_map(|kind| Some((is_own_step(summary, kind)?, kind))) {
                    own_end(folder, step, kind, &mut recomputed)?;
                }
            }
            Ok(recomputed)
        }
        kind if OWN.contains(&kind) && work == RunAgain::Again => own(folder, summary),
        kind if OWN.contains(&kind) => Ok(Recomputed::default()),
        kind => Ok(Recomputed::left_out(format!(
            "is of kind `{kind}`, whose figures come from running programs; `trace-harness rerun` runs them"
        ))),
    }
}

/// Whether the summary has fields that only comparisons of images have: a bundle is judged by what it holds, not by its name.
fn has_figures_of_images(examined: &Examined) -> bool {
    let text = examined.files.read("summary.json", files::DOCUMENT_LIMIT).unwrap_or_default();
    let summary: Value = serde_json::from_slice(&text).unwrap_or_default();
    ["settings", "gates", "number_types", "cases", "compared_outputs", "noise"]
        .iter()
        .any(|field| !summary[*field].is_null())
}

/// Whether metrics.json has a figure.
fn has_figures(examined: &Examined) -> bool {
    let text = examined.files.read("metrics.json", files::DOCUMENT_LIMIT).unwrap_or_default();
    let document: Value = serde_json::from_slice(&text).unwrap_or_default();
    document["metrics"].as_object().is_some_and(|metrics| !metrics.is_empty())
}

/// Holds how the one step of a run ended, which is this program's own command `kind` on files of the bundle, against how it ends.
fn own_end(folder: &Path, step: &Step, kind: &str, recomputed: &mut Recomputed) -> Result<(), Failure> {
    let temporary = Temporary::new().map_err(SystemError::TemporaryFolder)?;
    match made_again(&Before::read(folder)?, step, kind, temporary.path())? {
        Ok(place) => {
            let again = Before::read(&place)?;
            let ends = again.summary.steps.first().map(|step| &step.status);
            if ends != Some(&step.status) {
                recomputed.findings.push(format!("`{}` ends otherwise on the bundle's own files", step.name));
            }
        }
        Err(why) => recomputed.left_out.push(format!("`{}` cannot be done again: {why}", step.name)),
    }
    Ok(())
}

/// The verdict of a plan follows from how its steps ended.
fn plan(summary: &Summary) -> Recomputed {
    let (verdict, reason) = outcome(&summary.steps);
    // An input that changed meanwhile makes a pass undecided, which the files cannot show.
    let weaker = verdict == Verdict::Pass && summary.verdict == Verdict::Undecided;
    let mut recomputed = Recomputed {
        done: "the verdict, from the recorded ends of its steps".to_owned(),
        ..Recomputed::default()
    };
    // Earlier versions counted a single command, too.
    let counted = reason.replacen("the command ended", "all 1 commands ended", 1);
    let follows = summary.verdict == verdict && [&reason, &counted].contains(&&summary.reason);
    if !weaker && !follows {
        let says = format!("{} ({})", summary.verdict, summary.reason);
        recomputed.findings.push(format!("says {says}, and its steps come to {verdict} ({reason})"));
    }
    recomputed
}

/// The one step of a bundle that is this program's own command `name`.
fn is_own_step<'a>(summary: &'a Summary, name: &str) -> Option<&'a Step> {
    let [step] = summary.steps.as_slice() else { return None };
    let [program, command, arguments @ ..] = step.command.as_slice() else { return None };
    let own = program.starts_with("{bin:") && program.ends_with("/trace-harness}");
    (own && command == name
        && step.folder == "{work}"
        && arguments.iter().all(|word| stays_inside(word, summary)))
    .then_some(step)
}

/// Whether a word of a recorded command can only mean the bundle's own inputs and the folder of the new results: any other path
/// could make the command read, or write over, what is this machine's.
fn stays_inside(word: &str, summary: &Summary) -> bool {
    let value = word.split_once('=').map_or(word, |(_, value)| value);
    // What a trace calls an array may have the sign in it.
    let last = word.rfind("={").map_or(word, |at| &word[at + 1..]);
    let is_input = |text: &str| summary.inputs.iter().any(|input| input.token == text);
    let is_result = |text: &str| {
        let below = text.strip_prefix("{out}");
        below.is_some_and(|rest| rest.is_empty() || rest.strip_prefix('/').is_some_and(files::is_inside))
    };
    let is_path =
        |text: &str| text.contains(['/', '\\', '{', '}']) || text.split('=').any(|part| part == "..");
    [word, value, last].iter().any(|text| is_input(text) || is_result(text)) || !is_path(word)
}

/// Makes a bundle of this program's own work again, in a temporary folder and of the bundle's own inputs, and compares all of it.
fn own(folder: &Path, summary: &Summary) -> Result<Recomputed, Failure> {
    let Some(step) = is_own_step(summary, &summary.kind) else {
        return Ok(Recomputed::left_out("is not made by one command of this program on files of its own"));
    };
    if let Some(input) = summary.inputs.iter().find(|input| input.stored.is_none()) {
        let name = &input.name;
        return Ok(Recomputed::left_out(format!("its input `{name}` was too large to be in the bundle")));
    }
    let temporary = Temporary::new().map_err(SystemError::TemporaryFolder)?;
    let before = Before::read(folder)?;
    let mut recomputed = Recomputed {
        done: format!("{}, made again", step.name),
        looser: looser(&step.command),
        ..Recomputed::default()
    };
    match made_again(&before, step, &summary.kind, temporary.path())? {
        Ok(place) => {
            let after = Before::read(&place)?;
            recomputed.findings.extend(file_differences(&before, &after, step)?);
            recomputed.findings.extend(result_differences(&before, &after)?);
        }
        Err(why) => recomputed.findings.push(format!("`{}` makes no bundle again: {why}", step.name)),
    }
    Ok(recomputed)
}

/// Why a bundle was not made again.
#[derive(Debug, thiserror::Error)]
enum NotMade {
    #[error("has no words")]
    NoArguments,
    #[error("its last two words do not say where its results go")]
    NoPlace,
    /// This program made none, and reported this.
    #[error("{0}")]
    Reported(String),
}

/// What a command asks less strictly than where nothing is named, in words.
fn looser(command: &[String]) -> Vec<String> {
    let next = command.iter().skip(1).map(String::as_str).chain([""]);
    let named = |(word, next): (&String, &str)| {
        let (option, value) = match word.split_once('=') {
            Some((option, value)) => (option.to_owned(), value.to_owned()),
            None => (word.clone(), next.to_owned()),
        };
        let is_wide = value.parse::<f64>().is_ok_and(|limit| limit > 0.0);
        match option.as_str() {
            "--rtol" if is_wide => Some(format!("a relative tolerance of {value} for every key")),
            "--atol" if is_wide => Some(format!("an absolute tolerance of {value} for every key")),
            "--tolerances" => Some("tolerances of single keys".to_owned()),
            "--tolerance-from" => {
                Some("the reference's own noise, as a file says that `trace-harness spread` made".to_owned())
            }
            "--fail-on" if value == "never" => Some("failed tests do not make it fail".to_owned()),
            "--fail-on" if value == "new" => Some("tests that failed before do not make it fail".to_owned()),
            "--allow-missing" => Some(format!("keys `{value}` may be missing in one trace")),
            _ => None,
        }
    };
    command.iter().zip(next).filter_map(named).collect()
}

/// Has this program do the work of the one step of `before` again, as a bundle below `temporary`; gives its place, or why there is none.
fn made_again(
    before: &Before,
    step: &Step,
    kind: &str,
    temporary: &Path,
) -> Result<Result<PathBuf, NotMade>, Failure> {
    let refused = |source| BundleError::Io { path: temporary.to_owned(), doing: "cannot be used", source };
    let program = std::env::current_exe().map_err(SystemError::OwnExecutable)?;
    let mut inputs = Vec::new();
    for input in &before.summary.inputs {
        let path = temporary.join(input.stored.as_deref().unwrap_or_default());
        before.copy(input.stored.as_deref().unwrap_or_default(), &path)?;
        inputs.push((&input.token, path));
    }
    let (work, reports) = (temporary.join("work"), temporary.join("made"));
    [&work, &reports].into_iter().try_for_each(std::fs::create_dir).map_err(refused)?;
    // The last two words say where the results go: into a bundle this time.
    let [command @ .., option, _] = &step.command[1..] else { return Ok(Err(NotMade::NoArguments)) };
    let mut arguments: Vec<OsString> = Vec::new();
    for word in command {
        let path = inputs.iter().find_map(|(token, path)| {
            let before = word.strip_suffix(token.as_str())?;
            let mut word = OsString::from(before);
            word.push(path);
            (before.is_empty() || before.ends_with('=')).then_some(word)
        });
        arguments.push(path.unwrap_or_else(|| word.into()));
    }
    match (kind, option.as_str()) {
        ("diff" | "audit" | "shadow" | "spread", "--files") => {
            arguments.extend(["--out".into(), reports.join("b").into()])
        }
        ("triage", "--out") => arguments.extend(["--reports".into(), reports.clone().into()]),
        _ => return Ok(Err(NotMade::NoPlace)),
    }
    arguments.push("--keep-paths".into());
    let [stdout, stderr] = ["stdout", "stderr"].map(|name| temporary.join(name));
    let (args, time_limit) = (arguments, None);
    let invocation = Invocation {
        stdin: None,
        program,
        args,
        folder: work,
        exported: Vec::new(),
        stdout,
        stderr,
        time_limit,
    };
    real_runner()?.run(&invocation)?;
    let made = WalkDir::new(&reports).into_iter().flatten().find(|entry| entry.file_name() == MANIFEST);
    Ok(match made.and_then(|manifest| manifest.path().parent().map(Path::to_owned)) {
        Some(place) => Ok(place),
        None => {
            let stderr = given::bytes(&invocation.stderr).map_err(refused)?;
            let stderr = String::from_utf8_lossy(&stderr);
            Err(NotMade::Reported(stderr.lines().next().unwrap_or("it says nothing").to_owned()))
        }
    })
}

/// Which results differ by more than this program allows its own results, whatever the bundle says.
fn file_differences(before: &Before, after: &Before, step: &Step) -> Result<Vec<String>, Failure> {
    let mut found = Vec::new();
    for output in &step.outputs {
        let [then, now] = [before, after].map(|bundle| bundle.content(&output.path));
        let made = after.summary.steps.iter().flat_map(|step| &step.outputs);
        let made = made.into_iter().find(|made| made.path == output.path);
        let tolerance = made.map_or(&Tolerance::Exact, |made| &made.tolerance);
        let (verdict, detail) = compare(then?.as_deref(), now?.as_deref(), tolerance);
        if !matches!(verdict, FileVerdict::Identical | FileVerdict::Within) {
            found.push(format!("`{}`: {detail}", output.path));
        }
    }
    let outputs = |bundle: &Before| -> BTreeSet<String> {
        bundle.summary.steps.iter().flat_map(|step| &step.outputs).map(|output| output.path.clone()).collect()
    };
    let more = &outputs(after) - &outputs(before);
    found.extend(more.iter().map(|path| format!("`{path}`: is not in the bundle, and is made again")));
    Ok(found)
}

/// What the bundle says otherwise than the one that was made again.
fn result_differences(before: &Before, after: &Before) -> Result<Vec<String>, Failure> {
    let facts = |bundle: &Before| -> [(&str, String); 4] {
        let Summary { verdict, title, reason, steps, .. } = &bundle.summary;
        let ends: Vec<String> = steps.iter().map(|step| step.status.text()).collect();
        [
            ("verdict", verdict.to_string()),
            ("title", title.clone()),
            ("reason", reason.clone()),
            ("end", ends.join(", ")),
        ]
    };
    let mut found = Vec::new();
    for ((what, then), (_, now)) in facts(before).into_iter().zip(facts(after)) {
        if then != now {
            found.push(format!("says {then} as its {what}, and its files make {now}"));
        }
    }
    if before.summary.layout == after.summary.layout {
        for document in ["analysis.md", "report.html"] {
            if added(before, document)? != added(after, document)? {
                found.push(format!("`{document}` says something else than its files make"));
            }
        }
    }
    Ok(found)
}

/// What the kind of a bundle adds to one of its documents.
fn added(bundle: &Before, document: &str) -> Result<Option<String>, Failure> {
    let text = bundle.content(document)?.unwrap_or_default();
    let frame = match document {
        "analysis.md" => layout::analysis_frame(&bundle.summary),
        _ => layout::page_frame(&bundle.summary, &bundle.environment, ""),
    };
    Ok(frame.body(&String::from_utf8_lossy(&text)).map(str::to_owned))
}

/// The program that computes comparisons of images again gives no result.
#[derive(Debug, thiserror::Error)]
enum HelperError {
    #[error("`{}`: cannot be started: {source}", program.display())]
    Start { program: PathBuf, source: std::io::Error },
    #[error("`{}`: {stderr}", program.display())]
    NoResult { program: PathBuf, stderr: String },
}

impl EndsCommand for HelperError {
    fn exit(&self) -> Exit {
        Exit::Undecided
    }
}

/// Comparisons of images are computed by the program that makes them.
fn by_nb_compare(folder: &Path) -> Result<Recomputed, Failure> {
    const NAME: &str = "nb-compare";
    let beside: Option<PathBuf> = std::env::current_exe().ok().and_then(|own| Some(own.parent()?.join(NAME)));
    let Some(program) = beside.filter(|p| p.is_file()).or_else(|| find_program(NAME, Path::new("/"))) else {
        let why = "comparisons of images are computed by `nb-compare`, which is not there";
        return Ok(Recomputed::left_out(format!("{why}; expected it beside this program or on the PATH")));
    };
    let ended = Command::new(&program).args(["recompute", "--json", "--"]).arg(folder).output();
    let ended = ended.map_err(|source| HelperError::Start { program: program.clone(), source })?;
    let answer: Value = serde_json::from_slice(&ended.stdout).unwrap_or_default();
    let result = &answer["bundles"][0]["result"];
    if !result.is_object() {
        let stderr = String::from_utf8_lossy(&ended.stderr).trim().to_owned();
        return Err(HelperError::NoResult { program, stderr }.into());
    }
    let list = |name: &str| -> Vec<String> {
        let items = result[name].as_array().into_iter().flatten();
        items.filter_map(|item| item.as_str().map(str::to_owned)).collect()
    };
    let mut recomputed = Recomputed {
        done: judged(result),
        findings: list("findings"),
        left_out: without_images(list("left_out")),
        looser: list("looser"),
        not_checked: list("not_checked"),
    };
    if recomputed.exit() == Exit::Agrees && ended.status.code() != Some(0) {
        recomputed.left_out.push(format!("`{NAME}` ended with {}", ended.status));
    }
    Ok(recomputed)
}

/// What `nb-compare` judged again, in words.
fn judged(result: &Value) -> String {
    let count = |value: &Value| value.as_u64().and_then(|n| usize::try_from(n).ok()).filter(|n| *n > 0);
    let compared = ["images", "arrays", "tables"].into_iter().filter_map(|kind| {
        let comparisons = counted(count(&result["judged"][kind])?, "comparison");
        Some(format!("{comparisons} of {kind}"))
    });
    let noise = count(&result["judged"]["noise"]).map(|n| format!("the noise of {}", counted(n, "output")));
    let failed =
        count(&result["failed_runs"]).map(|n| format!("{} without results", counted(n, "failed run")));
    compared.chain(noise).chain(failed).collect::<Vec<_>>().join(", ")
}

/// What was left out, with all cases of a matrix that kept no images as one. Nothing stands in for an image: whoever can write a verdict
/// can write a digest.
fn without_images(left_out: Vec<String>) -> Vec<String> {
    let (not_kept, mut others): (Vec<String>, Vec<String>) =
        left_out.into_iter().partition(|why| why.ends_with("was not kept"));
    if let [first, more @ ..] = not_kept.as_slice() {
        others.push(match more.len() {
            0 => first.clone(),
            more => format!("{first}, nor were images of {more} more cases"),
        });
        others.push(
            "a matrix that is run with `--keep-images all` can be computed again as a whole".to_owned(),
        );
    }
    others
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_was_judged_again_is_named_by_what_it_is_and_only_where_there_is_some() {
        let judged = |result: Value| super::judged(&result);
        let counts = json!({"images": 0, "arrays": 1, "tables": 2, "noise": 0});
        assert_eq!(
            judged(json!({"judged": counts, "failed_runs": 0})),
            "1 comparison of arrays, 2 comparisons of tables"
        );
        let counts = json!({"images": 2, "arrays": 0, "tables": 0, "noise": 0});
        assert_eq!(
            judged(json!({"judged": counts, "failed_runs": 1})),
            "2 comparisons of images, 1 failed run without results"
        );
        assert_eq!(judged(json!({"judged": {"noise": 3}, "failed_runs": 0})), "the noise of 3 outputs");
    }

    #[test]
    fn cases_without_images_are_told_once_and_with_what_helps() {
        let shown = |whys: &[&str]| without_images(whys.iter().map(|why| (*why).to_owned()).collect());
        assert!(shown(&[]).is_empty());
        assert_eq!(shown(&["a: other"]), ["a: other"]);
        let many = shown(&["a: `x` was not kept", "b: other", "c: `y` was not kept", "d: `z` was not kept"]);
        assert_eq!(many[..2], ["b: other", "a: `x` was not kept, nor were images of 2 more cases"]);
        assert!(many[2].contains("`--keep-images all`"), "{many:?}");
    }
}
