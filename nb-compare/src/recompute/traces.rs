//! What tracing elements came to, found again from the outputs and traces in a bundle.
//!
//! Not here: variants (`outputs`), what one step has to be (`steps`).

use std::path::Path;

use serde_json::{Map, Value};
use trace_harness::evidence::bundle::recorder::logs_of;
use trace_harness::evidence::bundle::summary::Summary;
use trace_harness::evidence::bundle::verify::Examined;
use trace_harness::trace::schema::Schema;

use crate::adapter::trace::asking::{asking, output_of, run_name};
use crate::adapter::trace::elements::{ChosenElement, NoElement, choose};
use crate::adapter::trace::traced::{
    SAME, SideTrace, TracedElement, TracedElements, array_names, compare_traces,
};
use crate::adapter::{Adapter, Output, SIDES, TraceRules};
use crate::recompute::outcome::{Missing, file_of};
use crate::recompute::programs::calls;
use crate::recompute::steps::StatedRun;
use crate::report::outputs::OutputsFacts;

/// A bundle whose traces are compared again.
pub(super) struct TracesBundle<'a> {
    pub(super) examined: &'a Examined,
    pub(super) summary: &'a Summary,
    pub(super) adapter: &'a Adapter,
    pub(super) facts: &'a OutputsFacts,
}

impl TracesBundle<'_> {
    /// What the field `traces` of `document` has to say; none where nothing was traced, or should have been.
    pub(super) fn again(&self, document: &Map<String, Value>) -> Result<Option<TracedElements>, Missing> {
        let Some(says) = document.get("traces").filter(|says| !says.is_null()) else { return Ok(None) };
        let rules = self.adapter.trace.as_ref().ok_or_else(|| wrong("the adapter says nothing of traces"))?;
        let (token, schema) =
            schema_of(self.examined, self.summary, rules, says["schema"].as_str().unwrap_or_default())?;
        let output = output_of(rules, self.adapter).filter(|_| rules.is_by_element());
        let name = output.map(|output| output.name.clone());
        if self.is_same()? {
            return Ok(Some(TracedElements::nothing(name, token, SAME)));
        }
        let chosen = match output.map(|output| self.chosen(output)).transpose()? {
            None => vec![ChosenElement::whole_run()],
            Some(Ok(chosen)) => chosen,
            Some(Err(why)) => return Ok(Some(TracedElements::nothing(name, token, &why.to_string()))),
        };
        let stated = says["elements"].as_array().map_or(&[][..], Vec::as_slice);
        let mut elements = Vec::new();
        for (at, element) in chosen.into_iter().enumerate() {
            let failed = stated.get(at).and_then(|says| says["failed"].as_str());
            elements.push(self.element(rules, &schema, at, element, failed)?);
        }
        Ok(Some(TracedElements::of(name, token, elements)))
    }

    fn is_same(&self) -> Result<bool, Missing> {
        let digest = |name: &str| {
            let listed = self.examined.listed.get(name);
            listed.ok_or_else(|| wrong(&format!("`{name}` is not in the bundle")))
        };
        let mut is_same = true;
        for output in &self.adapter.outputs {
            is_same &= digest(&output.stored(0))? == digest(&output.stored(1))?;
        }
        Ok(is_same)
    }

    fn chosen(&self, output: &Output) -> Result<Result<Vec<ChosenElement>, NoElement>, Missing> {
        let names = [output.stored(0), output.stored(1)];
        let [a, b] = [file_of(self.examined, &names[0])?, file_of(self.examined, &names[1])?];
        let files = [(Path::new(&names[0]), &*a), (Path::new(&names[1]), &*b)];
        Ok(choose(output, files))
    }

    /// What one element came to; `failed` is why the bundle has no comparison of its traces.
    fn element(
        &self,
        rules: &TraceRules,
        schema: &Schema,
        at: usize,
        element: ChosenElement,
        failed: Option<&str>,
    ) -> Result<TracedElement, Missing> {
        let mut traces = Vec::new();
        for side in 0..SIDES.len() {
            let name = run_name(at, side);
            let step = self.summary.steps.iter().find(|step| step.name == name);
            let step = step.ok_or_else(|| wrong(&format!("there is no step `{name}`")))?;
            if !step.succeeded() {
                let why = failed
                    .ok_or_else(|| wrong(&format!("step `{name}` failed, and a trace of it is told")))?;
                return Ok(TracedElement { element, traces: None, failed: Some(why.to_owned()) });
            }
            let asking = asking(rules, self.adapter, side, &element.place);
            let stored = format!("outputs/{name}/trace{}", asking.outputs[0].kind.suffix());
            let trace = file_of(self.examined, &stored)?;
            let arrays = arrays_beside(self.examined, &name, &trace);
            let place = |array: &str| format!("outputs/{name}/{array}");
            let content = |array: &String| Ok((array.clone(), file_of(self.examined, &place(array))?));
            let contents = arrays.iter().map(content).collect::<Result<Vec<_>, Missing>>()?;
            let run = StatedRun {
                adapter: &asking,
                number: side,
                args: &self.facts.args,
                variants: &self.facts.variants,
                variable: None,
                logs: logs_of(&name),
                arrays,
                case: "",
            };
            if let Some(finding) = run.differences(step).into_iter().next() {
                return Err(wrong(&finding));
            }
            let program = |field: &str| self.facts.sides[side].program[field].as_str().unwrap_or_default();
            if !calls(step, program("name"), program("sha256")) {
                return Err(wrong(&format!("the program of step `{name}` is not the one of its side")));
            }
            traces.push(SideTrace { name: stored, trace, arrays: contents });
        }
        let compared = compare_traces(schema, [&traces[0], &traces[1]]);
        Ok(match compared {
            Ok(traces) => TracedElement { element, traces: Some(traces), failed: None },
            Err(why) => TracedElement { element, traces: None, failed: Some(why.to_string()) },
        })
    }
}

/// The schema that a bundle names by its token, which has to be the adapter's.
pub(super) fn schema_of(
    examined: &Examined,
    summary: &Summary,
    rules: &TraceRules,
    token: &str,
) -> Result<(Option<String>, Schema), Missing> {
    let Some(path) = &rules.schema else {
        return Ok((None, TraceRules::schema_of(None).map_err(|e| wrong(&e.to_string()))?));
    };
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let input = summary.inputs.iter().find(|input| input.token == token);
    let input = input
        .filter(|_| token.ends_with(&format!("/{name}}}")))
        .ok_or_else(|| wrong("its schema is no input of that name"))?;
    let stored = input
        .stored
        .as_ref()
        .ok_or_else(|| Missing::Left("the schema of the traces was too large to be kept".to_owned()))?;
    let text = String::from_utf8(file_of(examined, stored)?).map_err(|e| wrong(&e.to_string()))?;
    let schema = TraceRules::schema_of(Some(&text)).map_err(|e| wrong(&e.to_string()))?;
    Ok((Some(token.to_owned()), schema))
}

/// The arrays that the trace of a run names and that the bundle has.
pub(super) fn arrays_beside(examined: &Examined, run: &str, trace: &[u8]) -> Vec<String> {
    let kept = |array: &String| examined.listed.contains_key(&format!("outputs/{run}/{array}"));
    array_names(trace).into_iter().filter(kept).collect()
}

fn wrong(why: &str) -> Missing {
    Missing::Wrong(format!("`traces`: {why}"))
}
