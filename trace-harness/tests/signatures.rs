//! Bundles signed with keys of SSH; where there is no `ssh-keygen`, trials say that they were not run.
//!
//! Not here: what a statement says (`evidence::bundle::signature`).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use libtest_mimic::{Arguments, Failed, Trial};

const PROGRAM: &str = env!("CARGO_BIN_EXE_trace-harness");

fn main() {
    let trials: [(&str, fn()); 5] = [
        ("a signature says whose a bundle is, wherever it and its archive go", whose),
        ("no other key, no other purpose and no other words hold", no_other),
        ("a key may be allowed for several purposes, each in a line of its own", purposes),
        ("a bundle that was exchanged is not the one that was signed", exchanged),
        ("only sound bundles are signed, and each once", once),
    ];
    let there = Command::new("ssh-keygen").args(["-Y", "sign"]).output().is_ok();
    let trial = |(name, test): (&str, fn())| match there {
        true => Trial::test(name, move || {
            test();
            Ok::<(), Failed>(())
        }),
        false => Trial::test(format!("{name} [not run: there is no ssh-keygen]"), || Ok(()))
            .with_ignored_flag(true),
    };
    libtest_mimic::run(&Arguments::from_args(), trials.map(trial).into()).exit();
}

fn call(folder: &Path, args: &[&str]) -> (i32, String) {
    let output = Command::new(PROGRAM).args(args).current_dir(folder).output().unwrap();
    (output.status.code().unwrap(), text(&output))
}

fn text(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned()).concat()
}

/// A key, and the line of a file of allowed signers that names its owner.
fn key(root: &Path, owner: &str) -> (PathBuf, String) {
    let path = root.join(owner);
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-C", owner, "-f"])
        .arg(&path)
        .output();
    assert!(made.as_ref().is_ok_and(|output| output.status.success()), "{made:?}");
    let public = fs::read_to_string(path.with_extension("pub")).unwrap();
    (path, format!("{owner} {public}"))
}

/// A bundle called `b`.
fn bundle(root: &Path) -> PathBuf {
    let (code, printed) = call(root, &["run", "--topic", "t", "--keep-paths", "--", "sh", "-c", "echo $$"]);
    assert_eq!(code, 0, "{printed}");
    let made = printed.lines().find_map(|line| line.strip_prefix("evidence: ")).unwrap();
    fs::rename(made, root.join("b")).unwrap();
    root.join("b")
}

/// A folder with a signed bundle and the file `signers`, which allows its signer.
fn signed() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    bundle(root.path());
    let (ann, line) = key(root.path(), "ann");
    fs::write(root.path().join("signers"), line).unwrap();
    let (code, printed) = call(root.path(), &["sign", "b", "--key", ann.to_str().unwrap()]);
    assert_eq!(code, 0, "{printed}");
    root
}

fn verify(root: &Path, bundle: &str, signers: &str) -> (i32, String) {
    call(root, &["verify", bundle, "--allowed-signers", signers])
}

fn whose() {
    let root = signed();
    let (code, printed) = verify(root.path(), "b", "signers");
    assert!(code == 0 && printed.contains("signed by `ann`"), "{printed}");
    let elsewhere = root.path().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    for name in ["b.intoto.json", "b.intoto.json.sig"] {
        fs::rename(root.path().join(name), elsewhere.join(name)).unwrap();
    }
    let packed =
        Command::new("tar").args(["-czf", "elsewhere/b.tar.gz", "b"]).current_dir(root.path()).status();
    assert!(packed.unwrap().success());
    let (code, printed) = verify(root.path(), "elsewhere/b.tar.gz", "signers");
    assert!(code == 0 && printed.contains("signed by `ann`"), "{printed}");
    // Without the files beside it, a bundle is sound and nobody's.
    let (code, printed) = verify(root.path(), "b", "signers");
    assert!(code == 3 && printed.contains("unsigned: "), "{printed}");
    assert_eq!(call(root.path(), &["verify", "b"]).0, 0);
}

fn no_other() {
    let root = signed();
    let (eve, line) = key(root.path(), "eve");
    fs::write(root.path().join("others"), line).unwrap();
    let (code, printed) = verify(root.path(), "b", "others");
    assert!(code == 3 && printed.contains("signed by nobody who is allowed"), "{printed}");
    assert_eq!(verify(root.path(), "b", "nowhere").0, 5);
    // The same words, signed for something else.
    let signature = root.path().join("b.intoto.json.sig");
    fs::remove_file(&signature).unwrap();
    let args = ["-Y", "sign", "-n", "file", "-f", eve.to_str().unwrap(), "b.intoto.json"];
    assert!(
        Command::new("ssh-keygen").args(args).current_dir(root.path()).output().unwrap().status.success()
    );
    assert_eq!(verify(root.path(), "b", "others").0, 3);
    // Other words under a signature that holds for the first.
    let root = signed();
    let statement = root.path().join("b.intoto.json");
    let text = fs::read_to_string(&statement).unwrap().replace("\"PASS\"", "\"FAIL\"");
    fs::write(&statement, text).unwrap();
    let (code, printed) = verify(root.path(), "b", "signers");
    assert!(
        code == 3 && printed.contains("does not hold") && printed.contains("states something else"),
        "{printed}"
    );
}

fn purposes() {
    let root = signed();
    let line = fs::read_to_string(root.path().join("signers")).unwrap();
    let key = line.strip_prefix("ann ").unwrap();
    let several = format!(
        "# signers\n\nbob namespaces=\"git\" {key}\nann@example.org namespaces=\"file,nanobragg-bundle\" {key}"
    );
    fs::write(root.path().join("several"), several).unwrap();
    let (code, printed) = verify(root.path(), "b", "several");
    assert!(code == 0 && printed.contains("signed by `ann@example.org`"), "{printed}");
    fs::write(root.path().join("other"), format!("ann namespaces=\"git\" {key}")).unwrap();
    let (code, printed) = verify(root.path(), "b", "other");
    assert!(code == 3 && printed.contains("unsigned: "), "{printed}");
}

fn exchanged() {
    let root = signed();
    fs::remove_dir_all(root.path().join("b")).unwrap();
    bundle(root.path());
    assert_eq!(call(root.path(), &["verify", "b"]).0, 0);
    let (code, printed) = verify(root.path(), "b", "signers");
    assert!(code == 3 && printed.contains("states something else than the bundle is"), "{printed}");
}

fn once() {
    let root = signed();
    let key = root.path().join("ann");
    let sign = || call(root.path(), &["sign", "b", "--key", key.to_str().unwrap()]);
    let (code, printed) = sign();
    assert!(code == 5 && printed.contains("is there already"), "{printed}");
    for name in ["b.intoto.json", "b.intoto.json.sig"] {
        fs::remove_file(root.path().join(name)).unwrap();
    }
    let (code, printed) = call(root.path(), &["sign", "b", "--key", "no-such-key"]);
    assert!(code == 5 && printed.contains("expected a key of SSH"), "{printed}");
    let (code, printed) = call(root.path(), &["sign", "b", "--key", "signers"]);
    assert!(code == 5 && printed.contains("does not sign"), "{printed}");
    assert!(!root.path().join("b.intoto.json").exists());
    fs::write(root.path().join("b/extra"), "").unwrap();
    let (code, printed) = sign();
    assert!(code == 5 && printed.contains("is not sound"), "{printed}");
}
