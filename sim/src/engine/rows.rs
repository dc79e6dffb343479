//! Rows rendered side by side, with the result of rendering them one after the other.
//!
//! The reference carries state from pixel to pixel (`carry`). Each batch of rows is rendered from the same state; the rows
//! up to and including the first that changes it stand, the others are rendered again from the state it left. The state
//! settles after very few rows, so almost nothing is rendered twice. Not here: what a pixel is (`reference`).

use super::carry::{Carry, Leave};
use super::reference::Context;
use super::{Render, Request};
use crate::cli::options::TraceDepth;
use crate::image::raster::Raster;
use crate::model::experiment::Experiment;
use crate::trace::observer::NoTrace;
use crate::trace::pixel_log::PixelLog;
use crate::trace::text::LastState;
use rayon::ThreadPool;
use rayon::prelude::*;

/// Rows of a batch once the state has settled.
const LARGEST_BATCH: usize = 512;

/// One finished row.
struct Row {
    end: Carry,
    solid_angle_sum: f64,
    left_list: Option<Leave>,
    /// Traced pixels with their place in the request.
    traces: Vec<(usize, PixelLog)>,
    /// Pixels to print.
    printed: Vec<LastState>,
}

/// What a row needs of the request; unlike it, shared by threads.
#[derive(Clone, Copy)]
struct Wanted<'a> {
    trace: &'a [(usize, usize)],
    depth: TraceDepth,
    #[allow(clippy::option_option)]
    printout: Option<Option<(i32, i32)>>,
}

impl Wanted<'_> {
    fn prints(&self, slow: usize, fast: usize) -> bool {
        match self.printout {
            None => false,
            Some(None) => true,
            Some(Some((f, s))) => i64::from(f) == fast as i64 && i64::from(s) == slow as i64,
        }
    }
}

/// Renders into `image`.
pub fn render(
    experiment: &Experiment,
    request: &Request<'_>,
    mut image: Raster<f32>,
    pool: &ThreadPool,
) -> Render {
    let wanted = Wanted { trace: request.trace, depth: request.depth, printout: request.printout };
    let context = Context::new(experiment);
    let fast_pixels = experiment.pixels[0];
    let (_, rows) = experiment.window();
    let mut carry = Carry::initial(experiment);
    let mut result = (0.0, None, Vec::new());
    let (mut slow, mut batch) = (rows.start, 1);
    while slow < rows.end {
        let end = rows.end.min(slow + batch);
        let pixels = &mut image.data[slow * fast_pixels..end * fast_pixels];
        let finished: Vec<Row> = pool.install(|| {
            pixels
                .par_chunks_mut(fast_pixels)
                .enumerate()
                .map(|(i, row)| render_row(&context, wanted, slow + i, row, carry))
                .collect()
        });
        let valid = finished.iter().position(|row| row.end != carry).map_or(finished.len(), |i| i + 1);
        (request.progress)(valid);
        batch = if valid == finished.len() { (batch * 2).min(LARGEST_BATCH) } else { 1 };
        slow += valid;
        for row in finished.into_iter().take(valid) {
            carry = row.end;
            result.0 += row.solid_angle_sum;
            result.1 = result.1.or(row.left_list);
            result.2.extend(row.traces);
            row.printed.iter().for_each(request.printed);
        }
    }
    let (solid_angle_sum, left_list, mut traces) = result;
    traces.sort_by_key(|(place, _)| *place);
    let traces = traces.into_iter().map(|(_, log)| log).collect();
    Render { image, solid_angle_sum, left_list, traces }
}

fn render_row(
    context: &Context<'_>,
    wanted: Wanted<'_>,
    slow: usize,
    row: &mut [f32],
    mut carry: Carry,
) -> Row {
    let experiment = context.experiment;
    let (columns, _) = experiment.window();
    let mut done =
        Row { end: carry, solid_angle_sum: 0.0, left_list: None, traces: Vec::new(), printed: Vec::new() };
    let traced: Vec<_> =
        wanted.trace.iter().enumerate().filter(|(_, (s, _))| *s == slow).map(|(i, (_, f))| (i, *f)).collect();
    for fast in columns {
        if experiment.is_masked(fast, slow) {
            continue;
        }
        let place = traced.iter().find(|(_, f)| *f == fast).map(|(place, _)| *place);
        let pixel = if place.is_none() && !wanted.prints(slow, fast) {
            context.pixel(slow, fast, &mut carry, &mut NoTrace)
        } else {
            let mut watch = (PixelLog::new(slow, fast, wanted.depth), LastState::new(slow, fast));
            let pixel = context.pixel(slow, fast, &mut carry, &mut watch);
            done.traces.extend(place.map(|place| (place, watch.0)));
            done.printed.extend(wanted.prints(slow, fast).then_some(watch.1));
            pixel
        };
        row[fast] = pixel.photons;
        done.solid_angle_sum += pixel.solid_angle_sum;
        done.left_list = done.left_list.or(pixel.left_list);
    }
    done.end = carry;
    done
}
