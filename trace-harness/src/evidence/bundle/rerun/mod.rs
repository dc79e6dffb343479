//! Running the commands of a bundle again, in a fresh folder and from its own inputs, and saying what came out differently.
//!
//! Not here: judging single files (`tolerance`).

mod before;
mod outcome;
pub mod tolerance;
mod trust;

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use regex::Regex;

use crate::evidence::bundle::closing::{Closing, Made};
use crate::evidence::bundle::inputs::InputFile;
use crate::evidence::bundle::reading::regular;
use crate::evidence::bundle::recorder::{Child, Recorder};
use crate::evidence::bundle::rerun::tolerance::{FileVerdict, compare};
use crate::evidence::bundle::settle::is_record;
use crate::evidence::bundle::staging::Target;
use crate::evidence::bundle::summary::{Step, Summary};
use crate::evidence::bundle::{BundleError, digest, manifest, stamp};
use crate::evidence::clock;
use crate::evidence::given;
use crate::evidence::process::{Runner, Temporary, find_program};

pub use before::Before;
pub use outcome::FileResult;

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
    /// What is left out of texts and logs. Where something was left out of the old bundle and there is no pattern, all of the logs is.
    pub redacted: Vec<Regex>,
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

/// Runs the bundle `before` again.
///
/// # Errors
/// An input or a program cannot be found, the old bundle was changed meanwhile, or the new one cannot be written. What can be found
/// out before the first command runs, is.
pub fn rerun(
    before: &Before,
    places: &Places,
    runner: &dyn Runner,
    progress: &dyn Fn(&str),
) -> Result<Rerun, BundleError> {
    let out = places.out.clone().or_else(|| before.folder.parent().map(Path::to_owned)).unwrap_or_default();
    let temporary =
        Temporary::new().map_err(BundleError::io(&std::env::temp_dir(), "no folder can be made in it"))?;
    let work = temporary.path().join("work");
    fs::create_dir(&work).map_err(BundleError::io(&work, "cannot be made"))?;
    let target = Target::Numbered(out.join(stamp(clock::now())));
    let mut recorder = Recorder::begin(target, &work, places.keep_paths)?;
    places.redacted.iter().for_each(|pattern| recorder.leave_out(pattern.clone()));
    recorder.left_out_before(before.summary.redacted);
    recorder.limit_output(before.summary.output_limit_bytes);
    let mut again = Again { before, places, work: &work, given: temporary.path(), recorder };
    again.places_are_used()?;
    again.stored_inputs()?;
    let steps = &before.summary.steps;
    let commands: Vec<Option<RecordedCommand>> =
        steps.iter().map(|step| again.command(step)).collect::<Result<_, _>>()?;
    again.recorder.check_variables([])?;
    for (step, command) in steps.iter().zip(commands) {
        progress(&step.name);
        let finished = again.step(step, command, runner)?;
        again.recorder.step(finished);
    }
    let files = again.files()?;
    let recorder = again.recorder;
    let changes = outcome::changes(&before.environment, &recorder.environment()?);
    recorder.staging().write_json("rerun.json", &outcome::record(before, &files, &changes))?;
    let (verdict, reason) = outcome::verdict(before, recorder.steps(), &files);
    let Made { place, summary, .. } = recorder.finish(Closing {
        analysis: outcome::note(before, &files, &changes),
        ..Closing::of("rerun", format!("again: {}", before.summary.title), verdict, reason)
    })?;
    Ok(Rerun { place, summary, files, changes })
}

struct Again<'a> {
    before: &'a Before,
    places: &'a Places,
    work: &'a Path,
    /// Folder of the inputs as the commands see them.
    given: &'a Path,
    recorder: Recorder,
}

/// A recorded command as it is run here.
struct RecordedCommand {
    command_line: Vec<String>,
    folder: PathBuf,
    exported: Vec<(String, std::ffi::OsString)>,
    stdin: Option<Arc<File>>,
}

impl Again<'_> {
    /// What a step that ran then is to run now.
    fn command(&mut self, old: &Step) -> Result<Option<RecordedCommand>, BundleError> {
        if !old.is_run_again() {
            return Ok(None);
        }
        let mut command_line: Vec<String> =
            old.command.iter().map(|w| self.resolve(w)).collect::<Result<_, _>>()?;
        if let Some(path) = self.stored_program(old).and_then(|name| self.given(name)) {
            let path = path.canonicalize().map_err(BundleError::io(&path, "cannot be read"))?;
            self.recorder.name_path(&path, old.command[0].clone());
            command_line[0] = path.to_string_lossy().into_owned();
        } else if old.command[0].starts_with("{input:") {
            executable_by_owner(Path::new(&command_line[0]))?;
        }
        // A path may lead to what an earlier step makes.
        if !command_line[0].contains('/') {
            self.executable(&command_line[0])?;
        }
        let exported = old.exported.iter().map(|(k, v)| Ok((k.clone(), self.resolve(v)?.into())));
        let exported = exported.collect::<Result<_, BundleError>>()?;
        let stdin = old.stdin.as_ref().map(|token| self.stdin(token)).transpose()?;
        Ok(Some(RecordedCommand { command_line, folder: self.resolve(&old.folder)?.into(), exported, stdin }))
    }

    /// The input that a step reads as its standard input.
    fn stdin(&mut self, token: &str) -> Result<Arc<File>, BundleError> {
        let before = self.before;
        let input = before.summary.inputs.iter().find(|input| input.token == token);
        let input =
            input.ok_or_else(|| self.unfit(format!("standard input `{token}` is none of its inputs")))?;
        let path = self.input(input)?;
        regular::open(&path).map(Arc::new).map_err(BundleError::io(&path, "cannot be read"))
    }

    fn executable(&self, word: &str) -> Result<PathBuf, BundleError> {
        let found = self.given(word).or_else(|| find_program(word, self.work)).or_else(|| beside(word));
        found.ok_or_else(|| self.missing(word))
    }

    fn step(
        &mut self,
        old: &Step,
        command: Option<RecordedCommand>,
        runner: &dyn Runner,
    ) -> Result<Step, BundleError> {
        let mut step = Step { outputs: Vec::new(), kept_from: None, ..old.clone() };
        let Some(RecordedCommand { command_line, folder, exported, stdin }) = command else {
            return Ok(step);
        };
        let program = self.executable(&command_line[0])?;
        self.recorder.bare_program(&program)?;
        fs::create_dir_all(&folder).map_err(BundleError::io(&folder, "cannot be made"))?;
        for output in &old.outputs {
            if let Some(folder) = folder_for(&output.path, &old.command) {
                self.recorder.staging().place(&format!("{folder}/x"))?;
            }
        }
        // A command may write there what its step does not list, as those of a profile do.
        if old.command.iter().any(|word| word.contains("{out}/results/")) {
            self.recorder.staging().place("results/x")?;
        }
        let child = Child {
            stdin,
            program,
            args: command_line[1..].iter().map(Into::into).collect(),
            folder,
            exported,
        };
        self.recorder.run(&mut step, child, runner)?;
        self.collect(old)?;
        step.outputs =
            old.outputs.iter().filter(|o| self.recorder.folder().join(&o.path).is_file()).cloned().collect();
        Ok(step)
    }

    /// Takes the outputs that a command leaves in its working folder, or prints, into the new bundle. What is not there, or not a file of
    /// its own, is missing among the results.
    fn collect(&mut self, old: &Step) -> Result<(), BundleError> {
        for (path, from) in &old.collected {
            let from = PathBuf::from(self.resolve(from)?);
            let roots = [self.work, self.recorder.folder()].map(|root| root.canonicalize().ok());
            let place = from.parent().and_then(|folder| folder.canonicalize().ok());
            let is_inside = roots
                .iter()
                .flatten()
                .any(|root| place.as_ref().is_some_and(|place| place.starts_with(root)));
            let is_own = from.symlink_metadata().is_ok_and(|found| found.is_file() && found.nlink() == 1);
            if is_inside && is_own {
                let to = self.recorder.staging().place(path)?;
                regular::copy(&from, &to).map_err(BundleError::io(&from, "cannot be copied"))?;
            }
        }
        Ok(())
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

    /// Where an input is for the commands: a copy, or a file of this machine with its digest.
    fn input(&mut self, wanted: &InputFile) -> Result<PathBuf, BundleError> {
        if let Some(stored) = &wanted.stored {
            // A copy of its own for the commands: what they do to it is not done to the bundle.
            let path = self.given.join(stored);
            if !path.exists() {
                self.before.copy(stored, &path)?;
                self.recorder.input_within(&path, u64::MAX)?;
            }
            return Ok(path);
        }
        let mut named = self.places.inputs.iter().map(|f| f.join(&wanted.name));
        let is_it = |p: &PathBuf| digest::of_file(p).is_ok_and(|(sha, _)| sha == wanted.sha256);
        let path = named.find(is_it).ok_or_else(|| {
            let name = &wanted.name;
            self.unfit(format!("input `{name}` of `{}` bytes is not in the bundle; expected it in a folder given with --inputs", wanted.bytes))
        })?;
        self.recorder.input_within(&path, 0)?;
        Ok(path)
    }

    /// The name of the program of a step, where the bundle itself has it.
    fn stored_program(&self, step: &Step) -> Option<&str> {
        let word = step.command.first()?;
        let input = self.before.summary.inputs.iter().find(|input| input.token == *word)?;
        Some(&input.name)
    }

    /// Whether what the user names is there and changes something: a program that no command starts would be passed over.
    fn places_are_used(&self) -> Result<(), BundleError> {
        if let Some(folder) = self.places.inputs.iter().find(|folder| !folder.is_dir()) {
            let problem = "is no folder; expected one with inputs".to_owned();
            return Err(BundleError::Unfit { path: folder.clone(), problem });
        }
        for (name, path) in &self.places.programs {
            if !path.is_file() {
                let problem = format!("is no file; expected the program `{name}`");
                return Err(BundleError::Unfit { path: path.clone(), problem });
            }
            let of_machine = |word: &String| {
                token(word, "{bin:")
                    .is_some_and(|(start, end)| word[start..end].ends_with(&format!("/{name}}}")))
            };
            let starts = |step: &Step| {
                self.stored_program(step) == Some(name.as_str())
                    || step.command.first() == Some(name)
                    || step.command.iter().any(of_machine)
            };
            if !self.before.summary.steps.iter().filter(|step| step.is_run_again()).any(starts) {
                return Err(self.unfit(format!("no command of it starts the program `{name}` that is given")));
            }
        }
        Ok(())
    }

    /// All files that the bundle has, also those that no command names because another input leads to them.
    fn stored_inputs(&mut self) -> Result<(), BundleError> {
        let before = self.before;
        for input in before.summary.inputs.iter().filter(|input| input.stored.is_some()) {
            self.input(input)?;
        }
        Ok(())
    }

    fn program(&self, name: &str) -> Result<PathBuf, BundleError> {
        let found = self.given(name).or_else(|| beside(name)).or_else(|| find_program(name, self.work));
        let found = found.and_then(|p| p.canonicalize().ok());
        found.ok_or_else(|| self.missing(name))
    }

    /// The program that the user has for a name.
    fn given(&self, name: &str) -> Option<PathBuf> {
        self.places.programs.iter().find(|(n, _)| n == name).map(|(_, p)| p.clone()).filter(|p| p.is_file())
    }

    fn missing(&self, name: &str) -> BundleError {
        self.unfit(format!(
            "program `{name}` is not there; expected it on the PATH, or given with --program {name}=PATH"
        ))
    }

    /// What became of each output of the old bundle, and of files that are new.
    fn files(&self) -> Result<Vec<FileResult>, BundleError> {
        let mut files = Vec::new();
        for output in self.before.summary.steps.iter().flat_map(|s| &s.outputs) {
            let new = self.recorder.folder().join(&output.path);
            let made = new.is_file().then(|| given::bytes(&new)).transpose();
            let made = made.map_err(BundleError::io(&new, "cannot be read"))?;
            let old = self.before.content(&output.path)?;
            if old.is_none() && made.is_none() {
                // The command failed then and fails now: there is nothing to compare.
                continue;
            }
            let (verdict, detail) = compare(old.as_deref(), made.as_deref(), &output.tolerance);
            files.push(FileResult { path: output.path.clone(), verdict, detail });
        }
        let logs: Vec<&String> = self.recorder.steps().iter().flat_map(|s| &s.logs).collect();
        let all: Vec<String> =
            manifest::collect(self.recorder.folder())?.into_iter().map(|e| e.path).collect();
        for path in &all {
            let known = files.iter().any(|f| f.path == *path) || logs.contains(&path);
            if !known && !path.starts_with("inputs/") && !is_record(path, &all) {
                let detail = "was not written before".to_owned();
                files.push(FileResult { path: path.clone(), verdict: FileVerdict::Extra, detail });
            }
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(files)
    }
}

/// A program in the folder of this one.
fn beside(name: &str) -> Option<PathBuf> {
    let folder = std::env::current_exe().ok()?.parent()?.to_owned();
    Some(folder.join(name)).filter(|p| p.is_file())
}

/// Lets a program of the bundle be run: copies are made by content alone.
fn executable_by_owner(program: &Path) -> Result<(), BundleError> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(program, fs::Permissions::from_mode(0o700))
        .map_err(BundleError::io(program, "cannot be made executable"))
}

/// The folder that is to be there before a command writes `output`, as far as its words show; `None` for that of the bundle. A folder
/// that they name as a whole is one that the command may insist on making.
fn folder_for(output: &str, command_line: &[String]) -> Option<String> {
    let named = |folder: &str| {
        let folder = format!("{{out}}/{folder}");
        command_line.iter().find_map(|word| {
            let rest = &word[word.find(&folder)? + folder.len()..];
            match rest.strip_prefix('/') {
                Some(file) => Some(!file.is_empty()),
                None => rest.is_empty().then_some(false),
            }
        })
    };
    let mut folder = Path::new(output).parent()?;
    let whole = folder;
    while let Some(name) = folder.to_str().filter(|name| !name.is_empty()) {
        match named(name) {
            // `run` makes this one.
            _ if name == "results" => return Some(name.to_owned()),
            Some(true) => return Some(name.to_owned()),
            Some(false) => return folder.parent()?.to_str().filter(|p| !p.is_empty()).map(str::to_owned),
            None => folder = folder.parent()?,
        }
    }
    whole.to_str().filter(|name| !name.is_empty()).map(str::to_owned)
}

/// Start and end of the first token that begins with `start`.
fn token(text: &str, start: &str) -> Option<(usize, usize)> {
    let at = text.find(start)?;
    Some((at, at + text[at..].find('}')? + 1))
}

#[cfg(test)]
mod tests;
