//! The files of the evidence about two arrays, and what `summary.json` says of how they were read and judged.
//!
//! Not here: the files of every bundle (`trace_harness::evidence::bundle`).

use maud::{Markup, html};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use trace_harness::evidence::bundle::BundleError;
use trace_harness::evidence::bundle::closing::{Closing, Made, Page};
use trace_harness::evidence::bundle::documents::layout::SourcesName;
use trace_harness::evidence::bundle::metrics::Metrics as MetricsFile;
use trace_harness::evidence::bundle::recorder::Recorder;
use trace_harness::evidence::page::{markdown, section, table};

use crate::array::{Array, ArrayComparison, ArrayError, ArrayGates};
use crate::report::arrays::{figures, page};

/// The kind of these bundles.
pub(crate) const KIND: &str = "arrays";

/// The sources that decide the bytes of pages beside those of every bundle.
const WRITER: SourcesName = SourcesName::of(&[
    include_str!("drawn.rs"),
    include_str!("evidence.rs"),
    include_str!("figures.rs"),
    include_str!("page.rs"),
    include_str!("reduced.rs"),
    include_str!("../../picture/diverging.rs"),
]);

/// The name of how this program writes these pages, as the field `pages` of `summary.json` has it.
pub(crate) fn writer() -> String {
    WRITER.to_string()
}

/// How two arrays were read and judged, as it stands in the evidence: with it and the files, everything can be computed again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecordedArrays {
    /// Tokens of the files among the inputs: the reference's, the candidate's.
    pub files: [String; 2],
    /// Which array of each file was meant, where it was said.
    pub parts: [Option<String>; 2],
    /// The format that was stated for both, or `auto`.
    pub format: String,
    /// What had to hold.
    pub gates: ArrayGates,
}

/// Everything that is reported of a comparison of arrays.
pub(crate) struct ArraysReport<'a> {
    /// One line for people.
    pub title: &'a str,
    /// What came of it.
    pub comparison: &'a ArrayComparison,
    /// Both arrays, for drawings.
    pub sides: [&'a Array; 2],
    /// How they were read and judged.
    pub recorded: &'a RecordedArrays,
}

/// What a comparison of arrays adds to `analysis.md`, and the sections of its page.
///
/// # Errors
/// A file cannot be read any more.
pub(crate) fn documents(arrays_report: &ArraysReport<'_>) -> Result<(String, Markup), ArrayError> {
    let sections = html! {
        (read_as(arrays_report.recorded))
        (page::sections(arrays_report.comparison, arrays_report.sides)?)
    };
    Ok((analysis(arrays_report.comparison), sections))
}

/// Writes all files, and makes the bundle visible.
///
/// # Errors
/// A file cannot be written.
pub(crate) fn write(
    bundle: Recorder,
    arrays_report: &ArraysReport<'_>,
    (analysis, sections): (String, Markup),
) -> Result<Made, BundleError> {
    let c = arrays_report.comparison;
    let mut fields = figures::comparison(c);
    fields.insert("pages".to_owned(), writer().into());
    fields.insert("settings".to_owned(), json!(arrays_report.recorded));
    let verdict = c.judgement.verdict;
    bundle.finish(Closing {
        metrics: metrics_file(c),
        analysis,
        page: Page::Sections(sections),
        exit: Some(verdict.exit()),
        fields,
        ..Closing::of(KIND, arrays_report.title, verdict, c.judgement.reason.clone())
    })
}

fn metrics_file(c: &ArrayComparison) -> MetricsFile {
    let mut values = figures::metrics(&c.metrics);
    let undefined = match values.remove("undefined") {
        Some(Value::Object(undefined)) => undefined,
        _ => Map::new(),
    };
    values.remove("metrics_version");
    MetricsFile { definitions: figures::DEFINITIONS, values, undefined, more: Map::new() }
}

fn read_as(recorded: &RecordedArrays) -> Markup {
    let side = |n: usize| {
        let part = recorded.parts[n].clone().unwrap_or_default();
        vec![["A", "B"][n].to_owned(), recorded.files[n].clone(), part, recorded.format.clone()]
    };
    let head = ["side", "file", "part", "format"];
    section("files", "Files", &table("Two arrays, compared as they are", &head, &[side(0), side(1)]))
}

/// What stands in `analysis.md` beside what every bundle says there.
fn analysis(c: &ArrayComparison) -> String {
    let mut text = format!("\n## Gates\n\n{}", markdown::head(&["gate", "asked for", "got", "outcome"]));
    for gate in &c.judgement.gates {
        let got = gate.got.map_or("undefined".to_owned(), |v| v.to_string());
        let [name, asked] = [&gate.name, &gate.asked].map(|part| markdown::text(part));
        text += &markdown::row(&[&*name, &asked, &got, gate.outcome.word()]);
    }
    text += &format!("\n## Metrics\n\n{}", markdown::head(&["metric", "value"]));
    let fields = figures::comparison(c);
    for (name, value) in fields.iter().filter(|(_, value)| !value.is_null() && !value.is_object()) {
        if name != "gates" {
            text += &markdown::row(&[markdown::text(name), markdown::text(&value.to_string())]);
        }
    }
    for (name, why) in fields.get("undefined").and_then(Value::as_object).into_iter().flatten() {
        let why = format!("undefined: {}", why.as_str().unwrap_or_default());
        text += &markdown::row(&[markdown::text(name), markdown::text(&why)]);
    }
    text
}
