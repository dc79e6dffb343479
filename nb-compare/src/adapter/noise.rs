//! `[noise]` of an adapter: what of a run of the reference may move without its meaning becoming another.
//!
//! Not here: moving it (`noise::moves`), running the reference (`app`).

use std::collections::BTreeMap;

use regex::{Regex, RegexBuilder};
use serde::Deserialize;
use trace_harness::evidence::bundle::paths::token_in;
use trace_harness::evidence::process::is_variable;

use crate::adapter::AdapterError;
use crate::adapter::words::no_variable;

/// Values that one variable may take, at most.
const MOST_VALUES: usize = 64;
/// No number of double precision has more significant digits that mean something.
const MOST_DIGITS: usize = 17;

/// What of a run of the reference may move.
#[derive(Debug, Clone, Default)]
pub struct NoiseRules {
    /// Arguments whose numbers may move.
    pub arguments: Vec<ArgumentRule>,
    /// Input files whose numbers may move, by their names without folders.
    pub files: Vec<Regex>,
    /// Significant digits that numbers are written with before the last one moves; where it is not stated, the last digit that is
    /// there moves.
    pub digits: Option<usize>,
    /// Variables, and the values that they may have.
    pub env: Vec<(String, Vec<String>)>,
}

/// Which arguments may move.
#[derive(Debug, Clone)]
pub enum ArgumentRule {
    /// The one in this place among the arguments that the user gives, counted from 1.
    At(usize),
    /// An option: what stands behind its `=`, or the numbers in the words behind it.
    Option(Regex),
}

/// The table as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NoiseDocument {
    #[serde(default)]
    arguments: Vec<ArgumentDocument>,
    #[serde(default)]
    files: Vec<String>,
    digits: Option<usize>,
    #[serde(default)]
    env: BTreeMap<String, Vec<Value>>,
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "[noise] `arguments` has an entry that is neither a place, counted from 1, nor a text that names an option"
)]
enum ArgumentDocument {
    At(usize),
    Option(String),
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "[noise] `env` has a value that is neither a whole number nor a text")]
enum Value {
    Whole(i64),
    Text(String),
}

/// What the table says.
pub(super) fn rules(document: NoiseDocument) -> Result<NoiseRules, AdapterError> {
    let NoiseDocument { arguments, files, digits, env } = document;
    if arguments.is_empty() && files.is_empty() && env.is_empty() {
        return Err(AdapterError::senseless("lets nothing move", "`arguments`, `files` or `env`"));
    }
    if digits.is_some_and(|digits| !(1..=MOST_DIGITS).contains(&digits)) {
        return Err(AdapterError::senseless(
            format!("`digits = {}`", digits.unwrap_or_default()),
            format!("significant digits, from 1 to {MOST_DIGITS}"),
        ));
    }
    let argument = |argument| match argument {
        ArgumentDocument::At(0) => {
            Err(AdapterError::senseless("`arguments`: there is no argument number 0", "1 for the first"))
        }
        ArgumentDocument::At(place) => Ok(ArgumentRule::At(place)),
        ArgumentDocument::Option(text) => whole("arguments", &text).map(ArgumentRule::Option),
    };
    Ok(NoiseRules {
        arguments: arguments.into_iter().map(argument).collect::<Result<_, _>>()?,
        files: files.iter().map(|text| whole("files", text)).collect::<Result<_, _>>()?,
        digits,
        env: env.into_iter().map(|(name, values)| variable(name, values)).collect::<Result<_, _>>()?,
    })
}

/// A regular expression that all of a word has to match.
fn whole(key: &str, text: &str) -> Result<Regex, AdapterError> {
    let built = RegexBuilder::new(&format!("^(?:{text})$")).size_limit(1 << 20).build();
    built.map_err(|_| {
        let problem = format!("`{key}`: `{text}` is no regular expression");
        AdapterError::senseless(problem, "one of the crate regex, which all of a word has to match")
    })
}

fn variable(name: String, values: Vec<Value>) -> Result<(String, Vec<String>), AdapterError> {
    if !is_variable(&name) {
        return Err(no_variable("env", &name));
    }
    let values: Vec<String> = values
        .into_iter()
        .map(|value| match value {
            Value::Whole(number) => number.to_string(),
            Value::Text(text) => text,
        })
        .collect();
    let is_fit = (1..=MOST_VALUES).contains(&values.len())
        && values.iter().all(|value| {
            value.chars().count() <= 200 && !value.chars().any(char::is_control) && token_in(value).is_none()
        });
    if !is_fit {
        let expected =
            format!("from 1 to {MOST_VALUES} numbers, or texts of one line without tokens such as `{{out}}`");
        return Err(AdapterError::senseless(format!("`env`: the values of `{name}`"), expected));
    }
    Ok((name, values))
}
