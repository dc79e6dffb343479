//! Experiments that derivatives are checked on: small regions, each with something of its own.
//!
//! Not here: what is checked.

use std::ffi::OsString;

use nanobragg::cli::parse::{Reading, parse};
use nanobragg::config::defects::Defects;
use nanobragg::config::resolve::{Surroundings, resolve};
use nanobragg::error::UsageError;
use nanobragg::model::experiment::{Experiment, Inputs};

/// Flags that every case begins with; later ones win.
const COMMON: &str = "-cell 40 50 60 80 95 100 -default_F 50 -lambda 1 -distance 80 -detpixels 200 -pixel 0.4 \
                      -misset 10 20 30 -seed 1 -oversample 1";

/// Names and what is special about each.
pub const CASES: &[(&str, &str)] = &[
    ("cubic", "-cell 50 50 50 90 90 90 -N 8 -roi 60 75 90 99"),
    ("triclinic", "-N 9 -roi 60 75 90 99"),
    (
        "tilted",
        "-N 7 -xds -detector_rotx 5 -detector_roty -7 -detector_rotz 11 -twotheta 20 -roi 60 75 90 99",
    ),
    ("mosaic", "-N 6 -phi 10 -osc 1 -phisteps 2 -mosaic 0.5 -mosaic_dom 4 -roi 60 75 90 95"),
    ("phi 0", "-N 7 -phi 0 -osc 0.5 -phisteps 2 -roi 60 71 90 95"),
    ("phi 45", "-N 7 -phi 45 -osc 0.5 -phisteps 2 -roi 60 71 90 95"),
    ("phi 90", "-N 7 -phi 90 -osc 0.5 -phisteps 2 -roi 60 71 90 95"),
    ("phi 180", "-N 7 -phi 180 -osc 0.5 -phisteps 2 -roi 60 71 90 95"),
    ("triclinic, acute", "-cell 45 52 61 65 71 78 -N 7 -roi 60 71 90 95"),
    ("triclinic, obtuse", "-cell 45 52 61 110 105 115 -N 7 -roi 60 71 90 95"),
    ("triclinic, near-cubic", "-cell 50 50.1 49.9 90.1 89.9 90.05 -N 7 -roi 60 71 90 95"),
    ("tilted about the beam", "-N 7 -detector_rotx 5 -detector_roty -7 -detector_rotz 3 -roi 60 71 90 95"),
    ("round", "-N 6 -round_xtal -roi 60 71 90 99"),
    ("gauss", "-N 6 -gauss_xtal -fudge 3 -roi 60 71 90 99"),
    ("polarised, sub-pixels", "-N 6 -polar 0.8 -oversample 2 -roi 60 67 90 95"),
    ("sources", "-N 6 -dispersion 2 -dispsteps 3 -hdivrange 2 -hdivsteps 2 -polar 0.5 -roi 60 67 90 95"),
    ("thick sensor", "-N 6 -detector_abs 300 -detector_thick 400 -detector_thicksteps 3 -roi 60 67 90 95"),
    ("curved", "-N 6 -curved_det -roi 60 67 90 95"),
];

/// The experiment of a case.
///
/// # Errors
/// Flags that cannot be understood.
pub fn experiment(flags: &str) -> Result<Experiment, UsageError> {
    let args: Vec<OsString> =
        COMMON.split_whitespace().chain(flags.split_whitespace()).map(OsString::from).collect();
    let settings = parse(&args, Reading::Strict)?;
    let around = Surroundings { mask: None, image: None, time: 1, lenient: false };
    let config = resolve(&settings, Defects::with(&[]), &around)?;
    Experiment::new(&config, Inputs::default())
}

/// The command line of a case, for the report.
pub fn command_line(flags: &str) -> String {
    format!("nanobragg {COMMON} {flags}")
}
