//! Commands that run given tests again.
//!
//! Not here: running them.

use std::collections::BTreeMap;

use crate::evidence::bundle::documents::commands::quote;
use crate::triage::record::{Test, TestFramework};

/// Most tests that a command names; more would not fit on a line that anyone reads.
const MOST: usize = 40;

/// A command that runs `tests` of a runner of `kind`, as a shell takes it.
pub fn command(kind: TestFramework, tests: &[&Test]) -> String {
    let shown = &tests[..tests.len().min(MOST)];
    let text = match kind {
        TestFramework::Pytest => format!("pytest {}", names(shown)),
        TestFramework::Other => {
            format!("# the results do not name their runner; run again: {}", names(shown))
        }
        TestFramework::Nextest => format!("cargo nextest run -E {}", quote(&nextest(shown))),
        TestFramework::CargoTest => cargo(shown),
    };
    match tests.len() - shown.len() {
        0 => text,
        more => format!("{text}  # and {more} more"),
    }
}

/// The names of `tests`, quoted.
pub fn names(tests: &[&Test]) -> String {
    tests.iter().map(|t| quote(&t.name)).collect::<Vec<_>>().join(" ")
}

fn nextest(tests: &[&Test]) -> String {
    let one = |t: &&Test| format!("binary_id(={}) & test(={})", t.group, t.name);
    match tests {
        [test] => one(test),
        _ => tests.iter().map(|t| format!("({})", one(t))).collect::<Vec<_>>().join(" | "),
    }
}

/// One command per test binary: `cargo test` runs only one with names given.
fn cargo(tests: &[&Test]) -> String {
    let mut binaries: BTreeMap<&str, Vec<&Test>> = BTreeMap::new();
    for test in tests {
        binaries.entry(&test.group).or_default().push(test);
    }
    let one = |(flag, tests): (&&str, &Vec<&Test>)| format!("cargo test {flag} -- --exact {}", names(tests));
    binaries.iter().map(one).collect::<Vec<_>>().join(" && ")
}
