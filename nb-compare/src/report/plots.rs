//! Charts of a comparison: intensities of both sides, one against the other, and distances in units of the last place.
//!
//! Not here: the images themselves, drawing charts (`nanobragg::chart`).

use maud::{Markup, html};
use nanobragg::chart::{Axis, Chart, Colour, Mark};
use trace_harness::evidence::page::section;

use crate::compare::metrics::Metrics;
use crate::compare::region::Region;

const BINS: usize = 48;
const SIZE: [f64; 2] = [480.0, 320.0];
/// Each side has its colour.
const A: Colour = Colour::Series(0);
const B: Colour = Colour::Series(1);

/// All plots as a section of the page.
pub(super) fn part(region: &Region<'_>, metrics: &Metrics) -> Markup {
    let scale = ChartScale::of(region);
    let plots = html! {
        div.plots {
            @if let Some(scale) = &scale {
                (figure("How many pixels have which intensity: A as bars, B as a line", &intensities(region, scale)))
                (figure(
                    "Intensity of A against B; the stronger the colour, the more pixels; equal pixels lie on the line",
                    &scatter(region, scale)
                ))
            } @else {
                p { "No pixel is above zero: there is nothing to plot." }
            }
            (figure("Distance of the two sides in units of the last place", &distances(&metrics.ulp.histogram)))
        }
    };
    section("plots", "Plots", &plots)
}

fn figure(caption: &str, chart: &Chart) -> Markup {
    html! { figure { (chart.inline()) figcaption { (caption) } } }
}

/// A logarithmic axis over the positive pixels of both sides.
struct ChartScale {
    low: f64,
    high: f64,
}

impl ChartScale {
    fn of(region: &Region<'_>) -> Option<Self> {
        let positive = |side: &[f32]| -> Option<(f64, f64)> {
            let values =
                (0..side.len()).filter(|&i| region.counts_at(i) && side[i] > 0.0).map(|i| f64::from(side[i]));
            values.fold(None, |m, v| m.map_or(Some((v, v)), |(l, h): (f64, f64)| Some((l.min(v), h.max(v)))))
        };
        let sides: Vec<(f64, f64)> =
            [positive(&region.a), positive(&region.b)].into_iter().flatten().collect();
        let high = sides.iter().map(|s| s.1).reduce(f64::max)?.log10();
        // Ten decades are enough: what is fainter falls into the first bin.
        let low = sides.iter().map(|s| s.0).reduce(f64::min)?.log10().max(high - 10.0);
        Some(Self { low, high: if high > low { high } else { low + 1.0 } })
    }

    /// The bin of a value; what is not positive has none.
    fn bin(&self, value: f32) -> Option<usize> {
        let place = (f64::from(value).log10() - self.low) / (self.high - self.low) * BINS as f64;
        (value > 0.0 && place.is_finite()).then(|| (place.max(0.0) as usize).min(BINS - 1))
    }

    /// Where the n-th bin begins.
    fn edge(&self, bin: usize) -> f64 {
        10_f64.powf(self.low + (self.high - self.low) * bin as f64 / BINS as f64)
    }

    fn edges(&self, bin: usize) -> [f64; 2] {
        [self.edge(bin), self.edge(bin + 1)]
    }

    fn axis(&self, name: &str) -> Axis {
        Axis::logarithmic(name, [self.edge(0), self.edge(BINS)])
    }
}

fn intensities(region: &Region<'_>, scale: &ChartScale) -> Chart {
    let (a, b) = region.pixels();
    let count = |side: &[f32]| {
        let mut bins = [0_u64; BINS];
        side.iter().filter_map(|&v| scale.bin(v)).for_each(|bin| bins[bin] += 1);
        bins
    };
    let (a, b) = (count(&a), count(&b));
    let most = a.iter().chain(&b).copied().max().unwrap_or(1);
    let mut marks = bars(&a, |bin| scale.edges(bin));
    let steps = b.iter().enumerate().flat_map(|(bin, n)| scale.edges(bin).map(|edge| [edge, *n as f64]));
    marks.push(Mark::Line { points: steps.collect(), colour: B, dashed: false, name: String::new() });
    Chart {
        title: "histogram of intensities".to_owned(),
        size: SIZE,
        x: scale.axis("intensity"),
        y: Axis::counts("pixels", most),
        marks,
    }
}

fn scatter(region: &Region<'_>, scale: &ChartScale) -> Chart {
    let (a, b) = region.pixels();
    let mut cells = vec![0_u64; BINS * BINS];
    for (&x, &y) in a.iter().zip(b.iter()) {
        if let (Some(i), Some(j)) = (scale.bin(x), scale.bin(y)) {
            cells[j * BINS + i] += 1;
        }
    }
    let most = cells.iter().copied().max().unwrap_or(1).max(1);
    let cell = |(place, n): (usize, &u64)| Mark::Area {
        x: scale.edges(place % BINS),
        y: scale.edges(place / BINS),
        colour: A,
        strength: 0.15 + 0.85 * (*n as f64).ln_1p() / (most as f64).ln_1p(),
        says: String::new(),
    };
    let mut marks: Vec<Mark> = cells.iter().enumerate().filter(|(_, n)| **n > 0).map(cell).collect();
    let ends = [scale.edge(0), scale.edge(BINS)].map(|end| [end, end]);
    marks.push(Mark::Line { points: ends.to_vec(), colour: Colour::Soft, dashed: true, name: String::new() });
    Chart {
        title: "density of A against B".to_owned(),
        size: SIZE,
        x: scale.axis("intensity of A"),
        y: scale.axis("intensity of B"),
        marks,
    }
}

fn distances(histogram: &[u64]) -> Chart {
    let word = |cell: usize| if cell < 2 { cell.to_string() } else { format!("2^{}", cell - 1) };
    // Few enough to stand side by side.
    let every = histogram.len().div_ceil(8).max(1);
    let ticks = (0..histogram.len()).step_by(every).map(|cell| (cell as f64 + 0.5, word(cell)));
    let x =
        Axis::linear("distance in units of the last place, by powers of two", [0.0, histogram.len() as f64]);
    Chart {
        title: "histogram of distances in units of the last place".to_owned(),
        size: SIZE,
        x: x.with_ticks(ticks.collect()),
        y: Axis::counts("pixels", histogram.iter().copied().max().unwrap_or(1)),
        marks: bars(histogram, |cell| [cell as f64, cell as f64 + 1.0]),
    }
}

fn bars(counts: &[u64], edges: impl Fn(usize) -> [f64; 2]) -> Vec<Mark> {
    let bar = |(cell, n): (usize, &u64)| Mark::Area {
        x: edges(cell),
        y: [0.0, *n as f64],
        colour: A,
        strength: 0.55,
        says: n.to_string(),
    };
    counts.iter().enumerate().filter(|(_, n)| **n > 0).map(bar).collect()
}

#[cfg(test)]
mod tests {
    use nanobragg::image::raster::Raster;

    use super::*;
    use crate::compare::metrics::Measure;
    use crate::compare::region::Roi;

    fn plots(a: &Raster<f32>, b: &Raster<f32>) -> String {
        let region = Region::new(a, b, Roi::whole(a.fast, a.slow), None);
        part(&region, &Metrics::of(&region, &Measure::default())).into_string()
    }

    #[test]
    fn every_positive_pixel_is_in_the_plots() {
        let a = Raster { fast: 16, slow: 16, data: (0..256_u16).map(f32::from).collect() };
        let svg = plots(&a, &a);
        assert_eq!(svg.matches("<svg").count(), 3);
        let heights: u64 =
            svg.split("<title>").skip(1).filter_map(|t| t.split('<').next()?.parse::<u64>().ok()).sum();
        // 255 positive intensities, and 256 distances.
        assert_eq!(heights, 255 + 256);
    }

    #[test]
    fn images_without_a_positive_pixel_are_said_to_have_none() {
        let zero = Raster { fast: 8, slow: 8, data: vec![0.0; 64] };
        assert!(plots(&zero, &zero).contains("nothing to plot"));
        let nan = zero.map(|_| f32::NAN);
        assert!(plots(&nan, &nan).contains("nothing to plot"));
    }
}
