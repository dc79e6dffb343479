//! The program as its users meet it: exit codes, messages, warnings, the forms of its output. Long, because all laws of the
//! command line use the same few helpers. Not here: damaged files (`bad_files`).

mod at_the_shell;

use at_the_shell::{Run, in_empty_folder, run};

/// A crystal that renders in a moment.
const SMALL: &str =
    "-default_F 100 -cell 100 100 100 90 90 90 -lambda 6.2 -N 5 -distance 100 -detpixels 32 -seed 1";

fn refused(arguments: &str, code: i32, in_stderr: &[&str]) {
    let folder = in_empty_folder();
    let done = run(folder.path(), arguments);
    assert_eq!(done.code, Some(code), "{arguments}: {}", done.stderr);
    for part in in_stderr {
        assert!(done.stderr.contains(part), "{arguments}: {part:?} not in\n{}", done.stderr);
    }
    assert_eq!(done.stderr.matches("error:").count(), 1, "an error is printed once: {}", done.stderr);
    assert_eq!(files(&folder), Vec::<String>::new(), "{arguments}: nothing is left behind");
}

fn files(folder: &tempfile::TempDir) -> Vec<String> {
    let entries = std::fs::read_dir(folder.path()).expect("the folder is there");
    let mut names: Vec<String> =
        entries.map(|e| e.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn fine(arguments: &str) -> (tempfile::TempDir, Run) {
    let folder = in_empty_folder();
    let done = run(folder.path(), arguments);
    assert_eq!(done.code, Some(0), "{arguments}: {}", done.stderr);
    (folder, done)
}

#[test]
fn a_wrong_command_line_exits_1_and_says_what_was_expected() {
    refused(&format!("{SMALL} -detpixel 5"), 1, &["unknown flag `-detpixel`", "hint:", "`-detpixels`"]);
    refused(&format!("{SMALL} -distance"), 1, &["`-distance` lacks a value", "(mm)"]);
    refused(&format!("{SMALL} -distance 60mm"), 1, &["`60mm` is not a number"]);
    refused(&format!("{SMALL} -N 5.5"), 1, &["`5.5` is not a whole number"]);
    refused(&format!("{SMALL} --threads many"), 1, &["--threads", "`many`"]);
    refused(&format!("{SMALL} stray"), 1, &["unexpected argument `stray`"]);
}

#[test]
fn values_that_describe_no_experiment_are_usage_errors() {
    refused(&format!("{SMALL} -pixel 0"), 1, &["-pixel", "more than 0", "(mm)"]);
    refused(&format!("{SMALL} -lambda -1"), 1, &["-lambda"]);
    refused(&format!("{SMALL} -distance 0"), 1, &["-distance"]);
    refused(&format!("{SMALL} -detpixels 2000000"), 1, &["2000000 x 2000000", "2147483647"]);
    refused(&format!("{SMALL} -detpixels -5"), 1, &["`-5`"]);
    refused(
        &format!("{SMALL} -hdivrange 1 -hdivsteps 100000 -vdivrange 1 -vdivsteps 100000"),
        1,
        &["sources"],
    );
    refused(&format!("{SMALL} -osc 1 -phisteps 2000000000"), 1, &["orientations"]);
    refused(&format!("{SMALL} -oversample 100000"), 1, &["steps per pixel"]);
    refused(&format!("{SMALL} --trace-pixel 32 0"), 1, &["--trace-pixel 32 0", "below 32"]);
}

#[test]
fn nonsense_is_refused_with_the_range_or_the_rule_it_breaks() {
    for (arguments, in_stderr) in [
        ("-cell 100 100 100 180 90 90", &["`180`", "less than 180"][..]),
        ("-cell 100 100 100 0 90 90", &["`0`", "more than 0"]),
        ("-cell 100 100 100 30 40 80", &["30 40 80", "sum of the other two"]),
        ("-lambda 1e-308", &["`1e-308`", "Å"]),
        ("-mosaic 1e308 -mosaic_dom 3", &["-mosaic", "0 to 180"]),
        ("-water -5", &["-water", "`-5`"]),
        ("-water 1e308", &["-water"]),
        ("-polar 5", &["-polar", "-1 to 1"]),
        ("-distance -100", &["-distance", "`-100`"]),
        ("-close_distance 0", &["-close_distance"]),
        ("-fluence -1", &["-fluence"]),
        ("-roi 2000 3000 0 5", &["-roi", "32 x 32 pixels"]),
        ("-roi 9 8 -1 -1", &["`9` to `8`", "fast"]),
        ("-roi -1 -1 5 4", &["`5` to `4`", "slow"]),
        ("-N 0", &["-N", "1 to"]),
        ("-phisteps -3", &["-phisteps"]),
        ("-osc 1 -phistep -1", &["-phistep"]),
        ("-osc -1", &["-osc"]),
        ("-oversample 0", &["-oversample"]),
        ("-beam_vector 0 0 0", &["-beam_vector", "no direction"]),
        ("-fdet_vector 0 1 0 -sdet_vector 0 -2 0", &["parallel"]),
    ] {
        refused(&format!("{SMALL} {arguments}"), 1, in_stderr);
    }
}

/// One warning, and only one, has all of these parts.
fn warned_once(arguments: &str, stderr: &str, parts: &[&str]) {
    let warned = |line: &&str| line.starts_with("warning:") && parts.iter().all(|part| line.contains(part));
    assert_eq!(stderr.lines().filter(warned).count(), 1, "{arguments}: {parts:?} in\n{stderr}");
}

#[test]
fn what_is_allowed_but_not_usual_is_named_with_the_unit_it_looks_like() {
    for (arguments, parts) in [
        ("-lambda 1e-10", ["`-lambda 1e-10`", "looks like metres"]),
        ("-energy 12.398", ["`-energy 12.398`", "looks like keV"]),
        ("-distance 0.1", ["`-distance 0.1`", "looks like metres"]),
        ("-pixel 100 -detpixels 4", ["`-pixel 100`", "looks like micrometres"]),
        ("-osc 400 -phisteps 2", ["`-osc 400`", "usually 0 to 360 degrees"]),
        ("-roi 0 40 0 5", ["-roi reaches to 40", "beyond the detector"]),
    ] {
        let (_folder, done) = fine(&format!("{SMALL} {arguments} -oversample 1"));
        warned_once(arguments, &done.stderr, &parts);
    }
}

#[test]
fn an_image_that_came_out_impossible_or_empty_is_named_once() {
    for (arguments, parts) in [
        ("-lambda 1e-10 -dmin 1", ["all 1024 rendered pixels are zero", "looks like metres"]),
        ("-dmin 1000 -roi 0 5 0 5", ["all 36 rendered pixels are zero", "-dmin"]),
        ("-fluence 1e60 -default_F 1e12", ["all 1024 rendered pixels are infinite", ""]),
        ("--parity -water -5 -default_F 1e-30", ["all 1024 rendered pixels are negative", ""]),
        ("--parity -cell 100 100 100 180 90 90", ["all 1024 rendered pixels are NaN", ""]),
    ] {
        let (_folder, done) = fine(&format!("{SMALL} {arguments}"));
        warned_once(arguments, &done.stderr, &parts);
    }
    let (_folder, done) = fine(&format!("{SMALL} -dmin 1000 -roi 0 5 0 5 --json"));
    assert!(done.stdout.contains("rendered pixels are zero"), "{}", done.stdout);
}

#[test]
fn a_beam_position_that_looks_like_pixels_is_named() {
    let (_folder, done) = fine(&format!("{SMALL} -detpixels 512 -Xbeam 320 -roi 0 31 0 31"));
    assert!(
        done.stderr.contains("`-Xbeam 320` is beside the detector")
            && done.stderr.contains("it looks like pixels"),
        "{}",
        done.stderr
    );
}

/// A file that serves as a header.
fn smv_header() -> Vec<u8> {
    let text = "{\nHEADER_BYTES=512;\nSIZE1=32;\nSIZE2=32;\n}";
    let mut bytes = format!("{text:<512}").into_bytes();
    bytes.resize(512 + 2 * 32 * 32, 0);
    bytes
}

#[test]
fn an_output_without_a_place_is_an_error_before_anything_is_computed() {
    // Rendered, it would take hours.
    let endless = "-detpixels 1000 -oversample 3000";
    for (output, path) in [
        ("-floatfile nowhere/x", "nowhere/x"),
        ("-intfile /dev", "/dev"),
        ("--png file/x", "file/x"),
        ("--npy folder", "folder"),
        ("--trace-pixel 1 1 --trace-file nowhere/x", "nowhere/x"),
        ("--grad cell_a --grad-dir file", "file"),
        ("--grad cell_a --grad-dir file/below", "file/below"),
    ] {
        let folder = in_empty_folder();
        let script = format!(
            "mkdir folder; touch file; exec timeout 20 {} {SMALL} {endless} {output}",
            at_the_shell::program().display()
        );
        let done = at_the_shell::shell(folder.path(), &script);
        assert_eq!(done.code, Some(9), "{output}: {}", done.stderr);
        assert!(done.stderr.contains(&format!("`{path}`: cannot be written")), "{output}: {}", done.stderr);
        assert_eq!(files(&folder), ["file", "folder"], "{output}");
    }
    fine(&format!("{SMALL} --grad cell_a --grad-dir made/of/three"));
}

#[test]
fn a_refinement_names_words_that_ask_for_what_it_does_not_do() {
    let folder = in_empty_folder();
    let made = run(folder.path(), &format!("{SMALL} --npy target.npy"));
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    let flags = "--target target.npy --params cell_a --steps 1 --blur none --png x.png -floatfile y.bin";
    let done = run(folder.path(), &format!("refine {SMALL} {flags}"));
    for word in ["--png", "-floatfile"] {
        assert!(done.stderr.contains(&format!("`{word}` has no effect on a refinement")), "{}", done.stderr);
    }
    assert!(!files(&folder).iter().any(|name| name == "x.png" || name == "y.bin"));
}

#[test]
fn an_output_has_a_file_of_its_own() {
    for arguments in [
        "-floatfile x -intfile x",
        "-floatfile x -intfile ./x",
        "-pgmfile x --png x",
        "--npy x --trace-file x --trace-pixel 1 1",
    ] {
        refused(&format!("{SMALL} {arguments}"), 1, &["`", "x`", "a file of its own"]);
    }
    let folder = in_empty_folder();
    reflections(folder.path());
    let before = std::fs::read(folder.path().join("list.hkl")).expect("a small file");
    let flags = "-hkl list.hkl -cell 100 100 100 -lambda 6.2 -N 5 -detpixels 32 -seed 1";
    for output in ["-floatfile list.hkl", "-dump list.hkl", "--png ./list.hkl", "-floatfile Fdump.bin"] {
        let done = run(folder.path(), &format!("{flags} {output}"));
        assert_eq!(done.code, Some(1), "{output}: {}", done.stderr);
        assert!(std::fs::read(folder.path().join("list.hkl")).expect("still there") == before, "{output}");
    }
    for script in [
        "nanobragg REST --grad cell_a --grad-dir g --npy g/cell_a.npy",
        "nanobragg REST --grad cell_a --grad-dir g/. -floatfile g/../g/cell_a.bin",
        "nanobragg REST --grad cell_a --grad-dir g -img g/cell_a.npy",
        "nanobragg refine REST --target g/refinement.json --params cell_a --out g",
        "nanobragg refine REST --target g/cell_a.npy --params cell_a --out g -mat g/convergence.svg",
    ] {
        let script = script.replace("nanobragg", &at_the_shell::program().display().to_string());
        let folder = in_empty_folder();
        std::fs::create_dir(folder.path().join("g")).expect("an empty folder");
        let file = smv_header();
        for name in ["cell_a.npy", "refinement.json", "convergence.svg"] {
            std::fs::write(folder.path().join("g").join(name), &file).expect("a small file");
        }
        let done = at_the_shell::shell(folder.path(), &script.replace("REST", SMALL));
        assert_eq!(done.code, Some(1), "{script}: {}", done.stderr);
        assert!(done.stderr.contains("a file of its own"), "{script}: {}", done.stderr);
        assert_eq!(files(&folder), ["g"], "{script}");
    }
    fine(&format!("{SMALL} -floatfile /dev/null -intfile /dev/null"));
    fine(&format!("--parity {SMALL} -floatfile x -intfile x"));
}

#[test]
fn parity_takes_any_value_as_the_reference_does() {
    for arguments in [
        "-polar 5",
        "-water -5",
        "-distance -100",
        "-phisteps -3",
        "-osc -1",
        "-roi 9 8 -1 -1",
        "-cell 9 9 9 180 90 90",
    ] {
        fine(&format!("--parity {SMALL} {arguments}"));
    }
}

#[test]
fn nothing_to_render_exits_9_as_the_reference_does() {
    refused("-cell 10 10 10 -N 5", 9, &["no structure factors", "usage:"]);
    refused("-default_F 1 -N 5", 9, &["no unit cell", "usage:"]);
    refused("", 9, &["nothing to render"]);
    refused("--parity -h", 9, &["nothing to render"]);
    refused("-hkl nothing.hkl -cell 10 10 10", 9, &["`nothing.hkl`"]);
    refused("-mat nothing.mat -default_F 1", 9, &["`nothing.mat`"]);
    refused(&format!("{SMALL} -sourcefile nothing.txt"), 9, &["`nothing.txt`"]);
    refused(&format!("{SMALL} -mask nothing.img"), 9, &["`nothing.img`"]);
}

#[test]
fn parity_passes_over_what_the_reference_passes_over() {
    let (folder, done) =
        fine(&format!("--parity {SMALL} -frobnicate 7 word -mask nothing.img -distance 100mm"));
    assert!(done.stderr.contains("`nothing.img` cannot be opened"), "{}", done.stderr);
    assert_eq!(files(&folder), ["floatimage.bin", "image.pgm", "intimage.img", "noiseimage.img"]);
}

#[test]
fn a_parity_run_says_where_the_two_c_programs_differ_and_does_as_the_one_it_is_told() {
    let line = format!("--parity {SMALL} -misset 10 20 30 -misset_seed 5 -N 6 -nonoise");
    let image = |arguments: &str| {
        let (folder, done) = fine(arguments);
        (float_image(&folder, "floatimage.bin"), done.stderr)
    };
    let (default, warned) = image(&line);
    assert_eq!(warned.matches("C-DIALECT-001").count(), 1, "{warned}");
    let (fork, silent) = image(&format!("{line} --dialect fork"));
    assert_eq!((&fork, silent.as_str()), (&default, ""));
    let (upstream, _) = image(&format!("{line} --dialect upstream"));
    assert_eq!(upstream, image(&format!("--parity {SMALL} -misset 5 0 6 -N 6 -nonoise")).0);
    assert_ne!(upstream, fork);
    let (_folder, told) = fine(&format!("{line} --dialect upstream --json"));
    let told: serde_json::Value = serde_json::from_str(&told.stdout).expect("one JSON object");
    assert_eq!(told["dialect"], "upstream");
    let (_, misnamed) = image(&format!("--parity {SMALL} -hdiv 1"));
    assert!(misnamed.contains("`-hdiv`") && misnamed.contains("`-hdivrange`"), "{misnamed}");
    refused(&format!("{SMALL} --dialect upstream"), 1, &["--dialect", "add --parity"]);
    refused(&format!("{SMALL} -xdet_vector 0 0 1"), 1, &["`-xdet_vector`", "`-fdet_vector`"]);
}

#[test]
fn the_cache_has_the_name_that_the_c_program_gives_it() {
    for (dialect, name) in [("fork", "Fdump.bin"), ("upstream", "other.bin")] {
        let folder = in_empty_folder();
        reflections(folder.path());
        let flags =
            "-hkl list.hkl -cell 100 100 100 -lambda 6.2 -N 5 -detpixels 32 -seed 1 -dump other.bin -nopgm";
        let done = run(folder.path(), &format!("--parity --dialect {dialect} {flags}"));
        assert_eq!(done.code, Some(0), "{}", done.stderr);
        assert!(files(&folder).contains(&name.to_owned()), "{dialect}: {:?}", files(&folder));
    }
}

#[test]
fn a_broken_matrix_beside_a_cell_is_used_as_far_as_it_goes_by_parity_alone() {
    let folder = in_empty_folder();
    std::fs::write(folder.path().join("a.mat"), "0.01 0.02 x\n").expect("a small file");
    let done = run(folder.path(), &format!("{SMALL} -mat a.mat"));
    assert_eq!(done.code, Some(9), "{}", done.stderr);
    let done = run(folder.path(), &format!("--parity {SMALL} -mat a.mat"));
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert!(
        done.stderr.contains("`x` is not a number") && done.stderr.contains("passed over"),
        "{}",
        done.stderr
    );
}

#[test]
fn unknown_flags_can_be_passed_over_without_parity() {
    fine(&format!("{SMALL} -frobnicate 7 word --ignore-unknown"));
}

#[test]
fn two_dashes_and_equals_signs_mean_the_same_as_one_dash_and_a_blank() {
    let (one, _) = fine(SMALL);
    let (two, _) = fine(
        "--default_F=100 --cell 100 100 100 90 90 90 --lambda=6.2 --N=5 --distance 100 --detpixels=32 --seed=1",
    );
    let read = |f: &tempfile::TempDir| std::fs::read(f.path().join("intimage.img")).expect("written");
    assert_eq!(read(&one), read(&two));
}

#[test]
fn information_is_printed_on_standard_output_and_nothing_is_rendered() {
    for (arguments, part) in [
        ("--help", "Usage: nanobragg"),
        ("-h", "Examples:"),
        ("--version", "nanobragg "),
        ("--list-defects", "C-PARITY-001"),
        ("--man", ".TH"),
        ("--completions bash", "_nanobragg"),
        ("--completions zsh", "#compdef nanobragg"),
        ("--completions fish", "complete -c nanobragg"),
    ] {
        let (folder, done) = fine(arguments);
        assert!(done.stdout.contains(part), "{arguments}: {}", &done.stdout[..done.stdout.len().min(300)]);
        assert_eq!(files(&folder), Vec::<String>::new());
    }
}

#[test]
fn the_list_of_defects_is_json_where_json_is_asked_for() {
    use nanobragg::defects::{DIFFERENCES, Defect};
    let (_folder, done) = fine("--list-defects --json");
    let list: serde_json::Value = serde_json::from_str(&done.stdout).expect("one JSON object");
    let ids = |key: &str| -> Vec<String> {
        let entries = list[key].as_array().expect("a list");
        entries.iter().map(|entry| entry["id"].as_str().expect("a text").to_owned()).collect()
    };
    assert_eq!(ids("defects"), Defect::ALL.iter().map(|defect| defect.id()).collect::<Vec<_>>());
    assert_eq!(ids("differences"), DIFFERENCES.iter().map(|difference| difference.id).collect::<Vec<_>>());
}

#[test]
fn a_misspelt_refine_is_refused_with_a_hint_at_it() {
    refused("refin --target x", 1, &["unexpected argument `refin`", "hint:", "`nanobragg refine`"]);
    let (_folder, done) = fine("refine --help");
    assert!(
        done.stdout.contains("--target IMAGE") && done.stdout.contains("Exit status:"),
        "{}",
        done.stdout
    );
}

#[test]
fn an_unknown_defect_is_named_beside_the_known_ones() {
    refused("--defect FOO=emulate", 1, &["`FOO` is no known defect", "C-PIVOT-001"]);
}

#[test]
fn the_help_text_is_as_reviewed() {
    let (_folder, done) = fine("--help");
    insta::assert_snapshot!("help", done.stdout);
}

#[test]
fn each_silent_override_of_the_reference_is_told_in_one_warning() {
    for (arguments, part) in [
        ("-pivot sample", "C-PIVOT-001"),
        ("-xds -pivot beam", "C-PIVOT-001"),
        ("-close_distance 90", "C-PIVOT-001"),
        ("-pix0_vector 0.1 0 0 --defect C-PIX0-001=emulate", "C-PIX0-001"),
        ("-xds -spindle_axis 1 0 0", "switched the convention from xds to CUSTOM"),
        ("-odet_vector 2 0 0", "rebuilt as fast axis x slow axis"),
        ("-samplesize 0.2 -beamsize 0.1 -oversample 1", "sample size along b clipped"),
        ("-fluence 1e20 -flux 1e10", "is overridden by flux*exposure/beamsize^2"),
        ("-oversample_thick --defect C-CAPTURE-001=emulate", "C-CAPTURE-001"),
        ("-mosaic 1", "takes 10 domains"),
        ("-mosaic_dom 5", "one mosaic domain"),
        ("-phi 1 -phistep 0.1 -phisteps 5", "`-phisteps 5` has no effect"),
        ("-hdivstep 1 -hdivsteps 3", "`-hdivsteps 3` has no effect"),
        ("-detector_thick 100", "attenuation depth is taken equal"),
    ] {
        let (_folder, done) = fine(&format!("{SMALL} {arguments}"));
        let told = done.stderr.lines().filter(|l| l.starts_with("warning:") && l.contains(part)).count();
        assert_eq!(told, 1, "{arguments}: {part:?} in\n{}", done.stderr);
    }
    let (_folder, done) = fine(SMALL);
    assert_eq!(done.stderr, "", "a plain run has nothing to warn about");
}

#[test]
fn flags_that_contradict_each_other_are_named() {
    for (arguments, part) in [
        ("-energy 5000", "`-lambda` has no effect: `-energy` comes after it"),
        ("-energy 5000 -wave 1", "`-energy` has no effect: `-wave` comes after it"),
        ("-gauss_xtal -round_xtal", "`-gauss_xtal` has no effect: `-round_xtal` comes after it"),
        ("-xds -denzo", "`-xds` has no effect: `-denzo` comes after it"),
        ("-polar 1 -nopolar", "`-polar` has no effect: `-nopolar` comes after it"),
        ("-noisefile x.img -nonoise", "`-noisefile` has no effect: `-nonoise` comes after it"),
        ("-detsize 100", "`-detsize` has no effect along the fast axis: "),
        ("-N 4 -samplesize 0.0001", "`-N` has no effect along b: `-samplesize` makes the number of cells"),
        (
            "-hdivrange 1 -hdivsteps 3 -hdivstep 1",
            "`-hdivsteps 3` of `-hdivstep 1` cover 2 mrad, not the `-hdivrange 1`",
        ),
        ("-phi 1 -osc 1 -phisteps 10 -phistep 0.5", "cover 5 degrees, not the `-osc 1`"),
        ("-hdivsteps 3", "`-hdivsteps` without -hdivrange spans a radian"),
        ("-detector_abs 100", "`-detector_abs` has no effect without -detector_thick"),
        ("-thicksteps 5", "`-thicksteps` has no effect without -detector_thick"),
        ("-exposure 2", "`-exposure` has no effect without -flux"),
        ("-dispsteps 5", "`-dispsteps` has no effect without -dispersion"),
    ] {
        let (_folder, done) = fine(&format!("{SMALL} {arguments}"));
        let told = done.stderr.lines().filter(|l| l.starts_with("warning:") && l.contains(part)).count();
        assert_eq!(told, 1, "{arguments}: {part:?} in\n{}", done.stderr);
        let (_folder, parity) = fine(&format!("--parity {SMALL} {arguments}"));
        assert!(!parity.stderr.contains(part), "{arguments}: the reference takes it\n{}", parity.stderr);
    }
    for arguments in [
        "-lambda 1 -lambda 2",
        "-N 3 -Na 4",
        "-hdivrange 2 -hdivsteps 3 -hdivstep 1",
        "-phi 1 -osc 1 -phisteps 10 -phistep 0.1",
        "-detector_thick 100 -detector_abs 200 -thicksteps 5",
        "-detector_abs inf",
    ] {
        let (_folder, done) = fine(&format!("{SMALL} {arguments}"));
        assert_eq!(done.stderr, "", "{arguments} contradicts nothing");
    }
}

#[test]
fn a_zero_that_counts_as_no_value_is_named() {
    for (zero, other) in
        [("-scale 0", "-scale 2"), ("-pgmscale 0", "-pgmscale 2"), ("-flux 0.0", "-flux 1e18")]
    {
        let word = zero.split(' ').next().expect("a flag");
        let part = format!("`{word} 0` counts as not given: ");
        let told = |arguments: &str| {
            let (_folder, done) = fine(&format!("{SMALL} {arguments}"));
            done.stderr.lines().filter(|l| l.starts_with("warning:") && l.contains(&part)).count()
        };
        assert_eq!((told(zero), told(other)), (1, 0), "{word}");
        // The last one counts.
        assert_eq!((told(&format!("{zero} {other}")), told(&format!("{other} {zero}"))), (0, 1), "{word}");
        assert_eq!(told(&format!("--parity {zero}")), 0, "{word}: the reference says nothing");
    }
    let (_folder, done) = fine(&format!("{SMALL} -osc 1 -phistep 0"));
    assert!(done.stderr.contains("`-phistep 0` counts as not given"), "{}", done.stderr);
}

#[test]
fn words_and_cells_that_the_reference_completes_by_itself_are_named() {
    let (_folder, done) = fine(&format!("{SMALL} -cell 100 100 100 90 90"));
    assert!(done.stderr.contains("`-cell` has 5 values, usually 1, 3 or 6"), "{}", done.stderr);
    let (_folder, done) = fine(&format!("{SMALL} -cell 100 100 100"));
    assert_eq!(done.stderr, "");
    refused(&format!("{SMALL} -pivot foo"), 1, &["`-pivot`: unknown pivot `foo`; expected beam or sample"]);
    fine(&format!("--parity {SMALL} -pivot foo"));
}

#[test]
fn flags_beside_a_file_that_brings_their_quantity_are_named() {
    let folder = in_empty_folder();
    std::fs::write(folder.path().join("sources.txt"), "0 0 -1 1 1e-10\n").expect("a small file");
    std::fs::write(folder.path().join("a.mat"), "0.02 0 0\n0 0.02 0\n0 0 0.02\n").expect("a small file");
    let arguments = format!("{SMALL} -sourcefile sources.txt -dispersion 1 -dispsteps 3 -mat a.mat");
    let done = run(folder.path(), &arguments);
    for part in [
        "`-dispersion` has no effect beside -sourcefile",
        "`-dispsteps` has no effect beside -sourcefile",
        "`-cell` has no effect beside -mat",
    ] {
        assert!(done.stderr.contains(part), "{part} in\n{}", done.stderr);
    }
}

/// Seven reflections along each axis, enough for interpolation at the beam and nowhere else.
fn reflections(folder: &std::path::Path) {
    let mut text = String::new();
    for h in -3..=3 {
        for k in -3..=3 {
            for l in -3..=3 {
                text += &format!("{h} {k} {l} {}\n", 100 + h * 10 + k - l);
            }
        }
    }
    std::fs::write(folder.join("list.hkl"), text).expect("a small file");
}

#[test]
fn the_reflection_cache_is_written_reused_and_told_about() {
    let folder = in_empty_folder();
    reflections(folder.path());
    let rest = "-cell 100 100 100 -lambda 6.2 -N 5 -distance 100 -detpixels 32 -seed 1";
    let first = run(folder.path(), &format!("-hkl list.hkl {rest} -floatfile a.bin"));
    let second = run(folder.path(), &format!("{rest} -floatfile b.bin"));
    assert_eq!((first.code, second.code), (Some(0), Some(0)), "{} {}", first.stderr, second.stderr);
    assert!(second.stderr.contains("cache `Fdump.bin`"), "{}", second.stderr);
    let read = |name: &str| std::fs::read(folder.path().join(name)).expect("written");
    assert_eq!(read("a.bin"), read("b.bin"));

    let named = run(folder.path(), &format!("-hkl list.hkl {rest} -dump other.bin"));
    assert_eq!(named.code, Some(0), "{}", named.stderr);
    assert_eq!(read("other.bin"), read("Fdump.bin"));
}

#[test]
fn leaving_the_reflection_list_is_told_with_its_place() {
    let folder = in_empty_folder();
    reflections(folder.path());
    let rest =
        "-hkl list.hkl -cell 100 100 100 -lambda 1 -N 1 -distance 100 -detpixels 64 -pixel 0.5 -seed 1";
    let stops = run(folder.path(), &format!("{rest} --defect C-INTERP-001=emulate"));
    assert!(
        stops.stderr.contains("C-INTERP-001") && stops.stderr.contains("pixel slow 0, fast 0"),
        "{}",
        stops.stderr
    );
    let goes_on = run(folder.path(), rest);
    assert!(goes_on.stderr.contains("nearest reflection is taken there"), "{}", goes_on.stderr);
}

#[test]
fn quiet_says_nothing_and_json_says_it_all_in_one_object() {
    let (_folder, done) = fine(&format!("{SMALL} --quiet"));
    assert_eq!(done.stdout, "");

    let (folder, done) = fine(&format!("{SMALL} --json"));
    let summary: serde_json::Value = serde_json::from_str(&done.stdout).expect("one JSON object");
    assert_eq!(summary["configuration"]["beam"]["wavelength"], 6.2e-10);
    assert_eq!(summary["configuration"]["defects"]["C-PARITY-001"], "correct");
    assert_eq!(summary["experiment"]["steps"], 1);
    assert_eq!(
        summary["dialect"],
        serde_json::Value::Null,
        "only a parity run is like one of the C programs"
    );
    let image = float_image(&folder, "floatimage.bin");
    let max = image.iter().copied().fold(0.0_f32, f32::max);
    assert_eq!(summary["statistics"]["max"], f64::from(max));
    let sum: f64 = image.iter().map(|p| f64::from(*p)).sum();
    assert_eq!(summary["statistics"]["sum"], sum);
    assert_eq!(summary["files"].as_array().map(Vec::len), Some(4));
}

#[test]
fn every_file_is_named_in_the_summary_and_a_run_without_our_own_files_says_nothing_of_them() {
    let (_folder, plain) = fine(SMALL);
    assert!(!plain.stdout.contains("wrote "), "{}", plain.stdout);
    let own =
        "--png a.png --npy a.npy --trace-pixel 1 2 --trace-file a.trace --grad cell_a --grad-dir slopes";
    let (folder, done) = fine(&format!("{SMALL} {own}"));
    let wrote: Vec<&str> = done.stdout.lines().filter_map(|line| line.strip_prefix("wrote ")).collect();
    for file in ["a.png", "a.npy", "a.trace"] {
        assert_eq!(wrote.iter().filter(|name| **name == file).count(), 1, "{file}: {wrote:?}");
    }
    assert!(wrote.iter().all(|name| folder.path().join(name).is_file()), "{wrote:?}");

    let (_folder, done) = fine(&format!("{SMALL} --json {own}"));
    let summary: serde_json::Value = serde_json::from_str(&done.stdout).expect("one JSON object");
    let kinds: Vec<_> = summary["files"].as_array().expect("a list").iter().map(|f| &f["kind"]).collect();
    assert!(
        ["png", "npy", "trace"].iter().all(|kind| kinds.contains(&&serde_json::json!(kind))),
        "{kinds:?}"
    );
}

fn float_image(folder: &tempfile::TempDir, name: &str) -> Vec<f32> {
    let bytes = std::fs::read(folder.path().join(name)).expect("written");
    bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()
}

#[test]
fn picture_and_numpy_file_show_the_float_image() {
    let (folder, _) = fine(&format!("{SMALL} --png a.png --npy a.npy"));
    let image = float_image(&folder, "floatimage.bin");
    let array = nanobragg::image::npy::read(&folder.path().join("a.npy")).expect("a NumPy array").into_f32();
    assert_eq!((array.fast, array.slow), (32, 32));
    assert_eq!(array.data, image);

    let file = std::io::BufReader::new(std::fs::File::open(folder.path().join("a.png")).expect("written"));
    let mut reader = png::Decoder::new(file).read_info().expect("a PNG file");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
    let info = reader.next_frame(&mut pixels).expect("a picture");
    assert_eq!((info.width, info.height), (32, 32));
    let brightest = (0..image.len()).max_by(|a, b| image[*a].total_cmp(&image[*b])).expect("pixels");
    assert_eq!(pixels[brightest], 255, "the brightest pixel is white");
    assert!(pixels.contains(&0), "and something is black");

    let (_folder, _) = fine(&format!("{SMALL} --png a.png --png-scale log"));
}

#[test]
fn an_unwritable_folder_is_an_error_with_its_name_and_leaves_nothing() {
    refused(
        &format!("{SMALL} -floatfile nowhere/float.bin"),
        9,
        &["`nowhere/float.bin`", "cannot be written"],
    );
}

#[test]
fn a_full_disk_leaves_no_partial_file() {
    let folder = in_empty_folder();
    // The shell's file-size limit stands for a full disk: writing beyond it fails.
    let script = format!(
        "trap '' XFSZ; ulimit -f 1; exec {} {SMALL} -detpixels 64 --quiet",
        at_the_shell::program().display()
    );
    let done = at_the_shell::shell(folder.path(), &script);
    assert_eq!(done.code, Some(9), "{}", done.stderr);
    assert!(done.stderr.contains("`floatimage.bin`"), "{}", done.stderr);
    assert_eq!(files(&folder), Vec::<String>::new());

    if std::path::Path::new("/dev/full").exists() {
        let done = run(folder.path(), &format!("{SMALL} -floatfile /dev/full"));
        assert_eq!(done.code, Some(9), "{}", done.stderr);
    }
}

#[test]
fn an_older_file_survives_a_failed_run() {
    let folder = in_empty_folder();
    std::fs::write(folder.path().join("intimage.img"), "precious").expect("a small file");
    let done = run(folder.path(), &format!("{SMALL} -floatfile nowhere/float.bin"));
    assert_eq!(done.code, Some(9));
    assert_eq!(std::fs::read(folder.path().join("intimage.img")).expect("still there"), b"precious");
}

#[test]
fn printing_pixels_shows_those_asked_for() {
    let (_folder, done) = fine(&format!("{SMALL} -printout -roi 3 4 5 6"));
    assert_eq!(done.stdout.matches(" : stol = ").count(), 4);
    let (_folder, done) = fine(&format!("{SMALL} -printout_pixel 7 9"));
    assert_eq!(done.stdout.matches("   7    9 : stol = ").count(), 1);
    assert_eq!(done.stdout.matches(" : stol = ").count(), 1);
}

#[test]
fn pixels_to_print_or_trace_beside_the_detector_are_usage_errors_but_not_under_parity() {
    for flag in ["-printout_pixel 32 5", "-printout_pixel 5 32", "-trace_pixel 32 5", "-trace_pixel 5 99"] {
        refused(&format!("{SMALL} {flag}"), 1, &[flag, "slow below 32 and fast below 32"]);
        fine(&format!("{SMALL} {flag} --parity"));
    }
    fine(&format!("{SMALL} -printout_pixel 31 31 -trace_pixel 31 31"));
    fine(&format!("{SMALL} -trace_pixel -1 -1"));
}

#[test]
fn a_beam_polarised_along_itself_is_a_usage_error_where_it_matters() {
    let along = "-beam_vector 0 0 1";
    let problem = "the electric vector of the beam is parallel to the beam";
    refused(&format!("{SMALL} {along} -polar 0.9"), 1, &[problem, "-polar_vector"]);
    refused(&format!("{SMALL} {along} -hdivrange 1 -hdivsteps 3"), 1, &[problem]);
    refused(&format!("{SMALL} -polar_vector -3 0 0"), 1, &[problem]);
    fine(&format!("{SMALL} {along}"));
    fine(&format!("{SMALL} {along} -polar 0.9 -polar_vector 0 1 0"));
    fine(&format!("{SMALL} {along} -polar 0.9 --parity"));
}

#[test]
fn layers_of_a_sensor_have_a_limit_and_absurd_products_of_counts_are_named_with_their_size() {
    refused(&format!("{SMALL} -detector_thick 300 -thicksteps 2000000000"), 1, &["-thicksteps", "1 to 1e5"]);
    let (_, done) = fine(&format!("{SMALL} -detector_thick 300 -thicksteps 5"));
    assert!(!done.stderr.contains("terms"), "that is not much: {}", done.stderr);
    let folder = in_empty_folder();
    let program = at_the_shell::program();
    let flags = "-oversample 3000 -osc 1 -phisteps 200 -detector_thick 300 -thicksteps 50";
    let script = format!("timeout 2 {} {SMALL} {flags} -roi 5 30 5 30", program.display());
    let done = at_the_shell::shell(folder.path(), &script);
    let expected = "676 pixels x 1800000000 steps x 50 layers of the sensor";
    assert!(done.stderr.contains(expected), "{}", done.stderr);
}

#[test]
fn a_warning_says_of_a_centre_flag_that_it_does_not_move_the_detector_exactly_where_it_does_not() {
    let image = |flags: &str| {
        let (folder, done) = fine(&format!("{SMALL} {flags} -floatfile float.bin"));
        (std::fs::read(folder.path().join("float.bin")).expect("written"), done.stderr)
    };
    let pairs = [["-Xbeam", "-Ybeam"], ["-Xclose", "-Yclose"], ["-ORGX", "-ORGY"]];
    for convention in ["-mosflm", "-adxv", "-denzo", "-xds", "-dials"] {
        let (plain, _) = image(convention);
        for [x, y] in pairs {
            let (moved, said) = image(&format!("{convention} {x} 1.3 {y} 1.1"));
            let warned = said.contains("does not move the detector");
            assert_eq!(warned, moved == plain, "{convention} {x}: {said}");
            assert_eq!(warned, said.contains(&format!("`{y}` does not move the detector")), "{said}");
        }
    }
    let (_, said) = image("-xds -Xbeam 1 -Ybeam 1");
    assert!(said.contains("whose programs use -ORGX and -ORGY (pixels"), "{said}");
    let (_, said) = image("-xds -Xbeam 1 -Ybeam 1 --parity");
    assert!(!said.contains("does not move"), "{said}");
}

#[test]
fn options_without_effect_are_named_with_what_they_need() {
    for (flags, needed) in [
        ("--trace-file x", "--trace-pixel"),
        ("--trace-depth step", "--trace-pixel"),
        ("--trace-format jsonl", "--trace-pixel"),
        ("--png-scale log", "--png"),
        ("--grad-dir x", "--grad"),
    ] {
        let word = flags.split(' ').next().expect("a word");
        let (_, done) = fine(&format!("{SMALL} {flags}"));
        let expected = format!("`{word}` has no effect without {needed}");
        assert!(done.stderr.contains(&expected), "{flags}: {}", done.stderr);
    }
    let (_, done) = fine(&format!("{SMALL} -trace_pixel 1 1 --trace-file x --png-scale log --png y"));
    assert!(!done.stderr.contains("no effect"), "{}", done.stderr);
}

#[test]
fn an_option_is_no_value_of_the_option_before_it() {
    for words in ["--png --quiet", "--npy -floatfile", "--png --detpixels 5", "--grad-dir --json", "--png="] {
        refused(&format!("{SMALL} {words}"), 1, &["needs a value"]);
    }
    refused(&format!("refine --target --params cell_a {SMALL}"), 1, &["`--target` needs a value"]);
    refused(&format!("refine --target x --params -cell {SMALL}"), 1, &["`--params` needs a value"]);
    let (folder, _) = fine(&format!("{SMALL} --npy=-floatfile"));
    assert!(files(&folder).contains(&"-floatfile".to_owned()));
}

#[test]
fn detectors_and_axes_that_distort_the_image_are_named() {
    for flags in ["-detector_roty 90", "-detector_rotz 90", "-odet_vector 0 1 0 -fdet_vector 1 0 0"] {
        let (_, done) = fine(&format!("{SMALL} {flags}"));
        assert!(
            done.stderr.contains("the beam lies in the plane of the detector"),
            "{flags}: {}",
            done.stderr
        );
    }
    let (_, done) = fine(&format!("{SMALL} -twotheta_axis 0 2 0 -twotheta 10"));
    assert!(done.stderr.contains("-twotheta_axis has a length of 2"), "{}", done.stderr);
    let (_, done) = fine(&format!("{SMALL} -twotheta_axis 0 -1 0 -twotheta 10"));
    assert!(!done.stderr.contains("length") && !done.stderr.contains("plane of"), "{}", done.stderr);
    refused(&format!("{SMALL} -beam_vector 1e-200 0 0"), 1, &["has no direction"]);
}

#[test]
fn a_refinement_is_never_a_parity_run() {
    refused(&format!("refine --target x --params cell_a {SMALL} --parity"), 1, &["`refine` with `--parity`"]);
}
