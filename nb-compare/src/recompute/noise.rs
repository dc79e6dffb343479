//! The reference's own noise found again from what its runs left, by the adapter in the bundle.
//!
//! Not here: finding it (`noise`), comparisons that use it (`outputs`).

use std::path::Path;

use serde_json::{Map, Value, json};
use trace_harness::evidence::bundle::summary::Summary;
use trace_harness::evidence::bundle::verify::Examined;
use trace_harness::evidence::exit::Exit;
use trace_harness::evidence::process::Temporary;
use trace_harness::trace::diff::noise::TraceNoise;

use crate::adapter::Adapter;
use crate::adapter::trace::asking::with_trace;
use crate::array::Spread;
use crate::noise::draws::BASELINE;
use crate::noise::known::{output_file, spread_file};
use crate::noise::spread::{Growing, OutputNoise};
use crate::noise::traces::{FILE, RunTrace, TracesFacts, document as noise_document, noise_of_traces};
use crate::recompute::alike::same;
use crate::recompute::outcome::file_of;
use crate::recompute::outputs::adapter_of;
use crate::recompute::traces::{arrays_beside, schema_of};
use crate::recompute::{Missing, RecomputeError, Recomputed, document_of, documents, draws, short};
use crate::report::noise::{self, Facts, RunFacts, Told};

/// Holds a bundle of noise against what its files make.
pub(super) fn against(
    examined: &Examined,
    folder: &Path,
    summary: &Summary,
    document: &Map<String, Value>,
    done: &mut Recomputed,
) -> Result<(), RecomputeError> {
    let metrics = &document_of(examined, folder, "metrics.json")?;
    match again(examined, summary, document, metrics, done) {
        Ok(findings) => done.findings.extend(findings),
        Err(Missing::Left(why)) => done.left_out.push(why),
        Err(Missing::Wrong(why)) => done.findings.push(why),
    }
    Ok(())
}

fn again(
    examined: &Examined,
    summary: &Summary,
    document: &Map<String, Value>,
    metrics: &Map<String, Value>,
    done: &mut Recomputed,
) -> Result<Vec<String>, Missing> {
    let adapter = adapter_of(examined, summary, document)?;
    if document.get("noise").and_then(Value::as_array).is_none_or(Vec::is_empty) {
        if !summary.steps.is_empty() {
            let facts = facts(examined, summary, document, &adapter)?;
            let findings = draws::differences(examined, summary, &adapter, &facts, false)?;
            if !findings.is_empty() {
                return Ok(findings);
            }
        }
        return failed(summary, document, metrics, done);
    }
    let facts = facts(examined, summary, document, &adapter)?;
    let runs = draws::differences(examined, summary, &adapter, &facts, true)?;
    let outputs = outputs(examined, &adapter, &facts)?;
    done.comparisons += 1;
    done.judged.noise += outputs.len();
    let traces =
        facts.traces.as_ref().map(|of| traces(examined, summary, &adapter, &facts, of)).transpose()?;
    let told = Told { facts: &facts, outputs: &outputs, traces: traces.as_ref() };
    let mut findings = runs;
    findings.extend(differences(document, metrics, &told));
    for (noise, spread) in &outputs {
        let name = spread_file(&noise.name);
        let bytes = spread.to_npy().map_err(|e| Missing::Wrong(e.to_string()))?;
        if file_of(examined, &name)? != bytes {
            findings.push(format!("`{name}`: is not how far the outputs in the bundle move"));
        }
    }
    if let Some(traces) = &traces {
        let is = noise_document(traces).map_err(|e| Missing::Wrong(e.to_string()))?;
        if file_of(examined, FILE)? != is.as_bytes() {
            findings.push(format!("`{FILE}`: is not how far the keys of the traces in the bundle move"));
        }
    }
    // Where a figure is wrong, so is every page that has it.
    if findings.is_empty() {
        findings = documents::differing(
            examined,
            summary,
            document,
            noise::writer(),
            || Ok(noise::documents(&told)),
            done,
        )?;
    }
    Ok(findings)
}

/// A bundle without noise: a run failed, left another shape, or somebody does not want it looked at.
fn failed(
    summary: &Summary,
    document: &Map<String, Value>,
    metrics: &Map<String, Value>,
    done: &mut Recomputed,
) -> Result<Vec<String>, Missing> {
    let has_figures = metrics["metrics"].as_object().is_some_and(|metrics| !metrics.is_empty());
    if has_figures || document["verdict"] == json!("PASS") || summary.exit == Some(Exit::Agrees.code()) {
        return Ok(vec!["has a verdict or figures of noise, and says none".to_owned()]);
    }
    let is_mismatch = summary.exit == Some(Exit::Mismatch.code());
    if summary.steps.iter().all(|step| step.succeeded()) && !is_mismatch {
        return Err(Missing::Left("every run delivered, and it says no noise".to_owned()));
    }
    done.failed_runs += 1;
    Ok(Vec::new())
}

/// What the bundle says of its runs, as far as its own parts show it.
fn facts(
    examined: &Examined,
    summary: &Summary,
    document: &Map<String, Value>,
    adapter: &Adapter,
) -> Result<Facts, Missing> {
    let field = |name: &str| document.get(name).cloned().unwrap_or_default();
    let wrong = |name: &str, e: &dyn std::fmt::Display| Missing::Wrong(format!("`{name}`: {e}"));
    let variants: Vec<String> =
        serde_json::from_value(field("variants")).map_err(|e| wrong("variants", &e))?;
    for id in &variants {
        adapter.variant(id).map_err(|e| wrong("variants", &e))?;
    }
    let runs: Vec<RunFacts> = serde_json::from_value(field("runs")).map_err(|e| wrong("runs", &e))?;
    let names: Vec<&str> = runs.iter().map(|run| run.name.as_str()).collect();
    let steps: Vec<&str> = summary.steps.iter().map(|step| step.name.as_str()).collect();
    if names != steps || runs.first().is_none_or(|run| run.name != BASELINE || run.source.is_some()) {
        return Err(wrong("runs", &"are not the steps of the bundle, the unchanged one first"));
    }
    if runs.iter().skip(1).any(|run| run.source.is_none()) {
        return Err(wrong("runs", &"one behind the first looks for nothing"));
    }
    let is_known = |run: &&RunFacts| {
        examined.environment.as_ref().is_none_or(|environment| {
            environment.binaries.iter().any(|binary| {
                run.program == json!({"name": binary.name, "sha256": binary.sha256})
                    && (run.version.is_empty() || run.version == binary.version)
            })
        })
    };
    if let Some(run) = runs.iter().find(|run| !is_known(run)) {
        return Err(wrong("runs", &format!("the program of `{}` is none that env.json has", run.name)));
    }
    let number = |name: &str| {
        field(name)
            .as_u64()
            .ok_or_else(|| Missing::Left(format!("`{name}` is not stated, which decides what its runs are")))
    };
    let traces = field("traces");
    let traces = (!traces.is_null()).then(|| serde_json::from_value(traces)).transpose();
    Ok(Facts {
        traces: traces.map_err(|e| wrong("traces", &e))?,
        args: serde_json::from_value(field("args")).map_err(|e| wrong("args", &e))?,
        file: field("adapter").as_str().unwrap_or_default().to_owned(),
        runs,
        ..Facts::of(
            adapter,
            variants,
            (number("seed")?, usize::try_from(number("input_runs")?).unwrap_or(usize::MAX)),
        )
    })
}

/// How far the keys of the traces in the bundle move.
fn traces(
    examined: &Examined,
    summary: &Summary,
    adapter: &Adapter,
    facts: &Facts,
    of: &TracesFacts,
) -> Result<TraceNoise, Missing> {
    let wrong = |why: &dyn std::fmt::Display| Missing::Wrong(format!("`traces`: {why}"));
    let rules = adapter.trace.as_ref().ok_or_else(|| wrong(&"the adapter says nothing of traces"))?;
    let (token, schema) = schema_of(examined, summary, rules, of.schema.as_deref().unwrap_or_default())?;
    if token != of.schema {
        return Err(wrong(&"its schema is not that of the adapter"));
    }
    let asked = with_trace(rules, adapter, 0, &of.element);
    let Some(output) = asked.outputs.last() else { return Err(wrong(&"there is none")) };
    let laid = Temporary::new().map_err(|e| wrong(&e))?;
    let mut runs = Vec::new();
    for run in &facts.runs {
        let trace = file_of(examined, &output_file(&run.name, output))?;
        let folder = laid.path().join(runs.len().to_string());
        std::fs::create_dir(&folder).map_err(|e| wrong(&e))?;
        for array in arrays_beside(examined, &run.name, &trace) {
            let content = file_of(examined, &format!("outputs/{}/{array}", run.name))?;
            std::fs::write(folder.join(&array), content).map_err(|e| wrong(&e))?;
        }
        runs.push((RunTrace { name: run.name.clone(), trace }, folder));
    }
    let runs = runs.iter().map(|(run, folder)| (run, folder.clone()));
    noise_of_traces(&schema, runs).map_err(|e| wrong(&e))
}

fn outputs(
    examined: &Examined,
    adapter: &Adapter,
    facts: &Facts,
) -> Result<Vec<(OutputNoise, Spread)>, Missing> {
    let mut found = Vec::new();
    for output in &adapter.outputs {
        let place = |run: &RunFacts| output_file(&run.name, output);
        let wrong = |e: crate::noise::spread::SpreadError| Missing::Wrong(e.to_string());
        let [first, others @ ..] = facts.runs.as_slice() else { continue };
        let baseline = file_of(examined, &place(first))?;
        let mut growing = Growing::of(output, &baseline).map_err(wrong)?;
        for run in others {
            if let Some(source) = &run.source {
                growing.take(&run.name, source, &file_of(examined, &place(run))?).map_err(wrong)?;
            }
        }
        found.push(growing.done().map_err(wrong)?);
    }
    Ok(found)
}

/// Everything that the bundle says and that is otherwise.
fn differences(document: &Map<String, Value>, metrics: &Map<String, Value>, told: &Told<'_>) -> Vec<String> {
    let mut findings = Vec::new();
    let mut hold = |what: &str, says: Option<&Value>, is: &Value| {
        let says = says.unwrap_or(&Value::Null);
        if !same(says, is) {
            findings.push(format!("`{what}`: says {}, is {}", short(says), short(is)));
        }
    };
    for (name, is) in &noise::json(told.facts, told.outputs) {
        hold(name, document.get(name), is);
    }
    hold("metrics", metrics.get("metrics"), &json!(noise::metrics(told.outputs)));
    hold("title", document.get("title"), &json!(told.facts.title));
    hold("verdict", document.get("verdict"), &json!(told.verdict().word()));
    hold("reason", document.get("reason"), &json!(told.reason()));
    hold("exit", document.get("exit"), &json!(told.verdict().exit()));
    findings
}
