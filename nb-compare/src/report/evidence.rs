//! The files of a comparison's evidence: pictures, figures, and what it adds to the files of every bundle.
//!
//! Not here: the files of every bundle (`trace_harness::evidence::bundle`).

use nanobragg::image::float_raw;
use serde_json::{Map, Value};
use trace_harness::evidence::bundle::BundleError;
use trace_harness::evidence::bundle::closing::{Closed, Closing, Made, Page};
use trace_harness::evidence::bundle::documents::layout::SourcesName;
use trace_harness::evidence::bundle::metrics::Metrics as MetricsFile;
use trace_harness::evidence::bundle::recorder::Recorder;
use trace_harness::evidence::page::markdown;
use trace_harness::evidence::verdict::Verdict;

use crate::compare::Comparison;
use crate::compare::metrics::{DEFINITIONS, Metrics};
use crate::picture;
use crate::report::comparison_report::{ComparisonReport, Pictures};
use crate::report::{explanation, figures, page, parameters};

/// The sources that decide the bytes of pages and pictures beside those of every bundle: pages of other sources are not held against what
/// these make.
const WRITER: SourcesName = SourcesName::of(&[
    include_str!("evidence.rs"),
    include_str!("explanation.rs"),
    include_str!("figures.rs"),
    include_str!("page.rs"),
    include_str!("parameters.rs"),
    include_str!("pixels.rs"),
    include_str!("plots.rs"),
    include_str!("viewer.rs"),
    include_str!("../picture/diverging.rs"),
    include_str!("../picture/glyphs.rs"),
    include_str!("../picture/mod.rs"),
    include_str!("../picture/overview.rs"),
]);

/// The name of how this program writes pages and pictures, as the field `pages` of `summary.json` has it.
pub(crate) fn writer() -> String {
    WRITER.to_string()
}

/// What a comparison adds to the documents of its bundle, and its pictures by name.
pub(crate) struct Documents {
    /// What it adds to `analysis.md`.
    pub analysis: String,
    /// All of `report.html`.
    pub page: String,
    /// Pictures, and the difference where it is kept.
    pub pictures: Vec<(&'static str, Vec<u8>)>,
}

/// The documents of a bundle that is closed: what [`write()`] writes.
///
/// # Errors
/// A picture has more pixels than its format can hold.
pub(crate) fn documents(
    comparison_report: &ComparisonReport<'_>,
    comparison: &Comparison<'_>,
    closed: &Closed<'_>,
) -> std::io::Result<Documents> {
    let white = picture::white(&comparison.region, comparison_report.pictures.percentile);
    Ok(Documents {
        analysis: analysis(comparison_report, &fields(comparison_report)),
        page: page::page(comparison_report, closed, white),
        pictures: pictures(comparison, comparison_report.pictures)?,
    })
}

/// Writes all files, and makes the bundle visible.
///
/// # Errors
/// A file cannot be written.
pub(crate) fn write(bundle: Recorder, comparison_report: ComparisonReport<'_>) -> Result<Made, BundleError> {
    let fields = fields(&comparison_report);
    let mut white = 1.0;
    let mut metrics = MetricsFile { definitions: DEFINITIONS, ..MetricsFile::default() };
    if let Some(comparison) = comparison_report.comparison {
        metrics = metrics_file(&comparison.metrics);
        let unfit = |e: std::io::Error| BundleError::Unfit {
            path: bundle.folder().to_owned(),
            problem: e.to_string(),
        };
        for (name, content) in pictures(comparison, comparison_report.pictures).map_err(unfit)? {
            bundle.staging().write(name, content)?;
        }
        white = picture::white(&comparison.region, comparison_report.pictures.percentile);
    }
    let whole = |closed: &Closed<'_>| page::page(&comparison_report, closed, white);
    let (verdict, reason) = match comparison_report.comparison {
        Some(comparison) => (comparison.judgement.verdict, comparison.judgement.reason.clone()),
        None => (Verdict::Fail, comparison_report.failed.lines().next().unwrap_or_default().to_owned()),
    };
    bundle.finish(Closing {
        metrics,
        analysis: analysis(&comparison_report, &fields),
        page: Page::Whole(&whole),
        exit: Some(comparison_report.exit),
        fields,
        ..Closing::of("comparison", comparison_report.title, verdict, reason)
    })
}

/// The fields of the summary beyond those of every bundle.
fn fields(comparison_report: &ComparisonReport<'_>) -> Map<String, Value> {
    let mut all = comparison_report.extra.clone();
    all.insert("pages".to_owned(), writer().into());
    all.insert("effective_parameters".to_owned(), parameters::json(comparison_report.effective));
    all.insert(
        "explanation".to_owned(),
        comparison_report.explanation.map(explanation::json).unwrap_or_default(),
    );
    if let Some(comparison) = comparison_report.comparison {
        all.extend(figures::comparison(comparison));
    }
    all
}

fn metrics_file(metrics: &Metrics) -> MetricsFile {
    let mut values = figures::metrics(metrics);
    let undefined = match values.remove("undefined") {
        Some(Value::Object(undefined)) => undefined,
        _ => Map::new(),
    };
    values.remove("metrics_version");
    MetricsFile { definitions: DEFINITIONS, values, undefined, more: Map::new() }
}

fn pictures(comparison: &Comparison<'_>, wanted: Pictures) -> std::io::Result<Vec<(&'static str, Vec<u8>)>> {
    let [reference, candidate] = picture::pair(&comparison.region, wanted.scaling)?;
    let difference = &comparison.difference;
    let mut files = vec![
        ("reference.png", reference),
        ("candidate.png", candidate),
        ("diff.png", picture::difference_picture(difference)?),
    ];
    if wanted.save_difference {
        let mut bytes = Vec::new();
        float_raw::write(&mut bytes, difference)?;
        files.push(("diff.bin", bytes));
    }
    Ok(files)
}

/// What stands in `analysis.md` beside what every bundle says there.
fn analysis(comparison_report: &ComparisonReport<'_>, fields: &Map<String, Value>) -> String {
    let mut text = parameters::markdown(comparison_report.effective);
    text += &comparison_report.explanation.map(explanation::markdown).unwrap_or_default();
    let Some(comparison) = comparison_report.comparison else { return text };
    text += &format!("\n## Gates\n\n{}", markdown::head(&["gate", "asked for", "got", "outcome"]));
    for gate in &comparison.judgement.gates {
        let got = gate.got.map_or("undefined".to_owned(), |v| v.to_string());
        let [name, asked] = [&gate.name, &gate.asked].map(|part| markdown::text(part));
        text += &markdown::row(&[&*name, &asked, &got, gate.outcome.word()]);
    }
    text += &format!("\n## Metrics\n\n{}", markdown::head(&["metric", "value"]));
    for (name, value) in fields.iter().filter(|(_, v)| v.is_number() || v.is_boolean()) {
        text += &markdown::row(&[&markdown::text(name), &value.to_string()]);
    }
    for (name, why) in fields.get("undefined").and_then(Value::as_object).into_iter().flatten() {
        let why = format!("undefined: {}", why.as_str().unwrap_or_default());
        text += &markdown::row(&[markdown::text(name), markdown::text(&why)]);
    }
    text
}
