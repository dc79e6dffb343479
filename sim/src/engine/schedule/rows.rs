//! Rows rendered side by side, with the result of rendering them one after the other.
//!
//! The reference carries state from pixel to pixel (`reference::carry`). Each batch of rows is rendered from the same state; the rows
//! up to and including the first that changes it stand, the others are rendered again from the state it left. The state
//! settles after very few rows, so almost nothing is rendered twice. Not here: what a pixel is (`reference`,
//! `plan`).

use super::slab_sums::SlabSums;
use crate::choices::{Engine, Precision, Printout, TraceDepth};
use crate::engine::block::row::{self, Paths, Sink};
use crate::engine::block::state::Block;
use crate::engine::error::EngineError;
use crate::engine::plan::{Arithmetic, Plan};
use crate::engine::reference::carry::{Carry, Leave};
use crate::engine::reference::pixel::{Context, RenderedPixel};
use crate::engine::render::{Render, RenderOptions};
use crate::engine::session::Session;
use crate::engine::simd::Level;
use crate::engine::statistics::Totals;
use crate::engine::structure_factors_squared::LatestTable;
use crate::image::raster::Raster;
use crate::model::experiment::Experiment;
use crate::pixel::Pixel;
use crate::trace::last_state::LastState;
use crate::trace::observer::NoTrace;
use crate::trace::pixel_log::PixelLog;
use rayon::ThreadPool;
use rayon::prelude::*;

/// Rows of a batch once the state has settled.
const LARGEST_BATCH: usize = 256;

/// One finished row.
struct RenderedRow {
    end: Carry,
    solid_angle_sum: f64,
    left_list: Option<Leave>,
    /// Traced pixels with their place in the options.
    traces: Vec<(usize, PixelLog)>,
    /// Pixels to print.
    printed: Vec<LastState>,
    paths: Paths,
}

/// What a row needs of the options; unlike them, shared by threads.
#[derive(Clone, Copy)]
struct RowRequest<'a> {
    context: &'a Context<'a>,
    plan: Option<&'a Plan>,
    trace: &'a [Pixel],
    depth: TraceDepth,
    printout: Printout,
    /// Intensities of the rows, where they are summed up beforehand.
    summed: Option<&'a SlabSums>,
}

/// Renders the experiment. The reference and the exact engine give the same bytes.
///
/// # Errors
/// An image too large for memory, or threads that cannot be started.
pub fn render(experiment: &Experiment, options: &RenderOptions<'_>) -> Result<Render, EngineError> {
    Session::default().render(experiment, options)
}

impl Session {
    /// The same as [`render`], which starts from nothing each time.
    ///
    /// # Errors
    /// An image too large for memory, or threads that cannot be started.
    pub fn render(
        &mut self,
        experiment: &Experiment,
        options: &RenderOptions<'_>,
    ) -> Result<Render, EngineError> {
        let image = self.blank(experiment)?;
        let context = &Context::new(experiment);
        let plan = plan(context, options.engine, options.precision, &mut self.table);
        let pool = self.threads.pool(experiment, options.threads)?;
        let render = fill(context, plan.as_ref(), options, image, pool);
        if let Some(plan) = plan {
            self.table.keep(&experiment.structure_factors, plan.table);
        }
        Ok(render)
    }
}

/// Renders into `image`, on the threads of `pool` or on this one.
pub(super) fn fill(
    context: &Context<'_>,
    plan: Option<&Plan>,
    options: &RenderOptions<'_>,
    mut image: Raster<f32>,
    pool: Option<&ThreadPool>,
) -> Render {
    let (experiment, trace) = (context.experiment, options.trace);
    let request =
        RowRequest { context, plan, trace, depth: options.depth, printout: options.printout, summed: None };
    let fast_pixels = experiment.pixels[0];
    let (_, rows) = experiment.window();
    let mut whole = RenderedRow::new(Carry::initial(experiment));
    let mut totals = Totals::default();
    let (mut slow, mut batch, mut summed) = (rows.start, 1, rows.start);
    let mut block = Block::new();
    let mut sums: Option<SlabSums> = None;
    while slow < rows.end {
        if sums.as_ref().is_none_or(|sums| !sums.has(slow)) {
            // Not two at a time.
            drop(sums.take());
            sums = plan.and_then(|plan| SlabSums::new(context, plan, slow, pool));
        }
        let request = RowRequest { summed: sums.as_ref(), ..request };
        // Rows of a batch share a list of spots.
        let slab = match (&sums, plan.and_then(|plan| plan.spots.as_ref())) {
            (Some(sums), _) => sums.end(),
            (None, Some(slabs)) => slabs.rows(slow).end,
            (None, None) => rows.end,
        };
        let end = rows.end.min(slow + batch).min(slab);
        let (before, pixels) = image.data.split_at_mut(slow * fast_pixels);
        let pixels = &mut pixels[..(end - slow) * fast_pixels];
        let mut sum_up = || totals.add_rows(experiment, summed..slow, before);
        let finished = match pool {
            Some(pool) => render_batch(request, slow, pixels, whole.end, pool, sum_up),
            None => {
                sum_up();
                let rows = pixels.chunks_mut(fast_pixels).zip(slow..);
                rows.map(|(row, slow)| render_row(request, slow, row, whole.end, &mut block)).collect()
            }
        };
        summed = slow;
        let valid = finished.iter().position(|row| row.end != whole.end).map_or(finished.len(), |i| i + 1);
        (options.progress)(valid);
        // On one thread nothing is gained by rendering ahead.
        let settled = valid == finished.len() && pool.is_some();
        batch = if settled { (batch * 2).min(LARGEST_BATCH) } else { 1 };
        slow += valid;
        for row in finished.into_iter().take(valid) {
            row.printed.iter().for_each(options.printed);
            whole.add(row);
        }
    }
    totals.add_rows(experiment, summed..slow, &image.data);
    whole.traces.sort_by_key(|(place, _)| *place);
    let traces = whole.traces.into_iter().map(|(_, log)| log).collect();
    let (solid_angle_sum, left_list, paths) = (whole.solid_angle_sum, whole.left_list, whole.paths);
    Render { image, solid_angle_sum, left_list, traces, paths, totals }
}

/// How blocks are computed; `None` where each pixel is computed alone.
fn plan(
    context: &Context<'_>,
    engine: Engine,
    precision: Precision,
    table: &mut LatestTable,
) -> Option<Plan> {
    let level = Level::detect()?;
    let covered = match engine {
        Engine::Reference => None,
        Engine::Exact => Plan::new(context, level, table),
        Engine::Fast => Plan::fast(context, level, precision, table),
    };
    covered.or_else(|| Plan::platform(context, level, table))
}

/// Renders neighbouring rows, all from the same state, and does `meanwhile` what else there is to do.
fn render_batch(
    request: RowRequest<'_>,
    slow: usize,
    pixels: &mut [f32],
    carry: Carry,
    pool: &ThreadPool,
    meanwhile: impl FnOnce(),
) -> Vec<RenderedRow> {
    let fast_pixels = request.context.experiment.pixels[0];
    let one = |block: &mut Block, (i, row)| render_row(request, slow + i, row, carry, block);
    let mut finished = Vec::new();
    pool.in_place_scope(|scope| {
        scope.spawn(|_| {
            finished = pixels.par_chunks_mut(fast_pixels).enumerate().map_init(Block::new, one).collect();
        });
        meanwhile();
    });
    finished
}

fn render_row(
    request: RowRequest<'_>,
    slow: usize,
    pixels: &mut [f32],
    start: Carry,
    block: &mut Block,
) -> RenderedRow {
    let experiment = request.context.experiment;
    let (columns, _) = experiment.window();
    let traced =
        request.trace.iter().enumerate().filter(|(_, p)| p.slow == slow).map(|(i, p)| (i, p.fast)).collect();
    let mut carry = start;
    let mut unfinished = Unfinished { request, slow, pixels, traced, row: RenderedRow::new(start) };
    let paths = match request.plan {
        // Blocks of the reference engine's own operations are its pixels like all others.
        Some(plan) if plan.arithmetic == Arithmetic::Platform => {
            let paths =
                row::row((request.context, plan, &()), (slow, columns), &mut carry, &mut unfinished, block);
            Paths { reference: paths.all(), ..Paths::default() }
        }
        Some(plan) => {
            let of = (request.context, plan, &request.summed);
            row::row(of, (slow, columns), &mut carry, &mut unfinished, block)
        }
        None => {
            let rendered = columns.filter(|fast| !experiment.is_masked(Pixel { slow, fast: *fast }));
            let count = rendered.map(|fast| unfinished.reference(fast, &mut carry)).count();
            Paths { reference: count, ..Paths::default() }
        }
    };
    RenderedRow { end: carry, paths, ..unfinished.row }
}

/// A row that is being rendered.
struct Unfinished<'a> {
    request: RowRequest<'a>,
    slow: usize,
    pixels: &'a mut [f32],
    /// Columns to trace, with their place in the options.
    traced: Vec<(usize, usize)>,
    row: RenderedRow,
}

impl Sink for Unfinished<'_> {
    fn is_observed(&self, fast: usize) -> bool {
        self.place(fast).is_some() || self.request.printout.prints(Pixel { slow: self.slow, fast })
    }

    fn observes(&self) -> bool {
        !self.traced.is_empty() || self.request.printout != Printout::Nothing
    }

    fn proven_all(&mut self, fast: usize, photons: &[f32], solid_angle_sums: &[f64]) {
        self.pixels[fast..fast + photons.len()].copy_from_slice(photons);
        // One after the other: the sum is printed, and its last bits with it.
        self.row.solid_angle_sum = solid_angle_sums.iter().fold(self.row.solid_angle_sum, |sum, x| sum + x);
    }

    #[inline]
    fn proven(&mut self, fast: usize, pixel: &RenderedPixel) {
        self.pixels[fast] = pixel.photons;
        self.row.solid_angle_sum += pixel.solid_angle_sum;
        self.row.left_list = self.row.left_list.or(pixel.left_list);
    }

    fn reference(&mut self, fast: usize, carry: &mut Carry) {
        let (context, at) = (self.request.context, Pixel { slow: self.slow, fast });
        let pixel = if self.is_observed(fast) {
            let mut watch = (PixelLog::new(at, self.request.depth), LastState::new(at));
            let pixel = context.pixel(at, carry, &mut watch);
            self.row.traces.extend(self.place(fast).map(|place| (place, watch.0)));
            self.row.printed.extend(self.request.printout.prints(at).then_some(watch.1));
            pixel
        } else {
            context.pixel(at, carry, &mut NoTrace)
        };
        self.proven(fast, &pixel);
    }
}

impl Unfinished<'_> {
    fn place(&self, fast: usize) -> Option<usize> {
        self.traced.iter().find(|(_, f)| *f == fast).map(|(place, _)| *place)
    }
}

impl RenderedRow {
    fn new(end: Carry) -> Self {
        let (traces, printed) = (Vec::new(), Vec::new());
        Self { end, solid_angle_sum: 0.0, left_list: None, traces, printed, paths: Paths::default() }
    }

    /// Takes in the row that follows.
    fn add(&mut self, row: Self) {
        self.end = row.end;
        self.solid_angle_sum += row.solid_angle_sum;
        self.left_list = self.left_list.or(row.left_list);
        self.traces.extend(row.traces);
        self.paths = self.paths.plus(row.paths);
    }
}
