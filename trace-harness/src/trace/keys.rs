//! The keys of two traces in one table, with what the schema knows of each.
//!
//! A trace can have a million keys that no schema knows; each costs a name and two numbers. Not here: values.

use std::collections::{HashMap, HashSet};

use crate::trace::log::{Strings, TraceLog, level};
use crate::trace::schema::expression::{self, Expr};
use crate::trace::schema::{Key, KeyKind, NotANumber, Schema, Shape, carried};

use crate::trace::diff::tolerance::{Distance, KeyTolerance, Tolerances};

/// Keys by number: those of the schema first, in its order, then the others as they come.
#[derive(Debug)]
pub struct Keys<'s> {
    /// The schema's keys.
    known: &'s [Key],
    /// What is known of any other key.
    unknown: Key,
    /// Names of all.
    names: Vec<&'s str>,
    /// Names of the first trace, by which keys that are not the schema's are found, and of the second one.
    strings: [&'s Strings; 2],
    /// Keys each of the schema's keys is computed from.
    inputs: Vec<Vec<usize>>,
    /// Keys whose value in the record before each of the schema's keys is computed from.
    carried: Vec<Vec<usize>>,
    /// Keys computed from each of the schema's keys.
    dependents: Vec<Vec<usize>>,
    /// Keys that the program is run for.
    results: Vec<usize>,
    laws: Vec<Option<Expr>>,
    fixed: Vec<bool>,
    periods: Vec<Option<f64>>,
    /// Keys that say how a record ended, and whether a record without them says so too.
    outcomes: HashMap<usize, bool>,
    /// What NaN comes to, for keys that say nothing of their own.
    nan: NotANumber,
    /// Keys that name records, where a trace has records.
    record: HashSet<usize>,
    tolerances: Vec<KeyTolerance>,
    /// The tolerance of any other key, but for those that the user gave one of their own.
    tolerance_of_others: KeyTolerance,
    wished: HashMap<usize, KeyTolerance>,
    of_name: [Vec<u32>; 2],
}

impl<'s> Keys<'s> {
    /// The table for two traces; `single` says that one of them was computed in single precision.
    pub fn new(schema: &'s Schema, traces: [&'s TraceLog; 2], tolerances: &Tolerances, single: bool) -> Self {
        let known = &schema.keys[..];
        let mut names: Vec<&str> = known.iter().map(|k| k.name.as_str()).collect();
        let position: HashMap<&str, usize> = names.iter().enumerate().map(|(n, name)| (*name, n)).collect();
        let mut of_name: [Vec<u32>; 2] = [Vec::new(), Vec::new()];
        for (side, trace) in traces.into_iter().enumerate() {
            for (n, name) in trace.names.all().enumerate() {
                // Traces of the same keys have them in the same order more often than not.
                let first = traces[0].names.get(n as u32);
                let in_first = || match side {
                    0 => None,
                    // Beyond the first trace's keys there is the empty string, which may be a key as well.
                    _ if n < of_name[0].len() && first == name => Some(n),
                    _ => traces[0].names.find(name).map(|n| n as usize),
                };
                let known = in_first().map(|n| of_name[0][n]);
                let key = known.or_else(|| position.get(name).map(|key| *key as u32)).unwrap_or_else(|| {
                    names.push(name);
                    names.len() as u32 - 1
                });
                of_name[side].push(key);
            }
        }
        let grouped = traces.iter().any(|trace| !trace.records.is_empty());
        let names_record = |(_, name): &(usize, &&str)| level(&schema.record, name).is_some();
        let record: HashSet<usize> = match grouped {
            true => names.iter().enumerate().filter(names_record).map(|(n, _)| n).collect(),
            false => HashSet::new(),
        };
        let inputs: Vec<Vec<usize>> = known
            .iter()
            .map(|k| k.inputs.iter().filter_map(|i| position.get(i.as_str()).copied()).collect())
            .collect();
        let carried_input =
            |i: &String| position.get(carried(i).filter(|_| !position.contains_key(i.as_str()))?).copied();
        let carried_inputs =
            known.iter().map(|k| k.inputs.iter().filter_map(carried_input).collect()).collect();
        let mut dependents = vec![Vec::new(); known.len()];
        for (key, inputs) in inputs.iter().enumerate() {
            inputs.iter().for_each(|i| dependents[*i].push(key));
        }
        let labels = traces.map(|t| t.label.clone());
        let fixed = |k: &Key| labels[0] != labels[1] && k.fixed_in.iter().any(|l| labels.contains(l));
        let of = |k: &Key| tolerances.of(&k.name, k.kind, single);
        let wished = names[known.len()..].iter().enumerate().filter(|(_, name)| tolerances.has(name));
        let wished =
            wished.map(|(n, name)| (known.len() + n, tolerances.of(name, KeyKind::default(), single)));
        let mut keys = Self {
            inputs,
            carried: carried_inputs,
            dependents,
            results: (0..known.len()).filter(|k| known[*k].result).collect(),
            laws: known.iter().map(|k| k.law.as_ref().and_then(|law| expression::parse(law).ok())).collect(),
            record,
            periods: known.iter().map(Key::period_as_number).collect(),
            outcomes: HashMap::new(),
            nan: schema.nan.unwrap_or_default(),
            fixed: known.iter().map(fixed).collect(),
            tolerances: known.iter().map(of).collect(),
            tolerance_of_others: tolerances.of("", KeyKind::default(), single),
            wished: wished.collect(),
            known,
            unknown: Key::default(),
            names,
            strings: traces.map(|t| &t.names),
            of_name,
        };
        let outcomes = schema.outcomes.iter();
        keys.outcomes = outcomes.filter_map(|o| Some((keys.find(&o.key)?, o.absent.is_some()))).collect();
        keys
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// How many are the schema's. The others are computed from nothing, and nothing is computed from them.
    pub fn known(&self) -> usize {
        self.known.len()
    }

    /// What the schema knows of a key: nothing but defaults for those that it does not have.
    pub fn about(&self, key: usize) -> &Key {
        self.known.get(key).unwrap_or(&self.unknown)
    }

    /// The name of a key.
    pub fn name(&self, key: usize) -> &str {
        self.names[key]
    }

    /// Keys that `key` is computed from.
    pub fn inputs(&self, key: usize) -> &[usize] {
        self.inputs.get(key).map_or(&[], Vec::as_slice)
    }

    /// Keys whose value in the record before `key` is computed from.
    pub fn carried(&self, key: usize) -> &[usize] {
        self.carried.get(key).map_or(&[], Vec::as_slice)
    }

    /// Keys computed from `key`.
    pub fn dependents(&self, key: usize) -> &[usize] {
        self.dependents.get(key).map_or(&[], Vec::as_slice)
    }

    /// Keys that the program is run for.
    pub fn results(&self) -> &[usize] {
        &self.results
    }

    /// The law of a key.
    pub fn law(&self, key: usize) -> Option<&Expr> {
        self.laws.get(key)?.as_ref()
    }

    /// Whether a key is not compared, because one side prints fixed text.
    pub fn is_fixed(&self, key: usize) -> bool {
        self.fixed.get(key) == Some(&true)
    }

    /// The period of a key.
    pub fn period(&self, key: usize) -> Option<f64> {
        self.periods.get(key).copied().flatten()
    }

    /// Whether a key says how a record ended, and if so whether a record without it says so, too.
    pub fn outcome(&self, key: usize) -> Option<bool> {
        self.outcomes.get(&key).copied()
    }

    /// What NaN comes to.
    pub fn nan(&self, key: usize) -> NotANumber {
        self.about(key).nan.unwrap_or(self.nan)
    }

    /// How far two values of a key are apart, and whether they agree.
    pub fn compare(&self, key: usize, a: &[f64], b: &[f64]) -> (Distance, bool) {
        let tolerance = self.tolerance(key);
        match self.period(key) {
            Some(period) => tolerance.compare_turns(a, b, period),
            None if self.about(key).shape == Shape::Text => tolerance.compare_each(a, b),
            None => tolerance.compare(a, b),
        }
    }

    /// Whether a key names records: two records that meet have it in common, or one of them did not say it again.
    pub fn names_record(&self, key: usize) -> bool {
        self.record.contains(&key)
    }

    /// Whether a key's values have to be the same: no tolerance, and no period.
    pub fn is_exact(&self, key: usize) -> bool {
        self.tolerance(key).is_exact() && self.period(key).is_none()
    }

    /// The tolerance of a key.
    pub fn tolerance(&self, key: usize) -> KeyTolerance {
        let own = self.tolerances.get(key).or_else(|| self.wished.get(&key));
        own.copied().unwrap_or(self.tolerance_of_others)
    }

    /// The key that a name of a trace stands for.
    pub fn of_name(&self, side: usize, name: u32) -> usize {
        self.of_name[side][name as usize] as usize
    }

    /// The number of the key with this name.
    pub fn find(&self, name: &str) -> Option<usize> {
        let in_trace = |side: usize| self.strings[side].find(name).map(|n| self.of_name(side, n));
        self.known.iter().position(|k| k.name == name).or_else(|| in_trace(0)).or_else(|| in_trace(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::log::read_bytes;
    use std::path::Path;

    #[test]
    fn keys_of_traces_of_unlike_length_are_matched_by_name() {
        let schema = Schema::built_in().expect("the embedded schema");
        let read = |text: &str| read_bytes(text.as_bytes(), Path::new("trace")).expect("a trace");
        let trace =
            |keys: &[&str]| read(&keys.iter().map(|k| format!("TRACE_C: {k} 1\n")).collect::<String>());
        let all = [&[][..], &["a"], &["b", "a"], &["a", "b", "c"]].map(trace);
        for a in &all {
            for b in &all {
                let keys = Keys::new(&schema, [a, b], &Tolerances::default(), false);
                for name in b.names.all() {
                    let [of_a, of_b] = [a, b].map(|t| t.names.find(name).map(|n| n as usize));
                    let place = |side: usize, n: Option<usize>| n.map(|n| keys.of_name[side][n]);
                    let (a, b) = (place(0, of_a), place(1, of_b));
                    assert!(a.is_none() || a == b, "{name}");
                }
            }
        }
    }
}
