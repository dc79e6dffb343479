//! Logs of pytest and `cargo test`: whatever is read can be sorted out, each failure is in exactly one cluster, and
//! nothing that a test says becomes markup.

#![no_main]

use libfuzzer_sys::fuzz_target;
use trace_harness::triage::rules::Rules;
use trace_harness::triage::{Slowness, cargo_log, pages, pytest_log, triage};

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let Some(run) = pytest_log::read(&text).or_else(|| cargo_log::read(&text)) else { return };
    assert!(run.counts().tests > 0);
    let found =
        triage(&run, Some(&run), Some(&run), &Rules::default(), Slowness { timeout_s: None, count: 3 });
    let members: usize = found.clusters.iter().map(|c| c.tests.len()).sum();
    assert_eq!(members, found.failures.len());
    assert!(found.failures.iter().all(|f| found.clusters.iter().any(|c| c.id == f.cluster)));
    let delta = found.delta.as_ref().expect("a baseline was given");
    assert!(delta.new.is_empty() && delta.cleared.is_empty());
    let page = [pages::cluster_mapping(&found), pages::next_steps(&found)].concat();
    assert_eq!(page.lines().filter(|l| l.starts_with("# ")).count(), 2);
});
