//! The reference page of trace keys, made from the schema.
//!
//! Not here: what stands in it (`schema`).

use crate::evidence::page::markdown::{code, head, row, text};
use crate::trace::schema::{Schema, Shape};

const HEAD: &str = "# Trace keys

Made from the schema by `trace-harness keys`; a test compares this page with it. Names are the C program's own, also where
they are misleading; the unit is the true one. `level.key` is a field of a record line: `phi.k_frac` stands in
`TRACE_RS_PHI phi_tic=… k_frac=…`.

JSON lines (`nanobragg --trace-format jsonl`) have no set-up lines, and the key `term` beyond the text lines of a pixel:
`trace-harness diff --allow-missing set-up --allow-missing term` compares them with text. Deeper levels have other names there;
compare those with JSON lines.
";

/// The page.
pub fn page(schema: &Schema) -> String {
    let mut page = HEAD.to_owned();
    for (title, wanted) in [("Set-up lines and pixel lines", false), ("Fields of record lines", true)] {
        page += &format!("\n## {title}\n\n{}", head(&["key", "unit", "shape", "from", "meaning"]));
        for key in schema.keys.iter().filter(|k| k.name.contains('.') == wanted) {
            let from = key.inputs.iter().map(|input| code(input)).collect::<Vec<_>>().join(", ");
            let from = if from.is_empty() { "configuration".to_owned() } else { from };
            let shape = shape(key.shape).to_owned();
            page += &row(&[code(&key.name), text(&key.unit), shape, from, text(&key.meaning)]);
        }
    }
    let when = |condition: Option<String>| condition.map_or("always".to_owned(), |when| code(&when));
    page += "\n## Laws\n\nWhat `audit` recomputes, from values of the same trace.\n\n";
    page += &head(&["key", "law", "when"]);
    for key in &schema.keys {
        if let Some(law) = &key.law {
            page += &row(&[
                code(&key.name),
                code(&law.to_string()),
                when(key.when.as_ref().map(ToString::to_string)),
            ]);
        }
    }
    page += &format!("\n## Rules\n\n{}", head(&["rule", "left", "", "right", "when", "why"]));
    for rule in &schema.rules {
        let [left, right] = [&rule.left, &rule.right].map(|side| code(&side.to_string()));
        let (sign, when) = (code(rule.relation.sign()), when(rule.when.as_ref().map(ToString::to_string)));
        page += &row(&[text(&rule.name), left, sign, right, when, text(&rule.meaning)]);
    }
    page
}

fn shape(shape: Shape) -> &'static str {
    match shape {
        Shape::Scalar => "number",
        Shape::Vector => "three numbers",
        Shape::Indices => "three integers",
        Shape::Integer => "integer",
        Shape::Text => "words",
    }
}
