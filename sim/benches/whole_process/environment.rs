//! What the figures were measured on.
//! Not here: names of machines, users or folders.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::sides::Side;

/// Processor, memory, system, compiler, digests of the programs.
pub fn environment(sides: &[Side]) -> Value {
    let first_line = |path: &str| fs::read_to_string(path).ok().map(|text| text.trim().to_owned());
    let field = |path: &str, key: &str| {
        let text = fs::read_to_string(path).ok()?;
        let line = text.lines().find(|line| line.starts_with(key))?;
        line.split_once(':').map(|(_, value)| value.trim().to_owned())
    };
    let programs: Vec<Value> = sides
        .iter()
        .map(|side| json!({"side": side.name, "flags": side.own, "sha256": digest(&side.program)}))
        .collect();
    json!({
        "processor": field("/proc/cpuinfo", "model name"),
        "cpus": std::thread::available_parallelism().map_or(0, usize::from),
        "memory": field("/proc/meminfo", "MemTotal"),
        "architecture": std::env::consts::ARCH,
        "instructions": instructions(),
        "system": std::env::consts::OS,
        "kernel": first_line("/proc/sys/kernel/osrelease"),
        "load_at_the_end": first_line("/proc/loadavg"),
        "compiler": compiler(),
        "programs": programs,
    })
}

/// The accelerators' table.
pub fn devices() -> Value {
    json!([{"kind": "CPU", "used": true}, {"kind": "GPU", "used": false, "why": "no engine runs on one"}])
}

fn instructions() -> Vec<&'static str> {
    let mut sets = vec![];
    #[cfg(target_arch = "x86_64")]
    {
        let known = [
            ("avx2", is_x86_feature_detected!("avx2")),
            ("fma", is_x86_feature_detected!("fma")),
            ("avx512f", is_x86_feature_detected!("avx512f")),
        ];
        sets.extend(known.iter().filter(|(_, there)| *there).map(|(name, _)| *name));
    }
    sets
}

fn compiler() -> Option<String> {
    let output = Command::new("rustc").arg("--version").output().ok()?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// SHA-256 of a program.
fn digest(program: &Path) -> Option<String> {
    let bytes = fs::read(program).ok()?;
    Some(Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect())
}
