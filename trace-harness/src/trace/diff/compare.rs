//! The comparison of two whole traces.
//!
//! Not here: one segment (`segment`), what is printed (`report`).

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::evidence::verdict::Verdict;
use crate::trace::cause::attribution::{Attribution, attribute};
use crate::trace::cause::cells::State;
use crate::trace::cause::root_cause::{Causes, Finding};
use crate::trace::cause::signature::{Evidence as Look, describe};
use crate::trace::log::{PrecisionFacts, Subject, TraceLog};
use crate::trace::schema::Schema;

use crate::trace::diff::pair::{self, SegmentPair};
use crate::trace::diff::segment::{Evidence, Work};
use crate::trace::diff::tally::{Firsts, KeyTally, Steps};
use crate::trace::diff::tolerance::Tolerances;
use crate::trace::diff::{Cause, Comparison, Difference, KeyCounts, KeyRow, SideFacts};
use crate::trace::keys::Keys;

/// Rows of keys that are listed; a trace can have a million keys.
const MOST_ROWS: usize = 20_000;

/// Names that a sentence lists before it only counts.
const MOST_NAMES: usize = 10;

/// Stands for the keys of set-up lines among keys that may be missing.
pub const SET_UP: &str = "set-up";

/// How two traces are compared.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Tolerances.
    pub tolerances: Tolerances,
    /// Keys that one side may lack; `*` at the end stands for any rest, [`SET_UP`] for all set-up lines.
    pub allow_missing: Vec<String>,
    /// Fewer values than this are undecided.
    pub min_compared: u64,
}

/// Compares two traces, whose keys have their names of the schema (see [`TraceLog::rename`]).
pub fn compare(schema: &Schema, traces: [&TraceLog; 2], settings: &Settings) -> Comparison {
    let precision = traces.map(|t| PrecisionFacts::of(t, schema));
    let keys = Keys::new(schema, traces, &settings.tolerances, precision.iter().any(|p| p.single));
    let mut run = Run {
        keys: &keys,
        traces,
        tallies: vec![KeyTally::default(); keys.len()],
        first: Firsts::default(),
        roots: BTreeMap::new(),
        trace_only: BTreeMap::new(),
        attribution: Vec::new(),
        missing_segments: [0; 2],
        sources: Steps::default(),
        phi_steps: Steps::default(),
        set_up: None,
        earlier: false,
    };
    for (number, pair) in pair::segments(traces).into_iter().enumerate() {
        run.segment(number, pair);
    }
    if let Some((evidence, causes)) = run.set_up.take() {
        run.add(&evidence, causes);
    }
    let facts = [0, 1].map(|n| side_facts(traces[n], precision[n]));
    run.conclude(facts, settings)
}

fn side_facts(trace: &TraceLog, precision: PrecisionFacts) -> SideFacts {
    SideFacts {
        file: trace.path.display().to_string(),
        label: trace.label.clone(),
        lines: trace.read,
        trace_lines: trace.lines.len(),
        numbers: trace.values.len(),
        precision,
    }
}

struct Run<'k, 't, 's> {
    keys: &'k Keys<'s>,
    traces: [&'t TraceLog; 2],
    tallies: Vec<KeyTally<'t>>,
    first: Firsts,
    roots: BTreeMap<usize, Found>,
    trace_only: BTreeMap<usize, Found>,
    attribution: Vec<Attribution>,
    missing_segments: [usize; 2],
    sources: Steps,
    phi_steps: Steps,
    /// The set-up of the pixels that follow. Its causes count only where no pixel tells what becomes of them.
    set_up: Option<(Evidence<'t>, Causes)>,
    /// Whether an earlier sub-pixel of the pixel differs.
    earlier: bool,
}

/// A cause as it was met first, and how often it was met.
struct Found {
    finding: Finding,
    first: Rc<Difference>,
    count: usize,
}

impl<'t> Run<'_, 't, '_> {
    /// Compares one segment.
    fn segment(&mut self, number: usize, pair: SegmentPair) {
        let side = usize::from(pair[0].is_none());
        let Some(segment) = pair[side].map(|n| &self.traces[side].segments[n]) else { return };
        let (pixel, is_set_up) = match segment.subject {
            Subject::Pixel(pixel) => (pixel, false),
            Subject::SetUp => (None, true),
        };
        self.missing_segments[1 - side] += usize::from(pair[1 - side].is_none() && !is_set_up);
        if is_set_up && let Some((evidence, causes)) = self.set_up.take() {
            self.add(&evidence, causes);
        }
        self.earlier &= segment.block > 0;
        let (evidence, causes) = self.evidence(is_set_up, (number, pixel, segment.block), pair);
        self.earlier |= evidence.differences.keys().any(|k| !self.keys.about(*k).accumulates);
        if is_set_up {
            self.set_up = Some((evidence, causes));
            return;
        }
        self.add(&evidence, causes);
        if let Some((_, causes)) = &mut self.set_up {
            *causes = Causes::default();
        }
    }

    fn evidence(
        &mut self,
        set_up: bool,
        place: (usize, Option<(usize, usize)>, usize),
        pair: SegmentPair,
    ) -> (Evidence<'t>, Causes) {
        let above = self.set_up.as_ref().map(|(evidence, _)| evidence);
        let steps = [&mut self.sources, &mut self.phi_steps];
        let (tallies, first) = (&mut self.tallies, &mut self.first);
        let mut work = Work::new(above, self.keys, self.traces, place, tallies, steps, first);
        (work.earlier, work.set_up) = (self.earlier, set_up);
        pair::items(self.keys, self.traces, pair, &mut |items| work.take(&items));
        work.finish()
    }

    fn add(&mut self, evidence: &Evidence<'_>, causes: Causes) {
        for (list, findings) in [(&mut self.roots, causes.roots), (&mut self.trace_only, causes.trace_only)] {
            for finding in findings {
                let Some(first) = evidence.differences.get(&finding.key) else { continue };
                let new = || Found { finding: finding.clone(), first: Rc::clone(first), count: 0 };
                list.entry(finding.key).or_insert_with(new).count += 1;
            }
        }
        for key in self.keys.results().iter().copied() {
            let name = self.keys.name(key);
            if evidence.cells.get(key).state == State::Differ
                && !self.attribution.iter().any(|a| a.key == name)
            {
                self.attribution.extend(attribute(self.keys, &evidence.cells, key));
            }
        }
    }

    fn conclude(self, sides: [SideFacts; 2], settings: &Settings) -> Comparison {
        let keys = self.keys;
        let rows = self.rows();
        let missing = self.missing(&settings.allow_missing);
        let count = |is: fn(&KeyTally<'_>) -> bool| self.tallies.iter().filter(|t| is(t)).count();
        let causes = |list: &BTreeMap<usize, Found>| list.values().map(|f| self.cause(f)).collect::<Vec<_>>();
        let mut out = Comparison {
            verdict: Verdict::Undecided,
            reason: String::new(),
            sides,
            compared: self.tallies.iter().map(|t| u64::from(t.compared)).sum(),
            counts: KeyCounts {
                all: count(|t| t.concerned()),
                compared: count(|t| t.compared > 0),
                differing: count(|t| t.differing > 0),
            },
            not_compared: (0..keys.known())
                .filter(|k| keys.is_fixed(*k))
                .map(|k| keys.name(k).to_owned())
                .collect(),
            root_causes: causes(&self.roots),
            trace_only: causes(&self.trace_only),
            first_divergence: self.first.first.as_deref().cloned(),
            attribution: self.attribution,
            missing,
            missing_segments: self.missing_segments,
            keys: rows,
            first_diverging_phi: self.phi_steps.first_diverging,
            phi_steps: self.phi_steps.into_rows(keys),
            sources: self.sources.into_rows(keys),
        };
        (out.verdict, out.reason) = verdict(&out, settings.min_compared);
        out
    }

    /// One row for each key; of too many, those that do not simply agree come first.
    fn rows(&self) -> Vec<KeyRow> {
        let concerned = (0..self.tallies.len()).filter(|k| self.tallies[*k].concerned());
        let (telling, agreeing): (Vec<usize>, Vec<usize>) =
            concerned.partition(|k| *k < self.keys.known() || !self.tallies[*k].agrees());
        let mut listed: Vec<usize> = telling.into_iter().chain(agreeing).take(MOST_ROWS).collect();
        listed.sort_unstable();
        listed.into_iter().map(|k| self.tallies[k].row(self.keys, k)).collect()
    }

    /// Keys that one side lacks, but for those that may be missing.
    fn missing(&self, allowed: &[String]) -> Vec<String> {
        let set_up = allowed.iter().any(|pattern| pattern == SET_UP);
        let may = |key: usize| {
            set_up && self.tallies[key].set_up
                || allowed.iter().any(|pattern| matches(pattern, self.keys.name(key)))
        };
        let lacking = (0..self.tallies.len()).filter(|k| self.tallies[*k].missing != [0; 2] && !may(*k));
        lacking.map(|k| self.keys.name(k).to_owned()).collect()
    }

    fn cause(&self, found: &Found) -> Cause {
        let (keys, key) = (self.keys, found.finding.key);
        let names = |list: &[usize]| list.iter().map(|k| keys.name(*k).to_owned()).collect();
        let name = keys.name(key).to_owned();
        let mut shares = self.attribution.iter().flat_map(|a| &a.shares);
        Cause {
            quantity: keys.about(key).quantity.clone().unwrap_or_else(|| name.clone()),
            share: shares.find(|s| s.factor == name).map(|s| s.share),
            key: name,
            first: Difference::clone(&found.first),
            power: found.finding.power,
            count: found.count,
            signatures: self.signatures(found),
            downstream: names(&found.finding.downstream),
            stops: names(&found.finding.stops),
        }
    }

    /// What the first difference looks like; a power of ten that was set apart comes first.
    fn signatures(&self, found: &Found) -> Vec<String> {
        let key = found.finding.key;
        let (known, tolerance) = (self.keys.about(key), self.keys.tolerance(key));
        let [a, b] = [&found.first.values[0], &found.first.values[1]];
        let mut words = Vec::new();
        let mut rest = b.clone();
        if let Some(power) = found.finding.power {
            rest = b.iter().map(|x| x * 10_f64.powi(-power)).collect();
            if tolerance.compare(a, &rest).1 {
                words.push(format!("B is exactly 1e{power:+03} times A: a unit"));
            } else {
                words.push(format!("B is 1e{power:+03} times A, which is a unit"));
                words.push(format!("apart from it, A {} and B {}", numbers(a), numbers(&rest)));
            }
        }
        words.extend(describe(&Look {
            sides: [a, &rest],
            default: known.default.map(|d| (d, known.default_hint.as_deref().unwrap_or_default())),
            tolerance: tolerance.relative,
            constant: self.tallies[key].constant(),
            turned: known.turned_hint.as_deref(),
        }));
        if let ([x], [y]) = (a.as_slice(), rest.as_slice()) {
            let (ratio, named) = (y / x, words.iter().any(|w| w.contains(" times ")));
            if !named && ratio.is_finite() && !(LARGE.recip()..LARGE).contains(&ratio.abs()) && *y != 0.0 {
                words.push(format!("B is {} times A", numbers(&[ratio])));
            }
        }
        words
    }
}

/// From here on a factor is worth words even if it is nothing special.
const LARGE: f64 = 1000.0;

/// Numbers as a trace has them, with six digits.
pub fn numbers(values: &[f64]) -> String {
    values.iter().map(|x| nanobragg::c_number::g(*x, 6)).collect::<Vec<_>>().join(" ")
}

/// Names with commas between; of many the first few, and how many more.
pub fn listed(names: &[impl AsRef<str>]) -> String {
    let shown: Vec<&str> = names.iter().take(MOST_NAMES).map(AsRef::as_ref).collect();
    let more = names.len() - shown.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    shown.join(", ") + &more
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
        listed(&names)
    };
    if c.compared < min_compared.max(1) {
        let reason = format!("{} values compared; expected at least {}", c.compared, min_compared.max(1));
        return (Verdict::Undecided, reason);
    }
    if !c.root_causes.is_empty() {
        return (Verdict::Fail, format!("root cause: {}", names(&c.root_causes)));
    }
    if !c.trace_only.is_empty() {
        return (Verdict::Fail, format!("in the trace only: {}", names(&c.trace_only)));
    }
    if c.first_divergence.is_some() {
        return (Verdict::Fail, "values differ".to_owned());
    }
    if !c.missing.is_empty() {
        return (
            Verdict::Fail,
            format!("{} keys stand in one trace only: {}", c.missing.len(), listed(&c.missing)),
        );
    }
    if c.missing_segments != [0; 2] {
        let [a, b] = c.missing_segments;
        return (Verdict::Fail, format!("pixels stand in one trace only: {a} missing in A, {b} in B"));
    }
    let unprintable: u64 = c.keys.iter().map(|r| r.unprintable).sum();
    if unprintable > 0 {
        let keys: Vec<&str> = c.keys.iter().filter(|r| r.unprintable > 0).map(|r| r.key.as_str()).collect();
        let reason = format!(
            "{unprintable} values are stars instead of numbers, so that nothing is known of them: {}; the other {} agree",
            listed(&keys),
            c.compared
        );
        return (Verdict::Undecided, reason);
    }
    let nan: u64 = c.keys.iter().map(|r| r.nan).sum();
    let nan = if nan > 0 { format!("; {nan} of them are NaN on both sides") } else { String::new() };
    let single = if c.sides.iter().any(|s| s.precision.single) { " to single precision" } else { "" };
    (Verdict::Pass, format!("all {} values agree{single}{nan}", c.compared))
}
