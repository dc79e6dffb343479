//! A trace shows how a pixel comes about, costs the image nothing, and comes in two forms and four depths.

mod at_the_shell;

use at_the_shell::{in_empty_folder, run};

const SMALL: &str = "-default_F 100 -cell 70 80 90 75 85 95 -lambda 1.2 -N 5 -distance 60 -pixel 0.5 -detpixels 24 \
    -oversample 1 -seed 1 -phi 0 -osc 3 -phisteps 3 -mosaic 1 -mosaic_dom 2 -hdivrange 2 -hdivsteps 2";

fn trace(arguments: &str) -> String {
    let folder = in_empty_folder();
    let output = run(folder.path(), &format!("{SMALL} --quiet {arguments}"));
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    output.stdout
}

#[test]
fn a_traced_run_writes_the_same_bytes() {
    let image = |arguments: &str| {
        let folder = in_empty_folder();
        let output = run(folder.path(), &format!("{SMALL} --quiet {arguments}"));
        assert_eq!(output.code, Some(0), "{}", output.stderr);
        ["floatimage.bin", "intimage.img", "image.pgm", "noiseimage.img"]
            .map(|name| std::fs::read(folder.path().join(name)).expect("written"))
    };
    assert_eq!(image(""), image("--trace-pixel 5 6 --trace-pixel 0 0 --trace-depth step --trace-file t.txt"));
}

#[test]
fn an_untraced_run_contains_no_trace_line() {
    let folder = in_empty_folder();
    let output = run(folder.path(), SMALL);
    assert!(!output.stdout.contains("TRACE"), "{}", output.stdout);
}

#[test]
fn pixels_come_in_the_order_asked_for_with_all_keys_of_the_schema_in_order() {
    let text = trace("--trace-pixel 7 6 --trace-pixel 2 3 --trace-pixel 7 1");
    let pixels: Vec<&str> = text.lines().filter_map(|l| l.strip_prefix("TRACE_RS_PIXEL ")).collect();
    assert_eq!(pixels, ["7 6", "2 3", "7 1"]);
    let first = text.split("TRACE_RS_PIXEL ").nth(1).expect("a block");
    let keys: Vec<&str> = first
        .lines()
        .filter_map(|l| l.strip_prefix("TRACE_RS: "))
        .filter_map(|l| l.split(' ').next())
        .collect();
    let schema: Vec<&str> = nanobragg::trace::schema::PIXEL_KEYS.iter().map(|k| k.name).collect();
    assert_eq!(keys, schema);
}

#[test]
fn the_references_own_flag_traces_as_well() {
    assert_eq!(trace("-trace_pixel 7 6"), trace("--trace-pixel 7 6"));
}

#[test]
fn set_up_lines_hold_what_the_run_used() {
    let text = trace("--trace-pixel 7 6 -xds -detector_rotx 10");
    assert!(text.contains("TRACE_RS:detector_convention=XDS\n"));
    assert!(text.contains("TRACE_RS:initial_fdet=1 0 0\n"));
    let line = text.lines().find(|l| l.starts_with("TRACE_RS:sdet_after_rotz=")).expect("the key is there");
    assert!(line.contains("0.984807753012208"), "cos 10 degrees: {line}");
}

#[test]
fn deeper_levels_add_lines_and_leave_the_others_alone() {
    let plain = |depth: &str| -> Vec<String> {
        let text = trace(&format!("--trace-pixel 7 6 --trace-depth {depth}"));
        text.lines().filter(|l| l.starts_with("TRACE_RS: ")).map(str::to_owned).collect()
    };
    let count = |depth: &str, prefix: &str| {
        trace(&format!("--trace-pixel 7 6 --trace-depth {depth}"))
            .lines()
            .filter(|l| l.starts_with(prefix))
            .count()
    };
    for depth in ["source", "phi", "step"] {
        assert_eq!(plain(depth), plain("pixel"));
    }
    assert_eq!(count("pixel", "TRACE_RS_SOURCE"), 0);
    assert_eq!(count("source", "TRACE_RS_SOURCE 1: scattering_vec_A_inv"), 1);
    assert_eq!(count("phi", "TRACE_RS_PHI phi_tic="), 3);
    assert_eq!(count("phi", "TRACE_RS_ROTSTAR phi_tic="), 3);
    // Two sources, three rotation steps, two domains.
    assert_eq!(count("step", "TRACE_RS_STEP "), 12);
}

#[test]
fn the_terms_of_all_steps_add_up_to_the_pixel() {
    let text = trace("--trace-pixel 7 6 --trace-depth step");
    let number = |text: &str| text.parse::<f64>().expect("a number");
    let terms: f64 = text.lines().filter_map(|l| l.split_once(" term=")).map(|(_, t)| number(t)).sum();
    let sum = text.lines().find_map(|l| l.strip_prefix("TRACE_RS: I_before_scaling ")).map(number);
    let sum = sum.expect("the key is there");
    assert!((terms / sum - 1.0).abs() < 1e-12, "{terms} {sum}");
}

#[test]
fn json_lines_hold_level_place_values_and_true_unit() {
    let text = trace("--trace-pixel 7 6 --trace-format jsonl");
    let lines: Vec<serde_json::Value> =
        text.lines().map(|l| serde_json::from_str(l).expect("one object per line")).collect();
    let find = |key: &str| lines.iter().find(|l| l["key"] == key).expect("the key is there");
    assert_eq!(find("scattering_vec_A_inv")["unit"], "1/m");
    assert_eq!(find("hkl_frac")["values"].as_array().map(Vec::len), Some(3));
    assert_eq!(find("hkl_frac")["level"], "step");
    assert_eq!(find("I_pixel_final")["level"], "pixel");
    assert_eq!(find("I_pixel_final")["pixel"], serde_json::json!([7, 6]));
}

#[test]
fn the_tricubic_neighbourhood_is_part_of_the_deepest_level() {
    let folder = in_empty_folder();
    let list: String = (-4..=4)
        .flat_map(|h| (-4..=4).flat_map(move |k| (-4..=4).map(move |l| format!("{h} {k} {l} {}\n", 100 + h))))
        .collect();
    std::fs::write(folder.path().join("list.hkl"), list).expect("a small file");
    let rest = "-hkl list.hkl -cell 40 40 40 90 90 90 -lambda 1.2 -N 1 -distance 60 -pixel 0.1 -detpixels 24 -seed 1";
    let output = run(folder.path(), &format!("{rest} --quiet --trace-pixel 12 12 --trace-depth step"));
    assert_eq!(
        output.stdout.lines().filter(|l| l.starts_with("TRACE_RS_TRICUBIC: [")).count(),
        64,
        "{}",
        output.stderr
    );
}
