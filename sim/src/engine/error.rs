//! Why there is no image, or no derivative of it.
//!
//! Not here: what a user of the command line can do about it (`output::advice`).

use crate::model::parameter::Parameter;

/// An image or derivatives that cannot be computed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// The image does not fit into memory.
    #[error("an image of `{fast} x {slow}` pixels does not fit into memory")]
    ImageTooLarge {
        /// Pixels along the fast axis.
        fast: usize,
        /// Pixels along the slow axis.
        slow: usize,
    },
    /// The region's photons and derivatives do not fit into memory.
    #[error("`{images}` images of doubles do not fit into memory")]
    DerivativesTooLarge {
        /// Images of the region's size: one of photons, and one for each parameter.
        images: usize,
    },
    /// The system refuses threads.
    #[error("`{count}` threads cannot be started: {reason}")]
    NoThreads {
        /// Threads requested; 0 means all cores.
        count: usize,
        /// The system's reason.
        reason: String,
    },
    /// There is no derivative by a parameter.
    #[error("no derivative by `{parameter}`: {reason}")]
    NotDifferentiable {
        /// The parameter.
        parameter: Parameter,
        /// Why not, in words.
        reason: &'static str,
    },
    /// A parameter of which the experiment has no quantity.
    #[error("a parameter that this experiment does not have")]
    NoSuchParameter,
}
