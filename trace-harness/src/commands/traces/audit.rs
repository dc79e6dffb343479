//! `trace-harness audit` and `trace-harness keys`: arguments, words, exit status.
//!
//! Not here: checking (`audit`).

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;

use crate::commands::traces::diff::{TraceFailure, read, say};
use crate::evidence::bundle::own_step::Clock;
use crate::evidence::exit::Exit;
use crate::numbers::number;
use crate::trace::audit::{Audit, Check, Fault, audit, evidence};
use crate::trace::diff::report::clause;
use crate::trace::diff::words::numbers;
use crate::trace::schema::{Schema, markdown};

/// What `audit` is asked.
#[derive(Debug, Args)]
pub struct AuditArgs {
    /// Traces, or whole program logs with trace lines in them, or folders of captures
    #[arg(required = true, value_name = "TRACE")]
    pub traces: Vec<PathBuf>,
    /// A value that laws need and no trace holds: `background`, `pixel_size_m`, `Na`, `Nb`, `Nc`; repeatable
    #[arg(long, value_name = "NAME=VALUE", value_parser = name_and_value)]
    pub given: Vec<(String, f64)>,
    /// The keys of another program: a TOML file (see `trace-harness keys --toml`)
    #[arg(long, value_name = "FILE")]
    pub schema: Option<PathBuf>,
    /// Write a bundle of evidence with audit.json and audit.txt to this new folder
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Write these two files alone, into this folder that is there: what a bundle's second run does
    #[arg(long, value_name = "DIR", hide = true, conflicts_with = "out")]
    pub files: Option<PathBuf>,
    /// Record paths under home folders as they are
    #[arg(long)]
    pub keep_paths: bool,
}

/// What `keys` is asked.
#[derive(Debug, Args)]
pub struct KeysArgs {
    /// As a schema in TOML, which `--schema` reads, instead of a page of documentation
    #[arg(long)]
    pub toml: bool,
}

fn name_and_value(text: &str) -> Result<(String, f64), String> {
    let pair = text.split_once('=').and_then(|(name, value)| Some((name.to_owned(), number(value)?)));
    pair.filter(|(_, value)| value.is_finite())
        .ok_or_else(|| format!("`{text}`; expected NAME=VALUE with a finite number"))
}

/// Runs `audit`.
///
/// # Errors
/// Files that cannot be read.
pub fn run(args: &AuditArgs, json: bool) -> Result<Exit, TraceFailure> {
    let clock = Clock::start();
    let schema = Schema::at(args.schema.as_deref())?;
    let given: BTreeMap<String, f64> = args.given.iter().cloned().collect();
    let mut audits = Vec::new();
    for path in &args.traces {
        let mut trace = read(path, &schema)?;
        if args.out.is_some() || args.files.is_some() {
            // What is kept names files as they are called everywhere.
            trace.path = trace.path.file_name().map_or_else(PathBuf::new, PathBuf::from);
        }
        audits.push(audit(&schema, &trace, &given));
    }
    let code = exit_code(&audits);
    let [plain, value] = [evidence::text(&audits), evidence::json(&audits)];
    if let Some(folder) = &args.files {
        evidence::write_files(folder, &plain, &value)?;
    }
    if let Some(out) = &args.out {
        evidence::write(args, out, &audits, &clock.stop(code))?;
    }
    say(if json { value.trim_end() } else { plain.trim_end() })?;
    Ok(code)
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

/// Runs `keys`.
///
/// # Errors
/// Standard output cannot be written.
pub fn keys(args: &KeysArgs) -> Result<Exit, TraceFailure> {
    let schema = Schema::built_in()?;
    let text =
        if args.toml { schema.to_toml().map_err(TraceFailure::Other)? } else { markdown::page(&schema) };
    say(text.trim_end())?;
    Ok(Exit::Agrees)
}

/// An audit in words.
pub fn words(audit: &Audit) -> String {
    let single = clause(&audit.precision);
    let mut lines = vec![format!("{}: {} values checked{single}", audit.file, audit.checked())];
    for check in audit.faults() {
        lines.push(format!("does not follow: {}", check.name));
        lines.push(format!("  law         {}", check.law));
        if let Some(fault) = &check.first {
            lines.extend(fault_lines(check, fault));
        }
    }
    for check in audit.checks.iter().filter(|c| c.checked == 0) {
        let reasons: Vec<&str> = check.not_checked.keys().map(String::as_str).collect();
        lines.push(format!("not checked: {}: {}", check.name, reasons.join("; ")));
    }
    let not_finite: usize = audit.checks.iter().map(|c| c.not_finite).sum();
    if not_finite > 0 {
        lines.push(format!(
            "{not_finite} of the values follow because they are NaN or infinite on both sides"
        ));
    }
    lines.push(match (audit.faults().count(), audit.checked(), audit.unprintable()) {
        (0, 0, _) => "undecided: nothing could be checked".to_owned(),
        (0, _, 0) => "consistent".to_owned(),
        (0, _, n) => format!("undecided: {n} times stars stand in the place of a number that a law needs"),
        (n, ..) => format!("not consistent: {n} laws do not hold"),
    });
    lines.join("\n")
}

fn fault_lines(check: &Check, fault: &Fault) -> Vec<String> {
    let mut place: Vec<String> = Vec::new();
    place.extend(fault.pixel.map(|(slow, fast)| format!("pixel {slow} {fast}")));
    place.extend((fault.block > 0).then(|| format!("block {}", fault.block)));
    for (name, number) in ["source", "phi step", "domain"].iter().zip(fault.place).filter(|(_, n)| *n >= 0) {
        place.push(format!("{name} {number}"));
    }
    place.extend((fault.line > 0).then(|| format!("line {}", fault.line)));
    if place.is_empty() {
        place.push("the pixel as a whole".to_owned());
    }
    let mut lines = vec![
        format!("  where       {} ({} of {} times)", place.join(", "), check.faulty, check.checked),
        format!("  in trace    {}", numbers(&fault.traced)),
        format!("  recomputed  {} (rounding: {})", numbers(&fault.recomputed), numbers(&[fault.allowed])),
    ];
    lines.extend(fault.signatures.iter().map(|s| format!("  looks like  {s}")));
    lines
}
