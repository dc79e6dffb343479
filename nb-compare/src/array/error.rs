//! What keeps arrays from being read or compared.
//!
//! Not here: what is found wrong in numbers that are compared (`judge`).

use nanobragg::error::InputError;
use trace_harness::evidence::exit::Exit;
use trace_harness::evidence::failure::EndsCommand;

/// An array that cannot be read, or two that cannot be laid over each other.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArrayError {
    /// A file cannot be read, or is not what its format asks for.
    #[error(transparent)]
    Input(#[from] InputError),
    /// Different shapes.
    #[error("A has the shape `{}`, B `{}`; expected the same shape", shape_text(.0), shape_text(.1))]
    Shapes(Vec<usize>, Vec<usize>),
}

impl EndsCommand for ArrayError {
    fn exit(&self) -> Exit {
        match self {
            Self::Input(e) => e.exit(),
            Self::Shapes(..) => Exit::Mismatch,
        }
    }

    fn hint(&self) -> &str {
        match self {
            Self::Input(e) => &e.hint,
            Self::Shapes(..) => "",
        }
    }
}

/// A shape as NumPy writes it: `(3, 4)`, `(5,)`, `()`.
pub fn shape_text(shape: &[usize]) -> String {
    match shape {
        [length] => format!("({length},)"),
        _ => format!("({})", shape.iter().map(usize::to_string).collect::<Vec<_>>().join(", ")),
    }
}
