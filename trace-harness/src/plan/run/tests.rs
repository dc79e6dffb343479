//! Plans run with a fake runner and with real processes, and what their bundles say.

use super::*;
use crate::evidence::bundle::verify::verify;
use crate::evidence::process::{Ending, FakeRunner, SystemRunner};
use crate::evidence::verdict::Verdict;

fn context(root: &Path) -> Context {
    Context {
        reports: root.join("reports"),
        folder: root.to_owned(),
        keep_paths: true,
        note: None,
        redacted: Vec::new(),
        max_output: None,
    }
}

fn shell(name: &str, script: &str) -> StepPlan {
    let plan = Plan::of_command("t".into(), vec!["sh".into(), "-c".into(), script.into()], None);
    StepPlan { name: name.to_owned(), ..plan.steps[0].clone() }
}

fn plan(steps: Vec<StepPlan>) -> Plan {
    Plan { topic: "t".to_owned(), title: None, steps }
}

fn statuses(made: &Made) -> Vec<String> {
    made.summary.steps.iter().map(|s| s.status.text()).collect()
}

#[test]
fn a_command_leaves_a_sound_bundle_with_its_logs_results_and_inputs() {
    let root = tempfile::tempdir().unwrap();
    std::fs::write(root.path().join("data.txt"), "42\n").unwrap();
    let command = ["sh", "-c", "cat \"$1\" > \"$2\"; echo done", "sh", "data.txt", "{out}/results/copy.txt"];
    let plan = Plan::of_command("topic".into(), command.map(str::to_owned).to_vec(), None);
    let made = run(&plan, &context(root.path()), &SystemRunner::default(), &|_| {}).unwrap();
    assert_eq!(made.summary.verdict, Verdict::Pass);
    let read = |name: &str| std::fs::read_to_string(made.place.join(name)).unwrap();
    assert_eq!(read("results/copy.txt"), "42\n");
    assert_eq!(read("logs/command.stdout.txt"), "done\n");
    assert_eq!(read(made.summary.inputs[0].stored.as_ref().unwrap()), "42\n");
    assert_eq!(made.summary.steps[0].outputs[0].path, "results/copy.txt");
    let commands = read("commands.txt");
    assert!(
        commands.contains(&format!("sh {} {{out}}/results/copy.txt", made.summary.inputs[0].token)),
        "{commands}"
    );
    let report = verify(&made.place).unwrap();
    assert!(report.is_sound(), "{report:?}");
}

#[test]
fn a_failure_is_evidence_and_the_rest_is_marked_as_not_run() {
    let root = tempfile::tempdir().unwrap();
    let steps = vec![shell("one", "echo oops >&2; exit 3"), shell("two", "true")];
    let made = run(&plan(steps), &context(root.path()), &SystemRunner::default(), &|_| {}).unwrap();
    assert_eq!(statuses(&made), ["exit 3", "not run: step `one` failed"]);
    assert_eq!(made.summary.verdict, Verdict::Fail);
    assert_eq!(std::fs::read_to_string(made.place.join("logs/one.stderr.txt")).unwrap(), "oops\n");
    assert!(verify(&made.place).unwrap().is_sound());
}

#[test]
fn a_failure_that_may_be_passed_over_is() {
    let root = tempfile::tempdir().unwrap();
    let tolerant = StepPlan { on_failure: OnFailure::Continue, ..shell("one", "exit 1") };
    let made = run(
        &plan(vec![tolerant, shell("two", "true")]),
        &context(root.path()),
        &SystemRunner::default(),
        &|_| {},
    );
    assert_eq!(statuses(&made.unwrap()), ["exit 1", "exit 0"]);
}

#[test]
fn an_interrupt_ends_the_plan_even_where_failures_are_passed_over() {
    let root = tempfile::tempdir().unwrap();
    let runner = FakeRunner::new(|_| Ending::Interrupted);
    let tolerant = StepPlan { on_failure: OnFailure::Continue, ..shell("one", "") };
    let made = run(&plan(vec![tolerant, shell("two", "")]), &context(root.path()), &runner, &|_| {}).unwrap();
    assert_eq!(statuses(&made), ["interrupted", "not run: step `one` failed"]);
    assert!(verify(&made.place).unwrap().is_sound());
}

#[test]
fn a_promised_file_that_is_not_written_is_a_failure() {
    let root = tempfile::tempdir().unwrap();
    let outputs = vec![OutputFile { path: "results/x".to_owned(), tolerance: Tolerance::Exact }];
    let step = StepPlan { outputs, ..shell("one", "true") };
    let made = run(&plan(vec![step]), &context(root.path()), &SystemRunner::default(), &|_| {}).unwrap();
    assert_eq!(statuses(&made), ["exit 0, but `results/x` was not written"]);
}

#[test]
fn a_time_limit_and_a_missing_program_are_told_apart() {
    let root = tempfile::tempdir().unwrap();
    let slow =
        StepPlan { timeout_s: Some(0.2), on_failure: OnFailure::Continue, ..shell("slow", "sleep 30") };
    let none = StepPlan { command: vec!["no-such-program".into()], ..shell("none", "") };
    let made =
        run(&plan(vec![slow, none]), &context(root.path()), &SystemRunner::default(), &|_| {}).unwrap();
    assert_eq!(statuses(&made), ["timed out after 0.2 s", "not started: there is no such program"]);
}

#[test]
fn a_home_folder_in_a_command_is_refused_unless_kept() {
    let root = tempfile::tempdir().unwrap();
    let plan = plan(vec![shell("one", "ls /home/somebody/data")]);
    let strict = Context { keep_paths: false, ..context(root.path()) };
    assert!(matches!(run(&plan, &strict, &SystemRunner::default(), &|_| {}), Err(BundleError::HomePath(_))));
    let left: Vec<_> = std::fs::read_dir(root.path().join("reports/t")).unwrap().collect();
    assert!(left.is_empty());
    assert!(run(&plan, &context(root.path()), &SystemRunner::default(), &|_| {}).is_ok());
}

#[test]
fn what_a_bundle_may_not_say_is_refused_before_the_first_command_runs() {
    let root = tempfile::tempdir().unwrap();
    let plan = plan(vec![shell("one", "true"), shell("two", "ls /home/somebody/data")]);
    let strict = Context { keep_paths: false, ..context(root.path()) };
    let runner = FakeRunner::new(|_| Ending::Exit(0));
    assert!(matches!(run(&plan, &strict, &runner, &|_| {}), Err(BundleError::HomePath(_))));
    let title =
        Plan { title: Some("of /home/somebody".to_owned()), ..self::plan(vec![shell("one", "true")]) };
    assert!(matches!(run(&title, &strict, &runner, &|_| {}), Err(BundleError::HomePath(_))));
    let note = Context { note: Some("see /home/somebody/x".to_owned()), ..strict };
    let fine = self::plan(vec![shell("one", "true")]);
    assert!(matches!(run(&fine, &note, &runner, &|_| {}), Err(BundleError::HomePath(_))));
    assert!(runner.seen().is_empty());
}

#[test]
fn a_command_that_takes_the_names_of_the_bundle_s_own_files_or_its_folders_does_not_cost_the_evidence() {
    let root = tempfile::tempdir().unwrap();
    let script = "rm -r \"$0/results\"; echo {} > \"$0/summary.json\"; mkdir -p \"$0/sha256.txt/x\"; echo 1 > \"$0/kept\"";
    let command = ["sh", "-c", script, "{out}"].map(str::to_owned).to_vec();
    let plan = Plan::of_command("t".into(), command, None);
    let made = run(&plan, &context(root.path()), &SystemRunner::default(), &|_| {}).unwrap();
    assert!(verify(&made.place).unwrap().is_sound());
    assert_eq!(std::fs::read_to_string(made.place.join("kept")).unwrap(), "1\n");
    let named = |name: &str| {
        made.summary.open_points.iter().any(|p| p.starts_with(&format!("`{name}` was left out")))
    };
    assert!(named("summary.json") && named("sha256.txt"), "{:?}", made.summary.open_points);
}

#[test]
fn links_and_pipes_among_the_results_do_not_cost_the_evidence() {
    let root = tempfile::tempdir().unwrap();
    let script = "cd \"$0\"; echo 5 > a; ln -s a b; ln -s /etc/passwd c; ln -s nothing d; mkfifo e";
    let command = ["sh", "-c", script, "{out}/results"].map(str::to_owned).to_vec();
    let plan = Plan::of_command("t".into(), command, None);
    let made = run(&plan, &context(root.path()), &SystemRunner::default(), &|_| {}).unwrap();
    assert!(verify(&made.place).unwrap().is_sound());
    assert_eq!(std::fs::read_to_string(made.place.join("results/b")).unwrap(), "5\n");
    let outputs: Vec<&str> = made.summary.steps[0].outputs.iter().map(|o| o.path.as_str()).collect();
    assert_eq!((made.summary.verdict, outputs), (Verdict::Pass, vec!["results/a", "results/b"]));
    let named = made.summary.open_points.iter().map(|point| point.split(" was left out: ").next().unwrap());
    assert_eq!(named.collect::<Vec<_>>(), ["`results/c`", "`results/d`", "`results/e`"]);
}

#[test]
fn an_input_that_changes_while_the_command_runs_decides_nothing_and_is_named_with_both_digests() {
    use crate::evidence::bundle::digest;
    let root = tempfile::tempdir().unwrap();
    std::fs::write(root.path().join("data.txt"), "42\n").unwrap();
    let command = ["sh", "-c", "echo 43 > \"$0\"", "data.txt"].map(str::to_owned).to_vec();
    let made = run(
        &Plan::of_command("t".into(), command, None),
        &context(root.path()),
        &SystemRunner::default(),
        &|_| {},
    )
    .unwrap();
    let (verdict, reason) = (made.summary.verdict, &made.summary.reason);
    let digests = [b"42\n", b"43\n"].map(|content| digest::of_bytes(content));
    assert_eq!((verdict, digests.iter().all(|d| reason.contains(d))), (Verdict::Undecided, true), "{reason}");
    assert_eq!(&made.summary.open_points, std::slice::from_ref(reason));
    assert!(verify(&made.place).unwrap().is_sound());
}

#[test]
fn what_is_to_be_left_out_is_in_no_file_of_the_bundle() {
    let root = tempfile::tempdir().unwrap();
    let step = shell("one", "echo \"got $WORD, $0\"; echo \"$WORD\" >&2");
    let mut step = StepPlan { export: [("WORD".to_owned(), "hunter2".to_owned())].into(), ..step };
    step.command.push("key=hunter3".to_owned());
    let context = Context { redacted: vec![Regex::new("hunter[0-9]").unwrap()], ..context(root.path()) };
    let made = run(&plan(vec![step]), &context, &SystemRunner::default(), &|_| {}).unwrap();
    for item in walkdir::WalkDir::new(&made.place).into_iter().map(Result::unwrap) {
        if item.file_type().is_file() {
            let text = String::from_utf8_lossy(&std::fs::read(item.path()).unwrap()).into_owned();
            assert!(!text.contains("hunter"), "{}", item.path().display());
        }
    }
    let log = std::fs::read_to_string(made.place.join("logs/one.stdout.txt")).unwrap();
    assert_eq!(log, "got {redacted}, key={redacted}\n");
    assert!(verify(&made.place).unwrap().is_sound());
}

#[test]
fn a_step_that_prints_more_than_anybody_reads_is_an_open_point() {
    assert_eq!(much_output("a", 256 << 20), None);
    assert!(much_output("a", (256 << 20) + 1).unwrap().contains("printed 256 MiB"));
}

#[test]
fn a_step_succeeds_with_the_exit_status_that_is_expected_and_with_no_other() {
    let root = tempfile::tempdir().unwrap();
    let expecting = |code| StepPlan {
        expect: 3,
        on_failure: OnFailure::Continue,
        ..shell("one", &format!("exit {code}"))
    };
    let made = |code| {
        run(&plan(vec![expecting(code)]), &context(root.path()), &SystemRunner::default(), &|_| {}).unwrap()
    };
    let expected = made(3);
    assert_eq!(expected.summary.verdict, Verdict::Pass);
    assert!(
        std::fs::read_to_string(expected.place.join("commands.txt"))
            .unwrap()
            .contains("expected exit 3\nstatus   exit 3\n")
    );
    assert!(verify(&expected.place).unwrap().is_sound());
    let other = made(0);
    assert_eq!((other.summary.verdict, &*other.summary.reason), (Verdict::Fail, "one: exit 0, expected 3"));
}
