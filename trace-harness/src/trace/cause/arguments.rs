//! What the arguments of a run give, as far as it distinguishes a cause from a coincidence: values that have a default, and whether a
//! rotation step at phi = 0 follows another one.
//!
//! Not here: reading arguments (`nanobragg::cli`), and what follows from them (`orientation`, `signature`).

use std::ffi::OsString;

use nanobragg::cli::flags::Id;
use nanobragg::cli::parse::{Reading, parse};
use nanobragg::cli::raw_args;
use nanobragg::config::resolve::{Surroundings, resolve};
use nanobragg::defects::{Defects, Dialect};

use crate::trace::cause::orientation::step_before_zero;

/// No scan has more steps; a number beyond it is a slip, and nothing is concluded from it.
const MOST_STEPS: i32 = 1_000_000;

/// What the arguments of one run give, in SI units; defaults where they give nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct Arguments {
    /// Wavelength, metres.
    pub wavelength: f64,
    /// Fluence, photons/m².
    pub fluence: f64,
    /// Side of a pixel, metres.
    pub pixel_size: f64,
    /// Distance of sample and detector, metres; `None` where it follows from the closest distance.
    pub distance: Option<f64>,
    /// By how many degrees the rotation step before that at phi = 0 is turned; `None` without such a pair of steps.
    pub step_before_zero: Option<f64>,
}

impl Arguments {
    /// Reads the words of a command line, with or without the program's name, as the C program reads them. `None` where they do
    /// not make a run, or where a file named among them has values too.
    pub fn of(arguments: &[OsString]) -> Option<Self> {
        let (_, rest) = raw_args::split(arguments).ok()?;
        let settings = parse(&rest, Reading::Reference(Dialect::Fork)).ok()?;
        if settings.iter().any(|setting| matches!(setting.id, Id::Mask | Id::Image)) {
            return None;
        }
        let around = Surroundings { lenient: true, ..Surroundings::default() };
        let config = resolve(&settings, Defects::with(&[]), &around).ok()?;
        let (start, sweep) = (config.sampling.phi_start.to_degrees(), config.sampling.phi);
        if sweep.steps > MOST_STEPS {
            return None;
        }
        let phi: Vec<f64> =
            (0..sweep.steps).map(|step| start + sweep.step.to_degrees() * f64::from(step)).collect();
        Some(Self {
            wavelength: config.beam.wavelength,
            fluence: config.beam.fluence,
            pixel_size: config.detector.pixel_size,
            distance: config.detector.close_distance.is_none().then_some(config.detector.distance),
            step_before_zero: step_before_zero(&phi),
        })
    }

    /// The value that they give a key of traces.
    pub fn value(&self, key: &str) -> Option<f64> {
        match key {
            "lambda_meters" => Some(self.wavelength),
            "lambda_angstroms" => Some(self.wavelength * 1e10),
            "fluence_photons_per_m2" => Some(self.fluence),
            "distance_m" => self.distance,
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Option<Arguments> {
        let arguments: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
        Arguments::of(&arguments)
    }

    #[test]
    fn values_are_those_that_the_flags_give_in_si_units() {
        let given = of("sim --lambda 1.5 -distance 250 -pixel 0.2 -fluence 3e20 -detpixels 64").unwrap();
        let close = |a: f64, b: f64| (a / b - 1.0).abs() < 1e-12;
        assert!(close(given.wavelength, 1.5e-10) && close(given.pixel_size, 2e-4), "{given:?}");
        assert!(close(given.distance.unwrap(), 0.25) && close(given.fluence, 3e20), "{given:?}");
    }

    #[test]
    fn a_step_before_phi_zero_is_that_of_the_scan_or_the_last_of_the_scan_before() {
        let before = |line: &str| of(&format!("-detpixels 64 {line}")).unwrap().step_before_zero;
        let close = |found: Option<f64>, expected: f64| (found.unwrap() - expected).abs() < 1e-9;
        assert!(close(before("-phi 0 -osc 1 -phisteps 10"), 0.9));
        assert!(close(before("-phi -1 -osc 2 -phisteps 4"), 0.5));
        assert_eq!(before("-phi 5 -osc 1 -phisteps 10"), None);
        assert_eq!(before("-misset 0.1 0 0"), None);
    }

    #[test]
    fn a_header_that_has_values_too_leaves_nothing_known() {
        assert_eq!(of("-detpixels 64 -img other.img"), None);
    }
}
