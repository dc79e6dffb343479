//! Two traces in one input, apart by a zero byte: the comparison ends, and what it names was compared.

#![no_main]

use std::path::Path;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use trace_harness::evidence::verdict::Verdict;
use trace_harness::trace::diff::compare::{Settings, compare};
use trace_harness::trace::diff::{page, report, unified};
use trace_harness::trace::log::read_bytes;
use trace_harness::trace::schema::Schema;

static SCHEMA: LazyLock<Schema> = LazyLock::new(|| Schema::built_in().expect("the embedded schema"));

fuzz_target!(|data: &[u8]| {
    let Some(cut) = data.iter().position(|b| *b == 0) else { return };
    let read = |bytes: &[u8]| read_bytes(bytes, Path::new("trace")).ok();
    let (Some(a), Some(b)) = (read(&data[..cut]), read(&data[cut + 1..])) else { return };
    let c = compare(&SCHEMA, [&a, &b], &Settings::default());
    let differing: Vec<&str> = c.keys.iter().filter(|r| r.differing > 0).map(|r| r.key.as_str()).collect();
    for cause in c.root_causes.iter().chain(&c.trace_only) {
        assert!(differing.contains(&cause.key.as_str()), "{}", cause.key);
    }
    assert!(c.verdict != Verdict::Pass || differing.is_empty());
    let _ = (report::markdown(&c), page::render(&c, &unified::text([&a, &b])));
});
