//! Damaged input files given to the program: exit 9, a message with file, place and expectation, and nothing written.

mod at_the_shell;

use at_the_shell::{in_empty_folder, program, shell};

const REST: &str =
    "-cell 50 50 50 -N 3 -lambda 1.2 -distance 60 -pixel 0.5 -detpixels 16 -oversample 1 -seed 1";

/// Runs with `name` holding `content`, under a memory limit of 600 MB that a header's word could exceed.
fn refused(name: &str, content: &[u8], flags: &str, code: i32, expected: &str) {
    let folder = in_empty_folder();
    std::fs::write(folder.path().join(name), content).expect("a small file");
    let script = format!("ulimit -v 600000; exec {} {flags} {REST} --threads 1", program().display());
    let done = shell(folder.path(), &script);
    let what = format!("{name} with {flags}");
    assert_eq!(done.code, Some(code), "{what}: {}", done.stderr);
    let error =
        done.stderr.lines().find(|l| l.starts_with("error: ")).unwrap_or_else(|| panic!("{what}: no error"));
    assert!(error.contains(&format!("`{name}`")) && error.contains(expected), "{what}: {error}");
    let left: Vec<_> =
        std::fs::read_dir(folder.path()).expect("there").map(|e| e.expect("an entry").file_name()).collect();
    assert_eq!(left, [name], "{what}: nothing is written");
}

fn smv(header: &str, pixels: usize) -> Vec<u8> {
    let mut bytes =
        format!("{{\nHEADER_BYTES=512;\nDIM=2;\nBYTE_ORDER=little_endian;\n{header}}}\x0c").into_bytes();
    bytes.resize(512 + 2 * pixels, b' ');
    bytes
}

#[test]
fn reflection_lists() {
    let list =
        |content: &str, expected: &str| refused("a.hkl", content.as_bytes(), "-hkl a.hkl", 9, expected);
    list("", "h k l F");
    list("1 2 3", "");
    list("# a comment\n1 2 3 4\n", "line 1");
    list("1 2 3 4\n1 2 x 4\n", "line 2");
    list("1 2 3 4 5\n2 3 4 5 6\n", "line");
    list("99999999999 2 3 4\n", "99999999999");
    list("0 0 0 1\n2000000000 2000000000 2000000000 1\n", "grid");
    list("1 2 3 nan\n", "");
    refused("a.hkl", &[0xff, 0, 7, 200, 13, 10, 0], "-hkl a.hkl", 9, "line 1");
}

#[test]
fn reflection_lists_that_only_look_odd_are_read() {
    for content in ["1 2 3 4", "1 2 3 4\r\n0 0 0 9\r\n", "0 0 0 1\n"] {
        let folder = in_empty_folder();
        std::fs::write(folder.path().join("a.hkl"), content).expect("a small file");
        let done = at_the_shell::run(folder.path(), &format!("-hkl a.hkl {REST}"));
        assert_eq!(done.code, Some(0), "{content:?}: {}", done.stderr);
    }
}

#[test]
fn reflection_caches() {
    let cache = |content: &[u8], expected: &str| refused("Fdump.bin", content, "", 9, expected);
    cache(b"", "");
    cache(b"garbage", "");
    cache(b"-1000000000 1000000000 -1000000000 1000000000 0 5\n\x0c", "grid");
    cache(b"5 -5 0 1 0 1\n\x0c", "");
    cache(b"0 1 0 1 0 1\n\x0c1234567", "");
}

#[test]
fn matrices() {
    let matrix = |content: &str, expected: &str| {
        refused("a.mat", content.as_bytes(), "-mat a.mat -default_F 1", 9, expected);
    };
    matrix("", "nine numbers");
    matrix("1 2 3\n4 5 6\n7 8\n", "nine numbers");
    matrix("1 2 3\n4 x 6\n7 8 9\n", "line 2");
    matrix("1 2 3\n4 nan 6\n7 8 9\n", "");
}

#[test]
fn source_files() {
    let sources = |content: &str, expected: &str| {
        refused("a.txt", content.as_bytes(), "-sourcefile a.txt -default_F 1", 9, expected);
    };
    sources("", "");
    sources("# x y z\n-1 0 0\n", "line 1");
    sources("-1 0 zero\n", "line 1");
}

#[test]
fn masks_and_headers() {
    for (flag, content, expected) in [
        ("-mask", Vec::new(), "bytes"),
        ("-mask", vec![0xff; 2000], "SMV"),
        ("-mask", smv("SIZE1=40000;\nSIZE2=25000;\n", 256), "claims `40000` x `25000` pixels"),
        ("-mask", smv("SIZE1=16;\nSIZE2=16;\n", 100), ""),
        ("-mask", smv("SIZE1=-4;\nSIZE2=16;\n", 256), "SIZE1"),
        ("-img", smv("SIZE1=nan;\nSIZE2=16;\n", 256), "SIZE1"),
        ("-img", b"{\nHEADER_BYTES=99999999;\n".to_vec(), ""),
    ] {
        refused("a.img", &content, &format!("{flag} a.img -default_F 1"), 9, expected);
    }
}

#[test]
fn a_mask_of_another_size_is_a_contradiction() {
    let folder = in_empty_folder();
    std::fs::write(folder.path().join("a.img"), smv("SIZE1=8;\nSIZE2=8;\n", 64)).expect("a small file");
    let done = at_the_shell::run(folder.path(), &format!("-mask a.img -default_F 1 {REST}"));
    assert_eq!(done.code, Some(1), "{}", done.stderr);
    assert!(done.stderr.contains("8 x 8") && done.stderr.contains("hint:"), "{}", done.stderr);
}
