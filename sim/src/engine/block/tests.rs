//! Blocks on every instruction set of this machine: the same floats, and the same pixels left to the reference engine.
//! Not here: whole images (`tests/exact_engine.rs`).

use super::dispatch::render;
use super::state::{Block, BlockPosition};
use crate::builder;
use crate::engine::plan::Plan;
use crate::engine::reference::carry::Carry;
use crate::engine::reference::pixel::Context;
use crate::engine::simd::LANES;
use crate::engine::simd::Level;
use crate::engine::structure_factors_squared::LatestTable;
use crate::engine::{self, Engine, RenderOptions};
use crate::input::grid::ReflectionGrid;
use crate::model::experiment::Experiment;
use crate::pixel::Pixel;

const COMMON: &str =
    "-cell 40 50 60 80 95 100 -default_F 50 -lambda 1 -distance 80 -detpixels 200 -misset 10 20 30 -seed 1";

fn experiment(flags: &str) -> Experiment {
    experiment_with(flags, None)
}

fn experiment_with(flags: &str, list: Option<ReflectionGrid>) -> Experiment {
    builder::experiment(&format!("{COMMON} {flags}"), list).expect("a small experiment")
}

fn options(engine: Engine) -> RenderOptions<'static> {
    RenderOptions { engine, threads: 1, ..RenderOptions::default() }
}

fn bits(data: &[f32]) -> Vec<u32> {
    data.iter().map(|x| x.to_bits()).collect()
}

/// Bits of the photons of a whole row, block after block, where proven.
fn row_bits(e: &Experiment, level: Level) -> Vec<Option<u32>> {
    let context = Context::new(e);
    bits_of(&context, &Plan::new(&context, level, &mut LatestTable::default()).expect("covered"))
}

fn bits_of(context: &Context<'_>, plan: &Plan) -> Vec<Option<u32>> {
    let e = context.experiment;
    let mut block = Block::new();
    let mut bits = vec![];
    for fast in (0..e.pixels[0]).step_by(LANES) {
        render(
            context,
            plan,
            BlockPosition { first: Pixel { slow: 57, fast }, interpolate: false },
            &mut block,
        );
        bits.extend(
            block.photons.iter().zip(block.redo()).map(|(p, redo)| (*redo == 0).then_some(p.to_bits())),
        );
    }
    bits
}

const SETTINGS: &[&str] = &[
    "-N 20 -oversample 1",
    "-N 20 -oversample 2 -oversample_omega -oversample_polar",
    "-N 9 -round_xtal -oversample 1 -polar 0.9",
    "-N 5 -gauss_xtal -fudge 0.001 -oversample 1 -polar 0.9",
    "-N 5 -tophat_spots -fudge 0.001 -oversample 1",
    "-N 8 -gauss_xtal -water 2 -mosaic 1 -mosaic_dom 5 -oversample 1",
    "-N 9 -tophat_spots -phi 1 -osc 1 -phisteps 8 -oversample 2 -hdivrange 2 -hdivsteps 3",
    "-N 9 -gauss_xtal -water 1 -oversample 1 -oversample_omega -detector_thick 200 -detector_thicksteps 2",
    "-N 20 -mosaic 1 -mosaic_dom 5 -dispersion 1 -dispsteps 3 -dmin 1.5 -oversample 1",
    "-Na 1 -Nb 7 -Nc 20 -phi 3 -osc 5 -phisteps 4 -oversample 2 -detector_thick 400 -detector_thicksteps 3",
];

#[test]
fn every_instruction_set_gives_the_same_floats() {
    let levels = Level::available();
    for flags in SETTINGS {
        let e = experiment(flags);
        for pair in levels.windows(2) {
            assert!(row_bits(&e, pair[0]) == row_bits(&e, pair[1]), "{flags}: {pair:?}");
        }
    }
}

#[test]
fn nearly_all_pixels_are_proven_and_those_have_the_reference_engines_bits() {
    for flags in SETTINGS {
        let e = experiment(flags);
        let context = Context::new(&e);
        for level in Level::available() {
            let bits = row_bits(&e, level);
            let mut carry = Carry::initial(&e);
            for (fast, proven) in bits.iter().enumerate().filter_map(|(i, b)| Some((i, (*b)?))) {
                let pixel =
                    context.pixel(Pixel { slow: 57, fast }, &mut carry, &mut crate::trace::observer::NoTrace);
                assert_eq!(proven, pixel.photons.to_bits(), "{flags}, {level:?}, fast {fast}");
            }
            let unproven = bits.iter().filter(|b| b.is_none()).count();
            assert!(unproven * 20 < bits.len(), "{flags}, {level:?}: {unproven} of {}", bits.len());
        }
    }
}

#[test]
fn blocks_of_the_reference_engines_own_operations_have_its_bits_everywhere() {
    for flags in SETTINGS {
        let e = experiment(flags);
        let context = Context::new(&e);
        for level in Level::available() {
            let bits = bits_of(
                &context,
                &Plan::platform(&context, level, &mut LatestTable::default()).expect("covered"),
            );
            let mut carry = Carry::initial(&e);
            for (fast, bits) in bits[..e.pixels[0]].iter().enumerate() {
                let pixel =
                    context.pixel(Pixel { slow: 57, fast }, &mut carry, &mut crate::trace::observer::NoTrace);
                assert_eq!(*bits, Some(pixel.photons.to_bits()), "{flags}, {level:?}, fast {fast}");
            }
        }
    }
}

#[test]
fn what_the_bounds_do_not_hold_for_is_left_to_the_reference_engine() {
    let level = Level::Avx2;
    let plan = |e: &Experiment| Plan::new(&Context::new(e), level, &mut LatestTable::default()).is_some();
    assert!(plan(&experiment("-N 20")));
    let mut e = experiment("-N 20");
    e.background = -1.0;
    assert!(!plan(&e), "a negative background");
    let mut e = experiment("-N 20");
    e.sources.list[0].wavelength = 1e-18;
    assert!(!plan(&e), "indices beyond the exact range");
}

#[test]
fn indices_of_exactly_0_are_proven_too() {
    // With the beam along an axis of the detector and the cell along both, one row and one column of pixels are there.
    let mut e = experiment("-cell 40 40 40 90 90 90 -misset 0 0 0 -N 20 -oversample 1");
    let context = Context::new(&e);
    let centre = context.along(100, 0);
    let slow = e.detector.slow;
    let beside = e.detector.origin - slow.scaled(e.detector.origin.dot(slow));
    e.detector.origin = beside - slow.scaled(centre);
    assert_eq!(e.detector.origin.dot(slow), -centre, "the row goes through the beam");
    let context = Context::new(&e);
    let mut carry = Carry::initial(&e);
    for level in Level::available() {
        let plan = Plan::new(&context, level, &mut LatestTable::default()).expect("covered");
        let mut block = Block::new();
        render(
            &context,
            &plan,
            BlockPosition { first: Pixel { slow: 100, fast: 0 }, interpolate: false },
            &mut block,
        );
        assert!(block.is_proven(), "{level:?}");
        for (fast, photons) in block.photons.iter().enumerate() {
            let pixel =
                context.pixel(Pixel { slow: 100, fast }, &mut carry, &mut crate::trace::observer::NoTrace);
            assert_eq!(photons.to_bits(), pixel.photons.to_bits(), "{level:?}, fast {fast}");
        }
    }
}

#[test]
fn a_spot_too_weak_to_be_seen_still_leaves_the_list() {
    // Rows in which the first lattice factor other than 0 that is outside the list is far below the smallest float.
    let value = |i| 10.0 + (i * 7919 % 101) as f64;
    let grid = ReflectionGrid::from_fn([(-30, 30), (-30, 30), (-50, 3)], value).expect("small");
    let flags = "-misset 70 42 60 -N 16 -gauss_xtal -interpolate -nopolar -default_F 0 -detpixels 1500 -pixel 0.08 \
                 -oversample 1 -roi 0 1499 0 599";
    let e = experiment_with(flags, Some(grid));
    let [exact, reference] = [Engine::Exact, Engine::Reference]
        .map(|engine| engine::render(&e, &options(engine)).expect("an image"));
    assert!(reference.image.data.iter().any(|x| *x > 0.0) && reference.left_list.is_some());
    assert_eq!(exact.left_list, reference.left_list);
    assert!(bits(&exact.image.data) == bits(&reference.image.data));
}

#[test]
fn a_list_with_indices_near_the_largest_leaves_the_image_as_it_is_without() {
    // Indices times strides are beyond 2^53, where a double is no longer every whole number.
    let limits = [(i32::MAX - 47, i32::MAX - 46), (101, 2301), (101, 2301)];
    let flags = "-detpixels 64 -N 5";
    let listed = experiment_with(flags, Some(ReflectionGrid::from_fn(limits, |_| 7.0).expect("fits")));
    let bare = experiment(flags);
    let render = |e: &Experiment, engine| engine::render(e, &options(engine)).expect("an image").image.data;
    let expected = render(&bare, Engine::Reference);
    assert!(expected.iter().any(|photons| *photons > 0.0));
    for engine in [Engine::Exact, Engine::Fast, Engine::Reference] {
        // No table holds such a list: every engine computes as the reference does.
        assert!(bits(&render(&listed, engine)) == bits(&expected), "{engine:?}");
    }
}
