//! Spot maps against computing every term of every pixel by the reference engine. Not here: whole images
//! (`tests/exact_engine.rs`).

use super::extent::Reach;
use super::map::*;
use super::panel::Panel;
use crate::engine::block::dispatch::render;
use crate::engine::block::state::{Block, BlockPosition};
use crate::engine::plan::Plan;
use crate::engine::reference::carry::Carry;
use crate::engine::reference::pixel::Context;
use crate::engine::simd::Level;
use crate::engine::simd::{GROUP, LANES};
use crate::loading;
use crate::model::experiment::Experiment;
use crate::model::orientation::CellVectors;
use crate::pixel::Pixel;
use crate::trace::observer::NoTrace;

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
    loading::experiment(&format!("{COMMON} {words}"), None).expect("a small experiment")
}

/// The panel, and how far spots reach.
fn reach(e: &Experiment) -> Option<(Panel, Reach)> {
    let panel = Panel::new(e)?;
    let f_sqr = e.structure_factors.default_f * e.structure_factors.default_f;
    let reach = Reach::new(e, Context::new(e).scale, f_sqr, panel.nearest())?;
    Some((panel, reach))
}

/// The map, if one pays.
fn paying(e: &Experiment, sweep: &[CellVectors]) -> Option<SpotMap> {
    let (panel, reach) = reach(e)?;
    SpotMap::new(e, sweep, &panel, reach)
}

/// The cells of one sweep in the settled state, and the map of all entries: whether it pays or not, on so small a detector
/// it hardly does.
fn full_map(e: &Experiment, words: &str) -> (Vec<CellVectors>, SpotMap) {
    let mut carry = Carry::initial(e);
    let mut sweep = || {
        let steps = 0..e.orientations.phi.len();
        steps.flat_map(|step| carry.cells(e, step).to_vec()).collect::<Vec<_>>()
    };
    let [_, settled] = [sweep(), sweep()];
    let (panel, reach) = reach(e).expect("spots end");
    let empty = SpotMap::empty(e, &settled, &panel, reach).expect("a small panel");
    let map = empty.filled(e, &settled, &panel, reach.radius);
    (settled, map.unwrap_or_else(|| panic!("{words}: points cannot be listed")))
}

/// Whether the map lists a term for the pixel's group.
fn lists(map: &SpotMap, pixel: Pixel) -> bool {
    let lane = pixel.fast % LANES;
    let group = (lane / GROUP) as u8;
    map.at(Pixel { fast: pixel.fast - lane, ..pixel }).iter().any(|entry| entry.group == group)
}

#[test]
fn lit_pixels_are_listed_and_sparse_images_have_the_reference_engines_bits() {
    for words in NARROW {
        let e = experiment(words);
        let context = Context::new(&e);
        let (sweep, map) = full_map(&e, words);
        let groups = map.ends.len() * (LANES / GROUP);
        let (entries, all) = (map.lit.len(), groups * sweep.len() * e.sources.list.len());
        assert!(entries > 0 && entries < all, "{words}: {entries} entries of {all}");
        let mut carry = Carry::initial(&e);
        let (columns, rows) = e.window();
        let mut image = Vec::new();
        for slow in rows {
            for fast in columns.clone() {
                let pixel = Pixel { slow, fast };
                let photons = context.pixel(pixel, &mut carry, &mut NoTrace).photons;
                // Asserted on machines without vector instructions as well: the reference engine needs none.
                assert!(photons == 0.0 || lists(&map, pixel), "{words}: {pixel:?}");
                image.push((pixel, photons));
            }
        }
        assert!(image.iter().any(|(_, photons)| *photons != 0.0), "{words}: a black image shows nothing");
        for level in Level::available() {
            let plan = Plan::new(&context, level).expect("covered");
            assert_eq!(plan.sweep, sweep, "{words}");
            let plan = Plan { spots: Some(full_map(&e, words).1), ..plan };
            let mut block = Block::new();
            for (pixel, expected) in &image {
                let lane = pixel.fast % LANES;
                if lane == 0 || pixel.fast == columns.start {
                    let place = BlockPosition {
                        first: Pixel { fast: pixel.fast - lane, ..*pixel },
                        interpolate: false,
                    };
                    render(&context, &plan, place, &mut block);
                }
                let same = block.photons[lane].to_bits() == expected.to_bits();
                assert!(same || block.redo()[lane] != 0, "{words}, {level:?}: {pixel:?} {expected}");
            }
        }
    }
}

#[test]
fn a_map_is_made_where_spots_are_few() {
    let words = "-cell 40 50 60 80 95 100 -N 40 -misset 10 20 30 -gauss_xtal -detpixels 1000 -pixel 0.06";
    let e = experiment(words);
    let map = paying(&e, e.orientations.at(0)).expect("narrow spots");
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
        assert!(paying(&e, &orientations).is_none(), "{words}");
    }
}
