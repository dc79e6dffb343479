//! What is run: a configuration, its pixels, a simulator and its switches, every path absolute.
//!
//! Not here: running it (`simulator`), the command line (`cli`).

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nanobragg::Pixel;
use nanobragg::error::UsageError;

use crate::capture::config::{Config, Resolved};
use crate::capture::error::CaptureError;
use crate::evidence::bundle::BundleError;
use crate::evidence::bundle::recorder::{BundlePlace, Recorder};
use crate::evidence::process::Temporary;
use crate::simulator::{Dialect, Simulator};

/// Which simulator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// This project's, inside this executable.
    Own,
    /// A program that knows this project's options.
    Candidate(PathBuf),
    /// The trace-instrumented C program.
    Reference(PathBuf),
}

/// How a simulator is to compute; what is not given is left to it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Switches {
    /// `spec` or `c-parity`.
    pub phi_mode: Option<String>,
    /// Name of the engine.
    pub engine: Option<String>,
    /// `f64` or `f32`.
    pub dtype: Option<String>,
    /// `cpu` or `gpu`.
    pub device: Option<String>,
}

/// What is run.
#[derive(Debug, Clone)]
pub struct CaptureRequest {
    /// The configuration.
    pub config: Config,
    /// Pixels.
    pub pixels: Vec<Pixel>,
    /// The simulator.
    pub simulator: Simulator,
    /// Its arguments beyond those of the configuration.
    pub more: Vec<OsString>,
    /// Number type that it computes in.
    pub dtype: String,
    /// Device that it computes on.
    pub device: String,
    /// The folder with the configuration's input files.
    pub inputs: Option<PathBuf>,
    /// The folder that relative paths are seen from.
    pub folder: PathBuf,
    /// The folder that holds the topics of bundles.
    pub reports: PathBuf,
    /// Record paths under home folders as they are.
    pub keep_paths: bool,
    /// A run is ended after this time.
    pub time_limit: Option<Duration>,
}

/// The simulator and the arguments that the switches stand for.
///
/// # Errors
/// The program is not there, or does not know its arguments.
pub fn simulator(who: &Who, switches: &Switches) -> Result<(Simulator, Vec<OsString>), CaptureError> {
    let simulator = match who {
        Who::Own => {
            Simulator::own().map_err(CaptureError::io(Path::new("this executable"), "cannot be found"))?
        }
        Who::Candidate(path) => Simulator::named(path, "the candidate", Dialect::Own)?,
        Who::Reference(path) => Simulator::named(path, "the reference", Dialect::Reference)?,
    };
    let more = match who {
        Who::Reference(_) => of_reference(switches)?,
        Who::Own | Who::Candidate(_) => of_own(switches)?,
    };
    Ok((simulator, more))
}

fn of_reference(switches: &Switches) -> Result<Vec<OsString>, CaptureError> {
    let other = |given: &Option<String>, only: &str| given.as_deref().is_some_and(|g| g != only);
    let refused = [
        (
            other(&switches.phi_mode, "c-parity"),
            "--phi-mode",
            "`c-parity`, the only one that the reference knows",
        ),
        (switches.engine.is_some(), "--engine", "none: the reference has no engines to choose from"),
        (other(&switches.dtype, "f64"), "--dtype", "`f64`, the only one that the reference computes in"),
        (other(&switches.device, "cpu"), "--device", "`cpu`, the only one that the reference computes on"),
    ];
    match refused.iter().find(|(wrong, ..)| *wrong) {
        Some((_, flag, expected)) => {
            Err(UsageError::new(format!("`{flag}` with --reference makes no sense"), *expected).into())
        }
        None => Ok(Vec::new()),
    }
}

fn of_own(switches: &Switches) -> Result<Vec<OsString>, CaptureError> {
    let mut more = Vec::new();
    let given = [("--engine", &switches.engine), ("--phi-mode", &switches.phi_mode)];
    for (flag, value) in given {
        more.extend(value.iter().flat_map(|v| [OsString::from(flag), v.into()]));
    }
    for (flag, value, usual) in [("--dtype", &switches.dtype, "f64"), ("--device", &switches.device, "cpu")] {
        let Some(value) = value.as_deref().filter(|v| *v != usual) else { continue };
        // Never the usual kind under another name: traced pixels are the reference engine's, whatever renders the others.
        let problem = format!("`{flag} {value}`: this simulator has no such traces");
        let hint = "it traces in double precision on the processor only; nothing was traced";
        return Err(UsageError::new(problem, format!("`{usual}`")).hint(hint).into());
    }
    Ok(more)
}

/// A temporary folder, and its path without links.
///
/// # Errors
/// There is no room for one.
pub fn temporary() -> Result<(Temporary, PathBuf), CaptureError> {
    let root = std::env::temp_dir();
    let folder = Temporary::new().map_err(CaptureError::io(&root, "no folder can be made in it"))?;
    let path = folder.path().canonicalize().map_err(CaptureError::io(&root, "cannot be resolved"))?;
    Ok((folder, path))
}

impl CaptureRequest {
    /// Begins the bundle of this request under `topic`; `temporary` is the folder that its runs have theirs in.
    ///
    /// # Errors
    /// The bundle's folder cannot be made.
    pub fn recorder(&self, topic: &str, temporary: &Path) -> Result<Recorder, BundleError> {
        let place =
            BundlePlace { reports: &self.reports, topic, folder: &self.folder, keep_paths: self.keep_paths };
        let mut recorder = Recorder::begin_in(place)?;
        recorder.name_path(temporary, "{tmp}");
        Ok(recorder)
    }

    /// Enters configuration, input files and program into the evidence; gives the arguments.
    ///
    /// # Errors
    /// An input file is not there, or cannot be copied.
    pub fn enter(&self, recorder: &mut Recorder, temporary: &Path) -> Result<Resolved, CaptureError> {
        let resolved = self.config.resolve(self.inputs.as_deref(), &temporary.join("inputs"))?;
        for file in self.config.path.iter().chain(&resolved.files) {
            recorder.input(file)?;
        }
        recorder.program(&self.simulator.program.path)?;
        Ok(resolved)
    }

    /// All arguments.
    pub fn arguments(&self, resolved: &Resolved) -> Vec<OsString> {
        resolved.arguments.iter().map(OsString::from).chain(self.more.iter().cloned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(who: &Who, switches: &Switches) -> String {
        simulator(who, switches).unwrap_err().to_string()
    }

    #[test]
    fn what_the_simulator_does_not_know_is_refused_and_never_replaced() {
        let gpu = Switches { device: Some("gpu".into()), ..Switches::default() };
        let single = Switches { dtype: Some("f32".into()), ..Switches::default() };
        for (switches, flag) in [(&gpu, "--device"), (&single, "--dtype")] {
            assert!(refusal(&Who::Own, switches).starts_with(&format!("`{flag} ")));
            assert!(refusal(&Who::Reference("/bin/sh".into()), switches).contains("only"));
        }
        let usual = Switches { dtype: Some("f64".into()), device: Some("cpu".into()), ..Switches::default() };
        assert_eq!(simulator(&Who::Own, &usual).unwrap().1, Vec::<OsString>::new());
    }

    #[test]
    fn the_reference_has_its_own_phi_mode_only_and_has_to_be_there() {
        let mode = |m: &str| Switches { phi_mode: Some(m.into()), ..Switches::default() };
        let shell = Who::Reference("/bin/sh".into());
        assert!(refusal(&shell, &mode("spec")).contains("`c-parity`, the only one"));
        assert!(simulator(&shell, &mode("c-parity")).is_ok());
        assert!(
            refusal(&Who::Reference("/no/such".into()), &Switches::default())
                .contains("the reference is not there")
        );
    }

    #[test]
    fn switches_become_arguments_of_the_simulator() {
        let switches = Switches {
            phi_mode: Some("spec".into()),
            engine: Some("reference".into()),
            ..Switches::default()
        };
        let (_, more) = simulator(&Who::Own, &switches).unwrap();
        assert_eq!(more, ["--engine", "reference", "--phi-mode", "spec"]);
    }
}
