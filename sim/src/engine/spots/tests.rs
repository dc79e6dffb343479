//! Lists of spots against computing every term of every pixel by the reference engine. Not here: whole images
//! (`tests/exact_engine.rs`).

use super::band::BandSpots;
use super::choice::Choice;
use super::extent::Reach;
use super::list::{Lights, SpotList};
use super::panel::Panel;
use super::slabs::Slabs;
use crate::builder;
use crate::engine::block::dispatch::render;
use crate::engine::block::state::{Block, BlockPosition};
use crate::engine::plan::Plan;
use crate::engine::reference::carry::Carry;
use crate::engine::reference::pixel::Context;
use crate::engine::shape::spot::term_error;
use crate::engine::simd::Level;
use crate::engine::simd::{GROUP, LANES};
use crate::engine::structure_factors_squared::LatestTable;
use crate::engine::structure_factors_squared::SquaredTable;
use crate::model::experiment::Experiment;
use crate::model::orientation::CellVectors;
use crate::pixel::Pixel;
use crate::trace::observer::NoTrace;

/// No exponent of a test goes farther.
const LARGEST: f64 = 200.0;

const COMMON: &str = "-default_F 500 -lambda 1 -distance 80 -detpixels 150 -pixel 0.4 -seed 1 -oversample 1";

/// Spots of all widths, at all places where listing points could go wrong.
const PLACES: &[&str] = &[
    "-cell 40 50 60 80 95 100 -N 20 -misset 10 20 30 -gauss_xtal -mosaic 2 -mosaic_dom 30",
    "-cell 40 50 60 80 95 100 -N 9 -misset 10 20 30 -tophat_spots -mosaic 5 -mosaic_dom 40",
    "-cell 70 70 70 90 90 90 -Na 19 -Nb 15 -Nc 30 -gauss_xtal -phi 5 -osc 3 -phisteps 25 -oversample 2",
    "-cell 30 80 45 90 110 90 -N 25 -gauss_xtal -detector_rotx 20 -detector_roty -15 -detector_rotz 7 -twotheta 25 -phi 1 -osc 9 -phisteps 30",
    "-cell 30 80 45 90 110 90 -N 25 -gauss_xtal -dispersion 3 -dispsteps 8 -hdivrange 2 -hdivsteps 5 -misset 1 2 3",
    "-cell 90 60 45 90 110 70 -N 8 -tophat_spots -misset 3 1 2 -mosaic 3 -mosaic_dom 25 -detector_thick 900 -detector_thicksteps 3",
    "-cell 90 100 80 90 90 90 -N 30 -gauss_xtal -misset 3 1 2 -mosaic 1 -mosaic_dom 60 -dmin 2.2",
    "-cell 40 50 60 80 95 100 -N 9 -gauss_xtal -misset 4 50 6 -detector_rotx 30 -distance 300 -nointerpolate",
    "-cell 50 50 50 90 90 90 -N 30 -gauss_xtal -misset 3 1 2 -mosaic 20 -mosaic_dom 50 -distance 30 -roi 30 120 50 149",
];

fn experiment(flags: &str) -> Experiment {
    builder::experiment(&format!("{COMMON} {flags}"), None).expect("a small experiment")
}

/// Does something with what the list of spots is made from.
fn with_lights<T>(e: &Experiment, sweep: &[CellVectors], of: impl FnOnce(&Lights<'_>) -> T) -> Option<T> {
    let panel = &Panel::new(e)?;
    let table = &SquaredTable::new(&e.structure_factors)?;
    let reach = Reach::new(e, Context::new(e).scale, panel)?;
    Some(of(&Lights::new(e, (sweep, table), panel, reach)?))
}

/// Whether a list pays.
fn pays(e: &Experiment) -> bool {
    with_lights(e, e.orientations.at(0), |lights| lights.expected(1.0).is_some()).unwrap_or(false)
}

/// The cells of one sweep in the settled state, and the list of all spots: whether it pays or not, on so small a detector it
/// hardly does.
fn full_list(e: &Experiment, flags: &str) -> (Vec<CellVectors>, SpotList) {
    let mut carry = Carry::initial(e);
    let mut sweep = || {
        let steps = 0..e.orientations.phi.len();
        steps.flat_map(|step| carry.cells(e, step).to_vec()).collect::<Vec<_>>()
    };
    let [_, settled] = [sweep(), sweep()];
    let (_, rows) = e.window();
    let of = |lights: &Lights<'_>| SpotList::new(lights, [rows.start, rows.end - 1]);
    let list = with_lights(e, &settled, of).expect("spots end");
    (settled, list.unwrap_or_else(|| panic!("{flags}: spots cannot be listed")))
}

/// Whether a spot is listed for the pixel's group.
fn lists(spots: &BandSpots, passes: usize, pixel: Pixel) -> bool {
    let group = (pixel.fast % LANES / GROUP) as u8;
    (0..passes).any(|pass| spots.at(pixel, pass).iter().any(|e| (e.first..=e.last).contains(&group)))
}

#[test]
fn lit_pixels_are_listed_and_sparse_images_have_the_reference_engines_bits() {
    for flags in PLACES {
        let e = experiment(flags);
        let context = Context::new(&e);
        let (sweep, list) = full_list(&e, flags);
        let [blocks, passes] = list.shape();
        let (mut spots, mut listed) = (BandSpots::default(), 0);
        let mut carry = Carry::initial(&e);
        let (columns, rows) = e.window();
        let mut image = Vec::new();
        for slow in rows.clone() {
            spots.turn_to_list(slow, &list, false);
            let of_row = (0..blocks * passes)
                .flat_map(|i| spots.at(Pixel { slow, fast: i / passes * LANES }, i % passes));
            listed += of_row.map(|entry| usize::from(entry.last - entry.first) + 1).sum::<usize>();
            for fast in columns.clone() {
                let pixel = Pixel { slow, fast };
                let photons = context.pixel(pixel, &mut carry, &mut NoTrace).photons;
                // Asserted on machines without vector instructions as well: the reference engine needs none.
                assert!(photons == 0.0 || lists(&spots, passes, pixel), "{flags}: {pixel:?}");
                image.push((pixel, photons));
            }
        }
        let all = rows.len() * blocks * (LANES / GROUP) * sweep.len() * passes;
        assert!(list.len() > 0 && listed > 0 && listed < all, "{flags}: {listed} groups of {all}");
        assert!(image.iter().any(|(_, photons)| *photons != 0.0), "{flags}: a black image shows nothing");
        for level in Level::available() {
            let plan = Plan::new(&context, level, &mut LatestTable::default()).expect("covered");
            assert_eq!(plan.sweep, sweep, "{flags}");
            let panel = Panel::new(&e).expect("a flat panel");
            let reach = Reach::new(&e, context.scale, &panel).expect("spots end");
            let spots = Some(Slabs::of_height(16, panel, reach));
            let (bound, omitted) = (plan.bound + term_error(LARGEST), reach.omitted());
            let plan = Plan { spots, bound, omitted, weakest: None, ..plan };
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
                assert!(same || block.redo()[lane] != 0, "{flags}, {level:?}: {pixel:?} {expected}");
            }
        }
    }
}

#[test]
fn a_list_is_made_where_spots_are_few_or_wide_but_not_everywhere() {
    for flags in [
        "-cell 40 50 60 80 95 100 -N 40 -misset 10 20 30 -gauss_xtal -detpixels 1000 -pixel 0.06",
        "-cell 40 50 60 90 90 90 -N 10 -gauss_xtal -detpixels 1000 -pixel 0.06 -nointerpolate",
    ] {
        assert!(pays(&experiment(flags)), "{flags}");
    }
}

#[test]
fn spots_that_run_together_and_shapes_without_an_edge_have_no_list() {
    for flags in [
        "-cell 40 50 60 90 90 90 -N 20",
        "-cell 40 50 60 90 90 90 -N 20 -round_xtal",
        "-cell 40 50 60 90 90 90 -N 2 -gauss_xtal -nointerpolate",
        "-cell 40 50 60 90 90 90 -N 20 -gauss_xtal -fudge 0",
        "-curved_det -cell 40 50 60 90 90 90 -N 20 -gauss_xtal",
    ] {
        assert!(!pays(&experiment(flags)), "{flags}");
    }
}

/// Gaussian spots that run together, of crystals so small that all terms count and of larger ones whose tails are left out.
const WIDE: &[&str] = &[
    "-cell 40 50 60 80 95 100 -N 3 -misset 10 20 30 -mosaic 2 -mosaic_dom 5 -nointerpolate",
    "-cell 70 70 70 90 90 90 -Na 3 -Nb 7 -Nc 5 -phi 5 -osc 3 -phisteps 4 -oversample 2",
    "-cell 34.77 39.17 48.31 90 90 90 -N 6 -misset 10 20 30 -detector_thick 450 -detector_thicksteps 2",
    "-cell 30 80 45 90 110 90 -N 5 -curved_det -dispersion 3 -dispsteps 3",
    "-cell 40 50 60 80 95 100 -N 8 -misset 10 20 30 -fudge 0.8",
];

#[test]
fn gaussian_terms_of_all_pixels_have_the_reference_engines_bits_and_nearly_all_are_proven() {
    let mut leaves_out = 0;
    for flags in WIDE {
        let e = experiment(&format!("{flags} -gauss_xtal"));
        let context = Context::new(&e);
        for level in Level::available() {
            let plan = Plan::new(&context, level, &mut LatestTable::default()).expect("covered");
            let reach = Panel::new(&e).and_then(|panel| Reach::new(&e, context.scale, &panel));
            let largest = plan.table.largest().expect("finite");
            let Choice { weakest, error, omitted, .. } =
                Choice::everywhere(&e, reach, largest).expect("no term that can be seen is too weak");
            assert!(weakest.is_some() && error < 1e-11, "{flags}: {weakest:?} {error:e}");
            leaves_out += usize::from(omitted > 0.0);
            let plan = Plan { spots: None, weakest, omitted, bound: plan.bound + error, ..plan };
            let (mut block, mut carry) = (Block::new(), plan.settled);
            let (mut pixels, mut unproven, mut lit) = (0, 0, 0);
            for slow in (0..150).step_by(7) {
                for start in [0, LANES] {
                    let first = Pixel { fast: start, slow };
                    render(&context, &plan, BlockPosition { first, interpolate: false }, &mut block);
                    for (lane, float) in block.photons.iter().enumerate() {
                        let pixel = Pixel { fast: start + lane, slow };
                        let expected = context.pixel(pixel, &mut carry, &mut NoTrace).photons;
                        let same = float.to_bits() == expected.to_bits();
                        assert!(
                            same || block.redo()[lane] != 0,
                            "{flags}, {level:?}: {pixel:?} {float:e} {expected:e}"
                        );
                        (pixels, lit) = (pixels + 1, lit + usize::from(expected > 0.0));
                        unproven += usize::from(block.redo()[lane] != 0);
                    }
                }
            }
            assert!(lit > pixels / 20 && unproven * 100 < pixels, "{flags}: {lit} lit, {unproven} unproven");
        }
    }
    assert!(leaves_out > 0 || Level::available().is_empty(), "no case leaves tails out");
}

#[test]
fn small_crystals_have_bounded_terms_everywhere_and_larger_ones_lists() {
    let choice = |n: usize| {
        let e = experiment(&format!(
            "-cell 34.77 39.17 48.31 90 90 90 -N {n} -gauss_xtal -nointerpolate -detpixels 1000 -pixel 0.06"
        ));
        let table = SquaredTable::new(&e.structure_factors).expect("small");
        Choice::new(&e, Context::new(&e).scale, (e.orientations.at(0), &table)).expect("spots end")
    };
    let listed: Vec<bool> = (2..20).map(|n| choice(n).slabs.is_some()).collect();
    assert!(listed.is_sorted() && !listed[0] && listed[17], "{listed:?}");
    for n in 2..20 {
        let choice = choice(n);
        assert_ne!(choice.weakest.is_some(), choice.slabs.is_some(), "N {n}: one of the two");
    }
}

#[test]
fn what_can_be_seen_beyond_the_weakest_power_is_the_references_own() {
    // Sums that are multiplied by anything: a tail may be left out only if it is 0.
    let e = experiment("-cell 40 50 60 90 90 90 -N 40 -gauss_xtal -oversample_omega");
    let reach = Panel::new(&e).and_then(|panel| Reach::new(&e, Context::new(&e).scale, &panel));
    assert!(reach.is_some() && Choice::everywhere(&e, reach, 1.0).is_none());
    for flat in ["-tophat_spots", "-round_xtal", "-square_xtal"] {
        let e = experiment(&format!("-cell 40 50 60 90 90 90 -N 4 {flat} -nointerpolate"));
        assert!(Choice::everywhere(&e, None, 1.0).is_none(), "{flat}");
    }
}
