//! Bundles of a matrix that are computed again: cases, list, figures and pages.
//!
//! Not here: bundles of one comparison (`recompute`).

use std::fs;

use crate::recompute::scene;
use crate::support::forge::{Change, forge, text};
use crate::support::wave;

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
