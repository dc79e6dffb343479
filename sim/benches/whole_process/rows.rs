//! The command lines that are timed.
//! Not here: timing them.

use std::process::Command;

use crate::everyday::{self, SMALL_CELL};
use crate::settings::{LIST_ROWS, Settings};
use crate::sides::{C_FAST_MATH, EXACT};
use crate::support::golden::Golden;
use crate::support::workplace::{arguments_of, missing_inputs};

/// One command line to time.
pub struct Row {
    pub name: String,
    /// `goals`, `grid`, `everyday` or `growth`.
    pub set: &'static str,
    pub args: Vec<String>,
    /// Runs whose sum counts as one measurement: short ones are below the clock's tick.
    pub runs: u32,
    pub threads: &'static [usize],
    /// The only side to run, if not all.
    pub only: Option<&'static str>,
    /// The reflection list of this benchmark that lies in the folder of the run.
    pub reflections: Option<&'static str>,
}

impl Row {
    /// Whether instructions are counted, which takes some fifty times as long as a run.
    pub fn is_counted(&self) -> bool {
        self.set != "grid" && ![MEMORY, SCALE].contains(&self.name.as_str())
    }

    /// Whether a side is run.
    pub fn has(&self, side: &str) -> bool {
        // The second C build is there for one goal, on the full-size command.
        let wanted = side != C_FAST_MATH || [SUPERVISOR, ROTATION].contains(&self.name.as_str());
        wanted && self.only.is_none_or(|only| only == side)
    }
}

pub const SUPERVISOR: &str = "supervisor";
pub const ROTATION: &str = "rotation";
pub const START_UP: &str = "start-up 64";
pub const MEMORY: &str = "memory 4096";
pub const SCALE: &str = "4096, 1000 orientations, 100 sources";
pub const GAUSS: &str = "case g, gauss";
pub const GAUSS_NOTHING: &str = "case g, one pixel";
pub const SIZE_CUBIC: &str = "size cubic";
pub const SIZE_TRICLINIC: &str = "size triclinic";
/// Rows of the goal that each of these is a multiple of the yardstick.
pub const HARDER: [&str; 5] = ["oversampled", "thick", "curved", "tricubic", "round"];

/// Names of reflection lists in the folder of a run.
pub const REFLECTIONS: &str = "synthetic.hkl";
pub const PROTEIN: &str = "protein.hkl";

const OUTPUT: &str = "-floatfile float.bin -intfile int.img -nonoise -nopgm -noprogress -seed 1";
const CUBIC: &str =
    "-default_F 100 -cell 100 100 100 90 90 90 -lambda 6.2 -N 5 -distance 100 -pixel 0.1 -oversample 1";
const TRICLINIC: &str = "-default_F 100 -cell 70 80 90 75 85 95 -misset 10 20 30 -lambda 1 -N 10 -distance 100 \
                         -pixel 0.1 -oversample 1 -nointerpolate";
/// Case (g) of the goals: a small cell, 100 domains.
const CASE_G: &str = "-default_F 100 -cell 79 79 38 90 90 90 -lambda 1 -N 30 -mosaic 0.5 -mosaic_dom 100 -gauss_xtal \
                      -distance 100 -pixel 0.1 -detpixels 1024 -oversample 1";
/// Like the full-size command, with made-up reflections.
pub const LIKE_SUPERVISOR: &str = "-cell 79 79 38 90 90 90 -misset 10 20 30 -lambda 0.9768 -Na 36 -Nb 47 -Nc 29 -distance 231.27 -pixel \
                                   0.172 -phi 0 -osc 0.1 -phisteps 10 -oversample 1 -nointerpolate -hkl synthetic.hkl";

/// Name, threads, base, further words.
type Line<'a> = (&'static str, &'static [usize], &'a str, &'static str);

const GOALS: &[Line<'static>] = &[
    (START_UP, &[1], CUBIC, "-detpixels 64"),
    (ROTATION, &[1, 2], LIKE_SUPERVISOR, "-detpixels 1024"),
    (GAUSS, &[1], CASE_G, ""),
    (GAUSS_NOTHING, &[1], CASE_G, "-roi 0 0 0 0"),
    ("oversampled", &[1], TRICLINIC, "-detpixels 512 -oversample 3"),
    ("thick", &[1], TRICLINIC, "-detpixels 512 -detector_abs 500 -detector_thick 450 -thicksteps 5"),
    ("curved", &[1], TRICLINIC, "-detpixels 512 -curved_det -phi 0 -osc 1 -phisteps 5"),
    ("tricubic", &[1], CUBIC, "-detpixels 512 -interpolate -hkl synthetic.hkl -phi 0 -osc 1 -phisteps 5"),
    ("round", &[1], TRICLINIC, "-detpixels 512 -round_xtal -phi 0 -osc 1 -phisteps 5"),
    (MEMORY, &[1], CUBIC, "-detpixels 4096 -phi 0 -osc 1 -phisteps 10"),
];

const GRID: &[Line<'static>] = &[
    ("size cubic 128", &[1, 2], CUBIC, "-detpixels 128"),
    ("size cubic 256", &[1, 2], CUBIC, "-detpixels 256"),
    ("size cubic 512", &[1, 2], CUBIC, "-detpixels 512"),
    ("size cubic 1024", &[1, 2], CUBIC, "-detpixels 1024"),
    ("size cubic 2048", &[1, 2], CUBIC, "-detpixels 2048"),
    ("size cubic 4096", &[1, 2], CUBIC, "-detpixels 4096"),
    ("size triclinic 128", &[1], TRICLINIC, "-detpixels 128"),
    ("size triclinic 256", &[1], TRICLINIC, "-detpixels 256"),
    ("size triclinic 512", &[1], TRICLINIC, "-detpixels 512"),
    ("size triclinic 1024", &[1], TRICLINIC, "-detpixels 1024"),
    ("size triclinic 2048", &[1], TRICLINIC, "-detpixels 2048"),
    ("size triclinic 4096", &[1], TRICLINIC, "-detpixels 4096"),
    ("N 1", &[1], TRICLINIC, "-detpixels 512 -N 1"),
    ("N 2", &[1], TRICLINIC, "-detpixels 512 -N 2"),
    ("N 5", &[1], TRICLINIC, "-detpixels 512 -N 5"),
    ("N 20", &[1], TRICLINIC, "-detpixels 512 -N 20"),
    ("oversample 2", &[1], TRICLINIC, "-detpixels 512 -oversample 2"),
    ("oversample 4", &[1, 2], TRICLINIC, "-detpixels 512 -oversample 4"),
    ("wavelength 0.7", &[1], TRICLINIC, "-detpixels 512 -lambda 0.7"),
    ("wavelength 1.5", &[1], TRICLINIC, "-detpixels 512 -lambda 1.5"),
    ("wavelengths 5", &[1], TRICLINIC, "-detpixels 512 -dispersion 1 -dispsteps 5"),
    ("mosaic 10", &[1], TRICLINIC, "-detpixels 512 -mosaic 0.5 -mosaic_dom 10"),
    ("mosaic 25", &[1, 2], TRICLINIC, "-detpixels 512 -mosaic 0.5 -mosaic_dom 25"),
    ("shape square", &[1], TRICLINIC, "-detpixels 512 -square_xtal -phi 0 -osc 1 -phisteps 10"),
    ("shape round", &[1], TRICLINIC, "-detpixels 512 -round_xtal -phi 0 -osc 1 -phisteps 10"),
    ("shape gauss", &[1], TRICLINIC, "-detpixels 512 -gauss_xtal -phi 0 -osc 1 -phisteps 10"),
    ("shape tophat", &[1], TRICLINIC, "-detpixels 512 -tophat_spots -phi 0 -osc 1 -phisteps 10"),
];

/// The set in which there is more and more of something.
pub const GROWTH_SET: &str = "growth";

/// What grows: its name, the command, and what it is 1, 2, 4 and 8 times of.
const GROWTH: &[(&str, &str, [&str; 4])] = &[
    (
        "gauss, orientations",
        "-detpixels 512 -N 12 -gauss_xtal -mosaic 0.3 -phi 0 -osc 1 -phisteps 10 -oversample 1",
        ["-mosaic_dom 25", "-mosaic_dom 50", "-mosaic_dom 100", "-mosaic_dom 200"],
    ),
    (
        "gauss, sources",
        "-detpixels 512 -N 12 -gauss_xtal -mosaic 0.3 -mosaic_dom 25 -dispersion 2 -oversample 1",
        ["-dispsteps 5", "-dispsteps 10", "-dispsteps 20", "-dispsteps 40"],
    ),
    (
        "gauss, pixels",
        "-detsize 102.4 -N 12 -gauss_xtal -mosaic 0.3 -mosaic_dom 50 -oversample 1",
        ["-detpixels 1024", "-detpixels 1448", "-detpixels 2048", "-detpixels 2896"],
    ),
    (
        "gauss, cells along each axis",
        "-detpixels 1024 -gauss_xtal -mosaic 0.3 -mosaic_dom 50 -oversample 1",
        ["-N 6", "-N 12", "-N 24", "-N 48"],
    ),
    (
        "square, orientations",
        "-detpixels 256 -pixel 0.4 -N 12 -mosaic 0.3 -oversample 1",
        ["-mosaic_dom 25", "-mosaic_dom 50", "-mosaic_dom 100", "-mosaic_dom 200"],
    ),
    (
        "square, sources",
        "-detpixels 256 -pixel 0.4 -N 12 -dispersion 2 -oversample 1",
        ["-dispsteps 5", "-dispsteps 10", "-dispsteps 20", "-dispsteps 40"],
    ),
    (
        "square, pixels",
        "-detsize 102.4 -N 12 -mosaic 0.3 -mosaic_dom 5 -oversample 1",
        ["-detpixels 512", "-detpixels 724", "-detpixels 1024", "-detpixels 1448"],
    ),
    (
        "square, cells along each axis",
        "-detpixels 512 -pixel 0.2 -mosaic 0.3 -mosaic_dom 5 -oversample 1",
        ["-N 6", "-N 12", "-N 24", "-N 48"],
    ),
];

/// Much of everything, for memory.
const SCALE_WORDS: &str = "-detpixels 4096 -N 12 -gauss_xtal -mosaic 0.3 -mosaic_dom 100 -phi 0 -osc 1 -phisteps 10 \
                           -dispersion 2 -dispsteps 100 -oversample 1";

fn growth(small_cell: &str) -> Vec<Row> {
    let one = |name: String, more: &str| Row {
        name,
        set: GROWTH_SET,
        args: command_line(small_cell, more),
        runs: 1,
        threads: &[1],
        only: Some(EXACT),
        reflections: Some(PROTEIN),
    };
    let mut rows = vec![];
    for (what, command, sizes) in GROWTH {
        let sizes = sizes.iter().zip([1, 2, 4, 8]);
        rows.extend(
            sizes.map(|(size, times)| one(format!("{what} x {times}"), &format!("{command} {size}"))),
        );
    }
    rows.push(one(SCALE.to_owned(), SCALE_WORDS));
    rows
}

/// Words of a command line, with what every row writes.
pub fn command_line(base: &str, more: &str) -> Vec<String> {
    [base, more, OUTPUT].join(" ").split_whitespace().map(str::to_owned).collect()
}

fn row(set: &'static str, line: &Line<'_>) -> Row {
    let (name, threads, base, more) = *line;
    let args = command_line(base, more);
    Row {
        name: name.to_owned(),
        set,
        runs: if name == START_UP { 20 } else { 1 },
        threads,
        only: (name == MEMORY).then_some(EXACT),
        reflections: [REFLECTIONS, PROTEIN].into_iter().find(|list| args.iter().any(|word| word == list)),
        args,
    }
}

/// The requested rows.
pub fn all(settings: &Settings) -> Result<Vec<Row>, String> {
    let mut rows: Vec<Row> = from_golden()?;
    rows.extend(GOALS.iter().map(|line| row("goals", line)));
    rows.extend(GRID.iter().map(|line| row("grid", line)));
    let small_cell = format!("-hkl {PROTEIN} {SMALL_CELL}");
    rows.extend(
        everyday::ROWS.iter().map(|(name, more)| row("everyday", &(*name, &[1, 2], &small_cell, *more))),
    );
    rows.extend(growth(&small_cell));
    rows.retain(|row| {
        row.name.contains(&settings.row)
            && settings.sets.iter().any(|set| ["all", row.set].contains(&set.as_str()))
    });
    if rows.is_empty() {
        return Err(format!("no row of `{}` contains `{}`", settings.sets.join(","), settings.row));
    }
    Ok(rows)
}

/// Rows whose command lines the golden data know. Reading those takes more memory than the programs do, and on Linux a
/// child's peak starts from its parent's: so a second process reads them and says what it found.
fn from_golden() -> Result<Vec<Row>, String> {
    let this = std::env::current_exe().map_err(|e| format!("cannot find this program: {e}"))?;
    let output =
        Command::new(this).arg(LIST_ROWS).output().map_err(|e| format!("cannot start again: {e}"))?;
    if !output.status.success() {
        return Err(format!("cannot list rows: {}", String::from_utf8_lossy(&output.stderr)));
    }
    let mut rows = vec![];
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let Some((name, args)) = line.split_once('\t') else {
            println!("{line}");
            continue;
        };
        rows.push(Row {
            name: name.to_owned(),
            set: "goals",
            args: args.split('\t').map(str::to_owned).collect(),
            runs: 1,
            threads: &[1, 2],
            only: None,
            reflections: None,
        });
    }
    Ok(rows)
}

/// One line per row: its name and its arguments with tabs between; or a sentence about a row that is not there.
pub fn list() {
    let golden = Golden::load();
    for (name, id) in [("simple_cubic", "AT-PARALLEL-012/simple_cubic"), (SUPERVISOR, "supervisor/full")] {
        let case = golden.case(id);
        match missing_inputs(case) {
            Some(reason) => println!("row `{name}` not run: {reason}"),
            None => println!("{name}\t{}", arguments_of(case).join("\t")),
        }
    }
}

/// The made-up list of reflections of this name.
pub fn reflections(name: &str) -> String {
    if name == PROTEIN { protein() } else { smooth() }
}

/// A smooth list that covers what the rows reach.
fn smooth() -> String {
    let mut text = String::new();
    for h in -24_i32..=24 {
        for k in -24_i32..=24 {
            for l in -12_i32..=12 {
                let f = 100.0 + 40.0 * (0.3 * f64::from(h)).sin() * (0.2 * f64::from(k)).cos() + f64::from(l);
                text.push_str(&format!("{h} {k} {l} {f:.2}\n"));
            }
        }
    }
    text
}

/// The list of the small protein.
fn protein() -> String {
    everyday::reflections().iter().map(|([h, k, l], f)| format!("{h} {k} {l} {f:.2}\n")).collect()
}
