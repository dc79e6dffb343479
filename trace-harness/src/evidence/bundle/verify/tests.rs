//! Every way a bundle can have been tampered with, and what `verify` says of it.

use std::os::unix::fs::symlink;
use std::process::Command;

use super::*;
use crate::evidence::bundle::documents::layout::layout;
use crate::evidence::bundle::documents::{analysis, commands, ro_crate};
use crate::evidence::bundle::inputs;
use crate::evidence::bundle::paths::Paths;
use crate::evidence::bundle::staging::{Staging, Target};
use crate::evidence::bundle::summary::{OutputFile, SCHEMA, Status, Step, Tolerance, VERSION};
use crate::evidence::bundle::{environment, utc};
use crate::evidence::page::bundle_page;
use crate::evidence::verdict::Verdict;

const DATA: &str = "results/a name with spaces.bin";
const LOG: &str = "logs/render.stdout.txt";

/// A bundle at `root/b` that agrees with itself, made by somebody who can change whatever it says. Beside it lies a file
/// `secret`.
fn made(root: &Path, change: impl FnOnce(&mut Summary, &Staging)) -> PathBuf {
    fs::write(root.join("secret"), "not part of it").unwrap();
    fs::write(root.join("data.hkl"), "0 0 1 5\n").unwrap();
    let staging = Staging::begin(Target::Exact(root.join("b"))).unwrap();
    let (mut paths, mut inputs) = (Paths::new(true), Vec::new());
    inputs::take(&staging, &mut paths, &root.join("data.hkl"), 100, None, &mut inputs).unwrap();
    let command = ["sh", "-c", "render \"$0\"", &inputs[0].token].map(str::to_owned).to_vec();
    let mut step = Step::planned("render", command, "{work}", "");
    step.start = Some(utc(chrono::DateTime::UNIX_EPOCH));
    step.status = Status::Exit { code: 0 };
    step.logs = vec![LOG.to_owned()];
    step.outputs = vec![OutputFile { path: DATA.to_owned(), tolerance: Tolerance::Exact }];
    let mut summary = Summary {
        schema: SCHEMA.to_owned(),
        version: VERSION,
        kind: "run".to_owned(),
        title: "a test".to_owned(),
        verdict: Verdict::Pass,
        reason: "it says so".to_owned(),
        exit: None,
        created: "2026-01-01T00:00:00.000Z".to_owned(),
        steps: vec![step],
        inputs,
        open_points: Vec::new(),
        redacted: 0,
        output_limit_bytes: None,
        layout: layout(),
    };
    staging.write(DATA, [0, 159, 146, 150]).unwrap();
    staging.write(LOG, "hello\n").unwrap();
    change(&mut summary, &staging);
    let environment = environment::gather(Vec::new(), &Paths::new(true)).unwrap();
    staging.write("commands.txt", commands::render(&summary.steps)).unwrap();
    staging.write_json("env.json", &environment).unwrap();
    staging.write_json("summary.json", &summary).unwrap();
    staging.write("analysis.md", analysis::render(&summary, "a note")).unwrap();
    staging.write("report.html", bundle_page(&summary, &environment, &maud::html! {}, "")).unwrap();
    ro_crate::write(&staging, &summary, &environment).unwrap();
    staging.publish().unwrap()
}

/// A sound bundle in a folder of its own.
fn bundle() -> (tempfile::TempDir, PathBuf) {
    let root = tempfile::tempdir().unwrap();
    let place = made(root.path(), |_, _| {});
    (root, place)
}

/// What is wrong with a bundle after `change`, as (fault, path).
fn after(change: impl FnOnce(&Path)) -> Vec<(BundleFault, String)> {
    let (_root, place) = bundle();
    change(&place);
    let report = verify(&place).unwrap();
    assert_eq!(report.is_sound(), report.findings.is_empty() && report.verified > 0);
    report.findings.into_iter().map(|f| (f.fault, f.path)).collect()
}

fn one(fault: BundleFault, path: &str) -> Vec<(BundleFault, String)> {
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
    assert_eq!((report.layout, report.verified), (Layout::Current, 9));
    let status =
        Command::new("sha256sum").args(["-c", "--strict", "--quiet", MANIFEST]).current_dir(&place).status();
    assert!(status.unwrap().success());
}

#[test]
fn a_changed_a_removed_and_an_added_file_are_named() {
    assert_eq!(after(|b| fs::write(b.join(DATA), "x").unwrap()), one(BundleFault::Changed, DATA));
    assert_eq!(after(|b| fs::remove_file(b.join(DATA)).unwrap()), one(BundleFault::Missing, DATA));
    assert_eq!(after(|b| fs::write(b.join("new"), "x").unwrap()), one(BundleFault::Unlisted, "new"));
}

#[test]
fn a_file_replaced_by_a_link_is_unsafe_wherever_it_leads() {
    for target in ["../../secret", "../summary.json", "/etc/hostname"] {
        let found = after(|b| {
            fs::remove_file(b.join(DATA)).unwrap();
            symlink(target, b.join(DATA)).unwrap();
        });
        assert_eq!(found, one(BundleFault::Unsafe, DATA), "{target}");
    }
}

#[test]
fn a_folder_replaced_by_a_link_is_unsafe() {
    let found = after(|b| {
        fs::rename(b.join("results"), b.parent().unwrap().join("elsewhere")).unwrap();
        symlink("../elsewhere", b.join("results")).unwrap();
    });
    assert!(found.contains(&(BundleFault::Unsafe, "results".to_owned())), "{found:?}");
    assert!(found.contains(&(BundleFault::Missing, DATA.to_owned())), "{found:?}");
}

#[test]
fn paths_out_of_the_folder_are_unsafe_and_not_read() {
    let secret = digest::of_bytes(b"not part of it");
    for path in ["../secret", "/etc/hostname", "results/../../secret"] {
        let found = after(|b| append(b.join(MANIFEST), &format!("{secret}  {path}\n")));
        assert_eq!(found, one(BundleFault::Unsafe, path));
    }
}

#[test]
fn a_manifest_that_is_gone_empty_or_garbled_is_named() {
    let gone = after(|b| fs::remove_file(b.join(MANIFEST)).unwrap());
    assert!(gone.contains(&(BundleFault::Missing, MANIFEST.to_owned())), "{gone:?}");
    let empty = after(|b| fs::write(b.join(MANIFEST), "").unwrap());
    assert!(empty.contains(&(BundleFault::Format, MANIFEST.to_owned())), "{empty:?}");
    assert_eq!(after(|b| append(b.join(MANIFEST), "garble\n")), one(BundleFault::Format, MANIFEST));
    let doubled = after(|b| append(b.join(MANIFEST), &format!("{}  summary.json\n", digest::of_bytes(b""))));
    assert!(doubled.contains(&(BundleFault::Format, "summary.json".to_owned())), "{doubled:?}");
    let binary = after(|b| fs::write(b.join(MANIFEST), [0xff, 0xfe, 0]).unwrap());
    assert!(binary.contains(&(BundleFault::Format, MANIFEST.to_owned())), "{binary:?}");
}

/// Puts `text` in place of a file, and its digest into the manifest and nowhere else.
fn rehashed(name: &str, text: &[u8]) -> Vec<(BundleFault, String)> {
    after(|b| {
        fs::write(b.join(name), text).unwrap();
        fs::remove_file(b.join(MANIFEST)).unwrap();
        manifest::write(b).unwrap();
    })
}

#[test]
fn files_in_the_wrong_format_are_named_even_when_listed_correctly() {
    let (_root, place) = bundle();
    let summary = fs::read_to_string(place.join("summary.json")).unwrap();
    let twice = summary.replacen("\"verdict\"", "\"verdict\": \"FAIL\",\n  \"verdict\"", 1);
    let alone = r#"{"schema": "nanobragg-rs/summary", "version": 1}"#;
    let other = summary.replacen("\"version\": 1", "\"version\": 99", 1);
    for text in ["{", "{}", alone, &twice, &other, &"[".repeat(100_000)] {
        assert_eq!(
            rehashed("summary.json", text.as_bytes()),
            one(BundleFault::Format, "summary.json"),
            "{text:.80}"
        );
    }
    let found = rehashed("env.json", b"[]");
    assert!(found.contains(&(BundleFault::Format, "env.json".to_owned())), "{found:?}");
}

#[test]
fn a_file_that_is_changed_and_listed_anew_differs_from_what_other_files_tell_of_it() {
    let metadata = (BundleFault::Disagrees, ro_crate::NAME.to_owned());
    for name in [DATA, LOG, "env.json", "summary.json", "analysis.md", "commands.txt", "report.html"] {
        let (_root, place) = bundle();
        let before = String::from_utf8_lossy(&fs::read(place.join(name)).unwrap()).into_owned();
        let found = rehashed(name, (before + "\n").as_bytes());
        assert!(found.contains(&metadata), "{name}: {found:?}");
    }
    let (_root, place) = bundle();
    let read = |name: &str| fs::read_to_string(place.join(name)).unwrap();
    for (name, from, to) in [
        ("commands.txt", "render", "evil"),
        ("report.html", "PASS", "FAIL"),
        (ro_crate::NAME, "PASS: it says so", "FAIL: it says so"),
    ] {
        let found = rehashed(name, read(name).replace(from, to).as_bytes());
        assert!(found.contains(&(BundleFault::Disagrees, name.to_owned())), "{name}: {found:?}");
    }
}

#[test]
fn files_that_the_summary_names_are_asked_for_even_when_the_manifest_forgets_them() {
    let (_root, place) = bundle();
    let input = examine(&place).unwrap().summary.unwrap().inputs[0].stored.clone().unwrap();
    for name in [DATA, LOG, &input] {
        let found = after(|b| {
            fs::remove_file(b.join(name)).unwrap();
            fs::remove_file(b.join(MANIFEST)).unwrap();
            manifest::write(b).unwrap();
        });
        assert!(found.contains(&(BundleFault::Disagrees, "summary.json".to_owned())), "{name}: {found:?}");
    }
}

#[test]
fn a_copy_with_another_content_than_its_digest_says_is_no_input() {
    let root = tempfile::tempdir().unwrap();
    let place = made(root.path(), |summary, staging| {
        let stored = summary.inputs[0].stored.clone().unwrap();
        fs::write(staging.folder().join(stored), "9 9 9 9\n").unwrap();
    });
    let report = verify(&place).unwrap();
    assert_eq!((report.findings.len(), report.findings[0].fault), (1, BundleFault::Disagrees), "{report:?}");
}

#[test]
fn two_steps_of_one_name_cannot_be_told_apart() {
    let root = tempfile::tempdir().unwrap();
    let place = made(root.path(), |summary, _| {
        let step = summary.steps[0].clone();
        summary.steps.push(step);
    });
    let report = verify(&place).unwrap();
    assert!(report.findings.iter().any(|f| f.detail.contains("has two steps `")), "{report:?}");
}

#[test]
fn a_tolerance_that_half_or_twice_a_number_would_satisfy_is_none() {
    for tolerance in [
        Tolerance::Relative { max: -0.1 },
        Tolerance::Relative { max: 0.5 },
        Tolerance::Relative { max: 1e308 },
        Tolerance::F32Ulp { max: 1 << 23 },
    ] {
        let root = tempfile::tempdir().unwrap();
        let place = made(root.path(), |summary, _| summary.steps[0].outputs[0].tolerance = tolerance.clone());
        let report = verify(&place).unwrap();
        assert!(
            report.findings[0].detail.contains("a tolerance of")
                || report.findings[0].detail.contains("a relative tolerance of"),
            "{report:?}"
        );
    }
    assert_eq!(Tolerance::Relative { max: 0.4 }.check(), Ok(()));
    assert_eq!(Tolerance::F32Ulp { max: (1 << 23) - 1 }.check(), Ok(()));
}

#[test]
fn a_name_that_is_no_text_cannot_hide_behind_one_that_is_listed() {
    use std::os::unix::ffi::OsStrExt;
    let root = tempfile::tempdir().unwrap();
    let place = made(root.path(), |_, staging| staging.write("results/\u{fffd}", "listed").unwrap());
    assert!(verify(&place).unwrap().is_sound());
    fs::write(place.join("results").join(std::ffi::OsStr::from_bytes(b"\xff")), "unlisted").unwrap();
    let found: Vec<_> = verify(&place).unwrap().findings.into_iter().map(|f| (f.fault, f.path)).collect();
    assert_eq!(found, one(BundleFault::Unlisted, "results/\\xff"));
}

#[test]
fn a_file_that_only_went_through_version_control_is_told_from_one_that_was_changed() {
    let detail = |content: Vec<u8>| {
        let (_root, place) = bundle();
        fs::write(place.join(LOG), content).unwrap();
        verify(&place).unwrap().findings[0].to_string()
    };
    assert!(detail(b"hello\r\n".to_vec()).ends_with("; the same but for line ends"));
    let pointer = format!(
        "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 6\n",
        digest::of_bytes(b"hello\n")
    );
    assert!(detail(pointer.into_bytes()).contains("a Git LFS pointer to the listed content"));
    assert!(!detail(b"other\n".to_vec()).contains(';'));
}

#[test]
fn an_unfinished_bundle_is_refused_even_when_all_its_files_are_there() {
    let (_root, place) = bundle();
    let partial = place.with_file_name(format!("{PARTIAL}b-x1y2"));
    fs::rename(&place, &partial).unwrap();
    let report = verify(&partial).unwrap();
    assert_eq!(report.findings.iter().map(|f| f.fault).collect::<Vec<_>>(), [BundleFault::Unfinished]);
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
        assert!(report.not_checked.iter().any(|what| what.contains("texts and pages")), "{report:?}");
        fs::remove_file(root.path().join("commands.txt")).unwrap();
        assert!(!verify(root.path()).unwrap().is_sound());
    }
}

#[test]
fn an_empty_folder_is_no_bundle_and_a_missing_one_is_an_error() {
    let root = tempfile::tempdir().unwrap();
    for name in ["", "holiday.jpg"] {
        if !name.is_empty() {
            fs::write(root.path().join(name), "").unwrap();
        }
        let report = verify(root.path()).unwrap();
        assert!(!report.is_sound() && report.findings.len() == 1, "{report:?}");
        assert!(report.findings[0].detail.contains("no bundle"), "{report:?}");
    }
    let text = verify(&root.path().join("nowhere")).unwrap_err().to_string();
    assert!(text.contains("nowhere") && text.contains("expected the folder of a bundle"), "{text}");
}

#[test]
fn no_name_in_a_bundle_can_show_it_as_sound_on_a_terminal() {
    let (_root, place) = bundle();
    fs::write(place.join("\u{1b}[2K\r\nb: sound, 10 files verified\u{1b}[8m"), "x").unwrap();
    let findings = verify(&place).unwrap().findings;
    assert_eq!(findings.len(), 1);
    let shown = findings[0].to_string();
    assert!(shown.contains("b: sound") && !shown.contains(char::is_control), "{shown:?}");
}

/// A zip archive of one file with these permissions and kind of file.
fn zip(name: &str, mode: u32, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut archive = rawzip::ZipArchiveWriter::new(&mut out);
    add(&mut archive, name, mode, content);
    archive.finish().unwrap();
    out
}

fn add(archive: &mut rawzip::ZipArchiveWriter<&mut Vec<u8>>, name: &str, mode: u32, content: &[u8]) {
    let method = rawzip::CompressionMethod::DEFLATE;
    let file = archive.new_file(name).compression_method(method).unix_permissions(mode);
    let (mut entry, config) = file.start().unwrap();
    let encoder = flate2::write::DeflateEncoder::new(&mut entry, flate2::Compression::default());
    let mut writer = config.wrap(encoder);
    std::io::Write::write_all(&mut writer, content).unwrap();
    let (encoder, descriptor) = writer.finish().unwrap();
    encoder.finish().unwrap();
    entry.finish(descriptor).unwrap();
}

#[test]
fn an_archive_of_a_bundle_is_verified_like_its_folder() {
    let (root, place) = bundle();
    let (zip, tar) = (root.path().join("b.zip"), root.path().join("b.tar.gz"));
    let pack = || {
        let packed =
            flate2::write::GzEncoder::new(fs::File::create(&tar).unwrap(), flate2::Compression::fast());
        let mut builder = tar::Builder::new(packed);
        builder.append_dir_all("b", &place).unwrap();
        builder.into_inner().unwrap().finish().unwrap();
        let mut out = Vec::new();
        let mut archive = rawzip::ZipArchiveWriter::new(&mut out);
        for item in
            WalkDir::new(&place).into_iter().map(Result::unwrap).filter(|item| item.file_type().is_file())
        {
            let name = item.path().strip_prefix(&place).unwrap().to_str().unwrap();
            add(&mut archive, name, 0o100_644, &fs::read(item.path()).unwrap());
        }
        archive.finish().unwrap();
        fs::write(&zip, out).unwrap();
    };
    pack();
    let whole = verify(&place).unwrap();
    for archive in [&zip, &tar] {
        let report = verify(archive).unwrap();
        assert!(report.is_sound(), "{report:?}");
        assert_eq!((report.verified, &report.folder), (whole.verified, archive));
    }
    fs::write(place.join(DATA), "other").unwrap();
    pack();
    let findings = verify(&place).unwrap().findings;
    for archive in [&zip, &tar] {
        assert_eq!(verify(archive).unwrap().findings, findings);
    }
}

#[test]
fn an_archive_with_links_or_names_that_lead_elsewhere_is_not_sound() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("a.zip");
    for (name, mode, expected) in [
        ("b/link", 0o120_777, "is a link"),
        ("b/pipe", 0o010_644, "special file"),
        ("../b", 0o100_644, "leads out"),
        ("/b", 0o100_644, "leads out"),
    ] {
        // The writer refuses such names: they are put in afterwards, in both places that have them.
        let stand_in = "p".repeat(name.len());
        let mut bytes = zip(&stand_in, mode, b"/etc/passwd");
        while let Some(at) = bytes.windows(name.len()).position(|piece| piece == stand_in.as_bytes()) {
            bytes[at..at + name.len()].copy_from_slice(name.as_bytes());
        }
        fs::write(&path, bytes).unwrap();
        let report = verify(&path).unwrap();
        assert!(
            !report.is_sound() && report.findings[0].to_string().contains(expected),
            "{name}: {report:?}"
        );
    }
    fs::write(&path, "no archive").unwrap();
    assert_eq!(verify(&path).unwrap().findings[0].path, "a.zip");
}

#[test]
fn an_archive_that_two_programs_would_unpack_differently_is_not_sound() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("a.zip");
    let whole = zip("name", 0o100_644, b"content");
    let (local, central) = (b"PK\x03\x04", b"PK\x01\x02");
    let start = |mark: &[u8]| whole.windows(4).position(|piece| piece == mark).unwrap();
    let finding_after = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = whole.clone();
        change(&mut bytes);
        fs::write(&path, bytes).unwrap();
        verify(&path).unwrap().findings[0].to_string()
    };
    // Flags and names stand where the format has them: APPNOTE.TXT, 4.3.7 and 4.3.12.
    let finding = finding_after(&|bytes| bytes[start(local) + 30] = b'N');
    assert!(finding.starts_with("unsafe: `name`: has another name"), "{finding}");
    for (place, bit) in [(start(local) + 6, 1), (start(central) + 8, 1), (start(central) + 8, 1 << 6)] {
        let finding = finding_after(&|bytes| bytes[place] |= bit);
        assert!(finding.starts_with("format: `name`: is encrypted"), "{finding}");
    }
}

#[test]
fn a_path_too_long_to_be_opened_is_no_part_of_a_bundle() {
    let found = after(|bundle| {
        let script = "name=$(printf '%0200d' 0); for i in $(seq 25); do mkdir $name && cd -P $name || exit 1; done; : > f";
        assert!(Command::new("sh").args(["-c", script]).current_dir(bundle).status().unwrap().success());
    });
    let [(BundleFault::Unsafe, path)] = &found[..] else { panic!("{found:?}") };
    assert!(path.contains("000/000") && path.len() < 300, "{path}");
}
