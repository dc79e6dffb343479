//! Every output of a comparison of two programs judged again, by the adapter in its bundle and from the files in it.
//!
//! Not here: judging (`adapter::judge`), comparisons of images and of two files of arrays (the rest of `recompute`).

use std::path::Path;

use serde_json::{Map, Value, json};
use trace_harness::evidence::bundle::recorder::logs_of;
use trace_harness::evidence::bundle::summary::{Step, Summary};
use trace_harness::evidence::bundle::verify::Examined;
use trace_harness::evidence::exit::Exit;

use crate::adapter::contents::{Contents, read};
use crate::adapter::judge::{JudgedOutput, compare, compare_within, overall};
use crate::adapter::stated::{StatedValues, sentence};
use crate::adapter::variants::{TriedSet, VariantSearch, concerns, named, run_name};
use crate::adapter::{self, Adapter, Output, OutputKind, ParameterSource, SIDES};
use crate::array::Array;
use crate::matrix::Done;
use crate::noise::known::{KnownNoise, NoiseFiles, Wanted, kept};
use crate::recompute::alike::same;
use crate::recompute::outcome::file_of;
use crate::recompute::programs::calls;
use crate::recompute::steps::StatedRun;
use crate::recompute::traces::TracesBundle;
use crate::recompute::{Missing, RecomputeError, Recomputed, document_of, documents, short, steps};
use crate::report::outputs::{self, OutputsFacts, OutputsReport, SideFacts};

pub(super) use outputs::KIND;

struct OutputsBundle<'a> {
    examined: &'a Examined,
    summary: &'a Summary,
    /// Its steps in the summary.
    steps: Vec<&'a Step>,
    document: &'a Map<String, Value>,
    metrics: &'a Map<String, Value>,
    /// The case that it is in a matrix; empty where it is a bundle of its own.
    case: &'a str,
}

/// Holds a comparison of two programs against what its files make.
pub(super) fn against(
    examined: &Examined,
    folder: &Path,
    summary: &Summary,
    document: &Map<String, Value>,
    done: &mut Recomputed,
) -> Result<(), RecomputeError> {
    let metrics = &document_of(examined, folder, "metrics.json")?;
    let steps = summary.steps.iter().collect();
    let bundle = OutputsBundle { examined, summary, steps, document, metrics, case: "" };
    match bundle.again(done) {
        Ok(findings) => done.findings.extend(findings),
        Err(Missing::Left(why)) => done.left_out.push(why),
        Err(Missing::Wrong(why)) => done.findings.push(why),
    }
    Ok(())
}

/// Holds a case of a matrix against what its files make.
pub(super) fn case(examined: &Examined, summary: &Summary, row: &Done, done: &mut Recomputed) {
    let mut document = row.outputs.clone().unwrap_or_default();
    let said = [
        ("args", json!(row.args)),
        ("verdict", json!(row.verdict.word())),
        ("reason", json!(row.reason)),
        ("exit", json!(row.exit_code)),
    ];
    document.extend(said.map(|(name, value)| (name.to_owned(), value)));
    let mut values = row.metrics.clone();
    let undefined = values.remove("undefined").unwrap_or_else(|| json!({}));
    let metrics =
        Map::from_iter([("metrics".to_owned(), values.into()), ("undefined".to_owned(), undefined)]);
    let is_of_case = |step: &&Step| step.name.rsplit_once('/').is_some_and(|(case, _)| case == row.name);
    let steps = summary.steps.iter().filter(is_of_case).collect();
    let (document, metrics) = (&document, &metrics);
    let bundle = OutputsBundle { examined, summary, steps, document, metrics, case: &row.name };
    let mut of_case = Recomputed::default();
    match bundle.again(&mut of_case) {
        Ok(findings) => of_case.findings.extend(findings),
        Err(Missing::Left(why)) => of_case.left_out.push(why),
        Err(Missing::Wrong(why)) => of_case.findings.push(why),
    }
    done.add(of_case, &row.name);
}

impl OutputsBundle<'_> {
    fn again(&self, done: &mut Recomputed) -> Result<Vec<String>, Missing> {
        let adapter = adapter_of(self.examined, self.summary, self.document)?;
        let mut facts = self.facts(&adapter)?;
        let is_compared = self.document["compared_outputs"].as_array().is_some_and(|all| !all.is_empty());
        let steps = steps::differences(&adapter, &facts, (&self.steps, self.case), is_compared);
        if !is_compared {
            return if steps.is_empty() { self.failed(done) } else { Ok(steps) };
        }
        let noise = self.noise(&adapter, &facts)?;
        if let Some(noise) = &noise {
            let bundle = &noise.used.bundle;
            done.looser.push(format!(
                "every element within the reference's own noise, which the bundle `{bundle}` has to show"
            ));
            facts.tolerance = Some(noise.used.clone());
        }
        facts.said(&adapter, &self.said(&adapter)?);
        facts.explanation = self.explanation(&adapter, &facts)?;
        let (examined, summary) = (self.examined, self.summary);
        let traces =
            TracesBundle { examined, summary, adapter: &adapter, facts: &facts }.again(self.document)?;
        facts.traces = traces;
        let mut judged = Vec::new();
        for output in &adapter.outputs {
            let names = [0, 1].map(|side| output.stored(side));
            let [a, b] = [self.file(&names[0])?, self.file(&names[1])?];
            let files = [(Path::new(&names[0]), &*a), (Path::new(&names[1]), &*b)];
            if let Some(noise) = &noise {
                noise
                    .is_of(output, files[0])
                    .map_err(|e| Missing::Wrong(format!("the noise that it uses {e}")))?;
            }
            let again = match noise.as_ref().and_then(|noise| noise.spreads.get(&output.name)) {
                Some(spread) => compare_within(output, files, spread),
                None => {
                    let is_text = matches!(
                        read(output, files),
                        Ok(Contents::Arrays(sides, _)) if sides.iter().any(Array::is_printed)
                    );
                    done.looser.extend(looser(output, is_text));
                    compare(output, files)
                }
            };
            match output.kind {
                OutputKind::Array { .. } => done.judged.arrays += 1,
                OutputKind::Table(_) => done.judged.tables += 1,
            }
            judged.push(again.unwrap_or_else(|error| JudgedOutput::unreadable(output, error)));
        }
        done.comparisons += 1;
        let found = sentence(&facts.parameters);
        let overall = overall(&judged, found);
        let told = OutputsReport { facts: &facts, outputs: &judged, overall: &overall };
        let mut findings = steps;
        findings.extend(self.differences(&told));
        // Where a figure is wrong, so is every page that has it. A case has none of its own.
        if findings.is_empty() && self.case.is_empty() {
            findings = documents::differing(
                self.examined,
                self.summary,
                self.document,
                outputs::writer(),
                || Ok(outputs::documents(&told)),
                done,
            )?;
        }
        Ok(findings)
    }

    /// A bundle that compares nothing: a side failed, or somebody does not want it judged.
    fn failed(&self, done: &mut Recomputed) -> Result<Vec<String>, Missing> {
        let has_figures = self.metrics["metrics"].as_object().is_some_and(|metrics| !metrics.is_empty());
        let exit = self.document.get("exit").and_then(Value::as_u64);
        let is = |known: Exit| exit == Some(known.code().into());
        if self.document["verdict"] == json!("PASS") || has_figures || is(Exit::Differs) || is(Exit::Agrees) {
            return Ok(vec!["has a verdict or figures of outputs, and compares none".to_owned()]);
        }
        if self.steps.len() == SIDES.len() && self.steps.iter().all(|step| step.succeeded()) {
            return Err(Missing::Left("both sides delivered, and it compares nothing".to_owned()));
        }
        done.failed_runs += 1;
        Ok(Vec::new())
    }

    /// What the bundle says beside its outputs, as far as its own parts show it.
    fn facts(&self, adapter: &Adapter) -> Result<OutputsFacts, Missing> {
        let field = |name: &str| self.document.get(name).cloned().unwrap_or_default();
        let wrong = |name: &str, e: &dyn std::fmt::Display| Missing::Wrong(format!("`{name}`: {e}"));
        let variants: Vec<String> =
            serde_json::from_value(field("variants")).map_err(|e| wrong("variants", &e))?;
        for id in &variants {
            adapter.variant(id).map_err(|e| wrong("variants", &e))?;
        }
        let args = serde_json::from_value(field("args")).map_err(|e| wrong("args", &e))?;
        let sides = field("sides");
        let side = |n: usize| -> Result<SideFacts, Missing> {
            let says: SideFacts =
                serde_json::from_value(sides[SIDES[n]].clone()).map_err(|e| wrong("sides", &e))?;
            let step = self.steps.iter().find(|step| step.name.rsplit('/').next() == Some(SIDES[n]));
            let runtime_ms = step.and_then(|step| step.wall_s).map(|seconds| seconds * 1000.0);
            let known = self.examined.environment.as_ref().is_none_or(|environment| {
                says.program.is_null()
                    || environment.binaries.iter().any(|binary| {
                        says.program == json!({"name": binary.name, "sha256": binary.sha256})
                            && (says.version.is_empty() || says.version == binary.version)
                    })
            });
            if !known {
                return Err(wrong(
                    "sides",
                    &format!("the program of the {} is none that env.json has", SIDES[n]),
                ));
            }
            Ok(SideFacts { label: adapter.sides[n].label.clone(), runtime_ms, ..says })
        };
        Ok(OutputsFacts {
            args,
            file: field("adapter").as_str().unwrap_or_default().to_owned(),
            sides: [side(0)?, side(1)?],
            ..OutputsFacts::of(adapter, variants)
        })
    }

    /// The noise that the outputs were held against, where they were.
    fn noise(&self, adapter: &Adapter, facts: &OutputsFacts) -> Result<Option<KnownNoise>, Missing> {
        let Some(says) = self.document.get("tolerance").filter(|says| !says.is_null()) else {
            return Ok(None);
        };
        let wrong = |e: &dyn std::fmt::Display| Missing::Wrong(format!("the noise that it uses: {e}"));
        let files = NoiseFiles::read(adapter, |name| self.file(&kept(name)).ok()).map_err(|e| wrong(&e))?;
        let sha256 = self.summary.inputs.first().map_or("", |input| input.sha256.as_str());
        let wanted = Wanted {
            adapter: (adapter, sha256),
            args: &facts.args,
            variants: &facts.variants,
            programs: [0, 1].map(|side| facts.sides[side].program["sha256"].as_str().unwrap_or_default()),
        };
        let noise = files.known(&wanted).map_err(|e| wrong(&e))?;
        match json!(noise.used) == *says {
            true => Ok(Some(noise)),
            false => Err(wrong(&"is that of another bundle than it says")),
        }
    }

    /// What both sides state; none for one that did not write the file which it says it in.
    fn said(&self, adapter: &Adapter) -> Result<[Option<StatedValues>; 2], Missing> {
        let Some(parameters) = &adapter.parameters else { return Ok([None, None]) };
        let stated = |side: usize| -> Result<Option<StatedValues>, Missing> {
            let place = parameters.stored(side);
            if matches!(parameters.from, ParameterSource::File(_)) && !self.has(&place) {
                return Ok(None);
            }
            Ok(Some(parameters.stated(&String::from_utf8_lossy(&self.file(&place)?))))
        };
        Ok([stated(0)?, stated(1)?])
    }

    /// What follows from the outputs of the sets of variants that the bundle says were tried.
    fn explanation(&self, adapter: &Adapter, facts: &OutputsFacts) -> Result<Option<VariantSearch>, Missing> {
        let chosen = &facts.variants;
        let says = self.document.get("explanation").cloned().unwrap_or_default();
        if says.is_null() {
            return Ok(None);
        }
        let wrong = |why: String| Missing::Wrong(format!("`explanation`: {why}"));
        let tried: Vec<TriedSet> =
            serde_json::from_value(says["tried"].clone()).map_err(|e| wrong(e.to_string()))?;
        let digest = |name: &str| {
            let listed = self.examined.listed.get(name);
            listed.ok_or_else(|| wrong(format!("`{name}` is not in the bundle")))
        };
        let mut again = Vec::new();
        for set in tried {
            if set.variants.iter().any(|id| chosen.contains(id) || adapter.variant(id).is_err()) {
                return Err(wrong(format!("{} were not to be tried", named(&set.variants))));
            }
            let runs: Vec<String> = [0, 1]
                .into_iter()
                .filter(|side| concerns(adapter, &set.variants, *side))
                .map(|side| run_name(adapter, &set.variants, side))
                .collect();
            let steps = self.summary.steps.iter().filter(|step| runs.contains(&step.name));
            let has_failed = steps.clone().any(|step| !step.succeeded());
            if has_failed != set.failed.is_some() || (!has_failed && steps.count() != runs.len()) {
                return Err(wrong(format!(
                    "what came of {} is not what its steps say",
                    named(&set.variants)
                )));
            }
            for side in (0..SIDES.len()).filter(|side| concerns(adapter, &set.variants, *side)) {
                if let Some(finding) = self.tried_run(adapter, facts, &set.variants, side) {
                    return Err(wrong(finding));
                }
            }
            let (mut same, mut other) = (Vec::new(), Vec::new());
            for output in adapter.outputs.iter().filter(|_| !has_failed) {
                let stored = [0, 1].map(|side| match concerns(adapter, &set.variants, side) {
                    true => {
                        let name = run_name(adapter, &set.variants, side);
                        format!("outputs/{name}/{}{}", output.name, output.kind.suffix())
                    }
                    false => output.stored(side),
                });
                let list = if digest(&stored[0])? == digest(&stored[1])? { &mut same } else { &mut other };
                list.push(output.name.clone());
            }
            again.push(TriedSet { same, other, ..set });
        }
        let is_same =
            adapter.outputs.iter().map(|output| Ok(digest(&output.stored(0))? == digest(&output.stored(1))?));
        let is_same = is_same.collect::<Result<Vec<bool>, Missing>>()?.into_iter().all(|same| same);
        Ok(Some(VariantSearch::of(again, is_same)))
    }

    /// What the step of a side with a set of variants does otherwise than the adapter makes of them.
    fn tried_run(
        &self,
        adapter: &Adapter,
        facts: &OutputsFacts,
        set: &[String],
        number: usize,
    ) -> Option<String> {
        let name = run_name(adapter, set, number);
        let step = self.summary.steps.iter().find(|step| step.name == name)?;
        let ids = adapter.variants.iter().map(|variant| &variant.id);
        let variants: Vec<String> =
            ids.filter(|id| set.contains(*id) || facts.variants.contains(*id)).cloned().collect();
        let logs = logs_of(&name);
        let run = StatedRun {
            adapter,
            number,
            args: &facts.args,
            variants: &variants,
            variable: None,
            logs,
            arrays: Vec::new(),
            case: "",
        };
        let program = |field: &str| facts.sides[number].program[field].as_str().unwrap_or_default();
        let other = !calls(step, program("name"), program("sha256"));
        let other = other.then(|| format!("the program of step `{name}` is not the one of its side"));
        run.differences(step).into_iter().next().or(other)
    }

    /// A file, by the name that it has where the comparison is a bundle of its own.
    fn file(&self, name: &str) -> Result<Vec<u8>, Missing> {
        if self.case.is_empty() {
            return file_of(self.examined, name);
        }
        let place = format!("cases/{}/{name}", self.case);
        match self.examined.listed.contains_key(&place) {
            true => file_of(self.examined, &place),
            // Of cases that pass, a matrix need not keep what the sides left.
            false => Err(Missing::Left(format!("`{place}` was not kept"))),
        }
    }

    fn has(&self, name: &str) -> bool {
        match self.case {
            "" => self.examined.listed.contains_key(name),
            case => self.examined.listed.contains_key(&format!("cases/{case}/{name}")),
        }
    }

    /// Everything that the bundle says and that is otherwise.
    fn differences(&self, told: &OutputsReport<'_>) -> Vec<String> {
        let mut findings = Vec::new();
        let mut hold = |what: &str, says: Option<&Value>, is: &Value| {
            let says = says.unwrap_or(&Value::Null);
            if !same(says, is) {
                findings.push(format!("`{what}`: says {}, is {}", short(says), short(is)));
            }
        };
        // Values go through JSON as the bundle's did.
        let fields = outputs::json(told.facts, told.outputs);
        for (name, is) in fields.iter().filter(|(name, _)| *name != "compared_outputs") {
            hold(name, self.document.get(name), is);
        }
        let says = self.document["compared_outputs"].as_array().cloned().unwrap_or_default();
        hold("compared_outputs", Some(&json!(says.len())), &json!(told.outputs.len()));
        for (output, (says, is)) in told
            .outputs
            .iter()
            .zip(says.iter().zip(fields["compared_outputs"].as_array().into_iter().flatten()))
        {
            for (name, is) in is.as_object().into_iter().flatten() {
                hold(&format!("{}: {name}", output.name), says.get(name), is);
            }
        }
        let (values, undefined) = outputs::metrics(told.outputs);
        hold("metrics", self.metrics.get("metrics"), &json!(values));
        hold("undefined", self.metrics.get("undefined"), &json!(undefined));
        if self.case.is_empty() {
            hold("title", self.document.get("title"), &json!(told.facts.title));
        }
        hold("verdict", self.document.get("verdict"), &json!(told.overall.verdict.word()));
        hold("reason", self.document.get("reason"), &json!(told.overall.reason));
        hold("exit", self.document.get("exit"), &json!(told.overall.exit));
        findings
    }
}

/// The adapter, which is the first input of the bundle.
pub(super) fn adapter_of(
    examined: &Examined,
    summary: &Summary,
    document: &Map<String, Value>,
) -> Result<Adapter, Missing> {
    let first = summary.inputs.first();
    let input = first.filter(|input| document.get("adapter") == Some(&json!(input.token)));
    let input =
        input.ok_or_else(|| Missing::Wrong("`adapter`: is not the first input of the bundle".to_owned()))?;
    let stored = input
        .stored
        .as_ref()
        .ok_or_else(|| Missing::Left("the adapter was too large to be kept".to_owned()))?;
    let text = String::from_utf8(file_of(examined, stored)?)
        .map_err(|e| Missing::Wrong(format!("`{stored}`: {e}")))?;
    adapter::parse(Path::new(stored), &text).map_err(|e| Missing::Wrong(e.to_string()))
}

/// What the adapter asks less strictly of an output than where nothing is named, in words; `is_text` says whether a side's is text.
fn looser(output: &Output, is_text: bool) -> Vec<String> {
    let loose = match &output.kind {
        OutputKind::Array { gates, .. } => gates.looser(is_text),
        OutputKind::Table(rules) => rules.looser(),
    };
    loose.into_iter().map(|what| format!("{}: {what}", output.name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_adapter_asks_less_strictly_is_named_with_its_output() {
        let named = |format: &str, more: &str, is_text: bool| {
            let text = format!(
                "[side.reference]\nlabel = \"a\"\ncommand = [\"a\"]\n[side.candidate]\nlabel = \"b\"\ncommand = [\"b\"]\n\
                 [[output]]\nname = \"x\"\npath = \"x\"\nformat = \"{format}\"\n{more}\n"
            );
            let adapter = adapter::parse(Path::new("a.toml"), &text).expect(&text);
            looser(&adapter.outputs[0], is_text).join("; ")
        };
        let with = |gates: &str| format!("gates = {{ {gates} }}");
        assert_eq!(named("npy", &with("correlation = 0.5"), false), "x: a correlation of 0.5");
        assert_eq!(named("npy", &with("within = 0.9"), false), "");
        // What is usual of images is loose of printed numbers, which are equal where nothing is stated.
        let text = named("auto", &with("rtol = 0.05, within = 0.9"), true);
        assert_eq!(text, "x: a share of 0.9 of agreeing elements; x: agreement within 0.05");
        assert_eq!(named("auto", "", true), "");
        assert!(named("auto", &with("max_ulp = 5"), true).contains("x: agreement within 5 ULP"));
        assert_eq!(named("npy", &with("max_ulp = 5"), false), "x: constant arrays within 5 ULP");
        assert_eq!(named("csv", "", true), "");
        let rules = |rules: &str| named("table", &format!("[output.table]\n{rules}"), true);
        for (text, word) in [
            ("rtol = 0.1", "tolerances"),
            ("[output.table.column.x]\njudge = \"information\"", "columns and rows"),
            (
                "[[output.table.group]]\ncolumns = [\"1\", \"2\"]\nrtol = 0.99",
                "`1`, `2` judged as one vector, within a share of 0.99",
            ),
            (
                "[[output.table.group]]\ncolumns = [\"1\", \"2\"]\natol = 2.5",
                "`1`, `2` judged as one vector, within 2.5",
            ),
            ("until = 'TOTAL'", "no row from the line that matches `TOTAL` on"),
            ("after = 'BEGIN'", "no row before the line that matches `BEGIN`"),
            ("comment = '^#'", "no line that matches `^#`"),
            ("nan = \"missing\"", "cells left out where a side is NaN"),
            ("ragged = true", "rows with any number of cells"),
        ] {
            assert!(rules(text).contains(word), "{text}: {}", rules(text));
        }
        assert_eq!(rules("nan = \"fail\""), "");
    }
}
