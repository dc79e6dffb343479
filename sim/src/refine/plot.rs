//! The convergence plot: loss and parameters step by step, as SVG.
//!
//! Not here: numbers for further use (`result`).

use super::result::Refined;
use crate::model::parameter::Parameter;
use std::fmt::Write;

const WIDTH: f64 = 860.0;
const HEIGHT: f64 = 300.0;
const MARGIN: f64 = 60.0;
const COLORS: [&str; 8] =
    ["#1b6ca8", "#c2410c", "#15803d", "#7e22ce", "#b91c1c", "#0f766e", "#a16207", "#475569"];

/// One line of a panel.
struct Line {
    name: String,
    points: Vec<f64>,
}

/// The picture.
pub(super) fn svg(refined: &Refined, parameters: &[Parameter]) -> String {
    let steps = || refined.stages.iter().flat_map(|(_, solution)| &solution.steps);
    let mut starts = Vec::new();
    let mut count = 0;
    for (_, solution) in &refined.stages {
        starts.push(count);
        count += solution.steps.len();
    }
    let losses = Line {
        name: "log10 of the loss per pixel".to_owned(),
        points: steps()
            .map(|s| (s.loss.max(f64::MIN_POSITIVE) / refined.last.pixels.max(1) as f64).log10())
            .collect(),
    };
    let moved = |(i, parameter): (usize, &Parameter)| {
        // In shares of the whole way, so that parameters of all sizes fit into one panel.
        let way = (refined.values()[i] - refined.start[i]).abs();
        let share = |value: f64| if way > 0.0 { (value - refined.values()[i]) / way } else { 0.0 };
        Line { name: parameter.to_string(), points: steps().map(|s| share(s.values[i])).collect() }
    };
    let lines: Vec<Line> = parameters.iter().enumerate().map(moved).collect();
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {}\" font-family=\"sans-serif\" \
         font-size=\"12\" role=\"img\" aria-label=\"convergence of a refinement\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n",
        2.0 * HEIGHT
    );
    panel(&mut text, 0.0, "Loss per pixel (dashed: a stage with less blur begins)", &[losses], &starts);
    panel(
        &mut text,
        HEIGHT,
        "Distance of each parameter from its final value, in shares of its way",
        &lines,
        &starts,
    );
    text + "</svg>\n"
}

fn panel(text: &mut String, top: f64, title: &str, lines: &[Line], starts: &[usize]) {
    let all = || lines.iter().flat_map(|line| &line.points).copied().filter(|x| x.is_finite());
    let (low, high) = all().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (a.min(x), b.max(x)));
    let (low, high) = if low < high { (low, high) } else { (low - 1.0, high + 1.0) };
    let count = lines.iter().map(|line| line.points.len()).max().unwrap_or(0);
    let x = |i: usize| MARGIN + (WIDTH - 3.5 * MARGIN) * i as f64 / (count.max(2) - 1) as f64;
    let y = |v: f64| top + HEIGHT - 40.0 - (HEIGHT - 80.0) * (v - low) / (high - low);
    let _ = writeln!(
        text,
        "<text x=\"{MARGIN}\" y=\"{}\" font-weight=\"bold\">{}</text>",
        top + 22.0,
        escaped(title)
    );
    for value in [low, 0.5 * (low + high), high] {
        let _ = writeln!(text, "<text x=\"8\" y=\"{:.1}\">{value:.3}</text>", y(value) + 4.0);
    }
    let _ = writeln!(
        text,
        "<text x=\"{MARGIN}\" y=\"{:.1}\">step 0 to {}</text>",
        top + HEIGHT - 12.0,
        count.max(1) - 1
    );
    for start in starts.iter().filter(|start| **start > 0) {
        let _ = writeln!(
            text,
            "<line x1=\"{0:.1}\" x2=\"{0:.1}\" y1=\"{1:.1}\" y2=\"{2:.1}\" stroke=\"#64748b\" stroke-dasharray=\"4 4\"/>",
            x(*start),
            y(low),
            y(high)
        );
    }
    for (i, line) in lines.iter().enumerate() {
        let color = COLORS[i % COLORS.len()];
        let points: Vec<String> = (line.points.iter().enumerate())
            .filter(|(_, v)| v.is_finite())
            .map(|(i, v)| format!("{:.1},{:.1}", x(i), y(*v)))
            .collect();
        let _ = writeln!(
            text,
            "<polyline fill=\"none\" stroke=\"{color}\" stroke-width=\"2\" points=\"{}\"/>\n\
             <text x=\"{:.1}\" y=\"{:.1}\" fill=\"{color}\">{}</text>",
            points.join(" "),
            WIDTH - 2.3 * MARGIN,
            top + 45.0 + 16.0 * i as f64,
            escaped(&line.name)
        );
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
