//! What keeps a table from being read or judged.
//!
//! Not here: what differs between two tables (that is a result).

use trace_harness::evidence::exit::Exit;
use trace_harness::evidence::failure::EndsCommand;

/// Rules that make no sense.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The text is no TOML, or TOML of another form.
    #[error("rules of a table: {}", .0.to_string().trim())]
    Form(#[source] toml::de::Error),
    /// A number outside of what makes sense.
    #[error("rules of a table: `{name} = {value}`; expected {expected}")]
    Range {
        /// Which rule.
        name: String,
        /// Its value.
        value: String,
        /// The values that make sense.
        expected: &'static str,
    },
    /// A pattern that is no regular expression.
    #[error("rules of a table: `{name}` is no regular expression: {source}")]
    Pattern {
        /// Which rule.
        name: &'static str,
        /// What is wrong with it.
        source: Box<regex::Error>,
    },
    /// A column that a table does not have.
    #[error("no column `{column}`; expected one of {}", .there.join(", "))]
    NoColumn {
        /// The name asked for.
        column: String,
        /// Those that are there.
        there: Vec<String>,
    },
}

impl EndsCommand for TableError {
    fn exit(&self) -> Exit {
        Exit::Usage
    }

    fn hint(&self) -> &str {
        match self {
            Self::NoColumn { .. } => "columns without a header are named 1, 2, 3, …",
            _ => "",
        }
    }
}
