//! Why a schema cannot be used.
//!
//! Not here: reading it, and the checks that find these problems (`check`).

use std::path::PathBuf;

use crate::trace::schema::expression::ExpressionError;

/// A schema that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("`{}`: {problem}", path.display())]
pub struct SchemaError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub problem: Box<SchemaProblem>,
}

/// What is wrong with a schema.
#[derive(Debug, thiserror::Error)]
pub enum SchemaProblem {
    /// The system refuses to give the file, or it is no text.
    #[error("cannot be read: {0}; expected a schema in TOML")]
    Unreadable(std::io::Error),
    /// The text is no TOML, or TOML of another form.
    #[error("is no schema: {}", .0.to_string().trim())]
    Form(toml::de::Error),
    /// A key's name is empty or holds blanks.
    #[error("key `{name}`; expected a name without blanks")]
    Name {
        /// The name.
        name: String,
    },
    /// Two keys have one name.
    #[error("two keys are named `{name}`; expected names that differ")]
    Twice {
        /// The name.
        name: String,
    },
    /// A record key stands twice.
    #[error("record key `{name}` stands twice; expected keys that differ")]
    RecordTwice {
        /// The name.
        name: String,
    },
    /// More record keys than anything nests.
    #[error("{found} record keys; expected {most} at most")]
    RecordKeys {
        /// How many there are.
        found: usize,
        /// How many there may be.
        most: usize,
    },
    /// A sequence is named by something that is no record key.
    #[error("sequence key `{name}`; expected one of the record keys")]
    Sequence {
        /// The name.
        name: String,
    },
    /// A period that is not above 0.
    #[error("period of `{key}`: `{period}`; expected an expression without keys, above 0")]
    Period {
        /// The key.
        key: String,
        /// Its period.
        period: String,
    },
    /// The two forms of an equivalence do not go together.
    #[error("equivalence `{name}`; expected keys, and for each an expression in `same`")]
    Equivalence {
        /// Its name.
        name: String,
    },
    /// Categories of outcomes that do not go together.
    #[error("outcome `{key}`: {problem}; expected each category once, with words of its own")]
    Outcome {
        /// The key.
        key: String,
        /// What is wrong.
        problem: String,
    },
    /// A key is computed from something that is no key.
    #[error("`{key}` is computed from `{input}`; expected the name of a key")]
    Input {
        /// The key.
        key: String,
        /// What it names.
        input: String,
    },
    /// The law of a key, or the condition of its law, is no expression.
    #[error("law of `{key}`: {problem}")]
    Law {
        /// The key.
        key: String,
        /// Why not.
        problem: ExpressionError,
    },
    /// A side of a rule, or its condition, is no expression.
    #[error("rule `{rule}`: {problem}")]
    Rule {
        /// The rule's name.
        rule: String,
        /// Why not.
        problem: ExpressionError,
    },
    /// Room that a rule cannot have.
    #[error("rule `{rule}` with `{relation}`: `within`; expected a number from 0, with `==`, `<=` or `>=`")]
    Within {
        /// The rule's name.
        rule: String,
        /// How its sides stand to each other.
        relation: &'static str,
    },
    /// A key is computed from itself, by way of others or not.
    #[error("`{key}` depends on itself; expected no circle")]
    Circle {
        /// The key.
        key: String,
    },
}
