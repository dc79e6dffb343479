//! Computing the metrics, gates and verdict of a bundle again from the images in it, and holding them against what it says.
//!
//! Not here: its page and pictures (`pages`), what both sides printed (`said`), whether the bundle is complete and unchanged
//! (`trace_harness::evidence::bundle::verify`, which comes first).

mod alike;
mod arrays;
mod documents;
mod draws;
mod noise;
mod outcome;
mod outputs;
mod pages;
mod programs;
mod said;
mod steps;
mod traces;
mod whole;

use std::borrow::Cow;
use std::path::Path;

use nanobragg::image::raster::Raster;
use serde_json::{Map, Value, json};
use trace_harness::evidence::bundle::BundleError;
use trace_harness::evidence::bundle::summary::Summary;
use trace_harness::evidence::bundle::verify::{self, Examined};
use trace_harness::evidence::exit::Exit;

use crate::compare::recorded::Recorded;
use crate::compare::{Comparison, compare};
use crate::image::file;
use crate::image::pixels::Image;
use crate::image::shape::Candidate;
use crate::matrix::{self, Done, MatrixTally};
use crate::recompute::alike::same;
use crate::report;
use crate::runner::Side;
use outcome::{Missing, document_of, short};
pub use outcome::{RecomputeError, Recomputed};
pub(crate) use said::STORED_IMAGE;
use said::Said;
use trace_harness::cases::baseline::FlipKind;

/// Computes the bundle in `folder` again.
///
/// # Errors
/// The folder cannot be read. What is wrong with the bundle is a finding, not an error.
pub fn recompute(folder: &Path) -> Result<Recomputed, RecomputeError> {
    of_examined(&verify::examine(folder)?, folder)
}

/// As [`recompute`], of a bundle in `folder` that was examined already.
///
/// # Errors
/// As [`recompute`].
pub(crate) fn of_examined(examined: &Examined, folder: &Path) -> Result<Recomputed, RecomputeError> {
    let mut done = Recomputed::default();
    if !examined.report.is_sound() {
        done.findings = examined.report.findings.iter().map(ToString::to_string).collect();
        done.findings
            .extend(examined.report.findings.is_empty().then(|| "nothing in it was verified".to_owned()));
        return Ok(done);
    }
    let Some(summary) = &examined.summary else {
        done.left_out.push("is in the older layout, whose figures only people can read".to_owned());
        return Ok(done);
    };
    let document = document_of(examined, folder, "summary.json")?;
    let bundle = Bundle { folder, examined, summary };
    match (summary.kind.as_str(), document.get("cases").and_then(Value::as_array)) {
        ("comparison", _) => {
            let metrics = document_of(examined, folder, "metrics.json")?;
            let stated = StatedSummary { name: "", fields: &document, metrics: &metrics["metrics"] };
            bundle.comparison(&stated, &mut done, None);
        }
        (arrays::KIND, _) => arrays::against(examined, folder, summary, &document, &mut done)?,
        (outputs::KIND, _) => outputs::against(examined, folder, summary, &document, &mut done)?,
        (crate::noise::KIND, _) => noise::against(examined, folder, summary, &document, &mut done)?,
        ("matrix", Some(cases)) if document.contains_key("counts") => {
            bundle.matrix(&document, cases, &mut done)?;
        }
        (kind, _) => done
            .left_out
            .push(format!("is a bundle of kind `{kind}`; expected a comparison, or a matrix of them")),
    }
    Ok(done)
}

/// What a bundle says about one comparison.
struct StatedSummary<'a> {
    /// The case, where it is one of a matrix.
    name: &'a str,
    fields: &'a Map<String, Value>,
    /// The metrics, which stand in a place of their own as well.
    metrics: &'a Value,
}

struct Bundle<'a> {
    folder: &'a Path,
    examined: &'a Examined,
    summary: &'a Summary,
}

impl Bundle<'_> {
    /// Computes a comparison again; of a case the small pictures as well, for which `row` has a place.
    fn comparison(&self, stated: &StatedSummary<'_>, done: &mut Recomputed, row: Option<&mut Done>) {
        let at =
            |text: String| if stated.name.is_empty() { text } else { format!("{}: {text}", stated.name) };
        let verdict = stated.fields.get("verdict").and_then(Value::as_str).unwrap_or_default();
        let settings = stated.fields.get("settings").filter(|s| !s.is_null());
        let Some(settings) = settings else {
            let has_figures = stated.metrics.as_object().is_some_and(|m| !m.is_empty());
            match (has_figures, verdict) {
                (true, _) => done.left_out.push(at(
                    "does not say how its images were compared, as bundles of earlier versions do not"
                        .to_owned(),
                )),
                (false, "PASS") => done.findings.push(at("says PASS, and compares nothing".to_owned())),
                (false, _) if stated.name.is_empty() && self.summary.exit == Some(Exit::Differs.code()) => {
                    done.findings.push("ended as if images differ, and compares none".to_owned());
                }
                // Whether they could not be compared, or whoever made the bundle did not want to, no file of it says.
                (false, _) if self.has_delivered(stated.name) => done.left_out.push(at(
                    "both sides delivered, and it compares nothing; expected settings, gates and metrics"
                        .to_owned(),
                )),
                // A run that failed has no images to judge by.
                (false, _) => done.failed_runs += 1,
            }
            return;
        };
        let again = serde_json::from_value(settings.clone())
            .map_err(|e| Missing::Wrong(format!("`settings`: {e}")))
            .and_then(|recorded: Recorded| self.own_images(stated.name, recorded))
            .and_then(|recorded: Recorded| Ok((self.images(&recorded)?, recorded)))
            .and_then(|(images, recorded)| {
                done.looser.extend(recorded.looser().into_iter().map(at));
                let said = Said::read(self.examined, self.summary, stated.fields, &recorded, stated.name);
                done.not_checked.extend(said.not_checked().map(at));
                self.against(stated, (&images, &recorded, &said), done, row)
            });
        match again {
            Ok(findings) => {
                done.comparisons += 1;
                done.judged.images += 1;
                done.findings.extend(findings.into_iter().map(at));
            }
            Err(Missing::Left(why)) => done.left_out.push(at(why)),
            Err(Missing::Wrong(why)) => done.findings.push(at(why)),
        }
    }

    /// Whether every side of a comparison that there is ended well, or two files stand for them: then there is something to compare.
    fn has_delivered(&self, case: &str) -> bool {
        let place = |side: Side| match case.is_empty() {
            true => side.prefix().to_owned(),
            false => format!("{case}/{}", side.prefix()),
        };
        let names = [Side::Reference, Side::Candidate].map(place);
        let mut sides = self.summary.steps.iter().filter(|step| names.contains(&step.name)).peekable();
        match sides.peek() {
            None => case.is_empty() && self.summary.steps.is_empty() && self.summary.inputs.len() > 1,
            Some(_) => sides.all(|step| step.succeeded() || step.kept_from.is_some()),
        }
    }

    /// The settings, if their images are those that the two sides left: the bundle may not choose others to be judged by.
    fn own_images(&self, case: &str, recorded: Recorded) -> Result<Recorded, Missing> {
        let expected = if self.summary.steps.is_empty() && case.is_empty() {
            let given = self.summary.inputs.iter().map(|input| &input.token);
            let mut given: Vec<String> =
                given.filter(|token| Some(*token) != recorded.mask.as_ref()).cloned().collect();
            // One file on both sides is one input.
            given.extend((given.len() == 1).then(|| given[0].clone()));
            given
        } else {
            let folder = if case.is_empty() { String::new() } else { format!("cases/{case}/") };
            [Side::Reference, Side::Candidate].map(|side| format!("{folder}{}", side.float_image())).to_vec()
        };
        if recorded.images.as_slice() != expected.as_slice() {
            let says = recorded.images.join(" and ");
            return Err(Missing::Wrong(format!("was judged by {says}; expected {}", expected.join(" and "))));
        }
        Ok(recorded)
    }

    /// What does not follow from the images.
    fn against(
        &self,
        stated: &StatedSummary<'_>,
        ([a, b], recorded, said): (&[Image; 2], &Recorded, &Said),
        done: &mut Recomputed,
        row: Option<&mut Done>,
    ) -> Result<Vec<String>, Missing> {
        let mut settings = recorded.settings().map_err(|e| Missing::Wrong(format!("`settings`: {e}")))?;
        if let Some(token) = &recorded.mask {
            let shape = Candidate { shape: recorded.shape_candidate.into(), source: "the evidence" };
            let mask = self.image(token, &[shape])?;
            let open: Raster<bool> = mask.double().map(|&v| v != 0.0);
            settings.mask = Some(open);
        }
        let comparison = compare(a, b, &settings).map_err(|e| Missing::Wrong(e.to_string()))?;
        let mut findings = differences(stated, &comparison, said);
        if let Some(row) = row {
            row.thumbnails = matrix::thumbnails(&comparison.region);
        }
        if stated.name.is_empty() {
            let environment = self.examined.environment.as_ref();
            findings.extend(programs::differences(self.summary, environment, stated.fields));
            let [a, b] = comparison.kinds.map(|kind| kind.to_string());
            let types = json!({"reference": a, "candidate": b});
            let says = stated.fields.get("number_types").unwrap_or(&types);
            if *says != types {
                findings.push(format!("`number_types`: says {}, is {}", short(says), short(&types)));
            }
        }
        for (side, image, shape) in
            [("reference", a, recorded.shape_reference), ("candidate", b, recorded.shape_candidate)]
        {
            if image.shape() != shape.into() {
                findings.push(format!("the {side} has {:?} pixels, not {shape:?}", image.shape()));
            }
        }
        // Where a figure is wrong, so is every page that has it.
        if stated.name.is_empty() && findings.is_empty() {
            let checked = pages::check(self.examined, stated.fields, &comparison);
            findings = checked.map_err(|e| Missing::Wrong(e.to_string()))?;
            done.not_checked.extend(pages::not_checked(self.summary, stated.fields));
        }
        Ok(findings)
    }

    fn images(&self, recorded: &Recorded) -> Result<[Image; 2], Missing> {
        let [a, b] = &recorded.images;
        let shape = |shape: [usize; 2]| [Candidate { shape: shape.into(), source: "the evidence" }];
        Ok([
            self.image(a, &shape(recorded.shape_reference))?,
            self.image(b, &shape(recorded.shape_candidate))?,
        ])
    }

    /// An image of the bundle: a file, or the token of an input.
    fn image(&self, name: &str, shapes: &[Candidate]) -> Result<Image, Missing> {
        let input = self.summary.inputs.iter().find(|input| input.token == name);
        let place = match input {
            None => Cow::Borrowed(name),
            Some(input) => match &input.stored {
                Some(stored) => Cow::Borrowed(stored.as_str()),
                None => return Err(Missing::Left(format!("`{name}` was too large to be kept"))),
            },
        };
        let Some(sha256) = self.examined.listed.get(&*place) else {
            return Err(Missing::Left(format!("`{place}` was not kept")));
        };
        let read = self.examined.files.read(&place, u64::MAX);
        let bytes = read.map_err(|e| Missing::Wrong(format!("`{place}`: cannot be read: {e}")))?;
        if trace_harness::evidence::bundle::digest::of_bytes(&bytes) != *sha256 {
            return Err(Missing::Wrong(format!("`{place}` was changed after it was verified")));
        }
        file::parse(&self.folder.join(&*place), &bytes, shapes).map_err(|e| Missing::Wrong(e.to_string()))
    }

    fn matrix(
        &self,
        document: &Map<String, Value>,
        cases: &[Value],
        done: &mut Recomputed,
    ) -> Result<(), RecomputeError> {
        let mut rows = match whole::rows(cases) {
            Ok(rows) => rows,
            Err(e) => {
                done.findings.push(format!("`cases`: {e}"));
                return Ok(());
            }
        };
        let names: Vec<&str> = cases.iter().map(|case| case["name"].as_str().unwrap_or_default()).collect();
        for (at, name) in names.iter().enumerate().filter(|(at, name)| names[..*at].contains(name)) {
            done.findings.push(format!("case `{name}` stands twice, the second time as number {}", at + 1));
        }
        for step in &self.summary.steps {
            let case = step.name.rsplit_once('/').map_or("", |(case, _)| case);
            if !names.contains(&case) {
                done.findings.push(format!("step `{}` ran, and its case has no result", step.name));
            }
        }
        for (case, row) in cases.iter().zip(&mut rows) {
            let Some(fields) = case.as_object() else {
                done.findings.push("`cases` holds what is no case".to_owned());
                continue;
            };
            let name = fields.get("name").and_then(Value::as_str).unwrap_or_default();
            if row.outputs.is_some() {
                outputs::case(self.examined, self.summary, row, done);
                continue;
            }
            let metrics = fields.get("metrics").unwrap_or(&Value::Null);
            self.comparison(&StatedSummary { name, fields, metrics }, done, Some(row));
        }
        let count = |name: &str| document["counts"].get(name).and_then(Value::as_u64);
        let not_begun: Vec<String> =
            serde_json::from_value(document.get("not_run").cloned().unwrap_or_default()).unwrap_or_default();
        // Bundles of earlier versions have the count alone.
        let not_run = match document.contains_key("not_run") {
            true => not_begun.len(),
            false => usize::try_from(count("not_run").unwrap_or_default()).unwrap_or_default(),
        };
        if let Some(name) = not_begun.iter().find(|name| names.contains(&name.as_str())) {
            done.findings.push(format!("case `{name}` has a result, and was not run"));
        }
        let listed = whole::list(self.examined, self.summary, document, &rows);
        let tally = MatrixTally::of(&rows, cases.len().saturating_add(not_run));
        let place = (self.examined, self.summary);
        let (tally, finding) = whole::against_baseline(tally, place, document, &rows, listed.names.as_ref());
        done.findings.extend(finding);
        let known = tally.flips.iter().flatten().filter(|flip| flip.kind == FlipKind::StillFailing);
        done.looser.extend(known.map(|flip| {
            let reason = flip.known.as_ref().map_or("", |known| &*known.reason);
            format!("case `{}` does not pass, which its baseline accepts: {reason}", flip.name)
        }));
        let tally = listed.count.map_or(tally.clone(), |count| tally.of_list(count));
        let judged = cases.len().saturating_add(not_run);
        if let Some(count) = listed.count.filter(|count| *count > judged) {
            done.looser.push(format!("{judged} of the {count} cases in the list were chosen"));
        }
        done.findings.extend(listed.findings);
        done.not_checked.extend(listed.not_checked);
        done.findings.extend(whole::cases(self.examined, self.summary, &rows));
        let verdict = json!(tally.verdict.word());
        for (what, says, is) in [
            ("counts", &document["counts"], json!(tally)),
            ("verdict", &json!(self.summary.verdict.word()), verdict),
            ("reason", &json!(self.summary.reason), json!(tally.reason)),
            ("exit", &json!(self.summary.exit.unwrap_or(tally.exit_code.code())), json!(tally.exit_code)),
        ] {
            if !same(says, &is) {
                done.findings.push(format!(
                    "`{what}` of the matrix: says {}, is {}",
                    short(says),
                    short(&is)
                ));
            }
        }
        let metrics = document_of(self.examined, self.folder, "metrics.json")?;
        let figures = &Value::Object(metrics);
        let shown =
            whole::shown(self.examined, self.summary, (document, figures), (&rows, &not_begun, &tally));
        let (findings, not_checked) = shown.map_err(|source| BundleError::Io {
            path: self.folder.to_owned(),
            doing: "cannot be read",
            source,
        })?;
        done.findings.extend(findings);
        done.not_checked.extend(not_checked);
        Ok(())
    }
}

/// Everything that the bundle says about the images and that is otherwise.
fn differences(stated: &StatedSummary<'_>, comparison: &Comparison<'_>, said: &Said) -> Vec<String> {
    let is = report::metrics(&comparison.metrics);
    let mut findings = Vec::new();
    let mut hold = |what: &str, says: Option<&Value>, is: &Value| {
        let says = says.unwrap_or(&Value::Null);
        // A displacement of nothing is what rounding leaves of it.
        let nothing = what.starts_with("shift_")
            && [says, is].iter().all(|v| v.as_f64().is_some_and(|v| v.abs() < 1e-6));
        if !nothing && !same(says, is) {
            findings.push(format!("`{what}`: says {}, is {}", short(says), short(is)));
        }
    };
    for (name, value) in
        is.iter().filter(|(name, _)| !matches!(name.as_str(), "undefined" | "metrics_version"))
    {
        hold(name, stated.metrics.get(name), value);
        if stated.name.is_empty() {
            hold(name, stated.fields.get(name), value);
        }
    }
    hold("gates", stated.fields.get("gates"), &json!(comparison.judgement.gates));
    hold("verdict", stated.fields.get("verdict"), &json!(comparison.judgement.verdict.word()));
    // What both sides state comes before the pixels.
    let mut judgement = comparison.judgement.clone();
    judgement.after(said.before_the_pixels.clone());
    hold("reason", stated.fields.get("reason"), &json!(judgement.reason));
    if let Some(exit) = stated.fields.get("exit") {
        hold("exit", Some(exit), &json!(comparison.judgement.verdict.exit()));
    }
    findings.extend(said.differences(stated.fields));
    findings.dedup();
    findings
}
