//! `[trace]` of an adapter: how each side is asked for a trace of one element, and where it leaves it.
//!
//! Not here: asking (`asking`), which elements are traced (`elements`).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use trace_harness::evidence::process::is_variable;
use trace_harness::trace::schema::{Schema, SchemaError};

use crate::adapter::AdapterError;
use crate::adapter::words::{Placeholder, Template};

/// The file in the folder of a side that `{trace}` stands for.
pub(crate) const TRACE_FILE: &str = "trace.txt";
/// The word for what a side prints, as `[parameters]` has it.
const STDOUT: &str = "stdout";
/// What a request may hold; values of variables are single words, so that they have no `{pixel}`.
const IN_REQUEST: [Placeholder; 3] = [Placeholder::Element, Placeholder::Pixel, Placeholder::Trace];
const IN_VARIABLE: [Placeholder; 2] = [Placeholder::Element, Placeholder::Trace];

/// How traces are had of both sides.
#[derive(Debug, Clone)]
pub struct TraceRules {
    /// How the reference and the candidate are asked.
    pub sides: [TraceRequest; 2],
    /// The output whose elements are traced; the first one where it is not stated.
    pub output: Option<String>,
    /// The schema of the traces, seen from the folder of the adapter.
    pub schema: Option<PathBuf>,
}

/// Where a trace is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TraceSource {
    /// In a file in the folder that the program works in.
    File(PathBuf),
    /// On the program's standard output.
    StandardOutput,
}

/// How one side is asked for a trace.
#[derive(Debug, Clone)]
pub struct TraceRequest {
    /// Words behind the arguments.
    pub request: Vec<Template>,
    /// Variables that are set for it.
    pub env: BTreeMap<String, Template>,
    /// Where the trace is afterwards.
    pub from: TraceSource,
}

/// The table as it is written: what holds for both sides, and what is otherwise for one of them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::adapter) struct TraceDocument {
    request: Option<Vec<String>>,
    env: Option<BTreeMap<String, String>>,
    from: Option<String>,
    output: Option<String>,
    schema: Option<PathBuf>,
    reference: Option<RequestDocument>,
    candidate: Option<RequestDocument>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct RequestDocument {
    request: Option<Vec<String>>,
    env: Option<BTreeMap<String, String>>,
    from: Option<String>,
}

/// What the table says of an adapter whose outputs have these names; `inside` makes a path of a text that stays in the folder of a side.
pub(in crate::adapter) fn rules(
    document: TraceDocument,
    outputs: &[&str],
    inside: impl Fn(&str, &Path) -> Result<PathBuf, AdapterError>,
) -> Result<TraceRules, AdapterError> {
    let TraceDocument { request, env, from, output, schema, reference, candidate } = document;
    if let Some(name) = output.as_ref().filter(|name| !outputs.contains(&name.as_str())) {
        let problem = format!("`output`: `{name}` is no output of the adapter");
        return Err(AdapterError::senseless(problem, format!("one of {}", outputs.join(", "))));
    }
    let side = |name: &str, own: Option<RequestDocument>| {
        let own = own.unwrap_or_default();
        // A side that writes a file of its own does not leave its trace where the other one does.
        let own_texts = own.request.iter().flatten().chain(own.env.iter().flat_map(BTreeMap::values));
        let from = from.clone().filter(|_| !own_texts.into_iter().any(|word| word.contains("{trace}")));
        let both = RequestDocument { request: request.clone(), env: env.clone(), from };
        let of_side = RequestDocument {
            request: own.request.or(both.request),
            env: own.env.or(both.env),
            from: own.from.or(both.from),
        };
        one(of_side, &inside).map_err(|e| e.within(name))
    };
    Ok(TraceRules { sides: [side("reference", reference)?, side("candidate", candidate)?], output, schema })
}

fn one(
    document: RequestDocument,
    inside: impl Fn(&str, &Path) -> Result<PathBuf, AdapterError>,
) -> Result<TraceRequest, AdapterError> {
    let arguments = document.request.unwrap_or_default();
    let request: Vec<Template> = arguments
        .iter()
        .map(|word| Template::of(word, &IN_REQUEST))
        .collect::<Result<_, _>>()
        .map_err(|e| e.within("`request`"))?;
    let mut env = BTreeMap::new();
    for (name, value) in document.env.unwrap_or_default() {
        if !is_variable(&name) || value.contains('\0') {
            let problem = format!("`env`: `{name}` or its value");
            return Err(AdapterError::senseless(
                problem,
                "a name of letters, digits and `_`, no digit first, and a value without zero byte",
            ));
        }
        env.insert(name, Template::of(&value, &IN_VARIABLE).map_err(|e| e.within("`env`"))?);
    }
    if request.is_empty() && env.is_empty() {
        return Err(AdapterError::senseless("asks for no trace", "`request`, `env`, or both"));
    }
    let names_file = request.iter().chain(env.values()).any(|word| word.has(Placeholder::Trace));
    let from = match (document.from.as_deref(), names_file) {
        (None, true) => TraceSource::File(TRACE_FILE.into()),
        (Some(STDOUT), false) => TraceSource::StandardOutput,
        (Some(path), false) => TraceSource::File(inside("from", Path::new(path))?),
        (None, false) => {
            let problem = "says of no place that the trace is there";
            return Err(AdapterError::senseless(
                problem,
                "`{trace}` in `request` or `env`, or `from = \"stdout\"` or a file",
            ));
        }
        (Some(_), true) => {
            let problem = "`from`: the trace is written to `{trace}` already";
            return Err(AdapterError::senseless(problem, "one place"));
        }
    };
    Ok(TraceRequest { request, env, from })
}

impl TraceRules {
    /// Whether a trace is one of an element; otherwise it is one of the whole run.
    pub(crate) fn is_by_element(&self) -> bool {
        let arguments = self.sides.iter().flat_map(|side| side.request.iter().chain(side.env.values()));
        arguments.into_iter().any(|word| word.has(Placeholder::Element) || word.has(Placeholder::Pixel))
    }

    /// The schema of the traces, from the text of the file that the adapter names.
    ///
    /// # Errors
    /// The text is no schema.
    pub(crate) fn schema_of(text: Option<&str>) -> Result<Schema, SchemaError> {
        // Without one, nothing is known of any key.
        Schema::from_toml(text.unwrap_or_default())
    }
}
