//! `capture` at the shell: traces against the reference's own, evidence that verifies, and refusals that say why.
//!
//! Not here: splitting traces and reading configurations (unit tests of `capture`).

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn run(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_trace-harness"));
    command.args(args).arg("--keep-paths").env_remove("NB_C_BIN").current_dir(folder);
    command.output().expect("the program runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("text")
}

fn captured(folder: &Path, args: &[&str]) -> Value {
    let output = run(folder, &[&["--json", "capture"], args].concat());
    assert!(output.status.success(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn place(value: &Value) -> PathBuf {
    value["folder"].as_str().expect("a folder").into()
}

fn is_sound(bundle: &Path) -> bool {
    Command::new(env!("CARGO_BIN_EXE_trace-harness"))
        .arg("verify")
        .arg(bundle)
        .output()
        .expect("it runs")
        .status
        .success()
        && Command::new("sha256sum")
            .args(["-c", "sha256.txt", "--quiet"])
            .current_dir(bundle)
            .status()
            .expect("sha256sum")
            .success()
}

/// The pixel lines that the reference wrote for a golden case, without their prefix.
fn golden(case: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sim/tests/golden/traces.txt.gz");
    let mut all = String::new();
    let file = std::fs::File::open(path).expect("the golden traces");
    flate2::read::GzDecoder::new(file).read_to_string(&mut all).expect("text");
    let entry = all.split("== ").find(|e| e.starts_with(&format!("{case} "))).expect("the case");
    entry.lines().filter_map(|line| line.strip_prefix("TRACE_C: ")).map(str::to_owned).collect()
}

#[test]
fn the_protein_is_traced_as_the_reference_traces_it() {
    let folder = tempfile::tempdir().expect("a folder");
    for (config, case, mode) in
        [("protein", "protein/still", "spec"), ("protein-rotation", "protein/rotation", "c-parity")]
    {
        let out = format!("{config}.log");
        captured(folder.path(), &["--config", config, "--phi-mode", mode, "--out", &out]);
        let trace = std::fs::read_to_string(folder.path().join(&out)).expect("a trace");
        let own: Vec<&str> = trace.lines().filter_map(|line| line.strip_prefix("TRACE_RS: ")).collect();
        let expected = golden(case);
        assert!(expected.len() > 38);
        assert_eq!(own, expected, "{config}");
    }
}

#[test]
fn the_evidence_holds_trace_steps_settings_and_environment_and_verifies() {
    let folder = tempfile::tempdir().expect("a folder");
    let value = captured(
        folder.path(),
        &["--config", "protein-rotation", "--pixel", "719", "596", "--pixel", "10", "20", "--emit-rot-stars"],
    );
    let bundle = place(&value);
    assert!(
        bundle.is_absolute()
            && bundle.starts_with(folder.path().canonicalize().expect("a folder").join("reports/capture"))
    );
    assert_eq!(value["pixels"], serde_json::json!([[719, 596], [10, 20]]));
    let read =
        |name: &str| std::fs::read_to_string(bundle.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
    let json = |name: &str| -> Value { serde_json::from_str(&read(name)).expect("JSON") };
    let blocks = json("results/phi.json")["blocks"].clone();
    let blocks = blocks.as_array().expect("a list");
    assert_eq!(blocks.len(), 2);
    for block in blocks {
        let steps = block["steps"].as_array().expect("a list");
        assert_eq!(steps.len(), 10);
        assert!(steps.iter().all(|s| s["bp"].as_array().is_some_and(|b| b.len() == 3)), "{steps:?}");
    }
    assert_eq!(read("results/phi.trace").matches("TRACE_RS_PHI ").count(), 20);
    assert!(!read("results/trace.log").contains("TRACE_RS_PHI"));
    assert_eq!(json("results/config.json")["config"], "protein-rotation");
    assert!(json("summary.json")["inputs"][0]["name"].as_str().expect("a name").ends_with(".hkl"));
    assert!(read("commands.txt").contains("__nanobragg -hkl {input:"));
    assert!(!read("env.json").is_empty() && is_sound(&bundle));
    let again = run(folder.path(), &["rerun", "--yes", bundle.to_str().expect("UTF-8")]);
    assert!(again.status.success(), "{}{}", text(&again.stdout), text(&again.stderr));
    assert!(text(&again.stdout).contains("identical: `results/trace.full.log`"), "{}", text(&again.stdout));
}

#[test]
fn two_captures_compare_and_the_carry_over_is_what_differs() {
    let folder = tempfile::tempdir().expect("a folder");
    for mode in ["spec", "c-parity"] {
        let out = format!("{mode}.log");
        captured(folder.path(), &["--config", "protein-rotation", "--phi-mode", mode, "--out", &out]);
    }
    let output = Command::new(env!("CARGO_BIN_EXE_trace-harness"))
        .args(["diff", "c-parity.log", "spec.log", "--json"])
        .current_dir(folder.path())
        .output()
        .expect("the program runs");
    assert_eq!(output.status.code(), Some(3));
    let value: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let causes = value["root_causes"].as_array().expect("a list");
    assert!(
        !causes.is_empty() && causes.iter().all(|c| c["key"].as_str().is_some_and(|k| k.starts_with("rot_")))
    );
}

#[test]
fn each_depth_is_the_simulators_own() {
    let folder = tempfile::tempdir().expect("a folder");
    for depth in ["pixel", "phi", "step"] {
        let value = captured(
            folder.path(),
            &["--config", "simple-cubic", "--depth", depth, "--out", "t.log", "--emit-rot-stars"],
        );
        let config: Value = serde_json::from_slice(
            &std::fs::read(place(&value).join("results/config.json")).expect("written"),
        )
        .expect("JSON");
        let words = config["arguments"].as_array().expect("a list").iter().map(|w| w.as_str().expect("text"));
        let more = ["--trace-pixel", "20", "30", "--trace-depth", depth, "--trace-file", "direct.log"];
        let direct = Command::new(env!("CARGO_BIN_EXE_trace-harness"))
            .arg("__nanobragg")
            .args(words.chain(more))
            .current_dir(folder.path())
            .output()
            .expect("the simulator runs");
        assert!(direct.status.success());
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect("a trace");
        assert_eq!(read("t.log"), read("direct.log"), "{depth}");
    }
}

#[test]
fn refusals_say_what_is_missing_and_how_to_go_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let refused = |args: &[&str]| {
        let output = run(folder.path(), &[&["capture"], args].concat());
        (output.status.code().expect("a status"), text(&output.stderr))
    };
    let (code, words) = refused(&["--config", "supervisor"]);
    assert!(code == 5 && words.contains("`A.mat`") && words.contains("hint: say where"), "{code} {words}");
    let (code, words) = refused(&["--reference"]);
    assert!(
        code == 1 && words.contains("NB_C_BIN is not set") && words.contains("trace instrumentation"),
        "{words}"
    );
    let (code, words) = refused(&["--config", "protien"]);
    assert!(code == 1 && words.contains("expected protein"), "{words}");
    let (code, words) = refused(&["--candidate", "./no-such-program"]);
    assert!(code == 1 && words.contains("is not there"), "{words}");
    let (code, words) = refused(&["--out", "no/such/folder/t.log"]);
    assert!(code == 1 && words.contains("is not there"), "{words}");
    for args in [["--device", "gpu"], ["--dtype", "f32"]] {
        let (code, words) = refused(&args);
        assert!(code == 1 && words.contains("nothing was traced"), "{code} {words}");
    }
    assert!(
        !folder.path().join("reports").exists()
            || std::fs::read_dir(folder.path().join("reports/capture")).is_ok_and(|mut d| d.next().is_none())
    );
}

#[test]
fn a_simulator_that_fails_leaves_evidence() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = "about = 'broken'\narguments = ['-nosuchflag']\npixels = [[1, 2]]\n";
    std::fs::write(folder.path().join("broken.toml"), config).expect("written");
    let output = run(folder.path(), &["capture", "--config", "broken.toml"]);
    let words = text(&output.stderr);
    assert!(output.status.code() == Some(2) && words.contains("nosuchflag"), "{words}");
    let bundle = words.lines().find_map(|line| line.strip_prefix("evidence: ")).expect("a bundle");
    let summary: Value =
        serde_json::from_slice(&std::fs::read(Path::new(bundle).join("summary.json")).expect("written"))
            .expect("JSON");
    assert_eq!(summary["verdict"], "FAIL");
    assert!(is_sound(Path::new(bundle)));
}

#[test]
fn our_own_deep_traces_are_consistent_and_are_read_from_their_bundle() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = ["--config", "protein-rotation", "--pixel", "600", "700", "--depth", "step"];
    let bundle = place(&captured(folder.path(), &config));
    let output = run(folder.path(), &["--json", "audit", bundle.to_str().expect("UTF-8")]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    let value: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let checks = value["audits"][0]["checks"].as_array().expect("a list").clone();
    let checked = |name: &str| checks.iter().find(|c| c["name"] == name).and_then(|c| c["checked"].as_u64());
    assert_eq!((checked("terms add up"), checked("step.term")), (Some(1), Some(10)));
}

#[test]
fn the_audit_of_a_capture_lacks_no_value_that_its_configuration_tells() {
    let folder = tempfile::tempdir().expect("a folder");
    for config in ["protein", "simple-cubic"] {
        let bundle = place(&captured(folder.path(), &["--config", config]));
        let out = format!("audit-{config}");
        let args = ["--json", "audit", bundle.to_str().expect("UTF-8"), "--out", &out];
        let output = run(folder.path(), &args);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert!(!text(&output.stderr).contains("-dump"), "nobody gave that flag: {}", text(&output.stderr));
        let value: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let checks = value["audits"][0]["checks"].as_array().expect("a list").clone();
        let unknown = checks.iter().flat_map(|c| c["not_checked"].as_object().expect("reasons").keys());
        let unknown: Vec<&String> = unknown.filter(|reason| reason.contains("is not in the trace")).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
        for name in ["omega_pixel_sr", "F_latt_a", "F_latt_b", "F_latt_c"] {
            let check = checks.iter().find(|c| c["name"] == name).expect("a law");
            assert!(check["checked"].as_u64() > Some(0) && check["faulty"] == 0, "{check}");
        }
        // The values go into the bundle of the audit, which needs no configuration to be made again.
        let again = run(folder.path(), &["rerun", "--yes", &out, "--out", &format!("again-{config}")]);
        assert_eq!(again.status.code(), Some(0), "{}", text(&again.stdout));
        // What the user says has the last word, for the trace that it is said of.
        let wrong = run(folder.path(), &["audit", bundle.to_str().expect("UTF-8"), "--given", "1:Na=7"]);
        assert_eq!(wrong.status.code(), Some(3), "{}", text(&wrong.stdout));
        let none = run(folder.path(), &["audit", bundle.to_str().expect("UTF-8"), "--given", "2:Na=7"]);
        assert_eq!(none.status.code(), Some(1));
    }
}

#[test]
fn the_sum_of_steps_that_are_all_alike_is_checked() {
    let folder = tempfile::tempdir().expect("a folder");
    // Three steps at the same angle.
    let config = "about = 'x'\npixels = [[20, 30]]\narguments = ['-cell', '100', '100', '100', '90', '90', '90', '-default_F', '100', \
        '-lambda', '6.2', '-N', '5', '-detpixels', '64', '-distance', '100', '-fluence', '1e24', '-phisteps', '3', '-osc', '0', \
        '-oversample', '1']\n";
    std::fs::write(folder.path().join("alike.toml"), config).expect("written");
    captured(folder.path(), &["--config", "alike.toml", "--depth", "phi", "--out", "t.log"]);
    let rule = "I_before_scaling = steps * F_cell^2 * F_latt^2";
    let faults = |trace: &str| {
        std::fs::write(folder.path().join("t.log"), trace).expect("written");
        let output = run(folder.path(), &["--json", "audit", "t.log"]);
        let value: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let checks = value["audits"][0]["checks"].as_array().expect("a list").clone();
        let of_rule = checks.iter().find(|c| c["name"] == rule).expect("the rule").clone();
        (of_rule["checked"].as_u64().expect("a count"), of_rule["faulty"].as_u64().expect("a count"))
    };
    let trace = std::fs::read_to_string(folder.path().join("t.log")).expect("a trace");
    assert_eq!(faults(&trace), (1, 0), "{trace}");
    assert_eq!(faults(&trace.replace("TRACE_RS: F_cell 100", "TRACE_RS: F_cell 101")), (1, 1));
}

/// What a user would type in an empty folder, and what comes.
#[test]
fn the_page_about_captures_shows_what_the_program_prints() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/capture.md");
    let page = std::fs::read_to_string(page).expect("a page");
    let folder = tempfile::tempdir().expect("a folder");
    let mut shown = 0;
    for block in page.split("```console\n").skip(1) {
        let block = block.split("```").next().expect("a block");
        for example in block.split("$ trace-harness ").skip(1) {
            let (command, expected) = example.split_once('\n').expect("a command and its output");
            let words: Vec<&str> = command.split(' ').collect();
            let keep: &[&str] = if words[0] == "verify" { &[] } else { &["--keep-paths"] };
            let output = Command::new(env!("CARGO_BIN_EXE_trace-harness"))
                .args(words)
                .args(keep)
                .current_dir(folder.path())
                .output()
                .expect("the program runs");
            let (printed, errors) = (text(&output.stdout), text(&output.stderr));
            for line in expected.lines().filter(|line| *line != "…" && !line.is_empty()) {
                assert!(
                    printed.lines().any(|l| l == line),
                    "`{line}` is not printed by `{command}`:\n{printed}{errors}"
                );
                shown += 1;
            }
        }
    }
    assert!(shown > 15, "{shown} lines");
}
