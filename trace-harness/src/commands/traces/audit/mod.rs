//! `trace-harness audit` and `trace-harness keys`: what is read, what is printed, and the exit status.
//!
//! Not here: checking (`trace::audit`).

mod args;
mod evidence;
pub mod known;
mod text;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use nanobragg::error::UsageError;

pub use args::AuditArgs;
use args::GivenValue;

use crate::commands::print_line;
use crate::commands::traces::files::{TraceFailure, read};
use crate::evidence::bundle::own_step::Clock;
use crate::evidence::exit::Exit;
use crate::evidence::held::Held;
use crate::trace::audit::{Audit, audit, names};
use crate::trace::schema::{Schema, markdown};
use crate::trace::{infer, log};

/// Arguments of `keys`.
#[derive(Debug, Args)]
pub struct KeysArgs {
    /// As a schema in TOML, which `--schema` reads, instead of a page of documentation
    #[arg(long)]
    pub toml: bool,
    /// A first schema made of a trace, or of two of the same program: keys, shapes, and laws that held in every record, as comments
    #[arg(long, value_name = "TRACE", num_args = 1..=2, conflicts_with = "toml")]
    pub infer: Vec<PathBuf>,
}

/// What is known of the trace number `n`, from 1: what its capture says, and what the user does, who has the last word.
fn known(args: &AuditArgs, n: usize, path: &Path) -> Result<BTreeMap<String, f64>, TraceFailure> {
    let mut known = match path.is_dir() {
        true => known::of_capture(path)?,
        false => BTreeMap::new(),
    };
    let own = args.given.iter().filter(|g| g.trace.is_none_or(|t| t == n));
    known.extend(own.map(|g| (g.name.clone(), g.value)));
    Ok(known)
}

/// Runs `audit`.
///
/// # Errors
/// Files that cannot be read.
pub fn run(args: &AuditArgs, json: bool) -> Result<Exit, TraceFailure> {
    let clock = Clock::start();
    let mut args = args.clone();
    // A bundle keeps what was audited. Without one, everything is read once, however long it is.
    let keeps = args.out.is_some();
    let _held = Held::all(args.traces.iter_mut().chain(&mut args.schema).filter(|_| keeps))?;
    let args = &args;
    let schema = Schema::at(args.schema.as_deref())?;
    if let Some(g) = args.given.iter().find(|g| g.trace.is_some_and(|n| n > args.traces.len())) {
        let (n, count) = (g.trace.unwrap_or_default(), args.traces.len());
        let problem = format!("`--given {n}:{}`: there is no such trace", g.name);
        return Err(UsageError::new(problem, format!("a trace from 1 to {count}")).into());
    }
    check_names(args, &schema)?;
    let mut audits = Vec::new();
    let mut all_given = Vec::new();
    for (n, path) in (1..).zip(&args.traces) {
        let mut trace = read(&known::file(path), &schema)?;
        let given = known(args, n, path)?;
        if args.out.is_some() || args.files.is_some() {
            // What is kept names files as they are called everywhere.
            trace.path = trace.path.file_name().map_or_else(PathBuf::new, PathBuf::from);
        }
        audits.push(audit(&schema, &trace, &given));
        all_given.push(given);
    }
    let code = exit_code(&audits);
    let [plain, value] = [evidence::text(&audits), evidence::json(&audits)];
    if let Some(folder) = &args.files {
        evidence::write_files(folder, &plain, &value)?;
    }
    if let Some(out) = &args.out {
        evidence::write(args, out, (&audits, &all_given), &clock.stop(code))?;
    }
    print_line(if json { value.trim_end() } else { plain.trim_end() })?;
    Ok(code)
}

/// Refuses a given value that no law asks for: it would change nothing, whatever it was meant for.
fn check_names(args: &AuditArgs, schema: &Schema) -> Result<(), UsageError> {
    // The second run of a bundle repeats everything that its capture says.
    let given = args.given.iter().filter(|_| args.files.is_none());
    let [others, keys] = names(schema);
    for GivenValue { name, .. } in given {
        if !others.contains(name) && !keys.contains(name) {
            let listed: Vec<String> = others.iter().map(|other| format!("`{other}`")).collect();
            let expected = match listed.as_slice() {
                [] => "a key that a law names".to_owned(),
                listed => format!("{}, or a key that a law names", listed.join(", ")),
            };
            let problem = format!("`--given {name}`: no law asks for `{name}`");
            return Err(UsageError::new(problem, expected).hint("`trace-harness keys` lists laws and keys"));
        }
    }
    Ok(())
}

fn exit_code(audits: &[Audit]) -> Exit {
    if audits.iter().any(|a| a.faults().next().is_some()) {
        Exit::Differs
    } else if audits.iter().any(|a| a.checked() == 0 || a.unprintable() > 0) {
        Exit::Undecided
    } else {
        Exit::Agrees
    }
}

/// Prints a first schema of traces.
fn inferred(paths: &[PathBuf], json: bool) -> Result<Exit, TraceFailure> {
    if json {
        return Err(UsageError::new("`--infer` with `--json`", "one of them").into());
    }
    let traces = paths.iter().map(|path| log::read(path)).collect::<Result<Vec<_>, _>>()?;
    if let Some(empty) = traces.iter().find(|trace| trace.lines.is_empty()) {
        let problem = format!("`{}`: 0 trace lines of {}", empty.path.display(), empty.read);
        return Err(UsageError::new(
            problem,
            "`TRACE_X: key value`, `key=value`, JSON objects, or CSV with a header",
        )
        .hint("docs/traces.md lists the forms")
        .into());
    }
    print_line(infer::schema(&traces).trim_end())?;
    Ok(Exit::Agrees)
}

/// Runs `keys`.
///
/// # Errors
/// Two forms are requested; standard output cannot be written.
pub fn keys(args: &KeysArgs, json: bool) -> Result<Exit, TraceFailure> {
    if !args.infer.is_empty() {
        return inferred(&args.infer, json);
    }
    let schema = Schema::built_in()?;
    let text = match (args.toml, json) {
        (true, true) => return Err(UsageError::new("`--toml` with `--json`", "one of them").into()),
        (true, false) => schema.to_toml()?,
        (false, true) => serde_json::to_string_pretty(&schema)?,
        (false, false) => markdown::page(&schema),
    };
    print_line(text.trim_end())?;
    Ok(Exit::Agrees)
}
