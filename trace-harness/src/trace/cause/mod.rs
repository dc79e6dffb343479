//! Why two traces part: the first cause by the graph of keys, its share of the difference, and signatures of known defects.
//!
//! Not here: comparing values (`diff`).

pub mod arguments;
pub mod attribution;
pub mod cells;
pub mod orientation;
pub mod root_cause;
pub mod signature;
