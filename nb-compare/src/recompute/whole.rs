//! What a matrix says as a whole, held against its cases, its list and its files: documents that people read, figures, digests,
//! arguments, and which cases there are.
//!
//! Not here: the comparison of each case (`recompute`).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use trace_harness::cases::baseline::MatrixBaseline;
use trace_harness::cases::{self, Case};
use trace_harness::evidence::bundle::documents::layout::{analysis_frame, layout, page_frame};
use trace_harness::evidence::bundle::reading::files::DOCUMENT_LIMIT;
use trace_harness::evidence::bundle::summary::Summary;
use trace_harness::evidence::bundle::verify::Examined;
use trace_harness::evidence::exit::Exit;

use crate::built_in;
use crate::matrix::{Done, MatrixTally, documents, junit, part, writer};
use crate::recompute::alike::{same, same_text};
use crate::recompute::programs;
use crate::runner::Side;
use trace_harness::evidence::verdict::Verdict;

/// The cases as the summary has them.
///
/// # Errors
/// What they are instead.
pub(super) fn rows(cases: &[Value]) -> Result<Vec<Done>, serde_json::Error> {
    cases.iter().map(|case| serde_json::from_value(case.clone())).collect()
}

/// The tally against the baseline that the summary names, if it names one; a finding where that is not in the bundle.
pub(super) fn against_baseline(
    tally: MatrixTally,
    (examined, summary): (&Examined, &Summary),
    document: &Map<String, Value>,
    rows: &[Done],
    names: Option<&BTreeSet<String>>,
) -> (MatrixTally, Option<String>) {
    let Some(name) = document.get("baseline").and_then(Value::as_str) else { return (tally, None) };
    let input = summary.inputs.iter().find(|input| input.name == name);
    let baseline = match input {
        // Of a baseline that the run made there is none from before.
        None => MatrixBaseline::default(),
        Some(input) => {
            let stored = input.stored.as_ref();
            let text = stored.and_then(|stored| examined.files.read(stored, DOCUMENT_LIMIT).ok());
            let Some(text) = text else {
                return (tally, Some(format!("the baseline `{name}` is not in the bundle")));
            };
            match MatrixBaseline::in_text(&String::from_utf8_lossy(&text)) {
                Ok(baseline) => baseline,
                Err(fault) => return (tally, Some(format!("`{name}`: {fault}"))),
            }
        }
    };
    // Where the list includes another one, which cases it has is not known here, and is said so elsewhere.
    let gone =
        document["counts"]["flips"].as_array().into_iter().flatten().filter(|flip| flip["kind"] == "gone");
    let gone: Vec<&str> = gone.filter_map(|flip| flip["name"].as_str()).collect();
    let listed: BTreeSet<&str> = match names {
        Some(names) => names.iter().map(String::as_str).collect(),
        None => baseline.cases.iter().map(|case| &*case.name).filter(|name| !gone.contains(name)).collect(),
    };
    (tally.against(&baseline, rows, &listed), None)
}

/// What came of the list of cases: how many it has, and what does not fit.
pub(super) struct Listed {
    /// How many cases it has; `None` where the bundle does not say.
    pub(super) count: Option<usize>,
    /// Their names; `None` where the bundle does not have the whole list.
    pub(super) names: Option<BTreeSet<String>>,
    pub(super) findings: Vec<String>,
    pub(super) not_checked: Option<String>,
}

/// Holds names, arguments and settings of `rows` against the list of cases among the inputs.
pub(super) fn list(
    examined: &Examined,
    summary: &Summary,
    document: &Map<String, Value>,
    rows: &[Done],
) -> Listed {
    let count = document.get("listed").and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
    let mut listed = Listed { count, names: None, findings: Vec::new(), not_checked: None };
    let name = summary.title.strip_prefix("matrix ").unwrap_or_default();
    let stored =
        summary.inputs.iter().find(|input| input.name == name).and_then(|input| input.stored.as_ref());
    let text = stored.and_then(|stored| examined.files.read(stored, DOCUMENT_LIMIT).ok());
    let read = text.and_then(|text| cases::in_text(&String::from_utf8_lossy(&text)).ok());
    let Some((cases, is_whole)) = read.filter(|_| count.is_some()) else {
        listed.not_checked =
            Some("which cases the list has: it is not in the bundle, or another version wrote it".to_owned());
        return listed;
    };
    if !is_whole {
        listed.not_checked = Some("which cases the list has: it includes another one".to_owned());
        return listed;
    }
    let names: BTreeMap<&str, &Case> = cases.iter().map(|case| (case.name.as_str(), case)).collect();
    for row in rows {
        match names.get(row.name.as_str()) {
            None => listed.findings.push(format!("case `{}` is not in the list of cases", row.name)),
            Some(case) => {
                let other = otherwise(case, row);
                let say =
                    |what: &str| format!("case `{}`: `{what}` is not that of the list of cases", row.name);
                listed.findings.extend(other.into_iter().map(say));
            }
        }
    }
    listed.names = Some(names.keys().map(|name| (*name).to_owned()).collect());
    if count != Some(names.len()) {
        let says = count.unwrap_or_default();
        listed.findings.push(format!("says that the list has {says} cases, which has {}", names.len()));
    }
    listed
}

/// What `row` has otherwise than its `case` in the list states.
fn otherwise(case: &Case, row: &Done) -> Vec<&'static str> {
    let mut other = Vec::new();
    let mut hold = |is_so: bool, what| {
        if !is_so {
            other.push(what);
        }
    };
    let given = case.args.list();
    // Of a case that could not be run there may be none.
    if row.verdict != Verdict::Error || !row.args.is_empty() {
        let same = |(given, row): (&String, &String)| given == row || is_file_named(row, given);
        hold(given.len() == row.args.len() && given.iter().zip(&row.args).all(same), "args");
    }
    let Some(settings) = &row.settings else { return other };
    let roi = case.roi.as_deref();
    hold(roi.is_none_or(|roi| settings.roi.is_some_and(|is| is == *roi)), "roi");
    hold(case.threshold.is_none_or(|says| says == settings.threshold), "threshold");
    hold(case.sum_ratio.is_none_or(|says| says == settings.sum_ratio), "sum_ratio");
    hold(case.rtol.is_none_or(|says| says == settings.rtol), "rtol");
    hold(case.within.is_none_or(|says| says == settings.within), "within");
    hold(case.max_ulp.is_none_or(|says| settings.max_ulp == Some(u64::from(says))), "max_ulp");
    other
}

/// Whether a recorded word stands for the file that a list gives as `given`.
fn is_file_named(recorded: &str, given: &str) -> bool {
    // As `--grid=FILE`, too.
    let behind = |word: &str| match word.split_once('=') {
        Some((option, value)) if option.starts_with('-') => (option.to_owned(), value.to_owned()),
        _ => (String::new(), word.to_owned()),
    };
    let ((option, recorded), (given_option, given)) = (behind(recorded), behind(given));
    option == given_option
        && recorded.starts_with('{')
        && built_in::file_name(&recorded) == built_in::file_name(&given)
}

/// What the summary says of single cases and what its files and steps say otherwise.
pub(super) fn cases(examined: &Examined, summary: &Summary, rows: &[Done]) -> Vec<String> {
    let mut findings = Vec::new();
    for row in rows {
        let mut hold = |is_so: bool, what: &str| {
            if !is_so {
                findings.push(format!("{}: `{what}` does not follow from its files and steps", row.name));
            }
        };
        let fits = match row.verdict {
            // Outputs of other shapes are a difference, too, and rules that do not fit decide nothing.
            Verdict::Fail if row.outputs.is_some() => matches!(row.exit_code, Exit::Differs | Exit::Mismatch),
            Verdict::Undecided if row.outputs.is_some() => {
                matches!(row.exit_code, Exit::Undecided | Exit::Usage)
            }
            Verdict::Error => !matches!(row.exit_code, Exit::Agrees | Exit::Differs),
            other => row.exit_code == other.exit(),
        };
        hold(fits, "exit_code");
        let sides = [Side::Reference, Side::Candidate];
        let is_of_images = row.outputs.is_none();
        for (side, sha256) in sides.into_iter().zip(&row.sha256) {
            let place = format!("cases/{}/{}", row.name, side.float_image());
            let kept = examined.listed.get(&place);
            hold(kept.is_none() || kept == sha256.as_ref(), "sha256");
        }
        let steps = sides.map(|side| {
            let name = format!("{}/{}", row.name, side.prefix());
            summary.steps.iter().find(|step| step.name == name)
        });
        hold(row.settings.is_none() || steps[1].is_some(), "settings");
        // What steps of an adapter have to be is held against the adapter.
        let held = sides.into_iter().zip(steps).filter(|_| is_of_images);
        for (side, step) in held.filter_map(|(side, step)| Some((side, step?))) {
            hold(programs::unasked(side, step).is_none(), "exit and variables");
            hold(built_in::are_those_of(&row.args, &step.command), "args");
        }
        let seconds = [row.sides.reference_s, row.sides.candidate_s];
        for (step, seconds) in steps.into_iter().zip(seconds) {
            let measured = step.and_then(|step| step.wall_s);
            let fits = |(says, is): (f64, f64)| (says - is).abs() <= 1e-3;
            let from_cache = step.is_some_and(|step| step.kept_from.is_some());
            hold(from_cache || seconds.zip(measured).is_none_or(fits), "sides");
        }
    }
    findings.dedup();
    findings
}

/// Documents and figures of the whole, where this version wrote them.
///
/// # Errors
/// A document cannot be read.
pub(super) fn shown(
    examined: &Examined,
    summary: &Summary,
    (document, metrics): (&Map<String, Value>, &Value),
    (rows, not_run, tally): (&[Done], &[String], &MatrixTally),
) -> std::io::Result<(Vec<String>, Option<String>)> {
    let is_own = summary.layout == layout() && document.get("pages") == Some(&json!(writer()));
    let Some(environment) = examined.environment.as_ref().filter(|_| is_own) else {
        return Ok((
            Vec::new(),
            Some("its page, `analysis.md` and junit.xml: another version wrote them".to_owned()),
        ));
    };
    let text = |name: &str| -> std::io::Result<String> {
        Ok(String::from_utf8_lossy(&examined.files.read(name, DOCUMENT_LIMIT)?).into_owned())
    };
    let mut findings = Vec::new();
    let mut hold = |is_so: bool, name: &str| {
        if !is_so {
            findings.push(format!("`{name}` says something else than the cases make"));
        }
    };
    let analysis = analysis_frame(summary).body(&text("analysis.md")?).unwrap_or_default().to_owned();
    hold(same_text(analysis.trim(), documents::analysis(rows).trim()), "analysis.md");
    let page = text("report.html")?;
    let sections = page_frame(summary, environment, "").body(&page).unwrap_or_default();
    let made = part(tally, rows).into_string();
    hold(same_text(with_pictures_made(sections, rows).trim(), made.trim()), "report.html");
    let xml = junit(&summary.title, rows, tally.flips.as_deref(), not_run);
    hold(same_text(&text("junit.xml")?, &xml), "junit.xml");
    let figures = documents::metrics(rows, tally);
    let figures = json!({ "metrics": figures.values, "undefined": figures.undefined });
    for name in ["metrics", "undefined"] {
        hold(same(&metrics[name], &figures[name]), "metrics.json");
    }
    let some = rows.iter().any(has_pictures_of_its_own);
    let not_checked = some.then(|| "small pictures of cases whose images are not in the bundle".to_owned());
    Ok((findings, not_checked))
}

/// Whether there are pictures of the case that cannot be made again.
fn has_pictures_of_its_own(row: &Done) -> bool {
    row.settings.is_some() && row.thumbnails.is_none()
}

/// The sections of a page without the pictures that are not made again, which are the only elements of their name that it may
/// have; those in the rows of other cases stay, to be compared.
fn with_pictures_made(sections: &str, rows: &[Done]) -> String {
    let is_row = |part: &&str| part.starts_with("tr>");
    // The head of the table is a row, too.
    let heads = sections.split('<').filter(is_row).count().saturating_sub(rows.len());
    let mut parts = sections.split('<');
    let mut text = parts.next().unwrap_or_default().to_owned();
    let mut begun = 0;
    for part in parts {
        begun += usize::from(is_row(&part));
        let row = begun.checked_sub(heads + 1).and_then(|i| rows.get(i));
        match part.strip_prefix("img ").filter(|_| row.is_some_and(has_pictures_of_its_own)) {
            Some(picture) => text += picture.split_once('>').map_or("", |(_, rest)| rest),
            None => text = text + "<" + part,
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use maud::html;

    use super::*;
    use crate::compare::recorded::Recorded;
    use crate::compare::settings::Settings;

    #[test]
    fn pictures_that_are_not_made_again_are_left_out_and_no_others() {
        let page = |has_first: bool, has_second: bool| {
            let table = html! {
                table {
                    tr { th { "case" } }
                    tr { td { "a" @if has_first { img alt="x" src="y"; } "b" } }
                    tr { td { "c" @if has_second { img alt="z"; } } }
                }
                p { "d" }
            };
            table.into_string()
        };
        let failed = Done::failed("second", String::new(), Exit::Program);
        let settings = Recorded::of(&Settings::default(), [(1, 1); 2]);
        let first = Done { settings: Some(settings), ..Done::failed("first", String::new(), Exit::Agrees) };
        let rows = [first, failed];
        assert_eq!(with_pictures_made(&page(true, true), &rows), page(false, true));
        assert_eq!(with_pictures_made(&page(true, false), &rows[1..]), page(true, false));
    }
}
