//! Bundles that are computed again: what does not follow from their images is found, however well they verify.
//!
//! Not here: whether bundles are unchanged (`trace-harness`).

use std::fs;

use crate::support::forge::{Change, forge, text};
use crate::support::{Called, Scene, wave};

pub(crate) fn scene() -> Scene {
    let scene = Scene::new();
    scene.simulator("ref", &wave(32, 1.0), "");
    let mut other = wave(32, 1.0);
    other.iter_mut().step_by(5).for_each(|p| *p *= 1.001);
    scene.simulator("near", &other, "");
    scene.simulator("far", &wave(32, 3.0), "");
    scene
}

fn bundle(scene: &Scene, candidate: &str, more: &str) -> Called {
    scene.run(&format!("--reference ./ref --candidate ./{candidate} --outdir out {more} -- -N 5"))
}

/// The verdict is turned wherever the bundle has it.
fn turn_everywhere(scene: &Scene) {
    let turn = text("FAIL", "PASS");
    let turn_summary = |bytes: Vec<u8>| {
        let text = String::from_utf8(turn(bytes)).unwrap();
        text.replace("\"exit\": 3", "\"exit\": 0").replace("\"exit\": 2", "\"exit\": 0").into_bytes()
    };
    // Its styles name the verdicts as well, and are to stay as they are.
    let turn_page = |bytes: Vec<u8>| {
        let page = String::from_utf8(bytes).unwrap();
        let parts = ["<title>", "class=\"verdict ", "<strong>"];
        let turned = parts
            .iter()
            .fold(page, |page, part| page.replacen(&format!("{part}FAIL"), &format!("{part}PASS"), 1));
        turned.into_bytes()
    };
    let changes: [(&str, Change<'_>); 4] = [
        ("summary.json", &turn_summary),
        ("analysis.md", &turn),
        ("ro-crate-metadata.json", &turn),
        ("report.html", &turn_page),
    ];
    forge(&scene.path("out"), &changes);
}

#[test]
fn what_a_comparison_says_follows_from_its_images() {
    for more in
        ["", "--roi 3 20 5 30", "--max-ulp 0 --threshold 1 --peaks 0.5", "--mask open.bin --within 0.5"]
    {
        let scene = scene();
        scene.image("open.bin", &(0..1024_u16).map(|i| f32::from(i % 3)).collect::<Vec<_>>());
        for candidate in ["near", "far"] {
            let first = bundle(&scene, candidate, more);
            let run = scene.run("recompute out");
            assert_eq!(run.code, 0, "{more}: {}{}{}", first.err, run.out, run.err);
            let first_line = "out: follows from its files; comparisons computed again: 1\n";
            assert!(run.out.starts_with(first_line), "{}", run.out);
            let is_loose =
                run.out.contains("judged more loosely than usual: a share of 0.5 of agreeing pixels");
            assert_eq!(is_loose, more.contains("--within 0.5"), "{}", run.out);
            let is_part =
                |option, said| assert_eq!(run.out.contains(said), more.contains(option), "{}", run.out);
            is_part("--roi", "judged more loosely than usual: the pixels of the region 3 20 5 30 only");
            is_part("--mask", "judged more loosely than usual: the pixels that a mask leaves only");
            fs::remove_dir_all(scene.path("out")).unwrap();
        }
    }
}

#[test]
fn what_people_are_shown_follows_from_the_files() {
    let scene = scene();
    let table = text("<td>1,024</td>", "<td>1,025</td>");
    let row = text("| pixels_compared | 1024 |", "| pixels_compared | 1025 |");
    let pixels = text("\"fast\":32", "\"fast\":64");
    let candidate = |_: Vec<u8>| fs::read(scene.path("out/candidate.png")).unwrap();
    let forgeries: [(&str, Change<'_>, &str); 5] = [
        ("report.html", &table, "`report.html` says something else than the files make"),
        ("report.html", &pixels, "`report.html` says something else than the files make"),
        ("analysis.md", &row, "`analysis.md` says something else than the files make"),
        ("diff.png", &candidate, "`diff.png` is another picture than the images make"),
        ("diff.bin", &|bytes| vec![0; bytes.len()], "`diff.bin` is another picture than the images make"),
    ];
    for more in ["--save-diff", "--save-diff --log", "--save-diff --png-scale 90"] {
        for (name, change, finding) in &forgeries {
            assert_eq!(bundle(&scene, "far", more).code, 3);
            let honest = scene.run("recompute out");
            assert_eq!((honest.code, honest.out.lines().count()), (0, 1), "{}{}", honest.out, honest.err);
            forge(&scene.path("out"), &[(name, change)]);
            let run = scene.run("recompute out");
            assert_eq!(run.code, 3, "{}", run.out);
            assert!(run.out.contains(finding), "{}", run.out);
            fs::remove_dir_all(scene.path("out")).unwrap();
        }
    }
}

#[test]
fn pages_of_another_version_are_said_not_to_be_made_again() {
    let scene = scene();
    assert_eq!(bundle(&scene, "near", "").code, 0);
    let other = |bytes: Vec<u8>| {
        let mut summary: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        summary["pages"] = "0123456789abcdef".into();
        serde_json::to_vec_pretty(&summary).unwrap()
    };
    forge(&scene.path("out"), &[("summary.json", &other)]);
    let run = scene.run("recompute out");
    assert_eq!(run.code, 0, "{}", run.out);
    assert!(run.out.contains("not made again: its page"), "{}", run.out);
}

#[test]
fn a_bundle_says_with_which_status_its_comparison_ended() {
    let scene = scene();
    fs::write(scene.path("text"), "no image, but a text of some length\n").unwrap();
    scene.image("small.bin", &wave(16, 1.0));
    scene.image("a.bin", &wave(32, 1.0));
    scene.simulator("fails", &[], "exit 7");
    let exit = |call: &str, folder: &str| {
        let run = scene.run(call);
        let said = scene.json(&format!("{folder}/summary.json"))["exit"].clone();
        assert_eq!(said, run.code, "{call}: {}{}", run.out, run.err);
        let again = scene.run(&format!("recompute {folder}"));
        assert!(!again.out.contains("DOES NOT FOLLOW"), "{}", again.out);
        run.code
    };
    let programs = |candidate: &str, folder: &str| {
        exit(&format!("--reference ./ref --candidate ./{candidate} --outdir {folder} -- -N 5"), folder)
    };
    assert_eq!(programs("near", "passes"), 0);
    assert_eq!(programs("far", "differs"), 3);
    assert_eq!(programs("fails", "program"), 2);
    assert_eq!(exit("files a.bin small.bin --outdir mismatch", "mismatch"), 4);
    assert_eq!(exit("files a.bin text --outdir unreadable", "unreadable"), 5);
}

#[test]
fn an_image_that_is_exchanged_is_found() {
    let scene = scene();
    assert_eq!(bundle(&scene, "far", "").code, 3);
    let reference = fs::read(scene.path("out/reference_float.bin")).unwrap();
    forge(&scene.path("out"), &[("candidate_float.bin", &|_| reference.clone())]);
    let run = scene.run("recompute out");
    assert_eq!(run.code, 3, "{}", run.out);
    assert!(run.out.contains("`byte_identical`: says false, is true"), "{}", run.out);
}

#[test]
fn a_verdict_that_is_turned_is_found() {
    let scene = scene();
    assert_eq!(bundle(&scene, "far", "").code, 3);
    turn_everywhere(&scene);
    let run = scene.run("recompute out --json");
    assert_eq!(run.code, 3, "{}", run.out);
    let findings = run.json()["bundles"][0]["result"]["findings"].to_string();
    assert!(findings.contains("`verdict`: says \\\"PASS\\\", is \\\"FAIL\\\""), "{findings}");
}

#[test]
fn gates_that_are_loosened_afterwards_are_found_by_what_they_asked() {
    let scene = scene();
    assert_eq!(bundle(&scene, "far", "").code, 3);
    let loosen =
        text("\"sum_ratio\": [\n      0.98,\n      1.02", "\"sum_ratio\": [\n      0.01,\n      99.0");
    forge(&scene.path("out"), &[("summary.json", &loosen)]);
    let run = scene.run("recompute out");
    assert_eq!(run.code, 3, "{}", run.out);
    assert!(run.out.contains("`gates`"), "{}", run.out);
}

#[test]
fn two_files_with_evidence_follow_from_their_inputs() {
    let scene = scene();
    scene.image("a.bin", &wave(32, 1.0));
    scene.image("b.bin", &wave(32, 1.5));
    assert_eq!(scene.run("files a.bin b.bin --outdir out").code, 3);
    let run = scene.run("recompute out");
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
}

#[test]
fn a_pass_that_compares_nothing_is_found_and_other_bundles_are_undecided() {
    let scene = scene();
    scene.simulator("broken", &wave(32, 1.0), "exit 7");
    assert_eq!(bundle(&scene, "broken", "").code, 2);
    assert_eq!(scene.run("recompute out").code, 0);
    turn_everywhere(&scene);
    let run = scene.run("recompute out");
    assert_eq!((run.code, run.out.contains("says PASS, and compares nothing")), (3, true), "{}", run.out);
    fs::create_dir(scene.path("empty")).unwrap();
    assert_eq!(scene.run("recompute empty").code, 3);
}

#[test]
fn a_bundle_may_not_choose_the_images_it_is_judged_by() {
    let scene = scene();
    assert_eq!(bundle(&scene, "far", "").code, 3);
    let choose = |bytes: Vec<u8>| {
        let text = String::from_utf8(bytes).unwrap();
        let (start, rest) = text.split_once("\"settings\"").unwrap();
        format!("{start}\"settings\"{}", rest.replacen("candidate_float.bin", "reference_float.bin", 1))
            .into_bytes()
    };
    forge(&scene.path("out"), &[("summary.json", &choose)]);
    let run = scene.run("recompute out");
    assert_eq!(run.code, 3, "{}", run.out);
    let expected = "was judged by reference_float.bin and reference_float.bin; expected reference_float.bin and candidate_float.bin";
    assert!(run.out.contains(expected), "{}", run.out);
}

#[test]
fn which_programs_ran_and_how_is_held_against_steps_and_environment() {
    let scene = scene();
    let field = |name: &'static str, value: serde_json::Value| {
        move |bytes: Vec<u8>| {
            let mut summary: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
            assert!(summary.get(name).is_some(), "{name}");
            summary[name] = value.clone();
            serde_json::to_vec_pretty(&summary).unwrap()
        }
    };
    let program = serde_json::json!({"name": "nanoBragg", "sha256": "0".repeat(64), "version": "1"});
    for (name, value) in [
        ("binary_reference", program.clone()),
        ("binary_candidate", program),
        ("args", serde_json::json!(["-another", "1"])),
        ("args", serde_json::json!(["-N", "99"])),
        ("args", serde_json::json!(["-N"])),
        ("number_types", serde_json::json!({"reference": "64-bit float", "candidate": "64-bit float"})),
        ("reference_cache", "X".into()),
    ] {
        assert_eq!(bundle(&scene, "near", "").code, 0);
        let run = scene.run("recompute out");
        assert_eq!(run.code, 0, "{}", run.out);
        forge(&scene.path("out"), &[("summary.json", &field(name, value))]);
        let run = scene.run("recompute out");
        assert!(run.code == 3 && run.out.contains(&format!("`{name}`")), "{name}: {}", run.out);
        fs::remove_dir_all(scene.path("out")).unwrap();
    }
}

#[test]
fn a_run_that_failed_has_no_comparison_to_compute() {
    let scene = scene();
    scene.simulator("broken", &wave(32, 1.0), "exit 7");
    assert_eq!(bundle(&scene, "broken", "").code, 2);
    let run = scene.run("recompute out --json");
    let result = &run.json()["bundles"][0]["result"];
    assert_eq!(
        (run.code, &result["comparisons"], &result["failed_runs"]),
        (0, &0.into(), &1.into()),
        "{}",
        run.out
    );
}

#[test]
fn a_comparison_of_two_sides_that_delivered_cannot_be_taken_away() {
    let scene = scene();
    assert_eq!(bundle(&scene, "far", "").code, 3);
    let strip = |bytes: Vec<u8>| {
        let mut summary: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        let fields = summary.as_object_mut().unwrap();
        for name in ["settings", "gates", "metrics", "effective_parameters"] {
            fields.remove(name);
        }
        // As if a program had failed.
        fields["exit"] = 2.into();
        serde_json::to_vec_pretty(&summary).unwrap()
    };
    let no_metrics = |bytes: Vec<u8>| {
        let mut metrics: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        metrics["metrics"] = serde_json::json!({});
        serde_json::to_vec_pretty(&metrics).unwrap()
    };
    forge(&scene.path("out"), &[("summary.json", &strip), ("metrics.json", &no_metrics)]);
    let run = scene.run("recompute out");
    assert_eq!(run.code, 5, "{}", run.out);
    assert!(run.out.contains("both sides delivered, and it compares nothing"), "{}", run.out);
}

/// Files that have the reason.
const WITH_REASON: [&str; 4] = ["summary.json", "analysis.md", "report.html", "ro-crate-metadata.json"];

#[test]
fn nothing_stands_in_front_of_the_reason_that_the_files_do_not_make() {
    for (candidate, pixels) in [("ref", "all 1024 pixels are the same bits"), ("far", "the sum of B is")] {
        let scene = scene();
        bundle(&scene, candidate, "");
        let to = if candidate == "ref" {
            "both programs were audited. Pixels: all 1024 pixels are the same bits"
        } else {
            "both programs were audited. Pixels: the sum of B is"
        };
        let turn = text(pixels, to);
        forge(&scene.path("out"), &WITH_REASON.map(|name| (name, &turn as Change<'_>)));
        let run = scene.run("recompute out");
        assert_eq!((run.code, run.out.contains("`reason`: says")), (3, true), "{}", run.out);
    }
}

#[test]
fn effective_parameters_follow_from_what_both_sides_printed() {
    let scene = scene();
    scene.simulator("one", &wave(32, 1.0), "echo 'incident fluence: 1e+24 photons/m^2'");
    scene.simulator("two", &wave(32, 3.0), "echo 'incident fluence: 2e+24 photons/m^2'");
    let run = scene.run("--reference ./one --candidate ./two --outdir out -- -N 5");
    assert!(run.out.contains("fluence is 1e+24 for A and 2e+24"), "{}", run.out);
    let honest = scene.run("recompute out");
    assert_eq!(honest.code, 0, "{}", honest.out);
    let same = |bytes: Vec<u8>| {
        let mut summary: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        let told = &mut summary["effective_parameters"];
        told["different"] = 0.into();
        let row = &mut told["parameters"][0];
        row["candidate"] = row["reference"].clone();
        row["same"] = true.into();
        row["signature"] = serde_json::json!([]);
        serde_json::to_vec_pretty(&summary).unwrap()
    };
    forge(&scene.path("out"), &[("summary.json", &same)]);
    let run = scene.run("recompute out");
    let found = "`effective_parameters`: do not follow from what both sides printed: fluence";
    assert_eq!((run.code, run.out.contains(found)), (3, true), "{}", run.out);
}

#[test]
fn evidence_of_a_candidate_without_an_image_is_sound() {
    for script in
        ["", "mkfifo \"$image\"", "mkdir \"$image\"", ": > \"$image\"", "ln -s /dev/null \"$image\""]
    {
        let scene = scene();
        let place = "while [ $# -gt 0 ]; do [ \"$1\" = -floatfile ] && image=$2; shift; done";
        scene.script("none", &format!("{place}\n{script}\nexit 0"));
        let run = bundle(&scene, "none", "");
        assert_eq!(run.code, 2, "{script}: {}", run.err);
        scene.assert_sound("out");
        let step = &scene.json("out/summary.json")["steps"][1];
        assert_eq!(step["status"]["kind"], "no_output", "{script}: {step}");
        assert_eq!(scene.run("recompute out").code, 0, "{script}");
    }
}

/// `trace-harness verify --recompute` and `rerun` have comparisons computed here, and read these fields.
#[test]
fn what_was_found_stands_in_the_fields_that_other_programs_read() {
    let scene = scene();
    assert_eq!(bundle(&scene, "far", "--within 0.5").code, 3);
    let result = |code: i32| {
        let run = scene.run_with(&["recompute", "--json", "--", "out"]);
        assert_eq!(run.code, code, "{}{}", run.out, run.err);
        run.json()["bundles"][0]["result"].clone()
    };
    let lengths = |told: &serde_json::Value| {
        ["findings", "left_out", "looser", "not_checked"].map(|name| {
            let list = told[name].as_array().unwrap_or_else(|| panic!("{name}: {told:#}"));
            assert!(list.iter().all(serde_json::Value::is_string), "{name}: {told:#}");
            list.len()
        })
    };
    let honest = result(0);
    assert_eq!((honest["comparisons"].as_u64(), lengths(&honest)), (Some(1), [0, 0, 1, 0]), "{honest:#}");
    let judged = serde_json::json!({"images": 1, "arrays": 0, "tables": 0, "noise": 0});
    assert_eq!(honest["judged"], judged, "{honest:#}");
    let reference = fs::read(scene.path("out/reference_float.bin")).unwrap();
    forge(&scene.path("out"), &[("candidate_float.bin", &|_| reference.clone())]);
    let forged = result(3);
    assert!(lengths(&forged)[0] > 0, "{forged:#}");
}
