//! `nb-compare noise`: the reference many times, one thing changed at a time, and how far its outputs move by themselves.
//!
//! Long, because every law of it needs the same runs of the same scenes.

use std::fs;
use std::path::Path;

use crate::effective::simulator;
use crate::support::forge::{forge, text};
use crate::support::{Called, Scene, assert_valid_noise, assert_valid_outputs};

const ADAPTER: &str = r#"
title = "sums"
[side.reference]
label = "Fortran"
command = ["./reference", "{args}"]
env = { THREADS = "1" }
version = ["./reference", "--version"]
[side.candidate]
label = "Rust"
command = ["./candidate", "{args}"]
[[output]]
name = "numbers"
path = "numbers.csv"
[[output]]
name = "table"
path = "table.txt"
format = "table"
[output.table]
header = true
key = ["k"]
[noise]
arguments = ["--dt"]
files = ['.*\.dat']
env = { THREADS = [1, 2, 7] }
"#;

/// A program that writes ten times `--dt`, the thousandth part of its threads, and the first number of its file; as numbers, and
/// as a table with `more` behind each number of it.
fn program(scene: &Scene, name: &str, more: &str) {
    let body = format!(
        "[ \"$1\" = --version ] && {{ echo \"{name} 1\"; exit 0; }}\n\
         dt= file=\nwhile [ $# -gt 0 ]; do case \"$1\" in --dt) dt=$2; shift;; *.dat) file=$1;; esac; shift; done\n\
         awk -v dt=\"$dt\" -v threads=\"$THREADS\" 'NR == 1 {{ x = $1 }} END {{\n\
           printf \"%.10f %.10f %.10f 5\\n\", 10 * dt, threads / 1000, x > \"numbers.csv\"\n\
           printf \"k q\\n1 %.10f{more}\\n2 7.5\\n\", 10 * dt > \"table.txt\" }}' \"$file\""
    );
    scene.script(name, &body);
}

/// A reference, a candidate like it, their adapter, and an input.
fn scene() -> Scene {
    let scene = Scene::new();
    program(&scene, "reference", "");
    program(&scene, "candidate", "");
    fs::write(scene.path("a.toml"), ADAPTER).unwrap();
    fs::write(scene.path("in.dat"), "3.50 7\n").unwrap();
    scene
}

fn noise(scene: &Scene, more: &str) -> Called {
    scene.run(&format!("noise --adapter a.toml --outdir n {more} -- --dt 0.25 in.dat"))
}

/// The noise of every element of an output, as bundle and NumPy's format have it.
fn spread(scene: &Scene, output: &str) -> Vec<f64> {
    let bytes = fs::read(scene.path(&format!("n/spread/{output}.npy"))).unwrap();
    let header = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    bytes[header..].chunks_exact(8).map(|number| f64::from_le_bytes(number.try_into().unwrap())).collect()
}

fn assert_near(found: &[f64], expected: &[f64]) {
    let is_near =
        found.len() == expected.len() && found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-9);
    assert!(is_near, "{found:?} {expected:?}");
}

#[test]
fn every_element_moves_as_far_as_the_farthest_run_moves_it() {
    let scene = scene();
    let called = noise(&scene, "");
    assert_eq!(called.code, 0, "{}", called.shown());
    // 0.25 moves by 0.01, the threads go from 1 to 7, 3.50 moves by 0.01, and nothing moves 5.
    assert_near(&spread(&scene, "numbers"), &[0.1, 0.006, 0.01, 0.0]);
    assert_near(&spread(&scene, "table"), &[0.1, 0.0]);
    scene.assert_sound("n");
    let summary = scene.json("n/summary.json");
    assert_valid_noise(&summary, &scene.json("n/env.json"), &scene.json("n/metrics.json"));
    let runs: Vec<&str> =
        summary["runs"].as_array().unwrap().iter().map(|run| run["name"].as_str().unwrap()).collect();
    // Two numbers have four combinations.
    let expected =
        ["baseline", "again", "variable-1", "variable-2", "inputs-1", "inputs-2", "inputs-3", "inputs-4"];
    assert_eq!(runs, expected);
    let source = |kind: &str| {
        let sources = summary["noise"][0]["sources"].as_array().unwrap();
        sources.iter().find(|source| source["source"]["kind"] == kind).unwrap().clone()
    };
    assert_eq!((&source("again")["runs_without"], &source("variable")["moved"]), (&1.into(), &1.into()));
    assert_eq!((&source("inputs")["moved"], &summary["noise"][0]["still"]), (&2.into(), &1.into()));
    assert!(called.out.contains("THREADS: 2 runs"), "{}", called.out);
    assert!(scene.names("temporary").is_empty());
    let page = fs::read_to_string(scene.path("n/report.html")).unwrap();
    assert!(page.contains("<svg") && page.contains("inputs moved in the last digit"));
}

#[test]
fn a_reference_that_changes_its_input_has_no_noise() {
    let scene = scene();
    scene.script("reference", "for file in \"$@\"; do :; done; echo 9 >> \"$file\"; echo 1 > numbers.csv; printf 'k q\\n1 1\\n' > table.txt");
    let called = noise(&scene, "");
    assert_eq!(called.code, 2, "{}", called.shown());
    assert!(called.err.contains("in.dat`: was changed while programs ran"), "{}", called.err);
}

#[test]
fn the_noise_follows_from_the_files_of_its_bundle() {
    let scene = scene();
    assert_eq!(noise(&scene, "").code, 0);
    let again = scene.run("recompute n --json");
    assert_eq!(again.code, 0, "{}", again.shown());
    let outputs = scene.json("n/summary.json")["noise"].as_array().map_or(0, Vec::len);
    assert_eq!(again.json()["bundles"][0]["result"]["judged"]["noise"], outputs);
    for (file, from, to, word) in [
        ("summary.json", "\"still\": 1", "\"still\": 2", "noise"),
        ("outputs/inputs-1/numbers.bin", " 5\n", " 6\n", "noise"),
        ("analysis.md", "that never move | 1", "that never move | 4", "analysis.md"),
    ] {
        let scene = self::scene();
        assert_eq!(noise(&scene, "").code, 0);
        forge(&scene.path("n"), &[(file, &text(from, to))]);
        let again = scene.run("recompute n");
        assert!(again.code == 3 && again.out.contains(word), "{file}: {}", again.shown());
    }
}

#[test]
fn other_builds_are_run_as_well_and_the_same_seed_moves_the_same() {
    let scene = scene();
    program(&scene, "build", "25");
    assert_eq!(noise(&scene, "--build ./build --runs 1 --seed 3").code, 0);
    // The build prints two digits more.
    assert_near(&spread(&scene, "table"), &[0.1, 0.0]);
    let summary = scene.json("n/summary.json");
    assert_eq!(summary["noise"][1]["sources"][2]["source"]["kind"], "build");
    assert_eq!(summary["runs"][4]["version"], "build 1");
    let command = |scene: &Scene| scene.json("n/summary.json")["steps"][5]["command"].clone();
    let first = command(&scene);
    let other = self::scene();
    program(&other, "build", "25");
    assert_eq!(noise(&other, "--build ./build --runs 1 --seed 3").code, 0);
    assert_eq!(first, command(&other));
}

#[test]
fn nothing_that_may_move_is_a_usage_error() {
    let scene = scene();
    for (table, words) in [
        ("[noise]\narguments = [\"--x\"]\n", "lets nothing of this call move"),
        ("", "has no [noise]"),
        ("[noise]\n", "[noise]: lets nothing move"),
        ("[noise]\narguments = [0]\n", "no argument number 0"),
        ("[noise]\nfiles = ['(']\n", "no regular expression"),
        ("[noise]\nenv = { A = [] }\n", "the values of `A`"),
        ("[noise]\ndigits = 40\nfiles = ['x']\n", "`digits = 40`"),
    ] {
        let adapter = ADAPTER.split("[noise]").next().unwrap().to_owned() + table;
        fs::write(scene.path("a.toml"), adapter).unwrap();
        let called = noise(&scene, "");
        assert!(called.code == 1 && called.err.contains(words), "{words}: {}", called.shown());
        assert!(!scene.path("n").exists());
    }
}

#[test]
fn what_is_of_another_type_is_refused_with_its_key_and_line() {
    let scene = scene();
    for (table, words) in [
        ("arguments = [1.5]", "`arguments` has an entry that is neither a place, counted from 1, nor a text"),
        ("env = { A = [1.5] }", "`env` has a value that is neither a whole number nor a text"),
    ] {
        let adapter = format!("{}[noise]\n{table}\n", ADAPTER.split("[noise]").next().unwrap());
        fs::write(scene.path("a.toml"), adapter).unwrap();
        let called = noise(&scene, "");
        let expected = format!("a.toml`, line 22: [noise] {words}");
        assert!(called.code == 5 && called.err.contains(&expected), "{}", called.shown());
    }
}

#[test]
fn rules_for_columns_that_are_not_there_are_an_error_as_they_are_without_noise() {
    let scene = scene();
    for rules in [
        "[output.table.column.nowhere]\nrtol = 0.5\n",
        "[[output.table.group]]\ncolumns = ['q', 'nowhere']\n",
    ] {
        fs::write(scene.path("a.toml"), ADAPTER.replace("[noise]", &format!("{rules}[noise]"))).unwrap();
        for (called, folder) in
            [(noise(&scene, ""), "n"), (scene.run("--adapter a.toml --outdir c -- --dt 0.25 in.dat"), "c")]
        {
            assert_ne!(called.code, 0, "{}", called.shown());
            let words = "output `table`: no column `nowhere`; expected one of k, q";
            assert!(called.shown().contains(words), "{}", called.shown());
            fs::remove_dir_all(scene.path(folder)).unwrap();
        }
    }
}

#[test]
fn rows_that_have_no_noise_are_named_by_both_verdicts() {
    let scene = scene();
    let rules =
        |key: u8| format!("[[output.table.except]]\nkey = ['{key}']\nreason = 'uninitialised memory'\n");
    fs::write(scene.path("a.toml"), ADAPTER.replace("[noise]", &format!("{}{}[noise]", rules(2), rules(9))))
        .unwrap();
    let words = "; 1 row excepted; no row has the key 9, which is excepted";
    let found = noise(&scene, "");
    assert!(found.code == 0 && found.out.contains(words), "{}", found.shown());
    let text = fs::read_to_string(scene.path("candidate")).unwrap();
    scene.script("candidate", &text.replace("2 7.5", "2 1e9"));
    let called = compared(&scene, "--dt 0.25 in.dat");
    assert!(called.code == 0 && called.out.contains(words), "{}", called.shown());
    let summary = scene.json("c/summary.json");
    assert_eq!(summary["compared_outputs"][1]["figures"]["left_out"][0], "1 row excepted");
    assert!(fs::read_to_string(scene.path("c/report.html")).unwrap().contains("1 row excepted"));
    for folder in ["n", "c"] {
        assert_eq!(scene.run(&format!("recompute {folder}")).code, 0, "{folder}");
    }
}

#[test]
fn a_run_that_fails_and_one_of_another_shape_leave_evidence_and_no_noise() {
    for (extra, code, words) in [
        ("[ \"$THREADS\" = 7 ] && exit 3", 2, "exit status 3"),
        ("[ \"$THREADS\" = 7 ] && echo 1 2 3 > numbers.csv", 4, "output `numbers` of run `variable-2`"),
        ("[ \"$THREADS\" = 7 ] && rm table.txt", 2, "table"),
    ] {
        let scene = scene();
        let text = fs::read_to_string(scene.path("reference")).unwrap();
        scene.script("reference", &format!("{}\n{extra}\nexit 0", text.strip_prefix("#!/bin/sh\n").unwrap()));
        let called = noise(&scene, "");
        assert!(called.code == code && called.err.contains(words), "{words}: {}", called.shown());
        scene.assert_sound("n");
        let summary = scene.json("n/summary.json");
        assert_valid_noise(&summary, &scene.json("n/env.json"), &scene.json("n/metrics.json"));
        assert_eq!(summary["exit"], code);
        assert!(!scene.path("n/spread").exists());
        assert_eq!(scene.run("recompute n").code, 0);
    }
}

#[test]
fn nan_in_some_runs_only_decides_nothing() {
    let scene = scene();
    let text = fs::read_to_string(scene.path("reference")).unwrap();
    let extra = "[ \"$THREADS\" = 7 ] && echo nan 0.001 3.5 5 > numbers.csv\nexit 0";
    scene.script("reference", &format!("{}\n{extra}", text.strip_prefix("#!/bin/sh\n").unwrap()));
    let called = noise(&scene, "");
    assert_eq!(called.code, 5, "{}", called.shown());
    assert!(spread(&scene, "numbers")[0].is_nan());
    assert_eq!(scene.json("n/summary.json")["noise"][0]["undecided"], 1);
    assert_eq!(scene.run("recompute n").code, 0);
}

#[test]
fn json_is_the_summary_of_the_bundle() {
    let scene = scene();
    let mut printed = noise(&scene, "--json").json();
    printed.as_object_mut().unwrap().remove("folder");
    assert_eq!(printed, scene.json("n/summary.json"));
    assert!(Path::new(&scene.path("n/inputs")).is_dir());
}

/// Compares with the noise of the bundle `n`, into the bundle `c`.
fn compared(scene: &Scene, args: &str) -> Called {
    scene.run(&format!("--adapter a.toml --tolerance-from n --outdir c -- {args}"))
}

#[test]
fn a_candidate_inside_the_noise_passes_and_one_outside_fails_by_how_many_times() {
    let scene = scene();
    assert_eq!(noise(&scene, "").code, 0);
    // The table's number may be 0.1 away, and is 0.00000000004.
    program(&scene, "candidate", "4");
    let called = compared(&scene, "--dt 0.25 in.dat");
    assert_eq!(called.code, 0, "{}", called.shown());
    assert!(called.out.contains("inside the reference's own noise"), "{}", called.out);
    scene.assert_sound("c");
    let summary = scene.json("c/summary.json");
    assert_valid_outputs(&summary, &scene.json("c/env.json"), &scene.json("c/metrics.json"));
    let manifest = trace_harness::evidence::bundle::digest::of_file(&scene.path("n/sha256.txt")).unwrap().0;
    assert_eq!(summary["tolerance"]["bundle"], manifest);
    let again = scene.run("recompute c");
    assert!(again.code == 0 && again.out.contains(&manifest), "{}", again.shown());

    let other = self::scene();
    assert_eq!(noise(&other, "").code, 0);
    let text = fs::read_to_string(other.path("candidate")).unwrap();
    other.script("candidate", &text.replace("10 * dt > ", "10 * dt + 1 > "));
    let called = compared(&other, "--dt 0.25 in.dat");
    assert_eq!(called.code, 3, "{}", called.shown());
    assert!(called.out.contains("outside the reference's own noise: 1 of 2 elements"), "{}", called.out);
    let figures = &other.json("c/summary.json")["compared_outputs"][1]["figures"];
    let times = figures["worst"]["times"].as_f64().unwrap();
    assert!((times - 10.0).abs() < 1e-6, "{times}");
    assert_eq!(other.run("recompute c").code, 0);
}

#[test]
fn what_no_run_of_the_reference_moves_has_to_be_equal() {
    let scene = scene();
    assert_eq!(noise(&scene, "").code, 0);
    let text = fs::read_to_string(scene.path("candidate")).unwrap();
    scene.script("candidate", &text.replace("%.10f 5", "%.10f 5.0000000001"));
    let called = compared(&scene, "--dt 0.25 in.dat");
    assert_eq!(called.code, 3, "{}", called.shown());
    assert!(called.out.contains("only the same value is inside"), "{}", called.out);
}

#[test]
fn noise_of_something_else_is_refused() {
    let refused = |scene: &Scene, args: &str, code: i32, words: &str| {
        let called = compared(scene, args);
        assert!(called.code == code && called.err.contains(words), "{words}: {}", called.shown());
    };
    let made = || {
        let scene = scene();
        assert_eq!(noise(&scene, "").code, 0);
        scene
    };
    refused(&made(), "--dt 0.50 in.dat", 4, "other arguments");
    let scene = made();
    fs::write(scene.path("in.dat"), "3.51 7\n").unwrap();
    refused(&scene, "--dt 0.25 in.dat", 4, "other arguments");
    let scene = made();
    fs::write(scene.path("a.toml"), format!("{ADAPTER}# another\n")).unwrap();
    refused(&scene, "--dt 0.25 in.dat", 4, "another adapter");
    let scene = made();
    let text = fs::read_to_string(scene.path("reference")).unwrap();
    scene.script("reference", text.strip_prefix("#!/bin/sh\n").unwrap());
    refused(&scene, "--dt 0.25 in.dat", 4, "another build of the reference");
    let scene = made();
    fs::rename(scene.path("n"), scene.path("m")).unwrap();
    refused(&scene, "--dt 0.25 in.dat", 5, "expected the folder of a bundle");
    // Whatever it comes to.
    scene.run("--adapter a.toml --outdir n -- --dt 0.25 in.dat");
    fs::remove_dir_all(scene.path("c")).ok();
    refused(&scene, "--dt 0.25 in.dat", 5, "kind `outputs`");
    let alone = scene.run("--tolerance-from n -- -N 5");
    assert_eq!(alone.code, 1, "{}", alone.shown());
}

#[test]
fn noise_of_a_reference_that_leaves_something_else_now_is_refused() {
    let scene = scene();
    // Neither an argument nor the program says what it reads.
    let body = "printf '%s 0 0 0\\n' \"$(cat \"$(dirname \"$0\")/hidden\")\" > numbers.csv; printf 'k q\\n1 1\\n' > table.txt";
    scene.script("reference", body);
    scene.script("candidate", body);
    fs::write(scene.path("hidden"), "1000").unwrap();
    assert_eq!(noise(&scene, "").code, 0);
    assert_eq!(compared(&scene, "--dt 0.25 in.dat").code, 0);
    fs::remove_dir_all(scene.path("c")).unwrap();
    fs::write(scene.path("hidden"), "1").unwrap();
    let called = compared(&scene, "--dt 0.25 in.dat");
    assert_eq!(called.code, 4, "{}", called.shown());
    assert!(
        called.err.contains("is not the noise of what the reference leaves now: output `numbers`"),
        "{}",
        called.err
    );
}

#[test]
fn builds_of_the_reference_are_not_the_candidate() {
    let scene = scene();
    let text = fs::read_to_string(scene.path("candidate")).unwrap();
    scene.script("candidate", &text.replace("10 * dt > ", "10 * dt + 1 > "));
    assert_eq!(noise(&scene, "--build ./candidate").code, 0);
    let called = compared(&scene, "--dt 0.25 in.dat");
    assert_eq!(called.code, 4, "{}", called.shown());
    assert!(called.err.contains("has runs of the candidate's own program"), "{}", called.err);
}

#[test]
fn noise_that_somebody_made_larger_is_believed_by_neither_command() {
    let scene = scene();
    assert_eq!(noise(&scene, "").code, 0);
    let larger = |bytes: Vec<u8>| {
        let start = bytes.len() - 16;
        [&bytes[..start], &1e9_f64.to_le_bytes(), &1e9_f64.to_le_bytes()].concat()
    };
    forge(&scene.path("n"), &[("spread/table.npy", &larger)]);
    let called = compared(&scene, "--dt 0.25 in.dat");
    assert!(called.code == 5 && called.err.contains("cannot be believed"), "{}", called.shown());
    scene.assert_sound("c");
    assert_eq!(scene.run("recompute c").code, 0, "a comparison that did not come about");

    let scene = self::scene();
    assert_eq!(noise(&scene, "").code, 0);
    assert_eq!(compared(&scene, "--dt 0.25 in.dat").code, 0);
    forge(&scene.path("c"), &[("noise/spread/table.npy", &larger)]);
    let again = scene.run("recompute c");
    assert!(again.code == 3 && again.out.contains("list of digests"), "{}", again.shown());
}

/// Counts and seeds decide what is computed: they are no noise.
#[test]
fn the_adapter_that_is_built_in_lets_measures_move_and_no_counts() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/nanobragg.toml");
    let noise = nb_compare::adapter::read(&path).unwrap().noise.unwrap();
    let moves = |word: &str| {
        noise.arguments.iter().any(|rule| match rule {
            nb_compare::adapter::ArgumentRule::Option(pattern) => pattern.is_match(word),
            nb_compare::adapter::ArgumentRule::At(_) => true,
        })
    };
    assert!(["-cell", "--lambda", "-distance", "-misset"].iter().all(|word| moves(word)));
    for word in ["-N", "-seed", "-mosaic_dom", "-mosaic_seed", "-phisteps", "-detpixels", "-oversample"] {
        assert!(!moves(word), "{word}");
    }
    let expected = ["1", "2", "7"].map(str::to_owned).to_vec();
    assert_eq!(noise.env, [("OMP_NUM_THREADS".to_owned(), expected)]);
}

/// Who knows how digests are computed may not say that other programs ran, with other arguments, or that other numbers moved.
#[test]
fn what_a_bundle_of_noise_says_of_its_runs_follows_from_its_steps() {
    use serde_json::json;
    type Forged = (&'static dyn Fn(&mut serde_json::Value), &'static str);
    let forged: [Forged; 10] = [
        (&|s| s["args"][1] = json!("0.26"), "the command of step `baseline`"),
        (&|s| s["args"] = json!(["--dt", "0.25"]), "the command of step `baseline`"),
        (&|s| s["seed"] = json!(3), "inputs-"),
        (&|s| s["input_runs"] = json!(1), "`inputs-2` is none that adapter, arguments and seed make"),
        (&|s| s["input_runs"] = json!(3), "lacks `inputs-3`"),
        (&|s| s["runs"][1]["program"] = s["runs"][4]["program"].clone(), "the program of `again`"),
        (&|s| s["runs"][2]["source"] = json!({"kind": "again"}), "`variable-1` is none"),
        (
            &|s| {
                s["steps"][2]["collected"]["outputs/variable-1/numbers.bin"] =
                    json!("{tmp}/again/numbers.csv")
            },
            "step `variable-1`: collected",
        ),
        (&|s| s["steps"][3]["logs"][0] = s["steps"][1]["logs"][0].clone(), "step `variable-2`: collected"),
        (&|s| s["input_runs"] = serde_json::Value::Null, "`input_runs` is not stated"),
    ];
    for (change, words) in forged {
        let scene = scene();
        program(&scene, "build", "25");
        assert_eq!(noise(&scene, "--build ./build --runs 2 --seed 4").code, 0);
        let honest = scene.run("recompute n");
        assert_eq!(honest.code, 0, "{}", honest.shown());
        let changed = |bytes: Vec<u8>| {
            let mut summary: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
            change(&mut summary);
            serde_json::to_vec_pretty(&summary).unwrap()
        };
        forge(&scene.path("n"), &[("summary.json", &changed)]);
        let again = scene.run("recompute n");
        let code = if words.contains("not stated") { 5 } else { 3 };
        assert!(again.code == code && again.out.contains(words), "{words}: {}", again.shown());
    }
}

#[test]
fn noise_follows_from_its_bundle_whatever_the_reference_reads_and_is_called_with() {
    let scene = scene();
    let from = "command = [\"./reference\", \"{args}\"]";
    let to = "stdin = \"other.dat\"\ncwd = \"deep/er\"\ndefault_env = { MODE = \"x\" }\n\
              command = [\"./reference\", \"./grid.dat\", \"{args}\", \"--log={out}/x\"]";
    assert!(ADAPTER.contains(from));
    fs::write(scene.path("a.toml"), ADAPTER.replacen(from, to, 1)).unwrap();
    for name in ["grid.dat", "other.dat"] {
        fs::write(scene.path(name), "1.5\n").unwrap();
    }
    let called = scene.run("noise --adapter a.toml --outdir n --runs 3 -- --dt 0.25 in.dat");
    assert_eq!(called.code, 0, "{}", called.shown());
    let again = scene.run("recompute n");
    assert_eq!(again.code, 0, "{}", again.shown());
}

/// The fluence of the call below; every pixel is proportional to it.
const FLUENCE: &str = "-fluence 1e24";

const CALL: &str =
    "-default_F 100 -cell 50 60 70 80 90 100 -N 5 -detpixels 16 -distance 100 -lambda 1.2 -fluence 1e24";

#[test]
fn nanobragg_needs_no_adapter_for_its_noise_nor_to_be_judged_by_it() {
    let scene = Scene::new();
    simulator(&scene, "reference", "");
    simulator(&scene, "build", "-fluence 1.01e24");
    simulator(&scene, "inside", "-fluence 1.005e24");
    simulator(&scene, "outside", "-fluence 1.05e24");
    assert!(CALL.ends_with(FLUENCE), "what stands behind it counts");
    let called =
        scene.run(&format!("noise --reference ./reference --build ./build --runs 0 --outdir n -- {CALL}"));
    assert_eq!(called.code, 0, "{}", called.shown());
    let summary = scene.json("n/summary.json");
    assert_valid_noise(&summary, &scene.json("n/env.json"), &scene.json("n/metrics.json"));
    let names: Vec<&str> =
        summary["runs"].as_array().unwrap().iter().map(|run| run["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["baseline", "again", "variable-1", "variable-2", "build-1"]);
    let sources = summary["noise"][0]["sources"].as_array().unwrap();
    let still: Vec<bool> = sources.iter().map(|source| source["runs"] == source["runs_without"]).collect();
    assert_eq!(still, [true, true, false], "our image depends on no thread: {sources:?}");
    scene.assert_sound("n");
    assert_eq!(scene.run("recompute n").code, 0);

    for (candidate, code, words) in [
        ("inside", 0, "inside the reference's own noise"),
        ("outside", 3, "outside the reference's own noise"),
    ] {
        let call = format!(
            "--reference ./reference --candidate ./{candidate} --tolerance-from n --outdir {candidate}-kept -- {CALL}"
        );
        let called = scene.run(&call);
        assert_eq!(called.code, code, "{}", called.shown());
        assert!(called.out.contains(words), "{}", called.shown());
        let again = scene.run(&format!("recompute {candidate}-kept"));
        assert_eq!(again.code, 0, "{}", again.shown());
    }
}

#[test]
fn a_reference_beside_an_adapter_and_gates_beside_noise_are_refused() {
    let scene = scene();
    for call in [
        "noise --adapter a.toml --reference ./reference -- --dt 0.25 in.dat",
        "noise --reference ./reference",
        "--reference ./reference --tolerance-from n --rtol 0.1 -- -N 5",
        "--adapter a.toml --candidate ./candidate -- --dt 0.25 in.dat",
    ] {
        let called = scene.run(call);
        assert_eq!(called.code, 1, "{call}: {}", called.shown());
    }
}

/// What an adapter asks a trace by, and a reference that writes one: a key that moves with `--dt`, one that does not, and an array.
fn with_traces(scene: &Scene) {
    let adapter = format!("{ADAPTER}[trace]\nrequest = [\"--trace={{trace}}\"]\nschema = \"keys.toml\"\n");
    fs::write(scene.path("a.toml"), adapter).unwrap();
    fs::write(scene.path("keys.toml"), "[[key]]\nname = \"dt\"\n[[key]]\nname = \"cells\"\n").unwrap();
    let own = fs::read_to_string(scene.path("reference")).unwrap();
    let body = own.replacen("#!/bin/sh\n", "", 1).replacen(
        "dt= file=\n",
        "dt= file=\nfor word; do case $word in --dt) next=1;; --trace=*) to=${word#--trace=};; *) [ -n \"$next\" ] && at=$word; next=;; esac; done\n\
         [ -z \"$to\" ] || printf 'TRACE_X: dt %s\\nTRACE_X: cells 20\\n' \"$at\" > \"$to\"\n",
        1,
    );
    scene.script("reference", body.trim_end());
}

#[test]
fn keys_of_traces_have_noise_too_where_every_run_is_asked_for_one() {
    let scene = scene();
    with_traces(&scene);
    let called = noise(&scene, "--trace");
    assert_eq!(called.code, 0, "{}", called.shown());
    assert!(called.out.contains("key dt: by at most 0.01"), "{}", called.out);
    assert!(called.out.contains("; 1 of 2 keys of the traces move"), "{}", called.out);
    // Traces change nothing of what is known of the outputs.
    assert_near(&spread(&scene, "numbers"), &[0.1, 0.006, 0.01, 0.0]);
    scene.assert_sound("n");
    let summary = scene.json("n/summary.json");
    assert_valid_noise(&summary, &scene.json("n/env.json"), &scene.json("n/metrics.json"));
    let known = scene.json("n/spread/traces.json");
    assert!((known["keys"]["dt"]["absolute"].as_f64().unwrap() - 0.01).abs() < 1e-12, "{known}");
    assert_eq!(
        (&known["keys"]["cells"]["moved_by"], known["runs"].as_array().unwrap().len()),
        (&0.into(), 7)
    );
    let again = scene.run("recompute n");
    assert_eq!(again.code, 0, "{}", again.shown());
    // Outputs are judged by such a bundle as by any other.
    let judged = scene.run("--adapter a.toml --tolerance-from n --outdir b -- --dt 0.25 in.dat");
    assert_eq!(judged.code, 0, "{}", judged.shown());
    forge(&scene.path("n"), &[("spread/traces.json", &text("\"moved_by\": 0", "\"moved_by\": 1"))]);
    let again = scene.run("recompute n");
    assert!(
        again.code == 3 && again.out.contains("`spread/traces.json`: is not how far"),
        "{}",
        again.shown()
    );
}

#[test]
fn a_trace_that_cannot_be_asked_for_is_refused() {
    let scene = scene();
    let refused = noise(&scene, "--trace");
    assert!(refused.code == 1 && refused.err.contains("has no [trace]"), "{}", refused.shown());
    with_traces(&scene);
    let refused = noise(&scene, "--trace=3,4");
    assert!(refused.code == 1 && refused.err.contains("traces whole runs"), "{}", refused.shown());
    let adapter = fs::read_to_string(scene.path("a.toml"))
        .unwrap()
        .replace("path = \"numbers.csv\"", "path = \"{stdout}\"");
    fs::write(
        scene.path("a.toml"),
        adapter.replace("request = [\"--trace={trace}\"]", "request = [\"-t\"]\nfrom = \"stdout\""),
    )
    .unwrap();
    let refused = noise(&scene, "--trace");
    assert!(refused.code == 1 && refused.err.contains("among the lines of an output"), "{}", refused.shown());
}
