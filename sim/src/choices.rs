//! What a run chooses: the engine, its precision, how deep a trace goes, which pixels are printed.
//!
//! Apart from all of them, because the command line, the configuration, traces and engines speak of the same choices. Not
//! here: what becomes of a choice (`engine`, `trace`), how it is spelled (`cli`).

use crate::pixel::Pixel;

/// How the engine evaluates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// The C program's operations in its order.
    Reference,
    /// The same bytes, computed in vectors and proven.
    #[default]
    Exact,
    /// Computed in vectors within a tolerance.
    Fast,
}

/// Precision of the fast engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
pub enum Precision {
    /// Double.
    #[default]
    #[serde(rename = "f64")]
    Double,
    /// Single for sines and what follows from them.
    #[serde(rename = "f32")]
    Single,
}

/// How deep a trace goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TraceDepth {
    /// The reference's own lines.
    #[default]
    Pixel,
    /// And what each source contributes.
    Source,
    /// And each rotation step.
    Phi,
    /// And each mosaic domain, with the tricubic neighbourhood.
    Step,
}

/// Which pixels are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Printout {
    /// None.
    #[default]
    Nothing,
    /// All that are rendered.
    All,
    /// This one, if it is rendered.
    One(Pixel),
}

impl Printout {
    /// Whether a pixel is printed.
    pub fn prints(self, pixel: Pixel) -> bool {
        match self {
            Self::Nothing => false,
            Self::All => true,
            Self::One(one) => one == pixel,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_pixel_is_printed_by_row_and_column() {
        let [this, turned] = [Pixel { slow: 3, fast: 8 }, Pixel { slow: 8, fast: 3 }];
        assert!(Printout::One(this).prints(this) && !Printout::One(this).prints(turned));
        assert!(Printout::All.prints(this) && !Printout::Nothing.prints(this));
    }
}
