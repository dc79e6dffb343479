//! The reference page of trace keys, made from the schema.
//!
//! Not here: what stands in it (`schema`).

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
    let mut text = HEAD.to_owned();
    for (title, wanted) in [("Set-up lines and pixel lines", false), ("Fields of record lines", true)] {
        text += &format!("\n## {title}\n\n| key | unit | shape | from | meaning |\n|---|---|---|---|---|\n");
        for key in schema.keys.iter().filter(|k| k.name.contains('.') == wanted) {
            let from = key.inputs.iter().map(|i| format!("`{i}`")).collect::<Vec<_>>().join(", ");
            let from = if from.is_empty() { "configuration".to_owned() } else { from };
            text += &format!(
                "| `{}` | {} | {} | {from} | {} |\n",
                key.name,
                cell(&key.unit),
                shape(key.shape),
                cell(&key.meaning)
            );
        }
    }
    text += "\n## Laws\n\nWhat `audit` recomputes, from values of the same trace.\n\n| key | law | when |\n|---|---|---|\n";
    for key in &schema.keys {
        if let Some(law) = &key.law {
            let when = key.when.as_ref().map_or("always".to_owned(), |w| format!("`{w}`"));
            text += &format!("| `{}` | `{law}` | {when} |\n", key.name);
        }
    }
    text += "\n## Rules\n\n| rule | left | | right | when | why |\n|---|---|---|---|---|---|\n";
    for rule in &schema.rules {
        let when = rule.when.as_ref().map_or("always".to_owned(), |w| format!("`{w}`"));
        text += &format!(
            "| {} | `{}` | `{}` | `{}` | {when} | {} |\n",
            cell(&rule.name),
            rule.left,
            rule.relation.sign(),
            rule.right,
            cell(&rule.meaning)
        );
    }
    text
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

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
