//! The adapter that is built in, nanoBragg's: what can be said of it as data is in `data/nanobragg.toml`, the rest is here.
//!
//! No other module names nanoBragg, its flags, files or defects (`tests/sides/built_in.rs` holds them to it). Not here: what holds
//! for every adapter (`adapter`), running both sides (`app`).

mod arguments;
mod detector;
pub(crate) mod dialect;
pub(crate) mod own;
pub(crate) mod printed;

pub(crate) use arguments::{Prepared, prepare};
pub(crate) use detector::shapes;
pub(crate) use nanobragg::defects::Dialect;
