//! Traces: whatever is read can be compared with itself and audited, and every number is counted once.

#![no_main]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use trace_harness::evidence::verdict::Verdict;
use trace_harness::trace::audit::audit;
use trace_harness::trace::diff::compare::{Settings, compare};
use trace_harness::trace::diff::report;
use trace_harness::trace::log::read_bytes;
use trace_harness::trace::schema::Schema;

static SCHEMA: LazyLock<Schema> = LazyLock::new(|| Schema::built_in().expect("the embedded schema"));

fuzz_target!(|data: &[u8]| {
    let Ok(mut trace) = read_bytes(data, Path::new("trace")) else { return };
    trace.apply(&SCHEMA);
    let numbers: usize =
        (0..trace.lines.len()).flat_map(|line| trace.items(line)).map(|item| item.numbers.len()).sum();
    assert_eq!(numbers, trace.values.len());
    let lines: usize = trace.segments.iter().map(|s| s.lines.len()).sum();
    assert_eq!(lines, trace.lines.len());
    let same = compare(&SCHEMA, [&trace, &trace], &Settings::default());
    assert!(same.first_divergence.is_none(), "{:?}", same.first_divergence);
    // Stars are not known to be the same as themselves.
    let unprintable = same.keys.iter().any(|key| key.unprintable > 0);
    assert_eq!(same.verdict == Verdict::Undecided, same.compared == 0 || unprintable);
    let _ = report::markdown(&same);
    let _ = audit(&SCHEMA, &trace, &BTreeMap::new());
});
