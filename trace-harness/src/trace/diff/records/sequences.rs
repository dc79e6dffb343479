//! Sequences of records, each of which follows from the one before it: where the two traces part in each, and how rounding grew up to there.
//!
//! What comes after the first split of a sequence follows from it and is not compared. Not here: comparing a record (`segment`).

use std::collections::HashMap;

use crate::trace::cause::root_cause::Causes;
use crate::trace::diff::segment::SegmentDifferences;
use crate::trace::diff::{Difference, Growth, Scope, SequenceRow, Sequences};
use crate::trace::keys::Keys;

/// Sequences that are listed; the others are counted.
const MOST: usize = 1000;

/// What is known of the sequences while records are compared.
#[derive(Debug, Default)]
pub(crate) struct SequenceComparison<'t> {
    rows: Vec<SequenceRow>,
    places: HashMap<&'t str, usize>,
    after: usize,
}

impl<'t> SequenceComparison<'t> {
    /// Whether the sequence has parted before this record, which is counted.
    pub(crate) fn is_over(&mut self, sequence: &'t str) -> bool {
        let row = self.row(sequence);
        let over = row.split.is_some();
        row.after += usize::from(over);
        self.after += usize::from(over);
        over
    }

    /// Enters a record that both traces have.
    pub(crate) fn add(
        &mut self,
        sequence: &'t str,
        scope: Scope<'t>,
        keys: &Keys<'_>,
        evidence: &SegmentDifferences<'t>,
        causes: &Causes,
    ) {
        let row = self.row(sequence);
        row.records += 1;
        if let Some((ulp, key)) = evidence.largest
            && (evidence.split.is_some() || row.growth.last().is_none_or(|last| ulp / 2 >= last.ulp))
        {
            let record = scope.record.unwrap_or_default().to_owned();
            row.growth.push(Growth { record, key: keys.name(key).to_owned(), ulp });
        }
        if let Some(split) = &evidence.split {
            row.split = Some(Difference::clone(split));
            let causes = causes.roots.iter().chain(&causes.trace_only);
            row.root_causes = causes.map(|finding| keys.name(finding.key).to_owned()).collect();
        }
    }

    /// Enters a record at which the sequence parts as a whole.
    pub(crate) fn part(&mut self, sequence: &'t str, split: &Difference) {
        let row = self.row(sequence);
        row.records += 1;
        row.split = Some(split.clone());
        row.root_causes = vec![split.key.clone()];
    }

    /// Enters a record that the trace `missing` lacks.
    pub(crate) fn lack(&mut self, sequence: &'t str, missing: usize) {
        self.row(sequence).missing[missing] += 1;
    }

    fn row(&mut self, sequence: &'t str) -> &mut SequenceRow {
        let new = self.rows.len();
        let place = *self.places.entry(sequence).or_insert(new);
        if place == new {
            self.rows.push(SequenceRow { name: sequence.to_owned(), ..SequenceRow::default() });
        }
        &mut self.rows[place]
    }

    /// What became of all of them.
    pub(crate) fn finish(self) -> Sequences {
        let count = self.rows.len();
        let differs = |row: &SequenceRow| row.split.is_some() || row.missing != [0; 2];
        let differing: Vec<SequenceRow> = self.rows.into_iter().filter(differs).collect();
        let number = differing.len();
        let rows = differing.into_iter().take(MOST).collect();
        Sequences { count, differing: number, after: self.after, rows }
    }
}
