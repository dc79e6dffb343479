//! Earlier bundles of the same command on the same machine.
//!
//! Not here: statistics.

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::evidence::bundle::BundleError;
use crate::evidence::bundle::environment::Environment;
use crate::evidence::bundle::overview::index;
use crate::evidence::bundle::reading::files::{DOCUMENT_LIMIT, Folder};
use crate::evidence::bundle::summary::{Step, Summary};
use crate::evidence::bundle::verify::verify;

/// How the steps are called that only warm up: caches fill, and their times do not count.
pub const WARM_UP: &str = "warm-up-";

/// The runs of one bundle.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Earlier {
    /// Its folder's name.
    pub bundle: String,
    /// When it was begun, in UTC.
    pub created: String,
    /// Wall times of its runs that ended well.
    pub seconds: Vec<f64>,
    /// Their processor times.
    pub cpu_s: Vec<f64>,
}

/// What makes two runs comparable.
#[derive(Debug, Clone, PartialEq)]
pub struct Same<'a> {
    /// The command as bundles record it.
    pub command: &'a [String],
    /// The machine.
    pub environment: &'a Environment,
}

/// All sound bundles below `folders` that ran the same command on the same machine, oldest first.
///
/// # Errors
/// A folder cannot be listed.
pub fn find(folders: &[PathBuf], same: &Same<'_>) -> Result<Vec<Earlier>, BundleError> {
    let mut found = Vec::new();
    for folder in folders {
        for listed in index::list(folder)? {
            found.extend(read(&folder.join(&listed.path), same));
        }
    }
    found.sort_by(|a, b| (&a.created, &a.bundle).cmp(&(&b.created, &b.bundle)));
    found.dedup();
    Ok(found)
}

/// The runs of the bundle at `folder`, if it is sound and ran the same on the same machine.
pub fn read(folder: &Path, same: &Same<'_>) -> Option<Earlier> {
    if !verify(folder).is_ok_and(|report| report.is_sound()) {
        return None;
    }
    let opened = Folder::open(folder).ok()?;
    let document = |name| opened.read(name, DOCUMENT_LIMIT).ok();
    let summary: Summary = serde_json::from_slice(&document("summary.json")?).ok()?;
    let environment: Environment = serde_json::from_slice(&document("env.json")?).ok()?;
    if machine(&environment) != machine(same.environment) {
        return None;
    }
    let wanted = comparable(same.command);
    let good = |step: &&Step| {
        step.succeeded() && comparable(&step.command) == wanted && !step.name.starts_with(WARM_UP)
    };
    let of = |value: fn(&Step) -> Option<f64>| summary.steps.iter().filter(good).filter_map(value).collect();
    let (seconds, cpu_s): (Vec<f64>, Vec<f64>) = (of(|s| s.wall_s), of(|s| s.cpu_s));
    let bundle = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    (!seconds.is_empty()).then_some(Earlier { bundle, created: summary.created, seconds, cpu_s })
}

/// Hosts are distinguished by their hardware; their names are not recorded.
fn machine(environment: &Environment) -> (&str, Option<usize>, Option<u64>, &str) {
    (&environment.cpu, environment.cores, environment.memory_bytes, &environment.os)
}

/// A command without the digests of its programs: a new build of the same program is what a history is about.
fn comparable(command: &[String]) -> Vec<String> {
    let word = |word: &String| match word.strip_prefix("{bin:").and_then(|w| w.split_once('/')) {
        Some((_, name)) => name.trim_end_matches('}').to_owned(),
        None => word.clone(),
    };
    command.iter().map(word).collect()
}
