//! Small experiments whose derivatives are tested.
//! Not here: any comparison.

use nanobragg::builder::{self, ExperimentBuilder};
use nanobragg::defects::Defects;
use nanobragg::engine::derivative::{GradientRequest, Gradients, gradients};
use nanobragg::input::grid::ReflectionGrid;
use nanobragg::model::differentiability::{self, Differentiability};
use nanobragg::model::experiment::Experiment;
use nanobragg::model::parameter::Parameter;

const COMMON: &str = "-cell 40 50 60 80 95 100 -default_F 50 -lambda 1 -distance 80 -detpixels 200 -pixel 0.4 \
                      -misset 10 20 30 -seed 1 -oversample 1";

/// An experiment, with a list that covers every pixel if `reflections`.
pub fn experiment(flags: &str, reflections: bool) -> Experiment {
    let ranges = [(-60, 60), (-60, 60), (-70, 70)];
    let with_common = format!("{COMMON} {flags}");
    if reflections {
        listed(flags, ranges, Defects::default())
    } else {
        builder::experiment(&with_common, None).expect("a small experiment")
    }
}

/// An experiment with a list over the box `ranges`.
pub fn listed(flags: &str, ranges: [(i32, i32); 3], defects: Defects) -> Experiment {
    let list = ReflectionGrid::from_fn(ranges, |i| 10.0 + (i * 7919 % 101) as f64).expect("small");
    let flags = ExperimentBuilder::from_flags(&format!("{COMMON} {flags}")).expect("flags");
    flags.structure_factors(list).defects(defects).build().expect("a small experiment")
}

pub fn smooth(e: &Experiment) -> Vec<Parameter> {
    Parameter::all().filter(|p| differentiability::of(e, *p) == Differentiability::Smooth).collect()
}

pub fn compute(e: &Experiment, parameters: &[Parameter], threads: usize, scalar: bool) -> Gradients {
    gradients(e, &GradientRequest { parameters, threads, scalar, ..GradientRequest::default() })
        .expect("smooth parameters")
}

/// Command lines, and whether the reflection list matters.
pub const CASES: &[(&str, &str, bool)] = &[
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
    (
        "wide spots",
        "-N 12 -gauss_xtal -phi 10 -osc 1 -phisteps 3 -mosaic 0.5 -mosaic_dom 4 -roi 60 139 90 97",
        true,
    ),
    ("point pixels", "-N 6 -point_pixel -water 0.05 -roi 60 75 90 95", false),
    ("curved", "-N 6 -curved_det -roi 60 75 90 95", false),
    ("interpolated", "-N 5 -interpolate -roi 60 67 90 95", true),
    ("anew", "-N 6 -oversample 2 -oversample_omega -oversample_polar -polar 0.3 -roi 60 67 90 93", false),
];

/// Resolution limits: no numerical differentiation where the image ends in a step.
pub const LIMITED: &[(&str, &str, bool)] = &[
    ("limited", "-N 6 -dmin 6 -roi 60 90 90 99", false),
    ("limited, polarised", "-N 6 -dmin 6 -polar 0.7 -roi 60 90 90 99", true),
    (
        "flat spots",
        "-N 2 -tophat_spots -phi 10 -osc 1 -phisteps 3 -mosaic 0.5 -mosaic_dom 4 -roi 10 90 20 40",
        true,
    ),
    ("limited, several rays", "-N 6 -dmin 6 -oversample 2 -hdivrange 5 -hdivsteps 2 -roi 60 90 90 95", true),
    ("limited, nopolar", "-N 6 -dmin 6 -oversample 2 -nopolar -gauss_xtal -roi 60 90 90 95", true),
];
