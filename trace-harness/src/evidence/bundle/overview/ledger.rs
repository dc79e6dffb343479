//! A ledger: a Markdown file to which each bundle worth remembering adds a dated entry.
//!
//! Not here: the bundles themselves.

use std::fs::OpenOptions;
use std::io::{Read, Write};
use std::path::Path;

use serde_json::Value;

use crate::evidence::bundle::BundleError;
use crate::evidence::bundle::reading::files::DOCUMENT_LIMIT;
use crate::evidence::bundle::reading::regular;
use crate::evidence::bundle::summary::Summary;
use crate::evidence::bundle::verify::{self, Examined};
use crate::evidence::page::markdown::{code, text};

/// Appends an entry about `bundle` to the ledger at `file`, which is begun if it is not there; gives the entry.
///
/// # Errors
/// The bundle is not sound, or a file cannot be read or written.
pub fn append(file: &Path, bundle: &Path, note: Option<&str>) -> Result<String, BundleError> {
    let unfit = |problem: String| BundleError::Unfit { path: bundle.to_owned(), problem };
    let Examined { report, files, listed, summary, .. } = verify::examine(bundle)?;
    if let Some(finding) = report.findings.first() {
        return Err(unfit(format!("is not sound: {finding}; expected a bundle that verifies")));
    }
    let summary =
        summary.ok_or_else(|| unfit("has no summary; expected a bundle of this project".to_owned()))?;
    let metrics = listed.get("metrics.json").and_then(|_| files.read("metrics.json", DOCUMENT_LIMIT).ok());
    let metrics = metrics.and_then(|text| serde_json::from_slice::<Value>(&text).ok());
    let refused = || BundleError::io(file, "cannot be read");
    let mut ledger = regular::open_as(file, OpenOptions::new().create(true).read(true).append(true))
        .map_err(BundleError::io(file, "cannot be written"))?;
    // Counting and writing are one step: two writers at the same time get two numbers.
    ledger.lock().map_err(refused())?;
    let mut before = String::new();
    (&mut ledger).take(DOCUMENT_LIMIT).read_to_string(&mut before).map_err(refused())?;
    let number = before.lines().filter(|l| l.starts_with("## Attempt ")).count() + 1;
    let entry = entry(number, &summary, metrics.as_ref(), &artifacts(file, bundle), note);
    let start = if before.is_empty() { "# Ledger\n" } else { "" };
    ledger
        .write_all(format!("{start}{entry}").as_bytes())
        .map_err(BundleError::io(file, "cannot be written"))?;
    Ok(entry)
}

/// The bundle's folder, seen from that of the ledger where it lies below it.
fn artifacts(file: &Path, bundle: &Path) -> String {
    let base = file.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let full = |p: &Path| p.canonicalize().unwrap_or_else(|_| p.to_owned());
    let (base, bundle) = (full(base), full(bundle));
    let shown = bundle.strip_prefix(&base).unwrap_or(&bundle);
    shown.to_string_lossy().into_owned()
}

fn entry(
    number: usize,
    summary: &Summary,
    metrics: Option<&Value>,
    place: &str,
    note: Option<&str>,
) -> String {
    let mut out = format!("\n## Attempt {number} ({}): {}\n\n", text(&summary.created), text(&summary.title));
    out += &format!("- result: {}, {}\n", summary.verdict, text(&summary.reason));
    let mut figures: Vec<String> =
        summary.steps.iter().filter_map(|s| Some(format!("{} {:.3} s", text(&s.name), s.wall_s?))).collect();
    for name in ["correlation", "rmse", "max_abs_diff", "sum_ratio", "ulp_max"] {
        if let Some(value) = metrics.and_then(|m| m["metrics"][name].as_f64()) {
            figures.push(format!("{name} {value}"));
        }
    }
    out +=
        &format!("- metrics: {}\n", if figures.is_empty() { "none".to_owned() } else { figures.join(", ") });
    out += &format!("- artifacts: {}\n", code(place));
    match note {
        Some(note) => out + &format!("- note: {}\n", text(note)),
        None => out,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::evidence::bundle::closing::Closing;
    use crate::evidence::bundle::recorder::{BundlePlace, Recorder};
    use crate::evidence::verdict::Verdict;

    #[test]
    fn writers_at_the_same_time_get_numbers_of_their_own() {
        let root = tempfile::tempdir().unwrap();
        let reports = root.path().join("r");
        let place = BundlePlace { reports: &reports, topic: "t", folder: root.path(), keep_paths: true };
        let closing = Closing::of("run", "t", Verdict::Pass, "as asked");
        let made = Recorder::begin_in(place).unwrap().finish(closing).unwrap();
        let file = root.path().join("LEDGER.md");
        std::thread::scope(|threads| {
            for _ in 0..16 {
                threads.spawn(|| append(&file, &made.place, None).unwrap());
            }
        });
        let text = fs::read_to_string(&file).unwrap();
        let numbers: Vec<usize> = text
            .lines()
            .filter_map(|line| line.strip_prefix("## Attempt ")?.split(' ').next()?.parse().ok())
            .collect();
        assert_eq!(numbers, (1..=16).collect::<Vec<_>>());
        assert_eq!(text.matches("# Ledger\n").count(), 1);
    }

    #[test]
    fn no_text_of_a_bundle_forges_an_entry_or_markup() {
        let root = tempfile::tempdir().unwrap();
        let reports = root.path().join("r");
        let place = BundlePlace { reports: &reports, topic: "t", folder: root.path(), keep_paths: true };
        let hostile = "x\n\n## Attempt 99: forged\n<img src=x onerror=alert(1)> [a](b) \x1b[2K";
        let closing = Closing::of("run", hostile, Verdict::Pass, hostile);
        let made = Recorder::begin_in(place).unwrap().finish(closing).unwrap();
        let file = root.path().join("LEDGER.md");
        append(&file, &made.place, Some("\n## Attempt 98\n")).unwrap();
        let text = fs::read_to_string(&file).unwrap();
        assert_eq!(text.lines().filter(|line| line.starts_with('#')).count(), 2, "{text}");
        assert!(!text.contains(['<', '\x1b']) && !text.contains("[a]("), "{text}");
    }

    #[test]
    fn entries_are_numbered_and_nothing_is_lost() {
        let root = tempfile::tempdir().unwrap();
        let reports = root.path().join("r");
        let place = BundlePlace { reports: &reports, topic: "t", folder: root.path(), keep_paths: true };
        let closing = Closing::of("run", "t", Verdict::Pass, "as asked");
        let made = Recorder::begin_in(place).unwrap().finish(closing).unwrap();
        let file = root.path().join("LEDGER.md");
        append(&file, &made.place, None).unwrap();
        append(&file, &made.place, Some("second\nline")).unwrap();
        let text = fs::read_to_string(&file).unwrap();
        let heads: Vec<&str> =
            text.lines().filter(|l| l.starts_with('#')).map(|l| &l[..12.min(l.len())]).collect();
        assert_eq!(heads, ["# Ledger", "## Attempt 1", "## Attempt 2"]);
        assert!(text.contains("- artifacts: `r/t/") && text.contains("- note: second line\n"), "{text}");
        fs::write(made.place.join("extra"), "").unwrap();
        assert!(append(&file, &made.place, None).unwrap_err().to_string().contains("unlisted"));
        assert_eq!(fs::read_to_string(&file).unwrap(), text);
    }
}
