//! What is reported of the outputs of two programs: lines for the terminal, figures for programs, and the files of the evidence.
//!
//! Not here: figures of arrays (`arrays`), sentences about tables (`table::words`), the files of every bundle.

use std::fmt::Write;

use maud::{Markup, html};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use trace_harness::evidence::bundle::BundleError;
use trace_harness::evidence::bundle::closing::{Closing, Made, Page};
use trace_harness::evidence::bundle::documents::layout::SourcesName;
use trace_harness::evidence::bundle::metrics::Metrics as MetricsFile;
use trace_harness::evidence::bundle::recorder::Recorder;
use trace_harness::evidence::exit::Exit;
use trace_harness::evidence::failure::EndsCommand;
use trace_harness::evidence::page::{markdown, section, table};
use trace_harness::evidence::terminal::visible;
use trace_harness::evidence::verdict::Verdict;

use crate::adapter::judge::{JudgedOutput, OutputComparison, Overall};
use crate::adapter::stated::{self, StatedRow, StatedValues};
use crate::adapter::trace::traced::TracedElements;
use crate::adapter::unsaid::unsaid;
use crate::adapter::variants::{VariantSearch, named};
use crate::adapter::{Adapter, SIDES};
use crate::compare::judgement::figure;
use crate::noise::known::NoiseUsed;
use crate::report::{arrays, traces, word};
use crate::table::words;

/// The kind of these bundles.
pub(crate) const KIND: &str = "outputs";

/// The sources that decide the bytes of pages beside those of every bundle.
const WRITER: SourcesName = SourcesName::of(&[
    include_str!("outputs.rs"),
    include_str!("arrays/figures.rs"),
    include_str!("traces.rs"),
    include_str!("explanation.rs"),
    include_str!("../adapter/trace/traced.rs"),
    include_str!("../table/words.rs"),
    include_str!("../adapter/inside.rs"),
    include_str!("../adapter/variants.rs"),
]);

/// The name of how this program writes these pages, as the field `pages` of `summary.json` has it.
pub(crate) fn writer() -> String {
    WRITER.to_string()
}

/// What is known of a comparison beside its outputs.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct OutputsFacts {
    /// One line for people.
    pub title: String,
    /// The token of the adapter among the inputs.
    pub file: String,
    /// The variants that were switched on.
    pub variants: Vec<String>,
    /// The arguments, as the user gave them.
    pub args: Vec<String>,
    /// The reference and the candidate.
    pub sides: [SideFacts; 2],
    /// What both say they computed with.
    pub parameters: Vec<StatedRow>,
    /// What was asked for and not said.
    pub notes: Vec<String>,
    /// The noise of the reference that the outputs are held against.
    pub tolerance: Option<NoiseUsed>,
    /// What trying variants found, where that was asked.
    pub explanation: Option<VariantSearch>,
    /// What tracing elements found, where that was asked and the adapter says how.
    pub traces: Option<TracedElements>,
}

/// What is known of a side.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SideFacts {
    /// What it is called.
    pub label: String,
    /// What it says its version is; empty where it says nothing.
    pub version: String,
    /// How long it ran; none where it did not.
    pub runtime_ms: Option<f64>,
    /// Its executable: name and SHA-256; null where it was not looked at.
    pub program: Value,
}

impl OutputsFacts {
    /// What is known before anything has run.
    pub(crate) fn of(adapter: &Adapter, variants: Vec<String>) -> Self {
        let side = |n: usize| SideFacts { label: adapter.sides[n].label.clone(), ..SideFacts::default() };
        Self {
            title: adapter.title(),
            file: String::new(),
            variants,
            args: Vec::new(),
            sides: [side(0), side(1)],
            parameters: Vec::new(),
            notes: Vec::new(),
            tolerance: None,
            explanation: None,
            traces: None,
        }
    }

    /// Enters what both sides `said` they compute with, and what they did not.
    pub(crate) fn said(&mut self, adapter: &Adapter, said: &[Option<StatedValues>; 2]) {
        self.notes = unsaid(adapter, self.sides.each_ref().map(|side| &*side.version), said);
        let [a, b] = said.each_ref().map(|stated| stated.as_ref().cloned().unwrap_or_default());
        self.parameters = stated::rows(&a, &b);
    }
}

/// Everything that is reported.
pub(crate) struct OutputsReport<'a> {
    /// What is known beside the outputs.
    pub facts: &'a OutputsFacts,
    /// Every output.
    pub outputs: &'a [JudgedOutput],
    /// What they come to.
    pub overall: &'a Overall,
}

/// The lines of the terminal between the runs and the verdict.
pub(crate) fn lines(told: &OutputsReport<'_>) -> String {
    let mut text = String::new();
    let shown = |values: &Option<Vec<String>>| {
        values.as_ref().map_or("nothing".to_owned(), |values| values.join("; "))
    };
    // Writing to a string cannot fail.
    for row in told.facts.parameters.iter().filter(|row| row.same == Some(false)) {
        let [a, b] = [&row.reference, &row.candidate].map(|values| visible(&shown(values)));
        let _ = writeln!(text, "  other parameters: {}: {a} and {b}", visible(&row.name));
    }
    let alike = told.facts.parameters.iter().filter(|row| row.same == Some(true)).count();
    if alike > 0 {
        let _ = writeln!(text, "  same parameters on both sides: {alike}");
    }
    for note in &told.facts.notes {
        let _ = writeln!(text, "  note: {}", visible(note));
    }
    for output in told.outputs {
        let _ = writeln!(text, "  {} {}: {}", word(output.verdict()), output.name, visible(&output.reason()));
        if output.verdict() == Verdict::Pass {
            continue;
        }
        match &output.compared {
            OutputComparison::Array(comparison) => text += &arrays::table(comparison),
            OutputComparison::Table(comparison) => {
                for column in &comparison.columns {
                    let _ = writeln!(text, "    {}", visible(&words::line(column)));
                }
            }
            OutputComparison::Unreadable(error) if !error.hint().is_empty() => {
                let _ = writeln!(text, "    hint: {}", visible(error.hint()));
            }
            OutputComparison::Inside(_) | OutputComparison::Mismatch(_) | OutputComparison::Unreadable(_) => {
            }
        }
    }
    if let Some(found) = &told.facts.explanation {
        for set in &found.tried {
            let _ = writeln!(text, "  {}: {}", visible(&named(&set.variants)), visible(&set.words()));
        }
        let _ = writeln!(text, "explanation: {}", visible(&found.reason));
    }
    if let Some(found) = &told.facts.traces {
        text += &traces::lines(found);
    }
    text
}

/// The fields of `summary.json` beyond those of every bundle.
pub(crate) fn json(facts: &OutputsFacts, outputs: &[JudgedOutput]) -> Map<String, Value> {
    let mut fields = Map::new();
    let mut set = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    set("adapter", json!(facts.file));
    set("variants", json!(facts.variants));
    set("args", json!(facts.args));
    let [reference, candidate] = &facts.sides;
    set("sides", json!({"reference": reference, "candidate": candidate}));
    set("parameters", json!(facts.parameters));
    set("explanation", json!(facts.explanation));
    set("notes", json!(facts.notes));
    set("compared_outputs", outputs.iter().map(output_json).collect());
    if let Some(tolerance) = &facts.tolerance {
        set("tolerance", json!(tolerance));
    }
    if let Some(traces) = &facts.traces {
        set("traces", json!(traces));
    }
    fields
}

fn output_json(output: &JudgedOutput) -> Value {
    let (kind, figures) = match &output.compared {
        OutputComparison::Array(comparison) => ("array", Value::Object(arrays::json(comparison))),
        OutputComparison::Table(comparison) => ("table", json!(comparison)),
        OutputComparison::Inside(inside) => ("noise", json!(inside)),
        OutputComparison::Mismatch(_) => ("mismatch", Value::Null),
        OutputComparison::Unreadable(_) => ("unreadable", Value::Null),
    };
    json!({
        "name": output.name,
        "format": output.format,
        "kind": kind,
        "verdict": output.verdict().word(),
        "reason": output.reason(),
        "exit": output.exit(),
        "figures": figures,
    })
}

/// The figures by name: those of an output behind its own name.
pub(crate) fn metrics(outputs: &[JudgedOutput]) -> (Map<String, Value>, Map<String, Value>) {
    let agreeing = outputs.iter().filter(|output| output.verdict() == Verdict::Pass).count();
    let mut values = Map::from_iter([
        ("outputs".to_owned(), outputs.len().into()),
        ("outputs_agreeing".to_owned(), agreeing.into()),
    ]);
    let mut undefined = Map::new();
    for output in outputs {
        let named = |name: &str| format!("{}.{name}", output.name);
        match &output.compared {
            OutputComparison::Array(comparison) => {
                for (name, value) in arrays::metrics(&comparison.metrics) {
                    match (name.as_str(), value) {
                        ("undefined", Value::Object(why)) => {
                            undefined.extend(why.into_iter().map(|(name, why)| (named(&name), why)));
                        }
                        (_, value @ (Value::Number(_) | Value::Bool(_) | Value::Null)) => {
                            values.insert(named(&name), value);
                        }
                        _ => {}
                    }
                }
            }
            OutputComparison::Table(comparison) => {
                let differing: usize = comparison.columns.iter().map(|column| column.differ).sum();
                let counts = [
                    ("rows_paired", comparison.paired),
                    ("rows_missing", comparison.missing.count),
                    ("rows_extra", comparison.extra.count),
                    ("values_differing", differing),
                ];
                values.extend(counts.map(|(name, count)| (named(name), count.into())));
            }
            OutputComparison::Inside(inside) => {
                let counts = [
                    ("elements", inside.elements),
                    ("elements_outside_noise", inside.outside),
                    ("elements_undecided", inside.undecided),
                ];
                values.extend(counts.map(|(name, count)| (named(name), count.into())));
                if let Some(times) = inside.worst.as_ref().and_then(|worst| worst.times) {
                    values.insert(named("times_the_noise"), times.into());
                }
            }
            OutputComparison::Mismatch(_) | OutputComparison::Unreadable(_) => {}
        }
    }
    (values, undefined)
}

/// What a comparison adds to `analysis.md`, and the sections of its page.
pub(crate) fn documents(told: &OutputsReport<'_>) -> (String, Markup) {
    let mut text = parameters_markdown(told.facts);
    if !told.facts.notes.is_empty() {
        text += "\n## Notes\n\n";
        text.extend(told.facts.notes.iter().map(|note| format!("- {}\n", markdown::text(note))));
    }
    text += &tolerance_rows(told.facts)
        .map_or_else(String::new, |[what, value]| format!("\n{what}: {}\n", markdown::text(&value)));
    text += &format!("\n## Outputs\n\n{}", markdown::head(&OUTPUTS));
    for row in overview(told.outputs) {
        text += &markdown::row(&row.map(|cell| markdown::text(&cell)));
    }
    for output in told.outputs {
        text += &format!("\n## Output {}\n\n{}", output.name, markdown::head(&["what", "value"]));
        for row in details(output) {
            text += &markdown::row(&row.map(|cell| markdown::text(&cell)));
        }
    }
    if let Some(found) = &told.facts.explanation {
        text += &format!("\n## Explanation\n\n{}\n", markdown::text(&found.reason));
        text +=
            &if found.tried.is_empty() { String::new() } else { format!("\n{}", markdown::head(&VARIANTS)) };
        for set in &found.tried {
            text += &markdown::row(&[named(&set.variants), set.words()].map(|cell| markdown::text(&cell)));
        }
    }
    if let Some(found) = &told.facts.traces {
        text += &traces::markdown(found);
    }
    let rows: Vec<Vec<String>> = overview(told.outputs).map(Vec::from).collect();
    let sections = html! {
        (sides(told.facts))
        (parameters(told.facts))
        (notes(told.facts))
        @if let Some([what, value]) = tolerance_rows(told.facts) {
            (section("tolerance", "Tolerance", &table("What the outputs are held against", &["what", "value"], &[vec![what, value]])))
        }
        (section("outputs", "Outputs", &table("The verdict is that of the worst", &OUTPUTS, &rows)))
        @if let Some(found) = &told.facts.explanation { (explanation(found)) }
        @if let Some(found) = &told.facts.traces { (traces::part(found)) }
        @for output in told.outputs {
            @let rows: Vec<Vec<String>> = details(output).into_iter().map(Vec::from).collect();
            (section(&format!("output-{}", output.name), &format!("Output {}", output.name), &table("Gates and figures; A is the reference, B the candidate", &["what", "value"], &rows)))
        }
    };
    (text, sections)
}

/// What the outputs are held against, where that is the reference's own noise.
fn tolerance_rows(facts: &OutputsFacts) -> Option<[String; 2]> {
    let NoiseUsed { bundle, runs } = facts.tolerance.as_ref()?;
    let value =
        format!("over {runs} runs, as the bundle with the SHA-256 {bundle} of its list of digests has it");
    Some(["the own noise of the reference".to_owned(), value])
}

const VARIANTS: [&str; 2] = ["variants", "outputs"];

fn explanation(found: &VariantSearch) -> Markup {
    let rows: Vec<Vec<String>> =
        found.tried.iter().map(|set| vec![named(&set.variants), set.words()]).collect();
    let body = html! {
        p { (found.reason) "." }
        @if !rows.is_empty() { (table("Variants switched on, on both sides as the adapter says", &VARIANTS, &rows)) }
    };
    section("explanation", "Explanation", &body)
}

const OUTPUTS: [&str; 4] = ["output", "format", "verdict", "why"];

fn overview(outputs: &[JudgedOutput]) -> impl Iterator<Item = [String; 4]> + '_ {
    outputs.iter().map(|output| {
        [output.name.clone(), output.format.clone(), output.verdict().word().to_owned(), output.reason()]
    })
}

/// Names and values of one output, for people.
fn details(output: &JudgedOutput) -> Vec<[String; 2]> {
    match &output.compared {
        OutputComparison::Inside(inside) => inside.rows(),
        OutputComparison::Mismatch(error) => vec![["shapes".to_owned(), error.to_string()]],
        OutputComparison::Unreadable(error) => vec![["not compared".to_owned(), error.to_string()]],
        OutputComparison::Table(comparison) => {
            comparison.columns.iter().map(|column| [column.name.clone(), words::line(column)]).collect()
        }
        OutputComparison::Array(comparison) => {
            let gates = comparison.judgement.gates.iter().map(|gate| {
                let got = gate.got.map_or("undefined".to_owned(), figure);
                [
                    format!("gate {}", gate.name),
                    format!("{got}, asked for {}: {}", gate.asked, gate.outcome.word()),
                ]
            });
            let figures = arrays::json(comparison);
            let shown = |value: &Value| match value {
                Value::String(text) => Some(text.clone()),
                Value::Number(number) => Some(number.as_f64().map_or_else(|| number.to_string(), figure)),
                Value::Bool(is) => Some(if *is { "yes" } else { "no" }.to_owned()),
                Value::Array(places) if places.iter().all(Value::is_number) => Some(value.to_string()),
                _ => None,
            };
            let figures = figures.iter().filter_map(|(name, value)| Some([name.clone(), shown(value)?]));
            gates.chain(figures).collect()
        }
    }
}

fn sides(facts: &OutputsFacts) -> Markup {
    let rows: Vec<Vec<String>> = SIDES
        .iter()
        .zip(&facts.sides)
        .map(|(side, known)| {
            let runtime = known.runtime_ms.map_or("not run".to_owned(), |ms| format!("{} ms", figure(ms)));
            vec![(*side).to_owned(), known.label.clone(), known.version.clone(), runtime]
        })
        .collect();
    section("sides", "Sides", &table("Two programs", &["side", "label", "version", "run time"], &rows))
}

fn parameter_rows(facts: &OutputsFacts) -> Vec<[String; 4]> {
    let text =
        |values: &Option<Vec<String>>| values.as_ref().map_or(String::new(), |values| values.join("; "));
    let row = |row: &StatedRow| {
        let same = match row.same {
            Some(true) => "same",
            Some(false) => "other",
            None => "one side only",
        };
        [row.name.clone(), text(&row.reference), text(&row.candidate), same.to_owned()]
    };
    let is_other = |row: &&StatedRow| row.same == Some(false);
    let (other, rest): (Vec<&StatedRow>, Vec<&StatedRow>) = facts.parameters.iter().partition(is_other);
    other.into_iter().chain(rest).map(row).collect()
}

const PARAMETERS: [&str; 4] = ["parameter", "reference", "candidate", "compared"];

fn parameters(facts: &OutputsFacts) -> Markup {
    let rows: Vec<Vec<String>> = parameter_rows(facts).into_iter().map(Vec::from).collect();
    if rows.is_empty() {
        return Markup::default();
    }
    section("parameters", "Parameters", &table("What each side says it computed with", &PARAMETERS, &rows))
}

fn notes(facts: &OutputsFacts) -> Markup {
    if facts.notes.is_empty() {
        return Markup::default();
    }
    let rows: Vec<Vec<String>> = facts.notes.iter().map(|note| vec![note.clone()]).collect();
    section("notes", "Notes", &table("What was asked for and not said", &["note"], &rows))
}

fn parameters_markdown(facts: &OutputsFacts) -> String {
    let rows = parameter_rows(facts);
    if rows.is_empty() {
        return String::new();
    }
    let rows: String =
        rows.into_iter().map(|row| markdown::row(&row.map(|cell| markdown::text(&cell)))).collect();
    format!("\n## Parameters\n\n{}{rows}", markdown::head(&PARAMETERS))
}

/// Writes all files, and makes the bundle visible.
///
/// # Errors
/// A file cannot be written.
pub(crate) fn write(bundle: Recorder, told: &OutputsReport<'_>) -> Result<Made, BundleError> {
    let (analysis, sections) = documents(told);
    let (values, undefined) = metrics(told.outputs);
    let mut fields = json(told.facts, told.outputs);
    fields.insert("pages".to_owned(), writer().into());
    bundle.finish(Closing {
        metrics: MetricsFile { values, undefined, ..MetricsFile::default() },
        analysis,
        page: Page::Sections(sections),
        exit: Some(told.overall.exit),
        fields,
        ..Closing::of(KIND, told.facts.title.as_str(), told.overall.verdict, told.overall.reason.clone())
    })
}

/// Writes the evidence of a comparison that did not come about, because of `failed`.
///
/// # Errors
/// As [`write()`].
pub(crate) fn write_failed(
    bundle: Recorder,
    facts: &OutputsFacts,
    failed: &str,
    exit: Exit,
) -> Result<Made, BundleError> {
    let mut fields = json(facts, &[]);
    fields.insert("pages".to_owned(), writer().into());
    let reason = failed.lines().next().unwrap_or_default();
    bundle.finish(Closing {
        page: Page::Sections(sides(facts)),
        exit: Some(exit),
        fields,
        ..Closing::of(KIND, facts.title.as_str(), Verdict::Fail, reason)
    })
}
