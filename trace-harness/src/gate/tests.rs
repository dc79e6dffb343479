//! Every check of a gate, passing and failing.

use std::path::{Path, PathBuf};

use super::plan::Gate;
use super::{CheckState, GateCheck, check};
use crate::evidence::bundle::digest;
use crate::evidence::process::{Ending, FakeRunner, SystemRunner};

fn run(text: &str, folder: &Path) -> Vec<GateCheck> {
    check(&Gate::parse(text, folder.to_owned()).unwrap(), folder, &SystemRunner::default())
}

/// The failing checks; the one about a folder to write in always passes here.
fn failures(text: &str, folder: &Path) -> Vec<GateCheck> {
    run(text, folder).into_iter().filter(|c| c.state == CheckState::Fail).collect()
}

fn program(folder: &Path, mode: u32) -> PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let path = folder.join("reference");
    std::fs::write(&path, "#!/bin/sh\necho\necho 'simulator 5-17-17'\n").unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    path
}

#[test]
fn the_reference_program_is_resolved_and_known_by_its_content_and_version() {
    let folder = tempfile::tempdir().unwrap();
    let path = program(folder.path(), 0o755);
    std::os::unix::fs::symlink(&path, folder.path().join("link")).unwrap();
    let sha = digest::of_file(&path).unwrap().0;
    let text = format!("[reference]\npath = 'link'\nsha256 = '{sha}'\nversion = '5-17-17'\n");
    let checks = run(&text, folder.path());
    let of_reference: Vec<&GateCheck> = checks.iter().filter(|c| c.kind == "reference").collect();
    assert!(of_reference.iter().all(|c| c.state == CheckState::Pass), "{checks:#?}");
    assert!(of_reference.iter().all(|c| c.place == path.canonicalize().unwrap().display().to_string()));
    assert_eq!(of_reference.last().unwrap().found, "simulator 5-17-17");

    let wrong = format!("[reference]\npath = 'link'\nsha256 = '{}'\nversion = '8-10-25'\n", "0".repeat(64));
    let found: Vec<String> = failures(&wrong, folder.path()).iter().map(|c| c.found.clone()).collect();
    assert_eq!(found, [format!("SHA-256 {sha}"), "simulator 5-17-17".to_owned()]);
}

#[test]
fn a_reference_program_that_cannot_run_says_how_to_mend_it() {
    let folder = tempfile::tempdir().unwrap();
    let missing = failures("[reference]\npath = 'nowhere'\n", folder.path());
    assert_eq!((missing[0].found.as_str(), missing.len()), ("there is no such file", 1));
    assert!(missing[0].place.ends_with("/nowhere") && missing[0].place.starts_with('/'));
    // Nothing keeps the superuser from running a file but the lack of every executable bit.
    let path = program(folder.path(), 0o644);
    let closed = failures("[reference]\npath = 'reference'\n", folder.path());
    assert_eq!(closed[0].fix, format!("chmod +x {}", path.canonicalize().unwrap().display()));
    let unset = "[reference]\nenv = 'NO_SUCH_VARIABLE_EVER'\n";
    assert_eq!(failures(unset, folder.path())[0].found, "it is not set");
    let optional = run(&format!("{unset}optional = true\n"), folder.path());
    assert_eq!(optional[0].state, CheckState::NotChecked);
}

#[test]
fn golden_and_protected_files_are_known_by_their_digests() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.bin"), "abc").unwrap();
    let sha = digest::of_bytes(b"abc");
    std::fs::write(folder.path().join("sha256.txt"), format!("{sha}  a.bin\n{sha}  b.bin\n")).unwrap();
    let good = format!(
        "[[golden]]\npath = 'a.bin'\nsha256 = '{sha}'\n[[protected]]\npath = 'a.bin'\nsha256 = '{sha}'\n"
    );
    assert!(failures(&good, folder.path()).is_empty());
    let listed = failures("[[golden]]\nmanifest = 'sha256.txt'\n", folder.path());
    assert!(listed.len() == 1 && listed[0].place.ends_with("b.bin"), "{listed:?}");
    std::fs::write(folder.path().join("a.bin"), "abd").unwrap();
    let changed = failures(&good, folder.path());
    let kinds: Vec<&str> = changed.iter().map(|c| c.kind).collect();
    assert_eq!(kinds, ["golden", "protected"]);
    assert!(
        changed[1].fix.contains("git checkout -- /") && changed[1].looked_for.contains(&sha),
        "{changed:?}"
    );
}

#[test]
fn a_protected_file_without_a_digest_is_compared_with_git() {
    let folder = tempfile::tempdir().unwrap();
    let git = |args: &[&str]| {
        let identity = ["-c", "user.name=n", "-c", "user.email=e@example.org"];
        let output =
            std::process::Command::new("git").current_dir(folder.path()).args(identity).args(args).output();
        assert!(output.unwrap().status.success(), "git {args:?}");
    };
    git(&["init", "-q"]);
    std::fs::write(folder.path().join("a"), "1").unwrap();
    let requirements = "[[protected]]\npath = 'a'\n";
    assert_eq!(failures(requirements, folder.path())[0].found, "git does not know it");
    git(&["add", "a"]);
    git(&["commit", "-qm", "a"]);
    assert!(failures(requirements, folder.path()).is_empty());
    std::fs::write(folder.path().join("a"), "2").unwrap();
    assert_eq!(failures(requirements, folder.path())[0].found, "it was changed");
}

#[test]
fn folder_space_and_tools_say_what_was_looked_for_and_where() {
    let folder = tempfile::tempdir().unwrap();
    let requirements = "[folder]\npath = 'below'\ncontains = ['Cargo.toml']\n[disk]\nfree_mib = 9000000000000\n\
                 [[tool]]\nname = 'no-such-tool-ever'\n[[tool]]\nname = 'sh'\n";
    let failed = failures(requirements, folder.path());
    let kinds: Vec<&str> = failed.iter().map(|c| c.kind).collect();
    assert_eq!(kinds, ["folder", "folder", "disk", "tool"]);
    assert!(failed.iter().all(|c| !c.fix.is_empty() && !c.looked_for.is_empty() && !c.place.is_empty()));
    assert!(
        failures("[disk]\nfree_mib = 1\n[[tool]]\nname = 'git'\nversion = 'git version'\n", folder.path())
            .is_empty()
    );
}

#[test]
fn a_program_that_does_not_say_its_version_does_not_pass_for_one_that_does() {
    let folder = tempfile::tempdir().unwrap();
    program(folder.path(), 0o755);
    let silent = FakeRunner::new(|_| Ending::Exit(0));
    let gate =
        Gate::parse("[reference]\npath = 'reference'\nversion = '5-17-17'\n", folder.path().to_owned());
    let checks = check(&gate.unwrap(), folder.path(), &silent);
    let failed: Vec<&GateCheck> = checks.iter().filter(|c| c.state == CheckState::Fail).collect();
    assert_eq!(failed[0].found, "it says nothing");
    assert_eq!(silent.seen().len(), 1);
}

#[test]
fn a_program_that_says_nothing_opens_no_gate_even_where_no_version_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    program(folder.path(), 0o755);
    assert!(failures("[reference]\npath = 'reference'\n", folder.path()).is_empty());
    let silent = FakeRunner::new(|_| Ending::Exit(0));
    let gate = Gate::parse("[reference]\npath = 'reference'\n", folder.path().to_owned()).unwrap();
    let found: Vec<String> = check(&gate, folder.path(), &silent)
        .into_iter()
        .filter(|c| c.state == CheckState::Fail)
        .map(|c| c.found)
        .collect();
    assert_eq!(found, ["it says nothing"]);
}

#[test]
fn a_gate_that_makes_no_sense_is_refused_with_a_reason() {
    for (text, reason) in [
        ("[[golden]]\n", "needs `path`"),
        ("[[golden]]\npath = 'a'\nmanifest = 'b'\n", "needs `path`"),
        ("[disc]\n", "disc"),
        ("[disk]\nfree_mib = -1\n", "free_mib"),
    ] {
        let problem = Gate::parse(text, PathBuf::new()).unwrap_err().to_string();
        assert!(problem.contains(reason), "{problem}");
    }
}
