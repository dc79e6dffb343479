//! `gradcheck` as a user meets it: every derivative passes, a tolerance that nothing can meet fails, and the evidence is a
//! sound bundle.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn call(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_trace-harness"))
        .args(args)
        .current_dir(folder)
        .output()
        .expect("it runs")
}

fn table(folder: &Path) -> Value {
    let text = std::fs::read(folder.join("gradcheck.json")).expect("the table");
    serde_json::from_slice(&text).expect("JSON")
}

#[test]
fn every_parameter_passes_both_gates_on_every_case() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = call(folder.path(), &["gradcheck", "--out", "tables"]);
    let table = table(&folder.path().join("tables"));
    let rows = table["rows"].as_array().expect("rows");
    let failed: Vec<&Value> = rows.iter().filter(|row| row["outcome"] == "fail").collect();
    assert!(failed.is_empty() && output.status.success(), "{failed:#?}");
    for name in ["cell_alpha", "misset_z", "wavelength", "distance", "twotheta", "mosaic_spread", "Na"] {
        let passed = rows.iter().filter(|row| row["parameter"] == name && row["outcome"] == "pass").count();
        assert!(passed > 0, "`{name}` passed nowhere");
    }
    let page = std::fs::read_to_string(folder.path().join("tables/gradcheck.md")).expect("the page");
    assert!(page.contains("## Coverage") && page.contains("whole numbers of cells"), "{page}");
}

#[test]
fn every_listed_parameter_passes_on_cubic_triclinic_tilted_and_mosaic_cases() {
    let folder = tempfile::tempdir().expect("a folder");
    let all = ["cell_a", "cell_b", "cell_c", "cell_alpha", "cell_beta", "cell_gamma", "misset_x", "misset_y"];
    let all = [all.as_slice(), &["misset_z", "phi", "wavelength", "fluence", "distance", "Fbeam", "Sbeam"]]
        .concat();
    let all = [all.as_slice(), &["detector_rotx", "detector_roty", "detector_rotz", "twotheta"]].concat();
    for case in ["cubic", "triclinic", "tilted", "mosaic"] {
        let output = call(folder.path(), &["gradcheck", "--case", case, "--out", case]);
        assert!(output.status.success(), "{case}: {}", String::from_utf8_lossy(&output.stderr));
        let table = table(&folder.path().join(case));
        let rows = table["rows"].as_array().expect("rows");
        let passes = |name: &str, what: &str| {
            rows.iter().any(|row| {
                row["case"] == case
                    && row["parameter"] == name
                    && row["what"] == what
                    && row["outcome"] == "pass"
            })
        };
        for name in all.iter().copied().chain((case == "mosaic").then_some("mosaic_spread")) {
            for what in ["pixels", "sum", "mean_squared_error", "poisson_log_likelihood"] {
                assert!(passes(name, what), "{case}: {name}, {what}");
            }
        }
    }
    let output = call(folder.path(), &["gradcheck", "--case", "single reflections", "--out", "single"]);
    let table = table(&folder.path().join("single"));
    let rows = table["rows"].as_array().expect("rows");
    let lit = |row: &&Value| {
        row["parameter"].as_str().is_some_and(|name| name.starts_with("F("))
            && row["outcome"] == "pass"
            && row["what"] == "pixels"
            && row["analytic"] != 0.0
    };
    assert!(output.status.success() && rows.iter().filter(lit).count() > 1, "{rows:#?}");
}

const OWN: &str =
    "-cell 60 70 80 90 90 90 -default_F 50 -N 8 -lambda 1 -distance 80 -pixel 0.4 -detpixels 200";

#[test]
fn own_experiments_are_checked_and_the_evidence_can_be_run_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let hkl: String =
        (-40..=40).flat_map(|h| (-3..=3).map(move |k| format!("{h} {k} 0 {}\n", 20 + h * h % 7))).collect();
    std::fs::write(folder.path().join("list.hkl"), hkl).expect("a list");
    let cases = format!(
        "[[case]]\nname = \"first\"\nflags = \"{OWN} -roi 60 65 90 95\"\n\n[[case]]\nname = \"second\"\n\
         flags = \"{OWN} -hkl list.hkl -roi 60 65 90 95\"\nparams = \"fluence\"\n"
    );
    std::fs::write(folder.path().join("mine.toml"), cases).expect("a file");
    let output = call(folder.path(), &["gradcheck", "--cases", "mine.toml", "--out", "tables"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let rows = table(&folder.path().join("tables"))["rows"].clone();
    let of = |case: &str| rows.as_array().expect("rows").iter().filter(|row| row["case"] == case).count();
    assert!(of("first") > of("second") && of("second") == 4, "{rows:#}");

    let own = [OWN, "-roi 60 65 90 95"].join(" ");
    let mut args = vec!["gradcheck", "--params", "misset_x,distance", "--json", "--"];
    args.extend(own.split_whitespace());
    let output = call(folder.path(), &args);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let result: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let place = result["folder"].as_str().expect("a folder");
    assert_eq!(call(folder.path(), &["verify", place]).status.code(), Some(0));
    // The numbers stand wherever somebody looks.
    let of = |name: &str| std::fs::read_to_string(Path::new(place).join(name)).expect("written");
    let row = result["gradcheck"]["rows"][0].clone();
    let derivative = format!("{:.12e}", row["analytic"].as_f64().expect("a derivative"));
    for name in ["analysis.md", "report.html", "results/gradcheck.md"] {
        assert!(of(name).contains(&derivative), "{name} lacks {derivative}");
    }
    let metrics: Value = serde_json::from_str(&of("metrics.json")).expect("JSON");
    assert!(metrics.to_string().contains("worst_strict_error"), "{metrics}");
    let again = call(folder.path(), &["rerun", "--yes", place]);
    assert_eq!(again.status.code(), Some(0), "{}", String::from_utf8_lossy(&again.stdout));
}

#[test]
fn a_gate_that_nothing_can_pass_fails_and_the_evidence_is_a_sound_bundle() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = call(
        folder.path(),
        &[
            "gradcheck",
            "--params",
            "cell_a,fluence",
            "--case",
            "cubic",
            "--strict",
            "1e-30",
            "--json",
            "--keep-paths",
        ],
    );
    assert_eq!(output.status.code(), Some(3), "{}", String::from_utf8_lossy(&output.stderr));
    let result: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let place = result["folder"].as_str().expect("a folder");
    assert!(
        Path::new(place).join("results/gradcheck.json").is_file()
            && Path::new(place).join("env.json").is_file()
    );
    assert_eq!(call(folder.path(), &["verify", place]).status.code(), Some(0));
}

#[test]
fn the_terminal_shows_coverage_and_what_is_wrong() {
    let folder = tempfile::tempdir().expect("a folder");
    let check = ["gradcheck", "--params", "fluence", "--case", "cubic", "--keep-paths"];
    let printed = |more: &[&str]| {
        let output = call(folder.path(), &[&check[..], more].concat());
        (output.status.code(), String::from_utf8(output.stdout).expect("text"))
    };
    let (code, text) = printed(&[]);
    assert_eq!(code, Some(0), "{text}");
    assert!(
        text.starts_with("parameter  unit") && text.contains("\nfluence ") && text.contains("\nPASS: "),
        "{text}"
    );
    let (code, text) = printed(&["--strict", "1e-30"]);
    assert_eq!(code, Some(3), "{text}");
    assert!(text.contains("\nwrong derivatives\n") && text.contains("\nFAIL: "), "{text}");
}

#[test]
fn what_cannot_be_checked_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("wrong.toml"), "[[case]]\nflags = \"-N 5\"\n").expect("a file");
    for (code, args) in [
        (1, ["--params", "cell_q"]),
        (1, ["--case", "nothing"]),
        (1, ["--eps", "0"]),
        (5, ["--cases", "missing.toml"]),
        (1, ["--cases", "wrong.toml"]),
        (1, ["--", "-no_such_flag"]),
    ] {
        let output = call(folder.path(), &[&["gradcheck", "--out", "tables"], args.as_slice()].concat());
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{error}");
        assert!(error.contains("expected"), "{error}");
    }
}
