//! The program as a user meets it: what it prints, how it exits, what it leaves behind.
//!
//! Simulators are shell scripts here; the real one has its own test (`protein`).

mod support;

use std::fs;

use serde_json::Value;
use support::{Scene, wave};

#[test]
fn two_equal_files_pass() {
    let scene = Scene::new();
    scene.image("a.bin", &wave(32, 1.0));
    let run = scene.run("files a.bin a.bin");
    insta::assert_snapshot!(run.shown());
}

#[test]
fn a_factor_fails_although_the_correlation_is_perfect() {
    let scene = Scene::new();
    scene.image("a.bin", &wave(32, 1.0));
    scene.image("b.bin", &wave(32, 126_451.0));
    let run = scene.run("files a.bin b.bin");
    insta::assert_snapshot!(run.shown());
}

#[test]
fn exit_codes_tell_what_went_wrong() {
    let scene = Scene::new();
    scene.image("a.bin", &wave(32, 1.0));
    scene.image("half.bin", &wave(16, 1.0));
    scene.image("zero.bin", &vec![0.0; 32 * 32]);
    let mut nan = wave(32, 1.0);
    nan[7] = f32::NAN;
    scene.image("nan.bin", &nan);
    scene.image("odd.bin", &[0.0; 35]);
    let calls = [
        "files a.bin zero.bin",
        "files zero.bin zero.bin",
        "files nan.bin nan.bin",
        "files a.bin half.bin",
        "files a.bin half.bin --resample",
        "files a.bin nowhere.bin",
        "files a.bin odd.bin",
        "files a.bin a.bin --roi 5 4 0 0",
        "files a.bin a.bin --roi 0 32 0 31",
        "files a.bin a.bin --mask half.bin",
        "files a.bin a.bin --mask zero.bin",
        "files a.bin a.bin --sum-ratio 2 1",
        "files a.bin a.bin --shape 0 4",
        "files a.bin",
        "-- -N 5",
    ];
    let told: Vec<String> = calls.iter().map(|call| scene.run(&format!("{call} --quiet")).shown()).collect();
    insta::assert_snapshot!(told.join("\n"));
}

/// Something that is no file to read, and how a message calls it.
fn not_files(scene: &Scene) -> [(String, &'static str); 3] {
    let pipe = scene.path("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    fs::create_dir(scene.path("folder")).unwrap();
    [
        ("/dev/zero".to_owned(), "is a device"),
        ("pipe".to_owned(), "is a pipe that nobody writes to"),
        ("folder".to_owned(), "is a folder"),
    ]
}

#[test]
fn the_simulator_inside_has_no_derivatives_and_names_the_program_that_does() {
    let scene = Scene::new();
    let run = scene.run("__nanobragg -default_F 1 -cell 100 100 100 90 90 90 -lambda 1 -distance 100 -detpixels 8 --grad cell_a");
    assert_eq!(run.code, 1, "{}", run.err);
    assert!(run.err.contains("`--grad`") && run.err.contains("run `nanobragg` itself"), "{}", run.err);
    assert_eq!(scene.names("."), ["temporary"]);
}

#[test]
fn what_is_no_file_is_refused_wherever_a_file_is_expected_and_nothing_is_waited_for() {
    let scene = Scene::new();
    scene.image("a.bin", &wave(32, 1.0));
    scene.simulator("sim", &wave(32, 1.0), "");
    for (name, what) in not_files(&scene) {
        for call in [
            format!("files {name} a.bin"),
            format!("files a.bin {name}"),
            format!("files a.bin a.bin --mask {name}"),
            format!("--reference-image {name} -- -detpixels 32"),
        ] {
            let run = scene.run(&call);
            assert_eq!(run.code, 5, "{call}: {}{}", run.out, run.err);
            let told = format!("{what}; expected ");
            assert!(run.err.contains(&told) && run.err.contains(&name), "{call}: {}", run.err);
        }
        let matrix = scene.run(&format!("matrix {name} --reference ./sim"));
        let both = scene.run(&format!("--reference ./sim --candidate ./sim -- -detpixels 32 -img {name}"));
        if name == "folder" {
            assert!(matrix.code == 5 && matrix.err.contains("is a folder; expected "), "{}", matrix.err);
            // What the simulators make of such a header is theirs to say; no shape is looked for in it.
            assert_eq!(both.code, 0, "{}{}", both.out, both.err);
        } else {
            // Its place says what paths in it mean, and it is read again for the evidence.
            assert!(matrix.code == 5 && matrix.err.contains("is a pipe or a device"), "{}", matrix.err);
            assert!(both.code == 1 && both.err.contains("which can be read but once"), "{}", both.err);
        }
    }
}

#[test]
fn a_list_of_cases_without_sense_is_wrong_usage_and_one_that_cannot_be_read_is_not() {
    let scene = Scene::new();
    scene.simulator("sim", &wave(32, 1.0), "");
    fs::write(scene.path("odd.toml"), "[[case]]\nname = '../a'\n").unwrap();
    fs::write(scene.path("empty.toml"), "").unwrap();
    let code = |list: &str| scene.run(&format!("matrix {list} --reference ./sim")).code;
    assert_eq!(["odd.toml", "empty.toml", "nowhere.toml"].map(code), [1, 1, 5]);
}

/// A NumPy array of 64-bit floats in rows.
fn npy(scene: &Scene, name: &str, (slow, fast): (usize, usize), values: &[f64]) {
    let mut header = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({slow}, {fast}), }}");
    header.extend(std::iter::repeat_n(' ', 117 - header.len()));
    let mut bytes = b"\x93NUMPY\x01\x00\x76\x00".to_vec();
    bytes.extend_from_slice(header.as_bytes());
    bytes.push(b'\n');
    bytes.extend(values.iter().flat_map(|v| v.to_le_bytes()));
    fs::write(scene.path(name), bytes).unwrap();
}

#[test]
fn arrays_without_a_pixel_are_no_images_and_agree_with_nothing() {
    let scene = Scene::new();
    npy(&scene, "none.npy", (0, 5), &[]);
    npy(&scene, "nothing.npy", (5, 0), &[]);
    for (call, code, told) in [
        ("files none.npy none.npy", 5, "`5x0` pixels has nothing to compare; expected at least one pixel"),
        (
            "files nothing.npy nothing.npy",
            5,
            "`0x5` pixels has nothing to compare; expected at least one pixel",
        ),
        ("files none.npy nothing.npy", 4, "expected the same shape"),
    ] {
        let run = scene.run(call);
        assert_eq!(run.code, code, "{call}: {}{}", run.out, run.err);
        assert!(run.err.contains(told), "{call}: {}", run.err);
    }
}

#[test]
fn what_cannot_be_compared_leaves_its_evidence_where_a_folder_is_asked_for() {
    let scene = Scene::new();
    scene.image("a.bin", &wave(32, 1.0));
    scene.image("half.bin", &wave(16, 1.0));
    scene.simulator("sim", &wave(32, 1.0), "");
    for (place, call, code) in [
        ("shapes", "files a.bin half.bin", 4),
        ("masks", "files a.bin a.bin --mask half.bin", 4),
        ("missing", "files a.bin nowhere.bin", 5),
        ("stored", "--reference-image nowhere.bin --outdir stored -- -detpixels 32", 5),
        (
            "rendered",
            "--reference ./sim --candidate ./sim --outdir rendered --mask half.bin -- -detpixels 32",
            4,
        ),
    ] {
        let line =
            if call.contains("--outdir") { call.to_owned() } else { format!("{call} --outdir {place}") };
        let run = scene.run(&line);
        assert_eq!(run.code, code, "{line}: {}{}", run.out, run.err);
        assert!(run.err.contains("evidence: "), "{line}: {}", run.err);
        scene.assert_sound(place);
        let summary = scene.json(&format!("{place}/summary.json"));
        assert_ne!(summary["verdict"], "PASS");
        let folder = scene.path("").canonicalize().unwrap().display().to_string();
        let reason = summary["reason"].as_str().unwrap().replace(&format!("{folder}/"), "[folder]/");
        assert!(run.err.contains(&reason), "{line}: {reason} is not in {}", run.err);
    }
    // A wrong command line leaves nothing.
    assert_eq!(scene.run("files a.bin a.bin --outdir wrong --sum-ratio 2 1").code, 1);
    assert!(!scene.path("wrong").exists());
}

#[test]
fn gates_can_be_tightened() {
    let scene = Scene::new();
    let mut b = wave(32, 1.0);
    scene.image("a.bin", &b);
    b[40] = b[40].next_up();
    scene.image("b.bin", &b);
    assert_eq!(scene.run("files a.bin b.bin --quiet").code, 0);
    assert_eq!(scene.run("files a.bin b.bin --quiet --max-ulp 1").code, 0);
    let run = scene.run("files a.bin b.bin --quiet --max-ulp 0");
    assert_eq!((run.code, run.out.as_str()), (3, "FAIL: max_ulp is 1, asked for at most 0\n"));
    assert_eq!(scene.run("files a.bin b.bin --quiet --rtol 0 --within 1").code, 3);
    assert_eq!(scene.run("files a.bin b.bin --quiet --peaks 1").code, 0);
}

#[test]
fn gates_have_ranges() {
    let scene = Scene::new();
    scene.image("a.bin", &wave(32, 1.0));
    for wrong in [
        "--threshold -1",
        "--threshold 2",
        "--threshold nan",
        "--within 1.1",
        "--rtol -0.1",
        "--peaks inf",
        "--sum-ratio -1 1",
        "--sum-ratio 0 2",
        "--max-ulp -1",
        "--peak-gate 1e300",
        "--peak-gate 0",
    ] {
        let run = scene.run(&format!("files a.bin a.bin {wrong}"));
        assert_eq!(run.code, 1, "{wrong}: {}", run.err);
        assert!(run.err.contains("expected") || run.err.contains("invalid"), "{wrong}: {}", run.err);
    }
}

#[test]
fn a_shape_that_contradicts_a_file_is_refused() {
    let scene = Scene::new();
    scene.image("a.bin", &wave(32, 1.0));
    let run = scene.run("files a.bin a.bin --shape 30 32");
    assert_ne!(run.code, 0, "{}", run.out);
    assert!(run.err.contains("30 x 32 (--shape)"), "{}", run.err);
    assert_eq!(scene.run("files a.bin a.bin --shape 64 16").code, 0);
}

#[test]
fn swapping_the_sides_inverts_the_ratio() {
    let scene = Scene::new();
    scene.image("a.bin", &wave(32, 1.0));
    scene.image("b.bin", &wave(32, 4.0));
    let ratio = |call: &str| scene.run(call).json()["sum_ratio"].as_f64().unwrap();
    assert_eq!(ratio("files a.bin b.bin --json") * ratio("files b.bin a.bin --json"), 1.0);
}

#[test]
fn two_programs_given_the_same_arguments_are_compared_with_evidence() {
    let scene = Scene::new();
    scene.simulator("ref.sh", &wave(32, 1.0), "");
    scene.simulator("mine.sh", &wave(32, 1.0), "");
    let run = scene
        .run("--reference ./ref.sh --candidate ./mine.sh --outdir out -- -detpixels 32 -floatfile x.bin");
    assert_eq!(run.code, 0, "{}", run.err);
    assert!(!scene.path("x.bin").exists(), "the user's own file name must not be written to");
    let names = scene.names("out");
    let expected = [
        "analysis.md",
        "candidate.png",
        "candidate_float.bin",
        "candidate_stderr.txt",
        "candidate_stdout.txt",
        "commands.txt",
        "diff.png",
        "env.json",
        "inputs",
        "metrics.json",
        "reference.png",
        "reference_float.bin",
        "reference_stderr.txt",
        "reference_stdout.txt",
        "report.html",
        "ro-crate-metadata.json",
        "sha256.txt",
        "summary.json",
    ];
    assert_eq!(names, expected);
    let summary = scene.json("out/summary.json");
    assert_eq!(summary["args"], serde_json::json!(["-detpixels", "32", "-floatfile", "x.bin"]));
    assert_eq!(summary["binary_reference"]["version"], "fake simulator 1.0");
    assert!(summary["speedup"].as_f64().is_some_and(|s| s > 0.0));
    scene.assert_sound("out");
    support::assert_valid(&summary, &scene.json("out/env.json"), Some(&scene.json("out/metrics.json")));
}

#[test]
fn evidence_is_never_overwritten_and_numbered_by_default() {
    let scene = Scene::new();
    scene.simulator("sim.sh", &wave(32, 1.0), "");
    let call = "--reference ./sim.sh --candidate ./sim.sh --quiet";
    assert_eq!(scene.run(&format!("{call} --outdir out -- -N 5")).code, 0);
    let again = scene.run(&format!("{call} --outdir out -- -N 5"));
    assert_eq!(again.code, 5);
    assert!(again.err.contains("already exists"), "{}", again.err);
    for _ in 0..3 {
        assert_eq!(scene.run(&format!("{call} -- -N 5")).code, 0);
    }
    assert_eq!(scene.names("comparisons").len(), 3);
    assert!(scene.names("comparisons").iter().all(|n| !n.starts_with('.')));
}

#[test]
fn a_runner_that_fails_is_told_with_its_last_words_and_leaves_evidence() {
    let scene = Scene::new();
    scene.simulator("good.sh", &wave(32, 1.0), "");
    scene.simulator("bad.sh", &wave(32, 1.0), "echo 'no such cell' >&2; exit 9");
    let run = scene.run("--reference ./bad.sh --candidate ./good.sh --outdir out -- -N 5");
    assert_eq!(run.code, 2);
    assert!(run.err.contains("ended with exit status 9; its last words:\n  no such cell\n"), "{}", run.err);
    let summary = scene.json("out/summary.json");
    assert_eq!(summary["verdict"], "FAIL");
    assert_eq!(summary["steps"][1]["status"]["kind"], "not_run");
    scene.assert_sound("out");
    support::assert_valid(&summary, &scene.json("out/env.json"), None);
}

#[test]
fn runs_whose_images_cannot_be_compared_leave_evidence_too() {
    let scene = Scene::new();
    scene.simulator("small.sh", &wave(16, 1.0), "");
    scene.simulator("large.sh", &wave(32, 1.0), "");
    let run = scene.run("--reference ./small.sh --candidate ./large.sh --outdir shapes -- -N 5");
    assert_eq!(run.code, 4, "{}", run.err);
    assert_eq!(
        scene.json("shapes/summary.json")["reason"],
        "A has `16x16` pixels, B `32x32`; expected the same shape"
    );
    scene.assert_sound("shapes");
    scene.simulator("odd.sh", &wave(16, 1.0)[..35], "");
    let run = scene.run("--reference ./odd.sh --candidate ./large.sh --outdir odd -- -detpixels 32");
    assert_eq!(run.code, 5);
    assert!(run.err.contains("expected one of 32 x 32 (the arguments), or a square"), "{}", run.err);
    scene.assert_sound("odd");
}

#[test]
fn a_runner_that_takes_too_long_is_ended() {
    let scene = Scene::new();
    scene.simulator("slow.sh", &wave(32, 1.0), "sleep 60");
    let run = scene.run("--reference ./slow.sh --candidate ./slow.sh --timeout 0.3 --outdir out -- -N 5");
    assert_eq!(run.code, 2);
    assert!(run.err.contains("was ended after 0.3 s"), "{}", run.err);
    assert_eq!(scene.json("out/summary.json")["steps"][0]["status"]["kind"], "timed_out");
}

#[test]
fn output_that_is_not_utf8_is_kept_byte_for_byte() {
    let scene = Scene::new();
    scene.simulator("sim.sh", &wave(32, 1.0), "printf '\\377\\000\\n'");
    assert_eq!(scene.run("--reference ./sim.sh --candidate ./sim.sh --outdir out --quiet -- -N 5").code, 0);
    let log = fs::read(scene.path("out/reference_stdout.txt")).unwrap();
    assert!(log.windows(3).any(|w| w == b"\xff\x00\n"), "{log:?}");
    scene.assert_sound("out");
}

#[test]
fn a_script_in_an_argument_does_not_reach_the_page() {
    let scene = Scene::new();
    scene.simulator("sim.sh", &wave(32, 1.0), "");
    let attack = "<script>document.title='owned'</script>";
    let run = scene.run_with(&[
        "--reference",
        "./sim.sh",
        "--candidate",
        "./sim.sh",
        "--outdir",
        "out",
        "--",
        "-x",
        attack,
    ]);
    assert_eq!(run.code, 0, "{}", run.err);
    let page = fs::read_to_string(scene.path("out/report.html")).unwrap();
    assert!(page.contains("owned"), "the argument is shown");
    assert!(!page.contains(attack));
    let scripts = page.matches("<script").count();
    assert_eq!(scripts, 2, "the page's own script and its data");
    for outside in ["http://", "https://", " src=", "@import"] {
        assert!(!page.contains(outside), "{outside}");
    }
}

#[test]
fn an_image_of_the_region_stands_in_for_the_reference() {
    let scene = Scene::new();
    let whole = wave(32, 1.0);
    let part: Vec<f32> = (4..12).flat_map(|y| whole[y * 32 + 8..y * 32 + 20].to_vec()).collect();
    scene.image("part.bin", &part);
    scene.simulator("sim.sh", &whole, "");
    let call = "--reference-image part.bin --roi 8 19 4 11 --candidate ./sim.sh --outdir out --quiet -- -detpixels 32";
    let run = scene.run(call);
    assert_eq!((run.code, run.out.as_str()), (0, "PASS: all 96 pixels are the same bits\n"), "{}", run.err);
    assert_eq!(scene.json("out/summary.json")["reference"], "image part.bin");
}

#[test]
fn a_path_under_a_home_folder_is_refused_before_anything_is_left_behind() {
    let scene = Scene::new();
    scene.simulator("sim.sh", &wave(32, 1.0), "");
    let call = "--reference ./sim.sh --candidate ./sim.sh --outdir out --quiet";
    let run = scene.run(&format!("{call} -- -x /home/somebody/secret"));
    assert_eq!(run.code, 1);
    assert!(run.err.contains("--keep-paths"), "{}", run.err);
    assert!(!scene.path("out").exists());
    assert_eq!(scene.run(&format!("{call} --keep-paths -- -x /home/somebody/secret")).code, 0);
}

#[test]
fn a_variable_under_a_home_folder_is_refused_before_a_side_runs() {
    let scene = Scene::new();
    let ran = scene.path("ran");
    let script = format!("case \"$*\" in *-floatfile*) touch '{}';; esac", ran.display());
    scene.simulator("sim.sh", &wave(32, 1.0), &script);
    let call = "--reference ./sim.sh --candidate ./sim.sh --outdir out --quiet -- -detpixels 32";
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_nb-compare"))
        .args(call.split(' '))
        .env("NB_PY_BIN", "/home/somebody/py")
        .current_dir(scene.path("."))
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(1) && told.contains("/home/somebody/py"), "{told}");
    assert!(!ran.exists());
    assert!(scene.run(call).code == 0 && ran.exists(), "a side that runs leaves the file");
}

#[test]
fn a_misspelt_command_is_answered_with_the_nearest_one() {
    let scene = Scene::new();
    let run = scene.run("fils a.bin b.bin");
    assert!(run.code == 1 && run.err.contains("unrecognized subcommand 'fils'"), "{}", run.err);
    assert!(run.err.contains("'files'") && run.err.contains("tip:"), "{}", run.err);
    let run = scene.run("weather a.bin");
    assert!(run.code == 1 && run.err.contains("weather") && !run.err.contains("'files'"), "{}", run.err);
}

#[test]
fn files_cannot_be_explained_and_the_refusal_says_what_can() {
    let scene = Scene::new();
    scene.image("a.bin", &wave(32, 1.0));
    let run = scene.run("files a.bin a.bin --explain");
    assert!(run.code == 1 && run.err.contains("hint:"), "{}", run.err);
    assert!(run.err.contains("nb-compare --reference PATH --explain -- ARGS"), "{}", run.err);
}

#[test]
fn an_archive_is_told_from_a_folder() {
    let scene = Scene::new();
    std::fs::write(scene.path("x.zip"), "PK").expect("room");
    let run = scene.run("recompute x.zip");
    assert!(run.code == 5 && run.err.contains("is an archive"), "{}", run.err);
    assert!(run.err.contains("unpack it first"), "{}", run.err);
}

#[test]
fn help_man_page_and_completions_are_there() {
    let scene = Scene::new();
    for (call, word) in [("--help", "Examples:"), ("man", ".SH NAME"), ("completions bash", "complete -F")] {
        let run = scene.run(call);
        assert!(run.code == 0 && run.out.contains(word), "{call}: {}", run.out);
    }
    assert!(scene.run("--version").out.starts_with("nb-compare "));
}

#[test]
fn the_protein_passes_and_leaves_a_bundle_that_others_accept() {
    let scene = Scene::new();
    for case in ["still", "rotation"] {
        let run = scene.run(&format!("protein --case {case} --outdir {case} --json"));
        assert_eq!(run.code, 0, "{}{}", run.out, run.err);
        let told = run.json();
        assert_eq!((&told["verdict"], &told["pixels_compared"]), (&Value::from("PASS"), &Value::from(65536)));
        scene.assert_sound(case);
        let summary = scene.json(&format!("{case}/summary.json"));
        let metrics = scene.json(&format!("{case}/metrics.json"));
        support::assert_valid(&summary, &scene.json(&format!("{case}/env.json")), Some(&metrics));
    }
}

/// Values that single precision cannot hold: a share of 1e-12 apart, or beyond its largest number.
#[test]
fn arrays_of_64_bit_floats_are_compared_as_they_are() {
    let scene = Scene::new();
    let values: Vec<f64> = wave(24, 1.0).into_iter().map(f64::from).collect();
    let moved: Vec<f64> = values.iter().map(|v| v * (1.0 + 1e-12)).collect();
    assert!(values.iter().zip(&moved).all(|(a, b)| a != b && *a as f32 == *b as f32));
    let large = |factor: f64| values.iter().map(|v| v * factor).collect::<Vec<f64>>();
    let shape = (24, 24);
    npy(&scene, "a.npy", shape, &values);
    npy(&scene, "b.npy", shape, &moved);
    npy(&scene, "huge.npy", shape, &large(1e200));
    npy(&scene, "larger.npy", shape, &large(2e200));
    let run = scene.run("files a.npy b.npy --json");
    let told = run.json();
    assert_eq!((run.code, told["byte_identical"].as_bool()), (0, Some(false)), "{told:#}");
    assert!(!told["reason"].as_str().unwrap().contains("same bits"), "{told:#}");
    assert!(told["ulp_max"].as_u64().is_some_and(|ulp| ulp > 1), "{told:#}");
    assert_eq!(scene.run("files a.npy b.npy --max-ulp 0").code, 3);
    let run = scene.run("files a.npy a.npy --quiet");
    assert_eq!((run.code, run.out.as_str()), (0, "PASS: all 576 pixels are the same bits\n"));
    // As 32-bit floats both were infinite everywhere.
    assert_eq!(scene.run("files huge.npy larger.npy").code, 3);
    assert_eq!(scene.run("files huge.npy huge.npy").code, 0);
}

#[test]
fn an_array_whose_header_is_longer_than_the_file_is_refused_in_little_memory() {
    let scene = Scene::new();
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 6), }\n";
    let bytes = [b"\x93NUMPY\x02\x00\xf0\xff\xff\xff", header.as_bytes(), &[0; 40]].concat();
    fs::write(scene.path("long.npy"), bytes).unwrap();
    // 2 GB of addresses, half of what the header claims.
    let output = std::process::Command::new("sh")
        .args([
            "-c",
            "ulimit -v 2000000; exec \"$0\" files long.npy long.npy",
            env!("CARGO_BIN_EXE_nb-compare"),
        ])
        .current_dir(scene.path("."))
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(5), "{told}");
    assert!(told.contains("ends inside its header"), "{told}");
}

#[test]
fn a_shape_that_contradicts_what_a_file_says_of_itself_is_refused() {
    let scene = Scene::new();
    let values: Vec<f64> = wave(4, 1.0).iter().chain(&wave(4, 2.0)).map(|v| f64::from(*v)).collect();
    npy(&scene, "a.npy", (4, 8), &values);
    let mut smv =
        b"{\nHEADER_BYTES=512;\nSIZE1=8;\nSIZE2=4;\nTYPE=unsigned_short;\nBYTE_ORDER=little_endian;\n}"
            .to_vec();
    smv.resize(512, b' ');
    smv.extend((1..=32_u16).flat_map(|n| (n * n).to_le_bytes()));
    fs::write(scene.path("a.img"), smv).unwrap();
    scene.simulator("sim", &values.iter().map(|v| *v as f32).collect::<Vec<_>>(), "");
    for image in ["a.npy", "a.img"] {
        for call in [
            format!("files {image} {image}"),
            format!("--reference-image {image} --candidate ./sim --outdir {image}.out"),
        ] {
            let end = if call.starts_with("files") { "" } else { " -- -N 5" };
            // The same number of pixels, so that nothing but the shape says it.
            let run = scene.run(&format!("{call} --shape 4 8{end}"));
            assert_eq!(run.code, 1, "{call}: {}{}", run.out, run.err);
            let told = format!("{image}` has 8 x 4 pixels; expected the same shape");
            assert!(run.err.contains("--shape `4 8`: ") && run.err.contains(&told), "{call}: {}", run.err);
            assert!(!scene.path(&format!("{image}.out")).exists(), "a wrong command line leaves nothing");
        }
        let run = scene.run(&format!("files {image} {image} --shape 8 4"));
        assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    }
}

/// What is printed is a result: where it does not arrive, nothing was said.
#[cfg(target_os = "linux")]
#[test]
fn a_full_standard_output_is_an_error_whatever_the_verdict() {
    let scene = Scene::new();
    scene.image("a.bin", &wave(32, 1.0));
    scene.simulator("sim", &wave(32, 1.0), "");
    fs::write(scene.path("t.csv"), "x\n1\n").unwrap();
    for call in [
        "files a.bin a.bin",
        "files a.bin a.bin --json",
        "files a.bin a.bin --quiet",
        "tables t.csv t.csv",
        "tables t.csv t.csv --json",
        "--reference ./sim --candidate ./sim --json -- -N 5",
        "man",
        "completions bash",
    ] {
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_nb-compare"))
            .args(call.split(' '))
            .current_dir(scene.path("."))
            .stdout(full)
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(5), "{call}: {told}");
        assert!(told.contains("standard output"), "{call}: {told}");
    }
}

#[test]
fn no_message_repeats_a_hundred_kilobytes() {
    let scene = Scene::new();
    scene.image("a.bin", &wave(32, 1.0));
    let long = "x".repeat(100_000);
    for call in [&["files", "a.bin", &long][..], &["matrix", &long], &["recompute", &long]] {
        let run = scene.run_with(call);
        assert!(run.code != 0 && run.err.contains("xxx"), "{}", run.code);
        assert!(run.err.len() < 20_000, "{} says {} bytes", call[0], run.err.len());
    }
}
