//! Spot maps against computing every term of every pixel by the reference engine. Not here: whole images
//! (`tests/exact_engine.rs`).

use super::*;
use crate::cli::parse::{Reading, parse};
use crate::config::defects::Defects;
use crate::config::resolve::{Surroundings, resolve};
use crate::engine::carry::Carry;
use crate::engine::exact::Plan;
use crate::engine::reference::Context;
use crate::engine::vector::{Block, Place};
use crate::engine::vector_dispatch::{Level, render};
use crate::model::experiment::Inputs;
use crate::trace::observer::NoTrace;
use std::ffi::OsString;

const COMMON: &str = "-default_F 500 -lambda 1 -distance 80 -detpixels 150 -pixel 0.4 -seed 1 -oversample 1";

/// Spots that are narrow beside a pixel, at all places where listing points could go wrong.
const NARROW: &[&str] = &[
    "-cell 40 50 60 80 95 100 -N 20 -misset 10 20 30 -gauss_xtal -mosaic 2 -mosaic_dom 30",
    "-cell 40 50 60 80 95 100 -N 9 -misset 10 20 30 -tophat_spots -mosaic 5 -mosaic_dom 40",
    "-cell 70 70 70 90 90 90 -Na 19 -Nb 15 -Nc 30 -gauss_xtal -phi 5 -osc 3 -phisteps 25 -oversample 2",
    "-cell 30 80 45 90 110 90 -N 25 -gauss_xtal -detector_rotx 20 -detector_roty -15 -detector_rotz 7 -twotheta 25 -phi 1 -osc 9 -phisteps 30",
    "-cell 30 80 45 90 110 90 -N 25 -gauss_xtal -dispersion 3 -dispsteps 8 -hdivrange 2 -hdivsteps 5 -misset 1 2 3",
    "-cell 90 60 45 90 110 70 -N 8 -tophat_spots -misset 3 1 2 -mosaic 3 -mosaic_dom 25 -detector_thick 900 -detector_thicksteps 3",
    "-cell 90 100 80 90 90 90 -N 30 -gauss_xtal -misset 3 1 2 -mosaic 1 -mosaic_dom 60 -dmin 2.2",
    "-cell 50 50 50 90 90 90 -N 30 -gauss_xtal -misset 3 1 2 -mosaic 20 -mosaic_dom 50 -distance 30 -roi 30 120 50 149",
];

fn experiment(words: &str) -> Experiment {
    let args: Vec<OsString> = COMMON.split(' ').chain(words.split(' ')).map(OsString::from).collect();
    let settings = parse(&args, Reading::Strict).expect("known flags");
    let around = Surroundings { mask: None, image: None, time: 1, lenient: false };
    let config = resolve(&settings, Defects::with(&[]), &around).expect("a valid configuration");
    Experiment::new(&config, Inputs::default()).expect("a small experiment")
}

#[test]
fn every_pixel_of_a_sparse_image_has_the_reference_engines_bits() {
    for words in NARROW {
        let e = experiment(words);
        let context = Context::new(&e);
        let Some(level) = Level::detect() else { return assert!(Level::available().is_empty()) };
        let plan = Plan::new(&context, level).expect("covered");
        // Whether it pays or not: on so small a detector it hardly does.
        let (empty, panel, radius) = SpotMap::empty(&e, &plan.sweep).expect("spots end");
        let map = empty
            .filled(&e, &plan.sweep, &panel, radius)
            .unwrap_or_else(|| panic!("{words}: points cannot be listed"));
        let (entries, all) = (map.lit.len(), map.ends.len() * plan.sweep.len() * e.sources.list.len());
        assert!(entries > 0 && entries < all, "{words}: {entries} entries of {all}");
        let plan = Plan { spots: Some(map), ..plan };
        let (mut block, mut carry, mut lit) = (Block::new(), Carry::initial(&e), 0);
        let (columns, rows) = e.window();
        for slow in rows {
            for fast in columns.clone() {
                if fast % LANES == 0 || fast == columns.start {
                    let place = Place { slow, fast: fast - fast % LANES, interpolate: false };
                    render(&context, &plan, place, &mut block);
                }
                let expected = context.pixel(slow, fast, &mut carry, &mut NoTrace).photons;
                lit += usize::from(expected != 0.0);
                let lane = fast % LANES;
                let same = block.photons[lane].to_bits() == expected.to_bits();
                assert!(same || block.redo()[lane] != 0, "{words}: slow {slow}, fast {fast}: {expected}");
            }
        }
        assert!(lit > 0, "{words}: a black image shows nothing");
    }
}

#[test]
fn a_map_is_made_where_spots_are_few() {
    let words = "-cell 40 50 60 80 95 100 -N 40 -misset 10 20 30 -gauss_xtal -detpixels 1000 -pixel 0.06";
    let e = experiment(words);
    let map = SpotMap::new(&e, e.orientations.at(0)).expect("narrow spots");
    assert!(map.lit.len() * LARGEST_SHARE < map.ends.len(), "{} of {}", map.lit.len(), map.ends.len());
}

#[test]
fn wide_spots_and_shapes_without_an_edge_have_no_map() {
    for words in [
        "-cell 40 50 60 90 90 90 -N 20",
        "-cell 40 50 60 90 90 90 -N 20 -round_xtal",
        "-cell 40 50 60 90 90 90 -N 2 -gauss_xtal -nointerpolate",
        "-cell 40 50 60 90 90 90 -N 20 -gauss_xtal -fudge 0",
        "-cell 40 50 60 90 90 90 -N 20 -gauss_xtal -curved_det",
    ] {
        let e = experiment(words);
        let orientations: Vec<_> = e.orientations.at(0).to_vec();
        assert!(SpotMap::new(&e, &orientations).is_none(), "{words}");
    }
}
