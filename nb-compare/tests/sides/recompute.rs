//! Bundles that are computed again: what does not follow from their images is found, however well they verify.
//!
//! Not here: whether bundles are unchanged (`trace-harness`).

use std::fs;

use crate::support::forge::{Change, forge, text};
use crate::support::{Called, Scene, wave};

fn scene() -> Scene {
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
fn a_matrix_is_computed_case_by_case_and_says_which_images_it_has_not() {
    let scene = scene();
    fs::write(
        scene.path("cases.toml"),
        "[[case]]\nname = 'one'\nargs = '-N 5'\n[[case]]\nname = 'two'\nargs = '-N 6'\n",
    )
    .unwrap();
    let call = |keep: &str| {
        scene.run(&format!(
            "matrix cases.toml --reference ./ref --candidate ./near --keep-images {keep} --outdir {keep}"
        ))
    };
    assert_eq!(call("all").code, 0);
    let run = scene.run("recompute all");
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(run.out.contains("computed again: 2"), "{}", run.out);
    assert_eq!(call("failed").code, 0);
    let run = scene.run("recompute failed");
    assert_eq!(run.code, 5, "{}", run.out);
    assert!(
        run.out.contains("not computed again: one: `cases/one/reference_float.bin` was not kept"),
        "{}",
        run.out
    );
    let far = fs::read(scene.path("far.image")).unwrap();
    // Both candidates wrote the same image, so that both have one digest.
    let exchange = |_: Vec<u8>| far.clone();
    let names = ["cases/one/candidate_float.bin", "cases/two/candidate_float.bin"];
    forge(&scene.path("all"), &names.map(|name| (name, &exchange as Change<'_>)));
    let run = scene.run("recompute all");
    assert_eq!(run.code, 3, "{}", run.out);
    assert!(run.out.contains("two: `verdict`: says \"PASS\", is \"FAIL\""), "{}", run.out);
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
fn a_matrix_may_not_lose_a_case_that_ran() {
    let scene = scene();
    fs::write(
        scene.path("cases.toml"),
        "[[case]]\nname = 'one'\nargs = '-N 5'\n[[case]]\nname = 'two'\nargs = '-N 6'\n",
    )
    .unwrap();
    let call = "matrix cases.toml --reference ./ref --candidate ./near --keep-images all --outdir all";
    assert_eq!(scene.run(call).code, 0);
    let lose = |bytes: Vec<u8>| {
        let mut summary: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        summary["cases"].as_array_mut().unwrap().pop();
        summary["counts"]["passed"] = 1.into();
        summary["reason"] = "the only case passes".into();
        serde_json::to_vec_pretty(&summary).unwrap()
    };
    let told = text("all 2 cases pass", "the only case passes");
    let changes: [(&str, Change<'_>); 4] = [
        ("summary.json", &lose),
        ("report.html", &told),
        ("analysis.md", &told),
        ("ro-crate-metadata.json", &told),
    ];
    forge(&scene.path("all"), &changes);
    let run = scene.run("recompute all");
    assert_eq!(run.code, 3, "{}", run.out);
    assert!(run.out.contains("ran, and its case has no result"), "{}", run.out);
}

const THREE: &str = "[[case]]\nname = 'one'\nargs = '-N 5'\n[[case]]\nname = 'two'\nargs = '-N 6'\n[[case]]\nname = 'three'\nargs = '-N 7'\n";

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
fn a_matrix_says_how_many_cases_of_its_list_were_left_out() {
    let scene = scene();
    fs::write(scene.path("cases.toml"), THREE).unwrap();
    let call = "matrix cases.toml --reference ./ref --candidate ./near --keep-images all";
    let run = scene.run(&format!("{call} --only one --only two --outdir some"));
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(run.out.contains("all 2 cases pass; 1 of the 3 cases in the list were left out"), "{}", run.out);
    assert_eq!(scene.json("some/summary.json")["only"], serde_json::json!(["one", "two"]));
    let run = scene.run("recompute some");
    assert!(run.code == 0 && run.out.contains("2 of the 3 cases in the list were chosen"), "{}", run.out);
    // Nor may it say that the list is shorter.
    let told = text("; 1 of the 3 cases in the list were left out", "");
    let shorter = |bytes: Vec<u8>| text("\"listed\": 3", "\"listed\": 2")(told(bytes));
    let changes: [(&str, Change<'_>); 4] = [
        ("summary.json", &shorter),
        ("report.html", &told),
        ("analysis.md", &told),
        ("ro-crate-metadata.json", &told),
    ];
    forge(&scene.path("some"), &changes);
    let run = scene.run("recompute some");
    assert_eq!(run.code, 3, "{}", run.out);
    assert!(run.out.contains("says that the list has 2 cases, which has 3"), "{}", run.out);
}

#[test]
fn arguments_and_settings_of_a_case_are_those_of_its_list() {
    let scene = scene();
    let list = "args = '-N 5'\n[[case]]\nname = 'one'\nargs = '-lambda 1'\nroi = [0, 9, 0, 9]\nthreshold = 0.9\n\
                sum_ratio = [0.9, 1.1]\nrtol = 0.01\nwithin = 0.99\nmax_ulp = 100000\n";
    fs::write(scene.path("cases.toml"), list).unwrap();
    let call = "matrix cases.toml --reference ./ref --candidate ./near --keep-images all --outdir";
    assert_eq!(scene.run(&format!("{call} honest")).code, 0);
    assert_eq!(scene.run("recompute honest").code, 0);
    for (what, place, value) in [
        ("args", "/args", serde_json::json!(["-N", "5", "-lambda", "2"])),
        ("args", "/args", serde_json::json!(["-N", "5"])),
        ("roi", "/settings/roi", serde_json::json!([0, 9, 0, 8])),
        ("threshold", "/settings/threshold", 0.8.into()),
        ("sum_ratio", "/settings/sum_ratio", serde_json::json!([0.8, 1.1])),
        ("rtol", "/settings/rtol", 0.02.into()),
        ("within", "/settings/within", 0.98.into()),
        ("max_ulp", "/settings/max_ulp", 100_001.into()),
    ] {
        assert_eq!(scene.run(&format!("{call} m")).code, 0);
        let change = |bytes: Vec<u8>| {
            let mut summary: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
            *summary["cases"][0].pointer_mut(place).unwrap() = value.clone();
            serde_json::to_vec_pretty(&summary).unwrap()
        };
        forge(&scene.path("m"), &[("summary.json", &change)]);
        let run = scene.run("recompute m");
        let expected = format!("case `one`: `{what}` is not that of the list of cases");
        assert!(run.code == 3 && run.out.contains(&expected), "{what}: {}", run.shown());
        fs::remove_dir_all(scene.path("m")).unwrap();
    }
}

#[test]
fn what_people_read_of_a_matrix_is_made_again_of_its_cases() {
    let scene = scene();
    fs::write(scene.path("cases.toml"), THREE).unwrap();
    let call = "matrix cases.toml --reference ./ref --candidate ./near --keep-images all --outdir";
    let in_case = |field: &'static str, value: serde_json::Value| {
        move |bytes: Vec<u8>| {
            let mut summary: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
            summary["cases"][1][field] = value.clone();
            serde_json::to_vec_pretty(&summary).unwrap()
        }
    };
    let sha256 = in_case("sha256", serde_json::json!(["0".repeat(64), "1".repeat(64)]));
    let args = in_case("args", serde_json::json!(["-another"]));
    let code = in_case("exit_code", 3.into());
    let sides =
        in_case("sides", serde_json::json!({"reference_s": 9.0, "candidate_s": 9.0, "from_cache": false}));
    let table = text("| PASS |", "| FAIL |");
    let page = text("<td class=\"PASS\">PASS</td>", "<td class=\"FAIL\">FAIL</td>");
    let name = text("name=\"two\"", "name=\"other\"");
    let figure = text("\"cases_passed\": 3", "\"cases_passed\": 2");
    let changes: [(&str, Change<'_>, &str); 8] = [
        ("summary.json", &sha256, "`sha256` does not follow"),
        ("summary.json", &args, "`args` does not follow"),
        ("summary.json", &code, "`exit_code` does not follow"),
        ("summary.json", &sides, "`sides` does not follow"),
        ("analysis.md", &table, "`analysis.md` says something else"),
        ("report.html", &page, "`report.html` says something else"),
        ("junit.xml", &name, "`junit.xml` says something else"),
        ("metrics.json", &figure, "`metrics.json` says something else"),
    ];
    for (i, (file, change, said)) in changes.into_iter().enumerate() {
        let out = format!("out{i}");
        assert_eq!(scene.run(&format!("{call} {out}")).code, 0);
        let run = scene.run(&format!("recompute {out}"));
        assert_eq!(run.code, 0, "{}", run.out);
        forge(&scene.path(&out), &[(file, change)]);
        let run = scene.run(&format!("recompute {out}"));
        assert!(run.code == 3 && run.out.contains(said), "{file}: {}", run.out);
    }
}

#[test]
fn a_small_picture_that_is_exchanged_is_found_where_the_images_are_kept() {
    let scene = scene();
    fs::write(scene.path("cases.toml"), THREE).unwrap();
    // The picture of A in place of that of B.
    let exchange = |bytes: Vec<u8>| {
        let page = String::from_utf8(bytes).unwrap();
        let source = |alt: &str| {
            let start = format!("alt=\"{alt}\" src=\"");
            let place = page.find(&start).unwrap() + start.len();
            place..place + page[place..].find('"').unwrap()
        };
        let (a, b) = (source("A"), source("B"));
        [&page[..b.start], &page[a], &page[b.end..]].concat().into_bytes()
    };
    for (keep, code, said) in
        [("all", 3, "`report.html` says something else"), ("none", 5, "small pictures of cases")]
    {
        let call = format!(
            "matrix cases.toml --reference ./ref --candidate ./far --keep-images {keep} --outdir {keep}"
        );
        assert_eq!(scene.run(&call).code, 3);
        let honest = scene.run(&format!("recompute {keep}"));
        assert_eq!(honest.code, if keep == "all" { 0 } else { 5 }, "{}", honest.out);
        assert_eq!(honest.out.contains("small pictures"), keep == "none", "{}", honest.out);
        forge(&scene.path(keep), &[("report.html", &exchange)]);
        let run = scene.run(&format!("recompute {keep}"));
        assert!(run.code == code && run.out.contains(said), "{keep}: {}", run.out);
    }
}

/// A runner writes them by their names into its own folder.
#[test]
fn a_matrix_whose_arguments_name_outputs_in_other_folders_follows_from_its_files() {
    let scene = scene();
    let elsewhere = scene.path("elsewhere");
    let list = format!(
        "[[case]]\nname = 'one'\nargs = \"-N 5 -intfile sub/x.img -pgmfile {0}/p.pgm -floatfile {0}/f.bin\"\n\
         [[case]]\nname = 'two'\nargs = \"-noisefile ../n.img --png {0}/x.png -floatfile f.bin -N 5\"\n",
        elsewhere.display()
    );
    fs::write(scene.path("cases.toml"), list).unwrap();
    let called =
        scene.run("matrix cases.toml --reference ./ref --candidate ./near --keep-images all --outdir out");
    assert_eq!(called.code, 0, "{}", called.err);
    let run = scene.run("recompute out");
    assert_eq!((run.code, run.out.lines().count()), (0, 1), "{}{}", run.out, run.err);
    assert!(run.out.contains("comparisons computed again: 2"), "{}", run.out);
    assert!(!elsewhere.exists() && !scene.path("sub").exists());
}

#[test]
fn a_matrix_compares_what_its_cases_left_and_nothing_else() {
    let scene = scene();
    fs::write(scene.path("cases.toml"), THREE).unwrap();
    scene.image("same.bin", &wave(32, 1.0));
    let call = "matrix cases.toml --reference ./ref --candidate ./near --keep-images all --outdir out";
    assert_eq!(scene.run(call).code, 0);
    let without_steps = |bytes: Vec<u8>| {
        let mut summary: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        for case in summary["cases"].as_array_mut().unwrap() {
            case["settings"]["images"] = serde_json::json!(["{input:x}/a", "{input:x}/a"]);
        }
        serde_json::to_vec_pretty(&summary).unwrap()
    };
    forge(&scene.path("out"), &[("summary.json", &without_steps)]);
    let run = scene.run("recompute out");
    assert!(run.code == 3 && run.out.contains("was judged by {input:x}/a"), "{}", run.out);
}

#[test]
fn an_honest_matrix_follows_however_its_cases_ended() {
    let scene = scene();
    scene.simulator("broken", &wave(32, 1.0), "exit 7");
    fs::write(scene.path("no.bin"), "no image").unwrap();
    let list = format!("{THREE}[[case]]\nname = 'no'\nargs = '-N 8'\nreference_image = 'no.bin'\n");
    fs::write(scene.path("cases.toml"), list).unwrap();
    for candidate in ["near", "far", "broken"] {
        let call = format!(
            "matrix cases.toml --reference ./ref --candidate ./{candidate} --keep-images all --outdir {candidate}"
        );
        assert_ne!(scene.run(&call).code, 0);
        let run = scene.run(&format!("recompute {candidate}"));
        assert_ne!(run.code, 3, "{candidate}: {}", run.out);
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
    let reference = fs::read(scene.path("out/reference_float.bin")).unwrap();
    forge(&scene.path("out"), &[("candidate_float.bin", &|_| reference.clone())]);
    let forged = result(3);
    assert!(lengths(&forged)[0] > 0, "{forged:#}");
}
