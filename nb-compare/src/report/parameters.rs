//! How the parameters that both sides state are shown: JSON, terminal, Markdown, page.
//!
//! Not here: comparing them (`effective`).

use std::ffi::OsString;

use maud::{Markup, html};
use serde_json::{Value as Json, json};
use trace_harness::evidence::page::{markdown, section, table};

use crate::built_in;
use crate::effective::{Effective, ParameterKind, ParameterRow, Stated, StatedValue};

/// The field `effective_parameters` of `summary.json`.
pub(crate) fn json(effective: &Effective) -> Json {
    let value = |side: &Option<StatedValue>| match side {
        None => Json::Null,
        Some(StatedValue::Word(word)) => word.clone().into(),
        Some(StatedValue::Numbers(numbers)) => json!(numbers),
    };
    let parameters: Vec<Json> = effective
        .rows
        .iter()
        .map(|row| {
            json!({
                "name": row.parameter.name,
                "unit": row.parameter.unit,
                "reference": value(&row.sides[0]),
                "candidate": value(&row.sides[1]),
                "same": row.same,
                "signature": row.words,
                "follows": row.follows,
                "in_image": row.parameter.in_image,
            })
        })
        .collect();
    json!({
        "compared": effective.compared(),
        "different": effective.different().count(),
        "parameters": parameters,
    })
}

/// What a summary has in its field `effective_parameters`, compared again; none where that is not what [`json()`] makes, or holds a
/// number that JSON cannot. `arguments` are what each side was called with.
pub(crate) fn stated(field: &Json, arguments: &[Vec<OsString>; 2]) -> Option<Effective> {
    let mut sides: [Vec<(&'static str, StatedValue)>; 2] = Default::default();
    for row in field["parameters"].as_array()? {
        let parameter =
            built_in::parameters().known.iter().find(|parameter| row["name"] == parameter.name)?;
        for (side, name) in sides.iter_mut().zip(["reference", "candidate"]) {
            let value = match &row[name] {
                Json::Null => continue,
                Json::String(word) => StatedValue::Word(word.clone()),
                Json::Array(numbers) => {
                    StatedValue::Numbers(numbers.iter().map(Json::as_f64).collect::<Option<_>>()?)
                }
                _ => return None,
            };
            side.push((parameter.name.as_str(), value));
        }
    }
    let [a, b] = sides.map(Stated::of);
    Some(Effective::of(&a.asked(built_in::asked(&arguments[0])), &b.asked(built_in::asked(&arguments[1]))))
}

fn heading(effective: &Effective) -> String {
    let (different, compared) = (effective.different().count(), effective.compared());
    match (different, compared) {
        (_, 0) => "effective parameters: not stated by both sides".to_owned(),
        (0, n) => format!("effective parameters: all {n} that both sides state are the same"),
        (d, n) => format!("effective parameters: {d} of {n} differ"),
    }
}

/// What a difference means, in words.
fn meaning(row: &ParameterRow) -> String {
    let mut clauses = row.words.clone();
    clauses.extend(row.follows.map(|cause| format!("follows from {cause}")));
    if !row.parameter.in_image {
        clauses.push("the float image does not depend on it".to_owned());
    }
    clauses.join("; ")
}

/// The lines on the terminal; none where the sides have nothing in common to compare.
pub(crate) fn lines(effective: &Effective) -> String {
    if effective.compared() == 0 {
        return String::new();
    }
    let mut text = format!("{}\n", heading(effective));
    for row in effective.different() {
        let unit = &row.parameter.unit;
        let values = format!("{} against {} {unit}", row.text(0), row.text(1));
        let mut parts = vec![values.trim_end().to_owned(), meaning(row)];
        if row.parameter.kind == ParameterKind::Matrix {
            // What eighteen numbers come to is read before them.
            parts.reverse();
        }
        parts.retain(|part| !part.is_empty());
        text += &format!("  {:<24}{}\n", row.parameter.name, parts.join(": "));
    }
    text
}

fn cells(row: &ParameterRow) -> Vec<String> {
    let outcome = match row.same {
        Some(true) => "same".to_owned(),
        Some(false) if meaning(row).is_empty() => "differs".to_owned(),
        Some(false) => format!("differs: {}", meaning(row)),
        None => "stated by one side only".to_owned(),
    };
    vec![row.parameter.name.clone(), row.parameter.unit.clone(), row.text(0), row.text(1), outcome]
}

const HEAD: [&str; 5] = ["parameter", "unit", "A", "B", "comparison"];

/// The section of the page that comes first: what differs.
pub(super) fn differing(effective: &Effective) -> Markup {
    if effective.different().count() == 0 {
        return Markup::default();
    }
    let rows: Vec<Vec<String>> = effective.different().map(cells).collect();
    let caption = "What the sides say they computed with differs; this comes before the pixels";
    section("parameters", "Effective parameters", &table(caption, &HEAD, &rows))
}

/// The section with all of them, folded away.
pub(super) fn all(effective: &Effective) -> Markup {
    let mut heading = heading(effective);
    heading[..1].make_ascii_uppercase();
    if effective.rows.is_empty() {
        return html! { p.soft id="all-parameters" { (heading) "." } };
    }
    let rows: Vec<Vec<String>> = effective.rows.iter().map(cells).collect();
    let table = table("Read from the console text and the image header of each side", &HEAD, &rows);
    html! {
        details id="all-parameters" {
            summary { (heading) }
            (table)
        }
    }
}

/// The section of `analysis.md`.
pub(super) fn markdown(effective: &Effective) -> String {
    let mut text = format!("\n## Effective parameters\n\n{}.\n", heading(effective).replacen('e', "E", 1));
    if effective.different().count() > 0 {
        text += "\n| parameter | unit | A | B | comparison |\n|---|---|---|---|---|\n";
    }
    for row in effective.different() {
        let cells: Vec<String> = cells(row).iter().map(|cell| markdown::text(cell)).collect();
        text += &format!("| {} |\n", cells.join(" | "));
    }
    text
}
