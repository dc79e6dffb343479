//! Tables of text, as most programs print their results: read as they are, paired by their keys, and compared column by column.
//!
//! `rules` says how a table is read and judged (TOML), `read` makes rows of lines, `printed` knows what a printed number says,
//! `quotes` finds the end of a record in CSV,
//! `pair` finds the partner of each row, `compare` judges, `apart` compares cell by cell. Not here: images and arrays (`image`, `compare`), running programs.

pub(crate) mod apart;
mod cells;
pub mod compare;
mod error;
mod pair;
mod printed;
mod quotes;
mod read;
pub mod rules;
pub mod words;

pub use error::TableError;
pub use read::{Table, parse, read};
