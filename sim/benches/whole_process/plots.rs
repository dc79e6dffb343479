//! Pictures of the figures: speed-up bars, lines over detector size for speed and for memory.
//! Not here: tables.

use plotters::prelude::*;

use crate::measure::{Measured, Taken};
use crate::rows::{SIZE_CUBIC, SIZE_TRICLINIC};
use crate::sides::{C, C_FAST_MATH, EXACT, FAST, FAST_SINGLE, REFERENCE};

/// Every side that may be drawn, in its colour.
const COLOURS: [(&str, RGBColor); 6] = [
    (C, RGBColor(90, 90, 90)),
    (REFERENCE, RGBColor(0, 114, 178)),
    (EXACT, RGBColor(0, 158, 115)),
    (FAST, RGBColor(213, 94, 0)),
    (FAST_SINGLE, RGBColor(204, 121, 167)),
    (C_FAST_MATH, RGBColor(160, 160, 160)),
];

/// Points of one line.
type Line = (String, RGBColor, Vec<(f64, f64)>);

/// File names and SVG texts. Pictures for which no row was measured are left out.
pub fn all(rows: &[Measured]) -> Result<Vec<(String, String)>, String> {
    let mut pictures = vec![];
    let drawn = |name: &str, result: Result<String, String>| {
        result.map(|svg| (name.to_owned(), svg)).map_err(|e| format!("cannot draw `{name}`: {e}"))
    };
    if rows.iter().any(|row| row.sides.len() > 1) {
        pictures.push(drawn("speedup.svg", speedup(rows))?);
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
            if lines.iter().any(|(_, _, points)| points.len() > 1) {
                let file = format!("{kind}_{name}.svg");
                pictures.push(drawn(&file, over_size(&format!("{title} ({name} cell)"), &lines))?);
            }
        }
    }
    Ok(pictures)
}

/// A line per side and number of threads over the rows of a family.
fn lines(rows: &[Measured], family: &str, of: &dyn Fn(&Measured, &Taken) -> f64) -> Vec<Line> {
    let mut lines = vec![];
    for threads in [1, 2] {
        for (side, colour) in COLOURS {
            let mut points = vec![];
            for row in rows.iter().filter(|row| row.threads == threads) {
                let edge = row.name.strip_prefix(family).and_then(|edge| edge.trim().parse().ok());
                let taken = row.sides.iter().find(|taken| taken.side == side);
                if let (Some(edge), Some(taken)) = (edge, taken) {
                    points.push((edge, of(row, taken)));
                }
            }
            if !points.is_empty() {
                lines.push((format!("{side}, {threads} thread(s)"), colour, points));
            }
        }
    }
    lines
}

fn over_size(title: &str, lines: &[Line]) -> Result<String, String> {
    let mut svg = String::new();
    draw_over_size(&mut svg, title, lines).map_err(|e| e.to_string())?;
    Ok(svg)
}

fn draw_over_size(svg: &mut String, title: &str, lines: &[Line]) -> Result<(), Box<dyn std::error::Error>> {
    let values = || lines.iter().flat_map(|(_, _, points)| points);
    let (low, high) =
        values().fold((f64::INFINITY, 0.0_f64), |(low, high), (_, y)| (low.min(*y), high.max(*y)));
    let root = SVGBackend::with_string(svg, (900, 520)).into_drawing_area();
    root.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&root)
        .caption(title, ("sans-serif", 20))
        .margin(12)
        .x_label_area_size(40)
        .y_label_area_size(60)
        .build_cartesian_2d((110.0..4700.0_f64).log_scale().base(2.0), (low / 1.5..high * 1.5).log_scale())?;
    chart.configure_mesh().x_desc("pixels along an edge").light_line_style(WHITE).draw()?;
    for (name, colour, points) in lines {
        // Two threads: a thin line.
        let width = if name.ends_with("1 thread(s)") { 3 } else { 1 };
        let style = colour.stroke_width(width);
        let line = chart.draw_series(LineSeries::new(points.iter().copied(), style).point_size(3))?;
        line.label(name).legend(move |(x, y)| PathElement::new(vec![(x, y), (x + 20, y)], style));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .label_font(("sans-serif", 12))
        .background_style(WHITE.mix(0.8))
        .draw()?;
    root.present()?;
    Ok(())
}

fn speedup(rows: &[Measured]) -> Result<String, String> {
    let mut svg = String::new();
    draw_speedup(&mut svg, rows).map_err(|e| e.to_string())?;
    Ok(svg)
}

/// Bars from top to bottom, one per row, number of threads and side; logarithmic, because they span three decades.
fn draw_speedup(svg: &mut String, rows: &[Measured]) -> Result<(), Box<dyn std::error::Error>> {
    let mut bars = vec![];
    for row in rows.iter().filter(|row| row.sides.len() > 1) {
        for taken in row.sides.iter().skip(1) {
            let colour =
                COLOURS.iter().find(|(side, _)| *side == taken.side).map_or(BLACK, |(_, colour)| *colour);
            let factor = row.sides[0].median.cpu() / taken.median.cpu();
            bars.push((format!("{} ({}) {}", row.name, row.threads, taken.side), colour, factor));
        }
    }
    let largest = bars.iter().fold(1.0_f64, |most, (_, _, factor)| most.max(*factor));
    let (line, left, width) = (13, 250, 640.0);
    let root = SVGBackend::with_string(svg, (960, 60 + line as u32 * bars.len() as u32)).into_drawing_area();
    root.fill(&WHITE)?;
    let first = rows.first().and_then(|row| row.sides.first()).map_or("", |taken| taken.side);
    let title = format!("times faster than {first}, processor time of whole processes (threads in brackets)");
    root.draw(&Text::new(title, (10, 10), ("sans-serif", 16)))?;
    // From a tenth upwards, so that what is slower still has a bar.
    let reach =
        |factor: f64| left + (width * (10.0 * factor).max(1.0).log10() / (10.0 * largest).log10()) as i32;
    for (number, (name, colour, factor)) in bars.iter().enumerate() {
        let y = 40 + line * number as i32;
        root.draw(&Text::new(name.clone(), (10, y), ("sans-serif", 11)))?;
        root.draw(&Rectangle::new([(left, y), (reach(*factor), y + line - 3)], colour.filled()))?;
        root.draw(&Text::new(format!("{factor:.1}"), (reach(*factor) + 4, y), ("sans-serif", 11)))?;
    }
    let bottom = 40 + line * bars.len() as i32;
    root.draw(&PathElement::new(vec![(reach(1.0), 36), (reach(1.0), bottom)], BLACK))?;
    root.present()?;
    Ok(())
}
