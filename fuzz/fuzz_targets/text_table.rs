//! Tables of text under rules of any kind: whatever is read agrees with itself or decides nothing, and says so in a sentence.

#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use nb_compare::table::{compare::compare, parse, rules::Rules, words};
use trace_harness::evidence::verdict::Verdict;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let (head, body) = text.split_once("\n---\n").unwrap_or(("", &text));
    let Ok(rules) = Rules::parse(head) else { return };
    let Ok(table) = parse(Path::new("table"), body, &rules) else { return };
    let Ok(same) = compare(&table, &table, &rules) else { return };
    assert!(same.is_same_shape());
    assert!(!words::sentence(&same).is_empty());
    let nan_fails = head.contains("fail");
    assert!(nan_fails || same.verdict != Verdict::Fail, "a table differs from itself");
});
