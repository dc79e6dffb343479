//! `trace-harness shadow`: runs a port with its own values and with the reference's, or takes traces of both, and keeps the finding.
//!
//! Not here: comparing (`shadow`).

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::Value;

use crate::commands::print_line;
use crate::commands::real_runner;
use crate::commands::traces::files::{TraceFailure, write};
use crate::commands::values;
use crate::evidence::bundle::closing::{Closing, Page};
use crate::evidence::bundle::metrics::Metrics;
use crate::evidence::bundle::own_step::{Clock, OwnWork};
use crate::evidence::bundle::recorder::Recorder;
use crate::evidence::bundle::staging::Target;
use crate::evidence::exit::Exit;
use crate::evidence::failure::{EndsCommand, SystemError};
use crate::evidence::given::{self, working_folder};
use crate::evidence::page::markdown;
use crate::evidence::process::{CommandError, Ending, Invocation, Runner, Temporary, find_program};
use crate::shadow::recorded::Recorded;
use crate::shadow::{ShadowFinding, Stage, Traces, cures, report, results, shadow};
use crate::trace::array::Elsewhere;
use crate::trace::schema::Schema;

/// Relative difference of what agrees where nobody says another.
const RTOL: f64 = 1e-12;

/// Arguments of `shadow`.
#[derive(Debug, Clone, Args)]
pub struct ShadowArgs {
    /// Trace of the reference, written by one of the sources of `emit`
    #[arg(value_name = "REFERENCE")]
    pub reference: PathBuf,
    /// Traces of the port that are there already: its own, one with all values replayed, and one with some
    #[arg(long, value_name = "FILE", num_args = 2..=3, conflicts_with = "command", required_unless_present = "command")]
    pub traces: Vec<PathBuf>,
    /// An array of the reference that does not lie beside it; repeatable
    #[arg(long, value_name = "NAME=FILE", hide = true)]
    pub array_reference: Vec<PathBuf>,
    /// An array of the port's own trace that does not lie beside it; repeatable
    #[arg(long, value_name = "NAME=FILE", hide = true)]
    pub array_own: Vec<PathBuf>,
    /// An array of the replayed trace that does not lie beside it; repeatable
    #[arg(long, value_name = "NAME=FILE", hide = true)]
    pub array_replayed: Vec<PathBuf>,
    /// An array of the third trace that does not lie beside it; repeatable
    #[arg(long, value_name = "NAME=FILE", hide = true)]
    pub array_cured: Vec<PathBuf>,
    /// The keys in their order, and which are results: a TOML file; without one, the order of the reference and its last key
    #[arg(long, value_name = "FILE")]
    pub schema: Option<PathBuf>,
    /// Largest relative difference of what agrees
    #[arg(long, value_name = "R", default_value_t = RTOL, allow_negative_numbers = true, value_parser = values::part)]
    pub rtol: f64,
    /// End a run of the port after this many seconds
    #[arg(long, value_name = "S", allow_negative_numbers = true, value_parser = values::seconds)]
    pub timeout: Option<f64>,
    /// Write a bundle of evidence with shadow.json and shadow.html to this new folder
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Write these two files alone, into this folder that is there: what a bundle's second run does
    #[arg(long, value_name = "DIR", hide = true, conflicts_with = "out")]
    pub files: Option<PathBuf>,
    /// Record paths under home folders as they are
    #[arg(long)]
    pub keep_paths: bool,
    /// The port and its arguments, after `--`
    #[arg(last = true)]
    pub command: Vec<String>,
}

/// Why a port gives no traces.
#[derive(Debug, thiserror::Error)]
pub enum ShadowError {
    /// Its program is nowhere.
    #[error("`{0}`: is not there; expected the port")]
    NoProgram(String),
    /// It cannot be run.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// It failed.
    #[error("`{program}` {what}, {how}: {stderr}")]
    Failed {
        /// The program.
        program: String,
        /// How it ended.
        what: String,
        /// With which values.
        how: &'static str,
        /// Its last line on standard error.
        stderr: String,
    },
    /// The user interrupted it.
    #[error("interrupted")]
    Interrupted,
    /// It wrote no trace.
    #[error("`{0}` wrote no trace; expected the file that NBTRACE names")]
    NoTrace(String),
    /// The system refuses.
    #[error(transparent)]
    System(#[from] SystemError),
    /// A trace cannot be read.
    #[error("`{}`: cannot be read: {source}; expected a trace of `trace-harness emit`", path.display())]
    Trace {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Everything that goes wrong with traces of any kind.
    #[error(transparent)]
    Files(Box<TraceFailure>),
}

impl From<TraceFailure> for ShadowError {
    fn from(failure: TraceFailure) -> Self {
        Self::Files(Box::new(failure))
    }
}

impl EndsCommand for ShadowError {
    fn exit(&self) -> Exit {
        match self {
            Self::Files(e) => e.exit(),
            Self::NoProgram(_) => Exit::Usage,
            Self::Command(_) | Self::Failed { .. } | Self::NoTrace(_) => Exit::Program,
            Self::Interrupted => Exit::Interrupted,
            Self::System(e) => e.exit(),
            Self::Trace { .. } => Exit::Undecided,
        }
    }

    fn hint(&self) -> &str {
        match self {
            Self::Files(e) => e.hint(),
            Self::NoTrace(_) => "`trace-harness emit` prints the source that the port says its values with",
            _ => "",
        }
    }
}

/// Runs `shadow`.
///
/// # Errors
/// The port fails, or files cannot be read or written.
pub fn run(args: &ShadowArgs, json: bool) -> Result<Exit, ShadowError> {
    let clock = Clock::start();
    let schema = args.schema.as_ref().map(|path| Schema::at(Some(path))).transpose();
    let schema = schema.map_err(TraceFailure::from)?;
    let keys = schema.map_or_else(Vec::new, |schema| schema.keys);
    let order: Vec<String> = keys.iter().map(|key| key.name.clone()).collect();
    let named = keys.iter().filter(|key| key.result).map(|key| key.name.clone()).collect();
    // Files of one name stand beside several traces.
    let [of_reference, of_own, of_replayed, of_cured] =
        [&args.array_reference, &args.array_own, &args.array_replayed, &args.array_cured]
            .map(|arguments| Elsewhere::of(arguments));
    let reference = read(&args.reference, &of_reference)?;
    let results = results(&reference, named);
    let temporary = Temporary::new().map_err(SystemError::TemporaryFolder)?;
    let (paths, traces) = match args.traces.as_slice() {
        [] => Port::of(args, temporary.path())?.traces(reference, (&order, &results))?,
        [own, replayed, cured @ ..] => {
            let cured = cured.first();
            let traces = Traces {
                reference,
                own: read(own, &of_own)?,
                replayed: read(replayed, &of_replayed)?,
                cured: cured.map(|path| read(path, &of_cured)).transpose()?,
            };
            ([Some(own), Some(replayed), cured].into_iter().flatten().cloned().collect(), traces)
        }
        // The parser asks for two of them.
        [only] => return Err(ShadowError::NoTrace(only.display().to_string())),
    };
    let finding = shadow(&traces, &order, &results, args.rtol);
    let code = finding.verdict.exit();
    let [json_text, page] = [json_of(&finding)?, report::html(&finding)];
    if let Some(folder) = &args.files {
        write(&folder.join("shadow.json"), &json_text)?;
        write(&folder.join("shadow.html"), &page)?;
    }
    if let Some(out) = &args.out {
        keep(args, out, (&paths, &traces), &finding, &clock.stop(code))?;
    }
    let text = report::text(&finding);
    print_line(if json { json_text.trim_end() } else { &text })?;
    Ok(code)
}

fn json_of(finding: &ShadowFinding) -> Result<String, TraceFailure> {
    Ok(serde_json::to_string_pretty(finding)? + "\n")
}

fn read(path: &Path, arrays: &Elsewhere) -> Result<Recorded, ShadowError> {
    Recorded::read(path, arrays).map_err(|source| ShadowError::Trace { path: path.to_owned(), source })
}

/// A port that can be run.
struct Port<'a> {
    args: &'a ShadowArgs,
    program: PathBuf,
    folder: PathBuf,
    reference: PathBuf,
    temporary: &'a Path,
    runner: crate::evidence::process::SystemRunner,
}

impl<'a> Port<'a> {
    fn of(args: &'a ShadowArgs, temporary: &'a Path) -> Result<Self, ShadowError> {
        let folder = working_folder()?;
        let name = args.command.first().cloned().unwrap_or_default();
        let program = find_program(&name, &folder).ok_or(ShadowError::NoProgram(name))?;
        let runner = real_runner()?;
        Ok(Self { args, program, reference: folder.join(&args.reference), folder, temporary, runner })
    }

    /// The port's own trace, the one with all values replayed, and, where some stage is wrong, one with as few as make the results agree.
    fn traces(
        &self,
        reference: Recorded,
        (order, results): (&[String], &[String]),
    ) -> Result<(Vec<PathBuf>, Traces), ShadowError> {
        let all: Vec<String> = reference.keys().iter().map(|key| (*key).to_owned()).collect();
        let (own_path, own) = self.run("own.trace", None, "with its own values")?;
        let (replayed_path, replayed) =
            self.run("replayed.trace", Some(&all), "with the reference's values")?;
        let mut traces = Traces { reference, own, replayed, cured: None };
        let mut paths = vec![own_path, replayed_path];
        let found = shadow(&traces, order, results, self.args.rtol);
        let mut cure: Vec<String> =
            found.keys(Stage::WrongHere).iter().map(|key| (*key).to_owned()).collect();
        if cure.is_empty() {
            return Ok((paths, traces));
        }
        let how = "with some of the reference's values";
        let agrees = |of: &Recorded| cures(&traces.reference, of, results, self.args.rtol);
        let mut best = self.run("cured.trace", Some(&cure), how)?;
        let mut number = 0;
        let candidates = if agrees(&best.1) { cure.clone() } else { Vec::new() };
        for key in &candidates {
            let fewer: Vec<String> = cure.iter().filter(|other| *other != key).cloned().collect();
            number += 1;
            let tried = self.run(&format!("cured-{number}.trace"), Some(&fewer), how)?;
            if agrees(&tried.1) {
                (best, cure) = (tried, fewer);
            }
        }
        if agrees(&best.1) {
            paths.push(best.0);
            traces.cured = Some(best.1);
        }
        Ok((paths, traces))
    }

    /// Runs it with the reference's values of some keys, or with none.
    fn run(
        &self,
        name: &str,
        keys: Option<&[String]>,
        how: &'static str,
    ) -> Result<(PathBuf, Recorded), ShadowError> {
        let trace = self.temporary.join(name);
        let given = |text: &str| OsString::from(text);
        let reference = keys.map_or(OsString::new(), |_| self.reference.clone().into());
        let invocation = Invocation {
            stdin: None,
            program: self.program.clone(),
            args: self.args.command[1..].iter().map(OsString::from).collect(),
            folder: self.folder.clone(),
            exported: vec![
                ("NBTRACE".to_owned(), trace.clone().into()),
                ("NBTRACE_REPLAY".to_owned(), reference),
                ("NBTRACE_KEYS".to_owned(), given(&keys.unwrap_or_default().join(","))),
                ("NBTRACE_LABEL".to_owned(), given("NB")),
            ],
            stdout: self.temporary.join("stdout"),
            stderr: self.temporary.join("stderr"),
            time_limit: self.args.timeout.map(std::time::Duration::from_secs_f64),
        };
        let measured = self.runner.run(&invocation)?;
        let program = self.args.command[0].clone();
        match measured.ending {
            Ending::Exit(0) => {}
            Ending::Interrupted => return Err(ShadowError::Interrupted),
            ending => {
                let stderr = given::bytes(&invocation.stderr).unwrap_or_default();
                let stderr =
                    String::from_utf8_lossy(&stderr).lines().last().unwrap_or("it says nothing").to_owned();
                return Err(ShadowError::Failed { program, what: ended(ending), how, stderr });
            }
        }
        match trace.is_file() {
            true => read(&trace, &Elsewhere::default()).map(|found| (trace, found)),
            false => Err(ShadowError::NoTrace(program)),
        }
    }
}

fn ended(ending: Ending) -> String {
    match ending {
        Ending::Exit(code) => format!("ended with exit status {code}"),
        Ending::Signal(number) => format!("was ended by signal {number}"),
        Ending::TimedOut => "ran into its time limit".to_owned(),
        Ending::TooMuchOutput { limit_bytes } => format!("printed more than {limit_bytes} bytes"),
        Ending::Interrupted => "was interrupted".to_owned(),
    }
}

/// Writes the bundle; it appears whole or not at all.
fn keep(
    args: &ShadowArgs,
    out: &Path,
    (paths, traces): (&[PathBuf], &Traces),
    finding: &ShadowFinding,
    own_work: &OwnWork,
) -> Result<(), TraceFailure> {
    let folder = working_folder()?;
    let mut recorder = Recorder::begin(Target::Exact(out.to_owned()), &folder, args.keep_paths)?;
    let mut arguments = vec!["shadow".to_owned(), recorder.input(&folder.join(&args.reference))?];
    arguments.push("--traces".to_owned());
    for path in paths {
        arguments.push(recorder.input(&folder.join(path))?);
    }
    for (flag, trace) in [
        ("--array-reference", Some(&traces.reference)),
        ("--array-own", Some(&traces.own)),
        ("--array-replayed", Some(&traces.replayed)),
        ("--array-cured", traces.cured.as_ref()),
    ] {
        let arrays = trace.into_iter().flat_map(|trace| &trace.arrays);
        for (name, file) in arrays.filter(|(_, file)| file.is_file()) {
            let file = recorder.input(&folder.join(file))?;
            arguments.extend([flag.to_owned(), Elsewhere::word(name, &file)]);
        }
    }
    if let Some(schema) = &args.schema {
        arguments.extend(["--schema".to_owned(), recorder.input(&folder.join(schema))?]);
    }
    if args.rtol != RTOL {
        arguments.extend(["--rtol".to_owned(), args.rtol.to_string()]);
    }
    arguments.extend(["--files".to_owned(), "{out}".to_owned()]);
    recorder.result("shadow.json", json_of(finding)?)?;
    recorder.result("shadow.html", report::html(finding))?;
    let text = report::text(finding);
    recorder.own_step("shadow", &arguments, own_work, &text)?;
    let figures = [Stage::WrongHere, Stage::Inherited, Stage::Right, Stage::NotCompared]
        .map(|stage| (stage.to_text().replace(' ', "_"), finding.keys(stage).len() as f64));
    let mut metrics = Metrics::of(figures.iter().map(|(name, count)| (name.as_str(), *count)));
    if let Ok(Value::Object(fields)) = serde_json::to_value(finding) {
        metrics.more = fields;
    }
    recorder.finish(Closing {
        metrics,
        analysis: markdown::block(&text),
        page: Page::Sections(report::sections(finding)),
        ..Closing::of("shadow", "stages of a port".to_owned(), finding.verdict, finding.reason.clone())
    })?;
    Ok(())
}
