//! Rules for clusters, gates and lists of cases in TOML: read, or refused with a reason.

#![no_main]

use std::path::PathBuf;

use libfuzzer_sys::fuzz_target;
use trace_harness::cases;
use trace_harness::gate::plan::Gate;
use trace_harness::triage::rules::Rules;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let refused = [
        Rules::parse(text).err().map(|e| e.to_string()),
        Gate::parse(text, PathBuf::new()).err().map(|e| e.to_string()),
        cases::check(text).err().map(|e| e.to_string()),
    ];
    for refused in refused {
        assert!(refused.is_none_or(|reason| !reason.is_empty()));
    }
});
