//! Results that end early, or announce what they do not list: `triage` never takes them for a success.
//!
//! Not here: complete results (`triage`), damaged files (`hostile_results`).

use std::process::Command;

use trace_harness::triage::cluster::groups;
use trace_harness::triage::record::TestOutcome;
use trace_harness::triage::rules::Rules;
use trace_harness::triage::{Slowness, source, triage};

/// The exit status of `triage`, and of its reader the number of failed tests.
fn status(text: &str) -> i32 {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("run"), text).expect("written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_trace-harness"));
    let output =
        command.args(["triage", "--current", "run", "--out", "o"]).current_dir(folder.path()).output();
    output.expect("it runs").status.code().expect("a status")
}

const OK: &str =
    "test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n";
const FAILED: &str =
    "test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n";

#[test]
fn xml_that_is_cut_off_or_announces_more_than_it_lists_is_incomplete() {
    assert_eq!(status("<testsuite tests='1'><testcase name='a'/></testsuite>"), 0);
    assert_eq!(status("<testsuite tests='5'><testcase name='a'/>"), 5);
    assert_eq!(status("<testsuite tests='1' failures='many'><testcase name='a'/></testsuite>"), 5);
    assert_eq!(status("<testsuite tests='1' failures=''><testcase name='a'/></testsuite>"), 0);
    assert_eq!(status("<testsuite><testcase name='a'/>"), 5);
    assert_eq!(status("<testsuites><testsuite tests='2'><testcase name='a'/></testsuite></testsuites>"), 5);
    assert_eq!(status("<testsuite tests='1' failures='3' errors='1'><testcase name='a'/></testsuite>"), 3);
}

#[test]
fn a_failing_test_is_not_excused_by_its_namesake_in_another_suite() {
    for name in ["s2", "s1"] {
        let text = format!(
            "<testsuites><testsuite name='s1'><testcase name='a'><failure message='boom'/></testcase></testsuite>\
             <testsuite name='{name}'><testcase name='a'/></testsuite></testsuites>"
        );
        assert_eq!(status(&text), 3, "{name}");
        assert_eq!(source::parse(&text).expect("read").tests.len(), 2);
    }
}

#[test]
fn a_test_whose_end_is_told_in_an_unknown_word_or_element_did_not_pass() {
    let case = |attributes: &str, inside: &str| {
        status(&format!("<testsuite><testcase name='a' {attributes}>{inside}</testcase></testsuite>"))
    };
    for word in ["exploded", "pending", "half"] {
        for key in ["status", "result", "outcome"] {
            assert_eq!(case(&format!("{key}='{word}'"), ""), 5, "{key}={word}");
        }
    }
    for word in ["run", "passed", "PASSED", "completed", "skipped", "suppressed", ""] {
        assert_eq!(case(&format!("status='{word}'"), ""), 0, "{word}");
    }
    for word in ["failed", "crashed", "Aborted", "timeout"] {
        assert_eq!(case(&format!("result='{word}'"), ""), 3, "{word}");
    }
    assert_eq!(case("status='skipped' result='failed'", ""), 3);
    assert_eq!(case("status='failed' result='skipped'", ""), 3);
    for element in ["crash", "exception", "assertionFailure", "timeout", "abortion"] {
        assert_eq!(case("", &format!("<{element}/>")), 5, "{element}");
    }
    for element in ["system-out", "system-err", "properties", "attachments"] {
        assert_eq!(case("", &format!("<{element}/>")), 0, "{element}");
    }
}

/// As Maven's surefire writes them with `rerunFailingTestsCount`.
#[test]
fn a_failure_that_passed_at_last_is_flaky_and_one_that_was_tried_again_in_vain_failed() {
    let stack = "<stackTrace>at A.b(A.java:1)</stackTrace><system-out/>";
    for element in ["flakyFailure", "flakyError"] {
        let text = format!(
            "<testsuite tests='1' failures='0' errors='0' flakes='1'><testcase name='a'>\
             <{element} message='boom' type='E'>{stack}</{element}></testcase></testsuite>"
        );
        let counts = source::parse(&text).expect("read").counts();
        assert_eq!((counts.passed, counts.flaky, counts.trouble(), status(&text)), (1, 1, 0, 0), "{element}");
    }
    for (element, own) in [("rerunFailure", "<failure message='boom'/>"), ("rerunError", "")] {
        let text = format!(
            "<testsuite tests='1'><testcase name='a'>{own}<{element} message='again'>{stack}</{element}>\
             <{element} message='again'/></testcase></testsuite>"
        );
        let run = source::parse(&text).expect("read");
        assert_eq!((run.counts().trouble(), run.counts().flaky, status(&text)), (1, 0, 3), "{element}");
        assert_eq!(run.tests[0].message, if own.is_empty() { "again" } else { "boom" });
    }
}

#[test]
fn what_stands_outside_of_the_elements_of_a_file_makes_it_incomplete() {
    let suite = "<testsuite tests='1'><testcase name='a'/></testsuite>";
    let failing = "<testsuite><testcase name='b'><failure/></testcase></testsuite>";
    for (behind, expected) in [
        ("\n\n", 0),
        ("<!-- made by hand -->\n", 0),
        ("\nrunning 2 tests\ntest b ... FAILED\n", 5),
        ("<![CDATA[boom]]>", 5),
        ("&#33;", 5),
        ("<failures/>", 5),
        ("<report><entry/></report>", 5),
        (suite, 0),
        (failing, 3),
    ] {
        assert_eq!(status(&format!("<?xml version='1.0'?>\n{suite}{behind}")), expected, "{behind}");
    }
}

#[test]
fn a_suite_that_says_in_any_way_that_it_failed_did_not_pass() {
    for printed in
        ["failures='1'", "errors='2'", "failed='1'", "crashed='1'", "status='failed'", "result='Failed'"]
    {
        assert_eq!(status(&format!("<testsuite {printed}><testcase name='a'/></testsuite>")), 3, "{printed}");
        let inner = format!("<testsuites {printed}><testsuite><testcase name='a'/></testsuite></testsuites>");
        assert_eq!(status(&inner), 3, "{printed}");
        let shown = format!("<testsuite {printed}><testcase name='a'><failure/></testcase></testsuite>");
        assert_eq!(status(&shown), 3, "{printed}");
    }
    assert_eq!(status("<testsuite failed='some'><testcase name='a'/></testsuite>"), 5);
    assert_eq!(status("<testsuite failed='0' status='passed'><testcase name='a'/></testsuite>"), 0);
}

#[test]
fn a_test_that_is_switched_off_did_not_pass_and_an_error_keeps_its_text() {
    let text = "<testsuite><testcase name='a' status='disabled'/><testcase name='b'><skipped message='later'/>\
                <error message='boom'/></testcase></testsuite>";
    let tests = source::parse(text).expect("read").tests;
    assert_eq!(tests[0].outcome, TestOutcome::Skipped);
    assert_eq!((tests[1].outcome, tests[1].message.as_str()), (TestOutcome::Error, "boom"));
}

#[test]
fn a_test_program_that_dies_is_noticed_wherever_it_stands() {
    let whole = format!("running 2 tests\ntest a ... ok\ntest b ... ok\n\n{OK}");
    assert_eq!(status(&whole), 0);
    assert_eq!(status(&format!("{whole}\nrunning 3 tests\ntest c ... ok\n")), 5);
    assert_eq!(status(&format!("running 3 tests\ntest c ... ok\n\n{whole}")), 5);
    assert_eq!(status(&format!("running 3 tests\ntest a ... ok\ntest b ... ok\n\n{OK}")), 5);
}

#[test]
fn a_result_that_does_not_count_what_was_announced_decides_nothing() {
    let two = "test a ... ok\ntest b ... ok\n\n";
    assert_eq!(status(&format!("running 2 tests\n{two}{OK}")), 0);
    for (head, end) in [
        ("running 0 tests\n", OK),
        ("running 2 tests\n", "test result: ok. 2 passed; 0 fai"),
        ("running 2 tests\n", "test result: ok. \n"),
        ("running 2 tests\n", "test result: oW. 2 passed; 0 failed; 0 ignored; 0 measured\n"),
        ("running 2 tests\n", "test result: ok. 1 passed; 0 failed; 0 ignored; 0 measured\n"),
    ] {
        assert_eq!(status(&format!("{head}{two}{end}")), 5, "{head}{end}");
    }
    let pytest = |collected: &str, last: &str| {
        format!(
            "==== test session starts ====\ncollected {collected} items\n\nt.py::a PASSED [100%]\n\n==== {last} in 0.50s ====\n"
        )
    };
    assert_eq!(status(&pytest("1", "1 passed")), 0);
    // A test that passes and whose cleaning up fails counts twice.
    assert_eq!(status(&pytest("1", "1 passed, 1 error")), 3);
    assert_eq!(status(&pytest("1", "135503 passed")), 5);
    assert_eq!(status(&pytest("99999999999999999999", "1 passed")), 5);
}

#[test]
fn xml_with_attributes_that_are_none_is_refused() {
    for attribute in ["time<![CDATA[='0.1'", "cla ss='c'", "time=0.1", "x="] {
        let text = format!("<testsuite><testcase name='a' {attribute}/></testsuite>");
        assert_eq!(status(&text), 5, "{attribute}");
    }
    assert_eq!(status("<testsuite><testcase name='a' name='b'/></testsuite>"), 0);
}

#[test]
fn failures_are_seen_through_colours_and_glued_output() {
    let colour = "running 2 tests\ntest a ... \u{1b}[31mFAILED\u{1b}(B\u{1b}[m\ntest b ... \u{1b}[32mok\u{1b}(B\u{1b}[m\n\n\
                  test result: \u{1b}[31mFAILED\u{1b}(B\u{1b}[m. 1 passed; 1 failed; 0 ignored\n";
    let run = source::parse(colour).expect("read");
    assert_eq!((run.counts().failed, run.counts().passed, run.gaps.len()), (1, 1, 0));
    let link = "\u{1b}]8;;file:///x\u{7}running 1 test\u{1b}]8;;\u{1b}\\\ntest a ... \u{1b}[38;5;1mFAILED\u{1b}[0m\n";
    assert_eq!(status(link), 3);
    for line in [
        "no newline test bad ... FAILED",
        "test bad ... said\nFAILED",
        "test bad ... saidFAILED",
        "nothing to recognise",
    ] {
        let text = format!(
            "running 2 tests\ntest good ... ok\n{line}\n\nfailures:\n\nfailures:\n    bad\n\n{FAILED}"
        );
        let run = source::parse(&text).expect("read");
        let failed: Vec<&str> = run.trouble().map(|t| t.name.as_str()).collect();
        assert_eq!((failed, run.tests.len(), run.gaps.len()), (vec!["bad"], 2, 0), "{line}");
        assert_eq!(status(&text), 3, "{line}");
    }
    // Without a name under `failures:` the result still says that something failed.
    assert_eq!(status(&format!("running 2 tests\ntest good ... ok\n\n{FAILED}")), 3);
    // What passing tests print hides no outcome.
    assert_eq!(status(&format!("running 2 tests\ntest a ... hello\nok\nworld test b ... ok\n\n{OK}")), 0);
}

#[test]
fn a_pytest_run_that_stopped_early_is_incomplete() {
    let head = "============ test session starts ============\ncollected 3 items\n\n";
    let two = "t.py::a PASSED [ 33%]\nt.py::b PASSED [ 66%]\n";
    let three = "t.py::c PASSED [100%]\n";
    assert_eq!(status(&format!("{head}{two}{three}\n===== 3 passed in 0.50s =====\n")), 0);
    assert_eq!(status(&format!("{head}{two}{three}\n3 passed in 0.50s\n")), 0);
    let stop = "!!!!!!!!!! KeyboardInterrupt !!!!!!!!!!\n";
    assert_eq!(status(&format!("{head}{two}\n{stop}===== 2 passed in 0.50s =====\n")), 5);
    assert_eq!(status(&format!("{head}{two}\n===== 2 passed in 0.50s =====\n")), 5);
    assert_eq!(status(&format!("{head}{two}Fatal Python error: Segmentation fault\n")), 5);
    assert_eq!(status(&format!("{head}{two}")), 5);
    assert_eq!(status(&format!("{head}{two}\n===== 1 failed, 2 passed in 0.50s =====\n")), 3);
    let some = head.replace("3 items", "3 items / 1 deselected / 2 selected");
    assert_eq!(status(&format!("{some}{two}\n===== 2 passed, 1 deselected in 0.50s =====\n")), 0);
}

#[test]
fn every_form_of_running_out_of_time_counts_as_such() {
    let xml = |case: &str| {
        format!("<testsuite name='pytest'><testcase classname='t' name='a'>{case}</testcase></testsuite>")
    };
    let log = |middle: &str| {
        format!(
            "============ test session starts ============\ncollected 1 item\n\n{middle}\n===== 1 failed in 0.50s =====\n"
        )
    };
    let summary = |printed: &str| {
        log(&format!(
            "t.py::a FAILED [100%]\n\n==== short test summary info ====\nFAILED t.py::a - {printed}"
        ))
    };
    for text in [
        xml("<failure message='Failed: Timeout (&gt;1.5s) from pytest-timeout.'/>"),
        xml("<failure message='Failed: Timeout &gt;1.5s'/>"),
        xml(
            "<error message='failed on setup with \"Failed: Timeout (&gt;1.5s) from pytest-timeout.\"'>E</error>",
        ),
        summary("Failed: Timeout (>1.5s) from pytest-timeout."),
        summary("Failed: Timeout >1.5s"),
    ] {
        let tests = source::parse(&text).expect("read").tests;
        assert_eq!(
            (tests.len(), tests[0].outcome, tests[0].timeout_s),
            (1, TestOutcome::TimedOut, Some(1.5)),
            "{text}"
        );
    }
    for case in ["<failure type='test timeout'/>", "<error type='test timeout'/>"] {
        let text = format!(
            "<testsuites name='nextest-run' uuid='x'><testsuite name='b'><testcase name='a'>{case}</testcase></testsuite></testsuites>"
        );
        assert_eq!(source::parse(&text).expect("read").tests[0].outcome, TestOutcome::TimedOut, "{case}");
    }
    // By a thread, pytest-timeout dumps all stacks between two lines and ends the run.
    let dump = "+++++++++++++++++ Timeout +++++++++++++++++";
    for begun in [format!("t.py::a \n{dump}"), format!("t.py::a {dump}")] {
        let text = format!(
            "============ test session starts ============\ncollected 3 items\n\n{begun}\nFile t.py\n{dump}\n"
        );
        let run = source::parse(&text).expect("read");
        assert_eq!((run.tests.len(), run.tests[0].outcome), (1, TestOutcome::TimedOut), "{text}");
        assert_eq!(status(&text), 3);
    }
}

#[test]
fn panics_are_grouped_by_what_they_say_and_not_by_what_was_printed_before() {
    let block = |name: &str, printed: &str, message: &str| {
        format!(
            "---- {name} stdout ----\n{printed}\nthread '{name}' (7) panicked at src/a.rs:1:2:\n{message}\nnote: run with `RUST_BACKTRACE=1`\n\n"
        )
    };
    let doctest = |line: usize, message: &str| {
        format!(
            "---- src/lib.rs - f (line {line}) stdout ----\nTest executable failed (exit status: 101).\n\nstderr:\n\n\
             thread 'main' (9) panicked at src/lib.rs:{line}:1:\n{message}\nnote: run with `RUST_BACKTRACE=1`\n\n"
        )
    };
    let names = ["a", "b", "c", "src/lib.rs - f (line 3)", "src/lib.rs - f (line 9)"];
    let text = format!(
        "running 5 tests\n{}\nfailures:\n\n{}{}{}{}{}\nfailures:\n{}\ntest result: FAILED. 0 passed; 5 failed\n",
        names.map(|n| format!("test {n} ... FAILED\n")).concat(),
        block("a", "step one of the set-up", "the image is empty"),
        block("b", "nothing like the others", "the image is empty"),
        block("c", "step one of the set-up", "cannot open the port"),
        doctest(3, "the image is empty"),
        doctest(9, "no such flag"),
        names.map(|n| format!("    {n}\n")).concat(),
    );
    let run = source::parse(&text).expect("read");
    let rules = Rules::default();
    let groups = groups(&run, &rules);
    let found: Vec<(&str, Vec<&str>)> =
        groups.iter().map(|g| (g.line.as_str(), g.tests.iter().map(|t| t.name.as_str()).collect())).collect();
    assert_eq!(
        found,
        [
            ("the image is empty", vec!["a", "b", "src/lib.rs - f (line 3)"]),
            ("cannot open the port", vec!["c"]),
            ("no such flag", vec!["src/lib.rs - f (line 9)"]),
        ]
    );
}

#[test]
fn advice_names_the_runner_that_made_the_results_or_none() {
    let command = |text: &str| {
        let run = source::parse(text).expect("read");
        triage(&run, None, None, &Rules::default(), Slowness { timeout_s: None, count: 0 }).clusters[0]
            .command
            .clone()
    };
    let case = "<testcase classname='t' name='a'><failure message='boom'/></testcase>";
    assert_eq!(command(&format!("<testsuite name='pytest'>{case}</testsuite>")), "pytest t.py::a");
    assert!(
        command(&format!("<testsuites name='nextest-run'>{case}</testsuites>"))
            .starts_with("cargo nextest run ")
    );
    assert!(command(&format!("running 1 test\ntest a ... FAILED\n\n{FAILED}")).starts_with("cargo test "));
    let other = command(&format!("<testsuite name='CTest'>{case}</testsuite>"));
    assert_eq!(other, "# the results do not name their runner; run again: a");
}

const PYTEST: &str = "==== test session starts ====\ncollected 1 item\n\ntest_a.py::test_0 PASSED\n\n==== 1 passed in 0.10s ====\n";

#[test]
fn of_a_log_of_several_runners_none_is_passed_over() {
    let cargo = |end: &str| {
        format!("     Running tests/a.rs (target/debug/deps/a-0123)\n\nrunning 2 tests\ntest x ... ok\n{end}")
    };
    let fails =
        cargo(&format!("test y ... FAILED\n\n{FAILED}\nerror: test failed, to rerun pass `--test a`\n"));
    let passes = cargo(&format!("test y ... ok\n\n{OK}"));
    for (text, expected) in [
        (format!("{PYTEST}{passes}"), 0),
        (format!("{PYTEST}{fails}"), 3),
        (format!("{fails}{PYTEST}"), 3),
        // What these ran is not known, and that something failed is.
        (
            format!(
                "     Summary [   0.010s] 3 tests run: 2 passed, 1 failed\nerror: test run failed\n{passes}"
            ),
            5,
        ),
        (format!("--- FAIL: TestX (0.00s)\nFAIL\n{PYTEST}"), 5),
        (format!("FAILED (failures=1)\n{PYTEST}"), 5),
        (format!("The following tests FAILED:\n\t  2 - b (Failed)\n{passes}"), 5),
    ] {
        assert_eq!(status(&text), expected, "{text}");
    }
    assert_eq!(source::parse(&format!("{PYTEST}{passes}")).expect("read").tests.len(), 3);
}

#[test]
fn all_results_of_a_bundle_count_and_so_does_how_its_command_ended() {
    let root = tempfile::tempdir().expect("a folder");
    let call = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_trace-harness"));
        command
            .args(args)
            .current_dir(root.path())
            .output()
            .expect("it runs")
            .status
            .code()
            .expect("a status")
    };
    let pass = "<testsuite><testcase name='a'/></testsuite>";
    let fail = "<testsuite><testcase name='b'><failure/></testcase></testsuite>";
    for (topic, second, code, expected) in [
        ("both", pass, 0, 0),
        ("fails", fail, 1, 3),
        ("ended", pass, 101, 5),
        ("cut", "<testsuite><testcase", 0, 5),
    ] {
        let script = format!(
            "mkdir -p \"$0\"; printf \"%s\" \"{pass}\" > \"$0/a.xml\"; printf \"%s\" \"{second}\" > \"$0/b.xml\"; exit {code}"
        );
        call(&["run", "--topic", topic, "--reports", "r", "--", "sh", "-c", &script, "{out}/results"]);
        let of = root.path().join("r").join(topic);
        let place = std::fs::read_dir(of).expect("made").next().expect("one").expect("it").path();
        assert_eq!(
            call(&["triage", "--current", place.to_str().expect("a name"), "--out", topic]),
            expected,
            "{topic}"
        );
    }
}
