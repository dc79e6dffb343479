//! How records ended, by categories that both programs share: where one refuses what the other answers.
//!
//! A record that ends otherwise in the other trace has nothing else worth comparing. Not here: the categories (`schema`).

use std::collections::HashMap;

use crate::trace::diff::tolerance::Distance;
use crate::trace::diff::{Difference, OutcomeRow, Scope};
use crate::trace::log::{NONE, TraceLog};
use crate::trace::schema::{OutcomeRule, Schema};

/// What a record says of its end.
#[derive(Debug, Clone)]
struct RecordEnd {
    category: String,
    words: String,
    line: Option<u32>,
}

/// The outcomes of all records.
#[derive(Debug)]
pub(crate) struct Outcomes<'s> {
    rules: &'s [OutcomeRule],
    rows: Vec<OutcomeRow>,
    places: HashMap<(usize, String, String), usize>,
}

impl<'s> Outcomes<'s> {
    /// No records yet.
    pub(crate) fn new(schema: &'s Schema) -> Self {
        Self { rules: &schema.outcomes, rows: Vec::new(), places: HashMap::new() }
    }

    /// The difference of how the two segments ended, which is counted; nothing where they ended alike or do not say.
    pub(crate) fn differ(
        &mut self,
        traces: [&TraceLog; 2],
        pair: [usize; 2],
        scope: Scope<'_>,
    ) -> Option<Difference> {
        for (number, rule) in self.rules.iter().enumerate() {
            let [Some(a), Some(b)] = [0, 1].map(|side| end(rule, traces[side], pair[side])) else { continue };
            if a.category == b.category {
                continue;
            }
            let place = scope.place([NONE; 3], [a.line, b.line]);
            let new = self.rows.len();
            let categories = (number, a.category.clone(), b.category.clone());
            let row = *self.places.entry(categories).or_insert(new);
            if row == new {
                let refuses = [&a, &b].map(|end| rule.refusals.contains(&end.category));
                self.rows.push(OutcomeRow {
                    key: rule.key.clone(),
                    categories: [a.category, b.category],
                    refuses: match refuses {
                        [true, false] => Some('A'),
                        [false, true] => Some('B'),
                        _ => None,
                    },
                    count: 0,
                    first: place.clone(),
                    words: [a.words.clone(), b.words.clone()],
                });
            }
            self.rows[row].count += 1;
            return Some(Difference {
                key: rule.key.clone(),
                place,
                values: [Vec::new(), Vec::new()],
                words: Some([a.words, b.words]),
                elements: None,
                distance: Distance::default(),
            });
        }
        None
    }

    /// What was counted: refusals of one side alone first.
    pub(crate) fn finish(mut self) -> Vec<OutcomeRow> {
        self.rows.sort_by_key(|row| row.refuses.is_none());
        self.rows
    }
}

/// How a segment ended; `None` where it does not say and the schema does not, either.
fn end(rule: &OutcomeRule, trace: &TraceLog, segment: usize) -> Option<RecordEnd> {
    let key = trace.names.find(&rule.key);
    let mut items = trace.segments[segment].lines.clone().flat_map(|line| trace.items(line));
    match items.find(|item| Some(item.key) == key) {
        Some(item) => {
            let words = trace.value_in_words(&item);
            let category = rule.category(&words).to_owned();
            Some(RecordEnd { category, words, line: Some(item.line.number) })
        }
        None => {
            let category = rule.absent.clone()?;
            Some(RecordEnd { words: format!("(no {})", rule.key), category, line: None })
        }
    }
}
