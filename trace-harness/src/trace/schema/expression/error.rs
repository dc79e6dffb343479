//! Why a text is no expression.
//!
//! Not here: reading expressions (`parse`), evaluating them.

use crate::trace::schema::expression::relation::Relation;

/// The relations as they are written.
fn relations() -> String {
    Relation::ALL.map(|(sign, _)| format!("`{sign}`")).join(", ")
}

/// A text that is no expression: what was found, in which text, and what was expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExpressionError {
    /// More text follows a whole expression.
    #[error(
        "`{rest}` is left over in `{whole}`; expected one of `+ - * / ^`, {}, `and`, or the end",
        relations()
    )]
    LeftOver {
        /// What follows.
        rest: String,
        /// The whole text.
        whole: String,
    },
    /// Something else stands where the grammar wants a number, a name or a bracket.
    #[error("`{found}` in `{whole}`; expected {expected}")]
    Unexpected {
        /// What stands there.
        found: String,
        /// The whole text.
        whole: String,
        /// What was expected.
        expected: &'static str,
    },
    /// Brackets inside brackets, more than are read.
    #[error("`{whole}` is nested too deeply; expected at most {deepest} levels")]
    TooDeep {
        /// The whole text.
        whole: String,
        /// How many levels are read.
        deepest: usize,
    },
    /// A function with too few or too many arguments.
    #[error("`{function}` has {found} arguments in `{whole}`; expected {expected}")]
    Arguments {
        /// Its name.
        function: String,
        /// How many it has.
        found: usize,
        /// How many it takes.
        expected: usize,
        /// The whole text.
        whole: String,
    },
}
