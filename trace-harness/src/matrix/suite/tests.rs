//! What a suite says when its process ends early, and when it does not agree with cases by themselves.

use super::*;
use crate::evidence::process::FakeRunner;
use crate::evidence::process::Program;
use crate::matrix::Mode;

fn row(case: &str, outcome: CaseOutcome, sha256: &str) -> MatrixRow {
    let mut row = MatrixRow::not_run(case, "c", outcome, String::new());
    row.files.insert("float.bin".to_owned(), sha256.to_owned());
    row
}

#[test]
fn rows_that_are_not_the_same_in_both_modes_are_named() {
    let isolated = ["same", "outcome", "bytes", "gone"].map(|c| row(c, CaseOutcome::Pass, "1"));
    let suite = [
        row("same", CaseOutcome::Pass, "1"),
        row("outcome", CaseOutcome::Fail, "1"),
        row("bytes", CaseOutcome::Pass, "2"),
    ];
    let found = disagreements(&isolated, &suite);
    let cases: Vec<&str> = found.iter().map(|d| d.case.as_str()).collect();
    assert_eq!(cases, ["outcome", "bytes", "gone"]);
    assert_eq!(found[1].detail, "other bytes in the suite: float.bin");
}

#[test]
fn a_process_that_ends_early_leaves_no_gap() {
    let root = tempfile::tempdir().unwrap();
    let list = root.path().join("cases.toml");
    std::fs::write(&list, "[[case]]\nname = 'a'\nargs = []\n[[case]]\nname = 'b'\nargs = []\n").unwrap();
    let cases = Cases::read(&list).unwrap();
    let list_of = |word: &str| vec![word.to_owned()];
    let configurations = Configuration::all(&list_of("exact"), &list_of("f64"), &list_of("cpu"), &[1, 2]);
    let absent = BTreeMap::from([(configurations[1].label(), "no second core".to_owned())]);
    let request = MatrixRequest {
        simulator: Program::new("simulator".into()),
        reference: None,
        configurations,
        chosen: vec![0, 1],
        jobs: 1,
        mode: Mode::Suite,
        max_ulp: 0,
        time_limit: None,
    };
    // Writes the row of the first case, and half of the second.
    let runner = FakeRunner::new(|invocation| {
        let task: Task = serde_json::from_slice(&std::fs::read(&invocation.args[1]).unwrap()).unwrap();
        let line = serde_json::to_string(&MatrixRow {
            configuration: task.configuration.label(),
            ..row("a", CaseOutcome::Pass, "1")
        });
        // What it leaves among temporary files when it is killed goes with the files of the suite.
        let temporary = invocation.exported.iter().find(|(name, _)| name == "TMPDIR").unwrap();
        assert!(Path::new(&temporary.1).starts_with(&invocation.folder));
        std::fs::write(task.rows, format!("{}\n{{\"case\":", line.unwrap())).unwrap();
        Ending::Signal(11)
    });
    let rows = run(&request, &cases, &absent, &runner, &Interrupt::default()).unwrap();
    let outcomes: Vec<(&str, CaseOutcome)> = rows.iter().map(|r| (r.case.as_str(), r.outcome)).collect();
    let expected = [
        ("a", CaseOutcome::Pass),
        ("b", CaseOutcome::Fail),
        ("a", CaseOutcome::Absent),
        ("b", CaseOutcome::Absent),
    ];
    assert_eq!(outcomes, expected);
    assert_eq!(rows[1].detail, "the process of the suite ended before this case was done");
    assert_eq!(runner.seen().len(), 1);
}
