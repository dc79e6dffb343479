//! The reference's own noise: how far its outputs move when its inputs move in their last digit, when it runs with other settings
//! that should not matter, and when it is built otherwise. A candidate that stays within that is as near as the reference is to itself.
//!
//! `moves` moves numbers in texts, `draws` plans the runs, `spread` keeps how far every element moves, `inside` holds a candidate
//! against it. Not here: what may move (`adapter`), running programs (`app`), pages (`report`).

pub(crate) mod draws;
#[allow(dead_code, reason = "comparisons take it up next")]
pub(crate) mod inside;
pub(crate) mod moves;
pub(crate) mod spread;

/// The kind of bundles of it.
pub(crate) const KIND: &str = "noise";
