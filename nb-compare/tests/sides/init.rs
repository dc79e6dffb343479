//! `nb-compare init`: one run of a program becomes a first adapter.

use std::fs;

use crate::support::Scene;

/// Writes a table, bare numbers and a note into its folder, and prints what it computes with.
const HEAT: &str = "echo \"steps = $2\"\nprintf 't,x\\n0,1.5\\n1,2.5\\n' > t.csv\nprintf '\\0\\0\\0\\0\\0\\0\\370\\077' > u.bin\n\
     mkdir deep\nprintf '1 2\\n3 4\\n' > deep/m.txt\necho done > note";

#[test]
fn files_that_come_become_outputs_and_printed_parameters_a_pattern() {
    let scene = Scene::new();
    scene.script("heat", HEAT);
    let called = scene.run("init -- ./heat -n 10");
    assert_eq!(called.code, 0, "{}", called.shown());
    for line in [
        "command = [\"./heat\", \"{args}\"]",
        "path = \"t.csv\"",
        "path = \"deep/m.txt\"",
        "path = \"u.bin\"",
        "format = \"raw:dtype=<f8\"",
        "# \"note\": not compared: text that is no table of numbers",
        "from = \"stdout\"",
    ] {
        assert!(called.out.lines().any(|other| other == line), "{line}: {}", called.out);
    }
    assert!(scene.names(".").iter().all(|name| !name.contains("csv")), "it ran in a folder of its own");
    assert!(scene.names("temporary").is_empty());
}

#[test]
fn a_file_that_is_there_is_never_overwritten() {
    let scene = Scene::new();
    scene.script("heat", HEAT);
    let called = scene.run("init --output heat.toml -- ./heat -n 10");
    assert_eq!((called.code, called.out.as_str()), (0, "[folder]/heat.toml\n"), "{}", called.shown());
    let text = fs::read_to_string(scene.path("heat.toml")).unwrap();
    let again = scene.run("init --output heat.toml -- ./heat -n 20");
    assert_eq!(again.code, 1, "{}", again.shown());
    assert!(again.err.contains("`[folder]/heat.toml`: is there already"), "{}", again.err);
    assert_eq!(fs::read_to_string(scene.path("heat.toml")).unwrap(), text);
}

#[test]
fn what_only_one_of_two_programs_writes_is_said_and_left_out() {
    let scene = Scene::new();
    scene.script("heat", HEAT);
    scene.script("port", "printf 't,x\\n0,1.5\\n' > t.csv\nprintf '1\\n' > own.txt");
    let called = scene.run("init --candidate ./port -- ./heat -n 10");
    assert_eq!(called.code, 0, "{}", called.shown());
    assert_eq!(called.out.matches("[[output]]").count(), 1, "{}", called.out);
    assert!(called.out.contains("command = [\"./port\", \"{args}\"]"), "{}", called.out);
    assert!(called.err.contains("`u.bin` is left out: the candidate does not write it"), "{}", called.err);
    assert!(called.err.contains("`own.txt` is left out: the reference does not write it"), "{}", called.err);
}

#[test]
fn a_program_that_fails_or_leaves_nothing_makes_no_adapter() {
    let scene = Scene::new();
    scene.script("fails", "echo 'no grid' >&2\nexit 3");
    scene.script("silent", "exit 0");
    scene.script("slow", "sleep 60");
    let fails = scene.run("init --output a.toml -- ./fails");
    assert_eq!(fails.code, 2, "{}", fails.shown());
    assert!(fails.err.contains("ended with exit status 3") && fails.err.contains("no grid"), "{}", fails.err);
    let silent = scene.run("init --output a.toml -- ./silent");
    assert_eq!(silent.code, 5, "{}", silent.shown());
    assert!(silent.err.contains("wrote no array and no table"), "{}", silent.err);
    assert_eq!(scene.run("init --timeout 0.2 --output a.toml -- ./slow").code, 2);
    assert_eq!(scene.run("init -- ./nowhere").code, 1);
    assert!(!scene.path("a.toml").exists());
}
