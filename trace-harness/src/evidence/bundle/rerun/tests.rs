//! Bundles run again: unchanged, changed, moved, and with things missing.

use serde_json::Value;

use super::*;
use crate::evidence::bundle::MANIFEST;
use crate::evidence::bundle::documents::ro_crate;
use crate::evidence::bundle::environment::{self, Environment};
use crate::evidence::bundle::paths::Paths;
use crate::evidence::bundle::verify::verify;
use crate::evidence::failure::EndsCommand;
use crate::evidence::process::SystemRunner;
use crate::evidence::verdict::Verdict;
use crate::plan::Plan;
use crate::plan::run::{Context, run};

/// A bundle of `script`, whose `$1` is an input file and `$2` the folder of results.
fn bundle(root: &Path, script: &str) -> PathBuf {
    fs::write(root.join("data.txt"), "42\n").unwrap();
    let command = ["sh", "-c", script, "sh", "data.txt", "{out}/results"].map(str::to_owned);
    let plan = Plan::of_command("t".into(), command.to_vec(), None);
    let context = Context {
        reports: root.join("reports"),
        folder: root.to_owned(),
        keep_paths: true,
        note: None,
        redacted: Vec::new(),
        max_output: None,
    };
    run(&plan, &context, &SystemRunner::default(), &|_| {}).unwrap().place
}

fn again(place: &Path) -> Result<Rerun, BundleError> {
    rerun(
        &Before::read(place)?,
        &Places { keep_paths: true, ..Places::default() },
        &SystemRunner::default(),
        &|_| {},
    )
}

#[test]
fn a_command_that_does_the_same_again_passes_even_where_its_files_have_moved() {
    let root = tempfile::tempdir().unwrap();
    let place = bundle(root.path(), "cat \"$1\" > \"$2/copy\"");
    fs::remove_file(root.path().join("data.txt")).unwrap();
    let moved = root.path().join("elsewhere");
    fs::rename(&place, &moved).unwrap();
    let result = again(&moved).unwrap();
    assert_eq!((result.summary.verdict, result.files.len()), (Verdict::Pass, 1));
    assert_eq!(result.files[0].verdict, FileVerdict::Identical);
    assert!(result.changes.is_empty(), "{:?}", result.changes);
    assert!(verify(&result.place).unwrap().is_sound());
    let record: Value = serde_json::from_slice(&fs::read(result.place.join("rerun.json")).unwrap()).unwrap();
    assert_eq!(record["of"]["name"], "elsewhere");
    assert_eq!(record["of"]["manifest_sha256"], digest::of_file(&moved.join(MANIFEST)).unwrap().0);
}

#[test]
fn files_that_differ_are_missing_or_extra_are_named() {
    // What the command remembers lies outside the working folder, which is a fresh one the second time.
    let (root, memory) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let script = format!(
        "n=\"{}/count\"; echo x >> \"$n\"; c=$(wc -l < \"$n\"); echo \"$c\" > \"$2/differs\"; touch \"$2/run-$c\"",
        memory.path().display()
    );
    let result = again(&bundle(root.path(), &script)).unwrap();
    let verdicts: Vec<(&str, FileVerdict)> =
        result.files.iter().map(|f| (f.path.as_str(), f.verdict)).collect();
    let expected = [
        ("results/differs", FileVerdict::Differs),
        ("results/run-1", FileVerdict::Missing),
        ("results/run-2", FileVerdict::Extra),
    ];
    assert_eq!(verdicts, expected);
    assert_eq!(result.summary.verdict, Verdict::Fail);
}

#[test]
fn a_rerun_can_be_run_again() {
    let root = tempfile::tempdir().unwrap();
    let first = again(&bundle(root.path(), "cat \"$1\" > \"$2/copy\"")).unwrap();
    assert_eq!(again(&first.place).unwrap().summary.verdict, Verdict::Pass);
}

#[test]
fn a_command_that_ends_differently_fails_and_one_without_files_decides_nothing() {
    let (root, memory) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let flag = memory.path().join("flag");
    let script = format!("test ! -e \"{0}\" && touch \"{0}\"", flag.display());
    let result = again(&bundle(root.path(), &script)).unwrap();
    assert_eq!(result.summary.reason, "ended differently: command");
    let root = tempfile::tempdir().unwrap();
    assert_eq!(again(&bundle(root.path(), "true")).unwrap().summary.verdict, Verdict::Undecided);
}

#[test]
fn a_file_that_changes_between_the_question_and_the_run_is_not_taken() {
    let root = tempfile::tempdir().unwrap();
    let place = bundle(root.path(), "cat \"$1\" > \"$2/copy\"");
    let before = Before::read(&place).unwrap();
    let stored = before.summary.inputs[0].stored.clone().unwrap();
    fs::write(place.join(stored), "43\n").unwrap();
    let places = Places { keep_paths: true, ..Places::default() };
    let why = rerun(&before, &places, &SystemRunner::default(), &|_| {}).unwrap_err().to_string();
    assert!(why.contains("was changed after it was verified"), "{why}");
}

#[test]
fn commands_cannot_write_into_the_bundle_that_they_come_from() {
    let root = tempfile::tempdir().unwrap();
    let place = bundle(root.path(), "cat \"$1\" > \"$2/copy\"; echo more >> \"$1\"");
    let _ = again(&place).unwrap();
    assert!(verify(&place).unwrap().is_sound());
}

#[test]
fn a_pass_says_what_the_old_bundle_allowed() {
    let root = tempfile::tempdir().unwrap();
    let place = forged(&bundle(root.path(), "cat \"$1\" > \"$2/copy\""), |value| {
        value["steps"][0]["outputs"][0]["tolerance"] = serde_json::json!({"kind": "relative", "max": 0.25});
    });
    let reason = again(&place).unwrap().summary.reason;
    assert!(reason.contains("`results/copy` within a fraction of 0.25"), "{reason}");
}

#[test]
fn a_bundle_that_is_not_sound_is_not_run() {
    let root = tempfile::tempdir().unwrap();
    let place = bundle(root.path(), "touch \"$2/x\"");
    fs::write(place.join("commands.txt"), "rm -rf /").unwrap();
    let text = again(&place).unwrap_err().to_string();
    assert!(text.contains("is not sound: changed: `commands.txt`"), "{text}");
}

#[test]
fn changes_of_the_environment_are_told_fact_by_fact() {
    let env = environment::gather(Vec::new(), &Paths::new(true)).unwrap();
    let mut other = env.clone();
    other.kernel = "Other 1.0".to_owned();
    other.toolchain.insert("rustc".to_owned(), "rustc 9".to_owned());
    let changes = outcome::changes(&env, &other);
    assert_eq!(changes.len(), 2);
    assert!(changes[0].starts_with("kernel: ") && changes[0].ends_with("→ \"Other 1.0\""), "{changes:?}");
    assert!(changes[1].starts_with("toolchain rustc: "), "{changes:?}");
}

/// The bundle at `place` with its summary changed, and everything that repeats it changed with it, as a forger would.
fn forged(place: &Path, change: impl Fn(&mut Value)) -> PathBuf {
    let path = place.join("summary.json");
    let mut value: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    change(&mut value);
    fs::write(&path, serde_json::to_vec_pretty(&value).unwrap()).unwrap();
    if let Ok(summary) = serde_json::from_value::<Summary>(value) {
        let environment: Environment =
            serde_json::from_slice(&fs::read(place.join("env.json")).unwrap()).unwrap();
        fs::write(
            place.join("commands.txt"),
            crate::evidence::bundle::documents::commands::render(&summary.steps),
        )
        .unwrap();
        let analysis = crate::evidence::bundle::documents::analysis::render(&summary, "");
        fs::write(place.join("analysis.md"), analysis).unwrap();
        let page = crate::evidence::page::bundle_page(&summary, &environment, &maud::html! {}, "");
        fs::write(place.join("report.html"), page).unwrap();
        let metadata = place.join(ro_crate::NAME);
        fs::remove_file(&metadata).unwrap();
        let value = ro_crate::document(place, &summary, &environment).unwrap();
        fs::write(metadata, value.to_string()).unwrap();
    }
    let entries = manifest::collect(place).unwrap();
    fs::write(place.join(MANIFEST), manifest::render(&entries)).unwrap();
    place.to_owned()
}

/// Why a forged bundle is not run, and whether anything was.
fn refused(change: impl Fn(&mut Value)) -> String {
    let (root, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let place = forged(&bundle(root.path(), "cat \"$1\" > \"$2/copy\""), |value| {
        value["steps"][0]["command"] = format!("touch {}/ran", outside.path().display())
            .split(' ')
            .map(str::to_owned)
            .collect::<Vec<_>>()
            .into();
        change(value);
    });
    let why =
        again(&place).map(|run| format!("was run: {}", run.summary.reason)).unwrap_or_else(|e| e.to_string());
    assert!(!outside.path().join("ran").exists(), "{why}");
    why
}

#[test]
fn inputs_are_what_their_digest_and_name_say_and_lie_in_the_bundle() {
    for (field, value) in [
        ("token", "touch"),
        ("token", "{input:0/data.txt}"),
        ("name", "../data.txt"),
        ("stored", "../../../etc/passwd"),
        ("stored", "/proc/self/environ"),
        ("stored", "inputs/0/data.txt"),
    ] {
        let why = refused(|summary| summary["inputs"][0][field] = value.into());
        assert!(why.contains("is not sound: disagrees: `summary.json`: input"), "{field} {value}: {why}");
    }
}

#[test]
fn variables_of_loaders_and_shells_are_refused_and_so_are_folders_elsewhere() {
    for (name, hint) in [
        ("LD_PRELOAD", "changes what programs run"),
        ("PATH", "changes what programs run"),
        ("BASH_ENV", "changes what programs run"),
        ("PYTHONPATH", "or one that you allow"),
        ("LESSOPEN", "or one that you allow"),
    ] {
        let why = refused(|summary| summary["steps"][0]["exported"][name] = "x".into());
        assert!(why.contains(&format!("exports `{name}`")) && why.contains(hint), "{why}");
    }
    for folder in ["/", "{work}/../x", "relative"] {
        let why = refused(|summary| summary["steps"][0]["folder"] = folder.into());
        assert!(why.contains(&format!("works in `{folder}`")), "{why}");
    }
}

#[test]
fn a_variable_is_set_where_somebody_allows_it_unless_no_bundle_may_set_it() {
    let root = tempfile::tempdir().unwrap();
    let place = forged(&bundle(root.path(), "cat \"$1\" > \"$2/copy\""), |value| {
        value["steps"][0]["exported"]["PYTHONPATH"] = "x".into();
    });
    let allowed = |names: &[&str]| {
        Before::read_allowing(&place, &names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>())
    };
    assert!(matches!(allowed(&["PYTHON", "pythonpath"]), Err(BundleError::Refused { .. })));
    assert_eq!(allowed(&["PYTHONPATH"]).unwrap().summary.steps[0].exported["PYTHONPATH"], "x");
    let place = forged(&place, |value| value["steps"][0]["exported"]["LD_PRELOAD"] = "x".into());
    let names = ["PYTHONPATH", "LD_PRELOAD"].map(str::to_owned);
    let refused = Before::read_allowing(&place, &names).unwrap_err();
    assert!(refused.hint().is_empty() && refused.to_string().contains("exports `LD_PRELOAD`"), "{refused}");
}

#[test]
fn steps_that_make_no_sense_are_no_bundle() {
    for (field, value, problem) in [
        ("command", serde_json::json!([]), "has no command"),
        ("command", serde_json::json!([""]), "has no command"),
        ("time_limit_s", (-1.0).into(), "time limit of `-1`"),
        ("time_limit_s", 1e300.into(), "time limit of `1"),
        ("exported", serde_json::json!({"A\nexport B": "x"}), "expected letters, digits and `_`"),
        (
            "outputs",
            serde_json::json!([{"path": "../x", "tolerance": {"kind": "exact"}}]),
            "leads out of the bundle",
        ),
        (
            "outputs",
            serde_json::json!([{"path": "results/copy", "tolerance": {"kind": "relative", "max": 1e308}}]),
            "relative tolerance of",
        ),
        ("logs", serde_json::json!(["/etc/passwd", "b"]), "leads out of the bundle"),
        ("logs", serde_json::json!("x"), "is not as expected"),
    ] {
        let why = refused(|summary| summary["steps"][0][field] = value.clone());
        assert!(why.contains("is not sound") && why.contains(problem), "{field} {value}: {why}");
    }
}

#[test]
fn what_a_bundle_says_twice_is_compared() {
    let root = tempfile::tempdir().unwrap();
    for (file, text) in [
        ("commands.txt", "# nothing\n"),
        ("report.html", "<p>PASS</p>"),
        ("ro-crate-metadata.json", r#"{"@graph": [{"@type": "File", "name": "env.json", "sha256": "0"}]}"#),
        ("ro-crate-metadata.json", "{"),
    ] {
        let place = bundle(root.path(), "cat \"$1\" > \"$2/copy\"");
        fs::write(place.join(file), text).unwrap();
        let entries = manifest::collect(&place).unwrap();
        fs::write(place.join(MANIFEST), manifest::render(&entries)).unwrap();
        let report = verify(&place).unwrap();
        assert!(report.findings.iter().any(|f| f.path == file), "{file}: {:?}", report.findings);
    }
    let place = bundle(root.path(), "cat \"$1\" > \"$2/copy\"");
    fs::remove_file(place.join("results/copy")).unwrap();
    let entries = manifest::collect(&place).unwrap();
    fs::write(place.join(MANIFEST), manifest::render(&entries)).unwrap();
    let found = verify(&place).unwrap().findings;
    assert!(
        found.iter().any(|f| f.detail.contains("output `results/copy` is not in the manifest")),
        "{found:?}"
    );
}

#[test]
fn a_command_whose_words_were_left_out_is_not_run_again() {
    let why = refused(|summary| summary["steps"][0]["command"][1] = "key={redacted}".into());
    assert!(why.contains("words that were left out"), "{why}");
}

#[test]
fn a_program_of_the_working_folder_comes_with_the_bundle() {
    use std::os::unix::fs::PermissionsExt;
    let root = tempfile::tempdir().unwrap();
    let tool = root.path().join("tool.sh");
    fs::write(&tool, "#!/bin/sh\necho 5 > \"$1/five\"\n").unwrap();
    fs::set_permissions(&tool, fs::Permissions::from_mode(0o755)).unwrap();
    let plan = Plan::of_command("t".into(), vec!["./tool.sh".into(), "{out}/results".into()], None);
    let context = Context {
        reports: root.path().join("reports"),
        folder: root.path().to_owned(),
        keep_paths: true,
        note: None,
        redacted: Vec::new(),
        max_output: None,
    };
    let place = run(&plan, &context, &SystemRunner::default(), &|_| {}).unwrap().place;
    fs::remove_file(&tool).unwrap();
    assert_eq!(again(&place).unwrap().summary.verdict, Verdict::Pass);

    // Another one that is given is used, and one that nothing starts is not passed over.
    let other = root.path().join("other.sh");
    fs::write(&other, "#!/bin/sh\necho 6 > \"$1/five\"\n").unwrap();
    fs::set_permissions(&other, fs::Permissions::from_mode(0o755)).unwrap();
    let with = |name: &str, path: &Path, inputs: Vec<PathBuf>| {
        let programs = vec![(name.to_owned(), path.to_owned())];
        let places = Places { inputs, programs, keep_paths: true, ..Places::default() };
        rerun(&Before::read(&place).unwrap(), &places, &SystemRunner::default(), &|_| {})
    };
    assert_eq!(with("tool.sh", &other, Vec::new()).unwrap().summary.verdict, Verdict::Fail);
    let why = |rerun: Result<Rerun, BundleError>| rerun.unwrap_err().to_string();
    assert!(why(with("tool", &other, Vec::new())).contains("no command of it starts the program `tool`"));
    assert!(why(with("tool.sh", &tool, Vec::new())).contains("is no file"));
    assert!(why(with("tool.sh", &other, vec![tool.clone()])).contains("is no folder"));
}

#[test]
fn a_folder_that_a_command_insists_on_making_is_left_to_it() {
    let root = tempfile::tempdir().unwrap();
    let place = bundle(root.path(), "mkdir \"$2/made\" && cat \"$1\" > \"$2/made/copy\"");
    let result = again(&place).unwrap();
    assert_eq!((result.summary.verdict, &*result.files[0].path), (Verdict::Pass, "results/made/copy"));
    let owned = |owned: &[&str]| owned.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
    for (command, output, folder) in [
        (&["x", "-o", "{out}/cases/a/float.bin"][..], "cases/a/float.bin", Some("cases/a")),
        (&["x", "--out", "{out}/cases/a"], "cases/a/float.bin", Some("cases")),
        (&["x", "--out={out}/cases/a/"], "cases/a/b/float.bin", Some("cases")),
        (&["x", "--out", "{out}/results/new"], "results/new/a", Some("results")),
        (&["x", "--out", "{out}/new"], "new/a", None),
        (&["x"], "cases/a/float.bin", Some("cases/a")),
        (&["x", "{out}"], "float.bin", None),
    ] {
        assert_eq!(folder_for(output, &owned(command)).as_deref(), folder, "{command:?}");
    }
}
