//! Derivative images against numerical differentiation of the reference engine, images and
//! derivatives in one pass, and threads. Not here: the gates with reports (`trace-harness gradcheck`), another library's
//! numbers (`derivative_oracle`), the two implementations against each other (`derivative_kernel`).

mod support;

use nanobragg::Pixel;
use nanobragg::engine::derivative::{GradientRequest, gradients, image_and_gradients};
use nanobragg::engine::{Engine, EngineError, RenderOptions, derivative::oracle, render};
use nanobragg::model::parameter::Parameter;
use nanobragg::physics::numerical;
use support::derivatives::{CASES, LIMITED, compute, experiment, smooth};

/// Largest relative error of a derivative against the reference engine's, numerically differentiated.
const STRICT: f64 = 1e-8;
/// Derivatives smaller than this share of the region's largest are compared with that share: the reference engine's own
/// rounding does not let them be known better.
const FLOOR: f64 = 1e-2;

#[test]
fn derivatives_are_those_of_the_reference_engine_to_eight_digits() {
    let mut faults = vec![];
    for (name, flags, list) in CASES {
        let e = experiment(flags, *list);
        let parameters = smooth(&e);
        let found = compute(&e, &parameters, 1, false);
        let pixels: Vec<Pixel> = found
            .rows
            .clone()
            .flat_map(|slow| found.columns.clone().map(move |fast| Pixel { slow, fast }))
            .collect();
        for (i, parameter) in parameters.iter().enumerate() {
            let expected = numerical::derivatives(first_step(*parameter), &[], |x| {
                oracle::photons(&e.moved_by(*parameter, x).expect("it has a place"), &pixels)
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
        Parameter::CellAngle(_) => 0.2,
        _ => 0.1,
    }
}

#[test]
fn gradients_do_not_depend_on_the_number_of_threads() {
    for (name, flags, list) in CASES {
        let e = experiment(flags, *list);
        let parameters = smooth(&e);
        let [one, two, seven] = [1, 2, 7].map(|threads| compute(&e, &parameters, threads, false));
        for (i, parameter) in parameters.iter().enumerate() {
            assert!(one.by(i) == two.by(i) && one.by(i) == seven.by(i), "{name}, {parameter}");
        }
    }
}

fn options(engine: Engine, threads: usize) -> RenderOptions<'static> {
    RenderOptions { engine, threads, ..RenderOptions::default() }
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
    for (name, flags, list) in CASES.iter().chain(ONE_PASS).chain(LIMITED) {
        let e = experiment(flags, *list);
        let parameters = smooth(&e);
        let alone = compute(&e, &parameters, 1, false);
        for engine in [Engine::Exact, Engine::Reference, Engine::Fast] {
            let plain = render(&e, &options(engine, 1)).expect("an image");
            for threads in [1, 2, 7] {
                let wanted =
                    GradientRequest { parameters: &parameters, threads, ..GradientRequest::default() };
                let (image, by) = image_and_gradients(&e, &options(engine, threads), &wanted).expect("both");
                let bits = |data: &[f32]| data.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
                assert!(bits(&image.image.data) == bits(&plain.image.data), "{name}, {engine:?}");
                assert_eq!(image.solid_angle_sum.to_bits(), plain.solid_angle_sum.to_bits(), "{name}");
                assert_eq!(image.paths.all(), plain.paths.all(), "{name}");
                fallback += image.paths.fallback;
                let same = (0..parameters.len()).all(|i| by.by(i) == alone.by(i));
                assert!(same && by.photons() == alone.photons(), "{name}, {engine:?}, {threads} threads");

                let less = GradientRequest { no_photons: true, ..wanted };
                let (again, without) =
                    image_and_gradients(&e, &options(engine, threads), &less).expect("both");
                assert!(bits(&again.image.data) == bits(&plain.image.data), "{name}, {engine:?}, no photons");
                let same = (0..parameters.len()).all(|i| without.by(i) == alone.by(i));
                assert!(
                    same && without.photons().is_none(),
                    "{name}, {engine:?}, {threads} threads, no photons"
                );
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
        let f = e.structure_factor(hkl);
        for (slope, photons) in by.by(0).iter().zip(by.photons().expect("photons")) {
            // Within one reflection photons go with F²; elsewhere they do not depend on it.
            let whole = 2.0 * photons / f;
            assert!(*slope == 0.0 || (slope / whole - 1.0).abs() < 1e-12, "{hkl:?}: {slope} {whole}");
            lit += usize::from(*slope != 0.0);
        }
    }
    assert!(lit > 0, "no reflection of the sample is in the region");
}

#[test]
fn what_has_no_derivative_is_refused_with_its_reason() {
    let e = experiment("-N 6 -roi 60 61 90 91", false);
    for (parameter, reason) in [
        (Parameter::Cells(0), "whole numbers"),
        (Parameter::MosaicSpread, "no domains"),
        (Parameter::Reflection([1, 1, 1]), "not in the list"),
    ] {
        let wanted = GradientRequest { parameters: &[parameter], threads: 1, ..GradientRequest::default() };
        let error = gradients(&e, &wanted).expect_err("there is none");
        assert!(matches!(error, EngineError::NotDifferentiable { .. }), "{error}");
        assert!(error.to_string().contains(reason), "{error}");
    }
}
