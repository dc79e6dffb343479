//! Arrays that two traces name under one key: which files they are, and what becomes of them as a value among others.
//!
//! Not here: reading and comparing files (`trace::array`).

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::trace::array::{self, ArrayFault, ArrayTolerance, Compared, Named, shape_text};
use crate::trace::diff::tolerance::{Distance, KeyTolerance};
use crate::trace::diff::{ArrayCounts, Difference, Elements};
use crate::trace::log::{Item, TraceLog};
use crate::trace::schema::NotANumber;
use crate::ulp;

/// Faults that are listed; the others are counted.
const MOST: usize = 100;

/// What was counted over all arrays.
#[derive(Debug, Default)]
pub(crate) struct Arrays {
    /// Arrays and their elements.
    pub counts: ArrayCounts,
    /// Those that could not be compared.
    pub unread: usize,
    /// Why, of the first of them.
    pub faults: Vec<String>,
}

/// What two arrays come to.
pub(crate) enum ArrayFate {
    /// A value among others.
    Value(ArrayResult),
    /// They have one shape and no element that could be compared.
    Nothing,
    /// They cannot be compared; why is counted.
    Unread,
}

/// What became of an array under one key.
pub(crate) struct ArrayResult {
    /// How far the elements are apart.
    pub distance: Distance,
    /// Whether all of them agree.
    pub agree: bool,
    /// Whether all of them are the same to the last bit.
    pub same: bool,
    /// The elements that are furthest apart, and where.
    pub elements: Option<Elements>,
    /// Both sides of the elements furthest apart.
    pub values: [Vec<f64>; 2],
}

impl ArrayResult {
    /// Writes the elements into a difference, which has no numbers otherwise.
    pub(crate) fn put_into(&self, difference: &mut Difference) {
        difference.values = self.values.clone();
        difference.elements = self.elements.clone();
        // The files have names of their own on each side; only what is in them differs.
        difference.words = difference.words.take().filter(|_| self.elements.is_none());
    }
}

/// The arrays that two items name; `None` where not both do.
pub(crate) fn named<'t>(traces: [&'t TraceLog; 2], items: [&Item<'_>; 2]) -> Option<[Named<'t>; 2]> {
    let one = |side: usize| match items[side].text {
        0 => None,
        text => Named::in_words(traces[side].texts.get(text)),
    };
    Some([one(0)?, one(1)?])
}

/// The file of an array that a trace names.
///
/// # Errors
/// Its name leads out of the folder of the trace.
pub(crate) fn place(trace: &TraceLog, named: &Named<'_>) -> Result<PathBuf, ArrayFault> {
    trace.arrays.place(named, &trace.folder)
}

/// The files of the arrays that a trace names, by their names; those that are not there are left out.
pub fn files(trace: &TraceLog) -> BTreeMap<&str, PathBuf> {
    // Every array has words of its own.
    let named = trace.texts.all().filter_map(Named::in_words);
    named
        .filter_map(|named| Some((named.file, place(trace, &named).ok()?)))
        .filter(|(_, path)| path.is_file())
        .collect()
}

impl Arrays {
    /// Compares two arrays.
    pub(crate) fn compare(
        &mut self,
        traces: [&TraceLog; 2],
        named: &[Named<'_>; 2],
        tolerance: KeyTolerance,
        nan: NotANumber,
    ) -> ArrayFate {
        let judge = ArrayTolerance { tolerance, nan_agrees: nan != NotANumber::Fail, ulp: ulp::distance_f64 };
        let paths = [0, 1].map(|side| place(traces[side], &named[side]));
        let compared = match paths {
            [Ok(a), Ok(b)] => array::compare([&a, &b], [&named[0].shape, &named[1].shape], judge),
            [Err(fault), _] | [_, Err(fault)] => Err(fault),
        };
        match compared {
            Err(fault) => {
                self.unread += 1;
                if self.faults.len() < MOST {
                    self.faults.push(fault.to_string());
                }
                ArrayFate::Unread
            }
            Ok(Compared::Shapes(_)) => {
                self.counts.arrays += 1;
                self.counts.differing += 1;
                ArrayFate::Value(ArrayResult {
                    distance: Distance::UNKNOWN,
                    agree: false,
                    same: false,
                    elements: None,
                    values: [Vec::new(), Vec::new()],
                })
            }
            Ok(Compared::Elements(found))
                if found.elements == 0 || nan == NotANumber::Missing && found.nan == found.elements =>
            {
                self.counts.without += 1;
                ArrayFate::Nothing
            }
            Ok(Compared::Elements(found)) => {
                self.counts.arrays += 1;
                self.counts.elements += found.elements;
                self.counts.differing += u64::from(found.differing > 0);
                self.counts.nan += found.nan;
                let (worst, values) = found.worst.unwrap_or_default();
                let elements = Elements {
                    shape: shape_text(&named[0].shape),
                    all: found.elements,
                    differing: found.differing,
                    bits: found.bits,
                    worst,
                    first: found.first,
                };
                ArrayFate::Value(ArrayResult {
                    distance: Distance { absolute: found.absolute, relative: found.relative, ulp: found.ulp },
                    agree: found.differing == 0,
                    same: found.bits == 0 && found.differing == 0,
                    elements: Some(elements),
                    values: values.map(|x| vec![x]),
                })
            }
        }
    }
}
