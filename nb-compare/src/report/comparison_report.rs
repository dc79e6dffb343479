//! What the files of the evidence are made from.
//!
//! Not here: making them (`evidence`, `page`).

use nanobragg::image::scaling::Scaling;
use serde_json::{Map, Value};
use trace_harness::evidence::exit::Exit;

use crate::compare::Comparison;
use crate::effective::Effective;
use crate::explanation::Explanation;

/// How pictures are scaled and which extra files are wanted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pictures {
    /// White level of the pair.
    pub scaling: Scaling,
    /// Percentile that is white on the page, where levels can be changed.
    pub percentile: f64,
    /// Whether the difference is kept as floats, too.
    pub save_difference: bool,
}

/// The percentile that is white where none is chosen.
pub(crate) const PERCENTILE: f64 = 99.5;

const LINEAR: &str = "percentile of the union over the region";
const LOGARITHMIC: &str = "logarithm of the union over the region";

/// The fields of the summary that say how pictures are scaled.
pub(crate) fn scaling_fields(scaling: Scaling) -> Map<String, Value> {
    let (method, percentile) = match scaling {
        Scaling::Percentile(percentile) => (LINEAR, percentile.into()),
        Scaling::Log => (LOGARITHMIC, Value::Null),
    };
    let fields = [("png_scale_method", method.into()), ("png_scale_percentile", percentile)];
    fields.map(|(name, value)| (name.to_owned(), value)).into_iter().collect()
}

impl Pictures {
    /// Pictures of this scale.
    pub(crate) fn of(scaling: Scaling, save_difference: bool) -> Self {
        // Levels of the page can be changed, so that it is linear at first.
        let percentile = match scaling {
            Scaling::Percentile(percentile) => percentile,
            Scaling::Log => PERCENTILE,
        };
        Self { scaling, percentile, save_difference }
    }

    /// The scale that a summary has in its fields; none where it has another.
    pub(crate) fn stated(document: &Map<String, Value>, save_difference: bool) -> Option<Self> {
        let scaling = match document.get("png_scale_method")?.as_str()? {
            LOGARITHMIC => Scaling::Log,
            LINEAR => {
                let percentile = document.get("png_scale_percentile")?.as_f64()?;
                Scaling::Percentile(Some(percentile).filter(|p| (0.0..=100.0).contains(p))?)
            }
            _ => return None,
        };
        Some(Self::of(scaling, save_difference))
    }
}

/// Everything that is reported of a comparison.
pub(crate) struct ComparisonReport<'a> {
    /// One line for people.
    pub title: &'a str,
    /// Why there is no comparison, if there is none.
    pub failed: &'a str,
    /// The exit status of the command.
    pub exit: Exit,
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
