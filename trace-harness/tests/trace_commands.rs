//! The trace commands at the shell: exit codes, written files, and the pages that are made from them.
//!
//! Not here: what a comparison finds (`attribution`, `sensitivity`).

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/attribution")
}

/// Runs the program in `folder`.
fn run(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trace-harness"));
    command.args(args).current_dir(folder).output().expect("the program runs")
}

fn code(folder: &Path, args: &[&str]) -> i32 {
    run(folder, args).status.code().expect("an exit code")
}

fn folder_with_traces() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["cubic_c.trace", "cubic_py.trace"] {
        std::fs::copy(root().join(name), folder.path().join(name)).expect("copied");
    }
    std::fs::write(folder.path().join("broken.trace"), "TRACE_C: a 1\nTRACE_RS_PIXEL seven\n")
        .expect("written");
    std::fs::write(folder.path().join("chatter.log"), "nothing to see\n").expect("written");
    folder
}

#[test]
fn exit_codes_tell_same_different_usage_and_unreadable_apart() {
    let folder = folder_with_traces();
    let of = |args: &[&str]| code(folder.path(), args);
    assert_eq!(of(&["diff", "cubic_c.trace", "cubic_c.trace"]), 0);
    assert_eq!(of(&["diff", "cubic_c.trace", "cubic_py.trace"]), 3);
    assert_eq!(of(&["diff", "cubic_c.trace"]), 1);
    assert_eq!(of(&["diff", "cubic_c.trace", "cubic_c.trace", "--rtol", "-1"]), 1);
    assert_eq!(of(&["diff", "cubic_c.trace", "nowhere"]), 5);
    assert_eq!(of(&["diff", "cubic_c.trace", "broken.trace"]), 5);
    assert_eq!(of(&["diff", "chatter.log", "chatter.log"]), 5);
    std::fs::write(folder.path().join("other.trace"), "TRACE_C: no_key_of_theirs 1\n").expect("written");
    assert_eq!(of(&["diff", "cubic_c.trace", "other.trace"]), 4);
    assert_eq!(of(&["diff", "cubic_c.trace", "cubic_c.trace", "--min-compared", "100000"]), 5);
    assert_eq!(of(&["audit", "cubic_c.trace"]), 0);
    assert_eq!(of(&["audit", "cubic_py.trace"]), 3);
    assert_eq!(of(&["audit", "chatter.log"]), 5);
    assert_eq!(of(&["audit"]), 1);
}

#[test]
fn a_given_value_that_no_law_asks_for_is_refused_with_the_names_that_are_asked_for() {
    let folder = folder_with_traces();
    let output = run(folder.path(), &["audit", "cubic_c.trace", "--given", "foo=5"]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), output.stdout.is_empty()), (Some(1), true), "{stderr}");
    assert!(
        ["`foo`", "`Na`", "`pixel_size_m`", "`background`"].iter().all(|name| stderr.contains(name)),
        "{stderr}"
    );
    assert_eq!(code(folder.path(), &["audit", "cubic_c.trace", "--given", "background=0"]), 0);
}

#[test]
fn a_broken_trace_is_named_with_its_line_and_what_was_expected() {
    let folder = folder_with_traces();
    let output = run(folder.path(), &["diff", "cubic_c.trace", "broken.trace"]);
    let text = String::from_utf8(output.stderr).expect("text");
    assert_eq!(text, "error: `broken.trace`, line 2: `seven` after PIXEL; expected slow and fast\n");
}

#[test]
fn the_folder_of_results_holds_four_readings_of_the_same_comparison() {
    let folder = folder_with_traces();
    assert_eq!(code(folder.path(), &["diff", "cubic_c.trace", "cubic_py.trace", "--out", "result"]), 3);
    let text =
        |name: &str| std::fs::read_to_string(folder.path().join("result").join(name)).expect("written");
    let metrics: Value = serde_json::from_str(&text("metrics.json")).expect("JSON");
    assert_eq!(metrics["root_causes"][0]["key"], "fluence_photons_per_m2");
    assert_eq!(metrics["first_divergence"]["key"], "rot_a_angstroms");
    assert_eq!(metrics["attribution"][0]["shares"][0]["factor"], "fluence_photons_per_m2");
    assert_eq!(metrics["keys"].as_array().map(Vec::is_empty), Some(false));
    assert!(text("summary.md").contains("| `fluence_photons_per_m2` |"));
    assert!(text("trace.diff").contains("\n-fluence_photons_per_m2 1e+24\n"));
    assert!(text("diff.html").contains("fluence_photons_per_m2") && !text("diff.html").contains("://"));
    // An existing folder is never written into.
    assert_eq!(code(folder.path(), &["diff", "cubic_c.trace", "cubic_py.trace", "--out", "result"]), 5);
}

/// The tool and `sha256sum` both find every file as the manifest says.
fn is_sound(bundle: &Path) -> bool {
    let sums = Command::new("sha256sum").args(["-c", "sha256.txt", "--quiet"]).current_dir(bundle).status();
    code(bundle, &["verify", "."]) == 0 && sums.expect("sha256sum").success()
}

#[test]
fn comparisons_and_audits_leave_evidence_that_verifies_and_runs_again() {
    let folder = folder_with_traces();
    let commands: [(&[&str], &[&str]); 2] = [
        (
            &["diff", "cubic_c.trace", "cubic_py.trace", "--atol", "0", "--allow-missing", "set-up"],
            &["summary.md", "metrics.json", "trace.diff", "diff.html"],
        ),
        (&["audit", "cubic_c.trace", "cubic_py.trace", "--given", "Na=5"], &["audit.txt", "audit.json"]),
    ];
    for (command, files) in commands {
        let out = format!("kept-{}", command[0]);
        assert_eq!(code(folder.path(), &[command, &["--out", &out, "--keep-paths"]].concat()), 3);
        let bundle = folder.path().join(&out);
        let read =
            |name: &str| std::fs::read_to_string(bundle.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert!(files.iter().all(|name| !read(name).is_empty()) && is_sound(&bundle));
        assert!(
            read("commands.txt").contains(&format!("{} {{input:", command[0])),
            "{}",
            read("commands.txt")
        );
        assert!(read(&format!("logs/{}.stdout.txt", command[0])).contains("cubic_py.trace"));
        let summary: Value = serde_json::from_str(&read("summary.json")).expect("JSON");
        assert_eq!((summary["kind"].as_str(), summary["verdict"].as_str()), (Some(command[0]), Some("FAIL")));
        assert_eq!(summary["inputs"].as_array().map(Vec::len), Some(2));
        let again = run(folder.path(), &["rerun", "--yes", &out, "--out", "again", "--keep-paths"]);
        let printed = String::from_utf8(again.stdout).expect("text");
        assert_eq!(again.status.code(), Some(0), "{printed}{}", String::from_utf8_lossy(&again.stderr));
        assert_eq!(printed.matches("identical: ").count(), files.len(), "{printed}");
    }
}

#[test]
fn the_terminal_gets_no_colour_when_it_is_none_and_json_when_asked() {
    let folder = folder_with_traces();
    let plain = run(folder.path(), &["diff", "cubic_c.trace", "cubic_py.trace"]).stdout;
    assert!(!plain.contains(&0x1b));
    let json = run(folder.path(), &["--json", "diff", "cubic_c.trace", "cubic_py.trace"]).stdout;
    let value: Value = serde_json::from_slice(&json).expect("JSON");
    assert_eq!(value["verdict"], "FAIL");
}

#[test]
fn another_programs_schema_is_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("written");
    write(
        "s.toml",
        "[[key]]\nname = 'mass'\n[[key]]\nname = 'force'\ninputs = ['mass']\nlaw = '2 * mass'\nresult = true\n",
    );
    write("a", "TRACE_JL: mass 1\nTRACE_JL: force 2\n");
    write("b", "TRACE_JL: mass 1.5\nTRACE_JL: force 3\n");
    let output = run(folder.path(), &["--json", "diff", "a", "b", "--schema", "s.toml"]);
    let value: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let causes: Vec<&Value> =
        value["root_causes"].as_array().expect("a list").iter().map(|c| &c["key"]).collect();
    assert_eq!(causes, ["mass"]);
    assert_eq!(code(folder.path(), &["audit", "a", "b", "--schema", "s.toml"]), 0);
    write("c", "TRACE_JL: mass 1.5\nTRACE_JL: force 2\n");
    assert_eq!(code(folder.path(), &["audit", "c", "--schema", "s.toml"]), 3);
    write("no.toml", "[[key]]\nname = 'a'\ninputs = ['b']\n");
    assert_eq!(code(folder.path(), &["audit", "a", "--schema", "no.toml"]), 1);
}

fn page(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(name);
    std::fs::read_to_string(path).expect("a page")
}

#[test]
fn the_page_of_trace_keys_is_the_one_that_the_program_makes() {
    let folder = tempfile::tempdir().expect("a folder");
    let made = String::from_utf8(run(folder.path(), &["keys"]).stdout).expect("text");
    assert_eq!(made, page("trace-keys.md"), "write it again with `trace-harness keys > docs/trace-keys.md`");
    let toml = run(folder.path(), &["keys", "--toml"]).stdout;
    std::fs::write(folder.path().join("own.toml"), toml).expect("written");
    std::fs::copy(root().join("cubic_c.trace"), folder.path().join("c")).expect("copied");
    assert_eq!(code(folder.path(), &["audit", "c", "--schema", "own.toml"]), 0);
}

#[test]
fn the_trace_keys_are_json_where_json_is_asked_for_and_one_form_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let printed = run(folder.path(), &["keys", "--json"]);
    let schema: serde_json::Value = serde_json::from_slice(&printed.stdout).expect("JSON");
    let toml = String::from_utf8(run(folder.path(), &["keys", "--toml"]).stdout).expect("text");
    let toml: toml::Table = toml.parse().expect("TOML");
    let names = |names: Vec<Option<&str>>| -> Vec<String> {
        names.into_iter().map(|n| n.unwrap().to_owned()).collect()
    };
    let of_json = schema["key"].as_array().expect("keys").iter().map(|key| key["name"].as_str()).collect();
    let of_toml = toml["key"].as_array().expect("keys").iter().map(|key| key["name"].as_str()).collect();
    assert_eq!(names(of_json), names(of_toml));
    assert_eq!(code(folder.path(), &["keys", "--json", "--toml"]), 1);
}

#[test]
fn the_tutorial_shows_what_the_program_prints() {
    let page = page("tutorial-126451.md");
    let mut shown = 0;
    for block in page.split("```console\n").skip(1) {
        let block = block.split("```").next().expect("a block");
        let (command, expected) = block.split_once('\n').expect("a command and its output");
        let words: Vec<&str> =
            command.strip_prefix("$ trace-harness ").expect("our program").split(' ').collect();
        let output = String::from_utf8(run(&root(), &words).stdout).expect("text");
        for line in expected.lines().filter(|line| *line != "…" && !line.is_empty()) {
            assert!(output.lines().any(|l| l == line), "`{line}` is not printed by `{command}`:\n{output}");
            shown += 1;
        }
    }
    assert!(shown > 40, "{shown} lines");
}

#[test]
fn names_of_a_trace_mean_nothing_in_what_is_written_about_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let trace = |value: &str| format!("TRACE_C: <img|onerror=`x`> {value}\nTRACE_C: y 1\n");
    std::fs::write(folder.path().join("a"), trace("1")).expect("written");
    std::fs::write(folder.path().join("b"), trace("2")).expect("written");
    assert_eq!(code(folder.path(), &["diff", "a", "b", "--out", "result"]), 3);
    let text = std::fs::read_to_string(folder.path().join("result/summary.md")).expect("read");
    let outside: Vec<&str> = text.split("```").step_by(2).collect();
    for line in outside.concat().lines().filter(|line| line.contains("img")) {
        let in_code = line.contains("`` <img\\|onerror=`x`> ``");
        assert!(in_code || line.contains("&lt;img"), "{line}");
    }
    assert!(text.contains("onerror"), "{text}");
}
