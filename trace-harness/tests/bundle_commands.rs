//! `run`, `verify`, `rerun`, `index` and `ledger` as a user meets them, and their files against the committed schemas.
//!
//! Long because all of it is about one bundle after the other, made and forged by the same few functions.

#[path = "support/called.rs"]
mod called;
#[path = "../examples/diff_traces.rs"]
mod diff_traces;
#[path = "support/json_schema.rs"]
mod json_schema;
#[path = "../examples/write_and_verify_a_bundle.rs"]
mod write_and_verify_a_bundle;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::called::{Called, call};

/// Runs `script` as a bundle; gives the call and the bundle's folder relative to `folder`.
fn run(folder: &Path, script: &str, more: &[&str]) -> (Called, PathBuf) {
    let args =
        [&["run", "--topic", "t", "--json", "--keep-paths"], more, &["--", "sh", "-c", script]].concat();
    let called = call(folder, &args);
    let result: Value =
        serde_json::from_str(&called.out).unwrap_or_else(|e| panic!("{e}: {}{}", called.out, called.err));
    let place = PathBuf::from(result["folder"].as_str().unwrap());
    (called, place)
}

fn assert_valid(file: &Path, schema: &str) {
    let read = |path: &Path| -> Value { serde_json::from_slice(&fs::read(path).unwrap()).unwrap() };
    let schema = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas").join(schema));
    let value = read(file);
    let wrong = json_schema::faults(&value, &schema);
    assert!(wrong.is_empty(), "{}: {wrong:#?}", file.display());
}

#[test]
fn the_exit_code_is_that_of_the_first_failing_step() {
    let root = tempfile::tempdir().unwrap();
    assert_eq!(run(root.path(), "true", &[]).0.code, 0);
    assert_eq!(run(root.path(), "exit 7", &[]).0.code, 2);
    assert_eq!(run(root.path(), "sleep 30", &["--timeout", "0.2"]).0.code, 2);
    assert_eq!(call(root.path(), &["run", "--topic", "../x", "--", "true"]).code, 1);
    assert_eq!(call(root.path(), &["run", "--topic", "t"]).code, 1);
}

#[test]
fn the_files_obey_their_schemas_also_after_failures() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("note.md"), "what I saw").unwrap();
    for script in ["touch x", "exit 7", "kill -9 $$"] {
        let (_, place) = run(root.path(), script, &["--note", "note.md"]);
        assert_valid(&place.join("summary.json"), "summary.schema.json");
        assert_valid(&place.join("env.json"), "env.schema.json");
        assert!(fs::read_to_string(place.join("analysis.md")).unwrap().contains("what I saw"));
    }
}

#[test]
fn a_plan_runs_its_slow_steps_first() {
    let root = tempfile::tempdir().unwrap();
    let plan = "topic = 'p'\n\
        [[step]]\nname = 'use'\ncommand = ['sh', '-c', 'cat \"$1/made\" > \"$1/used\"', 'sh', '{out}/results']\n\
        [[step]]\nname = 'make'\nslow = true\ntimeout_s = 20.0\nexport = { WORD = 'hello' }\n\
        command = ['sh', '-c', 'echo $WORD > \"$1/made\"', 'sh', '{out}/results']\n\
        outputs = [{ path = 'results/made', tolerance = { kind = 'exact' } }]\n";
    fs::write(root.path().join("plan.toml"), plan).unwrap();
    let called = call(root.path(), &["run", "--plan", "plan.toml", "--json", "--keep-paths"]);
    assert_eq!(called.code, 0, "{}{}", called.out, called.err);
    let result: Value = serde_json::from_str(&called.out).unwrap();
    let place = PathBuf::from(result["folder"].as_str().unwrap());
    assert_eq!(fs::read_to_string(place.join("results/used")).unwrap(), "hello\n");
    let names: Vec<&str> =
        result["summary"]["steps"].as_array().unwrap().iter().map(|s| s["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["make", "use"]);
    assert!(fs::read_to_string(place.join("commands.txt")).unwrap().contains("export   WORD=hello\n"));
    assert_valid(&place.join("summary.json"), "summary.schema.json");
}

#[test]
fn verify_says_what_is_wrong_and_exits_3() {
    let root = tempfile::tempdir().unwrap();
    let (_, place) = run(root.path(), "true", &[]);
    let name = place.to_str().unwrap();
    let sound = call(root.path(), &["verify", name]);
    assert_eq!((sound.code, sound.out.contains(": sound, ")), (0, true), "{}", sound.out);
    fs::write(place.join("env.json"), "{}").unwrap();
    fs::write(place.join("new"), "").unwrap();
    let broken = call(root.path(), &["verify", name]);
    assert_eq!(broken.code, 3);
    let lines: Vec<&str> =
        broken.out.lines().skip(1).map(|l| l.trim().split(": ").take(2).last().unwrap()).collect();
    assert_eq!(lines, ["`env.json`", "`new`"], "{}", broken.out);
    assert_eq!(call(root.path(), &["verify", "nowhere"]).code, 5);
}

#[test]
fn a_bundle_that_cannot_be_read_hides_no_other() {
    let root = tempfile::tempdir().unwrap();
    let (_, place) = run(root.path(), "echo 1", &[]);
    let place = place.to_str().unwrap();
    fs::write(root.path().join("none"), "").unwrap();
    let called = call(root.path(), &["verify", "nowhere", place, "none"]);
    assert_eq!(called.code, 5, "{}{}", called.out, called.err);
    assert!(called.out.contains(": sound") && called.err.contains("nowhere"), "{}{}", called.out, called.err);
    assert!(called.err.contains("none"), "{}", called.err);
    fs::write(Path::new(place).join("logs/command.stdout.txt"), "2\n").unwrap();
    let called = call(root.path(), &["verify", "--json", "nowhere", place]);
    let result: Value = serde_json::from_str(&called.out).unwrap();
    assert_eq!((called.code, &result["sound"], &result["unread"][0]), (3, &false.into(), &"nowhere".into()));
}

#[cfg(target_os = "linux")]
#[test]
fn what_nobody_reads_ends_no_work() {
    let root = tempfile::tempdir().unwrap();
    let full = || fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let run = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_trace-harness"));
        command.args(args).current_dir(root.path()).stderr(full()).output().unwrap()
    };
    let output = run(&["run", "--topic", "t", "--", "true"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let bundle = String::from_utf8(output.stdout).unwrap();
    let bundle = bundle.lines().find_map(|line| line.strip_prefix("evidence: ")).unwrap();
    let heard = call(root.path(), &["rerun", "--yes", bundle]);
    assert_eq!(run(&["rerun", "--yes", bundle]).status.code(), Some(heard.code));
}

#[test]
fn rerun_index_and_ledger_work_on_what_run_made() {
    let root = tempfile::tempdir().unwrap();
    let (_, place) = run(root.path(), "true", &[]);
    let args = [
        "run",
        "--topic",
        "t",
        "--json",
        "--keep-paths",
        "--",
        "sh",
        "-c",
        "echo 5 > \"$1\"",
        "sh",
        "{out}/results/n",
    ];
    let made: Value = serde_json::from_str(&call(root.path(), &args).out).unwrap();
    let again =
        call(root.path(), &["rerun", "--yes", made["folder"].as_str().unwrap(), "--keep-paths", "--json"]);
    assert_eq!(again.code, 0, "{}{}", again.out, again.err);
    let result: Value = serde_json::from_str(&again.out).unwrap();
    assert_eq!(result["files"][0]["verdict"], "identical");
    assert_eq!(call(root.path(), &["rerun", "--yes", place.to_str().unwrap(), "--keep-paths"]).code, 5);
    let index = call(root.path(), &["index"]);
    let page = root.path().canonicalize().unwrap().join("reports/index.html");
    assert_eq!((index.code, index.out), (0, format!("4 bundles: {}\n", page.display())));
    let entry = call(root.path(), &["ledger", place.to_str().unwrap()]);
    assert_eq!(entry.code, 0, "{}", entry.err);
    assert!(fs::read_to_string(root.path().join("LEDGER.md")).unwrap().contains("## Attempt 1 ("));
}

#[test]
fn a_variable_that_names_a_home_folder_is_refused_before_the_command_runs() {
    let (root, home) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let [own, other] = ["own", "other"].map(|name| home.path().join(name));
    fs::copy("/bin/touch", &own).unwrap();
    let call = |variable: &Path| {
        let output = Command::new(env!("CARGO_BIN_EXE_trace-harness"))
            .args(["run", "--topic", "t", "--", own.to_str().unwrap(), "ran"])
            .envs([("NB_C_BIN", variable), ("HOME", home.path())])
            .current_dir(root.path())
            .output()
            .unwrap();
        (output.status.code(), root.path().join("ran").exists())
    };
    assert_eq!(call(&other), (Some(1), false));
    // Where the variable names the very program that is run, it is recorded by its digest.
    assert_eq!(call(&own), (Some(0), true));
}

#[test]
fn a_bundle_of_somebody_else_is_not_run_without_anybody_agreeing() {
    let (root, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let flag = elsewhere.path().join("flag");
    let (_, place) = run(root.path(), &format!("echo x >> '{}'", flag.display()), &[]);
    let before = fs::read(&flag).unwrap();
    let refused = call(root.path(), &["rerun", place.to_str().unwrap(), "--keep-paths"]);
    assert_eq!((refused.code, fs::read(&flag).unwrap()), (1, before), "{}", refused.err);
    assert!(refused.err.contains("--yes") && refused.err.contains("echo x >>"), "{}", refused.err);
}

#[test]
fn a_command_that_prints_without_end_fails_with_what_it_printed_until_then() {
    let root = tempfile::tempdir().unwrap();
    let (called, place) =
        run(root.path(), "while :; do echo yyyyyyyyyyyyyyyyyyyyyyyyyyyyy; done", &["--max-output", "1"]);
    assert_eq!(called.code, 2, "{}", called.err);
    assert_eq!(fs::metadata(place.join("logs/command.stdout.txt")).unwrap().len(), 1 << 20);
    assert_valid(&place.join("summary.json"), "summary.schema.json");
    assert_eq!(call(root.path(), &["verify", place.to_str().unwrap()]).code, 0);
}

#[test]
fn a_password_is_warned_of_and_left_out_on_demand() {
    let root = tempfile::tempdir().unwrap();
    let args =
        ["run", "--topic", "t", "--keep-paths", "--redact", "hunter.", "--", "echo", "--password", "hunter2"];
    let warned = call(root.path(), &[&args[..4], &args[6..]].concat());
    assert!(
        warned.err.contains("warning: ") && warned.err.contains("--redact") && !warned.err.contains("hunter")
    );
    let quiet = call(root.path(), &args);
    assert!(!quiet.err.contains("warning: "), "{}", quiet.err);
    let place = quiet.out.rsplit_once("evidence: ").unwrap().1.trim();
    let log = fs::read_to_string(Path::new(place).join("logs/command.stdout.txt")).unwrap();
    assert_eq!(log, "--password {redacted}\n");
    let again = call(root.path(), &["rerun", "--yes", place]);
    assert!(again.code == 5 && again.err.contains("left out of the bundle"), "{}", again.err);
}

#[test]
fn what_a_first_run_leaves_out_and_how_much_it_prints_holds_for_the_second() {
    let (root, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let [secret, flag] = ["secret", "flag"].map(|name| elsewhere.path().join(name));
    fs::write(&secret, "hunter2\n").unwrap();
    let script = format!(
        "cat '{}'; if [ -e '{}' ]; then head -c 3000000 /dev/zero; fi",
        secret.display(),
        flag.display()
    );
    let log = |place: &Path| fs::read_to_string(place.join("logs/command.stdout.txt")).unwrap();
    let again = |place: &Path, more: &[&str]| {
        let called =
            call(root.path(), &[&["rerun", "--yes", "--keep-paths", place.to_str().unwrap()], more].concat());
        let made = called.out.rsplit_once("evidence: ").map(|(_, place)| PathBuf::from(place.trim()));
        (made.unwrap_or_else(|| panic!("{}{}", called.out, called.err)), called)
    };
    let (called, place) = run(root.path(), &script, &["--redact", "hunter[0-9]", "--max-output", "1"]);
    assert_eq!((called.code, log(&place).as_str()), (0, "{redacted}\n"), "{}", called.err);
    assert_valid(&place.join("summary.json"), "summary.schema.json");
    let (made, called) = again(&place, &["--redact", "hunter[0-9]"]);
    assert_eq!((called.code, log(&made).as_str()), (5, "{redacted}\n"), "there is no result to compare");
    // Whoever does not know what is to be left out keeps nothing, in a second run and a third.
    let (second, called) = again(&place, &[]);
    assert!(called.err.contains("without --redact REGEX nothing"), "{}", called.err);
    let (third, _) = again(&second, &[]);
    assert_eq!([log(&second), log(&third)], ["{redacted}", "{redacted}"]);
    fs::write(&flag, "").unwrap();
    let (made, called) = again(&place, &["--redact", "hunter[0-9]"]);
    let length = fs::metadata(made.join("logs/command.stdout.txt")).unwrap().len();
    assert!(called.code != 0 && length > 1 << 19 && length <= (1 << 20) + 3, "{length}: {}", called.out);
}

#[test]
fn variables_of_the_loader_are_recorded_by_name_and_not_by_value() {
    let root = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_trace-harness"))
        .args(["run", "--topic", "t", "--keep-paths", "--json", "--", "true"])
        .env("LD_LIBRARY_PATH", "/nowhere/of/mine")
        .current_dir(root.path())
        .output()
        .unwrap();
    let result: Value = serde_json::from_slice(&output.stdout).unwrap();
    let place = PathBuf::from(result["folder"].as_str().unwrap());
    let environment = fs::read_to_string(place.join("env.json")).unwrap();
    assert!(
        environment.contains("\"LD_LIBRARY_PATH\"") && !environment.contains("/nowhere/of/mine"),
        "{environment}"
    );
    assert_valid(&place.join("env.json"), "env.schema.json");
}

#[test]
fn a_plan_of_our_own_tools_can_be_run_again() {
    let root = tempfile::tempdir().unwrap();
    let trace = "TRACE_C:wavelength_m=1e-10\nTRACE_C:distance_m=0.1\n";
    for name in ["a.log", "b.log"] {
        fs::write(root.path().join(name), trace).unwrap();
    }
    let other = trace.replace("1e-10", "2e-10");
    fs::write(root.path().join("c.log"), other).unwrap();
    let plan = "topic = 'p'\n\
        [[step]]\nname = 'same'\ncommand = ['trace-harness', 'diff', 'a.log', 'b.log', '--files', '{out}/results']\n\
        [[step]]\nname = 'other'\nexpect = 3\n\
        command = ['trace-harness', 'diff', 'a.log', 'c.log', '--out', '{out}/results/other']\n";
    fs::write(root.path().join("plan.toml"), plan).unwrap();
    let own = Path::new(env!("CARGO_BIN_EXE_trace-harness")).parent().unwrap();
    let path = format!("{}:{}", own.display(), std::env::var("PATH").unwrap());
    let output = Command::new(env!("CARGO_BIN_EXE_trace-harness"))
        .args(["run", "--plan", "plan.toml", "--json", "--keep-paths"])
        .env("PATH", path)
        .current_dir(root.path())
        .output()
        .unwrap();
    let result: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{result:#}");
    // Without its folder on the PATH the program is found beside itself.
    let again = call(root.path(), &["rerun", "--yes", result["folder"].as_str().unwrap(), "--keep-paths"]);
    assert_eq!(again.code, 0, "{}{}", again.out, again.err);
}

/// Changes files of a bundle and makes its manifest and metadata anew, as somebody would who wants it to verify.
fn forge(bundle: &Path, names: &[&str], from: &str, to: &str) {
    forge_by(bundle, || {
        for name in names {
            let text = fs::read_to_string(bundle.join(name)).unwrap();
            assert!(text.contains(from), "{name} has no `{from}`");
            fs::write(bundle.join(name), text.replace(from, to)).unwrap();
        }
    });
}

/// The same with any changes.
fn forge_by(bundle: &Path, change: impl FnOnce()) {
    use trace_harness::evidence::bundle::digest;
    let manifest = fs::read_to_string(bundle.join("sha256.txt")).unwrap();
    let listed: Vec<String> = manifest.lines().map(|line| line[66..].to_owned()).collect();
    let sha256 = |name: &str| digest::of_file(&bundle.join(name)).unwrap().0;
    let before: Vec<String> = listed.iter().map(|name| sha256(name)).collect();
    change();
    let mut metadata = fs::read_to_string(bundle.join("ro-crate-metadata.json")).unwrap();
    for (name, old) in listed.iter().zip(&before) {
        metadata = metadata.replace(old, &sha256(name));
    }
    fs::write(bundle.join("ro-crate-metadata.json"), metadata).unwrap();
    let lines: String = listed.iter().map(|name| format!("{}  {name}\n", sha256(name))).collect();
    fs::write(bundle.join("sha256.txt"), lines).unwrap();
}

/// Files that tell verdict, title and reason.
const VERDICTS: [&str; 3] = ["summary.json", "analysis.md", "ro-crate-metadata.json"];

/// Turns the verdict of a bundle, so that it verifies all the same.
fn forge_verdict(place: &Path, from: &str, to: &str) {
    forge(place, &VERDICTS, from, to);
    // Styles name the verdicts as well.
    for part in ["<title>", "class=\"verdict ", "<strong>"] {
        forge(place, &["report.html"], &format!("{part}{from}"), &format!("{part}{to}"));
    }
}

#[test]
fn a_plan_whose_verdict_does_not_follow_from_its_steps_is_not_sound() {
    let root = tempfile::tempdir().unwrap();
    let (_, place) = run(root.path(), "exit 7", &[]);
    let bundle = place.to_str().unwrap();
    assert_eq!(call(root.path(), &["verify", "--recompute", bundle]).code, 0);
    forge_verdict(&place, "FAIL", "PASS");
    assert_eq!(call(root.path(), &["verify", bundle]).code, 0, "the forgery shows without computing");
    let called = call(root.path(), &["verify", "--recompute", bundle]);
    assert_eq!(called.code, 3, "{}{}", called.out, called.err);
    assert!(called.out.contains("does not follow: says PASS"), "{}", called.out);
    let called = call(root.path(), &["rerun", "--yes", bundle]);
    assert_eq!(called.code, 3, "{}{}", called.out, called.err);
    assert!(called.out.contains("nothing was run"), "{}", called.out);
}

#[test]
fn a_difference_of_traces_is_made_again_from_the_traces_in_its_bundle() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("a.log"), "TRACE_C: x 1.5\nTRACE_C: y 2.5\n").unwrap();
    fs::write(root.path().join("b.log"), "TRACE_C: x 1.5\nTRACE_C: y 2.25\n").unwrap();
    let called = call(root.path(), &["diff", "a.log", "b.log", "--out", "out"]);
    assert_eq!(called.code, 3, "{}{}", called.out, called.err);
    let called = call(root.path(), &["verify", "--recompute", "out"]);
    assert_eq!(called.code, 0, "{}{}", called.out, called.err);
    assert!(called.out.contains("follows: diff, made again"), "{}", called.out);
    let place = root.path().join("out");
    forge(&place, &["metrics.json"], "\"differing_keys\": 1", "\"differing_keys\": 0");
    let called = call(root.path(), &["verify", "--recompute", "out"]);
    assert_eq!(called.code, 3, "{}{}", called.out, called.err);
    assert!(called.out.contains("metrics.json"), "{}", called.out);
}

#[test]
fn everything_that_people_read_of_a_difference_follows_from_its_traces() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("a.log"), "TRACE_C: x 1.5\nTRACE_C: y 2.5\n").unwrap();
    fs::write(root.path().join("b.log"), "TRACE_C: x 1.5\nTRACE_C: y 2.25\n").unwrap();
    let all = [&VERDICTS[..], &["report.html"]].concat();
    assert_eq!(call(root.path(), &["diff", "a.log", "b.log", "--out", "first"]).code, 3);
    let summary: Value =
        serde_json::from_slice(&fs::read(root.path().join("first/summary.json")).unwrap()).unwrap();
    let reason = summary["reason"].as_str().unwrap().to_owned();
    let other = reason.replace("cause: y", "cause: x");
    assert_ne!(reason, other);
    for (n, (files, from, to, expected)) in [
        (&all[..], &*reason, &*other, "as its reason"),
        (&all[..], "a.log and b.log", "b.log and a.log", "as its title"),
        (&["analysis.md"][..], "2.25", "2.5", "`analysis.md` says something else"),
        (&["report.html"][..], "2.25", "2.5", "`report.html` says something else"),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("out{n}");
        assert_eq!(call(root.path(), &["diff", "a.log", "b.log", "--out", &name]).code, 3);
        forge(&root.path().join(&name), files, from, to);
        let called = call(root.path(), &["verify", &name]);
        assert_eq!(called.code, 0, "{expected}: the forgery shows without computing: {}", called.out);
        let called = call(root.path(), &["verify", "--recompute", &name]);
        assert!(
            called.code == 3 && called.out.contains(expected),
            "{expected}: {}{}",
            called.out,
            called.err
        );
    }
}

#[test]
fn a_document_that_says_something_else_than_its_summary_is_not_sound_and_one_of_another_writer_is_said_to_be()
{
    let root = tempfile::tempdir().unwrap();
    for (file, from, to) in [
        ("analysis.md", "## Open points", "PASS\n\n## Open points"),
        ("report.html", "</main>", "<p>PASS</p></main>"),
        ("report.html", "<style>", "<style>#verdict { display: none }"),
    ] {
        let (_, place) = run(root.path(), "exit 7", &[]);
        forge(&place, &[file], from, to);
        let called = call(root.path(), &["verify", place.to_str().unwrap()]);
        assert!(called.code == 3 && called.out.contains(&format!("`{file}`")), "{from}: {}", called.out);
    }
    let (_, place) = run(root.path(), "true", &[]);
    let summary: Value = serde_json::from_slice(&fs::read(place.join("summary.json")).unwrap()).unwrap();
    let layout = summary["layout"].as_str().unwrap();
    forge(&place, &["summary.json"], layout, "0123456789abcdef");
    let called = call(root.path(), &["verify", "--json", place.to_str().unwrap()]);
    let result: Value = serde_json::from_str(&called.out).unwrap();
    let not_checked = result["bundles"][0]["not_checked"][0].as_str().unwrap();
    assert!(called.code == 0 && not_checked.contains("`0123456789abcdef`"), "{}", called.out);
    let called = call(root.path(), &["verify", place.to_str().unwrap()]);
    assert!(called.out.contains("\n  not checked: what `analysis.md`"), "{}", called.out);
}

#[test]
fn figures_that_come_from_running_programs_are_said_not_to_be_computed() {
    let root = tempfile::tempdir().unwrap();
    let (_, place) = run(root.path(), "echo a > results/x", &[]);
    let again = call(root.path(), &["rerun", "--yes", "--json", place.to_str().unwrap()]);
    let result: Value =
        serde_json::from_str(&again.out).unwrap_or_else(|e| panic!("{e}: {}{}", again.out, again.err));
    let called = call(root.path(), &["verify", "--recompute", result["folder"].as_str().unwrap()]);
    assert_eq!(called.code, 5, "{}{}", called.out, called.err);
    assert!(called.out.contains("not computed again: is of kind `rerun`"), "{}", called.out);
}

#[test]
fn the_examples_of_the_library_run_and_show_what_they_say() {
    diff_traces::main().expect("the example runs");
    write_and_verify_a_bundle::main().expect("the example runs");
    let found = diff_traces::comparison().expect("a comparison");
    let causes: Vec<&str> = found.root_causes.iter().map(|cause| cause.key.as_str()).collect();
    assert_eq!((found.verdict.word(), causes), ("FAIL", vec!["fluence_photons_per_m2"]));
    let root = tempfile::tempdir().unwrap();
    let place = write_and_verify_a_bundle::bundle(root.path()).expect("a bundle");
    assert_eq!(call(root.path(), &["verify", place.to_str().unwrap()]).code, 0);
}

#[test]
fn computing_a_bundle_again_touches_nothing_but_its_own_inputs_and_results() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("a.log"), "TRACE_C: x 1.5\nTRACE_C: y 2.5\n").unwrap();
    assert_eq!(call(root.path(), &["diff", "a.log", "a.log", "--out", "out"]).code, 0);
    let place = root.path().join("out");
    fs::create_dir(root.path().join("victim")).unwrap();
    fs::write(root.path().join("victim/summary.md"), "precious").unwrap();
    let victim = format!("--files={}", root.path().join("victim").display());
    let mut printed = "{out}".to_owned();
    for word in [victim.as_str(), "--files=../../victim", "{out}/../victim", "--files={out}/../victim"] {
        forge_command(&place, &printed, word);
        assert_eq!(
            call(root.path(), &["verify", "out"]).code,
            0,
            "{word}: the forgery shows without computing"
        );
        printed = word.to_owned();
        let called = call(root.path(), &["verify", "--recompute", "out"]);
        assert_ne!(called.code, 0, "{word}: {}{}", called.out, called.err);
        let kept = fs::read_to_string(root.path().join("victim/summary.md")).unwrap();
        assert_eq!(kept, "precious", "{word}");
    }
}

/// Changes the last word of the one command of a bundle, so that it verifies all the same.
fn forge_command(bundle: &Path, from: &str, to: &str) {
    use trace_harness::evidence::bundle::documents::commands;
    use trace_harness::evidence::bundle::summary::Step;
    forge_by(bundle, || {
        let mut summary: Value =
            serde_json::from_str(&fs::read_to_string(bundle.join("summary.json")).unwrap()).unwrap();
        let words = summary["steps"][0]["command"].as_array_mut().unwrap();
        let last = words.len() - 1;
        assert_eq!(words[last], from);
        words[last] = to.into();
        fs::write(bundle.join("summary.json"), serde_json::to_string_pretty(&summary).unwrap() + "\n")
            .unwrap();
        let steps: Vec<Step> = serde_json::from_value(summary["steps"].clone()).unwrap();
        let page = fs::read_to_string(bundle.join("report.html")).unwrap();
        let shown = |words: &[String]| {
            let line = words.iter().map(|word| commands::quote(word)).collect::<Vec<_>>().join(" ");
            maud::html! { (line) }.into_string()
        };
        let mut before = steps[0].command.clone();
        before[last] = from.to_owned();
        fs::write(bundle.join("report.html"), page.replace(&shown(&before), &shown(&steps[0].command)))
            .unwrap();
        fs::write(bundle.join("commands.txt"), commands::render(&steps)).unwrap();
    });
}

#[test]
fn a_bundle_with_figures_of_images_is_none_of_another_kind() {
    let root = tempfile::tempdir().unwrap();
    let (_, place) = run(root.path(), "true", &[]);
    forge(&place, &["summary.json"], "\"verdict\": \"PASS\"", "\"verdict\": \"PASS\",\n  \"gates\": []");
    assert_eq!(
        call(root.path(), &["verify", place.to_str().unwrap()]).code,
        0,
        "the forgery shows without computing"
    );
    let called = call(root.path(), &["verify", "--recompute", place.to_str().unwrap()]);
    assert_eq!(called.code, 3, "{}{}", called.out, called.err);
    assert!(called.out.contains("calls itself `run`"), "{}", called.out);
}

#[test]
fn a_difference_is_no_run_of_commands_by_another_name() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("a"), "TRACE_C: x 1\nTRACE_C: y 2\n").unwrap();
    fs::write(root.path().join("b"), "TRACE_C: x 1\nTRACE_C: y 3\n").unwrap();
    assert_eq!(call(root.path(), &["diff", "a", "b", "--out", "d"]).code, 3);
    let program = env!("CARGO_BIN_EXE_trace-harness");
    let made = ["run", "--topic", "t", "--", program, "diff", "a", "b", "--files", "{out}/results"];
    assert_eq!(call(root.path(), &made).code, 2, "a command that ends with 3 failed");
    let of = |topic: &str| {
        fs::read_dir(root.path().join("reports").join(topic)).unwrap().next().unwrap().unwrap().path()
    };
    let place = of("t");
    let verify = |place: &Path| call(root.path(), &["verify", "--recompute", place.to_str().unwrap()]);
    assert_eq!(verify(&place).code, 0, "an honest run of a difference follows: {}", verify(&place).out);
    // A figure in a bundle that only ran commands.
    let figure = "\"metrics\": {\"values_compared\": 2}";
    forge(&place, &["metrics.json"], "\"metrics\": {}", figure);
    let printed = verify(&place);
    assert!(printed.code == 3 && printed.out.contains("has figures in metrics.json"), "{}", printed.out);
}

#[test]
fn a_profile_of_a_command_that_writes_results_runs_again() {
    let root = tempfile::tempdir().unwrap();
    let made = [
        "profile",
        "--runs",
        "1",
        "--warmup",
        "0",
        "--",
        "sh",
        "-c",
        "echo hi > \"$0\"",
        "{out}/results/x.txt",
    ];
    let called = call(root.path(), &made);
    assert_eq!(called.code, 0, "{}{}", called.out, called.err);
    let place = fs::read_dir(root.path().join("reports/profile")).unwrap().next().unwrap().unwrap().path();
    let again = call(root.path(), &["rerun", place.to_str().unwrap(), "--yes"]);
    assert!(!again.out.contains("ended differently"), "{}{}", again.out, again.err);
    assert_ne!(again.code, 3, "{}{}", again.out, again.err);
}

#[test]
fn a_tolerance_that_was_asked_for_stands_in_the_verdict() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("a"), "TRACE_C: x 1\n").unwrap();
    fs::write(root.path().join("b"), "TRACE_C: x 1.4\n").unwrap();
    let called = call(root.path(), &["diff", "a", "b", "--rtol", "0.5"]);
    assert_eq!(called.code, 0, "{}", called.out);
    assert!(called.out.contains("agree within relative 0.5"), "{}", called.out);
}

#[test]
fn a_triage_is_made_again_with_the_failures_that_it_was_asked_to_pass() {
    let root = tempfile::tempdir().unwrap();
    let results =
        r#"<testsuite><testcase classname="c" name="t"><failure message="wrong"/></testcase></testsuite>"#;
    std::fs::write(root.path().join("run.xml"), results).unwrap();
    for (fail_on, code) in [("any", 3), ("never", 0)] {
        let made = call(
            root.path(),
            &["triage", "--current", "run.xml", "--fail-on", fail_on, "--reports", fail_on],
        );
        assert_eq!(made.code, code, "{fail_on}: {}", made.err);
        let manifest = walkdir::WalkDir::new(root.path().join(fail_on)).into_iter().flatten();
        let manifest = manifest.map(|entry| entry.into_path()).find(|path| path.ends_with("sha256.txt"));
        let place = manifest.expect("a bundle").parent().unwrap().to_owned();
        let called = call(root.path(), &["verify", "--recompute", place.to_str().unwrap()]);
        assert_eq!(called.code, 0, "{fail_on}: {}{}", called.out, called.err);
    }
}

#[test]
fn what_pipes_brought_is_judged_and_kept() {
    let root = tempfile::tempdir().unwrap();
    let pipe = |name: &str, content: &'static str| {
        let path = root.path().join(name);
        assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
        std::thread::spawn(move || fs::write(path, content).unwrap())
    };
    let trace = "TRACE_C: x 1.5\nTRACE_C: y 2.5\n";
    fs::write(root.path().join("b.log"), trace).unwrap();
    let results = r#"<testsuite tests="1"><testcase classname="c" name="t"/></testsuite>"#;
    let calls: [(&str, &'static str, &[&str], i32); 3] = [
        ("a.log", trace, &["diff", "a.log", "b.log", "--out", "out"], 0),
        ("c.log", trace, &["audit", "c.log", "--out", "out"], 5),
        ("run.xml", results, &["triage", "--current", "run.xml", "--reports", "out"], 0),
    ];
    for (name, content, args, code) in calls {
        let writer = pipe(name, content);
        let made = call(root.path(), args);
        writer.join().unwrap();
        assert_eq!(made.code, code, "{args:?}: {}{}", made.out, made.err);
        let files: Vec<PathBuf> = walkdir::WalkDir::new(root.path().join("out"))
            .into_iter()
            .map(|entry| entry.unwrap().into_path())
            .collect();
        let kept = files.iter().find(|path| path.ends_with(name)).unwrap();
        assert_eq!(fs::read_to_string(kept).unwrap(), content);
        let manifest = files.iter().find(|path| path.ends_with("sha256.txt")).unwrap();
        let place = manifest.parent().unwrap().to_str().unwrap();
        let called = call(root.path(), &["verify", "--recompute", place]);
        assert_eq!(called.code, 0, "{args:?}: {}{}", called.out, called.err);
        fs::remove_dir_all(root.path().join("out")).unwrap();
    }
}

#[test]
fn differences_say_again_with_which_limits_they_were_judged() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("a.log"), "TRACE_C: x 1.5\nTRACE_C: y 2.5\n").unwrap();
    fs::write(root.path().join("b.log"), "TRACE_C: x 1.5\n").unwrap();
    fs::write(root.path().join("own.toml"), "[x]\nrtol = 0.5\n").unwrap();
    for (options, expected) in [
        (&[][..], ""),
        (&["--rtol", "0"], ""),
        (&["--rtol", "0.5"], "a relative tolerance of 0.5 for every key"),
        (&["--atol", "1e3"], "an absolute tolerance of 1000 for every key"),
        (&["--tolerances", "own.toml"], "tolerances of single keys"),
    ] {
        let call_diff = [&["diff", "a.log", "a.log", "--out", "out"], options].concat();
        assert_eq!(call(root.path(), &call_diff).code, 0);
        let printed = call(root.path(), &["verify", "--recompute", "out"]);
        assert_eq!(printed.code, 0, "{}{}", printed.out, printed.err);
        let line = printed.out.lines().find(|line| line.contains("judged more loosely than usual"));
        assert_eq!(line.is_some(), !expected.is_empty(), "{options:?}: {}", printed.out);
        assert!(line.unwrap_or_default().contains(expected), "{options:?}: {}", printed.out);
        fs::remove_dir_all(root.path().join("out")).unwrap();
    }
    assert_eq!(
        call(root.path(), &["diff", "a.log", "b.log", "--allow-missing", "y", "--out", "out"]).code,
        0
    );
    let printed = call(root.path(), &["verify", "--recompute", "out"]);
    assert!(printed.out.contains("keys `y` may be missing in one trace"), "{}", printed.out);
}

#[test]
fn a_triage_says_again_which_failures_it_let_pass() {
    let root = tempfile::tempdir().unwrap();
    let failed = "<testsuite><testcase name=\"a\"><failure message=\"x\">x</failure></testcase></testsuite>";
    fs::write(root.path().join("r.xml"), failed).unwrap();
    for (fail_on, code, expected) in
        [("any", 3, ""), ("new", 0, "tests that failed before"), ("never", 0, "failed tests do not")]
    {
        let words = ["--current", "r.xml", "--baseline", "r.xml", "--fail-on", fail_on, "--out", "out"];
        assert_eq!(call(root.path(), &[&["triage"], &words[..]].concat()).code, code);
        let made = call(root.path(), &[&["triage"], &words[..6], &["--reports", "reports"]].concat());
        assert_eq!(made.code, code, "{}{}", made.out, made.err);
        let place = fs::read_dir(root.path().join("reports/triage")).unwrap().next().unwrap().unwrap().path();
        let printed = call(root.path(), &["verify", "--recompute", place.to_str().unwrap()]);
        let line = printed.out.lines().find(|line| line.contains("judged more loosely than usual"));
        assert_eq!(line.is_some(), !expected.is_empty(), "{fail_on}: {}{}", printed.out, printed.err);
        assert!(line.unwrap_or_default().contains(expected), "{fail_on}: {}", printed.out);
        fs::remove_dir_all(root.path().join("reports")).unwrap();
    }
}

#[test]
fn cleaning_a_folder_that_is_not_there_is_an_error_where_it_was_named() {
    let root = tempfile::tempdir().unwrap();
    let called = call(root.path(), &["clean", "nowhere"]);
    assert_eq!((called.code, called.err.contains("nowhere")), (5, true), "{}{}", called.out, called.err);
}
