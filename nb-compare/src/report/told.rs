//! What the files of the evidence are made from.
//!
//! Not here: making them (`evidence`, `page`).

use nanobragg::image::scaling::Scaling;
use serde_json::{Map, Value};

use crate::compare::Comparison;
use crate::effective::Effective;
use crate::explanation::Explanation;

/// How pictures are scaled and which extra files are wanted.
#[derive(Debug, Clone, Copy)]
pub struct Pictures {
    /// White level of the pair.
    pub scaling: Scaling,
    /// Percentile that is white on the page, where levels can be changed.
    pub percentile: f64,
    /// Whether the difference is kept as floats, too.
    pub save_difference: bool,
}

/// Everything that is told of a comparison.
pub struct Told<'a> {
    /// One line for people.
    pub title: &'a str,
    /// Why there is no comparison, if there is none.
    pub failed: &'a str,
    /// The comparison, if there was one: a runner that fails leaves none.
    pub comparison: Option<&'a Comparison<'a>>,
    /// What both sides say they computed with.
    pub effective: &'a Effective,
    /// Why the images differ, where that was asked.
    pub explanation: Option<&'a Explanation>,
    /// Fields of the summary that speak of the runners and the settings.
    pub extra: Map<String, Value>,
    /// How pictures are made.
    pub pictures: Pictures,
}
