//! The program's standard streams: closed, read by nobody, or no terminal.

mod at_the_shell;

use at_the_shell::{in_empty_folder, program, run, shell};
use std::collections::BTreeMap;
use std::path::Path;

/// A crystal that renders in a moment.
const SMALL: &str = "-default_F 100 -cell 100 100 100 90 90 90 -lambda 6.2 -N 5 -distance 100 -detpixels 32 \
                     -seed 1 --threads 1";

/// Names and contents of all files.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).expect("the folder is there").map(|e| e.expect("an entry"));
    let content = |path| std::fs::read(path).expect("a readable file");
    entries.map(|e| (e.file_name().to_string_lossy().into_owned(), content(e.path()))).collect()
}

#[test]
fn a_reader_that_goes_away_does_not_stop_the_run() {
    let folder = in_empty_folder();
    let output = shell(folder.path(), &format!("{} {SMALL} | true", program().display()));
    assert!(!output.stderr.contains("panicked"), "{}", output.stderr);
    assert_eq!(files(folder.path()).len(), 4);
}

#[test]
fn text_that_a_full_device_does_not_take_is_an_error_and_files_are_complete() {
    if !Path::new("/dev/full").exists() {
        return;
    }
    let usual = in_empty_folder();
    assert_eq!(run(usual.path(), SMALL).code, Some(0));
    for arguments in ["", "--json", "--quiet --trace-pixel 3 3", "--parity"] {
        let folder = in_empty_folder();
        let output = shell(folder.path(), &format!("{} {SMALL} {arguments} >/dev/full", program().display()));
        assert_eq!(output.code, Some(9), "{arguments}: {}", output.stderr);
        assert_eq!(
            output.stderr.matches("error: `standard output`: cannot be written").count(),
            1,
            "{}",
            output.stderr
        );
        assert!(files(usual.path()) == files(folder.path()), "{arguments}: some file differs");
    }
    for information in
        ["--help", "--man", "--version", "--list-defects", "--completions bash", "refine --help"]
    {
        let output = shell(usual.path(), &format!("{} {information} >/dev/full", program().display()));
        assert_eq!(output.code, Some(9), "{information}: {}", output.stderr);
    }
}

#[test]
fn files_are_as_ever_when_the_streams_are_closed() {
    let (usual, closed) = (in_empty_folder(), in_empty_folder());
    assert_eq!(run(usual.path(), SMALL).code, Some(0));
    let output = shell(closed.path(), &format!("exec {} {SMALL} <&- >&- 2>&-", program().display()));
    assert_eq!(output.code, Some(0));
    assert_eq!(files(usual.path()).len(), 4);
    assert!(files(usual.path()) == files(closed.path()), "some file differs");
}

#[test]
fn colour_and_progress_are_for_terminals_only() {
    let folder = in_empty_folder();
    let output = run(folder.path(), &format!("{SMALL} -progress -mosaic 1"));
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    assert!(!output.stderr.contains('\x1b') && !output.stdout.contains('\x1b'), "{:?}", output.stderr);
}

/// Colours are our own; what a name or a file holds can move no cursor and begin no line.
#[test]
fn a_message_shows_what_could_act_on_a_terminal() {
    let folder = in_empty_folder();
    let program = program();
    for arguments in
        ["-hkl \"$NAME\" -cell 9 9 9 90 90 90", "-img \"$NAME\"", "\"$NAME\"", "-mat \"$NAME\" -default_F 1"]
    {
        let call = format!(
            "NAME=$(printf 'x\\033[2Jy\\nerror: z'); CLICOLOR_FORCE=1 {} {arguments}",
            program.display()
        );
        let output = shell(folder.path(), &call);
        assert_ne!(output.code, Some(0), "{arguments}");
        assert!(output.stderr.contains("\u{1b}["), "without colours nothing is shown: {:?}", output.stderr);
        assert!(!output.stderr.contains("\u{1b}[2J"), "{arguments}: {:?}", output.stderr);
        assert!(output.stderr.contains("\\u{1b}[2J"), "{arguments}: {:?}", output.stderr);
    }
}
