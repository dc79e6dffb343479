//! What the commands about bundles say at the shell: usage lines, refusals with hints, last words of programs that failed.
//!
//! Not here: what they do (`bundle_commands`).

#[path = "support/called.rs"]
mod called;

use std::fs;

use crate::called::call;

#[test]
fn a_command_that_fails_is_shown_with_its_last_words_made_visible_and_the_path_of_its_log() {
    let root = tempfile::tempdir().unwrap();
    let script =
        "for n in 1 2 3 4 5 6 7 8 9 10 11 12; do echo line-$n >&2; done; printf 'red \\033[31m' >&2; exit 1";
    let called = call(root.path(), &["run", "--topic", "t", "--keep-paths", "--", "sh", "-c", script]);
    assert_eq!(called.code, 2, "{}", called.err);
    assert!(called.out.contains("its last words:\n  line-4\n"), "{}", called.out);
    assert!(called.out.contains("  red \\u{1b}[31m\n") && !called.out.contains('\u{1b}'), "{}", called.out);
    assert!(!called.out.contains("line-3\n"), "{}", called.out);
    let log = called.out.lines().find_map(|line| line.strip_prefix("  log: ")).expect("the log's path");
    assert!(fs::read_to_string(log).unwrap().starts_with("line-1\n"));
    let called =
        call(root.path(), &["run", "--topic", "t", "--keep-paths", "--", "sh", "-c", "echo fine >&2"]);
    assert!(called.code == 0 && !called.out.contains("last words"), "{}", called.out);
    assert!(called.out.contains("PASS: the command ended with exit status 0\n"), "{}", called.out);
}

#[test]
fn the_usage_of_run_shows_what_is_needed() {
    let root = tempfile::tempdir().unwrap();
    let called = call(root.path(), &["run", "--", "true"]);
    assert!(
        called.code == 1 && called.err.contains("Usage: trace-harness run --topic <TOPIC>"),
        "{}",
        called.err
    );
    assert!(called.err.contains("trace-harness run --plan <FILE>"), "{}", called.err);
}

#[test]
fn nobody_is_warned_of_a_flag_that_was_not_given() {
    let root = tempfile::tempdir().unwrap();
    let flags = "-cell 60 70 80 90 90 90 -default_F 50 -N 8 -lambda 1 -distance 80 -pixel 0.4 -detpixels 200 -roi 60 62 90 92";
    let words: Vec<&str> = ["gradcheck", "--params", "distance", "--out", "tables", "--"]
        .into_iter()
        .chain(flags.split_whitespace())
        .collect();
    let called = call(root.path(), &words);
    assert!(called.code == 0 && !called.err.contains("-dump"), "{}", called.err);
}

#[test]
fn an_archive_is_told_from_a_folder_where_only_a_folder_will_do() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("x.zip"), "PK").unwrap();
    let called = call(root.path(), &["rerun", "x.zip", "--yes"]);
    assert!(called.code == 5 && called.err.contains("x.zip`: is an archive"), "{}", called.err);
    assert!(
        called.err.contains("hint: unpack it first") && called.err.contains("`trace-harness verify`"),
        "{}",
        called.err
    );
}
