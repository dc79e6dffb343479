//! What both sides left of an output, read as its format asks for.
//!
//! Not here: comparing it (`judge`, `inside`).

use std::path::Path;

use nanobragg::error::InputError;
use trace_harness::evidence::exit::Exit;
use trace_harness::evidence::failure::{EndsCommand, Failure};

use crate::adapter::{Output, OutputKind};
use crate::array::{self, Array, ArrayGates};
use crate::table::rules::Rules;
use crate::table::{self, Table};

/// What both sides left of an output.
#[derive(Debug)]
pub(crate) enum Contents<'a> {
    /// Numbers in arrays, and what has to hold of them.
    Arrays(Box<[Array; 2]>, &'a ArrayGates),
    /// Tables of text, and their rules.
    Tables(Box<[Table; 2]>, &'a Rules),
}

/// An output that cannot be judged: a file is not what its format asks for.
#[derive(Debug, thiserror::Error)]
#[error("output `{name}`: {why}")]
pub(crate) struct OutputError {
    /// Which output.
    name: String,
    /// What is wrong.
    why: Failure,
}

impl EndsCommand for OutputError {
    fn exit(&self) -> Exit {
        self.why.exit()
    }

    fn hint(&self) -> &str {
        self.why.hint()
    }
}

/// Reads what both sides left of `output`: names for messages, and contents.
///
/// # Errors
/// A file is not what the format asks for.
pub(crate) fn read<'a>(output: &'a Output, files: [(&Path, &[u8]); 2]) -> Result<Contents<'a>, OutputError> {
    contents(&output.kind, files).map_err(|why| OutputError::of(output, why))
}

impl OutputError {
    pub(crate) fn of(output: &Output, why: impl Into<Failure>) -> Self {
        Self { name: output.name.clone(), why: why.into() }
    }
}

fn contents<'a>(kind: &'a OutputKind, files: [(&Path, &[u8]); 2]) -> Result<Contents<'a>, Failure> {
    match kind {
        OutputKind::Array { format, part, gates } => {
            let [a, b] = files.map(|(path, bytes)| array::parse(path, bytes, part.as_deref(), format));
            Ok(Contents::Arrays(Box::new([a?, b?]), gates))
        }
        OutputKind::Table(rules) => {
            let table = |(path, bytes): (&Path, &[u8])| -> Result<_, Failure> {
                let text = std::str::from_utf8(bytes).map_err(|e| {
                    let at = format!("byte {}", e.valid_up_to());
                    InputError::new(path, "is no text in UTF-8", "a table of text").at(at)
                })?;
                table::parse(path, text, rules)
            };
            let [a, b] = files.map(table);
            Ok(Contents::Tables(Box::new([a?, b?]), rules))
        }
    }
}
