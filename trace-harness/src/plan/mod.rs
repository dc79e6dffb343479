//! A plan: the steps of a run, from the command line or from a TOML file.
//!
//! Not here: running them (`run`).

mod fault;
pub mod run;
pub mod secrets;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use nanobragg::open_file;
use serde::Deserialize;

use crate::evidence::bundle::paths::token_in;
use crate::evidence::bundle::summary::OutputFile;
use crate::evidence::process::is_variable;

pub use fault::{PlanError, PlanFault, StepFault};

/// What to do after a step that fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnFailure {
    /// Leave out the rest.
    #[default]
    Stop,
    /// Go on.
    Continue,
}

/// One command of a plan. `{out}` in a word stands for the folder of the bundle; what the step writes below
/// `{out}/results` is kept.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepPlan {
    /// A short name, unique in the plan: letters, digits, `-` and `_`.
    pub name: String,
    /// Program and arguments.
    pub command: Vec<String>,
    /// Files that it reads, relative to the folder of the plan; files among the arguments are found without it.
    #[serde(default)]
    pub inputs: Vec<PathBuf>,
    /// Files below `results/` that it must write, each with what a second run has to reach (the same bytes, unless stated
    /// otherwise).
    #[serde(default)]
    pub outputs: Vec<OutputFile>,
    /// Variables exported for it.
    #[serde(default)]
    pub export: BTreeMap<String, String>,
    /// The exit status that it is to end with; any other is a failure.
    #[serde(default)]
    pub expect: i32,
    /// Seconds after which it is ended.
    pub timeout_s: Option<f64>,
    /// Whether its failure ends the plan.
    #[serde(default)]
    pub on_failure: OnFailure,
    /// A slow step runs before all others, under its own limit.
    #[serde(default)]
    pub slow: bool,
}

/// All steps of a run.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Folder below `reports/` that the bundle goes to.
    pub topic: String,
    /// One line for people; the topic if not given.
    pub title: Option<String>,
    /// The steps; slow ones are moved to the front.
    #[serde(rename = "step")]
    pub steps: Vec<StepPlan>,
}

impl Plan {
    /// A plan of one command.
    pub fn of_command(topic: String, command: Vec<String>, timeout_s: Option<f64>) -> Self {
        let step = StepPlan {
            name: "command".to_owned(),
            command,
            inputs: Vec::new(),
            outputs: Vec::new(),
            export: BTreeMap::new(),
            expect: 0,
            timeout_s,
            on_failure: OnFailure::Stop,
            slow: false,
        };
        Self { topic, title: None, steps: vec![step] }
    }

    /// Reads a plan.
    ///
    /// # Errors
    /// The file cannot be read, is no plan, or its names are not what names have to be.
    pub fn read(path: &Path) -> Result<Self, PlanError> {
        let text = open_file::text(path, "a plan in TOML", open_file::TABLE)?;
        let mut plan: Self = toml::from_str(&text)
            .map_err(|e| PlanError::NoPlan { path: path.to_owned(), source: Box::new(e) })?;
        plan.check().map_err(|fault| PlanError::Fault { path: path.to_owned(), fault })?;
        // Stable: slow steps keep their order, and so do the others.
        plan.steps.sort_by_key(|step| !step.slow);
        Ok(plan)
    }

    /// Names that become names of files, and commands that can be run.
    ///
    /// # Errors
    /// The first that is wrong.
    pub fn check(&self) -> Result<(), PlanFault> {
        if !self.topic.split('/').all(is_name) {
            return Err(PlanFault::Topic(self.topic.clone()));
        }
        if self.steps.is_empty() {
            return Err(PlanFault::NoStep);
        }
        for (n, step) in self.steps.iter().enumerate() {
            if !is_name(&step.name) {
                return Err(PlanFault::StepName(step.name.clone()));
            }
            if self.steps[..n].iter().any(|s| s.name == step.name) {
                return Err(PlanFault::Twice(step.name.clone()));
            }
            step.check().map_err(|fault| PlanFault::Step { name: step.name.clone(), fault })?;
        }
        Ok(())
    }
}

impl StepPlan {
    /// A command that can be run, with its conditions.
    fn check(&self) -> Result<(), StepFault> {
        if self.command.first().is_none_or(String::is_empty) {
            return Err(StepFault::NoCommand);
        }
        if let Some(name) = self.export.keys().find(|name| !is_variable(name)) {
            return Err(StepFault::Export(name.clone()));
        }
        // `{out}` has a meaning in a command, and in a variable none.
        let words = self.command.iter().filter(|word| token_in(&word.replace("{out}", "")).is_some());
        if let Some(text) = words.chain(self.export.values().filter(|value| token_in(value).is_some())).next()
        {
            return Err(StepFault::Token(text.clone()));
        }
        if !(0..=255).contains(&self.expect) {
            return Err(StepFault::Expect(self.expect));
        }
        if let Some(limit) = self.timeout_s.filter(|t| !(*t > 0.0 && *t < 1e9)) {
            return Err(StepFault::Timeout(limit));
        }
        let outside = |o: &&OutputFile| !o.path.starts_with("results/") || o.path.contains("..");
        match self.outputs.iter().find(outside) {
            Some(output) => Err(StepFault::Output(output.path.clone())),
            None => Ok(()),
        }
    }
}

fn is_name(text: &str) -> bool {
    let fine = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    !text.is_empty() && !text.starts_with('.') && text.chars().all(fine)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Plan, PlanError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plan.toml");
        std::fs::write(&path, text).unwrap();
        Plan::read(&path)
    }

    #[test]
    fn slow_steps_come_first_and_the_rest_keeps_its_order() {
        let plan = read(
            "topic = 'a/b'\n[[step]]\nname = 'x'\ncommand = ['true']\n[[step]]\nname = 'y'\ncommand = ['true']\n\
             [[step]]\nname = 'z'\ncommand = ['true']\nslow = true\ntimeout_s = 5.0\n",
        );
        let names: Vec<String> = plan.unwrap().steps.into_iter().map(|s| s.name).collect();
        assert_eq!(names, ["z", "x", "y"]);
    }

    #[test]
    fn a_plan_that_makes_no_sense_is_refused_with_a_reason() {
        let step = "[[step]]\nname = 'x'\ncommand = ['true']\n";
        let cases = [
            ("topic = '../up'\n".to_owned() + step, "topic `../up`"),
            ("topic = 't'\nstep = []\n".to_owned(), "no step"),
            (format!("topic = 't'\n{step}{step}"), "two steps"),
            ("topic = 't'\n[[step]]\nname = 'x'\ncommand = []\n".to_owned(), "no command"),
            (format!("topic = 't'\n{step}timeout_s = -1.0\n"), "timeout_s"),
            (format!("topic = 't'\n{step}expect = 256\n"), "expect = 256"),
            (
                format!("topic = 't'\n{step}export = {{ \"A=B\\n[2] forged\" = 'x' }}\n"),
                "export `A=B\\n[2] forged`",
            ),
            (format!("topic = 't'\n{step}export = {{ 1A = 'x' }}\n"), "export `1A`"),
            ("topic = 't'\n[[step]]\nname = 'x'\ncommand = ['a', '{work}/b']\n".to_owned(), "`{work}/b`"),
            (format!("topic = 't'\n{step}export = {{ A = '{{out}}' }}\n"), "`{out}`"),
            (format!("topic = 't'\n{step}colour = 'red'\n"), "colour"),
            (
                format!(
                    "topic = 't'\n{step}outputs = [{{ path = '../x', tolerance = {{ kind = 'exact' }} }}]\n"
                ),
                "output `../x`",
            ),
        ];
        for (text, reason) in cases {
            let problem = read(&text).unwrap_err().to_string();
            assert!(problem.contains(reason), "{problem}");
        }
    }
}
