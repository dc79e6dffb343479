//! Damaged input files given to the program: exit 9, a message with file, place and expectation, and nothing written.

mod at_the_shell;

use at_the_shell::{in_empty_folder, program, shell};

const REST: &str =
    "-cell 50 50 50 -N 3 -lambda 1.2 -distance 60 -pixel 0.5 -detpixels 16 -oversample 1 -seed 1";

/// What overrides no header.
const BARE: &str = "-default_F 1 -cell 50 50 50 -N 3 -oversample 1 -seed 1";

/// Runs with `name` holding `content`: exit code and standard error.
fn with_file(name: &str, content: &[u8], flags: &str) -> (Option<i32>, String) {
    let folder = in_empty_folder();
    std::fs::write(folder.path().join(name), content).expect("a small file");
    let output = at_the_shell::run(folder.path(), &format!("{flags} {REST} --threads 1"));
    (output.code, output.stderr)
}

/// Runs with `name` holding `content`, under a memory limit of 600 MB that a header's word could exceed.
fn refused(name: &str, content: &[u8], flags: &str, code: i32, expected: &str) {
    refused_bare(name, content, &format!("{flags} {REST}"), code, &[expected]);
}

/// As [`refused`], with all flags given.
fn refused_bare(name: &str, content: &[u8], flags: &str, code: i32, expected: &[&str]) {
    let folder = in_empty_folder();
    std::fs::write(folder.path().join(name), content).expect("a small file");
    let script = format!("ulimit -v 600000; exec {} {flags} --threads 1", program().display());
    let output = shell(folder.path(), &script);
    let what = format!("{name} with {flags}");
    assert_eq!(output.code, Some(code), "{what}: {}", output.stderr);
    let error = output
        .stderr
        .lines()
        .find(|l| l.starts_with("error: "))
        .unwrap_or_else(|| panic!("{what}: no error"));
    assert!(error.contains(&format!("`{name}`")), "{what}: {error}");
    expected.iter().for_each(|part| assert!(error.contains(part), "{what}: {error}"));
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
        let output = at_the_shell::run(folder.path(), &format!("-hkl a.hkl {REST}"));
        assert_eq!(output.code, Some(0), "{content:?}: {}", output.stderr);
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
fn amplitudes_of_lists_and_caches_are_held_to_the_range_of_a_default_amplitude() {
    let problem = "has an amplitude of `1e+300`; expected amplitudes of -1e12 to 1e12 electrons";
    refused_bare("a.hkl", b"0 0 0 1\n1 2 3 1e300\n", &format!("-hkl a.hkl {REST}"), 9, &[problem]);
    let mut cache = b"0 1 0 1 0 1\n\x0c".to_vec();
    cache.extend([1.0, f64::NAN, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0].map(f64::to_ne_bytes).as_flattened());
    cache.resize(cache.len() + 19 * 8, 0);
    refused("Fdump.bin", &cache, "", 9, "has an amplitude of `nan`");
}

#[test]
fn a_cache_that_is_asked_for_and_not_there_is_named() {
    let folder = in_empty_folder();
    let output = at_the_shell::run(folder.path(), &format!("-dump none.bin -default_F 1 {REST}"));
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    assert!(output.stderr.contains("-dump: `none.bin` is no file"), "{}", output.stderr);
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
    matrix("0 0 0\n0 0 0\n0 0 0\n", "lie in one plane");
    matrix("1 2 3\n4 5 6\n7 8 9\n", "lie in one plane");
    matrix("1e200 0 0\n0 1e200 0\n0 0 1e200\n", "three reciprocal vectors");
}

#[test]
fn the_cell_of_a_matrix_is_held_to_the_ranges_of_a_cell() {
    let alone = "-mat a.mat -default_F 1 -N 3 -lambda 1.2 -detpixels 16 -oversample 1 --threads 1";
    let expected = "a cell of `1200000000.0000 1200000000.0000";
    refused_bare("a.mat", b"1e-9 0 0\n0 1e-9 0\n0 0 1e-9\n", alone, 9, &[expected]);

    let folder = in_empty_folder();
    std::fs::write(folder.path().join("a.mat"), "1e-4 0 0\n0 1e-2 0\n0 0 1e-2\n").expect("a small file");
    let output = at_the_shell::run(folder.path(), alone);
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    let expected = "warning: `a.mat`: makes a cell of `12000.0000 120.0000 120.0000` Å";
    assert!(output.stderr.contains(expected), "{}", output.stderr);
}

#[test]
fn source_files() {
    let sources = |content: &str, expected: &str| {
        refused("a.txt", content.as_bytes(), "-sourcefile a.txt -default_F 1", 9, expected);
    };
    sources("", "");
    sources("# x y z\n-1 0 0\n", "line 1");
    sources("-1 0 zero\n", "line 1");
    sources("-1 0 0\n\n0 0 0\n", "line 3: a source without a direction");
    sources("1e-300 0 0\n", "line 1: a source without a direction");
    sources("-1 0 0 1 0\n", "line 1: a wavelength of `0` m");
    sources("-1 0 0 1 1e-10\n-1 0 0 1 1.2\n", "line 2: a wavelength of `1.2` m");
    sources("-1 0 0 1 nan\n", "line 1");
}

#[test]
fn odd_sources_are_named_with_their_lines() {
    let content = b"-1 0 0 1 1e-10\n-1 0 0 1 1e-6\n1 0 0\n2 0 0\n";
    let (code, stderr) = with_file("a.txt", content, "-sourcefile a.txt -default_F 1");
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stderr.contains("`a.txt`, line 2: a wavelength that is unusual"), "{stderr}");
    assert!(stderr.contains("`a.txt`, line 3 and 1 more: a source that shines against the beam"), "{stderr}");
}

#[test]
fn keys_of_headers_are_held_to_the_ranges_of_their_flags() {
    for (key, value, range) in [
        ("PIXEL_SIZE", "0", "more than 0"),
        ("DISTANCE", "-5", "more than 0, to 1e7"),
        ("DISTANCE", "nan", "more than 0, to 1e7"),
        ("CLOSE_DISTANCE", "0", "more than 0, to 1e7"),
        ("WAVELENGTH", "1e300", "1e-12 to 1e6"),
        ("BEAM_CENTER_X", "1e9", "-1e6 to 1e6"),
        ("BEAM_CENTER_Y", "inf", "-1e6 to 1e6"),
        ("ORGX", "1e9", "-1e6 to 1e6"),
        ("XDS_ORGY", "-1e9", "-1e6 to 1e6"),
        ("PHI", "1e9", "-36000 to 36000"),
        ("OSC_RANGE", "-1", "0 to 36000"),
        ("DISTANCE", "near", "a number"),
        ("DISTANCE", "", "a number"),
    ] {
        let file = smv(&format!("SIZE1=16;\nSIZE2=16;\n{key}={value};\n"), 256);
        let found = key.trim_start_matches("XDS_");
        for flag in ["-img", "-mask"] {
            let flags = format!("{flag} a.img {BARE}");
            refused_bare("a.img", &file, &flags, 9, &[&format!("key {found}: `"), range]);
        }
    }
}

#[test]
fn what_a_header_says_does_not_matter_where_a_flag_says_it() {
    let file = smv("SIZE1=16;\nSIZE2=16;\nDISTANCE=-5;\nWAVELENGTH=0;\nPIXEL_SIZE=-1;\n", 256);
    let (code, stderr) = with_file("a.img", &file, "-img a.img -default_F 1");
    assert_eq!(code, Some(0), "{stderr}");
}

#[test]
fn odd_values_of_headers_are_named() {
    let file = smv("SIZE1=16;\nSIZE2=16;\nPHI=720;\nOSC_RANGE=0,5;\n", 256);
    let (code, stderr) = with_file("a.img", &file, "-img a.img -default_F 1");
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stderr.contains("key PHI: `720` is an unusual value, usually -360 to 360 degrees"), "{stderr}");
    assert!(stderr.contains("key OSC_RANGE: of `0,5`, `0` is read"), "{stderr}");
}

#[test]
fn a_parity_run_takes_any_header_matrix_and_source_as_the_c_program_does() {
    let header = smv("SIZE1=16;\nSIZE2=16;\nDISTANCE=-5;\n", 256);
    for (name, content, flags) in [
        ("a.img", header.as_slice(), "-img a.img"),
        ("a.mat", b"0 0 0\n0 0 0\n0 0 0\n", "-mat a.mat"),
        ("a.txt", b"0 0 0 1 0\n", "-sourcefile a.txt"),
    ] {
        let (code, stderr) = with_file(name, content, &format!("{flags} -default_F 1 --parity"));
        assert_eq!(code, Some(0), "{flags}: {stderr}");
        assert!(!stderr.contains("range") && !stderr.contains("error"), "{flags}: {stderr}");
    }
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
    let output = at_the_shell::run(folder.path(), &format!("-mask a.img -default_F 1 {REST}"));
    assert_eq!(output.code, Some(1), "{}", output.stderr);
    assert!(output.stderr.contains("8 x 8") && output.stderr.contains("hint:"), "{}", output.stderr);
}

#[test]
fn a_pipe_is_read_like_the_file_that_it_carries() {
    let folder = in_empty_folder();
    std::fs::write(folder.path().join("a.hkl"), "0 0 0 9\n1 2 3 4\n").expect("a small file");
    let flags = format!("{REST} --threads 1 -dump none.bin -intfile int.img");
    let program = program();
    let run = |hkl: &str| format!("{} -hkl {hkl} {flags} -floatfile", program.display());
    let output = shell(
        folder.path(),
        &format!(
            "set -e; {file} file.bin; (sleep 0.3; cat a.hkl) | {stdin} stdin.bin; \
             mkfifo pipe; cat a.hkl > pipe & {pipe} pipe.bin; wait; cmp file.bin stdin.bin; cmp file.bin pipe.bin",
            file = run("a.hkl"),
            stdin = run("/dev/stdin"),
            pipe = run("pipe"),
        ),
    );
    assert_eq!(output.code, Some(0), "{}{}", output.stdout, output.stderr);
}

#[test]
fn a_pipe_that_nobody_writes_to_is_an_error_and_no_wait_without_end() {
    for (flag, others) in
        [("-hkl", ""), ("-mat", "-default_F 1"), ("-img", "-default_F 1"), ("-hkl", "--parity")]
    {
        let folder = in_empty_folder();
        let script = format!(
            "mkfifo pipe; exec timeout 60 {} {flag} pipe {others} {REST} --threads 1",
            program().display()
        );
        let output = shell(folder.path(), &script);
        assert_eq!(output.code, Some(9), "{flag} {others}: {}", output.stderr);
        assert!(output.stderr.contains("`pipe`: is a pipe that nobody writes to"), "{}", output.stderr);
    }
}

#[test]
fn a_device_is_no_input_file() {
    for flag in ["-hkl", "-mat", "-sourcefile", "-stol", "-img", "-mask"] {
        let folder = in_empty_folder();
        let output = at_the_shell::run(folder.path(), &format!("{flag} /dev/zero -default_F 1 {REST}"));
        assert_eq!(output.code, Some(9), "{flag}: {}", output.stderr);
        assert!(output.stderr.contains("`/dev/zero`: is a device"), "{flag}: {}", output.stderr);
        assert!(output.stderr.contains("hint: give a file or a pipe"), "{flag}: {}", output.stderr);
    }
}

#[test]
fn the_empty_device_is_an_empty_file() {
    let folder = in_empty_folder();
    let output = at_the_shell::run(folder.path(), &format!("-hkl /dev/null {REST}"));
    assert_eq!(output.code, Some(9), "{}", output.stderr);
    assert!(output.stderr.contains("holds no reflections"), "{}", output.stderr);
}
