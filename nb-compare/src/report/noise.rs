//! What is reported of the reference's own noise: lines for the terminal, fields for programs, pictures, and the files of the evidence.
//!
//! Not here: finding it (`noise`), the files of every bundle.

use std::fmt::Write;

use maud::{Markup, html};
use nanobragg::chart::{Axis, Chart, Colour, Mark};
use nanobragg::image::png;
use nanobragg::image::raster::Raster;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use trace_harness::evidence::bundle::BundleError;
use trace_harness::evidence::bundle::closing::{Closing, Made, Page};
use trace_harness::evidence::bundle::documents::layout::SourcesName;
use trace_harness::evidence::bundle::metrics::Metrics as MetricsFile;
use trace_harness::evidence::bundle::recorder::Recorder;
use trace_harness::evidence::exit::Exit;
use trace_harness::evidence::page::{base64, markdown, section, table};
use trace_harness::evidence::terminal::visible;
use trace_harness::evidence::verdict::Verdict;
use trace_harness::trace::diff::noise::{KeyNoise, TraceNoise};

use crate::adapter::Adapter;
use crate::array::Spread;
use crate::compare::judgement::figure;
use crate::noise::KIND;
use crate::noise::draws::Source;
use crate::noise::known::spread_file;
use crate::noise::spread::{Largest, OutputNoise, SourceNoise};
use crate::noise::traces::{FILE, TracesFacts, document};

/// The sources that decide the bytes of pages beside those of every bundle.
const WRITER: SourcesName = SourcesName::of(&[include_str!("noise.rs")]);

/// The name of how this program writes these pages, as the field `pages` of `summary.json` has it.
pub(crate) fn writer() -> String {
    WRITER.to_string()
}

/// What is known of the runs.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Facts {
    /// One line for people.
    pub title: String,
    /// The token of the adapter among the inputs.
    pub file: String,
    /// The variants that were switched on.
    pub variants: Vec<String>,
    /// The arguments, as the user gave them.
    pub args: Vec<String>,
    /// What the reference is called.
    pub label: String,
    /// What decided which way numbers moved.
    pub seed: u64,
    /// How many runs with moved inputs there are at most.
    pub input_runs: usize,
    /// Every run, the unchanged one first.
    pub runs: Vec<RunFacts>,
    /// What is traced in every run, where that is asked for.
    pub traces: Option<TracesFacts>,
}

/// What is known of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RunFacts {
    /// The name of its step.
    pub name: String,
    /// What it looks for the noise of; null of the unchanged run.
    pub source: Option<Source>,
    /// Its executable: name and SHA-256.
    pub program: Value,
    /// What the executable says its version is; empty where it says nothing.
    pub version: String,
}

impl Facts {
    /// What is known before anything has run.
    pub(crate) fn of(adapter: &Adapter, variants: Vec<String>, (seed, input_runs): (u64, usize)) -> Self {
        let label = adapter.sides[0].label.clone();
        Self {
            title: format!("the own noise of {label}: {}", adapter.title()),
            file: String::new(),
            variants,
            args: Vec::new(),
            label,
            seed,
            input_runs,
            runs: Vec::new(),
            traces: None,
        }
    }
}

/// Everything that is reported.
pub(crate) struct Told<'a> {
    /// What is known of the runs.
    pub facts: &'a Facts,
    /// The noise of every output.
    pub outputs: &'a [(OutputNoise, Spread)],
    /// How far the keys of traces move, where every run was asked for one.
    pub traces: Option<&'a TraceNoise>,
}

impl Told<'_> {
    /// What the runs come to.
    pub(crate) fn verdict(&self) -> Verdict {
        match self.outputs.iter().all(|(noise, _)| noise.undecided == 0 && noise.elements > 0) {
            true => Verdict::Pass,
            false => Verdict::Undecided,
        }
    }

    /// The same in one sentence.
    pub(crate) fn reason(&self) -> String {
        let runs = self.facts.runs.len();
        let of = |(noise, _): &(OutputNoise, Spread)| {
            let moved = match &noise.largest {
                None if noise.still == noise.elements => {
                    "no element moves: a candidate has to be equal".to_owned()
                }
                None => format!("{} of {} elements never move", noise.still, noise.elements),
                Some(largest) => format!(
                    "{} of {} elements move, by at most {} at {}",
                    noise.elements - noise.still - noise.undecided,
                    noise.elements,
                    figure(largest.noise),
                    place(noise, largest)
                ),
            };
            let odd = match noise.undecided {
                0 => String::new(),
                n => format!("; {n} are NaN, infinite or another word in some runs only"),
            };
            let left_out: String = noise.left_out.iter().map(|what| format!("; {what}")).collect();
            format!("`{}`: {moved}{odd}{left_out}", noise.name)
        };
        let outputs: Vec<String> = self.outputs.iter().map(of).collect();
        let traces = self.traces.map_or_else(String::new, |traces| {
            let moving = traces.keys.values().filter(|key| key.moved_by > 0 || key.undecided).count();
            format!("; {moving} of {} keys of the traces move", traces.keys.len())
        });
        format!("over {runs} runs {}{traces}", outputs.join("; "))
    }
}

/// Where an element is, in words.
fn place(noise: &OutputNoise, largest: &Largest) -> String {
    match (noise.columns.is_empty(), largest.place.as_slice()) {
        (false, [row, column]) => {
            format!("row {} of `{}`", row + 1, noise.columns.get(*column).map_or("", String::as_str))
        }
        (_, places) => {
            let places: Vec<String> = places.iter().map(usize::to_string).collect();
            format!("[{}]", places.join(", "))
        }
    }
}

/// The lines of the terminal before the last one.
pub(crate) fn lines(told: &Told<'_>) -> String {
    let mut text = String::new();
    for (noise, _) in told.outputs {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {}: {} of {} elements never move", noise.name, noise.still, noise.elements);
        if let Some(largest) = &noise.largest_relative {
            let at = place(noise, largest);
            let _ = writeln!(
                text,
                "    relative: at most {} at {} (`{}`)",
                figure(largest.noise),
                visible(&at),
                visible(&largest.value)
            );
        }
        for source in &noise.sources {
            let _ = writeln!(text, "    {}", visible(&source_line(source)));
        }
    }
    for [key, by, share, runs] in told.traces.into_iter().flat_map(moving_keys) {
        let _ =
            writeln!(text, "  key {}: by at most {by}, a share of {share}, in {runs} runs", visible(&key));
    }
    text
}

/// What a bundle shows of keys, at most: their noise stands in a file in full.
const MOST_KEYS: usize = 200;

/// The keys that some run moves: name, by how much, as which share, in how many runs.
fn moving_keys(traces: &TraceNoise) -> Vec<[String; 4]> {
    let moving = traces.keys.iter().filter(|(_, key)| key.moved_by > 0 || key.undecided);
    let row = |(name, key): (&String, &KeyNoise)| {
        let [by, share] = match key.undecided {
            true => ["no number, or other words".to_owned(), "no".to_owned()],
            false => [key.absolute, key.relative].map(figure),
        };
        [name.clone(), by, share, key.moved_by.to_string()]
    };
    moving.take(MOST_KEYS).map(row).collect()
}

fn source_line(source: &SourceNoise) -> String {
    let SourceNoise { source, runs, runs_without, moved, undecided, largest } = source;
    if runs == runs_without {
        return format!("{source}: {runs} runs, the same values in all of them");
    }
    let odd = match undecided {
        0 => String::new(),
        n => format!(", up to {n} of them NaN, infinite or another word"),
    };
    format!(
        "{source}: {runs} runs, up to {} elements moved{odd}, by at most {}",
        moved + undecided,
        figure(*largest)
    )
}

/// The fields of `summary.json` beyond those of every bundle.
pub(crate) fn json(facts: &Facts, outputs: &[(OutputNoise, Spread)]) -> Map<String, Value> {
    let noise: Vec<&OutputNoise> = outputs.iter().map(|(noise, _)| noise).collect();
    let mut fields = Map::from_iter([
        ("adapter".to_owned(), json!(facts.file)),
        ("variants".to_owned(), json!(facts.variants)),
        ("args".to_owned(), json!(facts.args)),
        ("reference".to_owned(), json!(facts.label)),
        ("seed".to_owned(), json!(facts.seed)),
        ("input_runs".to_owned(), json!(facts.input_runs)),
        ("runs".to_owned(), json!(facts.runs)),
        ("noise".to_owned(), json!(noise)),
    ]);
    fields.extend(facts.traces.iter().map(|traces| ("traces".to_owned(), json!(traces))));
    fields
}

/// The figures by name.
pub(crate) fn metrics(outputs: &[(OutputNoise, Spread)]) -> Map<String, Value> {
    let mut values = Map::new();
    for (noise, _) in outputs {
        let mut set = |name: &str, value: Value| values.insert(format!("{}.{name}", noise.name), value);
        set("elements", noise.elements.into());
        set("elements_still", noise.still.into());
        set("elements_undecided", noise.undecided.into());
        set("largest_noise", noise.largest.as_ref().map_or(0.0, |largest| largest.noise).into());
        if let Some(largest) = &noise.largest_relative {
            set("largest_relative_noise", largest.noise.into());
        }
    }
    values
}

const KEYS: [&str; 4] = ["key", "moves by at most", "as a share", "in runs"];
const RUNS: [&str; 4] = ["run", "looks for", "program", "version"];
const SOURCE: [&str; 6] = [
    "source",
    "runs",
    "without noise",
    "most elements moved",
    "most NaN, infinite or other words",
    "largest move",
];

fn runs(facts: &Facts) -> Vec<Vec<String>> {
    let row = |run: &RunFacts| {
        let source = run.source.as_ref().map_or("the unchanged run".to_owned(), Source::to_string);
        let program = run.program["name"].as_str().unwrap_or_default().to_owned();
        vec![run.name.clone(), source, program, run.version.clone()]
    };
    facts.runs.iter().map(row).collect()
}

fn sources(noise: &OutputNoise) -> Vec<Vec<String>> {
    let row = |known: &SourceNoise| {
        vec![
            known.source.to_string(),
            known.runs.to_string(),
            known.runs_without.to_string(),
            known.moved.to_string(),
            known.undecided.to_string(),
            figure(known.largest),
        ]
    };
    noise.sources.iter().map(row).collect()
}

fn figures(noise: &OutputNoise) -> Vec<Vec<String>> {
    let mut rows = vec![
        vec!["elements".to_owned(), noise.elements.to_string()],
        vec!["that never move".to_owned(), noise.still.to_string()],
        vec!["that nothing can be decided of".to_owned(), noise.undecided.to_string()],
    ];
    rows.extend(noise.left_out.iter().map(|what| vec!["left out".to_owned(), what.clone()]));
    for (what, largest) in
        [("largest noise", &noise.largest), ("largest relative noise", &noise.largest_relative)]
    {
        if let Some(largest) = largest {
            let text = format!(
                "{} at {}, of the value {}",
                figure(largest.noise),
                place(noise, largest),
                largest.value
            );
            rows.push(vec![what.to_owned(), text]);
        }
    }
    rows
}

/// What the noise adds to `analysis.md`, and the sections of its page.
pub(crate) fn documents(told: &Told<'_>) -> (String, Markup) {
    let markdown_rows = |rows: Vec<Vec<String>>| -> String {
        let cells = |row: Vec<String>| row.iter().map(|cell| markdown::text(cell)).collect::<Vec<_>>();
        rows.into_iter().map(|row| markdown::row(&cells(row))).collect()
    };
    let mut text = format!("\n## Runs\n\n{}{}", markdown::head(&RUNS), markdown_rows(runs(told.facts)));
    for (noise, _) in told.outputs {
        text += &format!(
            "\n## Output {}\n\n{}{}\n{}{}",
            noise.name,
            markdown::head(&["what", "value"]),
            markdown_rows(figures(noise)),
            markdown::head(&SOURCE),
            markdown_rows(sources(noise))
        );
    }
    let keys = told.traces.map(moving_keys);
    if let Some(keys) = &keys {
        let rows = keys.iter().map(|row| row.to_vec()).collect();
        text += &format!("\n## Traces\n\n{}{}", markdown::head(&KEYS), markdown_rows(rows));
    }
    let sections = html! {
        @for (noise, spread) in told.outputs {
            @let content = html! {
                (table("How far the reference moves by itself: the largest distance from the unchanged run", &["what", "value"], &figures(noise)))
                (table("Where it comes from", &SOURCE, &sources(noise)))
                (picture(spread))
            };
            (section(&format!("output-{}", noise.name), &format!("Output {}", noise.name), &content))
        }
        @if let Some(keys) = keys {
            @let rows: Vec<Vec<String>> = keys.into_iter().map(Vec::from).collect();
            (section("traces", "Traces", &table("Keys of the traces that some run moves", &KEYS, &rows)))
        }
        (section("runs", "Runs", &table("One thing changes at a time", &RUNS, &runs(told.facts))))
    };
    (text, sections)
}

const SIZE: [f64; 2] = [640.0, 300.0];
/// Dots of a profile, or along a side of a picture, at most.
const DOTS: [usize; 2] = [1000, 256];
/// Decades below the largest noise that a picture can distinguish from none.
const DECADES: f64 = 6.0;

/// How the noise is spread: over sizes, and over places.
fn picture(spread: &Spread) -> Markup {
    let largest = spread.values.iter().copied().filter(|v| v.is_finite()).fold(0.0, f64::max);
    if largest == 0.0 {
        return html! { p.soft { "No element moves: there is nothing to draw." } };
    }
    let places = match spread.shape.as_slice() {
        [] => Markup::default(),
        [_] => html! { figure { (profile(spread, largest).inline()) figcaption { "Noise of each element; where there are many, the largest of a stretch" } } },
        [.., slow, fast] => grey(spread, [*slow, *fast], largest).map_or_else(Markup::default, |png| html! {
            figure {
                img alt="the noise along the last two axes" src={ "data:image/png;base64," (base64(&png)) };
                figcaption {
                    "The largest noise along the last two axes: white is " (figure(largest)) " or no number, black " (DECADES)
                    " powers of ten below it, or none"
                }
            }
        }),
    };
    html! {
        figure { (sizes(spread).inline()) figcaption { "How many elements move how far" } }
        (places)
    }
}

/// Elements by the power of ten of their noise.
fn sizes(spread: &Spread) -> Chart {
    let moving = spread.values.iter().filter(|value| **value > 0.0);
    let powers: Vec<i32> = moving.map(|value| value.log10().floor() as i32).collect();
    let (low, high) = powers.iter().fold((i32::MAX, i32::MIN), |(l, h), p| (l.min(*p), h.max(*p)));
    let mut counts = vec![0_u64; usize::try_from(high - low + 1).unwrap_or(1)];
    for power in powers {
        if let Some(count) = usize::try_from(power - low).ok().and_then(|at| counts.get_mut(at)) {
            *count += 1;
        }
    }
    let every = counts.len().div_ceil(10).max(1);
    let ticks = (0..counts.len()).step_by(every).map(|at| (at as f64, format!("1e{}", low + at as i32)));
    let bars = counts.iter().enumerate().filter(|(_, n)| **n > 0).map(|(at, n)| Mark::Area {
        x: [at as f64, at as f64 + 1.0],
        y: [0.0, *n as f64],
        colour: Colour::Series(0),
        strength: 0.55,
        says: n.to_string(),
    });
    Chart {
        title: "histogram of noise".to_owned(),
        size: SIZE,
        x: Axis::linear("noise", [0.0, counts.len() as f64]).with_ticks(ticks.collect()),
        y: Axis::counts("elements", counts.iter().copied().max().unwrap_or(1)),
        marks: bars.collect(),
    }
}

fn profile(spread: &Spread, largest: f64) -> Chart {
    let stretch = spread.values.len().div_ceil(DOTS[0]).max(1);
    let points = spread
        .values
        .chunks(stretch)
        .enumerate()
        .map(|(at, values)| [(at * stretch) as f64, values.iter().copied().fold(0.0, f64::max)]);
    let end = spread.values.len().saturating_sub(1).max(1) as f64;
    Chart {
        title: "noise of each element".to_owned(),
        size: SIZE,
        x: Axis::linear("element", [0.0, end]),
        y: Axis::linear("noise", [0.0, largest]),
        marks: vec![Mark::Line {
            points: points.collect(),
            colour: Colour::Series(0),
            dashed: false,
            name: String::new(),
        }],
    }
}

/// The largest noise along the last two axes as a grey PNG; none where it is no picture.
fn grey(spread: &Spread, [slow, fast]: [usize; 2], largest: f64) -> Option<Vec<u8>> {
    let block = slow.max(fast).div_ceil(DOTS[1]).max(1);
    let (rows, columns) = (slow.div_ceil(block), fast.div_ceil(block));
    let mut most = vec![0.0_f64; rows * columns];
    for (index, value) in spread.values.iter().enumerate() {
        let (row, column) = (index / fast % slow, index % fast);
        let dot = &mut most[row / block * columns + column / block];
        *dot = if value.is_nan() { largest } else { dot.max(*value) };
    }
    let level = |value: &f64| match *value > 0.0 {
        true => (255.0 * (1.0 + (value / largest).log10() / DECADES).clamp(0.0, 1.0)) as u8,
        false => 0,
    };
    let mut file = Vec::new();
    let raster = Raster { fast: columns, slow: rows, data: most.iter().map(level).collect() };
    png::write_grey(&mut file, &raster).is_ok().then_some(file)
}

/// Writes all files, and makes the bundle visible.
///
/// # Errors
/// A file cannot be written.
pub(crate) fn write(bundle: Recorder, told: &Told<'_>) -> Result<Made, BundleError> {
    for (noise, spread) in told.outputs {
        let name = spread_file(&noise.name);
        let file = spread.to_npy().map_err(|source| BundleError::Io {
            path: name.clone().into(),
            doing: "cannot be written",
            source,
        })?;
        bundle.staging().write(&name, file)?;
    }
    if let Some(traces) = told.traces {
        let unfit = |e: serde_json::Error| BundleError::Unfit { path: FILE.into(), problem: e.to_string() };
        bundle.staging().write(FILE, document(traces).map_err(unfit)?)?;
    }
    let (analysis, sections) = documents(told);
    let mut fields = json(told.facts, told.outputs);
    fields.insert("pages".to_owned(), writer().into());
    let verdict = told.verdict();
    bundle.finish(Closing {
        metrics: MetricsFile { values: metrics(told.outputs), ..MetricsFile::default() },
        analysis,
        page: Page::Sections(sections),
        exit: Some(verdict.exit()),
        fields,
        ..Closing::of(KIND, told.facts.title.as_str(), verdict, told.reason())
    })
}

/// Writes the evidence of noise that was not found, because of `failed`.
///
/// # Errors
/// As [`write()`].
pub(crate) fn write_failed(
    bundle: Recorder,
    facts: &Facts,
    failed: &str,
    exit: Exit,
) -> Result<Made, BundleError> {
    let mut fields = json(facts, &[]);
    fields.insert("pages".to_owned(), writer().into());
    let reason = failed.lines().next().unwrap_or_default();
    bundle.finish(Closing {
        exit: Some(exit),
        fields,
        ..Closing::of(KIND, facts.title.as_str(), Verdict::Fail, reason)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(shape: &[usize], moving: usize) -> String {
        let mut values = vec![0.0; shape.iter().product()];
        values[moving] = 1e-9;
        picture(&Spread { shape: shape.to_vec(), keys: None, values }).into_string()
    }

    #[test]
    fn noise_is_drawn_over_its_sizes_and_over_the_places_of_any_rank() {
        assert_eq!(drawn(&[50], 3).matches("<svg").count(), 2);
        for shape in [vec![5, 6], vec![2, 5, 6], vec![1, 300, 700]] {
            let text = drawn(&shape, 7);
            assert!(text.matches("<svg").count() == 1 && text.matches("<img").count() == 1, "{shape:?}");
        }
        let still =
            picture(&Spread { shape: vec![2], keys: None, values: vec![0.0, f64::NAN] }).into_string();
        assert!(still.contains("nothing to draw"));
    }
}
