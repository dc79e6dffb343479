//! What the command line refuses, and how words of it may be spelt. Not here: what is allowed and warned of (`warnings`).

use crate::at_the_shell::{self, in_empty_folder};
use crate::{SMALL, fine, names_in, refused};

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
fn unknown_flags_can_be_passed_over_without_parity() {
    fine(&format!("{SMALL} -frobnicate 7 word --ignore-unknown"));
}

#[test]
fn a_misspelt_refine_is_refused_with_a_hint_at_it() {
    refused("refin --target x", 1, &["unexpected argument `refin`", "hint:", "`nanobragg refine`"]);
    let (_folder, output) = fine("refine --help");
    assert!(
        output.stdout.contains("--target IMAGE") && output.stdout.contains("Exit status:"),
        "{}",
        output.stdout
    );
}

#[test]
fn an_unknown_defect_is_named_beside_the_known_ones() {
    refused("--defect FOO=emulate", 1, &["`FOO` is no known defect", "C-PIVOT-001"]);
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
    let (_, output) = fine(&format!("{SMALL} -detector_thick 300 -thicksteps 5"));
    assert!(!output.stderr.contains("terms"), "that is not much: {}", output.stderr);
    let folder = in_empty_folder();
    let program = at_the_shell::program();
    let flags = "-oversample 3000 -osc 1 -phisteps 200 -detector_thick 300 -thicksteps 50";
    let script = format!("timeout 2 {} {SMALL} {flags} -roi 5 30 5 30", program.display());
    let output = at_the_shell::shell(folder.path(), &script);
    let expected = "676 pixels x 1800000000 steps x 50 layers of the sensor";
    assert!(output.stderr.contains(expected), "{}", output.stderr);
}

#[test]
fn an_option_is_no_value_of_the_option_before_it() {
    for incomplete in
        ["--png --quiet", "--npy -floatfile", "--png --detpixels 5", "--grad-dir --json", "--png="]
    {
        refused(&format!("{SMALL} {incomplete}"), 1, &["needs a value"]);
    }
    refused(&format!("refine --target --params cell_a {SMALL}"), 1, &["`--target` needs a value"]);
    refused(&format!("refine --target x --params -cell {SMALL}"), 1, &["`--params` needs a value"]);
    let (folder, _) = fine(&format!("{SMALL} --npy=-floatfile"));
    assert!(names_in(&folder).contains(&"-floatfile".to_owned()));
}
