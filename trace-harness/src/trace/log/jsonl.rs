//! One JSON line of a trace.
//!
//! Not here: text lines (`line`).

use std::borrow::Cow;

use nanobragg::Pixel;
use serde::Deserialize;
use serde_json::Number;

use crate::trace::log::LineError;

/// The object of a line. Fields that a program leaves out are absent; a number that JSON cannot write is `null`.
#[derive(Debug, Deserialize)]
pub(super) struct Object<'a> {
    /// The key.
    #[serde(borrow)]
    pub key: Cow<'a, str>,
    /// Its numbers.
    pub values: Vec<Option<Number>>,
    /// The pixel.
    #[serde(default, deserialize_with = "crate::pixel_pair::deserialize")]
    pub pixel: Option<Pixel>,
    /// Layer, slow and fast sub-pixel.
    pub block: Option<[i64; 3]>,
    /// Source.
    pub source: Option<i32>,
    /// Rotation step.
    pub phi: Option<i32>,
    /// Mosaic domain.
    pub mosaic: Option<i32>,
}

/// The object in `text`; `None` for a line that is no object with a key.
///
/// # Errors
/// An object with a key has another form than a trace's.
pub(super) fn parse(text: &str) -> Option<Result<Object<'_>, LineError>> {
    if !text.starts_with('{') || !text.contains("\"key\"") {
        return None;
    }
    Some(serde_json::from_str(text).map_err(LineError::Object))
}

impl Object<'_> {
    /// Source, rotation step and domain as text lines have them: the first of all is the pixel's own level.
    pub(super) fn place(&self) -> [i32; 3] {
        let place = [self.source, self.phi, self.mosaic];
        match place.iter().all(|n| n.is_none_or(|n| n == 0)) {
            true => [crate::trace::log::NONE; 3],
            false => place.map(|n| n.unwrap_or(super::NONE)),
        }
    }
}
