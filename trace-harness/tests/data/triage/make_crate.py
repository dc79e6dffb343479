"""Writes a throw-away crate into a folder, whose tests fail in every way that nextest and libtest can tell.

Not here: running it (see README.md).
"""

import sys
from pathlib import Path

FILES = {
    "Cargo.toml": """[package]
name = "throwaway"
version = "0.1.0"
edition = "2024"

[workspace]
""",
    ".config/nextest.toml": """[profile.default]
retries = 1
slow-timeout = { period = "1s", terminate-after = 2 }
fail-fast = false

[profile.default.junit]
path = "junit.xml"
""",
    "src/lib.rs": """#[cfg(test)]
mod tests {
    #[test]
    fn squares() {
        assert_eq!(2.0 * 2.0, 4.0);
    }

    #[test]
    fn cubes_are_wrong() {
        assert_eq!(2.0 * 2.0, 8.0, "at distance_mm {}", 100);
    }

    #[test]
    #[ignore = "needs a reference program"]
    fn live() {}

    #[test]
    #[should_panic(expected = "boom")]
    fn panics() {
        panic!("bang <&> 'x'")
    }
}
""",
    "tests/files.rs": """use std::fs;
use std::path::Path;
use std::time::Duration;

fn is_careful() -> bool {
    std::env::var_os("CAREFUL").is_some()
}

#[test]
fn reads_inputs() {
    fs::read_to_string("no/such/file.txt").unwrap();
}

#[test]
fn reads_other_inputs() {
    fs::read_to_string("no/such/other_17.txt").unwrap();
}

#[test]
fn result_error() -> Result<(), String> {
    Err("sum ratio 126451.3, expected 1".into())
}

#[test]
fn variable() {
    assert_eq!(std::env::var("NB_DTYPE").as_deref().unwrap_or("f64"), "f64");
}

#[test]
fn flaky() {
    let mark = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mark");
    if !mark.exists() {
        fs::write(&mark, "").unwrap();
        panic!("the first attempt fails");
    }
}

#[test]
fn hangs() {
    if !is_careful() {
        std::thread::sleep(Duration::from_secs(60));
    }
}

#[test]
fn prints() {
    println!("test prints ... FAILED");
}

#[test]
fn aborts() {
    if !is_careful() {
        std::process::abort()
    }
}
""",
}


if __name__ == "__main__":
    for name, text in FILES.items():
        path = Path(sys.argv[1]) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
