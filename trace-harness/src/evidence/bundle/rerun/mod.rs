//! Running the commands of a bundle again, in a fresh folder and from its own inputs, and saying what came out differently.
//!
//! Not here: judging single files (`tolerance`).

mod outcome;
mod trust;

use std::fs;
use std::path::{Path, PathBuf};

use chrono::Utc;
use serde::Serialize;

use crate::evidence::bundle::closing::{Closing, Made};
use crate::evidence::bundle::environment::Environment;
use crate::evidence::bundle::inputs::InputFile;
use crate::evidence::bundle::recorder::{Child, Recorder};
use crate::evidence::bundle::staging::Target;
use crate::evidence::bundle::summary::{Step, Summary};
use crate::evidence::bundle::tolerance::{FileVerdict, compare};
use crate::evidence::bundle::{BundleError, MANIFEST, digest, manifest, stamp, verify};
use crate::evidence::process::{Runner, find_program};

/// Where things are on this machine.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// Folder that the new bundle is put into; that of the old one if not given.
    pub out: Option<PathBuf>,
    /// Folders to look for inputs that were too large to be copied.
    pub inputs: Vec<PathBuf>,
    /// Programs by name, before the folder of this program and the PATH.
    pub programs: Vec<(String, PathBuf)>,
    /// Record paths under home folders as they are.
    pub keep_paths: bool,
}

/// What became of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileResult {
    /// Path in the bundles.
    pub path: String,
    /// In one word.
    pub verdict: FileVerdict,
    /// By how much.
    pub detail: String,
}

/// A second run.
#[derive(Debug, Clone)]
pub struct Rerun {
    /// The new bundle.
    pub place: PathBuf,
    /// Its summary.
    pub summary: Summary,
    /// Every file, sorted.
    pub files: Vec<FileResult>,
    /// Facts of the environment that have changed since: `fact: old → new`.
    pub changes: Vec<String>,
}

/// Runs the bundle at `old` again.
///
/// # Errors
/// The old bundle is not sound or not of a kind that can be run again, an input or a program cannot be found, or the new
/// bundle cannot be written.
pub fn rerun(
    old: &Path,
    places: &Places,
    runner: &dyn Runner,
    progress: &dyn Fn(&str),
) -> Result<Rerun, BundleError> {
    let before = Old::read(old)?;
    let out = places.out.clone().or_else(|| before.folder.parent().map(Path::to_owned)).unwrap_or_default();
    let work =
        tempfile::tempdir().map_err(BundleError::io(&std::env::temp_dir(), "no folder can be made in it"))?;
    let target = Target::Numbered(out.join(stamp(Utc::now())));
    let recorder = Recorder::begin(target, work.path(), places.keep_paths)?;
    let mut again = Again { before: &before, places, work: work.path(), recorder };
    for step in &before.summary.steps {
        progress(&step.name);
        let done = again.step(step, runner)?;
        again.recorder.step(done);
    }
    again.other_inputs()?;
    let files = again.files()?;
    let recorder = again.recorder;
    let changes = outcome::changes(&before.environment, &recorder.environment()?);
    recorder.staging().write_json("rerun.json", &outcome::record(&before, &files, &changes))?;
    let (verdict, reason) = outcome::verdict(&before, recorder.steps(), &files);
    let Made { place, summary, .. } = recorder.finish(Closing {
        analysis: outcome::note(&before, &files, &changes),
        ..Closing::of("rerun", format!("again: {}", before.summary.title), verdict, reason)
    })?;
    Ok(Rerun { place, summary, files, changes })
}

/// What running the bundle at `old` again would do to this machine, for a person to agree to.
///
/// # Errors
/// The bundle is not sound, or not of a kind that can be run again.
pub fn preview(old: &Path) -> Result<String, BundleError> {
    Old::read(old).map(|before| trust::preview(&before.summary))
}

/// The bundle that is run again.
struct Old {
    folder: PathBuf,
    manifest_sha256: String,
    summary: Summary,
    environment: Environment,
}

impl Old {
    fn read(folder: &Path) -> Result<Self, BundleError> {
        let unfit = |problem: String| BundleError::Unfit { path: folder.to_owned(), problem };
        let folder = folder.canonicalize().map_err(BundleError::io(folder, "cannot be found"))?;
        let report = verify::verify(&folder)?;
        if let Some(finding) = report.findings.first() {
            return Err(unfit(format!("is not sound: {finding}; expected a bundle that verifies")));
        }
        if report.layout == verify::Layout::Older {
            return Err(unfit("is in the older layout, whose commands only people can read".to_owned()));
        }
        let read = |name: &str| {
            let path = folder.join(name);
            fs::read(&path).map_err(BundleError::io(&path, "cannot be read"))
        };
        let summary: Summary = serde_json::from_slice(&read("summary.json")?)
            .map_err(|e| unfit(format!("summary.json: {e}")))?;
        let environment =
            serde_json::from_slice(&read("env.json")?).map_err(|e| unfit(format!("env.json: {e}")))?;
        let manifest_sha256 = digest::of_bytes(&read(MANIFEST)?);
        if let Some(refused) = trust::refusal(&summary) {
            return Err(unfit(refused));
        }
        Ok(Self { folder, manifest_sha256, summary, environment })
    }
}

struct Again<'a> {
    before: &'a Old,
    places: &'a Places,
    work: &'a Path,
    recorder: Recorder,
}

impl Again<'_> {
    fn step(&mut self, old: &Step, runner: &dyn Runner) -> Result<Step, BundleError> {
        let mut step = Step { outputs: Vec::new(), ..old.clone() };
        if old.start.is_none() {
            return Ok(step);
        }
        let words: Vec<String> = old.command.iter().map(|w| self.resolve(w)).collect::<Result<_, _>>()?;
        let program = find_program(&words[0], self.work)
            .ok_or_else(|| self.unfit(format!("program `{}` is not there", words[0])))?;
        self.recorder.bare_program(&program)?;
        let folder = PathBuf::from(self.resolve(&old.folder)?);
        fs::create_dir_all(&folder).map_err(BundleError::io(&folder, "cannot be made"))?;
        for output in &old.outputs {
            self.recorder.staging().place(&output.path)?;
        }
        let exported = old.exported.iter().map(|(k, v)| Ok((k.clone(), self.resolve(v)?.into())));
        let child = Child {
            program,
            args: words[1..].iter().map(Into::into).collect(),
            folder,
            exported: exported.collect::<Result<_, BundleError>>()?,
        };
        self.recorder.run(&mut step, child, runner)?;
        step.outputs =
            old.outputs.iter().filter(|o| self.recorder.folder().join(&o.path).is_file()).cloned().collect();
        Ok(step)
    }

    fn unfit(&self, problem: String) -> BundleError {
        BundleError::Unfit { path: self.before.folder.clone(), problem }
    }

    /// A recorded word with its tokens replaced by what they stand for here.
    fn resolve(&mut self, word: &str) -> Result<String, BundleError> {
        let mut out = word.replace("{out}", &self.recorder.folder().to_string_lossy());
        for token in ["{work}", "{tmp}"] {
            out = out.replace(token, &self.work.to_string_lossy());
        }
        let before = self.before;
        for input in &before.summary.inputs {
            if out.contains(&input.token) {
                let path = self.input(input)?;
                out = out.replace(&input.token, &path.to_string_lossy());
            }
        }
        while let Some((start, end)) = token(&out, "{bin:") {
            let name =
                out[start..end].trim_end_matches('}').rsplit('/').next().unwrap_or_default().to_owned();
            let path = self.program(&name)?;
            let recorded = out[start..end].to_owned();
            self.recorder.name_path(&path, recorded);
            out.replace_range(start..end, &path.to_string_lossy());
        }
        Ok(out)
    }

    fn input(&mut self, wanted: &InputFile) -> Result<PathBuf, BundleError> {
        let stored = wanted.stored.iter().map(|s| self.before.folder.join(s));
        let named = self.places.inputs.iter().map(|f| f.join(&wanted.name));
        let is_it = |p: &PathBuf| digest::of_file(p).is_ok_and(|(sha, _)| sha == wanted.sha256);
        let path = stored.chain(named).find(is_it).ok_or_else(|| {
            let name = &wanted.name;
            self.unfit(format!("input `{name}` of `{}` bytes is not in the bundle; expected it in a folder given with --inputs", wanted.bytes))
        })?;
        let limit = if wanted.stored.is_some() { u64::MAX } else { 0 };
        self.recorder.input_within(&path, limit)?;
        Ok(path)
    }

    /// Inputs that no command names, because another input leads to them, travel along.
    fn other_inputs(&mut self) -> Result<(), BundleError> {
        let before = self.before;
        for stored in before.summary.inputs.iter().filter_map(|i| i.stored.as_ref()) {
            let path = before.folder.join(stored);
            self.recorder.input_within(&path, u64::MAX)?;
        }
        Ok(())
    }

    fn program(&self, name: &str) -> Result<PathBuf, BundleError> {
        let given = self.places.programs.iter().find(|(n, _)| n == name).map(|(_, p)| p.clone());
        let beside =
            std::env::current_exe().ok().and_then(|p| Some(p.parent()?.join(name))).filter(|p| p.is_file());
        let found = given.or(beside).or_else(|| find_program(name, self.work)).filter(|p| p.is_file());
        let found = found.and_then(|p| p.canonicalize().ok());
        found.ok_or_else(|| {
            self.unfit(format!(
                "program `{name}` is not there; expected it on the PATH, or given with --program {name}=PATH"
            ))
        })
    }

    /// What became of each output of the old bundle, and of files that are new.
    fn files(&self) -> Result<Vec<FileResult>, BundleError> {
        let mut files = Vec::new();
        for output in self.before.summary.steps.iter().flat_map(|s| &s.outputs) {
            let (old, new) =
                (self.before.folder.join(&output.path), self.recorder.folder().join(&output.path));
            let (verdict, detail) =
                compare(&old, &new, &output.tolerance).map_err(BundleError::io(&new, "cannot be read"))?;
            files.push(FileResult { path: output.path.clone(), verdict, detail });
        }
        let logs: Vec<&String> = self.recorder.steps().iter().flat_map(|s| &s.logs).collect();
        for entry in manifest::collect(self.recorder.folder())? {
            let known = files.iter().any(|f| f.path == entry.path) || logs.contains(&&entry.path);
            if !known && !entry.path.starts_with("inputs/") {
                let detail = "was not written before".to_owned();
                files.push(FileResult { path: entry.path, verdict: FileVerdict::Extra, detail });
            }
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(files)
    }
}

/// Start and end of the first token that begins with `start`.
fn token(text: &str, start: &str) -> Option<(usize, usize)> {
    let at = text.find(start)?;
    Some((at, at + text[at..].find('}')? + 1))
}

#[cfg(test)]
mod tests;
