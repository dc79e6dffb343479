//! An experiment put together in code, quantity by quantity, for users of the library.
//!
//! Each call stands for a flag of the program and takes effect as that flag does, in the order of the calls: a builder holds the
//! same settings as a command line, so ranges, units, precedence and defaults are the flags' own. Not here: the calls themselves
//! (`calls`), what a flag means (`config`), reading files (`loading`).

mod calls;
mod error;

use std::ffi::OsString;

use crate::cli::flags::Id;
use crate::cli::parse::{Reading, Setting, parse};
use crate::config::notice::Notice;
use crate::config::resolve::{Surroundings, resolve};
use crate::defects::Defects;
use crate::input::grid::ReflectionGrid;
use crate::model::experiment::{Experiment, Inputs};

pub use error::BuildError;

/// The seconds since 1970 that stand in for the clock: an experiment made in code is the same at any time.
const TIME: i64 = 1;

/// A unit cell: lengths a, b, c in Å and angles α, β, γ in degrees.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct UnitCell([f64; 6]);

impl UnitCell {
    /// Lengths in Å, angles in degrees.
    pub const fn new(a: f64, b: f64, c: f64, alpha: f64, beta: f64, gamma: f64) -> Self {
        Self([a, b, c, alpha, beta, gamma])
    }
}

/// Where one incident ray comes from, and its wavelength.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RaySource {
    /// Position of the source as seen from the crystal; only its direction counts.
    pub position: [f64; 3],
    /// Wavelength in m; `None` for the beam's own.
    pub wavelength_metres: Option<f64>,
}

/// An [`Experiment`] in the making. What is not set has the program's default.
///
/// ```
/// use nanobragg::prelude::*;
///
/// let experiment = ExperimentBuilder::new()
///     .cell(UnitCell::new(70.0, 80.0, 90.0, 90.0, 90.0, 90.0))
///     .cells(5, 5, 5)
///     .default_f(100.0)
///     .wavelength_angstroms(1.0)
///     .distance_mm(100.0)
///     .pixels(64, 64)
///     .build()?;
/// assert_eq!(render(&experiment, &RenderOptions::default())?.image.slow, 64);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// The first value out of range is what [`build`](Self::build) fails with.
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct ExperimentBuilder {
    settings: Vec<Setting>,
    defects: Defects,
    inputs: Inputs,
    error: Option<BuildError>,
}

/// The experiment that flags describe by themselves, with `reflections` if there are any. Flags are separated by blanks. No
/// file is read, and no clock: random numbers that have no seed are those of the same moment each time.
///
/// # Errors
/// As [`ExperimentBuilder::from_flags`] and [`ExperimentBuilder::build`].
pub fn experiment(flags: &str, reflections: Option<ReflectionGrid>) -> Result<Experiment, BuildError> {
    let builder = ExperimentBuilder::from_flags(flags)?;
    reflections.into_iter().fold(builder, ExperimentBuilder::structure_factors).build()
}

impl ExperimentBuilder {
    /// An experiment of which nothing is set yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// An experiment begun with flags of the program, separated by blanks.
    ///
    /// # Errors
    /// Flags that cannot be understood, and flags that name a file.
    pub fn from_flags(flags: &str) -> Result<Self, BuildError> {
        let args: Vec<OsString> = flags.split_whitespace().map(OsString::from).collect();
        let settings = parse(&args, Reading::Strict)?;
        if let Some(setting) = settings.iter().find(|setting| setting.id.flag().names_a_file()) {
            return Err(BuildError::NamesFile(setting.word.clone()));
        }
        Ok(Self { settings, ..Self::default() })
    }

    /// The experiment.
    ///
    /// # Errors
    /// The first value that was out of range, values that contradict each other, nothing to compute from, sampling so fine
    /// that its steps cannot be counted.
    pub fn build(self) -> Result<Experiment, BuildError> {
        self.build_with_warnings().map(|(experiment, _)| experiment)
    }

    /// The experiment, and what the program would warn about while it puts one together: values that override each other or have
    /// no effect, a sentence each.
    ///
    /// # Errors
    /// As [`Self::build`].
    pub fn build_with_warnings(self) -> Result<(Experiment, Vec<String>), BuildError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        let around = Surroundings { time: TIME, ..Surroundings::default() };
        let config = resolve(&self.settings, self.defects, &around)?;
        let from_matrix = self.inputs.matrix.is_some();
        if !from_matrix && config.crystal.cell.is_none() {
            return Err(BuildError::NoCell);
        }
        let listed = self.inputs.reflections.as_ref().is_some_and(|list| list.count() > 0);
        if !listed && config.crystal.default_f == 0.0 {
            return Err(BuildError::NoStructureFactors);
        }
        let experiment = Experiment::new(&config, self.inputs)?;
        for length in experiment.cell.lengths.into_iter().filter(|_| from_matrix) {
            check(Id::Cell, 0, length)?;
        }
        Ok((experiment, config.notices.iter().map(Notice::warning).collect()))
    }

    /// Adds a setting with these numbers, each in the unit of the flag.
    fn set(mut self, id: Id, values: &[f64]) -> Self {
        for (i, value) in values.iter().enumerate() {
            self = self.note(check(id, i, *value));
        }
        self.push(id, values.iter().map(|value| text(*value)).collect())
    }

    /// Adds a setting without numbers.
    fn switch(self, id: Id) -> Self {
        self.push(id, Vec::new())
    }

    fn push(mut self, id: Id, values: Vec<OsString>) -> Self {
        self.settings.push(Setting { id, word: id.flag().name().to_owned(), values });
        self
    }

    /// Keeps the first error.
    fn note(mut self, checked: Result<(), BuildError>) -> Self {
        self.error = self.error.or(checked.err());
        self
    }
}

/// A number so that reading it gives the same number: Rust writes as many digits as that needs.
fn text(value: f64) -> OsString {
    value.to_string().into()
}

fn check(id: Id, i: usize, value: f64) -> Result<(), BuildError> {
    let flag = id.flag();
    match flag.range(i) {
        Some(allowed) if !allowed.allows(value) => {
            Err(BuildError::OutOfRange { flag: flag.name(), value, allowed, unit: flag.unit_of(i) })
        }
        Some(_) | None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
