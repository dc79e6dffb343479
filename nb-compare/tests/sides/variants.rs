//! `--adapter --explain`: which variants make the outputs of both sides the same bytes.

use std::fs;

use serde_json::{Value, json};

use crate::support::forge::{forge, text};
use crate::support::{Called, Scene, assert_valid_outputs};

const ADAPTER: &str = r#"
[side.reference]
command = ["./reference", "{args}"]
[side.candidate]
command = ["./candidate", "{args}"]
[[output]]
name = "flux"
path = "flux.csv"
format = "csv"
[[output]]
name = "count"
path = "{stdout}"
format = "table"
"#;

/// Writes two numbers to `flux.csv` that `--boundary` and `--rounding` make 0; `--broken` fails.
const PROGRAM: &str = "boundary=1 rounding=1\n\
    for word in \"$@\"; do case $word in --boundary) boundary=0;; --rounding) rounding=0;; --broken) echo gone >&2; exit 9;; --home) echo \"cannot open $HOME/gone\" >&2; exit 9;; esac; done\n\
    printf 't,q\\n0,%s\\n1,%s\\n' $boundary $rounding > flux.csv\necho 7";

/// A reference that was called with `reference`, and the variants: id, words of the reference, words of the candidate.
fn explained(scene: &Scene, reference: &str, variants: &[(&str, &str, &str)], more: &str) -> Called {
    scene.script("candidate", PROGRAM);
    scene.script("reference", &format!("set -- \"$@\" {reference}\n{PROGRAM}"));
    let mut adapter = ADAPTER.to_owned();
    for (id, reference, candidate) in variants {
        adapter += &format!("[[variant]]\nid = \"{id}\"\nmeaning = \"{id}\"\n");
        for (side, word) in
            [("reference", reference), ("candidate", candidate)].iter().filter(|(_, w)| !w.is_empty())
        {
            adapter += &format!("{side}_args = [\"{word}\"]\n");
        }
    }
    fs::write(scene.path("heat.toml"), adapter).unwrap();
    scene.run(&format!("--adapter heat.toml --explain --outdir b {more} -- -n 10"))
}

/// The field `explanation`, of a bundle that is sound and follows from its files.
fn explanation(scene: &Scene) -> Value {
    scene.assert_sound("b");
    let summary = scene.json("b/summary.json");
    assert_valid_outputs(&summary, &scene.json("b/env.json"), &scene.json("b/metrics.json"));
    let again = scene.run("recompute b");
    assert_eq!(again.code, 0, "{}", again.shown());
    summary["explanation"].clone()
}

fn sets(found: &Value) -> Vec<String> {
    let ids = |set: &Value| -> Vec<String> {
        set["variants"].as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect()
    };
    found["tried"].as_array().unwrap().iter().map(|set| ids(set).join("+")).collect()
}

const BOTH: &[(&str, &str, &str)] = &[("OLD EDGE", "", "--boundary"), ("HALF", "", "--rounding")];

#[test]
fn one_variant_that_is_the_whole_difference_is_named_and_the_verdict_stays() {
    let scene = Scene::new();
    let called = explained(&scene, "--rounding", BOTH, "");
    assert_eq!(called.code, 3, "{}", called.shown());
    assert!(called.out.contains("explanation: with `HALF` all outputs are the same bytes"), "{}", called.out);
    assert!(called.out.contains("`OLD EDGE`: 1 of 2 outputs are the same bytes; not flux"), "{}", called.out);
    let found = explanation(&scene);
    assert_eq!((sets(&found), &found["minimal"]), (vec!["OLD EDGE".into(), "HALF".into()], &json!(["HALF"])));
    for file in ["report.html", "analysis.md"] {
        let text = fs::read_to_string(scene.path("b").join(file)).unwrap();
        assert!(text.contains("Explanation") && text.contains("HALF"), "{file}");
    }
}

#[test]
fn a_pair_is_tried_where_none_alone_is_enough() {
    let scene = Scene::new();
    let called = explained(&scene, "--boundary --rounding", BOTH, "");
    assert_eq!(called.code, 3, "{}", called.shown());
    let found = explanation(&scene);
    assert_eq!(sets(&found), ["OLD EDGE", "HALF", "OLD EDGE+HALF"]);
    assert_eq!(found["minimal"], json!(["OLD EDGE", "HALF"]));
    let step = scene.json("b/summary.json")["steps"][4].clone();
    assert_eq!(step["name"], "variants-1-2-candidate");
    assert_eq!(
        step["command"].as_array().unwrap()[1..],
        [json!("-n"), json!("10"), json!("--boundary"), json!("--rounding")]
    );
}

#[test]
fn a_variant_of_the_reference_runs_the_reference_again() {
    let scene = Scene::new();
    explained(&scene, "--boundary", &[("NEW", "--rounding", "--rounding"), ("EDGE", "", "--boundary")], "");
    let steps = scene.json("b/summary.json")["steps"].as_array().unwrap().len();
    assert_eq!(steps, 2 + 2 + 1, "both sides, both with NEW, the candidate with EDGE");
    assert_eq!(explanation(&scene)["minimal"], json!(["EDGE"]));
}

#[test]
fn a_variant_that_is_on_stays_on_and_is_not_tried() {
    let scene = Scene::new();
    explained(&scene, "--boundary --rounding", BOTH, "--variant HALF");
    let found = explanation(&scene);
    assert_eq!((sets(&found), &found["minimal"]), (vec!["OLD EDGE".into()], &json!(["OLD EDGE"])));
}

#[test]
fn the_same_bytes_need_no_explanation_and_what_no_variant_explains_is_said_so() {
    let scene = Scene::new();
    let called = explained(&scene, "", BOTH, "");
    assert_eq!(called.code, 0, "{}", called.shown());
    let found = explanation(&scene);
    assert_eq!((sets(&found).len(), &found["minimal"]), (0, &json!([])));
    let scene = Scene::new();
    let called = explained(&scene, "--boundary", &[("HALF", "", "--rounding"), ("BAD", "", "--broken")], "");
    assert_eq!(called.code, 3, "{}", called.shown());
    let found = explanation(&scene);
    assert_eq!(found["minimal"], Value::Null);
    assert!(found["tried"][1]["failed"].as_str().unwrap().contains("exit status 9"), "{found}");
}

#[test]
fn a_variant_whose_last_words_cannot_be_recorded_costs_no_verdict() {
    let scene = Scene::new();
    // Under a home folder, which no bundle names.
    let called = explained(&scene, "--boundary", &[("BROKEN", "", "--home")], "");
    assert_eq!(called.code, 3, "{}", called.shown());
    let found = explanation(&scene);
    assert!(found["tried"][0]["failed"].is_string(), "{found}");
}

#[test]
fn an_explanation_that_the_outputs_do_not_show_is_found() {
    let scene = Scene::new();
    explained(&scene, "--rounding", BOTH, "");
    let folder = scene.path("b");
    let collected = |bytes: Vec<u8>| {
        let mut summary: Value = serde_json::from_slice(&bytes).unwrap();
        let step = summary["steps"][2]["name"].as_str().unwrap().to_owned();
        summary["steps"][2]["collected"][format!("outputs/{step}/flux.txt")] =
            json!("{tmp}/reference/flux.csv");
        serde_json::to_vec_pretty(&summary).unwrap()
    };
    forge(&folder, &[("summary.json", &collected)]);
    let again = scene.run("recompute b");
    assert!(again.code == 3 && again.out.contains("collected other files"), "{}", again.shown());
    fs::remove_dir_all(&folder).unwrap();
    explained(&scene, "--rounding", BOTH, "");
    let [is, says] = ["\"minimal\": [\n      \"HALF\"", "\"minimal\": [\n      \"OLD EDGE\""];
    forge(&folder, &[("summary.json", &text(is, says))]);
    let again = scene.run("recompute b");
    assert!(again.code == 3 && again.out.contains("`explanation`"), "{}", again.shown());
}

/// A candidate that finds what another run left could copy it, and its variants would explain what they do not.
#[test]
fn no_run_finds_the_outputs_of_another_one() {
    let scene = Scene::new();
    let variants = [("NEW", "--boundary", "--boundary"), ("HALF", "", "--rounding")];
    explained(&scene, "--rounding --boundary", &[], "");
    fs::remove_dir_all(scene.path("b")).unwrap();
    let look = "for p in $(find \"$(cd \"$TMPDIR/..\" && pwd -P)\" -name 'flux*' -type f ! -path \"$(pwd -P)/*\" 2>/dev/null); do\n\
                echo \"saw $p\" >&2; cp \"$p\" flux.csv; done\n";
    scene.script("thief", &format!("{PROGRAM}\n{look}"));
    let mut adapter = ADAPTER.replace("./candidate", "./thief");
    for (id, reference, candidate) in variants {
        adapter +=
            &format!("[[variant]]\nid = \"{id}\"\nmeaning = \"{id}\"\ncandidate_args = [\"{candidate}\"]\n");
        if !reference.is_empty() {
            adapter += &format!("reference_args = [\"{reference}\"]\n");
        }
    }
    fs::write(scene.path("heat.toml"), adapter).unwrap();
    let called = scene.run("--adapter heat.toml --explain --outdir b -- -n 10");
    assert_eq!(called.code, 3, "{}", called.shown());
    // Both variants together make the thief's own numbers those of the reference; neither does alone.
    let found = explanation(&scene);
    assert_eq!(found["minimal"], json!(["NEW", "HALF"]), "{found:#}");
    let steps = scene.json("b/summary.json")["steps"].as_array().unwrap().clone();
    assert!(steps.len() > 5, "{}", steps.len());
    let mut folders: Vec<&str> = steps.iter().map(|step| step["folder"].as_str().unwrap()).collect();
    for step in &steps {
        let log = fs::read_to_string(scene.path("b").join(step["logs"][1].as_str().unwrap())).unwrap();
        assert_eq!(log, "", "{step:#}");
    }
    folders.sort_unstable();
    folders.dedup();
    assert_eq!(folders.len(), steps.len(), "each run has a folder of its own");
}
