//! Root causes: the divergent keys all of whose inputs agree, and whether what they cause reaches the result.
//!
//! A key that neither trace has is looked through to its own inputs. A divergence that every path to the result stops at an
//! agreeing key, or at one that does not follow it, is the trace's own. Not here: comparing values (`diff`).

use std::collections::{BTreeMap, BTreeSet};

use crate::trace::cause::cells::{CellState, Cells};
use crate::trace::keys::Keys;

/// A divergence and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RootCause {
    /// The key.
    pub key: usize,
    /// The power of ten between the two sides that was set apart first.
    pub power: Option<i32>,
    /// Divergent keys that follow from it.
    pub downstream: Vec<usize>,
    /// Keys at which it ends although they depend on it.
    pub stops: Vec<usize>,
}

/// What one segment comes down to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Causes {
    /// What the result differs for.
    pub roots: Vec<RootCause>,
    /// What differs in the trace only.
    pub trace_only: Vec<RootCause>,
}

/// Whether any of the keys that `key` is computed from differs. A key that amplifies rounding can differ for inputs that
/// agree and yet are not the same: what these come from is looked at too.
pub fn input_differs(keys: &Keys<'_>, key: usize, state: &dyn Fn(usize) -> CellState) -> bool {
    let amplifies = keys.about(key).kind.amplifies();
    let mut seen = BTreeSet::new();
    let mut open = keys.inputs(key).to_vec();
    while let Some(input) = open.pop() {
        if seen.insert(input) {
            match state(input) {
                CellState::Differ => return true,
                CellState::Close if amplifies => open.extend(keys.inputs(input)),
                CellState::Same | CellState::Close => {}
                CellState::Absent => open.extend(keys.inputs(input)),
            }
        }
    }
    false
}

/// Whether a divergence has ended at a key that agrees within the tolerance: it moved by less than a thousandth as much.
fn faded(state: CellState, moved: f64, root: f64) -> bool {
    state == CellState::Close && moved < root * 1e-3
}

/// The causes of one segment. `follows` returns whether a divergent key moved about as much as its inputs say it should; it
/// hears whether they moved by a power of ten, which moves every term of a sum, and not the one alone that a trace shows.
pub fn causes(keys: &Keys<'_>, cells: &Cells<'_>, follows: &dyn Fn(usize, bool) -> bool) -> Causes {
    let raw = |key: usize| cells.get(key).state;
    let mut found = Causes::default();
    let mut set_apart: BTreeMap<usize, Option<i32>> = BTreeMap::new();
    for key in roots(keys, cells, &raw) {
        let slip = power_of_ten(cells.get(key).sides).is_some();
        let passes =
            |k: usize| follows(k, slip) && !faded(raw(k), cells.get(k).relative, cells.get(key).relative);
        let reach = reach(keys, key, &raw, &passes);
        if reach.is_cut(keys, &raw) {
            let power = power_of_ten(cells.get(key).sides);
            for touched in std::iter::once(key).chain(reach.touched.iter().copied()) {
                let shared = power.filter(|_| power_of_ten(cells.get(touched).sides) == power);
                set_apart.insert(touched, shared);
            }
            found.trace_only.push(RootCause { key, power, downstream: reach.touched, stops: reach.stops });
        }
    }
    // Without what is the trace's own: a power of ten is taken out, everything else is as if it were not there.
    let rest = |key: usize| match set_apart.get(&key) {
        None => raw(key),
        Some(None) => CellState::Absent,
        Some(Some(power)) => {
            let [a, b] = cells.get(key).sides;
            let scaled: Vec<f64> = b.iter().map(|x| x * 10_f64.powi(-*power)).collect();
            if keys.tolerance(key).compare(a, &scaled).1 { CellState::Close } else { CellState::Differ }
        }
    };
    for key in roots(keys, cells, &rest) {
        let passes = |k: usize| !faded(rest(k), cells.get(k).relative, cells.get(key).relative);
        let reach = reach(keys, key, &rest, &passes);
        let power = set_apart.get(&key).copied().flatten();
        let cut = reach.is_cut(keys, &rest);
        let finding = RootCause { key, power, downstream: reach.touched, stops: reach.stops };
        if cut { &mut found.trace_only } else { &mut found.roots }.push(finding);
    }
    found
}

fn roots(keys: &Keys<'_>, cells: &Cells<'_>, state: &dyn Fn(usize) -> CellState) -> Vec<usize> {
    let is_root =
        |k: &usize| state(*k) == CellState::Differ && !cells.inherits(*k) && !input_differs(keys, *k, state);
    cells.differing().filter(is_root).collect()
}

/// How far a divergence goes.
struct Reach {
    touched: Vec<usize>,
    stops: Vec<usize>,
    result: bool,
    /// Whether a result that is not in both traces depends on it.
    open: bool,
}

impl Reach {
    /// Whether it ends before the result.
    fn is_cut(&self, keys: &Keys<'_>, state: &dyn Fn(usize) -> CellState) -> bool {
        let results = keys.results().iter().map(|k| state(*k));
        let mut states = results.filter(|s| *s != CellState::Absent).peekable();
        let untouched = states.peek().is_some() && states.all(|s| s == CellState::Same);
        !self.result && !self.open && (!self.stops.is_empty() || untouched)
    }
}

fn reach(
    keys: &Keys<'_>,
    root: usize,
    state: &dyn Fn(usize) -> CellState,
    passes: &dyn Fn(usize) -> bool,
) -> Reach {
    let mut out =
        Reach { touched: Vec::new(), stops: Vec::new(), result: keys.about(root).result, open: false };
    let mut seen = BTreeSet::from([root]);
    let mut open = keys.dependents(root).to_vec();
    while let Some(key) = open.pop() {
        if !seen.insert(key) {
            continue;
        }
        match state(key) {
            CellState::Absent => {
                out.open |= keys.about(key).result;
                open.extend(keys.dependents(key));
            }
            CellState::Differ | CellState::Close if passes(key) => {
                if state(key) == CellState::Differ {
                    out.touched.push(key);
                }
                out.result |= keys.about(key).result;
                open.extend(keys.dependents(key));
            }
            CellState::Same | CellState::Close | CellState::Differ => out.stops.push(key),
        }
    }
    out.touched.sort_unstable();
    out.stops.sort_unstable();
    out
}

/// The power of ten by which the second side is larger, if that is all there is between them but for two percent.
pub fn power_of_ten([a, b]: [&[f64]; 2]) -> Option<i32> {
    let dot = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(p, q)| p * q).sum::<f64>();
    if a.len() != b.len() || a.is_empty() {
        return None;
    }
    let lengths = [dot(a, a).sqrt(), dot(b, b).sqrt()];
    let ratio = lengths[1] / lengths[0];
    let power = ratio.log10().round();
    let alike = dot(a, b) / lengths[0] / lengths[1] > 0.99;
    let close = (ratio / 10_f64.powf(power) - 1.0).abs() < 0.02;
    (ratio.is_finite() && power != 0.0 && alike && close).then_some(power as i32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::cause::cells::Cell;
    use crate::trace::diff::tolerance::Tolerances;
    use crate::trace::log::TraceLog;
    use crate::trace::schema::Schema;

    /// a → b → c → result, and d → c.
    const SCHEMA: &str = "[[key]]\nname = 'a'\n[[key]]\nname = 'b'\ninputs = ['a']\n[[key]]\nname = 'd'\n\
        [[key]]\nname = 'c'\ninputs = ['b', 'd']\n[[key]]\nname = 'result'\ninputs = ['c']\nresult = true\n";

    /// The causes of keys with these values on both sides, as `(roots, trace only)`.
    fn of(values: &[(&str, f64, f64)], deaf: Option<&str>) -> (Vec<String>, Vec<String>) {
        let schema = Schema::from_toml(SCHEMA).unwrap();
        let empty = TraceLog::default();
        let keys = Keys::new(&schema, [&empty, &empty], &Tolerances::default(), false);
        let numbers: Vec<[[f64; 1]; 2]> = values.iter().map(|(_, a, b)| [[*a], [*b]]).collect();
        let mut cells = Cells::new(keys.known());
        for ((name, a, b), n) in values.iter().zip(&numbers) {
            let state = if a == b { CellState::Same } else { CellState::Differ };
            let relative = (a - b).abs() / a.abs().max(b.abs());
            cells.set(keys.find(name).unwrap(), Cell { state, relative, sides: [&n[0], &n[1]] });
        }
        let causes = causes(&keys, &cells, &|key, _| Some(keys.name(key)) != deaf);
        let names = |findings: &[RootCause]| findings.iter().map(|f| keys.name(f.key).to_owned()).collect();
        (names(&causes.roots), names(&causes.trace_only))
    }

    fn list(names: &[&str]) -> Vec<String> {
        names.iter().map(|n| (*n).to_owned()).collect()
    }

    #[test]
    fn a_root_cause_is_a_divergent_key_whose_inputs_agree() {
        let all = [("a", 1., 1.5), ("b", 1., 3.), ("d", 1., 1.), ("c", 1., 4.), ("result", 1., 4.)];
        assert_eq!(of(&all, None), (list(&["a"]), vec![]));
        let two = [("a", 1., 1.5), ("b", 1., 3.), ("d", 1., 7.), ("c", 1., 4.), ("result", 1., 4.)];
        assert_eq!(of(&two, None), (list(&["a", "d"]), vec![]));
    }

    #[test]
    fn a_missing_key_is_looked_through() {
        let gap = [("a", 1., 1.5), ("d", 1., 1.), ("c", 1., 4.), ("result", 1., 4.)];
        assert_eq!(of(&gap, None), (list(&["a"]), vec![]));
    }

    #[test]
    fn what_stops_before_the_result_is_the_traces_own() {
        let stopped = [("a", 1., 1.5), ("b", 1., 3.), ("d", 1., 1.), ("c", 1., 1.), ("result", 1., 1.)];
        assert_eq!(of(&stopped, None), (vec![], list(&["a"])));
        let besides = [("a", 1., 1.5), ("b", 1., 3.), ("d", 1., 1.), ("c", 1., 1.), ("result", 1., 2.)];
        assert_eq!(of(&besides, None), (list(&["result"]), list(&["a"])));
    }

    #[test]
    fn a_key_that_does_not_follow_its_inputs_ends_the_path() {
        let slip = [("a", 1., 1e-10), ("b", 1., 1e-10), ("d", 1., 1.), ("c", 1., 1.05), ("result", 1., 1.05)];
        assert_eq!(of(&slip, Some("c")), (list(&["c"]), list(&["a"])));
        // Behind the power of ten stands another divergence, and that one may be the cause.
        let more =
            [("a", 1., 1.01e-10), ("b", 1., 1.01e-10), ("d", 1., 1.), ("c", 1., 1.05), ("result", 1., 1.05)];
        assert_eq!(of(&more, Some("c")), (list(&["a"]), list(&["a"])));
    }

    #[test]
    fn powers_of_ten_are_seen_through_a_small_rest() {
        assert_eq!(power_of_ten([&[1.0, 2.0], &[1.001e-10, 2.0e-10]]), Some(-10));
        assert_eq!(power_of_ten([&[1.0, 2.0], &[1.0, 2.0]]), None);
        assert_eq!(power_of_ten([&[1.0, 0.0], &[0.0, 1e-10]]), None);
        assert_eq!(power_of_ten([&[1.0], &[0.0]]), None);
    }
}
