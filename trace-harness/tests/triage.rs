//! `triage` on results of real runs (see data/triage/README.md): counts, clusters, what changed, what depends on the
//! surroundings, and the files that it writes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use trace_harness::evidence::bundle::verify::verify;
use trace_harness::evidence::junit::{End, TestCase, document};
use trace_harness::triage::isolation::Surrounding;
use trace_harness::triage::record::{Counts, TestOutcome, TestRun};
use trace_harness::triage::rules::{Effort, Priority, Rules};
use trace_harness::triage::{Slowness, Triage, source, triage};

const SLOWNESS: Slowness = Slowness { timeout_s: None, count: 3 };

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/triage").join(name)
}

fn read(name: &str) -> TestRun {
    source::read(&data(name)).unwrap_or_else(|e| panic!("{e}")).remove(0).run
}

fn of(current: &str, baseline: Option<&str>, isolated: Option<&str>) -> Triage {
    let (baseline, isolated) = (baseline.map(read), isolated.map(read));
    triage(&read(current), baseline.as_ref(), isolated.as_ref(), &Rules::default(), SLOWNESS)
}

fn names(keys: &[String]) -> Vec<&str> {
    keys.iter().map(|k| k.rsplit('.').next().unwrap()).collect()
}

/// What README.md of the data says of the suite, and what pytest itself counts in the log's last line.
const SUITE: Counts =
    Counts { tests: 692, passed: 540, failed: 8, errors: 0, timed_out: 1, skipped: 143, flaky: 0 };

#[test]
fn what_the_project_writes_as_junit_is_read_back_whatever_the_texts_hold() {
    let why = "<a b=\"c\"> & 'd' ]]> é\u{7}\u{fffe}";
    let end = [End::Passed, End::Failed(why), End::Error(why), End::Skipped(why)];
    let case = |(name, end)| TestCase { class: "a<b", name, seconds: Some(1.5), end, kind: "x&y" };
    let cases: Vec<TestCase<'_>> = ["one", "two", "three", "four"].into_iter().zip(end).map(case).collect();
    let run = source::parse(&document("run", "suite \"1\"", &cases)).unwrap();
    assert_eq!(run.gaps, [""; 0]);
    let read: Vec<(&str, TestOutcome)> = run.tests.iter().map(|t| (t.key.as_str(), t.outcome)).collect();
    let outcomes = [TestOutcome::Passed, TestOutcome::Failed, TestOutcome::Error, TestOutcome::Skipped];
    assert_eq!(
        read,
        [
            ("a<b.one", outcomes[0]),
            ("a<b.two", outcomes[1]),
            ("a<b.three", outcomes[2]),
            ("a<b.four", outcomes[3])
        ]
    );
    assert!(run.tests.iter().all(|t| t.seconds == Some(1.5)));
    assert_eq!(run.tests[1].message, "<a b=\"c\"> & 'd' ]]> é");
}

#[test]
fn xml_and_log_of_the_same_run_tell_the_same() {
    let (xml, log) = (read("pytest_suite.xml"), read("pytest_suite.log"));
    assert_eq!((xml.counts(), log.counts()), (SUITE, SUITE));
    let printed = |run: &TestRun| -> Vec<(String, String, TestOutcome, String)> {
        let mut all: Vec<_> =
            run.tests.iter().map(|t| (t.key.clone(), t.name.clone(), t.outcome, t.message.clone())).collect();
        all.sort();
        all
    };
    // The reasons of skipped tests stand in one of the two only.
    let failing =
        |run: &TestRun| -> Vec<_> { printed(run).into_iter().filter(|t| t.2.is_trouble()).collect() };
    assert_eq!(failing(&xml), failing(&log));
    let keys = |run: &TestRun| printed(run).into_iter().map(|t| (t.0, t.1, t.2)).collect::<Vec<_>>();
    assert_eq!(keys(&xml), keys(&log));
}

#[test]
fn nine_failures_are_six_clusters() {
    for file in ["pytest_suite.xml", "pytest_suite.log"] {
        let found = of(file, None, None);
        let mut clusters: Vec<Vec<&str>> = found.clusters.iter().map(|c| names(&c.tests)).collect();
        clusters.sort();
        let expected: [&[&str]; 6] = [
            &["test_gradient[cell_a]", "test_gradient[distance_mm]"],
            &["test_large_detector"],
            &["test_reads_its_inputs"],
            &["test_reference_program"],
            &["test_same_seed_same_image[1]", "test_same_seed_same_image[7]"],
            &["test_scale_of_image[cubic]", "test_scale_of_image[triclinic]"],
        ];
        assert_eq!(clusters, expected, "{file}");
        assert_eq!(found.failures.len(), 9);
        assert!(found.failures.iter().all(|f| found.clusters.iter().any(|c| c.id == f.cluster)));
    }
}

#[test]
fn the_baseline_says_what_is_new_cleared_and_persisting() {
    for baseline in ["pytest_baseline.xml", "pytest_baseline.log"] {
        let delta = of("pytest_suite.xml", Some(baseline), None).delta.unwrap();
        assert_eq!(names(&delta.new), ["test_gradient[cell_a]", "test_large_detector"]);
        assert_eq!(names(&delta.cleared), ["test_mended_since"]);
        assert_eq!((delta.persisting.len(), delta.not_run.len(), delta.flaky.len()), (7, 0, 0));
        assert_eq!(delta.remarks.is_empty(), baseline.ends_with("xml"), "{:?}", delta.remarks);
    }
}

#[test]
fn tests_that_pass_by_themselves_are_named_with_what_was_different() {
    let found = of("pytest_suite.xml", None, Some("pytest_isolated.xml"));
    let isolation = found.isolation.as_ref().unwrap();
    let sensitive: Vec<&str> =
        isolation.sensitive.iter().map(|s| s.test.rsplit('.').next().unwrap()).collect();
    assert_eq!(
        sensitive,
        ["test_same_seed_same_image[1]", "test_same_seed_same_image[7]", "test_reads_its_inputs"]
    );
    assert_eq!((isolation.fail_alone.len(), isolation.not_run.len()), (6, 0));
    let first = &isolation.sensitive[0].differences;
    let variable = first.iter().find(|d| d.kind == Surrounding::Variable).unwrap();
    assert_eq!(
        (variable.what.as_str(), variable.suite.as_str(), variable.isolated.as_str()),
        ("NB_DTYPE", "float32", "not set")
    );
    let folder = first.iter().find(|d| d.kind == Surrounding::Folder).unwrap();
    assert_eq!((folder.suite.as_str(), folder.isolated.as_str()), ("out", "."));
    // Only fails among others, and is not known to be new: the last thing to look at.
    assert_eq!(found.clusters.last().unwrap().priority, Priority::Low);
}

#[test]
fn rules_come_before_similarity_and_give_effort_priority_and_command() {
    let rules = Rules::read(&data("clusters.toml")).unwrap();
    let found = triage(&read("pytest_suite.xml"), None, None, &rules, SLOWNESS);
    let first = &found.clusters[0];
    assert_eq!((first.name.as_str(), first.id.as_str(), first.tests.len()), ("wrong scale", "C1", 2));
    assert_eq!((first.effort, first.priority), (Effort::Large, Priority::High));
    assert!(
        first.command.starts_with("pytest -x 'tests/test_trouble.py::test_scale_of_image[cubic]'"),
        "{}",
        first.command
    );
    assert_eq!(found.clusters.len(), 6);
    // The slowest are listed against the limit that the failure speaks of, and of a rule where there is one.
    let slow: Vec<(&str, f64)> = found.slowest[..2]
        .iter()
        .map(|s| (s.name.rsplit("::").next().unwrap(), s.timeout_s.unwrap_or(0.0)))
        .collect();
    assert_eq!(slow, [("test_large_detector", 1.5), ("test_takes_its_time", 0.5)]);
    let log = triage(&read("pytest_suite.log"), None, None, &Rules::default(), SLOWNESS);
    assert_eq!(log.slowest[0].timeout_s, Some(1.5));
    assert!(log.slowest[0].timed_out && log.slowest[0].share.unwrap() >= 0.99, "{:?}", log.slowest[0]);
}

#[test]
fn nextest_tells_flaky_tests_signals_and_lack_of_time_apart() {
    let run = read("nextest_suite.xml");
    let expected = Counts { tests: 11, passed: 3, failed: 6, errors: 1, timed_out: 1, skipped: 0, flaky: 1 };
    assert_eq!(run.counts(), expected);
    let found = of("nextest_suite.xml", None, Some("nextest_isolated.xml"));
    assert_eq!(found.flaky, ["throwaway::files::flaky"]);
    let isolation = found.isolation.unwrap();
    assert_eq!(isolation.sensitive[0].test, "throwaway::files::variable");
    // Two tests that lack a file are one cluster, whatever file it is.
    let files = found.clusters.iter().find(|c| c.tests.iter().any(|t| t.ends_with("reads_inputs"))).unwrap();
    assert_eq!(files.tests, ["throwaway::files::reads_inputs", "throwaway::files::reads_other_inputs"]);
    assert!(
        files
            .command
            .starts_with("cargo nextest run -E '(binary_id(=throwaway::files) & test(=reads_inputs))")
    );
}

#[test]
fn cargo_and_nextest_name_the_same_test_differently_and_it_is_found_all_the_same() {
    let run = read("cargo_suite.log");
    assert_eq!((run.counts().passed, run.counts().failed, run.counts().skipped), (5, 6, 1));
    let found = of("cargo_suite.log", None, Some("nextest_isolated.xml"));
    assert_eq!(found.isolation.unwrap().sensitive[0].test, "files variable");
    let other = found.clusters.iter().find(|c| c.tests.contains(&"files result_error".to_owned())).unwrap();
    assert_eq!(other.command, "cargo test --test files -- --exact result_error");
    assert_eq!(other.example, "Error: \"sum ratio 126451.3, expected 1\"");
}

#[test]
fn a_test_that_needed_a_second_attempt_is_flaky_and_one_that_never_passed_is_not() {
    let run = read("pytest_reruns.log");
    let printed: Vec<(TestOutcome, bool)> = run.tests.iter().map(|t| (t.outcome, t.flaky)).collect();
    assert_eq!(printed, [(TestOutcome::Passed, true), (TestOutcome::Failed, false)]);
}

fn call(folder: &Path, args: &[&str]) -> (i32, Value) {
    let output =
        Command::new(env!("CARGO_BIN_EXE_trace-harness")).args(args).current_dir(folder).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let value = serde_json::from_str(&text).unwrap_or(Value::Null);
    (output.status.code().unwrap(), value)
}

#[test]
fn the_command_keeps_its_five_files_in_a_bundle_that_can_be_made_again() {
    let root = tempfile::tempdir().unwrap();
    for (from, to) in
        [("pytest_suite.xml", "suite.xml"), ("pytest_isolated.xml", "alone.xml"), ("clusters.toml", "r.toml")]
    {
        fs::copy(data(from), root.path().join(to)).unwrap();
    }
    let args = ["triage", "--current", "suite.xml", "--isolated", "alone.xml", "--rules", "r.toml", "--json"];
    let (code, result) = call(root.path(), &args);
    assert_eq!((code, result["counts"]["failed"].as_u64()), (3, Some(8)));
    let place = PathBuf::from(result["folder"].as_str().unwrap());
    assert!(place.is_absolute() && verify(&place).unwrap().is_sound());
    for name in ["failures.json", "summary.md", "cluster_mapping.md", "tracker_update.md", "next_steps.md"] {
        assert!(place.join("results").join(name).is_file(), "{name}");
    }
    let summary = fs::read_to_string(place.join("results/summary.md")).unwrap();
    assert!(summary.contains("| variable `NB_DTYPE` | float32 | not set |"), "{summary}");
    let page = fs::read_to_string(place.join("report.html")).unwrap();
    assert!(page.contains("wrong scale") && page.contains("test_reads_its_inputs"));
    let (code, again) = call(root.path(), &["rerun", "--yes", place.to_str().unwrap(), "--json"]);
    let verdicts: Vec<&str> =
        again["files"].as_array().unwrap().iter().map(|f| f["verdict"].as_str().unwrap()).collect();
    assert_eq!((code, verdicts), (0, vec!["identical"; 5]), "{again}");
}

#[test]
fn the_exit_status_tells_failures_from_bad_requests() {
    let root = tempfile::tempdir().unwrap();
    let passing = data("nextest_isolated.xml");
    let suite = data("pytest_suite.xml");
    let (passing, suite) = (passing.to_str().unwrap(), suite.to_str().unwrap());
    let baseline = ["--baseline", suite, "--fail-on", "new"];
    let status =
        |args: &[&str]| call(root.path(), &[&["triage", "--out", "o", "--current"], args].concat()).0;
    assert_eq!(status(&[passing]), 0);
    assert_eq!(status(&[suite]), 3);
    assert_eq!(status(&[&[suite], &baseline[..]].concat()), 0);
    assert_eq!(status(&[suite, "--fail-on", "sometimes"]), 1);
    assert_eq!(status(&["nowhere.xml"]), 5);
    assert_eq!(status(&[data("README.md").to_str().unwrap()]), 5);
    assert!(!root.path().join("reports").exists());
}

/// Two bundles of the same tests, in which only an exported variable differs.
#[test]
fn bundles_tell_what_variable_was_different() {
    let root = tempfile::tempdir().unwrap();
    fs::copy(data("nextest_suite.xml"), root.path().join("a.xml")).unwrap();
    fs::copy(data("nextest_isolated.xml"), root.path().join("b.xml")).unwrap();
    let mut places = Vec::new();
    for (name, dtype) in [("a", "f32"), ("b", "f64")] {
        let plan = format!(
            "topic = '{name}'\n[[step]]\nname = 'tests'\ncommand = ['sh', '-c', 'cp \"$1\" \"$2\"', 'sh', '{name}.xml', '{{out}}/results/junit.xml']\n\
             export = {{ NB_DTYPE = '{dtype}' }}\n"
        );
        fs::write(root.path().join("plan.toml"), plan).unwrap();
        let (code, result) = call(root.path(), &["run", "--plan", "plan.toml", "--json"]);
        assert_eq!(code, 0);
        places.push(result["folder"].as_str().unwrap().to_owned());
    }
    let (code, result) =
        call(root.path(), &["triage", "--current", &places[0], "--isolated", &places[1], "--json"]);
    assert_eq!(code, 3);
    let sensitive = &result["isolation"]["sensitive"][0];
    assert_eq!(sensitive["test"], "throwaway::files::variable");
    let variable =
        sensitive["differences"].as_array().unwrap().iter().find(|d| d["kind"] == "variable").unwrap();
    assert_eq!((variable["what"].as_str(), variable["suite"].as_str()), (Some("NB_DTYPE"), Some("f32")));
}
