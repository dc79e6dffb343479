//! Every known defect of the reference can be turned on and off by itself, and what changes is what the list says.

mod at_the_shell;

use at_the_shell::{Run, in_empty_folder, run};
use nanobragg::defects::{Defect, Treatment};

const SMALL: &str = "-default_F 100 -cell 70 80 90 75 85 95 -lambda 1.2 -N 5 -distance 60 -pixel 0.5 -detpixels 24 -oversample 1 -seed 1";

/// The float image and the run.
fn rendered(arguments: &str) -> (Vec<f32>, Run) {
    let folder = in_empty_folder();
    std::fs::write(folder.path().join("header.img"), header()).expect("a small file");
    std::fs::write(folder.path().join("list.hkl"), reflections()).expect("a small file");
    let output = run(folder.path(), arguments);
    assert_eq!(output.code, Some(0), "{arguments}: {}", output.stderr);
    let bytes = std::fs::read(folder.path().join("floatimage.bin")).expect("written");
    (bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect(), output)
}

fn reflections() -> String {
    let mut text = String::new();
    for h in -4..=4 {
        for k in -4..=4 {
            for l in -4..=4 {
                text += &format!("{h} {k} {l} {}\n", 50 + 7 * h - 5 * k + 3 * l);
            }
        }
    }
    text
}

/// A header whose CLOSE_DISTANCE comes after its DISTANCE, and with a key that only holds OSC_RANGE.
fn header() -> Vec<u8> {
    let mut bytes = b"{\nHEADER_BYTES=512;\nDIM=2;\nBYTE_ORDER=little_endian;\nTYPE=unsigned_short;\nSIZE1=24;\nSIZE2=24;\n\
        PIXEL_SIZE=0.5;\nDISTANCE=60;\nCLOSE_DISTANCE=50;\nTEST_OSC_RANGE=3;\n}\x0c"
        .to_vec();
    bytes.resize(512, b' ');
    bytes.resize(512 + 24 * 24 * 2, 1);
    bytes
}

/// Images with the defect emulated and corrected.
fn both(id: &str, arguments: &str) -> (Vec<f32>, Vec<f32>) {
    let image = |treatment| rendered(&format!("{SMALL} {arguments} --defect {id}={treatment}")).0;
    (image("emulate"), image("correct"))
}

#[test]
fn phi_carry_over_touches_only_sweeps_through_zero() {
    let (emulated, corrected) = both("C-PARITY-001", "-phi 0 -osc 3 -phisteps 3");
    assert_ne!(emulated, corrected);
    let (emulated, corrected) = both("C-PARITY-001", "-phi 0.1 -osc 3 -phisteps 3");
    assert_eq!(emulated, corrected);
    let by_mode = |mode| rendered(&format!("{SMALL} -phi 0 -osc 3 -phisteps 3 --phi-mode {mode}")).0;
    let (emulated, corrected) = both("C-PARITY-001", "-phi 0 -osc 3 -phisteps 3");
    assert_eq!((by_mode("c-parity"), by_mode("spec")), (emulated, corrected));
}

#[test]
fn the_corrected_zero_step_is_the_unrotated_crystal() {
    // One step at 0 and one at 1 degree: the corrected mean is the mean of two stills.
    let sweep = rendered(&format!("{SMALL} -phi 0 -osc 2 -phisteps 2")).0;
    let still = |phi| rendered(&format!("{SMALL} -phi {phi}")).0;
    for ((mean, a), b) in sweep.iter().zip(still(0)).zip(still(1)) {
        let expected = f64::midpoint(f64::from(a), f64::from(b));
        assert!((f64::from(*mean) - expected).abs() <= 1e-6 * expected, "{mean} {expected}");
    }
}

#[test]
fn random_misset_is_drawn_with_ninety_radians_or_degrees() {
    let (emulated, corrected) = both("C-IMPL-BUG-002", "-misset_seed 5 -misset random");
    assert_ne!(emulated, corrected);
}

#[test]
fn a_corrected_pivot_obeys_the_user() {
    let tilted = "-mosflm -detector_roty 20 -Xbeam 5 -Ybeam 6";
    let (emulated, corrected) = both("C-PIVOT-001", &format!("{tilted} -pivot sample"));
    assert_ne!(emulated, corrected);
    let (emulated, corrected) = both("C-PIVOT-001", &format!("{tilted} -pivot beam"));
    assert_eq!(emulated, corrected, "the convention's own pivot is no change");
}

#[test]
fn a_corrected_origin_is_the_one_given_in_either_unit() {
    let axes = "-fdet_vector 0 0 1 -sdet_vector 0 -1 0 -odet_vector 1 0 0";
    let (emulated, corrected) = both("C-PIX0-001", &format!("{axes} -pix0_vector 0.06 0.004 -0.003"));
    assert_ne!(emulated, corrected);
    let in_mm =
        format!("{SMALL} {axes} -pix0_vector_mm 60 4 -3 --defect C-PIX0-001=correct --trace-pixel 0 0");
    let (_, output) = rendered(&in_mm);
    assert!(output.stdout.contains("TRACE_RS: pix0_vector_meters 0.06 0.004 -0.003\n"), "{}", output.stdout);
}

#[test]
fn corrected_interpolation_goes_on_after_leaving_the_list() {
    let list = "-hkl list.hkl -N 2 -cell 40 40 40 90 90 90";
    let (emulated, corrected) = both("C-INTERP-001", list);
    let off = rendered(&format!("{SMALL} {list} -nointerpolate")).0;
    assert_eq!(emulated, off, "the first pixel is already outside: nothing is interpolated");
    assert_ne!(corrected, off);
}

#[test]
fn a_corrected_two_theta_axis_sets_no_angle() {
    let (emulated, corrected) = both("C-TWOTHETA-001", "-twotheta_axis 3 1 0");
    assert_ne!(emulated, corrected);
    assert_eq!(rendered(&format!("{SMALL} -twotheta_axis 3 1 0")).0, corrected, "our default");
}

#[test]
fn a_corrected_header_key_is_the_exact_one() {
    let trace = "-img header.img -default_F 1 -cell 50 50 50 -N 3 -seed 1 --quiet --trace-pixel 0 0";
    let distance = |treatment| {
        let (_, output) =
            rendered(&format!("{trace} --defect C-HEADER-001={treatment} -close_distance nan --parity"));
        output.stdout.lines().find_map(|l| l.strip_prefix("TRACE_RS:distance_m=").map(str::to_owned))
    };
    assert_eq!(distance("emulate"), Some("0.05".to_owned()));
    let (_, output) = rendered(trace);
    assert!(
        output.stderr.contains("DISTANCE") && output.stderr.contains("C-HEADER-001"),
        "{}",
        output.stderr
    );
}

#[test]
fn corrected_capture_without_a_sensor_is_one() {
    let (emulated, corrected) = both("C-CAPTURE-001", "-oversample_thick");
    assert!(emulated.iter().all(|p| *p == 0.0));
    assert_eq!(corrected, rendered(SMALL).0);
}

#[test]
fn a_corrected_cell_has_the_angles_given_and_the_other_is_told_about() {
    let printed = |treatment| {
        let (_, output) = rendered(&format!("{SMALL} --defect C-CELL-001={treatment}"));
        let line =
            output.stdout.lines().find_map(|l| l.strip_prefix("Unit Cell: ")).expect("a cell").to_owned();
        (line, output.stderr)
    };
    let (line, named) = printed("correct");
    assert_eq!(line, "70 80 90 75 85 95");
    assert_eq!(named.matches("C-CELL-001 is corrected").count(), 1, "{named}");
    let (line, stderr) = printed("emulate");
    assert_eq!(line, "70 80 90 75.0391 85.0136 95.0081");
    assert!(stderr.contains("C-CELL-001") && stderr.contains("75.0391"), "{stderr}");
}

#[test]
fn corrected_trace_labels_are_true() {
    let scattering = |treatment| {
        let (_, output) =
            rendered(&format!("{SMALL} --trace-pixel 3 4 --quiet --defect C-TRACE-001={treatment}"));
        let line = output.stdout.lines().find_map(|l| l.strip_prefix("TRACE_RS: scattering_vec_A_inv "));
        let text = line.expect("the key is there").to_owned();
        text.split(' ').map(|n| n.parse::<f64>().expect("a number")).collect::<Vec<_>>()
    };
    for (per_metre, per_angstrom) in scattering("emulate").iter().zip(scattering("correct")) {
        assert!((per_metre * 1e-10 - per_angstrom).abs() <= 1e-14 * per_angstrom.abs());
    }
}

/// For each defect that is corrected by default: flags with which the image differs for it, and flags with which it does not.
const CORRECTED: &[(&str, &str, &str)] = &[
    ("C-PARITY-001", "-phi 0 -osc 3 -phisteps 3", "-phi 0.1 -osc 3 -phisteps 3"),
    ("C-PIX0-001", "-pix0_vector 0.06 0.004 -0.003", "-spindle_axis 0 1 0"),
    ("C-INTERP-001", "-hkl list.hkl -N 2 -cell 40 40 40 90 90 90", "-hkl list.hkl -N 2 -nointerpolate"),
    ("C-TWOTHETA-001", "-twotheta_axis 3 1 0", "-twotheta_axis 3 1 0 -twotheta 3"),
    ("C-HEADER-001", "-img header.img", "-detpixels 24"),
    ("C-CAPTURE-001", "-oversample_thick", "-oversample_thick -detector_thick 100 -detector_abs 500"),
    ("C-CELL-001", "-N 5", "-cell 70 80 90 90 95 90"),
];

#[test]
fn a_defect_is_named_once_where_its_correction_changes_the_image_and_nowhere_else() {
    let listed: Vec<&str> = CORRECTED.iter().map(|(id, ..)| *id).collect();
    let default: Vec<&str> =
        Defect::ALL.iter().filter(|d| d.default_treatment() == Treatment::Correct).map(|d| d.id()).collect();
    assert_eq!(listed, default, "every defect corrected by default is tried");
    for (id, differing, same) in CORRECTED {
        // The reference's still life of each line: everything else corrected.
        let emulated = |flags: &str| rendered(&format!("{SMALL} {flags} --defect {id}=emulate")).0;
        let (image, named) = rendered(&format!("{SMALL} {differing}"));
        assert_ne!(image, emulated(differing), "{id} {differing}");
        assert!(named.stderr.contains(id), "{id} {differing}: {}", named.stderr);
        assert!(named.stderr.matches(&format!("{id} is corrected")).count() <= 1, "{}", named.stderr);
        let (image, named) = rendered(&format!("{SMALL} {same}"));
        assert_eq!(image, emulated(same), "{id} {same}");
        assert!(!named.stderr.contains(id), "{id} {same}: {}", named.stderr);
        let parity = rendered(&format!("{SMALL} {differing} --parity")).1;
        assert!(!parity.stderr.contains("is corrected"), "{}", parity.stderr);
    }
}

#[test]
fn parity_emulates_all_and_can_be_refined() {
    // With right angles no other defect shows.
    let flags = "-cell 70 80 90 90 90 90 -phi 0 -osc 3 -phisteps 3";
    let sweep = format!("{SMALL} {flags}");
    let (emulated, corrected) = both("C-PARITY-001", flags);
    assert_eq!(rendered(&format!("{sweep} --parity")).0, emulated);
    assert_eq!(rendered(&format!("{sweep} --parity --phi-mode spec")).0, corrected);
    assert_eq!(rendered(&sweep).0, corrected, "our default");
}
