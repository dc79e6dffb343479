//! Traces of emitters as the emitters themselves pair them in a replay: by the open records, the key, and how often it came there.
//!
//! Not here: traces of other programs, and the places that a schema names (`trace::log`).

use std::collections::{BTreeMap, HashMap};
use std::io::{self, BufRead, BufReader, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::evidence::given;
use crate::numbers;
use crate::trace::array::{self, Elsewhere, Named};
use crate::trace::log::LineError;

/// Longest line in bytes; a vector of a hundred thousand numbers fits.
const LONGEST: u64 = 1 << 22;

/// What a line holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Numbers: their range among those of the trace, and the words around them.
    Numbers(Range<usize>, String),
    /// An array, in this file beside the trace, of this shape.
    Array(PathBuf, Vec<u64>),
}

/// A value that a program wrote.
#[derive(Debug, Clone)]
pub struct RecordedValue {
    /// The open records, a line each, then the key.
    pub name: String,
    /// How many came before under the same name.
    pub nth: usize,
    /// Where the key begins in the name.
    pub key_at: usize,
    /// The value.
    pub content: Content,
}

impl RecordedValue {
    /// The key.
    pub fn key(&self) -> &str {
        &self.name[self.key_at..]
    }

    /// The records in words, with the count where a key comes more than once.
    pub fn place(&self) -> String {
        let records = self.name[..self.key_at].trim_end().replace('\n', ", ");
        match (records.is_empty(), self.nth) {
            (true, 0) => "set-up".to_owned(),
            (true, n) => format!("number {}", n + 1),
            (false, 0) => records,
            (false, n) => format!("{records}, number {}", n + 1),
        }
    }
}

/// A trace of an emitter.
#[derive(Debug, Clone, Default)]
pub struct Recorded {
    /// The values in order.
    pub entries: Vec<RecordedValue>,
    /// Keys whose values were replaced by a reference's, each once.
    pub replayed: Vec<String>,
    /// The files of its arrays, by their names.
    pub arrays: BTreeMap<String, PathBuf>,
    numbers: Vec<f64>,
    places: HashMap<String, Vec<usize>>,
}

impl Recorded {
    /// Reads the trace at `path`; arrays lie beside it, or where `arrays` says.
    ///
    /// # Errors
    /// The file cannot be read, or has a line that no program means: too long, or an array without a shape or outside of the trace's folder.
    pub fn read(path: &Path, arrays: &Elsewhere) -> io::Result<Self> {
        let mut input = BufReader::with_capacity(1 << 18, given::stream(path)?);
        let mut reader = RecordedReader {
            folder: path.parent().unwrap_or(Path::new("")),
            arrays,
            ..RecordedReader::new()
        };
        let (mut line, mut number) = (Vec::new(), 0);
        loop {
            line.clear();
            let length = input.by_ref().take(LONGEST + 1).read_until(b'\n', &mut line)?;
            if length == 0 {
                return Ok(reader.found);
            }
            if length as u64 > LONGEST {
                return Err(io::Error::other(format!("a line is longer than {} MiB", LONGEST >> 20)));
            }
            number += 1;
            let result = reader.line(String::from_utf8_lossy(&line).trim_end_matches(['\n', '\r']));
            result.map_err(|problem| io::Error::other(format!("line {number}: {problem}")))?;
        }
    }

    /// The entry of the same name and count.
    pub fn find(&self, entry: &RecordedValue) -> Option<&RecordedValue> {
        self.places.get(&entry.name)?.get(entry.nth).map(|n| &self.entries[*n])
    }

    /// The numbers of an entry, of its file where it is an array, the last index fastest.
    ///
    /// # Errors
    /// The file of the array cannot be read, or is not the array that the trace says.
    pub fn numbers(&self, entry: &RecordedValue) -> io::Result<std::borrow::Cow<'_, [f64]>> {
        match &entry.content {
            Content::Numbers(range, _) => Ok(self.numbers[range.clone()].into()),
            Content::Array(path, shape) => {
                array::numbers(path, shape).map(Into::into).map_err(io::Error::other)
            }
        }
    }

    /// The keys in order of their first appearance.
    pub fn keys(&self) -> Vec<&str> {
        let mut keys: Vec<&str> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        keys.extend(self.entries.iter().map(RecordedValue::key).filter(|key| seen.insert(*key)));
        keys
    }
}

/// A trace in the making.
struct RecordedReader<'a> {
    folder: &'a Path,
    arrays: &'a Elsewhere,
    path: String,
    ends: Vec<usize>,
    begins: bool,
    found: Recorded,
}

impl RecordedReader<'_> {
    fn new() -> Self {
        static NONE: std::sync::LazyLock<Elsewhere> = std::sync::LazyLock::new(Elsewhere::default);
        Self {
            folder: Path::new(""),
            arrays: &NONE,
            path: String::new(),
            ends: Vec::new(),
            begins: false,
            found: Recorded::default(),
        }
    }

    fn line(&mut self, line: &str) -> io::Result<()> {
        match line {
            "# begin" => self.begins = true,
            "# end" => self.path.truncate(self.ends.pop().unwrap_or(0)),
            _ => match (line.strip_prefix("# replayed "), line.strip_prefix("TRACE_")) {
                (Some(key), _) if !self.found.replayed.iter().any(|known| known == key) => {
                    self.found.replayed.push(key.to_owned());
                }
                (_, Some(rest)) => {
                    return rest.split_once(": ").map_or(Ok(()), |(_, rest)| self.record_value(rest));
                }
                _ => {}
            },
        }
        Ok(())
    }

    fn record_value(&mut self, rest: &str) -> io::Result<()> {
        if std::mem::take(&mut self.begins) {
            self.ends.push(self.path.len());
            self.path.push_str(rest);
            self.path.push('\n');
            return Ok(());
        }
        let Some((key, value)) = rest.split_once(' ') else { return Ok(()) };
        let content = match array::is_marked(value) {
            true => self.array(value)?,
            false => {
                let (start, mut words) = (self.found.numbers.len(), String::new());
                numbers::split(value, &mut self.found.numbers, &mut words);
                Content::Numbers(start..self.found.numbers.len(), words)
            }
        };
        let (name, at) = (format!("{}{key}", self.path), self.found.entries.len());
        let places = self.found.places.entry(name.clone()).or_default();
        let nth = places.len();
        places.push(at);
        self.found.entries.push(RecordedValue { name, nth, key_at: self.path.len(), content });
        Ok(())
    }

    /// The array that a value names, by the rule of all traces: in the trace's folder.
    fn array(&mut self, value: &str) -> io::Result<Content> {
        let refused = || io::Error::other(LineError::Array { found: value.to_owned() });
        let named = Named::in_words(value).ok_or_else(refused)?;
        let place = self.arrays.place(&named, self.folder).map_err(io::Error::other)?;
        self.found.arrays.insert(named.file.to_owned(), place.clone());
        Ok(Content::Array(place, named.shape))
    }
}
