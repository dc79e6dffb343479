//! Bundles in archives as programs make them: what `tar` and others write in each of their formats is as sound as the folder.
//!
//! Not here: archives that nobody writes in good faith (`evidence::bundle::verify::archive`), signatures (`signatures`).

use std::fs;
use std::path::Path;
use std::process::Command;

use tar::{Builder, EntryType, Header};
use walkdir::WalkDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_trace-harness");

/// The formats of `tar`, and whether they hold names of more than 100 bytes.
const FORMATS: [(&str, bool); 4] = [("v7", false), ("ustar", true), ("pax", true), ("gnu", true)];

/// Makes the bundle `b` in `root`, with a result of a long name or a short one.
fn bundle(root: &Path, has_long_name: bool) {
    let part = if has_long_name { "n".repeat(70) } else { "n".to_owned() };
    let script = format!("mkdir -p \"$0/{part}\" && echo 1 > \"$0/{part}/{part}\"");
    let mut command = Command::new(PROGRAM);
    command.args(["run", "--topic", "t", "--reports", "r", "--", "sh", "-c", &script, "{out}/results"]);
    assert!(command.current_dir(root).output().expect("it runs").status.success());
    let made = fs::read_dir(root.join("r/t")).expect("made").next().expect("one").expect("it").path();
    fs::rename(made, root.join("b")).expect("renamed");
}

/// The exit status of `verify`, and what it says.
fn verify(root: &Path, archive: &str) -> (Option<i32>, String) {
    let output = Command::new(PROGRAM).args(["verify", archive]).current_dir(root).output().expect("it runs");
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The record of a header of POSIX, whose length counts its own digits.
fn record(key: &str, value: &str) -> String {
    let rest = format!(" {key}={value}\n");
    let length = (rest.len()..).find(|n| rest.len() + n.to_string().len() == *n).expect("a length");
    format!("{length}{rest}")
}

/// Adds a file as programs do in `format`, whose names are those of `tar -c b`.
fn add(archive: &mut Builder<Vec<u8>>, format: &str, name: &str, content: &[u8]) {
    let mut header = match format {
        "v7" => Header::new_old(),
        "gnu" => Header::new_gnu(),
        _ => Header::new_ustar(),
    };
    header.set_size(content.len() as u64);
    header.set_mode(0o644);
    header.set_entry_type(EntryType::Regular);
    if format == "pax" {
        let records = [record("mtime", "1700000000.123456789"), record("path", name)].concat();
        let mut extended = Header::new_ustar();
        extended.set_size(records.len() as u64);
        extended.set_entry_type(EntryType::XHeader);
        extended.set_path("b/PaxHeaders/x").expect("a short name");
        extended.set_cksum();
        archive.append(&extended, records.as_bytes()).expect("written");
        header.set_path("b/cut").expect("a short name");
        header.set_cksum();
        archive.append(&header, content).expect("written");
    } else {
        // Long names go into two fields of `ustar`, and into a member of their own of `gnu`.
        archive.append_data(&mut header, name, content).expect("written");
    }
}

#[test]
fn a_bundle_is_as_sound_in_every_format_of_tar_as_in_its_folder() {
    for (format, has_long_name) in FORMATS {
        let root = tempfile::tempdir().expect("a folder");
        bundle(root.path(), has_long_name);
        let mut archive = Builder::new(Vec::new());
        let mut longest = 0;
        for entry in WalkDir::new(root.path().join("b")).into_iter().map(|entry| entry.expect("listed")) {
            let name =
                entry.path().strip_prefix(root.path()).expect("below").to_str().expect("text").to_owned();
            if entry.file_type().is_file() {
                longest = longest.max(name.len());
                add(&mut archive, format, &name, &fs::read(entry.path()).expect("read"));
            }
        }
        assert_eq!(longest > 100, has_long_name, "{format}");
        fs::write(root.path().join("made.tar"), archive.into_inner().expect("whole")).expect("written");
        let (code, printed) = verify(root.path(), "made.tar");
        assert!(code == Some(0) && printed.contains("sound, "), "{format}: {printed}");

        // Where there is GNU tar, what it makes is held to the same; others have other formats.
        let gnu = Command::new("tar").arg("--version").output();
        if gnu.is_ok_and(|text| text.stdout.starts_with(b"tar (GNU tar)")) {
            let mut tar = Command::new("tar");
            tar.arg(format!("--format={format}")).args(["-cf", "system.tar", "b"]).current_dir(root.path());
            assert!(tar.status().expect("it runs").success(), "{format}");
            let (code, printed) = verify(root.path(), "system.tar");
            assert!(code == Some(0) && printed.contains("sound, "), "{format}: {printed}");
        }

        // A changed file is found in each of them.
        fs::write(root.path().join("b/analysis.md"), "all is well\n").expect("written");
        let mut changed = Builder::new(Vec::new());
        add(&mut changed, format, "b/analysis.md", b"all is well\n");
        for name in ["summary.json", "commands.txt", "env.json", "sha256.txt"] {
            let content = fs::read(root.path().join("b").join(name)).expect("read");
            add(&mut changed, format, &format!("b/{name}"), &content);
        }
        fs::write(root.path().join("made.tar"), changed.into_inner().expect("whole")).expect("written");
        let (code, printed) = verify(root.path(), "made.tar");
        assert!(code == Some(3) && printed.contains("changed: `analysis.md`"), "{format}: {printed}");
    }
}
