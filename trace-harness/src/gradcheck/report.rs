//! The report of a gradient check: one line per parameter and case, coverage, and what a derivative does not see; as data, as
//! Markdown, on the terminal and on a page.
//!
//! Not here: files (`commands::checks::gradcheck`).

use maud::{Markup, html};
use nanobragg::Pixel;
use nanobragg::model::parameter::Parameter;
use serde::{Deserialize, Serialize};

use crate::evidence::page::{markdown, section, table};
use crate::evidence::terminal::visible;
use crate::evidence::verdict::Verdict;
use crate::gradcheck::cases::{FactorSource, GradientCase};
use crate::gradcheck::{FLOOR, Gates, GradientOutcome, GradientRow};

/// Value of the field `schema`.
pub const SCHEMA: &str = "trace-harness-gradcheck-1";

/// Everything that was found; `gradcheck.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Findings {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// Passes where every derivative is right; undecided where there is none to check.
    pub verdict: Verdict,
    /// Limits of the gates.
    pub gates: Gates,
    /// Derivatives below this share of the region's largest are compared with that share.
    pub floor: f64,
    /// The experiments.
    pub cases: Vec<CaseFacts>,
    /// One row per parameter, case and kind of derivative.
    pub rows: Vec<GradientRow>,
    /// What derivatives do not see.
    pub not_seen_by_derivatives: Vec<Kinks>,
}

/// An experiment.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CaseFacts {
    /// Its name.
    pub name: String,
    /// Its command line.
    pub command: String,
    /// Whether its structure factors are made up here, so that the command line alone does not give them.
    pub made_up_list: bool,
}

/// What derivatives do not see of an experiment.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Kinks {
    /// The experiment.
    pub case: String,
    /// Where its image has kinks or jumps.
    pub kinks: Vec<String>,
}

impl Findings {
    /// What the rows of the experiments come to.
    pub fn new(cases: &[GradientCase], rows: Vec<GradientRow>, kinks: Vec<Kinks>, gates: Gates) -> Self {
        let facts = |case: &GradientCase| CaseFacts {
            name: case.name.clone(),
            command: case.command_line(),
            made_up_list: case.list != FactorSource::Own,
        };
        let count = |outcome: GradientOutcome| rows.iter().filter(|row| row.outcome == outcome).count();
        let verdict = match (count(GradientOutcome::Fail), rows.len() - count(GradientOutcome::None)) {
            (0, 0) => Verdict::Undecided,
            (0, _) => Verdict::Pass,
            _ => Verdict::Fail,
        };
        Self {
            schema: SCHEMA.to_owned(),
            verdict,
            gates,
            floor: FLOOR,
            cases: cases.iter().map(facts).collect(),
            rows,
            not_seen_by_derivatives: kinks,
        }
    }

    /// How many derivatives were compared.
    pub fn compared(&self) -> usize {
        self.rows.iter().filter(|row| row.outcome != GradientOutcome::None).count()
    }

    /// How many are wrong.
    pub fn failed(&self) -> usize {
        self.rows.iter().filter(|row| row.outcome == GradientOutcome::Fail).count()
    }

    /// The row with the largest error of the strict gate.
    fn worst(&self) -> Option<&GradientRow> {
        self.rows.iter().filter(|row| row.strict.is_some()).max_by(|a, b| {
            let error = |row: &GradientRow| row.strict.unwrap_or_default();
            error(a).total_cmp(&error(b))
        })
    }

    /// The largest error of the strict gate.
    pub fn worst_error(&self) -> Option<f64> {
        self.worst()?.strict
    }

    /// What it came to, in one sentence.
    pub fn reason(&self) -> String {
        let worst = self.worst().map(|row| {
            let error = row.strict.unwrap_or_default();
            format!("; the largest strict error is {error:.2e}, of {} in case {}", row.parameter, row.case)
        });
        format!("{} comparisons, {} failed{}", self.compared(), self.failed(), worst.unwrap_or_default())
    }
}

/// The report in Markdown.
pub fn markdown(found: &Findings) -> String {
    let Gates { eps, atol, rtol, strict } = found.gates;
    let mut text = format!(
        "# Gradient check: {}\n\n{}. Coarse gate: step {eps:e} (times the value where that is above 1), within {atol:e} + {rtol} \
         times the derivative. Strict gate: {strict:e} relative to the derivative, or to {FLOOR} of the region's largest (losses: \
         to the sum of the sizes of their terms), against central differences of the reference engine extrapolated to step zero.\n",
        found.verdict,
        markdown::text(&found.reason())
    );
    text += &format!("\n## Coverage\n\n{}", as_markdown(&COVERAGE, &coverage(&found.rows)));
    text += &format!(
        "\n## Worst errors\n\nCoarse in units of its tolerance, strict relative.\n\n{}",
        as_markdown(&ROWS, &rows(found.rows.iter()))
    );
    text += "\n## What derivatives do not see\n\n";
    for Kinks { case, kinks } in &found.not_seen_by_derivatives {
        text.extend(kinks.iter().map(|kink| format!("- {}: {kink}\n", markdown::text(case))));
    }
    text += "\n## Command lines\n\n";
    text.extend(found.cases.iter().map(|case| {
        let list = if case.made_up_list { " (with a made-up list of reflections)" } else { "" };
        format!("- {}: {}{list}\n", markdown::text(&case.name), markdown::code(&case.command))
    }));
    text
}

/// Coverage and wrong derivatives for a terminal.
pub fn to_text(found: &Findings) -> String {
    let mut text = aligned(&COVERAGE, &coverage(&found.rows));
    let wrong = rows(found.rows.iter().filter(|row| row.outcome == GradientOutcome::Fail).take(WRONG_SHOWN));
    if !wrong.is_empty() {
        text += &format!("\nwrong derivatives\n{}", aligned(&ROWS, &wrong));
    }
    if found.failed() > WRONG_SHOWN {
        text += &format!("and {} more\n", found.failed() - WRONG_SHOWN);
    }
    text
}

/// Coverage and all rows for a page.
pub fn sections(found: &Findings) -> Markup {
    let limits = vec![
        ["coarse: step, times the value where that is above 1".to_owned(), format!("{:e}", found.gates.eps)]
            .to_vec(),
        ["coarse: absolute part of the tolerance".to_owned(), format!("{:e}", found.gates.atol)].to_vec(),
        ["coarse: relative part of the tolerance".to_owned(), format!("{:e}", found.gates.rtol)].to_vec(),
        ["strict: relative tolerance".to_owned(), format!("{:e}", found.gates.strict)].to_vec(),
    ];
    let worst = "Worst errors: coarse in units of its tolerance, strict relative";
    let tables = html! {
        (table("Coverage", &COVERAGE, &coverage(&found.rows)))
        (table(worst, &ROWS, &rows(found.rows.iter())))
        (table("Gates", &["limit", "value"], &limits))
    };
    section("derivatives", "Derivatives", &tables)
}

/// Wrong derivatives that are printed.
const WRONG_SHOWN: usize = 20;

const COVERAGE: [&str; 8] =
    ["parameter", "unit", "passed", "failed", "zero", "none", "worst strict error", "why zero or none"];

const ROWS: [&str; 9] =
    ["case", "parameter", "of", "outcome", "coarse", "strict", "pixel", "derivative", "numerical"];

fn as_markdown(head: &[&str], rows: &[Vec<String>]) -> String {
    let lines =
        rows.iter().map(|row| markdown::row(&row.iter().map(|c| markdown::text(c)).collect::<Vec<_>>()));
    markdown::head(head) + &lines.collect::<String>()
}

/// Columns one under the other, for a terminal; the last one is as long as it is.
fn aligned(head: &[&str], rows: &[Vec<String>]) -> String {
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|c| visible(c)).collect()).collect();
    let cells = |n: usize| rows.iter().map(move |row| row[n].chars().count());
    let widths: Vec<usize> =
        (0..head.len()).map(|n| cells(n).chain([head[n].len()]).max().unwrap_or(0)).collect();
    let line = |cells: Vec<&str>| {
        let padded = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        format!("{}\n", padded.collect::<Vec<_>>().join("  ").trim_end())
    };
    let body = rows.iter().map(|row| line(row.iter().map(String::as_str).collect()));
    line(head.to_vec()) + &body.collect::<String>()
}

fn rows<'r>(rows: impl Iterator<Item = &'r GradientRow>) -> Vec<Vec<String>> {
    let number = |x: Option<f64>| x.map_or("-".to_owned(), |x| format!("{x:.3e}"));
    let long = |x: Option<f64>| x.map_or("-".to_owned(), |x| format!("{x:.12e}"));
    let row = |row: &GradientRow| {
        vec![
            row.case.clone(),
            row.parameter.clone(),
            row.what.clone(),
            word(row.outcome).to_owned(),
            number(row.coarse),
            number(row.strict),
            row.pixel.map_or("-".to_owned(), |Pixel { slow, fast }| format!("{slow} {fast}")),
            long(row.analytic),
            long(row.numeric),
        ]
    };
    rows.map(row).collect()
}

const fn word(outcome: GradientOutcome) -> &'static str {
    match outcome {
        GradientOutcome::Pass => "pass",
        GradientOutcome::Fail => "FAIL",
        GradientOutcome::Zero => "zero",
        GradientOutcome::None => "none",
    }
}

/// Per parameter: in how many cases it was checked, the worst errors, and why it has no derivative in the others.
fn coverage(rows: &[GradientRow]) -> Vec<Vec<String>> {
    let mut names: Vec<&str> = Vec::new();
    for row in rows {
        if !names.contains(&row.parameter.as_str()) {
            names.push(&row.parameter);
        }
    }
    let line = |name: &str| {
        let of = || rows.iter().filter(|row| row.parameter == name && row.what == "pixels");
        let count = |outcome: GradientOutcome| of().filter(|row| row.outcome == outcome).count().to_string();
        let worst = of().filter_map(|row| row.strict).fold(0.0, f64::max);
        let mut reasons: Vec<&str> = of().filter_map(|row| row.reason.as_deref()).collect();
        reasons.sort_unstable();
        reasons.dedup();
        let unit = Parameter::list(name).ok().and_then(|p| p.first().map(|p| p.unit())).unwrap_or_default();
        vec![
            name.to_owned(),
            unit.to_string(),
            count(GradientOutcome::Pass),
            count(GradientOutcome::Fail),
            count(GradientOutcome::Zero),
            count(GradientOutcome::None),
            format!("{worst:.2e}"),
            reasons.join("; "),
        ]
    };
    names.into_iter().map(line).collect()
}
