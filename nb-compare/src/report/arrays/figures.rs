//! The figures of two arrays as JSON: the fields that `summary.json` and `metrics.json` hold.
//!
//! Not here: writing files.

use serde_json::{Map, Value, json};

use crate::array::{ArrayComparison, ArrayMetrics, Order};
use crate::compare::metrics::Measured;

/// Version of the definitions of these metrics; raised whenever a number may change for the same arrays.
pub(super) const DEFINITIONS: u32 = 1;

/// Every metric by name: a number or `null`, and under `undefined` why it is `null`. Places count along every axis.
pub(crate) fn metrics(m: &ArrayMetrics) -> Map<String, Value> {
    let mut fields = Map::new();
    let mut undefined = Map::new();
    let p = &m.pairs;
    let mut set = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    set("metrics_version", DEFINITIONS.into());
    set("elements", m.elements.into());
    set("elements_compared", p.compared.into());
    set("elements_equal", p.equal.into());
    set("elements_differing", p.differing().into());
    set("byte_identical", m.byte_identical.into());
    set("non_finite_reference", p.non_finite[0].into());
    set("non_finite_candidate", p.non_finite[1].into());
    set("non_finite_unlike", p.unlike.into());
    set("first_unlike_at", p.first_unlike.map(|index| m.place(index)).into());
    let found = (p.compared > 0).then_some(());
    set("max_abs_at", found.map(|()| m.place(p.max_abs.1)).into());
    set("max_rel_at", found.filter(|()| p.nonzero > 0).map(|()| m.place(p.max_rel.1)).into());
    set("ulp_max", found.map(|()| p.max_ulp.0).into());
    set("ulp_max_at", found.map(|()| m.place(p.max_ulp.1)).into());
    let constant = [0, 1].map(|side| p.is_constant(side));
    let numbers = [
        ("max_abs", m.max_abs()),
        ("max_rel", m.max_rel()),
        ("ulp_mean", m.mean_ulp()),
        ("agreement", m.share()),
        ("correlation", m.sums.correlation(constant)),
        ("sum_reference", m.sums.sum(0, 0)),
        ("sum_candidate", m.sums.sum(1, 0)),
        ("sum_ratio", m.sums.ratio()),
        ("best_scale", m.sums.best_scale()),
        ("rmsd", m.sums.rmsd()),
    ];
    for (name, number) in numbers {
        set(name, number.value().into());
        if let Measured::Undefined(why) = number {
            undefined.insert(name.to_owned(), why.into());
        }
    }
    set("undefined", Value::Object(undefined));
    fields
}

/// The metrics, the shape, the types, and what came of every gate.
pub(crate) fn comparison(c: &ArrayComparison) -> Map<String, Value> {
    let mut fields = metrics(&c.metrics);
    let [a, b] = c.types.map(|element| element.to_string());
    fields.insert("ulp_of".to_owned(), c.metrics.unit.name().into());
    fields.insert("shape".to_owned(), json!(c.shape));
    fields.insert("element_types".to_owned(), json!({"reference": a, "candidate": b}));
    let order = if c.metrics.visited == Order::C { "C" } else { "F" };
    fields.insert("order".to_owned(), order.into());
    fields.insert("gates".to_owned(), json!(c.judgement.gates));
    fields
}
