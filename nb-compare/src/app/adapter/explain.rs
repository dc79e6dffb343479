//! `--adapter --explain`: the sides run again with sets of variants, and which set makes their outputs the same bytes.
//!
//! Not here: which sets are tried (`adapter::variants`), one run (`side`).

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use trace_harness::evidence::bundle::recorder::logs_of;
use trace_harness::evidence::exit::Exit;
use trace_harness::evidence::failure::Failure;
use trace_harness::evidence::process::Runner;

use crate::adapter::variants::{TriedSet, VariantSearch, concerns, run_name, search};
use crate::adapter::{Adapter, AdapterError};
use crate::app::adapter::side::{Evidence, Run, SideOutputs, ready};
use crate::app::unseen::Unseen;

/// What the sides were called with.
pub(super) struct Call<'a> {
    pub(super) adapter: &'a Adapter,
    /// The ids of variants that are on.
    pub(super) chosen: &'a [String],
    /// The arguments, files absolute.
    pub(super) args: &'a [OsString],
    /// The folder of the adapter.
    pub(super) place: &'a Path,
    /// The programs that the user names.
    pub(super) named: [Option<&'a Path>; 2],
    /// Seconds after which a side is ended.
    pub(super) time_limit: Option<f64>,
}

impl Call<'_> {
    /// Tries the variants that are not on; `left` is what both sides left without them.
    ///
    /// # Errors
    /// The evidence cannot be written. A side that fails is none.
    pub(super) fn explain(
        &self,
        left: [&SideOutputs; 2],
        (evidence, unseen): (&mut Evidence<'_>, &mut Unseen),
        runner: &dyn Runner,
    ) -> Result<VariantSearch, Failure> {
        let is_same = left[0].outputs == left[1].outputs;
        let ids = self.adapter.variants.iter().map(|variant| variant.id.clone());
        let ids: Vec<String> = ids.filter(|id| !is_same && !self.chosen.contains(id)).collect();
        let tried = search(&ids, |set| self.with(set, left, (&mut *evidence, &mut *unseen), runner))?;
        Ok(VariantSearch::of(tried, is_same))
    }

    /// Runs the sides that a set of variants concerns.
    fn with(
        &self,
        set: Vec<String>,
        left: [&SideOutputs; 2],
        (evidence, unseen): (&mut Evidence<'_>, &mut Unseen),
        runner: &dyn Runner,
    ) -> Result<TriedSet, Failure> {
        let mut outputs: [Vec<Vec<u8>>; 2] = left.map(|side| side.outputs.clone());
        for (side, outputs) in outputs.iter_mut().enumerate() {
            if !concerns(self.adapter, &set, side) {
                continue;
            }
            match self.side(&set, side, (&mut *evidence, &mut *unseen), runner)? {
                Ok(came) => *outputs = came,
                // Who stops one run stops all of them.
                Err(why) if Exit::Program.unless_interrupted() != Exit::Program => return Err(why.into()),
                Err(why) => {
                    // What a program says last may be what no bundle records; its log has it.
                    let recorded_reason = evidence.bundle.record(&why.to_string());
                    let failed = recorded_reason
                        .unwrap_or_else(|_| "its last words cannot be recorded; see its log".to_owned());
                    let failed = Some(failed);
                    return Ok(TriedSet { variants: set, same: Vec::new(), other: Vec::new(), failed });
                }
            }
        }
        let [a, b] = outputs;
        let compared = self.adapter.outputs.iter().map(|output| output.name.clone()).zip(a.iter().zip(&b));
        let (same, other): (Vec<_>, Vec<_>) = compared.partition(|(_, (a, b))| a == b);
        let names = |list: Vec<(String, _)>| list.into_iter().map(|(name, _)| name).collect();
        Ok(TriedSet { variants: set, same: names(same), other: names(other), failed: None })
    }

    fn side(
        &self,
        set: &[String],
        side: usize,
        (evidence, unseen): (&mut Evidence<'_>, &mut Unseen),
        runner: &dyn Runner,
    ) -> Result<Result<Vec<Vec<u8>>, AdapterError>, Failure> {
        let is_on = |id: &String| set.contains(id) || self.chosen.contains(id);
        let variants = self.adapter.variants.iter().filter(|variant| is_on(&variant.id));
        let more = variants.flat_map(|variant| variant.args[side].iter().map(OsString::from)).collect();
        let ready = ready(&self.adapter.sides[side], more, self.args, (self.place, self.named[side]))?;
        let name = run_name(self.adapter, set, side);
        let run = Run {
            name: &name,
            logs: logs_of(&name),
            outputs: format!("outputs/{name}"),
            args: self.args,
            instead: &BTreeMap::new(),
            time_limit: self.time_limit,
            not_run: None,
            is_trace: false,
        };
        let ran = ready.run(self.adapter, &run, evidence, runner)?;
        for (name, bytes) in &ran.logs {
            unseen.put(name, bytes.as_slice())?;
        }
        let came = match ran.delivered {
            Ok(came) => came.outputs,
            Err(why) => return Ok(Err(why)),
        };
        for (output, bytes) in self.adapter.outputs.iter().zip(&came) {
            unseen.put(&run.stored(output), bytes.as_slice())?;
        }
        Ok(Ok(came))
    }
}
