//! What one of two traces lacks: whole records are named with their counts, single keys by name, and traces of different pixels
//! are not compared at all.
//!
//! Not here: values that differ (`attribution`).

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// A pixel with three rotation steps of two domains each, two lines and five values a step.
fn pixel(slow: usize, fast: usize) -> Vec<String> {
    let mut lines = vec![format!("TRACE_RS_PIXEL {slow} {fast}"), "TRACE_RS: omega_pixel_sr 0.5".to_owned()];
    for step in 0..3 {
        lines.push(format!("TRACE_RS_PHI phi_tic={step} phi_deg={step} k_frac=1"));
        for domain in 0..2 {
            lines.push(format!("TRACE_RS_STEP source=0 phi_tic={step} mos_tic={domain} term=4"));
        }
    }
    lines
}

fn write(folder: &Path, name: &str, lines: &[String]) {
    std::fs::write(folder.join(name), lines.join("\n") + "\n").expect("written");
}

fn diff(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trace-harness"));
    command.args(["diff", "a", "b"]).args(args).current_dir(folder).output().expect("the program runs")
}

fn text(folder: &Path, args: &[&str]) -> (Option<i32>, String) {
    let output = diff(folder, args);
    (output.status.code(), String::from_utf8(output.stdout).expect("text"))
}

#[test]
fn a_rotation_step_that_one_trace_lacks_is_named_on_the_terminal_in_json_and_on_the_page() {
    let folder = tempfile::tempdir().expect("a folder");
    let whole = pixel(5, 7);
    let without: Vec<String> = whole.iter().filter(|l| !l.contains("phi_tic=1")).cloned().collect();
    write(folder.path(), "a", &whole);
    write(folder.path(), "b", &without);
    let (code, printed) = text(folder.path(), &["--out", "kept"]);
    assert_eq!(code, Some(3));
    // Two values of the step itself and one of each domain.
    let line = "\nmissing in B: 1 records\n  pixel 5 7, phi step 1, line 6 of A (4 values)\n";
    assert!(printed.contains(line), "{printed}");
    assert!(
        printed.ends_with("\ndivergence: B lacks 1 record: pixel 5 7, phi step 1, line 6 of A\n"),
        "{printed}"
    );
    let json: Value = serde_json::from_slice(&diff(folder.path(), &["--json"]).stdout).expect("JSON");
    assert_eq!(json["missing_records"]["counts"], serde_json::json!([0, 1]));
    assert_eq!(json["missing_records"]["first"][0]["place"]["phi"], 1);
    assert_eq!(json["missing"], serde_json::json!([]), "no key is missing where both have the record");
    let page = std::fs::read_to_string(folder.path().join("kept/diff.html")).expect("a page");
    assert!(
        page.contains("A lacks 0 records, B lacks 1") && page.contains("pixel 5 7, phi step 1"),
        "{page}"
    );
}

#[test]
fn domains_and_whole_pixels_are_records_too_and_count_on_either_side() {
    let folder = tempfile::tempdir().expect("a folder");
    let a: Vec<String> = [pixel(5, 7), pixel(5, 8)].concat();
    let b: Vec<String> = pixel(5, 7).into_iter().filter(|l| !l.contains("phi_tic=2 mos_tic=1")).collect();
    write(folder.path(), "a", &a);
    write(folder.path(), "b", &b);
    let (code, printed) = text(folder.path(), &[]);
    assert_eq!(code, Some(3));
    assert!(
        printed.contains("pixel 5 7, source 0, phi step 2, domain 1, line 11 of A (1 values)"),
        "{printed}"
    );
    // One value of its own, two of each of three steps, one of each of six domains.
    assert!(printed.contains("pixel 5 8, line 13 of A (13 values)"), "{printed}");
    write(folder.path(), "a", &b);
    write(folder.path(), "b", &a);
    let (_, printed) = text(folder.path(), &[]);
    assert!(printed.contains("\nmissing in A: 2 records\n"), "{printed}");
    assert!(
        printed.contains("\ndivergence: A lacks 2 records: the first is pixel 5 7, source 0"),
        "{printed}"
    );
}

#[test]
fn a_record_of_keys_that_may_be_missing_may_be_missing() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "a", &pixel(5, 7));
    let without: Vec<String> = pixel(5, 7).into_iter().filter(|l| !l.contains("_STEP")).collect();
    write(folder.path(), "b", &without);
    assert_eq!(text(folder.path(), &[]).0, Some(3));
    let (code, printed) = text(folder.path(), &["--allow-missing", "step.*"]);
    // Two domains of each of three steps.
    let lone = "; 6 values that one trace lacks were allowed to be missing\n";
    assert_eq!((code, printed.contains(lone)), (Some(0), true), "{printed}");
    assert_eq!(text(folder.path(), &["--allow-missing", "phi.*"]).0, Some(3));
}

#[test]
fn a_key_that_is_missing_where_both_have_the_record_is_missing_by_its_name() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "a", &pixel(5, 7));
    let without: Vec<String> = pixel(5, 7).iter().map(|l| l.replace(" k_frac=1", "")).collect();
    write(folder.path(), "b", &without);
    let (code, printed) = text(folder.path(), &[]);
    assert_eq!(code, Some(3));
    assert!(
        printed.ends_with("\ndivergence: 1 keys stand in one trace only: phi.k_frac\n")
            && !printed.contains("missing in"),
        "{printed}"
    );
}

#[test]
fn traces_of_different_pixels_do_not_match() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "a", &pixel(5, 7));
    write(folder.path(), "b", &pixel(6, 7));
    let (code, printed) = text(folder.path(), &[]);
    assert_eq!(code, Some(4));
    let reason = "traces of two different pixels: A has 5 7, B has 6 7; expected the same pixels";
    assert!(printed.ends_with(&format!("\nundecided: {reason}\n")), "{printed}");
    // One pixel in common is enough to compare.
    write(folder.path(), "b", &[pixel(6, 7), pixel(5, 7)].concat());
    assert_eq!(text(folder.path(), &[]).0, Some(3));
}

#[test]
fn set_up_lines_that_alone_differ_are_passed_over_on_request_and_the_request_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let set_up = vec!["TRACE_RS:distance_m=0.1".to_owned()];
    write(folder.path(), "a", &[set_up.clone(), pixel(5, 7)].concat());
    write(folder.path(), "b", &pixel(5, 7));
    let (code, printed) = text(folder.path(), &[]);
    assert_eq!(code, Some(3));
    assert!(
        printed.contains("\nhint: all that differs is set-up lines")
            && printed.contains("`--allow-missing set-up`"),
        "{printed}"
    );
    assert_eq!(text(folder.path(), &["--allow-missing", "set-up"]).0, Some(0));
    // Where more differs, passing over them would not help.
    write(folder.path(), "b", &pixel(5, 7)[..4]);
    assert!(!text(folder.path(), &[]).1.contains("hint: "));
}
