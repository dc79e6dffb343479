//! The statements of both sides against each other, and what a difference looks like in words.
//!
//! Not here: reading the statements (`stated`).

use nanobragg::c_number::g6;
use trace_harness::trace::cause::orientation::turn;
use trace_harness::trace::cause::signature::{DefaultValue, Observation, describe, shift, transposed};

use crate::adapter::known::{Parameter, ParameterKind, UsualValue};
use crate::built_in::parameters;
use crate::effective::stated::{Stated, StatedValue};

/// Simulators print six digits: two that agree differ by no more than a unit of the last one.
const PRINTED: f64 = 1.01e-5;

/// One parameter that at least one side states.
#[derive(Debug, Clone)]
pub(crate) struct ParameterRow {
    /// Which.
    pub parameter: &'static Parameter,
    /// What the sides state.
    pub sides: [Option<StatedValue>; 2],
    /// Whether they state the same, where both state it.
    pub same: Option<bool>,
    /// What a difference looks like.
    pub words: Vec<String>,
    /// The differing parameter that this difference follows from.
    pub follows: Option<&'static str>,
}

/// The comparison of what both sides state.
#[derive(Debug, Clone, Default)]
pub(crate) struct Effective {
    /// All parameters that a side states, causes first.
    pub rows: Vec<ParameterRow>,
}

impl Effective {
    /// Compares what A and B state.
    pub(crate) fn of(a: &Stated, b: &Stated) -> Self {
        let mut rows: Vec<ParameterRow> = Vec::new();
        for parameter in &parameters().known {
            let sides = [a.get(&parameter.name).cloned(), b.get(&parameter.name).cloned()];
            let same = match &sides {
                [None, None] => continue,
                [Some(x), Some(y)] => Some(same(x, y)),
                _ => None,
            };
            let differs =
                |name: &&String| rows.iter().any(|r| r.is_different() && r.parameter.name == **name);
            let cause = parameter.follows.iter().find(differs);
            let follows = cause.filter(|_| same == Some(false)).map(String::as_str);
            rows.push(ParameterRow { parameter, sides, same, words: Vec::new(), follows });
        }
        let swapped = parameters().swapped.as_ref().filter(|swapped| are_swapped(&rows, &swapped.names));
        let pixel = pixel_size(&rows);
        for row in rows.iter_mut().filter(|r| r.is_different()) {
            let given_values = [a, b].map(|side| side.asked_for(&row.parameter.name));
            row.words = describe_difference(row, pixel, given_values);
            if let Some(swapped) = swapped.filter(|swapped| swapped.names.contains(&row.parameter.name)) {
                row.words = vec![swapped.meaning.clone()];
            }
        }
        Self { rows }
    }

    /// How many parameters both sides state.
    pub(crate) fn compared(&self) -> usize {
        self.rows.iter().filter(|r| r.same.is_some()).count()
    }

    /// The parameters that differ, causes first.
    pub(crate) fn different(&self) -> impl Iterator<Item = &ParameterRow> {
        self.rows.iter().filter(|r| r.is_different())
    }

    /// The differences that follow from no other and that the float image depends on, in one sentence.
    pub(crate) fn sentence(&self) -> Option<String> {
        let causes = self.different().filter(|r| r.follows.is_none() && r.parameter.in_image);
        let named: Vec<String> = causes.map(ParameterRow::clause).collect();
        (!named.is_empty())
            .then(|| format!("the sides do not compute with the same numbers: {}", named.join("; ")))
    }
}

impl ParameterRow {
    /// Whether the sides state different things.
    pub(crate) fn is_different(&self) -> bool {
        self.same == Some(false)
    }

    /// What side `i` states, in words.
    pub(crate) fn text(&self, i: usize) -> String {
        match &self.sides[i] {
            None => "not stated".to_owned(),
            Some(StatedValue::Word(word)) if word.is_empty() => "nothing".to_owned(),
            Some(StatedValue::Word(word)) => word.clone(),
            Some(StatedValue::Numbers(numbers)) => {
                numbers.iter().map(|n| g6(*n)).collect::<Vec<_>>().join(" ")
            }
        }
    }

    fn clause(&self) -> String {
        let looks =
            if self.words.is_empty() { String::new() } else { format!(" ({})", self.words.join("; ")) };
        let unit = if self.parameter.unit.is_empty() { "" } else { " " };
        if self.parameter.kind == ParameterKind::Matrix && !looks.is_empty() {
            // Eighteen numbers would hide what they come to; the parameters have them.
            return format!("the {} differ{looks}", self.parameter.name);
        }
        format!(
            "{} {} {} for A and {}{unit}{} for B{looks}",
            self.parameter.name,
            if self.parameter.name.ends_with('s') { "are" } else { "is" },
            self.text(0),
            self.text(1),
            self.parameter.unit
        )
    }

    fn numbers(&self) -> Option<[&[f64]; 2]> {
        match &self.sides {
            [Some(StatedValue::Numbers(a)), Some(StatedValue::Numbers(b))] => Some([a, b]),
            _ => None,
        }
    }
}

fn same(a: &StatedValue, b: &StatedValue) -> bool {
    match (a, b) {
        (StatedValue::Numbers(a), StatedValue::Numbers(b)) => close(a, b),
        _ => a == b,
    }
}

fn close(a: &[f64], b: &[f64]) -> bool {
    let size = a.iter().chain(b).fold(0.0_f64, |s, v| s.max(v.abs()));
    let agree =
        |(x, y): (&f64, &f64)| x == y || (x - y).abs() <= PRINTED * size || (x.is_nan() && y.is_nan());
    a.len() == b.len() && a.iter().zip(b).all(agree)
}

fn describe_difference(
    row: &ParameterRow,
    pixel: Option<f64>,
    given_values: [Option<f64>; 2],
) -> Vec<String> {
    let Some([a, b]) = row.numbers() else { return Vec::new() };
    let kind = row.parameter.kind;
    let mut out: Vec<String> = default_taken(row.parameter, [a, b], given_values).into_iter().collect();
    // A place that is off by pixels is said in pixels; a whole factor there would be chance.
    let pixel = if row.parameter.unit == "pixels" { Some(1.0) } else { pixel };
    let shifted =
        (kind == ParameterKind::Place).then_some(pixel).flatten().and_then(|p| shift(a, b, p, PRINTED));
    if let Some(text) = shifted {
        out.push(text);
        return out;
    }
    if kind == ParameterKind::Matrix
        && let Some(text) = transposed(a, b, PRINTED)
    {
        out.push(text);
        return out;
    }
    if let (ParameterKind::Matrix, Some(angle)) = (kind, turned_cell(a, b)) {
        let meaning = row.parameter.turned.as_deref().unwrap_or("turned as a whole by {} degrees");
        out.push(meaning.replace("{}", &format!("{angle:.3}")));
        return out;
    }
    let turned = (kind == ParameterKind::Vector).then_some("another axis or convention");
    out.extend(describe(&Observation {
        sides: [a, b],
        default: None,
        tolerance: PRINTED,
        constant: [false; 2],
        turned,
    }));
    if let ([x], [y], true) = (a, b, out.is_empty() && a[0] != 0.0) {
        out.push(format!("B is {} times A", g6(y / x)));
    }
    out
}

fn default_taken(parameter: &Parameter, sides: [&[f64]; 2], given: [Option<f64>; 2]) -> Option<String> {
    let UsualValue { value, question, statement } = parameter.default.as_ref()?;
    DefaultValue { value: *value, question, statement, given }
        .remark(sides.map(|side| close(side, &[*value])))
}

/// By how many degrees the vectors of one side, which stand in columns, are those of the other side turned.
fn turned_cell(a: &[f64], b: &[f64]) -> Option<f64> {
    let vectors = |side: &[f64]| -> Option<[[f64; 3]; 3]> {
        let rows: &[f64; 9] = side.try_into().ok()?;
        Some([0, 1, 2].map(|column| [0, 1, 2].map(|row| rows[row * 3 + column])))
    };
    turn(&vectors(a)?, &vectors(b)?, PRINTED)
}

/// Whether each side has for one of two parameters what the other side has for the other.
fn are_swapped(rows: &[ParameterRow], [one, other]: &[String; 2]) -> bool {
    let numbers = |name: &str| rows.iter().find(|r| r.parameter.name == name)?.numbers();
    match (numbers(one), numbers(other)) {
        (Some([fa, fb]), Some([sa, sb])) => close(fa, sb) && close(sa, fb) && !close(fa, fb),
        _ => false,
    }
}

/// The length in which places are counted, where both sides have the same.
fn pixel_size(rows: &[ParameterRow]) -> Option<f64> {
    let name = parameters().places_in.as_ref()?;
    let row = rows.iter().find(|r| r.parameter.name == *name && r.same == Some(true))?;
    row.numbers()?[0].first().copied()
}

#[cfg(test)]
mod tests;
