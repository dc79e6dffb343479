//! The programs that a gate asks for: there, executable, with the right content, of the right version, and simulators.
//!
//! Not here: files and space (`gate`).

use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{Access, access};

use crate::evidence::bundle::digest;
use crate::evidence::given;
use crate::evidence::process::{
    CommandError, Invocation, Program, REFERENCE_VARIABLE, Runner, Temporary, find_program, named_by,
    one_thread,
};
use crate::gate::check::{CheckState, GateCheck};
use crate::gate::plan::{Reference, Tool};

/// A program that takes longer to say its version does something else.
const PATIENCE: Duration = Duration::from_secs(20);
/// Arguments by which a simulator writes the float image [`IMAGE`] of [`PIXELS`] pixels, none of them dark.
const SIMULATION: &str =
    "-default_F 100 -cell 50 50 50 90 90 90 -lambda 1 -distance 100 -detpixels 8 -nonoise";
/// The image that a simulator is to write.
const IMAGE: &str = "image.bin";
/// How many pixels it has.
const PIXELS: usize = 64;

/// Where the reference program should be, and where that is stated; `None` where `variable` should name it and is not set. What the
/// gate's file names is seen from `base`, its folder; what the variable names is found as the commands find it that use it.
fn place(wanted: &Reference, variable: &str, base: &Path) -> Option<(PathBuf, String)> {
    if let Some(path) = &wanted.path {
        return Some((base.join(path), "`path` of the gate".to_owned()));
    }
    let value = named_by(variable)?;
    let found = Program::find(&value).map_or_else(|| value.clone(), |program| program.path);
    Some((found, format!("variable `{variable}`")))
}

/// Checks the reference program.
pub fn reference(wanted: &Reference, base: &Path, runner: &dyn Runner) -> Vec<GateCheck> {
    let kind = "reference";
    let variable = wanted.env.as_deref().unwrap_or(REFERENCE_VARIABLE);
    let Some((path, said_by)) = place(wanted, variable, base) else {
        let fix = format!("export {variable}=/path/to/the/reference/program");
        let place = format!("variable {variable}");
        let mut check = GateCheck::fail(kind, "the reference program", place, "it is not set", fix);
        if wanted.optional {
            check.state = CheckState::NotChecked;
            check.fix = String::new();
        }
        return vec![check];
    };
    let looked_for = format!("the reference program named by {said_by}");
    let shown = path.display().to_string();
    // Resolved to an absolute path without links, so that what was checked is what will run.
    let full = match path.canonicalize().ok().filter(|p| p.is_file()) {
        Some(full) => full,
        None => {
            return vec![GateCheck::fail(
                kind,
                looked_for,
                shown,
                "there is no such file",
                "build it, or correct the path",
            )];
        }
    };
    if access(&full, Access::EXEC_OK).is_err() {
        let fix = format!("chmod +x {}", full.display());
        return vec![GateCheck::fail(
            kind,
            looked_for,
            full.display().to_string(),
            "it is not executable",
            fix,
        )];
    }
    let mut checks = vec![GateCheck::pass(kind, looked_for, &full, "executable")];
    checks.push(content(wanted, &full));
    checks.push(version(kind, &full, &wanted.version_args, wanted.version.as_deref(), runner));
    if wanted.image {
        checks.push(image(kind, &full, runner));
    }
    checks
}

/// Whether the program computes anything: that it is there and ends well, `true` does as well.
fn image(kind: &'static str, path: &Path, runner: &dyn Runner) -> GateCheck {
    let looked_for = "a program that writes an image";
    let args: Vec<String> = SIMULATION.split(' ').chain(["-floatfile", IMAGE]).map(str::to_owned).collect();
    let made = run_program(path, &args, runner).map(|answer| answer.image);
    let found = match made {
        Ok(Some(pixels)) if pixels.len() == 4 * PIXELS && pixels.iter().any(|byte| *byte != 0) => {
            return GateCheck::pass(kind, looked_for, path, "it writes one");
        }
        Ok(Some(_)) => "it writes another file than was asked for".to_owned(),
        Ok(None) => "it writes none".to_owned(),
        Err(e) => e.to_string(),
    };
    let fix = format!("see what it does with `{SIMULATION} -floatfile {IMAGE}`");
    GateCheck::fail(kind, looked_for, path.display().to_string(), found, fix)
}

fn content(wanted: &Reference, path: &Path) -> GateCheck {
    let kind = "reference";
    let looked_for =
        wanted.sha256.as_ref().map_or_else(|| "its SHA-256".to_owned(), |s| format!("SHA-256 {s}"));
    match (digest::of_file(path), &wanted.sha256) {
        (Err(e), _) => GateCheck::fail(
            kind,
            looked_for,
            path.display().to_string(),
            e.to_string(),
            "open it for reading",
        ),
        (Ok((found, _)), Some(sha)) if !sha.eq_ignore_ascii_case(&found) => GateCheck::fail(
            kind,
            looked_for,
            path.display().to_string(),
            format!("SHA-256 {found}"),
            "use the build that was recorded, or record this one",
        ),
        (Ok((found, _)), _) => GateCheck::pass(kind, looked_for, path, format!("SHA-256 {found}")),
    }
}

/// A tool that should be on the PATH.
pub fn tool(wanted: &Tool, folder: &Path, runner: &dyn Runner) -> GateCheck {
    match find_program(&wanted.name, folder) {
        None => GateCheck::fail(
            "tool",
            format!("program `{}`", wanted.name),
            "the folders of PATH",
            "there is no such program",
            format!("install {}, or add its folder to PATH", wanted.name),
        ),
        Some(path) => match wanted.version.as_deref() {
            None => GateCheck::pass("tool", format!("program `{}`", wanted.name), &path, "it is there"),
            Some(text) => version("tool", &path, &["--version".to_owned()], Some(text), runner),
        },
    }
}

/// A program whose version could not be read.
#[derive(Debug, thiserror::Error)]
enum NotAsked {
    #[error("no temporary folder: {0}")]
    Folder(#[from] std::io::Error),
    #[error(transparent)]
    Command(#[from] CommandError),
}

/// What a program leaves behind.
struct Answer {
    /// What it says in either stream.
    text: String,
    /// The file [`IMAGE`], where it writes one.
    image: Option<Vec<u8>>,
}

/// Calls a program with `args` in an empty folder.
fn run_program(path: &Path, args: &[String], runner: &dyn Runner) -> Result<Answer, NotAsked> {
    let folder = Temporary::new()?;
    let (stdout, stderr) = (folder.path().join("stdout"), folder.path().join("stderr"));
    let run = folder.path().join("run");
    std::fs::create_dir(&run)?;
    let invocation = Invocation {
        stdin: None,
        program: path.to_owned(),
        args: args.iter().map(Into::into).collect(),
        folder: run.clone(),
        exported: vec![one_thread()],
        stdout: stdout.clone(),
        stderr: stderr.clone(),
        time_limit: Some(PATIENCE),
    };
    runner.run(&invocation)?;
    let text = [stdout, stderr].map(|p| given::bytes(&p).unwrap_or_default());
    let text = text.map(|t| String::from_utf8_lossy(&t[..t.len().min(1 << 20)]).into_owned()).join("\n");
    Ok(Answer { text, image: given::bytes(&run.join(IMAGE)).ok() })
}

fn version(
    kind: &'static str,
    path: &Path,
    args: &[String],
    wanted: Option<&str>,
    runner: &dyn Runner,
) -> GateCheck {
    let looked_for = wanted.map_or_else(|| "its version".to_owned(), |w| format!("version `{w}`"));
    let place = path.display().to_string();
    match run_program(path, args, runner).map(|answer| answer.text) {
        Err(e) => {
            let fix = "see whether it runs on this machine at all";
            GateCheck::fail(kind, looked_for, place, e.to_string(), fix)
        }
        Ok(text) => {
            let Some(line) = text.lines().map(str::trim).find(|l| !l.is_empty()) else {
                let fix = "name a program that prints something when it is called so";
                return GateCheck::fail(kind, looked_for, place, "it says nothing", fix);
            };
            match wanted.is_some_and(|w| !text.contains(w)) {
                true => GateCheck::fail(kind, looked_for, place, line, "use the version that was asked for"),
                false => GateCheck::pass(kind, looked_for, path, line),
            }
        }
    }
}
