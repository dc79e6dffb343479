//! Our own simulator with one parameter changed at a time, by a thousandth and by a thousand-millionth: the comparison of the two
//! traces names the parameter's own key each time.
//!
//! Not here: traces of other programs (`attribution`).

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;

use trace_harness::evidence::verdict::Verdict;
use trace_harness::trace::diff::Comparison;
use trace_harness::trace::diff::compare::{Settings, compare};
use trace_harness::trace::log::{self, TraceLog};
use trace_harness::trace::schema::Schema;

/// The run: arguments that are numbers stand for themselves, `{hkl}` for the reflections.
const BASE: &str = "-hkl {hkl} -cell 70 80 90 75 85 95 -misset 10 20 30 -Na 5 -Nb 6 -Nc 7 -lambda 1.2 -distance 60 -pixel 0.5 \
    -detpixels 24 -Xbeam 5.1 -Ybeam 6.2 -phi 10 -osc 1.5 -phisteps 3 -mosaic 0.4 -mosaic_dom 3 -mosaic_seed 7 -fluence 1e24 \
    -polar 0.9 -detector_abs 500 -detector_thick 450 -thicksteps 2 -oversample 2 -nopgm -nonoise -noprogress -nointerpolate";

const CELL: &[&str] = &[
    "rot_a_angstroms",
    "rot_b_angstroms",
    "rot_c_angstroms",
    "rot_a_star_A_inv",
    "rot_b_star_A_inv",
    "rot_c_star_A_inv",
];

/// A parameter: flag, which of its numbers, and the quantities that are allowed as its root causes.
type Parameter = (&'static str, usize, &'static [&'static str]);

const NUMBERS: &[Parameter] = &[
    ("-distance", 0, &["distance_m"]),
    ("-pixel", 0, &["beam_center_m"]),
    ("-Xbeam", 0, &["beam_center_m"]),
    ("-Ybeam", 0, &["beam_center_m"]),
    ("-lambda", 0, &["lambda_meters"]),
    ("-cell", 0, CELL),
    ("-cell", 1, CELL),
    ("-cell", 2, CELL),
    ("-cell", 3, CELL),
    ("-cell", 4, CELL),
    ("-cell", 5, CELL),
    ("-misset", 0, CELL),
    ("-misset", 1, CELL),
    ("-misset", 2, CELL),
    ("-phi", 0, &["phi"]),
    ("-fluence", 0, &["fluence_photons_per_m2"]),
    ("-polar", 0, &["polar"]),
    // The layers move with the thickness.
    ("-detector_thick", 0, &["capture_fraction", "pixel_pos_meters"]),
];

/// Whole numbers: one more.
const COUNTS: &[Parameter] = &[
    ("-Na", 0, &["F_latt_a", "F_latt"]),
    ("-Nb", 0, &["F_latt_b", "F_latt"]),
    ("-Nc", 0, &["F_latt_c", "F_latt"]),
    ("-oversample", 0, &["steps", "pixel_pos_meters"]),
    ("-mosaic_seed", 0, &["hkl_frac"]),
];

/// The one change that is not named: at this pixel it moves the polarisation factor by less than the tolerance of 1e-12.
const TOO_SMALL: &str = "-polar 0 by 1e-9";

/// Structure factors around the origin; `changed` has its amplitude multiplied by a factor.
fn reflections(changed: Option<([i64; 3], f64)>) -> String {
    let mut text = String::new();
    for h in -12..=12_i64 {
        for k in -12..=12_i64 {
            for l in -12..=12_i64 {
                let f = 100.0 + (h * 7 + k * 13 + l * 29).rem_euclid(97) as f64;
                let factor =
                    changed.filter(|(index, _)| *index == [h, k, l]).map_or(1.0, |(_, factor)| factor);
                text += &format!("{h} {k} {l} {}\n", f * factor);
            }
        }
    }
    text
}

fn trace(folder: &Path, arguments: &[String], hkl: &str, schema: &Schema) -> TraceLog {
    let place = |name: &str| folder.join(name).display().to_string();
    std::fs::write(place("list.hkl"), hkl).expect("a small file");
    let own = ["-floatfile", "f.bin", "-intfile", "i.img", "-dump", "d.bin", "--trace-file", "t.txt"];
    let own = own.map(|word| if word.starts_with('-') { word.to_owned() } else { place(word) });
    let rest = ["--trace-pixel", "2", "21", "--trace-depth", "step", "--quiet"].map(str::to_owned);
    let words = arguments.iter().map(|word| word.replace("{hkl}", &place("list.hkl")));
    let args: Vec<OsString> = words.chain(own).chain(rest).map(OsString::from).collect();
    assert_eq!(nanobragg::run::run_cli(&args), 0, "{args:?}");
    let mut trace = log::read(&folder.join("t.txt")).expect("a trace");
    trace.apply(schema);
    trace
}

fn words() -> Vec<String> {
    BASE.split_whitespace().map(str::to_owned).collect()
}

/// The arguments with one number changed.
fn changed((flag, which, _): &Parameter, change: &dyn Fn(f64) -> f64) -> Vec<String> {
    let mut words = words();
    let at = words.iter().position(|w| w == flag).expect("a flag of the command") + 1 + which;
    words[at] = change(words[at].parse().expect("a number")).to_string();
    words
}

fn quantities(c: &Comparison) -> BTreeSet<&str> {
    c.root_causes.iter().map(|cause| cause.quantity.as_str()).collect()
}

/// What went wrong with one case; nothing if the root causes are there and are all allowed.
fn judge(name: &str, c: &Comparison, allowed: &[&str]) -> Option<String> {
    let found = quantities(c);
    let right = c.verdict == Verdict::Fail && !found.is_empty() && found.iter().all(|q| allowed.contains(q));
    let only: Vec<&str> = c.trace_only.iter().map(|cause| cause.key.as_str()).collect();
    (!right)
        .then(|| format!("{name}: root causes {found:?}, in the trace only {only:?}, expected {allowed:?}"))
}

#[test]
fn each_parameter_is_named_as_the_root_cause_of_its_change() {
    let schema = Schema::built_in().expect("the built-in schema");
    let folder = tempfile::tempdir().expect("a folder");
    let plain = reflections(None);
    let base = trace(folder.path(), &words(), &plain, &schema);
    let against = |other: &TraceLog| compare(&schema, [&base, other], &Settings::default());
    assert_eq!(against(&trace(folder.path(), &words(), &plain, &schema)).verdict, Verdict::Pass);
    let mut cases = Vec::new();
    for size in [1e-3, 1e-9] {
        for parameter in NUMBERS {
            let arguments = changed(parameter, &|x| x * (1.0 + size));
            cases.push((
                format!("{} {} by {size:e}", parameter.0, parameter.1),
                arguments,
                plain.clone(),
                parameter.2,
            ));
        }
        let nearest = index_in(&base);
        cases.push((
            format!("F{nearest:?} by {size:e}"),
            words(),
            reflections(Some((nearest, 1.0 + size))),
            &["F_cell"],
        ));
    }
    for parameter in COUNTS {
        cases.push((
            format!("{} by 1", parameter.0),
            changed(parameter, &|x| x + 1.0),
            plain.clone(),
            parameter.2,
        ));
    }
    let judged = cases.iter().map(|(name, arguments, hkl, allowed)| {
        judge(name, &against(&trace(folder.path(), arguments, hkl, &schema)), allowed)
    });
    let wrong: Vec<String> = judged.flatten().collect();
    println!("{} of {} changes named\n{}", cases.len() - wrong.len(), cases.len(), wrong.join("\n"));
    let unknown: Vec<&String> = wrong.iter().filter(|w| !w.starts_with(&format!("{TOO_SMALL}: "))).collect();
    assert!(unknown.is_empty() && wrong.len() == 1, "not named:\n{}", wrong.join("\n"));
    // The reason for the one: the factor hardly knows about it.
    let (_, arguments, hkl, _) = cases.iter().find(|case| case.0 == TOO_SMALL).expect("a case");
    let moved = trace(folder.path(), arguments, hkl, &schema);
    let [a, b] = [&base, &moved].map(|t| last(t, "polar"));
    assert!((a / b - 1.0).abs() < 1e-12, "{a} {b}");
}

/// The last value of a key.
fn last(trace: &TraceLog, name: &str) -> f64 {
    let key = trace.names.find(name).expect("the key is there");
    let items = (0..trace.lines.len()).flat_map(|line| trace.items(line));
    items.filter(|item| item.key == key).last().expect("a line of it").numbers[0]
}

/// The reflection nearest to the traced pixel at its first step.
fn index_in(trace: &TraceLog) -> [i64; 3] {
    let key = trace.names.find("hkl_rounded").expect("the key is there");
    let item = (0..trace.lines.len()).flat_map(|line| trace.items(line)).find(|item| item.key == key);
    let numbers = item.expect("a line of it").numbers;
    [0, 1, 2].map(|n| numbers[n] as i64)
}
