//! What both sides say they computed with, read again from the files of a bundle, and the sentence that this puts before the pixels.
//!
//! Not here: figures and verdict (`recompute`).

use std::ffi::OsString;
use std::fs::File;

use serde_json::{Map, Value as Json};
use trace_harness::evidence::bundle::summary::Summary;
use trace_harness::evidence::bundle::verify::Examined;

use crate::built_in::{self, printed};
use crate::compare::recorded::Recorded;
use crate::effective::{Effective, Stated, StatedValue};
use crate::recompute::alike::same;
use crate::report;
use crate::runner::Side;

/// How a reference is called that is an image which this program brings along.
pub(crate) const STORED_IMAGE: &str = "stored image protein/";

/// What the files of one comparison say of its numbers.
pub(super) struct Said {
    effective: Effective,
    /// What comes before the pixels in the reason, unless they pass.
    pub(super) before_the_pixels: Option<String>,
    /// Parameters that only the header of an integer image states, which no bundle keeps.
    from_headers: Vec<&'static str>,
}

impl Said {
    /// Reads the files of the comparison `case`, of which the bundle says `fields`.
    pub(super) fn read(
        examined: &Examined,
        summary: &Summary,
        fields: &Map<String, Json>,
        recorded: &Recorded,
        case: &str,
    ) -> Self {
        let open = |name: &str| -> Option<File> {
            examined.listed.contains_key(name).then(|| examined.files.file(name).ok()).flatten()
        };
        if summary.steps.is_empty() {
            // Two files are inputs, and their own headers are there.
            let [a, b] = recorded.images.each_ref().map(|token| {
                let input = summary.inputs.iter().find(|input| input.token == *token);
                Stated::of_files(
                    None::<std::io::Empty>,
                    input.and_then(|input| open(input.stored.as_deref()?)),
                )
            });
            let effective = Effective::of(&a, &b);
            let before_the_pixels = effective.sentence();
            return Self { effective, before_the_pixels, from_headers: Vec::new() };
        }
        let folder = if case.is_empty() { String::new() } else { format!("cases/{case}/") };
        let log = |side: Side, which: usize| open(&format!("{folder}{}", side.logs()[which]));
        let mut from_headers = Vec::new();
        let [a, b] = [Side::Reference, Side::Candidate].map(|side| {
            let Some(stdout) = log(side, 0) else { return Stated::default() };
            let mut stated = Stated::of_files(Some(stdout), None);
            from_headers.extend(take_headers(&mut stated, fields, side));
            stated.asked(built_in::asked(&words_of(summary, side, case)))
        });
        let effective = Effective::of(&a, &b);
        let is_c = log(Side::Reference, 0).and_then(printed::dialect).is_some()
            || fields
                .get("reference")
                .and_then(Json::as_str)
                .is_some_and(|name| name.starts_with(STORED_IMAGE));
        let corrected = log(Side::Candidate, 1).filter(|_| is_c).and_then(printed::corrections);
        let sentences: Vec<String> = effective.sentence().into_iter().chain(corrected).collect();
        let before_the_pixels = (!sentences.is_empty()).then(|| sentences.join("; "));
        from_headers.sort_unstable();
        from_headers.dedup();
        Self { effective, before_the_pixels, from_headers }
    }

    /// What the bundle says otherwise of its parameters.
    pub(super) fn differences(&self, fields: &Map<String, Json>) -> Option<String> {
        let says = fields.get("effective_parameters").unwrap_or(&Json::Null);
        let is = report::parameters(&self.effective);
        if same(says, &is) {
            return None;
        }
        let rows = |of: &Json| of["parameters"].as_array().cloned().unwrap_or_default();
        let (says, is) = (rows(says), rows(&is));
        let other = is.iter().find(|row| !says.iter().any(|said| same(said, row)));
        let other = other.or_else(|| says.iter().find(|said| !is.iter().any(|row| same(said, row))));
        let name = other.map_or("their number", |row| row["name"].as_str().unwrap_or("an unknown one"));
        Some(format!("`effective_parameters`: do not follow from what both sides printed: {name}"))
    }

    /// What no file of the bundle states.
    pub(super) fn not_checked(&self) -> Option<String> {
        let names = self.from_headers.join(", ");
        (!names.is_empty())
            .then(|| format!("{names}: stated by the header of an integer image, which is not kept"))
    }
}

/// The words that `side` of the comparison `case` was called with, as the bundle has them; none where it did not run.
pub(super) fn words_of(summary: &Summary, side: Side, case: &str) -> Vec<OsString> {
    let name = if case.is_empty() { side.prefix().to_owned() } else { format!("{case}/{}", side.prefix()) };
    let step = summary.steps.iter().find(|step| step.name == name);
    step.into_iter().flat_map(|step| step.command.iter().map(OsString::from)).collect()
}

/// Takes what the bundle says of `side` for what a header can state and its console text does not; gives the names.
fn take_headers(stated: &mut Stated, fields: &Map<String, Json>, side: Side) -> Vec<&'static str> {
    let rows = fields.get("effective_parameters").and_then(|of| of["parameters"].as_array());
    let rows: Vec<&Json> = rows.into_iter().flatten().collect();
    let mut taken = Vec::new();
    for parameter in built_in::parameters().known.iter().filter(|p| p.header.is_some()) {
        let row = rows.iter().find(|row| row["name"] == parameter.name);
        let numbers = row.and_then(|row| row[side.prefix()].as_array());
        if let (None, Some(numbers)) = (stated.get(&parameter.name), numbers) {
            // JSON has no NaN and writes null.
            let numbers = numbers.iter().map(|number| number.as_f64().unwrap_or(f64::NAN)).collect();
            stated.state(&parameter.name, StatedValue::Numbers(numbers));
            taken.push(parameter.name.as_str());
        }
    }
    taken
}
