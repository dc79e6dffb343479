//! Adapters: refused with a reason, or the same one each time, whose files stay in the folders that they belong to.

#![no_main]

use std::collections::BTreeSet;
use std::path::{Component, Path};

use libfuzzer_sys::fuzz_target;
use nb_compare::adapter::{From, TraceSource, parse};

fuzz_target!(|text: &str| {
    let adapter = match parse(Path::new("adapter.toml"), text) {
        Ok(adapter) => adapter,
        Err(refused) => return assert!(!refused.to_string().is_empty()),
    };
    let again = parse(Path::new("adapter.toml"), text).expect("what was read is read again");
    // NaN, which TOML has, is not itself.
    assert_eq!(format!("{again:?}"), format!("{adapter:?}"));
    assert!(!adapter.title().is_empty() && !adapter.outputs.is_empty());
    assert!(adapter.sides.iter().all(|side| !side.label.is_empty() && !side.command.is_empty()));
    let names: BTreeSet<&str> = adapter.outputs.iter().map(|output| &*output.name).collect();
    assert_eq!(names.len(), adapter.outputs.len());
    let stays = |path: &Path| path.components().all(|part| matches!(part, Component::Normal(_)));
    for output in &adapter.outputs {
        assert!([0, 1].iter().all(|side| stays(Path::new(&output.stored(*side)))));
        assert!(!matches!(&output.from, From::File(path) if !stays(path)));
    }
    for side in adapter.trace.iter().flat_map(|trace| &trace.sides) {
        assert!(!matches!(&side.from, TraceSource::File(path) if !stays(path)));
    }
});
