//! One quantity in two forms: keys that one trace does not have and that follow from others of it, and values that are the same as others.
//!
//! What is found is written into a copy of the trace, which is then compared like any other. Not here: whole periods between two values
//! (`diff::tolerance`).

use std::collections::BTreeMap;

use crate::trace::keys::Keys;
use crate::trace::log::{Field, Line, NONE, TraceLog};
use crate::trace::schema::expression::{self, Expr, evaluate};
use crate::trace::schema::{Equivalence, Schema};
use crate::trace::values::Segments;

/// Rounding of what a key is computed from; it is not looked at here.
const ROUNDING: f64 = 0.0;

/// The trace with the keys of `schema` that it does not have, and the other one has, computed where the schema says how; with their
/// names. `None` where there is nothing to compute.
pub(super) fn completed(
    schema: &Schema,
    trace: &TraceLog,
    other: &TraceLog,
) -> Option<(TraceLog, Vec<String>)> {
    let lacks = |name: &str| trace.names.find(name).is_none() && other.names.find(name).is_some();
    let wanted: Vec<(&str, Expr)> = schema
        .keys
        .iter()
        .filter(|key| lacks(&key.name))
        .filter_map(|key| Some((key.name.as_str(), expression::parse(key.otherwise.as_ref()?).ok()?)))
        .collect();
    if wanted.is_empty() {
        return None;
    }
    let mut out = TraceLog { lines: Vec::new(), ..trace.clone() };
    let keys: Vec<u32> = wanted.iter().map(|(name, _)| out.names.index(name)).collect();
    let (segments, none) = (Segments::new(trace), BTreeMap::new());
    let mut computed = vec![false; wanted.len()];
    for (number, segment) in trace.segments.iter().enumerate() {
        let names = segments.names(number, [NONE; 3], ROUNDING, &none);
        // Each by the line after which it can be computed.
        let mut after: BTreeMap<u32, Vec<(usize, Vec<f64>)>> = BTreeMap::new();
        for (n, (_, law)) in wanted.iter().enumerate() {
            let line = law.names().into_iter().filter_map(|name| names.line(name)).max();
            if let (Some(line), Ok(value)) = (line, evaluate(law, &names)) {
                after.entry(line).or_default().push((n, value.numbers));
            }
        }
        let start = out.lines.len();
        for line in &trace.lines[segment.lines.clone()] {
            out.lines.push(*line);
            for (n, numbers) in after.remove(&line.number).unwrap_or_default() {
                let field = Field { key: keys[n], count: numbers.len() as u32, text: 0 };
                let Ok(place) = u32::try_from(out.values.len()) else { continue };
                out.values.extend(numbers);
                let layout = out.layouts.index(&[field]);
                out.lines.push(Line { layout, start: place, number: line.number, place: [NONE; 3] });
                computed[n] = true;
            }
        }
        out.segments[number].lines = start..out.lines.len();
    }
    let names = wanted.iter().zip(computed).filter(|(_, computed)| *computed);
    Some((out, names.map(|((name, _), _)| (*name).to_owned()).collect()))
}

/// Keys of an equivalence that the traces have, each with its other form.
struct EquivalentForms<'s> {
    name: &'s str,
    forms: Vec<(&'s str, usize, Expr)>,
}

impl<'s> EquivalentForms<'s> {
    fn of(rule: &'s Equivalence, keys: &Keys<'_>) -> Option<Self> {
        let form = |(key, same): (&'s String, &String)| {
            Some((key.as_str(), keys.find(key)?, expression::parse(same).ok()?))
        };
        let forms: Option<Vec<_>> = rule.keys.iter().zip(&rule.same).map(form).collect();
        Some(Self { name: &rule.name, forms: forms? })
    }
}

/// The second trace with the values that are the first one's in another form of the same quantities put into that form, and how many
/// times each rule did; `None` where no rule did anything. `pairs` are the segments that belong together.
pub(super) fn rewritten(
    schema: &Schema,
    keys: &Keys<'_>,
    traces: [&TraceLog; 2],
    pairs: &[[Option<usize>; 2]],
) -> Option<(TraceLog, BTreeMap<String, u64>)> {
    let rules: Vec<EquivalentForms<'_>> =
        schema.equivalences.iter().filter_map(|rule| EquivalentForms::of(rule, keys)).collect();
    if rules.is_empty() {
        return None;
    }
    let (segments, none) = (traces.map(Segments::new), BTreeMap::new());
    let mut out: Option<TraceLog> = None;
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for (a, b) in pairs.iter().filter_map(|[a, b]| Some(((*a)?, (*b)?))) {
        for place in segments[1].places(b) {
            let here = [(0, a), (1, b)].map(|(side, n)| segments[side].names(n, place, ROUNDING, &none));
            for EquivalentForms { name, forms } in &rules {
                let own = |side: usize, key: &str| {
                    let (start, count) = here[side].own(key)?;
                    traces[side].values.get(start..start + count).map(|numbers| (start, numbers))
                };
                let direct =
                    forms.iter().map(|(key, n, _)| Some(keys.compare(*n, own(0, key)?.1, own(1, key)?.1).1));
                // Values that agree as they are need no other form; without all of them there is nothing to say.
                let Some(direct) = direct.collect::<Option<Vec<bool>>>() else { continue };
                if direct.iter().all(|agree| *agree) {
                    continue;
                }
                let other = forms.iter().map(|(key, n, form)| {
                    let (a, (start, before)) = (own(0, key)?.1, own(1, key)?);
                    let mut numbers = evaluate(form, &here[1]).ok()?.numbers;
                    if numbers.len() != before.len() || a.len() != before.len() {
                        return None;
                    }
                    // The other form may be whole turns away, which is not what the rule says.
                    if let Some(period) = keys.period(*n) {
                        numbers
                            .iter_mut()
                            .zip(a)
                            .for_each(|(x, a)| *x += ((a - *x) / period).round() * period);
                    }
                    keys.compare(*n, a, &numbers).1.then_some((start, numbers))
                });
                let Some(other) = other.collect::<Option<Vec<_>>>() else { continue };
                let out = out.get_or_insert_with(|| traces[1].clone());
                for (start, numbers) in other {
                    out.values[start..start + numbers.len()].copy_from_slice(&numbers);
                }
                *counts.entry((*name).to_owned()).or_default() += 1;
            }
        }
    }
    Some((out?, counts))
}
