//! Strings that come again and again, kept once.
//!
//! Not here: what they mean.

use std::collections::HashMap;

/// A set of strings with a number for each, in the order of first appearance.
#[derive(Debug, Clone, Default)]
pub struct Strings {
    all: Vec<String>,
    known: HashMap<String, u32>,
}

impl Strings {
    /// The number of `text`, which is added if it is new.
    pub fn index(&mut self, text: &str) -> u32 {
        if let Some(index) = self.known.get(text) {
            return *index;
        }
        let index = self.all.len() as u32;
        self.all.push(text.to_owned());
        self.known.insert(text.to_owned(), index);
        index
    }

    /// The number of `text`, if it is known.
    pub fn find(&self, text: &str) -> Option<u32> {
        self.known.get(text).copied()
    }

    /// The string with this number; empty for a number that was never given.
    pub fn get(&self, index: u32) -> &str {
        self.all.get(index as usize).map_or("", String::as_str)
    }

    /// All strings in order.
    pub fn all(&self) -> &[String] {
        &self.all
    }

    /// Gives the string with this number another text.
    pub fn rename(&mut self, index: u32, text: &str) {
        if let Some(old) = self.all.get_mut(index as usize) {
            self.known.remove(old.as_str());
            self.known.insert(text.to_owned(), index);
            text.clone_into(old);
        }
    }
}
