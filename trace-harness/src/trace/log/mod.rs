//! Traces in memory: what a program wrote about how the values of some pixels come about.
//!
//! Compact, because traces of a million lines are ordinary: a line is a layout, a place and the start of its numbers. Not
//! here: reading text (`reader`, `line`, `jsonl`), the meaning of keys (`schema`).

mod error;
mod intern;
mod jsonl;
mod layouts;
mod line;
mod precision;
mod reader;
mod records;
mod rows;

use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use nanobragg::Pixel;

use crate::trace::array::Elsewhere;

pub use error::{LineError, TraceError};
pub use intern::Strings;
pub use layouts::{Field, Layouts};
pub use precision::PrecisionFacts;
pub use reader::{read, read_as, read_bytes};
pub use records::{level, rounded};

/// A number that a place does not have.
pub const NONE: i32 = -1;

/// One line with values.
#[derive(Debug, Clone, Copy)]
pub struct Line {
    /// Index into the layouts.
    pub layout: u32,
    /// Where its numbers start.
    pub start: u32,
    /// Its number in the file, from 1.
    pub number: u32,
    /// Source, rotation step, mosaic domain; [`NONE`] where the line has none.
    pub place: [i32; 3],
}

/// What a run of lines is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// The set-up of the run.
    SetUp,
    /// A pixel: which, where the file says so.
    Pixel(Option<Pixel>),
    /// What the schema's record keys name: index into the records of the trace.
    Record(u32),
}

impl Subject {
    /// The pixel, where it is one and the file says which.
    pub fn pixel(self) -> Option<Pixel> {
        match self {
            Self::Pixel(pixel) => pixel,
            Self::SetUp | Self::Record(_) => None,
        }
    }
}

/// A run of lines about one thing: the set-up, or one layer and sub-pixel of one pixel.
#[derive(Debug, Clone)]
pub struct Segment {
    /// The thing.
    pub subject: Subject,
    /// Which layer and sub-pixel, counted in the order of the trace.
    pub block: usize,
    /// Its lines.
    pub lines: Range<usize>,
}

/// One record: what stands between one setting of the record keys and the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record {
    /// Its keys with their values: index into [`TraceLog::record_names`].
    pub name: u32,
    /// How many of the record keys are set: 1 for `call 3`, 2 for `call 3, inner 1`.
    pub depth: u8,
    /// The segment that encloses it: the last one of the record with one key fewer.
    pub above: Option<u32>,
    /// The sequence that it belongs to: index into [`TraceLog::sequence_names`]. Where the schema names no sequences, all but the
    /// innermost record key do.
    pub sequence: u32,
    /// The last segment of the record before it in the sequence, with as many record keys.
    pub before: Option<u32>,
}

/// A trace.
#[derive(Debug, Clone, Default)]
pub struct TraceLog {
    /// Where it was read.
    pub path: PathBuf,
    /// The folder that it was read from, which the arrays that it names stand in.
    pub folder: PathBuf,
    /// Arrays that stand elsewhere.
    pub arrays: Elsewhere,
    /// What its program calls itself: `C`, `PY`, `RS`; empty if the file does not say.
    pub label: String,
    /// Names of keys.
    pub names: Strings,
    /// Words around numbers.
    pub texts: Strings,
    /// Layouts of lines.
    pub layouts: Layouts,
    /// Lines with values, in order.
    pub lines: Vec<Line>,
    /// All numbers.
    pub values: Vec<f64>,
    /// The digits of whole numbers that no double holds, by their place among the values.
    pub digits: HashMap<usize, String>,
    /// Runs of lines.
    pub segments: Vec<Segment>,
    /// Records, where the schema says which keys name them, and their names.
    pub records: Vec<Record>,
    /// Names of records, such as `sat 5, t -360.5`.
    pub record_names: Strings,
    /// Names of sequences of records.
    pub sequence_names: Strings,
    /// How many lines the file has.
    pub read: usize,
}

/// One key of one line with its numbers.
#[derive(Debug, Clone, Copy)]
pub struct Item<'a> {
    /// The key: index into the names.
    pub key: u32,
    /// The numbers.
    pub numbers: &'a [f64],
    /// Where they start among the values of the trace.
    pub start: usize,
    /// The words around them.
    pub text: u32,
    /// The line.
    pub line: Line,
}

/// Where an item stands: a quarter of its size, for lists of a million.
#[derive(Debug, Clone, Copy)]
pub struct ItemSpot {
    /// Index of the line.
    line: u32,
    /// Which of its fields.
    field: u32,
    /// Where its numbers start.
    start: u32,
}

impl TraceLog {
    /// An empty trace of the file at `path`.
    fn new(path: &Path) -> Self {
        let folder = path.parent().unwrap_or(Path::new("")).to_owned();
        let mut log = Self { path: path.to_owned(), folder, ..Self::default() };
        // Index 0: numbers alone.
        log.texts.index("");
        log
    }

    /// The keys of a line.
    pub fn items(&self, line: usize) -> impl Iterator<Item = Item<'_>> {
        let line = self.lines[line];
        let mut at = line.start as usize;
        self.layouts.get(line.layout).unwrap_or_default().iter().map(move |field| {
            let start = at;
            at += field.count as usize;
            Item { key: field.key, numbers: &self.values[start..at], start, text: field.text, line }
        })
    }

    /// The spots of a line's keys.
    pub fn spots(&self, line: usize) -> impl Iterator<Item = ItemSpot> {
        let Line { layout, mut start, .. } = self.lines[line];
        let fields = self.layouts.get(layout).unwrap_or_default().iter().zip(0..);
        fields.map(move |(of, field)| {
            let spot = ItemSpot { line: line as u32, field, start };
            start += of.count;
            spot
        })
    }

    /// The item at a spot of this trace.
    pub fn at(&self, spot: ItemSpot) -> Item<'_> {
        let line = self.lines[spot.line as usize];
        let Field { key, count, text } =
            self.layouts.get(line.layout).unwrap_or_default()[spot.field as usize];
        let start = spot.start as usize;
        Item { key, numbers: &self.values[start..start + count as usize], start, text, line }
    }

    /// The digits of a number of `item` where it is whole and no double holds it.
    pub fn whole(&self, item: &Item<'_>, n: usize) -> Option<String> {
        let digits = self.digits.get(&(item.start + n))?;
        // A copy of the trace may have another number in its place.
        (digits.parse::<f64>().ok() == item.numbers.get(n).copied()).then(|| digits.clone())
    }

    /// The name of the record that a segment is, where the schema's record keys name one.
    pub fn record_name(&self, subject: Subject) -> Option<&str> {
        self.record(subject).map(|record| self.record_names.get(record.name))
    }

    /// The name of the sequence that a segment belongs to.
    pub fn sequence_name(&self, subject: Subject) -> Option<&str> {
        self.record(subject).map(|record| self.sequence_names.get(record.sequence))
    }

    /// The record that a segment is.
    pub fn record(&self, subject: Subject) -> Option<Record> {
        match subject {
            Subject::Record(n) => self.records.get(n as usize).copied(),
            Subject::SetUp | Subject::Pixel(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(text: &str) -> TraceLog {
        read_bytes(text.as_bytes(), Path::new("t")).unwrap()
    }

    /// Every item as `key words numbers @ subject block place`.
    fn shown(log: &TraceLog) -> Vec<String> {
        let mut out = Vec::new();
        for segment in &log.segments {
            for line in segment.lines.clone() {
                for item in log.items(line) {
                    let subject = match segment.subject {
                        Subject::SetUp => "set-up".to_owned(),
                        Subject::Pixel(None) => "pixel".to_owned(),
                        Subject::Pixel(Some(Pixel { slow, fast })) => format!("{slow},{fast}"),
                        Subject::Record(n) => format!("record {n}"),
                    };
                    let (name, text) = (log.names.get(item.key), log.texts.get(item.text));
                    out.push(format!(
                        "{name} {:?} {text:?} @ {subject} {} {:?}",
                        item.numbers, segment.block, item.line.place
                    ));
                }
            }
        }
        out
    }

    #[test]
    fn all_text_forms_are_read_and_other_lines_are_passed_over() {
        let text = "banner a=5 b\nTRACE_C:distance_m=0.1\nTRACE_C:Rx=[1 0; -0 1]\nTRACE_CONFIG: tracing pixel (spixel=20, fpixel=30)\n\
            warning without an endTRACE_C: fdet_vec 0 0 -1\nTRACE_C: F_cell nan\n";
        let log = log(text);
        assert_eq!((log.label.as_str(), log.read), ("C", 6));
        assert_eq!(
            shown(&log),
            [
                "distance_m [0.1] \"\" @ set-up 0 [-1, -1, -1]",
                "Rx [1.0, 0.0, -0.0, 1.0] \"[# #; # #]\" @ set-up 0 [-1, -1, -1]",
                "fdet_vec [0.0, 0.0, -1.0] \"\" @ 20,30 0 [-1, -1, -1]",
                "F_cell [NaN] \"\" @ 20,30 0 [-1, -1, -1]",
            ]
        );
    }

    #[test]
    fn deeper_levels_have_their_place() {
        let text = "TRACE_RS_PIXEL 7 6\nTRACE_RS_SOURCE 1: polar 0.5\nTRACE_RS_PHI phi_tic=2 phi_deg=1.5 F_latt_b=-\n\
            TRACE_RS_ROTSTAR phi_tic=2 ap=1,2,3\nTRACE_RS_STEP source=0 phi_tic=2 mos_tic=1 hkl0=1,-2,3 term=4\n\
            TRACE_RS_TRICUBIC: [0,0,1]=5\nTRACE_PY_TRICUBIC_GRID_START\n";
        assert_eq!(
            shown(&log(text)),
            [
                "polar [0.5] \"\" @ 7,6 0 [1, -1, -1]",
                "phi.phi_deg [1.5] \"\" @ 7,6 0 [-1, 2, -1]",
                "phi.F_latt_b [] \"-\" @ 7,6 0 [-1, 2, -1]",
                "rotstar.ap [1.0, 2.0, 3.0] \"\" @ 7,6 0 [-1, 2, -1]",
                "step.hkl0 [1.0, -2.0, 3.0] \"\" @ 7,6 0 [0, 2, 1]",
                "step.term [4.0] \"\" @ 7,6 0 [0, 2, 1]",
                "tricubic[0,0,1] [5.0] \"\" @ 7,6 0 [0, 2, 1]",
            ]
        );
    }

    #[test]
    fn a_key_that_comes_again_begins_the_next_sub_pixel() {
        let text = "TRACE_C: a 1\nTRACE_C: b 2\nTRACE_C: a 3\nTRACE_C: c 4\n";
        let blocks: Vec<(usize, usize)> =
            log(text).segments.iter().map(|s| (s.block, s.lines.len())).collect();
        assert_eq!(blocks, [(0, 2), (1, 2)]);
    }

    #[test]
    fn json_lines_say_the_same_as_text() {
        let line = |rest: &str| format!("{{\"pixel\":[7,6],\"block\":[0,0,0],{rest},\"unit\":\"\"}}\n");
        let text = line(
            "\"level\":\"source\",\"source\":0,\"phi\":null,\"mosaic\":null,\"key\":\"polar\",\"values\":[0.5]",
        ) + &line(
            "\"level\":\"step\",\"source\":0,\"phi\":2,\"mosaic\":1,\"key\":\"hkl_frac\",\"values\":[1,2,null]",
        );
        assert_eq!(
            shown(&log(&text)),
            ["polar [0.5] \"\" @ 7,6 0 [-1, -1, -1]", "hkl_frac [1.0, 2.0, NaN] \"\" @ 7,6 0 [0, 2, 1]"]
        );
    }

    #[test]
    fn bare_equations_count_only_where_nothing_else_does() {
        assert_eq!(shown(&log("a = 5\nb=1 2\nnot a key = 3\n")).len(), 2);
        assert_eq!(shown(&log("a=5\nTRACE_X: b 1\nc=2\n")), ["b [1.0] \"\" @ pixel 0 [-1, -1, -1]"]);
    }

    #[test]
    fn rows_of_a_table_and_objects_are_records_where_nothing_else_is() {
        let expected = [
            "t [0.5] \"\" @ pixel 0 [-1, -1, -1]",
            "x [-1e300] \"\" @ pixel 0 [-1, -1, -1]",
            "sat [] \"ISS\" @ pixel 0 [-1, -1, -1]",
            "t [1.0] \"\" @ pixel 1 [-1, -1, -1]",
            "x [NaN] \"\" @ pixel 1 [-1, -1, -1]",
            "sat [] \"ISS\" @ pixel 1 [-1, -1, -1]",
        ];
        assert_eq!(shown(&log("t,x, sat\n0.5,-1d300,ISS\r\n\n1, nan,\"ISS\"\n")), expected);
        let objects = "starting\n{\"t\": 0.5, \"x\": -1e300, \"sat\": \"ISS\", \"more\": {}}\n{\"t\": 1, \"x\": null, \"sat\": \"ISS\"}\n";
        assert_eq!(shown(&log(objects)), expected);
        assert_eq!(shown(&log("{\"v\": [1, 2, 3]}\n")), ["v [1.0, 2.0, 3.0] \"\" @ pixel 0 [-1, -1, -1]"]);
        for text in ["t,x\nTRACE_X: b 1\n", "{\"t\": NaM}\nTRACE_X: b 1\n", "1,2\nTRACE_X: b 1\n"] {
            assert_eq!(shown(&log(text)), ["b [1.0] \"\" @ pixel 0 [-1, -1, -1]"], "{text}");
        }
        let problem = read_bytes(b"t,x\n1,2\n1\n", Path::new("t")).unwrap_err().to_string();
        assert_eq!(problem, "`t`, line 3: 1 cell; expected 2, as in the header of line 1");
    }

    fn problem(text: &str) -> String {
        read_bytes(text.as_bytes(), Path::new("t")).unwrap_err().to_string()
    }

    #[test]
    fn after_a_row_or_an_object_every_line_is_one_or_is_refused_by_its_number() {
        for (text, expected) in [
            ("t,x\n1,2\nTRACE_X: b 1\n", "`t`, line 3: a line of another form; expected a row of the table"),
            ("t,x\n1,2\nTRACE_X: b 1,2\n", "`t`, line 3: a line of another form"),
            ("{\"t\": 1}\nTRACE_X: b 1\n", "`t`, line 2: a line of another form; expected a JSON object"),
            ("{\"t\": 1}\n{\"key\": \"q\", \"values\": [1]}\n", "`t`, line 2: a line of another form"),
            ("{\"t\": 1}\nx = 5\n", "`t`, line 2: a line of another form"),
            ("{\"t\": 1}\n{\"t\": 2, \"x\n", "`t`, line 2: EOF"),
        ] {
            assert!(problem(text).starts_with(expected), "{text}: {}", problem(text));
        }
        // A cell may have any words in it.
        let table = log("t,note\n1,a\n2,see TRACE_A: q 1\n");
        assert_eq!(table.lines.len(), 2);
        assert_eq!(shown(&table)[3], "note [1.0] \"see TRACE_A: q #\" @ pixel 1 [-1, -1, -1]");
    }

    #[test]
    fn nothing_of_an_object_is_dropped() {
        let values = |text: &str| {
            let all = shown(&log(text));
            all.iter().map(|item| item.split(" @ ").next().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let text = r#"{"x": NaN, "y": [-Infinity, Infinity], "note": "a NaN \" of it", "e": {"x": 2, "f": {"g": 3}}}"#;
        let expected = [
            "x [NaN] \"\"",
            "y [-inf, inf] \"\"",
            "note [NaN] \"a # \\\" of it\"",
            "e.x [2.0] \"\"",
            "e.f.g [3.0] \"\"",
        ];
        assert_eq!(values(&format!("{text}\n")), expected);
        let lists = [
            r#"{"v": [[1, 2], [3]]}"#,
            r#"{"v": [[1], [2, 3]]}"#,
            r#"{"v": [1, 2, 3]}"#,
            r#"{"v": [[1, 2, 3]]}"#,
        ];
        let words = lists.map(values);
        assert!((0..4).all(|n| words[n + 1..].iter().all(|other| *other != words[n])), "{words:?}");
        assert_ne!(values(r#"{"v": ["a b", "c"]}"#), values(r#"{"v": ["a", "b c"]}"#));
        for (text, expected) in [
            (r#"{"x": 1, "heat flux": 2}"#, "the name `heat flux`"),
            (r#"{"x": 1, "x": 2}"#, "`x` twice"),
            (r#"{"x": {"y": 1}, "x.y": 2}"#, "`x.y` twice"),
            (r#"{"x": [{"y": 1}]}"#, "`x` is a list of objects"),
            (r#"{"x": 1e999}"#, "number out of range"),
            (r#"{"x": 1"#, "EOF"),
            (r#"{"x": nul}"#, "expected"),
        ] {
            for before in ["", "starting\n", "{\"x\": 1}\n"] {
                let line = before.lines().count() + 1;
                let found = problem(&format!("{before}{text}\n"));
                assert!(
                    found.starts_with(&format!("`t`, line {line}: ")) && found.contains(expected),
                    "{text}: {found}"
                );
            }
        }
    }

    #[test]
    fn what_begins_like_an_array_has_a_file_and_a_shape_of_digits() {
        for value in [
            "@array f.npy shape 2 x 3",
            "@array f.npy shape (2, 3)",
            "@array f.npy shape 2X3",
            "@array f.npy shape",
            "@array f.npy shape 2x3 f8",
            "@array",
        ] {
            let expected = format!("`t`, line 1: `{value}`; expected `@array FILE shape NxM`");
            assert_eq!(problem(&format!("TRACE_X: a {value}\n")), expected);
        }
    }

    #[test]
    fn a_line_that_only_begins_like_a_trace_is_named() {
        for (text, reason) in [
            ("x\nTRACE_RS_PIXEL 7\n", "line 2"),
            ("TRACE_CONFIG: tracing pixel (spxel=20, fpixel=30)\n", "expected spixel= and fpixel="),
            ("TRACE_RS: \n", "expected a key"),
            ("TRACE_RS: key\n", "expected a value"),
            ("TRACE_RS_PHI phi_tic=x\n", "expected an integer"),
            ("{\"level\":\"pixel\",\"key\":5}\n", "line 1"),
        ] {
            let problem = read_bytes(text.as_bytes(), Path::new("t")).unwrap_err().to_string();
            assert!(problem.contains(reason), "{text}: {problem}");
        }
    }
}
