//! The fast engine against the exact one, over the stored cases: how far their floats are apart.
//! Not here: its speed (`benches/whole_process`), byte parity (`exact_engine`).

mod support;

use std::path::Path;

use support::golden::{Case, Golden};
use support::program::{Kind, Program, shown};
use support::workplace::{arguments_of, missing_inputs, prepared_folder};

/// Largest detector compared.
const MOST_PIXELS: usize = 1 << 16;

/// Shares of pixels, in millionths, that must be within 1 unit in the last place of the exact float.
const WITHIN_ONE: usize = 999_000;

/// Largest difference in single precision, as a share of the image's brightest pixel: some tens of roundings.
const SINGLE_SHARE: f32 = 64.0 * f32::EPSILON / 2.0;

fn floats(program: &Program, case: &Case, engine: &[&str]) -> Option<Vec<f32>> {
    let folder = prepared_folder(case);
    let own = ["--parity", "--threads", "2", "--quiet", "--engine"].iter().chain(engine);
    let own: Vec<String> = own.map(|word| (*word).to_owned()).collect();
    let args = arguments_of(case);
    let run = program.run(folder.path(), &own, &args);
    assert_eq!(run.exit, Some(0), "{}: {}", shown(&args), run.stderr);
    let named = args.iter().position(|word| word == "-floatfile" || word == "-floatimage");
    let name = named.map_or("floatimage.bin", |at| &args[at + 1]);
    let bytes = std::fs::read(folder.path().join(Path::new(name))).ok()?;
    let (pixels, rest) = bytes.as_chunks::<4>();
    assert!(rest.is_empty());
    Some(pixels.iter().map(|p| f32::from_le_bytes(*p)).collect())
}

/// Units in the last place between two floats; of NaN, 0 if both are.
fn ulps(a: f32, b: f32) -> u32 {
    let ordered = |x: f32| {
        if x.is_sign_negative() { -i64::from(x.to_bits() & !(1 << 31)) } else { i64::from(x.to_bits()) }
    };
    if a.is_nan() && b.is_nan() { 0 } else { ordered(a).abs_diff(ordered(b)).try_into().unwrap_or(u32::MAX) }
}

#[test]
fn nearly_all_floats_are_within_one_unit_in_the_last_place() {
    let program = Program::under_test();
    assert!(program.kind() == Kind::Ours, "NB_TEST_BIN is a reference build: unset it");
    let golden = Golden::load();
    let fits = |case: &&Case| case.exit == 0 && case.size.0 * case.size.1 <= MOST_PIXELS;
    let cases = golden.cases.iter().filter(fits).filter(|case| missing_inputs(case).is_none());
    let (mut pixels, mut close, mut same, mut worst_share) = (0, 0, 0, (0.0_f32, ""));
    for case in cases {
        let Some(exact) = floats(&program, case, &["exact"]) else { continue };
        let double = floats(&program, case, &["fast"]).expect("as the exact engine");
        let single = floats(&program, case, &["fast", "--dtype", "f32"]).expect("as the exact engine");
        assert_eq!((exact.len(), exact.len()), (double.len(), single.len()), "{}", case.id);
        let brightest = exact.iter().fold(0.0_f32, |most, x| most.max(x.abs()));
        for ((exact, double), single) in exact.iter().zip(&double).zip(&single) {
            let apart = ulps(*exact, *double);
            pixels += 1;
            close += usize::from(apart <= 1);
            same += usize::from(apart == 0);
            let share = (exact - single).abs() / brightest.max(f32::MIN_POSITIVE);
            if share > worst_share.0 {
                worst_share = (share, &case.id);
            }
        }
    }
    println!(
        "{pixels} pixels: {same} the same, {close} within 1 ULP; single precision off by {worst_share:?} of the brightest"
    );
    assert!(pixels > 1_000_000, "only {pixels} pixels were compared");
    assert!(close * 1_000_000 >= pixels * WITHIN_ONE, "{close} of {pixels} within 1 ULP");
    assert!(same < pixels, "the fast engine did not run");
    assert!(worst_share.0 < SINGLE_SHARE, "{worst_share:?}");
}
