//! How far the traces of a reference move by themselves: each of its other runs held against the unchanged one.
//!
//! What a reference does when the last digits of its inputs, its threads or its compiler change is no fault of a port that does the same.
//! Not here: running the reference, and what a comparison makes of its noise (`diff::noise`, `diff::tolerance`).

use std::collections::BTreeMap;

use crate::trace::diff::Comparison;
use crate::trace::diff::compare::{Settings, compare};
use crate::trace::diff::noise::{KeyNoise, NoiseError};
use crate::trace::diff::tolerance::Tolerances;
use crate::trace::log::TraceLog;
use crate::trace::schema::Schema;

/// The noise of each key while traces come in.
#[derive(Debug)]
pub struct Spread<'t> {
    schema: Schema,
    baseline: &'t TraceLog,
    keys: BTreeMap<String, KeyNoise>,
}

impl<'t> Spread<'t> {
    /// The noise around `baseline`, before any other run.
    pub fn of(schema: &Schema, baseline: &'t TraceLog) -> Self {
        // A sequence would be left where it first differs in a bit, and the noise of all that comes after it be lost.
        Self { schema: Schema { sequence: None, ..schema.clone() }, baseline, keys: BTreeMap::new() }
    }

    /// Takes in the trace of another run.
    ///
    /// # Errors
    /// It has other keys or records, or an array that cannot be compared.
    pub fn take(&mut self, run: &TraceLog) -> Result<(), NoiseError> {
        let tolerances = Tolerances { relative: Some(0.0), absolute: Some(0.0), ..Tolerances::default() };
        let settings = Settings { tolerances, ..Settings::default() };
        let found = compare(&self.schema, [self.baseline, run], &settings);
        if let Some(why) = otherwise(&found) {
            return Err(NoiseError::OtherKeys { path: run.path.clone(), why });
        }
        if let Some(fault) = found.unread.first() {
            return Err(NoiseError::Array(fault.clone()));
        }
        if found.keys.len() < found.counts.all {
            return Err(NoiseError::TooMany(found.counts.all, found.keys.len()));
        }
        for row in found.keys.iter().filter(|row| row.compared > 0 || row.unprintable > 0) {
            let noise = self.keys.entry(row.key.clone()).or_default();
            let largest = row.largest;
            // What differs, and not by a number: other words, another length, NaN or stars.
            let by_number = row.differing == 0 || largest.absolute > 0.0 && largest.absolute.is_finite();
            noise.undecided |= !by_number || row.unprintable > 0;
            noise.moved_by += usize::from(row.differing > 0);
            if by_number {
                noise.absolute = noise.absolute.max(largest.absolute);
                noise.relative = noise.relative.max(largest.relative);
            }
        }
        Ok(())
    }

    /// The noise of every key.
    pub fn done(self) -> BTreeMap<String, KeyNoise> {
        self.keys
    }
}

/// In what a run is otherwise than the unchanged one, but for values.
fn otherwise(found: &Comparison) -> Option<String> {
    let apart = found.different_pixels.is_some() || found.compared == 0;
    let incomplete =
        !(found.missing.is_empty() && found.missing_records.is_empty() && found.outcomes.is_empty());
    (apart || incomplete).then(|| found.reason.clone())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::trace::log::read_bytes;

    fn read(text: &str) -> TraceLog {
        read_bytes(text.as_bytes(), Path::new("t")).unwrap()
    }

    fn found(baseline: &str, runs: &[&str]) -> Result<BTreeMap<String, KeyNoise>, NoiseError> {
        let (schema, baseline) = (Schema::built_in().unwrap(), read(baseline));
        let mut spread = Spread::of(&schema, &baseline);
        runs.iter().try_for_each(|run| spread.take(&read(run)))?;
        Ok(spread.done())
    }

    #[test]
    fn a_key_moves_by_the_largest_difference_from_the_unchanged_run_wherever_it_stands() {
        let keys = found(
            "TRACE_C: x 8\nTRACE_C: x 100\nTRACE_C: y 3\n",
            &["TRACE_C: x 10\nTRACE_C: x 100\nTRACE_C: y 3\n", "TRACE_C: x 8\nTRACE_C: x 96\nTRACE_C: y 3\n"],
        )
        .unwrap();
        // 4 of 100, and 2 of 10: each bound by itself.
        assert_eq!(keys["x"], KeyNoise { absolute: 4.0, relative: 0.2, moved_by: 2, undecided: false });
        assert_eq!(keys["y"], KeyNoise::default());
    }

    #[test]
    fn what_is_no_number_or_in_other_words_in_some_runs_only_is_undecided() {
        let baseline = "TRACE_C: x 1\nTRACE_C: y nan\nTRACE_C: z 1 2\nTRACE_C: w on\n";
        let keys =
            found(baseline, &["TRACE_C: x nan\nTRACE_C: y nan\nTRACE_C: z 1\nTRACE_C: w off\n"]).unwrap();
        let undecided: Vec<&str> =
            keys.iter().filter(|(_, noise)| noise.undecided).map(|(key, _)| key.as_str()).collect();
        assert_eq!(undecided, ["w", "x", "z"]);
        assert_eq!(keys["y"], KeyNoise::default());
    }

    #[test]
    fn a_run_with_other_keys_or_records_is_a_mismatch() {
        use crate::evidence::failure::EndsCommand;
        for run in ["TRACE_C: x 1\n", "TRACE_C: y 1\nTRACE_C: x 1\nTRACE_C: x 1\n", "TRACE_C: q 1\n"] {
            let error = found("TRACE_C: x 1\nTRACE_C: y 1\n", &[run]).unwrap_err();
            assert_eq!(error.exit(), crate::evidence::exit::Exit::Mismatch, "{run}: {error}");
        }
    }
}
