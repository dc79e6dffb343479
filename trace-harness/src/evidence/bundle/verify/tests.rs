//! Every way a bundle can have been tampered with, and what `verify` says of it.

use std::os::unix::fs::symlink;
use std::process::Command;

use super::*;
use crate::evidence::bundle::paths::Paths;
use crate::evidence::bundle::staging::{Staging, Target};
use crate::evidence::bundle::summary::{SCHEMA, Summary, VERSION};
use crate::evidence::bundle::{commands, environment};
use crate::evidence::verdict::Verdict;

/// A sound bundle in a folder of its own, with a file `secret` beside it.
fn bundle() -> (tempfile::TempDir, PathBuf) {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("secret"), "not part of it").unwrap();
    let staging = Staging::begin(Target::Exact(root.path().join("b"))).unwrap();
    let summary = Summary {
        schema: SCHEMA.to_owned(),
        version: VERSION,
        kind: "run".to_owned(),
        title: "a test".to_owned(),
        verdict: Verdict::Pass,
        reason: "it says so".to_owned(),
        created: "2026-01-01T00:00:00.000Z".to_owned(),
        steps: Vec::new(),
        inputs: Vec::new(),
        open_points: Vec::new(),
    };
    staging.write_json("summary.json", &summary).unwrap();
    staging.write_json("env.json", &environment::gather(Vec::new(), &Paths::new(true)).unwrap()).unwrap();
    staging.write("commands.txt", commands::render(&[])).unwrap();
    staging.write("results/a name with spaces.bin", [0, 159, 146, 150]).unwrap();
    let place = staging.publish().unwrap();
    (root, place)
}

/// What is wrong with a bundle after `change`, as (fault, path).
fn after(change: impl FnOnce(&Path)) -> Vec<(Fault, String)> {
    let (_root, place) = bundle();
    change(&place);
    let report = verify(&place).unwrap();
    assert_eq!(report.is_sound(), report.findings.is_empty() && report.verified > 0);
    report.findings.into_iter().map(|f| (f.fault, f.path)).collect()
}

fn one(fault: Fault, path: &str) -> Vec<(Fault, String)> {
    vec![(fault, path.to_owned())]
}

fn append(path: PathBuf, text: &str) {
    let before = fs::read_to_string(&path).unwrap();
    fs::write(path, before + text).unwrap();
}

#[test]
fn a_bundle_as_written_is_sound_also_for_the_system() {
    let (_root, place) = bundle();
    let report = verify(&place).unwrap();
    assert!(report.is_sound(), "{report:?}");
    assert_eq!((report.layout, report.verified), (Layout::Current, 4));
    let status =
        Command::new("sha256sum").args(["-c", "--strict", "--quiet", MANIFEST]).current_dir(&place).status();
    assert!(status.unwrap().success());
}

#[test]
fn a_changed_a_removed_and_an_added_file_are_named() {
    let data = "results/a name with spaces.bin";
    assert_eq!(after(|b| fs::write(b.join(data), "x").unwrap()), one(Fault::Changed, data));
    assert_eq!(after(|b| fs::remove_file(b.join(data)).unwrap()), one(Fault::Missing, data));
    assert_eq!(after(|b| fs::write(b.join("logs"), "x").unwrap()), one(Fault::Unlisted, "logs"));
}

#[test]
fn a_file_replaced_by_a_link_is_unsafe_wherever_it_leads() {
    let data = "results/a name with spaces.bin";
    for target in ["../../secret", "../summary.json", "/etc/hostname"] {
        let found = after(|b| {
            fs::remove_file(b.join(data)).unwrap();
            symlink(target, b.join(data)).unwrap();
        });
        assert_eq!(found, one(Fault::Unsafe, data), "{target}");
    }
}

#[test]
fn a_folder_replaced_by_a_link_is_unsafe() {
    let found = after(|b| {
        fs::rename(b.join("results"), b.parent().unwrap().join("elsewhere")).unwrap();
        symlink("../elsewhere", b.join("results")).unwrap();
    });
    assert!(found.contains(&(Fault::Unsafe, "results".to_owned())), "{found:?}");
    assert!(found.contains(&(Fault::Missing, "results/a name with spaces.bin".to_owned())), "{found:?}");
}

#[test]
fn paths_out_of_the_folder_are_unsafe_and_not_read() {
    let secret = digest::of_bytes(b"not part of it");
    for path in ["../secret", "/etc/hostname", "results/../../secret"] {
        let found = after(|b| append(b.join(MANIFEST), &format!("{secret}  {path}\n")));
        assert_eq!(found, one(Fault::Unsafe, path));
    }
}

#[test]
fn a_manifest_that_is_gone_empty_or_garbled_is_named() {
    let gone = after(|b| fs::remove_file(b.join(MANIFEST)).unwrap());
    assert!(gone.contains(&(Fault::Missing, MANIFEST.to_owned())), "{gone:?}");
    let empty = after(|b| fs::write(b.join(MANIFEST), "").unwrap());
    assert!(empty.contains(&(Fault::Format, MANIFEST.to_owned())), "{empty:?}");
    assert_eq!(after(|b| append(b.join(MANIFEST), "garble\n")), one(Fault::Format, MANIFEST));
    let doubled = after(|b| append(b.join(MANIFEST), &format!("{}  summary.json\n", digest::of_bytes(b""))));
    assert!(doubled.contains(&(Fault::Format, "summary.json".to_owned())), "{doubled:?}");
    let binary = after(|b| fs::write(b.join(MANIFEST), [0xff, 0xfe, 0]).unwrap());
    assert!(binary.contains(&(Fault::Format, MANIFEST.to_owned())), "{binary:?}");
}

#[test]
fn files_in_the_wrong_format_are_named_even_when_listed_correctly() {
    let rewrite = |name: &'static str, text: &'static str| {
        move |b: &Path| {
            fs::write(b.join(name), text).unwrap();
            fs::remove_file(b.join(MANIFEST)).unwrap();
            manifest::write(b).unwrap();
        }
    };
    for text in ["{", "{}", r#"{"schema": "nanobragg-rs/summary", "version": 99}"#] {
        assert_eq!(after(rewrite("summary.json", text)), one(Fault::Format, "summary.json"), "{text}");
    }
    assert_eq!(after(rewrite("env.json", "[]")), one(Fault::Format, "env.json"));
}

#[test]
fn an_unfinished_bundle_is_refused_even_when_all_its_files_are_there() {
    let (_root, place) = bundle();
    let partial = place.with_file_name(format!("{PARTIAL}b-x1y2"));
    fs::rename(&place, &partial).unwrap();
    let report = verify(&partial).unwrap();
    assert_eq!(report.findings.iter().map(|f| f.fault).collect::<Vec<_>>(), [Fault::Unfinished]);
}

#[test]
fn a_bundle_made_by_hand_in_the_older_layout_is_accepted() {
    for env in ["env.txt", "env.json"] {
        let root = tempfile::tempdir().unwrap();
        for name in ["commands.txt", env, "git_sha.txt", "version.txt", "float.bin"] {
            fs::write(root.path().join(name), name).unwrap();
        }
        let list =
            Command::new("/bin/sh").args(["-c", "sha256sum ./*"]).current_dir(root.path()).output().unwrap();
        assert!(list.status.success());
        fs::write(root.path().join(MANIFEST), list.stdout).unwrap();
        let report = verify(root.path()).unwrap();
        assert!(report.is_sound(), "{report:?}");
        assert_eq!((report.layout, report.verified), (Layout::Older, 5));
        fs::remove_file(root.path().join("commands.txt")).unwrap();
        assert!(!verify(root.path()).unwrap().is_sound());
    }
}

#[test]
fn an_empty_folder_is_no_bundle_and_a_missing_one_is_an_error() {
    let root = tempfile::tempdir().unwrap();
    assert!(!verify(root.path()).unwrap().is_sound());
    let text = verify(&root.path().join("nowhere")).unwrap_err().to_string();
    assert!(text.contains("nowhere") && text.contains("expected the folder of a bundle"), "{text}");
}
