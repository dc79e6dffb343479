//! Which programs a comparison says it ran, with which arguments, held against its steps and env.json.
//!
//! Not here: what the programs printed (`said`), what they left (`recompute`).

use serde_json::{Map, Value, json};
use trace_harness::evidence::bundle::environment::Environment;
use trace_harness::evidence::bundle::summary::{Step, Summary};

use crate::built_in;
use crate::runner::Side;

/// What `fields` of a comparison say otherwise than its steps and the environment.
pub(super) fn differences(
    summary: &Summary,
    environment: Option<&Environment>,
    fields: &Map<String, Value>,
) -> Vec<String> {
    let step = |side: Side| summary.steps.iter().find(|step| step.name == side.prefix());
    let sides = [Side::Reference, Side::Candidate].map(|side| (side, step(side)));
    let mut findings = Vec::new();
    for (side, step) in sides {
        let name = format!("binary_{}", side.prefix());
        let says = fields.get(&name).filter(|facts| !facts.is_null());
        if let Some(says) = says.filter(|says| !is_of(says, step, environment)) {
            findings.push(format!("`{name}`: says {says}, which neither its step nor env.json has"));
        }
    }
    findings.extend(sides.iter().filter_map(|(side, step)| unasked(*side, (*step)?)));
    let kept = sides[0].1.is_some_and(|step| step.kept_from.is_some());
    let from_cache = fields.get("reference_cache").is_some_and(|cache| cache["from_cache"] == json!(true));
    let is_odd = fields.get("reference_cache").is_some_and(|cache| !cache.is_null() && !cache.is_object());
    if kept != from_cache || is_odd {
        findings.push("`reference_cache`: does not follow from the reference's step".to_owned());
    }
    if let Some(args) = fields.get("args").and_then(Value::as_array) {
        let words: Option<Vec<String>> = args.iter().map(|word| word.as_str().map(str::to_owned)).collect();
        let is_of =
            |step: &Step| words.as_ref().is_some_and(|words| built_in::are_those_of(words, &step.command));
        if !sides.iter().filter_map(|(_, step)| *step).all(is_of) {
            findings.push("`args`: are not those of its steps".to_owned());
        }
    }
    findings
}

/// What a step of a side of images does otherwise than this program would have it: nothing but status 0 is a success, and variables are
/// those of the adapter that is built in.
pub(super) fn unasked(side: Side, step: &Step) -> Option<String> {
    let asked: Vec<(String, String)> = side
        .rules()
        .exported()
        .into_iter()
        .map(|(name, value)| (name, value.to_string_lossy().into_owned()))
        .collect();
    let is_asked = step.exported.len() == asked.len()
        && asked.iter().all(|(name, value)| step.exported.get(name) == Some(value));
    match (step.expect, is_asked) {
        (0, true) => None,
        (0, false) => Some(format!("step `{}`: ran with other variables than the adapter's", step.name)),
        (code, _) => Some(format!("step `{}`: was to end with {code}; expected 0", step.name)),
    }
}

/// Whether the facts of a program are those of one in the environment, by which the step calls it.
fn is_of(says: &Value, step: Option<&Step>, environment: Option<&Environment>) -> bool {
    let text = |name: &str| says[name].as_str().unwrap_or_default();
    let known = environment.is_none_or(|environment| {
        let same = |b: &&trace_harness::evidence::bundle::environment::Binary| {
            (b.name.as_str(), b.sha256.as_str(), b.version.as_str())
                == (text("name"), text("sha256"), text("version"))
        };
        environment.binaries.iter().any(|binary| same(&binary))
            && step.is_none_or(|step| calls(step, text("name"), text("sha256")))
    });
    says.is_object() && known
}

/// Whether a step calls the program by name and digest: as an input, or as one of the machine.
pub(super) fn calls(step: &Step, name: &str, sha256: &str) -> bool {
    let Some(digest) = sha256.get(..12) else { return false };
    let tokens = ["bin", "input"].map(|kind| format!("{{{kind}:{digest}/{name}}}"));
    step.command.first().is_some_and(|word| tokens.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_of_images_ends_with_0_and_has_the_variables_of_the_adapter() {
        let side = Side::Reference;
        let mut step = Step::planned("reference", vec!["sim".to_owned()], "{tmp}/reference", "");
        let asked = side.rules().exported();
        step.exported
            .extend(asked.into_iter().map(|(name, value)| (name, value.to_string_lossy().into_owned())));
        assert_eq!(unasked(side, &step), None);
        let more = Step { expect: 3, ..step.clone() };
        assert!(unasked(side, &more).is_some_and(|why| why.contains("expected 0")));
        step.exported.insert("SECRET_SWITCH".to_owned(), "1".to_owned());
        assert!(unasked(side, &step).is_some_and(|why| why.contains("other variables")));
    }
}
