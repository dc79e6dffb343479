//! How many pixels an image has, where its file does not say: from an SMV header beside it, or from the user.
//!
//! Not here: what arguments say of it (`built_in::detector`), reading pixels (`file`).

use std::path::Path;

use nanobragg::image::smv;

/// Source of a shape that the user stated.
pub(crate) const BY_HAND: &str = "--shape";

/// A shape (fast, slow) and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Pixels along the fast and the slow axis.
    pub shape: (usize, usize),
    /// Where it comes from, in words.
    pub source: &'static str,
}

/// The shape in the header of the integer image that the same run wrote.
pub(crate) fn from_companion(header: &[u8]) -> Option<Candidate> {
    let header = smv::parse_header(Path::new("the integer image"), header).ok()?;
    Some(Candidate { shape: (header.fast, header.slow), source: "the SMV header" })
}
