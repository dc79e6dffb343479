//! A matrix that is judged by what flipped since its baseline, and the baseline's keeping.
//!
//! Not here: the file as such (`trace_harness::cases::baseline`), a matrix without one (`matrix`).

use std::fs;

use crate::support::forge::{forge, text};
use crate::support::{Scene, wave};

const LIST: &str = "args = '-detpixels 32'\n\
    [[case]]\nname = 'good'\nargs = '-N 1'\nmax_ulp = 0\n\
    [[case]]\nname = 'bad'\nargs = '-double'\n";

const CALL: &str =
    "matrix cases.toml --reference ./ref --candidate ./mine --baseline known.toml --keep-images all";

/// A candidate that doubles what it is asked to, in the case `bad`; `broken` does so in every case.
fn scene() -> Scene {
    let scene = Scene::new();
    scene.simulator("ref", &wave(32, 1.0), "");
    scene.simulator("twice", &wave(32, 2.0), "");
    scene.simulator("same", &wave(32, 1.0), "");
    let path = |name: &str| scene.path(name).display().to_string();
    let choose = format!(
        "for word in \"$@\"; do case $word in\n-double) exec {} \"$@\";;\nesac; done\nexec {} \"$@\"",
        path("twice"),
        path("same")
    );
    scene.script("mine", &choose);
    scene.script("broken", &format!("exec {} \"$@\"", path("twice")));
    scene.script("mended", &format!("exec {} \"$@\"", path("same")));
    fs::write(scene.path("cases.toml"), LIST).unwrap();
    scene
}

fn known(scene: &Scene) -> String {
    fs::read_to_string(scene.path("known.toml")).unwrap_or_default()
}

/// Writes the baseline of `mine`.
fn with_baseline() -> Scene {
    let scene = scene();
    let made = scene.run(&format!("{CALL} --outdir first --update-baseline --reason known-defect"));
    assert_eq!(made.code, 0, "{}{}", made.out, made.err);
    scene
}

#[test]
fn a_failure_is_accepted_only_with_a_reason() {
    let scene = scene();
    let refused = scene.run(&format!("{CALL} --outdir refused --update-baseline"));
    assert_eq!(refused.code, 1, "{}{}", refused.out, refused.err);
    assert!(refused.err.contains("expected --reason TEXT"), "{}", refused.err);
    assert_eq!(known(&scene), "", "nothing is written");
    let absent = scene.run(&format!("{CALL} --outdir absent"));
    assert_ne!(absent.code, 0, "a baseline that is not there is no empty one");
    assert!(absent.err.contains("known.toml"), "{}", absent.err);

    let scene = with_baseline();
    let written = known(&scene);
    assert!(
        written.contains(
            "name = \"bad\"\nverdict = \"FAIL\"\nreason = \"known-defect\"\nfirst_seen = \"first\""
        ),
        "{written}"
    );
    assert!(written.contains("name = \"good\"\nverdict = \"PASS\"\n"), "{written}");
}

#[test]
fn what_is_as_known_passes_and_says_so_everywhere() {
    let scene = with_baseline();
    let run = scene.run(&format!("{CALL} --outdir out --junit told.xml"));
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert!(run.out.contains("PASS: 2 cases: 1 pass, 1 failing as known"), "{}", run.out);
    let junit = fs::read_to_string(scene.path("told.xml")).unwrap();
    assert!(junit.contains("skipped=\"1\"") && junit.contains("known failure: known-defect"), "{junit}");
    assert!(junit.contains("failures=\"0\""), "{junit}");
    let page = fs::read_to_string(scene.path("out/report.html")).unwrap();
    assert!(page.contains("failing as known") && page.contains("known-defect"), "the page names it");
    let flips = &scene.json("out/summary.json")["counts"]["flips"];
    assert_eq!(flips[0]["kind"], "still_failing", "{flips}");
    scene.assert_sound("out");
    let again = scene.run("recompute out");
    assert_eq!(again.code, 0, "{}{}", again.out, again.err);
    assert!(
        (again.out + &again.err).contains("which its baseline accepts: known-defect"),
        "what is accepted is named"
    );
}

#[test]
fn what_flips_for_the_worse_fails_and_what_is_mended_is_named() {
    let scene = with_baseline();
    let worse = scene.run(&format!("{CALL} --outdir worse").replace("./mine", "./broken"));
    assert_eq!(worse.code, 3, "{}{}", worse.out, worse.err);
    assert!(
        worse.out.contains("1 newly failing (good), 1 failing as known; the worst is good:"),
        "{}",
        worse.out
    );
    let mended = scene.run(&format!("{CALL} --outdir better").replace("./mine", "./mended"));
    assert_eq!(mended.code, 0, "{}{}", mended.out, mended.err);
    assert!(mended.out.contains("2 cases: 2 pass, 1 newly passing (bad)"), "{}", mended.out);

    // A case that comes new and fails, and one that is gone.
    let other = LIST.replace("'good'", "'fresh'").replace("-N 1", "-double");
    fs::write(scene.path("cases.toml"), other).unwrap();
    let new = scene.run(&format!("{CALL} --outdir new"));
    assert_eq!(new.code, 3, "{}{}", new.out, new.err);
    assert!(new.out.contains("1 new and failing (fresh), 1 gone (good), 1 failing as known"), "{}", new.out);
}

#[test]
fn a_part_of_the_cases_leaves_the_others_as_they_are() {
    let scene = with_baseline();
    let before = known(&scene);
    let run = scene.run(&format!("{CALL} --outdir part --only good --update-baseline"));
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    assert_eq!(known(&scene), before);
}

#[test]
fn a_failure_that_is_stated_as_known_and_is_not_does_not_follow() {
    let scene = with_baseline();
    let run = scene.run(&format!("{CALL} --outdir out").replace("./mine", "./broken"));
    assert_eq!(run.code, 3, "{}{}", run.out, run.err);
    let known = text("\"kind\": \"newly_failing\"", "\"kind\": \"still_failing\"");
    forge(&scene.path("out"), &[("summary.json", &known)]);
    let forged = scene.run("recompute out");
    assert_eq!(forged.code, 3, "{}{}", forged.out, forged.err);
    assert!((forged.out + &forged.err).contains("`counts` of the matrix: says"));
}
