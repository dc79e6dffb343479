//! What a program says it computes with, found by a pattern, and how both sides' parameters compare.
//!
//! Not here: parameters with units and causes (`effective`), where the text comes from (`app`).

use std::collections::BTreeMap;

use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

use crate::adapter::AdapterError;
use crate::whole::whole;

/// A program that prints more parameters than this states none of the rest.
const MOST: usize = 10_000;
/// Characters of a value that are kept.
const LONGEST: usize = 500;

/// What a line that states a parameter looks like.
#[derive(Debug, Clone)]
pub struct Pattern(Regex);

/// What one side states, by name; what it states again is one more value.
pub(crate) type StatedValues = BTreeMap<String, Vec<String>>;

/// One parameter, and what both sides say of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StatedRow {
    /// Its name.
    pub name: String,
    /// What the reference states; none where it is silent.
    pub reference: Option<Vec<String>>,
    /// What the candidate states.
    pub candidate: Option<Vec<String>>,
    /// Whether both say the same; none where one is silent.
    pub same: Option<bool>,
}

impl Pattern {
    /// The pattern `text`, in which the groups `key` and `value` name a parameter and its value.
    ///
    /// # Errors
    /// It is no regular expression, or lacks a group.
    pub fn of(text: &str) -> Result<Self, AdapterError> {
        let built = RegexBuilder::new(text).size_limit(1 << 20).build();
        let regex = built.map_err(|e| {
            let last =
                e.to_string().lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            AdapterError::senseless(
                format!("`pattern`: is no regular expression: {last}"),
                "one of the crate regex",
            )
        })?;
        let names: Vec<&str> = regex.capture_names().flatten().collect();
        match ["key", "value"].into_iter().find(|name| !names.contains(name)) {
            Some(lacking) => {
                let problem = format!("`pattern`: has no group called `{lacking}`");
                Err(AdapterError::senseless(problem, "(?<key>...) and (?<value>...)"))
            }
            None => Ok(Self(regex)),
        }
    }

    /// The parameters that lines of `text` state.
    pub fn stated(&self, text: &str) -> StatedValues {
        let mut stated = StatedValues::new();
        let group = |captures: &regex::Captures<'_>, name: &str| {
            let text = captures.name(name).map_or("", |group| group.as_str()).trim();
            text.chars().take(LONGEST).collect::<String>()
        };
        for captures in text.lines().filter_map(|line| self.0.captures(line)).take(MOST) {
            let key = group(&captures, "key");
            if !key.is_empty() {
                stated.entry(key).or_default().push(group(&captures, "value"));
            }
        }
        stated
    }
}

/// Every parameter that a side states, by name.
pub(crate) fn rows(reference: &StatedValues, candidate: &StatedValues) -> Vec<StatedRow> {
    let names: std::collections::BTreeSet<&String> = reference.keys().chain(candidate.keys()).collect();
    let row = |name: &String| {
        let [a, b] = [reference, candidate].map(|side| side.get(name).cloned());
        let same = a
            .as_ref()
            .zip(b.as_ref())
            .map(|(a, b)| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b)));
        StatedRow { name: name.clone(), reference: a, candidate: b, same }
    };
    names.into_iter().map(row).collect()
}

/// Whether two values are the same text, or the same numbers written otherwise.
fn is_same(a: &str, b: &str) -> bool {
    let without_numbers = |text: &str| {
        text.split(|c: char| c.is_whitespace() || c == ',')
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let number = |word: &str| word.parse::<f64>().ok().filter(|number| number.is_finite());
    let is_same_word = |(a, b): (&String, &String)| match (whole(a), whole(b)) {
        // Seeds have more digits than a float.
        (Some(a), Some(b)) => a == b,
        _ => a == b || number(a).is_some_and(|a| number(b) == Some(a)),
    };
    let (a, b) = (without_numbers(a), without_numbers(b));
    a.len() == b.len() && a.iter().zip(&b).all(is_same_word)
}

/// What to say before the outputs where parameters differ.
pub(crate) fn sentence(rows: &[StatedRow]) -> Option<String> {
    let differing: Vec<&StatedRow> = rows.iter().filter(|row| row.same == Some(false)).collect();
    let first = differing.first()?;
    let text =
        |values: &Option<Vec<String>>| values.as_ref().map(|values| values.join("; ")).unwrap_or_default();
    let more = match differing.len() {
        1 => String::new(),
        n => format!(" (and {} more)", n - 1),
    };
    Some(format!(
        "the sides computed with other parameters: `{}` is `{}` for the reference and `{}` for the candidate{more}",
        first.name,
        text(&first.reference),
        text(&first.candidate)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stated(text: &str) -> StatedValues {
        Pattern::of(r"^\s*(?<key>[\w ]+?)\s*[:=]\s*(?<value>\S.*)$").expect("a pattern").stated(text)
    }

    #[test]
    fn parameters_are_found_line_by_line_and_compared_as_numbers() {
        let a = stated("  steps = 100\nboundary : open\nnothing here\ncell = 1.0, 2.0\nseed = 1\n");
        let b = stated("steps: 1e2\nboundary: closed\ncell = 1 2\nthreads = 4\n");
        let rows = rows(&a, &b);
        let same: Vec<(&str, Option<bool>)> = rows.iter().map(|row| (row.name.as_str(), row.same)).collect();
        assert_eq!(
            same,
            [
                ("boundary", Some(false)),
                ("cell", Some(true)),
                ("seed", None),
                ("steps", Some(true)),
                ("threads", None)
            ]
        );
        let sentence_text = sentence(&rows).expect("a difference");
        assert!(
            sentence_text.ends_with("`boundary` is `open` for the reference and `closed` for the candidate"),
            "{sentence_text}"
        );
    }

    #[test]
    fn whole_numbers_are_the_same_only_in_all_of_their_digits() {
        let of = |b: &str| rows(&stated("seed = 9007199254740993\n"), &stated(b))[0].same;
        assert_eq!(of("seed = 9007199254740992\n"), Some(false));
        assert_eq!(of("seed = +09007199254740993\n"), Some(true));
    }

    #[test]
    fn a_parameter_that_is_stated_twice_has_both_values() {
        let [a, b] = ["n = 1\nn = 2\n", "n = 2\n"].map(stated);
        assert_eq!(rows(&a, &b)[0].same, Some(false));
        assert_eq!(rows(&a, &a)[0].same, Some(true));
        assert_eq!(sentence(&rows(&a, &a)), None);
    }

    #[test]
    fn a_pattern_has_both_groups() {
        for (text, word) in [("(?<key>a)", "`value`"), ("(", "no regular expression")] {
            assert!(Pattern::of(text).expect_err(text).to_string().contains(word), "{text}");
        }
    }
}
