//! `nanobragg refine`: stages from coarse to fine, a line per step, files of results.
//!
//! Not here: preparing the experiment (`run`), the optimisers (`solve`).

use super::options::RefineOptions;
use super::problem::{Problem, Stage};
use super::result::Refined;
use super::solve::{StepTaken, minimise};
use super::{plot, target};
use crate::cli::options::Options;
use crate::config::Config;
use crate::console::Console;
use crate::error::{Error, OutputError, UsageError};
use crate::model::experiment::Experiment;
use crate::model::parameter::Parameter;
use crate::output::atomic;
use std::path::{Path, PathBuf};

/// Lowering of the loss below which the last stage is at its end; a hundredth of what one standard deviation makes.
const TOLERANCE: f64 = 1e-5;

/// Share of the loss per pixel below which a blurred stage is at its end.
const COARSE_TOLERANCE: f64 = 1e-7;

/// Refines `e`, writes the files, and says whether the last stage ended by itself.
///
/// # Errors
/// A target that cannot be read, parameters without derivatives, a start outside its range, files that cannot be written.
pub(crate) fn refine(
    config: &Config,
    e: &Experiment,
    refine: &RefineOptions,
    options: &Options,
    console: &Console,
) -> Result<bool, Error> {
    let target = target::read(&refine.target, config, e)?;
    let shows_steps = !options.quiet && !options.json;
    let refined = stages(e, refine, options.threads, &target, shows_steps)?;
    let files = write(refine, &refined)?;
    if options.json {
        console.print(&format!("{}\n", refined.json(refine)));
    } else if shows_steps {
        console.print(&summary(refine, &refined, &files));
    }
    Ok(refined.converged())
}

fn stages(
    e: &Experiment,
    refine: &RefineOptions,
    threads: usize,
    target: &[f64],
    shows_steps: bool,
) -> Result<Refined, Error> {
    let parameters = &refine.parameters;
    let value = |parameter: &Parameter| {
        parameter.value(&e.basis.quantities).ok_or_else(|| {
            UsageError::new(
                format!("`{parameter}` cannot be refined: this experiment has none"),
                "another parameter",
            )
        })
    };
    let start: Vec<f64> = parameters.iter().map(value).collect::<Result<_, _>>()?;
    let ranges = ranges(refine, &start)?;
    let mut values = start.clone();
    let mut finished = Vec::new();
    let mut last = None;
    for sigma in &refine.blurs {
        let stage = Stage { sigma: *sigma, loss: refine.loss, background: refine.background, threads };
        let problem = Problem::new(e, parameters, target, stage);
        let first = problem.evaluate(&values)?;
        let tolerance = if *sigma > 0.0 { COARSE_TOLERANCE * first.loss } else { TOLERANCE };
        let how = (refine.method, refine.steps, tolerance);
        let solution =
            minimise(&problem, &values, &ranges, how, step_printer(*sigma, parameters, shows_steps))?;
        values.clone_from(&solution.values);
        last = Some(problem.evaluate(&values)?);
        finished.push((*sigma, solution));
    }
    let last = last.ok_or_else(|| UsageError::new("no stage", "at least one"))?;
    Ok(Refined { start, stages: finished, last })
}

/// Prints a line per step.
fn step_printer(sigma: f64, parameters: &[Parameter], shows_steps: bool) -> impl FnMut(usize, &StepTaken) {
    let names: Vec<String> = parameters.iter().map(ToString::to_string).collect();
    let console = Console::standard();
    move |number, step| {
        if shows_steps {
            let values: Vec<String> =
                names.iter().zip(&step.values).map(|(name, value)| format!("{name} {value:.6}")).collect();
            console.print(&format!(
                "blur {sigma:>4} step {number:>3} loss {:.8e}  {}\n",
                step.loss,
                values.join("  ")
            ));
        }
    }
}

/// The range of each parameter, which the start must be in.
fn ranges(refine: &RefineOptions, start: &[f64]) -> Result<Vec<[f64; 2]>, UsageError> {
    let mut ranges = Vec::new();
    for (parameter, start) in refine.parameters.iter().zip(start) {
        let bound = refine.bounds.iter().rev().find(|bound| bound.parameter == *parameter);
        let range = bound.map_or([f64::NEG_INFINITY, f64::INFINITY], |bound| bound.range);
        if !(range[0]..=range[1]).contains(start) {
            return Err(UsageError::new(
                format!("`{parameter}` starts at `{start}`, outside its range"),
                format!("{} to {}", range[0], range[1]),
            ));
        }
        ranges.push(range);
    }
    if let Some(bound) = refine.bounds.iter().find(|bound| !refine.parameters.contains(&bound.parameter)) {
        return Err(UsageError::new(
            format!("`--bound` names `{}`, which is not refined", bound.parameter),
            "one of the parameters of --params",
        ));
    }
    Ok(ranges)
}

/// The files that a refinement writes into `folder`: result, picture.
pub(crate) fn paths(folder: &Path) -> [PathBuf; 2] {
    ["refinement.json", "convergence.svg"].map(|name| folder.join(name))
}

fn write(refine: &RefineOptions, refined: &Refined) -> Result<[PathBuf; 2], Error> {
    let folder = &refine.out;
    std::fs::create_dir_all(folder).map_err(|source| OutputError { path: folder.clone(), source })?;
    let [result, picture] = paths(folder);
    let text = format!("{:#}\n", refined.json(refine));
    atomic::write(&result, |out| out.write_all(text.as_bytes()))?;
    let svg = plot::svg(refined, &refine.parameters);
    atomic::write(&picture, |out| out.write_all(svg.as_bytes()))?;
    Ok([result, picture])
}

fn summary(refine: &RefineOptions, refined: &Refined, files: &[PathBuf]) -> String {
    let errors = refined.errors();
    let mut text = format!(
        "{} after {} steps, loss {:.6e} over {} pixels\n",
        if refined.converged() { "converged" } else { "NOT converged" },
        refined.stages.iter().map(|(_, s)| s.steps.len().saturating_sub(1)).sum::<usize>(),
        refined.last.loss,
        refined.last.pixels
    );
    for (i, parameter) in refine.parameters.iter().enumerate() {
        let error = errors.as_ref().map_or("undetermined".to_owned(), |e| format!("{:.2e}", e[i]));
        text += &format!(
            "  {parameter:<16} {:>14.7} {} (error {error}; started at {:.7})\n",
            refined.values()[i],
            parameter.unit(),
            refined.start[i]
        );
    }
    for file in files {
        text += &format!("wrote {}\n", file.display());
    }
    text
}
