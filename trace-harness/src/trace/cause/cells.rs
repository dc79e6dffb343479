//! What a comparison made of the keys of one segment.
//!
//! Keys of the schema have a place each. Of the others, which nothing depends on, only those that differ are kept, and no more
//! than anyone would look at. Not here: what follows from it (`root_cause`).

use std::collections::{BTreeMap, BTreeSet};

use crate::trace::keys::Keys;

/// Keys beyond the schema that are kept where they differ.
pub const MOST: usize = 1000;

/// What a comparison made of a key in one segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CellState {
    /// Not in both traces.
    #[default]
    Absent,
    /// The values are the same but for the last printed digit.
    Same,
    /// They are not, but agree within the tolerance.
    Close,
    /// They do not.
    Differ,
}

/// A key of one segment: what was made of it, and its first values that count.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cell<'t> {
    /// What was made of it.
    pub state: CellState,
    /// Relative distance of the two sides.
    pub relative: f64,
    /// The numbers of both sides; empty where there are none.
    pub sides: [&'t [f64]; 2],
}

/// The cells of one segment.
#[derive(Debug, Clone, Default)]
pub struct Cells<'t> {
    known: Vec<Cell<'t>>,
    others: BTreeMap<usize, Cell<'t>>,
    /// Keys that are computed from something that differs in the record before.
    inherited: BTreeSet<usize>,
}

impl<'t> Cells<'t> {
    /// Empty cells for a schema of `known` keys.
    pub fn new(known: usize) -> Self {
        Self { known: vec![Cell::default(); known], ..Self::default() }
    }

    /// The cell of a key.
    pub fn get(&self, key: usize) -> Cell<'t> {
        self.known.get(key).or_else(|| self.others.get(&key)).copied().unwrap_or_default()
    }

    /// Enters a cell; one that is not kept is as if the key were not in both traces.
    pub fn set(&mut self, key: usize, cell: Cell<'t>) {
        if let Some(known) = self.known.get_mut(key) {
            *known = cell;
        } else if cell.state == CellState::Differ && self.keeps(key) {
            self.others.insert(key, cell);
        }
    }

    /// Whether a key that differs is kept.
    pub fn keeps(&self, key: usize) -> bool {
        key < self.known.len() || self.others.len() < MOST || self.others.contains_key(&key)
    }

    /// Takes state and distance of keys that are absent here from `other`.
    pub fn fill(&mut self, other: &Self) {
        let pairs = self.known.iter_mut().zip(&other.known);
        for (cell, other) in pairs.filter(|(cell, _)| cell.state == CellState::Absent) {
            (cell.state, cell.relative) = (other.state, other.relative);
        }
        for (key, cell) in &other.others {
            if self.get(*key).state == CellState::Absent {
                self.set(*key, *cell);
            }
        }
    }

    /// Finds out which keys that differ do so because of the record before, where the keys `before` differ.
    pub fn inherit(&mut self, keys: &Keys<'_>, before: &BTreeSet<usize>) {
        let carried = |key: &usize| keys.carried(*key).iter().any(|input| before.contains(input));
        self.inherited = match before.is_empty() {
            true => BTreeSet::new(),
            false => self.differing().filter(carried).collect(),
        };
    }

    /// Whether a key differs because of the record before.
    pub fn inherits(&self, key: usize) -> bool {
        self.inherited.contains(&key)
    }

    /// The keys that differ, in order.
    pub fn differing(&self) -> impl Iterator<Item = usize> {
        let known =
            self.known.iter().enumerate().filter(|(_, c)| c.state == CellState::Differ).map(|(k, _)| k);
        known.chain(self.others.keys().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_keys_beyond_the_schema_the_first_that_differ_are_kept() {
        let mut cells = Cells::new(2);
        let cell = |state| Cell { state, ..Cell::default() };
        cells.set(1, cell(CellState::Differ));
        cells.set(5, cell(CellState::Same));
        for key in 10..20 + MOST {
            cells.set(key, cell(CellState::Differ));
        }
        assert_eq!((cells.get(5).state, cells.get(10).state), (CellState::Absent, CellState::Differ));
        assert_eq!(cells.differing().count(), 1 + MOST);
        assert!(cells.keeps(0) && cells.keeps(10) && !cells.keeps(10 + MOST));
    }
}
