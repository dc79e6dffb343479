//! Which row of the candidate belongs to which of the reference: by the cells of the key, or else by their order.
//!
//! A key may be there several times: the first goes with the first, the second with the second. Keys are the same when their
//! numbers are (`1.0` and `1.00`). Not here: what paired rows hold.

use std::collections::HashMap;

use super::TableError;
use super::printed::printed;
use super::read::Table;

/// Rows of two tables, paired.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct RowPairs {
    /// Rows of the reference and of the candidate that belong together, in the order of the reference.
    pub both: Vec<(usize, usize)>,
    /// Rows of the reference without a partner.
    pub missing: Vec<usize>,
    /// Rows of the candidate without a partner.
    pub extra: Vec<usize>,
}

/// Pairs the rows of two tables.
///
/// # Errors
/// A table has no column of a name in `key`.
pub(super) fn pair(reference: &Table, candidate: &Table, key: &[String]) -> Result<RowPairs, TableError> {
    let (rows, others) = (reference.rows(), candidate.rows());
    if key.is_empty() {
        let both = rows.min(others);
        return Ok(RowPairs {
            both: (0..both).map(|i| (i, i)).collect(),
            missing: (both..rows).collect(),
            extra: (both..others).collect(),
        });
    }
    let places = |table: &Table| key.iter().map(|name| table.column(name)).collect::<Result<Vec<_>, _>>();
    let (in_reference, in_candidate) = (places(reference)?, places(candidate)?);
    let mut waiting: HashMap<Vec<Box<str>>, Vec<usize>> = HashMap::new();
    // Backwards, so that the first of each key is taken first.
    for row in (0..others).rev() {
        waiting.entry(name(candidate, row, &in_candidate)).or_default().push(row);
    }
    let mut pairs = RowPairs::default();
    for row in 0..rows {
        match waiting.get_mut(&name(reference, row, &in_reference)).and_then(Vec::pop) {
            Some(partner) => pairs.both.push((row, partner)),
            None => pairs.missing.push(row),
        }
    }
    pairs.extra = waiting.into_values().flatten().collect();
    pairs.extra.sort_unstable();
    Ok(pairs)
}

/// The cells of a key, numbers by their value.
fn name(table: &Table, row: usize, places: &[usize]) -> Vec<Box<str>> {
    let cell = |&place: &usize| {
        let cell = table.cell(row, place);
        match printed(cell).filter(|p| !p.value.is_nan()) {
            Some(p) => match p.whole.filter(|whole| !whole.is_float()) {
                Some(whole) => whole.text().into(),
                // Both zeros are one.
                None => (p.value + 0.0).to_string().into(),
            },
            None => cell.into(),
        }
    };
    places.iter().map(cell).collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::table::parse;
    use crate::table::rules::Rules;

    fn paired(key: &str, reference: &str, candidate: &str) -> RowPairs {
        let rules = Rules::parse(&format!("header = [\"k\", \"x\"]\nkey = {key}")).unwrap();
        let table = |text| parse(Path::new("t"), text, &rules).unwrap_or_else(|e| panic!("{e}"));
        pair(&table(reference), &table(candidate), &rules.key).unwrap()
    }

    #[test]
    fn rows_find_each_other_by_key_whatever_their_order_and_notation() {
        let pairs = paired("[\"k\"]", "1.0 a\n2 b\nx c\n", "x 1\n1 2\n2e0 3\n");
        assert_eq!(pairs, RowPairs { both: vec![(0, 1), (1, 2), (2, 0)], ..RowPairs::default() });
    }

    #[test]
    fn whole_numbers_are_keys_with_all_of_their_digits() {
        let [a, b] = ["9007199254740992", "9007199254740993"];
        let pairs = paired("[\"k\"]", &format!("{a} a\n{b} b\n"), &format!("{b} b\n0{a} a\n"));
        assert_eq!(pairs, RowPairs { both: vec![(0, 1), (1, 0)], ..RowPairs::default() });
    }

    #[test]
    fn a_row_that_one_side_lacks_is_missing_or_extra_and_shifts_no_other() {
        let pairs = paired("[\"k\"]", "1 a\n2 b\n3 c\n", "1 a\n3 c\n4 d\n");
        assert_eq!(pairs, RowPairs { both: vec![(0, 0), (2, 1)], missing: vec![1], extra: vec![2] });
    }

    #[test]
    fn a_key_that_is_there_twice_is_paired_in_its_order() {
        let pairs = paired("[\"k\"]", "1 a\n1 b\n1 c\n", "1 a\n1 b\n");
        assert_eq!(pairs, RowPairs { both: vec![(0, 0), (1, 1)], missing: vec![2], extra: vec![] });
    }

    #[test]
    fn without_a_key_rows_are_paired_by_order() {
        let pairs = paired("[]", "1 a\n2 b\n", "2 b\n1 a\n3 c\n");
        assert_eq!(pairs, RowPairs { both: vec![(0, 0), (1, 1)], missing: vec![], extra: vec![2] });
    }
}
