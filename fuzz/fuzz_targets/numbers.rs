//! Numbers of other programs: every text is read, what is read has a number for every `#`, and no digits become infinite.

#![no_main]

use libfuzzer_sys::fuzz_target;
use trace_harness::numbers::{number, split};

fuzz_target!(|text: &str| {
    if let Some(x) = number(text) {
        assert!(!x.is_infinite() || text.to_ascii_lowercase().contains("inf"), "{text}");
    }
    let (mut numbers, mut words) = (vec![7.0], String::new());
    split(text, &mut numbers, &mut words);
    assert_eq!(numbers[0], 7.0);
    let marks = words.matches('#').count();
    assert!(words.is_empty() || marks >= numbers.len() - 1, "{text}");
});
