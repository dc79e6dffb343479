//! An index over all bundles of a folder: a page and a JSON file, with the run of their metrics and times.
//!
//! Not here: whether a bundle is sound (`verify`); the index marks the ones that are not.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use maud::{Markup, html};
use nanobragg::chart::sparkline;
use serde::Serialize;
use serde_json::Value;
use walkdir::WalkDir;

use crate::evidence::bundle::overview::leftovers;
use crate::evidence::bundle::reading::files::DOCUMENT_LIMIT;
use crate::evidence::bundle::staging::PARTIAL;
use crate::evidence::bundle::verify::{self, Examined, Layout};
use crate::evidence::bundle::{BundleError, MANIFEST, manifest};
use crate::evidence::page::{page, table_head};
use crate::evidence::process::{RANDOM, Unfinished};
use crate::evidence::verdict::Verdict;

/// One bundle.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ListedBundle {
    /// Folder relative to the index, with `/`.
    pub path: String,
    /// The folder above it: what its run times and metrics are compared within.
    pub topic: String,
    /// Kind of bundle.
    pub kind: String,
    /// One line for people.
    pub title: String,
    /// The verdict.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
    /// When it was begun, in UTC.
    pub created: String,
    /// Wall time of all steps together, in seconds.
    pub wall_s: f64,
    /// What is wrong with it, where it does not verify.
    pub fault: Option<String>,
    /// Its metrics, by name.
    pub metrics: BTreeMap<String, f64>,
}

/// Every bundle under `folder`, oldest first; unfinished ones are left out, and so is what is no bundle.
///
/// # Errors
/// A folder cannot be listed.
pub fn list(folder: &Path) -> Result<Vec<ListedBundle>, BundleError> {
    let mut bundles = Vec::new();
    let finished = |e: &walkdir::DirEntry| !e.file_name().to_string_lossy().starts_with(PARTIAL);
    for item in WalkDir::new(folder).into_iter().filter_entry(finished) {
        let item = item.map_err(|e| manifest::walk_error(folder, e))?;
        let manifest = item.path().join(MANIFEST);
        if item.file_type().is_dir() && manifest.symlink_metadata().is_ok_and(|m| m.is_file()) {
            bundles.extend(one(folder, item.path()));
        }
    }
    bundles.sort_by(|a, b| (&a.created, &a.path).cmp(&(&b.created, &b.path)));
    Ok(bundles)
}

fn one(root: &Path, folder: &Path) -> Option<ListedBundle> {
    let Examined { report, files, listed, summary, .. } = verify::examine(folder).ok()?;
    if report.layout == Layout::Older {
        return None;
    }
    let path = folder.strip_prefix(root).ok()?.to_string_lossy().into_owned();
    let topic = path.rsplit_once('/').map_or(String::new(), |(above, _)| above.to_owned());
    let fault = report.findings.first().map(ToString::to_string);
    let Some(summary) = summary else {
        let (kind, title, created) = (String::new(), "summary.json tells nothing".to_owned(), String::new());
        let (verdict, reason) = (Verdict::Error, String::new());
        return Some(ListedBundle {
            path,
            topic,
            kind,
            title,
            verdict,
            reason,
            created,
            wall_s: 0.0,
            fault,
            metrics: BTreeMap::new(),
        });
    };
    let metrics = listed.get("metrics.json").and_then(|_| files.read("metrics.json", DOCUMENT_LIMIT).ok());
    let metrics = metrics.and_then(|text| serde_json::from_slice::<Value>(&text).ok());
    let metrics = metrics.as_ref().and_then(|m| m["metrics"].as_object());
    Some(ListedBundle {
        path,
        topic,
        kind: summary.kind,
        title: summary.title,
        verdict: summary.verdict,
        reason: summary.reason,
        created: summary.created,
        wall_s: summary.steps.iter().filter_map(|s| s.wall_s).sum(),
        fault,
        metrics: metrics.into_iter().flatten().filter_map(|(k, v)| Some((k.clone(), v.as_f64()?))).collect(),
    })
}

/// What an index lists.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Index {
    /// Every bundle, oldest first.
    pub bundles: Vec<ListedBundle>,
    /// What was never finished and nobody is at work on: paths relative to the index.
    pub unfinished: Vec<String>,
}

/// Writes `index.html` and `index.json` into `folder`; gives what they list.
///
/// # Errors
/// The folder cannot be read or written.
pub fn write(folder: &Path) -> Result<Index, BundleError> {
    let left = leftovers::unfinished(folder)?.removable;
    let relative = |path: &PathBuf| path.strip_prefix(folder).unwrap_or(path).to_string_lossy().into_owned();
    let index = Index { bundles: list(folder)?, unfinished: left.iter().map(relative).collect() };
    let json = serde_json::json!({
        "schema": "nanobragg-rs/index",
        "version": 1,
        "bundles": index.bundles,
        "unfinished": index.unfinished,
    });
    replace(&folder.join("index.json"), &format!("{json:#}\n"))?;
    replace(&folder.join("index.html"), &html_of(&index))?;
    Ok(index)
}

/// Writes a file in one step, so that a reader sees the old one or the new one.
fn replace(path: &Path, text: &str) -> Result<(), BundleError> {
    let parent = path.parent().unwrap_or(Path::new("."));
    let write = || -> std::io::Result<()> {
        let mut file = tempfile::Builder::new().prefix(PARTIAL).rand_bytes(RANDOM).tempfile_in(parent)?;
        let _unfinished = Unfinished::new(file.path());
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|e| e.error)?;
        Ok(())
    };
    write().map_err(BundleError::io(path, "cannot be written"))
}

fn html_of(index: &Index) -> String {
    let Index { bundles, unfinished } = index;
    let mut topics: Vec<&str> = bundles.iter().map(|b| b.topic.as_str()).collect();
    topics.sort_unstable();
    topics.dedup();
    let body = html! {
        main {
            h1 { "Bundles" }
            p { (bundles.len()) " in all." }
            @for topic in topics {
                @let of_topic: Vec<&ListedBundle> = bundles.iter().filter(|b| b.topic == topic).collect();
                section {
                    h2 { @if topic.is_empty() { "(no topic)" } @else { (topic) } }
                    (rows(&of_topic))
                    (trends(&of_topic))
                }
            }
            @if !unfinished.is_empty() {
                section {
                    h2 { "Unfinished" }
                    p { "Left by programs that were killed; " code { "trace-harness clean" } " removes them." }
                    ul { @for path in unfinished { li { (path) } } }
                }
            }
        }
    };
    page("Bundles", &body, "")
}

fn rows(bundles: &[&ListedBundle]) -> Markup {
    let row = |b: &ListedBundle| {
        // What a bundle that was tampered with says of itself is not passed on.
        let (class, verdict, reason) = match &b.fault {
            Some(fault) => (Verdict::Error, "NOT SOUND", fault),
            None => (b.verdict, b.verdict.word(), &b.reason),
        };
        html! {
            tr {
                th scope="row" {
                    a href=(address(&format!("{}/report.html", b.path))) {
                        (b.path.rsplit('/').next().unwrap_or_default())
                    }
                }
                td class=(class.word()) { (verdict) }
                td { (format_args!("{:.3}", b.wall_s)) }
                td { (b.title) }
                td { (reason) }
            }
        }
    };
    html! {
        div.scroll {
            table {
                (table_head(&["bundle", "verdict", "wall s", "what", "why"]))
                tbody { @for b in bundles.iter().rev() { (row(b)) } }
            }
        }
    }
}

/// A relative path as an address.
fn address(path: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~/".contains(&b);
    path.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

/// One line per quantity that at least two bundles have: first, last, and a small curve in between.
fn trends(bundles: &[&ListedBundle]) -> Markup {
    let mut series: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for b in bundles {
        series.entry("wall_s").or_default().push(b.wall_s);
        b.metrics.iter().for_each(|(name, value)| series.entry(name).or_default().push(*value));
    }
    series.retain(|_, values| values.len() > 1);
    if series.is_empty() {
        return Markup::default();
    }
    html! {
        div.scroll {
            table {
                caption { "From the oldest bundle to the newest" }
                tbody {
                    @for (name, values) in series {
                        tr {
                            th scope="row" { (name) }
                            td { (values[0]) }
                            td { (sparkline(&values)) }
                            td { (values[values.len() - 1]) }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::evidence::bundle::closing::Closing;
    use crate::evidence::bundle::metrics::Metrics;
    use crate::evidence::bundle::recorder::{BundlePlace, Recorder};

    /// A folder of two bundles, the second of which `change` gets at.
    fn tampered(change: impl FnOnce(&Path)) -> (Vec<ListedBundle>, String) {
        let root = tempfile::tempdir().unwrap();
        let reports = root.path().join("reports");
        let made = || {
            let place = BundlePlace { reports: &reports, topic: "t", folder: root.path(), keep_paths: true };
            let closing = Closing::of("run", "t", Verdict::Pass, "all 1 commands");
            Recorder::begin_in(place).unwrap().finish(closing).unwrap().place
        };
        let places = [made(), made()];
        change(&places[1]);
        let listed = write(&reports).unwrap().bundles;
        (listed, fs::read_to_string(reports.join("index.html")).unwrap())
    }

    #[test]
    fn a_bundle_that_does_not_verify_is_marked_and_its_files_are_not_waited_for() {
        use std::os::unix::fs::symlink;
        let pipe = |path: &Path| {
            assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
        };
        let changes: [&dyn Fn(&Path); 3] = [
            &|b| {
                let path = b.join("summary.json");
                fs::write(
                    &path,
                    fs::read_to_string(&path).unwrap().replace("all 1 commands", "all 99 commands"),
                )
                .unwrap();
            },
            &|b| {
                fs::remove_file(b.join("summary.json")).unwrap();
                pipe(&b.join("summary.json"));
            },
            &|b| {
                fs::remove_file(b.join("metrics.json")).unwrap();
                symlink("/dev/zero", b.join("metrics.json")).unwrap();
            },
        ];
        for change in changes {
            let (listed, page) = tampered(change);
            let faults = listed.iter().filter(|b| b.fault.is_some()).count();
            assert_eq!((listed.len(), faults, page.matches(">NOT SOUND<").count()), (2, 1, 1), "{listed:?}");
            assert!(!page.contains("99 commands"), "{page}");
        }
    }

    #[test]
    fn all_finished_bundles_are_listed_with_their_trends() {
        let root = tempfile::tempdir().unwrap();
        let reports = root.path().join("reports");
        for verdict in [Verdict::Pass, Verdict::Pass, Verdict::Fail] {
            let place =
                BundlePlace { reports: &reports, topic: "a/b", folder: root.path(), keep_paths: true };
            let closing = Closing::of("run", "<script>alert(1)</script>", verdict, "as asked");
            let metrics = Metrics::of([("cases", 3.0)]);
            Recorder::begin_in(place).unwrap().finish(Closing { metrics, ..closing }).unwrap();
        }
        let one = list(&reports).unwrap()[0].path.clone();
        fs::rename(reports.join(&one), reports.join("a/b/.partial-x-A1b2C3d4E5f6G7h8I9j0K1l2")).unwrap();
        let Index { bundles: listed, unfinished } = write(&reports).unwrap();
        assert_eq!(unfinished, ["a/b/.partial-x-A1b2C3d4E5f6G7h8I9j0K1l2"]);
        let verdicts: Vec<Verdict> = listed.iter().map(|b| b.verdict).collect();
        assert_eq!(verdicts, [Verdict::Pass, Verdict::Fail]);
        assert!(listed.iter().all(|b| b.topic == "a/b"));
        let page = fs::read_to_string(reports.join("index.html")).unwrap();
        assert!(page.contains("<polyline") && !page.contains("<script"), "{page}");
        assert!(page.contains("<li>a/b/.partial-x-A1b2C3d4E5f6G7h8I9j0K1l2</li>"), "{page}");
        let json: Value = serde_json::from_slice(&fs::read(reports.join("index.json")).unwrap()).unwrap();
        assert_eq!(json["bundles"].as_array().unwrap().len(), 2);
        assert_eq!(json["unfinished"][0], "a/b/.partial-x-A1b2C3d4E5f6G7h8I9j0K1l2");
    }
}
