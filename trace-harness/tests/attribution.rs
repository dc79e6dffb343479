//! Trace pairs of two independent programs whose root causes are known, and the reference's own traces, which are consistent.
//!
//! Not here: perturbed runs of our own simulator (`sensitivity`).

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};

use trace_harness::evidence::verdict::Verdict;
use trace_harness::trace::audit::{Audit, audit};
use trace_harness::trace::diff::compare::{Settings, compare};
use trace_harness::trace::diff::{Cause, Comparison, report};
use trace_harness::trace::log::{self, TraceLog};
use trace_harness::trace::schema::Schema;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/attribution")
}

fn trace(name: &str) -> TraceLog {
    let mut trace = log::read(&folder().join(name)).expect("a stored trace");
    trace.apply(&schema());
    trace
}

fn schema() -> Schema {
    Schema::built_in().expect("the built-in schema")
}

fn compared(name: &str) -> Comparison {
    let [a, b] = ["c", "py"].map(|side| trace(&format!("{name}_{side}.trace")));
    compare(&schema(), [&a, &b], &Settings::default())
}

fn names(causes: &[Cause]) -> Vec<&str> {
    causes.iter().map(|c| c.key.as_str()).collect()
}

fn named<'c>(causes: &'c [Cause], key: &str) -> &'c Cause {
    causes.iter().find(|c| c.key == key).expect("a cause of this name")
}

const CELL: [&str; 3] = ["rot_a_angstroms", "rot_b_angstroms", "rot_c_angstroms"];

#[test]
fn the_cubic_pair_differs_for_the_fluence_alone() {
    let c = compared("cubic");
    assert_eq!(c.verdict, Verdict::Fail);
    assert_eq!(names(&c.root_causes), ["fluence_photons_per_m2"]);
    let fluence = &c.root_causes[0];
    assert!((fluence.share.expect("a factor") - 1.0).abs() < 1e-5, "{fluence:?}");
    assert!(
        fluence.signatures[0].contains("was the fluence recomputed from flux, exposure and beam size?"),
        "{fluence:?}"
    );
    let ratio = c.attribution[0].ratio;
    assert!((ratio / 1.2593e5 - 1.0).abs() < 1e-4, "the documented ratio: {ratio}");
    let sum: f64 = c.attribution[0].shares.iter().map(|s| s.share).sum();
    assert!((sum + c.attribution[0].rest - 1.0).abs() < 1e-12);
}

#[test]
fn the_protein_pair_differs_for_the_fluence_and_the_cell_at_phi_zero() {
    let c = compared("protein");
    // The largest part of the result comes first, and what has the same consequences stands together.
    assert_eq!(names(&c.root_causes), ["fluence_photons_per_m2", CELL[0], CELL[1], CELL[2]]);
    let share = |key: &str| named(&c.root_causes, key).share.expect("a part of the result");
    let of_factor = |name: &str| {
        let found = c.attribution[0].shares.iter().find(|s| s.factor == name);
        found.expect("a factor of the result").share
    };
    assert_eq!(share("fluence_photons_per_m2"), of_factor("fluence_photons_per_m2"));
    // The cell is all that the sum over the crystal differs for.
    assert_eq!(CELL.map(share), [of_factor("I_before_scaling"); 3]);
    let b = named(&c.root_causes, "rot_b_angstroms");
    // The documented y components.
    assert!(
        (b.first.values[0][1] - 0.67159).abs() < 5e-6 && (b.first.values[1][1] * 1e10 - 0.71732).abs() < 5e-6,
        "{b:?}"
    );
    assert!(b.signatures.iter().any(|s| s.contains("C-PARITY-001")), "{b:?}");
    assert!(named(&c.root_causes, "fluence_photons_per_m2").share.expect("a factor") > 0.99);
}

/// Two traces of our own simulator, that of `b` with more arguments, compared; each goes as deep as `depth`.
fn own(arguments: &str, more: [&str; 2], depth: &str) -> Comparison {
    let [a, b] = own_traces(arguments, more, depth);
    compare(&schema(), [&a, &b], &Settings::default())
}

fn own_traces(arguments: &str, more: [&str; 2], depth: &str) -> [TraceLog; 2] {
    let folder = tempfile::tempdir().expect("a folder");
    more.map(|more| {
        let place = |name: &str| folder.path().join(name).display().to_string();
        let line = format!(
            "{arguments} {more} -floatfile {} -intfile {} --trace-file {} --trace-pixel 20 30 --trace-depth {depth} -nopgm -nonoise \
             -noprogress --quiet",
            place("f.bin"),
            place("i.img"),
            place("t.trace")
        );
        let words: Vec<std::ffi::OsString> = line.split_whitespace().map(Into::into).collect();
        assert_eq!(nanobragg::run::run_cli(&words), 0, "{line}");
        log::read_as(&folder.path().join("t.trace"), &schema()).expect("a trace")
    })
}

#[test]
fn what_text_and_json_lines_of_one_run_differ_in_is_what_the_hint_passes_over() {
    let [text, json] = own_traces(STILL, ["", "--trace-format jsonl"], "pixel");
    let strict = compare(&schema(), [&text, &json], &Settings::default());
    let hint = strict.hint.expect("a hint");
    let allowed = hint.split('`').nth(1).expect("options").split_whitespace();
    let allow_missing: Vec<String> =
        allowed.filter(|word| *word != "--allow-missing").map(str::to_owned).collect();
    let allowing = Settings { allow_missing, ..Settings::default() };
    let passes = compare(&schema(), [&text, &json], &allowing);
    assert_eq!((strict.verdict, passes.verdict), (Verdict::Fail, Verdict::Pass), "{hint}: {}", passes.reason);
}

#[test]
fn a_law_that_is_not_checked_names_its_condition() {
    let [trace, _] = own_traces(STILL, ["", ""], "pixel");
    let schema = schema();
    let audit = audit(&schema, &trace, &BTreeMap::new());
    let conditions: Vec<&str> = schema.keys.iter().filter_map(|key| key.when.as_deref()).collect();
    let rules = schema.rules.iter().filter_map(|rule| rule.when.as_deref());
    let conditions: BTreeSet<&str> = conditions.into_iter().chain(rules).collect();
    let reasons = audit.checks.iter().flat_map(|check| check.not_checked.keys());
    let named: Vec<&str> =
        reasons.filter_map(|why| why.strip_prefix("it holds only where `")?.strip_suffix('`')).collect();
    assert!(!named.is_empty() && named.iter().all(|condition| conditions.contains(condition)), "{named:?}");
}

const STILL: &str =
    "-default_F 100 -cell 34.77 39.17 48.31 90 90 90 -N 8 -lambda 1 -distance 100 -detpixels 64";

fn printed_by(comparison: &Comparison) -> String {
    let causes = comparison.root_causes.iter().chain(&comparison.trace_only);
    causes.flat_map(|cause| cause.signatures.iter().map(String::as_str)).collect::<Vec<_>>().join("; ")
}

#[test]
fn the_carry_over_is_named_where_a_step_at_zero_has_the_cell_of_the_one_before_and_nowhere_else() {
    let scan = "-misset 10 20 30 -osc 1.5 -phisteps 3";
    let parity = ["--parity", "--phi-mode spec"];
    for (arguments, more, depth, is_named) in [
        (format!("{STILL} -phi 0 {scan}"), parity, "phi", true),
        (format!("{STILL} -phi -0.5 {scan}"), parity, "phi", true),
        // The turn of a misset, as small or as large as it likes, is none of a rotation step.
        (STILL.to_owned(), ["", "-misset 0.1 0 0"], "pixel", false),
        (STILL.to_owned(), ["", "-misset 35.5 0 0"], "pixel", false),
        (STILL.to_owned(), ["", "-misset 0.1 0 0"], "phi", false),
        (format!("{STILL} -mosaic 0.4 -mosaic_dom 3"), ["", "-misset 0.1 0 0"], "pixel", false),
        (format!("{STILL} -phi 0 {scan}"), ["", "-misset 10.3 20 30"], "phi", false),
        // Turned as far as a step, but in every step.
        (format!("{STILL} -phi 0 -osc 1.5 -phisteps 3"), ["", "-misset 1 0 0"], "phi", false),
        (format!("{STILL} -phi 5 {scan}"), ["", "-misset 11 20 30"], "phi", false),
    ] {
        let comparison = own(&arguments, more, depth);
        let printed = printed_by(&comparison);
        assert_eq!(comparison.verdict, Verdict::Fail, "{arguments}");
        assert_eq!(printed.contains("C-PARITY-001"), is_named, "{arguments} {more:?}: {printed}");
        assert!(
            is_named || printed.contains("the same cell, turned as a whole by"),
            "{arguments} {more:?}: {printed}"
        );
    }
}

#[test]
fn another_cell_is_no_other_orientation() {
    let printed = printed_by(&own(STILL, ["", "-cell 34.77 39.17 48.31 90 90 91"], "pixel"));
    assert!(!printed.contains("C-PARITY-001") && !printed.contains("the same cell"), "{printed}");
}

#[test]
fn text_and_verdict_name_a_cause_by_its_key_in_the_trace() {
    let comparison = own(STILL, ["", "-osc 1.5 -phisteps 3 -phi 3"], "phi");
    let keys = names(&comparison.root_causes).join(", ");
    assert_eq!(comparison.reason.split(';').next(), Some(format!("root cause: {keys}").as_str()));
    let printed = report::terminal(&comparison, &report::Plain);
    for cause in &comparison.root_causes {
        assert!(
            cause.quantity == cause.key || !printed.contains(&format!("part of {}", cause.quantity)),
            "{printed}"
        );
    }
}

#[test]
fn the_unit_slip_of_both_pairs_is_in_the_trace_only() {
    for name in ["cubic", "protein"] {
        let c = compared(name);
        assert_eq!(names(&c.trace_only), CELL, "{name}");
        for cause in &c.trace_only {
            assert_eq!(cause.power, Some(-10), "{cause:?}");
            assert!(cause.signatures[0].contains("1e-10 times A"), "{cause:?}");
            assert!(cause.stops.contains(&"I_before_scaling".to_owned()), "{cause:?}");
        }
    }
}

#[test]
fn the_values_of_a_cause_are_printed_once() {
    let printed = report::terminal(&compared("protein"), &report::Plain);
    // The unit slip of these keys and what stands behind it are two findings with the same values.
    assert_eq!(printed.matches("\n  rot_b_angstroms, pixel").count(), 1, "{printed}");
    assert!(
        printed.contains(
            "in the trace only: rot_a_angstroms, rot_b_angstroms, rot_c_angstroms\n  values as above"
        ),
        "{printed}"
    );
}

#[test]
fn a_trace_agrees_with_itself_and_with_nothing_less_than_was_asked() {
    let a = trace("cubic_c.trace");
    let same = compare(&schema(), [&a, &a], &Settings::default());
    assert_eq!((same.verdict, same.compared), (Verdict::Pass, 65));
    let requested = Settings { min_compared: 66, ..Settings::default() };
    assert_eq!(compare(&schema(), [&a, &a], &requested).verdict, Verdict::Undecided);
    let empty = TraceLog::default();
    assert_eq!(compare(&schema(), [&empty, &empty], &Settings::default()).verdict, Verdict::Undecided);
}

#[test]
fn a_key_on_one_side_only_fails_unless_it_is_allowed_by_name() {
    let text = std::fs::read_to_string(folder().join("cubic_c.trace")).expect("a stored trace");
    let without: String =
        text.lines().filter(|l| !l.contains("cos_2theta")).map(|l| format!("{l}\n")).collect();
    let b = log::read_bytes(without.as_bytes(), Path::new("without")).expect("a trace");
    let a = trace("cubic_c.trace");
    let strict = compare(&schema(), [&a, &b], &Settings::default());
    assert_eq!((strict.verdict, strict.missing), (Verdict::Fail, vec!["cos_2theta".to_owned()]));
    let allowing = Settings { allow_missing: vec!["cos_*".to_owned()], ..Settings::default() };
    assert_eq!(compare(&schema(), [&a, &b], &allowing).verdict, Verdict::Pass);
}

#[test]
fn set_up_lines_may_be_missing_by_their_common_name() {
    let text = std::fs::read_to_string(folder().join("cubic_c.trace")).expect("a stored trace");
    let pixel: String =
        text.lines().filter(|l| l.starts_with("TRACE_C: ")).map(|l| format!("{l}\n")).collect();
    let [a, b] = [&text, &pixel].map(|t| log::read_bytes(t.as_bytes(), Path::new("t")).expect("a trace"));
    assert_eq!(compare(&schema(), [&a, &b], &Settings::default()).missing.len(), 25);
    let allowing = Settings { allow_missing: vec!["set-up".to_owned()], ..Settings::default() };
    assert_eq!(compare(&schema(), [&a, &b], &allowing).verdict, Verdict::Pass);
}

#[test]
fn the_report_says_in_words_what_was_found() {
    let text = report::terminal(&compared("cubic"), &report::Plain);
    for expected in [
        "root cause: fluence_photons_per_m2",
        "in the trace only: rot_a_angstroms, rot_b_angstroms, rot_c_angstroms",
        "B is exactly 1e-10 times A: a unit",
        "divergence: root cause: fluence_photons_per_m2",
    ] {
        assert!(text.contains(expected), "`{expected}` is not in:\n{text}");
    }
    assert!(!text.contains('\u{1b}'));
}

fn faulty(audit: &Audit) -> BTreeSet<&str> {
    audit.faults().map(|c| c.name.as_str()).collect()
}

#[test]
fn the_python_traces_are_not_consistent_and_the_references_are() {
    let of = |name: &str| audit(&schema(), &trace(name), &BTreeMap::new());
    for name in ["cubic_c.trace", "protein_c.trace"] {
        let audit = of(name);
        assert!(faulty(&audit).is_empty() && audit.checked() >= 13, "{name}: {audit:?}");
    }
    let reciprocal = ["a.a* = 1", "b.b* = 1", "c.c* = 1"];
    let cubic = of("cubic_py.trace");
    assert_eq!(faulty(&cubic), ["I_before_scaling"].into_iter().chain(reciprocal).collect());
    let sum = cubic
        .faults()
        .find(|c| c.name == "I_before_scaling")
        .and_then(|c| c.first.as_ref())
        .expect("a fault");
    assert_eq!(sum.recomputed, [(125.0_f64 * 100.0).powi(2)]);
    // Its ten steps have the same lattice factor and index, by its own lines: their sum is ten times the first term.
    let protein = of("protein_py.trace");
    let sum = "I_before_scaling = steps * F_cell^2 * F_latt^2";
    assert_eq!(faulty(&protein), [sum].into_iter().chain(reciprocal).collect());
    let fault = protein.faults().find(|c| c.name == sum).and_then(|c| c.first.as_ref()).expect("a fault");
    assert_eq!((fault.traced[0], fault.recomputed[0]), (1.54777728418624e15, 0.0));
}

#[test]
fn what_no_trace_holds_can_be_given() {
    let given = [("Na", 5.0), ("Nb", 5.0), ("Nc", 5.0), ("pixel_size_m", 1e-4)];
    let given: BTreeMap<String, f64> = given.map(|(name, value)| (name.to_owned(), value)).into();
    let [mut right, wrong] = [given.clone(), given];
    let check = |given: &BTreeMap<String, f64>| audit(&schema(), &trace("cubic_c.trace"), given);
    assert!(faulty(&check(&wrong)).is_empty());
    right.insert("Na".to_owned(), 6.0);
    assert_eq!(faulty(&check(&right)), BTreeSet::from(["F_latt_a"]));
}

/// Every trace that the reference wrote for the golden cases, by name.
fn golden_traces() -> Vec<(String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sim/tests/golden/traces.txt.gz");
    let mut text = String::new();
    let file = std::fs::File::open(path).expect("the golden traces");
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).expect("text");
    text.split("== ")
        .skip(1)
        .filter_map(|entry| entry.split_once('\n'))
        .map(|(head, lines)| {
            (head.rsplit_once(' ').expect("a name and a count").0.to_owned(), lines.to_owned())
        })
        .collect()
}

/// Ids of golden cases with water, whose background no trace tells.
fn with_water() -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sim/tests/golden/cases.toml");
    let cases: toml::Table = std::fs::read_to_string(path).expect("the golden cases").parse().expect("TOML");
    let cases = cases["case"].as_array().expect("a list").iter();
    let water = |case: &&toml::Value| {
        case["args"].as_array().is_some_and(|args| args.iter().any(|a| a.as_str() == Some("-water")))
    };
    cases.filter(water).filter_map(|case| Some(case["name"].as_str()?.to_owned())).collect()
}

/// Cases whose direct and reciprocal cell do not belong together, by the user's wish: a matrix beside another cell, and angles
/// that no cell can have.
const NO_CELL: [&str; 2] = ["orient/mat-and-cell", "orient/cell-flat"];

#[test]
fn every_trace_of_the_reference_is_consistent() {
    let (schema, none) = (schema(), BTreeMap::new());
    let water = with_water();
    assert!(water.len() > 5, "{water:?}");
    let mut checked = 0;
    let mut faults = Vec::new();
    for (name, text) in golden_traces() {
        let mut trace = log::read_bytes(text.as_bytes(), Path::new(&name)).expect("a trace");
        trace.apply(&schema);
        let audit = audit(&schema, &trace, &none);
        checked += audit.checked();
        let case = name.split(' ').next().expect("a case");
        let excused = |law: &str| match law {
            "I_before_scaling" => water.contains(case),
            "a.a* = 1" | "b.b* = 1" | "c.c* = 1" => NO_CELL.contains(&case),
            _ => false,
        };
        faults.extend(faulty(&audit).iter().filter(|law| !excused(law)).map(|law| format!("{name}: {law}")));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(checked > 20_000, "{checked} values");
}
