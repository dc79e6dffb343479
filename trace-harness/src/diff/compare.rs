//! The comparison of two whole traces.
//!
//! Not here: one segment (`segment`), what is printed (`report`).

use std::collections::BTreeMap;

use crate::attribution::{Attribution, attribute};
use crate::root_cause::{Causes, Finding, State};
use crate::schema::Schema;
use crate::signature::{Evidence as Look, describe};
use crate::trace_log::{Subject, TraceLog};

use super::keys::Keys;
use super::pair::{self, Layouts};
use super::segment::{Evidence, Work};
use super::tally::{KeyTally, Steps};
use super::tolerance::Tolerances;
use super::{Cause, Comparison, Difference, SideFacts, Verdict};

/// How two traces are compared.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Tolerances.
    pub tolerances: Tolerances,
    /// Keys that one side may lack; `*` at the end stands for any rest.
    pub allow_missing: Vec<String>,
    /// Fewer values than this are undecided.
    pub min_compared: u64,
}

/// Compares two traces, whose keys have their names of the schema (see [`TraceLog::rename`]).
pub fn compare(schema: &Schema, traces: [&TraceLog; 2], settings: &Settings) -> Comparison {
    let single = traces.map(|t| t.looks_single(schema));
    let keys = Keys::new(schema, traces, &settings.tolerances, single[0] || single[1]);
    let mut run = Run {
        keys: &keys,
        tallies: vec![KeyTally::default(); keys.len()],
        first: None,
        roots: BTreeMap::new(),
        trace_only: BTreeMap::new(),
        attribution: Vec::new(),
        missing_segments: [0; 2],
    };
    let (mut sources, mut phi_steps) = (Steps::default(), Steps::default());
    let mut layouts = Layouts::default();
    // Of the set-up: its causes count only where no pixel tells what becomes of them.
    let mut earlier = false;
    let mut set_up: Option<(Evidence<'_>, Causes)> = None;
    for (number, pair) in pair::segments(traces).into_iter().enumerate() {
        let side = usize::from(pair[0].is_none());
        let Some(segment) = pair[side].map(|n| &traces[side].segments[n]) else { continue };
        if pair[1 - side].is_none() {
            run.missing_segments[1 - side] += usize::from(segment.subject != Subject::SetUp);
        }
        let pixel = if let Subject::Pixel(pixel) = segment.subject { pixel } else { None };
        let place = (number, pixel, segment.block);
        let steps = [&mut sources, &mut phi_steps];
        let own_set_up = segment.subject == Subject::SetUp;
        if own_set_up && let Some((evidence, causes)) = set_up.take() {
            run.add(&evidence, causes);
        }
        let above = set_up.as_ref().map(|(evidence, _)| evidence);
        let mut work = Work::new(above, &keys, traces, place, &mut run.tallies, steps, &mut run.first);
        work.earlier = segment.block > 0 && earlier;
        pair::items(&keys, traces, pair, &mut layouts, &mut |items| work.take(&items));
        let (evidence, causes) = work.finish();
        let differs = evidence.differences.keys().any(|k| !keys.keys[*k].accumulates);
        earlier = differs || segment.block > 0 && earlier;
        if own_set_up {
            set_up = Some((evidence, causes));
        } else {
            run.add(&evidence, causes);
            if let Some((_, causes)) = &mut set_up {
                *causes = Causes::default();
            }
        }
    }
    if let Some((evidence, causes)) = set_up {
        run.add(&evidence, causes);
    }
    let facts = [0, 1].map(|n| side_facts(traces[n], single[n]));
    run.conclude(facts, sources, phi_steps, settings)
}

fn side_facts(trace: &TraceLog, single_precision: bool) -> SideFacts {
    SideFacts {
        file: trace.path.display().to_string(),
        label: trace.label.clone(),
        lines: trace.read,
        trace_lines: trace.lines.len(),
        numbers: trace.values.len(),
        single_precision,
    }
}

struct Run<'k, 's> {
    keys: &'k Keys<'s>,
    tallies: Vec<KeyTally>,
    first: Option<Difference>,
    roots: BTreeMap<usize, Found>,
    trace_only: BTreeMap<usize, Found>,
    attribution: Vec<Attribution>,
    missing_segments: [usize; 2],
}

/// A cause as it was met first, and how often it was met.
struct Found {
    finding: Finding,
    first: Difference,
    count: usize,
}

impl Run<'_, '_> {
    fn add(&mut self, evidence: &Evidence<'_>, causes: Causes) {
        for (list, findings) in [(&mut self.roots, causes.roots), (&mut self.trace_only, causes.trace_only)] {
            for finding in findings {
                let Some(first) = evidence.differences.get(&finding.key) else { continue };
                let new = || Found { finding: finding.clone(), first: first.clone(), count: 0 };
                list.entry(finding.key).or_insert_with(new).count += 1;
            }
        }
        for key in (0..self.keys.len()).filter(|k| self.keys.keys[*k].result) {
            let name = self.keys.name(key);
            if evidence.cells[key].state == State::Differ && !self.attribution.iter().any(|a| a.key == name) {
                self.attribution.extend(attribute(self.keys, &evidence.cells, key));
            }
        }
    }

    fn conclude(
        self,
        sides: [SideFacts; 2],
        sources: Steps,
        phi_steps: Steps,
        settings: &Settings,
    ) -> Comparison {
        let keys = self.keys;
        let rows: Vec<_> = (0..keys.len())
            .filter(|k| self.tallies[*k].compared > 0 || self.tallies[*k].missing != [0; 2])
            .map(|k| self.tallies[k].row(keys, k))
            .collect();
        let allowed = |name: &str| settings.allow_missing.iter().any(|pattern| matches(pattern, name));
        let missing: Vec<String> =
            rows.iter().filter(|r| r.missing != [0; 2] && !allowed(&r.key)).map(|r| r.key.clone()).collect();
        let compared = rows.iter().map(|r| r.compared).sum();
        let causes = |list: &BTreeMap<usize, Found>| list.values().map(|f| self.cause(f)).collect::<Vec<_>>();
        let mut out = Comparison {
            verdict: Verdict::Undecided,
            reason: String::new(),
            sides,
            compared,
            not_compared: (0..keys.len())
                .filter(|k| keys.fixed[*k])
                .map(|k| keys.name(k).to_owned())
                .collect(),
            root_causes: causes(&self.roots),
            trace_only: causes(&self.trace_only),
            first_divergence: self.first,
            attribution: self.attribution,
            missing,
            missing_segments: self.missing_segments,
            keys: rows,
            first_diverging_phi: phi_steps.first_diverging,
            phi_steps: phi_steps.into_rows(),
            sources: sources.into_rows(),
        };
        (out.verdict, out.reason) = verdict(&out, settings.min_compared);
        out
    }

    fn cause(&self, found: &Found) -> Cause {
        let (keys, key) = (self.keys, found.finding.key);
        let mut first = found.first.clone();
        let names = |list: &[usize]| list.iter().map(|k| keys.name(*k).to_owned()).collect();
        let known = &keys.keys[key];
        let mut look = Look {
            sides: [&first.values[0], &first.values[1]],
            default: known.default.map(|d| (d, known.default_hint.as_deref().unwrap_or_default())),
            tolerance: keys.tolerances[key].relative,
            constant: self.tallies[key].constant(),
            turned: known.turned_hint.as_deref(),
        };
        let mut signatures = Vec::new();
        let scaled: Vec<f64>;
        if let Some(power) = found.finding.power {
            signatures.push(format!("B is 1e{power:+03} times A, which is a unit"));
            scaled = first.values[1].iter().map(|x| x * 10_f64.powi(-power)).collect();
            look.sides[1] = &scaled;
            if keys.tolerances[key].compare(&first.values[0], &scaled).1 {
                signatures[0] = format!("B is exactly 1e{power:+03} times A: a unit");
            } else {
                signatures.push(format!(
                    "apart from it, A {} and B {}",
                    numbers(&first.values[0]),
                    numbers(&scaled)
                ));
            }
        }
        signatures.extend(describe(&look));
        let share = self
            .attribution
            .iter()
            .flat_map(|a| &a.shares)
            .find(|s| s.factor == keys.name(key))
            .map(|s| s.share);
        first.key = keys.name(key).to_owned();
        Cause {
            quantity: known.quantity.clone().unwrap_or_else(|| first.key.clone()),
            key: first.key.clone(),
            first,
            power: found.finding.power,
            count: found.count,
            signatures,
            downstream: names(&found.finding.downstream),
            stops: names(&found.finding.stops),
            share,
        }
    }
}

/// Numbers as a trace has them, with six digits.
pub fn numbers(values: &[f64]) -> String {
    values.iter().map(|x| nanobragg::c_number::g(*x, 6)).collect::<Vec<_>>().join(" ")
}

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => pattern == name,
    }
}

fn verdict(c: &Comparison, min_compared: u64) -> (Verdict, String) {
    let names = |causes: &[Cause]| {
        let mut names: Vec<&str> = causes.iter().map(|c| c.quantity.as_str()).collect();
        names.dedup();
        names.join(", ")
    };
    if c.compared < min_compared.max(1) {
        let reason = format!("{} values compared; expected at least {}", c.compared, min_compared.max(1));
        return (Verdict::Undecided, reason);
    }
    if !c.root_causes.is_empty() {
        return (Verdict::Divergence, format!("root cause: {}", names(&c.root_causes)));
    }
    if !c.trace_only.is_empty() {
        return (Verdict::Divergence, format!("in the trace only: {}", names(&c.trace_only)));
    }
    if c.first_divergence.is_some() {
        return (Verdict::Divergence, "values differ".to_owned());
    }
    if !c.missing.is_empty() {
        return (
            Verdict::Divergence,
            format!("{} keys stand in one trace only: {}", c.missing.len(), c.missing.join(", ")),
        );
    }
    if c.missing_segments != [0; 2] {
        let [a, b] = c.missing_segments;
        return (Verdict::Divergence, format!("pixels stand in one trace only: {a} missing in A, {b} in B"));
    }
    (Verdict::NoDivergence, format!("all {} values agree", c.compared))
}
