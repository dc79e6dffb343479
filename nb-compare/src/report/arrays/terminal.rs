//! What a comparison of arrays says on the terminal.
//!
//! Not here: the line of the verdict (`report::verdict_lines`).

use std::fmt::Write;

use crate::array::{ArrayComparison, shape_text};
use crate::compare::judgement::figure;
use crate::compare::metrics::Measured;
use crate::report::terminal::gate_text;

/// The table of figures, with the gates beside those that have one.
pub(crate) fn table(c: &ArrayComparison) -> String {
    let (m, p) = (&c.metrics, &c.metrics.pairs);
    let shown = |value: &Measured| value.value().map_or("undefined".to_owned(), figure);
    let place = |index: usize| m.place(index).iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
    let at = |value: &Measured, index: usize| match value.value() {
        Some(value) => format!("{} at [{}]", figure(value), place(index)),
        None => "undefined".to_owned(),
    };
    let share = m.share().value().map_or("undefined".to_owned(), |share| format!("{:.4} %", share * 100.0));
    let ulp = match p.compared {
        0 => "undefined".to_owned(),
        _ => format!("{}, {} of {}", shown(&m.mean_ulp()), figure(p.max_ulp.0 as f64), m.unit.name()),
    };
    let constant = [0, 1].map(|side| p.is_constant(side));
    let [a, b] = c.types;
    let types = if a == b { a.to_string() } else { format!("{a}, {b}") };
    let rows = [
        ("shape", shape_text(&c.shape), None),
        ("type", types, None),
        ("elements compared", p.compared.to_string(), None),
        ("equal, differing", format!("{}, {}", p.equal, p.differing()), None),
        ("not finite (A, B)", format!("{}, {}", p.non_finite[0], p.non_finite[1]), Some("finite")),
        ("elements that agree", share, Some("agreement")),
        ("largest difference", at(&m.max_abs(), p.max_abs.1), None),
        ("largest relative", at(&m.max_rel(), p.max_rel.1), None),
        ("ULP mean, max", ulp, Some("max_ulp")),
        ("RMSD", shown(&m.sums.rmsd()), None),
        ("correlation", shown(&m.sums.correlation(constant)), Some("correlation")),
        ("sum ratio B/A", shown(&m.sums.ratio()), Some("sum_ratio")),
        ("best scale", shown(&m.sums.best_scale()), Some("best_scale")),
    ];
    let mut text = String::new();
    for (name, value, gate) in rows {
        let gate = c.judgement.gates.iter().find(|g| Some(g.name.as_str()) == gate).map(gate_text);
        // Writing to a string cannot fail.
        let _ =
            writeln!(text, "  {}", format!("{name:<24}{value:<46}{}", gate.unwrap_or_default()).trim_end());
    }
    text
}
