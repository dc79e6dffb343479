//! Derivatives of the vector kernel against numbers that carry derivatives, pixel by pixel.
//! Not here: another library's numbers (`derivative_oracle`), numerical differentiation (`derivatives`).

mod support;

use nanobragg::Pixel;
use nanobragg::defects::{Defect, Defects, Treatment};
use nanobragg::engine::Leave;
use nanobragg::engine::derivative::{GradientRequest, Gradients, gradients};
use nanobragg::model::parameter::Parameter;
use ndarray::ArrayView2;
use support::derivatives::{CASES, LIMITED, compute, experiment, listed, smooth};

#[test]
fn both_implementations_agree() {
    for (name, words, list) in CASES.iter().chain(LIMITED) {
        let e = experiment(words, *list);
        let parameters = smooth(&e);
        let (fast, slow) = (compute(&e, &parameters, 1, false), compute(&e, &parameters, 1, true));
        assert!(slow.photons().expect("photons").iter().any(|photons| *photons > 0.0), "{name} is dark");
        for (i, parameter) in parameters.iter().enumerate() {
            let largest = slow.by(i).iter().fold(0.0_f64, |m, x| m.max(x.abs()));
            for (a, b) in fast.by(i).iter().zip(slow.by(i)) {
                assert!((a - b).abs() <= 1e-9 * largest, "{name}, {parameter}: {a:e} {b:e}");
            }
        }
    }
}

/// How far derivatives by parameter `i` may be apart. What cancels to nothing beside the photons themselves is rounding; only
/// the fluence has a unit so small.
fn tolerance(expected: &Gradients, i: usize) -> f64 {
    let largest = |values: ArrayView2<'_, f64>| values.iter().fold(0.0_f64, |m, x| m.max(x.abs()));
    let fluence = expected.parameters[i] == Parameter::Fluence;
    let cancelled = if fluence { 0.0 } else { 1e-12 * largest(expected.photons().expect("photons")) };
    1e-9 * largest(expected.by(i)) + cancelled
}

/// Where the list ends inside the region: pixels that leave it, those before, those after, and a list that is left for good
/// only in part of a pixel's terms.
#[test]
fn both_implementations_agree_on_where_interpolation_ends() {
    let turning = "-N 4 -interpolate -oversample 2 -phi 0 -osc 2 -phisteps 3 -roi 60 139 90 97";
    let spots = "-N 7 -gauss_xtal -interpolate -water 0.01 -roi 60 139 90 97";
    // With water, terms of 0 leave the list as well.
    let dark = "-N 7 -tophat_spots -interpolate -water 1e-9 -mosaic 5 -mosaic_dom 20 -detpixels 1600 -pixel 0.05 \
                -roi 400 1200 840 841";
    for words in [turning, spots, dark, "-N 3 -round_xtal -interpolate -roi 60 139 90 97"] {
        let stops = Defects::default().and(Defect::InterpolationOff, Treatment::Emulate);
        let e = listed(words, [(-5, 4), (-6, 6), (-6, 11)], stops);
        let mut parameters = smooth(&e);
        parameters.insert(3, Parameter::Reflection([0, 1, 1]));
        let left = |slow, fast| Leave { pixel: Pixel { slow, fast }, hkl: [0.0; 3], nearest: [0; 3] };
        let mut seen = Vec::new();
        for left_list in [None, Some(left(92, 107)), Some(left(90, 104)), Some(left(0, 0))] {
            let [fast, slow] = [false, true].map(|scalar| {
                let wanted = GradientRequest {
                    parameters: &parameters,
                    threads: 1,
                    left_list,
                    scalar,
                    ..GradientRequest::default()
                };
                gradients(&e, &wanted).expect("smooth parameters")
            });
            for (i, parameter) in parameters.iter().enumerate() {
                for (a, b) in fast.by(i).iter().zip(slow.by(i)) {
                    let agree = (a - b).abs() <= tolerance(&slow, i);
                    assert!(agree, "{words}, {left_list:?}, {parameter}: {a:e} {b:e}");
                }
            }
            let matters = words == dark || !seen.contains(&fast.by(0).to_owned());
            assert!(matters, "{words}, {left_list:?}: where it ends matters not");
            seen.push(fast.by(0).to_owned());
        }
    }
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
            // Of a flat spot phi moves the edge only, which has no derivative.
            let edge = words.contains("-tophat_spots") && *parameter == Parameter::Phi;
            assert!(largest > 0.0 || edge, "{words}: {parameter} moves nothing");
            for (a, b) in fast.by(i).iter().zip(slow.by(i)) {
                assert!((a - b).abs() <= 1e-9 * largest, "{words}, {parameter}: {a:e} {b:e}");
            }
        }
    }
}

/// Words of which each drawn experiment takes one per line.
const DRAWN: &[&[&str]] = &[
    &["-roi 50 79 93 95", "-detpixels 1600 -pixel 0.05 -roi 390 480 750 750"],
    &["-N 5", "-N 9", "-Na 4 -Nb 7 -Nc 5", "-Na 1 -Nb 6 -Nc 8"],
    &["", "", "-round_xtal", "-gauss_xtal", "-gauss_xtal -fudge 0.5", "-tophat_spots"],
    &["", "-cell 50 50 50 90 90 90", "-cell 45 52 61 110 105 115", "-cell 60 60 80 90 90 120 -misset 0 0 0"],
    &["", "-phi 0 -osc 1 -phisteps 3", "-phi 30 -osc 2 -phisteps 2", "-phi 5"],
    &["", "", "-mosaic 0.4 -mosaic_dom 3"],
    &["-nopolar", "-polar 0.9", "-polar 0.3", ""],
    &["", "-oversample 2"],
    &["", "", "-detector_abs 300 -detector_thick 400 -detector_thicksteps 2"],
    &["", "", "-dispersion 2 -dispsteps 2", "-hdivrange 3 -hdivsteps 2 -vdivrange 2 -vdivsteps 2"],
    &["", "-twotheta 15 -detector_rotx 4 -detector_rotz 3", "-xds -detector_roty -9", "-denzo -twotheta -8"],
    &["", "", "-curved_det"],
    &["", "-point_pixel"],
    &["", "", "-dmin 5"],
    &["", "", "-water 0.02"],
    &["-nointerpolate", "-nointerpolate", "-interpolate"],
    &["", "", "", "-oversample_omega", "-oversample_polar -oversample_thick"],
];

#[test]
fn both_implementations_agree_on_drawn_experiments() {
    let (mut state, mut moved) = (88_172_645_463_325_252_u64, 0);
    for drawn in 0..200 {
        let mut words = String::new();
        for line in DRAWN {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            words = format!("{words} {}", line[(state >> 11) as usize % line.len()]);
        }
        // No list, a long one, and one that ends in the region.
        let e = match drawn % 4 {
            0 | 2 => experiment(&words, drawn % 4 == 0),
            _ => listed(&words, [(-5, 3), (-4, 2), (-20, 2)], Defects::default()),
        };
        let mut parameters = smooth(&e);
        if drawn % 4 == 0 {
            let reflections = [[4, -3, -19], [3, -2, -13], [3, -2, -11], [3, -1, -9]];
            parameters.extend(reflections.map(Parameter::Reflection));
        }
        let (fast, slow) = (compute(&e, &parameters, 1, false), compute(&e, &parameters, 1, true));
        if slow.photons().expect("photons").iter().any(|photons| !photons.is_finite()) {
            // Large solid angles, taken anew for every term, multiply up as in the reference.
            assert!(words.contains("-point_pixel") && words.contains("-oversample_omega"), "{words}");
            continue;
        }
        for (i, parameter) in parameters.iter().enumerate() {
            let largest = slow.by(i).iter().fold(0.0_f64, |m, x| m.max(x.abs()));
            for (a, b) in fast.by(i).iter().zip(slow.by(i)) {
                assert!((a - b).abs() <= tolerance(&slow, i), "{words}, {parameter}: {a:e} {b:e}");
            }
            moved += usize::from(largest > 0.0);
        }
    }
    assert!(moved > 1000, "only {moved} derivatives differ from 0");
}
