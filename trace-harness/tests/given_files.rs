//! Files that a user names: whatever a name leads to, a command ends soon, in little memory, and says what is wrong.
//!
//! Not here: what is in the files.

use std::fs;
use std::path::Path;
use std::process::Command;

/// Ends a command that waits or reads for ever: 124 after half a minute, and a failure above 3 GB of memory.
const LIMITED: &str = "ulimit -v 3000000; exec timeout 30 \"$0\" \"$@\"";

fn call(folder: &Path, args: &[&str]) -> (i32, String) {
    let mut limited = Command::new("sh");
    limited.args(["-c", LIMITED, env!("CARGO_BIN_EXE_trace-harness")]).args(args).current_dir(folder);
    let output = limited.output().unwrap();
    (output.status.code().unwrap(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// A folder with the sound bundle `b` and the pipe `pipe`, that nobody writes to.
fn place() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    let (code, printed) = call(root.path(), &["run", "--topic", "t", "--keep-paths", "--", "true"]);
    assert_eq!(code, 0, "{printed}");
    let made = fs::read_dir(root.path().join("reports/t")).unwrap().next().unwrap().unwrap().path();
    fs::rename(made, root.path().join("b")).unwrap();
    fs::write(root.path().join("trace"), "TRACE_C: x 1\n").unwrap();
    fs::write(root.path().join("results.xml"), "<testsuite><testcase name=\"a\"/></testsuite>").unwrap();
    assert!(Command::new("mkfifo").arg(root.path().join("pipe")).status().unwrap().success());
    root
}

#[test]
fn no_name_makes_a_command_wait_for_ever_or_fill_the_memory() {
    let root = place();
    for (code, before) in [
        (5, &["run", "--plan"][..]),
        (5, &["run", "--topic", "t", "--keep-paths", "--note", "FILE", "--", "true"]),
        (5, &["verify", "b", "--allowed-signers"]),
        (5, &["sign", "b", "--key"]),
        (5, &["ledger", "b", "--file"]),
        (5, &["diff", "trace", "trace", "--schema"]),
        (5, &["diff", "trace", "trace", "--tolerances"]),
        (5, &["diff", "trace"]),
        (5, &["triage", "--current", "results.xml", "--out", "t", "--rules"]),
    ] {
        for (file, problem) in [("pipe", ""), ("/dev/zero", ""), ("b", ""), ("nowhere/x", "No such file")] {
            let mut args: Vec<&str> =
                before.iter().map(|word| if *word == "FILE" { file } else { word }).collect();
            if !args.contains(&file) || file == "b" && !before.contains(&"FILE") {
                args.push(file);
            }
            let (ended, printed) = call(root.path(), &args);
            let first = printed.lines().find(|line| line.starts_with("error: ")).unwrap_or_default();
            assert_eq!(ended, code, "{args:?}: {printed}");
            assert!(first.contains(file) && first.contains(problem), "{args:?}: {printed}");
        }
    }
}

#[test]
fn an_input_of_a_plan_is_an_ordinary_file() {
    let root = place();
    for file in ["pipe", "/dev/zero", "b"] {
        let plan = format!("topic = 't'\n[[step]]\nname = 'x'\ncommand = ['true']\ninputs = ['{file}']\n");
        fs::write(root.path().join("plan.toml"), plan).unwrap();
        let (code, printed) = call(root.path(), &["run", "--keep-paths", "--plan", "plan.toml"]);
        assert!(code == 5 && printed.contains("no regular file"), "{file}: {code} {printed}");
    }
}

#[test]
fn a_plan_may_come_through_a_pipe() {
    let root = place();
    let script = "printf \"topic = 'p'\\n[[step]]\\nname = 'x'\\ncommand = ['true']\\n\" > pipe &
        exec timeout 30 \"$0\" run --keep-paths --plan pipe";
    let mut shell = Command::new("sh");
    shell.args(["-c", script, env!("CARGO_BIN_EXE_trace-harness")]).current_dir(root.path());
    let output = shell.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(root.path().join("reports/p").is_dir());
}

#[test]
fn a_trace_is_not_written_over_the_configuration_that_it_is_made_from() {
    let root = place();
    let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/configs/simple-cubic.toml");
    fs::copy(&config, root.path().join("mine.toml")).unwrap();
    for (out, word) in
        [("mine.toml", "is read by this very command"), ("nowhere/x.log", "its folder is not there")]
    {
        let (code, printed) = call(root.path(), &["capture", "--config", "mine.toml", "--out", out]);
        assert!(code == 1 && printed.contains(word), "{out}: {printed}");
    }
    assert_eq!(fs::read(root.path().join("mine.toml")).unwrap(), fs::read(config).unwrap());
}
