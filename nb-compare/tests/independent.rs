//! The metrics against figures that NumPy, SciPy and scikit-image computed (`fixtures/make_metrics.py`), and properties that
//! hold for every image.

use std::collections::BTreeMap;
use std::path::Path;

use nanobragg::image::raster::Raster;
use nb_compare::compare::metrics::Measure;
use nb_compare::compare::metrics::Metrics;
use nb_compare::compare::region::{Region, Roi};
use nb_compare::metrics;
use proptest::prelude::*;
use serde::Deserialize;

#[derive(Deserialize)]
struct Fixture {
    fast: usize,
    slow: usize,
    cases: BTreeMap<String, BTreeMap<String, f64>>,
}

fn fixture() -> Fixture {
    serde_json::from_str(include_str!("fixtures/metrics.json")).unwrap()
}

fn measured(a: &Raster<f32>, b: &Raster<f32>) -> serde_json::Map<String, serde_json::Value> {
    let region = Region::new(a, b, Roi::whole(a.fast, a.slow), None);
    metrics(&Metrics::of(&region, &Measure::default()))
}

fn pair(name: &str, fixture: &Fixture) -> (Raster<f32>, Raster<f32>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/{name}.bin"));
    let bytes = std::fs::read(path).unwrap();
    let pixels: Vec<f32> = bytes.as_chunks::<4>().0.iter().map(|&b| f32::from_le_bytes(b)).collect();
    let side = |half: &[f32]| Raster { fast: fixture.fast, slow: fixture.slow, data: half.to_vec() };
    let (a, b) = pixels.split_at(fixture.fast * fixture.slow);
    (side(a), side(b))
}

/// How far a figure may be from the independent one: relative, or absolute where it says so.
fn tolerance(name: &str, expected: f64) -> f64 {
    match name {
        // Estimates, to be right to a tenth of a pixel.
        "shift_fast_px" | "shift_slow_px" => 0.1,
        // What is left of a pure scale is rounding, 2^-24 of the norm.
        "residual_fraction" => 1e-10 * expected + 1e-12,
        _ => 1e-10 * expected.abs(),
    }
}

#[test]
fn every_metric_agrees_with_numpy_scipy_and_scikit_image() {
    let fixture = fixture();
    let mut compared = 0;
    for (name, expected) in &fixture.cases {
        let (a, b) = pair(name, &fixture);
        let found = measured(&a, &b);
        for (metric, &value) in expected {
            let ours = found[metric].as_f64().unwrap_or_else(|| panic!("{name} {metric} is undefined"));
            let off = (ours - value).abs();
            assert!(off <= tolerance(metric, value), "{name} {metric}: {ours}, independently {value}");
            compared += 1;
        }
    }
    assert_eq!(compared, 5 * 13);
}

fn image() -> impl Strategy<Value = Raster<f32>> {
    (8_usize..40, 8_usize..40).prop_flat_map(|(fast, slow)| {
        let pixel = prop_oneof![4 => 0.0_f32..100.0, 1 => 100.0_f32..1e6, 1 => Just(0.0_f32)];
        prop::collection::vec(pixel, fast * slow)
            .prop_filter("an image that varies", |v| v.iter().any(|x| *x != v[0]))
            .prop_map(move |data| Raster { fast, slow, data })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn an_image_agrees_perfectly_with_itself(a in image()) {
        let m = measured(&a, &a);
        for (name, perfect) in [("correlation", 1.0), ("log_correlation", 1.0), ("rank_correlation", 1.0), ("ssim", 1.0),
            ("sum_ratio", 1.0), ("rmse", 0.0), ("residual_fraction", 0.0), ("identical_fraction", 1.0),
            ("shift_fast_px", 0.0), ("shift_slow_px", 0.0)]
        {
            let got = m[name].as_f64().unwrap();
            prop_assert!((got - perfect).abs() < 1e-9, "{} is {}", name, got);
        }
        prop_assert_eq!(&m["byte_identical"], &serde_json::Value::Bool(true));
    }

    #[test]
    fn scaling_changes_the_ratio_and_not_the_shape(a in image(), power in -6_i32..6) {
        let factor = 2.0_f32.powi(power);
        let m = measured(&a, &a.map(|v| v * factor));
        let near = |name: &str, value: f64| (m[name].as_f64().unwrap() - value).abs() <= 1e-12 * value.abs().max(1.0);
        prop_assert!(near("correlation", 1.0) && near("rank_correlation", 1.0) && near("residual_fraction", 0.0));
        prop_assert!(near("sum_ratio", f64::from(factor)) && near("best_scale", f64::from(factor)));
    }

    #[test]
    fn swapping_the_sides_inverts_the_ratio_and_turns_the_shift(a in image(), seed in 0_u32..1000) {
        let b = Raster { data: a.data.iter().enumerate().map(|(i, v)| v + ((i as u32 * 7 + seed) % 13) as f32).collect(), ..a.clone() };
        let (m, n) = (measured(&a, &b), measured(&b, &a));
        let get = |map: &serde_json::Map<String, serde_json::Value>, name: &str| map[name].as_f64().unwrap();
        prop_assert!((get(&m, "sum_ratio") * get(&n, "sum_ratio") - 1.0).abs() < 1e-12);
        for same in ["correlation", "rank_correlation", "ssim", "rmse", "max_abs_diff", "ulp_max"] {
            prop_assert!((get(&m, same) - get(&n, same)).abs() <= 1e-12 * get(&m, same).abs(), "{}", same);
        }
    }
}
