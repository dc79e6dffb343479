//! Which of the two C programs the reference is, told from what it prints; our own simulator plays both.
//!
//! Not here: what the programs do differently (`nanobragg`'s tests).

use std::fs;
use std::process::Command;

use crate::support::Scene;

/// Our simulator as one of the C programs.
fn c_program(scene: &Scene, dialect: &str) {
    let own = env!("CARGO_BIN_EXE_nb-compare");
    let place = if dialect == "fork" { "echo DETECTOR_FAST_AXIS 0 0 1" } else { ":" };
    let banner = "echo 'nanoBragg nanocrystal diffraction simulator'";
    let call = format!("exec '{own}' __nanobragg --parity --dialect {dialect} \"$@\"");
    scene.script("c.sh", &format!("{banner}\n{place}\n{call}"));
}

const COMMON: &str = "-default_F 100 -cell 30 40 50 90 90 90 -lambda 1.2 -distance 100 -detpixels 48 -pixel 0.5 \
                      -fluence 1e24 -oversample 1 -nointerpolate";

#[test]
fn a_candidate_that_is_to_be_like_c_is_told_which_program_that_is() {
    for (dialect, is) in
        [("fork", "the trace-instrumented fork of nanoBragg"), ("upstream", "upstream's nanoBragg")]
    {
        let scene = Scene::new();
        c_program(&scene, dialect);
        let flags = format!("{COMMON} -misset 10 20 30 -misset_seed 5 -N 6");
        let run = scene
            .run(&format!("--reference ./c.sh --candidate-arg=--parity --max-ulp 0 --outdir out -- {flags}"));
        assert_eq!(run.code, 0, "{dialect}: {}{}", run.out, run.err);
        assert!(
            run.out.contains(&format!("Reference: {is}; the candidate is told so by --dialect")),
            "{}",
            run.out
        );
        let commands = fs::read_to_string(scene.path("out/commands.txt")).unwrap();
        assert!(commands.contains(&format!("--parity --dialect {dialect}")), "{commands}");
        scene.assert_sound("out");

        let list =
            format!("[[case]]\nname = 'one'\nargs = '{flags}'\ncandidate_args = '--parity'\nmax_ulp = 0\n");
        fs::write(scene.path("cases.toml"), list).unwrap();
        let run = scene.run("matrix cases.toml --reference ./c.sh --outdir cases");
        assert_eq!(run.code, 0, "{dialect}: {}{}", run.out, run.err);
        assert!(run.err.contains(&format!("notice: the reference is {is}")), "{}", run.err);
    }
}

#[test]
fn the_verdict_names_what_our_default_simulator_corrects() {
    let scene = Scene::new();
    c_program(&scene, "fork");
    let rotation = format!("{COMMON} -N 6 -misset 10 20 30 -phi 0 -osc 1.5 -phisteps 3");
    let call =
        |more: &str, flags: &str| scene.run(&format!("--reference ./c.sh --max-ulp 0 {more} -- {flags}"));
    let run = call("", &rotation);
    assert_eq!(run.code, 3, "{}{}", run.out, run.err);
    let advice = "the candidate corrects C-PARITY-001; try --candidate-arg --parity or --explain";
    assert!(run.out.contains(&format!("FAIL: {advice}")), "{}", run.out);
    for (more, flags) in [("--candidate-arg=--parity", rotation.as_str()), ("", &format!("{COMMON} -N 6"))] {
        let run = call(more, flags);
        assert_eq!(run.code, 0, "{}{}", run.out, run.err);
        assert!(!run.out.contains("corrects"), "{}", run.out);
    }
}

#[test]
fn a_reference_that_the_environment_names_is_looked_up_on_the_path_by_every_command() {
    let scene = Scene::new();
    fs::create_dir(scene.path("bin")).unwrap();
    fs::create_dir(scene.path("elsewhere")).unwrap();
    c_program(&scene, "fork");
    fs::rename(scene.path("c.sh"), scene.path("bin/nb-reference-of-this-test")).unwrap();
    let words: Vec<String> = COMMON.split_whitespace().map(|word| format!("'{word}'")).collect();
    let list = format!("[[case]]\nname = 'a'\nargs = [{}]\n", words.join(", "));
    fs::write(scene.path("cases.toml"), list).unwrap();
    let pair = [&["--outdir", "pair", "--"][..], &COMMON.split_whitespace().collect::<Vec<_>>()].concat();
    for args in [&pair[..], &["matrix", "cases.toml", "--outdir", "list"]] {
        let call = |folder: &str| {
            let path = format!("{}:{}", std::env::var("PATH").unwrap(), scene.path(folder).display());
            let mut command = Command::new(env!("CARGO_BIN_EXE_nb-compare"));
            command.args(args).current_dir(scene.path("")).env_remove("NB_PY_BIN").env("PATH", path);
            command.env("NB_C_BIN", "nb-reference-of-this-test").env("XDG_CACHE_HOME", scene.path("caches"));
            command.output().unwrap()
        };
        let refused = call("elsewhere");
        let words = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(refused.status.code() == Some(1) && words.contains("the reference is not there"), "{words}");
        let found = call("bin");
        let words = String::from_utf8_lossy(&found.stderr).into_owned();
        assert!(matches!(found.status.code(), Some(0 | 3)), "{args:?} {words}");
    }
}
