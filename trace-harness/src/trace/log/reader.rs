//! Reading a trace line by line; the file is never in memory as a whole.
//!
//! Not here: the forms of lines (`line`, `jsonl`, `rows`).

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::rc::Rc;

use serde_json::Number;

use crate::numbers;
use crate::trace::array;
use crate::trace::log::line::{self, LineForm};
use crate::trace::log::{Field, Line, LineError, NONE, Segment, Subject, TraceError, TraceLog, jsonl, rows};
use crate::trace::schema::Schema;

/// Longest line in bytes. Those of a trace have some hundred; a file without line ends would fill the memory.
const LONGEST: u64 = 1 << 20;

/// From here on not every whole number is a double.
const BEYOND_INTEGERS: f64 = 9_007_199_254_740_992.0;

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
        let result = if length as u64 > LONGEST {
            Err(LineError::TooLong { limit: LONGEST })
        } else {
            reader.line(String::from_utf8_lossy(&line).trim_end_matches(['\n', '\r']))
        };
        let number = reader.log.read;
        result.map_err(|problem| TraceError::Malformed { path: path.to_owned(), line: number, problem })?;
    }
    reader.finish()
}

/// What the lines of a trace look like, as far as they say so.
#[derive(Clone)]
enum TraceDialect {
    /// Nothing was read yet but equations and lines of no form, which count for nothing where prefixes follow.
    Unknown,
    /// The header of a table, and no row yet.
    Header(Rc<[String]>),
    /// Rows of a table: every line that follows is one.
    Table(Rc<[String]>),
    /// Objects: every line that follows is one.
    Objects,
    /// Lines with a prefix, and JSON lines, among any others.
    Prefixed,
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
    dialect: TraceDialect,
    /// The first line that begins like an object and is none. It is chatter where lines with a prefix follow.
    doubt: Option<(usize, LineError)>,
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
            dialect: TraceDialect::Unknown,
            doubt: None,
            fields: Vec::new(),
            words: String::new(),
            name: String::new(),
            last_layout: 0,
        }
    }

    fn line(&mut self, text: &str) -> Result<(), LineError> {
        match self.dialect.clone() {
            TraceDialect::Table(columns) => return self.row(&columns, text),
            TraceDialect::Objects => return self.next_object(text),
            TraceDialect::Header(columns) if is_row(&columns, text) => {
                self.dialect = TraceDialect::Table(Rc::clone(&columns));
                return self.row(&columns, text);
            }
            TraceDialect::Unknown | TraceDialect::Header(_) | TraceDialect::Prefixed => {}
        }
        if let Some(form) = line::parse(text) {
            return self.prefixed(form?);
        }
        if let Some(object) = jsonl::parse(text) {
            return self.object(&object?);
        }
        match self.dialect.clone() {
            TraceDialect::Header(columns) => self.row(&columns, text),
            TraceDialect::Prefixed => Ok(()),
            _ => self.without_prefix(text),
        }
    }

    /// The header of a table, the first object, or an equation.
    fn without_prefix(&mut self, text: &str) -> Result<(), LineError> {
        if self.log.read == 1
            && let Some(columns) = rows::header(text)
        {
            self.dialect = TraceDialect::Header(columns.into());
            return Ok(());
        }
        match rows::object(text) {
            Some(Ok(fields)) => {
                self.dialect = TraceDialect::Objects;
                return self.fields_of_object(&fields);
            }
            Some(Err(problem)) => {
                self.doubt.get_or_insert((self.log.read, problem));
                return Ok(());
            }
            None => {}
        }
        if let Some((key, value)) = line::bare(text) {
            self.field("", key, value)?;
            return self.push([NONE; 3]);
        }
        Ok(())
    }

    /// An object after others.
    fn next_object(&mut self, text: &str) -> Result<(), LineError> {
        if text.trim().is_empty() {
            return Ok(());
        }
        match (rows::object(text), jsonl::parse(text)) {
            (Some(fields), None | Some(Err(_))) => self.fields_of_object(&fields?),
            _ => Err(LineError::OtherForm { expected: "a JSON object of names and values" }),
        }
    }

    fn fields_of_object(&mut self, fields: &[(String, String)]) -> Result<(), LineError> {
        for (key, value) in fields {
            self.field("", key, value)?;
        }
        if fields.is_empty() { Ok(()) } else { self.push([NONE; 3]) }
    }

    fn row(&mut self, columns: &[String], text: &str) -> Result<(), LineError> {
        if text.trim().is_empty() {
            return Ok(());
        }
        let found = rows::cells(text).count();
        if line::begins(text) {
            return Err(LineError::OtherForm { expected: "a row of the table" });
        }
        if found != columns.len() {
            return Err(LineError::Row { found, expected: columns.len() });
        }
        for (key, value) in columns.iter().zip(rows::cells(text)) {
            self.field("", key, value)?;
        }
        self.push([NONE; 3])
    }

    fn prefixed(&mut self, form: LineForm<'_>) -> Result<(), LineError> {
        self.no_longer_bare();
        match form {
            LineForm::Mark => Ok(()),
            LineForm::Pixel(pixel) => {
                self.begin(Subject::Pixel(Some(pixel)));
                Ok(())
            }
            LineForm::Value { label, key, value } => {
                self.label(label);
                // Set-up lines end where the first pixel line stands, whether or not a head came between.
                if self.subject == Subject::SetUp {
                    self.begin(Subject::Pixel(None));
                }
                self.field("", key, value)?;
                self.push([NONE; 3])
            }
            LineForm::SetUp { label, key, value } => {
                self.label(label);
                if self.subject != Subject::SetUp {
                    self.begin(Subject::SetUp);
                }
                self.field("", key, value)?;
                self.push([NONE; 3])
            }
            LineForm::Source { label, source, key, value } => {
                self.label(label);
                self.field("", key, value)?;
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
        if !matches!(self.dialect, TraceDialect::Prefixed) {
            let read = self.log.read;
            self.log = TraceLog { read, ..TraceLog::new(&self.log.path) };
            (self.open, self.dialect, self.doubt) = (false, TraceDialect::Prefixed, None);
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
        let subject = Subject::Pixel(object.pixel);
        if subject != self.subject {
            self.begin(subject);
        } else if self.open && self.block != object.block && object.block.is_some() {
            self.segment(true);
        }
        self.block = object.block;
        let key = self.log.names.index(&object.key);
        for value in &object.values {
            let digits = value.as_ref().filter(|number| !number.is_f64()).map(ToString::to_string);
            if let Some(digits) = digits.as_deref().and_then(numbers::beyond_doubles) {
                self.log.digits.insert(self.log.values.len(), digits);
            }
            self.log.values.push(value.as_ref().and_then(Number::as_f64).unwrap_or(f64::NAN));
        }
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
                None => self.field(level, name, value)?,
            }
        }
        self.place = place;
        self.push(place)
    }

    /// `[i,j,k]=value`, or one value of a level.
    fn level(&mut self, level: &str, value: &str) -> Result<(), LineError> {
        let entry = value.strip_prefix('[').and_then(|v| v.split_once("]="));
        match entry {
            Some((index, value)) => self.field("", &format!("{}[{index}]", level.to_lowercase()), value)?,
            None => self.field("", &level.to_lowercase(), value)?,
        }
        self.push(self.place)
    }

    fn field(&mut self, level: &str, key: &str, value: &str) -> Result<(), LineError> {
        let before = self.log.values.len();
        if array::is_marked(value) {
            if array::Named::in_words(value).is_none() {
                self.fields.clear();
                return Err(LineError::Array { found: value.trim().to_owned() });
            }
            // The name of a file is not a number, whatever it looks like.
            value.clone_into(&mut self.words);
        } else {
            numbers::split(value, &mut self.log.values, &mut self.words);
            if self.log.values[before..].iter().any(|x| x.abs() >= BEYOND_INTEGERS) {
                self.keep_digits(value, before);
            }
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
        Ok(())
    }

    /// Keeps the digits of whole numbers that no double holds, where the value is numbers alone.
    fn keep_digits(&mut self, value: &str, start: usize) {
        let words = value.split([' ', ',', '\t']).filter(|word| !word.is_empty());
        if words.clone().count() == self.log.values.len() - start {
            let digits =
                words.enumerate().filter_map(|(n, word)| Some((start + n, numbers::beyond_doubles(word)?)));
            self.log.digits.extend(digits);
        }
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

    fn finish(self) -> Result<TraceLog, TraceError> {
        match self.doubt {
            Some((line, problem)) => Err(TraceError::Malformed { path: self.log.path, line, problem }),
            None => Ok(self.log),
        }
    }
}

/// Whether a line after the header of a table is a row of it.
fn is_row(columns: &[String], text: &str) -> bool {
    rows::cells(text).count() == columns.len() && !line::begins(text)
}
