//! What is left behind when things go wrong: a whole bundle, or something that `verify` refuses, and nothing else.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use trace_harness::evidence::bundle::verify::verify;

const PROGRAM: &str = env!("CARGO_BIN_EXE_trace-harness");
/// Writes a few files, so that there is something to be half done.
const SCRIPT: &str = "for i in 1 2 3 4 5 6; do head -c 50000 /dev/zero > \"$1/$i\"; done";

fn start(folder: &Path) -> Child {
    Command::new(PROGRAM)
        .args(["run", "--topic", "t", "--keep-paths", "--", "sh", "-c", SCRIPT, "sh", "{out}/results"])
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn bundles(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder.join("reports/t")).map(|d| d.map(|e| e.unwrap().path()).collect());
    entries.unwrap_or_default()
}

fn is_partial(path: &Path) -> bool {
    path.file_name().unwrap().to_string_lossy().starts_with(".partial-")
}

#[test]
fn killed_at_any_moment_of_200_runs_no_half_bundle_passes() {
    let root = tempfile::tempdir().unwrap();
    let clock = Instant::now();
    assert!(start(root.path()).wait().unwrap().success());
    let whole = clock.elapsed();
    // Steps of a run's length over 160, in an order that does not grow with it: some before the start, some after the end.
    for n in 0..200_u32 {
        let mut child = start(root.path());
        // A machine that slows down in between must not leave all of them unfinished.
        if n % 20 != 0 {
            std::thread::sleep(whole * (n * 67 % 200) / 160);
            child.kill().unwrap();
        }
        child.wait().unwrap();
    }
    let (mut finished, mut unfinished) = (0, 0);
    for bundle in bundles(root.path()) {
        let report = verify(&bundle).unwrap();
        assert_eq!(report.is_sound(), !is_partial(&bundle), "{report:?}");
        if report.is_sound() { finished += 1 } else { unfinished += 1 }
    }
    assert!(finished > 10 && unfinished > 0, "{finished} finished, {unfinished} not: nothing was tried");
    let own = root.path().join("temporary");
    fs::create_dir_all(own.join("trace-harness-A1b2C3d4E5f6G7h8I9j0K1l2")).unwrap();
    let cleaned =
        Command::new(PROGRAM).arg("clean").current_dir(root.path()).env("TMPDIR", &own).output().unwrap();
    let printed = String::from_utf8_lossy(&cleaned.stdout);
    assert!(
        cleaned.status.success() && printed.ends_with(&format!("\n{} removed\n", unfinished + 1)),
        "{printed}"
    );
    assert_eq!(bundles(root.path()).len(), finished);
    fs::remove_dir(own).unwrap();
    let left: BTreeSet<String> =
        fs::read_dir(root.path()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(left, BTreeSet::from(["reports".to_owned()]));
}

#[test]
fn writers_of_the_same_second_all_keep_their_bundles() {
    let root = tempfile::tempdir().unwrap();
    let children: Vec<Child> = (0..6).map(|_| start(root.path())).collect();
    children.into_iter().for_each(|mut c| assert!(c.wait().unwrap().success()));
    let made = bundles(root.path());
    assert_eq!(made.len(), 6);
    assert!(made.iter().all(|b| !is_partial(b) && verify(b).unwrap().is_sound()));
}

/// A limit on the size of files is refused by the same call as a full disk, and needs no privileges.
#[test]
fn a_disk_that_takes_no_more_leaves_no_bundle() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("large.txt"), vec![b'x'; 200_000]).unwrap();
    let call = "trap '' XFSZ; ulimit -f 64; exec \"$0\" run --topic t --keep-paths -- cat large.txt";
    let output = Command::new("sh").args(["-c", call, PROGRAM]).current_dir(root.path()).output().unwrap();
    let printed = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(5), "{printed}");
    assert!(printed.contains("error: `") && printed.contains("cannot be written"), "{printed}");
    assert!(bundles(root.path()).is_empty());
}

#[test]
fn a_folder_that_cannot_be_written_to_is_named() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("file"), "").unwrap();
    for reports in ["file/reports", "/proc/reports"] {
        let call = ["run", "--topic", "t", "--reports", reports, "--keep-paths", "--", "true"];
        let output = Command::new(PROGRAM).args(call).current_dir(root.path()).output().unwrap();
        let printed = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(5), "{printed}");
        assert!(printed.contains(reports), "{printed}");
    }
}

/// A run of `script`, whose `$1` is a file that it makes when it is under way; that file.
fn under_way(root: &Path, script: &str) -> (Child, PathBuf) {
    let flag = root.join("flag");
    let child = Command::new(PROGRAM)
        .args(["run", "--topic", "t", "--keep-paths", "--", "sh", "-c", script, "sh"])
        .arg(&flag)
        .current_dir(root)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_until("the command starts", || fs::metadata(&flag).is_ok_and(|file| file.len() > 0));
    (child, flag)
}

fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let clock = Instant::now();
    while !condition() {
        assert!(clock.elapsed() < Duration::from_secs(30), "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn signal(name: &str, process: &Child) {
    let id = process.id().to_string();
    assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
}

/// Whether the process whose number is in `file` runs.
fn runs(file: &Path) -> bool {
    let number = fs::read_to_string(file).unwrap();
    let state = fs::read_to_string(format!("/proc/{}/stat", number.trim())).unwrap_or_default();
    !state.is_empty() && !state.contains(") Z")
}

#[test]
fn cleaning_up_leaves_what_a_running_command_needs_and_what_others_made() {
    let root = tempfile::tempdir().unwrap();
    let temporary = root.path().join("temporary");
    fs::create_dir_all(root.path().join("reports/.partial-download")).unwrap();
    fs::create_dir(&temporary).unwrap();
    let (mut child, _) = under_way(root.path(), "echo $$ > \"$1\"; sleep 2");
    let cleaned = Command::new(PROGRAM)
        .args(["clean", "--json"])
        .current_dir(root.path())
        .env("TMPDIR", &temporary)
        .output()
        .unwrap();
    let result: serde_json::Value = serde_json::from_slice(&cleaned.stdout).unwrap();
    assert!(result["removed"].as_array().unwrap().is_empty(), "{result}");
    let reasons: Vec<&str> =
        result["left"].as_array().unwrap().iter().map(|left| left["reason"].as_str().unwrap()).collect();
    assert_eq!(
        reasons,
        ["has a name that no program of this project gives", "a program may be at work in it"]
    );
    assert!(child.wait().unwrap().success());
    assert!(bundles(root.path()).iter().all(|bundle| verify(bundle).unwrap().is_sound()));
    assert!(root.path().join("reports/.partial-download").is_dir());
}

#[test]
fn a_second_ctrl_c_ends_a_command_that_ignores_the_first_and_leaves_no_folder() {
    let root = tempfile::tempdir().unwrap();
    let script = "trap '' TERM INT; echo $$ > \"$1\"; while :; do sleep 0.1; done";
    let (mut child, flag) = under_way(root.path(), script);
    signal("-INT", &child);
    std::thread::sleep(Duration::from_millis(200));
    signal("-INT", &child);
    assert_eq!(child.wait().unwrap().code(), Some(6));
    wait_until("the command ends", || !runs(&flag));
    assert_eq!(bundles(root.path()), Vec::<PathBuf>::new());
}

#[cfg(target_os = "linux")]
#[test]
fn a_command_does_not_outlive_the_program_that_was_killed() {
    let root = tempfile::tempdir().unwrap();
    let (mut child, flag) = under_way(root.path(), "echo $$ > \"$1\"; while :; do sleep 0.1; done");
    assert!(runs(&flag));
    child.kill().unwrap();
    child.wait().unwrap();
    wait_until("the command ends", || !runs(&flag));
}

#[test]
fn what_a_command_leaves_behind_cannot_change_the_bundle_any_more() {
    let root = tempfile::tempdir().unwrap();
    let script = "(sleep 1; echo late) & setsid sh -c 'sleep 1; echo late' & echo in time";
    let args = ["run", "--topic", "t", "--keep-paths", "--", "sh", "-c", script];
    let status = Command::new(PROGRAM).args(args).current_dir(root.path()).stdout(Stdio::null()).status();
    assert!(status.unwrap().success());
    std::thread::sleep(Duration::from_millis(1500));
    let made = bundles(root.path());
    assert!(made.len() == 1 && verify(&made[0]).unwrap().is_sound());
    assert_eq!(fs::read_to_string(made[0].join("logs/command.stdout.txt")).unwrap(), "in time\n");
}

#[test]
fn ctrl_c_ends_the_command_and_closes_the_bundle() {
    let root = tempfile::tempdir().unwrap();
    let (mut child, _) = under_way(root.path(), "echo started; echo x > \"$1\"; sleep 60");
    let clock = Instant::now();
    signal("-INT", &child);
    assert_eq!(child.wait().unwrap().code(), Some(6));
    assert!(clock.elapsed() < Duration::from_secs(30));
    let made = bundles(root.path());
    assert_eq!(made.len(), 1);
    assert!(verify(&made[0]).unwrap().is_sound());
    let summary = fs::read_to_string(made[0].join("summary.json")).unwrap();
    assert!(summary.contains("\"interrupted\""), "{summary}");
    assert_eq!(fs::read_to_string(made[0].join("logs/command.stdout.txt")).unwrap(), "started\n");
}

/// Results that a child of the command has open when the command has ended are as they were then.
#[test]
fn a_result_that_somebody_still_writes_to_does_not_change_once_the_bundle_is_there() {
    let root = tempfile::tempdir().unwrap();
    let late = "exec 3>>\"$1/late\"; echo early >&3; : > \"$1/ready\"; sleep 1; echo late >&3";
    let script =
        format!("setsid sh -c '{late}' sh \"$1\" & while ! [ -e \"$1/ready\" ]; do sleep 0.01; done");
    let args = ["run", "--topic", "t", "--keep-paths", "--", "sh", "-c", &script, "sh", "{out}/results"];
    let status = Command::new(PROGRAM).args(args).current_dir(root.path()).stdout(Stdio::null()).status();
    assert!(status.unwrap().success());
    std::thread::sleep(Duration::from_millis(1500));
    let made = bundles(root.path());
    assert!(made.len() == 1 && verify(&made[0]).unwrap().is_sound());
    assert_eq!(fs::read_to_string(made[0].join("results/late")).unwrap(), "early\n");
}
