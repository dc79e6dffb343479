//! What is printed on standard output. Not here: warnings (`warnings`), full or closed streams (`standard_streams`).

use crate::{SMALL, fine, float_image, names_in};

#[test]
fn information_is_printed_on_standard_output_and_nothing_is_rendered() {
    for (arguments, part) in [
        ("--help", "Usage: nanobragg"),
        ("-h", "Examples:"),
        ("--version", "nanobragg "),
        ("--list-defects", "C-PARITY-001"),
        ("--man", ".TH"),
        ("--completions bash", "_nanobragg"),
        ("--completions zsh", "#compdef nanobragg"),
        ("--completions fish", "complete -c nanobragg"),
    ] {
        let (folder, output) = fine(arguments);
        assert!(
            output.stdout.contains(part),
            "{arguments}: {}",
            &output.stdout[..output.stdout.len().min(300)]
        );
        assert_eq!(names_in(&folder), Vec::<String>::new());
    }
}

#[test]
fn the_list_of_defects_is_json_where_json_is_asked_for() {
    use nanobragg::defects::{DIFFERENCES, Defect};
    let (_folder, output) = fine("--list-defects --json");
    let list: serde_json::Value = serde_json::from_str(&output.stdout).expect("one JSON object");
    let ids = |key: &str| -> Vec<String> {
        let entries = list[key].as_array().expect("a list");
        entries.iter().map(|entry| entry["id"].as_str().expect("a text").to_owned()).collect()
    };
    assert_eq!(ids("defects"), Defect::ALL.iter().map(|defect| defect.id()).collect::<Vec<_>>());
    assert_eq!(ids("differences"), DIFFERENCES.iter().map(|difference| difference.id).collect::<Vec<_>>());
}

#[test]
fn the_help_text_is_as_reviewed() {
    let (_folder, output) = fine("--help");
    insta::assert_snapshot!("help", output.stdout);
}

#[test]
fn quiet_says_nothing_and_json_says_it_all_in_one_object() {
    let (_folder, output) = fine(&format!("{SMALL} --quiet"));
    assert_eq!(output.stdout, "");

    let (folder, output) = fine(&format!("{SMALL} --json"));
    let summary: serde_json::Value = serde_json::from_str(&output.stdout).expect("one JSON object");
    assert_eq!(summary["configuration"]["beam"]["wavelength"], 6.2e-10);
    assert_eq!(summary["configuration"]["defects"]["C-PARITY-001"], "correct");
    assert_eq!(summary["experiment"]["steps"], 1);
    assert_eq!(
        summary["dialect"],
        serde_json::Value::Null,
        "only a parity run is like one of the C programs"
    );
    let image = float_image(&folder, "floatimage.bin");
    let max = image.iter().copied().fold(0.0_f32, f32::max);
    assert_eq!(summary["statistics"]["max"], f64::from(max));
    let sum: f64 = image.iter().map(|p| f64::from(*p)).sum();
    assert_eq!(summary["statistics"]["sum"], sum);
    assert_eq!(summary["files"].as_array().map(Vec::len), Some(4));
}

#[test]
fn every_file_is_named_in_the_summary_and_a_run_without_our_own_files_says_nothing_of_them() {
    let (_folder, plain) = fine(SMALL);
    assert!(!plain.stdout.contains("wrote "), "{}", plain.stdout);
    let own =
        "--png a.png --npy a.npy --trace-pixel 1 2 --trace-file a.trace --grad cell_a --grad-dir slopes";
    let (folder, output) = fine(&format!("{SMALL} {own}"));
    let wrote: Vec<&str> = output.stdout.lines().filter_map(|line| line.strip_prefix("wrote ")).collect();
    for file in ["a.png", "a.npy", "a.trace"] {
        assert_eq!(wrote.iter().filter(|name| **name == file).count(), 1, "{file}: {wrote:?}");
    }
    assert!(wrote.iter().all(|name| folder.path().join(name).is_file()), "{wrote:?}");

    let (_folder, output) = fine(&format!("{SMALL} --json {own}"));
    let summary: serde_json::Value = serde_json::from_str(&output.stdout).expect("one JSON object");
    let kinds: Vec<_> = summary["files"].as_array().expect("a list").iter().map(|f| &f["kind"]).collect();
    assert!(
        ["png", "npy", "trace"].iter().all(|kind| kinds.contains(&&serde_json::json!(kind))),
        "{kinds:?}"
    );
}

#[test]
fn printing_pixels_shows_those_asked_for() {
    let (_folder, output) = fine(&format!("{SMALL} -printout -roi 3 4 5 6"));
    assert_eq!(output.stdout.matches(" : stol = ").count(), 4);
    let (_folder, output) = fine(&format!("{SMALL} -printout_pixel 7 9"));
    assert_eq!(output.stdout.matches("   7    9 : stol = ").count(), 1);
    assert_eq!(output.stdout.matches(" : stol = ").count(), 1);
}
