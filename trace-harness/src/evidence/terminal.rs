//! Text from outside, made fit for a terminal, as the simulator does it.
//!
//! Not here: how (`nanobragg::terminal`).

pub use nanobragg::terminal::{message, visible, visible_lines};
