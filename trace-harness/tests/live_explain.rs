//! Explaining a difference to the C program at `NB_C_BIN`; without it, or without traces from it, trials say that they were
//! not run.
//!
//! Not here: our simulator as the reference (`explain`).

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use libtest_mimic::{Arguments, Failed, Trial};
use nanobragg::Pixel;
use nanobragg::engine::TraceDepth;
use trace_harness::evidence::process::{Program, REFERENCE_VARIABLE, SystemRunner, named_by};
use trace_harness::explain::defects::{DefectSearch, search};
use trace_harness::explain::{TraceRequest, traces};
use trace_harness::simulator::{Call, Dialect, Simulator, run};

const ROTATION: &str = "-cell 30 40 50 90 90 90 -default_F 100 -lambda 1.2 -distance 100 -detpixels 48 -pixel 0.5 -N 6 \
    -fluence 1e24 -misset 10 20 30 -phi 0 -osc 1.5 -phisteps 3 -oversample 1 -nointerpolate -nopgm -nonoise -noprogress";
const PIXEL: Pixel = Pixel { slow: 20, fast: 30 };

fn main() {
    let arguments = Arguments::from_args();
    let path = named_by(REFERENCE_VARIABLE);
    let reference = path.and_then(|path| Simulator::named(&path, "the reference", Dialect::Reference).ok());
    let Some(reference) = reference else {
        let names = ["the whole difference", "traces"];
        let trials = names.map(|name| not_run(name, "NB_C_BIN names no program")).into();
        libtest_mimic::run(&arguments, trials).exit();
    };
    let second = match probe(&reference) {
        Ok(()) => {
            let reference = reference.clone();
            Trial::test("traces", move || the_traces_differ_in_the_cell_alone(&reference))
        }
        Err(why) => not_run("traces", &why),
    };
    let first =
        Trial::test("the whole difference", move || the_carry_over_is_the_whole_difference(&reference));
    libtest_mimic::run(&arguments, vec![first, second]).exit();
}

fn not_run(name: &str, why: &str) -> Trial {
    Trial::test(format!("{name} [not run: {why}]"), || Ok(())).with_ignored_flag(true)
}

fn words() -> Vec<OsString> {
    ROTATION.split_whitespace().map(OsString::from).collect()
}

fn ours() -> Simulator {
    let path = PathBuf::from(env!("CARGO_BIN_EXE_trace-harness"));
    Simulator { program: Program::new(path).with(&["__nanobragg"]), dialect: Dialect::Own }
}

fn call<'a>(
    simulator: &'a Simulator,
    args: &'a [OsString],
    pixels: &'a [Pixel],
    folder: &'a Path,
) -> Call<'a> {
    let depth = TraceDepth::Pixel;
    Call {
        name: "reference",
        simulator,
        args,
        pixels,
        depth,
        trace_file: None,
        beside: &[],
        folder,
        time_limit: None,
    }
}

/// Whether the program traces; why not, if so.
fn probe(reference: &Simulator) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let output = run(&call(reference, &words(), &[PIXEL], folder.path()), &SystemRunner::default());
    output
        .map(|_| ())
        .map_err(|e| if e.hint().is_empty() { e.to_string() } else { "NB_C_BIN prints no trace".to_owned() })
}

fn the_carry_over_is_the_whole_difference(reference: &Simulator) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let args = words();
    let ran = run(&call(reference, &args, &[], folder.path()), &SystemRunner::default())?;
    let image = std::fs::read(ran.float_image)?;
    let (own, beside) = (ours(), []);
    let request = DefectSearch {
        simulator: &own,
        args: &args,
        reference: &image,
        candidate: None,
        beside: &beside,
        folder: folder.path(),
        time_limit: None,
    };
    let (finding, _) = search(&request, &SystemRunner::default(), &|_| ())?;
    let zero: Vec<&str> = finding.tried.iter().filter(|t| t.added.is_zero()).map(|t| t.defect).collect();
    assert_eq!((finding.whole, zero), (Some("C-PARITY-001"), vec!["C-PARITY-001"]), "{}", finding.conclusion);
    assert!(!finding.as_given.is_zero());
    Ok(())
}

fn the_traces_differ_in_the_cell_alone(reference: &Simulator) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let (args, own) = (words(), ours());
    let request = TraceRequest {
        simulators: [reference, &own],
        args: [&args, &args],
        pixels: &[PIXEL, Pixel { slow: 5, fast: 7 }],
        beside: &[],
        folders: [folder.path(); 2],
        time_limit: None,
    };
    let finding = traces(&request, &SystemRunner::default())?;
    let mut causes: Vec<&str> = finding.comparison.root_causes.iter().map(|c| c.quantity.as_str()).collect();
    causes.sort_unstable();
    causes.dedup();
    assert_eq!(causes, ["rot_a_angstroms", "rot_b_angstroms", "rot_c_angstroms"]);
    // Some forty keys of two pixels.
    assert!(finding.comparison.compared > 70, "{}", finding.comparison.compared);
    assert_eq!(finding.comparison.missing, Vec::<String>::new());
    Ok(())
}
