//! `docs/adapters.md`: its commands do what it says, and its adapter is one.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::Scene;

fn page() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/adapters.md")).unwrap()
}

/// The blocks of `language` on the page, in order.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let start = format!("```{language}\n");
    page.split(&start).skip(1).map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

#[test]
fn the_tutorial_leads_from_nothing_to_a_verdict_in_under_ten_commands() {
    let (scene, page) = (Scene::new(), page());
    // The other program of the project is no part of this test: what it calls is.
    let recomputed = "nb-compare recompute";
    let blocks = blocks(&page, "sh");
    let commands: usize = blocks.iter().take(2).map(|block| commands_of(block)).sum();
    assert!(blocks.len() == 3 && commands < 10, "{commands}");
    let programs = Path::new(env!("CARGO_BIN_EXE_nb-compare")).parent().unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    let mut told = Vec::new();
    for block in &blocks {
        let script = block.replace("trace-harness verify --recompute", recomputed);
        let mut shell = Command::new("sh");
        shell
            .args(["-c", &script])
            .current_dir(scene.path("."))
            .env("PATH", &path)
            .env("TMPDIR", scene.path("temporary"));
        let ended = shell.output().unwrap();
        told.push((
            ended.status.code(),
            String::from_utf8(ended.stdout).unwrap(),
            String::from_utf8(ended.stderr).unwrap(),
        ));
    }
    let said = self::blocks(&page, "text");
    assert_eq!(told[0].0, Some(3), "{told:?}");
    assert!(told[0].1.contains(said[0].trim_end()), "{} in {}", said[0], told[0].1);
    assert_eq!(told[1].0, Some(0), "{told:?}");
    assert!(
        told[1].1.contains("PASS: `heat`: ") && told[1].1.contains("second: follows from its files"),
        "{}",
        told[1].1
    );
    assert_eq!(told[2].0, Some(0), "{told:?}");
    assert!(told[2].1.contains(said[2].trim_end()), "{} in {}", said[2], told[2].1);
    let adapter = fs::read_to_string(scene.path("heat.toml")).unwrap();
    assert!(adapter.contains("path = \"heat.csv\"") && adapter.contains("\n[parameters]\n"), "{adapter}");
    assert!(scene.path("second/report.html").is_file());
}

/// How many commands there are: lines that a shell begins one with.
fn commands_of(block: &str) -> usize {
    let mut inside = false;
    let mut count = 0;
    for line in block.lines() {
        count += usize::from(!inside);
        inside = (inside || line.contains("<<'END'")) && line != "END";
    }
    count
}

#[test]
fn the_adapter_of_the_page_is_one_and_says_everything_that_one_may_say() {
    let toml = &blocks(&page(), "toml")[0];
    let adapter = nb_compare::adapter::parse(Path::new("page.toml"), toml).expect("the page's adapter");
    assert_eq!((adapter.outputs.len(), adapter.variants.len()), (2, 1));
    assert!(adapter.sides[0].stdin.is_some());
    assert!(adapter.trace.is_some());
    assert!(
        adapter.parameters.is_some()
            && adapter.sides[0].cwd.is_some()
            && !adapter.sides[0].version.is_empty()
    );
}
