//! `nb-compare init`: a program is run once in an empty folder, and what it leaves becomes a first adapter.
//!
//! Not here: what files look like, and the text (`adapter::look`).

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nanobragg::error::{OutputError, UsageError};
use trace_harness::evidence::exit::Exit;
use trace_harness::evidence::failure::{Failure, SystemError};
use trace_harness::evidence::process::{Invocation, Runner};
use trace_harness::simulator::{how_it_failed, last_words};

use crate::adapter::AdapterError;
use crate::adapter::look::{self, Left};
use crate::app::console;
use crate::cli::InitOptions;
use crate::runner::{self, Program, SideFolder, given, read_own, read_own_below};

/// Files beyond this many are not looked at.
const MOST_FILES: usize = 200;

/// Runs the program, and the candidate where there is one; writes the adapter.
pub(crate) fn run(options: &InitOptions, folder: &Path) -> Result<Exit, Failure> {
    let [program, args @ ..] = options.command.as_slice() else {
        return Err(UsageError::new("no program to run", "one behind `--`").into());
    };
    let output = options.output.as_ref().map(|path| folder.join(path));
    if let Some(path) = output.as_ref().filter(|path| path.symlink_metadata().is_ok()) {
        let problem = format!("`{}`: is there already", path.display());
        return Err(UsageError::new(problem, "a new file")
            .hint("nothing is ever overwritten: choose another name")
            .into());
    }
    let time_limit = options.timeout.map(Duration::from_secs_f64);
    let given = given(args, folder)?;
    let processes = runner::real()?;
    let reference = Program::named(Path::new(program), "the program")?;
    let mut left = run_once(&reference, &given.args, time_limit, &processes)?;
    left.args = args.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    left.reference = called(program, &reference, output.as_deref(), folder);
    if let Some(path) = &options.candidate {
        let candidate = Program::named(path, "the candidate")?;
        let other = run_once(&candidate, &given.args, time_limit, &processes)?;
        left.candidate = Some(called(path.as_os_str(), &candidate, output.as_deref(), folder));
        let named = |left: &Left, name: &str| left.files.iter().any(|(other, _)| other == name);
        for (whose, one, two) in [("the candidate", &left, &other), ("the reference", &other, &left)] {
            for (name, _) in one.files.iter().filter(|(name, _)| !named(two, name)) {
                console::notice(&format!("`{name}` is left out: {whose} does not write it"));
            }
        }
        left.files.retain(|(name, _)| named(&other, name));
    }
    if !look::has_outputs(&left) {
        return Err(AdapterError::NoOutput { program: left.reference }.into());
    }
    let text = look::adapter(&left);
    let Some(path) = output else { return console::text(text.as_bytes()) };
    let written = File::create_new(&path).and_then(|mut file| {
        // Half an adapter would be there already for the next call.
        file.write_all(text.as_bytes()).inspect_err(|_| drop(std::fs::remove_file(&path)))
    });
    written.map_err(|source| OutputError { path: path.clone(), source })?;
    console::text(format!("{}\n", path.display()).as_bytes())
}

/// How the adapter calls a program: as the user did where that is found from the adapter's folder, too, or by its whole path.
fn called(word: &std::ffi::OsStr, found: &Program, output: Option<&Path>, folder: &Path) -> String {
    let text = word.to_string_lossy().into_owned();
    let is_same_folder = output.is_none_or(|path| path.parent() == Some(folder));
    match !text.contains('/') || is_same_folder {
        true => text,
        false => found.path.to_string_lossy().into_owned(),
    }
}

fn run_once(
    program: &Program,
    args: &[OsString],
    time_limit: Option<Duration>,
    runner: &dyn Runner,
) -> Result<Left, Failure> {
    let folder = SideFolder::make().map_err(SystemError::TemporaryFolder)?;
    let [stdout, stderr] = folder.logs();
    let invocation = Invocation {
        stdin: None,
        program: program.path.clone(),
        args: args.to_vec(),
        folder: folder.work(),
        exported: Vec::new(),
        stdout,
        stderr,
        time_limit,
    };
    let measured = runner.run(&invocation)?;
    if let Some(what) = how_it_failed(&measured, &invocation) {
        let words = last_words(&invocation.stderr);
        let program = program.path.clone();
        return Err(AdapterError::Failed { label: "the program".to_owned(), program, what, words }.into());
    }
    let files = files(&folder.work()).into_iter();
    let read = |name: PathBuf| Some((name.to_str()?.to_owned(), read_own_below(&folder.work(), &name).ok()?));
    Ok(Left {
        files: files.filter_map(read).collect(),
        stdout: read_own(&invocation.stdout).unwrap_or_default(),
        ..Left::default()
    })
}

/// The names of the files below `folder`, in order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = VecDeque::from([PathBuf::new()]);
    while let Some(at) = open.pop_front().filter(|_| found.len() < MOST_FILES) {
        let entries = std::fs::read_dir(folder.join(&at)).into_iter().flatten().flatten();
        let mut entries: Vec<_> =
            entries.filter_map(|entry| Some((at.join(entry.file_name()), entry.file_type().ok()?))).collect();
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        for (name, kind) in entries {
            match kind.is_dir() {
                true => open.push_back(name),
                false => found.push(name),
            }
        }
    }
    found.truncate(MOST_FILES);
    found
}
