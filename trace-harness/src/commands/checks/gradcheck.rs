//! The command `gradcheck`: runs itself as the step of a bundle, so that the evidence can be verified and run again.
//!
//! Not here: the check.

use std::path::{Path, PathBuf};

use clap::Args;
use nanobragg::error::UsageError;
use nanobragg::model::differentiability;
use nanobragg::model::experiment::Experiment;
use nanobragg::model::parameter::Parameter;

use crate::evidence::verdict::Verdict;
use crate::gradcheck::cases::Case;
use crate::gradcheck::{Gates, Outcome, Row, check, report};
use crate::plan::Plan;

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

Exit status: 0 all derivatives are right, 1 usage, 3 a derivative is wrong (the bundle has the table), 6 interrupted.")]
pub struct GradcheckArgs {
    /// Parameters to check, with commas between
    #[arg(long, default_value = "all", value_name = "NAME,...")]
    pub params: String,
    /// Step of the coarse gate, in the user's unit (times the value where that is above 1)
    #[arg(long, default_value_t = 1e-6)]
    pub eps: f64,
    /// Absolute part of the coarse gate's tolerance
    #[arg(long, default_value_t = 1e-5)]
    pub atol: f64,
    /// Relative part of the coarse gate's tolerance
    #[arg(long, default_value_t = 0.05)]
    pub rtol: f64,
    /// Relative tolerance of the strict gate
    #[arg(long, default_value_t = 1e-8)]
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
    case: Case,
    experiment: Experiment,
    parameters: Vec<Parameter>,
}

/// What a check came to.
pub struct Checked {
    /// Passes where every derivative is right; undecided where there is none to check.
    pub verdict: Verdict,
    /// One paragraph for the terminal.
    pub text: String,
    /// Everything, as in gradcheck.json.
    pub json: serde_json::Value,
}

impl GradcheckArgs {
    /// The plan whose only step is this command writing into the results of a bundle.
    ///
    /// # Errors
    /// This program's own path is not known.
    pub fn plan(&self) -> std::io::Result<Plan> {
        let program = std::env::current_exe()?;
        let number = |x: f64| format!("{x:e}");
        let mut words = vec![program.to_string_lossy().into_owned(), "gradcheck".to_owned()];
        let pairs = [
            ("--params", self.params.clone()),
            ("--eps", number(self.eps)),
            ("--atol", number(self.atol)),
            ("--rtol", number(self.rtol)),
            ("--strict", number(self.strict)),
        ];
        words.extend(pairs.into_iter().map(|(name, value)| format!("{name}={value}")));
        if !self.case.is_empty() {
            words.push(format!("--case={}", self.case));
        }
        if let Some(path) = &self.cases {
            // A word of its own, so that the file is taken into the bundle.
            words.extend(["--cases".to_owned(), path.to_string_lossy().into_owned()]);
        }
        words.extend(["--out".to_owned(), "{out}/results".to_owned()]);
        if !self.flags.is_empty() {
            words.push("--".to_owned());
            words.extend(self.flags.iter().cloned());
        }
        Ok(Plan::of_command("gradcheck".to_owned(), words, None))
    }

    /// What is to be checked, and within which tolerances.
    ///
    /// # Errors
    /// Unknown parameters, a case that does not exist or makes no sense, tolerances that are not positive.
    pub fn ready(&self) -> Result<(Gates, Vec<ReadyCase>), UsageError> {
        let gates = Gates { eps: self.eps, atol: self.atol, rtol: self.rtol, strict: self.strict };
        for (name, x) in [("--eps", gates.eps), ("--strict", gates.strict), ("--rtol", gates.rtol)] {
            if !(x > 0.0 && x.is_finite()) {
                return Err(UsageError::new(format!("`{name}`: unusable value `{x}`"), "a number above 0"));
            }
        }
        Parameter::list(&self.params)?;
        let ready = |case: Case| {
            let experiment = case.experiment()?;
            let parameters = case.parameters(&experiment, &self.params)?;
            Ok(ReadyCase { case, experiment, parameters })
        };
        let cases = self.chosen()?.into_iter().map(ready).collect::<Result<_, UsageError>>()?;
        Ok((gates, cases))
    }

    /// Checks, telling `progress` of each case.
    ///
    /// # Errors
    /// As [`GradcheckArgs::ready`].
    pub fn check(&self, progress: &dyn Fn(&str)) -> Result<Checked, UsageError> {
        let (gates, cases) = self.ready()?;
        let (mut rows, mut kinks): (Vec<Row>, Vec<_>) = (Vec::new(), Vec::new());
        for ReadyCase { case, experiment, parameters } in &cases {
            progress(&case.name);
            rows.extend(check(&case.name, experiment, parameters, &gates)?);
            kinks.push((case.name.clone(), differentiability::kinks(experiment)));
        }
        let chosen: Vec<Case> = cases.into_iter().map(|ready| ready.case).collect();
        let failed = rows.iter().filter(|row| row.outcome == Outcome::Fail).count();
        let checked = rows.iter().filter(|row| row.outcome != Outcome::None).count();
        progress(&format!("{checked} comparisons, {failed} failed"));
        Ok(Checked {
            verdict: match (failed, checked) {
                (0, 0) => Verdict::Undecided,
                (0, _) => Verdict::Pass,
                _ => Verdict::Fail,
            },
            text: report::markdown(&chosen, &rows, &kinks, &gates),
            json: report::as_json(&chosen, &rows, &kinks, &gates),
        })
    }

    /// The cases to check.
    fn chosen(&self) -> Result<Vec<Case>, UsageError> {
        let all = match (&self.cases, self.flags.is_empty()) {
            (Some(path), _) => Case::read(path)?,
            (None, false) => vec![Case::of_command(&self.flags)],
            (None, true) => Case::brought_along(),
        };
        let names = all.iter().map(|case| format!("`{}`", case.name)).collect::<Vec<_>>().join(", ");
        let chosen: Vec<Case> = all.into_iter().filter(|case| case.name.contains(&self.case)).collect();
        if chosen.is_empty() {
            return Err(UsageError::new(format!("no case has `{}` in its name", self.case), names));
        }
        Ok(chosen)
    }
}

/// Writes the tables into a folder.
///
/// # Errors
/// The folder or a file cannot be written.
pub fn write(folder: &Path, checked: &Checked) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join("gradcheck.md"), &checked.text)?;
    std::fs::write(folder.join("gradcheck.json"), format!("{:#}\n", checked.json))
}
