//! The command `gradcheck`: its arguments, what is checked, and the files it writes.
//!
//! Not here: the check (`gradcheck`), its bundle (`keep`).

use std::path::{Path, PathBuf};

use clap::Args;

use crate::commands::values;
use nanobragg::error::UsageError;
use nanobragg::model::differentiability;
use nanobragg::model::experiment::Experiment;
use nanobragg::model::parameter::Parameter;

use crate::evidence::failure::Failure;
use crate::gradcheck::cases::GradientCase;
use crate::gradcheck::report::{self, Findings, Kinks};
use crate::gradcheck::{Gates, GradientRow, check};

mod keep;

pub use keep::keep;

/// The file that holds everything.
const RESULT: &str = "gradcheck.json";

/// Arguments of the command.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  trace-harness gradcheck
      every parameter on every case; tables and evidence as a bundle under reports/gradcheck/
  trace-harness gradcheck --params misset_x,distance --case cubic
      two parameters on one case
  trace-harness gradcheck --out tables
      the tables alone, into a folder
  trace-harness gradcheck --params all -- -cell 60 70 80 90 90 90 -default_F 50 -N 8 -lambda 1 \\
      -distance 80 -pixel 0.4 -detpixels 200 -roi 60 75 90 99
      one's own experiment: the flags of a run, with a region of a few hundred pixels
  trace-harness gradcheck --cases mine.toml
      one's own experiments from a file: [[case]] with name, flags and perhaps params

Exit status: 0 all derivatives are right, 1 usage, 3 a derivative is wrong (the bundle has the table), 5 a file cannot be read,
6 interrupted.")]
pub struct GradcheckArgs {
    /// Parameters to check, with commas between
    #[arg(long, default_value = "all", value_name = "NAME,...")]
    pub params: String,
    /// Step of the coarse gate, in the user's unit (times the value where that is above 1)
    #[arg(long, default_value_t = 1e-6, allow_negative_numbers = true, value_parser = values::part_above_zero)]
    pub eps: f64,
    /// Absolute part of the coarse gate's tolerance
    #[arg(long, default_value_t = 1e-5, allow_negative_numbers = true, value_parser = values::from_zero)]
    pub atol: f64,
    /// Relative part of the coarse gate's tolerance
    #[arg(long, default_value_t = 0.05, allow_negative_numbers = true, value_parser = values::part)]
    pub rtol: f64,
    /// Relative tolerance of the strict gate
    #[arg(long, default_value_t = 1e-8, allow_negative_numbers = true, value_parser = values::part_above_zero)]
    pub strict: f64,
    /// Only cases whose name contains this
    #[arg(long, default_value = "", value_name = "WORD")]
    pub case: String,
    /// Check the cases of this file in TOML instead of those brought along
    #[arg(long, value_name = "FILE", conflicts_with = "flags")]
    pub cases: Option<PathBuf>,
    /// Check this run of `nanobragg` instead of the cases brought along: its flags, after `--`
    #[arg(last = true, value_name = "FLAGS")]
    pub flags: Vec<String>,
    /// Write gradcheck.json and gradcheck.md into this folder instead of making a bundle
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Folder that holds the topics of bundles
    #[arg(long, default_value = "reports", value_name = "DIR")]
    pub reports: PathBuf,
    /// Record paths under home folders as they are
    #[arg(long)]
    pub keep_paths: bool,
}

/// A case that can be checked.
pub struct ReadyCase {
    case: GradientCase,
    experiment: Experiment,
    parameters: Vec<Parameter>,
}

impl GradcheckArgs {
    /// The words after the program's name that make the same check into `{out}/results`.
    fn arguments(&self) -> Vec<String> {
        let number = |x: f64| format!("{x:e}");
        let mut arguments = vec!["gradcheck".to_owned()];
        let pairs = [
            ("--params", self.params.clone()),
            ("--eps", number(self.eps)),
            ("--atol", number(self.atol)),
            ("--rtol", number(self.rtol)),
            ("--strict", number(self.strict)),
        ];
        arguments.extend(pairs.into_iter().map(|(name, value)| format!("{name}={value}")));
        if !self.case.is_empty() {
            arguments.push(format!("--case={}", self.case));
        }
        if let Some(path) = &self.cases {
            // A word of its own, so that the file is taken into the bundle.
            arguments.extend(["--cases".to_owned(), path.to_string_lossy().into_owned()]);
        }
        arguments.extend(["--out".to_owned(), "{out}/results".to_owned()]);
        if !self.flags.is_empty() {
            arguments.push("--".to_owned());
            arguments.extend(self.flags.iter().cloned());
        }
        arguments
    }

    /// What is to be checked, and within which tolerances.
    ///
    /// # Errors
    /// Unknown parameters, a case that does not exist or makes no sense.
    pub fn ready(&self) -> Result<(Gates, Vec<ReadyCase>), Failure> {
        let gates = Gates { eps: self.eps, atol: self.atol, rtol: self.rtol, strict: self.strict };
        Parameter::list(&self.params)?;
        let ready = |case: GradientCase| {
            let experiment = case.experiment()?;
            let parameters = case.parameters(&experiment, &self.params)?;
            Ok(ReadyCase { case, experiment, parameters })
        };
        let cases = self.chosen()?.into_iter().map(ready).collect::<Result<_, Failure>>()?;
        Ok((gates, cases))
    }

    /// Checks, and calls `progress` for each case.
    ///
    /// # Errors
    /// As [`GradcheckArgs::ready`].
    pub fn check(&self, progress: &dyn Fn(&str)) -> Result<Findings, Failure> {
        let (gates, cases) = self.ready()?;
        let (mut rows, mut kinks): (Vec<GradientRow>, Vec<_>) = (Vec::new(), Vec::new());
        for ReadyCase { case, experiment, parameters } in &cases {
            progress(&case.name);
            let checked = check(&case.name, experiment, parameters, &gates).map_err(UsageError::from);
            rows.extend(checked?);
            let found = differentiability::kinks(experiment).into_iter().map(str::to_owned).collect();
            kinks.push(Kinks { case: case.name.clone(), kinks: found });
        }
        let chosen: Vec<GradientCase> = cases.into_iter().map(|ready| ready.case).collect();
        let found = Findings::new(&chosen, rows, kinks, gates);
        progress(&found.reason());
        Ok(found)
    }

    /// The cases to check.
    fn chosen(&self) -> Result<Vec<GradientCase>, Failure> {
        let all = match (&self.cases, self.flags.is_empty()) {
            (Some(path), _) => GradientCase::read(path)?,
            (None, false) => vec![GradientCase::of_command(&self.flags)],
            (None, true) => GradientCase::brought_along(),
        };
        let names = all.iter().map(|case| format!("`{}`", case.name)).collect::<Vec<_>>().join(", ");
        let chosen: Vec<GradientCase> =
            all.into_iter().filter(|case| case.name.contains(&self.case)).collect();
        if chosen.is_empty() {
            return Err(UsageError::new(format!("no case has `{}` in its name", self.case), names).into());
        }
        Ok(chosen)
    }
}

/// Writes the tables into a folder.
///
/// # Errors
/// The folder or a file cannot be written.
pub fn write(folder: &Path, found: &Findings) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join("gradcheck.md"), report::markdown(found))?;
    std::fs::write(folder.join(RESULT), format!("{:#}\n", serde_json::json!(found)))
}
