//! `shadow` of traces that are there already: what is no pass, what is refused, and what a bundle of it reads.
//!
//! Not here: running a port (`traces_page`), the sources that write such traces (`emitters`).

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use nanobragg::image::npy_header::Header;
use serde_json::Value;

fn run(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_trace-harness"))
        .args(args)
        .current_dir(folder)
        .output()
        .expect("it runs")
}

/// Lines of a trace by the emitters; `#` begins a remark as it does there.
fn trace(lines: &[&str]) -> String {
    let line = |line: &&str| match line.starts_with('#') {
        true => format!("{line}\n"),
        false => format!("TRACE_NB: {line}\n"),
    };
    "# nbtrace 1\n".to_owned() + &lines.iter().map(line).collect::<String>()
}

fn step(n: usize, value: &str) -> Vec<String> {
    vec!["# begin".to_owned(), format!("step {n}"), format!("x {value}"), "# end".to_owned()]
}

/// What `shadow` finds of three traces: exit status, finding, and what it says on standard error.
fn shadow(reference: &str, own: &str, replayed: &str) -> (Option<i32>, Value, String) {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in [("ref", reference), ("own", own), ("rep", replayed)] {
        fs::write(folder.path().join(name), text).expect("written");
    }
    let output = run(folder.path(), &["--json", "shadow", "ref", "--traces", "own", "rep"]);
    let found = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    (output.status.code(), found, String::from_utf8_lossy(&output.stderr).into_owned())
}

fn npy(path: &Path, fortran_order: bool, shape: &[usize], numbers: &[f64]) {
    let header = Header { element: "<f8".to_owned(), fortran_order, shape: shape.to_vec() };
    let mut bytes = Vec::new();
    header.write(&mut bytes).expect("a header");
    bytes.extend(numbers.iter().flat_map(|x| x.to_le_bytes()));
    fs::write(path, bytes).expect("written");
}

#[test]
fn an_array_outside_of_the_folder_of_its_trace_is_refused_and_copied_nowhere() {
    for place in ["../private/secret.txt", "/dev/null", "a/../../private/secret.txt"] {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir_all(folder.path().join("private")).expect("a folder");
        fs::create_dir_all(folder.path().join("work")).expect("a folder");
        fs::write(folder.path().join("private/secret.txt"), "my secret").expect("written");
        let work = folder.path().join("work");
        let named = format!("y @array {place} shape 3");
        fs::write(work.join("ref"), trace(&["x 1", &named])).expect("written");
        fs::write(work.join("own"), trace(&["x 1", "# replayed x"])).expect("written");
        let output = run(&work, &["shadow", "ref", "--traces", "own", "own", "--out", "kept"]);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(5), "{stderr}");
        assert!(
            stderr.contains("line 3") && stderr.contains("leads out of the folder of its trace"),
            "{stderr}"
        );
        assert!(!work.join("kept").exists());
    }
}

#[test]
fn an_array_without_a_shape_is_refused() {
    let bad = trace(&["x 1", "y @array f.npy shape (2, 3)"]);
    let (code, _, printed) = shadow(&bad, &bad, &bad);
    assert_eq!(code, Some(5), "{printed}");
    assert!(printed.contains("line 3") && printed.contains("expected `@array FILE shape NxM`"), "{printed}");
}

#[test]
fn values_that_the_port_lacks_or_has_alone_are_no_pass() {
    let two = [step(1, "1"), step(2, "2")].concat();
    let three = [&two[..], &step(3, "77")].concat();
    let text = |lines: &[String]| trace(&lines.iter().map(String::as_str).collect::<Vec<_>>());
    let (whole, replayed) = (text(&two), text(&two) + "# replayed x\n");
    assert_eq!(shadow(&whole, &whole, &replayed).0, Some(0));
    let nothing = "# nbtrace 1\n".to_owned();
    let more = text(&three);
    let own_lacks = "not in every record of the port with its own values: x";
    for (own, rep, reason) in [
        (&nothing, &replayed, own_lacks),
        (&text(&two[..4]), &replayed, own_lacks),
        (&more, &replayed, "in the port alone: x"),
        (&whole, &(more.clone() + "# replayed x\n"), "in the port alone: x"),
    ] {
        let (code, found, _) = shadow(&whole, own, rep);
        assert_eq!(code, Some(5), "{found}");
        assert!(found["reason"].as_str().is_some_and(|printed| printed.contains(reason)), "{found}");
    }
}

#[test]
fn stars_are_not_known_to_agree_with_anything_and_other_words_differ() {
    let of = |x: &str| trace(&[&format!("x {x}"), "# replayed x", "y 5"]);
    for (a, b) in [("****", "nan"), ("****", "****"), ("1.5", "****"), ("1 **** 3", "1 2 3")] {
        let (code, found, _) = shadow(&of(a), &of(b), &of(b));
        assert_eq!(code, Some(5), "{a} {b}: {found}");
        assert!(
            found["reason"].as_str().is_some_and(|printed| printed.contains("stars instead of numbers")),
            "{found}"
        );
    }
    for (a, b) in
        [("scheme upwind", "scheme central"), ("upwind", "5"), ("**** 2", "**** 3"), ("[1;2]", "[1,2]")]
    {
        let (code, found, _) = shadow(&of(a), &of(b), &of(b));
        assert_eq!(code, Some(3), "{a} {b}: {found}");
    }
    assert_eq!(shadow(&of("scheme upwind"), &of("scheme upwind"), &of("scheme upwind")).0, Some(0));
}

#[test]
fn arrays_agree_by_index_whatever_the_order_of_their_axes_and_shapes_count() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    npy(&at("c.npy"), false, &[2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    npy(&at("f.npy"), true, &[2, 3], &[1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
    npy(&at("turned.npy"), false, &[3, 2], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    for (name, shape) in [("c", "2x3"), ("f", "2x3"), ("turned", "3x2")] {
        fs::write(at(name), trace(&[&format!("a @array {name}.npy shape {shape}"), "# replayed a"]))
            .expect("written");
    }
    for (port, code) in [("c", 0), ("f", 0), ("turned", 3)] {
        let output = run(folder.path(), &["shadow", "c", "--traces", port, port]);
        assert_eq!(output.status.code(), Some(code), "{port}: {}", String::from_utf8_lossy(&output.stdout));
    }
}

#[test]
fn a_bundle_follows_from_its_own_copies_though_files_of_one_name_stand_beside_several_traces() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    for (side, last) in [("reference", 3.0), ("port", 4.0)] {
        fs::create_dir_all(at(side).join("deep")).expect("a folder");
        npy(&at(side).join("t.npy"), false, &[3], &[1.0, 2.0, last]);
        npy(&at(side).join("deep/t.npy"), false, &[2], &[8.0, 9.0]);
        let lines = ["x 1", "# replayed x", "y @array t.npy shape 3", "z @array deep/t.npy shape 2"];
        let text = trace(&lines);
        fs::write(at(side).join("t"), text).expect("written");
    }
    let args = ["shadow", "reference/t", "--traces", "port/t", "port/t", "--out", "kept"];
    assert_eq!(run(folder.path(), &args).status.code(), Some(3));
    fs::remove_dir_all(at("reference")).expect("removed");
    fs::remove_dir_all(at("port")).expect("removed");
    let output = run(folder.path(), &["verify", "--recompute", "kept"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
}
