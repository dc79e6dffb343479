//! Plots that need no script: intensities of both sides, one against the other, and distances in units of the last place.
//!
//! Not here: the images themselves.

use std::fmt::Write;

use maud::{Markup, html};
use trace_harness::evidence::page::{picture, section};

use crate::compare::metrics::Metrics;
use crate::compare::region::Region;

const BINS: usize = 48;
const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 320.0;
const LEFT: f64 = 64.0;
const BOTTOM: f64 = 44.0;
/// All plots as a section of the page.
pub fn part(region: &Region<'_>, metrics: &Metrics) -> Markup {
    let scale = Scale::of(region);
    let plots = html! {
        div.plots {
            @if let Some(scale) = &scale {
                (figure("How many pixels have which intensity: A as bars, B as a line", intensities(region, scale)))
                (figure(
                    "Intensity of A against B; the stronger the colour, the more pixels; equal pixels lie on the line",
                    scatter(region, scale)
                ))
            } @else {
                p { "No pixel is above zero: there is nothing to plot." }
            }
            (figure("Distance of the two sides in units of the last place", distances(&metrics.ulp.histogram)))
        }
    };
    section("plots", "Plots", &plots)
}

fn figure(caption: &str, plot: String) -> Markup {
    html! { figure { (picture(plot)) figcaption { (caption) } } }
}

/// A logarithmic axis over the positive pixels of both sides.
struct Scale {
    low: f64,
    high: f64,
}

impl Scale {
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

    fn labels(&self) -> [String; 3] {
        [self.low, (self.low + self.high) / 2.0, self.high].map(|p| format!("{:.1e}", 10_f64.powf(p)))
    }
}

fn intensities(region: &Region<'_>, scale: &Scale) -> String {
    let (a, b) = region.pixels();
    let count = |side: &[f32]| {
        let mut bins = [0_u64; BINS];
        side.iter().filter_map(|&v| scale.bin(v)).for_each(|bin| bins[bin] += 1);
        bins
    };
    let (a, b) = (count(&a), count(&b));
    let most = a.iter().chain(&b).copied().max().unwrap_or(1).max(1);
    let mut plot = open("histogram of intensities");
    bars(&mut plot, &a, most);
    let step = (WIDTH - LEFT) / BINS as f64;
    let mut line = String::new();
    for (i, &n) in b.iter().enumerate() {
        let (x, y) = (LEFT + i as f64 * step, level(n, most));
        // Writing to a string cannot fail.
        let _ = write!(line, "{x:.1},{y:.1} {:.1},{y:.1} ", x + step);
    }
    let _ = writeln!(
        plot,
        "<polyline points=\"{}\" fill=\"none\" stroke=\"var(--fail)\" stroke-width=\"1.5\"/>",
        line.trim()
    );
    axes(&mut plot, &scale.labels(), "intensity", most);
    plot + "</svg>\n"
}

fn scatter(region: &Region<'_>, scale: &Scale) -> String {
    let (a, b) = region.pixels();
    let mut cells = vec![0_u64; BINS * BINS];
    for (&x, &y) in a.iter().zip(b.iter()) {
        if let (Some(i), Some(j)) = (scale.bin(x), scale.bin(y)) {
            cells[j * BINS + i] += 1;
        }
    }
    let most = cells.iter().copied().max().unwrap_or(1).max(1);
    let (dx, dy) = ((WIDTH - LEFT) / BINS as f64, (HEIGHT - BOTTOM) / BINS as f64);
    let mut plot = open("density of A against B");
    for (cell, &n) in cells.iter().enumerate().filter(|(_, n)| **n > 0) {
        let (x, y) = (LEFT + (cell % BINS) as f64 * dx, HEIGHT - BOTTOM - (cell / BINS + 1) as f64 * dy);
        let shade = 0.15 + 0.85 * (n as f64).ln_1p() / (most as f64).ln_1p();
        let _ = writeln!(
            plot,
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{dx:.2}\" height=\"{dy:.2}\" fill=\"var(--mark)\" fill-opacity=\"{shade:.2}\"/>"
        );
    }
    let _ = writeln!(
        plot,
        "<line x1=\"{LEFT}\" y1=\"{}\" x2=\"{WIDTH}\" y2=\"0\" stroke=\"var(--soft)\" stroke-dasharray=\"4 3\"/>",
        HEIGHT - BOTTOM
    );
    axes(&mut plot, &scale.labels(), "intensity of A; upwards the same scale for B", most);
    plot + "</svg>\n"
}

fn distances(histogram: &[u64]) -> String {
    let most = histogram.iter().copied().max().unwrap_or(1).max(1);
    let mut plot = open("histogram of distances in units of the last place");
    bars(&mut plot, histogram, most);
    let last = histogram.len().saturating_sub(1);
    let label = |cell: usize| if cell < 2 { cell.to_string() } else { format!("2^{}", cell - 1) };
    let labels = match last {
        0 => [String::new(), label(0), String::new()],
        last => [label(0), label(last / 2), label(last)],
    };
    axes(&mut plot, &labels, "distance, by powers of two", most);
    plot + "</svg>\n"
}

fn open(name: &str) -> String {
    format!(
        "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" style=\"max-width:{WIDTH}px;width:100%\" role=\"img\" aria-label=\"{name}\">\n"
    )
}

/// Height of a count; logarithmic, for most pixels are background.
fn level(count: u64, most: u64) -> f64 {
    let share = (count as f64).ln_1p() / (most as f64).ln_1p();
    (HEIGHT - BOTTOM) * (1.0 - 0.95 * share)
}

fn bars(plot: &mut String, counts: &[u64], most: u64) {
    let step = (WIDTH - LEFT) / counts.len().max(1) as f64;
    for (i, &n) in counts.iter().enumerate().filter(|(_, n)| **n > 0) {
        let (x, y) = (LEFT + i as f64 * step, level(n, most));
        let _ = writeln!(
            plot,
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"var(--mark)\" fill-opacity=\"0.55\"><title>{n}</title></rect>",
            step * 0.92,
            HEIGHT - BOTTOM - y
        );
    }
}

fn axes(plot: &mut String, labels: &[String; 3], name: &str, most: u64) {
    let base = HEIGHT - BOTTOM;
    let _ = writeln!(plot, "<path d=\"M{LEFT},0 V{base} H{WIDTH}\" fill=\"none\" stroke=\"var(--soft)\"/>");
    for (label, x, anchor) in [
        (&labels[0], LEFT, "start"),
        (&labels[1], (LEFT + WIDTH) / 2.0, "middle"),
        (&labels[2], WIDTH, "end"),
    ] {
        let _ = writeln!(
            plot,
            "<text x=\"{x}\" y=\"{}\" text-anchor=\"{anchor}\" font-size=\"13\" fill=\"var(--soft)\">{label}</text>",
            base + 17.0
        );
    }
    let middle = (LEFT + WIDTH) / 2.0;
    let _ = writeln!(
        plot,
        "<text x=\"{middle}\" y=\"{}\" text-anchor=\"middle\" font-size=\"13\" fill=\"var(--ink)\">{name}</text>",
        HEIGHT - 8.0
    );
    let _ = writeln!(
        plot,
        "<text x=\"{}\" y=\"16\" text-anchor=\"end\" font-size=\"13\" fill=\"var(--soft)\">{most}</text>",
        LEFT - 6.0
    );
    let _ = writeln!(
        plot,
        "<text x=\"{}\" y=\"{base}\" text-anchor=\"end\" font-size=\"13\" fill=\"var(--soft)\">0</text>",
        LEFT - 6.0
    );
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
