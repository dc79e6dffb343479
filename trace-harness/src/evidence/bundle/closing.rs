//! The end of a bundle: its summary, and the files that every bundle has, written in one layout.
//!
//! Not here: what happened before (`recorder`), how each of the files looks (their own modules).

use std::path::PathBuf;

use maud::Markup;
use serde_json::{Map, Value};

use crate::evidence::bundle::documents::layout::layout;
use crate::evidence::bundle::documents::{analysis, commands, ro_crate};
use crate::evidence::bundle::environment::{self, Environment};
use crate::evidence::bundle::inputs;
use crate::evidence::bundle::metrics::Metrics;
use crate::evidence::bundle::recorder::Recorder;
use crate::evidence::bundle::summary::{SCHEMA, Summary, VERSION};
use crate::evidence::bundle::{BundleError, utc};
use crate::evidence::exit::Exit;
use crate::evidence::page::{bundle_page, changed};
use crate::evidence::verdict::Verdict;

/// What a bundle says in the end. Texts may hold paths of this machine: they are recorded as tokens.
pub struct Closing<'a> {
    /// Kind of bundle.
    pub kind: &'a str,
    /// One line for people.
    pub title: String,
    /// What it came to.
    pub verdict: Verdict,
    /// Why, in one sentence.
    pub reason: String,
    /// The exit status that the command ends with, where the bundle is to say it.
    pub exit: Option<Exit>,
    /// Figures by name.
    pub metrics: Metrics,
    /// Markdown between the verdict and the commands of `analysis.md`.
    pub analysis: String,
    /// What stands on the page.
    pub page: Page<'a>,
    /// Fields of `summary.json` beyond those of every bundle.
    pub fields: Map<String, Value>,
}

/// What stands on `report.html`.
pub enum Page<'a> {
    /// What stands between the verdict and the commands.
    Sections(Markup),
    /// A page of the kind's own, made of the summary with all its fields, and of the environment.
    Whole(&'a dyn Fn(&Closed<'_>) -> String),
}

/// What is known when the page is written.
pub struct Closed<'a> {
    /// The part of the summary that every bundle has.
    pub summary: &'a Summary,
    /// All of `summary.json`.
    pub document: &'a Map<String, Value>,
    /// The machine and the programs.
    pub environment: &'a Environment,
}

/// A bundle that was made.
#[derive(Debug, Clone)]
pub struct Made {
    /// Where it is.
    pub place: PathBuf,
    /// The part of the summary that every bundle has.
    pub summary: Summary,
    /// All of `summary.json`.
    pub document: Map<String, Value>,
    /// The machine and the programs.
    pub environment: Environment,
}

impl Closing<'_> {
    /// A bundle without figures, and with nothing to add to what every bundle says.
    pub fn of(
        kind: &'static str,
        title: impl Into<String>,
        verdict: Verdict,
        reason: impl Into<String>,
    ) -> Self {
        Self {
            kind,
            title: title.into(),
            verdict,
            reason: reason.into(),
            exit: None,
            metrics: Metrics::default(),
            analysis: String::new(),
            page: Page::Sections(Markup::default()),
            fields: Map::new(),
        }
    }
}

impl Recorder {
    /// The machine, and the programs that are recorded by now.
    ///
    /// # Errors
    /// A variable's value is not allowed in a bundle.
    pub fn environment(&self) -> Result<Environment, BundleError> {
        environment::gather(self.binaries.clone(), &self.paths)
    }

    /// Writes what every bundle has, and makes it visible. Inputs and programs that have changed meanwhile are open points.
    ///
    /// # Errors
    /// A file cannot be written, or a text is not allowed in a bundle.
    pub fn finish(mut self, closing: Closing<'_>) -> Result<Made, BundleError> {
        self.leave_out_strangers()?;
        inputs::check_copies(&self.staging, &self.inputs)?;
        let paths = &self.paths;
        let environment = self.environment()?;
        let mut open_points = self.open_points;
        open_points.extend(inputs::changed(paths, &self.inputs));
        open_points.extend(environment::changed(&self.programs));
        let summary = Summary {
            schema: SCHEMA.to_owned(),
            version: VERSION,
            kind: closing.kind.to_owned(),
            title: paths.record(&closing.title)?,
            verdict: closing.verdict,
            reason: paths.record(&closing.reason)?,
            exit: closing.exit.map(Exit::code),
            created: utc(self.created),
            steps: self.steps,
            inputs: self.inputs,
            open_points,
            redacted: self.left_out.max(paths.redacted().len()),
            output_limit_bytes: self.output_limit,
            layout: layout(),
        };
        let document = document(&summary, closing.fields)?;
        let staging = self.staging;
        staging.write("commands.txt", commands::render(&summary.steps))?;
        staging.write_json("env.json", &environment)?;
        staging.write_json("summary.json", &document)?;
        // A command of the bundle may have written this one itself, as a result that a second run compares: `diff` does.
        if !staging.folder().join("metrics.json").exists() {
            staging.write_json("metrics.json", &closing.metrics.to_value())?;
        }
        staging.write("analysis.md", analysis::render(&summary, &paths.record(&closing.analysis)?))?;
        let page = match closing.page {
            Page::Sections(sections) => {
                let sections = changed(&sections, |text| paths.record(text))?;
                bundle_page(&summary, &environment, &sections, "")
            }
            Page::Whole(page) => {
                page(&Closed { summary: &summary, document: &document, environment: &environment })
            }
        };
        staging.write("report.html", page)?;
        ro_crate::write(&staging, &summary, &environment)?;
        Ok(Made { place: staging.publish()?, summary, document, environment })
    }
}

fn document(summary: &Summary, more: Map<String, Value>) -> Result<Map<String, Value>, BundleError> {
    let unfit = |problem: String| BundleError::Unfit { path: "summary.json".into(), problem };
    match serde_json::to_value(summary).map_err(|e| unfit(e.to_string()))? {
        Value::Object(mut fields) => {
            fields.extend(more);
            Ok(fields)
        }
        _ => Err(unfit("is no object".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::bundle::staging::Target;
    use crate::evidence::bundle::verify::verify;

    fn finish(root: &std::path::Path, closing: Closing<'_>) -> Result<Made, BundleError> {
        Recorder::begin(Target::Numbered(root.join("bundle")), root, false)?.finish(closing)
    }

    #[test]
    fn every_bundle_has_the_same_files() {
        let root = tempfile::tempdir().unwrap();
        let made = finish(root.path(), Closing::of("run", "t", Verdict::Pass, "as asked")).unwrap();
        let mut names: Vec<String> = std::fs::read_dir(&made.place)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        let expected = [
            "analysis.md",
            "commands.txt",
            "env.json",
            "metrics.json",
            "report.html",
            "ro-crate-metadata.json",
            "sha256.txt",
            "summary.json",
        ];
        assert_eq!(names, expected);
        assert!(verify(&made.place).unwrap().is_sound());
    }

    #[test]
    fn fields_of_a_kind_stand_in_the_summary_beside_those_of_every_bundle() {
        let root = tempfile::tempdir().unwrap();
        let fields = Map::from_iter([("gates".to_owned(), Value::from(vec![1]))]);
        let made =
            finish(root.path(), Closing { fields, ..Closing::of("k", "t", Verdict::Fail, "so") }).unwrap();
        let stored: Value =
            serde_json::from_slice(&std::fs::read(made.place.join("summary.json")).unwrap()).unwrap();
        assert_eq!(stored, Value::Object(made.document));
        assert_eq!((&stored["gates"][0], &stored["verdict"]), (&Value::from(1), &Value::from("FAIL")));
    }

    #[test]
    fn no_text_names_a_home_folder() {
        let root = tempfile::tempdir().unwrap();
        let place = "/home/ann/secret".to_owned();
        let of = |title: &str, reason: &str| Closing::of("k", title, Verdict::Pass, reason);
        let closings = [
            of(&place, "r"),
            of("t", &place),
            Closing { analysis: place.clone(), ..of("t", "r") },
            Closing { page: Page::Sections(maud::html! { (place) }), ..of("t", "r") },
        ];
        for closing in closings {
            assert!(matches!(finish(root.path(), closing), Err(BundleError::HomePath(_))));
        }
    }
}
