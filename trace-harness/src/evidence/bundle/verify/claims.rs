//! What a bundle says more than once, held against itself: steps, inputs, commands, page and metadata describe the same files.
//!
//! Not here: whether files are what the manifest says (`verify`), whether a bundle may be run here (`rerun`).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use serde_json::Value;

use crate::evidence::bundle::documents::{commands, layout, ro_crate};
use crate::evidence::bundle::environment::Environment;
use crate::evidence::bundle::inputs::{self, InputFault, InputFile};
use crate::evidence::bundle::reading::files;
use crate::evidence::bundle::reading::json::{self, JsonError};
use crate::evidence::bundle::summary::{SCHEMA, Step, Summary, VERSION};
use crate::evidence::bundle::verify::check::Verification;
use crate::evidence::bundle::verify::finding::BundleFault;
use crate::evidence::bundle::verify::page::{self, PageFault};
use crate::evidence::exit::Exit;
use crate::evidence::process;
use crate::evidence::verdict::Verdict;

/// The manifest: names and digests.
type ManifestDigests = BTreeMap<String, String>;

/// What a document says that it cannot say in this bundle.
#[derive(Debug, thiserror::Error)]
enum DocumentFault {
    #[error(transparent)]
    Json(#[from] JsonError),
    #[error("is schema {schema} version {version}; expected {:?} {}", SCHEMA, VERSION)]
    Schema { schema: String, version: String },
    #[error("tells of other commands than summary.json")]
    Commands,
    #[error("tells something else than summary.json")]
    Analysis,
    #[error(transparent)]
    Page(#[from] PageFault),
    #[error("has another title, verdict or time than summary.json")]
    Head,
    #[error(transparent)]
    Identifier(#[from] ro_crate::IdentifierError),
    #[error("has another digest of `{0}` than the manifest")]
    Digest(String),
    #[error("does not tell of `{0}`")]
    Missing(String),
    #[error("tells of `{0}`, which is not listed")]
    Unlisted(String),
}

/// Why a file that the summary names cannot be one of the bundle's.
#[derive(Debug, thiserror::Error)]
enum NameFault {
    #[error("leads out of the bundle")]
    Outside,
    #[error("is not in the manifest")]
    Unlisted,
}

/// What is wrong with an input of the summary.
#[derive(Debug, thiserror::Error)]
enum InputProblem {
    #[error(transparent)]
    Input(#[from] InputFault),
    #[error("its copy `{stored}` {fault}")]
    Copy { stored: String, fault: NameFault },
    #[error("its copy `{0}` has another digest in the manifest")]
    Digest(String),
}

/// Reads the documents of a bundle and holds them against each other and the manifest.
pub(super) fn check(
    check: &mut Verification<'_>,
    listed: &ManifestDigests,
) -> (Option<Summary>, Option<Environment>) {
    let environment = document(check, listed, "env.json", |text| json::read::<Environment>(&text));
    for name in ["metrics.json", "rerun.json"] {
        document(check, listed, name, |text| json::read::<Value>(&text));
    }
    let summary = document(check, listed, "summary.json", |text| summary(&text));
    if let Some(summary) = &summary {
        for problem in problems(summary, listed) {
            check.add(BundleFault::Disagrees, "summary.json", problem);
        }
        let mut agrees = |name: &str, check_text: &dyn Fn(&[u8]) -> Result<(), DocumentFault>| {
            let read = |text: Vec<u8>| Ok::<_, DocumentFault>(check_text(&text).err());
            let problem = document(check, listed, name, read).flatten();
            problem
                .into_iter()
                .for_each(|problem| check.add(BundleFault::Disagrees, name, problem.to_string()));
        };
        agrees("commands.txt", &|text| {
            let same = text == commands::render(&summary.steps).as_bytes();
            same.then_some(()).ok_or(DocumentFault::Commands)
        });
        agrees("report.html", &|text| {
            Ok(page::agrees(&String::from_utf8_lossy(text), summary, environment.as_ref())?)
        });
        if summary.layout == layout::layout() {
            agrees("analysis.md", &|text| {
                let body = layout::analysis_frame(summary).body(&String::from_utf8_lossy(text)).map(|_| ());
                body.ok_or(DocumentFault::Analysis)
            });
        }
        agrees(ro_crate::NAME, &|text| metadata(text, listed, summary));
    }
    (summary, environment)
}

/// What cannot be held against the summary, because another program wrote it.
pub(super) fn not_checked(summary: &Summary, environment: Option<&Environment>) -> Option<String> {
    (summary.layout != layout::layout()).then(|| {
        let crates = environment.map(|environment| &environment.crates);
        let version = crates.and_then(|crates| crates.get(env!("CARGO_PKG_NAME"))).map_or("unknown", |v| v);
        format!(
            "what `analysis.md` and `report.html` say beyond verdict, title and commands: written by another program (version \
             {version}, layout `{}`; this is layout `{}`)",
            summary.layout,
            layout::layout()
        )
    })
}

/// The content of a document of the bundle as `read` understands it, if it is there and makes sense.
fn document<T, E: Display>(
    check: &mut Verification<'_>,
    listed: &ManifestDigests,
    name: &str,
    read: impl FnOnce(Vec<u8>) -> Result<T, E>,
) -> Option<T> {
    if !listed.contains_key(name) || !check.is_file(name) {
        return None;
    }
    let text = match check.files.read(name, files::DOCUMENT_LIMIT) {
        Ok(text) => text,
        Err(e) => {
            check.add(BundleFault::Changed, name, format!("cannot be read: {e}"));
            return None;
        }
    };
    // What is understood must be what is listed, also where the file is exchanged between two readings.
    if !check.is_as_listed(name, &text, &listed[name]) {
        return None;
    }
    read(text).map_err(|problem| check.add(BundleFault::Format, name, problem.to_string())).ok()
}

fn summary(text: &[u8]) -> Result<Summary, DocumentFault> {
    let value: Value = json::read(text)?;
    let (schema, version) = (&value["schema"], &value["version"]);
    if schema != SCHEMA || *version != VERSION {
        return Err(DocumentFault::Schema { schema: schema.to_string(), version: version.to_string() });
    }
    Ok(serde_json::from_value(value).map_err(JsonError::Other)?)
}

/// What steps and inputs say that no run can have written, or that the manifest says otherwise.
fn problems(summary: &Summary, listed: &ManifestDigests) -> Vec<String> {
    let mut found = Vec::new();
    found.extend(summary.exit.and_then(|exit| exit_problem(exit, summary.verdict)));
    let mut names = BTreeSet::new();
    for step in &summary.steps {
        if !names.insert(step.name.as_str()) {
            found.push(format!("has two steps `{}`; expected names of their own", step.name));
        }
        let wrong = step_problems(step, listed);
        found.extend(wrong.into_iter().map(|problem| format!("step `{}`: {problem}", step.name)));
    }
    for input in &summary.inputs {
        let wrong = input_problem(input, listed).err();
        found.extend(wrong.map(|problem| format!("input `{}`: {problem}", input.name)));
    }
    found
}

/// What is wrong with an exit status beside the verdict. Only a failure has several.
fn exit_problem(exit: u8, verdict: Verdict) -> Option<String> {
    let may_be = match verdict {
        Verdict::Fail | Verdict::Error => {
            Exit::ALL.iter().any(|known| known.code() == exit) && exit != Exit::Agrees.code()
        }
        // Rules that do not fit the files they are for are the user's to mend.
        Verdict::Undecided => [verdict.exit(), Exit::Usage].iter().any(|known| known.code() == exit),
        Verdict::Pass => exit == verdict.exit().code(),
    };
    (!may_be).then(|| format!("is {verdict}, and ended with {exit}"))
}

fn step_problems(step: &Step, listed: &ManifestDigests) -> Vec<String> {
    let mut found = Vec::new();
    if step.command.first().is_none_or(String::is_empty) {
        found.push("has no command; expected a program and its arguments".to_owned());
    }
    let variables = step.exported.keys().filter(|name| !process::is_variable(name));
    found.extend(variables.map(|name| format!("exports `{name}`; expected letters, digits and `_`")));
    let limit = step.time_limit_s.and_then(|seconds| process::time_limit(seconds).err());
    found.extend(limit.map(|problem| format!("has a time limit of {problem}")));
    // A step that failed says what it should have written.
    let (started, succeeded) = (step.start.is_some(), step.succeeded());
    for log in &step.logs {
        found.extend(named(listed, log, started).err().map(|problem| format!("log `{log}` {problem}")));
    }
    for output in &step.outputs {
        let name = named(listed, &output.path, succeeded).err().map(|fault| fault.to_string());
        let problem = name.or_else(|| output.tolerance.check().err().map(|error| error.to_string()));
        found.extend(problem.map(|problem| format!("output `{}` {problem}", output.path)));
    }
    found
}

/// A file that the summary names is inside the bundle, and there where it is `needed`.
fn named(listed: &ManifestDigests, path: &str, needed: bool) -> Result<(), NameFault> {
    match (files::is_inside(path), listed.contains_key(path)) {
        (false, _) => Err(NameFault::Outside),
        (true, false) if needed => Err(NameFault::Unlisted),
        _ => Ok(()),
    }
}

fn input_problem(input: &InputFile, listed: &ManifestDigests) -> Result<(), InputProblem> {
    inputs::check(input)?;
    let Some(stored) = &input.stored else { return Ok(()) };
    named(listed, stored, true).map_err(|fault| InputProblem::Copy { stored: stored.clone(), fault })?;
    match listed.get(stored) == Some(&input.sha256) {
        true => Ok(()),
        false => Err(InputProblem::Digest(stored.clone())),
    }
}

/// The metadata say the same of the files and of the verdict as manifest and summary.
fn metadata(text: &[u8], listed: &ManifestDigests, summary: &Summary) -> Result<(), DocumentFault> {
    let crate_: Value = json::read(text)?;
    let mut known: BTreeMap<String, &str> = BTreeMap::new();
    for entity in crate_["@graph"].as_array().into_iter().flatten() {
        let text = |name: &str| entity[name].as_str().unwrap_or_default();
        if text("@id") == "./" {
            let recorded = [text("name"), text("description"), text("datePublished")];
            let verdict = format!("{}: {}", summary.verdict, summary.reason);
            if recorded != [&summary.title, &verdict, &summary.created] {
                return Err(DocumentFault::Head);
            }
        } else if text("@type") == "File" {
            known.insert(ro_crate::path_of(text("@id"))?, text("sha256"));
        }
    }
    for (path, sha256) in listed.iter().filter(|(path, _)| *path != ro_crate::NAME) {
        match known.remove(path) {
            Some(recorded) if recorded == sha256 => {}
            Some(_) => return Err(DocumentFault::Digest(path.clone())),
            None => return Err(DocumentFault::Missing(path.clone())),
        }
    }
    known.keys().next().map_or(Ok(()), |path| Err(DocumentFault::Unlisted(path.clone())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exit_status_follows_from_the_verdict() {
        let verdicts = [Verdict::Pass, Verdict::Undecided, Verdict::Fail];
        let allowed = verdicts.map(|verdict| {
            (0..=9).filter(|exit| exit_problem(*exit, verdict).is_none()).collect::<Vec<u8>>()
        });
        assert_eq!(allowed, [vec![0], vec![1, 5], vec![1, 2, 3, 4, 5, 6]]);
        assert_eq!(exit_problem(0, Verdict::Fail).unwrap(), "is FAIL, and ended with 0");
    }
}
