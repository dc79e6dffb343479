//! Reads the words of `nanobragg refine` that a plain run does not have.
//!
//! Not here: their table and the help (`cli`), the experiment's flags, which stay as they are.

use crate::cli::options::{REFINE_OPTIONS, is_option};
use crate::error::UsageError;
use crate::model::parameter::Parameter;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// What is minimised in the last stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum LossName {
    /// Negative logarithm of the Poisson likelihood.
    Poisson,
    /// Squares over the target's variance.
    LeastSquares,
}

/// Which optimiser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Method {
    /// Levenberg-Marquardt.
    LevenbergMarquardt,
    /// L-BFGS, projected on the ranges.
    LBfgs,
}

/// A parameter and the range it is kept in, in its own unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Bound {
    /// Which parameter.
    pub parameter: Parameter,
    /// Smallest and largest value.
    pub range: [f64; 2],
}

/// The options of a refinement.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RefineOptions {
    /// The image to fit.
    pub target: PathBuf,
    /// What to refine.
    pub parameters: Vec<Parameter>,
    /// Loss of the last stage.
    pub loss: LossName,
    /// Optimiser.
    pub method: Method,
    /// Blur of each stage, pixels; the last is 0.
    pub blurs: Vec<f64>,
    /// Steps of each stage at most.
    pub steps: u64,
    /// Ranges.
    pub bounds: Vec<Bound>,
    /// Photons per pixel that the model does not have.
    pub background: f64,
    /// Folder of the results.
    pub out: PathBuf,
}

/// Takes the options out of `args`; what is left is for a plain run's parser.
///
/// # Errors
/// A missing or unusable value; no target or no parameters.
pub(crate) fn split(args: &[OsString]) -> Result<(RefineOptions, Vec<OsString>), UsageError> {
    let (mut target, mut parameters) = (None, Vec::new());
    let mut options = RefineOptions {
        target: PathBuf::new(),
        parameters: Vec::new(),
        loss: LossName::Poisson,
        method: Method::LevenbergMarquardt,
        blurs: vec![6.0, 3.0, 1.5, 0.0],
        steps: 60,
        bounds: Vec::new(),
        background: 0.01,
        out: PathBuf::from("refinement"),
    };
    let mut rest = Vec::new();
    let mut remaining = args.iter();
    while let Some(word) = remaining.next() {
        let text = word.to_string_lossy();
        let (name, inline) = match text.split_once('=') {
            Some((name, value)) if name.starts_with("--") => (name, Some(OsString::from(value))),
            _ => (text.as_ref(), None),
        };
        if !is_own(OsStr::new(name)) {
            rest.push(word.clone());
            continue;
        }
        let value = inline.or_else(|| remaining.next().filter(|w| !is_option(w) && !is_own(w)).cloned());
        let value = value.filter(|value| !value.is_empty());
        let value = value.ok_or_else(|| {
            UsageError::new(format!("`{name}` needs a value"), "see nanobragg refine --help")
        })?;
        match name {
            "--target" => target = Some(PathBuf::from(value)),
            "--out" => options.out = PathBuf::from(value),
            "--params" => parameters = Parameter::list(&value.to_string_lossy())?,
            _ => options.take(name, &value.to_string_lossy())?,
        }
    }
    options.target = target.ok_or_else(|| {
        UsageError::new("`refine` needs an image to fit", "`--target IMAGE` (see nanobragg refine --help)")
    })?;
    if parameters.is_empty() {
        return Err(UsageError::new(
            "`refine` needs parameters",
            "`--params NAME,...` (see nanobragg refine --help)",
        ));
    }
    options.parameters = parameters;
    Ok((options, rest))
}

fn is_own(word: &OsStr) -> bool {
    REFINE_OPTIONS.iter().any(|option| word == option.name)
}

impl RefineOptions {
    fn take(&mut self, name: &str, value: &str) -> Result<(), UsageError> {
        let wrong = |expected: &str| UsageError::new(format!("`{name}`: unusable value `{value}`"), expected);
        let number = |text: &str| text.trim().parse::<f64>().ok().filter(|x| x.is_finite());
        match name {
            "--loss" => {
                self.loss = match value {
                    "poisson" => LossName::Poisson,
                    "least-squares" => LossName::LeastSquares,
                    _ => return Err(wrong("`poisson` or `least-squares`")),
                };
            }
            "--method" => {
                self.method = match value {
                    "lm" => Method::LevenbergMarquardt,
                    "lbfgs" => Method::LBfgs,
                    _ => return Err(wrong("`lm` or `lbfgs`")),
                };
            }
            "--blur" => {
                self.blurs = blurs(value).ok_or_else(|| wrong("pixels with commas between, or `none`"))?
            }
            "--steps" => {
                self.steps = value.parse().ok().filter(|n| *n > 0).ok_or_else(|| wrong("a count above 0"))?;
            }
            "--background" => {
                self.background =
                    number(value).filter(|x| *x > 0.0).ok_or_else(|| wrong("a number above 0"))?;
            }
            _ => {
                let read = || {
                    let (name, range) = value.split_once('=')?;
                    let (low, high) = range.split_once(':')?;
                    Some((name, [number(low)?, number(high)?]))
                };
                let (name, range) = read()
                    .filter(|(_, [low, high])| low < high)
                    .ok_or_else(|| wrong("NAME=LOW:HIGH with the lower value first"))?;
                for parameter in Parameter::list(name)? {
                    self.bounds.push(Bound { parameter, range });
                }
            }
        }
        Ok(())
    }
}

/// Blurs of all stages, the last without any.
fn blurs(text: &str) -> Option<Vec<f64>> {
    if text == "none" {
        return Some(vec![0.0]);
    }
    let mut blurs: Vec<f64> = text.split(',').map(|t| t.trim().parse().ok()).collect::<Option<_>>()?;
    if !blurs.iter().all(|x| (0.0..=1000.0).contains(x)) {
        return None;
    }
    if blurs.last() != Some(&0.0) {
        blurs.push(0.0);
    }
    Some(blurs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split_arguments(text: &str) -> Result<(RefineOptions, Vec<OsString>), UsageError> {
        split(&text.split_whitespace().map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn own_words_are_taken_out_and_the_rest_keeps_its_order() {
        let arguments = "--target a.npy -N 5 --params misset_x --bound misset_x=-1:1 --blur 4,2 -cell 9";
        let (options, rest) = split_arguments(arguments).expect("valid");
        assert_eq!(rest, ["-N", "5", "-cell", "9"]);
        assert_eq!(options.blurs, [4.0, 2.0, 0.0]);
        assert_eq!(options.bounds, [Bound { parameter: Parameter::Misset(0), range: [-1.0, 1.0] }]);
    }

    #[test]
    fn unusable_values_say_what_was_expected() {
        for arguments in [
            "--params phi",
            "--target a.npy",
            "--target a --params phi --loss l1",
            "--target a --params phi --bound phi=2:1",
            "--target a --params phi --blur -1",
            "--target a --params phi --steps 0",
            "--target",
        ] {
            assert!(!split_arguments(arguments).expect_err(arguments).expected.is_empty());
        }
    }
}
