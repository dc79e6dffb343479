//! Which line of one trace belongs to which of the other.
//!
//! Segments are paired by the values of record keys where the schema has some, else by pixel, or by their order where a trace does not
//! name its pixels; blocks by their position, but for the last, which has what is computed of all of them; lines by key and place. Not here: comparing what was paired.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};

use hashbrown::HashTable;
use nanobragg::Pixel;

use crate::trace::diff::records::gaps::GapPlaces;
use crate::trace::keys::Keys;
use crate::trace::log::{Item, ItemSpot, Segment, Subject, TraceLog, rounded};

/// A segment of each trace, or of one.
pub(super) type SegmentPair = [Option<usize>; 2];

/// An item of each trace, or of one, with its key.
#[derive(Debug, Clone, Copy)]
pub(super) struct ItemPair<'t> {
    /// The key.
    pub key: usize,
    /// The two sides.
    pub sides: [Option<Item<'t>>; 2],
    /// The record that it belongs to, where one trace lacks all of that.
    pub lone: Option<[i32; 3]>,
}

/// What a segment is of, the same for both traces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Of {
    SetUp,
    /// A pixel, or one whose place in the order counts.
    Pixel(Option<Pixel>),
    /// A record: one number for a name, whichever trace it stands in.
    Record(u32),
}

/// A pixel or record as it was traced once: which, and how often before.
type Owner = (Of, usize);

/// What distinguishes segments: whose they are, and the block.
type Identity = (Owner, usize);

/// Pairs the segments; those of the first trace in its order, then those that only the second one has.
pub(super) fn segments(traces: [&TraceLog; 2]) -> Vec<SegmentPair> {
    let named = |t: &TraceLog| t.segments.iter().all(|s| s.subject != Subject::Pixel(None));
    let by_order = !traces.iter().all(|t| named(t));
    let of_names = joint_names(traces);
    let [mut first, mut second] = [0, 1].map(|side| identities(traces[side], by_order, &of_names[side]));
    let blocks = [blocks(&first), blocks(&second)];
    for (owner, of_first) in &blocks[0] {
        let Some(of_second) = blocks[1].get(owner) else { continue };
        if of_first.len() != of_second.len() && have_one_end(traces, [of_first, of_second]) {
            // With another number of sub-pixels the sums of the pixel still meet.
            for (ids, of) in [(&mut first, of_first), (&mut second, of_second)] {
                of.last().into_iter().for_each(|last| ids[*last].1 = LAST);
            }
        }
    }
    let mut places: HashMap<Identity, usize> = second.iter().enumerate().map(|(n, id)| (*id, n)).collect();
    let mut pairs: Vec<SegmentPair> =
        first.iter().enumerate().map(|(n, id)| [Some(n), places.remove(id)]).collect();
    let mut rest: Vec<usize> = places.into_values().collect();
    rest.sort_unstable();
    pairs.extend(rest.into_iter().map(|n| [None, Some(n)]));
    pairs
}

/// The last block in the place of its number.
const LAST: usize = usize::MAX;

/// The segments of each pixel, a block each, in order.
fn blocks(ids: &[Identity]) -> HashMap<Owner, Vec<usize>> {
    let mut blocks: HashMap<Owner, Vec<usize>> = HashMap::new();
    for (n, (owner, _)) in ids.iter().enumerate() {
        blocks.entry(*owner).or_default().push(n);
    }
    blocks
}

/// Whether the last blocks of a pixel both have what the others lack: then both are whole, and not one of them cut off.
fn have_one_end(traces: [&TraceLog; 2], blocks: [&[usize]; 2]) -> bool {
    let names = |side: usize, segment: usize| -> HashSet<&str> {
        let lines = traces[side].segments[segment].lines.clone();
        let keys = lines.flat_map(|line| traces[side].items(line)).map(|item| item.key);
        keys.map(|key| traces[side].names.get(key)).collect()
    };
    let longer = usize::from(blocks[1].len() > blocks[0].len());
    let ([begin, .., end], Some(other)) = (blocks[longer], blocks[1 - longer].last()) else { return false };
    let begin = names(longer, *begin);
    let other = names(1 - longer, *other);
    names(longer, *end).into_iter().any(|name| !begin.contains(name) && other.contains(name))
}

fn identities(trace: &TraceLog, by_order: bool, names: &[u32]) -> Vec<Identity> {
    let mut times: HashMap<Of, usize> = HashMap::new();
    let one = |segment: &Segment| {
        let of = match segment.subject {
            Subject::SetUp => Of::SetUp,
            Subject::Pixel(pixel) => Of::Pixel(pixel.filter(|_| !by_order)),
            Subject::Record(n) => Of::Record(names[trace.records[n as usize].name as usize]),
        };
        let count = times.entry(of).or_default();
        if segment.block == 0 {
            *count += 1;
        }
        ((of, *count), segment.block)
    };
    trace.segments.iter().map(one).collect()
}

/// A number for the name of each record, the same for both traces: for the same name, and among names that one trace alone has for the
/// same up to the last digits of its numbers, so that a time that was added up in another order is the same time.
fn joint_names(traces: [&TraceLog; 2]) -> [Vec<u32>; 2] {
    let [first, second] = traces.map(|t| &t.record_names);
    let of_first: Vec<u32> = (0..first.len() as u32).collect();
    let mut of_second: Vec<Option<u32>> = second.all().map(|name| first.find(name)).collect();
    if of_second.iter().any(Option::is_none) {
        let mut lone = vec![true; first.len()];
        of_second.iter().flatten().for_each(|n| lone[*n as usize] = false);
        let mut rough: HashMap<String, Vec<u32>> = HashMap::new();
        // From the last to the first, because the first is taken first.
        for n in (0..first.len() as u32).rev().filter(|n| lone[*n as usize]) {
            rough.entry(rounded(first.get(n))).or_default().push(n);
        }
        for (of, name) in of_second.iter_mut().zip(second.all()).filter(|(of, _)| of.is_none()) {
            *of = rough.get_mut(&rounded(name)).and_then(Vec::pop);
        }
    }
    let beyond = first.len() as u32..;
    let of_second = of_second.into_iter().zip(beyond).map(|(of, own)| of.unwrap_or(own)).collect();
    [of_first, of_second]
}

/// Hands every item of a pair of segments to `take`, in the order of the first trace; what only the second one has comes last.
pub(super) fn items<'t>(
    keys: &Keys<'_>,
    traces: [&'t TraceLog; 2],
    pair: SegmentPair,
    take: &mut dyn FnMut(ItemPair<'t>),
) {
    let range = |side: usize| pair[side].map_or(0..0, |n: usize| traces[side].segments[n].lines.clone());
    let (mut first, mut second) = (range(0), range(1));
    // Traces of the same program go in step.
    while let (Some(a), Some(b)) = (first.clone().next(), second.clone().next()) {
        let lines = [traces[0].lines[a], traces[1].lines[b]];
        if lines[0].place != lines[1].place || !same_keys(keys, traces, [lines[0].layout, lines[1].layout]) {
            break;
        }
        for (x, y) in traces[0].items(a).zip(traces[1].items(b)) {
            take(ItemPair { key: keys.of_name(0, x.key), sides: [Some(x), Some(y)], lone: None });
        }
        (first.start, second.start) = (a + 1, b + 1);
    }
    if !(first.is_empty() && second.is_empty()) {
        out_of_step(keys, traces, [first, second], &GapPlaces::new(traces, pair), take);
    }
}

fn out_of_step<'t>(
    keys: &Keys<'_>,
    traces: [&'t TraceLog; 2],
    ranges: [std::ops::Range<usize>; 2],
    places: &GapPlaces,
    take: &mut dyn FnMut(ItemPair<'t>),
) {
    let [first, second] = ranges;
    let spots: Vec<ItemSpot> = second.flat_map(|line| traces[1].spots(line)).collect();
    let id = |n: u32| {
        let item = traces[1].at(spots[n as usize]);
        (item.line.place, keys.of_name(1, item.key))
    };
    let state = RandomState::new();
    // For each item of the second trace the next one with the same key and place, so that the n-th meets the n-th.
    let mut next = vec![NO_ITEM; spots.len()];
    let mut waiting: HashTable<u32> = HashTable::with_capacity(spots.len());
    for n in (0..spots.len() as u32).rev() {
        let hash = state.hash_one(id(n));
        match waiting.find_mut(hash, |later| id(*later) == id(n)) {
            Some(later) => next[n as usize] = std::mem::replace(later, n),
            None => drop(waiting.insert_unique(hash, n, |n| state.hash_one(id(*n)))),
        }
    }
    let mut taken = vec![false; spots.len()];
    for line in first {
        for item in traces[0].items(line) {
            let key = keys.of_name(0, item.key);
            let wanted = (item.line.place, key);
            let found = waiting.find_mut(state.hash_one(wanted), |n| id(*n) == wanted);
            // The last of a key and place keeps its entry in the table, and is not met again.
            let other = found.filter(|n| !taken[**n as usize]).map(|n| {
                let place = *n as usize;
                taken[place] = true;
                if next[place] != NO_ITEM {
                    *n = next[place];
                }
                place
            });
            let lone = if other.is_none() { places.lone(1, item.line.place) } else { None };
            take(ItemPair { key, sides: [Some(item), other.map(|n| traces[1].at(spots[n]))], lone });
        }
    }
    for (spot, _) in spots.iter().zip(taken).filter(|(_, taken)| !taken) {
        let item = traces[1].at(*spot);
        let lone = places.lone(0, item.line.place);
        take(ItemPair { key: keys.of_name(1, item.key), sides: [None, Some(item)], lone });
    }
}

/// Stands for no item in a list of items.
const NO_ITEM: u32 = u32::MAX;

/// Whether two layouts of the two traces have the same keys.
fn same_keys(keys: &Keys<'_>, traces: [&TraceLog; 2], layouts: [u32; 2]) -> bool {
    let [a, b] = [0, 1].map(|side| traces[side].layouts.get(layouts[side]).unwrap_or_default());
    let mut pairs = a.iter().zip(b);
    a.len() == b.len() && pairs.all(|(x, y)| keys.of_name(0, x.key) == keys.of_name(1, y.key))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::trace::diff::tolerance::Tolerances;
    use crate::trace::log::read_bytes;
    use crate::trace::schema::Schema;

    fn paired(a: &str, b: &str) -> Vec<String> {
        let schema = Schema::built_in().unwrap();
        let [a, b] = [a, b].map(|text| read_bytes(text.as_bytes(), Path::new("t")).unwrap());
        let keys = Keys::new(&schema, [&a, &b], &Tolerances::default(), false);
        let mut out = Vec::new();
        for pair in segments([&a, &b]) {
            items(&keys, [&a, &b], pair, &mut |p| {
                let number =
                    |side: Option<Item<'_>>| side.map_or("-".to_owned(), |i| i.numbers[0].to_string());
                out.push(format!("{} {} {}", keys.name(p.key), number(p.sides[0]), number(p.sides[1])));
            });
        }
        out
    }

    #[test]
    fn what_is_computed_of_all_blocks_meets_whatever_their_number_and_a_trace_that_is_cut_off_does_not_reach_it()
     {
        let a = "TRACE_A_PIXEL 1 1\nTRACE_A: x 1\nTRACE_A: x 2\nTRACE_A: x 3\nTRACE_A: sum 6\n";
        let b = "TRACE_B_PIXEL 1 1\nTRACE_B: x 10\nTRACE_B: sum 10\n";
        assert_eq!(paired(a, b), ["x 1 -", "x 2 -", "x 3 10", "sum 6 10"]);
        assert_eq!(paired(a, "TRACE_B_PIXEL 1 1\nTRACE_B: x 10\n"), ["x 1 10", "x 2 -", "x 3 -", "sum 6 -"]);
    }

    #[test]
    fn pixels_are_found_in_any_order_and_blocks_by_position() {
        let a = "TRACE_A_PIXEL 1 1\nTRACE_A: x 1\nTRACE_A: x 2\nTRACE_A_PIXEL 2 2\nTRACE_A: x 3\n";
        let b = "TRACE_B_PIXEL 2 2\nTRACE_B: x 30\nTRACE_B_PIXEL 1 1\nTRACE_B: x 10\n";
        assert_eq!(paired(a, b), ["x 1 10", "x 2 -", "x 3 30"]);
    }

    #[test]
    fn a_trace_that_does_not_name_its_pixel_is_paired_by_order() {
        let a = "TRACE_A_PIXEL 1 1\nTRACE_A: x 1\nTRACE_A_PIXEL 2 2\nTRACE_A: x 2\n";
        assert_eq!(paired(a, "TRACE_B: x 10\nTRACE_B: y 5\n"), ["x 1 10", "y - 5", "x 2 -"]);
    }

    #[test]
    fn keys_out_of_order_find_each_other() {
        let a = "TRACE_A: x 1\nTRACE_A: y 2\nTRACE_A: z 3\n";
        assert_eq!(
            paired(a, "TRACE_B: x 1\nTRACE_B: z 3\nTRACE_B: w 4\nTRACE_B: y 2\n"),
            ["x 1 1", "y 2 2", "z 3 3", "w - 4"]
        );
    }
    #[test]
    fn of_records_that_come_again_the_nth_meets_the_nth() {
        let record = |value: u32| format!("TRACE_A_STEP source=0 phi_tic=1 mos_tic=0 term={value}\n");
        let a: String = [1, 2, 3].map(record).concat();
        let b = format!("TRACE_A_STEP source=0 phi_tic=0 mos_tic=0 term=9\n{}", [1, 2].map(record).concat());
        assert_eq!(paired(&a, &b), ["step.term 1 1", "step.term 2 2", "step.term 3 -", "step.term - 9"]);
    }
}
