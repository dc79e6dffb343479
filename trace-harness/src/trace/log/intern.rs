//! Strings that come again and again, kept once.
//!
//! A trace can have a million names, so that each costs its own letters and few bytes more. Not here: what they mean.

use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;

/// A set of strings with a number for each, in the order of first appearance.
#[derive(Debug, Clone, Default)]
pub struct Strings {
    /// All strings one after the other.
    text: String,
    /// Where each starts, and how long it is.
    spans: Vec<(usize, u32)>,
    /// Numbers by string, each with the string's hash: a table that grows need not read its strings again.
    known: HashTable<(u32, u32)>,
    state: RandomState,
}

impl Strings {
    /// The number of `text`, which is added if it is new.
    pub fn index(&mut self, text: &str) -> u32 {
        let hash = self.hash(text);
        if let Some(index) = self.known_as(hash, text) {
            return index;
        }
        let index = self.spans.len() as u32;
        let span = self.keep(text);
        self.spans.push(span);
        self.known.insert_unique(spread(hash), (hash, index), |(hash, _)| spread(*hash));
        index
    }

    /// The number of `text`, if it is known.
    pub fn find(&self, text: &str) -> Option<u32> {
        self.known_as(self.hash(text), text)
    }

    fn hash(&self, text: &str) -> u32 {
        self.state.hash_one(text) as u32
    }

    fn known_as(&self, hash: u32, text: &str) -> Option<u32> {
        let is_it = |(h, n): &(u32, u32)| *h == hash && self.get(*n) == text;
        self.known.find(spread(hash), is_it).map(|(_, index)| *index)
    }

    /// The string with this number; empty for a number that was never given.
    pub fn get(&self, index: u32) -> &str {
        self.spans.get(index as usize).map_or("", |span| slice(&self.text, *span))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// All strings in order.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        self.spans.iter().map(|span| slice(&self.text, *span))
    }

    /// Gives the string with this number another text.
    pub fn rename(&mut self, index: u32, text: &str) {
        if index as usize >= self.spans.len() {
            return;
        }
        let hash = self.hash(self.get(index));
        if let Ok(entry) = self.known.find_entry(spread(hash), |(_, n)| *n == index) {
            entry.remove();
        }
        self.spans[index as usize] = self.keep(text);
        let hash = self.hash(text);
        self.known.insert_unique(spread(hash), (hash, index), |(hash, _)| spread(*hash));
    }

    fn keep(&mut self, text: &str) -> (usize, u32) {
        let start = self.text.len();
        self.text.push_str(text);
        (start, text.len() as u32)
    }
}

/// Fills the upper bits too, which the table uses.
pub(super) fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

fn slice(text: &str, (start, length): (usize, u32)) -> &str {
    &text[start..start + length as usize]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_keeps_its_number_and_a_renamed_one_is_found_by_its_new_text_only() {
        let mut strings = Strings::default();
        assert_eq!(["a", "b", "a", "c"].map(|s| strings.index(s)), [0, 1, 0, 2]);
        strings.rename(1, "bb");
        assert_eq!((strings.find("b"), strings.find("bb"), strings.get(1)), (None, Some(1), "bb"));
        assert_eq!(strings.all().collect::<Vec<_>>(), ["a", "bb", "c"]);
        assert_eq!((strings.index("b"), strings.get(9), strings.len()), (3, "", 4));
    }
}
