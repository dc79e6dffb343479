//! The command `gradcheck`: runs itself as the step of a bundle, so that the evidence can be verified and run again.
//!
//! Not here: the check.

use std::path::{Path, PathBuf};

use clap::Args;
use nanobragg::error::UsageError;
use nanobragg::model::differentiability;
use nanobragg::model::parameter::Parameter;

use super::cases::{CASES, experiment};
use super::{Gates, Outcome, Row, check, report};
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

Exit status: 0 all derivatives are right, 1 usage, 2 a derivative is wrong (the bundle has the table).")]
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

/// What a check came to.
pub struct Checked {
    /// Whether every derivative is right.
    pub passed: bool,
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
        words.extend(["--out".to_owned(), "{out}/results".to_owned()]);
        Ok(Plan::of_command("gradcheck".to_owned(), words, None))
    }

    /// Checks, telling `progress` of each case.
    ///
    /// # Errors
    /// Unknown parameters, a case that does not exist, tolerances that are not positive.
    pub fn check(&self, progress: &dyn Fn(&str)) -> Result<Checked, UsageError> {
        let gates = Gates { eps: self.eps, atol: self.atol, rtol: self.rtol, strict: self.strict };
        for (name, x) in [("--eps", gates.eps), ("--strict", gates.strict), ("--rtol", gates.rtol)] {
            if !(x > 0.0 && x.is_finite()) {
                return Err(UsageError::new(format!("`{name}`: unusable value `{x}`"), "a number above 0"));
            }
        }
        let parameters = Parameter::list(&self.params)?;
        let chosen: Vec<_> = CASES.iter().filter(|(name, _)| name.contains(&self.case)).collect();
        if chosen.is_empty() {
            let names = CASES.iter().map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            return Err(UsageError::new(format!("no case has `{}` in its name", self.case), names));
        }
        let (mut rows, mut kinks): (Vec<Row>, Vec<_>) = (Vec::new(), Vec::new());
        for (name, flags) in chosen {
            progress(name);
            let e = experiment(flags)?;
            rows.extend(check(name, &e, &parameters, &gates)?);
            kinks.push(((*name).to_owned(), differentiability::kinks(&e)));
        }
        let failed = rows.iter().filter(|row| row.outcome == Outcome::Fail).count();
        let checked = rows.iter().filter(|row| row.outcome != Outcome::None).count();
        progress(&format!("{checked} comparisons, {failed} failed"));
        Ok(Checked {
            passed: failed == 0,
            text: report::markdown(&rows, &kinks, &gates),
            json: report::as_json(&rows, &kinks, &gates),
        })
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
