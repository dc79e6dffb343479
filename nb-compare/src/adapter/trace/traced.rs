//! Traces of both sides compared: what each element that was traced came to, and the arrays that traces name.
//!
//! Not here: asking for traces (`super`), choosing elements (`elements`), comparing two traces as such (`trace_harness::trace`).

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use serde::Serialize;
use trace_harness::evidence::process::Temporary;
use trace_harness::evidence::verdict::Verdict;
use trace_harness::trace::array::Named;
use trace_harness::trace::cause::attribution::Attribution;
use trace_harness::trace::diff::compare::{Settings, compare};
use trace_harness::trace::diff::wording::place;
use trace_harness::trace::diff::{Cause, Difference};
use trace_harness::trace::log::{self, TraceError};
use trace_harness::trace::schema::Schema;

use crate::adapter::trace::elements::ChosenElement;
use crate::adapter::trace::rules::TRACE_FILE;

/// Arrays that are taken of one trace.
const MOST_ARRAYS: usize = 10_000;

/// What one run left: the name of its trace for messages, its content, and the arrays beside it by their names.
#[derive(Debug)]
pub(crate) struct SideTrace {
    pub name: String,
    pub trace: Vec<u8>,
    pub arrays: Vec<(String, Vec<u8>)>,
}

/// What two traces of one element came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct ComparedTraces {
    pub verdict: Verdict,
    pub reason: String,
    pub first_divergence: Option<Difference>,
    /// The first value that is not the same to the last bit, where that is another one.
    pub first_bit: Option<Difference>,
    pub root_causes: Vec<Cause>,
    pub attribution: Vec<Attribution>,
}

/// An element that was traced on both sides.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct TracedElement {
    #[serde(flatten)]
    pub element: ChosenElement,
    /// What its traces came to.
    pub traces: Option<ComparedTraces>,
    /// Why there are none, or why they cannot be compared.
    pub failed: Option<String>,
}

/// Everything that was traced.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct TracedElements {
    /// The output whose elements they are; none where whole runs were traced.
    pub output: Option<String>,
    /// The token of the schema among the inputs.
    pub schema: Option<String>,
    pub elements: Vec<TracedElement>,
    /// All of it in one sentence.
    pub reason: String,
}

/// What keeps two traces from being compared.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TraceFault {
    #[error(transparent)]
    Trace(#[from] TraceError),
    #[error("the arrays of `{name}` cannot be laid out: {source}")]
    Arrays { name: String, source: io::Error },
}

impl TracedElement {
    /// What came of it, in words.
    pub(crate) fn words(&self) -> String {
        let found = match (&self.traces, &self.failed) {
            (Some(traces), _) => {
                // Values that agree within a tolerance may be all that there is to be found.
                let bit = traces.first_bit.as_ref().map(|bit| {
                    let (place, ulp) = (place(&bit.place), bit.distance.ulp);
                    format!("; the first differing bit is in {}, {place}: {ulp} ULP", bit.key)
                });
                format!("{}: {}{}", traces.verdict.word(), traces.reason, bit.unwrap_or_default())
            }
            (None, why) => {
                format!(
                    "not traced: {}",
                    why.as_deref().unwrap_or_default().lines().next().unwrap_or_default()
                )
            }
        };
        format!("{}: {found}", self.element.words())
    }
}

impl TracedElements {
    /// What follows from the elements that were traced.
    pub(crate) fn of(output: Option<String>, schema: Option<String>, elements: Vec<TracedElement>) -> Self {
        let differing = elements
            .iter()
            .filter(|element| element.traces.as_ref().is_some_and(|traces| traces.verdict == Verdict::Fail));
        // The elements stand from the worst to the best.
        let reason = match (differing.clone().next(), elements.as_slice()) {
            (Some(first), [_]) => first.words(),
            (Some(first), all) => {
                format!(
                    "the traces of {} of {} elements differ; {}",
                    differing.count(),
                    all.len(),
                    first.words()
                )
            }
            (None, []) => "no element was traced".to_owned(),
            (None, [first, ..]) => format!("no trace differs; {}", first.words()),
        };
        Self { output, schema, elements, reason }
    }

    /// Where nothing was traced, because of `why`.
    pub(crate) fn nothing(output: Option<String>, schema: Option<String>, why: &str) -> Self {
        Self { output, schema, elements: Vec::new(), reason: format!("nothing was traced: {why}") }
    }
}

/// Why nothing is traced where both sides left the same.
pub(crate) const SAME: &str = "all outputs are the same bytes";

/// The names of the arrays that a trace names and that a bundle can keep beside it, each once.
pub(crate) fn array_names(trace: &[u8]) -> BTreeSet<String> {
    let is_fit = |name: &&str| {
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
        name.len() <= 200 && !name.starts_with('.') && *name != TRACE_FILE && name.bytes().all(is_plain)
    };
    let Ok(found) = log::read_bytes(trace, Path::new(TRACE_FILE)) else { return BTreeSet::new() };
    let named = found.texts.all().filter_map(Named::in_words).map(|named| named.file).filter(is_fit);
    named.map(str::to_owned).take(MOST_ARRAYS).collect()
}

/// Compares the traces that both sides left.
///
/// # Errors
/// One of them is no trace; its arrays cannot be laid out for the comparison.
pub(crate) fn compare_traces(schema: &Schema, sides: [&SideTrace; 2]) -> Result<ComparedTraces, TraceFault> {
    let folder = |source| TraceFault::Arrays { name: sides[0].name.clone(), source };
    let folder = Temporary::new().map_err(folder)?;
    let mut logs = Vec::new();
    for (side, of_side) in sides.iter().zip(["a", "b"]) {
        let own = folder.path().join(of_side);
        let laid = || -> io::Result<()> {
            std::fs::create_dir(&own)?;
            side.arrays.iter().try_for_each(|(name, content)| std::fs::write(own.join(name), content))
        };
        laid().map_err(|source| TraceFault::Arrays { name: side.name.clone(), source })?;
        let mut log = log::read_bytes(&side.trace, Path::new(&side.name))?;
        log.folder = own;
        log.apply(schema);
        logs.push(log);
    }
    let settings = Settings { min_compared: 1, ..Settings::default() };
    let found = compare(schema, [&logs[0], &logs[1]], &settings);
    // The folder has another name each time.
    let reason = found.reason.replace(&format!("{}/", folder.path().display()), "");
    let (verdict, first_divergence) = (found.verdict, found.first_divergence);
    let is_other = |bit: &Difference| {
        first_divergence.as_ref().is_none_or(|first| (&first.key, &first.place) != (&bit.key, &bit.place))
    };
    let first_bit = found.first_bit.filter(is_other);
    let (root_causes, attribution) = (found.root_causes, found.attribution);
    Ok(ComparedTraces { verdict, reason, first_divergence, first_bit, root_causes, attribution })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(trace: &str) -> SideTrace {
        SideTrace { name: "outputs/x/trace.txt".to_owned(), trace: trace.into(), arrays: Vec::new() }
    }

    #[test]
    fn only_arrays_beside_the_trace_under_plain_names_are_taken() {
        let trace = "TRACE_A: x @array a.0.npy shape 2\nTRACE_A: y @array ../b.npy shape 2\n\
                     TRACE_A: z @array /etc/passwd shape 2\nTRACE_A: w @array trace.txt shape 2\n";
        assert_eq!(array_names(trace.as_bytes()).into_iter().collect::<Vec<_>>(), ["a.0.npy"]);
    }

    #[test]
    fn what_differs_first_is_found_and_a_missing_array_names_no_folder_of_this_machine() {
        let schema =
            Schema::from_toml("[[key]]\nname = \"x\"\n[[key]]\nname = \"y\"\ninputs = [\"x\"]").unwrap();
        let differ = compare_traces(
            &schema,
            [&side("TRACE_A: x 1\nTRACE_A: y 2\n"), &side("TRACE_B: x 3\nTRACE_B: y 6\n")],
        );
        let differ = differ.unwrap();
        assert_eq!((differ.verdict, &*differ.reason), (Verdict::Fail, "root cause: x"));
        let bit =
            compare_traces(&schema, [&side("TRACE_A: x 1\n"), &side("TRACE_B: x 1.0000000000000002\n")])
                .unwrap();
        let element = TracedElement { element: ChosenElement::whole_run(), traces: Some(bit), failed: None };
        let words = element.words();
        assert!(
            words.contains("PASS: ")
                && words.contains("the first differing bit is in x, ")
                && words.ends_with(": 1 ULP"),
            "{words}"
        );
        let array = side("TRACE_A: y 2\nTRACE_A: x @array none.npy shape 2\n");
        let unread = compare_traces(&schema, [&array, &array]).unwrap();
        assert_eq!(unread.verdict, Verdict::Undecided);
        let folder = std::env::temp_dir();
        assert!(!unread.reason.contains(&*folder.to_string_lossy()), "{}", unread.reason);
    }
}
