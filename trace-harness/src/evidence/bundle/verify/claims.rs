//! What a bundle says of itself, held against what it holds: inputs, logs, outputs, commands, verdict and digests are told in more
//! than one place, and a bundle in which two of them disagree is not what was written.
//!
//! Not here: whether the files are those of the manifest (`verify`).

use std::collections::BTreeMap;
use std::path::{Component, Path};

use serde_json::Value;

use crate::evidence::bundle::commands;
use crate::evidence::bundle::inputs::InputFile;
use crate::evidence::bundle::summary::{OutputFile, SCHEMA, Status, Step, Summary, Tolerance, VERSION};
use crate::evidence::page;

/// Longest time limit that means anything, s: a year.
const LONGEST: f64 = 3.2e7;
/// Largest relative tolerance that still compares anything.
const LARGEST_TOLERANCE: f64 = 1.0;

/// The parts of a bundle that tell the same.
pub(super) struct Claims<'a> {
    /// Digests by path, as the manifest has them.
    pub listed: &'a BTreeMap<String, String>,
    /// Reads a file of the bundle as text; `None` where it is not there.
    pub text: &'a dyn Fn(&str) -> Option<String>,
    /// Reads the size of a file of the bundle, bytes.
    pub size: &'a dyn Fn(&str) -> Option<u64>,
}

/// A file of the bundle, and what is wrong with what it says.
pub(super) type Disagreement = (String, String);

/// The summary in `text`.
///
/// # Errors
/// It is none, of another version, or has a field twice.
pub(super) fn summary(text: &str) -> Result<Summary, String> {
    let summary: Summary = serde_json::from_str(text).map_err(|e| format!("is not as expected: {e}"))?;
    match summary.schema == SCHEMA && summary.version == VERSION {
        true => Ok(summary),
        false => Err(format!(
            "is schema {:?} version {}; expected {SCHEMA:?} {VERSION}",
            summary.schema, summary.version
        )),
    }
}

impl Claims<'_> {
    /// Everything that does not agree.
    pub fn disagreements(&self, summary: &Summary) -> Vec<Disagreement> {
        let mut found: Vec<Disagreement> = Vec::new();
        let mut wrong = |problem: String| found.push(("summary.json".to_owned(), problem));
        for input in &summary.inputs {
            self.input(input).into_iter().for_each(&mut wrong);
        }
        for step in &summary.steps {
            self.step(step).into_iter().for_each(|problem| wrong(format!("step `{}`: {problem}", step.name)));
        }
        found.extend(self.commands(summary));
        found.extend(self.report(summary));
        found.extend(self.crate_digests());
        found
    }

    fn input(&self, input: &InputFile) -> Vec<String> {
        let mut wrong = Vec::new();
        let name = &input.name;
        let prefix = input.sha256.get(..12).unwrap_or_default();
        if !is_name(name) || prefix.is_empty() || input.token != format!("{{input:{prefix}/{name}}}") {
            wrong.push(format!(
                "input `{name}`: token `{}` is not that of its digest and name; expected `{{input:{prefix}/{name}}}`",
                input.token
            ));
        }
        let Some(stored) = &input.stored else { return wrong };
        if *stored != format!("inputs/{prefix}/{name}") {
            wrong.push(format!("input `{name}`: is stored as `{stored}`; expected `inputs/{prefix}/{name}`"));
            return wrong;
        }
        match self.listed.get(stored) {
            Some(sha256) if *sha256 == input.sha256 => {}
            Some(_) => wrong.push(format!("input `{stored}`: has another digest in the manifest")),
            None => wrong.push(format!("input `{stored}`: is not in the manifest")),
        }
        if (self.size)(stored).is_some_and(|bytes| bytes != input.bytes) {
            wrong.push(format!("input `{stored}`: is not {} bytes long", input.bytes));
        }
        wrong
    }

    fn step(&self, step: &Step) -> Vec<String> {
        let mut wrong = Vec::new();
        if step.command.first().is_none_or(String::is_empty) {
            wrong.push("has no command".to_owned());
        }
        if step.time_limit_s.is_some_and(|s| !(s > 0.0 && s <= LONGEST)) {
            let limit = step.time_limit_s.unwrap_or_default();
            wrong.push(format!("time limit of {limit} s; expected more than 0 and at most {LONGEST:e}"));
        }
        wrong.extend(
            step.exported
                .keys()
                .filter(|name| !is_variable(name))
                .map(|name| format!("exports `{}`; expected letters, digits and `_`", name.escape_default())),
        );
        let started = step.start.is_some();
        let succeeded = matches!(step.status, Status::Exit { code: 0 });
        for log in &step.logs {
            wrong.extend(self.file("log", log, started));
        }
        for output in &step.outputs {
            wrong.extend(self.file("output", &output.path, succeeded));
            wrong.extend(absurd(output));
        }
        wrong
    }

    /// A file that a step names: inside the bundle, and there where it has to be.
    fn file(&self, what: &str, path: &str, needed: bool) -> Option<String> {
        let inside = Path::new(path).components().all(|part| matches!(part, Component::Normal(_)));
        match (inside && !path.is_empty(), self.listed.contains_key(path)) {
            (false, _) => Some(format!("{what} `{path}` leads out of the bundle")),
            (true, false) if needed => Some(format!("{what} `{path}` is not in the manifest")),
            _ => None,
        }
    }

    fn commands(&self, summary: &Summary) -> Option<Disagreement> {
        let text = (self.text)("commands.txt")?;
        let expected = commands::render(&summary.steps);
        (text != expected)
            .then(|| ("commands.txt".to_owned(), "does not tell the commands of summary.json".to_owned()))
    }

    fn report(&self, summary: &Summary) -> Vec<Disagreement> {
        let Some(text) = (self.text)("report.html") else { return Vec::new() };
        let verdict = page::verdict_line(summary);
        let commands = summary.steps.iter().map(|step| {
            let words: Vec<String> = step.command.iter().map(|word| commands::quote(word)).collect();
            page::escape(&words.join(" "))
        });
        let wrong = |what: &str| ("report.html".to_owned(), format!("does not show {what} of summary.json"));
        let verdict = (!text.contains(&verdict)).then(|| wrong("the verdict"));
        let commands = commands.filter(|words| !text.contains(words)).map(|_| wrong("a command"));
        verdict.into_iter().chain(commands).collect()
    }

    /// Digests in the RO-Crate metadata are those of the manifest.
    fn crate_digests(&self) -> Vec<Disagreement> {
        const NAME: &str = "ro-crate-metadata.json";
        let Some(text) = (self.text)(NAME) else { return Vec::new() };
        let Ok(value) = serde_json::from_str::<Value>(&text) else {
            return vec![(NAME.to_owned(), "is no JSON".to_owned())];
        };
        let graph = value["@graph"].as_array().map(Vec::as_slice).unwrap_or_default();
        let files = graph.iter().filter(|entity| entity["@type"] == "File");
        let told = files.filter_map(|file| Some((file["name"].as_str()?, file["sha256"].as_str()?)));
        let other = told.filter(|(name, sha256)| self.listed.get(*name).is_some_and(|s| s != sha256));
        other
            .map(|(name, _)| (NAME.to_owned(), format!("has another digest of `{name}` than the manifest")))
            .collect()
    }
}

/// A tolerance within which nothing could differ.
fn absurd(output: &OutputFile) -> Option<String> {
    let told = match output.tolerance {
        Tolerance::Relative { max } if !(0.0..=LARGEST_TOLERANCE).contains(&max) => {
            format!("relative tolerance of {max}; expected 0 to {LARGEST_TOLERANCE}")
        }
        // Half of all floats lie within as many units of the last place of each other.
        Tolerance::F32Ulp { max } if max > 1 << 24 => {
            format!("tolerance of {max} units of the last place; expected at most {}", 1 << 24)
        }
        _ => return None,
    };
    Some(format!("output `{}`: {told}", output.path))
}

fn is_name(name: &str) -> bool {
    let mut parts = Path::new(name).components();
    matches!((parts.next(), parts.next()), (Some(Component::Normal(part)), None) if part == name)
}

/// Whether a shell could have exported a variable of that name.
fn is_variable(name: &str) -> bool {
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    starts && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
