//! Why a file is no trace, and a line of it no line of one.
//!
//! Not here: reading either (`reader`, `line`, `jsonl`).

use std::path::PathBuf;

/// A trace that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// The system refused.
    #[error("`{}`: cannot be read: {source}; expected a trace", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// A line begins like a trace and is none.
    #[error("`{}`, line {line}: {}", path.display(), shortened(problem))]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        problem: LineError,
    },
}

/// What is wrong with a line that begins like one of a trace.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// Longer than any line that a program means.
    #[error("longer than {} MiB; expected a line of text", limit >> 20)]
    TooLong {
        /// The longest that is read, in bytes.
        limit: u64,
    },
    /// A JSON object of another form.
    #[error("{0}; expected an object with `key` and `values`")]
    Object(serde_json::Error),
    /// `TRACE_X:` without a blank, and no equation after it.
    #[error("`{found}`; expected a key, `=` and a value")]
    Equation {
        /// What follows the colon.
        found: String,
    },
    /// `TRACE_X: ` and nothing after it.
    #[error("nothing; expected a key and a value")]
    Empty,
    /// A key and no value.
    #[error("`{key}` alone; expected a value after it")]
    KeyAlone {
        /// The key.
        key: String,
    },
    /// The line that announces a pixel names none.
    #[error("`{found}`; expected spixel= and fpixel= with numbers")]
    Announcement {
        /// What it says.
        found: String,
    },
    /// `TRACE_X_PIXEL` without two numbers.
    #[error("`{found}` after PIXEL; expected slow and fast")]
    Pixel {
        /// What follows.
        found: String,
    },
    /// `TRACE_X_SOURCE` without a number and a colon.
    #[error("`{found}` after SOURCE; expected a number and `:`")]
    Source {
        /// What follows.
        found: String,
    },
    /// `TRACE_X_` and no name of a level after it.
    #[error("`{found}` after the prefix; expected the name of a level: letters, digits and underscores")]
    Level {
        /// What follows.
        found: String,
    },
    /// A row of a table with another number of cells than its header.
    #[error("{}; expected {expected}, as in the header of line 1", crate::evidence::wording::counted(*found, "cell"))]
    Row {
        /// Cells of the row.
        found: usize,
        /// Cells of the header.
        expected: usize,
    },
    /// A line that begins like a JSON object and is none.
    #[error("{0}; expected a whole JSON object")]
    Json(serde_json::Error),
    /// A name of an object that cannot be a key.
    #[error("the name `{name}`; expected letters, digits, `_`, `.` and `-`, a letter or `_` first")]
    Name {
        /// The name.
        name: String,
    },
    /// A name that stands twice in an object.
    #[error("`{name}` twice; expected each name once in an object")]
    Twice {
        /// The name, with those of the objects around it.
        name: String,
    },
    /// A list with objects in it.
    #[error(
        "`{name}` is a list of objects; expected numbers, words and lists of them, or an object of names"
    )]
    ObjectsInList {
        /// The name of the list.
        name: String,
    },
    /// A line of another form among rows of a table or objects.
    #[error("a line of another form; expected {expected}, as in the lines before")]
    OtherForm {
        /// What the lines before are.
        expected: &'static str,
    },
    /// A value that begins like the name of an array.
    #[error("`{found}`; expected `@array FILE shape NxM`")]
    Array {
        /// The value.
        found: String,
    },
    /// A word of a record line that is no pair.
    #[error("`{word}`; expected a name, `=` and a value")]
    Pair {
        /// The word.
        word: String,
    },
    /// A pair that says where a record stands, without an integer.
    #[error("`{pair}`; expected an integer after `=`")]
    Place {
        /// The pair.
        pair: String,
    },
    /// More numbers than a place in memory can count.
    #[error("more than four thousand million numbers; expected fewer")]
    TooManyNumbers,
}

/// The message, which may quote a whole line, at a length that anyone reads: of a long one both ends, where the expectation stands.
fn shortened(problem: &LineError) -> String {
    const MOST: usize = 300;
    let problem = problem.to_string();
    if problem.chars().count() <= MOST {
        return problem;
    }
    let start: String = problem.chars().take(MOST / 2).collect();
    let mut end: Vec<char> = problem.chars().rev().take(MOST / 2).collect();
    end.reverse();
    format!("{start} … {}", String::from_iter(end))
}
