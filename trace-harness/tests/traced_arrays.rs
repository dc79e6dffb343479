//! Arrays that traces name: compared element by element among the other values, in little memory, and kept in bundles.
//!
//! Not here: values that stand in the trace itself (`same_quantity`), who writes the files.

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use nanobragg::image::npy_header::Header;
use serde_json::Value;
use wait4::Wait4;

/// Writes an array of doubles.
fn npy(path: &Path, shape: &[usize], numbers: &[f64]) {
    let bytes: Vec<u8> = numbers.iter().flat_map(|x| x.to_le_bytes()).collect();
    raw(path, "<f8", false, shape, &bytes);
}

fn raw(path: &Path, element: &str, fortran_order: bool, shape: &[usize], bytes: &[u8]) {
    let header = Header { element: element.to_owned(), fortran_order, shape: shape.to_vec() };
    let mut file = std::fs::File::create(path).expect("a file");
    header.write(&mut file).expect("a header");
    file.write_all(bytes).expect("written");
}

/// A folder with the traces `a/t` and `b/t`.
struct Pair(tempfile::TempDir);

impl Pair {
    fn new(lines: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for side in ["a", "b"] {
            std::fs::create_dir(folder.path().join(side)).expect("a folder");
            let text: String = lines.iter().map(|line| format!("TRACE_F: {line}\n")).collect();
            std::fs::write(folder.path().join(side).join("t"), text).expect("written");
        }
        Self(folder)
    }

    fn file(&self, side: &str, name: &str) -> std::path::PathBuf {
        self.0.path().join(side).join(name)
    }

    fn run(&self, args: &[&str]) -> (Option<i32>, String, u64) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_trace-harness"));
        command.args(args).current_dir(self.0.path()).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the program runs");
        let mut printed = String::new();
        child.stdout.take().expect("a pipe").read_to_string(&mut printed).expect("text");
        let used = child.wait4().expect("an end");
        (used.status.code(), printed, used.rusage.maxrss)
    }

    fn diff(&self) -> (Option<i32>, Value) {
        let (code, printed, _) = self.run(&["--json", "diff", "a/t", "b/t"]);
        (code, serde_json::from_str(&printed).expect("JSON"))
    }
}

const LINE: &str = "field @array f.npy shape 2x3";

#[test]
fn arrays_that_are_the_same_agree_and_the_pass_counts_their_elements() {
    let pair = Pair::new(&[LINE]);
    ["a", "b"]
        .into_iter()
        .for_each(|side| npy(&pair.file(side, "f.npy"), &[2, 3], &[1.0, 2.0, 3.0, 4.0, f64::NAN, 6.0]));
    let (code, found) = pair.diff();
    assert_eq!(
        (code, &found["arrays"]["elements"], &found["arrays"]["nan"]),
        (Some(0), &6.into(), &1.into())
    );
    let reason = "all 1 values agree; 1 of them arrays of 6 elements, 1 of them NaN on both sides";
    assert_eq!(found["reason"], reason);
}

#[test]
fn the_worst_and_the_first_element_that_differ_are_said_by_index_with_their_values_and_ulp() {
    let pair = Pair::new(&[LINE]);
    let off = 2.0_f64.next_up();
    npy(&pair.file("a", "f.npy"), &[2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    npy(&pair.file("b", "f.npy"), &[2, 3], &[1.0, off, 3.3, 4.0, 10.0, 6.0]);
    let (code, found) = pair.diff();
    let first = &found["first_divergence"];
    assert_eq!((code, &first["key"]), (Some(3), &"field".into()));
    let expected = serde_json::json!({"shape": "2x3", "all": 6, "differing": 2, "bits": 3, "worst": [1, 1], "first": [0, 2]});
    assert_eq!(first["elements"], expected);
    assert_eq!(first["values"], serde_json::json!([[5.0], [10.0]]));
    assert_eq!(first["distance"]["ulp"], 10.0_f64.to_bits() - 5.0_f64.to_bits());
    let (_, printed, _) = pair.run(&["diff", "a/t", "b/t"]);
    assert!(
        printed.contains("2 of 6 elements (2x3) differ, worst at [1, 1], the first at [0, 2]"),
        "{printed}"
    );
    // Within the tolerance, the bit alone.
    npy(&pair.file("b", "f.npy"), &[2, 3], &[1.0, off, 3.0, 4.0, 5.0, 6.0]);
    let (code, found) = pair.diff();
    assert_eq!(
        (code, &found["first_bit"]["elements"]["bits"], &found["first_bit"]["distance"]["ulp"]),
        (Some(0), &1.into(), &1.into())
    );
}

#[test]
fn arrays_and_scalars_have_one_order() {
    let lines = ["x 1", LINE, "y 1"];
    let pair = Pair::new(&lines);
    npy(&pair.file("a", "f.npy"), &[2, 3], &[0.0; 6]);
    npy(&pair.file("b", "f.npy"), &[2, 3], &[0.5; 6]);
    std::fs::write(pair.file("b", "t"), format!("TRACE_F: x 1\nTRACE_F: {LINE}\nTRACE_F: y 2\n"))
        .expect("written");
    assert_eq!(pair.diff().1["first_divergence"]["key"], "field");
    std::fs::write(pair.file("b", "t"), format!("TRACE_F: x 2\nTRACE_F: {LINE}\nTRACE_F: y 2\n"))
        .expect("written");
    assert_eq!(pair.diff().1["first_divergence"]["key"], "x");
}

#[test]
fn the_same_numbers_in_another_order_of_bytes_or_axes_or_another_type_are_the_same() {
    let pair = Pair::new(&[LINE]);
    let numbers = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    npy(&pair.file("a", "f.npy"), &[2, 3], &numbers);
    // Column by column.
    let turned = [1.0, 4.0, 2.0, 5.0, 3.0, 6.0];
    let little = |numbers: &[f64]| -> Vec<u8> { numbers.iter().flat_map(|x| x.to_le_bytes()).collect() };
    let big: Vec<u8> = numbers.iter().flat_map(|x| x.to_be_bytes()).collect();
    let single: Vec<u8> = numbers.iter().flat_map(|x| (*x as f32).to_le_bytes()).collect();
    let short: Vec<u8> = numbers.iter().flat_map(|x| (*x as i16).to_be_bytes()).collect();
    for (element, fortran, bytes) in
        [("<f8", true, little(&turned)), (">f8", false, big), ("<f4", false, single), (">i2", false, short)]
    {
        raw(&pair.file("b", "f.npy"), element, fortran, &[2, 3], &bytes);
        assert_eq!(pair.diff().0, Some(0), "{element}");
    }
    raw(&pair.file("b", "f.npy"), "<f8", true, &[2, 3], &little(&[1.0, 4.0, 2.0, 9.0, 3.0, 6.0]));
    assert_eq!(pair.diff().1["first_divergence"]["elements"]["worst"], serde_json::json!([1, 1]));
}

#[test]
fn what_cannot_be_compared_is_undecided_and_said() {
    let bytes = [0_u8; 48];
    type Spoil = fn(&Path);
    let spoilt: [(Spoil, &str); 5] = [
        (|path| std::fs::remove_file(path).expect("removed"), "cannot be read"),
        (|path| npy(path, &[3, 2], &[0.0; 6]), "has the shape 3x2; expected 2x3 as its trace says"),
        (|path| npy(path, &[2, 3], &[0.0; 5]), "ends before its last element"),
        (|path| npy(path, &[2, 3], &[0.0; 7]), "goes on after its last element"),
        (|path| std::fs::write(path, "text").expect("written"), "does not begin as a NumPy file does"),
    ];
    for (spoil, reason) in spoilt {
        let pair = Pair::new(&["x 1", LINE]);
        ["a", "b"].into_iter().for_each(|side| raw(&pair.file(side, "f.npy"), "<f8", false, &[2, 3], &bytes));
        assert_eq!(pair.diff().0, Some(0));
        spoil(&pair.file("b", "f.npy"));
        let (code, found) = pair.diff();
        assert_eq!((code, &found["verdict"]), (Some(5), &"UNDECIDED".into()), "{reason}");
        assert!(found["reason"].as_str().is_some_and(|printed| printed.contains(reason)), "{found}");
    }
    let pair = Pair::new(&["x 1", "field @array ../a/f.npy shape 2x3"]);
    npy(&pair.file("a", "f.npy"), &[2, 3], &[0.0; 6]);
    assert!(
        pair.diff().1["reason"].as_str().is_some_and(|printed| printed.contains("leads out of the folder"))
    );
}

#[test]
fn a_bundle_keeps_the_arrays_and_computes_them_again() {
    let pair = Pair::new(&["x 1", LINE]);
    npy(&pair.file("a", "f.npy"), &[2, 3], &[1.0; 6]);
    npy(&pair.file("b", "f.npy"), &[2, 3], &[1.0, 1.0, 1.0, 2.0, 1.0, 1.0]);
    let (code, printed, _) = pair.run(&["diff", "a/t", "b/t", "--out", "kept"]);
    assert!(code == Some(3) && printed.contains("[1, 0]"), "{printed}");
    // Whatever becomes of the folders.
    ["a", "b"]
        .into_iter()
        .for_each(|side| std::fs::remove_dir_all(pair.0.path().join(side)).expect("removed"));
    let (code, printed, _) = pair.run(&["verify", "kept", "--recompute"]);
    assert_eq!(code, Some(0), "{printed}");
}

#[test]
fn a_large_array_is_compared_in_little_memory() {
    const SIDE: usize = 2000;
    let pair = Pair::new(&["field @array f.npy shape 2000x2000"]);
    // Row by row: the kernel counts the memory of this process, too.
    for (side, last) in [("a", 0.25_f64), ("b", 0.5)] {
        let header = Header { element: "<f8".to_owned(), fortran_order: false, shape: vec![SIDE, SIDE] };
        let mut file = std::fs::File::create(pair.file(side, "f.npy")).expect("a file");
        header.write(&mut file).expect("a header");
        let row = 0.25_f64.to_le_bytes().repeat(SIDE);
        (1..SIDE).for_each(|_| file.write_all(&row).expect("written"));
        file.write_all(&row[16..]).expect("written");
        file.write_all(&[last.to_le_bytes(), 0.25_f64.to_le_bytes()].concat()).expect("written");
    }
    let (code, printed, memory) = pair.run(&["diff", "a/t", "b/t"]);
    assert!(code == Some(3) && printed.contains("worst at [1999, 1998]"), "{printed}");
    // One of the files is 32 MB.
    assert!(memory < 32 << 20, "{memory} bytes");
}

#[test]
fn arrays_without_an_element_that_can_be_compared_are_no_pass_and_their_shapes_count() {
    let pair = Pair::new(&["field @array f.npy shape 0x3"]);
    ["a", "b"].into_iter().for_each(|side| npy(&pair.file(side, "f.npy"), &[0, 3], &[]));
    let (code, found) = pair.diff();
    assert_eq!(code, Some(5), "{found}");
    assert_eq!(found["reason"], "0 values compared; expected at least 1; 1 array has no elements to compare");
    npy(&pair.file("b", "f.npy"), &[0, 2], &[]);
    std::fs::write(pair.file("b", "t"), "TRACE_F: field @array f.npy shape 0x2\n").expect("written");
    assert_eq!(pair.diff().0, Some(3));

    let pair = Pair::new(&["field @array f.npy shape 2"]);
    ["a", "b"].into_iter().for_each(|side| npy(&pair.file(side, "f.npy"), &[2], &[f64::NAN; 2]));
    std::fs::write(pair.0.path().join("k.toml"), "nan = \"missing\"\n").expect("written");
    assert_eq!(pair.run(&["diff", "a/t", "b/t", "--schema", "k.toml"]).0, Some(5));
    assert_eq!(pair.diff().0, Some(0), "NaN is equal to NaN where nothing else is said");
}

#[test]
fn an_array_without_axes_is_its_one_number() {
    let pair = Pair::new(&["field @array f.npy shape 1"]);
    npy(&pair.file("a", "f.npy"), &[], &[1.0]);
    npy(&pair.file("b", "f.npy"), &[], &[1.0]);
    assert_eq!(pair.diff().0, Some(0));
    npy(&pair.file("b", "f.npy"), &[], &[7.0]);
    assert_eq!(pair.diff().0, Some(3));
}

#[test]
fn files_of_one_name_in_several_folders_beside_a_trace_are_several_arrays_of_its_bundle() {
    let names = ["x/f.npy", "y=z/f.npy", "f.npy"];
    let lines = names.map(|name| format!("{} @array {name} shape 2", &name[..1]));
    let pair = Pair::new(&lines.each_ref().map(String::as_str));
    for side in ["a", "b"] {
        for (name, number) in names.into_iter().zip([1.0, 2.0, 3.0]) {
            let path = pair.file(side, name);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            let other = if side == "b" && number == 2.0 { 0.5 } else { 0.0 };
            npy(&path, &[2], &[number, number + other]);
        }
    }
    assert_eq!(pair.run(&["diff", "a/t", "b/t", "--out", "kept"]).0, Some(3));
    ["a", "b"]
        .into_iter()
        .for_each(|side| std::fs::remove_dir_all(pair.0.path().join(side)).expect("removed"));
    let (code, printed, _) = pair.run(&["verify", "--recompute", "kept"]);
    assert_eq!(code, Some(0), "{printed}");
    let (code, printed, _) = pair.run(&["rerun", "--yes", "kept", "--out", "again"]);
    assert_eq!(code, Some(0), "{printed}");
    let metrics = std::fs::read_to_string(pair.0.path().join("kept/metrics.json")).expect("metrics");
    let metrics: Value = serde_json::from_str(&metrics).expect("JSON");
    assert_eq!(
        (&metrics["first_divergence"]["key"], &metrics["metrics"]["differing_keys"]),
        (&"y".into(), &1.into())
    );
}
