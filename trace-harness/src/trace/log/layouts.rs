//! What lines hold, kept once for all lines that look alike.
//!
//! Not here: the numbers themselves (`TraceLog::values`).

use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;

use super::intern::spread;

/// What a line holds: the fields in order, each with the count of its numbers and the words around them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Field {
    /// The key: index into the names.
    pub key: u32,
    /// How many numbers.
    pub count: u32,
    /// The words around the numbers: index into the texts; 0 for numbers alone.
    pub text: u32,
}

/// All layouts, each with a number.
#[derive(Debug, Clone, Default)]
pub struct Layouts {
    /// The fields of all layouts, one after the other.
    fields: Vec<Field>,
    /// Where each layout ends.
    ends: Vec<usize>,
    /// Numbers by fields, each with their hash.
    known: HashTable<(u32, u32)>,
    state: RandomState,
}

impl Layouts {
    /// The fields of the layout with this number; `None` for a number that was never given.
    pub fn get(&self, layout: u32) -> Option<&[Field]> {
        slice(&self.fields, &self.ends, layout)
    }

    /// The number of the layout with these fields, which is added if it is new.
    pub fn index(&mut self, of: &[Field]) -> u32 {
        let hash = self.state.hash_one(of) as u32;
        let is_it = |(h, n): &(u32, u32)| *h == hash && self.get(*n) == Some(of);
        if let Some((_, known)) = self.known.find(spread(hash), is_it) {
            return *known;
        }
        let index = self.ends.len() as u32;
        self.fields.extend_from_slice(of);
        self.ends.push(self.fields.len());
        self.known.insert_unique(spread(hash), (hash, index), |(hash, _)| spread(*hash));
        index
    }
}

fn slice<'f>(fields: &'f [Field], ends: &[usize], layout: u32) -> Option<&'f [Field]> {
    let layout = layout as usize;
    let end = *ends.get(layout)?;
    let start = if layout == 0 { 0 } else { ends[layout - 1] };
    Some(&fields[start..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_that_are_alike_have_one_number_and_no_fields_are_a_layout_too() {
        let field = |key| Field { key, count: 1, text: 0 };
        let mut layouts = Layouts::default();
        assert_eq!(layouts.get(0), None);
        let all = [vec![], vec![field(1)], vec![field(1), field(2)], vec![field(1)], vec![]];
        assert_eq!(all.each_ref().map(|fields| layouts.index(fields)), [0, 1, 2, 1, 0]);
        assert_eq!((layouts.get(0), layouts.get(2)), (Some(&[][..]), Some(&all[2][..])));
    }
}
