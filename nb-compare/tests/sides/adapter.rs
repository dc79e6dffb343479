//! `nb-compare --adapter`: two programs of any kind, every output by itself, one verdict over all.

use std::fs;
use std::path::Path;

use trace_harness::evidence::bundle::rerun::{Before, Places, rerun, tolerance::FileVerdict};
use trace_harness::evidence::process::{Interrupt, SystemRunner};

use crate::support::forge::{Change, forge, text};
use crate::support::{Called, Scene, assert_valid_outputs};

const ADAPTER: &str = r#"
title = "heat after some steps"
[side.reference]
label = "Fortran"
command = ["./reference", "{args}", "--out", "{image}"]
version = ["./reference", "--version"]
[side.candidate]
label = "Rust"
command = ["./candidate", "{args}", "--out", "{image}"]
env = { OMP_NUM_THREADS = "3" }
[[output]]
name = "temperature"
path = "{image}"
format = "raw:dtype=<f8"
gates = { max_ulp = 0 }
[[output]]
name = "flux"
path = "flux.csv"
format = "csv"
gates = { rtol = 1e-6 }
[parameters]
pattern = '^(?<key>\w+) = (?<value>.*)$'
from = "stdout"
[[variant]]
id = "OLD"
meaning = "the old boundary"
candidate_args = ["--old"]
"#;

/// A program that prints `steps`, writes the bytes of `numbers` to the file behind `--out`, and `flux` to `flux.csv`.
fn program(scene: &Scene, name: &str, numbers: &[f64], flux: &str, more: &str) {
    let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    fs::write(scene.path(&format!("{name}.numbers")), bytes).unwrap();
    let numbers = scene.path(&format!("{name}.numbers"));
    let body = format!(
        "[ \"$1\" = --version ] && {{ echo \"{name} 1.2\"; exit 0; }}\n\
         out= steps=1 old=\nwhile [ $# -gt 0 ]; do case \"$1\" in --out) out=$2;; -n) steps=$2;; --old) old=1;; esac; shift; done\n\
         echo \"steps = $steps\"\n[ -n \"$out\" ] && cp '{}' \"$out\"\nprintf '{flux}' > flux.csv\n{more}\nexit 0",
        numbers.display()
    );
    scene.script(name, &body);
}

const NUMBERS: [f64; 4] = [1.0, 2.5, -3.0, 1e300];
const FLUX: &str = "t,q\\n0,1.5\\n1,2.5\\n";

/// Two programs that agree, and their adapter.
fn scene() -> Scene {
    let scene = Scene::new();
    program(&scene, "reference", &NUMBERS, FLUX, "");
    program(&scene, "candidate", &NUMBERS, FLUX, "");
    fs::write(scene.path("heat.toml"), ADAPTER).unwrap();
    scene
}

fn compared(scene: &Scene, more: &str) -> Called {
    scene.run(&format!("--adapter heat.toml --outdir b {more} -- -n 10"))
}

/// The text of a file of the bundle `b`.
fn told(scene: &Scene, name: &str) -> String {
    fs::read_to_string(scene.path("b").join(name)).unwrap()
}

#[test]
fn two_scripts_of_one_interpreter_have_a_version_each() {
    let scene = Scene::new();
    for name in ["reference", "candidate"] {
        fs::write(scene.path(name), "echo 1 2 > t.csv").unwrap();
    }
    let side = |name: &str| {
        format!(
            "[side.{name}]\nlabel = '{name}'\ncommand = ['sh', './{name}']\nversion = ['sh', '-c', 'echo {name} 1.2']\n"
        )
    };
    let adapter = side("reference") + &side("candidate") + "[[output]]\nname = 't'\npath = 't.csv'\n";
    fs::write(scene.path("heat.toml"), adapter).unwrap();
    assert_eq!(scene.run("--adapter heat.toml --outdir b --").code, 0);
    for name in ["reference", "candidate"] {
        assert_eq!(scene.json("b/summary.json")["sides"][name]["version"], format!("{name} 1.2"));
    }
    let again = scene.run("recompute b");
    assert_eq!(again.code, 0, "{}", again.shown());
}

#[test]
fn every_output_is_compared_and_labels_and_title_are_everywhere() {
    let scene = scene();
    let called = compared(&scene, "");
    assert_eq!(called.code, 0, "{}", called.shown());
    for words in [
        "Fortran runtime:",
        "Rust runtime:",
        "PASS",
        "temperature: all 4 elements are the same bits",
        "all 2 outputs agree",
    ] {
        assert!(called.out.contains(words), "{words}: {}", called.out);
    }
    scene.assert_sound("b");
    let summary = scene.json("b/summary.json");
    assert_valid_outputs(&summary, &scene.json("b/env.json"), &scene.json("b/metrics.json"));
    assert_eq!(summary["sides"]["reference"]["label"], "Fortran");
    assert_eq!(summary["sides"]["reference"]["version"], "reference 1.2");
    assert_eq!(summary["sides"]["candidate"]["version"], "", "nobody said how to ask for it");
    assert_eq!(summary["steps"][1]["exported"]["OMP_NUM_THREADS"], "3");
    assert_eq!(summary["title"], "heat after some steps");
    assert_eq!(scene.json("b/metrics.json")["metrics"]["temperature.elements_equal"], 4);
    for file in ["report.html", "analysis.md"] {
        let text = told(&scene, file);
        assert!(
            text.contains("heat after some steps") && text.contains("temperature") && text.contains("flux"),
            "{file}"
        );
    }
    assert!(told(&scene, "report.html").contains("<td>Fortran</td>"));
    let adapter = summary["inputs"][0]["stored"].as_str().unwrap();
    assert_eq!(told(&scene, adapter), ADAPTER);
    assert!(scene.names("temporary").is_empty());
    let again = scene.run("recompute b");
    assert_eq!(again.code, 0, "{}", again.shown());
    assert!(again.out.contains("b: follows from its files"), "{}", again.out);
}

#[test]
fn the_json_of_a_call_is_the_summary_of_its_bundle() {
    let scene = scene();
    let called = compared(&scene, "--json");
    let mut printed = called.json();
    printed.as_object_mut().unwrap().remove("folder");
    assert_eq!(printed, scene.json("b/summary.json"));
    assert!(compared(&scene, "--json").code == 5, "the folder is there already");
}

#[test]
fn the_worst_output_decides_and_is_named() {
    let scene = scene();
    program(&scene, "candidate", &NUMBERS, "t,q\\n0,1.5\\n1,2.75\\n", "");
    let called = compared(&scene, "");
    assert_eq!(called.code, 3, "{}", called.shown());
    assert!(
        called.out.contains("FAIL: 1 of 2 outputs agree; `flux`: 1 of 2 columns differ"),
        "{}",
        called.out
    );
    assert_eq!(scene.json("b/summary.json")["exit"], 3);
    assert_eq!(scene.run("recompute b").code, 0);
}

#[test]
fn arrays_of_other_shapes_end_with_the_status_of_shapes() {
    let scene = scene();
    program(&scene, "candidate", &NUMBERS[..3], FLUX, "");
    let called = compared(&scene, "");
    assert_eq!(called.code, 4, "{}", called.shown());
    assert!(called.out.contains("`temperature`: A has the shape `(4,)`, B `(3,)`"), "{}", called.out);
    assert_eq!(scene.run("recompute b").code, 0);
}

#[test]
fn an_output_that_cannot_be_read_hides_no_other_one() {
    let scene = scene();
    let adapter = ADAPTER.replacen(
        "[parameters]",
        "[[output]]\nname = \"m\"\npath = \"m.txt\"\nformat = \"table\"\n[parameters]",
        1,
    );
    fs::write(scene.path("heat.toml"), adapter).unwrap();
    program(&scene, "reference", &NUMBERS, FLUX, "echo '1 2 3' > m.txt");
    for (flux, code, verdict) in [("t,q\\n0,1.5\\n1,9\\n", 3, "FAIL"), (FLUX, 5, "UNDECIDED")] {
        program(&scene, "candidate", &NUMBERS, flux, "printf '1 2 3\\n4 5\\n' > m.txt");
        let called = compared(&scene, "");
        assert_eq!(called.code, code, "{}", called.shown());
        assert!(called.out.contains("m: output `m`: `outputs/candidate/m.txt`"), "{}", called.out);
        scene.assert_sound("b");
        let summary = scene.json("b/summary.json");
        assert_valid_outputs(&summary, &scene.json("b/env.json"), &scene.json("b/metrics.json"));
        assert_eq!(summary["verdict"], verdict);
        assert_eq!(summary["compared_outputs"][2]["kind"], "unreadable");
        assert!(told(&scene, "report.html").contains("not compared"));
        assert_eq!(scene.run("recompute b").code, 0);
        fs::remove_dir_all(scene.path("b")).unwrap();
    }
}

/// What people are told of a comparison with this adapter: terminal, page, JSON.
fn notes(scene: &Scene, adapter: &str) -> String {
    fs::write(scene.path("heat.toml"), adapter).unwrap();
    let called = compared(scene, "");
    assert_eq!(called.code, 0, "{}", called.shown());
    let summary = scene.json("b/summary.json");
    assert_valid_outputs(&summary, &scene.json("b/env.json"), &scene.json("b/metrics.json"));
    let notes: Vec<&str> =
        summary["notes"].as_array().unwrap().iter().map(|note| note.as_str().unwrap()).collect();
    for note in &notes {
        assert!(called.out.contains(&format!("note: {note}\n")), "{note}: {}", called.out);
        assert!(told(scene, "report.html").contains(note), "{note}");
    }
    assert_eq!(scene.run("recompute b").code, 0);
    fs::remove_dir_all(scene.path("b")).unwrap();
    notes.join("\n")
}

#[test]
fn what_is_asked_for_and_not_said_is_named() {
    let scene = scene();
    assert_eq!(notes(&scene, ADAPTER), "");
    let with = |from: &str, to: &str| {
        assert!(ADAPTER.contains(from), "{from}");
        ADAPTER.replacen(from, to, 1)
    };
    let told = notes(&scene, &with("[\"./reference\", \"--version\"]", "[\"./nowhere\", \"-v\"]"));
    assert!(told.starts_with("Fortran says no version: `./nowhere -v` is not there"), "{told}");
    let told = notes(&scene, &with("from = \"stdout\"", "from = \"none.txt\""));
    assert_eq!(
        told,
        "Fortran states no parameter: it does not write `none.txt`\nRust states no parameter: it does not write `none.txt`"
    );
    let told = notes(&scene, &with("from = \"stdout\"", "from = \"stderr\""));
    assert!(told.starts_with("Fortran states no parameter: no line of its standard error does"), "{told}");
    program(&scene, "reference", &NUMBERS, FLUX, "echo 'seed = 7'");
    assert_eq!(notes(&scene, ADAPTER), "Fortran alone states `seed`");
}

#[test]
fn values_with_commas_stay_that_whatever_else_the_rules_say() {
    let scene = scene();
    let adapter =
        ADAPTER.replacen("gates = { rtol = 1e-6 }", "[output.table]\nkey = [\"t\"]\ncolumn.q.rtol = 0.5", 1);
    fs::write(scene.path("heat.toml"), adapter).unwrap();
    program(&scene, "candidate", &NUMBERS, "t,q\\n1,2.0\\n0,1.5\\n", "");
    let called = compared(&scene, "");
    assert_eq!(called.code, 0, "{}", called.shown());
    let columns = scene.json("b/summary.json")["compared_outputs"][1]["figures"]["columns"].clone();
    assert!(columns.to_string().contains("\"q\""), "{columns}");
    let judged = scene.run("recompute b --json").json()["bundles"][0]["result"]["judged"].clone();
    assert_eq!([&judged["images"], &judged["arrays"], &judged["tables"], &judged["noise"]], [0, 1, 1, 0]);
}

#[test]
fn a_side_without_one_of_its_outputs_has_failed_and_both_are_named() {
    let scene = scene();
    for (more, why) in [
        ("rm flux.csv", "No such file"),
        ("mv flux.csv x; ln -s x flux.csv", "is a symbolic link"),
        ("mv flux.csv x; ln x flux.csv; :", "a file with 2 names"),
    ] {
        program(&scene, "candidate", &NUMBERS, FLUX, more);
        let called = compared(&scene, "");
        assert_eq!(called.code, 2, "{}", called.shown());
        assert!(
            called.err.contains("Rust (`[folder]/candidate`): its output `flux`, `flux.csv`, ")
                && called.err.contains(why),
            "{}",
            called.err
        );
        scene.assert_sound("b");
        assert_eq!(scene.json("b/summary.json")["verdict"], "FAIL");
        fs::remove_dir_all(scene.path("b")).unwrap();
    }
}

#[test]
fn a_side_that_fails_keeps_the_other_from_running_and_leaves_evidence() {
    let scene = scene();
    program(&scene, "reference", &NUMBERS, FLUX, "echo 'no grid' >&2; exit 7");
    let called = compared(&scene, "");
    assert_eq!(called.code, 2, "{}", called.shown());
    assert!(
        called.err.contains("Fortran (`[folder]/reference`) ended with exit status 7")
            && called.err.contains("no grid"),
        "{}",
        called.err
    );
    let summary = scene.json("b/summary.json");
    assert_valid_outputs(&summary, &scene.json("b/env.json"), &scene.json("b/metrics.json"));
    assert_eq!(summary["steps"][1]["status"]["kind"], "not_run");
    fs::remove_dir_all(scene.path("b")).unwrap();
    program(&scene, "reference", &NUMBERS, FLUX, "sleep 60");
    let called = compared(&scene, "--timeout 0.3");
    assert_eq!(called.code, 2, "{}", called.shown());
    assert!(called.err.contains("was ended after 0.3 s"), "{}", called.err);
}

#[test]
fn other_parameters_are_said_before_the_outputs() {
    let scene = scene();
    program(&scene, "candidate", &[1.0, 2.5, -3.0, 2e300], FLUX, "echo 'boundary = closed'");
    program(&scene, "reference", &NUMBERS, FLUX, "echo 'boundary = open'");
    let called = compared(&scene, "");
    assert_eq!(called.code, 3);
    assert!(called.out.contains("other parameters: boundary: open and closed"), "{}", called.out);
    let reason = scene.json("b/summary.json")["reason"].as_str().unwrap().to_owned();
    assert!(
        reason.starts_with(
            "the sides computed with other parameters: `boundary` is `open` for the reference and `closed`"
        ),
        "{reason}"
    );
    assert_eq!(scene.run("recompute b").code, 0);
}

#[test]
fn a_variant_reaches_the_side_that_it_is_for() {
    let scene = scene();
    program(
        &scene,
        "candidate",
        &NUMBERS,
        FLUX,
        "[ -n \"$old\" ] && printf 't,q\\n0,1.5\\n1,9\\n' > flux.csv",
    );
    assert_eq!(compared(&scene, "").code, 0);
    fs::remove_dir_all(scene.path("b")).unwrap();
    let called = compared(&scene, "--variant OLD");
    assert_eq!(called.code, 3, "{}", called.shown());
    assert_eq!(scene.json("b/summary.json")["variants"][0], "OLD");
    assert_eq!(scene.run("recompute b").code, 0);
    let unknown = scene.run("--adapter heat.toml --variant NEW -- -n 10");
    assert_eq!(unknown.code, 1, "{}", unknown.shown());
    assert!(unknown.err.contains("`NEW`: is no variant of the adapter; expected OLD"), "{}", unknown.err);
}

#[test]
fn a_changed_number_of_a_bundle_does_not_follow_from_its_files() {
    let scene = scene();
    program(&scene, "candidate", &NUMBERS, "t,q\\n0,1.5\\n1,2.75\\n", "");
    let place = scene.path("b");
    for (file, from, to) in [
        ("summary.json", "\"elements_equal\": 4", "\"elements_equal\": 3"),
        ("summary.json", "\"label\": \"Rust\"", "\"label\": \"Ada\""),
        ("metrics.json", "\"flux.values_differing\": 1", "\"flux.values_differing\": 0"),
        ("outputs/candidate/flux.csv.txt", "2.75", "2.50"),
    ] {
        let file = if file.starts_with("outputs/") { "outputs/candidate/flux.txt" } else { file };
        assert_eq!(compared(&scene, "").code, 3);
        forge(&place, &[(file, &text(from, to))]);
        let again = scene.run("recompute b");
        assert_eq!(again.code, 3, "{file}: {from}: {}", again.shown());
        fs::remove_dir_all(&place).unwrap();
    }
}

/// Who knows how digests are computed may not say that other programs ran, with other arguments, or that outputs came from elsewhere.
#[test]
fn what_a_bundle_says_of_its_sides_follows_from_its_steps() {
    let change = |change: &'static dyn Fn(&mut serde_json::Value)| {
        move |bytes: Vec<u8>| {
            let mut document: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
            change(&mut document);
            serde_json::to_vec_pretty(&document).unwrap()
        }
    };
    let args = change(&|summary| summary["args"] = serde_json::json!(["-n", "777"]));
    let more = change(&|summary| summary["args"] = serde_json::json!(["-n", "10", "--old"]));
    let less = change(&|summary| summary["args"] = serde_json::json!(["-n"]));
    let program = change(&|summary| {
        summary["sides"]["candidate"]["program"] = summary["sides"]["reference"]["program"].clone();
    });
    let none = change(&|summary| summary["sides"]["candidate"]["program"] = serde_json::Value::Null);
    let collected = change(&|summary| {
        summary["steps"][1]["collected"]["outputs/candidate/flux.txt"] = "{tmp}/reference/flux.csv".into();
    });
    let all: [(Change<'_>, &str); 6] = [
        (&args, "`args`: the command of step `reference`"),
        (&more, "`args`: the command of step `candidate`"),
        (&less, "`args`: the command of step `candidate`"),
        (&program, "`sides`: the program of the candidate is not the one of its step"),
        (&none, "`sides`: the program of the candidate is not the one of its step"),
        (&collected, "step `candidate`: collected other files"),
    ];
    for (change, word) in all {
        let scene = scene();
        let other = fs::read_to_string(scene.path("candidate")).unwrap() + "# another one\n";
        fs::write(scene.path("candidate"), other).unwrap();
        assert_eq!(compared(&scene, "").code, 0);
        forge(&scene.path("b"), &[("summary.json", change)]);
        let again = scene.run("recompute b");
        assert_eq!(again.code, 3, "{word}: {}", again.shown());
        assert!(again.out.contains(word), "{word}: {}", again.out);
    }
}

#[test]
fn a_bundle_follows_from_its_steps_whatever_the_commands_are_made_of() {
    let scene = scene();
    fs::write(scene.path("grid.dat"), "1 2 3").unwrap();
    let words =
        format!("\"./grid.dat\", \"--in={{out}}/x\", \"{}\", \"{{{{\"", scene.path("elsewhere").display());
    let from = "command = [\"./candidate\", \"{args}\", \"--out\", \"{image}\"]";
    let to = format!(
        "cwd = \"run/deep\"\ncommand = [\"./candidate\", {words}, \"--out\", \"{{image}}\", \"{{args}}\"]"
    );
    assert!(ADAPTER.contains(from));
    fs::write(scene.path("heat.toml"), ADAPTER.replacen(from, &to, 1)).unwrap();
    let called =
        scene.run("--adapter heat.toml --outdir b --variant OLD -- -n 10 --grid=grid.dat grid.dat .");
    assert_eq!(called.code, 0, "{}", called.shown());
    let again = scene.run("recompute b");
    assert_eq!(again.code, 0, "{}", again.shown());
    assert!(again.out.contains("computed again: 1"), "{}", again.out);
}

#[test]
fn a_second_run_of_the_bundle_has_the_same_outputs() {
    let scene = scene();
    assert_eq!(compared(&scene, "").code, 0);
    let before = Before::read(&scene.path("b")).unwrap();
    let places = Places { out: Some(scene.path("again")), ..Places::default() };
    let again = rerun(&before, &places, &SystemRunner::new(Interrupt::install().unwrap()), &|_| ()).unwrap();
    let outputs: Vec<_> = again.files.iter().filter(|file| file.path.starts_with("outputs/")).collect();
    assert_eq!(outputs.len(), 4, "{:?}", again.files);
    assert!(outputs.iter().all(|file| file.verdict == FileVerdict::Identical), "{outputs:?}");
    assert_eq!(again.summary.verdict.word(), "PASS", "{}", again.summary.reason);
}

#[test]
fn a_side_reads_the_standard_input_that_the_adapter_gives_it_and_so_does_a_second_run() {
    let scene = scene();
    fs::write(scene.path("heat.nml"), "&heat n = 3 /\n").unwrap();
    program(&scene, "candidate", &NUMBERS, FLUX, "cat > read.txt; grep -q 'n = 3' read.txt || exit 9");
    assert_eq!(compared(&scene, "").code, 2, "without standard input there is nothing to read");
    fs::remove_dir_all(scene.path("b")).unwrap();
    let adapter = ADAPTER.replacen("label = \"Rust\"", "label = \"Rust\"\nstdin = \"heat.nml\"", 1);
    fs::write(scene.path("heat.toml"), adapter).unwrap();
    let called = compared(&scene, "");
    assert_eq!(called.code, 0, "{}", called.shown());
    scene.assert_sound("b");
    let summary = scene.json("b/summary.json");
    assert_valid_outputs(&summary, &scene.json("b/env.json"), &scene.json("b/metrics.json"));
    let token = summary["steps"][1]["stdin"].as_str().unwrap();
    assert!(token.ends_with("/heat.nml}"), "{token}");
    assert!(told(&scene, "commands.txt").contains(&format!(" < {token}")));
    let before = Before::read(&scene.path("b")).unwrap();
    let places = Places { out: Some(scene.path("again")), ..Places::default() };
    let again = rerun(&before, &places, &SystemRunner::new(Interrupt::install().unwrap()), &|_| ()).unwrap();
    assert_eq!(again.summary.verdict.word(), "PASS", "{}", again.summary.reason);
}

#[test]
fn no_side_sees_what_the_other_wrote() {
    let scene = scene();
    let spy = "find \"$TMPDIR\" -path '*work*' -name 'image*' ! -path \"$PWD/*\"";
    program(&scene, "candidate", &NUMBERS, FLUX, spy);
    assert_eq!(compared(&scene, "").code, 0);
    assert_eq!(told(&scene, "candidate_stdout.txt"), "steps = 10\n");
}

#[test]
fn no_side_finds_what_the_other_printed() {
    let scene = scene();
    program(&scene, "candidate", &NUMBERS, FLUX, "find \"$TMPDIR/..\" -name 'reference_std*'");
    assert_eq!(compared(&scene, "").code, 0);
    assert_eq!(told(&scene, "candidate_stdout.txt"), "steps = 10\n");
    assert_eq!(told(&scene, "reference_stdout.txt"), "steps = 10\n", "it is kept all the same");
}

#[test]
fn what_is_printed_without_end_is_a_failure_that_is_named() {
    let scene = scene();
    // A hole takes no room on the disk.
    program(&scene, "candidate", &NUMBERS, FLUX, "truncate -s 5G /dev/stderr");
    let called = compared(&scene, "");
    assert_eq!(called.code, 2, "{}", called.shown());
    assert!(called.err.contains("its standard error is larger than"), "{}", called.err);
    scene.assert_sound("b");
}

/// Writes a program that does something more.
type Writing<'a> = &'a dyn Fn(&Scene, &str);

/// Whoever exchanges the other side's program or input compares a program with itself, or two inputs.
#[test]
fn a_program_or_an_input_that_changes_while_programs_run_ends_the_comparison() {
    let of_reference = |scene: &Scene, more: &str| program(scene, "reference", &NUMBERS, FLUX, more);
    let of_candidate = |scene: &Scene, more: &str| program(scene, "candidate", &NUMBERS, FLUX, more);
    let of_version = |scene: &Scene, more: &str| {
        scene.script("asked", &format!("echo 1.0\n{more}"));
        let adapter = ADAPTER.replacen("[\"./reference\", \"--version\"]", "[\"./asked\"]", 1);
        fs::write(scene.path("heat.toml"), adapter).unwrap();
    };
    let changing: [(&str, Writing<'_>); 3] =
        [("reference", &of_reference), ("candidate", &of_candidate), ("version", &of_version)];
    for (who, write) in changing {
        for changed in ["candidate", "reference", "grid.dat"] {
            let scene = scene();
            fs::write(scene.path("grid.dat"), "1 2 3").unwrap();
            let path = scene.path(changed);
            let path = path.display();
            write(
                &scene,
                &format!(
                    "{{ cat '{path}'; echo '# 2'; }} > '{path}.new'; chmod +x '{path}.new'; mv '{path}.new' '{path}'"
                ),
            );
            let called = scene.run("--adapter heat.toml --outdir b -- -n 10 grid.dat");
            assert_eq!(called.code, 2, "{who} changes {changed}: {}", called.shown());
            let told = format!("`[folder]/{changed}`: was changed while programs ran");
            assert!(called.err.contains(&told), "{who} changes {changed}: {}", called.err);
            scene.assert_sound("b");
            let summary = scene.json("b/summary.json");
            assert_eq!(summary["compared_outputs"].as_array().map(Vec::len), Some(0), "{who} {changed}");
            let again = scene.run("recompute b");
            assert_eq!(again.code, 0, "{who} changes {changed}: {}", again.shown());
        }
    }
}

#[test]
fn nothing_is_written_through_a_link_that_a_side_puts_into_the_evidence() {
    let scene = scene();
    fs::create_dir(scene.path("elsewhere")).unwrap();
    let link = "f=$(ls -d \"$TMPDIR\"/../.partial-*); mkdir \"$f/outputs\"; ln -s \"$TMPDIR/../elsewhere\" \"$f/outputs/reference\"";
    program(&scene, "candidate", &NUMBERS, FLUX, link);
    let called = compared(&scene, "");
    assert_eq!(called.code, 2, "{}", called.shown());
    assert!(called.err.contains("`outputs` was put into the evidence by a program"), "{}", called.err);
    scene.assert_sound("b");
    assert!(scene.names("elsewhere").is_empty(), "{:?}", scene.names("elsewhere"));
}

#[test]
fn files_among_the_arguments_are_inputs_and_pipes_are_refused() {
    let scene = scene();
    fs::write(scene.path("grid.dat"), "1 2 3").unwrap();
    let read = "for word in \"$@\"; do :; done";
    program(&scene, "candidate", &NUMBERS, FLUX, read);
    let called = scene.run("--adapter heat.toml --outdir b -- -n 10 --grid=grid.dat grid.dat");
    assert_eq!(called.code, 0, "{}", called.shown());
    let summary = scene.json("b/summary.json");
    let names: Vec<&str> =
        summary["inputs"].as_array().unwrap().iter().map(|input| input["name"].as_str().unwrap()).collect();
    assert!(
        names.contains(&"grid.dat") && names.contains(&"heat.toml") && names.contains(&"candidate"),
        "{names:?}"
    );
    let given = summary["args"].as_array().unwrap();
    assert!(given[2].as_str().unwrap().starts_with("--grid={input:"), "{given:?}");
    assert_eq!(scene.run("recompute b").code, 0);
    let pipe = scene.run("--adapter heat.toml -- -n /dev/null");
    assert_eq!(pipe.code, 1, "{}", pipe.shown());
}

#[test]
fn what_an_adapter_cannot_be_or_mean_is_refused_before_anything_runs() {
    let scene = scene();
    let with = |from: &str, to: &str| {
        assert!(ADAPTER.contains(from), "{from}");
        fs::write(scene.path("other.toml"), ADAPTER.replacen(from, to, 1)).unwrap();
        let called = scene.run("--adapter other.toml --outdir c -- -n 10");
        assert!(!scene.path("c").exists(), "{}", called.shown());
        (called.code, called.err)
    };
    let (code, err) = with("label = \"Rust\"", "lable = \"Rust\"");
    assert_eq!(code, 5, "{err}");
    assert!(
        err.contains("`[folder]/other.toml`, line ") && err.contains("hint: did you mean `label`?"),
        "{err}"
    );
    let (code, err) = with("\"./candidate\"", "\"./nowhere\"");
    assert_eq!(code, 1, "{err}");
    assert!(err.contains("the program of `Rust` is not there"), "{err}");
    let (code, err) = with("\"./candidate\", \"{args}\"", "\"./candidate\"");
    assert_eq!(code, 1, "{err}");
    assert!(err.contains("the command of `Rust` has no {args}"), "{err}");
    assert_eq!(scene.run("--adapter nowhere.toml").code, 5);
    for option in ["--roi 0 1 0 1", "--log", "--reference ./reference", "--rtol 0.1"] {
        let called = scene.run(&format!("--adapter heat.toml {option} -- -n 10"));
        assert_eq!(called.code, 1, "{option}: {}", called.shown());
    }
    assert_eq!(scene.run("--variant OLD -- -n 10").code, 1, "a variant needs an adapter");
}

#[test]
fn an_adapter_of_init_compares_the_two_programs_that_it_was_made_of() {
    let scene = Scene::new();
    scene.script("one", "echo \"n = $1\"\nprintf 't,x\\n0,1.5\\n1,2.5\\n' > t.csv");
    scene.script("two", "echo \"n = $1\"\nprintf 't,x\\n0,1.50\\n1,2.5\\n' > t.csv");
    assert_eq!(scene.run("init --candidate ./two --output pair.toml -- ./one 10").code, 0);
    let called = scene.run("--adapter pair.toml --outdir b -- 10");
    assert_eq!(called.code, 0, "{}", called.shown());
    assert!(called.out.contains("same parameters on both sides: 1"), "{}", called.out);
    assert!(Path::new(&scene.path("b/report.html")).is_file());
}
