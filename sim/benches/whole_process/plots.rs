//! Pictures of the figures: speed-up bars, lines over detector size for speed and for memory.
//! Not here: tables.

use nanobragg::chart::{self, Axis, Chart, Colour, Mark};

use crate::measure::{Measured, Taken};
use crate::rows::{SIZE_CUBIC, SIZE_TRICLINIC};
use crate::sides::{C, C_FAST_MATH, EXACT, FAST, FAST_SINGLE, REFERENCE};

/// Every side that may be drawn; its place is its colour.
const SIDES: [&str; 6] = [C, REFERENCE, EXACT, FAST, FAST_SINGLE, C_FAST_MATH];

fn colour(side: &str) -> Colour {
    SIDES.iter().position(|known| *known == side).map_or(Colour::Soft, Colour::Series)
}

/// One line of a chart: points of an edge of the detector and a value.
struct Line {
    name: String,
    colour: Colour,
    /// Runs of more than one thread.
    dashed: bool,
    points: Vec<[f64; 2]>,
}

/// File names and SVG texts. Pictures for which no row was measured are left out.
pub fn all(rows: &[Measured]) -> Vec<(String, String)> {
    let mut pictures = vec![];
    if rows.iter().any(|row| row.sides.len() > 1) {
        pictures.push(("speedup.svg".to_owned(), speedup(rows)));
    }
    for (family, name) in [(SIZE_CUBIC, "cubic"), (SIZE_TRICLINIC, "triclinic")] {
        let speed =
            |row: &Measured, taken: &Taken| row.pixels * f64::from(row.runs) / taken.median.wall_s / 1e6;
        let memory = |_: &Measured, taken: &Taken| taken.median.peak_bytes / 1024.0 / 1024.0;
        for (kind, title, of) in [
            (
                "scaling",
                "million pixels per second, whole process",
                &speed as &dyn Fn(&Measured, &Taken) -> f64,
            ),
            ("memory", "peak memory, MiB", &memory),
        ] {
            let lines = lines(rows, family, of);
            if lines.iter().any(|line| line.points.len() > 1) {
                let picture = over_size(&format!("{title} ({name} cell)"), &lines);
                pictures.push((format!("{kind}_{name}.svg"), picture));
            }
        }
    }
    pictures
}

/// A line per side and number of threads over the rows of a family.
fn lines(rows: &[Measured], family: &str, of: &dyn Fn(&Measured, &Taken) -> f64) -> Vec<Line> {
    let mut lines = vec![];
    for threads in [1, 2] {
        for side in SIDES {
            let mut points = vec![];
            for row in rows.iter().filter(|row| row.threads == threads) {
                let edge = row.name.strip_prefix(family).and_then(|edge| edge.trim().parse().ok());
                let taken = row.sides.iter().find(|taken| taken.side == side);
                if let (Some(edge), Some(taken)) = (edge, taken) {
                    points.push([edge, of(row, taken)]);
                }
            }
            if !points.is_empty() {
                let name = format!("{side}, {threads} thread(s)");
                lines.push(Line { name, colour: colour(side), dashed: threads > 1, points });
            }
        }
    }
    lines
}

fn over_size(title: &str, lines: &[Line]) -> String {
    let values = || lines.iter().flat_map(|line| &line.points);
    let (low, high) =
        values().fold((f64::INFINITY, 0.0_f64), |(low, high), [_, y]| (low.min(*y), high.max(*y)));
    let mut edges: Vec<f64> = values().map(|[edge, _]| *edge).collect();
    edges.sort_by(f64::total_cmp);
    edges.dedup();
    let ends = [edges.first(), edges.last()].map(|edge| edge.copied().unwrap_or_default());
    let x = Axis::logarithmic("pixels along an edge", ends)
        .with_ticks(edges.iter().map(|edge| (*edge, edge.to_string())).collect());
    let mut marks = vec![];
    for Line { name, colour, dashed, points } in lines {
        let (colour, dashed) = (*colour, *dashed);
        marks.push(Mark::Line { points: points.clone(), colour, dashed, name: name.clone() });
        marks.extend(points.iter().map(|&[edge, value]| {
            let says = format!("{name}, {edge}: {value:.3}");
            Mark::Dot { at: [edge, value], colour, says }
        }));
    }
    let y = Axis::logarithmic("", [low / 1.5, high * 1.5]);
    chart::file(&[Chart { title: title.to_owned(), size: [900.0, 520.0], x, y, marks }])
}

/// Bars from top to bottom, one per row, number of threads and side; logarithmic, because they span three decades.
fn speedup(rows: &[Measured]) -> String {
    let mut bars = vec![];
    for row in rows {
        for taken in row.sides.iter().skip(1) {
            let factor = row.sides[0].median.cpu() / taken.median.cpu();
            bars.push((format!("{} ({}) {}", row.name, row.threads, taken.side), colour(taken.side), factor));
        }
    }
    let largest = bars.iter().fold(1.0_f64, |most, (_, _, factor)| most.max(*factor));
    // From a tenth upwards, so that what is slower still has a bar.
    let x = Axis::logarithmic("times faster", [0.1, largest * 1.1]);
    let height = |number: usize| (bars.len() - number) as f64 - 0.5;
    let labels =
        bars.iter().enumerate().map(|(n, (name, _, factor))| (height(n), format!("{name} {factor:.1}")));
    let y = Axis::linear("", [0.0, bars.len() as f64]).with_ticks(labels.collect());
    let mut marks: Vec<Mark> = vec![];
    for (number, (name, colour, factor)) in bars.iter().enumerate() {
        let y = [height(number) - 0.4, height(number) + 0.4];
        let says = format!("{name}: {factor:.2}");
        marks.push(Mark::Area { x: [0.1, *factor], y, colour: *colour, strength: 1.0, says });
    }
    let (points, name) = (vec![[1.0, 0.0], [1.0, bars.len() as f64]], String::new());
    marks.push(Mark::Line { points, colour: Colour::Soft, dashed: false, name });
    let first = rows.first().and_then(|row| row.sides.first()).map_or("", |taken| taken.side);
    let title = format!("times faster than {first}, processor time of whole processes (threads in brackets)");
    let size = [960.0, 80.0 + 16.0 * bars.len() as f64];
    chart::file(&[Chart { title, size, x, y, marks }])
}
