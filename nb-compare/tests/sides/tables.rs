//! `nb-compare tables` as a user calls it: what agrees, what does not, and the exit status.
//!
//! Not here: the laws of cells, keys and rules (unit tests of `table`).

use std::fs;

use crate::support::Scene;

#[test]
fn tables_are_compared_column_by_column_and_the_status_says_what_does_not_match() {
    let scene = Scene::new();
    let write = |name: &str, text: &str| fs::write(scene.path(name), text).unwrap();
    write("a.txt", "t angle calls\n0.0 359.9999 3\n0.5 1.25 4\n");
    write("b.txt", "t angle calls\n0.50 1.2500 9\n0.00 0.0001 3\n");
    write("c.txt", "t angle calls\n0.0 359.9999 3\n");
    write(
        "r.toml",
        "header = true\nkey = [\"t\"]\natol = 1e-3\n[column.angle]\nperiod = 360\n[column.calls]\njudge = \"information\"\n",
    );
    for (call, code, word) in [
        ("tables a.txt b.txt --rules r.toml", 0, "PASS 2 rows in 1 columns"),
        ("tables a.txt b.txt --key t", 3, "`angle` in 1 of 2 rows; worst 0.0 (line 2): 359.9999 and 0.0001"),
        ("tables a.txt c.txt --key t", 4, "lacks 1 of 2 rows, first 0.5 (line 3)"),
        ("tables a.txt a.txt --key t --rtol 0", 0, "the same characters"),
    ] {
        let run = scene.run(call);
        assert_eq!(run.code, code, "{call}: {}{}", run.out, run.err);
        assert!(run.out.contains(word), "{call}: {}", run.out);
        let told = scene.run(&format!("{call} --json"));
        assert_eq!((told.code, told.json()["rows"][0].as_u64()), (code, Some(2)), "{call}");
    }
    for (call, code, word) in [
        ("tables a.txt b.txt --key z", 1, "no column `z`"),
        ("tables a.txt b.txt --rtol 1", 1, "a share from 0, below 1"),
        ("tables a.txt nothing.txt", 5, "nothing.txt"),
        ("tables a.txt b.txt --rules nothing.toml", 5, "nothing.toml"),
        ("tables a.txt b.txt --rules a.txt", 1, "rules of a table"),
    ] {
        let run = scene.run(call);
        assert_eq!(run.code, code, "{call}: {}{}", run.out, run.err);
        assert!(run.err.contains(word), "{call}: {}", run.err);
    }
}

#[test]
fn a_long_table_is_compared_and_one_that_is_none_is_refused_with_its_line() {
    let scene = Scene::new();
    let row = |i: usize| format!("{i} {}.25\n", i * 7);
    let text: String = (0..100_000).map(row).collect();
    fs::write(scene.path("a.txt"), format!("k x\n{text}")).unwrap();
    let reversed: String = (0..100_000).rev().map(row).collect();
    fs::write(scene.path("b.txt"), format!("k x\n{reversed}")).unwrap();
    let run = scene.run("tables a.txt b.txt --key k");
    assert!(run.code == 0 && run.out.contains("100000 rows"), "{}{}", run.out, run.err);
    fs::write(scene.path("c.txt"), format!("k x\n{text}1 2 3\n")).unwrap();
    let run = scene.run("tables a.txt c.txt");
    assert!(run.code == 5 && run.err.contains("line 100002"), "{}{}", run.out, run.err);
}
