//! Numbers as text, read and written exactly as the C library does in its "C" locale.
//!
//! Not here: which text is read where, and what a number means. This module knows no units and no files.

mod format;
mod parse;
mod scan;

pub use format::{fixed, g, g6};
pub use parse::{atof, atoi, is_space, strtod, strtol};
pub use scan::Scanner;
