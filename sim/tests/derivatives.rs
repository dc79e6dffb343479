//! Derivative images against numerical differentiation of the reference engine, the two implementations against each other,
//! images and derivatives in one pass, and threads. Not here: the gates with reports (`trace-harness gradcheck`), another
//! library's numbers (`derivative_oracle`).

use nanobragg::cli::options::{Dtype, EngineName, TraceDepth};
use nanobragg::engine::derivative::{Gradients, Wanted, gradients, image_and_gradients};
use nanobragg::engine::{Request, double, render};
use nanobragg::input::grid::ReflectionGrid;
use nanobragg::loading;
use nanobragg::model::differentiability::{self, Differentiability};
use nanobragg::model::experiment::Experiment;
use nanobragg::model::parameter::Parameter;
use nanobragg::physics::numerical;

const COMMON: &str = "-cell 40 50 60 80 95 100 -default_F 50 -lambda 1 -distance 80 -detpixels 200 -pixel 0.4 \
                      -misset 10 20 30 -seed 1 -oversample 1";

/// Largest relative error of a derivative against the reference engine's, numerically differentiated.
const STRICT: f64 = 1e-8;
/// Derivatives smaller than this share of the region's largest are compared with that share: the reference engine's own
/// rounding does not let them be known better.
const FLOOR: f64 = 1e-2;

fn experiment(words: &str, reflections: bool) -> Experiment {
    let grid = reflections.then(|| {
        let mut grid = ReflectionGrid::zeros([(-60, 60), (-60, 60), (-70, 70)]).expect("small");
        grid.count = 1;
        for (i, value) in grid.values.iter_mut().enumerate() {
            *value = 10.0 + (i * 7919 % 101) as f64;
        }
        grid
    });
    loading::experiment(&format!("{COMMON} {words}"), grid).expect("a small experiment")
}

fn smooth(e: &Experiment) -> Vec<Parameter> {
    Parameter::all().filter(|p| differentiability::of(e, *p) == Differentiability::Smooth).collect()
}

fn compute(e: &Experiment, parameters: &[Parameter], threads: usize, scalar: bool) -> Gradients {
    gradients(e, &Wanted { parameters, threads, left_list: None, scalar }).expect("smooth parameters")
}

/// Command lines, and whether the reflection list matters.
const CASES: &[(&str, &str, bool)] = &[
    ("cubic", "-cell 50 50 50 90 90 90 -N 8 -roi 60 75 90 99", false),
    ("triclinic", "-N 9 -roi 60 75 90 99", false),
    (
        "tilted",
        "-N 7 -detector_rotx 5 -detector_roty -7 -detector_rotz 11 -twotheta 20 -xds -roi 60 75 90 99",
        false,
    ),
    ("tilted about the beam", "-N 7 -detector_rotx 5 -detector_roty -7 -twotheta 9 -roi 60 75 90 99", false),
    ("rotation", "-N 6 -phi 10 -osc 1 -phisteps 4 -roi 60 75 90 99", false),
    ("mosaic", "-N 6 -phi 10 -osc 1 -phisteps 2 -mosaic 0.5 -mosaic_dom 4 -roi 60 75 90 95", false),
    ("polarised", "-N 6 -polar 0.8 -oversample 2 -roi 60 75 90 95", false),
    (
        "sources",
        "-N 6 -dispersion 2 -dispsteps 3 -hdivrange 2 -hdivsteps 2 -polar 0.5 -roi 60 75 90 95",
        false,
    ),
    (
        "thick",
        "-N 6 -detector_abs 300 -detector_thick 400 -detector_thicksteps 3 -twotheta 25 -roi 60 75 90 95",
        false,
    ),
    ("round", "-N 6 -round_xtal -roi 60 75 90 99", false),
    ("gauss", "-N 6 -gauss_xtal -fudge 3 -roi 60 75 90 99", false),
    ("point pixels", "-N 6 -point_pixel -water 0.05 -roi 60 75 90 95", false),
    ("curved", "-N 6 -curved_det -roi 60 75 90 95", false),
    ("interpolated", "-N 5 -interpolate -roi 60 67 90 95", true),
    ("anew", "-N 6 -oversample 2 -oversample_omega -oversample_polar -polar 0.3 -roi 60 67 90 93", false),
];

#[test]
fn derivatives_are_those_of_the_reference_engine_to_eight_digits() {
    let mut faults = vec![];
    for (name, words, list) in CASES {
        let e = experiment(words, *list);
        let parameters = smooth(&e);
        let found = compute(&e, &parameters, 1, false);
        let pixels: Vec<(usize, usize)> =
            found.rows.clone().flat_map(|s| found.columns.clone().map(move |f| (s, f))).collect();
        for (i, parameter) in parameters.iter().enumerate() {
            let expected = numerical::derivatives(first_step(*parameter), &[], |x| {
                double::photons(&moved(&e, *parameter, x), &pixels)
            });
            let largest = expected.iter().map(|x| x.value.abs()).fold(0.0, f64::max);
            let floor = FLOOR * largest;
            // Of interpolated amplitudes some kinks lie within a step; there the estimate does not converge.
            let worst = (expected.iter().zip(found.by(i)))
                .map(|(x, y)| ((x.value - y).abs() / x.value.abs().max(floor), x, *y))
                .filter(|(_, x, _)| !*list || x.error < 1e-9 * largest)
                .max_by(|a, b| a.0.total_cmp(&b.0));
            let (error, x, y) = worst.expect("pixels");
            let passes = error < STRICT && largest > 0.0;
            if !passes {
                faults.push(format!(
                    "{name}, {parameter}: {error:.2e} ({x:?} against {y:e}, largest {largest:e})"
                ));
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

/// Largest step of numerical differentiation in the user's unit: a part of a spot's width for these small crystals.
fn first_step(parameter: Parameter) -> f64 {
    match parameter {
        Parameter::Wavelength => 2e-3,
        Parameter::Fluence => 1e27,
        Parameter::Cells(_) => 0.3,
        Parameter::Distance | Parameter::Centre(_) => 0.2,
        Parameter::Reflection(_) => 1.0,
        _ => 0.1,
    }
}

/// The experiment with a parameter changed by `x` of the user's units.
fn moved(e: &Experiment, parameter: Parameter, x: f64) -> Experiment {
    let mut q = e.basis.quantities.clone();
    let place = parameter.place(&mut q).expect("it has a place");
    *place += x * parameter.per_unit();
    e.moved(&q)
}

/// Resolution limits: no numerical differentiation where the image ends in a step.
const LIMITED: &[(&str, &str, bool)] = &[
    ("limited", "-N 6 -dmin 6 -roi 60 90 90 99", false),
    ("limited, polarised", "-N 6 -dmin 6 -polar 0.7 -roi 60 90 90 99", true),
    ("limited, several rays", "-N 6 -dmin 6 -oversample 2 -hdivrange 5 -hdivsteps 2 -roi 60 90 90 95", true),
    ("limited, nopolar", "-N 6 -dmin 6 -oversample 2 -nopolar -gauss_xtal -roi 60 90 90 95", true),
];

#[test]
fn both_implementations_agree() {
    for (name, words, list) in CASES.iter().chain(LIMITED) {
        let e = experiment(words, *list);
        let parameters = smooth(&e);
        let (fast, slow) = (compute(&e, &parameters, 1, false), compute(&e, &parameters, 1, true));
        for (i, parameter) in parameters.iter().enumerate() {
            let largest = slow.by(i).iter().fold(0.0_f64, |m, x| m.max(x.abs()));
            for (a, b) in fast.by(i).iter().zip(slow.by(i)) {
                assert!((a - b).abs() <= 1e-9 * largest, "{name}, {parameter}: {a:e} {b:e}");
            }
        }
    }
}

#[test]
fn gradients_do_not_depend_on_the_number_of_threads() {
    for (name, words, list) in CASES {
        let e = experiment(words, *list);
        let parameters = smooth(&e);
        let [one, two, seven] = [1, 2, 7].map(|threads| compute(&e, &parameters, threads, false));
        for (i, parameter) in parameters.iter().enumerate() {
            assert!(one.by(i) == two.by(i) && one.by(i) == seven.by(i), "{name}, {parameter}");
        }
    }
}

fn request(engine: EngineName, threads: usize) -> Request<'static> {
    Request {
        engine,
        dtype: Dtype::F64,
        threads,
        trace: &[],
        depth: TraceDepth::default(),
        printout: None,
        printed: &|_| {},
        progress: &|_| {},
    }
}

/// What one pass has to get right beside the cases above: the first pixel from an unrotated crystal, rows that end inside
/// a block, spots that leave most of the image black, a list, more parameters than a pass takes.
const ONE_PASS: &[(&str, &str, bool)] = &[
    ("unrotated first pixel", "-N 6 -phi 0 -osc 1 -phisteps 2 -roi 3 130 50 58", false),
    ("sharp spots", "-N 30 -gauss_xtal -mosaic 0.5 -mosaic_dom 5 -phi 0 -osc 2 -phisteps 3", false),
    ("flat spots", "-N 12 -tophat_spots -mosaic 0.5 -mosaic_dom 5 -roi 0 199 40 90", false),
    ("list", "-N 6 -roi 20 99 60 66", true),
    ("so many pixels that some floats are not proven", "-N 5 -detpixels 400", false),
];

#[test]
fn an_image_rendered_with_its_derivatives_has_the_bytes_it_has_without() {
    let mut fallback = 0;
    for (name, words, list) in CASES.iter().chain(ONE_PASS).chain(LIMITED) {
        let e = experiment(words, *list);
        let parameters = smooth(&e);
        let alone = compute(&e, &parameters, 1, false);
        for engine in [EngineName::Exact, EngineName::Reference, EngineName::Fast] {
            let plain = render(&e, &request(engine, 1)).expect("an image");
            for threads in [1, 2, 7] {
                let wanted = Wanted { parameters: &parameters, threads, left_list: None, scalar: false };
                let (image, by) = image_and_gradients(&e, &request(engine, threads), &wanted).expect("both");
                let bits = |data: &[f32]| data.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
                assert!(bits(&image.image.data) == bits(&plain.image.data), "{name}, {engine:?}");
                assert_eq!(image.solid_angle_sum.to_bits(), plain.solid_angle_sum.to_bits(), "{name}");
                assert_eq!(image.paths.all(), plain.paths.all(), "{name}");
                fallback += image.paths.fallback;
                let same = (0..parameters.len()).all(|i| by.by(i) == alone.by(i));
                assert!(same && by.photons() == alone.photons(), "{name}, {engine:?}, {threads} threads");
            }
        }
    }
    assert!(fallback > 0, "no float was left to the reference engine");
}

#[test]
fn a_single_reflection_scales_its_own_spot() {
    let e = experiment("-N 6 -roi 60 75 90 99", true);
    let candidates = (-20..20).flat_map(|h| (-20..20).flat_map(move |k| (-20..20).map(move |l| [h, k, l])));
    let mut lit = 0;
    for hkl in candidates.filter(|[h, k, l]| (h * 7 + k * 3 + l) % 97 == 0) {
        let parameter = Parameter::Reflection(hkl);
        let by = compute(&e, &[parameter], 1, false);
        let f = e.structure_factors.nearest(hkl);
        for (slope, photons) in by.by(0).iter().zip(by.photons()) {
            // Within one reflection photons go with F²; elsewhere they do not depend on it.
            let whole = 2.0 * photons / f;
            assert!(*slope == 0.0 || (slope / whole - 1.0).abs() < 1e-12, "{hkl:?}: {slope} {whole}");
            lit += usize::from(*slope != 0.0);
        }
    }
    assert!(lit > 0, "no reflection of the sample is in the region");
}

/// Reflections of the row 95 of an unturned crystal.
const REFLECTIONS: &[[i32; 3]] = &[
    [4, -3, -21],
    [4, -3, -19],
    [4, -2, -14],
    [3, -2, -11],
    [2, -1, -7],
    [2, 0, -4],
    [1, 1, -1],
    [-1, 2, 3],
    [-2, 3, 6],
    [-3, 4, 9],
    [-5, 6, 13],
];

#[test]
fn both_implementations_agree_on_more_reflections_than_a_block_has_room_for() {
    for words in
        ["-N 6", "-N 6 -round_xtal", "-N 4 -gauss_xtal -phi 0 -osc 1 -phisteps 3", "-N 2 -tophat_spots"]
    {
        let e = experiment(&format!("{words} -oversample 2 -roi 20 159 95 95"), true);
        let mut parameters: Vec<Parameter> = REFLECTIONS.iter().copied().map(Parameter::Reflection).collect();
        parameters.insert(4, Parameter::Phi);
        let (fast, slow) = (compute(&e, &parameters, 1, false), compute(&e, &parameters, 1, true));
        for (i, parameter) in parameters.iter().enumerate() {
            let largest = slow.by(i).iter().fold(0.0_f64, |m, x| m.max(x.abs()));
            assert!(largest > 0.0 || words.contains("tophat"), "{words}: {parameter} moves nothing");
            for (a, b) in fast.by(i).iter().zip(slow.by(i)) {
                assert!((a - b).abs() <= 1e-9 * largest, "{words}, {parameter}: {a:e} {b:e}");
            }
        }
    }
}

#[test]
fn what_has_no_derivative_is_refused_with_its_reason() {
    let e = experiment("-N 6 -roi 60 61 90 91", false);
    for (parameter, reason) in [
        (Parameter::Cells(0), "whole numbers"),
        (Parameter::MosaicSpread, "no domains"),
        (Parameter::Reflection([1, 1, 1]), "not in the list"),
    ] {
        let wanted = Wanted { parameters: &[parameter], threads: 1, left_list: None, scalar: false };
        let error = gradients(&e, &wanted).expect_err("there is none");
        assert!(error.problem.contains(reason), "{error}");
    }
}
