//! The goals: what must be, what is aimed at, what was measured.
//! Not here: how it was measured (`measure`), how it is shown (`tables`).

use crate::everyday::{
    DIALS, DIALS_WATER, ROUND_MOSAIC, SQUARE_DIVERGENT, SQUARE_STILL, THIN, WIDE_100, WIDE_1000,
};
use crate::instructions::Instructions;
use crate::measure::{Cost, Measured};
use crate::rows::{GAUSS, GAUSS_NOTHING, HARDER, MEMORY, ROTATION, SCALE, START_UP, SUPERVISOR};
use crate::sides::{C, C_FAST_MATH, EXACT, FAST, REFERENCE};

/// Largest peak memory, in output arrays.
const MEMORY_LIMIT: f64 = 1.5;
/// Bytes per pixel that the memory row writes: a float and an integer.
pub const OUTPUT_BYTES: f64 = 6.0;

/// Everyday rows: what must be, and what is aimed at, in times the yardstick.
const EVERYDAY: [(&str, f64, f64); 8] = [
    (WIDE_1000, 100.0, 200.0),
    (WIDE_100, 60.0, 120.0),
    (DIALS, 18.0, 30.0),
    (DIALS_WATER, 18.0, 30.0),
    (SQUARE_STILL, 12.0, 15.0),
    (SQUARE_DIVERGENT, 20.0, 26.0),
    (ROUND_MOSAIC, 14.0, 18.0),
    (THIN, 128.0, 250.0),
];

/// One line of the goals table.
#[derive(serde::Serialize)]
pub struct Goal {
    pub what: String,
    pub must: f64,
    pub aim: Option<f64>,
    /// What the figures count: `x` (times the other side), or a unit.
    pub unit: &'static str,
    pub measured: Option<f64>,
    /// `aim`, `must`, `missed`, or `not run`.
    pub outcome: &'static str,
    /// The two sides, or why there is no figure.
    pub note: String,
}

/// A figure with its two sides in words, or why there is none.
type Figure = Result<(f64, String), String>;

impl Goal {
    fn new(
        what: impl Into<String>,
        unit: &'static str,
        (must, aim): (f64, Option<f64>),
        figure: Figure,
    ) -> Self {
        // Times another side: the more the better. Everything else: the less.
        let reached = |value: f64, goal: f64| if unit == "x" { value >= goal } else { value <= goal };
        let (measured, note, outcome) = match figure {
            Err(why) => (None, why, "not run"),
            Ok((value, note)) => {
                let outcome = match aim {
                    Some(aim) if reached(value, aim) => "aim",
                    _ if must.is_finite() && reached(value, must) => "must",
                    _ => "missed",
                };
                (Some(value), note, outcome)
            }
        };
        Self { what: what.into(), must, aim, unit, measured, outcome, note }
    }
}

/// What of a cost is compared.
#[derive(Clone, Copy)]
enum Of {
    Cpu,
    Wall,
}

impl Of {
    fn pick(self, cost: &Cost) -> f64 {
        match self {
            Self::Cpu => cost.cpu(),
            Self::Wall => cost.wall_s,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Cpu => "CPU",
            Self::Wall => "wall",
        }
    }
}

/// The measured rows, and which stands for the full-size command.
struct Table<'a> {
    rows: &'a [Measured],
    full: &'static str,
    /// The yardstick's name.
    yardstick: &'static str,
}

impl<'a> Table<'a> {
    fn find(&self, name: &str, threads: usize) -> Result<&'a Measured, String> {
        let found = self.rows.iter().find(|row| row.name == name && row.threads == threads);
        found.ok_or_else(|| format!("row `{name}` with {threads} thread(s) not run"))
    }

    fn cost(&self, name: &str, threads: usize, side: &str) -> Result<&'a Cost, String> {
        self.find(name, threads)?.of(side).ok_or_else(|| format!("{side} not run on row `{name}`"))
    }

    /// How many times faster `side` is than `other`.
    fn ratio(&self, name: &str, threads: usize, of: Of, (other, side): (&str, &str)) -> Figure {
        let theirs = of.pick(self.cost(name, threads, other)?);
        let ours = of.pick(self.cost(name, threads, side)?);
        let comparison =
            format!("{name}, {threads} thread(s), {}: {other} {theirs:.4} s, {side} {ours:.4} s", of.word());
        Ok((theirs / ours, comparison))
    }
}

/// The whole table, in the order in which the goals were set.
pub fn all(rows: &[Measured], instructions: &Instructions) -> Vec<Goal> {
    let there = |name: &str| rows.iter().any(|row| row.name == name);
    let with_c = rows.iter().any(|row| row.of(C).is_some());
    let full = if there(SUPERVISOR) { SUPERVISOR } else { ROTATION };
    let t = Table { rows, full, yardstick: if with_c { C } else { REFERENCE } };
    let mut goals = of_the_full_size_command(&t);
    for (side, must, aim) in [(EXACT, 60.0, 50.0), (FAST, 38.0, 32.0)] {
        let note = "callgrind, two sizes of the row `rotation`, difference".to_owned();
        let figure = instructions.of(side).map(|count| (count, note));
        goals.push(Goal::new(
            format!("{side}: instructions per step"),
            "instructions",
            (must, Some(aim)),
            figure,
        ));
    }
    of_other_commands(&t, &mut goals);
    goals
}

fn of_other_commands(t: &Table<'_>, goals: &mut Vec<Goal>) {
    let pair = (t.yardstick, EXACT);
    goals.push(Goal::new(
        "gauss, case g, whole process",
        "x",
        (30.0, Some(400.0)),
        t.ratio(GAUSS, 1, Of::Cpu, pair),
    ));
    goals.push(Goal::new("gauss, case g, render only", "x", (30.0, Some(400.0)), render_only(t)));
    for name in HARDER {
        goals.push(Goal::new(
            format!("exact: {name}"),
            "x",
            (5.0, Some(15.0)),
            t.ratio(name, 1, Of::Cpu, pair),
        ));
    }
    for (name, must, aim) in EVERYDAY {
        let figure = t.ratio(name, 1, Of::Cpu, pair);
        goals.push(Goal::new(format!("exact: {name}"), "x", (must, Some(aim)), figure));
    }
    for (name, ..) in EVERYDAY {
        let figure = t.ratio(name, 1, Of::Cpu, (EXACT, FAST));
        // Equal within the resolution of the clock.
        goals.push(Goal::new(format!("fast, not slower than exact: {name}"), "x", (0.97, None), figure));
    }
    let start = t.ratio(START_UP, 1, Of::Wall, pair);
    goals.push(Goal::new("64 x 64, start to exit, not slower than the yardstick", "x", (1.0, None), start));
    let milliseconds = t.find(START_UP, 1).and_then(|row| {
        let wall = t.cost(START_UP, 1, EXACT)?.wall_s;
        Ok((1e3 * wall / f64::from(row.runs), format!("wall, {} runs", row.runs)))
    });
    goals.push(Goal::new(
        "64 x 64, start to exit (aim only)",
        "ms",
        (f64::INFINITY, Some(2.0)),
        milliseconds,
    ));
    goals.push(Goal::new(
        "peak memory, 4096 x 4096, 10 phi steps",
        "output arrays",
        (MEMORY_LIMIT, None),
        memory(t, MEMORY),
    ));
    goals.push(Goal::new(
        "peak memory, 4096 x 4096, 1,000 orientations, 100 sources",
        "output arrays",
        (MEMORY_LIMIT, None),
        memory(t, SCALE),
    ));
}

fn of_the_full_size_command(t: &Table<'_>) -> Vec<Goal> {
    let y = t.yardstick;
    // Being faster than oneself is no goal.
    let reference = if y == C {
        t.ratio(t.full, 1, Of::Cpu, (C, REFERENCE))
    } else {
        Err("no C program here".to_owned())
    };
    let scaling = t.cost(t.full, 1, EXACT).and_then(|one| {
        let two = t.cost(t.full, 2, EXACT)?;
        let comparison =
            format!("{}, wall: 1 thread {:.4} s, 2 threads {:.4} s", t.full, one.wall_s, two.wall_s);
        Ok((one.wall_s / two.wall_s, comparison))
    });
    let goal =
        |what: &str, must: f64, aim: f64, figure: Figure| Goal::new(what, "x", (must, Some(aim)), figure);
    vec![
        goal("reference: 1 thread, CPU", 1.3, 2.0, reference),
        goal("exact: 1 thread, CPU", 20.0, 30.0, t.ratio(t.full, 1, Of::Cpu, (y, EXACT))),
        goal("exact: 2 threads, wall", 18.0, 28.0, t.ratio(t.full, 2, Of::Wall, (y, EXACT))),
        goal(
            "exact against the fast-math C build",
            18.0,
            27.0,
            t.ratio(t.full, 1, Of::Cpu, (C_FAST_MATH, EXACT)),
        ),
        goal("fast f64: 1 thread, CPU", 32.0, 45.0, t.ratio(t.full, 1, Of::Cpu, (y, FAST))),
        goal("exact: from 1 to 2 threads, wall", 1.8, 1.95, scaling),
    ]
}

/// The same command with a single pixel to render costs what is not rendering.
fn render_only(t: &Table<'_>) -> Figure {
    let less = |side: &str| -> Result<f64, String> {
        Ok(t.cost(GAUSS, 1, side)?.cpu() - t.cost(GAUSS_NOTHING, 1, side)?.cpu())
    };
    let (theirs, ours) = (less(t.yardstick)?, less(EXACT)?);
    if ours <= 0.0 {
        return Err("below the clock's tick".to_owned());
    }
    Ok((
        theirs / ours,
        format!("CPU less that of the same run of one pixel: {theirs:.4} s, exact {ours:.4} s"),
    ))
}

fn memory(t: &Table<'_>, name: &str) -> Figure {
    let row = t.find(name, 1)?;
    let peak = t.cost(name, 1, EXACT)?.peak_bytes;
    let output = row.pixels * OUTPUT_BYTES;
    let mib = |bytes: f64| bytes / 1024.0 / 1024.0;
    let comparison =
        format!("peak {:.1} MiB, float and integer image {:.1} MiB, no reflections", mib(peak), mib(output));
    Ok((peak / output, comparison))
}
