//! The adapter that is built in, nanoBragg's: what can be said of it as data is in `data/nanobragg.toml`, the rest is here.
//!
//! No other module names nanoBragg, its flags, files or defects (`tests/sides/built_in.rs` holds them to it). Not here: what holds
//! for every adapter (`adapter`), running both sides (`app`).

use std::path::Path;
use std::sync::LazyLock;

use crate::adapter::known::ParameterTable;
use crate::adapter::{self, Adapter};

mod arguments;
mod asked;
mod detector;
pub(crate) mod dialect;
#[cfg(feature = "cli")]
pub(crate) mod help;
pub(crate) mod own;
pub(crate) mod printed;

pub(crate) use arguments::{Prepared, are_those_of, file_name, prepare};
pub(crate) use asked::asked;
pub(crate) use detector::shapes;
pub(crate) use nanobragg::defects::Dialect;

/// The name of the adapter's file.
pub(crate) const FILE_NAME: &str = "nanobragg.toml";

/// Its text.
pub(crate) const FILE: &str = include_str!("../../data/nanobragg.toml");

/// What is said of both programs as data.
pub(crate) fn adapter() -> &'static Adapter {
    static ADAPTER: LazyLock<Adapter> = LazyLock::new(|| {
        // The file is a part of this program, which no test passes with another one.
        adapter::parse(Path::new(FILE_NAME), FILE).expect("the adapter that is built in")
    });
    &ADAPTER
}

/// What is known of its parameters.
pub(crate) fn parameters() -> &'static ParameterTable {
    static NOTHING: LazyLock<ParameterTable> = LazyLock::new(ParameterTable::default);
    adapter().parameters.as_ref().map_or(&NOTHING, |parameters| &parameters.table)
}

#[cfg(test)]
mod tests {
    use nanobragg::defects::Defect;

    use super::*;

    #[test]
    fn the_variants_are_the_known_defects_each_with_its_switch() {
        let variants = adapter().variants.iter();
        let named: Vec<_> =
            variants.map(|v| (v.id.as_str(), v.meaning.as_str(), v.args[1].join(" "))).collect();
        let known: Vec<_> = Defect::ALL
            .iter()
            .map(|d| (d.id(), d.description(), format!("--defect {}=emulate", d.id())))
            .collect();
        assert_eq!(named, known);
    }
}
