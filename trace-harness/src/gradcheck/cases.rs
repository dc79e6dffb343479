//! Experiments that derivatives are checked on: small regions, each with something of its own, or the user's.
//!
//! Not here: what is checked.

use std::ffi::OsString;
use std::path::Path;

use nanobragg::Pixel;
use nanobragg::builder::experiment;
use nanobragg::console::Console;
use nanobragg::defects::Defects;
use nanobragg::error::{Error, InputError, UsageError};
use nanobragg::input::grid::ReflectionGrid;
use nanobragg::loading;
use nanobragg::model::experiment::Experiment;
use nanobragg::model::parameter::Parameter;
use nanobragg::physics::vec3::Vec3;
use serde::Deserialize;

use crate::evidence::failure::Failure;
use crate::evidence::given;
use crate::evidence::process::Temporary;

/// Flags that every case begins with; later ones win.
const COMMON: &str = "-cell 40 50 60 80 95 100 -default_F 50 -lambda 1 -distance 80 -detpixels 200 -pixel 0.4 \
                      -misset 10 20 30 -seed 1 -oversample 1";

/// Names and what is special about each.
const CASES: &[(&str, &str)] = &[
    ("cubic", "-cell 50 50 50 90 90 90 -N 8 -roi 60 75 90 99"),
    ("triclinic", "-N 9 -roi 60 75 90 99"),
    (
        "tilted",
        "-N 7 -xds -detector_rotx 5 -detector_roty -7 -detector_rotz 11 -twotheta 20 -roi 60 75 90 99",
    ),
    ("mosaic", "-N 6 -phi 10 -osc 1 -phisteps 2 -mosaic 0.5 -mosaic_dom 4 -roi 60 75 90 95"),
    ("phi 0", "-N 7 -phi 0 -osc 0.5 -phisteps 2 -roi 60 71 90 95"),
    ("phi 45", "-N 7 -phi 45 -osc 0.5 -phisteps 2 -roi 60 71 90 95"),
    ("phi 90", "-N 7 -phi 90 -osc 0.5 -phisteps 2 -roi 60 71 90 95"),
    ("phi 180", "-N 7 -phi 180 -osc 0.5 -phisteps 2 -roi 60 71 90 95"),
    ("triclinic, acute", "-cell 45 52 61 65 71 78 -N 7 -roi 60 71 90 95"),
    ("triclinic, obtuse", "-cell 45 52 61 110 105 115 -N 7 -roi 60 71 90 95"),
    ("triclinic, near-cubic", "-cell 50 50.1 49.9 90.1 89.9 90.05 -N 7 -roi 60 71 90 95"),
    ("tilted about the beam", "-N 7 -detector_rotx 5 -detector_roty -7 -detector_rotz 3 -roi 60 71 90 95"),
    ("round", "-N 6 -round_xtal -roi 60 71 90 99"),
    ("gauss", "-N 6 -gauss_xtal -fudge 3 -roi 60 71 90 99"),
    ("polarised, sub-pixels", "-N 6 -polar 0.8 -oversample 2 -roi 60 67 90 95"),
    ("sources", "-N 6 -dispersion 2 -dispsteps 3 -hdivrange 2 -hdivsteps 2 -polar 0.5 -roi 60 67 90 95"),
    ("thick sensor", "-N 6 -detector_abs 300 -detector_thick 400 -detector_thicksteps 3 -roi 60 67 90 95"),
    ("curved", "-N 6 -curved_det -roi 60 67 90 95"),
    ("resolution limit", "-N 6 -dmin 6 -polar 0.7 -roi 75 90 97 99"),
];

/// What single reflections are checked on: a list made up here.
const REFLECTIONS: (&str, &str) = ("single reflections", "-N 6 -roi 60 75 90 99");

/// The same list, between whose reflections is interpolated.
const INTERPOLATED: (&str, &str) = ("interpolated", "-N 5 -interpolate -roi 70 73 92 95");

/// Pixels beyond this take too long for numerical differentiation of every one.
const MOST_PIXELS: usize = 1 << 14;

/// An experiment to check.
#[derive(Debug, Clone)]
pub struct GradientCase {
    /// Its name.
    pub name: String,
    /// Flags of `nanobragg`.
    pub flags: Vec<String>,
    /// Where structure factors come from.
    pub list: FactorSource,
    /// Parameters to check where all are requested, if not all.
    pub parameters: Option<String>,
}

/// Where the structure factors of a case come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FactorSource {
    /// From its flags.
    Own,
    /// From a list made up here.
    MadeUp,
    /// The same, with the lit reflections as parameters.
    Reflections,
}

/// A file of cases.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GradientCaseFile {
    case: Vec<CaseEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseEntry {
    name: String,
    flags: Flags,
    params: Option<String>,
}

/// One text with blanks between words, or the words.
#[derive(Deserialize)]
#[serde(untagged, expecting = "`flags` is neither a text nor a list of texts")]
enum Flags {
    Text(String),
    Words(Vec<String>),
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

impl GradientCase {
    /// The cases that are brought along.
    pub fn brought_along() -> Vec<Self> {
        let of = |(name, flags): &(&str, &str), list| Self {
            name: (*name).to_owned(),
            flags: words(COMMON).into_iter().chain(words(flags)).collect(),
            list,
            parameters: None,
        };
        let own = CASES.iter().map(|case| of(case, FactorSource::Own));
        own.chain([of(&INTERPOLATED, FactorSource::MadeUp), of(&REFLECTIONS, FactorSource::Reflections)])
            .collect()
    }

    /// The user's own, from the flags of a run.
    pub fn of_command(flags: &[String]) -> Self {
        Self {
            name: "command line".to_owned(),
            flags: flags.to_vec(),
            list: FactorSource::Own,
            parameters: None,
        }
    }

    /// The user's own, from a file in TOML: `[[case]]` with `name`, `flags` and perhaps `params`.
    ///
    /// # Errors
    /// The file cannot be read, or is something else.
    pub fn read(path: &Path) -> Result<Vec<Self>, Failure> {
        let expected = "[[case]] with `name`, `flags` (a text, or a list of words) and, if not all, `params`";
        let text = given::text(path).map_err(|e| InputError::io(path, expected, &e))?;
        let file: GradientCaseFile = toml::from_str(&text).map_err(|e| {
            let problem = format!("`{}`: is no list of cases: {}", path.display(), e.to_string().trim());
            UsageError::new(problem, expected)
        })?;
        let case = |entry: CaseEntry| Self {
            name: entry.name,
            flags: match entry.flags {
                Flags::Text(text) => words(&text),
                Flags::Words(words) => words,
            },
            list: FactorSource::Own,
            parameters: entry.params,
        };
        Ok(file.case.into_iter().map(case).collect())
    }

    /// The command line, for the report.
    pub fn command_line(&self) -> String {
        format!("nanobragg {}", self.flags.join(" "))
    }

    /// The experiment.
    ///
    /// # Errors
    /// Flags that cannot be understood, files that cannot be read, more pixels than can be checked.
    pub fn experiment(&self) -> Result<Experiment, Failure> {
        let named =
            |e: UsageError| UsageError { problem: format!("case `{}`: {}", self.name, e.problem), ..e };
        let e = self.load().map_err(|e| match e {
            Error::Usage(e) => Failure::from(named(e)),
            Error::Input(e) => e.into(),
            other => {
                let hint = other.hint().to_owned();
                named(UsageError { hint, ..UsageError::new(other.to_string(), "something to render") }).into()
            }
        })?;
        let (columns, rows) = e.window();
        let pixels = columns.len() * rows.len();
        if pixels == 0 || pixels > MOST_PIXELS {
            let problem = format!("a region of `{}` x `{}` pixels", columns.len(), rows.len());
            let expected = format!("1 to {MOST_PIXELS} pixels, each of which is differentiated numerically");
            return Err(named(UsageError::new(problem, expected).hint("a smaller -roi")).into());
        }
        Ok(e)
    }

    /// The experiment, however large its region is.
    ///
    /// # Errors
    /// Flags that cannot be understood, files that cannot be read.
    pub fn load(&self) -> Result<Experiment, Error> {
        if self.list != FactorSource::Own {
            let list = made_up_list()?;
            return Ok(experiment(&self.flags.join(" "), Some(list))?);
        }
        // A run's cache of reflections is neither read nor left behind.
        let cache = Temporary::new();
        let cache =
            cache.map_err(|e| UsageError::new(format!("no temporary folder: {e}"), "room for one"))?;
        let args: Vec<OsString> = self.flags.iter().map(OsString::from).collect();
        let console = Console::standard();
        loading::experiment_of(&args, cache.path().join("cache"), Defects::with(&[]), &|text| {
            console.warn(text);
        })
    }

    /// What to check: what was requested, or else what the case is there for.
    ///
    /// # Errors
    /// Unknown parameters.
    pub fn parameters(&self, e: &Experiment, requested: &str) -> Result<Vec<Parameter>, UsageError> {
        match (requested, self.list == FactorSource::Reflections, &self.parameters) {
            ("all", true, _) => Ok(lit_reflections(e)),
            // Its pixels cross from one reflection to the next.
            (_, true, _) => Ok(Parameter::list(requested)?.into_iter().filter(is_reflection).collect()),
            ("all", false, Some(own)) => Parameter::list(own),
            _ => Parameter::list(requested),
        }
    }
}

const fn is_reflection(parameter: &Parameter) -> bool {
    matches!(parameter, Parameter::Reflection(_))
}

/// Amplitudes without a pattern.
fn made_up_list() -> Result<ReflectionGrid, UsageError> {
    ReflectionGrid::from_fn([(-60, 60), (-60, 60), (-70, 70)], |i| 10.0 + (i * 7919 % 101) as f64)
        .map_err(|e| UsageError::new(e.to_string(), "room for a list of reflections"))
}

/// The reflections nearest to the corners and the middle of the region.
fn lit_reflections(e: &Experiment) -> Vec<Parameter> {
    let (columns, rows) = e.window();
    let (last_column, last_row) = (columns.end - 1, rows.end - 1);
    let middle = Pixel { slow: (rows.start + rows.end) / 2, fast: (columns.start + columns.end) / 2 };
    let mut lit = Vec::new();
    let corners = [rows.start, last_row]
        .into_iter()
        .flat_map(|slow| [columns.start, last_column].map(|fast| Pixel { slow, fast }));
    for pixel in corners.chain([middle]) {
        let reflection = Parameter::Reflection(nearest(e, pixel));
        if !lit.contains(&reflection) {
            lit.push(reflection);
        }
    }
    lit
}

/// Indices nearest to a pixel of a still.
fn nearest(e: &Experiment, pixel: Pixel) -> [i32; 3] {
    let (d, source) = (e.detector(), e.sources()[0]);
    let [f, s] = [pixel.fast, pixel.slow].map(|n| (n as f64 + 0.5) * e.pixel_size());
    let at = |axis: fn(&Vec3) -> f64| axis(&d.origin) + f * axis(&d.fast) + s * axis(&d.slow);
    let position = Vec3::new(at(|v| v.x), at(|v| v.y), at(|v| v.z));
    // The source's direction is where the light comes from.
    let scattering = (position.unitized().0 - -source.direction).scaled(1.0 / source.wavelength);
    e.domains()[0].map(|axis| axis.dot(scattering).round() as i32)
}
