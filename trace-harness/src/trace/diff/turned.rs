//! What a turned cell vector comes from, in words: the cell of another rotation step, another orientation, or another cell.
//!
//! A known defect is named only where it does just this: the run has a step at phi = 0, and the turn is that of the step before.
//! Not here: the geometry (`cause::orientation`), vectors that are not turned (`cause::signature`).

use std::collections::BTreeMap;

use crate::trace::cause::arguments::Arguments;
use crate::trace::cause::orientation::{CellVectors, is_turn_by, step_before_zero, turn};
use crate::trace::diff::{Difference, StepRow};
use crate::trace::log::{NONE, Subject, TraceLog};

/// The vectors of one cell, in the forms in which traces have it.
const CELLS: [[&str; 3]; 2] =
    [["rot_a_angstroms", "rot_b_angstroms", "rot_c_angstroms"], ["rotstar.ap", "rotstar.bp", "rotstar.cp"]];

/// The angle of a rotation step.
const PHI: &str = "phi.phi_deg";

/// How closely lengths and angles of a cell agree with itself, for the least precise of programs.
const CLOSE: f64 = 1e-5;

/// What is known of the rotation of two runs.
pub(super) struct Rotation {
    /// By how many degrees the step before that at phi = 0 is turned, for each run that has one.
    before_zero: Vec<f64>,
    /// Whether it is known of a run at all.
    known: bool,
    /// Whether a cell differs in a step at another angle than 0.
    elsewhere: bool,
}

impl Rotation {
    /// Finds the rotation steps in the traces, or in what the arguments of their runs give.
    pub(super) fn of(traces: [&TraceLog; 2], arguments: [Option<&Arguments>; 2], rows: &[StepRow]) -> Self {
        let steps = traces.map(phi_steps);
        let several = traces.map(may_have_several_steps);
        let mut before_zero = Vec::new();
        let mut known = false;
        for side in 0..2 {
            let phi: Vec<f64> = steps[side].values().copied().collect();
            known |= !phi.is_empty() || arguments[side].is_some() || several[side] == Some(false);
            before_zero.extend(step_before_zero(&phi));
            before_zero.extend(arguments[side].and_then(|given| given.step_before_zero));
        }
        let angle = |number: i32| steps.iter().find_map(|steps| steps.get(&number).copied());
        let differs =
            |row: &StepRow| row.differing.iter().any(|key| CELLS.iter().flatten().any(|c| c == key));
        let elsewhere =
            rows.iter().any(|row| differs(row) && angle(row.number).is_some_and(|phi| phi != 0.0));
        Self { before_zero, known, elsewhere }
    }

    /// What the turned vector of `first` comes from. `power` of ten stands between the sides and is taken out of B.
    pub(super) fn hint(&self, traces: [&TraceLog; 2], first: &Difference, power: Option<i32>) -> String {
        let scale = 10_f64.powi(-power.unwrap_or(0));
        let cells = [0, 1].map(|side| cell_around(traces[side], &first.key, first.place.lines[side]?));
        let [Some(a), Some(b)] = cells else {
            return "check -misset, -mat, the rotation axis".to_owned();
        };
        let Some(angle) = turn(&a, &b.map(|v| v.map(|x| x * scale)), CLOSE) else {
            return "the cells are not the same one turned: check -cell, -mat".to_owned();
        };
        if !self.elsewhere && self.before_zero.iter().any(|step| is_turn_by(angle, *step)) {
            return format!(
                "the cell of another rotation step does this (C-PARITY-001: at phi = 0 the one of the step before, {angle:.4} degrees \
                 away, is used again)"
            );
        }
        let look = if self.known {
            ""
        } else {
            "; a trace of the rotation steps (`--trace-depth phi`) says whether it is the cell of another one"
        };
        format!(
            "the same cell, turned as a whole by {angle:.4} degrees: check -misset, -mat, the rotation axis{look}"
        )
    }
}

/// The angles of the rotation steps, where the trace has them.
fn phi_steps(trace: &TraceLog) -> BTreeMap<i32, f64> {
    let mut steps = BTreeMap::new();
    let Some(phi) = trace.names.find(PHI) else { return steps };
    for segment in &trace.segments {
        for item in segment.lines.clone().flat_map(|line| trace.items(line)).filter(|item| item.key == phi) {
            if let ([angle], true) = (item.numbers, item.line.place[1] != NONE) {
                steps.entry(item.line.place[1]).or_insert(*angle);
            }
        }
        // Every pixel has the same steps.
        if !steps.is_empty() {
            break;
        }
    }
    steps
}

/// Whether the sum over a pixel can have several rotation steps: its terms beyond one for each layer and sub-pixel. `None` where
/// the trace does not say.
fn may_have_several_steps(trace: &TraceLog) -> Option<bool> {
    let steps = trace.names.find("steps")?;
    let mut blocks = 0;
    for segment in trace.segments.iter().filter(|segment| segment.subject != Subject::SetUp) {
        blocks = segment.block + 1;
        let mut items = segment.lines.clone().flat_map(|line| trace.items(line));
        if let Some(item) = items.find(|item| item.key == steps) {
            return Some(*item.numbers.first()? > blocks as f64);
        }
    }
    (blocks > 0).then_some(true)
}

/// The cell that the vector `key` on the line `number` belongs to: its companions nearest to it, of the same place.
fn cell_around(trace: &TraceLog, key: &str, number: u32) -> Option<CellVectors> {
    let names = CELLS.iter().find(|names| names.contains(&key))?;
    let at = trace.lines.partition_point(|line| line.number < number);
    let place = trace.lines.get(at)?.place;
    let segment = trace.segments.iter().find(|segment| segment.lines.contains(&at))?;
    let vector = |name: &str| -> Option<[f64; 3]> {
        let key = trace.names.find(name)?;
        let items = segment.lines.clone().flat_map(|line| trace.items(line));
        let alike = items.filter(|item| item.key == key && item.line.place == place);
        alike.min_by_key(|item| item.line.number.abs_diff(number))?.numbers.try_into().ok()
    };
    Some([vector(names[0])?, vector(names[1])?, vector(names[2])?])
}
