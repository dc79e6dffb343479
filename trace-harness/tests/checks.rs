//! `gate` and `profile` as a user meets them, and what all commands have in common: help, absolute paths.
//! Not here: `matrix` (a file of its own).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use trace_harness::evidence::bundle::verify::verify;

const PROGRAM: &str = env!("CARGO_BIN_EXE_trace-harness");

#[test]
fn nothing_starts_behind_a_closed_gate() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("cases.toml"), "[[case]]\nname = 'a'\nargs = []\n").unwrap();
    fs::write(root.path().join("gate.toml"), "[[tool]]\nname = 'no-such-tool-ever'\n").unwrap();
    let call = |args: &[&str]| Command::new(PROGRAM).args(args).current_dir(root.path()).output().unwrap();
    let closed = call(&["matrix", "cases.toml", "--gate"]);
    let stderr = String::from_utf8_lossy(&closed.stderr);
    assert_eq!((closed.status.code(), root.path().join("reports").exists()), (Some(3), false), "{stderr}");
    assert!(stderr.contains("no-such-tool-ever") && stderr.contains("fix: "), "{stderr}");
    let run = |args: &[&str]| call(args).status.code();
    assert_eq!(run(&["run", "--topic", "t", "--gate", "--", "true"]), Some(3));
    assert_eq!(run(&["run", "--topic", "t", "--", "true"]), Some(0));
    assert_eq!(run(&["gate"]), Some(3));
    fs::write(root.path().join("gate.toml"), "[[tool]]\nname = 'sh'\n").unwrap();
    assert_eq!(run(&["gate"]), Some(0));
    assert_eq!(run(&["gate", "--file", "nowhere.toml"]), Some(5));
    assert_eq!(run(&["triage", "--gate=nowhere.toml", "--current", "x"]), Some(5));
}

#[test]
fn the_gates_file_is_found_above_and_its_absence_is_no_open_gate() {
    let root = tempfile::tempdir().unwrap();
    let below = root.path().join("repository/a/b");
    fs::create_dir_all(&below).unwrap();
    let call = |args: &[&str]| {
        let output = Command::new(PROGRAM).args(args).current_dir(&below).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    // Nothing above the root of a repository belongs to it.
    fs::create_dir(root.path().join("repository/.git")).unwrap();
    fs::write(root.path().join("gate.toml"), "[[tool]]\nname = 'sh'\n").unwrap();
    for args in [&["gate"][..], &["run", "--topic", "t", "--gate", "--", "true"]] {
        let (code, printed) = call(args);
        assert_eq!(code, Some(5), "{printed}");
        assert!(
            printed.contains("there is no `gate.toml` here or above") && !below.join("reports").exists(),
            "{printed}"
        );
    }
    // Without a reference program, which it is there to check, it stays closed.
    let built_in = |path: Option<&str>| {
        let mut command = Command::new(PROGRAM);
        command.args(["gate", "--built-in"]).current_dir(&below).env_remove("NB_C_BIN");
        path.into_iter().for_each(|path| {
            command.env("NB_C_BIN", path);
        });
        command.output().unwrap().status.code()
    };
    assert_eq!(built_in(None), Some(3));
    // Nor does a program open it that is no simulator: one that says nothing, one that talks, one that writes something else.
    let script = |name: &str, text: &str| {
        use std::os::unix::fs::PermissionsExt;
        let path = root.path().join(name);
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let last = "for last; do :; done; [ $# = 0 ] ||";
    let other = script("other", &format!("echo here; {last} echo text > \"$last\""));
    let dark = script("dark", &format!("echo here; {last} head -c 256 /dev/zero > \"$last\""));
    let mute = script("mute", &format!("{last} printf %0256d 1 > \"$last\""));
    for program in ["/bin/true", "/bin/sh", "/bin/date", &other, &dark, &mute] {
        assert_eq!(built_in(Some(program)), Some(3), "{program}");
    }
    let simulator = script("simulator", &format!("echo here; {last} printf %0256d 1 > \"$last\""));
    assert_eq!(built_in(Some(&simulator)), Some(0));
    fs::write(root.path().join("repository/gate.toml"), "[[tool]]\nname = 'sh'\n").unwrap();
    assert_eq!(call(&["gate"]).0, Some(0));
    // The nearest one counts.
    fs::write(root.path().join("repository/a/gate.toml"), "[[tool]]\nname = 'no-such-tool-ever'\n").unwrap();
    assert_eq!(call(&["gate"]).0, Some(3));
}

#[test]
fn numbers_out_of_range_are_usage_errors_that_name_the_range() {
    let root = tempfile::tempdir().unwrap();
    let of_commands: [(&[&str], &[&str]); 7] = [
        (&["diff", "a", "b"], &["--rtol", "--atol"]),
        (&["gradcheck"], &["--eps", "--atol", "--rtol", "--strict"]),
        (&["capture"], &["--timeout"]),
        (&["hygiene", "--plain", "x"], &["--timeout", "--max-cost"]),
        (&["triage", "--current", "x"], &["--timeout"]),
        (&["run", "--topic", "t"], &["--timeout"]),
        (&["profile"], &["--expected", "--tolerance", "--warning", "--maximum", "--minimum", "--timeout"]),
    ];
    for (command, options) in of_commands {
        for option in options {
            for value in ["-1", "nan", "inf", "-inf", "1e999", "much"] {
                let end: &[&str] =
                    if command[0] == "run" || command[0] == "profile" { &["--", "true"] } else { &[] };
                let joined = format!("{option}={value}");
                let args = [command, &[&*joined], end].concat();
                let output = Command::new(PROGRAM).args(&args).current_dir(root.path()).output().unwrap();
                let stderr = String::from_utf8_lossy(&output.stderr);
                assert_eq!(output.status.code(), Some(1), "{args:?}: {stderr}");
                assert!(
                    stderr.contains("expected a number ") && stderr.contains(option),
                    "{args:?}: {stderr}"
                );
            }
        }
    }
    assert!(fs::read_dir(root.path()).unwrap().next().is_none(), "nothing was started");
}

/// `profile` on real processes: what is asked of it here does not depend on how fast they are.
#[test]
fn a_profile_of_real_runs_is_a_sound_bundle_with_a_plot() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("data.txt"), "1\n").unwrap();
    let call = |args: &[&str]| {
        let output = Command::new(PROGRAM).args(args).current_dir(root.path()).output().unwrap();
        let result: Value = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
        (output.status.code().unwrap(), result)
    };
    // Limits that no machine reaches: the times themselves are nobody's business here.
    let limits = ["--expected", "1000", "--tolerance", "1", "--minimum", "1e-9", "--strict"];
    let base = ["profile", "--runs", "3", "--json", "--history", "reports"];
    let (code, result) = call(&[&base[..], &limits, &["--", "cat", "data.txt"]].concat());
    assert_eq!(
        (code, result["wall_s"]["count"].as_u64(), result["level"].as_str()),
        (0, Some(3), Some("in_range"))
    );
    let place = PathBuf::from(result["folder"].as_str().unwrap());
    assert!(place.is_absolute() && verify(&place).unwrap().is_sound());
    assert!(fs::read_to_string(place.join("report.html")).unwrap().contains("<svg "));
    assert_eq!(fs::read_to_string(place.join("logs/run-003.stdout.txt")).unwrap(), "1\n");
    let (code, result) = call(&[&base[..], &limits, &["--", "cat", "data.txt"]].concat());
    assert_eq!((code, result["history"].as_array().unwrap().len()), (0, 1));
    // A program that needs next to nothing is not told to need what this one does.
    let (_, result) = call(&["profile", "--runs", "2", "--json", "--", "true"]);
    let analysis =
        fs::read_to_string(Path::new(result["folder"].as_str().unwrap()).join("analysis.md")).unwrap();
    assert!(analysis.contains("peak memory: at most "), "{analysis}");
    assert_eq!(call(&["profile", "--runs", "1", "--", "sh", "-c", "exit 7"]).0, 2);
    assert_eq!(call(&["profile", "--runs", "0", "--", "true"]).0, 1);
}

#[test]
fn every_command_shows_examples_and_its_exit_statuses() {
    let help = |args: &[&str]| {
        let output = Command::new(PROGRAM).args(args).arg("--help").output().unwrap();
        assert!(output.status.success(), "{args:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let all = help(&[]);
    let listed = all.split("Commands:").nth(1).unwrap().split("Options:").next().unwrap();
    let names: Vec<&str> = listed.lines().filter_map(|l| l.split_whitespace().next()).collect();
    assert!(names.len() > 15, "{names:?}");
    for name in names.into_iter().filter(|n| *n != "help") {
        let page = help(&[name]);
        assert!(page.contains("Examples:\n  ") && page.contains(&format!("trace-harness {name}")), "{page}");
        assert!(page.contains("Exit status: 0"), "{page}");
    }
}

#[test]
fn a_gates_bundle_runs_again_and_says_when_it_closes() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("gate.toml"), "[[tool]]\nname = 'sh'\n").unwrap();
    let call = |args: &[&str]| {
        let output =
            Command::new(PROGRAM).args(args).arg("--json").current_dir(root.path()).output().unwrap();
        (
            output.status.code().unwrap(),
            serde_json::from_slice::<Value>(&output.stdout).unwrap_or(Value::Null),
        )
    };
    let (code, result) = call(&["gate"]);
    let place = result["folder"].as_str().unwrap_or_default().to_owned();
    assert_eq!((code, Path::new(&place).is_absolute()), (0, true), "{result:#}");
    let (code, again) = call(&["rerun", "--yes", &place]);
    let files = &again["files"];
    assert_eq!((code, files[0]["path"].as_str()), (0, Some("results/gate.json")), "{again:#}");
    assert_eq!(files[0]["verdict"].as_str(), Some("identical"), "{again:#}");
}

#[test]
fn paths_that_are_told_are_absolute_wherever_a_command_is_called() {
    let root = tempfile::tempdir().unwrap();
    let call = |args: &[&str]| {
        let output =
            Command::new(PROGRAM).arg("--json").args(args).current_dir(root.path()).output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    let run = ["run", "--topic", "t", "--", "sh", "-c", "echo 1 > \"$1/x\"", "sh", "{out}/results"];
    let bundle = call(&run)["folder"].as_str().unwrap().to_owned();
    let relative = Path::new(&bundle).strip_prefix(root.path().canonicalize().unwrap()).unwrap();
    let relative = relative.to_str().unwrap();
    let printed = [
        call(&["verify", relative])["bundles"][0]["folder"].clone(),
        call(&["index"])["page"].clone(),
        call(&["ledger", relative])["file"].clone(),
        call(&["rerun", "--yes", relative, "--out", "again"])["folder"].clone(),
    ];
    for path in &printed {
        let path = Path::new(path.as_str().unwrap_or_else(|| panic!("{printed:?}")));
        assert!(path.is_absolute() && path.exists(), "{}", path.display());
    }
}

#[test]
fn completions_and_manual_know_the_commands_and_no_internal_one() {
    let text =
        |args: &[&str]| String::from_utf8(Command::new(PROGRAM).args(args).output().unwrap().stdout).unwrap();
    for page in [text(&["completions", "bash"]), text(&["man"]), text(&["--help"])] {
        assert!(["triage", "gate", "matrix", "profile"].iter().all(|name| page.contains(name)));
        assert!(!page.contains("matrix-worker") && !page.contains("__nanobragg"));
    }
}

/// What is printed is a result: where it does not arrive, nothing was said.
#[cfg(target_os = "linux")]
#[test]
fn a_full_standard_output_is_an_error_whatever_the_result() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("a.log"), "TRACE_C: x 1.5\n").unwrap();
    fs::write(root.path().join("s.toml"), "[[key]]\nname = 'x'\n").unwrap();
    let results = r#"<testsuite tests="1"><testcase classname="c" name="t"/></testsuite>"#;
    fs::write(root.path().join("run.xml"), results).unwrap();
    fs::write(root.path().join("gate.toml"), "[[tool]]\nname = 'sh'\n").unwrap();
    let call = |args: &[&str], full: bool| {
        let mut command = Command::new(PROGRAM);
        command.args(args).current_dir(root.path());
        if full {
            command.stdout(fs::File::options().write(true).open("/dev/full").unwrap());
        }
        let output = command.output().unwrap();
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    let run = ["run", "--topic", "t", "--json", "--", "sh", "-c", "echo 1 > \"$1/x\"", "sh", "{out}/results"];
    let (_, result, _) = call(&run, false);
    let result: Value = serde_json::from_str(&result).unwrap();
    let bundle = result["folder"].as_str().unwrap();
    let calls: [&[&str]; 13] = [
        &["verify", bundle],
        &["verify", "--recompute", bundle],
        &["rerun", "--yes", bundle],
        &["index"],
        &["ledger", bundle],
        &["clean"],
        &["run", "--topic", "t", "--", "true"],
        &["diff", "a.log", "a.log"],
        &["triage", "--current", "run.xml"],
        &["gate"],
        &["profile", "--runs", "1", "--", "true"],
        &["man"],
        &["completions", "bash"],
    ];
    for args in calls {
        for json in [&[][..], &["--json"]] {
            let args = [json, args].concat();
            let (code, _, result) = call(&args, false);
            assert_eq!(code, Some(0), "{args:?}: {result}");
            let (code, _, result) = call(&args, true);
            assert_eq!(code, Some(5), "{args:?}: {result}");
            assert!(result.contains("standard output"), "{args:?}: {result}");
        }
    }
}

/// The same of what runs the simulator, or asks its traces.
#[cfg(target_os = "linux")]
#[test]
fn a_full_standard_output_is_an_error_of_the_simulators_checks_too() {
    let root = tempfile::tempdir().unwrap();
    let call = |args: &[&str], full: bool| {
        let mut command = Command::new(PROGRAM);
        command.args(args).current_dir(root.path()).env_remove("NB_C_BIN");
        if full {
            command.stdout(fs::File::options().write(true).open("/dev/full").unwrap());
        }
        let output = command.output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let flags = ["-default_F", "100", "-cell", "50", "50", "50", "90", "90", "90", "-lambda", "1", "-N", "3"];
    let words: Vec<String> =
        flags.iter().chain(&["-detpixels", "16", "-distance", "100"]).map(|w| format!("'{w}'")).collect();
    let list = format!("[[case]]\nname = 'a'\nargs = [{}]\n", words.join(", "));
    fs::write(root.path().join("cases.toml"), list).unwrap();
    let (code, printed) = call(&["capture", "--config", "simple-cubic", "--out", "a.log"], false);
    assert_eq!(code, Some(0), "{printed}");
    let calls: [(&[&str], i32); 5] = [
        (&["capture", "--config", "simple-cubic"], 0),
        (&["audit", "a.log"], 0),
        (&["hygiene", "--config", "simple-cubic", "--rounds", "1"], 0),
        (&["gradcheck", "--params", "distance", "--case", "cubic"], 0),
        // Nothing is stored to compare with.
        (&["matrix", "cases.toml", "--program", "built-in"], 5),
    ];
    for (args, usual) in calls {
        let (code, printed) = call(args, false);
        assert_eq!(code, Some(usual), "{args:?}: {printed}");
        assert!(!printed.contains("standard output"), "{args:?}: {printed}");
        let (code, printed) = call(args, true);
        assert_eq!(code, Some(5), "{args:?}: {printed}");
        assert!(printed.contains("standard output"), "{args:?}: {printed}");
    }
}

#[test]
fn no_message_repeats_a_hundred_kilobytes() {
    let root = tempfile::tempdir().unwrap();
    let long = "x".repeat(100_000);
    let calls: [&[&str]; 6] = [
        &["diff", &long, &long],
        &["audit", &long],
        &["triage", "--current", &long],
        &["verify", &long],
        &["matrix", &long],
        &["capture", "--config", &long],
    ];
    for args in calls {
        let output = Command::new(PROGRAM).args(args).current_dir(root.path()).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && stderr.contains("xxx"), "{}: {}", args[0], stderr.len());
        assert!(stderr.len() < 20_000, "{} says {} bytes", args[0], stderr.len());
    }
}
