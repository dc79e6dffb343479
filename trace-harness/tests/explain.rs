//! Explaining a difference; our own simulator plays the reference.
//!
//! Not here: the C program itself (`live_explain`), comparing traces in general (`attribution`, `sensitivity`).

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use nanobragg::Pixel;
use trace_harness::evidence::process::{Program, SystemRunner};
use trace_harness::evidence::verdict::Verdict;
use trace_harness::explain::defects::{DefectFinding, DefectSearch, search};
use trace_harness::explain::{TraceFinding, TraceRequest, traces};
use trace_harness::simulator::{Call, Dialect, Simulator, run};

/// A rotation whose first step is at phi = 0.
const ROTATION: &str = "-cell 30 40 50 90 90 90 -default_F 100 -lambda 1.2 -distance 100 -detpixels 48 -pixel 0.5 -N 6 \
    -fluence 1e24 -misset 10 20 30 -phi 0 -osc 1.5 -phisteps 3 -oversample 1 -nointerpolate -nopgm -nonoise -noprogress";
const PIXEL: Pixel = Pixel { slow: 20, fast: 30 };

fn words(line: &str) -> Vec<OsString> {
    line.split_whitespace().map(OsString::from).collect()
}

/// Our simulator inside the program under test.
fn ours() -> Simulator {
    let path = PathBuf::from(env!("CARGO_BIN_EXE_trace-harness"));
    Simulator { program: Program::new(path).with(&["__nanobragg"]), dialect: Dialect::Own }
}

/// Our simulator playing the reference.
fn played() -> Simulator {
    ours().with(&["--parity"])
}

fn image(simulator: &Simulator, args: &[OsString], folder: &Path) -> Vec<u8> {
    let call = Call {
        name: "reference",
        simulator,
        args,
        pixels: &[],
        depth: Default::default(),
        trace_file: None,
        beside: &[],
        folder,
        time_limit: None,
    };
    std::fs::read(run(&call, &SystemRunner::default()).expect("an image").float_image).expect("an image")
}

/// What explains that `reference` differs from our simulator with `args`.
fn explained(reference: &Simulator, args: &[OsString], candidate: Option<&[u8]>) -> DefectFinding {
    let folder = tempfile::tempdir().expect("a folder");
    let image = image(reference, args, folder.path());
    let request = DefectSearch {
        simulator: &ours(),
        args,
        reference: &image,
        candidate,
        beside: &[],
        folder: folder.path(),
        time_limit: None,
    };
    search(&request, &SystemRunner::default(), &|_| ()).expect("a finding").0
}

fn traced(reference: &Simulator, args: &[OsString]) -> TraceFinding {
    let folder = tempfile::tempdir().expect("a folder");
    let own = ours().with(&["--phi-mode", "spec"]);
    let request = TraceRequest {
        simulators: [reference, &own],
        args: [args, args],
        pixels: &[PIXEL, Pixel { slow: 5, fast: 7 }],
        beside: &[],
        folders: [folder.path(); 2],
        time_limit: None,
    };
    traces(&request, &SystemRunner::default()).expect("a finding")
}

fn quantities(finding: &TraceFinding) -> Vec<&str> {
    let mut names: Vec<&str> =
        finding.comparison.root_causes.iter().map(|cause| cause.quantity.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

const CELL: [&str; 3] = ["rot_a_angstroms", "rot_b_angstroms", "rot_c_angstroms"];

#[test]
fn the_phi_carry_over_is_named_where_it_is_the_whole_difference() {
    let finding = explained(&played(), &words(ROTATION), None);
    assert_eq!(finding.whole, Some("C-PARITY-001"), "{finding:?}");
    assert!(!finding.as_given.is_zero() && !finding.all_correct.is_zero());
    let zero: Vec<&str> = finding.tried.iter().filter(|t| t.alone.is_zero()).map(|t| t.defect).collect();
    assert_eq!(zero, ["C-PARITY-001"]);
    assert!(finding.conclusion.starts_with("C-PARITY-001 is the whole difference"), "{}", finding.conclusion);
    assert_eq!(finding.tried.len() + 1, nanobragg::defects::Defect::ALL.len());
}

#[test]
fn it_is_not_named_where_anything_else_differs() {
    // The reference is given another fluence than we are: one part in a million.
    let reference = played().with(&["-fluence", "1e24"]);
    let args = words(&ROTATION.replace("-fluence 1e24", "-fluence 1.000001e24"));
    let folder = tempfile::tempdir().expect("a folder");
    let image = image(&reference, &words(ROTATION), folder.path());
    let request = DefectSearch {
        simulator: &ours(),
        args: &args,
        reference: &image,
        candidate: None,
        beside: &[],
        folder: folder.path(),
        time_limit: None,
    };
    let (finding, runs) = search(&request, &SystemRunner::default(), &|_| ()).expect("a finding");
    assert_eq!((finding.whole, finding.needed.len()), (None, 0), "{finding:?}");
    assert!(finding.conclusion.starts_with("no known defect explains"), "{}", finding.conclusion);
    assert!(runs.len() >= 3 && runs.iter().all(|run| run.measured.ending.is_success()));
}

#[test]
fn two_defects_together_are_named_together() {
    let skewed = ROTATION.replace("90 90 90", "80 95 100");
    let args = words(&format!("{skewed} --defect C-CELL-001=correct"));
    let reference = ours().with(&["--parity"]);
    let folder = tempfile::tempdir().expect("a folder");
    let image = image(&reference, &words(&skewed), folder.path());
    let request = DefectSearch {
        simulator: &ours(),
        args: &args,
        reference: &image,
        candidate: None,
        beside: &[],
        folder: folder.path(),
        time_limit: None,
    };
    let finding = search(&request, &SystemRunner::default(), &|_| ()).expect("a finding").0;
    assert_eq!((finding.whole, finding.needed.as_slice()), (None, ["C-PARITY-001", "C-CELL-001"].as_slice()));
}

#[test]
fn equal_images_leave_nothing_to_explain_and_a_foreign_one_is_not_explained() {
    let still = words(&ROTATION.replace("-phisteps 3", "-phisteps 1").replace("-osc 1.5", "-osc 0"));
    let finding = explained(&played(), &still, None);
    assert!(finding.as_given.is_zero() && finding.whole.is_none(), "{finding:?}");
    assert!(finding.conclusion.starts_with("nothing to explain"));
    let foreign = explained(&played(), &words(ROTATION), Some(&[0; 48 * 48 * 4]));
    assert_eq!((foreign.reproduces_candidate, foreign.whole), (Some(false), None));
}

#[test]
fn the_traces_say_where_the_carry_over_enters() {
    let finding = traced(&played(), &words(ROTATION));
    assert_eq!(finding.comparison.verdict, Verdict::Fail);
    assert_eq!(quantities(&finding), CELL);
    let causes = &finding.comparison.root_causes;
    assert!(causes.iter().any(|c| c.signatures.iter().any(|s| s.contains("C-PARITY-001"))), "{causes:?}");
    assert_eq!(finding.comparison.attribution[0].shares[0].factor, "I_before_scaling");
    assert_eq!(finding.comparison.missing_segments, [0, 0]);
}

#[test]
fn a_simulator_that_fails_is_named_with_its_last_words() {
    let folder = tempfile::tempdir().expect("a folder");
    let call = Call {
        name: "x",
        simulator: &ours(),
        args: &words("-nosuchflag"),
        pixels: &[],
        depth: Default::default(),
        trace_file: None,
        beside: &[],
        folder: folder.path(),
        time_limit: None,
    };
    let text = run(&call, &SystemRunner::default()).expect_err("a refusal").to_string();
    assert!(text.contains("ended with exit status") && text.contains("nosuchflag"), "{text}");
}
