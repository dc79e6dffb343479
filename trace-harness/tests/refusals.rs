//! What is refused is refused before anything runs: nobody's hours are lost for a word or a variable that was wrong from the begin.
//!
//! Not here: `run` and `matrix` (`bundle_commands`, `matrix`).

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const PROGRAM: &str = env!("CARGO_BIN_EXE_trace-harness");

fn call(folder: &Path, args: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(PROGRAM);
    command.args(args).env_remove("NB_C_BIN").envs(variables.iter().copied()).current_dir(folder);
    command.output().unwrap()
}

fn printed_by(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A program that leaves `ran` behind, and then does as `more` says.
fn program(folder: &Path, more: &str) -> PathBuf {
    let path = folder.join("program");
    fs::write(&path, format!("#!/bin/sh\necho x >> '{}'\n{more}\n", folder.join("ran").display())).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

/// Whether the program of [`program`] has run; forgets it.
fn has_run(folder: &Path) -> bool {
    fs::remove_file(folder.join("ran")).is_ok()
}

/// A home folder, and a variable that names a file in it, which no bundle may hold.
struct Home(tempfile::TempDir, String);

impl Home {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let named = folder.path().join("nanoBragg").to_str().unwrap().to_owned();
        Self(folder, named)
    }

    fn variables(&self) -> [(&str, &str); 2] {
        [("NB_C_BIN", &self.1), ("HOME", self.0.path().to_str().unwrap())]
    }
}

#[test]
fn a_variable_that_no_bundle_may_hold_is_refused_before_anything_runs() {
    let (root, home) = (tempfile::tempdir().unwrap(), Home::new());
    let own = program(root.path(), &format!("exec '{PROGRAM}' __nanobragg \"$@\""));
    let own = own.to_str().unwrap();
    let made = call(root.path(), &["run", "--topic", "t", "--", own, "--version"], &[]);
    assert_eq!(made.status.code(), Some(0), "{}", printed_by(&made));
    let printed = String::from_utf8_lossy(&made.stdout).into_owned();
    let old = printed.rsplit_once("evidence: ").unwrap().1.trim().to_owned();
    let program_is = format!("program={own}");
    let calls: [&[&str]; 4] = [
        &["capture", "--config", "simple-cubic", "--candidate", own],
        &["hygiene", "--config", "simple-cubic", "--rounds", "1", "--candidate", own],
        &["rerun", "--yes", "--program", &program_is, &old],
        &["profile", "--runs", "1", "--", own, "--version"],
    ];
    for args in calls {
        has_run(root.path());
        let refused = call(root.path(), args, &home.variables());
        assert_eq!(
            (refused.status.code(), has_run(root.path())),
            (Some(1), false),
            "{args:?}: {}",
            printed_by(&refused)
        );
        assert!(printed_by(&refused).contains(&home.1), "{args:?}: {}", printed_by(&refused));
        let taken = call(root.path(), args, &[]);
        assert!(has_run(root.path()), "{args:?} runs it where nothing is wrong: {}", printed_by(&taken));
    }
}

#[test]
fn a_gradient_check_refuses_what_no_bundle_may_hold_before_its_step_starts() {
    let (root, home) = (tempfile::tempdir().unwrap(), Home::new());
    let reports = root.path().join("reports/gradcheck");
    let check = ["gradcheck", "--case", "cubic", "--params", "fluence,cell_a,phi"];
    let started = |variables: &[(&str, &str)]| {
        let mut child = Command::new(PROGRAM)
            .args(check)
            .env_remove("NB_C_BIN")
            .envs(variables.iter().copied())
            .current_dir(root.path())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut started = false;
        while child.try_wait().unwrap().is_none() {
            let bundles = fs::read_dir(&reports).into_iter().flatten().flatten();
            started |=
                bundles.into_iter().any(|bundle| bundle.path().join("logs/gradcheck.stderr.txt").is_file());
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        let ended = child.wait_with_output().unwrap();
        (ended.status.code(), started, printed_by(&ended))
    };
    let (code, ran, printed) = started(&home.variables());
    assert!((code, ran) == (Some(1), false) && printed.contains(&home.1), "{code:?} {ran} {printed}");
    let (code, ran, printed) = started(&[]);
    assert!((code, ran) == (Some(0), true), "{code:?} {ran} {printed}");
}

#[test]
fn a_report_folder_that_cannot_be_used_is_named_before_anything_runs() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("file"), "").unwrap();
    let own = program(root.path(), &format!("exec '{PROGRAM}' __nanobragg \"$@\""));
    let own = own.to_str().unwrap();
    let reports = "file/reports";
    let calls: [&[&str]; 4] = [
        &["capture", "--config", "simple-cubic", "--candidate", own, "--reports", reports],
        &["hygiene", "--config", "simple-cubic", "--rounds", "1", "--candidate", own, "--reports", reports],
        &["profile", "--runs", "1", "--reports", reports, "--", own],
        &["gradcheck", "--case", "cubic", "--reports", reports],
    ];
    for args in calls {
        let refused = call(root.path(), args, &[]);
        assert_eq!(
            (refused.status.code(), has_run(root.path())),
            (Some(5), false),
            "{args:?}: {}",
            printed_by(&refused)
        );
        assert!(printed_by(&refused).contains(reports), "{args:?}: {}", printed_by(&refused));
    }
}

#[test]
fn a_gradient_check_of_nothing_that_is_there_makes_no_bundle() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("wrong.toml"), "[[case]]\nflags = \"-N 5\"\n").unwrap();
    for (code, args) in [
        (1, ["--params", "cell_q"]),
        (1, ["--case", "nothing"]),
        (1, ["--eps", "0"]),
        (5, ["--cases", "missing.toml"]),
        (1, ["--cases", "wrong.toml"]),
        (1, ["--", "-no_such_flag"]),
    ] {
        let refused = call(root.path(), &[&["gradcheck"], &args[..]].concat(), &[]);
        assert_eq!(refused.status.code(), Some(code), "{args:?}: {}", printed_by(&refused));
        assert!(printed_by(&refused).contains("expected"), "{args:?}: {}", printed_by(&refused));
        assert!(!root.path().join("reports").exists(), "{args:?}");
    }
}

/// What may not be executed is no program, and the search goes on behind it.
#[test]
fn the_program_that_runs_is_the_first_on_the_path_that_may_be_executed() {
    let root = tempfile::tempdir().unwrap();
    let [first, second] = ["first", "second"].map(|name| root.path().join(name));
    for (folder, mode) in [(&first, 0o644), (&second, 0o755)] {
        fs::create_dir(folder).unwrap();
        fs::write(folder.join("tool"), "#!/bin/sh\necho \"$0\"\n").unwrap();
        fs::set_permissions(folder.join("tool"), fs::Permissions::from_mode(mode)).unwrap();
    }
    let run = |path: &str| {
        call(root.path(), &["run", "--topic", "t", "--keep-paths", "--", "tool"], &[("PATH", path)])
    };
    let both = run(&format!("{}:{}:/bin:/usr/bin", first.display(), second.display()));
    assert_eq!(both.status.code(), Some(0), "{both:?}");
    let printed = String::from_utf8_lossy(&both.stdout).into_owned();
    let place = printed.rsplit_once("evidence: ").unwrap().1.trim();
    let log = fs::read_to_string(Path::new(place).join("logs/command.stdout.txt")).unwrap();
    assert!(log.contains("second/tool"), "{log}");
    let none = run(&format!("{}:/bin:/usr/bin", first.display()));
    let printed = String::from_utf8_lossy(&none.stdout).into_owned();
    assert!(none.status.code() == Some(2) && printed.contains("there is no such program"), "{none:?}");
}
