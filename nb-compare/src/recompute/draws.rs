//! The runs of a bundle of noise held against those that adapter, arguments, inputs and seed make: program, command, variables, files.
//!
//! Not here: what any run of an adapter has to be like (`steps`), how far the outputs move (`noise`).

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use trace_harness::evidence::bundle::digest;
use trace_harness::evidence::bundle::inputs;
use trace_harness::evidence::bundle::recorder::logs_of;
use trace_harness::evidence::bundle::summary::{Step, Summary};
use trace_harness::evidence::bundle::verify::Examined;

use crate::adapter::trace::asking::with_trace;
use crate::adapter::{Adapter, NoiseRules};
use crate::noise::draws::{Draw, Source, Wishes, may_move, plan};
use crate::noise::known::output_file;
use crate::recompute::Missing;
use crate::recompute::outcome::file_of;
use crate::recompute::programs::calls;
use crate::recompute::steps::StatedRun;
use crate::recompute::traces::arrays_beside;
use crate::report::noise::{Facts, RunFacts};

/// What the steps do otherwise than the plan of the runs; `facts` have the names of the steps. Only where noise was found were all runs made.
pub(super) fn differences(
    examined: &Examined,
    summary: &Summary,
    adapter: &Adapter,
    facts: &Facts,
    is_complete: bool,
) -> Result<Vec<String>, Missing> {
    let none = NoiseRules::default();
    let rules = adapter.noise.as_ref().unwrap_or(&none);
    let Some(baseline) = summary.steps.first() else { return Ok(Vec::new()) };
    let files = files(examined, summary, rules, (&facts.args, baseline))?;
    let args: Vec<OsString> = facts.args.iter().map(OsString::from).collect();
    let exported = baseline.exported.iter().map(|(name, value)| (name.clone(), value.into()));
    let exported: Vec<(String, OsString)> = exported.collect();
    let builds = facts.runs.iter().filter(|run| run.source == Some(Source::Build)).count();
    let runs = facts.input_runs;
    let wishes = Wishes { rules, env: &exported, builds, args: &args, files: &files, runs, seed: facts.seed };
    let mut planned = plan(&wishes);
    let rules = adapter.trace.as_ref();
    let asked =
        facts.traces.as_ref().zip(rules).map(|(of, rules)| with_trace(rules, adapter, 0, &of.element));
    let mut findings = Vec::new();
    for (run, step) in facts.runs.iter().zip(&summary.steps) {
        let draw = planned.next().filter(|draw| draw.name == run.name && draw.source == run.source);
        let Some(draw) = draw else {
            findings.push(format!("`runs`: `{}` is none that adapter, arguments and seed make", run.name));
            return Ok(findings);
        };
        let arrays = match asked.as_ref().and_then(|asked| asked.outputs.last()) {
            // Of a run that failed there is no trace.
            Some(trace) if step.succeeded() => {
                arrays_beside(examined, &run.name, &file_of(examined, &output_file(&run.name, trace))?)
            }
            _ => Vec::new(),
        };
        let adapter = asked.as_ref().unwrap_or(adapter);
        findings.extend(of_run((adapter, arrays), facts, (run, step), (&draw, baseline)));
    }
    if let Some(draw) = planned.next().filter(|_| is_complete) {
        findings.push(format!("`runs`: lacks `{}`, which adapter, arguments and seed make", draw.name));
    }
    Ok(findings)
}

/// What one run did otherwise than planned.
fn of_run(
    (adapter, arrays): (&Adapter, Vec<String>),
    facts: &Facts,
    (run, step): (&RunFacts, &Step),
    (draw, baseline): (&Draw, &Step),
) -> Vec<String> {
    let name = &run.name;
    let moved: BTreeMap<String, String> = draw
        .files
        .iter()
        .map(|(path, text)| {
            let before = path.to_string_lossy().into_owned();
            let file = before.trim_end_matches('}').rsplit('/').next().unwrap_or_default();
            let after = inputs::token(&digest::of_bytes(text.as_bytes()), file);
            (before, after)
        })
        .collect();
    let with_moved =
        |word: &str| moved.iter().fold(word.to_owned(), |word, (before, after)| word.replace(before, after));
    let words =
        draw.args.as_ref().map(|words| words.iter().map(|w| w.to_string_lossy().into_owned()).collect());
    let args: Vec<String> = words.unwrap_or_else(|| facts.args.clone());
    let args: Vec<String> = args.iter().map(|word| with_moved(word)).collect();
    let stated = StatedRun {
        arrays,
        adapter,
        number: 0,
        args: &args,
        variants: &facts.variants,
        variable: draw.variable.as_ref(),
        logs: logs_of(name),
        case: "",
    };
    let mut findings = stated.differences(step);
    let program = |field: &str| run.program[field].as_str().unwrap_or_default();
    let is_reference =
        draw.build.is_some() || facts.runs.first().is_some_and(|first| first.program == run.program);
    if !calls(step, program("name"), program("sha256")) || !is_reference {
        findings.push(format!(
            "`runs`: the program of `{name}` is not the one of its step, or not the reference's"
        ));
    }
    let expected: Vec<String> = read_by(baseline).map(|token| with_moved(&token)).collect();
    if read_by(step).ne(expected) {
        findings.push(format!("step `{name}`: read other files than adapter, arguments and seed make"));
    }
    findings
}

/// The input files that a step reads, as tokens: those among its words, and its standard input.
fn read_by(step: &Step) -> impl Iterator<Item = String> {
    step.command.iter().skip(1).chain(&step.stdin).flat_map(|word| tokens(word))
}

fn tokens(word: &str) -> Vec<String> {
    let pieces = word
        .match_indices("{input:")
        .filter_map(|(at, _)| Some(word[at..].split_inclusive('}').next()?.to_owned()));
    pieces.collect()
}

/// The inputs that may move, by their tokens, with their texts: those among the arguments first, then those of the adapter.
fn files(
    examined: &Examined,
    summary: &Summary,
    rules: &NoiseRules,
    (args, baseline): (&[String], &Step),
) -> Result<Vec<(PathBuf, String)>, Missing> {
    let given: Vec<String> = args.iter().flat_map(|word| tokens(word)).collect();
    let others = read_by(baseline).filter(|token| !given.contains(token));
    let mut files: Vec<(PathBuf, String)> = Vec::new();
    for token in given.iter().cloned().chain(others) {
        let Some(input) = summary.inputs.iter().find(|input| input.token == token) else { continue };
        let path = PathBuf::from(&token);
        if !may_move(rules, Path::new(&input.name)) {
            continue;
        }
        // One file, or two of the same content: only who ran them knows.
        if files.iter().any(|(known, _)| *known == path) {
            return Err(Missing::Left(format!("`{token}` stands in two places, and may move in either")));
        }
        let stored = input.stored.as_ref();
        let stored = stored.ok_or_else(|| Missing::Left(format!("`{token}` was too large to be kept")))?;
        let text = String::from_utf8(file_of(examined, stored)?);
        files.push((path, text.map_err(|e| Missing::Wrong(format!("`{stored}`: {e}")))?));
    }
    Ok(files)
}
