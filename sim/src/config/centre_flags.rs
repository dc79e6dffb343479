//! Flags for the beam centre that do not move the detector under the convention in force, and those that do.
//!
//! Each convention's programs state the centre in a way of their own, and the reference takes all three pairs of flags under
//! every convention without a word. Not here: what the pairs mean (`frame`), positions beside the detector (`sense`).

use super::Pivot;
use super::frame::{Frame, forced_pivot};
use super::notice::Notice;
use crate::cli::flags::Id;
use crate::cli::parse::Setting;

/// The pairs: flags, what an error calls them, and what they give.
const BEAM: &[Id] = &[Id::Xbeam, Id::Ybeam];
const CLOSE: &[Id] = &[Id::Xclose, Id::Yclose];
const ORIGIN: &[Id] = &[Id::OrgX, Id::OrgY];

/// Warns of each flag of a pair that does not move the detector. Only where a convention is in force with the pivot that it
/// prescribes: elsewhere every pair may count.
pub(super) fn without_effect(frame: &Frame, settings: &[Setting]) -> Vec<Notice> {
    let Some(prescribed) = forced_pivot(frame.convention).filter(|pivot| *pivot == frame.pivot) else {
        return Vec::new();
    };
    let (unheeded, heeded) = match prescribed {
        Pivot::Beam => ([CLOSE, ORIGIN], "-Xbeam and -Ybeam (mm, the direct beam)"),
        Pivot::Sample => ([BEAM, CLOSE], "-ORGX and -ORGY (pixels, the point nearest to the sample)"),
    };
    let convention = frame.convention.name();
    let is_unheeded = |setting: &&Setting| unheeded.iter().any(|pair| pair.contains(&setting.id));
    settings
        .iter()
        .filter(is_unheeded)
        .map(|setting| {
            Notice::Other(format!(
                "`{}` does not move the detector under the {convention} convention, whose programs use {heeded}",
                setting.word
            ))
        })
        .collect()
}
