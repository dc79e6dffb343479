//! Derivative images against num-dual: a pixel computed from the user's quantities to its photons with that library's numbers.
//!
//! The model's and the physics' functions are the simulator's own, written over any kind of number; the arithmetic of
//! derivatives is the other library's, and the kernel under test shares no formula for pixels with it. Not here: numerical
//! differentiation (`derivatives`).

use nanobragg::Pixel;
use nanobragg::builder;
use nanobragg::engine::derivative::oracle::photons_over;
use nanobragg::engine::derivative::{GradientRequest, gradients};
use nanobragg::model::differentiability::{self, Differentiability};
use nanobragg::model::experiment::Experiment;
use nanobragg::model::parameter::Parameter;
use nanobragg::model::quantities::Quantities;
use nanobragg::physics::scalar::Scalar;
use num_dual::{Derivative, DualNum, DualSVec64};
use std::ops::{Add, Div, Mul, Neg, Sub};

/// Parameters of one number.
const MANY: usize = 8;

/// Largest difference, relative to the derivative or to [`FLOOR`] of the largest of the region: what rounding of the
/// arguments of sines leaves of sixteen digits.
const TOLERANCE: f64 = 1e-9;
/// Smaller derivatives are compared with this share of the region's largest.
const FLOOR: f64 = 1e-2;

/// num-dual's number with what the simulator's formulas need.
#[derive(Debug, Clone, Copy)]
struct Oracle(DualSVec64<MANY>);

impl Oracle {
    fn parameter(value: f64, place: usize, slope: f64) -> Self {
        let mut slopes = nalgebra::SVector::<f64, MANY>::zeros();
        slopes[place] = slope;
        Self(DualSVec64::new(value, Derivative::some(slopes)))
    }

    fn slopes(self) -> [f64; MANY] {
        self.0.eps.unwrap_generic(nalgebra::Const::<MANY>, nalgebra::U1).into()
    }
}

impl From<f64> for Oracle {
    fn from(value: f64) -> Self {
        Self(DualSVec64::from_re(value))
    }
}

impl PartialEq for Oracle {
    fn eq(&self, other: &Self) -> bool {
        self.0.re == other.0.re && self.slopes() == other.slopes()
    }
}

impl Add for Oracle {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Oracle {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Mul for Oracle {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        Self(self.0 * other.0)
    }
}

impl Div for Oracle {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        Self(self.0 / other.0)
    }
}

impl Neg for Oracle {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl Scalar for Oracle {
    fn value(self) -> f64 {
        self.0.re
    }
    fn sqrt(self) -> Self {
        Self(self.0.sqrt())
    }
    fn sin(self) -> Self {
        Self(self.0.sin())
    }
    fn cos(self) -> Self {
        Self(self.0.cos())
    }
    fn exp(self) -> Self {
        Self(self.0.exp())
    }
    fn atan2(self, x: Self) -> Self {
        Self(self.0.atan2(x.0))
    }
}

const COMMON: &str = "-cell 40 50 60 80 95 100 -default_F 50 -lambda 1 -distance 80 -detpixels 200 -pixel 0.4 \
                      -misset 10 20 30 -seed 1 -oversample 1";

const CASES: &[(&str, &str)] = &[
    ("cubic", "-cell 50 50 50 90 90 90 -N 8 -roi 60 99 90 107"),
    ("triclinic", "-N 9 -roi 60 99 90 107"),
    (
        "tilted",
        "-N 7 -detector_rotx 5 -detector_roty -7 -detector_rotz 11 -twotheta 20 -xds -roi 60 99 90 107",
    ),
    ("mosaic", "-N 6 -phi 10 -osc 1 -phisteps 2 -mosaic 0.5 -mosaic_dom 4 -roi 60 83 90 101"),
    ("sources", "-N 6 -dispersion 2 -dispsteps 3 -hdivrange 2 -hdivsteps 2 -polar 0.5 -roi 60 75 90 95"),
    (
        "thick",
        "-N 6 -detector_abs 300 -detector_thick 400 -detector_thicksteps 3 -twotheta 25 -roi 60 75 90 95",
    ),
    ("sub-pixels", "-N 6 -polar 0.8 -oversample 3 -roi 60 75 90 95"),
    ("round", "-N 6 -round_xtal -roi 60 83 90 101"),
    ("gauss", "-N 6 -gauss_xtal -fudge 3 -roi 60 83 90 101"),
];

fn experiment(flags: &str) -> Experiment {
    builder::experiment(&format!("{COMMON} {flags}"), None).expect("a small experiment")
}

/// Photons of pixels with their derivatives by up to [`MANY`] parameters.
fn oracle(e: &Experiment, parameters: &[Parameter], pixels: &[Pixel]) -> Vec<Oracle> {
    let vary = |q: &mut Quantities<Oracle>| {
        for (place, parameter) in parameters.iter().enumerate() {
            let quantity = parameter.place(q).expect("it has a place");
            *quantity = Oracle::parameter(quantity.value(), place, parameter.per_unit());
        }
    };
    photons_over(e, vary, pixels)
}

#[test]
fn every_derivative_of_every_pixel_is_num_duals() {
    let mut faults = vec![];
    for (name, flags) in CASES {
        let e = experiment(flags);
        let parameters: Vec<Parameter> =
            Parameter::all().filter(|p| differentiability::of(&e, *p) == Differentiability::Smooth).collect();
        let wanted = GradientRequest { parameters: &parameters, threads: 1, ..GradientRequest::default() };
        let found = gradients(&e, &wanted).expect("smooth parameters");
        let columns = found.columns.clone();
        let pixels: Vec<Pixel> = found
            .rows
            .clone()
            .flat_map(|slow| columns.clone().map(move |fast| Pixel { slow, fast }))
            .collect();
        for (group, some) in parameters.chunks(MANY).enumerate() {
            let expected = oracle(&e, some, &pixels);
            for (p, parameter) in some.iter().enumerate() {
                let slopes: Vec<f64> = expected.iter().map(|x| x.slopes()[p]).collect();
                let largest = slopes.iter().map(|x| x.abs()).fold(0.0, f64::max);
                assert!(largest > 0.0, "{name}: {parameter} moves nothing");
                let by = found.by(group * MANY + p);
                let error = |(x, y): (&f64, &f64)| (x - y).abs() / x.abs().max(FLOOR * largest);
                let errors: Vec<f64> = slopes.iter().zip(by).map(error).collect();
                // Written so that NaN fails.
                let close = errors.iter().all(|error| *error <= TOLERANCE);
                let worst = errors.iter().copied().max_by(f64::total_cmp).expect("pixels");
                if !close {
                    faults.push(format!("{name}, {parameter}: {worst:.1e}"));
                }
            }
            let brightest = found.photons().expect("photons").iter().copied().fold(0.0, f64::max);
            for (x, photons) in expected.iter().zip(found.photons().expect("photons")) {
                let close = (x.value() - photons).abs() <= 1e-11 * photons.max(FLOOR * brightest);
                assert!(close, "{name}: {} against {photons} photons", x.value());
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}
