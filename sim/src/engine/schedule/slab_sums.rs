//! Intensities of a slab of rows, summed up part by part of the terms before the rows are rendered: where the spots of an image
//! do not fit into one list.
//!
//! A part's list is dropped before the next but one is made, so memory stays bounded whatever the number of terms, and
//! every term is walked through once per slab. The order of the sum is that of the terms, within a part that of their spots; the bound of the error
//! is that of any order. Not here: lists (`spots`), blocks (`block`), what becomes of the sums (`rows`).

use crate::engine::block::dispatch::render;
use crate::engine::block::row::Summed;
use crate::engine::block::state::{Block, BlockPosition, Start};
use crate::engine::plan::{Arithmetic, Plan};
use crate::engine::reference::pixel::Context;
use crate::engine::simd::{LANES, Lanes};
use crate::engine::spots::band::BandSpots;
use crate::engine::spots::list::{BAND, SpotList};
use crate::pixel::Pixel;
use rayon::ThreadPool;
use rayon::prelude::*;
use std::ops::Range;
use std::sync::Arc;

/// The intensities of some rows.
pub(super) struct SlabSums {
    rows: Range<usize>,
    /// Blocks of a row.
    blocks: usize,
    /// Block after block of a row.
    intensity: Vec<Lanes>,
}

impl SlabSums {
    /// The sums of the slab that begins with a row; `None` where the plan does not list spots in parts, or they cannot be
    /// followed.
    pub(super) fn new(
        context: &Context<'_>,
        plan: &Plan,
        start: usize,
        pool: Option<&ThreadPool>,
    ) -> Option<Self> {
        let e = context.experiment;
        let slabs = plan.spots.as_ref()?;
        // Factors for every term multiply the sum of all before it.
        if e.sampling.decides_per_term() || plan.arithmetic == Arithmetic::Platform {
            return None;
        }
        let (columns, rows) = e.window();
        let rows = start..rows.end.min(start + slabs.parts()?.height);
        let blocks = columns.end.div_ceil(LANES);
        let mut sums = Self { intensity: vec![[e.background; LANES]; blocks * rows.len()], rows, blocks };
        let part = |first: usize| slabs.part(&sums.rows, first, e, (&plan.sweep, &plan.table));
        let mut next = Some(part(0)?);
        let terms = plan.sweep.len() * e.sources.list.len();
        while let Some((list, first)) = next.take() {
            let rows = sums.rows.clone();
            let mut following = None;
            let mut list_on = || {
                if first < terms {
                    following = slabs.part(&rows, first, e, (&plan.sweep, &plan.table));
                }
            };
            match pool {
                Some(pool) => pool.install(|| rayon::join(|| sums.add(context, plan, &list), list_on)).1,
                None => {
                    sums.add(context, plan, &list);
                    list_on();
                }
            }
            if first < terms && following.is_none() {
                return None;
            }
            next = following;
        }
        Some(sums)
    }

    /// Adds the terms of a list, on the threads of the pool that this runs in, or on this one.
    fn add(&mut self, context: &Context<'_>, plan: &Plan, list: &Arc<SpotList>) {
        let (start, blocks) = (self.rows.start, self.blocks);
        let bands = BAND * blocks;
        let own = || Block::of(BandSpots::of(Arc::clone(list)));
        let one = |block: &mut Block, (band, sums): (usize, &mut [Lanes])| {
            add_band(context, plan, (start + band * BAND, blocks), sums, block);
        };
        if rayon::current_thread_index().is_some() {
            self.intensity.par_chunks_mut(bands).enumerate().for_each_init(own, one);
        } else {
            let mut block = own();
            self.intensity.chunks_mut(bands).enumerate().for_each(|band| one(&mut block, band));
        }
    }

    /// Whether a row is among them.
    pub(super) fn has(&self, row: usize) -> bool {
        self.rows.contains(&row)
    }

    /// The row behind the last.
    pub(super) fn end(&self) -> usize {
        self.rows.end
    }
}

/// Adds the terms of the spots of a band of rows.
fn add_band(
    context: &Context<'_>,
    plan: &Plan,
    (start, blocks): (usize, usize),
    sums: &mut [Lanes],
    block: &mut Block,
) {
    block.spots().turn_to_row(start);
    for (i, intensity) in sums.iter_mut().enumerate() {
        let first = Pixel { slow: start + i / blocks, fast: i % blocks * LANES };
        if block.spots().is_dark(first) {
            continue;
        }
        block.start_from(intensity, Start::Some);
        render(context, plan, BlockPosition { first, interpolate: false }, block);
        *intensity = *block.intensity();
    }
}

impl Summed for Option<&SlabSums> {
    fn at(&self, first: Pixel) -> Option<&Lanes> {
        let slab = (*self)?;
        let place = (first.slow - slab.rows.start) * slab.blocks + first.fast / LANES;
        Some(&slab.intensity[place])
    }
}

#[cfg(test)]
mod tests {
    use super::super::rows::fill;
    use super::super::threads::Threads;
    use super::*;
    use crate::builder;
    use crate::engine::render::RenderOptions;
    use crate::engine::shape::spot::term_error;
    use crate::engine::simd::Level;
    use crate::engine::spots::extent::Reach;
    use crate::engine::spots::panel::Panel;
    use crate::engine::spots::slabs::{Parts, Slabs};
    use crate::engine::structure_factors_squared::LatestTable;
    use crate::image::raster::Raster;

    const COMMON: &str = "-cell 40 50 60 80 95 100 -default_F 500 -lambda 1 -distance 80 -detpixels 150 -pixel 0.4 -seed 1 -misset 10 20 30";

    /// Spots of all shapes; many rays, layers, sub-pixels and sources; part of the detector; light without terms.
    const ROWS: &[&str] = &[
        "-gauss_xtal -N 20 -mosaic 2 -mosaic_dom 9 -oversample 1",
        "-tophat_spots -N 12 -phi 3 -osc 4 -phisteps 7 -oversample 2 -polar 0.7",
        "-gauss_xtal -N 20 -dispersion 3 -dispsteps 5 -hdivrange 1 -hdivsteps 3 -oversample 1",
        "-gauss_xtal -N 20 -mosaic 2 -mosaic_dom 5 -detector_thick 450 -detector_thicksteps 2 -oversample 1 -water 1",
        "-gauss_xtal -N 20 -mosaic 2 -mosaic_dom 5 -oversample 1 -roi 20 130 31 140 -nopolar",
    ];

    #[test]
    fn images_do_not_depend_on_parts_of_terms_nor_on_threads() {
        for (flags, level) in
            ROWS.iter().flat_map(|flags| Level::available().into_iter().map(move |l| (flags, l)))
        {
            let e = builder::experiment(&format!("{COMMON} {flags}"), None).expect("a small experiment");
            let context = Context::new(&e);
            let image = |parts: Option<Parts>, threads: usize| {
                let plan = Plan::new(&context, level, &mut LatestTable::default()).expect("covered");
                // Whether a list pays or not: on so small a detector it hardly does.
                let panel = Panel::new(&e).expect("a flat panel");
                let reach = Reach::new(&e, context.scale, &panel).expect("spots end");
                let (bound, omitted) = (plan.bound + term_error(200.0), reach.omitted());
                let slabs = Slabs::of_height(150, panel, reach);
                let slabs = if let Some(parts) = parts { slabs.in_parts(parts) } else { slabs };
                let plan = Plan { spots: Some(slabs), weakest: None, bound, omitted, ..plan };
                let mut own = Threads::default();
                let pool = own.pool(&e, threads).expect("threads");
                let summed = SlabSums::new(&context, &plan, e.window().1.start, pool);
                assert_eq!(summed.is_some(), parts.is_some(), "{flags}");
                let blank = Raster::zeros(150, 150).expect("small");
                fill(&context, Some(&plan), &RenderOptions::default(), blank, pool)
            };
            let whole = image(None, 1);
            assert!(whole.totals.max > 0.0 && whole.paths.vector > 0, "{flags}: {:?}", whole.paths);
            for (height, most, threads) in [(16, 40, 1), (16, 40, 3), (1000, 1, 1), (8, usize::MAX, 2)] {
                let parts = image(Some(Parts { height, most }), threads);
                let bits = |image: &Raster<f32>| image.data.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
                assert!(
                    bits(&parts.image) == bits(&whole.image),
                    "{flags}: {height} rows, {most} spots, {threads} threads"
                );
                assert_eq!(parts.solid_angle_sum.to_bits(), whole.solid_angle_sum.to_bits(), "{flags}");
                assert!(parts.paths.fallback * 100 <= parts.paths.vector, "{flags}: {:?}", parts.paths);
            }
        }
    }

    #[test]
    fn factors_for_every_term_are_not_summed_up_beforehand() {
        let flags = "-gauss_xtal -N 20 -mosaic 2 -mosaic_dom 5 -oversample 1 -oversample_omega";
        let e = builder::experiment(&format!("{COMMON} {flags}"), None).expect("a small experiment");
        let context = Context::new(&e);
        for level in Level::available() {
            let plan = Plan::new(&context, level, &mut LatestTable::default()).expect("covered");
            let panel = Panel::new(&e).expect("a flat panel");
            let reach = Reach::new(&e, context.scale, &panel).expect("spots end");
            let slabs = Slabs::of_height(16, panel, reach).in_parts(Parts { height: 16, most: 40 });
            let plan = Plan { spots: Some(slabs), ..plan };
            assert!(SlabSums::new(&context, &plan, 0, None).is_none());
        }
    }
}
