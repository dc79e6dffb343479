//! Test results that are damaged or meant to do harm: refused, or read without harm.

use std::fs;
use std::path::{Path, PathBuf};

use trace_harness::triage::rules::Rules;
use trace_harness::triage::{Slowness, pages, source, triage};

const SLOWNESS: Slowness = Slowness { timeout_s: None, count: 3 };

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/triage").join(name)
}

/// Attempts at making a reader of results swallow what it should not.
#[test]
fn hostile_results_are_refused_or_harmless() {
    let nested = "<a>".repeat(10_000);
    let bomb = "<!DOCTYPE x [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]><testsuites><testsuite name='pytest'>\
                <testcase name='&b;' classname='t'><failure message='m'>&b;&unknown;</failure></testcase></testsuite></testsuites>";
    for text in ["", "<", "<testsuites/>", "<testsuites><testcase", &nested, "\u{0}\u{1}", "plain text"] {
        assert!(source::parse(text).is_err(), "{:?}", &text[..text.len().min(20)]);
    }
    let run = source::parse(bomb).unwrap();
    assert!(run.tests[0].name.ends_with("::&b;") && run.tests[0].detail.is_empty(), "{:?}", run.tests);
    let long = format!(
        "<testsuite><testcase name='x'><failure>{}</failure></testcase></testsuite>",
        "y".repeat(1 << 20)
    );
    assert!(source::parse(&long).unwrap().tests[0].detail.len() <= 16 << 10);
}

/// Real results with bytes changed, cut out and repeated, each time in another way: read or refused, and what is read can be
/// sorted out.
#[test]
fn damaged_results_are_read_or_refused() {
    let mut state = 1_u64;
    let mut random = move |below: usize| {
        // Knuth's generator; its upper bits are good enough to choose places.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below.max(1)
    };
    let (mut read, mut refused) = (0, 0);
    for name in [
        "nextest_suite.xml",
        "pytest_isolated.xml",
        "pytest_baseline.log",
        "cargo_suite.log",
        "pytest_reruns.log",
    ] {
        let whole = fs::read(data(name)).unwrap();
        for _ in 0..200 {
            let mut bytes = whole.clone();
            for _ in 0..=random(4) {
                let (from, to) = (random(bytes.len()), random(bytes.len()));
                match random(4) {
                    0 => bytes[from] = random(256) as u8,
                    1 => bytes.truncate(from.max(1)),
                    2 => drop(bytes.drain(from.min(to)..from.max(to).min(from.min(to) + 40))),
                    _ => {
                        let piece = bytes[from..bytes.len().min(from + 60)].to_vec();
                        bytes.splice(to..to, piece);
                    }
                }
            }
            let Ok(run) = source::parse(&String::from_utf8_lossy(&bytes)) else {
                refused += 1;
                continue;
            };
            read += 1;
            let found = triage(&run, Some(&run), Some(&run), &Rules::default(), SLOWNESS);
            let members: usize = found.clusters.iter().map(|c| c.tests.len()).sum();
            assert_eq!(members, found.failures.len(), "{name}");
            assert!(found.delta.unwrap().new.is_empty(), "{name}");
        }
    }
    assert!(
        read > 100 && refused > 100,
        "{read} read, {refused} refused: the damage is too large or too small"
    );
}

#[test]
fn nothing_that_a_test_says_becomes_markup() {
    let evil = "</td><script>alert(1)</script>|`x`\n# head";
    let xml = format!(
        "<testsuite name='pytest'><testcase classname='t' name='x`|y'><failure message='{}'/></testcase></testsuite>",
        evil.replace('<', "&lt;").replace('\n', "&#10;")
    );
    let found = triage(&source::parse(&xml).unwrap(), None, None, &Rules::default(), SLOWNESS);
    let texts = [
        pages::summary(&found),
        pages::cluster_mapping(&found),
        pages::tracker_update(&found),
        pages::next_steps(&found),
    ];
    for text in texts {
        assert!(!text.contains("<script") && !text.contains("\n# head"), "{text}");
    }
}
