//! The tables of a gradient check: one line per parameter and case, coverage, and what a derivative does not see.
//!
//! Not here: files (`command`).

use crate::evidence::verdict::Verdict;
use crate::gradcheck::cases::{Case, List};
use crate::gradcheck::{FLOOR, Gates, Outcome, Row};
use nanobragg::model::parameter::Parameter;
use serde_json::{Value, json};

/// Everything as JSON.
pub(crate) fn as_json(
    cases: &[Case],
    rows: &[Row],
    kinks: &[(String, Vec<&'static str>)],
    gates: &Gates,
) -> Value {
    let passed = !rows.iter().any(|row| row.outcome == Outcome::Fail);
    json!({
        "schema": "trace-harness-gradcheck-1",
        "verdict": Verdict::of(passed),
        "gates": gates,
        "floor": FLOOR,
        "cases": cases.iter()
            .map(|case| json!({ "name": case.name, "command": case.command_line() })).collect::<Vec<_>>(),
        "rows": rows,
        "not_seen_by_derivatives": kinks.iter()
            .map(|(case, kinks)| json!({ "case": case, "kinks": kinks })).collect::<Vec<_>>(),
    })
}

/// The report in Markdown.
pub(crate) fn markdown(
    cases: &[Case],
    rows: &[Row],
    kinks: &[(String, Vec<&'static str>)],
    gates: &Gates,
) -> String {
    let failed = rows.iter().filter(|row| row.outcome == Outcome::Fail).count();
    let verdict = Verdict::of(failed == 0);
    let mut text = format!(
        "# Gradient check: {verdict}\n\n{} comparisons, {failed} failed. Coarse gate: step {:e} (times the value where that \
         is above 1), within {:e} + {} times the derivative. Strict gate: {:e} relative to the derivative, or to {FLOOR} of \
         the region's largest (losses: to the sum of the sizes of their terms), against central differences of the reference engine extrapolated to step zero.\n",
        rows.len(),
        gates.eps,
        gates.atol,
        gates.rtol,
        gates.strict
    );
    text += &coverage(rows);
    text += "\n## Worst errors\n\nCoarse in units of its tolerance, strict relative.\n\n\
             | case | parameter | of | outcome | coarse | strict | pixel | derivative | numerical |\n\
             |---|---|---|---|---|---|---|---|---|\n";
    for row in rows {
        let number = |x: Option<f64>| x.map_or("-".to_owned(), |x| format!("{x:.3e}"));
        let long = |x: Option<f64>| x.map_or("-".to_owned(), |x| format!("{x:.12e}"));
        let pixel = row.pixel.map_or("-".to_owned(), |[slow, fast]| format!("{slow} {fast}"));
        text += &format!(
            "| {} | {} | {} | {} | {} | {} | {pixel} | {} | {} |\n",
            row.case,
            row.parameter,
            row.what,
            word(row.outcome),
            number(row.coarse),
            number(row.strict),
            long(row.analytic),
            long(row.numeric)
        );
    }
    text += "\n## What derivatives do not see\n\n";
    for (case, kinks) in kinks {
        for kink in kinks {
            text += &format!("- {case}: {kink}\n");
        }
    }
    text + "\n## Command lines\n\n"
        + &cases
            .iter()
            .map(|case| {
                let list = if case.list != List::Own { " (with a made-up list of reflections)" } else { "" };
                format!("- {}: `{}`{list}\n", case.name, case.command_line())
            })
            .collect::<String>()
}

const fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pass => "pass",
        Outcome::Fail => "FAIL",
        Outcome::Zero => "zero",
        Outcome::None => "none",
    }
}

/// Per parameter: in how many cases it was checked, the worst errors, and why it has no derivative in the others.
fn coverage(rows: &[Row]) -> String {
    let mut text = "\n## Coverage\n\n| parameter | unit | passed | failed | zero | none | worst strict error | why zero or none |\n\
                    |---|---|---|---|---|---|---|---|\n"
        .to_owned();
    let mut names: Vec<&str> = Vec::new();
    for row in rows {
        if !names.contains(&row.parameter.as_str()) {
            names.push(&row.parameter);
        }
    }
    for name in names {
        let of = || rows.iter().filter(move |row| row.parameter == name && row.what == "pixels");
        let count = |outcome: Outcome| of().filter(|row| row.outcome == outcome).count();
        let worst = of().filter_map(|row| row.strict).fold(0.0, f64::max);
        let mut reasons: Vec<&str> = of().filter_map(|row| row.reason).collect();
        reasons.sort_unstable();
        reasons.dedup();
        let unit = Parameter::list(name).ok().and_then(|p| p.first().map(|p| p.unit())).unwrap_or_default();
        text += &format!(
            "| {name} | {unit} | {} | {} | {} | {} | {worst:.2e} | {} |\n",
            count(Outcome::Pass),
            count(Outcome::Fail),
            count(Outcome::Zero),
            count(Outcome::None),
            reasons.join("; ")
        );
    }
    text
}
