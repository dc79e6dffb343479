//! The convergence plot: loss and parameters step by step, as SVG.
//!
//! Not here: drawing charts (`chart`), numbers for further use (`result`).

use super::result::Refined;
use crate::chart::{self, Axis, Chart, Colour, Mark};
use crate::model::parameter::Parameter;

const SIZE: [f64; 2] = [860.0, 300.0];

/// One line of a panel.
struct Curve {
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
    let losses = Curve {
        name: String::new(),
        points: steps()
            .map(|s| (s.loss.max(f64::MIN_POSITIVE) / refined.last.pixels.max(1) as f64).log10())
            .collect(),
    };
    let moved = |(i, parameter): (usize, &Parameter)| {
        // In shares of the whole way, so that parameters of all sizes fit into one panel.
        let way = (refined.values()[i] - refined.start[i]).abs();
        let share = |value: f64| if way > 0.0 { (value - refined.values()[i]) / way } else { 0.0 };
        Curve { name: parameter.to_string(), points: steps().map(|s| share(s.values[i])).collect() }
    };
    let lines: Vec<Curve> = parameters.iter().enumerate().map(moved).collect();
    chart::file(&[
        panel(
            "Loss per pixel (dashed: a stage with less blur begins)",
            "log10 of the loss",
            vec![losses],
            &starts,
        ),
        panel("Distance of each parameter from its final value", "share of its way", lines, &starts),
    ])
}

fn panel(title: &str, name: &str, lines: Vec<Curve>, starts: &[usize]) -> Chart {
    let all = lines.iter().flat_map(|line| &line.points).copied().filter(|x| x.is_finite());
    let range = all.fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], x| [low.min(x), high.max(x)]);
    let last = lines.iter().map(|line| line.points.len()).max().unwrap_or(0).saturating_sub(1);
    let x = Axis::linear("step", [0.0, last as f64]);
    let y = Axis::linear(name, range);
    let begun = starts.iter().filter(|start| **start > 0).map(|start| Mark::Line {
        points: y.range.map(|end| [*start as f64, end]).to_vec(),
        colour: Colour::Soft,
        dashed: true,
        name: String::new(),
    });
    let drawn = lines.into_iter().enumerate().map(|(n, line)| Mark::Line {
        points: line.points.iter().enumerate().map(|(step, value)| [step as f64, *value]).collect(),
        colour: Colour::Series(n),
        dashed: false,
        name: line.name,
    });
    let marks = begun.chain(drawn).collect();
    Chart { title: title.to_owned(), size: SIZE, x, y, marks }
}
