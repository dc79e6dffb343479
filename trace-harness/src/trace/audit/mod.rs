//! Is a trace consistent with itself? Every key that a law or rule of the schema covers is computed again from values of the
//! same trace.
//!
//! A trace that a second, parallel computation produced instead of the program itself shows up here. Not here: comparing two
//! traces (`diff`).

use std::collections::{BTreeMap, BTreeSet};

use nanobragg::Pixel;
use serde::Serialize;

use crate::trace::cause::signature::{Observation, describe};
use crate::trace::log::{NONE, PrecisionFacts, TraceLog};
use crate::trace::schema::expression::{self, BoundedValue, Expr, Relation, Why, evaluate, truth};
use crate::trace::schema::{Schema, carried};

use crate::trace::values::{self, Segments};

/// Error of a printed number: 15 digits, or single precision.
const DOUBLE: f64 = 1e-14;
const SINGLE: f64 = 2.5e-7;
/// How far beyond its estimated error a value may be: the estimate adds up worst cases, but the program rounded as well.
const SLACK: f64 = 4.0;

/// A value that does not follow.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AuditFault {
    /// The pixel, where the trace says so.
    #[serde(serialize_with = "crate::pixel_pair::serialize")]
    pub pixel: Option<Pixel>,
    /// The record, where the schema's record keys name one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
    /// Layer and sub-pixel, counted in the order of the trace.
    pub block: usize,
    /// Source, rotation step, domain; −1 for none.
    pub place: [i32; 3],
    /// Line in the file, from 1; 0 for a rule.
    pub line: u32,
    /// What the trace says.
    pub traced: Vec<f64>,
    /// What follows from its other values.
    pub recomputed: Vec<f64>,
    /// How far rounding can account for.
    pub allowed: f64,
    /// What it looks like, in words.
    pub signatures: Vec<String>,
}

/// What became of one law or rule.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct AuditCheck {
    /// The key, or the name of the rule.
    pub name: String,
    /// The law.
    pub law: String,
    /// How many times it was checked.
    pub checked: usize,
    /// How many times it does not hold.
    pub faulty: usize,
    /// How many times it holds because both sides are NaN or the same infinity.
    pub not_finite: usize,
    /// How many times stars stand in the place of a number that it needs.
    pub unprintable: usize,
    /// The first time.
    pub first: Option<AuditFault>,
    /// Why it was not checked, where it was not.
    pub not_checked: BTreeMap<String, usize>,
}

/// The audit of one trace.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Audit {
    /// The file.
    pub file: String,
    /// What its precision is taken for.
    pub precision: PrecisionFacts,
    /// Laws and rules that concern it, in the order of the schema.
    pub checks: Vec<AuditCheck>,
}

impl Audit {
    /// How many values were checked.
    pub fn checked(&self) -> usize {
        self.checks.iter().map(|c| c.checked).sum()
    }

    /// How many times stars stood in the way.
    pub fn unprintable(&self) -> usize {
        self.checks.iter().map(|c| c.unprintable).sum()
    }

    /// Laws and rules that do not hold.
    pub fn faults(&self) -> impl Iterator<Item = &AuditCheck> {
        self.checks.iter().filter(|c| c.faulty > 0)
    }
}

/// Names that are counted in the trace or known, and cannot be given.
const COUNTED: [&str; 3] = ["block", "blocks", "pi"];

/// A law or rule, ready to be evaluated.
struct Law {
    /// The key whose value it gives; none for a rule.
    key: Option<String>,
    left: Expr,
    relation: Relation,
    right: Expr,
    when: Option<Expr>,
    /// The same as it is written.
    condition: String,
    /// How far apart the sides may be beyond rounding.
    within: f64,
}

/// The names that laws, rules and their conditions use: first those that are no keys and have to be given, then the keys.
pub fn names(schema: &Schema) -> [BTreeSet<String>; 2] {
    let laws = laws(schema);
    let expressions = laws.iter().flat_map(|(law, _)| [&law.left, &law.right].into_iter().chain(&law.when));
    let names = expressions.flat_map(Expr::names).filter(|name| !COUNTED.contains(name)).map(str::to_owned);
    let is_key = |name: &str| schema.keys.iter().any(|key| key.name == name);
    let (keys, others) = names.partition(|name| is_key(name) || carried(name).is_some_and(is_key));
    [others, keys]
}

/// Audits a trace whose keys have their names of the schema. `given` are values that no trace holds, by name.
pub fn audit(schema: &Schema, trace: &TraceLog, given: &BTreeMap<String, f64>) -> Audit {
    let precision = PrecisionFacts::of(trace, schema);
    let relative = if precision.single { SINGLE } else { DOUBLE };
    let (laws, mut checks): (Vec<Law>, Vec<AuditCheck>) = laws(schema).into_iter().unzip();
    let segments = Segments::new(trace);
    for number in 0..trace.segments.len() {
        for place in segments.places(number) {
            let names = segments.names(number, place, relative, given);
            for (law, check) in laws.iter().zip(&mut checks) {
                one(law, check, &names, place);
            }
        }
    }
    checks.retain(|c| c.checked > 0 || !c.not_checked.is_empty());
    Audit { file: trace.path.display().to_string(), precision, checks }
}

fn laws(schema: &Schema) -> Vec<(Law, AuditCheck)> {
    let parse = |text: &str| expression::parse(text).ok();
    let mut out = Vec::new();
    for key in &schema.keys {
        let Some(text) = &key.law else { continue };
        // A schema's laws were read when it was; this keeps a faulty one from being taken for one that holds.
        let Some(right) = parse(text) else { continue };
        let (name, when) = (key.name.clone(), key.when.as_deref().and_then(parse));
        let condition = key.when.clone().unwrap_or_default();
        let (own, left, relation) = (Some(name.clone()), Expr::Name(name), Relation::Equal);
        let law = Law { key: own, left, relation, right, when, condition, within: 0.0 };
        out.push((law, AuditCheck { name: key.name.clone(), law: text.clone(), ..AuditCheck::default() }));
    }
    for rule in &schema.rules {
        let (Some(left), Some(right)) = (parse(&rule.left), parse(&rule.right)) else { continue };
        let when = rule.when.as_deref().and_then(parse);
        let condition = rule.when.clone().unwrap_or_default();
        let (key, relation, within) = (None, rule.relation, rule.within);
        let law = Law { key, left, relation, right, when, condition, within };
        out.push((
            law,
            AuditCheck {
                name: rule.name.clone(),
                law: match rule.relation {
                    Relation::Equal => format!("{} = {}", rule.left, rule.right),
                    other => format!("{} {} {}", rule.left, other.sign(), rule.right),
                },
                ..AuditCheck::default()
            },
        ));
    }
    out
}

/// Checks one law at one place.
fn one(law: &Law, check: &mut AuditCheck, names: &values::Here<'_, '_>, place: [i32; 3]) {
    let concerned = match &law.key {
        Some(key) => names.has_own(key),
        // Rules are about the pixel as a whole.
        None => place == [NONE; 3] && law.left.names().iter().any(|n| names.has_own(n)),
    };
    if !concerned {
        return;
    }
    match holds(law, names) {
        Ok(Some((traced, recomputed, allowed))) => {
            check.checked += 1;
            check.not_finite += usize::from(traced.numbers.iter().any(|x| !x.is_finite()));
            if let Some(allowed) = allowed {
                check.faulty += 1;
                check.first.get_or_insert_with(|| fault(law, names, place, traced, recomputed, allowed));
            }
        }
        Ok(None) => {
            let why = format!("it holds only where `{}`", law.condition);
            *check.not_checked.entry(why).or_default() += 1;
        }
        Err(Why::Unknown(name)) => {
            *check.not_checked.entry(format!("`{name}` is not in the trace")).or_default() += 1
        }
        Err(Why::Unprintable(name)) => {
            check.unprintable += 1;
            *check.not_checked.entry(format!("`{name}` is stars instead of a number")).or_default() += 1;
        }
        Err(Why::Shape(problem)) => *check.not_checked.entry(problem).or_default() += 1,
    }
}

type LawValues = (BoundedValue, BoundedValue, Option<f64>);

/// Both sides, and how far apart they may be if they are further; `None` if the law does not apply.
fn holds(law: &Law, names: &values::Here<'_, '_>) -> Result<Option<LawValues>, Why> {
    if let Some(when) = &law.when
        && !truth(when, names)?
    {
        return Ok(None);
    }
    let (left, right) = (evaluate(&law.left, names)?, evaluate(&law.right, names)?);
    if left.numbers.len() != right.numbers.len() {
        return Err(Why::Shape(format!(
            "{} components, but {} by the law",
            left.numbers.len(),
            right.numbers.len()
        )));
    }
    let mut allowed = None;
    for n in 0..left.numbers.len() {
        let (x, y) = (left.numbers[n], right.numbers[n]);
        let room = law.within + SLACK * (left.errors[n] + right.errors[n]);
        let is_same = law.relation == Relation::Equal && x.is_nan() && y.is_nan();
        if law.relation.holds(x, y) || is_same {
            continue;
        }
        // What is not finite follows from nothing finite, however large the error is that it brings along.
        let finite = x.is_finite() && y.is_finite();
        if finite && room == f64::INFINITY && !law.relation.is_strict() {
            return Err(Why::Shape("rounding could account for any value".to_owned()));
        }
        // Written so that a room of NaN fails.
        if !(finite && law.relation.allows(x, y, room)) {
            allowed = Some(if finite { room } else { 0.0 });
        }
    }
    Ok(Some((left, right, allowed)))
}

fn fault(
    law: &Law,
    names: &values::Here<'_, '_>,
    place: [i32; 3],
    traced: BoundedValue,
    recomputed: BoundedValue,
    allowed: f64,
) -> AuditFault {
    let look = Observation {
        sides: [&recomputed.numbers, &traced.numbers],
        default: None,
        tolerance: 1e-6,
        constant: [false; 2],
        turned: None,
    };
    let without_ratio = |text: String| {
        text.replace("B ", "the trace ")
            .replace("A ", "the law ")
            .replace(" A", " the law")
            .replace(" B", " the trace")
    };
    let signatures = describe(&look).into_iter().map(without_ratio).collect();
    AuditFault {
        pixel: names.pixel(),
        record: names.record().map(str::to_owned),
        block: names.block(),
        place,
        line: law.key.as_ref().and_then(|key| names.line(key)).unwrap_or(0),
        traced: traced.numbers,
        recomputed: recomputed.numbers,
        allowed,
        signatures,
    }
}
