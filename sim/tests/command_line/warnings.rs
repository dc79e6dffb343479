//! What is allowed and named in a warning. Not here: what is refused (`refusals`).

use crate::at_the_shell::{in_empty_folder, run};
use crate::{SMALL, fine, names_in, refused};

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
        let (_folder, output) = fine(&format!("{SMALL} {arguments} -oversample 1"));
        warned_once(arguments, &output.stderr, &parts);
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
        let (_folder, output) = fine(&format!("{SMALL} {arguments}"));
        warned_once(arguments, &output.stderr, &parts);
    }
    let (_folder, output) = fine(&format!("{SMALL} -dmin 1000 -roi 0 5 0 5 --json"));
    assert!(output.stdout.contains("rendered pixels are zero"), "{}", output.stdout);
}

#[test]
fn a_beam_position_that_looks_like_pixels_is_named() {
    let (_folder, output) = fine(&format!("{SMALL} -detpixels 512 -Xbeam 320 -roi 0 31 0 31"));
    assert!(
        output.stderr.contains("`-Xbeam 320` is beside the detector")
            && output.stderr.contains("it looks like pixels"),
        "{}",
        output.stderr
    );
}

#[test]
fn a_refinement_names_words_that_ask_for_what_it_does_not_do() {
    let folder = in_empty_folder();
    let made = run(folder.path(), &format!("{SMALL} --npy target.npy"));
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    let flags = "--target target.npy --params cell_a --steps 1 --blur none --png x.png -floatfile y.bin";
    let output = run(folder.path(), &format!("refine {SMALL} {flags}"));
    for word in ["--png", "-floatfile"] {
        assert!(
            output.stderr.contains(&format!("`{word}` has no effect on a refinement")),
            "{}",
            output.stderr
        );
    }
    assert!(!names_in(&folder).iter().any(|name| name == "x.png" || name == "y.bin"));
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
        let (_folder, output) = fine(&format!("{SMALL} {arguments}"));
        let warnings =
            output.stderr.lines().filter(|l| l.starts_with("warning:") && l.contains(part)).count();
        assert_eq!(warnings, 1, "{arguments}: {part:?} in\n{}", output.stderr);
    }
    let (_folder, output) = fine(SMALL);
    assert_eq!(output.stderr, "", "a plain run has nothing to warn about");
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
        let (_folder, output) = fine(&format!("{SMALL} {arguments}"));
        let warnings =
            output.stderr.lines().filter(|l| l.starts_with("warning:") && l.contains(part)).count();
        assert_eq!(warnings, 1, "{arguments}: {part:?} in\n{}", output.stderr);
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
        let (_folder, output) = fine(&format!("{SMALL} {arguments}"));
        assert_eq!(output.stderr, "", "{arguments} contradicts nothing");
    }
}

#[test]
fn a_zero_that_counts_as_no_value_is_named() {
    for (zero, other) in
        [("-scale 0", "-scale 2"), ("-pgmscale 0", "-pgmscale 2"), ("-flux 0.0", "-flux 1e18")]
    {
        let word = zero.split(' ').next().expect("a flag");
        let part = format!("`{word} 0` counts as not given: ");
        let warnings = |arguments: &str| {
            let (_folder, output) = fine(&format!("{SMALL} {arguments}"));
            output.stderr.lines().filter(|l| l.starts_with("warning:") && l.contains(&part)).count()
        };
        assert_eq!((warnings(zero), warnings(other)), (1, 0), "{word}");
        // The last one counts.
        assert_eq!(
            (warnings(&format!("{zero} {other}")), warnings(&format!("{other} {zero}"))),
            (0, 1),
            "{word}"
        );
        assert_eq!(warnings(&format!("--parity {zero}")), 0, "{word}: the reference says nothing");
    }
    let (_folder, output) = fine(&format!("{SMALL} -osc 1 -phistep 0"));
    assert!(output.stderr.contains("`-phistep 0` counts as not given"), "{}", output.stderr);
}

#[test]
fn words_and_cells_that_the_reference_completes_by_itself_are_named() {
    let (_folder, output) = fine(&format!("{SMALL} -cell 100 100 100 90 90"));
    assert!(output.stderr.contains("`-cell` has 5 values, usually 1, 3 or 6"), "{}", output.stderr);
    let (_folder, output) = fine(&format!("{SMALL} -cell 100 100 100"));
    assert_eq!(output.stderr, "");
    refused(&format!("{SMALL} -pivot foo"), 1, &["`-pivot`: unknown pivot `foo`; expected beam or sample"]);
    fine(&format!("--parity {SMALL} -pivot foo"));
}

#[test]
fn flags_beside_a_file_that_brings_their_quantity_are_named() {
    let folder = in_empty_folder();
    std::fs::write(folder.path().join("sources.txt"), "0 0 -1 1 1e-10\n").expect("a small file");
    std::fs::write(folder.path().join("a.mat"), "0.02 0 0\n0 0.02 0\n0 0 0.02\n").expect("a small file");
    let arguments = format!("{SMALL} -sourcefile sources.txt -dispersion 1 -dispsteps 3 -mat a.mat");
    let output = run(folder.path(), &arguments);
    for part in [
        "`-dispersion` has no effect beside -sourcefile",
        "`-dispsteps` has no effect beside -sourcefile",
        "`-cell` has no effect beside -mat",
    ] {
        assert!(output.stderr.contains(part), "{part} in\n{}", output.stderr);
    }
}

#[test]
fn a_warning_says_of_a_centre_flag_that_it_does_not_move_the_detector_exactly_where_it_does_not() {
    let image = |flags: &str| {
        let (folder, output) = fine(&format!("{SMALL} {flags} -floatfile float.bin"));
        (std::fs::read(folder.path().join("float.bin")).expect("written"), output.stderr)
    };
    let pairs = [["-Xbeam", "-Ybeam"], ["-Xclose", "-Yclose"], ["-ORGX", "-ORGY"]];
    for convention in ["-mosflm", "-adxv", "-denzo", "-xds", "-dials"] {
        let (plain, _) = image(convention);
        for [x, y] in pairs {
            let (moved, stderr) = image(&format!("{convention} {x} 1.3 {y} 1.1"));
            let warned = stderr.contains("does not move the detector");
            assert_eq!(warned, moved == plain, "{convention} {x}: {stderr}");
            assert_eq!(warned, stderr.contains(&format!("`{y}` does not move the detector")), "{stderr}");
        }
    }
    let (_, stderr) = image("-xds -Xbeam 1 -Ybeam 1");
    assert!(stderr.contains("whose programs use -ORGX and -ORGY (pixels"), "{stderr}");
    let (_, stderr) = image("-xds -Xbeam 1 -Ybeam 1 --parity");
    assert!(!stderr.contains("does not move"), "{stderr}");
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
        let (_, output) = fine(&format!("{SMALL} {flags}"));
        let expected = format!("`{word}` has no effect without {needed}");
        assert!(output.stderr.contains(&expected), "{flags}: {}", output.stderr);
    }
    let (_, output) = fine(&format!("{SMALL} -trace_pixel 1 1 --trace-file x --png-scale log --png y"));
    assert!(!output.stderr.contains("no effect"), "{}", output.stderr);
}

#[test]
fn detectors_and_axes_that_distort_the_image_are_named() {
    for flags in ["-detector_roty 90", "-detector_rotz 90", "-odet_vector 0 1 0 -fdet_vector 1 0 0"] {
        let (_, output) = fine(&format!("{SMALL} {flags}"));
        assert!(
            output.stderr.contains("the beam lies in the plane of the detector"),
            "{flags}: {}",
            output.stderr
        );
    }
    let (_, output) = fine(&format!("{SMALL} -twotheta_axis 0 2 0 -twotheta 10"));
    assert!(output.stderr.contains("-twotheta_axis has a length of 2"), "{}", output.stderr);
    let (_, output) = fine(&format!("{SMALL} -twotheta_axis 0 -1 0 -twotheta 10"));
    assert!(!output.stderr.contains("length") && !output.stderr.contains("plane of"), "{}", output.stderr);
    refused(&format!("{SMALL} -beam_vector 1e-200 0 0"), 1, &["has no direction"]);
}
