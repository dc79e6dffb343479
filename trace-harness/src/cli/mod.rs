//! The command line of `trace-harness`.
//!
//! Not here: what the commands do.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{CommandFactory, Parser, Subcommand};
use nanobragg::error::OutputError;
use regex::Regex;

use crate::commands::bundles::{Recording, exit_of};
use crate::commands::checks::gate::GateFlag;
use crate::commands::checks::gradcheck::{self, GradcheckArgs};
use crate::commands::traces::capture;
use crate::commands::values::Expected;
use crate::commands::{bundles, checks, examples, print, print_text, progress, real_runner, traces, values};
use crate::evidence::bundle::rerun::Places;
use crate::evidence::exit::Exit;
use crate::evidence::failure::{Failure, SystemError};
use crate::evidence::terminal::visible;
use crate::evidence::verdict::Verdict;
use crate::gradcheck::report;
use crate::plan::Plan;

const EXAMPLES: &str = "\
Examples:
  trace-harness run --topic parity -- cargo test --release
      run a command and keep its output, its inputs and the environment as a bundle under reports/parity/
  trace-harness verify reports/parity/*
      check that bundles are complete and unchanged
  trace-harness rerun reports/parity/20260101T120000Z
      run the commands of a bundle again and say what came out differently
  trace-harness capture --out trace.log
      write down how the brightest pixel of the protein that is brought along comes about

Exit status: 0 agrees, 1 usage, 2 a program failed or timed out, 3 differs, 4 shapes or keys do not match, 5 nothing decided,
or a file cannot be read or written, 6 interrupted.";

/// Runs programs and keeps the evidence; verifies it and runs it again.
#[derive(Debug, Parser)]
#[command(name = "trace-harness", version, about, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Print results as JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a command, or a plan of steps, and keep the evidence as a bundle
    #[command(
        after_help = examples::RUN,
        override_usage = "trace-harness run --topic <TOPIC> [OPTIONS] -- <ARGS>...\n       trace-harness run --plan <FILE> [OPTIONS]"
    )]
    Run {
        /// Folder below the reports that the bundle goes to; needed where no plan is given
        #[arg(long, required_unless_present = "plan")]
        topic: Option<String>,
        /// A plan of steps (TOML) instead of one command
        #[arg(long, value_name = "FILE", conflicts_with_all = ["topic", "args", "timeout"])]
        plan: Option<PathBuf>,
        /// Text for the human summary
        #[arg(long, value_name = "FILE")]
        note: Option<PathBuf>,
        /// End the command after this many seconds
        #[arg(long, value_name = "S", allow_negative_numbers = true, value_parser = values::seconds)]
        timeout: Option<f64>,
        /// Folder that holds the topics
        #[arg(long, default_value = "reports", value_name = "DIR")]
        reports: PathBuf,
        /// Record paths under home folders as they are
        #[arg(long)]
        keep_paths: bool,
        /// Leave out of the bundle's texts and logs what matches; inputs and results are kept as they are; repeatable. The pattern
        /// itself is not recorded: give it to `rerun`, too
        #[arg(long = "redact", value_name = "REGEX")]
        redacted: Vec<Regex>,
        /// End a command that prints more than this many MiB to standard output or standard error; holds for `rerun`, too
        #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u64).range(1..1 << 40))]
        max_output: Option<u64>,
        #[command(flatten)]
        gate: GateFlag,
        /// The command and its arguments, after `--`; `{out}/results` stands for the folder of its results
        #[arg(last = true, required_unless_present = "plan")]
        args: Vec<String>,
    },
    /// Check that bundles are complete, unchanged and well formed
    #[command(after_help = examples::VERIFY)]
    Verify {
        /// Folders of bundles, or archives of one: .zip, .tar, .tar.gz
        #[arg(required = true, value_name = "DIR")]
        bundles: Vec<PathBuf>,
        /// Ask for a signature by one of these signers, too: a file as `ssh-keygen -Y verify` reads it
        #[arg(long, value_name = "FILE")]
        allowed_signers: Option<PathBuf>,
        /// Compute metrics, gates and verdicts again from the files: numbers that do not follow from them are not sound
        #[arg(long)]
        recompute: bool,
    },
    /// Say in a signed statement beside a bundle what it is, so that others know whose it is
    #[command(after_help = examples::SIGN)]
    Sign {
        /// Folder of the bundle, or an archive of it
        #[arg(value_name = "DIR")]
        bundle: PathBuf,
        /// A private key of SSH, or the public half of one that an agent has
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
    },
    /// Run the commands of a bundle again, from its own inputs, and say what came out differently
    #[command(after_help = examples::RERUN)]
    Rerun {
        /// Folder of the bundle
        #[arg(value_name = "DIR")]
        bundle: PathBuf,
        /// Run its commands without asking: they are shown, and are somebody else's
        #[arg(long, short)]
        yes: bool,
        /// Folder that the new bundle goes into, as a folder named by the time; the one that the old bundle is in if not given
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
        /// Folder to look for inputs that were too large to be copied; repeatable
        #[arg(long, value_name = "DIR")]
        inputs: Vec<PathBuf>,
        /// Where a program is on this machine; repeatable
        #[arg(long = "program", value_name = "NAME=PATH", value_parser = name_and_path)]
        programs: Vec<(String, PathBuf)>,
        /// Let the bundle set this variable, which may change what its programs do; repeatable
        #[arg(long = "allow-variable", value_name = "NAME")]
        variables: Vec<String>,
        /// Leave out of the new bundle's texts and logs what matches; repeatable. Without it, nothing that the commands print is kept of a
        /// bundle that was made with --redact
        #[arg(long = "redact", value_name = "REGEX")]
        redacted: Vec<Regex>,
        /// Record paths under home folders as they are
        #[arg(long)]
        keep_paths: bool,
    },
    /// Write index.html and index.json over all bundles of a folder
    #[command(after_help = examples::INDEX)]
    Index {
        /// The folder
        #[arg(default_value = "reports", value_name = "DIR")]
        reports: PathBuf,
    },
    /// Remove unfinished bundles and temporary folders that programs left when they were killed
    #[command(after_help = examples::CLEAN)]
    Clean {
        /// Folder of bundles; `reports` where it is there and none is named
        #[arg(value_name = "DIR")]
        reports: Option<PathBuf>,
    },
    /// Append an entry about a bundle to a Markdown ledger
    #[command(after_help = examples::LEDGER)]
    Ledger {
        /// Folder of the bundle
        #[arg(value_name = "DIR")]
        bundle: PathBuf,
        /// The ledger
        #[arg(long, default_value = "LEDGER.md", value_name = "FILE")]
        file: PathBuf,
        /// A remark
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
    },
    /// Compare the simulator's derivatives with numerical ones (exit 0 right, 3 a derivative is wrong)
    Gradcheck(GradcheckArgs),
    #[command(flatten)]
    Traces(traces::TraceCommand),
    #[command(flatten)]
    Capture(capture::CaptureCommand),
    #[command(flatten)]
    Checks(checks::CheckCommand),
    /// Print completions for a shell
    #[command(after_help = examples::COMPLETIONS)]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the man page
    #[command(after_help = examples::MAN)]
    Man,
}

fn name_and_path(text: &str) -> Result<(String, PathBuf), Expected> {
    let pair = text.split_once('=').filter(|(name, path)| !name.is_empty() && !path.is_empty());
    pair.map(|(name, path)| (name.to_owned(), path.into())).ok_or(Expected("NAME=PATH"))
}

/// The program: takes its arguments (with its own name), gives its exit code.
pub fn main(args: Vec<OsString>) -> u8 {
    if let Some(code) = crate::hygiene::as_simulator(&args).or_else(|| checks::called_by_itself(&args)) {
        return code;
    }
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(e) => {
            // Help and version are errors to the parser, but not to the user. A closed pipe is nobody's fault.
            let _ = e.print();
            return if e.use_stderr() { Exit::Usage } else { Exit::Agrees }.code();
        }
    };
    dispatch(cli).unwrap_or_else(|failure| failure.report()).unless_interrupted().code()
}

fn dispatch(cli: Cli) -> Result<Exit, Failure> {
    let json = cli.json;
    match cli.command {
        Command::Run {
            topic,
            plan,
            note,
            timeout,
            reports,
            keep_paths,
            redacted,
            max_output,
            gate,
            args,
        } => {
            let plan = match plan {
                Some(path) => Plan::read(&path)?,
                None => Plan::of_command(topic.unwrap_or_default(), args, timeout),
            };
            plan.check()?;
            if let Some(closed) = checks::closed(&gate, json)? {
                return Ok(closed);
            }
            let max_output = max_output.map(|mib| mib << 20);
            let recording = Recording { note, reports, keep_paths, redacted, max_output };
            bundles::run_plan(&plan, recording, json).map(|made| exit_of(&made))
        }
        Command::Verify { bundles, allowed_signers, recompute } => {
            bundles::verify_all(&bundles, allowed_signers.as_deref(), recompute, json)
        }
        Command::Sign { bundle, key } => bundles::sign(&bundle, &key, json),
        Command::Rerun { bundle, yes, out, inputs, programs, variables, redacted, keep_paths } => {
            let out = out.map(|folder| bundles::absolute(&folder)).transpose()?;
            let places = Places { out, inputs, programs, keep_paths, redacted };
            bundles::run_again(&bundle, &places, (yes, &variables), json)
        }
        Command::Index { reports } => bundles::list(&reports, json),
        Command::Clean { reports } => bundles::clean(reports.as_deref(), json),
        Command::Ledger { bundle, file, note } => bundles::enter(&bundle, &file, note.as_deref(), json),
        Command::Gradcheck(args) => check_gradients(&args, json),
        Command::Traces(command) => Ok(traces::run(command, json)),
        Command::Capture(command) => Ok(capture::run(&command, json)),
        Command::Checks(command) => Ok(checks::run(command, json)),
        Command::Completions { shell } => {
            let mut text = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "trace-harness", &mut text);
            print_text(&text)
        }
        Command::Man => {
            let mut text = Vec::new();
            clap_mangen::Man::new(Cli::command()).render(&mut text).map_err(SystemError::StandardOutput)?;
            print_text(&text)
        }
    }
}

/// Checks derivatives into a folder, or as the step of a bundle.
fn check_gradients(args: &GradcheckArgs, json: bool) -> Result<Exit, Failure> {
    let Some(folder) = &args.out else {
        // What is wrong with the words should not become a bundle.
        args.ready()?;
        return keep_gradients(args, json);
    };
    let found = args.check(&progress(json))?;
    gradcheck::write(folder, &found).map_err(|source| OutputError { path: folder.clone(), source })?;
    let reason = visible(&found.reason());
    let end = format!("{}: {reason}\n{}", found.verdict, folder.join("gradcheck.md").display());
    print(json, &serde_json::json!(found), &format!("{}\n{end}", report::to_text(&found)))?;
    Ok(found.verdict.exit())
}

fn keep_gradients(args: &GradcheckArgs, json: bool) -> Result<Exit, Failure> {
    let folder = bundles::absolute(std::path::Path::new("."))?;
    let kept = gradcheck::keep(args, &folder, &real_runner()?)?;
    let verdict = kept.found.as_ref().map_or(Verdict::Error, |found| found.verdict);
    let table = kept.found.as_ref().map(|found| report::to_text(found) + "\n").unwrap_or_default();
    let text = format!("{table}{verdict}: {}\nevidence: {}", visible(&kept.reason), kept.place.display());
    print(json, &serde_json::json!({ "folder": kept.place, "gradcheck": kept.found }), &text)?;
    Ok(kept.exit)
}
