//! What `--parity` takes and does as the reference. Not here: its images (`golden_parity`).

use crate::at_the_shell::{in_empty_folder, run};
use crate::{SMALL, fine, float_image, names_in, reflections, refused};

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
    let (folder, output) =
        fine(&format!("--parity {SMALL} -frobnicate 7 word -mask nothing.img -distance 100mm"));
    assert!(output.stderr.contains("`nothing.img` cannot be opened"), "{}", output.stderr);
    assert_eq!(names_in(&folder), ["floatimage.bin", "image.pgm", "intimage.img", "noiseimage.img"]);
}

#[test]
fn a_parity_run_says_where_the_two_c_programs_differ_and_does_as_the_one_it_is_told() {
    let line = format!("--parity {SMALL} -misset 10 20 30 -misset_seed 5 -N 6 -nonoise");
    let image = |arguments: &str| {
        let (folder, output) = fine(arguments);
        (float_image(&folder, "floatimage.bin"), output.stderr)
    };
    let (default, warned) = image(&line);
    assert_eq!(warned.matches("C-DIALECT-001").count(), 1, "{warned}");
    let (fork, silent) = image(&format!("{line} --dialect fork"));
    assert_eq!((&fork, silent.as_str()), (&default, ""));
    let (upstream, _) = image(&format!("{line} --dialect upstream"));
    assert_eq!(upstream, image(&format!("--parity {SMALL} -misset 5 0 6 -N 6 -nonoise")).0);
    assert_ne!(upstream, fork);
    let (_folder, summary) = fine(&format!("{line} --dialect upstream --json"));
    let summary: serde_json::Value = serde_json::from_str(&summary.stdout).expect("one JSON object");
    assert_eq!(summary["dialect"], "upstream");
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
        let output = run(folder.path(), &format!("--parity --dialect {dialect} {flags}"));
        assert_eq!(output.code, Some(0), "{}", output.stderr);
        assert!(names_in(&folder).contains(&name.to_owned()), "{dialect}: {:?}", names_in(&folder));
    }
}

#[test]
fn a_broken_matrix_beside_a_cell_is_used_as_far_as_it_goes_by_parity_alone() {
    let folder = in_empty_folder();
    std::fs::write(folder.path().join("a.mat"), "0.01 0.02 x\n").expect("a small file");
    let output = run(folder.path(), &format!("{SMALL} -mat a.mat"));
    assert_eq!(output.code, Some(9), "{}", output.stderr);
    let output = run(folder.path(), &format!("--parity {SMALL} -mat a.mat"));
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    assert!(
        output.stderr.contains("`x` is not a number") && output.stderr.contains("passed over"),
        "{}",
        output.stderr
    );
}

#[test]
fn a_refinement_is_never_a_parity_run() {
    refused(&format!("refine --target x --params cell_a {SMALL} --parity"), 1, &["`refine` with `--parity`"]);
}
