//! The reference's own noise: found in its traces, taken as the tolerance of a comparison, and judged again from bundles.
//!
//! Not here: the noise of single keys (`trace::spread`), of outputs that are no traces (`nb-compare noise`).

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use nanobragg::image::npy_header::Header;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Which key is computed from which.
const SCHEMA: &str = "[[key]]\nname = \"x\"\n[[key]]\nname = \"y\"\ninputs = [\"x\"]\n[[key]]\nname = \"z\"\ninputs = [\"y\"]\nresult = true\n";

fn run(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_trace-harness"))
        .args(args)
        .current_dir(folder)
        .output()
        .expect("it runs")
}

fn code(output: &Output) -> Option<i32> {
    output.status.code()
}

fn printed_by(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr[..]].concat()).into_owned()
}

fn trace(values: [&str; 3]) -> String {
    ["x", "y", "z"].iter().zip(values).map(|(key, value)| format!("TRACE_C: {key} {value}\n")).collect()
}

/// A folder with the traces of a reference, with its noise in `noise`: `x` is still, `y` moves by 0.5 of 100, `z` by 2 of 1000.
fn with_noise() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("written");
    write("keys.toml", SCHEMA);
    write("ref", &trace(["1", "100", "1000"]));
    write("two", &trace(["1", "100.5", "1000"]));
    write("seven", &trace(["1", "99.75", "998"]));
    let found =
        run(folder.path(), &["spread", "ref", "two", "seven", "--schema", "keys.toml", "--out", "noise"]);
    assert_eq!(code(&found), Some(0), "{}", printed_by(&found));
    folder
}

/// Compares the reference with a port that says `values`.
fn diff(folder: &Path, values: [&str; 3], more: &[&str]) -> Output {
    fs::write(folder.join("port"), trace(values)).expect("written");
    let args = ["diff", "ref", "port", "--schema", "keys.toml", "--tolerance-from", "noise"];
    run(folder, &[&args[..], more].concat())
}

/// Writes `text` into the file `name` of a bundle, and what its list of digests says of it.
fn forge(bundle: &Path, name: &str, change: &dyn Fn(&str) -> String) {
    let path = bundle.join(name);
    let then = fs::read_to_string(&path).expect("a file of the bundle");
    let now = change(&then);
    assert_ne!(then, now, "nothing to forge in `{name}`");
    fs::write(&path, &now).expect("written");
    let digest = |text: &str| {
        Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    for list in ["sha256.txt", "summary.json", "ro-crate-metadata.json"] {
        let Ok(text) = fs::read_to_string(bundle.join(list)) else { continue };
        let changed = text.replace(&digest(&then), &digest(&now));
        if list != "sha256.txt" && changed != text {
            forge(bundle, list, &|_| changed.clone());
        } else {
            fs::write(bundle.join(list), changed).expect("written");
        }
    }
}

#[test]
fn a_port_that_moves_no_further_than_the_reference_agrees_and_is_said_to_be_inside_its_noise() {
    let folder = with_noise();
    for inside in [["1", "100", "1000"], ["1", "100.5", "1002"], ["1", "99.6", "998"]] {
        let output = diff(folder.path(), inside, &[]);
        let text = printed_by(&output);
        assert_eq!(code(&output), Some(0), "{text}");
        assert!(text.contains("agree inside the reference's own noise, from 2 runs"), "{text}");
    }
    let without = run(folder.path(), &["diff", "ref", "seven", "--schema", "keys.toml"]);
    assert_eq!(code(&without), Some(3), "without the noise its own second run differs");
}

#[test]
fn a_port_outside_of_the_noise_is_said_to_be_so_by_how_many_times_of_each_key_and_of_the_root_cause() {
    let folder = with_noise();
    let output = diff(folder.path(), ["1", "104", "1008"], &["--json"]);
    assert_eq!(code(&output), Some(3));
    let found: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let times = |key: &str| {
        let rows = found["keys"].as_array().expect("rows");
        rows.iter().find(|row| row["key"] == key).expect("a row")["noise"]["times"]
            .as_f64()
            .expect("a number")
    };
    // Bounds are 0.5 and 0.5 / 100.5 for `y`, and 2 and 2 / 1000 for `z`.
    assert_eq!(times("x"), 0.0);
    assert_eq!(times("y"), 8.0);
    assert_eq!(times("z"), 4.0);
    assert_eq!(found["root_causes"][0]["key"], "y");
    assert_eq!(found["root_causes"][0]["noise"]["times"], 8.0);
    assert_eq!(found["noise_runs"], 2);
    let reason = found["reason"].as_str().expect("a reason");
    assert_eq!(reason, "root cause: y; outside the reference's own noise: y (8 times)");
    assert!(
        printed_by(&diff(folder.path(), ["1", "104", "1008"], &[]))
            .contains("4 times the reference's own noise")
    );
}

#[test]
fn of_a_key_that_no_run_moves_every_difference_counts_unless_it_has_a_tolerance_of_its_own() {
    let folder = with_noise();
    let output = diff(folder.path(), ["1.0000000000000002", "100", "1000"], &[]);
    assert_eq!(code(&output), Some(3));
    assert!(
        printed_by(&output).contains("outside the reference's own noise: x (moved by no run)"),
        "{}",
        printed_by(&output)
    );
    fs::write(folder.path().join("own.toml"), "[x]\nrtol = 1e-15\n").expect("written");
    let own = ["--tolerances", "own.toml"];
    assert_eq!(code(&diff(folder.path(), ["1.0000000000000002", "100", "1000"], &own)), Some(0));
}

#[test]
fn where_the_noise_is_undecided_a_difference_is_neither_right_nor_wrong() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("written");
    write("ref", &trace(["1", "2", "3"]));
    write("two", &trace(["1", "nan", "3"]));
    let out = run(folder.path(), &["spread", "ref", "two", "--out", "noise"]);
    assert_eq!(code(&out), Some(0), "{}", printed_by(&out));
    for (port, status) in [(["1", "2", "3"], 0), (["1", "2.5", "3"], 5), (["1", "2.5", "4"], 3)] {
        write("port", &trace(port));
        let output = run(folder.path(), &["diff", "ref", "port", "--tolerance-from", "noise"]);
        assert_eq!(code(&output), Some(status), "{port:?} {}", printed_by(&output));
    }
}

#[test]
fn the_noise_of_another_trace_and_a_run_with_other_keys_are_refused() {
    let folder = with_noise();
    let other =
        run(folder.path(), &["diff", "two", "ref", "--schema", "keys.toml", "--tolerance-from", "noise"]);
    assert_eq!(code(&other), Some(1), "{}", printed_by(&other));
    assert!(printed_by(&other).contains("is not the trace of the unchanged run"), "{}", printed_by(&other));
    fs::write(folder.path().join("short"), "TRACE_C: x 1\n").expect("written");
    let short = run(folder.path(), &["spread", "ref", "short"]);
    assert_eq!(code(&short), Some(4), "{}", printed_by(&short));
    assert_eq!(code(&run(folder.path(), &["spread", "ref"])), Some(1), "no run to compare with");
    let both = diff(folder.path(), ["1", "100", "1000"], &["--rtol", "0.1"]);
    assert_eq!(code(&both), Some(1), "two tolerances of every key");
}

#[test]
fn a_comparison_keeps_the_noise_and_follows_from_it_wherever_the_noise_itself_has_gone() {
    let folder = with_noise();
    for (port, status, out) in [(["1", "100.5", "1001"], 0, "inside"), (["1", "104", "1000"], 3, "outside")] {
        let made = diff(folder.path(), port, &["--out", out]);
        assert_eq!(code(&made), Some(status), "{}", printed_by(&made));
    }
    fs::rename(folder.path().join("noise"), folder.path().join("elsewhere")).expect("moved");
    for bundle in ["inside", "outside", "elsewhere"] {
        let again = run(folder.path(), &["verify", "--recompute", bundle]);
        assert_eq!(code(&again), Some(0), "{bundle}: {}", printed_by(&again));
    }
    let again = printed_by(&run(folder.path(), &["verify", "--recompute", "inside"]));
    assert!(again.contains("judged more loosely than usual: the reference's own noise"), "{again}");
}

#[test]
fn noise_that_does_not_follow_from_its_traces_is_not_believed() {
    let folder = with_noise();
    let bundle = folder.path().join("noise");
    forge(&bundle, "spread.json", &|text| text.replacen("\"absolute\": 0.5", "\"absolute\": 50.0", 1));
    let sound = run(folder.path(), &["verify", "noise"]);
    assert_eq!(code(&sound), Some(0), "the forgery is consistent: {}", printed_by(&sound));
    let output = diff(folder.path(), ["1", "104", "1000"], &[]);
    assert_eq!(code(&output), Some(5), "{}", printed_by(&output));
    assert!(printed_by(&output).contains("cannot be believed"), "{}", printed_by(&output));
    assert_eq!(code(&run(folder.path(), &["verify", "--recompute", "noise"])), Some(3));
}

#[test]
fn arrays_move_element_by_element_also_where_all_traces_call_their_files_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    for (place, numbers) in
        [("ref", [1.0, 100.0]), ("two", [1.0, 101.0]), ("in", [1.0, 99.0]), ("out", [1.5, 100.0])]
    {
        let place = folder.path().join(place);
        fs::create_dir(&place).expect("a folder");
        let header = Header { element: "<f8".to_owned(), fortran_order: false, shape: vec![2] };
        let mut bytes = Vec::new();
        header.write(&mut bytes).expect("a header");
        bytes.extend(numbers.iter().flat_map(|x: &f64| x.to_le_bytes()));
        fs::write(place.join("t.npy"), bytes).expect("written");
        fs::write(place.join("t"), "TRACE_C: x 1\nTRACE_C: a @array t.npy shape 2\n").expect("written");
    }
    let out = run(folder.path(), &["spread", "ref/t", "two/t", "--out", "noise"]);
    assert_eq!(code(&out), Some(0), "{}", printed_by(&out));
    let again = run(folder.path(), &["verify", "--recompute", "noise"]);
    assert_eq!(code(&again), Some(0), "{}", printed_by(&again));
    for (port, status) in [("in/t", 3), ("two/t", 0), ("out/t", 3)] {
        let output = run(folder.path(), &["diff", "ref/t", port, "--tolerance-from", "noise"]);
        // 1 of 101 is the noise: 1 of 100 is a larger share, and 0.5 of 1.5 a much larger one.
        assert_eq!(code(&output), Some(status), "{port}: {}", printed_by(&output));
    }
}
