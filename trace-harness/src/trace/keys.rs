//! The keys of two traces in one table, with what the schema knows of each.
//!
//! Not here: values.

use crate::trace::log::TraceLog;
use crate::trace::schema::expression::{self, Expr};
use crate::trace::schema::{Key, Schema};

use crate::trace::diff::tolerance::{Tolerance, Tolerances};

/// Keys by number: those of the schema first, in its order, then the others as they come.
#[derive(Debug)]
pub struct Keys<'s> {
    /// The keys; those unknown to the schema have a name and nothing else.
    pub keys: Vec<std::borrow::Cow<'s, Key>>,
    /// How many are the schema's.
    pub known: usize,
    /// Keys each is computed from.
    pub inputs: Vec<Vec<usize>>,
    /// Keys computed from each.
    pub dependents: Vec<Vec<usize>>,
    /// Tolerances.
    pub tolerances: Vec<Tolerance>,
    /// Laws.
    pub laws: Vec<Option<Expr>>,
    /// Keys that are not compared: one side prints fixed text.
    pub fixed: Vec<bool>,
    /// From the names of each trace to keys.
    pub of_name: [Vec<usize>; 2],
}

impl<'s> Keys<'s> {
    /// The table for two traces; `single` says that one of them was computed in single precision.
    pub fn new(schema: &'s Schema, traces: [&TraceLog; 2], tolerances: &Tolerances, single: bool) -> Self {
        let mut keys: Vec<std::borrow::Cow<'s, Key>> =
            schema.keys.iter().map(std::borrow::Cow::Borrowed).collect();
        let known = keys.len();
        let mut position: std::collections::HashMap<String, usize> =
            keys.iter().enumerate().map(|(n, k)| (k.name.clone(), n)).collect();
        let of_name = traces.map(|trace| {
            let number = |name: &String| {
                *position.entry(name.clone()).or_insert_with(|| {
                    keys.push(std::borrow::Cow::Owned(Key { name: name.clone(), ..Key::default() }));
                    keys.len() - 1
                })
            };
            trace.names.all().iter().map(number).collect()
        });
        let inputs: Vec<Vec<usize>> =
            keys.iter().map(|k| k.inputs.iter().filter_map(|i| position.get(i).copied()).collect()).collect();
        let mut dependents = vec![Vec::new(); keys.len()];
        for (key, inputs) in inputs.iter().enumerate() {
            inputs.iter().for_each(|i| dependents[*i].push(key));
        }
        let labels = traces.map(|t| t.label.clone());
        Self {
            known,
            inputs,
            dependents,
            tolerances: keys.iter().map(|k| tolerances.of(&k.name, k.kind, single)).collect(),
            laws: keys.iter().map(|k| k.law.as_ref().and_then(|law| expression::parse(law).ok())).collect(),
            fixed: keys
                .iter()
                .map(|k| labels[0] != labels[1] && k.fixed_in.iter().any(|l| labels.contains(l)))
                .collect(),
            keys,
            of_name,
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The name of a key.
    pub fn name(&self, key: usize) -> &str {
        &self.keys[key].name
    }

    /// The number of the key with this name.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.keys.iter().position(|k| k.name == name)
    }
}
