//! A matrix of cases: its table, its exit code, its evidence.
//!
//! Not here: the list of cases as such (unit tests of `matrix`).

use std::fs;

use serde_json::Value;

use crate::support::{self, SMALL, Scene, wave};

/// A reference, and a candidate that doubles what it is asked to (`-double`) and fails where it is told to (`-break`).
fn scene(list: &str) -> Scene {
    let scene = Scene::new();
    scene.simulator("ref", &wave(32, 1.0), "");
    scene.simulator("twice", &wave(32, 2.0), "");
    scene.simulator("same", &wave(32, 1.0), "");
    let choose = "for word in \"$@\"; do case $word in\n-double) exec ./TWICE \"$@\";; -break) echo broken >&2; exit 7;;\nesac; done\n\
                  exec ./SAME \"$@\"";
    let path = |name: &str| scene.path(name).display().to_string();
    scene.script("mine", &choose.replace("./TWICE", &path("twice")).replace("./SAME", &path("same")));
    fs::write(scene.path("cases.toml"), list).unwrap();
    scene
}

const LIST: &str = "args = '-detpixels 32'\n\
    [[case]]\nname = 'good/one'\nargs = '-N 1'\nmax_ulp = 0\n\
    [[case]]\nname = 'bad'\nargs = '-double'\n\
    [[case]]\nname = 'good/two'\nargs = ['-N', '2']\n";

const CALL: &str = "matrix cases.toml --reference ./ref --candidate ./mine --outdir out";

fn verdicts(summary: &Value) -> Vec<(String, String)> {
    let cases = summary["cases"].as_array().unwrap();
    let text = |v: &Value| v.as_str().unwrap().to_owned();
    cases.iter().map(|c| (text(&c["name"]), text(&c["verdict"]))).collect()
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
}

#[test]
fn an_argument_of_one_side_is_given_in_every_case() {
    // The candidate writes twice the image where it is asked for.
    let scene = scene(LIST);
    let verdict = |more: &str, out: &str| {
        let run = scene
            .run(&format!("{} {more} --only good", CALL.replace("--outdir out", &format!("--outdir {out}"))));
        (run.code, verdicts(&scene.json(&format!("{out}/summary.json"))).len())
    };
    assert_eq!(verdict("", "plain"), (0, 2));
    assert_eq!(verdict("--candidate-arg -double", "doubled"), (3, 2));
    assert_eq!(verdict("--reference-arg -double", "other"), (0, 2), "the reference knows no such word");
}

#[test]
fn the_worst_case_comes_first_and_decides() {
    let scene = scene(LIST);
    let run = scene.run(&format!("{CALL} --jobs 2 --junit told.xml"));
    assert_eq!(run.code, 3, "{}{}", run.out, run.err);
    let summary = scene.json("out/summary.json");
    assert_eq!(verdicts(&summary)[0], ("bad".to_owned(), "FAIL".to_owned()));
    let counts = &summary["counts"];
    assert_eq!((&counts["passed"], &counts["failed"]), (&Value::from(2), &Value::from(1)));
    assert!(
        run.out.contains("FAIL: of 3 cases 1 fail; the worst is bad: the sum of B is 2 times"),
        "{}",
        run.out
    );
    scene.assert_sound("out");
    support::assert_valid_matrix(&summary, &scene.json("out/env.json"), &scene.json("out/metrics.json"));

    // Images of the case that fails are kept, those of the others are not; every log is.
    assert!(scene.names("out/cases/bad").contains(&"candidate_float.bin".to_owned()));
    assert_eq!(
        scene.names("out/cases/good/one"),
        ["candidate_stderr.txt", "candidate_stdout.txt", "reference_stderr.txt", "reference_stdout.txt"]
    );
    assert!(!scene.names("out").iter().any(|name| name.starts_with('.')), "{:?}", scene.names("out"));

    let xml = fs::read_to_string(scene.path("told.xml")).unwrap();
    assert!(
        xml.contains("tests=\"3\"") && xml.contains("failures=\"1\"") && xml.contains("name=\"good/one\"")
    );
    assert_eq!(xml, fs::read_to_string(scene.path("out/junit.xml")).unwrap());
    let page = fs::read_to_string(scene.path("out/report.html")).unwrap();
    assert!(page.find(">bad</th>").unwrap() < page.find(">good/one</th>").unwrap());
    assert_eq!(page.matches("src=\"data:image/png;base64,").count(), 9, "three pictures for each case");
}

#[test]
fn all_cases_pass_or_the_matrix_does_not() {
    let good = scene(&LIST.replace("-double", "-N 3"));
    let run = good.run(CALL);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(run.out.contains("PASS: all 3 cases pass"), "{}", run.out);

    let broken = scene(&LIST.replace("-N 1", "-break"));
    let run = broken.run(CALL);
    assert_eq!(run.code, 2, "{}", run.out);
    let summary = broken.json("out/summary.json");
    let expected = pairs(&[("good/one", "ERROR"), ("bad", "FAIL"), ("good/two", "PASS")]);
    assert_eq!(verdicts(&summary), expected);
    assert!(run.out.contains("ended with exit status 7"), "{}", run.out);
    broken.assert_sound("out");
}

#[test]
fn an_empty_matrix_a_missing_input_and_a_missing_reference_are_no_success() {
    let empty = scene("");
    let run = empty.run(CALL);
    assert_eq!(run.code, 1);
    assert!(
        run.err.contains("no case") && run.err.contains("hint: an empty matrix decides nothing"),
        "{}",
        run.err
    );
    assert!(!empty.path("out").exists());

    let list = "[[case]]\nname = 'a'\nargs = '-detpixels 32'\ninputs = ['nowhere.hkl']\n";
    let missing = scene(list);
    let run = missing.run(CALL);
    assert_eq!(run.code, 5, "{}", run.out);
    assert!(run.out.contains("input `nowhere.hkl`: there is no file"), "{}", run.out);
    missing.assert_sound("out");

    fs::write(missing.path("nowhere.hkl"), "1 0 0 1\n").unwrap();
    let run = missing.run("matrix cases.toml --candidate ./mine --outdir other");
    assert_eq!(run.code, 1);
    assert!(run.out.contains("no reference"), "{}", run.out);
}

#[test]
fn a_reference_image_and_files_beside_the_arguments_serve() {
    let list = "[[case]]\nname = 'stored'\nargs = '-detpixels 32'\nreference_image = 'ref.image'\ninputs = ['Fdump.bin']\n";
    let scene = scene(list);
    fs::write(scene.path("Fdump.bin"), "reflections").unwrap();
    let look = format!("cat Fdump.bin; exec '{}' \"$@\"", scene.path("same").display());
    scene.script("looks", &look);
    let run = scene.run("matrix cases.toml --candidate ./looks --outdir out --json");
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert_eq!(verdicts(&run.json()), pairs(&[("stored", "PASS")]));
    let log = fs::read_to_string(scene.path("out/cases/stored/candidate_stdout.txt")).unwrap();
    assert!(log.starts_with("reflections"), "{log}");
}

#[test]
fn a_second_run_takes_the_reference_from_the_cache() {
    let args = SMALL.trim_end_matches(" -fluence 1e24");
    assert_ne!(args, SMALL);
    let scene = scene(&format!(
        "args = '{args}'\n[[case]]\nname = 'one'\n[[case]]\nname = 'two'\nargs = '-oversample 2'\ncandidate_args = '-fluence 2e24'\n"
    ));
    scene.native("own");
    let call = "matrix cases.toml --reference ./own --reference-arg __nanobragg --json --outdir";
    assert_eq!(scene.run(&format!("{call} first")).code, 3);
    let run = scene.run(&format!("{call} again"));
    let told = run.json();
    assert!(
        told["cases"].as_array().unwrap().iter().all(|c| c["sides"]["from_cache"] == true),
        "{}",
        run.out
    );
    assert_eq!(run.code, 3, "verdicts are computed all the same");
}

#[test]
fn a_report_is_not_written_over_what_the_matrix_reads_and_not_into_nowhere() {
    let scene = Scene::new();
    scene.simulator("ref", &wave(32, 1.0), "");
    let list = "[[case]]\nname = 'a'\nargs = ['-N', '1']\n";
    fs::write(scene.path("cases.toml"), list).unwrap();
    let program = fs::read(scene.path("ref")).unwrap();
    for (file, word) in [
        ("cases.toml", "is read by this very command"),
        ("./ref", "is read by this very command"),
        ("nowhere/told.xml", "its folder is not there"),
        (".", "is a folder"),
    ] {
        let call =
            format!("matrix cases.toml --reference ./ref --candidate ./ref --outdir out --junit {file}");
        let run = scene.run(&call);
        assert!(run.code == 1 && run.err.contains(word), "{file}: {}{}", run.out, run.err);
        assert!(!scene.path("out").exists(), "{file}: nothing was to run");
    }
    assert_eq!(fs::read_to_string(scene.path("cases.toml")).unwrap(), list);
    assert_eq!(fs::read(scene.path("ref")).unwrap(), program);
}

/// A device that takes nothing is found out only at the end, when there is evidence that is worth keeping.
#[cfg(target_os = "linux")]
#[test]
fn a_report_that_cannot_be_written_costs_no_evidence() {
    let scene = Scene::new();
    scene.simulator("ref", &wave(32, 1.0), "");
    fs::write(scene.path("cases.toml"), "[[case]]\nname = 'a'\nargs = ['-N', '1']\n").unwrap();
    let run =
        scene.run("matrix cases.toml --reference ./ref --candidate ./ref --outdir out --junit /dev/full");
    assert!(run.code == 5 && run.err.contains("/dev/full") && run.err.contains("evidence: "), "{}", run.err);
    scene.assert_sound("out");
}
