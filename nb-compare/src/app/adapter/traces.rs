//! `--adapter --explain` where the adapter has `[trace]`: some elements traced on both sides, each run in a folder of its own, and what
//! their traces come to.
//!
//! Not here: which elements (`adapter::trace::elements`), comparing traces (`adapter::trace::traced`), variants (`explain`).

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use nanobragg::error::InputError;
use nanobragg::open_file::{self, TABLE};
use trace_harness::evidence::bundle::BundleError;
use trace_harness::evidence::bundle::recorder::{Recorder, logs_of};
use trace_harness::evidence::exit::Exit;
use trace_harness::evidence::failure::Failure;
use trace_harness::evidence::process::Runner;
use trace_harness::trace::log::TraceLog;
use trace_harness::trace::schema::Schema;

use crate::adapter::trace::asking::{asking, output_of, run_name};
use crate::adapter::trace::elements::{ChosenElement, choose};
use crate::adapter::trace::traced::{SAME, SideTrace, TracedElement, TracedElements, compare_traces};
use crate::adapter::{Adapter, AdapterError, TraceRules};
use crate::app::adapter::explain::Call;
use crate::app::adapter::side::{Evidence, Run, SideOutputs, ready};
use crate::app::unseen::Unseen;

/// How traces are had, and the schema that they are read by.
pub(in crate::app) struct Tracing<'a> {
    rules: &'a TraceRules,
    schema: Schema,
    /// The file of the schema.
    pub(super) file: Option<PathBuf>,
}

impl<'a> Tracing<'a> {
    /// What the adapter says of traces; none where it says nothing. `place` is its folder.
    ///
    /// # Errors
    /// Its schema cannot be read, or is none.
    pub(super) fn of(adapter: &'a Adapter, place: &Path) -> Result<Option<Self>, AdapterError> {
        let Some(rules) = &adapter.trace else { return Ok(None) };
        let what = "a schema of traces, in TOML";
        let file = rules.schema.as_ref().map(|name| place.join(name));
        let text = file.as_ref().map(|path| open_file::text(path, what, TABLE)).transpose()?;
        let schema = TraceRules::schema_of(text.as_deref()).map_err(|e| {
            let path = file.clone().unwrap_or_default();
            InputError::new(&path, e.problem.to_string(), what)
        })?;
        Ok(Some(Self { rules, schema, file }))
    }

    /// The schema that they are read by.
    pub(super) fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Gives the keys of a trace their names of the schema.
    pub(super) fn apply(&self, trace: &mut TraceLog) {
        trace.apply(&self.schema);
    }

    /// The token of the schema in the evidence, which has it as an input.
    pub(super) fn token(&self, bundle: &mut Recorder) -> Result<Option<String>, BundleError> {
        self.file.as_ref().map(|path| bundle.input(path)).transpose()
    }

    /// Traces some elements on both sides; `left` is what these left before.
    ///
    /// # Errors
    /// The evidence cannot be written. A side that fails is none.
    pub(super) fn explain(
        &self,
        call: &Call<'_>,
        left: [&SideOutputs; 2],
        (evidence, unseen): (&mut Evidence<'_>, &mut Unseen),
        runner: &dyn Runner,
    ) -> Result<TracedElements, Failure> {
        let schema = self.token(evidence.bundle)?;
        let by_element = self.rules.is_by_element();
        let output = output_of(self.rules, call.adapter).filter(|_| by_element);
        let name = output.map(|output| output.name.clone());
        if left[0].outputs == left[1].outputs {
            return Ok(TracedElements::nothing(name, schema, SAME));
        }
        let chosen = match output {
            None => vec![ChosenElement::whole_run()],
            Some(output) => {
                let at = call.adapter.outputs.iter().position(|known| known.name == output.name);
                let names = [output.stored(0), output.stored(1)];
                let file = |side: usize| (Path::new(&names[side]), &*left[side].outputs[at.unwrap_or(0)]);
                match choose(output, [file(0), file(1)]) {
                    Ok(chosen) => chosen,
                    Err(why) => {
                        let why = evidence.bundle.record(&why.to_string())?;
                        return Ok(TracedElements::nothing(name, schema, &why));
                    }
                }
            }
        };
        let mut elements = Vec::new();
        for (at, element) in chosen.into_iter().enumerate() {
            elements.push(self.element(at, element, call, (&mut *evidence, &mut *unseen), runner)?);
        }
        Ok(TracedElements::of(name, schema, elements))
    }

    /// Traces one element on both sides.
    fn element(
        &self,
        at: usize,
        element: ChosenElement,
        call: &Call<'_>,
        (evidence, unseen): (&mut Evidence<'_>, &mut Unseen),
        runner: &dyn Runner,
    ) -> Result<TracedElement, Failure> {
        let mut traces = Vec::new();
        for side in 0..2 {
            match self.side(at, side, &element.place, call, (&mut *evidence, &mut *unseen), runner)? {
                Ok(trace) => traces.push(trace),
                // Who stops one run stops all of them.
                Err(why) if Exit::Program.unless_interrupted() != Exit::Program => return Err(why.into()),
                Err(why) => {
                    let failed = Some(evidence.bundle.record(&why.to_string())?);
                    return Ok(TracedElement { element, traces: None, failed });
                }
            }
        }
        let compared = compare_traces(&self.schema, [&traces[0], &traces[1]]);
        let (traces, failed) = match compared {
            Ok(traces) => (Some(traces), None),
            Err(why) => (None, Some(evidence.bundle.record(&why.to_string())?)),
        };
        Ok(TracedElement { element, traces, failed })
    }

    fn side(
        &self,
        at: usize,
        side: usize,
        element: &[usize],
        call: &Call<'_>,
        (evidence, unseen): (&mut Evidence<'_>, &mut Unseen),
        runner: &dyn Runner,
    ) -> Result<Result<SideTrace, AdapterError>, Failure> {
        let asking = asking(self.rules, call.adapter, side, element);
        let variants = call.chosen.iter().filter_map(|id| call.adapter.variant(id).ok());
        let more = variants.flat_map(|variant| variant.args[side].iter().map(OsString::from)).collect();
        let ready = ready(&asking.sides[side], more, call.args, (call.place, call.named[side]))?;
        let name = run_name(at, side);
        let run = Run {
            name: &name,
            logs: logs_of(&name),
            outputs: format!("outputs/{name}"),
            args: call.args,
            instead: &BTreeMap::new(),
            time_limit: call.time_limit,
            not_run: None,
            is_trace: true,
        };
        let ran = ready.run(&asking, &run, evidence, runner)?;
        for (name, bytes) in &ran.logs {
            unseen.put(name, bytes.as_slice())?;
        }
        let came = match ran.delivered {
            Ok(came) => came,
            Err(why) => return Ok(Err(why)),
        };
        let trace = came.outputs.into_iter().next().unwrap_or_default();
        let stored = asking.outputs.first().map(|output| run.stored(output)).unwrap_or_default();
        unseen.put(&stored, trace.as_slice())?;
        for (array, bytes) in &came.arrays {
            unseen.put(&format!("outputs/{name}/{array}"), bytes.as_slice())?;
        }
        Ok(Ok(SideTrace { name: stored, trace, arrays: came.arrays }))
    }
}
