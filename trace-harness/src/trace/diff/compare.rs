//! The comparison of two whole traces.
//!
//! It is long because a verdict is one sentence, which has to name all that was found. Not here: one segment (`segment`), what is printed (`report`).

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

use nanobragg::Pixel;

use crate::evidence::verdict::Verdict;
use crate::evidence::wording::counted;
use crate::trace::cause::arguments::Arguments;
use crate::trace::cause::attribution::{Attribution, attribute};
use crate::trace::cause::cells::{CellState, MOST};
use crate::trace::cause::root_cause::{Causes, RootCause};
use crate::trace::cause::signature::{DefaultValue, Observation, describe};
use crate::trace::log::{PrecisionFacts, Subject, TraceLog};
use crate::trace::schema::Schema;

use crate::trace::diff::allowed::{Allowed, JSON_ALONE, SET_UP};
use crate::trace::diff::order::by_share;
use crate::trace::diff::pair::{self, SegmentPair};
use crate::trace::diff::records::outcomes::Outcomes;
use crate::trace::diff::records::sequences;
use crate::trace::diff::segment::{SegmentComparison, SegmentDifferences};
use crate::trace::diff::tally::{Firsts, KeyTally, Steps};
use crate::trace::diff::tolerance::Tolerances;
use crate::trace::diff::turned::Rotation;
use crate::trace::diff::wording::{listed, numbers, outside_noise, place};
use crate::trace::diff::{
    ArrayCounts, Cause, Comparison, Difference, Equivalent, Gaps, KeyCounts, KeyRow, OutcomeRow, Scope,
    SideFacts,
};
use crate::trace::equivalence;
use crate::trace::keys::Keys;

/// Rows of keys that are listed; a trace can have a million keys.
const MOST_ROWS: usize = 20_000;

/// How two traces are compared.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Tolerances.
    pub tolerances: Tolerances,
    /// Keys that one side may lack (see [`Allowed`]).
    pub allow_missing: Vec<String>,
    /// Fewer values than this are undecided.
    pub min_compared: u64,
    /// What the arguments of the two runs give, where that is known.
    pub arguments: [Option<Arguments>; 2],
}

/// Compares two traces, whose keys have their names of the schema (see [`TraceLog::apply`]).
pub fn compare(schema: &Schema, given: [&TraceLog; 2], settings: &Settings) -> Comparison {
    // What a trace does not have and the schema knows how to compute is compared as if it had it.
    let completed =
        [(0, 1), (1, 0)].map(|(own, other)| equivalence::completed(schema, given[own], given[other]));
    let of = |side: usize| completed[side].as_ref().map_or(given[side], |(trace, _)| trace);
    let traces = [of(0), of(1)];
    let single = traces.iter().any(|t| PrecisionFacts::of(t, schema).single);
    let keys = Keys::new(schema, traces, &settings.tolerances, single);
    let pairs = if schema.equivalences.is_empty() { Vec::new() } else { pair::segments(traces) };
    let rewritten = equivalence::rewritten(schema, &keys, traces, &pairs);
    let (second, counts) = match &rewritten {
        Some((trace, counts)) => (trace, counts.clone()),
        None => (traces[1], BTreeMap::new()),
    };
    let mut found = compare_as_they_are(schema, [traces[0], second], settings);
    for (side, completed) in found.sides.iter_mut().zip(&completed) {
        side.computed = completed.as_ref().map(|(_, names)| names.clone()).unwrap_or_default();
    }
    found.equivalent.extend(counts.into_iter().map(|(rule, count)| Equivalent { rule, count }));
    let forms: u64 = found.equivalent.iter().map(|form| form.count).sum();
    if forms > 0 {
        found.reason += &format!("; {forms} times in another form of the same quantity");
    }
    found
}

/// Compares two traces that have every key and every value in the form in which they are compared.
fn compare_as_they_are(schema: &Schema, traces: [&TraceLog; 2], settings: &Settings) -> Comparison {
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
        allowed: Allowed::new(&settings.allow_missing),
        gaps: Gaps::default(),
        depth: schema.record.len(),
        enclosing: Vec::new(),
        sequences: schema.sequence.as_ref().map(|_| sequences::SequenceComparison::default()),
        outcomes: Outcomes::new(schema),
        carries: (0..keys.known()).any(|key| !keys.carried(key).is_empty()),
        before: HashMap::new(),
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
        computed: Vec::new(),
    }
}

struct Run<'k, 't, 's> {
    keys: &'k Keys<'s>,
    traces: [&'t TraceLog; 2],
    tallies: Vec<KeyTally<'t>>,
    first: Firsts,
    roots: BTreeMap<usize, CountedCause>,
    trace_only: BTreeMap<usize, CountedCause>,
    attribution: Vec<Attribution>,
    missing_segments: [usize; 2],
    sources: Steps,
    phi_steps: Steps,
    /// The set-up of the pixels that follow. Its causes count only where no pixel shows their effect.
    set_up: Option<(SegmentDifferences<'t>, Causes)>,
    /// Whether an earlier sub-pixel of the pixel differs.
    earlier: bool,
    allowed: Allowed,
    gaps: Gaps,
    /// How many record keys there are.
    depth: usize,
    /// The records that enclose what comes next, by their segment of the first trace.
    enclosing: Vec<(u32, SegmentDifferences<'t>)>,
    /// Sequences of records, where the schema names them.
    sequences: Option<sequences::SequenceComparison<'t>>,
    /// How records ended.
    outcomes: Outcomes<'s>,
    /// Whether some key is computed from the record before.
    carries: bool,
    /// Keys that differ in the last record of each sequence, by the segment of the first trace.
    before: HashMap<(&'t str, u8), (u32, BTreeSet<usize>)>,
}

/// A cause as it was met first, and how often it was met.
struct CountedCause {
    finding: RootCause,
    first: Rc<Difference>,
    count: usize,
}

impl<'t> Run<'_, 't, '_> {
    /// Compares one segment.
    fn segment(&mut self, number: usize, pair: SegmentPair) {
        let side = usize::from(pair[0].is_none());
        let Some(segment) = pair[side].map(|n| &self.traces[side].segments[n]) else { return };
        let is_set_up = segment.subject == Subject::SetUp;
        let scope = Scope {
            number,
            pixel: segment.subject.pixel(),
            record: self.traces[side].record_name(segment.subject),
            block: segment.block,
        };
        let record = self.traces[side].record(segment.subject);
        let sequence = self.traces[side].sequence_name(segment.subject);
        if let (Some(sequences), Some(sequence)) = (&mut self.sequences, sequence)
            && sequences.is_over(sequence)
        {
            return;
        }
        if let [Some(a), Some(b)] = pair
            && let Some(found) = self.outcomes.differ(self.traces, [a, b], scope)
        {
            if let (Some(sequences), Some(sequence)) = (&mut self.sequences, sequence) {
                sequences.part(sequence, &found);
            }
            self.end_otherwise(found);
            return;
        }
        self.missing_segments[1 - side] += usize::from(pair[1 - side].is_none() && !is_set_up);
        if is_set_up && let Some((evidence, causes)) = self.set_up.take() {
            self.add(&evidence, causes);
        }
        self.earlier &= segment.block > 0;
        let above = record.and_then(|record| record.above).filter(|_| side == 0);
        self.enclosing
            .truncate(self.enclosing.iter().position(|(n, _)| Some(*n) == above).map_or(0, |n| n + 1));
        let before = record.and_then(|record| {
            let (number, keys) = self.before.get(&(sequence?, record.depth))?;
            (Some(*number) == record.before && side == 0).then(|| keys.clone())
        });
        let (mut evidence, causes) = self.evidence(is_set_up, scope, pair, &before.unwrap_or_default());
        std::mem::take(&mut evidence.records).add_to(&mut self.gaps);
        self.earlier |= evidence.differences.keys().any(|k| !self.keys.about(*k).accumulates);
        if is_set_up {
            self.set_up = Some((evidence, causes));
            return;
        }
        if let (Some(sequences), Some(sequence)) = (&mut self.sequences, sequence) {
            match pair {
                [Some(_), Some(_)] => sequences.add(sequence, scope, self.keys, &evidence, &causes),
                [None, _] => sequences.lack(sequence, 0),
                [_, None] => sequences.lack(sequence, 1),
            }
        }
        if let (true, Some(sequence), Some(record), Some(own)) = (self.carries, sequence, record, pair[0]) {
            let differing = evidence.cells.differing().collect();
            self.before.insert((sequence, record.depth), (own as u32, differing));
        }
        self.add(&evidence, causes);
        if let Some((_, causes)) = &mut self.set_up {
            *causes = Causes::default();
        }
        if let (Some(record), Some(own)) = (record, pair[0])
            && usize::from(record.depth) < self.depth
        {
            // What differs there was found there.
            evidence.differences.clear();
            evidence.below.clear();
            self.enclosing.push((own as u32, evidence));
        }
    }

    /// A record that ends otherwise in the other trace.
    fn end_otherwise(&mut self, found: Difference) {
        let found = Rc::new(found);
        match self.keys.find(&found.key) {
            Some(key) => {
                let tally = &mut self.tallies[key];
                tally.compared += 1;
                tally.differing += 1;
                self.first.keep(tally, &found);
            }
            None => drop(self.first.first.get_or_insert(found)),
        }
    }

    fn evidence(
        &mut self,
        set_up: bool,
        scope: Scope<'t>,
        pair: SegmentPair,
        before: &BTreeSet<usize>,
    ) -> (SegmentDifferences<'t>, Causes) {
        let above = self.set_up.as_ref().map(|(evidence, _)| evidence);
        let above = self.enclosing.last().map(|(_, evidence)| evidence).or(above);
        let steps = [&mut self.sources, &mut self.phi_steps];
        let counts = (&mut self.tallies[..], &mut self.first);
        let (keys, traces) = (self.keys, self.traces);
        let mut work = SegmentComparison::new(above, keys, traces, scope, counts, steps, &self.allowed);
        (work.earlier, work.set_up) = (self.earlier, set_up);
        pair::items(self.keys, self.traces, pair, &mut |items| work.take(&items));
        work.finish(before)
    }

    fn add(&mut self, evidence: &SegmentDifferences<'_>, causes: Causes) {
        for (list, findings) in [(&mut self.roots, causes.roots), (&mut self.trace_only, causes.trace_only)] {
            for finding in findings {
                let Some(first) = evidence.differences.get(&finding.key) else { continue };
                let new = || CountedCause { finding: finding.clone(), first: Rc::clone(first), count: 0 };
                list.entry(finding.key).or_insert_with(new).count += 1;
            }
        }
        for key in self.keys.results().iter().copied() {
            let name = self.keys.name(key);
            if evidence.cells.get(key).state == CellState::Differ
                && !self.attribution.iter().any(|a| a.key == name)
            {
                self.attribution.extend(attribute(self.keys, &evidence.cells, key));
            }
        }
    }

    fn conclude(self, sides: [SideFacts; 2], settings: &Settings) -> Comparison {
        let keys = self.keys;
        let rows = self.rows();
        let missing = self.missing(&self.allowed);
        // What would leave nothing if it were allowed to be missing: set-up lines, or what JSON lines lack or have beyond text.
        let leaves_nothing = |more: &&[&str]| {
            let more = more.iter().map(|pattern| (*pattern).to_owned());
            let allowed: Vec<String> = settings.allow_missing.iter().cloned().chain(more).collect();
            self.missing(&Allowed::new(&allowed)).is_empty()
        };
        let wanted: [&[&str]; 3] = [&[SET_UP], &[JSON_ALONE], &[SET_UP, JSON_ALONE]];
        let enough = wanted.into_iter().find(leaves_nothing).filter(|_| !missing.is_empty());
        let count = |is: fn(&KeyTally<'_>) -> bool| self.tallies.iter().filter(|t| is(t)).count();
        let phi_steps = self.phi_steps.rows(keys);
        let arguments = settings.arguments.each_ref().map(Option::as_ref);
        let rotation = Rotation::of(self.traces, arguments, &phi_steps);
        let causes = |list: &BTreeMap<usize, CountedCause>| -> Vec<Cause> {
            list.values().map(|found| self.cause(found, &rotation, arguments)).collect()
        };
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
            noise_runs: settings.tolerances.noise.as_ref().map(|noise| noise.runs.len()),
            not_compared: (0..keys.known())
                .filter(|k| keys.is_fixed(*k))
                .map(|k| keys.name(k).to_owned())
                .collect(),
            root_causes: by_share(causes(&self.roots), &self.attribution),
            trace_only: by_share(causes(&self.trace_only), &[]),
            first_divergence: self.first.first.as_deref().cloned(),
            first_bit: self.first.bit.as_deref().cloned(),
            arrays: self.first.arrays.counts,
            unread: self.first.arrays.faults,
            equivalent: self
                .first
                .turned
                .iter()
                .map(|(key, count)| Equivalent {
                    rule: format!("whole periods of {}", keys.name(*key)),
                    count: *count,
                })
                .collect(),
            left_out: self.first.left_out,
            attribution: self.attribution,
            missing,
            missing_records: self.gaps,
            outcomes: self.outcomes.finish(),
            sequences: self.sequences.map(sequences::SequenceComparison::finish),
            different_pixels: different_pixels(self.traces),
            hint: None,
            missing_segments: self.missing_segments,
            keys: rows,
            first_diverging_phi: self.phi_steps.first_diverging,
            phi_steps,
            sources: self.sources.rows(keys),
        };
        let lone: u64 = self.tallies.iter().flat_map(|tally| tally.missing).map(u64::from).sum();
        (out.verdict, out.reason) = verdict(&out, settings, lone);
        let agrees = out.first_divergence.is_none() && out.missing_records.is_empty();
        if let (Some(patterns), true, None) = (enough, agrees, &out.different_pixels) {
            let what = if patterns == [SET_UP] {
                "set-up lines, which some programs print for some runs only"
            } else {
                "what JSON lines lack, the set-up, or have beyond text lines"
            };
            let options: Vec<String> =
                patterns.iter().map(|pattern| format!("--allow-missing {pattern}")).collect();
            out.hint = Some(format!("all that differs is {what}: `{}` passes over them", options.join(" ")));
        }
        out
    }

    /// One row for each key; of too many, those that do not simply agree come first.
    fn rows(&self) -> Vec<KeyRow> {
        let concerned = (0..self.tallies.len()).filter(|k| self.tallies[*k].concerned());
        let (differing, agreeing): (Vec<usize>, Vec<usize>) =
            concerned.partition(|k| *k < self.keys.known() || !self.tallies[*k].agrees());
        let mut listed: Vec<usize> = differing.into_iter().chain(agreeing).take(MOST_ROWS).collect();
        listed.sort_unstable();
        listed.into_iter().map(|k| self.tallies[k].row(self.keys, k)).collect()
    }

    /// Keys that one side lacks, but for those that may be missing.
    fn missing(&self, allowed: &Allowed) -> Vec<String> {
        let is_missing = |key: &usize| {
            let tally = &self.tallies[*key];
            tally.missing != tally.lone && !allowed.allows(self.keys.name(*key), tally.set_up)
        };
        let lacking = (0..self.tallies.len()).filter(is_missing);
        lacking.map(|k| self.keys.name(k).to_owned()).collect()
    }

    fn cause(&self, found: &CountedCause, rotation: &Rotation, arguments: [Option<&Arguments>; 2]) -> Cause {
        let (keys, key) = (self.keys, found.finding.key);
        let names = |list: &[usize]| list.iter().map(|k| keys.name(*k).to_owned()).collect();
        let name = keys.name(key).to_owned();
        Cause {
            quantity: keys.about(key).quantity.clone().unwrap_or_else(|| name.clone()),
            share: None,
            key: name,
            first: Difference::clone(&found.first),
            power: found.finding.power,
            count: found.count,
            signatures: self.signatures(found, rotation, arguments),
            noise: self.tallies[key].noise(keys, key),
            downstream: names(&found.finding.downstream),
            stops: names(&found.finding.stops),
        }
    }

    /// What the first difference looks like; a power of ten that was set apart comes first.
    fn signatures(
        &self,
        found: &CountedCause,
        rotation: &Rotation,
        arguments: [Option<&Arguments>; 2],
    ) -> Vec<String> {
        let key = found.finding.key;
        let (known, tolerance) = (self.keys.about(key), self.keys.tolerance(key));
        let [a, b] = [&found.first.values[0], &found.first.values[1]];
        let mut signatures = Vec::new();
        let mut rest = b.clone();
        if let Some(power) = found.finding.power {
            rest = b.iter().map(|x| x * 10_f64.powi(-power)).collect();
            if tolerance.compare(a, &rest).1 {
                signatures.push(format!("B is exactly 1e{power:+03} times A: a unit"));
            } else {
                signatures.push(format!("B is 1e{power:+03} times A, which is a unit"));
                signatures.push(format!("apart from it, A {} and B {}", numbers(a), numbers(&rest)));
            }
        }
        let turned = known.turns.then(|| rotation.hint(self.traces, &found.first, found.finding.power));
        signatures.extend(describe(&Observation {
            sides: [a, &rest],
            default: known.default.map(|value| DefaultValue {
                value,
                question: known.default_question.as_deref().unwrap_or("was the argument taken?"),
                statement: "not taken from the arguments",
                given: arguments.map(|given| given?.value(&known.name)),
            }),
            tolerance: tolerance.relative,
            constant: self.tallies[key].constant(),
            turned: turned.as_deref(),
        }));
        if let ([x], [y]) = (a.as_slice(), rest.as_slice()) {
            let (ratio, named) = (y / x, signatures.iter().any(|w| w.contains(" times ")));
            if !named && ratio.is_finite() && !(LARGE.recip()..LARGE).contains(&ratio.abs()) && *y != 0.0 {
                signatures.push(format!("B is {} times A", numbers(&[ratio])));
            }
        }
        signatures
    }
}

/// From here on a factor is worth words even if it is nothing special.
const LARGE: f64 = 1000.0;

/// The pixels of two traces that name theirs and have none in common.
fn different_pixels(traces: [&TraceLog; 2]) -> Option<[Vec<Pixel>; 2]> {
    let named = |trace: &TraceLog| -> Option<Vec<Pixel>> {
        let subjects = trace.segments.iter().map(|s| s.subject).filter(|s| *s != Subject::SetUp);
        let mut pixels: Vec<_> = subjects.map(Subject::pixel).collect::<Option<_>>()?;
        pixels.sort_unstable();
        pixels.dedup();
        Some(pixels).filter(|pixels| !pixels.is_empty())
    };
    let [a, b] = [named(traces[0])?, named(traces[1])?];
    let apart = !a.iter().any(|pixel| b.binary_search(pixel).is_ok());
    apart.then_some([a, b])
}

/// What one trace lacks, in words: keys, and records with the first of them; nothing where they are complete.
fn lacking(c: &Comparison) -> Option<String> {
    let mut parts = Vec::new();
    if !c.missing.is_empty() {
        parts.push(format!("{} keys stand in one trace only: {}", c.missing.len(), listed(&c.missing)));
    }
    for (side, count) in ['A', 'B'].into_iter().zip(c.missing_records.counts).filter(|(_, count)| *count > 0)
    {
        let first = c.missing_records.first.iter().find(|gap| gap.missing_in == side);
        let first = first.map(|gap| place(&gap.place)).unwrap_or_default();
        let (records, first) =
            if count == 1 { ("record", first) } else { ("records", format!("the first is {first}")) };
        parts.push(format!("{side} lacks {count} {records}: {first}"));
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// Records that end otherwise, in words; nothing where there are none.
fn outcomes(rows: &[OutcomeRow]) -> Option<String> {
    let all: u64 = rows.iter().map(|row| row.count).sum();
    let first = rows.first()?;
    let more = match all - first.count {
        0 => String::new(),
        more => format!("; {more} more records end otherwise"),
    };
    let (what, records) = (first.in_words(), if first.count == 1 { "record" } else { "records" });
    Some(format!("{what} in {} {records}, the first is {}{more}", first.count, place(&first.first)))
}

/// How many sequences part or are incomplete, in words; nothing where all agree or none are named.
fn parted(c: &Comparison) -> Option<String> {
    let sequences = c.sequences.as_ref().filter(|s| s.differing > 0)?;
    let after = match sequences.after {
        0 => String::new(),
        after => format!(", {after} records after a split were not compared"),
    };
    Some(format!("{} of {} sequences differ{after}", sequences.differing, sequences.count))
}

fn verdict(c: &Comparison, settings: &Settings, lone: u64) -> (Verdict, String) {
    let min_compared = settings.min_compared;
    let names = |causes: &[Cause]| {
        let mut names: Vec<&str> = causes.iter().map(|c| c.key.as_str()).collect();
        names.dedup();
        listed(&names)
    };
    if let Some(pixels) = &c.different_pixels {
        let [a, b] = pixels.each_ref().map(|pixels| {
            listed(&pixels.iter().map(|Pixel { slow, fast }| format!("{slow} {fast}")).collect::<Vec<_>>())
        });
        let reason =
            format!("traces of two different pixels: A has {a}, B has {b}; expected the same pixels");
        return (Verdict::Undecided, reason);
    }
    let outcomes = outcomes(&c.outcomes);
    let parted = parted(c).map(|text| format!("; {text}")).unwrap_or_default();
    let also = lacking(c).map(|text| format!("; {text}")).unwrap_or_default();
    let unread = match c.unread.first() {
        Some(first) => format!("; arrays that cannot be compared: {first}"),
        None => String::new(),
    };
    let also = outside_noise(c) + &parted + &also + &unread;
    if c.compared < min_compared.max(1) {
        let apart = if c.compared == 0 && c.missing_records.names_records() { &*also } else { "" };
        let (least, apart) = (min_compared.max(1), c.arrays.without_elements() + apart);
        let reason = format!("{} values compared; expected at least {least}{apart}", c.compared);
        return (Verdict::Undecided, reason);
    }
    if let Some(outcomes) = outcomes {
        let more = match c.root_causes.is_empty() {
            true => String::new(),
            false => format!("; root cause: {}", names(&c.root_causes)),
        };
        return (Verdict::Fail, format!("{outcomes}{more}{also}"));
    }
    if !c.root_causes.is_empty() {
        // Of very many keys that nothing is known of, only the first are looked into.
        let named = c.root_causes.len() + c.trace_only.len();
        let all = if named >= MOST { format!("; {} keys differ", c.counts.differing) } else { String::new() };
        return (Verdict::Fail, format!("root cause: {}{all}{also}", names(&c.root_causes)));
    }
    if !c.trace_only.is_empty() {
        return (Verdict::Fail, format!("in the trace only: {}{also}", names(&c.trace_only)));
    }
    if c.first_divergence.is_some() {
        return (Verdict::Fail, format!("values differ{also}"));
    }
    if let Some(reason) = lacking(c) {
        return (Verdict::Fail, reason);
    }
    if let Some(first) = c.unread.first() {
        return (
            Verdict::Undecided,
            format!("arrays that cannot be compared: {first}; the other values agree"),
        );
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
    let undecided: Vec<&str> = c.keys.iter().filter(|r| r.undecided > 0).map(|r| r.key.as_str()).collect();
    if !undecided.is_empty() {
        let keys = listed(&undecided);
        let reason =
            format!("differ where the reference's own noise is undecided: {keys}; the other values agree");
        return (Verdict::Undecided, reason);
    }
    let nan: u64 = c.keys.iter().map(|r| r.nan).sum();
    let nan = if nan > 0 { format!("; {nan} of them are NaN on both sides") } else { String::new() };
    let single = if c.sides.iter().any(|s| s.precision.single) { " to single precision" } else { "" };
    let allowed = allowance(&settings.tolerances);
    // Whatever is missing was allowed to, or this were no pass.
    let lone = match lone {
        0 => String::new(),
        lone => format!("; {lone} values that one trace lacks were allowed to be missing"),
    };
    let left_out = match c.left_out {
        0 => String::new(),
        n => format!("; {n} values that are NaN on both sides count as missing"),
    };
    let arrays = match c.arrays {
        ArrayCounts { arrays: 0, .. } => c.arrays.without_elements(),
        ArrayCounts { arrays, elements, nan, .. } => {
            let nan = if nan > 0 { format!(", {nan} of them NaN on both sides") } else { String::new() };
            format!("; {arrays} of them arrays of {elements} elements{nan}") + &c.arrays.without_elements()
        }
    };
    (Verdict::Pass, format!("all {} values agree{arrays}{single}{allowed}{nan}{left_out}{lone}", c.compared))
}

/// The requested tolerances; nothing where none were.
fn allowance(tolerances: &Tolerances) -> String {
    let mut limits: Vec<String> = Vec::new();
    limits.extend(tolerances.relative.map(|x| format!("relative {x}")));
    limits.extend(tolerances.absolute.map(|x| format!("absolute {x}")));
    let keys = tolerances.by_key.len();
    limits.extend((keys > 0).then(|| format!("{keys} keys by tolerances of their own")));
    let limits = limits.join(", ");
    let noise = tolerances.noise.as_ref().map(|noise| counted(noise.runs.len(), "run"));
    match (noise, limits.is_empty()) {
        (None, true) => String::new(),
        (None, false) => format!(" within {limits}"),
        (Some(runs), true) => format!(" inside the reference's own noise, from {runs}"),
        (Some(runs), false) => format!(" inside the reference's own noise, from {runs}, and within {limits}"),
    }
}
