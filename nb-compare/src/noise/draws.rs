//! The runs of the reference from which its noise is found, one after the other.
//!
//! First as it is, then the same again, then one thing at a time: each value of a variable, each other build, inputs moved. So the noise
//! has a source. Not here: running them (`app`).

use std::collections::{BTreeMap, HashSet};
use std::ffi::OsString;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use trace_harness::evidence::bundle::digest;

use crate::adapter::{ArgumentRule, NoiseRules};
use crate::noise::moves::{Ways, moved, numbers, numbers_of_value};

/// Where noise comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Source {
    /// Nothing was changed.
    Again,
    /// A variable had another value.
    Variable {
        /// Which.
        name: String,
    },
    /// Another build of the program ran.
    Build,
    /// Numbers of its inputs were moved in their last digit.
    Inputs,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Again => f.write_str("the same again"),
            Self::Variable { name } => f.write_str(name),
            Self::Build => f.write_str("other builds"),
            Self::Inputs => f.write_str("inputs moved in the last digit"),
        }
    }
}

/// A run of the reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Draw {
    /// The name of its step, fit for a file name.
    pub name: String,
    /// What it finds the noise of; none of the run that the others are held against.
    pub source: Option<Source>,
    /// A variable that it runs with.
    pub variable: Option<(String, String)>,
    /// Which of the other builds runs.
    pub build: Option<usize>,
    /// The arguments, where they are other ones.
    pub args: Option<Vec<OsString>>,
    /// Files that others stand in for, by their paths, with the content of those.
    pub files: BTreeMap<PathBuf, String>,
}

/// The name of the run that the others are held against.
pub(crate) const BASELINE: &str = "baseline";

impl Draw {
    fn of(name: impl Into<String>, source: Option<Source>) -> Self {
        Self { name: name.into(), source, variable: None, build: None, args: None, files: BTreeMap::new() }
    }
}

/// What a plan is made of.
#[derive(Debug)]
pub(crate) struct Wishes<'a> {
    /// What may move.
    pub rules: &'a NoiseRules,
    /// The variables that are set for the reference anyhow.
    pub env: &'a [(String, OsString)],
    /// How many other builds there are.
    pub builds: usize,
    /// The arguments that the user gave.
    pub args: &'a [OsString],
    /// Input files that may move, with their texts.
    pub files: &'a [(PathBuf, String)],
    /// How many runs with moved inputs there are at most.
    pub runs: usize,
    /// What decides which way numbers move.
    pub seed: u64,
}

/// Whether the rules let the file at `path` move.
pub(crate) fn may_move(rules: &NoiseRules, path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    rules.files.iter().any(|pattern| pattern.is_match(&name))
}

/// All runs, the unchanged one first, made one after the other. There is none but it and its repetition where nothing may move.
pub(crate) fn plan(wishes: &Wishes<'_>) -> impl Iterator<Item = Draw> {
    let mut draws = vec![Draw::of(BASELINE, None), Draw::of("again", Some(Source::Again))];
    let mut number = 0;
    for (name, values) in &wishes.rules.env {
        for value in values.iter().filter(|value| !wishes.env.contains(&(name.clone(), value.into()))) {
            number += 1;
            let source = Source::Variable { name: name.clone() };
            let variable = Some((name.clone(), value.clone()));
            draws.push(Draw { variable, ..Draw::of(format!("variable-{number}"), Some(source)) });
        }
    }
    draws.extend((0..wishes.builds).map(|build| Draw {
        build: Some(build),
        ..Draw::of(format!("build-{}", build + 1), Some(Source::Build))
    }));
    draws.into_iter().chain(with_moved_inputs(wishes))
}

/// Runs with moved inputs: all there can be, or as many as are asked for.
fn with_moved_inputs(wishes: &Wishes<'_>) -> impl Iterator<Item = Draw> {
    let args: Vec<(usize, &str, Vec<Range<usize>>)> = places(wishes);
    let files: Vec<Vec<Range<usize>>> = wishes.files.iter().map(|(_, text)| numbers(text, false)).collect();
    let all = args.iter().map(|(.., places)| places).chain(&files).map(Vec::len).sum::<usize>();
    // Few numbers have few combinations.
    let combinations = u32::try_from(all).ok().and_then(|all| 1_usize.checked_shl(all)).filter(|n| *n > 0);
    let counted = combinations.filter(|combinations| *combinations <= wishes.runs);
    // A number that can move in one way only makes two combinations one.
    let mut seen = HashSet::new();
    let runs = if all == 0 { 0 } else { counted.unwrap_or(wishes.runs) };
    (0..runs).filter_map(move |run| {
        let mut ways = match counted {
            Some(_) => Ways::Counted(run as u64),
            None => Ways::drawn(wishes.seed, run),
        };
        let mut draw = Draw::of(format!("inputs-{}", seen.len() + 1), Some(Source::Inputs));
        let mut words = wishes.args.to_vec();
        for (at, text, places) in &args {
            words[*at] = moved(text, places, wishes.rules.digits, &mut ways).into();
        }
        draw.args = (!args.is_empty()).then_some(words);
        for ((path, text), places) in wishes.files.iter().zip(&files).filter(|(_, places)| !places.is_empty())
        {
            draw.files.insert(path.clone(), moved(text, places, wishes.rules.digits, &mut ways));
        }
        let contents: Vec<String> =
            draw.files.values().map(|text| digest::of_bytes(text.as_bytes())).collect();
        seen.insert((draw.args.clone(), contents)).then_some(draw)
    })
}

/// The arguments that may move: which word, its text, and where its numbers are.
fn places<'a>(wishes: &Wishes<'a>) -> Vec<(usize, &'a str, Vec<Range<usize>>)> {
    let texts: Vec<&str> = wishes.args.iter().map(|word| word.to_str().unwrap_or_default()).collect();
    let place = |at: usize| {
        let start = value_of(texts[at]);
        let found = numbers_of_value(&texts[at][start..])?;
        Some((at, texts[at], found.into_iter().map(|place| place.start + start..place.end + start).collect()))
    };
    let with_numbers = chosen(wishes.rules, &texts).into_iter().filter_map(place);
    with_numbers.filter(|(.., places): &(_, _, Vec<_>)| !places.is_empty()).collect()
}

/// Arguments that the rules name and that do not move, because they are no numbers.
pub(crate) fn no_numbers<'a>(rules: &NoiseRules, args: &'a [OsString]) -> Vec<&'a str> {
    let texts: Vec<&str> = args.iter().map(|word| word.to_str().unwrap_or_default()).collect();
    let named = chosen(rules, &texts).into_iter().map(|at| texts[at]);
    named.filter(|text| numbers_of_value(&text[value_of(text)..]).is_none()).collect()
}

/// Where the value of an argument begins: behind `=`.
fn value_of(word: &str) -> usize {
    word.split_once('=').map_or(0, |(before, _)| before.len() + 1)
}

/// The places of the arguments that the rules name.
fn chosen(rules: &NoiseRules, texts: &[&str]) -> Vec<usize> {
    let is_number = |word: &str| numbers(word, true).first().is_some_and(|place| place.len() == word.len());
    let mut chosen = vec![false; texts.len()];
    for rule in &rules.arguments {
        match rule {
            ArgumentRule::At(place) => chosen.get_mut(place - 1).into_iter().for_each(|is| *is = true),
            ArgumentRule::Option(pattern) => {
                for (at, word) in texts.iter().enumerate() {
                    let name = word.split_once('=').map_or(*word, |(name, _)| name);
                    if !pattern.is_match(name) {
                        continue;
                    }
                    if name.len() < word.len() {
                        chosen[at] = true;
                        continue;
                    }
                    let behind = texts[at + 1..].iter().take_while(|word| is_number(word)).count();
                    chosen[at + 1..=at + behind].fill(true);
                }
            }
        }
    }
    (0..texts.len()).filter(|at| chosen[*at]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapter;

    fn rules(noise: &str) -> NoiseRules {
        let text = format!(
            "[side.reference]\nlabel = \"a\"\ncommand = [\"a\", \"{{args}}\"]\n[side.candidate]\nlabel = \"b\"\ncommand = [\"b\"]\n\
             [[output]]\nname = \"x\"\npath = \"x.npy\"\n[noise]\n{noise}\n"
        );
        adapter::parse(Path::new("a.toml"), &text).unwrap_or_else(|e| panic!("{e}")).noise.unwrap()
    }

    fn planned(noise: &str, args: &str, files: &[(PathBuf, String)], runs: usize) -> Vec<Draw> {
        let args: Vec<OsString> = args.split_whitespace().map(OsString::from).collect();
        let env = [("THREADS".to_owned(), "1".into())];
        plan(&Wishes { rules: &rules(noise), env: &env, builds: 2, args: &args, files, runs, seed: 1 })
            .collect()
    }

    /// The distinct argument lists, as lines.
    fn lines(draws: &[Draw]) -> Vec<String> {
        let line = |args: &Vec<OsString>| {
            args.iter().map(|word| word.to_str().unwrap()).collect::<Vec<_>>().join(" ")
        };
        draws.iter().filter_map(|draw| draw.args.as_ref().map(line)).collect()
    }

    #[test]
    fn one_thing_changes_at_a_time_and_the_first_run_changes_nothing() {
        let draws = planned("env = { THREADS = [1, 2, 7] }", "-n 5", &[], 10);
        let names: Vec<&str> = draws.iter().map(|draw| draw.name.as_str()).collect();
        assert_eq!(names, ["baseline", "again", "variable-1", "variable-2", "build-1", "build-2"]);
        let values: Vec<_> =
            draws.iter().filter_map(|draw| draw.variable.as_ref()).map(|(_, v)| v.as_str()).collect();
        assert_eq!(values, ["2", "7"], "1 is what it runs with anyhow");
        assert_eq!(draws[0].source, None);
    }

    #[test]
    fn options_move_what_belongs_to_them_and_places_move_themselves() {
        let args = "3.5 -grid 70 80 -n 5 --dt=0.25 -o x";
        for (noise, line) in [
            ("arguments = [1]", "3.4 -grid 70 80 -n 5 --dt=0.25 -o x"),
            ("arguments = ['-grid']", "3.5 -grid 71 79 -n 5 --dt=0.25 -o x"),
            ("arguments = ['--dt|-o', 99]", "3.5 -grid 70 80 -n 5 --dt=0.24 -o x"),
        ] {
            let lines = lines(&planned(noise, args, &[], 100));
            assert!(lines.contains(&line.to_owned()), "{noise}: {lines:?}");
            assert!(!lines.contains(&args.to_owned()), "{noise}: a run with nothing moved");
        }
    }

    #[test]
    fn paths_and_names_with_digits_in_them_stay_and_are_named() {
        let args = "run2/1.5/data.csv case-1.5.txt --in=/data/2024/a.csv --dt=0.25 1.5";
        let noise = "arguments = [1, 2, '--in|--dt', 5]";
        let draws = planned(noise, args, &[], 100);
        assert_eq!(lines(&draws).len(), 4, "0.25 and 1.5 alone: {draws:?}");
        assert!(
            lines(&draws)
                .iter()
                .all(|line| line.starts_with("run2/1.5/data.csv case-1.5.txt --in=/data/2024/a.csv "))
        );
        let args: Vec<OsString> = args.split(' ').map(OsString::from).collect();
        assert_eq!(
            no_numbers(&rules(noise), &args),
            ["run2/1.5/data.csv", "case-1.5.txt", "--in=/data/2024/a.csv"]
        );
    }

    #[test]
    fn few_numbers_are_moved_in_every_combination_and_many_as_often_as_asked() {
        assert_eq!(lines(&planned("arguments = ['-x']", "-x 1.5 2.5", &[], 10)).len(), 4);
        assert_eq!(
            lines(&planned("arguments = ['-x']", "-x 1.5 9.9", &[], 10)).len(),
            2,
            "9.9 can move down only"
        );
        assert_eq!(lines(&planned("arguments = ['-x']", "-x 1.5 2.5 3.5 4.5", &[], 5)).len(), 5);
        let long = vec!["1.5"; 100].join(" ");
        assert_eq!(lines(&planned("arguments = ['-x']", &format!("-x {long}"), &[], 10)).len(), 10);
        assert!(lines(&planned("arguments = ['-y']", "-x 1.5", &[], 10)).is_empty());
    }

    #[test]
    fn measures_in_files_move_and_counts_stay() {
        let files = [(PathBuf::from("a.hkl"), "1 0 0 12.50\n-1 0 0 3.00\n".to_owned())];
        let draws = planned("files = ['.*\\.hkl']", "", &files, 10);
        let texts: Vec<&String> = draws.iter().flat_map(|draw| draw.files.values()).collect();
        assert_eq!(texts.len(), 4);
        assert!(texts.iter().any(|text| *text == "1 0 0 12.51\n-1 0 0 2.99\n"), "{texts:?}");
        assert!(may_move(&rules("files = ['.*\\.hkl']"), Path::new("x/a.hkl")));
        assert!(!may_move(&rules("files = ['a']"), Path::new("x/a.hkl")), "all of the name has to match");
    }
}
