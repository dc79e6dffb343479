//! A trace taken apart by depth: the main trace, and the lines of the rotation steps as text and as data.
//!
//! Not here: making the trace.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use nanobragg::engine::TraceDepth;
use serde_json::{Map, Value, json};

use crate::pixel_pair::Paired;
use crate::trace::log::{self, TraceError};

/// What a line belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LineLevel {
    /// Says which pixel follows.
    Head,
    /// A level of [`TraceDepth`].
    At(TraceDepth),
    /// The rotated cell of a step.
    RotatedCell,
}

/// The lines of `trace` down to `depth`; those with rotated cells only with `rotated_cells`.
pub fn main_trace(trace: &str, depth: TraceDepth, rotated_cells: bool) -> String {
    keep(trace, |level| match level {
        LineLevel::Head => true,
        LineLevel::At(own) => own <= depth,
        LineLevel::RotatedCell => rotated_cells && depth >= TraceDepth::Phi,
    })
}

/// The lines of the rotation steps, below the head of their pixel; `None` where there is none.
pub fn phi_trace(trace: &str, rotated_cells: bool) -> Option<String> {
    let is_step =
        |level| level == LineLevel::At(TraceDepth::Phi) || rotated_cells && level == LineLevel::RotatedCell;
    let any = trace.lines().any(|line| is_step(level(line)));
    any.then(|| keep(trace, |level| level == LineLevel::Head || is_step(level)))
}

fn keep(trace: &str, wanted: impl Fn(LineLevel) -> bool) -> String {
    trace.lines().filter(|line| wanted(level(line))).map(|line| format!("{line}\n")).collect()
}

fn level(line: &str) -> LineLevel {
    let name = line.split([':', ' ']).next().unwrap_or_default();
    match name.splitn(3, '_').nth(2) {
        Some("PIXEL") => LineLevel::Head,
        Some("SOURCE") => LineLevel::At(TraceDepth::Source),
        Some("PHI") => LineLevel::At(TraceDepth::Phi),
        Some("ROTSTAR") => LineLevel::RotatedCell,
        Some("STEP" | "TRICUBIC") => LineLevel::At(TraceDepth::Step),
        _ if name == "TRACE_CONFIG" => LineLevel::Head,
        _ => LineLevel::At(TraceDepth::Pixel),
    }
}

/// The rotation steps of a whole trace as data: for each pixel, and each layer and sub-pixel of it, the values of every step;
/// their cells only with `rotated_cells`.
///
/// # Errors
/// A line begins like a trace and is none.
pub fn phi_table(trace: &str, rotated_cells: bool) -> Result<Value, TraceError> {
    let log = log::read_bytes(trace.as_bytes(), Path::new("the trace"))?;
    let mut blocks = Vec::new();
    for segment in &log.segments {
        let mut steps: BTreeMap<i32, Map<String, Value>> = BTreeMap::new();
        for line in segment.lines.clone() {
            for item in log.items(line) {
                let [_, phi, _] = item.line.place;
                let Some((level, name)) = log.names.get(item.key).split_once('.') else { continue };
                if level != "phi" && !(rotated_cells && level == "rotstar") {
                    continue;
                }
                let step =
                    steps.entry(phi).or_insert_with(|| Map::from_iter([("phi_tic".to_owned(), phi.into())]));
                step.insert(name.to_owned(), value(item.numbers));
            }
        }
        let pixel = segment.subject.pixel();
        if !steps.is_empty() {
            let steps: Vec<Map<String, Value>> = steps.into_values().collect();
            blocks.push(json!({"pixel": pixel.to_pairs(), "block": segment.block, "steps": steps}));
        }
    }
    Ok(json!({"schema": "nanobragg-rs/phi-trace", "version": 1, "label": log.label, "blocks": blocks}))
}

/// How many rotation steps the lines of [`phi_trace`] are of: each is printed once for every sub-pixel, layer and pixel.
pub fn rotation_steps(phi_trace: &str) -> usize {
    let steps = phi_trace.lines().filter(|line| level(line) == LineLevel::At(TraceDepth::Phi));
    let numbers =
        steps.filter_map(|line| line.split([' ', ':']).find_map(|word| word.strip_prefix("phi_tic=")));
    numbers.collect::<BTreeSet<_>>().len()
}

/// A number alone, several as a list; NaN is null.
fn value(numbers: &[f64]) -> Value {
    match numbers {
        [] => Value::Null,
        [one] => json!(one),
        many => json!(many),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "TRACE_RS:distance_m=0.1\nTRACE_RS_PIXEL 7 6\nTRACE_RS: F_cell 5\nTRACE_RS_SOURCE 1: polar 0.5\n\
        TRACE_RS_PHI phi_tic=0 phi_deg=0 k_frac=0.25 F_latt_b=- F_latt=4\nTRACE_RS_ROTSTAR phi_tic=0 ap=1,2,3\n\
        TRACE_RS_STEP source=0 phi_tic=0 mos_tic=0 term=4\nTRACE_RS_TRICUBIC: [0,0,1]=5\n\
        TRACE_RS_PHI phi_tic=1 phi_deg=0.5 k_frac=0.5 F_latt_b=3 F_latt=9\n";

    #[test]
    fn each_depth_adds_its_lines() {
        let lines = |depth, cells| main_trace(TRACE, depth, cells).lines().count();
        assert_eq!(lines(TraceDepth::Pixel, true), 3);
        assert_eq!(lines(TraceDepth::Source, false), 4);
        assert_eq!((lines(TraceDepth::Phi, false), lines(TraceDepth::Phi, true)), (6, 7));
        assert_eq!(main_trace(TRACE, TraceDepth::Step, true), TRACE);
    }

    #[test]
    fn a_rotation_step_counts_once_however_many_sub_pixels_it_has() {
        assert_eq!(rotation_steps(&phi_trace(TRACE, true).unwrap()), 2);
        let sub_pixels = TRACE.replace("phi_tic=1", "phi_tic=0");
        assert_eq!(rotation_steps(&phi_trace(&sub_pixels, false).unwrap()), 1);
    }

    #[test]
    fn the_rotation_steps_are_set_apart_below_their_pixel() {
        assert_eq!(phi_trace(TRACE, false).unwrap().lines().count(), 3);
        assert!(phi_trace(TRACE, true).unwrap().starts_with("TRACE_RS_PIXEL 7 6\nTRACE_RS_PHI phi_tic=0"));
        assert_eq!(phi_trace("TRACE_CONFIG: x\nTRACE_C: F_cell 5\n", true), None);
    }

    #[test]
    fn the_table_holds_every_step_with_its_values() {
        let table = phi_table(TRACE, true).unwrap();
        let block = &table["blocks"][0];
        assert_eq!(block["pixel"], json!([7, 6]));
        assert_eq!(block["steps"][0]["ap"], json!([1.0, 2.0, 3.0]));
        assert_eq!(block["steps"][0]["F_latt_b"], Value::Null);
        assert_eq!(block["steps"][1]["F_latt"], json!(9.0));
        assert_eq!(block["steps"].as_array().unwrap().len(), 2);
        assert_eq!(phi_table(TRACE, false).unwrap()["blocks"][0]["steps"][0]["ap"], Value::Null);
    }

    #[test]
    fn sub_pixels_are_not_merged() {
        let twice = "TRACE_RS_PIXEL 7 6\nTRACE_RS: F_cell 5\nTRACE_RS_PHI phi_tic=0 F_latt=4\nTRACE_RS: F_cell 6\n\
            TRACE_RS_PHI phi_tic=0 F_latt=9\n";
        let table = phi_table(twice, false).unwrap();
        let found: Vec<&Value> =
            table["blocks"].as_array().unwrap().iter().map(|b| &b["steps"][0]["F_latt"]).collect();
        assert_eq!(found, [&json!(4.0), &json!(9.0)]);
    }
}
