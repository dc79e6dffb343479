//! Finds among many lines the one that is most like another, without comparing each with each.
//!
//! Lines that are alike share most of their words, so that they share at least one of their rarest few: only lines that do are
//! compared. Where nearly all lines share their words that does not help: from so many comparisons on, a line is held against those
//! only that share most words with it. A run with a hundred thousand unlike failures takes seconds. Not here: what alike means
//! (`message::similarity`).

use std::collections::HashMap;

use crate::triage::message::{class, similarity};

/// Lines at least this alike belong together.
pub const ALIKE: f64 = 0.65;

/// Comparisons of a run after which no search is complete any more, and what each looks at from then on: lines that share a rare
/// word, and those of them that share most words.
const COMPLETE: usize = 40_000;
const CANDIDATES: usize = 100;
const COMPARED: usize = 1;

/// Room for the rounding of 32-bit ratios.
const ROUNDING: f64 = 1e-6;

/// Words by rarity over all lines of a run.
#[derive(Debug)]
pub struct Vocabulary<'l>(HashMap<&'l str, u32>);

impl<'l> Vocabulary<'l> {
    /// The words of all lines.
    pub fn new(lines: impl Iterator<Item = &'l str>) -> Self {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        lines.flat_map(|line| line.split(' ')).for_each(|word| *counts.entry(word).or_default() += 1);
        let mut by_count: Vec<(usize, &str)> =
            counts.into_iter().map(|(word, count)| (count, word)).collect();
        by_count.sort_unstable();
        Self(by_count.into_iter().enumerate().map(|(rank, (_, word))| (word, rank as u32)).collect())
    }

    /// The words of a line as numbers, rarest first.
    fn ranks(&self, line: &str) -> Vec<u32> {
        let mut ranks: Vec<u32> =
            line.split(' ').map(|word| self.0.get(word).copied().unwrap_or(u32::MAX)).collect();
        ranks.sort_unstable();
        ranks
    }
}

/// Lines that others are held against.
#[derive(Debug)]
pub struct Lines<'l> {
    vocabulary: &'l Vocabulary<'l>,
    lines: Vec<KnownMessage<'l>>,
    exact: HashMap<&'l str, usize>,
    /// Lines by each of their words, with the word's place among theirs.
    by_word: HashMap<u32, Vec<(u32, u32)>>,
    /// The search that looked at a line last.
    seen: Vec<u32>,
    searches: u32,
    /// Lines compared so far.
    compared: usize,
}

#[derive(Debug)]
struct KnownMessage<'l> {
    text: &'l str,
    class: &'l str,
    ranks: Vec<u32>,
}

impl<'l> Lines<'l> {
    /// No lines yet; all lines that will be have their words in `words`.
    pub fn new(vocabulary: &'l Vocabulary<'l>) -> Self {
        let (lines, seen) = (Vec::new(), Vec::new());
        Self {
            vocabulary,
            lines,
            exact: HashMap::new(),
            by_word: HashMap::new(),
            seen,
            searches: 0,
            compared: 0,
        }
    }

    /// Adds a line that none is alike to; its number counts from 0.
    pub fn add(&mut self, text: &'l str) -> usize {
        let number = self.lines.len();
        let ranks = self.vocabulary.ranks(text);
        for (place, rank) in ranks.iter().enumerate() {
            self.by_word.entry(*rank).or_default().push((number as u32, place as u32));
        }
        self.exact.entry(text).or_insert(number);
        self.lines.push(KnownMessage { text, class: class(text), ranks });
        self.seen.push(0);
        number
    }

    /// The line that is most like `text`, the first of equals, if one is alike enough.
    pub fn most_alike(&mut self, text: &str) -> Option<usize> {
        if let Some(number) = self.exact.get(text) {
            return Some(*number);
        }
        self.searches += 1;
        let (ranks, class) = (self.vocabulary.ranks(text), class(text));
        if self.compared > COMPLETE {
            return self.most_promising(text, &ranks);
        }
        let mut best: Option<(f64, usize)> = None;
        for (place, rank) in ranks.iter().enumerate() {
            for (number, other_place) in self.by_word.get(rank).into_iter().flatten() {
                let number = *number as usize;
                let known = &self.lines[number];
                let rare = is_rare(place, ranks.len(), known.ranks.len())
                    && is_rare(*other_place as usize, known.ranks.len(), ranks.len());
                if !rare || known.class != class || self.seen[number] == self.searches {
                    continue;
                }
                self.seen[number] = self.searches;
                let enough = best.map_or(ALIKE, |(score, _)| score);
                if bound(&ranks, &known.ranks) + ROUNDING < enough {
                    continue;
                }
                self.compared += 1;
                let score = similarity(known.text, text);
                let better = best.is_none_or(|(most, first)| score > most || score == most && number < first);
                if score >= ALIKE && better {
                    best = Some((score, number));
                }
            }
        }
        best.map(|(_, number)| number)
    }

    /// The most alike of the few lines that share most words with `text`, if one is alike enough.
    fn most_promising(&mut self, text: &str, ranks: &[u32]) -> Option<usize> {
        let mut found: Vec<(f64, usize)> = Vec::new();
        let class = class(text);
        let numbers = ranks.iter().filter_map(|rank| self.by_word.get(rank)).flatten();
        for (number, _) in numbers.take(4 * CANDIDATES) {
            let number = *number as usize;
            let known = &self.lines[number];
            if known.class != class || self.seen[number] == self.searches {
                continue;
            }
            self.seen[number] = self.searches;
            found.push((bound(ranks, &known.ranks), number));
            if found.len() == CANDIDATES {
                break;
            }
        }
        found.retain(|(bound, _)| bound + ROUNDING >= ALIKE);
        found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        found.truncate(COMPARED);
        self.compared += found.len();
        let scores = found.into_iter().map(|(_, number)| (similarity(self.lines[number].text, text), number));
        let best = scores
            .filter(|(score, _)| *score >= ALIKE)
            .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
        best.map(|(_, number)| number)
    }
}

/// How many words two lines of `n` and `m` words share at least if they are alike.
fn shared(n: usize, m: usize) -> usize {
    (ALIKE * (n + m) as f64 / 2.0 - ROUNDING).ceil() as usize
}

/// Whether the word at `place` is among the rarest of `n`, one of which is shared with an alike line of `m` words.
fn is_rare(place: usize, n: usize, m: usize) -> bool {
    place + shared(n, m) <= n
}

/// The largest similarity that two lines with these words can have, in whatever order they stand.
fn bound(a: &[u32], b: &[u32]) -> f64 {
    let (mut i, mut j, mut common) = (0, 0, 0);
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        common += usize::from(x == y);
        (i, j) = (i + usize::from(x <= y), j + usize::from(y <= x));
    }
    2.0 * common as f64 / (a.len() + b.len()) as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A line of ten words, each of which a few other lines have too.
    fn unlike(i: usize) -> String {
        let mixed = |n: u64| (n ^ (n >> 7)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
        let word = |k: u64| format!("w{}", mixed(mixed(i as u64 + 1) * 16 + k) % 20_011);
        (0..10).map(word).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn comparisons_grow_no_faster_than_the_lines() {
        let compared = |number: usize| {
            let lines: Vec<String> = (0..number).map(unlike).collect();
            let vocabulary = Vocabulary::new(lines.iter().map(String::as_str));
            let mut index = Lines::new(&vocabulary);
            for line in &lines {
                if index.most_alike(line).is_none() {
                    index.add(line);
                }
            }
            assert!(index.lines.len() * 10 > number * 9, "{} of {number} are unlike", index.lines.len());
            index.compared
        };
        let (few, many) = (compared(2_000), compared(16_000));
        assert!(many <= COMPLETE + 16_000 && many <= 16 * few.max(16_000), "{few} and then {many}");
    }

    /// Where nearly all lines share their words, no search may look at all of them.
    #[test]
    fn lines_that_share_their_words_are_held_against_a_few_once_there_were_many_comparisons() {
        let line = |i: usize| {
            let word = |k: usize| format!("w{}", (i >> k) & 1 | (k << 1));
            (0..14).map(word).collect::<Vec<_>>().join(" ")
        };
        let lines: Vec<String> = (0..8_000).map(line).collect();
        let vocabulary = Vocabulary::new(lines.iter().map(String::as_str));
        let mut index = Lines::new(&vocabulary);
        index.compared = COMPLETE + 1;
        let mut alike = 0;
        for line in &lines {
            match index.most_alike(line) {
                Some(number) => {
                    alike += 1;
                    let known = index.lines[number].text;
                    assert!(known == line || similarity(known, line) >= ALIKE, "{known} and {line}");
                }
                None => {
                    index.add(line);
                }
            }
        }
        assert!(alike > 0, "no line found another");
        assert!(index.compared <= COMPLETE + 1 + COMPARED * lines.len(), "{}", index.compared);
    }

    proptest! {
        #[test]
        fn the_search_finds_what_comparing_with_every_line_finds(
            lines in prop::collection::vec(prop::collection::vec("[a-f]|E: a", 1..7), 1..40),
        ) {
            let lines: Vec<String> = lines.iter().map(|line| line.join(" ")).collect();
            let vocabulary = Vocabulary::new(lines.iter().map(String::as_str));
            let mut index = Lines::new(&vocabulary);
            let mut known: Vec<&str> = Vec::new();
            for line in &lines {
                let mut expected: Option<(f64, usize)> = None;
                for (number, other) in known.iter().enumerate() {
                    let score = if other == line { 1.0 } else { similarity(other, line) };
                    if score >= ALIKE && expected.is_none_or(|(most, _)| score > most) {
                        expected = Some((score, number));
                    }
                }
                // An exact match is as alike as can be, whatever else is; of lines in another order none is.
                let expected = known.iter().position(|k| k == line).or(expected.map(|(_, n)| n));
                prop_assert_eq!(index.most_alike(line), expected, "{}", line);
                if expected.is_none() {
                    prop_assert_eq!(index.add(line), known.len());
                    known.push(line);
                }
            }
        }
    }
}
