//! `--adapter --explain` with `[trace]`: some elements are traced on both sides, and what their traces come to is told and kept.
//!
//! Not here: programs with emitters (`traced_adapters`), variants (`variants`).

use std::fs;

use serde_json::{Value, json};
use trace_harness::evidence::bundle::rerun::{Before, Places, rerun, tolerance::FileVerdict};
use trace_harness::evidence::process::{Interrupt, SystemRunner};

use crate::support::forge::{forge, text};
use crate::support::{Called, Scene, assert_valid_outputs};

const ADAPTER: &str = r#"
[side.reference]
command = ["./reference", "{args}"]
[side.candidate]
command = ["./candidate", "{args}"]
[[output]]
name = "flux"
path = "flux.txt"
"#;

const TRACE: &str = r#"
[trace]
request = ["--trace", "{element}", "--to={trace}"]
schema = "keys.toml"
[trace.candidate]
request = ["--trace-pixel", "{pixel}", "--to={trace}"]
"#;

const KEYS: &str = "[[key]]\nname = \"k\"\n[[key]]\nname = \"w\"\n[[key]]\nname = \"flux\"\ninputs = [\"k\", \"w\"]\nlaw = \"k * w\"\nresult = true\n";

/// Writes the numbers from 1 to 6 in two rows, those of the second row times `$W`; traces of one element have its number, the factor
/// and the product.
const PROGRAM: &str = r#"row= column= to=
while [ $# -gt 0 ]; do case $1 in
  --trace) row=${2%,*} column=${2#*,}; shift;;
  --trace-pixel) row=$2 column=$3; shift 2;;
  --to=*) to=${1#--to=};;
  esac; shift; done
awk -v w="$W" 'BEGIN { for (k = 1; k <= 6; k++) printf("%d%s", (k > 3) ? k * w : k, (k % 3) ? " " : "\n") }' > flux.txt
[ -z "$row" ] || awk -v w="$W" -v r="$row" -v c="$column" 'BEGIN { k = 3 * r + c + 1; if (r == 0) w = 1
  printf "TRACE_X: k %d\nTRACE_X: w %d\nTRACE_X: flux %d\n", k, w, k * w }' > "$to""#;

/// The scene in which the second row of the candidate is `factor` times too large; it does `more` before anything else.
fn scene(factor: u32, more: &str) -> Scene {
    let scene = Scene::new();
    scene.script("reference", &format!("W=1\n{PROGRAM}"));
    scene.script("candidate", &format!("W={factor}\n{more}\n{PROGRAM}"));
    fs::write(scene.path("flux.toml"), format!("{ADAPTER}{TRACE}")).unwrap();
    fs::write(scene.path("keys.toml"), KEYS).unwrap();
    scene
}

fn explained(scene: &Scene) -> Called {
    scene.run("--adapter flux.toml --explain --outdir b --")
}

/// The field `traces`, of a bundle that is sound and follows from its files.
fn traces(scene: &Scene) -> Value {
    scene.assert_sound("b");
    let summary = scene.json("b/summary.json");
    assert_valid_outputs(&summary, &scene.json("b/env.json"), &scene.json("b/metrics.json"));
    let again = scene.run("recompute b");
    assert_eq!(again.code, 0, "{}", again.shown());
    summary["traces"].clone()
}

#[test]
fn the_worst_the_median_and_one_good_element_are_traced_on_both_sides() {
    let scene = scene(2, "");
    let called = explained(&scene);
    assert_eq!(called.code, 3, "{}", called.shown());
    let found = traces(&scene);
    let of = |field: &str| -> Vec<Value> {
        found["elements"].as_array().unwrap().iter().map(|element| element[field].clone()).collect()
    };
    // 6, 5 and 4 are doubled; 3 is the largest that is not.
    assert_eq!(of("place"), [json!([1, 2]), json!([1, 1]), json!([0, 2])]);
    assert_eq!(
        of("role"),
        [json!("largest difference and largest value"), json!("median difference"), json!("agreeing")]
    );
    assert_eq!((&of("reference")[0], &of("candidate")[0]), (&json!("6.0"), &json!("12.0")));
    let said = found["elements"].as_array().unwrap().iter().map(|element| &element["traces"]);
    let verdicts: Vec<&Value> = said.clone().map(|traces| &traces["verdict"]).collect();
    assert_eq!(verdicts, ["FAIL", "FAIL", "PASS"]);
    let causes: Vec<&Value> = said.map(|traces| &traces["root_causes"][0]["key"]).collect();
    assert_eq!(causes, [&json!("w"), &json!("w"), &Value::Null]);
    for told in ["the traces of 2 of 3 elements differ", "root cause w: 1 against 2"] {
        assert!(called.out.contains(told), "{}", called.out);
        for file in ["report.html", "analysis.md"] {
            let text = fs::read_to_string(scene.path("b").join(file)).unwrap();
            assert!(text.contains("Traces") && text.contains("w"), "{file}");
        }
    }
    let steps = scene.json("b/summary.json")["steps"].as_array().unwrap().clone();
    let words = |name: &str| {
        let step = steps.iter().find(|step| step["name"] == name).unwrap_or_else(|| panic!("{name}"));
        step["command"].as_array().unwrap()[1..].to_vec()
    };
    assert_eq!(words("trace-1-reference"), ["--trace", "1,2", "--to=trace.txt"]);
    assert_eq!(words("trace-3-candidate"), ["--trace-pixel", "0", "2", "--to=trace.txt"]);
    let kept = fs::read_to_string(scene.path("b/outputs/trace-1-candidate/trace.txt")).unwrap();
    assert_eq!(kept, "TRACE_X: k 6\nTRACE_X: w 2\nTRACE_X: flux 12\n");
}

#[test]
fn what_a_side_prints_is_its_trace_where_the_adapter_says_so_and_variants_stay_on() {
    let scene = scene(5, "");
    let printed =
        TRACE.replace(", \"--to={trace}\"", "").replace("[trace]\n", "[trace]\nfrom = \"stdout\"\n");
    let variant = "[[variant]]\nid = \"OLD\"\nmeaning = \"old\"\ncandidate_args = [\"--old\"]\n";
    fs::write(scene.path("flux.toml"), format!("{ADAPTER}{variant}{printed}")).unwrap();
    scene.script("reference", &format!("W=1 to=/dev/stdout\n{}", PROGRAM.replace("column= to=", "column=")));
    let candidate = format!("W=5 to=/dev/stdout\n{}", PROGRAM.replace("column= to=", "column="));
    scene.script("candidate", &format!("case \"$*\" in *--old*) ;; *) exit 9;; esac\n{candidate}"));
    let called = scene.run("--adapter flux.toml --explain --variant OLD --outdir b --");
    assert_eq!(called.code, 3, "{}", called.shown());
    let found = traces(&scene);
    let cause = &found["elements"][0]["traces"]["root_causes"][0];
    assert_eq!((&cause["key"], &cause["first"]["values"]), (&json!("w"), &json!([[1.0], [5.0]])), "{found}");
}

#[test]
fn a_second_run_traces_again() {
    let scene = scene(2, "");
    explained(&scene);
    let before = Before::read(&scene.path("b")).unwrap();
    let places = Places { out: Some(scene.path("again")), ..Places::default() };
    let again = rerun(&before, &places, &SystemRunner::new(Interrupt::install().unwrap()), &|_| ()).unwrap();
    let traced: Vec<_> = again.files.iter().filter(|file| file.path.contains("/trace-")).collect();
    assert_eq!(traced.len(), 6, "{:?}", again.files);
    assert!(traced.iter().all(|file| file.verdict == FileVerdict::Identical), "{traced:?}");
}

#[test]
fn the_same_bytes_are_not_traced_and_without_the_table_there_is_nothing_to_tell() {
    let same = scene(1, "");
    assert_eq!(explained(&same).code, 0);
    let found = traces(&same);
    assert_eq!((&found["elements"], &found["output"]), (&json!([]), &json!("flux")));
    assert_eq!(found["reason"], "nothing was traced: all outputs are the same bytes");
    let bare = scene(2, "");
    fs::write(bare.path("flux.toml"), ADAPTER).unwrap();
    assert_eq!(explained(&bare).code, 3);
    assert_eq!(traces(&bare), Value::Null);
}

#[test]
fn a_side_that_leaves_no_trace_changes_no_verdict_and_is_told() {
    for (more, why) in [
        ("case \"$*\" in *--trace*) echo gone >&2; exit 9;; esac", "exit status 9"),
        ("case \"$*\" in *--trace*) exit 0;; esac", "its output `trace`, `trace.txt`"),
    ] {
        let scene = scene(2, more);
        let called = explained(&scene);
        assert_eq!(called.code, 3, "{}", called.shown());
        assert!(called.out.contains("FAIL: `flux`"), "{}", called.out);
        let found = traces(&scene);
        let failed = found["elements"][0]["failed"].as_str().unwrap();
        assert!(failed.contains(why), "{failed}");
        assert!(called.out.contains("not traced: "), "{}", called.out);
    }
}

#[test]
fn a_schema_that_is_none_is_refused_before_anything_runs() {
    let scene = scene(2, "");
    fs::write(scene.path("keys.toml"), "nonsense = 1\n").unwrap();
    let called = explained(&scene);
    assert!(called.err.contains("keys.toml") && called.err.contains("nonsense"), "{}", called.shown());
    assert!(called.code != 0 && !scene.path("b").exists(), "{}", called.shown());
}

#[test]
fn what_the_traces_do_not_show_is_found() {
    let forged = |changes: &dyn Fn(&Scene)| {
        let scene = scene(2, "");
        explained(&scene);
        changes(&scene);
        let again = scene.run("recompute b");
        assert!(again.code == 3 && again.out.contains("`traces`"), "{}", again.shown());
    };
    let trace = "outputs/trace-1-candidate/trace.txt";
    forged(&|scene| forge(&scene.path("b"), &[(trace, &text("TRACE_X: w 2", "TRACE_X: w 1"))]));
    forged(&|scene| {
        let change = text("\"role\": \"agreeing\"", "\"role\": \"brightest\"");
        forge(&scene.path("b"), &[("summary.json", &change)]);
    });
    // What came from elsewhere proves nothing of this run.
    forged(&|scene| {
        let other = |bytes: Vec<u8>| {
            let mut summary: Value = serde_json::from_slice(&bytes).unwrap();
            for step in summary["steps"].as_array_mut().unwrap() {
                if step["name"] == "trace-1-candidate" {
                    step["collected"][trace] = json!("{tmp}/trace-1-candidate/other.txt");
                }
            }
            serde_json::to_vec_pretty(&summary).unwrap()
        };
        forge(&scene.path("b"), &[("summary.json", &other)]);
    });
}
