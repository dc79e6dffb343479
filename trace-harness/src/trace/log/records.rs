//! Lines grouped into records by the keys that a schema names for it: text, integers, floats, negative numbers, nested.
//!
//! Not here: reading lines (`reader`), which record of one trace meets which of another (`diff::pair`).

use std::collections::HashMap;

use nanobragg::Pixel;

use crate::numbers;
use crate::trace::log::{Item, NONE, Record, Segment, Subject, TraceLog};
use crate::trace::schema::Schema;

/// Significant digits by which numbers of record keys are taken for the same where no record has exactly the same ones.
const DIGITS: usize = 13;

impl TraceLog {
    /// Gives keys that go by another name here the name of the schema, where that name is not taken, and groups lines into the
    /// schema's records.
    pub fn apply(&mut self, schema: &Schema) {
        for key in &schema.keys {
            let taken = self.names.find(&key.name).is_some();
            let alias = key.aliases.iter().find_map(|alias| self.names.find(alias));
            if let Some(index) = alias.filter(|_| !taken) {
                self.names.rename(index, &key.name);
            }
        }
        self.group(schema);
    }

    /// Groups the lines into the records of `schema`. Without record keys, or where the trace has none of them, segments stay as they
    /// were read. Lines before the first record are set-up lines.
    fn group(&mut self, schema: &Schema) {
        let level_of = self.levels(&schema.record);
        if level_of.iter().all(Option::is_none) {
            return;
        }
        let segments = std::mem::take(&mut self.segments);
        let mut grouping = Grouping::new(schema, self.names.len());
        for segment in segments {
            grouping.begin(segment.subject);
            for line in segment.lines {
                grouping.line(self, line, &level_of);
            }
        }
        self.line_up();
    }

    /// Finds the record before each in its sequence.
    fn line_up(&mut self) {
        let mut last: HashMap<(u32, u8), u32> = HashMap::new();
        for (number, segment) in (0..).zip(&self.segments) {
            let Subject::Record(n) = segment.subject else { continue };
            let record = &mut self.records[n as usize];
            let before = last.insert((record.sequence, record.depth), number);
            if segment.block == 0 {
                record.before = before;
            }
        }
    }

    /// The level of each name among record keys: by its whole name, or that of a field of a record line.
    fn levels(&self, record: &[String]) -> Vec<Option<u8>> {
        match record.is_empty() {
            true => Vec::new(),
            false => self.names.all().map(|name| level(record, name)).collect(),
        }
    }

    /// A value in words: the same words for the same number in any notation.
    pub fn value_in_words(&self, item: &Item<'_>) -> String {
        let digits = |n: usize| if self.digits.is_empty() { None } else { self.whole(item, n) };
        let numbers = item.numbers.iter().enumerate();
        let mut values = numbers.map(|(n, x)| digits(n).unwrap_or_else(|| in_words(*x)));
        let words = self.texts.get(item.text);
        if words.is_empty() {
            return values.collect::<Vec<_>>().join(" ");
        }
        let mut out = String::with_capacity(words.len());
        for c in words.chars() {
            match c {
                '#' => out.extend(values.next()),
                c => out.push(c),
            }
        }
        out
    }
}

/// Which of the record keys a name is.
pub fn level(record: &[String], name: &str) -> Option<u8> {
    let field = name.rsplit_once('.').map(|(_, field)| field);
    let at = record.iter().position(|key| key == name);
    at.or_else(|| record.iter().position(|key| Some(key.as_str()) == field)).map(|n| n as u8)
}

/// A number with as many digits as it needs; no exponent where a reader expects none.
fn in_words(x: f64) -> String {
    match x {
        // Both zeros name one record.
        0.0 => "0".to_owned(),
        x if (1e-5..1e16).contains(&x.abs()) => format!("{x}"),
        x => format!("{x:e}"),
    }
}

/// The name of a record with its numbers rounded, for those that no other record has exactly.
pub fn rounded(name: &str) -> String {
    let word = |word: &str| match word.strip_suffix(',').unwrap_or(word) {
        bare if bare.parse::<i64>().is_ok() => word.to_owned(),
        bare => match numbers::number(bare) {
            Some(x) if x.is_finite() => format!("{x:.*e}", DIGITS - 1),
            _ => bare.to_owned(),
        },
    };
    name.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// Records in the making.
struct Grouping {
    keys: Vec<String>,
    /// Which of them name a sequence.
    sequence: Vec<bool>,
    /// The value of each record key, and which were set since the header of the record began.
    values: Vec<Option<String>>,
    fresh: Vec<bool>,
    /// Whether nothing but record keys stands in the record so far.
    header: bool,
    subject: Subject,
    /// The last segment of the record at each depth.
    open: Vec<Option<u32>>,
    /// The segment each name was last seen in, plus one: a key that comes again begins the next block.
    seen: Vec<u32>,
    /// Whether the next line begins a segment of its own, whatever it is.
    starts_new: bool,
}

impl Grouping {
    fn new(schema: &Schema, names: usize) -> Self {
        let keys = schema.record.clone();
        let levels = keys.len();
        let outer = &keys[..levels.saturating_sub(1)];
        let named = schema.sequence.as_deref().unwrap_or(outer);
        let sequence = keys.iter().map(|key| named.contains(key)).collect();
        Self {
            keys,
            sequence,
            values: vec![None; levels],
            fresh: vec![false; levels],
            header: false,
            subject: Subject::SetUp,
            open: vec![None; levels],
            seen: vec![0; names],
            starts_new: true,
        }
    }

    /// Begins what was one segment without record keys. No record goes on from one pixel to the next.
    fn begin(&mut self, subject: Subject) {
        let named = |subject: Subject| matches!(subject, Subject::Pixel(Some(_)));
        if subject != self.subject && (named(subject) || named(self.subject)) {
            self.values.fill(None);
            self.open.fill(None);
            self.header = false;
            self.starts_new = true;
        }
        self.subject = subject;
    }

    fn line(&mut self, log: &mut TraceLog, line: usize, level_of: &[Option<u8>]) {
        let mut only_keys = true;
        let mut set: Vec<(usize, String)> = Vec::new();
        let mut first = None;
        for item in log.items(line) {
            first.get_or_insert(item.key);
            match level_of[item.key as usize] {
                Some(level) => set.push((level.into(), log.value_in_words(&item))),
                None => only_keys = false,
            }
        }
        if !set.is_empty() {
            let goes_on = self.header && !set.iter().any(|(level, _)| self.fresh[*level]);
            self.set(set, goes_on);
            self.start(log, line, goes_on);
            self.header = only_keys;
        } else {
            self.header = false;
            let own = log.lines[line].place == [NONE; 3];
            let now = log.segments.len() as u32;
            let again = own && first.is_some_and(|key| self.seen[key as usize] == now);
            self.continue_with(log, line, again);
        }
        if let (Some(key), true) = (first, log.lines[line].place == [NONE; 3]) {
            self.seen[key as usize] = log.segments.len() as u32;
        }
        if let Some(segment) = log.segments.last_mut() {
            segment.lines.end = line + 1;
        }
    }

    /// Takes the values of record keys. A key that is set ends the keys below it, but for those of the same header.
    fn set(&mut self, set: Vec<(usize, String)>, goes_on: bool) {
        if !goes_on {
            self.fresh.fill(false);
        }
        for (level, value) in set {
            self.values[level] = Some(value);
            self.fresh[level] = true;
        }
        let first = self.fresh.iter().position(|fresh| *fresh).unwrap_or(self.fresh.len());
        for level in first..self.fresh.len() {
            if !self.fresh[level] {
                self.values[level] = None;
            }
        }
    }

    /// Begins a record at a line with record keys, or names the one whose header goes on.
    fn start(&mut self, log: &mut TraceLog, line: usize, goes_on: bool) {
        if goes_on {
            // The record of the header so far is no other than this one.
            self.open
                .iter_mut()
                .filter(|open| open.is_some_and(|n| n as usize + 1 == log.segments.len()))
                .for_each(|open| *open = None);
        }
        let name = log.record_names.index(&self.name(|_| true));
        let sequence = log.sequence_names.index(&self.name(|level| self.sequence[level]));
        let depth = self.values.iter().flatten().count() as u8;
        let above = self.open[..usize::from(depth) - 1].iter().rev().find_map(|open| *open);
        let record = Record { name, depth, above, sequence, before: None };
        match log.records.last_mut().filter(|_| goes_on) {
            Some(open) => *open = record,
            None => {
                let subject = Subject::Record(log.records.len() as u32);
                log.records.push(record);
                log.segments.push(Segment { subject, block: 0, lines: line..line });
            }
        }
        self.note_open(log, depth);
        self.starts_new = false;
    }

    /// The open segment of this depth; none below it is open any more.
    fn note_open(&mut self, log: &TraceLog, depth: u8) {
        let depth = usize::from(depth);
        self.open[depth - 1] = Some(log.segments.len() as u32 - 1);
        self.open[depth..].fill(None);
    }

    /// The values of the record keys that `takes` takes.
    fn name(&self, takes: impl Fn(usize) -> bool) -> String {
        let mut parts: Vec<String> = Vec::new();
        if let Subject::Pixel(Some(Pixel { slow, fast })) = self.subject {
            parts.push(format!("pixel {slow} {fast}"));
        }
        let set = (0..self.keys.len()).filter(|level| takes(*level));
        parts.extend(set.filter_map(|n| Some(format!("{} {}", self.keys[n], self.values[n].as_ref()?))));
        parts.join(", ")
    }

    /// Goes on with what is open; a key that comes again begins the next block of it.
    fn continue_with(&mut self, log: &mut TraceLog, line: usize, again: bool) {
        let last = log.segments.last().map(|last| (last.subject, last.block));
        match last {
            Some((subject, block)) if again && !self.starts_new => {
                log.segments.push(Segment { subject, block: block + 1, lines: line..line });
                if let Subject::Record(record) = subject {
                    self.note_open(log, log.records[record as usize].depth);
                }
            }
            Some(_) if !self.starts_new => {}
            _ => {
                // What comes before the first record holds for all of them.
                let subject = match self.subject {
                    Subject::Pixel(None) => Subject::SetUp,
                    subject => subject,
                };
                log.segments.push(Segment { subject, block: 0, lines: line..line });
                self.starts_new = false;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::trace::log::{Subject, TraceLog, read_bytes};
    use crate::trace::schema::Schema;

    fn grouped(record: &str, text: &str) -> TraceLog {
        let schema = Schema::from_toml(&format!("record = {record}\n")).unwrap();
        let mut log = read_bytes(text.as_bytes(), Path::new("t")).unwrap();
        log.apply(&schema);
        log
    }

    /// Every segment as `name#block: lines`, with the name of what encloses it.
    fn shown(log: &TraceLog) -> Vec<String> {
        let name = |subject: Subject| match subject {
            Subject::Record(n) => log.record_names.get(log.records[n as usize].name).to_owned(),
            Subject::SetUp => "set-up".to_owned(),
            Subject::Pixel(_) => "pixel".to_owned(),
        };
        let above = |subject: Subject| match subject {
            Subject::Record(n) => log.records[n as usize].above.map(|n| log.segments[n as usize].subject),
            _ => None,
        };
        let one = |s: &crate::trace::log::Segment| {
            let within = above(s.subject).map(|s| format!(" < {}", name(s))).unwrap_or_default();
            format!("{}#{}: {}{within}", name(s.subject), s.block, s.lines.len())
        };
        log.segments.iter().map(one).collect()
    }

    #[test]
    fn keys_of_any_type_make_records_and_what_stands_before_them_is_set_up() {
        let text = "T_X: mu 3\n".replace('T', "TRACE")
            + "TRACE_X: sat ISS\nTRACE_X: t -360.5\nTRACE_X: x 1\nTRACE_X: t 0\nTRACE_X: x 2\n\
               TRACE_X: sat 5\nTRACE_X: t 0.5D+01\nTRACE_X: x 3\n";
        let expected = ["set-up#0: 1", "sat ISS, t -360.5#0: 3", "sat ISS, t 0#0: 2", "sat 5, t 5#0: 3"];
        assert_eq!(shown(&grouped("['sat', 't']", &text)), expected);
    }

    #[test]
    fn an_inner_record_knows_what_encloses_it_and_ends_with_it() {
        let text = "TRACE_X: call 1\nTRACE_X: n 9\nTRACE_X: inner 1\nTRACE_X: f 1\nTRACE_X: inner 2\nTRACE_X: f 2\n\
                    TRACE_X: call 2\nTRACE_X: n 8\nTRACE_X: inner 1\nTRACE_X: f 3\n";
        let expected = [
            "call 1#0: 2",
            "call 1, inner 1#0: 2 < call 1",
            "call 1, inner 2#0: 2 < call 1",
            "call 2#0: 2",
            "call 2, inner 1#0: 2 < call 2",
        ];
        assert_eq!(shown(&grouped("['call', 'inner']", text)), expected);
    }

    #[test]
    fn keys_may_be_fields_of_record_lines_in_any_order_and_a_key_that_comes_again_begins_the_next_block() {
        let text = "TRACE_X_ROW t=1 sat=5 x=2\nTRACE_X_ROW t=2 sat=5 x=3\nTRACE_X: y 1\nTRACE_X: y 2\n";
        let expected = ["sat 5, t 1#0: 1", "sat 5, t 2#0: 2", "sat 5, t 2#1: 1"];
        assert_eq!(shown(&grouped("['sat', 't']", text)), expected);
        let text = "t=1\nsat=5\nx=2\nt=2\nsat=5\nx=3\n";
        assert_eq!(shown(&grouped("['sat', 't']", text)), ["sat 5, t 1#0: 3", "sat 5, t 2#0: 3"]);
    }

    #[test]
    fn the_same_number_in_any_notation_is_the_same_name_and_a_trace_without_record_keys_stays_as_it_is() {
        for word in ["-0.5", "-5e-1", "-0.5D+00", "-0x1p-1"] {
            assert_eq!(shown(&grouped("['t']", &format!("TRACE_X: t {word}\n"))), ["t -0.5#0: 1"], "{word}");
        }
        assert_eq!(shown(&grouped("['t']", "TRACE_X: x 1\nTRACE_X: x 2\n")), ["pixel#0: 1", "pixel#1: 1"]);
    }

    #[test]
    fn numbers_that_differ_in_the_last_digit_alone_are_the_same_to_thirteen() {
        assert_eq!(super::rounded("t 0.30000000000000004, n 5"), super::rounded("t 0.3, n 5"));
        assert_ne!(super::rounded("t 0.3000000001, n 5"), super::rounded("t 0.3, n 5"));
        assert_ne!(super::rounded("n 9007199254740993"), super::rounded("n 9007199254740992"));
    }
}
