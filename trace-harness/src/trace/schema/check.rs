//! What has to be true of a schema before it is used.
//!
//! Not here: reading it.

use std::collections::{HashMap, HashSet};

use crate::trace::schema::{Key, Schema, SchemaProblem, carried, expression};

/// Deepest nesting of records; more is a mistake.
const MOST_RECORD_KEYS: usize = 16;

impl Key {
    /// Its period; `None` where it has none, or one that is not above 0.
    pub fn period_as_number(&self) -> Option<f64> {
        let period = expression::parse(self.period.as_ref()?).ok()?;
        match expression::evaluate(&period, &expression::Nothing).ok()?.numbers[..] {
            [period] if period.is_finite() && period > 0.0 => Some(period),
            _ => None,
        }
    }
}

impl Schema {
    /// Names are unique, inputs exist, nothing depends on itself, and laws can be read.
    pub(super) fn check(&self) -> Result<(), SchemaProblem> {
        for (n, name) in self.record.iter().enumerate() {
            if name.is_empty() || name.contains(char::is_whitespace) {
                return Err(SchemaProblem::Name { name: name.clone() });
            }
            if self.record[..n].contains(name) {
                return Err(SchemaProblem::RecordTwice { name: name.clone() });
            }
        }
        if self.record.len() > MOST_RECORD_KEYS {
            return Err(SchemaProblem::RecordKeys { found: self.record.len(), most: MOST_RECORD_KEYS });
        }
        let not_named = self.sequence.iter().flatten().find(|name| !self.record.contains(name));
        if let Some(name) = not_named {
            return Err(SchemaProblem::Sequence { name: name.clone() });
        }
        let mut position = HashMap::new();
        for (n, key) in self.keys.iter().enumerate() {
            if key.name.is_empty() || key.name.contains(char::is_whitespace) {
                return Err(SchemaProblem::Name { name: key.name.clone() });
            }
            if position.insert(key.name.as_str(), n).is_some() {
                return Err(SchemaProblem::Twice { name: key.name.clone() });
            }
        }
        for key in &self.keys {
            let is_key = |name: &str| position.contains_key(name);
            let unknown = |i: &&String| !is_key(i) && !carried(i).is_some_and(is_key);
            if let Some(input) = key.inputs.iter().find(unknown) {
                return Err(SchemaProblem::Input { key: key.name.clone(), input: input.clone() });
            }
            for text in key.law.iter().chain(&key.when).chain(&key.otherwise) {
                expression::parse(text)
                    .map_err(|problem| SchemaProblem::Law { key: key.name.clone(), problem })?;
            }
        }
        let no_period = |key: &&Key| key.period.is_some() && key.period_as_number().is_none();
        if let Some(key) = self.keys.iter().find(no_period) {
            let period = key.period.clone().unwrap_or_default();
            return Err(SchemaProblem::Period { key: key.name.clone(), period });
        }
        for outcome in &self.outcomes {
            let wrong = |problem| SchemaProblem::Outcome { key: outcome.key.clone(), problem };
            let known = |name: &String| {
                outcome.categories.contains_key(name) || outcome.absent.as_ref() == Some(name)
            };
            if let Some(name) = outcome.refusals.iter().find(|name| !known(name)) {
                return Err(wrong(format!("category `{name}` has no words")));
            }
            let mut seen = HashSet::new();
            if let Some(words) = outcome.categories.values().flatten().find(|words| !seen.insert(*words)) {
                return Err(wrong(format!("`{words}` stands in two categories")));
            }
        }
        for rule in &self.equivalences {
            let readable = rule.same.iter().all(|text| expression::parse(text).is_ok());
            if !readable || rule.keys.is_empty() || rule.keys.len() != rule.same.len() {
                return Err(SchemaProblem::Equivalence { name: rule.name.clone() });
            }
        }
        for rule in &self.rules {
            let has_room = rule.within != 0.0;
            if has_room && rule.relation.is_strict() || !(rule.within >= 0.0 && rule.within.is_finite()) {
                return Err(SchemaProblem::Within {
                    rule: rule.name.clone(),
                    relation: rule.relation.sign(),
                });
            }
            for text in [&rule.left, &rule.right].into_iter().chain(&rule.when) {
                expression::parse(text)
                    .map_err(|problem| SchemaProblem::Rule { rule: rule.name.clone(), problem })?;
            }
        }
        self.check_cycles(&position)
    }

    fn check_cycles(&self, position: &HashMap<&str, usize>) -> Result<(), SchemaProblem> {
        // 0 not seen, 1 on the path, 2 done. The stack holds a key and how many of its inputs are done.
        let mut mark = vec![0_u8; self.keys.len()];
        for start in 0..self.keys.len() {
            let mut stack = vec![(start, 0)];
            while let Some((key, seen_inputs)) = stack.pop() {
                if mark[key] == 2 {
                    continue;
                }
                mark[key] = 1;
                let Some(input) = self.keys[key].inputs.get(seen_inputs) else {
                    mark[key] = 2;
                    continue;
                };
                // What comes from the record before closes no circle.
                let Some(input) = position.get(input.as_str()) else {
                    stack.push((key, seen_inputs + 1));
                    continue;
                };
                if mark[*input] == 1 {
                    return Err(SchemaProblem::Circle { key: self.keys[*input].name.clone() });
                }
                stack.push((key, seen_inputs + 1));
                stack.push((*input, 0));
            }
        }
        Ok(())
    }
}
