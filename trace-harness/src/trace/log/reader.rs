//! Reading a trace line by line; the file is never in memory as a whole.
//!
//! Not here: the forms of lines (`line`, `jsonl`, `rows`).

use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use crate::numbers;
use crate::trace::array;
use crate::trace::log::line::{self, LineForm};
use crate::trace::log::{Field, Line, LineError, NONE, Segment, Subject, TraceError, TraceLog, jsonl, rows};
use crate::trace::schema::Schema;

/// Longest line in bytes. Those of a trace have some hundred; a file without line ends would fill the memory.
const LONGEST: u64 = 1 << 20;

/// Reads the trace at `path`.
///
/// # Errors
/// The file cannot be read, or a line begins like a trace and is none.
pub fn read(path: &Path) -> Result<TraceLog, TraceError> {
    let refused = |source| TraceError::Io { path: path.to_owned(), source };
    let file = crate::evidence::given::stream(path).map_err(refused)?;
    read_from(BufReader::with_capacity(1 << 18, file), path)
}

/// Reads the trace at `path`; its keys get their names of the schema.
///
/// # Errors
/// As [`read`].
pub fn read_as(path: &Path, schema: &Schema) -> Result<TraceLog, TraceError> {
    let mut trace = read(path)?;
    trace.apply(schema);
    Ok(trace)
}

/// Reads a trace from memory; `path` is for messages.
///
/// # Errors
/// A line begins like a trace and is none.
pub fn read_bytes(bytes: &[u8], path: &Path) -> Result<TraceLog, TraceError> {
    read_from(bytes, path)
}

fn read_from(mut input: impl BufRead, path: &Path) -> Result<TraceLog, TraceError> {
    let mut reader = LogReader::new(path);
    let mut line = Vec::new();
    loop {
        line.clear();
        let length = input.by_ref().take(LONGEST + 1).read_until(b'\n', &mut line);
        let length = length.map_err(|source| TraceError::Io { path: path.to_owned(), source })?;
        if length == 0 {
            break;
        }
        reader.log.read += 1;
        let done = if length as u64 > LONGEST {
            Err(LineError::TooLong { limit: LONGEST })
        } else {
            reader.line(String::from_utf8_lossy(&line).trim_end_matches(['\n', '\r']))
        };
        let number = reader.log.read;
        done.map_err(|problem| TraceError::Malformed { path: path.to_owned(), line: number, problem })?;
    }
    Ok(reader.finish())
}

struct LogReader {
    log: TraceLog,
    subject: Subject,
    /// Whether a segment is open, and the keys it has on its own level: the segment each was last seen in, plus one.
    open: bool,
    seen: Vec<u32>,
    /// The block that JSON lines are in.
    block: Option<[i64; 3]>,
    /// Place of the last record line.
    place: [i32; 3],
    /// Whether no line so far had a prefix: equations, objects and rows count only where nothing else does.
    bare: bool,
    /// The columns of a table with a header.
    columns: Option<Vec<String>>,
    fields: Vec<Field>,
    words: String,
    name: String,
    last_layout: u32,
}

impl LogReader {
    fn new(path: &Path) -> Self {
        Self {
            log: TraceLog::new(path),
            subject: Subject::Pixel(None),
            open: false,
            seen: Vec::new(),
            block: None,
            place: [NONE; 3],
            bare: true,
            columns: None,
            fields: Vec::new(),
            words: String::new(),
            name: String::new(),
            last_layout: 0,
        }
    }

    fn line(&mut self, text: &str) -> Result<(), LineError> {
        if let Some(form) = line::parse(text) {
            return self.prefixed(form?);
        }
        if let Some(object) = jsonl::parse(text) {
            return self.object(&object?);
        }
        if self.bare { self.without_prefix(text) } else { Ok(()) }
    }

    /// A row of a table, an object, or an equation.
    fn without_prefix(&mut self, text: &str) -> Result<(), LineError> {
        if self.log.read == 1 {
            self.columns = rows::header(text);
            if self.columns.is_some() {
                return Ok(());
            }
        }
        if let Some(columns) = self.columns.take() {
            let row = if text.trim().is_empty() { Ok(()) } else { self.row(&columns, text) };
            self.columns = Some(columns);
            return row;
        }
        if let Some(fields) = rows::object(text) {
            fields.iter().for_each(|(key, value)| self.field("", key, value));
            return if fields.is_empty() { Ok(()) } else { self.push([NONE; 3]) };
        }
        if let Some((key, value)) = line::bare(text) {
            self.field("", key, value);
            return self.push([NONE; 3]);
        }
        Ok(())
    }

    fn row(&mut self, columns: &[String], text: &str) -> Result<(), LineError> {
        let found = rows::cells(text).count();
        if found != columns.len() {
            return Err(LineError::Row { found, expected: columns.len() });
        }
        columns.iter().zip(rows::cells(text)).for_each(|(key, value)| self.field("", key, value));
        self.push([NONE; 3])
    }

    fn prefixed(&mut self, form: LineForm<'_>) -> Result<(), LineError> {
        self.no_longer_bare();
        match form {
            LineForm::Mark => Ok(()),
            LineForm::Pixel { slow, fast } => {
                self.begin(Subject::Pixel(Some((slow, fast))));
                Ok(())
            }
            LineForm::Value { label, key, value } => {
                self.label(label);
                // Set-up lines end where the first pixel line stands, whether or not a head came between.
                if self.subject == Subject::SetUp {
                    self.begin(Subject::Pixel(None));
                }
                self.field("", key, value);
                self.push([NONE; 3])
            }
            LineForm::SetUp { label, key, value } => {
                self.label(label);
                if self.subject != Subject::SetUp {
                    self.begin(Subject::SetUp);
                }
                self.field("", key, value);
                self.push([NONE; 3])
            }
            LineForm::Source { label, source, key, value } => {
                self.label(label);
                self.field("", key, value);
                self.push([source, NONE, NONE])
            }
            LineForm::Record { label, level, fields } => {
                self.label(label);
                self.record(level, fields)
            }
            LineForm::Level { label, level, value } => {
                self.label(label);
                self.level(level, value)
            }
        }
    }

    /// Equations without a prefix were chatter after all.
    fn no_longer_bare(&mut self) {
        if self.bare {
            let read = self.log.read;
            self.log = TraceLog { read, ..TraceLog::new(&self.log.path) };
            (self.open, self.bare, self.columns) = (false, false, None);
            self.seen.clear();
        }
    }

    fn label(&mut self, label: &str) {
        if self.log.label.is_empty() {
            label.clone_into(&mut self.log.label);
        }
    }

    fn begin(&mut self, subject: Subject) {
        self.subject = subject;
        self.open = false;
        self.block = None;
        self.place = [NONE; 3];
    }

    fn object(&mut self, object: &jsonl::Object<'_>) -> Result<(), LineError> {
        self.no_longer_bare();
        let subject = Subject::Pixel(object.pixel.map(|[slow, fast]| (slow, fast)));
        if subject != self.subject {
            self.begin(subject);
        } else if self.open && self.block != object.block && object.block.is_some() {
            self.segment(true);
        }
        self.block = object.block;
        let key = self.log.names.index(&object.key);
        self.log.values.extend(object.values.iter().map(|v| v.unwrap_or(f64::NAN)));
        self.fields.push(Field { key, count: object.values.len() as u32, text: 0 });
        self.push(object.place())
    }

    /// `name=value` pairs; those that say where the record stands are no values.
    fn record(&mut self, level: &str, fields: &str) -> Result<(), LineError> {
        let mut place = [NONE; 3];
        for pair in fields.split_ascii_whitespace() {
            let (name, value) =
                pair.split_once('=').ok_or_else(|| LineError::Pair { word: pair.to_owned() })?;
            let slot = match name {
                "source" => Some(0),
                "phi_tic" => Some(1),
                "mos_tic" => Some(2),
                _ => None,
            };
            match slot {
                Some(n) => {
                    let number = value.parse().map_err(|_| LineError::Place { pair: pair.to_owned() });
                    place[n] = number.inspect_err(|_| self.fields.clear())?;
                }
                None => self.field(level, name, value),
            }
        }
        self.place = place;
        self.push(place)
    }

    /// `[i,j,k]=value`, or one value of a level.
    fn level(&mut self, level: &str, value: &str) -> Result<(), LineError> {
        let entry = value.strip_prefix('[').and_then(|v| v.split_once("]="));
        match entry {
            Some((index, value)) => self.field("", &format!("{}[{index}]", level.to_lowercase()), value),
            None => self.field("", &level.to_lowercase(), value),
        }
        self.push(self.place)
    }

    fn field(&mut self, level: &str, key: &str, value: &str) {
        let before = self.log.values.len();
        if value.starts_with(array::MARK) {
            // The name of a file is no number, whatever it looks like.
            value.clone_into(&mut self.words);
        } else {
            numbers::split(value, &mut self.log.values, &mut self.words);
        }
        let count = (self.log.values.len() - before) as u32;
        let key = match level {
            "" => self.log.names.index(key),
            _ => {
                self.name.clear();
                self.name.extend(level.chars().map(|c| c.to_ascii_lowercase()));
                self.name.push('.');
                self.name.push_str(key);
                self.log.names.index(&self.name)
            }
        };
        let text = if self.words.is_empty() { 0 } else { self.log.texts.index(&self.words) };
        self.fields.push(Field { key, count, text });
    }

    /// Ends a line: its fields become a layout, its place a segment.
    fn push(&mut self, place: [i32; 3]) -> Result<(), LineError> {
        let count: usize = self.fields.iter().map(|f| f.count as usize).sum();
        let start = u32::try_from(self.log.values.len() - count).map_err(|_| LineError::TooManyNumbers)?;
        let first = self.fields.first().map_or(0, |f| f.key as usize);
        if place == [NONE; 3] {
            if self.seen.len() <= first {
                self.seen.resize(first + 1, 0);
            }
            let again = self.open && self.seen[first] == self.log.segments.len() as u32;
            self.segment(again);
            self.seen[first] = self.log.segments.len() as u32;
        } else {
            self.segment(false);
        }
        let layout = self.layout();
        let number = self.log.read as u32;
        self.log.lines.push(Line { layout, start, number, place });
        if let Some(segment) = self.log.segments.last_mut() {
            segment.lines.end = self.log.lines.len();
        }
        Ok(())
    }

    /// Makes sure that a segment is open; `starts_new` closes the one that is.
    fn segment(&mut self, starts_new: bool) {
        if self.open && !starts_new {
            return;
        }
        let block = match (self.open, self.log.segments.last()) {
            (true, Some(last)) => last.block + 1,
            _ => 0,
        };
        let at = self.log.lines.len();
        self.log.segments.push(Segment { subject: self.subject, block, lines: at..at });
        self.open = true;
    }

    fn layout(&mut self) -> u32 {
        // Most lines look like the one before, or like one seen already.
        if self.log.layouts.get(self.last_layout) != Some(&self.fields) {
            self.last_layout = self.log.layouts.index(&self.fields);
        }
        self.fields.clear();
        self.last_layout
    }

    fn finish(self) -> TraceLog {
        self.log
    }
}
